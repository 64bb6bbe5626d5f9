"""Reading over SSH: on any terminal, and on a line that drops or stalls, nothing is lost and nobody stays."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from pulse_tui.article import Place, Reading
from pulse_tui.storage.state.state import StateStore
from tests.relay import Relay
from tests.sshd import NoServerError, Sshd
from tests.terminal import XTERM, Answer, Terminal
from tests.test_typed import LEFT_OVER

SOON = 5.0
"""Seconds within which the reader must be gone, on a machine that is busy with other things."""
RESTS = 2.0
"""Seconds after which what was read must be on disk."""
BUSY = 0.5
"""Seconds of processor time in a second that nobody needs who waits."""
STORY = "---\ntitle: A Story\npublished: 2099-01-01\nid: story\n---\n\n" + "\n\n".join(
    f"Paragraph {number} has “words” that fill a line, and then some more for the next line."
    for number in range(200)
)
SILENT: Sequence[tuple[bytes, Answer]] = ()
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux's /proc is needed")
pytestmark = needs_proc


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """An SSH server that lasts as long as these tests."""
    try:
        server = Sshd(tmp_path_factory.mktemp("sshd"))
    except NoServerError as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder over there with one feature, the newest."""
    folder = tmp_path / ".local" / "share" / "pulse-tui" / "articles"
    folder.mkdir(parents=True)
    (folder / "story.md").write_text(STORY, encoding="utf-8")
    return tmp_path


class Session:
    """The reader over there, on a terminal over here."""

    def __init__(
        self,
        sshd: Sshd,
        home: Path,
        *,
        port: int | None = None,
        before: str = "",
        env: dict[str, str | None] | None = None,
        answers: Sequence[tuple[bytes, Answer]] = XTERM,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self._home = home
        reader = shlex.join(["env", f"HOME={home}", sys.executable, "-m", "pulse_tui"])
        script = f"{before} echo $$ >{shlex.quote(str(home / 'pid'))}; exec {reader}"
        self.terminal = Terminal(
            ["sh", "-c", 'echo before; exec "$@"', "sh", *sshd.command(script, port=port)],
            columns=size[0],
            rows=size[1],
            env=env,
            answers=answers,
        )

    def __enter__(self) -> Session:
        self.terminal.wait_for(lambda text: re.search(r"Paragraph 0\b.* \d+ %", text, re.S) is not None, 30)
        self.terminal.settle()
        self.reader = int((self._home / "pid").read_text())
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.reader, signal.SIGKILL)
        self.terminal.close()

    def top(self) -> int:
        """The number of the first paragraph on the screen, which is at rest."""
        self.terminal.settle()
        return min(map(int, re.findall(r"Paragraph (\d+)", self.terminal.text())))

    def read_on(self) -> int:
        """Turn some pages, star the feature and set a mark; the number of the paragraph on top."""
        for key in ("space", "space", "s", "m", "a"):
            self.terminal.press(key)
        self.terminal.wait_for("Mark a is set")
        assert self.top() > 5
        return self.top()

    def is_gone(self, limit: float) -> bool:
        """Whether the reader ends in time."""
        deadline = time.monotonic() + limit
        while not _ended(self.reader):
            if time.monotonic() > deadline:
                return False
            self.terminal.settle(0.02)
        return True

    def parent(self) -> int:
        """The server's process that holds the reader's terminal."""
        return int(_stat(self.reader)[1])

    def kept(self) -> tuple[Reading, dict[str, Place]]:
        """What another program finds in the state file: of the feature, and the marks."""
        store = StateStore(self._home / ".local" / "state" / "pulse-tui" / "state.sqlite", clock=time.time)
        try:
            return store.reading("story"), {letter: spot.place for letter, spot in store.marks()}
        finally:
            store.close()

    def keeps(self, wanted: Callable[[Reading], bool], limit: float = RESTS) -> bool:
        """Whether what is on disk is as wanted in time."""
        deadline = time.monotonic() + limit
        while not wanted(self.kept()[0]):
            if time.monotonic() > deadline:
                return False
            self.terminal.settle(0.05)
        return True

    def cpu_in_a_second(self) -> float:
        """Seconds of processor time that the reader takes in the next one."""
        clock = (~self.reader << 3) | 2  # clock_getcpuclockid(3)
        start, until = time.clock_gettime(clock), time.monotonic() + 1
        while time.monotonic() < until:
            self.terminal.settle(0.05)
        return time.clock_gettime(clock) - start


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat (proc(5)) after the name: the state, the parent."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _ended(process: int) -> bool:
    try:
        return _stat(process)[0] == "Z"  # nobody has asked for its status
    except FileNotFoundError:
        return True


def first(reading: Reading) -> int:
    """The number of the first paragraph that begins at a place or after it; the head is no paragraph."""
    return reading.place.block - (reading.place.offset == 0) if reading.place else -1


# -- Terminals

TERMINALS: dict[str, tuple[dict[str, str | None], Sequence[tuple[bytes, Answer]]]] = {
    "true colour": ({"COLORTERM": "truecolor"}, XTERM),
    "sixteen colours": ({}, XTERM),
    "no locale": ({"LANG": "C"}, XTERM),
    "no locale, and silent": ({"LANG": "C"}, SILENT),
    "linux": ({"TERM": "linux"}, XTERM),
    "unknown": ({"TERM": "no-such-terminal"}, XTERM),
}


@pytest.mark.parametrize("name", TERMINALS)
def test_terminals(name: str, sshd: Sshd, home: Path) -> None:
    env, answers = TERMINALS[name]
    with Session(sshd, home, env=env, answers=answers) as session:
        terminal = session.terminal
        terminal.press("space", "space")
        terminal.wait_for(lambda text: "Paragraph 5 " not in text)  # soon, even where no answers come
        first = session.top()
        assert first > 5
        terminal.resize(100, 30)
        terminal.wait_for(lambda text: "│" in text or "|" in text)  # there is room for the list
        assert abs(session.top() - first) <= 1  # a paragraph has fewer rows now
        terminal.resize(40, 10)
        terminal.settle(0.3)
        assert abs(session.top() - first) <= 1  # a paragraph has fewer rows now
        assert all(len(line) <= 40 for line in terminal.text().splitlines())
        assert (b"38;2;" in terminal.output) == (name == "true colour")
        assert ("“words”" in terminal.text()) == (name != "no locale, and silent")
        terminal.press("Q")
        assert terminal.wait(SOON) == 0
        assert terminal.modes_left_on() == []
        assert not terminal.attributes_changed()
        assert terminal.text().strip() == ("" if name in ("linux", "unknown") else "before")


def test_quitting_at_once_leaves_nothing_for_the_shell_over_here(sshd: Sshd, home: Path) -> None:
    """Answers that are still on their way are waited for."""
    with Relay(sshd.port, delay=0.15) as relay:
        script = shlex.join(["env", f"HOME={home}", sys.executable, "-m", "pulse_tui"])
        command = [sys.executable, "-c", LEFT_OVER, *sshd.command(f"exec {script}", port=relay.port)]
        with Terminal(command, columns=80, rows=24) as terminal:
            terminal.wait_for("Paragraph 0 ", 20)
            terminal.press("space", "Q")
            terminal.wait_for("left over", 20)
            assert "status 0, left over: b''." in terminal.text()
            assert terminal.modes_left_on() == []
            assert not terminal.attributes_changed()


# -- A line that drops

DROPS: dict[str, Callable[[Session, Relay], None]] = {
    "the client is killed": lambda session, _: session.terminal.signal(signal.SIGKILL),
    "the connection is reset": lambda _, relay: relay.drop(),
    "the server is killed": lambda session, _: os.kill(session.parent(), signal.SIGKILL),
    "SIGHUP": lambda session, _: os.kill(session.reader, signal.SIGHUP),
}
IGNORED = "trap '' HUP;"


@pytest.mark.parametrize(
    ("name", "before"),
    [
        *((name, "") for name in DROPS),
        *((name, IGNORED) for name in DROPS if name != "SIGHUP"),
    ],
)
def test_a_line_that_drops(name: str, before: str, sshd: Sshd, home: Path) -> None:
    with Relay(sshd.port) as relay, Session(sshd, home, port=relay.port, before=before) as session:
        top = session.read_on()
        DROPS[name](session, relay)
        assert session.is_gone(SOON)
        reading, marks = session.kept()
        assert reading.starred
        assert first(reading) == top
        assert marks == {"a": reading.place}


# -- A line that stalls


@pytest.mark.parametrize("before", ["", IGNORED], ids=["", "SIGHUP ignored"])
def test_a_stalled_link(before: str, sshd: Sshd, home: Path) -> None:
    with Relay(sshd.port) as relay, Session(sshd, home, port=relay.port, before=before) as session:
        top = session.read_on()
        relay.stall()
        assert session.keeps(lambda reading: reading.starred and first(reading) == top)
        assert session.cpu_in_a_second() < BUSY
        os.kill(session.reader, signal.SIGTERM)
        assert session.is_gone(SOON)


def test_keys_over_a_link_that_shows_nothing(sshd: Sshd, home: Path) -> None:
    """The reader reads on, blindly; when the link is back, all is drawn."""
    with Relay(sshd.port) as relay, Session(sshd, home, port=relay.port) as session:
        relay.stall(up=False)
        pages_read_unseen(session)
        relay.flow()
        is_drawn_right(session)
        session.terminal.press("Q")
        assert session.terminal.wait(SOON) == 0


def test_stopped_output(sshd: Sshd, home: Path) -> None:
    """As after Ctrl+S, in a terminal that stops by itself."""
    with Session(sshd, home) as session:
        line = session.terminal._slave
        termios.tcflow(line, termios.TCOOFF)
        pages_read_unseen(session)
        termios.tcflow(line, termios.TCOON)
        is_drawn_right(session)
        termios.tcflow(line, termios.TCOOFF)
        os.kill(session.reader, signal.SIGTERM)
        assert session.is_gone(SOON)
        termios.tcflow(line, termios.TCOON)
        assert session.terminal.wait(SOON) == 143
        assert not session.terminal.attributes_changed()


def pages_read_unseen(session: Session) -> None:
    """Turn pages that are not shown: each place is kept, and there is little to do."""
    last = 0
    for _ in range(2):
        session.terminal.press("space", "space", "space", "k", "k")
        assert session.keeps(lambda reading, last=last: first(reading) > last + 5, RESTS + 1)  # type: ignore[misc]
        last = first(session.kept()[0])
    session.terminal.press(*"jk" * 100)
    session.terminal.settle(0.5)
    assert session.cpu_in_a_second() < BUSY


def is_drawn_right(session: Session) -> None:
    """The screen shows where the reader is, and drawing it anew changes nothing."""
    terminal = session.terminal
    terminal.wait_for(f"Paragraph {first(session.kept()[0])} ")
    terminal.settle(0.3)
    before = terminal.screen.cells()
    terminal.press("ctrl+l")
    assert terminal.settle(0.3) > 500
    assert terminal.screen.cells() == before
