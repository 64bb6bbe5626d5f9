"""A book in EPUB to features: one for each chapter in the order of reading, with notes and pictures.

Nothing is unpacked to disk and no entity expands.  What makes a book unreadable or a danger is refused with
a sentence; a file that is missing or broken is a notice, and the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from pulse_tui.acquire.books.archive import Archive, MissingError
from pulse_tui.acquire.books.chapter import (
    Marks,
    Targets,
    body_of,
    heading_of,
    html_of,
    is_bare,
    mark_cuts,
    mark_notes,
    mark_pictures,
    referenced,
    take_notes,
)
from pulse_tui.acquire.books.package import Entry, Package, read_package
from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.markup import MIB, RefusedError, parse
from pulse_tui.article import Figure, Notice, caption_and_credit
from pulse_tui.text import clean_line

_DOCUMENT = 5 * MIB
_TEXT = 48 * MIB
"""Bytes of text in one book."""
_PICTURE = 16 * MIB
_PICTURES = 128 * MIB
_NOTICES = 50

_KINDS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"))
_heading = re.compile(r"\s*(?:#{1,6}[ \t]+(?P<atx>[^\n]*?)[ \t]*#*[ \t]*(?:\n|\Z))").match
_no_letters = re.compile(r"[\W\d_]+").sub

ToMarkdown = Callable[[str, str], str]
"""HTML and the URL to which its links are relative, to CommonMark."""


class Book(NamedTuple):
    """A book's chapters and what it says of itself; every text is clean."""

    title: str
    authors: tuple[str, ...]
    language: str
    published: date | datetime | None
    identifier: str
    """The book's own name for itself: an ISBN, a UUID, a URL."""
    cover: str
    """The name of the cover among the pictures; empty if there is none."""
    chapters: tuple[Feature, ...]
    """In the order of reading; the first section of each is the book, then come the parts it stands in."""
    pictures: Mapping[str, bytes]
    """The pictures by the names that the chapters give them: `images/NAME`."""
    notices: tuple[Notice, ...] = ()


class _Chapter(NamedTuple):
    title: str
    parents: tuple[str, ...]
    texts: list[str]
    figures: list[Figure]


def read_epub(source: bytes | Path, to_markdown: ToMarkdown) -> Book:
    """The book; raises `RefusedError` with one sentence for what is locked, damaged, a bomb or no EPUB."""
    with Archive(source) as archive:
        return _Reader(archive, read_package(archive), to_markdown).book()


class _Reader:
    """One reading of one book."""

    def __init__(self, archive: Archive, package: Package, to_markdown: ToMarkdown) -> None:
        self._archive = archive
        self._package = package
        self._to_markdown = to_markdown
        self._notices = list(package.notices)
        self._marks = Marks(f"q{archive.digest[:24]}")
        self._notes: dict[tuple[str, str], str] = {}
        self._converted: dict[tuple[str, str], str] = {}
        self._pictures: dict[str, bytes] = {}
        self._names: list[str] = []
        self._numbers: dict[str, int | None] = {}
        # The lines of the contents by document, each fragment once.
        self._starts: dict[str, dict[str, Entry]] = {}
        for entry in package.contents:
            self._starts.setdefault(entry.name, {}).setdefault(entry.fragment, entry)
        self._text_left = _TEXT
        self._pictures_left = _PICTURES

    def book(self) -> Book:
        package = self._package
        self._spend(sum(map(self._archive.size, package.spine)))
        taken = self._collect_notes()
        cover = self._number(package.cover) if package.cover else None
        chapters: list[_Chapter] = []
        for name in package.spine:
            if name != package.navigation:
                self._read(name, taken.get(name, set()), chapters)
        if not chapters:
            raise RefusedError("The EPUB holds nothing that can be read.")
        notices = [Notice(clean_line(text)) for text in dict.fromkeys(self._notices)]
        return Book(
            title=package.title,
            authors=package.authors,
            language=package.language,
            published=package.published,
            identifier=package.identifier,
            cover=self._names[cover] if cover is not None else "",
            chapters=tuple(self._feature(chapter) for chapter in chapters),
            pictures=self._pictures,
            notices=tuple(notices[:_NOTICES]),
        )

    def _feature(self, chapter: _Chapter) -> Feature:
        package = self._package
        return feature(
            chapter.title,
            "\n\n".join(chapter.texts),
            authors=package.authors,
            published=package.published,
            sections=(package.title, *chapter.parents),
            language=package.language,
            pictures=dict.fromkeys(chapter.figures),
        )

    def _body(self, name: str) -> Any:
        data = self._archive.read(name, _DOCUMENT)
        try:
            root, _ = parse(data, f"The book's file {name}", limit=_DOCUMENT, root="html")
        except RefusedError as error:
            raise MissingError(str(error)) from None
        return body_of(root)

    def _collect_notes(self) -> Targets:
        """Read the notes that the documents refer to; returns the ids of those found, by document."""
        wanted: Targets = {}
        for name in self._package.spine:
            try:
                if b"noteref" in self._archive.read(name, _DOCUMENT):
                    for target, ids in referenced(self._body(name), name).items():
                        wanted.setdefault(target, set()).update(ids)
            except MissingError:
                continue  # said when the document itself is read
        taken: Targets = {}
        for name, ids in wanted.items():
            try:
                found = take_notes(self._body(name), ids)
            except MissingError as error:
                self._notices.append(str(error))
                continue
            taken[name] = set(found)
            self._notes.update({(name, key): html for key, html in found.items()})
        return taken

    def _read(self, name: str, taken: set[str], chapters: list[_Chapter]) -> None:
        """Add the chapters of a document, or what it goes on with in the last one."""
        try:
            body = self._body(name)
        except MissingError as error:
            self._notices.append(str(error))
            return
        if taken:
            take_notes(body, taken)
            if is_bare(body):
                return
        mark_notes(body, name, self._notes, self._marks)
        mark_pictures(body, name, self._number, self._marks)
        heading = heading_of(body)
        entries = list(self._starts.get(name, {}).values())
        cuts = {entry.fragment: number for number, entry in enumerate(entries) if entry.fragment}
        found = mark_cuts(body, cuts, self._marks) if len(entries) > 1 else set()
        markdown = self._to_markdown(html_of(body), f"https://{self._marks.stem}.invalid/")
        if markdown.strip():
            self._part(markdown, entries, found, heading, chapters)

    def _part(
        self, markdown: str, entries: list[Entry], found: set[int], heading: str, chapters: list[_Chapter]
    ) -> None:
        whole = next((entry for number, entry in enumerate(entries) if number not in found), None)
        for number, text in self._marks.parted(markdown):
            figures = list(self._figures(text))
            text = self._finished(text)
            if not text.strip():
                continue
            entry = whole if number is None else entries[number]
            if entry is None and chapters and (number is None and (found or not heading)):
                # What the contents don't name and what has no heading goes on with the chapter before it.
                chapters[-1].texts.append(text.strip())
                chapters[-1].figures.extend(figures)
                continue
            title = entry.title if entry else heading or _own_heading(text) or f"Chapter {len(chapters) + 1}"
            parents = entry.parents if entry else ()
            chapters.append(_Chapter(title, parents, [_without_heading(text, title)], figures))

    def _figures(self, text: str) -> Iterator[Figure]:
        for number, alt, title in self._marks.figures(text):
            if name := self._picture_name(number):
                caption, credit = caption_and_credit(title)
                yield Figure(name, clean_line(alt), caption, credit)

    def _finished(self, text: str) -> str:
        """The Markdown of a chapter with its notes at the end and its pictures' names."""
        used: dict[int, None] = {}

        def mark(number: int) -> str:
            if number >= len(self._marks.notes):
                return ""
            used[number] = None
            return f"[^{number + 1}]"

        text = self._marks.replaced(text, mark, self._picture_name).strip("\n")
        parts = [text] if text.strip() else []
        targets = list(self._marks.notes)
        for number in used:
            note = self._note(targets[number])
            # A note stands in each chapter that refers to it.
            self._spend(len(note))
            parts.append(f"[^{number + 1}]: {note or '…'}")
        return "\n\n".join(parts)

    def _note(self, target: tuple[str, str]) -> str:
        """A note's Markdown, indented to stand in its definition."""
        if target not in self._converted:
            note = self._to_markdown(self._notes[target], f"https://{self._marks.stem}.invalid/").strip()
            note = self._marks.replaced(note, lambda _: "", self._picture_name)
            lines = [f"    {line}" if line.strip() else "" for line in note.split("\n")]
            self._converted[target] = "\n".join(lines).strip()
        return self._converted[target]

    def _spend(self, characters: int) -> None:
        """Count text that is to be converted or written; refuse a book with too much of it."""
        self._text_left -= characters
        if self._text_left < 0:
            raise RefusedError(f"The EPUB holds more than {_TEXT // MIB} MB of text.")

    def _picture_name(self, number: int) -> str:
        return self._names[number] if number < len(self._names) else ""

    def _number(self, member: str) -> int | None:
        """The number of a picture, read when it is first met; None if it is none, or too large."""
        if member in self._numbers:
            return self._numbers[member]
        self._numbers[member] = None
        try:
            data = self._archive.read(member, _PICTURE)
        except MissingError as error:
            self._notices.append(str(error))
            return None
        webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
        kind = "webp" if webp else next((kind for start, kind in _KINDS if data.startswith(start)), "")
        if not kind:
            return None
        stem = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(member).stem.lower()).strip("-")[:60]
        name = f"images/{stem or 'picture'}-{sha256(data).hexdigest()[:8]}.{kind}"
        if name not in self._pictures:
            self._pictures_left -= len(data)
            if self._pictures_left < 0:
                self._notices.append(
                    f"The book has more than {_PICTURES // MIB} MB of pictures; the rest is left out."
                )
                return None
            self._pictures[name] = data
        self._names.append(name)
        self._numbers[member] = len(self._names) - 1
        return self._numbers[member]


def _own_heading(text: str) -> str:
    found = _heading(text)
    return clean_line(re.sub(r"[*_`\\]", "", found["atx"])) if found else ""


def _without_heading(text: str, title: str) -> str:
    """The text without the headings at its head that the title repeats (`Chapter 1`, then its name)."""
    for _ in range(2):
        found = _heading(text)
        if not found:
            break
        said, known = (_no_letters("", each.casefold()) for each in (found["atx"], title))
        if not (said == known or (said and (said in known or (known and known in said)))):
            break
        text = text[found.end() :]
    return text.strip("\n")
