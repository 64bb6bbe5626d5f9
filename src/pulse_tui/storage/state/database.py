"""The state file as a database: how it is found, refused, made and brought up to date.

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
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from pulse_tui.repository import RepositoryError
from pulse_tui.storage.state.migrations import MIGRATIONS
from pulse_tui.storage.transaction import transaction
from pulse_tui.text import clean_line

_APPLICATION = 0x50554C53
""""PULS", by which the file says whose it is (https://www.sqlite.org/fileformat2.html#application_id)."""
PATIENCE = 1.0
"""Seconds to wait while another program writes; less than the grace of the way out."""


class StateError(RepositoryError):
    """The reading state cannot be used, or what should become part of it cannot."""


class DamagedError(Exception):
    """A file that is not, or no longer, a whole SQLite database."""


def connected(path: Path, query: str = "mode=rw", patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection that begins no transaction by itself; nothing is looked at yet."""
    uri = f"{path.absolute().as_uri()}?{query}"
    return sqlite3.connect(uri, patience, isolation_level=None, check_same_thread=False, uri=True)


def opened(path: Path, tables: Sequence[str], patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection to a file that is ours and up to date; it is made where there is none.

    Of the tables that are named all pages are read, so that no later look at them meets a broken one.  It
    is not asked of all, because what was taken may be a hundred times what the reader needs to start.

    Raises:
        StateError: the file is of a newer version, or another program's; it was not touched.
        DamagedError: it is no whole database.
        OSError: its folder cannot be made.
        sqlite3.Error: it cannot be opened.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_header(path)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    database = connected(path, patience=patience)
    try:
        with damage_raised():
            if version_of(database) == 0:
                with alone(path.parent):
                    migrate(database)
            _check(database, FIRST)
            if version_of(database) < len(MIGRATIONS):
                migrate(database)
            _check(database, [table for table in tables if table not in FIRST])
            database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    return database


FIRST = ("reading", "mark")
"""The tables that every version has; small, and the most precious."""


def _check(database: sqlite3.Connection, tables: Sequence[str]) -> None:
    for table in tables:
        if (complaint := database.execute(f"PRAGMA quick_check({table})").fetchone()[0]) != "ok":
            raise DamagedError(complaint)


def migrate(database: sqlite3.Connection) -> None:
    """Bring the tables up to date, at once or not at all.

    The first version is committed before the file goes over to WAL, and each later one is moved out of
    the log, so that an older program finds the version in the file's first bytes without opening it.
    """
    with transaction(database):
        for version in range(version_of(database), len(MIGRATIONS)):
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

    Raises:
        StateError: the file is of a newer version, or another program's.
        DamagedError: it is no database.
        sqlite3.Error: it cannot be opened.
    """
    try:
        if os.stat(path).st_size == 0:
            return
        with damage_raised(), closing(connected(path, "immutable=1")) as database:
            version = version_of(database)
            application = int(database.execute("PRAGMA application_id").fetchone()[0])
    except FileNotFoundError:
        return
    if has_log(path):
        with suppress(sqlite3.Error), closing(connected(path, "mode=ro")) as database:
            version = max(version, version_of(database))
    if application not in (0, _APPLICATION):
        raise StateError(f"{shown(path)} is another program's file, so it is left alone; move it away.")
    if version > len(MIGRATIONS):
        raise StateError(
            f"The reading state in {shown(path)} is of a newer version of this program (its format is "
            f"{version}, this one knows {len(MIGRATIONS)}), so it is left alone; use the newer program."
        )


def ways_to_look(path: Path) -> Sequence[str]:
    """How to connect to a file that may not be changed, the best way first.

    A log takes an index beside the file to be read; without one nothing need be written at all.
    """
    return ("mode=ro", "immutable=1") if has_log(path) else ("immutable=1",)


def has_log(path: Path) -> bool:
    """Whether something was written that the file itself does not have yet."""
    try:
        return os.stat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def version_of(database: sqlite3.Connection) -> int:
    """How many migrations the file has had."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def damage_raised() -> Iterator[None]:
    """Raise SQLite's complaint of a broken file as `DamagedError`; other errors as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DamagedError(str(error)) from error
        raise


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the one program that makes or replaces the file; after a while go on whatever the others do."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for _ in range(50):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(PATIENCE / 50)
        yield
    finally:
        os.close(descriptor)


def shown(path: Path) -> str:
    """The path, fit for a terminal."""
    return clean_line(str(path))
