"""Ask a terminal what it can do; its answers travel while the program still loads.

All questions are such that an answer which comes too late is swallowed by the framework's own parser: reports
of modes (DECRQM, DEC STD 070) and of the cursor's position (CPR, ECMA-48 8.3.14).  The cursor report is the
last one, so whatever was not answered when it comes will not be.
"""

from __future__ import annotations

import os
import re
import select
import signal
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, NamedTuple

from pulse_tui.terminal.capabilities import Capabilities

MARGINS, SYNCHRONIZED = 69, 2026
_QUESTIONS = b"\x1b[?69$p\x1b[?2026$p"
_POSITION = b"\x1b[6n"
_THREE_BYTES = "\N{LATIN CAPITAL LETTER L WITH DOUBLE BAR}".encode()
"""One cell in UTF-8; none of the bytes is a control character where each of them is a character."""
_WIDTHS = {2: True, 4: False}
"""The column after it, and whether that is UTF-8."""
# Those that print some of a question, do it on a line of their own, which is erased: Apple's Terminal a `p`
# (https://github.com/Textualize/textual/issues/1622), and over SSH it cannot be told from others.
_ERASED = b"\r\x1b[K"
_MOST = 65_536
"""Bytes of keys and answers that are taken; the rest waits for whoever reads next."""
_HALF_SECONDS = 0.05
"""How long the rest of an answer is waited for that has come in part."""

_mode_reports = re.compile(rb"\x1b\[\?(\d{1,5});(\d)\$y")
_position_reports = re.compile(rb"\x1b\[(\d{1,5});(\d{1,5})R")
_unfinished = re.compile(rb"\x1b(?:\[(?:\??[0-9;]*\$?)?)?\Z")


class Answers(NamedTuple):
    """What a terminal said; None where it said nothing."""

    margins: bool | None = None
    synchronized: bool | None = None
    utf8: bool | None = None
    """Whether it reads its input as UTF-8."""
    round_trip: float | None = None
    """Seconds until the answer was taken: at most so long is the way there and back."""
    typed: bytes = b""
    """Keys that came meanwhile, for whoever reads keys."""
    asked: bool = False
    """Whether anything was asked; an answer may still come where there is no round trip."""


def may_ask(term: str, environment: Mapping[str, str]) -> bool:
    """Whether a terminal by this name answers, and prints no rubbish."""
    return term not in ("", "dumb", "unknown") and environment.get("TERM_PROGRAM") != "Apple_Terminal"


def ask(fd_in: int, fd_out: int, *, modes: bool = True, encoding: bool = False) -> Asking:
    """Send the questions; the terminal neither echoes nor waits for lines until it is restored.

    `modes` asks for margins and synchronized output: not of a terminal without an alternate screen, for those
    are old, and Linux's console printed parts of it (before the kernel's commit 7a99565f8732).  `encoding`
    asks whether one character of three bytes takes one cell.
    """
    asking = Asking(fd_in, fd_out, modes=modes, encoding=encoding)
    asking.start()
    return asking


def round_trips(fd_in: int, fd_out: int, count: int, timeout: float, load: bytes = b"") -> list[float]:
    """Seconds that each of `count` questions took there and back, sent after a load; none after a silence.

    What is typed meanwhile is lost, so this is for a program that expects no keys.
    """
    times: list[float] = []
    while len(times) < count:
        asking = Asking(fd_in, fd_out, modes=False, encoding=False)
        asking.start(load)
        taken = collect(asking, timeout).round_trip
        if taken is None:
            break
        times.append(taken)
    return times


def collect(asking: Asking, timeout: float, *, restore: bool = True) -> Answers:
    """The answers, waiting at most `timeout` seconds more for them; then the terminal is as it was.

    Without `restore` it stays silent for answers that come late, until the caller calls `asking.restore`.
    """
    try:
        return asking.collect(timeout)
    finally:
        if restore:
            asking.restore()


def combined(capabilities: Capabilities, answers: Answers) -> Capabilities:
    """What is known of a terminal together with what it said itself."""
    return capabilities._replace(
        margins=bool(answers.margins),
        synchronized=bool(answers.synchronized),
        encoding="utf-8" if answers.utf8 else capabilities.encoding,
    )


class Asking:
    """Questions under way to a terminal; leave it as a context manager, or by `restore`."""

    def __init__(self, fd_in: int, fd_out: int, *, modes: bool, encoding: bool) -> None:
        self._fd_in = fd_in
        self._fd_out = fd_out
        self._modes = modes
        self._encoding = encoding
        self._sent: float | None = None
        self._handlers: list[tuple[int, Any]] = []
        self.attributes: list[Any] | None = None
        """The line's attributes as they were before; None where there is no terminal."""

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def start(self, load: bytes = b"") -> None:
        """Silence the line and send the questions; where there is no terminal, nothing happens."""
        if not (os.isatty(self._fd_in) and os.isatty(self._fd_out)):
            return
        try:
            self.attributes = termios.tcgetattr(self._fd_in)
            self._guard()
            silent = termios.tcgetattr(self._fd_in)
            silent[0] &= ~termios.ICRNL  # Enter is what a program with a screen expects
            silent[3] &= ~(termios.ECHO | termios.ICANON)  # Ctrl+C still interrupts
            silent[6][termios.VMIN], silent[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._fd_in, termios.TCSANOW, silent)
            self._sent = time.monotonic()
            self._send(
                load
                + b"\r"
                + (_QUESTIONS if self._modes else b"")
                + (b"\r" + _THREE_BYTES if self._encoding else b"")
                + _POSITION
                + _ERASED
            )
        except (OSError, termios.error):  # gone, or it takes nothing
            self._sent = None
            self.restore()
        except BaseException:
            self.restore()
            raise

    def collect(self, timeout: float) -> Answers:
        """The answers that have come, or come within `timeout` seconds."""
        if self._sent is None or self.attributes is None:
            return Answers()
        data = b""
        end = time.monotonic() + timeout
        round_trip: float | None = None
        while round_trip is None and len(data) < _MOST:
            more = self._read(end - time.monotonic())
            if not more and _unfinished.search(data):
                more = self._read(_HALF_SECONDS)
            if not more:
                break
            data += more
            if _position_reports.search(data):
                round_trip = time.monotonic() - self._sent
        self._sent = None
        return parse(data, modes=self._modes, encoding=self._encoding)._replace(
            round_trip=round_trip, asked=True
        )

    def restore(self) -> None:
        """Give the line its attributes back; may be called again."""
        if self.attributes is None:
            return
        with suppress(OSError, termios.error):  # it may be gone
            termios.tcsetattr(self._fd_in, termios.TCSANOW, self.attributes)
        self.attributes = None
        for number, handler in self._handlers:
            signal.signal(number, handler)
        self._handlers.clear()

    # Inside

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd_out, data) :]

    def _read(self, timeout: float) -> bytes:
        try:
            if select.select([self._fd_in], [], [], max(0.0, timeout))[0]:
                return os.read(self._fd_in, 4096)
        except OSError:
            pass  # a hang-up: no answer will come
        return b""

    def _guard(self) -> None:
        """Restore the line before a signal ends the program, until something else sees to that."""
        try:
            for number in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) == signal.SIG_DFL:
                    self._handlers.append((number, signal.signal(number, self._on_signal)))
        except ValueError:
            pass  # only the main thread may

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.restore()
        os.kill(os.getpid(), number)


def parse(data: bytes, *, modes: bool = True, encoding: bool = False) -> Answers:
    """What the bytes that came from a terminal say; what is no answer is left as typed."""
    position = _position_reports.search(data)
    if position is None:
        said, rest = _mode_reports.findall(data), _mode_reports.sub(b"", data)
        never: bool | None = None
    else:
        before, after = data[: position.start()], data[position.end() :]
        said, rest = _mode_reports.findall(before), _mode_reports.sub(b"", before) + after
        never = False if modes else None
    reports = {int(number): state in b"123" for number, state in said}
    return Answers(
        margins=reports.get(MARGINS, never),
        synchronized=reports.get(SYNCHRONIZED, never),
        utf8=_WIDTHS.get(int(position[2])) if encoding and position else None,
        typed=rest,
    )
