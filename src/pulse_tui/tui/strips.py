"""Rows of segments that are exactly as wide as they say, on any terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from rich.console import Console
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from pulse_tui.text import cells, is_simple
from pulse_tui.tui.keys import KeysGoOn

Filters = Sequence[tuple[LineFilter, Color]]


class LinesWidget(KeysGoOn, Widget):
    """A widget that draws its own rows, edge to edge: the style sheet gives it no border and no padding.

    Rows are kept until the widget is refreshed: the compositor asks for them again whenever something
    beside them changes.
    """

    _frame: list[Strip] | None = None
    _framed_for: tuple[Size, bool] | None = None
    _is_drawn = False
    """Whether the frame was drawn since it was built, and not only looked at for what the mouse points to."""
    _setting: tuple[Filters, int | None] | None = None
    """What the rows of a frame have in common; asking the framework for it costs more than drawing a row."""

    def build_frame(self, size: Size) -> list[Strip]:
        """All rows that are in view."""
        return [self.render_line(y) for y in range(size.height)]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw anew; with regions, only those go to the terminal."""
        self._forget()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Forget rows drawn in styles that are no more."""
        super().notify_style_update()
        self._forget()

    def _forget(self) -> None:
        self._frame = self._setting = None

    @property
    def covered(self) -> bool:
        """Whether another screen lies above this one."""
        return self.app.screen is not self.screen

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a region, without the framework's box and caches around them."""
        size = self.size
        framed_for = (size, self.covered)
        if self._frame is None or self._framed_for != framed_for:
            self._setting = None
            self._frame = self.build_frame(size)
            self._framed_for = framed_for
            self._is_drawn = False
        self._is_drawn |= crop.size == size
        strips = self._frame[crop.y : crop.y + crop.height]
        if crop.x or crop.width < size.width:
            strips = [strip.crop(crop.x, crop.x + crop.width) for strip in strips]
        return strips

    def strip(self, segments: Iterable[Segment], fill: Style, width: int) -> Strip:
        """One row of the widget's width, in cells."""
        if self._setting is None:
            background = self.background_colors[1]
            filters = [(each, background) for each in self.get_line_filters()]
            # What lies under another screen may be moved by it.
            self._setting = filters, None if self.covered else self.content_region.x
        return padded_strip(segments, width, fill, *self._setting)


def overlaid(
    text: str, start: int, end: int, style: Style, spans: Iterable[tuple[int, int, Style]]
) -> Iterator[Segment]:
    """A text from character `start` to `end` in a style, the spans, which ascend, in styles of their own."""
    at = start
    for first, last, look in spans:
        first, last = max(first, at), min(last, end)
        if first < last:
            if at < first:
                yield Segment(text[at:first], style)
            yield Segment(text[first:last], look)
            at = last
    if at < end:
        yield Segment(text[at:end], style)


class SettledStrip(Strip):
    """A row whose text terminals disagree about: they are told where it begins and where it ends.

    The row is erased first and the cursor is set by number after the text, so that nothing beside it
    moves.  A part that is cut out of it is plain text again.
    """

    __slots__ = ("_settled",)

    def __init__(self, segments: Iterable[Segment], width: int, used: int, column: int, fill: Style) -> None:
        """Of `width` cells, `used` by the text in front, beginning at screen column `column` (from 0)."""
        super().__init__(segments, width)
        *text, last = self._segments
        pad = [last] if used < width else []
        erase = Segment(f"\x1b[{width}X", fill, [(ControlType.ERASE_IN_LINE, 0)])
        end = column + used
        move = Segment(f"\x1b[{end + 1}G", None, [(ControlType.CURSOR_MOVE_TO_COLUMN, end)])
        self._settled = Strip([erase, *(text if pad else self._segments), move, *pad], width)

    def render(self, console: Console) -> str:
        """The row as it is written to the terminal."""
        return self._settled.render(console)


def padded_strip(
    segments: Iterable[Segment],
    width: int,
    fill: Style,
    filters: Filters = (),
    column: int | None = None,
) -> Strip:
    """A strip of exactly `width` cells, padded in the style `fill`.

    Terminals disagree about the width of joined emoji and of many Indic and Arabic letters.  Where a
    row has such text and begins at screen column `column` (from 0), it is settled.
    """
    segments = list(segments)
    simple = all(is_simple(segment.text) for segment in segments)
    used = sum([len(segment.text) if simple else cells(segment.text) for segment in segments])
    if simple and used <= width and not filters:
        if used < width:
            segments.append(Segment(" " * (width - used), fill))
        return Strip(segments, width)
    text = Strip(segments, used)
    if used > width:
        text, used = text.crop(0, width), width
    pad = Strip([Segment(" " * (width - used), fill)], width - used)
    for each, background in filters:
        text, pad = text.apply_filter(each, background), pad.apply_filter(each, background)
    row = [*text, *(pad if used < width else ())]
    if column is None or simple:
        return Strip(row, width)
    [filled] = pad
    return SettledStrip(row, width, used, column, filled.style or fill)
