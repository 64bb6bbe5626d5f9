"""The reading state, out of the program and into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from pulse_tui.commands.output import (
    PROGRAM,
    STANDARD_STREAM,
    CommandError,
    Exit,
    complain,
    expect_input,
    reason,
)
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError, RepositoryError, Spot
from pulse_tui.text import counted

if TYPE_CHECKING:
    from pulse_tui.storage.state.jsonl import Parcel
    from pulse_tui.storage.state.record import Stamped
    from pulse_tui.storage.state.state import StateStore
    from pulse_tui.storage.state.subscriptions import SubscriptionStore


def export_state(state: StateStore, followed: SubscriptionStore, path: str) -> int:
    """Write the reading state as JSON Lines to a file, whole or not at all, or to standard output.

    Raises:
        CommandError: the file cannot be written.
    """
    from pulse_tui.storage.state import jsonl

    records, marks = state.records(), state.stamped_marks()
    try:
        subscriptions, taken = followed.subscriptions(), followed.taken_rows()
        fault = None
    except RepositoryError as error:
        subscriptions, taken, fault = [], iter(()), error
    lines = jsonl.written(records, marks, subscriptions, taken)
    if path == STANDARD_STREAM:
        for line in lines:
            print(line)
    else:
        write_file(path, lines)
    said = _state_in_words(len(records), _standing(spot for _, spot in marks))
    complain(f"{said} exported{_with(sum(not each.removed for each in subscriptions))}.")
    for notice in (state.notice, followed.notice, fault):
        if notice is not None:
            complain(str(notice))
    done = fault is None and (state.notice is None or records or marks)
    return Exit.DONE if done else Exit.FAILURE


def import_state(state: StateStore, followed: SubscriptionStore, path: str) -> int:
    """Take in a reading state from JSON Lines: all of it, field by field what changed last, or nothing.

    Raises:
        RepositoryError: the file cannot be read, is malformed, or what is in it cannot be kept.
    """
    parcel = _read(path)
    state.merge(parcel.reading)
    state.save()
    if not state.is_saved:
        raise RepositoryError(str(state.notice))
    followed.merge(parcel.following)
    said = _state_in_words(len(parcel.reading.articles), _standing(parcel.reading.marks.values()))
    complain(f"{said} imported{_with(sum(not each.removed for each in parcel.following.subscriptions))}.")
    return Exit.DONE


def _read(path: str) -> Parcel:
    from pulse_tui.storage.state import jsonl

    def lines(file: BinaryIO) -> Iterator[bytes]:
        while line := file.readline(jsonl.LINE + 1):  # one that is cut off here is refused for its length
            yield line

    try:
        if path == STANDARD_STREAM:
            if sys.stdin is None:
                raise ArticleUnreadableError("Standard input is closed: name a file instead.")
            expect_input()
            return jsonl.read(lines(sys.stdin.buffer), "standard input")
        with open(path, "rb") as file:
            return jsonl.read(lines(file), path)
    except FileNotFoundError as error:
        raise ArticleNotFoundError(
            f"There is no file “{path}”: check its name; “{PROGRAM} export --state FILE” makes one."
        ) from error
    except (OSError, ValueError) as error:
        raise ArticleUnreadableError(cannot_be_read(path, error)) from error


def cannot_be_read(path: str, error: Exception) -> str:
    """What is said of a file that is there and cannot be read."""
    return f"“{path}” cannot be read ({reason(error)}): see that it may be, or name another file."


def write_file(path: str, lines: Iterable[str]) -> None:
    """Write lines to a file, which is replaced as a whole, or to a pipe or a device.

    Raises:
        CommandError: it cannot be written.
    """
    from pulse_tui.storage.replacing import replacing

    try:
        regular = os.path.isfile(path) or not os.path.exists(path)
        with replacing(path) if regular else open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except (OSError, ValueError) as error:
        sentence = f"“{path}” cannot be written ({reason(error)}): see that its folder is there and has room"
        raise CommandError(f"{sentence}, or name another file.", Exit.FAILURE) from error


def _standing(marks: Iterable[Stamped[Spot | None]]) -> int:
    """How many marks are set; of those that were taken away it is only kept when that was."""
    return sum(mark.value is not None for mark in marks)


def _state_in_words(articles: int, marks: int) -> str:
    return f"The reading state of {counted(articles, 'article')} and {counted(marks, 'mark')} was"


def _with(subscriptions: int) -> str:
    return f", with {counted(subscriptions, 'subscription')}" if subscriptions else ""
