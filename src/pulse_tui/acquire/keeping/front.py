"""The text of a kept feature: its fields read, and changed one by one where nobody else's words stand.

Its owner may have written anything into it.  The keys of the outermost mapping are replaced as text, by the
places that PyYAML's events have, so comments, unknown keys and the order stay; what cannot be changed so for
certain is not changed at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from pulse_tui.acquire.feature import Feature
from pulse_tui.text import clean_line

FIELDS = (
    *("title", "dek", "sections", "authors", "published", "source", "language"),
    *("image", "alt", "caption", "credit", "tags"),
)
"""The keys of front matter, in the order in which they are written."""
BODY = "body"
LIMIT = 32 * 1024
"""Bytes at the head of a file within which the reader of front matter wants its end."""
_LISTS = ("sections", "authors", "tags")
_ODD = "\0"
"""In place of a value of another kind: no value that is written is like it."""

_BOM = b"\xef\xbb\xbf"
_opening = re.compile(rb"---[ \t]*(?:\r\n|\n|\r)").match
_closing = re.compile(rb"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)").search
# What YAML 1.1 does not allow, and the line breaks that it alone has; a character for a character.
_not_yaml = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]").sub
_breaks = re.compile(r"\r\n?").sub
_commas = re.compile("[,،，、]").split
# Lines as `Feature` writes them; any other line sends the header to a parser.
_our_line = re.compile(r'([a-z]+): (?:("(?:[^"\\]|\\.)*")|\[.*\]|([^\W_][\w .’–—:+-]*))(?:\n|\Z)').match


class Key(NamedTuple):
    """A key of the outermost mapping with its value, and where both stand in the header."""

    name: str
    start: int
    end: int
    """Behind the last character that isn't blank."""
    stop: int
    """The same, with the blank lines that belong to a block of text."""
    value: str
    """As `of_feature` gives it; `_ODD` if it is of another kind than the key wants."""
    has_comment: bool
    """Whether its owner wrote a comment between its beginning and its end."""


class KeptText:
    """A file's bytes, taken apart."""

    def __init__(self, data: bytes) -> None:
        start = len(_BOM) if data.startswith(_BOM) else 0
        end = start
        opening = _opening(data, start)
        closing = _closing(data, opening.end(), LIMIT) if opening else None
        if opening and closing and not closing.end() == LIMIT < len(data):
            start, end = opening.end(), closing.end()
            self._head, self._header = _text(data[:start]), _text(data[start : closing.start()])
            self._tail = _text(data[closing.start() : end])
            self.has_header = True
        else:
            self._head, self._header, self._tail = _text(data[:start]), "", ""
            self.has_header = False
        self._rest = _text(data[end:])
        self._newline = "\r\n" if "\r\n" in (self._head or self._rest) else "\n"

    @cached_property
    def keys(self) -> tuple[Key, ...] | None:
        """The keys that can be changed, of each the first; None if the YAML is broken or not plain."""
        if not self.has_header:
            return None
        return _keys(self._header)

    @cached_property
    def body(self) -> str:
        """The Markdown without blank lines around it, its lines parted by line feeds."""
        return _breaks("\n", self._rest).strip("\n")

    def values(self) -> dict[str, str] | None:
        """The fields; None if the front matter is missing or cannot be read."""
        if self.keys is None:
            return None
        found = dict.fromkeys(FIELDS, "")
        found.update({key.name: key.value for key in self.keys if key.name in found})
        return found

    def mentions(self, digest: str, suffix: str) -> list[str]:
        """The pictures beside the file that it names, with this digest at the end of their names."""
        pattern = rf"""images/[^\s()<>"'/\\]*-{re.escape(digest)}\.{re.escape(suffix)}"""
        return re.findall(pattern, self._header + self._rest)

    def with_fields(self, changes: Mapping[str, str], lines: Mapping[str, str]) -> KeptText | None:
        """The same with other values; None if that cannot be done without touching what is not ours.

        `changes` are values as `of_feature` gives them, `lines` how they are written.
        """
        if self.keys is None:
            return None
        by_name = {key.name: key for key in self.keys}
        text = self._header
        for at, end, new in sorted(self._edits(by_name, changes, lines), reverse=True):
            text = text[:at] + new + text[end:]
        made = KeptText(_bytes(self._head + text + self._tail + self._rest))
        # Whatever is odd about the YAML, what comes out says what was meant and nothing else.
        meant = {key.name: key.value for key in self.keys} | dict(changes)
        if made.keys is None or made._rest != self._rest:
            return None
        got = {key.name: key.value for key in made.keys}
        strangers = [self._header[key.start : key.end] for key in self.keys if key.name not in changes]
        kept = [made._header[key.start : key.end] for key in made.keys if key.name not in changes]
        if {n: v for n, v in meant.items() if v} != {n: v for n, v in got.items() if v} or strangers != kept:
            return None
        return made

    def _edits(
        self, by_name: Mapping[str, Key], changes: Mapping[str, str], lines: Mapping[str, str]
    ) -> Iterator[tuple[int, int, str]]:
        """Beginning, end and new text of each change; no two overlap."""
        added: dict[int, str] = {}
        for number, name in enumerate(FIELDS):
            if name not in changes:
                continue
            if key := by_name.get(name):
                end, new = key.end, lines.get(name, "")
                line_end = self._line_end(end)
                if not new and not self._header[end:line_end].strip():
                    end = line_end
                yield key.start, end, new
            elif name in lines:
                before = [by_name[each].stop for each in FIELDS[:number] if each in by_name]
                at = max(before, default=0)
                if at and self._header[at - 1] not in "\r\n":
                    at = self._line_end(at)
                added[at] = added.get(at, "") + lines[name] + self._newline
        for at, new in added.items():
            yield at, at, new

    def _line_end(self, at: int) -> int:
        """Where the line after that of a place begins."""
        found = re.compile(r"\r\n?|\n").search(self._header, at)
        return found.end() if found else len(self._header)

    def with_body(self, body: str) -> KeptText:
        """The same with another body."""
        lead = re.match(r"[\r\n]*", self._rest)
        before = (lead[0] if lead else "") or (self._newline if self.has_header else "")
        text = before + (body.strip("\n") + "\n").replace("\n", self._newline)
        return KeptText(_bytes(self._head + self._header + self._tail + text))

    def data(self) -> bytes:
        """The bytes of the file."""
        return _bytes(self._head + self._header + self._tail + self._rest)


def digest(value: str) -> str:
    """What `Taken.written` keeps of a field or a body."""
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def of_feature(feature: Feature) -> dict[str, str]:
    """The fields of a feature as values that can be held against those of a file."""
    values: dict[str, str] = {}
    for name in FIELDS:
        value: Any = getattr(feature, name)
        if name == "published":
            values[name] = value.isoformat() if value is not None else ""
        else:
            values[name] = "\n".join(map(clean_line, value)) if name in _LISTS else clean_line(value)
    return values


def lines_of(feature: Feature) -> dict[str, str]:
    """The line of front matter of each field that has a value."""
    header = feature.to_markdown().partition("---\n")[2].partition("\n---\n")[0]
    return {line.partition(":")[0]: line for line in header.split("\n")}


def quick(data: bytes) -> Mapping[str, str] | None:
    """The title, the source and the date in the head of a file, fast where it is as it was written.

    `data` are the first `LIMIT` bytes or fewer; None if they hold no front matter that can be read.
    """
    opening = _opening(data, len(_BOM) if data.startswith(_BOM) else 0)
    closing = _closing(data, opening.end(), LIMIT) if opening else None
    if opening is None or closing is None:
        return None
    text = data[opening.end() : closing.start()].decode("utf-8", "replace")
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        line = _our_line(text, at)
        if line is None or line[1] in found:
            return KeptText(data).values()
        try:
            found[line[1]] = clean_line(json.loads(line[2]) if line[2] else line[3] or "")
        except ValueError:
            return KeptText(data).values()
        at = line.end()
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _keys(header: str) -> tuple[Key, ...] | None:
    """The keys of a header; None if it isn't plain YAML: one block mapping without anchors and tags."""
    import yaml

    try:
        found = list(_walked(_not_yaml("\ufffd", header)))
    except (yaml.YAMLError, ValueError, OverflowError):
        return None
    first: dict[str, Key] = {}
    for key in found:
        first.setdefault(key.name, key)
    return tuple(first.values())


def _walked(text: str) -> Iterator[Key]:
    """Every key of the outermost mapping.

    Raises:
        ValueError: the text is YAML, but more than can be changed.
    """
    import yaml

    name = ""
    start = end = stop = -1
    """Where the key began, and where what was last read ends, without and with blank lines."""
    depth = 0
    value: list[Any] | None = None
    """What the value consists of so far; None while a key is awaited."""
    comment = False
    # Written in Python: the marks of libyaml are others.
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.BaseLoader)
    for event in events:
        if isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent)):
            continue
        if isinstance(event, (yaml.DocumentStartEvent, yaml.DocumentEndEvent)):
            if event.explicit:
                raise ValueError
            continue
        begins: Any = event.start_mark
        first, last = begins.index, event.end_mark.index
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise ValueError
        if depth == 0:
            if not isinstance(event, yaml.MappingStartEvent) or event.flow_style:
                raise ValueError
            depth = 1
            continue
        if depth == 1 and value is None:
            if isinstance(event, yaml.MappingEndEvent):
                depth = 0
                continue
            if not isinstance(event, yaml.ScalarEvent) or begins.column:
                raise ValueError
            name, start, end, stop = event.value, first, last, last
            value, comment = [], False
            continue
        assert value is not None
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            # Those of blocks end where the next key begins.
            ends = last > first
        else:
            depth += isinstance(event, yaml.CollectionStartEvent)
            value.append(event.value if isinstance(event, yaml.ScalarEvent) else event)
            ends = not isinstance(event, yaml.CollectionStartEvent) or event.flow_style
        if ends:
            head = text[first:last].partition("\n")[0] if getattr(event, "style", "") in ("|", ">") else ""
            comment = comment or "#" in text[end:first] or "#" in head
            end, stop = max(end, first + len(text[first:last].rstrip())), last
        if depth == 1:
            yield Key(name, start, end, max(end, stop), _value(name, value), comment)
            value = None


def _value(name: str, parts: list[Any]) -> str:
    """What a value says, if it is of the kind that its key wants."""
    first, *others = parts
    if name not in FIELDS:
        return "\n".join(part if isinstance(part, str) else _ODD for part in parts)
    if isinstance(first, str):
        items = [clean_line(item) for item in _commas(first)] if name in _LISTS else [clean_line(first)]
    elif name in _LISTS and type(first).__name__ == "SequenceStartEvent":
        if not all(isinstance(part, str) for part in others):
            return _ODD
        items = [clean_line(part) for part in others]
    else:
        return _ODD
    return "\n".join(item for item in items if item)
