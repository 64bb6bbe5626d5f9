"""From the first 64 KiB of a file (32 of front matter, 32 of text) to what a list shows of the article.

Everything here ends in a value: what is missing, broken or of the wrong kind falls back to the next best
source (the first heading, the file name, the time of the last change) and says so in a notice.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pulse_tui.article import Figure, Headline, caption_and_credit, minutes, reading_seconds
from pulse_tui.storage.files import front_matter
from pulse_tui.storage.files.escapes import ESCAPES, character
from pulse_tui.storage.files.front_matter import Field, Notices, Value, named
from pulse_tui.storage.files.names import dated, slug, stem
from pulse_tui.text import clean, clean_line

HEAD = 64 * 1024
"""Bytes of a file that a list is made from."""
_SAMPLE = 32 * 1024
_LINE = 500
_PARAGRAPH = 2000
_ADDRESS = 2000
_ITEM = 200
_ITEMS = 50
_EPOCH = datetime(1970, 1, 1)

# Compiled when first used: most files have a plain date, lists in brackets and a title.
_OFFSET = r"\s+(?=[+-][0-9]{2}:?[0-9]{2}\Z)"
_LANGUAGE = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"
_COMMAS = "[,،，、]"
_BREAKS = r"\r\n?|\n"
_FENCE = r" {0,3}(`{3,}(?=[^`]*\Z)|~{3,})"
_ATX = r" {0,3}#{1,6}(?=[ \t]|\Z)"
_UNDERLINE = r" {0,3}(?:=+|-+)[ \t]*"
# What begins some other block, so that the line is no part of a heading's paragraph.
_NO_PARAGRAPH = r"    |\t| {0,3}(?:[>|<]|[-+*][ \t]|[0-9]{1,9}[.)][ \t])"
_LINK = r"!?\[([^\[\]]*)\]\([^()]*\)"
_INLINE = rf"{ESCAPES}|[*`]+|(?<!\w)_+|_+(?!\w)"

_KNOWN = {"title", "dek", "sections", "authors", "published", "tags", "id", "source", "language"}
_KNOWN |= {"image", "alt", "caption", "credit"}


class Head(NamedTuple):
    """What the head of a file says about its article."""

    headline: Headline
    seconds: float
    """Reading time, an estimate."""
    body_start: int
    """The offset in bytes at which the Markdown begins."""
    lead: Figure | None
    source: str | None
    language: str
    extra: dict[str, object]


def read_head(
    data: bytes,
    size: int,
    name: str,
    fallback_id: str,
    *,
    path: str | None = None,
    modified: float | None = None,
    fault: str = "",
) -> Head:
    """What a list and the top of a page show of a file.

    `data` is the beginning of the file in UTF-8, `HEAD` bytes of it or all, and `size` all its bytes;
    `modified` is in seconds since 1970; `fault` says why a file could not be read.
    """
    notices = Notices(path)
    if fault:
        notices.add(fault)
    _check_encoding(data, size, notices)
    header, start = front_matter.split(data)
    if header is None and front_matter.opens(data):
        limit = front_matter.LIMIT // 1024
        notices.add(f"No line of --- ends the front matter within {limit} KiB, so it is shown as text.", 1)
    keys = _Keys(front_matter.read(header, notices) if header else {}, notices)
    sample = data[start : start + _SAMPLE]
    seconds = reading_seconds(sample, size - start)
    lead, source, language = keys.figure(), keys.address("source"), keys.language()
    headline = Headline(
        id=keys.id() or fallback_id,
        title=keys.text("title", _LINE) or _cut(first_heading(sample), _LINE) or _title_of(name),
        dek=keys.text("dek", _PARAGRAPH),
        sections=keys.items("sections"),
        authors=keys.items("authors"),
        published=keys.published() or dated(name)[0] or _day(modified),
        minutes=minutes(seconds),
        tags=keys.items("tags"),
        notices=notices.all(),
    )
    return Head(headline, seconds, start, lead, source, language, keys.extra())


def first_heading(body: bytes) -> str:
    """The text of the first ATX or setext heading of CommonMark, as plain text; empty if there is none."""
    paragraph: list[str] = []
    fence = ""
    for line in re.split(_BREAKS, body.decode("utf-8", "replace")):
        mark = re.match(_FENCE, line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" \t`~"):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            paragraph.clear()
        elif opening := re.match(_ATX, line):
            text = line[opening.end() :].strip()
            bare = text.rstrip("#")
            if heading := plain_inline(bare if not bare or bare[-1] in " \t" else text):
                return heading
            paragraph.clear()
        elif paragraph and re.fullmatch(_UNDERLINE, line):
            return plain_inline(" ".join(paragraph))
        elif not line.strip() or (not paragraph and re.match(_NO_PARAGRAPH, line)):
            paragraph.clear()
        else:
            paragraph.append(line)
    return ""


def parse_date(text: str) -> date | datetime | None:
    """An ISO 8601 date or date-time, naive or with an offset; None if the calendar has no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(re.sub(_OFFSET, "", text))
    except ValueError:
        return None


class _Keys:
    """Front matter read key by key, each as the kind of value that it ought to be."""

    def __init__(self, fields: dict[str, Field], notices: Notices) -> None:
        self._fields = fields
        self._notices = notices

    def text(self, key: str, longest: int) -> str:
        """The key's text on one line; empty where there is none."""
        field = self._fields.get(key)
        if field is None:
            return ""
        if not isinstance(field.value, str):
            kind = "a list" if isinstance(field.value, list) else "a mapping"
            self._notices.add(f"{named(key)} is {kind} and ought to be text, so it is left out.", field.line)
            return ""
        text = clean_line(field.value)
        if len(text) > longest:
            self._notices.add(f"{named(key)} is longer than {longest:,} characters and is cut.", field.line)
        return _cut(text, longest)

    def items(self, key: str) -> tuple[str, ...]:
        """The key's texts, from a list or from one text with commas."""
        field = self._fields.get(key)
        if field is None:
            return ()
        if isinstance(field.value, dict):
            notice = f"{named(key)} is a mapping and ought to be a list, so it is left out."
            self._notices.add(notice, field.line)
            return ()
        values = re.split(_COMMAS, field.value) if isinstance(field.value, str) else field.value
        texts = [clean_line(value) for value in values if isinstance(value, str)]
        if len(texts) < len(values):
            self._notices.add(f"{named(key)} holds more than plain texts; only those are kept.", field.line)
        texts = [_cut(text, _ITEM) for text in texts if text]
        if len(texts) > _ITEMS:
            notice = f"{named(key)} has {len(texts):,} entries; the first {_ITEMS} are kept."
            self._notices.add(notice, field.line)
        return tuple(texts[:_ITEMS])

    def id(self) -> str:
        """The id that the file gives itself, if that can be one."""
        text = self.text("id", _ITEM)
        field = self._fields.get("id")
        if field is None or not isinstance(field.value, str):
            return ""
        raw = field.value
        if not text or text != raw or text.startswith("/") or "\ufffd" in text or len(text.split()) > 1:
            reason = "an id has no white space, no control characters and no / in front"
            self._notices.add(f"{named(raw)} cannot be the id: {reason}.", field.line)
            return ""
        return text

    def published(self) -> date | datetime | None:
        """The date or the moment of publication."""
        text = self.text("published", _LINE)
        if not text:
            return None
        moment = parse_date(text)
        if moment is None:
            form = "write it as 2022-03-15 or 2022-03-15T18:30:00+05:30"
            line = self._fields["published"].line
            self._notices.add(f"{named(text)} is not a date that exists: {form}.", line)
        return moment

    def language(self) -> str:
        """The language tag of BCP 47."""
        text = self.text("language", _LINE).replace("_", "-")
        if text and not re.fullmatch(_LANGUAGE, text):
            line = self._fields["language"].line
            self._notices.add(f"{named(text)} is not a language tag such as en, ur or pt-BR.", line)
            return ""
        return text

    def address(self, key: str) -> str | None:
        """A path or URL, whole or not at all, since a cut one leads nowhere."""
        field = self._fields.get(key)
        if field is not None and isinstance(field.value, str) and len(field.value) > _ADDRESS:
            longest = f"{_ADDRESS:,} characters"
            self._notices.add(f"{named(key)} is longer than {longest} and is left out.", field.line)
            return None
        return self.text(key, _ADDRESS) or None

    def figure(self) -> Figure | None:
        """The lead picture; a caption without a credit of its own may end in one."""
        image, alt = self.address("image"), self.text("alt", _PARAGRAPH)
        caption, credit = self.text("caption", _PARAGRAPH), self.text("credit", _LINE)
        if caption and not credit:
            words, given = caption_and_credit(caption)
            if words:
                caption, credit = words, _cut(given, _LINE)
        if not (image or caption or credit):
            return None
        return Figure(image, alt, caption, credit)

    def extra(self) -> dict[str, object]:
        """The keys that this program does not know, with their values."""
        unknown = ((key, field) for key, field in self._fields.items() if key not in _KNOWN)
        return {clean_line(key): _clean_value(field.value) for key, field in unknown}


def _check_encoding(data: bytes, size: int, notices: Notices) -> None:
    """Note where the bytes stop being UTF-8; a character that the end of the head cuts is no fault."""
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as fault:
        if fault.reason == "unexpected end of data" and len(data) < size:
            return
        line = len(re.findall(_BREAKS.encode(), data[: fault.start])) + 1
        notices.add("The text is not UTF-8 from here on; what cannot be read shows as �.", line)


def _clean_value(value: Value) -> object:
    """A value that is kept as it is but for what steers a terminal; its depth is that of front matter."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    return {clean_line(key): _clean_value(item) for key, item in value.items()}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _title_of(name: str) -> str:
    """A title made of a file name."""
    return _cut(clean_line(slug(name).replace("-", " ")) or clean_line(stem(name)) or "Untitled", _LINE)


def _day(modified: float | None) -> date | None:
    """The day in UTC of a time in seconds since 1970."""
    if modified is None:
        return None
    try:
        return (_EPOCH.replace(tzinfo=UTC) + timedelta(seconds=modified)).date()
    except (OverflowError, ValueError):
        return None


def plain_inline(inline: str) -> str:
    """Inline Markdown as plain text: links to their words, emphasis and code without their marks."""
    return clean_line(re.sub(_INLINE, character, re.sub(_LINK, r"\1", inline)))
