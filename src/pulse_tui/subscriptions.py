"""What a reader follows and what was taken in: the door to both; the reading state keeps them behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

BY_HAND = ""
"""In the place of a feed's name: what a person added."""


class Subscription(NamedTuple):
    """A feed that is followed; its texts are clean and of one line."""

    url: str
    """Where it is asked for; no two subscriptions have one address."""
    title: str = ""
    home: str = ""
    """The page that the feed belongs to."""
    folders: tuple[str, ...] = ()
    """The folders of a list of feeds that it lies in, the outermost first."""
    name: str = ""
    """Of the folder that its features are kept in, `feeds/NAME`; no two subscriptions have one name."""
    every: float = 3600.0
    """Seconds from one answer to the next question."""


class Answer(NamedTuple):
    """What a feed answered when it was last asked; it is of this machine alone, and not exported."""

    etag: str = ""
    modified: str = ""
    """The two by which the server tells whether anything is new."""
    asked: float = 0.0
    """When, in Unix seconds; 0 if never."""
    due: float = 0.0
    """When it may be asked again, in Unix seconds."""
    fault: str = ""
    """Why nothing could be taken from it, as one sentence; empty if something could."""
    failures: int = 0
    """How often that happened in a row."""
    gone: bool = False
    """Whether its server says that it is gone for good: it is asked no more."""


class Taken(NamedTuple):
    """What became of one source: a page, a file, an entry of a feed."""

    file: str
    """The path of its feature within the reader's own folder."""
    said: str
    """A digest of what the source said; as long as it says the same, there is nothing to do."""
    written: Mapping[str, str] = MappingProxyType({})
    """A digest of each field of the front matter, and of `body`, as it was last written: what differs in the
    file was edited by its owner.  Beside them, by a digest of its source, the file of each picture."""


class Subscriptions(Protocol):
    """What a reader follows, and what was taken in, each change kept at once.

    Any thread may call any method, and any number of programs may share one state; nothing is lost when
    one of them is killed.  All raise `RepositoryError` where the state cannot be read or written.
    """

    def all(self) -> list[tuple[Subscription, Answer]]:
        """Every subscription with its last answer, by name."""

    def get(self, url: str) -> tuple[Subscription, Answer] | None:
        """One of them."""

    def put(self, subscriptions: Iterable[Subscription]) -> None:
        """Add subscriptions, or change those that have the same address; answers stay."""

    def move(self, url: str, to: str) -> None:
        """A feed has another address now; if that is followed already, the old one is followed no more.

        What was taken belongs to the name, and stays with it.
        """

    def remove(self, url: str) -> bool:
        """Follow a feed no more; whether it was.  What was taken from it stays known."""

    def answered(self, url: str, answer: Answer) -> None:
        """Keep what a feed answered."""

    def taken(self, name: str, source: str = "") -> Mapping[str, Taken]:
        """What was taken from the feed of this name, or `BY_HAND`, by source: an entry's id, an address.

        Where a source is given, it is that one alone.
        """

    def take(self, name: str, taken: Mapping[str, Taken]) -> None:
        """Keep what became of sources, all of them at once; what is known of others stays."""
