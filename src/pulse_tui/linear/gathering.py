"""What goes on beside reading: sources are added and feeds asked; what came of it is said at the prompt."""

from __future__ import annotations

from queue import Empty, SimpleQueue

from pulse_tui.document.wording import sentence
from pulse_tui.errands.errand import Errand
from pulse_tui.errands.running import Errands
from pulse_tui.errands.words import added, adding, fetched, fetching, name_of, sources_in, stopped


class Gathering:
    """The errands of one session, each answer in sentences."""

    def __init__(self, errands: Errands | None) -> None:
        self._errands = errands
        self._heard: SimpleQueue[Errand] = SimpleQueue()

    def add(self, typed: str) -> list[str]:
        """Add what was typed; if nothing was, say how far that is."""
        if self._errands is None:
            return ["Nothing can be added here."]
        said = []
        for source in sources_in(typed):
            new = self._errands.add(source, self._heard.put)
            name = name_of(source)
            said.append(f"Adding {name}; you hear when it is there." if new else f"{name} is being added.")
        if not typed and (waiting := self._errands.adding):
            said.append(_begun(adding(waiting[0].source, waiting[0].standing)))
        return said or ["Say add and an address or a path."]

    def sync(self, rest: str) -> list[str]:
        """Ask the feeds that are due, or every one; if they are being asked, say how far that is."""
        if rest not in ("", "all"):
            return ["Say sync, or sync all."]
        if self._errands is None:
            return ["No feeds can be asked here."]
        if self._errands.fetch(self._heard.put, every=rest == "all"):
            which = "the feeds" if rest else "the feeds that are due"
            return [f"Asking {which}; you hear when that is done."]
        running = self._errands.fetching
        return [_begun(fetching(running.standing))] if running is not None else []

    def stop(self) -> list[str]:
        """Have everything end; what came of it is news."""
        if self._errands is None or not self._errands.stop():
            return ["Nothing is being added or fetched."]
        return ["Stopping; you hear when that is done."]

    def news(self) -> tuple[list[str], bool]:
        """What is over since the last time, and whether the library has changed by it."""
        said: list[str] = []
        changed = False
        while True:
            try:
                errand = self._heard.get_nowait()
            except Empty:
                return said, changed
            standing = errand.standing
            changed = changed or not errand.source or standing.first is not None
            if errand.was_stopped:
                came = stopped(errand.source, standing)
            else:
                came = added(standing) if errand.source else fetched(standing)
            said.append(sentence(came))
            if errand.source and standing.first is not None:
                said.append(f"open {standing.first.id} reads it.")


def _begun(words: str) -> str:
    return sentence(words[:1].upper() + words[1:])
