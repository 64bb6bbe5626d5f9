"""What a person names, and the features that are found in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulse_tui.acquire.files import NoSourceError, SourceError
from pulse_tui.acquire.kinds import Kind, kind_of
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.net.errors import NotAllowedError, StatusError
from pulse_tui.acquire.sources import Found, Missed, own_address, read_source
from pulse_tui.article import Figure
from pulse_tui.commands.markdown import read_markdown
from pulse_tui.storage.files.head import read_head
from tests import servers, test_epub, test_feed, test_opml
from tests.hostile import P, article, picture
from tests.internet import Names
from tests.servers import Server

PAGE = article(P * 3)
HTML = "Content-Type: text/html"


def look(
    text: str | Path, *, url: str = "", stdin: bytes = b"", network: Network | None = None
) -> list[Found | Missed]:
    """What is in a source."""
    return list(
        read_source(
            str(text),
            network=network or Network(),
            url=url,
            standard_input=lambda most: stdin[:most],
            read_markdown=read_markdown,
        )
    )


def found(text: str | Path, *, url: str = "", stdin: bytes = b"", network: Network | None = None) -> Found:
    """The one feature that is in a source."""
    (one,) = look(text, url=url, stdin=stdin, network=network)
    assert isinstance(one, Found), one
    return one


def missed(text: str | Path, *, url: str = "", stdin: bytes = b"", network: Network | None = None) -> Missed:
    """Why nothing is in a source."""
    (one,) = look(text, url=url, stdin=stdin, network=network)
    assert isinstance(one, Missed), one
    return one


class Web:
    """Pages of the web by their paths, at any host."""

    def __init__(self) -> None:
        self.pages: dict[str, servers.Answer] = {}
        nothing = servers.page(b"", status="404 Not Found")
        self.server = Server({"*": lambda client: self.pages.get(client.request.path, nothing)(client)})
        self.network = Names(self.server.port).network()


@pytest.fixture
def web() -> Iterator[Web]:
    everything = Web()
    with everything.server:
        yield everything


# -- What bytes are


@pytest.mark.parametrize(
    ("head", "name", "media_type", "kind"),
    [
        (b"<!doctype html><p>x", "", "", "page"),
        (b"\xef\xbb\xbf\n<!-- a --> <html>", "", "", "page"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD'><html>", "a.md", "", "page"),
        (b"<html><body>x", "a.txt", "text/plain", "page"),
        (b"\xff\xfe" + "<html>x".encode("utf-16-le"), "", "", "page"),
        (b"<p>One.</p><p>Two.</p>", "", "", "page"),
        (b"<div align=center>x</div>\n\n# T\n", "README.md", "", "markdown"),
        (b"---\ntitle: x\n---\n", "", "", "markdown"),
        (b"# A title\n\ntext", "", "", "markdown"),
        (b"text with a [link](https://example.org/)", "", "", "markdown"),
        (b"# not a title", "a.txt", "", "text"),
        (b"words", "/a/story.md", "text/plain", "markdown"),
        (b"words", "", "text/markdown", "markdown"),
        (b"words and words", "", "", "text"),
        (b"words", "a.html", "", "text"),
        (b"A < B", "a.html", "", "page"),
        (b"words", "a.epub", "", "book"),
        (test_epub.packed(test_epub.FILES)[:4096], "", "", "book"),
        (test_epub.packed(test_epub.FILES)[:4096], "a.html", "text/html", "book"),
        (b"PK\x03\x04 a document of an office", "", "", "binary"),
        (b"PK words", "", "", "text"),
        (b"<rss version='2.0'>", "a.html", "text/html", "feed"),
        (b"<?xml version='1.0'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>", "", "text/xml", "feed"),
        (b"<rdf:RDF xmlns:rdf='x'>", "", "", "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "", "application/json", "feed"),
        (b"<opml version='2.0'>", "feeds.opml", "", "feeds"),
        (b"words", "", "application/rss+xml", "feed"),
        (b"%PDF-1.7", "a.html", "text/html", "pdf"),
        (picture(), "a.md", "", "picture"),
        (b"BM words", "", "", "text"),
        (b"\x7fELF\x02", "", "", "binary"),
        (bytes(range(256)), "", "", "binary"),
        (b'{"a": 1}', "", "application/json", "binary"),
        (b"", "a.md", "", "empty"),
        (b" \n\xef\xbb\xbf", "", "", "empty"),
    ],
)
def test_kinds(head: bytes, name: str, media_type: str, kind: Kind) -> None:
    assert kind_of(head, name=name, media_type=media_type) == kind


# -- Pages of the web


def test_a_page(web: Web) -> None:
    web.pages["/a/story"] = servers.page(PAGE, HTML)
    one = found("http://news.example/a/story#part", network=web.network)
    assert one.source == "http://news.example/a/story"
    assert one.feature.source == one.source
    assert one.feature.title == "The headline here"
    assert one.under == ""


@pytest.mark.parametrize(
    ("claimed", "address", "believed"),
    [
        ("https://www.news.example/a", "https://m.news.example/a?x=1", True),
        ("http://news.example/a", "https://news.example/b", True),
        ("https://bank.example/a", "https://news.example/a", False),
        ("https://news.example/", "https://news.example/a", False),
        ("https://news.example/", "https://news.example/?utm=1", True),
        ("", "https://news.example/a", False),
    ],
)
def test_an_address_that_a_page_gives_itself(claimed: str, address: str, believed: bool) -> None:
    assert own_address(claimed, address) == (claimed if believed else address)


def test_a_page_that_takes_another_ones_name_does_not_get_it(web: Web) -> None:
    head = "<link rel=canonical href='http://bank.example/terms'>"
    web.pages["/story"] = servers.page(article(P * 3, head), HTML)
    one = found("http://news.example/story", network=web.network)
    assert (one.source, one.feature.source) == ("http://news.example/story",) * 2


def test_the_origin_that_a_person_gives_goes_first(web: Web) -> None:
    web.pages["/copy"] = servers.page(PAGE, HTML)
    one = found("http://archive.example/copy", url="https://news.example/story", network=web.network)
    assert (one.source, one.feature.source) == ("https://news.example/story",) * 2


def test_a_book_and_texts_of_the_web(web: Web) -> None:
    web.pages["/book"] = servers.page(test_epub.packed(test_epub.FILES), "Content-Type: application/epub+zip")
    web.pages["/story.md"] = servers.page(b"# T\n\n[x](y.md)", "Content-Type: text/plain; charset=utf-8")
    web.pages["/old.txt"] = servers.page(
        "Café\n\nText.".encode("cp1252"), "Content-Type: text/plain; charset=latin1"
    )
    chapters = look("http://a.example/book", network=web.network)
    assert [one.source.partition("#")[2] for one in chapters] == ["One", "Two"]
    markdown = found("http://a.example/story.md", network=web.network)
    assert (markdown.feature.title, markdown.source) == ("T", "http://a.example/story.md")
    assert found("http://a.example/old.txt", network=web.network).feature.title == "Café"


def test_what_a_server_refuses(web: Web) -> None:
    assert isinstance(missed("http://a.example/none", network=web.network).error, StatusError)
    web.pages["/away"] = servers.redirect("http://10.0.0.1/x")
    assert isinstance(missed("http://a.example/away", network=web.network).error, NotAllowedError)


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (
            test_feed.rss("<title>T</title>"),
            "text/html",
            "follow it with “pulse-tui follow http://a.example/x”.",
        ),
        (test_opml.opml(test_opml.FEED), "text/xml", "“pulse-tui import --opml FILE”."),
        (b"%PDF-1.7", "application/pdf", "is a PDF"),
        (picture(), "image/png", "is a picture"),
        (b"\0\0\0\x18ftypmp42", "video/mp4", "is neither page nor text"),
        (b"", "text/html", "is empty."),
    ],
)
def test_what_is_no_article(web: Web, body: bytes, media_type: str, words: str) -> None:
    web.pages["/x"] = servers.page(body, f"Content-Type: {media_type}")
    error = missed("http://a.example/x", network=web.network).error
    assert isinstance(error, SourceError)
    assert words in str(error)
    assert str(error).startswith("http://a.example/x is ")


# -- Files


def test_a_saved_page_with_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "Story & more.html"
    beside = tmp_path / "Story & more_files"
    beside.mkdir()
    (beside / "well one.png").write_bytes(picture())
    (beside / "frame.html").write_bytes(PAGE)
    (tmp_path / "secret.png").write_bytes(picture(41))
    figures = "".join(
        f"<figure><img src='{source}'><figcaption>{words}</figcaption></figure>{P}"
        for source, words in (
            ("./Story%20&amp;%20more_files/well%20one.png", "The well. Credit: A. Writer"),
            ("Story &amp; more_files/gone.png", "Gone."),
            ("https://img.example/two.png", "Two."),
        )
    )
    path.write_bytes(article(P + figures))
    one = found(path)
    name = "Story%20%26%20more_files/well%20one.png"
    assert one.source == str(path)
    assert one.feature.source == ""
    assert dict(one.pictures) == {name: picture()}
    assert Figure(name, "", "The well.", "A. Writer") in one.feature.pictures
    assert {each.source for each in one.feature.pictures} == {name, "https://img.example/two.png"}
    assert ".invalid" not in one.feature.to_markdown()
    again = found(path, url="https://news.example/a/story")
    assert again.source == "https://news.example/a/story"
    assert name in again.pictures
    (only,) = look(tmp_path)  # what belongs to a page is no feature
    assert only == one


def test_a_page_takes_no_file_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.png").write_bytes(picture())
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out.png")
    (tmp_path / "in" / "words.png").write_text("no picture")
    sources = (
        "../out.png",
        "%2e%2e/out.png",
        str(tmp_path / "out.png"),
        "link.png",
        "words.png",
        "/dev/zero",
    )
    (tmp_path / "in" / "a.html").write_bytes(
        article(P * 3 + "".join(f"<img src='{one}'>" for one in sources))
    )
    assert found(tmp_path / "in" / "a.html").pictures == {}


def test_a_saved_page_has_the_name_of_its_page(tmp_path: Path) -> None:
    head = "<link rel=canonical href='https://news.example/story'>"
    (tmp_path / "a.html").write_bytes(article(P * 3, head))
    (tmp_path / "b.html").write_bytes(article(P * 3, head.replace("/story", "/")))
    assert found(tmp_path / "a.html").source == "https://news.example/story"
    site = found(tmp_path / "b.html")
    assert (site.source, site.feature.source) == (str(tmp_path / "b.html"), "")


MARKDOWN = """\
---
title: "The River: a story"
dek: Two ways.
authors: [A. Writer]
published: 2024-05-06
image: images/boat.png
caption: A boat.
credit: Agency/Name
tags: [rivers]
id: river
layout: post   # of another program
weights:
  - 1
  - 2.0
draft: no
---

# The River: a story

Text. ![A bridge](images/bridge%20one.png "The bridge. Credit: B. Writer")
![](images/none.png) ![](https://img.example/x.png)
"""


def test_markdown_is_taken_over_with_what_nobody_here_knows(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "boat.png").write_bytes(picture(41))
    (tmp_path / "images" / "bridge one.png").write_bytes(picture(42))
    (tmp_path / "river.md").write_text(MARKDOWN)
    one = found(tmp_path / "river.md")
    made = one.feature
    assert (made.title, made.dek, made.authors) == ("The River: a story", "Two ways.", ("A. Writer",))
    assert (made.image, made.caption, made.credit) == ("images/boat.png", "A boat.", "Agency/Name")
    assert made.tags == ("rivers",)
    assert one.source == str(tmp_path / "river.md")
    assert dict(one.pictures) == {"images/boat.png": picture(41), "images/bridge%20one.png": picture(42)}
    assert made.body.startswith("Text. ")  # the headline stands above it
    assert made.extra == (
        "id: river\nlayout: post   # of another program\nweights:\n  - 1\n  - 2.0\ndraft: no"
    )
    data = made.to_markdown().encode()
    head = read_head(data, len(data), "x.md", "x")
    assert head.headline.notices == ()
    assert head.headline.id == "river"
    assert head.extra == {"layout": "post", "weights": ["1", "2.0"], "draft": "no"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Just words.\n", ("a name of its own", "", None)),
        (
            "---\ndate: 2020-01-02\nauthor: N. Ame\ndescription: Short.\n---\nText.\n",
            ("a name of its own", "Short.", "2020-01-02"),
        ),
        ("---\n{title: T, other: x}\n---\nText.\n", ("T", "", None)),
        ("---\ntitle: [broken\nother: x\n---\nText.\n", ("a name of its own", "", None)),
    ],
)
def test_careless_markdown(text: str, expected: tuple[str, str, str | None], tmp_path: Path) -> None:
    (tmp_path / "a-name_of its own.md").write_text(text)
    made = found(tmp_path / "a-name_of its own.md").feature
    published = made.published.isoformat() if made.published else None
    assert (made.title.replace("_", " "), made.dek, published) == expected
    if "other" in text:
        data = made.to_markdown().encode()
        assert read_head(data, len(data), "x.md", "x").extra == {"other": "x"}


def test_markdown_pictures_come_from_the_folder_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "site" / "posts").mkdir(parents=True)
    (tmp_path / "site" / "a.png").write_bytes(picture())
    (tmp_path / "b.png").write_bytes(picture())
    (tmp_path / "site" / "posts" / "x.md").write_text("![](../a.png) ![](../../b.png)\n")
    (one,) = look(tmp_path / "site")
    assert isinstance(one, Found)
    assert list(one.pictures) == ["../a.png"]
    assert found(tmp_path / "site" / "posts" / "x.md").pictures == {}


def test_what_a_file_is_called_goes_before_what_it_looks_like(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# A Title\n\nText with [a](b).\n")
    (tmp_path / "b").write_text("# A Title\n\nText.\n")
    (tmp_path / "c.txt").write_bytes(PAGE)
    assert found(tmp_path / "a.txt").feature.title == "# A Title"
    assert found(tmp_path / "b").feature.title == "A Title"
    assert found(tmp_path / "c.txt").feature.title == "The headline here"


def test_a_book(tmp_path: Path) -> None:
    page = test_epub.page
    files = {
        **test_epub.FILES,
        "OPS/map.png": picture(),
        "OPS/nav.xhtml": test_epub.nav(
            '<li><a href="text/a.xhtml">One</a></li><li><a href="text/b.xhtml">One</a></li>'
        ),
        "OPS/text/b.xhtml": page("<h1>One</h1><p>Second.</p><p><img src='../map.png' alt='Map'/></p>"),
    }
    path = tmp_path / "book.epub"
    path.write_bytes(test_epub.packed(files))
    one, two = look(path)
    assert isinstance(one, Found)
    assert isinstance(two, Found)
    name = one.source.removesuffix("#One")
    assert name.startswith("the-book-")
    assert two.source == f"{name}#One (2)"
    assert (one.under, two.under) == ("books/the-book",) * 2
    assert one.pictures == {}
    assert list(two.pictures.values()) == [picture()]
    assert [each.source for each in look(path, url="https://shop.example/book")] == [one.source, two.source]


def test_a_book_is_told_by_what_it_calls_itself(tmp_path: Path) -> None:
    def name(file: str, old: str = "", new: str = "") -> str:
        files = {**test_epub.FILES, "OPS/book.opf": test_epub.package().replace(old, new)}
        (tmp_path / file).write_bytes(test_epub.packed(files))
        one, _ = look(tmp_path / file)
        return one.source

    book = name("a.epub")
    assert name("b.epub") == book
    others = {name("c.epub", ">urn:1<", ">urn:2<"), name("d.epub", ">The Book<", ">Another<")}
    assert len({book, *others}) == 3
    nameless = name("e.epub", ">urn:1<", "><")
    assert nameless not in (book, *others)
    assert name("f.epub", ">urn:1<", "><") == nameless


def test_the_address_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a b.md").write_text("# T\n")
    assert found(f"file://{tmp_path}/a%20b.md").feature.title == "T"


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("a.html", 5_000_001, "5 MB, the most that is taken of a page"),
        ("a.txt", 6_000_000, "5 MB, the most that is taken of a text"),
        ("a.md", 20_000_001, "20 MB, the most that is taken of a Markdown file"),
    ],
)
def test_files_over_the_limit(name: str, size: int, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"word <p> ".ljust(size, b"x"))
    assert words in str(missed(tmp_path / name).error)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert "no file that can be read" in str(missed(tmp_path / "pipe.md").error)
    for name in (str(tmp_path / "none.md"), "news.example/story", "a\0b"):
        error = missed(name).error
        assert isinstance(error, SourceError)
    assert isinstance(missed("news.example/story").error, NoSourceError)
    (tmp_path / "folder").mkdir()
    assert isinstance(missed(tmp_path / "folder").error, NoSourceError)


# -- Folders


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", "a/.hidden/x.md", "c/d.MARKDOWN", ".x.md", "notes.pdf", "a/b.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PAGE if name.endswith("html") else f"Text of {name}\n".encode())
    (tmp_path / "c" / "again").symlink_to(tmp_path)
    (tmp_path / "c" / "twin.md").symlink_to(tmp_path / "b.md")
    names = [os.path.relpath(one.source, tmp_path) for one in look(tmp_path)]
    assert names == ["a/b.html", "a/z.txt", "b.md", "c/d.MARKDOWN"]


def test_one_file_that_fails_does_not_stop_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"")
    (tmp_path / "b.epub").write_bytes(b"PK nothing")
    (tmp_path / "c.md").symlink_to(tmp_path / "gone")
    (tmp_path / "d.md").write_text("Good.\n")
    kinds = [type(one).__name__ for one in look(tmp_path)]
    assert kinds == ["Missed", "Missed", "Missed", "Found"]


# -- Standard input


def test_standard_input() -> None:
    assert found("-", stdin=PAGE, url="https://a.example/x").source == "https://a.example/x"
    assert found("-", stdin=b"# T\n\ntext").feature.title == "T"
    text = found("-", stdin=b"A line\n\ntext")
    assert text.feature.title == "A line"
    assert text.source.startswith("-#")
    assert found("-", stdin=b"A line\n\ntext").source == text.source
    assert found("-", stdin=b"A line\n\nmore").source != text.source
    assert "is empty" in str(missed("-").error)
    assert len(look("-", stdin=test_epub.packed(test_epub.FILES))) == 2
