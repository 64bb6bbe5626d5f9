"""A feature on its way into the library: its fields and its Markdown, and the file that they make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from pulse_tui.article import Figure, caption_and_credit
from pulse_tui.text import clean, clean_line

# What the reader of front matter keeps of a line, a paragraph, an address, an item; longer ones it cuts.
_LINE = 500
_PARAGRAPH = 2000
_ADDRESS = 2000
_ITEM = 200
_ITEMS = 50
_HEADER = 31 * 1024
"""Bytes of front matter; its reader stops at 32 KiB, the lines of dashes included."""

# Text that every reader of YAML takes for text, and for all of it.
_plain = re.compile(r"[^\W\d_][\w .’–—-]*").fullmatch
_not_text = re.compile(r"y|n|yes|no|true|false|on|off|null", re.IGNORECASE).fullmatch
_language = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*").fullmatch
# What YAML 1.1 does not allow in a stream, or takes for a line break.
_odd = re.compile("[\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]").sub


@dataclass(frozen=True, slots=True)
class Feature:
    """One article as it was taken from a page, a text, a feed or a book.

    Every text is clean; all but the body are of one line.  `pictures` are those of the article in their
    order, the lead one first; their sources are absolute URLs, or names within a book.
    """

    title: str
    body: str
    """CommonMark, without the headline and without front matter."""
    dek: str = ""
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    sections: tuple[str, ...] = ()
    language: str = ""
    """BCP 47."""
    source: str = ""
    """The URL of the original."""
    image: str = ""
    """The lead picture."""
    alt: str = ""
    """What the lead picture shows, for those who don't see it."""
    caption: str = ""
    credit: str = ""
    tags: tuple[str, ...] = ()
    pictures: tuple[Figure, ...] = ()
    extra: str = ""
    """Lines of YAML with the keys of its own front matter that have no field here, as they stand."""

    def to_markdown(self) -> str:
        """The file: front matter, then the body; our own reader reads the same fields back."""
        return f"---\n{self._header()}\n---\n\n{self.body.strip(chr(10))}\n"

    def _header(self) -> str:
        lines = [f"title: {_scalar(self.title)}"]
        lines += _pair("dek", self.dek)
        lines += _pairs("sections", self.sections)
        lines += _pairs("authors", self.authors)
        if self.published is not None:
            lines.append(f"published: {self.published.isoformat()}")
        for key in ("source", "language", "image", "alt", "caption", "credit"):
            lines += _pair(key, getattr(self, key))
        lines += _pairs("tags", self.tags)
        return "\n".join([*lines, self.extra] if self.extra else lines)

    def fits(self) -> bool:
        """Whether the front matter is short enough for its reader."""
        return len(self._header().encode("utf-8", "replace")) <= _HEADER

    def to_json(self) -> str:
        """The same as one line of JSON."""
        values = asdict(self)
        values["published"] = self.published.isoformat() if self.published else None
        values["pictures"] = [list(picture) for picture in self.pictures]
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> Feature:
        """The feature that `to_json` wrote.

        Raises:
            ValueError: the text is not what `to_json` writes.
        """
        values = json.loads(text)
        if not isinstance(values, Mapping) or set(values) != {field.name for field in fields(cls)}:
            raise ValueError("This is not a feature.")
        made: dict[str, Any] = dict(values)
        for key in ("authors", "sections", "tags"):
            made[key] = tuple(str(item) for item in made[key])
        made["published"] = moment_of(made["published"])
        made["pictures"] = tuple(Figure(*picture) for picture in made["pictures"])
        return cls(**made)


def feature(
    title: str,
    body: str,
    *,
    dek: str = "",
    authors: Iterable[str] = (),
    published: date | datetime | None = None,
    sections: Iterable[str] = (),
    language: str = "",
    source: str = "",
    lead: Figure | None = None,
    tags: Iterable[str] = (),
    pictures: Iterable[Figure] = (),
    extra: str = "",
) -> Feature:
    """A feature of outside text: cleaned, and no field longer than the reader of front matter takes."""
    lead = lead or Figure(None)
    caption, credit = _line(lead.caption, _PARAGRAPH), _line(lead.credit, _LINE)
    if caption and not credit:
        words, given = caption_and_credit(caption)
        if words:
            caption, credit = words, _line(given, _LINE)
    language = language.strip().replace("_", "-")
    made = Feature(
        title=_line(title, _LINE) or "Untitled",
        body=clean(body.replace("\r\n", "\n").replace("\r", "\n")).strip("\n"),
        dek=_line(dek, _PARAGRAPH),
        authors=_items(authors),
        published=published,
        sections=_items(sections),
        language=language if _language(language) else "",
        source=_address(source),
        image=_address(lead.source or ""),
        alt=_line(lead.alt, _PARAGRAPH) if lead.source or caption or credit else "",
        caption=caption,
        credit=credit,
        tags=_items(tags),
        pictures=tuple(pictures),
        extra=extra.strip("\n"),
    )
    # Only texts that are made to be long get here; what a feature can best do without goes first.
    for less in (
        {"tags": ()},
        {"sections": made.sections[:3], "authors": made.authors[:10]},
        {"alt": ""},
        {"image": "", "source": ""},
        {"dek": _line(made.dek, _LINE), "caption": _line(made.caption, _LINE)},
        {"extra": ""},
    ):
        if made.fits():
            break
        made = replace(made, **less)
    return made


def moment_of(text: str | None) -> date | datetime | None:
    """A date, or a moment, from what its `isoformat` made of it; None from nothing.

    Raises:
        ValueError: it is neither.
    """
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _line(text: str, longest: int) -> str:
    text = clean_line(_odd("\ufffd", text))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _address(text: str) -> str:
    text = clean_line(text)
    return text if len(text) <= _ADDRESS else ""


def _items(texts: Iterable[str]) -> tuple[str, ...]:
    lines = (_line(text, _ITEM) for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line))[:_ITEMS]


def _scalar(text: str) -> str:
    """A value of YAML: plain where nobody can take it for anything but text, else in double quotes."""
    if _plain(text) and not _not_text(text) and text == text.strip():
        return text
    return json.dumps(text, ensure_ascii=False)


def _pair(key: str, text: str) -> list[str]:
    return [f"{key}: {_scalar(text)}"] if text else []


def _pairs(key: str, texts: Iterable[str]) -> list[str]:
    listed = ", ".join(_scalar(text) for text in texts)
    return [f"{key}: [{listed}]"] if listed else []
