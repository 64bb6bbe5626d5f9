"""What is read without the parser is what the parser reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Article, Headline
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.parse import BLOCK_NESTING, INLINE_NESTING, _markdown
from pulse_tui.document.simple import simple_blocks, simple_inline, simple_text
from pulse_tui.document.tokens import Token

BLOCKS = _markdown(BLOCK_NESTING).disable(["inline", "text_join"])
INLINE = _markdown(INLINE_NESTING)

# What Markdown is made of, and what it is not, side by side in any order.
PARTS = st.sampled_from(
    [
        *("word", "a", "Ä", "né", "2022", "7", "é\u0301", "क्षि", "。", "汉字", "“", "”", "—", "…", " ", "  "),
        *("\t", "\n", "\n", "\n> ", "\n\n", " \n", "\u00a0", "\u2028", "\v", "\\", "&", "&amp;", "& ", "&#x"),
        *("*", "**", "*a*", "**b c**", "*d e*", "*x.*", "**y!**", "_", "_f_", "`", "``", "`g h`", "` i `"),
        *("~", "~~", "<", ">", "<br>", "!", "[", "]", "(", ")", "](", "[j](k)", "![p](q.png)", "^", "[^1]"),
        *('![r s](t/u.png "Some words. Credit: A")', "[l m](https://n.org/o.html)", "[v]", "[w]: x", "# "),
        *("https://y.org", "http://", "://", "## ", "#", "- ", "+ ", "1. ", "1) ", "---", "===", "|", "|-|"),
        *(":-", "> ", ">", "    ", ".", ",", ":", "@", '"', "'", ' "z"', "(https://a.b-c.d/e/F_g-h)"),
        *("](/i)", "](j-k/l)", "![", "www.m.org", "n@o.org"),
    ]
)
TEXTS = st.lists(PARTS, max_size=12).map("".join)


def fields(tokens: Sequence[Token] | None) -> list[tuple[Any, ...]]:
    """All that a layout may look at; the parser leaves an empty text where a second star was."""
    return [
        (each.type, each.tag, each.level, each.content, each.markup, each.attrs, each.hidden, each.info)
        + ((each.map, each.meta) if each.map else (each.meta,))
        + (fields(each.children),)
        for each in tokens or ()
        if each.type != "text" or each.content
    ]


def parsed_inline(content: str) -> list[Token]:
    tokens: list[Any] = []
    notes = {"refs": {":1": -1}, "list": {}}
    INLINE.inline.parse(content, INLINE, {"references": {}, "footnotes": notes}, tokens)
    return tokens


def laid_out(text: str) -> str:
    document = Document(Article(Headline("a", "A"), text.encode()))
    document.scan(None)
    return "\0".join([document.lay(piece).text for piece in range(1, len(document))])


@given(TEXTS)
def test_blocks_are_those_of_the_parser(text: str) -> None:
    simple = simple_blocks(text)
    assert simple is None or fields(simple) == fields(BLOCKS.parse(text, {}))


@given(TEXTS)
def test_inline_text_is_that_of_the_parser(text: str) -> None:
    content = text.strip()
    simple = simple_inline(content)
    assert simple is None or fields(simple) == fields(parsed_inline(content))


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, and “more” of them – in two lines\nof which both are prose.",
        "## A heading",
        "> A quote,\n> in two lines.",
        '![A ferry](images/ferry.png "The ferry. Credit: Agency/Name")',
        "A [link](https://example.org/a), *a few words*, **two**, `code`; done!",
        "*All of it.*",
    ],
)
def test_what_features_are_made_of_needs_no_parser(text: str) -> None:
    blocks = simple_blocks(text)
    assert blocks is not None
    assert fields(blocks) == fields(BLOCKS.parse(text, {}))
    for token in blocks:
        if token.type == "inline":
            inline = simple_inline(token.content)
            assert inline is not None
            assert fields(inline) == fields(parsed_inline(token.content))


@pytest.mark.parametrize(
    "text",
    [
        *("- an item", "1. an item", "    code", "```\ncode\n```", "a | b\n- | -", "Title\n==", "<p>a</p>"),
        *("[a]: b", "[^1]: note", "one\n\ntwo", "one  \ntwo", "*  *  *", "# Closed #", "> one\ntwo", ">one"),
    ],
)
def test_the_rest_is_left_to_the_parser(text: str) -> None:
    assert simple_blocks(text) is None


@settings(max_examples=400)
@given(TEXTS)
def test_text_is_what_a_layout_shows(text: str) -> None:
    shown = simple_text(text)
    assert shown is None or shown == laid_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, and “more” of them – in two lines\nof which both are prose & such!",
        'A [link](https://example.org/a "title"), *a few words.* **two**, `code`; done!\n\n',
        "*All of it.*",
        "清晨的河面很安静，渡船开得很晚。",
    ],
)
def test_text_is_known_of_what_features_are_made_of(text: str) -> None:
    assert simple_text(text) == laid_out(text)


@pytest.mark.parametrize(
    "text",
    ["# Heading", "> quoted", "![a](b.png)", "清晨\n河面", "a  b", "a\n[ x ](y)", "`*`", "[^1]", "[a]: b"],
)
def test_text_of_other_things_takes_a_layout(text: str) -> None:
    assert simple_text(text) is None


@pytest.mark.parametrize("text", ["*a **b***", "a_b_", "<b>", "&amp;", "[a][b]", "[*a*](b)", "~~a~~", r"\*"])
def test_marks_that_mean_more_than_one_thing_are_left_to_the_parser(text: str) -> None:
    assert simple_inline(text) is None


def test_a_page_of_prose_is_laid_out_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(nesting: int) -> None:
        raise AssertionError

    monkeypatch.setattr("pulse_tui.document.parse._markdown", refuse)
    body = b"## A heading\n\nWords, *marked* and [linked](https://example.org/a).\n\n> A quote.\n\n" * 20
    document = Document(Article(Headline("a", "A"), body))
    assert len(document.rows(Anchor(0, 0), 100)) == 100
    with pytest.raises(AssertionError):
        Document(Article(Headline("a", "A"), b"- A list.\n")).rows(Anchor(0, 0), 100)
