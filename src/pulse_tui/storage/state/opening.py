"""Opening the reading state where it may not be written."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pulse_tui.article import Notice
from pulse_tui.storage.state.damage import salvage
from pulse_tui.storage.state.database import DamagedError, check_header
from pulse_tui.storage.state.notices import cannot_be
from pulse_tui.storage.state.record import Changes
from pulse_tui.storage.state.state import StateStore


def open_state(
    path: Path, *, reader: str = "local", clock: Callable[[], float]
) -> tuple[StateStore, Notice | None]:
    """The state at `path`, or where nothing can be written a copy in memory, and what is wrong with it.

    Raises:
        StateError: the file is of a newer version or another program's; it was not touched.
    """
    if _is_writable(path):
        store = StateStore(path, reader=reader, clock=clock)
        return store, store.notice
    held = Changes()
    if path.is_file():
        with suppress(DamagedError):
            check_header(path)
            held = salvage(path, reader)
    notice = cannot_be("written", path, PermissionError("its folder is read-only, or no folder"))
    return StateStore(None, reader=reader, clock=clock, held=held, notice=notice), notice


def _is_writable(path: Path) -> bool:
    """Whether the file can be written, or made; a full disk is found out only by writing."""
    if os.path.lexists(path) and not (path.is_file() and os.access(path, os.R_OK | os.W_OK)):
        return False
    folder = path.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
