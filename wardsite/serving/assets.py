"""One version for all static files: it moves when any of them does."""

import hashlib
from pathlib import Path


def asset_version(folder: str) -> str:
    """Return a short digest of every file below `folder`."""
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
