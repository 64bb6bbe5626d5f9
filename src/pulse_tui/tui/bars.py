"""The one-row widgets: masthead, caption and credit, key hints."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pulse_tui.article import Figure
from pulse_tui.document.document import FigureAt
from pulse_tui.text import cells, truncate
from pulse_tui.tui.strips import LinesWidget

_GAP = 2
_PICTURE = "▣ "


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
        """The credit stays whole as long as it can: its number goes first, then its label."""
        left, right = self.text
        if right:
            room = max(width // 2, width - cells(left) - _GAP)
            right = next((credit for credit in self._credits if cells(credit) <= room), self._credits[-1])
        return fit(left, right, width)


class HintBar(Bar):
    """The keys that matter most, or a message; how far the reader is."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._hints: list[str] = []
        self._progress = ""
        self._message = ""
        self._status: list[str] = []

    def hints(self, hints: list[str]) -> None:
        """Other key hints, the most important first; as many are shown as fit."""
        self._hints = hints
        self._update()

    def progress(self, fraction: float, minutes: float) -> None:
        """How much has been seen, 0 to 1, and how many minutes are left."""
        left = f"{max(1, round(minutes))} min left" if fraction < 1 else "end"
        self._progress = f"{int(fraction * 100)} %  {left}"
        self._update()

    def message(self, text: str) -> None:
        """A sentence in place of the hints; an empty one brings them back."""
        self._message = text
        self._update()

    def status(self, *parts: str) -> None:
        """What stands in place of the hints until further notice; nothing brings them back.

        It is newer than a message that is still there.
        """
        if parts and self._status != list(parts):
            self._message = ""
        self._status = list(parts)
        self._update()

    def _update(self) -> None:
        self.put(self._message or "  ".join(self._status or self._hints), self._progress)

    def fitted(self, width: int) -> tuple[str, str]:
        """A message comes before the progress; hints are dropped whole, from the end."""
        left, right = self.text
        if cells(left) + cells(right) + _GAP <= width:
            return left, right
        if self._message:
            return truncate(left, width), ""
        hints = list(self._status or self._hints)
        while hints and cells("  ".join(hints)) + cells(right) + _GAP > width:
            hints.pop()
        return "  ".join(hints), truncate(right, width)


def words_of(figure: Figure) -> str:
    """What is said of a picture: its caption, else its description."""
    return figure.caption or figure.alt or "Picture"


def credit_of(figure: Figure) -> str:
    """Whose the picture is, in words."""
    return f"Credit: {figure.credit}" if figure.credit else ""
