"""Outside text made fit for a terminal, and measured in cells.

Everything that comes from a file, a feed or a file name goes through `clean` (or `clean_line`) before
it reaches a line on the screen.  Widths are those of the Unicode tables in `wcwidth`, a grapheme at a
time; plain Latin, Greek and Cyrillic text never loads those tables.
"""

from __future__ import annotations

import re
from itertools import accumulate

# C0 but for tab and line feed, DEL, C1, line and paragraph separators, interlinear marks, lone surrogates.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb\ud800-\udfff"
# Soft hyphen, zero-width space, joiners of words, BOM, bidi embeddings, overrides and isolates, tags.
_INVISIBLE = "\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff"
_tag = re.compile("[\U000e0000-\U000e0fff]").search
_blanks = re.compile(r"[ \t\n\r\f\v]+").sub

# Characters that every terminal draws in one cell, alone or side by side.
_simple = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f"
    "\u1e00-\u1eff\u2010-\u2027\u202f-\u205e\u2070\u2071\u2074-\u209c\u20a0-\u20c0\u2100-\u218b"
    "\u2190-\u22ff\u2400-\u2426\u2500-\u25fc\ufffd]*"
)

ELLIPSIS = "…"


def clean(text: str) -> str:
    """The text without anything that steers a terminal; line feeds and tabs stay.

    Control characters become U+FFFD, so that they are seen.  Bidi embeddings, overrides and isolates
    and other invisible format characters go, so that text reads in the order in which it is stored;
    joiners and left-to-right or right-to-left marks stay, because scripts need them.
    """
    # Of all that is taken away only tags may count as printable.  Few texts have anything else that does
    # not, and the classes are large: they are compiled for the first that has.
    if text.isprintable() and _tag(text) is None:
        return text
    return re.sub(f"[{_INVISIBLE}]+", "", re.sub(f"[{_CONTROL}]", "\ufffd", text))


def clean_line(text: str) -> str:
    """The same for what must stay on one line: any run of white space becomes one space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    # Blanks come first, or some would be seen as controls; what is then taken out may leave two side by side.
    line = _blanks(" ", text)
    cleaned = clean(line)
    return (cleaned if cleaned is line else _blanks(" ", cleaned)).strip()


def is_simple(text: str) -> bool:
    """Whether every character of the text takes exactly one cell on every terminal."""
    return _simple.fullmatch(text) is not None


def simple_length(text: str) -> int:
    """How many characters at the front of the text are simple ones."""
    found = _simple.match(text)
    return found.end() if found else 0


def cell_widths(text: str) -> list[int]:
    """The width in cells of each character; a grapheme's whole width stands at its first character.

    Graphemes are those of UAX #29, so that a vowel sign, a joined emoji or a combining accent counts
    with the character that carries it.
    """
    if is_simple(text):
        return [1] * len(text)
    from wcwidth import iter_graphemes, wcswidth

    widths: list[int] = []
    for grapheme in iter_graphemes(text):
        widths.append(max(0, wcswidth(grapheme)))
        if len(grapheme) > 1:
            widths.extend([0] * (len(grapheme) - 1))
    return widths


def cells(text: str) -> int:
    """The width of a text in cells."""
    return len(text) if is_simple(text) else sum(cell_widths(text))


def truncate(text: str, width: int) -> str:
    """The text, cut with an ellipsis so that it is at most `width` cells wide."""
    if width <= 0:
        return ""
    if is_simple(text):
        return text if len(text) <= width else text[: width - 1] + ELLIPSIS
    widths = cell_widths(text)
    if sum(widths) <= width:
        return text
    kept = 0
    for end, total in enumerate(accumulate(widths), 1):
        if total <= width - 1:
            kept = end
    return text[:kept] + ELLIPSIS


def pad(text: str, width: int) -> str:
    """The text cut or filled with spaces to exactly `width` cells."""
    text = truncate(text, width)
    return text + " " * (width - cells(text))


def counted(number: int, noun: str) -> str:
    """A number of things in words: `1 mark`, `2,000 marks`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
