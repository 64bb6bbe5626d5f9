"""What is sent of a frame shows the same screen as the frame itself."""

from __future__ import annotations

from random import Random

import pytest

from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities
from pulse_tui.terminal.frames.differ import Differ
from tests.emulator import ByteStream, Screen
from tests.frames import capabilities, pane, written

XTERM = Capabilities(
    colours=TRUECOLOR,
    moves=True,
    scroll_region=True,
    scroll=True,
    insert_lines=True,
    erase_characters=True,
    back_colour_erase=True,
    repeat=True,
    styles_end_singly=True,
)


class Emulated:
    """A screen that shows what is sent to it."""

    def __init__(self, columns: int, rows: int, *, back_colour_erase: bool = True) -> None:
        self.screen = Screen(columns, rows)
        self.screen.back_colour_erase = back_colour_erase
        self._stream = ByteStream(self.screen)
        self.send("\x1b[?7l")

    def send(self, text: str) -> None:
        """Take output; LF stays in its column, as without output processing."""
        self._stream.feed(text.encode())


def equal(seed: int, *, doubtful: bool, frames: int = 15) -> tuple[int, int]:
    """Hold screens of a random pane equal; returns the characters of the frames and of what was sent."""
    random = Random(seed)
    shown = pane(random, doubtful=doubtful)
    can = capabilities(random)
    differ = Differ(shown.columns, shown.rows, can)
    plain = Emulated(shown.columns, shown.rows)
    thrifty = Emulated(shown.columns, shown.rows, back_colour_erase=can.back_colour_erase)
    before = None
    total = sent = 0
    for number in range(frames):
        screen = shown.step()
        frame = written(screen, before, random)
        before = screen
        if random.random() < 0.04:
            differ.forget()
        differ.draw(frame)
        difference = differ.difference()
        plain.send(frame.replace("\n", "\r\n"))
        thrifty.send(difference)
        assert thrifty.screen.cells() == plain.screen.cells(), (seed, number, can, difference[:400])
        total, sent = total + len(frame), sent + len(difference)
    return total, sent


@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("batch", range(10))
def test_random_screens_are_shown_as_they_are(batch: int, doubtful: bool) -> None:
    figures = [equal(1000 * batch + case, doubtful=doubtful) for case in range(20)]
    total, sent = (sum(figure) for figure in zip(*figures, strict=True))
    assert sent < total / 3


@pytest.mark.deep
@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("batch", range(100))
def test_many_random_screens_are_shown_as_they_are(batch: int, doubtful: bool) -> None:
    for case in range(50):
        equal(1_000_000 + 1000 * batch + case, doubtful=doubtful, frames=10)


def test_nothing_is_sent_where_nothing_changed() -> None:
    differ = Differ(80, 24, XTERM)
    frame = "".join(f"\x1b[{y};1Hline {y}" for y in range(1, 25))
    differ.draw(frame)
    assert differ.difference()
    differ.draw(frame)
    assert differ.difference() == ""


def test_a_scrolled_line_costs_its_text() -> None:
    lines = [f"line {number} of a text that goes on and on" for number in range(60)]
    differ = Differ(80, 24, XTERM)
    for top in range(3):
        frame = "".join(f"\x1b[{y + 1};1H{lines[top + y]:<80}" for y in range(24))
        differ.draw(frame)
        difference = differ.difference()
    assert difference == f"\x1b[S\r{lines[25]}"
