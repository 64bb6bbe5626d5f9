"""What goes on beside reading: the reader's state is saved, the library is looked at anew."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import ClassVar, Unpack

from textual.message import Message
from textual.screen import Screen

from pulse_tui.article import Note
from pulse_tui.repository import Repository

SAVE_SECONDS = 1.0
"""How long a change waits to be written; a `kill -9` loses at most that."""
_PAUSE_SECONDS = 180.0
"""Longer than anyone looks at one page: time without a key beyond it is not reading."""
_SAVING, LOOKING = "saving", "looking"


class Keeper:
    """Saves and looks in threads, for one screen; `clock` gives seconds."""

    class Looked(Message):
        """So many of so many new or changed files are read."""

        bubble: ClassVar[bool] = False

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done = done
            self.total = total

    class LibraryChanged(Message):
        """The library is not what it was."""

        bubble: ClassVar[bool] = False

    def __init__(self, screen: Screen[None], repository: Repository, clock: Callable[[], float]) -> None:
        self._screen = screen
        self._repository = repository
        self._clock = clock
        self._waiting = False
        self._seen = clock()
        self._looking: Event | None = None
        """Whether the library is being looked at for the first time, and is done with."""

    # -- The reader's state

    def mark(self, article_id: str, **note: Unpack[Note]) -> None:
        """Note the reader's state, with the time since the last note; it is written soon."""
        now = self._clock()
        seconds, self._seen = now - self._seen, now
        self._repository.mark(article_id, seconds=seconds if seconds < _PAUSE_SECONDS else 0.0, **note)
        self.save_soon()

    def arrive(self) -> None:
        """Another article is open: the time until now was not spent with it."""
        self._seen = self._clock()

    def save_soon(self) -> None:
        """Write what has changed within a second, however long the reader goes on."""
        if not self._waiting:
            self._waiting = True
            self._screen.set_timer(SAVE_SECONDS, self.save)

    def save(self) -> None:
        """Write what has changed now, in a thread."""
        self._waiting = False
        self._screen.run_worker(self._repository.save, thread=True, group=_SAVING)

    # -- The library

    def look(self) -> None:
        """Compare the library with its folders, and go on looking at it."""
        if self._looking is None:
            self._looking = Event()
            self._screen.run_worker(self._look, thread=True, group=LOOKING)

    def _look(self) -> None:
        assert self._looking is not None
        self._repository.watch(self._changed)  # first, so that no change falls between the two
        changed = self._repository.refresh(self._progress)
        self._looking.set()
        if changed:
            self._changed()

    def wait(self, seconds: float) -> None:
        """Let the first look at the library be over, if it has begun and is soon."""
        if self._looking is not None:
            self._looking.wait(seconds)

    def _progress(self, done: int, total: int) -> None:
        self._screen.post_message(self.Looked(done, total))

    def _changed(self) -> None:
        self._screen.post_message(self.LibraryChanged())
