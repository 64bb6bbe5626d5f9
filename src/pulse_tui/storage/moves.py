"""Keeping the reader's state with an article whose id has become another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pulse_tui.article import Reading
from pulse_tui.storage.state.state import StateStore

_UNREAD = Reading()


class Change(NamedTuple):
    """An article that is new in the index, or other than before."""

    before: str | None
    """Its id before; None if its file is new."""
    after: str
    digest: str


class Gone(NamedTuple):
    """An article whose file is no more."""

    id: str
    digest: str


class _Arrival(NamedTuple):
    """An article that may be one that was known under another id."""

    id: str
    formerly: set[str]
    is_same_file: bool


class Moves:
    """The articles that come, change and go while a library is open.

    An article that comes is taken for one that the state knows under an id which the library does not list,
    if the file that had that id was in the same place, or had the same content.  Its state moves if that file
    is known to have gone; else it is copied, since the id may be listed where other folders are read.
    """

    def __init__(self, state: StateStore, is_listed: Callable[[str], bool]) -> None:
        self._state = state
        self._is_listed = is_listed
        self._arrivals: list[_Arrival] = []
        self._gone: set[str] = set()

    def changed(self, changes: Sequence[Change]) -> None:
        """Some articles are new or other than before."""
        known = self._state.by_digest({change.digest for change in changes if change.before is None})
        for before, after, digest in changes:
            if before == after:
                if self._state.reading(after) != _UNREAD:
                    self._state.note_digest(after, digest)
                continue
            formerly = known.get(digest, set()) if before is None else {before}
            if formerly - {after}:
                self._arrivals.append(_Arrival(after, formerly, before is not None))

    def gone(self, gone: Sequence[Gone]) -> None:
        """The files of some articles are no more."""
        for article_id, digest in gone:
            if digest and self._state.reading(article_id) != _UNREAD:
                self._state.note_digest(article_id, digest)
                self._gone.add(article_id)

    def settle(self) -> bool:
        """Give their state to the articles that go under another id now; whether there were any."""
        arrivals, self._arrivals = self._arrivals, []
        settled = False
        for article_id, formerly, is_same_file in arrivals:
            if self._state.reading(article_id) != _UNREAD:
                continue
            left = [former for former in formerly - {article_id} if not self._is_listed(former)]
            if len(left) != 1:
                continue
            if is_same_file or left[0] in self._gone:
                self._state.rename(left[0], article_id)
                settled = True
            elif len(formerly) == 1:
                self._state.copy(left[0], article_id)
                settled = True
        return settled
