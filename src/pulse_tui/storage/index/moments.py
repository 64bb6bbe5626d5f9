"""Times of publication as numbers: for sorting, and for where an article lies in the index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

DAY = 1 << 14
"""Slots of a day; what is published on a day that is full spills over into the next."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_A_DAY = 86_400_000_000


def moment(published: date | datetime | None) -> int | None:
    """Microseconds since 1970; a day counts from its first moment, a time without a zone as UTC."""
    if published is None:
        return None
    if not isinstance(published, datetime):
        published = datetime(published.year, published.month, published.day, tzinfo=UTC)
    elif published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return (published - _EPOCH) // _MICROSECOND


def first_slot(moment: int | None) -> int:
    """The first slot of the day of a moment; that of no date is 0."""
    return 0 if moment is None else max(0, moment // _MICROSECONDS_A_DAY + _EPOCH.toordinal()) * DAY
