"""Kept district files, checked outside the process that shows them and then told by a seal.

What checks signatures and the rules of a file takes 16 MB and a third of a second, and nothing else
on a resident's page needs it. So a worker has it done by this module run as a program, which
verifies and reads as `store.load` does, hands over what it found, and ends. What was found is kept
beside the file for the next start, under a seal made with the instance's secret key: it holds for
exactly these bytes, this signature, the keys trusted now and the rules of this software. Where any
of them differs, or somebody else wrote it, the file is checked again.
"""

import gc
import hashlib
import hmac
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from wardsite.core import central_schema
from wardsite.core.signing import PublicKey
from wardsite.filestore import write_atomically
from wardsite.mandate import store
from wardsite.mandate.store import DamagedRevisionError, Revision

SECONDS = 30
# Where it is written how a file is read, and the form of what was found.
_RULES = (
    *("core/central_schema", "core/central_rules", "core/central_config", "core/signing"),
    *("core/toml_lines", "core/text", "mandate/store", "mandate/apart"),
)
_SEAL_BYTES = hashlib.sha256().digest_size

_log = logging.getLogger(__name__)

Found = Revision | DamagedRevisionError


def load(folder: Path, names: Sequence[str], keys: Sequence[PublicKey], secret: str) -> list[Found]:
    """Return for each name what `store.load` returns or raises; `secret` is the instance's."""
    found: dict[str, Found] = {}
    for name in names:
        kept = _kept(folder, name, keys, secret)
        if kept is not None:
            found[name] = kept
    missing = [name for name in names if name not in found]
    if missing:
        found |= zip(missing, _asked(folder, missing, keys), strict=True)
    for name in missing:
        _keep(folder, found[name], keys, secret)
    return [found[name] for name in names]


def load_here(folder: Path, names: Sequence[str], keys: Sequence[PublicKey]) -> list[Found]:
    """Return the same, read in this process: for commands, which end soon."""
    return [_load(folder, name, keys) for name in names]


def _load(folder: Path, name: str, keys: Sequence[PublicKey]) -> Found:
    try:
        return store.load(folder, name, keys)
    except DamagedRevisionError as error:
        return error


def _asked(folder: Path, names: list[str], keys: Sequence[PublicKey]) -> list[Found]:
    question = json.dumps([str(folder), names, [key.text for key in keys]]).encode()
    try:
        # Our own program, and names that the database keeps.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", __name__],
            input=question,
            stdout=subprocess.PIPE,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        # No room for another process: residents see what is ordered all the same.
        _log.warning("district files are checked in the server itself: %s", error)
        return load_here(folder, names, keys)
    answers: list[Found] = _read(done.stdout)
    return answers


def main() -> None:
    """Read what is asked for on standard input, and write the answer to standard output."""
    gc.disable()
    folder, names, keys = json.load(sys.stdin)
    found = load_here(Path(folder), names, [PublicKey(key) for key in keys])
    sys.stdout.buffer.write(_write(found))


# --- What was found, as JSON: of each value that JSON does not know, its kind under the key "".

_KINDS: dict[str, Callable[..., Any]] = {  # each takes its parts by name
    "day": lambda text: date.fromisoformat(text),
    "moment": lambda text: datetime.fromisoformat(text),
    **{
        kind.__name__: kind
        for kind in (*vars(central_schema).values(), *vars(store).values())
        if isinstance(kind, type)
        and issubclass(kind, central_schema.Table | Revision | DamagedRevisionError)
    },
}


def _write(found: Found | list[Found]) -> bytes:
    return json.dumps(found, default=_parts, ensure_ascii=False).encode()


def _parts(value: Any) -> dict[str, Any]:
    if isinstance(value, datetime):
        return {"": "moment", "text": value.isoformat()}
    if isinstance(value, date):
        return {"": "day", "text": value.isoformat()}
    if isinstance(value, DamagedRevisionError):
        return {"": type(value).__name__, "msgid": value.msgid, **value.params}
    return {"": type(value).__name__, **vars(value)}


def _read(content: bytes) -> Any:
    return json.loads(content, object_hook=_whole)


def _whole(parts: dict[str, Any]) -> Any:
    kind = parts.pop("")
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in parts.items()}
    return _KINDS[kind](**values)


def _kept(folder: Path, name: str, keys: Sequence[PublicKey], secret: str) -> Revision | None:
    """Return what was found of the file before, when its seal still holds."""
    try:
        content = store.checked(folder, name).read_bytes()
        seal, found = content[:_SEAL_BYTES], content[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, _seal(folder, name, keys, secret, found)):
            return None
    except OSError:
        return None
    revision: Revision = _read(found)
    return revision


def _keep(folder: Path, found: Found, keys: Sequence[PublicKey], secret: str) -> None:
    if not isinstance(found, Revision):
        return
    content = _write(found)
    try:
        seal = _seal(folder, found.sha256, keys, secret, content)
        write_atomically(store.checked(folder, found.sha256), seal + content)
    except OSError as error:
        _log.warning("the next start checks the district file again: %s", error.strerror)


def _seal(folder: Path, name: str, keys: Sequence[PublicKey], secret: str, found: bytes) -> bytes:
    """Return the seal of what was found in a file with its present bytes. Raises OSError."""
    parts = [name.encode(), *store.read_pair(folder, name), _rules(), found]
    parts += [key.text.encode() for key in keys]
    digests = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hmac.digest(secret.encode(), b"wardsite district file\0" + digests, "sha256")


@cache
def _rules() -> bytes:
    """Return what differs once the software reads files otherwise."""
    package = Path(__file__).parent.parent
    return b"".join((package / f"{name}.py").read_bytes() for name in _RULES)


if __name__ == "__main__":
    main()
