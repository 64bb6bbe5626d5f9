"""The reader's screen is the same whether frames are sent whole or only what changed."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from pyte.screens import Char
from textual.app import App
from textual.geometry import Region

from benchmarks.features import feature
from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.probe import Answers
from pulse_tui.tui.driver import FrameDriver, in_few
from tests.terminal import XTERM, Answer, Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
MARGINS: Sequence[tuple[bytes, Answer]] = ((rb"\x1b\[\?69\$p", b"\x1b[?69;2$y"), *XTERM)
SILENT: Sequence[tuple[bytes, Answer]] = ()
Step = str | tuple[int, int]

READING: list[Step] = [
    *("j", "j", "k", "space", "b", "G", "k", "g", "z", "j", "j", "k", "space", "space", "k", "z"),
    *(")", "]", "}", "h", "j", "j", "G", "g", "l", "t", "j", "enter", "?", "escape"),
    *("/", "t", "h", "e", "enter", "n", "n", "escape", "\\", "t", "escape"),
    *(
        (100, 30),
        "j",
        "space",
        "h",
        (60, 20),
        "j",
        "l",
        "j",
        "k",
        (40, 10),
        "j",
        "space",
        (120, 40),
        "j",
        "k",
    ),
]
SHORT_READING: list[Step] = ["j", "j", "space", "z", "j", "k", "z", "h", "j", "l", (70, 20), "j", "t"]
TERMINALS: dict[str, tuple[dict[str, str | None], Sequence[tuple[bytes, Answer]]]] = {
    "true colour": ({"COLORTERM": "truecolor"}, XTERM),
    "sixteen colours": ({}, XTERM),
    "margins": ({"COLORTERM": "truecolor"}, MARGINS),
    "linux": ({"TERM": "linux"}, XTERM),
    "screen": ({"TERM": "screen-256color"}, XTERM),
    "vt100": ({"TERM": "vt100"}, XTERM),
    "silent": ({"COLORTERM": "truecolor"}, SILENT),
}
WITHOUT_ITALICS = ("linux", "screen", "vt100")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two features, in several scripts, with pictures, tables and code."""
    folder = tmp_path_factory.mktemp("library")
    for number in range(2):
        (folder / f"2099-01-0{number + 1}-long.md").write_text(feature(20_000, seed=number), encoding="utf-8")
    return folder


def reader(
    library: Path,
    *arguments: str,
    env: dict[str, str | None] | None = None,
    answers: Sequence[tuple[bytes, Answer]] = XTERM,
    size: tuple[int, int] = (120, 40),
) -> Terminal:
    """The reader at rest, its library indexed and its first screen complete."""
    terminal = Terminal(
        [*PULSE, "--library", str(library), *arguments],
        columns=size[0],
        rows=size[1],
        env=env,
        answers=answers,
    )
    terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
    terminal.settle(0.6)
    return terminal


def seen(terminal: Terminal, name: str) -> list[list[Char]]:
    """The cells of the screen; without what the terminal lacks, which the framework does not know."""
    cells = terminal.screen.cells()
    if name in WITHOUT_ITALICS:
        cells = [[cell._replace(italics=False) for cell in row] for row in cells]
    if name != "vt100":
        return cells
    return [
        [cell._replace(fg="dim" if cell.fg.startswith("dim") else "", bg="") for cell in row] for row in cells
    ]


def test_modes_go_out_in_few_sequences() -> None:
    """The alternate screen comes first: the keyboard protocol is switched for one of the screens."""
    before = "\x1b[?1049h\x1b[?1000h\x1b[?25l\x1b[>1u\x1b[?2004h\x1b[?7l\x1b[6n"
    assert in_few(before) == "\x1b[?1049;1000;2004h\x1b[?25;7l\x1b[>1u\x1b[6n"
    assert in_few("") == ""


async def test_what_was_laid_out_for_a_larger_terminal_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal may have shrunk since, and be told of it later."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(FrameDriver, "_get_terminal_size", lambda _: (80, 24))
    driver = FrameDriver(App(), Capabilities(), None, Answers(), None)
    driver._complete()
    assert driver.shift(Region(34, 1, 46, 22), 3)
    assert not driver.shift(Region(34, 1, 46, 28), 3)
    assert not driver.shift(Region(34, 1, 86, 22), 3)


def compare(library: Path, name: str, steps: Sequence[Step]) -> None:
    """Take both through the same steps; their screens are the same after each."""
    env, answers = TERMINALS[name]
    with (
        reader(library, "--frames=plain", env=env, answers=answers) as plain,
        reader(library, "--frames=diff", env=env, answers=answers) as thrifty,
    ):
        both = (plain, thrifty)
        for terminal in both:
            terminal.screen.back_colour_erase = name not in ("vt100", "screen")
        for number, step in enumerate(["", *steps]):
            for terminal in both:
                if isinstance(step, tuple):
                    terminal.resize(*step)
                elif step:
                    terminal.press(step)
            for terminal in both:
                terminal.settle(0.08)
            if seen(thrifty, name) != seen(plain, name):
                for terminal in both:  # one of them may be slow
                    terminal.settle(1.0)
            assert thrifty.text() == plain.text(), (number, step)
            assert seen(thrifty, name) == seen(plain, name), (number, step)
        assert thrifty.bytes_received < plain.bytes_received / 4


@pytest.mark.parametrize("name", ["true colour", "margins"])
def test_a_recorded_reading_looks_the_same(name: str, library: Path) -> None:
    compare(library, name, READING)


@pytest.mark.parametrize("name", sorted(TERMINALS.keys() - {"true colour", "margins"}))
def test_a_short_reading_looks_the_same(name: str, library: Path) -> None:
    compare(library, name, SHORT_READING)


@pytest.mark.deep
@pytest.mark.parametrize("name", TERMINALS)
def test_twenty_minutes_of_reading_look_the_same(name: str, library: Path) -> None:
    random = Random(name)
    keys = ["j"] * 8 + ["k"] * 3 + ["space"] * 6 + ["b"] * 2 + list("dugG]}){[(zhltJK/n'") + ["escape"] * 4
    sizes = [(120, 40), (80, 24), (40, 10), (100, 31)]
    steps: list[Step] = [
        random.choice(sizes) if not number % 60 else random.choice(keys) for number in range(1200)
    ]
    compare(library, name, steps)
