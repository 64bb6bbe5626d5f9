"""The index of a library: which articles there are, in which order, and what they say.

It is derived from the files and may be deleted at any time.  Where its file cannot be used (a folder that may
not be written, a full disk, another program that never lets go) the same index is made in a private database
that ends with the program; a damaged file, or one of another version, is made anew.

A list in memory is no more than its slots, forty bytes an article; headlines are read by the window.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from pulse_tui.article import Figure, Notice
from pulse_tui.repository import Field, Order
from pulse_tui.storage.index.listed import COLUMNS, File, Listed, decoded, listed_of, way_given
from pulse_tui.storage.index.moments import DAY, first_slot
from pulse_tui.storage.index.store import Store, is_damage, is_fault, remove
from pulse_tui.storage.index.top import as_json
from pulse_tui.text import clean_line

if TYPE_CHECKING:
    from pulse_tui.storage.index.moved import Moved
    from pulse_tui.storage.index.report import Outcome, Report

T = TypeVar("T")

_ATTEMPTS = 4
_SHORT = 1 << 16
"""Characters of a list of numbers."""
_NEWEST = "moment DESC, id"
_ORDERS: dict[Order, str] = {
    "newest": _NEWEST,
    "longest": f"seconds DESC, {_NEWEST}",
    "shortest": f"seconds, {_NEWEST}",
}


class Index:
    """An index in the file at `path`, or with None in memory."""

    def __init__(self, path: Path | None) -> None:
        self._lock = Lock()
        self._path = path
        self._closed = False
        self.notice: Notice | None = None
        """Why there is no file, if there ought to be one."""
        self.is_whole = True
        """Whether what is listed is what was found; not after a loss, until the next refresh."""
        self._store = self._opened(path)

    # Keeping it

    def close(self) -> None:
        """Let go of the file."""
        self._closed = True
        self._store.close()

    @property
    def is_current(self) -> bool:
        """Whether the index is that of the folders, as far as can be told without looking at them."""
        return self.is_whole and self._store.is_there

    def refresh(self, folders: Sequence[str], report: Report, paths: Iterable[str] | None = None) -> Outcome:
        """Bring the index up to date with the folders, or with some paths in them."""
        from pulse_tui.storage.index.refresh import refresh, refresh_paths
        from pulse_tui.storage.index.report import Outcome

        only = None if paths is None or not self.is_current else list(paths)
        shown = self._store
        store = shown if shown.is_there else self._opened(self._path)
        for _ in range(_ATTEMPTS):
            before = self._generation(store)
            try:
                outcome = None if only is None else refresh_paths(store, folders, only, report)
                outcome = outcome or refresh(store, folders, report)
            except sqlite3.Error as fault:
                if self._closed:
                    break
                if not is_fault(fault):
                    raise
                only = None
                store.rest()
                if is_damage(fault):
                    self._give_up(store, fault)
                    shown = store = self._store
                elif self._generation(store) == before:  # else another program works, and our turn comes
                    self.notice = _unusable(self._path, str(fault))
                    store = Store(None)
                continue
            if store is not shown:
                self._replace(shown, store)
                outcome = outcome._replace(changed=True)
            self.is_whole = self.is_whole or not report.stopped()
            return outcome
        return Outcome(False, None)

    def settle(self, tell: Callable[[Sequence[Moved]], None], *, is_kept: bool = True) -> None:
        """Tell what has become of ids; again the next time, if this is not brought to its end.

        Other programs are told too, unless whoever hears it keeps it for all of them.
        """
        from pulse_tui.storage.index import moved

        def work(connection: sqlite3.Connection) -> None:
            if to_tell := moved.to_tell(connection):
                tell(to_tell)
                if is_kept or self._store.is_private:
                    moved.told(connection)

        try:
            if self.ask(moved.is_any):
                self.change(work)
                self._store.rest()
        except sqlite3.Error as fault:
            if not is_fault(fault):
                raise

    def tidy(self) -> bool:
        """Do a little of what makes searches faster, some 100 ms; whether more is to do."""
        from pulse_tui.storage.index.writing import tidy

        try:
            if not self.ask(lambda connection: _meta(connection, "untidy")):
                return False
            if self.change(tidy):
                return True
        except sqlite3.Error as fault:
            if not is_fault(fault):
                raise
        self._store.rest()
        return False

    def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something to the index in a transaction."""
        with self._store.writing() as connection:
            return work(connection)

    # Lists

    def generation(self) -> int:
        """A number that is another one whenever the index has changed, whoever changed it."""
        return self.ask(lambda connection: _meta(connection, "generation"))

    def count(self) -> int:
        """How many articles there are."""
        return self.ask(lambda connection: _meta(connection, "count"))

    def newest(self, start: int, limit: int) -> list[Listed]:
        """A window near the top of all articles, newest first."""

        def work(connection: sqlite3.Connection) -> list[Listed]:
            slots = f"SELECT slot FROM article ORDER BY {_NEWEST} LIMIT ? OFFSET ?"
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM article WHERE slot IN ({slots}) ORDER BY {_NEWEST}", (limit, start)
            ).fetchall()
            return [listed_of(connection, row) for row in rows]

        return self.ask(work)

    def listed(self, slots: Iterable[int]) -> list[Listed]:
        """The articles in these slots, in their order; those that have gone since are left out."""
        wanted = list(slots)

        def work(connection: sqlite3.Connection) -> list[Listed]:
            one = f"SELECT {COLUMNS} FROM article WHERE slot = ?"
            rows = (connection.execute(one, (slot,)).fetchone() for slot in wanted)
            return [listed_of(connection, row) for row in rows if row is not None]

        return self.ask(work)

    def slots(self, order: Order) -> list[int]:
        """The slots of all articles in an order."""
        # SQLite keeps the order of a subquery for an aggregate over it (select.c, where it omits ORDER BY),
        # and one text is handed over five times as fast as a row for each article.
        chosen = "SELECT group_concat(slot) FROM (SELECT slot FROM article {} ORDER BY {})"
        if order != "oldest":
            return self._all(chosen.format("", _ORDERS[order]), ())
        dated = self._all(chosen.format("WHERE moment IS NOT NULL", "moment, id"), ())
        return [*dated, *self._all(chosen.format("WHERE moment IS NULL", "id"), ())]

    def slots_of(self, ids: Iterable[str]) -> set[int]:
        """The slots of the articles with these ids."""
        import json

        listed = json.dumps(list(ids))
        chosen = "SELECT group_concat(slot) FROM article WHERE id IN (SELECT value FROM json_each(?))"
        return set(self._all(chosen, (listed,)))

    def slots_between(self, first: int | None, end: int | None) -> set[int]:
        """The slots of what was published from one moment to before another."""
        low, high = (-(1 << 63) if first is None else first), ((1 << 63) - 1 if end is None else end)
        chosen = "SELECT group_concat(slot) FROM article WHERE moment >= ? AND moment < ?"
        return set(self._all(chosen, (low, high)))

    def matching(self, table: str, expression: str, within: Set[int] | None = None) -> list[int]:
        """The slots of all rows of a table (`headline` or `whole`) that fit an expression of FTS5.

        Those of `whole` may be of articles that have gone.  Of few slots those `within` which to look may be
        named, so that not all have to be handed over.
        """
        chosen = f"SELECT group_concat(rowid) FROM {table} WHERE {table} MATCH ?"
        if within is None:
            return self._all(chosen, (expression,))
        chosen += " AND +rowid IN (SELECT value FROM json_each(?))"
        return self._all(chosen, (expression, as_json(within)))

    def days(self, first: int | None, end: int | None) -> tuple[int, int] | None:
        """The first slot and the end of those of what was published from one day to before another.

        None where a day was so full that its slots do not tell which articles are of it.
        """
        if first is None and end is None:
            return 0, 1 << 62
        if self.ask(lambda connection: _meta(connection, "spill")):
            return None
        return (DAY if first is None else first_slot(first)), (1 << 62 if end is None else first_slot(end))

    def before(self, moment: int | None, article_id: str) -> int:
        """How many of all articles stand before one with this date and id, newest first."""

        def work(connection: sqlite3.Connection) -> int:
            newer = f"SELECT count(*) FROM article WHERE moment {'IS NOT' if moment is None else '>'} ?"
            same = "SELECT count(*) FROM article WHERE moment IS ? AND id < ?"
            first = int(connection.execute(newer, (moment,)).fetchone()[0])
            return first + int(connection.execute(same, (moment, article_id)).fetchone()[0])

        return self.ask(work)

    def values(self, field: Field) -> list[tuple[str, int]]:
        """The values of a field and how many articles have them, most first."""
        chosen = "SELECT value, count FROM label WHERE field = ? ORDER BY count DESC, value"
        return self.ask(lambda connection: connection.execute(chosen, (field,)).fetchall())

    def pictures(self) -> list[tuple[Listed, list[Figure]]]:
        """The pictures of each article that has any, newest first."""

        def work(connection: sqlite3.Connection) -> list[tuple[Listed, list[Figure]]]:
            with_any = "SELECT DISTINCT slot FROM figure"
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM article WHERE slot IN ({with_any}) ORDER BY {_NEWEST}"
            )
            return [(listed_of(connection, row), _figures(connection, row[0])) for row in rows.fetchall()]

        return self.ask(work)

    def figures(self, slot: int) -> list[Figure]:
        """The pictures of an article."""
        return self.ask(lambda connection: _figures(connection, slot))

    def yielding(self, limit: int) -> list[Notice]:
        """What is listed under another id than it asks for, and why."""

        def work(connection: sqlite3.Connection) -> list[Notice]:
            rows = connection.execute(
                "SELECT id, wanted, path FROM article WHERE id <> wanted ORDER BY folder, relative LIMIT ?",
                (limit,),
            ).fetchall()
            return [way_given(connection, *row) for row in rows]

        return self.ask(work)

    # One article

    def file(self, article_id: str) -> File | None:
        """Where the article with an id lies."""
        return self._file("id = ?", (_bound(article_id),))

    def file_at(self, real: str) -> File | None:
        """The article at a path without links."""
        try:
            path = os.fsencode(real)
        except UnicodeEncodeError:
            return None
        return self._file("path = ? AND real IS NULL", (path,)) or self._file("real = ?", (path,))

    def file_in(self, slot: int) -> File | None:
        """Where the article in a slot lies."""
        return self._file("slot = ?", (slot,))

    def headline(self, article_id: str) -> Listed | None:
        """The article with an id."""

        def work(connection: sqlite3.Connection) -> Listed | None:
            row = connection.execute(
                f"SELECT {COLUMNS} FROM article WHERE id = ?", (_bound(article_id),)
            ).fetchone()
            return None if row is None else listed_of(connection, row)

        return self.ask(work)

    def named(self, part: str, limit: int) -> list[tuple[str, str]]:
        """Ids and relative paths of articles whose path ends so, or has some bytes more for a suffix."""
        try:
            wanted = os.fsencode(part)
        except UnicodeEncodeError:
            return []
        end = len(wanted) + len(".markdown")
        chosen = "SELECT id, relative FROM article WHERE instr(substr(relative, ?), ?) LIMIT ?"
        rows = self.ask(lambda connection: connection.execute(chosen, (-end, wanted, limit)).fetchall())
        return [(article_id, os.fsdecode(relative)) for article_id, relative in rows]

    def beginning(self, start: str, limit: int) -> tuple[list[str], int]:
        """Some ids that begin so, and how many there are."""
        bounds = _bound(start), _bound(start) + "\U0010ffff"
        chosen = "FROM article WHERE id >= ? AND id < ?"

        def work(connection: sqlite3.Connection) -> tuple[list[str], int]:
            rows = connection.execute(f"SELECT id {chosen} ORDER BY id LIMIT {limit}", bounds).fetchall()
            number = connection.execute(f"SELECT count(*) {chosen}", bounds).fetchone()[0]
            return [row[0] for row in rows], number

        return self.ask(work)

    def names(self, limit: int) -> list[tuple[str, str]]:
        """Ids and relative paths of the newest articles."""
        chosen = f"SELECT id, relative FROM article ORDER BY {_NEWEST} LIMIT ?"
        rows = self.ask(lambda connection: connection.execute(chosen, (limit,)).fetchall())
        return [(article_id, os.fsdecode(relative)) for article_id, relative in rows]

    def ask(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The answer to a question; if the file is lost meanwhile, that of the index that takes its place."""
        for _ in range(_ATTEMPTS):
            store = self._store
            try:
                with store.reading() as connection:
                    return work(connection)
            except sqlite3.ProgrammingError:
                if store is self._store:
                    raise
            except sqlite3.Error as fault:
                if not is_fault(fault):
                    raise
                self._give_up(store, fault)
        with self._store.reading() as connection:
            return work(connection)

    # Inside

    def _all(self, chosen: str, values: tuple[object, ...]) -> list[int]:
        text = self.ask(lambda connection: connection.execute(chosen, values).fetchone()[0])
        if not text:
            return []
        if len(text) < _SHORT:
            return list(map(int, str(text).split(",")))
        import json  # faster with many numbers, but its import is a millisecond

        slots: list[int] = json.loads(f"[{text}]")
        return slots

    def _file(self, condition: str, values: tuple[object, ...]) -> File | None:
        columns = "slot, id, wanted, path_id, path, real, relative, title, digest, seconds"

        def work(connection: sqlite3.Connection) -> File | None:
            row = connection.execute(f"SELECT {columns} FROM article WHERE {condition}", values).fetchone()
            if row is None:
                return None
            slot, article_id, wanted, path_id, path, real, relative, title, digest, seconds = row
            place = decoded(path)
            yields = way_given(connection, article_id, wanted, path) if article_id != wanted else None
            real_place = os.fsdecode(real) if real is not None else place
            name = os.fsdecode(relative)
            return File(slot, article_id, path_id, place, real_place, name, title, digest, seconds, yields)

        return self.ask(work)

    def _opened(self, path: Path | None) -> Store:
        """The index at a path; made anew if it is damaged, in memory if there can be none."""
        try:
            return Store(path)
        except OSError as fault:
            self.notice = _unusable(path, fault.strerror or str(fault))
        except sqlite3.Error as fault:
            if not is_fault(fault):
                raise
            self.notice = _unusable(path, str(fault))
        return Store(None)

    def _give_up(self, store: Store, fault: sqlite3.Error) -> None:
        """Put another index in the place of one that failed; what it held comes with the next refresh."""
        with self._lock:
            if self._store is not store:
                return
            self.is_whole = False
            path = self._path
            if path is not None and store.path is not None and (is_damage(fault) or not store.is_there):
                # Another program may have put a sound one in its place.
                with_file = self._anew(path) if store.is_there else self._opened(path)
            else:
                self.notice = _unusable(path, str(fault))
                with_file = Store(None)
            self._store = with_file
        store.close()

    def _anew(self, path: Path) -> Store:
        try:
            remove(path)
        except OSError as fault:
            self.notice = _unusable(path, fault.strerror or str(fault))
            return Store(None)
        return self._opened(path)

    def _replace(self, old: Store, new: Store) -> None:
        with self._lock:
            self._store = new
        old.close()

    def _generation(self, store: Store) -> int:
        try:
            with store.reading() as connection:
                return _meta(connection, "generation")
        except sqlite3.Error:
            return -1


def _meta(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])


def _figures(connection: sqlite3.Connection, slot: int) -> list[Figure]:
    its = "SELECT source, alt, caption, credit FROM figure WHERE slot = ? ORDER BY number"
    return [Figure(*figure) for figure in connection.execute(its, (slot,))]


def _bound(text: str) -> str:
    """A text that SQLite takes: without halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode()


def _unusable(path: Path | None, reason: str) -> Notice:
    reason = clean_line(reason)
    return Notice(f"The index cannot be kept there ({reason}), so every start reads the whole library.", path)
