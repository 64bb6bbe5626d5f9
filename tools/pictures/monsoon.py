"""The monsoon: when the rains come, and the winds that bring them."""

from __future__ import annotations

from collections.abc import Iterable

from tools.pictures.canvas import (
    BODY,
    CREAM,
    INK,
    LARGE,
    MARGIN,
    MUTED,
    SCALE,
    SMALL,
    STONE,
    TEAL,
    TERRACOTTA,
    TOP,
    WATER,
    WIDTH,
    Canvas,
    Colour,
    font,
    page,
)
from tools.pictures.geography import HIMALAYA, RIVERS, WESTERN_GHATS, Place, Route
from tools.pictures.geometry import Line, Point, line
from tools.pictures.maps import Chart

# How far the rains have come by a date.
ONSET = (
    Route(
        "1 June",
        line(
            "60.6 6.6, 66 7.4, 70 8.0, 74 8.5, 76.5 8.7, 78.4 8.8, 80.5 9.6, 82.5 11.2, 85 13.5,"
            "88 16, 91 18.6, 93 20.9, 94 23.4, 95 25.8"
        ),
        (62.8, 7.0),
    ),
    Route(
        "5 June",
        line(
            "60.6 10.6, 66 12.0, 70 13.0, 74 14.3, 76.5 14.2, 79 13.9, 81.5 14.8, 84 16.4,"
            "86.5 18.6, 88.8 20.8, 90.3 23, 91 25.2, 91.6 27.4"
        ),
        (62.8, 11.3),
    ),
    Route(
        "10 June",
        line(
            "60.6 14.6, 66 16.4, 70 17.6, 73 18.6, 76 18.0, 79 17.8, 82 18.2, 84.8 19.2,"
            "86.8 20.8, 88.2 22.4, 88.8 24.5, 88.8 27.0"
        ),
        (62.8, 15.5),
    ),
    Route(
        "15 June",
        line(
            "60.6 18.0, 66 19.4, 70 20.2, 73 20.8, 76 20.9, 79 20.9, 82 21.4, 84.2 22.6,"
            "85.2 24.2, 85.5 26.0, 85.6 27.5"
        ),
        (62.8, 18.7),
    ),
    Route(
        "1 July",
        line("67.6 23.1, 69.6 23.6, 71.6 24.6, 73.4 26.2, 74.6 28.2, 74.9 30.2, 74.6 32.6"),
        (74.6, 29.6),
    ),
    Route("8 July", line("67.8 25.0, 69.4 25.6, 70.8 27.0, 71.6 28.6, 71.8 30.6"), (70.6, 27.0)),
)
# What each of these lines has reached.
REACHED = (
    "Kerala",
    "Goa; the north-east",
    "near Mumbai, Kolkata",
    "central India, Bihar",
    "Rajasthan, the Punjab",
    "the far north-west",
)
# The two branches of the current.
BRANCHES = (
    line("67.4 5.6, 70.4 8.0, 72.4 11.6, 73.2 16.0"),
    line("87.6 8.6, 89.6 12.2, 90.6 16.4, 90.5 20.6"),
)
CITIES = (
    Place("Kochi", 76.2, 9.9, "e"),
    Place("Mumbai", 72.8, 18.9, "e"),
    Place("Chennai", 80.3, 13.1, "w"),
    Place("Kolkata", 88.3, 22.6, "w"),
    Place("Delhi", 77.2, 28.6, "e"),
    Place("Colombo", 79.9, 6.9, "w"),
)

SUMMER_WINDS = (
    line("64 -14, 54 -10, 47 -4, 45 2, 50 9, 60 15, 72 18.6"),
    line("74 -14, 63 -9, 54 -2, 52 4, 58 9, 66 12, 74.6 13"),
    line("84 -13, 74 -8, 66 -1, 66 4, 72 7, 79 8, 86 13, 89.6 20"),
    line("96 -12, 88 -7, 82 -1, 82 3, 88 8, 92 13, 94 18"),
)
WINTER_WINDS = (
    line("80 27, 74 22, 68 17, 60 11, 53 6, 47 0"),
    line("89 24, 84 18, 78 11, 70 6, 62 1, 56 -4"),
    line("97 20, 92 14, 86 8, 80 3, 76 -2, 76 -6"),
    line("66 26, 61 21, 56 15, 51 12.6, 46.4 12.2"),
)


def onset() -> Canvas:
    """Draw the lines the summer rains reach on their normal dates."""
    sheet = page(
        "The rains advance",
        "Normal dates of the onset of the south-west monsoon",
        "Schematic: smoothed lines after long-term normals.",
        height=620,
    )
    chart = Chart((606, 484), 60.4, 4.6, 35.4)
    chart.lines(RIVERS, WATER, 1.2)
    chart.hills([*HIMALAYA, *WESTERN_GHATS[1:4]], 5)
    chart.currents(BRANCHES, TERRACOTTA, 5)
    chart.lines([route.path for route in ONSET], TEAL, 2.4)
    for route in ONSET:
        _tag(chart, chart.at(route.label), route.name)
    chart.towns(CITIES, size=SMALL)
    chart.sea((68.0, 14.6), "Arabian\nSea")
    chart.sea((84.9, 9.0), "Bay of\nBengal")
    chart.marks((466, 58), 500)
    sheet.paste(chart, (MARGIN, TOP))
    _onset_table(sheet, 672)
    return sheet


def _tag(chart: Canvas, at: Point, words: str) -> None:
    """Write a date in a small plate on its line."""
    wide = font(SMALL).getlength(words) / SCALE + 12
    chart.box((at[0] - wide / 2, at[1] - 10), (wide, 20), TEAL, radius=4)
    chart.text((at[0], at[1] + 0.5), words, SMALL, CREAM, "mm")


def _onset_table(sheet: Canvas, x: float) -> None:
    """List the dates beside the map."""
    sheet.text((x, TOP + 14), "Normal onset", LARGE, INK, "ls", bold=True)
    for number, (route, where) in enumerate(zip(ONSET, REACHED, strict=True)):
        y = TOP + 48 + number * 38
        sheet.text((x, y), route.name, BODY, TEAL, "ls", bold=True)
        sheet.text((x + 76, y), where, BODY, INK, "ls")
        sheet.line([(x, y + 12), (WIDTH - MARGIN, y + 12)], STONE, 1)
    y = TOP + 318
    sheet.arrow([(x, y), (x + 54, y)], TERRACOTTA, 5)
    sheet.text((x + 68, y), "The two branches of\nthe monsoon current", BODY, INK, "lm")
    sheet.text(
        (x, y + 56),
        "One comes in over the\nArabian Sea, the other up\nthe Bay of Bengal and then\n"
        "west along the Ganges.",
        BODY,
        MUTED,
    )


def winds() -> Canvas:
    """Draw the winds of summer and of winter side by side."""
    sheet = page(
        "The wind that turns round",
        "Prevailing surface winds over the Indian Ocean",
        "Schematic.",
        height=560,
    )
    left = _wind_chart(SUMMER_WINDS, TERRACOTTA)
    _pressure(left, (68.6, 29), "LOW", TERRACOTTA)
    right = _wind_chart(WINTER_WINDS, TEAL)
    _pressure(right, (86, 33), "HIGH", TEAL)
    sheet.paste(left, (MARGIN, TOP))
    sheet.paste(right, (WIDTH / 2 + 8, TOP))
    y = TOP + 372
    sheet.text((MARGIN, y), "June to September", LARGE, TERRACOTTA, "la", bold=True)
    sheet.text((MARGIN, y + 27), "The south-west monsoon: moist air to a hot land.", BODY)
    sheet.text((WIDTH / 2 + 8, y), "December to February", LARGE, TEAL, "la", bold=True)
    sheet.text((WIDTH / 2 + 8, y + 27), "The north-east monsoon: dry air off a cold land.", BODY)
    return sheet


def _wind_chart(lines: Iterable[Line], ink: Colour) -> Chart:
    """Draw one panel of winds."""
    chart = Chart((436, 360), 37, -15, 36)
    chart.line(chart.path([(36, 0), (110, 0)]), MUTED, 1, (6, 4))
    chart.write((71, 0.6), "Equator", SMALL, MUTED, "ms")
    chart.currents(lines, ink, 4)
    chart.write((78.8, 20.4), "India", BODY, INK)
    chart.write((47, 22), "Arabia", BODY, INK)
    chart.write((39.6, 5.6), "Africa", BODY, INK, "lm")
    return chart


def _pressure(chart: Chart, place: Point, words: str, ink: Colour) -> None:
    """Mark a centre of high or low pressure."""
    x, y = chart.at(place)
    chart.box((x - 30, y - 13), (60, 26), CREAM, ink, radius=13)
    chart.text((x, y), words, SMALL, ink, "mm", bold=True)
