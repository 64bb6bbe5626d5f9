"""Rows of the index as values."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from pulse_tui.article import Headline, Notice, minutes
from pulse_tui.text import clean_line

COLUMNS = (
    "article.slot, article.id, wanted, path, published, seconds, title, dek, sections, authors, tags, notices"
)
"""For SQL: what `listed_of` takes."""


class Listed(NamedTuple):
    """An article of the index, as lists show it."""

    slot: int
    headline: Headline
    seconds: float
    """Reading time, an estimate."""


class File(NamedTuple):
    """Where an article lies."""

    slot: int
    id: str
    path_id: str
    path: str
    real: str
    relative: str
    title: str
    digest: str
    seconds: float
    yields: Notice | None
    """What its id had to give way to."""


def listed_of(connection: sqlite3.Connection, row: Sequence[object]) -> Listed:
    """An article from its `COLUMNS`."""
    slot, article_id, wanted, path, published, seconds, title, dek, *lists, packed = row
    assert isinstance(slot, int)
    assert isinstance(seconds, float)
    assert isinstance(path, bytes)
    place = decoded(path)
    found: Sequence[tuple[str, int | None]] = ()
    if packed is not None:
        import json

        found = json.loads(str(packed))
    notices = [Notice(text, Path(place) if place else None, line) for text, line in found]
    if article_id != wanted:
        notices.append(way_given(connection, str(article_id), str(wanted), path))
    sections, authors, tags = (tuple(str(texts).split("\n")) if texts else () for texts in lists)
    headline = Headline(
        str(article_id),
        str(title),
        str(dek),
        sections,
        authors,
        _published(published),
        minutes(seconds),
        tags,
        tuple(notices),
    )
    return Listed(slot, headline, seconds)


def _published(text: object) -> date | datetime | None:
    if not isinstance(text, str):
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def way_given(connection: sqlite3.Connection, article_id: str, wanted: str, path: bytes) -> Notice:
    """What an article's id had to give way to."""
    row = connection.execute("SELECT path, relative FROM article WHERE id = ?", (wanted,)).fetchone()
    other = "another article" if row is None else clean_line(decoded(row[0]) or os.fsdecode(row[1]))
    text = f"The id “{wanted}” belongs to {other}, so this article is listed as “{article_id}”."
    place = decoded(path)
    return Notice(text, Path(place) if place else None)


def decoded(path: bytes) -> str:
    """A path of the file system; empty for a text that came from no file."""
    return "" if path.startswith(b"\0") else os.fsdecode(path)
