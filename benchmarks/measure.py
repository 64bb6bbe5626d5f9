"""What one session costs: a program is started on a terminal, keys are pressed, and all is metered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.features import DEK
from tests.terminal import Terminal

COLUMNS, ROWS = 120, 40
_NARROW = 100  # columns
_FRAME = 0.06  # seconds of silence after a key's frame; the bars, which follow after a rest, are not counted
_JUMP = 0.2  # the same for a key that may lay out more than a page


@dataclass(frozen=True)
class Work:
    """What one step of a kind costs on average."""

    cpu: float
    """Milliseconds of processor time, in all threads, with what is kept for the idle moment after it."""
    bytes: float
    latency: float | None = None
    """Milliseconds from the key until its frame begins to come, the median; None if no key was timed."""


@dataclass(frozen=True)
class Session:
    """What was measured in one life of a program."""

    first_paint: float
    """Milliseconds from the start until the head of the article stands on the screen."""
    start_cpu: float
    """Milliseconds of processor time until it came to rest; other programs disturb these less."""
    first_screen: int
    """Bytes written until the screen came to rest."""
    memory: int
    """Bytes (PSS) once the start is over."""
    work: dict[str, Work]


def session(
    command: Sequence[str | Path],
    home: Path,
    steps: Callable[[Terminal], dict[str, Work]],
    sign: str = DEK,
) -> Session:
    """Start a program, wait for a text on its screen and until it rests, and take it through the steps."""
    with Terminal(command, columns=COLUMNS, rows=ROWS, home=home) as terminal:
        first_paint = terminal.wait_for(sign, 60)
        _rest(terminal)
        return Session(
            first_paint=first_paint * 1e3,
            start_cpu=terminal.cpu_seconds() * 1e3,
            first_screen=terminal.bytes_received,
            memory=terminal.memory(),
            work=steps(terminal),
        )


def listing(terminal: Terminal) -> dict[str, Work]:
    """Go to the end of the list and back."""
    terminal.press("h", "G", "g")
    _rest(terminal)
    answers = []
    for _ in range(5):
        terminal.press("G")
        terminal.settle(_JUMP)
        answers.append(terminal.answered)
        terminal.press("g")
        terminal.settle(_JUMP)
    return {"G": Work(0, 0, median(answers) * 1e3)}


def one_row(terminal: Terminal) -> dict[str, Work]:
    """The yardstick of repaint costs: `j` in the empty app changes one row."""
    return {"row": keys(terminal, "j", 40)}


def reading(terminal: Terminal, pages: int) -> dict[str, Work]:
    """Scroll by lines, by pages that were not shown before, resize, go back in zen, jump to the end."""
    work = {"line": keys(terminal, "j", 40), "page": keys(terminal, "pagedown", pages)}
    work["resize"] = _meter(
        terminal,
        lambda: terminal.resize(_NARROW, ROWS),
        lambda: terminal.resize(COLUMNS, ROWS),
    )
    terminal.press("z")
    _rest(terminal)
    work["line, zen"] = keys(terminal, "k", 20)
    work["page, zen"] = keys(terminal, "pageup", pages)
    terminal.press("z", "g")
    _rest(terminal)
    work["end"] = _meter(terminal, lambda: terminal.press("G"), lambda: terminal.press("g"))
    return work


def keys(terminal: Terminal, key: str, times: int) -> Work:
    """The mean cost of a key, each press with a frame of its own."""
    cpu, size = terminal.cpu_seconds(), 0
    answers = []
    for _ in range(times):
        terminal.press(key)
        size += terminal.settle(_FRAME)
        answers.append(terminal.answered)
    return Work((terminal.cpu_seconds() - cpu) / times * 1e3, size / times, median(answers) * 1e3)


def _meter(terminal: Terminal, go: Callable[[], None], back: Callable[[], None], times: int = 3) -> Work:
    """The mean cost of a step that is taken back each time; taking it back is not counted."""
    cpu, size = 0.0, 0
    for _ in range(times):
        before = terminal.cpu_seconds()
        go()
        size += terminal.settle(_JUMP)
        cpu += terminal.cpu_seconds() - before
        back()
        _rest(terminal)
    return Work(cpu / times * 1e3, size / times)


def _rest(terminal: Terminal, limit: float = 30) -> None:
    """Wait until the program does nothing any more, not even what it keeps for idle moments."""
    deadline, before = time.perf_counter() + limit, -1.0
    while (now := terminal.cpu_seconds()) - before > 1e-3 and time.perf_counter() < deadline:
        before = now
        terminal.settle(_JUMP)
