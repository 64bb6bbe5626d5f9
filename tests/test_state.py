"""The reading state: what is kept, in a file or in memory, and what can be taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Reading
from pulse_tui.repository import Spot
from pulse_tui.storage.state.state import StateStore
from tests.states import Clock, Opener, everything, place, whole


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, path: Path, clock: Clock) -> Iterator[StateStore]:
    store = StateStore(path if request.param == "file" else None, clock=clock)
    yield store
    store.close()


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
