"""The reading state through every way in which a file or a disk can fail."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulse_tui.article import Reading
from pulse_tui.repository import RepositoryError, Spot
from pulse_tui.storage.state.database import StateError
from pulse_tui.storage.state.migrations import MIGRATIONS
from pulse_tui.storage.state.opening import open_state
from pulse_tui.storage.state.state import StateStore
from tests.states import Clock, Opener, everything, place, whole

# -- A newer version, another program's file


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def make(path: Path, *statements: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize("opening", [StateStore, open_state])
def test_a_newer_version_is_refused_and_not_touched(
    path: Path, opened: Opener, clock: Clock, opening: Callable[..., object]
) -> None:
    store = opened()
    store.mark("river", read=True)
    store.close()
    make(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = contents(path.parent)
    with pytest.raises(StateError, match="newer") as caught:
        opening(path, clock=clock)
    assert isinstance(caught.value, RepositoryError)
    assert str(path) in str(caught.value)
    assert contents(path.parent) == before


def test_a_newer_version_that_is_only_in_the_log(path: Path, opened: Opener, clock: Clock) -> None:
    """As a newer program leaves it that was killed."""
    store = opened()
    store.mark("river", read=True)
    store.close()
    program = (
        "import os, sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA user_version = 99'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)])
    before = contents(path.parent)
    assert len(before) > 1
    with pytest.raises(StateError, match="99"):
        StateStore(path, clock=clock)
    after = contents(path.parent)
    for name in (path.name, f"{path.name}-wal"):
        assert after[name] == before[name]


def test_a_newer_version_that_comes_while_we_read(path: Path, opened: Opener) -> None:
    store = opened()
    store.mark("river", read=True)
    make(path, "PRAGMA user_version = 99")
    store.save()
    assert store.notice is not None
    assert "newer" in str(store.notice)
    assert store.reading("river").read


def test_another_program_s_file_is_left_alone(path: Path, clock: Clock) -> None:
    make(path, "PRAGMA application_id = 77", "CREATE TABLE theirs (x)")
    before = contents(path.parent)
    with pytest.raises(StateError, match="another program"):
        StateStore(path, clock=clock)
    assert contents(path.parent) == before


def test_an_empty_file_is_taken(path: Path, opened: Opener) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    store = opened()
    assert store.notice is None
    store.mark("river", read=True)
    store.close()
    assert opened().read_ids() == {"river"}


def test_migrations_are_frozen() -> None:
    """Change none of them: a file that has had one will not have it again.  Add the next one's digest."""
    from hashlib import sha256

    digests = [sha256("\n".join(each).encode()).hexdigest()[:16] for each in MIGRATIONS]
    assert digests == ["a07873b609f8ab42", "c61452a28eef68f0"]


# -- Damage


def filled(opened: Opener, count: int = 2000) -> None:
    store = opened()
    for number in range(count):
        store.mark(f"article {number:05}", place=place(number), fraction=0.5, starred=True)
    store.set_mark("a", Spot("article 00001", place(1)))
    store.close()


def broken_files(path: Path) -> list[Path]:
    return sorted(path.parent.glob("state.sqlite.broken-*Z"))


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_kept(path: Path, opened: Opener) -> None:
    filled(opened)
    data = bytearray(path.read_bytes())
    leaves = [start for start in range(0, len(data), 4096) if b"d1gest" in data[start : start + 4096]]
    middle = leaves[len(leaves) // 2]
    data[middle : middle + 4096] = b"\x5a" * 4096
    path.write_bytes(data)
    store = opened()
    (aside,) = broken_files(path)
    assert aside.read_bytes() == data
    assert store.notice is not None
    assert store.notice.path == aside
    kept = store.starred_ids()
    assert 1000 < len(kept) < 2000
    assert f"{len(kept):,} articles" in store.notice.text
    assert {"article 00000", "article 01999"} <= kept
    assert store.reading("article 01999") == Reading(False, 0.5, place(1999), True)
    assert store.marks() == [("a", Spot("article 00001", place(1)))]
    again = opened()
    assert again.notice is None
    assert again.starred_ids() == kept
    assert whole(path)
    assert aside.read_bytes() == data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"not a database at all",
        lambda data: b"x" * len(data),
        lambda data: data[: len(data) // 2],
        lambda data: data[:50],
        lambda data: data[:4096] + bytes(len(data) - 4096),
        lambda data: data[:100] + bytes(4000) + data[4100:],
    ],
    ids=["text", "overwritten", "half", "a few bytes", "zeros", "no schema"],
)
def test_damage_of_any_kind(path: Path, opened: Opener, damage: Callable[[bytes], bytes]) -> None:
    filled(opened)
    data = damage(path.read_bytes())
    path.write_bytes(data)
    first = opened()
    assert first.notice is not None
    first.mark("river", read=True)
    first.save()
    assert first.reading("river").read
    (aside,) = broken_files(path)
    assert aside.read_bytes() == data
    assert "river" in opened().read_ids()
    first.close()
    path.write_bytes(data)
    second = opened()
    assert second.notice is not None
    assert len({*broken_files(path), second.notice.path}) == 2


def test_damage_that_two_programs_meet(path: Path, opened: Opener) -> None:
    filled(opened)
    path.write_bytes(b"x" * 9000)
    one, other = opened(), opened()
    assert len(broken_files(path)) == 1
    one.mark("river", read=True)
    one.save()
    assert other.read_ids() == {"river"}


@pytest.mark.parametrize("everything", [True, False])
def test_a_file_that_is_removed_while_we_read(path: Path, opened: Opener, everything: bool) -> None:
    store = opened()
    store.mark("river", read=True)
    store.save()
    assert store.read_ids() == {"river"}
    if everything:
        shutil.rmtree(path.parent)
    else:
        path.unlink()
    store.mark("road", read=True)
    store.save()
    assert store.notice is None
    assert opened().read_ids() == store.read_ids() == {"road"}
    assert whole(path)


# -- No room, no permission

FULL = """
import resource, sys
from pathlib import Path
from pulse_tui.storage.state.state import StateStore
path = Path(sys.argv[1])
store = StateStore(path, clock=lambda: 1.0)
store.mark("a", read=True)
if sys.argv[2] == "later":
    store.save()
    assert store.notice is None, store.notice
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
for number in range(300):
    store.mark(f"article {number}", starred=True)
store.save()
notice = store.notice
assert notice is not None
assert "cannot be written" in notice.text
store.mark("b", read=True)
store.save()
assert store.notice == notice
assert store.read_ids() == {"a", "b"}
assert len(store.starred_ids()) == 300
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.save()
assert store.notice is None, store.notice
assert len(store.starred_ids()) == 300
"""


@pytest.mark.parametrize(
    ("when", "limit"), [("at once", 0), ("at once", 3000), ("later", 14_000), ("later", 0)]
)
def test_a_full_disk(path: Path, opened: Opener, when: str, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), when, str(limit)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    store = opened()
    assert store.notice is None
    assert store.read_ids() == {"a", "b"}
    assert len(store.starred_ids()) == 300
    assert whole(path)


def test_a_file_that_cannot_be_opened_for_a_while(
    path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(opened, 10)
    before = everything(opened())

    def full(*_: object) -> None:  # for the index of the log, which every connection needs
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr("pulse_tui.storage.state.state.StateFile", full)
        store = opened()
        assert store.notice is not None
        assert everything(store) == before
        assert store.is_saved
        store.mark("river", read=True)
        store.save()
        assert not store.is_saved
        assert len(store.starred_ids()) == 10
        assert store.read_ids() >= {"river"}
    store.save()
    assert store.notice is None
    assert store.is_saved
    others = opened()
    assert others.reading("river").read
    assert everything(others) == everything(store)
    assert len(others.records()) == 11


def test_a_folder_that_cannot_be_made(path: Path, clock: Clock) -> None:
    path.parent.parent.write_text("a file")
    store = StateStore(path, clock=clock)
    store.mark("river", read=True)
    store.save()
    assert store.notice is not None
    assert store.read_ids() == {"river"}
    path.parent.parent.unlink()
    store.save()
    assert store.notice is None
    store.close()
    assert whole(path)


def test_nothing_can_be_written_from_the_start(path: Path, clock: Clock) -> None:
    path.parent.parent.write_text("a file")
    store, notice = open_state(path, clock=clock)
    assert notice is not None
    assert notice.path == path
    store.mark("river", read=True)
    store.save()
    assert store.read_ids() == {"river"}
    path.parent.parent.unlink()


def test_a_file_that_may_only_be_read(
    path: Path, opened: Opener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(opened, 10)
    before = contents(path.parent)
    monkeypatch.setattr(os, "access", lambda _, mode: mode == os.R_OK)  # to the superuser all is writable
    store, notice = open_state(path, clock=clock)
    assert notice is not None
    assert len(store.starred_ids()) == 10
    assert store.marks() == [("a", Spot("article 00001", place(1)))]
    assert store.is_saved
    store.mark("river", read=True)
    store.save()
    store.close()
    assert not store.is_saved
    assert store.notice == notice
    assert store.reading("river").read
    assert contents(path.parent) == before


def test_a_folder_where_the_file_should_be(path: Path, clock: Clock) -> None:
    path.mkdir(parents=True)
    store, notice = open_state(path, clock=clock)
    assert notice is not None
    store.mark("river", read=True)
    store.save()
    direct = StateStore(path, clock=clock)
    assert direct.notice is not None
    direct.mark("river", read=True)
    direct.save()
    assert direct.reading("river").read
    assert path.is_dir()


def test_all_is_well(path: Path, clock: Clock) -> None:
    for _ in range(2):
        store, notice = open_state(path, clock=clock)
        assert notice is None
        store.mark("river", read=True)
        store.close()
