"""The bytes of a page to a tree, and what the other modules here ask of its elements.

The parser is libxml2's by way of lxml: forgiving, in C, and with a limit to nesting at which it drops
the rest without an error of its own, which is why its log is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

from pulse_tui.acquire.markdown.html import with_void_elements
from pulse_tui.text import clean_line

Element: TypeAlias = Any
"""An element of lxml, which comes without types."""

LARGEST = 5_000_000
"""Bytes of a page."""
_ATTRIBUTES = 2_000
_ELEMENTS = 150_000
_META = 4096

_charset = re.compile(
    rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
).search
_declared = re.compile(r"^\s*<\?xml[^>]*\?>")
_control = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_long_tag = re.compile(r"<[A-Za-z][^<>]{20000,}")
_attribute = re.compile(r"""\s[^\s=<>"'/]+(?=[\s=])""")
_hidden_class = re.compile(
    r"(?:^|[\s_-])(?:visually-?hidden|off-?screen|sr-only|screen-?reader(?:-text)?|a11y-hidden|is-hidden|"
    r"hide-caption|toggle-caption|caption-(?:truncated|toggle)|assistive-text)(?:$|[\s_-])",
    re.IGNORECASE,
).search
_hidden_style = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE).search
_unseen = frozenset(
    {"script", "style", "noscript", "template", "svg", "button", "head", "title", "select", "textarea"}
)
_spaced = frozenset(
    {"p", "div", "br", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "figcaption"}
)


class PageError(Exception):
    """Why a page can't become a feature: one sentence for whoever wanted it."""


def parse(data: bytes, charset: str = "") -> Element:
    """The root element of a page; `charset` is the one that the server named.

    Raises:
        PageError: the page is too large, no HTML, empty, or built to break parsers.
    """
    from lxml import etree, html

    if len(data) > LARGEST:
        raise PageError(
            f"The page is {len(data) / 1e6:.0f} MB; pages over {LARGEST // 1_000_000} MB are not read."
        )
    text = with_void_elements(decode(data, charset))
    if not text.strip():
        raise PageError("The page is empty.")
    if _is_binary(data, text):
        raise PageError("This is binary data, not a page: give the address of the page itself.")
    if "<" not in text:
        raise PageError("This is plain text, not a page: save it with the ending .txt and add that file.")
    if any(len(_attribute.findall(tag[0])) > _ATTRIBUTES for tag in _long_tag.finditer(text)):
        raise PageError(f"The page has a tag with more than {_ATTRIBUTES:,} attributes and is not read.")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(
            _control.sub("\ufffd", _declared.sub("", text)).encode("utf-8", "replace"), parser=parser
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise PageError("The page has no text.") from error
    if any(
        "depth" in entry.message.lower() and entry.type_name == "ERR_RESOURCE_LIMIT"
        for entry in parser.error_log
    ):
        raise PageError("The page is nested so deep that text would be lost, and is not read.")
    if sum(1 for _ in root.iter()) > _ELEMENTS:
        raise PageError(f"The page has more than {_ELEMENTS:,} elements and is not read.")
    return root


def decode(data: bytes, charset: str = "") -> str:
    """The text of a page: by byte order mark, the server's word, the page's own, UTF-8, Windows-1252.

    This is the order of https://html.spec.whatwg.org/#determining-the-character-encoding; a name that
    Python doesn't know counts as none.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    declared = _charset(data, 0, _META)
    for name in (charset, declared[1].decode("ascii") if declared else ""):
        known = _codec(name)
        if known:
            return data.decode(known, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # A stray byte in a long page doesn't make it another encoding.
        text = data.decode("utf-8", "replace")
        beyond = len(data) - len(data.decode("ascii", "ignore"))
        return text if text.count("\ufffd") * 10 < beyond else data.decode("cp1252", "replace")


def _codec(name: str) -> str:
    if not name:
        return ""
    try:
        found = codecs.lookup(name.strip().lower())
    except LookupError:
        return ""
    # A codec of Python's may be no text at all (zlib, rot13); browsers read Latin-1 as Windows-1252.
    if not getattr(found, "_is_text_encoding", True) or found.name in ("utf-7", "idna", "punycode"):
        return ""
    return {
        "iso8859-1": "cp1252",
        "ascii": "cp1252",
        "utf-16-le": "utf-8",
        "utf-16-be": "utf-8",
        "utf-16": "utf-8",
    }.get(found.name, found.name)


def _is_binary(data: bytes, text: str) -> bool:
    head = data[:4096]
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return False
    if head.startswith(
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF", b"RIFF")
    ):
        return True
    odd = len(_control.findall(text[:4096])) + text.count("\ufffd", 0, 4096)
    return odd * 10 > len(text[:4096])


def text_of(element: Element, without: Collection[Element] = ()) -> str:
    """The visible text within an element but for some of those in it, clean and on one line."""
    parts: list[str] = []
    _collect(element, parts, without)
    return clean_line("".join(parts))


def _collect(element: Element, parts: list[str], without: Collection[Element]) -> None:
    tag = element.tag
    if not isinstance(tag, str) or tag in _unseen or is_hidden(element) or element in without:
        return
    if element.text:
        parts.append(element.text)
    for child in element:
        _collect(child, parts, without)
        if child.tag in _spaced:
            parts.append(" ")
        if child.tail:
            parts.append(child.tail)
    if tag in _spaced:
        parts.append(" ")


def remove(element: Element) -> None:
    """Take an element out and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def is_hidden(element: Element) -> bool:
    """Whether the page keeps an element from the eye, by attribute, style or one of the usual classes."""
    attributes = element.attrib
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if style and _hidden_style(style):
        return True
    named = attributes.get("class")
    return bool(named and _hidden_class(named))


def names_of(element: Element) -> str:
    """What a page calls an element: its classes, item property, id and test id, as one text."""
    attributes = element.attrib
    if not attributes:
        return ""
    keys = ("class", "itemprop", "id", "data-testid", "data-test")
    return " ".join(filter(None, map(attributes.get, keys)))


def absolute(base: str, address: str | None) -> str:
    """The address seen from `base`; empty unless it is http, https or mailto."""
    if not address:
        return ""
    address = re.sub(
        r"[\x00-\x20\x7f-\xa0]+", lambda found: "%20" if found[0] == " " else "", address.strip()
    )
    try:
        joined = urljoin(base, address)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https") and parts.netloc:
        return clean_line(joined)
    return clean_line(joined) if parts.scheme == "mailto" and parts.path else ""
