"""A feed's entries to features: what stands in one becomes clean Markdown with its pictures and their words.

This parses HTML that anybody may have written, so it is called in a child process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.feeds.feed import Entry, Feed, read_feed, without_ending
from pulse_tui.acquire.markup import plain
from pulse_tui.article import Figure
from pulse_tui.text import clean_line

AT_FIRST = 100
"""Entries that are kept of a feed in which none is known: the newest."""
_DEK = 300
"""Characters of a summary that may stand above the text as its dek."""

_cut_off = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|[»→>])\s*\Z").search
_word = re.compile(r"\w+").findall


class TakenEntry(NamedTuple):
    """An entry that is not known yet, or says something else than it did."""

    id: str
    said: str
    """A digest of what it says."""
    url: str
    full: bool
    """Whether the feed has the whole article."""
    feature: Feature


class TakenFeed(NamedTuple):
    """What a feed says of itself, and those of its entries that there is something to do with."""

    title: str
    home: str
    listed: int
    """How many entries the feed has."""
    current: frozenset[str]
    """The ids of those that count: not the ones that were too old already when it was first taken."""
    entries: tuple[TakenEntry, ...]
    """The newest first."""
    every: float = 0.0
    """Seconds for which the feed says that this is good."""

    def to_json(self) -> str:
        """The same as one line of JSON."""
        entries = [[*entry[:4], entry.feature.to_json()] for entry in self.entries]
        return json.dumps([self.title, self.home, self.listed, sorted(self.current), entries, self.every])

    @classmethod
    def from_json(cls, text: str) -> TakenFeed:
        """What `to_json` wrote."""
        title, home, listed, current, entries, every = json.loads(text)
        taken = tuple(
            TakenEntry(name, said, url, full, Feature.from_json(feature))
            for name, said, url, full, feature in entries
        )
        return cls(title, home, listed, frozenset(current), taken, every)


def take_feed(data: bytes, arguments: Mapping[str, str]) -> str:
    """The work of a child process: a feed's bytes to the JSON of a `TakenFeed`.

    `arguments` are the feed's `address`, the server's `charset`, and as JSON what is `known`: a digest for
    the id of each entry; without that, no entry is taken.

    Raises:
        RefusedError: this is no feed that can be read.
    """
    feed = read_feed(data, arguments.get("address", ""), charset=arguments.get("charset", ""))
    if "known" not in arguments:
        return TakenFeed(feed.title, feed.home, len(feed.entries), frozenset(), (), feed.every).to_json()
    known: dict[str, str] = json.loads(arguments["known"])
    current = wanted(feed.entries, known)
    entries = tuple(
        TakenEntry(entry.id, said, entry.url, entry.full, feature_of(entry, feed))
        for entry in current
        if (said := said_by(entry)) != known.get(entry.id)
    )
    ids = frozenset(entry.id for entry in current)
    return TakenFeed(feed.title, feed.home, len(feed.entries), ids, entries, feed.every).to_json()


def wanted(entries: Sequence[Entry], known: Collection[str]) -> Sequence[Entry]:
    """The entries that count, newest first: as many as are kept at first, and all down to the last known.

    So of a feed with thousands only the newest are taken, later all that are new, however many came at
    once, and never what was too old at first.
    """
    if all(entry.published for entry in entries):
        entries = sorted(entries, key=_age)
    last = max((number for number, entry in enumerate(entries, 1) if entry.id in known), default=0)
    return entries[: max(AT_FIRST, last)]


def said_by(entry: Entry) -> str:
    """A digest of what an entry says; when it was updated is not part of it."""
    from hashlib import sha256

    return sha256(repr(entry._replace(updated=None)).encode("utf-8", "replace")).hexdigest()[:24]


def feature_of(entry: Entry, feed: Feed) -> Feature:
    """The feature that an entry is; where it has only a summary, that and a link to the page.

    The feed's title is the first section, its tags are tags: what publishers put there are keywords.
    """
    body, pictures = _body(entry)
    names = {_file_name(picture.source) for picture in pictures}
    lead = next((one for one in entry.pictures if one.source and _file_name(one.source) not in names), None)
    if lead is not None and pictures and not (lead.caption or lead.credit):
        # A bare picture beside a text that has its own is a thumbnail, or the site's.
        lead = None
    if not entry.full and entry.url:
        body = "\n\n".join(part for part in (body, _onward(entry.url)) if part)
    if lead is not None:
        pictures.insert(0, lead)
    return feature(
        entry.title,
        body,
        dek=_dek(entry),
        authors=entry.authors,
        published=entry.published,
        sections=[feed.title] if feed.title else [],
        language=entry.language or feed.language,
        source=entry.url,
        lead=lead,
        tags=entry.tags,
        pictures=pictures,
    )


def with_page(entry: Feature, page: Feature) -> Feature:
    """The feature of an entry's page, with what the feed says of it: title and date are the publisher's word.

    Raises:
        ValueError: the page says less than the entry, as one does that wants a subscription or cookies.
    """
    if len(page.body) < len(entry.body.rpartition("\n\n")[0]):
        raise ValueError("The page says less than the feed.")
    if not page.image and entry.image:
        lead = next((one for one in entry.pictures if one.source == entry.image), Figure(entry.image))
        names = {_file_name(picture.source) for picture in page.pictures}
        if _file_name(lead.source) not in names:
            page = replace(page, image=entry.image, alt=entry.alt, caption=entry.caption, credit=entry.credit)
            page = replace(page, pictures=(lead, *page.pictures))
    return replace(
        page,
        title=entry.title,
        dek=page.dek or entry.dek,
        authors=page.authors or entry.authors,
        published=entry.published or page.published,
        sections=tuple(dict.fromkeys((*entry.sections, *page.sections))),
        language=page.language or entry.language,
        source=entry.source,
        tags=page.tags or entry.tags,
    )


def _body(entry: Entry) -> tuple[str, list[Figure]]:
    """The Markdown of what an entry holds, and its pictures; its bare words where its HTML is not read."""
    from pulse_tui.acquire.page.body import piece_of
    from pulse_tui.acquire.page.figures import figures_of
    from pulse_tui.acquire.page.tree import PageError, parse

    content = without_ending(entry.content)
    if not content.strip():
        return "", []
    try:
        root = parse(f"<html><body>{content}</body></html>".encode("utf-8", "replace"), "utf-8")
        return piece_of(root, entry.base, figures_of(root, entry.base), entry.title)
    except (PageError, RecursionError):
        from pulse_tui.acquire.markdown.text import escaped_paragraph

        return escaped_paragraph(plain(content)), []


def _dek(entry: Entry) -> str:
    """The summary, where the text is there as well, doesn't begin with it, and it is a sentence or two."""
    if not entry.full or not entry.summary or entry.summary == entry.content:
        return ""
    summary = plain(entry.summary[: 4 * _DEK])
    if not 0 < len(summary) <= _DEK or _cut_off(summary):
        return ""
    beginning = _word(plain(entry.content[: 8 * _DEK]).lower())
    words = _word(summary.lower())[:8]
    said = " ".join(beginning[: 8 + len(words)])
    return "" if " ".join(words) in said else summary


def _onward(url: str) -> str:
    """A paragraph that leads to the page."""
    from html import escape
    from urllib.parse import urlsplit

    from pulse_tui.acquire.markdown.html import to_markdown

    host = clean_line(urlsplit(url).hostname or "").removeprefix("www.")
    return to_markdown(f'<p><a href="{escape(url)}">Read on at {escape(host)}</a></p>')


def _file_name(source: str | None) -> str:
    from pulse_tui.acquire.page.figures import file_name

    return file_name(source or "")


def _age(entry: Entry) -> float:
    """Less for what is newer."""
    published = entry.published
    if not isinstance(published, datetime):
        published = datetime.combine(published or date.min, time(), UTC)
    return -(published if published.tzinfo else published.replace(tzinfo=UTC)).timestamp()
