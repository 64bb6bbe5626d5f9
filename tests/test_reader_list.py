"""The list of features: its rows, and which of them are in view."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from textual.geometry import Region

from pulse_tui.article import Place
from tests.libraries import library_of
from tests.test_reader import SIZES, Desk, desk, write

SHORT, LONG = "Title {:02}", "Title {:02} that goes on for longer than one row of the list"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Twenty features whose titles take one row or two, without a pattern."""
    titles = [(LONG if number % 3 == 1 or number % 7 == 2 else SHORT).format(number) for number in range(20)]
    features = {
        f"2026-02-{28 - number:02}-{number}.md": f"---\ntitle: {title}\n---\nWords.\n"
        for number, title in enumerate(titles)
    }
    return write(tmp_path / "library", features)


def items(seen: Desk) -> list[list[str]]:
    """The rows of each item in view, the blank ones between them left out."""
    rows = [row.rstrip("│ ") for row in seen.shown(seen.list)]
    found: list[list[str]] = []
    for row in rows:
        if "Title" in row:
            found.append([row])
        elif row and found and len(found[-1]) < 3:
            found[-1].append(row)
    return found


def numbers(seen: Desk) -> list[int]:
    return [int(re.findall(r"\d\d", item[0])[0]) for item in items(seen)]


async def test_one_blank_row_parts_the_features(library: Path) -> None:
    async with desk(library_of(library), (100, 40)) as seen:
        rows = [row.rstrip("│ ") for row in seen.shown(seen.list)]
        assert rows[:3] == ["Recent Features             20", "", rows[2]]
        assert "Title 00" in rows[2]
        parts = "\n".join(rows[2:]).strip().split("\n\n")
        assert [part.count("\n") + 1 for part in parts] == [2, 3, 3, 2, 3, 2, 2, 3, 2, 3][: len(parts)]
        assert all(re.match(r"\d+ \w{3} 2026 · 1 min", part.split("\n")[-1].strip()) for part in parts)


@pytest.mark.parametrize("size", [*SIZES, (100, 21), (90, 7), (80, 60)])
async def test_the_cursor_is_in_view_and_no_room_is_left(library: Path, size: tuple[int, int]) -> None:
    async with desk(library_of(library), size) as seen:
        await seen.press("h")
        tops = []
        for number, key in [
            *enumerate(["g", *["j"] * 19]),
            *zip(range(19, -1, -1), ["G", *["k"] * 19], strict=True),
        ]:
            await seen.press(key)
            shown = numbers(seen)
            assert number in shown
            assert shown == list(range(shown[0], shown[0] + len(shown)))
            assert all(len(item) >= 2 for item in items(seen)), "an item is cut"
            assert shown[-1] == 19 or len(seen.shown(seen.list)) < 6 or _is_full(seen)
            tops.append(shown[0])
        assert tops[:20] == sorted(tops[:20])
        assert tops[20:] == sorted(tops[20:], reverse=True)


def _is_full(seen: Desk) -> bool:
    """Whether one more item of three rows would not fit."""
    rows = [row.rstrip("│ ") for row in seen.shown(seen.list)]
    free = len(rows) - 1 - max(number for number, row in enumerate(rows) if row)
    return free <= 3


async def test_a_page_of_the_list_is_what_was_in_view(library: Path) -> None:
    async with desk(library_of(library), (100, 40)) as seen:
        await seen.press("h")
        before = numbers(seen)
        await seen.press("space")
        assert before[-1] + 1 in numbers(seen)
        await seen.press("b")
        assert 0 in numbers(seen)


@pytest.mark.parametrize("tall", [range(9, 30), range(9)], ids=["tall ones below", "tall ones above"])
async def test_a_page_of_the_list_leaves_nothing_out(tmp_path: Path, tall: range) -> None:
    features = {
        f"{number:02}.md": f"---\ntitle: {(LONG if number in tall else SHORT).format(number)}\n"
        f"published: {date(2026, 3, 1) - timedelta(days=number)}\n---\nWords.\n"
        for number in range(30)
    }
    async with desk(library_of(write(tmp_path / "l", features)), (100, 40)) as seen:
        for first, key, last in (("g", "space", 29), ("G", "b", 0)):
            await seen.press("h", first)
            shown = set(numbers(seen))
            await seen.press(*("j" if first == "g" else "k") * (len(shown) - 1))
            while last not in shown:
                before = shown
                await seen.press(key)
                shown = shown | set(numbers(seen))
                assert shown != before
            assert shown == set(range(30))


async def test_what_was_begun_stands_above_with_a_name_of_its_own(library: Path) -> None:
    repository = library_of(library)
    repository.mark("2026-02-20-8", place=Place(1, 0), fraction=0.5)
    async with desk(repository, (100, 40)) as seen:
        await seen.press("h", "g")
        text = "\n".join(seen.shown(seen.list))
        assert (
            text.index("Continue")
            < text.index("Title 08")
            < text.index("Recent Features")
            < text.index("Title 00")
        )
        await seen.press("j", "G")
        assert numbers(seen)[-1] == 19
        await seen.click("Title 17")
        assert "Title 17" in seen.article[0]


async def test_an_item_that_was_built_but_not_drawn_is_drawn_when_its_words_change(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The framework asks for rows of what lies between two spots that it draws, and draws only those."""
    repository = library_of(library)
    async with desk(repository, (100, 40)) as seen:
        current = seen.list.current
        assert current is not None
        repository.mark(current.id, starred=True)
        seen.list.notify_style_update()
        seen.list.render_lines(Region(0, 0, *seen.list.size))
        asked: list[Region] = []

        def refresh(*regions: Region) -> None:
            asked.extend(regions)

        monkeypatch.setattr(seen.list, "refresh", refresh)
        seen.list.refresh_item(current.id)
        assert [region.y for region in asked] == [2]
