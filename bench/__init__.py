"""Benchmarks: ratios measured side by side in one run, one module a topic (`bench_*.py`)."""
