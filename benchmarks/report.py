"""The figures as tables, beside the budgets of the design, and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import COLUMNS, ROWS, Session, Work

MB = 1_000_000

# Budgets.  Those in bytes are multiples of what `less` writes at 120x40.
START = 1.25  # times the empty app, for features up to 1 MB
GROWTH = 1.0  # milliseconds for each megabyte
MEMORY, MEMORY_PER_MB = 6.0, 1.2  # megabytes over the empty app
LATENCY = {"line": 1.1, "page": 2.2}  # times a one-row repaint, from the key to the frame
CPU = {("resize", "10 MB"): 12.0}  # milliseconds
BYTES = {"line, zen": 2 * 125, "page, zen": round(1.3 * 2_995)}


@dataclass(frozen=True)
class Report:
    """The medians of all rounds: of the empty app and of each feature."""

    rounds: int
    empty: Session
    features: dict[str, Session]
    sizes: dict[str, int]
    """Bytes of each feature."""

    def text(self) -> str:
        """The figures for reading."""
        heading = f"{machine()}\n{COLUMNS}x{ROWS}, medians of {self.rounds} rounds"
        start = _table(self._start(), "lrrlrrrrlr")
        return "\n\n".join([heading, start, _table(self._work(), "llrrlrrlrl")])

    def json(self) -> str:
        """The figures for programs."""
        return json.dumps({"machine": machine(), "columns": COLUMNS, "rows": ROWS, **asdict(self)}, indent=1)

    def _start(self) -> list[Sequence[str]]:
        base = self.empty
        paint, cpu = _time(base.first_paint, 1, 0), _time(base.start_cpu, 1, 0)
        memory, screen = _mb(base.memory), _b(base.first_screen)
        rows: list[Sequence[str]] = [
            ("start", "first paint", "ratio", "", "CPU", "ratio", "memory", "over empty", "", "first screen"),
            ("empty app", *paint, "", *cpu, memory, "", "", screen),
        ]
        for name, run in self.features.items():
            ratio, size = run.first_paint / base.first_paint, self.sizes[name] / MB
            more = (run.memory - base.memory) / MB
            rows.append(
                (
                    name,
                    *_time(run.first_paint, ratio, 0),
                    _verdict(ratio, START if size <= 1 else None, "x"),
                    *_time(run.start_cpu, run.start_cpu / base.start_cpu, 0),
                    _mb(run.memory),
                    f"{more:.1f} MB",
                    _verdict(more, MEMORY + MEMORY_PER_MB * size, " MB"),
                    _b(run.first_screen),
                )
            )
        first, *_, last = self.features
        longer = self.features[last].first_paint - self.features[first].first_paint
        growth = longer / (self.sizes[last] - self.sizes[first]) * MB
        rows.append(("growth", f"{growth:.1f} ms/MB", "", _verdict(growth, GROWTH, " ms/MB"), *[""] * 6))
        return rows

    def _work(self) -> list[Sequence[str]]:
        row = self.empty.work["row"]
        rows: list[Sequence[str]] = [
            ("step", "feature", "to frame", "ratio", "", "CPU", "ratio", "", "bytes", ""),
            (
                "one row",
                "empty app",
                *_latency(row, row),
                "",
                *_time(row.cpu, 1, 2),
                "",
                _b(row.bytes),
                "",
            ),
        ]
        for step in next(iter(self.features.values())).work:
            for name, run in self.features.items():
                work = run.work[step]
                latency = (work.latency or 0) / (row.latency or 1)
                by_latency = _verdict(latency, LATENCY.get(step), "x")
                by_time = _verdict(work.cpu, CPU.get((step, name)), " ms")
                by_bytes = _verdict(work.bytes, BYTES.get(step), " B")
                cost = _time(work.cpu, work.cpu / row.cpu, 2)
                size = _b(work.bytes)
                rows.append((step, name, *_latency(work, row), by_latency, *cost, by_time, size, by_bytes))
        return rows


def machine() -> str:
    """The machine in one line: processor, cores, system, Python, Textual."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    for line in information.read_text().splitlines() if information.exists() else ():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, Textual {version('textual')}"
    )


def _latency(work: Work, row: Work) -> tuple[str, str]:
    if work.latency is None or row.latency is None:
        return "", ""
    return _time(work.latency, work.latency / row.latency, 1)


def _time(milliseconds: float, ratio: float, digits: int) -> tuple[str, str]:
    return f"{milliseconds:.{digits}f} ms", f"{ratio:.2f}"


def _mb(size: float) -> str:
    return f"{size / MB:.1f} MB"


def _b(size: float) -> str:
    return f"{size:,.0f} B"


def _verdict(figure: float, budget: float | None, unit: str) -> str:
    """The budget, and whether the figure keeps to it; nothing where there is no budget."""
    if budget is None:
        return ""
    return f"≤ {budget:,.6g}{unit} {'met' if figure <= budget else 'missed'}"


def _table(rows: list[Sequence[str]], alignment: str) -> str:
    """The rows in columns; `alignment` holds an l or an r for each."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, alignment, strict=True)
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
