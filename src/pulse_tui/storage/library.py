"""A library of Markdown files with an index of them, and one reader's state: the repository.

The files belong to the reader: nothing here writes to them.  What lists and searches show comes from the
index, which `refresh` brings up to date; an article is read from its file when it is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Unpack
from urllib.parse import unquote_to_bytes

from pulse_tui.article import Article, Figure, Headline, Note, Notice, Reading
from pulse_tui.query import Query
from pulse_tui.repository import (
    EVERY,
    ArticleNotFoundError,
    ArticleUnreadableError,
    Field,
    Hit,
    Spot,
    View,
)
from pulse_tui.storage.files.walk import Found, look, why
from pulse_tui.storage.index.index import Index
from pulse_tui.storage.index.store import index_file
from pulse_tui.storage.listing import Listing
from pulse_tui.storage.moves import Moves
from pulse_tui.storage.state.state import StateStore
from pulse_tui.text import clean_line

if TYPE_CHECKING:
    from pulse_tui.storage.files.entry import Entry

CAP = 64 * 1024 * 1024
"""Bytes above which an article's text is not loaded."""
_YIELDING = 100
_PATIENCE = 1.0
"""Seconds that closing waits for a thread, which may hang on a disk that is gone."""

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_PATH_OF_LINK = r"[^?#]*"


class Library:
    """The articles of some folders, and single files given beside them; for `Repository`.

    A folder may also be one Markdown file; if two articles ask for the same id, the folder that comes first
    and then the path that sorts first has it.  Each set of folders has an index of its own, in a file beside
    `index` whose name says which; with None it is in memory.  `state` is closed with the library.  `awaited`
    is the one of the folders that need not be there yet.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        index: Path | None,
        state: StateStore,
        cap: int = CAP,
        awaited: Path | None = None,
    ) -> None:
        self._folders = [os.path.abspath(folder) for folder in folders]
        self._awaited = os.path.abspath(awaited) if awaited is not None else None
        self._state = state
        self._cap = cap
        self._stop = Event()
        self._refreshing = Lock()
        self._adopting = Lock()
        self._faults: Sequence[Notice] = ()
        self._watchers: list[Thread] = []
        self._index = Index(index_file(index, self._folders) if index is not None else None)
        self._generation = self._index.generation()
        """Of the index when it was last looked at."""
        self._listing = Listing(self._index, state)
        self._guests = self._listing.guests
        self._moves = Moves(state, self._listing.file)

    # The library

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> bool:
        """Look at the library anew; files that have not changed are not read again."""
        return self._refresh(progress, None)

    def watch(self, changed: Callable[[], None]) -> None:
        """Say after each change of the library from now on; a thread of its own looks for them."""
        stands = Event()
        watcher = Thread(target=self._watch, args=(changed, stands), name="library watcher", daemon=True)
        self._watchers.append(watcher)
        watcher.start()
        while not (stands.wait(_PATIENCE) or self._stop.is_set()):
            pass

    def close(self) -> None:
        """Save the reader's state, end whatever runs in other threads."""
        self._stop.set()
        self._state.save()
        for watcher in self._watchers:
            watcher.join(_PATIENCE)
        if self._refreshing.acquire(timeout=_PATIENCE):
            self._index.close()
            self._guests.close()
            self._refreshing.release()
        self._state.close()

    def count(self, view: View = EVERY) -> int:
        """How many articles the view has."""
        return self._listing.count(view)

    def recent(self, start: int = 0, limit: int | None = None, view: View = EVERY) -> Sequence[Headline]:
        """A window of the view's headlines; shorter than `limit` at the end."""
        return self._listing.window(view, max(start, 0), None if limit is None else max(limit, 0))

    def position(self, article_id: str, view: View = EVERY) -> int | None:
        """Where an article stands in the view, from 0; None if it is not there."""
        return self._listing.position(article_id, view)

    def unread(self) -> int:
        """How many articles of the library the reader has not read."""
        return self._listing.unread()

    def begun(self, limit: int = 3) -> Sequence[Headline]:
        """The articles that the reader has begun and not finished, the last one first."""
        headlines = map(self.headline, self._state.begun_ids(3 * limit + 20))
        return tuple(headline for headline in headlines if headline is not None)[:limit]

    def values(self, field: Field) -> Sequence[tuple[str, int]]:
        """The sections, authors or tags of the library and how many articles have them, most first."""
        values = self._index.values(field)
        if not self._guests:
            return values
        counts = dict(values)
        for value, number in self._guests.index.values(field):
            counts[value] = counts.get(value, 0) + number
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def search(self, query: Query, limit: int = 50) -> Sequence[Hit]:
        """The articles that fit the query, best first: title and dek above body, recent above old."""
        from pulse_tui.storage.index.passage import passages
        from pulse_tui.storage.index.searching import search
        from pulse_tui.storage.whole import searched_text

        with self._adopting:
            self._guests.read_whole()
        places = [(self._index, self._listing.views)]
        if self._guests:
            places.append((self._guests.index, self._guests.views))
        found = [(each, index) for index, views in places for each in search(index, views, query, limit)]
        found.sort(key=lambda item: item[0])
        excerpt = passages(query)
        hits: list[Hit] = []
        for each, index in found[:limit]:
            file = index.file_in(each.slot)
            listed = index.listed([each.slot])
            if file is None or not listed:
                continue
            others = (listed[0].headline.dek, *_lists(listed[0].headline))
            markdown = searched_text(file, self._guests.data(listed[0].headline.id))
            text = excerpt(markdown, others, index.figures(each.slot))
            (headline,) = self._listing.shown(listed, of_guests=index is not self._index)
            hits.append(Hit(headline, *text))
        return tuple(hits)

    def notices(self) -> Sequence[Notice]:
        """What is wrong with the library itself; a duplicate id stands here and with its article."""
        own = [notice for notice in (self._index.notice, self._state.notice) if notice is not None]
        return (*own, *self._faults, *self._index.yielding(_YIELDING))

    # The articles

    def headline(self, article_id: str) -> Headline | None:
        """One article's headline; None if the library does not list it."""
        return self._listing.headline(article_id)

    def get(self, article_id: str) -> Article:
        """One whole article, read from its file now.

        Raises:
            ArticleNotFoundError: no article has this id.
            ArticleUnreadableError: its file is gone, too large or may not be read.
        """
        from pulse_tui.storage.whole import read_article

        file = self._listing.file(article_id)
        if file is None:
            raise self._unknown(article_id)
        article, seconds = read_article(file, self._cap, self._guests.data(article_id))
        headline = article.headline._replace(id=article_id, minutes=self._listing.minutes(seconds))
        if file.yields is not None:
            headline = headline._replace(notices=(*headline.notices, file.yields))
        return article._replace(headline=headline)

    def follow(self, article_id: str, link: str) -> str | None:
        """The id of the listed article that a relative link leads to; a bare `#fragment` leads to itself."""
        file = self._listing.file(article_id)
        match = re.match(_PATH_OF_LINK, link)
        target = match[0] if match else ""
        if file is None or re.match(_SCHEME, link) or link.startswith("/"):
            return None
        if not target:
            return article_id if link else None
        name = os.fsdecode(unquote_to_bytes(target.encode("utf-8", "replace")))
        if not file.path or "\0" in name:
            return None
        # Where the file itself is a link, the writer may have meant either of its two folders.
        for beside in (file.path, file.real):
            real = os.path.realpath(os.path.join(os.path.dirname(beside), name))
            listed = self._listing.at(real)
            if listed is not None:
                return listed
        return None

    def pictures(self) -> Sequence[tuple[Headline, Figure]]:
        """Every picture of the library with its article, newest article first."""
        shown = self._listing.shown
        pictures = [(shown([listed])[0], figures) for listed, figures in self._index.pictures()]
        if self._guests:
            of_guests = self._guests.index.pictures()
            pictures += [(shown([listed], of_guests=True)[0], figures) for listed, figures in of_guests]
            pictures.sort(key=lambda item: self.position(item[0].id) or 0)
        return [(headline, figure) for headline, figures in pictures for figure in figures]

    def find(self, name: str) -> str:
        """The id of the article that a reader means by an id, a file name or the beginning of an id.

        Raises:
            ArticleNotFoundError: none fits, or several do; says which come close.
        """
        from pulse_tui.storage.finding import find

        if self._listing.file(name) is not None:
            return name
        return find(name, self._known())

    def adopt(self, path: Path) -> str:
        """List one file for this session, whatever its name and wherever it lies; returns its id.

        Raises:
            ArticleNotFoundError: there is no such file.
            ArticleUnreadableError: it is a folder, or no regular file.
        """
        from pulse_tui.storage.files.entry import read_entry

        absolute = os.path.abspath(path)
        try:
            found = look(absolute, *self._rank(os.path.realpath(absolute)))
        except (FileNotFoundError, NotADirectoryError) as fault:
            raise ArticleNotFoundError(f"There is no file “{clean_line(str(path))}”.") from fault
        except OSError as fault:
            raise ArticleUnreadableError(why(str(path), fault)) from fault
        with self._adopting:
            listed = self._listing.at(found.real)
            return listed if listed is not None else self._adopt(read_entry(found, whole=False))

    def adopt_bytes(self, name: str, data: bytes) -> str:
        """List a text that came from no file, such as standard input, for this session; returns its id.

        Raises:
            ArticleUnreadableError: it is larger than the cap.
        """
        from pulse_tui.storage.files.entry import entry_of
        from pulse_tui.storage.files.front_matter import utf8
        from pulse_tui.storage.whole import check_size

        check_size(clean_line(name), len(data), self._cap)
        data = utf8(data)
        entry = entry_of(Found("", "", len(self._folders), name), data)
        path_id = "-".join(entry.path_id.split())
        if entry.headline.id == entry.path_id:
            entry = entry._replace(headline=entry.headline._replace(id=path_id))
        with self._adopting:
            return self._adopt(entry._replace(path_id=path_id), data)

    # The reader

    def reading(self, article_id: str) -> Reading:
        """How the reader stands with an article; a fresh `Reading` if it was never opened."""
        return self._state.reading(article_id)

    def mark(self, article_id: str, *, seconds: float = 0.0, **note: Unpack[Note]) -> None:
        """Note the reader's state, `seconds` more spent with the article; what is None stays as it was."""
        file = self._listing.file(article_id)
        estimate = file.seconds if file is not None else None
        self._state.mark(article_id, seconds=seconds, estimate=estimate, **note)
        if file is not None and file.digest:
            self._state.note_digest(article_id, file.digest)

    def save(self) -> None:
        """Write the reader's state to disk; what was marked before this call outlives any end."""
        self._state.save()

    def undo(self) -> str | None:
        """Take back the last change of read, star or mark; says in a sentence what, or None."""
        return self._state.undo(self._title)

    def set_mark(self, letter: str, spot: Spot) -> None:
        """Give a spot a letter; the letter's former spot is forgotten."""
        self._state.set_mark(letter, spot)

    def marks(self) -> Sequence[tuple[str, Spot]]:
        """The letters and their spots, by letter."""
        return self._state.marks()

    def history(self, limit: int = 50) -> Sequence[str]:
        """The ids of the articles that were open, the last one first, each once."""
        return self._state.history(limit)

    # Inside

    def _refresh(self, progress: Callable[[int, int], None] | None, paths: Iterable[str] | None) -> bool:
        from pulse_tui.storage.index.report import Report

        report = Report(progress or _silent, self._moves.changed, self._moves.gone, self._stop.is_set)
        with self._refreshing:
            if self._stop.is_set():
                return False
            to_come = self._to_come  # as it is before the look: another program may make it meanwhile
            outcome = self._index.refresh(self._folders, report, paths)
            if outcome.notices is not None:
                self._faults = [notice for notice in outcome.notices if str(notice.path) != to_come]
            before, self._generation = self._generation, self._index.generation()
            changed = outcome.changed or self._generation != before  # by another program
            if self._guests:
                with self._adopting:
                    changed |= self._guests.refresh()
                    changed |= self._listing.settle()
            self._index.settle(self._moves.settle, is_kept=self._state.is_kept)
            self._moves.save()
        return changed

    def _watch(self, changed: Callable[[], None], stands: Event) -> None:
        from pulse_tui.storage.watch import watch

        def look_again(paths: Iterable[str] | None) -> None:
            if self._refresh(None, paths):
                changed()

        def is_lost() -> bool:
            return not self._index.is_current

        try:
            watch(self._folders, look_again, self._stop, is_lost, stands=stands.set, idle=self._tidy)
        finally:
            stands.set()

    @property
    def _to_come(self) -> str | None:
        """The folder that need not be there, if it is not."""
        return self._awaited if self._awaited and not os.path.lexists(self._awaited) else None

    def _tidy(self) -> None:
        """Make searches faster while nothing else is to do."""
        if self._refreshing.acquire(blocking=False):
            try:
                if not self._stop.is_set():
                    self._index.tidy()
            finally:
                self._refreshing.release()

    def _adopt(self, entry: Entry, data: bytes | None = None) -> str:
        wanted = entry.headline.id
        article_id = wanted if self._listing.file(wanted) is None else self._listing.free_id(entry.path_id)
        if data is None and (listed := self._listing.at(entry.found.real)) is not None:
            return listed  # another program has just brought it into the index, and so had its id
        self._guests.add(article_id, entry, data)
        return article_id

    def _rank(self, real: str) -> tuple[int, str]:
        """The number of the folder in which a file lies and its path there, for its id and its rank."""
        for number, folder in enumerate(self._folders):
            top = os.path.join(os.path.realpath(folder), "")
            if real.startswith(top):
                return number, real[len(top) :]
        return len(self._folders), os.path.basename(real)

    def _title(self, article_id: str) -> str:
        headline = self.headline(article_id)
        return article_id if headline is None else headline.title

    def _known(self) -> Sequence[Index]:
        return [self._guests.index, self._index] if self._guests else [self._index]

    def _unknown(self, name: str) -> ArticleNotFoundError:
        from pulse_tui.storage.finding import unknown

        return unknown(name, self._known())


def _silent(done: int, total: int) -> None:
    """Progress that nobody asks for."""


def _lists(headline: Headline) -> Iterable[str]:
    return map(", ".join, (headline.sections, headline.authors, headline.tags))
