"""Everest: how its height was found, and the heights of its neighbours."""

from __future__ import annotations

from typing import NamedTuple

from tools.pictures.canvas import (
    BODY,
    CREAM,
    GOLD,
    INK,
    LAND,
    LARGE,
    MARGIN,
    MIST,
    MUTED,
    PAPER,
    ROCK,
    SEA,
    SMALL,
    STONE,
    TEAL,
    TERRACOTTA,
    TOP,
    WIDTH,
    Canvas,
    Colour,
    page,
)
from tools.pictures.geometry import Point, arc, line


class Peak(NamedTuple):
    """A peak with another name of it, its height in metres and its range."""

    name: str
    other: str
    metres: int
    hills: str


PEAKS = (
    Peak("Everest", "Sagarmatha,\nChomolungma", 8849, "Himalaya"),
    Peak("K2", "Chogori", 8611, "Karakoram"),
    Peak("Kangchenjunga", "", 8586, "Himalaya"),
    Peak("Lhotse", "", 8516, "Himalaya"),
    Peak("Makalu", "", 8485, "Himalaya"),
    Peak("Nanga Parbat", "Diamer", 8126, "Himalaya"),
    Peak("Annapurna", "", 8091, "Himalaya"),
)


def triangle() -> Canvas:
    """Draw how a far peak is measured from a base line on the plain."""
    sheet = page(
        "Measuring Peak XV",
        "Angles taken on the plain, more than 160 km from the summit",
        "Schematic, not to scale. The base line and the angles a and b give the distance, "
        "the elevation the height.",
    )
    view = Canvas(WIDTH - 2 * MARGIN, 466, SEA)
    _range(view)
    first, second, foot, top = (76.0, 392.0), (384.0, 420.0), (590.0, 290.0), (590.0, 74.0)
    for station in (first, second):
        view.line([station, foot], MUTED, 1.6, (3, 5))
        view.line([station, top], TEAL, 2.2)
    view.arrow([foot, (top[0], top[1] + 6)], TERRACOTTA, 2.2, both=True)
    view.line([first, second], INK, 4)
    _angles(view, first, second)
    for station, name in ((first, "Station A"), (second, "Station B")):
        _theodolite(view, station)
        view.text((station[0], station[1] + 22), name, BODY, INK, "ma", bold=True)
    view.dot(top, 5, TERRACOTTA, CREAM)
    view.text((590, 58), "Peak XV", LARGE, INK, "ms", bold=True)
    view.text((226, 416), "base line", BODY, INK, "ma")
    view.text((600, 216), "height", BODY, TERRACOTTA, "lm", bold=True, halo=STONE)
    view.text((300, 206), "lines of sight", BODY, TEAL, "rm", bold=True)
    _plumb_inset(view, (654, 292))
    sheet.paste(view, (MARGIN, TOP))
    return sheet


def _range(view: Canvas) -> None:
    """Draw the plain and the wall of mountains beyond it."""
    far = line(
        "250 300, 330 250, 366 262, 420 214, 470 240, 540 170, 610 200, 662 150, 704 184, 760 126,"
        "812 172, 850 142, 888 168, 888 300"
    )
    view.shape(far, MIST)
    view.shape([(0, 282), (888, 282), (888, 466), (0, 466)], LAND)
    for x, y, left, right in (
        (396, 226, 74, 70),
        (474, 186, 96, 90),
        (844, 166, 96, 100),
        (680, 170, 96, 96),
        (762, 142, 104, 100),
        (590, 74, 140, 132),
    ):
        _mountain(view, (x, y), left, right)


def _mountain(view: Canvas, top: Point, left: float, right: float) -> None:
    """Draw a peak with uneven ridges, its snow and its shaded side."""
    x, y = top
    tall = 290 - y
    ridge = ((1, 0), (0.74, 0.05), (0.5, -0.04), (0.26, 0.03))
    west = [(x - left * (t + bulge), y + tall * t) for t, bulge in ridge]
    east = [(x + right * (t - bulge), y + tall * t) for t, bulge in reversed(ridge)]
    spur = [(x + right * 0.3, 290), (x + right * 0.12, y + tall * 0.66), (x + 4, y + tall * 0.4)]
    view.shape([*west, top, *east], STONE)
    view.shape([top, *east, *spur], ROCK)
    edge = (0.16, 0.42), (0.06, 0.3), (-0.02, 0.46), (-0.1, 0.3), (-0.18, 0.38)
    snow = [(x + right * across, y + tall * down) for across, down in edge]
    view.shape([west[-1], top, east[0], *snow], CREAM)
    view.line([*west, top, *east], MUTED, 1.4)


def _theodolite(view: Canvas, at: Point) -> None:
    """Draw an instrument on its tripod."""
    x, y = at
    for dx in (-10, 0, 10):
        view.line([(x, y), (x + dx, y + 18)], INK, 1.8)
    view.dot(at, 6.5, GOLD, INK)


def _angles(view: Canvas, first: Point, second: Point) -> None:
    """Draw the measured angles at both ends of the base line."""
    view.line(arc(first, 92, -11.2, 5.2), MUTED, 1.6)
    view.line(arc(first, 150, -31.8, -11.2), TERRACOTTA, 1.8)
    view.line(arc(second, 56, 185.2, 327.8), MUTED, 1.6)
    view.text((178, 390), "a", BODY, MUTED, "lm")
    view.text((366, 354), "b", BODY, MUTED, "md")
    view.text((230, 330), "elevation", SMALL, TERRACOTTA, "lm")


def _plumb_inset(view: Canvas, corner: Point) -> None:
    """Draw how the mass of the mountains pulls the plumb line aside."""
    x, y = corner
    view.box(corner, (224, 164), CREAM, MUTED)
    hill = [(x + 136, y + 136), (x + 164, y + 84), (x + 184, y + 58), (x + 223, y + 118)]
    view.shape([*hill, (x + 223, y + 136)], STONE)
    view.line([(x + 1, y + 136), (x + 223, y + 136)], MUTED, 1.4)
    pivot = (x + 72, y + 36)
    view.line([pivot, (x + 72, y + 134)], INK, 1.4, (4, 4))
    view.line([pivot, (x + 96, y + 120)], TERRACOTTA, 2)
    view.dot((x + 96, y + 120), 6, TERRACOTTA)
    view.dot(pivot, 3.5, INK)
    view.arrow([(x + 108, y + 120), (x + 140, y + 120)], TERRACOTTA, 1.8)
    view.text((x + 12, y + 10), "The plumb line leans", SMALL, INK, "la", bold=True)
    view.text((x + 98, y + 70), "plumb\nline", SMALL, TERRACOTTA, "lm")
    view.text((x + 64, y + 88), "vertical", SMALL, INK, "rm")
    view.text((x + 112, y + 154), "greatly exaggerated", SMALL, MUTED, "ms")


def names() -> Canvas:
    """Draw seven high peaks as triangles with their names and heights."""
    sheet = page(
        "Seven above 8,000 metres",
        "Some of the highest peaks of the Himalaya and the Karakoram",
        "Height scale begins at 7,000 m; the widths of the peaks mean nothing.",
    )
    left, base, unit = 92.0, 490.0, 0.172
    for metres in (7000, 7500, 8000, 8500):
        y = base - (metres - 7000) * unit
        ink = TERRACOTTA if metres == 8000 else STONE
        sheet.line([(left, y), (WIDTH - MARGIN, y)], ink, 1.4, None if metres == 7000 else (5, 5))
        sheet.text((left - 8, y), f"{metres:,} m", SMALL, MUTED, "rm")
    step = (WIDTH - MARGIN - left) / len(PEAKS)
    for number, peak in enumerate(PEAKS):
        x = left + (number + 0.5) * step
        tall = (peak.metres - 7000) * unit
        _peak(sheet, (x, base), tall, TERRACOTTA if peak.hills == "Karakoram" else TEAL)
        sheet.text((x, base - tall - 12), f"{peak.metres:,}", LARGE, INK, "ms", bold=True, halo=PAPER)
        sheet.text((x, base + 22), peak.name, BODY, INK, "ms", bold=True)
        if peak.other:
            sheet.text((x, base + 43), peak.other, SMALL, MUTED, "ms")
    for number, (words, ink) in enumerate((("Himalaya", TEAL), ("Karakoram", TERRACOTTA))):
        x = 700 + number * 120
        sheet.box((x, 53), (14, 14), ink)
        sheet.text((x + 22, 60), words, BODY, INK, "lm")
    return sheet


def _peak(sheet: Canvas, foot: Point, tall: float, ink: Colour) -> None:
    """Draw a peak with a snowy top and one side in shade."""
    x, y = foot
    top, half = y - tall, 56.0
    sheet.shape([(x - half, y), (x, top), (x + half, y)], ink)
    snow = 0.3
    ridge = [(x + half * snow, top + tall * snow), (x + 7, top + tall * 0.24)]
    ridge += [(x, top + tall * 0.34), (x - 8, top + tall * 0.25)]
    sheet.shape([(x, top), *ridge, (x - half * snow, top + tall * snow)], CREAM)
    sheet.shape([(x, top), (x + half * 0.3, y), (x + half, y)], ink)
    sheet.shape([(x, top), *ridge[:2], (x + half * 0.09, top + tall * snow)], SEA)
    sheet.line([(x - half, y), (x, top), (x + half, y)], INK, 1.4)
