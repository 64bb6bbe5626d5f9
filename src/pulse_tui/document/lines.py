"""What a laid-out piece of text is: lines of runs, and what lies in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pulse_tui.article import Figure
from pulse_tui.text import cell_widths, cells, is_simple

Run = tuple[str, int, str | None]
"""Text, its roles (`Role` bits), and the link it belongs to."""


class Role:
    """What a run is, as bits; how it looks is the style sheet's."""

    PLAIN = 0
    STRONG = 1 << 0
    EMPHASIS = 1 << 1
    STRIKE = 1 << 2
    CODE = 1 << 3
    LINK = 1 << 4
    QUOTE = 1 << 5
    FAINT = 1 << 6
    FIGURE = 1 << 7
    KICKER = 1 << 8
    HEADLINE = 1 << 9
    DEK = 1 << 10
    BYLINE = 1 << 11
    HEADING = 1 << 12
    """A heading of the first two levels."""
    SUBHEADING = 1 << 13
    NOTICE = 1 << 14


class Line(NamedTuple):
    """One row: what stands before the text (markers, bars), and the piece's text from `start` to `end`."""

    prefix: Sequence[Run]
    runs: Sequence[Run]
    start: int
    end: int


class Heading(NamedTuple):
    """A heading at top level, and the line of its piece that it begins on."""

    line: int
    level: int
    text: str


class Picture(NamedTuple):
    """A figure, the line of its piece that it begins on, and the rows of its frame (0 within text)."""

    line: int
    figure: Figure
    rows: int


class Laid:
    """A piece laid out at one width; `text` is what lines take their offsets from."""

    __slots__ = ("headings", "lines", "notes", "paragraphs", "pictures", "text")

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.lines = [*lines]
        self.text = ""
        self.pictures: list[Picture] = []
        self.headings: list[Heading] = []
        self.notes: dict[str, int] = {}
        """Footnote labels defined here, each with its line."""
        self.paragraphs: list[int] = []
        """The lines on which blocks of text begin."""

    def line_of(self, offset: int) -> int:
        """The first line that shows the character at an offset of `text`, or the last line before it."""
        found = 0
        for number, line in enumerate(self.lines):
            if line.start > offset:
                break
            if line.start > self.lines[found].start or number == 0:
                found = number
        return found


def width_of(runs: Iterable[Run]) -> int:
    """The width of runs in cells."""
    return sum(cells(text) for text, _, _ in runs)


def whole(runs: Iterable[Run]) -> list[Run]:
    """Runs of one text with equal neighbours joined; a grapheme that runs part stays with the first."""
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1][1:] == run[1:]:
            run = (joined.pop()[0] + run[0], *run[1:])
        joined.append(run)
    text = "".join([run[0] for run in joined])
    if len(joined) < 2 or is_simple(text):
        return joined
    widths = cell_widths(text)
    found: list[Run] = []
    start = end = wanted = 0
    for part, roles, link in joined:
        wanted += len(part)
        end = max(end, wanted)
        while end < len(text) and not widths[end]:
            end += 1
        found.append((text[start:end], roles, link))
        start = end
    return [run for run in found if run[0]]


def cut(runs: Sequence[Run], spans: Iterable[tuple[int, int]]) -> list[list[Run]]:
    """Runs cut by spans of their joined text, one list for each span; spans ascend."""
    if len(runs) == 1:
        text, roles, link = runs[0]
        return [[(text[start:end], roles, link)] for start, end in spans]
    lines: list[list[Run]] = []
    index, base = 0, 0
    for start, end in spans:
        line: list[Run] = []
        while index < len(runs):
            text, roles, link = runs[index]
            after = base + len(text)
            if after > start:
                piece = text[max(0, start - base) : end - base]
                if piece:
                    line.append((piece, roles, link))
            if after >= end:
                break
            index, base = index + 1, after
        lines.append(line)
    return lines
