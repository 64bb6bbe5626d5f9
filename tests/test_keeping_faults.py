"""Features into the reader's folder when something goes wrong: links, disks, kills, other programs."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pulse_tui.acquire.keeping.keeper import KeepingError
from pulse_tui.storage.files.entry import figures_of
from pulse_tui.subscriptions import Taken
from tests.kept import NEW, PICTURES, STORY, URL, files, head_of, keep, keeper

# -- Out of the folder


@pytest.mark.parametrize(
    "under", ["..", "../x", "/tmp", "a/../../b", ".hidden", "a//b", "a/.b", "a\0b", "link/x"]
)
def test_nothing_is_written_outside(under: str, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (folder / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(KeepingError, match="leads out of the library"):
        keep(folder, under=under)
    assert files(tmp_path) == []


@pytest.mark.parametrize("file", ["../secret.md", "/etc/passwd", ".x.md", "link.md"])
def test_nothing_outside_is_updated(file: str, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    secret = tmp_path / "secret.md"
    secret.write_text(STORY.to_markdown())
    (folder / "link.md").symlink_to(secret)
    known = keep(tmp_path / "other").taken._replace(file=file)
    with pytest.raises(KeepingError, match="leads out of the library"):
        keep(folder, NEW, known=known, force=True)
    assert secret.read_text() == STORY.to_markdown()


def test_no_picture_is_written_through_a_link_that_leads_out(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (folder / "images").symlink_to(tmp_path / "outside")
    with pytest.raises(KeepingError, match="leads out of the library"):
        keep(folder, pictures=PICTURES)
    assert files(tmp_path / "outside") == []


def test_links_within_the_library_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "library"
    link.symlink_to(tmp_path / "real")
    (tmp_path / "real" / "in").mkdir()
    (tmp_path / "real" / "by").symlink_to("in")
    first = keep(link, under="by")
    assert first.path == link / "by" / "2022-03-15-talks-take-a-back-seat.md"
    file = tmp_path / "real" / "in" / first.path.name
    file.rename(file.with_name("target.md"))
    file.symlink_to("target.md")
    kept = keep(link, NEW, known=first.taken)
    assert kept.outcome == "updated"
    assert file.is_symlink()
    assert file.read_text() == NEW.to_markdown()


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: os.symlink("nowhere", path)])
def test_what_is_no_file_is_not_written_over(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "2022-03-15-talks-take-a-back-seat.md")
    assert keep(tmp_path).path.name == "2022-03-15-talks-take-a-back-seat-2.md"


def test_permissions_stay(tmp_path: Path) -> None:
    first = keep(tmp_path)
    first.path.chmod(0o640)
    kept = keep(tmp_path, NEW, known=first.taken)
    assert kept.path.stat().st_mode & 0o777 == 0o640


# -- Faults


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no room left"),
        (errno.EDQUOT, "no room left"),
        (errno.EROFS, "permissions"),
        (errno.EACCES, "permissions"),
        (errno.EIO, "check the disk"),
    ],
)
def test_a_fault_of_the_disk_is_a_sentence_and_leaves_nothing(
    number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeepingError, match=words) as caught:
        keep(tmp_path, pictures=PICTURES)
    assert str(caught.value).endswith(".")
    assert files(tmp_path) == []


def test_a_file_where_a_folder_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("")
    with pytest.raises(KeepingError, match="a file stands where a folder is wanted"):
        keep(tmp_path, under="feeds/x")
    with pytest.raises(KeepingError, match="a file stands where a folder is wanted"):
        keep(tmp_path / "feeds")


def test_an_update_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(tmp_path)
    before = first.path.read_bytes()

    def fail(source: str, target: Path) -> None:
        raise OSError(errno.EIO, "fault")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeepingError):
        keep(tmp_path, NEW, known=first.taken)
    assert first.path.read_bytes() == before
    assert files(tmp_path) == [first.path.name]


def test_an_edit_that_comes_in_between_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(tmp_path)
    real = os.fsync
    edits = iter([replace(STORY, title="Mine").to_markdown()])

    def edited(descriptor: int) -> None:
        real(descriptor)
        if text := next(edits, ""):
            first.path.write_text(text)

    monkeypatch.setattr(os, "fsync", edited)
    kept = keep(tmp_path, NEW, said="2", known=first.taken)
    assert kept.edited == ("title",)
    assert kept.path.read_text() == replace(NEW, title="Mine").to_markdown()


def test_a_file_that_comes_in_between_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    path = tmp_path / "2022-03-15-talks-take-a-back-seat.md"

    def made(descriptor: int) -> None:
        real(descriptor)
        path.write_text("Mine.")

    monkeypatch.setattr(os, "fsync", made)
    assert keep(tmp_path).path.name == "2022-03-15-talks-take-a-back-seat-2.md"
    assert path.read_text() == "Mine."


def test_what_killed_writers_left_is_removed_after_a_day(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    old, new = tmp_path / ".pulse-1.part", tmp_path / ".pulse-2.part"
    beside, other = tmp_path / "images" / ".pulse-3.part", tmp_path / ".notes.part"
    for path in (old, new, beside, other):
        path.write_text("half")
        if path != new:
            os.utime(path, (1_000_000_000, 1_000_000_000))
    keep(tmp_path, pictures=PICTURES)
    assert [path.exists() for path in (old, new, beside, other)] == [False, True, False, True]


# -- Ended at any moment

KEEP = f"""
import os, signal, sys
from datetime import date
from pathlib import Path
sys.path.insert(0, {os.getcwd()!r})
from pulse_tui.acquire.keeping.keeper import Keeper
from tests.kept import NEW, PICTURES, STORY
step = int(sys.argv[2])
seen = 0
def hook(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.scandir"):
        if not str(arguments[0]).startswith(sys.argv[1]):
            return
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
keeper = Keeper(Path(sys.argv[1]), today=lambda: date(2026, 11, 22))
if len(sys.argv) > 3:
    known = keeper.keep(STORY, PICTURES, said="1").taken
    sys.addaudithook(hook)
    other = {{"https://example.org/other.png": b"\\x89PNG\\r\\n\\x1a\\n2"}}
    keeper.keep(NEW, PICTURES | other, said="2", known=known)
else:
    sys.addaudithook(hook)
    keeper.keep(STORY, PICTURES, said="1")
"""


@pytest.mark.parametrize("update", [False, True])
def test_killed_at_any_step_nothing_is_half_and_the_next_run_ends_it(update: bool, tmp_path: Path) -> None:
    """The kernel is told to end the process just before each of its steps on files."""
    known = keep(tmp_path / "model", pictures=PICTURES).taken
    pictures = PICTURES | {"https://example.org/other.png": b"\x89PNG\r\n\x1a\n2"}
    wanted, whole = (NEW, pictures) if update else (STORY, PICTURES)
    model = keep(tmp_path / "model", wanted, whole, said="2", known=known)
    contents = {name: (tmp_path / "model" / name).read_bytes() for name in files(tmp_path / "model")}
    before = keep(tmp_path / "before", pictures=PICTURES).path.read_bytes()
    step, ended = 0, False
    while not ended:
        step += 1
        folder = tmp_path / f"{step}"
        arguments = [str(folder), str(step), *(["update"] if update else [])]
        status = subprocess.run([sys.executable, "-c", KEEP, *arguments], check=False).returncode
        ended = status == 0
        assert ended or status == -signal.SIGKILL
        for name in files(folder) if folder.exists() else []:
            if not name.rpartition("/")[2].startswith(".pulse-"):
                assert (folder / name).read_bytes() in (contents[name], before)
        if (folder / model.path.name).exists():
            text = (folder / model.path.name).read_text()
            assert all((folder / figure.source).exists() for figure in figures_of(text) if figure.source)
        kept = keep(folder, wanted, whole, said="2", known=known if update else None)
        assert kept.path.read_bytes() == model.path.read_bytes()
        assert kept.taken == model.taken
        assert [name for name in files(folder) if "/." not in f"/{name}"] == list(contents)
    assert step > 5


def _many(folder: str, start: Any, number: int) -> None:
    start.wait(30)
    for each in range(10):
        one = keeper(Path(folder))
        one.keep(replace(STORY, source=f"{URL}/{each}", title=f"Story {each % 3}"), PICTURES, said="1")


def test_two_programs_that_keep_the_same_make_no_twin(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    writers = [context.Process(target=_many, args=(str(tmp_path), start, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    articles = list(tmp_path.glob("*.md"))
    assert sorted(head_of(path).source or "" for path in articles) == [f"{URL}/{n}" for n in range(10)]
    assert not list(tmp_path.rglob(".*"))


def test_a_folder_that_is_locked_for_long_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setattr("pulse_tui.acquire.keeping.disk._PAUSE", 0)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(KeepingError, match="Another program has been writing"):
            keep(tmp_path)
    finally:
        os.close(descriptor)
    assert keep(tmp_path).outcome == "new"


def test_an_unknown_file_of_a_taken_is_like_none(tmp_path: Path) -> None:
    assert keep(tmp_path, known=Taken("", "")).outcome == "new"
