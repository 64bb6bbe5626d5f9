"""What is typed and what a terminal answers: at any moment, in any pieces, before and after the reader."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from textual.app import App
from textual.events import CursorPosition

from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.probe import Answers
from pulse_tui.tui.driver import FrameDriver
from tests.terminal import XTERM, Answer, Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
SOON = 4.0
"""Seconds within which the reader must be gone, on a busy machine: its own patience is half of that."""
STORY = "---\ntitle: A Story\npublished: 2099-01-01\nid: story\n---\n\n" + "\n\n".join(
    f"Paragraph {number} has words that fill a line, and then some more for the next line."
    for number in range(200)
)

# Runs a program and shows what of its terminal's input is left for whoever reads next, and what still comes.
LEFT_OVER = """
import os, select, subprocess, sys, termios, tty
status = subprocess.run(sys.argv[1:]).returncode
before = termios.tcgetattr(0)
tty.setraw(0, termios.TCSANOW)
left = b""
while select.select([0], [], [], 0.6)[0]:
    left += os.read(0, 1024)
termios.tcsetattr(0, termios.TCSANOW, before)
print(f"status {status}, left over: {left!r}.")
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder whose library has one feature of the reader's own, the newest."""
    folder = tmp_path / ".local" / "share" / "pulse-tui" / "articles"
    folder.mkdir(parents=True)
    (folder / "story.md").write_text(STORY)
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(tmp_path)}
    subprocess.run([*PULSE, "list"], env=env, capture_output=True, check=True)  # so that it has an index
    return tmp_path


class SlowTerminal(Terminal):
    """A terminal whose answers come late: each byte `gap` seconds after the one before, if that is not 0."""

    def __init__(self, command: Sequence[str], *, delay: float, gap: float = 0.0, home: Path) -> None:
        self._delay = delay
        self._gap = gap
        self._due: deque[tuple[float, bytes]] = deque()
        self.asked = 0
        """How many questions came."""
        answers = [(question, self._late(answer)) for question, answer in XTERM]
        super().__init__(command, columns=80, rows=24, home=home, answers=answers)

    def _late(self, answer: Answer) -> Answer:
        def keep(terminal: Terminal, question: re.Match[bytes]) -> bytes:
            data = answer if isinstance(answer, bytes) else answer(terminal, question)
            self.asked += 1
            moment = time.monotonic() + self._delay
            pieces = [data[at : at + 1] for at in range(len(data))] if self._gap else [data]
            for piece in pieces:
                self._due.append((moment, piece))
                moment += self._gap
            return b""

        return keep

    def send(self, keys: str | bytes) -> None:
        """Type; terminals put no key into the middle of an answer."""
        while self._due and self._due[0][1][:1] != b"\x1b":
            self._pump(0.01)
        super().send(keys)

    def _pump(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while True:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                os.write(self._master, self._due.popleft()[1])
            next_one = self._due[0][0] if self._due else until
            if super()._pump(max(0.0, min(until, next_one) - now)):
                return True
            if time.monotonic() >= until:
                return False


def ready(terminal: Terminal) -> None:
    terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
    terminal.settle()


def top(terminal: Terminal) -> int:
    """The number of the first paragraph on the screen."""
    return min(map(int, re.findall(r"Paragraph (\d+)", terminal.text())), default=-1)


def rubbish(terminal: Terminal) -> str:
    """What was left over when the program had ended well."""
    terminal.wait_for("left over", 20)
    found = re.search(r"status 0, left over: (.*)\.", terminal.text())
    assert found is not None, terminal.text()
    return found[1]


# -- Quitting at once

ANSWERING = {"at once": (0.0, 0.0), "late": (0.3, 0.0), "in pieces": (0.05, 0.03), "never": (1e9, 0.0)}


@pytest.mark.parametrize(
    ("way", "moment"),
    [
        *((way, "when it has drawn") for way in ANSWERING),
        *((way, moment) for way in ("at once", "late") for moment in ("before it reads", "when it asks")),
        ("never", "before it reads"),
    ],
)
def test_quitting_at_once_leaves_nothing_behind(way: str, moment: str, home: Path) -> None:
    delay, gap = ANSWERING[way]
    command = [sys.executable, "-c", LEFT_OVER, *PULSE]
    with SlowTerminal(command, delay=delay, gap=gap, home=home) as terminal:
        if moment == "when it asks":
            terminal.wait_for(lambda _: terminal.asked > 0, 20)
        elif moment == "when it has drawn":
            terminal.wait_for("A Story", 20)
        terminal.press("Q")
        assert rubbish(terminal) == "b''"
        assert terminal.modes_left_on() == []
        assert not terminal.attributes_changed()


async def test_an_answer_to_whoever_asked_before_is_no_answer_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it comes before anything was asked here."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    driver = FrameDriver(App(), Capabilities(), None, Answers(asked=True), None)
    driver.flow.start()
    driver.process_message(CursorPosition(0, 0))
    for number in range(3):
        driver.flow.ask(float(number))
        driver._questions += 1
    for _ in range(3):
        driver.process_message(CursorPosition(0, 0))
    await asyncio.sleep(0)
    assert not driver.flow.waits


# -- Keys


def test_keys_typed_before_anybody_reads_act_in_order(home: Path) -> None:
    """Some come before the program has begun, some while it asks, some while it draws."""
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        for part in ("/Para", "graph 1", "5", "0\r"):
            terminal.send(part)
            terminal.settle(0.12)
        terminal.wait_for(lambda text: "Paragraph 150 " in text and "1 of 1" in text, 20)


def test_many_keys_typed_ahead(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """None is lost, and none passes another: at the top and in zen the order matters."""
    other = tmp_path_factory.mktemp("home")
    shutil.copytree(home, other, dirs_exist_ok=True)
    with Terminal(PULSE, columns=80, rows=24, home=other) as terminal:
        ready(terminal)
        terminal.send("j" * 90)
        terminal.wait_for(lambda text: top(terminal) == 29)
        terminal.settle(0.5)
        terminal.send("z")
        terminal.wait_for(lambda text: "%" not in text)
        terminal.settle(0.5)
        wanted = terminal.text()
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        for _ in range(10):
            terminal.send("jjjjjjkkkkk" * 9 + "z" * 20)
            terminal.settle(0.04)
        terminal.send("z")
        terminal.wait_for(lambda text: text == wanted, 30)
        terminal.settle(0.5)
        assert terminal.text() == wanted


def test_keys_that_come_all_at_once(home: Path) -> None:
    """Several moves before one is drawn: the screen is right, and most of it is moved, not sent."""
    pick = Random(1)
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        terminal.press("z", "space", "space")
        terminal.settle()
        for _ in range(10):
            before = terminal.bytes_received
            terminal.send("".join(pick.choice(("j", "j", "jj", "k")) for _ in range(pick.randint(2, 6))))
            terminal.settle()
            assert terminal.bytes_received - before < 800
        shown = terminal.screen.cells()
        terminal.press("ctrl+l")
        assert terminal.settle() > 500
        assert terminal.screen.cells() == shown


def test_a_lone_escape_acts_soon(home: Path) -> None:
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        waited = 1.0
        for _ in range(10):  # the machine may have other things to do
            terminal.press("?")
            terminal.wait_for("Esc close")
            terminal.settle()
            terminal.press("escape")
            terminal.wait_for(lambda text: "Esc close" not in text)
            waited = min(waited, terminal.answered)
            if waited < 0.15:
                break
            terminal.settle()
        assert waited < 0.15


def test_a_key_in_pieces_is_one_key(home: Path) -> None:
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        terminal.press("z", "space", "space")
        terminal.settle()
        before = terminal.text()
        for pieces in (("\x1b", "[B"), ("\x1b[", "A"), ("\x1b", "[", "6~"), ("\x1b[5", "~")):
            for piece in pieces:
                terminal.send(piece)
                terminal.settle(0.03)
            terminal.settle()
        assert terminal.text() == before  # still in zen, which an Escape would have ended


def test_bytes_of_another_character_set_are_no_end(home: Path) -> None:
    """As from a terminal in Latin-1, or from noise on a serial line."""
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        before = top(terminal)
        terminal.send(b"\xe9\xff\x9b\xc3\x1b[27;1:3u\x1b[99999999999u\x1b[48;9999;9999;1;1t")
        terminal.settle()
        terminal.press("space")
        terminal.settle()
        assert top(terminal) > before
        terminal.press("/")
        terminal.send(b"Paragraph\xa0150\r")
        terminal.wait_for("not in this feature")
        terminal.press("Q")
        assert terminal.wait() == 0


def test_pasting_into_a_prompt(home: Path) -> None:
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        assert terminal.modes[2004]
        terminal.press("/")
        terminal.settle()
        for piece in ("\x1b[20", "0~Paragraph 1", "50\x1b[20", "1~"):
            terminal.send(piece)
            terminal.settle(0.03)
        terminal.wait_for("Paragraph 150 has")
        terminal.press("enter")
        terminal.wait_for("1 of 1")


def test_losing_and_getting_the_focus_changes_nothing(home: Path) -> None:
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        terminal.press("z", "space")
        terminal.settle()
        before = terminal.screen.cells()
        for _ in range(5):
            terminal.send("\x1b[O")
            terminal.settle(0.05)
            terminal.send("\x1b[I")
        terminal.settle()
        assert terminal.screen.cells() == before
        terminal.press("space", "b")
        terminal.settle()
        assert terminal.screen.cells() == before


def test_a_storm_of_sizes(home: Path) -> None:
    """The last one counts: 50 in half a second."""
    pick = Random(1)
    sizes = [(pick.randint(10, 300), pick.randint(4, 100)) for _ in range(49)]
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        terminal.press("space", "space")
        terminal.settle()
        row = top(terminal)
        for size in [*sizes, (100, 30)]:
            terminal.resize(*size)
            terminal.settle(0.005, 0.5)
        terminal.settle(0.5)
        terminal.wait_for(lambda text: re.search(r"\d %", text) is not None)
        assert abs(top(terminal) - row) <= 1
        before = terminal.screen.cells()
        terminal.press("ctrl+l")
        assert terminal.settle(0.5) > 1000
        assert terminal.screen.cells() == before
        terminal.press("Q")
        assert terminal.wait(SOON) == 0


# -- To the shell and back

SHELLS = [shell for shell in ("bash", "dash", "zsh", "mksh") if shutil.which(shell)]
OPTIONS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}


@pytest.mark.parametrize("answers", [XTERM, ()], ids=["", "silent"])
@pytest.mark.parametrize("shell", SHELLS)
def test_to_the_shell_and_back(shell: str, answers: Sequence[tuple[bytes, Answer]], home: Path) -> None:
    command = [shell, *OPTIONS.get(shell, ["-i"])]
    env = {"PS1": "prompt> ", "ENV": None}
    with Terminal(command, columns=80, rows=24, home=home, answers=answers, env=env) as terminal:
        terminal.wait_for("prompt>")
        terminal.send(" ".join(PULSE) + "\r")
        ready(terminal)
        terminal.press("z", "space")
        terminal.wait_for(lambda text: "Paragraph 0 " not in text)  # soon, even where no answers come
        terminal.settle(0.3)
        shown = terminal.screen.cells()
        for _ in range(2 if answers else 1):
            terminal.press("ctrl+z")
            terminal.wait_for(lambda text: text.rstrip().endswith("prompt>"))
            terminal.settle()
            assert terminal.modes_left_on() in ([], ["?2004h"])  # which is bash's
            terminal.send("echo wo''rd\r")
            terminal.wait_for(lambda text: "echo wo''rd" in text and "\nword" in text)
            terminal.send("fg\r")
            terminal.wait_for(lambda _: terminal.screen.cells() == shown)
            terminal.press("space")
            terminal.wait_for(lambda _: terminal.screen.cells() != shown)
            terminal.press("b")
            terminal.wait_for(lambda _: terminal.screen.cells() == shown)
        terminal.press("Q")
        terminal.wait_for(lambda text: text.rstrip().endswith("prompt>"))
        terminal.send("echo la''st\r")
        terminal.wait_for(lambda text: "echo la''st" in text and "\nlast" in text)
        terminal.send("exit\r")
        assert terminal.wait(SOON) == 0
        assert not terminal.attributes_changed()


def test_stopped_and_continued_by_somebody_else(home: Path) -> None:
    """As by `kill -STOP`: nobody could put the terminal right before, so it is taken anew."""
    with Terminal(PULSE, columns=80, rows=24, home=home) as terminal:
        ready(terminal)
        terminal.press("z", "space")
        terminal.settle(1.2)  # some signals to go on follow each other
        shown = terminal.screen.cells()
        terminal.signal(signal.SIGSTOP)
        terminal.send("kkk")
        terminal.settle()
        terminal.signal(signal.SIGCONT)
        terminal.settle(0.5)
        terminal.press("j", "j", "j")
        terminal.settle(0.5)
        assert terminal.screen.cells() == shown
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
        assert terminal.modes_left_on() == []
        assert not terminal.attributes_changed()
