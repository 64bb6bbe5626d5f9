"""The scripts of South Asia, and where they come from."""

from __future__ import annotations

from typing import NamedTuple

from tools.pictures.canvas import (
    BODY,
    CREAM,
    INK,
    MARGIN,
    MUTED,
    STONE,
    TEAL,
    TERRACOTTA,
    WIDTH,
    Canvas,
    page,
)
from tools.pictures.geometry import Point


class Script(NamedTuple):
    """A node of the tree, with its parent, its place there and whether it is in use today."""

    name: str
    parent: str
    column: float
    row: float
    living: bool


SCRIPTS = (
    Script("Brahmi", "", 0.0, 4.8, False),
    Script("Northern", "Brahmi", 1.0, 2.3, False),
    Script("Southern", "Brahmi", 1.0, 7.3, False),
    Script("Gupta", "Northern", 2.0, 2.3, False),
    Script("Nagari", "Gupta", 3.0, 0.5, False),
    Script("Sharada", "Gupta", 3.0, 3.0, False),
    Script("Devanagari", "Nagari", 4.0, 0.0, True),
    Script("Gujarati", "Nagari", 4.0, 1.0, True),
    Script("Bengali-Assamese", "Gupta", 4.0, 2.0, True),
    Script("Gurmukhi", "Sharada", 4.0, 3.0, True),
    Script("Tibetan", "Gupta", 4.0, 4.0, True),
    Script("Tamil-Brahmi,\nGrantha", "Southern", 2.5, 5.7, False),
    Script("Kadamba", "Southern", 2.5, 7.7, False),
    Script("Tamil", "Tamil-Brahmi,\nGrantha", 4.0, 5.2, True),
    Script("Malayalam", "Tamil-Brahmi,\nGrantha", 4.0, 6.2, True),
    Script("Kannada", "Kadamba", 4.0, 7.2, True),
    Script("Telugu", "Kadamba", 4.0, 8.2, True),
    Script("Sinhala", "Southern", 4.0, 9.2, True),
    Script("Aramaic", "", 0.0, 10.9, False),
    Script("Arabic", "Aramaic", 1.5, 10.9, True),
    Script("Persian", "Arabic", 2.75, 10.9, True),
    Script("Urdu", "Persian", 4.0, 10.9, True),
)


def family() -> Canvas:
    """Draw the descent of the scripts of South Asia as two trees."""
    sheet = page(
        "Two families of script",
        "Lines of descent from Brahmi and from Aramaic",
        "Schematic and simplified: intermediate stages are left out; lengths carry no dates.",
        height=640,
    )
    places = {script.name: _place(script.column, script.row) for script in SCRIPTS}
    for script in SCRIPTS:
        if script.parent:
            (x0, y0), (x1, y1) = places[script.parent], places[script.name]
            bend = x0 + 93
            sheet.line([(x0, y0), (bend, y0), (bend, y1), (x1, y1)], MUTED, 1.8)
    for script in SCRIPTS:
        wide = 154 if script.column == 4 else 104
        _plate(sheet, places[script.name], script.name, wide, living=script.living, root=not script.parent)
    y = _place(0, 10.1)[1]
    sheet.line([(MARGIN, y), (WIDTH - MARGIN, y)], STONE, 1.2, (4, 4))
    _plate(sheet, (840, 58), "in use today", 154, living=True)
    _plate(sheet, (654, 58), "earlier stage", 124, living=False)
    return sheet


def _place(column: float, row: float) -> Point:
    """Give the middle of a node of the tree."""
    return 96 + column * 186, 116 + row * 42


def _plate(sheet: Canvas, at: Point, name: str, wide: float, *, living: bool, root: bool = False) -> None:
    """Draw a node of the tree."""
    x, y = at
    more = 20 * name.count("\n")
    wide, high = wide + more, 32 + more
    fill, ink = (TERRACOTTA, CREAM) if root else (TEAL, CREAM) if living else (CREAM, INK)
    edge = None if living or root else MUTED
    sheet.box((x - wide / 2, y - high / 2), (wide, high), fill, edge, radius=5)
    sheet.text((x, y), name, BODY, ink, "mm")
