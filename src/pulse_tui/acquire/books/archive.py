"""The zip file that an EPUB is, opened with suspicion: https://www.w3.org/TR/epub-33/#sec-ocf."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import unquote

from pulse_tui.acquire.markup import MIB, RefusedError

LIMIT = 256 * MIB
"""Bytes of a book as it comes."""
MEMBERS = 10_000
UNPACKED = 512 * MIB
"""Bytes that all members together say they unpack to."""
_DIRECTORY = 4 * MIB
_RATIO = 200
# Small members may well be that repetitive.
_RATIO_FROM = MIB
_TAIL = 66_000

_escaping = re.compile(r"\A(?:[/\\]|[A-Za-z]:)|(?:\A|[/\\])\.\.(?:[/\\]|\Z)|[\x00-\x1f\x7f\\]").search


class MissingError(Exception):
    """A member that isn't there or can't be read; the book goes on without it."""


class Archive:
    """The members of a book by their names; nothing is ever unpacked to a file."""

    def __init__(self, source: bytes | Path) -> None:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size == 0:
            raise RefusedError("The EPUB is empty.")
        if size > LIMIT:
            raise RefusedError(f"The EPUB is larger than {LIMIT // MIB} MB, the most that is read.")
        file: BinaryIO = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        try:
            self._infos = self._checked(file, size)
        except BaseException:
            file.close()
            raise
        self._file = file
        self._folded = {name.casefold(): name for name in self._infos}

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._file.close()

    def _checked(self, file: BinaryIO, size: int) -> dict[str, zipfile.ZipInfo]:
        if file.read(2) != b"PK":
            raise RefusedError("This is not an EPUB: it is no zip file.")
        _check_directory(file, size)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError):
            raise RefusedError("The EPUB is damaged or cut off; download it again.") from None
        infos = self._zip.infolist()
        if len(infos) > MEMBERS:
            raise RefusedError(f"The EPUB holds more than {MEMBERS:,} files.")
        total = 0
        for info in infos:
            if _escaping(info.orig_filename) or _escaping(info.filename):
                raise RefusedError("The EPUB names a file outside of itself, so it is refused.")
            if info.flag_bits & 1:
                raise RefusedError("The EPUB is locked with a password; only open books can be read.")
            total += info.file_size
            packed = max(1, info.compress_size)
            if (info.file_size > _RATIO_FROM and info.file_size > _RATIO * packed) or total > UNPACKED:
                raise RefusedError("The EPUB unpacks to far more than a book holds, so it is refused.")
        return {info.filename: info for info in infos if not info.is_dir()}

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not None

    @property
    def digest(self) -> str:
        """A name for all that is in the archive: the check sums and sizes of its members."""
        sums = (f"{info.filename}:{info.CRC}:{info.file_size}" for info in self._infos.values())
        return sha256("\n".join(sums).encode("utf-8", "replace")).hexdigest()

    def find(self, name: str) -> str | None:
        """The member's real name; case may differ, as on the systems where many books are made."""
        return name if name in self._infos else self._folded.get(name.casefold())

    def size(self, name: str) -> int:
        """The bytes of a member, unpacked; 0 if there is none."""
        real = self.find(name)
        return self._infos[real].file_size if real else 0

    def read(self, name: str, limit: int) -> bytes:
        """A member of at most `limit` bytes; raises `MissingError`, which says why."""
        real = self.find(name)
        if real is None:
            raise MissingError(f"The book lacks its file {name}.")
        info = self._infos[real]
        if info.file_size > limit:
            raise MissingError(f"The book's file {name} is larger than {limit // MIB} MB, so it is left out.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise MissingError(f"The book's file {name} is packed in a way that EPUB doesn't have.")
        try:
            with self._zip.open(info) as member:
                return member.read(limit)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, struct.error, ValueError):
            raise MissingError(f"The book's file {name} is damaged.") from None


def resolve(holder: str, href: str) -> tuple[str, str]:
    """The member and the fragment that an address in the member `holder` means; empty if it leads outside."""
    path, _, fragment = href.strip().partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        return holder, unquote(fragment)
    name = posixpath.normpath(posixpath.join(posixpath.dirname(holder), path))
    outside = _escaping(name) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path)
    return ("" if outside else name), unquote(fragment)


def _check_directory(file: BinaryIO, size: int) -> None:
    """Refuse a central directory that is too large, before `zipfile` makes an object for each member."""
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise RefusedError("The EPUB is damaged or cut off; download it again.")
    members, directory = struct.unpack_from("<HL", tail, at + 10)
    at = tail.rfind(b"PK\x06\x06", 0, at)
    if at >= 0 and len(tail) >= at + 56 and (members == 0xFFFF or directory == 0xFFFFFFFF):
        members, directory = struct.unpack_from("<QQ", tail, at + 32)
    file.seek(0)
    if members > MEMBERS or directory > _DIRECTORY:
        raise RefusedError(f"The EPUB holds more than {MEMBERS:,} files.")
