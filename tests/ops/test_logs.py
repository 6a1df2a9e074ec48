"""The server's log: lines for programs, and nothing of any person in them."""

import json
import logging
import sys

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from wardsite.extensions import transaction
from wardsite.models import User
from wardsite.ops.logs import JsonLines

# Here, since a traceback quotes the lines of the code it went through.
NAMES = {"name": "the-editor", "display_name": "Nguyễn Thị Mai", "role": "editor"}
ROW = NAMES | {"password_hash": "bí mật"}
ROWS = {"there already": ROW, "against a rule": ROW | {"name": "mai", "role": None}}


@pytest.mark.parametrize("case", ROWS)
def test_a_failed_statement_is_one_line_without_what_was_to_be_written(
    app: Flask, case: str
) -> None:
    with app.app_context(), pytest.raises(IntegrityError) as caught, transaction() as session:
        session.execute(insert(User), [ROWS[case]])
    try:
        raise caught.value
    except IntegrityError:
        record = logging.LogRecord("wardsite", logging.ERROR, "", 0, "x", None, sys.exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("error", "wardsite", "x")
    assert "IntegrityError" in told["traceback"]
    assert "the-editor" not in line
    assert "Nguyễn" not in line
    assert "bí mật" not in line
