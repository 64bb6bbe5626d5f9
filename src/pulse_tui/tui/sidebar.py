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
_TALL, _AIRY = 20, 30
"""Rows from which titles may take two and a blank one parts the features; one is under their name."""
_WHEEL_ITEMS = 2
_KEPT_ITEMS = 256


class _Changing(NamedTuple):
    """What of an item changes while it is read."""

    read: bool
    mark: str
    words: str


class _InView(NamedTuple):
    """An item as it is shown: where it begins and how many rows it has, blank ones not counted."""

    row: int
    rows: int
    article_id: str


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
        """A feature was clicked."""

        def __init__(self, article_id: str) -> None:
            super().__init__()
            self.article_id = article_id

    def __init__(self, repository: Repository, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._repository = repository
        self.shelves = Shelves(repository)
        self._cursor = 0
        self._top = 0
        self._open: str | None = None
        self._loading = True
        self._drawn: dict[Hashable, list[Strip]] = {}
        self._in_view: list[_InView] = []

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
        """Draw one feature anew if it is in view; whether it was drawn as it was built last is not known."""
        if self.display:
            regions = [
                Region(0, item.row, self.size.width, item.rows)
                for item in self._in_view
                if item.article_id == article_id
            ]
            if regions:
                self.refresh(*regions)

    @property
    def current(self) -> Headline | None:
        """The headline under the cursor."""
        return self.shelves.at(self._cursor)

    # -- Moving

    def _move_to(self, number: int) -> None:
        self._cursor = max(0, min(number, len(self.shelves) - 1))
        self.refresh()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._move_to(self._cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by as many items as are in view, or by fewer if one would be left out between."""
        shown, height = max(1, len(self._in_view)), self.size.height
        number = self._cursor + step * shown
        if step > 0:
            following, last = self._top + shown, len(self.shelves) - 1
            while number > following and self._earliest(min(number, last), height) > following:
                number -= 1
        elif self._top > 0:
            number = max(number, self._earliest(self._top - 1, height))
        self._move_to(number)

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
        for number, item in enumerate(self._in_view, self._top):
            if item.row <= offset.y < item.row + item.rows:
                self._move_to(number)
                self.post_message(self.Chosen(item.article_id))

    # -- Painting

    def notify_style_update(self) -> None:
        """Forget rows drawn in styles that are no more."""
        super().notify_style_update()
        self._drawn.clear()

    def build_frame(self, size: Size) -> list[Strip]:
        """The names of the shelves, and under them the items in view."""
        shelves, begun = self.shelves, len(self.shelves.begun)
        self._top = self._begin(size.height)
        self._in_view.clear()
        blank = [self._row("", self._style("meta"))]
        strips = self._shelf(CONTINUE) if self._top < begun else self._shelf(shelves.name, shelves.count)
        for number in range(self._top, len(shelves)):
            headline = shelves.at(number)
            if headline is None:
                break
            name = self._shelf(shelves.name, shelves.count) if number == begun and self._top < begun else []
            item = self._item(number, headline)
            if self._in_view and len(strips) + len(name) + len(item) > size.height:
                break
            strips += name
            self._in_view.append(_InView(len(strips), len(item), headline.id))
            strips += [*item, *(blank * self._gap)]
        if not len(shelves):
            strips += [*blank, self._row(_INDENT + self._why_empty(), self._style("meta"))]
        strips += blank * (size.height - len(strips))
        return strips[: size.height]

    def _begin(self, height: int) -> int:
        """The first item in view: with the cursor in it, few items moved, and no room left at the end."""
        top = max(self._earliest(self._cursor, height), min(self._top, self._cursor))
        last = len(self.shelves) - 1
        return max(0, min(top, self._earliest(last, height)) if last - top < height else top)

    def _earliest(self, last: int, height: int) -> int:
        """The first item with which another is still in view."""
        begun, shelf = len(self.shelves.begun), 1 + (height >= _AIRY)
        room = height - shelf + self._gap
        number = last + 1
        while number > 0 and (headline := self.shelves.at(number - 1)) is not None:
            room -= self._rows_of(headline)
            if begun and number == begun and last >= begun:
                room -= shelf
            if room < 0:
                break
            number -= 1
        return min(number, last)

    def _rows_of(self, headline: Headline) -> int:
        """How many rows an item takes, the blank one below it, too."""
        return len(self._title(headline)) + 1 + self._gap

    def _title(self, headline: Headline) -> list[str]:
        return title_lines(headline.title, 1 + self._gap, self._room) or [""]

    @property
    def _room(self) -> int:
        """How many cells the words of an item have."""
        return self.size.width - 2 - len(_INDENT)

    @property
    def _gap(self) -> int:
        """How many blank rows part two items."""
        return int(self.size.height >= _TALL)

    def _why_empty(self) -> str:
        if self._loading:
            return "Reading the library …"
        return "No features here yet." if not self.shelves.is_part else "Nothing here. Esc shows all."

    def _shelf(self, name: str, count: int | None = None) -> list[Strip]:
        """The rows with the name of a shelf, and how many it holds where that says something."""
        number = f"{count:,} " if count else ""
        room = max(0, self.size.width - 1 - len(_INDENT) - len(number))
        named = self._row(f"{_INDENT}{pad(name, room)}{number}", self._style("title"))
        return [named, self._row("", self._style("meta"))] if self.size.height >= _AIRY else [named]

    def _item(self, number: int, headline: Headline) -> list[Strip]:
        """The rows of a feature, kept as they were drawn until something about them changes."""
        changing = self._changing(headline)
        opened = headline.id == self._open
        cursor = number == self._cursor and self.has_focus
        size = (self.size.width, self.size.height >= _TALL)
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
        return _Changing(reading.read, mark, about(headline, reading, self._room))

    def _draw(self, headline: Headline, changing: _Changing, *, cursor: bool) -> list[Strip]:
        title, meta = self._style("read" if changing.read else "item"), self._style("meta")
        if headline.id == self._open:
            title += self._style("open", partial=True)
        if cursor:
            title += self._style("cursor", partial=True)  # and no more: reverse blanks are sent one by one
        first, *more = self._title(headline)
        return [
            self._row(changing.mark + first, title),
            *(self._row(_INDENT + line, title) for line in more),
            self._row(_INDENT + truncate(changing.words, self._room), meta),
        ]

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
