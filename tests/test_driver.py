"""The reader's screen is the same whether frames are sent whole or only what changed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from pyte.screens import Char
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.geometry import Region, Size
from textual.message import Message

from benchmarks.features import feature
from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.probe import Answers
from pulse_tui.tui.driver import FrameDriver, in_few
from tests.emulator import ByteStream, Screen
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
    """The page may be laid out for a size for which nothing was drawn yet."""
    desk = Desk(monkeypatch, (80, 24))
    assert not desk.driver.paint(Region(34, 1, 46, 22), 3, []), "nothing is drawn yet"
    desk.draw()
    assert desk.driver.paint(Region(34, 1, 46, 22), 3, [])
    desk.laid_out = (120, 40)
    assert not desk.driver.paint(Region(34, 1, 86, 38), 3, [])
    desk.draw()
    assert desk.driver.paint(Region(34, 1, 86, 38), 3, [])


async def test_a_panel_that_has_left_is_not_moved_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework has not drawn yet what was below it."""
    desk, pages = Desk(monkeypatch, (80, 24)), [Screen(80, 24), Screen(80, 24)]
    monkeypatch.setattr(App, "screen_stack", property(lambda _: [*pages]))
    desk.draw()
    pages.pop()
    assert not desk.driver.paint(Region(34, 1, 46, 22), 3, [])
    desk.draw()
    assert desk.driver.paint(Region(34, 1, 46, 22), 3, [])


async def test_rows_are_drawn_without_the_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go out together, with what the framework has drawn before anybody else has a turn."""
    desk = Desk(monkeypatch, (20, 4))
    desk.draw()
    desk.sent = ""
    for letter in "ab":
        assert desk.driver.paint(Region(5, 1, 15, 3), 1, [(2, letter * 15)])
    assert desk.sent == ""
    desk.driver.write(f"\x1b[1;1H{'y' * 20}\x1b[1;1H")
    await asyncio.sleep(0)
    screen = Screen(20, 4)
    ByteStream(screen).feed(b"\x1b[?7l" + desk.everything)
    assert screen.display == ["y" * 20, "x" * 20, "xxxxx" + "a" * 15, "xxxxx" + "b" * 15]


async def test_a_line_that_does_not_keep_up_has_the_text_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands beside it comes when no key has come for a moment."""
    desk = Desk(monkeypatch, (20, 8))
    desk.driver.write("".join(f"\x1b[{y};1Hside{y}{f'text {y}':>15}" for y in range(1, 9)) + "\x1b[1;1H")
    desk.driver.flush()
    room = [False, True]
    monkeypatch.setattr(desk.driver.flow, "has_room", lambda _: room.pop(0) if room else True)
    monkeypatch.setattr(desk.driver.flow, "wait", lambda _: 0.001)
    for number in (9, 10):
        desk.sent = ""
        assert desk.driver.paint(Region(5, 0, 15, 8), 1, [(7, f"{f'text {number}':>15}")])
        while not desk.sent:
            await asyncio.sleep(0.001)
        assert f"text {number}" in desk.sent
        assert "side" not in desk.sent, "the second found room, but the list was not yet put back"
    desk.sent = ""
    while not desk.sent:
        await asyncio.sleep(0.001)
    screen = Screen(20, 8)
    ByteStream(screen).feed(b"\x1b[?7l" + desk.everything)
    assert screen.display == [f"side{y + 1}{f'text {y + 3}':>15}" for y in range(8)]
    desk.sent = ""
    assert desk.driver.paint(Region(5, 0, 15, 8), 1, [(7, f"{'text 11':>15}")])
    await asyncio.sleep(0)
    assert "side" in desk.sent, "there is room again"


def test_the_list_comes_with_the_open_feature_in_view(library: Path) -> None:
    """It is not drawn from its beginning first: that would be seen, and cost as much again."""
    with reader(library, "talks", size=(80, 24)) as terminal:
        assert "After Peshawar" in terminal.text()
        assert b"A Short Tour" not in terminal.output


class Desk:
    """A driver without its framework and terminal: what is laid out, told and sent."""

    terminal: tuple[int, int]
    laid_out: tuple[int, int]

    def __init__(self, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        monkeypatch.setattr(FrameDriver, "_get_terminal_size", lambda _: self.terminal)
        monkeypatch.setattr(FrameDriver, "_laid_out", property(lambda _: self.laid_out))
        self.terminal = self.laid_out = size
        self.sent, self.everything = "", b""
        self.told: list[Size] = []
        self.idle = True
        app = App[None]()
        monkeypatch.setattr(app, "post_message", lambda message: self.told.append(message.size))
        self.driver = FrameDriver(
            app, Capabilities(moves=True, scroll_region=True, scroll=True), None, Answers(), None
        )
        monkeypatch.setattr(self.driver, "_output", self)
        self.driver.flow.start()
        self.driver._begin()
        self.driver.release()

    def write(self, data: bytes) -> None:
        """What the driver takes for a terminal."""
        self.sent += data.decode()
        self.everything += data

    def draw(self, letter: str = "x", rows: int | None = None) -> str:
        """Draw rows of a letter, or all, as the framework does; what is sent of it."""
        columns, height = self.laid_out
        self.sent = ""
        lines = (f"\x1b[{y};1H{letter * columns}" for y in range(1, (rows or height) + 1))
        self.driver.write("".join(lines) + "\x1b[1;1H")
        self.driver.flush()
        return self.sent


async def test_a_frame_for_another_size_than_the_terminals_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the framework draws before it knows of the new size is kept, for the old one may come back."""
    desk = Desk(monkeypatch, (20, 4))
    assert desk.draw().count("x") == 80
    desk.terminal = (10, 2)
    assert desk.draw("y", 1) == ""
    desk.terminal = (20, 4)
    await desk.driver._tell_size()
    assert (desk.sent.count("y"), desk.sent.count("x")) == (20, 60), "the terminal lost what it had"
    assert desk.told == [(20, 4)]


async def test_what_is_laid_out_for_the_new_size_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, (20, 4))
    desk.draw()
    desk.terminal, desk.sent = (30, 5), ""
    await desk.driver._tell_size()
    assert desk.sent == "", "the framework has not drawn for it yet"
    desk.laid_out = (30, 5)
    assert desk.draw().count("x") == 150


async def test_the_size_told_last_is_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that interrupts the handling of the one before is not overtaken by it."""
    desk = Desk(monkeypatch, (20, 4))

    def interrupted(_: FrameDriver) -> tuple[int, int]:
        size = desk.terminal
        if size == (20, 4):
            desk.terminal = (30, 5)
            desk.driver._on_resize()
        return size

    monkeypatch.setattr(FrameDriver, "_get_terminal_size", interrupted)
    desk.driver._on_resize()
    while (30, 5) not in desk.told:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert desk.told[-1] == (30, 5)


async def test_the_terminal_is_not_taken_while_it_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGCONT may interrupt the way to a stop, which would then take away what it has just taken."""
    desk, taken = Desk(monkeypatch, (20, 4)), list[str]()
    monkeypatch.setattr(desk.driver, "resume_application_mode", lambda: taken.append("again"))
    desk.driver._suspended = True
    desk.driver._sigcont_application()
    assert taken == []
    await asyncio.sleep(0)
    assert taken == ["again"]


async def test_the_terminal_is_not_taken_once_it_is_left_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader may have been told to end before it was stopped."""
    desk, taken = Desk(monkeypatch, (20, 4)), list[str]()
    monkeypatch.setattr(desk.driver, "resume_application_mode", lambda: taken.append("again"))
    monkeypatch.setattr(LinuxDriver, "stop_application_mode", lambda _: None)
    desk.driver._suspended = True
    desk.driver._sigcont_application()
    desk.driver.stop_application_mode()
    await asyncio.sleep(0)
    assert taken == []


@pytest.mark.parametrize(("listens", "done"), [(True, ["left"]), (False, [signal.SIGSTOP])])
async def test_a_stop_leaves_a_terminal_that_is_not_left_yet(
    monkeypatch: pytest.MonkeyPatch, listens: bool, done: list[object]
) -> None:
    """Else it would be taken again when the program goes on, to its end."""
    desk, seen = Desk(monkeypatch, (20, 4)), list[object]()
    monkeypatch.setattr(LinuxDriver, "_sigtstp_application", lambda _: seen.append("left"))
    monkeypatch.setattr(os, "kill", lambda _, number: seen.append(number))
    desk.driver._sigtstp_application()
    desk.driver._listens = listens
    assert seen == []
    await asyncio.sleep(0)
    assert seen == done


async def test_what_was_read_is_taken_though_the_end_came_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the terminal is taken anew: nobody else can read it again."""
    desk, taken = Desk(monkeypatch, (20, 4)), list[Message]()

    def read() -> bytes:
        desk.driver.exit_event.set()
        return b"j"

    come, go = os.pipe()
    os.write(go, b"j")
    monkeypatch.setattr(desk.driver, "fileno", come)
    monkeypatch.setattr(desk.driver, "_read", read)
    monkeypatch.setattr(desk.driver, "process_message", taken.append)
    desk.driver.run_input_thread()
    os.close(come)
    os.close(go)
    assert [message.key for message in taken if isinstance(message, Key)] == ["j"]


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
