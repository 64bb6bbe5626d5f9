"""The child in which outside bytes are read; see `pulse_tui.acquire.apart`.

It is this interpreter, `python -m pulse_tui.acquire.child TASK`: it reads a line of JSON and the bytes from
its standard input, and writes a line of JSON, a text and perhaps some parts as they are: base64 within JSON
would hold a book's pictures four times.  It knows nothing of the interface, and may write no file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO

from pulse_tui.acquire.apart import LARGEST, PARTS, SERVE, Made, too_much

Task = Callable[[bytes, Mapping[str, str]], Made]


def main() -> int:
    """Be the child: read the task and its bytes, and write what came of it."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name == SERVE:
        return _serve()
    head = json.loads(sys.stdin.buffer.readline())
    memory = int(head["memory"])
    _limit(memory, float(head["seconds"]))
    _do(name, sys.stdin.buffer.read, head["arguments"], memory, sys.stdout.buffer)
    return 0


def _serve() -> int:
    """Do one task after another, as they come: a line of JSON, and as many bytes as that says."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # so that nothing gets between the answers
    limited = False
    while line := source.readline():
        head = json.loads(line)
        memory = int(head["memory"])
        if not limited:
            _limit(memory)
            limited = True
        _limit_time(float(head["seconds"]))
        _do(head["task"], partial(source.read, int(head["size"])), head["arguments"], memory, out)
    return 0


def _do(
    name: str, read: Callable[[], bytes], arguments: Mapping[str, str], memory: int, out: IO[bytes]
) -> None:
    """Do a task, and write what came of it."""
    fault, made = "", Made("")
    try:
        made = _TASKS[name](read(), arguments)
        text = made.text.encode("utf-8", "replace")
    except MemoryError:
        fault = too_much(memory)
    except Exception as error:
        fault = _sentence(error)
    else:
        sizes = [len(text), *map(len, made.parts)]
        if sizes[0] > LARGEST:
            fault = f"What is in it is longer than {LARGEST // 2**20} MiB, and is not kept."
        elif sum(sizes[1:]) > PARTS:
            fault = f"What is in it is larger than {PARTS // 2**20} MiB, and is not kept."
    if fault:
        out.write(json.dumps({"fault": fault}).encode() + b"\n")
    else:
        out.write(json.dumps({"sizes": sizes}).encode() + b"\n")
        for block in (text, *made.parts):
            out.write(block)
    out.flush()


def _page(data: bytes, arguments: Mapping[str, str]) -> Made:
    from pulse_tui.acquire.page import read_page

    return Made(read_page(data, arguments.get("address", ""), arguments.get("charset", "")).to_json())


def _text(data: bytes, arguments: Mapping[str, str]) -> Made:
    from pulse_tui.acquire.markdown.plain_text import read_text
    from pulse_tui.acquire.page.tree import decode

    text = decode(data, arguments.get("charset", ""))
    return Made(read_text(text, arguments.get("address", "")).to_json())


def _epub(data: bytes, arguments: Mapping[str, str]) -> Made:
    from pulse_tui.acquire.books.epub import read_epub
    from pulse_tui.acquire.markdown.html import to_markdown

    book = read_epub(Path(arguments["path"]) if "path" in arguments else data, to_markdown)
    values = book._asdict()
    values["published"] = book.published.isoformat() if book.published else None
    values["chapters"] = [chapter.to_json() for chapter in book.chapters]
    values["pictures"] = list(book.pictures)
    values["notices"] = [notice.text for notice in book.notices]
    return Made(json.dumps(values), tuple(book.pictures.values()))


def _picture(data: bytes, arguments: Mapping[str, str]) -> Made:
    """Several pictures at once, since loading what reads them takes longer than most of them."""
    from pulse_tui.acquire.pictures.raster import PictureError, made_small

    parts: list[bytes] = []
    faults: list[str] = []
    at = 0
    for size in map(int, arguments["sizes"].split()):
        try:
            parts.append(made_small(data[at : at + size]))
            faults.append("")
        except PictureError as error:
            parts.append(b"")
            faults.append(str(error))
        at += size
    return Made(json.dumps(faults), tuple(parts))


def _feed(data: bytes, arguments: Mapping[str, str]) -> Made:
    from pulse_tui.acquire.feeds.entries import take_feed

    return Made(take_feed(data, arguments))


def _links(data: bytes, arguments: Mapping[str, str]) -> Made:
    from pulse_tui.acquire.feeds.discovery import feeds_of

    return Made(json.dumps(feeds_of(data, arguments["address"])))


_TASKS: Mapping[str, Task] = {
    "page": _page,
    "text": _text,
    "epub": _epub,
    "picture": _picture,
    "feed": _feed,
    "links": _links,
}


def _limit(memory: int, seconds: float | None = None) -> None:
    """Bound this process, as far as the system can: memory, processor time, files written, core dumps."""
    import resource

    _give_way()
    limits: list[tuple[int, int]] = [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]
    if seconds is not None:
        limits.append((resource.RLIMIT_CPU, int(seconds) + 2))
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        try:
            resource.setrlimit(which, (most, most))
        except (ValueError, OSError):
            # macOS has no limit of address space; the wall limit stands.
            continue


def _give_way() -> None:
    """Be as nice as the parent is: Linux weighs each session anew, see sched(7), "The autogroup feature"."""
    import os
    from contextlib import suppress

    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    if niceness > 0:
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def _limit_time(seconds: float) -> None:
    """Bound the processor time of this process to so many seconds from now."""
    import resource
    from contextlib import suppress

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most if hard < 0 else min(most, hard), hard))


def _sentence(error: Exception) -> str:
    """An error as a sentence: refusals are written as such, everything else is this program's fault."""
    from pulse_tui.acquire.markup import RefusedError
    from pulse_tui.acquire.page.tree import PageError
    from pulse_tui.text import clean_line

    if isinstance(error, (PageError, RefusedError)):
        return clean_line(str(error))
    if isinstance(error, OSError):
        return f"It could not be read: {(error.strerror or 'unknown fault').lower()}."
    name = type(error).__name__
    return f"It could not be read: the reader failed with {name}, which is a fault of this program."


if __name__ == "__main__":
    sys.exit(main())
