"""Libraries for tests: folders of Markdown with an index and a state in memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from pulse_tui.storage.library import CAP, Library
from pulse_tui.storage.state.state import StateStore


def clock() -> Callable[[], float]:
    """A clock that goes one second further whenever it is looked at."""
    return map(float, count(1_700_000_000)).__next__


def library_of(
    *folders: Path, index: Path | None = None, state: StateStore | None = None, cap: int = CAP
) -> Library:
    """A library that nothing outlives, unless an index or a state is given."""
    return Library(folders, index=index, state=state or StateStore(None, clock=clock()), cap=cap)
