"""Changes in the folders appear by themselves: edits, additions, renames, removals, folders that move."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import pytest
from textual.screen import Screen

from pulse_tui.query import parse
from pulse_tui.repository import Repository
from pulse_tui.storage import watch as watching
from pulse_tui.storage.files.walk import Walk
from pulse_tui.storage.index import refresh as refreshing
from pulse_tui.storage.library import Library
from pulse_tui.tui.keeper import Keeper
from tests.libraries import clock, library_of, write

SOON = 2.0
"""Seconds within which a change is to be seen."""
Watched = Callable[..., Library]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


@pytest.fixture(params=["told", "looking"])
def watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Makes a library that watches its folders, once told by the system, once by looking at them."""
    if request.param == "looking":
        monkeypatch.setattr(watching, "_is_remote", lambda path, mounts: True)
    libraries: list[Library] = []

    def make(*folders: Path) -> Library:
        library = library_of(*folders)
        libraries.append(library)
        library.watch(lambda: None)
        library.refresh()
        return library

    yield make
    for library in libraries:
        library.close()


def soon(condition: Callable[[], bool], seconds: float = SOON) -> bool:
    """Whether something becomes true before long; a slow machine gets more time than a reader."""
    end = time.monotonic() + 3 * seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def titles(library: Library) -> dict[str, str]:
    return {headline.id: headline.title for headline in library.recent()}


def test_edits_additions_renames_and_removals_appear(watched: Watched, folder: Path) -> None:
    write(folder / "a.md", title="Before")
    write(folder / "goes.md", title="Goes")
    library = watched(folder)
    write(folder / "a.md", title="After")
    assert soon(lambda: titles(library)["a"] == "After")
    write(folder / "deep" / "er" / "new.md", title="New")
    assert soon(lambda: "deep/er/new" in titles(library))
    (folder / "goes.md").rename(folder / "deep" / "went.md")
    assert soon(lambda: titles(library).get("deep/went") == "Goes" and "goes" not in titles(library))
    (folder / "deep" / "er" / "new.md").unlink()
    assert soon(lambda: "deep/er/new" not in titles(library))
    (folder / "deep").rename(folder / "other")
    assert soon(lambda: set(titles(library)) == {"a", "other/went"})


def test_a_file_that_is_saved_by_putting_another_in_its_place(watched: Watched, folder: Path) -> None:
    write(folder / "a.md", title="Before")
    library = watched(folder)
    for number in range(3):
        write(folder / ".a.md.swp", title=f"After {number}").replace(folder / "a.md")
        assert soon(lambda number=number: titles(library) == {"a": f"After {number}"})  # type: ignore[misc]


def test_a_folder_that_comes_goes_and_comes_back(watched: Watched, folder: Path, tmp_path: Path) -> None:
    late = tmp_path / "late"
    library = watched(folder, late)
    assert "is not there" in str(library.notices()[0])
    write(late / "a.md", title="A")
    assert soon(lambda: titles(library) == {"a": "A"})
    late.rename(tmp_path / "elsewhere")
    assert soon(lambda: titles(library) == {})
    (tmp_path / "elsewhere").rename(late)
    assert soon(lambda: titles(library) == {"a": "A"})
    write(late / "b.md", title="B")
    assert soon(lambda: len(titles(library)) == 2)


def test_a_folder_that_is_a_link_to_another(watched: Watched, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    library = watched(link)
    write(folder / "a.md", title="A")
    assert soon(lambda: titles(library) == {"a": "A"})
    other = write(tmp_path / "other" / "b.md", title="B").parent
    (tmp_path / "next").symlink_to(other)
    (tmp_path / "next").replace(link)
    assert soon(lambda: titles(library) == {"b": "B"})


def test_a_library_of_one_file(watched: Watched, folder: Path) -> None:
    library = watched(write(folder / "a.txt", title="Before"))
    write(folder / "a.txt", title="After, longer")
    assert soon(lambda: titles(library) == {"a.txt": "After, longer"})


def test_whoever_watches_is_told_only_of_what_changed(folder: Path) -> None:
    write(folder / "a.md")
    library = library_of(folder)
    library.refresh()
    told: list[int] = []
    library.watch(lambda: told.append(library.count()))
    (folder / "picture.png").write_bytes(b"x")
    write(folder / ".git" / "index.md")
    write(folder / "b.md")
    assert soon(lambda: told == [2])
    library.close()


def test_one_changed_file_is_looked_at_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        write(folder / f"{number}.md")
    library = library_of(folder)
    library.refresh()
    library.watch(lambda: None)
    looked: list[str] = []
    monkeypatch.setattr("pulse_tui.storage.files.walk.os.scandir", looked.append)
    write(folder / "3.md", title="Changed")
    assert soon(lambda: titles(library)["3"] == "Changed")
    assert looked == []
    library.close()


def test_what_cannot_be_heard_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(*args: object, **options: object) -> Iterator[set[str]]:
        raise OSError(28, "No space left on device")
        yield set()

    monkeypatch.setattr(watching, "_heard", deaf)
    library = library_of(folder)
    library.watch(lambda: None)
    write(folder / "a.md", title="A")
    assert soon(lambda: titles(library) == {"a": "A"})
    library.close()


def test_a_name_that_is_not_utf_8_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    polled = Event()
    poll = watching._poll

    def spy(*arguments: Any, **options: Any) -> None:
        polled.set()
        poll(*arguments, **options)

    monkeypatch.setattr(watching, "_poll", spy)
    library = library_of(folder)
    library.watch(lambda: None)
    library.refresh()
    try:
        (folder / os.fsdecode(b"caf\xe9.md")).write_bytes(b"Body.")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert polled.wait(5)
    assert soon(lambda: titles(library) == {"caf\ufffd": "caf\ufffd"})
    write(folder / "a.md", title="A")
    assert soon(lambda: titles(library).get("a") == "A")
    assert library.notices() == ()
    library.close()


@pytest.mark.parametrize("fault", [OSError, RuntimeError])
def test_what_the_caller_raises_is_no_fault_of_the_watcher(folder: Path, fault: type[Exception]) -> None:
    stop = Event()
    calls: list[Iterable[str] | None] = []

    def changed(paths: Iterable[str] | None) -> None:
        calls.append(paths)
        if len(calls) > 1:
            stop.set()  # it was taken for one, so that it would go on for ever
        raise fault("a bug, for once")

    with pytest.raises(fault, match="a bug"):
        watching.watch([str(folder)], changed, stop, lambda: True)
    assert calls == [None]


def test_close_ends_watching_promptly(watched: Watched, folder: Path) -> None:
    library = watched(folder)
    began = time.monotonic()
    library.close()
    assert time.monotonic() - began < 1
    assert not any(watcher.is_alive() for watcher in library._watchers)


def test_an_index_that_was_deleted_is_made_anew(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md", title="A")
    library = library_of(folder, index=tmp_path / "cache" / "index.sqlite")
    library.refresh()
    library.watch(lambda: None)
    for path in (tmp_path / "cache").iterdir():
        path.unlink()
    assert soon(lambda: any(path.suffix == ".sqlite" for path in (tmp_path / "cache").iterdir()))
    assert soon(lambda: titles(library) == {"a": "A"})
    library.close()


def test_the_index_is_tidied_while_nothing_changes(folder: Path, tmp_path: Path) -> None:
    library = library_of(folder, index=tmp_path / "cache" / "index.sqlite")
    for number in range(12):
        write(folder / f"{number}.md", f"words {number}\n")
        library.refresh()

    def parts() -> int:
        ask = "SELECT count(DISTINCT segid) FROM whole_idx"
        return int(library._index.ask(lambda connection: connection.execute(ask).fetchone()[0]))

    assert parts() == 12
    library.watch(lambda: None)
    assert soon(lambda: parts() < 6)
    assert len(library.search(parse("words"))) == 12
    library.close()


# The start


class Stage:
    """What the keeper needs of a screen: its workers run at once, its messages are of no interest."""

    def run_worker(self, work: Callable[[], object], **options: object) -> None:
        work()

    def post_message(self, message: object) -> None:
        pass


def look(library: Repository) -> None:
    Keeper(cast("Screen[None]", Stage()), library, clock()).look()


def test_the_start_looks_at_the_library_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.md", title="A")
    walks: list[object] = []

    def walk(folders: Sequence[str]) -> Walk:
        walks.append(folders)
        return Walk(folders)

    monkeypatch.setattr(refreshing, "Walk", walk)
    library = library_of(folder)
    ticks: list[bool] = []
    monkeypatch.setattr(library, "_tidy", lambda: ticks.append(True))
    look(library)
    assert titles(library) == {"a": "A"}
    assert soon(lambda: len(ticks) > 2)
    write(folder / "b.md", title="B")
    assert soon(lambda: len(titles(library)) == 2)
    assert len(walks) == 1
    library.close()


def test_a_change_that_the_first_look_has_passed_is_not_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = library_of(folder)
    refresh = library.refresh

    def passed(progress: Callable[[int, int], None] | None = None) -> bool:
        changed = refresh(progress)
        write(folder / "late.md", title="Late")
        return changed

    monkeypatch.setattr(library, "refresh", passed)
    look(library)
    assert soon(lambda: titles(library) == {"late": "Late"})
    library.close()


@pytest.mark.parametrize(
    ("path", "is_remote"),
    [
        ("/srv/articles/a", True),
        ("/srv/articles", True),
        ("/srv/articles local", False),
        ("/srv", False),
        ("/mnt/with space/x", True),
    ],
)
def test_file_systems_of_other_machines(tmp_path: Path, path: str, is_remote: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nhost:/x /srv/articles nfs4 rw 0 0\n"
        "x /mnt/with\\040space fuse.sshfs rw 0 0\n"
    )
    assert watching._is_remote(path, str(mounts)) is is_remote
    assert watching._is_remote(path, str(tmp_path / "none")) is False


def test_watching_ends_with_its_event(folder: Path) -> None:
    stop = Event()
    calls: list[Iterable[str] | None] = []
    stands = Event()
    watch = partial(watching.watch, [str(folder)], calls.append, stop, lambda: False, stands=stands.set)
    thread = Thread(target=watch)
    thread.start()
    assert stands.wait(5)
    stop.set()
    thread.join(1)
    assert not thread.is_alive()
    assert calls == []
