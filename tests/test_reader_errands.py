"""What comes in while somebody reads: pages are added and feeds fetched, by processes of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events

from pulse_tui import bundled
from pulse_tui.errands.running import Errands
from pulse_tui.repository import Repository
from pulse_tui.tui import gathering
from pulse_tui.tui.app import PulseApp
from pulse_tui.tui.prompt import Line, Prompt
from tests import errand
from tests.libraries import library_of
from tests.test_reader import MIDDLE, SIZES, WIDE, Desk, _apart, library

__all__ = ["_apart", "library"]  # fixtures

PAGE = "https://example.org/page"
NEWS = "---\ntitle: Fresh News\npublished: 2026-03-02\nid: news\n---\n\nThey are in.\n"


class Play:
    """What errands do, how they are begun, and the signs that they wait for."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder = folder
        self.library = library
        self.command = (sys.executable, "-S", "-E", errand.__file__, str(folder))

    def add(self, source: str, *steps: Sequence[object]) -> None:
        errand.write_play(self.folder, ["add", "--json", "--", source], *steps)

    def sync(self, *steps: Sequence[object], every: bool = False) -> None:
        errand.write_play(self.folder, ["sync", "--json", *(["--all"] if every else [])], *steps)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def sign(self, name: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).touch()

    def pid(self, name: str) -> int | None:
        path = self.folder / name
        return int(path.read_text()) if path.exists() else None


@pytest.fixture
def play(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setattr(gathering, "_TELL_SECONDS", 0.02)
    return Play(tmp_path / "play", library)


def progress(source: str, count: int, expected: int | None = None) -> list[object]:
    return ["say", {"event": "progress", "source": source, "bytes": count, "expected": expected}]


def kept(article_id: str, title: str, outcome: str = "new", edited: Sequence[str] = ()) -> list[object]:
    event = {"event": "kept", "source": PAGE, "id": article_id, "path": f"/x/{article_id}.md"}
    return ["say", {**event, "title": title, "outcome": outcome, "edited": list(edited)}]


def failed(source: str, reason: str) -> list[object]:
    return ["say", {"event": "failed", "source": source, "reason": reason}]


def feed(name: str, outcome: str = "new", new: int = 0, updated: int = 0) -> list[object]:
    event = {"event": "feed", "url": f"https://{name}/feed", "name": name, "title": name.title()}
    return ["say", {**event, "outcome": outcome, "new": new, "updated": updated, "reason": ""}]


def asked(done: int, of: int) -> list[object]:
    return ["say", {"event": "asked", "done": done, "of": of}]


def end(new: int = 0, updated: int = 0, failed: int = 0) -> list[object]:
    return ["say", {"event": "end", "new": new, "updated": updated, "failed": failed}]


@asynccontextmanager
async def desk(
    play: Play, size: tuple[int, int] = MIDDLE, *, start: str | None = "alpha", **limits: float
) -> AsyncIterator[Desk]:
    errands = Errands(play.command, play.folder / "home", **limits)
    repository: Repository = library_of(play.library)
    app = PulseApp(repository, bundled.style_sheet(), start=start, errands=errands)
    async with app.run_test(size=size) as pilot:
        seen = Desk(pilot, app)
        await seen.settle()
        try:
            yield seen
        finally:
            await asyncio.to_thread(errands.close)


async def add(seen: Desk, source: str = PAGE) -> None:
    """Add a source, pasted rather than typed, as most are."""
    await seen.press("a")
    await paste(seen, source)
    await seen.press("enter")


async def paste(seen: Desk, text: str) -> None:
    seen.app.post_message(events.Paste(text))
    await seen.settle()


def told(seen: Desk) -> str:
    """The message below the text."""
    return seen.hints.text[0]


def is_alive(pid: int | None) -> bool:
    assert pid is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def open_id(seen: Desk) -> str:
    assert seen.view.document is not None
    return seen.view.document.article.headline.id


def current(seen: Desk) -> str:
    assert seen.list.current is not None
    return seen.list.current.id


# -- Adding


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_added_from_the_list_has_the_cursor(play: Play, size: tuple[int, int]) -> None:
    play.add(
        PAGE,
        ["here", play.path("pid")],
        progress(PAGE, 9000, 20_000),
        ["wait", play.path("go on")],
        ["write", str(play.library / "news.md"), NEWS],
        kept("news", "Fresh News"),
        end(new=1),
    )
    async with desk(play, size) as seen:
        await seen.press("h")
        listed = current(seen)
        await add(seen)
        assert told(seen) == "Adding example.org …"
        await seen.until(lambda: "adding example.org 45 %" in seen.masthead.text[1])
        assert seen.has_keys(seen.list)
        assert current(seen) == listed
        play.sign("go on")
        await seen.until(lambda: "Added" in told(seen))
        assert told(seen) == "Added: Fresh News. A reads it."
        await seen.until(lambda: current(seen) == "news")
        await seen.settle()
        assert "adding" not in seen.masthead.text[1]
        assert "Fresh News" in "\n".join(seen.shown(seen.list))
        assert open_id(seen) == "alpha"
        await seen.press("enter")
        assert open_id(seen) == "news"


async def test_nobody_is_moved_away_from_what_they_read(play: Play) -> None:
    play.add(PAGE, ["write", str(play.library / "news.md"), NEWS], kept("news", "Fresh News"), end(new=1))
    async with desk(play, WIDE) as seen:
        await seen.press("f", "f")
        before, place, listed = seen.article, seen.view.place, current(seen)
        await add(seen)
        await seen.until(lambda: "Added" in told(seen))
        await seen.until(lambda: "Fresh News" in "\n".join(seen.shown(seen.list)))
        await seen.settle()
        assert (seen.article, seen.view.place, current(seen)) == (before, place, listed)
        assert seen.has_keys(seen.view)
        await seen.press("A")
        assert open_id(seen) == "news"
        await seen.press("less_than_sign")
        assert (open_id(seen), seen.view.place) == ("alpha", place)


async def test_a_cursor_that_was_moved_meanwhile_stays(play: Play) -> None:
    play.add(
        PAGE,
        kept("news", "Fresh News"),
        end(new=1),
    )
    async with desk(play) as seen:
        await seen.press("h")
        await add(seen)
        await seen.until(lambda: "Added" in told(seen))
        await seen.press("j")
        here = current(seen)
        (play.library / "news.md").write_text(NEWS)
        await seen.until(lambda: "Fresh News" in "\n".join(seen.shown(seen.list)))
        await seen.settle()
        assert current(seen) == here


OUTCOMES = {
    "updated": ([kept("alpha", "The Alpha Story", "updated")], "Updated: The Alpha Story. A reads it."),
    "unchanged": (
        [kept("alpha", "The Alpha Story", "unchanged")],
        "Here already: The Alpha Story. A reads it.",
    ),
    "edited": (
        [kept("alpha", "The Alpha Story", "updated", ["title"])],
        "Updated: The Alpha Story, where your own changes stay. A reads it.",
    ),
    "many": (
        [kept("a", "One"), kept("b", "Two"), kept("c", "Three", "updated")],
        "2 new, 1 updated, from One on.",
    ),
    "not all": (
        [kept("a", "One"), failed("b", "B is encrypted.")],
        "Added: One; not all: B is encrypted. A reads",
    ),
    "refused": ([failed(PAGE, "The page is larger than 5 MB.")], "Not added: The page is larger than 5 MB."),
    "nothing": ([], "Not added: nothing was found in it."),
}


@pytest.mark.parametrize(("steps", "sentence"), OUTCOMES.values(), ids=OUTCOMES)
async def test_what_came_of_it_is_said(play: Play, steps: list[list[object]], sentence: str) -> None:
    play.add(PAGE, *steps, end())
    async with desk(play, WIDE) as seen:
        await add(seen)
        await seen.until(lambda: not told(seen).startswith(("Adding", "j/k")))
        assert told(seen).startswith(sentence)
        assert seen.masthead.text[1].endswith("unread")


async def test_nothing_is_added_where_nothing_is_named(play: Play) -> None:
    async with desk(play) as seen:
        for keys in (["escape"], ["enter"], ["space", "enter"], ["x", "escape"]):
            await seen.press("a", *keys)
            assert seen.has_keys(seen.view)
            assert not seen.screen.query(Prompt)
            assert seen.masthead.text[1].endswith("unread")
        await seen.press("A")
        assert told(seen) == "Nothing was added yet; a adds a page or a file."
        await seen.press("X")
        assert told(seen) == "Nothing is being added or fetched."


@pytest.mark.parametrize("size", SIZES)
async def test_the_prompt_leaves_the_pane_that_had_the_keys(play: Play, size: tuple[int, int]) -> None:
    async with desk(play, size) as seen:
        for pane, key in ((seen.list, "h"), (seen.view, "l")):
            await seen.press(key)
            before = seen.rows()
            await seen.press("a", "x")
            assert seen.rows()[:-1] == before[:-1]
            assert "add" in seen.rows()[-1]
            await seen.press("escape")
            assert seen.has_keys(pane)
            assert seen.rows() == before


async def test_finding_goes_on_after_the_prompt(play: Play) -> None:
    async with desk(play, WIDE) as seen:
        await seen.press("slash", "w", "0", "enter")
        found = told(seen)
        assert "of" in found
        await seen.press("a", "w", "0", "0", "escape", "n")
        assert "2 of" in told(seen)
        assert not seen.screen.query(Prompt)


async def test_what_was_typed_is_given_as_it_stands(play: Play) -> None:
    play.add("a folder/with blanks.md", kept("x", "X"), end())
    play.add(str(play.folder / "home" / "notes.md"), kept("y", "Y"), end())
    play.add("--all", kept("z", "Z"), end())
    async with desk(play) as seen:
        for typed, title in (
            ("'a folder/with blanks.md'", "X"),
            ("~/notes.md", "Y"),
            ("--all", "Z"),
        ):
            await add(seen, typed)
            await seen.until(lambda title=title: f": {title}." in told(seen))  # type: ignore[misc]


# -- Pasting


PASTED = {
    "a wrapped address": (
        "\n https://example.org/a-very-\n  long/path?x=1\r\n&y=2 \n",
        "https://example.org/a-very-long/path?x=1&y=2",
    ),
    "two addresses": (
        "https://a.example/1\nhttps://b.example/2\n",
        "https://a.example/1 https://b.example/2",
    ),
    "what steers terminals": (
        "https://example.org/\x1b[31m\x07red\u202e",
        "https://example.org/\ufffd[31m\ufffdred",
    ),
    "a long address": ("https://example.org/" + "x" * 5000, "https://example.org/" + "x" * 5000),
    "nothing": ("\n", ""),
}


@pytest.mark.parametrize(("text", "line"), PASTED.values(), ids=PASTED)
async def test_pasting(play: Play, text: str, line: str) -> None:
    async with desk(play) as seen:
        await seen.press("a")
        await paste(seen, text)
        assert seen.screen.query_one(Line).value == line
        await seen.press("escape")


async def test_what_is_pasted_with_the_key_is_for_the_prompt(play: Play) -> None:
    async with desk(play) as seen:
        await paste(seen, "lost: nobody asks for it")
        for opener in "a", "slash":
            seen.app.post_message(events.Key(opener, None))
            await paste(seen, "https://example.org/")
            assert seen.screen.query_one(Line).value == "https://example.org/"
            await seen.press("escape")


async def test_a_search_takes_the_first_line_of_what_is_pasted(play: Play) -> None:
    async with desk(play) as seen:
        await seen.press("slash")
        await paste(seen, "w0001\nw0002")
        assert seen.screen.query_one(Line).value == "w0001"


# -- One after another


async def test_adding_waits_for_what_is_being_added(play: Play) -> None:
    for name in ("one", "two"):
        play.add(
            f"https://{name}.example/",
            ["here", play.path(f"{name} began")],
            ["wait", play.path(f"{name} ends")],
            kept(name, name.title()),
            end(new=1),
        )
    async with desk(play, WIDE) as seen:
        await add(seen, "https://one.example/\nhttps://two.example/")
        assert told(seen) == "two.example is added as soon as what is being added is."
        await add(seen, "https://one.example/")
        assert told(seen) == "one.example is being added already."
        await seen.until(lambda: play.pid("one began") is not None)
        assert "adding one.example, 1 more" in seen.masthead.text[1]
        assert play.pid("two began") is None
        play.sign("one ends")
        await seen.until(lambda: told(seen).startswith("Added: One"))
        await seen.until(lambda: play.pid("two began") is not None)
        await seen.until(lambda: seen.masthead.text[1].endswith("adding two.example"))
        play.sign("two ends")
        await seen.until(lambda: told(seen).startswith("Added: Two"))
        assert "adding" not in seen.masthead.text[1]


# -- Feeds


async def test_feeds_are_fetched_beside_reading(play: Play) -> None:
    play.sync(
        asked(0, 300),
        feed("a.example", new=7),
        feed("b.example", "failed"),
        asked(12, 300),
        ["wait", play.path("go on")],
        ["write", str(play.library / "feeds" / "a.example" / "news.md"), NEWS],
        feed("c.example", "failed"),
        feed("d.example", updated=1),
        asked(300, 300),
        end(new=7, updated=1, failed=2),
    )
    async with desk(play, WIDE) as seen:
        before = seen.article
        await seen.press("r")
        assert told(seen) == "Asking the feeds that are due …"
        await seen.until(lambda: seen.masthead.text[1].endswith("feeds 12 of 300, 7 new"))
        for key in ("r", "R"):
            seen.screen.say("")
            await seen.press(key)
            assert told(seen) == "The feeds are being asked already (feeds 12 of 300, 7 new); X stops that."
        play.sign("go on")
        await seen.until(lambda: told(seen).startswith("Feeds"))
        assert told(seen) == "Feeds: 7 new, 1 updated; 2 feeds failed, see pulse-tui feeds."
        await seen.until(lambda: "Fresh News" in "\n".join(seen.shown(seen.list)))
        assert seen.article == before


async def test_all_feeds_are_fetched_with_the_other_key(play: Play) -> None:
    play.sync(asked(3, 3), end(), every=True)
    async with desk(play, WIDE) as seen:
        await seen.press("R")
        await seen.until(lambda: told(seen).startswith("Feeds"))
        assert told(seen) == "Feeds: nothing new."
        play.sync(asked(3, 3), feed("a.example", new=1), end(1))
        await seen.press("r")
        await seen.until(lambda: told(seen) == "Feeds: 1 new.")


async def test_a_page_is_added_while_feeds_are_fetched(play: Play) -> None:
    play.sync(asked(1, 3), ["hang"])
    play.add(PAGE, progress(PAGE, 70_000), ["wait", play.path("go on")], kept("x", "X"), end())
    async with desk(play, WIDE) as seen:
        await seen.press("r")
        await add(seen)
        await seen.until(lambda: seen.masthead.text[1].endswith("feeds 1 of 3 · adding example.org 70 KB"))
        play.sign("go on")
        await seen.until(lambda: told(seen).startswith("Added"))
        await seen.until(lambda: seen.masthead.text[1].endswith("feeds 1 of 3"))


async def test_keys_stand_in_the_help_and_the_palette(play: Play) -> None:
    async with desk(play, WIDE) as seen:
        commands = {command.title for command in seen.app.get_system_commands(seen.app.screen)}
        assert {"Add a page or a file", "Fetch the feeds that are due", "Fetch all feeds"} <= commands
        await seen.press("question_mark")
        while "Stop adding and fetching" not in seen.text:
            before = seen.rows()
            await seen.press("space")
            assert seen.rows() != before


async def test_where_nothing_can_be_added(library: Path) -> None:
    app = PulseApp(library_of(library), bundled.style_sheet(), start="alpha")
    async with app.run_test(size=WIDE) as pilot:
        seen = Desk(pilot, app)
        await seen.settle()
        for key in "arRX":
            await seen.press(key)
            assert told(seen) == "Nothing can be added or fetched here."
            seen.screen.say("")
