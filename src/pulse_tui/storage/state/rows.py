"""The columns of the reading state, and how a record becomes a row and a row a record."""

from __future__ import annotations

from collections.abc import Sequence

from pulse_tui.article import Place
from pulse_tui.repository import Spot
from pulse_tui.storage.state.record import Record, Stamped

FIELDS = (
    "block, offset, piece, nth, place_changed, fraction, fraction_changed, read, read_changed, starred,"
    " starred_changed, seconds, seconds_changed, estimate, estimate_changed, digest, digest_changed"
)
SPOT = "article, block, offset, piece, nth, changed"


def row_of(record: Record) -> list[object]:
    """The values of a record's columns."""
    place, *others = record
    values: list[object] = [*place.value, place.changed] if place else [None] * 5
    for stamped in others:
        values += stamped or (None, None)
    return values


def record_of(row: Sequence[object]) -> Record:
    """The record in a row; a field that is not what it should be counts as never set."""
    block, offset, piece, nth, changed, *others = row
    fraction, read, starred, seconds, estimate = (
        _number(others[at], others[at + 1]) for at in range(0, len(others) - 2, 2)
    )
    digest, noted = others[-2:]
    place = _place(block, offset, piece, nth)
    return Record(
        Stamped(place, changed) if place and isinstance(changed, float) else None,
        fraction,
        read and Stamped(bool(read.value), read.changed),
        starred and Stamped(bool(starred.value), starred.changed),
        seconds,
        estimate,
        Stamped(digest, noted) if isinstance(digest, str) and isinstance(noted, float) else None,
    )


def spot_of(row: Sequence[object]) -> Stamped[Spot | None]:
    """The spot in a row, and when it got its letter; None if the letter has none any more."""
    article_id, block, offset, piece, nth, changed = row
    place = _place(block, offset, piece, nth)
    spot = Spot(article_id, place) if isinstance(article_id, str) and place else None
    return Stamped(spot, changed if isinstance(changed, float) else 0.0)


def _place(block: object, offset: object, piece: object, nth: object) -> Place | None:
    if isinstance(block, int) and isinstance(offset, int) and isinstance(piece, str) and isinstance(nth, int):
        return Place(block, offset, piece, nth)
    return None


def _number(value: object, changed: object) -> Stamped[float] | None:
    if isinstance(value, (int, float)) and isinstance(changed, float):
        return Stamped(value, changed)
    return None
