"""What is kept about one article, each field with the time of its last change, and how two become one.

The later change of a field wins, and of two at the same moment the greater value; so any number of
copies of a state can be merged in any order, as often as one likes, with one result (a map of
last-writer-wins registers: https://inria.hal.science/inria-00555588, section 3.2.1).
"""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from pulse_tui.article import Place, Reading
from pulse_tui.repository import Spot

T = TypeVar("T")


class Stamped(NamedTuple, Generic[T]):
    """A value and when it was given, in Unix seconds."""

    value: T
    changed: float


class Record(NamedTuple):
    """One reader's state of one article; a field that never changed is None."""

    place: Stamped[Place] | None = None
    """Its time is also that of the article in the history."""
    fraction: Stamped[float] | None = None
    read: Stamped[bool] | None = None
    starred: Stamped[bool] | None = None
    seconds: Stamped[float] | None = None
    """Time spent with the article."""
    estimate: Stamped[float] | None = None
    """Seconds that reading all of it should take by its length."""
    digest: Stamped[str] | None = None
    """Of the article's text when it was last open."""

    @property
    def is_read(self) -> bool:
        """Whether the reader is done with the article."""
        return self.read is not None and self.read.value

    @property
    def is_starred(self) -> bool:
        """Whether it has a star."""
        return self.starred is not None and self.starred.value

    @property
    def is_begun(self) -> bool:
        """Whether it was begun and not finished."""
        within = self.fraction is not None and 0 < self.fraction.value < 1
        return within and self.place is not None and not self.is_read

    @property
    def reading(self) -> Reading:
        """The state without its times."""
        return Reading(
            read=self.is_read,
            fraction=self.fraction.value if self.fraction else 0.0,
            place=self.place.value if self.place else None,
            starred=self.is_starred,
            seconds=self.seconds.value if self.seconds else 0.0,
        )


NOTHING = Record()


class Change(NamedTuple):
    """What happened to a record: fields given anew, and time that was added to `seconds`."""

    record: Record = NOTHING
    more: float = 0.0
    """Seconds; a sum, not a field of the record, so that two programs at once add up."""
    at: float = 0.0
    """When the last of them passed, in Unix seconds."""

    def on(self, record: Record) -> Record:
        """The record with this change made."""
        record = merged(record, self.record)
        if not self.more:
            return record
        before = record.seconds or Stamped(0.0, 0.0)
        return record._replace(seconds=Stamped(before.value + self.more, max(before.changed, self.at)))

    def then(self, other: Change) -> Change:
        """Both changes in one."""
        record = merged(self.record, other.record)
        return Change(record, self.more + other.more, max(self.at, other.at))


class Changes:
    """What is not in the file yet."""

    def __init__(self) -> None:
        self.articles: dict[str, Change] = {}
        self.moves: list[tuple[str, str]] = []
        """Articles whose id changed, as (old, new), in order; they happened before the changes."""
        self.gone: set[str] = set()
        """The old ids: what the file holds of them counts no more."""
        self.marks: dict[str, Stamped[Spot | None]] = {}
        """By letter; None is a mark that was taken away."""

    def __bool__(self) -> bool:
        return bool(self.articles or self.moves or self.marks)

    def change(self, article_id: str, change: Change) -> None:
        """Add a change of one article."""
        before = self.articles.get(article_id)
        self.articles[article_id] = change if before is None else before.then(change)

    def mark(self, letter: str, spot: Stamped[Spot | None]) -> None:
        """Add what became of a letter."""
        before = self.marks.get(letter)
        self.marks[letter] = spot if before is None else later(before, spot)

    def move(self, old: str, new: str) -> None:
        """Forget the old id; whatever is known of it must have been added to the new one."""
        self.articles.pop(old, None)
        self.moves.append((old, new))
        self.gone.add(old)

    def add(self, other: Changes) -> None:
        """Add all that happened after this."""
        for old, new in other.moves:
            self.move(old, new)
        for article_id, change in other.articles.items():
            self.change(article_id, change)
        for letter, spot in other.marks.items():
            self.mark(letter, spot)


def later(one: Stamped[T], other: Stamped[T]) -> Stamped[T]:
    """The one of two values that was given last."""
    return max(one, other, key=_rank)


def merged(one: Record, other: Record) -> Record:
    """Field by field the later one."""
    if not any(other):
        return one
    if not any(one):
        return other
    pairs = zip(one, other, strict=True)
    return Record._make(
        mine if its is None else its if mine is None else later(mine, its) for mine, its in pairs
    )


def _rank(stamped: Stamped[T]) -> tuple[float, bool, T]:
    return stamped.changed, stamped.value is not None, stamped.value
