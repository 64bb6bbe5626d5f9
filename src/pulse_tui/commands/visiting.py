"""What is read without being kept: texts, pages, books; for one session they are guests of the library."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pulse_tui.commands.faults import sentence_of, status_of
from pulse_tui.commands.output import CommandError
from pulse_tui.commands.waiting import Line
from pulse_tui.repository import ArticleUnreadableError

if TYPE_CHECKING:
    from pulse_tui.acquire.net.connection import Network
    from pulse_tui.acquire.sources import Found
    from pulse_tui.storage.library import Library

_HEAD = 8192
"""Bytes of a file by which it is told whether it is text."""
_OF_TEXT = (".md", ".markdown", ".txt")
"""Endings of files that are looked at more closely only where there is a NUL at their beginning."""

_scheme = re.compile(r"\Ahttps?://(?:www\.)?", re.IGNORECASE)


def visit(
    library: Library, text: str, network: Network, clock: Callable[[], float], data: bytes = b""
) -> str:
    """List what somebody named, or the bytes of standard input, for this session; the id of the first of it.

    Raises:
        CommandError: there is nothing, or it cannot be read.
    """
    from pulse_tui.acquire.sources import Missed, read_source
    from pulse_tui.commands.markdown import read_markdown

    line = Line(network.monotonic)
    line.show(f"opening {text} …")

    def progress(size: int, expected: int | None) -> None:
        if line.is_due():
            of = f" of {expected / 1000:,.0f}" if expected else ""
            line.show(f"opening {text}: {size / 1000:,.0f}{of} KB")

    ids: list[str] = []
    try:
        for found in read_source(
            text,
            network=network,
            standard_input=lambda most: data[:most],
            read_markdown=read_markdown,
            progress=progress,
        ):
            if isinstance(found, Missed):
                if ids:
                    continue
                raise CommandError(sentence_of(found.error, clock), status_of(found.error, text))
            ids.append(library.adopt_bytes(_name_of(found), found.feature.to_markdown().encode()))
    finally:
        line.clear()
    return ids[0]


def check_file(name: str) -> None:
    """See that a file that is named holds text; what else may be wrong with it shows when it is listed.

    Raises:
        ArticleUnreadableError: it holds none.
    """
    from pulse_tui.storage.files.walk import opened, read_bytes

    with suppress(OSError, ValueError), opened(name) as (descriptor, _):
        head = read_bytes(descriptor, _HEAD)
        if b"\0" in head or not name.lower().endswith(_OF_TEXT):
            check_text(f"“{name}”", head, name)


def check_text(said: str, data: bytes, name: str = "") -> None:
    """See that bytes are text, of a file called `name` and `said` so.

    Raises:
        ArticleUnreadableError: they are not.
    """
    from pulse_tui.acquire.kinds import kind_of

    if kind_of(data[:_HEAD], name=name) in ("binary", "pdf", "picture"):
        raise ArticleUnreadableError(f"{said} is no text: name a file of Markdown, a page or an EPUB book.")


def _name_of(found: Found) -> str:
    """What the id of a guest is made of: the same source has the same one, so that its place is kept."""
    name = _scheme.sub("", found.source)
    return name if name != found.source else name.strip("/").rpartition("/")[2]
