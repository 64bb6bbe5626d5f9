"""The reading state as lines: out, in again, merged, and refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Reading
from pulse_tui.repository import Spot
from pulse_tui.storage.state import jsonl
from pulse_tui.storage.state.database import StateError
from pulse_tui.storage.state.following import Followed, Following, TakenRow, apart
from pulse_tui.storage.state.record import Change, Changes, Record, Stamped, merged
from pulse_tui.storage.state.state import StateStore
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import BY_HAND, Answer, Subscription, Taken
from pulse_tui.text import clean_line
from tests.states import HOUSE, RIVER, Clock, everything, place


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore(tmp_path / "state.sqlite", clock=Clock())
    yield store
    store.close()


def lines(store: StateStore, followed: SubscriptionStore | None = None) -> list[bytes]:
    also = (followed.subscriptions(), followed.taken_rows()) if followed is not None else ()
    return [line.encode() for line in jsonl.written(store.records(), store.stamped_marks(), *also)]


def test_export_and_import(store: StateStore) -> None:
    store.mark("river", place=place(7), fraction=0.25, read=True, starred=False, seconds=12.5, estimate=60.0)
    store.note_digest("دریا", "abc")
    store.set_mark("a", Spot("river", place(9)))
    store.set_mark("b", Spot("river", place(9)))
    store.undo()
    out = lines(store)
    assert json.loads(out[0]) == {"format": "pulse-tui reading state", "version": 2}
    assert "دریا" in out[2].decode()
    copy = StateStore(None, clock=Clock(0.0))
    copy.merge(jsonl.read(out, "copy").reading)
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
            store.merge(jsonl.read(lines(parcel), "x").reading)
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
    store.merge(jsonl.read(lines(other), "other").reading)
    assert store.version != version
    store.save()
    again = StateStore(tmp_path / "state.sqlite", clock=Clock())
    assert again.reading("river") == Reading(read=True)
    assert again.begun_ids(9) == ["road"]
    again.close()
    store.mark("river", starred=True)  # what happens here counts, though that clock was ahead
    assert store.starred_ids() == {"river"}


HEAD = '{"format": "pulse-tui reading state", "version": 1}'


def subscription(**fields: object) -> str:
    """A good line, but for the fields that are given."""
    good: dict[str, object] = {"type": "subscription", "url": "https://a.test/feed", "title": "A", "home": ""}
    good |= {"folders": ["B"], "name": "a", "every": 60, "changed": 1}
    return json.dumps(good | fields)


def taken(**fields: object) -> str:
    good: dict[str, object] = {"type": "taken", "feed": "a", "source": "b", "file": "feeds/a/x.md"}
    good |= {"said": "1", "written": {"title": "2"}, "changed": 1}
    return json.dumps(good | fields)


MALFORMED = {
    "empty": ("", 1),
    "blank": ("\n\n", 2),
    "no head": ('{"type": "mark", "letter": "a", "changed": 1}', 1),
    "newer": (HEAD.replace("1", "3"), 1),
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
    "removed and more": (HEAD + "\n" + subscription(removed=True), 2),
    "long": (f"{HEAD}\n{subscription()}{' ' * (1 << 20)}", 2),
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
    parcel = jsonl.read(["\ufeff".encode() + HEAD.encode() + b"\r\n", b"\r\n"], "x")
    assert not parcel.reading
    assert not parcel.following


BAD_NAMES: list[object] = [
    None,
    1,
    "",
    ".",
    "..",
    "a/b",
    "/a",
    "a\\b",
    ".a",
    "a\nb",
    "a ",
    "a\x1b",
    "a\u202eb",
]
BAD_LINES: list[object] = [None, 1, "a\x07", "a\nb", " a", "a" * 1001, "\ud800"]
BAD_TIMES: list[object] = [None, True, -1, "1", {}, 1e12]
BAD_FIELDS: list[tuple[Callable[..., str], str, list[object]]] = [
    (subscription, "url", [None, "", "a", "file:///etc", "https://a b", "https://a\x1b", "https://a/" * 500]),
    (subscription, "name", [*BAD_NAMES, "a\u202eb", "a" * 201, "ک" * 101]),
    (subscription, "title", BAD_LINES),
    (subscription, "home", [None, "javascript:a", "https://a\u2028"]),
    (subscription, "folders", [None, "a", [1], [""], ["a\x1b"], ["a"] * 101, {"a": 1}]),
    (subscription, "every", [*BAD_TIMES, 1e10]),
    (subscription, "changed", BAD_TIMES),
    (subscription, "removed", [None, 1, "yes"]),
    (subscription, "x", [1]),
    (taken, "feed", [None, "..", "a/b", "a\x1b"]),
    (taken, "source", [None, "", "a\x1b", "a\nb", "a" * 30_001, '"a', '"a"', "\ud800"]),
    (taken, "file", [None, 1, "", "/a.md", "../a.md", "a/../b.md", "a//b.md", "./a.md", "..\\a.md", "a/"]),
    (taken, "file", ["a\x1b.md", "a\n.md", "\ud800.md", "a" * 4001]),
    (taken, "said", BAD_LINES),
    (taken, "written", [None, "a", ["a"], {"a": 1}, {"a\x1b": "1"}, {"a": "1\n"}]),
    (taken, "written", [{str(number): "1" for number in range(1001)}]),
    (taken, "changed", BAD_TIMES),
    (taken, "x", [1]),
]


@pytest.mark.parametrize(("make", "field", "values"), BAD_FIELDS)
def test_malformed_fields(make: Callable[..., str], field: str, values: list[object]) -> None:
    for value in values:
        with pytest.raises(StateError, match=rf"^x:3: .*{field}.*; nothing was taken") as caught:
            jsonl.read([HEAD.encode(), make().encode(), make(**{field: value}).encode()], "x")
        assert clean_line(str(caught.value)) == str(caught.value)


def test_lines_that_malformed_ones_are_made_of() -> None:
    parcel = jsonl.read([HEAD.encode(), subscription().encode(), taken().encode()], "x")
    assert parcel.following.subscriptions[0].subscription.folders == ("B",)
    assert parcel.following.taken[0].written == '{"title":"2"}'


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"{}", b"null", b'{"type": "mark"}']), max_size=4))
def test_any_bytes_are_taken_or_refused(found: list[bytes]) -> None:
    with suppress(StateError):
        jsonl.read([HEAD.encode(), *found], "x")


# -- What is followed


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[SubscriptionStore]:
    store = SubscriptionStore(tmp_path / "state.sqlite", clock=Clock())
    yield store
    store.close()


def test_what_is_followed_goes_along(store: StateStore, followed: SubscriptionStore, tmp_path: Path) -> None:
    followed.put([HOUSE, RIVER])
    followed.remove(RIVER.url)
    followed.answered(HOUSE.url, Answer("etag", asked=5.0))
    followed.take("house", {"1": Taken("feeds/house/a.md", "s", {"title": "d", "body": "e"})})
    followed.take(BY_HAND, {"/home/a  b\udcff.html": Taken("c.md", "", {})})
    out = lines(store, followed)
    assert [json.loads(line)["type"] for line in out[1:]] == ["subscription"] * 2 + ["taken"] * 2
    assert json.loads(out[1]) == {
        "type": "subscription",
        "url": RIVER.url,
        "name": "river",
        "removed": True,
        "changed": json.loads(out[1])["changed"],
    }
    copy = SubscriptionStore(tmp_path / "copy.sqlite", clock=Clock(0.0))
    copy.merge(jsonl.read(out, "copy").following)
    assert lines(store, copy) == out
    assert copy.all() == [(HOUSE, Answer())]
    assert copy.taken("house") == followed.taken("house")
    assert copy.taken(BY_HAND).keys() == {"/home/a  b\udcff.html"}
    copy.close()


URLS = st.sampled_from(["https://a.test/", "https://b.test/", "https://c.test/"])
WORDS = st.sampled_from(["", "A", "a", "ا"])
FOLLOWED = st.builds(
    Followed,
    st.builds(
        Subscription,
        URLS,
        WORDS,
        st.just(""),
        st.lists(WORDS.filter(bool), max_size=1).map(tuple),
        st.sampled_from(["a", "A", "b"]),
        st.sampled_from([0.0, 60.0]),
    ),
    STAMPS,
    st.booleans(),
)
TAKEN = st.builds(
    TakenRow,
    st.sampled_from(["", "a", "b", apart("a", "https://b.test/")]),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["x.md", "y.md"]),
    WORDS,
    st.sampled_from(["{}", '{"title":"1"}']),
    STAMPS,
)
PARCELS = st.builds(Following, st.lists(FOLLOWED, max_size=4), st.lists(TAKEN, max_size=4))


@settings(max_examples=60)
@given(st.lists(PARCELS, min_size=2, max_size=3))
def test_what_is_followed_is_merged_in_any_order_and_however_often(
    tmp_path_factory: pytest.TempPathFactory, found: list[Following]
) -> None:
    folder = tmp_path_factory.mktemp("merged")
    results: list[tuple[list[Followed], object, object, object]] = []
    for order in permutations(found):
        store = SubscriptionStore(folder / f"{len(results)}.sqlite", clock=Clock())
        for each in (*order, *order[:2]):
            out = jsonl.written([], [], each.subscriptions, each.taken)
            store.merge(jsonl.read((line.encode() for line in out), "x").following)
        names = [each.name for each, _ in store.all()]
        assert len({name.lower() for name in names}) == len(names)
        taken = {name: store.taken(name) for name in (*names, BY_HAND)}
        results.append((store.subscriptions(), list(store.taken_rows()), store.all(), taken))
        assert {each.subscription.url for each in results[-1][0] if not each.removed} == {
            each.url for each, _ in store.all()
        }
        store.close()
    assert all(result == results[0] for result in results)
    shutil.rmtree(folder)
