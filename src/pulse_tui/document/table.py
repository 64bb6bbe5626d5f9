"""Lay out a table in columns, or in stacked rows where the columns don't fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulse_tui.document.lines import Role, Run, cut, width_of
from pulse_tui.document.wrap import wrap
from pulse_tui.text import cells

Cell = list[Run]

_GAP = " │ "
_RULE_GAP = "─┼─"
_WIDEST_WORD = 16
"""Cells up to which a word keeps a column from getting narrower."""


class Table:
    """Rows of cells, the first being the head, with one alignment a column ("left", "center", "right")."""

    def __init__(self, rows: list[list[Cell]], alignments: list[str]) -> None:
        self.rows = rows
        self.alignments = alignments
        columns = len(alignments)
        for row in self.rows:
            del row[columns:]
            row.extend([[]] * (columns - len(row)))


def column_widths(table: Table, width: int) -> list[int] | None:
    """How many cells each column gets; None if they can't stand side by side in `width`."""
    room = width - len(_GAP) * (len(table.alignments) - 1)
    natural, least = [], []
    for column in zip(*table.rows, strict=True):
        texts = ["".join(text for text, _, _ in cell) for cell in column]
        natural.append(max(1, *(cells(text) for text in texts)))
        longest = max((cells(word) for text in texts for word in text.split()), default=1)
        least.append(min(natural[-1], max(2, min(longest, _WIDEST_WORD))))
    if sum(natural) <= room:
        return natural
    spare = room - sum(least)
    if spare < 0:
        return None
    # The narrowest column that would still fold gets the next cell: first to fit its rows, then its head.
    rows = [max((_width(row[n]) for row in table.rows[1:]), default=0) for n in range(len(least))]
    widths = list(least)
    for most in (rows, natural):
        while spare and (narrow := [n for n, wide in enumerate(widths) if wide < most[n]]):
            widths[min(narrow, key=widths.__getitem__)] += 1
            spare -= 1
    return widths


def _width(cell: Cell) -> int:
    return cells("".join(text for text, _, _ in cell))


def columned(table: Table, widths: Sequence[int]) -> Iterator[list[list[Run]]]:
    """The lines of each row, head first; the rule below the head is `rule`."""
    for row in table.rows:
        columns = [_fold(cell, width) for cell, width in zip(row, widths, strict=True)]
        lines = []
        for number in range(max(map(len, columns))):
            line: list[Run] = []
            for column, width, alignment in zip(columns, widths, table.alignments, strict=True):
                if line:
                    line.append((_GAP, Role.FAINT, None))
                line += _aligned(column[number] if number < len(column) else [], width, alignment)
            lines.append(line)
        yield lines


def rule(widths: Sequence[int]) -> Run:
    """The line between the head of a table and its rows."""
    return (_RULE_GAP.join("─" * width for width in widths), Role.FAINT, None)


def stacked(table: Table, width: int) -> Iterator[list[list[Run]]]:
    """The lines of each row but the head: one paragraph a cell, led by the name of its column.

    A head without rows is shown as a row.
    """
    head, *rows = table.rows
    names = ["".join(text for text, _, _ in cell) if rows else "" for cell in head]
    for row in rows or [head]:
        lines: list[list[Run]] = []
        for name, cell in zip(names, row, strict=True):
            if not cell and not name:
                continue
            led: list[Run] = [(f"{name}: ", Role.STRONG, None), *cell] if name else list(cell)
            first, *rest = wrap("".join(text for text, _, _ in led), width)
            hung = [] if not rest else _rewrap(led, first, width)
            lines += [cut(led, [first])[0], *hung]
        yield lines


def _rewrap(runs: Sequence[Run], first: tuple[int, int], width: int) -> list[list[Run]]:
    """The lines after the first, indented by two cells."""
    text = "".join(text for text, _, _ in runs)
    start = first[1]
    while start < len(text) and text[start] == " ":
        start += 1
    spans = [(start + a, start + b) for a, b in wrap(text[start:], width - 2)]
    return [[("  ", Role.PLAIN, None), *line] for line in cut(runs, spans)]


def _fold(cell: Cell, width: int) -> list[list[Run]]:
    if width_of(cell) <= width:
        return [cell]
    return cut(cell, wrap("".join(text for text, _, _ in cell), width))


def _aligned(runs: list[Run], width: int, alignment: str) -> list[Run]:
    space = width - width_of(runs)
    if space <= 0:
        return runs
    before = {"right": space, "center": space // 2}.get(alignment, 0)
    padded: list[Run] = [(" " * before, Role.PLAIN, None)] if before else []
    padded += runs
    if space > before:
        padded.append((" " * (space - before), Role.PLAIN, None))
    return padded
