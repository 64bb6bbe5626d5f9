"""What an errand reports, a JSON object a line (https://jsonlines.org): read as strictly as outside text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal, NamedTuple, TypeVar, get_args

from pulse_tui.text import clean_line, truncate

Outcome = Literal["new", "updated", "unchanged", "deleted"]
"""What became of a feature; deleted: its owner had deleted it, and nothing was written."""
FeedOutcome = Literal["new", "unchanged", "moved", "gone", "failed", "waiting"]
Value = TypeVar("Value", bound=str)
_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_FEED_OUTCOMES: tuple[FeedOutcome, ...] = get_args(FeedOutcome)

_LONGEST = 500
"""Cells of a text that is to be shown."""
_LONGEST_ID = 4096
"""Characters."""
_MOST = 2**53
_MOST_FIELDS = 100


class FaultError(Exception):
    """A line that is no report."""


class Progress(NamedTuple):
    """So many bytes of a source have come, of as many as are expected, if that is known."""

    source: str
    bytes: int
    expected: int | None


class Kept(NamedTuple):
    """A feature is in the library."""

    id: str
    title: str
    outcome: Outcome
    edited: bool
    """Whether its owner has changed something that the source has changed as well; it stays the owner's."""


class Failed(NamedTuple):
    """A source could not be had; why, in one sentence."""

    source: str
    reason: str


class Feed(NamedTuple):
    """What became of a feed, and how many features it brought."""

    name: str
    outcome: FeedOutcome
    new: int
    updated: int


class Asked(NamedTuple):
    """So many feeds of all that are to be asked have answered, or failed to."""

    done: int
    of: int


class End(NamedTuple):
    """All is done."""

    new: int
    updated: int
    failed: int


Event = Progress | Kept | Failed | Feed | Asked | End


def event_of(line: bytes) -> Event | None:
    """The event on a line; None if it is none of these, as a newer program may have more of them.

    Raises:
        FaultError: it is no event, or lacks what it has to have.
    """
    import json

    try:
        read = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise FaultError from error
    name = read.get("event") if isinstance(read, dict) else None
    if not isinstance(name, str):
        raise FaultError
    return _EVENTS[name](_Fields(read)) if name in _EVENTS else None


class _Fields:
    """The fields of a report, each taken as what it has to be."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """A text to be shown, on one line."""
        return truncate(clean_line(self.exactly(name)), _LONGEST)

    def exactly(self, name: str) -> str:
        """A text to be looked up, as it stands."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise FaultError
        return value[:_LONGEST_ID]

    def number(self, name: str) -> int:
        value = self._fields.get(name)
        if type(value) is not int or not 0 <= value <= _MOST:
            raise FaultError
        return value

    def number_or_none(self, name: str) -> int | None:
        return None if self._fields.get(name) is None else self.number(name)

    def any(self, name: str) -> bool:
        """Whether a list, which need not be there, holds anything."""
        value = self._fields.get(name, [])
        if not isinstance(value, list) or len(value) > _MOST_FIELDS:
            raise FaultError
        return bool(value)

    def one_of(self, name: str, values: Collection[Value]) -> Value:
        value = self.exactly(name)
        for each in values:
            if each == value:
                return each
        raise FaultError


_EVENTS: Mapping[str, Callable[[_Fields], Event]] = {
    "progress": lambda of: Progress(of.text("source"), of.number("bytes"), of.number_or_none("expected")),
    "kept": lambda of: Kept(
        of.exactly("id"), of.text("title"), of.one_of("outcome", _OUTCOMES), of.any("edited")
    ),
    "failed": lambda of: Failed(of.text("source"), of.text("reason")),
    "feed": lambda of: Feed(
        of.text("name"), of.one_of("outcome", _FEED_OUTCOMES), of.number("new"), of.number("updated")
    ),
    "asked": lambda of: Asked(of.number("done"), of.number("of")),
    "end": lambda of: End(of.number("new"), of.number("updated"), of.number("failed")),
}


class Standing(NamedTuple):
    """How an errand stands, from all that it has reported."""

    progress: Progress | None = None
    asked: Asked = Asked(0, 0)
    first: Kept | None = None
    """The first feature that was kept."""
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    """Features, of those that are told one by one."""
    feeds_new: int = 0
    feeds_updated: int = 0
    """Features, of those that are told feed by feed."""
    feeds_failed: int = 0
    failed: int = 0
    """Sources."""
    reason: str = ""
    """Why the first of them failed."""
    end: End | None = None
    over: bool = False
    """Whether it is done, in whatever way."""
    fault: str = ""
    """Why it ended without saying so, as a sentence."""

    @property
    def kept(self) -> int:
        """Features that are in the library."""
        return self.new + self.updated + self.unchanged

    def after(self, event: Event) -> Standing:
        """How it stands after one more event."""
        match event:
            case Progress():
                return self._replace(progress=event)
            case Asked():
                return self._replace(asked=event)
            case Kept(outcome="deleted"):
                return self
            case Kept():
                return self._replace(
                    first=self.first or event,
                    progress=None,
                    new=self.new + (event.outcome == "new"),
                    updated=self.updated + (event.outcome == "updated"),
                    unchanged=self.unchanged + (event.outcome == "unchanged"),
                )
            case Failed():
                return self._replace(failed=self.failed + 1, reason=self.reason or event.reason)
            case Feed():
                return self._replace(
                    feeds_new=self.feeds_new + event.new,
                    feeds_updated=self.feeds_updated + event.updated,
                    feeds_failed=self.feeds_failed + (event.outcome == "failed"),
                )
            case End():
                return self._replace(end=event)
