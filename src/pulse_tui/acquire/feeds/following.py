"""From what a person wants to follow, a feed or a page that names its feeds, to the feed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import urlsplit

from pulse_tui.acquire.apart import ChildError
from pulse_tui.acquire.feeds.discovery import FeedLink, is_of_comments
from pulse_tui.acquire.feeds.entries import TakenFeed
from pulse_tui.acquire.fetch import FEEDS, Fetched, fetch
from pulse_tui.acquire.keeping.naming import slug
from pulse_tui.acquire.net.addresses import read
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.net.errors import shown
from pulse_tui.acquire.sync.errand import FEED, READING
from pulse_tui.acquire.sync.workers import Workers

_fit = re.compile(r"\w[\w.-]{0,59}").fullmatch
_is_web_page = re.compile(rb"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE).match


class FoundFeed(NamedTuple):
    """A feed that may be followed."""

    url: str
    title: str
    home: str
    listed: int
    """How many entries it has."""


class SeveralFeedsError(Exception):
    """A page names several feeds, and it is for a person to say which is wanted."""

    def __init__(self, url: str, links: Iterable[FeedLink]) -> None:
        self.links = tuple(links)
        super().__init__(f"{shown(url)} names {len(self.links)} feeds: follow one of them.")


class NoFeedError(Exception):
    """Neither a feed nor a page that names one; the text says what to do."""


def find_feed(url: str, network: Network, workers: Workers) -> FoundFeed:
    """The feed at an address that a person typed, or the one that the page there names.

    Raises:
        FetchError: nothing came.
        NoFeedError: there is none.
        SeveralFeedsError: there are several.
    """
    fetched = fetch(url, network=network, limits=FEED, typed=True, accept=FEEDS)
    try:
        return _feed(url, fetched, workers)
    except ChildError as error:
        if not (_is_web_page(fetched.body) or fetched.media_type in ("text/html", "application/xhtml+xml")):
            raise NoFeedError(f"{shown(fetched.url)} is no feed: {_inner(str(error))}") from error
    links = _links(fetched, workers)
    if not links:
        raise NoFeedError(
            f"{shown(fetched.url)} is a page that names no feed: look for “RSS” on it and give that address."
        )
    if len(links) > 1:
        raise SeveralFeedsError(fetched.url, links)
    # A page on a local server may name its own feeds; anything else that is local, it may not.
    typed = urlsplit(links[0].url).netloc == urlsplit(fetched.url).netloc
    fetched = fetch(links[0].url, network=network, limits=FEED, typed=typed, accept=FEEDS)
    try:
        return _feed(links[0].url, fetched, workers)
    except ChildError as error:
        raise NoFeedError(
            f"The page names the feed {shown(fetched.url)}, which can't be read: {_inner(str(error))}"
        ) from error


def _feed(asked: str, fetched: Fetched, workers: Workers) -> FoundFeed:
    arguments = {"address": fetched.url, "charset": fetched.charset}
    feed = TakenFeed.from_json(workers.run("feed", fetched.body, arguments, seconds=READING).text)
    # Where a redirect is not for good, the address that leads to it is the one to keep.
    return FoundFeed(fetched.moved_to or read(asked).url, feed.title, feed.home, feed.listed)


def _links(fetched: Fetched, workers: Workers) -> list[FeedLink]:
    """The feeds that a page names; those of its comments only where it has no others."""
    try:
        made = workers.run("links", fetched.body, {"address": fetched.url}, seconds=READING)
    except ChildError as error:
        raise NoFeedError(f"{shown(fetched.url)} can't be read: {_inner(str(error))}") from error
    links = [FeedLink(*link) for link in json.loads(made.text)]
    return [link for link in links if not is_of_comments(link)] or links


def _inner(sentence: str) -> str:
    """A sentence behind a colon."""
    return sentence[:1].lower() + sentence[1:]


def name_for(title: str, url: str) -> str:
    """The name of a feed's folder, from its title or its host."""
    return slug(title or (urlsplit(url).hostname or "").removeprefix("www."))


def is_name(text: str) -> bool:
    """Whether a person may name a feed's folder so."""
    return _fit(text) is not None and text == normalize("NFC", text)
