"""A library of folders: what is found, in which order, under which id, and what bad files do to it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pulse_tui.article import Place, Reading
from pulse_tui.query import parse
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError, Repository, Spot
from pulse_tui.storage.files.entry import READ, figures_of
from pulse_tui.storage.library import CAP, Library
from pulse_tui.storage.state.state import StateStore
from tests.libraries import clock, library_of


def write(path: Path, text: str | bytes = "Body.\n", **keys: str) -> Path:
    """A Markdown file with the given front matter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "".join(f"{key}: {value}\n" for key, value in keys.items())
    body = text.encode() if isinstance(text, str) else text
    path.write_bytes((f"---\n{header}---\n".encode() if keys else b"") + body)
    return path


def library(*folders: Path, cap: int = CAP) -> Library:
    repository = library_of(*folders, cap=cap)
    repository.refresh()
    return repository


def ids(repository: Library) -> list[str]:
    return [headline.id for headline in repository.recent()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


# Finding


def test_it_is_a_repository_and_empty_before_the_first_refresh(folder: Path) -> None:
    write(folder / "a.md")
    repository: Repository = library_of(folder)
    assert repository.count() == 0
    assert repository.recent() == ()
    repository.refresh()
    assert repository.count() == 1


def test_only_markdown_files_with_visible_names_count(folder: Path) -> None:
    for name in ("a.md", "b.markdown", "C.MD", "deep/er/d.md", "x.md/inside.md"):
        write(folder / name)
    for name in (".hidden.md", ".git/e.md", "notes.txt", "md", "a.md~", "a.md.bak", "deep/.secret/f.md"):
        write(folder / name)
    assert sorted(ids(library(folder))) == ["C", "a", "b", "deep/er/d", "x.md/inside"]


def test_newest_first_then_by_id(folder: Path) -> None:
    for name, published in {
        "zone": "2022-03-15T02:00:00+05:30",  # the evening of the 14th in UTC
        "day": "2022-03-15",
        "noon": "2022-03-15T12:00:00",
        "day-b": "2022-03-15",
        "later": "2023-01-01",
        "first": "0001-01-01T00:00:00+14:00",
        "last": "9999-12-31T23:59:59-14:00",
    }.items():
        write(folder / f"{name}.md", published=f"'{published}'")
    repository = library(folder)
    assert ids(repository) == ["last", "later", "noon", "day", "day-b", "zone", "first"]
    assert [repository.position(article_id) for article_id in ids(repository)] == list(range(7))
    assert repository.position("none") is None


def test_without_any_date_the_last_change_counts(folder: Path) -> None:
    for name, day in {"old": 1, "new": 3, "middle": 2}.items():
        os.utime(write(folder / f"{name}.md"), (0, day * 86_400))
    repository = library(folder)
    assert ids(repository) == ["new", "middle", "old"]
    assert repository.recent()[0].published == date(1970, 1, 4)


def test_windows(folder: Path) -> None:
    for number in range(5):
        write(folder / f"{number}.md", published=f"202{number}-01-01")
    repository = library(folder)
    assert [headline.id for headline in repository.recent(1, 2)] == ["3", "2"]
    assert [headline.id for headline in repository.recent(4, 9)] == ["0"]
    assert repository.recent(5) == repository.recent(0, 0) == repository.recent(2, -1) == ()
    assert len(repository.recent(-3)) == 5


def test_refresh_sees_what_is_new_changed_moved_and_gone(folder: Path) -> None:
    write(folder / "stays.md", title="Stays")
    write(folder / "changes.md", title="Before")
    write(folder / "goes.md", title="Goes")
    repository = library(folder)
    write(folder / "changes.md", title="After")
    (folder / "goes.md").rename(folder / "moved.md")
    write(folder / "new.md", title="New")
    repository.refresh()
    titles = {headline.id: headline.title for headline in repository.recent()}
    assert titles == {"stays": "Stays", "changes": "After", "moved": "Goes", "new": "New"}


def test_a_refresh_opens_only_what_has_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        write(folder / f"{name}.md", title=name)
    repository = library(folder)
    write(folder / "b.md", title="Other")
    opened: list[str] = []
    real_open = os.open

    def spy(path: str, flags: int) -> int:
        opened.append(os.path.basename(path))
        return real_open(path, flags)

    monkeypatch.setattr("pulse_tui.storage.files.walk.os.open", spy)
    repository.refresh()
    assert opened == ["b.md"]


def test_only_a_bounded_part_of_a_file_is_read_for_the_index(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "big.md", b"word " * 4_000_000 + b"needle", title="Big")
    taken: list[int] = []
    real_read = os.read

    def spy(descriptor: int, size: int) -> bytes:
        part = real_read(descriptor, size)
        taken.append(len(part))
        return part

    monkeypatch.setattr("pulse_tui.storage.files.walk.os.read", spy)
    repository = library(folder)
    assert sum(taken) == READ
    assert abs(repository.recent()[0].minutes - 4_000_000 / 238) < 2
    assert [hit.headline.id for hit in repository.search(parse("word"))] == ["big"]
    assert repository.search(parse("needle")) == ()


def test_nothing_is_written(folder: Path) -> None:
    write(folder / "a.md", title="A: b")
    os.utime(folder / "a.md", (1, 1))
    before = {
        path: (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }
    repository = library(folder)
    repository.get("a")
    repository.mark("a", read=True)
    after = {
        path: (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }
    assert after == before


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


# Ids


def test_of_duplicate_ids_the_first_keeps_it(folder: Path, tmp_path: Path) -> None:
    write(folder / "b.md", id="talks", title="Second")
    write(folder / "a.md", id="talks", title="First")
    write(tmp_path / "other" / "0.md", id="talks", title="Third")
    repository = library(folder, tmp_path / "other")
    titles = {headline.id: headline.title for headline in repository.recent()}
    assert titles == {"talks": "First", "b": "Second", "0": "Third"}
    assert repository.recent()[repository.position("talks") or 0].notices == ()
    (notice,) = repository.recent()[repository.position("b") or 0].notices
    assert str(folder / "a.md") in notice.text
    assert notice.path == folder / "b.md"
    assert notice in repository.notices()
    assert len(repository.notices()) == 2
    assert repository.get("b").headline.title == "Second"
    assert repository.get("b").headline.notices == (notice,)


def test_where_the_path_is_taken_too_a_number_tells_apart(folder: Path, tmp_path: Path) -> None:
    for place in (folder, tmp_path / "two", tmp_path / "three"):
        write(place / "a.md")
    write(folder / "z.md", id="a-2")
    repository = library(folder, tmp_path / "two", tmp_path / "three")
    assert sorted(ids(repository)) == ["a", "a-2", "a-3", "a-4"]


# Whole articles


def test_get_reads_the_file_again(folder: Path) -> None:
    path = write(folder / "a.md", "One.\n", title="One")
    repository = library(folder)
    write(path, "Two.\n", title="Two", mood="calm", source="https://example.org/x")
    article = repository.get("a")
    assert article.headline.title == "Two"
    assert (article.body, article.path, article.source) == (b"Two.\n", path, "https://example.org/x")
    assert article.extra == {"mood": "calm"}
    assert repository.recent()[0].title == "One"


def test_get_keeps_the_id_under_which_it_was_asked(folder: Path) -> None:
    path = write(folder / "a.md", id="one")
    repository = library(folder)
    write(path, id="two")
    assert repository.get("one").headline.id == "one"


def test_the_list_and_the_article_agree(folder: Path) -> None:
    write(folder / "plain.md", "Words.\n")
    write(folder / "broken.md", title="A: b", published="never")
    write(folder / "long.md", "शब्द " * 50_000)
    write(folder / "latin.md", b"caf\xe9")
    write(folder / "wide.md", "\ufeff# Wide\n\ntext".encode("utf-16"))
    write(folder / "same.md", id="plain")
    repository = library(folder)
    for headline in repository.recent():
        assert repository.get(headline.id).headline == headline


@pytest.mark.parametrize("start", ["", "---\ntitle: T\n---\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_bodies_are_whole(folder: Path, start: str, encoding: str, size: int) -> None:
    body = "é漢😀" * size
    write(folder / "a.md", (start + body).encode(encoding))
    assert library(folder).get("a").body == body.encode()


def test_20_mb_open_and_more_than_the_cap_does_not(folder: Path) -> None:
    body = b"0123456789abcde\n" * (20 * 1024 * 1024 // 16)
    write(folder / "big.md", body, title="Big")
    began = time.process_time()
    assert library(folder).get("big").body == body
    assert time.process_time() - began < 1
    repository = library(folder, cap=20 * 1024 * 1024)
    assert repository.recent()[0].title == "Big"
    with pytest.raises(ArticleUnreadableError, match=r"20\.0 MiB"):
        repository.get("big")


def test_an_unknown_id_is_not_found(folder: Path) -> None:
    write(folder / "talks.md")
    with pytest.raises(ArticleNotFoundError, match="did you mean “talks”"):
        library(folder).get("tlaks")


# Links between articles


@pytest.fixture
def linked(folder: Path, tmp_path: Path) -> Library:
    write(folder / "a" / "from.md", id="from")
    write(folder / "a" / "near.md", id="near")
    write(folder / "b" / "far.md", id="far")
    write(folder / "a" / "with space & ü #1.md", id="odd")
    write(folder / "a" / ".hidden.md")
    write(tmp_path / "outside.md")
    return library(folder)


FOLLOWED = [
    ("near.md", "near"),
    ("./near.md", "near"),
    ("near.md#part", "near"),
    ("near.md?x=1#part", "near"),
    ("../b/far.md", "far"),
    ("..//a/../b/./far.md", "far"),
    ("%6eear.md", "near"),
    ("with%20space%20%26%20%C3%BC%20%231.md", "odd"),
    ("#part", "from"),
    ("?x", "from"),
    ("", None),
    ("near", None),
    ("near.md/", "near"),
    ("none.md", None),
    (".hidden.md", None),
    ("../../outside.md", None),
    ("../../../../../../etc/passwd", None),
    ("/etc/passwd", None),
    ("//host/near.md", None),
    ("https://example.org/near.md", None),
    ("mailto:near.md", None),
    ("file:near.md", None),
    ("near%00.md", None),
    ("near\0.md", None),
    ("%ff%fe.md", None),
    ("\ud800.md", None),
    ("x/" * 5000, None),
    ("x" * 5000, None),
    ("..", None),
]


@pytest.mark.parametrize(("link", "target"), FOLLOWED)
def test_follow(linked: Library, link: str, target: str | None) -> None:
    assert linked.follow("from", link) == target


def test_follow_needs_a_listed_article(linked: Library) -> None:
    assert linked.follow("none", "near.md") is None


def test_follow_knows_both_folders_of_a_linked_file(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.md")
    write(tmp_path / "real" / "beside.md")
    write(folder / "near.md")
    (folder / "a.md").symlink_to(tmp_path / "real" / "a.md")
    (folder / "elsewhere").symlink_to(tmp_path / "real")
    repository = library(folder)
    assert repository.follow("a", "near.md") == "near"
    assert repository.follow("a", "beside.md") == "elsewhere/beside"


# Names that readers type


@pytest.fixture
def named(folder: Path, tmp_path: Path) -> Library:
    write(folder / "2022-03-15-talks.md", id="after-peshawar")
    write(folder / "2022-03-16-salt-road.md")
    write(folder / "x" / "twin.md")
    write(folder / "y" / "twin.md")
    write(folder / "exact.md")
    write(folder / "exact-more.md")
    return library(folder)


@pytest.mark.parametrize(
    ("name", "article_id"),
    [
        ("after-peshawar", "after-peshawar"),
        ("2022-03-15-talks.md", "after-peshawar"),
        ("2022-03-15-talks", "after-peshawar"),
        ("talks", "after-peshawar"),
        ("after", "after-peshawar"),
        ("salt-road", "2022-03-16-salt-road"),
        ("2022-03-16", "2022-03-16-salt-road"),
        ("x/twin", "x/twin"),
        ("y/twin.md", "y/twin"),
        ("exact", "exact"),
        ("exact-", "exact-more"),
    ],
)
def test_find(named: Library, name: str, article_id: str) -> None:
    assert named.find(name) == article_id


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("twin", ["2 articles", "x/twin", "y/twin"]),
        ("exac", ["2 articles", "exact", "exact-more"]),
        ("salt-raod", ["did you mean “2022-03-16-salt-road”", "pulse-tui list"]),
        ("talk-s", ["did you mean “after-peshawar”"]),
        ("zzzzzz", ["No article is called “zzzzzz”; `pulse-tui list`"]),
        ("", ["pulse-tui list"]),
        ("\x1b[31m\u202e" + "q" * 100_000, ["\ufffd[31mqqq", "…"]),
    ],
)
def test_find_says_what_comes_close(named: Library, name: str, parts: list[str]) -> None:
    with pytest.raises(ArticleNotFoundError) as raised:
        named.find(name)
    assert all(part in str(raised.value) for part in parts)
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_a_file_is_found_by_name_whatever_lies_in_a_folder_of_that_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulse_tui.storage.finding._NAMED", 2)
    for number in range(5):
        write(folder / "river" / f"{number}-from-the-old-days.md", published="2001-01-01")
    write(folder / "all" / "river.MARKDOWN", published="2022-01-01")
    assert library(folder).find("river") == "all/river"


# Single files and standard input


def test_a_library_may_be_one_file(folder: Path) -> None:
    write(folder / "notes.txt", title="Notes")
    write(folder / "other.md")
    repository = library(folder / "notes.txt")
    assert [headline.title for headline in repository.recent()] == ["Notes"]
    assert repository.get("notes.txt").body == b"Body.\n"


def test_adopt_lists_an_outside_file_for_the_session(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md")
    outside = write(tmp_path / "out" / "2022-03-15-b.md", title="B")
    write(tmp_path / "out" / "c.md")
    repository = library(folder)
    article_id = repository.adopt(outside)
    assert article_id == "2022-03-15-b"
    assert repository.count() == 2
    assert repository.adopt(outside) == article_id
    assert repository.get(article_id).path == outside
    assert repository.follow(article_id, "c.md") is None
    assert repository.follow(article_id, "../library/a.md") == "a"
    write(outside, title="Changed")
    repository.refresh()
    assert repository.recent()[repository.position(article_id) or 0].title == "Changed"
    outside.unlink()
    repository.refresh()
    assert repository.position(article_id) is not None
    with pytest.raises(ArticleUnreadableError):
        repository.get(article_id)


def test_adopt_works_before_the_library_is_read_and_the_id_stays(folder: Path, tmp_path: Path) -> None:
    write(folder / "deep" / "in.md", title="In")
    write(folder / "a.md", id="same", title="Of the library")
    outside = write(tmp_path / "b.md", id="same", title="Adopted")
    repository = library_of(folder)
    assert repository.adopt(folder / "deep" / "in.md") == "deep/in"
    assert repository.adopt(outside) == "same"
    repository.refresh()
    assert repository.get("same").headline.title == "Adopted"
    assert repository.get("a").headline.title == "Of the library"
    assert sorted(ids(repository)) == ["a", "deep/in", "same"]
    repository.refresh()
    assert sorted(ids(repository)) == ["a", "deep/in", "same"]


def test_adopt_leaves_the_library_its_ids(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md", id="same", title="Of the library")
    repository = library(folder)
    assert repository.adopt(write(tmp_path / "b.md", id="same")) == "b"
    assert repository.adopt(write(tmp_path / "c" / "b.md")) == "b-2"
    assert repository.get("same").headline.title == "Of the library"


def test_adopt_takes_relative_paths(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.md")
    monkeypatch.chdir(folder)
    assert library_of().adopt(Path("a.md")) == "a"


def test_adopt_says_why_not(folder: Path) -> None:
    (folder / "x.md").mkdir()
    (folder / "dangling.md").symlink_to(folder / "gone")
    repository = library_of()
    with pytest.raises(ArticleUnreadableError, match="is a folder"):
        repository.adopt(folder / "x.md")
    for name in ("none.md", "dangling.md", "x.md/none.md"):
        with pytest.raises(ArticleNotFoundError, match="There is no file"):
            repository.adopt(folder / name)
    (folder / "loop.md").symlink_to(folder / "loop.md")
    with pytest.raises(ArticleUnreadableError, match="too many levels"):
        repository.adopt(folder / "loop.md")
    assert repository.count() == 0


def test_adopt_bytes(folder: Path) -> None:
    write(folder / "a.md", id="standard-input")
    repository = library(folder)
    first = repository.adopt_bytes("standard input", b"---\ntitle: Piped\n---\nText")
    second = repository.adopt_bytes("standard input", "\ufeff# Wide".encode("utf-16-le"))
    assert (first, second) == ("standard-input-2", "standard-input-3")
    assert (repository.get(first).headline.title, repository.get(first).body) == ("Piped", b"Text")
    assert (repository.get(second).headline.title, repository.get(second).body) == ("Wide", b"# Wide")
    assert repository.get(first).path is None
    assert repository.follow(first, "a.md") is None
    repository.refresh()
    assert repository.get(first).body == b"Text"
    assert repository.count() == 3


def test_adopt_bytes_has_the_same_cap() -> None:
    with pytest.raises(ArticleUnreadableError, match="standard input"):
        library_of(cap=10).adopt_bytes("standard input", b"x" * 11)


# The reader's state


def test_marks_add_up(folder: Path) -> None:
    repository = library(folder)
    assert repository.reading("a") == Reading()
    place = Place(3, 7, "digest")
    repository.mark("a", place=place)
    repository.mark("a", fraction=0.5)
    repository.mark("a", read=True)
    repository.mark("b", fraction=7)
    assert repository.reading("a") == Reading(True, 0.5, place)
    assert repository.reading("b") == Reading(False, 1.0)
    repository.refresh()
    assert repository.reading("a").place == place


def test_unread_counts_listed_articles_only(folder: Path) -> None:
    for name in ("a", "b", "c"):
        write(folder / f"{name}.md")
    repository = library(folder)
    assert repository.unread() == 3
    repository.mark("a", read=True)
    repository.mark("b", fraction=0.5)
    repository.mark("none", read=True)
    assert repository.unread() == 2
    repository.mark("a", read=False)
    assert repository.unread() == 3


def test_marks_history_and_undo(folder: Path) -> None:
    write(folder / "a.md", title="Talks")
    repository = library(folder)
    repository.mark("a", place=Place(1))
    repository.mark("b", place=Place(2))
    assert repository.history() == ["b", "a"]
    assert [headline.id for headline in repository.begun()] == []
    repository.mark("a", place=Place(3), fraction=0.5)
    assert [headline.id for headline in repository.begun()] == ["a"]
    repository.set_mark("x", Spot("a", Place(3)))
    assert repository.marks() == [("x", Spot("a", Place(3)))]
    repository.mark("a", starred=True)
    assert "Talks" in (repository.undo() or "")
    assert repository.reading("a").starred is False


def test_reading_times_follow_the_readers_pace(folder: Path) -> None:
    for number in range(4):
        write(folder / f"{number}.md", "word " * 2380, title=str(number))
    repository = library(folder)
    assert {headline.minutes for headline in repository.recent()} == {10}
    for number in range(3):
        repository.mark(str(number), place=Place(1), seconds=1200)
        repository.mark(str(number), read=True)
    headline = repository.headline("3")
    assert headline is not None
    assert headline.minutes == repository.get("3").headline.minutes == repository.recent()[0].minutes == 20


# A state follows its article


@pytest.fixture
def kept(folder: Path, tmp_path: Path) -> Iterator[Library]:
    """A library on disk in which one article is starred and half read."""
    write(folder / "a.md", "The same words.\n", title="A")
    write(folder / "b.md", "Others.\n", title="B")
    repository = library_of(folder, index=tmp_path / "cache" / "index.sqlite")
    repository.refresh()
    repository.mark("a", place=Place(1, 2), fraction=0.5, starred=True)
    yield repository
    repository.close()


STARRED = Reading(False, 0.5, Place(1, 2), True)


def test_a_rename_keeps_the_state(kept: Library, folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "a.md").rename(folder / "deep" / "c.md")
    kept.refresh()
    assert kept.reading("deep/c") == STARRED
    assert kept.reading("a") == Reading()


def test_a_rename_in_two_steps_keeps_the_state(kept: Library, folder: Path, tmp_path: Path) -> None:
    (folder / "a.md").rename(tmp_path / "a.md")
    kept.refresh()
    (tmp_path / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == STARRED


def test_a_rename_while_the_index_was_away_keeps_the_state(
    kept: Library, folder: Path, tmp_path: Path
) -> None:
    for path in (tmp_path / "cache").iterdir():
        path.unlink()
    (folder / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == STARRED


def test_a_rename_after_an_edit_keeps_the_state(kept: Library, folder: Path) -> None:
    write(folder / "a.md", "The same words and more.\n", title="A")
    kept.refresh()
    (folder / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == STARRED


def test_a_file_that_gives_itself_another_id_keeps_the_state(kept: Library, folder: Path) -> None:
    write(folder / "a.md", "The same words.\n", title="A", id="talks")
    kept.refresh()
    assert kept.reading("talks") == STARRED


def test_a_file_with_an_id_may_be_renamed_and_edited_at_once(kept: Library, folder: Path) -> None:
    write(folder / "b.md", "Others.\n", id="talks")
    kept.refresh()
    kept.mark("talks", starred=True)
    (folder / "b.md").unlink()
    write(folder / "else.md", "Quite different.\n", id="talks")
    kept.refresh()
    assert kept.reading("talks").starred


def test_a_state_that_has_moved_outlives_a_kill(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md", "The same words.\n")
    state = StateStore(tmp_path / "state.sqlite", clock=clock())
    repository = library_of(folder, state=state)
    repository.refresh()
    repository.mark("a", starred=True)
    repository.save()
    (folder / "a.md").rename(folder / "c.md")
    repository.refresh()
    after_a_kill = StateStore(tmp_path / "state.sqlite", clock=clock())
    assert after_a_kill.starred_ids() == {"c"}
    after_a_kill.close()
    repository.close()


def test_a_copy_takes_no_state_away(kept: Library, folder: Path) -> None:
    write(folder / "copy.md", (folder / "a.md").read_bytes())
    kept.refresh()
    assert kept.reading("a") == STARRED
    assert kept.reading("copy") == Reading()


def test_other_folders_take_no_state_away(folder: Path, tmp_path: Path) -> None:
    write(folder / "deep" / "a.md", "The same words.\n")
    state = StateStore(None, clock=clock())
    all_of_it, a_part = (
        library_of(folders, index=tmp_path / "index.sqlite", state=state)
        for folders in (folder, folder / "deep")
    )
    all_of_it.refresh()
    all_of_it.mark("deep/a", starred=True)
    a_part.refresh()
    assert a_part.reading("a").starred
    assert all_of_it.reading("deep/a").starred
    write(folder / "deep" / "copy.md", (folder / "deep" / "a.md").read_bytes())
    a_part.refresh()
    assert not a_part.reading("copy").starred


def test_an_article_with_a_state_of_its_own_keeps_that(kept: Library, folder: Path) -> None:
    kept.mark("c", read=True)
    (folder / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == Reading(True)


# What the library holds


def test_values_are_counted(folder: Path) -> None:
    for number in range(5):
        write(folder / f"{number}.md", tags="[a, b, a]" if number else "[b, 'c, d']", sections="Asia")
    repository = library(folder)
    assert repository.values("tags") == [("b", 5), ("a", 4), ("c, d", 1)]
    assert repository.values("sections") == [("Asia", 5)]
    assert repository.values("authors") == []
    write(folder / "1.md", tags="[e]")
    (folder / "0.md").unlink()
    repository.refresh()
    assert repository.values("tags") == [("a", 3), ("b", 3), ("e", 1)]
    repository.adopt_bytes("piped", b"---\ntags: [e, f]\n---\n")
    assert repository.values("tags") == [("a", 3), ("b", 3), ("e", 2), ("f", 1)]


def test_pictures_of_the_whole_library(folder: Path) -> None:
    body = """
![Crowd](a.png "Mourners. Credit: Wire/Khan") and ![*No* words](<b c.png>)

```
![code](code.png)
```

![](d_(1).png 'Photo: Lodhi') ![broken](e.png "x
"""
    write(folder / "old.md", body, published="2021-01-01")
    lead = {"image": "lead.png", "caption": "A funeral. Credit: Agency", "published": "2022-01-01"}
    write(folder / "new.md", "none", **lead)
    write(folder / "without.md", "none")
    pictures = [(headline.id, *figure) for headline, figure in library(folder).pictures()]
    assert pictures == [
        ("new", "lead.png", "", "A funeral.", "Agency"),
        ("old", "a.png", "Crowd", "Mourners.", "Wire/Khan"),
        ("old", "b c.png", "No words", "", ""),
        ("old", "d_(1).png", "", "", "Lodhi"),
    ]


HOSTILE = {
    "aliases": "title: T\nbase: &b [x]\ndek: *b",
    "brackets": "title: T\ntags: " + "[" * 100_000,
    "a header of 10 MB": "title: T\n" + "key: value\n" * 1_000_000,
    "no such day": "title: T\npublished: 2025-02-30",
    "a time for a date": "title: T\npublished: 12:30:45",
    "twice": "title: T\ntitle: U",
    "wrong kinds": "title: [T]\nauthors: {a: b}\ndek: {c: d}",
    "no colon": "title: T\nwords",
}


@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE)
def test_hostile_front_matter_is_listed_with_a_located_notice(folder: Path, header: str) -> None:
    path = write(folder / "it.md", f"---\n{header}\n---\nBody.\n")
    write(folder / "other.md", title="Other")
    repository = library(folder)
    headline = repository.headline("it")
    assert headline is not None
    assert headline.notices
    assert all(notice.path == path and notice.line for notice in headline.notices)
    assert repository.count() == 2
    assert repository.get("it").headline == headline


@pytest.mark.parametrize("rest", [" " * 100_000, "`" * 100_000, "x" * 100_000, '![](a\n "b' * 10_000])
def test_hostile_pictures_take_no_time(rest: str) -> None:
    assert [figure.source for figure in figures_of(f"![a](b.png)\n```\n```\n![]({rest}")] == ["b.png"]
    assert list(figures_of(f"{rest}![]")) == []


def test_no_is_a_section(folder: Path) -> None:
    write(folder / "it.md", sections="[no, on, 1e3]")
    assert library(folder).values("sections") == [("1e3", 1), ("no", 1), ("on", 1)]


# Threads and size


def test_threads_refresh_adopt_and_read_at_once(folder: Path, tmp_path: Path) -> None:
    for number in range(60):
        write(folder / f"{number % 5}" / f"{number}.md", title=f"T{number}", published=f"20{number:02}-01-01")
    outside = [write(tmp_path / "out" / f"o{number}.md") for number in range(8)]
    repository = library(folder)
    faults: list[BaseException] = []
    done = threading.Event()

    def guarded(work: object) -> None:
        try:
            assert callable(work)
            work()
        except BaseException as fault:
            faults.append(fault)

    def refresh() -> None:
        for number in range(15):
            write(folder / "changing.md", title=f"C{number}")
            repository.refresh()

    def adopt() -> None:
        for path in outside:
            assert repository.get(repository.adopt(path)).body == b"Body.\n"

    def look() -> None:
        while not done.is_set():
            headlines = repository.recent()
            assert len(headlines) >= 60
            assert len({headline.id for headline in headlines}) == len(headlines)
            assert repository.get("0/10").headline.title == "T10"

    writers = [threading.Thread(target=guarded, args=(work,)) for work in (refresh, refresh, adopt)]
    readers = [threading.Thread(target=guarded, args=(look,)) for _ in range(2)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in readers:
        thread.join(60)
    assert faults == []
    assert repository.count() == 60 + 1 + len(outside)


def test_a_thousand_files_take_no_noticeable_time(folder: Path) -> None:
    for number in range(1000):
        write(folder / f"{number}.md", "Some words in a paragraph.\n" * 50, title="T", tags="[a, b]", dek="D")
    repository = library_of(folder)
    began = time.process_time()
    repository.refresh()
    assert repository.count() == 1000
    assert time.process_time() - began < 5  # ten times what it takes; catches work of the wrong order only
