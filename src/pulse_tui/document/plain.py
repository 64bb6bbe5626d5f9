"""A document as a stream of text lines, for pipes and for terminals without a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulse_tui.article import Figure
from pulse_tui.document.document import Document
from pulse_tui.document.layout import NOT_INCLUDED
from pulse_tui.document.lines import Laid, Picture, Role, Run
from pulse_tui.document.wrap import wrap

_SGR = {
    Role.STRONG: "1",
    Role.HEADLINE: "1",
    Role.HEADING: "1",
    Role.SUBHEADING: "1",
    Role.EMPHASIS: "3",
    Role.DEK: "3",
    Role.STRIKE: "9",
    Role.LINK: "4",
    Role.FAINT: "2",
    Role.BYLINE: "2",
    Role.KICKER: "2",
}
"""Weight and slant alone (ECMA-48, SGR), so that it reads in any colours and in none."""


def render(document: Document, *, styled: bool, framed: bool = True) -> Iterator[str]:
    """The lines of a document, apart as on the page; captions and credits stand below their pictures.

    `styled` adds weight and slant.  `framed` draws pictures as boxes, else they are told in words.
    """
    document.scan(None)
    for piece in range(len(document)):
        yield from _piece(document.lay(piece), document.width, styled=styled, framed=framed)


def _piece(laid: Laid, width: int, *, styled: bool, framed: bool) -> Iterator[str]:
    starts = {picture.line: picture for picture in laid.pictures if picture.rows}
    ends = {
        line + picture.rows: _beside_box(laid, picture) if framed else picture.figure
        for line, picture in starts.items()
    }
    skipped = range(0)
    for number, line in enumerate(laid.lines):
        if number in ends:
            yield from _words(ends[number], width, styled=styled, described=framed)
        if number in starts and not framed:
            skipped = range(number, number + starts[number].rows)
        if number not in skipped:
            yield _text((*line.prefix, *line.runs), styled=styled)
    if len(laid.lines) in ends:  # no blank line behind it: the next piece goes on with the same list
        yield from _words(ends[len(laid.lines)], width, styled=styled, described=framed)


def _beside_box(laid: Laid, picture: Picture) -> Figure:
    """A picture with what its box does not say: a caption may stand there for want of a description."""
    figure, row = picture.figure, laid.lines[picture.line]
    in_box = laid.text[row.start : row.end]
    return figure._replace(caption="") if in_box == figure.caption else figure


def _words(figure: Figure, width: int, *, styled: bool, described: bool) -> Iterator[str]:
    credit = f"Credit: {figure.credit}" if figure.credit else ""
    words = " ".join(part for part in (figure.caption, credit) if part)
    if not described:
        said = " ".join(part for part in (figure.alt, words) if part)
        words = f"[Picture: {said or figure.source or NOT_INCLUDED}]"
    for start, end in wrap(words, width):
        if words:
            yield _text([(words[start:end], Role.EMPHASIS, None)], styled=styled)


def _text(runs: Iterable[Run], *, styled: bool) -> str:
    parts = []
    for text, roles, _ in runs:
        codes = ";".join(dict.fromkeys(code for role, code in _SGR.items() if roles & role)) if styled else ""
        parts.append(f"\x1b[{codes}m{text}\x1b[0m" if codes and text.strip() else text)
    return "".join(parts).rstrip()
