"""The index's file: its schema, and the connections that read and write it.

The file is derived from the articles and may go at any time.  It is in WAL mode, so that several readers and
one writer work on it at once, and readers never wait.  Where there can be no file the same schema lies in a
private temporary database of SQLite, which has just one connection, taken in turn.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, RLock
from time import sleep
from urllib.parse import quote
from zlib import adler32, crc32

from pulse_tui.storage.transaction import transaction

VERSION = 2
"""Of the schema; each has a file of its own, so that programs of two versions leave each other's alone."""
_APPLICATION = 0x70756C73
_OPENING = 2.0
"""Seconds to wait for a lock while opening, before anything is shown."""
_ATTEMPTS = 20
_WAITING = 10.0
"""Seconds to wait for another program that writes."""
_IDLE = 4
"""Connections for reading that are kept."""

# The codes of faults that lie in the file or its disk: https://www.sqlite.org/rescode.html
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_UNUSABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}

_COUNTS = 5
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
-- The first generation is by chance, so that no two indexes are taken for one.
INSERT INTO meta
VALUES ('generation', random() >> 24), ('count', 0), ('gone', 0), ('spill', 0), ('untidy', 0);

-- Paths are the bytes of the file system.  `slot` is the day of publication, counted from year 1, times
-- 16,384, and a number on that day; so the order of the rows, and of the matches of a search, is of the days.
CREATE TABLE article (
    slot INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    wanted TEXT NOT NULL,
    path_id TEXT NOT NULL,
    path BLOB NOT NULL,
    real BLOB,
    folder INTEGER NOT NULL,
    relative BLOB NOT NULL,
    stamp BLOB,
    digest TEXT NOT NULL,
    moment INTEGER,
    published TEXT,
    seconds REAL NOT NULL,
    title TEXT NOT NULL,
    dek TEXT NOT NULL,
    sections TEXT NOT NULL,
    authors TEXT NOT NULL,
    tags TEXT NOT NULL,
    notices TEXT
);
CREATE UNIQUE INDEX by_path ON article (path);
CREATE INDEX by_real ON article (real) WHERE real IS NOT NULL;
CREATE INDEX by_id ON article (id);
CREATE INDEX yielding ON article (wanted) WHERE id <> wanted;
CREATE INDEX newest ON article (moment DESC, id);
CREATE INDEX longest ON article (seconds DESC, moment DESC, id);

CREATE TABLE figure (
    slot INTEGER NOT NULL,
    number INTEGER NOT NULL,
    source TEXT,
    alt TEXT NOT NULL,
    caption TEXT NOT NULL,
    credit TEXT NOT NULL,
    PRIMARY KEY (slot, number)
) WITHOUT ROWID;

-- How many articles have a section, an author or a tag.
CREATE TABLE label (
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (field, value)
) WITHOUT ROWID;

-- What has become of ids since the reader's state was last told (see `moved.py`).
CREATE TABLE moved (before TEXT UNIQUE, after TEXT, digest TEXT NOT NULL, title TEXT, path_id TEXT);
CREATE INDEX moved_to ON moved (after);

-- Slots of `whole` whose article has changed or gone; what lies there cannot be taken out one by one.
CREATE TABLE gone (slot INTEGER PRIMARY KEY);
"""
_SEARCHES = """
CREATE VIRTUAL TABLE headline USING fts5(
    title, dek, section, author, tag, content='', columnsize=0, prefix='1 2 3', tokenize="{tokenizer}"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab('headline', 'row');
INSERT INTO headline (headline, rank) VALUES ('hashsize', 1000000);
CREATE VIRTUAL TABLE whole USING fts5(
    title, dek, section, author, tag, caption, credit, body,
    content='', columnsize=0, tokenize="{tokenizer}"
);
INSERT INTO whole (whole, rank) VALUES ('hashsize', 8000000);
-- Merged while nothing else is to do (see `tidy`), and by itself only when it must be.
INSERT INTO whole (whole, rank) VALUES ('automerge', 0);
INSERT INTO whole (whole, rank) VALUES ('crisismerge', 500);
"""


def index_file(index: Path, folders: Sequence[str]) -> Path:
    """The file of the index of a set of folders: `index.sqlite` becomes `index-0123…cdef-v2.sqlite`."""
    which = b"\0".join(map(os.fsencode, folders))
    return index.with_name(f"{index.stem}-{crc32(which):08x}{adler32(which):08x}-v{VERSION}{index.suffix}")


def is_damage(fault: sqlite3.Error) -> bool:
    """Whether what the file holds is not, or no more, an index of ours."""
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    message = str(fault)
    missing = "no such table" in message or "no such column" in message or "vtable constructor" in message
    return code in _DAMAGED or (code == sqlite3.SQLITE_ERROR and missing)


def is_fault(fault: sqlite3.Error) -> bool:
    """Whether an error lies in the file or its disk; any other is a bug."""
    return is_damage(fault) or getattr(fault, "sqlite_errorcode", 0) & 0xFF in _UNUSABLE


class Store:
    """An index in the file at `path`, or with None a private one that ends with the program.

    Raises:
        sqlite3.Error, OSError: there can be no index in this place.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = Lock()  # of the list of idle connections
        self._turn = RLock()  # of the one connection, where there is no file
        self._idle: list[sqlite3.Connection] = []
        self._writing: sqlite3.Connection | None = None
        self._closed = False
        self.was_made = False
        """Whether there was no index here before."""
        if path is None:
            self._only = _connected("", _OPENING)
            self._make(self._only)
            return
        os.makedirs(path.parent, mode=0o700, exist_ok=True)
        connection = self._opened(path)
        try:
            if _version(connection) != VERSION:
                connection = self._renewed(path, connection)
            self._identity = _identity(path)
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    @property
    def is_private(self) -> bool:
        """Whether there is no file."""
        return self.path is None

    @property
    def is_there(self) -> bool:
        """Whether the file still is the one that was opened."""
        return self.path is None or _identity(self.path) == self._identity

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with; another thread gets another one."""
        if self.path is None:
            with self._turn:
                yield self._only
            return
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = _connected(_uri(self.path), _WAITING)
        sound = False
        try:
            yield connection
            sound = True
        finally:
            with self._lock:
                kept = sound and not self._closed and len(self._idle) < _IDLE
                if kept:
                    self._idle.append(connection)
            if not kept:
                connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; only one thread at a time may write."""
        if self.path is None:
            with self._turn, transaction(self._only):
                yield self._only
            return
        if self._writing is None:
            self._writing = _connected(_uri(self.path), _WAITING)
            self._writing.execute("PRAGMA cache_size = -4000")
            self._writing.execute("PRAGMA wal_autocheckpoint = 4000")
        with transaction(self._writing):
            yield self._writing

    def rest(self) -> None:
        """Give back the memory of writing."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.close()

    def close(self) -> None:
        """Close all connections that are not in use; those are closed after it."""
        self.rest()
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        if self.path is None:
            with self._turn:
                self._only.close()

    def _opened(self, path: Path) -> sqlite3.Connection:
        """A first connection, to an index of any version; what is no index at all is put away."""
        try:
            return self._first(path)
        except sqlite3.Error as fault:
            if not is_damage(fault):
                raise
        remove(path)
        return self._first(path)

    def _first(self, path: Path) -> sqlite3.Connection:
        connection = _connected(f"{_uri(path)}c", _OPENING)
        try:
            if connection.execute("PRAGMA schema_version").fetchone()[0] == 0:
                self._make(connection)
            elif _version(connection) == VERSION:
                _check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _renewed(self, path: Path, connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.close()
        remove(path)
        return self._first(path)

    def _make(self, connection: sqlite3.Connection) -> None:
        """Make the schema, unless another program just has."""
        if self.path is not None:
            _use_wal(connection)
        with transaction(connection, "EXCLUSIVE"):
            if connection.execute("PRAGMA schema_version").fetchone()[0] == 0:
                from pulse_tui.storage.index.words import TOKENIZER

                for statement in f"{_SCHEMA}{_SEARCHES.format(tokenizer=TOKENIZER)}".split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
                self.was_made = True


def remove(path: Path) -> None:
    """Delete an index with all that belongs to it.

    Raises:
        OSError: it may not be deleted.
    """
    for name in (f"{path}-wal", f"{path}-shm", f"{path}-journal", path):
        with suppress(FileNotFoundError):
            os.unlink(name)


def _connected(uri: str, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, timeout, isolation_level=None, check_same_thread=False, uri=bool(uri), cached_statements=64
    )
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path) -> str:
    return f"file:{quote(os.fsencode(os.path.abspath(path)))}?mode=rw"


def _version(connection: sqlite3.Connection) -> int:
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) if ours else -1


def _check(connection: sqlite3.Connection) -> None:
    """Look at what is needed first; the rest shows when it is read.

    Raises:
        sqlite3.DatabaseError: this is no whole index.
    """
    connection.execute("SELECT slot FROM article ORDER BY moment DESC, id LIMIT 1").fetchone()
    if connection.execute("SELECT count(*) FROM meta").fetchone()[0] != _COUNTS:
        fault = sqlite3.DatabaseError("the counts of the index are gone")
        fault.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise fault


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn to WAL mode; SQLite does not wait by itself if another program does so at the same time."""
    for attempt in range(_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as fault:
            if attempt == _ATTEMPTS - 1 or fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            sleep(_OPENING / _ATTEMPTS)
