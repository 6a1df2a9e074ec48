"""A measured ratio, and how to measure one fairly."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`ratio` of `ours` to `other`, and what it should be: at most or at least `goal`."""

    what: str
    ours: str
    other: str
    ratio: float
    goal: float
    at_most: bool

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def paired(
    ours: Callable[[], object], other: Callable[[], object], rounds: int = 15
) -> tuple[float, float]:
    """Return the median seconds of two calls, timed in turns so that a busy machine hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, kept in ((ours, times[0]), (other, times[1])):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])
