"""An article with what lies in it: sections, paragraphs, notes, links and pictures, and the way to them."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple
from unicodedata import category
from urllib.parse import unquote

from pulse_tui.article import Article, Figure
from pulse_tui.document.layout import NOTE_LINK
from pulse_tui.document.lines import Heading
from pulse_tui.document.pages import Anchor, Pages, Row
from pulse_tui.document.scan import Kind

__all__ = ["Anchor", "Document", "FigureAt", "Row", "Section"]

# Compiled when somebody first looks for headings.
_HEADING_LIKE = rb"(?:\A|\n) {0,3}(?:#{1,6}(?:[ \t\n]|\Z)|(?:=+|-+)[ \t]*(?:\n|\Z))"
_picture_like = re.compile(rb"!\[|<img[ \t\n]", re.I).finditer


class Section(NamedTuple):
    """A heading and where it stands."""

    piece: int
    heading: Heading


class FigureAt(NamedTuple):
    """A picture in the text, with its number and how many there are; both 0 while not yet counted."""

    figure: Figure
    anchor: Anchor
    number: int
    total: int


class Document(Pages):
    """An article's lines, and marks in them; what is found is kept until the width or the scan changes it."""

    def __init__(self, article: Article, width: int = 72) -> None:
        super().__init__(article, width)
        self._sections: list[Section] = []
        self._sections_for = 0
        self._figures_for = (0, False)
        self._figure_pieces: list[int] = []
        self._figure_counts: list[int] = []

    # -- Headings, paragraphs and notes

    def sections(self) -> list[Section]:
        """All headings at top level, in order."""
        self.scan(None)
        if self._sections_for != self.width:
            self._sections_for = self.width
            self._sections = [
                Section(piece, heading)
                for piece in range(1, len(self))
                if self._may_have_heading(piece)
                for heading in self.lay(piece).headings
            ]
        return self._sections

    def _may_have_heading(self, piece: int) -> bool:
        scanner = self._scanner
        start, end = scanner.starts[piece - 1], scanner.ends[piece - 1]
        return (
            scanner.kinds[piece - 1] in (Kind.TEXT, Kind.MIXED, Kind.LIST)
            and re.compile(_HEADING_LIKE).search(scanner.data, start - 1, end) is not None
        )

    def section_after(self, anchor: Anchor) -> Anchor | None:
        """The next heading below a row."""
        return self._next_mark(anchor, self._heading_lines)

    def section_before(self, anchor: Anchor) -> Anchor | None:
        """The heading above a row."""
        return self._previous_mark(anchor, self._heading_lines)

    def paragraph_after(self, anchor: Anchor) -> Anchor | None:
        """Where the next block of text below a row begins."""
        return self._next_mark(anchor, lambda piece: self.lay(piece).paragraphs)

    def paragraph_before(self, anchor: Anchor) -> Anchor | None:
        """Where the block of text above a row begins."""
        return self._previous_mark(anchor, lambda piece: self.lay(piece).paragraphs)

    def _heading_lines(self, piece: int) -> list[int]:
        if piece == 0:
            return [0]
        return [heading.line for heading in self.lay(piece).headings] if self._may_have_heading(piece) else []

    def _next_mark(self, anchor: Anchor, marks: Callable[[int], list[int]]) -> Anchor | None:
        piece, line = anchor
        while self._more(piece):
            for mark in marks(piece):
                if mark > line:
                    return Anchor(piece, mark)
            piece, line = piece + 1, -1
        return None

    def _previous_mark(self, anchor: Anchor, marks: Callable[[int], list[int]]) -> Anchor | None:
        piece, line = anchor
        while piece >= 0:
            before = [mark for mark in marks(piece) if mark < line]
            if before:
                return Anchor(piece, before[-1])
            piece, line = piece - 1, sys.maxsize
        return None

    def heading(self, slug: str) -> Anchor | None:
        """The heading that a `#slug` link means; slugs are made as GitHub makes them."""
        seen: Counter[str] = Counter()
        for piece, heading in self.sections():
            base = _slug(heading.text)
            name = f"{base}-{seen[base]}" if seen[base] else base
            seen[base] += 1
            if name == slug:
                return Anchor(piece, heading.line)
        return None

    def note(self, label: str) -> Anchor | None:
        """Where a footnote stands."""
        self.scan(None)
        mark = f"[^{label}]:".encode()
        offset = self._scanner.data.find(mark)
        while offset >= 0:
            piece = self._scanner.piece_at(offset) + 1
            if piece < len(self) and label in (notes := self.lay(piece).notes):
                return Anchor(piece, notes[label])
            offset = self._scanner.data.find(mark, offset + 1)
        return None

    def target(self, link: str) -> Anchor | None:
        """Where a link within this article leads; None if it leads elsewhere or nowhere."""
        if link.startswith(NOTE_LINK):
            return self.note(unquote(link.removeprefix(NOTE_LINK)))
        if link == "#":
            return Anchor(0, 0)
        return self.heading(unquote(link[1:])) if link.startswith("#") else None

    # -- Pictures

    def _pieces_with_figures(self) -> list[int]:
        """Pieces that may hold pictures, as far as scanned."""
        scanned = (len(self), self._complete)
        if self._figures_for != scanned:
            self._figures_for = scanned
            pieces = [0] if self.article.lead else []
            scanner = self._scanner
            end = scanner.ends[-1] if scanner.ends else 0
            for found in _picture_like(scanner.data, 0, end):
                piece = scanner.piece_at(found.start()) + 1
                if not pieces or pieces[-1] != piece:
                    pieces.append(piece)
            self._figure_pieces = pieces
            self._figure_counts = []
        return self._figure_pieces

    @property
    def figures_counted(self) -> bool:
        """Whether `figure_at` can tell numbers."""
        return self.count_figures(0)

    def count_figures(self, pieces: int) -> bool:
        """Look for pictures in so many pieces more; true once all are counted."""
        candidates, counts = self._pieces_with_figures(), self._figure_counts
        for piece in candidates[len(counts) : len(counts) + pieces]:
            counts.append(len(self.peek(piece).pictures) + (counts[-1] if counts else 0))
        return self._complete and len(counts) == len(candidates)

    def figure_at(self, row: Anchor) -> FigureAt | None:
        """The last picture that begins at or above a row; before the first, the lead picture."""
        candidates = self._pieces_with_figures()
        index = bisect_right(candidates, row.piece) - 1
        while index >= 0:
            piece = candidates[index]
            pictures = self.lay(piece).pictures
            shown = [n for n, each in enumerate(pictures) if piece < row.piece or each.line <= row.line]
            if shown:
                line, figure, _ = pictures[shown[-1]]
                return FigureAt(figure, Anchor(piece, line), *self._figure_number(index, shown[-1]))
            index -= 1
        if self.article.lead is not None:
            line, figure, _ = self.lay(0).pictures[0]
            return FigureAt(figure, Anchor(0, line), *self._figure_number(0, 0))
        return None

    def _figure_number(self, index: int, within: int) -> tuple[int, int]:
        """The number of a picture, from 1, and how many there are; zeros until all are counted."""
        if not self.count_figures(0):
            return 0, 0
        before = self._figure_counts[index - 1] if index else 0
        return before + within + 1, self._figure_counts[-1]

    def figure_after(self, anchor: Anchor) -> Anchor | None:
        """The next picture below a row."""
        candidates = self._pieces_with_figures()
        while True:
            for piece in candidates[bisect_left(candidates, anchor.piece) :]:
                for line, _, _ in self.lay(piece).pictures:
                    if (piece, line) > anchor:
                        return Anchor(piece, line)
            if self._complete:
                return None
            self.scan(None)
            candidates = self._pieces_with_figures()

    def figure_before(self, anchor: Anchor) -> Anchor | None:
        """The picture above a row."""
        candidates = self._pieces_with_figures()
        for piece in reversed(candidates[: bisect_right(candidates, anchor.piece)]):
            for line, _, _ in reversed(self.lay(piece).pictures):
                if (piece, line) < anchor:
                    return Anchor(piece, line)
        return None


def _slug(heading: str) -> str:
    """A heading's anchor: letters, the marks that many scripts write vowels with, digits, `_` and `-`."""
    kept = [c for c in heading.lower() if c in "-_ " or c.isalnum() or category(c).startswith("M")]
    return "".join(kept).replace(" ", "-")
