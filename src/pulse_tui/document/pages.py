"""An article as lines at any width, laid out only where it is looked at.

The source stays bytes; pieces are offsets into them (`scan`).  A position on the screen is an anchor,
(piece, line), and moving is exact because it lays out what it passes: there are no estimated heights.
Piece 0 is the article's head.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from pulse_tui.article import Article, Place
from pulse_tui.document.head import layout_head
from pulse_tui.document.layout import Layout, ParseInline
from pulse_tui.document.lines import Laid, Line
from pulse_tui.document.parse import Parser, References, TooDeepError
from pulse_tui.document.places import HEAD, digest_of_place, located
from pulse_tui.document.scan import CONTINUED, MAY_HOLD_NOTES, Kind, Scanner, definition_pieces, normalize

if TYPE_CHECKING:
    from pulse_tui.document.tokens import Token

MIN_WIDTH = 10
"""Cells; a narrower pane shows the left part of lines of this width."""
_FIRST_SCAN = 64 * 1024
_SCAN_AT_ONCE = 512 * 1024
_KEPT_PIECES = 256

_NOTE_USE = rb"\[\^([^\]\s]+)\]"
# What may make code, HTML, a link or a definition of what looks like the use of a note.
_NOT_PLAIN_USE = rb"`|~~~|<|\t|    |\\\[|\]\]|\][:(\[]"


class Anchor(NamedTuple):
    """A row of the document at its present width."""

    piece: int
    line: int


class Row(NamedTuple):
    """One row to draw."""

    piece: int
    number: int
    laid: Laid

    @property
    def line(self) -> Line:
        """What stands on the row."""
        return self.laid.lines[self.number]


class Pages:
    """An article's lines; every row handed out is at most `width` cells wide.

    `article` is kept without its body, so that a large text is in memory once.
    """

    def __init__(self, article: Article, width: int = 72) -> None:
        self.article = article._replace(body=b"")
        self.width = max(MIN_WIDTH, width)
        self._parser = Parser()
        self._references = References()
        self._scanner = Scanner(normalize(article.body), self._parse_quietly)
        self._laid: OrderedDict[int, Laid] = OrderedDict()
        self._table_widths: dict[int, list[int] | None] = {}
        self._complete = False
        self._collected = False
        size = len(self._scanner.data)
        self.scan(None if size <= _SCAN_AT_ONCE else _FIRST_SCAN)

    def shows(self, article: Article) -> bool:
        """Whether this is the document of just that article."""
        return self.article == article._replace(body=b"") and self.has_text_of(article)

    def has_text_of(self, article: Article) -> bool:
        """Whether an article has the same text, whatever its headline says."""
        return self._scanner.data == normalize(article.body)

    # -- Reading the source

    @property
    def size(self) -> int:
        """The length of the source in bytes."""
        return len(self._scanner.data) - 3

    @property
    def source(self) -> str:
        """The whole source, decoded; what is not UTF-8 is replaced."""
        return self._scanner.data[1:-2].decode("utf-8", "replace")

    @property
    def complete(self) -> bool:
        """Whether the whole source is scanned, so that every reference resolves."""
        return self._complete

    @property
    def scanner(self) -> Scanner:
        """The pieces' bytes, where each is numbered one less than here, because the head has none."""
        return self._scanner

    @property
    def references(self) -> References:
        """What links, pictures and notes refer to; empty until complete, then found when first asked for."""
        if self._complete and not self._collected:
            self._collected = True
            if b"]:" in self._scanner.data:
                for piece in definition_pieces(self._scanner):
                    self._parser.collect(self._scanner.text(piece), self._references)
                self._number_notes()
        return self._references

    def scan(self, budget: int | None) -> bool:
        """Scan about `budget` bytes more (all, if None); true once complete.

        Lines laid out before that may change when it gets complete: links and notes resolve then.
        """
        if not self._complete and self._scanner.step(budget):
            self._complete = True
            self._laid.clear()
            self._table_widths.clear()
        return self._complete

    def _number_notes(self) -> None:
        """Number footnotes in the order of their first use; those never used come last."""
        known = self._references.footnotes
        if not known:
            return
        order: dict[str, None] = {}
        piece = -1
        for use in re.compile(_NOTE_USE).finditer(self._scanner.data):
            if self._scanner.piece_at(use.start()) != piece:
                piece = self._scanner.piece_at(use.start())
                order.update(dict.fromkeys(self._notes_used_in(piece)))
            if len(order) == len(known):
                break
        for label in known:
            order.setdefault(label)
        for number, label in enumerate(order, 1):
            known[label] = number

    def _notes_used_in(self, piece: int) -> list[str]:
        """The labels of notes that a piece refers to, in order; parsed where the bytes don't tell."""
        scanner, known = self._scanner, self._references.footnotes
        if scanner.kinds[piece] not in MAY_HOLD_NOTES:
            return []
        if not re.compile(_NOT_PLAIN_USE).search(scanner.data, scanner.starts[piece], scanner.ends[piece]):
            uses = re.compile(_NOTE_USE).finditer(scanner.data, scanner.starts[piece], scanner.ends[piece])
            labels = [use[1].decode("utf-8", "replace") for use in uses]
            return [label for label in labels if label in known]
        environment = cache(self._references.environment)
        return [
            child.meta["label"]
            for token in self._parse_quietly(scanner.text(piece))
            if token.type == "inline"
            for child in self._parser.inline(token.content, environment)
            if child.type == "footnote_ref"
        ]

    def _parse_quietly(self, text: str) -> Sequence[Token]:
        try:
            return self._parser.blocks(text)
        except TooDeepError:
            return []

    # -- Lines

    def set_width(self, width: int) -> None:
        """Lay out anew at another width, in cells."""
        width = max(MIN_WIDTH, width)
        if width != self.width:
            self.width = width
            self._laid.clear()
            self._table_widths.clear()

    def __len__(self) -> int:
        """How many pieces are known so far, the head included."""
        return len(self._scanner) + 1

    def lay(self, piece: int) -> Laid:
        """The lines of a piece; it may have none."""
        laid = self._laid.get(piece)
        if laid is not None:
            self._laid.move_to_end(piece)
            return laid
        laid = self._laid[piece] = self.peek(piece)
        if len(self._laid) > _KEPT_PIECES:
            self._laid.popitem(last=False)
        return laid

    def peek(self, piece: int) -> Laid:
        """The same, for who passes over many pieces: those far from the reader are not kept."""
        laid = self._laid.get(piece)
        if laid is not None:
            return laid
        return layout_head(self.article, self.width) if piece == 0 else self._lay_body(piece - 1)

    def _lay_body(self, piece: int) -> Laid:
        scanner = self._scanner
        kind = scanner.kinds[piece]
        layout = self._layout()
        if kind == Kind.GAP:
            return Laid([Line((), (), 0, 0)])
        text = scanner.text(piece)
        try:
            if kind in (Kind.PLAIN, Kind.MORE_PLAIN):
                laid = layout.plain(text)
            elif kind == Kind.VERBATIM:
                laid = layout.verbatim(text, scanner.details[piece])
            elif kind == Kind.MORE_ROWS:
                laid = self._lay_rows(layout, scanner.details[piece], text)
            else:
                number = scanner.details.get(piece) if kind == Kind.MORE_ITEMS else None
                laid = layout.tokens(self._parser.blocks(text), first_number=number)
        except TooDeepError:
            laid = self._layout().plain(text)
        if laid.lines and self._goes_on_below(piece + 1):
            laid.lines.pop()  # no blank line within a block
        elif piece == 0 and self._repeats_title(laid):
            return Laid()
        return laid

    def _goes_on_below(self, piece: int) -> bool:
        """Whether a piece belongs to the block before it, without a blank line between."""
        scanner = self._scanner
        if piece >= len(scanner) or scanner.kinds[piece] not in CONTINUED:
            return False
        stacked = scanner.kinds[piece] == Kind.MORE_ROWS and self._columns(scanner.details[piece]) is None
        return not stacked

    def _layout(self) -> Layout:
        return Layout(self.width, self._inline_parser(), self._note_numbers)

    def _note_numbers(self) -> Mapping[str, int]:
        return self.references.footnotes

    def _inline_parser(self) -> ParseInline:
        environment = cache(lambda: self.references.environment())

        def inline(content: str) -> Sequence[Token]:
            return self._parser.inline(content, environment)

        return inline

    def _lay_rows(self, layout: Layout, head_piece: int, text: str) -> Laid:
        head = "\n".join(self._scanner.text(head_piece).split("\n", 2)[:2])
        return layout.rows(self._parser.blocks(f"{head}\n{text}"), self._columns(head_piece))

    def _columns(self, head_piece: int) -> list[int] | None:
        """The column widths of a table in slices, as its first slice has them; None if rows are stacked."""
        if head_piece not in self._table_widths:
            tokens = self._parser.blocks(self._scanner.text(head_piece))
            self._table_widths[head_piece] = self._layout().measure_table(tokens)
        return self._table_widths[head_piece]

    def _repeats_title(self, laid: Laid) -> bool:
        """Whether a piece is just the headline again, as where the title came from the first heading."""
        title = self.article.headline.title
        return (
            len(laid.headings) == 1
            and laid.headings[0].level == 1
            and laid.text.strip() == laid.headings[0].text == title
        )

    # -- Rows and moving about

    def _more(self, piece: int) -> bool:
        """Whether there is a piece of this number, scanning on if need be."""
        while piece >= len(self) and not self._complete:
            self.scan(_FIRST_SCAN)
        return piece < len(self)

    def rows(self, anchor: Anchor, count: int) -> list[Row]:
        """Up to `count` rows from an anchor; fewer at the end."""
        rows: list[Row] = []
        piece, line = anchor
        while len(rows) < count and self._more(piece):
            laid = self.lay(piece)
            last = min(len(laid.lines), line + count - len(rows))
            rows.extend([Row(piece, number, laid) for number in range(line, last)])
            piece, line = piece + 1, 0
        return rows

    def moved(self, anchor: Anchor, by: int, height: int) -> Anchor:
        """The anchor `by` rows further (back, if negative), the last page of `height` rows at the most."""
        piece, line = anchor
        line += by
        while line < 0 and piece > 0:
            piece -= 1
            line += len(self.lay(piece).lines)
        line = max(0, line)
        while line >= (count := len(self.lay(piece).lines)):
            if not self._more(piece + 1):
                line = max(0, count - 1)
                break
            line -= count
            piece += 1
        return self.clamped(Anchor(piece, line), height)

    def clamped(self, anchor: Anchor, height: int) -> Anchor:
        """The anchor, moved back as far as the last page is to be full."""
        piece, line = anchor
        rows = len(self.lay(piece).lines) - line
        following = piece + 1
        while rows < height and self._more(following):
            rows += len(self.lay(following).lines)
            following += 1
        if rows >= height:
            return anchor
        line -= height - rows
        while line < 0 and piece > 0:
            piece -= 1
            line += len(self.lay(piece).lines)
        return Anchor(piece, max(0, line))

    def last_page(self, height: int) -> Anchor:
        """The anchor of the last full page."""
        self.scan(None)
        piece = len(self) - 1
        return self.clamped(Anchor(piece, max(0, len(self.lay(piece).lines) - 1)), height)

    def fraction(self, anchor: Anchor) -> float:
        """How much of the source lies before a row, 0 to 1."""
        piece, line = anchor
        scanner = self._scanner
        size = len(scanner.data) - 2
        if piece == 0 or size <= 0 or not len(scanner):
            return 0.0
        piece = min(piece, len(scanner))
        start, end = scanner.starts[piece - 1], scanner.ends[piece - 1]
        lines = len(self.lay(piece).lines)
        passed = start + (end - start) * min(line, lines) / lines if lines else end
        return min(1.0, passed / size)

    # -- Places

    def digest(self, piece: int) -> str:
        """What tells a piece's source apart from others."""
        if piece == 0:
            return HEAD
        start, end = self._scanner.starts[piece - 1], self._scanner.ends[piece - 1]
        text = self._scanner.data[start:end].strip()
        return f"{crc32(text):08x}{len(text):x}"

    def place(self, anchor: Anchor) -> Place:
        """The spot in the text at the beginning of a row."""
        piece, number = anchor
        laid = self.lay(piece)
        if not laid.lines:
            return Place(piece, 0, digest_of_place(self, piece, 0))
        number = min(number, len(laid.lines) - 1)
        offset = laid.lines[number].start
        return Place(piece, offset, digest_of_place(self, piece, offset), number - laid.line_of(offset))

    def find(self, place: Place) -> Anchor:
        """The row that shows a place, at any width; after an edit the nearest that is still there."""
        place = located(self, place)
        laid = self.lay(place.block)
        number = laid.line_of(place.offset)
        for row in laid.lines[number + 1 : number + 1 + place.nth]:
            if row.start != place.offset:
                break
            number += 1
        return Anchor(place.block, number)

    def know(self, piece: int) -> None:
        """Scan on until a piece is known, if there are so many."""
        self._more(piece)

    def text(self, piece: int) -> str:
        """A piece's text as it is shown, at any width."""
        return self.lay(piece).text

    def share(self, piece: int) -> float:
        """How much of the source lies before a piece, 0 to 1."""
        return self._scanner.starts[piece - 1] / len(self._scanner.data) if piece else 0.0

    def piece_at(self, share: float) -> int:
        """The piece that has so much of the source before it."""
        self.scan(None)
        return self._scanner.piece_at(int(share * len(self._scanner.data))) + 1 if len(self) > 1 else 0
