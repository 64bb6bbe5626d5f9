"""The screen as it should stand, read from what the framework writes for one frame.

A frame is a run of cursor positions (CUP), looks (SGR, OSC 8) and text; nothing else of a terminal is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.frames.looks import MOST, PLAIN, Looks
from pulse_tui.text import is_simple

REST = "\0"
"""Stands in a row for the cells that a wide grapheme takes after its first."""
_FIRST_GRAPHEME = 0xF0000
_KEPT_PARTS = 256

_LOOK = re.compile(r"\x1b\[([\d;:]*)m")
_POSITION = re.compile(r"\x1b\[(\d*);?(\d*)H")
_PART = re.compile(
    r"\x1b\[(?P<look>[\d;:]*)m"
    r"|\x1b\]8;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b\[(?P<column>\d+)G"
    r"|\x1b\[\d*X"
    r"|(?P<other>\x1b(?:[P_^X].*?\x1b\\|\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|.))"
    r"|(?P<text>[^\x1b]+)",
    re.DOTALL,
)
_LETTERS = range(ord("!"), ord("~") + 1)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class Row(NamedTuple):
    """Cells side by side: for each a character and the number of its look as a character.

    A grapheme of several characters, or one whose width terminals may see differently, stands as one
    character of its own (see `Graphemes`).
    """

    text: str
    looks: str

    def with_part_of(self, other: Row, start: int, end: int) -> Row:
        """This row with the cells of another from column `start` to `end`."""
        return Row(
            self.text[:start] + other.text[start:end] + self.text[end:],
            self.looks[:start] + other.looks[start:end] + self.looks[end:],
        )


class Graphemes:
    """Characters that stand for graphemes of more than one."""

    def __init__(self) -> None:
        self._characters: dict[str, str] = {}
        self._graphemes: dict[str, str] = {REST: ""}

    def __len__(self) -> int:
        return len(self._characters)

    def one(self, grapheme: str) -> str:
        """The one character for a grapheme."""
        if len(grapheme) == 1 and ord(grapheme) < _FIRST_GRAPHEME:
            return grapheme
        character = self._characters.get(grapheme)
        if character is None:
            character = self._characters[grapheme] = chr(_FIRST_GRAPHEME + len(self._characters))
            self._graphemes[character] = grapheme
        return character

    def spell(self, text: str) -> str:
        """Cells' characters as they are sent."""
        if text.isascii() and REST not in text:
            return text
        return "".join([self._graphemes.get(character, character) for character in text])


class _Otherwise(dict[int, int]):
    """A mapping that has a value for everything else, too."""

    def __init__(self, otherwise: int, but: dict[int, int]) -> None:
        super().__init__(but)
        self._otherwise = otherwise

    def __missing__(self, _: int) -> int:
        return self._otherwise


class Canvas:
    """Rows of cells that frames are drawn on."""

    def __init__(
        self,
        columns: int,
        rows: int,
        capabilities: Capabilities,
        fallback: Callable[[str, int], str] | None = None,
    ) -> None:
        """Of so many cells.

        `fallback` gives what to show in place of a grapheme of so many cells: as many simple characters.
        """
        self.columns = columns
        self._capabilities = capabilities
        self.looks = Looks(capabilities)
        self.graphemes = Graphemes()
        self.rows = [Row(" " * columns, chr(PLAIN) * columns)] * rows
        self.changed: set[int] = set(range(rows))
        """The rows that were drawn on since somebody emptied this."""
        self.missing: set[int] = set(range(rows))
        """The rows that were never drawn on."""
        self.cursor = (0, 0)
        """Where the cursor should stand: column and row, from 0."""
        self.shifts: list[tuple[int, int, int, int, int]] = []
        """What was moved since somebody emptied this, as `shift` was told."""
        self.strays: list[tuple[int, int, str]] = []
        """What was neither text nor look, with the column and row where it was met."""
        self._fallback = fallback
        self._kept: dict[tuple[int, str], Row] = {}
        self._tables: dict[int, _Otherwise] = {}
        """For each look what `str.translate` makes of a text: the looks of its cells."""

    @property
    def is_full(self) -> bool:
        """Whether so many looks or graphemes were met that the numbers run out; see `renumber`."""
        return len(self.looks) > MOST or len(self.graphemes) > MOST

    def renumber(self) -> None:
        """Give new numbers to the looks and graphemes that stand in the rows, and forget all others."""
        looks, graphemes = self.looks, self.graphemes
        self.looks, self.graphemes = Looks(self._capabilities), Graphemes()
        self._kept.clear()
        self._tables.clear()
        self.rows = [
            Row(
                "".join(
                    [cell if cell == REST else self.graphemes.one(graphemes.spell(cell)) for cell in row.text]
                ),
                "".join([chr(self.looks.number(looks.look(ord(number)))) for number in row.looks]),
            )
            for row in self.rows
        ]

    def draw(self, frame: str) -> None:
        """Draw what the framework writes; anything that is no frame must not come here."""
        _, *parts = _POSITION.split(frame)
        for line, column, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            x, y = int(column or 1) - 1, int(line or 1) - 1
            text = text.removesuffix("\n")
            if text:
                self.put(x, y, text)
            else:
                self.cursor = (x, y)

    def put(self, x: int, y: int, text: str) -> None:
        """Draw a part of a row that begins in column `x`: looks and text, without a position."""
        if not (0 <= y < len(self.rows) and 0 <= x < self.columns):
            return
        cells = self._kept.get((x, text)) or self._part(x, y, text)
        width = len(cells.text)
        if width < self.columns:
            row = self.rows[y]
            left, right = row.text[:x], row.text[x + width :]
            if row.text[x : x + 1] == REST:  # the front half of a wide one stays behind
                left = left[: len(left.rstrip(REST)) - 1].ljust(x)
            cells = Row(
                left + cells.text + right.lstrip(REST).rjust(len(right)),
                row.looks[:x] + cells.looks + row.looks[x + width :],
            )
        self.rows[y] = cells
        self.changed.add(y)
        self.missing.discard(y)

    def foresee(self, x: int, text: str) -> None:
        """Read a part of a row, beginning in column `x`, that is likely to be drawn soon."""
        if 0 <= x < self.columns and (x, text) not in self._kept:
            strays = len(self.strays)
            self._part(x, 0, text)
            del self.strays[strays:]

    def shift(self, x: int, y: int, width: int, height: int, rows: int) -> None:
        """Move what stands in a region up by so many rows, down by a negative number; the rest stays."""
        self.shifts.append((x, y, width, height, rows))
        before = self.rows[y : y + height]
        for number, row in enumerate(before):
            if 0 <= number + rows < len(before):
                moved = before[number + rows]
                self.rows[y + number] = (
                    moved if width == self.columns else row.with_part_of(moved, x, x + width)
                )
                self.changed.add(y + number)

    def _part(self, x: int, y: int, text: str) -> Row:
        """A part of a row as `_read` has it, kept for the next time."""
        strays = len(self.strays)
        cells = self._read(x, y, text)
        if len(self.strays) == strays:
            if len(self._kept) > _KEPT_PARTS:
                self._kept.clear()
            self._kept[x, text] = cells
        return cells

    def _read(self, x: int, y: int, text: str) -> Row:
        """A part of a row that begins in column `x`; at most as wide as the canvas has room."""
        first, *parts = _LOOK.split(text)
        if 2 * text.count("\x1b") != len(parts):
            return self._read_slowly(x, y, text)
        room = self.columns - x
        texts: list[str] = []
        looks: list[str] = []
        look = PLAIN
        for parameters, part in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
            look = self.looks.change(look, parameters)
            if part:
                cells = self._cells(part)
                texts.append(cells)
                looks.append(self._looks_of(cells, look))
        cells = _cut("".join(texts), room)
        return Row(cells, "".join(looks)[:room])

    def _read_slowly(self, x: int, y: int, text: str) -> Row:
        """The same where there is more than text and looks."""
        room = self.columns - x
        texts: list[str] = []
        looks: list[str] = []
        width, look = 0, PLAIN
        for part in _PART.finditer(text):
            kind = part.lastgroup
            if kind == "look":
                look = self.looks.change(look, part[0][2:-1])
            elif kind == "link":
                look = self.looks.link(look, part["link"])
            elif kind == "column":
                move = int(part["column"]) - 1 - x - width
                texts.append(" " * move)
                looks.append(chr(self.looks.blank(look)) * move)
                width += max(0, move)
            elif kind == "text":
                cells = _cut(self._cells(part[0]), max(0, room - width))
                texts.append(cells)
                looks.append(self._looks_of(cells, look))
                width += len(cells)
            elif kind == "other":
                self.strays.append((x + width, y, part[0]))
        return Row("".join(texts)[:room], "".join(looks)[:room])

    def _looks_of(self, cells: str, look: int) -> str:
        blank = self.looks.blank(look)
        if blank == look or " " not in cells:
            return chr(look) * len(cells)
        table = self._tables.get(look)
        if table is None:
            table = self._tables[look] = _Otherwise(look, dict.fromkeys(_LETTERS, look) | {ord(" "): blank})
        return cells.translate(table)

    def _cells(self, text: str) -> str:
        """A text as one character a cell."""
        if text.isascii() and text.isprintable():
            return text
        if self._fallback is None and is_simple(text):
            return text
        from wcwidth import iter_graphemes, wcswidth

        cells: list[str] = []
        for grapheme in iter_graphemes(_CONTROL.sub(" ", text)):
            width = wcswidth(grapheme)
            if width <= 0:
                if cells and self._fallback is None:
                    cells[-1] = self._joined(cells[-1], grapheme)
            elif self._fallback is not None:
                cells.append(grapheme if grapheme.isascii() else self._fallback(grapheme, width))
            else:
                cells.append(self.graphemes.one(grapheme) + REST * (width - 1))
        return "".join(cells)

    def _joined(self, cell: str, grapheme: str) -> str:
        first, rest = cell[0], cell[1:]
        return self.graphemes.one(self.graphemes.spell(first) + grapheme) + rest


def _cut(cells: str, width: int) -> str:
    """At most so many cells; a wide grapheme that does not fit whole leaves a blank."""
    if len(cells) <= width:
        return cells
    kept = cells[:width]
    return kept[: len(kept.rstrip(REST)) - 1].ljust(width) if cells[width] == REST else kept
