"""District config: TOML bytes in, a frozen `CentralConfig` out, or every problem at once by line.

A file is taken whole or not at all. Signatures are checked before (`signing`); whether this file
may follow the one in force is asked after (`succession`); what of it applies to a unit at a moment
is `mandate`. The sections are in `central_schema`, what their fields may hold in `central_rules`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wardsite.core import central_rules
from wardsite.core.central_schema import MAX_BYTES, SCHEMA_VERSION, CentralConfig, RefusedError
from wardsite.core.errors import N_, WardsiteError
from wardsite.core.toml_lines import Path, line_of, lines_by_path, longest_key
from wardsite.core.toml_slips import slip_of

MAX_DEPTH = 8  # the schema needs four; a deeper file is an attack, not a config
MAX_PROBLEMS = 100

_ROWS_WITH_BASIS = ("banners", "apps", "notices", "topics", "sources", "hotlines", "links")
_ROWS_WITH_TOPIC = ("sources", "notices", "hotlines")
_ROWS_WITH_AUDIENCE = ("documents", *_ROWS_WITH_BASIS)


@dataclass(frozen=True)
class Problem:
    """One thing to mend in the file: where, and an English sentence to be translated and filled.

    `line` is 1-based. `field` reads `section[id].key`, and is empty when the whole file is meant.
    """

    line: int
    field: str
    msgid: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.msgid % self.params


class ConfigInvalidError(WardsiteError):
    """The file is not a district config; `problems` lists everything to mend, by line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep `problems`, which must not be empty."""
        super().__init__(
            N_("The district file has errors (%(count)d), the first on line %(line)d."),
            count=len(problems),
            line=problems[0].line,
        )
        self.problems = problems


class SchemaTooNewError(WardsiteError):
    """The file is of a later format than this version of wardsite knows."""


def parse(data: bytes) -> CentralConfig:
    """Read and check a district config.

    Raises `ConfigInvalidError` with every problem, or `SchemaTooNewError`. Never raises anything
    else, whatever `data` holds.
    """
    text = _decode(data)
    table = _read_toml(text)
    version = table.get("schema_version")
    if type(version) is int and version > SCHEMA_VERSION:
        raise SchemaTooNewError(
            N_(
                "The district file has a newer format; wardsite supports up to format %(known)d. "
                "Upgrade wardsite."
            ),
            known=SCHEMA_VERSION,
        )
    found = [(path, msgid, params) for path, msgid, params in _check_references(table)]
    config: CentralConfig | None = None
    try:
        config = central_rules.read(table)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        found += [_explain(detail, suggest=len(details) <= MAX_PROBLEMS) for detail in details]
    if config is None or found:
        raise ConfigInvalidError(_located(found, table, text))
    return config


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the district config, for editors that know TOML."""
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, **central_rules.json_schema()}


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _invalid(
            1, N_("The file is too large: at most %(limit)d KiB."), limit=MAX_BYTES // 1024
        )
    if data.startswith(b"\xef\xbb\xbf"):
        raise _invalid(1, N_("The file begins with a byte order mark; save as UTF-8 without BOM."))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _invalid(line, N_("The file is not UTF-8 text.")) from None


def _read_toml(text: str) -> dict[str, Any]:
    too_deep = N_("The file is nested too deeply.")
    if longest_key(text) > MAX_DEPTH:
        raise _invalid(1, too_deep)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, slip = slip_of(error, text)
        raise _invalid(line, slip.msgid, **slip.params) from None
    except (ValueError, RecursionError):
        # Not TOMLDecodeError: numbers of thousands of digits, impossible dates, endless nesting.
        raise _invalid(
            1, N_("The file contains a number, date or level of nesting that is out of range.")
        ) from None
    if _is_deeper(table, MAX_DEPTH):
        raise _invalid(1, too_deep)
    return table


def _is_deeper(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _invalid(line: int, msgid: str, **params: object) -> ConfigInvalidError:
    return ConfigInvalidError((Problem(line, "", msgid, params),))


_Found = tuple[Path, str, Mapping[str, object]]


def _located(found: list[_Found], table: dict[str, Any], text: str) -> tuple[Problem, ...]:
    """Turn paths into lines and readable field names, in the order of the file."""
    lines = lines_by_path(text)
    problems = [
        Problem(line_of(lines, path), _field_name(path, table), msgid, params)
        for path, msgid, params in found
    ]
    problems.sort(key=lambda problem: problem.line)
    left_out = len(problems) - MAX_PROBLEMS
    if left_out > 0:
        last = Problem(
            problems[MAX_PROBLEMS].line, "", N_("And %(count)d more errors."), {"count": left_out}
        )
        problems = [*problems[:MAX_PROBLEMS], last]
    return tuple(problems)


def _field_name(path: Path, table: dict[str, Any]) -> str:
    """Spell `("banners", 0, "alt")` as `banners[bluezone].alt`, or `banners[#1].alt` without id."""
    name = ""
    value: Any = table
    for part in path:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
            row_id = value.get("id") if isinstance(value, dict) else None
            is_plain = isinstance(row_id, str) and re.fullmatch(r"[a-z0-9-]{1,64}", row_id)
            name += f"[{row_id}]" if is_plain else f"[#{part + 1}]"
        else:
            value = value.get(part) if isinstance(value, dict) else None
            name += f".{_shown(part)}" if name else _shown(part)
    return name


def _shown(text: str) -> str:
    """Make a text from the file fit to print: short, nothing a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in text[:80])


# What is wrong in pydantic's words → what an official should do about it.
_MESSAGES: dict[str, str] = {
    "missing": N_("This field is required."),
    "string_type": N_("Expected text in quotation marks."),
    "int_type": N_("Expected a whole number."),
    "bool_type": N_("Expected true or false, without quotes."),
    "datetime_type": N_("Enter a date and time with a time zone: 2020-08-12T00:00:00+07:00."),
    "timezone_aware": N_("The time zone is missing: 2020-08-12T00:00:00+07:00."),
    "date_type": N_("Enter a date without quotes: 2020-08-12."),
    "tuple_type": N_("Expected a list in square brackets."),
    "model_type": N_("Expected a table."),
    "string_too_long": N_("This text is too long: at most %(max_length)d characters."),
    "too_short": N_("At least one entry is required."),
    "greater_than_equal": N_("The number must be at least %(ge)d."),
    "less_than_equal": N_("The number must be at most %(le)d."),
    "literal_error": N_("Must be one of: %(expected)s."),
}
_UNKNOWN = N_("Unknown field.")
_MISSPELT = N_("Unknown field; did you mean %(suggestion)s?")


def _explain(detail: ErrorDetails, *, suggest: bool) -> _Found:
    context = detail.get("ctx", {})
    path: Path = detail["loc"]
    kind = detail["type"]
    refused = context.get("error")
    if isinstance(refused, RefusedError):
        place = (*path, refused.field) if refused.field else path
        return place, refused.msgid, refused.params
    if kind == "extra_forbidden":
        return _explain_unknown(path) if suggest else (path, _UNKNOWN, {})
    if kind == "literal_error":  # pydantic joins the values with an English "or"
        context = {"expected": context["expected"].replace(" or ", ", ")}
    if kind in _MESSAGES:
        return path, _MESSAGES[kind], context
    return path, N_("This value is not allowed here."), {}


def _explain_unknown(path: Path) -> _Found:
    known = central_rules.known_keys(path[:-1])
    close = difflib.get_close_matches(str(path[-1])[:80], known, n=1)
    if close:
        return path, _MISSPELT, {"suggestion": close[0]}
    return path, _UNKNOWN, {}


# --- What ties rows together. Read from the raw table, so that one wrong type hides nothing else.


def _check_references(table: dict[str, Any]) -> Iterator[_Found]:
    yield from _check_duplicates(table)
    documents, topics = _ids(table, "documents"), _ids(table, "topics")
    authorities = _ids(table, "authorities")
    for path, value in _values(table, ("config",), "basis"):
        yield from _missing(path, value, documents, "documents")
    for section in _ROWS_WITH_BASIS:
        for path, value in _values(table, (section,), "basis"):
            yield from _missing(path, value, documents, "documents")
    for section in _ROWS_WITH_TOPIC:
        for path, value in _values(table, (section,), "topic"):
            yield from _missing(path, value, topics, "topics")
    for path, value in _values(table, ("documents",), "topics"):
        yield from _missing(path, value, topics, "topics")
    for path, value in _values(table, ("documents",), "issuer_rank"):
        yield from _missing(path, value, authorities, "authorities")
    yield from _check_audiences(table)
    yield from _check_keys(table)


def _check_audiences(table: dict[str, Any]) -> Iterator[_Found]:
    units = _ids(table, "units")
    for section in _ROWS_WITH_AUDIENCE:
        for path, value in _values(table, (section,), "audience"):
            if units and value.startswith("unit:"):  # the registry of units is optional
                yield from _missing(path, value.removeprefix("unit:"), units, "units")


def _check_keys(table: dict[str, Any]) -> Iterator[_Found]:
    revoked = {value for _, value in _values(table, (), "revoked_keys")}
    for path, value in _values(table, ("keys",), "public_key"):
        if value in revoked:
            yield path, N_("This key is introduced and revoked in the same file."), {}


def _check_duplicates(table: dict[str, Any]) -> Iterator[_Found]:
    for section, rows in table.items():
        if not isinstance(rows, list):
            continue
        unique: tuple[str, ...] = ("id", "slug") if section == "topics" else ("id",)
        for key in unique:
            yield from _repeated(_values(table, (section,), key))


def _repeated(values: Iterator[tuple[Path, str]]) -> Iterator[_Found]:
    seen: set[str] = set()
    for path, value in values:
        if value in seen:
            yield path, N_("The value %(value)s occurs twice."), {"value": _shown(value)}
        seen.add(value)


def _missing(path: Path, value: str, known: set[str], section: str) -> Iterator[_Found]:
    if value not in known:
        message = N_("“%(id)s” does not exist in [[%(section)s]].")
        yield path, message, {"id": _shown(value), "section": section}


def _ids(table: dict[str, Any], section: str) -> set[str]:
    return {value for _, value in _values(table, (section,), "id")}


def _values(table: dict[str, Any], at: tuple[str, ...], key: str) -> Iterator[tuple[Path, str]]:
    """Yield path and value of every text under `key`: of a table, of each row, of a list."""
    for path, row in _tables(table, at):
        value = row.get(key)
        if isinstance(value, str):
            yield (*path, key), value
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, str):
                    yield (*path, key, index), entry


def _tables(table: dict[str, Any], at: tuple[str, ...]) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not at:
        yield (), table
        return
    found = table.get(at[0])
    if isinstance(found, dict):
        yield at, found
    elif isinstance(found, list):
        for index, row in enumerate(found):
            if isinstance(row, dict):
                yield (*at, index), row
