"""Refusals of the rules: one tree, each with an English msgid the outer floors translate."""

from __future__ import annotations

from collections.abc import Callable


def N_(msgid: str) -> str:
    """Mark `msgid` for extraction into the catalogues and return it unchanged.

    The floor that shows the message translates it; core never knows the reader's language.
    """
    return msgid


SYSTEM_REASONS = frozenset(
    (
        N_("No such file or directory"),
        N_("Permission denied"),
        N_("Operation not permitted"),
        N_("File exists"),
        N_("Is a directory"),
        N_("Not a directory"),
        N_("Directory not empty"),
        N_("File name too long"),
        N_("No space left on device"),
        N_("Disk quota exceeded"),
        N_("Read-only file system"),
        N_("Input/output error"),
        N_("Too many open files"),
        N_("Bad file descriptor"),
        N_("Address already in use"),
        N_("Connection refused"),
        N_("Connection reset by peer"),
        N_("Network is unreachable"),
        N_("No route to host"),
        N_("Name or service not known"),
        N_("Temporary failure in name resolution"),
        N_("timed out"),
        N_("certificate has expired"),
        N_("certificate is not yet valid"),
        N_("self-signed certificate"),
        N_("self-signed certificate in certificate chain"),
        N_("unable to get local issuer certificate"),
        N_("Hostname mismatch"),
        N_("IP address mismatch"),
        N_("database disk image is malformed"),
        N_("file is not a database"),
        N_("database is locked"),
        N_("disk I/O error"),
        N_("unable to open database file"),
        N_("attempt to write a readonly database"),
        N_("database or disk is full"),
        N_("Compressed file ended before the end-of-stream marker was reached"),
    )
)
"""What Linux, OpenSSL, SQLite and Python say of a failure, as a sentence of ours may quote it."""


def reason_of(error: BaseException) -> str:
    """Return what the system says of a failure, without its number and file, for such a quote."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy keeps the driver's own error there
    return getattr(cause, "strerror", None) or str(cause)


class WardsiteError(Exception):
    """A refusal that a person can be told about.

    `msgid` is an English sentence marked with `N_`, with `%(name)s` places filled by `params`.
    `str(error)` is the English sentence, for logs and the command line.
    """

    def __init__(self, msgid: str, **params: object) -> None:
        """Keep `msgid` and `params` apart so that the sentence can be translated before filling."""
        super().__init__(msgid)
        self.msgid = msgid
        self.params = params

    def __str__(self) -> str:
        """Return the English sentence with its places filled."""
        return self.msgid % self.params

    def said(self, translate: Callable[[str], str]) -> str:
        """Return the sentence in another language, and so what it quotes."""
        params = {name: quoted(value, translate) for name, value in self.params.items()}
        return translate(self.msgid) % params

    def plain_params(self) -> dict[str, str | int | float]:
        """Return `params` as JSON can keep them: numbers, and texts of at most 500 characters."""
        return {
            name: value if isinstance(value, int | float) else str(value)[:500]
            for name, value in self.params.items()
        }


def quoted(value: object, translate: Callable[[str], str]) -> object:
    """Return a value as a sentence in another language quotes it."""
    if isinstance(value, WardsiteError):
        return value.said(translate)
    return translate(value) if isinstance(value, str) and value in SYSTEM_REASONS else value


class NotFoundError(WardsiteError):
    """There is no such thing, or not for whoever asks."""

    def __init__(self, msgid: str = N_("This page does not exist."), **params: object) -> None:
        """Say no more than that the page does not exist, unless `msgid` does."""
        super().__init__(msgid, **params)


class NotAllowedError(WardsiteError):
    """The officer's role does not allow this."""


class MandatedItemError(NotAllowedError):
    """The parent unit ordered the item: no officer of this unit changes, hides or deletes it.

    `section` and `item_id` name it as the district file does, so that whoever knows the file can
    say which dispatch (công văn) orders it.
    """

    def __init__(self, section: str, item_id: str) -> None:
        """Keep which item was to be changed."""
        super().__init__(
            N_("This is required by the parent unit. You can view it here but not change it.")
        )
        self.section = section
        self.item_id = item_id
