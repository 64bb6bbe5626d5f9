"""The framework's driver, sending of each frame only what changed, and no faster than it is drawn.

All that is used of the framework beside its public `Driver` stands here: methods of `LinuxDriver` with a
leading underscore, and the form of what is written to a driver.  `tests/test_driver.py` holds them.
"""

from __future__ import annotations

import asyncio
import os
import re
import select
import signal
import termios
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region, Size
from textual.message import Message
from textual.screen import Screen

from pulse_tui.terminal.capabilities import Capabilities
from pulse_tui.terminal.frames.differ import Differ
from pulse_tui.terminal.frames.flow import QUESTION, Flow
from pulse_tui.terminal.output import Output
from pulse_tui.terminal.probe import Answers
from pulse_tui.terminal.typed import Typed

_is_frame = re.compile(r"\x1b\[\d*;?\d*H").match
_is_mode = re.compile(r"\x1b\[\?(\d+)([hl])")
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_WORTH_SYNC = 1200
"""Bytes from which a frame may be seen to come in pieces: more than a packet holds."""
_HOLD_SECONDS = 0.1
"""How long the first frame may wait for the page to be complete."""
_AGAIN_SECONDS = 1.0
"""How long after the terminal was taken it cannot be lost by a stop."""
_EARLY_SECONDS = 1.0
"""How long keys wait for the first frame at most: nothing before it would know them."""
_SOON_SECONDS = 0.02
_STEADY_SECONDS = 0.08
"""How long no key may have come before what stands beside a scroll is put back: a held one repeats sooner."""
_WHOLE_SECONDS = 1.0
"""How long a frame for a new size may take to come."""
_TICK_SECONDS = 0.1
"""How often it is looked whether an Esc is a key, or the input is to end."""
_ONE_READ = 4096
_DRAIN_SECONDS = 1.0
_ANSWER_SECONDS = 1.5
"""How long answers are waited for at the end; later ones would be typed into the shell."""

# What the framework asks for, and what is sent instead: no pixel mouse, no reports of moves without a
# button or of the window's focus, no keyboard protocol but for telling Escape from a sequence, no pointer
# shapes.
_INSTEAD = {
    "\x1b[?1003h": "\x1b[?1002h",
    "\x1b[?1003l": "\x1b[?1002l",
    "\x1b[?1004h": "",
    "\x1b[?1004l": "",
    "\x1b[?1015h": "",
    "\x1b[?1015l": "",
    "\x1b[?1016h": "",
    "\x1b[?2048$p": "",
    "\x1b[?2048h": "",
    "\x1b[?2026$p": "",
    "\x1b[>25u": "\x1b[>1u",
}
_POINTER = "\x1b]22;"
_ALTERNATE = ("\x1b[?1049h", "\x1b[?1049l")
_KEYBOARD = ("\x1b[>", "\x1b[<u")
_MODERN = ("\x1b[?1000", "\x1b[?1003", "\x1b[?1006", "\x1b[?2004", *_KEYBOARD)
"""What terminals without a second screen are not asked for."""


class FrameDriver(LinuxDriver):
    """Sends differences between frames; merges those that the terminal cannot draw in time."""

    def __init__(
        self,
        app: App[Any],
        capabilities: Capabilities,
        fallback: Callable[[str, int], str] | None,
        answers: Answers,
        attributes: list[Any] | None,
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._can = capabilities
        self._differ = Differ(*self._get_terminal_size(), capabilities, fallback)
        self.flow = Flow()
        self._output: Output | None = None
        self._modes: set[str] = set()
        self._drawn = False
        """Whether something was drawn that has not been sent."""
        self._pages: list[Screen[Any]] = []
        """The screens of the framework that were there when it last drew."""
        self._held = True
        """Whether the first frame waits for the page to be complete."""
        self._late: asyncio.TimerHandle | None = None
        self._hurries = False
        """Whether what stands beside a scroll is put back later, for the line does not keep up."""
        self._typed = answers.typed
        self._stray_answers = int(answers.asked and answers.round_trip is None)
        """Answers to whoever asked before us."""
        self._questions = 0
        """How many answers are still to come."""
        self._answer_came = threading.Condition()
        self._listens = False
        """Whether anybody reads what the terminal sends."""
        self._suspended = False
        self._taken = 0.0
        """When the terminal was taken."""
        self._attributes = attributes
        self._before: str | None = ""
        """What goes out with the first frame; None: that is on its way."""
        self._early: list[Message] | None = []
        """What was typed before there was a page to take it; None: there is one."""
        self._gate = threading.Lock()

    # -- What the framework writes

    def write(self, data: str) -> None:
        """Take a frame, or send what is none."""
        if data in (_SYNC_START, _SYNC_END):
            return
        if _is_frame(data):
            if self._laid_out != self._differ.size:
                self._differ.resize(*self._laid_out)
            self._pages = self._app.screen_stack
            self._differ.draw(data)
            self._drawn = True
        elif passed := self._instead(data):
            self._send(passed)

    def flush(self) -> None:
        """A frame is complete."""
        if self._drawn:
            self._emit()

    def _instead(self, data: str) -> str:
        """What to send for a sequence that is not part of a frame."""
        if data.startswith(_POINTER):
            return ""
        if not self._can.alternate_screen and data.startswith((*_ALTERNATE, *_MODERN)):
            return ""
        passed = _INSTEAD.get(data, data)
        if passed.startswith("\x1b[?") and passed[-1:] in ("h", "l"):
            if passed in self._modes:
                return ""
            self._modes.add(passed)
            self._modes.discard(passed[:-1] + ("l" if passed[-1] == "h" else "h"))
        return passed

    # -- Frames out

    def repaint(self) -> None:
        """Clear the terminal and send the whole screen again."""
        self._differ.forget()
        self._drawn = True
        self._emit()

    def paint(self, region: Region, shift: int, rows: Iterable[tuple[int, str]]) -> bool:
        """Move what stands in a region up, and draw rows over it, without the framework; see `Frames`.

        False where nothing is known of the region, where it is laid out for a size that nothing was drawn
        for, or where a panel that was over it has left and is still to be seen.
        """
        if self._laid_out != self._differ.size or not self._differ.is_whole:
            return False
        if self._pages != self._app.screen_stack:
            return False
        if shift:
            self._differ.shift(*region, shift)
        for y, row in rows:
            self._differ.put(region.x, region.y + y, row)
        self._drawn = True
        self._loop.call_soon(self._emit)  # once for all keys that came together
        return True

    def foresee(self, column: int, row: str) -> None:
        """Read a row that begins in this column of the screen and may be drawn soon."""
        self._differ.foresee(column, row)

    def release(self) -> None:
        """Send the first frame with what is drawn next, or soon."""
        if self._held:
            self._held = False
            self._later(_SOON_SECONDS, self._emit)

    @property
    def _laid_out(self) -> tuple[int, int]:
        """The size that the framework draws for; the terminal may have another one already."""
        return self._app.screen.outer_size

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = self._loop.call_later(seconds, call)

    def _emit(self) -> None:
        """Send what changed, or wait until the terminal can take it."""
        output = self._output
        if output is None or not self._drawn:
            return
        if self._late is not None:
            self._late.cancel()
            self._late = None
        now = monotonic()
        if self._held:
            self._later(_HOLD_SECONDS, self.release)
        elif self._differ.size != self._get_terminal_size():
            return  # what is drawn for the terminal's new size comes soon
        elif not self._differ.is_whole:
            self._later(_WHOLE_SECONDS, self._complete)
        elif not output.idle:
            return  # it says when it is
        elif not self.flow.has_room(now):
            self._hurries = True
            self._later(self.flow.wait(now), self._emit)
        else:
            self._drawn = False
            self._let_in()
            difference = self._differ.difference(hurried=self._hurries)
            if difference:
                self._send_frame(difference, now)
            if self._differ.is_behind:
                self._later(_STEADY_SECONDS, self._catch_up)
            else:
                self._hurries = False

    def _catch_up(self) -> None:
        """Send what was left behind by frames that were in a hurry."""
        self._drawn, self._hurries = True, False
        self._emit()

    def _complete(self) -> None:
        """Take the screen as it is: nothing more comes for its new size."""
        self._differ.complete()
        self._emit()

    def _send_frame(self, difference: str, now: float) -> None:
        count = len(difference)
        if self._can.synchronized and count > _WORTH_SYNC and self._before is None:
            difference = f"{_SYNC_START}{difference}{_SYNC_END}"
        if self._listens and self.flow.sent(count, now):
            difference += self._question()  # in one go with it: each has a packet of its own over SSH
        self._begin()
        self._send(difference)

    def _begin(self) -> None:
        """Send what was kept for the first frame, in one go with it."""
        if self._before is not None:
            before, self._before = self._before, None
            self._send(in_few(before))

    def _question(self) -> str:
        with self._answer_came:
            self._questions += 1
        return QUESTION

    def _send(self, text: str) -> None:
        if self._before is not None:
            self._before += text
        elif self._output is not None:
            self._output.write(text.encode(self._can.encoding, "replace"))

    def _on_drained(self) -> None:
        if self._drawn and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._emit)

    # -- Answers in

    def process_message(self, message: Message) -> None:
        """Take the answers to our own questions from what the terminal sends; called in the input thread."""
        if not isinstance(message, events.CursorPosition):
            with self._gate:
                if self._early is None:
                    super().process_message(message)
                else:
                    self._early.append(message)
        elif self._stray_answers:
            self._stray_answers -= 1
        elif self._questions:
            with self._answer_came:
                self._questions -= 1
                self._answer_came.notify_all()
            self._loop.call_soon_threadsafe(self._answered, monotonic())

    def send_message(self, message: Message) -> None:
        """Post a message; called in the input thread.

        In the place of the framework's, which makes a task of each.
        """
        self._app.post_message(message)

    def _let_in(self) -> None:
        """From now on, take keys when they come."""
        with self._gate:
            early, self._early = self._early or (), None
            for message in early:
                super().process_message(message)

    def _answered(self, now: float) -> None:
        self.flow.answered(now)
        if self._drawn:
            self._emit()

    # -- The way in and out

    def start_application_mode(self) -> None:
        """Take the terminal; nothing is known of what it shows."""
        assert self._file is not None, "the framework draws on standard error"
        if self._output is None:
            self._output = Output(self._file.fileno(), self._on_drained)
        self._modes.clear()
        self._questions = 0
        self._listens = True
        self._suspended = False
        self._taken = monotonic()
        self.flow.start()
        self._differ.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # in the framework
        signal.signal(signal.SIGWINCH, self._on_resize)
        if self._attributes is not None:  # those of now are the probe's, which waits for late answers
            self.attrs_before, self._attributes = self._attributes, None
        self._stop_output_processing()
        if self._differ.is_whole:  # it comes back from a stop
            self.repaint()
        self._loop.call_later(_EARLY_SECONDS, self._let_in)

    def _on_resize(self, *_: object) -> None:
        """The terminal has another size, or has had one.

        The framework's own handler asks for the size and then sends it; one that interrupts it there is
        overtaken by what it sends, and the last word is an old size.  This comes after what it sends at the
        start, which goes the same way.
        """
        asyncio.run_coroutine_threadsafe(self._tell_size(), self._loop)

    async def _tell_size(self) -> None:
        """Tell the framework the size; what was cut off meanwhile is gone, even if it is that of before."""
        size = Size(*self._get_terminal_size())
        self._app.post_message(events.Resize(size, size))
        self._differ.forget()
        if self._differ.is_whole:
            self._drawn = True
            self._emit()

    def suspend_application_mode(self) -> None:
        """Leave the terminal to the shell for a while."""
        super().suspend_application_mode()
        self._suspended = True

    def _sigtstp_application(self, *_: object) -> None:
        """Stop, but not within what the signal interrupts: that may hold a lock which leaving waits for."""
        if self._output is None:
            self._stop()
        else:
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        """Stop; a terminal that was left for good meanwhile is not to be taken again."""
        if self._listens:
            super()._sigtstp_application()
        else:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again, but not within what the signal interrupts: that may be leaving it."""
        if self._suspended or self._listens:
            self._loop.call_soon_threadsafe(self._continue)

    def _continue(self) -> None:
        """Take the terminal again; who was stopped by SIGSTOP could not leave it before.

        Shells send the signal more than once, so the next may come while this one is obeyed.
        """
        if self._suspended:
            super()._sigcont_application()
        elif self._listens and monotonic() - self._taken > _AGAIN_SECONDS:
            self.suspend_application_mode()
            self.resume_application_mode()

    def run_input_thread(self) -> None:
        """Take keys: first those that came before anybody read them.

        In the place of the framework's, which ends the program at a byte that is no UTF-8.
        """
        from textual._xterm_parser import XTermParser

        parser, typed = XTermParser(), Typed()
        data, self._typed = self._typed, b""
        while True:
            text = typed.take(data, monotonic())
            try:
                messages = [*(parser.feed(text) if text else ()), *parser.tick()]
            except (ValueError, OverflowError):  # a sequence without sense that the line cut behind its Esc
                parser, messages = XTermParser(), []
            for message in messages:
                self.process_message(message)
            if self.exit_event.is_set():
                return  # after what was read, which nobody else can take
            data = b""
            if select.select([self.fileno], [], [], _TICK_SECONDS)[0] and not (data := self._read()):
                return  # the terminal is gone, which `Leaving` notices

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _ONE_READ)
        except OSError:
            return b""

    def _stop_output_processing(self) -> None:
        """LF must go straight down."""
        try:
            attributes = termios.tcgetattr(self.fileno)
            attributes[1] &= ~termios.OPOST
            termios.tcsetattr(self.fileno, termios.TCSANOW, attributes)
        except termios.error:
            return  # it is no terminal any more, which others notice

    def disable_input(self) -> None:
        """Read no more keys; answers that are under way are waited for."""
        if self._listens and self._output is not None and self._output.drain(_DRAIN_SECONDS):
            self._await_answers()
        self._listens = False
        super().disable_input()

    def _await_answers(self) -> None:
        seconds = min(_ANSWER_SECONDS, self.flow.patience(monotonic()))
        if self.flow.round_trip is not None:
            seconds = min(seconds, 3 * self.flow.round_trip + self.flow.backlog + 0.1)
        with self._answer_came:
            self._answer_came.wait_for(lambda: not self._questions, seconds)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._late is not None:
            self._late.cancel()
        self._drawn = self._suspended = False
        self._begin()
        self._send(("\x1b[r" if self._can.scroll_region else "") + "\x1b[m")
        if not self._can.alternate_screen:
            self._send("\x1b[H\x1b[2J")
        super().stop_application_mode()

    def close(self) -> None:
        """End the threads."""
        if self._output is not None:
            self._output.close(_DRAIN_SECONDS)
            self._output = None
        super().close()


def in_few(text: str) -> str:
    """A sequence with the private modes in it switched by one sequence each for on and off (DECSET, DECRST).

    Those that switch on come first: one of them goes to the alternate screen, where the others belong.
    """
    modes: dict[str, list[str]] = {"h": [], "l": []}
    for mode, final in _is_mode.findall(text):
        modes[final].append(mode)
    lists = [f"\x1b[?{';'.join(modes[final])}{final}" for final in "hl" if modes[final]]
    return "".join(lists) + _is_mode.sub("", text)


def frame_driver(
    capabilities: Capabilities,
    fallback: Callable[[str, int], str] | None,
    answers: Answers,
    attributes: list[Any] | None = None,
) -> type[Driver]:
    """The driver for a terminal of these capabilities, after it gave these answers.

    `fallback` is as in `Canvas`; `attributes` are the line's as they are to be outside the reader, if they
    are not those of now.
    """

    class Configured(FrameDriver):
        def __init__(self, app: App[Any], **options: Any) -> None:
            super().__init__(app, capabilities, fallback, answers, attributes, **options)

    return Configured
