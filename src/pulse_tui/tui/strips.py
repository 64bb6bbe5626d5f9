"""Rows of segments that are exactly as wide as they say, on any terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from pulse_tui.text import cells, is_simple

Filters = Sequence[tuple[LineFilter, Color]]


def padded_strip(
    segments: Iterable[Segment],
    width: int,
    style: Style,
    filters: Filters = (),
    column: int | None = None,
) -> Strip:
    """A strip of exactly `width` cells, filled in `style`.

    Terminals disagree about the width of joined emoji and of many Indic and Arabic letters.  Where a
    row has such text and begins at screen column `column` (from 0), it is erased first and the cursor
    is set by number after it, so that nothing beside it moves.  None: the row may be cut by others.
    """
    segments = list(segments)
    used = sum(cells(segment.text) for segment in segments)
    if column is not None and not all(is_simple(segment.text) for segment in segments):
        segments.insert(0, Segment(f"\x1b[{width}X", style))
        segments.append(Segment(f"\x1b[{column + used + 1}G"))
    if used < width:
        segments.append(Segment(" " * (width - used), style))
    strip = Strip(segments, width) if used <= width else Strip(segments, used).crop(0, width)
    for each, background in filters:
        strip = strip.apply_filter(each, background)
    return strip
