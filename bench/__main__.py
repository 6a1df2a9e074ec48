"""Run the benchmarks: python -m bench [topic …]; exit 1 when a goal is missed.

With --plot: pages at 20 to 200,000 posts, drawn into docs/growth.svg.
"""

import importlib
import pkgutil
import sys
from pathlib import Path

import bench
from bench.row import Row


def topics() -> list[str]:
    """Return the names of the topics, each a module bench_<topic> with `run()`."""
    return sorted(
        module.name.removeprefix("bench_")
        for module in pkgutil.iter_modules(bench.__path__)
        if module.name.startswith("bench_")
    )


def main(chosen: list[str]) -> int:
    """Run the chosen topics, or all, and print a table."""
    if chosen == ["--plot"]:
        return plot()
    unknown = set(chosen) - set(topics())
    if unknown:
        print(f"no such topic: {', '.join(sorted(unknown))}; there are: {', '.join(topics())}")
        return 2
    rows: list[Row] = []
    for topic in chosen or topics():
        print(f"… {topic}", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench.bench_{topic}").run()
    width = max((len(row.what) for row in rows), default=10)
    print(f"{'what':{width}}  {'ours':>14}  {'other':>14}  {'ratio':>8}  goal")
    for row in rows:
        sign = "≤" if row.at_most else "≥"
        verdict = "met" if row.met else "MISSED"
        print(
            f"{row.what:{width}}  {row.ours:>14}  {row.other:>14}  "
            f"{row.ratio:>8.3g}  {sign} {row.goal:g}  {verdict}"
        )
    return 0 if all(row.met for row in rows) else 1


def plot() -> int:
    """Draw how pages grow with the number of posts, and print the figures."""
    from bench import bench_growth

    path = Path(__file__).resolve().parent.parent / "docs" / "growth.svg"
    for what, times in bench_growth.plot(path).items():
        figures = ", ".join(f"{count:,}: {ms * 1000:.1f} ms" for count, ms in times.items())
        print(f"{what}: {figures}")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
