"""Bytes to a terminal: a terminal that takes nothing stops nobody else.

What it takes without waiting is written at once; the rest by a thread, which may wait.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


class Output:
    """Writes to a file descriptor in the order given.

    `drained` is called in the writing thread whenever all is written that was left to it.
    """

    def __init__(self, descriptor: int, drained: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._direct = _opened_again(descriptor)
        self._drained = drained
        self._waiting = bytearray()
        self._busy = False
        self._closed = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="output", daemon=True).start()

    @property
    def idle(self) -> bool:
        """Whether the terminal has taken everything."""
        return not self._busy

    def write(self, data: bytes) -> None:
        """Give bytes to be written; never waits."""
        with self._changed:
            if not self._busy and self._direct is not None:
                data = _written_now(self._direct, data)
                if not data:
                    return
            self._waiting += data
            self._busy = True
            self._changed.notify_all()

    def drain(self, seconds: float) -> bool:
        """Wait until all is written, for so long at most; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def close(self, seconds: float) -> None:
        """Write what is left, if the terminal takes it in time, and end."""
        self.drain(seconds)
        with self._changed:
            self._closed = True
            if self._direct is not None:
                os.close(self._direct)
                self._direct = None
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                data = bytes(self._waiting)
                self._waiting.clear()
            self._write(data)
            with self._changed:
                self._busy = bool(self._waiting)
                drained = not self._busy
                self._changed.notify_all()
            if drained:
                self._drained()

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                # Somebody else made the terminal non-blocking: they share it.
                import select

                select.select([], [self._descriptor], [], 1)
            except OSError:
                return  # there is no terminal any more, which others notice


def _opened_again(descriptor: int) -> int | None:
    """A descriptor of the same terminal that never waits; None where there is none.

    The given one is not to be changed: it is shared with other programs.
    """
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None


def _written_now(descriptor: int, data: bytes) -> bytes:
    """Write what is taken without waiting; what is left."""
    try:
        return data[os.write(descriptor, data) :]
    except OSError:
        return data
