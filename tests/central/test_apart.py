"""What a worker is told of a district file: checked by a program that ends, kept under a seal."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wardsite.core import central_schema
from wardsite.core.signing import PublicKey, parse_public_key
from wardsite.mandate import apart, store
from wardsite.mandate.memory import pinned_keys
from wardsite.mandate.store import DamagedRevisionError, NoLongerTrustedError, central_folder
from wardsite.settings import Settings

SECRET = "s" * 64
OTHER_KEY = parse_public_key("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")


class CheckedAgainError(Exception):
    """The program that checks would be started."""


@pytest.fixture
def folder(settings: Settings) -> Path:
    return central_folder(settings.instance)


@pytest.fixture
def keys(settings: Settings) -> tuple[PublicKey, ...]:
    return pinned_keys(settings.district_keys, settings.instance)


@pytest.fixture
def name(folder: Path) -> str:
    (file,) = folder.glob("*.toml")
    return file.stem


def refuse(*_: object) -> None:
    raise CheckedAgainError


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


def test_a_file_is_checked_once_by_another_program_and_then_told_by_its_seal(
    folder: Path, keys: tuple[PublicKey, ...], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "load", refuse)  # here, not in the other program
    first = apart.load(folder, [name], keys, SECRET)
    monkeypatch.setattr(apart, "_asked", refuse)
    assert apart.load(folder, [name], keys, SECRET) == first
    monkeypatch.undo()
    assert first == [store.load(folder, name, keys)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder, name: flip(folder / f"{name}.toml"),
        lambda folder, name: flip(folder / f"{name}.toml.minisig"),
        lambda folder, name: flip(folder / f"{name}.found"),
        lambda folder, name: (folder / f"{name}.found").write_bytes(b""),
    ],
    ids=["file", "signature", "what was found", "empty"],
)
def test_a_seal_holds_for_nothing_that_has_changed(
    folder: Path,
    keys: tuple[PublicKey, ...],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path, str], object],
) -> None:
    apart.load(folder, [name], keys, SECRET)
    spoil(folder, name)
    monkeypatch.setattr(apart, "_asked", refuse)
    with pytest.raises(CheckedAgainError):
        apart.load(folder, [name], keys, SECRET)


def test_a_seal_holds_for_these_keys_this_secret_this_name_and_these_rules_alone(
    folder: Path, keys: tuple[PublicKey, ...], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart.load(folder, [name], keys, SECRET)
    other = "0" * 64
    for file in folder.glob(f"{name}.*"):
        shutil.copy(file, folder / file.name.replace(name, other))
    monkeypatch.setattr(apart, "_asked", refuse)
    for asked, trusted, secret in (
        (name, keys, "t" * 64),
        (name, (*keys, OTHER_KEY), SECRET),
        (other, keys, SECRET),
    ):
        with pytest.raises(CheckedAgainError):
            apart.load(folder, [asked], trusted, secret)
    monkeypatch.setattr(apart, "_rules", lambda: b"of another version")
    with pytest.raises(CheckedAgainError):
        apart.load(folder, [name], keys, SECRET)


def test_a_seal_holds_for_one_form_of_what_was_found() -> None:
    forms = {sys.modules[kind.__module__] for kind in apart._KINDS.values()}
    assert forms == {apart, central_schema, store}
    for module in forms:
        assert Path(str(module.__file__)).read_bytes() in apart._rules()


def test_what_is_wrong_comes_back_as_it_would_from_here(
    folder: Path, keys: tuple[PublicKey, ...], name: str
) -> None:
    (untrusted,) = apart.load(folder, [name], [OTHER_KEY], SECRET)
    assert isinstance(untrusted, NoLongerTrustedError)
    assert keys[0].key_id in str(untrusted)
    flip(folder / f"{name}.toml")
    damaged, missing = apart.load(folder, [name, "0" * 64], keys, SECRET)
    assert isinstance(damaged, DamagedRevisionError)
    assert isinstance(missing, DamagedRevisionError)
    assert name[:12] in str(damaged)
    assert not list(folder.glob("*.found"))


def test_without_room_for_another_process_the_file_is_read_here(
    folder: Path, keys: tuple[PublicKey, ...], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert apart.load(folder, [name], keys, SECRET) == [store.load(folder, name, keys)]
