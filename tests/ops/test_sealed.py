"""Backups encrypted to a public key: proven without it, restored only with its secret half."""

import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519

from tests.ops.conftest import NOW, tree
from tests.terminal import wardsite
from wardsite.core.backup import made_at
from wardsite.ops.backup import make_backup, tidy
from wardsite.ops.proof import last_proof
from wardsite.ops.restore import restore
from wardsite.ops.sealed import IdentityFileError, RecipientKeyError, is_sealed
from wardsite.settings import Settings

pytestmark = pytest.mark.sqlite


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """A key file as age-keygen writes it."""
    secret = x25519.Identity.generate()
    path = tmp_path / "khoa-sao-luu.txt"
    path.write_text(f"# created: 2026\n# public key: {secret.to_public()}\n{secret}\n")
    return path


@pytest.fixture
def sealing(filled: Settings, identity: Path) -> Settings:
    """The instance with its backups encrypted for that key."""
    recipient = identity.read_text().split("public key: ")[1].split()[0]
    return replace(filled, backup_recipients=(recipient,))


def test_an_encrypted_backup_is_proven_and_restored_with_the_secret_key_alone(
    sealing: Settings, identity: Path, tmp_path: Path
) -> None:
    made = make_backup(sealing, NOW)
    assert made.path.name.endswith(".tar.zst.age")
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made_at(made.path.name) == NOW
    assert is_sealed(made.path)
    assert not tarfile.is_tarfile(made.path)
    assert made.proof == last_proof(sealing.instance)
    assert made.proof.rows > 10
    assert [path.name for path in made.path.parent.iterdir() if ".part" in path.name] == []
    done = restore(tmp_path / "may-moi", made.path, NOW, identity=identity)
    assert done.missing == ()
    assert tree(tmp_path / "may-moi" / "media") == tree(sealing.instance / "media") != {}
    assert not (tmp_path / "may-moi" / ".restore").exists()
    assert tidy(sealing.instance, NOW) == []


def test_without_the_right_key_nothing_is_restored(
    sealing: Settings, identity: Path, tmp_path: Path
) -> None:
    archive = make_backup(sealing, NOW, tmp_path / "ngoai.tar.zst.age").path
    before = tree(sealing.instance)
    done = wardsite(sealing.instance, "restore", str(archive), "--yes")
    assert (done.returncode, "--identity" in done.stderr) == (1, True)
    other = tmp_path / "khac.txt"
    other.write_text(f"{x25519.Identity.generate()}\n")
    empty = tmp_path / "rong.txt"
    empty.write_text("# nothing\n")
    for file, reason in ((other, "cannot be decrypted"), (empty, "no age secret key")):
        with pytest.raises(IdentityFileError, match=reason):
            restore(sealing.instance, archive, NOW, identity=file)
    for damage in (archive.read_bytes()[:-50], archive.read_bytes()[:-50] + b"\0" * 50):
        archive.write_bytes(damage)
        with pytest.raises(IdentityFileError, match="damaged"):
            restore(sealing.instance, archive, NOW, identity=identity)
    assert tree(sealing.instance) == before


def test_a_recipient_that_is_no_key_is_refused_and_leaves_no_backup(filled: Settings) -> None:
    wrong = replace(filled, backup_recipients=("age1nokey",))
    with pytest.raises(RecipientKeyError, match="age1nokey"):
        make_backup(wrong, NOW)
    assert last_proof(filled.instance) is None
    assert list((filled.instance / "backups").glob("*.tar.zst*")) == []
