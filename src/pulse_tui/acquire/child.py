"""Work on outside bytes in a process of its own, which is ended when it takes too long or too much.

A page can be made to keep any parser busy for minutes, and a thread can't be stopped.  The child is this
interpreter, `python -m pulse_tui.acquire.child TASK`: it reads a line of JSON and the bytes from its standard
input, and writes one object of JSON.  It knows nothing of the interface, and may write no file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence

from pulse_tui.acquire.feature import Feature

SECONDS = 30.0
"""The wall limit."""
MEMORY = 448 * 1024 * 1024
"""Bytes of address space."""
_LARGEST = 32 * 1024 * 1024
"""Bytes of a result."""

Task = Callable[[bytes, Mapping[str, str]], str]


class ChildError(Exception):
    """Why there is no result: one sentence for whoever wanted it."""


def read_page_apart(
    data: bytes, address: str, charset: str = "", *, seconds: float = SECONDS, memory: int = MEMORY
) -> Feature:
    """The feature on a page, read in a child process.

    Raises:
        ChildError: the page is refused, or reading it passed a limit.
    """
    return Feature.from_json(
        run("page", data, {"address": address, "charset": charset}, seconds=seconds, memory=memory)
    )


def run(
    task: str,
    data: bytes,
    arguments: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    command: Sequence[str] = (),
) -> str:
    """The text that a task makes of the bytes, in a child process that `command` begins.

    Raises:
        ChildError: the task refused the bytes, failed, or passed a limit.
    """
    import subprocess

    command = command or (sys.executable, "-P", "-m", "pulse_tui.acquire.child")
    head = json.dumps({"arguments": dict(arguments), "memory": memory, "seconds": seconds})
    with subprocess.Popen(
        [*command, task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        try:
            out, _ = child.communicate(head.encode() + b"\n" + data, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise ChildError(
                f"Reading this took longer than {seconds:g} seconds and was given up."
            ) from error
        finally:
            # Whatever ended the wait, an interrupt of the reader's included, the child ends too.
            child.kill()
    try:
        answer = json.loads(out)
        text, fault = answer.get("text"), answer.get("fault")
    except (ValueError, AttributeError) as error:
        raise ChildError(_how_it_ended(child.returncode, memory)) from error
    if isinstance(text, str):
        return text
    raise ChildError(fault if isinstance(fault, str) and fault else _how_it_ended(child.returncode, memory))


def main() -> int:
    """Be the child: read the task and its bytes, and write what came of it."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    head = json.loads(sys.stdin.buffer.readline())
    _limit(int(head["memory"]), float(head["seconds"]))
    answer: dict[str, str] = {}
    try:
        data = sys.stdin.buffer.read()
        text = _TASKS[name](data, head["arguments"])
        if len(text) > _LARGEST:
            answer["fault"] = f"What is in it is longer than {_LARGEST // 2**20} MiB, and is not kept."
        else:
            answer["text"] = text
    except MemoryError:
        answer["fault"] = _too_much(int(head["memory"]))
    except Exception as error:
        answer["fault"] = _sentence(error)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    return 0


def _page(data: bytes, arguments: Mapping[str, str]) -> str:
    from pulse_tui.acquire.page import read_page

    return read_page(data, arguments.get("address", ""), arguments.get("charset", "")).to_json()


def _text(data: bytes, arguments: Mapping[str, str]) -> str:
    from pulse_tui.acquire.page.tree import decode
    from pulse_tui.acquire.plain_text import read_text

    return read_text(decode(data, arguments.get("charset", "")), arguments.get("address", "")).to_json()


_TASKS: Mapping[str, Task] = {"page": _page, "text": _text}


def _limit(memory: int, seconds: float) -> None:
    """Bound this process, as far as the system can: memory, processor time, files written, core dumps."""
    import resource

    limits: tuple[tuple[int, int], ...] = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 2),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        try:
            resource.setrlimit(which, (most, most))
        except (ValueError, OSError):
            # macOS has no limit of address space; the wall limit stands.
            continue


def _sentence(error: Exception) -> str:
    """An error as a sentence: refusals are written as such, everything else is this program's fault."""
    from pulse_tui.acquire.page.tree import PageError
    from pulse_tui.text import clean_line

    if isinstance(error, PageError):
        return clean_line(str(error))
    name = type(error).__name__
    return f"It could not be read: the reader failed with {name}, which is a fault of this program."


def _too_much(memory: int) -> str:
    return f"Reading this takes more than {memory // 2**20} MiB of memory and was given up."


def _how_it_ended(code: int | None, memory: int) -> str:
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


if __name__ == "__main__":
    sys.exit(main())
