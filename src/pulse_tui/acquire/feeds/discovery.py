"""Which feeds a web page names: `<link rel=alternate>`, then the anchors that look like feeds."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from pulse_tui.acquire.feeds.feed import absolute, without_feed_scheme
from pulse_tui.acquire.markup import MIB, decode, plain

_PAGE = 2 * MIB
_MOST = 50

_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
    "application/rdf+xml": "RDF",
    "text/xml": "RSS",
    "application/xml": "RSS",
    "application/x.atom+xml": "Atom",
    "application/json": "JSON Feed",
}
_tags = re.compile(r"<(link|base|a)\s([^<>]{1,4000})>(?:([^<>]{0,200})</a)?", re.IGNORECASE).finditer
_attributes = re.compile(r"""([a-zA-Z-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""").finditer
_feed_path = re.compile(
    r"(?:/(?:feeds?|rss|atom|rdf)(?:\.xml|\.json|\.php|\.aspx)?/?|/(?:index|feeds?/[\w-]{1,40})\.xml|"
    r"\.(?:rss|atom|rdf)|/feed\.json|[?&](?:feed|format|type)=(?:rss2?|atom|feed)\b.{0,40})\Z",
    re.IGNORECASE,
).search
_feed_words = re.compile(r"(?:rss|atom|xml|web)?[ -]?feed|rss(?: 2\.0)?|atom", re.IGNORECASE).fullmatch
_comments = re.compile(r"comment|kommentar|comentario|/replies", re.IGNORECASE).search


class FeedLink(NamedTuple):
    """A feed that a page names."""

    url: str
    title: str
    kind: str
    """What the page says it is: `RSS`, `Atom`, `RDF`, `JSON Feed`; empty where it doesn't."""


def feeds_of(html: bytes | str, base: str) -> list[FeedLink]:
    """The feeds that a page names, likeliest first: linked ones, then anchors, those of comments last.

    `base` is the page's URL.  Only the first 2 MiB of the page are looked at.
    """
    text = decode(html[:_PAGE]) if isinstance(html, bytes) else html[:_PAGE]
    head, *rest = text.split("<!--")
    text = head + "".join(part.partition("-->")[2] for part in rest)
    found: dict[str, FeedLink] = {}
    anchors: dict[str, FeedLink] = {}
    moved = False
    for tag in _tags(text):
        values = {
            each[1].lower(): unescape(each[2] or each[3] or each[4] or "") for each in _attributes(tag[2])
        }
        name, href = tag[1].lower(), without_feed_scheme(values.get("href", "").strip())
        if name == "base" and not moved:
            base, moved = absolute(base, href) or base, True
        if name == "base" or not (url := absolute(base, href)):
            continue
        title = plain(values.get("title", "")[:500])
        if name == "link":
            kind = _TYPES.get(values.get("type", "").partition(";")[0].strip().lower(), "")
            if _is_feed(values.get("rel", "").lower().split(), values.get("type", ""), kind, url):
                found.setdefault(url, FeedLink(url, title, kind))
        elif _feed_path(url.partition("#")[0]) or _feed_words(plain(tag[3] or "") or title):
            anchors.setdefault(url, FeedLink(url, title or plain(tag[3] or ""), ""))
    links = [*found.values(), *(link for url, link in anchors.items() if url not in found)]
    return sorted(links, key=is_of_comments)[:_MOST]


def is_of_comments(link: FeedLink) -> bool:
    """Whether a feed seems to be one of comments, not of articles."""
    return _comments(link.url + " " + link.title) is not None


def _is_feed(relations: list[str], given: str, kind: str, url: str) -> bool:
    if "feed" in relations:
        return kind != "" or not given
    if "alternate" not in relations or "stylesheet" in relations or not kind:
        return False
    # WordPress names its programming interface as an alternate of this type.
    return given.strip().lower() != "application/json" or "feed" in url.lower()
