"""Articles in folders of Markdown files: the repository that needs nothing but the files.

A list is made from the heads of the files, an article is read when it is asked for.  Files belong to
the reader: nothing here writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from urllib.parse import unquote_to_bytes

from pulse_tui.article import Article, Headline, Notice, Place, Reading
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError
from pulse_tui.storage.catalogue import Catalogue, Entry
from pulse_tui.storage.front_matter import utf8
from pulse_tui.storage.head import HEAD, Head, read_head, stem
from pulse_tui.storage.walk import Found, look, opened, read_bytes, walk, why
from pulse_tui.text import clean_line

CAP = 64 * 1024 * 1024
"""Bytes above which an article's text is not loaded."""

_has_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:").match
_path_of_link = re.compile(r"[^?#]*").match


class FolderRepository:
    """The articles of some folders, and of single files given beside them; for `Repository`.

    A folder may also be one Markdown file; if two articles ask for the same id, the folder that comes
    first and then the path that sorts first has it.  Any thread may call any method: one refreshes at a
    time, and what others read meanwhile is the library as it was before.
    """

    def __init__(self, folders: Sequence[Path], cap: int = CAP) -> None:
        self._folders = [os.path.abspath(folder) for folder in folders]
        self._cap = cap
        self._closed = False
        self._refreshing = Lock()
        self._lock = Lock()  # held for moments only, to put a new value in place of an old one
        self._files: dict[str, Entry] = {}
        self._faults: Sequence[Notice] = ()
        self._adopted: tuple[Entry, ...] = ()
        self._catalogue = Catalogue()
        # For this session only: storage/state.py is to keep these, keyed by reader.
        self._readings: dict[str, Reading] = {}

    # The library

    def refresh(self) -> None:
        """Look at the library anew; heads of files that have not changed are not read again."""
        with self._refreshing:
            found, faults = walk(self._folders)
            before = self._files
            files: dict[str, Entry] = {}
            for file in found:
                if self._closed:
                    return
                known = before.get(file.path)
                unchanged = known is not None and file.stamp is not None and known.found == file
                files[file.path] = known if known is not None and unchanged else _entry(file)
            adopted = {entry.found.path: _entry(entry.found) for entry in self._adopted if entry.data is None}
            with self._lock:
                self._files, self._faults = files, faults
                self._adopted = tuple(
                    adopted.get(entry.found.path, entry)._replace(pinned=entry.pinned)
                    for entry in self._adopted
                )
                self._catalogue = self._catalogued()

    def close(self) -> None:
        """End a `refresh` that is under way in another thread."""
        self._closed = True

    def adopt(self, path: Path) -> str:
        """List one file for this session, whatever its name and wherever it lies; returns its id.

        Raises:
            ArticleNotFoundError: there is no such file.
            ArticleUnreadableError: it is a folder, or no regular file.
        """
        absolute = os.path.abspath(path)
        try:
            file = look(absolute, *self._rank(os.path.realpath(absolute)))
        except (FileNotFoundError, NotADirectoryError) as fault:
            raise ArticleNotFoundError(f"There is no file {clean_line(str(path))}.") from fault
        except OSError as fault:
            raise ArticleUnreadableError(why(str(path), fault)) from fault
        listed = self._catalogue.by_real_path.get(file.real)
        return listed if listed is not None else self._adopt(_entry(file))

    def adopt_bytes(self, name: str, data: bytes) -> str:
        """List a text that came from no file, such as standard input, for this session; returns its id.

        Raises:
            ArticleUnreadableError: it is larger than the cap.
        """
        self._check_size(clean_line(name), len(data))
        data = utf8(data)
        path_id = "-".join(clean_line(stem(name)).split()) or "article"
        headline = read_head(data[:HEAD], len(data), name, path_id).headline
        return self._adopt(Entry(Found("", "", len(self._folders), name), headline, path_id, data))

    def notices(self) -> Sequence[Notice]:
        """What is wrong with the library itself; a duplicate id stands here and with its article."""
        return self._catalogue.notices

    # The articles

    def count(self) -> int:
        """How many articles the library lists."""
        return len(self._catalogue.headlines)

    def unread(self) -> int:
        """How many of them the reader has not read."""
        positions = self._catalogue.positions
        with self._lock:
            read = sum(known.read and article_id in positions for article_id, known in self._readings.items())
        return len(positions) - read

    def recent(self, start: int = 0, limit: int | None = None) -> Sequence[Headline]:
        """A window of headlines, newest first; shorter than `limit` at the end."""
        start = max(start, 0)
        return self._catalogue.headlines[start : None if limit is None else start + max(limit, 0)]

    def position(self, article_id: str) -> int | None:
        """Where an article stands in `recent`, from 0; None if it is not listed."""
        return self._catalogue.positions.get(article_id)

    def find(self, name: str) -> str:
        """The id of the article that a reader means by an id, a file name or the beginning of an id.

        Raises:
            ArticleNotFoundError: none fits, or several do; says which come close.
        """
        return self._catalogue.find(name)

    def get(self, article_id: str) -> Article:
        """One whole article, read from its file now.

        Raises:
            ArticleNotFoundError: no article has this id.
            ArticleUnreadableError: its file is gone, too large or may not be read.
        """
        catalogue = self._catalogue
        entry = catalogue.entries.get(article_id)
        if entry is None:
            raise catalogue.unknown(article_id)
        head, body = self._read(entry)
        headline = head.headline._replace(id=article_id)
        if article_id in catalogue.duplicates:
            headline = headline._replace(notices=(*headline.notices, catalogue.duplicates[article_id]))
        path = Path(entry.found.path) if entry.found.path else None
        return Article(headline, body, head.lead, head.source, head.language, path, head.extra)

    def follow(self, article_id: str, link: str) -> str | None:
        """The id of the listed article that a relative link leads to; a bare `#fragment` leads to itself."""
        catalogue = self._catalogue
        entry = catalogue.entries.get(article_id)
        match = _path_of_link(link)
        target = match[0] if match else ""
        if entry is None or _has_scheme(link) or link.startswith("/"):
            return None
        if not target:
            return article_id if link else None
        name = os.fsdecode(unquote_to_bytes(target.encode("utf-8", "replace")))
        if not entry.found.path or "\0" in name:
            return None
        # Where the file itself is a link, the writer may have meant either of its two folders.
        for beside in (entry.found.path, entry.found.real):
            real = os.path.realpath(os.path.join(os.path.dirname(beside), name))
            if real in catalogue.by_real_path:
                return catalogue.by_real_path[real]
        return None

    # The reader

    def reading(self, article_id: str) -> Reading:
        """How the reader stands with an article; a fresh `Reading` if it was never opened."""
        return self._readings.get(article_id, Reading())

    def mark(
        self,
        article_id: str,
        *,
        place: Place | None = None,
        fraction: float | None = None,
        read: bool | None = None,
    ) -> None:
        """Note the reader's state; what is None stays as it was."""
        with self._lock:
            known = self._readings.get(article_id, Reading())
            self._readings[article_id] = Reading(
                read=known.read if read is None else read,
                fraction=known.fraction if fraction is None else min(max(fraction, 0.0), 1.0),
                place=known.place if place is None else place,
            )

    # Inside

    def _adopt(self, entry: Entry) -> str:
        """Add an entry and pin the id that it gets, so that a later refresh cannot take it away."""
        with self._lock:
            article_id = self._catalogue.by_real_path.get(entry.found.real) if entry.found.real else None
            if article_id is None:
                article_id = self._catalogue.free_id(entry)
                self._adopted = (*self._adopted, entry._replace(pinned=article_id))
                self._catalogue = self._catalogued()
            return article_id

    def _catalogued(self) -> Catalogue:
        """The catalogue of what is known now; a file that was adopted and is found too is listed once."""
        pins = {entry.found.real: entry.pinned for entry in self._adopted if entry.found.real}
        files = [
            entry._replace(pinned=pins[entry.found.real]) if entry.found.real in pins else entry
            for entry in self._files.values()
        ]
        found = {entry.found.real for entry in files}
        return Catalogue([*files, *(e for e in self._adopted if e.found.real not in found)], self._faults)

    def _rank(self, real: str) -> tuple[int, str]:
        """The number of the folder in which a file lies and its path there, for its id and its rank."""
        for number, folder in enumerate(self._folders):
            top = os.path.join(os.path.realpath(folder), "")
            if real.startswith(top):
                return number, real[len(top) :]
        return len(self._folders), os.path.basename(real)

    def _read(self, entry: Entry) -> tuple[Head, bytes]:
        found = entry.found
        if entry.data is not None:
            head = read_head(entry.data[:HEAD], len(entry.data), found.relative, entry.path_id)
            return head, entry.data[head.body_start :]
        name = os.path.basename(found.relative)
        try:
            with opened(found.path) as (descriptor, status):
                self._check_size(clean_line(found.path), status.st_size)
                raw = read_bytes(descriptor, HEAD)
                data = utf8(raw)
                size = status.st_size
                if data is not raw:
                    data = utf8(raw + read_bytes(descriptor, self._cap - len(raw)))
                    size = len(data)
                head = read_head(
                    data[:HEAD], size, name, entry.path_id, path=found.path, modified=status.st_mtime
                )
                if data is not raw:
                    return head, data[head.body_start :]
                # The body is read again in one piece, so that a large one is never copied.
                os.lseek(descriptor, head.body_start, os.SEEK_SET)
                return head, read_bytes(descriptor, size - head.body_start)
        except OSError as fault:
            raise ArticleUnreadableError(why(found.path, fault)) from fault

    def _check_size(self, name: str, size: int) -> None:
        if size > self._cap:
            held, most = (f"{number / 1024 / 1024:,.1f} MiB" for number in (size, self._cap))
            raise ArticleUnreadableError(f"{name} holds {held}, more than the {most} that can be opened.")


def _entry(found: Found) -> Entry:
    """What a file says about itself; if it cannot be read, its name speaks, and a notice tells why."""
    name = os.path.basename(found.relative)
    path_id = clean_line(stem(found.relative)) or "article"
    data, size, modified, fault = b"", 0, None, found.fault
    if not fault:
        try:
            with opened(found.path) as (descriptor, status):
                raw = read_bytes(descriptor, HEAD)
                modified = status.st_mtime
                data = utf8(raw)
                size = status.st_size
                if data is not raw:
                    size = size * len(data) // len(raw)
                    data = data[:HEAD]
        except OSError as error:
            fault = why(found.path, error)
            found = found._replace(stamp=None)
    head = read_head(data, size, name, path_id, path=found.path, modified=modified, fault=fault)
    return Entry(found, head.headline, path_id)
