"""Questions to a terminal, and every way in which it may answer them, or not."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key

from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.probe import Answers, ask, collect, combined, may_ask, parse
from tests.terminal import Terminal

LONG = 20.0
"""Seconds that no answer takes."""
SHORT = 0.02
NO, YES = b"\x1b[?69;0$y", b"\x1b[?2026;2$y"
HERE = b"\x1b[7;1R"


class Line:
    """A line with a program at one end and, at the other, whatever a test lets answer."""

    def __init__(self) -> None:
        self.far, self.near = os.openpty()
        self.asked = b""
        self.before = termios.tcgetattr(self.near)
        self._thread: threading.Thread | None = None

    def answering(self, *parts: bytes) -> None:
        """Answer with these bytes, one write after the other, once all is asked."""

        def answer() -> None:
            self.take()
            for part in parts:
                os.write(self.far, part)

        self._thread = threading.Thread(target=answer, daemon=True)
        self._thread.start()

    def take(self) -> bytes:
        """What was asked, to its end."""
        while not self.asked.endswith(b"\x1b[K"):
            self.asked += os.read(self.far, 4096)
        return self.asked

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self.near) == self.before

    def waiting(self) -> bytes:
        """What the next reader finds."""
        os.set_blocking(self.near, False)
        attributes = termios.tcgetattr(self.near)
        attributes[3] &= ~termios.ICANON
        termios.tcsetattr(self.near, termios.TCSANOW, attributes)
        try:
            return os.read(self.near, 1 << 20)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        if self._thread is not None:
            self._thread.join(LONG)
        for end in (self.far, self.near):
            with suppress(OSError):
                os.close(end)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


# -- Answers


def test_a_terminal_that_answers_at_once(line: Line) -> None:
    line.answering(NO + YES + HERE)
    answers = collect(ask(line.near, line.near), LONG)
    assert answers._replace(round_trip=None) == Answers(margins=False, synchronized=True, asked=True)
    assert answers.round_trip is not None
    assert 0 < answers.round_trip < LONG
    assert line.is_as_before()


def test_answers_in_pieces_with_keys_between(line: Line) -> None:
    whole = b"j" + b"\x1b[?69;2$y" + b"\x1b[B" + YES + b"q\r" + HERE
    line.answering(*(whole[at : at + 1] for at in range(len(whole))))
    answers = collect(ask(line.near, line.near), LONG)
    assert (answers.margins, answers.synchronized) == (True, True)
    assert answers.typed == b"j\x1b[Bq\r"
    assert line.waiting() == b""


@pytest.mark.parametrize(
    ("state", "usable"),
    [(b"0", False), (b"1", True), (b"2", True), (b"3", True), (b"4", False), (b"9", False)],
)
def test_which_reports_of_a_mode_mean_that_it_can_be_used(state: bytes, usable: bool) -> None:
    answers = parse(b"\x1b[?69;%b$y\x1b[?2026;%b$y" % (state, state) + HERE)
    assert (answers.margins, answers.synchronized) == (usable, usable)


def test_what_is_not_answered_before_the_last_answer_is_not_there(line: Line) -> None:
    line.answering(HERE)
    assert collect(ask(line.near, line.near), LONG)[:3] == (False, False, None)


def test_a_terminal_that_never_answers(line: Line) -> None:
    asking = ask(line.near, line.near)
    os.write(line.far, b"jjk")
    assert collect(asking, SHORT) == Answers(typed=b"jjk", asked=True)
    assert line.is_as_before()


def test_a_late_answer_is_left_to_whoever_reads_next(line: Line) -> None:
    asking = ask(line.near, line.near)
    line.take()
    assert collect(asking, SHORT, restore=False) == Answers(asked=True)
    os.write(line.far, NO + YES + HERE)
    assert line.waiting() == NO + YES + HERE
    asking.restore()
    assert line.is_as_before()


def test_half_an_answer_is_not_lost(line: Line) -> None:
    asking = ask(line.near, line.near)
    os.write(line.far, NO + YES[:5])
    answers = collect(asking, SHORT)
    assert (answers.margins, answers.synchronized) == (False, None)
    assert answers.typed == YES[:5]


@pytest.mark.parametrize("answer", [NO, YES, b"\x1b[?2026;0$y", HERE, b"\x1b[24;80R"])
def test_the_framework_swallows_late_answers(answer: bytes) -> None:
    """What this module counts on; a key would be taken as typed by the reader."""
    for cut in range(1, len(answer)):
        parser = XTermParser()
        messages = [*parser.feed(answer[:cut].decode()), *parser.feed(answer[cut:].decode())]
        assert [message for message in messages if isinstance(message, Key)] == []


@pytest.mark.parametrize(
    ("column", "utf8"), [(b"2", True), (b"4", False), (b"1", None), (b"3", None), (b"99999", None)]
)
def test_whether_a_character_of_three_bytes_is_one(line: Line, column: bytes, utf8: bool | None) -> None:
    line.answering(b"\x1b[5;%bR" % column)
    assert collect(ask(line.near, line.near, encoding=True), LONG).utf8 is utf8


def test_what_is_asked(line: Line) -> None:
    asked = {}
    for modes, encoding in ((True, False), (False, False), (True, True)):
        line.asked = b""
        ask(line.near, line.near, modes=modes, encoding=encoding).restore()
        asked[modes, encoding] = line.take()
    assert asked[False, False] == b"\r\x1b[6n\r\x1b[K"
    assert asked[True, False] == b"\r\x1b[?69$p\x1b[?2026$p\x1b[6n\r\x1b[K"
    glyph = re.search(rb"\r([\x80-\xff]+)\x1b\[6n", asked[True, True])
    assert glyph is not None
    assert len(glyph[1]) == 3
    assert all(byte >= 0xA0 for byte in glyph[1])  # no control character of ISO 8859


# -- Hostile ones


@given(
    st.lists(st.sampled_from([NO, YES, HERE, b"\x1b", b"[", b"?", b";", b"$y", b"R", b"9" * 9]) | st.binary())
)
def test_whatever_comes_is_either_an_answer_or_typed(parts: list[bytes]) -> None:
    data = b"".join(parts)
    answers = parse(data, encoding=True)
    assert len(answers.typed) <= len(data)
    if b"\x1b" not in data:
        assert answers == Answers(typed=data)


def test_a_flood_ends(line: Line) -> None:
    asking = ask(line.near, line.near)
    flood = b"\x1b[?1;2$x" * 40_000
    stop = threading.Event()

    def pour() -> None:
        left = flood
        os.set_blocking(line.far, False)
        while left and not stop.is_set():
            with suppress(BlockingIOError):
                left = left[os.write(line.far, left[:1000]) :]

    pouring = threading.Thread(target=pour, daemon=True)
    pouring.start()
    answers = collect(asking, LONG)
    stop.set()
    pouring.join(LONG)
    assert answers.round_trip is None
    assert len(answers.typed) < 100_000
    assert line.is_as_before()


# -- No terminal


def test_nothing_is_asked_where_there_is_no_terminal(line: Line) -> None:
    reading, writing = os.pipe()
    for ends in ((reading, writing), (line.near, writing), (reading, line.near)):
        assert collect(ask(*ends), LONG) == Answers()
    os.close(writing)
    assert os.read(reading, 10) == b""
    os.close(reading)
    os.set_blocking(line.far, False)
    with pytest.raises(BlockingIOError):
        os.read(line.far, 10)


def test_a_terminal_that_is_gone_before_it_is_asked(line: Line) -> None:
    os.close(line.far)
    assert collect(ask(line.near, line.near), LONG) == Answers()


def test_a_terminal_that_goes_while_it_is_asked(line: Line) -> None:
    asking = ask(line.near, line.near)
    os.close(line.far)
    answers = collect(asking, LONG)
    assert answers == Answers(asked=True)


@pytest.mark.parametrize(
    ("term", "environment", "may"),
    [
        ("xterm-256color", {}, True),
        ("linux", {}, True),
        ("", {}, False),
        ("dumb", {}, False),
        ("xterm-256color", {"TERM_PROGRAM": "Apple_Terminal"}, False),
        ("xterm-256color", {"TERM_PROGRAM": "iTerm.app"}, True),
    ],
)
def test_whom_to_ask(term: str, environment: dict[str, str], may: bool) -> None:
    assert may_ask(term, environment) is may


# -- What becomes of them


def test_answers_add_to_what_is_known() -> None:
    known = Capabilities(colours=256, moves=True, encoding="ascii")
    assert combined(known, Answers()) == known
    said = combined(known, Answers(margins=True, synchronized=True, utf8=True))
    assert (said.margins, said.synchronized, said.encoding, said.colours) == (True, True, "utf-8", 256)
    latin = Capabilities(encoding="iso8859-1")
    assert combined(latin, Answers(utf8=False)).encoding == "iso8859-1"
    assert combined(latin, Answers(utf8=True)).encoding == "utf-8"


# -- Under a terminal

ASKING = """
import sys, time
from pulse_tui.terminal.probe import ask, collect
with ask(0, 1, encoding=True) as asking:
    {meanwhile}
    answers = collect(asking, 10)
print(answers.margins, answers.synchronized, answers.utf8)
"""


def asking(meanwhile: str = "pass") -> Terminal:
    return Terminal([sys.executable, "-c", ASKING.format(meanwhile=meanwhile)], columns=40, rows=10)


def test_nothing_of_the_questions_is_left_on_the_screen() -> None:
    with asking() as terminal:
        assert terminal.wait() == 0
        assert terminal.text().strip() == "False True True"
        assert not terminal.attributes_changed()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_line_as_it_was(number: signal.Signals) -> None:
    # In short sleeps: a signal just before a long one would be handled after it.
    with asking("print('ready', flush=True)\n    while True: time.sleep(0.05)") as terminal:
        terminal.wait_for("ready")
        assert terminal.attributes_changed()
        terminal.signal(number)
        assert terminal.wait() == 128 + number
        assert not terminal.attributes_changed()


def test_an_error_meanwhile_leaves_the_line_as_it_was() -> None:
    with asking("raise SystemExit(3)") as terminal:
        assert terminal.wait() == 3
        assert not terminal.attributes_changed()


def test_handlers_of_others_are_left_alone(line: Line) -> None:
    def mine(number: int, frame: object) -> None: ...

    former = signal.signal(signal.SIGTERM, mine)
    try:
        asking = ask(line.near, line.near)
        assert signal.getsignal(signal.SIGTERM) is mine
        asking.restore()
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, former)


def test_a_thread_may_ask_too(line: Line) -> None:
    found: list[Answers] = []
    line.answering(HERE)

    def work() -> None:
        found.append(collect(ask(line.near, line.near), LONG))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(LONG)
    assert found[0].margins is False
