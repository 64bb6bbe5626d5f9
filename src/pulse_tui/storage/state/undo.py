"""A change of the reading state that can be taken back, and what is said when it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pulse_tui.repository import Spot
from pulse_tui.storage.state.record import Record


class Step(NamedTuple):
    """How it was before a change: of an article, or where a letter is given of a mark."""

    article_id: str = ""
    read: bool | None = None
    """None, as for the star, if that did not change."""
    starred: bool | None = None
    letter: str = ""
    spot: Spot | None = None

    def renamed(self, old: str, new: str) -> Step:
        """The same step after an article got another id."""
        if self.article_id == old:
            return self._replace(article_id=new)
        if self.spot is not None and self.spot.article_id == old:
            return self._replace(spot=Spot(new, self.spot.place))
        return self

    def taken_back(self, title: Callable[[str], str]) -> str:
        """What taking it back does, in a sentence; `title` gives the words for an article's id."""
        if self.letter:
            return f"Mark {self.letter} is {'gone again' if self.spot is None else 'back where it was'}."
        name = f"“{title(self.article_id)}”"
        said = []
        if self.read is not None:
            said.append(f"{name} counts as {'read' if self.read else 'unread'} again.")
        if self.starred is not None:
            starred = f"{name} has its star again."
            said.append(starred if self.starred else f"The star of {name} is gone again.")
        return " ".join(said)


def step_of(article_id: str, before: Record, read: bool | None, starred: bool | None) -> Step | None:
    """The step that giving an article these values is; None if they are what they were."""
    read_before = before.is_read if read not in (None, before.is_read) else None
    starred_before = before.is_starred if starred not in (None, before.is_starred) else None
    if read_before is None and starred_before is None:
        return None
    return Step(article_id, read_before, starred_before)
