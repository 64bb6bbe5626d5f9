"""The reading state, out of the program and into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pulse_tui.commands.output import STANDARD_STREAM, Exit, complain, counted, reason
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError, RepositoryError

if TYPE_CHECKING:
    from pulse_tui.storage.state.state import StateStore


def export_state(state: StateStore, path: str) -> int:
    """Write the reading state as JSON Lines to a file, whole or not at all, or to standard output.

    Raises:
        RepositoryError: the file cannot be written.
    """
    from pulse_tui.storage.state import jsonl

    records, marks = state.records(), state.stamped_marks()
    lines = jsonl.written(records, marks)
    if path == STANDARD_STREAM:
        for line in lines:
            print(line)
    else:
        _write_file(path, lines)
    complain(f"{_state_in_words(len(records), sum(spot.value is not None for _, spot in marks))} exported.")
    if state.notice is None:
        return Exit.DONE
    complain(str(state.notice))
    return Exit.DONE if records or marks else Exit.FAILURE


def import_state(state: StateStore, path: str) -> int:
    """Take in a reading state from JSON Lines: all of it, field by field what changed last, or nothing.

    Raises:
        RepositoryError: the file cannot be read, is malformed, or what is in it cannot be kept.
    """
    from pulse_tui.storage.state import jsonl

    try:
        if path == STANDARD_STREAM:
            if sys.stdin is None:
                raise ArticleUnreadableError("standard input is closed; name a file instead")
            changes = jsonl.read(sys.stdin.buffer, "standard input")
        else:
            with open(path, "rb") as file:
                changes = jsonl.read(file, path)
    except FileNotFoundError as error:
        raise ArticleNotFoundError(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        raise ArticleUnreadableError(f"{path} cannot be read: {reason(error)}.") from error
    state.merge(changes)
    state.save()
    if not state.is_saved:
        raise RepositoryError(str(state.notice))
    complain(f"{_state_in_words(len(changes.articles), len(changes.marks))} imported.")
    return Exit.DONE


def _write_file(path: str, lines: Iterable[str]) -> None:
    """Write a file under another name first, so that an older export outlives a full disk."""
    try:
        regular = os.path.isfile(path) or not os.path.exists(path)
        target = f"{path}.{os.getpid()}.part" if regular else path
        try:
            with open(target, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            if regular:
                os.replace(target, path)
        except BaseException:
            if regular and os.path.exists(target):
                os.unlink(target)
            raise
    except (OSError, ValueError) as error:
        raise RepositoryError(f"{path} cannot be written: {reason(error)}.") from error


def _state_in_words(articles: int, marks: int) -> str:
    return f"The reading state of {counted(articles, 'article')} and {counted(marks, 'mark')} was"
