"""Find phrases in an article as it is shown: over line ends, emphasis, links and hyphens.

Pieces that may hold a phrase are sifted from the bytes (`sift`); those are laid out, and what is found in
their text (`phrases`) is what counts.  Work is done in measured amounts, so that a large article never
holds up a key: what is counted so far is a lower bound until `complete`.
"""

from __future__ import annotations

import re
import sys
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pulse_tui.article import Figure, Place
from pulse_tui.document.document import Anchor, Document, Row
from pulse_tui.document.layout import NOT_INCLUDED
from pulse_tui.document.lines import Laid
from pulse_tui.document.lit import Lit, Spot, lit_rows
from pulse_tui.document.phrases import MOST_PHRASES, Folding, Phrases, Span
from pulse_tui.document.places import located
from pulse_tui.document.shown import Shown, Text, texts_of
from pulse_tui.document.sift import Slab, Words, slab_ends

__all__ = ["Finder", "Found", "Hit", "Lit", "Match"]

STEP = 8 * 1024
"""Bytes laid out in an idle step: a few milliseconds."""

_SCAN_SLICE = 256 * 1024
_SIFTING = 32
"""How many times less it costs to look through bytes than to lay them out."""
_NEW_SLAB = 2 * 1024
"""What it costs to sort the pieces of a slab, in bytes laid out."""
_KEPT_ROWS = 128

_NOTHING, _CANDIDATE, _HOLDS = range(3)
_marked = re.compile(b"[\1\2]").search


class Match(NamedTuple):
    """One place where a phrase was found: the `nth` of its piece, from 0."""

    piece: int
    nth: int


class Hit(NamedTuple):
    """What going to the next match came to."""

    match: Match | None
    wrapped: bool = False
    """Whether the search went on at the other end of the article."""
    pending: bool = False
    """Whether the work allowed did not suffice: ask again."""


class _OutOfWorkError(Exception):
    """The work allowed is used up."""


class _Work:
    """How much may still be done, in bytes laid out; None: as much as it takes."""

    def __init__(self, budget: int | None) -> None:
        self._left = budget

    def take(self, cost: int) -> None:
        if self._left is not None:
            if self._left <= 0:
                raise _OutOfWorkError
            self._left -= cost


class Finder:
    """Finds in one document; what it learns of the text serves every further query."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._foldings = {capitals: Folding(capitals=capitals) for capitals in (False, True)}
        self._slab_ends: list[int] = []
        self._slabs: dict[int, Slab] = {}
        self._titles = ""
        self._shown = Shown(document)
        self._warmed = 0

    def find(self, query: str | Sequence[str], *, capitals: bool | None = None) -> Found:
        """Begin to look for a phrase, or for several at once.

        `capitals` says whether case and accents matter; None: if there is a capital in the query.
        """
        phrases = [query] if isinstance(query, str) else list(query[:MOST_PHRASES])
        if capitals is None:
            capitals = any(character.isupper() for phrase in phrases for character in phrase)
        return Found(self, Phrases(phrases, self._foldings[capitals]))

    def warm(self, budget: int | None = STEP) -> bool:
        """Sift and read ahead of the first query, while it is being typed; true once that is done."""
        work = _Work(budget)
        try:
            for slab in range(self.prepare(work)):
                if slab not in self._slabs:
                    self.candidates(slab, (), work)
            while self._warmed < len(self.document) and not self._shown.full:
                self.texts(self._warmed, work)
                self._warmed += 1
        except _OutOfWorkError:
            return False
        return True

    # -- For `Found`

    def prepare(self, work: _Work) -> int:
        """Scan the document to its end; returns how many slabs it has."""
        while not self.document.complete:
            work.take(_SCAN_SLICE // _SIFTING)
            self.document.scan(_SCAN_SLICE)
        if not self._slab_ends:
            self._slab_ends = slab_ends(self.document.scanner) or [0]
            titles = [str(link.get("title", "")) for link in self.document.references.links.values()]
            self._titles = " ".join(map(self._foldings[False].letters, titles))
        return len(self._slab_ends)

    def bounds(self, slab: int) -> Span:
        """The pieces of a slab, as the document counts them; the first slab has the head."""
        return (self._slab_ends[slab - 1] + 1 if slab else 0), self._slab_ends[slab] + 1

    def slab_of(self, piece: int) -> int:
        """The slab that holds a piece."""
        return min(bisect_right(self._slab_ends, piece - 1), len(self._slab_ends) - 1)

    def words(self, phrase: str) -> Words:
        """A phrase for the sieve."""
        return Words(self._foldings[False].words(phrase))

    def candidates(self, number: int, phrases: Sequence[Words], work: _Work) -> set[int]:
        """The pieces of a slab that may hold one of the phrases."""
        start, end = self.bounds(number)
        found = {0} if start == 0 else set()
        if end - max(1, start) <= 0:
            return found
        slab = self._slabs.get(number)
        if slab is None:
            work.take(_NEW_SLAB)
            scanner = self.document.scanner
            slab = self._slabs[number] = Slab(scanner, max(0, start - 1), end - 1, self._foldings[False])
        work.take((slab.end - slab.start) // (4 * _SIFTING))
        for words in phrases:
            found.update(piece + 1 for piece in slab.pieces(words))
            for mark in self._marks_of_generated(words):
                found.update(piece + 1 for piece in slab.showing(mark))
        return found

    def _marks_of_generated(self, words: Words) -> Iterator[bytes]:
        """What stands in the source for words that the layout adds: numbers of notes, words of pictures."""
        if self.document.references.footnotes and any(word.isdigit() for word in words.words):
            yield b"[^"
        if any(word in NOT_INCLUDED or word in self._titles for word in words.words):
            yield b"!["
            yield b"<img"

    def texts(self, piece: int, work: _Work) -> list[Text]:
        """All that a piece shows: its text, and captions and credits of its pictures."""
        work.take(0)
        found, cost = self._shown.texts(piece)
        work.take(cost)
        return found


class Found:
    """What was found of one query; counts and order are those of the text, at any width."""

    def __init__(self, finder: Finder, phrases: Phrases) -> None:
        self.phrases = phrases
        self._finder = finder
        self._document = finder.document
        self._words = [finder.words(phrase) for phrase in phrases.folded]
        self._state = bytearray()
        self._counts = array("L")
        self._sifted = bytearray()
        self._reached = 0
        self._begun = False
        self.count = 0
        """How many matches are known."""
        self.complete = not phrases
        """Whether those are all."""
        self._rows: OrderedDict[int, tuple[Laid, dict[int, list[Lit]]]] = OrderedDict()

    # -- Work

    def step(self, budget: int | None = STEP) -> bool:
        """Count on, laying out about `budget` bytes (None: to the end); true once all matches are known."""
        if not self.complete:
            work = _Work(budget)
            try:
                self._begin(work)
                for piece in self._holding_from(self._reached, work):
                    self._reached = piece + 1
            except _OutOfWorkError:
                return False
            self.complete = True
        return True

    def _begin(self, work: _Work) -> None:
        slabs = self._finder.prepare(work)
        if not self._begun:
            self._begun = True
            self._sifted = bytearray(slabs)
            self._state = bytearray(len(self._document))
            self._counts = array("L", bytes(array("L").itemsize * len(self._document)))

    def _sift(self, slab: int, work: _Work) -> Span:
        start, end = self._finder.bounds(slab)
        if not self._sifted[slab]:
            for piece in self._finder.candidates(slab, self._words, work):
                self._state[piece] = _CANDIDATE
            self._sifted[slab] = 1
        return start, end

    def _holds(self, piece: int, work: _Work) -> bool:
        if self._state[piece] == _CANDIDATE:
            texts = self._finder.texts(piece, work)
            number = sum([self.phrases.count(each.text) for each in texts])
            self._state[piece] = _HOLDS if number else _NOTHING
            self._counts[piece] = number
            self.count += number
        return self._state[piece] == _HOLDS

    def _holding_from(self, piece: int, work: _Work) -> Iterator[int]:
        """The pieces with matches, from one on."""
        for slab in range(self._finder.slab_of(piece), len(self._sifted)):
            start, end = self._sift(slab, work)
            at = max(piece, start)
            while marked := _marked(self._state, at, end):
                at = marked.start() + 1
                if self._holds(at - 1, work):
                    yield at - 1

    def _holding_before(self, piece: int, work: _Work) -> Iterator[int]:
        """The pieces with matches that stand before one, the nearest first."""
        for slab in range(self._finder.slab_of(max(0, piece - 1)), -1, -1):
            start, end = self._sift(slab, work)
            at = min(piece, end)
            while (at := max(self._state.rfind(mark, start, at) for mark in (b"\1", b"\2"))) >= 0:
                if self._holds(at, work):
                    yield at

    # -- Going to matches

    def after(self, origin: Match | Anchor | Place | None = None, budget: int | None = None) -> Hit:
        """The match that follows another; or the first that begins on or below a row, or at or after a place.

        After the last comes the first.  `budget` is how many bytes may be laid out on the way (None: any).
        """
        return self._go(origin, budget, forward=True)

    def before(self, origin: Match | Anchor | Place | None = None, budget: int | None = None) -> Hit:
        """The match before another, a row or a place; before the first comes the last."""
        return self._go(origin, budget, forward=False)

    def _go(self, origin: Match | Anchor | Place | None, budget: int | None, *, forward: bool) -> Hit:
        if not self.phrases:
            return Hit(None)
        work = _Work(budget)
        try:
            self._begin(work)
            piece, index = self._position(origin, work, forward=forward)
            return self._forward(piece, index, work) if forward else self._backward(piece, index, work)
        except _OutOfWorkError:
            return Hit(None, pending=True)

    def _position(
        self, origin: Match | Anchor | Place | None, work: _Work, *, forward: bool
    ) -> tuple[int, int]:
        """A piece, and how many of its matches come before."""
        last = len(self._document) - 1
        if origin is None:
            return (0, 0) if forward else (last, sys.maxsize)
        if isinstance(origin, Match):
            return max(0, min(origin.piece, last)), max(0, origin.nth + forward)
        place = located(self._document, origin) if isinstance(origin, Place) else None
        row = origin if isinstance(origin, Anchor) else None
        piece = max(0, min(place.block if place else row.piece if row else 0, last))
        self._sift(self._finder.slab_of(piece), work)
        if not self._holds(piece, work):
            return piece, 0
        if place:
            spots = self._spots(self._finder.texts(piece, work))
            return piece, sum(1 for spot in spots if spot.start < place.offset)
        matches = [Match(piece, nth) for nth in range(self._counts[piece])]
        return piece, sum(1 for match in matches if row and self.anchor(match) < row)

    def _forward(self, piece: int, index: int, work: _Work) -> Hit:
        for at in self._holding_from(piece, work):
            if at > piece:
                return Hit(Match(at, 0))
            if index < self._counts[at]:
                return Hit(Match(at, index))
        for at in self._holding_from(0, work):
            return Hit(Match(at, 0), wrapped=True)
        return Hit(None)

    def _backward(self, piece: int, index: int, work: _Work) -> Hit:
        for at in self._holding_before(piece + 1, work):
            if at < piece or index > 0:
                count = self._counts[at]
                return Hit(Match(at, (min(index, count) if at == piece else count) - 1))
        for at in self._holding_before(len(self._document), work):
            return Hit(Match(at, self._counts[at] - 1), wrapped=True)
        return Hit(None)

    # -- One match

    def number(self, match: Match) -> int:
        """The number of a match, from 1; 0 until all before it are known."""
        if not self._begun or not self._sifted:
            return 0
        slab = self._finder.slab_of(match.piece)
        if self._sifted.find(0, 0, slab + 1) >= 0 or self._state.find(_CANDIDATE, 0, match.piece + 1) >= 0:
            return 0
        return sum(self._counts[: match.piece]) + match.nth + 1

    def anchor(self, match: Match) -> Anchor:
        """The row that a match begins on, at the present width; for words of a picture, its first."""
        laid = self._document.lay(match.piece)
        for number, lits in self._lit_rows(match.piece, laid).items():
            if any(lit.nth == match.nth for lit in lits):
                return Anchor(match.piece, number)
        spots = self._spots(texts_of(laid))
        if match.nth >= len(spots):
            return Anchor(match.piece, 0)
        spot = spots[match.nth]
        line = laid.pictures[spot.picture].line if spot.picture >= 0 else laid.line_of(spot.start)
        return Anchor(match.piece, max(0, min(line, len(laid.lines) - 1)))

    def figure(self, match: Match) -> Figure | None:
        """The picture in whose caption or credit a match is; None if it is in the text."""
        laid = self._document.lay(match.piece)
        spots = self._spots(texts_of(laid))
        if match.nth >= len(spots) or spots[match.nth].picture < 0:
            return None
        return laid.pictures[spots[match.nth].picture].figure

    # -- Lighting

    def lit(self, row: Row) -> Sequence[Lit]:
        """What to light on a row: characters of its runs, without what stands before them."""
        return self._lit_rows(row.piece, row.laid).get(row.number, ()) if self.phrases else ()

    def spans(self, text: str) -> list[Span]:
        """Where any other text, as that of a caption, has the phrases, in characters."""
        return list(self.phrases.spans(text)) if self.phrases else []

    def _lit_rows(self, piece: int, laid: Laid) -> dict[int, list[Lit]]:
        kept = self._rows.get(piece)
        if kept is not None and kept[0] is laid:
            return kept[1]
        rows = lit_rows(laid, self._spots(texts_of(laid)), self.phrases)
        self._rows[piece] = (laid, rows)
        self._rows.move_to_end(piece)
        if len(self._rows) > _KEPT_ROWS:
            self._rows.popitem(last=False)
        return rows

    def _spots(self, texts: Sequence[Text]) -> list[Spot]:
        """The matches of a piece in order; those in words of a picture stand at its offset."""
        spots = [
            Spot(start, end) if each.picture < 0 else Spot(each.offset, each.offset, each.picture)
            for each in texts
            for start, end in self.phrases.spans(each.text)
        ]
        return sorted(spots, key=lambda spot: spot.start)
