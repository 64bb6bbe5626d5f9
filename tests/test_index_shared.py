"""One index and two programs that bring it up to date at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulse_tui.storage.index import refresh as refreshing
from pulse_tui.storage.library import Library
from tests.libraries import ids, library_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "ab":
        write(tmp_path / "library" / f"{name}.md", title=name.upper())
    return tmp_path / "library"


@pytest.fixture
def two(folder: Path, tmp_path: Path) -> Iterator[tuple[Library, Library]]:
    index = tmp_path / "index.sqlite"
    both = library_of(folder, index=index), library_of(folder, index=index)
    both[0].refresh()
    yield both
    for library in both:
        library.close()


def before(monkeypatch: pytest.MonkeyPatch, name: str, work: Callable[[], object], other: Library) -> None:
    """Let something happen, and another program see it, just before the next refresh takes a step."""
    step = getattr(refreshing, name)

    def late(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(refreshing, name, step)
        work()
        other.refresh()
        return step(*arguments, **more)

    monkeypatch.setattr(refreshing, name, late)


def when_read(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object], other: Library) -> None:
    """The same between reading files and writing down what they hold."""
    batches = refreshing._batches

    def late(*arguments: Any) -> Iterator[Any]:
        monkeypatch.setattr(refreshing, "_batches", batches)
        for batch in batches(*arguments):
            work()
            other.refresh()
            yield batch

    monkeypatch.setattr(refreshing, "_batches", late)


def test_what_another_brings_in_behind_a_walk_is_not_taken_out(
    two: tuple[Library, Library], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = two
    before(monkeypatch, "_unseen", lambda: write(folder / "c.md"), other)
    (folder / "a.md").unlink()
    ours.refresh()
    assert ids(ours) == ids(other) == ["b", "c"]


@pytest.mark.parametrize("named", [True, False])
def test_what_comes_again_before_it_is_taken_out_stays(
    two: tuple[Library, Library], folder: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    ours, other = two
    path = folder / "a.md"
    data = path.read_bytes()
    path.rename(folder / "kept")  # so that the file that comes again has another inode
    before(monkeypatch, "_remove", lambda: path.write_bytes(data), other)
    ours._refresh(None, [str(path)] if named else None)
    assert ids(ours) == ids(other) == ["a", "b"]


def test_what_is_gone_before_it_is_written_down_does_not_come_back(
    two: tuple[Library, Library], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = two
    path = write(folder / "c.md", title="C")
    when_read(monkeypatch, path.unlink, other)
    ours.refresh()
    assert ids(ours) == ids(other) == ["a", "b"]


def test_what_was_read_before_does_not_take_the_place_of_what_is_newer(
    two: tuple[Library, Library], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = two
    path = write(folder / "a.md", title="Second")
    when_read(monkeypatch, lambda: write(folder / "part", title="Third").replace(path), other)
    ours.refresh()
    for library in two:
        assert [headline.title for headline in library.recent()] == ["Third", "B"]
