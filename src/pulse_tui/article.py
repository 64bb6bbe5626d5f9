"""What an article is: its headline, its figures, a place in it, and how far a reader got."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypedDict

from pulse_tui.text import clean_line

WORDS_A_MINUTE = 238
"""Silent reading of English non-fiction: Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047."""
CJK_CHARACTERS_A_MINUTE = 300
_HOURS_FROM = 100
"""Minutes; below, a number of them says more than hours do."""
_MINUTES_UNTIL = 100
"""Hours; beyond, no estimate is as good as a minute."""

_KIND = "(?:credit|photograph|photo|picture|image|illustration|drawing|map|source)s?"
_CREDIT_MARK = rf"(?i)(?:(?<=[\s(])|^)(?:{_KIND} )?{_KIND} ?[:：]"
# U+3000 to U+9FFF in UTF-8: kana, Han and their punctuation; each character has just one such first byte.
_CJK_FIRST_BYTES = bytes(range(0xE3, 0xEA))
_CJK_APART = bytes.maketrans(_CJK_FIRST_BYTES, b" " * len(_CJK_FIRST_BYTES))


class Notice(NamedTuple):
    """Something a reader should know about a file: what is wrong, and where."""

    text: str
    path: Path | None = None
    line: int | None = None
    """The line of the file, from 1."""

    def __str__(self) -> str:
        where = ":".join(clean_line(str(part)) for part in (self.path, self.line) if part is not None)
        is_named = self.line is None and where in self.text
        return self.text if is_named else f"{where}: {self.text}"


class Figure(NamedTuple):
    """A picture with its words; caption and credit are fields of their own."""

    source: str | None
    """Path beside the article, or URL; None where the picture is not included."""
    alt: str = ""
    caption: str = ""
    credit: str = ""


class Place(NamedTuple):
    """A spot in an article's text: it outlives a change of width, of theme, and edits elsewhere.

    `block` is the number of the piece of text (0 is the article's head), `offset` a character in the
    piece's text as it is shown, `digest` that of the piece's source.  Rows without words of their own
    (blank ones, a picture's frame) begin at the same character as others; `nth` tells them apart.
    """

    block: int = 0
    offset: int = 0
    digest: str = ""
    nth: int = 0


class Reading(NamedTuple):
    """How one reader stands with one article."""

    read: bool = False
    fraction: float = 0.0
    """How much of the text has been passed, 0 to 1."""
    place: Place | None = None
    starred: bool = False
    seconds: float = 0.0
    """Time spent with it."""


class Note(TypedDict, total=False):
    """What is to be noted of a `Reading`; what is missing or None stays as it was."""

    place: Place | None
    fraction: float | None
    read: bool | None
    starred: bool | None


class Headline(NamedTuple):
    """What a list shows of an article; every text in it is clean and of one line."""

    id: str
    title: str
    dek: str = ""
    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    minutes: int = 1
    """Reading time, an estimate."""
    tags: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


class Article(NamedTuple):
    """A whole article: its headline, its Markdown as bytes, and its lead picture."""

    headline: Headline
    body: bytes
    """Markdown in UTF-8, without the front matter; bytes that are not UTF-8 are replaced on display."""
    lead: Figure | None = None
    source: str | None = None
    """Where the article came from: a URL."""
    language: str = ""
    """BCP 47."""
    path: Path | None = None
    extra: Mapping[str, object] = MappingProxyType({})
    """Front matter keys that this program does not know."""


def caption_and_credit(title: str) -> tuple[str, str]:
    """A picture's words, cut into caption and credit, both clean and of one line.

    The credit is what follows the last `Credit:`, `Photo:`, `Map:` or the like, in any case; if that
    stands in parentheses, only what is inside them, and the rest stays with the caption.
    """
    text = clean_line(title)
    if ":" not in text and "：" not in text:  # the pattern is compiled for the first that may have one
        return text, ""
    marks = list(re.finditer(_CREDIT_MARK, text))
    if not marks:
        return text, ""
    mark = marks[-1]
    before, credit = text[: mark.start()], text[mark.end() :].strip()
    if not before.endswith("("):
        return before.rstrip(" ,;|·–—-"), credit
    depth = 1
    for end, character in enumerate(credit):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return (before[:-1].rstrip() + credit[end + 1 :]).strip(), credit[:end].strip()
    return before[:-1].rstrip(), credit


def reading_seconds(text_sample: bytes, total: int) -> float:
    """The reading time in seconds of `total` bytes of UTF-8 that begin with the sample.

    Words count where scripts have spaces, characters where they have none (Chinese, Japanese); both are
    counted in the bytes, because a library holds many thousands of files.
    """
    if not text_sample:
        return 0.0
    cjk = len(text_sample) - len(text_sample.translate(None, _CJK_FIRST_BYTES))
    words = len((text_sample.translate(_CJK_APART) if cjk else text_sample).split()) - cjk
    time = words / WORDS_A_MINUTE + cjk / CJK_CHARACTERS_A_MINUTE
    return 60 * time * total / len(text_sample)


def minutes(seconds: float) -> int:
    """A reading time in whole minutes, at least 1."""
    return max(1, round(seconds / 60))


def hours_and_minutes(minutes: float) -> tuple[int, int]:
    """A reading time as it is told: whole minutes, from 100 of them on with hours, at last hours alone."""
    whole = max(1, round(minutes))
    if whole < _HOURS_FROM:
        return 0, whole
    hours, rest = divmod(whole, 60)
    return (hours, rest) if hours < _MINUTES_UNTIL else (round(whole / 60), 0)


def duration(minutes: float) -> str:
    """A reading time, short: `46 min`, `10 h 46 min`, `120 h`."""
    hours, rest = hours_and_minutes(minutes)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest))
