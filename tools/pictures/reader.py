"""The reader and the terminal: a page with its parts named, and the cells it is made of."""

from __future__ import annotations

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
    SEA,
    SMALL,
    STONE,
    TEAL,
    TERRACOTTA,
    TOP,
    Canvas,
    page,
)
from tools.pictures.geometry import Point


def screen() -> Canvas:
    """Draw the page of the reader with its parts named."""
    sheet = page("A page of the reader", "What stands where on the screen", "Schematic.")
    x, y, wide, high = 190, TOP + 4, 580, 456
    sheet.box((x + 5, y + 5), (wide, high), STONE, radius=8)
    sheet.box((x, y), (wide, high), CREAM, INK, width=1.6, radius=8)
    sheet.box((x, y), (wide, 40), TEAL, INK, width=1.6, radius=8)
    sheet.box((x + 1.6, y + 28), (wide - 3.2, 12), TEAL)
    sheet.spaced((x + wide / 2, y + 21), "Pulse", CREAM, LARGE, 8)
    _sidebar(sheet, x + 1.5, y + 40, high - 96)
    _article(sheet, x + 190, y + 56)
    sheet.line([(x, y + high - 56), (x + wide, y + high - 56)], INK, 1.2)
    sheet.text((x + 16, y + high - 42), "Caption of the picture in view.", SMALL, INK, "lm")
    sheet.text((x + wide - 16, y + high - 42), "Credit", SMALL, MUTED, "rm")
    sheet.box((x + 1.5, y + high - 28), (wide - 3, 26.5), LAND, radius=6)
    left = x + 16.0
    for words in (52, 70, 44, 62, 50):
        sheet.box((left, y + high - 22), (18, 14), INK, radius=3)
        sheet.box((left + 24, y + high - 18), (words, 6), MUTED, radius=3)
        left += words + 52
    _labels(sheet, x, y, x + wide)
    return sheet


def _sidebar(sheet: Canvas, x: float, y: float, high: float) -> None:
    """Draw the list of features."""
    sheet.box((x, y), (166, high), LAND)
    sheet.text((x + 14, y + 26), "Recent Features", SMALL, TERRACOTTA, "ls", bold=True)
    for number, words in enumerate((120, 96, 128, 104, 88, 116)):
        top = y + 44 + number * 50
        if number == 1:
            sheet.box((x, top - 8), (166, 46), STONE)
            sheet.box((x, top - 8), (5, 46), TERRACOTTA)
        sheet.box((x + 14, top), (words, 9), INK, radius=4)
        sheet.box((x + 14, top + 17), (words * 0.6, 6), MUTED, radius=3)


def _article(sheet: Canvas, x: float, y: float) -> None:
    """Draw the article: kicker, headline, dek, byline, picture and text."""
    wide = 366
    sheet.text((x, y + 12), "THE PULSE · ENVIRONMENT", SMALL, TERRACOTTA, "ls")
    sheet.text((x, y + 42), "The Headline in Title Case", 25, INK, "ls", bold=True)
    sheet.text((x, y + 66), "One sentence that says what it is about.", BODY, MUTED, "ls")
    sheet.text((x, y + 90), "By the Pulse Desk", SMALL, INK, "ls")
    top = y + 104
    sheet.box((x, top), (wide, 142), SEA, MUTED)
    sheet.dot((x + 290, top + 36), 15, GOLD)
    hills = [(x + 1, top + 141), (x + 80, top + 62), (x + 140, top + 112), (x + 212, top + 50)]
    sheet.shape([*hills, (x + 300, top + 141)], MIST)
    front = [(x + 120, top + 141), (x + 250, top + 84), (x + 365, top + 128), (x + 365, top + 141)]
    sheet.shape(front, TEAL)
    for number, words in enumerate((wide, wide - 14, wide - 4, wide - 40, wide - 8)):
        sheet.box((x, top + 158 + number * 17), (words, 6), STONE, radius=3)


def _labels(sheet: Canvas, left: float, top: float, right: float) -> None:
    """Name the parts from both sides."""
    on_left = (
        (20, 0, "Masthead"),
        (62, 8, "Sidebar:\nrecent features"),
        (150, 2, "Feature\nbeing read"),
        (442, 2, "Key hints"),
    )
    on_right = (
        (64, 200, "Kicker"),
        (90, 86, "Headline"),
        (118, 98, "Dek"),
        (142, 266, "Byline"),
        (230, 22, "Picture"),
        (352, 30, "Text"),
        (414, 8, "Caption\nand credit"),
    )
    for side, x, way, parts in (("w", left, 1, on_left), ("e", right, -1, on_right)):
        for dy, into, words in parts:
            spot, start = (x + way * into, top + dy), (x - way * 22, top + dy)
            sheet.pointer(spot, start, words, side, radius=3, edge=None, gap=6)


def cells() -> Canvas:
    """Draw a row of terminal cells with letters, a wide character, a mark and the cursor."""
    sheet = page(
        "A page of equal cells", "How a terminal lays out one row of text", "Schematic, enlarged.", height=540
    )
    cell, x, y = (74.0, 130.0), 36.0, 214.0
    columns = 12
    for number in range(columns):
        left = x + number * cell[0]
        sheet.box((left, y), cell, CREAM, STONE, width=1.5)
        sheet.text((left + cell[0] / 2, y - 10), str(number + 1), SMALL, MUTED, "ms")
    for number, letter in enumerate("pulse"):
        sheet.text((x + (number + 0.5) * cell[0], y + 90), letter, 70, INK, "ms")
    _wide_cell(sheet, x + 6 * cell[0], y, cell)
    _marked_cell(sheet, x + 8 * cell[0], y, cell)
    _half_block(sheet, x + 9 * cell[0], y, cell)
    sheet.box((x + 11 * cell[0], y), cell, INK)
    sheet.box((x, y), (cell[0] * columns, cell[1]), None, INK, width=2)
    notes = (
        (0, 5, "One letter,\none cell each", False),
        (5, 6, "A space is\na cell too", True),
        (6, 8, "Wide:\ntwo cells", False),
        (8, 9, "Letter and combining\nmark share a cell", True),
        (9, 10, "Half block:\ntwo colours", False),
        (11, 12, "Cursor", True),
    )
    for start, end, words, above in notes:
        _bracket(sheet, (x + start * cell[0], x + end * cell[0]), y, cell[1], words, above)
    sheet.text(
        (MARGIN, 474),
        "Every cell also carries two colours, one for its ink and one for its ground.",
        BODY,
        MUTED,
        "ls",
    )
    return sheet


def _wide_cell(sheet: Canvas, x: float, y: float, cell: Point) -> None:
    """Draw a generic wide character over two cells."""
    wide, high = cell
    sheet.box((x, y), (2 * wide, high), SEA, STONE, width=1.5)
    sheet.line([(x + wide, y), (x + wide, y + high)], MIST, 1.2, (5, 4))
    left, top, side = x + wide - 42, y + 23, 84.0
    sheet.box((left, top), (side, side), None, TEAL, width=6)
    sheet.line([(left + 20, top + 30), (left + side - 20, top + 30)], TEAL, 6)
    sheet.line([(left + side / 2, top + 30), (left + side / 2, top + side - 16)], TEAL, 6)


def _marked_cell(sheet: Canvas, x: float, y: float, cell: Point) -> None:
    """Draw a letter under a combining accent."""
    sheet.text((x + cell[0] / 2, y + 90), "e", 70, INK, "ms")
    sheet.line([(x + 34, y + 41), (x + 48, y + 22)], TERRACOTTA, 7)


def _half_block(sheet: Canvas, x: float, y: float, cell: Point) -> None:
    """Draw an upper half block, ink above and ground below."""
    sheet.box((x, y), (cell[0], cell[1] / 2), GOLD)
    sheet.box((x, y + cell[1] / 2), (cell[0], cell[1] / 2), TEAL)


def _bracket(sheet: Canvas, span: Point, y: float, high: float, words: str, above: bool) -> None:
    """Draw a bracket above or below a run of cells and name it."""
    edge, way = (y - 30, -1) if above else (y + high + 10, 1)
    left, right = span[0] + 4, span[1] - 4
    sheet.bracket((left, right), edge + 8 * way, edge, TERRACOTTA, 1.6)
    middle = (left + right) / 2
    sheet.line([(middle, edge + 8 * way), (middle, edge + 18 * way)], TERRACOTTA, 1.6)
    sheet.label((middle, edge + 18 * way), words, "n" if above else "s", BODY, gap=7)
