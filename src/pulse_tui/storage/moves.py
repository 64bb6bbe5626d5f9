"""Keeping the reader's state with its article, whatever becomes of the article's id.

An id is the author's word for which article a file is, so the state stays with an id whose file is replaced
by a new one.  But an article that is listed keeps its own state: when the id that two files claim goes from
one to the other, because the first was deleted, moved or given another id, the state does not go with it.
That of the first follows the first, or if that is gone waits under an id that nothing has, to be found by the
text should it come back.  Only if the two are one article, by their texts or their titles, the second takes
it over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING

from pulse_tui.article import Reading
from pulse_tui.storage.index.listed import File
from pulse_tui.storage.state.state import StateStore

if TYPE_CHECKING:
    from pulse_tui.storage.index.moved import Change, Gone, Moved

_UNREAD = Reading()


class Moves:
    """The articles that come, change and go while a library is open; `listed` gives the file of an id."""

    def __init__(self, state: StateStore, listed: Callable[[str], File | None]) -> None:
        self._state = state
        self._listed = listed
        self._gone: set[str] = set()
        """The ids of files that have gone since the library was opened."""
        self._left: set[str] = set()
        """The digests of those of which only the state of another program may know."""
        self._noted = False

    def changed(self, changes: Sequence[Change]) -> list[Change]:
        """Some articles are new or other than before; returns those that the state knows under other ids."""
        for before, after, digest in changes:
            if before == after and self._has(after):
                self._note(after, digest)
        new = [change for change in changes if change.before is None]
        known = self._state.by_digest({change.digest for change in new})
        return [
            change
            for change in new
            if change.digest in self._left or known.get(change.digest, set()) - {change.after}
        ]

    def gone(self, gone: Sequence[Gone]) -> list[Gone]:
        """The files of some articles are no more; returns those of which the state knows.

        Of what a state in memory knows nothing, as where an article is only printed, that on the disk may.
        """
        known = [each for each in gone if each.digest and self._has(each.id)]
        for each in known:
            self._note(each.id, each.digest)
        if self._state.is_kept:
            return known
        self._left.update(each.digest for each in gone if each.digest)
        return [each for each in gone if each.digest]

    def save(self) -> None:
        """Write down what was noted of texts, by which they are found under other names."""
        if self._noted:
            self._noted = False
            self._state.save()

    def settle(self, moved: Sequence[Moved]) -> None:
        """Give their state to the articles that go under other ids now, and write it to the disk.

        To be told the same twice does no harm.
        """
        moves, copies = _Settling(moved, self._state, self._listed, self._gone).decide()
        targets = list(moves.values())
        self._rename(moves)
        for before, after in copies:
            self._state.copy(before, after)
        for article_id in targets:
            file = self._listed(article_id)
            if file is not None and file.digest and self._has(article_id):
                self._state.note_digest(article_id, file.digest)
        self._noted = False
        self._state.save()

    def _rename(self, moves: dict[str, str]) -> None:
        """Rename all at once: an id is free before another article's state comes there."""
        while moves:
            before = next((before for before, after in moves.items() if after not in moves), None)
            if before is not None:
                self._state.rename(before, moves.pop(before))
            else:  # they go in a ring
                before = next(iter(moves))
                spare = unused(before, self._state, self._listed, moves)
                self._state.rename(before, spare)
                moves[spare] = moves.pop(before)

    def _has(self, article_id: str) -> bool:
        return self._state.reading(article_id) != _UNREAD

    def _note(self, article_id: str, digest: str) -> None:
        self._state.note_digest(article_id, digest)
        self._noted = True


class _Settling:
    """One decision on where states go."""

    def __init__(
        self,
        moved: Sequence[Moved],
        state: StateStore,
        listed: Callable[[str], File | None],
        gone_before: set[str],
    ) -> None:
        self._state = state
        self._listed = listed
        self._gone_before = gone_before
        self._new = [(row.after, row.digest) for row in moved if row.before is None and row.after is not None]
        self._kept = {
            row.before: (row.after, row.digest)
            for row in moved
            if row.before is not None and row.after is not None
        }
        self._gone = {row.before: row for row in moved if row.before is not None and row.after is None}
        self._moves: dict[str, str] = {}
        self._copies: list[tuple[str, str]] = []

    def decide(self) -> tuple[dict[str, str], list[tuple[str, str]]]:
        """The ids whose states go to other ids, and those whose states are copied."""
        for before, (after, digest) in self._kept.items():
            if self._listed(before) is None or self._state.digest(before) == digest:
                self._moves[before] = after
        for after, digest in self._new:
            self._welcome(after, digest)
        holders = {after for after, _ in self._kept.values()}
        for before, row in self._gone.items():
            if self._listed(before) is None:
                self._gone_before.add(before)
            elif (
                before in holders
                and before not in self._moves
                and not self._is_one(before)
                and self._state.digest(before) == row.digest
            ):
                self._set_aside(before, row.path_id)
        for before, after in (*self._moves.items(), *self._copies):
            if self._has(before) and self._is_in_the_way(before, after) and self._is_of_another(after):
                self._set_aside(after, after)
        while stuck := [item for item in self._moves.items() if self._is_in_the_way(*item)]:
            del self._moves[stuck[0][0]]
        return self._moves, [item for item in self._copies if not self._is_in_the_way(*item)]

    def _welcome(self, article_id: str, digest: str) -> None:
        """A new file: it is the article that had this text, if that has gone or its id is not listed.

        Its state moves if its file is known to have gone; else it is copied, since the id may be listed where
        other folders are read.
        """
        formerly = self._state.by_digest({digest}).get(digest, set())
        formerly |= {
            before for before, row in self._gone.items() if row.digest == digest and self._has(before)
        }
        formerly -= {article_id}
        left = [former for former in formerly if former not in self._kept and self._is_left(former, digest)]
        if len(left) != 1:
            return
        (former,) = left
        if self._has_gone(former):
            self._moves[former] = article_id
        elif len(formerly) == 1:
            self._copies.append((former, article_id))

    def _is_left(self, former: str, digest: str) -> bool:
        """Whether no article with this text is listed under its former id."""
        file = self._listed(former)
        return file is None or (self._has_gone(former) and file.digest != digest)

    def _has_gone(self, former: str) -> bool:
        return former in self._gone or former in self._gone_before

    def _is_in_the_way(self, before: str, after: str) -> bool:
        """Whether there is a state where one is to go that stays there, and they are not of one article."""
        if after in self._moves or not self._has(after):
            return False
        return not (before in self._kept and after in self._gone and self._is_one(after))

    def _is_one(self, article_id: str) -> bool:
        """Whether the article that is gone and the one that has its id now are the same."""
        row, file = self._gone[article_id], self._listed(article_id)
        return file is not None and (row.digest == file.digest or row.title == file.title)

    def _is_of_another(self, article_id: str) -> bool:
        """Whether what the state has of an id is known to belong to another text than is listed there."""
        known, file = self._state.digest(article_id), self._listed(article_id)
        return known is not None and file is not None and known != file.digest

    def _set_aside(self, article_id: str, path_id: str) -> None:
        """Let a state wait until its article comes back."""
        self._moves[article_id] = aside = unused(path_id, self._state, self._listed, self._moves)
        self._gone_before.add(aside)

    def _has(self, article_id: str) -> bool:
        return self._state.reading(article_id) != _UNREAD


def unused(
    path_id: str, state: StateStore, listed: Callable[[str], File | None], moves: dict[str, str]
) -> str:
    """An id that nothing has: this one, or a number with it."""
    taken = set(moves.values())
    numbered = (f"{path_id}-{number}" for number in count(2))
    return next(
        free
        for free in chain([path_id], numbered)
        if free not in taken and listed(free) is None and state.reading(free) == _UNREAD
    )
