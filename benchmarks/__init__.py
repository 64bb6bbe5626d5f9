"""Benchmarks of pulse-tui: `python -m benchmarks` prints ratios that were measured in one run."""
