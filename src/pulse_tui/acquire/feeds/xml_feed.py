"""Atom (RFC 4287 and 0.3), RSS 0.9 to 2.0 and RDF, with the modules that publishers use.

One reader for all: elements are told by their name and, where it matters, their namespace's usual
prefix, since feeds mix the vocabularies freely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from itertools import islice
from typing import Any

from pulse_tui.acquire.feeds.dates import moment
from pulse_tui.acquire.feeds.feed import ENTRIES, Raw, RawFeed, absolute
from pulse_tui.acquire.markup import RefusedError, inner_html, local, parse, text_within
from pulse_tui.article import Figure

_XML = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_NAMESPACES = {
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dc:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
}
_PREFIXES = {"atom": "", "rss": "", "dcterms": "dc:"}
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}

_markup = re.compile(
    r"</?(?:p|br|a|b|i|em|strong|img|div|span|ul|ol|li|h[1-6]|blockquote)\b[^<>]*>", re.I
).search
_character = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,20});").search
_mail_with_name = re.compile(r"\S+@\S+\s{0,9}\((.+)\)\Z").match
_name_with_mail = re.compile(r"(.+?)\s{0,9}<\S+@\S+>\Z").match
_image = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|\Z)", re.IGNORECASE).search

Fields = dict[str, list[Any]]


def read_xml(data: bytes, url: str, charset: str, limit: int) -> RawFeed:
    """The feed in the bytes; raises `RefusedError` for what is no feed."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise RefusedError("This is a web page, not a feed.")
    root, mended = parse(
        data, "The feed", limit=limit, charset=charset, root="rss|feed|rdf:RDF|RDF|channel|atom:feed"
    )
    kind = _kind(root)
    base = _base(root, url)
    channel = next((child for child in root if local(child.tag) == "channel"), root)
    fields = _fields(channel)
    channel_base = _base(channel, base) if channel is not root else base
    home = absolute(channel_base, _link(fields))
    language = (
        _inner_text(fields, "language", "dc:language")
        or channel.get(f"{_XML}lang")
        or root.get(f"{_XML}lang")
        or ""
    )
    people = _people(fields)
    budget = _Budget(4 * limit)
    entries = _entries(root, url or home, language, people, budget)
    if mended and _ends_within_entry(data):
        # Its address may be cut off too; the next fetch brings it whole.
        entries = iter(list(islice(entries, ENTRIES + 2))[:-1])
    return RawFeed(_title(fields, budget), home, kind, entries, language, mended, _every(fields))


def _every(fields: Fields) -> float:
    """Seconds for which a feed is good: `ttl` of RSS 2.0, and https://web.resource.org/rss/1.0/modules/syndication.

    The hours and days that RSS lets a publisher exclude (`skipHours`, `skipDays`) are not heeded: feeds are
    asked too seldom for that to spare much.
    """
    minutes = _number(_inner_text(fields, "ttl"))
    period = _inner_text(fields, "sy:updateperiod").lower()
    times = _number(_inner_text(fields, "sy:updatefrequency"))
    seconds = _PERIODS.get(period or "daily", 0) / (times or 1) if period or times else 0.0
    return max(60.0 * minutes, seconds)


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _ends_within_entry(data: bytes) -> bool:
    tags = data.replace(b"\0", b"").lower()
    opened = max(tags.rfind(b"<item"), tags.rfind(b"<entry"))
    return opened > max(tags.rfind(b"</item"), tags.rfind(b"</entry"))


class _Budget:
    """How many characters may still be taken out of a tree: elements within each other give them twice."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def take(self, text: str) -> str:
        self._left -= len(text)
        if self._left < 0:
            raise RefusedError("The feed is nested too deeply to be read.")
        return text


def _kind(root: Any) -> str:
    name = local(root.tag)
    if name == "feed":
        return "Atom"
    if name == "rdf":
        return "RDF"
    version = re.match(r"[0-9.]{1,5}", root.get("version") or "")
    if name in ("rss", "channel"):
        return f"RSS {version[0]}" if version else "RSS"
    if name == "html":
        raise RefusedError("This is a web page, not a feed.")
    if name == "opml":
        raise RefusedError("This is a list of feeds (OPML), not a feed; import it instead.")
    raise RefusedError("This is XML, but neither Atom nor RSS.")


def _entries(root: Any, url: str, language: str, people: tuple[str, ...], budget: _Budget) -> Iterator[Raw]:
    for element in root.iter():
        if local(element.tag) in ("item", "entry") and _key(element.tag) in ("item", "entry"):
            yield _entry(element, url, language, people, budget)


def _entry(element: Any, url: str, language: str, people: tuple[str, ...], budget: _Budget) -> Raw:
    fields = _fields(element)
    base = url
    for ancestor in reversed([element, *list(element.iterancestors())[:20]]):
        base = _base(ancestor, base)
    link = _link(fields)
    guid = fields.get("guid", [None])[0]
    if not link and guid is not None and (guid.get("isPermaLink") or "true").strip().lower() == "true":
        name = (guid.text or "").strip()
        link = name if name.startswith(("http://", "https://")) else ""
    content, holder = _content(fields, budget)
    summary, _ = _first_html(
        fields, budget, "description", "summary", "itunes:summary", "media:description", "dc:description"
    )
    return Raw(
        id=_inner_text(fields, "guid", "id") or element.get(_ABOUT) or "",
        url=absolute(base, link),
        title=_title(fields, budget),
        summary=summary,
        content=content,
        base=_base(holder, base) if holder is not None else base,
        authors=_people(fields) or people,
        published=_first_moment(
            fields, "published", "issued", "pubdate", "dc:issued", "dc:created", "dc:date", "date"
        ),
        updated=_first_moment(fields, "updated", "modified", "dc:modified"),
        tags=tuple(_tags(fields)),
        pictures=tuple(
            picture._replace(source=absolute(base, picture.source or "")) for picture in _pictures(fields)
        ),
        language=element.get(f"{_XML}lang") or _inner_text(fields, "dc:language") or language,
    )


def _key(tag: object) -> str:
    """An element's name in lower case, with the usual prefix of its namespace; `?` before unknown ones."""
    if not isinstance(tag, str):
        return ""
    uri, brace, name = tag.rpartition("}")
    if brace:
        return _NAMESPACES.get(uri[1:].lower(), "?") + name.lower()
    prefix, colon, name = name.rpartition(":")
    return (_PREFIXES.get(prefix.lower(), f"{prefix.lower()}:") if colon else "") + name.lower()


def _fields(element: Any) -> Fields:
    fields: Fields = {}
    for child in element:
        if (key := _key(child.tag)) and len(known := fields.setdefault(key, [])) < 100:
            known.append(child)
    return fields


def _base(element: Any, base: str) -> str:
    given = element.get(f"{_XML}base")
    return (absolute(base, given) or base) if given else base


def _inner_text(fields: Fields, *keys: str) -> str:
    for key in keys:
        for element in fields.get(key, ()):
            if text := text_within(element):
                return text
    return ""


def _first_moment(fields: Fields, *keys: str) -> Any:
    for key in keys:
        for element in fields.get(key, ()):
            if found := moment(element.text or ""):
                return found
    return None


def _link(fields: Fields) -> str:
    """The page: what a redirecting service says it was, a link to HTML, any other, RSS's plain one."""
    if original := _inner_text(fields, "feedburner:origlink"):
        return original
    best, rank = "", 0
    for element in fields.get("link", ()):
        address = (element.get("href") or "").strip()
        if not address:
            value, address = 3, (element.text or "").strip()
        elif (element.get("rel") or "alternate").strip().lower() != "alternate":
            continue
        else:
            value = (
                2
                if (element.get("type") or "text/html").lower() in ("text/html", "application/xhtml+xml")
                else 1
            )
        if address and value > rank:
            best, rank = address, value
    return best


def _html(element: Any, budget: _Budget) -> str:
    """What a text construct of Atom or a description of RSS holds, as HTML."""
    kind = (element.get("type") or "").strip().lower()
    atom = "atom" in str(element.tag).lower()
    if len(element):
        return budget.take(inner_html(element))
    text = budget.take(element.text or "")
    if kind in ("html", "text/html", "xhtml", "application/xhtml+xml") or (not atom and kind != "text"):
        # Escaped once too often: tags that only show after another round.
        return unescape(text) if "<" not in text and "&lt;" in text and _markup(unescape(text)) else text
    return text if _markup(text) else _paragraphs(text)


def _paragraphs(text: str) -> str:
    text = unescape(text) if _character(text) else text
    parts = [escape(part, quote=False) for part in re.split(r"\n[ \t\r]{0,9}\n", text) if part.strip()]
    return "".join(f"<p>{part}</p>" for part in parts) if len(parts) > 1 else "".join(parts)


def _first_html(fields: Fields, budget: _Budget, *keys: str) -> tuple[str, Any]:
    for key in keys:
        for element in fields.get(key, ()):
            html = _html(element, budget)
            if html.strip():
                return html, element
    return "", None


def _content(fields: Fields, budget: _Budget) -> tuple[str, Any]:
    html, holder = _first_html(fields, budget, "content:encoded", "xhtml:body", "xhtml:div", "fulltext")
    if html:
        return html, holder
    for element in fields.get("content", ()):
        kind = (element.get("type") or "text").lower()
        if element.get("src") or ("/" in kind and not kind.startswith("text/") and "xhtml" not in kind):
            continue
        html = _html(element, budget)
        if html.strip():
            return html, element
    return "", None


def _title(fields: Fields, budget: _Budget) -> str:
    return _first_html(fields, budget, "title", "dc:title", "media:title", "itunes:title")[0]


def _people(fields: Fields) -> tuple[str, ...]:
    found = []
    for key in ("author", "dc:creator", "itunes:author", "managingeditor"):
        for element in fields.get(key, ()):
            inner = _fields(element)
            text = _inner_text(inner, "name") if "name" in inner else text_within(element)
            mail = _mail_with_name(text[:300]) or _name_with_mail(text[:300])
            name = mail[1] if mail else text
            if name and ("@" not in name or " " in name):
                found.append(escape(name, quote=False))
        if found:
            break
    return tuple(found)


def _tags(fields: Fields) -> Iterator[str]:
    for element in (*fields.get("category", ()), *fields.get("dc:subject", ())):
        text = element.get("label") or element.get("term") or element.get("text") or text_within(element)
        if text and not text.startswith(("http://", "https://")):
            yield text if _character(text) else escape(text, quote=False)


def _pictures(fields: Fields) -> Iterator[Figure]:
    """Pictures of the media module, enclosures and links, with their own words."""
    media = [element for key in ("media:content", "media:thumbnail") for element in fields.get(key, ())]
    outer = fields
    for group in fields.get("media:group", ()):
        inner = _fields(group)
        media += [element for key in ("media:content", "media:thumbnail") for element in inner.get(key, ())]
        outer = {**inner, **outer}
    for element in media:
        address = element.get("url") or ""
        kind = element.get("medium") or (element.get("type") or "").partition("/")[0]
        inner = _fields(element)
        if _key(element.tag) == "media:content" and kind != "image" and (kind or not _image(address)):
            continue
        yield Figure(
            address,
            caption=_inner_text(inner, "media:description", "media:text", "media:title")
            or _inner_text(outer, "media:text", "media:description"),
            credit=_inner_text(inner, "media:credit") or _inner_text(outer, "media:credit"),
        )
    for element in (*fields.get("enclosure", ()), *fields.get("link", ())):
        is_link = local(element.tag) == "link"
        if is_link and (element.get("rel") or "").lower() != "enclosure":
            continue
        address = element.get("href" if is_link else "url") or ""
        kind = (element.get("type") or "").lower()
        if kind.startswith("image/") or (not kind and _image(address)):
            yield Figure(address)
    for element in fields.get("itunes:image", ()):
        yield Figure(element.get("href") or "")
