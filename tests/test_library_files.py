"""Links, loops, files that cannot be read, and names that are not UTF-8."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pulse_tui.repository import ArticleUnreadableError
from tests.libraries import ids, library, library_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


# Links and loops


def test_links_to_folders_are_followed_and_loops_end(folder: Path, tmp_path: Path) -> None:
    write(folder / "in" / "a.md")
    write(tmp_path / "outside" / "b.md")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "in" / "up").symlink_to(folder)
    (folder / "in" / "self").symlink_to(folder / "in")
    (tmp_path / "outside" / "back").symlink_to(folder)
    (folder / "nowhere").symlink_to(folder / "nowhere")
    repository = library(folder)
    assert sorted(ids(repository)) == ["in/a", "out/b"]
    assert repository.notices() == ()


def test_what_two_ways_lead_to_is_listed_once_at_its_real_place(folder: Path) -> None:
    write(folder / "z" / "real.md")
    (folder / "a-link").symlink_to(folder / "z")
    (folder / "b.md").symlink_to(folder / "z" / "real.md")
    repository = library(folder, folder / "z")
    assert ids(repository) == ["z/real"]
    assert repository.notices() == ()


def test_a_link_to_a_file_outside_is_an_article(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "out.md", title="Out")
    (folder / "in.md").symlink_to(tmp_path / "out.md")
    repository = library(folder)
    assert [(headline.id, headline.title) for headline in repository.recent()] == [("in", "Out")]
    write(tmp_path / "out.md", title="Changed")
    repository.refresh()
    assert repository.recent()[0].title == "Changed"


# Files that cannot be read


def test_a_dangling_link_is_listed_and_says_so(folder: Path) -> None:
    (folder / "2022-03-15-lost-road.md").symlink_to(folder / "gone")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    repository = library(folder)
    lost, loop = (
        repository.recent()[repository.position(name) or 0] for name in ("2022-03-15-lost-road", "loop")
    )
    assert (lost.title, lost.published) == ("lost road", date(2022, 3, 15))
    assert "link to nowhere" in lost.notices[0].text
    assert loop.notices[0].path == folder / "loop.md"
    for name in ids(repository):
        with pytest.raises(ArticleUnreadableError, match=name):
            repository.get(name)


def shut(path: Path) -> None:
    """Take all permissions away, where that means anything."""
    path.chmod(0)
    if os.access(path, os.R_OK):
        path.chmod(0o700)
        pytest.skip("root may read everything")


def test_a_file_without_permission_is_listed_and_says_so(folder: Path) -> None:
    shut(write(folder / "secret.md", title="T"))
    repository = library(folder)
    assert repository.recent()[0].title == "secret"
    assert "permissions" in repository.recent()[0].notices[0].text
    with pytest.raises(ArticleUnreadableError, match="permissions"):
        repository.get("secret")
    assert library_of().adopt(folder / "secret.md") == "secret"


def test_a_folder_without_permission_is_a_notice(folder: Path) -> None:
    write(folder / "shut" / "a.md")
    write(folder / "b.md")
    shut(folder / "shut")
    try:
        repository = library(folder)
    finally:
        (folder / "shut").chmod(0o700)
    assert ids(repository) == ["b"]
    assert [notice.path for notice in repository.notices()] == [folder / "shut"]


def test_a_folder_that_shows_only_names_is_listed(folder: Path) -> None:
    write(folder / "names" / "a.md", title="T")
    shut(folder / "names")
    (folder / "names").chmod(0o400)
    try:
        repository = library(folder)
    finally:
        (folder / "names").chmod(0o700)
    assert [headline.title for headline in repository.recent()] == ["a"]
    assert "permissions" in repository.recent()[0].notices[0].text


def test_a_file_that_may_not_be_opened_is_listed_and_read_once_it_may(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.md", title="T", id="other")

    def refuse(path: str, flags: int) -> int:
        raise PermissionError(13, "Permission denied", path)

    with monkeypatch.context() as patch:
        patch.setattr("pulse_tui.storage.files.walk.os.open", refuse)
        repository = library(folder)
        assert [headline.title for headline in repository.recent()] == ["a"]
        assert "permissions" in repository.recent()[0].notices[0].text
        with pytest.raises(ArticleUnreadableError, match="permissions"):
            repository.get("a")
    repository.refresh()
    assert ids(repository) == ["other"]


def test_a_folder_that_may_not_be_listed_is_a_notice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "shut" / "a.md")
    write(folder / "b.md")
    real_scandir = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real_scandir(path)

    monkeypatch.setattr("pulse_tui.storage.files.walk.os.scandir", refuse)
    repository = library(folder)
    assert ids(repository) == ["b"]
    assert [notice.path for notice in repository.notices()] == [folder / "shut"]


def test_what_is_gone_or_replaced_since_the_refresh_is_unreadable(folder: Path) -> None:
    for name in ("gone", "folder", "pipe"):
        write(folder / f"{name}.md")
    repository = library(folder)
    for name in ("gone", "folder", "pipe"):
        (folder / f"{name}.md").unlink()
    (folder / "folder.md").mkdir()
    os.mkfifo(folder / "pipe.md")
    for name, part in {"gone": "not there", "folder": "is a folder", "pipe": "regular file"}.items():
        with pytest.raises(ArticleUnreadableError, match=part):
            repository.get(name)


def test_pipes_sockets_and_devices_are_never_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.md")
    (folder / "link.md").symlink_to(folder / "pipe.md")
    (folder / "null.md").symlink_to("/dev/null")
    write(folder / "a.md")
    monkeypatch.chdir(folder)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.md")
        repository = library(folder)
    assert ids(repository) == ["a"]
    for path in ("pipe.md", "link.md", "null.md", "socket.md"):
        with pytest.raises(ArticleUnreadableError, match="regular file"):
            repository.adopt(folder / path)


def test_names_that_are_not_utf_8(folder: Path) -> None:
    try:
        for raw in (b"caf\xe9.md", b"caf\xe8.md", b"esc\x1b[31m.md", b"new\nline.md"):
            (folder / os.fsdecode(raw)).write_bytes(b"Body.")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    repository = library(folder)
    assert sorted(ids(repository)) == ["caf\ufffd", "caf\ufffd-2", "esc\ufffd[31m", "new line"]
    for name in ids(repository):
        name.encode()
        assert repository.get(name).body == b"Body."
    assert "\x1b" not in "".join(map(str, repository.notices()))


def test_missing_folders_are_notices(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md")
    os.mkfifo(tmp_path / "pipe")
    repository = library(tmp_path / "none", folder, tmp_path / "pipe")
    assert ids(repository) == ["a"]
    assert [notice.path for notice in repository.notices()] == [tmp_path / "none", tmp_path / "pipe"]
    assert "is not there" in str(repository.notices()[0])
    (tmp_path / "none").mkdir()
    repository.refresh()
    assert len(repository.notices()) == 1
