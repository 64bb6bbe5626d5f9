"""How much is on its way to a terminal: tried on lines that are reckoned, with clocks of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import pytest

from pulse_tui.terminal.frames.flow import Flow

LINES = {
    "near": (0.001, 10e6),
    "a good line": (0.03, 1e6),
    "a fair one": (0.1, 30e3),
    "a slow one": (0.3, 6e3),
    "a modem": (0.2, 1.2e3),
    "a satellite": (0.6, 60e3),
}
"""Seconds there and back, and bytes a second."""
FRAMES: dict[str, tuple[int, int, int]] = {
    "lines that scroll": (20, 60, 2_400),
    "a pane beside another": (900, 60, 2_300),
    "in many colours": (1_300, 80, 2_700),
}
"""Bytes of a frame, those that each line adds, and how many there are at most."""
FIRST = 3_400
SLACK = 0.1
KEYS, A_SECOND = 90, 30


class Line:
    """A terminal at the end of a line; what is drawn before there is room is sent as one frame."""

    def __init__(self, round_trip: float, rate: float) -> None:
        self.flow = Flow()
        self.round_trip = round_trip
        self.rate = rate
        self.now = 0.0
        self.answers = True
        self.frames = 0
        self.last = 0.0
        """When the last byte arrives."""
        self.most_under_way = 0.0
        """The longest time in seconds that the line had yet to work for when something was sent."""
        self._free = 0.0
        self._coming: deque[float] = deque()
        self._drawn = 0
        self.flow.start()
        self.flow.ask(0.0)
        self._answer()

    def draw(self, count: int) -> None:
        """Draw a frame of so many bytes, over the one that waits."""
        self._drawn = count
        self._emit()

    @property
    def waits(self) -> bool:
        """Whether something is drawn that has not been sent."""
        return self._drawn > 0

    def pass_until(self, moment: float) -> None:
        """Let time pass."""
        while True:
            wake = self.now + self.flow.wait(self.now) if self._drawn else moment
            coming = self._coming[0] if self._coming else moment
            if min(wake, coming) >= moment:
                break
            self.now = min(wake, coming)
            if coming <= wake:
                self._coming.popleft()
                self.flow.answered(self.now)
            self._emit()
        self.now = moment

    def stall(self, seconds: float) -> None:
        """Let nothing pass in either direction for a while."""
        self._coming = deque(max(coming, self.now + seconds) for coming in self._coming)
        self._free = max(self._free, self.now + seconds)

    def forget(self) -> None:
        """Lose the answers that are to come."""
        self._coming.clear()

    def _emit(self) -> None:
        if not self._drawn or not self.flow.has_room(self.now):
            return
        count, self._drawn = self._drawn, 0
        self.frames += 1
        self.most_under_way = max(self.most_under_way, self._free - self.now)
        self._free = max(self._free, self.now) + count / self.rate
        self.last = self._free + self.round_trip / 2
        if self.flow.sent(count, self.now):
            self._answer()

    def _answer(self) -> None:
        if self.answers:
            self._coming.append(max(self._free, self.now) + self.round_trip)


def settled(name: str) -> Line:
    """A line over which a first screen and two pages came."""
    line = Line(*LINES[name])
    for moment in (0.1, 10.0, 20.0):
        line.pass_until(moment)
        line.draw(FIRST)
    line.pass_until(30.0)
    return line


def hold(line: Line, frame: Callable[[int], int]) -> float:
    """Hold a key down; the seconds from letting it go until the last byte comes."""
    start, merged, frames = line.now, 0, line.frames
    for number in range(KEYS):
        line.pass_until(start + number / A_SECOND + line.round_trip / 2)
        merged = merged + 1 if line.waits else 1
        line.draw(frame(merged))
        if line.frames > frames:
            frames = line.frames
    line.pass_until(start + 60.0)
    return line.last - (start + KEYS / A_SECOND)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("name", LINES)
def test_a_held_key_does_not_run_on(name: str, kind: str) -> None:
    """When it is let go, hardly more than two frames are under way: one that is coming, one that waits."""
    fixed, each, most = FRAMES[kind]
    line = settled(name)
    overrun = hold(line, lambda lines: min(fixed + each * lines, most))
    assert overrun <= line.round_trip + SLACK + 2.5 * most / line.rate
    assert not line.waits
    if kind == "lines that scroll" and name != "a modem":
        assert overrun <= line.round_trip + 0.05
        assert line.frames >= KEYS  # the line takes them all


@pytest.mark.parametrize("name", LINES)
def test_what_is_known_of_a_line(name: str) -> None:
    """Neither a full line nor an idle one is taken for another."""
    line = settled(name)
    for kind in ("in many colours", "lines that scroll", "in many colours"):
        fixed, each, most = FRAMES[kind]
        hold(line, lambda lines, fixed=fixed, each=each, most=most: min(fixed + each * lines, most))  # type: ignore[misc]
        assert line.flow.round_trip == pytest.approx(line.round_trip, rel=0.35, abs=0.005)
        if line.rate < 100e3:
            assert line.flow.rate == pytest.approx(line.rate, rel=0.35)


@pytest.mark.parametrize("name", ["a good line", "a fair one", "a slow one", "a modem"])
def test_a_line_on_which_every_frame_is_large(name: str) -> None:
    """How long the way is and how long drawing takes are told apart by frames of different sizes."""
    line = Line(*LINES[name])
    line.forget()
    line.flow = Flow()
    line.flow.start()
    for count in (3_143, 929, 919, 920, 920, 915, 2_036):
        line.draw(count)
        line.pass_until(line.now + 5)
    assert line.flow.round_trip == pytest.approx(line.round_trip, rel=0.35)
    if line.rate < 100e3:
        assert line.flow.rate == pytest.approx(line.rate, rel=0.35)
    overrun = hold(line, lambda lines: min(860 + 60 * lines, 2_300))
    assert overrun <= line.round_trip + SLACK + 2.5 * 2_300 / line.rate


def test_a_line_that_becomes_another() -> None:
    """As when a laptop goes from a desk to a train."""
    line = settled("a fair one")
    line.round_trip, line.rate = LINES["a slow one"]
    for step in range(30):
        line.draw(90 if step % 3 else FIRST)
        line.pass_until(line.now + 5)
    assert line.flow.round_trip == pytest.approx(0.3, rel=0.35)
    assert line.flow.rate == pytest.approx(6e3, rel=0.35)


def test_a_silent_terminal_gets_everything_after_a_while() -> None:
    line = Line(0.0, 1e6)
    line.forget()
    line.answers = False
    line.draw(FIRST)
    line.draw(FIRST)
    assert line.waits
    line.pass_until(2.0)
    assert not line.waits
    assert line.flow.silent
    assert line.flow.patience(line.now) == 0  # nobody waits for it at the end
    for _ in range(100):
        line.draw(FIRST)
        assert not line.waits


def test_a_terminal_that_answers_late_is_asked_again() -> None:
    line = Line(2.5, 60e3)
    line.draw(FIRST)
    line.draw(FIRST)
    line.pass_until(2.0)
    assert line.flow.silent
    line.pass_until(6.0)
    assert not line.flow.silent
    for _ in range(10):
        line.draw(FIRST)
        line.pass_until(line.now + 10)
    assert line.flow.round_trip == pytest.approx(2.5, rel=0.35)


def test_a_stall_lets_little_pile_up() -> None:
    """And when it is over, late answers say nothing of the line."""
    line = settled("a slow one")
    line.draw(1_000)
    line.stall(60)
    start = line.now
    while line.now < start + 60:
        line.pass_until(line.now + 1 / A_SECOND)
        line.draw(1_000)
    assert line.most_under_way - 60 < 5  # seconds
    line.pass_until(start + 90)
    assert not line.waits
    overrun = hold(line, lambda lines: min(900 + 60 * lines, 2_300))
    assert overrun < line.round_trip + SLACK + 2.5 * 2_300 / line.rate


def test_an_answer_that_is_lost() -> None:
    """Drawing goes on, and soon as before."""
    line = settled("a slow one")
    line.draw(FIRST)
    line.forget()
    line.draw(FIRST)
    assert line.waits
    line.pass_until(line.now + 6)
    assert not line.waits
    for _ in range(5):
        line.pass_until(line.now + 2)
        line.draw(FIRST)
        assert not line.waits
    assert line.flow.round_trip == pytest.approx(0.3, rel=0.35)


def test_small_frames_are_not_asked_about() -> None:
    flow = Flow()
    flow.start()
    assert not flow.sent(30, 0.0)
    assert flow.sent(30, 0.1)
    flow.answered(0.101)
    assert [flow.sent(300, 1.0 + step) for step in range(7)] == [*[False] * 6, True]
