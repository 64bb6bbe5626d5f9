"""The errands of a reader: which of them is at work, and what waits for its turn.

An errand itself is imported with the first of them: most readers begin with reading.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulse_tui.errands.errand import Errand

COMMAND = (sys.executable, "-P", "-m", "pulse_tui")
"""This very program; nothing in the folder where the reader was started is taken for a part of it."""
PATIENCE = 300.0
"""Seconds without a report after which a child is ended: it has limits of its own, far below."""
GRACE = 0.8
"""Seconds that a child has to end by itself; fewer than a reader who is asked to end has."""


def command_with(library: Sequence[Path]) -> Sequence[str]:
    """What begins the commands of this program that are to see the same folders as the reader does."""
    return *COMMAND, *(f"--library={folder}" for folder in library)


class Errands:
    """The errands of one reader: one fetching of feeds at most, and one adding, for which others wait.

    `command` begins every one; `home` is what `~` stands for.  `heard` is called in a thread with each that
    is over, unless the reader is.
    """

    def __init__(
        self, command: Sequence[str], home: Path, *, patience: float = PATIENCE, grace: float = GRACE
    ) -> None:
        self._command = command
        self._home = home
        self._patience = patience
        self._grace = grace
        self._lock = Lock()
        self._adding: list[tuple[Errand, Callable[[Errand], None]]] = []
        self._fetching: Errand | None = None
        self._closed = False

    @property
    def adding(self) -> Sequence[Errand]:
        """What is being added, and then what waits for that."""
        with self._lock:
            return [errand for errand, _ in self._adding]

    @property
    def fetching(self) -> Errand | None:
        """What asks the feeds."""
        return self._fetching

    def add(self, source: str, heard: Callable[[Errand], None]) -> bool:
        """Add what is at an address or a path, as soon as its turn comes; False if it waits already."""
        source = expanded(source, self._home)
        command = [*self._command, "add", "--json", "--", source]
        errand = self._errand(command, self._added, source)
        with self._lock:
            if self._closed or any(each.source == source for each, _ in self._adding):
                return False
            self._adding.append((errand, heard))
            if len(self._adding) == 1:
                errand.start()
        return True

    def fetch(self, heard: Callable[[Errand], None], *, every: bool = False) -> bool:
        """Ask the feeds that are due, or every one; False if they are being asked."""
        command = [*self._command, "sync", "--json", *(["--all"] if every else [])]

        def fetched(errand: Errand) -> None:
            self._fetching = None
            heard(errand)

        with self._lock:
            if self._closed or self._fetching is not None:
                return False
            self._fetching = self._errand(command, fetched, every=every)
            self._fetching.start()
        return True

    def stop(self) -> bool:
        """Have all end, without waiting for that; False if none is at work."""
        with self._lock:
            del self._adding[1:]
            running = [errand for errand, _ in self._adding]
        if (fetching := self._fetching) is not None:
            running.append(fetching)
        for errand in running:
            errand.end()
        return bool(running)

    def end(self) -> None:
        """Have all end because the reader does, without waiting for that; nothing begins any more."""
        self._closed = True
        self.stop()

    def close(self) -> None:
        """The same, and wait until they have ended."""
        running = [*self.adding, *filter(None, [self.fetching])]
        self.end()
        for errand in running:
            errand.wait()

    def _errand(
        self, command: Sequence[str], over: Callable[[Errand], None], source: str = "", *, every: bool = False
    ) -> Errand:
        from pulse_tui.errands.errand import Errand

        limits = {"patience": self._patience, "grace": self._grace}
        return Errand(command, over, source=source, every=every, **limits)

    def _added(self, errand: Errand) -> None:
        with self._lock:
            _, heard = self._adding.pop(0)
            if self._adding and not self._closed:
                self._adding[0][0].start()
        heard(errand)


def expanded(source: str, home: Path) -> str:
    """A source with `~` as the home folder, and without the quotes that terminals put around paths."""
    if len(source) > 1 and source[0] == source[-1] and source[0] in "'\"":
        source = source[1:-1]
    if source == "~" or source.startswith("~/"):
        return str(home) + source[1:]
    return source
