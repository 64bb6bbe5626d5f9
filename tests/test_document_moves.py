"""Moving about a document is exact at any width, and a place in it is found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulse_tui.article import Article, Figure, Headline, Place
from pulse_tui.document import pages
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.lines import Laid
from pulse_tui.document.parse import Parser
from pulse_tui.document.plain import render
from pulse_tui.document.scan import SLICE
from pulse_tui.document.tokens import Token
from tests.strategies import anchors, articles, document, documents, opened, row_text, runs_text

heights = st.integers(1, 30)
widths = st.integers(10, 130)


class Numbers(NamedTuple):
    """Numbers that a test scales to a document that it does not know yet."""

    anchor: int
    by: int


numbers = st.builds(Numbers, st.integers(0, 10**6), st.integers(-60, 60))


def clamp(number: int, most: int) -> int:
    return max(0, min(number, most))


# -- Rows


@settings(max_examples=250)
@given(documents(), widths, heights, st.lists(numbers, min_size=1, max_size=12))
def test_moves_are_exact(markdown: str, width: int, height: int, moves: list[Numbers]) -> None:
    of = document(markdown, width)
    rows = anchors(of)
    last = max(0, len(rows) - height)
    assert of.last_page(height) == rows[last]
    for start, by in moves:
        at = start % len(rows)
        expected = clamp(at + by, last)
        assert of.moved(rows[at], by, height) == rows[expected]
        assert of.clamped(rows[at], height) == rows[clamp(at, last)]
        shown = [Anchor(row.piece, row.number) for row in of.rows(rows[at], height)]
        assert shown == rows[at : at + height]
        for row in of.rows(rows[at], height):
            assert row.line is of.lay(row.piece).lines[row.number]


@settings(max_examples=60)
@given(articles(), widths, heights)
def test_steps_there_and_back_pass_every_row(markdown: str, width: int, height: int) -> None:
    of = document(markdown, width)
    rows = anchors(of)
    last = max(0, len(rows) - height)
    there, back = [Anchor(0, 0)], [of.last_page(height)]
    for _ in range(last):
        there.append(of.moved(there[-1], 1, height))
        back.append(of.moved(back[-1], -1, height))
    assert there == rows[: last + 1]
    assert back[::-1] == there
    assert of.moved(there[-1], 1, height) == there[-1]
    assert of.moved(there[0], -1, height) == there[0]
    assert of.moved(there[0], 10**6, height) == there[-1]
    assert of.moved(there[-1], -(10**6), height) == there[0]


@settings(max_examples=100)
@given(documents(), widths)
def test_the_fraction_grows_from_none_to_all(markdown: str, width: int) -> None:
    of = document(markdown, width)
    fractions = [of.fraction(row) for row in anchors(of)]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] <= 1.0


def test_an_empty_document_has_its_head() -> None:
    of = document("")
    assert len(of) == 1
    assert of.moved(Anchor(0, 0), 5, 10) == of.last_page(10) == Anchor(0, 0)
    assert of.sections() == []
    assert of.fraction(Anchor(0, 0)) == 0.0
    assert of.find(Place(7, 10**6, "x")) == Anchor(0, 3)


# -- Sections, paragraphs, pictures


def marks_after(marks: list[Anchor], row: Anchor) -> Anchor | None:
    return min((mark for mark in marks if mark > row), default=None)


def marks_before(marks: list[Anchor], row: Anchor) -> Anchor | None:
    return max((mark for mark in marks if mark < row), default=None)


def of_each_piece(of: Document, lines: Callable[[Laid], list[int]]) -> list[Anchor]:
    return [Anchor(piece, line) for piece in range(len(of)) for line in lines(of.lay(piece))]


@settings(max_examples=250)
@given(documents(), widths)
def test_jumps_land_on_the_next_mark(markdown: str, width: int) -> None:
    of = document(markdown, width)
    sections = [Anchor(0, 0), *of_each_piece(of, lambda laid: [heading.line for heading in laid.headings])]
    paragraphs = of_each_piece(of, lambda laid: laid.paragraphs)
    pictures = of_each_piece(of, lambda laid: [picture.line for picture in laid.pictures])
    figures = [picture.figure for piece in range(len(of)) for picture in of.lay(piece).pictures]
    assert [Anchor(piece, heading.line) for piece, heading in of.sections()] == sections[1:]
    while not of.count_figures(1):
        pass
    for row in anchors(of):
        assert of.section_after(row) == marks_after(sections, row)
        assert of.section_before(row) == marks_before(sections, row)
        assert of.paragraph_after(row) == marks_after(paragraphs, row)
        assert of.paragraph_before(row) == marks_before(paragraphs, row)
        assert of.figure_after(row) == marks_after(pictures, row)
        assert of.figure_before(row) == marks_before(pictures, row)
        number = sum(1 for picture in pictures if picture <= row)
        shown = of.figure_at(row)
        if number:
            assert shown == (figures[number - 1], pictures[number - 1], number, len(pictures))
        else:
            assert shown is None


def test_the_lead_picture_is_the_first() -> None:
    lead = Figure("lead.png", "Lead", "Caption", "Credit")
    of = Document(Article(Headline("id", "Title"), b"Text.\n\n![one](1)\n\n![two](2)", lead), 40)
    line = of.lay(0).pictures[0].line
    assert line > 0
    for row in (Anchor(0, 0), Anchor(1, 0)):
        assert of.figure_at(row) == (lead, Anchor(0, line), 0, 0), "not yet counted"
    assert not of.figures_counted
    assert [of.count_figures(1) for _ in range(3)] == [False, False, True]
    assert of.figures_counted
    for row in (Anchor(0, 0), Anchor(0, line), Anchor(1, 0)):
        assert of.figure_at(row) == (lead, Anchor(0, line), 1, 3)
    assert of.figure_at(of.last_page(1)) == (Figure("2", "two"), Anchor(3, 0), 3, 3)
    assert of.figure_after(Anchor(0, 0)) == Anchor(0, line)
    assert of.figure_before(Anchor(2, 0)) == Anchor(0, line)


def test_sections_follow_the_width() -> None:
    of = document("Some words that fold.\n# Below them\n", 72)
    assert [heading.line for _, heading in of.sections()] == [3]
    of.set_width(10)
    assert [heading.line for _, heading in of.sections()] == [of.lay(1).headings[0].line]
    assert of.heading("below-them") == Anchor(1, of.lay(1).headings[0].line)


# -- Links within the article


SECTIONS = """\
# One thing
## Setup
### Two, *three* & `four`!
## Setup
# Überschrift — हिन्दी
#  Setup
Text [^a] and [^b b] and [^é].

[^a]: Note.

> - [^é]: Another.
"""


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("#one-thing", "One thing"),
        ("#setup", "Setup"),
        ("#setup-1", "Setup"),
        ("#setup-2", "Setup"),
        ("#setup-3", None),
        ("#two-three--four", "Two, three & four!"),
        ("#%C3%BCberschrift--%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80", "Überschrift — हिन्दी"),
        ("#überschrift--हिन्दी", "Überschrift — हिन्दी"),
        ("#note:a", "Note."),
        ("#note:é", "Another."),
        ("#note:%C3%A9", "Another."),
        ("#note:b", None),
        ("#note:", None),
        ("#One-thing", None),
        ("#nowhere", None),
        ("https://example.org/#setup", None),
        ("", None),
        ("setup", None),
    ],
)
def test_links_lead_to_headings_and_notes(link: str, expected: str | None) -> None:
    of = document(SECTIONS)
    found = of.target(link)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert runs_text(of.lay(found.piece).lines[found.line].runs) == expected


def test_headings_of_one_name_are_told_apart() -> None:
    of = document(SECTIONS)
    found = [of.target(f"#setup{suffix}") for suffix in ("", "-1", "-2")]
    assert len(set(found)) == 3
    assert found == sorted(anchor for anchor in found if anchor)
    assert of.target("#") == Anchor(0, 0)


def test_every_note_that_is_used_is_led_to() -> None:
    of = document("x[^1] y[^*] z[^%41] `[^2]`\n\n[^1]: one\n\n[^*]: two\n\n[^%41]: three\n\n[^2]: four")
    links = [run[2] for line in of.lay(1).lines for run in line.runs if run[2]]
    targets = [of.target(link) for link in links]
    assert [row_text(of.lay(at.piece).lines[at.line]) for at in targets if at] == [
        *("[1] one", "[2] two", "[3] three")
    ]


# -- Places


@settings(max_examples=250)
@given(articles(), widths, st.lists(widths, min_size=1, max_size=4))
@example("# h\n\ntext", 40, [80])
@example("1. a\n\n   b\n\n2. c", 40, [80])
@example("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", 80, [10])
def test_a_place_is_found_again_at_any_width(markdown: str, width: int, others: list[int]) -> None:
    of = document(markdown, width)
    places = {row: of.place(row) for row in anchors(of)}
    for row, place in places.items():
        assert of.find(place) == row
    for other in others:
        of.set_width(other)
        for place in places.values():
            found = of.find(place)
            assert found.piece == place.block
            starts = [line.start for line in of.lay(found.piece).lines]
            start = starts[found.line]
            # A stacked table that begins its piece has no row for its head.
            assert start <= place.offset or start == starts[0]
            assert place.offset < min((later for later in starts if later > start), default=10**9)
    of.set_width(width)
    assert [of.find(place) for place in places.values()] == list(places)


@settings(max_examples=100)
@given(articles(), st.integers(0, 10**6))
def test_resizing_there_and_back_returns_to_the_row(markdown: str, start: int) -> None:
    of = document(markdown, 80)
    rows = anchors(of)
    row = rows[start % len(rows)]
    place = of.place(row)
    for width in (120, 60, 80):
        of.set_width(width)
        found = of.find(place)
    assert found == row


@pytest.mark.parametrize("row", range(12))
def test_a_row_of_a_frame_or_of_a_folded_cell_is_found_again(row: int) -> None:
    of = document("![A picture](p)\n\n| a | b |\n|---|---|\n| x | some words that fold to many lines |", 16)
    at = anchors(of, 1)[row]
    place = of.place(at)
    assert of.find(place) == at
    for width in (100, 10, 16):
        of.set_width(width)
        found = of.find(place)
        assert found.piece == at.piece
    assert found == at


_paragraphs = st.lists(st.integers(0, 10**4), min_size=1, max_size=30, unique=True)


def written(numbers: list[int]) -> str:
    """Paragraphs of words that no other paragraph has."""
    return "\n\n".join(" ".join(f"word{number}x{n}" for n in range(20)) for number in numbers)


@settings(max_examples=200)
@given(_paragraphs, st.data())
def test_a_place_is_found_after_edits_around_it(numbers: list[int], data: st.DataObject) -> None:
    kept = data.draw(st.sampled_from(numbers))
    word = data.draw(st.integers(0, 19))
    new = st.lists(st.integers(10**5, 10**6), max_size=12, unique=True)
    above = [n for n in numbers[: numbers.index(kept)] if data.draw(st.booleans())] + data.draw(new)
    below = data.draw(new) + [n for n in numbers[numbers.index(kept) + 1 :] if data.draw(st.booleans())]
    before, after = document(written(numbers), 40), document(written([*above, kept, *below]), 40)
    text = f"word{kept}x{word}"
    row = next(
        row for row in anchors(before) if text in row_text(before.lay(row.piece).lines[row.line]).split()
    )
    found = after.find(before.place(row))
    assert text in row_text(after.lay(found.piece).lines[found.line]).split()


@settings(max_examples=300)
@given(
    documents(),
    widths,
    st.builds(
        Place,
        st.integers(-5, 10**9),
        st.integers(-5, 10**9),
        st.sampled_from(["", "head", "0" * 16]),
        st.integers(-5, 10**9),
    ),
    st.integers(0, 5),
)
def test_a_stale_place_never_fails(markdown: str, width: int, place: Place, take_digest: int) -> None:
    of = document(markdown, width)
    if take_digest < len(of):
        place = Place(place.block, place.offset, of.digest(take_digest), place.nth)
    found = of.find(place)
    assert 0 <= found.piece < len(of)
    assert 0 <= found.line < max(1, len(of.lay(found.piece).lines))
    if 0 <= place.block < len(of) and place.digest in ("", of.digest(place.block)):
        assert found.piece == place.block


def test_a_place_is_of_the_text_and_not_of_the_space_around_it() -> None:
    before, after = document("One.\n\nTwo.\n\n\n\n# Three"), document("One.\n\n\n\nTwo.\n\n# Three")
    assert [before.digest(piece) for piece in range(4)] == [after.digest(piece) for piece in range(4)]
    assert len({before.digest(piece) for piece in range(4)}) == 4


# -- Scanning by and by


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes, int], Document]:
    """Make documents that are scanned by and by, however small they are."""

    def make(markdown: str | bytes, width: int) -> Document:
        with monkeypatch.context() as patch:
            patch.setattr(pages, "_SCAN_AT_ONCE", 0)
            patch.setattr(pages, "_FIRST_SCAN", 8)
            return opened(markdown, width)

    return make


def pieces_of(of: Document) -> Iterator[tuple[list[str], str]]:
    for piece in range(len(of)):
        laid = of.lay(piece)
        yield [row_text(line) for line in laid.lines], laid.text


def test_scanning_by_and_by_gives_the_same_document(in_small_steps: Callable[[str, int], Document]) -> None:
    @settings(max_examples=150)
    @given(documents(), widths, st.lists(st.integers(1, 60), min_size=1, max_size=5))
    def check(markdown: str, width: int, budgets: list[int]) -> None:
        of = in_small_steps(markdown, width)
        while not any(of.scan(budget) for budget in budgets):
            for piece in range(len(of)):
                of.lay(piece)
            of.count_figures(1)
            of.figure_at(Anchor(len(of) - 1, 0))
        at_once = document(markdown, width)
        assert list(pieces_of(of)) == list(pieces_of(at_once))
        assert of.sections() == at_once.sections()
        while not (of.count_figures(1) and at_once.count_figures(1)):
            pass
        last = of.last_page(10)
        assert of.figure_at(last) == at_once.figure_at(last)

    check()


TABLE = "| Name | [ref] |\n|---|---|\n" + "| a row | [ref] ![picture][ref] |\n" * 4_000
LATE = "\n\n[ref]: /there\n\nThe end.[^1]\n\n# Last\n\n[^1]: A note."


def test_what_a_whole_scan_resolves_is_laid_out_anew(in_small_steps: Callable[[str, int], Document]) -> None:
    of = in_small_steps(TABLE + LATE, 60)
    while len(of) < 4:
        of.scan(1_000)
    assert not of.complete
    early = list(pieces_of(of))
    assert "[ref]" in early[1][0][0]
    assert not of.count_figures(10)
    assert of.scan(None)
    at_once = document(TABLE + LATE, 60)
    assert list(pieces_of(of)) == list(pieces_of(at_once)) != early
    while not of.count_figures(10):
        pass
    found = of.figure_at(of.last_page(1))
    assert found is not None
    assert (found.number, found.total) == (4_000, 4_000)


@pytest.mark.parametrize(
    "reach",
    [
        pytest.param(lambda of: of.moved(Anchor(0, 0), 10**6, 5), id="moved"),
        pytest.param(lambda of: of.last_page(5), id="last page"),
        pytest.param(lambda of: of.rows(Anchor(0, 0), 10**6)[-5], id="rows"),
        pytest.param(lambda of: of.section_after(of.section_after(Anchor(0, 0))), id="section"),
        pytest.param(lambda of: of.target("#last"), id="heading"),
        pytest.param(lambda of: of.target("#note:1"), id="note"),
        pytest.param(lambda of: of.figure_after(Anchor(1, 0)), id="figure"),
        pytest.param(lambda of: of.find(Place(10**6, 0, "")), id="place"),
        pytest.param(lambda of: list(render(of, styled=False)), id="render"),
    ],
)
def test_what_lies_ahead_is_reached_before_it_is_scanned(
    reach: Callable[[Document], object], in_small_steps: Callable[[str, int], Document]
) -> None:
    markdown = "# First\n\n" + "Some words.\n\n" * 300 + "![late](p)\n\n# Last\n\nEnd.[^1]\n\n[^1]: A note."
    of = in_small_steps(markdown, 60)
    assert not of.complete

    def plain(found: object) -> object:
        return (found.piece, found.number) if isinstance(found, pages.Row) else found

    assert plain(reach(of)) == plain(reach(document(markdown, 60)))
    assert reach(of) is not None


# -- Laziness


class Counted(NamedTuple):
    """What was laid out and parsed."""

    laid: list[int]
    parsed: list[int]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Count the pieces laid out, and the characters that went through the block parser."""
    counted = Counted([], [])
    lay, blocks = Document._lay_body, Parser.blocks

    def counting_lay(self: Document, piece: int) -> Laid:
        counted.laid.append(piece)
        return lay(self, piece)

    def counting_blocks(self: Parser, text: str) -> Sequence[Token]:
        counted.parsed.append(len(text))
        return blocks(self, text)

    monkeypatch.setattr(Document, "_lay_body", counting_lay)
    monkeypatch.setattr(Parser, "blocks", counting_blocks)
    return counted


PARAGRAPH = "Some *words* of a paragraph, [linked](/there), that is a few lines long. " * 5
CHAPTER = (
    f"# A chapter\n\n{PARAGRAPH}\n\n> {PARAGRAPH}\n\n- one\n- two\n\n```\ncode\n```\n\n![alt](pic.png)\n\n"
)
TEN_MEGABYTES = CHAPTER * (10_000_000 // len(CHAPTER))


@pytest.mark.parametrize(
    ("markdown", "pieces"),
    [
        pytest.param(TEN_MEGABYTES, 10, id="chapters"),
        pytest.param("word " * 2_000_000, 1, id="one paragraph"),
        pytest.param("x" * 10_000_000, 1, id="one word"),
        pytest.param("- an item of a list\n" * 500_000, 1, id="one list"),
        pytest.param("```\n" + "code\n" * 2_000_000, 1, id="one fence"),
        pytest.param("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 1_000_000, 1, id="one table"),
    ],
)
def test_the_first_page_of_ten_megabytes_lays_out_a_page(
    counted: Counted, markdown: str, pieces: int
) -> None:
    of = opened(markdown)
    rows = of.rows(Anchor(0, 0), 40)
    assert len(rows) == 40
    assert len(counted.laid) <= pieces
    assert sum(counted.parsed) <= 4 * SLICE


def test_moving_lays_out_only_what_it_passes(counted: Counted) -> None:
    of = document(TEN_MEGABYTES[: 2 * 1024 * 1024])
    middle = Anchor(len(of) // 2, 0)
    of.rows(middle, 40)
    del counted.laid[:]
    for by in (1, 1, 38, -38, -1, 19, -19):
        at = of.moved(middle, by, 40)
        of.rows(at, 40)
    assert len(counted.laid) < 30
    assert all(abs(piece + 1 - middle.piece) < 40 for piece in counted.laid)


def test_the_last_page_lays_out_the_tail_alone(counted: Counted) -> None:
    of = opened(TEN_MEGABYTES)
    at = of.last_page(40)
    assert len(of.rows(at, 100)) == 40
    assert len(counted.laid) < 15


def test_a_new_width_lays_out_only_the_page(counted: Counted) -> None:
    of = document(TEN_MEGABYTES[: 2 * 1024 * 1024])
    place = of.place(Anchor(len(of) // 2, 1))
    del counted.laid[:]
    of.set_width(100)
    of.rows(of.find(place), 40)
    assert len(counted.laid) < 15


def test_a_piece_is_laid_out_once_while_it_is_near(counted: Counted) -> None:
    of = document(CHAPTER * 8)
    for _ in range(3):
        of.rows(Anchor(0, 0), 10**6)
        of.set_width(72)
    assert len(counted.laid) == len(of) - 1
    assert sorted(counted.laid) == list(range(len(of) - 1))


def test_pieces_far_away_are_forgotten(counted: Counted) -> None:
    of = document("Text.\n\n" * 2_000)
    of.rows(Anchor(0, 0), 10**6)
    assert len(counted.laid) == 2_000
    of.lay(2_000)
    assert len(counted.laid) == 2_000
    of.lay(1)
    assert len(counted.laid) == 2_001


def test_a_large_document_is_rendered_whole() -> None:
    markdown = TEN_MEGABYTES[: 2_200_000 // len(CHAPTER) * len(CHAPTER)] + "The end.\n"
    rows = list(render(opened(markdown), styled=False))
    assert rows.count("A chapter") == markdown.count("# A chapter")
    assert [row for row in rows if row][-1] == "The end."
