"""The list of recent features, drawn by lines from windows of the repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from pulse_tui.article import Headline, Reading
from pulse_tui.document.head import MONTHS
from pulse_tui.document.wrap import wrap
from pulse_tui.repository import Repository
from pulse_tui.text import truncate
from pulse_tui.tui.strips import padded_strip

TITLE = "Recent Features"
_UNREAD = "● "
_INDENT = "  "
_TALL = 20
"""Rows from which a title may take two."""
_WHEEL_ITEMS = 2
_WINDOW = 64


class Sidebar(Widget, can_focus=True):
    """Headlines, newest first, with a cursor; costs the same at ten features and at a hundred thousand."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sidebar--title",
        "sidebar--item",
        "sidebar--read",
        "sidebar--open",
        "sidebar--cursor",
        "sidebar--meta",
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

    @dataclass
    class Chosen(Message):
        """The reader wants to read this feature."""

        article_id: str

    def __init__(self, repository: Repository, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._repository = repository
        self._cursor = 0
        self._top = 0
        self._open: str | None = None
        self._window: tuple[int, Sequence[Headline]] = (0, ())
        self._loading = True

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

    def render_line(self, y: int) -> Strip:
        """One row of the list."""
        width = self.size.width
        if y == 0:
            return self._strip(f" {TITLE}", self._component("sidebar--title"), width)
        number, row = divmod(y - 1, self._item_rows)
        number += self._top
        if y > self._shown * self._item_rows or (headline := self._headline(number)) is None:
            note = "Reading the library …" if self._loading else "No features here yet."
            empty = y == 2 and self._repository.count() == 0
            return self._strip(f" {note}" if empty else "", self._component("sidebar--meta"), width)
        reading = self._repository.reading(headline.id)
        style = self._component("sidebar--read" if reading.read else "sidebar--item")
        text = item_row(headline, reading, row, self._item_rows, width)
        if row and text.startswith(_INDENT) and row >= self._meta_row(headline, width):
            style = self._component("sidebar--meta")
        if headline.id == self._open:
            style += self.get_component_rich_style("sidebar--open", partial=True)
        if number == self._cursor and self.has_focus:
            style += self.get_component_rich_style("sidebar--cursor", partial=True)
        return self._strip(text, style, width)

    def _meta_row(self, headline: Headline, width: int) -> int:
        return len(title_lines(headline, self._item_rows, width))

    def _component(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _strip(self, text: str, style: Style, width: int) -> Strip:
        return padded_strip([Segment(text, style)], width, style, column=self.content_region.x)


def title_lines(headline: Headline, rows: int, width: int) -> list[str]:
    """The title in at most `rows` - 1 lines that fit beside the unread mark."""
    room = max(1, width - len(_INDENT) - 1)
    spans = wrap(headline.title, room)
    if len(spans) >= rows:
        start = spans[rows - 2][0]
        return [*(headline.title[a:b] for a, b in spans[: rows - 2]), truncate(headline.title[start:], room)]
    return [headline.title[a:b] for a, b in spans]


def item_row(headline: Headline, reading: Reading, row: int, rows: int, width: int) -> str:
    """One of the rows of an item: title, title's second line, date and length."""
    lines = title_lines(headline, rows, width)
    if row < len(lines):
        mark = _UNREAD if row == 0 and not reading.read else _INDENT
        return mark + lines[row]
    if row == len(lines):
        return truncate(_INDENT + _about(headline, reading), width - 1)
    return ""


def _about(headline: Headline, reading: Reading) -> str:
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
