"""Reading states for tests: a clock, places, feeds, and a state that several programs open."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
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
    assert [child.wait(seconds) for child in children] == [0, 0]


def in_four_threads(work: Callable[[str], None]) -> None:
    """Have `a`, `b`, `c` and `d` at work at once; none of them may fail."""
    failed: list[BaseException] = []

    def run(name: str) -> None:
        try:
            work(name)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
