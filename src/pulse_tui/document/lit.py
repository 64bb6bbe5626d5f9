"""Where on the rows of a piece its matches stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from pulse_tui.document.lines import Laid, Role, Run
from pulse_tui.document.phrases import Phrases
from pulse_tui.text import cell_widths, is_simple

_COLUMN_GAP = " │ "
"""What `table` puts between columns, as a faint run of its own."""
_TELLING = 2
"""Characters on both sides of a row's end that tell whether there is a space in the text."""


class Spot(NamedTuple):
    """A match in a piece: characters of its text, or of words of the nth of its pictures, which is there."""

    start: int
    end: int
    picture: int = -1


class Lit(NamedTuple):
    """Characters of a row's runs to light, whole graphemes, and the match they belong to.

    `nth` counts the matches of the piece; -1 where a table shows words, as those of its head, once more.
    """

    start: int
    end: int
    nth: int


class _Row(NamedTuple):
    number: int
    runs: Sequence[Run]
    text: str


class _Part(NamedTuple):
    """What a row shows of a column: a stretch of its characters."""

    row: _Row
    start: int
    text: str


def lit_rows(laid: Laid, spots: Sequence[Spot], phrases: Phrases) -> dict[int, list[Lit]]:
    """What to light on the rows of a piece, by their numbers."""
    found: dict[int, list[Lit]] = {}
    spans = [(spot.start, spot.end, nth) for nth, spot in enumerate(spots) if spot.picture < 0]
    if not spans:
        return found
    ends = [end for _, end, _ in spans]
    groups = groupby(enumerate(laid.lines), key=lambda each: (each[1].start, each[1].end))
    for (start, end), lines in groups:
        if start >= end:
            continue
        rows = [
            _Row(number, line.runs, "".join([text for text, _, _ in line.runs])) for number, line in lines
        ]
        shown = laid.text[start:end]
        own = spans[bisect_right(ends, start) : bisect_left(spans, (end,))]
        if len(rows) > 1 or rows[0].text != shown:
            for row, lit in _in_columns(rows, shown, [nth for at, _, nth in own if at >= start], phrases):
                _add(found.setdefault(row.number, []), row.text, lit)
        for first, last, nth in own if len(rows) == 1 and rows[0].text == shown else ():
            _add(
                found.setdefault(rows[0].number, []),
                shown,
                Lit(max(first, start) - start, min(last, end) - start, nth),
            )
    return found


def _add(lits: list[Lit], text: str, lit: Lit) -> None:
    """Add what to light on a row, widened to whole graphemes."""
    start, end, nth = lit
    if not is_simple(text):
        widths = cell_widths(text)
        while start and not widths[start]:
            start -= 1
        while end < len(text) and not widths[end]:
            end += 1
    start = max([start, *(each.end for each in lits if each.start <= start)])
    if start < end:
        lits.append(Lit(start, end, nth))


def _in_columns(
    rows: Sequence[_Row], shown: str, own: Sequence[int], phrases: Phrases
) -> Iterator[tuple[_Row, Lit]]:
    """What to light where rows are not a stretch of the text each: in tables and in frames of pictures.

    There the rows themselves are searched, column by column.  Their matches are those of the text, `own`,
    unless a head's names are shown beside each cell.
    """
    matches = [each for column in _columns(rows) for each in _in_column(column, shown, phrases)]
    for number, parts in enumerate(matches):
        nth = own[number] if len(own) == len(matches) else own[0] if own else -1
        for row, start, end in parts:
            yield row, Lit(start, end, nth)


def _columns(rows: Sequence[_Row]) -> list[list[_Part]]:
    """The columns of a table's row or of a frame, without rules and padding."""
    columns: list[list[_Part]] = []
    for row in rows:
        column, at = 0, 0
        part = ""
        for text, roles, _ in [*row.runs, (_COLUMN_GAP, Role.FAINT, None)]:
            if roles != Role.FAINT:
                part += text
            else:
                if part.strip(" "):
                    while len(columns) <= column:
                        columns.append([])
                    start = at - len(part.lstrip(" "))
                    columns[column].append(_Part(row, start, part.strip(" ")))
                part = ""
                column += text == _COLUMN_GAP
            at += len(text)
    return columns


def _in_column(
    column: Sequence[_Part], shown: str, phrases: Phrases
) -> Iterator[list[tuple[_Row, int, int]]]:
    """The matches in a column, each as stretches of rows."""
    text = ""
    starts: list[int] = []
    before = ""
    for part in column:
        if before and before[-_TELLING:] + part.text[:_TELLING] not in shown:
            text += "\n"
        before = part.text
        starts.append(len(text))
        text += part.text
    for start, end in phrases.spans(text):
        found = []
        for part, at in zip(column, starts, strict=True):
            first, last = max(start - at, 0), min(end - at, len(part.text))
            if first < last:
                found.append((part.row, part.start + first, part.start + last))
        yield found
