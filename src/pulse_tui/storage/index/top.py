"""How many articles fit words, and the newest of them, without a list of all.

A letter fits most of a library, and to list a hundred thousand articles takes longer than a key may; FTS5
counts them in a sixth of that time, and hands over the last rows first, which are those of the latest days.
"""

from __future__ import annotations

import sqlite3

from pulse_tui.storage.index.listed import COLUMNS, Listed, listed_of
from pulse_tui.storage.index.moments import first_slot

_MOST = 2000
"""Rows that are read for one window; more lie on one day only where many files have no other date."""

_Row = tuple[int, int | None, str]


def count(connection: sqlite3.Connection, expression: str) -> int:
    """How many articles have headlines that fit an expression of FTS5."""
    chosen = "SELECT count(*) FROM headline WHERE headline MATCH ?"
    return int(connection.execute(chosen, (expression,)).fetchone()[0])


def newest(connection: sqlite3.Connection, expression: str, start: int, limit: int) -> list[Listed] | None:
    """A window near the top of the articles whose headlines fit an expression of FTS5, newest first.

    None where too many are of one day to tell it sooner than a list of all.
    """
    slots = _newest(connection, expression, start + limit)
    if slots is None:
        return None
    one = f"SELECT {COLUMNS} FROM article WHERE slot = ?"
    rows = (connection.execute(one, (slot,)).fetchone() for slot in slots[start:])
    return [listed_of(connection, row) for row in rows if row is not None]


def _newest(connection: sqlite3.Connection, expression: str, number: int) -> list[int] | None:
    """The slots of the newest articles that fit, at most so many.

    Slots are in the order of the days, but for articles of a day that is full, which lie behind it: so the
    rows are read down to the day of the last article that is wanted, and sorted.
    """
    rows = connection.execute(
        "SELECT slot, moment, article.id FROM headline CROSS JOIN article ON slot = headline.rowid"
        " WHERE headline MATCH ? ORDER BY headline.rowid DESC",
        (expression,),
    )
    found: list[_Row] = []
    lowest = 0
    for row in rows:
        if len(found) >= number and row[0] < lowest:
            break
        if len(found) == _MOST:
            return None
        found.append(row)
        if len(found) == number:
            lowest = first_slot(max(found, key=_age)[1])
    return [slot for slot, _, _ in sorted(found, key=_age)[:number]]


def _age(row: _Row) -> tuple[bool, int, str]:
    _, moment, article_id = row
    return moment is None, -(moment or 0), article_id
