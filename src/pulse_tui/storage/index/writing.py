"""What is written to the index: articles come, change and go, in transactions of some hundred.

What FTS5 holds of a body cannot be taken out again unless the text is kept a second time, which would double
the index.  So a changed article gets a new slot and the old one is noted as gone; when too many are, the
bodies are read anew.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count
from typing import NamedTuple

from pulse_tui.article import Headline, Notice
from pulse_tui.storage.files.entry import Entry
from pulse_tui.storage.index import moved
from pulse_tui.storage.index.moments import DAY, first_slot, moment
from pulse_tui.storage.index.moved import Change, Gone
from pulse_tui.storage.index.words import folded, items

_WORN = 1000
_MERGED = 1000
"""Pages of 4 KiB that are written at once."""
_FIELDS = ("sections", "authors", "tags")
_GOES_BY = "id = ?1 OR (wanted = ?1 AND id <> wanted)"
"""For SQL: whether an article has an id, or wants it."""

_target = re.compile(r"(?:[^()\s\"']|\([^()\s]*\))*").match
_tag = re.compile(r"</?[A-Za-z!][^<>]{0,500}>").sub


def write(connection: sqlite3.Connection, entries: Iterable[Entry]) -> list[Change]:
    """Bring some articles up to date, within a transaction; says which have changed."""
    return _Batch(connection).write(entries)


def remove(
    connection: sqlite3.Connection,
    slots: Iterable[int],
    known: Callable[[Sequence[Gone]], Iterable[Gone]] = lambda gone: (),
) -> list[Gone]:
    """Take some articles out, within a transaction; says which were still there.

    `known` says of which of them the reader's state knows.
    """
    batch = _Batch(connection)
    gone = [each for slot in slots if (each := batch.remove(slot)) is not None]
    moved.gone(connection, known(gone))
    batch.end()
    return gone


def is_worn(connection: sqlite3.Connection) -> bool:
    """Whether more than a third of the bodies are of no use."""
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    return bool(meta["gone"] > max(_WORN, meta["count"] // 2))


def renew_if_worn(connection: sqlite3.Connection) -> None:
    """Empty the bodies of a worn index, within a transaction, so that all files are read anew."""
    if not is_worn(connection):
        return
    connection.execute("INSERT INTO whole (whole) VALUES ('delete-all')")
    connection.execute("DELETE FROM gone")
    connection.execute("UPDATE meta SET value = 0 WHERE name = 'gone'")
    connection.execute("UPDATE article SET stamp = NULL, digest = ''")


def tidy(connection: sqlite3.Connection) -> bool:
    """Merge some of the parts in which FTS5 keeps the bodies, within a transaction; whether more is to do.

    A first index takes a fifth less time without it, and searches half as long after it.
    """
    before = connection.total_changes
    connection.execute("INSERT INTO whole (whole, rank) VALUES ('merge', ?)", (_MERGED,))
    if connection.total_changes - before >= 2:  # https://www.sqlite.org/fts5.html#the_merge_command
        return True
    connection.execute("UPDATE meta SET value = 0 WHERE name = 'untidy'")
    return False


class _Known(NamedTuple):
    """What the index holds of a file."""

    slot: int
    id: str
    wanted: str
    digest: str
    published: str | None
    stamp: bytes | None
    folder: int
    relative: bytes
    real: bytes | None


class _New(NamedTuple):
    """An article on its way in."""

    slot: int
    entry: Entry
    path: bytes
    real: bytes | None
    moment: int | None
    published: str | None


class _Batch:
    """The changes of one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._labels: Counter[tuple[str, str]] = Counter()
        self._count = 0
        self._gone = 0
        self._free: dict[int, int] = {}
        self._unsettled: set[str] = set()
        self._former: dict[int, tuple[str, str]] = {}
        """By slot, the ids and digests of articles that had other ids before."""
        self._changed = False

    def write(self, entries: Iterable[Entry]) -> list[Change]:
        """Take all entries in that differ from what is known."""
        new: list[_New] = []
        for entry in entries:
            known, fresh = self._compare(entry)
            if fresh is not None:
                if known is not None:
                    self._former[fresh.slot] = known.id, known.digest
                new.append(fresh)
        before = {slot: article_id for slot, (article_id, _) in self._former.items()}
        new.sort(key=lambda fresh: fresh.slot)  # FTS5 writes to disk whenever a row precedes the last one
        ids = self._insert(new)
        self._settle(ids)
        self.end()
        return [Change(before.get(each.slot), ids[each.slot], each.entry.digest) for each in new]

    def remove(self, slot: int) -> Gone | None:
        """Take out one article; None if another program has."""
        columns = "id, wanted, digest, path_id, published, title, dek, sections, authors, tags"
        row = self._connection.execute(f"SELECT {columns} FROM article WHERE slot = ?", (slot,)).fetchone()
        if row is None:
            return None
        article_id, wanted, digest, path_id, published, title, dek, *lists = row
        values = [tuple(text.split("\n")) if text else () for text in lists]
        self._connection.execute(
            "INSERT INTO headline (headline, rowid, title, dek, section, author, tag)"
            " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            (slot, folded(title), folded(dek), *map(items, values)),
        )
        self._connection.execute("DELETE FROM figure WHERE slot = ?", (slot,))
        self._connection.execute("DELETE FROM article WHERE slot = ?", (slot,))
        if digest:
            self._connection.execute("INSERT OR IGNORE INTO gone VALUES (?)", (slot,))
            self._gone += 1
        self._labels.subtract(_labels(values))
        self._count -= 1
        self._changed = True
        self._unsettled |= {article_id, wanted}
        return Gone(article_id, digest, title, path_id, published)

    def end(self) -> None:
        """Write down what has been counted."""
        self._settle({})
        if self._former:
            self._note_ids()
        self._connection.executemany(
            "INSERT INTO label VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(*label, number) for label, number in self._labels.items() if number],
        )
        if any(number < 0 for number in self._labels.values()):
            self._connection.execute("DELETE FROM label WHERE count <= 0")
        add = "UPDATE meta SET value = value + ? WHERE name = ?"
        for number, name in ((self._count, "count"), (self._gone, "gone"), (self._changed, "generation")):
            if number:
                self._connection.execute(add, (int(number), name))

    def _note_ids(self) -> None:
        """Note for the reader's state which articles have other ids now."""
        one = "SELECT id FROM article WHERE slot = ?"
        present = {slot: self._connection.execute(one, (slot,)).fetchone()[0] for slot in self._former}
        renamed = [
            (former, present[slot], digest)
            for slot, (former, digest) in self._former.items()
            if former != present[slot]
        ]
        moved.renamed(self._connection, renamed)

    def _compare(self, entry: Entry) -> tuple[_Known | None, _New | None]:
        """What is known of an entry's file, and the entry as it goes in, if it differs from that."""
        found = entry.found
        path = os.fsencode(found.path) if found.path else b"\0" + os.fsencode(found.relative)
        real = os.fsencode(found.real) if found.real and found.real != found.path else None
        published = entry.headline.published
        written = None if published is None else published.isoformat()
        row = self._connection.execute(
            f"SELECT {', '.join(_Known._fields)} FROM article WHERE path = ?", (path,)
        ).fetchone()
        known = None if row is None else _Known(*row)
        if known is not None:
            place = found.folder, os.fsencode(found.relative), real
            same = (known.folder, known.relative, known.real) == place
            if same and (known.digest, known.published) == (entry.digest, written):
                if known.stamp != found.stamp:
                    self._connection.execute(
                        "UPDATE article SET stamp = ? WHERE slot = ?", (found.stamp, known.slot)
                    )
                return known, None
            self.remove(known.slot)
        when = moment(published)
        return known, _New(self._slot(when), entry, path, real, when, written)

    def _slot(self, when: int | None) -> int:
        """A slot that no article has and none has had, on the day or, if that is full, soon after it."""
        wanted = first = first_slot(when)
        while (slot := self._next_slot(first)) >= first + DAY:
            first += DAY
        self._free[first] = slot + 1
        if first > wanted:
            self._connection.execute(
                "UPDATE meta SET value = max(value, ?) WHERE name = 'spill'", ((first - wanted) // DAY,)
            )
        return slot

    def _next_slot(self, first: int) -> int:
        """The slot behind the last one of a day, which may belong to the next day."""
        slot = self._free.get(first)
        if slot is None:
            row = self._connection.execute(
                "SELECT max((SELECT ifnull(max(slot), -1) FROM article WHERE slot >= ?1 AND slot < ?2),"
                " (SELECT ifnull(max(slot), -1) FROM gone WHERE slot >= ?1 AND slot < ?2))",
                (first, first + DAY),
            ).fetchone()
            slot = self._free[first] = max(first, row[0] + 1)
        return slot

    def _insert(self, new: Sequence[_New]) -> dict[int, str]:
        """Insert articles; returns their ids, empty where there was another with the same."""
        if not new:
            return {}
        ids: dict[int, str] = {}
        wanted_here: set[str] = set()
        for each in new:
            wanted = each.entry.headline.id
            taken = wanted in wanted_here or self._is_taken(wanted)
            wanted_here.add(wanted)
            ids[each.slot] = "" if taken else wanted
            if taken:
                self._unsettled.add(wanted)
        self._connection.executemany(
            "INSERT INTO article (slot, id, wanted, path_id, path, real, folder, relative, stamp, digest,"
            " moment, published, seconds, title, dek, sections, authors, tags, notices)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_article_row(each, ids[each.slot]) for each in new],
        )
        self._connection.executemany(
            "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?)",
            [
                (each.slot, number, *figure)
                for each in new
                for number, figure in enumerate(each.entry.figures, 0 if each.entry.has_lead else 1)
            ],
        )
        headlines = [_headline_row(each) for each in new]
        self._connection.executemany(
            "INSERT INTO headline (rowid, title, dek, section, author, tag) VALUES (?, ?, ?, ?, ?, ?)",
            headlines,
        )
        self._connection.executemany(
            "INSERT INTO whole (rowid, title, dek, section, author, tag, caption, credit, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*row, *_body_row(each.entry)) for row, each in zip(headlines, new, strict=True)),
        )
        for each in new:
            self._labels.update(_labels(_lists(each.entry.headline)))
        self._connection.execute("UPDATE meta SET value = 1 WHERE name = 'untidy'")
        self._count += len(new)
        self._changed = True
        return ids

    def _is_taken(self, article_id: str, slot: int = -1) -> bool:
        row = self._connection.execute(
            f"SELECT 1 FROM article WHERE ({_GOES_BY}) AND slot <> ?2 LIMIT 1", (article_id, slot)
        ).fetchone()
        return row is not None

    def _settle(self, ids: dict[int, str]) -> None:
        """Of those that want the same id give it to the first, by folder and path, and others to the rest.

        A name that an article already goes by stays, as long as nobody wants it.
        """
        unsettled, self._unsettled = sorted(self._unsettled), set()
        for article_id in unsettled:
            rows = self._connection.execute(
                f"SELECT slot, id, path_id, digest, wanted = ?1 FROM article WHERE {_GOES_BY}"
                " ORDER BY wanted <> ?1, folder, relative",
                (article_id,),
            ).fetchall()
            if not rows or not rows[0][-1]:
                continue
            for slot, known, _, digest, _ in rows:
                if slot not in ids:
                    self._former.setdefault(slot, (known, digest))
            (first, its_id, *_), *others = rows
            for slot, known, path_id, *_ in others:
                if known in ("", article_id):
                    self._rename(slot, self._free_id(path_id, slot), ids)
            if its_id != article_id:
                self._rename(first, article_id, ids)

    def _rename(self, slot: int, article_id: str, ids: dict[int, str]) -> None:
        self._connection.execute("UPDATE article SET id = ? WHERE slot = ?", (article_id, slot))
        self._changed = True
        if slot in ids:
            ids[slot] = article_id

    def _free_id(self, path_id: str, slot: int) -> str:
        if not self._is_taken(path_id, slot):
            return path_id
        return next(
            article_id for number in count(2) if not self._is_taken(article_id := f"{path_id}-{number}", slot)
        )


def _lists(headline: Headline) -> list[tuple[str, ...]]:
    return [headline.sections, headline.authors, headline.tags]


def _labels(lists: Sequence[tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    """An article's sections, authors and tags, each once."""
    return chain.from_iterable(
        ((field, value) for value in dict.fromkeys(values))
        for field, values in zip(_FIELDS, lists, strict=True)
    )


def _article_row(new: _New, article_id: str) -> tuple[object, ...]:
    entry, headline = new.entry, new.entry.headline
    return (
        new.slot,
        article_id,
        headline.id,
        entry.path_id,
        new.path,
        new.real,
        entry.found.folder,
        os.fsencode(entry.found.relative),
        entry.found.stamp,
        entry.digest,
        new.moment,
        new.published,
        entry.seconds,
        headline.title,
        headline.dek,
        *("\n".join(values) for values in _lists(headline)),
        _packed(headline.notices),
    )


def _headline_row(new: _New) -> tuple[object, ...]:
    headline = new.entry.headline
    return new.slot, folded(headline.title), folded(headline.dek), *map(items, _lists(headline))


def _body_row(entry: Entry) -> tuple[str, str, str]:
    body = entry.body.decode("utf-8", "replace")
    if "](" in body:
        first, *others = body.split("](")
        body = "](".join([first, *(other[match.end() :] for other in others if (match := _target(other)))])
    if "<" in body:
        body = _tag(" ", body)
    if "&" in body:
        from html import unescape

        body = unescape(body)
    captions = tuple(figure.caption for figure in entry.figures)
    sources = tuple(figure.credit for figure in entry.figures)
    return items(captions), items(sources), folded(body.replace("*", "").replace("\0", " "))


def _packed(notices: Sequence[Notice]) -> str | None:
    return json.dumps([(notice.text, notice.line) for notice in notices]) if notices else None
