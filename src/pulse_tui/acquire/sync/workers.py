"""Child processes that stay, for runs that read hundreds of outside files.

A child of its own for each feed would cost a seventh of a second of processor time each, most of it
imports; here a child reads one after another, and is ended when it takes too long or too much.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import LifoQueue
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from threading import Lock, Timer

from pulse_tui.acquire.apart import (
    COMMAND,
    MEMORY,
    SECONDS,
    SERVE,
    ChildError,
    Made,
    answer_of,
    how_it_ended,
    too_long,
    too_much,
)

COUNT = 2
_TASKS = 500
"""Tasks that a child does before another takes its place, since its memory only ever grows."""
_ENDING = 1.0
"""Seconds from a child's last word to its end."""


class Workers:
    """Some children that do tasks of `acquire.child` for any number of threads; a context manager."""

    def __init__(self, count: int = COUNT, *, memory: int = MEMORY, command: Sequence[str] = ()) -> None:
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        self._memory = memory
        self._command = command or (*COMMAND, SERVE)
        self._lock = Lock()
        self._started: set[_Worker] = set()
        self._closed = False

    def run(self, task: str, data: bytes, arguments: Mapping[str, str], *, seconds: float = SECONDS) -> Made:
        """What a task makes of the bytes, as soon as a child is free.

        Raises:
            ChildError: the task refused the bytes, failed, or passed a limit.
        """
        worker = self._idle.get()
        try:
            while True:
                fresh = worker is None or not worker.done
                if worker is None:
                    worker = self._start()
                answer = worker.do(task, data, arguments, seconds)
                if worker.is_spent or worker.done >= _TASKS:
                    again = worker.is_spent and not worker.expired and not fresh
                    self._end(worker)
                    worker = None
                    if again and not self._closed:
                        continue  # what it had read before may have left it too little memory
                break
        except BaseException:
            if worker is not None:
                self._end(worker)
                worker = None
            raise
        finally:
            self._idle.put(worker)
        if isinstance(answer, str):
            raise ChildError(answer)
        return answer

    def close(self) -> None:
        """End all children, those that are at work too: their tasks fail."""
        with self._lock:
            self._closed = True
            started = list(self._started)
        for worker in started:
            self._end(worker)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise ChildError("Reading this was given up, because the program ends.")
            worker = _Worker(self._command, self._memory)
            self._started.add(worker)
        return worker

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            self._started.discard(worker)
        worker.end()


class _Worker:
    """One child."""

    def __init__(self, command: Sequence[str], memory: int) -> None:
        self._memory = memory
        self._child = Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True)
        self.done = 0
        self.expired = False
        """Whether it was ended because it took too long."""
        self.is_spent = False
        """Whether it can do no more."""

    def do(self, task: str, data: bytes, arguments: Mapping[str, str], seconds: float) -> Made | str:
        """What came of a task; where nothing did, a sentence on why."""
        head = {"task": task, "arguments": dict(arguments), "seconds": seconds}
        head |= {"size": len(data), "memory": self._memory}
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        answer: Made | str | None = None
        timer = Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            with suppress(OSError, ValueError):  # it has ended, which the missing answer says
                self._child.stdin.write(json.dumps(head).encode() + b"\n")
                self._child.stdin.write(data)
                self._child.stdin.flush()
                answer = answer_of(self._child.stdout)
        finally:
            timer.cancel()
        self.done += 1
        if answer is None:
            self.is_spent = True
            return self._how_it_ended(seconds)
        # One that ran out of memory may have lost its place in what comes in.
        self.is_spent = self.expired or answer == too_much(self._memory)
        return answer

    def end(self) -> None:
        """End the child."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()

    def _expire(self) -> None:
        self.expired = True
        self._child.kill()

    def _how_it_ended(self, seconds: float) -> str:
        if self.expired:
            return too_long(seconds)
        try:
            code = self._child.wait(_ENDING)
        except TimeoutExpired:  # it goes on, and has said what makes no sense
            code = None
        return how_it_ended(code, self._memory)
