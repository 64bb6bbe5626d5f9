"""Features that go while they are read, and the first start, when the newest is not the first to be read."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pulse_tui import bundled
from pulse_tui.article import Reading
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from pulse_tui.tui.app import PulseApp
from tests.libraries import clock, library_of
from tests.test_reader import ALPHA, MIDDLE, SIZES, Desk, _apart, desk, library, words, write

__all__ = ["_apart", "library"]  # fixtures


@pytest.mark.parametrize("size", SIZES)
async def test_an_open_article_whose_file_goes(library: Path, size: tuple[int, int]) -> None:
    repository = library_of(library)
    async with desk(repository, size, start="alpha") as seen:
        await seen.press("f")
        before, place = seen.article, seen.view.place
        (library / "2026-03-05-alpha.md").unlink()
        await seen.until(lambda: "no longer in the library" in seen.hints.text[0])
        await seen.settle()
        assert seen.article == before
        seen.screen.say("")
        (library / "2026-03-01-short.md").unlink()
        await seen.until(lambda: repository.headline("short") is None)
        await seen.settle()
        assert "no longer" not in seen.hints.text[0], "it is said once"
        for keys in (
            *"jkdufb][}{)(sMsMUtiyoSvzzTT+-=n",
            "m a",
            "apostrophe a",
            "slash w enter escape",
            "h j tab",
        ):
            await seen.press(*keys.split())
            if not seen.at_desk:
                await seen.press("escape")
            assert seen.at_desk
            assert seen.app.return_code is None
            assert is_open(seen) == "alpha", keys
        assert repository.reading("alpha").place is not None
        await seen.press("g", "f")
        assert (seen.article, seen.view.place) == (before, place)
        await seen.press("J")
        assert "no longer" not in seen.hints.text[0]
        assert seen.view.document is not None
        assert seen.view.document.article.headline.id != "alpha"
        await seen.press("less_than_sign", "K", "q")


async def test_an_article_that_comes_back_and_goes_again(library: Path) -> None:
    path = library / "2026-03-05-alpha.md"
    async with desk(library_of(library), start="alpha") as seen:
        await seen.press("f")
        before = seen.article
        for _ in range(2):
            path.unlink()
            await seen.until(lambda: "no longer in the library" in seen.hints.text[0])
            seen.screen.say("")
            path.write_text(ALPHA, encoding="utf-8")
            await seen.until(lambda: "alpha" in [at.id for at in map(seen.list.shelves.at, range(5)) if at])
            await seen.settle()
            assert seen.article == before


class Staged(Library):
    """A library whose first look takes its time between the old features and the new ones."""

    def __init__(self, folder: Path, late: dict[str, str]) -> None:
        super().__init__([folder], index=None, state=StateStore(None, clock=clock()))
        self.folder, self.late = folder, late
        self.go_on = threading.Event()
        self.done = False

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> bool:
        super().refresh(progress)
        assert progress is not None
        progress(2, 4)
        assert self.go_on.wait(20)
        write(self.folder, self.late)
        super().refresh(progress)
        progress(4, 4)
        self.done = True
        return True

    def watch(self, changed: Callable[[], None]) -> None:
        pass


def dated(article_id: str, day: int, count: int = 2000) -> str:
    head = f"title: {article_id.title()}\npublished: 2026-03-{day:02}\nid: {article_id}"
    return f"---\n{head}\n---\n\n{words(0, count)}\n"


@asynccontextmanager
async def first_start(
    tmp_path: Path, size: tuple[int, int] = MIDDLE, count: int = 2000
) -> AsyncIterator[tuple[Desk, Staged]]:
    folder = write(tmp_path / "first", {"a.md": dated("old", 1, count), "b.md": dated("older", 2, count)})
    repository = Staged(folder, {"c.md": dated("newest", 9, count), "d.md": dated("new", 8, count)})
    app = PulseApp(repository, bundled.style_sheet())
    async with app.run_test(size=size) as pilot:
        seen = Desk(pilot, app)
        await seen.until(lambda: seen.view.document is not None)
        try:
            yield seen, repository
        finally:
            repository.go_on.set()


def is_open(seen: Desk) -> str:
    assert seen.view.document is not None
    return seen.view.document.article.headline.id


@pytest.mark.parametrize("size", SIZES)
async def test_a_first_start_ends_with_the_newest(tmp_path: Path, size: tuple[int, int]) -> None:
    async with first_start(tmp_path, size, count=5) as (seen, repository):
        assert is_open(seen) == "older"
        await seen.pilot.pause()
        assert repository.reading("older") == Reading(), "nobody has read it"
        repository.go_on.set()
        await seen.until(lambda: is_open(seen) == "newest")
        await seen.settle()
        assert repository.history() == ["newest"]
        assert repository.reading("newest").read, "its end is in view"
        assert seen.list.current is not None
        assert seen.list.current.id == "newest"
        await seen.press("less_than_sign")
        assert "no jump" in seen.hints.text[0]


@pytest.mark.parametrize("keys", [("j",), ("j", "k"), ("question_mark",), ("h",), ("s",)])
async def test_a_first_start_keeps_what_is_read_already(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with first_start(tmp_path) as (seen, repository):
        await seen.pilot.press(*keys)
        repository.go_on.set()
        await seen.until(lambda: repository.done and repository.headline("newest") is not None)
        await seen.settle()
        assert is_open(seen) == "older"
        assert repository.history() == ["older"]


async def test_a_first_start_keeps_what_the_wheel_has_moved(tmp_path: Path) -> None:
    async with first_start(tmp_path) as (seen, repository):
        seen.view.action_line(1)  # as the wheel does
        await seen.pilot.pause()
        repository.go_on.set()
        await seen.until(lambda: repository.done and not seen.app.workers._workers)
        await seen.settle()
        assert is_open(seen) == "older"
        assert repository.reading("older").place == seen.view.place
