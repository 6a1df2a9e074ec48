"""Signatures: what is trusted, what is refused, and both ways with the stock tool."""

import base64
import shutil
import subprocess
from pathlib import Path

import minisign
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core import signing

EXAMPLE = Path(__file__).parents[2] / "examples" / "thanh-xuan"
PASSPHRASE = "EXAMPLE-DO-NOT-USE"
DATA = (EXAMPLE / "district.toml").read_bytes()
SIGNATURE = (EXAMPLE / "district.toml.minisig").read_bytes()
PUBLIC_TEXT = (EXAMPLE / "EXAMPLE-DO-NOT-USE.pub").read_text()
SECRET_TEXT = (EXAMPLE / "EXAMPLE-DO-NOT-USE.key").read_text()
KEY = signing.parse_public_key(PUBLIC_TEXT)

tool = shutil.which("minisign")
needs_tool = pytest.mark.skipif(tool is None, reason="the minisign tool is not installed")


def run_minisign(*arguments: str | Path, answers: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["minisign", *map(str, arguments)],
        input=answers,
        text=True,
        capture_output=True,
        check=True,
    )


def other_key() -> tuple[signing.PublicKey, str]:
    """A pair without a passphrase, so that the tests need no key derivation."""
    pair = minisign.KeyPair.generate()
    public = signing.parse_public_key(pair.public_key.to_base64().decode())
    return public, bytes(pair.secret_key).decode()


def test_example_signature_is_good_and_says_what_it_signs():
    proof = signing.verify(DATA, SIGNATURE, [other_key()[0], KEY])
    assert proof == signing.Verified(KEY.key_id, "thanh-xuan revision 1")
    assert proof.key_id in PUBLIC_TEXT, "spelled as the minisign tool spells it"


def test_every_flipped_bit_of_the_signature_is_refused():
    comment = SIGNATURE.index(b": ") + 2, SIGNATURE.index(b"\n")
    for position in range(len(SIGNATURE)):
        for bit in range(8):
            flipped = bytearray(SIGNATURE)
            flipped[position] ^= 1 << bit
            if comment[0] <= position < comment[1]:
                # The untrusted comment is signed by nobody: it must change nothing.
                try:
                    proof = signing.verify(DATA, bytes(flipped), [KEY])
                except signing.SignatureError:
                    continue
                assert proof == signing.Verified(KEY.key_id, "thanh-xuan revision 1")
            else:
                with pytest.raises(signing.SignatureError):
                    signing.verify(DATA, bytes(flipped), [KEY])


@given(st.integers(0, len(DATA) * 8 - 1))
def test_any_flipped_bit_of_the_file_is_refused(place):
    flipped = bytearray(DATA)
    flipped[place // 8] ^= 1 << place % 8
    with pytest.raises(signing.SignatureMismatchError):
        signing.verify(bytes(flipped), SIGNATURE, [KEY])


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA + b"\n", DATA.replace(b"\n", b"\r\n")])
def test_nearly_the_same_file_is_refused(data):
    with pytest.raises(signing.SignatureMismatchError):
        signing.verify(data, SIGNATURE, [KEY])


def test_signature_of_another_file_is_refused():
    other = signing.sign(b"other", SECRET_TEXT, PASSPHRASE, "thanh-xuan revision 2")
    with pytest.raises(signing.SignatureMismatchError):
        signing.verify(DATA, other, [KEY])


def test_comment_of_another_signature_cannot_be_lent():
    public, secret = other_key()
    first = signing.sign(b"one", secret, "", "revision 1").split(b"\n")
    second = signing.sign(b"two", secret, "", "revision 2").split(b"\n")
    for mixed in ([*first[:2], *second[2:]], [*first[:3], second[3], b""]):
        with pytest.raises(signing.SignatureMismatchError):
            signing.verify(b"one", b"\n".join(mixed), [public])


def test_unknown_key_is_named():
    with pytest.raises(signing.UntrustedKeyError, match=KEY.key_id):
        signing.verify(DATA, SIGNATURE, [other_key()[0]])
    with pytest.raises(signing.UntrustedKeyError):
        signing.verify(DATA, SIGNATURE, [])


def test_key_with_a_borrowed_number_is_not_trusted():
    raw = bytearray(base64.b64decode(other_key()[0].text))
    raw[2:10] = base64.b64decode(KEY.text)[2:10]
    impostor = signing.parse_public_key(base64.b64encode(raw).decode())
    with pytest.raises(signing.SignatureMismatchError):
        signing.verify(DATA, SIGNATURE, [impostor])
    assert signing.verify(DATA, SIGNATURE, [impostor, KEY]).key_id == KEY.key_id


def lines_replaced(number: int, new: bytes) -> bytes:
    lines = SIGNATURE.split(b"\n")
    lines[number] = new
    return b"\n".join(lines)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\n\n\n\n",
        SIGNATURE + b"\n",
        b"\n" + SIGNATURE,
        SIGNATURE + b"stray",
        SIGNATURE.replace(b"\n", b"\r\n"),
        SIGNATURE.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + SIGNATURE,
        b"".join(SIGNATURE.splitlines(keepends=True)[:2]),
        lines_replaced(0, b"untrusted comment: \xff"),
        lines_replaced(0, b"untrusted comment: a\rb"),
        lines_replaced(0, b"comment: x"),
        lines_replaced(1, b""),
        lines_replaced(1, SIGNATURE.split(b"\n")[1] + b" "),
        lines_replaced(1, SIGNATURE.split(b"\n")[1][:-1]),
        lines_replaced(1, SIGNATURE.split(b"\n")[1].replace(b"=", b"")),
        lines_replaced(1, b"XX" + SIGNATURE.split(b"\n")[1][2:]),
        lines_replaced(2, b"trusted comment"),
        lines_replaced(2, b"trusted comment: \x1b[2J"),
        lines_replaced(3, b"AAAA"),
        lines_replaced(0, b"untrusted comment: " + b"x" * 5000),
        bytes(range(256)),
    ],
)
def test_anything_but_minisigns_own_form_is_refused(signature):
    with pytest.raises(signing.SignatureFormatError):
        signing.verify(DATA, signature, [KEY])


def test_second_spelling_of_the_same_signature_is_refused():
    for number in (1, 3):
        line = SIGNATURE.split(b"\n")[number]
        pad = line.count(b"=")
        alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        last = alphabet[alphabet.index(line[-pad - 1]) + 1]
        respelled = line[: -pad - 1] + bytes([last]) + line[-pad:]
        assert base64.b64decode(respelled) == base64.b64decode(line)
        with pytest.raises(signing.SignatureFormatError):
            signing.verify(DATA, lines_replaced(number, respelled), [KEY])


def test_missing_last_line_break_is_let_through():
    assert signing.verify(DATA, SIGNATURE.rstrip(b"\n"), [KEY])


@given(st.binary(max_size=400))
def test_verify_raises_nothing_but_its_own_errors(signature):
    with pytest.raises(signing.SignatureError):
        signing.verify(DATA, signature, [KEY])


def test_public_key_is_read_bare_and_as_a_file():
    bare = PUBLIC_TEXT.splitlines()[1]
    for text in (bare, f"  {bare}\n", PUBLIC_TEXT, PUBLIC_TEXT.replace("\n", "\r\n")):
        assert signing.parse_public_key(text) == KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RW",
        KEY.text[:-1],
        KEY.text + "=",
        "RU" + KEY.text[2:],
        KEY.text[:-1] + "à",
        f"{KEY.text}\n{KEY.text}",
        f"comment\n{KEY.text}",
        f"{PUBLIC_TEXT}more",
        SECRET_TEXT,
        SIGNATURE.decode(),
    ],
)
def test_what_is_not_a_public_key_is_refused(text):
    with pytest.raises(signing.PublicKeyFormatError):
        signing.parse_public_key(text)


@given(st.text())
def test_reading_a_public_key_raises_nothing_but_its_own_error(text):
    with pytest.raises(signing.PublicKeyFormatError):
        signing.parse_public_key(text)


def test_new_pair_signs_and_its_secret_needs_the_passphrase():
    public_text, secret_text = signing.generate_key_pair("mật khẩu dài")
    public = signing.parse_public_key(public_text)
    assert f"key {public.key_id}\n" in public_text
    signature = signing.sign(b"data", secret_text, "mật khẩu dài", "quan revision 7")
    assert signing.verify(b"data", signature, [public]).trusted_comment == "quan revision 7"
    for wrong in ("", "mat khau dai"):
        with pytest.raises(signing.WrongPassphraseError):
            signing.sign(b"data", secret_text, wrong, "x")


def test_secret_key_is_never_left_without_a_passphrase():
    with pytest.raises(signing.WrongPassphraseError):
        signing.generate_key_pair("")


@pytest.mark.parametrize("text", ["", PUBLIC_TEXT, SECRET_TEXT[:-20], "untrusted comment: x\nRW"])
def test_what_is_not_a_secret_key_is_refused(text):
    with pytest.raises(signing.SecretKeyFormatError):
        signing.sign(b"data", text, PASSPHRASE, "x")


@pytest.mark.parametrize("comment", ["two\nlines", "tiếng Việt", "\x1b", "x" * 9000])
def test_comment_that_the_tool_cannot_print_is_refused(comment):
    with pytest.raises(signing.TrustedCommentError):
        signing.sign(b"data", other_key()[1], "", comment)


@needs_tool
def test_stock_tool_verifies_the_example():
    done = run_minisign(
        "-V", "-p", EXAMPLE / "EXAMPLE-DO-NOT-USE.pub", "-m", EXAMPLE / "district.toml"
    )
    assert "thanh-xuan revision 1" in done.stdout


@needs_tool
def test_stock_tool_verifies_what_is_signed_here(tmp_path):
    public_text, secret_text = signing.generate_key_pair("bí mật")
    (tmp_path / "key.pub").write_text(public_text)
    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "file.minisig").write_bytes(signing.sign(DATA, secret_text, "bí mật", "r 2"))
    done = run_minisign("-V", "-H", "-p", tmp_path / "key.pub", "-m", tmp_path / "file")
    assert "Trusted comment: r 2" in done.stdout


@needs_tool
def test_stock_tool_signs_with_a_key_made_here(tmp_path):
    public_text, secret_text = signing.generate_key_pair("bí mật")
    (tmp_path / "key").write_text(secret_text)
    (tmp_path / "file").write_bytes(DATA)
    arguments = ("-S", "-s", tmp_path / "key", "-m", tmp_path / "file", "-t", "r 3")
    run_minisign(*arguments, answers="bí mật\n")
    signature = (tmp_path / "file.minisig").read_bytes()
    proof = signing.verify(DATA, signature, [signing.parse_public_key(public_text)])
    assert proof.trusted_comment == "r 3"


@needs_tool
@pytest.mark.parametrize("form", ["prehashed", "legacy"])
def test_keys_and_signatures_of_the_stock_tool_are_read(tmp_path, form):
    run_minisign("-G", "-W", "-p", tmp_path / "key.pub", "-s", tmp_path / "key")
    (tmp_path / "file").write_bytes(DATA)
    legacy = ("-l",) if form == "legacy" else ()
    run_minisign("-S", *legacy, "-s", tmp_path / "key", "-m", tmp_path / "file", "-t", "r 4")
    public = signing.parse_public_key((tmp_path / "key.pub").read_text())
    assert public.key_id.lstrip("0") in (tmp_path / "key.pub").read_text()
    proof = signing.verify(DATA, (tmp_path / "file.minisig").read_bytes(), [public])
    assert proof == signing.Verified(public.key_id, "r 4")
    signature = signing.sign(b"here", (tmp_path / "key").read_text(), "", "r 5")
    assert signing.verify(b"here", signature, [public]).trusted_comment == "r 5"


@needs_tool
def test_encrypted_key_of_the_stock_tool_opens_here(tmp_path):
    pair = ("-p", tmp_path / "key.pub", "-s", tmp_path / "key")
    run_minisign("-G", *pair, answers="bí mật\nbí mật\n")
    signature = signing.sign(b"here", (tmp_path / "key").read_text(), "bí mật", "r 6")
    public = signing.parse_public_key((tmp_path / "key.pub").read_text())
    assert signing.verify(b"here", signature, [public]).trusted_comment == "r 6"
