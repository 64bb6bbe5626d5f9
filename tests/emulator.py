"""A terminal's screen, exact to the cell, for what programs here send."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyte
from pyte.screens import Char
from wcwidth import iter_graphemes, wcswidth

from pulse_tui.text import is_simple

_LEFT_RIGHT = 69  # DECLRMM
_ALTERNATE = 1049
_DIM = "dim "  # pyte knows no faint text; its colour is marked so


class Screen(pyte.Screen):
    """pyte's screen with what it lacks.

    That is: the alternate screen, SU and SD, REP, left and right margins, faint text, whole graphemes, and
    the background colour that erased and scrolled-in cells take; `back_colour_erase` off takes that away.
    """

    _main: dict[int, Any] | None = None
    back_colour_erase = True
    _sides: tuple[int, int] | None = None
    _last = " "

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """Switch modes on; 1049 goes to an empty alternate screen."""
        super().set_mode(*modes, **kwargs)
        if kwargs.get("private") and _LEFT_RIGHT in modes:
            self._sides = (0, self.columns - 1)
        if kwargs.get("private") and _ALTERNATE in modes and self._main is None:
            self.save_cursor()
            self._main = dict(self.buffer)
            self.buffer.clear()

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """Switch modes off; 1049 brings the main screen back as it was."""
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and _LEFT_RIGHT in modes:
            self._sides = None
        if kwargs.get("private") and _ALTERNATE in modes and self._main is not None:
            self.buffer.clear()
            self.buffer.update(self._main)
            self._main = None
            self.restore_cursor()

    def set_side_margins(self, left: int | None = None, right: int | None = None, *_: int) -> None:
        """DECSLRM, where DECLRMM is on; else it saves the cursor."""
        if self._sides is None:
            return self.save_cursor()
        self._sides = ((left or 1) - 1, (right or self.columns) - 1)
        self.cursor_position()

    # -- Scrolling

    def scroll_up(self, count: int = 1, *_: int) -> None:
        """SU: move the scrolling region's text up; the cursor stays."""
        self._shift(self._top, count or 1)

    def scroll_down(self, count: int = 1, *_: int) -> None:
        """SD: move the scrolling region's text down; the cursor stays."""
        self._shift(self._top, -(count or 1))

    def index(self) -> None:
        """IND and LF: down by a row; at the end of the region its text moves up."""
        if self.cursor.y == self._bottom:
            self._shift(self._top, 1)
        elif self.cursor.y < self.lines - 1:
            self.cursor.y += 1

    def reverse_index(self) -> None:
        """RI: up by a row; at the top of the region its text moves down."""
        if self.cursor.y == self._top:
            self._shift(self._top, -1)
        elif self.cursor.y > 0:
            self.cursor.y -= 1

    def delete_lines(self, count: int | None = None) -> None:
        """DL: what is below moves up."""
        if self._top <= self.cursor.y <= self._bottom:
            self._shift(self.cursor.y, count or 1)
            self.carriage_return()

    def insert_lines(self, count: int | None = None) -> None:
        """IL: what is here and below moves down."""
        if self._top <= self.cursor.y <= self._bottom:
            self._shift(self.cursor.y, -(count or 1))
            self.carriage_return()

    @property
    def _top(self) -> int:
        return self.margins.top if self.margins else 0

    @property
    def _bottom(self) -> int:
        return self.margins.bottom if self.margins else self.lines - 1

    def _shift(self, top: int, count: int) -> None:
        left, right = self._sides or (0, self.columns - 1)
        rows, columns = range(top, self._bottom + 1), range(left, right + 1)
        if len(columns) == self.columns:
            return self._shift_rows(rows, count)
        before = {y: [self.buffer[y][x] for x in columns] for y in rows}
        empty = [self._empty] * len(columns)
        for y in rows:
            self.buffer[y].update(zip(columns, before.get(y + count, empty), strict=True))

    def _shift_rows(self, rows: range, count: int) -> None:
        whole = {y: self.buffer[y] for y in rows}
        for y in rows:
            self.buffer.pop(y)
            if y + count in whole:
                self.buffer[y] = whole[y + count]
            else:
                self._erase(y, 0, self.columns)

    # -- Erasing

    @property
    def _empty(self) -> Char:
        return _blank(self.cursor.attrs.bg if self.back_colour_erase else "default")

    def erase_characters(self, count: int | None = None) -> None:
        """ECH: so many cells from the cursor on."""
        self._erase(self.cursor.y, self.cursor.x, self.cursor.x + (count or 1))

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL: to the end of the row, from its beginning, or all of it."""
        start, end = [(self.cursor.x, self.columns), (0, self.cursor.x + 1), (0, self.columns)][how or 0]
        self._erase(self.cursor.y, start, end)

    def erase_in_display(self, how: int = 0, *_: Any, **__: Any) -> None:
        """ED: to the end of the screen, from its beginning, or all of it."""
        rows = [range(self.cursor.y + 1, self.lines), range(self.cursor.y), range(self.lines), range(0)]
        for y in rows[how or 0]:
            self._erase(y, 0, self.columns)
        if (how or 0) < 2:
            self.erase_in_line(how)

    def _erase(self, y: int, start: int, end: int) -> None:
        self.buffer[y].update(dict.fromkeys(range(start, min(end, self.columns)), self._empty))

    # -- Drawing

    def repeat(self, count: int | None = None) -> None:
        """REP: the character before once more, or so many times."""
        self.draw(self._last * (count or 1))

    def draw(self, data: str) -> None:
        """Draw text, a grapheme at a time where one may be more than one character."""
        self._last = data[-1:] or self._last
        if is_simple(data):
            return super().draw(data)
        for grapheme in iter_graphemes(data):
            width = wcswidth(grapheme)
            if width > 0:
                super().draw("x" if width == 1 else "\N{IDEOGRAPHIC SPACE}")
            row, column = self.buffer[self.cursor.y], max(0, self.cursor.x - max(width, 1))
            joined = grapheme if width > 0 else row[column].data + grapheme
            row[column] = row[column]._replace(data=joined)

    def select_graphic_rendition(self, *attributes: int, **_: Any) -> None:
        """SGR; faint text is a colour that is marked as faint."""
        was_dim = self.cursor.attrs.fg.startswith(_DIM)
        colour = self.cursor.attrs.fg.removeprefix(_DIM)
        self.cursor.attrs = self.cursor.attrs._replace(fg=colour)
        super().select_graphic_rendition(*attributes)
        codes = list(attributes or (0,))
        at = 0
        while at < len(codes):
            if codes[at] in (38, 48):
                at += 4 if codes[at + 1 : at + 2] == [2] else 2
            elif codes[at] in (0, 2, 22):
                was_dim = codes[at] == 2
            at += 1
        if was_dim:
            self.cursor.attrs = self.cursor.attrs._replace(fg=_DIM + self.cursor.attrs.fg)

    # -- What is seen

    def cells(self) -> list[list[Char]]:
        """Every cell as it looks."""
        return [[seen(self.buffer[y][x]) for x in range(self.columns)] for y in range(self.lines)]


def seen(cell: Char) -> Char:
    """A cell as it looks: of a blank only what can be seen of it."""
    if cell.data == " " and not (cell.underscore or cell.strikethrough or cell.reverse):
        return _blank(cell.bg)
    return cell


@cache
def _blank(background: str) -> Char:
    return Char(" ", bg=background)


class Stream(pyte.Stream):
    """pyte's parser with the sequences of `Screen`."""

    csi = {  # noqa: RUF012 (as in pyte)
        **pyte.Stream.csi,
        "S": "scroll_up",
        "T": "scroll_down",
        "b": "repeat",
        "s": "set_side_margins",
    }
    events = pyte.Stream.events | {"scroll_up", "scroll_down", "repeat", "set_side_margins"}


class ByteStream(pyte.ByteStream, Stream):
    """The same for bytes."""
