"""One reader's subscriptions, and what was taken from them, as rows of the state file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from math import inf, nextafter

from pulse_tui.storage.state import following
from pulse_tui.storage.state.following import Followed, Following, TakenRow
from pulse_tui.subscriptions import Answer, Subscription, Taken

SINCE = 2
"""The version of the file from which on it has these tables."""
TABLES = ("subscription", "answer")
"""Those that are read whole when the file is opened;
in what was taken a broken page is found when it is met."""

_FIELDS = "url, title, home, folders, name, every, removed, changed"
_MINE = ", ".join(f"mine.{field}" for field in _FIELDS.split(", "))
_ANSWER = "etag, modified, asked, due, fault, failures, gone"
_TAKEN = "feed, source, file, said, written, changed"
# Whether another feed has the name and keeps it.  The index is named, because without figures on the tables
# SQLite takes the key, by which ten thousand names are told apart in half a minute.
_SECOND = """
    EXISTS (
        SELECT 1 FROM subscription AS other INDEXED BY subscription_by_name
        WHERE other.reader = mine.reader AND other.removed = 0
        AND other.name = mine.name COLLATE NOCASE AND other.url < mine.url
    )
"""
_ALL = f"""
    SELECT {_MINE}, {_SECOND}, {_ANSWER} FROM subscription AS mine LEFT JOIN answer USING (reader, url)
    WHERE mine.reader = ? AND mine.removed = 0
"""
_ONE = f"SELECT {_MINE}, {_SECOND} FROM subscription AS mine WHERE mine.reader = ? AND mine.url = ?"
_NAMED = f"""
    SELECT {_MINE}, {_SECOND} FROM subscription AS mine INDEXED BY subscription_by_name
    WHERE mine.reader = ? AND mine.removed = 0 AND mine.name = ? COLLATE NOCASE ORDER BY mine.url
"""
_USED = """
    SELECT EXISTS (
        SELECT 1 FROM subscription INDEXED BY subscription_by_name
        WHERE reader = ? AND removed = 0 AND name = ? COLLATE NOCASE AND url <> ?
    )
"""
_PUT = f"INSERT OR REPLACE INTO subscription (reader, {_FIELDS}) VALUES (?{', ?' * 8})"
_ANSWERED = f"""
    INSERT OR REPLACE INTO answer (reader, url, {_ANSWER})
    SELECT reader, url{", ?" * 7} FROM subscription WHERE reader = ? AND url = ? AND removed = 0
"""
_INHERIT = f"""
    INSERT OR IGNORE INTO taken (reader, {_TAKEN})
    SELECT reader, ?, source, file, said, written, changed FROM taken WHERE reader = ? AND feed = ?
"""
_TAKE = f"INSERT OR REPLACE INTO taken (reader, {_TAKEN}) VALUES (?{', ?' * 6})"
_WINDOW = f"""
    SELECT {_TAKEN} FROM taken WHERE reader = ? AND (feed, source) > (?, ?) ORDER BY feed, source LIMIT ?
"""


def _merging(table: str, columns: str, key: str) -> str:
    """A statement that takes a row if it is the later one; of two of one moment, the one that is greater."""
    names = columns.split(", ")
    values = [name for name in names if name not in key.split(", ")]
    rank = ["changed", *(name for name in values if name != "changed")]
    return f"""
        INSERT INTO {table} (reader, {columns}) VALUES (?{", ?" * len(names)})
        ON CONFLICT (reader, {key}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in values)}
        WHERE ({", ".join(f"excluded.{name}" for name in rank)})
            > ({", ".join(f"{table}.{name}" for name in rank)})
    """


_MERGE = _merging("subscription", _FIELDS, "url")
_MERGE_TAKEN = _merging("taken", _TAKEN, "feed, source")


class FeedRows:
    """The rows, by a connection; whoever calls begins and ends the transaction.

    `now` is the time that changes get, in Unix seconds.
    """

    def __init__(self, database: sqlite3.Connection, reader: str, now: float) -> None:
        self._database = database
        self._reader = reader
        self._now = now

    # Looking

    def all(self, url: str | None = None) -> list[tuple[Subscription, Answer]]:
        """The subscriptions, or the one of that address, with their answers, by name."""
        sql, values = (_ALL, ()) if url is None else (f"{_ALL} AND mine.url = ?", (url,))
        found = []
        for row in self._database.execute(sql, (self._reader, *values)):
            if (followed := following.followed_of(row[:8])) is not None:
                found.append((_going_by(followed, bool(row[8])), following.answer_of(row[9:])))
        return sorted(found, key=lambda pair: pair[0].name)

    def subscriptions(self) -> list[Followed]:
        """Those that are and were followed, by address."""
        sql = f"SELECT {_FIELDS} FROM subscription WHERE reader = ? ORDER BY url"
        rows = self._database.execute(sql, (self._reader,))
        return [found for row in rows if (found := following.followed_of(row)) is not None]

    def taken(self, name: str, source: str = "") -> dict[str, Taken]:
        """What was taken from the feed that goes by this name, by source; or from that source alone."""
        feeds = self._feeds(name)
        only = (following.kept_source(source),) if source else ()
        sql = f"""
            SELECT source, file, said, written FROM taken
            WHERE reader = ? AND feed IN (?{", ?" * (len(feeds) - 1)}) {"AND source = ?" * len(only)}
            ORDER BY changed
        """
        found = {}
        for kept, *row in self._database.execute(sql, (self._reader, *feeds, *only)):
            if (taken := following.taken_of(*row)) is not None:
                found[following.source_of(str(kept))] = taken
        return found

    def taken_rows(self, after: tuple[str, str], limit: int) -> list[TakenRow]:
        """What was taken from any feed, by feed and source, from behind these on."""
        rows = self._database.execute(_WINDOW, (self._reader, *after, limit))
        return [TakenRow(*row) for row in rows]

    # Writing

    def put(self, wanted: Iterable[Subscription]) -> None:
        """Add or change subscriptions."""
        numbers: dict[str, int] = {}
        for each in wanted:
            known, second = self._known(each.url)
            before = None if known is None or known.removed else known.subscription
            had = "" if known is None else known.subscription.name
            went_by = had if known is None or before is None else _going_by(known, second).name
            name = each.name or went_by or following.host_name(each.url)
            keeps = before is not None and name == went_by
            new = each._replace(name=had if keeps else self._free(name, each.url, numbers))
            if new == before:
                continue
            self._put(new, known)
            if went_by and not keeps:
                self._inherit(went_by, new.name)

    def move(self, url: str, to: str) -> None:
        """Give a subscription another address."""
        known, second = self._known(url)
        if known is None or known.removed:
            return
        other, _ = self._known(to)
        if other is None or other.removed:
            moved = _going_by(known, second)
            if second:
                self._inherit(known.subscription.name, moved.name)
            self._put(moved._replace(url=to), other)
            sql = "UPDATE OR REPLACE answer SET url = ? WHERE reader = ? AND url = ?"
            self._database.execute(sql, (to, self._reader, url))
        self.remove(url)

    def remove(self, url: str) -> bool:
        """Remember only that it was followed, and under which name; whether it was."""
        known, _ = self._known(url)
        if known is None or known.removed:
            return False
        self._put(known.subscription, known, removed=True)
        self._database.execute("DELETE FROM answer WHERE reader = ? AND url = ?", (self._reader, url))
        return True

    def answered(self, url: str, answer: Answer) -> None:
        """Keep an answer, if the feed is followed."""
        self._database.execute(_ANSWERED, (*following.answer_row(answer), self._reader, url))

    def take(self, name: str, taken: Mapping[str, Taken]) -> None:
        """Keep what became of sources."""
        feeds = self._feeds(name)
        sql = f"""
            SELECT file, said, written, changed FROM taken
            WHERE reader = ? AND feed IN (?{", ?" * (len(feeds) - 1)}) AND source = ?
            ORDER BY changed DESC LIMIT 1
        """
        for each, (file, said, written) in taken.items():
            source, values = following.kept_source(each), (file, said, following.dumped(written))
            known = self._database.execute(sql, (self._reader, *feeds, source)).fetchone()
            if known is None or known[:3] != values:
                changed = self._stamp(None if known is None else known[3])
                self._database.execute(_TAKE, (self._reader, name, source, *values, changed))

    def merge(self, found: Following) -> None:
        """Take what is later."""
        rows = ((self._reader, *following.row_of(each)) for each in found.subscriptions)
        self._database.executemany(_MERGE, rows)
        self._database.executemany(_MERGE_TAKEN, ((self._reader, *row) for row in found.taken))
        sql = """
            DELETE FROM answer WHERE reader = ? AND url IN
            (SELECT url FROM subscription WHERE reader = ? AND removed = 1)
        """
        self._database.execute(sql, (self._reader, self._reader))

    # Inside

    def _known(self, url: str) -> tuple[Followed | None, bool]:
        """What is kept of an address, and whether its name is also another's, who keeps it."""
        row = self._database.execute(_ONE, (self._reader, url)).fetchone()
        return (None, False) if row is None else (following.followed_of(row[:8]), bool(row[8]))

    def _put(self, new: Subscription, known: Followed | None, *, removed: bool = False) -> None:
        changed = self._stamp(None if known is None else known.changed)
        row = following.row_of(Followed(new, changed, removed))
        self._database.execute(_PUT, (self._reader, *row))

    def _stamp(self, known: object) -> float:
        """The time, later than what is known even if the clock went back."""
        return max(self._now, nextafter(known, inf)) if isinstance(known, float) else self._now

    def _free(self, name: str, url: str, numbers: dict[str, int]) -> str:
        """The name, if need be with a number; `numbers` are those that were found in use before."""
        wanted, names = name.lower(), following.numbered(name, numbers.get(name.lower(), 1))
        while self._database.execute(_USED, (self._reader, name, url)).fetchone()[0]:
            name, numbers[wanted] = next(names)
        return name

    def _inherit(self, old: str, new: str) -> None:
        self._database.execute(_INHERIT, (new, self._reader, old))

    def _feeds(self, name: str) -> list[str]:
        """The names under which something may be kept that was taken from the feed that goes by this one.

        A feed that shares its name may have had it alone before it was merged, or will have when the
        other one is followed no more.
        """
        stem = name.rpartition("-")[0]
        for each in (name, stem) if name else ():
            for row in self._database.execute(_NAMED, (self._reader, each)):
                followed = following.followed_of(row[:8])
                if followed is not None and _going_by(followed, bool(row[8])).name == name:
                    kept = followed.subscription
                    return [kept.name, following.apart(kept.name, kept.url)]
        return [name]


def _going_by(followed: Followed, second: bool) -> Subscription:
    """The subscription with the name that it goes by."""
    kept = followed.subscription
    return kept._replace(name=following.apart(kept.name, kept.url)) if second else kept
