"""One state of the library in memory: which articles there are, under which ids, in which order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

from pulse_tui.article import Headline, Notice
from pulse_tui.repository import ArticleNotFoundError
from pulse_tui.storage.head import slug, stem
from pulse_tui.storage.walk import Found
from pulse_tui.text import clean_line, truncate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 5
_COMPARED = 5000


class Entry(NamedTuple):
    """An article as its file presents it; the catalogue may give it another id."""

    found: Found
    headline: Headline
    path_id: str
    """The id that its place in the library would give it."""
    data: bytes | None = None
    """The whole text in UTF-8, where there is no file to read it from."""
    pinned: str = ""
    """The id that it keeps, whatever else the library holds."""


class Catalogue:
    """A library as it was at one moment; it never changes, so threads may share it."""

    def __init__(self, entries: Iterable[Entry] = (), notices: Sequence[Notice] = ()) -> None:
        ranked = sorted(entries, key=lambda entry: (entry.found.folder, entry.found.relative))
        self.entries: dict[str, Entry] = {}
        self.duplicates: dict[str, Notice] = {}
        """By id, what an article's id had to give way to."""
        self._name_all(ranked)
        headlines = [self._listed(entry, article_id) for article_id, entry in self.entries.items()]
        self.headlines = tuple(sorted(headlines, key=_newest_first))
        self.positions = {headline.id: number for number, headline in enumerate(self.headlines)}
        self.by_real_path = {
            entry.found.real: article_id for article_id, entry in self.entries.items() if entry.found.real
        }
        self.notices = (*notices, *self.duplicates.values())

    def find(self, name: str) -> str:
        """The id of the article that a reader means by an id, a file name or the beginning of an id.

        Raises:
            ArticleNotFoundError: none fits, or several do; says which come close.
        """
        if name in self.entries:
            return name
        by_name = [article_id for article_id, entry in self.entries.items() if name in _names(entry)]
        fitting = by_name or [known for known in self.entries if name and known.startswith(name)]
        if not fitting:
            raise self.unknown(name)
        if len(fitting) > 1:
            some = ", ".join(truncate(known, 60) for known in fitting[:_SHOWN])
            more = " …" if len(fitting) > _SHOWN else ""
            sentence = f"{_quoted(name)} fits {len(fitting):,} articles: {some}{more}; give more of the id."
            raise ArticleNotFoundError(sentence)
        return fitting[0]

    def unknown(self, name: str) -> ArticleNotFoundError:
        """The error for a name that leads to no article, with the names that look like it."""
        close = [_quoted(known) for known in self._close(name)]
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        return ArticleNotFoundError(
            f"No article is called {_quoted(name)}; {hint}`pulse-tui list` shows what there is."
        )

    def free_id(self, entry: Entry) -> str:
        """The id that an entry gets if it comes last: what it asks for, or its path, numbered at need."""
        if entry.headline.id not in self.entries:
            return entry.headline.id
        article_id = entry.path_id
        numbers = count(2)
        while article_id in self.entries:
            article_id = f"{entry.path_id}-{next(numbers)}"
        return article_id

    def _name_all(self, ranked: Sequence[Entry]) -> None:
        """Give every entry an id of its own; of two that ask for the same, the first gets it."""
        self.entries.update((entry.pinned, entry) for entry in ranked if entry.pinned)
        for entry in ranked:
            if entry.pinned:
                continue
            wanted, article_id = entry.headline.id, self.free_id(entry)
            if article_id != wanted:
                other = clean_line(self.entries[wanted].found.path or self.entries[wanted].found.relative)
                text = f"The id “{wanted}” belongs to {other}, so this article is listed as “{article_id}”."
                path = Path(entry.found.path) if entry.found.path else None
                self.duplicates[article_id] = Notice(text, path)
            self.entries[article_id] = entry

    def _listed(self, entry: Entry, article_id: str) -> Headline:
        headline = entry.headline
        notice = self.duplicates.get(article_id)
        if notice is not None:
            return headline._replace(id=article_id, notices=(*headline.notices, notice))
        return headline if headline.id == article_id else headline._replace(id=article_id)

    def _close(self, name: str) -> list[str]:
        """Up to three ids that look like the name; a large library is not compared to the end."""
        from difflib import get_close_matches

        candidates: dict[str, str] = {}
        for headline in self.headlines[:_COMPARED]:
            candidates[headline.id] = headline.id
            file_name = os.path.basename(self.entries[headline.id].found.relative)
            candidates.setdefault(slug(file_name), headline.id)
        matches = get_close_matches(name[:200], candidates, 3)
        return list(dict.fromkeys(candidates[match] for match in matches))


def _names(entry: Entry) -> tuple[str, ...]:
    """What a reader may call a file: its path in the library, its name, either bare, its slug."""
    relative = entry.found.relative
    name = os.path.basename(relative)
    return relative, stem(relative), name, stem(name), slug(name)


def _quoted(name: str) -> str:
    return f"“{truncate(clean_line(name[:200]), 60)}”"


def _newest_first(headline: Headline) -> tuple[bool, float, str]:
    """A sort key; a day counts from its first moment, a time without a zone as UTC, no date comes last."""
    published = headline.published
    if published is None:
        return True, 0.0, headline.id
    return False, -(_moment(published) - _EPOCH).total_seconds(), headline.id


def _moment(published: date | datetime) -> datetime:
    if not isinstance(published, datetime):
        return datetime(published.year, published.month, published.day, tzinfo=UTC)
    return published if published.tzinfo is not None else published.replace(tzinfo=UTC)
