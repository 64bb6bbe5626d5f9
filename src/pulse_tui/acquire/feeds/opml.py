"""OPML 1.0 and 2.0, the lists of feeds that readers exchange: http://opml.org/spec2.opml.

Read from a stream of tags, so that outlines may be nested as deeply as anybody likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any, NamedTuple

from pulse_tui.acquire.feeds.feed import absolute, without_feed_scheme
from pulse_tui.acquire.markup import MIB, RefusedError, check_size, document, mend
from pulse_tui.article import Notice
from pulse_tui.subscriptions import Subscription
from pulse_tui.text import clean_line

LIMIT = 8 * MIB
"""Bytes of a list."""
FEEDS = 10_000
DEPTH = 32
"""Folders within each other that a path keeps, from the outermost; feeds in deeper ones stay in the last."""
_TEXT = 300

_feed_kinds = re.compile(r"rss\d*|atom\d*|rdf|pie|feed|json(?:feed)?", re.IGNORECASE).fullmatch
_address = re.compile(
    r"""\bxmlUrl\s{0,9}=\s{0,9}(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')""", re.IGNORECASE
).finditer
_reference = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});").sub
_unfit = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]").sub


class Outline(NamedTuple):
    """A list of feeds."""

    title: str
    subscriptions: tuple[Subscription, ...]
    notices: tuple[Notice, ...] = ()


def read_opml(data: bytes) -> Outline:
    """The subscriptions on a list, in its order, each address once (where it stands first).

    Bare `&`, HTML's entities, wrong encodings and junk around the list are mended; of a list broken beyond
    that the addresses behind the fault are picked out.  Raises `RefusedError` for what is no list.
    """
    what = "The OPML file"
    check_size(data, LIMIT, what)
    text = document(data, what, root="opml|outline")
    notices = []
    walk, whole = _walked(text)
    if not whole:
        walk, whole = _walked(mend(text, what))
        if whole:
            notices.append(Notice("The OPML file is not well-formed; it was mended."))
        else:
            _pick(text, walk)
            notices.append(Notice("The OPML file is broken; behind the fault only the addresses were taken."))
    return walk.outline(notices)


def to_opml(subscriptions: Iterable[Subscription], title: str = "") -> bytes:
    """The list as OPML 2.0 in UTF-8: folders as nested outlines, each once, what lies in none first."""
    tree: dict[str, Any] = {}
    for each in subscriptions:
        folder = tree
        for name in filter(None, map(_fit, each.folders)):
            folder = folder.setdefault(name, {})
        folder.setdefault("", []).append(each)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', "  <head>"]
    lines += [f"    <title>{_escape(_titled(title))}</title>", "  </head>", "  <body>"]
    # A folder's end lies on the stack as a string below what stands in the folder.
    stack: list[tuple[int, dict[str, Any] | str]] = [(2, tree)]
    while stack:
        depth, top = stack.pop()
        if isinstance(top, str):
            lines.append(top)
            continue
        indent = "  " * min(depth, DEPTH)
        lines += [indent + _outline(each) for each in top.get("", ())]
        for name, inner in reversed([(name, inner) for name, inner in top.items() if name]):
            stack.append((depth, f"{indent}</outline>"))
            stack.append((depth + 1, inner))
            stack.append((depth, f"{indent}<outline text={_quoted(_titled(name))}>"))
    lines += ["  </body>", "</opml>", ""]
    return "\n".join(lines).encode()


def _outline(each: Subscription) -> str:
    title = _titled(each.title)
    words = f" text={_quoted(title or each.url)}" + (f" title={_quoted(title)}" if title else "")
    home = f" htmlUrl={_quoted(_fit(each.home))}" if each.home else ""
    return f'<outline type="rss"{words} xmlUrl={_quoted(_fit(each.url))}{home}/>'


def _fit(text: str) -> str:
    return clean_line(_unfit(" ", text))


def _words(text: str) -> str:
    """A title as it is shown; programs that escape once too often are common, titles with `&amp;` are not."""
    return clean_line(_reference(lambda found: unescape(found[0]), text[: 4 * _TEXT]))[:_TEXT].rstrip()


def _titled(text: str) -> str:
    """A title such that `_words` gives it back."""
    text = _fit(text)[:_TEXT].rstrip()
    return _reference(lambda found: "&amp;" + found[0][1:], text)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return '"' + _escape(text).replace('"', "&quot;") + '"'


class _Walk:
    """The subscriptions met on a walk through a list."""

    def __init__(self) -> None:
        self.title = ""
        self._found: dict[str, Subscription] = {}
        self._twins = self._others = 0
        self._open: list[bool] = []
        self._path: list[str] = []
        self._seen_opml = self._picking = False
        self._in_title = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2].lower()
        self._seen_opml |= name in ("opml", "outline")
        self._in_title = name == "title" and not self._open
        if name != "outline":
            return
        values = {key.lower(): value.strip() for key, value in attributes.items()}
        kind = values.get("type", "")
        title = _words(values.get("text") or values.get("title", ""))
        address = values.get("xmlurl", "")
        if not address and _feed_kinds(kind):
            address = values.get("url", "")
        is_folder = not address
        if address and kind.lower() not in ("link", "include"):
            self.add(address, title, values.get("htmlurl", ""))
        self._open.append(is_folder and title != "")
        if self._open[-1]:
            self._path.append(title)

    def end(self, tag: str) -> None:
        self._in_title = False
        if tag.rpartition(":")[2].lower() == "outline" and self._open.pop():
            self._path.pop()

    def text(self, text: str) -> None:
        if self._in_title and len(self.title) < 4 * _TEXT:
            self.title += text

    def add(self, address: str, title: str = "", home: str = "") -> None:
        url = absolute("", without_feed_scheme(address))
        if not url:
            self._others += 1
            return
        key = _folded(url)
        if key in self._found:
            self._twins += not self._picking
            return
        if len(self._found) == FEEDS:
            raise RefusedError(f"The OPML file lists more than {FEEDS:,} feeds.")
        if title == url:
            title = ""
        self._found[key] = Subscription(url, title, absolute(url, home), tuple(self._path[:DEPTH]))

    def leave(self) -> None:
        """Leave all folders; the addresses that come now may be ones already met."""
        self._path.clear()
        self._picking = True

    def outline(self, notices: list[Notice]) -> Outline:
        if not self._found and not self._seen_opml:
            raise RefusedError("This is not OPML: it has no outlines.")
        if not self._found:
            raise RefusedError("The OPML file lists no feeds.")
        if self._twins:
            notices.append(Notice(f"Feeds that stood in the list twice: {self._twins}."))
        if self._others:
            notices.append(Notice(f"Left out for want of an http or https address: {self._others}."))
        return Outline(_words(self.title), tuple(self._found.values()), tuple(notices))


def _walked(text: str) -> tuple[_Walk, bool]:
    """The walk through a list as far as it is well-formed, and whether that is all of it."""
    from xml.parsers import expat

    walk = _Walk()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return walk, False
    return walk, True


def _pick(text: str, walk: _Walk) -> None:
    """Add the addresses in the text that the walk didn't come to."""
    walk.leave()
    for found in _address(text):
        walk.add(unescape(found[1] or found[2]))


def _folded(url: str) -> str:
    """What two addresses of one feed have in common: no scheme, no case in the host, no slash at the end."""
    host, slash, rest = url.partition("://")[2].partition("/")
    return host.lower() + slash + rest if rest else host.lower()
