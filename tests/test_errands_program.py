"""The program and its errands under a terminal: however the reader ends, they do; idle ones cost no byte."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import errand
from tests.feeds import rss
from tests.libraries import write
from tests.servers import Client, Server, after, page
from tests.terminal import Terminal
from tests.test_errands import is_running
from tests.test_reader_errands import PAGE, Play, asked, end, feed, kept, progress

STAND_IN = """
import sys
from pulse_tui import cli
from pulse_tui.errands import running
running.COMMAND = (sys.executable, "-S", "-E", {errand!r}, {folder!r})
{change}
sys.exit(cli.main(sys.argv[1:]))
"""
BUG = """
def fail(self): raise ValueError('a bug, for once')
from pulse_tui.tui.reader import ReaderScreen
ReaderScreen.action_zen = fail
"""
STUCK = """
import time
from pulse_tui.tui.reader import ReaderScreen
ReaderScreen.action_zen = lambda self: time.sleep(60)
"""
SOON = 6.0
"""Seconds within which an errand must be gone."""


@pytest.fixture
def play(tmp_path: Path) -> Play:
    library = tmp_path / "home" / ".local" / "share" / "pulse-tui" / "articles"
    return Play(tmp_path / "play", library)


@pytest.fixture
def started(play: Play, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts the reader, at its prompt with `linear`, and waits until it is there."""
    (tmp_path / "home").mkdir()
    terminals: list[Terminal] = []

    def start(*arguments: str, change: str = "") -> Terminal:
        program = STAND_IN.format(errand=errand.__file__, folder=str(play.folder), change=change)
        terminal = Terminal([sys.executable, "-c", program, *arguments], home=tmp_path / "home")
        terminals.append(terminal)
        if "--linear" not in arguments:
            terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
        else:
            terminal.wait_for("quit:", 20)
        terminal.settle()
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()


def wait_until(done: Callable[[], bool], terminal: Terminal, limit: float = SOON) -> None:
    deadline = time.monotonic() + limit
    while not done():
        assert time.monotonic() < deadline, terminal.text()
        terminal.settle(0.02)


WAYS: dict[str, tuple[Callable[[Terminal], None], str]] = {
    "q": (lambda terminal: terminal.press("q", "q"), ""),
    "Q": (lambda terminal: terminal.press("Q"), ""),
    "Ctrl+C": (lambda terminal: terminal.press("ctrl+c"), ""),
    "SIGTERM": (lambda terminal: terminal.signal(signal.SIGTERM), ""),
    "SIGHUP": (lambda terminal: terminal.signal(signal.SIGHUP), ""),
    "a dropped line": (lambda terminal: terminal.hang_up(), ""),
    "a bug": (lambda terminal: terminal.press("z"), BUG),
    "SIGTERM while it hangs": (lambda terminal: terminal.press("z"), STUCK),
}


@pytest.mark.parametrize("manners", [[], [["deaf"]]], ids=["heeds SIGTERM", "heeds nothing"])
@pytest.mark.parametrize(("leave", "change"), WAYS.values(), ids=WAYS)
def test_leaving_ends_errands(
    play: Play,
    started: Callable[..., Terminal],
    leave: Callable[[Terminal], None],
    change: str,
    manners: list[list[object]],
) -> None:
    play.sync(*manners, ["here", play.path("sync")], asked(1, 3), ["hang"])
    play.add(PAGE, *manners, ["here", play.path("add")], progress(PAGE, 1), ["hang"])
    terminal = started(change=change)
    terminal.press("r", "a")
    terminal.wait_for("Address of a page")
    terminal.send(f"\x1b[200~{PAGE}\x1b[201~")
    terminal.wait_for(PAGE)
    terminal.press("enter")
    wait_until(lambda: play.pid("sync") is not None and play.pid("add") is not None, terminal)
    leave(terminal)
    if change is STUCK:
        terminal.settle(0.3)
        terminal.signal(signal.SIGTERM)
    wait_until(lambda: not terminal.running, terminal)
    wait_until(lambda: not is_running(play.pid("sync")) and not is_running(play.pid("add")), terminal)


def test_a_killed_reader_leaves_no_errand_behind(play: Play, started: Callable[..., Terminal]) -> None:
    play.sync(["here", play.path("sync")], ["beat", asked(1, 3)[1], 0.05])
    terminal = started()
    terminal.press("r")
    terminal.wait_for("feeds 1 of 3")
    terminal.signal(signal.SIGKILL)
    wait_until(lambda: not is_running(play.pid("sync")), terminal)


def test_what_stands_still_costs_no_byte(play: Play, started: Callable[..., Terminal]) -> None:
    play.sync(["here", play.path("sync")], ["beat", asked(12, 300)[1], 0.05])
    terminal = started()
    terminal.press("r")
    terminal.wait_for("feeds 12 of 300")
    terminal.wait_for(lambda text: "Asking the feeds" not in text)
    terminal.settle(1.2)
    assert terminal.settle(2.5) == 0


def test_a_folder_of_ones_own_that_comes_with_the_first_feature(
    play: Play, started: Callable[..., Terminal]
) -> None:
    text = "---\ntitle: {0}\npublished: 2099-01-01\n---\n\nBody of {0}.\n"
    play.add(
        PAGE,
        ["write", str(play.library / "fresh.md"), text.format("Fresh")],
        kept("fresh", "Fresh"),
        end(new=1),
    )
    play.sync(
        ["write", str(play.library / "feeds" / "a.example" / "second.md"), text.format("Second")],
        asked(0, 1),
        feed("a.example", new=1),
        end(new=1),
    )
    terminal = started()
    assert not play.library.exists()
    assert "is not there" not in terminal.text()
    terminal.press("a")
    terminal.settle()
    terminal.send(f"\x1b[200~{PAGE[:12]}\r\n{PAGE[12:]}\n\x1b[201~")
    terminal.press("enter")
    terminal.wait_for("Added: Fresh. A reads it.")
    terminal.wait_for(lambda shown: "● Fresh" in shown)
    terminal.press("A")
    terminal.wait_for("Body of Fresh.")
    terminal.press("r")
    terminal.wait_for("Feeds: 1 new.")
    terminal.wait_for(lambda shown: "● Second" in shown)
    assert "Body of Fresh." in terminal.text()


STORY = "".join(
    f"<p>{words} The ferry left before the light came, and nobody on the quay said a word of it. It was the "
    "last one of the year, and those who stayed behind went home by the long way round, past the mill.</p>"
    for words in ("First.", "Then.", "Later.", "After that.", "At last.")
)
STORY_PAGE = (
    "<!doctype html><html lang=en><head><title>The Last Ferry</title></head>"
    f"<body><nav><a href=/>Home</a></nav><article><h1>The Last Ferry</h1>{STORY}</article></body></html>"
).encode()


def test_a_real_page_is_added(tmp_path: Path) -> None:
    go_on = threading.Event()

    def slowly(client: Client) -> None:
        half = len(STORY_PAGE) // 2
        client.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
        client.send(b"Content-Length: %d\r\n\r\n" % len(STORY_PAGE) + STORY_PAGE[:half])
        go_on.wait(20)
        client.send(STORY_PAGE[half:])

    home = tmp_path / "home"
    home.mkdir()
    more = write(tmp_path / "more" / "old.md", title="An Old One", published="1999-01-01").parent
    with (
        Server({"/story": slowly, "/gone": page(b"", status="410 Gone")}) as server,
        Terminal([sys.executable, "-m", "pulse_tui", "--library", more], home=home) as terminal,
    ):
        terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
        terminal.press("h", "a")
        terminal.send(f"\x1b[200~{server.url('/story')}\n\x1b[201~")
        terminal.press("enter")
        terminal.wait_for(f"adding 127.0.0.1:{server.port}", 30)
        go_on.set()
        terminal.wait_for("Added: The Last Ferry. A reads it.", 30)
        terminal.wait_for("● The Last Ferry", 30)
        terminal.press("enter")
        terminal.wait_for("First. The ferry left", 30)
        terminal.press("a")
        terminal.send(f"{server.url('/gone')}\r")
        terminal.wait_for("Not added: ", 30)
        terminal.press("a")
        terminal.send(f"{server.url('/story')}\r")
        terminal.wait_for("Here already: The Last Ferry", 30)
        assert "First. The ferry left" in terminal.text()
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
    (kept,) = (home / ".local" / "share" / "pulse-tui" / "articles").glob("*.md")
    assert "The ferry left" in kept.read_text(encoding="utf-8")


def test_real_feeds_are_fetched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    feed = page(rss("A Fresh Entry", "Another Entry"), "Content-Type: application/rss+xml")
    with Server({"/good": feed, "/bad": feed}) as server:
        pulse = [sys.executable, "-P", "-m", "pulse_tui"]
        for path in ("/good", "/bad"):
            subprocess.run([*pulse, "follow", server.url(path)], env={"HOME": str(home)}, check=True)
        server.replace("/bad", page(b"", status="500 Broken"))
        more = write(tmp_path / "more" / "old.md", title="An Old One", published="1999-01-01").parent
        with Terminal([*pulse, "--library", more], home=home) as terminal:
            terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
            terminal.press("r")
            terminal.wait_for("Feeds: 2 new; 1 feed failed, see pulse-tui feeds.", 30)
            terminal.wait_for(lambda text: "● A Fresh Entry" in text and "● Another Entry" in text)
            terminal.press("r")
            terminal.wait_for("R asks all", 30)
            terminal.press("Q")
            assert terminal.wait(SOON) == 0


def test_a_reader_that_is_left_ends_the_real_command(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()

    def at_work() -> set[str]:
        return {pid for pid in os.listdir("/proc") if pid.isdigit() and server.url("/slow") in command(pid)}

    slow = after(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    with (
        Server({"/slow": slow}) as server,
        Terminal([sys.executable, "-m", "pulse_tui"], home=home) as terminal,
    ):
        terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
        terminal.press("a")
        terminal.send(f"{server.url('/slow')}\r")
        wait_until(lambda: bool(server.paths), terminal, 20)
        assert at_work()
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
        assert not at_work()


def command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def test_adding_and_fetching_at_the_prompt(play: Play, started: Callable[..., Terminal]) -> None:
    text = "---\ntitle: Fresh\npublished: 2099-01-01\n---\n\nBody of Fresh.\n"
    play.add(
        PAGE,
        ["wait", play.path("go on")],
        ["write", str(play.library / "fresh.md"), text],
        kept("fresh", "Fresh"),
        end(new=1),
        ["here", play.path("added")],
    )
    play.sync(["here", play.path("sync")], asked(1, 3), ["hang"], every=True)
    terminal = started("--linear")
    terminal.send(f"add {PAGE}\r")
    terminal.wait_for("Adding example.org; you hear when it is there.")
    terminal.send("where\r")
    terminal.wait_for("In: ")
    play.sign("go on")
    wait_until(lambda: play.pid("added") is not None and not is_running(play.pid("added")), terminal)
    terminal.settle()
    terminal.send("where\r")
    terminal.wait_for("open fresh reads it.")
    assert "Added: Fresh." in terminal.text()
    terminal.send("open fresh\r")
    terminal.wait_for("Body of Fresh.")
    terminal.send("sync all\r")
    terminal.wait_for("Asking the feeds; you hear when that is done.")
    wait_until(lambda: play.pid("sync") is not None, terminal)
    terminal.settle(0.5)
    terminal.send("sync\r")
    terminal.wait_for("Feeds 1 of 3.")
    terminal.send("stop\r")
    terminal.wait_for("Stopping; you hear when that is done.")
    wait_until(lambda: not is_running(play.pid("sync")), terminal)
    terminal.settle(0.5)
    terminal.send("stop\r")
    terminal.wait_for("Stopped asking feeds.")
    terminal.wait_for("Nothing is being added or fetched.")
    terminal.send("sync all\r")
    wait_until(lambda: is_running(play.pid("sync")), terminal)
    terminal.send("quit\r")
    assert terminal.wait(SOON) == 0
    assert not is_running(play.pid("sync"))
