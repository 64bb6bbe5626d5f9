"""What a reader asks of the library: words, phrases, fields and dates, from one line of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Literal, NamedTuple

from pulse_tui.text import clean_line

TermField = Literal["", "title", "section", "author", "tag", "credit", "caption"]
"""Where a term has to stand; empty is anywhere."""


class Term(NamedTuple):
    """One word, or several that must follow one another."""

    text: str
    field: TermField = ""
    excluded: bool = False
    """Whether an article must not have it."""
    prefix: bool = False
    """Whether the last word may go on, because it is still being typed."""


class Query(NamedTuple):
    """What an article has to fulfil: all of it."""

    terms: tuple[Term, ...] = ()
    after: date | None = None
    """The first day on which it may have been published."""
    before: date | None = None
    """The first day on which it may not have been published any more."""
    read: bool | None = None
    starred: bool | None = None
    contradicts: bool = False
    """Whether it asks for what cannot be, such as read and unread, so that nothing fits."""

    def narrowed(self, other: Query) -> Query:
        """A query that asks for what both ask for."""
        return Query(
            self.terms + other.terms,
            max(filter(None, (self.after, other.after)), default=None),
            min(filter(None, (self.before, other.before)), default=None),
            other.read if self.read is None else self.read,
            other.starred if self.starred is None else self.starred,
            self.contradicts
            or other.contradicts
            or {self.read, other.read} >= {True, False}
            or {self.starred, other.starred} >= {True, False},
        )


EVERYTHING = Query()
LONGEST = 1000
"""Characters of a line that are read as a query."""
MOST = 32
"""Parts of a query that count."""

_FIELDS: tuple[TermField, ...] = ("title", "section", "author", "tag", "credit", "caption")
_FILTERS = ("before", "after", "is")
_STATES = ("read", "unread", "starred")

# Compiled when first used, which is not at the start of the reader.
_PART = rf"""
    (?P<minus> -?)
    (?: (?P<field> {"|".join((*_FIELDS, *_FILTERS))} ) : )?
    (?: "(?P<straight> [^"]*)" | “(?P<curly> [^”]*)” | (?P<open> ["“] [^"“”]* \Z)
      | (?P<word> (?<=:)(?!\S) | \S+ ) )
    """
_QUOTES = '["“”]'
_DATE = r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?"
_BEGUN_DATE = r"[0-9]{0,4}|[0-9]{4}-[0-9]{0,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{0,2}"


def parse(text: str, *, typing: bool = False) -> Query:
    """The query that a line of text means; whatever is malformed is searched as words, never an error.

    Words are and-ed; `"some words"` must follow one another; `-` in front excludes; `title:`, `section:`,
    `author:`, `tag:`, `credit:` and `caption:` say where a word or phrase has to stand; `after:` and
    `before:` take a year, a month or a day, which is the first that may be and the first that may not be;
    `is:` takes read, unread or starred.  With `typing` the last word may go on, an open quote is still
    being written, and a filter that is not finished does not filter yet.
    """
    line = clean_line(text[: LONGEST * 2])[:LONGEST]
    goes_on = typing and text[:LONGEST] == text and text.rstrip() == text
    query = EVERYTHING
    matches = list(islice(re.finditer(_PART, line, re.VERBOSE | re.IGNORECASE), MOST)) if line else ()
    for match in matches:
        last = goes_on and match.end() == len(line)
        for part in _parts_of(match, last=last):
            query = _with(query, part, last=last)
    return query


class _Part(NamedTuple):
    """One part of the line: what stands behind the minus and the field."""

    field: str
    value: str
    excluded: bool
    quoted: bool
    written: str
    """All of it, for when it turns out to be words."""


def _parts_of(match: re.Match[str], *, last: bool) -> Iterator[_Part]:
    field, excluded = (match["field"] or "").lower(), bool(match["minus"])
    written = re.sub(_QUOTES, "", match[0].removeprefix("-"))
    if match["open"] is not None:
        words = match["open"][1:]
        if last:
            yield _Part(field, words, excluded, False, words)
        else:
            for word in words.split():
                yield _Part(field, word, excluded, False, word)
    elif match["word"] is not None:
        yield _Part(field, match["word"], excluded, False, written)
    else:
        phrase = match["straight"] if match["straight"] is not None else match["curly"]
        yield _Part(field, phrase, excluded, True, written)


def _with(query: Query, part: _Part, *, last: bool) -> Query:
    """The query with one part more."""
    if part.field in _FILTERS:
        narrower = _filter(part)
        if narrower is not None:
            return query.narrowed(narrower)
        if last and _may_become_a_filter(part):
            return query
    goes_on = last and not part.quoted and not part.excluded
    for field in _FIELDS:
        if part.field == field and _has_words(part.value):
            return _and(query, Term(part.value, field, part.excluded, goes_on))
    if part.field in _FIELDS and last:
        return query
    if _has_words(part.written):
        return _and(query, Term(part.written, "", part.excluded, goes_on))
    return query


def _and(query: Query, term: Term) -> Query:
    return query._replace(terms=(*query.terms, term))


def _filter(part: _Part) -> Query | None:
    """What a date or a word for the reader's state asks for; None if the value is neither."""
    value = part.value.strip().lower()
    if part.field == "is":
        if value == "starred":
            return Query(starred=not part.excluded)
        if value in _STATES:
            return Query(read=(value == "read") != part.excluded)
        return None
    day = _day(value)
    if day is None:
        return None
    if (part.field == "after") != part.excluded:
        return Query(after=day)
    return Query(before=day)


def _may_become_a_filter(part: _Part) -> bool:
    value = part.value.strip().lower()
    if part.field == "is":
        return any(state.startswith(value) for state in _STATES)
    return re.fullmatch(_BEGUN_DATE, value) is not None


def _day(text: str) -> date | None:
    """The first day of a year, of a month, or the day itself, if the calendar has it."""
    match = re.fullmatch(_DATE, text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
