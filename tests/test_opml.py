"""Lists of feeds, in and out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.feeds.opml import DEPTH, FEEDS, read_opml, to_opml
from pulse_tui.acquire.markup import MIB, RefusedError
from pulse_tui.subscriptions import Subscription
from pulse_tui.text import clean_line
from tests.test_feed import LAUGHS


def opml(body: str, head: str = "") -> bytes:
    return f'<opml version="2.0"><head>{head}</head><body>{body}</body></opml>'.encode()


FEED = '<outline type="rss" text="A" xmlUrl="http://a.test/f"/>'


def test_folders_are_kept_as_a_path_and_the_order_stays() -> None:
    found = read_opml(
        opml(
            '<outline text="News"><outline text="Asia"><outline type="rss" text="A &amp;amp; B" title="no" '
            'xmlUrl="http://a.test/f" htmlUrl="http://a.test/"/></outline>'
            '<outline title="C" XMLURL="https://c.test/f"/></outline><outline xmlUrl="http://d.test/"/>',
            head="<title>Mine &amp; yours</title>",
        )
    )
    assert found.title == "Mine & yours"
    assert found.subscriptions == (
        Subscription("http://a.test/f", "A & B", "http://a.test/", ("News", "Asia")),
        Subscription("https://c.test/f", "C", "", ("News",)),
        Subscription("http://d.test/"),
    )
    assert found.notices == ()


def test_one_feed_is_listed_once_where_it_stands_first() -> None:
    found = read_opml(
        opml(FEED + '<outline text="X"><outline text="A2" xmlUrl="https://A.test/f"/></outline>')
    )
    assert found.subscriptions == (Subscription("http://a.test/f", "A"),)
    assert [str(notice) for notice in found.notices] == ["Feeds that stood in the list twice: 1."]


def test_what_is_no_feed_is_left_out() -> None:
    found = read_opml(
        opml(
            '<outline type="link" text="L" url="http://l.test/"/><outline type="include" xmlUrl="http://i.test/"/>'
            '<outline type="rss" text="U" url="http://u.test/f"/><outline xmlUrl="javascript:x"/>'
            '<outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="feed://f.test/f"/>'
            '<outline xmlUrl="feed:https://g.test/f"/>'
        )
    )
    assert [each.url for each in found.subscriptions] == [
        "http://u.test/f",
        "http://f.test/f",
        "https://g.test/f",
    ]
    assert [str(notice) for notice in found.notices] == ["Left out for want of an http or https address: 2."]


@pytest.mark.parametrize("depth", [3000, 100_000])
def test_thousands_of_nested_outlines(depth: int) -> None:
    found = read_opml(opml('<outline text="x">' * depth + FEED + "</outline>" * depth))
    assert found.subscriptions == (Subscription("http://a.test/f", "A", "", ("x",) * DEPTH),)


BARE, ADDRESS = "http://a.test/?a=1&b=2", "http://a.test/?a=1&amp;b=2"


@pytest.mark.parametrize(
    ("body", "encoding", "title", "folders"),
    [
        (f'<outline text="R & D"><outline text="a & b" xmlUrl="{BARE}"/></outline>', "", "a & b", 1),
        (f'<outline text="&nbsp;&eacute;&#8;" xmlUrl="{BARE}"/>', "", "é\N{REPLACEMENT CHARACTER}", 0),
        (f'<outline text="T\x01" xmlUrl="{ADDRESS}"/>', "", "T\N{REPLACEMENT CHARACTER}", 0),
        (f'<outline text="é" xmlUrl="{ADDRESS}"/>', "utf-8", "é", 0),
        (f'<outline text="é" xmlUrl="{ADDRESS}"/>', "cp1252", "é", 0),
        (f'<outline text="é" xmlUrl="{ADDRESS}"/>', "utf-16", "é", 0),
        (f'<outline text="x"><outline text="y" xmlUrl="{ADDRESS}"/><outline', "", "y", 1),
        (f'<outline text="x"></body><outline xmlUrl="{ADDRESS}" text="{ADDRESS}"', "", "", 0),
    ],
)
def test_careless_lists_are_mended(body: str, encoding: str, title: str, folders: int) -> None:
    data = b"\n \n" + opml(body)
    if encoding:
        # Declared as something else.
        data = ('<?xml version="1.0" encoding="utf-16"?>' + opml(body).decode()).encode(encoding)
    (found,) = read_opml(data).subscriptions
    assert found.url == "http://a.test/?a=1&b=2"
    assert found.title == title
    assert len(found.folders) == folders


REFUSED = {
    "nothing": b"",
    "a billion laughs": LAUGHS + opml('<outline text="&j;" xmlUrl="http://a.test/"/>'),
    "a file": b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + opml('<outline text="&a;"/>'),
    "a parameter entity": b'<!DOCTYPE opml [<!ENTITY % a SYSTEM "http://x.test/">%a;]>' + opml(FEED),
    "no end": b"<opml><body>" + b"<outline text='x'>" * 100_000,
    "attributes": b"<opml><outline "
    + b" ".join(b"a%d='1'" % number for number in range(50_000))
    + b"/></opml>",
    "too many feeds": opml("".join(f'<outline xmlUrl="http://a.test/{n}"/>' for n in range(FEEDS + 1))),
    "too many bytes": opml("x" * (9 * MIB)),
    "too many tags": opml("<a/>" * (MIB + MIB // 2)) + b"<a/>" * 600_000,
    "bare ampersands": opml("&" * MIB),
    "quotes without end": b"<opml>" + b"xmlUrl='" * 200_000,
    "no feeds": opml('<outline text="x"/>'),
    "a page": b"<html><body><p>x</p></body></html>",
    "words": b"xmlUrl = 'http://a.test/'",
    "binary": bytes(range(256)) * 1000,
    "a feed": b"<rss><channel/></rss>",
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_lists_are_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_opml(REFUSED[name])
    assert re.fullmatch(r"[A-Z][^\n]{10,160}\.", str(refusal.value))


TITLES = st.text(max_size=30).map(lambda text: clean_line(text.replace("\N{REPLACEMENT CHARACTER}", "")))
SUBSCRIPTIONS = st.lists(
    st.builds(
        Subscription,
        st.integers(0, 10**6).map(
            lambda number: f"https://h{number}.test/f?a=1&b='\"<>".replace("'\"<>", "")
        ),
        TITLES | st.sampled_from(["&amp;", "&amp;amp;", "a & b;", "<b>", "&copy", "\"'", "&#38;"]),
        st.sampled_from(["", "https://home.test/?a=1&b=2"]),
        st.lists(TITLES.filter(bool) | st.sampled_from(["A", "B", "&lt;"]), max_size=4).map(tuple),
        name=st.just(""),  # not of the list's
        every=st.just(3600.0),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each.url,
)


@given(SUBSCRIPTIONS, TITLES)
def test_a_written_list_is_read_back(subscriptions: list[Subscription], title: str) -> None:
    found = read_opml(to_opml(subscriptions, title))
    assert found.title == title
    assert found.notices == ()
    assert sorted(found.subscriptions) == sorted(subscriptions)
    for folders in {each.folders for each in subscriptions}:
        assert [each for each in found.subscriptions if each.folders == folders] == [
            each for each in subscriptions if each.folders == folders
        ]


def test_each_folder_is_written_once() -> None:
    written = to_opml(
        [
            Subscription(f"http://{name}.test/", "", "", (folder,))
            for name, folder in zip("abcd", "XYXY", strict=True)
        ]
    ).decode()
    assert written.count('text="X"') == written.count('text="Y"') == 1


@given(
    st.lists(
        st.sampled_from(["<outline ", "xmlUrl='", "http://a.test/", "'", "/>", ">", "</outline>", "&", "<"])
    )
)
def test_any_soup_is_a_list_or_refused(parts: list[str]) -> None:
    try:
        found = read_opml(opml("".join(parts)))
    except RefusedError:
        return
    assert all(each.url.startswith("http") for each in found.subscriptions)
