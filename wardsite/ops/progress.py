"""How long work tells whoever waits for it."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with how much is done, and how much there is: bytes, rows or files, as the work counts."""
