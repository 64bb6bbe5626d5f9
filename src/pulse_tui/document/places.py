"""Find a place in a text again after the text was edited.

A place's digest tells apart the piece that it is in, the pieces on both sides, and the words around it, as
the quotes of the Web Annotation Data Model do (https://www.w3.org/TR/annotation-model/#text-quote-selector);
but in check sums, so that what is kept of a reader holds no text.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol
from zlib import crc32

from pulse_tui.article import Place

HEAD = "head"
"""The digest of an article's head, whatever it says."""

_WORDS = 24
"""Characters on each side of a place that tell where in its piece it is."""
_REACHES = (64, 4096)
"""How many pieces around its old number a piece is looked for, at first and at most."""
_SAME, _BEFORE, _AFTER, _HEAD_BEFORE = 16, 4, 2, 1
"""What counts when a piece is looked for: its own text, and what stood beside it (the head says least)."""
_PARTS = 65_536
_FEW = 4
"""Pieces around the likeliest in which the words are looked for."""


class Text(Protocol):
    """What is asked of a document."""

    def __len__(self) -> int:
        """How many pieces are known."""

    def know(self, piece: int) -> None:
        """Get to know pieces up to one, if there are so many."""

    def digest(self, piece: int) -> str:
        """What tells a piece's source apart from others."""

    def text(self, piece: int) -> str:
        """A piece's text as it is shown."""

    def share(self, piece: int) -> float:
        """How much of the source lies before a piece, 0 to 1."""

    def piece_at(self, share: float) -> int:
        """The piece that has so much of the source before it."""


class _Print(NamedTuple):
    """What a place's digest says; an empty part is not known."""

    own: str
    before: str = ""
    after: str = ""
    preceding: str = ""
    following: str = ""
    length: str = ""
    """Of the piece's text, in characters, in hexadecimal digits."""
    share: str = ""
    """How much of the source lies before the piece, in parts of 65,536, in hexadecimal digits."""

    def likeness(self, own: str, before: str, after: str) -> int:
        """What a piece counts that has these digests; 0 if nothing is as it was."""
        beside = _HEAD_BEFORE if self.before == HEAD else _BEFORE
        return (
            _SAME * (own == self.own)
            + beside * (bool(self.before) and before == self.before)
            + _AFTER * (bool(self.after) and after == self.after)
        )


def digest_of_place(of: Text, piece: int, offset: int) -> str:
    """A place's digest."""
    text = of.text(piece)
    offset = max(0, min(offset, len(text)))
    parts = _Print(
        *_around(of, piece),
        _sum(text[max(0, offset - _WORDS) : offset]),
        _sum(text[offset : offset + _WORDS]),
        f"{len(text):x}",
        f"{int(of.share(piece) * _PARTS):x}",
    )
    return ".".join(parts)


def _sum(words: str) -> str:
    return f"{crc32(words.encode('utf-8', 'replace')):08x}" if words.strip() else ""


def located(of: Text, place: Place) -> Place:
    """The place in the text as it is now: in its piece, else where its words or its neighbours are now.

    Where nothing of it is left, it keeps its number, or what share of the text lay before it.
    """
    wanted = _Print(*place.digest.split(".")[: len(_Print._fields)])
    number = max(0, place.block)
    of.know(number + 1)
    last = len(of) - 1
    if not wanted.own:
        return place._replace(block=min(number, last))
    if wanted.own == HEAD:
        return _in_same_piece(of, place._replace(block=0), wanted)
    piece, likeness = _likeliest(of, wanted, min(number, last))
    if piece > last:
        return Place(last, len(of.text(last)))
    if likeness >= _SAME:
        return _in_same_piece(of, place._replace(block=piece), wanted)
    for near in [piece] if likeness == _BEFORE + _AFTER else _by_nearness(of, piece):
        offset = (
            None if of.digest(near) == wanted.own else _offset_of_words(of.text(near), place.offset, wanted)
        )
        if offset is not None:
            return Place(near, offset)
    if not likeness and number > last:
        piece = of.piece_at(_number(wanted.share) / _PARTS) if wanted.share else last
    if wanted.after and of.digest(piece) == wanted.after:  # the piece itself is gone
        return Place(piece, 0)
    length = _number(wanted.length)
    return Place(piece, place.offset * len(of.text(piece)) // length if length else place.offset)


def _likeliest(of: Text, wanted: _Print, number: int) -> tuple[int, int]:
    """The piece that is the one wanted, or stands where it stood, and its likeness; else `number` and 0.

    It may be one past the last, where what stood last is gone.
    """
    three = _around(of, number)
    if wanted.likeness(*three) == wanted.likeness(*wanted[:3]):
        return number, _SAME
    found: list[tuple[int, int, int]] = []
    for reach in _REACHES:
        of.know(number + reach + 1)
        first, end = max(0, number - reach - 1), min(len(of), number + reach + 2)
        digests = [*(of.digest(piece) for piece in range(first, end)), "", ""]
        threes = zip(digests[1:-1], digests, digests[2:], strict=False)
        found = [
            (likeness, -abs(piece - number), piece)
            for piece, three in enumerate(threes, first + 1)
            if (likeness := wanted.likeness(*three))
        ]
        if found and max(found)[0] > _SAME:
            break
    if not found:
        return number, 0
    likeness, _, piece = max(found)
    if likeness == _SAME and sum(1 for each in found if each[0] == _SAME) > 1:
        # The same text stands elsewhere too: between its old neighbours it has likely been changed.
        likeness, _, piece = max([each for each in found if each[0] == _BEFORE + _AFTER] or [max(found)])
    return piece, likeness


def _by_nearness(of: Text, piece: int) -> list[int]:
    around = range(max(0, piece - _FEW), min(len(of), piece + _FEW + 1))
    return sorted(around, key=lambda near: abs(near - piece))


def _around(of: Text, piece: int) -> tuple[str, str, str]:
    before = of.digest(piece - 1) if piece else ""
    return of.digest(piece), before, of.digest(piece + 1) if piece + 1 < len(of) else ""


def _in_same_piece(of: Text, place: Place, wanted: _Print) -> Place:
    """A place where the source is the same; a head, or what a link refers to, may have changed."""
    text = of.text(place.block)
    if wanted.length and wanted.length != f"{len(text):x}":
        offset = _offset_of_words(text, place.offset, wanted)
        if offset is not None:
            return place._replace(offset=offset)
    return place


def _offset_of_words(text: str, offset: int, wanted: _Print) -> int | None:
    """Where in a text the words after a place are now, or those before it; the nearest to its old offset."""
    if wanted.following:
        found = [at for at in range(len(text)) if _sum(text[at : at + _WORDS]) == wanted.following]
        if found:
            return min(found, key=lambda at: abs(at - offset))
    if wanted.preceding:
        ends = range(1, len(text) + 1)
        found = [at for at in ends if _sum(text[max(0, at - _WORDS) : at]) == wanted.preceding]
        if found:
            return min(found, key=lambda at: abs(at - offset))
    return None


def _number(digits: str) -> int:
    """What hexadecimal digits say, 0 if they are none: states are read from files."""
    try:
        return max(0, int(digits[:8], 16))
    except ValueError:
        return 0
