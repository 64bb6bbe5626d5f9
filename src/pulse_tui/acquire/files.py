"""Files that a person names: opened with care, found in folders, and the pictures that lie beside them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from html import unescape
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO
from urllib.parse import quote, unquote

from pulse_tui.acquire.kinds import ENDINGS, HEAD, kind_of
from pulse_tui.text import clean_line

_PICTURE = 16 * 1024 * 1024
"""Bytes of one picture."""
_PICTURES = 128 * 1024 * 1024
"""Bytes of all pictures of one source."""
_MOST = 1000
"""Pictures of one source."""
_DEEPEST = 100

_sources = re.compile(rb"""(?<=[\s"'])src\s{0,9}=\s{0,9}(?:"([^"<>]{1,800})"|'([^'<>]{1,800})')""", re.I).sub
has_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//").match
_beside = re.compile(r"(.+)_files\Z", re.IGNORECASE | re.DOTALL).match


class SourceError(Exception):
    """Why nothing could be taken from a source: one sentence for whoever named it."""

    missing = False
    """Whether there is no such thing."""


class NoSourceError(SourceError):
    """There is no such file, or nothing in a folder that could be taken."""

    missing = True


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file and its size in bytes; opening never waits for anybody.

    Raises:
        SourceError: there is none, or it may not be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not S_ISREG(status.st_mode):
                raise SourceError(f"{shown(path)} is no file that can be read: give - to read from a pipe.")
            yield file, status.st_size
    except (OSError, ValueError) as error:
        raise _why(path, error) from error


def beginning(path: str) -> bytes:
    """The first bytes of a file."""
    with opened(path) as (file, _):
        return file.read(HEAD)


def whole(path: str, most: int, what: str) -> bytes:
    """A file of at most `most` bytes; `what` says what it is.

    Raises:
        SourceError: it is larger, or may not be read.
    """
    with opened(path) as (file, size):
        if size <= most:
            data = file.read(most + 1)  # it may grow
            size = max(size, len(data))
        if size > most:
            raise too_large(path, most, what)
        return data


def too_large(name: str, most: int, what: str) -> SourceError:
    """What is said of something that is larger than the `most` bytes that are taken."""
    return SourceError(f"{shown(name)} is larger than {most / 1e6:.0f} MB, the most that is taken of {what}.")


def files_of(folder: str) -> Iterator[str | SourceError]:
    """The files in a folder that may be features, by their paths; hidden ones and a page's own are not.

    Links are followed, each folder is walked once and each file given once; what cannot be looked at is told.
    """
    walked: set[tuple[int, int]] = set()
    met: set[tuple[int, int]] = set()
    waiting = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        try:
            status = os.stat(path)
            identity = status.st_dev, status.st_ino
            if S_ISDIR(status.st_mode):
                if identity not in walked and depth <= _DEEPEST:
                    walked.add(identity)
                    waiting += [(os.path.join(path, name), depth + 1) for name in _wanted(path)]
            elif S_ISREG(status.st_mode) and identity not in met:
                met.add(identity)
                yield path
        except OSError as error:
            yield _why(path, error)


def _wanted(folder: str) -> list[str]:
    """The names in a folder that are looked at, the last first."""
    with os.scandir(folder) as entries:
        names = {entry.name: entry.is_dir() for entry in entries if not entry.name.startswith(".")}
    # A page that was saved as a whole has its pictures and frames in NAME_files.
    pages = {os.path.splitext(name)[0] for name in names if ENDINGS.get(_ending(name)) == "page"}

    def is_wanted(name: str) -> bool:
        if names[name]:
            found = _beside(name)
            return not (found and found[1] in pages)
        return _ending(name) in ENDINGS

    return sorted(filter(is_wanted, names), reverse=True)


class Pictures:
    """The pictures that lie beside a file, read when they are asked for.

    What a file names is taken from within `root` alone, and only if it is a picture.
    """

    def __init__(self, path: str, root: str = "") -> None:
        self._folder = os.path.dirname(os.path.abspath(path))
        self._root = os.path.join(os.path.realpath(root or self._folder), "")
        self._left = _PICTURES
        self._known: dict[str, bytes | None] = {}

    def get(self, source: str) -> bytes | None:
        """The picture that a relative address leads to; None if there is none."""
        if source not in self._known:
            if len(self._known) >= _MOST:
                return None
            self._known[source] = self._read(source)
        return self._known[source]

    def _read(self, source: str) -> bytes | None:
        address = re.split("[?#]", source.strip(), maxsplit=1)[0]
        if not address or has_scheme(source.strip()) or address.startswith(("/", "\\")) or "\0" in address:
            return None
        for name in dict.fromkeys((unquote(address), address)):
            real = os.path.realpath(os.path.join(self._folder, name))
            if not real.startswith(self._root):
                continue
            with suppress(SourceError), opened(real) as (file, size):
                if size <= min(_PICTURE, self._left):
                    data = file.read(size)
                    if kind_of(data[:HEAD]) == "picture":
                        self._left -= len(data)
                        return data
        return None


class SavedPage:
    """A page that was saved with its pictures: they are given addresses while it is read.

    The reader of pages makes every address absolute, and drops those that lead nowhere.
    """

    def __init__(self, data: bytes, path: str) -> None:
        self._beside = Pictures(path)
        # Nobody can write a page that holds an address made of its own digest.
        self._host = f"http://{sha256(data).hexdigest()[:32]}.invalid"
        self._names: list[str] = []
        self.pictures: dict[str, bytes] = {}
        """Those that lie beside the page, by the addresses that the page gives them."""
        self.data = _sources(self._marked, data)
        """The page."""

    def restored(self, text: str) -> str:
        """A text that was read from the page, with the page's own addresses of its pictures."""
        if self._host not in text:
            return text
        marks = re.compile(re.escape(self._host) + r"/(\d+)/[\w.~%-]*")
        return marks.sub(lambda found: self._names[int(found[1])], text)

    def _marked(self, found: re.Match[bytes]) -> bytes:
        source = unescape((found[1] or found[2]).decode("utf-8", "replace")).strip()
        data = self._beside.get(source)
        if data is None:
            return found[0]
        name = quote(unquote(re.split("[?#]", source, maxsplit=1)[0]).removeprefix("./"), safe="/")
        if name not in self.pictures:
            self.pictures[name] = data
            self._names.append(name)
        last = quote(os.path.basename(unquote(name)), safe="")
        return f'src="{self._host}/{self._names.index(name)}/{last}"'.encode()


def local(text: str) -> str:
    """The path that a person means, who may have given the address of a file."""
    if text[:7].lower() == "file://":
        return unquote(text[7:].removeprefix("localhost"))
    return text


def shown(path: str) -> str:
    """A path as it may stand in a sentence."""
    path = clean_line(path[-400:])
    return path if len(path) <= 100 else f"…{path[-99:]}"


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _why(path: str, error: Exception) -> SourceError:
    name = shown(path)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return NoSourceError(f"There is no file “{name}”: check its name, or begin an address with https://.")
    if isinstance(error, PermissionError):
        return SourceError(f"{name} may not be read: change its permissions, then add it again.")
    reason = getattr(error, "strerror", None) or "its name is none that a file can have"
    return SourceError(f"{name} cannot be read: {reason.lower()}.")
