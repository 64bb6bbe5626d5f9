"""What is said below the text and in the list: messages, how far the reader is, how long it takes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual import events

from pulse_tui.article import Headline, Notice, Reading, duration
from pulse_tui.repository import Repository
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from pulse_tui.text import ELLIPSIS, cells, clean_line
from pulse_tui.tui.bars import sentence_rows, without_middle
from pulse_tui.tui.sidebar import about
from tests.libraries import clock, library_of
from tests.test_reader import SIZES, SMALL, WIDE, _apart, desk, library, repository, words, write

__all__ = ["_apart", "library", "repository"]  # fixtures


async def test_messages_are_whole_on_a_small_screen(repository: Repository) -> None:
    async with desk(repository, SMALL) as seen:
        await seen.press("enter")
        assert "There is no link in view." in seen.rows()[-1]
        before = seen.rows()
        sentence = "The file is /var/reader/a long/way/down/to/the-file.md and its end must be seen."
        seen.screen.say(sentence)
        await seen.settle()
        rows = seen.rows()
        assert rows[:-2] == before[:-2], "the text stays where it is"
        told = " ".join(row.strip() for row in rows[-2:])
        assert re.fullmatch(r"The file is /var.*….*the-file\.md and its end must be seen\.", told)
        await seen.resize(120, 40)
        assert seen.rows()[-1].strip().startswith(sentence)
        assert "picture that is not here" in seen.rows()[-2], "the caption has its row again"
        await seen.resize(40, 10)
        seen.screen.say("")
        await seen.settle()
        assert seen.rows()[-2:-1] == before[-2:-1]


async def test_what_is_wrong_with_the_library_is_said_at_every_start(library: Path, tmp_path: Path) -> None:
    missing = tmp_path / "a folder" / "that was" / "removed-some-time-ago"
    for _ in range(2):  # the second finds an index, and looks at the folders later
        kept = library_of(library, missing, index=tmp_path / "index.sqlite")
        async with desk(kept, SMALL) as seen:
            await seen.until(lambda: "is not there" in seen.rows()[-1])
            assert "The library folder /" in seen.rows()[-2], "the reason, and the path but once"
            seen.screen.say("")
            await seen.settle()
            assert "is not there" not in seen.text


@given(st.text(max_size=120), st.integers(10, 60), st.integers(1, 3))
@example("/a/b/c" * 40, 20, 2)
@example("no path, but words " * 20, 20, 2)
@example("ص/ض" * 30, 11, 2)
def test_sentences_in_rows(text: str, width: int, most: int) -> None:
    text = clean_line(text)
    rows = sentence_rows(text, width, most)
    assert len(rows) <= most
    assert all(cells(row) <= width for row in rows)
    if cells(text) <= width:
        assert rows == [text]
    cut = without_middle(text, width)
    assert cells(cut) <= width
    assert cut == text or ELLIPSIS in cut


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "1 min"),
        (99.4, "99 min"),
        (99.6, "1 h 40 min"),
        (120, "2 h"),
        (646, "10 h 46 min"),
        (5_999, "99 h 59 min"),
        (6_029, "100 h"),
        (12_345, "206 h"),
    ],
)
def test_durations(minutes: float, words: str) -> None:
    assert duration(minutes) == words


@pytest.mark.parametrize("width", range(21, 38))
def test_what_is_said_of_a_feature_fits_the_list(width: int) -> None:
    """As wide as the rows of a list of 24 to 40 cells: the percentage is always there, and nothing is cut."""
    for minutes in (1, 7, 46, 99, 100, 646, 12_345):
        for notices in ((), (Notice("x"),)):
            headline = Headline("a", "A", published=date(2022, 12, 15), minutes=minutes, notices=notices)
            for fraction in (0.0, 0.005, 0.06, 0.5, 0.999):
                text = about(headline, Reading(fraction=fraction), width)
                assert cells(text) <= width
                assert text.endswith(" · !") == bool(notices)
                if fraction:
                    assert f"{int(fraction * 100)} %" in text
                    assert "left" in text
                else:
                    assert duration(minutes) in text
                if width == 37 and minutes < 100:
                    assert text.startswith("15 Dec 2022 · ")


# -- How far the reader is


@pytest.mark.parametrize("size", SIZES)
async def test_percentages_go_from_0_to_100(repository: Library, size: tuple[int, int]) -> None:
    """In the footer and, while something is begun, the same in the list."""
    async with desk(repository, size, start="target") as seen:
        told: list[int] = []
        while True:
            progress = seen.hints.text[1]
            found = re.match(r"(\d+) %  (.*)", progress)
            assert found is not None
            told.append(int(found[1]))
            reading = repository.reading("target")
            headline = repository.headline("target")
            assert headline is not None
            assert int(reading.fraction * 100) == told[-1]
            listed = about(headline, reading, 40)
            if 0 < reading.fraction < 1:
                assert f"{found[1]} % · {found[2]}" in listed
            if found[2] == "end":
                break
            await seen.press("j")
        assert told[0] == 0
        assert told[-1] == 100
        assert told == sorted(told)
        await seen.press("g")
        assert seen.hints.text[1].startswith("0 %")
        await seen.press("h")
        assert "%" not in "\n".join(seen.shown(seen.list)), "what is read is not begun"


async def test_back_at_the_head_nothing_is_begun(repository: Library) -> None:
    async with desk(repository, start="alpha") as seen:
        await seen.press("f", "f")
        assert [each.id for each in repository.begun()] == ["alpha"]
        await seen.press("g")
        assert repository.reading("alpha").fraction == 0
        assert not repository.begun()
        assert "%" not in "\n".join(seen.shown(seen.list))


async def test_the_place_is_noted_at_once_and_the_rest_follows(library: Path) -> None:
    """What looks into the index waits for a rest; what may be lost does not."""
    asked: list[str] = []

    class Asked(Library):
        def headline(self, article_id: str) -> Headline | None:
            asked.append(article_id)
            return super().headline(article_id)

    repository = Asked([library], index=None, state=StateStore(None, clock=clock()))
    async with desk(repository, WIDE, start="alpha") as seen:
        asked.clear()
        progress = seen.hints.text[1]
        for _ in range(30):
            seen.app.post_message(events.Key("j", "j"))
        await seen.until(
            lambda: seen.view.top.piece > 0 and repository.reading("alpha").place == seen.view.place
        )
        moves = len(asked)
        assert moves < 10
        await seen.until(lambda: seen.hints.text[1] != progress)
        percent = f"{int(repository.reading('alpha').fraction * 100)} %"
        await seen.until(lambda: seen.hints.text[1].startswith(percent))
        await seen.until(lambda: percent in "\n".join(seen.shown(seen.list)))
        await seen.until(lambda: seen.screen._resting)
        rested = len(asked)
        await seen.pilot.pause(0.5)
        assert len(asked) == rested, "nothing is looked for while nothing moves"


async def test_a_credit_keeps_two_thirds_of_a_narrow_row(tmp_path: Path) -> None:
    caption = "Mourners at funeral prayers for the victims in Peshawar"
    head = f"---\ntitle: A\nimage: a.png\ncaption: {caption}\ncredit: AP Photo/Muhammad Sajjad\n---\n"
    write(tmp_path / "l", {"a.md": f"{head}\n{words(0, 60)}\n"})
    async with desk(library_of(tmp_path / "l"), (40, 10), start="a") as seen:
        (row,) = (row for row in seen.rows() if "AP Photo" in row)
        assert row.split() == ["▣", "Mourners", "…", "AP", "Photo/Muhammad", "Sajjad"]


async def test_a_credit_has_what_a_short_caption_leaves(tmp_path: Path) -> None:
    credit = "The National Survey of Rivers and Lakes/Somebody With A Name"
    write(
        tmp_path / "l",
        {"a.md": f"---\ntitle: A\nimage: a.png\ncaption: Map.\ncredit: {credit}\n---\nWords.\n"},
    )
    async with desk(library_of(tmp_path / "l"), (64, 20), start="a") as seen:
        (row,) = (row for row in seen.rows() if "▣ Map." in row and "The National" in row)
        assert cells(row) >= 63
