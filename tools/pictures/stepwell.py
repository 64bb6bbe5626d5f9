"""A stepwell, cut lengthwise."""

from __future__ import annotations

from collections.abc import Iterator

from tools.pictures.canvas import (
    BODY,
    CREAM,
    GOLD,
    INK,
    LAND,
    MARGIN,
    MIST,
    MUTED,
    SEA,
    STONE,
    TEAL,
    TERRACOTTA,
    WIDTH,
    Canvas,
    page,
)
from tools.pictures.geometry import Point

GROUND = 188
WET, DRY = 362.0, 458.0  # the levels of the water


def section() -> Canvas:
    """Draw a stepwell cut lengthwise, with its stairs, pavilions, shaft and water."""
    sheet = page(
        "A stepwell in section",
        "The stair goes down to the water, wherever it stands",
        "Schematic, not to scale.",
    )
    sheet.box((MARGIN, GROUND), (WIDTH - 2 * MARGIN, 374), STONE)
    stairs = list(_stairs((80, GROUND), 36))
    _hollow(sheet, stairs)
    for number in range(4):
        landing = stairs[2 * (5 + 9 * number) + 1]
        _pavilion(sheet, landing, GROUND - 22, number + 1)
    sheet.line([(MARGIN, GROUND), *stairs, (700, stairs[-1][1])], INK, 2)
    _shaft(sheet)
    sheet.line([(769, GROUND), (WIDTH - MARGIN, GROUND)], INK, 2)
    _labels(sheet)
    return sheet


def _stairs(start: Point, count: int) -> Iterator[Point]:
    """Give the corners of a stair with four landings."""
    x, y = start
    yield x, y
    for number in range(count):
        y += 8
        yield x, y
        x += 60 if number % 9 == 5 else 11
        yield x, y


def _hollow(sheet: Canvas, stairs: list[Point]) -> None:
    """Draw the open space with its far wall, then the water of the wet and the dry season."""
    floor = stairs[-1][1]
    rest = [(700.0, floor), (700.0, 548.0), (770.0, 548.0)]
    sheet.shape([*stairs, *rest, (770, GROUND)], CREAM)
    for course in range(GROUND + 18, round(floor), 18):
        start = max(x for x, y in stairs if y <= course)
        sheet.line([(start, course), (770, course)], LAND, 1.2)
    for level, fill in ((WET, SEA), (DRY, MIST)):
        under = [point for point in stairs if point[1] >= level]
        sheet.shape([(under[0][0], level), *under, *rest, (770, level)], fill)
        sheet.line([(under[0][0], level), (800, level)], TEAL, 1.8, (7, 4))


def _shaft(sheet: Canvas) -> None:
    """Draw the well at the deep end, open to the stair, and the wheel over it."""
    sheet.line([(700, 476), (700, 548), (770, 548), (770, GROUND)], INK, 2.4)
    sheet.box((696, GROUND - 8), (8, 484 - GROUND), LAND, INK)
    for y in (GROUND, 261, 332, 403):
        sheet.box((692, y - 8), (16, 8), GOLD, INK)
    for y in range(GROUND + 16, 548, 18):
        sheet.line([(770, y), (779, y)], MUTED, 1.2)
    sheet.line([(704, GROUND - 6), (704, GROUND - 60), (768, GROUND - 60), (768, GROUND)], INK, 2.4)
    sheet.line([(736, GROUND - 46), (736, 452)], INK, 1.2)
    sheet.dot((736, GROUND - 48), 11, GOLD, INK)
    sheet.box((727, 450), (18, 20), TERRACOTTA, INK, radius=3)


def _pavilion(sheet: Canvas, landing: Point, roof: float, floors: int) -> None:
    """Draw a pavilion of pillared storeys standing on a landing."""
    x, foot = landing
    tall = (foot - roof) / floors
    for floor in range(floors):
        top = roof + floor * tall
        for dx in (5, 22, 38, 55):
            sheet.box((x + dx - 2.5, top), (5, tall), LAND, INK, width=1)
            sheet.box((x + dx - 5, top + 8), (10, 4), LAND, INK, width=1)
        sheet.box((x - 3, top), (66, 8), GOLD, INK, width=1.2)
    for inset in (0, 8, 16):
        sheet.box((x + inset, roof - 5 - inset / 2), (60 - 2 * inset, 5), GOLD, INK, width=1)


def _labels(sheet: Canvas) -> None:
    """Name the parts."""
    names = (
        ((62, GROUND - 2), (62, GROUND - 40), "Way in", "n"),
        ((747, GROUND - 48), (800, GROUND - 48), "Wheel and\nbucket", "e"),
        ((758, 290), (800, 290), "Shaft", "e"),
        ((240, 270), (206, 328), "Stair, in flights\nwith landings", "s"),
    )
    for spot, start, words, side in names:
        sheet.pointer(spot, start, words, side, radius=3.4)
    for x, end in ((165, 300), (313, 360), (461, 414), (609, 474)):
        sheet.pointer((x, GROUND - 34), (end, 132), "", "n", radius=3.4)
    sheet.text((387, 127), "Pavilions, one storey more at each landing", BODY, INK, "md")
    for level, words in ((WET, "Water in the\nwet season"), (DRY, "Water in the\ndry season")):
        sheet.text((808, level), words, BODY, TEAL, "lm", bold=True)
