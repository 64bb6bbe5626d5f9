"""Finding and reading the files of a library, without ever opening what is not a regular file.

A library is walked with `os.scandir`, through links to folders too; a folder or file that can be
reached in two ways is met once, at its real place if that is in the library.  Files are handed on as they
are met, so that a large library is never held in memory.  Nothing is written.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from struct import Struct
from typing import NamedTuple

from pulse_tui.article import Notice
from pulse_tui.storage.files.names import is_markdown
from pulse_tui.text import clean_line

_pack = Struct("<QQqq").pack


class Found(NamedTuple):
    """A file of the library, not yet opened."""

    path: str
    """Empty for a text that came from no file."""
    real: str
    """The path without links."""
    folder: int
    """The number of the library folder, from 0; it ranks the folders."""
    relative: str
    """The path within that folder, with `/` between names."""
    stamp: bytes | None = None
    """Inode, size, and the times of change of content and of inode: equal while a file is the same.

    Without the device, whose number may change whenever a disk is mounted.
    """
    fault: str = ""
    """Why not even its size can be told, as a sentence."""


def look(path: str, folder: int, relative: str) -> Found:
    """One file that the reader named.

    Raises:
        OSError: there is nothing here, or it is no regular file.
    """
    status = os.stat(path)
    _require_regular(path, status)
    return Found(path, os.path.realpath(path), folder, relative, stamp(status))


def stamp(status: os.stat_result) -> bytes:
    """What tells a file from its former self: see `Found.stamp`."""
    return _pack(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@contextmanager
def opened(path: str) -> Iterator[tuple[int, os.stat_result]]:
    """A regular file's descriptor and status; opening never waits, not even for a pipe put in its place.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        _require_regular(path, status)
        yield descriptor, status
    finally:
        os.close(descriptor)


def read_bytes(descriptor: int, size: int) -> bytes:
    """The next `size` bytes, or fewer at the end of the file."""
    parts: list[bytes] = []
    while size > 0 and (part := os.read(descriptor, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def why(path: str, fault: OSError) -> str:
    """A sentence for the reader on why a file or folder cannot be read."""
    name = clean_line(path)
    if isinstance(fault, PermissionError):
        return f"{name} may not be read; change its permissions to open it."
    if isinstance(fault, (FileNotFoundError, NotADirectoryError)):
        return f"{name} is not there any more, or is a link to nowhere."
    if isinstance(fault, IsADirectoryError):
        return f"{name} is a folder, not an article."
    return f"{name} cannot be read: {(fault.strerror or 'unknown fault').lower()}."


def _require_regular(path: str, status: os.stat_result) -> None:
    if S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory", path)
    if not S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)


class _Place(NamedTuple):
    """A folder or file to look at, with how it was reached."""

    path: str
    real: str
    folder: int
    relative: str

    def child(self, name: str) -> _Place:
        path = os.path.join(self.path, name)
        real = path if self.real is self.path else os.path.join(self.real, name)
        return _Place(path, real, self.folder, f"{self.relative}/{name}" if self.relative else name)


class Walk:
    """One walk through the folders of a library, of which one may also be a file."""

    def __init__(self, folders: Sequence[str]) -> None:
        self.notices: list[Notice] = []
        """What is wrong with the folders; whole when all files have been met."""
        self._tops = folders
        self._walked: set[tuple[int, int]] = set()
        """The folders by device and inode."""
        self._taken: set[str] = set()
        """The real paths of those files that were not met in a folder on the way."""
        self._links: deque[_Place] = deque()

    def __iter__(self) -> Iterator[Found]:
        """The Markdown files; what links lead to comes last, so that real places win."""
        for number, top in enumerate(self._tops):
            yield from self._enter(top, number)
        self._links = deque(sorted(self._links, key=lambda place: (place.folder, place.relative)))
        while self._links:
            yield from self._follow(self._links.popleft())

    def _enter(self, path: str, folder: int) -> Iterator[Found]:
        place = _place(path, folder, "")
        try:
            status = os.stat(path)
        except FileNotFoundError:
            self._notice(path, f"The library folder {clean_line(path)} is not there.")
            return
        except OSError as fault:
            self._notice(path, why(path, fault))
            return
        if S_ISDIR(status.st_mode):
            yield from self._walk(place, status)
        elif S_ISREG(status.st_mode):
            yield from self._take(place._replace(relative=os.path.basename(path)), status)
        else:
            self._notice(path, f"{clean_line(path)} is neither a folder nor an article.")

    def _follow(self, place: _Place) -> Iterator[Found]:
        try:
            status = os.stat(place.path)
        except OSError as fault:
            if is_markdown(place.path):
                yield from self._take(place, None, why(place.path, fault))
            return
        place = _place(place.path, place.folder, place.relative)
        if S_ISDIR(status.st_mode):
            yield from self._walk(place, status)
        elif S_ISREG(status.st_mode) and is_markdown(place.path):
            yield from self._take(place, status)

    def _walk(self, top: _Place, status: os.stat_result) -> Iterator[Found]:
        pending = [(top, status)]
        while pending:
            place, status = pending.pop()
            identity = status.st_dev, status.st_ino
            if identity in self._walked:
                continue
            self._walked.add(identity)
            try:
                with os.scandir(place.path) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            yield from self._sort_out(place, entry, pending)
            except OSError as fault:
                self._notice(place.path, why(place.path, fault))

    def _sort_out(
        self,
        place: _Place,
        entry: os.DirEntry[str],
        pending: list[tuple[_Place, os.stat_result]],
    ) -> Iterator[Found]:
        if entry.is_symlink():
            self._links.append(place.child(entry.name))
            return
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not (is_markdown(entry.name) and entry.is_file(follow_symlinks=False)):
            return
        child = place.child(entry.name)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as fault:
            if is_folder:
                self._notice(child.path, why(child.path, fault))
            else:
                yield Found(*child, fault=why(child.path, fault))
            return
        if is_folder:
            pending.append((child, status))
        elif not self._taken or child.real not in self._taken:
            yield Found(*child, stamp(status))

    def _take(self, place: _Place, status: os.stat_result | None, fault: str = "") -> Iterator[Found]:
        """A file that the reader or a link names, unless the walk has met it."""
        if place.real in self._taken or self._is_met(place.real):
            return
        self._taken.add(place.real)
        yield Found(*place, stamp(status) if status is not None else None, fault)

    def _is_met(self, real: str) -> bool:
        parent, name = os.path.split(real)
        if name.startswith(".") or not is_markdown(name):
            return False
        try:
            status = os.lstat(real)
            folder = os.stat(parent)
        except OSError:
            return False
        return S_ISREG(status.st_mode) and (folder.st_dev, folder.st_ino) in self._walked

    def _notice(self, path: str, text: str) -> None:
        self.notices.append(Notice(text, Path(path)))


def _place(path: str, folder: int, relative: str) -> _Place:
    """A place by its path; where that is free of links, `real` is the same string."""
    real = os.path.realpath(path)
    return _Place(path, path if real == path else real, folder, relative)
