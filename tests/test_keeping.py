"""However the reader is left, the place is in the state file, and the next time the text stands there."""

from __future__ import annotations

import re
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from pulse_tui.article import Reading
from pulse_tui.storage.state.state import StateStore
from tests.terminal import Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
NO_HANG_UP = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]
SOON = 4.0
"""Seconds within which the reader must be gone: more than `leaving.GRACE_SECONDS`, for a busy machine."""
STORY = "---\ntitle: A Story\npublished: 2099-01-01\nid: story\n---\n\n" + "\n\n".join(
    f"Paragraph {number} has words that fill a line, and then some more for the next line."
    for number in range(200)
)

# Runs the reader with something changed in it; what follows are its arguments.
CHANGED = "import sys, time\nfrom pulse_tui import cli\n{change}\nsys.exit(cli.main(sys.argv[1:]))"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder whose library has one feature of the reader's own, the newest."""
    folder = tmp_path / ".local" / "share" / "pulse-tui" / "articles"
    folder.mkdir(parents=True)
    (folder / "story.md").write_text(STORY)
    return tmp_path


def state_path(home: Path) -> Path:
    return home / ".local" / "state" / "pulse-tui" / "state.sqlite"


def kept(home: Path) -> Reading:
    """What another program finds in the state file."""
    store = StateStore(state_path(home), clock=time.time)
    try:
        assert store.notice is None
        return store.reading("story")
    finally:
        store.close()


def reader(home: Path, *, before: Sequence[str] = (), change: str = "", columns: int = 80) -> Terminal:
    pulse = [sys.executable, "-c", CHANGED.format(change=change)] if change else PULSE
    return Terminal([*before, *pulse], columns=columns, rows=24, home=home)


def top(terminal: Terminal) -> int:
    """The number of the first paragraph on the screen."""
    terminal.wait_for(lambda text: re.search(r"Paragraph \d+", text) is not None, 20)
    terminal.settle()
    return min(map(int, re.findall(r"Paragraph (\d+)", terminal.text())))


@pytest.fixture
def moved(home: Path) -> Iterator[Callable[..., tuple[Terminal, int]]]:
    """Opens the reader and moves on; the terminal, and the paragraph on top."""
    terminals: list[Terminal] = []

    def open_and_move(**options: object) -> tuple[Terminal, int]:
        terminal = reader(home, **options)  # type: ignore[arg-type] # as they are named there
        terminals.append(terminal)
        assert top(terminal) == 0
        terminal.press("space", "space", "space")
        terminal.settle(0.05)
        number = top(terminal)
        assert number > 5
        return terminal, number

    yield open_and_move
    for terminal in terminals:
        terminal.close()


def gone(terminal: Terminal, limit: float = SOON) -> bool:
    deadline = time.monotonic() + limit
    while terminal.running and time.monotonic() < deadline:
        terminal.settle(0.02)
    return not terminal.running


def leave_by_levels(terminal: Terminal) -> None:
    terminal.press("q")
    terminal.settle()
    terminal.press("q")


LEAVING: dict[str, Callable[[Terminal], None]] = {
    "Q": lambda terminal: terminal.press("Q"),
    "q": leave_by_levels,
    "Ctrl+C": lambda terminal: terminal.press("ctrl+c"),
    "SIGTERM": lambda terminal: terminal.signal(signal.SIGTERM),
    "SIGHUP": lambda terminal: terminal.signal(signal.SIGHUP),
    "SIGINT": lambda terminal: terminal.signal(signal.SIGINT),
    "a dropped line": Terminal.hang_up,
}
Moved = Callable[..., tuple[Terminal, int]]


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_the_place_is_kept(home: Path, moved: Moved, leave: Callable[[Terminal], None]) -> None:
    terminal, number = moved()
    leave(terminal)
    assert gone(terminal)
    reading = kept(home)
    assert reading.place is not None
    assert 0 < reading.fraction < 1
    assert not reading.read
    for columns in (80, 120):
        with reader(home, columns=columns) as again:
            assert top(again) == number
            again.press("Q")
            assert again.wait(SOON) == 0


def test_a_kill_a_second_after_the_last_key(home: Path, moved: Moved) -> None:
    terminal, number = moved()
    time.sleep(1.3)
    terminal.signal(signal.SIGKILL)
    assert gone(terminal)
    assert 0 < kept(home).fraction < 1
    with reader(home) as again:
        assert top(again) == number


def test_a_dropped_line_where_hang_ups_are_ignored(home: Path, moved: Moved) -> None:
    terminal, _ = moved(before=NO_HANG_UP)
    terminal.hang_up()
    assert gone(terminal)
    assert kept(home).fraction > 0


def test_output_that_nobody_takes(home: Path, moved: Moved) -> None:
    """The terminal takes nothing, so the process ends by its deadline; the place is on disk."""
    terminal, _ = moved()
    termios.tcflow(terminal._slave, termios.TCOOFF)
    terminal.press("space")
    terminal.signal(signal.SIGTERM)
    deadline = time.monotonic() + SOON + 2
    while terminal.running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not terminal.running
    termios.tcflow(terminal._slave, termios.TCOON)
    assert kept(home).fraction > 0


STUCK = """
from pulse_tui.tui.reader import ReaderScreen
ReaderScreen.action_zen = lambda self: time.sleep(60)
"""


def test_an_interface_that_is_stuck(home: Path, moved: Moved) -> None:
    terminal, _ = moved(change=STUCK)
    terminal.press("z")
    time.sleep(0.2)
    terminal.signal(signal.SIGHUP)
    assert gone(terminal)
    assert terminal.status == 129
    assert not terminal.attributes_changed()
    assert kept(home).fraction > 0


BUG = """
from pulse_tui.tui.reader import ReaderScreen
def fail(self): raise ValueError("a bug, for once")
ReaderScreen.action_zen = fail
"""


def test_a_bug(home: Path, moved: Moved) -> None:
    terminal, _ = moved(change=BUG)
    terminal.press("z")
    assert terminal.wait(20) == 1
    assert "a bug, for once" in terminal.text()
    assert kept(home).fraction > 0


def test_a_state_that_cannot_be_written(home: Path, moved: Moved) -> None:
    """Reading goes on; what was lost is said at the end, once, in a sentence."""
    state_path(home).parent.parent.write_text("a file where a folder should be")
    terminal, _ = moved()
    terminal.press("Q")
    assert terminal.wait(SOON) == 0
    said = " ".join(terminal.text().split())
    assert said.count("pulse-tui: ") == 1
    assert "The reading state cannot be written" in said
