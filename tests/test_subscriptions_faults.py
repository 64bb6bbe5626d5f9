"""What is followed and what was taken, through sudden ends, damage, and disks that have no room."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulse_tui.repository import RepositoryError
from pulse_tui.storage.state.migrations import MIGRATIONS
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Answer, Subscription
from tests.states import (
    ANSWER,
    HOUSE,
    RIVER,
    SALT,
    Clock,
    Opener,
    both_at_once,
    in_four_threads,
    place,
    run_killing,
    whole,
)


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[SubscriptionStore]:
    store = SubscriptionStore(path, clock=clock)
    yield store
    store.close()


# -- Several at once, and sudden ends

WRITER = """
import sys, time
from pathlib import Path
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Answer, Subscription, Taken
store = SubscriptionStore(Path(sys.argv[1]), clock=time.time)
name = sys.argv[2]
sys.stdin.read(1)
for number in range(100):
    url = f"https://{name}.test/{number}"
    store.put([Subscription(url, name="feed"), Subscription("https://shared.test/", name="shared")])
    store.answered(url, Answer(asked=float(number)))
    store.take("shared", {f"{name} {number}": Taken("a.md", name), "shared": Taken("b.md", str(number))})
    if number % 10 == 0:
        store.remove(url)
store.close()
"""


def test_two_programs_lose_nothing_of_each_other(path: Path, store: SubscriptionStore) -> None:
    both_at_once(WRITER, path, 120)
    found = store.all()
    assert len(found) == 181
    assert len({each.name for each, _ in found}) == 181
    assert all(answer.asked == float(each.url.rpartition("/")[2] or 0) for each, answer in found)
    taken = store.taken("shared")
    assert len(taken) == 201
    assert taken["shared"].said == "99"


def test_many_threads(store: SubscriptionStore) -> None:
    def work(name: str) -> None:
        for number in range(40):
            url = f"https://{name}.test/{number}"
            store.put([Subscription(url, name="feed")])
            store.answered(url, ANSWER)
            found = store.get(url)
            assert found is not None
            assert found[1] == ANSWER
            store.take(found[0].name, {"1": SALT})
            assert store.taken(found[0].name) == {"1": SALT}
            if number % 7 == 0:
                store.close()

    in_four_threads(work)
    assert len({each.name for each, _ in store.all()}) == 160


KILLED = """
import json, os, random, sqlite3, sys, time
from itertools import count
from pathlib import Path
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Answer, Subscription, Taken
from tests.states import until_killed

path, rounds = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(7)

def child(pipe, start):
    store = SubscriptionStore(path, clock=time.time)
    for number in count(start):
        store.put([Subscription(f"https://{letter}.test/", str(number), name=letter) for letter in "abc"])
        os.write(pipe, b"p%d\\n" % number)
        store.take("a", {str(each): Taken("a.md", str(number)) for each in range(20)})
        os.write(pipe, b"t%d\\n" % number)
        store.answered("https://a.test/", Answer(str(number)))
        os.write(pipe, b"a%d\\n" % number)
        if number % 5 == 0:
            store.close()

seen, told, early = {"p": 0, "t": 0, "a": 0}, 0, 0
for _ in range(rounds):
    words, pause = chance.choice([0, 0, 1, 2, 5, 12, 30]), chance.random() * chance.choice([0.0005, 0.003])
    data = until_killed(lambda pipe: child(pipe, max(seen.values()) + 1), words, pause)
    for word in data.decode().split():
        seen[word[0]] = int(word[1:])
    told, early = told + len(data.split()), early + (not data)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    store = SubscriptionStore(path, clock=time.time)
    titles = {int(each.title) for each, _ in store.all()}
    said = {int(each.said) for each in store.taken("a").values()}
    asked = {int(answer.etag or 0) for each, answer in store.all() if each.name == "a"}
    for letter, found in (("p", titles), ("t", said), ("a", asked)):
        assert len(found or {0}) == 1, found  # all of a call, or none
        number = min(found or {0})
        assert number >= seen[letter], (letter, number, seen)
        seen[letter] = number
    store.close()
print(json.dumps([told, early]))
"""


def test_a_kill_at_any_moment_takes_nothing_that_was_kept(path: Path) -> None:
    path.parent.mkdir(parents=True)
    told, early = run_killing(KILLED, path, 100)
    assert told > 500
    assert early > 2


def test_a_file_that_is_locked(path: Path, store: SubscriptionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulse_tui.storage.state.door._PATIENCE", 0.05)
    store.put([HOUSE])
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    assert store.all() == [(HOUSE, Answer())]
    with pytest.raises(RepositoryError, match=r"locked.*another program.*try again"):
        store.put([RIVER])
    holding.execute("ROLLBACK")
    holding.close()
    store.put([RIVER])
    assert len(store.all()) == 2


# -- Damage


def filled(store: SubscriptionStore, opened: Opener) -> None:
    reader = opened()
    for number in range(500):
        reader.mark(f"article {number:03}", place=place(number), starred=True)
    reader.close()
    feeds = [Subscription(f"https://a.test/{number:03}", f"Feed {number:03}") for number in range(1000)]
    store.put([HOUSE, *feeds])
    store.take("house", {f"taken {number:04}": SALT for number in range(5000)})
    store.remove("https://a.test/000")
    store.answered(HOUSE.url, ANSWER)
    store.close()


def broken(path: Path, words: bytes) -> bytes:
    """Overwrite the page in the middle of those that have the words in them."""
    data = bytearray(path.read_bytes())
    pages = [start for start in range(0, len(data), 4096) if words in data[start : start + 4096]]
    middle = pages[len(pages) // 2]
    data[middle : middle + 4096] = b"\x5a" * 4096
    path.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("words", [b"d1gest", b"Feed ", b"taken "])
def test_damage(path: Path, store: SubscriptionStore, opened: Opener, words: bytes) -> None:
    """Whoever meets it mends all of the file, and the others need not know."""
    filled(store, opened)
    data = broken(path, words)
    told = opened().notice if words == b"d1gest" else None
    subscriptions = {each.url for each, _ in store.all()}
    taken = store.taken("house").keys()
    told = told or store.notice
    reader = opened()
    starred = reader.starred_ids()
    (aside,) = path.parent.glob("state.sqlite.broken-*")
    assert aside.read_bytes() == data
    assert told is not None
    assert told.path == aside
    assert reader.notice is None
    assert {"taken 0000", "taken 4999"} <= taken
    assert {"https://a.test/001", "https://a.test/999", HOUSE.url} <= subscriptions
    assert {"article 000", "article 499"} <= starred
    assert (len(starred) < 500) is (words == b"d1gest")
    assert (len(subscriptions) < 1000) is (words == b"Feed ")
    assert (len(taken) < 5000) is (words == b"taken ")
    assert len(starred) > 400
    assert len(subscriptions) > 900
    assert len(taken) > 4900
    assert "https://a.test/000" not in subscriptions
    assert store.get(HOUSE.url) == (HOUSE, ANSWER)
    assert whole(path)
    assert not list(path.parent.glob("*.mended*"))


def test_damage_that_a_reader_meets_as_it_writes(
    path: Path, store: SubscriptionStore, opened: Opener
) -> None:
    """Where it did not look when it started: the pages that were free are no longer what they should be."""
    filled(store, opened)
    database = sqlite3.connect(path)
    database.execute("DELETE FROM taken")
    database.commit()
    database.close()
    data = bytearray(path.read_bytes())
    trunk = int.from_bytes(data[32:36], "big")
    data[(trunk - 1) * 4096 : trunk * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    reader = opened()
    assert reader.notice is None
    for number in range(500):
        reader.mark(f"new {number}", place=place(number), read=True)
    reader.save()
    assert reader.is_saved
    assert reader.notice is not None
    assert "damaged" in reader.notice.text
    assert len(reader.read_ids()) == 500
    assert len(reader.starred_ids()) == 500
    assert len(store.all()) == 1000
    assert whole(path)


@pytest.mark.parametrize("data", [b"not a database at all", b"x" * 9000, b"SQLite format 3\0" + bytes(9000)])
def test_nothing_is_left(path: Path, store: SubscriptionStore, opened: Opener, data: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    assert store.all() == []
    store.put([HOUSE])
    assert store.all() == [(HOUSE, Answer())]
    (aside,) = path.parent.glob("state.sqlite.broken-*")
    assert aside.read_bytes() == data
    assert opened().notice is None


# -- No room, no permission

FULL = """
import resource, sys
from pathlib import Path
from pulse_tui.repository import RepositoryError
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Subscription, Taken
store = SubscriptionStore(Path(sys.argv[1]), clock=lambda: 1.0)
if sys.argv[2] == "later":
    store.put([Subscription("https://a.test/", name="a")])
before = store.all()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
for _ in range(2):
    try:
        store.take("a", {str(each): Taken("a.md", "x" * 500) for each in range(300)})
    except RepositoryError as error:
        assert "cannot be kept" in str(error) and "room" in str(error), error
    else:
        raise AssertionError
assert store.all() == before
assert store.taken("a") == {}
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.take("a", {"1": Taken("a.md", "")})
assert len(store.taken("a")) == 1
"""


@pytest.mark.parametrize(
    ("when", "limit"), [("at once", 0), ("at once", 3000), ("later", 100_000), ("later", 0)]
)
def test_a_full_disk(path: Path, when: str, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), when, str(limit)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert whole(path)


READ_ONLY = """
import os, sys
from pathlib import Path
from pulse_tui.repository import RepositoryError
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Answer, Subscription, Taken
path, version = Path(sys.argv[1]), int(sys.argv[2])
store = SubscriptionStore(path, clock=lambda: 1.0)
if os.geteuid() == 0:
    os.seteuid(65534)  # to the superuser all is writable
before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
for _ in range(2):
    assert [each.name for each, _ in store.all()] == (["house"] if version > 1 else []), store.all()
    assert len(store.taken("house")) == len(list(store.taken_rows())) == (version > 1)
for call in (
    lambda: store.put([Subscription("https://a.test/")]),
    lambda: store.take("a", {"1": Taken("a.md", "")}),
    lambda: store.remove("https://house.test/feed"),
):
    try:
        call()
    except RepositoryError as error:
        assert "cannot be kept" in str(error) and f"write to the folder {path.parent}" in str(error), error
    else:
        raise AssertionError
assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before
os.seteuid(os.getuid())
"""


@pytest.mark.parametrize("version", [1, 2])
def test_a_folder_that_may_only_be_read(version: int, clock: Clock) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "state.sqlite"
        if version == 1:
            database = sqlite3.connect(path, isolation_level=None)
            for statement in MIGRATIONS[0]:
                database.execute(statement)
            database.execute("PRAGMA user_version = 1")
            database.execute("PRAGMA journal_mode = WAL")
            database.close()
        else:
            store = SubscriptionStore(path, clock=clock)
            store.put([HOUSE])
            store.take("house", {"1": SALT})
            store.close()
        path.chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path), str(version)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        folder.chmod(0o755)
        assert done.returncode == 0, done.stderr


def test_a_folder_where_the_file_should_be(path: Path, store: SubscriptionStore) -> None:
    path.mkdir(parents=True)
    with pytest.raises(RepositoryError, match="cannot be read"):
        store.all()
    with pytest.raises(RepositoryError, match="cannot be kept"):
        store.put([HOUSE])
    os.rmdir(path)
    path.parent.rmdir()
    path.parent.write_text("a file")
    with pytest.raises(RepositoryError, match="cannot be kept"):
        store.put([HOUSE])
    assert store.all() == []
