"""The verbs of accounts."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from wardsite.accounts import service
from wardsite.accounts.passwords import WeakPasswordError, random_groups
from wardsite.accounts.resume import is_local

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_the_last_admin_cannot_be_closed_out(app: Flask) -> None:
    with app.app_context():
        service.disable_user("the-admin", NOW)
        with pytest.raises(service.LastAdminError):
            service.disable_user("admin", NOW)


def test_names_are_one_whatever_their_case_and_composition(app: Flask) -> None:
    with app.app_context():
        service.add_user("Hoa", "author", NOW)
        with pytest.raises(service.UserExistsError):
            service.add_user("hoa ", "author", NOW)


@pytest.mark.parametrize("name", ["", "hai ba", "lân", "-lan", "a" * 61, "lan\n.", "lan/hai"])
def test_a_name_that_not_every_keyboard_types_is_refused(app: Flask, name: str) -> None:
    with app.app_context():
        before = len(service.users())
        with pytest.raises(service.BadNameError):
            service.add_user(name, "author", NOW)
        assert len(service.users()) == before


def test_a_role_that_there_is_not_and_a_weak_password_add_nobody(app: Flask) -> None:
    with app.app_context():
        before = len(service.users())
        with pytest.raises(service.UnknownRoleError):
            service.add_user("lan", "boss", NOW)
        with pytest.raises(WeakPasswordError):
            service.add_user("lan", "author", NOW, password="ngắn")
        with pytest.raises(service.UnknownUserError):
            service.set_password("lan", NOW)
        assert len(service.users()) == before


def test_random_groupss_can_be_read_aloud_and_differ() -> None:
    made = {random_groups() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("l0o1IO")
    assert all(len(password) == 19 for password in made)


@given(st.text())
def test_no_target_off_this_site_is_local(target: str) -> None:
    if is_local(target):
        assert target[0] == "/"
        assert target[1:2] not in ("/", "\\")
        assert target.isprintable()
