"""The reading state, out of the program and into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from pulse_tui.commands.output import STANDARD_STREAM, Exit, complain, reason
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError, RepositoryError
from pulse_tui.text import counted

if TYPE_CHECKING:
    from pulse_tui.storage.state.jsonl import Parcel
    from pulse_tui.storage.state.state import StateStore
    from pulse_tui.storage.state.subscriptions import SubscriptionStore


def export_state(state: StateStore, followed: SubscriptionStore, path: str) -> int:
    """Write the reading state as JSON Lines to a file, whole or not at all, or to standard output.

    Raises:
        RepositoryError: the file cannot be written.
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
    said = _state_in_words(len(records), sum(spot.value is not None for _, spot in marks))
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
    said = _state_in_words(len(parcel.reading.articles), len(parcel.reading.marks))
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
                raise ArticleUnreadableError("standard input is closed; name a file instead")
            return jsonl.read(lines(sys.stdin.buffer), "standard input")
        with open(path, "rb") as file:
            return jsonl.read(lines(file), path)
    except FileNotFoundError as error:
        raise ArticleNotFoundError(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        raise ArticleUnreadableError(f"{path} cannot be read: {reason(error)}.") from error


def write_file(path: str, lines: Iterable[str]) -> None:
    """Write lines to a file, which is replaced as a whole, or to a pipe or a device.

    Raises:
        RepositoryError: it cannot be written.
    """
    from pulse_tui.storage.replacing import replacing

    try:
        regular = os.path.isfile(path) or not os.path.exists(path)
        with replacing(path) if regular else open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except (OSError, ValueError) as error:
        raise RepositoryError(f"{path} cannot be written: {reason(error)}.") from error


def _state_in_words(articles: int, marks: int) -> str:
    return f"The reading state of {counted(articles, 'article')} and {counted(marks, 'mark')} was"


def _with(subscriptions: int) -> str:
    return f", with {counted(subscriptions, 'subscription')}" if subscriptions else ""
