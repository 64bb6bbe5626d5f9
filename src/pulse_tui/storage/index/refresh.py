"""Comparing the folders with the index, and reading what differs.

Files are compared as they are met and only those that differ are remembered, so that a library of any size
takes little memory.  What is read goes into the index in small transactions.
"""

from __future__ import annotations

import os
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from stat import S_ISDIR, S_ISLNK, S_ISREG

from pulse_tui.storage.files.entry import Entry, read_entry
from pulse_tui.storage.files.names import is_markdown
from pulse_tui.storage.files.walk import Found, Walk, stamp
from pulse_tui.storage.index.moved import Gone, arrived, edited
from pulse_tui.storage.index.report import Outcome, Report
from pulse_tui.storage.index.store import Store
from pulse_tui.storage.index.writing import is_worn, remove, renew_if_worn, write

_COMPARED = 200
"""Files that are compared before another thread gets its turn."""
_BATCH = 500
_BATCH_BYTES = 4_000_000
_PRIVATE_BATCH = 20
"""Articles of a transaction where reading has to wait for it."""
_AT_ONCE = 200
"""Paths above which the whole library is looked at rather than each."""

_Row = tuple[int, bytes | None]
"""The slot of an article and the stamp of its file."""


def refresh(store: Store, folders: Sequence[str], report: Report) -> Outcome:
    """Bring the index up to date with the folders.

    Raises:
        sqlite3.Error: the index cannot be read or written.
    """
    with store.reading() as connection:
        worn = is_worn(connection)
    if worn:  # first, so that what is emptied is filled by this refresh
        with store.writing() as connection:
            renew_if_worn(connection)
    walk = Walk(folders)
    pending = _Pending(folders)
    seen = array("q")
    met = iter(walk)
    while chunk := list(islice(met, _COMPARED)):
        if report.stopped():
            return Outcome(False, None)
        with store.reading() as connection:
            _compare(connection, chunk, seen, pending)
    unseen = _unseen(store, seen, pending)
    del seen
    if any(map(os.path.lexists, unseen)):  # what came during the walk another program may have brought in
        for found in Walk(folders):
            unseen.pop(os.fsencode(found.path), None)
            if not unseen or report.stopped():
                break
    removed, lost = _remove(store, list(unseen.values()), report)
    changed = _bring_in(store, pending, len(pending), report, lost)
    if changed or removed:
        store.rest()
    return Outcome(changed or removed, None if report.stopped() else walk.notices)


def refresh_paths(
    store: Store, folders: Sequence[str], paths: Iterable[str], report: Report
) -> Outcome | None:
    """The same for the files at some paths only; None if they need a look at the whole library.

    Raises:
        sqlite3.Error: the index cannot be read or written.
    """
    found: list[Found] = []
    gone: list[_Row] = []
    with store.reading() as connection:
        if connection.execute("SELECT 1 FROM article WHERE real IS NOT NULL LIMIT 1").fetchone():
            return None
        for path in dict.fromkeys(paths):
            if len(found) + len(gone) > _AT_ONCE:
                return None
            its = "SELECT slot, stamp FROM article WHERE path = ?"
            rows = connection.execute(its, (os.fsencode(path),)).fetchall()  # as they were before the look
            file = _look(path, folders)
            if isinstance(file, Found):
                found.append(file)
            elif file is None or _has_below(connection, path):
                return None
            else:
                gone.extend(rows)
    removed, lost = _remove(store, gone, report)
    changed = _bring_in(store, found, len(found), report, lost)
    return Outcome(changed or removed, None)


def _look(path: str, folders: Sequence[str]) -> Found | bool | None:
    """The file at a path, False if there is none that counts, None if it is not that simple."""
    place = _place_of(path, folders)
    if place is None:
        return None
    folder, relative = place
    if any(name.startswith(".") for name in relative.split("/")):
        return False
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    if S_ISDIR(status.st_mode) or S_ISLNK(status.st_mode):
        return None
    if not S_ISREG(status.st_mode):
        return False
    if not is_markdown(path):
        return False
    return Found(path, path, folder, relative, stamp(status)) if os.path.realpath(path) == path else None


def _place_of(path: str, folders: Sequence[str]) -> tuple[int, str] | None:
    for number, folder in enumerate(folders):
        top = os.path.join(folder, "")
        if path.startswith(top):
            return number, path[len(top) :]
    return None


def _has_below(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the index knows files in what may have been a folder."""
    first = os.fsencode(path) + b"/"
    below = "SELECT 1 FROM article WHERE path >= ? AND path < ? LIMIT 1"
    return connection.execute(below, (first, first[:-1] + b"0")).fetchone() is not None


def _compare(
    connection: sqlite3.Connection, chunk: Sequence[Found], seen: array[int], pending: _Pending
) -> None:
    execute = connection.execute
    for found in chunk:
        row = execute("SELECT slot, stamp FROM article WHERE path = ?", (os.fsencode(found.path),)).fetchone()
        if row is not None:
            seen.append(row[0])
            if row[1] == found.stamp and row[1] is not None:
                continue
        pending.add(found)


def _unseen(store: Store, seen: array[int], pending: _Pending) -> dict[bytes, _Row]:
    """The articles whose files were not met, by their paths.

    Those that are pending were: another program has brought them in since they were looked for.
    """
    with store.reading() as connection:
        if connection.execute("SELECT value FROM meta WHERE name = 'count'").fetchone()[0] == len(seen):
            return {}
        met = set(seen)
        rows = connection.execute("SELECT slot, path, stamp FROM article")
        unseen = {bytes(path): (slot, stamp) for slot, path, stamp in rows if slot not in met}
    for found in pending if unseen else ():
        unseen.pop(os.fsencode(found.path), None)
    return unseen


def _remove(store: Store, rows: Sequence[_Row], report: Report) -> tuple[bool, list[Gone]]:
    """Take out what is still as it was: a file may have come again, and another program met it.

    Returns whether there was any, and what went if it is few enough to tell who came back.
    """
    removed = False
    lost: list[Gone] = []

    def known(gone: Sequence[Gone]) -> Sequence[Gone]:
        if len(rows) <= size:
            lost.extend(gone)
        return report.gone(gone)

    same = "SELECT 1 FROM article WHERE slot = ? AND stamp IS ?"
    size = _PRIVATE_BATCH if store.is_private else _BATCH
    for start in range(0, len(rows), size):
        if report.stopped():
            break
        with store.writing() as connection:
            still = [row[0] for row in rows[start : start + size] if connection.execute(same, row).fetchone()]
            gone = remove(connection, still, known)
        removed = removed or bool(gone)
    return removed, lost


def _bring_in(store: Store, files: Iterable[Found], total: int, report: Report, lost: Sequence[Gone]) -> bool:
    changed = False
    done = 0
    for batch in _batches(files, _PRIVATE_BATCH if store.is_private else _BATCH, report.stopped):
        with store.writing() as connection:
            changes = write(connection, [latest for entry in batch if (latest := _latest(entry)) is not None])
            known = report.changes(changes)
            arrived(connection, known)
            if lost and len(batch) == total:  # else who else has a title is not yet known
                edited(connection, changes, known, lost)
        changed = changed or bool(changes)
        done += len(batch)
        report.progress(done, total)
    return changed


def _latest(entry: Entry) -> Entry | None:
    """What a file holds now that no other program can write; None if it has gone.

    The index may know more of it by then than what was read before the turn to write came.
    """
    found = entry.found
    try:
        now = stamp(os.stat(found.path))
    except OSError:
        return entry if os.path.lexists(found.path) else None
    return entry if now == found.stamp else read_entry(found._replace(fault=""))


def _batches(files: Iterable[Found], size: int, stopped: Callable[[], bool]) -> Iterator[list[Entry]]:
    """What the files hold, some hundred at once, or fewer where they are large; ends when told to stop."""
    batch: list[Entry] = []
    held = 0
    for found in files:
        if stopped():
            return
        entry = read_entry(found)
        batch.append(entry)
        held += len(entry.body)
        if len(batch) >= size or held >= _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


class _Pending:
    """Files that are to be read; those met in the plain way take just the bytes of their paths."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._tops = [os.path.join(folder, "") for folder in folders]
        self._plain = [bytearray() for _ in folders]
        self._others: list[Found] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, found: Found) -> None:
        """Remember a file."""
        self._length += 1
        is_plain = found.real == found.path == self._tops[found.folder] + found.relative
        if is_plain and not found.fault:
            self._plain[found.folder] += os.fsencode(found.relative) + b"\0"
        else:
            self._others.append(found)

    def __iter__(self) -> Iterator[Found]:
        for folder, names in enumerate(self._plain):
            start = 0
            while (end := names.find(b"\0", start)) >= 0:
                relative = os.fsdecode(bytes(names[start:end]))
                path = self._tops[folder] + relative
                yield Found(path, path, folder, relative)
                start = end + 1
        yield from self._others
