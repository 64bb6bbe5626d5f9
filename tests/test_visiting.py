"""Reading what is not kept: a page of the web, a saved page, a book."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers, test_epub
from tests.hostile import P, article
from tests.program import articles, run
from tests.servers import Server
from tests.terminal import Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
PAGE = article(P * 20 + "<p>The very end of it.</p>")
HTML = "Content-Type: text/html"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/story": servers.page(PAGE, HTML)}) as running:
        yield running


def test_a_page_is_read_without_being_kept(home: Path, server: Server) -> None:
    done = run(home, "read", server.url("/story"))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("The headline here\n")
    assert "The very end of it." in done.out
    assert not articles(home).exists()


def test_a_page_opens_in_the_reader_and_keeps_its_place(home: Path, server: Server) -> None:
    for _ in range(2):
        with Terminal([*PULSE, server.url("/story")], home=home, rows=20) as terminal:
            terminal.wait_for("ordinary prose" if _ == 0 else "The very end of it.")
            terminal.press("G")
            terminal.wait_for("The very end of it.")
            terminal.press("Q")
            assert terminal.wait() == 0
    assert not articles(home).exists()


def test_while_a_page_comes_its_name_is_shown(home: Path) -> None:
    with (
        Server({"/story": lambda client: client.hang()}) as server,
        Terminal([*PULSE, server.url("/story")], home=home) as terminal,
    ):
        terminal.wait_for(f"pulse-tui: opening {server.url('/story')} …")
        terminal.press("ctrl+c")
        assert terminal.wait() == 130
        assert terminal.modes_left_on() == []
        assert "Traceback" not in terminal.text()


@pytest.mark.parametrize("arguments", [["read"], []])
def test_a_page_that_does_not_come_is_a_sentence(home: Path, server: Server, arguments: list[str]) -> None:
    done = run(home, *arguments, server.url("/none"))
    assert (done.status, done.out) == (4, "")
    assert (
        done.err == f"pulse-tui: There is nothing at {server.url('/none')} (status 404): check the address.\n"
    )


def test_what_is_no_page_is_a_sentence(home: Path) -> None:
    with Server({"/": servers.page(b"%PDF-1.7", "Content-Type: application/pdf")}) as server:
        done = run(home, "read", server.url())
    assert done.status == 5
    assert "is a PDF" in done.err


def test_saved_pages_and_books(home: Path) -> None:
    (home / "page.html").write_bytes(PAGE)
    (home / "book.epub").write_bytes(test_epub.packed(test_epub.FILES))
    page = run(home, "read", home / "page.html")
    assert page.out.startswith("The headline here\n")
    assert "<p>" not in page.out
    assert "First" in run(home, "read", home / "book.epub").out
    missing = run(home, "read", home / "none.html")
    assert (missing.status, missing.out) == (3, "")


def test_a_page_through_a_pipe(home: Path) -> None:
    page = run(home, "read", "-", stdin=PAGE)
    assert page.out.startswith("The headline here\n")
    markdown = run(home, "read", "-", stdin=b"<!-- a comment -->\n# A title\n\nText.\n")
    assert "A title" in markdown.out
    assert run(home, "read", "-", stdin=b"").status == run(home, "read", "-", stdin=b"words").status == 0
