"""A place in a text is found again after the text was edited: above, below, and where the place is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Article, Headline, Place
from pulse_tui.document.document import Anchor, Document
from tests.strategies import anchors, articles, document, documents, row_text

widths = st.sampled_from([30, 40, 72, 120])


def paragraph(number: int, words: int = 40) -> str:
    """A paragraph of words that no other paragraph has."""
    return " ".join(f"word{number}x{n}" for n in range(words))


def at_word(of: Document, word: str) -> Anchor:
    """The row that shows a word."""
    return next(row for row in anchors(of) if word in row_text(of.lay(row.piece).lines[row.line]).split())


def shows(of: Document, place: Place, word: str) -> bool:
    """Whether the row that shows a place shows a word."""
    found = of.find(place)
    return word in row_text(of.lay(found.piece).lines[found.line]).split()


def place_of(of: Document, word: str) -> Place:
    """A place whose row begins with a word, at a width of one word a row."""
    width = of.width
    of.set_width(12)
    place = of.place(at_word(of, word))
    of.set_width(width)
    return place


# -- Edits around the place


class Edited:
    """A text of pieces and what became of it: inserted, deleted and changed pieces around one that stays."""

    def __init__(self, before: Sequence[str], after: Sequence[str], kept: int) -> None:
        self.before, self.after, self.kept = "\n\n".join(before), "\n\n".join(after), kept


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    """Random edits above and below a paragraph."""
    count = draw(st.integers(1, 30))
    kept = draw(st.integers(0, count - 1))
    fresh = iter(range(1_000, 10**6))
    after: list[str] = []
    for number in range(count):
        edit = (
            "keep" if number == kept else draw(st.sampled_from(["keep", "keep", "drop", "change", "split"]))
        )
        if draw(st.booleans()):
            after += [paragraph(next(fresh)) for _ in range(draw(st.sampled_from([1, 2, 5, 90])))]
        text = paragraph(number)
        if edit == "keep":
            after.append(text)
        elif edit == "change":
            after.append(text.replace("x7", "x7 more and"))
        elif edit == "split":
            after += [text[:50], text[50:]]
    return Edited([paragraph(number) for number in range(count)], after, kept)


@settings(max_examples=120)
@given(edited(), widths, widths, st.integers(0, 39))
def test_a_place_is_found_after_edits_around_it(text: Edited, width: int, other: int, word: int) -> None:
    before, after = document(text.before, width), document(text.after, other)
    name = f"word{text.kept}x{word}"
    place = place_of(before, name)
    assert shows(after, place, name)
    after.set_width(12)
    assert after.place(after.find(place)).offset == place.offset, "to the character"


@settings(max_examples=120)
@given(articles(most=4), articles(most=3), articles(most=3), st.integers(0, 10**6))
def test_any_place_is_found_after_text_was_added_around_it(
    text: str, above: str, below: str, row: int
) -> None:
    before = document(text, 40)
    rows = anchors(before, 1)
    if not rows:
        return
    row_at = rows[row % len(rows)]
    after = document(f"{above}\n\n{text}\n\n{below}", 40)
    wanted, place = before.digest(row_at.piece), before.place(row_at)
    digests = [after.digest(piece) for piece in range(len(after))]
    if wanted not in digests:
        return  # the text added goes on in this piece, or hides it in a fence
    found = after.find(place)
    assert digests[found.piece] == wanted
    if after.lay(found.piece).text == before.lay(row_at.piece).text:
        assert after.place(found).offset == place.offset


# -- Edits of the piece itself


@settings(max_examples=150)
@given(st.integers(0, 19), st.integers(0, 39), st.integers(0, 39), st.integers(0, 100), st.data())
def test_a_place_is_found_in_a_piece_that_was_edited(
    number: int, word: int, changed: int, added: int, data: st.DataObject
) -> None:
    before = [paragraph(n) for n in range(20)]
    after = [*(paragraph(n) for n in range(1_000, 1_000 + added)), *before]
    words = before[number].split()
    edit = data.draw(st.sampled_from(["insert", "delete", "replace"]))
    words[changed : changed + (edit != "insert")] = [] if edit == "delete" else ["entirely", "new", "words"]
    after[number + added] = " ".join(words)
    place = place_of(document("\n\n".join(before), 72), f"word{number}x{word}")
    of = document("\n\n".join(after), 72)
    assert of.find(place).piece == number + added + 1
    if abs(word - changed) > 3:
        assert shows(of, place, f"word{number}x{word}")


def test_the_words_before_a_place_find_it_where_those_after_it_are_new() -> None:
    words = paragraph(1).split()
    place = place_of(document(paragraph(1)), "word1x20")
    edited = [*words[5:20], *(f"new{n}" for n in range(40))]
    assert shows(document(" ".join(edited), 10), place, "new0")


def test_where_nothing_of_the_words_is_left_the_place_keeps_its_share_of_the_piece() -> None:
    around = [paragraph(n) for n in range(9)]
    place = place_of(document("\n\n".join(around)), "word4x20")
    around[4] = " ".join(f"new{n}" for n in range(100))
    of = document("\n\n".join([paragraph(77), *around]), 40)
    found = of.find(place)
    assert found.piece == 6
    offset = of.place(found).offset
    assert 0.3 < offset / len(of.text(6)) < 0.7


@pytest.mark.parametrize(("gone", "shown"), [(1, Anchor(52, 0)), (4, Anchor(55, 0)), (8, Anchor(58, 4))])
def test_where_the_piece_is_gone_the_next_one_is_shown(gone: int, shown: Anchor) -> None:
    pieces = [paragraph(n) for n in range(9)]
    place = place_of(document("\n\n".join(pieces)), f"word{gone}x20")
    after = [paragraph(n) for n in range(100, 150)] + pieces[:gone] + pieces[gone + 1 :]
    of = document("\n\n".join(after))
    assert of.find(place) == shown


def test_where_the_first_piece_is_gone_and_others_came_above_it_the_place_is_beside_the_second() -> None:
    pieces = [paragraph(n) for n in range(9)]
    place = place_of(document("\n\n".join(pieces)), "word0x20")
    after = [*(paragraph(n) for n in range(100, 150)), *pieces[1:]]
    assert document("\n\n".join(after)).find(place).piece == 50


@pytest.mark.parametrize("word", [0, 3, 20, 38, 39])
def test_a_place_is_found_in_pieces_that_were_merged_or_split(word: int) -> None:
    pieces = [paragraph(n) for n in range(9)]
    place = place_of(document("\n\n".join(pieces)), f"word4x{word}")
    merged = "\n\n".join(pieces[:4]) + "\n" + "\n".join(pieces[4:])
    assert shows(document(merged, 40), place, f"word4x{word}")
    words = pieces[4].split()
    for at in (1, 19, 21, 37):
        split = [*pieces[:4], " ".join(words[:at]), " ".join(words[at:]), *pieces[5:]]
        assert shows(document("\n\n".join(split), 40), place, f"word4x{word}")


def test_a_piece_that_was_moved_is_followed() -> None:
    pieces = [paragraph(n) for n in range(9)]
    place = place_of(document("\n\n".join(pieces)), "word4x20")
    moved = [*pieces[:4], *pieces[5:], pieces[4]]
    assert shows(document("\n\n".join(moved), 40), place, "word4x20")


def test_without_any_trace_the_number_and_then_the_share_are_kept() -> None:
    before = document("\n\n".join(paragraph(n) for n in range(100)))
    place = before.place(Anchor(50, 0))
    assert document("\n\n".join(paragraph(n) for n in range(200, 400))).find(place) == Anchor(50, 0)
    assert document("\n\n".join(paragraph(n) for n in range(200, 240))).find(place).piece in (20, 21)


# -- The same text many times

REFRAIN = "And the river goes on,\nand the river goes on."


@settings(max_examples=80)
@given(st.integers(0, 14), st.integers(0, 100), st.integers(0, 100))
def test_a_refrain_is_told_apart_by_what_stands_beside_it(number: int, above: int, below: int) -> None:
    verses = [text for n in range(15) for text in (paragraph(n), REFRAIN)]
    new = [text for n in range(200, 300) for text in (paragraph(n), REFRAIN)]
    before = document("\n\n".join(verses), 20)
    place = before.place(Anchor(2 * number + 2, 1))
    after = document("\n\n".join([*new[:above], *verses, *new[:below]]), 20)
    assert after.find(place) == Anchor(above + 2 * number + 2, 1)


def test_among_the_same_texts_that_nothing_tells_apart_the_nearest_is_taken() -> None:
    place = document("\n\n".join([REFRAIN] * 30)).place(Anchor(10, 0))
    assert document("\n\n".join([paragraph(1), *[REFRAIN] * 30])).find(place) == Anchor(10, 0)


def test_a_refrain_that_was_edited_is_found_between_its_neighbours() -> None:
    verses = [text for n in range(15) for text in (paragraph(n), REFRAIN)]
    place = document("\n\n".join(verses), 20).place(Anchor(8, 0))
    verses[7] = "And the sea waits."
    assert document("\n\n".join([paragraph(99), *verses]), 20).find(place) == Anchor(9, 0)


# -- The head


def headed(title: str, dek: str, sections: tuple[str, ...], body: str) -> Document:
    headline = Headline("id", title, dek, sections, ("A. Writer",), date(2022, 3, 4))
    return Document(Article(headline, body.encode()), 40)


@settings(max_examples=60)
@given(st.sampled_from(["", "A dek that is new. " * 9]), st.lists(st.just("Part"), max_size=9), st.booleans())
def test_a_head_that_grows_moves_no_place(dek: str, sections: list[str], title: bool) -> None:
    body = "\n\n".join(paragraph(n) for n in range(5))
    before = headed("A title", "", (), body)
    after = headed(
        "Another title, and a longer one, of many lines" if title else "A title", dek, tuple(sections), body
    )
    for row in anchors(before, 1):
        assert after.find(before.place(row)) == row
    byline = next(row for row in anchors(before) if "By A. Writer" in row_text(before.lay(0).lines[row.line]))
    found = after.find(before.place(byline))
    assert found.piece == 0
    assert "By A. Writer" in row_text(after.lay(0).lines[found.line])


# -- Whatever a state file holds

digests = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(["", "head", "0", "zz", "-1", "ffffffffffffffff", "."]), max_size=12).map(
        ".".join
    ),
)


@settings(max_examples=200)
@given(
    documents(),
    st.integers(-5, 10**9),
    st.integers(-5, 10**9),
    digests,
    st.integers(-5, 10**9),
    st.booleans(),
)
def test_no_place_fails(markdown: str, block: int, offset: int, digest: str, nth: int, real: bool) -> None:
    of = document(markdown, 40)
    if real:
        digest = of.digest(abs(block) % len(of)) + "." + digest
    found = of.find(Place(block, offset, digest, nth))
    assert 0 <= found.piece < len(of)
    assert 0 <= found.line < max(1, len(of.lay(found.piece).lines))


@settings(max_examples=150)
@given(documents(), documents(), st.integers(0, 10**6))
def test_a_place_in_another_text_never_fails(markdown: str, other: str, row: int) -> None:
    before, after = document(markdown, 40), document(other, 72)
    rows = anchors(before)
    place = before.place(rows[row % len(rows)])
    assert before.find(place) == rows[row % len(rows)]
    found = after.find(place)
    assert 0 <= found.line < max(1, len(after.lay(found.piece).lines))


def test_a_place_holds_no_text() -> None:
    place = document("A secret of the reader's own.\n\nAnother.").place(Anchor(1, 0))
    assert set(place.digest) <= set("0123456789abcdef.head")
    assert len(place.digest) < 80


def test_a_place_that_was_kept_before_neighbours_were_told_apart_is_found() -> None:
    before = document("\n\n".join(paragraph(n) for n in range(20)), 40)
    place = before.place(Anchor(9, 2))
    after = document("\n\n".join(paragraph(n) for n in [77, 78, *range(20)]), 40)
    assert after.find(place._replace(digest=before.digest(9))) == Anchor(11, 2)


def test_what_was_edited_far_above_takes_no_layout_to_pass() -> None:
    text = "\n\n".join(paragraph(n) for n in range(3_000))
    before = document(text)
    place = before.place(Anchor(2_900, 1))
    after = document("\n\n".join(paragraph(n) for n in range(5_000, 6_000)) + "\n\n" + text)
    laid: list[int] = []
    lay = after._lay_body
    after._lay_body = lambda piece: (laid.append(piece), lay(piece))[1]  # type: ignore[method-assign,func-returns-value]
    started = time.process_time()
    assert after.find(place) == Anchor(3_900, 1)
    assert len(set(laid)) == 1
    assert time.process_time() - started < 5
