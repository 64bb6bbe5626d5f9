"""Tea: where it grows, and what is done to its leaf."""

from __future__ import annotations

from collections.abc import Iterable

from tools.pictures.canvas import (
    BODY,
    CREAM,
    GOLD,
    INK,
    LAND,
    LARGE,
    MARGIN,
    MUTED,
    SEA,
    SMALL,
    STONE,
    TEAL,
    TERRACOTTA,
    TOP,
    WATER,
    Canvas,
    Colour,
    page,
)
from tools.pictures.geography import BARAK, BRAHMAPUTRA, GANGES, HIMALAYA, RIVERS, TEESTA, Place
from tools.pictures.geometry import Point, arc, line, smooth
from tools.pictures.maps import Chart

# The hill gardens.
DARJEELING = Place("Darjeeling", 88.25, 27.05, "n")
KANGRA = Place("Kangra", 76.3, 32.1, "e")
TROPICAL = (Place("Nilgiri", 76.7, 11.4, "w"), Place("Sri Lanka\nhill country", 80.7, 6.95, "e"))
# Those of the valley and the plain.
PLAIN = (Place("Dooars", 89.2, 26.75, "e"), Place("Assam", 94.4, 27.3, "n"), Place("Sylhet", 91.8, 24.5, "s"))


def regions() -> Canvas:
    """Draw where tea grows in the subcontinent, with the north-east enlarged."""
    sheet = page(
        "Where the tea grows",
        "The older tea districts of the subcontinent and Sri Lanka",
        "Areas generalised; no boundaries are shown.",
    )
    chart = Chart((392, 470), 69.4, 4.6, 35.4)
    chart.lines(RIVERS, WATER, 1.2)
    chart.hills([hill for hill in HIMALAYA if not 75.5 < hill[0] < 79], 5)
    for place in PLAIN:
        _leaf(chart, chart.at(place.point), 6, TEAL)
    _leaf(chart, chart.at(DARJEELING.point), 6, TERRACOTTA)
    _gardens(chart, [KANGRA], TERRACOTTA, 7, LAND)
    _gardens(chart, TROPICAL, TERRACOTTA, 7, SEA)
    (x0, y0), (x1, y1) = chart.path([(86.9, 28.8), (96.4, 23.3)])
    chart.box((x0, y0), (x1 - x0, y1 - y0), None, INK, width=1.4)
    chart.sea((72.5, 7.8), "Arabian\nSea")
    chart.sea((87.6, 14.6), "Bay of\nBengal")
    chart.marks((274, 62), 500)
    sheet.paste(chart, (MARGIN, TOP))
    sheet.paste(_north_east(), (448, TOP))
    _key(sheet, 448, TOP + 330)
    return sheet


def _gardens(
    chart: Chart, places: Iterable[Place], ink: Colour, size: float, halo: Colour | None = None
) -> None:
    """Mark tea districts with a leaf and name them."""
    for place in places:
        spot = chart.at(place.point)
        _leaf(chart, spot, size, ink)
        chart.label(spot, place.name, place.side, bold=True, halo=halo, gap=size + 5)


def _leaf(sheet: Canvas, at: Point, size: float, ink: Colour) -> None:
    """Draw a leaf with its midrib."""
    x, y = at
    upper = [(x - size, y + size), (x - size, y - size * 0.5), (x + size, y - size)]
    lower = [(x + size, y - size), (x + size * 0.5, y + size), (x - size, y + size)]
    sheet.shape([*smooth(upper, 3), *smooth(lower, 3)], ink, CREAM)
    sheet.line([(x - size * 1.3, y + size * 1.3), (x + size * 0.4, y - size * 0.4)], CREAM, 1)


def _north_east() -> Chart:
    """Draw the north-east at a larger scale."""
    chart = Chart((476, 306), 86.9, 23.3, 28.8)
    valley = [(91.4, 26.3), (93, 26.3), (94.4, 26.7), (95.7, 27.2), (95.6, 27.7), (94, 27.5)]
    ring = chart.path(smooth([*valley, (92.6, 27.0), (91.4, 26.7)], 2, closed=True))
    chart.shape(ring, STONE)
    chart.lines([GANGES, BRAHMAPUTRA, TEESTA, BARAK], WATER, 2)
    chart.hills(line("87.3 28.1, 88 28.3, 88.7 28.2, 89.6 28.2, 90.5 28.2, 91.5 28.2"), 8)
    chart.hills(line("92.5 28.2, 93.4 28.4, 91 25.5, 91.7 25.6, 92.4 25.5, 94.2 25.9"), 8)
    chart.write((90.72, 26.36), "Brahmaputra", SMALL, TEAL)
    chart.write((88.62, 26.2), "Teesta", SMALL, TEAL, "rm")
    chart.write((88.5, 24.1), "Ganges", SMALL, TEAL)
    chart.region((91.8, 25.3), "Khasi Hills")
    chart.region((90.0, 27.85), "Himalaya")
    _gardens(chart, PLAIN, TEAL, 9)
    _gardens(chart, [DARJEELING], TERRACOTTA, 9, LAND)
    chart.marks((350, 290), 100)
    return chart


def _key(sheet: Canvas, x: float, y: float) -> None:
    """Explain the two kinds of district."""
    kinds = (
        (TERRACOTTA, "Hill gardens", "Darjeeling, Kangra,\nthe Nilgiri hills, Sri Lanka"),
        (TEAL, "Valley and plain", "Assam, the Dooars at the foot\nof the hills, Sylhet"),
    )
    for number, (ink, name, where) in enumerate(kinds):
        left = x + 12 + number * 240
        _leaf(sheet, (left, y + 12), 9, ink)
        sheet.text((left + 24, y + 18), name, LARGE, ink, "ls", bold=True)
        sheet.text((left - 10, y + 36), where, BODY, INK)
    sheet.text(
        (x, y + 98),
        "The Nilgiri and Sri Lankan gardens lie within the tropics,\nand can be plucked all year.",
        BODY,
        MUTED,
    )


def _withering(sheet: Canvas, at: Point) -> None:
    """Draw leaf on a trough with air rising through it."""
    x, y = at
    for dx in (-42, -14, 14, 42):
        _leaf(sheet, (x + dx, y - 12), 11, TEAL)
        sheet.arrow([(x + dx, y + 48), (x + dx, y + 22)], GOLD, 2)
    sheet.line([(x - 62, y + 10), (x + 62, y + 10)], INK, 2.4, (6, 3))


def _rolling(sheet: Canvas, at: Point) -> None:
    """Draw two plates turning against each other."""
    x, y = at
    sheet.box((x - 56, y + 16), (112, 10), INK, radius=3)
    sheet.box((x - 40, y - 22), (80, 10), INK, radius=3)
    for dx in (-26, 0, 26):
        sheet.line(smooth([(x + dx - 9, y + 10), (x + dx + 7, y), (x + dx, y - 6)], 2), TEAL, 5)
    sheet.arrow(arc((x, y - 34), 36, 200, 335, 0.5), TERRACOTTA, 2)
    sheet.arrow(arc((x, y + 34), 36, 20, 155, 0.5), TERRACOTTA, 2)


def _oxidation(sheet: Canvas, at: Point) -> None:
    """Draw leaf that turns from green to copper."""
    x, y = at
    for dx, ink in ((-38, TEAL), (0, GOLD), (38, TERRACOTTA)):
        _leaf(sheet, (x + dx, y), 15, ink)
    sheet.arrow([(x - 52, y + 36), (x + 54, y + 36)], MUTED, 1.6)


def _drying(sheet: Canvas, at: Point) -> None:
    """Draw dark leaf above hot air."""
    x, y = at
    sheet.line([(x - 58, y + 2), (x + 58, y + 2)], INK, 2.4)
    for dx in range(-48, 56, 16):
        sheet.line([(x + dx - 5, y - 4), (x + dx + 4, y - 11)], INK, 4)
    for dx in (-34, 0, 34):
        wave = [(x + dx, y + 50), (x + dx + 12, y + 38), (x + dx - 12, y + 26), (x + dx, y + 12)]
        sheet.arrow(smooth(wave, 3), TERRACOTTA, 2)


def _sorting(sheet: Canvas, at: Point) -> None:
    """Draw three sieves with finer and finer leaf."""
    x, y = at
    for number, (size, step) in enumerate(((9, 24), (5, 16), (2.5, 9))):
        level = y - 24 + number * 32
        sheet.line([(x - 56, level), (x + 56, level)], INK, 2, (5, 3))
        for dx in range(-44, 46, step):
            sheet.line([(x + dx, level - 5), (x + dx + size, level - 5 - size * 0.6)], INK, 3.4)


# A step, what it does, its drawing.
STEPS = (
    ("Withering", "Fresh leaf lies in\nmoving air and\ngrows limp.", _withering),
    ("Rolling", "Leaf is twisted,\nor cut small; its\njuices are freed.", _rolling),
    ("Oxidation", "In cool, damp air\nthe leaf turns\ncopper brown.", _oxidation),
    ("Drying", "Hot air stops the\noxidation and takes\nout the moisture.", _drying),
    ("Sorting", "Sieves part whole\nleaf, broken leaf,\nfannings and dust.", _sorting),
)


def steps() -> Canvas:
    """Draw the five steps from green leaf to black tea."""
    sheet = page("From leaf to black tea", "Five steps in the factory", "Schematic.", height=540)
    wide, gap, y = 160.0, 22.0, 150.0
    for number, (name, words, paint) in enumerate(STEPS):
        x = MARGIN + number * (wide + gap)
        sheet.box((x, y), (wide, 300), CREAM, STONE, width=1.5, radius=8)
        paint(sheet, (x + wide / 2, y + 84))
        sheet.dot((x + wide / 2, y), 17, TERRACOTTA)
        sheet.text((x + wide / 2, y), str(number + 1), LARGE, CREAM, "mm", bold=True)
        sheet.text((x + wide / 2, y + 186), name, LARGE, INK, "ms", bold=True)
        sheet.text((x + wide / 2, y + 216), words, BODY, MUTED, "ms")
        if number:
            sheet.arrow([(x - gap + 2, y + 84), (x - 2, y + 84)], TERRACOTTA, 3)
    return sheet
