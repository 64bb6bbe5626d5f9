"""Front matter: the YAML between two lines of `---` at the very head of a Markdown file.

The file is anybody's, so its YAML is read as a stream of events (https://yaml.org/spec/1.1/) and never
made into objects: no anchors, no aliases, few levels, a small size, and every scalar stays the text
that was written.  What is wrong becomes a notice with the line of the file, and the rest is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pulse_tui.article import Notice
from pulse_tui.text import clean_line, truncate

if TYPE_CHECKING:
    from yaml.events import Event

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

LIMIT = 32 * 1024
"""Bytes at the head of a file within which the front matter must end."""
DEPTH = 8
"""Levels of nesting, the outermost mapping included."""
_PIECES = 200
_NOTICES = 20

_BOM = b"\xef\xbb\xbf"
_opening = re.compile(rb"---[ \t]*(?:\r\n|\n|\r)").match
_closing = re.compile(rb"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)").search
# What YAML 1.1 does not allow in a stream, and the line breaks that it alone counts as lines.
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
_ODD_BREAKS = "[\x85\u2028\u2029]"
# A line that begins a key of the outermost mapping.
_KEY_LINE = r"^([^\s#\-:\[{][^:\n]*):(?=\s|\Z)"

# Front matter that says the same to every reader of YAML: keys of small letters, and behind each one line of
# plain text, or a list of plain texts in brackets.  Nearly all front matter is like that.  (A class of three
# ranges beyond Latin 1 takes as long to compile as all the rest; one of two does not.)
_MARK = r"[–—‘’]|[“”]"
_WORDS = rf"[^\W_](?:[^\W_]|[ _.,;/?!()+=$%&@~-]|{_MARK}|…|(?<=\S)['\"#]|:(?=\S))*+"
_ITEM = rf"[^\W_](?:[^\W_]|[ _./()+-]|{_MARK})*+"
_simple_line = re.compile(rf"([a-z]+):(?: +({_WORDS})| +\[ *({_ITEM}(?:, *{_ITEM})*+)?\])? *+(?:\n|\Z)").match

# A part of the parser's message, and what it means for somebody who writes an article.
_REASONS = (
    ("mapping values are not allowed", "a value that contains a colon belongs in quotes"),
    ("unexpected end of stream", "a quote is opened and not closed"),
    ("']'", "a list is opened with [ and not closed"),
    ("'}'", "a { is opened and not closed"),
    ("cannot start any token", "a value that begins with @, %, ` or a tab belongs in quotes"),
    ("node content", "a bracket is opened and not closed, or a comma stands alone"),
    ("tab", "lines are indented with a tab, and YAML takes spaces only"),
    ("expected ':'", "a line has not the form “key: value”"),
    ("escape", "a backslash within double quotes starts an escape that YAML does not know"),
    ("expected <block end>", "what stands behind a quoted value, or beside it, belongs inside the quotes"),
    ("expected key", "what stands behind a quoted value, or beside it, belongs inside the quotes"),
    ("<document start>", "a key is not indented like the first"),
)


class Field(NamedTuple):
    """What stands behind a key, as it was written, and its line in the file, from 1."""

    value: Value
    line: int


class Notices:
    """What is wrong with one file: the first twenty, so that no file can flood a list."""

    def __init__(self, path: str | None = None) -> None:
        self._path = path
        self._kept: list[Notice] = []
        self._more = 0

    def add(self, text: str, line: int | None = None) -> None:
        """Note one sentence about the file, or about one line of it."""
        if len(self._kept) < _NOTICES:
            path = Path(self._path) if self._path else None
            self._kept.append(Notice(text, path, line))
        else:
            self._more += 1

    def all(self) -> tuple[Notice, ...]:
        """The notices in the order of their lines."""
        kept = sorted(self._kept, key=lambda notice: notice.line or 0)
        if self._more:
            kept.append(Notice(f"There are {self._more:,} more faults like these.", kept[-1].path))
        return tuple(kept)


class _BrokenError(Exception):
    """Why YAML cannot be read on, in words for the reader, and the line in the file."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def utf8(data: bytes) -> bytes:
    """The same text in UTF-8 if the bytes begin with a UTF-16 byte order mark, else the bytes."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    return data


def opens(data: bytes) -> bool:
    """Whether the first line of a UTF-8 file is the one that opens front matter."""
    return _opening(data, len(_BOM) if data.startswith(_BOM) else 0) is not None


def split(data: bytes) -> tuple[bytes | None, int]:
    """The front matter of a UTF-8 file without its two lines of `---`, and the offset of the body.

    The front matter is None where there is none, or where no line of `---` or `...` ends it within
    `LIMIT` bytes; a byte order mark belongs to neither.
    """
    start = len(_BOM) if data.startswith(_BOM) else 0
    opening = _opening(data, start)
    if opening is None:
        return None, start
    closing = _closing(data, opening.end(), LIMIT)
    if closing is None or closing.end() == LIMIT < len(data):
        return None, start
    return data[opening.end() : closing.start()], closing.end()


def read(header: bytes, notices: Notices) -> dict[str, Field]:
    """The keys of front matter as `split` returns it; of a key that stands twice the first counts.

    Where the YAML is broken, each key is read by itself, so that a fault costs no more than its own.
    """
    text = header.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").isprintable():
        text = re.sub(_ODD_BREAKS, " ", re.sub(_FORBIDDEN, "\ufffd", text))
    pairs = _simple(text)
    if pairs is None:
        try:
            pairs = list(_pairs(text, 2))
        except _BrokenError as fault:
            pairs = _salvage(text, fault, notices)
    fields: dict[str, Field] = {}
    for key, field in pairs:
        if key in fields:
            first = fields[key].line
            notices.add(f"{named(key)} stands twice; the first, in line {first}, counts.", field.line)
        else:
            fields[key] = field
    return fields


def named(key: str) -> str:
    """A key or value as a notice quotes it: clean, short, in quotation marks."""
    return f"“{truncate(clean_line(key[:200]), 40)}”"


def _simple(text: str) -> list[tuple[str, Field]] | None:
    """The pairs of front matter that is plain enough to be read without a parser; else None.

    It takes a tenth of the time, and spares a start the loading of PyYAML.
    """
    pairs: list[tuple[str, Field]] = []
    place = 0
    while place < len(text):
        match = _simple_line(text, place)
        if match is None or (match[2] is None and match[3] is None and "[" not in match[0]):
            return None
        key, plain, listed = match.groups()
        value: Value = plain.rstrip(" ") if plain is not None else []
        if listed is not None:
            value = [item.strip(" ") for item in listed.split(",")]
        pairs.append((key, Field(value, len(pairs) + 2)))
        place = match.end()
    return pairs


def _salvage(text: str, whole: _BrokenError, notices: Notices) -> list[tuple[str, Field]]:
    """The pairs of broken YAML, read key by key; a plain value that is no YAML is taken as it stands."""
    starts = [match.start() for match in re.finditer(_KEY_LINE, text, re.MULTILINE)]
    if not starts:
        notices.add(f"The front matter is left out: {whole.reason}.", whole.line)
        return []
    if text[: starts[0]].strip():
        starts.insert(0, 0)
    kept: list[tuple[str, Field]] = []
    faults = 0
    line = 2 + text.count("\n", 0, starts[0])
    for start, end in zip(starts[:_PIECES], [*starts[1:], len(text)], strict=False):
        piece = text[start:end]
        try:
            kept.extend(list(_pairs(piece, line)))
        except _BrokenError as fault:
            faults += 1
            key, plain = _as_it_stands(piece)
            if plain:
                kept.append((key, Field(plain, line)))
            subject = named(key) if key else "Text before the first key"
            outcome = "is taken as it stands" if plain else "is left out"
            last = line + piece.rstrip().count("\n")
            notices.add(f"{subject} {outcome}: {fault.reason}.", min(fault.line, last))
        line += piece.count("\n")
    if len(starts) > _PIECES:
        notices.add(f"The front matter is broken, so that only its first {_PIECES} keys are read.", line)
    elif not faults:
        notices.add(f"The front matter is not quite YAML: {whole.reason}.", whole.line)
    return kept


def _as_it_stands(piece: str) -> tuple[str, str]:
    """The key that a piece of broken YAML begins with, and its value where that is plain text."""
    match = next(re.finditer(_KEY_LINE, piece, re.MULTILINE), None)
    if match is None or match.start():
        return "", ""
    first, *others = piece[match.end() :].split("\n")
    value = clean_line(" ".join([first, *takewhile(lambda line: line[:1] in (" ", "\t"), others)]))
    if value[:1] in ("[", "{", "&", "*", "!", "|", ">", "#"):
        value = ""
    elif value[:1] in ("'", '"') and value[0] not in value[1:]:
        value = value[1:]
    return match[1].strip("\"' \t"), value


def _pairs(text: str, line: int) -> Iterator[tuple[str, Field]]:
    """The keys of the outermost mapping with their values; `line` is that of the first line of text.

    Raises:
        _BrokenError: this is no YAML, or more of it than front matter may use.
    """
    from yaml.events import (
        AliasEvent,
        CollectionEndEvent,
        CollectionStartEvent,
        MappingStartEvent,
        ScalarEvent,
    )

    stack: list[list[Value] | dict[str, Value]] = []
    keys: list[str | None] = []
    key_line = line
    value: Value
    for event in _events(text, line):
        if isinstance(event, ScalarEvent):
            value = event.value
        elif isinstance(event, CollectionEndEvent):
            value = stack.pop()
            keys.pop()
        elif not isinstance(event, (CollectionStartEvent, AliasEvent)):
            continue
        here = line + (event.start_mark.line if event.start_mark else 0)
        if getattr(event, "anchor", None) is not None:
            raise _BrokenError("anchors (&) and aliases (*) are not read in front matter", here)
        if not stack and not isinstance(event, (MappingStartEvent, CollectionEndEvent)):
            raise _BrokenError("it has not the form “key: value”", here)
        if isinstance(event, CollectionStartEvent):
            if isinstance(stack[-1] if stack else None, dict) and keys[-1] is None:
                raise _BrokenError("a key must be plain text", here)
            if len(stack) == DEPTH:
                raise _BrokenError(f"it is nested more than {DEPTH} levels deep", here)
            stack.append({} if isinstance(event, MappingStartEvent) else [])
            keys.append(None)
            continue
        if not stack:
            continue
        holder = stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif (key := keys[-1]) is None:
            keys[-1] = str(value)
            if len(stack) == 1:
                key_line = here
        else:
            keys[-1] = None
            if len(stack) == 1:
                yield key, Field(value, key_line)
            else:
                holder.setdefault(key, value)


def _events(text: str, line: int) -> Iterator[Event]:
    """The parser's events; what it raises becomes a `_BrokenError`."""
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        problem = f"{error.problem or ''} {error.context or ''}"
        reason = next((reason for part, reason in _REASONS if part in problem), "this is not YAML")
        began = any(part in (error.context or "") for part in ("quoted", "flow", "simple key"))
        mark = error.context_mark if began and error.context_mark else error.problem_mark
        at = mark.line if mark else 0
        raise _BrokenError(reason, line + at) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _BrokenError("this is not YAML", line) from error
