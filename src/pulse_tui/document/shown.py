"""What each piece of a document shows, for those who look through all of it."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from pulse_tui.document.document import Document
from pulse_tui.document.lines import Laid
from pulse_tui.document.parse import MAX_INLINE_MARKS
from pulse_tui.document.scan import Kind
from pulse_tui.document.simple import simple_text

_KEPT_CHARACTERS = 2_000_000
_PIECE = 256
"""What it costs to lay out a piece beside its bytes, in bytes."""
_PLAIN, _KNOWN = 8, 32
"""How many times less it costs to read plain prose, and to look up what is known."""


class Text(NamedTuple):
    """A text that a piece shows: its own, or words of the nth of its pictures, which stands at an offset."""

    text: str
    picture: int = -1
    offset: int = 0


def texts_of(laid: Laid) -> list[Text]:
    """What a piece that is laid out shows: its text, and captions and credits of its pictures."""
    texts = [Text(laid.text)]
    for number, picture in enumerate(laid.pictures):
        line = laid.lines[min(picture.line, len(laid.lines) - 1)] if laid.lines else None
        offset = (line.end if picture.rows else line.start) if line else 0
        figure = picture.figure
        texts += [Text(words, number, offset) for words in (figure.caption, figure.credit) if words]
    return texts


class Shown:
    """The texts of a document's pieces; of what was looked at last, about two million characters are kept."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._texts: OrderedDict[int, list[Text]] = OrderedDict()
        self._kept = 0
        self.full = False
        """Whether one text has taken the place of another."""

    def texts(self, piece: int) -> tuple[list[Text], int]:
        """All that a piece shows, and what it took to know: bytes laid out, or as many as take that long."""
        found = self._texts.get(piece)
        if found is not None:
            self._texts.move_to_end(piece)
            return found, _PIECE // _KNOWN
        scanner = self._document.scanner
        cost = _PIECE + (scanner.ends[piece - 1] - scanner.starts[piece - 1] if piece else 0)
        if (prose := self._prose(piece)) is not None:
            found, cost = [Text(prose)], cost // _PLAIN
        else:
            found = texts_of(self._document.peek(piece))
        self._texts[piece] = found
        self._kept += sum(len(each.text) for each in found)
        while self._kept > _KEPT_CHARACTERS and len(self._texts) > 1:
            self.full = True
            _, dropped = self._texts.popitem(last=False)
            self._kept -= sum(len(each.text) for each in dropped)
        return found, cost

    def _prose(self, piece: int) -> str | None:
        scanner = self._document.scanner
        if piece == 0 or scanner.kinds[piece - 1] != Kind.TEXT:
            return None
        if scanner.ends[piece - 1] - scanner.starts[piece - 1] > MAX_INLINE_MARKS:
            return None  # with so many marks in it it would be shown as it stands
        return simple_text(scanner.text(piece - 1))
