"""What a reader follows and what was taken in, kept beside the reading state in its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pulse_tui.article import Notice
from pulse_tui.storage.state import following
from pulse_tui.storage.state.damage import mend
from pulse_tui.storage.state.database import DamagedError, StateError
from pulse_tui.storage.state.door import Door, in_words
from pulse_tui.storage.state.feed_rows import SINCE, TABLES, FeedRows
from pulse_tui.storage.state.following import Followed, Following, TakenRow
from pulse_tui.storage.state.notices import feeds_were_damaged
from pulse_tui.storage.transaction import transaction
from pulse_tui.subscriptions import BY_HAND, Answer, Subscription, Taken
from pulse_tui.text import clean_line

T = TypeVar("T")

_AT_ONCE = 1000


class SubscriptionStore:
    """One reader's subscriptions in the state file at `path`; see `pulse_tui.subscriptions.Subscriptions`.

    Each call is one transaction, on disk when it returns.  Nothing is made until there is something to
    keep, and where nothing can be written what is there is still read.  Names are kept apart here: one
    that another feed has gets a number at its end, and where none is given (or one that no folder may
    have) a feed keeps the name that it has or had, or gets its host's.

    Raises:
        StateError: from any call: the state cannot be read or written; says why, and what to do.
    """

    def __init__(self, path: Path, *, reader: str = "local", clock: Callable[[], float]) -> None:
        self._path = path
        self._reader = reader
        self._clock = clock
        self._looking = Door(path, TABLES, SINCE, writes=False)
        self._writing = Door(path, TABLES, SINCE, writes=True)
        self.notice: Notice | None = None
        """That the file was damaged, if this store met it so."""

    def close(self) -> None:
        """Close the file; it is opened again when something is asked for."""
        for door in (self._looking, self._writing):
            with door.lock:
                door.close()

    # Subscriptions

    def all(self) -> list[tuple[Subscription, Answer]]:
        """Every subscription with its last answer, by name."""
        return self._look(FeedRows.all, [])

    def get(self, url: str) -> tuple[Subscription, Answer] | None:
        """One of them."""
        nothing: list[tuple[Subscription, Answer]] = []
        return next(iter(self._look(lambda rows: rows.all(_sought(url)), nothing)), None)

    def put(self, subscriptions: Iterable[Subscription]) -> None:
        """Add subscriptions, or change those that have the same address; answers stay."""
        wanted = [following.fit(each) for each in subscriptions]
        for each in wanted:
            _check(each.url)
        if wanted:
            self._write(lambda rows: rows.put(wanted), None, make=True)

    def move(self, url: str, to: str) -> None:
        """A feed has another address now; if that is followed already, the old one is followed no more."""
        _check(to)
        if url != to:
            self._write(lambda rows: rows.move(_sought(url), to), None)

    def remove(self, url: str) -> bool:
        """Follow a feed no more; whether it was.  What was taken from it stays known."""
        return self._write(lambda rows: rows.remove(_sought(url)), False)

    def answered(self, url: str, answer: Answer) -> None:
        """Keep what a feed answered; nothing if it is not followed."""
        self._write(lambda rows: rows.answered(_sought(url), answer), None)

    # What was taken

    def taken(self, name: str, source: str = "") -> Mapping[str, Taken]:
        """What was taken from the feed of this name, or `BY_HAND`, by source; or from that source alone."""
        nothing: dict[str, Taken] = {}
        return self._look(lambda rows: rows.taken(name, source), nothing)

    def take(self, name: str, taken: Mapping[str, Taken]) -> None:
        """Keep what became of sources; what is known of others stays."""
        if name != BY_HAND and not following.is_name(name):
            raise ValueError(f"no feed can have the name {name!r}")
        for source, each in taken.items():
            if not following.is_taken(source, each):
                raise ValueError(f"what was taken from {source[:80]!r} cannot be kept: {each!r:.200}")
        if taken:
            self._write(lambda rows: rows.take(name, taken), None, make=True)

    # From one state to another

    def subscriptions(self) -> list[Followed]:
        """All that are and were followed, by address, with the times of their last changes."""
        return self._look(FeedRows.subscriptions, [])

    def taken_rows(self) -> Iterator[TakenRow]:
        """All that was taken, by feed and source; read a window at a time."""
        window = self._window(("", ""))
        while window:
            for row in window:
                if following.taken_of(row.file, row.said, row.written) is not None:
                    yield row
            window = self._window((window[-1].feed, window[-1].source))

    def merge(self, found: Following) -> None:
        """Take in what another state holds: of each subscription and source what changed last."""
        if found:
            self._write(lambda rows: rows.merge(found), None, make=True)

    # Inside

    def _window(self, after: tuple[str, str]) -> list[TakenRow]:
        nothing: list[TakenRow] = []
        return self._look(lambda rows: rows.taken_rows(after, _AT_ONCE), nothing)

    def _look(self, work: Callable[[FeedRows], T], otherwise: T) -> T:
        def look(database: sqlite3.Connection) -> T:
            return work(FeedRows(database, self._reader, 0.0))

        with in_words("read", self._path):
            return self._mended(self._looking, look, otherwise, make=False)

    def _write(self, work: Callable[[FeedRows], T], otherwise: T, *, make: bool = False) -> T:
        def write(database: sqlite3.Connection) -> T:
            with transaction(database):
                return work(FeedRows(database, self._reader, self._clock()))

        with in_words("kept", self._path):
            return self._mended(self._writing, write, otherwise, make=make)

    def _mended(self, door: Door, work: Callable[[sqlite3.Connection], T], otherwise: T, *, make: bool) -> T:
        with door.lock:
            try:
                return door.do(work, otherwise, make=make)
            except DamagedError:
                door.close()
                aside = mend(self._path, self._clock())
                if aside is not None:
                    self.notice = feeds_were_damaged(aside)
            return door.do(work, otherwise, make=make)


def _sought(url: str) -> str:
    """An address to look for; what none can be is none."""
    return url if following.is_address(url) else ""


def _check(url: str) -> None:
    if not following.is_address(url):
        raise StateError(
            f"“{clean_line(url)[:80]}” is no address of a feed, so it cannot be followed;"
            " one begins with https:// or http:// and has no spaces."
        )
