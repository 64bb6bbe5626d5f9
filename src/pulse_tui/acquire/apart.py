"""Work on outside bytes in a process of its own, which is ended when it takes too long or too much.

A page can be made to keep any parser busy for minutes, and a thread can't be stopped.  What the child does is
in `pulse_tui.acquire.child`; this is the side of whoever wants it done.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from pulse_tui.acquire.feature import Feature, moment_of

if TYPE_CHECKING:
    from pulse_tui.acquire.books.epub import Book

COMMAND = (sys.executable, "-P", "-m", "pulse_tui.acquire.child")
"""What begins a child; then comes a task, or `SERVE`."""
SERVE = "-"
"""In the place of a task: those that its standard input names, one after another; see `sync.workers`."""
SECONDS = 30.0
"""The wall limit."""
MEMORY = 448 * 1024 * 1024
"""Bytes of address space."""
LARGEST = 32 * 1024 * 1024
"""Bytes of a result's text."""
PARTS = 160 * 1024 * 1024
"""Bytes of all its parts."""
_HEAD = 1024 * 1024
"""Bytes of the line before a result."""


class Made(NamedTuple):
    """What a task makes of its bytes."""

    text: str
    parts: tuple[bytes, ...] = ()


class ChildError(Exception):
    """Why there is no result: one sentence for whoever wanted it."""


def read_page_apart(
    data: bytes, address: str, charset: str = "", *, seconds: float = SECONDS, memory: int = MEMORY
) -> Feature:
    """The feature on a page, read in a child process.

    Raises:
        ChildError: the page is refused, or reading it passed a limit.
    """
    return _feature("page", data, address, charset, seconds, memory)


def read_text_apart(
    data: bytes, address: str = "", charset: str = "", *, seconds: float = SECONDS, memory: int = MEMORY
) -> Feature:
    """The feature in a plain text, read in a child process.

    Raises:
        ChildError: the text is refused, or reading it passed a limit.
    """
    return _feature("text", data, address, charset, seconds, memory)


def _feature(task: str, data: bytes, address: str, charset: str, seconds: float, memory: int) -> Feature:
    arguments = {"address": address, "charset": charset}
    return Feature.from_json(ask(task, data, arguments, seconds=seconds, memory=memory).text)


def read_epub_apart(source: bytes | Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> Book:
    """A book, read in a child process; its pictures are as they stand in the book.

    A path is better than bytes: neither process then holds the book as a whole.

    Raises:
        ChildError: the book is refused, or reading it passed a limit.
    """
    if isinstance(source, Path):
        return _book(ask("epub", b"", {"path": str(source.absolute())}, seconds=seconds, memory=memory))
    return _book(ask("epub", source, {}, seconds=seconds, memory=memory))


def _book(made: Made) -> Book:
    """The book that the child made."""
    from pulse_tui.acquire.books.epub import Book
    from pulse_tui.article import Notice

    values = json.loads(made.text)
    values["authors"] = tuple(values["authors"])
    values["published"] = moment_of(values["published"])
    values["chapters"] = tuple(Feature.from_json(chapter) for chapter in values["chapters"])
    values["pictures"] = dict(zip(values["pictures"], made.parts, strict=True))
    values["notices"] = tuple(Notice(text) for text in values["notices"])
    return Book(**values)


def ask(
    task: str,
    data: bytes,
    arguments: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    command: Sequence[str] = (),
) -> Made:
    """What a task makes of the bytes, in a child process that `command` begins.

    Raises:
        ChildError: the task refused the bytes, failed, or passed a limit.
    """
    import subprocess
    from threading import Event, Thread, Timer

    head = json.dumps({"arguments": dict(arguments), "memory": memory, "seconds": seconds})
    late = Event()
    with subprocess.Popen(
        [*(command or COMMAND), task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None

        def end() -> None:
            late.set()
            child.kill()

        timer = Timer(seconds, end)
        # It answers before it has read all where it refuses, so that nothing may be written here first.
        writer = Thread(target=_give, args=(child.stdin, head.encode() + b"\n", data), daemon=True)
        try:
            timer.start()
            writer.start()
            made = answer_of(child.stdout)
            if made is None:
                child.wait()
        finally:
            # Whatever ended the wait, an interrupt of the reader's included, the child ends too.
            timer.cancel()
            if child.poll() is None:
                child.kill()
            child.wait()
            if writer.ident is not None:
                writer.join()
    if isinstance(made, Made):
        return made
    if late.is_set():
        raise ChildError(too_long(seconds))
    raise ChildError(made or how_it_ended(child.returncode, memory))


def _give(pipe: IO[bytes], head: bytes, data: bytes) -> None:
    from contextlib import suppress

    # A child that has gone says why by its answer.
    with suppress(OSError), pipe:
        pipe.write(head)
        pipe.write(data)


def answer_of(pipe: IO[bytes]) -> Made | str | None:
    """What a child answers: a result, a sentence on why there is none, or nothing that is whole."""
    try:
        head = json.loads(pipe.readline(_HEAD))
        fault, sizes = head.get("fault"), head.get("sizes")
    except (ValueError, AttributeError, RecursionError):
        return None
    if isinstance(fault, str) and fault:
        return fault
    if not isinstance(sizes, list) or not sizes or not all(isinstance(s, int) and s >= 0 for s in sizes):
        return None
    if sizes[0] > LARGEST or sum(sizes[1:]) > PARTS:
        return None
    blocks = [pipe.read(size) for size in sizes]
    if [len(block) for block in blocks] != sizes:
        return None
    return Made(blocks[0].decode("utf-8", "replace"), tuple(blocks[1:]))


def too_long(seconds: float) -> str:
    """What is said of bytes that take too much time."""
    return f"Reading this took longer than {seconds:g} seconds and was given up."


def too_much(memory: int) -> str:
    """What is said of bytes that take too much memory."""
    return f"Reading this takes more than {memory // 2**20} MiB of memory and was given up."


def how_it_ended(code: int | None, memory: int) -> str:
    """Why a child gave no answer, by its exit status."""
    if code is not None and code < 0:
        import signal

        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        if name == "SIGXCPU":
            return "Reading this took too much processor time and was given up."
        return f"Reading this ended with {name}, most likely for want of memory ({memory // 2**20} MiB)."
    return "Reading this ended without a result; the file may be made to break readers."
