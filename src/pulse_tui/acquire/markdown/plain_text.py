"""A page saved or pasted as text to a feature: its lines told apart by where they stand.

Such a text often opens with the masthead, the headline, perhaps headlines of other articles, a section
path with bars, the headline again, the dek, a caption, `Credit: Agency/Name`, and then the paragraphs.
Only what can be told for sure becomes a field; all the rest is body, and no word is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.markdown.text import escaped_paragraph
from pulse_tui.article import Figure
from pulse_tui.text import clean, clean_line

LARGEST = 5_000_000
"""Bytes."""
_HEAD = 80
"""Lines within which everything that is no paragraph stands."""
_TITLE = 200
_DEK = 500
_CAPTION = 1500
_CREDIT = 300
_LONG_LINE = 110

_credit_line = re.compile(
    r"(?:(?:photo|image|picture)\s*)?(?:credits?|photo(?:graph)?(?: by)?|image|foto|source)\s*[:：]\s*(\S.*)",
    re.IGNORECASE,
).fullmatch
_path_parts = re.compile(r"\s*\|\s*").split
_byline = re.compile(r"by\s+(\S.*)", re.IGNORECASE).fullmatch
_name = re.compile(r"[^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){0,4}").fullmatch
_date_words = re.compile(r"[\W\d]*(?:[^\W\d_]{3,10})?[\W\d]*(?:(?:st|nd|rd|th)\b[\W\d]*)?").fullmatch
_setext = re.compile(r"(?:=+|-+|\*+|_+|~+)").fullmatch


def read_text(text: str, address: str = "") -> Feature:
    """The feature in a plain text; where nothing can be told, its first line is the title."""
    blocks = _blocks_of(clean(text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")))
    lines = [line for block in blocks for line in block]
    if not lines:
        return feature("Untitled", "", source=address)
    head = _Head(lines[:_HEAD])
    # What the head used up is the first so many lines; the rest keeps its paragraphs.
    body = [escaped_paragraph(line) for line in lines[head.used :]]
    if head.others:
        body += ["***", "\n".join(f"- {escaped_paragraph(line)}" for line in head.others)]
    lead = Figure(None, "", head.caption, head.credit) if head.caption or head.credit else None
    return feature(
        head.title,
        "\n\n".join(body),
        dek=head.dek,
        authors=head.authors,
        published=head.published,
        sections=head.sections,
        source=address,
        lead=lead,
    )


class _Head:
    """What the lines in front of the paragraphs are; `used` is how many of them are no body."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.title = ""
        self.dek = ""
        self.caption = ""
        self.credit = ""
        self.sections: tuple[str, ...] = ()
        self.authors: tuple[str, ...] = ()
        self.published: date | datetime | None = None
        self.others: list[str] = []
        self.used = 0
        if not self._by_path(lines):
            self._by_first_line(lines)

    def _by_path(self, lines: Sequence[str]) -> bool:
        """Read a head that has a section path with the headline below it, and perhaps above it, too."""
        for at, line in enumerate(lines[:-1]):
            parts = _path_parts(line)
            if not (2 <= len(parts) <= 6 and all(1 < len(part) <= 40 for part in parts)):
                continue
            title = lines[at + 1]
            before = [_folded(one) for one in lines[:at]]
            again = _folded(title) in before
            if not (again or at <= 1) or not _may_be_title(title):
                continue
            self.title, self.sections, self.used = title, tuple(parts), at + 2
            masthead = lines[0] if at and _folded(lines[0]) != _folded(title) else ""
            if masthead and len(masthead) <= 40 and (again or at == 1):
                if _folded(masthead) != _folded(parts[0]):
                    self.sections = (masthead, *parts) if masthead not in parts else tuple(parts)
            else:
                masthead = ""
            skipped = 1 if masthead else 0
            self.others = [one for one in lines[skipped:at] if _folded(one) != _folded(title)]
            self._below(lines)
            return True
        return False

    def _by_first_line(self, lines: Sequence[str]) -> None:
        first = lines[0]
        if len(first) <= _TITLE:
            self.title, self.used = first, 1
            if len(lines) > 1 and _folded(lines[1]) == _folded(first):
                self.used = 2
            self._below(lines, sure=False)
        else:
            # A paragraph: its first words name the feature, and it stays whole.
            self.title = first[:90].rsplit(" ", 1)[0] + "…"

    def _below(self, lines: Sequence[str], *, sure: bool = True) -> None:
        """Read what stands between the headline and the first paragraph."""
        start = self.used
        credit = next(
            (at for at in range(start, min(start + 7, len(lines))) if _credit_line(lines[at])), None
        )
        match = _credit_line(lines[credit]) if credit is not None else None
        between = list(lines[start:credit]) if credit is not None else []
        if (
            credit is None
            or match is None
            or len(match[1]) > _CREDIT
            or sum(map(len, between)) > _DEK + _CAPTION
        ):
            self._signatures(lines)
            if (
                sure
                and self.used < len(lines) - 1
                and 20 < len(lines[self.used]) <= 250
                and self.used == start
            ):
                following = lines[self.used + 1]
                if len(following) > len(lines[self.used]) and len(following) > 250:
                    self.dek, self.used = lines[self.used], self.used + 1
            return
        rest = [line for line in between if not self._signature(line)]
        if len(rest) > 2 or any(
            len(line) > limit for line, limit in zip(rest, (_DEK, _CAPTION), strict=False)
        ):
            # More than a dek and a caption: a picture within the text, which is not ours to move.
            self.authors, self.published = (), None
            return
        self.credit = match[1]
        if len(rest) == 2:
            self.dek, self.caption = rest
        elif rest:
            self.caption = rest[0]
        self.used = credit + 1
        self._signatures(lines)

    def _signatures(self, lines: Sequence[str]) -> None:
        """A byline and a date that follow at once."""
        while self.used < len(lines) and self._signature(lines[self.used]):
            self.used += 1

    def _signature(self, line: str) -> bool:
        """Whether a line is a byline or a date and nothing else; it is noted."""
        match = _byline(line)
        if match and not self.authors and len(line) <= 120:
            names = re.split(r",\s*(?:and\s+)?|\s+and\s+|\s*&\s*", match[1])
            if len(names) <= 6 and all(_name(name) for name in names) and names[0][0].isupper():
                self.authors = tuple(names)
                return True
            return False
        if (
            self.published is None
            and 7 < len(line) <= 40
            and any(map(str.isdigit, line))
            and _date_words(line)
        ):
            from pulse_tui.acquire.page.dates import read_date

            self.published = read_date(line)
            return self.published is not None
        return False


def _blocks_of(text: str) -> list[list[str]]:
    """The paragraphs of a text, each as its lines; a block of wrapped lines is one line."""
    blocks = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = [clean_line(line) for line in block.split("\n")]
        lines = [line for line in lines if line]
        if not lines:
            continue
        widths = [len(line) for line in lines[:-1]]
        wrapped = (
            len(lines) > 2
            and max(widths) <= _LONG_LINE
            and min(widths) * 10 >= max(widths) * 6
            and max(widths) >= 50
        )
        blocks.append([" ".join(lines)] if wrapped else lines)
    return blocks


def _may_be_title(line: str) -> bool:
    return 3 <= len(line) <= _TITLE and not _setext(line) and len(_path_parts(line)) == 1


def _folded(line: str) -> str:
    """By what a line is known again: its letters and digits, or if it has none all of it."""
    return re.sub(r"\W+", "", line.casefold()) or line
