"""Lists of an index: narrowed by a query and by the reader's state, in an order, a window at a time.

The first windows of the whole library, and of what words narrow it to, come straight from the index.  Any
other list is made once, from slots, and kept while neither the index nor the state changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from itertools import filterfalse
from threading import Lock
from typing import NamedTuple

from pulse_tui.query import EVERYTHING, Query, Term
from pulse_tui.repository import EVERY, Order, View
from pulse_tui.storage.index import top
from pulse_tui.storage.index.index import Index
from pulse_tui.storage.index.listed import Listed
from pulse_tui.storage.index.moments import moment
from pulse_tui.storage.state.state import StateStore

_KEPT = 4
_TRIES = 5
_NEAR = 500
"""Articles from the top that need no list of slots."""
_MANY = 10_000
"""Slots that it takes longer to hand over to the index than to take all matches from it."""


class _Made(NamedTuple):
    """A list, and of which index and state."""

    of: tuple[int, int]
    slots: list[int]


class Views:
    """The lists of one index for one reader."""

    def __init__(self, index: Index, state: StateStore) -> None:
        self._index = index
        self._state = state
        self._lock = Lock()
        self._made: dict[View, _Made] = {}
        self._read: tuple[tuple[int, int], set[int]] | None = None

    def count(self, view: View = EVERY) -> int:
        """How many articles a list has."""
        if view.query == EVERYTHING:
            return self._index.count()
        if (choice := self._choice(view)) is None:
            return len(self.slots(view))
        return self._index.ask(lambda connection: top.count(connection, choice))

    def window(self, view: View, start: int, limit: int | None) -> list[Listed]:
        """Some articles of a list; shorter than `limit` at the end."""
        if limit == 0:
            return []
        if view == EVERY and limit is not None and start + limit <= _NEAR:
            return self._index.newest(start, limit)
        if limit is not None and start + limit <= _NEAR and (choice := self._choice(view)) is not None:
            window = self._index.ask(lambda connection: top.newest(connection, choice, start, limit))
            if window is not None:
                return window
        end = None if limit is None else start + limit
        for _ in range(_TRIES):
            slots = self.slots(view)[start:end]
            listed = self._index.listed(slots)
            if len(listed) == len(slots):  # else some have changed since the list was made
                break
        return listed

    def position(self, view: View, article_id: str) -> int | None:
        """Where an article stands in a list, from 0; None if it is not there."""
        file = self._index.file(article_id)
        if file is None:
            return None
        try:
            return self.slots(view).index(file.slot)
        except ValueError:
            return None

    def rank(self, view: View, listed: Listed) -> int:
        """How many articles of a list stand before an article that need not be in it."""
        key = order_key(view.order, listed)
        slots = self.slots(view)
        low, high = 0, len(slots)
        while low < high:
            middle = (low + high) // 2
            other = self._index.listed(slots[middle : middle + 1])
            if other and order_key(view.order, other[0]) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def read_slots(self) -> set[int]:
        """The slots of the articles that are read."""
        of = self._index.generation(), self._state.version
        known = self._read
        if known is None or known[0] != of:
            ids = self._state.read_ids()
            known = self._read = of, self._index.slots_of(ids) if ids else set()
        return known[1]

    def slots(self, view: View) -> list[int]:
        """All of a list."""
        of = self._of(view.query)
        with self._lock:
            made = self._made.get(view)
        if made is None or made.of != of:
            made = _Made(of, self._make(view))
        with self._lock:
            self._made.pop(view, None)
            self._made[view] = made
            if len(self._made) > _KEPT:
                others = (other for other in self._made if other.query != EVERYTHING)
                del self._made[next(others, next(iter(self._made)))]
        return made.slots

    def narrowed(self, query: Query) -> tuple[set[int] | None, set[int]]:
        """Which slots may be in a list but for the words of the query (None is all), and which may not."""
        chosen: set[int] | None = None
        left_out: set[int] = set()
        if query.contradicts:
            return set(), left_out
        if query.after is not None or query.before is not None:
            chosen = self._index.slots_between(_first(query.after), _first(query.before))
        if query.read is not None:
            chosen, left_out = _limited(chosen, left_out, self.read_slots(), query.read)
        if query.starred is not None:
            starred = self._index.slots_of(self._state.starred_ids())
            chosen, left_out = _limited(chosen, left_out, starred, query.starred)
        return chosen, left_out

    def _of(self, query: Query) -> tuple[int, int]:
        """The index and the state of which a list is."""
        asks_state = query.read is not None or query.starred is not None
        return self._index.generation(), self._state.version if asks_state else 0

    def _choice(self, view: View) -> top.Choice | None:
        """What the index itself can tell the count and the top of.

        None where anything but words of headlines is asked for, where few articles are left anyway, where the
        order is another, or the list is made already.
        """
        query = view.query
        if view.order != "newest" or not query.terms or query.contradicts:
            return None
        with self._lock:
            made = self._made.get(view)
        if made is not None and made.of == self._of(query):
            return None
        wanted, unwanted = (
            dict(
                _expressions(
                    [term for term in query.terms if term.excluded == excluded], together=not excluded
                )
            )
            for excluded in (False, True)
        )
        if set(wanted) != {"headline"} or "whole" in unwanted:
            return None
        bounds = self._index.days(_first(query.after), _first(query.before))
        chosen, left_out = self.narrowed(query._replace(after=None, before=None))
        if bounds is None or chosen is not None or len(left_out) > _MANY:
            return None
        headline = wanted["headline"]
        if unwanted:
            headline = f"({headline}) NOT ({unwanted['headline']})"
        return top.Choice(headline, *bounds, left_out)

    def _make(self, view: View) -> list[int]:
        query, order = view
        if query == EVERYTHING:
            return self._index.slots(order)
        chosen, left_out = self.narrowed(query)
        for excluded in (False, True):
            terms = [term for term in query.terms if term.excluded == excluded]
            for table, expression in _expressions(terms, together=not excluded):
                few = chosen if chosen is not None and len(chosen) <= _MANY else None
                fitting = self._index.matching(table, expression, few)
                chosen, left_out = _limited(chosen, left_out, fitting, not excluded)
        slots: Iterable[int] = self.slots(View(EVERYTHING, order))
        if chosen is not None:
            slots = filter(chosen.__contains__, slots)
        if left_out:
            slots = filterfalse(left_out.__contains__, slots)
        return list(slots)


def order_key(order: Order, listed: Listed) -> tuple[object, ...]:
    """What articles are sorted by; the same as in SQL."""
    when = moment(listed.headline.published)
    if order == "oldest":
        return when is None, when or 0, listed.headline.id
    newest = when is None, -(when or 0), listed.headline.id
    if order == "newest":
        return newest
    return (listed.seconds if order == "shortest" else -listed.seconds, *newest)


def _expressions(terms: Iterable[Term], *, together: bool) -> Iterable[tuple[str, str]]:
    """The tables in which to look for terms, and their expressions of FTS5.

    Words are looked for in headlines, where all of them may go on; captions and credits lie with the text.
    """
    from pulse_tui.storage.index.words import phrase

    expressions: dict[str, list[str]] = {"whole": [], "headline": []}  # what is rarer first
    for term in terms:
        table = "whole" if term.field in ("caption", "credit") else "headline"
        prefix = term.prefix or (not term.field and not term.excluded)
        column = f"{{{term.field}}} : " if term.field else ""
        expressions[table].append(column + phrase(term.text, prefix=prefix))
    for table, parts in expressions.items():
        if parts:
            yield table, (" AND " if together else " OR ").join(parts)


def _limited(
    chosen: set[int] | None, left_out: set[int], slots: Collection[int], belongs: bool
) -> tuple[set[int] | None, set[int]]:
    """The choice with one condition more: to be, or not to be, in a set."""
    if not belongs:
        return chosen, left_out.union(slots)
    return set(slots) if chosen is None else chosen.intersection(slots), left_out


def _first(day: date | None) -> int | None:
    return None if day is None else moment(datetime(day.year, day.month, day.day, tzinfo=UTC))
