"""Errands that behave badly, what is believed of their reports, and how that is put into words."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.errands.events import (
    Asked,
    End,
    Event,
    FaultError,
    Feed,
    Kept,
    Progress,
    Standing,
    event_of,
)
from pulse_tui.errands.running import expanded
from pulse_tui.errands.words import (
    NONE_FOLLOWED,
    added,
    adding,
    fetched,
    fetching,
    joined,
    name_of,
    sources_in,
)
from pulse_tui.text import cells, clean_line
from tests.test_reader import WIDE, _apart, library
from tests.test_reader_errands import (
    PAGE,
    Play,
    add,
    asked,
    desk,
    end,
    feed,
    is_alive,
    kept,
    play,
    progress,
    told,
)

__all__ = ["_apart", "library", "play"]  # fixtures


BAD: dict[str, tuple[list[list[object]], str]] = {
    "no JSON": ([["raw", "Adding example.org...\n"]], "makes no sense"),
    "half of it": ([["raw", '{"event": "kept", "id":\n']], "makes no sense"),
    "no object": ([["raw", "[1]\n"]], "makes no sense"),
    "no event": ([["say", {"id": "x"}]], "makes no sense"),
    "a wrong type": ([["say", {"event": "asked", "done": "1", "of": 2}]], "makes no sense"),
    "a missing field": ([["say", {"event": "kept", "id": "x", "title": "X"}]], "makes no sense"),
    "an unknown outcome": ([kept("x", "X", "stolen")], "makes no sense"),
    "a deep one": ([["raw", "[" * 60_000 + "\n"]], "makes no sense"),
    "a large number": (
        [["raw", '{"event": "asked", "done": 1, "of": ' + "9" * 9000 + "}\n"]],
        "makes no sense",
    ),
    "a long line": ([["raw", " " * 70_000 + "\n"]], "makes no sense"),
    "no end of a line": ([["raw", "x" * 200_000], ["hang"]], "makes no sense"),
    "bytes": ([["raw", "\x00\xff\xfe\x80\n"]], "makes no sense"),
    "a signal": ([progress(PAGE, 1), ["die", signal.SIGSEGV]], "was ended by SIGSEGV"),
    "a complaint": (
        [["complain", "Trace\x1b[31m\n\npulse-tui: the disk is\x07 full.\n"], ["exit", 1]],
        "Not added: the disk is\ufffd full.",
    ),
    "complaints without end": (
        [["complain", "x y " * 50_000 + "\nThe last.\n"], ["exit", 5]],
        "Not added: The last.",
    ),
    "no word": ([["exit", 3]], "ended with the status 3 and without a word"),
    "an early end": ([progress(PAGE, 1), ["exit", 0]], "ended with the status 0 and without a word"),
}


@pytest.mark.parametrize(("steps", "sentence"), BAD.values(), ids=BAD)
async def test_an_errand_that_fails(play: Play, steps: list[list[object]], sentence: str) -> None:
    play.add(
        PAGE,
        ["here", play.path("pid")],
        *steps,
        ["hang"] if steps[0][0] in ("raw", "say") and len(steps) == 1 else end(),
    )
    async with desk(play, WIDE) as seen:
        await add(seen)
        await seen.until(lambda: told(seen).startswith("Not added"))
        assert sentence in told(seen)
        assert not is_alive(play.pid("pid"))
        assert "adding" not in seen.masthead.text[1]
        assert not any(each in seen.text for each in "\x00\x07\x1b")
        play.add(PAGE, kept("x", "X"), end())
        await add(seen)
        await seen.until(lambda: told(seen).startswith("Added: X"))


async def test_feeds_that_end_early(play: Play) -> None:
    play.sync(asked(1, 9), feed("a.example", new=2), ["die", signal.SIGKILL])
    async with desk(play, WIDE) as seen:
        await seen.press("r")
        await seen.until(lambda: told(seen).startswith("Feeds"))
        assert told(seen) == "Feeds: 2 new; The errand was ended by SIGKILL."


async def test_feeds_that_cannot_be_asked(play: Play) -> None:
    async with desk(play, WIDE) as seen:
        for steps, every, sentence in (
            (
                [["complain", "pulse-tui: The feeds are being asked already.\n"], ["exit", 1]],
                False,
                "asked already",
            ),
            ([end()], False, "No feed is due; R asks all of them."),
            ([["complain", f"pulse-tui: {NONE_FOLLOWED}\n"], ["exit", 1]], True, f" {NONE_FOLLOWED}"),
            ([["complain", f"pulse-tui: {NONE_FOLLOWED}\n"], ["exit", 1]], False, f" {NONE_FOLLOWED}"),
        ):
            play.sync(*steps, every=every)
            await seen.press("R" if every else "r")
            await seen.until(lambda sentence=sentence: sentence in f" {told(seen)}")  # type: ignore[misc]
            assert told(seen).startswith("No feed")
            assert len(told(seen).split("No feed")) == 2, "it is said once"


async def test_a_program_that_is_not_there(play: Play) -> None:
    play.command = ("/no/such/program", "", "", "", "")
    async with desk(play, WIDE) as seen:
        await add(seen)
        await seen.until(lambda: "could not be started" in told(seen))


async def test_titles_that_steer_terminals(play: Play) -> None:
    play.add(PAGE, kept("x", "A\x1b]0;owned\x07 \x9b31m\u202eB\nC"), end())
    async with desk(play, WIDE) as seen:
        await add(seen)
        await seen.until(lambda: told(seen).startswith("Added"))
        assert told(seen) == "Added: A\ufffd]0;owned\ufffd \ufffd31mB C. A reads it."


async def test_silence_has_an_end(play: Play) -> None:
    play.add(PAGE, ["here", play.path("pid")], ["hang"])
    async with desk(play, WIDE, patience=0.3) as seen:
        await add(seen)
        await seen.until(lambda: told(seen).startswith("Not added"))
        assert "Nothing was heard of it for 0.3 seconds" in told(seen)
        assert play.pid("pid") is None or not is_alive(play.pid("pid"))


async def test_a_flood_disturbs_nobody(play: Play) -> None:
    play.sync(["here", play.path("pid")], ["flood", asked(1, 3)[1]])
    async with desk(play, WIDE) as seen:
        await seen.press("r")
        await seen.until(lambda: seen.masthead.text[1].endswith("feeds 1 of 3"))
        first = seen.article
        for _ in range(20):
            await seen.press("j")
        assert seen.article != first
        await seen.press("X")
        await seen.until(lambda: told(seen) == "Stopped asking feeds.")
        assert not is_alive(play.pid("pid"))
        assert seen.masthead.text[1].endswith("unread")


@pytest.mark.parametrize("manners", [[], [["deaf"]]], ids=["heeds SIGTERM", "heeds nothing"])
async def test_stopping(play: Play, manners: list[list[object]]) -> None:
    play.add(PAGE, *manners, ["here", play.path("pid")], kept("x", "X"), ["hang"])
    async with desk(play, WIDE, grace=0.2) as seen:
        await add(seen, f"{PAGE}\nhttps://other.example/")
        await seen.until(lambda: play.pid("pid") is not None)
        await seen.press("X")
        await seen.until(lambda: told(seen).startswith("Stopped"))
        assert told(seen).startswith("Stopped adding example.org")
        assert not is_alive(play.pid("pid"))
        assert seen.masthead.text[1].endswith("unread")


async def test_errands_give_way_to_the_reader(play: Play) -> None:
    play.add(PAGE, ["here", play.path("pid")], progress(PAGE, 1), ["hang"])
    async with desk(play, WIDE) as seen:
        await add(seen)
        await seen.until(lambda: "1 KB" in seen.masthead.text[1] or "0 KB" in seen.masthead.text[1])
        assert os.getpriority(os.PRIO_PROCESS, play.pid("pid") or 0) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_whoever_holds_the_pipes_is_not_waited_for(play: Play) -> None:
    play.add(PAGE, ["heir", play.path("heir")], kept("x", "X"), end())
    async with desk(play, WIDE) as seen:
        await add(seen)
        await seen.until(lambda: told(seen).startswith("Added: X"))
        await seen.until(lambda: not is_running(play.pid("heir")))


def is_running(pid: int | None) -> bool:
    """Whether a process is there that is not only waiting to be buried."""
    assert pid is not None
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


# -- Reports


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_names = (
    "source",
    "bytes",
    "expected",
    "id",
    "title",
    "outcome",
    "edited",
    "reason",
    "name",
    "new",
    "updated",
)
_reports = st.fixed_dictionaries(
    {"event": st.sampled_from(["progress", "kept", "failed", "feed", "asked", "end"]) | _values},
    optional={
        name: _values | st.integers(0, 9) | st.sampled_from(["new", "failed", "deleted"]) for name in _names
    },
)


@given(st.binary(max_size=200) | _values.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_an_event_or_a_fault(line: bytes) -> None:
    try:
        event = event_of(line)
    except FaultError:
        return
    assert event is None or isinstance(event, get_args(Event))


@given(st.lists(_reports, max_size=6), st.text(max_size=30))
def test_what_is_reported_is_fit_to_be_shown(reports: list[dict[str, object]], source: str) -> None:
    standing = Standing()
    for report in reports:
        with suppress(FaultError):
            event = event_of(json.dumps(report).encode())
            standing = standing.after(event) if event is not None else standing
    for words in (adding(source, standing), fetching(standing), added(standing), fetched(standing)):
        assert words == clean_line(words) or not words.isascii()
        assert words.replace("  ", " ").isprintable() or not words.isascii()
        assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in words)
    assert cells(name_of(source)) <= 30


def test_a_report_may_say_more_than_is_asked_of_it() -> None:
    line = b'{"event": "asked", "done": 1, "of": 2, "more": {"x": [1]}}'
    assert event_of(line) == Asked(1, 2)
    assert event_of(b'{"event": "tomorrow", "x": 1}') is None


def test_a_number_is_no_truth_and_no_fraction() -> None:
    for value in ("true", "1.0", "-1", '"1"', "null", "1e3", "NaN"):
        with pytest.raises(FaultError):
            event_of(b'{"event": "asked", "done": %s, "of": 2}' % value.encode())


# -- Words


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Progress("x", 0, None), "adding example.org"),
        (Progress("x", 0, 100), "adding example.org 0 %"),
        (Progress("x", 50, 100), "adding example.org 50 %"),
        (Progress("x", 500, 100), "adding example.org 100 %"),
        (Progress("x", 70_400, None), "adding example.org 70 KB"),
        (Progress("x", 2_500_000, 0), "adding example.org 2.5 MB"),
    ],
)
def test_how_far_adding_is(event: Progress, words: str) -> None:
    assert adding(PAGE, Standing().after(event)) == words


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "Feeds: nothing new"),
        ([End(0, 0, 0)], "No feed is due"),
        ([Asked(0, 3), End(0, 0, 0)], "Feeds: nothing new"),
        ([Asked(0, 3), Feed("a", "new", 3, 1), End(3, 1, 0)], "Feeds: 3 new, 1 updated"),
        (
            [Asked(0, 3), Feed("a", "failed", 0, 0), End(0, 0, 1)],
            "Feeds: nothing new; 1 feed failed, see pulse-tui feeds",
        ),
        ([Asked(0, 3), Kept("a", "A", "new", False)], "Feeds: 1 new"),
    ],
)
def test_what_came_of_fetching(events: list[Event], words: str) -> None:
    standing = Standing()
    for event in events:
        standing = standing.after(event)
    assert fetched(standing) == words


def test_without_feeds_it_is_said_how_to_follow_one_in_any_encoding() -> None:
    for fault in (NONE_FOLLOWED, NONE_FOLLOWED.encode("latin-1", "replace").decode()):
        assert f"{fetched(Standing(fault=fault))}." == NONE_FOLLOWED


def test_a_feature_that_its_owner_deleted_is_not_counted() -> None:
    assert Standing().after(Kept("a", "A", "deleted", False)).kept == 0


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://www.example.org:8080/a/b?c", "example.org:8080"),
        ("https://reader:secret@example.org/", "example.org"),
        ("notes/river.md", "river.md"),
        ("/", "/"),
        ("", "?"),
        ("https://", "?"),
        ("https://" + "x" * 90 + "/", "x" * 29 + "…"),
    ],
)
def test_names_of_sources(source: str, name: str) -> None:
    assert name_of(source) == name


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("", []),
        (" \t ", []),
        ("a b.md", ["a b.md"]),
        ("https://a.example/ b", ["https://a.example/ b"]),
        ("https://a.example/  http://b.example/", ["https://a.example/", "http://b.example/"]),
        ("a.md https://a.example/", ["a.md https://a.example/"]),
    ],
)
def test_what_is_typed_may_name_several(text: str, sources: list[str]) -> None:
    assert sources_in(text) == sources


@given(st.text())
def test_what_is_pasted_is_one_clean_line(text: str) -> None:
    line = joined(text)
    assert clean_line(line) == line


def test_home_and_quotes(tmp_path: Path) -> None:
    for typed, meant in (
        ("~/a b.md", f"{tmp_path}/a b.md"),
        ("~", str(tmp_path)),
        ("~other/a.md", "~other/a.md"),
        ("'/a b.md'", "/a b.md"),
        ('"~/a.md"', f"{tmp_path}/a.md"),
        ("'", "'"),
        ("https://example.org/~/x", "https://example.org/~/x"),
    ):
        assert expanded(typed, tmp_path) == meant
