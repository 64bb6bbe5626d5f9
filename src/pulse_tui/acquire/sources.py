"""What a person names, a page, a file, a folder or a pipe, to the features that are in it.

Nothing here is saved.  All that comes from outside is read in child processes but for Markdown, which is
what the library is made of and is read by whoever reads the library.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.files import (
    NoSourceError,
    Pictures,
    SavedPage,
    SourceError,
    beginning,
    files_of,
    local,
    shown,
    too_large,
    whole,
)
from pulse_tui.acquire.kinds import ENDINGS, HEAD, Kind, kind_of

if TYPE_CHECKING:
    from pathlib import Path

    from pulse_tui.acquire.fetch import Progress
    from pulse_tui.acquire.net.connection import Network

PIPE = "-"
PAGE = 5_000_000
"""Bytes of a page, or of a plain text."""
MARKDOWN = 20_000_000
"""Bytes of a Markdown file."""
PIPED = 64_000_000
"""Bytes that are taken from a pipe, and of a book that is fetched."""
_UNNAMED = "Untitled"

ReadMarkdown = Callable[[bytes, str], Feature]
"""The feature that a Markdown file is, from its text in UTF-8 and its name."""

_is_web = re.compile(r"https?:", re.IGNORECASE).match


class Found(NamedTuple):
    """A feature that was found in a source."""

    source: str
    """Its name among what was taken by hand: an address, a path, or a book's name, `#` and a chapter's."""
    feature: Feature
    pictures: Mapping[str, bytes] = MappingProxyType({})
    """Those that came with it, by their sources in the feature, as they were."""
    under: str = ""
    """The folder within the reader's own that it belongs into."""
    stem: str = ""
    """The name that its file has already, if that is one for a feature; without its suffix."""
    path: str = ""
    """Where its file lies that links to others beside it, absolute."""


class Missed(NamedTuple):
    """A source, or a part of one, that nothing could be taken from."""

    source: str
    error: Exception
    """Of the family of `FetchError`, `ChildError` or `SourceError`; its text is one sentence."""


def is_address(text: str) -> bool:
    """Whether a text is the address of a page, and not the name of a file."""
    return _is_web(text) is not None


def read_source(
    text: str,
    *,
    network: Network,
    standard_input: Callable[[int], bytes],
    read_markdown: ReadMarkdown,
    url: str = "",
    progress: Progress | None = None,
) -> Iterator[Found | Missed]:
    """The features in what a person named, one by one: what fails is told, and the others follow.

    `text` is the address of a page, the path of a file or folder, or `-`; `url` says where a file came from.
    `standard_input` gives at most so many bytes of the pipe.  `progress` is told of a transfer.
    """
    from pulse_tui.acquire.apart import ChildError
    from pulse_tui.acquire.net.errors import FetchError

    reading = _Reading(network, url, read_markdown, progress)
    paths: Iterator[str | SourceError]
    root = ""
    if is_address(text) or text == PIPE:
        paths = iter((text,))
    elif os.path.isdir(path := local(text)):
        paths, root = files_of(path), path
    else:
        paths = iter((path,))
    count = 0
    for each in paths:
        count += 1
        if isinstance(each, SourceError):
            yield Missed(text, each)
            continue
        path = each
        try:
            if path == PIPE and not root:
                yield from reading.pipe(standard_input(PIPED + 1))
            elif is_address(path) and not root:
                yield from reading.web(path)
            else:
                yield from reading.file(path, root)
        except (FetchError, ChildError, SourceError) as error:
            yield Missed(path, error)
    if not count:
        endings = ", ".join(ENDINGS)
        yield Missed(
            text,
            NoSourceError(f"There is nothing to add in {shown(text)}: no file has an ending of {endings}."),
        )


class _Given(NamedTuple):
    """Bytes, and what is known of them."""

    data: bytes
    kind: Kind
    source: str
    """As it is named in a sentence."""
    base: str
    """The address that links start from, and where they came from; empty if nobody knows."""
    charset: str = ""
    """As the server names it."""
    name: str = ""
    """Of the file."""


class _Reading:
    """One run through what was named."""

    def __init__(
        self, network: Network, url: str, read_markdown: ReadMarkdown, progress: Progress | None
    ) -> None:
        self._network = network
        self._url = url
        self._read_markdown = read_markdown
        self._progress = progress

    def web(self, address: str) -> Iterator[Found]:
        """What is at an address."""
        from pulse_tui.acquire.fetch import Limits, fetch

        is_book = ENDINGS.get(os.path.splitext(_path_of(address))[1].lower()) == "book"
        fetched = fetch(
            address,
            network=self._network,
            limits=Limits(wire=PIPED, unpacked=PIPED) if is_book else Limits(),
            typed=True,
            progress=self._progress,
        )
        path = _path_of(fetched.url)
        kind = kind_of(fetched.body[:HEAD], name=path, media_type=fetched.media_type)
        if kind == "book":
            yield from self._book(fetched.body)
            return
        name = path.rpartition("/")[2]
        made = self._feature(_Given(fetched.body, kind, fetched.url, fetched.url, fetched.charset, name))
        source = self._url or own_address(made.source, fetched.url)
        yield Found(source, replace(made, source=source))

    def file(self, path: str, root: str = "") -> Iterator[Found]:
        """What is in a file; `root` is the folder that it was found in."""
        kind, absolute = kind_of(beginning(path), name=path), os.path.abspath(path)
        if kind == "book":
            from pathlib import Path

            yield from self._book(Path(absolute))
            return
        data = b"" if kind in _REFUSALS else whole(path, *_limit(kind))
        given = _Given(data, kind, path, self._url, "", os.path.basename(path))
        if kind == "page":
            saved = SavedPage(data, path)
            made = self._feature(given._replace(data=saved.data))
            yield _restored(self._placed(made, absolute), saved)
        elif kind == "markdown":
            from pulse_tui.acquire.keeping.naming import own_stem
            from pulse_tui.acquire.pictures.sources import sources_of

            made, beside = self._feature(given), Pictures(path, root)
            pictures = {source: had for source in sources_of(made) if (had := beside.get(source))}
            # Several files of one writer may well name one and the same source.
            stem = own_stem(os.path.basename(absolute))
            yield Found(self._url or absolute, made, pictures, stem=stem, path=absolute)
        else:
            yield self._placed(self._feature(given), absolute)

    def pipe(self, data: bytes) -> Iterator[Found]:
        """What came through a pipe."""
        from hashlib import sha256

        name = "standard input"
        if len(data) > PIPED:
            raise too_large(name, PIPED, "a pipe")
        kind = kind_of(data[:HEAD])
        if kind == "book":
            yield from self._book(data)
        else:
            source = self._url or f"{PIPE}#{sha256(data).hexdigest()[:16]}"
            yield self._placed(self._feature(_Given(data, kind, name, self._url)), source)

    def _placed(self, made: Feature, otherwise: str) -> Found:
        """A feature of a file under the name that it gives itself, if that is one."""
        said = made.source
        if self._url:
            said = own_address(said, self._url)
        elif not _is_of_page(said):
            said = ""
        return Found(said or otherwise, replace(made, source=said))

    def _feature(self, given: _Given) -> Feature:
        """The feature in some bytes that are no book."""
        from pulse_tui.acquire.apart import read_page_apart, read_text_apart

        data, kind, source, base, charset, name = given
        if kind in _REFUSALS:
            raise SourceError(_REFUSALS[kind].format(shown(source), shown(source) if base else "URL"))
        most, what = _limit(kind)
        if len(data) > most:
            raise too_large(source, most, what)
        if kind == "page":
            made = read_page_apart(data, base, charset)
        elif kind == "text":
            made = read_text_apart(data, base, charset)
        else:
            from pulse_tui.acquire.net.charset import decode

            text = decode(data, f"charset={charset}" if charset else "")
            made = self._read_markdown(text.encode("utf-8", "replace"), name)
            if base:
                made = replace(made, source=base)
        if made.title == _UNNAMED and name:
            made = replace(made, title=_titled(name) or _UNNAMED)
        return made

    def _book(self, source: bytes | Path) -> Iterator[Found]:
        """The chapters of a book, each with those of its pictures that it shows."""
        from pulse_tui.acquire.apart import read_epub_apart
        from pulse_tui.acquire.keeping.naming import digest, slug

        book = read_epub_apart(source)
        title = slug(book.title or "book")
        # Wherever its file lies, it is the same book; some makers give all of theirs one identifier.
        names = (book.identifier,) if book.identifier else tuple(each.title for each in book.chapters)
        named = f"{title}-{digest(repr((book.title, names)).encode())}"
        met: dict[str, int] = {}
        for chapter in book.chapters:
            met[chapter.title] = count = met.get(chapter.title, 0) + 1
            key = f"{named}#{chapter.title}" + (f" ({count})" if count > 1 else "")
            shown_here = {each.source for each in chapter.pictures} | {chapter.image}
            pictures = {name: data for name, data in book.pictures.items() if name in shown_here}
            yield Found(key, replace(chapter, source=self._url), pictures, f"books/{title}")


def own_address(claimed: str, address: str) -> str:
    """The address that a page gives itself, if it may be believed, else the one where it was found.

    A page that names another host's, or a whole site's, would take the place of a feature that it is not.
    """
    if not claimed or claimed == address:
        return claimed or address
    there, here = urlsplit(claimed), urlsplit(address)
    if _host(there.hostname) != _host(here.hostname):
        return address
    is_site = there.path in ("", "/") and not there.query
    return address if is_site and here.path not in ("", "/") else claimed


def _is_of_page(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.path not in ("", "/") or bool(parts.query))


def _host(name: str | None) -> str:
    """A host's name without what only says that it is of the web, or for a small screen."""
    return re.sub(r"\A(?:www|m|mobile|amp)\.(?=[^.]+\.)", "", name or "")


def _restored(found: Found, saved: SavedPage) -> Found:
    """A feature of a saved page, with the page's own addresses of its pictures."""
    made = found.feature
    figures = tuple(
        each._replace(source=saved.restored(each.source) if each.source else None) for each in made.pictures
    )
    made = replace(made, body=saved.restored(made.body), image=saved.restored(made.image), pictures=figures)
    sources = {each.source for each in figures} | {made.image}
    pictures = {name: data for name, data in saved.pictures.items() if name in sources}
    return found._replace(feature=made, pictures=pictures)


def _limit(kind: Kind) -> tuple[int, str]:
    """The bytes of something of a kind that are taken, and what it is."""
    if kind == "markdown":
        return MARKDOWN, "a Markdown file"
    return PAGE, "a page" if kind == "page" else "a text"


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _titled(name: str) -> str:
    """A title made of a file's name."""
    return " ".join(re.split(r"[\s_-]+", os.path.splitext(name)[0])).strip()


_REFUSALS: Mapping[Kind, str] = {
    "feed": "{0} is a feed: follow it with “pulse-tui follow {1}”.",
    "feeds": "{0} is a list of feeds: take it in with “pulse-tui import --opml FILE”.",
    "pdf": "{0} is a PDF, which is not read: look for the article as a page, or add its text as a .txt file.",
    "picture": "{0} is a picture, not an article: add the page that shows it.",
    "binary": "{0} is neither page nor text nor EPUB book: add the article itself, as one of these.",
    "empty": "{0} is empty.",
}
"""What is said of what holds no feature: of what, and the address to follow."""
