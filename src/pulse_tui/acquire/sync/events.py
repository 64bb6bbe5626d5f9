"""What a run of taking feeds in tells of itself, while it goes on."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple, TypeAlias

from pulse_tui.acquire.keeping.keeper import Outcome

FeedOutcome = Literal["new", "unchanged", "moved", "gone", "failed", "waiting"]
"""`new`: there was something to keep, or to bring up to date; `waiting`: its host wants to be left alone."""

Cause = Literal["", "network", "feed", "library"]
"""What is at fault where a feed failed: what is between here and its server, the feed, or the own folder."""


class Progress(NamedTuple):
    """So many bytes of a source have come."""

    source: str
    bytes: int
    expected: int | None
    """None if the server does not say."""


class Taking(NamedTuple):
    """So many entries of a feed are done, of all that there is something to do with."""

    url: str
    title: str
    done: int
    of: int


class Kept(NamedTuple):
    """A feature is in the library, or was deleted from it by its owner."""

    source: str
    id: str
    path: str
    title: str
    outcome: Outcome
    edited: tuple[str, ...] = ()
    """What the source and the owner both changed: it is the owner's."""


class Failed(NamedTuple):
    """A source could not be had."""

    source: str
    reason: str


class FeedDone(NamedTuple):
    """What became of a feed in this run."""

    url: str
    name: str
    title: str
    outcome: FeedOutcome
    new: int = 0
    updated: int = 0
    reason: str = ""
    cause: Cause = ""


class Asked(NamedTuple):
    """So many feeds are done."""

    done: int
    of: int


class End(NamedTuple):
    """All is done: features that are new and updated, feeds that failed."""

    new: int
    updated: int
    failed: int


Event: TypeAlias = Progress | Taking | Kept | Failed | FeedDone | Asked | End
_NAMES: dict[type[Event], str] = {
    Progress: "progress",
    Kept: "kept",
    Failed: "failed",
    FeedDone: "feed",
    Asked: "asked",
    End: "end",
}


def as_json(event: Event) -> str:
    """An event as a line of JSON, in ASCII for any locale; empty for those that are only shown."""
    name = _NAMES.get(type(event))
    return json.dumps({"event": name, **event._asdict()}) if name else ""
