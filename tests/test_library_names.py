"""What leads to an article: links from others, names that readers type, files given beside the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulse_tui.query import parse
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError
from pulse_tui.storage.files import entry
from pulse_tui.storage.files.entry import Entry, read_entry
from pulse_tui.storage.files.walk import Found
from pulse_tui.storage.guests import Guests
from pulse_tui.storage.library import Library
from tests.libraries import ids, library, library_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


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
        ("zzzzzz", ["No article is called “zzzzzz”; “pulse-tui list”"]),
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


def test_adopt_while_another_program_brings_the_same_file_in(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when `add` and a reader that watches the folder see a new file at the same moment."""
    path = write(folder / "a.md")
    ours, other = (library_of(folder, index=tmp_path / "index.sqlite") for _ in range(2))

    def read(found: Found, *, whole: bool = True) -> Entry:
        monkeypatch.undo()
        other.refresh()
        return read_entry(found, whole=whole)

    monkeypatch.setattr(entry, "read_entry", read)
    assert ours.adopt(path) == "a"
    assert ids(other) == ids(ours) == ["a"]
    for each in (ours, other):
        each.close()


def test_a_guest_is_listed_while_its_text_is_read_for_a_search(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = library(folder)
    guest = repository.adopt(write(tmp_path / "guest.md", "Words.\n", title="Guest"))
    listed = []

    def read(found: Found, *, whole: bool = True) -> Entry:
        listed.append((repository.headline(guest) is not None, ids(repository), repository.get(guest).body))
        return read_entry(found, whole=whole)

    monkeypatch.setattr(entry, "read_entry", read)
    assert [hit.headline.id for hit in repository.search(parse("words"))] == [guest]
    assert listed == [(True, [guest], b"Words.\n")]


def test_a_guest_that_the_library_has_by_now_is_there_while_it_is_dropped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the watcher's thread drops it between two questions of another."""
    repository = library(folder)
    guest = repository.adopt(write(folder / "a.md", title="A"))
    seen = []
    forget = Guests._forget

    def drop(guests: Guests, article_id: str) -> None:
        forget(guests, article_id)
        with monkeypatch.context() as patch:
            patch.setattr(Guests, "__contains__", lambda *_: True)  # as it was asked just before
            headline = repository.headline(article_id)
            seen.append((headline is not None, repository.get(article_id).headline.title))

    monkeypatch.setattr(Guests, "_forget", drop)
    repository.refresh()
    assert seen == [(True, "A")]
    assert ids(repository) == [guest]


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
