"""The reading state with several programs and threads on one file, and with sudden ends."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from pulse_tui.article import Reading
from tests.states import Opener, both_at_once, in_four_threads, place, run_killing

# -- Several at once


def test_each_sees_what_the_other_saved(opened: Opener) -> None:
    one, other = opened(), opened()  # when there is no file yet
    version = other.version
    one.mark("river", read=True, place=place(1))
    one.save()
    assert other.version != version
    assert other.read_ids() == {"river"}
    version = other.version
    assert other.version == version
    other.mark("river", starred=True)
    other.mark("river", place=place(2))
    one.mark("river", place=place(3))
    one.save()
    other.save()
    assert other.reading("river") == one.reading("river") == Reading(True, 0.0, place(3), True)
    assert one.starred_ids() == {"river"}
    one.mark("river", place=place(4))
    other.mark("road", read=True)
    one.save()
    other.save()
    assert one.read_ids() == other.read_ids() == {"river", "road"}
    assert one.reading("river").place == other.reading("river").place == place(4)


ADDER = """
import sys, time
from pathlib import Path
from pulse_tui.article import Place
from pulse_tui.storage.state.state import StateStore
store = StateStore(Path(sys.argv[1]), clock=time.time)
sys.stdin.read(1)
for number in range(100):
    store.mark("shared", seconds=1.0, place=Place(number, 0, sys.argv[2], 0))
    store.mark(f"{sys.argv[2]}-{number}", starred=True)
    store.save()
    assert store.notice is None, store.notice
store.close()
"""


def test_two_programs_lose_nothing_of_each_other(path: Path, opened: Opener) -> None:
    both_at_once(ADDER, path, 60)
    store = opened()
    assert store.reading("shared").seconds == 200.0
    last = store.reading("shared").place
    assert last is not None
    assert last.block == 99
    assert store.starred_ids() == {f"{name}-{number}" for name in ("one", "two") for number in range(100)}


def test_many_threads(opened: Opener) -> None:
    store = opened()

    def work(name: str) -> None:
        for number in range(60):
            store.mark("shared", seconds=1.0)
            store.mark(f"{name}-{number}", read=True, place=place(number), fraction=0.5)
            if number % 5 == 0:
                store.save()
            assert store.reading(f"{name}-{number}").read
            assert f"{name}-{number}" in store.read_ids()
            assert store.version >= number
            assert store.history(3)

    in_four_threads(work)
    store.close()
    again = opened()
    assert again.reading("shared").seconds == 240.0
    assert len(again.read_ids()) == 240


def test_nobody_waits_for_a_save(path: Path, opened: Opener) -> None:
    """While another program holds the file for longer than a save waits, everything else answers."""
    store = opened()
    store.mark("river", read=True)
    store.save()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.mark("road", read=True)
    saving = threading.Thread(target=store.save)
    saving.start()
    answered = 0
    while saving.is_alive():
        assert store.reading("road").read
        assert store.read_ids() == {"river", "road"}
        store.mark("sea", seconds=1.0)
        answered += 1
    assert answered > 100
    assert store.notice is not None
    assert "locked" in str(store.notice)
    assert store.reading("sea").seconds == answered
    other.execute("ROLLBACK")
    other.close()
    store.save()
    assert store.notice is None
    assert store.reading("sea").seconds == answered
    assert opened().read_ids() == {"river", "road"}


# -- Sudden ends

KILLED = """
import json, os, random, sqlite3, sys, time
from itertools import count
from pathlib import Path
from pulse_tui.article import Place
from pulse_tui.repository import Spot
from pulse_tui.storage.state.state import StateStore
from tests.states import until_killed

path, rounds = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(7)

def child(pipe, start):
    store = StateStore(path, clock=time.time)
    for number in count(start):
        for article in range(5):
            store.mark(f"article {article}", place=Place(number, number, "x" * 32, 0), fraction=0.5)
        store.mark(f"read {number % 50}", read=True, starred=bool(number % 2), seconds=1.0)
        store.set_mark("a", Spot("article 1", Place(number)))
        if number % 7 == 0:
            store.rename("moving", "moved") if number % 2 else store.rename("moved", "moving")
        if number % 11 == 0:
            store.close()  # which moves all to the file itself
        else:
            store.save()
        os.write(pipe, b"%d\\n" % number)
        if number % 11 == 0:
            store = StateStore(path, clock=time.time)

store = StateStore(path, clock=time.time)
store.mark("moving", starred=True)
store.close()
start, saved, early = 1, 0, 0
for _ in range(rounds):
    words, pause = chance.choice([0, 0, 1, 2, 5, 12]), chance.random() * chance.choice([0.0005, 0.003])
    data = until_killed(lambda pipe: child(pipe, start), words, pause)
    told = [start - 1, *map(int, data.split())]
    early += len(told) == 1
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    store = StateStore(path, clock=time.time)
    assert store.notice is None, store.notice
    for article in range(5 if told[-1] else 0):
        place = store.reading(f"article {article}").place
        assert place is not None and told[-1] <= place.block <= told[-1] + 1, (told[-1], place)
    assert len(store.starred_ids() & {"moving", "moved"}) == 1
    if told[-1]:
        now = store.reading("article 0").place.block
        assert store.reading(f"read {now % 50}").read
        assert store.marks() == [("a", Spot("article 1", Place(now)))]
        saved, start = saved + len(told) - 1, now + 1
    store.close()
print(json.dumps([saved, early]))
"""


def test_a_kill_at_any_moment_takes_nothing_that_was_saved(path: Path) -> None:
    saved, early = run_killing(KILLED, path, 200)
    assert saved > 400  # the kills came while it worked
    assert early > 5  # some before its first word
