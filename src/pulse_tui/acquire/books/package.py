"""What a book says of itself: container, package and contents, https://www.w3.org/TR/epub-33/."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, NamedTuple

from pulse_tui.acquire.books.archive import Archive, MissingError, resolve
from pulse_tui.acquire.feeds.dates import moment
from pulse_tui.acquire.markup import MIB, RefusedError, local, parse
from pulse_tui.text import clean_line

_XML = 4 * MIB
_SPINE = 2000
_CONTENTS = 5000
_OPS = "{http://www.idpf.org/2007/ops}"
_OPF = "{http://www.idpf.org/2007/opf}"
# Fonts may be scrambled; they are not read. Every other way of encrypting keeps the text away.
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")

_year = re.compile(r"\s*(\d{4})\s*\Z").match


class Item(NamedTuple):
    """A file that the package lists."""

    name: str
    kind: str
    """The media type."""
    properties: tuple[str, ...]


class Entry(NamedTuple):
    """A line of the contents."""

    name: str
    fragment: str
    title: str
    parents: tuple[str, ...]
    """The titles of the lines that it stands under, the outermost first."""


class Package(NamedTuple):
    """The book's data; every text is clean and of one line."""

    title: str
    authors: tuple[str, ...]
    language: str
    published: date | datetime | None
    identifier: str
    cover: str
    """The name of the cover's picture, or empty."""
    spine: tuple[str, ...]
    """The names of the documents in the order of reading."""
    contents: tuple[Entry, ...]
    navigation: str
    notices: tuple[str, ...]


def read_package(archive: Archive) -> Package:
    """The book's data; raises `RefusedError` if it is locked or no book."""
    _check_locks(archive)
    name = _package_name(archive)
    try:
        root = _parsed(archive, name)
    except MissingError:
        raise RefusedError(
            "This is not an EPUB that can be read: its package file is missing or damaged."
        ) from None
    notices: list[str] = []
    parts = {local(child.tag): child for child in root if isinstance(child.tag, str)}
    metadata, manifest, spine = (parts.get(key, ()) for key in ("metadata", "manifest", "spine"))
    items: dict[str, Item] = {}
    for child in manifest:
        href, key = child.get("href"), child.get("id")
        if local(child.tag) == "item" and href and key:
            found, _ = resolve(name, href)
            if not found:
                notices.append("The book lists a file outside of itself, which is left out.")
                continue
            items[key] = Item(
                found, child.get("media-type") or "", tuple((child.get("properties") or "").split())
            )
    order = []
    for child in spine:
        if local(child.tag) != "itemref" or (child.get("linear") or "").strip() == "no":
            continue
        item = items.get(child.get("idref") or "")
        if item is None:
            notices.append("The book's order names a file that its list doesn't have.")
        elif item.name not in order:
            order.append(item.name)
        if len(order) > _SPINE:
            raise RefusedError(f"The EPUB has more than {_SPINE:,} documents.")
    if not order:
        raise RefusedError("The EPUB lists nothing to read.")
    navigation, contents = "", tuple[Entry, ...]()
    for item in items.values():
        if "nav" in item.properties:
            navigation = item.name
            contents = _contents(archive, item.name, _nav, notices)
    if not contents:
        toc = items.get(spine.get("toc") or "") if len(spine) else None
        toc = toc or next((item for item in items.values() if item.kind == "application/x-dtbncx+xml"), None)
        contents = _contents(archive, toc.name, _ncx, notices) if toc else ()
    return Package(
        title=_first(metadata, "title") or "Untitled",
        authors=_creators(metadata),
        language=_first(metadata, "language"),
        published=_published(metadata),
        identifier=_first(metadata, "identifier"),
        cover=_cover(metadata, items),
        spine=tuple(order),
        contents=contents,
        navigation=navigation,
        notices=tuple(dict.fromkeys(notices)),
    )


def kinds(element: Any) -> set[str]:
    """What an element is said to be, by `epub:type` or by its role."""
    given = f"{element.get(f'{_OPS}type') or element.get('epub:type') or ''} {element.get('role') or ''}"
    return {word.removeprefix("doc-") for word in given.lower().split()}


def _parsed(archive: Archive, name: str) -> Any:
    return parse(archive.read(name, _XML), f"The book's file {name}", limit=_XML)[0]


def _check_locks(archive: Archive) -> None:
    name = "META-INF/encryption.xml"
    if name not in archive:
        return
    try:
        root = _parsed(archive, name)
        methods = [each.get("Algorithm") for each in root.iter() if local(each.tag) == "encryptionmethod"]
        locked = any(method not in _FONTS for method in methods)
    except (MissingError, RefusedError):
        locked = True
    if locked:
        raise RefusedError("The EPUB is locked by its seller (DRM); only open books can be read.")


def _package_name(archive: Archive) -> str:
    try:
        root = _parsed(archive, "META-INF/container.xml")
    except (MissingError, RefusedError):
        raise RefusedError(
            "This is not an EPUB that can be read: it has no META-INF/container.xml."
        ) from None
    for each in root.iter():
        if local(each.tag) == "rootfile" and each.get("full-path"):
            name, _ = resolve("", each.get("full-path"))
            if not name:
                raise RefusedError("The EPUB names a file outside of itself, so it is refused.")
            return name
    raise RefusedError("This is not an EPUB that can be read: its container names no package.")


def _texts(metadata: Any, name: str) -> list[tuple[Any, str]]:
    found = [
        (each, clean_line((each.text or "")[:2000])[:500]) for each in metadata if local(each.tag) == name
    ]
    return [(each, text) for each, text in found if text]


def _first(metadata: Any, name: str) -> str:
    return next((text for _, text in _texts(metadata, name)), "")


def _creators(metadata: Any) -> tuple[str, ...]:
    roles = {
        (each.get("refines") or "").lstrip("#"): text
        for each, text in _texts(metadata, "meta")
        if each.get("property") == "role"
    }
    people = []
    for each, text in _texts(metadata, "creator"):
        role = each.get(f"{_OPF}role") or roles.get(each.get("id") or "-") or "aut"
        if role == "aut":
            people.append(text)
    return tuple(people or [text for _, text in _texts(metadata, "creator")])[:50]


def _published(metadata: Any) -> date | datetime | None:
    dates = _texts(metadata, "date")
    dates.sort(key=lambda found: (found[0].get(f"{_OPF}event") or "publication") != "publication")
    for each, text in dates:
        if each.get(f"{_OPF}event") == "modification":
            continue
        if year := _year(text):
            return date(int(year[1]), 1, 1) if int(year[1]) else None
        if found := moment(text):
            return found
    return None


def _cover(metadata: Any, items: dict[str, Item]) -> str:
    for item in items.values():
        if "cover-image" in item.properties:
            return item.name
    for each in metadata:
        if local(each.tag) == "meta" and (each.get("name") or "").lower() == "cover":
            named = items.get(each.get("content") or "")
            if named and named.kind.startswith("image/"):
                return named.name
    return ""


def _contents(archive: Archive, name: str, reader: Any, notices: list[str]) -> tuple[Entry, ...]:
    try:
        lines: list[tuple[str, str, tuple[str, ...]]] = reader(_parsed(archive, name))
    except (MissingError, RefusedError) as error:
        notices.append(f"The contents can't be read. {error}")
        return ()
    found = []
    for title, href, parents in lines[:_CONTENTS]:
        target, fragment = resolve(name, href)
        if target and title:
            found.append(Entry(target, fragment, title, parents))
    return tuple(found)


def _nav(root: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """The lines of a navigation document: nested lists of links."""
    navs = [each for each in root.iter() if local(each.tag) == "nav"]
    top = next((each for each in navs if "toc" in kinds(each)), navs[0] if navs else None)
    if top is None:
        return []
    labels: dict[Any, str] = {}
    lines = []
    for item in top.iter():
        if local(item.tag) != "li":
            continue
        label = next((each for each in item if local(each.tag) in ("a", "span")), None)
        if label is None:
            continue
        labels[item] = _label(label)
        parents = [labels[each] for each in item.iterancestors() if labels.get(each)]
        if label.get("href"):
            lines.append((labels[item], label.get("href"), tuple(reversed(parents))))
    return lines


def _ncx(root: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """The lines of an NCX file, EPUB 2's contents."""
    labels: dict[Any, str] = {}
    lines = []
    for point in root.iter():
        if local(point.tag) != "navpoint":
            continue
        parts = {local(child.tag): child for child in point}
        labels[point] = _label(parts["navlabel"]) if "navlabel" in parts else ""
        parents = [labels[each] for each in point.iterancestors() if labels.get(each)]
        source = parts["content"].get("src") if "content" in parts else None
        if source:
            lines.append((labels[point], source, tuple(reversed(parents))))
    return lines


def _label(element: Any) -> str:
    return clean_line("".join(element.itertext())[:2000])[:300]
