"""The list of recent features, drawn by lines from windows of the repository."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from pulse_tui.article import Headline, Reading
from pulse_tui.document.head import MONTHS
from pulse_tui.document.wrap import wrap
from pulse_tui.repository import Repository
from pulse_tui.text import pad, truncate
from pulse_tui.tui.strips import LinesWidget

TITLE = "Recent Features"
_UNREAD = "● "
_INDENT = "  "
_EDGE = "│"
_TALL = 20
"""Rows from which a title may take two."""
_WHEEL_ITEMS = 2
_WINDOW = 64
_KEPT_ITEMS = 256


class Sidebar(LinesWidget, can_focus=True):
    """Headlines, newest first, with a cursor; costs the same at ten features and at a hundred thousand."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sidebar--title",
        "sidebar--item",
        "sidebar--read",
        "sidebar--open",
        "sidebar--cursor",
        "sidebar--meta",
        "sidebar--rule",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Next in the list", id="list.down"),
        Binding("k,up", "move(-1)", "Previous in the list", id="list.up"),
        Binding("space,f,pagedown", "page(1)", "Page down", id="list.page-down"),
        Binding("b,pageup", "page(-1)", "Page up", id="list.page-up"),
        Binding("g,home", "first", "First", id="list.first"),
        Binding("G,end", "last", "Last", id="list.last"),
        Binding("enter,l,right", "choose", "Read", id="list.choose"),
    ]

    class Chosen(Message):
        """The reader wants to read this feature."""

        def __init__(self, article_id: str) -> None:
            super().__init__()
            self.article_id = article_id

    def __init__(self, repository: Repository, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._repository = repository
        self._cursor = 0
        self._top = 0
        self._open: str | None = None
        self._window: tuple[int, Sequence[Headline]] = (0, ())
        self._loading = True
        self._drawn: dict[Hashable, list[Strip]] = {}
        self._last_drawn: dict[str, tuple[bool, str]] = {}

    # -- What is shown

    def reload(self) -> None:
        """Show the library as the repository has it now."""
        self._loading = False
        self._window = (0, ())
        if self._open is not None and (position := self._repository.position(self._open)) is not None:
            self._cursor = position
        self._move_to(self._cursor)
        self.refresh()

    def mark_open(self, article_id: str) -> None:
        """Show which feature is open, and bring it into view."""
        self._open = article_id
        position = self._repository.position(article_id)
        if position is not None:
            self._move_to(position)
        self.refresh()

    def refresh_item(self, article_id: str) -> None:
        """Draw one feature anew if it is in view and its rows have changed."""
        position = self._repository.position(article_id)
        if position is None or not self._top <= position < self._top + self._shown:
            return
        headline = self._headline(position)
        if headline is not None and self._last_drawn.get(article_id) != self._changing(headline):
            row = 1 + (position - self._top) * self._item_rows
            self.refresh(Region(0, row, self.size.width, self._item_rows))

    @property
    def current(self) -> Headline | None:
        """The headline under the cursor."""
        return self._headline(self._cursor)

    def _headline(self, number: int) -> Headline | None:
        start, headlines = self._window
        if not start <= number < start + len(headlines):
            start = max(0, number - _WINDOW // 2)
            headlines = self._repository.recent(start, _WINDOW)
            self._window = (start, headlines)
        return headlines[number - start] if start <= number < start + len(headlines) else None

    # -- Moving

    @property
    def _item_rows(self) -> int:
        return 3 if self.size.height >= _TALL else 2

    @property
    def _shown(self) -> int:
        return max(1, (self.size.height - 1) // self._item_rows)

    def _move_to(self, number: int) -> None:
        count = self._repository.count()
        self._cursor = max(0, min(number, count - 1))
        if not self.size:
            return
        top = max(self._cursor - self._shown + 1, min(self._top, self._cursor))
        self._top = max(0, min(top, count - self._shown))
        self.refresh()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._move_to(self._cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by as many items as are in view."""
        self._move_to(self._cursor + step * self._shown)

    def action_first(self) -> None:
        """Go to the newest feature."""
        self._move_to(0)

    def action_last(self) -> None:
        """Go to the oldest feature."""
        self._move_to(self._repository.count() - 1)

    def action_choose(self) -> None:
        """Read the feature under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self.current.id))

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self._move_to(self._cursor)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        event.stop()
        self._move_to(self._cursor + _WHEEL_ITEMS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        event.stop()
        self._move_to(self._cursor - _WHEEL_ITEMS)

    def on_click(self, event: events.Click) -> None:
        """Read the feature that was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y > 0:
            number = self._top + (offset.y - 1) // self._item_rows
            if self._headline(number) is not None:
                self._move_to(number)
                self.action_choose()

    # -- Painting

    def notify_style_update(self) -> None:
        """Forget rows drawn in styles that are no more."""
        super().notify_style_update()
        self._drawn.clear()

    def render_line(self, y: int) -> Strip:
        """One row of the list."""
        if y == 0:
            return self._row(f" {TITLE}", self._style("title"))
        number, row = divmod(y - 1, self._item_rows)
        number += self._top
        headline = self._headline(number) if y <= self._shown * self._item_rows else None
        if headline is None:
            note = "Reading the library …" if self._loading else "No features here yet."
            empty = y == 2 and self._repository.count() == 0
            return self._row(f" {note}" if empty else "", self._style("meta"))
        return self._item(number, headline)[row]

    def _item(self, number: int, headline: Headline) -> list[Strip]:
        """The rows of a feature, kept as they were drawn until something about them changes."""
        read, words = self._changing(headline)
        self._last_drawn[headline.id] = (read, words)
        covered = self.app.screen is not self.screen
        opened = headline.id == self._open
        cursor = number == self._cursor and self.has_focus
        key = (headline, read, words, opened, cursor, covered, self.size.width, self._item_rows)
        strips = self._drawn.get(key)
        if strips is None:
            if len(self._drawn) > _KEPT_ITEMS:
                self._drawn.clear()
                self._last_drawn.clear()
            strips = self._drawn[key] = self._draw(headline, words, read=read, cursor=cursor)
        return strips

    def _changing(self, headline: Headline) -> tuple[bool, str]:
        """What of an item changes while it is read."""
        reading = self._repository.reading(headline.id)
        return reading.read, about(headline, reading)

    def _draw(self, headline: Headline, words: str, *, read: bool, cursor: bool) -> list[Strip]:
        title, meta = self._style("read" if read else "item"), self._style("meta")
        if headline.id == self._open:
            title += self._style("open", partial=True)
        if cursor:
            highlight = self._style("cursor", partial=True)
            title, meta = title + highlight, meta + highlight
        rows, width = self._item_rows, self.size.width - 1
        mark = _INDENT if read else _UNREAD
        lines = title_lines(headline.title, rows - 1, width - len(_INDENT) - 1)
        texts = [(indent + line, title) for indent, line in zip([mark, _INDENT], lines, strict=False)]
        texts.append((_INDENT + truncate(words, width - len(_INDENT)), meta))
        texts += [("", meta)] * (rows - len(texts))
        return [self._row(text, style) for text, style in texts]

    def _style(self, name: str, *, partial: bool = False) -> Style:
        return self.get_component_rich_style(f"sidebar--{name}", partial=partial)

    def _row(self, text: str, style: Style) -> Strip:
        """A row with the rule that parts the list from the article, where the article is beside it."""
        width = self.size.width
        alone = width == self.screen.size.width
        room = width if alone else width - 1
        segments = [Segment(pad(text, room), style)]
        if not alone:
            segments.append(Segment(_EDGE, self._style("rule")))
        return self.strip(segments, style, width)


def title_lines(title: str, rows: int, width: int) -> list[str]:
    """A title in at most so many rows of so many cells."""
    spans = wrap(title, max(1, width))
    lines = [title[start:end] for start, end in spans[:rows]]
    if len(spans) > rows:
        lines[-1] = truncate(title[spans[rows - 1][0] :], width)
    return lines


def about(headline: Headline, reading: Reading) -> str:
    """When a feature appeared, how long it is, how far the reader is, and whether something is wrong."""
    parts = [short_date(headline.published)] if headline.published else []
    parts.append(f"{headline.minutes} min")
    if 0 < reading.fraction < 1 and not reading.read:
        parts.append(f"{int(reading.fraction * 100)} %")
    if headline.notices:
        parts.append("!")
    return " · ".join(parts)


def short_date(day: date) -> str:
    """A date in a list, the same in every locale: 4 Mar 2022."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"
