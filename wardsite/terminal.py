"""How commands speak on a terminal: Click's words, a refusal in one line, a bar of progress."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from gettext import gettext, ngettext
from pathlib import Path
from typing import Any

import click

from wardsite.core.errors import N_, WardsiteError
from wardsite.language import explain_on_terminal
from wardsite.settings import instance_folder

# Click's own words, so that the catalogue has them.
_CLICK = (
    N_("Usage:"),
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
    N_("Options"),
    N_("Commands"),
    N_("default: {default}"),
    N_("required"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("%(prog)s, version %(version)s"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Choose from:\n\t{choices}"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("Try '{command} {option}' for help."),
    N_("Error: {message}"),
    N_("Repeat for confirmation"),
    N_("Error: The two entered values do not match."),
    N_("Error: invalid input"),
    N_("Aborted!"),
    ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1
    ),
    ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
    ngettext(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1
    ),
)


class WrongUserError(WardsiteError):
    """The command runs as a user who may not work in the instance folder."""


def own_instance() -> Path:
    """Return the instance folder for a command to work in. Raises WrongUserError.

    To another user a whole database looks read-only, and the advice for that would be wrong.
    """
    folder = instance_folder()
    with suppress(FileNotFoundError):
        try:
            owner = folder.stat().st_uid
        except PermissionError:
            owner = None
        free = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        if not free and os.geteuid() not in (0, owner):
            raise WrongUserError(
                N_(
                    "The user running this command may not work in %(folder)s. Run it as the user "
                    "the folder belongs to: sudo wardsite UNIT COMMAND, or sudo -u USER wardsite "
                    "COMMAND."
                ),
                folder=str(folder),
            )
    return folder


class Refusal(click.ClickException):
    """One clear line and an exit code."""

    def __init__(self, error: WardsiteError, code: int = 1) -> None:
        super().__init__(explain_on_terminal(error))
        self.code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """What the shell gets."""
        return self.code

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


class _Command(click.Command):
    """A command whose line of usage is translated: Click translates all but that."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [gettext(piece) for piece in super().collect_usage_pieces(ctx)]


class PlainErrors(_Command, click.Group):
    """A group that turns every refusal into one line."""

    command_class = _Command
    group_class = type

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WardsiteError as error:
            raise Refusal(error, getattr(error, "exit_code", 1)) from None


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """Draw a bar on a terminal while bytes go by; nothing into a pipe or a log."""
    with click.progressbar(length=1, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show
