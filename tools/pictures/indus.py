"""The Indus: the river system, and the canals that lead its water away."""

from __future__ import annotations

from tools.pictures.canvas import (
    CREAM,
    INK,
    LAND,
    LARGE,
    MARGIN,
    MIST,
    MUTED,
    SMALL,
    STONE,
    TEAL,
    TERRACOTTA,
    TOP,
    WIDTH,
    Canvas,
    page,
)
from tools.pictures.geography import BEAS, CHENAB, INDUS, JHELUM, KABUL, RAVI, SUTLEJ, Place
from tools.pictures.geometry import line, smooth
from tools.pictures.maps import Chart

TRIBUTARIES = (KABUL, JHELUM, CHENAB, RAVI, BEAS, SUTLEJ)
FEEDERS = (
    line("73.0 36.2, 73.8 36.2, 74.3 35.9, 74.6 35.8"),  # Gilgit
    line("77.9 34.5, 77.4 34.8, 76.6 35.0, 75.9 35.2"),  # Shyok
)
HILLS = line(
    "72.6 35.9, 73.9 36.3, 75.3 36.2, 76.5 35.6, 77.7 35.3, 76.2 34.2, 78.5 32.8, 79.4 31.0,"
    "77.9 30.5, 78.9 30.3, 71.4 36.0, 70.6 35.5, 74.5 33.7, 69.6 33.4, 69.3 32.0, 69.5 30.6,"
    "68.1 29.9, 66.8 28.6, 66.0 26.6, 79.3 34.2, 79.0 35.2, 68.2 31.2, 67.0 30.4, 65.6 28.0"
)
CITIES = (
    Place("Leh", 77.6, 34.2, "ne"),
    Place("Skardu", 75.6, 35.3, "sw"),
    Place("Attock", 72.2, 33.8, "w"),
    Place("Lahore", 74.3, 31.5, "se", 76),
    Place("Multan", 71.5, 30.2, "w", 58),
    Place("Sukkur", 68.9, 27.7, "e"),
    Place("Hyderabad", 68.4, 25.4, "e"),
    Place("Karachi", 67.0, 24.9, "nw", 50),
)
ANCIENT = (Place("Harappa", 72.9, 30.6, "s"), Place("Mohenjo-daro", 68.1, 27.3, "w"))
REGIONS = (Place("Karakoram", 78.3, 36.2), Place("Himalaya", 78.3, 29.6), Place("Thar Desert", 71.9, 27.2))


def basin() -> Canvas:
    """Draw the Indus and its rivers, with a plan of how they join."""
    sheet = page(
        "The Indus and its rivers",
        "From the Tibetan plateau to the Arabian Sea",
        "Courses simplified; no boundaries are shown. Right: schematic, not to scale.",
        height=640,
    )
    chart = Chart((564, 508), 63.4, 23.6, 36.6)
    chart.hills(HILLS, 7)
    chart.lines(FEEDERS, TEAL, 1.6)
    chart.lines([river.path for river in TRIBUTARIES], TEAL, 2.2)
    chart.lines([INDUS.path], TEAL, 3.6)
    chart.towns(CITIES, halo=LAND)
    chart.towns(ANCIENT, TERRACOTTA, SMALL, LAND)
    for river in (*TRIBUTARIES, INDUS):
        size = LARGE if river is INDUS else SMALL
        chart.write(river.label, river.name, size, TEAL, bold=True, halo=LAND)
    chart.sea((65.0, 24.5), "Arabian\nSea")
    for region in REGIONS:
        chart.region(region.point, region.name)
    chart.dot((404, 428), 3.6, TERRACOTTA, CREAM)
    chart.text((414, 428), "ancient city", SMALL, TERRACOTTA, "lm")
    chart.marks((404, 492), 200)
    sheet.paste(chart, (MARGIN, TOP))
    _confluences(sheet, 668)
    return sheet


def _confluences(sheet: Canvas, x: float) -> None:
    """Draw the order in which the rivers join, as on a plan of railway lines."""
    sheet.text((x - 48, TOP + 14), "How they join", LARGE, INK, "ls", bold=True)
    top, down = TOP + 82, TOP + 472
    columns = {"Indus": 0, "Jhelum": 48, "Chenab": 96, "Ravi": 144, "Beas": 188, "Sutlej": 232}
    for number, (name, dx) in enumerate(columns.items()):
        y = top - 8 - 20 * (number % 2)
        sheet.text((x + dx, y), name, SMALL, TEAL, "ms", bold=True)
    ways = (
        ((48, 0), (48, 96), (96, 144)),
        ((144, 0), (144, 156), (96, 204)),
        ((188, 0), (188, 80), (232, 124)),
        ((232, 0), (232, 156), (96, 292)),
        ((96, 0), (96, 292), (0, 352)),
        ((-28, 44), (0, 72)),
    )
    for way in ways:
        sheet.line([(x + dx, top + dy) for dx, dy in way], TEAL, 3.5)
    sheet.text((x - 30, top + 38), "Kabul", SMALL, TEAL, "ms", bold=True)
    sheet.arrow([(x, top), (x, down)], TEAL, 6)
    sheet.text((x + 16, down), "to the sea", SMALL, MUTED, "ls")
    stops = (
        (0, 72, "Attock", "sw"),
        (96, 144, "Trimmu", "w"),
        (96, 204, "near\nSidhnai", "w"),
        (232, 124, "Harike", "sw"),
        (96, 292, "Panjnad", "e"),
        (0, 352, "near Mithankot", "e"),
    )
    for dx, dy, name, side in stops:
        sheet.dot((x + dx, top + dy), 5, CREAM, INK)
        sheet.label((x + dx, top + dy), name, side, SMALL, gap=11)


def canals() -> Canvas:
    """Draw how a canal system branches from the river to the field."""
    sheet = page("From the river to the field", "How a canal system branches", "Schematic, not to scale.")
    plan = Canvas(WIDTH - 2 * MARGIN, 466, LAND)
    river = [(-30, 60), (70, 84), (136, 150), (140, 220), (96, 330), (120, 420), (150, 500)]
    _fields(plan)
    plan.line(smooth([(128, 176), (190, 150), (250, 150), (356, 150)], 3), TEAL, 12)
    plan.line([(350, 150), (848, 150)], TEAL, 8)
    plan.line(smooth([(346, 150), (400, 190), (400, 240), (400, 440)], 3), TEAL, 8)
    for y in (256, 376):
        plan.line([(400, y), (740, y)], TEAL, 5)
    for x in (600, 740):
        plan.line([(x, 150), (x, 44)], TEAL, 5)
    plan.line(smooth(river, 4), MIST, 36)
    plan.arrow([(36, 76), (80, 96)], TEAL, 2.4)
    plan.arrow([(110, 348), (116, 392)], TEAL, 2.4)
    plan.line([(104, 224), (164, 224)], INK, 8)
    plan.line([(148, 180), (162, 148)], TERRACOTTA, 8)
    _canal_labels(plan)
    sheet.paste(plan, (MARGIN, TOP))
    return sheet


def _fields(plan: Canvas) -> None:
    """Draw the plots and the watercourses on both sides of the distributaries."""
    for y in (256, 376):
        for x in range(430, 738, 28):
            for top in (y - 42, y + 8):
                plan.box((x + 2, top), (24, 34), CREAM, STONE, width=1)
        for x in range(458, 738, 56):
            plan.line([(x, y - 42), (x, y + 42)], TEAL, 2)


def _canal_labels(plan: Canvas) -> None:
    """Name the parts of a canal system."""
    names = (
        ((40, 92), (54, 140), "River", "s"),
        ((150, 224), (190, 246), "Headworks: a barrage\nholds the river up", "e"),
        ((155, 164), (170, 96), "Head regulator:\ngates let water in", "n"),
        ((284, 150), (284, 112), "Main canal", "n"),
        ((500, 150), (500, 112), "Branch canal", "n"),
        ((400, 330), (372, 330), "Branch\ncanal", "w"),
        ((740, 256), (764, 256), "Distributary", "e"),
        ((740, 70), (764, 70), "Distributary", "e"),
        ((682, 294), (764, 312), "Watercourse", "e"),
        ((724, 402), (764, 402), "Fields, watered\nin turn", "e"),
    )
    for spot, start, words, side in names:
        plan.pointer(spot, start, words, side)
