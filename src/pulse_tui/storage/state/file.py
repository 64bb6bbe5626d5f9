"""The reading state on disk: an SQLite file, how it is opened, read, written, and mended if it is damaged.

It is kept in WAL mode with `synchronous=NORMAL`.  A commit then is a write without a sync: nothing that
was committed is lost when a process is killed, and a power loss never breaks the file, it can only take
the commits that the system had not written out yet (on Linux those of about the last half minute); see
https://www.sqlite.org/pragma.html#pragma_synchronous.  The last program to close the file syncs it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from pulse_tui.repository import RepositoryError, Spot
from pulse_tui.storage.state.record import NOTHING, Change, Changes, Record, Stamped, later, merged
from pulse_tui.storage.state.rows import FIELDS, SPOT, record_of, row_of, spot_of
from pulse_tui.storage.transaction import transaction
from pulse_tui.text import clean_line

# Frozen: a migration never changes once it was released.  The file's `user_version` counts those it has had.
MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """
        CREATE TABLE reading (
            reader TEXT NOT NULL,
            article TEXT NOT NULL,
            block INTEGER, offset INTEGER, piece TEXT, nth INTEGER, place_changed REAL,
            fraction REAL, fraction_changed REAL,
            read INTEGER, read_changed REAL,
            starred INTEGER, starred_changed REAL,
            seconds REAL, seconds_changed REAL,
            estimate REAL, estimate_changed REAL,
            digest TEXT, digest_changed REAL,
            PRIMARY KEY (reader, article)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX reading_by_place ON reading (reader, place_changed) WHERE place_changed IS NOT NULL",
        """
        CREATE INDEX reading_begun ON reading (reader, place_changed)
        WHERE place_changed IS NOT NULL AND read IS NOT 1 AND fraction > 0 AND fraction < 1
        """,
        "CREATE INDEX reading_read ON reading (reader, read, read_changed) WHERE read = 1",
        "CREATE INDEX reading_starred ON reading (reader, starred) WHERE starred = 1",
        "CREATE INDEX reading_by_digest ON reading (reader, digest) WHERE digest IS NOT NULL",
        """
        CREATE TABLE mark (
            reader TEXT NOT NULL,
            letter TEXT NOT NULL,
            article TEXT,
            block INTEGER, offset INTEGER, piece TEXT, nth INTEGER,
            changed REAL NOT NULL,
            PRIMARY KEY (reader, letter)
        ) WITHOUT ROWID
        """,
    ),
)
_APPLICATION = 0x50554C53
""""PULS", by which the file says whose it is (https://www.sqlite.org/fileformat2.html#application_id)."""
_PATIENCE = 1.0
"""Seconds to wait while another program writes; less than the grace of the way out."""

_GET = f"SELECT {FIELDS} FROM reading WHERE reader = ? AND article = ?"
_PUT = f"INSERT OR REPLACE INTO reading (reader, article, {FIELDS}) VALUES (?, ?{', ?' * 17})"
_DELETE = "DELETE FROM reading WHERE reader = ? AND article = ?"
_PUT_MARK = f"INSERT OR REPLACE INTO mark (reader, letter, {SPOT}) VALUES (?, ?{', ?' * 6})"
# In the order of the index, so that a window of a long history takes no longer than one of a short one.
_BY_PLACE = """
    SELECT article, place_changed FROM reading WHERE reader = ? AND place_changed IS NOT NULL {}
    ORDER BY place_changed DESC LIMIT ?
"""
_HISTORY = _BY_PLACE.format("")
_BEGUN = _BY_PLACE.format("AND read IS NOT 1 AND fraction > 0 AND fraction < 1")


class StateError(RepositoryError):
    """The reading state cannot be used, or what should become part of it cannot."""


class DamagedError(Exception):
    """A file that is not, or no longer, a whole SQLite database."""


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
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._writing = _opened(path)
        try:
            self._looking = _connected(path)
            self._looking.execute("PRAGMA query_only = 1")
        except BaseException:
            self._writing.close()
            raise
        self._inode = os.stat(path).st_ino
        self._version = self._data_version()

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
        """Whether another program has written since this was last asked; belongs to the writing side."""
        before, self._version = self._version, self._data_version()
        return before != self._version

    def write(self, changes: Changes) -> None:
        """Write changes in one transaction, each field merged with what others have written meanwhile.

        Raises:
            sqlite3.Error: they could not be written; none was.
        """
        database, reader = self._writing, self._reader

        def get(article_id: str) -> Record:
            row = database.execute(_GET, (reader, article_id)).fetchone()
            return NOTHING if row is None else record_of(row)

        def put(article_id: str, record: Record) -> None:
            database.execute(_PUT, (reader, article_id, *row_of(record)))

        with transaction(database):
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

    # Inside

    def _ids(self, sql: str, *values: object) -> set[str]:
        return {str(row[0]) for row in self._looking.execute(sql, (self._reader, *values)).fetchall()}

    def _data_version(self) -> int:
        # Asked of the connection that writes, because that one's own commits do not count.
        return int(self._writing.execute("PRAGMA data_version").fetchone()[0])


# -- Opening


def _connected(path: Path, query: str = "mode=rw") -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{query}"
    return sqlite3.connect(uri, _PATIENCE, isolation_level=None, check_same_thread=False, uri=True)


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to a file that is whole, ours and up to date; it is made where there is none."""
    check_header(path)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    database = _connected(path)
    try:
        if _version(database) == 0:
            with _alone(path.parent):
                _migrate(database)
        # All pages are read (3 ms for ten thousand articles), so that no later look meets a broken one.
        if (complaint := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise DamagedError(complaint)
        if _version(database) < len(MIGRATIONS):
            _migrate(database)
        database.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.DatabaseError as error:
        database.close()
        if _is_damage(error):
            raise DamagedError(str(error)) from error
        raise
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: sqlite3.Connection) -> None:
    """Bring the tables up to date, at once or not at all.

    The first version is committed before the file goes over to WAL, and each later one is moved out of
    the log, so that an older program finds the version in the file's first bytes without opening it.
    """
    with transaction(database):
        for version in range(_version(database), len(MIGRATIONS)):
            for statement in MIGRATIONS[version]:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    database.execute("PRAGMA journal_mode = WAL").fetchall()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def check_header(path: Path) -> None:
    """See whose file it is and of which version, without changing it or its log.

    It is opened by SQLite alone: another handle of this process, once closed, would take SQLite's locks
    with it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    try:
        if os.stat(path).st_size == 0:
            return
        with closing(_connected(path, "immutable=1")) as database:
            version = _version(database)
            application = int(database.execute("PRAGMA application_id").fetchone()[0])
    except FileNotFoundError:
        return
    except sqlite3.DatabaseError as error:
        if _is_damage(error):
            raise DamagedError(str(error)) from error
        raise
    if _has_log(path):
        with suppress(sqlite3.Error), closing(_connected(path, "mode=ro")) as database:
            version = max(version, _version(database))
    if application not in (0, _APPLICATION):
        raise StateError(f"{_shown(path)} is another program's file, so it is left alone; move it away.")
    if version > len(MIGRATIONS):
        raise StateError(
            f"The reading state in {_shown(path)} is of a newer version of this program (its format is "
            f"{version}, this one knows {len(MIGRATIONS)}), so it is left alone; use the newer program."
        )


def _has_log(path: Path) -> bool:
    try:
        return os.stat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the one program that makes or replaces the file; after a while go on whatever the others do."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for _ in range(50):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(_PATIENCE / 50)
        yield
    finally:
        os.close(descriptor)


# -- Damage


def set_aside(path: Path, now: float) -> Path | None:
    """Give a damaged file and its log another name, which is returned; None if another program just did.

    Raises:
        OSError: it cannot be renamed.
    """
    with _alone(path.parent):
        if not _is_damaged(path):
            return None
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        names = (f"{path.name}.broken-{stamp}{more}" for more in ("", *(f"-{n}" for n in range(2, 1000))))
        aside = next(path.with_name(name) for name in names if not path.with_name(name).exists())
        for ending in ("-wal", "-shm", ""):  # the file itself last: as long as it is there, it is damaged
            with suppress(FileNotFoundError):
                os.rename(f"{path}{ending}", f"{aside}{ending}")
        return aside


def _is_damaged(path: Path) -> bool:
    try:
        check_header(path)
        with closing(_connected(path)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except DamagedError:
        return True
    except sqlite3.Error as error:
        return isinstance(error, sqlite3.DatabaseError) and _is_damage(error)


def salvage(path: Path, reader: str) -> Changes:
    """What can still be read of a file, from both its ends towards the damage; the file stays as it is."""
    found = Changes()
    # A log takes an index beside the file to be read; without one nothing need be written at all.
    for query in ("mode=ro", "immutable=1") if _has_log(path) else ("immutable=1",):
        for order in ("", " DESC"):
            with suppress(sqlite3.Error), closing(_connected(path, query)) as database:
                sql = f"SELECT article, {FIELDS} FROM reading WHERE reader = ? ORDER BY article{order}"
                for article_id, *row in database.execute(sql, (reader,)):
                    record = record_of(row)
                    if isinstance(article_id, str) and record != NOTHING:
                        found.articles[article_id] = Change(record)
            with suppress(sqlite3.Error), closing(_connected(path, query)) as database:
                sql = f"SELECT letter, {SPOT} FROM mark WHERE reader = ? ORDER BY letter{order}"
                for letter, *row in database.execute(sql, (reader,)):
                    if isinstance(letter, str):
                        found.marks[letter] = spot_of(row)
        if found:
            break
    return found


def _shown(path: Path) -> str:
    return clean_line(str(path))
