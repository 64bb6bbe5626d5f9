"""Leave the terminal as it was and the reader's state on disk, whatever ends the program."""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

# Off: the scrolling region and margins, mouse reports (xterm's 1000-1006, 1015, 1016), focus reports,
# bracketed paste, synchronized output, in-band resize, the alternate screen.  On: line wrap, the cursor.
# Then the kitty keyboard protocol's stack is popped and colours are reset.  xterm's control sequences:
# https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
RESTORE = (
    b"\x1b[r\x1b[?69l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    b"\x1b[?2004l\x1b[?2026l\x1b[?2048l\x1b[<u\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m"
)
GRACE_SECONDS = 2.0
"""How long an orderly way out may take before the process ends at once."""
_LAST_SAVE_SECONDS = 0.5
"""How long the process then waits for what was noted since."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Leaving:
    """Turns SIGTERM, SIGHUP, SIGINT and a lost terminal into an orderly way out, with an end to its patience.

    `leave` is told the signal's number; it is called in the main thread for a signal, in another one
    for a terminal that is gone, and once at the most.  `save` is called from threads of its own: as
    soon as anything asks for the end, because whatever comes next may wait for a terminal that takes
    nothing, and again before patience ends.
    """

    def __init__(
        self,
        terminal: int,
        leave: Callable[[int], None],
        save: Callable[[], None],
        attributes: list[Any] | None = None,
    ) -> None:
        """`attributes` are the line's as they shall be at the end; those of now if it is None."""
        self._terminal = terminal
        self._leave = leave
        self._save = save
        self._attributes = attributes or termios.tcgetattr(terminal)
        self.status: int | None = None
        """The exit status that a signal asks for, as a shell has it; None without one."""
        self._done = threading.Event()

    def __enter__(self) -> Leaving:
        self._handlers = [(number, signal.signal(number, self._on_signal)) for number in _SIGNALS]
        threading.Thread(target=self._watch, name="hang-up", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for number, handler in self._handlers:
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._begin(number)

    def _begin(self, number: int) -> None:
        if self.status is None:
            self.status = 128 + number
            self.hurry(self.status)
            self._leave(number)

    def hurry(self, status: int) -> None:
        """Save, and end the process with this exit status if the orderly way out takes too long.

        It does where the terminal takes no output, or a thread waits for a file that does not come.
        """
        self._start_saving()
        threading.Thread(target=self._insist, args=(status,), name="leaving", daemon=True).start()

    def _insist(self, status: int) -> None:
        if not self._done.wait(GRACE_SECONDS):
            self._start_saving().join(_LAST_SAVE_SECONDS)
            self.restore()
            os._exit(status)

    def _start_saving(self) -> threading.Thread:
        # A thread, because a signal may come while the one that it interrupts holds what saving needs.
        saving = threading.Thread(target=self._save, name="saving", daemon=True)
        saving.start()
        return saving

    def _watch(self) -> None:
        """Notice that the terminal is gone even where SIGHUP is ignored."""
        poll = select.poll()
        poll.register(self._terminal, 0)
        while not self._done.is_set():
            for _, event in poll.poll(1000):
                if event & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                    self._begin(signal.SIGHUP)
                    return

    def restore(self) -> None:
        """Put the terminal's modes and attributes back, without waiting for it."""
        try:
            termios.tcsetattr(self._terminal, termios.TCSANOW, self._attributes)
            os.set_blocking(self._terminal, False)
            try:
                os.write(self._terminal, RESTORE)
            finally:
                os.set_blocking(self._terminal, True)  # others read from the same open file
        except (OSError, termios.error):
            return  # there is no terminal any more, or it takes nothing
