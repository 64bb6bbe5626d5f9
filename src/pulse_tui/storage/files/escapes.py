r"""What stands for characters in Markdown: backslashes before punctuation, and references.

Both are undone in one pass from the left (CommonMark 0.31.2, 2.4 and 2.5), so `\&amp;` is the text `&amp;`.
"""

from __future__ import annotations

import re

ESCAPES = r"\\([!-/:-@\[-`{-~])|&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
"""Finds them: the first group is a character that was escaped, the second a reference without its marks."""


def unescaped(text: str) -> str:
    """A text in which they are the characters that they stand for."""
    return re.sub(ESCAPES, character, text) if "\\" in text or "&" in text else text


def character(match: re.Match[str]) -> str:
    """What a match stands for: itself if there is no such reference, nothing if it is another mark."""
    name = match[2]
    if name is None:
        return match[1] or ""
    from html import unescape
    from html.entities import html5

    return unescape(match[0]) if name.startswith("#") or f"{name};" in html5 else match[0]
