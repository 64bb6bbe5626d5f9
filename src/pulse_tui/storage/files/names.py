"""What a file name says: whether it is an article's, and its date."""

from __future__ import annotations

import re
from datetime import date

_markdown_suffix = re.compile(r"\.(?:md|markdown)\Z", re.IGNORECASE)
_date_prefix = re.compile(r"(\d{4}-\d\d-\d\d)(?:[-_ ]+|\Z)", re.ASCII).match


def is_markdown(name: str) -> bool:
    """Whether a file name is that of an article."""
    return _markdown_suffix.search(name) is not None


def stem(name: str) -> str:
    """A file name without .md or .markdown."""
    return _markdown_suffix.sub("", name)


def slug(name: str) -> str:
    """A file name without its suffix and without a date before it."""
    bare = stem(name)
    _, end = dated(bare)
    return bare[end:] or bare


def dated(name: str) -> tuple[date | None, int]:
    """The date in front of a file name, and where the name goes on behind it."""
    match = _date_prefix(stem(name))
    if match is None:
        return None, 0
    try:
        return date.fromisoformat(match[1]), match.end()
    except ValueError:
        return None, 0
