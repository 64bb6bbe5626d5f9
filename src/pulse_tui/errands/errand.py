"""One errand at work: a child process, and a thread here that listens to it.

A child is ended with the reader, whatever ends that: by a signal, and if it heeds none by SIGKILL; where
the reader itself is killed the child meets a closed pipe with the next line that it writes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from pulse_tui.errands.events import FaultError, Standing, event_of
from pulse_tui.text import clean_line, truncate

if TYPE_CHECKING:
    import subprocess

_NICENESS = 5
"""As of `nice`; what a child starts has it, too."""
_TICK = 0.25
"""Seconds between two looks at a child that is silent."""
_CHUNK = 16 * 1024
_PAUSE = 0.02
"""Seconds after each chunk of bytes, so that a child that floods takes no time from the keys."""
_LONGEST = 64 * 1024
"""Bytes of a line."""
_SAID = 4 * 1024
"""Bytes that are kept of what a child complains of."""
_LONGEST_SENTENCE = 300
"""Cells."""
_NO_REPORT = "The errand reported what makes no sense, which is a fault of this program."


class Errand:
    """One command at work; `over` is called once, in a thread, when it is not any more.

    `patience` and `grace` are those of `Errands`, in seconds.
    """

    def __init__(
        self,
        command: Sequence[str],
        over: Callable[[Errand], None],
        *,
        patience: float,
        grace: float,
        source: str = "",
        every: bool = False,
    ) -> None:
        self.source = source
        """What is added; empty where feeds are asked."""
        self.every = every
        """Whether all feeds are asked, not only those that are due."""
        self.standing = Standing()
        """How it stands, replaced whole with each report."""
        self._command = command
        self._over = over
        self._patience = patience
        self._grace = grace
        self._ending = Event()
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None
        self._rest = b""
        """The beginning of a line that has not come to its end."""

    def start(self) -> None:
        """Begin."""
        self._thread = Thread(target=self._run, name="errand", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Have it end, without waiting for that."""
        self._ending.set()
        self._signal(signal.SIGTERM)

    def wait(self) -> None:
        """Wait until it has ended, for little more than the grace it has."""
        if self._thread is not None:
            self._thread.join(2 * self._grace)

    @property
    def was_stopped(self) -> bool:
        """Whether somebody had it end before it was done."""
        return self._ending.is_set() and self.standing.end is None

    # -- In its thread

    def _run(self) -> None:
        fault = self._work()
        told_why = self.source and self.standing.failed
        if self.standing.end is not None or told_why or self._ending.is_set():
            fault = ""
        self.standing = self.standing._replace(over=True, fault=fault)
        self._over(self)

    def _work(self) -> str:
        """Run the command; why it ended, as far as that is known."""
        import subprocess

        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"The errand could not be started: {getattr(error, 'strerror', None) or error}."
        _give_way(process.pid)
        with self._lock:
            self._process = process
        complaint, fault = b"", ""
        try:
            if not self._ending.is_set():
                complaint = self._listen(process)
        except FaultError as error:
            fault = str(error) or _NO_REPORT
        finally:
            self._finish(process, at_once=bool(fault))
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        return fault or how_it_ended(process.returncode, complaint)

    def _listen(self, process: subprocess.Popen[bytes]) -> bytes:
        """Take all that it reports; returns the end of what it complains of.

        Raises:
            FaultError: it reports nonsense, or nothing for long.
        """
        import selectors

        assert process.stdout is not None
        assert process.stderr is not None
        out, complaint = process.stdout.fileno(), b""
        heard = monotonic()
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdout, process.stderr):
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map() and not self._ending.is_set():
                ready = selector.select(_TICK)
                for key, _ in ready:
                    data = os.read(key.fd, _CHUNK)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fd == out:
                        heard = monotonic()
                        self._take(data)
                        self._ending.wait(_PAUSE)
                    else:
                        complaint = (complaint + data)[-_SAID:]
                if not ready and process.poll() is not None:
                    break  # somebody else holds its pipes
                if monotonic() - heard > self._patience:
                    raise FaultError(f"Nothing was heard of it for {self._patience:g} seconds.")
        return complaint

    def _take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if any(len(line) > _LONGEST for line in (*lines, self._rest)):
            raise FaultError
        standing = self.standing
        for line in lines:
            event = event_of(line)
            standing = standing.after(event) if event is not None else standing
        self.standing = standing

    def _finish(self, process: subprocess.Popen[bytes], *, at_once: bool) -> None:
        """See that it ends, and whatever it has started in its session."""
        import subprocess

        if at_once:
            self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(self._grace)
        with self._lock:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            self._process = None
        process.wait()

    def _signal(self, number: int) -> None:
        with self._lock:
            if self._process is not None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, number)


def _give_way(pid: int) -> None:
    """Let the reader's keys go before what a child does.

    Linux weighs sessions against each other, and niceness only within one: sched(7), "The autogroup feature".
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(_NICENESS))


def how_it_ended(status: int, complaint: bytes) -> str:
    """Why a child ended that did not say so itself, as a sentence."""
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        return f"The errand was ended by {name}."
    lines = [clean_line(line) for line in complaint.decode("utf-8", "replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return truncate(last.removeprefix("pulse-tui: "), _LONGEST_SENTENCE) or (
        f"The errand ended with the status {status} and without a word."
    )
