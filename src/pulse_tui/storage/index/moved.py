"""What has become of ids: written down with the change itself, until the reader's state has been told.

So a program that is killed between the two loses nothing, and what happens in several transactions, as when
a file goes in one and comes back under another name in the next, is told as one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pulse_tui.storage.index.moments import DAY


class Change(NamedTuple):
    """An article that is new in the index, or other than before."""

    before: str | None
    """Its id before; None if its file is new."""
    after: str
    digest: str


class Gone(NamedTuple):
    """An article whose file is no more."""

    id: str
    digest: str
    title: str
    path_id: str
    published: str | None
    """In ISO 8601; None if it has no date."""


class Moved(NamedTuple):
    """What has become of an id, or where an article comes from."""

    before: str | None
    """The id when the state was last told; None if the file is new, and its text known under another id."""
    after: str | None
    """The id of the same article now; None if its file is gone."""
    digest: str
    """Of its text when it had the former id."""
    title: str = ""
    path_id: str = ""
    """Of what is gone: the id that its place gave it."""


_FORMER = "SELECT rowid, before FROM moved WHERE after = ?"


def gone(connection: sqlite3.Connection, articles: Iterable[Gone]) -> None:
    """Note articles whose files are no more, before others get their ids."""
    for article_id, *words, _ in articles:
        known = connection.execute(_FORMER, (article_id,)).fetchone()
        if known is None:
            connection.execute("INSERT OR IGNORE INTO moved VALUES (?, NULL, ?, ?, ?)", (article_id, *words))
        elif known[1] is None:
            connection.execute("DELETE FROM moved WHERE rowid = ?", known[:1])
        else:
            _, title, path_id = words
            connection.execute(
                "UPDATE moved SET after = NULL, title = ?, path_id = ? WHERE rowid = ?",
                (title, path_id, known[0]),
            )


def renamed(connection: sqlite3.Connection, articles: Sequence[tuple[str, str, str]]) -> None:
    """Note articles that have other ids now: the former, the present and the digest, all at once."""
    known = [connection.execute(_FORMER, (before,)).fetchone() for before, _, _ in articles]
    for (before, after, digest), row in zip(articles, known, strict=True):
        if row is not None:
            connection.execute("UPDATE moved SET after = ? WHERE rowid = ?", (after, row[0]))
        else:  # where the id was another's before, this one is new and the state knows nothing of it
            connection.execute(
                "INSERT OR IGNORE INTO moved VALUES (?, ?, ?, '', '')", (before, after, digest)
            )
    connection.execute("DELETE FROM moved WHERE before = after")


def arrived(connection: sqlite3.Connection, articles: Iterable[Change]) -> None:
    """Note new articles whose texts the state knows under other ids."""
    connection.executemany(
        "INSERT INTO moved VALUES (NULL, ?, ?, '', '')", [(after, digest) for _, after, digest in articles]
    )


def edited(
    connection: sqlite3.Connection, articles: Sequence[Change], known: Sequence[Change], lost: Sequence[Gone]
) -> None:
    """Note new articles that are some of those `lost` in the same look, with other names and other texts.

    A title alone may be that of a column, so the moment of publication must be the same, and no other article
    may have both, wherever its day has spilled over to.  A text goes before that: of those `known` by it, and
    those lost that have it, is none.  `articles` are all that came in that look, and `lost` all that went:
    what the state doesn't know may be what came back.
    """
    spill = DAY * connection.execute("SELECT value FROM meta WHERE name = 'spill'").fetchone()[0]
    texts = {each.digest for each in articles}
    by_words: dict[tuple[str, str], Gone | None] = {}
    for each in lost:
        if each.published is None:
            continue
        words = each.title, each.published
        by_words[words] = None if words in by_words or each.digest in texts else each
    for before, after, digest in articles:
        if before is not None or any(digest == each.digest for each in known):
            continue
        row = connection.execute(
            "SELECT title, published, slot FROM article WHERE id = ?", (after,)
        ).fetchone()
        former = by_words.get(row[:2]) if row is not None else None
        if former is None:
            continue
        day = row[2] // DAY * DAY
        same = connection.execute(
            "SELECT count(*) FROM article WHERE title = ? AND published = ? AND slot >= ? AND slot < ?",
            (*row[:2], day - spill, day + spill + DAY),
        ).fetchone()
        if same[0] == 1:
            connection.execute(
                "UPDATE moved SET after = ?, title = '', path_id = ''"
                " WHERE before = ? AND after IS NULL AND digest = ?",  # the id may have been another's before
                (after, former.id, former.digest),
            )


def is_any(connection: sqlite3.Connection) -> bool:
    """Whether there is anything to tell."""
    return connection.execute("SELECT 1 FROM moved LIMIT 1").fetchone() is not None


def to_tell(connection: sqlite3.Connection) -> list[Moved]:
    """All that is to be told."""
    columns = ", ".join(Moved._fields)
    return [Moved(*row) for row in connection.execute(f"SELECT {columns} FROM moved ORDER BY rowid")]


def told(connection: sqlite3.Connection) -> None:
    """Forget it, since the state has it."""
    connection.execute("DELETE FROM moved")
