"""What goes on beside reading: sources are added and feeds asked, and it is said how far that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from pulse_tui.errands.errand import Errand
from pulse_tui.errands.running import Errands
from pulse_tui.errands.words import added, adding, fetched, fetching, name_of, sources_in, stopped

_TELL_SECONDS = 1.0
"""How often it is said how far errands are; each time costs bytes, over slow lines too."""


class Gathering:
    """The errands of one screen.

    `say` shows a sentence for a while; `tell` is called when `words` may be others.
    """

    class Over(Message):
        """An errand is over."""

        bubble: ClassVar[bool] = False

        def __init__(self, errand: Errand) -> None:
            super().__init__()
            self.errand = errand

    def __init__(
        self, screen: Screen[None], errands: Errands, say: Callable[[str], None], tell: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._errands = errands
        self._say = say
        self._tell = tell
        self._timer: Timer | None = None
        self.words = ""
        """How far all that is at work is, as it was told last; empty if nothing is."""
        self.last: str | None = None
        """The id of the feature that was added last."""

    def _words(self) -> str:
        running, waiting = self._errands.fetching, self._errands.adding
        parts = [fetching(running.standing)] if running is not None else []
        if waiting:
            more = f", {len(waiting) - 1} more" if len(waiting) > 1 else ""
            parts.append(adding(waiting[0].source, waiting[0].standing) + more)
        return " · ".join(parts)

    def add(self, typed: str) -> bool:
        """Add what was typed or pasted; whether that is anything."""
        sources = sources_in(typed)
        for source in sources:
            waits = bool(self._errands.adding)
            if not self._errands.add(source, self._over):
                self._say(f"{name_of(source)} is being added already.")
            elif waits:
                self._say(f"{name_of(source)} is added as soon as what is being added is.")
            else:
                self._say(f"Adding {name_of(source)} …")
        self._go_on()
        return bool(sources)

    def fetch(self, *, every: bool) -> None:
        """Ask the feeds that are due, or all of them."""
        if self._errands.fetch(self._over, every=every):
            self._say("Asking all feeds …" if every else "Asking the feeds that are due …")
        elif (running := self._errands.fetching) is not None:
            self._say(f"The feeds are being asked already ({fetching(running.standing)}); X stops that.")
        self._go_on()

    def stop(self) -> None:
        """Have everything end."""
        if not self._errands.stop():
            self._say("Nothing is being added or fetched.")

    def take(self, errand: Errand) -> str | None:
        """Say what came of an errand; the id of the feature that was added, if one was."""
        self._go_on()
        standing = errand.standing
        if errand.was_stopped:
            self._say(f"{stopped(errand.source, standing)}.")
        elif not errand.source:
            none = standing.end is not None and not standing.asked.of and not errand.every
            self._say(f"{fetched(standing)}{'; R asks all of them' if none else ''}.")
        elif standing.first is None:
            self._say(f"{added(standing)}.")
        else:
            self.last = standing.first.id
            self._say(f"{added(standing)}. A reads it.")
            return self.last
        return None

    def _over(self, errand: Errand) -> None:
        """In a thread."""
        self._screen.post_message(self.Over(errand))

    def _go_on(self) -> None:
        """Tell how far it is, now and as long as anything is at work."""
        self._tell_on()
        if self._errands.fetching is None and not self._errands.adding:
            if self._timer is not None:
                self._timer.stop()
            self._timer = None
        elif self._timer is None:
            self._timer = self._screen.set_interval(_TELL_SECONDS, self._tell_on)

    def _tell_on(self) -> None:
        words = self._words()
        if words != self.words:
            self.words = words
            self._tell()
