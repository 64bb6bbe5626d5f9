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
    formerly: list[str]


class Moves:
    """The articles that came, changed and went in one refresh.

    An article that comes is taken for one that the state knows under an id which the library no longer lists,
    if the file that had that id was in the same place, or had the same content.
    """

    def __init__(self, state: StateStore, is_listed: Callable[[str], bool]) -> None:
        self._state = state
        self._is_listed = is_listed
        self._arrivals: list[_Arrival] = []

    def changed(self, changes: Sequence[Change]) -> None:
        """Some articles are new or other than before."""
        for before, after, digest in changes:
            if before == after:
                if self._state.reading(after) != _UNREAD:
                    self._state.note_digest(after, digest)
                continue
            formerly = self._state.by_digest(digest) if before is None else [before]
            if formerly and formerly != [after]:
                self._arrivals.append(_Arrival(after, formerly))

    def gone(self, gone: Sequence[Gone]) -> None:
        """The files of some articles are no more."""
        for article_id, digest in gone:
            if digest and self._state.reading(article_id) != _UNREAD:
                self._state.note_digest(article_id, digest)

    def settle(self) -> None:
        """Move the state of what goes under another id now."""
        for article_id, formerly in self._arrivals:
            if self._state.reading(article_id) != _UNREAD:
                continue
            left = [known for known in formerly if known != article_id and not self._is_listed(known)]
            if len(left) == 1:
                self._state.rename(left[0], article_id)
