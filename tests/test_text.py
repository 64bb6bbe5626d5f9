"""Outside text made harmless, and measured in cells."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.text import cell_widths, cells, clean, clean_line, is_simple, pad, truncate

# All of Unicode, with what tends to break terminals far more often than chance would have it.
nasty = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x00\x07\x1b\x7f\x85\x9b\u200b\u200d\u200e\u202e\u2028\u2066\ufeff\ufe0f\U000e0041"),
        st.sampled_from("a é漢字कि्षனிது👩🇮🇳\u0301\u094d\t\n\r"),
    ),
    max_size=40,
)
INVISIBLE = {
    chr(code) for code in (0xAD, 0x180E, 0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070))
}


@given(nasty)
def test_clean_leaves_nothing_that_steers_a_terminal(text: str) -> None:
    shown = clean(text)
    assert not INVISIBLE & set(shown)
    for character in shown:
        assert character in "\t\n" or unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
    assert clean(shown) == shown
    shown.encode()


@given(nasty)
def test_clean_line_leaves_one_line(text: str) -> None:
    shown = clean_line(text)
    assert len(shown.splitlines()) <= 1
    assert shown == shown.strip()
    assert "  " not in shown
    assert clean_line(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[2J\x1b]0;title\x07", "\ufffd[2J\ufffd]0;title\ufffd"),
        ("a\x9b31mb", "a\ufffd31mb"),
        ("a\rb\x0bc\x0cd", "a\ufffdb\ufffdc\ufffdd"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("\u2066a\u2069\u202ab\u202c", "ab"),
        ("zero\u200bwidth\u00ad", "zerowidth"),
        ("\ud800", "\ufffd"),
        ("کتاب\u200cها", "کتاب\u200cها"),
        ("क्\u200dष", "क्\u200dष"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("اردو\u200f!", "اردو\u200f!"),
        ("a\U000e0041b", "ab"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a \t\r\n b  ", "a b"),
        ("\n", ""),
        ("\u200b", ""),
        ("a \u200b b", "a b"),
        ("a\x1b\nb", "a\ufffd b"),
        ("a\u2028b", "a\ufffdb"),
    ],
)
def test_clean_line(text: str, shown: str) -> None:
    assert clean_line(text) == shown


WIDTHS = [
    ("", 0),
    ("Salt Road", 9),
    ("naïve – “quoted”…", 17),
    ("Ελληνικά кириллица", 18),
    ("e\u0301te\u0301", 3),  # accents that combine
    ("नमस्ते", 4),  # न म स्ते: Terminals give each consonant of a cluster its cell
    ("हिन्दी", 4),
    ("اردو", 4),
    ("پاکستان", 7),
    ("বাংলা", 4),
    ("தமிழ்", 4),
    ("中文", 4),
    ("上海 Shanghai", 13),
    ("ﾊﾝｶｸ", 4),
    ("한국어", 6),
    ("😀", 2),
    ("👨\u200d👩\u200d👧", 2),
    ("🇮🇳", 2),
    ("👍🏽", 2),
    ("\u200d", 0),
    ("\u0301", 0),
]


@pytest.mark.parametrize(("text", "width"), WIDTHS)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width
    assert sum(cell_widths(text)) == width


@given(nasty)
def test_every_character_has_a_width(text: str) -> None:
    text = clean(text)
    widths = cell_widths(text)
    assert len(widths) == len(text)
    assert all(0 <= width <= 2 for width in widths)
    assert cells(text) == sum(widths)


@given(st.text(max_size=40))
def test_simple_text_has_one_cell_for_each_character(text: str) -> None:
    from wcwidth import wcwidth

    if is_simple(text):
        assert all(wcwidth(character) == 1 for character in text)


def test_every_simple_character_has_one_cell_and_stands_alone() -> None:
    from wcwidth import iter_graphemes, wcwidth

    simple = [chr(code) for code in range(0x110000) if is_simple(chr(code))]
    assert [character for character in simple if wcwidth(character) != 1] == []
    joined = "".join(simple)
    assert list(iter_graphemes(joined)) == simple
    assert clean(joined) == joined


@given(nasty, st.integers(-3, 30))
def test_truncate_is_never_wider_than_asked(text: str, width: int) -> None:
    text = clean(text)
    short = truncate(text, width)
    assert cells(short) <= max(width, 0)
    if width > 0 and cells(text) <= width:
        assert short == text
    elif width > 0:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@given(nasty, st.integers(1, 30))
def test_truncate_never_cuts_a_grapheme(text: str, width: int) -> None:
    from wcwidth import iter_graphemes

    text = clean(text)
    short = truncate(text, width)
    if short != text:
        ends, end = {0}, 0
        for grapheme in iter_graphemes(text):
            end += len(grapheme)
            ends.add(end)
        assert len(short) - 1 in ends


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("Salt Road", 9, "Salt Road"),
        ("Salt Road", 8, "Salt Ro…"),
        ("Salt Road", 1, "…"),
        ("Salt Road", 0, ""),
        ("Salt Road", -1, ""),
        ("中文字", 6, "中文字"),
        ("中文字", 5, "中文…"),
        ("中文字", 4, "中…"),
        ("中文字", 2, "…"),
        ("e\u0301te\u0301s", 3, "e\u0301t…"),
        ("👨\u200d👩\u200d👧 family", 3, "👨\u200d👩\u200d👧…"),
        ("👨\u200d👩\u200d👧 family", 2, "…"),
    ],
)
def test_truncate(text: str, width: int, short: str) -> None:
    assert truncate(text, width) == short


@given(nasty, st.integers(0, 30))
def test_pad_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cells(pad(clean(text), width)) == width
