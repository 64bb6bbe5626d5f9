"""Pages to features: fields, figures, text; what is refused; and the child process that does it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.acquire.apart import ChildError, ask, read_page_apart, read_text_apart
from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.page import PageError, read_page
from pulse_tui.acquire.page.captions import bare, caption_and_credit
from pulse_tui.acquire.page.dates import date_in, read_date
from pulse_tui.acquire.page.figures import is_same_picture, largest
from pulse_tui.acquire.page.tree import absolute, decode
from pulse_tui.article import Figure
from pulse_tui.storage.files.head import read_head
from tests.strategies import unfit

URL = "https://news.example/2021/06/02/story"
PROSE = "The tide tables hang beside the door, and nobody, not even the harbour master, has read them. " * 4
P = f"<p>{PROSE}</p>"


def page(body: str = "", head: str = "", article: str = "", language: str = "en") -> bytes:
    """A page with a headline and three paragraphs, among what else surrounds an article."""
    return (
        f"<!doctype html><html lang='{language}'>"
        f"<head><title>The Tide Tables - The Harbour</title>{head}</head><body>"
        "<nav><a href='/a'>One</a><a href='/b'>Two</a></nav>"
        f"<article><h1>The Tide Tables</h1>{article or P * 3}{body}</article>"
        "<footer>© 2021 The Harbour. All rights reserved.</footer></body></html>"
    ).encode()


def linked(**values: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **values})}</script>"


# -- Fields


def test_fields_from_json_ld() -> None:
    head = linked(
        headline="The Tide Tables",
        author=[{"@type": "Person", "name": "Ada Quill"}, {"name": "B. Tern"}],
        datePublished="2021-06-02T08:30:00+05:30",
        articleSection=["Coast", "Trade"],
        keywords="tides, harbour",
        image={"url": "/lead.jpg", "caption": "The quay at noon.", "creditText": "Ada Quill"},
    )
    found = read_page(page(head=head + "<link rel=canonical href='/story'>"), URL)
    assert found.title == "The Tide Tables"
    assert found.authors == ("Ada Quill", "B. Tern")
    assert found.published == datetime.fromisoformat("2021-06-02T08:30:00+05:30")
    assert found.sections == ("Coast", "Trade")
    assert found.tags == ("tides", "harbour")
    assert found.language == "en"
    assert found.source == "https://news.example/story"
    assert (found.image, found.caption, found.credit) == (
        "https://news.example/lead.jpg",
        "The quay at noon.",
        "Ada Quill",
    )
    assert found.body.startswith("The tide tables hang")


def test_the_visible_headline_beats_the_one_for_searches() -> None:
    head = "<meta property='og:title' content='The Tide Tables: 7 facts you must know about tide tables'>"
    assert read_page(page(head=head), URL).title == "The Tide Tables"


def test_fields_that_only_eyes_see() -> None:
    seen = (
        "<p class=standfirst>Nobody reads them, and everybody knows them.</p>"
        f"<div>By <a href='/authors/ada'>Ada Quill</a></div><div>March 5, 2020</div>{P * 3}"
    )
    found = read_page(page(article=seen), "https://news.example/story")
    assert found.dek == "Nobody reads them, and everybody knows them."
    assert found.authors == ("Ada Quill",)
    assert found.published == date(2020, 3, 5)


def test_the_address_gives_the_day_where_nothing_else_does() -> None:
    assert read_page(page(), URL).published == date(2021, 6, 2)


def test_a_publisher_is_author_only_where_nobody_else_is() -> None:
    head = linked(
        headline="The Tide Tables", author={"name": "The Harbour"}, publisher={"name": "The Harbour"}
    )
    assert read_page(page(head=head), URL).authors == ("The Harbour",)
    assert read_page(page(head=head, article=f"<p>By Ada Quill</p>{P * 3}"), URL).authors == ("Ada Quill",)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2021-06-02", date(2021, 6, 2)),
        ("2021-06-02T10:00:00Z", datetime(2021, 6, 2, 10, tzinfo=UTC)),
        ("2021-06-02 10:00:00.123", datetime(2021, 6, 2, 10)),
        ("Published June 2, 2021 at 6 pm", date(2021, 6, 2)),
        ("2nd June 2021", date(2021, 6, 2)),
        ("Wed, 02 Jun 2021 10:00:00 GMT", date(2021, 6, 2)),
        ("2. März 2021", date(2021, 3, 2)),
        ("2 de mayo de 2021", date(2021, 5, 2)),
        ("le 2 août 2021 à 10h", date(2021, 8, 2)),
        ("2021年6月2日", date(2021, 6, 2)),
        ("6/2/2021", date(2021, 6, 2)),
        ("20210602", date(2021, 6, 2)),
        ("1622592000", datetime(2021, 6, 2, tzinfo=UTC)),
        ("31 February 2021", None),
        ("room 2021, floor 3", None),
    ],
)
def test_dates(text: str, wanted: date | None) -> None:
    assert read_date(text) == wanted


def test_dates_in_addresses() -> None:
    assert date_in("https://x.org/2021/jun/02/name") == date(2021, 6, 2)
    assert date_in("https://x.org/name-20210602") is None


# -- Captions and credits


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("The quay at noon. (Ada Quill / AP)", "The quay at noon.", "Ada Quill / AP"),
        ("The quay at noon (AP Photo/Ada Quill)", "The quay at noon", "AP Photo/Ada Quill"),
        (
            "The quay at noon. Photograph: Ada Quill for the Harbour",
            "The quay at noon.",
            "Ada Quill for the Harbour",
        ),
        ("Der Kai am Mittag. Foto: Ada Quill", "Der Kai am Mittag.", "Ada Quill"),
        ("The quay at noon. © Ada Quill", "The quay at noon.", "Ada Quill"),
        ("The quay at noon | Getty Images", "The quay at noon", "Getty Images"),
        ("The quay at noon. REUTERS/Ada Quill", "The quay at noon.", "REUTERS/Ada Quill"),
        ("The quay at noon.Credit...Ada Quill/The Harbour", "The quay at noon.", "Ada Quill/The Harbour"),
        ("Photo by Ada Quill", "", "Ada Quill"),
        ("CreditCreditAda Quill/The Harbour", "", "Ada Quill/The Harbour"),
        ("Ada Quill/Getty Images", "", "Ada Quill/Getty Images"),
        ("The mayor (left) and the pilot (right)", "The mayor (left) and the pilot (right)", ""),
        (
            "A photo of the quay from 1950 is on the wall.",
            "A photo of the quay from 1950 is on the wall.",
            "",
        ),
        ("", "", ""),
    ],
)
def test_words_of_a_picture(text: str, caption: str, credit: str) -> None:
    assert caption_and_credit(text) == (caption, credit)


@pytest.mark.parametrize("label", ["Photo illustration ", "Bildquelle", "Fotografia / ", "Credit"])
def test_labels_that_can_be_read_in_two_ways_take_no_time(label: str) -> None:
    assert bare(label * 3) == ""
    assert bare(label * 60 + "%").endswith("%")


@pytest.mark.parametrize(
    ("candidates", "source"),
    [
        ("a.jpg 320w, b.jpg 1024w, c.jpg 640w", "b.jpg"),
        ("a.jpg 1x,b.jpg 2x", "b.jpg"),
        ("a.jpg, b.jpg 1.5x", "b.jpg"),
        ("/w_640,h_480/a.jpg 640w 480h, /w_320,h_240/b.jpg 320w", "/w_640,h_480/a.jpg"),
        ("a,b.jpg", "a,b.jpg"),
        (" , ,", ""),
    ],
)
def test_the_largest_image_of_a_set(candidates: str, source: str) -> None:
    assert largest(candidates) == source


FIGURE = "<figure><img src='/quay.jpg' alt='A quay'><figcaption>{}</figcaption></figure>"


@pytest.mark.parametrize(
    "words",
    [
        "<span class=caption>The quay at noon.</span> <span class=credit>Ada Quill</span>",
        "The quay at noon. <cite>Photo: Ada Quill</cite>",
        "The quay at noon. <small>© Ada Quill</small>",
        "The quay at noon. (Photo by Ada Quill)",
        "<p>The quay at noon.</p><p class='image-credit'>Image: Ada Quill</p>",
        "The quay at noon.<span class=sr-only>Enlarge this image</span> Credit: Ada Quill",
    ],
)
def test_figures(words: str) -> None:
    found = read_page(page(article=FIGURE.format(words) + P * 3), URL)
    assert (found.caption, found.credit, found.image) == (
        "The quay at noon.",
        "Ada Quill",
        "https://news.example/quay.jpg",
    )
    assert found.pictures[0] == Figure(
        "https://news.example/quay.jpg", "A quay", "The quay at noon.", "Ada Quill"
    )
    assert "quay.jpg" not in found.body, "the lead picture stands in its field"


def test_figures_without_figure_elements() -> None:
    box = (
        "<div class=wp-caption><img data-src='q.jpg' src='data:image/gif;base64,R0'>"
        "<p class=wp-caption-text>The quay. Foto: Ada Quill</p></div>"
    )
    found = read_page(page(article=box + P * 3), URL)
    assert (found.caption, found.credit, found.image) == (
        "The quay.",
        "Ada Quill",
        "https://news.example/2021/06/02/q.jpg",
    )


def test_a_picture_above_the_article_leads_it() -> None:
    box = (
        "<section><h1>The Tide Tables</h1><div><img src='/lede.jpg'><div class=attribution>"
        "<span class=caption>The quay.</span> <cite>Photo: Ada Quill</cite></div></div></section>"
    )
    inside = "<figure><img src='/b.jpg'><figcaption>A buoy. (Name / AP)</figcaption></figure>"
    data = f"<body>{box}<article>{P}{inside}{P * 2}</article></body>".encode()
    found = read_page(data, URL)
    assert (found.image, found.caption, found.credit) == (
        "https://news.example/lede.jpg",
        "The quay.",
        "Ada Quill",
    )
    assert '![](https://news.example/b.jpg "A buoy. Credit: Name / AP")' in found.body


def test_a_figure_in_the_text_stays_in_its_place() -> None:
    second = "<figure><img src='/b.jpg'><figcaption>A buoy. (Ada Quill / AP)</figcaption></figure>"
    found = read_page(
        page(
            article=f"<p>First. {PROSE}</p>{second}<p>Last. {PROSE}</p>",
            head="<meta property='og:image' content='/a.jpg'>",
        ),
        URL,
    )
    before, after = found.body.split('![](https://news.example/b.jpg "A buoy. Credit: Ada Quill / AP")')
    assert before.startswith("First.")
    assert after.strip().startswith("Last.")


@pytest.mark.parametrize(
    "head",
    [
        "",
        "<meta property='og:image' content='/quay.jpg'>",
        "<meta property='og:image' content='/quay-1200x630.jpg?crop=1'>",
        "<meta property='og:image' content='/social/quay.jpg'>",
    ],
)
@pytest.mark.parametrize(
    "box",
    [
        "<figure><img src='/quay.jpg' alt='A quay'>"
        "<figcaption>The quay. (Ada Quill / AP)</figcaption></figure>",
        "<div class=wp-caption><img src='/quay.jpg' alt='A quay'>"
        "<p class=wp-caption-text>The quay. (Ada Quill / AP)</p></div>",
    ],
)
def test_a_picture_that_stands_in_the_text_does_not_lead_it(head: str, box: str) -> None:
    found = read_page(page(article=f"{P}{box}{P * 2}", head=head), URL)
    assert (found.image, found.alt, found.caption, found.credit) == ("", "", "", "")
    assert found.pictures == (
        Figure("https://news.example/quay.jpg", "A quay", "The quay.", "Ada Quill / AP"),
    )
    before, after = found.body.split(
        '![A quay](https://news.example/quay.jpg "The quay. Credit: Ada Quill / AP")'
    )
    assert before.startswith("The tide tables")
    assert after.strip().startswith("The tide tables")


def test_what_the_page_names_leads_where_the_picture_with_words_stands_in_the_text() -> None:
    box = "<figure><img src='/b.jpg'><figcaption>A buoy. (Ada Quill / AP)</figcaption></figure>"
    head = linked(image={"url": "/hero.jpg", "caption": "The quay.", "creditText": "Bo Reed"})
    found = read_page(page(article=f"<img src='/hero.jpg' alt='A quay'>{P}{box}{P * 2}", head=head), URL)
    assert (found.image, found.alt, found.caption, found.credit) == (
        "https://news.example/hero.jpg",
        "A quay",
        "The quay.",
        "Bo Reed",
    )
    assert "hero.jpg" not in found.body
    assert [one.source for one in found.pictures] == [found.image, "https://news.example/b.jpg"]


def test_metadata_gives_words_to_the_picture_in_the_text() -> None:
    head = linked(image={"url": "/quay.jpg", "caption": "The quay.", "creditText": "Ada Quill"})
    found = read_page(page(article=f"{P}<p><img src='/quay.jpg' alt='A quay'></p>{P * 2}", head=head), URL)
    assert (found.image, found.caption, found.credit) == ("", "", "")
    assert '![A quay](https://news.example/quay.jpg "The quay. Credit: Ada Quill")' in found.body


def test_a_lead_picture_that_the_text_has_once_more_is_shown_once() -> None:
    again = "<p><img src='/quay-300x200.jpg'></p><p><img src='/buoy.jpg'></p>"
    found = read_page(page(article=FIGURE.format("The quay at noon.") + P + again + P * 2), URL)
    assert (found.image, found.caption) == ("https://news.example/quay.jpg", "The quay at noon.")
    assert "quay" not in found.body
    assert "buoy.jpg" in found.body


@pytest.mark.parametrize("name", ["original", "featured", "harbour-at-noon"])
def test_another_picture_whose_file_has_the_same_name_is_kept(name: str) -> None:
    lead = f"<figure><img src='/aaa111/{name}.jpg'><figcaption>The quay.</figcaption></figure>"
    other = f"<figure><img src='/bbb222/{name}.jpg'><figcaption>A buoy.</figcaption></figure>"
    found = read_page(page(article=lead + P + other + P * 2), URL)
    assert (found.image, found.caption) == (f"https://news.example/aaa111/{name}.jpg", "The quay.")
    assert f'![](https://news.example/bbb222/{name}.jpg "A buoy.")' in found.body


@pytest.mark.parametrize("name", ["logo.png", "site-share.jpg", "og-image.png", "fallback-1200x630.jpg"])
def test_what_a_site_shows_of_any_page_leads_none(name: str) -> None:
    box = "<figure><img src='/bridge.jpg'><figcaption>The bridge.</figcaption></figure>"
    found = read_page(
        page(article=P + box + P * 2, head=f"<meta property='og:image' content='/{name}'>"), URL
    )
    assert found.image == ""
    assert '![](https://news.example/bridge.jpg "The bridge.")' in found.body


@pytest.mark.parametrize("name", ["silicon-valley.jpg", "shareholders-meet.jpg", "socialists.jpg"])
def test_a_picture_whose_name_only_holds_such_a_word_leads(name: str) -> None:
    box = "<figure><img src='/bridge.jpg'><figcaption>The bridge.</figcaption></figure>"
    found = read_page(
        page(article=P + box + P * 2, head=f"<meta property='og:image' content='/{name}'>"), URL
    )
    assert found.image == f"https://news.example/{name}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://x.org/a/original.jpg", "https://x.org/b/original.jpg", False),
        ("https://x.org/image001.jpg?id=1", "https://x.org/image001.jpg?id=2", False),
        ("https://x.org/a/harbour.jpg", "https://cdn.x.org/b/harbour-300x200.jpg?q=1", True),
        ("https://x.org/a/1.jpg", "https://x.org/a/1-300x200.jpg", True),
        ("https://x.org/a/1.jpg", "https://x.org/b/1.jpg", False),
        ("https://x.org/image.php?id=1", "https://x.org/image.php?id=2", False),
        ("https://x.org/dims?u=a", "https://x.org/dims?u=b", False),
        ("https://x.org/photo-1563210?w=300", "https://x.org/photo-1563210?w=1200", True),
        ("https://x.org/harbour-1.jpg", "https://x.org/harbour-2.jpg", False),
        ("https://x.org/", "https://x.org/?a", False),
    ],
)
def test_addresses_of_one_picture(one: str, other: str, same: bool) -> None:
    assert is_same_picture(one, other) is same


def test_a_standfirst_is_not_said_twice() -> None:
    head = "<meta name=description content='Nobody reads them, and everybody knows them.'>"
    lead = "<p><strong>Nobody reads them, and everybody knows them.</strong></p>"
    found = read_page(page(head=head, article=lead + P * 3), URL)
    assert found.dek == "Nobody reads them, and everybody knows them."
    assert found.body.startswith("The tide tables")


def test_images_for_browsers_without_scripts() -> None:
    lazy = (
        "<figure><img src='data:,x'><noscript><img src='/real.jpg'></noscript>"
        "<figcaption>A buoy. Photo: Ada</figcaption></figure>"
    )
    found = read_page(page(article=lazy + P * 3), URL)
    assert (found.caption, found.credit) == ("A buoy.", "Ada")


# -- Text


def test_what_stands_behind_elements_without_an_inside_is_kept() -> None:
    picture = (
        "<picture><source srcset='/quay.webp 1x'><source srcset='/quay.avif'><img src='/quay.jpg'></picture>"
    )
    found = read_page(page(f"<p>A<wbr>B {PROSE}</p>{picture}<p>{'x<wbr>' * 2_000}</p>"), URL)
    assert "AB The tide tables" in found.body
    assert "![](https://news.example/quay.jpg)" in found.body
    assert "x" * 2_000 in found.body


def test_the_body_is_clean_markdown() -> None:
    article = f"""{P}<h2 class=promo>A Heading</h2><blockquote><p>{PROSE}</p></blockquote>
      <ul><li>one, {PROSE}<ul><li>two</li></ul></li></ul>{P}
      <p>A <a href="../x?a=1#f">link</a> and <a href="javascript:x()">none</a>. {PROSE}</p>
      <table><tr><th>Port</th><th>Tide</th></tr><tr><td>A</td><td>3 m, {PROSE}</td></tr></table>
      <pre>code  here</pre>"""
    body = read_page(page(article=article), URL).body
    assert "## A Heading" in body
    assert "\n> The tide tables" in body
    assert "  - two" in body
    assert "[link](https://news.example/2021/06/x?a=1#f) and none." in body
    assert "| Port | Tide |" in body
    assert "```\ncode  here\n```" in body
    assert "All rights reserved" not in body
    assert "# The Tide Tables" not in body


def test_hidden_characters_go_after_entities() -> None:
    found = read_page(
        page(
            article=f"<p>a&#27;[31mb&#8238;c&#x9b;d {PROSE}</p>{P * 2}",
            head="<meta property='og:description' content='x&#27;y'>",
        ),
        URL,
    )
    assert not unfit(found.to_markdown().replace("\n", ""))
    assert "a\ufffd\\[31mbc" in found.body or "a\\[31mbc" in found.body


def test_the_pages_own_article_is_taken_where_the_extractor_loses_it() -> None:
    parts = "".join(
        f"<div class=extra-block><div><p>Part {number}. {PROSE}</p></div></div>" for number in range(12)
    )
    found = read_page(page(article=f"<div itemprop=articleBody>{parts}</div>"), URL)
    assert sum(f"Part {number}." in found.body for number in range(12)) >= 10


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("<p>Łódź".encode("iso-8859-2"), "iso-8859-2", "<p>Łódź"),
        (b"<meta charset=windows-1251><p>" + "Да".encode("cp1251"), "", "<meta charset=windows-1251><p>Да"),
        ("<p>é".encode("utf-16"), "utf-8", "<p>é"),
        ("<p>é".encode(), "", "<p>é"),
        ("<p>“é”".encode("cp1252"), "", "<p>“é”"),
        ("<p>“é”".encode("cp1252"), "latin-1", "<p>“é”"),
        (b"<p>a", "rot13", "<p>a"),
        (b"<p>a", "no such", "<p>a"),
    ],
)
def test_charsets(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


def test_addresses() -> None:
    assert absolute(URL, "//cdn.example/x y.png") == "https://cdn.example/x%20y.png"
    assert absolute(URL, "java\nscript:alert(1)") == ""
    assert absolute(URL, "http://[::1") == ""
    assert absolute(URL, "data:text/html,x") == ""


# -- Files


@settings(max_examples=200, deadline=None)
@given(
    st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=60)] * 7),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=4),
    st.one_of(st.none(), st.dates(), st.datetimes(timezones=st.just(UTC))),
)
def test_what_is_written_is_read_back(texts: tuple[str, ...], items: list[str], day: date | None) -> None:
    title, dek, source, image, caption, credit, body = texts
    made = feature(
        title, body, dek=dek, authors=items, published=day, sections=items[::-1], language="pt-br",
        source=source, lead=Figure(image, dek, caption, credit), tags=items,
    )  # fmt: skip
    assert Feature.from_json(made.to_json()) == made
    data = made.to_markdown().encode()
    head = read_head(data, len(data), "x.md", "x")
    assert not head.headline.notices
    assert head.headline.title == made.title
    assert (head.headline.dek, head.headline.authors, head.headline.sections) == (
        made.dek,
        made.authors,
        made.sections,
    )
    assert (head.headline.tags, head.source or "", head.language) == (made.tags, made.source, "pt-br")
    assert day is None or head.headline.published == day
    lead = head.lead or Figure(None)
    assert (lead.source or "", lead.alt, lead.caption) == (made.image, made.alt, made.caption)
    assert lead.credit == made.credit
    assert data[head.body_start :].decode().strip("\n") == made.body


def test_front_matter_stays_within_what_its_reader_reads() -> None:
    long = "\u4e2d" * 3000
    items = [f"{number}{long}" for number in range(60)]
    made = feature(
        long, "Body.", dek=long, authors=items, sections=items, tags=items,
        source=f"https://x.org/{long[:1900]}", lead=Figure("https://x.org/" + long[:1900], long, long, long),
    )  # fmt: skip
    data = made.to_markdown().encode()
    head = read_head(data, len(data), "x.md", "x")
    assert not head.headline.notices
    assert head.headline.authors == made.authors != ()
    assert head.headline.dek == made.dek


# -- Refusals


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The page is empty."),
        (b" \n", "The page is empty."),
        (b"\x89PNG\r\n\x1a\n" + bytes(5000), "binary data"),
        (b"\x00\x01\x02\x03" * 500, "binary data"),
        (b"just words, no tags at all", "plain text"),
        (b"<p>" + b"x" * 5_000_000, "pages over 5 MB"),
        (b"<body>" + b"<div>" * 3000 + P.encode() + b"</div>" * 3000, "nested so deep"),
        (b"<p " + b" ".join(b"a%d=1" % number for number in range(5000)) + b">x</p>", "attributes"),
        (b"<html><body></body></html>", "No article"),
        (b"<html><body><nav><a href=x>a</a></nav></body></html>", "No article"),
        (b"<p>a</p>" * 160_000, "elements"),
        (b"<!-- only -->", "no text"),
    ],
)
def test_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(PageError, match=sentence) as caught:
        read_page(data, URL)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "head",
    [
        "<script type='application/ld+json'>" + "[" * 50_000 + "</script>",
        '<script type=\'application/ld+json\'>{"@type": 5, "headline": [[]]}</script>',
        linked(
            headline={"name": [1, None]},
            author=[[["x"]]],
            image=[[], {}],
            datePublished={"a": 1},
            keywords=[1, {"name": "k"}],
        ),
        "<meta property='article:published_time' content='99999-99-99'><meta name=author content=''>",
        "<base href='http://[bad'><link rel=canonical href='http://[x'>",
        "<meta charset='zlib'>",
        "<script type='application/ld+json'>" + " " * 400_000 + "</script>",
    ],
)
def test_broken_metadata_harms_nothing(head: str) -> None:
    found = read_page(page(head=head), URL)
    assert found.title == "The Tide Tables"
    assert "harbour master" in found.body


@pytest.mark.parametrize("width", ["²", "9" * 5_000, "60%", "-1", ""])
def test_a_width_that_is_none_harms_nothing(width: str) -> None:
    assert (
        "(https://news.example/quay.jpg)"
        in read_page(page(f"<img src='/quay.jpg' width='{width}'>"), URL).body
    )


_TAGS = [
    "<p>", "</p>", "<div>", "<table>", "<td>", "<li>", "<a href=x>", "<figure>", "<figcaption>",
    "<img src=a>", "word, ", "</figure>", "<h1>", "<!--", "-->", "<svg>", "<noscript>", "&#0;", "<pre>",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_TAGS), max_size=60).map("".join))
def test_any_tags_make_a_feature_or_a_sentence(markup: str) -> None:
    try:
        found = read_page(page(article=P + markup + P), URL)
    except PageError:
        return
    assert not unfit(found.to_markdown().replace("\n", "").replace("\t", ""))


# -- The child


def test_a_child_reads_a_page_as_this_process_does() -> None:
    data = page(article=FIGURE.format("The quay. Photo: Ada") + P * 3)
    assert read_page_apart(data, URL) == read_page(data, URL)


def test_a_childs_refusal_is_the_pages() -> None:
    with pytest.raises(ChildError, match="binary data"):
        read_page_apart(b"\x89PNG" + bytes(100), URL)


def test_a_child_reads_text() -> None:
    assert read_text_apart(b"A title\n\nText.").title == "A title"


def test_a_child_is_ended_at_its_deadline() -> None:
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    with pytest.raises(ChildError, match=r"longer than 0\.2 seconds"):
        ask("page", b"x", {}, seconds=0.2, command=command)


def test_a_child_that_wants_too_much_memory_ends_with_a_sentence() -> None:
    data = page(article=f"<p>{escape(PROSE)}</p>" * 8_000)
    with pytest.raises(ChildError, match=r"memory|without a result"):
        read_page_apart(data, URL, memory=60 * 1024 * 1024)


@pytest.mark.parametrize(
    "code", ["raise SystemExit(3)", "print('[1]')", "import os; os.kill(os.getpid(), 11)"]
)
def test_a_child_that_breaks_ends_with_a_sentence(code: str) -> None:
    with pytest.raises(ChildError, match=r"^[A-Z].*\.$"):
        ask("page", b"x", {}, command=(sys.executable, "-c", code))


def test_an_unknown_task_is_a_fault_of_the_program() -> None:
    with pytest.raises(ChildError, match="fault of this program"):
        ask("nothing", b"", {})


def test_a_child_loads_no_interface() -> None:
    code = (
        "import sys, runpy\nsys.argv = ['child', 'page']\n"
        "try: runpy.run_module('pulse_tui.acquire.child', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "sys.exit('textual' in sys.modules or 'ssl' in sys.modules)"
    )
    made = ask("page", page(), {"address": URL}, command=(sys.executable, "-c", code))
    assert Feature.from_json(made.text).title == "The Tide Tables"
