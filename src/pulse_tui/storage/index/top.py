"""How many articles fit words, and the newest of them, without a list of all.

A letter fits most of a library, and to list a hundred thousand articles takes longer than a key may; FTS5
counts them in a sixth of that time, and hands over the last rows first, which are those of the latest days.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from typing import NamedTuple

from pulse_tui.storage.index.listed import COLUMNS, Listed, listed_of
from pulse_tui.storage.index.moments import first_slot

_MOST = 2000
"""Rows that are read for one window; more lie on one day only where many files have no other date."""

_Row = tuple[int, int | None, str]


class Choice(NamedTuple):
    """Which articles: an expression of FTS5 that their headlines fit, and bounds of their slots."""

    headline: str
    first: int = 0
    end: int = 1 << 62
    left_out: Set[int] = frozenset()
    """Slots of articles that do not count."""

    def condition(self) -> tuple[str, list[object]]:
        """The same for SQL, with its values."""
        conditions: list[str] = ["headline MATCH ?"]
        values: list[object] = [self.headline]
        if (self.first, self.end) != (0, 1 << 62):
            conditions.append("headline.rowid >= ? AND headline.rowid < ?")
            values += [self.first, self.end]
        if self.left_out:
            # With the plus each match is looked up among these; without it FTS5 might seek to each of them,
            # which takes three hundred times as long.
            conditions.append("+headline.rowid NOT IN (SELECT value FROM json_each(?))")
            values.append(as_json(self.left_out))
        return " AND ".join(conditions), values


def as_json(slots: Set[int]) -> str:
    """Slots for json_each of SQL."""
    return f"[{','.join(map(str, slots))}]"


def count(connection: sqlite3.Connection, choice: Choice) -> int:
    """How many articles are chosen."""
    condition, values = choice.condition()
    chosen = f"SELECT count(*) FROM headline WHERE {condition}"
    return int(connection.execute(chosen, values).fetchone()[0])


def newest(connection: sqlite3.Connection, choice: Choice, start: int, limit: int) -> list[Listed] | None:
    """A window near the top of the articles that are chosen, newest first.

    None where too many are of one day to tell it sooner than a list of all.
    """
    slots = _newest(connection, choice, start + limit)
    if slots is None:
        return None
    one = f"SELECT {COLUMNS} FROM article WHERE slot = ?"
    rows = (connection.execute(one, (slot,)).fetchone() for slot in slots[start:])
    return [listed_of(connection, row) for row in rows if row is not None]


def _newest(connection: sqlite3.Connection, choice: Choice, number: int) -> list[int] | None:
    """The slots of the newest articles that are chosen, at most so many.

    Slots are in the order of the days, but for articles of a day that is full, which lie behind it: so the
    rows are read down to the day of the last article that is wanted, and sorted.
    """
    condition, values = choice.condition()
    rows = connection.execute(
        "SELECT slot, moment, article.id FROM headline CROSS JOIN article ON slot = headline.rowid"
        f" WHERE {condition} ORDER BY headline.rowid DESC",
        values,
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
