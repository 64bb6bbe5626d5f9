"""What a library lists: the articles of its index and its guests, under the ids by which they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from threading import Lock

from pulse_tui.article import Headline, minutes
from pulse_tui.repository import EVERY, View
from pulse_tui.storage.guests import Guests
from pulse_tui.storage.index.index import Index
from pulse_tui.storage.index.listed import File, Listed
from pulse_tui.storage.state.state import StateStore
from pulse_tui.storage.views import Views


class Listing:
    """The index and the guests as one list, for one reader.

    A guest keeps its id; an article of the index that has the same is shown under another one.
    """

    def __init__(self, index: Index, state: StateStore) -> None:
        self._index = index
        self._state = state
        self._lock = Lock()
        self.views = Views(index, state)
        self.guests = Guests(state)
        self._aliases: dict[str, str] = {}
        """By their own ids, the ids under which articles are shown that gave way to a guest."""

    def count(self, view: View = EVERY) -> int:
        """How many articles the view has."""
        return self.views.count(view) + (self.guests.views.count(view) if self.guests else 0)

    def window(self, view: View, start: int, limit: int | None) -> Sequence[Headline]:
        """A window of the view's headlines; shorter than `limit` at the end."""
        if not self.guests:
            return self.shown(self.views.window(view, start, limit))
        end = start + limit if limit is not None else self.count(view)
        guests = self.guests.before(view, self.views.rank)
        inside = [(place - start, guest) for place, guest in guests if start <= place < end]
        skipped = sum(place < start for place, _ in guests)
        window = self.views.window(view, start - skipped, max(0, end - start - len(inside)))
        headlines = list(self.shown(window))
        for place, guest in inside:
            headlines[place:place] = self.shown([guest], of_guests=True)
        return tuple(headlines)

    def position(self, article_id: str, view: View) -> int | None:
        """Where an article stands in the view, from 0; None if it is not there."""
        if not self.guests:
            return self.views.position(view, article_id)
        guests = self.guests.before(view, self.views.rank)
        if article_id in self.guests:
            return next((place for place, guest in guests if guest.headline.id == article_id), None)
        position = self.views.position(view, self._own(article_id))
        if position is None:
            return None
        return position + sum(place - number <= position for number, (place, _) in enumerate(guests))

    def unread(self) -> int:
        """How many articles the reader has not read."""
        read = len(self.views.read_slots())
        if self.guests:
            read += len(self.guests.views.read_slots())
        return self.count() - read

    def headline(self, article_id: str) -> Headline | None:
        """One article's headline; None if it is not listed."""
        if article_id in self.guests and (guest := self.guests.index.headline(article_id)) is not None:
            return self.shown([guest], of_guests=True)[0]
        listed = self._index.headline(self._own(article_id))
        return None if listed is None else self.shown([listed])[0]

    def shown(self, window: Sequence[Listed], *, of_guests: bool = False) -> tuple[Headline, ...]:
        """Headlines as the reader sees them: under their ids there, with times at the reader's own pace."""
        pace = self._pace()
        headlines = [each.headline._replace(minutes=minutes(each.seconds * pace)) for each in window]
        if self._aliases and not of_guests:
            return tuple(each._replace(id=self._aliases.get(each.id, each.id)) for each in headlines)
        return tuple(headlines)

    def minutes(self, seconds: float) -> int:
        """A reading time at the reader's own pace, as far as it is known."""
        return minutes(seconds * self._pace())

    def file(self, article_id: str) -> File | None:
        """Where an article lies; None if it is not listed."""
        if article_id in self.guests and (guest := self.guests.index.file(article_id)) is not None:
            return guest  # else it is just being dropped, since the index has it
        if article_id in self._aliases:
            return None
        return self._index.file(self._own(article_id))

    def at(self, real: str) -> str | None:
        """The id of the article at a path without links."""
        file = self._index.file_at(real)
        return self.guests.at(real) if file is None else self._aliases.get(file.id, file.id)

    def free_id(self, path_id: str) -> str:
        """An id that nothing has: this one, or a number with it."""
        numbered = (f"{path_id}-{number}" for number in count(2))
        return next(free for free in chain([path_id], numbered) if self.file(free) is None)

    def settle(self) -> bool:
        """Drop the guests that the index has by now, and see what must give way; whether that has changed."""
        for article_id, found in self.guests.files():
            listed = self._index.file_at(found.real)
            if listed is not None and listed.id == article_id:
                self.guests.drop(article_id)
        aliases: dict[str, str] = {}
        for article_id in self.guests:
            file = self._index.file(article_id)
            if file is not None:
                alias = self._aliases.get(article_id)
                kept = alias is not None and alias not in self.guests and self._index.file(alias) is None
                aliases[article_id] = alias if alias and kept else self.free_id(file.path_id)
        with self._lock:
            changed, self._aliases = aliases != self._aliases, aliases
        return changed

    def _own(self, article_id: str) -> str:
        """The index's id of the article that is shown under this one."""
        return next((own for own, shown in self._aliases.items() if shown == article_id), article_id)

    def _pace(self) -> float:
        return self._state.pace() or 1.0
