"""Every attack on the update channel: refused, nothing changed, and the next good file taken.

After the list of The Update Framework: arbitrary content, rollback, freeze, fast-forward, endless
data, slow retrieval, mix-and-match, wrong target, stolen key.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.central.centre import NOW, Centre, Script, district, raw, redirect, reply, stamp
from tests.central.conftest import UnitUnderTest
from wardsite.central import fetch
from wardsite.central.sync import Outcome, OutOfReachError, RefusedError, SyncError

Attack = Callable[[Centre], None]
BODY, SIGNATURE = "/district.toml", "/district.toml.minisig"
NEW = district(4)


def served(body: bytes = NEW, signature: Callable[[Centre], bytes] | None = None) -> Attack:
    """Publish `body` with a good signature, or with what `signature` makes."""
    return lambda centre: _ignore(centre.publish(body, signature(centre) if signature else None))


def _ignore(_: object) -> None:
    return None


def answered(path: str, *scripts: Script) -> Attack:
    """Publish a good file, but answer requests for `path` with `scripts`."""

    def attack(centre: Centre) -> None:
        centre.publish(NEW)
        centre.serve(path, *scripts)

    return attack


def flipped(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit turned over."""
    place, mask = divmod(bit, 8)
    return data[:place] + bytes([data[place] ^ (1 << mask)]) + data[place + 1 :]


def signature_flipped(bit: int) -> Attack:
    """Turn over one bit of the 74 bytes of the signature itself."""

    def make(centre: Centre) -> bytes:
        lines = centre.key.sign(NEW).split(b"\n")
        lines[1] = base64.b64encode(flipped(base64.b64decode(lines[1]), bit))
        return b"\n".join(lines)

    return served(signature=make)


def edited(old: bytes, new: bytes) -> Attack:
    """Edit the signature file as text."""
    return served(signature=lambda centre: centre.key.sign(NEW).replace(old, new))


def forever(*parts: bytes | float) -> Script:
    def script() -> Iterator[bytes | float]:
        while True:
            yield from parts

    return script


def after(head: bytes, then: Script) -> Script:
    def script() -> Iterator[bytes | float]:
        yield head
        yield from then()

    return script


OK = b"HTTP/1.1 200 OK\r\n"
MIX_OLD, MIX_NEW = district(3), district(4)

ARBITRARY: dict[str, tuple[Attack, str]] = {
    "signed by a stranger": (
        served(signature=lambda centre: centre.stranger.sign(NEW)),
        "UntrustedKeyError",
    ),
    "signed by a stranger who claims our key id": (
        lambda centre: _ignore(centre.publish(NEW, _with_key_id(centre))),
        "SignatureMismatchError",
    ),
    **{
        f"bit {bit} of the file flipped": (
            lambda centre, bit=bit: _ignore(
                centre.publish(flipped(NEW, bit), centre.key.sign(NEW))
            ),
            "SignatureMismatchError",
        )
        for bit in (0, 7, 128, 1001, 4004, len(NEW) * 4, len(NEW) * 8 - 1)
    },
    "a byte added": (
        lambda centre: _ignore(centre.publish(NEW + b"\n", centre.key.sign(NEW))),
        "SignatureMismatchError",
    ),
    "a byte missing": (
        lambda centre: _ignore(centre.publish(NEW[:-1], centre.key.sign(NEW))),
        "SignatureMismatchError",
    ),
    "line ends changed": (
        lambda centre: _ignore(centre.publish(NEW.replace(b"\n", b"\r\n"), centre.key.sign(NEW))),
        "SignatureMismatchError",
    ),
    "an HTML page instead of the file": (
        lambda centre: _ignore(centre.publish(b"<!doctype html><p>x", centre.key.sign(NEW))),
        "SignatureMismatchError",
    ),
    "an empty file": (
        lambda centre: _ignore(centre.publish(b"", centre.key.sign(NEW))),
        "SignatureMismatchError",
    ),
    **{
        f"bit {bit} of the signature flipped": (signature_flipped(bit), code)
        for bit, code in [
            *((bit, "UntrustedKeyError") for bit in (16, 40, 79)),
            *((bit, "SignatureMismatchError") for bit in (80, 81, 200, 335, 400, 517, 591)),
            *((bit, "SignatureFormatError") for bit in (0, 9)),
        ]
    },
    "trusted comment changed": (
        edited(b"trusted comment: district file", b"trusted comment: other file"),
        "SignatureMismatchError",
    ),
    "trusted comment emptied": (
        edited(b"trusted comment: district file", b"trusted comment: "),
        "SignatureMismatchError",
    ),
    "a signature with Windows line ends": (edited(b"\n", b"\r\n"), "SignatureFormatError"),
    "a signature with a line too many": (
        edited(b"untrusted", b"untrusted comment: x\nuntrusted"),
        "SignatureFormatError",
    ),
    "an empty signature": (served(signature=lambda _: b""), "SignatureFormatError"),
    "a page instead of a signature": (
        served(signature=lambda _: b"<!doctype html><h1>404</h1>\n"),
        "SignatureFormatError",
    ),
    "a cut signature": (
        served(signature=lambda centre: centre.key.sign(NEW)[:120]),
        "SignatureFormatError",
    ),
    "a signature after a byte order mark": (
        served(signature=lambda centre: b"\xef\xbb\xbf" + centre.key.sign(NEW)),
        "SignatureFormatError",
    ),
    "two signatures in one file": (
        served(signature=lambda centre: centre.key.sign(NEW) * 2),
        "SignatureFormatError",
    ),
    "random bytes for a signature": (
        served(signature=lambda _: bytes(range(256))),
        "SignatureFormatError",
    ),
    "a signature of five kilobytes": (
        served(signature=lambda centre: centre.key.sign(NEW) + b" " * 5000),
        "TooLargeError",
    ),
}


def _with_key_id(centre: Centre) -> bytes:
    lines = centre.stranger.sign(NEW).split(b"\n")
    mine = base64.b64decode(lines[1])
    ours = base64.b64decode(centre.key.sign(NEW).split(b"\n")[1])
    lines[1] = base64.b64encode(mine[:2] + ours[2:10] + mine[10:])
    return b"\n".join(lines)


MIXED: dict[str, tuple[Attack, str]] = {
    "old signature with the new file": (
        lambda centre: _ignore(centre.publish(MIX_NEW, centre.key.sign(MIX_OLD + b" "))),
        "SignatureMismatchError",
    ),
    "new signature with an older file": (
        lambda centre: _ignore(centre.publish(district(2), centre.key.sign(MIX_NEW))),
        "SignatureMismatchError",
    ),
    "signature of another file of the same key": (
        served(signature=lambda centre: centre.key.sign(b"another file")),
        "SignatureMismatchError",
    ),
    "the file of another parent unit": (served(district(4, id='"dong-da"')), "WrongConfigError"),
    "another parent unit's id in other letters": (
        served(district(4, id='"thanh-xuan-2"')),
        "WrongConfigError",
    ),
}

ORDER: dict[str, tuple[Attack, str]] = {
    "rollback to the revision before": (served(district(2)), "RevisionRollbackError"),
    "rollback to the first revision": (served(district(1)), "RevisionRollbackError"),
    "rollback with other content": (
        served(district(2, title='"Khác"')),
        "RevisionRollbackError",
    ),
    "the same revision with other content": (
        served(district(3, title='"Khác"')),
        "SameRevisionOtherBytesError",
    ),
    "the same revision with a space more": (
        served(district(3) + b" "),
        "SameRevisionOtherBytesError",
    ),
    "fast-forward by 1001": (served(district(1004)), "RevisionJumpError"),
    "fast-forward to the end of numbers": (served(district(2_147_483_647)), "RevisionJumpError"),
    "expired an hour ago": (
        served(district(4, expires_at=stamp(NOW - timedelta(hours=1)))),
        "ConfigExpiredError",
    ),
    "expiring this very second": (served(district(4, expires_at=stamp(NOW))), "ConfigExpiredError"),
    "expired by its time zone": (
        served(district(4, expires_at="2026-03-02T15:00:00+07:00")),
        "ConfigExpiredError",
    ),
    "a later format": (served(district(4, schema_version=2)), "SchemaTooNewError"),
    "every key revoked": (
        lambda centre: _ignore(
            centre.publish(district(4, top=f'revoked_keys = ["{centre.key.public}"]'))
        ),
        "NoKeyLeftError",
    ),
}

BANNER = """
[[banners]]
id = "{id}"
title = "Biểu ngữ"
alt = "{alt}"
link_url = "{url}"
position = "{position}"
mandatory = true
valid_from = 2020-08-12T00:00:00+07:00
{more}
"""


def banner(**changes: str) -> Attack:
    values = {
        "id": "khac",
        "alt": "Biểu ngữ",
        "url": "https://example.gov.vn/",
        "position": "footer",
        "more": "",
    }
    return served(district(4, extra=BANNER.format(**(values | changes))))


INVALID: dict[str, Attack] = {
    "a script for a link": banner(url="javascript:alert(1)"),
    "plain http for a link": banner(url="http://example.gov.vn/"),
    "a password in a link": banner(url="https://a:b@example.gov.vn/"),
    "a blank alternative text": banner(alt="   "),
    "a line break in a text": banner(alt="a\\u000ab"),
    "letters that turn the reading direction": banner(alt="a\\u202eb"),
    "a place that there is not": banner(position="everywhere"),
    "an id twice": banner(id="bluezone"),
    "an id with capitals": banner(id="Khac"),
    "a picture without its fingerprint": banner(more='image_url = "https://example.gov.vn/a.png"'),
    "a fingerprint that is none": banner(
        more='image_url = "https://example.gov.vn/a.png"\nimage_sha256 = "00"'
    ),
    "a size without a picture": banner(more="image_width = 10"),
    "a time without its zone": banner(more="valid_to = 2027-01-01T00:00:00"),
    "an end before the beginning": banner(more="valid_to = 2019-01-01T00:00:00+07:00"),
    "an audience that there is not": banner(more='audience = ["everyone"]'),
    "a basis that there is not": banner(more='basis = "9999-qd"'),
    "an unknown field": banner(more='colour = "red"'),
    "a number in quotes": served(district('"4"')),
    "revision nought": served(district(0)),
    "a revision with a fraction": served(district("4.0")),
    "a revision beyond all bounds": served(district("1" * 400)),
    "a number of ten thousand digits": served(district(4, extra=f"x = {'1' * 10000}")),
    "nesting without end": served(district(4, extra=f"x = {'[' * 3000}{']' * 3000}")),
    "nesting just too deep": served(district(4, extra=f"x = {'[' * 30}{']' * 30}")),
    "a date that there is not": served(district(4, issued_at="2026-02-30T00:00:00+07:00")),
    "a year after all": served(district(4, expires_at="9999-12-31T23:59:59-12:00")),
    "a broken line": served(NEW + b"\n[[[["),
    "bytes that are no text": served(NEW + b"\n# \xff\xfe"),
    "a byte order mark": served(b"\xef\xbb\xbf" + NEW),
    "sixteen-bit letters": served(NEW.decode().encode("utf-16")),
    "a zero byte": served(NEW + b"\n# \x00"),
    "signed nonsense": served(b"nonsense"),
    "a signed empty file": served(b""),
    "another table under the name": served(b"[config]\nid = 1\n"),
}

CHANNEL: dict[str, tuple[Attack, str, type[SyncError]]] = {
    **{
        f"status {status} for the {name}": (
            answered(path, reply(b"x", f"{status} x")),
            "OutOfReachError",
            OutOfReachError,
        )
        for status in (204, 206, 304, 401, 403, 404, 410, 429, 500, 503)
        for name, path in (("file", BODY), ("signature", SIGNATURE))
    },
    "a file a byte too large": (
        served(NEW + b"#" * (262_145 - len(NEW))),
        "TooLargeError",
        RefusedError,
    ),
    "a length too large announced": (
        answered(BODY, raw(OK + b"Content-Length: 99999999\r\n\r\n" + NEW)),
        "TooLargeError",
        RefusedError,
    ),
    "a file without end": (
        answered(BODY, after(OK + b"\r\n", forever(b"#" * 65536))),
        "TooLargeError",
        RefusedError,
    ),
    "a file in pieces without end": (
        answered(
            BODY,
            after(
                OK + b"Transfer-Encoding: chunked\r\n\r\n",
                forever(b"10000\r\n" + b"#" * 65536 + b"\r\n"),
            ),
        ),
        "TooLargeError",
        RefusedError,
    ),
    "a bomb of compressed nothing": (
        answered(BODY, reply(gzip.compress(b"#" * 30_000_000), Content_Encoding="gzip")),
        "TooLargeError",
        RefusedError,
    ),
    "a signature without end": (
        answered(SIGNATURE, after(OK + b"\r\n", forever(b"#" * 65536))),
        "TooLargeError",
        RefusedError,
    ),
    "a drip of bytes": (
        answered(BODY, after(OK + b"\r\n", forever(b"#", 0.02))),
        "OutOfReachError",
        OutOfReachError,
    ),
    "a drip of headers": (
        answered(BODY, after(OK, forever(b"X: y\r\n", 0.02))),
        "OutOfReachError",
        OutOfReachError,
    ),
    "a drip of the signature": (
        answered(SIGNATURE, after(OK + b"\r\n", forever(b"#", 0.02))),
        "OutOfReachError",
        OutOfReachError,
    ),
    "silence": (answered(BODY, raw(30.0)), "OutOfReachError", OutOfReachError),
    "silence after the headers": (
        answered(BODY, raw(OK + b"Content-Length: 10\r\n\r\n", 30.0)),
        "OutOfReachError",
        OutOfReachError,
    ),
    "a line cut in the middle": (
        answered(BODY, raw(OK + b"Content-Length: %d\r\n\r\n" % len(NEW) + NEW[:500])),
        "OutOfReachError",
        OutOfReachError,
    ),
    "no HTTP at all": (
        answered(BODY, raw(b"SSH-2.0-x\r\n\r\n")),
        "OutOfReachError",
        OutOfReachError,
    ),
    "an answer of nothing": (answered(BODY, raw(b"")), "OutOfReachError", OutOfReachError),
    "an encoding that there is not": (
        answered(BODY, reply(NEW, Content_Encoding="br")),
        "OutOfReachError",
        OutOfReachError,
    ),
    "compressed rubbish": (
        answered(BODY, reply(b"\x1f\x8bxxxxxxxxxxxx", Content_Encoding="gzip")),
        "OutOfReachError",
        OutOfReachError,
    ),
    "a circle of redirects": (
        answered(BODY, redirect("/district.toml")),
        "TooManyRedirectsError",
        RefusedError,
    ),
    "redirect to a file of this machine": (
        answered(BODY, redirect("file:///etc/passwd")),
        "RefusedUrlError",
        RefusedError,
    ),
    "redirect to another scheme": (
        answered(BODY, redirect("ftp://127.0.0.1/x")),
        "RefusedUrlError",
        RefusedError,
    ),
    "redirect nowhere": (
        answered(BODY, reply(b"", "302 Found")),
        "OutOfReachError",
        OutOfReachError,
    ),
    **{
        f"redirect to {host}": (
            answered(BODY, redirect(f"https://{host}/district.toml")),
            "RefusedAddressError",
            RefusedError,
        )
        for host in (
            "10.0.0.1",
            "127.0.0.2",
            "169.254.169.254",
            "192.168.1.1",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[fe80::1]",
            "0.0.0.0",  # noqa: S104
            "localhost",
        )
    },
    "signature redirected to the metadata service": (
        answered(SIGNATURE, redirect("https://169.254.169.254/latest/meta-data/")),
        "RefusedAddressError",
        RefusedError,
    ),
}

SLOW = {attack for name, (attack, *_) in CHANNEL.items() if name.startswith(("a drip", "silence"))}
CASES = [
    *((name, attack, code, RefusedError) for name, (attack, code) in ARBITRARY.items()),
    *((name, attack, code, RefusedError) for name, (attack, code) in MIXED.items()),
    *((name, attack, code, RefusedError) for name, (attack, code) in ORDER.items()),
    *((name, attack, "ConfigInvalidError", RefusedError) for name, attack in INVALID.items()),
    *((name, *case) for name, case in CHANNEL.items()),
]


def test_there_are_at_least_a_hundred_attacks() -> None:
    assert len(CASES) >= 100
    assert len({name for name, *_ in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("attack", "code", "kind"),
    [pytest.param(attack, code, kind, id=name) for name, attack, code, kind in CASES],
)
def test_attack_is_refused_and_the_next_good_file_is_taken(
    unit: UnitUnderTest,
    centre: Centre,
    attack: Attack,
    code: str,
    kind: type[SyncError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if attack in SLOW:
        monkeypatch.setattr(fetch, "DEADLINE_SECONDS", 0.5)
    before = unit.snapshot()
    attack(centre)

    with pytest.raises(kind) as refusal:
        unit.sync(NOW)

    assert refusal.value.code == code
    assert refusal.value.exit_code == (2 if kind is RefusedError else 3)
    assert unit.snapshot() == before
    state = unit.state()
    assert (state.error_code, state.error_since, state.failures) == (code, NOW, 1)
    assert ("refused" in unit.alarms()) is (kind is RefusedError)

    monkeypatch.setattr(fetch, "DEADLINE_SECONDS", 30.0)
    centre.calm()
    centre.publish(district(5))
    assert unit.sync(NOW + timedelta(hours=1)) is Outcome.APPLIED
    assert unit.mandate(NOW + timedelta(hours=1)).notices[0].title == "Thông báo của bản số 5"
    assert unit.state().error_code == ""
