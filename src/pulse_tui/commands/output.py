"""What all commands share: the name of the program, the exit status, and how something is said."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from pulse_tui.text import clean_line

PROGRAM = "pulse-tui"
STANDARD_STREAM = "-"
PLAIN_WIDTH = 72
"""Cells of a line of plain text where there is no terminal to ask."""


class Exit(IntEnum):
    """What the exit status means."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    NETWORK = 4
    UNREADABLE = 5
    INTERRUPTED = 130


class CommandError(Exception):
    """Why a command comes to nothing, as one sentence."""

    def __init__(self, sentence: str, status: Exit) -> None:
        super().__init__(sentence)
        self.status = status


def complain(sentence: str) -> None:
    """Say something to the user, beside the data; to nobody if standard error is closed."""
    if sys.stderr is None:  # for print that would mean standard output
        return
    sentence = clean_line(sentence)
    try:
        sentence.encode(sys.stderr.encoding or "utf-8", "surrogateescape")
    except UnicodeEncodeError:
        sentence = sentence.translate(dict.fromkeys(map(ord, "“”"), '"'))
    print(f"{PROGRAM}: {sentence}", file=sys.stderr)


def expect_input() -> None:
    """Tell whoever sits at a terminal that what is typed there is waited for."""
    if sys.stdin.isatty():
        complain("Reading standard input; Ctrl+D ends it.")


def print_lines(lines: Iterable[str]) -> int:
    """Print lines of text."""
    for line in lines:
        print(line)
    return Exit.DONE


def print_json(found: Sequence[object] | Mapping[str, object]) -> int:
    """Print one list or object as JSON."""
    import json

    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return Exit.DONE


def reason(error: Exception) -> str:
    """What an error of the system says, without its number and path."""
    return getattr(error, "strerror", None) or str(error)
