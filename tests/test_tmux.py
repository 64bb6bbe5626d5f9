"""Inside tmux and GNU screen the reader looks the same whether frames are sent whole or only what changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Protocol

import pytest
from pyte.screens import Char

from benchmarks.features import feature
from tests.emulator import ByteStream, Screen
from tests.terminal import Terminal

Cells = list[list[Char]]
Step = str | tuple[int, int]

READING: Sequence[Step] = (
    *("j", "j", "space", "k", "b", "space", "space", "k", "G", "k", "g", "z", "j", "space", "k", "z"),
    *("h", "j", "j", "l", "j", ")", "]"),
    (13, 3),  # so many cells less in each direction
    *("j", "space", "?", "escape", "k"),
    (-13, -3),
    *("j", "k"),
)
SIZES = ((120, 40), (80, 24), (40, 10))
LIMIT, LATE = 15.0, 3.0
"""Seconds within which screens must come to rest, and one of them after the other."""
_KEYS = {"space": "Space", "escape": "Escape"}
_COMMAND = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two features, in several scripts, with pictures, tables and code."""
    folder = tmp_path_factory.mktemp("library")
    for number in range(2):
        (folder / f"2099-01-0{number + 1}-long.md").write_text(feature(20_000, seed=number), encoding="utf-8")
    return folder


def command(articles: Path, home: Path, frames: str, *env: str) -> list[str]:
    """What runs the reader, with a home of its own."""
    home.mkdir()
    pulse = [sys.executable, "-m", "pulse_tui", "--library", str(articles), f"--frames={frames}"]
    return ["env", f"HOME={home}", "LANG=C.UTF-8", *env, *pulse]


class View(Protocol):
    """A reader in a multiplexer."""

    def take(self, step: Step) -> None:
        """Press a key, or take some cells away."""

    def look(self) -> str:
        """Something that changes when the screen does."""
        ...

    def cells(self) -> Cells:
        """What stands on the screen."""
        ...


class Tmux:
    """A tmux server of one's own."""

    def __init__(self, term: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tmux-"))  # a socket's path may not be long
        (self._folder / "configuration").write_text(f"set -g default-terminal {term}\nset -g status off\n")

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        self.run("kill-server")
        shutil.rmtree(self._folder)

    def run(self, *arguments: str) -> str:
        """Give an order; what it prints."""
        server = ["tmux", "-u", "-S", str(self._folder / "socket"), "-f", str(self._folder / "configuration")]
        env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self._folder), "SHELL": "/bin/sh"}
        return subprocess.run(
            [*server, *arguments], capture_output=True, encoding="utf-8", env=env, timeout=20
        ).stdout


class Session:
    """A program in a session of its own."""

    def __init__(self, tmux: Tmux, program: Sequence[str], columns: int, rows: int) -> None:
        self._tmux = tmux
        self._columns, self._rows = columns, rows
        size = ("-x", str(columns), "-y", str(rows))
        self._name = tmux.run("new-session", "-d", "-P", "-F", "#{pane_id}", *size, *program).strip()

    def take(self, step: Step) -> None:
        """Press a key, or make the window smaller."""
        if isinstance(step, tuple):
            self._columns, self._rows = self._columns - step[0], self._rows - step[1]
            size = ("-x", str(self._columns), "-y", str(self._rows))
            self._tmux.run("resize-window", "-t", self._name, *size)
        elif step in _KEYS:
            self._tmux.run("send-keys", "-t", self._name, _KEYS[step])
        else:
            self._tmux.run("send-keys", "-t", self._name, "-l", step)

    def look(self) -> str:
        """What stands in the window, with its colours."""
        return self._tmux.run("capture-pane", "-t", self._name, "-e", "-p", "-N")

    def cells(self) -> Cells:
        """The same as cells."""
        screen = Screen(self._columns, self._rows)
        rows = _COMMAND.sub("", self.look()).split("\n")[: self._rows]
        # The colours of a row go on in the next one.
        ByteStream(screen).feed("".join(f"\x1b[{y + 1}H{row}" for y, row in enumerate(rows)).encode())
        return screen.cells()


class Screened:
    """A program in GNU screen on a terminal of its own."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def take(self, step: Step) -> None:
        """Press a key, or make the terminal smaller."""
        screen = self._terminal.screen
        if isinstance(step, tuple):
            self._terminal.resize(screen.columns - step[0], screen.lines - step[1])
        elif step:
            self._terminal.press(step)

    def look(self) -> str:
        """How much it has sent."""
        self._terminal.settle(0.01)
        return str(self._terminal.bytes_received)

    def cells(self) -> Cells:
        """What stands on the terminal; screen shows italics in reverse, which then is seen on blanks, too."""
        self.look()
        return [[_upright(cell) for cell in row] for row in self._terminal.screen.cells()]


def _upright(cell: Char) -> Char:
    return Char(" ", bg=cell.bg) if cell.data == " " else cell._replace(reverse=False)


def text(cells: Cells) -> str:
    return "\n".join("".join(cell.data for cell in row).rstrip() for row in cells)


def read(pairs: Sequence[tuple[View, View]]) -> None:
    """Take pairs of readers, of whole frames and of differences, through a reading: they look the same."""
    views = list(chain(*pairs))
    deadline = time.monotonic() + 3 * LIMIT
    while not all(re.search(r"\d %", text(view.cells())) for view in views):
        assert time.monotonic() < deadline, [text(view.cells()) for view in views]
    for number, step in enumerate(("", *READING)):
        for view in views:
            view.take(step)
        rest(views)
        for plain, diff in pairs:
            late = time.monotonic() + LATE
            expected, found = plain.cells(), diff.cells()
            while found != expected and time.monotonic() < late:  # one of them may be slow
                rest((plain, diff))
                expected, found = plain.cells(), diff.cells()
            assert text(found) == text(expected), (number, step)
            assert found == expected, (number, step)


def rest(views: Sequence[View], quiet: float = 0.06) -> None:
    """Wait until nothing has changed for so many seconds."""
    deadline = time.monotonic() + LIMIT
    last: list[str] = []
    since = time.monotonic()
    while time.monotonic() - since < quiet:
        assert time.monotonic() < deadline
        looks = [view.look() for view in views]
        if looks != last:
            last, since = looks, time.monotonic()
        time.sleep(0.01)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("term", ["tmux-256color", "screen-256color"])
def test_a_reading_in_tmux(term: str, articles: Path, tmp_path: Path) -> None:
    with Tmux(term) as tmux:

        def reader(frames: str, size: tuple[int, int]) -> Session:
            home = tmp_path / f"{frames}-{size[0]}"
            return Session(tmux, command(articles, home, frames, "COLORTERM=truecolor"), *size)

        read([(reader("plain", size), reader("diff", size)) for size in SIZES])


_SCREEN = """\
startup_message off
altscreen on
defutf8 on
term screen-256color
vbell off
"""


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen is not installed")
def test_a_reading_in_screen(articles: Path, tmp_path: Path) -> None:
    (tmp_path / "configuration").write_text(_SCREEN)
    folder = Path(tempfile.mkdtemp(prefix="screen-"))
    folder.chmod(0o700)
    wrapped = ["screen", "-U", "-c", str(tmp_path / "configuration")]

    def reader(frames: str) -> Terminal:
        program = [*wrapped, *command(articles, tmp_path / frames, frames)]
        return Terminal(program, columns=100, rows=30, env={"SCREENDIR": str(folder)})

    try:
        with reader("plain") as plain, reader("diff") as diff:
            read([(Screened(plain), Screened(diff))])
            for terminal in (plain, diff):
                terminal.press("Q")
                assert terminal.wait() == 0
    finally:
        shutil.rmtree(folder)
