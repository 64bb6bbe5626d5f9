"""Plain text to features."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulse_tui.acquire.markdown.plain_text import read_text
from pulse_tui.text import clean
from tests.strategies import body_text, document, squeezed

SAVED = (
    """\
The Harbour
A Lighthouse Learns to Sleep
What Tides Remember
Bread for a Long Winter
The Harbour | Coast | North Sea

A Lighthouse Learns to Sleep

Automation came late to the last island, and nobody hurried it.

The lamp room on its last manned night, 3 May 2019.
Credit: Coastwatch/Ada Quill

The keeper had packed twice before. """
    + "He counted the steps again and wrote the number down. " * 6
    + """

A second paragraph | with a bar in it, 1. and no list.
"""
)


def test_a_saved_page() -> None:
    feature = read_text(SAVED, "https://example.org/lamp")
    assert feature.title == "A Lighthouse Learns to Sleep"
    assert feature.sections == ("The Harbour", "Coast", "North Sea")
    assert feature.dek == "Automation came late to the last island, and nobody hurried it."
    assert feature.caption == "The lamp room on its last manned night, 3 May 2019."
    assert feature.credit == "Coastwatch/Ada Quill"
    assert feature.source == "https://example.org/lamp"
    shown = body_text(document(feature.body))
    assert shown.startswith("The keeper had packed twice before.")
    assert "A second paragraph | with a bar in it, 1. and no list." in shown
    # The other headlines are no part of the article, but they aren't lost.
    assert shown.index("What Tides Remember") > shown.index("A second paragraph")


def test_another_masthead_byline_and_date() -> None:
    text = (
        "Gazette\nNews | World\nA Short Headline Here\nA dek.\n"
        "By Ada Quill and B. Tern\n15 March 2022\nA caption.\nCredit: Ada\n\nText."
    )
    feature = read_text(text)
    assert feature.sections == ("Gazette", "News", "World")
    assert feature.authors == ("Ada Quill", "B. Tern")
    assert feature.published == date(2022, 3, 15)
    assert (feature.dek, feature.caption, feature.credit, feature.body) == (
        "A dek.",
        "A caption.",
        "Ada",
        "Text.",
    )


def test_unsure_texts_are_title_and_body() -> None:
    feature = read_text("A title\n\nOne *paragraph*.\n\n# Another")
    assert (feature.title, feature.body) == ("A title", "One \\*paragraph\\*.\n\n\\# Another")
    assert (feature.dek, feature.caption, feature.credit, feature.sections) == ("", "", "", ())


def test_a_long_first_line_stays_in_the_body() -> None:
    first = "word " * 100
    feature = read_text(first)
    assert len(feature.title) <= 91
    assert squeezed(feature.body) == squeezed(first)


def test_wrapped_lines_are_one_paragraph() -> None:
    lines = [
        "The keeper had packed twice before and he counted the steps again",
        "before he wrote the number down in the old book of the tower and",
        "left.",
    ]
    assert read_text("Title\n\n" + "\n".join(lines)).body == " ".join(lines)


def test_empty_text() -> None:
    assert read_text(" \n\x0c").title == "Untitled"


_lines = st.one_of(
    st.sampled_from(
        [
            "A headline",
            "A headline",
            "News | World | Asia",
            "a|b",
            "Credit: Agency/Name",
            "Photo: B",
            "By Ada Quill",
            "A dek that stands alone.",
            "",
            "",
            "",
            "- item",
            "# head",
            "> q",
            "1. x",
            "***",
            "===",
            "| a | b |",
            "```",
            "The paper",
            "3 4 5",
            "x " * 150,
            "<b>&amp;",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.lists(st.sampled_from(["salt", "road", "the", "|", "-", "Credit:", "by"]), max_size=40).map(" ".join),
)
# Words that become the name of a field, or stand between names.
_LABELS = {"by", "and", "credit:", "photo:", "|"}


@settings(max_examples=400, deadline=None)
@given(st.lists(_lines, max_size=25).map("\n".join))
@example("***\n:")
def test_no_word_is_lost(text: str) -> None:
    feature = read_text(text)
    fields = [
        feature.title,
        feature.dek,
        feature.caption,
        feature.credit,
        *feature.authors,
        *feature.sections,
    ]
    fields.append(str(feature.published))
    kept = " ".join([*fields, re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", feature.body)])
    words = set(kept.split())
    parts = {part for word in words for part in word.split("|")}
    for word in clean(text.replace("\r", "\n").replace("\f", "\n")).split():
        if word.lower() not in _LABELS:
            assert word in words or all(part in parts for part in word.split("|")), (word, feature)


@settings(max_examples=200, deadline=None)
@given(st.lists(_lines, max_size=25).map("\n".join))
def test_the_body_shows_what_was_written(text: str) -> None:
    feature = read_text(text)
    shown = body_text(document(feature.body))
    for line in text.split("\n"):
        if line in ("- item", "# head", "> q", "1. x", "```") and shown and line not in feature.title:
            assert line in shown or line in (feature.dek, feature.caption, feature.credit, *feature.sections)
