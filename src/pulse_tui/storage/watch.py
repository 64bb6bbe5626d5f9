"""Hearing of changes in the folders of a library while they happen.

The system tells of them (through `watchfiles`, which is loaded only here); where it cannot, because the files
lie on another machine or there are more folders than it watches, the library is looked at again and again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import partial
from threading import Event
from time import monotonic

from pulse_tui.importing import part

_TICK = 0.4
"""Seconds between two looks at the folders themselves, and the longest that ending takes."""
_POLL = 1.0
"""Seconds between two looks at the whole library."""
_LEISURE = 10
"""How many times as long as it took the next look at the whole library waits."""
_REST, _LONGEST_REST = 4, 1.0
"""How many times as long as taking changes in took the next ones wait, so that whoever reads is not held up
while thousands come; and the most, in seconds."""
_GATHERED = 300
"""Milliseconds for which changes are gathered."""
_STEP = 100
"""Milliseconds without a change that end it sooner."""

_REMOTE = "9p afs ceph cifs drvfs glusterfs nfs nfs4 smb3 smbfs vboxsf virtiofs".split(" ")  # noqa: SIM905 - a list is long


def watch(
    folders: Sequence[str],
    changed: Callable[[Iterable[str] | None], None],
    stop: Event,
    is_lost: Callable[[], bool],
    *,
    stands: Callable[[], None] = lambda: None,
    idle: Callable[[], None] = lambda: None,
    mounts: str = "/proc/self/mounts",
    clock: Callable[[], float] = monotonic,
) -> None:
    """Tell of changes in the folders until `stop` is set; returns within half a second then.

    `changed` gets the paths that have changed, or None where anything may have; what changed before `stands`
    is called, once, is not told.  All is called in this thread, and the next call waits; what is raised there
    passes through.  With `is_lost`, asked a few times a second, everything is told anew.  `idle` is called
    now and then while nothing changes.  A folder may come, go or be a link to another place at any time.
    """
    begin = stands
    while not stop.is_set():
        signature = _signature(folders)
        tops = {os.path.realpath(folder): folder for folder in folders if os.path.isdir(folder)}
        local = not any(_is_remote(top, mounts) for top in tops)
        hears = local and bool(tops)
        with closing(_heard_or_none(tops, stop) if hears else _nothing()) as heard:
            for number, paths in enumerate(heard):
                if stop.is_set():
                    return
                if paths is None:
                    hears = local = False
                elif _signature(folders) != signature:
                    break
                elif not number:  # from now on nothing is missed
                    begin()
                    begin = partial(changed, None)
                elif paths or is_lost():
                    began = clock()
                    changed(paths if not is_lost() else None)
                    stop.wait(min(_LONGEST_REST, _REST * (clock() - began)))
                else:
                    idle()
        if not hears and not stop.is_set():
            begin()
            begin = partial(changed, None)
            _poll(folders, changed, stop, is_lost, idle, clock, until=signature if local else None)


def _poll(
    folders: Sequence[str],
    changed: Callable[[Iterable[str] | None], None],
    stop: Event,
    is_lost: Callable[[], bool],
    idle: Callable[[], None],
    clock: Callable[[], float],
    until: object,
) -> None:
    """Look at everything now and then; ends when the folders themselves are others, if told how they were."""
    pause = _POLL
    while not stop.wait(pause):
        if until is not None and _signature(folders) != until:
            return
        if until is None or is_lost():
            began = clock()
            changed(None)
            pause = max(_POLL, _LEISURE * (clock() - began))
        idle()


def _heard_or_none(tops: dict[str, str], stop: Event) -> Generator[set[str] | None]:
    """What is heard, and at last None if the system can tell no more, whatever the reason.

    One is a change of a file whose name is not UTF-8, which watchfiles cannot tell of.
    """
    try:
        yield from _heard(tops, stop)
    except (OSError, RuntimeError):
        yield None


def _heard(tops: dict[str, str], stop: Event) -> Generator[set[str]]:
    """The paths that have changed, or none after a while without a change; none at first, when it listens.

    Raises:
        OSError, RuntimeError: the system cannot tell, or not of so many folders.
    """
    # Its own class, since `watchfiles.watch` does not say when it listens:
    # https://watchfiles.helpmanual.io/api/rust_backend/
    # What the package itself imports, for running programs anew, is as much again.
    notifier = part("watchfiles", "_rust_notify")
    with notifier.RustNotify(list(tops), False, False, 0, True, True) as notify:
        yield set()
        while True:
            met = notify.watch(_GATHERED, _STEP, round(_TICK * 1000), stop)
            if met in ("stop", "signal"):
                return
            changes = met if isinstance(met, set) else set()
            yield {path for _, name in changes if (path := _as_listed(name, tops)) is not None}


def _nothing() -> Generator[set[str] | None]:
    yield from ()


def _as_listed(path: str, tops: dict[str, str]) -> str | None:
    """A path as the library lists it, below the folder as the reader gave it; None if it is hidden."""
    for top, folder in tops.items():
        if path.startswith(os.path.join(top, "")):
            below = os.path.relpath(path, top)
            return None if below.startswith(".") or "/." in below else os.path.join(folder, below)
    return path


def _signature(folders: Sequence[str]) -> list[tuple[int, ...] | None]:
    """What tells the folders from others in their places; of a single file also whether it has changed."""
    return [_identity(folder) for folder in folders]


def _identity(folder: str) -> tuple[int, ...] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    if os.path.isdir(folder):
        return status.st_dev, status.st_ino
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _is_remote(path: str, mounts: str) -> bool:
    """Whether a path lies on a file system whose changes may be made elsewhere (Linux: proc_mounts(5))."""
    best, kind = "", ""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                _, place, its_kind, *_ = line.split(" ")
                place = place.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
                if len(place) >= len(best) and (path + "/").startswith(place.rstrip("/") + "/"):
                    best, kind = place, its_kind
    except (OSError, ValueError):
        return False
    return kind in _REMOTE or kind.startswith("fuse.")
