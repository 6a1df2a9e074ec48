"""How addresses are read, and built: what may stand where a rule says <int:…>."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from werkzeug.routing import IntegerConverter, Rule


class RowNumberConverter(IntegerConverter):
    """A row's number: at most 18 figures, which is what the database can look up (64 bits).

    With more the address is none of ours (404); SQLite's driver would raise OverflowError.
    """

    regex = r"\d{1,18}"


class LateRule(Rule):
    """A rule that makes the functions which build its address when one is first built.

    Werkzeug makes two for each rule by way of Python's syntax trees: for all of ours a tenth of the
    time until the first answer, and a page links to few of them.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made = cache(partial(super()._compile_builder, append_unknown))

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return made()(rule, **values)

        return build
