"""Reading states for tests: a clock, places, feeds, and a state that several programs open."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pulse_tui.article import Place
from pulse_tui.storage.state.state import StateStore
from pulse_tui.subscriptions import Answer, Subscription, Taken

Opener = Callable[[], StateStore]

HOUSE = Subscription(
    "https://house.test/feed", "House", "https://house.test/", ("News", "اخبار"), "house", 60.0
)
RIVER = Subscription("http://river.test/feed", "River", name="river")
ANSWER = Answer('"etag"', "Sun, 22 Nov 2026 10:00:00 GMT", 5.0, 65.0, "The server is away.", 2, True)
SALT = Taken("feeds/river/salt.md", "said", {"title": "1", "body": "2"})


class Clock:
    """Time that passes only when it is looked at, or told to."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def place(offset: int, block: int = 3) -> Place:
    return Place(block, offset, "d1gest", 0)


@contextmanager
def openers(path: Path, clock: Clock) -> Iterator[Opener]:
    """What opens the state anew, each as another program would; all are closed at the end."""
    stores: list[StateStore] = []

    def open_another() -> StateStore:
        stores.append(StateStore(path, clock=clock))
        return stores[-1]

    yield open_another
    for store in stores:
        store.close()


def everything(store: StateStore) -> object:
    return store.records(), store.stamped_marks()


def whole(path: Path) -> bool:
    with sqlite3.connect(path) as database:
        found = database.execute("PRAGMA integrity_check").fetchall()
    database.close()
    return found == [("ok",)]


def both_at_once(script: str, path: Path, seconds: float) -> None:
    """Run a script as two programs, `one` and `two`, that begin together; each is to end well in time."""
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name], stdin=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go")
        child.stdin.close()
    try:
        assert [child.wait(seconds) for child in children] == [0, 0]
    finally:
        for child in children:
            child.kill()
            child.wait()


def run_killing(script: str, path: Path, rounds: int) -> tuple[int, ...]:
    """Run a script that kills its children many times; the numbers that it prints as JSON in the end."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(rounds)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


def until_killed(child: Callable[[int], None], lines: int, seconds: float) -> bytes:
    """Have a child work without end, and kill it `seconds` after it has told so many lines; what it told.

    It tells them through the pipe that it is given.  Only for programs without threads, since it forks.
    """
    come, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(come)  # else it would not notice that nobody listens any more
        child(go)
    os.close(go)
    data = b""
    while data.count(b"\n") < lines:
        if not (more := os.read(come, 1 << 16)):
            raise AssertionError(f"The child ended by itself after {data!r}.")
        data += more
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(come, 1 << 16):
        data += more
    os.close(come)
    return data


def in_four_threads(work: Callable[[str], None]) -> None:
    """Have `a`, `b`, `c` and `d` at work at once, for a minute at most; none of them may fail."""
    failed: list[BaseException] = []

    def run(name: str) -> None:
        try:
            work(name)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(name,), daemon=True) for name in "abcd"]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert failed == []
    assert not any(thread.is_alive() for thread in threads)
