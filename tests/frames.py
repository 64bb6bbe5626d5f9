"""Random screens as the framework writes them: panes that scroll, lists, bars, panels and noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from random import Random

from pyte.screens import Char
from wcwidth import iter_graphemes, wcswidth

from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities
from pulse_tui.text import pad
from tests.emulator import Screen, Stream, seen

SIZES = ((80, 24), (40, 10), (120, 40), (13, 4), (200, 60), (10, 4))
LOOKS = (
    "48;2;30;30;30",
    "38;2;224;224;224;48;2;30;30;30",
    "1;38;2;224;224;224;48;2;30;30;30",
    "4;38;5;12;48;5;3",
    "7;31",
    "3;32",
    "2",
    "9;44",
    "1;2;97;104",
    "",
)
PLAIN_WORDS = (
    "alpha", "b", "gamma", " ", "   ", "zeta", "naïve", "“q”", "│", "▁▁", "xyz" * 5, " " * 20, "─" * 12,
)  # fmt: skip
DOUBTFUL_WORDS = ("日本", "e\u0301x", "नदी", "👩‍👩‍👧", "ஆறு", "\u200dk", "دریا", "\U000f0001")

Cell = tuple[str, str]  # a grapheme, empty for the rest of a wide one, and its look


@dataclass
class Pane:
    """A pane that scrolls beside a list, with a bar below."""

    random: Random
    columns: int
    rows: int
    words: tuple[str, ...]
    list_columns: int
    lines: list[list[tuple[str, str]]] = field(default_factory=list)
    top: int = 0
    moved: int = 0
    """By how many rows the text went up with the last step, where it is the same text."""

    def step(self) -> list[list[Cell]]:
        """The next screen: scrolled, or another text, sometimes with something laid over it."""
        pick, before = self.random, self.top
        self.moved = 0
        if not self.lines or pick.random() < 0.2:
            self.lines = [self._line() for _ in range(self.rows * 4)]
            self.top = 0
        elif pick.random() < 0.8:
            page = self.rows - 2
            self.top += pick.choice([1, 1, 1, -1, -1, 2, -3, 5, page, -page])
            self.top = max(0, min(len(self.lines) - self.rows, self.top))
            self.moved = self.top - before
        screen: list[list[Cell]] = [[(" ", LOOKS[0])] * self.columns for _ in range(self.rows)]
        for y in range(self.rows - 1):
            x = self.list_columns
            for word, look in self.lines[self.top + y]:
                x += put(screen, x, y, word, look)
            if self.list_columns:
                name = pad(self.words[-2] if y == 3 else "feature", self.list_columns - 1)
                put(screen, 0, y, name + "│", LOOKS[4 if y == self.top // 5 % 7 else 6])
        put(screen, 0, self.rows - 1, f"{self.top} %", LOOKS[2])
        for _ in range(pick.randint(0, 4) if pick.random() < 0.3 else 0):
            spot = pick.randrange(self.columns), pick.randrange(self.rows)
            put(screen, *spot, pick.choice(self.words), pick.choice(LOOKS))
        return screen

    def _line(self) -> list[tuple[str, str]]:
        pick = self.random
        return [
            (pick.choice(self.words) + " ", pick.choice(LOOKS) if pick.random() < 0.1 else LOOKS[1])
            for _ in range(pick.randint(0, self.columns // 6))
        ]


def pane(random: Random, *, doubtful: bool) -> Pane:
    """A pane of a random size."""
    columns, rows = random.choice(SIZES)
    words = (*PLAIN_WORDS, *DOUBTFUL_WORDS) if doubtful else PLAIN_WORDS
    return Pane(random, columns, rows, words, random.choice([0, 0, 10 if columns > 30 else 0]))


def put(screen: list[list[Cell]], x: int, y: int, text: str, look: str) -> int:
    """Draw a text over cells; no half of a wide grapheme stays.  Returns its width in cells."""
    cells: list[Cell] = []
    for grapheme in iter_graphemes(text):
        width = wcswidth(grapheme)
        if width > 0:
            cells += [(grapheme, look), *[("", look)] * (width - 1)]
    row = screen[y]
    room = max(0, len(row) - x)
    cut = cells[:room]
    if len(cut) < len(cells) and cells[len(cut)][0] == "" and cut:
        cut[-1] = (" ", look)
    end = x + len(cut)
    if cut:
        if row[x][0] == "":
            row[x - 1] = (" ", row[x - 1][1])
        if end < len(row) and row[end][0] == "":
            row[end] = (" ", row[end][1])
        row[x:end] = cut
    return len(cells)


def written(screen: list[list[Cell]], before: list[list[Cell]] | None, random: Random) -> str:
    """A frame as the framework writes it: changed rows, now and then all, a segment for each look."""
    everything = before is None or random.random() < 0.3
    parts: list[str] = []
    for y, row in enumerate(screen):
        if not everything and before is not None and row == before[y]:
            continue
        parts += ["\n"] if parts else []
        parts.append(f"\x1b[{y + 1};1H")
        x = 0
        while x < len(row):
            end = x + 1
            while end < len(row) and (row[end][0] == "" or row[end][1] == row[x][1]):
                end += 1
            if random.random() < 0.3:  # a segment may end anywhere but in a wide grapheme
                end = random.randrange(x + 1, end + 1)
                while end < len(row) and row[end][0] == "":
                    end += 1
            text = "".join(grapheme for grapheme, _ in row[x:end])
            look = row[x][1]
            parts.append(f"\x1b[{look}m{text}\x1b[0m" if look else text)
            x = end
    return "".join(parts) + "\x1b[1;1H"


def as_shown(screen: list[list[Cell]]) -> list[list[Char]]:
    """The cells as `Screen.cells` has them once the screen was written."""
    return [[_shown(*cell) for cell in row] for row in screen]


@cache
def _shown(grapheme: str, look: str) -> Char:
    emulated = Screen(4, 1)
    Stream(emulated).feed(f"\x1b[{look}mx")
    return seen(emulated.buffer[0][0]._replace(data=grapheme))


def capabilities(random: Random) -> Capabilities:
    """What some terminal can do."""

    def often(share: float) -> bool:
        return random.random() < share

    return Capabilities(
        colours=TRUECOLOR,
        moves=True,
        scroll_region=often(0.85),
        scroll=often(0.6),
        insert_lines=often(0.6),
        erase_characters=often(0.8),
        back_colour_erase=often(0.7),
        repeat=often(0.5),
        styles_end_singly=often(0.8),
        italics=True,
        margins=often(0.4),
    )
