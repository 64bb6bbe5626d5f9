"""When two stretches of text are the same to a reader who searches.

Equal are composed and decomposed characters (Unicode normalization, https://www.unicode.org/reports/tr15/),
straight and curly quotes, dashes of all kinds, and white space of any kind and length; format characters that
are not seen do not count.  Unless capitals matter, case does not count either, nor do accents, points and
harakat.  A word is found where a line's end parts it after a hyphen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from unicodedata import category, combining, is_normalized, normalize

from pulse_tui.text import clean

Span = tuple[int, int]

MOST_PHRASES = 32
MOST_CHARACTERS = 200
"""Of one phrase; what is longer is found by its beginning."""

_DASH = "\x01"
"""Stands for dashes that are not hyphens; `clean` leaves no such character in a text."""
_MOST_DASHES = 3
"""Side by side that count as one."""
_HYPHENS = "\u00ad\u058a\u2010\u2011\ufe63\uff0d"
_DASHES = "\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\ufe58"
_SINGLE = "\u2018\u2019\u201a\u201b\u02bc\u2032"
_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_EQUAL = {
    **dict.fromkeys(_HYPHENS[1:], "-"),
    **dict.fromkeys(_DASHES, _DASH),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
}
_COMMON = [(c, _EQUAL[c]) for c in "\u2019\u2018\u201c\u201d\u2014\u2013"]
# Not seen: joiners, direction marks, variation selectors, the stroke that stretches Arabic letters.
_is_unseen = re.compile(
    "[\u00ad\u034f\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# Accents and points that letters keep their meaning without; vowel signs and nuktas are no such marks.
_is_accent = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_NUKTA = 7
_BESIDE_LETTERS = 200
"""Combining classes from here on are of marks that stand above or below a letter, but for vowel signs."""
_parted_word = re.compile(r"-\s").search
_tokens = re.compile(f"[-{_DASH}]+|[^-{_DASH}]", re.S).findall
_words = re.compile(r"[^\W_]+").findall
_spaces = re.compile(r"\s+")


class _Folds(dict[str, str]):
    """What each character counts as; filled as characters are met."""

    def __init__(self, *, capitals: bool) -> None:
        super().__init__()
        self._capitals = capitals

    def __missing__(self, character: str) -> str:
        parts = normalize("NFD", character)
        if not self._capitals:
            parts = _is_accent.sub("", normalize("NFD", parts.casefold()))
        parts = _is_unseen.sub("", parts)
        found = self[character] = "".join([_EQUAL.get(part, part) for part in parts])
        return found


class _Letters(dict[str, str]):
    """The letters and digits of what each character counts as; filled as characters are met."""

    def __init__(self, folds: _Folds) -> None:
        super().__init__()
        self._folds = folds

    def __missing__(self, character: str) -> str:
        found = self[character] = "".join(filter(str.isalnum, self._folds[character]))
        return found


class Folding:
    """The text as it is compared; one for all texts, because it learns their characters."""

    def __init__(self, *, capitals: bool) -> None:
        self.capitals = capitals
        self._folds = _Folds(capitals=capitals)
        self._letters = _Letters(self._folds)

    def fold(self, text: str) -> tuple[str, Sequence[int] | None]:
        """A text as it is compared, and for each character of that the one it comes from; None: the same."""
        if not text.isascii():
            for character, equal in _COMMON:
                text = text.replace(character, equal)
        if text.isascii():
            return (text if self.capitals else text.lower()), None
        parts = list(map(self._folds.__getitem__, text))
        folded = "".join(parts)
        if not is_normalized("NFD", folded):  # the order of marks: no character comes or goes
            folded = normalize("NFD", folded)
        if len(folded) == len(text) and all(parts):
            return folded, None
        return folded, [at for at, part in enumerate(parts) for _ in part]

    def words(self, text: str) -> list[str]:
        """The runs of letters and digits of a text, as they are compared."""
        return _words(self.fold(text)[0])

    def letters(self, text: str) -> str:
        """The same without anything between them."""
        return "".join(map(self._letters.__getitem__, text))


class Phrases:
    """Phrases to be found in texts; where several match, the longest."""

    def __init__(self, phrases: Sequence[str], folding: Folding) -> None:
        self._folding = folding
        folded = [_folded_phrase(phrase, folding) for phrase in phrases[:MOST_PHRASES]]
        self.folded = sorted({phrase for phrase in folded if phrase}, key=lambda each: (-len(each), each))
        """The phrases as they are compared, with single spaces."""

    def __bool__(self) -> bool:
        return bool(self.folded)

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile("|".join([_pattern(phrase, parted=False) for phrase in self.folded]))

    @cached_property
    def _parted(self) -> re.Pattern[str]:
        return re.compile("|".join([_pattern(phrase, parted=True) for phrase in self.folded]))

    def count(self, text: str) -> int:
        """How often a text has one of the phrases."""
        folded, origins, pattern = self._searched(text)
        if origins is None and folded.isascii():
            return len(pattern.findall(folded)) if self.folded else 0
        return sum(1 for _ in self._spans(folded, origins, pattern))

    def spans(self, text: str) -> Iterator[Span]:
        """Where a text has one of the phrases, in characters; no two overlap."""
        return self._spans(*self._searched(text))

    def _searched(self, text: str) -> tuple[str, Sequence[int] | None, re.Pattern[str]]:
        """The text as it is compared, where its characters come from, and what is looked for in it."""
        folded, origins = self._folding.fold(text)
        return folded, origins, self._parted if "-" in folded and _parted_word(folded) else self._whole

    def _spans(self, folded: str, origins: Sequence[int] | None, pattern: re.Pattern[str]) -> Iterator[Span]:
        if not self.folded:
            return
        if origins is None and folded.isascii():
            yield from (match.span() for match in pattern.finditer(folded))
            return
        at = 0
        while match := pattern.search(folded, at):
            start, at = match.span()
            if _is_whole(folded, start, at, origins):
                yield (start, at) if origins is None else (origins[start], origins[at - 1] + 1)
            else:
                at = start + 1


def _folded_phrase(phrase: str, folding: Folding) -> str:
    folded, _ = folding.fold(clean(phrase[: 4 * MOST_CHARACTERS]))
    return _spaces.sub(" ", folded).strip()[:MOST_CHARACTERS].rstrip()


def _pattern(phrase: str, *, parted: bool) -> str:
    """A regular expression in which no two neighbours can match the same character, so that it is fast."""
    parts: list[str] = []
    before = ""
    tokens = _tokens(phrase)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token[0] in ("-", _DASH):
            parts.append(f"[-{_DASH}]{{1,{_MOST_DASHES}}}" + r"\s*" * _is_word(following))
        elif token == " ":
            parts.append(r"\s+")
        else:
            if parted and _is_word(before) and _is_word(token):
                parts.append(r"(?:-\s+)?")
            parts.append(re.escape(token))
        before = token
    return "".join(parts)


def _is_word(token: str) -> bool:
    return len(token) == 1 and (token.isalnum() or category(token)[0] == "M")


def _is_whole(folded: str, start: int, end: int, origins: Sequence[int] | None) -> bool:
    """Whether a match neither begins nor ends within a character, however that is encoded."""
    if origins is not None:
        if start and origins[start - 1] == origins[start]:
            return False
        if end < len(folded) and origins[end] == origins[end - 1]:
            return False
    if end == len(folded) or folded[end].isascii():
        return True
    following = folded[end]
    if combining(following) == _NUKTA or combining(following) >= _BESIDE_LETTERS:
        return False
    last = folded[max(start, end - 2) : end]
    return normalize("NFC", last + following) == normalize("NFC", last) + following
