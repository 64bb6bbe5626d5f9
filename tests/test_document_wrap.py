"""Lines break where they may, never within a grapheme, and never get wider than they should."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes, wcswidth

from pulse_tui.document.wrap import MIN_WIDTH, Span, hard_wrap, is_ideograph, wrap
from pulse_tui.text import cells, clean
from tests.strategies import SCRIPTS

# As text is when it gets here: clean, of one or more lines.
_parts = st.one_of(
    st.sampled_from(
        [*SCRIPTS, "word", "well-known", "and/or", " ", " ", "  ", "\n", "a—b", "1947–48", "-", "x" * 30]
    ),
    st.sampled_from(
        ["\u0301", "\u094d", "\ufe0f", "\u200d", "\u1100", "\uac00", "\u0600", "\u0e33", "🏽", "🇮"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
texts = st.lists(_parts, max_size=20).map(lambda parts: clean("".join(parts)).expandtabs(4))
widths = st.integers(MIN_WIDTH, 60)


def lines(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


def code_lines(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in hard_wrap(text, width)]


def boundaries(text: str) -> set[int]:
    """Where a text may be cut: between graphemes, and within those that no line of two cells holds."""
    found = {0}
    at = 0
    for grapheme in iter_graphemes(text):
        if wcswidth(grapheme) > MIN_WIDTH:
            found.update(range(at, at + len(grapheme)))
        at += len(grapheme)
        found.add(at)
    return found


def check(text: str, spans: list[Span], width: int) -> None:
    assert spans
    assert all(start <= end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert all(cells(text[start:end]) <= width for start, end in spans)
    assert {offset for span in spans for offset in span} <= boundaries(text)


@settings(max_examples=1_500)
@given(texts, widths)
@example("a " * 40, 2)
@example("word   ", 4)
@example("\u1100" * 40, 5)
@example("x \u0301y \u0301z", 2)
@example("\u0600 x\u0600 y", 3)
@example("日本\u3099、語", 4)
def test_lines_are_whole_graphemes_in_their_width(text: str, width: int) -> None:
    spans = wrap(text, width)
    check(text, spans, width)
    edges = [0, *(offset for span in spans for offset in span), len(text)]
    between = "".join([text[edges[n] : edges[n + 1]] for n in range(0, len(edges), 2)])
    assert set(between) <= {" ", "\n"}
    assert between.count("\n") == text.count("\n")


@settings(max_examples=700)
@given(texts.map(lambda text: text.replace("\n", " ")), widths)
@example("", 2)
@example("\u1100" * 40, 5)
def test_code_keeps_every_character(text: str, width: int) -> None:
    spans = hard_wrap(text, width)
    check(text, spans, width)
    assert "".join(code_lines(text, width)) == text


@settings(max_examples=700)
@given(st.lists(st.text("abcé", min_size=1, max_size=9), min_size=1).map(" ".join), st.integers(9, 40))
def test_words_fill_each_line(text: str, width: int) -> None:
    found = lines(text, width)
    assert " ".join(found) == text
    for line, following in itertools.pairwise(found):
        assert len(line) + 1 + len(following.split(" ")[0]) > width


@pytest.mark.parametrize("word", ["word", "नमस्ते", "اردو", "단어", "சொல்"])
def test_words_stay_whole_in_every_script(word: str) -> None:
    text = " ".join([word] * 30)
    for width in range(cells(word), 40):
        assert set(" ".join(lines(text, width)).split(" ")) == {word}


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, [""]),
        ("\n", 10, ["", ""]),
        ("a\n\nb", 10, ["a", "", "b"]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("one   two", 4, ["one", "two"]),
        ("one two ", 3, ["one", "two"]),
        ("one     ", 3, ["one"]),
        ("    indented", 6, ["    in", "dented"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("abcdefgh", 1, ["ab", "cd", "ef", "gh"]),
        ("ab 中文", 5, ["ab 中", "文"]),
    ],
)
def test_where_lines_break(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("a well-known fact", 8, ["a well-", "known", "fact"]),
        ("the Delhi–Lahore bus", 11, ["the Delhi–", "Lahore bus"]),
        ("an end—then more", 8, ["an end—", "then", "more"]),
        ("this and/or that", 10, ["this and/", "or that"]),
        ("well‐known", 6, ["well‐", "known"]),
        ("in 1947-48 it", 8, ["in", "1947-48", "it"]),
        ("see page -x there", 10, ["see page", "-x there"]),
        ("use --flags now", 6, ["use", "--flag", "s now"]),
        ("वह सर्व-प्रथम है", 8, ["वह सर्व-", "प्रथम है"]),
    ],
)
def test_lines_break_after_hyphens_between_letters(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


@pytest.mark.parametrize("joiner", ["\u00a0", "\u202f"])
@pytest.mark.parametrize("sides", ["ab", "中文", "中b", "a文"])
def test_no_line_breaks_at_a_no_break_space(joiner: str, sides: str) -> None:
    held = sides[0] + joiner + sides[1]
    for width in range(cells(held), 12):
        assert any(held in line for line in lines(f"xx yyy {held} zz", width))


def test_no_break_spaces_are_not_dropped() -> None:
    assert lines("\u00a0\u00a0a\u00a0 b", 4) == ["\u00a0\u00a0a\u00a0", "b"]


@pytest.mark.parametrize("mark", "、。，．：；！？）」』】〉》’”ー々ぁっャ・〜,.)%")
def test_no_line_begins_with_a_closing_mark(mark: str) -> None:
    text = f"日本語の文章{mark}" * 12
    for width in range(6, 40):
        assert not [line for line in lines(text, width) if line.startswith(mark)]


@pytest.mark.parametrize("mark", "（「『【〈《‘“([")
def test_no_line_ends_with_an_opening_mark(mark: str) -> None:
    text = f"日本語の{mark}文章" * 12
    for width in range(6, 40):
        assert not [line for line in lines(text, width) if line.endswith(mark)]


def test_ideographs_fill_the_line() -> None:
    assert lines("日本語の文章は空白なしで続く", 11) == ["日本語の文", "章は空白な", "しで続く"]
    assert lines("東京tokyo東京", 7) == ["東京", "tokyo東", "京"]


def test_hangul_breaks_at_spaces() -> None:
    assert lines("한국어 문장은 띄어", 9) == ["한국어", "문장은", "띄어"]


@pytest.mark.parametrize(
    "grapheme", ["👩\u200d👩\u200d👧", "🇮🇳", "👍🏽", "e\u0301", "क्ष्म", "நி", "ก\u0e33", "각"]
)
def test_a_grapheme_is_never_cut(grapheme: str) -> None:
    for text in (grapheme * 30, f"{grapheme}-{grapheme} " * 10, f"a{grapheme}" * 20):
        for width in range(2, 20):
            check(text, wrap(text, width), width)
            check(text, hard_wrap(text, width), width)


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("中", True),
        ("か", True),
        ("カ", True),
        ("ｱ", True),
        ("𠮷", True),
        ("。", True),
        ("한", False),
        ("a", False),
    ],
)
def test_what_joins_without_spaces(character: str, expected: bool) -> None:
    assert is_ideograph(character) is expected
