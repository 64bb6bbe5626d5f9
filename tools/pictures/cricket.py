"""The cricket field, with its pitch."""

from __future__ import annotations

from typing import NamedTuple

from tools.pictures.canvas import (
    BODY,
    CREAM,
    INK,
    LAND,
    MUTED,
    SEA,
    SMALL,
    STONE,
    TEAL,
    TERRACOTTA,
    TOP,
    WATER,
    Canvas,
    page,
)
from tools.pictures.geometry import Point, arc


class Fielder(NamedTuple):
    """A position in metres from the pitch's middle, to the leg side and towards the bowler."""

    name: str
    leg: float
    bowler: float
    side: str


FIELDERS = (
    Fielder("Wicketkeeper", 0, -25, "n"),
    Fielder("First slip", -6, -23, "w"),
    Fielder("Gully", -15, -18, "w"),
    Fielder("Point", -28, -10, "w"),
    Fielder("Cover", -27, 4, "w"),
    Fielder("Mid-off", -19, 27, "w"),
    Fielder("Bowler", -3, 17, "w"),
    Fielder("Mid-on", 19, 27, "e"),
    Fielder("Midwicket", 26, 4, "e"),
    Fielder("Square leg", 27, -10, "e"),
    Fielder("Fine leg", 38, -48, "s"),
    Fielder("Third man", -38, -48, "s"),
    Fielder("Deep cover", -64, 14, "s"),
    Fielder("Deep midwicket", 62, 14, "s"),
    Fielder("Long-off", -25, 54, "w"),
    Fielder("Long-on", 25, 54, "e"),
)


def field() -> Canvas:
    """Draw the pitch to scale and the main fielding positions."""
    sheet = page(
        "Pitch and field",
        "Twenty-two yards, and the places round them",
        "Pitch and creases to scale; fielding positions approximate, for a right-handed batter.",
        height=640,
    )
    _pitch(sheet, (164, TOP + 18), 19.6)
    _oval(sheet, (636, TOP + 254), 3.5)
    return sheet


def _pitch(sheet: Canvas, corner: Point, unit: float) -> None:
    """Draw the pitch from above, with its creases and wickets."""
    x, top = corner
    half, spare, length = 3.05 / 2 * unit, 1.6 * unit, 20.12 * unit
    first, last = top + spare, top + spare + length
    sheet.box((x - half, top), (2 * half, length + 2 * spare), LAND, MUTED)
    for y, way in ((first, 1), (last, -1)):
        popping = y + way * 1.22 * unit
        sheet.line([(x - 1.32 * unit, y), (x + 1.32 * unit, y)], INK, 1.2)
        sheet.line([(x - 1.83 * unit, popping), (x + 1.83 * unit, popping)], INK, 1.2)
        for side in (x - 1.32 * unit, x + 1.32 * unit):
            sheet.line([(side, popping), (side, popping - way * 2.44 * unit)], INK, 1.2)
        sheet.box((x - 0.114 * unit, y - 2), (0.229 * unit, 4), TERRACOTTA)
    _pitch_measures(sheet, x, first, last, unit)


def _pitch_measures(sheet: Canvas, x: float, first: float, last: float, unit: float) -> None:
    """Write the measures of the pitch round it."""
    left = x - 54
    for y in (first, last):
        sheet.line([(left - 8, y), (x - 1.5 * unit, y)], MUTED, 1, (3, 3))
    sheet.arrow([(left, first), (left, last)], INK, 1.4, both=True)
    sheet.text((left - 8, (first + last) / 2), "22 yards\n20.12 m", BODY, INK, "rm")
    names = (
        (1.32, first, -0.9, -22, "Return crease"),
        (0.1, first, 0, 8, "Wicket: 22.9 cm wide"),
        (1.7, first, 1.22, 46, "Popping crease:\n1.22 m in front"),
        (1.1, last, 0, -4, "Bowling crease:\n2.64 m wide"),
    )
    for dx, y, dy, drop, words in names:
        spot, start = (x + dx * unit, y + dy * unit), (x + 50, y + drop)
        sheet.pointer(spot, start, words, "e", SMALL, radius=0, gap=4)
    y, half = last + 2.2 * unit, 3.05 / 2 * unit
    sheet.arrow([(x - half, y), (x + half, y)], INK, 1.4, both=True)
    sheet.text((x + half + 10, y), "3.05 m (10 ft)", SMALL, INK, "lm")


def _oval(sheet: Canvas, centre: Point, unit: float) -> None:
    """Draw the field with the fielders about the pitch."""
    x, y = centre
    sheet.shape(arc(centre, 82 * unit, 0, 360, 68 / 82), SEA, TEAL)
    ring, end = 27.4 * unit, 10.06 * unit
    inner = [*arc((x, y - end), ring, 180, 360), *arc((x, y + end), ring, 0, 180)]
    sheet.line([*inner, inner[0]], WATER, 1.4, (5, 5))
    sheet.box((x - 1.5 * unit, y - 11.3 * unit), (3 * unit, 22.6 * unit), STONE, MUTED, width=1)
    for way in (-1, 1):
        sheet.box((x - 3, y + way * end - 1.5), (6, 3), TERRACOTTA)
        sheet.dot((x + 10, y + way * 8.6 * unit), 5, TERRACOTTA, CREAM)
    sheet.spaced((x - 52 * unit, y - 18 * unit), "Off side", TEAL)
    sheet.spaced((x + 54 * unit, y - 18 * unit), "Leg side", TEAL)
    for fielder in FIELDERS:
        spot = (x + fielder.leg * unit, y + fielder.bowler * unit)
        sheet.dot(spot, 5, TEAL, CREAM)
        sheet.label(spot, fielder.name, fielder.side, SMALL, halo=SEA, gap=9)
    left, row = x - 288, y + 200
    for number, (ink, words) in enumerate(((TEAL, "fielder"), (TERRACOTTA, "batter"))):
        sheet.dot((left + 12, row + 22 * number), 5, ink, CREAM)
        sheet.text((left + 32, row + 22 * number), words, SMALL, INK, "lm")
    sheet.line([(left, row + 44), (left + 24, row + 44)], WATER, 1.4, (5, 5))
    sheet.text((left + 32, row + 44), "30-yard ring", SMALL, INK, "lm")
