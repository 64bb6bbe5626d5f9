"""Searching the whole text of a library: which articles fit, best first.

Articles with all words in the title come first, then those with all words in what a list shows of them
(title, dek, sections, authors, tags), then those that have them anywhere; within each the newest first.  That
order is one in which the index can be read, newest day first, so a search ends as soon as it has enough,
however common its words are: to rank a hundred thousand matches by how often they have a word takes a second.

A word that is still being typed stands, in headlines, for all words that begin so; in the text it is left
out up to its third letter, and then stands for the commonest words of headlines that begin so, or for all if
there are few.  FTS5 would merge the lists of all words with a short beginning, which takes up to two seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pulse_tui.query import EVERYTHING, Query, Term
from pulse_tui.repository import View
from pulse_tui.storage.index.index import Index
from pulse_tui.storage.index.moments import DAY, first_slot, moment
from pulse_tui.storage.index.words import phrase, unfinished
from pulse_tui.storage.views import Views

_LOOKED_AT = 5000
"""Headlines whose pictures are looked at; what comes behind them is found by its text."""
_BEGINNING = 3
"""Letters from which a word that is being typed is completed in the text."""
_COMPLETIONS = 24
_RARE = 200
_OF_PICTURES = ("caption", "credit")

_IN_TITLE, _IN_HEADLINE, _ANYWHERE = range(3)


class Found(NamedTuple):
    """An article that fits; sorts by how well."""

    part: int
    undated: bool
    age: int
    id: str
    slot: int


def search(index: Index, views: Views, query: Query, limit: int) -> list[Found]:
    """The articles that fit a query, best first; none for a query that asks nothing."""
    if query == EVERYTHING or limit <= 0:
        return []
    wanted = [term for term in query.terms if not term.excluded]
    if not wanted:
        return _filtered(index, views, query, limit)
    allowed, left_out = views.narrowed(query._replace(after=None, before=None))
    if allowed is not None and not allowed:
        return []

    def work(connection: sqlite3.Connection) -> list[Found]:
        return _Search(connection, query, allowed, left_out).run(limit)

    return index.ask(work)


def _filtered(index: Index, views: Views, query: Query, limit: int) -> list[Found]:
    """What no word is asked of: the newest that the filters leave."""
    excluded = _or([_expression(term) for term in query.terms])
    without = set(index.matching("whole", excluded)) if excluded else set()
    slots = (slot for slot in views.slots(View(query._replace(terms=()))) if slot not in without)

    def work(connection: sqlite3.Connection) -> list[Found]:
        found = []
        for slot in slots:
            row = connection.execute("SELECT moment, id FROM article WHERE slot = ?", (slot,)).fetchone()
            if row is not None:
                found.append(_found(_ANYWHERE, slot, *row))
            if len(found) == limit:
                break
        return found

    return index.ask(work)


class _Search:
    """One search for words, on one connection."""

    def __init__(
        self, connection: sqlite3.Connection, query: Query, allowed: set[int] | None, left_out: set[int]
    ) -> None:
        self._connection = connection
        self._allowed = allowed
        self._left_out = left_out
        self._after = moment(query.after)
        self._before = moment(query.before)
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        self._count = meta["count"]
        self._first_slot = 0 if query.after is None else first_slot(self._after)
        spilled = meta["spill"] * DAY
        self._end_slot = (1 << 62) if query.before is None else first_slot(self._before) + spilled
        self._terms = [term for term in query.terms if not term.excluded]
        self._not = _or([_expression(term) for term in query.terms if term.excluded])
        self._of_pictures = _and([_expression(term) for term in self._terms if term.field in _OF_PICTURES])

    def run(self, limit: int) -> list[Found]:
        """The best articles, at most so many."""
        found: dict[int, Found] = {}
        if self._not:  # once, since FTS5 does not seek to a row through NOT
            self._left_out = self._left_out | set(self._matching(self._not))
        in_headline = [term for term in self._terms if term.field not in _OF_PICTURES]
        if in_headline:
            in_title = [_expression(term, "title") for term in in_headline]
            anywhere = [_expression(term) for term in in_headline]
            self._collect(found, limit, _IN_TITLE, "headline", _and(in_title))
            self._collect(found, limit, _IN_HEADLINE, "headline", _and(anywhere))
        in_text = [self._completed(term) if term.prefix else _expression(term) for term in self._terms]
        wanted = _and(list(filter(None, in_text)) or [_expression(self._terms[0]._replace(prefix=False))])
        self._collect(
            found, limit, _ANYWHERE, "whole", f"({wanted}) NOT ({self._not})" if self._not else wanted
        )
        return sorted(found.values())[:limit]

    def _collect(self, found: dict[int, Found], limit: int, part: int, table: str, expression: str) -> None:
        if len(found) >= limit:
            return
        slots = self._slots(table, expression)
        if self._of_pictures and part != _ANYWHERE:
            slots = islice(slots, _LOOKED_AT)
        for slot in slots:
            if slot in found or slot in self._left_out:
                continue
            row = self._connection.execute(
                "SELECT moment, id FROM article WHERE slot = ?", (slot,)
            ).fetchone()
            if row is None or not self._in_time(row[0]) or (part != _ANYWHERE and not self._fits(slot)):
                continue
            found[slot] = _found(part, slot, *row)
            if len(found) >= limit:
                return

    def _slots(self, table: str, expression: str) -> Iterator[int]:
        """The slots of matches, latest day first."""
        if self._allowed is not None:
            yield from sorted(self._allowed.intersection(self._matching(expression, table)), reverse=True)
            return
        bounded = f"{table} MATCH ? AND rowid >= ? AND rowid < ?"
        chosen = f"SELECT rowid FROM {table} WHERE {bounded} ORDER BY rowid DESC"
        rows = self._connection.execute(chosen, (expression, self._first_slot, self._end_slot))
        for (slot,) in rows:
            yield slot

    def _matching(self, expression: str, table: str = "whole") -> list[int]:
        """All slots that match."""
        chosen = f"SELECT json_group_array(rowid) FROM {table} WHERE {table} MATCH ?"
        slots: list[int] = json.loads(self._connection.execute(chosen, (expression,)).fetchone()[0])
        return slots

    def _in_time(self, when: int | None) -> bool:
        if self._after is None and self._before is None:
            return True
        if when is None:
            return False
        return (self._after is None or when >= self._after) and (self._before is None or when < self._before)

    def _fits(self, slot: int) -> bool:
        """Whether an article whose headline fits also has in its pictures what is asked of them."""
        if not self._of_pictures:
            return True
        one = "SELECT 1 FROM whole WHERE whole MATCH ? AND rowid = ?"
        return self._connection.execute(one, (self._of_pictures, slot)).fetchone() is not None

    def _completed(self, term: Term) -> str:
        """The expression for a term whose last word is still being typed; empty if that is too short."""
        before, beginning = unfinished(term.text)
        if len(beginning) < _BEGINNING:
            return _expression(term._replace(text=before, prefix=False)) if before else ""
        rows = self._connection.execute(
            "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? ORDER BY doc DESC",
            (beginning, beginning + "\U0010ffff"),
        ).fetchall()
        if sum(row[1] for row in rows) <= max(_RARE, self._count // 100):
            return _expression(term)
        completions = dict.fromkeys([beginning, *(row[0] for row in rows[:_COMPLETIONS])])
        column = f"{{{term.field}}} : " if term.field else ""
        return f"({_or([column + phrase(f'{before} {word}') for word in completions])})"


def _expression(term: Term, column: str = "") -> str:
    column = term.field or column
    words = phrase(term.text, prefix=term.prefix)
    return f"{{{column}}} : {words}" if column else words


def _and(parts: Sequence[str]) -> str:
    return " AND ".join(parts)


def _or(parts: Sequence[str]) -> str:
    return " OR ".join(parts)


def _found(part: int, slot: int, when: int | None, article_id: str) -> Found:
    return Found(part, when is None, -(when or 0), article_id, slot)
