"""Which pieces of a document may hold a phrase, told from their bytes.

Laying out a piece costs a thousand times as much as looking through its bytes, so pieces are sifted first.
Of three kinds of pieces:

- ordinary ones show each of their words as it stands in the source, which is searched as it is;
- loose ones have words with emphasis marks within, with hyphens at a line's end, accents, or letters beyond
  ASCII: their letters are gathered once, without anything between them;
- knotted ones have words that a link, a tag or an entity is a part of: they always may hold the phrase.

A sieve may keep a piece without the phrase; it never drops one that has it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase, digits

from pulse_tui.document.phrases import Folding
from pulse_tui.document.scan import Kind, Scanner

SLAB = 128 * 1024
"""Bytes that are sifted at once."""

_LETTER = rb"A-Za-z0-9\x80-\xff"
_MARKUP = rb"*_~`"
_letters_only = bytes(c for c in range(128) if chr(c) not in ascii_lowercase + ascii_uppercase + digits)
_lower_case = bytes.maketrans(ascii_uppercase.encode(), ascii_lowercase.encode())
_ascii = bytes(range(128))
# Dashes, quotes, bullets, the no-break space and other signs that are neither letters nor unseen.
_only_signs = re.compile(
    rb"(?:\xe2\x80[\x90-\xa7\xb0-\xbe]|\xc2[\xa0-\xa9\xab\xac\xae-\xb1\xb4\xb6-\xb8\xbb\xbf])*"
).fullmatch
_beyond_ascii = re.compile(r"[^\x00-\x7f]+").sub


def _compiled(*patterns: bytes) -> list[tuple[bytes, re.Pattern[bytes]]]:
    """Each pattern with the byte that it begins with: where that is absent, it is not tried."""
    filled = [each.replace(b"@", _LETTER).replace(b"%", _MARKUP) for each in patterns]
    return [(each.lstrip(b"\\")[:1], re.compile(each)) for each in filled]


_LOOSE = _compiled(
    rb"\*(?<=[@]\*)[%]*[@]",
    rb"_(?<=[@]_)[%]*[@]",
    rb"~(?<=[@]~)[%]*[@]",
    rb"`",
    rb"-(?<=[@]-)[ \t\n]",
)
_KNOTS = _compiled(
    rb"&[#A-Za-z]",
    rb"\[(?:(?<=[@)>]\[)|(?<=[^\s(\[\"'][%]\[))(?!\^)",
    rb"<(?:(?<=[@)>\]]<)|(?<=[^\s(\[\"'][%]<))",
    rb"\]\[(?:[^\[\]\\]|\\.){0,999}\][%]*\[",
    rb"\)[%]*[@]",
    rb"\][%]*[@]",
    rb">[%]*[@]",
)
_LISTS = (Kind.LIST, Kind.MIXED, Kind.MORE_ITEMS)
"""In them a number may stand between two words that follow each other."""
_AS_IT_STANDS = (Kind.FENCE, Kind.VERBATIM, Kind.PLAIN, Kind.MORE_PLAIN)
"""In them nothing is markup, so that nothing can be knotted."""


class Words:
    """What the sieve knows of a phrase: its runs of letters and digits, in order."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.joined = "".join(words)
        self.longest = max(words, key=len, default="")
        self.is_ascii = self.joined.isascii()
        self.encoded = [word.encode() for word in words] if self.is_ascii else []

    @cached_property
    def in_order(self) -> re.Pattern[bytes]:
        """The words with no letter between them, in lower case."""
        return re.compile(rb"[^a-z0-9]*".join(self.encoded))


class Slab:
    """Some pieces that follow each other, sorted by kind; `first` and `last` are of the scanner's numbers."""

    def __init__(self, scanner: Scanner, first: int, last: int, folding: Folding) -> None:
        self.first, self.last = first, last
        self._scanner = scanner
        self._folding = folding
        self.start, self.end = scanner.starts[first], scanner.ends[last - 1]
        loose = self._with_signs_beyond_ascii()
        loose.update(self._holding(_LOOSE))
        self._knots = {piece for piece in self._holding(_KNOTS) if scanner.kinds[piece] not in _AS_IT_STANDS}
        self._loose: dict[int, str] = {}
        for piece in loose - self._knots:
            letters = self._letters_of(piece)
            if letters is None:
                self._knots.add(piece)
            else:
                self._loose[piece] = letters

    def _is_broken(self, piece: int) -> bool:
        """Whether something with letters may stand between words of a piece that are shown side by side."""
        scanner = self._scanner
        start, end = scanner.starts[piece], scanner.ends[piece]
        return scanner.kinds[piece] in _LISTS or any(
            scanner.data.find(mark, start, end) >= 0 for mark in (b"]", b"<")
        )

    def _holding(self, patterns: Iterable[tuple[bytes, re.Pattern[bytes]]]) -> set[int]:
        data, start, end = self._scanner.data, self.start, self.end
        found: set[int] = set()
        for byte, pattern in patterns:
            if data.find(byte, start, end) < 0:
                continue
            at = start
            while match := pattern.search(data, at, end):
                piece = self._scanner.piece_at(match.start())
                found.add(piece)
                at = self._scanner.ends[piece]
        return found

    def _with_signs_beyond_ascii(self) -> set[int]:
        data = self._scanner.data
        found = set()
        starts, ends = (
            self._scanner.starts[self.first : self.last],
            self._scanner.ends[self.first : self.last],
        )
        for piece, (start, end) in enumerate(zip(starts, ends, strict=True), self.first):
            source = data[start:end]
            if not source.isascii() and not _only_signs(source.translate(None, _ascii)):
                found.add(piece)
        return found

    def _letters_of(self, piece: int) -> str | None:
        """The letters and digits of a piece, as they are compared; None if it is not UTF-8."""
        source = self._scanner.data[self._scanner.starts[piece] : self._scanner.ends[piece]]
        letters = source.translate(_lower_case, _letters_only)
        if letters.isascii():
            return letters.decode("ascii")
        try:
            source.decode()
        except UnicodeDecodeError:
            return None
        gather = self._folding.letters
        return _beyond_ascii(lambda run: gather(run[0]), letters.decode())

    def pieces(self, words: Words) -> set[int]:
        """The pieces that may hold the words one after another, in the scanner's numbers."""
        if not words.words:
            return set(range(self.first, self.last))
        found = set(self._knots)
        for piece, letters in self._loose.items():
            if words.joined in letters or (
                words.longest in letters
                and all(word in letters for word in words.words)
                and self._is_broken(piece)
            ):
                found.add(piece)
        if words.is_ascii:
            data = self._scanner.data[self.start : self.end].lower()
            found.update(self._in_order(words, data))
            if len(words.words) > 1:
                found.update(self._in_any_order(words, data))
        return found

    def _in_order(self, words: Words, data: bytes) -> Iterator[int]:
        scanner = self._scanner
        search = words.in_order.search
        at = 0
        while match := search(data, at):
            piece = scanner.piece_at(self.start + match.start())
            at = scanner.ends[piece] - self.start
            if match.end() <= at:  # else it has too few letters from here on, and none further on has more
                yield piece

    def _in_any_order(self, words: Words, data: bytes) -> Iterator[int]:
        scanner = self._scanner
        longest = words.longest.encode()
        at = 0
        while (at := data.find(longest, at)) >= 0:
            piece = scanner.piece_at(self.start + at)
            start, at = scanner.starts[piece] - self.start, scanner.ends[piece] - self.start
            if all(data.find(word, start, at) >= 0 for word in words.encoded) and self._is_broken(piece):
                yield piece

    def showing(self, mark: bytes) -> set[int]:
        """The pieces whose source has some bytes, in the scanner's numbers."""
        return self._holding([(mark[:1], re.compile(re.escape(mark), re.I))])


def slab_ends(scanner: Scanner) -> list[int]:
    """Where to cut pieces into slabs: the number of the piece after each."""
    ends: list[int] = []
    first = 0
    while first < len(scanner):
        first = max(first + 1, bisect_left(scanner.starts, scanner.starts[first] + SLAB))
        ends.append(first)
    return ends
