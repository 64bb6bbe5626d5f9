"""Anybody's Markdown file to a feature: its fields are taken over, and what has no field here is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.storage.files import front_matter
from pulse_tui.storage.files.entry import figures_of
from pulse_tui.storage.files.front_matter import Notices, Value
from pulse_tui.storage.files.head import HEAD, first_heading, parse_date, read_head
from pulse_tui.text import clean

_FIELDS = frozenset(field.name for field in fields(Feature)) - {"body", "pictures", "extra"}
# Keys of other programs that say what one of ours says; they are kept beside it.
_DATES, _DEKS, _AUTHORS = ("date",), ("description", "summary", "subtitle"), ("author",)

_key_lines = re.compile(r"^([^\s#\-:\[{][^:\n]*):(?=\s|\Z)", re.MULTILINE).finditer
_heading = re.compile(r"\s{0,99}# +[^\n]*(?:\n|\Z)").match


def read_markdown(data: bytes, name: str) -> Feature:
    """The feature in a Markdown text in UTF-8; `name` is its file's."""
    head = read_head(data[:HEAD], len(data), name or "standard input", "")
    header, start = front_matter.split(data)
    text = header.decode("utf-8", "replace") if header else ""
    keys = {key: field.value for key, field in front_matter.read(header, Notices()).items()} if header else {}
    body = data[start:].decode("utf-8", "replace")
    headline, lead = head.headline, head.lead
    published = headline.published or parse_date(_first(keys, _DATES)[:40].strip())
    title = headline.title
    opening = _heading(body)
    if opening and title == first_heading(body[:2000].encode("utf-8", "replace")):
        body = body[opening.end() :]  # it stands above the text
    figures = tuple(figures_of(body))
    return feature(
        title if title != "standard input" else "",
        body,
        dek=headline.dek or _first(keys, _DEKS),
        authors=headline.authors or filter(None, [_first(keys, _AUTHORS)]),
        published=published,
        sections=headline.sections,
        language=head.language,
        source=head.source or "",
        lead=lead,
        tags=headline.tags,
        pictures=(lead, *figures) if lead and lead.source else figures,
        extra=_extra(text, {key: value for key, value in keys.items() if key not in _FIELDS}),
    )


def _first(fields: Mapping[str, Value], keys: tuple[str, ...]) -> str:
    """The first of some keys whose value is a text."""
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _extra(text: str, unknown: Mapping[str, Value]) -> str:
    """The lines of front matter that have no field here; as they stand, if that says the same."""
    if not unknown:
        return ""
    lines = clean("\n".join(_unknown_lines(text.replace("\r\n", "\n").replace("\r", "\n"))))
    again = Notices()
    read = front_matter.read(lines.encode("utf-8", "replace"), again)
    if not again.all() and {key: field.value for key, field in read.items()} == dict(unknown):
        return lines
    return "\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in unknown.items())


def _unknown_lines(text: str) -> Iterator[str]:
    starts = list(_key_lines(text))
    ends = [found.start() for found in starts[1:]] + [len(text)]
    for found, end in zip(starts, ends, strict=False):
        if found[1].strip("\"' \t") not in _FIELDS:
            yield text[found.start() : end].rstrip()
