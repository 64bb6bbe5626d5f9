"""A feed's bytes to its entries: Atom, RSS 0.9 to 2.0, RDF and JSON Feed behind one door.

Nothing is fetched here.  What a feed says is untrusted: sizes, numbers and nesting are bounded, entities
never expand, and each text has passed `pulse_tui.text` after its entities were decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from pulse_tui.acquire.markup import MIB, RefusedError, check_size, plain
from pulse_tui.article import Figure, Notice
from pulse_tui.text import clean, clean_line

LIMIT = 16 * MIB
"""Bytes of a feed."""
ENTRIES = 5000
_CONTENT = 2 * MIB
_TITLE = 500
_ITEMS = 50
# What is shorter than this many characters of text, and not given as the content, is taken for a summary.
_WHOLE = 1500

_tag = re.compile(r"<[^<>]*>").sub
_paragraph = re.compile(r"<(?:p|br|h[1-6]|li|blockquote)\b", re.IGNORECASE).findall
_cut_off = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|&hellip;|&#8230;|(?:read|continue|keep) (?:more|reading)\W{0,9}|"
    r"weiterlesen\W{0,9}|lire la suite\W{0,9}|leer más\W{0,9})[\s»→>\])]*\Z",
    re.IGNORECASE,
).search
_appeared = re.compile(r"<p>\s*The post .{0,2000} appeared first on .{0,1000}</p>\s*\Z", re.DOTALL).search
_is_web = re.compile(r"https?://[^\s/?#]", re.IGNORECASE).match
_spaces = re.compile(r"[\x00-\x20\x7f-\x9f<>\"`{}|\\^]").sub


class Entry(NamedTuple):
    """One entry; its texts are clean, those but `summary` and `content` of one line."""

    id: str
    """What the feed calls it, unique in the feed; where it has no name, one made of URL and title."""
    url: str
    """The page, absolute; empty where there is none."""
    title: str
    summary: str
    """HTML."""
    content: str
    """HTML; the summary if the feed has no more."""
    full: bool
    """Whether the content seems to be the whole article."""
    base: str
    """The URL to which relative ones in the HTML are relative."""
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    updated: date | datetime | None = None
    tags: tuple[str, ...] = ()
    pictures: tuple[Figure, ...] = ()
    """Pictures given beside the HTML, with their caption and credit where the feed has them."""
    language: str = ""


class Feed(NamedTuple):
    """What a feed says of itself, and its entries in the feed's order."""

    title: str
    home: str
    """The page that the feed belongs to."""
    kind: str
    """As people name it: `Atom`, `RSS 2.0`, `RDF`, `JSON Feed`."""
    entries: tuple[Entry, ...]
    language: str = ""
    notices: tuple[Notice, ...] = ()
    every: float = 0.0
    """Seconds for which it says that what it holds is good; 0 if it doesn't say."""


class Raw(NamedTuple):
    """An entry as a feed has it, before it is checked."""

    id: str = ""
    url: str = ""
    title: str = ""
    """HTML."""
    summary: str = ""
    content: str = ""
    base: str = ""
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    updated: date | datetime | None = None
    tags: tuple[str, ...] = ()
    pictures: tuple[Figure, ...] = ()
    language: str = ""


class RawFeed(NamedTuple):
    """A feed before its entries are checked."""

    title: str
    home: str
    kind: str
    entries: Iterable[Raw]
    language: str = ""
    mended: bool = False
    every: float = 0.0
    """In seconds."""


def read_feed(data: bytes, url: str = "", *, charset: str = "") -> Feed:
    """The feed in `data` (bytes, never text: nothing is opened) that came from `url`.

    `charset` is what the server said.  Raises `RefusedError` with one sentence for what is no feed, is
    too large or too deep, or holds entities that expand.
    """
    what = "The feed"
    check_size(data, LIMIT, what)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from pulse_tui.acquire.feeds.json_feed import read_json

        raw = read_json(data, url)
    else:
        from pulse_tui.acquire.feeds.xml_feed import read_xml

        raw = read_xml(data, url, charset, LIMIT)
    notices = (
        [Notice("The feed is not well-formed; what could be read of it is shown.")] if raw.mended else []
    )
    entries: dict[str, Entry] = {}
    twins = 0
    for number, each in enumerate(raw.entries):
        if number == ENTRIES:
            notices.append(Notice(f"Only the first {ENTRIES:,} entries of the feed are read."))
            break
        entry = _entry(each)
        if entry is None:
            continue
        known = entries.get(entry.id)
        if known is not None and (known.url, known.title) != (entry.url, entry.title):
            # One id for several articles is a careless generator's; the articles are what is wanted.
            entry = entry._replace(id=made_id(entry.url, entry.title, entry.content))
            known = entries.get(entry.id)
        if known is None:
            entries[entry.id] = entry
        else:
            twins += 1
    if twins:
        notices.append(Notice(f"Entries that came twice in the feed: {twins}."))
    if not entries:
        notices.append(Notice("The feed has no entries."))
    title = _cut(plain(raw.title[: 4 * _TITLE]), _TITLE)
    home = absolute(url, raw.home)
    language = _language(raw.language)
    return Feed(title, home, raw.kind, tuple(entries.values()), language, tuple(notices), raw.every)


def without_ending(content: str) -> str:
    """The same without the paragraph in which WordPress says where the post appeared first."""
    ending = _appeared(content[-4000:])
    return content[: len(content) - len(ending[0])] if ending else content


def without_feed_scheme(address: str) -> str:
    """The address of the web that one for programs that read feeds stands for, `feed:` before it or not."""
    rest = address.removeprefix("feed:")
    return f"http:{rest}" if rest != address and rest.startswith("//") else rest


def absolute(base: str, address: str) -> str:
    """The address as an absolute http(s) URL without spaces or quotes; empty if it can't be one."""
    from urllib.parse import quote, urljoin

    address = address.strip()[:4000]
    if not address:
        return ""
    try:
        joined = urljoin(base, address) if not _is_web(address) else address
    except ValueError:
        return ""
    joined = _spaces(lambda found: quote(found[0]), clean(joined))
    return joined if _is_web(joined) and len(joined) <= 2000 else ""


def made_id(*parts: str) -> str:
    """A name for an entry that has none, the same whenever the same entry comes."""
    from hashlib import sha256

    return "made:" + sha256("\0".join(parts[:2] if any(parts[:2]) else parts).encode()).hexdigest()[:32]


def tidy(html: str) -> str:
    """HTML of a feed, clean, and cut at 2 MiB."""
    return clean(html[:_CONTENT].replace("\r\n", "\n").replace("\r", "\n")).strip()


def is_full(content: str, summary: str, *, given: bool) -> bool:
    """Whether the content is more than a summary; `given` says that the feed calls it the content.

    A text that breaks off (`…`, `Read more`) is a summary; one without a mark of its own is whole if it
    is long and has paragraphs.
    """
    content = without_ending(content)
    length = len(_tag("", content).strip()) if len(content) < 8 * _WHOLE else _WHOLE
    if not length or _cut_off(_tag("", content[-1000:]).strip()[-80:]):
        return False
    if given:
        return content.strip() != summary.strip() or length >= _WHOLE
    return length >= _WHOLE and len(_paragraph(content)) >= 2


def _entry(raw: Raw) -> Entry | None:
    url = absolute(raw.base, raw.url)
    summary, content = tidy(raw.summary), tidy(raw.content)
    full = is_full(content or summary, summary, given=bool(content))
    content = content or summary
    title = _cut(plain(raw.title[: 4 * _TITLE]), _TITLE) or _first_words(content)
    if not (title or url):
        return None
    pictures = dict.fromkeys(
        Figure(
            source,
            alt=_cut(plain(picture.alt[:2000]), _TITLE),
            caption=_cut(plain(picture.caption[:8000]), 4 * _TITLE),
            credit=_cut(plain(picture.credit[:2000]), _TITLE),
        )
        for picture in raw.pictures[:_ITEMS]
        if (source := absolute(raw.base, picture.source or ""))
    )
    return Entry(
        id=_cut(clean_line(raw.id[:2000]), 2000) or made_id(url, title, content),
        url=url,
        title=title or url,
        summary=summary,
        content=content,
        full=full,
        base=absolute("", raw.base) or url,
        authors=_items(raw.authors),
        published=raw.published or raw.updated,
        updated=raw.updated,
        tags=_items(raw.tags),
        pictures=tuple(_one_each(pictures)),
        language=_language(raw.language),
    )


def _one_each(pictures: Iterable[Figure]) -> Iterable[Figure]:
    """One figure for each source: the one that says most."""
    best: dict[str | None, Figure] = {}
    for picture in pictures:
        known = best.get(picture.source)
        if known is None or len("".join(known[1:])) < len("".join(picture[1:])):
            best[picture.source] = picture
    return best.values()


def _first_words(html: str) -> str:
    return _cut(plain(html[:2000].rpartition("<")[0] if len(html) > 2000 else html), 80)


def _items(texts: Iterable[str]) -> tuple[str, ...]:
    found = (_cut(plain(text[:1000]), 200) for text in texts)
    return tuple(dict.fromkeys(text for text in found if text))[:_ITEMS]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _language(tag: str) -> str:
    tag = tag.strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}", tag) else ""


__all__ = ["ENTRIES", "LIMIT", "Entry", "Feed", "RefusedError", "absolute", "is_full", "read_feed"]
