"""When the last proven backup is too old, in the words that officers and the doctor read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from wardsite.central.alarms import Alarm
from wardsite.core.backup import SECRET_KEY
from wardsite.core.errors import N_, WardsiteError
from wardsite.ops.proof import Proof, last_proof
from wardsite.settings import Settings

TOO_OLD = timedelta(days=2)
FAULT_AFTER = timedelta(days=7)


def proof_alarms(settings: Settings, now: datetime) -> tuple[Alarm, ...]:
    """Return the alarm about backups, or none: a proof is at most two days old, or cannot be yet.

    A database server has its own backups, of which nothing is known here.
    """
    if settings.database_url:
        return ()
    proof = last_proof(settings.instance)
    since = proof.made_at if proof else _beginning(settings.instance)
    if since is None:
        return ()
    age = now - since
    if age <= TOO_OLD:
        return ()
    return (Alarm("backup", age > FAULT_AFTER, _message(proof, age), _advice(), since),)


def _message(proof: Proof | None, age: timedelta) -> WardsiteError:
    if proof is None:
        return WardsiteError(N_("No backup of this site has been verified yet."))
    return WardsiteError(N_("The last verified backup is %(days)d days old."), days=age.days)


def _advice() -> WardsiteError:
    return WardsiteError(
        N_("Run “wardsite backup” and check that the “wardsite tick” timer is enabled.")
    )


def _beginning(instance: Path) -> datetime | None:
    """Return since when there is something to back up: the key is made once, at the beginning.

    Without the key there is no telling, and worse to be told.
    """
    try:
        return datetime.fromtimestamp((instance / SECRET_KEY).stat().st_mtime, UTC)
    except OSError:
        return None
