"""Which bytes turn the screen that a terminal has into the one that it should have.

A few ways are tried and the shortest is taken: rows as they are, rows after a range of them was scrolled
or emptied (DECSTBM with SU, SD, IL, DL, IND or RI), and rows between two margins (DECLRMM).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.frames.canvas import Canvas, Row
from pulse_tui.terminal.frames.looks import PLAIN
from pulse_tui.terminal.frames.pen import Pen, State, differing
from pulse_tui.text import is_simple

_FEW_ROWS = 3
_SCROLL_CELLS = 20
"""So many cells cost no more than a scroll."""
_ERASE_CELLS = 6
"""The same for erasing the end of a row."""
_SAMPLES = 12
"""So many rows tell how much of all of them differs, and where."""
_KEPT = 8
"""Of so many scrolls what was written beside them is kept."""
_NARROW = 8
"""Columns between margins up to which they are not worth setting."""


class Scroll(NamedTuple):
    """Rows `top` to `bottom` go up by `shift`, or down if it is negative; what comes in is blank."""

    top: int
    bottom: int
    shift: int
    fill: int
    """The look of what comes in."""
    margins: tuple[int, int] | None
    """The first column that moves, and the one after the last; None: all do."""


class _Written(NamedTuple):
    """What was written beside a scroll."""

    text: str
    state: State
    """The one after it."""
    rows: list[int]
    """Those that were put back."""


class Differ:
    """The screen that a terminal has and the one that it should have."""

    def __init__(
        self,
        columns: int,
        rows: int,
        capabilities: Capabilities,
        fallback: Callable[[str, int], str] | None = None,
    ) -> None:
        """For a terminal of so many cells; `fallback` is as in `Canvas`."""
        self._can = capabilities
        self._fallback = fallback
        self.resize(columns, rows)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._canvas.columns, len(self._canvas.rows)

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, so nothing is known of what it shows."""
        self._canvas = Canvas(columns, rows, self._can, self._fallback)
        self.forget()

    def forget(self) -> None:
        """Nothing is known of what the terminal shows: the next difference clears it and draws all."""
        self._has: list[Row] | None = None
        self._wanted: list[Row] = []
        """What was to stand there after the last difference."""
        self._state = State()
        self._beside: dict[Hashable, _Written] = {}
        """What was written beside a scroll, which the next one mostly needs again."""
        self._behind: dict[int, Row] = {}
        """Rows that the terminal was left with, and that left of a column are not those that were drawn."""
        self._left = 0
        """That column."""

    @property
    def is_whole(self) -> bool:
        """Whether something was drawn on every row of this size."""
        return not self._canvas.missing

    def complete(self) -> None:
        """Take the rows that nothing was drawn on as they are."""
        self._canvas.missing.clear()

    def draw(self, frame: str) -> None:
        """Take what the framework writes for a frame."""
        self._canvas.draw(frame)

    def put(self, x: int, y: int, text: str) -> None:
        """Take a part of a row, beginning in column `x`, as the framework writes it."""
        self._canvas.put(x, y, text)

    def foresee(self, x: int, text: str) -> None:
        """Read a part of a row, beginning in column `x`, that is likely to be drawn soon."""
        self._canvas.foresee(x, text)

    def shift(self, x: int, y: int, width: int, height: int, rows: int) -> None:
        """Move what is drawn in a region up by so many rows, down by a negative number."""
        self._canvas.shift(x, y, width, height, rows)

    @property
    def is_behind(self) -> bool:
        """Whether the terminal lacks something that was drawn before the last difference."""
        return bool(self._behind)

    def difference(self, *, hurried: bool = False) -> str:
        """What to send; the terminal then has all that was drawn.

        All but, if that is `hurried`, what a scroll takes along that belongs elsewhere: it is put back with a
        difference that is not.
        """
        canvas = self._canvas
        if canvas.is_full:
            canvas.renumber()
            self.forget()
        pen = self._whole() if self._has is None else self._changes(self._has, hurried=hurried)
        self._wanted = [*canvas.rows]
        self._has = [self._behind.get(y, row) for y, row in enumerate(canvas.rows)]
        canvas.changed = set(self._behind)
        canvas.shifts.clear()
        for x, y, stray in canvas.strays:
            pen.move(y, x)
            pen.look(PLAIN)
            pen.write(stray)
            pen.lose_cursor()
        canvas.strays.clear()
        if canvas.cursor != (0, 0):
            pen.move(canvas.cursor[1], canvas.cursor[0])
        self._state = pen.state
        return pen.text

    # -- Ways

    def _whole(self) -> Pen:
        """Clear the screen and paint all of it, over the commonest blank if that is shorter."""
        return min((self._over(fill) for fill in {PLAIN, self._fill(self._canvas.rows)}), key=_bytes)

    def _over(self, fill: int) -> Pen:
        pen = Pen(self._canvas, self._can, State(column=0, row=0))
        pen.write("\x1b[r\x1b[m\x1b[H" if self._can.scroll_region else "\x1b[m\x1b[H")
        pen.look(fill)
        pen.write("\x1b[2J")
        blank = [self._blank(fill)] * len(self._canvas.rows)
        self._paint(pen, blank, self._canvas.rows, range(len(blank)), by_looks=True)
        return pen

    def _changes(self, has: list[Row], *, hurried: bool) -> Pen:
        """Paint the rows that differ, after a scroll if that leaves fewer cells to paint."""
        wanted = self._canvas.rows
        rows = [y for y in sorted(self._canvas.changed) if has[y] != wanted[y]]
        pen = Pen(self._canvas, self._can, self._state)
        told, behind, self._behind = None, self._behind, {}
        if self._can.scroll_region and len(rows) >= _FEW_ROWS:
            told = self._told_scroll(has)
            scroll = told or (None if behind else self._best_scroll(has, rows))
            if scroll is not None:
                has = self._scroll(pen, has, scroll)
                rows = list(range(len(has)))
        if told is not None and not told.margins:
            left = self._canvas.shifts[0][0]
            if hurried:
                wanted = self._leave_beside(has, range(told.top, told.bottom + 1), left)
            else:
                has = self._paint_beside(pen, has, told, left)
        elif hurried:
            wanted = self._leave_beside(has, behind, self._left)
        # A scroll that is told leaves little to paint but what it took along, which has few looks.
        self._paint(pen, has, wanted, rows, by_looks=told is not None or bool(behind))
        return pen

    def _leave_beside(self, has: list[Row], rows: Iterable[int], left: int) -> list[Row]:
        """The rows that are wanted, but these keep what they have left of a column.

        None does if several were drawn on there since the last difference: somebody is busy there.  One is,
        now and then, what a list says of the text's progress.
        """
        rows, wanted = [*rows], [*self._canvas.rows]
        if sum(self._wanted[y].with_part_of(wanted[y], 0, left) != self._wanted[y] for y in rows) > 1:
            return wanted
        for y in rows:
            row = wanted[y].with_part_of(has[y], 0, left)
            if row != wanted[y]:
                wanted[y] = self._behind[y] = row
        self._left = left
        return wanted

    def _paint_beside(self, pen: Pen, base: list[Row], scroll: Scroll, left: int) -> list[Row]:
        """Put back what stands left of a column and was scrolled along; the rows that are there then.

        A row with text of doubtful width there is left as it is: it has to be written to its end.
        """
        wanted = self._canvas.rows
        rows = range(scroll.top, scroll.bottom + 1)
        if not left or any(wanted[y].text[left - 1] == " " for y in rows):
            return base  # erasing it may reach into what stands right of it
        pen.lose_cursor()
        key = (
            scroll.top,
            pen.state,
            *((row.text[:left], row.looks[:left]) for y in rows for row in (base[y], wanted[y])),
        )
        written = self._beside.get(key)
        put_back = (
            [y for y in rows if is_simple(base[y].text[:left] + wanted[y].text[:left])]
            if written is None
            else written.rows
        )
        there = [*base]
        for y in put_back:
            there[y] = base[y].with_part_of(wanted[y], 0, left)
        if written is None:
            if len(self._beside) == _KEPT:
                self._beside.clear()
            apart = Pen(self._canvas, self._can, pen.state)
            self._paint(apart, base, there, put_back, by_looks=True)
            written = self._beside[key] = _Written(apart.text, apart.state, put_back)
        pen.take(written.text, written.state)
        return there

    def _paint(
        self, pen: Pen, base: Sequence[Row], wanted: Sequence[Row], rows: Iterable[int], *, by_looks: bool
    ) -> None:
        for y in rows:
            if base[y] != wanted[y]:
                pen.paint(y, base[y], wanted[y])
        pen.finish(by_looks=by_looks)

    # -- Scrolling

    def _told_scroll(self, has: list[Row]) -> Scroll | None:
        """The scroll that the canvas was told of; None where it was told of none, or of several kinds."""
        regions = {shift[:4] for shift in self._canvas.shifts}
        if len(regions) != 1:
            return None
        x, y, width, height = regions.pop()
        rows = sum(shift[4] for shift in self._canvas.shifts)
        if not 0 < 2 * abs(rows) < height:
            return None
        scroll = self._scroll_by(has, rows, y, y + height - 1, x, x + width)
        return scroll if scroll.margins or 2 * width > self._canvas.columns else None

    def _best_scroll(self, has: list[Row], rows: list[int]) -> Scroll | None:
        """The scroll that leaves the fewest cells to paint; None where that is none at all."""
        wanted = self._canvas.rows
        top, bottom = rows[0], rows[-1]
        height = bottom - top + 1
        some = rows[:: max(1, len(rows) // _SAMPLES)]
        masks = [differing(has[y], wanted[y]) for y in some]
        left, right = _between(masks)
        if some != rows and any(has[y].text[:left].strip() or has[y].text[right:].strip() for y in some):
            some = rows  # what stands beside the text decides, and by little
            masks = [differing(has[y], wanted[y]) for y in some]
            left, right = _between(masks)
        shift, kept = self._shift(has, top, bottom, left, right)
        scroll = self._scroll_by(has, shift, top, bottom, left, right)
        if not kept:
            scroll = scroll._replace(margins=None)  # emptied rows need none
        if 2 * kept > height and (scroll.margins or 2 * (right - left) > self._canvas.columns):
            return scroll
        cells = sum(_cells(mask, wanted[y]) for mask, y in zip(masks, some, strict=True))
        cells = cells * len(rows) // len(some)
        return scroll if self._cells_after(has, scroll) + _SCROLL_CELLS < cells else None

    def _scroll_by(self, has: list[Row], shift: int, top: int, bottom: int, left: int, right: int) -> Scroll:
        """The scroll of these rows and columns, between margins if they pay; what comes in is as it ends."""
        incoming = range(bottom + 1 - shift, bottom + 1) if shift > 0 else range(top, top - shift)
        fill = self._fill([self._canvas.rows[y] for y in incoming])
        margins = (left, right) if self._margins_pay(has, top, bottom, left, right) else None
        if margins and self._is_blank_beside(has[top : bottom + 1], margins, fill):
            margins = None
        return Scroll(top, bottom, shift, fill, margins)

    def _cells_after(self, has: list[Row], scroll: Scroll) -> int:
        """How many cells have to be painted once this was scrolled."""
        base = self._scrolled(has, scroll)
        blank = self._blank(scroll.fill)
        count = 0
        for y in range(scroll.top, scroll.bottom + 1):
            wanted = self._canvas.rows[y]
            if base[y] == blank:
                count += len(wanted.text) - wanted.text.count(" ")
            elif base[y] != wanted:
                count += _cells(differing(base[y], wanted), wanted)
        return count

    def _shift(self, has: list[Row], top: int, bottom: int, left: int, right: int) -> tuple[int, int]:
        """By how many rows most of the text has moved up, and how many rows say so.

        Where none do, all is new: a scroll by all of the rows leaves them blank.
        """
        places: dict[str, list[int]] = {}
        for y in range(top, bottom + 1):
            text = has[y].text[left:right]
            if not text.isspace():
                places.setdefault(text, []).append(y)
        votes: Counter[int] = Counter()
        for y in range(top, bottom + 1):
            for before in places.get(self._canvas.rows[y].text[left:right], ()):
                if before != y:
                    votes[before - y] += 1
        return votes.most_common(1)[0] if votes else (bottom + 1 - top, 0)

    def _margins_pay(self, has: list[Row], top: int, bottom: int, left: int, right: int) -> bool:
        """Whether rows may be moved between margins: not where text of doubtful width may reach over them."""
        return (
            self._can.margins
            and self._can.scroll
            and right - left > _NARROW
            and (left > 0 or right < self._canvas.columns)
            and all(is_simple(row.text) for row in has[top : bottom + 1])
        )

    def _is_blank_beside(self, rows: Sequence[Row], margins: tuple[int, int], fill: int) -> bool:
        """Whether nothing but blanks of this look stand outside of the margins: they may move along."""
        left, right = margins
        blank = self._blank(fill)
        beside = {(text[:left], text[right:], looks[:left], looks[right:]) for text, looks in rows}
        return beside == {(blank.text[:left], blank.text[right:], blank.looks[:left], blank.looks[right:])}

    def _scroll(self, pen: Pen, has: list[Row], scroll: Scroll) -> list[Row]:
        """Scroll; the rows that the terminal then has."""
        pen.ground(scroll.fill)
        if scroll.margins:
            pen.write(f"\x1b[?69h\x1b[{scroll.margins[0] + 1};{scroll.margins[1]}s")
            pen.lose_cursor()
        everything = (scroll.top, scroll.bottom) == (0, len(has) - 1)
        pen.set_region(None if everything else (scroll.top, scroll.bottom))
        pen.scroll(scroll.top, scroll.bottom, scroll.shift)
        if scroll.margins:
            pen.write("\x1b[?69l")
            pen.lose_cursor()
        return self._scrolled(has, scroll)

    def _scrolled(self, has: list[Row], scroll: Scroll) -> list[Row]:
        """What rows become by a scroll."""
        top, bottom, shift, fill, margins = scroll
        blank = self._blank(fill)
        moved = [has[y + shift] if top <= y + shift <= bottom else blank for y in range(top, bottom + 1)]
        if margins:
            both = zip(has[top : bottom + 1], moved, strict=True)
            moved = [old.with_part_of(new, *margins) for old, new in both]
        return [*has[:top], *moved, *has[bottom + 1 :]]

    def _fill(self, rows: Sequence[Row]) -> int:
        """The look that most of these rows end in, if they can be cleared with it."""
        looks = Counter(row.looks[-1] for row in rows if row.text[-1] == " ")
        number = ord(looks.most_common(1)[0][0]) if looks and self._can.back_colour_erase else PLAIN
        return PLAIN if self._canvas.looks.seen_on_blanks(number) else number

    def _blank(self, look: int) -> Row:
        columns = self._canvas.columns
        return Row(" " * columns, chr(look) * columns)


def _between(masks: Sequence[bytes]) -> tuple[int, int]:
    """The first column in which rows differ, and the one after the last."""
    return min(mask.find(1) for mask in masks), max(mask.rfind(1) for mask in masks) + 1


def _cells(differs: bytes, wanted: Row) -> int:
    """How many differing cells have to be painted; those at the end that are blank are erased."""
    end = len(wanted.text.rstrip(" "))
    return differs.count(1, 0, end) + (_ERASE_CELLS if differs.rfind(1) >= end else 0)


def _bytes(pen: Pen) -> int:
    return len(pen.text.encode(errors="replace"))
