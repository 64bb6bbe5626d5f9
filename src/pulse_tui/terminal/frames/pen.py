"""What is written to turn rows that stand on a terminal into others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import ne, or_
from typing import NamedTuple

from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.frames.canvas import Canvas, Row
from pulse_tui.terminal.frames.looks import PLAIN, Looks
from pulse_tui.terminal.frames.order import Kind, Part, in_order
from pulse_tui.text import simple_length

_GAP = 4
"""So many cells that are right already are written again rather than jumped over: a jump has four bytes."""
_WORTH_ERASING = 3
"""Blanks at the end of a row from which erasing is shorter than writing them."""
_WORTH_ERASING_INSIDE = 10
"""The same inside a row, where the cursor has to be moved on."""
_words = re.compile(f"[^ ]+(?: {{1,{_GAP}}}[^ ]+)*").finditer
_LONG_BLANK = " " * (_GAP + 1)
_runs = re.compile(rb"\x01(?:\x00{0,%d}\x01)*" % _GAP).finditer
_ONES = b"\0" + b"\1" * 255
_repeated = re.compile(r"(.)\1{7,}", re.DOTALL)


class State(NamedTuple):
    """What is known of the terminal beside its cells; None is not known."""

    look: int = PLAIN
    column: int | None = None
    row: int | None = None
    region: tuple[int, int] | None = None
    """The first and the last row of the scrolling region, from 0; None: all rows."""


class Pen:
    """Writes changes to rows, keeping account of where the cursor is and which look is on."""

    def __init__(self, canvas: Canvas, capabilities: Capabilities, state: State) -> None:
        self._canvas = canvas
        self._looks: Looks = canvas.looks
        self._can = capabilities
        self._written: list[str] = []
        self._look, self._column, self._row, self._region = state
        self._likely = (0, 0)
        """Between which columns the rows painted so far differed: there the next may, too."""
        self._parts: list[Part] = []
        """What is still to be written."""

    @property
    def state(self) -> State:
        """What is known of the terminal after what was written."""
        return State(self._look, self._column, self._row, self._region)

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._written)

    def write(self, text: str) -> None:
        """Write a sequence that neither moves nor draws."""
        self._written.append(text)

    def take(self, text: str, state: State) -> None:
        """Write what another pen wrote, which began in this state and ended in that one."""
        self._written.append(text)
        self._look, self._column, self._row, self._region = state

    def look(self, look: int) -> None:
        """Draw from now on like this."""
        if look != self._look:
            self._written.append(self._looks.way(self._look, look))
            self._look = look

    def ground(self, look: int) -> None:
        """Blank from now on like this; of a blank only the background is seen."""
        if not self._looks.is_ground(self._look, look):
            self.look(look)

    def set_region(self, region: tuple[int, int] | None) -> None:
        """Let only these rows scroll (first and last, from 0); None: all."""
        if region != self._region:
            self._region = region
            self.write("\x1b[r" if region is None else f"\x1b[{region[0] + 1};{region[1] + 1}r")
            self.lose_cursor()  # DECSTBM takes it home, though not everywhere

    def scroll(self, top: int, bottom: int, rows: int) -> None:
        """Scroll the region, which begins and ends there, up by so many rows; down by a negative number."""
        count = abs(rows)
        number = count if count > 1 else ""
        if self._can.scroll:
            self.write(f"\x1b[{number}{'S' if rows > 0 else 'T'}")
        elif self._can.insert_lines:
            self.move(top, 0)
            self.write(f"\x1b[{number}{'M' if rows > 0 else 'L'}")
        elif rows > 0:
            self.move(bottom, 0)
            self.write("\n" * count)
        else:
            self.move(top, 0)
            self.write("\x1bM" * count)

    def lose_cursor(self) -> None:
        """From now on nobody knows where the cursor is."""
        self._row = self._column = None

    # -- Rows

    def finish(self, *, by_looks: bool) -> None:
        """Write what was painted; `by_looks` writes what looks the same together where that is shorter."""
        parts: Sequence[Part] = self._parts
        self._parts = []
        for part in in_order(parts, self._looks, self._look) if by_looks else parts:
            self._write_part(part)

    def paint(self, y: int, old: Row, new: Row) -> None:
        """Turn a row into another, once all is finished; rows come from the top downwards."""
        if old.text.isspace() and self._paint_on_blanks(y, old.looks, new):
            return
        start, end = self._likely
        if not (_same(old, new, 0, start) and _same(old, new, end, len(new.text))):
            start, end = 0, len(new.text)
        differs = differing(old, new, start, end)
        first, last = start + differs.find(1), start + differs.rfind(1) + 1
        if self._likely == (0, 0):
            self._likely = (first, last)
        else:
            self._likely = (min(self._likely[0], first), max(self._likely[1], last))
        rough = min(simple_length(old.text), simple_length(new.text))
        blank_from, blank = self._tail(new)
        if rough < last:
            # What follows text of doubtful width may stand anywhere: it goes, and comes again.
            start, number = min(first, rough), ord(new.looks[min(first, rough)])
            self._parts.append(Part(Kind.ANEW, y, start, blank_from, len(new.text), number, new))
            return
        erase = blank_from < last and last - max(first, blank_from) > _WORTH_ERASING and self._erases(blank)
        for run in _runs(differs, first - start, (min(last, blank_from) if erase else last) - start):
            self._parts += self._span(y, start + run.start(), start + run.end(), new)
        if erase:
            end = len(new.text)
            self._parts.append(Part(Kind.ERASE, y, max(first, blank_from), end, end, blank, new))

    def _write_part(self, part: Part) -> None:
        kind, y, x, end, _, look, row = part
        if kind is Kind.TEXT:
            self.look(look)
            self._put(y, x, end, row)
        elif kind is Kind.BLANKS:
            self._blanks(part)
        elif kind is Kind.ANEW:
            self._repaint(y, x, end, row)
        else:
            self.move(y, x, row)
            self.ground(look)
            self._written.append("\x1b[K")

    def _paint_on_blanks(self, y: int, base: str, new: Row) -> bool:
        """Write text over blanks that look like those around it; False where they do not all."""
        text, looks = new
        end = len(text.rstrip(" "))
        if simple_length(text) < end or base.count(base[0]) < len(base):
            return False
        runs = [run.span() for run in _words(text, 0, end)]
        edges = [0, *(edge for run in runs for edge in run), len(text)]
        if any(looks[start:stop].strip(base[0]) for start, stop in zip(edges[::2], edges[1::2], strict=True)):
            return False
        for start, stop in runs:
            self._parts += self._span(y, start, stop, new)
        return True

    def _repaint(self, y: int, start: int, blank_from: int, new: Row) -> None:
        """Write a row anew from a column on."""
        blank = ord(new.looks[-1]) if blank_from < len(new.text) else PLAIN
        erases = self._erases(blank)
        self.move(y, start, new)
        self.ground(blank if erases else PLAIN)
        self._written.append("\x1b[K")
        for part in self._span(y, start, max(start, blank_from) if erases else len(new.text), new):
            self._write_part(part)

    def _tail(self, row: Row) -> tuple[int, int]:
        """From which column on a row is blank, and the look of these blanks."""
        look = row.looks[-1]
        if self._looks.seen_on_blanks(ord(look)):
            return len(row.text), PLAIN
        start = max(len(row.text.rstrip(" ")), len(row.looks.rstrip(look)))
        return start, ord(look)

    def _erases(self, look: int) -> bool:
        """Whether erasing leaves blanks of this look."""
        return self._can.back_colour_erase or not self._looks.background(look)

    def _span(self, y: int, start: int, stop: int, row: Row) -> Iterator[Part]:
        """The parts that cells of a row are written in."""
        text, looks = row
        x = start
        while x < stop:
            number = ord(looks[x])
            if text[x] == " " and not self._looks.seen_on_blanks(number):
                end = x + 1
                while end < stop and text[end] == " " and looks[end] == looks[x]:
                    end += 1
                if end < stop and self._looks.is_ground(ord(looks[end]), number):
                    number = ord(looks[end])  # what follows needs that look anyway
                yield Part(Kind.BLANKS, y, x, end, stop, number, row)
            else:
                end = self._end_of_run(x, stop, row)
                yield Part(Kind.TEXT, y, x, end, stop, number, row)
            x = end

    def _blanks(self, part: Part) -> None:
        """Write blanks, or erase cells and go on behind them."""
        _, y, x, end, stop, number, row = part
        count = end - x
        self.move(y, x, row)
        self.ground(number)
        worth = _WORTH_ERASING_INSIDE if end < stop else _WORTH_ERASING
        if self._can.erase_characters and count > worth and self._erases(number):
            self._written.append(f"\x1b[{count}X")
        else:
            self._written.append(" " * count)
            self._stand_at(end)

    def _end_of_run(self, x: int, stop: int, row: Row) -> int:
        """Where cells end that are written in the look of the one at `x`; short blanks travel along."""
        text, looks = row
        number = ord(looks[x])
        run = self._looks.run(number).match(looks, x, stop)
        assert run is not None, "it begins with that look"
        end = run.end()
        if not self._looks.seen_on_blanks(number):
            blank = chr(self._looks.blank(number))
            if blank != looks[x] and text.count(" ", x, end) != looks.count(blank, x, end):
                return x + 1  # a letter looks like a blank: go on with care
            gap = text.find(_LONG_BLANK, x, end)
            end = gap if gap > 0 else end
        return end

    def _put(self, y: int, x: int, end: int, row: Row) -> None:
        """Write the text of cells in the look that is on."""
        cells = row.text[x:end]
        sure = simple_length(cells)
        self.move(y, x, row)
        if sure < len(cells):
            self._put_rough(y, x, cells, sure, row)
            return
        if self._can.repeat:
            cells = _repeated.sub(_with_repeat, cells)
        self._written.append(cells)
        self._stand_at(end)

    def _put_rough(self, y: int, x: int, cells: str, sure: int, row: Row) -> None:
        """Write text that has graphemes of doubtful width: after each run of them the cursor is set anew."""
        at = 0
        while at < len(cells):
            self.move(y, x + at, row)
            if sure > at:
                self._written.append(cells[at:sure])
                at = sure
                self._stand_at(x + at)
                continue
            while at < len(cells) and not simple_length(cells[at]):
                at += 1
            self._written.append(self._canvas.graphemes.spell(cells[sure:at]))
            self._column = None
            sure = at + simple_length(cells[at:])

    # -- The cursor

    def _stand_at(self, x: int) -> None:
        """The cursor is in this column of its row; behind the last one terminals differ."""
        self._column = x if x < self._canvas.columns else None

    def move(self, y: int, x: int, row: Row | None = None) -> None:
        """Put the cursor there, in the shortest way; `row` is what is to stand in that row."""
        if (self._column, self._row) == (x, y):
            return
        self._written.append(min(self._moves(y, x, row), key=len))
        self._row, self._column = y, x

    def _moves(self, y: int, x: int, row: Row | None) -> list[str]:
        """The ways to get there; LF stays in its column, for the terminal does no output processing."""
        column = self._column
        ways = ["\x1b[H" if x == y == 0 else f"\x1b[{y + 1}H" if x == 0 else f"\x1b[{y + 1};{x + 1}H"]
        if self._row is None or y < self._row:
            return ways
        down = "\n" * (y - self._row)
        if down and not (len(down) < _GAP and self._falls(y)):
            return ways
        if column is not None and x >= column:
            ways.append(down + (_right(x - column) if x > column else ""))
            if row is not None and 0 < x - column < _GAP and self._fits(row, column, x):
                ways.append(down + row.text[column:x])
        if column is not None and 0 < column - x <= _GAP:
            ways.append(down + "\b" * (column - x))
        ways.append(f"\r{down}{_right(x) if x else ''}")
        if row is not None and 0 < x < _GAP and self._fits(row, 0, x):
            ways.append(f"\r{down}{row.text[:x]}")
        return ways

    def _falls(self, y: int) -> bool:
        """Whether LF gets there without scrolling."""
        assert self._row is not None
        return self._region is None or not self._row <= self._region[1] < y

    def _fits(self, row: Row, start: int, end: int) -> bool:
        """Whether cells may be written in the look that is on."""
        own, blank = chr(self._look), chr(self._looks.blank(self._look))
        return simple_length(row.text[:end]) == end and all(
            look == own or (cell == " " and look == blank)
            for cell, look in zip(row.text[start:end], row.looks[start:end], strict=True)
        )


def _right(cells: int) -> str:
    return f"\x1b[{cells if cells > 1 else ''}C"


def _with_repeat(run: re.Match[str]) -> str:
    """REP after the first of a run of the same character."""
    return f"{run[1]}\x1b[{len(run[0]) - 1}b"


def _same(old: Row, new: Row, start: int, end: int) -> bool:
    return old.text[start:end] == new.text[start:end] and old.looks[start:end] == new.looks[start:end]


def differing(old: Row, new: Row, start: int = 0, end: int | None = None) -> bytes:
    """For each cell of a range of columns 1 if it differs, else 0."""
    texts = _differing(old.text[start:end], new.text[start:end])
    if old.looks == new.looks:
        return texts
    return bytes(map(or_, texts, _differing(old.looks[start:end], new.looks[start:end])))


def _differing(old: str, new: str) -> bytes:
    if not (old.isascii() and new.isascii()):
        return bytes(map(ne, old, new))
    # Compared as two numbers, which takes a fraction of the time.
    differs = int.from_bytes(old.encode("ascii"), "big") ^ int.from_bytes(new.encode("ascii"), "big")
    return differs.to_bytes(len(new), "big").translate(_ONES)
