"""The gauges of the railways."""

from __future__ import annotations

from typing import NamedTuple

from tools.pictures.canvas import (
    BODY,
    CREAM,
    INK,
    LAND,
    LARGE,
    MARGIN,
    MUTED,
    SMALL,
    TEAL,
    TERRACOTTA,
    WIDTH,
    Canvas,
    page,
)


class Gauge(NamedTuple):
    """A gauge in millimetres and in British measure, an example, and about how long its sleepers are."""

    name: str
    width: int
    british: str
    example: str
    sleeper: int


GAUGES = (
    Gauge("Broad", 1676, "5 ft 6 in", "the trunk lines", 2750),
    Gauge("Metre", 1000, "3 ft 3 3/8 in", "Nilgiri Mountain Railway", 2000),
    Gauge("Narrow", 762, "2 ft 6 in", "Kalka-Shimla Railway", 1500),
    Gauge("Narrow", 610, "2 ft", "Darjeeling Himalayan", 1250),
)
STANDARD = 1435  # the width of the standard gauge
DOTS = (3, 5)


def gauges() -> Canvas:
    """Draw four gauges to one scale, with the standard gauge dotted beside them."""
    sheet = page(
        "Four gauges",
        "Width between the rails, drawn to one scale",
        "Gauges to scale; sleeper lengths approximate.",
    )
    unit, left = 0.096, float(MARGIN)
    for gauge in GAUGES:
        half = gauge.sleeper * unit / 2 + 8
        centre = left + half
        left = centre + half + 34
        _track(sheet, centre, gauge.width * unit, gauge.sleeper * unit)
        sheet.text((centre, 484), f"{gauge.width:,} mm", LARGE, INK, "ms", bold=True)
        sheet.text((centre, 506), gauge.british, BODY, INK, "ms")
        sheet.text((centre, 530), f"{gauge.name} gauge", BODY, TEAL, "ms", bold=True)
        sheet.text((centre, 551), gauge.example, SMALL, MUTED, "ms")
        for side in (-1, 1):
            x = centre + side * STANDARD * unit / 2
            sheet.line([(x, 118), (x, 440)], TERRACOTTA, 2.4, DOTS)
    x = WIDTH - MARGIN - 236
    sheet.line([(x, 60), (x + 34, 60)], TERRACOTTA, 2.4, DOTS)
    sheet.text((x + 236, 60), f"standard gauge, {STANDARD:,} mm", BODY, INK, "rm")
    x = WIDTH - MARGIN - 1000 * unit
    sheet.bracket((x, WIDTH - MARGIN), 580, 574)
    sheet.text((x - 10, 584), "1 metre", SMALL, INK, "rs")
    return sheet


def _track(sheet: Canvas, centre: float, gauge: float, sleeper: float) -> None:
    """Draw a length of track from above and its gauge."""
    top, bottom, rail = 130, 428, 7.0
    bed = sleeper / 2 + 8
    sheet.box((centre - bed, top), (2 * bed, bottom - top), LAND)
    for y in range(top + 12, bottom - 10, 40):
        sheet.box((centre - sleeper / 2, y), (sleeper, 15), MUTED)
    for x in (centre - gauge / 2 - rail, centre + gauge / 2):
        sheet.box((x, top - 8), (rail, bottom - top + 16), CREAM, INK, width=1.6)
    y = 452
    for x in (centre - gauge / 2, centre + gauge / 2):
        sheet.line([(x, bottom + 12), (x, y + 8)], INK, 1.2)
    sheet.arrow([(centre - gauge / 2, y), (centre + gauge / 2, y)], INK, 1.2, both=True)
