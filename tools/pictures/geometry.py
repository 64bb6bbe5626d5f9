"""Points, and the lines through them: reading, rounding and dashing them, and arcs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

Point = tuple[float, float]
Line = tuple[Point, ...]


def line(text: str) -> Line:
    """Read a line written as pairs of numbers with commas between them."""
    pairs = (pair.split() for pair in text.split(","))
    return tuple((float(x), float(y)) for x, y in pairs)


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
    return [(centre[0] + radius * math.cos(a), centre[1] + flat * radius * math.sin(a)) for a in angles]
