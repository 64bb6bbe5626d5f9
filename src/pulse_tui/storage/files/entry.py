"""An article as its file presents it: what the index keeps of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from pulse_tui.article import Figure, Headline, caption_and_credit
from pulse_tui.storage.files.escapes import unescaped
from pulse_tui.storage.files.front_matter import utf8
from pulse_tui.storage.files.head import HEAD, Head, plain_inline, read_head
from pulse_tui.storage.files.names import stem
from pulse_tui.storage.files.walk import Found, opened, read_bytes, stamp, why
from pulse_tui.text import clean_line

READ = 1024 * 1024
"""Bytes of a file that are searched; of a longer one the rest is not looked at, whatever its size."""
_FIGURES = 1000
_CAPTION = 2000

# Compiled when files are read for the index.
_PICTURE = r"""(?xs)!\[((?:[^\[\]\\]|\\.){0,2000})\]\(
        [ \t]*+(?:\n[ \t]*+)?
        (<[^<>\n]{0,2000}>|[^\s()<]{0,2000}(?:\([^\s()]{0,2000}\)[^\s()]{0,2000})?)
        (?:\s++(?:"((?:[^"\\]|\\.){0,4000})"|'((?:[^'\\]|\\.){0,4000})'))?
        \s*+\)"""
_CODE = r"(?ms)^ {0,3}(`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^ {0,3}\1[`~ \t]*$|\Z)"


class Entry(NamedTuple):
    """What a file says about itself; a library may give it another id."""

    found: Found
    headline: Headline
    path_id: str
    """The id that its place in the library would give it."""
    seconds: float
    """Reading time, an estimate."""
    digest: str
    """Of the content: of its first bytes, `READ` or where only the head is read `HEAD`, and its size."""
    figures: tuple[Figure, ...] = ()
    """The lead picture, if it has one, before those of the body."""
    has_lead: bool = False
    body: bytes = b""
    """The Markdown, as far as it is searched: bytes, because a batch of them is held at once."""


def read_entry(found: Found, *, whole: bool = True) -> Entry:
    """Read a file, or only its head; if it cannot be read its name speaks, and a notice tells why."""
    if not found.fault:
        try:
            with opened(found.path) as (descriptor, status):
                raw = read_bytes(descriptor, READ if whole else HEAD)
                found = found._replace(stamp=stamp(status))
                entry = _entry(found, raw, status.st_size, status.st_mtime)
                return entry if whole else entry._replace(body=b"")
        except OSError as error:
            found = found._replace(stamp=None, fault=why(found.path, error))
    head = _head(found, b"", 0, None)
    return Entry(found, head.headline, path_id(found), head.seconds, _digest(found.fault.encode(), 0))


def entry_of(found: Found, data: bytes) -> Entry:
    """The same for a text in UTF-8 that came from no file."""
    return _entry(found, data[:READ], len(data), None)


def path_id(found: Found) -> str:
    """The id that its place in the library gives a file."""
    return clean_line(stem(found.relative)) or "article"


def figures_of(body: str) -> Iterator[Figure]:
    """The pictures of a Markdown text, `![alt](source "Caption. Credit: Name")`, but for those in code."""
    if "```" in body or "~~~" in body:
        body = re.sub(_CODE, "", body)
    picture = re.compile(_PICTURE).match
    found, place = 0, 0
    while found < _FIGURES and (place := body.find("![", place)) >= 0:
        match = picture(body, place)
        if match is None:
            place += 2
            continue
        title = unescaped(match[3] or match[4] or "")[:_CAPTION]
        source = clean_line(unescaped(match[2].strip("<>"))) or None
        yield Figure(source, plain_inline(match[1]), *caption_and_credit(title))
        found, place = found + 1, match.end()


def _entry(found: Found, raw: bytes, size: int, modified: float | None) -> Entry:
    digest = _digest(raw, size)
    data = utf8(raw)
    if data is not raw:
        size = size * len(data) // len(raw)
    head = _head(found, data, size, modified)
    body = data[head.body_start :]
    lead = () if head.lead is None else (head.lead,)
    figures = (*lead, *figures_of(body.decode("utf-8", "replace"))) if b"![" in body else lead
    return Entry(found, head.headline, path_id(found), head.seconds, digest, figures, bool(lead), body)


def _head(found: Found, data: bytes, size: int, modified: float | None) -> Head:
    name = os.path.basename(found.relative)
    path = found.path or None
    return read_head(data[:HEAD], size, name, path_id(found), path=path, modified=modified, fault=found.fault)


def _digest(data: bytes, size: int) -> str:
    try:
        from _blake2 import blake2b
    except ImportError:  # another Python than CPython
        from hashlib import blake2b  # which loads OpenSSL: 4 MB

    return blake2b(data, digest_size=16, salt=size.to_bytes(8, "little")).hexdigest()
