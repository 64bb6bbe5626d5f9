"""The sheet that maps are drawn on: the land and the sea, and what is marked on them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tools.pictures.canvas import BODY, CREAM, INK, LAND, MUTED, SEA, SIDES, SMALL, TEAL, Canvas, Colour, Dash
from tools.pictures.geography import AFRICA, ASIA, ISLANDS, Place
from tools.pictures.geometry import Line, Point, smooth

KM_PER_DEGREE = 111.2


class Chart(Canvas):
    """A map in the equirectangular projection, true to shape at its middle latitude."""

    def __init__(self, size: Point, west: float, south: float, north: float) -> None:
        """Draw sea, land and coast between two latitudes, eastwards from a longitude."""
        super().__init__(size[0], size[1], SEA)
        self.west, self.north = west, north
        self.unit = size[1] / (north - south)
        self.squeeze = math.cos(math.radians((north + south) / 2))
        for coast in (ASIA, AFRICA, *ISLANDS):
            self.shape(self.path(smooth(coast, 1, closed=True)), LAND, TEAL)

    def at(self, place: Point) -> Point:
        """Project longitude and latitude."""
        lon, lat = place
        return (lon - self.west) * self.unit * self.squeeze, (self.north - lat) * self.unit

    def path(self, line: Iterable[Point]) -> list[Point]:
        """Project a line."""
        return [self.at(point) for point in line]

    def lines(
        self, lines: Iterable[Line], ink: Colour, width: float, dash: Dash | None = None, rounds: int = 2
    ) -> None:
        """Draw rivers, routes or limits, their corners rounded."""
        for line in lines:
            self.line(self.path(smooth(line, rounds)), ink, width, dash)

    def currents(self, lines: Iterable[Line], ink: Colour, width: float) -> None:
        """Draw the ways of winds as arrows."""
        for line in lines:
            self.arrow(self.path(smooth(line, 3)), ink, width)

    def hills(self, hills: Iterable[Point], size: float) -> None:
        """Draw small peaks, the northernmost first."""
        for hill in sorted(hills, key=lambda point: -point[1]):
            self.peak(self.at(hill), size)

    def towns(
        self, towns: Iterable[Place], ink: Colour = INK, size: int = BODY, halo: Colour | None = None
    ) -> None:
        """Mark and name places, with a thin leader to names that stand away."""
        for town in towns:
            spot = self.at(town.point)
            if town.gap > 20:
                dx, dy, _ = SIDES[town.side]
                end = (spot[0] + dx * (town.gap - 4), spot[1] + dy * (town.gap + 18))
                self.line([spot, end], ink, 1)
            self.dot(spot, 3.6, ink, CREAM)
            self.label(spot, town.name, town.side, size, ink, halo=halo, gap=town.gap)

    def write(
        self,
        place: Point,
        words: str,
        size: int,
        ink: Colour,
        anchor: str = "mm",
        *,
        bold: bool = False,
        halo: Colour | None = None,
    ) -> None:
        """Write words at a place."""
        self.text(self.at(place), words, size, ink, anchor, bold=bold, halo=halo)

    def region(self, place: Point, words: str) -> None:
        """Name a stretch of land."""
        self.spaced(self.at(place), words, MUTED)

    def sea(self, place: Point, words: str, size: int = SMALL) -> None:
        """Name a sea."""
        self.spaced(self.at(place), words, TEAL, size)

    def marks(self, corner: Point, kilometres: int) -> None:
        """Draw the scale bar, which holds at the middle latitude, and the north arrow."""
        x, y = corner
        length = kilometres / KM_PER_DEGREE * self.unit
        self.bracket((x, x + length), y, y - 5)
        self.text((x + length / 2, y - 6), f"{kilometres:,} km", SMALL, INK, "ms")
        self.arrow([(x + length + 26, y), (x + length + 26, y - 26)], INK, 1.2)
        self.text((x + length + 26, y - 30), "N", SMALL, INK, "ms")
