"""A library's folder as it is written to: whole files or none, one writer at a time, nothing outside."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import NamedTuple

from pulse_tui.text import clean_line

_TRIES, _PAUSE = 400, 0.025
"""How often another program is waited for, and how many seconds each time: ten seconds in all."""
_DAY = 24 * 3600
_MINE, _PART = ".pulse-", ".part"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF, errno.ENOSYS)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES)
UNFIT = (errno.EILSEQ, errno.EINVAL, errno.ENAMETOOLONG)
"""What a file system answers to a name that it cannot have."""


class KeepingError(Exception):
    """Why a feature could not be written: one sentence that says what to do."""


class Seen(NamedTuple):
    """A file as it was read."""

    data: bytes
    stamp: tuple[int, int, int]
    """Inode, size and time of change: equal as long as nobody writes it."""
    mode: int


class Disk:
    """A library's folder; paths within it have `/` between names."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._lock = RLock()
        self._is_alone = False
        self._swept: set[str] = set()

    def path(self, relative: str) -> Path:
        """The path of what lies within the folder.

        Raises:
            KeepingError: it lies outside, perhaps by a link, or is hidden.
        """
        names = relative.split("/")
        if not all(name and not name.startswith(".") and "\0" not in name for name in names):
            raise self._outside(relative)
        path = self.folder / relative
        self.require_inside(path)
        return path

    def require_inside(self, path: Path) -> None:
        """Raises `KeepingError` where a path leads out of the folder, perhaps by a link."""
        real, root = os.path.realpath(path), os.path.realpath(self.folder)
        if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
            raise self._outside(path.name)

    def _outside(self, relative: str) -> KeepingError:
        return KeepingError(
            f"{clean_line(relative[:200])} leads out of the library folder {clean_line(str(self.folder))}:"
            " nothing was written there."
        )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """As the only writer, among threads and programs; makes the folder if it isn't there.

        Who is alone may ask for it again.
        The folder itself is locked: no file is left behind, and a program that is killed holds nothing.
        Where a file system has no locks two may write at once; even then `add` never overwrites.
        """
        import fcntl

        with self._lock:
            if self._is_alone:
                yield
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                for _ in range(_TRIES):
                    try:
                        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        time.sleep(_PAUSE)
                    except OSError as error:
                        if error.errno in _NO_LOCKS:
                            break
                        raise
                else:
                    raise KeepingError(
                        f"Another program has been writing to {clean_line(str(self.folder))} for a while:"
                        " try again when it has ended."
                    )
                self._is_alone = True
                yield
            finally:
                self._is_alone = False
                os.close(descriptor)

    def is_there(self, path: Path) -> bool:
        """Whether there is anything at a path, a broken link included."""
        return os.path.lexists(path)

    def read(self, path: Path, most: int = -1) -> Seen | None:
        """A regular file, or its first bytes; None if there is none to be read."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            with open(descriptor, "rb", buffering=0, closefd=False) as file:
                data = file.read(most) if most >= 0 else file.readall()
            return Seen(data, _stamp(status), stat.S_IMODE(status.st_mode))
        finally:
            os.close(descriptor)

    def add(self, path: Path, data: bytes) -> bool:
        """Write a file where there is none; whether there was none."""
        with self._temporary(path, data) as temporary:
            try:
                # Unlike a rename it never takes the place of a file that came meanwhile.
                os.link(temporary, path)
            except FileExistsError:
                return False
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                if os.path.lexists(path):
                    return False
                os.rename(temporary, path)
        return True

    def replace(self, path: Path, data: bytes, before: Seen) -> bool:
        """Write a file anew, unless it is not any more as it was read; whether it was."""
        real = Path(os.path.realpath(path))
        with self._temporary(real, data) as temporary:
            with suppress(OSError):
                os.chmod(temporary, before.mode)
            try:
                if _stamp(os.stat(real)) != before.stamp:
                    return False
            except FileNotFoundError:
                return False
            os.replace(temporary, real)
        return True

    @contextmanager
    def _temporary(self, path: Path, data: bytes) -> Iterator[str]:
        """A file beside a path with what is to be there; removed unless it was renamed.

        It is flushed to the disk first.  That takes milliseconds where a page takes seconds, and without it a
        loss of power can leave an empty file under the right name, which nothing would ever mend.
        """
        folder = os.fspath(path.parent)
        os.makedirs(folder, exist_ok=True)
        self.require_inside(path.parent)
        temporary = os.path.join(folder, f"{_MINE}{os.urandom(6).hex()}{_PART}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            with open(descriptor, "wb", buffering=0) as file:
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
                os.fsync(descriptor)
                self._sweep(folder, os.fstat(descriptor).st_mtime)
            yield temporary
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)

    def _sweep(self, folder: str, now: float) -> None:
        """Remove what killed writers left, once for a folder; `now` is by its own clock, in seconds."""
        if folder in self._swept:
            return
        self._swept.add(folder)
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(_MINE) and entry.name.endswith(_PART):
                    with suppress(OSError):
                        if entry.stat(follow_symlinks=False).st_mtime < now - _DAY:
                            os.unlink(entry.path)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What goes wrong with files as one sentence for the reader: a `KeepingError`."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        name = clean_line(str(folder))
        number = error.errno if isinstance(error, OSError) else errno.EILSEQ
        if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            reason = f"There is no room left in {name}: make some, then try again."
        elif number in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = f"{name} may not be written to: change its permissions or choose another folder."
        elif number in (errno.ENOTDIR, errno.EEXIST, errno.ELOOP):
            reason = f"In {name} a file stands where a folder is wanted: rename it, then try again."
        else:
            what = (error.strerror if isinstance(error, OSError) else "") or "no such names are possible"
            reason = f"{name} cannot be written to ({what.lower()}): check the disk, then try again."
        raise KeepingError(reason) from error


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
