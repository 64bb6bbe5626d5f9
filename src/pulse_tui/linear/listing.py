"""Numbered lists that are said a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pulse_tui.article import Headline, Reading
from pulse_tui.document.head import long_date
from pulse_tui.document.wording import said_duration, sentence
from pulse_tui.linear.console import Console
from pulse_tui.repository import Repository, View

_WINDOW = 32


class Listing:
    """What can be chosen by its number, from 1: `words` says the nth, from 0; `take` chooses it."""

    def __init__(
        self, count: int, words: Callable[[int], str | None], take: Callable[[int], None], after: str = ""
    ) -> None:
        self.count = count
        self._words = words
        self._take = take
        self._after = after
        self._said = 0

    @property
    def is_said(self) -> bool:
        """Whether the end is reached."""
        return self._said >= self.count

    def say_more(self, console: Console) -> None:
        """Say as many as a page takes, but one at the least."""
        room = console.rows
        first = self._said
        while not self.is_said:
            words = self._words(self._said)
            if words is None:  # the library has become smaller
                self.count = self._said
                break
            lines = console.wrapped(f"{self._said + 1}. {words}")
            cost = sum(map(console.rows_of, lines))
            if cost > room and self._said > first:
                return
            room -= cost
            self._said += 1
            for line in lines:
                console.put(line)
        if self._after:
            console.say(self._after)

    def take(self, number: int) -> bool:
        """Choose by number, from 1; false if there is none."""
        if not 1 <= number <= self.count:
            return False
        self._take(number - 1)
        return True


class Headlines:
    """The headlines of a view by number, from 0, in windows of the repository."""

    def __init__(self, repository: Repository, view: View) -> None:
        self._repository = repository
        self._view = view
        self._start = 0
        self._window: Sequence[Headline] = ()

    def __getitem__(self, number: int) -> Headline | None:
        if not self._start <= number < self._start + len(self._window):
            self._start = number
            self._window = self._repository.recent(number, _WINDOW, self._view)
        return self._window[number - self._start] if number < self._start + len(self._window) else None

    def words(self, number: int) -> str | None:
        """What is said of one: title, date, minutes, and how the reader stands with it."""
        headline = self[number]
        if headline is None:
            return None
        about = [long_date(headline.published)] if headline.published else []
        about += [said_duration(headline.minutes), *state_in_words(self._repository.reading(headline.id))]
        return f"{sentence(headline.title)} {', '.join(about)}."


def state_in_words(reading: Reading) -> list[str]:
    """How a reader stands with an article: read or how far, and whether it has a star."""
    words = ["read"] if reading.read else [percent(reading.fraction)] if reading.fraction else []
    return words + ["starred"] * reading.starred


def percent(fraction: float) -> str:
    """A share of a text in words."""
    return f"{int(fraction * 100)} percent"
