"""What the list holds: the features that are begun, then those of a view, in windows of the repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pulse_tui.article import Headline
from pulse_tui.query import EVERYTHING, Query, parse
from pulse_tui.repository import EVERY, Field, Order, Repository, View
from pulse_tui.text import clean_line, truncate

RECENT = "Recent Features"
CONTINUE = "Continue"
_FIELDS: dict[Field, str] = {"sections": "section", "authors": "author", "tags": "tag"}
_ORDERS: dict[Order, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "longest": "Longest first",
    "shortest": "Shortest first",
}
_MOST_VALUES = 200
_NAME = 20
"""Cells of a filter that the list's name shows."""
_WINDOW = 64
_BEGUN = 3


class Choice(NamedTuple):
    """A view that may be chosen: how it is offered, what the list is called then, and how many it holds."""

    words: str
    query: Query
    name: str
    number: int = 0


class Shelves:
    """Headlines by number, from 0; costs the same at ten features and at a hundred thousand.

    The features that are begun and not finished come first where the view is the whole library.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.view = EVERY
        self.name = RECENT
        self._chosen = Choice("", EVERYTHING, RECENT)
        """The view without what is typed into the filter."""
        self.begun: Sequence[Headline] = ()
        self.count = 0
        """How many features the view has, without those that are begun."""
        self._window: tuple[int, Sequence[Headline]] = (0, ())

    def choices(self) -> list[Choice]:
        """The views that the library has: all, unread, starred, and each section, author and tag."""
        count = self._repository.count
        starred = count(View(Query(starred=True)))
        choices = [
            Choice("All", EVERYTHING, RECENT, count()),
            Choice("Unread", Query(read=False), "Unread", self._repository.unread()),
            Choice("Starred", Query(starred=True), "Starred", starred),
        ]
        for field, term in _FIELDS.items():
            for value, number in self._repository.values(field)[:_MOST_VALUES]:
                quoted = value.replace('"', " ")
                words = f"{term.capitalize()}: {value}"
                choices.append(Choice(words, parse(f'{term}:"{quoted}"'), value, number))
        return choices

    def choose(self, choice: Choice) -> None:
        """Hold the features of a view."""
        self._chosen = choice
        self._show(choice.query, choice.name)

    def show_all(self) -> None:
        """Hold the whole library."""
        self.choose(Choice("", EVERYTHING, RECENT))

    def filter(self, text: str) -> None:
        """Hold those features of the view that fit what is typed; none is typed: all of them."""
        typed = parse(text, typing=True)
        if typed == EVERYTHING:
            self._show(self._chosen.query, self._chosen.name)
        else:
            self._show(self._chosen.query.narrowed(typed), f"/{truncate(clean_line(text), _NAME)}")

    def sort(self) -> str:
        """Hold the same features in the next order; returns its name."""
        orders = list(_ORDERS)
        order = orders[(orders.index(self.view.order) + 1) % len(orders)]
        self.view = self.view._replace(order=order)
        self.reload()
        return _ORDERS[order]

    @property
    def is_part(self) -> bool:
        """Whether not all features of the library are shown."""
        return self.view.query != EVERYTHING

    def _show(self, query: Query, name: str) -> None:
        self.view, self.name = self.view._replace(query=query), name
        self.reload()

    def reload(self) -> None:
        """Hold what the repository has now."""
        self._window = (0, ())
        self.count = self._repository.count(self.view)
        self.begun = self._repository.begun(_BEGUN) if self.view == EVERY else ()

    def __len__(self) -> int:
        return len(self.begun) + self.count

    def at(self, number: int) -> Headline | None:
        """One of the headlines; None where there is none."""
        if 0 <= number < len(self.begun):
            return self.begun[number]
        number -= len(self.begun)
        if not 0 <= number < self.count:
            return None
        start, headlines = self._window
        if not start <= number < start + len(headlines):
            start = max(0, number - _WINDOW // 2)
            headlines = self._repository.recent(start, _WINDOW, self.view)
            self._window = (start, headlines)
        return headlines[number - start] if start <= number < start + len(headlines) else None

    def find(self, article_id: str, near: int = 0) -> int | None:
        """The number of a feature; of the two that one may have, that of the shelf where `near` is."""
        if near < len(self.begun):
            for number, headline in enumerate(self.begun):
                if headline.id == article_id:
                    return number
        position = self._repository.position(article_id, self.view)
        return None if position is None else position + len(self.begun)

    def neighbour(self, article_id: str | None, step: int) -> Headline | None:
        """The feature of the view that comes so many after another (before, if negative)."""
        position = self._repository.position(article_id, self.view) if article_id else None
        number = step - 1 if position is None else position + step
        return self.at(number + len(self.begun)) if number >= 0 else None
