"""The open article, a page at a time; a page ends where a block of text does, if it can be half full then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pulse_tui.article import Article, Place
from pulse_tui.document.document import Anchor, FigureAt, Row
from pulse_tui.document.find import Finder, Found, Match
from pulse_tui.document.lines import Role
from pulse_tui.document.pages import MIN_WIDTH
from pulse_tui.document.spoken import Spoken, said
from pulse_tui.linear.console import Console
from pulse_tui.text import counted

_COUNTED = 512 * 1024
"""Bytes that may be laid out to count matches, some tenths of a second."""
_TOP = Anchor(0, 0)


class Page(NamedTuple):
    """Some rows of an article: what is said of them, and where they are."""

    lines: Sequence[str]
    top: Anchor
    last: Anchor
    following: Anchor | None
    """Where the next page begins; None at the end."""


class Book:
    """One article and the page of it that is open."""

    def __init__(self, article: Article, console: Console) -> None:
        self._console = console
        self.document = Spoken(article, console.width, console.fit)
        self.headline = article.headline
        self.page = Page((), _TOP, _TOP, _TOP)
        self._finder: Finder | None = None
        self._found: Found | None = None
        self._match: Match | None = None

    def fit(self) -> None:
        """Keep the page's spot if the terminal has another width now."""
        document, page = self.document, self.page
        width = max(MIN_WIDTH, self._console.width)
        if width != document.width:
            spots = [anchor and document.place(anchor) for anchor in page[1:]]
            document.set_width(width)
            top, last, following = [place and document.find(place) for place in spots]
            self.page = Page(page.lines, top or _TOP, last or _TOP, following)

    # -- Pages

    def open(self, anchor: Anchor, until: Anchor | None = None) -> Page:
        """Open the page that begins on a row, and ends before another row at the latest."""
        room = self._console.rows
        lines: list[str] = []
        anchors: list[Anchor] = []
        used = end = heading = 0
        """Rows taken; where to end with a block; where the heading begins that stands last."""
        following = None
        for row in self._rows_from(anchor):
            at = Anchor(row.piece, row.number)
            if until is not None and at >= until:
                following, end = until, len(lines)
                break
            line, blank = said(row.line), not row.line.runs
            if blank and not (lines and lines[-1]):
                continue
            if blank and not heading and 2 * used >= room:
                end = len(lines)
            cost = self._console.rows_of(line)
            if used + cost > room and lines:
                following = at
                break
            if _is_heading(row):
                heading = heading or len(lines)
            elif not blank:
                heading = 0
            lines.append(line)
            anchors.append(at)
            used += cost
        end = end or heading
        if following is not None and end and following != until:
            following = anchors[end] if end < len(anchors) else following
            del lines[end:]
        while lines and not lines[-1]:
            lines.pop()
        top, last = (anchors[0], anchors[len(lines) - 1]) if lines else (anchor, anchor)
        self.page = Page(lines, top, last, following and self._text_from(following))
        return self.page

    def start_before(self, anchor: Anchor) -> Anchor | None:
        """Where the page begins that ends before a row; None if nothing stands there."""
        room = self._console.rows
        used = 0
        start: Anchor | None = None
        block: Anchor | None = None
        below_blank = True
        for row in self._rows_before(anchor):
            if row.line.runs:
                if used >= room:
                    return block or start
                used += self._console.rows_of(said(row.line))
                start = Anchor(row.piece, row.number)
            elif not below_blank:
                used += 1
                block = start if 2 * used >= room else None
            below_blank = not row.line.runs
        return start

    @property
    def end(self) -> Anchor:
        """Below the last row."""
        return Anchor(len(self.document), 0)

    @property
    def fraction(self) -> float:
        """How much of the text has been said, 0 to 1."""
        page = self.page
        return 1.0 if page.following is None else self.document.fraction(page.last)

    @property
    def place(self) -> Place:
        """The spot at the beginning of the page."""
        return self.document.place(self.page.top)

    def _rows_from(self, anchor: Anchor) -> Iterator[Row]:
        piece, line = anchor
        while piece < len(self.document):
            laid = self.document.lay(piece)
            for number in range(line, len(laid.lines)):
                yield Row(piece, number, laid)
            piece, line = piece + 1, 0

    def _rows_before(self, anchor: Anchor) -> Iterator[Row]:
        piece, line = anchor
        while piece >= 0:
            laid = self.document.lay(piece) if line else None
            for number in range(line - 1, -1, -1):
                assert laid is not None
                yield Row(piece, number, laid)
            piece -= 1
            line = len(self.document.lay(piece).lines) if piece >= 0 else 0

    def _text_from(self, anchor: Anchor) -> Anchor | None:
        """The first row on or below another that has words."""
        rows = (Anchor(row.piece, row.number) for row in self._rows_from(anchor) if row.line.runs)
        return next(rows, None)

    # -- What is on and around the page

    @property
    def heading(self) -> str:
        """The heading that the page begins under."""
        piece, line = self.page.top
        at = self.document.section_before(Anchor(piece, line + 1))
        if at is None:
            return ""
        headings = self.document.lay(at.piece).headings
        return next((heading.text for heading in headings if heading.line == at.line), "")

    @property
    def figure(self) -> FigureAt | None:
        """The last picture on the page or above it, else the lead picture."""
        return self.document.figure_at(self.page.last)

    def note(self, number: int) -> list[str]:
        """What a footnote says, by its number; nothing if there is none."""
        labels = {n: label for label, n in self.document.references.footnotes.items()}
        at = self.document.note(labels[number]) if number in labels else None
        if at is None:
            return []
        laid = self.document.lay(at.piece)
        ends = [line for line in laid.notes.values() if line > at.line] or [len(laid.lines)]
        return [said(line) for line in laid.lines[at.line : min(ends)] if line.runs]

    # -- Finding

    def find(self, words: str) -> tuple[Anchor | None, str]:
        """Where words, or if none are given those of the last time, come next, and which of how many it is.

        They are looked for from the top of the page on, or from the last match if that is on the page.
        """
        if words:
            self.look_for([words])
        if self._found is None or not self._found.phrases:
            return None, "Say find and the words to find."
        return self._next_match()

    def look_for(self, phrases: Sequence[str], *, capitals: bool | None = None) -> None:
        """Find something else from now on; `capitals` as in `Finder.find`."""
        self._finder = self._finder or Finder(self.document)
        self._found, self._match = self._finder.find(phrases, capitals=capitals), None

    def match_near(self, phrases: Sequence[str], near: str) -> Anchor | None:
        """Where one of some phrases stands, if possible within the words `near`, whatever their case."""
        self.look_for([near], capitals=False)
        assert self._found is not None
        match = self._found.after().match
        here = self._found.anchor(match) if match is not None else _TOP
        self.look_for(phrases, capitals=False)
        self._match = self._found.after(here).match
        return self._start_of(self._match) if self._match is not None else None

    def _next_match(self) -> tuple[Anchor | None, str]:
        found, page, match = self._found, self.page, self._match
        assert found is not None
        on_page = match is not None and page.top <= found.anchor(match) <= page.last
        hit = found.after(match if on_page else page.top)
        if hit.match is None:
            return None, "That is not in this feature."
        self._match = hit.match
        found.step(_COUNTED)
        number = found.number(hit.match)
        count = f"{found.count:,}" if found.complete else f"at least {found.count:,}"
        which = f"Match {number:,} of {count}" if number else f"{counted(found.count, 'match')} at least"
        return self._start_of(hit.match), f"{which}{', from the beginning again' if hit.wrapped else ''}."

    def _start_of(self, match: Match) -> Anchor:
        """The beginning of the block that a match is in, if that is near by, else its row."""
        assert self._found is not None
        row = self._found.anchor(match)
        block = self.document.paragraph_before(Anchor(row.piece, row.line + 1))
        near = Anchor(row.piece, row.line - self._console.rows // 3)
        return block if block is not None and block >= near else row


def _is_heading(row: Row) -> bool:
    return any(roles & (Role.HEADING | Role.SUBHEADING) for _, roles, _ in row.line.runs)
