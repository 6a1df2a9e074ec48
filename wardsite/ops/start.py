"""Before serving: room for the database, its upgrade; a bad disk does not keep the site down."""

import logging
from datetime import datetime
from pathlib import Path

from wardsite.core.errors import WardsiteError
from wardsite.ops.schema import is_current, is_damaged
from wardsite.ops.swap import STAGING
from wardsite.serving.disk import give_room, keep_room, takes_writing

_log = logging.getLogger(__name__)


def make_ready(instance: Path, now: datetime) -> None:
    """Make the database ready to be served, or leave the site to the pages kept on disk.

    On a disk that is full or read-only the database may not open: the site starts all the same,
    shows what is kept, and finds the database again once the disk takes writing. So it does when
    the database is damaged, until a backup is restored; nothing is written meanwhile. Raises what
    `upgrade` raises when neither is to blame.
    """
    give_room(instance)
    if (instance / STAGING).exists() or not is_current(instance):
        _upgrade(instance, now)
    keep_room(instance)


def _upgrade(instance: Path, now: datetime) -> None:
    # Imported here: it loads the whole application, which the server's workers do by themselves.
    from wardsite.ops.database import DatabaseError
    from wardsite.ops.upgrade import upgrade

    try:
        upgrade(instance, now)
    except WardsiteError as error:
        if is_damaged(instance):
            _log.error(
                "the database is damaged: nothing is saved, pages kept on disk are served; stop "
                "the site and restore the last proven backup (wardsite restore FILE): %s",
                error,
            )
        elif isinstance(error, DatabaseError) and not takes_writing(instance):
            _log.warning("the disk takes no writing; pages kept on disk are served: %s", error)
        else:
            raise
