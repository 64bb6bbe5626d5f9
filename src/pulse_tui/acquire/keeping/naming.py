"""The names of the files that features are kept in: readable, short, and fit for any file system."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from unicodedata import category, normalize

_LONGEST = 60
"""Characters of the title's part."""
_BYTES = 150
"""Of the same in UTF-8: with a date, a number or a digest, and a suffix it stays below 200."""
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "đ": "d", "ł": "l", "ı": "i"}
"""Latin letters that Unicode does not take apart."""
_within = re.compile("['’ʼ\u200c\u200d\u00ad]").sub
_own = re.compile(r"(\d{4}-\d{2}-\d{2})-\w[\w.-]*").fullmatch
_stem = re.compile(r"(?:\d{4}-\d{2}-\d{2}[-_ ]+)?(.*)", re.DOTALL).fullmatch


def slug(title: str) -> str:
    """The words of a title in small letters with `-` between them, Latin ones in ASCII; never empty."""
    text = normalize("NFKC", _within("", title.lower())).lower()
    words = "".join(map(_letter, text)).split()
    kept = ""
    for word in words:
        longer = f"{kept}-{word}" if kept else word
        if len(longer) > _LONGEST or len(longer.encode()) > _BYTES:
            break
        kept = longer
    if not kept and words:
        kept = words[0][:_LONGEST].encode()[:_BYTES].decode("utf-8", "ignore")
    if kept and not _is_told(kept):
        # The locale's file names have no such letters.
        kept = re.sub(r"[^a-z0-9]+", "-", kept).strip("-") or digest(title.encode())
    return kept or "untitled"


def stem(day: date, title: str) -> str:
    """The name for a feature, without its suffix."""
    return f"{day.isoformat()}-{slug(title)}"


def own_stem(name: str) -> str:
    """What a file is called without its suffix, if it could be a name for a feature; else empty."""
    first = os.path.splitext(name)[0]
    found = _own(first)
    try:
        return first if found and date.fromisoformat(found[1]) and len(first.encode()) <= _BYTES else ""
    except ValueError:
        return ""


def stems(first: str) -> Iterator[str]:
    """The names for a feature without their suffix, the first choice first, without end."""
    yield first
    number = 2
    while True:
        yield f"{first}-{number}"
        number += 1


def plain(stem: str) -> str:
    """A name of ASCII alone, where a file system takes no other."""
    ascii_only = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")
    return stem if ascii_only == stem else f"{ascii_only}-{digest(stem.encode('utf-8', 'replace'))}"


def slug_of(stem: str) -> str:
    """What stands behind the date in the name of a file, fit for the name of another."""
    found = _stem(stem)
    return slug(found[1] if found else stem)


def digest(data: bytes) -> str:
    """Eight hexadecimal digits that tell contents apart."""
    return blake2b(data, digest_size=4).hexdigest()


def _letter(character: str) -> str:
    """What becomes of a character: its letters and marks, or a blank."""
    if character in _LETTERS:
        return _LETTERS[character]
    base = normalize("NFKD", character)[0]
    if base.isascii():
        return base if base.isalnum() else " "
    return character if category(character)[0] in "LMN" else " "


def _is_told(name: str) -> bool:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True
