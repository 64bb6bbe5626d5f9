"""What counts as a word: the same for what is indexed, for what is asked, and for what lights up.

The words are cut by FTS5's `unicode61` (https://www.sqlite.org/fts5.html#unicode61_tokenizer), because a
tokenizer of our own would cost more than all the rest of indexing.  By default it takes letters and digits
only, and so cuts Hindi, Bengali and Tamil words at every vowel sign; `categories` adds marks (Mn, Mc).  It
folds case and the accents of Latin letters.  What it lacks `folded` does to the text before:

- Arabic, Hebrew and Greek marks go, and the letters that Urdu, Persian and Arabic keyboards give different
  codes (ی ي, ک ك, ہ ه) become one; soft hyphens and joiners within a word go.
- Scripts without spaces (Chinese, Japanese, Thai …) and Korean, whose particles stick to the word, are cut
  into single characters; a run of them in a query is a phrase, so that any part of a sentence is found.

Plain English is looked at once for such characters and otherwise left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from unicodedata import normalize

TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
"""For SQL; Co holds `APART`."""
APART = "\ue000"
"""A word of its own between the items of a list, so that no phrase reaches from one into the next."""

_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17dd\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3038-\u303c\u3041-\u30fa\u30fc-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
# Joiners, soft hyphen, word joiners, tatweel, the Devanagari nukta, which many writers leave out.
_DROPPED = f"\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u0640\u093c{_MARKS}"
# The vowel signs of Indic scripts: parts of a word, although Python's \w leaves them out.
_SIGNS = "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_SIGNS += "".join(
    f"{chr(block + 1)}-{chr(block + 3)}{chr(block + 0x3C)}{chr(block + 0x3E)}-{chr(block + 0x57)}"
    f"{chr(block + 0x62)}{chr(block + 0x63)}"
    for block in range(0x0980, 0x0E00, 0x80)
)

# Compiled when first used: the classes are large, and plain English needs none of them.
_pattern = lru_cache(maxsize=None)(re.compile)
_SPECIAL = "[\u00ad\u0300-\u1dff\u1f00-\u1fff\u200b-\u200f\u2060-\u2064\u2c00-\U0010ffff]+"
_MARKED = "[\u0370-\u03ff\u0590-\u08ff\u1f00-\u1fff\ufb1d-\ufdff\ufe70-\ufefc]+"
_DROPPED_RUN = f"[{_DROPPED}]+"
_UNSPACED_ONE = f"[{_UNSPACED}]"
_LETTERS = {
    ord(written): folded
    for folded, variants in {
        "ی": "يىېۍێ",
        "ک": "كڪ",
        "ہ": "هۀۂۃةەھۿ",
        "و": "ۆۇۈۋ",
        "ے": "ۓ",
        "е": "ё",
        "Е": "Ё",
        " ": APART,
        "न": "ऩ",
        "र": "ऱ",
        "ळ": "ऴ",
    }.items()
    for written in variants
}

_FIRST_BYTES = bytes({*range(0xCC, 0xF5)} - {0xE2})
_LATER_BYTES = bytes({*range(0xC3, 0xF5)} - {0xE2})

_WORD = f"[{_UNSPACED}]|(?:[^\\W_{_UNSPACED}]|[{_SIGNS}])+"
_IN_WORD = f"(?:[^\\W_{_UNSPACED}]|[{_SIGNS}])"
_NOT_BEFORE = f"(?<![^\\W_{_UNSPACED}])(?<![{_SIGNS}])"


def folded(text: str) -> str:
    """The text as the index takes it; what `unicode61` folds by itself stays."""
    if text.isascii() or not _may_be_special(text):
        return text
    return re.sub(_SPECIAL, lambda match: _fold(match[0]), text)


def items(values: tuple[str, ...]) -> str:
    """The items of a list as the index takes them."""
    return f" {APART} ".join(map(folded, values))


def phrase(text: str, *, prefix: bool = False) -> str:
    """FTS5's expression for words that follow one another; with `prefix` the last may go on."""
    quoted = re.sub('["\0\ud800-\udfff]', " ", folded(text))
    return f'"{quoted}" *' if prefix else f'"{quoted}"'


def unfinished(text: str) -> tuple[str, str]:
    """The last word of a text, as the index has it, and what stands before it.

    The word is empty where nothing can be added to it, since it is a character of a script without spaces.
    """
    words = _words(leveled(folded(text)))
    if not words or _is_unspaced(words[-1]):
        return " ".join(words), ""
    return " ".join(words[:-1]), words[-1]


class Lights:
    """What finds the terms of a query in text that is `leveled`."""

    def __init__(self, terms: Iterable[tuple[str, bool]]) -> None:
        """Each term is its words and whether the last of them may go on."""
        parts = [part for part in (_term_pattern(*term) for term in terms) if part[1]]
        self._beginnings = [beginning for beginning, _ in parts]
        self._pattern = re.compile("|".join(f"({pattern})" for _, pattern in parts)) if parts else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def matches(self, text: str, most: int) -> list[re.Match[str]]:
        """The first matches in a text, in order; the number of the last group is that of the term."""
        if self._pattern is None:
            return []
        if not text.isascii():
            return list(islice(self._pattern.finditer(text), most))
        # Without accents or marks in the way a word is found as it stands, in a tenth of the time.
        found: list[re.Match[str]] = []
        for place in sorted(self._places(text, most)):
            if not found or place >= found[-1].end():
                match = self._pattern.match(text, place)
                if match is not None:
                    found.append(match)
        return found

    def _places(self, text: str, most: int) -> set[int]:
        """Where a match may begin."""
        places: set[int] = set()
        for beginning in self._beginnings:
            place = text.find(beginning)
            for _ in range(2 * most):
                if place < 0:
                    break
                places.add(place)
                place = text.find(beginning, place + 1)
        return places


def leveled(text: str) -> str:
    """The text with every letter folded in its place, so that each character keeps its position."""
    if text.isascii():
        return text.lower()
    data = text.encode("utf-8", "replace")
    if len(data.translate(None, _LATER_BYTES)) == len(data):  # no letters but those of English
        return text.encode("ascii", "replace").lower().decode()
    return text.translate(_levels())


def _term_pattern(text: str, prefix: bool) -> tuple[str, str]:
    """The first word of a term, and a pattern for all of it; both empty if it has none."""
    loose = f"[{_DROPPED}*]*"
    words = _words(_drop(leveled(normalize("NFC", text))))
    parts: list[str] = []
    apart = 0  # how much must stand between a word and the one before
    for word in words:
        letters = loose.join(map(re.escape, word)) + loose
        least, apart = apart, 1
        if _is_unspaced(word):
            least = apart = 0
        else:
            letters = f"{_NOT_BEFORE}{letters}(?!{_IN_WORD})"
        parts.append(rf"[\W_]{{{least},20}}{letters}" if parts else letters)
    if prefix and parts:
        parts[-1] = parts[-1].replace(f"(?!{_IN_WORD})", f"{_IN_WORD}*")
    return (words[0], "".join(parts)) if words else ("", "")


class _Levels(dict[int, int]):
    """Letters by their codes; worked out when first met."""

    def __missing__(self, code: int) -> int:
        self[code] = level = self._level(code)
        return level

    def _level(self, code: int) -> int:
        lower = chr(code).lower()
        if _is_unspaced(lower):
            lower = normalize("NFKC", lower)
        elif len(bare := _drop(normalize("NFKD", lower))) == 1:
            lower = bare.translate(_LETTERS)
        return ord(lower) if len(lower) == 1 else code


def _drop(text: str) -> str:
    return _pattern(_DROPPED_RUN).sub("", text)


def _words(text: str) -> list[str]:
    found: list[str] = _pattern(_WORD).findall(text)
    return found


def _is_unspaced(character: str) -> bool:
    return _pattern(_UNSPACED_ONE).fullmatch(character) is not None


@lru_cache(maxsize=1)
def _levels() -> _Levels:
    return _Levels()


def _may_be_special(text: str) -> bool:
    """Whether there is a character from U+0300 on but for typographic punctuation, a joiner or a soft hyphen.

    Told from the first bytes of characters, which takes a fifth of the time of a regular expression.
    """
    data = text.encode("utf-8", "replace")
    if len(data.translate(None, _FIRST_BYTES)) != len(data):
        return True
    return any(character in text for character in "\u00ad\u200b\u200c\u200d")


def _fold(run: str) -> str:
    """A run of characters outside plain Latin text, folded."""
    run = _pattern(_MARKED).sub(lambda match: normalize("NFKD", match[0]), normalize("NFKC", run))
    return _pattern(_UNSPACED_ONE).sub(r" \g<0> ", _drop(run.translate(_LETTERS)))
