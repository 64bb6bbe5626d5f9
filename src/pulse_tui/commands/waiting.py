"""A line on the terminal that tells how far something is while somebody waits for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from pulse_tui.commands.output import PROGRAM
from pulse_tui.text import cells, clean_line, truncate

_PAUSE = 0.1
"""Seconds from one report to the next."""


class Line:
    """The line; it is shown on standard error alone, and only if that is a terminal.

    `monotonic` gives seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._next = monotonic()
        self._shown = 0
        """Cells."""

    def is_due(self) -> bool:
        """Whether it is time for another report; what is asked more often than that costs nothing."""
        now = self._monotonic()
        if now < self._next:
            return False
        self._next = now + _PAUSE
        return True

    def show(self, text: str) -> None:
        """Show a text in place of the one before."""
        if sys.stderr is None or not sys.stderr.isatty():
            return
        try:
            columns = os.get_terminal_size(sys.stderr.fileno()).columns
        except OSError:
            columns = 80
        text = truncate(f"{PROGRAM}: {clean_line(text)}", columns - 1)
        width = cells(text)
        print(f"\r{text}{' ' * (self._shown - width)}", end="", file=sys.stderr, flush=True)
        self._shown = max(width, self._shown)

    def clear(self) -> None:
        """Take it away."""
        if self._shown:
            print(f"\r{' ' * self._shown}\r", end="", file=sys.stderr, flush=True)
            self._shown = 0
