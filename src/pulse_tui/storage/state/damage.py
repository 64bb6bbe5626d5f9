"""What is done about a damaged state file: it is set aside, and all that can be read of it kept."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from pulse_tui.storage.state.database import (
    DamagedError,
    alone,
    check_header,
    connected,
    damage_raised,
    migrate,
    ways_to_look,
)
from pulse_tui.storage.state.record import NOTHING, Change, Changes
from pulse_tui.storage.state.rows import FIELDS, SPOT, record_of, spot_of
from pulse_tui.storage.transaction import transaction

_ENDINGS = ("-wal", "-shm")


def mend(path: Path, now: float) -> Path | None:
    """Put a whole file in the place of a damaged one, with all rows of it that can be read.

    Returns the name that the damaged one has now; None if it was whole, as after another program has
    mended it.  There is a file under the old name at any moment, so nobody begins an empty one meanwhile.

    Raises:
        OSError, sqlite3.Error: the new one cannot be written; the damaged one stays where it is.
    """
    with alone(path.parent):
        if not _is_damaged(path):
            return None
        new = path.with_name(f"{path.name}.mended")
        for ending in ("", *_ENDINGS):
            Path(f"{new}{ending}").unlink(missing_ok=True)  # of one that was killed at this
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            with closing(connected(new)) as database:
                migrate(database)
                with transaction(database):
                    _rescue(path, database)
            aside = _name_beside(path, now)
            for ending in _ENDINGS:
                with suppress(FileNotFoundError):
                    os.rename(f"{path}{ending}", f"{aside}{ending}")
            try:
                os.link(path, aside)
            except OSError:  # not every file system has links
                os.rename(path, aside)
            os.replace(new, path)
        except BaseException:
            for ending in ("", *_ENDINGS):
                Path(f"{new}{ending}").unlink(missing_ok=True)
            raise
        return aside


def salvage(path: Path, reader: str) -> Changes:
    """What can still be read of one reader's state; the file stays as it is."""
    found = Changes()
    for query in ways_to_look(path):
        for order in ("", " DESC"):
            with suppress(sqlite3.Error), closing(connected(path, query)) as database:
                sql = f"SELECT article, {FIELDS} FROM reading WHERE reader = ? ORDER BY article{order}"
                for article_id, *row in database.execute(sql, (reader,)):
                    record = record_of(row)
                    if isinstance(article_id, str) and record != NOTHING:
                        found.articles[article_id] = Change(record)
            with suppress(sqlite3.Error), closing(connected(path, query)) as database:
                sql = f"SELECT letter, {SPOT} FROM mark WHERE reader = ? ORDER BY letter{order}"
                for letter, *row in database.execute(sql, (reader,)):
                    if isinstance(letter, str):
                        found.marks[letter] = spot_of(row)
        if found:
            break
    return found


def _rescue(path: Path, database: sqlite3.Connection) -> None:
    """Copy every readable row of every table, from both its ends towards the damage."""
    tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        described = database.execute(f"PRAGMA table_info({table})").fetchall()
        columns = [str(column[1]) for column in described]
        key = [str(column[1]) for column in sorted(described, key=lambda column: column[5]) if column[5]]
        values = ", ".join("?" * len(columns))
        sql = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({values})"
        for query in ways_to_look(path):
            before = database.total_changes
            for order in ("", " DESC"):
                ordered = ", ".join(f"{column}{order}" for column in key)
                look = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {ordered}"
                database.executemany(sql, _rows(path, query, look))
            if database.total_changes > before:
                break


def _rows(path: Path, query: str, sql: str) -> Iterator[tuple[object, ...]]:
    """The rows up to the first that cannot be read."""
    with suppress(sqlite3.Error), closing(connected(path, query)) as database:
        database.text_factory = lambda found: found.decode(errors="replace")
        yield from database.execute(sql)


def _is_damaged(path: Path) -> bool:
    try:
        check_header(path)
        with damage_raised(), closing(connected(path)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except DamagedError:
        return True
    except sqlite3.Error:
        return False


def _name_beside(path: Path, now: float) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    names = (f"{path.name}.broken-{stamp}{more}" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
