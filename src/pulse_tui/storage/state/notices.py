"""What a reader is told when the state cannot be kept as it should."""

from __future__ import annotations

from pathlib import Path

from pulse_tui.article import Notice
from pulse_tui.text import clean_line


def cannot_be(what: str, path: Path | None, error: Exception) -> Notice:
    """The state's file cannot be opened, read or written, for the reason that the error gives."""
    reason = getattr(error, "strerror", None) or clean_line(str(error))
    return Notice(
        f"The reading state cannot be {what} ({reason}); places, stars and marks are kept until you quit.",
        path,
    )


def was_damaged(aside: Path, saved: int) -> Notice:
    """The file was damaged and set aside; so many articles were saved from it."""
    return Notice(
        f"The reading state was damaged; its file is kept here, and {saved:,} articles were saved from it.",
        aside,
    )


def feeds_were_damaged(aside: Path) -> Notice:
    """The file was damaged where subscriptions and what was taken in are, and set aside."""
    return Notice(
        "The state was damaged; its file is kept here, and all that could be read of it was saved.", aside
    )
