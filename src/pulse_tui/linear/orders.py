"""The words that the reader obeys, and how they may be shortened."""

from __future__ import annotations

from typing import NamedTuple

HELP = {
    "next": "the next page; Enter alone does the same",
    "previous": "the page before",
    "again": "this page once more",
    "find": "find WORDS in this feature; find alone: the next match",
    "contents": "the headings; contents 3 goes to the third",
    "open": "open 3: the third link; open ID: the feature with this id, or a file",
    "back": "where you were before the last jump",
    "star": "star this feature, or take its star away",
    "list": "the features, newest first; list WORDS: those that fit; a number opens one",
    "help": "these words",
    "quit": "leave; your place is kept",
    "search": "search WORDS in all features; a number opens one",
    "read": "mark this feature as read",
    "undo": "take back the last star, mark, read or unread",
    "unread": "mark this feature as unread",
    "where": "how far you are, and under which heading",
    "caption": "all about the picture near by",
    "links": "the links said so far, and where they lead",
    "note": "note 2: what the second footnote says",
    "mark": "mark A: keep this spot under a letter",
    "go": "go A: go to that spot; go alone: all spots that are kept",
    "add": "add ADDRESS or add PATH: take a page or a file into the library",
    "sync": "ask the feeds that are due for new features; sync all: every feed",
    "stop": "end adding and asking feeds; what came stays",
    "top": "the beginning",
    "end": "the last page",
}
"""Every order, in the order of their importance, and what it does."""
MENU = ("next", "find", "contents", "open", "back", "star", "list", "help", "quit")
"""Those that the first prompt names."""
_LETTERS = {name[0]: name for name in reversed(HELP)} | {"?": "help", "s": "star", "m": "mark"}


class Order(NamedTuple):
    """What was typed: an order and what follows it."""

    name: str
    """A name of `HELP`, "number" for a number alone, or nothing where none was meant."""
    rest: str
    candidates: tuple[str, ...] = ()
    """What could have been meant, where that is more than one."""


def order(typed: str) -> Order:
    """What a line means: a word, its beginning or its first letter, in any case; nothing is `next`."""
    if typed.startswith("/"):
        return Order("find", typed[1:].strip())
    word, _, rest = typed.partition(" ")
    word, rest = word.lower(), rest.strip()
    if not word:
        return Order("next", "")
    if number(word) is not None and not rest:
        return Order("number", word)
    if word in HELP:
        return Order(word, rest)
    if word in _LETTERS:
        return Order(_LETTERS[word], rest)
    meant = tuple(name for name in HELP if name.startswith(word))
    return Order(meant[0] if len(meant) == 1 else "", rest, meant)


def number(text: str) -> int | None:
    """The number that a text is; None if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
