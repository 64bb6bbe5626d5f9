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


def library(*folders: Path, cap: int = CAP) -> Library:
    """The same, with what is in the folders."""
    repository = library_of(*folders, cap=cap)
    repository.refresh()
    return repository


def ids(repository: Library) -> list[str]:
    """The ids of all that is listed, in order."""
    return [headline.id for headline in repository.recent()]


def write(path: Path, text: str | bytes = "Body.\n", **keys: str) -> Path:
    """A Markdown file with the given front matter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "".join(f"{key}: {value}\n" for key, value in keys.items())
    body = text.encode() if isinstance(text, str) else text
    path.write_bytes((f"---\n{header}---\n".encode() if keys else b"") + body)
    return path
