"""What reading is like over SSH on a slow line, beside `less` on the same text.

An OpenSSH server of one's own stands behind a relay that delays, and sends no faster than the line would.
Times are those of the last byte to come; `still` is how long the text runs on after a held key is let go, and
`quiet` how long anything comes: the list beside the text and the bars may follow it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.features import DEK, feature
from tests.relay import Relay
from tests.sshd import NoServerError, Sshd
from tests.terminal import Terminal

COLUMNS, ROWS = 120, 40
MEASURE = 72  # columns of text
HELD, A_SECOND = 3.0, 30  # seconds that a key is held down, and how often it repeats
STEPS = 5
SLACK = 0.2
"""Seconds that the text may run on beyond a round trip."""
_STARTING = 2.0  # seconds without output after which a start is over; what is read ahead sends nothing
_TOO_LONG = 90.0
_BESIDE, _ABOVE, _BELOW = 34, 1, 2
"""Cells of the list, and rows of the bars above and below the text."""


@dataclass(frozen=True)
class Link:
    """A line: seconds there and back, and bytes a second from the server."""

    round_trip: float
    rate: float

    @property
    def name(self) -> str:
        """For a heading."""
        return f"{self.round_trip * 1e3:.0f} ms, {self.rate / 1e3:.0f} KB/s"


LINKS = (Link(0.3, 6_000), Link(0.1, 30_000))


@dataclass(frozen=True)
class Reader:
    """What is run over there, and on which terminal; `keys` are pressed before anything is measured."""

    name: str
    script: str
    truecolor: bool = False
    keys: str = ""


@dataclass(frozen=True)
class Step:
    """Seconds until the last byte of a step came, and how many did."""

    seconds: float
    bytes: float


@dataclass(frozen=True)
class Run:
    """One session over a link."""

    first: Step
    """The whole first screen, from the login on."""
    line: Step
    page: Step
    held: Step
    """A key held down, from the moment on when it is let go."""
    still: float
    """Seconds from then on until the text moves no more; bars and list may follow."""


def main() -> None:
    """Measure all readers over all links and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slow", description=__doc__)
    parser.add_argument("--only", metavar="WORD", default="", help="readers whose name holds it")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "server").mkdir()
        try:
            server = Sshd(folder / "server")
        except NoServerError as error:
            parser.error(str(error))
        home = folder / "home"
        readers = [reader for reader in prepare(home) if only in reader.name]
        with server:
            for link in LINKS:
                print(f"\n{link.name}; still wanted: ≤ {link.round_trip + SLACK:.1f} s\n", flush=True)
                print(heading())
                login = login_time(server, link)
                for reader in readers:
                    print(row(reader.name, measure(server, home, link, reader, login), link), flush=True)


def prepare(home: Path) -> list[Reader]:
    """A home over there with a feature that was open before, and what reads it."""
    articles = home / ".local" / "share" / "pulse-tui" / "articles"
    articles.mkdir(parents=True)
    (articles / "1.md").write_text(feature(100_000), encoding="utf-8")
    pulse = [sys.executable, "-m", "pulse_tui"]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    read = [*pulse, "read", "1", "--plain", "--width", str(MEASURE)]
    text = subprocess.run(read, env=environment, capture_output=True, check=True).stdout
    (home / "text").write_bytes(text)
    subprocess.run([*pulse, "list"], env=environment, capture_output=True, check=True)
    with Terminal([*pulse, "1"], home=home) as terminal:
        terminal.wait_for("%", 60)
        terminal.settle(1)
        terminal.press("Q")
        terminal.wait()
    script = f"exec env HOME={shlex.quote(str(home))} {shlex.join([*pulse, '1'])}"
    return [
        Reader("less", f"exec env LESS= less {shlex.quote(str(home / 'text'))}"),
        Reader("zen, ANSI", script, keys="z"),
        Reader("zen, truecolor", script, truecolor=True, keys="z"),
        Reader("ANSI", script),
        Reader("truecolor", script, truecolor=True),
        Reader("truecolor, --frames plain", f"{script} --frames plain", truecolor=True),
    ]


class Meter(Terminal):
    """A terminal that knows the time since its start."""

    @property
    def now(self) -> float:
        """Seconds since the program was started."""
        return time.perf_counter() - self._started

    def listen_until(self, moment: float) -> None:
        """Take output until so many seconds after the start."""
        while (left := moment - self.now) > 0:
            self._pump(left)

    def quiet(self, silence: float) -> float:
        """Take output until none came for so long, or for too long altogether; when the text last moved."""
        until, moved, rows = self.now + _TOO_LONG, self.now, self._rows
        while self._pump(silence) and self.now < until:
            if rows != self._rows:
                moved, rows = self.now, self._rows
        return moved

    @property
    def _rows(self) -> list[str]:
        """The text of the feature as far as it stands in none of the other columns and rows."""
        return [row[_BESIDE:] for row in self.text().split("\n")[_ABOVE:-_BELOW]]


def login_time(server: Sshd, link: Link) -> float:
    """Seconds that the way in takes by itself."""
    times = []
    for _ in range(3):
        with (
            Relay(server.port, delay=link.round_trip / 2, rate=link.rate) as relay,
            Meter(server.command("printf x; exec sleep 9", port=relay.port)) as terminal,
        ):
            terminal.wait_for("x", 60)
            times.append(terminal.last_output)
    return median(times)


def measure(server: Sshd, home: Path, link: Link, reader: Reader, login: float) -> Run:
    """One session, as if it were the first: the first screen, lines, pages, a key held down."""
    shutil.rmtree(home / ".local" / "state", ignore_errors=True)
    silence = link.round_trip + 0.7
    env = {"COLORTERM": "truecolor"} if reader.truecolor else {}
    with (
        Relay(server.port, delay=link.round_trip / 2, rate=link.rate) as relay,
        Meter(
            server.command(reader.script, port=relay.port), columns=COLUMNS, rows=ROWS, env=env
        ) as terminal,
    ):
        terminal.wait_for(DEK, 120)
        terminal.quiet(silence + _STARTING)
        first = Step(terminal.last_output - login, terminal.bytes_received)
        for key in reader.keys:
            step(terminal, key, silence)
        line = middle([step(terminal, "j", silence) for _ in range(STEPS)])
        page = middle([step(terminal, "space", silence) for _ in range(STEPS)])
        return Run(first, line, page, *hold(terminal, "j", silence))


def step(terminal: Meter, key: str, silence: float) -> Step:
    """Press a key."""
    before, pressed = terminal.bytes_received, terminal.now
    terminal.press(key)
    terminal.quiet(silence)
    return Step(terminal.last_output - pressed, terminal.bytes_received - before)


def middle(steps: list[Step]) -> Step:
    """The median of each figure."""
    return Step(median(step.seconds for step in steps), median(step.bytes for step in steps))


def hold(terminal: Meter, key: str, silence: float) -> tuple[Step, float]:
    """Hold a key down and let it go; the step from then on, and seconds until the text stands still."""
    before, start = terminal.bytes_received, terminal.now
    for number in range(round(HELD * A_SECOND)):
        terminal.press(key)
        terminal.listen_until(start + (number + 1) / A_SECOND)
    let_go = terminal.now
    moved = terminal.quiet(silence)
    return Step(terminal.last_output - let_go, terminal.bytes_received - before), moved - let_go


_WIDTHS = (26, 8, 9, 8, 8, 8, 8, 8, 8, 9)


def heading() -> str:
    """The names of the columns."""
    return _line("", "first", "bytes", "line", "bytes", "page", "bytes", "still", "quiet", "bytes")


def row(name: str, run: Run, link: Link) -> str:
    """The figures of a session."""
    cells = [name]
    for step, in_seconds in ((run.first, True), (run.line, False), (run.page, False)):
        cells.append(f"{step.seconds:.2f} s" if in_seconds else f"{step.seconds * 1e3:.0f} ms")
        cells.append(f"{step.bytes:,.0f}")
    cells += [f"{run.still:.2f} s", f"{run.held.seconds:.2f} s", f"{run.held.bytes:,.0f}"]
    return _line(*cells) + ("" if run.still <= link.round_trip + SLACK else "  missed")


def _line(*cells: str) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return first[0].ljust(first[1]) + "".join(cell.rjust(width) for cell, width in others)


if __name__ == "__main__":
    main()
