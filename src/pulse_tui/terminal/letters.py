"""Text in the characters that an encoding has."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import category, normalize

_LACKING = "\x00"
"""Stands for what has no equivalent, until all is known; `clean` leaves no such character in a text."""
_FRACTION = "\u2044"
_run_of_lacking = re.compile(f"{_LACKING}+").sub

# What compatibility decomposition (NFKD) does not lead to, as far as English texts about the world have it.
_EQUIVALENTS = {
    **dict.fromkeys("‘’‚‛‹›ʻʼʹ′‵", "'"),
    **dict.fromkeys("“”„‟«»″‶", '"'),
    **dict.fromkeys("‐‑‒–−⁃", "-"),
    **dict.fromkeys("—―⸺⸻", "--"),
    **dict.fromkeys("•‣◦▪▫●○■□◆◇★☆", "*"),
    **dict.fromkeys("·‧∙", "."),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("─━", "-"),
    "×": "x",
    "÷": "/",
    _FRACTION: "/",
    "→": "->",
    "←": "<-",
    "↔": "<->",
    "⇒": "=>",
    "↑": "up",
    "↓": "down",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "±": "+/-",
    "∞": "infinity",
    "°": "deg ",
    "©": "(c)",
    "®": "(R)",
    "€": "EUR ",
    "£": "GBP ",
    "¥": "JPY ",
    "₹": "Rs ",
    "¢": " cents",
    "§": "section ",
    "¶": "paragraph ",
    "†": "+",
    "‡": "++",
    "¿": "?",
    "¡": "!",
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ħ": "h",
    "Ħ": "H",
    "ı": "i",
    "ŋ": "ng",
    "Ŋ": "Ng",
    "μ": "u",
    "✓": "yes",
    "✔": "yes",
    "✗": "no",
    "✘": "no",
}


class Letters(dict[str, str]):
    """What is put out for each character in one encoding; filled as characters are met.

    An encoding lacks what it cannot hold; then comes a plain equivalent, else a question mark, one for
    a whole run, since a line of them tells an ear no more.
    """

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def fit(self, text: str) -> str:
        """The text in characters that the encoding has."""
        if text.isascii() or self._has(text):
            return text
        return _run_of_lacking("?", "".join(map(self.__getitem__, text)))

    def _has(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True

    def __missing__(self, character: str) -> str:
        found = self[character] = self._equivalent(character)
        return found

    def _equivalent(self, character: str) -> str:
        if self._has(character):
            return character
        parts = normalize("NFKD", character)
        if parts != character:
            # Accents go; a letter of which nothing would be left is lacking.  2½ is not 21/2.
            gap = " " if _FRACTION in parts else ""
            return gap + "".join([self[part] for part in parts]).replace(_LACKING, "") or _LACKING
        if category(character)[0] == "M" or category(character) == "Cf":
            return ""  # what hangs on another character, or is not seen
        return _EQUIVALENTS.get(character, _LACKING)


_IN_A_CELL = {
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
    **dict.fromkeys("═━▁▔", "-"),
    **dict.fromkeys("║┃▌▐▍▎▏", "|"),
    **dict.fromkeys("░▒▓█▣", "#"),
    "…": "~",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "°": "o",
    "✓": "x",
}
"""Where a cell has room for less, or for something better, than a line of text."""


def cells_in(encoding: str) -> Callable[[str, int], str]:
    """What a screen shows in place of a grapheme that takes so many cells: as many characters."""
    letters = Letters(encoding)

    def in_cells(grapheme: str, width: int) -> str:
        shown = letters.fit(grapheme)
        if len(shown) != width:
            shown = _IN_A_CELL.get(grapheme) or shown.strip() or "?"
        elif shown != grapheme:
            shown = _IN_A_CELL.get(grapheme, shown)
        return shown[:width].ljust(width, "?" if shown == "?" else " ")

    return in_cells
