"""The article repository: the one door to articles and to how far a reader got with them.

Every method may be called from any thread.  `refresh` and `get` read files, so the interface calls
them from a worker; the others answer at once.  None waits for a network.  Errors that a user can act
on are `RepositoryError`s; anything else that is raised is a bug.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pulse_tui.article import Article, Headline, Notice, Place, Reading


class RepositoryError(Exception):
    """A fault that the user can act on; its text is one sentence that says what to do."""


class ArticleNotFoundError(RepositoryError):
    """No article has this id."""


class ArticleUnreadableError(RepositoryError):
    """The article's file is there but cannot be read."""


class Repository(Protocol):
    """Articles by id, newest first, and one reader's state."""

    def refresh(self) -> None:
        """Look at the library anew; until the first call it is empty.  Raises nothing."""

    def close(self) -> None:
        """End a `refresh` that is under way in another thread; nothing may be asked for any more."""

    def count(self) -> int:
        """How many articles the library lists."""

    def unread(self) -> int:
        """How many of them the reader has not read."""

    def recent(self, start: int = 0, limit: int | None = None) -> Sequence[Headline]:
        """A window of headlines, newest first; shorter than `limit` at the end."""

    def position(self, article_id: str) -> int | None:
        """Where an article stands in `recent`, from 0; None if it is not listed."""

    def get(self, article_id: str) -> Article:
        """One whole article.

        Raises:
            ArticleNotFoundError: no article has this id.
            ArticleUnreadableError: its file is gone, too large or may not be read.
        """

    def follow(self, article_id: str, link: str) -> str | None:
        """The id of the article that a relative link in an article leads to; None if to none."""

    def notices(self) -> Sequence[Notice]:
        """What is wrong with the library itself (a folder that cannot be read, a duplicate id …)."""

    def reading(self, article_id: str) -> Reading:
        """How the reader stands with an article; a fresh `Reading` if it was never opened."""

    def mark(
        self,
        article_id: str,
        *,
        place: Place | None = None,
        fraction: float | None = None,
        read: bool | None = None,
    ) -> None:
        """Note the reader's state; what is None stays as it was."""
