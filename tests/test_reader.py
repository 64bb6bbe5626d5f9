"""The reader at its keyboard: every key, links, pictures' words, sizes, themes, and hostile articles."""

from __future__ import annotations

import asyncio
import gc
import random
import re
import sys
import threading
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Unpack

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.css.query import NoMatches
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import OptionList
from textual.worker import WorkerError

from pulse_tui import bundled
from pulse_tui.article import Article, Figure, Headline, Note, Notice, Place, Reading
from pulse_tui.query import Query
from pulse_tui.repository import (
    EVERY,
    ArticleNotFoundError,
    ArticleUnreadableError,
    Field,
    Hit,
    Repository,
    Spot,
    View,
)
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from pulse_tui.terminal.clipboard import Multiplexer
from pulse_tui.tui.app import PulseApp
from pulse_tui.tui.article_view import ArticleView
from pulse_tui.tui.bars import Bar, CaptionBar, HintBar
from pulse_tui.tui.panels import ChoicePanel, TextPanel
from pulse_tui.tui.reader import ReaderScreen
from pulse_tui.tui.sidebar import Sidebar
from pulse_tui.tui.strips import SettledStrip
from pulse_tui.tui.themes import ANSI, DARK, LIGHT
from tests.libraries import clock, library_of
from tests.terminal import Terminal

WIDE, MIDDLE, SMALL = (120, 40), (80, 24), (40, 10)
SIZES = [pytest.param(size, id=f"{size[0]}x{size[1]}") for size in (WIDE, MIDDLE, SMALL)]

# Every word of these features is found but once, so that a row tells where in the text it stands.
LONG_CAPTION = "The third picture shows " + " ".join(f"detail{n:02}" for n in range(40)) + " and no more."


def words(start: int, count: int = 120) -> str:
    return " ".join(f"w{number:04}" for number in range(start, start + count))


ALPHA = f"""\
---
title: The Alpha Story
dek: What stands below the headline.
sections: [The Pulse, Security, South Asia]
authors: [A. Writer]
published: 2026-03-05
caption: The picture that is not here.
credit: Agency/Name
id: alpha
---

{words(0)}

{words(200)}

## First Part

{words(400)}

![Alt of one](one.png "Caption of one. Credit: Photographer One")

{words(600)}

{words(800)}

## Second Part

{words(1000)}

![Alt of two](two.png "Credit: Agency Two")

{words(1200)}

### A Detail

{words(1400)}

![Alt of three](three.png "{LONG_CAPTION} Credit: Agency Three")

{words(1600)}

{words(1800)} and these are the last words.
"""

LINKED = f"""\
---
title: One Link
published: 2026-03-04
id: linked
---

A look at [the target](deep/target.md#the-deep-part) from here.

{words(0, 600)}
"""

TARGET = f"""\
---
title: The Target
published: 2026-03-03
id: target
---

{words(3000)}

{words(3200, 400)}

## The Deep Part

{words(3600, 800)}
"""

MANY = f"""\
---
title: Many Links
published: 2026-03-02
source: javascript:alert(0)
id: many
---

Go to [the target](deep/target.md) or [jump](#far-below) or read a note.[^n]

Out: [site](https://example.org/a) and [shout](HTTP://EXAMPLE.ORG/B) and [mail](mailto:a@example.org).

Odd: [script](javascript:alert(1)) and [local](file:///etc/passwd) and [data](data:text/html,x)
and [phone](tel:123) and [lost](no/such.md) and [up](../../../../etc/passwd) and [nowhere](#no-such-part).

Before it پشاور and 漢字 and [behind](deep/target.md).

{words(5000, 600)}

## Far Below

{words(6000, 600)}

[^n]: The note says this.
"""

SHORT = """\
---
title: A Short One
published: 2026-03-01
id: short
---

Nothing here.
"""

FEATURES = {
    "2026-03-05-alpha.md": ALPHA,
    "2026-03-04-linked.md": LINKED,
    "deep/target.md": TARGET,
    "2026-03-02-many.md": MANY,
    "2026-03-01-short.md": SHORT,
}


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's user or terminal reaches the reader, and the collector is given back."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("DATA", "STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL", "TEXTUAL_ANIMATIONS", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write(tmp_path / "library", FEATURES)


@pytest.fixture
def repository(library: Path) -> Library:
    return library_of(library)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


class Desk:
    """The reader as it is seen: rows of text, its panes, and keys that are waited for."""

    def __init__(self, pilot: Pilot[None], app: PulseApp) -> None:
        self.pilot = pilot
        self.app = app
        screen = app.screen_stack[0]
        assert isinstance(screen, ReaderScreen)
        self.screen = screen
        self.view = screen.query_one(ArticleView)
        self.list = screen.query_one(Sidebar)
        self.caption = screen.query_one(CaptionBar)
        self.hints = screen.query_one(HintBar)
        self.masthead = screen.query_one("#masthead", Bar)

    # What is seen

    def strips(self) -> list[Strip]:
        """What is on the screen, as the compositor puts it together."""
        screen = self.app.screen
        return screen._compositor.render_strips(screen.size)

    def segments(self) -> Iterator[Segment]:
        for strip in self.strips():
            yield from strip

    def rows(self) -> list[str]:
        """The text of every row of the screen."""
        return [strip.text.rstrip() for strip in self.strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.rows())

    def shown(self, widget: Widget) -> list[str]:
        """The text of a widget's own rows, as far as it is on the screen."""
        if not widget.display:
            return []
        x, y, width, height = widget.region
        strips = self.strips()[y : y + height]
        return [strip.crop(x, x + width).text.strip() for strip in strips]

    @property
    def article(self) -> list[str]:
        return self.shown(self.view)

    @property
    def top(self) -> str:
        """The first word of the top row that is a word of the text."""
        found = re.search(r"w\d{4}", "\n".join(self.article))
        assert found is not None
        return found[0]

    @property
    def at_desk(self) -> bool:
        """Whether no panel lies over the reader."""
        return self.app.screen is self.screen

    def has_keys(self, widget: Widget) -> bool:
        return self.app.focused is widget

    def where(self, text: str) -> tuple[int, int]:
        """The column and row at which a text stands on the screen."""
        for y, strip in enumerate(self.strips()):
            x = 0
            for segment in strip:
                if text in segment.text:
                    return x + segment.text.index(text), y
                x += segment.cell_length
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    # What is done

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.at_once(key)

    async def at_once(self, *keys: str) -> None:
        """Keys that arrive together, as over a slow line."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await self.settle()

    async def click(self, text: str) -> None:
        await self.pilot.click(offset=self.where(text))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def settle(self) -> None:
        """Wait until what was done has run its course: messages that bring messages, and workers.

        A key goes from the application to the pane, up through what holds it, and back; a round passes
        whatever waits anywhere at its beginning.
        """
        running = True
        while running:
            for _ in range(8):
                if self.app.return_code is None:
                    await self.pilot.pause(0)
            running = False
            for worker in [worker for worker in self.app.workers if not worker.is_finished]:
                running = True
                with suppress(WorkerError):
                    await worker.wait()
        for _ in range(8):
            if self.app.return_code is None:
                await self.pilot.pause(0)
        if self.app.return_code is None:
            self.screen.catch_up()  # it would by itself, a moment later

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for what comes by itself."""
        for _ in range(1000):
            if done():
                return
            await self.pilot.pause(0.005)
        raise AssertionError(f"It did not come:\n{self.text}")


@asynccontextmanager
async def desk(
    repository: Repository,
    size: tuple[int, int] = MIDDLE,
    *,
    start: str | None = None,
    theme: str = ANSI,
    colour: bool = True,
    browse: Callable[[str], bool] | None = None,
    multiplexer: Multiplexer | None = None,
) -> AsyncIterator[Desk]:
    app = PulseApp(
        repository,
        bundled.style_sheet(),
        start=start,
        theme=theme,
        colour=colour,
        browse=browse,
        multiplexer=multiplexer,
    )
    async with app.run_test(size=size) as pilot:
        seen = Desk(pilot, app)
        await seen.settle()
        yield seen


def assert_on_top(seen: Desk, place: Place | None) -> None:
    """The top row shows the character at a place."""
    assert place is not None
    assert seen.view.document is not None
    row = seen.view.document.rows(seen.view.top, 1)[0]
    assert row.piece == place.block
    assert row.line.start <= place.offset <= max(row.line.end, row.line.start)


# -- Scrolling


@pytest.mark.parametrize("size", SIZES)
async def test_a_line_is_one_row(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        first = seen.article
        assert "Alpha" in "".join(first)
        for down, up in (("j", "k"), ("down", "up")):
            await seen.press(down)
            assert seen.article[:-1] == first[1:]
            await seen.press(up)
            assert seen.article == first
        await seen.press("k")
        assert seen.article == first


@pytest.mark.parametrize("size", SIZES)
async def test_a_page_keeps_two_rows_in_view(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        first = seen.article
        for down, up in (("space", "b"), ("f", "b"), ("pagedown", "pageup")):
            await seen.press(down)
            assert seen.article[:2] == first[-2:]
            await seen.press(up)
            assert seen.article == first


@pytest.mark.parametrize("size", SIZES)
async def test_half_a_page(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        first = seen.article
        half = len(first) // 2
        await seen.press("d")
        assert seen.article[: len(first) - half] == first[half:]
        await seen.press("u")
        assert seen.article == first


@pytest.mark.parametrize("size", SIZES)
async def test_top_and_bottom(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        first = seen.article
        for bottom, top in (("G", "g"), ("end", "home")):
            await seen.press(bottom)
            last = seen.article
            assert [row for row in last if row][-1].endswith("last words.")
            assert seen.hints.text[1] == "100 %  end"
            await seen.press("j", "space", "d")
            assert seen.article == last
            await seen.press(top)
            assert seen.article == first


async def test_the_wheel_scrolls_the_pane_below_it(repository: Repository) -> None:
    async with desk(repository, WIDE) as seen:
        first, listed = seen.article, [row for row in seen.shown(seen.list) if "●" in row]

        async def turn(widget: Widget, kind: type[events.MouseScrollDown | events.MouseScrollUp]) -> None:
            x, y = widget.region.x + 2, widget.region.y + 2
            seen.app.post_message(kind(None, x, y, 0, 1, 0, shift=False, meta=False, ctrl=False))
            await seen.settle()

        await turn(seen.view, events.MouseScrollDown)
        assert seen.article[:-3] == first[3:]
        assert [row for row in seen.shown(seen.list) if "●" in row] == listed
        await turn(seen.view, events.MouseScrollUp)
        assert seen.article == first


@pytest.mark.parametrize("size", SIZES)
async def test_every_word_can_be_reached_by_pages(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        met, percentages = set(re.findall(r"w\d{4}", seen.text)), []
        while True:
            before = seen.article
            await seen.press("space")
            if seen.article == before:
                break
            met |= set(re.findall(r"w\d{4}", seen.text))
            percentages.append(int(seen.hints.text[1].split()[0]))
        assert met == set(re.findall(r"w\d{4}", ALPHA))
        assert percentages == sorted(percentages)
        assert percentages[-1] == 100


async def test_minutes_left_fall_with_the_percentage(tmp_path: Path) -> None:
    write(tmp_path / "long", {"long.md": f"# Long\n\n{words(0, 2380)}\n"})
    async with desk(library_of(tmp_path / "long")) as seen:
        assert seen.hints.text[1].endswith("10 min left")
        while int(seen.hints.text[1].split()[0]) < 50:
            await seen.press("space")
        assert seen.hints.text[1].endswith("5 min left")
        await seen.press("G")
        assert seen.hints.text[1] == "100 %  end"
        assert seen.rows()[-1].endswith("100 %  end")


# -- Sections, paragraphs, pictures


@pytest.mark.parametrize("size", SIZES)
async def test_sections(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        tops = []
        for key in ("]", "]", "]", "[", "[", "["):
            await seen.press(
                {"]": "right_square_bracket", "[": "left_square_bracket"}[key],
            )
            tops.append(seen.article[0])
        headline = "The Pulse | Security | South Asia"
        assert tops == ["First Part", "Second Part", "A Detail", "Second Part", "First Part", headline]


@pytest.mark.parametrize("size", SIZES)
async def test_paragraphs(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        tops = []
        for _ in range(6):
            await seen.press("right_curly_bracket")
            tops.append(seen.article[0][:5])
        assert tops == ["┌────", "w0000", "w0200", "First", "w0400", "┌────"]
        await seen.press("j", "j")
        for expected in ("┌────", "w0400", "First", "w0200"):
            await seen.press("left_curly_bracket")
            assert seen.article[0].startswith(expected)


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        captions, alts = [], []
        for key in [*["right_parenthesis"] * 4, *["left_parenthesis"] * 4]:
            await seen.press(key)
            captions.append(seen.caption.text[0].removeprefix("▣ ")[:14])
            alts.append(re.findall(r"Alt of \w+|photograph not", "\n".join(seen.article)))
        one, two, three = "Caption of one", "Alt of two", "The third pict"
        lead = "The picture th"
        assert captions == [one, two, three, three, two, one, lead, lead]
        assert alts[:3] == [["Alt of one"], ["Alt of two"], ["Alt of three"]]
        assert alts[-1] == ["photograph not"]


# -- The footer


@pytest.mark.parametrize("size", SIZES)
async def test_the_lead_speaks_before_any_picture(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        assert seen.caption.text[0] == "▣ The picture that is not here."
        assert "Agency/Name" in seen.caption.text[1]
        assert "Agency/Name" in seen.rows()[-2]
        await seen.press("i")
        assert "The picture that is not here." in seen.text
        assert "Credit: Agency/Name" in seen.text
        await seen.press("escape", "right_curly_bracket")
        assert "photograph not included" in "\n".join(seen.article)


async def test_the_footer_follows_the_middle_of_the_view(repository: Repository) -> None:
    async with desk(repository) as seen:
        await seen.press("right_square_bracket")
        middle = seen.view.size.height // 2
        while not any(row.startswith("┌") for row in seen.article[: middle + 1]):
            assert seen.caption.text[0] == "▣ The picture that is not here."
            await seen.press("j")
        assert seen.caption.text == ("▣ Caption of one.", "Credit: Photographer One   2/4")
        assert seen.rows()[-2].strip().startswith("▣ Caption of one.")
        assert seen.rows()[-2].endswith("2/4")
        await seen.press("b")
        assert seen.caption.text[0] == "▣ The picture that is not here."


@pytest.mark.parametrize("size", SIZES)
async def test_a_credit_shows_without_a_caption(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        await seen.press("right_parenthesis", "right_parenthesis")
        row = seen.rows()[-2]
        assert "Alt of two" in row
        assert "Agency Two" in row


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_caption_is_cut_and_shown_whole(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        await seen.press(*["right_parenthesis"] * 3)
        row = seen.rows()[-2]
        assert row.startswith(" ▣ The third")
        assert "…" in row
        assert "Agency Three" in row
        await seen.press("i")
        whole = " ".join(seen.text.split())
        pages = 0
        while "Agency Three" not in whole and pages < 20:
            await seen.press("j")
            pages += 1
            whole += " " + " ".join(seen.text.split())
        assert {f"detail{n:02}" for n in range(40)} <= set(re.findall(r"detail\d\d", whole))
        assert "Credit: Agency Three" in whole
        await seen.press("i")
        assert seen.at_desk


async def test_an_article_without_pictures_has_an_empty_footer(repository: Repository) -> None:
    async with desk(repository, start="linked") as seen:
        assert seen.rows()[-2].split("│")[-1].strip() == ""
        await seen.press("i")
        assert "There is no picture" in seen.rows()[-1]
        assert seen.at_desk


# -- Features, panes, levels


@pytest.mark.parametrize("size", SIZES)
async def test_neighbours(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        for title in ("One Link", "The Target", "Many Links", "A Short One"):
            await seen.press("J")
            assert title in seen.article
        await seen.press("J")
        assert seen.hints.text[0] == "This is the last feature of the list."
        assert "A Short One" in seen.article
        for title in ("Many Links", "The Target", "One Link", "The Alpha Story"):
            await seen.press("K")
            assert title in seen.article
        await seen.press("K")
        assert seen.hints.text[0] == "This is the first feature of the list."


async def test_neighbours_asked_for_in_one_breath(repository: Repository) -> None:
    async with desk(repository) as seen:
        await seen.at_once("J", "J", "J")
        assert "Many Links" in seen.article


@pytest.mark.parametrize("size", SIZES)
async def test_panes(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        await seen.press("space")
        article, width = seen.article, seen.view.size.width
        for there, back in (("h", "l"), ("left", "right"), ("tab", "tab"), ("shift+tab", "enter")):
            await seen.press(there)
            assert seen.has_keys(seen.list)
            assert "Enter read" in seen.hints.text[0]
            assert "Recent Features" in seen.text
            assert seen.view.size.width == width
            await seen.press(back)
            assert seen.has_keys(seen.view)
            assert "/ find" in seen.hints.text[0]
            assert seen.article == article


async def test_a_key_right_after_a_change_of_pane_is_for_the_new_pane(repository: Repository) -> None:
    async with desk(repository) as seen:
        article = seen.article
        await seen.at_once("h", "G")
        assert seen.article == article
        await seen.press("enter")
        assert "A Short One" in seen.article


@pytest.mark.parametrize("size", SIZES)
async def test_choosing_from_the_list(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        await seen.press("h", "j", "j", "k", "down", "enter")
        assert "The Target" in seen.article
        await seen.press("h", "G", "l")
        assert "A Short One" in seen.article
        await seen.press("h", "g", "enter")
        assert "The Alpha Story" in seen.article
        await seen.press("h", "end", "home", "space", "right")
        assert "The Alpha Story" not in seen.article


async def test_choosing_with_the_mouse(repository: Repository) -> None:
    async with desk(repository, WIDE) as seen:
        await seen.click("Many Links")
        assert "Many Links" in seen.article
        assert seen.has_keys(seen.view)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["q", "escape"])
async def test_back_goes_up_level_by_level(repository: Repository, size: tuple[int, int], key: str) -> None:
    async with desk(repository, size) as seen:
        await seen.press("z", key)
        assert not seen.screen.has_class("-zen")
        await seen.press("t", key)
        assert seen.at_desk
        assert seen.has_keys(seen.view)
        await seen.press(key)
        assert seen.has_keys(seen.list)
        assert seen.app.return_code is None
        await seen.press(key)
        assert seen.app.return_code == 0


async def test_back_from_a_file_given_quits(repository: Repository) -> None:
    async with desk(repository, start="target") as seen:
        assert "The Target" in seen.article
        await seen.press("q")
        assert seen.app.return_code == 0


PANELS = {"the article": "", "the list": "h", "zen": "z", "contents": "t", "keys": "question_mark"}


@pytest.mark.parametrize("opener", PANELS.values(), ids=PANELS)
async def test_q_quits_at_once_from_everywhere(repository: Repository, opener: str) -> None:
    async with desk(repository) as seen:
        await seen.press(*([opener] if opener else []), "Q")
        assert seen.app.return_code == 0


@pytest.mark.parametrize("opener", [*PANELS.values(), "ctrl+p"], ids=[*PANELS, "palette"])
async def test_ctrl_c_interrupts_from_everywhere(repository: Repository, opener: str) -> None:
    async with desk(repository) as seen:
        await seen.press(*([opener] if opener else []), "ctrl+c")
        assert seen.app.return_code == 130


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+s", "ctrl+z"])
async def test_flow_and_job_control_keys_are_left_to_the_terminal(repository: Repository, key: str) -> None:
    async with desk(repository) as seen:
        before = seen.rows()
        await seen.press(key)
        assert seen.app.return_code is None
        assert seen.rows() == before


# -- Contents


@pytest.mark.parametrize("size", SIZES)
async def test_contents(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        before = seen.article
        await seen.press("t")
        assert [row.strip() for row in seen.rows() if "Part" in row or "Detail" in row] == [
            "First Part",
            "Second Part",
            "A Detail",
        ]
        indents = [len(row) - len(row.lstrip()) for row in seen.rows() if "Part" in row or "Detail" in row]
        assert indents[0] == indents[1] < indents[2]
        await seen.press("escape")
        assert seen.article == before
        await seen.press("t", "j", "enter")
        assert seen.article[0] == "Second Part"
        await seen.press("t", "enter")  # it begins at the section that is being read
        assert seen.article[0] == "Second Part"
        await seen.press("t", "G", "k", "g", "l")
        assert seen.article[0] == "First Part"


async def test_contents_of_a_feature_without_sections(repository: Repository) -> None:
    async with desk(repository, start="short") as seen:
        await seen.press("t")
        assert seen.at_desk
        assert "no sections" in seen.rows()[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_of_many_sections(tmp_path: Path, size: tuple[int, int]) -> None:
    text = "".join(f"## Section {number:02}\n\n{words(100 * number, 40)}\n\n" for number in range(70))
    write(tmp_path / "l", {"many.md": text + words(9000, 400)})
    async with desk(library_of(tmp_path / "l"), size) as seen:
        await seen.press("t")
        assert "Section 00" in seen.text
        await seen.press("G")
        assert "Section 69" in seen.text
        assert "Contents" in seen.text
        await seen.press("k", "enter")
        assert seen.article[0] == "Section 68"


async def test_enter_twice_in_a_panel(repository: Repository) -> None:
    async with desk(repository) as seen:
        await seen.press("t")
        options = seen.app.screen.query_one(OptionList)
        options.action_select()
        options.action_select()
        await seen.settle()
        assert seen.app.return_code is None
        assert seen.at_desk
        assert seen.article[0] == "First Part"


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_closing_twice_in_a_panel(repository: Repository, key: str) -> None:
    async with desk(repository) as seen:
        await seen.press("question_mark")
        await seen.at_once(key, key)
        assert seen.app.return_code is None
        assert seen.at_desk


BEHIND = {
    "contents": ("t", "j", "enter", "j", "j"),
    "contents, closed": ("t", "escape", "j", "j"),
    "contents, twice": ("t", "G", "l", "t", "g", "enter", "j"),
    "keys": ("question_mark", "j", "escape", "space"),
    "caption": ("i", "i", "j", "j", "j"),
    "links": ("J", "enter", "j", "enter", "j", "j"),
    "many links": (*"JJJ", "enter", "j", "enter", "j", "j"),
    "links, back": ("J", "enter", "enter", "j", "escape", "j"),
    "next features": ("J", "j", "J", "j", "j", "K", "k"),
    "search": ("backslash", "w", "3", "6", "enter", "j", "j"),
    "find": ("slash", "w", "3", "enter", "j", "n", "j"),
    "list": ("h", "j", "enter", "j", "j", "h", "k", "l", "space"),
    "views": ("v", "j", "enter", "k", "enter", "j"),
    "views, left": ("v", "q", "h", "j", "enter", "j"),
}


@pytest.mark.parametrize("keys", BEHIND.values(), ids=BEHIND)
async def test_keys_right_behind_a_panel_find_what_it_left(library: Path, keys: tuple[str, ...]) -> None:
    """All at once or one by one, they do the same."""
    seen_after = []
    for together in (False, True):
        async with desk(library_of(library), (90, 24)) as seen:
            await (seen.at_once(*keys) if together else seen.press(*keys))
            assert seen.at_desk
            seen_after.append(seen.rows()[:-1])  # how many there are is counted meanwhile
    assert seen_after[0] == seen_after[1]


OPENERS = ["t", "i", "question_mark", "ctrl+p"]


@pytest.mark.parametrize("opener", OPENERS)
async def test_keys_that_come_with_the_one_that_opens_a_panel(repository: Repository, opener: str) -> None:
    """Over a slow line keys come in bunches: the panel is not made yet when they do."""
    async with desk(repository) as seen:
        for key in ("j", "k", "space", "b", "pagedown", "pageup", "down", "up", "end", "enter", "escape"):
            await seen.at_once(opener, key)
            assert seen.app.return_code is None
            while not seen.at_desk:
                await seen.press("escape")


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("keys", [("enter", "enter"), ("escape", "q"), ("down", "enter", "enter")])
async def test_keys_that_come_twice_in_a_panel(
    repository: Repository, opener: str, keys: tuple[str, ...]
) -> None:
    async with desk(repository) as seen:
        await seen.press(opener)
        await seen.at_once(*keys)
        assert seen.app.return_code is None


async def test_a_panel_that_is_closed_before_it_is_made(repository: Repository) -> None:
    async with desk(repository) as seen:
        for action in ("contents", "keys", "caption"):
            await seen.screen.run_action(action)
            panel = seen.app.screen
            await panel.run_action("close")
            assert seen.at_desk
            await seen.screen.run_action(action)
            await seen.app.screen.run_action(
                "scroll(1)" if isinstance(seen.app.screen, TextPanel) else "move('last')"
            )
            await seen.settle()
            assert seen.app.return_code is None
            await seen.press("escape")
            assert seen.at_desk


async def test_a_panel_below_the_palette_does_not_close_it(repository: Repository) -> None:
    async with desk(repository) as seen:
        await seen.press("i")
        panel = seen.app.screen
        await seen.press("ctrl+p")
        palette = seen.app.screen
        await panel.run_action("close")
        await seen.settle()
        assert seen.app.screen is palette
        await seen.press("escape", "escape")
        assert seen.app.return_code is None
        assert seen.at_desk


async def test_a_panel_over_an_article_that_gives_way_to_another(library: Path) -> None:
    """What is chosen in it was the old article's, so nothing is done with it."""
    release = threading.Event()

    class Slow(Library):
        def get(self, article_id: str) -> Article:
            if article_id == "short":
                release.wait(10)
            return super().get(article_id)

    for opener, start in (("t", "alpha"), ("enter", "many")):
        release.clear()
        async with desk(
            Slow([library], index=None, state=StateStore(None, clock=clock())), start=start
        ) as seen:
            await seen.press("h", "G")
            seen.app.post_message(events.Key("enter", None))
            await seen.until(lambda: seen.has_keys(seen.view))
            seen.app.post_message(events.Key(opener, None))
            await seen.until(lambda: not seen.at_desk)
            assert isinstance(seen.app.screen, ChoicePanel)
            release.set()
            await seen.settle()
            await seen.press("G", "enter")
            assert seen.app.return_code is None
            assert "A Short One" in seen.article


# -- The view: zen, measure, palette, help


@pytest.mark.parametrize("size", SIZES)
async def test_zen_shows_the_text_alone(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        await seen.press("space", "space")
        before, place = seen.rows(), seen.view.place
        await seen.press("z")
        assert seen.view.size == seen.app.size
        assert_on_top(seen, place)
        assert "Recent Features" not in seen.text
        assert "%" not in seen.text
        await seen.press("z")
        assert seen.rows() == before


@pytest.mark.parametrize("size", SIZES)
async def test_the_measure(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        await seen.press("z", "space", "space")
        top = seen.top

        def widest() -> int:
            return max(map(len, seen.article[:-1]))  # the last row says how wide it is

        usual = widest()
        most = seen.app.size.width - (4 if seen.app.size.width >= 60 else 2)
        assert most - 8 <= usual <= most or 64 <= usual <= 72
        await seen.at_once(*["minus"] * 12)
        assert 24 <= widest() <= 30
        assert seen.top <= top
        await seen.at_once(*["plus"] * 24)
        assert most - 6 <= widest() <= most
        await seen.press("equals_sign")
        assert widest() == usual
        assert seen.top == top


async def test_the_measure_is_centred(repository: Repository) -> None:
    async with desk(repository, WIDE) as seen:
        await seen.press("z", "G")
        rows = [row for row in seen.rows() if row.strip()]
        left = min(len(row) - len(row.lstrip()) for row in rows)
        assert left == (120 - 72) // 2


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_the_keys_that_work_here(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:

        async def helped() -> str:
            await seen.press("question_mark")
            assert isinstance(seen.app.screen, TextPanel)
            text = seen.text
            for _ in range(12):
                await seen.press("space")
                text += "\n" + seen.text
            await seen.press("question_mark")
            assert seen.at_desk
            return text

        article = await helped()
        for key in (*"][}{)(JKhltizoyT+-=M?Q", "Space", "PgDn", "PgUp", "Home", "End", "Esc", "Enter", "Tab"):
            assert re.search(rf"(?m)^.*(?:^|\s){re.escape(key)}(?:\s|$)", article), key
        assert "Line down" in article
        await seen.press("h")
        listed = await helped()
        assert "Line down" not in listed
        assert "Next in the list" in listed
        assert not re.search("super|_bracket|_sign", article + listed)
        assert "Ctrl+Q" not in article


async def test_the_palette_offers_each_action_once(repository: Repository) -> None:
    async with desk(repository, WIDE) as seen:
        titles = [command.title for command in seen.app.get_system_commands(seen.app.screen)]
        assert sorted(titles) == sorted(set(titles))
        assert {"Contents", "Line down", "Next feature", "Quit"} <= set(titles)
        run = {command.title: command.callback for command in seen.app.get_system_commands(seen.app.screen)}
        result = run["Contents"]()
        if result is not None:
            await result
        await seen.settle()
        assert isinstance(seen.app.screen, ChoicePanel)


# -- Read and unread


@pytest.mark.parametrize("size", [pytest.param(WIDE, id="120x40"), pytest.param(MIDDLE, id="80x24")])
async def test_read_marks_and_the_masthead(repository: Library, size: tuple[int, int]) -> None:
    async with desk(repository, size) as seen:
        assert seen.rows()[0].endswith("South Asia · 5 unread")
        assert seen.text.count("●") == 5
        assert not repository.reading("alpha").read
        await seen.press("space")
        assert 0 < repository.reading("alpha").fraction < 1
        assert f"{int(repository.reading('alpha').fraction * 100)} %" in "\n".join(seen.shown(seen.list))
        await seen.press("G")
        assert repository.reading("alpha").read
        assert seen.rows()[0].endswith("South Asia · 4 unread")
        assert seen.text.count("●") == 4
        await seen.press("J", "M")
        assert repository.reading("linked").read
        assert seen.rows()[0].endswith("3 unread")
        await seen.press("h", "j", "M")
        assert repository.reading("target").read
        await seen.press("M")
        assert not repository.reading("target").read
        assert seen.rows()[0].endswith("3 unread")


async def test_unread_by_hand_stays_unread(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("G", "M")
        assert not repository.reading("alpha").read
        await seen.resize(100, 30)
        await seen.press("z", "z")
        assert not repository.reading("alpha").read


async def test_places_are_kept(repository: Library) -> None:
    async with desk(repository) as seen:
        await seen.press("space", "space", "j")
        rows = seen.article
        await seen.press("J", "space", "K")
        assert seen.article == rows


# -- Links


@pytest.mark.parametrize("size", SIZES)
async def test_enter_follows_the_one_link_in_view(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size, start="linked") as seen:
        await seen.press("j")
        before = seen.article
        await seen.press("enter")
        assert seen.article[0] == "The Deep Part"
        await seen.press("j", "j", "escape")
        assert seen.article == before
        assert seen.has_keys(seen.view)


@pytest.mark.parametrize("size", SIZES)
async def test_enter_asks_where_several_links_are(repository: Repository, size: tuple[int, int]) -> None:
    async with desk(repository, size, start="many") as seen:
        await seen.press("right_curly_bracket")
        before = seen.article
        await seen.press("enter")
        assert isinstance(seen.app.screen, ChoicePanel)
        assert "the target" in seen.text
        assert "jump" in seen.text
        await seen.press("escape")
        assert seen.article == before
        await seen.press("enter", "enter")
        assert "The Target" in seen.article
        await seen.press("q")
        assert seen.article == before


async def test_enter_without_a_link_in_view(repository: Repository) -> None:
    async with desk(repository) as seen:
        before = seen.article
        await seen.press("enter")
        assert seen.hints.text[0] == "There is no link in view."
        assert seen.article == before


async def test_links_within_the_article(repository: Repository) -> None:
    async with desk(repository, start="many") as seen:
        before = seen.article
        await seen.click("jump")
        assert seen.article[0] == "Far Below"
        await seen.press("space", "escape")
        assert seen.article == before
        await seen.click("[1]")
        assert "The note says this." in "\n".join(seen.article)
        await seen.press("escape")
        assert seen.article == before
        await seen.click("nowhere")
        assert "no-such-part" in seen.hints.text[0]
        assert seen.article == before


async def test_esc_returns_link_by_link(repository: Repository) -> None:
    async with desk(repository, start="many") as seen:
        first = seen.article
        await seen.click("jump")
        second = seen.article
        await seen.press("g")
        await seen.click("the target")
        assert "The Target" in seen.article
        await seen.press("escape")
        assert seen.article == first
        await seen.press("escape")
        assert seen.article == first
        assert second != first
        assert seen.app.return_code is None


async def test_esc_returns_to_the_very_row(tmp_path: Path) -> None:
    """Rows without words of their own too: blank ones, the frame of a picture, a table's."""
    text = f"""\
---
title: T
caption: C
---
| a | b |
|---|---|
| {words(0, 40)} | x |

See [this](deep/target.md).

{words(2000, 900)}
"""
    write(tmp_path / "l", {"2026-01-01-a.md": text, "deep/target.md": TARGET})
    async with desk(library_of(tmp_path / "l"), WIDE, start="2026-01-01-a") as seen:
        for _ in range(15):
            await seen.press("j")
            before = seen.article
            await seen.press("enter")
            assert "The Target" in seen.article
            await seen.press("escape")
            assert seen.article == before


async def test_a_click_follows_the_link_under_it(repository: Repository) -> None:
    async with desk(repository, WIDE, start="many") as seen:
        before = seen.article
        for link in ("the target", "behind"):  # one stands after letters of other widths
            await seen.click(link)
            assert "The Target" in seen.article
            await seen.press("escape")
            assert seen.article == before
        x, y = seen.where("Go to")
        await seen.pilot.click(offset=(x, y))
        await seen.settle()
        assert seen.article == before


async def test_links_that_are_no_feature_lead_nowhere(repository: Repository) -> None:
    async with desk(repository, WIDE, start="many") as seen:
        before = seen.article
        for link in ("script", "local", "data", "phone", "lost", "up", "javascript:alert(0)"):
            await seen.click(link)
            assert seen.article == before
            assert seen.at_desk
            assert seen.app.return_code is None
        await seen.click("phone")
        assert "No feature in the library" in seen.hints.text[0]
        await seen.press("escape")  # nothing was left, so nothing is returned to: this quits
        assert seen.app.return_code == 0


async def test_only_web_and_mail_links_become_hyperlinks(repository: Repository) -> None:
    async with desk(repository, WIDE, start="many") as seen:
        linked: dict[str, str] = {}
        for segment in seen.segments():
            if segment.style is not None and segment.style.link is not None:
                linked[segment.style.link] = linked.get(segment.style.link, "") + segment.text
        assert linked == {
            "https://example.org/a": "site",
            "HTTP://EXAMPLE.ORG/B": "shout",
            "mailto:a@example.org": "mail",
        }


# -- Sizes


async def test_narrow_the_list_takes_the_place_of_the_article(repository: Repository) -> None:
    async with desk(repository, (79, 24)) as seen:
        assert "Recent Features" not in seen.text
        assert seen.view.size.width == 79
        document = seen.view.document
        assert document is not None
        width = document.width
        await seen.press("h")
        assert seen.list.region == seen.view.region
        assert "The Alpha Story" in seen.text
        assert "w0000" not in seen.text
        assert (seen.view.size.width, document.width) == (79, width)
        await seen.press("l")
        assert "Recent Features" not in seen.text


async def test_wide_the_list_stands_beside_the_article(repository: Repository) -> None:
    async with desk(repository, (80, 24)) as seen:
        assert "Recent Features" in seen.text
        assert seen.list.region.right == seen.view.region.x
        before = seen.view.region
        await seen.press("h")
        assert seen.view.region == before


async def test_the_pane_that_has_the_keys_is_the_one_that_is_seen(repository: Repository) -> None:
    async with desk(repository, WIDE) as seen:
        await seen.press("h")
        await seen.click("w0000")
        assert seen.has_keys(seen.view)
        await seen.resize(60, 24)
        assert "w0000" in seen.text
        await seen.press("h")
        assert "Recent Features" in seen.text
        await seen.resize(120, 40)
        await seen.resize(60, 24)
        assert seen.has_keys(seen.list)
        assert "Recent Features" in seen.text


async def test_low_the_masthead_goes_and_the_footer_stays(repository: Repository) -> None:
    async with desk(repository, (80, 20)) as seen:
        assert seen.rows()[0].startswith(" The Pulse")
        assert seen.rows()[0].endswith("unread")
        await seen.resize(80, 19)
        assert "unread" not in seen.text
        assert "Agency/Name" in seen.rows()[-2]
        assert seen.rows()[-1].endswith("left")
        await seen.resize(40, 5)
        assert "Agency/Name" in seen.rows()[-2]
        await seen.resize(80, 20)
        assert seen.rows()[0].endswith("unread")


@pytest.mark.parametrize("pages", [1, 2, 4])
async def test_resizing_returns_to_the_same_character(repository: Repository, pages: int) -> None:
    async with desk(repository) as seen:
        await seen.press(*["space"] * pages, "j", "j")
        rows = seen.rows()
        for width, height in ((120, 24), (60, 30), (97, 11), (40, 10)):
            await seen.resize(width, height)
            await seen.press("z" if height < 20 else "tab")
        await seen.resize(80, 24)
        assert seen.article == [row[34:].strip() for row in rows[1:-2]]
        assert seen.rows()[1:-1] == rows[1:-1]


async def test_the_top_character_stays_in_the_top_row_at_any_width(repository: Repository) -> None:
    async with desk(repository) as seen:
        for width, height, keys in (
            (120, 40, ["space", "j"]),
            (60, 18, ["d"]),
            (133, 50, ["k", "k"]),
            (40, 10, ["f", "f", "j"]),
            (81, 20, ["u"]),
            (200, 12, ["pagedown"]),
            (79, 24, ["right_square_bracket", "j", "j", "j"]),
        ):
            await seen.press(*keys)
            place = seen.view.place
            await seen.resize(width, height)
            assert_on_top(seen, place)


async def test_no_size_is_too_small(repository: Repository) -> None:
    async with desk(repository) as seen:
        await seen.press("space")
        rows = seen.rows()
        for width, height in ((1, 1), (2, 5), (10, 3), (300, 1), (3, 100), (9, 9)):
            await seen.resize(width, height)
            assert all(len(row) <= width for row in seen.rows())
            await seen.press("t", "space", "b", "escape", "question_mark", "space", "escape")
        await seen.resize(*MIDDLE)
        assert seen.article == [row[34:].strip() for row in rows[1:-2]]


async def test_every_row_fits_its_screen(repository: Repository) -> None:
    async with desk(repository, start="many") as seen:
        for width in (120, 80, 79, 60, 40, 21):
            await seen.resize(width, 24)
            for strip in seen.strips():
                assert strip.cell_length == width


# -- Libraries that are empty, broken, or large


@pytest.mark.parametrize("size", SIZES[1:])
async def test_an_empty_library(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "none").mkdir()
    async with desk(library_of(tmp_path / "none"), size) as seen:
        await seen.press(*"jG", "right_parenthesis", "right_square_bracket", *"tiMJK", "enter", "plus", *"zz")
        await seen.press("tab", *"jG", "enter")
        assert seen.app.return_code is None
        await seen.press("h")
        assert "No features here yet." in seen.text
        assert "0 unread" in seen.masthead.text[1]
        await seen.press("q")
        assert seen.app.return_code == 0


async def test_a_library_with_broken_files(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "broken",
        {
            "2026-01-02-yaml.md": "---\ntitle: [unclosed\n---\n\nStill to be read.\n",
            "2026-01-01-fine.md": "# Fine\n\nText.\n",
        },
    )
    (folder / "2026-01-03-bytes.md").write_bytes(b"# Bytes\n\n\xff\xfe\x00 and text\n")
    missing = tmp_path / "no-such-folder"
    async with desk(library_of(folder, missing), WIDE) as seen:
        assert str(missing) in seen.hints.text[0]
        assert "and text" in "\n".join(seen.article)
        assert seen.text.count(" · !") == 2
        await seen.press("J")
        assert "Still to be read." in seen.text
        assert re.search(r"! Line \d+: ", seen.text)


class Unwatched(Library):
    """A library that does not notice by itself that a file is gone."""

    def watch(self, changed: Callable[[], None]) -> None:
        pass


async def test_an_article_that_is_gone_when_it_is_chosen(library: Path) -> None:
    repository = Unwatched([library], index=None, state=StateStore(None, clock=clock()))
    async with desk(repository) as seen:
        before = seen.article
        (library / "2026-03-04-linked.md").unlink()
        await seen.press("J")
        assert "2026-03-04-linked.md" in seen.hints.text[0]
        assert seen.article == before
        await seen.press("h", "j", "enter")
        assert seen.article == before
        await seen.press("h", "j", "enter")
        assert "The Target" in seen.article


async def test_an_article_that_is_too_large(library: Path) -> None:
    async with desk(library_of(library, cap=2000), start="short") as seen:
        await seen.press("h", "g", "enter")
        assert "more than" in seen.hints.text[0]
        assert "A Short One" in seen.article


class Counting:
    """A library of any size that counts what is asked of it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.windows: list[tuple[int, int | None]] = []
        self.read: set[str] = set()
        self.opened: list[str] = []
        self.asked: set[str] = set()

    def _headline(self, number: int) -> Headline:
        day = date(2026, 1, 1) - timedelta(days=number)
        return Headline(f"id-{number}", f"Headline {number}", published=day)

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> bool:
        return False

    def watch(self, changed: Callable[[], None]) -> None:
        pass

    def close(self) -> None:
        pass

    def save(self) -> None:
        pass

    def count(self, view: View = EVERY) -> int:
        return self.size

    def unread(self) -> int:
        return self.size - len(self.read)

    def begun(self, limit: int = 3) -> Sequence[Headline]:
        return ()

    def values(self, field: Field) -> Sequence[tuple[str, int]]:
        return ()

    def search(self, query: Query, limit: int = 50) -> Sequence[Hit]:
        return ()

    def pictures(self) -> Sequence[tuple[Headline, Figure]]:
        return ()

    def history(self, limit: int = 50) -> Sequence[str]:
        return ()

    def marks(self) -> Sequence[tuple[str, Spot]]:
        return ()

    def set_mark(self, letter: str, spot: Spot) -> None:
        pass

    def undo(self) -> str | None:
        return None

    def headline(self, article_id: str) -> Headline | None:
        position = self.position(article_id)
        return None if position is None else self._headline(position)

    def recent(self, start: int = 0, limit: int | None = None, view: View = EVERY) -> Sequence[Headline]:
        self.windows.append((start, limit))
        end = self.size if limit is None else min(self.size, start + limit)
        return [self._headline(number) for number in range(start, end)]

    def position(self, article_id: str, view: View = EVERY) -> int | None:
        number = int(article_id.removeprefix("id-"))
        return number if number < self.size else None

    def get(self, article_id: str) -> Article:
        self.opened.append(article_id)
        if article_id == "id-7":
            raise ArticleUnreadableError("The disk with id-7 is on fire; put it out.")
        position = self.position(article_id)
        if position is None:
            raise ArticleNotFoundError(f"There is no {article_id}.")
        return Article(self._headline(position), words(position, 2000).encode())

    def follow(self, article_id: str, link: str) -> str | None:
        return None

    def notices(self) -> Sequence[Notice]:
        return ()

    def reading(self, article_id: str) -> Reading:
        self.asked.add(article_id)
        return Reading(read=article_id in self.read)

    def mark(self, article_id: str, *, seconds: float = 0.0, **note: Unpack[Note]) -> None:
        if note.get("read"):
            self.read.add(article_id)


@pytest.mark.parametrize("size", SIZES)
async def test_a_list_of_five_thousand(size: tuple[int, int]) -> None:
    repository = Counting(5000)
    async with desk(repository, size) as seen:

        def listed() -> list[int]:
            return [int(number) for number in re.findall(r"Headline (\d+)", "\n".join(seen.shown(seen.list)))]

        await seen.press("h")
        first = listed()
        assert first == list(range(len(first)))
        await seen.press("pagedown")
        assert listed()[-1] == len(first)
        await seen.press("G")
        assert listed() == list(range(5000 - len(first), 5000))
        await seen.press("pagedown", "j")
        assert listed()[-1] == 4999
        await seen.press("b", "b")
        assert listed()[0] == 4999 - 2 * len(first)
        await seen.press("enter")
        assert repository.opened == ["id-0", f"id-{4999 - 2 * len(first)}"]
        assert all(limit is not None and limit <= 100 for _, limit in repository.windows)
        assert len(repository.windows) < 12
        assert len(repository.asked) < 8 * len(first) + 8


async def test_a_repository_that_cannot_give_an_article() -> None:
    async with desk(Counting(20)) as seen:
        await seen.press(*["J"] * 7)
        assert seen.hints.text[0] == "The disk with id-7 is on fire; put it out."
        assert "Headline 6" in seen.article


async def test_leaving_while_the_library_is_still_read(recwarn: pytest.WarningsRecorder) -> None:
    """Nothing is left behind that would complain: asyncio tells of tasks whose faults nobody asked for."""
    told: list[dict[str, object]] = []
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(Counting):
        def refresh(self, progress: Callable[[int, int], None] | None = None) -> bool:
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)
            return True

    loop.set_exception_handler(lambda _, context: told.append(context))
    app = PulseApp(Slow(3), bundled.style_sheet())
    async with app.run_test(size=MIDDLE) as pilot:
        await pilot.pause()
        app.exit(return_code=143)
        await asyncio.sleep(0)
        release.set()
    gc.collect()
    await asyncio.sleep(0)
    assert told == []
    assert app.return_code == 143


# -- What may not reach a terminal

BAD = (
    "\x1b[31mred \x1b]8;;http://evil.example\x07x\x1b]8;;\x07 \x9b2J \x00 \x7f "
    "\u202eflow\u202c \u2066i\u2069 \u2028 \ud800"
)
HOSTILE = f"""\
---
title: "T \\e[2J \\x07 \\u202E \\x9b t"
dek: "D \\e]0;x\\a d"
sections: ["S \\e[5m", "\\u202Es"]
authors: ["A \\e[7m"]
caption: "C \\e[1;1H c"
credit: "R \\x9b1m \\u202E r"
source: "https://x.example/\\e[2J\\u202E"
tags: ["\\e[1m"]
---

## Heading {BAD}

{BAD}

![alt {BAD}](pic\x1b[2J.png "caption {BAD} Credit: by {BAD}")

[link {BAD}](<https://e.example/{BAD}>) [other {BAD}](<a\x1b[2J.md>)

| a {BAD} | b |
|---|---|
| c {BAD} | `d {BAD}` |

```
{BAD}
```

<b title='{BAD}'>{BAD}</b>

- item {BAD}[^x]

[^x]: note {BAD}

&#27;[2J &#x9b; &#7; &#0; &#x202e;

کتاب हिन्दी 👩‍👩‍👧 漢字

{">" * 10_000} deep

The end.
"""
BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def assert_harmless(strips: Sequence[Strip]) -> None:
    """No character that steers a terminal."""
    for strip in strips:
        for segment in strip:
            assert not segment.control
            steering = [
                character
                for character in segment.text
                if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
                or unicodedata.bidirectional(character) in BIDI_CONTROLS
            ]
            assert steering == [], repr(segment.text)
            link = segment.style.link if segment.style is not None else None
            assert link is None or re.fullmatch(r"[!-~]+", link), repr(link)


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]])
async def test_no_control_character_reaches_a_strip(tmp_path: Path, size: tuple[int, int]) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    name = "2026-01-01-na\x1b[2Jme\u202e.md"
    (folder / name).write_bytes(HOSTILE.encode("utf-8", "surrogatepass"))
    (folder / "2026-01-02-\x1b]0;title\x07.md").write_text("No title here.", encoding="utf-8")
    async with desk(library_of(folder, tmp_path / "gone\x1b[2J"), size) as seen:
        assert_harmless(seen.strips())
        assert "[2J" in seen.hints.text[0] or size != WIDE
        await seen.press("h")
        assert_harmless(seen.strips())
        await seen.press("G", "enter", "i")
        assert_harmless(seen.strips())
        await seen.press("escape", "t")
        assert_harmless(seen.strips())
        await seen.press("escape")
        met = ""
        while not seen.hints.text[1].endswith("end"):
            assert_harmless(seen.strips())
            met += seen.text
            await seen.press("space")
            if "link" in met and "enter" not in met:
                await seen.press("enter")
                assert_harmless(seen.strips())
                if not seen.at_desk:
                    await seen.press("escape")
                met += "enter"
        assert_harmless(seen.strips())
        assert "The end." in seen.text
        assert "Heading" in met


LETTERS = "پشاور से 漢字 and क्षत्रिय, 👩‍👩‍👧 e\u0301 ไทย한국어 then plain words again. "


async def test_rows_of_any_script_can_be_cut(tmp_path: Path) -> None:
    """As the compositor cuts them where only part of a row is to be drawn, or something lies over it."""
    write(tmp_path / "l", {"a.md": f"# Letters 漢字\n\n{LETTERS * 9}\n"})
    async with desk(library_of(tmp_path / "l")) as seen:
        settled = 0
        for widget in (seen.view, seen.list):
            width, height = widget.size
            for strip in widget.render_lines(Region(0, 0, width, height)):
                settled += isinstance(strip, SettledStrip)
                assert strip.crop(0, width) == strip
                for start, end in ((0, width - 1), (1, width), (5, 9), (0, 1), (width // 2, width)):
                    cut = strip.crop(start, end)
                    assert_harmless([cut])
                    assert sum(segment.cell_length for segment in cut) == end - start
                parts = strip.divide([width // 3, width // 2, width])
                assert_harmless(parts)
                assert [part.cell_length for part in parts] == [
                    width // 3,
                    width // 2 - width // 3,
                    width - width // 2,
                ]
        assert settled > 5


# -- Caches and colours


async def test_rows_are_drawn_once_and_kept(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0
    draw = ArticleView.strip

    def counted(self: ArticleView, segments: Sequence[Segment], fill: Style, width: int) -> Strip:
        nonlocal drawn
        segments = list(segments)
        drawn += any(segment.text for segment in segments)
        return draw(self, segments, fill, width)

    monkeypatch.setattr(ArticleView, "strip", counted)
    async with desk(repository) as seen:

        async def press(*keys: str) -> None:
            """Until the idle slice that draws the next page is over, too."""
            idle = seen.view._idle
            assert idle is not None
            for key in keys:
                await seen.press(key)
                await seen.until(lambda: not idle._active.is_set())

        await press("space")
        height = seen.view.size.height
        drawn = 0
        await press("j")
        assert drawn == 1
        await press("k")
        assert drawn == 1
        await press("b", "space", "b")
        assert drawn <= 2
        await press("space", "space")
        assert drawn <= 2 + height
        drawn = 0
        seen.app.theme = LIGHT
        await seen.settle()
        assert drawn >= height


def colours(seen: Desk) -> set[tuple[int, int, int]]:
    """All colours on the screen that have a value of their own."""
    found = set()
    for segment in seen.segments():
        if segment.style is None:
            continue
        for colour in (segment.style.color, segment.style.bgcolor):
            if colour is not None and colour.triplet is not None:
                found.add(tuple(colour.triplet))
    return {(red, green, blue) for red, green, blue in found}


async def test_another_theme_draws_everything_anew(repository: Repository) -> None:
    async with desk(repository, WIDE, theme=DARK) as seen:
        text, dark = seen.rows(), colours(seen)
        seen.app.theme = LIGHT
        await seen.settle()
        light = colours(seen)
        assert seen.rows() == text
        assert dark.isdisjoint(light)
        background = Color.parse(seen.app.theme_variables["background"])
        assert (background.r, background.g, background.b) in light
        seen.app.theme = ANSI
        await seen.settle()
        assert colours(seen) == set()
        seen.app.theme = DARK
        await seen.settle()
        assert colours(seen) == dark


async def test_rows_drawn_while_covered_are_in_the_new_theme(repository: Repository) -> None:
    async with desk(repository, WIDE, theme=DARK) as seen:
        await seen.press("t")
        seen.app.theme = LIGHT
        await seen.settle()
        await seen.press("escape")
        light = colours(seen)
        seen.app.theme = DARK
        await seen.settle()
        assert light.isdisjoint(colours(seen))


async def test_no_color_means_no_colour(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(repository, colour=False) as seen:
        for keys in (
            ["space"],
            ["h", "j"],
            ["l", "t"],
            ["escape", "question_mark"],
            ["escape", "i"],
            ["escape"],
        ):
            await seen.press(*keys)
            for segment in seen.segments():
                if segment.style is not None:
                    for colour in (segment.style.color, segment.style.bgcolor):
                        assert colour is None or colour.is_default, (keys, segment)
        attributes = {
            (segment.style.bold, segment.style.italic, segment.style.underline, segment.style.reverse)
            for segment in seen.segments()
            if segment.style is not None
        }
        assert len(attributes) > 1  # weight and slant remain


async def test_the_cursor_of_the_list_is_seen_without_colour(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(repository, colour=False) as seen:
        await seen.press("h", "j")
        reversed_text = "".join(s.text for s in seen.segments() if s.style is not None and s.style.reverse)
        assert "One Link" in reversed_text
        assert "Alpha" not in reversed_text


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: RichColor, other: RichColor) -> float:
    """Contrast ratio: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    values = sorted(luminance(colour.get_truecolor()) for colour in (one, other))
    return (values[1] + 0.05) / (values[0] + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
async def test_themes_are_readable(repository: Repository, theme: str) -> None:
    """4.5 is what WCAG 2.2 asks of text (1.4.3, level AA)."""
    async with desk(repository, WIDE, theme=theme) as seen:
        ratios: dict[str, float] = {}
        for widget in (seen.view, seen.list, seen.masthead, seen.caption, seen.hints):
            names = {name for kind in type(widget).__mro__ for name in getattr(kind, "COMPONENT_CLASSES", ())}
            styles = {f"{widget.id} {name}": widget.get_component_rich_style(name) for name in names}
            styles[f"{widget.id}"] = widget.rich_style
            for name, style in styles.items():
                if not name.endswith("--rule"):
                    assert style.color is not None
                    assert style.bgcolor is not None
                    ratios[name] = round(contrast(style.color, style.bgcolor), 2)
        assert len(ratios) >= 26
        assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}

        # And as it is on the screen, in every state: text is what has letters.
        for keys in ([], ["h"], ["j"], ["l", "t"], ["escape", "question_mark"], ["escape", "enter"]):
            await seen.press(*keys)
            for segment in seen.segments():
                look = segment.style
                if look is None or not any(map(str.isalnum, segment.text)):
                    continue
                assert look.color is not None
                assert look.bgcolor is not None
                assert contrast(look.color, look.bgcolor) >= 4.5, segment


@pytest.mark.parametrize("theme", [DARK, LIGHT, ANSI])
async def test_every_theme_shows_the_same_words(repository: Repository, theme: str) -> None:
    async with desk(repository, theme=theme) as seen:
        assert seen.app.current_theme.name == theme
        rows = seen.rows()
        assert rows[0].startswith(" The Pulse")
        assert " The Alpha Story" in rows[3]
        with pytest.raises(NoMatches):
            seen.screen.query_one("Toast")  # no complaint about the style sheet


# -- On a terminal


def opened(*arguments: str | Path, size: tuple[int, int] = MIDDLE) -> Terminal:
    """The reader on a terminal, when it has drawn what it was told to open, and the list of the library."""
    terminal = Terminal([sys.executable, "-m", "pulse_tui", *arguments], columns=size[0], rows=size[1])
    terminal.wait_for(lambda text: re.search(r"\d %", text) is not None, 20)
    terminal.settle(0.6)
    return terminal


def test_hyperlinks_reach_the_terminal(library: Path) -> None:
    with opened(library / "2026-03-02-many.md", size=WIDE) as terminal:
        urls = set(re.findall(rb"\x1b\]8;[^;]*;([^\x1b\x07]+)", bytes(terminal.output)))
        assert urls == {b"https://example.org/a", b"HTTP://EXAMPLE.ORG/B", b"mailto:a@example.org"}


def test_painting_anew_mends_a_screen_that_something_else_wrote_on(library: Path) -> None:
    with opened(library / "2026-03-05-alpha.md") as terminal:
        before = terminal.text()
        terminal.screen.erase_in_display(2)
        assert terminal.text().strip() == ""
        terminal.press("ctrl+l")
        terminal.settle()
        assert terminal.text() == before


def test_what_is_drawn_bit_by_bit_is_what_would_be_drawn_at_once(tmp_path: Path) -> None:
    """In letters of every width, while scrolling, changing panes and opening panels."""
    paragraph = LETTERS
    write(
        tmp_path / "l",
        {"a.md": f"# Letters 漢字\n\n{paragraph * 3}\n\n## हिन्दी\n\n" + f"{paragraph}\n\n" * 40},
    )
    with opened("--library", tmp_path / "l", tmp_path / "l" / "a.md") as terminal:
        for keys in ("j", " ", "jjjk", "d", "]", "t", "j", "\r", "h", "jj", "l", "+", "z", "jj", "z", "b"):
            terminal.send(keys)
            terminal.settle(0.1)
        terminal.settle(0.4)  # the list and the progress follow a moment later
        drawn = terminal.text()
        terminal.press("ctrl+l")
        terminal.settle()
        assert terminal.text() == drawn
        assert "漢字" in drawn


@pytest.mark.parametrize("letters", ["", LETTERS], ids=["Latin", "all scripts"])
def test_a_storm_of_resizes_and_keys(library: Path, letters: str) -> None:
    def pane(text: str) -> list[str]:
        return [row[34:] for row in text.splitlines()[1:-1]]

    chance = random.Random(7)
    story = library / "2026-03-05-alpha.md"
    story.write_text(ALPHA.replace("\n\nw", f"\n\n{letters * 5}\n\nw"), encoding="utf-8")
    with opened(story) as terminal:
        first = pane(terminal.text())
        keys = chance.choices("j fbdG][)({}+-z", k=80)
        for key in keys:
            terminal.resize(chance.randint(10, 160), chance.randint(4, 60))
            terminal.send(key)
            terminal.settle(chance.choice([0, 0, 0.03]))
        terminal.resize(*MIDDLE)
        terminal.press(*("z" * (keys.count("z") % 2)), "=", "g")
        terminal.wait_for(lambda text: pane(text) == first, 30)
