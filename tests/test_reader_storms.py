"""The reader where much comes at once, or nearly too late: sizes, keys, and its own end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandInput
from textual.geometry import Region
from textual.widgets import Input

from pulse_tui.tui.page import USUAL
from pulse_tui.tui.panels import Palette
from pulse_tui.tui.reader import ReaderScreen
from tests.libraries import library_of, write
from tests.test_reader import WIDE, Desk, desk, words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of one feature with sections."""
    text = "".join(f"## A Section with a Name {number}\n\n{words(100 * number)}\n\n" for number in range(20))
    write(tmp_path / "one.md", text, title="The One", published="2026-01-01", id="one")
    return tmp_path


async def drawn_anew(seen: Desk) -> list[str]:
    """The rows without anything that was kept."""
    seen.view._strips.clear()
    seen.view.refresh()
    await seen.settle()
    return seen.rows()


async def test_a_pane_of_another_width_is_drawn_anew_though_its_lines_stay(folder: Path) -> None:
    async with desk(library_of(folder), WIDE) as seen:
        for shown in (False, True):
            seen.list.display = shown
            await seen.settle()
            assert seen.rows() == await drawn_anew(seen)


@pytest.mark.parametrize("opener", ["t", "ctrl+p"])
@pytest.mark.parametrize("height", [10, 30])
async def test_no_terminal_is_too_narrow_for_a_list_to_choose_from(
    folder: Path, opener: str, height: int
) -> None:
    async with desk(library_of(folder)) as seen:
        await seen.press(opener)
        for width in range(1, 16):
            await seen.resize(width, height)
            assert seen.app.return_code is None
        await seen.press("escape")
        assert seen.at_desk


async def test_what_the_parts_of_a_closed_palette_still_say(folder: Path) -> None:
    """A letter was typed before it closed, or a search goes on."""
    async with desk(library_of(folder)) as seen:
        await seen.press("ctrl+p")
        palette = seen.app.screen
        assert isinstance(palette, Palette)
        line = palette.query_one(CommandInput)
        await seen.press("escape")
        assert not palette.is_attached
        await palette._on_message(Input.Changed(line, "zen"))
        await palette._watch__show_busy()
        palette._gather_commands("")
        await seen.settle()
        assert seen.app.return_code is None
        assert seen.at_desk


async def test_a_page_that_is_left_before_it_is_made(folder: Path) -> None:
    async with desk(library_of(folder)) as seen:
        page = ReaderScreen(library_of(folder), None, float, seen.app, None, USUAL)
        await page.on_mount()
        assert not page.workers._workers


async def test_a_click_beside_what_is_left_of_the_palette(folder: Path) -> None:
    """The terminal has shrunk since it was clicked."""
    async with desk(library_of(folder)) as seen:
        await seen.press("ctrl+p")
        palette = seen.app.screen
        palette.post_message(events.Click(palette, 79, 23, 0, 0, 1, False, False, False, 79, 23))
        palette.post_message(events.Click(palette, 80, 24, 0, 0, 1, False, False, False, 80, 24))
        await seen.settle()
        assert seen.app.return_code is None
        assert seen.at_desk


class Painted:
    """Frames that take whatever is drawn straight on the screen, and count how often that was."""

    count = 0

    def release(self) -> None:
        """Nothing waits."""

    def foresee(self, column: int, row: str) -> None:
        """Nothing is prepared."""

    def paint(self, region: Region, shift: int, rows: Iterable[tuple[int, str]]) -> bool:
        """Take it."""
        self.count += 1
        return True


async def test_what_lay_over_the_text_is_not_moved_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is over, but the framework has not drawn what was below it yet."""
    painted = Painted()
    async with desk(library_of(folder), WIDE) as seen:
        monkeypatch.setattr(seen.view, "_frames", painted)
        await seen.press("z", "j")
        assert painted.count == 1
        seen.screen.say("A word.")
        await seen.settle()
        seen.hints.message("")
        seen.view.render_lines(seen.view.size.region)
        seen.view.action_line(1)
        assert painted.count == 1
        await seen.until(lambda: not seen.hints.region)
        await seen.press("j")
        assert painted.count == 2


async def test_what_the_mouse_has_looked_at_is_not_on_the_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel may turn after all rows have changed, and before they are drawn."""
    painted = Painted()
    async with desk(library_of(folder), WIDE) as seen:
        monkeypatch.setattr(seen.view, "_frames", painted)
        seen.view.set_measure(-1)
        seen.screen.get_style_at(80, 10)
        seen.view.action_line(1)
        assert painted.count == 0
        seen.rows()
        seen.view.action_line(1)
        assert painted.count == 1


@pytest.mark.parametrize("key", ["slash", "a", "backslash", "t", "v", "question_mark", "h", "q"])
async def test_keys_after_the_last_one(folder: Path, key: str) -> None:
    """They came at once with the one that leaves the reader, and find nobody."""
    async with desk(library_of(folder)) as seen:
        await seen.at_once("Q", key, "x")
        assert seen.app.return_code == 0


async def test_what_the_view_said_before_the_end_is_not_kept_after_it(folder: Path) -> None:
    library = library_of(folder)
    async with desk(library) as seen:
        await seen.press("l", "j")
        earlier = seen.view.moved
        assert earlier is not None
        await seen.press("j", "j")
        place = seen.view.place
        seen.app.exit()
        seen.screen.on_article_view_moved(earlier)
        assert library.reading(earlier.document.article.headline.id).place == place != earlier.place


@pytest.mark.parametrize("keys", [("G", "Q"), ("space", "Q"), ("j", "j", "j", "q", "q")])
async def test_the_place_is_kept_though_the_reader_is_left_at_once(folder: Path, keys: Sequence[str]) -> None:
    """What the view says of a move comes after the frame, and that may be too late."""
    library = library_of(folder)
    async with desk(library) as seen:
        await seen.press("l")
        before = seen.view.place
        await seen.at_once(*keys)
        opened = seen.view.document.article.headline.id if seen.view.document else ""
        place = seen.view.place
    assert place != before
    assert library.reading(opened).place == place
