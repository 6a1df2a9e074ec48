"""How commands speak on a terminal: Click's words, a refusal in one line, a bar of progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from wardsite.core.errors import N_, WardsiteError
from wardsite.language import explain_on_terminal

# Click's own words, so that the catalogue has them.
_CLICK = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("Try '{command} {option}' for help."),
    N_("Error: {message}"),
    N_("Aborted!"),
)


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


class PlainErrors(click.Group):
    """A group that turns every refusal into one line."""

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
