"""The article repository: the one door to articles, to search, and to how far a reader got with them.

Every method may be called from any thread.  `watch`, `refresh`, `get` and `search` may take a while, so the
interface calls them from a worker; the others answer at once.  None waits for a network.  Errors that
a user can act on are `RepositoryError`s; anything else that is raised is a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol, Unpack

from pulse_tui.article import Article, Figure, Headline, Note, Notice, Place, Reading
from pulse_tui.query import EVERYTHING, Query
from pulse_tui.text import ELLIPSIS

Field = Literal["sections", "authors", "tags"]
"""What a list can be narrowed by."""
Order = Literal["newest", "oldest", "longest", "shortest"]


class RepositoryError(Exception):
    """A fault that the user can act on; its text is one sentence that says what to do."""


class ArticleNotFoundError(RepositoryError):
    """No article has this id."""


class ArticleUnreadableError(RepositoryError):
    """The article's file is there but cannot be read."""


class View(NamedTuple):
    """Which articles a list shows, and in which order."""

    query: Query = EVERYTHING
    order: Order = "newest"


EVERY = View()


BETWEEN = " · "
"""What a passage has between blocks of the text, and between cells."""
_NEAR = 60
"""Characters."""


class Hit(NamedTuple):
    """An article that a search found."""

    headline: Headline
    passage: str
    """Where the words stand: some 160 characters of plain text on one line."""
    matches: tuple[tuple[int, int], ...]
    """Which characters of the passage matched, as (start, end)."""

    @property
    def near(self) -> str:
        """The words at the first match, of one block, by which it is found again in the article's text."""
        start = self.matches[0][0] if self.matches else 0
        end = start + _NEAR
        block, mark, _ = self.passage[start:end].partition(BETWEEN)
        if mark or (end >= len(self.passage) and not block.endswith(ELLIPSIS)):
            return block
        return block.rpartition(" ")[0] or block.removesuffix(ELLIPSIS)


class Spot(NamedTuple):
    """A place in one of the articles."""

    article_id: str
    place: Place


class Repository(Protocol):
    """A library of articles, and one reader's state."""

    # The library

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> bool:
        """Look at the library anew; whether anything in it changed.  Raises nothing.

        Until the first call the library is as it was when it was last looked at.  `progress` hears
        how many of how many new or changed files are read, several times a second.
        """

    def watch(self, changed: Callable[[], None]) -> None:
        """Say after each change of the library until `close`, from a thread of its own.

        It returns when it is sure to hear of changes; what has changed before is for a `refresh` after it.
        """

    def close(self) -> None:
        """Save the reader's state, end whatever runs in other threads; nothing may be asked for any more."""

    def count(self, view: View = EVERY) -> int:
        """How many articles the view has."""

    def recent(self, start: int = 0, limit: int | None = None, view: View = EVERY) -> Sequence[Headline]:
        """A window of the view's headlines; shorter than `limit` at the end."""

    def position(self, article_id: str, view: View = EVERY) -> int | None:
        """Where an article stands in the view, from 0; None if it is not there."""

    def unread(self) -> int:
        """How many articles of the library the reader has not read."""

    def begun(self, limit: int = 3) -> Sequence[Headline]:
        """The articles that the reader has begun and not finished, the last one first."""

    def values(self, field: Field) -> Sequence[tuple[str, int]]:
        """The sections, authors or tags of the library and how many articles have them, most first."""

    def search(self, query: Query, limit: int = 50) -> Sequence[Hit]:
        """The articles that fit the query, best first: title and dek above body, recent above old."""

    def notices(self) -> Sequence[Notice]:
        """What is wrong with the library itself (a folder that cannot be read, a duplicate id …)."""

    # The articles

    def headline(self, article_id: str) -> Headline | None:
        """One article's headline; None if the library does not list it."""

    def get(self, article_id: str) -> Article:
        """One whole article, as its file is now.

        Raises:
            ArticleNotFoundError: no article has this id.
            ArticleUnreadableError: its file is gone, too large or may not be read.
        """

    def follow(self, article_id: str, link: str) -> str | None:
        """The id of the article that a relative link in an article leads to; None if to none."""

    def pictures(self) -> Sequence[tuple[Headline, Figure]]:
        """Every picture of the library with its article, newest article first."""

    # The reader

    def reading(self, article_id: str) -> Reading:
        """How the reader stands with an article; a fresh `Reading` if it was never opened."""

    def mark(self, article_id: str, *, seconds: float = 0.0, **note: Unpack[Note]) -> None:
        """Note the reader's state, `seconds` more spent with the article; what is None stays as it was."""

    def save(self) -> None:
        """Write the reader's state to disk; what was marked before this call outlives any end."""

    def undo(self) -> str | None:
        """Take back the last change of read, star or mark; returns what, in a sentence, or None."""

    def set_mark(self, letter: str, spot: Spot) -> None:
        """Give a spot a letter; the letter's former spot is forgotten."""

    def marks(self) -> Sequence[tuple[str, Spot]]:
        """The letters and their spots, by letter, those in articles that are gone among them."""

    def history(self, limit: int = 50) -> Sequence[str]:
        """The ids of the articles that were open, the last one first, each once."""
