"""What some bytes are: told by their first ones, then by the name or media type that they came under.

Media types lie, file endings lie, and a pipe has neither.  Only what no text begins with goes before what
somebody said: the marks of binary formats, and the root element of a page, a feed or a list of feeds.
The order is that of https://mimesniff.spec.whatwg.org, made smaller.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal

Kind = Literal["page", "markdown", "text", "book", "feed", "feeds", "pdf", "picture", "binary", "empty"]
"""`feeds` is a list of them (OPML)."""

HEAD = 4096
"""Bytes that are looked at."""
ENDINGS: dict[str, Kind] = {
    ".html": "page",
    ".htm": "page",
    ".xhtml": "page",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".epub": "book",
}
"""Of files that a folder is searched for."""
_TYPES: dict[str, Kind] = {
    "text/html": "page",
    "application/xhtml+xml": "page",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "application/epub+zip": "book",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/feed+json": "feed",
    "text/x-opml": "feeds",
    "application/pdf": "pdf",
}
_ANYTHING = (
    "application/octet-stream",
    "application/xml",
    "application/x-unknown",
    "application/force-download",
)
_MARKS: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"\x1f\x8b", "binary"),
    (b"PK\x03\x04", "binary"),
    (b"PK\x05\x06", "binary"),
    (b"\x7fELF", "binary"),
    (b"BZh", "binary"),
    (b"\xfd7zXZ\x00", "binary"),
    (b"7z\xbc\xaf", "binary"),
    (b"Rar!", "binary"),
    (b"OggS", "binary"),
    (b"ID3", "binary"),
    (b"SQLite format 3\0", "binary"),
    (b"\xd0\xcf\x11\xe0", "binary"),
    (b"{\\rtf", "binary"),
    (b"%!PS", "binary"),
)
_ROOTS: dict[bytes, Kind] = {
    b"html": "page",
    b"head": "page",
    b"body": "page",
    b"rss": "feed",
    b"feed": "feed",
    b"rdf": "feed",
    b"channel": "feed",
    b"opml": "feeds",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_prolog = re.compile(rb"(?:\s++|<\?[^>]{0,1000}>|<!--.{0,2000}?-->)*+", re.DOTALL).match
_doctype = re.compile(rb"<!doctype\s+([\w:]{1,40})?[^>\[]{0,500}(?:\[|>\s*)", re.IGNORECASE).match
_root = re.compile(rb"<(?:(\w+):)?(\w+)[\s/>]").match
_fragment = re.compile(
    rb"<(?:p|div|article|section|main|h[1-6]|ul|ol|dl|table|blockquote|figure|span|a|img|meta|link|style|title|"
    rb"body|center|nav|header)\b[^>]{0,1000}>",
    re.IGNORECASE,
)
_end_tags = re.compile(rb"</[a-zA-Z][a-zA-Z0-9]{0,20}\s*>").findall
_json_feed = re.compile(rb"\A\s*\{.{0,1000}https?://jsonfeed\.org/version/", re.DOTALL).match
_control = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]").findall
_front_matter = re.compile(
    rb"---[ \t]*\r?\n(?:[^\n]{0,2000}\n){0,200}?(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)"
).match
_markdown_signs = re.compile(
    rb"^(?: {0,3}#{1,6} +\S| {0,3}(?:```|~~~)| {0,3}\[[^\]\n]{1,200}\]: ?\S|\|? ?:?-{3,}:? ?\|)"
    rb"|\]\((?:https?:|mailto:|[\w./#-])[^()\s]{0,500}\)|\*\*\w[^*\n]{0,200}\*\*",
    re.MULTILINE,
).search


def kind_of(head: bytes, *, name: str = "", media_type: str = "", spoken: Kind | None = None) -> Kind:
    """What bytes are that begin with `head`: its first `HEAD` bytes, or all.

    `name` is that of a file, or the path of an address; `media_type` is in lower case and without
    parameters; `spoken` is what they are where neither of them says.
    """
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return "empty"
    said: Kind | None = _TYPES.get(media_type)
    if said in (None, "text"):
        said = ENDINGS.get(posixpath.splitext(name)[1].lower(), said)
    head = head[:HEAD]
    if head.startswith(_UTF16):
        # A byte order mark says that it is text; what stands in it is found as in any other.
        head = head[2:].decode("utf-16-le" if head[0] == 0xFF else "utf-16-be", "replace").encode()
    elif marked := _marked(head):
        return marked
    head = head.removeprefix(b"\xef\xbb\xbf")
    if len(_control(head)) * 20 > len(head) and not head.startswith((b"<\0", b"\0<")):
        return "binary"
    if said == "book":
        return "book"  # which its reader will refuse in its own words
    if root := _rooted(head):
        return root
    if said == "page":
        return "page" if b"<" in head else "text"
    if said is not None:
        return said
    if media_type.startswith("image/"):
        return "picture"
    if media_type.startswith(("application/", "audio/", "video/", "font/")) and media_type not in _ANYTHING:
        return "binary"  # JSON, scripts: text, and no article
    return _guessed(head) or spoken or "text"


def _marked(head: bytes) -> Kind | None:
    """What a mark of a binary format says."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        return "picture" if head[8:12] in (b"avif", b"heic", b"mif1") else "binary"
    if head.startswith(b"PK\x03\x04") and (
        head[30:58] == b"mimetypeapplication/epub+zip" or b"META-INF/container.xml" in head
    ):
        return "book"
    for mark, kind in _MARKS:
        if head.startswith(mark) and not (mark.isalnum() and _is_words(head)):
            return kind
    return None


def _is_words(head: bytes) -> bool:
    """Whether what begins with letters that may be a mark goes on as a text does."""
    return not _control(head[:64])


def _rooted(head: bytes) -> Kind | None:
    """What the root element says, if there is one and it is told by it."""
    found = _prolog(head)
    at = found.end() if found else 0
    if (declared := _doctype(head, at)) is not None:
        if named := _ROOTS.get((declared[1] or b"").lower().rpartition(b":")[2]):
            return named
        at = declared.end()
    elif _json_feed(head):
        return "feed"
    root = _root(head, at)
    return _ROOTS.get(root[2].lower()) if root else None


def _guessed(head: bytes) -> Kind | None:
    """What a text that nothing is said of looks like."""
    if _front_matter(head):
        return "markdown"
    text = head.lstrip()
    if _fragment.match(text) and _end_tags(text):
        return "page"
    if _markdown_signs(head):
        return "markdown"
    return None
