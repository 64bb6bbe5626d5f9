"""HTML to CommonMark: what the document engine shows of the result is what the HTML said."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulse_tui.acquire.markdown.html import to_markdown
from pulse_tui.acquire.markdown.text import escaped_paragraph, picture
from pulse_tui.article import Figure
from pulse_tui.storage.files.entry import figures_of
from tests.strategies import body_text, document, solid, unfit

BASE = "https://example.org/a/b.html"

# -- Any HTML of the kinds that articles have

_texts = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "word",
                "*",
                "**",
                "_",
                "a_b_c",
                "1.",
                "#",
                "- x",
                "+",
                ">",
                "[a](b)",
                "![x](y)",
                "`",
                "``",
                "<b>",
                "&amp;",
                "&lt",
                "|",
                "a|b",
                "---",
                "===",
                "~~",
                "~~~",
                "\\",
                "\\*",
                "!",
                "!!",
                ":--",
                "[^1]",
                "[^1]: x",
                "http://x.y",
                "<http://x.y>",
                "क्षि",
                "x.",
            ]
        ),
        st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=5),
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
_spaces = st.sampled_from(["", " ", " ", "\n"])


@st.composite
def _inline(draw: st.DrawFn, depth: int = 3) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        text = escape(draw(_texts))
        if depth and draw(st.booleans()):
            tag = draw(st.sampled_from(["b", "em", "strong", "i", "code", "s", "span", "u"]))
            text = f"<{tag}>{draw(_spaces)}{draw(_inline(depth - 1))}{draw(_spaces)}</{tag}>"
        elif depth == 3 and draw(st.integers(0, 5)) == 0:
            text = f"<a href='https://x.org/p_q?a=1&amp;copy=2'>{draw(_inline(1))}</a>"
        parts.append(text + draw(_spaces))
    return draw(st.sampled_from(["", "", "<br>"])).join(parts)


@st.composite
def _block(draw: st.DrawFn, depth: int = 3) -> str:
    kinds = ["p", "p", "h2", "div", "pre", "hr"] + (
        ["ul", "ol", "blockquote", "table", "section"] if depth else []
    )
    kind = draw(st.sampled_from(kinds))
    if kind == "hr":
        return "<hr>"
    if kind == "pre":
        return f"<pre><code>x{escape(draw(_texts))}\n  {escape(draw(_texts))}y</code></pre>"
    if kind in ("ul", "ol"):
        items = [draw(st.one_of(_inline(), _block(depth - 1))) for _ in range(draw(st.integers(1, 3)))]
        return f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>"
    if kind in ("blockquote", "section"):
        return f"<{kind}>{''.join(draw(_block(depth - 1)) for _ in range(draw(st.integers(1, 2))))}</{kind}>"
    if kind == "table":
        width = draw(st.integers(2, 3))
        rows = [[draw(_inline(2)) for _ in range(width)] for _ in range(draw(st.integers(2, 3)))]
        written = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in written)}</table>"
    return f"<{kind}>{draw(_inline())}</{kind}>"


_pages = st.lists(_block(), min_size=1, max_size=4).map("".join)


def shown(html: str) -> str:
    """What the document engine shows of HTML, without white space and marks of lists, notes and rules."""
    return _bare(body_text(document(to_markdown(html, BASE))))


def said(html: str) -> str:
    """What the HTML says, the same way."""
    from lxml import html as parser

    root = parser.fragment_fromstring(html, create_parent="div")
    return _bare("".join(root.itertext()))


def _bare(text: str) -> str:
    # A table's rows are told apart by bars.
    return solid(text).replace("|", "")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(_pages)
def test_the_engine_shows_what_the_html_said(html: str) -> None:
    assert shown(html) == said(html), to_markdown(html, BASE)


def test_bold_that_is_struck_out_beside_a_letter() -> None:
    """Before tildes no asterisks open after a letter; the striking out says more than the weight."""
    assert to_markdown("<p>a<s><b>b</b></s> c</p>", BASE) == "a~~b~~ c"
    assert to_markdown("<p>a <s><b>b</b></s> c</p>", BASE) == "a **~~b~~** c"


@pytest.mark.deep
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(_pages)
def test_the_engine_shows_what_any_html_said(html: str) -> None:
    assert shown(html) == said(html), to_markdown(html, BASE)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=120))
def test_nothing_that_steers_a_terminal_comes_through(text: str) -> None:
    markdown = to_markdown(
        f"<p>{escape(text)}</p><pre>{escape(text)}</pre><img src='https://x.org/i' alt='{escape(text)}'>",
        BASE,
    )
    assert not unfit(markdown.replace("\n", "").replace("\t", ""))


@settings(max_examples=200, deadline=None)
@given(_texts, _texts, _texts)
def test_a_picture_keeps_its_words(alt: str, caption: str, credit: str) -> None:
    markdown = picture(Figure("https://example.org/p.png", alt, caption, "N " + credit.replace(":", "")))
    (found,) = figures_of(markdown)
    assert found.source == "https://example.org/p.png"
    assert solid(found.caption).rstrip(".,;|·–—-") == solid(caption).rstrip(".,;|·–—-")
    assert solid(found.credit) == solid("N " + credit.replace(":", ""))


@settings(max_examples=200, deadline=None)
@given(_texts)
def test_a_plain_paragraph_shows_its_characters(text: str) -> None:
    assert solid(body_text(document(escaped_paragraph(text)))) == solid(text)


# -- What becomes of what


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>A <b>bold</b> head</h2>", "## A **bold** head"),
        (
            "<p>One <em>two</em> <strong>three</strong> <b><i>four</i></b>.</p>",
            "One *two* **three** ***four***.",
        ),
        ("<p>in<em>side</em>word</p>", "in*side*word"),
        ("<p>a<b>“b”</b>c</p>", "a“b”c"),
        ("<p>line<br>break</p>", "line\\\nbreak"),
        ("<p>one<br><br>two</p>", "one\n\ntwo"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>", "- a\n  - b\n    1. c\n- d"),
        ("<ol start=3><li>x<li>y</ol>", "3. x\n4. y"),
        ("<ul><li>a</ul><ul><li>b</ul><ol><li>c</ol>", "- a\n\n<!-- -->\n\n- b\n\n1. c"),
        ("<ol><li>a<ol><li>b</ol><ol><li>c</ol></ol>", "1. a\n\n   1. b\n\n   <!-- -->\n\n   1. c"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"),
        (
            "<table><tr><th>A</th><th>B|C</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "| A | B\\|C |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("<table><tr><td>only</td></tr></table>", "only"),
        (
            "<table><tr><th>A<th>B<th>C<tr><td>1<td>2<td rowspan=2>x<tr><td colspan=2>3<tr><td>4<td>5<td>6"
            "</table>",
            "| A | B | C |\n| --- | --- | --- |\n| 1 | 2 | x |\n| 3 |  |  |\n| 4 | 5 | 6 |",
        ),
        (
            "<table><tr><td rowspan=9>a<td>1<td>2<tr><td rowspan=2>3<td>4<tr><td>5</table>",
            "|  |  |  |\n| --- | --- | --- |\n| a | 1 | 2 |\n|  | 3 | 4 |\n|  |  | 5 |",
        ),
        ("<pre class='language-python'>a\n  ```b\n</pre>", "````python\na\n  ```b\n````"),
        ("<p><code>a `b`</code></p>", "`` a `b` ``"),
        ("<p><a href='../c d.html?x=(1)'>link</a></p>", "[link](<https://example.org/c%20d.html?x=(1)>)"),
        (
            "<p><a href='javascript:alert(1)'>no</a> <a href='mailto:a@b.org'>yes</a></p>",
            "no [yes](mailto:a@b.org)",
        ),
        ("<p><a href='#top'>up</a></p>", "up"),
        ("<p>x<sup>2</sup> H<sub>2</sub>O</p>", "x² H₂O"),
        ("<p>1. not a list</p>", "1\\. not a list"),
        ("<p># not a head</p>", "\\# not a head"),
        ("<p>a</p><hr><p>b</p>", "a\n\n***\n\nb"),
        ("<p><q>quoted</q></p>", "“quoted”"),
        ("<dl><dt>Term</dt><dd>What it is</dd></dl>", "**Term**\n\nWhat it is"),
        ("<dl><div><dt>Term</dt><dd>What</dd></div></dl>", "**Term**\n\nWhat"),
        ("<p>harbour<wbr>master, <WBR class='x'>all of it</p>", "harbourmaster, all of it"),
        (
            "<picture><source srcset=i.webp><source srcset=i.avif><img src=/i.png></picture>",
            "![](https://example.org/i.png)",
        ),
        ("<p>a<embed src=x>b<track>c</p>", "abc"),
        ("<img src=/i.png alt='An [alt]'>", "![An \\[alt\\]](https://example.org/i.png)"),
        ("<script>x</script><style>y</style><p>z</p>", "z"),
        (
            "<figure><img src=i.png><figcaption>A hill. (Name / AP)</figcaption></figure>",
            '![](https://example.org/a/i.png "A hill. Credit: Name / AP")',
        ),
    ],
)
def test_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html, BASE) == markdown


def test_footnotes() -> None:
    html = (
        "<p>Salt<sup><a href='#fn1' id='r1'>1</a></sup> and road<a epub:type='noteref' href='#fn2'>2</a>.</p>"
        "<ol class='footnotes'><li id='fn1'>The <em>first</em>.</li>"
        "<li id='fn2'><p>The second.</p><p>More.</p></li></ol>"
    )
    assert (
        to_markdown(html, BASE)
        == "Salt[^1] and road[^2].\n\n[^1]: The *first*.\n\n[^2]: The second.\n\n    More."
    )


def test_without_a_base_addresses_stay_relative() -> None:
    html = "<p><a href='ch2.xhtml'>next</a> <a href='file:///x'>no</a></p><img src='i/p.png'>"
    assert to_markdown(html) == "[next](ch2.xhtml) no\n\n![](i/p.png)"


def test_lists_deeper_than_the_engine_bears_keep_their_text() -> None:
    html = "<ul><li>x" * 100 + "deepest" + "</li></ul>" * 100
    assert "deepest" in body_text(document(to_markdown(html, BASE)))
