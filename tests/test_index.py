"""The index: kept, shared, damaged, locked and lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulse_tui.query import parse
from pulse_tui.repository import View
from pulse_tui.storage.index import refresh as refreshing
from pulse_tui.storage.index import store as stores
from pulse_tui.storage.index import writing as indexing
from pulse_tui.storage.index.store import index_file
from pulse_tui.storage.library import Library
from tests.libraries import library_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    for number in range(3):
        write(tmp_path / "library" / f"{number}.md", f"Body {number}.\n", title=f"T{number}")
    return tmp_path / "library"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.sqlite"


def file_of(index: Path, folder: Path) -> Path:
    return index_file(index, [str(folder)])


def titles(library: Library) -> list[str]:
    return sorted(headline.title for headline in library.recent())


def made(folder: Path, index: Path) -> Path:
    """An index of the folder, whole and closed; returns its file."""
    library = library_of(folder, index=index)
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2"]
    library.close()
    return file_of(index, folder)


def in_a_process(program: str, folder: Path, index: Path) -> list[str]:
    """The command that runs a program in which `library` is a library of the folder."""
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from pulse_tui.storage.library import Library\n"
        "from pulse_tui.storage.state.state import StateStore\n"
        "state = StateStore(None, clock=time.time)\n"
        "library = Library([Path(sys.argv[1])], index=Path(sys.argv[2]), state=state)\n"
        f"{program}library.close()"
    )
    return [sys.executable, "-c", program, str(folder), str(index)]


# From start to start


def test_the_list_is_there_before_anything_is_read(folder: Path, index: Path) -> None:
    made(folder, index)
    library = library_of(folder, index=index)
    assert titles(library) == ["T0", "T1", "T2"]
    assert library.notices() == ()
    assert [hit.headline.id for hit in library.search(parse("body 1"))] == ["1"]
    assert library.refresh() is False
    library.close()


def test_what_changed_in_between_is_found(folder: Path, index: Path) -> None:
    made(folder, index)
    write(folder / "0.md", title="Changed")
    (folder / "1.md").unlink()
    write(folder / "new.md", title="New")
    library = library_of(folder, index=index)
    assert library.refresh() is True
    assert titles(library) == ["Changed", "New", "T2"]
    assert library.refresh() is False
    library.close()


def test_a_file_that_was_only_touched_has_not_changed(folder: Path, index: Path) -> None:
    for path in folder.iterdir():
        write(path, published="2022-01-01", title="T" + path.stem)
    made(folder, index)
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    library = library_of(folder, index=index)
    assert library.refresh() is False
    library.close()


def test_progress_counts_what_is_read(folder: Path) -> None:
    library = library_of(folder)
    heard: list[tuple[int, int]] = []
    library.refresh(lambda done, total: heard.append((done, total)))
    assert heard[-1] == (3, 3)
    heard.clear()
    write(folder / "0.md", "Other.\n")
    library.refresh(lambda done, total: heard.append((done, total)))
    assert heard == [(1, 1)]
    heard.clear()
    library.refresh(lambda done, total: heard.append((done, total)))
    assert heard == []


def test_each_set_of_folders_has_an_index_of_its_own(folder: Path, index: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other" / "o.md", title="O").parent
    made(folder, index)
    both = library_of(folder, other, index=index)
    both.refresh()
    assert titles(both) == ["O", "T0", "T1", "T2"]
    one = library_of(folder, index=index)
    assert titles(one) == ["T0", "T1", "T2"]
    assert one.refresh() is False
    assert titles(both) == ["O", "T0", "T1", "T2"]
    one.close()
    both.close()


def test_a_start_with_an_index_loads_no_yaml_and_reads_no_file(folder: Path, index: Path) -> None:
    write(folder / "odd.md", dek="'quoted'")
    library = library_of(folder, index=index)
    library.refresh()
    library.close()
    program = (
        "assert len(library.recent(0, 40)) == library.count() == library.unread() == 4\n"
        "unwanted = {'yaml', 'watchfiles', 'asyncio', 'difflib', 'pulse_tui.storage.index.words'}\n"
        "assert not unwanted & set(sys.modules), unwanted & set(sys.modules)\n"
    )
    subprocess.run(in_a_process(program, folder, index), check=True, timeout=60)


def test_programs_of_two_versions_leave_each_other_s_index_alone(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made(folder, index)
    before = old.stat()
    monkeypatch.setattr(stores, "VERSION", stores.VERSION + 1)
    new = made(folder, index)
    assert new != old
    assert (old.stat().st_ino, old.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    monkeypatch.undo()
    inode = new.stat().st_ino
    library = library_of(folder, index=index)
    assert titles(library) == ["T0", "T1", "T2"]
    assert library.refresh() is False
    library.close()
    assert old.stat().st_ino == before.st_ino
    assert new.stat().st_ino == inode


# Damaged, foreign, of another version


def overwrite(path: Path, start: int, end: int) -> None:
    data = bytearray(path.read_bytes())
    data[start:end] = b"\xa5" * len(data[start:end])
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"not a database at all\n" * 1000),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "cut to a page": lambda path: path.write_bytes(path.read_bytes()[:4096]),
    "cut to a header": lambda path: path.write_bytes(path.read_bytes()[:60]),
    "first page overwritten": lambda path: overwrite(path, 100, 4096),
    "middle overwritten": lambda path: overwrite(path, 4096 * 3, 1 << 30),
    "older version": lambda path: execute(path, "PRAGMA user_version = 0"),
    "newer version": lambda path: execute(path, "PRAGMA user_version = 999"),
    "another program's": lambda path: execute(path, "PRAGMA application_id = 7"),
    "a table less": lambda path: execute(path, "DROP TABLE article"),
    "no meta": lambda path: execute(path, "DELETE FROM meta"),
    "a search table less": lambda path: execute(path, "DROP TABLE headline"),
    "no search data": lambda path: execute(path, "DROP TABLE whole_data"),
}


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    connection.executescript(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_index_is_made_anew(folder: Path, index: Path, damage: Callable[[Path], object]) -> None:
    path = made(folder, index)
    damage(path)
    library = library_of(folder, index=index)
    library.recent(0, 5)
    library.search(parse("body"))
    library.recent(0, 5, View(parse("t")))
    library.refresh()
    write(folder / "0.md", "Changed.\n", title="T0")
    library.refresh()
    library.search(parse("body"))
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2"]
    assert len(library.search(parse("body"))) == 2
    assert library.notices() == ()
    library.close()
    again = library_of(folder, index=index)
    assert titles(again) == ["T0", "T1", "T2"]
    again.close()


def test_a_damage_that_comes_while_it_is_open(folder: Path, index: Path) -> None:
    path = made(folder, index)
    library = library_of(folder, index=index)
    assert library.count() == 3
    overwrite(path, 0, 1 << 30)
    library.recent(0, 5, View(parse("t")))
    library.search(parse("body"))
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2"]
    library.close()


def test_a_sound_index_in_the_place_of_a_damaged_one_is_taken(folder: Path, index: Path) -> None:
    path = made(folder, index)
    library = library_of(folder, index=index)
    stores.remove(path)
    made(folder, index)
    asked: list[sqlite3.Connection] = []

    def damaged(connection: sqlite3.Connection) -> int:
        asked.append(connection)
        if len(asked) == 1:
            fault = sqlite3.DatabaseError("database disk image is malformed")
            fault.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise fault
        return int(connection.execute("SELECT count(*) FROM article").fetchone()[0])

    assert library._index.ask(damaged) == 3
    library.close()


# Deleted, locked, not to be written


def test_an_index_that_is_deleted_while_open_is_made_anew(folder: Path, index: Path) -> None:
    path = made(folder, index)
    library = library_of(folder, index=index)
    for name in path.parent.iterdir():
        name.unlink()
    assert titles(library) == ["T0", "T1", "T2"]
    assert library.refresh() is True
    assert titles(library) == ["T0", "T1", "T2"]
    assert path.exists()
    assert library.refresh() is False
    library.close()


def test_a_cache_that_is_deleted_with_its_folder_while_open(folder: Path, index: Path) -> None:
    path = made(folder, index)
    library = library_of(folder, index=index)
    library.count()
    for name in path.parent.iterdir():
        name.unlink()
    path.parent.rmdir()
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2"]
    assert path.exists()
    library.close()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "_OPENING", 0.1)
    monkeypatch.setattr(stores, "_WAITING", 0.2)


def one_notice(library: Library) -> str:
    (notice,) = library.notices()
    return str(notice)


@pytest.mark.usefixtures("_impatient")
def test_an_index_that_another_program_never_lets_go(folder: Path, index: Path) -> None:
    path = made(folder, index)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("UPDATE meta SET value = value")
    library = library_of(folder, index=index)
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2"]
    assert "index" in one_notice(library)
    library.close()
    holder.close()


@pytest.mark.usefixtures("_impatient")
def test_a_writer_that_never_ends_does_not_keep_readers_from_news(folder: Path, index: Path) -> None:
    path = made(folder, index)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    library = library_of(folder, index=index)
    assert titles(library) == ["T0", "T1", "T2"]
    assert library.notices() == ()
    write(folder / "new.md", title="T3")
    assert library.refresh() is True
    assert titles(library) == ["T0", "T1", "T2", "T3"]
    assert "index" in one_notice(library)
    holder.close()
    library.close()


def test_where_the_cache_is_no_folder_the_index_is_in_memory(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    library = library_of(folder, index=tmp_path / "file" / "cache" / "index.sqlite")
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2"]
    assert [hit.headline.id for hit in library.search(parse("body 1"))] == ["1"]
    assert str(tmp_path / "file") in one_notice(library)
    library.close()


def test_a_read_only_cache(folder: Path, index: Path) -> None:
    path = made(folder, index)
    path.chmod(0o400)
    index.parent.chmod(0o500)
    try:
        if os.access(index.parent, os.W_OK):
            pytest.skip("root may write everything")
        library = library_of(folder, index=index)
        library.refresh()
        assert titles(library) == ["T0", "T1", "T2"]
        assert one_notice(library)
        library.close()
    finally:
        index.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (sqlite3.SQLITE_FULL, "database or disk is full"),
        (sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
        (sqlite3.SQLITE_IOERR, "disk I/O error"),
    ],
)
def test_what_cannot_be_written_is_kept_in_memory(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    made(folder, index)
    library = library_of(folder, index=index)
    write(folder / "new.md", title="T3")
    real = indexing.write
    faults = iter([True])

    def fail(*arguments: object) -> object:
        if next(faults, False):
            fault = sqlite3.OperationalError(sentence)
            fault.sqlite_errorcode = code
            raise fault
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("pulse_tui.storage.index.refresh.write", fail)
    library.refresh()
    assert titles(library) == ["T0", "T1", "T2", "T3"]
    assert sentence.split()[-1] in one_notice(library)
    assert library.refresh() is False
    library.close()


def test_a_bug_is_no_damage(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = library_of(folder, index=index)
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        library._index.ask(lambda connection: connection.execute("SELEKT"))
    library.close()


# Several at once


def test_two_libraries_on_one_index(folder: Path, index: Path) -> None:
    first, second = library_of(folder, index=index), library_of(folder, index=index)
    first.refresh()
    assert titles(second) == ["T0", "T1", "T2"]
    everything = View(order="longest")
    assert second.count(everything) == len(second.recent(view=everything)) == 3
    write(folder / "new.md", title="T3")
    assert second.refresh() is True
    assert first.count() == 4
    assert titles(first) == ["T0", "T1", "T2", "T3"]
    assert [hit.headline.title for hit in first.search(parse("T3"))] == ["T3"]
    assert first.refresh() is True  # it has not told of it yet
    assert first.refresh() is False
    first.close()
    assert second.count() == 4
    second.close()


@pytest.mark.parametrize("named", [True, False])
def test_two_libraries_remove_one_file_at_once(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    made(folder, index)
    first, second = library_of(folder, index=index), library_of(folder, index=index)
    remove = refreshing._remove

    def after_the_other(*arguments: Any) -> Any:
        monkeypatch.setattr(refreshing, "_remove", remove)
        assert first._refresh(None, None) is True
        return remove(*arguments)

    monkeypatch.setattr(refreshing, "_remove", after_the_other)
    (folder / "0.md").unlink()
    assert second._refresh(None, [str(folder / "0.md")] if named else None) is True
    assert titles(first) == titles(second) == ["T1", "T2"]
    first.close()
    second.close()


def test_two_processes_make_one_index_at_once(tmp_path: Path, index: Path) -> None:
    folder = tmp_path / "many"
    for number in range(800):
        write(
            folder / f"{number % 7}" / f"{number}.md", "Some words.\n" * 40, title=f"T{number}", tags="[a, b]"
        )
    program = (
        "from pulse_tui.query import parse\n"
        "library.refresh()\n"
        "assert library.count() == len(library.recent()) == 800, library.count()\n"
        "assert dict(library.values('tags')) == {'a': 800, 'b': 800}\n"
        "assert len(library.search(parse('words'), 900)) == 800\n"
        "assert library.notices() == (), library.notices()\n"
    )
    command = in_a_process(program, folder, index)
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        assert process.communicate(timeout=120)[1] == ""
        assert process.returncode == 0


def test_reading_does_not_wait_for_a_refresh(folder: Path, index: Path) -> None:
    made(folder, index)
    library = library_of(folder, index=index)
    held, done = threading.Event(), threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE article SET title = 'unseen'")
        held.set()
        assert done.wait(30)

    writer = threading.Thread(target=library._index.change, args=(hold,))
    writer.start()
    assert held.wait(30)
    began = time.monotonic()
    assert titles(library) == ["T0", "T1", "T2"]
    assert len(library.search(parse("body"))) == 3
    assert library.count(View(parse("t"))) == 3
    assert time.monotonic() - began < 1
    done.set()
    writer.join()
    library.close()


def test_close_ends_a_refresh(tmp_path: Path) -> None:
    for number in range(600):
        write(tmp_path / "l" / f"{number}.md", "x " * 4000)
    library = library_of(tmp_path / "l", index=tmp_path / "index.sqlite")
    begun = threading.Event()
    refresh = threading.Thread(target=library.refresh, args=(lambda done, total: begun.set(),))
    refresh.start()
    assert begun.wait(30)
    library.close()
    refresh.join(5)
    assert not refresh.is_alive()
