"""One library and one reader's state that several programs have open, some of them without the state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulse_tui.storage.index.index import Index
from pulse_tui.storage.index.report import Outcome
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from tests.libraries import clock, ids, library_of, write

Opened = Callable[[bool], Library]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A program that looks at the library; with the reader's state, or like `read` without one."""
    folder, index, path = tmp_path / "library", tmp_path / "index.sqlite", tmp_path / "state.sqlite"
    write(folder / "a.md", "Of the river.\n")
    write(folder / "b.md", "Of the road.\n")
    now = clock()

    def opened(has_state: bool) -> Library:
        library = library_of(folder, index=index, state=StateStore(path if has_state else None, clock=now))
        library.refresh()
        return library

    return opened


def test_an_awaited_folder_that_another_program_makes_meanwhile_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, look = tmp_path / "own", Index.refresh
    library = Library([folder], index=None, state=StateStore(None, clock=clock()), awaited=folder)

    def before_it_comes(*arguments: Any) -> Outcome:
        outcome = look(*arguments)
        folder.mkdir()
        return outcome

    with monkeypatch.context() as patch:
        patch.setattr(Index, "refresh", before_it_comes)
        library.refresh()
    assert library.notices() == ()
    library.refresh()
    folder.rmdir()
    folder.symlink_to("nowhere")
    library.refresh()
    assert "is not there" in str(library.notices()[0])


@pytest.mark.parametrize("looks", [1, 2])
def test_a_rename_that_a_program_without_the_state_meets_first(
    opened: Opened, tmp_path: Path, looks: int
) -> None:
    reader = opened(True)
    reader.mark("a", starred=True)
    reader.close()
    (tmp_path / "library" / "a.md").rename(tmp_path / "library" / "c.md")
    for _ in range(looks):
        opened(False).close()
    reader = opened(True)
    assert sorted(ids(reader)) == ["b", "c"]
    assert reader.reading("c").starred
    reader.close()
    assert opened(True).reading("c").starred


def test_an_id_that_another_article_gets_while_a_program_without_the_state_looks(
    opened: Opened, tmp_path: Path
) -> None:
    reader = opened(True)
    reader.mark("b", starred=True)
    reader.close()
    write(tmp_path / "library" / "a.md", "Of the river.\n", id="b")  # which comes first
    opened(False).close()
    reader = opened(True)
    (starred,) = (headline.id for headline in reader.recent() if reader.reading(headline.id).starred)
    assert reader.get(starred).body == b"Of the road.\n"
    reader.close()
