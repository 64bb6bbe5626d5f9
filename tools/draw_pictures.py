"""Draw the maps, diagrams and drawings that illustrate the bundled features.

Usage: ``python tools/draw_pictures.py [FOLDER]``. Every picture is drawn from the tables in
``pictures_data`` at three times its size and then reduced, so that the same Pillow always gives the
same files. Pillow is the only dependency, and the letters are those of its built-in typeface.
"""

import argparse
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:  # A script finds its neighbour by bare name, the type checker by folder.
    from tools import pictures_data as data
else:
    import pictures_data as data

Point = data.Point
Line = data.Line
Place = data.Place
Colour = tuple[int, int, int]

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

SCALE = 3
WIDTH, HEIGHT, MARGIN, TOP = 960, 600, 36, 92
TITLE, LARGE, BODY, SMALL = 27, 20, 16, 14

KM_PER_DEGREE = 111.2
WET, DRY = 362.0, 458.0  # The levels of the water in the stepwell.
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


# --- Geometry -------------------------------------------------------------------------------------


def smooth(points: Sequence[Point], rounds: int = 2, *, closed: bool = False) -> list[Point]:
    """Round the corners of a line by cutting them, Chaikin's way."""
    path = list(points)
    for _ in range(rounds):
        ring = [*path, path[0]] if closed else path
        cut: list[Point] = []
        for (x0, y0), (x1, y1) in pairwise(ring):
            cut.append((0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1))
            cut.append((0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1))
        path = cut if closed else [path[0], *cut, path[-1]]
    return path


def dashes(points: Sequence[Point], on: float, off: float) -> Iterator[list[Point]]:
    """Cut a line into dashes of a given length."""
    piece, drawn, left = [points[0]], True, on
    for start, end in pairwise(points):
        length = math.dist(start, end)
        done = 0.0
        while length - done > left:
            done += left
            part = done / length
            at = (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
            if drawn:
                yield [*piece, at]
            piece, drawn = [at], not drawn
            left = on if drawn else off
        left -= length - done
        piece.append(end)
    if drawn and len(piece) > 1:
        yield piece


def arc(centre: Point, radius: float, start: float, end: float, flat: float = 1) -> list[Point]:
    """Give the points of an arc between two angles in degrees, clockwise from east."""
    steps = max(8, round(abs(end - start) / 3))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [
        (centre[0] + radius * math.cos(a), centre[1] + flat * radius * math.sin(a)) for a in angles
    ]


# --- Canvas ---------------------------------------------------------------------------------------


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
        self,
        points: Sequence[Point],
        ink: Colour = INK,
        width: float = 1.5,
        dash: tuple[float, float] | None = None,
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

    def dot(self, at: Point, radius: float, fill: Colour = INK, edge: Colour | None = None) -> None:
        """Draw a round mark."""
        (x, y), r = at, radius
        spot = self.grow([(x - r, y - r), (x + r, y + r)])
        self.pen.ellipse(spot, fill=fill, outline=edge, width=round(1.5 * SCALE))

    def arrow(
        self,
        points: Sequence[Point],
        ink: Colour = INK,
        width: float = 1.5,
        *,
        both: bool = False,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a line with a head at its end, or at both ends."""
        head = 5 + 2.2 * width
        path = self._head(points, ink, head)
        if both:
            path = self._head(path[::-1], ink, head)
        self.line(path, ink, width, dash)

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
        lift = {"m": (len(lines) - 1) / 2, "d": len(lines) - 1, "s": 0}.get(anchor[1], 0) * step
        for number, words_of_line in enumerate(lines):
            place = (at[0] * SCALE, (at[1] - lift + number * step) * SCALE)
            if halo:
                self._write(place, words_of_line, size, halo, anchor, 2.2)
            self._write(place, words_of_line, size, ink, anchor, 0.28 if bold else 0)

    def _write(
        self, place: Point, words: str, size: int, ink: Colour, anchor: str, stroke: float
    ) -> None:
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
        self.text(
            (at[0] + dx * gap, at[1] + dy * gap), words, size, ink, anchor, bold=bold, halo=halo
        )

    def peak(self, at: Point, size: float, ink: Colour = MUTED) -> None:
        """Draw a small mountain with one side in shade."""
        x, y = at
        top, left, right = (x, y - size), (x - size, y + size * 0.5), (x + size, y + size * 0.5)
        self.shape([top, right, (x + size * 0.15, y + size * 0.5)], STONE)
        self.line([left, top, right], ink, 1.1)

    def paste(self, other: "Canvas", at: Point) -> None:
        """Lay another sheet on this one inside a thin frame."""
        x, y = at
        self.image.paste(other.image, (round(x * SCALE), round(y * SCALE)))
        self.box((x, y), (other.width, other.height), None, MUTED, width=1)

    def heading(self, title: str, below: str, note: str = "") -> None:
        """Write the title, the line below it and the note at the foot."""
        self.box((MARGIN, 20), (46, 4), TERRACOTTA)
        self.text((MARGIN, 54), title, TITLE, INK, "ls", bold=True)
        self.text((MARGIN, 77), below, BODY, MUTED, "ls")
        if note:
            self.text((MARGIN, self.height - 16), note, SMALL, MUTED, "ls")

    def finished(self) -> Image.Image:
        """Give the picture at its own size in the shared palette."""
        small = self.image.resize((round(self.width), round(self.height)), Image.Resampling.LANCZOS)
        return small.quantize(palette=shared_palette(), dither=Image.Dither.NONE)


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


# --- Maps -----------------------------------------------------------------------------------------


class Chart(Canvas):
    """A map in the equirectangular projection, true to shape at its middle latitude."""

    def __init__(self, size: Point, west: float, south: float, north: float) -> None:
        """Draw sea, land and coast between two latitudes, eastwards from a longitude."""
        super().__init__(size[0], size[1], SEA)
        self.west, self.north = west, north
        self.unit = size[1] / (north - south)
        self.squeeze = math.cos(math.radians((north + south) / 2))
        for coast in (data.ASIA, data.AFRICA, *data.ISLANDS):
            ring = self.path(smooth(coast, 1, closed=True))
            self.shape(ring, LAND)
            self.line([*ring, ring[0]], TEAL, 1.2)

    def at(self, place: Point) -> Point:
        """Project longitude and latitude."""
        lon, lat = place
        return (lon - self.west) * self.unit * self.squeeze, (self.north - lat) * self.unit

    def path(self, line: Iterable[Point]) -> list[Point]:
        """Project a line."""
        return [self.at(point) for point in line]

    def rivers(self, rivers: Iterable[Line], width: float = 1.2, ink: Colour = WATER) -> None:
        """Draw rivers."""
        for river in rivers:
            self.line(self.path(smooth(river)), ink, width)

    def hills(self, hills: Iterable[Point], size: float = 6) -> None:
        """Draw small peaks, the northernmost first."""
        for hill in sorted(hills, key=lambda point: -point[1]):
            self.peak(self.at(hill), size)

    def towns(
        self,
        towns: Iterable[Place],
        ink: Colour = INK,
        size: int = BODY,
        halo: Colour | None = None,
    ) -> None:
        """Mark and name places, with a thin leader to names that stand away."""
        for town in towns:
            spot = self.at((town.lon, town.lat))
            if town.gap > 20:
                dx, dy, _ = SIDES[town.side]
                end = (spot[0] + dx * (town.gap - 4), spot[1] + dy * (town.gap + 18))
                self.line([spot, end], ink, 1)
            self.dot(spot, 3.6, ink, CREAM)
            self.label(spot, town.name, town.side, size, ink, halo=halo, gap=town.gap)

    def sea(self, place: Point, words: str, size: int = SMALL) -> None:
        """Name a sea."""
        self.spaced(self.at(place), words, TEAL, size)

    def marks(self, corner: Point, kilometres: int) -> None:
        """Draw the scale bar, which holds at the middle latitude, and the north arrow."""
        x, y = corner
        length = kilometres / KM_PER_DEGREE * self.unit
        self.line([(x, y - 5), (x, y), (x + length, y), (x + length, y - 5)], INK, 1.2)
        self.text((x + length / 2, y - 6), f"{kilometres:,} km", SMALL, INK, "ms")
        self.arrow([(x + length + 26, y), (x + length + 26, y - 26)], INK, 1.2)
        self.text((x + length + 26, y - 30), "N", SMALL, INK, "ms")


def monsoon_onset() -> Canvas:
    """Draw the lines the summer rains reach on their normal dates."""
    sheet = Canvas(WIDTH, 620)
    sheet.heading(
        "The rains advance",
        "Normal dates of the onset of the south-west monsoon",
        "Schematic: smoothed lines after long-term normals.",
    )
    chart = Chart((606, 484), 60.4, 4.6, 35.4)
    chart.rivers(data.RIVERS)
    chart.hills([*data.HIMALAYA, *data.WESTERN_GHATS[1:4]], 5)
    for arrow in data.ONSET_ARROWS:
        chart.arrow(chart.path(smooth(arrow, 3)), TERRACOTTA, 5)
    for route in data.ONSET:
        chart.line(chart.path(smooth(route.path)), TEAL, 2.4)
    for route in data.ONSET:
        _tag(chart, chart.at(route.label), route.name)
    chart.towns(data.ONSET_CITIES, size=SMALL)
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
    rows = (
        ("1 June", "Kerala"),
        ("5 June", "Goa; the north-east"),
        ("10 June", "near Mumbai, Kolkata"),
        ("15 June", "central India, Bihar"),
        ("1 July", "Rajasthan, the Punjab"),
        ("8 July", "the far north-west"),
    )
    sheet.text((x, TOP + 14), "Normal onset", LARGE, INK, "ls", bold=True)
    for number, (date, where) in enumerate(rows):
        y = TOP + 48 + number * 38
        sheet.text((x, y), date, BODY, TEAL, "ls", bold=True)
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


def monsoon_winds() -> Canvas:
    """Draw the winds of summer and of winter side by side."""
    sheet = Canvas(WIDTH, 560)
    sheet.heading(
        "The wind that turns round",
        "Prevailing surface winds over the Indian Ocean",
        "Schematic.",
    )
    left = _wind_chart(data.SUMMER_WINDS, TERRACOTTA)
    _pressure(left, (68.6, 29), "LOW", TERRACOTTA)
    right = _wind_chart(data.WINTER_WINDS, TEAL)
    _pressure(right, (86, 33), "HIGH", TEAL)
    sheet.paste(left, (MARGIN, TOP))
    sheet.paste(right, (WIDTH / 2 + 8, TOP))
    y = TOP + 372
    sheet.text((MARGIN, y), "June to September", LARGE, TERRACOTTA, "la", bold=True)
    sheet.text((MARGIN, y + 27), "The south-west monsoon: moist air to a hot land.", BODY)
    sheet.text((WIDTH / 2 + 8, y), "December to February", LARGE, TEAL, "la", bold=True)
    sheet.text((WIDTH / 2 + 8, y + 27), "The north-east monsoon: dry air off a cold land.", BODY)
    return sheet


def _wind_chart(winds: Iterable[Line], ink: Colour) -> Chart:
    """Draw one panel of winds."""
    chart = Chart((436, 360), 37, -15, 36)
    equator = chart.path([(36, 0), (110, 0)])
    chart.line(equator, MUTED, 1, (6, 4))
    chart.text(chart.at((71, 0.6)), "Equator", SMALL, MUTED, "ms")
    for wind in winds:
        chart.arrow(chart.path(smooth(wind, 3)), ink, 4)
    chart.text(chart.at((78.8, 20.4)), "India", BODY, INK, "mm")
    chart.text(chart.at((47, 22)), "Arabia", BODY, INK, "mm")
    chart.text(chart.at((39.6, 5.6)), "Africa", BODY, INK, "lm")
    return chart


def _pressure(chart: Chart, place: Point, words: str, ink: Colour) -> None:
    """Mark a centre of high or low pressure."""
    x, y = chart.at(place)
    chart.box((x - 30, y - 13), (60, 26), CREAM, ink, radius=13)
    chart.text((x, y), words, SMALL, ink, "mm", bold=True)


def indus_basin() -> Canvas:
    """Draw the Indus and its rivers, with a plan of how they join."""
    sheet = Canvas(WIDTH, 640)
    sheet.heading(
        "The Indus and its rivers",
        "From the Tibetan plateau to the Arabian Sea",
        "Courses simplified; no boundaries are shown. Right: schematic, not to scale.",
    )
    chart = Chart((564, 508), 63.4, 23.6, 36.6)
    chart.hills(data.INDUS_HILLS, 7)
    chart.rivers(data.INDUS_FEEDERS, 1.6, TEAL)
    chart.rivers([river.path for river in data.INDUS_RIVERS[:-1]], 2.2, TEAL)
    chart.rivers([data.INDUS.path], 3.6, TEAL)
    chart.towns(data.INDUS_CITIES, halo=LAND)
    chart.towns(data.INDUS_ANCIENT, TERRACOTTA, SMALL, LAND)
    for river in data.INDUS_RIVERS:
        size = LARGE if river is data.INDUS else SMALL
        chart.text(chart.at(river.label), river.name, size, TEAL, "mm", bold=True, halo=LAND)
    chart.sea((65.0, 24.5), "Arabian\nSea")
    for region in data.INDUS_REGIONS:
        chart.spaced(chart.at((region.lon, region.lat)), region.name, MUTED)
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


def tea_regions() -> Canvas:
    """Draw where tea grows in the subcontinent, with the north-east enlarged."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading(
        "Where the tea grows",
        "The older tea districts of the subcontinent and Sri Lanka",
        "Areas generalised; no boundaries are shown.",
    )
    chart = Chart((392, 470), 69.4, 4.6, 35.4)
    chart.rivers(data.RIVERS)
    chart.hills([hill for hill in data.HIMALAYA if not 75.5 < hill[0] < 79], 5)
    _tea_marks(chart, data.TEA_PLAIN, TEAL, 6, named=False)
    _tea_marks(chart, data.TEA_HILL[:1], TERRACOTTA, 6, named=False)
    _tea_marks(chart, data.TEA_HILL[1:2], TERRACOTTA, 7, LAND)
    _tea_marks(chart, data.TEA_HILL[2:], TERRACOTTA, 7, SEA)
    frame = chart.path([(86.9, 28.8), (96.4, 23.3)])
    (x0, y0), (x1, y1) = frame
    chart.box(frame[0], (x1 - x0, y1 - y0), None, INK, width=1.4)
    chart.sea((72.5, 7.8), "Arabian\nSea")
    chart.sea((87.6, 14.6), "Bay of\nBengal")
    chart.marks((274, 62), 500)
    sheet.paste(chart, (MARGIN, TOP))
    sheet.paste(_tea_inset(), (448, TOP))
    _tea_key(sheet, 448, TOP + 330)
    return sheet


def _tea_marks(
    chart: Chart,
    places: Iterable[Place],
    ink: Colour,
    size: float,
    halo: Colour | None = None,
    *,
    named: bool = True,
) -> None:
    """Mark tea districts with a leaf and name them."""
    for place in places:
        x, y = chart.at((place.lon, place.lat))
        _leaf(chart, (x, y), size, ink)
        if named:
            chart.label((x, y), place.name, place.side, bold=True, halo=halo, gap=size + 5)


def _leaf(sheet: Canvas, at: Point, size: float, ink: Colour) -> None:
    """Draw a leaf with its midrib."""
    x, y = at
    upper = [(x - size, y + size), (x - size, y - size * 0.5), (x + size, y - size)]
    lower = [(x + size, y - size), (x + size * 0.5, y + size), (x - size, y + size)]
    sheet.shape([*smooth(upper, 3), *smooth(lower, 3)], ink, CREAM)
    sheet.line([(x - size * 1.3, y + size * 1.3), (x + size * 0.4, y - size * 0.4)], CREAM, 1)


def _tea_inset() -> Chart:
    """Draw the north-east at a larger scale."""
    chart = Chart((476, 306), 86.9, 23.3, 28.8)
    valley = [(91.4, 26.3), (93, 26.3), (94.4, 26.7), (95.7, 27.2), (95.6, 27.7), (94, 27.5)]
    ring = chart.path(smooth([*valley, (92.6, 27.0), (91.4, 26.7)], 2, closed=True))
    chart.shape(ring, STONE)
    chart.rivers([data.GANGES, data.BRAHMAPUTRA, data.TEESTA, data.BARAK], 2)
    chart.hills(data.line("87.3 28.1, 88 28.3, 88.7 28.2, 89.6 28.2, 90.5 28.2, 91.5 28.2"), 8)
    chart.hills(data.line("92.5 28.2, 93.4 28.4, 91 25.5, 91.7 25.6, 92.4 25.5, 94.2 25.9"), 8)
    chart.text(chart.at((90.72, 26.36)), "Brahmaputra", SMALL, TEAL, "mm")
    chart.text(chart.at((88.62, 26.2)), "Teesta", SMALL, TEAL, "rm")
    chart.text(chart.at((88.5, 24.1)), "Ganges", SMALL, TEAL, "mm")
    chart.spaced(chart.at((91.8, 25.3)), "Khasi Hills", MUTED)
    chart.spaced(chart.at((90.0, 27.85)), "Himalaya", MUTED)
    _tea_marks(chart, data.TEA_PLAIN, TEAL, 9)
    _tea_marks(chart, data.TEA_HILL[:1], TERRACOTTA, 9, LAND)
    chart.marks((350, 290), 100)
    return chart


def _tea_key(sheet: Canvas, x: float, y: float) -> None:
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


def ports_sea() -> Canvas:
    """Draw the ports round the Arabian Sea and the Bay of Bengal."""
    sheet = Canvas(WIDTH, 640)
    sheet.heading(
        "Ports of the monsoon seas",
        "Harbours round the Arabian Sea and the Bay of Bengal",
        "Sailing routes schematic; no boundaries are shown.",
    )
    chart = Chart((WIDTH - 2 * MARGIN, 504), 36.4, -7.8, 27.4)
    for route in data.SEA_ROUTES:
        chart.line(chart.path(smooth(route, 3)), TERRACOTTA, 1.8, (8, 5))
    chart.towns(data.PORTS)
    chart.sea((63.6, 18.0), "Arabian\nSea", BODY)
    chart.sea((89.4, 12.0), "Bay of\nBengal", BODY)
    chart.sea((72.0, -4.0), "Indian Ocean", BODY)
    for name, place in (("Arabia", (47.5, 21)), ("Africa", (40.6, 7)), ("India", (78, 21))):
        chart.spaced(chart.at(place), name, MUTED)
    chart.marks((700, 490), 1000)
    x, y = 490, 488
    chart.line([(x, y), (x + 46, y)], TERRACOTTA, 1.8, (8, 5))
    chart.text((x + 56, y), "old sailing routes", SMALL, INK, "lm")
    sheet.paste(chart, (MARGIN, TOP))
    return sheet


# --- The reader and the terminal ------------------------------------------------------------------


def tour_screen() -> Canvas:
    """Draw the page of the reader with its parts named."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading("A page of the reader", "What stands where on the screen", "Schematic.")
    x, y, wide, high = 190, TOP + 4, 580, 456
    sheet.box((x + 5, y + 5), (wide, high), STONE, radius=8)
    sheet.box((x, y), (wide, high), CREAM, INK, width=1.6, radius=8)
    sheet.box((x, y), (wide, 40), TEAL, INK, width=1.6, radius=8)
    sheet.box((x + 1.6, y + 28), (wide - 3.2, 12), TEAL)
    sheet.spaced((x + wide / 2, y + 21), "Pulse", CREAM, LARGE, 8)
    _screen_sidebar(sheet, x + 1.5, y + 40, high - 96)
    _screen_article(sheet, x + 190, y + 56)
    sheet.line([(x, y + high - 56), (x + wide, y + high - 56)], INK, 1.2)
    sheet.text((x + 16, y + high - 42), "Caption of the picture in view.", SMALL, INK, "lm")
    sheet.text((x + wide - 16, y + high - 42), "Credit", SMALL, MUTED, "rm")
    sheet.box((x + 1.5, y + high - 28), (wide - 3, 26.5), LAND, radius=6)
    left = x + 16.0
    for words in (52, 70, 44, 62, 50):
        sheet.box((left, y + high - 22), (18, 14), INK, radius=3)
        sheet.box((left + 24, y + high - 18), (words, 6), MUTED, radius=3)
        left += words + 52
    _screen_labels(sheet, x, y, x + wide)
    return sheet


def _screen_sidebar(sheet: Canvas, x: float, y: float, high: float) -> None:
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


def _screen_article(sheet: Canvas, x: float, y: float) -> None:
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


def _screen_labels(sheet: Canvas, left: float, top: float, right: float) -> None:
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
    for dy, into, words in on_left:
        _pointer(sheet, (left - 22, top + dy), (left + into, top + dy), words, "w")
    for dy, into, words in on_right:
        _pointer(sheet, (right + 22, top + dy), (right - into, top + dy), words, "e")


def _pointer(sheet: Canvas, start: Point, end: Point, words: str, side: str) -> None:
    """Draw a thin line from a label to what it names."""
    sheet.line([start, end], TERRACOTTA, 1.2)
    sheet.dot(end, 3, TERRACOTTA)
    sheet.label(start, words, side, BODY, gap=6)


def terminal_cells() -> Canvas:
    """Draw a row of terminal cells with letters, a wide character, a mark and the cursor."""
    sheet = Canvas(WIDTH, 540)
    sheet.heading(
        "A page of equal cells", "How a terminal lays out one row of text", "Schematic, enlarged."
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
    ends = [(left, edge), (left, edge + 8 * way), (right, edge + 8 * way), (right, edge)]
    sheet.line(ends, TERRACOTTA, 1.6)
    middle = (left + right) / 2
    sheet.line([(middle, edge + 8 * way), (middle, edge + 18 * way)], TERRACOTTA, 1.6)
    sheet.label((middle, edge + 18 * way), words, "n" if above else "s", BODY, gap=7)


# --- Diagrams -------------------------------------------------------------------------------------


def indus_canals() -> Canvas:
    """Draw how a canal system branches from the river to the field."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading(
        "From the river to the field", "How a canal system branches", "Schematic, not to scale."
    )
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
        plan.line([spot, start], TERRACOTTA, 1.2)
        plan.dot(spot, 3.6, TERRACOTTA, CREAM)
        plan.label(start, words, side, BODY, gap=5)


def scripts_family() -> Canvas:
    """Draw the descent of the scripts of South Asia as two trees."""
    sheet = Canvas(WIDTH, 640)
    sheet.heading(
        "Two families of script",
        "Lines of descent from Brahmi and from Aramaic",
        "Schematic and simplified: intermediate stages are left out; lengths carry no dates.",
    )
    places = {name: _script_place(column, row) for name, _, column, row, _ in data.SCRIPTS}
    for name, parent, *_ in data.SCRIPTS:
        if parent:
            (x0, y0), (x1, y1) = places[parent], places[name]
            bend = x0 + 93
            sheet.line([(x0, y0), (bend, y0), (bend, y1), (x1, y1)], MUTED, 1.8)
    for name, parent, column, _, living in data.SCRIPTS:
        wide = 154 if column == 4 else 104
        _script_plate(sheet, places[name], name, wide, living=living, root=not parent)
    y = _script_place(0, 10.1)[1]
    sheet.line([(MARGIN, y), (WIDTH - MARGIN, y)], STONE, 1.2, (4, 4))
    _script_plate(sheet, (840, 58), "in use today", 154, living=True, root=False)
    _script_plate(sheet, (654, 58), "earlier stage", 124, living=False, root=False)
    return sheet


def _script_place(column: float, row: float) -> Point:
    """Give the middle of a node of the tree."""
    return 96 + column * 186, 116 + row * 42


def _script_plate(
    sheet: Canvas, at: Point, name: str, wide: float, *, living: bool, root: bool
) -> None:
    """Draw a node of the tree."""
    x, y = at
    high = 32 + 20 * name.count("\n")
    wide += 20 * name.count("\n")
    fill, ink = (TERRACOTTA, CREAM) if root else (TEAL, CREAM) if living else (CREAM, INK)
    edge = None if living or root else MUTED
    sheet.box((x - wide / 2, y - high / 2), (wide, high), fill, edge, radius=5)
    sheet.text((x, y), name, BODY, ink, "mm")


def railway_gauges() -> Canvas:
    """Draw four gauges to one scale, with the standard gauge dotted beside them."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading(
        "Four gauges",
        "Width between the rails, drawn to one scale",
        "Gauges to scale; sleeper lengths approximate.",
    )
    unit, left = 0.096, float(MARGIN)
    for name, gauge, british, example, sleeper in data.GAUGES:
        half = sleeper * unit / 2 + 8
        centre = left + half
        left = centre + half + 34
        _track(sheet, centre, gauge * unit, sleeper * unit)
        sheet.text((centre, 484), f"{gauge:,} mm", LARGE, INK, "ms", bold=True)
        sheet.text((centre, 506), british, BODY, INK, "ms")
        sheet.text((centre, 530), f"{name} gauge", BODY, TEAL, "ms", bold=True)
        sheet.text((centre, 551), example, SMALL, MUTED, "ms")
        for side in (-1, 1):
            x = centre + side * data.STANDARD_GAUGE * unit / 2
            sheet.line([(x, 118), (x, 440)], TERRACOTTA, 2.4, (3, 5))
    x = WIDTH - MARGIN - 236
    sheet.line([(x, 60), (x + 34, 60)], TERRACOTTA, 2.4, (3, 5))
    sheet.text((x + 236, 60), "standard gauge, 1,435 mm", BODY, INK, "rm")
    bar = 1000 * unit
    x = WIDTH - MARGIN - bar
    sheet.line([(x, 574), (x, 580), (x + bar, 580), (x + bar, 574)], INK, 1.2)
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


def tea_steps() -> Canvas:
    """Draw the five steps from green leaf to black tea."""
    sheet = Canvas(WIDTH, 540)
    sheet.heading("From leaf to black tea", "Five steps in the factory", "Schematic.")
    painters = (_withering, _rolling, _oxidation, _drying, _sorting)
    wide, gap, y = 160.0, 22.0, 150.0
    for number, (name, words) in enumerate(data.TEA_STEPS):
        x = MARGIN + number * (wide + gap)
        sheet.box((x, y), (wide, 300), CREAM, STONE, width=1.5, radius=8)
        painters[number](sheet, (x + wide / 2, y + 84))
        sheet.dot((x + wide / 2, y), 17, TERRACOTTA)
        sheet.text((x + wide / 2, y), str(number + 1), LARGE, CREAM, "mm", bold=True)
        sheet.text((x + wide / 2, y + 186), name, LARGE, INK, "ms", bold=True)
        sheet.text((x + wide / 2, y + 216), words, BODY, MUTED, "ms")
        if number:
            sheet.arrow([(x - gap + 2, y + 84), (x - 2, y + 84)], TERRACOTTA, 3)
    return sheet


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


def everest_triangle() -> Canvas:
    """Draw how a far peak is measured from a base line on the plain."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading(
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
    far = data.line(
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


def everest_names() -> Canvas:
    """Draw seven high peaks as triangles with their names and heights."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading(
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
    step = (WIDTH - MARGIN - left) / len(data.PEAKS)
    for number, (name, other, metres, hills) in enumerate(data.PEAKS):
        x = left + (number + 0.5) * step
        tall = (metres - 7000) * unit
        _triangle(sheet, (x, base), tall, TERRACOTTA if hills == "Karakoram" else TEAL)
        sheet.text((x, base - tall - 12), f"{metres:,}", LARGE, INK, "ms", bold=True, halo=PAPER)
        sheet.text((x, base + 22), name, BODY, INK, "ms", bold=True)
        if other:
            sheet.text((x, base + 43), other, SMALL, MUTED, "ms")
    for number, (words, ink) in enumerate((("Himalaya", TEAL), ("Karakoram", TERRACOTTA))):
        x = 700 + number * 120
        sheet.box((x, 53), (14, 14), ink)
        sheet.text((x + 22, 60), words, BODY, INK, "lm")
    return sheet


def _triangle(sheet: Canvas, foot: Point, tall: float, ink: Colour) -> None:
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


def stepwell_section() -> Canvas:
    """Draw a stepwell cut lengthwise, with its stairs, pavilions, shaft and water."""
    sheet = Canvas(WIDTH, HEIGHT)
    sheet.heading(
        "A stepwell in section",
        "The stair goes down to the water, wherever it stands",
        "Schematic, not to scale.",
    )
    ground = 188.0
    sheet.box((MARGIN, ground), (WIDTH - 2 * MARGIN, 374), STONE)
    stairs = list(_stairs((80, ground), 36))
    _hollow(sheet, ground, stairs)
    for number in range(4):
        landing = stairs[2 * (5 + 9 * number) + 1]
        _pavilion(sheet, landing, ground - 22, number + 1)
    sheet.line([(MARGIN, ground), *stairs, (700, stairs[-1][1])], INK, 2)
    _shaft(sheet, ground)
    sheet.line([(769, ground), (WIDTH - MARGIN, ground)], INK, 2)
    _stepwell_labels(sheet, ground)
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


def _hollow(sheet: Canvas, ground: float, stairs: list[Point]) -> None:
    """Draw the open space with its far wall, then the water of the wet and the dry season."""
    floor = stairs[-1][1]
    rest = [(700.0, floor), (700.0, 548.0), (770.0, 548.0)]
    sheet.shape([*stairs, *rest, (770, ground)], CREAM)
    for course in range(round(ground) + 18, round(floor), 18):
        start = max(x for x, y in stairs if y <= course)
        sheet.line([(start, course), (770, course)], LAND, 1.2)
    for level, fill in ((WET, SEA), (DRY, MIST)):
        under = [point for point in stairs if point[1] >= level]
        sheet.shape([(under[0][0], level), *under, *rest, (770, level)], fill)
        sheet.line([(under[0][0], level), (800, level)], TEAL, 1.8, (7, 4))


def _shaft(sheet: Canvas, ground: float) -> None:
    """Draw the well at the deep end, open to the stair, and the wheel over it."""
    sheet.line([(700, 476), (700, 548), (770, 548), (770, ground)], INK, 2.4)
    sheet.box((696, ground - 8), (8, 484 - ground), LAND, INK)
    for y in (ground, 261.0, 332.0, 403.0):
        sheet.box((692, y - 8), (16, 8), GOLD, INK)
    for y in range(round(ground) + 16, 548, 18):
        sheet.line([(770, y), (779, y)], MUTED, 1.2)
    sheet.line([(704, ground - 6), (704, ground - 60), (768, ground - 60), (768, ground)], INK, 2.4)
    sheet.line([(736, ground - 46), (736, 452)], INK, 1.2)
    sheet.dot((736, ground - 48), 11, GOLD, INK)
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


def _stepwell_labels(sheet: Canvas, ground: float) -> None:
    """Name the parts."""
    names = (
        ((62, ground - 2), (62, ground - 40), "Way in", "n"),
        ((165, ground - 34), (300, 132), "", "n"),
        ((313, ground - 34), (360, 132), "", "n"),
        ((461, ground - 34), (414, 132), "", "n"),
        ((609, ground - 34), (474, 132), "", "n"),
        ((747, ground - 48), (800, ground - 48), "Wheel and\nbucket", "e"),
        ((758, 290), (800, 290), "Shaft", "e"),
        ((240, 270), (206, 328), "Stair, in flights\nwith landings", "s"),
    )
    for spot, start, words, side in names:
        sheet.line([spot, start], TERRACOTTA, 1.2)
        sheet.dot(spot, 3.4, TERRACOTTA, CREAM)
        sheet.label(start, words, side, BODY, gap=5)
    sheet.text((387, 127), "Pavilions, one storey more at each landing", BODY, INK, "md")
    for level, words in ((WET, "Water in the\nwet season"), (DRY, "Water in the\ndry season")):
        sheet.text((808, level), words, BODY, TEAL, "lm", bold=True)


def cricket_field() -> Canvas:
    """Draw the pitch to scale and the main fielding positions."""
    sheet = Canvas(WIDTH, 640)
    sheet.heading(
        "Pitch and field",
        "Twenty-two yards, and the places round them",
        "Pitch and creases to scale; fielding positions approximate, for a right-handed batter.",
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
        (1.32, -0.9, -22, "Return crease"),
        (0.1, 0, 8, "Wicket: 22.9 cm wide"),
        (1.7, 1.22, 46, "Popping crease:\n1.22 m in front"),
    )
    for dx, dy, drop, words in names:
        spot, start = (x + dx * unit, first + dy * unit), (x + 50, first + drop)
        sheet.line([spot, start], TERRACOTTA, 1.2)
        sheet.label(start, words, "e", SMALL, gap=4)
    spot, start = (x + 1.1 * unit, last), (x + 50, last - 4)
    sheet.line([spot, start], TERRACOTTA, 1.2)
    sheet.label(start, "Bowling crease:\n2.64 m wide", "e", SMALL, gap=4)
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
    for name, dx, dy, side in data.FIELDERS:
        spot = (x + dx * unit, y + dy * unit)
        sheet.dot(spot, 5, TEAL, CREAM)
        sheet.label(spot, name, side, SMALL, halo=SEA, gap=9)
    left, row = x - 288, y + 200
    for number, (ink, words) in enumerate(((TEAL, "fielder"), (TERRACOTTA, "batter"))):
        sheet.dot((left + 12, row + 22 * number), 5, ink, CREAM)
        sheet.text((left + 32, row + 22 * number), words, SMALL, INK, "lm")
    sheet.line([(left, row + 44), (left + 24, row + 44)], WATER, 1.4, (5, 5))
    sheet.text((left + 32, row + 44), "30-yard ring", SMALL, INK, "lm")


PICTURES: dict[str, Callable[[], Canvas]] = {
    "tour-screen": tour_screen,
    "terminal-cells": terminal_cells,
    "monsoon-onset": monsoon_onset,
    "monsoon-winds": monsoon_winds,
    "indus-basin": indus_basin,
    "indus-canals": indus_canals,
    "scripts-family": scripts_family,
    "railway-gauges": railway_gauges,
    "tea-regions": tea_regions,
    "tea-steps": tea_steps,
    "everest-triangle": everest_triangle,
    "everest-names": everest_names,
    "stepwell-section": stepwell_section,
    "ports-sea": ports_sea,
    "cricket-field": cricket_field,
}


def main() -> None:
    """Draw every picture into the folder named on the command line."""
    home = Path(__file__).resolve().parent.parent / "articles" / "images"
    parser = argparse.ArgumentParser(description="Draw the pictures of the bundled features.")
    parser.add_argument("folder", nargs="?", type=Path, default=home)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        path = folder / f"{name}.png"
        draw().finished().save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size / 1024:.1f} KB")


if __name__ == "__main__":
    main()
