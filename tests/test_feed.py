"""Feeds: every kind, careless ones, and hostile ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.feeds.dates import moment
from pulse_tui.acquire.feeds.discovery import FeedLink, feeds_of
from pulse_tui.acquire.feeds.feed import ENTRIES, Entry, Feed, absolute, is_full, read_feed
from pulse_tui.acquire.markup import MIB, RefusedError, decode
from pulse_tui.article import Figure
from pulse_tui.text import clean, clean_line

URL = "http://site.test/feed.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
LONG = "<p>Prose that goes on. </p>" * 80
EAST = timezone(timedelta(hours=5))

SY = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"


def rss(*items: str, head: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<rss version="2.0" {NAMESPACES}><channel><title>The Site</title>'
        f"<link>http://site.test/</link>{head}{inside}</channel></rss>"
    ).encode()


def atom(*entries: str, attributes: str = "") -> bytes:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>A</title>{inside}</feed>'.encode()


def only(data: bytes, url: str = URL, charset: str = "") -> Entry:
    (entry,) = read_feed(data, url, charset=charset).entries
    return entry


# -- Kinds


def test_an_rss_feed_with_the_usual_modules() -> None:
    feed = read_feed(
        rss(
            "<title>Talks</title><link>/talks</link><guid isPermaLink='false'>7</guid>"
            "<pubDate>Tue, 15 Mar 2022 01:00:00 +0500</pubDate><dc:creator>A. Writer</dc:creator>"
            "<dc:creator>B. Writer</dc:creator><category>Asia</category><category>Asia</category>"
            f"<description>In short.</description><content:encoded><![CDATA[{LONG}]]></content:encoded>",
            head="<language>en-us</language>",
        ),
        URL,
    )
    (entry,) = feed.entries
    assert (feed.title, feed.home, feed.kind, feed.language) == (
        "The Site",
        "http://site.test/",
        "RSS 2.0",
        "en-us",
    )
    assert entry[:7] == ("7", "http://site.test/talks", "Talks", "In short.", LONG.strip(), True, URL)
    assert entry.authors == ("A. Writer", "B. Writer")
    assert entry.published is not None
    assert entry.published.isoformat() == "2022-03-15T01:00:00+05:00"
    assert entry.tags == ("Asia",)


def test_an_atom_feed_with_bases_and_marked_up_content() -> None:
    data = atom(
        '<id>tag:1</id><title>A &lt; B</title><link href="one"/><link rel="enclosure" href="p.png" '
        'type="image/png"/><updated>2022-03-15T10:00:00Z</updated><category term="x" label="Asia"/>'
        '<content type="xhtml" xml:base="deep/"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hi<br/>'
        "<b>you</b> &amp; me</p></div></content>",
        attributes='xml:base="http://base.test/a/" xml:lang="ur"',
    )
    entry = only(data)
    assert entry.title == "A < B"
    assert entry.url == "http://base.test/a/one"
    assert entry.base == "http://base.test/a/deep/"
    assert entry.content == "<div><p>Hi<br><b>you</b> &amp; me</p></div>"
    assert entry.pictures == (Figure("http://base.test/a/p.png"),)
    assert (entry.language, entry.tags, entry.full) == ("ur", ("Asia",), True)
    assert entry.published == entry.updated == datetime(2022, 3, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            b"<channel/><item rdf:about='http://site.test/1'><title>T</title><link>http://site.test/1</link>"
            b"</item></rdf:RDF>",
            "RDF",
        ),
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            b'xmlns="http://my.netscape.com/rdf/simple/0.9/"><item><title>T</title>'
            b"<link>http://site.test/1</link></item></rdf:RDF>",
            "RDF",
        ),
        (
            b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.test/rss.dtd">'
            b'<rss version="0.91"><channel><item><title>T</title><link>http://site.test/1</link></item>'
            b"</channel></rss>",
            "RSS 0.91",
        ),
        (
            b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>T</title>'
            b'<link rel="alternate" href="http://site.test/1"/></entry></feed>',
            "Atom",
        ),
        (b'<feed><entry><title>T</title><link href="http://site.test/1"/></entry></feed>', "Atom"),
        (b'{"items": [{"title": "T", "url": "http://site.test/1"}]}', "JSON Feed"),
    ],
)
def test_older_kinds(data: bytes, kind: str) -> None:
    feed = read_feed(data, URL)
    assert feed.kind == kind
    assert [(entry.title, entry.url) for entry in feed.entries] == [("T", "http://site.test/1")]


def test_a_json_feed() -> None:
    item = {
        "id": 5,
        "url": "/five",
        "title": "A <b> & C",
        "content_text": "One <p>\n\nTwo",
        "image": "lead.jpg",
        "authors": [{"name": "X"}, {"name": "Y"}],
        "tags": ["a", 3, "b"],
        "date_published": "2022-03-15T01:00:00+05:00",
        "attachments": [
            {"url": "b.png", "mime_type": "image/png"},
            {"url": "c.mp3", "mime_type": "audio/mpeg"},
        ],
    }
    entry = only(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item, 7, None]}).encode()
    )
    assert (entry.id, entry.url, entry.title) == ("5", "http://site.test/five", "A <b> & C")
    assert entry.content == "<p>One &lt;p&gt;</p><p>Two</p>"
    assert (entry.authors, entry.tags) == (("X", "Y"), ("a", "b"))
    assert entry.pictures == (Figure("http://site.test/lead.jpg"), Figure("http://site.test/b.png"))
    assert entry.published == datetime(2022, 3, 15, 1, tzinfo=EAST)


# -- Fields


def test_pictures_bring_caption_and_credit() -> None:
    entry = only(
        rss(
            "<title>T</title><media:group><media:content url='a.jpg' medium='image'>"
            "<media:description>Who &amp;amp; where</media:description>"
            "<media:credit>Name/AP</media:credit></media:content>"
            "<media:content url='v.mp4' type='video/mp4'/></media:group><media:thumbnail url='a.jpg'/>"
            "<enclosure url='b.png' type='image/png'/><enclosure url='c.mp3' type='audio/mpeg'/>"
        )
    )
    assert entry.pictures == (
        Figure("http://site.test/a.jpg", caption="Who & where", credit="Name/AP"),
        Figure("http://site.test/b.png"),
    )


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<![CDATA[Tom &amp; <i>Jerry</i>]]>", "Tom & Jerry"),
        ("A &lt;em&gt;B&lt;/em&gt;", "A B"),
        ("AT&amp;amp;T", "AT&T"),
        ("AT&amp;T", "AT&T"),
        ("1 &lt; 2", "1 < 2"),
        ("Red&amp;#27;[31m", "Red[31m"),
        ("a\n  b\u202ec", "a bc"),
        ("", "Words of the text"),
    ],
)
def test_titles_are_one_clean_line(markup: str, title: str) -> None:
    entry = only(rss(f"<title>{markup}</title><link>/1</link><description>Words of the text</description>"))
    # HTML drops references to most control characters, others are shown as replaced.
    assert entry.title.replace("\N{REPLACEMENT CHARACTER}", "") == title.replace(
        "\N{REPLACEMENT CHARACTER}", ""
    )
    assert clean_line(entry.title) == entry.title


def test_an_entry_without_id_has_the_same_one_each_time() -> None:
    item = "<title>T</title><link>/1</link>"
    first, second = only(rss(item)), only(rss(item + "<description>Changed</description>"))
    assert first.id == second.id
    assert first.id != only(rss("<title>T</title><link>/2</link>")).id


def test_one_id_for_several_articles_keeps_them_apart_and_twins_are_folded() -> None:
    one = "<guid>same</guid><title>One</title><link>/1</link>"
    two = "<guid>same</guid><title>Two</title><link>/2</link>"
    feed = read_feed(rss(one, two, one), URL)
    assert [entry.title for entry in feed.entries] == ["One", "Two"]
    assert len({entry.id for entry in feed.entries}) == 2
    assert [str(notice) for notice in feed.notices] == ["Entries that came twice in the feed: 1."]


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("", 0),
        ("<ttl>90</ttl>", 5400),
        ("<ttl>soon</ttl>", 0),
        ("<ttl>-5</ttl>", 0),
        (f"<sy:updatePeriod {SY}> hourly </sy:updatePeriod>", 3600),
        (
            f"<sy:updatePeriod {SY}>daily</sy:updatePeriod><sy:updateFrequency {SY}>4</sy:updateFrequency>",
            21_600,
        ),
        (f"<sy:updateFrequency {SY}>2</sy:updateFrequency>", 43_200),
        (f"<sy:updatePeriod {SY}>never</sy:updatePeriod>", 0),
        (f"<ttl>60</ttl><sy:updatePeriod {SY}>daily</sy:updatePeriod>", 86_400),
    ],
)
def test_how_long_a_feed_is_good(head: str, seconds: float) -> None:
    assert read_feed(rss("<title>A</title>", head=head), URL).every == seconds


def test_a_permanent_link_stands_in_for_a_missing_one() -> None:
    assert only(rss("<title>T</title><guid>http://site.test/g</guid>")).url == "http://site.test/g"
    assert only(rss("<title>T</title><guid isPermaLink='false'>http://site.test/g</guid>")).url == ""


def test_the_page_is_the_html_alternate() -> None:
    links = (
        '<link rel="self" href="/self"/><link rel="alternate" type="application/pdf" href="/p"/>'
        '<link rel="alternate" type="text/html" href="/h"/>'
    )
    assert only(atom(f"<title>T</title>{links}")).url == "http://site.test/h"


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ("<author>a@b.test (Ann Writer)</author>", ("Ann Writer",)),
        ("<author>Ann Writer &lt;a@b.test&gt;</author>", ("Ann Writer",)),
        ("<author>a@b.test</author>", ()),
        ("<author>Ann &amp; Bob</author>", ("Ann & Bob",)),
        ("<dc:creator><![CDATA[Ann]]></dc:creator>", ("Ann",)),
    ],
)
def test_authors(markup: str, names: tuple[str, ...]) -> None:
    assert only(rss(f"<title>T</title>{markup}")).authors == names


def test_a_feeds_author_is_its_entries() -> None:
    data = atom("<title>T</title>").replace(b"<entry>", b"<author><name>N</name></author><entry>")
    assert only(data).authors == ("N",)


@pytest.mark.parametrize(
    ("content", "given_as_content", "full"),
    [
        (LONG, True, True),
        (LONG, False, True),
        ("<p>Short and whole.</p>", True, True),
        ("<p>Short.</p>", False, False),
        (LONG + "<p>And then […]</p>", True, False),
        (LONG + '<p>And <a href="x">Read more →</a></p>', False, False),
        (LONG + "<p>More…</p><p>The post <a>T</a> appeared first on <a>S</a>.</p>", True, False),
        ("", True, False),
    ],
)
def test_what_breaks_off_is_a_summary(content: str, given_as_content: bool, full: bool) -> None:
    assert is_full(content, "", given=given_as_content) is full


def test_plain_text_in_atom_is_no_markup() -> None:
    entry = only(atom("<title>T</title><summary>1 &lt; 2 &amp;amp; 3\n\nNext</summary>"))
    assert entry.summary == "<p>1 &lt; 2 &amp; 3</p><p>Next</p>"


def test_markup_that_nobody_escaped_is_kept() -> None:
    assert only(rss("<title>T</title><description><p>one <b>two</b></p>x</description>")).content == (
        "<p>one <b>two</b></p>x"
    )


def test_markup_that_was_escaped_twice_is_read_as_markup() -> None:
    data = rss("<title>T</title><description>&amp;lt;p&amp;gt;one&amp;lt;/p&amp;gt;</description>")
    assert only(data).content == "<p>one</p>"


@pytest.mark.parametrize(
    ("base", "address", "expected"),
    [
        ("http://a.test/x/y", "z", "http://a.test/x/z"),
        ("http://a.test/", "//b.test/p", "http://b.test/p"),
        ("http://a.test/", "javascript:alert(1)", ""),
        ("http://a.test/", "file:///etc/passwd", ""),
        ("http://a.test/", "http://[broken", "http://[broken"),
        ("http://[broken", "x", ""),
        ("", "relative", ""),
        ("http://a.test/", ' /a b"c ', "http://a.test/a%20b%22c"),
        ("http://a.test/", "http://b.test/\x1b[31m", "http://b.test/\N{REPLACEMENT CHARACTER}[31m"),
    ],
)
def test_addresses(base: str, address: str, expected: str) -> None:
    assert absolute(base, address) == expected


# -- Dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-15T01:00:00+05:00", "2022-03-15T01:00:00+05:00"),
        ("2022-03-15T01:00:00Z", "2022-03-15T01:00:00+00:00"),
        ("2022-03-15T01:00:00.123456789-0330", "2022-03-15T01:00:00-03:30"),
        ("20220315T010000Z", "2022-03-15T01:00:00+00:00"),
        ("2022-03-15 10:00", "2022-03-15T10:00:00+00:00"),
        ("2022-03-15", "2022-03-15"),
        ("2022-03", "2022-03-01"),
        ("2022-02-30", None),
        ("2022-03-15T24:00:00Z", "2022-03-16T00:00:00+00:00"),
        ("Tue, 15 Mar 2022 10:00:00 GMT", "2022-03-15T10:00:00+00:00"),
        ("Tue, 15 Mar 2022 10:00 EST", "2022-03-15T10:00:00-05:00"),
        ("15 Mar 22 10:00:00 +0500", "2022-03-15T10:00:00+05:00"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59+00:00"),
        ("Tue, 15 Mar 2022 10:00:00 UTC+2", "2022-03-15T10:00:00+02:00"),
        ("Tue Mar 15 10:00:00 2022", "2022-03-15T10:00:00+00:00"),
        ("March 15th, 2022 12:05 AM", "2022-03-15T00:05:00+00:00"),
        ("Tuesday, March 15, 2022", "2022-03-15"),
        ("15. März 2022", "2022-03-15"),
        ("15 de marzo de 2022 10:00", "2022-03-15T10:00:00+00:00"),
        ("1er août 2022", "2022-08-01"),
        ("Вт, 15 мар 2022 10:00:00 +0300", "2022-03-15T10:00:00+03:00"),
        ("15.03.2022", "2022-03-15"),
        ("3/4/2022", "2022-03-04"),
        ("15/3/2022", "2022-03-15"),
        ("9999-12-31T23:59:59-12:00", None),
        ("0000-00-00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: str | None) -> None:
    found = moment(text)
    assert (found.isoformat() if found else None) == expected


@given(st.text(max_size=60) | st.from_regex(r"\d{1,4}[-/. T]\d{1,4}[-/. ]\d{1,5}.{0,20}"))
def test_a_date_is_one_or_none(text: str) -> None:
    found = moment(text)
    assert found is None or isinstance(found, date)
    if isinstance(found, datetime):
        assert found.astimezone(UTC).tzinfo is UTC


# -- Careless feeds

ITEM = "<title>A</title><link>http://site.test/1</link>"


@pytest.mark.parametrize(
    ("data", "titles"),
    [
        (rss("<title>A & B</title><link>/1?a=1&b=2</link>"), ["A & B"]),
        (rss("<title>A&nbsp;&ndash; B&what;</title>"), ["A\N{NO-BREAK SPACE}– B&what;"]),
        (rss(f"{ITEM}<description>x<br>y</description>", "<title>B</title>"), ["A", "B"]),
        (rss(ITEM, "<title>B</title><link>http://si")[:-33], ["A"]),
        (b"<b>Warning</b>: no database\n" + rss(ITEM), ["A"]),
        (b"\n\n  " + b'<?xml version="1.0"?>' + rss(ITEM), ["A"]),
        (rss("<title>A\x08&#8;B</title>"), ["A\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}B"]),
        (rss(ITEM).replace(b"xmlns:", b"data-"), ["A"]),
        (b"<rss><channel><item>" + ITEM.encode() + b"</item></channel>", ["A"]),
    ],
)
def test_careless_feeds_are_mended(data: bytes, titles: list[str]) -> None:
    assert [entry.title for entry in read_feed(data, URL).entries] == titles


def test_a_mended_address_is_whole() -> None:
    assert only(rss("<title>A & B</title><link>/1?a=1&b=2&copy=3</link>")).url == (
        "http://site.test/1?a=1&b=2&copy=3"
    )


def test_text_in_cdata_is_not_mended() -> None:
    data = rss("<title>A & B</title><content:encoded><![CDATA[<p>R & D &nbsp;</p>]]></content:encoded>")
    assert only(data).content == "<p>R & D &nbsp;</p>"


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("utf-8", "", ""),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8-sig", "windows-1252", ""),
        ("cp1252", "", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "unicode_escape", ""),
        ("cp1252", "utf-9", ""),
        ("cp1250", "windows-1250", ""),
        ("cp1250", "", "windows-1250"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "", ""),
        ("utf-16-be", "utf-8", ""),
        ("utf-32", "", ""),
    ],
)
def test_encodings(encoding: str, declared: str, charset: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = declaration + rss("<title>é ä ô</title>").decode()
    assert only(text.encode(encoding), charset=charset).title == "é ä ô"


def test_japanese_in_seven_bits() -> None:
    text = '<?xml version="1.0" encoding="iso-2022-jp"?>' + rss("<title>日本</title>").decode()
    assert only(text.encode("iso-2022-jp")).title == "日本"


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "koi8-r", "shift_jis", "punycode", "\0"]))
def test_any_bytes_are_some_text(data: bytes, charset: str) -> None:
    assert isinstance(decode(data, charset), str)


def test_only_so_many_entries_are_read() -> None:
    feed = read_feed(rss(*(f"<title>{number}</title>" for number in range(ENTRIES + 5))), URL)
    assert len(feed.entries) == ENTRIES
    assert feed.notices


# -- Hostile feeds

LAUGHS = (
    b'<!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9))
    + b"]>"
)
REFUSED = {
    "nothing": b"",
    "blanks": b" \n\0\n" * 1000,
    "a billion laughs": LAUGHS + rss("<title>&j;</title>"),
    "one long entity": b'<!DOCTYPE rss [<!ENTITY a "' + b"x" * 10_000 + b'">]>' + rss("<title>&a;</title>"),
    "a file as an entity": b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + rss("<title>&a;</title>"),
    "a parameter entity": b'<!DOCTYPE rss [<!ENTITY % a "x"> %a;]>' + rss(ITEM),
    "deep nesting": rss("<a>" * 5000),
    "deep items": rss("<item>" * 5000),
    "a million tags": rss("<a/>" * (2 * MIB)),
    "too many bytes": rss("x" * (17 * MIB)),
    "unclosed comments": b"<!--" * MIB,
    "an unclosed document type": b"<!DOCTYPE a [" + b"<!ENTITY " + b" " * MIB,
    "only instructions": b"<?a?>" * 300_000,
    "binary": bytes(range(256)) * 4000,
    "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "a page": b"<!doctype html><html><body>Hello</body></html>",
    "a page without type": b"<body><p>Hello</p></body>",
    "plain text": b"Just some words. " * 1000,
    "a list of feeds": b"<opml><body/></opml>",
    "other XML": b"<svg/>",
    "deep JSON": b"[" * MIB,
    "deep JSON items": b'{"items":' + b"[" * MIB,
    "broken JSON": b'{"items": [',
    "JSON of another kind": b'{"error": "no"}',
    "JSON with a giant number": b'{"items": [{"id": ' + b"9" * 100_000 + b"}]}",
    "bare ampersands": rss("<title>" + "&" * (2 * MIB) + "</title>"),
}
READ = {
    "attributes": rss().replace(
        b"<channel>", b"<channel " + b" ".join(b"a%d=''" % n for n in range(50_000)) + b">"
    ),
    "namespaces": rss().replace(
        b"<rss ", b"<rss " + b" ".join(b"xmlns:a%d='u'" % n for n in range(20_000)) + b" "
    ),
    "unclosed CDATA": rss("<title>T</title>" + "<![CDATA[" * 100_000),
    "a blank tag": rss("<title>T</title><br" + " " * (4 * MIB)),
    "comment marks in a title": rss("<title>" + "&lt;!--" * 200_000 + "</title><link>/1</link>"),
    "angles in a text": rss("<title>T</title><description>" + "&lt;" * 400_000 + "</description>"),
    "categories": rss("<title>T</title>" + "<category>c</category>" * 100_000),
    "a long base": rss("<title>T</title>").replace(
        b"<item>", b"<item xml:base='http://x.test/" + b"a/" * MIB + b"'>"
    ),
    "items of no kind": b'{"items": [1, null, [], {"url": {}}, {"title": ["x"]}], "title": 4e9}',
    "dates of no kind": rss("<title>T</title><pubDate>" + "9" * 10_000 + "</pubDate>"),
    "an encoding of no kind": b'<?xml version="1.0" encoding="'
    + b"x" * 30
    + b'"?>'
    + rss("<title>T</title>"),
    "steering text": rss(
        "<title>\x9b31mT\u202e</title><link>http://x.test/\x1b]0;</link><description>\x1b[2J\x07 "
        "text</description><category>\x1bc</category><dc:creator>\x1bc</dc:creator>"
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_feeds_are_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_feed(REFUSED[name], URL)
    assert re.fullmatch(r"[A-Z][^\n]{10,160}\.", str(refusal.value))


@pytest.mark.parametrize("name", READ)
def test_hostile_feeds_that_can_be_read_are_clean(name: str) -> None:
    _assert_clean(read_feed(READ[name], URL))


@given(
    st.lists(
        st.sampled_from(
            [
                *("<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "<description>", "<br>"),
                *("<![CDATA[", "]]>", "<!--", "-->", "]>", "<!DOCTYPE ", "<?a ?>", " xmlns='x'", "<entry>"),
                *("&amp;", "&", "&#0;", "&lt;", "text", "http://x.test/", "\x1b", "é", "\0", "\u202e"),
                *("<content type='html'>", "</content>", "<guid>", "<pubDate>", "2022-03-15", "</pubDate>"),
                "<media:content url='a.png' medium='image'>",
            ]
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_any_soup_is_a_clean_feed_or_refused(parts: list[str], closed: bool) -> None:
    data = "<rss><channel>" + "".join(parts) + ("</channel></rss>" if closed else "")
    with suppress(RefusedError):
        _assert_clean(read_feed(data.encode(), URL))


def _assert_clean(feed: Feed) -> None:
    for entry in feed.entries:
        lines: Iterable[str] = (entry.id, entry.url, entry.title, *entry.authors, *entry.tags)
        assert all(clean_line(line) == line for line in lines)
        assert clean(entry.content) == entry.content
        assert clean(entry.summary) == entry.summary
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        assert entry.title


# -- Discovery


def test_a_page_names_its_feeds() -> None:
    html = """<head><base href="/blog/"><!-- <link rel="alternate" type="application/rss+xml" href="old"> -->
    <link rel=stylesheet href=s.css>
    <link rel="alternate" type="application/rss+xml" title="Comments" href="c/">
    <link rel='alternate' type='application/atom+xml' title='R &amp; D' href='atom.xml'>
    <link rel="alternate" type="application/json" href="/wp-json/posts/1">
    <link rel="alternate" type="application/json" href="/feed.json"><link rel=alternate hreflang=de href=/de>
    </head><a href="https://other.test/rss.xml">Our other site</a> <a href="/about">RSS</a>
    <a href="atom.xml">again</a> <a href="javascript:feed">feed</a> <a href="feed://x.test/f">Feed</a>"""
    assert feeds_of(html, "http://site.test/p") == [
        FeedLink("http://site.test/blog/atom.xml", "R & D", "Atom"),
        FeedLink("http://site.test/feed.json", "", "JSON Feed"),
        FeedLink("https://other.test/rss.xml", "Our other site", ""),
        FeedLink("http://site.test/about", "RSS", ""),
        FeedLink("http://x.test/f", "Feed", ""),
        FeedLink("http://site.test/blog/c/", "Comments", "RSS"),
    ]


@pytest.mark.parametrize(
    "html",
    [
        b"",
        b"\xff\xfe\x00",
        b"<link " * 300_000,
        b"<!--" * 300_000,
        b"<a href='x" * 200_000,
        b"<link rel=alternate " + b"a='" * 300_000,
        b"<a " + b" " * MIB,
    ],
)
def test_a_page_without_feeds_names_none(html: bytes) -> None:
    assert feeds_of(html, "http://site.test/") == []
