"""Reading a whole article from its file."""

from __future__ import annotations

import os
from pathlib import Path

from pulse_tui.article import Article
from pulse_tui.repository import ArticleUnreadableError
from pulse_tui.storage.files import front_matter
from pulse_tui.storage.files.entry import READ
from pulse_tui.storage.files.front_matter import utf8
from pulse_tui.storage.files.head import HEAD, Head, read_head
from pulse_tui.storage.files.walk import opened, read_bytes, why
from pulse_tui.storage.index.listed import File
from pulse_tui.text import clean_line


def read_article(file: File, cap: int, data: bytes | None = None) -> tuple[Article, float]:
    """An article as its file is now, and its reading time in seconds; `data` in UTF-8 is read instead.

    Raises:
        ArticleUnreadableError: the file is gone, larger than `cap` bytes or may not be read.
    """
    name = os.path.basename(file.relative)
    if data is not None:
        head = read_head(data[:HEAD], len(data), name, file.path_id)
        return _article(head, data[head.body_start :], None)
    try:
        with opened(file.path) as (descriptor, status):
            check_size(clean_line(file.path), status.st_size, cap)
            raw = read_bytes(descriptor, HEAD)
            start = utf8(raw)
            size = status.st_size
            if start is not raw:
                start = utf8(raw + read_bytes(descriptor, cap - len(raw)))
                size = len(start)
            modified = status.st_mtime
            head = read_head(start[:HEAD], size, name, file.path_id, path=file.path, modified=modified)
            if start is not raw:
                return _article(head, start[head.body_start :], file.path)
            # The body is read again in one piece, so that a large one is never copied.
            os.lseek(descriptor, head.body_start, os.SEEK_SET)
            return _article(head, read_bytes(descriptor, size - head.body_start), file.path)
    except OSError as fault:
        raise ArticleUnreadableError(why(file.path, fault)) from fault


def searched_text(file: File, data: bytes | None = None) -> str:
    """The Markdown of an article as far as it is searched; empty if it cannot be read any more."""
    if data is None:
        try:
            with opened(file.path) as (descriptor, _):
                data = utf8(read_bytes(descriptor, READ))
        except OSError:
            return ""
    _, start = front_matter.split(data)
    return data[start:READ].decode("utf-8", "replace")


def check_size(name: str, size: int, cap: int) -> None:
    """Refuse what is too large to be opened.

    Raises:
        ArticleUnreadableError: it is.
    """
    if size > cap:
        held, most = (f"{number / 1024 / 1024:,.1f} MiB" for number in (size, cap))
        raise ArticleUnreadableError(f"{name} holds {held}, more than the {most} that can be opened.")


def _article(head: Head, body: bytes, path: str | None) -> tuple[Article, float]:
    place = Path(path) if path else None
    article = Article(head.headline, body, head.lead, head.source, head.language, place, head.extra)
    return article, head.seconds
