"""The reading state in its file: how it is looked at and written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pulse_tui.repository import Spot
from pulse_tui.storage.state.database import FIRST, connected, damage_raised, opened
from pulse_tui.storage.state.record import NOTHING, Changes, Record, Stamped, later, merged
from pulse_tui.storage.state.rows import FIELDS, SPOT, record_of, row_of, spot_of
from pulse_tui.storage.transaction import transaction

_GET = f"SELECT {FIELDS} FROM reading WHERE reader = ? AND article = ?"
_PUT = f"INSERT OR REPLACE INTO reading (reader, article, {FIELDS}) VALUES (?, ?{', ?' * 17})"
_DELETE = "DELETE FROM reading WHERE reader = ? AND article = ?"
_SAVED = "INSERT INTO saves VALUES (?, 1) ON CONFLICT (reader) DO UPDATE SET count = count + 1"
_PUT_MARK = f"INSERT OR REPLACE INTO mark (reader, letter, {SPOT}) VALUES (?, ?{', ?' * 6})"
# In the order of the index, so that a window of a long history takes no longer than one of a short one.
_BY_PLACE = """
    SELECT article, place_changed FROM reading WHERE reader = ? AND place_changed IS NOT NULL {}
    ORDER BY place_changed DESC LIMIT ?
"""
_HISTORY = _BY_PLACE.format("")
_BEGUN = _BY_PLACE.format("AND read IS NOT 1 AND fraction > 0 AND fraction < 1")


class StateFile:
    """One state file, open in two connections: one that looks and one that writes, so that no look waits.

    Whoever calls sees to it that one thread at a time looks, and one at a time writes.

    Raises:
        StateError: the file is of a newer version, or another program's; it was not touched.
        DamagedError: it is no whole database.
        OSError: its folder cannot be made.
        sqlite3.Error: it cannot be opened.
    """

    def __init__(self, path: Path, reader: str) -> None:
        self._path = path
        self._reader = reader
        self._writing = opened(path, FIRST)
        try:
            self._looking = connected(path)
            self._looking.execute("PRAGMA query_only = 1")
        except BaseException:
            self._writing.close()
            raise
        self._inode = os.stat(path).st_ino
        self._version = self._data_version()
        self._saves = self._count()

    def close(self) -> None:
        """Close both connections; the last program to do so brings the file into one piece."""
        for connection in (self._looking, self._writing):
            with suppress(sqlite3.Error):
                connection.close()

    @property
    def is_there(self) -> bool:
        """Whether the file still has its name: it may have been removed or replaced."""
        try:
            return os.stat(self._path).st_ino == self._inode
        except OSError:
            return False

    # Looking

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept of any article."""
        sql = "SELECT EXISTS (SELECT 1 FROM reading WHERE reader = ?)"
        return not self._looking.execute(sql, (self._reader,)).fetchone()[0]

    @property
    def count(self) -> int:
        """Of how many articles something is kept."""
        sql = "SELECT count(*) FROM reading WHERE reader = ?"
        return int(self._looking.execute(sql, (self._reader,)).fetchone()[0])

    def record(self, article_id: str) -> Record:
        """What is kept of an article."""
        row = self._looking.execute(_GET, (self._reader, article_id)).fetchone()
        return NOTHING if row is None else record_of(row)

    def records(self) -> Iterator[tuple[str, Record]]:
        """Everything, by id."""
        sql = f"SELECT article, {FIELDS} FROM reading WHERE reader = ? ORDER BY article"
        for article_id, *row in self._looking.execute(sql, (self._reader,)).fetchall():
            yield str(article_id), record_of(row)

    def marks(self) -> Iterator[tuple[str, Stamped[Spot | None]]]:
        """All letters, those that were taken away too."""
        sql = f"SELECT letter, {SPOT} FROM mark WHERE reader = ?"
        for letter, *row in self._looking.execute(sql, (self._reader,)).fetchall():
            yield str(letter), spot_of(row)

    def read(self) -> set[str]:
        """The ids of the articles that are read."""
        return self._ids("SELECT article FROM reading INDEXED BY reading_read WHERE reader = ? AND read = 1")

    def starred(self) -> set[str]:
        """The ids of the articles that have a star."""
        return self._ids(
            "SELECT article FROM reading INDEXED BY reading_starred WHERE reader = ? AND starred = 1"
        )

    def by_digest(self, digests: Iterable[str]) -> dict[str, set[str]]:
        """The ids of the articles whose texts had these digests."""
        sql = "SELECT article FROM reading WHERE reader = ? AND digest = ?"
        return {digest: self._ids(sql, digest) for digest in digests}

    def finished(self, limit: int) -> set[str]:
        """The ids of the articles that were read last and whose time and estimate are known."""
        sql = """
            SELECT article FROM reading INDEXED BY reading_read
            WHERE reader = ? AND read = 1 AND seconds > 0 AND estimate > 0
            ORDER BY read_changed DESC LIMIT ?
        """
        return self._ids(sql, limit)

    def by_place(self, limit: int, *, begun: bool) -> list[tuple[str, float]]:
        """Ids and times of the last places, the last first."""
        rows = self._looking.execute(_BEGUN if begun else _HISTORY, (self._reader, limit)).fetchall()
        return [(str(article_id), float(changed)) for article_id, changed in rows]

    # Writing

    def changed_elsewhere(self) -> bool:
        """Whether another program has saved since this was last asked; belongs to the writing side.

        Only saves of this reader's state count, so that one who takes in features disturbs nobody.
        """
        before, self._version = self._version, self._data_version()
        if before == self._version:
            return False
        known, self._saves = self._saves, self._count()
        return known != self._saves

    def write(self, changes: Changes) -> None:
        """Write changes in one transaction, each field merged with what others have written meanwhile.

        Raises:
            DamagedError: the file is no longer whole.
            sqlite3.Error: they could not be written; none was.
        """
        database, reader = self._writing, self._reader

        def get(article_id: str) -> Record:
            row = database.execute(_GET, (reader, article_id)).fetchone()
            return NOTHING if row is None else record_of(row)

        def put(article_id: str, record: Record) -> None:
            database.execute(_PUT, (reader, article_id, *row_of(record)))

        with damage_raised(), transaction(database):
            for old, new in changes.moves:
                left = get(old)
                if left != NOTHING:
                    put(new, merged(get(new), left))
                    database.execute(_DELETE, (reader, old))
            for article_id, change in changes.articles.items():
                put(article_id, change.on(get(article_id)))
            for letter, spot in changes.marks.items():
                sql = f"SELECT {SPOT} FROM mark WHERE reader = ? AND letter = ?"
                row = database.execute(sql, (reader, letter)).fetchone()
                last = spot if row is None else later(spot_of(row), spot)
                where = last.value
                values = (None,) * 5 if where is None else (where.article_id, *where.place)
                database.execute(_PUT_MARK, (reader, letter, *values, last.changed))
            database.execute(_SAVED, (reader,))
        self._saves += 1

    # Inside

    def _ids(self, sql: str, *values: object) -> set[str]:
        return {str(row[0]) for row in self._looking.execute(sql, (self._reader, *values)).fetchall()}

    def _data_version(self) -> int:
        # Asked of the connection that writes, because that one's own commits do not count.
        return int(self._writing.execute("PRAGMA data_version").fetchone()[0])

    def _count(self) -> int:
        row = self._writing.execute("SELECT count FROM saves WHERE reader = ?", (self._reader,)).fetchone()
        return 0 if row is None else int(row[0])
