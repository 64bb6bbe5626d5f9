"""JSON Feed 1.0 and 1.1: https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from pulse_tui.acquire.feeds.dates import moment
from pulse_tui.acquire.feeds.feed import Raw, RawFeed, absolute
from pulse_tui.acquire.markup import RefusedError, decode
from pulse_tui.article import Figure


def read_json(data: bytes, url: str) -> RawFeed:
    """The feed in the bytes; raises `RefusedError` for what is no JSON Feed."""
    try:
        document = json.loads(decode(data))
    except RecursionError:
        raise RefusedError("The feed is nested too deeply to be read.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RefusedError(f"The feed is not JSON that can be read; it breaks off at {where}.") from None
    except ValueError:
        raise RefusedError("The feed is not JSON that can be read.") from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise RefusedError("This is JSON, but not a JSON Feed: it has no list of items.")
    home = absolute(url, _text(document, "home_page_url"))
    shared = _authors(document)
    language = _text(document, "language")
    entries = _entries(document["items"], url or home, shared, language)
    return RawFeed(escape(_text(document, "title")), home, "JSON Feed", entries, language)


def _entries(items: list[Any], base: str, shared: tuple[str, ...], language: str) -> Iterator[Raw]:
    for item in items:
        if not isinstance(item, dict):
            continue
        text = "".join(f"<p>{escape(part)}</p>" for part in _text(item, "content_text").split("\n\n"))
        attached = item.get("attachments")
        sources = [_text(item, "image"), _text(item, "banner_image")]
        for each in attached[:50] if isinstance(attached, list) else ():
            if isinstance(each, dict) and _text(each, "mime_type").startswith("image/"):
                sources.append(_text(each, "url"))
        tags = item.get("tags")
        yield Raw(
            id=_text(item, "id"),
            url=_text(item, "url") or _text(item, "external_url"),
            title=escape(_text(item, "title")),
            summary=escape(_text(item, "summary")),
            content=_text(item, "content_html") or (text if text != "<p></p>" else ""),
            base=base,
            authors=_authors(item) or shared,
            published=moment(_text(item, "date_published")),
            updated=moment(_text(item, "date_modified")),
            tags=tuple(escape(tag) for tag in tags[:100] if isinstance(tag, str))
            if isinstance(tags, list)
            else (),
            pictures=tuple(Figure(source) for source in sources if source),
            language=_text(item, "language") or language,
        )


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """The names in `authors`, or in version 1.0's `author`."""
    listed = item.get("authors")
    people = listed[:50] if isinstance(listed, list) else [item.get("author")]
    return tuple(escape(_text(each, "name")) for each in people if isinstance(each, dict))


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        return ""
