"""The one-row widgets: masthead, caption and credit, key hints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pulse_tui.article import Figure, duration
from pulse_tui.document.document import FigureAt
from pulse_tui.document.wrap import wrap
from pulse_tui.text import ELLIPSIS, cell_widths, cells, truncate
from pulse_tui.tui.strips import LinesWidget

_GAP = 2
_PICTURE = "▣ "
_APART = "  "
_MOST_ROWS = 2
"""Of a message: its own and that of the caption."""
_LEAST_PATH = 12
"""Cells that a path keeps when it is cut."""


def fit(left: str, right: str, width: int) -> tuple[str, str]:
    """Two texts cut so that they fit side by side with a gap; the right one keeps half of the width."""
    right = truncate(right, max(width // 2, width - cells(left) - _GAP))
    return truncate(left, max(0, width - cells(right) - (_GAP if right else 0))), right


class Bar(LinesWidget):
    """Text at the left and at the right; the right one stays whole as long as it leaves half the row."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--right"}

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._left = ""
        self._right = ""

    @property
    def text(self) -> tuple[str, str]:
        """What stands at the left and at the right, uncut."""
        return self._left, self._right

    def put(self, left: str, right: str = "") -> None:
        """Show other texts; what is shown already costs nothing."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row itself."""
        whole = self.size.width
        width = max(0, whole - 2)
        left, right = self.fitted(width)
        gap = width - cells(left) - cells(right)
        segments = [
            Segment(f" {left}{' ' * gap}", self.rich_style),
            Segment(f"{right} ", self._right_style()),
        ]
        return self.strip(segments, self.rich_style, whole)

    def fitted(self, width: int) -> tuple[str, str]:
        """The texts, cut so that both fit in `width` cells."""
        return fit(self._left, self._right, width)

    def _right_style(self) -> Style:
        return self.get_component_rich_style("bar--right")


class CaptionBar(Bar):
    """The caption and credit of the picture in view."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._credits: list[str] = []
        self._lent = ""

    def lend(self, text: str) -> None:
        """Show the first row of a message that needs two; an empty one gives the row back."""
        if text != self._lent:
            self._lent = text
            self.refresh()

    def show(self, at: FigureAt | None) -> None:
        """Speak of another picture, or of none."""
        if at is None:
            self.put("")
            return
        number = f"{at.number}/{at.total}" if at.total else ""
        credit = credit_of(at.figure)
        self._credits = ["   ".join(filter(None, (credit, number))), credit, at.figure.credit]
        self.put(_PICTURE + words_of(at.figure), self._credits[0])

    def fitted(self, width: int) -> tuple[str, str]:
        """The credit stays whole as long as it can: its number goes first, then its label.

        Without these it may have two thirds of the row, for all of it tells who made the picture.
        """
        if self._lent:
            return truncate(self._lent, width), ""
        left, right = self.text
        if right:
            room = max(width // 2, width - cells(left) - _GAP)
            right = next((credit for credit in self._credits if cells(credit) <= room), "")
            if not right:
                right = truncate(self._credits[-1], max(room, 2 * width // 3))
                left = truncate(left, max(0, width - cells(right) - _GAP))
        return fit(left, right, width)


class HintBar(Bar):
    """The keys that matter most, or a message; how far the reader is.

    What is said but does not fit into the row begins in the row above.  `above` hears what is to stand
    there, if anything, and whether anything is said at all.
    """

    def __init__(self, above: Callable[[str, bool], None], *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._above = above
        self._told = ("", False)
        """What `above` has heard."""
        self._hints: list[str] = []
        self._progress = ""
        self._message = ""
        self._status: list[str] = []
        self._asks = False
        """Whether the status is a question, which is to be seen whole."""

    def hints(self, hints: list[str]) -> None:
        """Other key hints, the most important first; as many are shown as fit."""
        self._hints = hints
        self._update()

    def progress(self, fraction: float, minutes: float) -> None:
        """How far the view is through the text, 0 to 1, and how many minutes are left."""
        left = f"{duration(minutes)} left" if fraction < 1 else "end"
        self._progress = f"{int(fraction * 100)} %  {left}"
        self._update()

    def message(self, text: str) -> None:
        """A sentence in place of the hints; an empty one brings them back."""
        self._message = text
        self._update()

    def status(self, *parts: str, asks: bool = False) -> None:
        """What stands in place of the hints until further notice; nothing brings them back.

        It is newer than a message that is still there.
        """
        if parts and self._status != list(parts):
            self._message = ""
        self._status, self._asks = list(parts), asks
        self._update()

    def on_resize(self) -> None:
        """Say what is said in the room that there is now."""
        self._update()

    def _update(self) -> None:
        self.put(self._message or _APART.join(self._status or self._hints), self._progress)
        rows = self._said(self.size.width - 2) if self.size else []
        told = (rows[0] if len(rows) > 1 else "", bool(self._message) or self._asks)
        if told != self._told:
            self._told = told
            self._above(*told)

    def _said(self, width: int) -> list[str]:
        """The rows of a message or question; none where there is neither."""
        if self._message:
            return sentence_rows(self._message, width)
        return filled(self._status, width) if self._asks else []

    def fitted(self, width: int) -> tuple[str, str]:
        """A message comes before the progress; hints are dropped whole, from the end."""
        left, right = self.text
        if cells(left) + cells(right) + _GAP <= width:
            return left, right
        if rows := self._said(width):
            return truncate(rows[-1], width), ""
        hints = list(self._status or self._hints)
        while hints and cells(_APART.join(hints)) + cells(right) + _GAP > width:
            hints.pop()
        return _APART.join(hints), truncate(right, width)


def sentence_rows(text: str, width: int, most: int = _MOST_ROWS) -> list[str]:
    """A sentence in rows of at most so many cells; paths in it are cut in the middle so that it fits."""
    shortest = shortened(text, 0)
    for room in range(max(1, most * width), 0, -1):  # words do not fill rows to their ends
        cut = shortened(text, room)
        spans = wrap(cut, width)
        if len(spans) <= most or cut == shortest:
            break
    rows = [cut[start:end] for start, end in spans[:most]]
    if len(spans) > most:
        rows[-1] = truncate(cut[spans[most - 1][0] :], width)
    return rows


def shortened(text: str, width: int) -> str:
    """A text of at most `width` cells if that can be had by cutting the paths in it, the longest first."""
    for path in sorted((word for word in text.split(" ") if "/" in word), key=cells, reverse=True):
        if (over := cells(text) - width) <= 0:
            break
        text = text.replace(path, without_middle(path, max(_LEAST_PATH, cells(path) - over)), 1)
    return text


def without_middle(text: str, width: int) -> str:
    """The text cut in the middle so that it is at most `width` cells wide; more of its end is kept."""
    widths = cell_widths(text)
    if sum(widths) <= width:
        return text
    head = truncate(text, max(1, width // 3))
    room, start = width - cells(head), len(text)
    while start and widths[start - 1] <= room:
        start -= 1
        room -= widths[start]
    while start < len(text) and not widths[start]:  # within a grapheme
        start += 1
    return head.removesuffix(ELLIPSIS) + ELLIPSIS + text[start:]


def filled(parts: Sequence[str], width: int, most: int = _MOST_ROWS) -> list[str]:
    """Parts in rows of at most so many cells, none of them torn; those that find no room are dropped."""
    rows = [""]
    for part in parts:
        longer = f"{rows[-1]}{_APART}{part}" if rows[-1] else part
        if cells(longer) <= width:
            rows[-1] = longer
        elif len(rows) < most:
            rows.append(part)
        else:
            break
    return [row for row in rows if row]


def words_of(figure: Figure) -> str:
    """What is said of a picture: its caption, else its description."""
    return figure.caption or figure.alt or "Picture"


def credit_of(figure: Figure) -> str:
    """Whose the picture is, in words."""
    return f"Credit: {figure.credit}" if figure.credit else ""
