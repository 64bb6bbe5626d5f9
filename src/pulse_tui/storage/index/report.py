"""What a refresh of the index tells, while it is at work and at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pulse_tui.article import Notice
from pulse_tui.storage.index.moved import Change, Gone


class Report(NamedTuple):
    """What a refresh tells while it is at work; each is called from its thread."""

    progress: Callable[[int, int], None]
    changes: Callable[[Sequence[Change]], Sequence[Change]]
    """Returns those new articles that the reader's state knows under other ids."""
    gone: Callable[[Sequence[Gone]], Sequence[Gone]]
    """Returns those of which the reader's state knows."""
    stopped: Callable[[], bool]


class Outcome(NamedTuple):
    """What a refresh found."""

    changed: bool
    notices: list[Notice] | None
    """What is wrong with the folders; None if not all were looked at."""
