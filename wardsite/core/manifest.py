"""What a backup says of itself: the first member of its archive, read as hostile input."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from wardsite.core.backup import SINGLE, DamagedBackupError, may_hold
from wardsite.core.errors import N_

FORMAT = 1
MAX_FILES = 200_000


class FileEntry(BaseModel):
    """A file of a backup: size in bytes, SHA-256 of its content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(ge=0, lt=2**33)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup says of itself; `rows` counts every table of its database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    software: str
    unit_id: str
    made_at: AwareDatetime
    revision: str
    rows: dict[str, int]
    files: dict[str, FileEntry] = Field(max_length=MAX_FILES)

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: int) -> int:
        if value != FORMAT:
            raise ValueError(f"format {value}; this software reads {FORMAT}")
        return value

    @field_validator("files")
    @classmethod
    def _names(cls, files: dict[str, FileEntry]) -> dict[str, FileEntry]:
        for name in files:
            if not may_hold(name):
                raise ValueError(f"no backup holds “{name[:80]}”")
        missing = SINGLE - files.keys()
        if missing:
            raise ValueError(f"without {', '.join(sorted(missing))}")
        return files

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(entry.size for entry in self.files.values())


def read_manifest(content: bytes) -> Manifest:
    """Return the manifest in these bytes. Raises DamagedBackupError."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise DamagedBackupError(
            N_("The backup manifest cannot be used. Technical detail: “%(reason)s”"),
            reason=str(error.errors()[0]["msg"])[:200],
        ) from None
