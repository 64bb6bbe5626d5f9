"""What is read without being kept: a page of the web, a saved page, a book; for one session it is a guest."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulse_tui.commands.faults import sentence_of, status_of
from pulse_tui.commands.output import CommandError
from pulse_tui.commands.waiting import Line

if TYPE_CHECKING:
    from pulse_tui.acquire.net.connection import Network
    from pulse_tui.acquire.sources import Found
    from pulse_tui.storage.library import Library

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
                raise CommandError(sentence_of(found.error, clock), status_of(found.error))
            ids.append(library.adopt_bytes(_name_of(found), found.feature.to_markdown().encode()))
    finally:
        line.clear()
    return ids[0]


def _name_of(found: Found) -> str:
    """What the id of a guest is made of: the same source has the same one, so that its place is kept."""
    name = _scheme.sub("", found.source)
    return name if name != found.source else name.strip("/").rpartition("/")[2]
