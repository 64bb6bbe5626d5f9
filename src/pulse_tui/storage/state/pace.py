"""How long a reader takes, told from the articles that were read to the end."""

from __future__ import annotations

from collections.abc import Iterable

from pulse_tui.storage.state.record import Record

FINISHED = 50
"""How many of the articles that were finished last tell a reader's pace."""
_AT_LEAST = 3
_PLAUSIBLE = (0.2, 5.0)
"""What time spent may be of the estimate; outside it the article was skipped, or left open."""
_PACES = (0.4, 3.0)


def tells(record: Record) -> bool:
    """Whether an article was finished, and both its time and its estimate are known."""
    return record.is_read and record.seconds is not None and record.estimate is not None


def pace_of(records: Iterable[Record]) -> float | None:
    """The reader's time as a multiple of the estimate, by the records that tell; None if too few do."""
    finished = sorted(records, key=lambda record: record.read.changed if record.read else 0.0, reverse=True)
    low, high = _PLAUSIBLE
    ratios = sorted(
        record.seconds.value / record.estimate.value
        for record in finished[:FINISHED]
        if record.seconds
        and record.estimate
        and record.estimate.value > 0
        and low <= record.seconds.value / record.estimate.value <= high
    )
    if len(ratios) < _AT_LEAST:
        return None
    middle = (ratios[(len(ratios) - 1) // 2] + ratios[len(ratios) // 2]) / 2
    return min(max(middle, _PACES[0]), _PACES[1])
