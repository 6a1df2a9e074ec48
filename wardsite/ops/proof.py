"""The record of the last backup that was restored in rehearsal and counted.

Apart from `backup`, which brings the libraries of an archive: an officer's dashboard only reads it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from wardsite.filestore import write_atomically

_FOLDER = "backups"
_FILE = "proven.json"


@dataclass(frozen=True)
class Proof:
    """A backup that was proven: bytes of its file, rows and files in it, `missing` files gone."""

    file: str
    size: int
    made_at: datetime
    proven_at: datetime
    rows: int
    files: int
    missing: int = 0


def backups_folder(instance: Path) -> Path:
    """Return the folder of an instance that holds its own backups."""
    return instance / _FOLDER


def last_proof(instance: Path) -> Proof | None:
    """Return the last proven backup on record.

    None without a record, with a damaged one, or when the file of the backup is gone or of another
    size.
    """
    try:
        proof = _read((backups_folder(instance) / _FILE).read_bytes())
        return proof if Path(proof.file).stat().st_size == proof.size else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def note_proof(instance: Path, proof: Proof) -> None:
    """Keep `proof` as the last one. Raises OSError."""
    content = json.dumps(asdict(proof), default=datetime.isoformat).encode()
    write_atomically(backups_folder(instance) / _FILE, content, 0o600)


def _read(content: bytes) -> Proof:
    """Return the proof in these bytes. Raises ValueError, KeyError, TypeError, RecursionError."""
    told = json.loads(content)
    proof = Proof(
        file=told["file"],
        size=told["size"],
        made_at=datetime.fromisoformat(told["made_at"]),
        proven_at=datetime.fromisoformat(told["proven_at"]),
        rows=told["rows"],
        files=told["files"],
        missing=told.get("missing", 0),
    )
    numbers = (proof.size, proof.rows, proof.files, proof.missing)
    if type(proof.file) is not str or any(type(number) is not int for number in numbers):
        raise TypeError("a text and whole numbers are wanted")
    if proof.made_at.tzinfo is None or proof.proven_at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return proof
