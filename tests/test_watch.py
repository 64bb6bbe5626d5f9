"""Changes in the folders appear by themselves: edits, additions, renames, removals, folders that move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from pulse_tui.query import parse
from pulse_tui.storage import watch as watching
from pulse_tui.storage.library import Library
from tests.libraries import library_of
from tests.test_library import write

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
        ready = Event()
        library.refresh()
        real = watching._identity

        def identity(path: str) -> tuple[int, ...] | None:
            ready.set()
            return real(path)

        monkeypatch.setattr(watching, "_identity", identity)
        library.watch(lambda: None)
        assert ready.wait(5)
        time.sleep(1.0)
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
    time.sleep(1)
    (folder / "picture.png").write_bytes(b"x")
    write(folder / ".git" / "index.md")
    time.sleep(1)
    assert told == []
    write(folder / "b.md")
    assert soon(lambda: told == [2])
    library.close()


def test_one_changed_file_is_looked_at_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        write(folder / f"{number}.md")
    library = library_of(folder)
    library.refresh()
    library.watch(lambda: None)
    time.sleep(1)
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
    time.sleep(1)
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
    thread = Thread(target=watching.watch, args=([str(folder)], calls.append, stop, lambda: False))
    thread.start()
    assert soon(lambda: calls == [None])
    stop.set()
    thread.join(1)
    assert not thread.is_alive()
