"""The text of pages: what of it is the article, what is furniture around it, and what extractors lose."""

from __future__ import annotations

import pytest

from pulse_tui.acquire.page import read_page
from pulse_tui.acquire.page.words import is_closing, is_date, is_label, is_life, label_end
from tools.score import plain

URL = "https://news.example/coast/tide-tables"
TITLE = "The Tide Tables"
DEK = "Nobody reads them, and everybody knows them."


def prose(number: int) -> str:
    """A paragraph like no other."""
    return (
        f"<p>Paragraph {number} of the story tells that the tide tables hang beside door {number}, and that "
        f"nobody, not even the harbour master of pier {number}, has read them since the year they came.</p>"
    )


def body(article: str, *, head: str = "", around: str = "{}") -> str:
    """What is read of a page with this article, which is by Ada Quill."""
    meta = (
        f"<meta name=author content='Ada Quill'><meta name=description content='{DEK}'>"
        "<meta property='article:section' content='Coast'>"
    )
    page = (
        f"<!doctype html><html lang=en><head><title>{TITLE}</title>{meta}{head}</head><body>"
        "<nav><a href='/a'>One</a><a href='/b'>Two</a></nav>"
        f"<article><h1>{TITLE}</h1>{around.format(article)}</article>"
        "<footer>© 2021 The Harbour. All rights reserved.</footer></body></html>"
    )
    return read_page(page.encode(), URL).body


STORY = prose(1) + prose(2) + prose(3) + prose(4)
TEXT = body(STORY)


def test_the_story_alone_is_read_whole() -> None:
    assert [line.split(" of ")[0] for line in TEXT.split("\n\n")] == [f"Paragraph {n}" for n in range(1, 5)]


# -- Before the first paragraph


@pytest.mark.parametrize(
    "line",
    [
        "<p>By <a href='/authors/quill'>Ada Quill</a> 22 Dec 2016 <a href='#comments'>651</a></p>",
        "<p class=byline>by Ada Quill, our correspondent on the quay</p>",
        "<div>December 22, 2016 | 7:08pm</div>",
        "<p>Updated: 22 December 2016, 18:03 GMT</p>",
        "<p>8 min read</p>",
        "<p>Lesedauer: 8 Minuten</p>",
        "<p>22. Dezember 2016, 18:03 Uhr</p>",
        "<p>Le 22 décembre 2016 à 18:03</p>",
        "<p>2016年12月22日 18時03分</p>",
        "<p>Coast</p>",
        f"<p><strong>{DEK}</strong></p>",
        f"<h2>{DEK}</h2>",
        f"<div class=standfirst><p>{DEK}</p></div>",
        "<p>Exclusive</p><p>By Ada Quill</p>",
        "<ul><li><a href='/x'>Her archive</a></li><li><a href='/y'>Feed</a></li></ul><p>Ada Quill</p>",
        "<div class=author-card><img src='/quill.jpg' width=200><p>Ada Quill</p><p>Opinion writer</p></div>",
    ],
)
def test_what_the_fields_hold_is_not_said_again(line: str) -> None:
    assert body(line + STORY) == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "<p>It was the year 2016.</p>",
        "<p><strong>HARBOUR TOWN:</strong></p>",
        "<p>Ada Quill has read them.</p>",
        "<p>Update on 22 December 2016: the tables have been taken down.</p>",
        "<h2>The first day</h2>",
        f"<p>{DEK}</p>",
    ],
)
def test_a_first_line_that_may_be_text_stays(line: str) -> None:
    assert body(line + STORY) != TEXT
    assert body(line + STORY).endswith(TEXT)


# -- Anywhere


@pytest.mark.parametrize(
    "line",
    [
        "<p>SIGN UP FOR OUR NEWSLETTER</p>",
        "<p>Advertisement</p>",
        "<div>Anzeige</div>",
        "<p>Article continues below this advert</p>",
        "<p>Scroll to Continue</p>",
        "<p>12 comments</p>",
        "<p><b>RELATED:</b> <a href='/other'>The other tables</a></p>",
        "<p><a href='/other'>Related: The other tables</a></p>",
        "<p>Lire aussi : <a href='/autre'>Les autres tables</a></p>",
        "<p>Lesen Sie auch: <a href='/andere'>Die anderen Tafeln</a></p>",
        "<p>Lea también <a href='/otra'>Las otras tablas</a></p>",
        "<div class=newsletter-box><p>Our letter on tides comes each Sunday and is read by many.</p></div>",
        "<aside><p><a href='/other'>The other tables, and all that they say of the sea</a></p></aside>",
        "<blockquote>nobody, not even the harbour master of pier 4, has read them since</blockquote>",
        "<p class=pullquote>nobody, not even the harbour master of pier 4, has read them since the year</p>",
        "<p>More on tides</p><p><a href='/a'>One table</a></p><p><a href='/b'>Two tables</a></p>",
    ],
)
def test_furniture_among_the_text_goes(line: str) -> None:
    assert body(prose(1) + prose(2) + line + prose(3) + prose(4)) == TEXT


def test_captions_that_stand_below_as_paragraphs_go() -> None:
    figure = (
        "<figure><img src='/quay.jpg'><figcaption>The quay at noon. (Ada Quill / AP)</figcaption></figure>"
    )
    again = "<p>The quay at noon.</p><p>Ada Quill / AP</p>"
    assert body(figure + again + STORY) == TEXT


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("<p><a href='/x'>More than a hundred tables hang there.</a></p>", "More than a hundred"),
        (
            "<p>Read more tables, said the <a href='/x'>harbour master</a>, and you drown.</p>",
            "Read more tables",
        ),
        ("<p>Related <a href='/x'>tables</a> are read by nobody.</p>", "are read by nobody"),
        ("<h2>Video</h2>", "## Video"),
        ("<h2>Share</h2>", "## Share"),
        ("<p>They comment on nothing.</p>", "They comment"),
        ("<p class=paywall>Short.</p>", "Short."),
        (
            f"<section id='tides-as-a-share-of-the-sea'>{prose(5)}</section>",
            "Paragraph 5",
        ),
        ("<h4><a name=second></a>A heading with an anchor</h4>", "#### A heading"),
        ("<h4><a name=second>A heading that is one</a></h4>", "#### A heading that is one"),
        ("<p>The sea <span class=twitter-name>Twitters</span> on.</p>", "The sea Twitters on."),
        (
            "<div class=embed-twitter><blockquote class=twitter-tweet><p>No tide.</p></blockquote></div>",
            "> No tide.",
        ),
        ("<p>1<sup>st</sup> of May.</p>", "1st of May."),
        (
            "<aside><p>The tables in short: they are long, and there are many of them on quays.</p></aside>",
            "The tables in short",
        ),
    ],
)
def test_text_that_looks_like_furniture_stays(line: str, written: str) -> None:
    found = body(prose(1) + prose(2) + line + prose(3) + prose(4))
    assert written in found
    assert found.startswith(TEXT.split("\n\n")[0])
    assert found.endswith(TEXT.split("\n\n")[-1])


# -- Behind the last paragraph


@pytest.mark.parametrize(
    "line",
    [
        "<p>Related:</p>",
        "<h3>Read more</h3><ul><li><a href='/a'>One table</a></li><li><a href='/b'>Two tables</a></li></ul>",
        "<p><a href='/coast'>More coast news</a></p>",
        "<p>Mehr Artikel aus dieser Rubrik gibt's hier: <a href='/kueste'>Küste</a></p>",
        "<p><a href='/t/a'>Tides</a>, <a href='/t/b'>Tables</a></p>",
        "<p><em>Ada Quill is a reporter. Follow her at <a href='https://x.com/q'>@quill</a>.</em></p>",
        "<p>Ada Quill (she/her) writes on tides.</p>",
        "<div class=author-bio><p>A staff writer since 2001 who has seen all tides of the century.</p></div>",
        "<p><a href='mailto:quill@harbour.example'>quill@harbour.example</a></p><p>Twitter: @quill</p>",
        "<p>22 December 2016</p>",
        "<p>Comments</p><hr>",
        "<p>© 2016 The Harbour Press</p>",
        "<p>Sign up to the <a href='https://letters.example/'>Harbour Weekly</a> here.</p>",
        "<h2>Verwandte Themen</h2><a href='/wohlstand'><img src='/w.jpg'></a>",
        "<p class=tags><a href='/t/a'>Tides</a></p>",
    ],
)
def test_what_closes_a_page_goes(line: str) -> None:
    assert body(STORY + line) == TEXT


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("<p>Nobody reads.</p>", "Nobody reads."),
        ("<p><em>This story was updated on 22 December 2016.</em></p>", "This story was updated"),
        ("<p>Ada Quill owns shares of the pier.</p>", "Ada Quill owns"),
        (
            "<h2>Sources</h2><ul><li><a href='https://a.example/1'>One</a></li>"
            "<li><a href='https://b.example/2'>Two</a></li></ul>",
            "- [One](https://a.example/1)",
        ),
        ("<ul><li>Tide one is high.</li><li>Tide two is low.</li></ul>", "- Tide one is high."),
        ("<p><b>Ann Tern, pilot</b></p>", "**Ann Tern, pilot**"),
    ],
)
def test_a_last_line_that_may_be_text_stays(line: str, written: str) -> None:
    assert written in body(STORY + line)
    assert body(STORY + line).startswith(TEXT)


# -- Where the article is


@pytest.mark.parametrize("name", ["paywall", "read-more", "promo", "subscribe-to-read"])
def test_a_box_that_holds_the_article_is_not_judged_by_its_name(name: str) -> None:
    assert body(STORY + prose(5) + prose(6), around=f"<div class='{name}'>{{}}</div>").startswith(TEXT)


def test_an_article_in_two_boxes_is_read_whole() -> None:
    first = f"<div class=story-intro>{prose(1)}{prose(2)}</div>"
    rest = "".join(prose(number) for number in range(3, 12))
    found = body(f"{first}<div id=read-more><div id=read-more-content>{rest}</div></div>")
    assert [f"Paragraph {number} of" in found for number in range(12)] == [False] + [True] * 11


def test_an_article_in_boxes_of_one_kind_is_read_whole() -> None:
    boxes = "".join(
        f"<div class=wrap><div class=text>{text}</div></div>"
        for text in (STORY, "<p>Grade: C+, and no more of it.</p>")
    )
    assert body(boxes) == TEXT + "\n\nGrade: C+, and no more of it."


@pytest.mark.parametrize("tag", ["div", "td", "section"])
def test_text_without_paragraphs_is_read(tag: str) -> None:
    lines = [prose(number).removeprefix("<p>").removesuffix("</p>") for number in range(1, 5)]
    inner = "".join(f"<{tag}>{line}</{tag}>" for line in lines)
    inner = (
        f"<table><tr>{inner}</tr></table>" if tag == "td" else f"{inner}<p>A last paragraph of them all.</p>"
    )
    found = body(f"<div class=text>{inner}</div>")
    assert [f"Paragraph {number} of" in found for number in range(1, 5)] == [True] * 4
    whole = body(f"<div class=text>{'<br><br>'.join(lines)}<ul><li>{lines[0]}</li></ul></div>")
    assert [f"Paragraph {number} of" in whole for number in range(1, 5)] == [True] * 4
    assert "One" not in found + whole


def test_links_lose_what_tells_where_a_reader_came_from() -> None:
    address = "https://a.example/x?utm_source=h&amp;id=7&amp;fbclid=z&amp;utm_medium=m#part"
    found = body(
        prose(1) + f"<p>See <a href='{address}'>that page</a>, if you read.</p>" + prose(2) + prose(3)
    )
    assert "[that page](https://a.example/x?id=7#part)" in found


def test_what_tells_where_a_reader_came_from_may_stand_first() -> None:
    address = "https://a.example/x?utm_source=h&amp;utm_medium=m&amp;id=7#utm_term=t&amp;part"
    found = body(prose(1) + f"<p>See <a href='{address}'>that page</a>, if you read.</p>" + prose(2))
    assert "[that page](https://a.example/x?id=7#part)" in found


@pytest.mark.parametrize("address", ["http-errors", "https:", "//[", "//b.example/x", "HTTP://B.EXAMPLE/"])
def test_any_address_may_stand_in_a_last_list(address: str) -> None:
    tides = f"<ul><li><a href='{address}'>Spring tides</a> and neap tides of the year, by the moon</li></ul>"
    assert "neap tides" in body(prose(1) + prose(2) + prose(3) + tides)


def test_a_page_of_links_alone_is_not_emptied() -> None:
    links = "".join(
        f"<p><a href='/{n}'>Tide number {n} and what it brought to the quay</a>.</p>" for n in range(9)
    )
    assert "Tide number 8" in body(links)


# -- Words


@pytest.mark.parametrize(
    "text", ["Read more", "RELATED:", "Lire aussi :", "Verwandte Themen", "More on tides:"]
)
def test_labels(text: str) -> None:
    assert is_label(text)


@pytest.mark.parametrize("text", ["", "Moreover", "Relatedness", "Read them", "The related"])
def test_no_labels(text: str) -> None:
    assert not is_label(text)
    assert label_end(text) < max(1, len(text))


def test_dates_and_lives() -> None:
    authors = ("adaquill",)
    assert is_date("By Ada Quill, May 3, 2020 at 4 pm", authors)
    assert not is_date("By Ada Quill, who drowned on May 3, 2020", authors)
    assert not is_date("Room 2020", authors)
    assert is_life("Ada Quill, who knows, is a pilot", ()) is False
    assert is_life("— Ada Quill is a pilot", authors)
    assert not is_life("Ada Quill drowned", authors)


@pytest.mark.parametrize("sign", [".", "-", "+", "_"])
def test_a_long_line_of_signs_closes_nothing(sign: str) -> None:
    assert not is_closing(sign * 300_000)


def test_the_measure_reads_markdown_as_plain_words() -> None:
    text = (
        '> **A** [quay](https://x.example/a_b "t (1)"). ![no](<https://x.example/(1).jpg> "words (2)") End\\*'
    )
    assert plain(text) == "A quay . End"
