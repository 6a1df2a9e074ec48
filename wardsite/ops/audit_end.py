"""The newest line of the audit log as it was last seen: lines cut off at its end are missed.

The chain tells of lines changed or taken out before others; a log without its last lines is a
whole chain too. The file lies beside the database, not in it: whoever can write only the database
cannot make it forget. Against whoever can write both there are the copies kept elsewhere.
"""

from pathlib import Path

from wardsite.accounts import audit
from wardsite.core.errors import N_
from wardsite.filestore import write_atomically
from wardsite.ops.swap import AUDIT_END


def note_end(instance: Path) -> None:
    """Look as `check_end` does, then note the newest line. Raises BrokenChainError, OSError."""
    check_end(instance)
    newest = audit.newest()
    if newest is not None:
        number, line_hash = newest
        write_atomically(instance / AUDIT_END, f"{number} {line_hash}\n".encode(), 0o600)


def check_end(instance: Path) -> None:
    """Raise BrokenChainError when the line that was the newest last time is gone or another."""
    try:
        number, line_hash = (instance / AUDIT_END).read_text(encoding="ascii").split()
        seen = int(number)
    except (OSError, ValueError):  # none noted yet, or a damaged note: no reason for an alarm
        return
    if audit.hash_of(seen) != line_hash:
        raise audit.BrokenChainError(
            N_("The end of the audit log is missing: it used to have a line %(number)s."),
            number=seen,
        )
