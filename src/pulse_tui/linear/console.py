"""Lines out and lines in, on anything that takes text, and what ends them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from types import FrameType
from typing import BinaryIO, NamedTuple, TextIO

from pulse_tui.document.spoken import UNWRAPPED
from pulse_tui.document.wrap import wrap
from pulse_tui.terminal.letters import Letters
from pulse_tui.text import cells, clean_line

_USUAL_WIDTH, _USUAL_ROWS = 80, 20
_KEPT_ROWS = 2
"""Of a terminal's rows, for the last line of the page before and for the prompt."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class EndedError(Exception):
    """A signal ends the program; `status` is the exit status that a shell has for it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


class Signals:
    """Turns SIGINT, SIGTERM and SIGHUP into one `EndedError`, wherever the program is, unless it is held."""

    def __init__(self) -> None:
        self._held = 0
        self._number = 0
        self._raised = False

    def __enter__(self) -> Signals:
        # What is ignored, as SIGHUP is under nohup, stays so.
        numbers = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._handlers = [(number, signal.signal(number, self._on_signal)) for number in numbers]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers:
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._number = self._number or number
        self._raise()

    def _raise(self) -> None:
        if self._number and not self._held and not self._raised:
            self.leave()  # a second one must not disturb the way out
            raise EndedError(self._number)

    def leave(self) -> None:
        """Take no more notice of signals: the end has come without them, or is under way."""
        self._raised = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let what must not be cut short come to its end first."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._raise()


class Size(NamedTuple):
    """Of a terminal, in cells."""

    columns: int
    rows: int


class Console:
    """Where the reader speaks and listens.

    `width` is in cells; 0 wraps nothing, None takes the terminal's.  `echoes` says whether what is typed
    is seen, so that an answer ends the line that the prompt began.
    """

    def __init__(
        self,
        source: BinaryIO,
        target: TextIO,
        *,
        fit: Callable[[str], str] = str,
        size: Callable[[], Size | None] = lambda: None,
        width: int | None = None,
        echoes: bool = False,
        encoding: str = "utf-8",
    ) -> None:
        self._source = source
        self._target = target
        self._size = size
        self._width = width
        self._echoes = echoes
        self._encoding = encoding
        self.fit = fit
        """A text in characters that can be put out."""

    @property
    def width(self) -> int:
        """Cells of a line at the most, which may be more than any line has."""
        if self._width is not None:
            return self._width or UNWRAPPED
        size = self._size()
        # One cell less, since some terminals go on to the next line as soon as one is full.
        return max(1, size.columns - 1) if size else _USUAL_WIDTH

    @property
    def rows(self) -> int:
        """How many rows a page may take."""
        size = self._size()
        return max(1, size.rows - _KEPT_ROWS) if size else _USUAL_ROWS

    def rows_of(self, line: str) -> int:
        """How many rows a line takes that is wrapped by the terminal, if at all."""
        size = self._size()
        columns = size.columns if size else _USUAL_WIDTH
        return max(1, -(-cells(line) // columns))

    def wrapped(self, text: str) -> list[str]:
        """A text in lines of the width."""
        text = self.fit(clean_line(text))
        return [text[start:end] for start, end in wrap(text, self.width)]

    def put(self, line: str) -> None:
        """Put out one line, which must be fit to be."""
        print(line, file=self._target)

    def say(self, *texts: str) -> None:
        """Say some texts, each from a line of its own."""
        for text in texts:
            for line in self.wrapped(text):
                self.put(line)

    def ask(self, prompt: str) -> str | None:
        """What is typed at a prompt, without white space around it; None at the end of the input."""
        *lines, last = self.wrapped(prompt)
        for line in lines:
            self.put(line)
        print(last, end=" " if self._echoes else "\n", file=self._target, flush=True)
        try:
            answer = self._source.readline()
        except OSError:  # the terminal is gone
            answer = b""
        if not answer:
            if self._echoes:
                self.put("")
            return None
        return clean_line(answer.decode(self._encoding, "replace"))


def console_on(target: TextIO, source: BinaryIO, encoding: str, width: int | None) -> Console:
    """A console on a stream, which is set to an encoding, and on the terminal that the stream may be."""
    if isinstance(target, TextIOWrapper):
        target.reconfigure(encoding=encoding, errors="replace")

    def size() -> Size | None:
        if not target.isatty():
            return None
        columns, rows = os.get_terminal_size(target.fileno())
        return Size(columns, rows) if columns and rows else None  # a serial line tells none

    return Console(
        source,
        target,
        fit=Letters(encoding).fit,
        size=size,
        width=width,
        echoes=source.isatty(),
        encoding=encoding,
    )
