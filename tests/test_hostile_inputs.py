"""Hostile inputs by the commands that take them in: a sentence and a status, or a safe reading."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import hostile, servers
from tests.hostile import Outcome
from tests.program import Done, articles, files, run
from tests.servers import Server

SECONDS = 35.0
MEMORY = 500_000_000
"""Bytes of each process."""
REFUSALS = (1, 2, 3, 4, 5)
_unfit = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]").search


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def check(done: Done, outcome: Outcome, home: Path) -> None:
    """What holds for every input: one sentence and a status, or clean files in the library alone."""
    lines = done.err.splitlines()
    assert "Traceback" not in done.err
    assert "fault of this program" not in done.err
    assert all(re.fullmatch(r"pulse-tui: .{5,600}", line) for line in lines), done.err
    assert not _unfit(done.err), repr(done.err)
    assert not _unfit(done.out), repr(done.out)
    assert done.memory < MEMORY, f"{done.memory / 1e6:.0f} MB"
    assert done.seconds < SECONDS
    if outcome == "either":
        outcome = "refused" if done.status else "read"
    if outcome == "refused":
        assert done.status in REFUSALS, done
        assert done.out == ""
        (line,) = lines
        assert line.endswith(".")
        assert files(home) == {}
    else:
        assert done.status == 0, done.err
        assert done.ids
        for name, data in files(home).items():
            if name.endswith(".md"):
                assert not _unfit(data.decode()), name
                assert b"root:" not in data
            else:
                assert data.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")), name
    outside = {
        path.relative_to(home).parts[:4]
        for path in home.rglob("*")
        if path.is_file() and not path.is_relative_to(articles(home))
    }
    assert all(parts[:2] == (".local", "state") or parts[0] == ".cache" for parts in outside), outside


def add_file(home: Path, name: str, data: bytes) -> Done:
    path = home.parent / name
    path.write_bytes(data)
    return run(home, "add", path)


@pytest.mark.parametrize("case", hostile.PAGES)
def test_pages(case: str, home: Path) -> None:
    outcome, make = hostile.PAGES[case]
    check(add_file(home, "page.html", make()), outcome, home)


@pytest.mark.deep
@pytest.mark.parametrize("case", hostile.LARGE)
def test_large_pages(case: str, home: Path) -> None:
    check(add_file(home, "page.html", hostile.LARGE[case]()), "either", home)


@pytest.mark.parametrize("case", hostile.MARKDOWN)
def test_markdown(case: str, home: Path) -> None:
    outcome, make = hostile.MARKDOWN[case]
    check(add_file(home, "text.md", make()), outcome, home)


@pytest.mark.parametrize("case", hostile.TEXTS)
def test_plain_texts(case: str, home: Path) -> None:
    outcome, make = hostile.TEXTS[case]
    check(add_file(home, "text.txt", make()), outcome, home)


@pytest.mark.parametrize("case", hostile.BOOKS)
def test_books(case: str, home: Path) -> None:
    check(add_file(home, "book.epub", hostile.BOOKS[case]()), "refused", home)


def test_a_costly_book(home: Path) -> None:
    check(add_file(home, "book.epub", hostile.costly_book()), "read", home)


@pytest.mark.parametrize("case", hostile.FEEDS)
def test_feeds_are_no_articles(case: str, home: Path) -> None:
    data = hostile.FEEDS[case]
    check(run(home, "add", "-", stdin=data), "either" if data[:1] == b"[" else "refused", home)


@pytest.mark.parametrize("case", hostile.LISTS)
def test_lists_of_feeds_are_no_articles(case: str, home: Path) -> None:
    check(run(home, "add", "-", stdin=hostile.LISTS[case]), "refused", home)


@pytest.mark.parametrize("case", hostile.LISTS)
def test_lists_of_feeds(case: str, home: Path) -> None:
    path = home.parent / "feeds.opml"
    path.write_bytes(hostile.LISTS[case])
    check(run(home, "import", "--opml", path), "refused", home)


@pytest.mark.parametrize("case", hostile.FEEDS)
def test_feeds(case: str, home: Path) -> None:
    answer = servers.page(hostile.FEEDS[case], "Content-Type: application/rss+xml")
    with Server({"/": answer}) as server:
        check(run(home, "follow", server.url()), "refused", home)


@pytest.mark.parametrize("case", hostile.ANSWERS)
def test_servers(case: str, home: Path) -> None:
    outcome, make = hostile.ANSWERS[case]
    again = servers.redirect("/")
    with Server({"/": make(), "/again": again}) as server:
        check(run(home, "add", server.url()), outcome, home)


def test_servers_that_take_all_the_time_there_is(tmp_path: Path) -> None:
    def ask(number: int, answer: servers.Answer) -> None:
        home = tmp_path / str(number)
        home.mkdir()
        with Server({"/": answer}) as server:
            done = run(home, "add", server.url())
        check(done, "refused", home)
        assert done.status == 4
        assert "30 seconds" in done.err

    with ThreadPoolExecutor(len(hostile.SLOW)) as pool:
        answers = [make() for make in hostile.SLOW.values()]
        list(pool.map(ask, range(len(answers)), answers))


@pytest.mark.parametrize("case", hostile.ADDRESSES)
def test_addresses(case: str, home: Path) -> None:
    check(run(home, "add", hostile.ADDRESSES[case]), "refused", home)  # some of them as a wrong command


def test_pictures(home: Path) -> None:
    """Whatever a page's pictures are, the page is kept."""
    answers = {
        f"/{number}.png": servers.page(make()) for number, make in enumerate(hostile.PICTURES.values())
    }
    names = [*answers, "/gone.png", "http://169.254.169.254/x.png", "http://[::1/x.png"]
    body = hostile.P * 4 + "".join(
        f"<figure><img src='{name}'><figcaption>Number {number}.</figcaption></figure>"
        for number, name in enumerate(names)
    )
    good = servers.page(hostile.picture(), "Content-Type: image/png")
    body += "<figure><img src='/good.png'><figcaption>The good one.</figcaption></figure>"
    page = servers.page(hostile.article(body), "Content-Type: text/html")
    with Server({"/": page, "/good.png": good, **answers}) as server:
        done = run(home, "add", server.url())
    check(done, "read", home)
    kept = [name for name in files(home) if not name.endswith(".md")]
    assert len(kept) == 1


def test_folders(home: Path) -> None:
    """A folder with a circle, a pipe, a device, a secret, a deep path and names that steer a terminal."""
    folder = home.parent / "folder"
    deep = folder / "/".join("d" * 150)
    deep.mkdir(parents=True)
    (deep / "deep.md").write_text("Deep.\n")
    (folder / "circle").symlink_to(folder)
    (folder / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.html")
    (folder / "gone.md").symlink_to(folder / "nowhere")
    (folder / ".hidden.md").write_text("Hidden.\n")
    (folder / f"na{hostile.STEERING.rstrip(chr(0))}me\n.md").write_text("Named.\n")
    (folder / "good.md").write_text("# Good\n\nWords.\n")
    done = run(home, "add", folder)
    assert done.status == 1  # some of it could not be had
    check(done._replace(status=0), "read", home)
    texts = "".join(data.decode() for data in files(home).values())
    assert "Words." in texts
    assert "Named." in texts
    assert "Hidden." not in texts
