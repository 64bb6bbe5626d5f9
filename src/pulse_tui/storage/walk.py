"""Finding and reading the files of a library, without ever opening what is not a regular file.

A library is walked with `os.scandir`, through links to folders too; a folder or file that can be
reached in two ways is met once, at its real place if that is in the library.  Nothing is written.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple, TypeAlias

from pulse_tui.article import Notice
from pulse_tui.storage.head import is_markdown
from pulse_tui.text import clean_line

Stamp: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of change of content and of inode: equal while a file is the same."""


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
    stamp: Stamp | None = None
    fault: str = ""
    """Why not even its size can be told, as a sentence."""


def walk(folders: Sequence[str]) -> tuple[list[Found], list[Notice]]:
    """The Markdown files of the folders, and what is wrong with the folders; one may also be a file."""
    walker = _Walker()
    for number, folder in enumerate(folders):
        walker.enter(folder, number)
    walker.follow_links()
    return walker.found, walker.notices


def look(path: str, folder: int, relative: str) -> Found:
    """One file that the reader named.

    Raises:
        OSError: there is nothing here, or it is no regular file.
    """
    status = os.stat(path)
    _require_regular(path, status)
    return Found(path, os.path.realpath(path), folder, relative, _stamp(status))


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


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class _Place(NamedTuple):
    """A folder to look into, with how it was reached."""

    path: str
    real: str
    folder: int
    relative: str

    def child(self, name: str) -> _Place:
        relative = f"{self.relative}/{name}" if self.relative else name
        return _Place(os.path.join(self.path, name), os.path.join(self.real, name), self.folder, relative)


class _Walker:
    """One walk: what was found, what is wrong, and what has been seen already."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.notices: list[Notice] = []
        self._folders: set[tuple[int, int]] = set()
        self._files: set[str] = set()
        self._links: deque[_Place] = deque()

    def enter(self, path: str, folder: int) -> None:
        """Walk one library folder, or take one file."""
        place = _Place(path, os.path.realpath(path), folder, "")
        try:
            status = os.stat(path)
        except FileNotFoundError:
            self._notice(path, f"The library folder {clean_line(path)} is not there.")
            return
        except OSError as fault:
            self._notice(path, why(path, fault))
            return
        if S_ISDIR(status.st_mode):
            self._walk(place, status)
        elif S_ISREG(status.st_mode):
            self._take(_Place(path, place.real, folder, os.path.basename(path)), status)
        else:
            self._notice(path, f"{clean_line(path)} is neither a folder nor an article.")

    def follow_links(self) -> None:
        """Take what links lead to, unless the walk has met it; comes last, so that real places win."""
        self._links = deque(sorted(self._links, key=lambda place: (place.folder, place.relative)))
        while self._links:
            place = self._links.popleft()
            try:
                status = os.stat(place.path)
            except OSError as fault:
                if is_markdown(place.path):
                    self._take(place, None, why(place.path, fault))
                continue
            place = _Place(place.path, os.path.realpath(place.path), place.folder, place.relative)
            if S_ISDIR(status.st_mode):
                self._walk(place, status)
            elif S_ISREG(status.st_mode) and is_markdown(place.path):
                self._take(place, status)

    def _walk(self, top: _Place, status: os.stat_result) -> None:
        pending = [(top, status)]
        while pending:
            place, status = pending.pop()
            identity = status.st_dev, status.st_ino
            if identity in self._folders:
                continue
            self._folders.add(identity)
            try:
                with os.scandir(place.path) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            self._sort_out(place, entry, pending)
            except OSError as fault:
                self._notice(place.path, why(place.path, fault))

    def _sort_out(
        self,
        place: _Place,
        entry: os.DirEntry[str],
        pending: list[tuple[_Place, os.stat_result]],
    ) -> None:
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
                self._take(child, None, why(child.path, fault))
            return
        if is_folder:
            pending.append((child, status))
        else:
            self._take(child, status)

    def _take(self, place: _Place, status: os.stat_result | None, fault: str = "") -> None:
        if place.real in self._files:
            return
        self._files.add(place.real)
        stamp = _stamp(status) if status is not None else None
        self.found.append(Found(place.path, place.real, place.folder, place.relative, stamp, fault))

    def _notice(self, path: str, text: str) -> None:
        self.notices.append(Notice(text, Path(path)))
