"""Articles beside the library, listed for one session: files named on the command line, standard input.

They have an index of their own, in memory, so that lists and searches treat them like all others.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence, Set
from threading import Lock
from typing import TYPE_CHECKING

from pulse_tui.repository import View
from pulse_tui.storage.files.walk import Found, look, why
from pulse_tui.storage.index.index import Index
from pulse_tui.storage.index.listed import Listed
from pulse_tui.storage.state.state import StateStore
from pulse_tui.storage.views import Views

if TYPE_CHECKING:
    from pulse_tui.storage.files.entry import Entry


class Guests:
    """The adopted articles; there are few, and they keep their ids whatever else the library holds."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._lock = Lock()
        self._found: dict[str, Found] = {}
        self._data: dict[str, bytes] = {}
        self._whole: set[str] = set()
        """Those of whose files the text is indexed; of the others it is the head, which is there at once."""
        self._index: Index | None = None
        self._views: Views | None = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._found))

    def __contains__(self, article_id: object) -> bool:
        return article_id in self._found

    @property
    def index(self) -> Index:
        """Their index."""
        with self._lock:
            if self._index is None:
                self._index = Index(None)
            return self._index

    @property
    def views(self) -> Views:
        """Their lists."""
        index = self.index
        with self._lock:
            if self._views is None:
                self._views = Views(index, self._state)
            return self._views

    def data(self, article_id: str) -> bytes | None:
        """The text of one that came from no file."""
        return self._data.get(article_id)

    def at(self, real: str) -> str | None:
        """The id of the one at a path without links."""
        return next((known for known, found in list(self._found.items()) if found.real == real), None)

    def files(self) -> Sequence[tuple[str, Found]]:
        """Those that came from files."""
        return [(article_id, found) for article_id, found in list(self._found.items()) if found.path]

    def add(self, article_id: str, entry: Entry, data: bytes | None = None) -> None:
        """List an article under this id."""
        if data is not None:
            self._data[article_id] = data
        self._put(article_id, entry)
        self._found[article_id] = entry.found

    def drop(self, article_id: str) -> None:
        """List it no more, since the library does."""
        self._found.pop(article_id, None)
        self._forget(article_id)

    def refresh(self, anew: Set[str] = frozenset()) -> bool:
        """Look at their files; whether one has changed, or is to be written `anew` in any case."""
        from pulse_tui.storage.files.entry import read_entry

        changed = False
        for article_id, found in self.files():
            try:
                now = look(found.path, found.folder, found.relative)
            except OSError as fault:
                now = found._replace(stamp=None, fault=why(found.path, fault))
            entry = read_entry(now, whole=article_id in self._whole)
            changed |= self._put(article_id, entry, anew=article_id in anew)
        return changed

    def read_whole(self) -> None:
        """Index the texts of their files too, now that somebody searches."""
        lacking = {article_id for article_id, _ in self.files()} - self._whole
        if lacking:
            self._whole |= lacking
            self.refresh(lacking)

    def before(self, view: View, rank: Callable[[View, Listed], int]) -> list[tuple[int, Listed]]:
        """Those in a view, in its order, with their positions among the library's articles and each other."""
        guests = self.views.window(view, 0, None)
        return [(rank(view, guest) + number, guest) for number, guest in enumerate(guests)]

    def close(self) -> None:
        """Forget them."""
        if self._index is not None:
            self._index.close()

    def _forget(self, article_id: str) -> None:
        from pulse_tui.storage.index.writing import remove

        file = self.index.file(article_id)
        if file is not None:
            self.index.change(lambda connection: remove(connection, [file.slot]))

    def _put(self, article_id: str, entry: Entry, *, anew: bool = False) -> bool:
        from pulse_tui.storage.index.writing import remove, write

        pinned = entry._replace(headline=entry.headline._replace(id=article_id))
        if not entry.found.path:  # the key of what has no path
            relative = os.path.join(article_id, entry.found.relative)
            pinned = pinned._replace(found=entry.found._replace(relative=relative))
        file = self.index.file(article_id) if anew else None

        def work(connection: sqlite3.Connection) -> bool:
            if file is not None:  # in one transaction, so that it is listed at any moment
                remove(connection, [file.slot])
            return bool(write(connection, [pinned]))

        return self.index.change(work)
