"""Which article a reader means by a name, and what is said where none fits."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pulse_tui.repository import ArticleNotFoundError
from pulse_tui.storage.files.names import slug, stem
from pulse_tui.storage.index.index import Index
from pulse_tui.text import clean_line, truncate

_SHOWN = 5
_COMPARED = 5000
_NAMED = 1000


def find(name: str, indexes: Sequence[Index]) -> str:
    """The id of the article with this file name, or the only one whose id begins so.

    Raises:
        ArticleNotFoundError: none fits, or several do; says which come close.
    """
    named = [
        article_id
        for index in indexes
        for article_id, relative in index.named(name, _NAMED)
        if name and name in _names(relative)
    ]
    fitting, number = named, len(named)
    if not named and name:
        beginnings = [index.beginning(name, _SHOWN) for index in indexes]
        fitting = [article_id for ids, _ in beginnings for article_id in ids]
        number = sum(count for _, count in beginnings)
    if not fitting:
        raise unknown(name, indexes)
    if number > 1:
        some = ", ".join(truncate(known, 60) for known in fitting[:_SHOWN])
        more = " …" if number > _SHOWN else ""
        sentence = f"{_quoted(name)} fits {number:,} articles: {some}{more}; give more of the id."
        raise ArticleNotFoundError(sentence)
    return fitting[0]


def unknown(name: str, indexes: Sequence[Index]) -> ArticleNotFoundError:
    """The error for a name that leads to no article, with the names that look like it."""
    close = [_quoted(known) for known in _close(name, indexes)]
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    return ArticleNotFoundError(
        f"No article is called {_quoted(name)}; {hint}“pulse-tui list” shows what there is."
    )


def _close(name: str, indexes: Sequence[Index]) -> list[str]:
    """Up to three ids that look like the name; a large library is not compared to the end."""
    from difflib import get_close_matches

    candidates: dict[str, str] = {}
    for index in indexes:
        for article_id, relative in index.names(_COMPARED):
            candidates[article_id] = article_id
            candidates.setdefault(slug(os.path.basename(relative)), article_id)
    matches = get_close_matches(name[:200], candidates, 3)
    return list(dict.fromkeys(candidates[match] for match in matches))


def _names(relative: str) -> tuple[str, ...]:
    """What a reader may call a file: its path in the library, its name, either bare, its slug."""
    name = os.path.basename(relative)
    return relative, stem(relative), name, stem(name), slug(name)


def _quoted(name: str) -> str:
    return f"“{truncate(clean_line(name[:200]), 60)}”"
