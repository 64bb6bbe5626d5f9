"""The reading state as lines: out, in again, merged, and refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.article import Reading
from pulse_tui.repository import Spot
from pulse_tui.storage.state import jsonl
from pulse_tui.storage.state.file import StateError
from pulse_tui.storage.state.record import Change, Changes, Record, Stamped, merged
from pulse_tui.storage.state.state import StateStore
from pulse_tui.text import clean_line
from tests.states import Clock, place


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore(tmp_path / "state.sqlite", clock=Clock())
    yield store
    store.close()


def everything(store: StateStore) -> object:
    return store.records(), store.stamped_marks()


def lines(store: StateStore) -> list[bytes]:
    return [line.encode() for line in jsonl.written(store.records(), store.stamped_marks())]


def test_export_and_import(store: StateStore) -> None:
    store.mark("river", place=place(7), fraction=0.25, read=True, starred=False, seconds=12.5, estimate=60.0)
    store.note_digest("دریا", "abc")
    store.set_mark("a", Spot("river", place(9)))
    store.set_mark("b", Spot("river", place(9)))
    store.undo()
    out = lines(store)
    assert json.loads(out[0]) == {"format": "pulse-tui reading state", "version": 1}
    assert "دریا" in out[2].decode()
    copy = StateStore(None, clock=Clock(0.0))
    copy.merge(jsonl.read(out, "copy"))
    assert everything(copy) == everything(store)
    assert lines(copy) == out
    assert copy.history(9) == store.history(9)
    assert copy.marks() == store.marks() == [("a", Spot("river", place(9)))]


STAMPS = st.sampled_from([0.0, 1.0, 2.5, 1_795_000_000.123])
PLACES = st.builds(place, st.integers(0, 3), st.integers(0, 2))


def stamped(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | st.builds(Stamped, values, STAMPS)


RECORDS = st.builds(
    Record,
    place=stamped(PLACES),
    fraction=stamped(st.floats(0, 1)),
    read=stamped(st.booleans()),
    starred=stamped(st.booleans()),
    seconds=stamped(st.floats(0, 100)),
    estimate=stamped(st.floats(0, 100)),
    digest=stamped(st.sampled_from(["", "a", "b"])),
)
IDS = st.sampled_from(["a", "b"]) | st.text(min_size=1).filter(lambda text: clean_line(text) == text)


@st.composite
def states(draw: st.DrawFn) -> Changes:
    changes = Changes()
    for article_id, record in draw(st.dictionaries(IDS, RECORDS, max_size=4)).items():
        changes.change(article_id, Change(record))
    spots = st.none() | st.builds(Spot, IDS, PLACES)
    for letter, spot in draw(st.dictionaries(IDS, st.builds(Stamped, spots, STAMPS), max_size=3)).items():
        changes.mark(letter, spot)
    return changes


@given(st.lists(states(), min_size=2, max_size=3))
def test_merging_is_the_same_in_any_order_and_however_often(found: list[Changes]) -> None:
    results = []
    for order in permutations(found):
        store = StateStore(None, clock=Clock())
        for each in (*order, *order[:2]):
            parcel = StateStore(None, clock=Clock())
            parcel.merge(each)
            store.merge(jsonl.read(lines(parcel), "x"))
        results.append(everything(store))
    assert all(result == results[0] for result in results)


@given(RECORDS, RECORDS, RECORDS)
def test_merging_records(a: Record, b: Record, c: Record) -> None:
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, a) == a


def test_what_is_imported_is_saved(store: StateStore, tmp_path: Path) -> None:
    store.mark("river", starred=True, read=True)
    store.save()
    other = StateStore(None, clock=Clock(3e9))
    other.mark("river", starred=False)
    other.mark("road", place=place(3), fraction=0.5)
    version = store.version
    store.merge(jsonl.read(lines(other), "other"))
    assert store.version != version
    store.save()
    again = StateStore(tmp_path / "state.sqlite", clock=Clock())
    assert again.reading("river") == Reading(read=True)
    assert again.begun_ids(9) == ["road"]
    again.close()
    store.mark("river", starred=True)  # what happens here counts, though that clock was ahead
    assert store.starred_ids() == {"river"}


HEAD = '{"format": "pulse-tui reading state", "version": 1}'
MALFORMED = {
    "empty": ("", 1),
    "blank": ("\n\n", 2),
    "no head": ('{"type": "mark", "letter": "a", "changed": 1}', 1),
    "newer": (HEAD.replace("1", "2"), 1),
    "version": (HEAD.replace("1", "true"), 1),
    "another format": ('{"format": "x", "version": 1}', 1),
    "no JSON": (HEAD + "\n{", 2),
    "a list": (HEAD + "\n[]", 2),
    "cut off": (HEAD + '\n{"type": "reading", "article": "a", "chan', 2),
    "type": (HEAD + '\n{"type": "other"}', 2),
    "no type": (HEAD + '\n\n{"article": "a", "changed": {}}', 3),
    "no article": (HEAD + '\n{"type": "reading", "changed": {}}', 2),
    "id": (HEAD + '\n{"type": "reading", "article": "a\\u001b[2J", "changed": {}}', 2),
    "surrogate": (HEAD + '\n{"type": "reading", "article": "\\ud800", "changed": {}}', 2),
    "field": (HEAD + '\n{"type": "reading", "article": "a", "x": 1, "changed": {"x": 1}}', 2),
    "no time": (HEAD + '\n{"type": "reading", "article": "a", "read": true, "changed": {}}', 2),
    "time": (HEAD + '\n{"type": "reading", "article": "a", "read": true, "changed": {"read": "1"}}', 2),
    "NaN": (HEAD + '\n{"type": "reading", "article": "a", "read": true, "changed": {"read": NaN}}', 2),
    "infinite": (HEAD + '\n{"type": "reading", "article": "a", "read": true, "changed": {"read": 1e999}}', 2),
    "number": (HEAD + '\n{"type": "reading", "article": "a", "read": 1, "changed": {"read": 1}}', 2),
    "truth": (HEAD + '\n{"type": "reading", "article": "a", "seconds": true, "changed": {"seconds": 1}}', 2),
    "fraction": (
        HEAD + '\n{"type": "reading", "article": "a", "fraction": 2, "changed": {"fraction": 1}}',
        2,
    ),
    "place": (HEAD + '\n{"type": "reading", "article": "a", "place": [1], "changed": {"place": 1}}', 2),
    "mark": (HEAD + '\n{"type": "mark", "letter": "a", "article": "b", "changed": 1}', 2),
    "mark's field": (HEAD + '\n{"type": "mark", "letter": "a", "x": 1, "changed": 1}', 2),
    "huge": (HEAD + '\n{"type": "mark", "letter": "a", "changed": ' + "9" * 5000 + "}", 2),
    "nested": (HEAD + "\n" + "[" * 100_000, 2),
}


@pytest.mark.parametrize(("text", "line"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_lines(text: str, line: int) -> None:
    good = '{"type": "reading", "article": "good", "read": true, "changed": {"read": 1}}\n'
    text = text.replace(HEAD + "\n", HEAD + "\n" + good) if text.startswith(HEAD + "\n") else text
    line += text.count(good)
    with pytest.raises(StateError) as caught:
        jsonl.read(text.encode().splitlines(keepends=True), "of\x1bmine.jsonl")
    said = str(caught.value)
    assert said.startswith(f"of\ufffdmine.jsonl:{line}: ")
    assert "\n" not in said
    assert "nothing was taken" in said


def test_lines_of_other_bytes() -> None:
    with pytest.raises(StateError, match=r"x:2: .*UTF-8"):
        jsonl.read([HEAD.encode(), b'{"type": "\xff"}'], "x")
    changes = jsonl.read(["\ufeff".encode() + HEAD.encode() + b"\r\n", b"\r\n"], "x")
    assert not changes


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"{}", b"null", b'{"type": "mark"}']), max_size=4))
def test_any_bytes_are_taken_or_refused(found: list[bytes]) -> None:
    with suppress(StateError):
        jsonl.read([HEAD.encode(), *found], "x")
