"""The list of features, drawn by lines."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from pulse_tui.article import Headline, Reading, duration
from pulse_tui.document.head import MONTHS
from pulse_tui.document.wrap import wrap
from pulse_tui.repository import Repository
from pulse_tui.text import cells, pad, truncate
from pulse_tui.tui.shelves import CONTINUE, Choice, Shelves
from pulse_tui.tui.strips import LinesWidget

_UNREAD = "● "
_STARRED = "★ "
_INDENT = "  "
_EDGE = "│"
_TALL = 20
"""Rows from which a title may take two."""
_WHEEL_ITEMS = 2
_KEPT_ITEMS = 256


class _Changing(NamedTuple):
    """What of an item changes while it is read."""

    read: bool
    mark: str
    words: str


class Sidebar(LinesWidget, can_focus=True):
    """Headlines with a cursor, under the names of their shelves."""

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
        Binding("enter,l,right", "screen.read_chosen", "Read", id="list.choose"),
    ]

    class Chosen(Message):
        """The feature under the cursor was clicked."""

    def __init__(self, repository: Repository, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._repository = repository
        self.shelves = Shelves(repository)
        self._cursor = 0
        self._top = 0
        self._open: str | None = None
        self._loading = True
        self._drawn: dict[Hashable, list[Strip]] = {}
        self._rows: list[tuple[int, str, _Changing]] = []
        """Of each item in view its first row, its id and what of it changes while it is read."""

    # -- What is shown

    def reload(self) -> None:
        """Show the library as the repository has it now; the cursor stays with its feature."""
        current = None if self._loading else self.current
        self._loading = False
        self.shelves.reload()
        wanted = self._open if current is None else current.id
        number = self.shelves.find(wanted, self._cursor) if wanted is not None else None
        self._move_to(self._cursor if number is None else number)

    def choose(self, choice: Choice) -> None:
        """Show the features of another view."""
        self.shelves.choose(choice)
        self._move_to(0)

    def show_all(self) -> None:
        """Show the whole library."""
        self.shelves.show_all()
        self._move_to(0)

    def filter(self, text: str) -> None:
        """Show those features of the view that fit what is typed."""
        self.shelves.filter(text)
        self._move_to(0)

    def sort(self) -> str:
        """Sort the list the next way; returns what that is."""
        order = self.shelves.sort()
        self._move_to(0)
        return order

    def mark_open(self, article_id: str) -> None:
        """Show which feature is open, and bring it into view."""
        self._open = article_id
        number = self.shelves.find(article_id, self._cursor)
        self._move_to(self._cursor if number is None else number)

    def point_at(self, article_id: str) -> bool:
        """Put the cursor on a feature, not where it is begun but among all; False if the view lacks it."""
        number = self.shelves.find(article_id, len(self.shelves.begun))
        if number is not None:
            self._move_to(number)
        return number is not None

    def refresh_item(self, article_id: str) -> None:
        """Draw one feature anew if it is in view and its rows have changed."""
        if not self.display:
            return
        for row, drawn_id, changing in self._rows:
            if drawn_id == article_id:
                headline = self._repository.headline(article_id)
                if headline is not None and changing != self._changing(headline):
                    self.refresh(Region(0, row, self.size.width, self._item_rows))

    @property
    def current(self) -> Headline | None:
        """The headline under the cursor."""
        return self.shelves.at(self._cursor)

    # -- Moving

    @property
    def _item_rows(self) -> int:
        return 3 if self.size.height >= _TALL else 2

    @property
    def _shown(self) -> int:
        """How many items fit, the name of a shelf among them or not."""
        return max(1, (self.size.height - 1 - bool(self.shelves.begun)) // self._item_rows)

    def _move_to(self, number: int) -> None:
        self._cursor = max(0, min(number, len(self.shelves) - 1))
        self.refresh()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._move_to(self._cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by as many items as are in view."""
        self._move_to(self._cursor + step * self._shown)

    def action_first(self) -> None:
        """Go to the first feature."""
        self._move_to(0)

    def action_last(self) -> None:
        """Go to the last feature."""
        self._move_to(len(self.shelves) - 1)

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
        if offset is None:
            return
        for number, (row, _, _) in enumerate(self._rows, self._top):
            if row <= offset.y < row + self._item_rows:
                self._move_to(number)
                self.post_message(self.Chosen())

    # -- Painting

    def notify_style_update(self) -> None:
        """Forget rows drawn in styles that are no more."""
        super().notify_style_update()
        self._drawn.clear()

    def build_frame(self, size: Size) -> list[Strip]:
        """The names of the shelves, and under them the items in view."""
        shelves, begun = self.shelves, len(self.shelves.begun)
        top = max(self._cursor - self._shown + 1, min(self._top, self._cursor))  # the cursor is in view
        self._top = max(0, min(top, len(shelves) - self._shown))
        self._rows.clear()
        strips = [self._shelf(CONTINUE) if self._top < begun else self._shelf(shelves.name, shelves.count)]
        for number in range(self._top, self._top + self._shown):
            headline = shelves.at(number)
            if headline is None:
                break
            if number == begun and self._top < begun:
                strips.append(self._shelf(shelves.name, shelves.count))
            changing = self._changing(headline)
            self._rows.append((len(strips), headline.id, changing))
            strips += self._item(number, headline, changing)
        if not len(shelves):
            strips += [
                self._row("", self._style("meta")),
                self._row(f" {self._why_empty()}", self._style("meta")),
            ]
        strips += [self._row("", self._style("meta"))] * (size.height - len(strips))
        return strips[: size.height]

    def _why_empty(self) -> str:
        if self._loading:
            return "Reading the library …"
        return "No features here yet." if not self.shelves.is_part else "Nothing here. Esc shows all."

    def _shelf(self, name: str, count: int | None = None) -> Strip:
        """The row with the name of a shelf, and how many it holds where that says something."""
        number = f"{count:,} " if count else ""
        room = self.size.width - 2 - len(number)
        return self._row(f" {pad(name, max(0, room))}{number}", self._style("title"))

    def _item(self, number: int, headline: Headline, changing: _Changing) -> list[Strip]:
        """The rows of a feature, kept as they were drawn until something about them changes."""
        opened = headline.id == self._open
        cursor = number == self._cursor and self.has_focus
        size = (self.size.width, self._item_rows)
        key = (headline.id, headline.title, changing, opened, cursor, self.covered, size)
        strips = self._drawn.get(key)
        if strips is None:
            if len(self._drawn) > _KEPT_ITEMS:
                self._drawn.clear()
            strips = self._drawn[key] = self._draw(headline, changing, cursor=cursor)
        return strips

    def _changing(self, headline: Headline) -> _Changing:
        reading = self._repository.reading(headline.id)
        mark = _STARRED if reading.starred else _INDENT if reading.read else _UNREAD
        room = self.size.width - 1 - len(_INDENT)
        return _Changing(reading.read, mark, about(headline, reading, room))

    def _draw(self, headline: Headline, changing: _Changing, *, cursor: bool) -> list[Strip]:
        title, meta = self._style("read" if changing.read else "item"), self._style("meta")
        if headline.id == self._open:
            title += self._style("open", partial=True)
        if cursor:
            title += self._style("cursor", partial=True)  # and no more: reverse blanks are sent one by one
        rows, width = self._item_rows, self.size.width - 1
        lines = title_lines(headline.title, rows - 1, width - len(_INDENT) - 1)
        texts = [
            (indent + line, title) for indent, line in zip([changing.mark, _INDENT], lines, strict=False)
        ]
        texts.append((_INDENT + truncate(changing.words, width - len(_INDENT)), meta))
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


def about(headline: Headline, reading: Reading, width: int) -> str:
    """When a feature appeared, how far the reader is, how long it takes, and whether something is wrong.

    What does not fit into `width` cells goes in this order: the date, how exact the time is, the time.
    """
    day = [short_date(headline.published)] if headline.published else []
    if 0 < reading.fraction < 1 and not reading.read:
        percent = f"{int(reading.fraction * 100)} %"
        minutes = headline.minutes * (1 - reading.fraction)
        left, hours = f"{duration(minutes)} left", f"{max(1, round(minutes / 60))} h left"
        choices = [[*day, percent, left], [percent, left]]
        choices += [[percent, hours]] if cells(hours) < cells(left) else []
        choices.append([percent])
    else:
        time = duration(headline.minutes)
        choices = [[*day, time], [time]]
    wrong = ["!"] if headline.notices else []
    lines = [" · ".join([*parts, *wrong]) for parts in choices]
    return next((line for line in lines if cells(line) <= width), lines[-1])


def short_date(day: date) -> str:
    """A date in a list, the same in every locale: 4 Mar 2022."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"
