"""Settings that all tests share, and what those of the reading state have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.states import Clock, Opener, openers

# The same examples every time, and nothing written; `make deep` loads a profile of its own, which looks
# further each time.
settings.register_profile("default", deadline=None, derandomize=True, database=None)
if "tests.deep" not in sys.modules:
    settings.load_profile("default")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the reading state is; neither file nor folders are there yet."""
    return tmp_path / "state" / "pulse-tui" / "state.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(path: Path, clock: Clock) -> Iterator[Opener]:
    """Opens the state anew, each as another program would."""
    with openers(path, clock) as opener:
        yield opener
