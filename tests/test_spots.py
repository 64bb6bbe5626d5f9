"""Where pictures and links of a Markdown text lead: found where it stands, and replaced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pulse_tui.acquire.markdown.spots import replaced, spots, with_links
from pulse_tui.acquire.markdown.text import picture
from pulse_tui.article import Figure
from tests.strategies import documents


def images(body: str) -> list[str]:
    """The sources of the pictures as a parser of CommonMark has them."""
    found = []
    for token in MarkdownIt().parse(body):
        for child in token.children or ():
            stack = [child]
            while stack:
                one = stack.pop(0)
                if one.type == "image":
                    found.append(str(one.attrs["src"]))
                    stack = [*(one.children or ()), *stack]
    return found


@pytest.mark.parametrize(
    "body",
    [
        '![alt](SRC "Caption. Credit: Name")',
        "![alt](<SRC> 'Caption')",
        "[![alt](SRC)](https://example.org/large)",
        "![a [b] *c* `]` \\] d](SRC\n (title))",
        "> - text ![alt](SRC) more",
        "| a | b |\n|---|---|\n| ![alt](SRC) | c |",
        "1. one\n\n    ![alt](SRC)",
        "[^1]: A note.\n\n    ![alt](SRC)",
        "a ` b\n\n![alt](SRC) ` c",
        "[text [inner](x)](y) ![alt](SRC)",
        "<https://example.org/[> ![alt](SRC)",
        "\\\\![alt](SRC)",
        "```\ncode\n```\n![alt](SRC)",
        "> ```\n> code\n\n![alt](SRC)",
        "![a *b*][ref]\n\n[ref]: SRC",
        "![Ref ][]\n\n[x]: y 'z'\n[rEF]: <SRC>\n  'title'",
        "![ref] and ![ref]\n\n[ref]: SRC\n[ref]: https://example.org/other",
        '<p><img width=4 src="SRC" alt="![x](y)"></p>',
    ],
)
def test_a_source_is_replaced_where_it_is_a_pictures(body: str) -> None:
    names = {"https://example.org/a b&c.jpg": "images/x.jpg"}
    old = body.replace("SRC", "https://example.org/a%20b&amp;c.jpg")
    assert replaced(old, names) == body.replace("<SRC>", "SRC").replace("SRC", "images/x.jpg")


@pytest.mark.parametrize(
    "body",
    [
        "`![alt](SRC)`",
        "\\![alt](SRC)",
        "[alt](SRC)",
        "```\n![alt](SRC)\n```",
        "~~~~ md\n```\n![alt](SRC)\n~~~\n![alt](SRC)\n~~~~",
        "- ```\n  ![alt](SRC)\n  ```",
        "Text.\n\n    ![alt](SRC)\n\n    ![alt](SRC)",
        "![alt]( SRC",
        "![alt](SRC 'title' more)",
        "![alt](SRC.png)",
        "![alt]\n(SRC)",
        '<a title="![alt](SRC)">',
        "[a][ref]\n\n[ref]: SRC",
        "![a][other]\n\n[ref]: SRC",
        "![a][ref]\n\nText\n[ref]: SRC",
        "![a][ref]\n\n[ref]: SRC more",
        "![a][ref]\n\n[ref]: SRC\n\n    ![a](SRC)".replace("SRC", "other"),
        "![^ref]\n\n[^ref]: SRC",
        "<a title=\"<img src='SRC'>\">",
        "`<img src='SRC'>`",
        "<img src=SRC>",
    ],
)
def test_what_is_no_picture_stays(body: str) -> None:
    old = body.replace("SRC", "https://example.org/x")
    assert replaced(old, {"https://example.org/x": "images/x.jpg"}) == old


@pytest.mark.parametrize(
    ("body", "led"),
    [
        ("[a](a.md) ![b](a.md) [c](<a.md> 'd')", "[a](NEW) ![b](a.md) [c](NEW 'd')"),
        ("[![b](a.md)](a.md)", "[![b](a.md)](NEW)"),
        ("[a](a.md#part)", "[a](a.md#part)"),
        (
            "[a][1], [1], [2]\n\n[1]: a.md 'title'\n[2]: b.md",
            "[a][1], [1], [2]\n\n[1]: NEW 'title'\n[2]: b.md",
        ),
        ("`[a](a.md)`\n\n    [1]: a.md", "`[a](a.md)`\n\n    [1]: a.md"),
        ("[^1]: a.md", "[^1]: a.md"),
        ("a [b [c](a.md) d](a.md)", "a [b [c](NEW) d](a.md)"),
    ],
)
def test_links_are_led_elsewhere(body: str, led: str) -> None:
    assert with_links(body, {"a.md": "NEW"}.get) == led


@given(documents())
def test_in_any_text_only_the_links_change(body: str) -> None:
    assert with_links(body, lambda _: None) == body
    made = with_links(body, lambda _: "images/new.png")
    assert [target for target in hrefs(body) if not target] == [
        target for target in hrefs(made) if not target
    ]
    assert len(hrefs(made)) == len(hrefs(body))


def hrefs(body: str) -> list[str]:
    """Where the links lead to that a parser of CommonMark finds."""
    tokens = (child for token in MarkdownIt().parse(body) for child in token.children or ())
    return [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]


@given(
    st.lists(
        st.builds(
            Figure,
            st.sampled_from(
                [
                    "https://x/a.jpg",
                    "https://x/a b(c).jpg",
                    "https://x/?a&amp;b",
                    "https://x/ü",
                    "images/q.png",
                ]
            ),
            st.text(max_size=12),
            st.text(max_size=12),
            st.text(max_size=12),
        ),
        max_size=6,
    )
)
def test_what_this_program_writes_is_found_again(figures: list[Figure]) -> None:
    body = "\n\n".join(f"Text {picture(figure)} more." for figure in figures)
    names = {figure.source or "": f"images/n-{n}.jpg" for n, figure in enumerate(figures)}
    made = replaced(body, names)
    assert images(made) == [names[figure.source or ""] for figure in figures]


@given(documents())
def test_in_any_text_only_the_sources_change(body: str) -> None:
    found = list(spots(body))
    made = replaced(body, {spot.source: "images/new.png" for spot in found})
    parts, at = [], 0
    for spot in found:
        parts += [body[at : spot.start], "images/new.png" if spot.source else body[spot.start : spot.end]]
        at = spot.end
    assert made == "".join([*parts, body[at:]])


@pytest.mark.parametrize(
    "piece",
    [
        "![",
        "![a](",
        "`",
        "![a](x '",
        "<a ",
        "[",
        "![a](((",
        "\\",
        "![a](x) ` ",
        "[a]: b\n",
        "![a]\n\n[a]: b\n\n",
        "<img src='",
        "<img ",
    ],
)
def test_hostile_texts_take_no_longer_than_their_length(piece: str) -> None:
    """Steps that grow with the square of the length would not end here for minutes."""
    assert len(list(spots(piece * 30_000))) <= 30_000
    assert with_links(piece * 30_000, lambda _: None) == piece * 30_000
