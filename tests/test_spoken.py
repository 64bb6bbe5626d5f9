"""Articles in words: what is said of each construct, and that places and matches are those of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.article import Article, Figure, Headline, Notice
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.find import Finder
from pulse_tui.document.spoken import UNWRAPPED, Spoken, said, spoken_lines
from pulse_tui.terminal.letters import Letters
from pulse_tui.text import cells
from tests.strategies import documents, encoded, unfit, widest

ARTICLES = sorted((Path(__file__).parent.parent / "articles").glob("*.md"))
DATA = sorted((Path(__file__).parent / "data" / "spoken").glob("*.txt"))
DRAWN = re.compile("[▣▌\u2500-\u257f•–·…]")
"""What a page is drawn with."""


def both(markdown: str, width: int) -> tuple[Document, Spoken]:
    """A text on the page and in words."""
    article = Article(Headline("id", "A headline that no text repeats"), encoded(markdown))
    return Document(article, min(width, 200)), Spoken(article, width)


def spoken_rows(markdown: str, width: int) -> list[str]:
    """What is said of a text, without its head and its list of links, blank rows at the end left out."""
    spoken = both(markdown, width or UNWRAPPED)[1]
    rows = "\n".join(spoken_lines(spoken)).partition("to read.\n")[2]
    return re.sub(r"\n[\d,]+ links?:\n(?:Link.*\n?)*\Z", "", rows).strip("\n").split("\n")


# -- Construct by construct


class Case(NamedTuple):
    """A text, and what is said of it at a width; 0 wraps nothing."""

    file: str
    title: str
    markdown: str
    width: int
    rows: list[str]


def cases() -> Iterator[Case]:
    """Read the tables: `@@@ Title` begins a case and its Markdown, `@@@ 40` its rows at 40 cells."""
    for path in DATA:
        title = markdown = ""
        for part in path.read_text("utf-8").split("@@@ ")[1:]:
            head, _, body = part.partition("\n")
            if head.isdigit():
                yield Case(path.stem, title, markdown, int(head), body.rstrip("\n").split("\n"))
            else:
                title, markdown = head, body


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}-{case.title}-{case.width}" for case in CASES])
def test_constructs(case: Case) -> None:
    rows = spoken_rows(case.markdown, case.width)
    assert rows == case.rows, "\n".join(["now:", f"@@@ {case.width}", *rows])


def test_the_head() -> None:
    headline = Headline(
        "id",
        "The River",
        "Two ways to the sea",
        ("The Pulse", "Economy"),
        ("A. Writer", "B. Writer"),
        date(2024, 5, 6),
        minutes=1,
        notices=(Notice("the date is no date", line=3),),
    )
    lead = Figure("boat.png", "A boat", "A boat on the river.", "Agency/Name")
    article = Article(headline, b"Text.\n", lead, "https://example.org/a/long/path")
    assert list(spoken_lines(Spoken(article, 80))) == [
        "Section: The Pulse, Economy.",
        "Title: The River.",
        "Two ways to the sea.",
        "By A. Writer and B. Writer, 6 May 2024, 1 minute to read.",
        "First published at example.org [link 1]",
        "Notice: Line 3: the date is no date.",
        "Picture 1 of 1. A boat on the river. Credit: Agency/Name.",
        "",
        "Text.",
        "",
        "1 link:",
        "Link 1: https://example.org/a/long/path",
    ]


def test_long_times_are_said_in_hours() -> None:
    spoken = Spoken(Article(Headline("id", "The River", minutes=646), b"Text.\n"))
    assert "10 hours 46 minutes to read." in list(spoken_lines(spoken))
    spoken = Spoken(Article(Headline("id", "The River", minutes=121), b"Text.\n"))
    assert "2 hours 1 minute to read." in list(spoken_lines(spoken))


def test_the_headline_is_not_said_twice() -> None:
    spoken = Spoken(Article(Headline("id", "The River"), b"# The River\n\nText.\n"))
    assert sum("The River" in line for line in spoken_lines(spoken)) == 1


# -- Blocks that are laid out in slices


def test_a_long_table_is_announced_once_and_its_rows_are_counted_on() -> None:
    rows = "".join(f"| port {number} | {number} |\n" for number in range(1, 7001))
    said_of_it = spoken_rows(f"| Port | Number |\n|---|---|\n{rows}\nAfter.\n", 80)
    assert said_of_it[0] == "Long table, 2 columns: Port, Number."
    assert said_of_it[1:7001] == [
        f"Row {number}. Port: port {number}. Number: {number}." for number in range(1, 7001)
    ]
    assert said_of_it[7001:] == ["End of table.", "", "After."]


@pytest.mark.parametrize(("marker", "kind"), [("-", "list"), ("5.", "numbered list")])
def test_a_long_list_is_announced_once_and_its_items_are_counted_on(marker: str, kind: str) -> None:
    items = "".join(f"{marker} item {number}\n" for number in range(7000))
    said_of_it = spoken_rows(f"{items}\nAfter.\n", 80)
    first = 1 if marker == "-" else 5
    assert said_of_it[0] == f"Long {kind}."
    assert said_of_it[1:7001] == [f"{first + number}. item {number}" for number in range(7000)]
    assert said_of_it[7001:] == ["End of list.", "", "After."]


def test_long_code_is_announced_once() -> None:
    code = "".join(f"line {number}\n" for number in range(9000))
    said_of_it = spoken_rows(f"```\n{code}```\n\nAfter.\n", 80)
    assert said_of_it[0] == "Long code."
    assert said_of_it[1:9001] == code.splitlines()
    assert [line for line in said_of_it[9001:] if line] == ["End of code.", "After."]


# -- Any text


@given(documents(), st.sampled_from([10, 40, 80, UNWRAPPED]))
def test_places_are_those_of_the_page(markdown: str, width: int) -> None:
    page, spoken = both(markdown, width)
    assert len(page) == len(spoken)
    for piece in range(len(page)):
        drawn, in_words = page.lay(piece), spoken.lay(piece)
        assert in_words.text == drawn.text
        assert [each.figure for each in in_words.pictures] == [each.figure for each in drawn.pictures]
        assert [each.text for each in in_words.headings] == [each.text for each in drawn.headings]
        assert in_words.notes.keys() == drawn.notes.keys()
        lines = [line for line in in_words.lines if line.runs]
        assert [line.start for line in lines] == sorted(line.start for line in lines)
        assert all(0 <= line.start <= line.end <= len(in_words.text) for line in lines)
        assert widest(lines) <= max(width, 10)
        assert not unfit("".join(map(said, lines)))


@given(documents(), st.sampled_from([10, 40, UNWRAPPED]))
def test_in_few_letters_the_places_are_the_same(markdown: str, width: int) -> None:
    page = both(markdown, width)[0]
    article = Article(Headline("id", "A headline that no text repeats"), encoded(markdown))
    spoken = Spoken(article, width, Letters("ascii").fit)
    for piece in range(len(page)):
        in_words = spoken.lay(piece)
        assert in_words.text == page.lay(piece).text
        assert all(said(line).isascii() for line in in_words.lines)
        assert widest(in_words.lines) <= max(width, 10)
        assert all(0 <= line.start <= line.end <= len(in_words.text) for line in in_words.lines if line.runs)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_a_place_holds_on_the_page_and_in_words(path: Path) -> None:
    article = Article(Headline("id", "T"), path.read_bytes())
    page, spoken = Document(article, 72), Spoken(article, 40)
    for piece in range(len(spoken)):
        for number, line in enumerate(spoken.lay(piece).lines):
            if line.runs:
                there = page.find(spoken.place(Anchor(piece, number)))
                back = spoken.find(page.place(there))
                assert there.piece == back.piece == piece
                shown = page.lay(piece).lines[there.line]
                assert shown.start <= line.start <= max(shown.end, line.start)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_nothing_is_drawn(path: Path) -> None:
    source = path.read_text()
    for line in spoken_lines(Spoken(Article(Headline("id", "T"), source.encode()), 40)):
        assert [mark for mark in DRAWN.findall(line) if mark not in source] == []
        assert cells(line) <= 40 or line.startswith("Link ")
        assert line == line.rstrip()


def test_all_words_of_the_page_are_said() -> None:
    for path in ARTICLES:
        article = Article(Headline("id", "T"), path.read_bytes())
        page, spoken = Document(article, 72), Spoken(article, UNWRAPPED)
        for piece in range(1, len(page)):
            words = re.findall(r"[^\W_]+", page.lay(piece).text.replace("[", " ["))
            in_words = spoken.lay(piece)
            instead = [picture.figure.alt for picture in in_words.pictures if picture.figure.caption]
            heard = " ".join([*map(said, in_words.lines), *instead])
            assert [word for word in words if word not in heard] == [], path.stem


def test_a_match_is_on_the_line_that_says_it() -> None:
    markdown = (
        "The [treaty](a.md) of the *well-known* port was\nsigned in the rains of the year, and the port fell."
        "\n\n- a port\n\n| Port | Year |\n|---|---|\n| The port | 1 |\n\n![A port](p.png 'The port.')\n"
    )
    spoken = both(markdown, 24)[1]
    found = Finder(spoken).find("port")
    match = found.after().match
    lines: list[str] = []
    while match is not None and len(lines) < 20:
        anchor = found.anchor(match)
        lines.append(said(spoken.lay(anchor.piece).lines[anchor.line]))
        hit = found.after(match)
        match = None if hit.wrapped else hit.match
    assert len(lines) == found.count == 7
    assert all("port" in line.lower() or line.startswith("Picture") for line in lines), lines
    over_the_end = Finder(spoken).find("port was signed")
    match = over_the_end.after().match
    assert match is not None
    anchor = over_the_end.anchor(match)
    assert "port" in said(spoken.lay(anchor.piece).lines[anchor.line])


def test_the_first_line_does_not_wait_for_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    laid: list[int] = []
    lay = Spoken._lay_body

    def counted(self: Spoken, piece: int) -> object:
        laid.append(piece)
        return lay(self, piece)

    monkeypatch.setattr(Spoken, "_lay_body", counted)
    text = b"A paragraph with a [link](a.md) in it.\n\n" * 20_000 + b"![A boat](boat.png)\n"
    spoken = Spoken(Article(Headline("id", "T"), text))
    assert next(spoken_lines(spoken)) == "Title: T."
    assert len(laid) < 10
