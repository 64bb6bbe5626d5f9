"""The reader and its library: finding, searching, filtering, stars, marks, jumps, and files that change."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pulse_tui.article import Place, Reading
from pulse_tui.query import Query
from pulse_tui.repository import Hit, Spot, View
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from pulse_tui.text import cells
from pulse_tui.tui.article_view import ArticleView
from pulse_tui.tui.prompt import Line, Prompt
from pulse_tui.tui.search import HitList, SearchPanel
from pulse_tui.tui.themes import DARK
from tests.libraries import library_of
from tests.test_reader import MIDDLE, SIZES, WIDE, Desk, desk, words, write

RIVER = f"""\
---
title: The River at Night
dek: A walk along the bank.
sections: [The Pulse, Environment]
authors: [A. Walker]
tags: [rivers]
published: 2026-03-03
id: river
---

{words(0)} The ferry *waits* for
nobody at Sukkur.

{words(200)}

## Crossing

{words(400)} A ferry waits for nobody twice. {words(600)}

![A boat](boat.png "The last boat. Credit: River Survey")

{words(800)} The Ferry is gone.

{words(1000)}
"""

HILL = f"""\
---
title: The Hill Road
dek: Tea and a slow bus.
sections: [The Pulse, Travel]
authors: [B. Rider]
tags: [roads, tea]
published: 2026-03-02
id: hill
---

{words(2000)} The bus waits for the last cup. {words(2200)}
"""

SALT = f"""\
---
title: Salt
sections: [The Pulse, Economy]
authors: [A. Walker]
published: 2026-03-01
id: salt
---

{words(3000, 40)}
"""

FILES = {"river.md": RIVER, "hill.md": HILL, "salt.md": SALT}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "library", FILES)


@pytest.fixture
def repository(folder: Path) -> Library:
    return library_of(folder)


def typed(text: str) -> list[str]:
    return list(text)


async def type_in(seen: Desk, text: str) -> None:
    """Type into the line, character by character."""
    for character in text:
        await seen.pilot.press({" ": "space"}.get(character, character))
    await seen.settle()


def lit(seen: Desk) -> list[str]:
    """What is lit on the screen, the present match with a star before it."""
    view = seen.screen.query_one(ArticleView)
    looks = {
        view.get_component_rich_style(f"article--{name}", partial=True).bgcolor: mark
        for name, mark in (("match", ""), ("current", "*"))
    }
    return [
        looks[segment.style.bgcolor] + segment.text
        for segment in seen.segments()
        if segment.style is not None and segment.style.bgcolor in looks
    ]


# -- Finding in an article


@pytest.mark.parametrize("size", SIZES)
async def test_finding_as_it_is_typed(repository: Library, size: tuple[int, int]) -> None:
    async with desk(repository, size, theme=DARK) as seen:
        before = seen.article
        await seen.press("slash")
        assert isinstance(seen.app.focused, Line)
        await type_in(seen, "ferry waits")
        assert "1 of 2" in seen.rows()[-1]
        assert "".join(lit(seen)).replace(" ", "").startswith("*ferry")
        await seen.press("escape")
        assert seen.article == before
        assert seen.has_keys(seen.view)
        assert not seen.screen.query(Prompt)
        assert lit(seen) == []
        assert repository.reading("river").fraction == 0


async def test_a_phrase_goes_over_emphasis_and_line_ends_and_n_goes_on(repository: Library) -> None:
    async with desk(repository, theme=DARK) as seen:
        await seen.press("slash")
        await type_in(seen, "waits for nobody")
        await seen.press("enter")
        assert seen.hints.text[0].startswith("1 of 2")
        first = seen.view.top
        await seen.press("n")
        assert seen.hints.text[0].startswith("2 of 2")
        assert seen.view.top > first
        assert "twice" in seen.text
        await seen.press("n")
        assert seen.hints.text[0].startswith("1 of 2, from the other end")
        await seen.press("N")
        assert seen.hints.text[0].startswith("2 of 2, from the other end")
        await seen.press("escape")
        assert lit(seen) == []
        assert "of 2" not in seen.hints.text[0]
        assert "twice" in seen.text, "the place is kept"


async def test_smart_case(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("slash")
        await type_in(seen, "ferry")
        assert "of 3" in seen.rows()[-1]
        for _ in "ferry":
            await seen.press("backspace")
        await type_in(seen, "Ferry")
        assert "of 1" in seen.rows()[-1]


async def test_what_is_not_there(repository: Library) -> None:
    async with desk(repository) as seen:
        before = seen.article
        await seen.press("slash")
        await type_in(seen, "zzz")
        assert "not found" in seen.rows()[-1]
        assert seen.article == before
        await seen.press("enter", "n")
        assert seen.article == before


async def test_n_without_a_search(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("n")
        assert "/ finds" in seen.hints.text[0]


async def test_what_is_pasted_is_harmless(repository: Library) -> None:
    from textual import events

    async with desk(repository) as seen:
        await seen.press("slash")
        for _ in range(2):
            seen.app.post_message(events.Paste("fer\x1b[2J\u202ery\tboat"))
            await seen.settle()
            line = seen.screen.query_one(Line)
            assert line.value == "fer\ufffd[2Jry boat"
            line.select_all()


async def test_what_was_found_is_forgotten_with_its_article(repository: Library) -> None:
    async with desk(repository, theme=DARK) as seen:
        await seen.press("slash")
        await type_in(seen, "ferry")
        await seen.press("enter", "J")
        assert "The Hill Road" in seen.text
        assert lit(seen) == []
        assert "n next" not in seen.hints.text[0]


async def test_a_find_typed_all_at_once(repository: Library) -> None:
    async with desk(repository, theme=DARK) as seen:
        await seen.at_once("slash", *"ferry", "enter", "n", "n", "N", "s")
        assert seen.has_keys(seen.view)
        assert lit(seen)
        assert not seen.screen.query(Prompt)
        assert repository.reading("river").starred, "the keys after Enter are for the article"
        await seen.press("n")
        assert seen.hints.text[0].startswith("3 of 3")
        await seen.at_once("escape", "slash", *"twice", "escape", "t")
        assert "Crossing" in seen.text
        assert not seen.at_desk


async def test_what_stands_in_the_hint_line_is_the_newest(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("s")
        assert "Starred" in seen.hints.text[0]
        await seen.at_once("slash", *"ferry", "enter")
        assert seen.hints.text[0].startswith("1 of 3")
        await seen.press("s")
        assert "The star is gone" in seen.hints.text[0]
        await seen.press("m")
        assert "press a letter" in seen.hints.text[0]


async def test_a_file_that_changes_while_a_word_is_typed(folder: Path, repository: Library) -> None:
    async with desk(repository, start="river") as seen:
        await seen.press("slash")
        await type_in(seen, "ferr")
        before = seen.view.document
        write(folder, {"river.md": RIVER.replace("w0000", "The other ferry. w0000")})
        await seen.until(lambda: seen.view.document is not before)
        await type_in(seen, "y")
        assert "of 4" in seen.rows()[-1]
        await seen.press("enter")
        assert seen.has_keys(seen.view)


@pytest.mark.parametrize("keys", [("escape",), ("slash", "escape")])
async def test_a_prompt_that_has_lost_the_keys(repository: Library, keys: tuple[str, ...]) -> None:
    async with desk(repository) as seen:
        await seen.press("slash", "tab", *keys)
        assert not seen.screen.query(Prompt)
        assert seen.app.return_code is None


# -- Searching the library


async def test_a_search_typed_all_at_once(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.at_once("backslash", *"bus", "enter")
        assert seen.at_desk
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "hill"
        await seen.at_once("backslash", *"zzz", "enter", *"yyy")
        assert seen.app.screen.query_one(Line).value == "zzzyyy", "nothing fits, so typing goes on"
        await seen.at_once("escape", "s")
        assert repository.reading("hill").starred


async def test_searching_opens_the_feature_at_the_match(repository: Library) -> None:
    async with desk(repository, theme=DARK) as seen:
        await seen.press("backslash")
        panel = seen.app.screen
        assert isinstance(panel, SearchPanel)
        await type_in(seen, "last cup")
        assert "The Hill Road" in seen.text
        assert "waits for the last cup" in " ".join(seen.text.split())
        await seen.press("enter")
        assert seen.at_desk
        assert "The Hill Road" in seen.article or seen.view.document is not None
        assert {word.strip("*") for word in lit(seen)} >= {"last", "cup"}
        await seen.press("n")
        assert " of " in seen.hints.text[0]


@pytest.mark.parametrize("width", [40, 41, 44, 47])
async def test_a_passage_that_does_not_fit_shows_that_it_goes_on(repository: Library, width: int) -> None:
    passage = "An old road climbs where the ferry 道路很长 waits for the last cup of tea and for nobody else."
    async with desk(repository, size=(width, 24)) as seen:
        await seen.press("backslash")
        hits = seen.app.screen.query_one(HitList)
        headline = repository.headline("hill")
        assert headline is not None
        for cut in range(15, len(passage) + 1):
            hits.show([Hit(headline, passage[:cut], ((3, 6),))])
            rows = [strip.text for strip in hits.build_frame(hits.size)[2:4]]
            assert [cells(row) for row in rows] == [hits.size.width] * 2
            said, whole = ("".join(text.split()) for text in ("".join(rows), passage[:cut]))
            if said != whole:
                assert said.endswith("…")
                assert whole.startswith(said[:-1])


async def test_results_are_chosen_with_the_arrows(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("backslash")
        await type_in(seen, "waits")
        hits = seen.app.screen.query_one(HitList)
        assert hits.current is not None
        assert hits.current.headline.id == "river"
        await seen.press("down")
        assert hits.current.headline.id == "hill"
        await seen.press("down", "up", "up", "up", "pagedown", "enter")
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "hill"


@pytest.mark.parametrize("text", ['"', "-", "AND OR", "before:soon", ":::", "is:", "(", "*", "\\"])
async def test_any_query_is_taken(repository: Library, text: str) -> None:
    async with desk(repository) as seen:
        await seen.press("backslash")
        line = seen.app.screen.query_one(Line)
        line.value = text
        await seen.settle()
        await seen.press("escape")
        assert seen.at_desk


async def test_a_search_comes_back_as_it_was_left(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("backslash")
        await type_in(seen, "tag:tea")
        assert "The Hill Road" in seen.text
        await seen.press("escape", "backslash")
        assert seen.app.screen.query_one(Line).value == "tag:tea"
        await type_in(seen, "salt")
        assert seen.app.screen.query_one(Line).value == "salt", "typing begins another search"


# -- The list


def titles(seen: Desk) -> list[str]:
    found = []
    for number in range(len(seen.list.shelves)):
        headline = seen.list.shelves.at(number)
        assert headline is not None
        found.append(headline.id)
    return found


async def test_filtering_the_list_as_it_is_typed(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("h", "slash")
        await type_in(seen, "wal")
        assert titles(seen) == ["river", "salt"]
        assert "2" in seen.rows()[-1]
        await seen.press("enter")
        assert seen.has_keys(seen.list)
        assert titles(seen) == ["river", "salt"]
        await seen.press("j", "enter")
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "salt"
        await seen.press("h", "escape")
        assert titles(seen) == ["river", "hill", "salt"]


async def test_a_filter_that_is_given_up_leaves_the_view_as_it_was(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("h", "slash")
        await type_in(seen, "zzz")
        assert titles(seen) == []
        assert "Nothing here" in seen.text
        await seen.press("escape")
        assert titles(seen) == ["river", "hill", "salt"]
        assert seen.app.return_code is None


async def test_a_filter_and_a_view_typed_all_at_once(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.at_once("h", "slash", *"wal", "enter", "j", "enter")
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "salt"
        await seen.at_once("v", "j", "j", "enter")
        assert seen.list.shelves.name == "Starred"


async def test_views_of_the_list(repository: Library) -> None:
    repository.refresh()
    repository.mark("hill", starred=True)
    async with desk(repository) as seen:
        await seen.press("v")
        assert "1  Starred" in seen.text
        assert "2  Author: A. Walker" in seen.text
        assert "1  Section: Travel" in seen.text
        await seen.press("j", "j", "enter")
        assert titles(seen) == ["hill"]
        assert "Starred" in seen.text
        await seen.press("escape")
        assert len(titles(seen)) == 3


async def test_sorting_keeps_the_view(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("S")
        assert titles(seen) == ["salt", "hill", "river"]
        await seen.press("S")
        assert titles(seen)[0] == "river"
        await seen.press("S")
        assert titles(seen)[0] == "salt"
        await seen.press("S")
        assert titles(seen) == ["river", "hill", "salt"]


async def test_next_and_previous_follow_the_list_that_is_shown(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("h", "slash")
        await type_in(seen, "walker")
        await seen.press("enter", "l", "J")
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "salt"


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_begun_stands_on_top(repository: Library, size: tuple[int, int]) -> None:
    repository.refresh()
    repository.mark("salt", place=Place(1), fraction=0.4)
    async with desk(repository, size, start="river") as seen:
        await seen.press("h", "g")
        assert titles(seen)[0] == "salt"
        assert "Continue" in seen.text
        assert "40 %" in seen.text
        assert "left" in seen.text
        await seen.press("G")
        assert seen.list.current is not None
        assert seen.list.current.id == "salt"
        await seen.press("g", "j")
        assert seen.list.current.id == "river"


# -- Stars, read, undo


async def test_star_and_read_in_list_and_article(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("s")
        assert repository.reading("river").starred
        await seen.press("h", "j", "s", "M")
        assert repository.reading("hill").starred
        assert repository.reading("hill").read
        assert repository.reading("hill").seconds == 0, "it was not read"
        assert "★" in seen.text
        assert repository.count(View(Query(starred=True))) == 2
        await seen.press("U")
        assert not repository.reading("hill").read
        await seen.press("U")
        assert repository.reading("hill").starred in (True, False)


async def test_undo_with_nothing_to_undo(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("U")
        assert "nothing to undo" in seen.hints.text[0]


# -- Marks and jumps


async def test_marks_lead_back_from_another_feature(repository: Library) -> None:
    async with desk(repository, WIDE) as seen:
        await seen.press("f", "m", "a")
        place = seen.view.place
        assert dict(repository.marks())["a"] == Spot("river", place or Place())
        await seen.press("J", "apostrophe", "a")
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "river"
        assert seen.view.place == place


@pytest.mark.parametrize("keys", [("apostrophe", "q"), ("m", "escape"), ("apostrophe", "f1")])
async def test_a_letter_that_is_no_mark(repository: Library, keys: tuple[str, ...]) -> None:
    async with desk(repository) as seen:
        await seen.press(*keys)
        assert seen.app.return_code is None
        assert repository.marks() == () or list(repository.marks()) == []
        await seen.press("j")
        assert seen.view.top.line == 1


async def test_a_mark_set_and_gone_to_at_once(repository: Library) -> None:
    async with desk(repository, start="river") as seen:
        await seen.press("f")
        top = seen.view.top
        await seen.at_once("m", "a", "G", "apostrophe", "a")
        assert seen.view.top == top


async def test_to_and_fro(repository: Library) -> None:
    async with desk(repository, MIDDLE) as seen:
        await seen.press("apostrophe", "apostrophe")
        assert "no jump" in seen.hints.text[0]
        await seen.press("f", "m", "a", "J")
        there = seen.view.document
        await seen.press("apostrophe", "apostrophe")
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id == "river"
        await seen.press("apostrophe", "apostrophe")
        assert there is not None
        assert seen.view.document.article.headline.id == there.article.headline.id


async def test_back_and_forward_over_features(repository: Library) -> None:
    def here(seen: Desk) -> str:
        assert seen.view.document is not None
        return seen.view.document.article.headline.id

    async with desk(repository) as seen:
        await seen.press("J", "J")
        assert here(seen) == "salt"
        await seen.press("less_than_sign")
        assert here(seen) == "hill"
        await seen.press("less_than_sign")
        assert here(seen) == "river"
        await seen.press("less_than_sign")
        assert "no jump further" in seen.hints.text[0]
        await seen.press("greater_than_sign", "greater_than_sign")
        assert here(seen) == "salt"
        await seen.press("greater_than_sign")
        assert here(seen) == "salt"


@pytest.mark.parametrize("key", ["G", "g", "end", "home"])
async def test_from_the_head_or_the_end_it_goes_back_to_where_the_reader_was(
    repository: Library, key: str
) -> None:
    async with desk(repository, MIDDLE, start="river") as seen:
        await seen.press("f", "j")
        top = seen.view.top
        await seen.press(key)
        assert seen.view.top != top
        await seen.press("less_than_sign")
        assert seen.view.top == top
        await seen.press(key, "apostrophe", "apostrophe")
        assert seen.view.top == top


@pytest.mark.parametrize(
    ("key", "what"), [("right_parenthesis", "picture"), ("right_square_bracket", "section")]
)
async def test_behind_the_last_picture_and_section_it_is_said_that_there_is_none(
    repository: Library, key: str, what: str
) -> None:
    async with desk(repository, MIDDLE, start="river") as seen:
        await seen.press(key, key)
        assert seen.hints.text[0] == f"There is no {what} further on."


async def test_a_key_ends_a_message_that_was_there_to_be_read(
    repository: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(repository, start="river") as seen:
        monkeypatch.setattr("pulse_tui.tui.page._READ_SECONDS", 60)
        await seen.press("greater_than_sign", "j")
        assert "latest" in seen.hints.text[0]
        monkeypatch.setattr("pulse_tui.tui.page._READ_SECONDS", 0)
        await seen.press("j")
        assert "j/k scroll" in seen.hints.text[0]
        await seen.press("greater_than_sign", "greater_than_sign")
        assert "latest" in seen.hints.text[0]


async def test_links_are_offered_by_their_words(tmp_path: Path) -> None:
    """Over the ends of rows, and each of several that lead to one place."""
    long = "a long way down the river to the last of all its harbours on the open sea"
    text = f"Some [{long}](http://a.org/) words, [one](http://b.org/), [two](http://b.org/), [{'x' * 90}](http://c.org/).\n"
    write(tmp_path / "l", {"a.md": text})
    async with desk(library_of(tmp_path / "l"), (60, 20)) as seen:
        assert seen.view.links_in_view() == [
            ("http://a.org/", long),
            ("http://b.org/", "one"),
            ("http://b.org/", "two"),
            ("http://c.org/", "x" * 90),
        ]


async def test_links_of_two_items_to_one_place_are_two(tmp_path: Path) -> None:
    text = f"- [Home page](x.md)\n- [Start here](x.md)\n\n[One {'word ' * 20}](x.md)\n\n[Two](x.md)\n"
    write(tmp_path / "l", {"a.md": text})
    async with desk(library_of(tmp_path / "l"), (60, 20)) as seen:
        words = [words for _, words in seen.view.links_in_view()]
        assert words == ["Home page", "Start here", " ".join(["One", *["word"] * 20]), "Two"]


async def test_what_was_passed_over_at_once_is_not_read(folder: Path, repository: Library) -> None:
    for number in range(6):
        (folder / f"short-{number}.md").write_text("One line.\n")
    repository.refresh()
    async with desk(repository, start="river") as seen:
        await seen.at_once(*"JJJJJ")
        assert seen.view.document is not None
        here = seen.view.document.article.headline.id
        read = [each.id for each in repository.recent(0, 20) if repository.reading(each.id).read]
        assert [each for each in read if each != here] == []


# -- A library that changes, and a state that is kept


async def test_files_that_come_go_and_change_show_by_themselves(folder: Path, repository: Library) -> None:
    async with desk(repository, start="salt") as seen:
        write(folder, {"new.md": "---\ntitle: Fresh\npublished: 2026-04-01\nid: fresh\n---\nText.\n"})
        await seen.until(lambda: titles(seen)[:1] == ["fresh"])
        (folder / "hill.md").unlink()
        await seen.until(lambda: "hill" not in titles(seen))
        write(folder, {"salt.md": SALT.replace("w3000", "Edited w3000")})
        await seen.until(lambda: "Edited w3000" in seen.text)


async def test_an_edit_above_keeps_the_place(folder: Path, repository: Library) -> None:
    async with desk(repository, start="river") as seen:
        await seen.press("f", "f")
        top = seen.top
        write(folder, {"river.md": RIVER.replace("w0000", f"{words(7000)}\n\nw0000")})
        await seen.until(
            lambda: seen.view.document is not None and b"w7000" in seen.view.document.scanner.data
        )
        assert seen.top == top


async def test_a_rename_keeps_state_and_place(folder: Path, repository: Library) -> None:
    write(folder, {"plain.md": f"# Plain\n\n{words(5000, 400)}\n"})
    async with desk(repository, start="plain") as seen:
        await seen.press("f", "s")
        top = seen.top
        (folder / "plain.md").rename(folder / "renamed.md")
        await seen.until(lambda: "renamed" in titles(seen) and "plain" not in titles(seen))
        assert repository.reading("renamed").starred
        assert seen.top == top
        await seen.until(lambda: seen.screen._spot is not None and seen.screen._spot.article_id == "renamed")
        assert seen.top == top
        await seen.press("f")
        assert repository.reading("renamed").place == seen.view.place
        assert repository.reading("plain") == Reading()


async def test_a_file_that_goes_stays_open_whatever_another_reader_reads(
    folder: Path, repository: Library
) -> None:
    async with desk(repository, start="river") as seen:
        await seen.press("f")
        before = seen.article
        repository.mark("hill", place=Place(1), fraction=0.5)  # as another reader of the same state does
        assert repository.history(1) == ["hill"]
        (folder / "river.md").unlink()
        await seen.until(lambda: "river" not in titles(seen))
        await seen.settle()
        assert seen.article == before
        await seen.press("j")
        assert repository.reading("hill").place == Place(1)


def kept(path: Path) -> Reading:
    """What another program finds in the state file."""
    other = StateStore(path, clock=time.time)
    try:
        return other.reading("river")
    finally:
        other.close()


async def test_the_state_is_written_a_second_after_a_change(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    repository = library_of(folder, state=StateStore(path, clock=time.time))
    async with desk(repository) as seen:
        await seen.press("f")
        place = seen.view.place
        await seen.until(lambda: kept(path).place == place)


async def test_the_library_opens_where_it_was_left(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    for visit, size in enumerate((MIDDLE, (60, 24))):
        repository = library_of(folder, state=StateStore(path, clock=time.time))
        async with desk(repository, size) as seen:
            if visit == 0:
                await seen.press("J", "f")
                top = seen.top
            else:
                assert seen.view.document is not None
                assert seen.view.document.article.headline.id == "hill"
                assert top in "\n".join(seen.article[:2])
