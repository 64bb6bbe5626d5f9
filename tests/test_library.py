"""A library of folders: what is found, in which order, under which id, and what it holds."""

from __future__ import annotations

import os
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from pulse_tui.query import parse
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError, Repository
from pulse_tui.storage.files.entry import READ, figures_of
from tests.libraries import ids, library, library_of, write


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
