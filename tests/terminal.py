"""A program under a pseudo-terminal, met as its user meets it: keys go in, a screen comes out.

The program is started by a small shell, as at a prompt, so the terminal outlives it and what it left
behind (modes, line attributes) can be looked at.  Processor time and memory need Linux's /proc.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.emulator import ByteStream, Screen

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    **{f"ctrl+{letter}": chr(ord(letter) & 0x1F) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
"""What a terminal sends for the keys that have a name; any other key sends itself."""

# Leads the session as a login shell would.  It tells its parent the program's id and, later, its status;
# the program keeps the pipe open too, so that its end is known even when the shell went before it.
_SHELL = """
exec 3>&1 <"$0" >"$0" 2>&1
trap : INT QUIT
sh -c 'echo $$ >&3; exec "$@"' sh "$@"
echo $? >&3
exec sleep 86400 3>&-
"""

# Sequences that pyte would draw as text, and those that this module looks at.
_CONTROL = re.compile(
    rb"\x1b\[[?>=<][0-9;:]*[ -/]*[@-~]"  # private: modes, keyboard protocols, questions
    rb"|\x1b\[[0-9;]*(?:[ -/]+[@-~]|[cntu])"  # cursor shapes, reports
    rb"|\x1b\[[0-9;]*:[0-9;:]*m"  # colours with sub-parameters
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles, links, the clipboard
    rb"|\x1b[PX^_].*?\x1b\\"  # device control strings, graphics
    rb"|\x1b[=>]",
    re.DOTALL,
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*)?\Z")
_MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_KITTY_STACK = re.compile(rb"\x1b\[([<>])([0-9]*)[0-9;]*u")
_ON_AT_FIRST = {7: True, 25: True}  # wrapping, the cursor
_TAKEN_SECONDS = 30.0
"""Within which what is typed is taken, and whoever is killed is gone."""
_ONE_TAKE = 1 << 20  # bytes after which emulating must not wait any longer


def _cursor_report(terminal: Terminal, _: re.Match[bytes]) -> bytes:
    cursor = terminal.screen.cursor
    return b"\x1b[%d;%dR" % (cursor.y + 1, min(cursor.x + 1, terminal.screen.columns))


def _mode_report(terminal: Terminal, question: re.Match[bytes]) -> bytes:
    known = {7, 25, 1000, 1002, 1003, 1004, 1006, 1049, 2004, 2026}
    mode = int(question[1])
    state = 0 if mode not in known else 1 if terminal.modes.get(mode) else 2
    return b"\x1b[?%d;%d$y" % (mode, state)


def _size_report(terminal: Terminal, _: re.Match[bytes]) -> bytes:
    return b"\x1b[8;%d;%dt" % (terminal.screen.lines, terminal.screen.columns)


Answer = bytes | Callable[["Terminal", re.Match[bytes]], bytes]

XTERM: Sequence[tuple[bytes, Answer]] = (
    (rb"\x1b\[0?c", b"\x1b[?64;1;2;6;9;15;18;21;22c"),
    (rb"\x1b\[>0?c", b"\x1b[>41;390;0c"),
    (rb"\x1b\[>0?q", b"\x1bP>|XTerm(390)\x1b\\"),
    (rb"\x1b\[5n", b"\x1b[0n"),
    (rb"\x1b\[6n", _cursor_report),
    (rb"\x1b\[18t", _size_report),
    (rb"\x1b\[\?([0-9]+)\$p", _mode_report),
    (rb"\x1b\]10;\?(?:\x07|\x1b\\)", b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
    (rb"\x1b\]11;\?(?:\x07|\x1b\\)", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
)
"""Questions that a program puts to its terminal (regular expressions) and what xterm answers.

Unlike xterm 390 this terminal knows synchronized output (mode 2026), as most others now do.
"""


class Terminal:
    """A command running on an emulated terminal; leave it as a context manager, which always kills.

    The environment holds PATH, LANG, TERM and a HOME in an empty folder, and what `env` adds or, with
    None, takes away.  Sizes are cells, times seconds; what waits raises `TimeoutError` with the screen.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str | None] | None = None,
        home: Path | None = None,
        cwd: Path | None = None,
        answers: Sequence[tuple[bytes, Answer]] = XTERM,
    ) -> None:
        self._own_home = None if home else Path(tempfile.mkdtemp(prefix="home-"))
        self.home = home or self._own_home or Path()
        self.screen = Screen(columns, rows)
        self._stream = ByteStream(self.screen)
        self._answers = [(re.compile(question), answer) for question, answer in answers]
        self._held = b""  # the start of a sequence that is not complete yet
        self._told = b""  # what the shell has told so far
        self._kitty_depth = 0
        self.modes: dict[int, bool] = dict(_ON_AT_FIRST)
        self.output = bytearray()
        """Everything that the program has written."""
        self.last_output = 0.0
        """When the program last wrote, in seconds since its start."""
        self._typed: float | None = None
        self.answered = 0.0
        """Seconds between the last key and the first output after it."""
        self.pid = 0
        self.status: int | None = None
        """The exit status as a shell tells it (128 + a signal's number); None while it runs."""

        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)  # answers that nobody takes are a fault, not a reason to wait
        termios.tcsetwinsize(self._slave, (rows, columns))
        self._attributes = termios.tcgetattr(self._slave)
        wanted = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            **(env or {}),
        }
        self._started = time.perf_counter()
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SHELL, os.ttyname(self._slave), *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd=cwd,
            env={name: value for name, value in wanted.items() if value is not None},
            start_new_session=True,
        )
        assert self._shell.stdout is not None
        self._control = self._shell.stdout.fileno()
        self._sources = [self._control, self._master]
        self._await(lambda: self.pid > 0, 10, "the shell started the program")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Keys in

    def send(self, keys: str | bytes) -> None:
        """Type text, or send bytes, just as they are."""
        self._typed = time.perf_counter()
        data = keys.encode() if isinstance(keys, str) else keys
        deadline = self._typed + _TAKEN_SECONDS
        while data:
            if time.perf_counter() > deadline:
                raise self._timeout(_TAKEN_SECONDS, "all that was typed was taken")
            if select.select([], [self._master], [], 0)[1]:
                data = data[os.write(self._master, data[:1024]) :]
            else:
                self._pump(0.05)

    def press(self, *keys: str) -> None:
        """Press keys by their names in `KEYS`, one right after the other."""
        for key in keys:
            self.send(KEYS.get(key, key))

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, of which the kernel tells the program."""
        self.screen.resize(rows, columns)
        termios.tcsetwinsize(self._master, (rows, columns))

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the line, as a dropped connection does."""
        if self._master >= 0:
            if self._master in self._sources:
                self._sources.remove(self._master)
            os.close(self._master)
            self._master = -1

    # A screen out

    def text(self) -> str:
        """What stands on the screen, without the blanks at the ends of lines."""
        columns = range(self.screen.columns)
        lines = (self.screen.buffer[row] for row in range(self.screen.lines))
        return "\n".join("".join(line[column].data for column in columns).rstrip() for line in lines)

    def wait_for(self, wanted: str | Callable[[str], bool], limit: float = 10.0) -> float:
        """Wait for a text on the screen, or one that satisfies; the seconds since start when it came."""
        if isinstance(wanted, str):
            self._await(lambda: wanted in self.text(), limit, f"{wanted!r} stood on the screen")
        else:
            self._await(lambda: wanted(self.text()), limit, "the screen was as wanted")
        return self.last_output

    def settle(self, quiet: float = 0.15, limit: float = 10.0) -> int:
        """Take output until none has come for `quiet` seconds; the number of bytes that came."""
        before, deadline = self.bytes_received, time.perf_counter() + limit
        while self._pump(quiet):
            if time.perf_counter() > deadline:
                raise self._timeout(limit, "the program was quiet")
        return self.bytes_received - before

    def wait(self, limit: float = 10.0) -> int | None:
        """Wait for the program's end; its status, or None if a hang-up left nobody to tell it."""
        self._await(lambda: not self.running, limit, "the program ended")
        self.settle(0.05, limit)
        return self.status

    # What it is and was

    @property
    def running(self) -> bool:
        """Whether the program has not ended."""
        self._pump(0)
        return self.status is None and self._control in self._sources

    @property
    def bytes_received(self) -> int:
        """How much the program has written."""
        return len(self.output)

    def modes_left_on(self) -> list[str]:
        """The terminal modes that differ from those at the start: `?1049h`, `?25l` and the like."""
        left = [
            f"?{mode}{'h' if on else 'l'}"
            for mode, on in sorted(self.modes.items())
            if on != _ON_AT_FIRST.get(mode, False)
        ]
        if self._kitty_depth:
            left.append(f"kitty keyboard, {self._kitty_depth} deep")
        if self.screen.margins not in (None, (0, self.screen.lines - 1)):
            left.append("scrolling region")
        return left

    def attributes_changed(self) -> bool:
        """Whether the line's attributes (echo, canonical input …) differ from those at the start."""
        return termios.tcgetattr(self._slave) != self._attributes

    def cpu_seconds(self) -> float:
        """Processor time of the program and its living children, to the nanosecond.

        Reads each process's own clock, whose number clock_getcpuclockid(3) makes from its id.
        """
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self._tree())

    def memory(self) -> int:
        """Bytes that the program and its children hold, shared pages in proportion (PSS)."""
        total = 0
        for pid in self._tree():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
            total += int(found[1]) * 1024 if found else 0
        return total

    def close(self) -> None:
        """Kill whatever still runs and give everything back."""
        pids = self._tree() if self.status is None and self.pid else []
        for pid in [*pids, *self._session()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.hang_up()
        self._shell.communicate(timeout=_TAKEN_SECONDS)  # until nobody is left who could write
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1
        if self._own_home:
            shutil.rmtree(self._own_home, ignore_errors=True)

    # Inside

    def _await(self, done: Callable[[], bool], limit: float, what: str) -> None:
        deadline = time.perf_counter() + limit
        while not done():
            left = deadline - time.perf_counter()
            if left <= 0:
                raise self._timeout(limit, what)
            if not self._pump(min(left, 0.05)) and self.status is not None and not done():
                raise self._timeout(limit, what)

    def _timeout(self, limit: float, what: str) -> TimeoutError:
        ended = f"It ended with status {self.status}." if self.status is not None else "It still runs."
        return TimeoutError(f"Not within {limit:g} s: {what}. {ended} The screen:\n{self.text().rstrip()}")

    def _pump(self, timeout: float) -> bool:
        """Take all that is there, waiting `timeout` seconds for the first of it; False if nothing came.

        Emulating comes after reading, so that it does not delay the time noted for what is read.
        """
        data = bytearray()
        while ready := select.select(self._sources, [], [], 0 if data else timeout)[0]:
            if self._control in ready:
                self._listen()
            if self._master in ready:
                data += self._read()
            if self._master not in ready or len(data) > _ONE_TAKE:
                break
        self.output += data
        self._emulate(bytes(data))
        return bool(data)

    def _read(self) -> bytes:
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # the other end is gone
            self._sources.remove(self._master)
            return b""
        now = time.perf_counter()
        self.last_output = now - self._started
        if self._typed is not None:
            self.answered, self._typed = now - self._typed, None
        return data

    def _listen(self) -> None:
        """Take what the shell tells: a line with the program's id, then one with its status."""
        data = os.read(self._control, 1024)
        if not data:
            self._sources.remove(self._control)
        self._told += data
        for line, number in enumerate(self._told.split(b"\n")[:-1]):
            if line == 0:
                self.pid = int(number)
            else:
                self.status = int(number)

    def _emulate(self, data: bytes) -> None:
        data = self._held + data
        unfinished = _UNFINISHED.search(data)
        end = unfinished.start() if unfinished else len(data)
        data, self._held = data[:end], data[end:]
        start = 0
        for sequence in _CONTROL.finditer(data):
            self._stream.feed(data[start : sequence.start()])
            self._obey(sequence[0])
            start = sequence.end()
        self._stream.feed(data[start:])

    def _obey(self, sequence: bytes) -> None:
        if switch := _MODES.fullmatch(sequence):
            self.modes.update(dict.fromkeys(map(int, switch[1].split(b";")), switch[2] == b"h"))
            self._stream.feed(sequence)
        elif move := _KITTY_STACK.fullmatch(sequence):
            step = 1 if move[1] == b">" else -int(move[2] or 1)
            self._kitty_depth = max(0, self._kitty_depth + step)
        elif self._master >= 0:
            for question, answer in self._answers:
                if asked := question.fullmatch(sequence):
                    os.write(self._master, answer if isinstance(answer, bytes) else answer(self, asked))
                    return

    def _session(self) -> list[int]:
        """The shell, and all that it started but for those who left its session, whatever their parents."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(ProcessLookupError, ValueError):
                if os.getsid(int(entry.name)) == self._shell.pid:
                    found.append(int(entry.name))
        return found

    def _tree(self) -> list[int]:
        """The program and its living descendants."""
        found, waiting = [], [self.pid]
        while waiting:
            found.append(waiting.pop())
            for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
                with suppress(OSError):
                    waiting += map(int, task.read_text().split())
        return found
