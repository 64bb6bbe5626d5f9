"""The tables of the state file, and how they came to be."""

from __future__ import annotations

from collections.abc import Sequence

# Frozen: a migration never changes once it was released.  The file's `user_version` counts those it has had.
MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """
        CREATE TABLE reading (
            reader TEXT NOT NULL,
            article TEXT NOT NULL,
            block INTEGER, offset INTEGER, piece TEXT, nth INTEGER, place_changed REAL,
            fraction REAL, fraction_changed REAL,
            read INTEGER, read_changed REAL,
            starred INTEGER, starred_changed REAL,
            seconds REAL, seconds_changed REAL,
            estimate REAL, estimate_changed REAL,
            digest TEXT, digest_changed REAL,
            PRIMARY KEY (reader, article)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX reading_by_place ON reading (reader, place_changed) WHERE place_changed IS NOT NULL",
        """
        CREATE INDEX reading_begun ON reading (reader, place_changed)
        WHERE place_changed IS NOT NULL AND read IS NOT 1 AND fraction > 0 AND fraction < 1
        """,
        "CREATE INDEX reading_read ON reading (reader, read, read_changed) WHERE read = 1",
        "CREATE INDEX reading_starred ON reading (reader, starred) WHERE starred = 1",
        "CREATE INDEX reading_by_digest ON reading (reader, digest) WHERE digest IS NOT NULL",
        """
        CREATE TABLE mark (
            reader TEXT NOT NULL,
            letter TEXT NOT NULL,
            article TEXT,
            block INTEGER, offset INTEGER, piece TEXT, nth INTEGER,
            changed REAL NOT NULL,
            PRIMARY KEY (reader, letter)
        ) WITHOUT ROWID
        """,
    ),
    (
        """
        CREATE TABLE subscription (
            reader TEXT NOT NULL,
            url TEXT NOT NULL,
            title TEXT NOT NULL, home TEXT NOT NULL, folders TEXT NOT NULL,
            name TEXT NOT NULL, every REAL NOT NULL,
            removed INTEGER NOT NULL, changed REAL NOT NULL,
            PRIMARY KEY (reader, url)
        ) WITHOUT ROWID
        """,
        """
        CREATE INDEX subscription_by_name ON subscription (reader, name COLLATE NOCASE, url)
        WHERE removed = 0
        """,
        """
        CREATE TABLE answer (
            reader TEXT NOT NULL,
            url TEXT NOT NULL,
            etag TEXT NOT NULL, modified TEXT NOT NULL,
            asked REAL NOT NULL, due REAL NOT NULL,
            fault TEXT NOT NULL, failures INTEGER NOT NULL, gone INTEGER NOT NULL,
            PRIMARY KEY (reader, url)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE taken (
            reader TEXT NOT NULL,
            feed TEXT NOT NULL,
            source TEXT NOT NULL,
            file TEXT NOT NULL, said TEXT NOT NULL, written TEXT NOT NULL,
            changed REAL NOT NULL,
            PRIMARY KEY (reader, feed, source)
        ) WITHOUT ROWID
        """,
        "CREATE TABLE saves (reader TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
    ),
)
