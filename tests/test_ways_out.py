"""However the reader is left, and on whatever terminal, the terminal is as it was."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.terminal import Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
AFTER = ["sh", "-c", 'echo before; exec "$@"', "sh"]
"""Runs what follows on a screen that shows something already."""
NO_HANG_UP = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]
SOON = 4.0
"""Seconds within which the reader must be gone: more than `leaving.GRACE_SECONDS`, for a busy machine."""

# Runs the reader with something changed in it; what follows are its arguments.
CHANGED = """
import sys, time
from pulse_tui import cli
from pulse_tui.storage import library
from pulse_tui.storage.index import refresh
{change}
sys.exit(cli.main(sys.argv[1:]))
"""


STORY = (
    """\
---
title: The First Story
sections: [The Pulse, Security]
published: 2099-01-01
caption: What the picture shows.
credit: Agency/Name
id: story
---

The first words.

"""
    + "More of it, in words that fill a line and then one more.\n\n" * 30
    + """\
## A Later Section

The last words.
"""
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder whose one feature is newer than all that ship with the program."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "story.md").write_text(STORY)
    return f"--library={folder}"


def reader(
    *arguments: str,
    before: Sequence[str] = AFTER,
    size: tuple[int, int] = (80, 24),
    env: dict[str, str | None] | None = None,
    change: str = "",
) -> Terminal:
    """The reader on a terminal, not yet waited for."""
    pulse = [sys.executable, "-c", CHANGED.format(change=change)] if change else PULSE
    return Terminal([*before, *pulse, *arguments], columns=size[0], rows=size[1], env=env)


def ready(terminal: Terminal) -> None:
    terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
    terminal.settle()


def assert_as_before(terminal: Terminal, shown: str = "before") -> None:
    """Modes, line attributes and screen are as they were; what was shown is shown, and nothing else."""
    assert terminal.modes_left_on() == []
    assert not terminal.attributes_changed()
    assert terminal.text().strip() == shown
    position = terminal.screen.cursor
    assert (position.x, position.y) == (0, len(shown.splitlines()))


def gone(terminal: Terminal, limit: float = SOON) -> bool:
    """Whether the process ends within the limit, though its terminal may be gone."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if not terminal.running:
            return True
        terminal.settle(0.02)
    return False


KEYS: dict[str, tuple[Sequence[str], int]] = {
    "q, level by level": ("qq", 0),
    "q in zen": ("zqqq", 0),
    "Esc": (("escape", "escape"), 0),
    "Q": ("Q", 0),
    "Ctrl+C": (("ctrl+c",), 130),
    "Ctrl+C in the list": (("h", "ctrl+c"), 130),
    "Ctrl+C in a panel": (("t", "ctrl+c"), 130),
}


@pytest.mark.parametrize(("keys", "status"), KEYS.values(), ids=KEYS)
def test_keys(keys: Sequence[str], status: int) -> None:
    with reader() as terminal:
        ready(terminal)
        for key in keys:
            terminal.press(key)
            terminal.settle()
        assert terminal.wait(SOON) == status
        assert_as_before(terminal)


@pytest.mark.parametrize(
    ("name", "opener"),
    [("SIGTERM", ""), ("SIGHUP", ""), ("SIGINT", ""), ("SIGTERM", "t"), ("SIGHUP", "ctrl+p")],
)
def test_signals(name: str, opener: str) -> None:
    number = getattr(signal, name)
    with reader() as terminal:
        ready(terminal)
        if opener:
            terminal.press(opener)
            terminal.settle()
        terminal.signal(number)
        assert terminal.wait(SOON) == 128 + number
        assert_as_before(terminal)


def test_a_signal_that_comes_again() -> None:
    with reader() as terminal:
        ready(terminal)
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP):
            if terminal.running:
                terminal.signal(number)
        assert terminal.wait(SOON) in (129, 143)
        assert_as_before(terminal)


@pytest.mark.parametrize("before", [AFTER, NO_HANG_UP], ids=["", "SIGHUP ignored"])
@pytest.mark.parametrize("arguments", [(), ("-",)], ids=["the library", "standard input"])
def test_a_dropped_line(before: list[str], arguments: tuple[str, ...]) -> None:
    piped = ["sh", "-c", 'echo "# Piped" | "$@"', "sh"] if arguments else []
    with reader(*arguments, before=[*before, *piped]) as terminal:
        ready(terminal)
        terminal.hang_up()
        assert gone(terminal)


BUGS = {
    "in an action": (
        "from pulse_tui.tui.reader import ReaderScreen\n"
        "def fail(self): raise ValueError('a bug, for once')\n"
        "ReaderScreen.action_zen = fail",
        True,
    ),
    "in painting": (
        "from pulse_tui.tui.article_view import ArticleView\n"
        "def fail(self, *_): raise ValueError('a bug, for once')\n"
        "ArticleView.set_measure = fail\n"
        "from pulse_tui.tui.reader import ReaderScreen\n"
        "ReaderScreen.action_zen = lambda self: self.action_measure(1)",
        True,
    ),
    "in a thread": (
        "def fail(self, _): raise ValueError('a bug, for once')\nlibrary.Library.get = fail",
        False,
    ),
    "at the start": (
        "from pulse_tui.tui.reader import ReaderScreen\n"
        "def fail(self): raise ValueError('a bug, for once')\n"
        "ReaderScreen.compose = fail",
        False,
    ),
}


@pytest.mark.parametrize(("change", "by_key"), BUGS.values(), ids=BUGS)
def test_an_exception(change: str, by_key: bool) -> None:
    with reader(change=change, size=(100, 60)) as terminal:
        if by_key:
            ready(terminal)
            terminal.press("z")
        assert terminal.wait(20) == 1
        assert terminal.modes_left_on() == []
        assert not terminal.attributes_changed()
        assert "ValueError: a bug, for once" in terminal.text()


SLOW = """
read_entry = refresh.read_entry
def slowly(found):
    time.sleep(0.01)
    return read_entry(found)
refresh.read_entry = slowly
"""

IMPATIENT: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "Q": (lambda terminal: terminal.press("Q"), 0),
    "Ctrl+C": (lambda terminal: terminal.press("ctrl+c"), 130),
    "SIGTERM": (lambda terminal: terminal.signal(signal.SIGTERM), 143),
}


@pytest.mark.parametrize(("leave", "status"), IMPATIENT.values(), ids=IMPATIENT)
def test_leaving_while_a_large_library_is_read(
    leave: Callable[[Terminal], None], status: int, tmp_path: Path
) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.md").write_text("# A Story\n")
    with reader("--library", str(tmp_path), change=SLOW) as terminal:
        terminal.wait_for(lambda text: " of 1,012" in text or "Reading the library" in text, 20)
        terminal.settle(0.1)
        leave(terminal)
        assert terminal.wait(SOON) == status
        assert_as_before(terminal)


@pytest.mark.parametrize("delay", [0.2, 0.3, 0.35, 0.4, 0.45])
def test_a_signal_while_it_starts(delay: float) -> None:
    """At any moment it takes nothing but the signal's own status, and says nothing."""
    with reader(before=["sh", "-c", 'exec "$@"', "sh"]) as terminal:
        deadline = time.monotonic() + delay
        while time.monotonic() < deadline:
            terminal.settle(0.01)
        terminal.signal(signal.SIGHUP)
        assert terminal.wait(SOON) == 129
        assert terminal.modes_left_on() == []
        assert not terminal.attributes_changed()
        assert terminal.text().strip() in ("", "Hangup")  # what the shell says


def test_output_that_nobody_takes() -> None:
    """As behind Ctrl+S or a stalled line: the process still ends, and the line's attributes are back."""
    with reader() as terminal:
        ready(terminal)
        termios.tcflow(terminal._slave, termios.TCOOFF)
        terminal.press("space", "space")
        terminal.signal(signal.SIGTERM)
        deadline = time.monotonic() + SOON + 2
        while terminal.running and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not terminal.running
        assert terminal.status == 143
        assert not terminal.attributes_changed()
        flags = re.search(r"flags:\s*(\d+)", Path(f"/proc/{terminal._shell.pid}/fdinfo/0").read_text())
        assert flags is not None
        assert not int(flags[1], 8) & os.O_NONBLOCK  # the shell reads from the same open file
        termios.tcflow(terminal._slave, termios.TCOON)


# -- Terminals


TERMINALS: dict[str, dict[str, str | None]] = {
    "linux": {"TERM": "linux"},
    "xterm": {"TERM": "xterm", "COLORTERM": None},
    "screen": {"TERM": "screen-256color"},
    "unknown": {"TERM": "no-such-terminal"},
    "true colour": {"COLORTERM": "truecolor"},
    "no colour": {"NO_COLOR": "1", "COLORTERM": "truecolor"},
    "NO_COLOR empty": {"NO_COLOR": ""},
    "no locale": {"LANG": "C", "LC_ALL": "C"},
    "no LANG at all": {"LANG": None},
}
_ONE_SCREEN = ("linux", "unknown")
"""Those without a second screen to draw on: what was shown is gone, and nothing is left."""
_SGR = re.compile(rb"\x1b\[([0-9;]*)m")


def colours_sent(terminal: Terminal) -> set[bytes]:
    """The colours that were asked for, the default ones aside: of the sixteen, or whole `38;2;…`."""
    found: set[bytes] = set()
    for codes in _SGR.findall(bytes(terminal.output)):
        for code in re.findall(rb"(?:38|48);(?:2;\d+;\d+;\d+|5;\d+)|\d+", codes):
            if re.fullmatch(rb"(?:[349]|10)[0-7]|[34]8;.*", code):
                found.add(code)
    return found


@pytest.mark.parametrize("name", TERMINALS)
def test_terminals(name: str, library: str) -> None:
    with reader(library, env=TERMINALS[name]) as terminal:
        ready(terminal)
        assert "The first words." in terminal.text()
        terminal.press("G")
        terminal.wait_for("The last words.")
        terminal.press("t")
        terminal.wait_for("Enter choose")
        terminal.settle()
        terminal.press("escape")
        terminal.wait_for("The last words.")
        terminal.press("h")
        terminal.wait_for("Enter read")
        assert "│" in terminal.text()
        terminal.settle()
        sent = colours_sent(terminal)
        if name in ("no colour", "unknown"):
            assert sent == set()
        elif name == "true colour":
            assert any(colour.startswith(b"38;2;") for colour in sent)
        else:
            assert sent
            assert all(len(colour) <= 3 for colour in sent)  # the terminal's own sixteen
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
        assert_as_before(terminal, "" if name in _ONE_SCREEN else "before")


@pytest.mark.parametrize(
    "env", [{"TERM": "dumb"}, {"TERM": ""}, {"TERM": None}], ids=["dumb", "empty", "none"]
)
def test_a_terminal_without_a_screen_gets_plain_text(env: dict[str, str | None], library: str) -> None:
    """Where nobody can answer; else there is the linear reader."""
    unasked = [*AFTER, "sh", "-c", '"$@" </dev/null', "sh"]
    with reader(library, "story", before=unasked, env=env, size=(80, 100)) as terminal:
        assert terminal.wait(20) == 0
        assert b"\x1b" not in terminal.output
        text = terminal.text()
        assert "The First Story" in text
        assert "What the picture shows. Credit: Agency/Name" in text
        assert "The last words." in text
    with reader(library, before=unasked, env=env, size=(120, 40)) as terminal:
        assert terminal.wait(20) == 0
        assert b"\x1b" not in terminal.output
        assert re.search(r"2099-01-01 +\d min  story +The First Story\n", terminal.text())
        assert_as_before(terminal, terminal.text().strip())


def test_keys_come_from_the_terminal_when_text_comes_through_a_pipe() -> None:
    text = "# Piped\\n\\nThe first words.\\n\\n" + "More of it.\\n\\n" * 40 + "The last words."
    with reader("-", before=[*AFTER, "sh", "-c", f"printf '{text}' | \"$@\"", "sh"]) as terminal:
        ready(terminal)
        assert "The first words." in terminal.text()
        terminal.press("G")
        terminal.wait_for("The last words.")
        terminal.press("q")
        assert terminal.wait(SOON) == 0
        assert_as_before(terminal)


def test_no_input_at_all() -> None:
    with reader("talks", before=[*AFTER, "sh", "-c", '"$@" </dev/null', "sh"]) as terminal:
        ready(terminal)
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
        assert_as_before(terminal)


def test_errors_that_go_to_a_file_do_not_take_the_screen_with_them(tmp_path: Path) -> None:
    file = tmp_path / "errors"
    with reader(before=[*AFTER, "sh", "-c", f'"$@" 2>{file}', "sh"]) as terminal:
        ready(terminal)
        terminal.press("j")
        terminal.settle()
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
        assert_as_before(terminal)
        assert file.read_bytes() == b""


def test_no_terminal_to_read_keys_from(tmp_path: Path) -> None:
    """Output is a terminal, but the process has none of its own, so there is no /dev/tty."""
    alone = [sys.executable, "-c", "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"]
    script = '"$@" </dev/null; echo "status $?"'
    with reader("talks", before=["sh", "-c", script, "sh", *alone], size=(200, 24)) as terminal:
        assert terminal.wait(20) == 0
        assert re.search(r"pulse-tui: .*no terminal.*\nstatus [1-5]", terminal.text())
