"""The district config: what is taken, what is refused, and on which line the fault is."""

import datetime
import re
import tomllib
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardsite.core import central_config
from wardsite.core.central_config import ConfigInvalidError, Problem, parse
from wardsite.core.central_schema import CentralConfig
from wardsite.core.toml_lines import lines_by_path, longest_key

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "central"
EXAMPLE = (ROOT / "examples" / "thanh-xuan" / "district.toml").read_bytes()
LEAST = (CASES / "good-least.toml").read_bytes()
SECTIONS = sorted(key.name for key in fields(CentralConfig))


def problems_of(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigInvalidError) as caught:
        parse(data)
    return caught.value.problems


def problems_or_none(data: bytes) -> tuple[Problem, ...]:
    try:
        parse(data)
    except ConfigInvalidError as error:
        return error.problems
    except central_config.SchemaTooNewError:
        pass
    return ()


def test_example_of_the_dispatch_is_taken_whole():
    config = parse(EXAMPLE)
    assert config.config.id == "thanh-xuan"
    assert [row.id for row in config.authorities] == [
        "government",
        "pm",
        "moh",
        "city-party",
        "city",
        "district",
    ]
    assert [banner.link_url for banner in config.banners] == ["https://www.bluezone.gov.vn/"]
    assert config.apps[0].actions == ("Khai báo thông tin", "Báo cáo", "Phản ánh")
    assert [source.site_url for source in config.sources] == [
        "https://moh.gov.vn/",
        "https://suckhoedoisong.vn/",
        "https://soyte.hanoi.gov.vn/",
    ]
    assert len(config.units) == 12


def test_every_field_of_the_schema_can_be_given():
    data = (CASES / "good-everything.toml").read_bytes()
    config = parse(data)
    table = tomllib.loads(data.decode())
    for section in SECTIONS:
        assert section in table, f"the test file misses {section}"
        rows = getattr(config, section)
        first, given = (rows[0], table[section][0]) if isinstance(rows, tuple) else (rows, rows)
        if isinstance(given, dict):
            optional = {key.name for key in fields(first)} - set(given)
            assert optional <= {"basis", "valid_from", "valid_to", "mandatory"}, section
    assert config.banners[0].image_sha256 == config.banners[0].image_sha256.lower()
    assert config.revoked_keys[1] == "412D8FA80B125B9D"
    assert config.apps[0].message == "Đoạn một.\n\nĐoạn hai."


def test_config_with_the_least_is_taken():
    config = parse(LEAST)
    assert (config.banners, config.units, config.documents[0].publish) == ((), (), True)


def test_config_cannot_be_changed_after_parsing():
    config = parse(EXAMPLE)
    with pytest.raises(FrozenInstanceError):
        config.banners[0].title = "Khác"  # type: ignore[misc]
    hash(config)


@pytest.mark.parametrize("path", sorted(CASES.glob("bad-*.toml")), ids=lambda path: path.stem)
def test_every_problem_is_named_on_its_line(path):
    data = path.read_bytes()
    expected = {
        (number, problem.strip())
        for number, line in enumerate(data.decode().split("\n"), 1)
        for problem in line.split("#!")[1:]
    }
    found = problems_of(data)
    assert {(problem.line, f"{problem.field}: {problem}") for problem in found} == expected
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_error_says_how_many_and_where_to_begin():
    with pytest.raises(ConfigInvalidError, match=r"errors \(1\), the first on line 5\."):
        parse(LEAST.replace(b"revision = 1", b"revision = 0"))


def test_line_breaks_of_windows_count_once():
    data = LEAST.replace(b"\n", b"\r\n").replace(b"revision = 1", b"revision = 0")
    assert [problem.line for problem in problems_of(data)] == [5]


def test_text_is_stored_precomposed():
    decomposed = "Đi\u0323nh Tho\u031bi".encode()
    config = parse(LEAST.replace(b'"M\xe1\xba\xabu"', b'"' + decomposed + b'"'))
    assert config.config.title == "Đị" + "nh Thơi"


def test_newer_format_is_named_before_anything_else_is_read():
    newer = b'schema_version = 2\nsomething_new = "x"\n'
    with pytest.raises(central_config.SchemaTooNewError):
        parse(newer)


@pytest.mark.parametrize("value", [b"true", b'"2"', b"0", b"-1", b"1.0", b"[]"])
def test_other_versions_are_ordinary_problems(value):
    data = LEAST.replace(b"schema_version = 1", b"schema_version = " + value)
    assert [problem.field for problem in problems_of(data)] == ["schema_version"]


def test_file_of_exactly_the_limit_passes_and_one_byte_more_does_not():
    room = central_config.MAX_BYTES - len(LEAST) - 1
    full = LEAST + b"#" + b"x" * room
    assert len(full) == 256 * 1024
    parse(full)
    assert "256 KiB" in str(problems_of(full + b"x")[0])


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, "This field is required."),
        (b"\xef\xbb\xbf" + EXAMPLE, 1, "byte order mark"),
        (b"a = 1\nb = \xff\n", 2, "not UTF-8"),
        (b"a = 1\nb =\n", 2, "straight quotation marks"),
        ("a = “b”".encode(), 1, "straight quotation marks"),
        (b"a = 12/8/2020", 1, "2020-08-12"),
        (b'a = "b\nc = 1', 1, "not closed by a quotation mark"),
        (b"a = 1\n\nb = '''", 3, "not closed by a quotation mark"),
        (b"a = [1\nb = 2", 2, "bracket"),
        (b"[a\nb = 2", 1, "bracket"),
        (b"a 1", 1, "equals sign"),
        ("đường = 1".encode(), 1, "neither a field"),
        (b'a = "c:\\x"', 1, "backslash"),
        (b"a = 1\na = 2\n", 2, "written twice"),
        (b"[a]\n[b]\n[a]\n", 3, "written twice"),
        (b"a = \x00\n", 1, "straight quotation marks"),
        (b"a = 2020-13-45T00:00:00Z\n", 1, "2020-08-12"),
        (b"a = 2021-02-30\n", 1, ""),
        (b"a = " + b"9" * 100_000, 1, "out of range"),
        (b"a = " + b"[" * 100_000, 1, "out of range"),
        (b"a = " + b"{a=" * 80_000, 1, "out of range"),
        (b"a = " + b"[" * 100_000 + b"]" * 100_000, 1, "out of range"),
        (b"a = " + b"[" * 50 + b"]" * 50, 1, "nested too deeply"),
        (b"a." * 131_000 + b"a=1", 1, "nested too deeply"),
        (b"[" + b"a." * 131_000 + b"a]", 1, "nested too deeply"),
        (b"x = {" + b'"a".' * 9 + b"a = 1}", 1, "nested too deeply"),
    ],
)
def test_hostile_text_is_an_ordinary_problem(data, line, message):
    first = problems_of(data)[0]
    assert first.line == line
    assert message in str(first)


@pytest.mark.parametrize(
    "data",
    [
        b"[[units]]\n" * 26_000,
        b"".join(b"k%d=1\n" % number for number in range(26_000)),
        b"".join(b'[[links]]\nid="%d"\n' % number for number in range(12_000)),
        b"revision = 0x" + b"f" * 262_000,
        b"a = [" + b"[]," * 87_000 + b"]",
        b'config = "x"\nparent = []\nunits = 3\nlinks = {}\n[documents]\nid = 3\n',
        b'a = "' + b"\\n" * 131_000 + b'"',
        b'"' * 262_000,
        b"#" * 262_000,
    ],
    ids=lambda data: str(data[:12]),
)
def test_mass_of_problems_is_bounded(data):
    found = problems_of(data)
    assert len(found) <= central_config.MAX_PROBLEMS + 1
    assert all(len(f"{problem.field}{problem}") < 1000 for problem in found)


def test_problems_print_nothing_a_terminal_would_obey():
    data = LEAST + b'"\\u001b[2J" = 1\n[[links]]\nid = "\\u001b]0;x"\n'
    data += b'[[links]]\nid = "\\u001b]0;x"\n'
    shown = "".join(f"{problem.field}{problem}" for problem in problems_of(data))
    assert "\x1b" not in shown
    assert "?[2J" in shown


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_raise_nothing_but_the_named_error(data):
    problems_of(data)


@settings(max_examples=200)
@given(st.data())
def test_any_cut_or_damage_of_a_good_file_is_taken_or_named(data):
    source = (CASES / "good-everything.toml").read_text()
    place = data.draw(st.integers(0, len(source)))
    length = data.draw(st.integers(0, 60))
    junk = data.draw(st.text(st.sampled_from("\"'[]{}=.,#\n\\ a1é"), max_size=5))
    damaged = (source[:place] + junk + source[place + length :]).encode()
    last = damaged.count(b"\n") + 1
    for problem in problems_or_none(damaged):
        assert 1 <= problem.line <= last
        assert str(problem)


_scalars = st.one_of(
    st.integers(),
    st.booleans(),
    st.text(max_size=20),
    st.datetimes(timezones=st.just(datetime.UTC)),
    st.dates(),
    st.floats(),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=300)
@given(st.sampled_from(SECTIONS), st.text(max_size=9), _values)
def test_any_value_anywhere_is_taken_or_named(section, key, value):
    rows = f"[[{section}]]" if section not in {"config", "parent"} else f"[{section}]"
    text = f"{rows}\n{_toml_key(key)} = {_toml(value)}\n"
    tomllib.loads(text)
    assert problems_of(text.encode())


def _toml_key(key: str) -> str:
    return _toml(key)


def _toml(value: Any) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08X}" for char in value) + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return str(value)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_line_walk_finds_every_value_that_tomllib_reads(path):
    text = path.read_text()
    lines = lines_by_path(text)

    def walk(value: Any, place: tuple[str | int, ...]) -> None:
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for part, inner in parts:
            assert (*place, part) in lines
            if isinstance(inner, dict | list):
                walk(inner, (*place, part))

    walk(tomllib.loads(text), ())
    source = text.split("\n")
    for place, line in lines.items():
        if isinstance(place[-1], str):
            assert re.search(rf"\b{re.escape(place[-1])}\b", source[line - 1]), place


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a = 1", 1),
        ("a.b . c = 1", 3),
        ('"a.b".c = 1', 2),
        ("a = 'x.y.z'\n# a.b.c.d\nb = 1.5", 2),
        ('a = """\nx.y.z.t\n"""', 1),
        ("a = {b.c.d = 1}", 3),
        ('"open.a.b.c\na.b.c = 1', 1),
    ],
)
def test_longest_key_reads_keys_and_not_texts(text, parts):
    assert longest_key(text) == parts


def test_json_schema_describes_the_same_sections():
    schema = central_config.json_schema()
    assert set(schema["properties"]) == set(SECTIONS)
    assert set(schema["required"]) == {"schema_version", "config", "parent"}
    assert schema["$defs"]["Banner"]["additionalProperties"] is False
    assert "alt" in schema["$defs"]["Banner"]["required"]
