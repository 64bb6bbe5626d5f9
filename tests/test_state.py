"""The reading state: what is kept, through every way in which a program or a disk can fail."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Place, Reading
from pulse_tui.repository import RepositoryError, Spot
from pulse_tui.storage.state.file import MIGRATIONS, StateError
from pulse_tui.storage.state.opening import open_state
from pulse_tui.storage.state.state import StateStore


class Clock:
    """Time that passes only when it is looked at, or told to."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def place(offset: int, block: int = 3) -> Place:
    return Place(block, offset, "d1gest", 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "pulse-tui" / "state.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


Opener = Callable[[], StateStore]


@pytest.fixture
def opened(path: Path, clock: Clock) -> Iterator[Opener]:
    """Opens the state anew, each as another program would."""
    stores: list[StateStore] = []

    def open_another() -> StateStore:
        stores.append(StateStore(path, clock=clock))
        return stores[-1]

    yield open_another
    for store in stores:
        store.close()


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, path: Path, clock: Clock) -> Iterator[StateStore]:
    store = StateStore(path if request.param == "file" else None, clock=clock)
    yield store
    store.close()


def everything(store: StateStore) -> object:
    return store.records(), store.stamped_marks()


def whole(path: Path) -> bool:
    with sqlite3.connect(path) as database:
        found = database.execute("PRAGMA integrity_check").fetchall()
    database.close()
    return found == [("ok",)]


# -- What is kept


def test_what_was_marked_is_read(store: StateStore) -> None:
    assert store.reading("river") == Reading()
    store.mark("river", place=place(7), fraction=0.25, starred=True, seconds=12.5)
    store.mark("river", seconds=2.5)
    store.mark("river", fraction=0.5)
    assert store.reading("river") == Reading(False, 0.5, place(7), True, 15.0)
    store.save()
    assert store.reading("river") == Reading(False, 0.5, place(7), True, 15.0)
    store.mark("river", read=True, starred=False, seconds=1.0)
    assert store.reading("river") == Reading(True, 0.5, place(7), False, 16.0)
    assert store.reading("road") == Reading()


@pytest.mark.parametrize(
    ("fraction", "kept"), [(-1.0, 0.0), (2.0, 1.0), (float("nan"), 0.0), (float("inf"), 1.0)]
)
def test_a_fraction_is_from_0_to_1(store: StateStore, fraction: float, kept: float) -> None:
    store.mark("river", fraction=fraction, seconds=float("nan"))
    store.mark("river", seconds=-4.0)
    assert store.reading("river") == Reading(fraction=kept)


def test_what_was_saved_is_there_the_next_time(opened: Opener) -> None:
    first = opened()
    first.mark("river", place=place(7), fraction=0.25, read=True, starred=True, seconds=12.5, estimate=60.0)
    first.note_digest("river", "abc")
    first.set_mark("a", Spot("river", place(9)))
    kept = everything(first)
    first.close()
    second = opened()
    assert everything(second) == kept
    assert second.reading("river") == Reading(True, 0.25, place(7), True, 12.5)
    assert second.marks() == [("a", Spot("river", place(9)))]
    assert second.by_digest(["abc", "x"]) == {"abc": {"river"}}


def test_what_was_not_saved_is_not(opened: Opener) -> None:
    first = opened()
    first.mark("river", starred=True)
    first.save()
    assert first.is_saved
    first.mark("road", starred=True)
    assert not first.is_saved
    assert opened().starred_ids() == {"river"}


def test_nothing_is_made_until_there_is_something_to_keep(path: Path, opened: Opener) -> None:
    store = opened()
    store.reading("river")
    store.save()
    store.close()
    assert not path.parent.parent.exists()


def test_folder_and_file_are_the_reader_s_alone(path: Path, opened: Opener) -> None:
    store = opened()
    store.mark("river", read=True)
    store.save()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    store.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_readers_do_not_share(path: Path, clock: Clock) -> None:
    stores = [StateStore(path, reader=name, clock=clock) for name in ("local", "asha")]
    stores[0].mark("river", read=True)
    stores[0].set_mark("a", Spot("river", place(1)))
    stores[0].save()
    stores[1].mark("river", starred=True)
    stores[1].save()
    assert stores[0].reading("river") == Reading(read=True)
    assert stores[1].reading("river") == Reading(starred=True)
    assert stores[1].marks() == []
    for store in stores:
        store.close()


def test_what_is_marked_after_closing_is_still_written(opened: Opener) -> None:
    store = opened()
    store.mark("river", read=True)
    store.close()
    store.mark("road", read=True)
    store.save()
    store.close()
    assert opened().read_ids() == {"river", "road"}


def test_sets(store: StateStore) -> None:
    for name in ("a", "b", "c", "d"):
        store.mark(name, read=name in "ab", starred=name in "bc")
        if name == "b":
            store.save()
    assert store.read_ids() == {"a", "b"}
    assert store.starred_ids() == {"b", "c"}
    store.mark("a", read=False)
    store.mark("d", read=True, starred=True)
    assert store.read_ids() == {"b", "d"}
    assert store.starred_ids() == {"b", "c", "d"}
    store.save()
    assert store.read_ids() == {"b", "d"}


def test_begun_and_history(store: StateStore) -> None:
    for name in ("a", "b", "c", "d", "e"):
        store.mark(name, place=place(1), fraction=0.5)
        if name == "c":
            store.save()
    store.mark("f", read=True)  # never open
    store.mark("e", place=place(0, 0))
    store.mark("b", place=place(2))
    assert store.history(10) == ["b", "e", "d", "c", "a"]
    assert store.history(2) == ["b", "e"]
    assert store.history(0) == []
    store.mark("d", read=True)
    store.mark("a", fraction=1.0)
    store.mark("g", place=place(0, 0))  # open, but not begun
    assert store.begun_ids(10) == ["b", "e", "c"]
    assert store.begun_ids(1) == ["b"]
    store.mark("d", read=False)
    assert store.begun_ids(10) == ["b", "e", "d", "c"]


def test_version_changes_with_the_sets_alone(store: StateStore) -> None:
    def changes(**marks: object) -> bool:
        before = store.version
        store.mark("river", **marks)  # type: ignore[arg-type] # any of them
        between = store.version
        store.save()
        assert store.version == between
        return before != between

    assert not changes(place=place(0))
    assert not changes(seconds=3.0)
    assert changes(fraction=0.1)
    assert not changes(fraction=0.2, place=place(5))
    assert changes(starred=True)
    assert not changes(starred=True)
    assert changes(read=True)
    assert not changes(fraction=0.3)
    assert changes(read=False)
    assert changes(fraction=1.0)
    store.mark("road", fraction=0.5, place=place(1))
    store.mark("river", fraction=0.5)
    before = store.version
    store.mark("road", place=place(2))
    assert store.version != before  # another one was begun last


def test_a_clock_that_goes_back(store: StateStore, clock: Clock) -> None:
    store.mark("river", starred=True, place=place(1))
    store.save()
    clock.now -= 1e6
    store.mark("river", starred=False, place=place(2))
    assert store.reading("river") == Reading(place=place(2))
    store.save()
    assert store.reading("river") == Reading(place=place(2))
    assert store.starred_ids() == frozenset()


def test_the_history_is_in_order_though_the_clock_goes_back(opened: Opener, clock: Clock) -> None:
    store = opened()
    store.mark("river", place=place(1), fraction=0.5)
    store.save()
    clock.now -= 1e6
    store.mark("road", place=place(1), fraction=0.5)
    store.mark("salt", place=place(1), fraction=0.5)
    assert store.history(9) == store.begun_ids(9) == ["salt", "road", "river"]
    store.save()
    clock.now -= 1e6
    other = opened()
    other.mark("road", place=place(2))
    other.save()
    store.read_ids()  # whoever looks sees what others have written
    store.mark("river", place=place(2))
    assert store.history(9) == ["river", "road", "salt"]


# -- Marks and undo


def test_marks(store: StateStore) -> None:
    store.set_mark("b", Spot("river", place(1)))
    store.set_mark("a", Spot("road", place(2)))
    store.save()
    store.set_mark("b", Spot("sea", place(3)))
    assert store.marks() == [("a", Spot("road", place(2))), ("b", Spot("sea", place(3)))]


def test_undo(store: StateStore) -> None:
    assert store.undo() is None
    store.mark("river", read=True, place=place(1))
    store.mark("river", starred=True)
    store.set_mark("a", Spot("river", place(1)))
    store.save()
    store.set_mark("a", Spot("road", place(2)))
    store.mark("river", read=False, starred=False)
    store.mark("river", read=False, place=place(2))  # changes nothing that can be taken back
    before = store.version
    assert store.undo(str.upper) == "“RIVER” counts as read again. “RIVER” has its star again."
    assert store.version != before
    assert store.reading("river") == Reading(True, 0.0, place(2), True)
    assert store.undo() == "Mark a is back where it was."
    assert store.marks() == [("a", Spot("river", place(1)))]
    assert store.undo() == "Mark a is gone again."
    assert store.marks() == []
    assert store.undo() == "The star of “river” is gone again."
    assert store.undo() == "“river” counts as unread again."
    assert store.reading("river") == Reading(place=place(2))
    assert store.undo() is None


def test_undo_is_saved_and_follows_a_new_name(opened: Opener) -> None:
    store = opened()
    store.set_mark("a", Spot("road", place(2)))
    store.mark("road", read=True)
    store.set_mark("a", Spot("sea", place(2)))
    store.save()
    store.rename("road", "path")
    assert store.undo() == "Mark a is back where it was."
    assert store.undo() == "“path” counts as unread again."
    store.save()
    other = opened()
    assert other.marks() == [("a", Spot("path", place(2)))]
    assert other.read_ids() == frozenset()


# -- Another id for the same article


@pytest.mark.parametrize("saved", ["before", "after", "between"])
def test_rename(store: StateStore, saved: str) -> None:
    store.mark("old", place=place(7), fraction=0.5, starred=True, seconds=4.0)
    store.note_digest("old", "abc")
    store.set_mark("a", Spot("old", place(9)))
    if saved != "after":
        store.save()
    if saved == "between":
        store.mark("old", seconds=2.0)
    version = store.version
    store.rename("old", "new")
    for _ in range(2):
        assert store.reading("old") == Reading()
        assert store.reading("new") == Reading(False, 0.5, place(7), True, 6.0 if saved == "between" else 4.0)
        assert store.marks() == [("a", Spot("new", place(9)))]
        assert store.history(9) == store.begun_ids(9) == ["new"]
        assert store.by_digest(["abc"]) == {"abc": {"new"}}
        assert store.starred_ids() == {"new"}
        store.save()
    assert store.version != version


def test_rename_onto_one_that_has_state(store: StateStore) -> None:
    store.mark("old", place=place(1), starred=True, read=True)
    store.mark("new", place=place(2), starred=False)
    store.save()
    store.mark("new", read=True)
    store.mark("new", read=False)
    store.mark("old", fraction=0.4)
    store.rename("old", "new")
    expected = Reading(read=False, fraction=0.4, place=place(2), starred=False)
    assert store.reading("new") == expected
    store.save()
    assert store.reading("new") == expected


def test_there_and_back_again(store: StateStore) -> None:
    store.mark("a", place=place(1))
    store.save()
    store.rename("a", "b")
    store.rename("b", "a")
    store.rename("nothing", "a")
    store.rename("a", "a")
    assert store.history(9) == ["a"]
    store.save()
    assert store.history(9) == ["a"]


def test_a_new_article_under_the_old_name(opened: Opener) -> None:
    store = opened()
    store.mark("a", starred=True)
    store.save()
    store.rename("a", "b")
    store.mark("a", read=True)
    store.save()
    other = opened()
    assert other.reading("a") == Reading(read=True)
    assert other.reading("b") == Reading(starred=True)


# -- Pace


def test_pace(store: StateStore) -> None:
    def finish(name: str, seconds: float) -> None:
        store.mark(name, estimate=600.0, seconds=seconds / 2)
        store.mark(name, seconds=seconds / 2, read=True)

    finish("a", 720.0)
    store.save()
    finish("b", 900.0)
    finish("skipped", 20.0)
    finish("left open", 90_000.0)
    store.mark("unfinished", estimate=600.0, seconds=600.0)
    store.mark("unknown", seconds=600.0, read=True)
    assert store.pace() is None
    finish("c", 660.0)
    assert store.pace() == pytest.approx(1.2)
    store.save()
    finish("d", 780.0)
    assert store.pace() == pytest.approx(1.25)
    for number in range(60):
        finish(str(number), 2900.0)
    assert store.pace() == 3.0
    for number in range(60, 120):
        finish(str(number), 130.0)
    assert store.pace() == 0.4


# -- The same as in memory, whatever is done in whichever order

NAMES = st.sampled_from("abcd")
STEPS = st.one_of(
    st.tuples(
        st.just("mark"),
        NAMES,
        st.fixed_dictionaries(
            {},
            optional={
                "place": st.builds(place, st.integers(0, 3)),
                "fraction": st.sampled_from([0.0, 0.5, 1.0]),
                "read": st.booleans(),
                "starred": st.booleans(),
                "seconds": st.sampled_from([0.0, 1.5, 2.0]),
                "estimate": st.sampled_from([1.0, 2.0]),
            },
        ),
    ),
    st.tuples(st.just("set_mark"), st.sampled_from("xy"), st.builds(Spot, NAMES, st.just(place(1)))),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("note_digest"), NAMES, st.sampled_from(["1", "2"])),
    st.tuples(st.just("undo")),
    st.tuples(st.just("save")),
)


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=25))
def test_the_file_and_memory_agree(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    path = tmp_path_factory.mktemp("agree") / "state.sqlite"
    stores = [StateStore(path, clock=Clock()), StateStore(None, clock=Clock())]

    def seen(store: StateStore) -> object:
        return (
            everything(store),
            store.marks(),
            store.history(9),
            store.begun_ids(9),
            store.read_ids(),
            store.starred_ids(),
            store.by_digest(["1"]),
            store.pace(),
            [store.reading(name) for name in "abcd"],
        )

    versions: dict[tuple[int, int], object] = {}
    for name, *arguments in steps:
        keywords = arguments.pop() if name == "mark" else {}
        said = [getattr(store, str(name))(*arguments, **keywords) for store in stores]  # type: ignore[arg-type]
        assert said[0] == said[1]
        assert seen(stores[0]) == seen(stores[1])
        for number, store in enumerate(stores):
            sets = store.read_ids(), store.starred_ids(), store.begun_ids(9)
            assert versions.setdefault((number, store.version), sets) == sets
    stores[0].close()
    assert whole(path) or not steps
    again = StateStore(path, clock=Clock())
    assert seen(again) == seen(stores[1])
    again.close()
    shutil.rmtree(path.parent)


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
    children = [
        subprocess.Popen([sys.executable, "-c", ADDER, str(path), name], stdin=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go")
        child.stdin.close()
    assert [child.wait(60) for child in children] == [0, 0]
    store = opened()
    assert store.reading("shared").seconds == 200.0
    last = store.reading("shared").place
    assert last is not None
    assert last.block == 99
    assert store.starred_ids() == {f"{name}-{number}" for name in ("one", "two") for number in range(100)}


def test_many_threads(opened: Opener) -> None:
    store = opened()
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(60):
                store.mark("shared", seconds=1.0)
                store.mark(f"{name}-{number}", read=True, place=place(number), fraction=0.5)
                if number % 5 == 0:
                    store.save()
                assert store.reading(f"{name}-{number}").read
                assert f"{name}-{number}" in store.read_ids()
                assert store.version >= number
                assert store.history(3)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
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
    come, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(go, start)
    os.close(go)
    data, first = b"", chance.choice([0, 0, 1, 2, 5, 12])  # saves to wait for
    while data.count(b"\\n") < first:
        data += os.read(come, 1 << 16)
    time.sleep(chance.random() * chance.choice([0.0005, 0.003]))
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    while more := os.read(come, 1 << 16):
        data += more
    os.close(come)
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
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), "200"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    saved, early = json.loads(done.stdout)
    assert saved > 400  # the kills came while it worked
    assert early > 5  # some before its first word


# -- A newer version, another program's file


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def make(path: Path, *statements: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize("opening", [StateStore, open_state])
def test_a_newer_version_is_refused_and_not_touched(
    path: Path, opened: Opener, clock: Clock, opening: Callable[..., object]
) -> None:
    store = opened()
    store.mark("river", read=True)
    store.close()
    make(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = contents(path.parent)
    with pytest.raises(StateError, match="newer") as caught:
        opening(path, clock=clock)
    assert isinstance(caught.value, RepositoryError)
    assert str(path) in str(caught.value)
    assert contents(path.parent) == before


def test_a_newer_version_that_is_only_in_the_log(path: Path, opened: Opener, clock: Clock) -> None:
    """As a newer program leaves it that was killed."""
    store = opened()
    store.mark("river", read=True)
    store.close()
    program = (
        "import os, sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA user_version = 99'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)])
    before = contents(path.parent)
    assert len(before) > 1
    with pytest.raises(StateError, match="99"):
        StateStore(path, clock=clock)
    after = contents(path.parent)
    for name in (path.name, f"{path.name}-wal"):
        assert after[name] == before[name]


def test_a_newer_version_that_comes_while_we_read(path: Path, opened: Opener) -> None:
    store = opened()
    store.mark("river", read=True)
    make(path, "PRAGMA user_version = 99")
    store.save()
    assert store.notice is not None
    assert "newer" in str(store.notice)
    assert store.reading("river").read


def test_another_program_s_file_is_left_alone(path: Path, clock: Clock) -> None:
    make(path, "PRAGMA application_id = 77", "CREATE TABLE theirs (x)")
    before = contents(path.parent)
    with pytest.raises(StateError, match="another program"):
        StateStore(path, clock=clock)
    assert contents(path.parent) == before


def test_an_empty_file_is_taken(path: Path, opened: Opener) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    store = opened()
    assert store.notice is None
    store.mark("river", read=True)
    store.close()
    assert opened().read_ids() == {"river"}


def test_migrations_are_frozen() -> None:
    """Change none of them: a file that has had one will not have it again.  Add the next one's digest."""
    from hashlib import sha256

    digests = [sha256("\n".join(each).encode()).hexdigest()[:16] for each in MIGRATIONS]
    assert digests == ["a07873b609f8ab42"]


# -- Damage


def filled(opened: Opener, count: int = 2000) -> None:
    store = opened()
    for number in range(count):
        store.mark(f"article {number:05}", place=place(number), fraction=0.5, starred=True)
    store.set_mark("a", Spot("article 00001", place(1)))
    store.close()


def broken_files(path: Path) -> list[Path]:
    return sorted(path.parent.glob("state.sqlite.broken-*Z"))


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_kept(path: Path, opened: Opener) -> None:
    filled(opened)
    data = bytearray(path.read_bytes())
    leaves = [start for start in range(0, len(data), 4096) if b"d1gest" in data[start : start + 4096]]
    middle = leaves[len(leaves) // 2]
    data[middle : middle + 4096] = b"\x5a" * 4096
    path.write_bytes(data)
    store = opened()
    (aside,) = broken_files(path)
    assert aside.read_bytes() == data
    assert store.notice is not None
    assert store.notice.path == aside
    kept = store.starred_ids()
    assert 1000 < len(kept) < 2000
    assert f"{len(kept):,} articles" in store.notice.text
    assert {"article 00000", "article 01999"} <= kept
    assert store.reading("article 01999") == Reading(False, 0.5, place(1999), True)
    assert store.marks() == [("a", Spot("article 00001", place(1)))]
    again = opened()
    assert again.notice is None
    assert again.starred_ids() == kept
    assert whole(path)
    assert aside.read_bytes() == data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"not a database at all",
        lambda data: b"x" * len(data),
        lambda data: data[: len(data) // 2],
        lambda data: data[:50],
        lambda data: data[:4096] + bytes(len(data) - 4096),
        lambda data: data[:100] + bytes(4000) + data[4100:],
    ],
    ids=["text", "overwritten", "half", "a few bytes", "zeros", "no schema"],
)
def test_damage_of_any_kind(path: Path, opened: Opener, damage: Callable[[bytes], bytes]) -> None:
    filled(opened)
    data = damage(path.read_bytes())
    path.write_bytes(data)
    first = opened()
    assert first.notice is not None
    first.mark("river", read=True)
    first.save()
    assert first.reading("river").read
    (aside,) = broken_files(path)
    assert aside.read_bytes() == data
    assert "river" in opened().read_ids()
    first.close()
    path.write_bytes(data)
    second = opened()
    assert second.notice is not None
    assert len({*broken_files(path), second.notice.path}) == 2


def test_damage_that_two_programs_meet(path: Path, opened: Opener) -> None:
    filled(opened)
    path.write_bytes(b"x" * 9000)
    one, other = opened(), opened()
    assert len(broken_files(path)) == 1
    one.mark("river", read=True)
    one.save()
    assert other.read_ids() == {"river"}


@pytest.mark.parametrize("everything", [True, False])
def test_a_file_that_is_removed_while_we_read(path: Path, opened: Opener, everything: bool) -> None:
    store = opened()
    store.mark("river", read=True)
    store.save()
    assert store.read_ids() == {"river"}
    if everything:
        shutil.rmtree(path.parent)
    else:
        path.unlink()
    store.mark("road", read=True)
    store.save()
    assert store.notice is None
    assert opened().read_ids() == store.read_ids() == {"road"}
    assert whole(path)


# -- No room, no permission

FULL = """
import resource, sys
from pathlib import Path
from pulse_tui.storage.state.state import StateStore
path = Path(sys.argv[1])
store = StateStore(path, clock=lambda: 1.0)
store.mark("a", read=True)
if sys.argv[2] == "later":
    store.save()
    assert store.notice is None, store.notice
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
for number in range(300):
    store.mark(f"article {number}", starred=True)
store.save()
notice = store.notice
assert notice is not None
assert "cannot be written" in notice.text
store.mark("b", read=True)
store.save()
assert store.notice == notice
assert store.read_ids() == {"a", "b"}
assert len(store.starred_ids()) == 300
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.save()
assert store.notice is None, store.notice
assert len(store.starred_ids()) == 300
"""


@pytest.mark.parametrize(
    ("when", "limit"), [("at once", 0), ("at once", 3000), ("later", 14_000), ("later", 0)]
)
def test_a_full_disk(path: Path, opened: Opener, when: str, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), when, str(limit)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    store = opened()
    assert store.notice is None
    assert store.read_ids() == {"a", "b"}
    assert len(store.starred_ids()) == 300
    assert whole(path)


def test_a_file_that_cannot_be_opened_for_a_while(
    path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(opened, 10)
    before = everything(opened())

    def full(*_: object) -> None:  # for the index of the log, which every connection needs
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr("pulse_tui.storage.state.state.StateFile", full)
        store = opened()
        assert store.notice is not None
        assert everything(store) == before
        assert store.is_saved
        store.mark("river", read=True)
        store.save()
        assert not store.is_saved
        assert len(store.starred_ids()) == 10
        assert store.read_ids() >= {"river"}
    store.save()
    assert store.notice is None
    assert store.is_saved
    others = opened()
    assert others.reading("river").read
    assert everything(others) == everything(store)
    assert len(others.records()) == 11


def test_a_folder_that_cannot_be_made(path: Path, clock: Clock) -> None:
    path.parent.parent.write_text("a file")
    store = StateStore(path, clock=clock)
    store.mark("river", read=True)
    store.save()
    assert store.notice is not None
    assert store.read_ids() == {"river"}
    path.parent.parent.unlink()
    store.save()
    assert store.notice is None
    store.close()
    assert whole(path)


def test_nothing_can_be_written_from_the_start(path: Path, clock: Clock) -> None:
    path.parent.parent.write_text("a file")
    store, notice = open_state(path, clock=clock)
    assert notice is not None
    assert notice.path == path
    store.mark("river", read=True)
    store.save()
    assert store.read_ids() == {"river"}
    path.parent.parent.unlink()


def test_a_file_that_may_only_be_read(
    path: Path, opened: Opener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(opened, 10)
    before = contents(path.parent)
    monkeypatch.setattr(os, "access", lambda _, mode: mode == os.R_OK)  # to the superuser all is writable
    store, notice = open_state(path, clock=clock)
    assert notice is not None
    assert len(store.starred_ids()) == 10
    assert store.marks() == [("a", Spot("article 00001", place(1)))]
    assert store.is_saved
    store.mark("river", read=True)
    store.save()
    store.close()
    assert not store.is_saved
    assert store.notice == notice
    assert store.reading("river").read
    assert contents(path.parent) == before


def test_a_folder_where_the_file_should_be(path: Path, clock: Clock) -> None:
    path.mkdir(parents=True)
    store, notice = open_state(path, clock=clock)
    assert notice is not None
    store.mark("river", read=True)
    store.save()
    direct = StateStore(path, clock=clock)
    assert direct.notice is not None
    direct.mark("river", read=True)
    direct.save()
    assert direct.reading("river").read
    assert path.is_dir()


def test_all_is_well(path: Path, clock: Clock) -> None:
    for _ in range(2):
        store, notice = open_state(path, clock=clock)
        assert notice is None
        store.mark("river", read=True)
        store.close()
