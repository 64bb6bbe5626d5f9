"""A connection to the state file for those who neither keep it open all the time nor mind to wait."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pulse_tui.storage.state.database import (
    DamagedError,
    StateError,
    check_header,
    connected,
    damage_raised,
    opened,
    shown,
    version_of,
    ways_to_look,
)
from pulse_tui.text import clean_line

T = TypeVar("T")

_PATIENCE = 10.0
"""Seconds to wait while others write: nobody looks at a screen meanwhile."""


class Door:
    """One connection to the file, opened when it is first needed, and anew when the file was replaced.

    `tables` are those that are held to be whole when it is opened, `since` is the version of the file
    from which on it has them.
    """

    def __init__(self, path: Path, tables: Sequence[str], since: int, *, writes: bool) -> None:
        self.lock = Lock()
        """To be held for each of the methods."""
        self._path = path
        self._tables = tables
        self._since = since
        self._writes = writes
        self._database: sqlite3.Connection | None = None
        self._inode = 0

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def do(self, work: Callable[[sqlite3.Connection], T], otherwise: T, *, make: bool) -> T:
        """Work with the file; where there is none it is made, or the answer is the other one.

        Raises:
            StateError, DamagedError, OSError, sqlite3.Error: as from `opened`, and from the work.
        """
        with damage_raised():
            if self._database is not None and not self._is_there():
                self.close()
            if self._database is None:
                if not make and not os.path.exists(self._path):
                    return otherwise
                try:
                    self._database = opened(self._path, self._tables, _PATIENCE)
                    self._inode = os.stat(self._path).st_ino
                except (OSError, sqlite3.OperationalError) as error:
                    if self._writes or _is_busy(error):
                        raise
                    return self._look_once(work, otherwise)
            return work(self._database)

    def _look_once(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Look at a file that cannot be written; each time anew, lest others change it unseen."""
        check_header(self._path)
        fault: sqlite3.Error | None = None
        for query in ways_to_look(self._path):
            try:
                with closing(connected(self._path, query)) as database:
                    return work(database) if version_of(database) >= self._since else otherwise
            except sqlite3.OperationalError as error:
                fault = error
        raise fault or AssertionError("there is a way to look")

    def _is_there(self) -> bool:
        try:
            return os.stat(self._path).st_ino == self._inode
        except OSError:
            return False


@contextmanager
def in_words(done: str, path: Path) -> Iterator[None]:
    """Say in a sentence why what is followed cannot be read or kept, and what to do.

    Raises:
        StateError: whatever else was raised of the file.
    """
    try:
        yield
    except (OSError, sqlite3.Error, DamagedError) as error:
        reason = getattr(error, "strerror", None) or clean_line(str(error))
        if isinstance(error, DamagedError):
            advice = f"move {shown(path)} away and import what you exported last"
        elif _is_busy(error):
            advice = "another program is writing, so try again when it is done"
        elif _is_forbidden(error):
            advice = f"see that you may write to the folder {shown(path.parent)}"
        else:
            advice = f"see that there is room for {shown(path)}, and try again"
        raise StateError(f"What you follow and have added cannot be {done} ({reason}); {advice}.") from error


def _is_forbidden(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
    return _code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


def _is_busy(error: Exception) -> bool:
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
