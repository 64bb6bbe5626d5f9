"""The sheet that pictures are drawn on: its palette, its type and what a pen can do."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from tools.pictures.geometry import Point, dashes

Colour = tuple[int, int, int]
Dash = tuple[float, float]

PAPER: Colour = (250, 245, 234)
CREAM: Colour = (255, 252, 245)
LAND: Colour = (238, 225, 198)
STONE: Colour = (215, 199, 168)
ROCK: Colour = (187, 167, 132)
SEA: Colour = (222, 232, 227)
MIST: Colour = (171, 200, 196)
WATER: Colour = (124, 170, 171)
INK: Colour = (38, 36, 33)
MUTED: Colour = (104, 96, 86)
TEAL: Colour = (17, 94, 100)
TERRACOTTA: Colour = (178, 78, 48)
GOLD: Colour = (190, 146, 58)

GROUNDS = (PAPER, CREAM, LAND, STONE, ROCK, SEA, MIST)
INKS = (INK, MUTED, WATER, TEAL, TERRACOTTA, GOLD)

SCALE = 3  # how much larger a picture is drawn than it will be
WIDTH, HEIGHT, MARGIN, TOP = 960, 600, 36, 92
TITLE, LARGE, BODY, SMALL = 27, 20, 16, 14

# Where a label stands: the way there and the anchor of its words.
SIDES: dict[str, tuple[float, float, str]] = {
    "n": (0, -1, "md"),
    "s": (0, 1, "ma"),
    "e": (1, 0, "lm"),
    "w": (-1, 0, "rm"),
    "ne": (0.8, -0.5, "ld"),
    "se": (0.8, 0.5, "la"),
    "nw": (-0.8, -0.5, "rd"),
    "sw": (-0.8, 0.5, "ra"),
}


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Give the built-in typeface at a size of the enlarged drawing."""
    face = ImageFont.load_default(size=size * SCALE)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise SystemExit("Pillow was built without FreeType")
    return face.font_variant(layout_engine=ImageFont.Layout.BASIC)


class Canvas:
    """A sheet measured in pixels of the finished picture, enlarged while it is drawn on."""

    def __init__(self, width: float, height: float, ground: Colour = PAPER) -> None:
        """Lay out an empty sheet."""
        self.width, self.height = width, height
        size = (round(width * SCALE), round(height * SCALE))
        self.image = Image.new("RGB", size, ground)
        self.pen = ImageDraw.Draw(self.image)

    @staticmethod
    def grow(points: Iterable[Point]) -> list[Point]:
        """Enlarge points to the scale of the drawing."""
        return [(x * SCALE, y * SCALE) for x, y in points]

    def line(
        self, points: Sequence[Point], ink: Colour = INK, width: float = 1.5, dash: Dash | None = None
    ) -> None:
        """Draw a line, whole or dashed."""
        thick = round(width * SCALE) | 1
        r = thick // 2
        for piece in dashes(points, *dash) if dash else [points]:
            path = self.grow(piece)
            self.pen.line(path, fill=ink, width=thick)
            for x, y in path[1:-1]:
                self.pen.ellipse((x - r, y - r, x + r, y + r), fill=ink)

    def shape(self, points: Sequence[Point], fill: Colour, edge: Colour | None = None) -> None:
        """Fill a polygon and, if asked, draw its edge."""
        self.pen.polygon(self.grow(points), fill=fill)
        if edge:
            self.line([*points, points[0]], edge, 1.2)

    def box(
        self,
        corner: Point,
        size: Point,
        fill: Colour | None = None,
        edge: Colour | None = None,
        *,
        width: float = 1.2,
        radius: float = 0,
    ) -> None:
        """Draw a rectangle from its top left corner."""
        (x, y), (w, h) = corner, size
        self.pen.rounded_rectangle(
            self.grow([(x, y), (x + w, y + h)]),
            radius=radius * SCALE,
            fill=fill,
            outline=edge,
            width=round(width * SCALE),
        )

    def dot(self, at: Point, radius: float, fill: Colour, edge: Colour | None = None) -> None:
        """Draw a round mark."""
        (x, y), r = at, radius
        spot = self.grow([(x - r, y - r), (x + r, y + r)])
        self.pen.ellipse(spot, fill=fill, outline=edge, width=round(1.5 * SCALE))

    def arrow(
        self, points: Sequence[Point], ink: Colour = INK, width: float = 1.5, *, both: bool = False
    ) -> None:
        """Draw a line with a head at its end, or at both ends."""
        head = 5 + 2.2 * width
        path = self._head(points, ink, head)
        if both:
            path = self._head(path[::-1], ink, head)
        self.line(path, ink, width)

    def _head(self, points: Sequence[Point], ink: Colour, size: float) -> list[Point]:
        """Draw an arrowhead and give the line shortened to its base."""
        path = list(points)
        tip = path[-1]
        while len(path) > 2 and math.dist(path[-2], tip) < size:
            path.pop(-2)
        before = path[-2]
        span = math.dist(before, tip)
        ux, uy = (tip[0] - before[0]) / span, (tip[1] - before[1]) / span
        bx, by = tip[0] - ux * size, tip[1] - uy * size
        half = size * 0.42
        self.shape([tip, (bx - uy * half, by + ux * half), (bx + uy * half, by - ux * half)], ink)
        return [*path[:-1], (bx + ux, by + uy)]

    def text(
        self,
        at: Point,
        words: str,
        size: int = BODY,
        ink: Colour = INK,
        anchor: str = "la",
        *,
        bold: bool = False,
        halo: Colour | None = None,
    ) -> None:
        """Write words at a point; several lines are aligned by the anchor."""
        lines = words.split("\n")
        step = size * 1.32
        lift = {"m": (len(lines) - 1) / 2, "d": len(lines) - 1}.get(anchor[1], 0) * step
        for number, words_of_line in enumerate(lines):
            place = (at[0] * SCALE, (at[1] - lift + number * step) * SCALE)
            if halo:
                self._write(place, words_of_line, size, halo, anchor, 2.2)
            self._write(place, words_of_line, size, ink, anchor, 0.28 if bold else 0)

    def _write(self, place: Point, words: str, size: int, ink: Colour, anchor: str, stroke: float) -> None:
        """Write one line with a stroke round its letters."""
        wide = stroke * SCALE * size / BODY
        self.pen.text(place, words, fill=ink, font=font(size), anchor=anchor, stroke_width=wide)

    def spaced(self, at: Point, words: str, ink: Colour, size: int = SMALL, gap: float = 3) -> None:
        """Write spaced capitals centred on a point, as seas and regions are named on maps."""
        for number, words_of_line in enumerate(words.upper().split("\n")):
            widths = [font(size).getlength(letter) / SCALE + gap for letter in words_of_line]
            x = at[0] - (sum(widths) - gap) / 2
            for letter, wide in zip(words_of_line, widths, strict=True):
                self.text((x, at[1] + number * size * 1.4), letter, size, ink, "lm")
                x += wide

    def label(
        self,
        at: Point,
        words: str,
        side: str,
        size: int = BODY,
        ink: Colour = INK,
        *,
        bold: bool = False,
        halo: Colour | None = None,
        gap: float = 8,
    ) -> None:
        """Write words beside a point."""
        dx, dy, anchor = SIDES[side]
        self.text((at[0] + dx * gap, at[1] + dy * gap), words, size, ink, anchor, bold=bold, halo=halo)

    def pointer(
        self,
        spot: Point,
        start: Point,
        words: str,
        side: str,
        size: int = BODY,
        *,
        radius: float = 3.6,
        edge: Colour | None = CREAM,
        gap: float = 5,
    ) -> None:
        """Write words beside a point and draw a thin line from there to the spot they name."""
        self.line([spot, start], TERRACOTTA, 1.2)
        if radius:
            self.dot(spot, radius, TERRACOTTA, edge)
        self.label(start, words, side, size, gap=gap)

    def bracket(self, span: Point, y: float, tips: float, ink: Colour = INK, width: float = 1.2) -> None:
        """Draw a bracket from left to right that ends in two tips."""
        left, right = span
        self.line([(left, tips), (left, y), (right, y), (right, tips)], ink, width)

    def peak(self, at: Point, size: float) -> None:
        """Draw a small mountain with one side in shade."""
        x, y = at
        top, left, right = (x, y - size), (x - size, y + size * 0.5), (x + size, y + size * 0.5)
        self.shape([top, right, (x + size * 0.15, y + size * 0.5)], STONE)
        self.line([left, top, right], MUTED, 1.1)

    def paste(self, other: Canvas, at: Point) -> None:
        """Lay another sheet on this one inside a thin frame."""
        x, y = at
        self.image.paste(other.image, (round(x * SCALE), round(y * SCALE)))
        self.box((x, y), (other.width, other.height), None, MUTED, width=1)

    def finished(self) -> Image.Image:
        """Give the picture at its own size in the shared palette."""
        small = self.image.resize((round(self.width), round(self.height)), Image.Resampling.LANCZOS)
        return small.quantize(palette=shared_palette(), dither=Image.Dither.NONE)


def page(title: str, below: str, note: str, height: float = HEIGHT) -> Canvas:
    """Give a sheet with its title, the line below it and the note at its foot."""
    sheet = Canvas(WIDTH, height)
    sheet.box((MARGIN, 20), (46, 4), TERRACOTTA)
    sheet.text((MARGIN, 54), title, TITLE, INK, "ls", bold=True)
    sheet.text((MARGIN, 77), below, BODY, MUTED, "ls")
    sheet.text((MARGIN, height - 16), note, SMALL, MUTED, "ls")
    return sheet


@cache
def shared_palette() -> Image.Image:
    """Give the palette of all pictures: the colours and the steps between inks and grounds."""
    colours = [*GROUNDS, *INKS]
    for ground in GROUNDS:
        for ink in INKS:
            for step in (0.33, 0.67):
                pair = zip(ground, ink, strict=True)
                red, green, blue = (round(g + (i - g) * step) for g, i in pair)
                colours.append((red, green, blue))
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in colours for value in colour])
    return palette
