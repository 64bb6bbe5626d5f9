"""The linear reader as a program: through a pipe, on terminals without a screen, and whatever ends it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulse_tui.article import Place
from pulse_tui.linear.orders import MENU
from pulse_tui.repository import Spot
from pulse_tui.storage.state.state import StateStore
from tests.libraries import clock
from tests.terminal import Terminal
from tests.test_cli import assert_harmless
from tests.test_linear import RIVER, SALT

PULSE = [sys.executable, "-m", "pulse_tui"]
SOON = 20.0
PROMPT = "star, list, help, quit:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "river.md").write_text(RIVER)
    (folder / "salt.md").write_text(SALT)
    return folder


# -- Through a pipe


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def piped(
    home: Path, *arguments: str, said: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The program with orders through a pipe, and no more of the environment than it needs."""
    usual = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"}
    return subprocess.run(
        [*PULSE, *arguments], input=said, capture_output=True, env=usual | (env or {}), timeout=60
    )


def kept(home: Path) -> StateStore:
    """What the program has kept."""
    return StateStore(home / ".local" / "state" / "pulse-tui" / "state.sqlite", clock=clock())


def test_orders_through_a_pipe(home: Path, folder: Path) -> None:
    library = f"--library={folder}"
    done = piped(home, library, "--linear", "river", said=b"n\nstar\nmark b\nq\n")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "Title: The River and the Road."
    assert "Paragraph 20 speaks of the long salt road to the sea." not in lines
    assert lines[-2:] == ["Mark b is set; go b comes back here from anywhere.", lines[-1]]
    state = kept(home)
    reading = state.reading("river")
    ((_, spot),) = state.marks()
    state.close()
    assert reading.starred
    assert 0 < reading.fraction < 1
    assert spot == Spot("river", reading.place or Place())
    again = piped(home, library, "--linear").stdout.decode()
    assert "You were in: The River and the Road," in again
    second = lines[lines.index(f"{', '.join(MENU)}:") + 1 :]
    assert again.partition("percent.\n")[2].splitlines()[:3] == second[:3]


def test_the_end_of_the_input_is_the_end(home: Path, folder: Path) -> None:
    done = piped(home, f"--library={folder}", "--linear", "river", said=b"n\nn")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(re.findall(r"(?m)^\d+ percent:$", done.stdout.decode())) == 2
    done = piped(home, f"--library={folder}", "--linear", "river")
    assert done.returncode == 0


def test_input_that_is_closed(home: Path) -> None:
    script = '"$0" -m pulse_tui --linear tour <&-'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable],
        capture_output=True,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Title: A Short Tour of the Reader." in done.stdout


def test_orders_that_are_no_text(home: Path) -> None:
    done = piped(
        home, "--linear", "tour", said=b"\xff\xfe\x00\x1b[A\n" + b"x" * 100_000 + b"\nf \xc3\n\x03\n"
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert_harmless(done.stdout.decode())


def test_a_text_through_a_pipe_is_said_as_a_whole_where_nobody_can_answer(home: Path) -> None:
    text = b"# Piped\n\nThe first words.\n\n" + b"More of it.\n\n" * 60 + b"The last words.\n"
    alone = [sys.executable, "-c", "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"]
    done = subprocess.run(
        [*alone, *PULSE, "--linear", "-"],
        input=text,
        capture_output=True,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[0] == "Title: Piped."
    assert done.stdout.decode().splitlines()[-1] == "The last words."


def test_read_says_the_whole_article(home: Path, folder: Path) -> None:
    done = piped(home, f"--library={folder}", "read", "--linear", "river")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "Title: The River and the Road."
    assert "Heading level 2: The Third Part" in lines
    assert lines[-5:] == [
        "",
        "3 links:",
        "Link 1, link: https://example.org/",
        "Link 2, the salt: salt.md#the-price",
        "Link 3, the last part: #the-third-part",
    ]
    narrow = piped(home, f"--library={folder}", "read", "--linear", "river", "--width", "40").stdout.decode()
    assert max(len(line) for line in narrow.splitlines() if not line.startswith("Link ")) <= 40
    whole = piped(home, f"--library={folder}", "read", "river", "--width", "0", "--linear").stdout.decode()
    assert "The first paragraph, with a link [link 1] and the salt [link 2]." in whole.splitlines()
    assert not (home / ".local" / "state").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["read", "tour", "--width", "0"],
        ["read", "tour", "--linear", "--width", "5"],
        ["--width", "40"],
        ["--width", "40", "tour"],
        ["--linear", "--width", "1001"],
        ["list", "--linear"],
    ],
    ids=" ".join,
)
def test_usage(home: Path, arguments: list[str]) -> None:
    done = piped(home, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(r"pulse-tui: [^\n]+--help”\.\n", done.stderr.decode())


def test_the_help_tells_of_it(home: Path) -> None:
    for arguments in (["--help"], ["read", "--help"]):
        said = piped(home, *arguments).stdout.decode()
        assert re.search(r"(?m)^  --linear  +plain lines", said)
        assert re.search(r"(?m)^  pulse-tui .*--linear", said)


def test_an_id_that_is_none(home: Path) -> None:
    done = piped(home, "--linear", "nothing-like-it")
    assert (done.returncode, done.stdout) == (3, b"")


def test_textual_is_not_loaded(home: Path) -> None:
    program = (
        "import sys\nfrom pulse_tui.cli import main\nstatus = main(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(status)"
    )
    for arguments in (["--linear"], ["--linear", "tour"], ["read", "--linear", "tour"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            input="n\nfind monsoon\nlist\n2\nsearch rain\nhelp\nq\n",
            env={"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
        assert {"textual", "asyncio", "curses", "readline"} & set(done.stderr.split()) == set()


ENCODINGS: dict[str, tuple[dict[str, str], str]] = {
    "UTF-8": ({"LANG": "C.UTF-8"}, "utf-8"),
    "LANG=C": ({"LANG": "C"}, "ascii"),
    "LC_ALL=C": ({"LC_ALL": "C"}, "ascii"),
    "LC_ALL=POSIX": ({"LC_ALL": "POSIX"}, "ascii"),
    "LC_ALL goes before LANG": ({"LANG": "C", "LC_ALL": "en_US.ISO-8859-1"}, "latin-1"),
    "Latin-1, installed or not": ({"LANG": "en_US.ISO-8859-1"}, "latin-1"),
    "as Python is told": ({"LANG": "C", "PYTHONIOENCODING": "latin-1"}, "latin-1"),
    "as it is settled": ({"LANG": "C.UTF-8", "PULSE_ENCODING": "ascii"}, "ascii"),
}


@pytest.mark.parametrize(("env", "encoding"), ENCODINGS.values(), ids=ENCODINGS)
def test_no_byte_that_the_terminal_does_not_have(
    home: Path, tmp_path: Path, env: dict[str, str], encoding: str
) -> None:
    path = tmp_path / "letters.md"
    path.write_text(
        "---\ntitle: “Café” — پشاور\n---\n\nIt’s a *naïve* [façade](x.md) … in Peshawar, پشاور.\n"
    )
    for arguments in (["read", "--linear"], ["--linear"]):
        done = piped(home, *arguments, str(path), said="f naïve\nlinks\n".encode(), env=env)
        assert (done.returncode, done.stderr) == (0, b"")
        out = done.stdout.decode(encoding)  # which fails where a byte is wrong
        if encoding == "utf-8":
            assert "It’s a naïve façade [link 1] … in Peshawar, پشاور." in out
        elif encoding == "latin-1":
            assert 'Title: "Café" -- ?.' in out
            assert "It's a naïve façade [link 1] ... in Peshawar, ?." in out
        else:
            assert 'Title: "Cafe" -- ?.' in out
            assert "It's a naive facade [link 1] ... in Peshawar, ?." in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_equivalents_do_not_make_lines_longer_than_the_width(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    path.write_text("— … × ½ ° “æßœ” " * 60 + "\n\n- — … — … — … — … — …\n\n`" + "—" * 50 + "`\n")
    out = piped(home, "read", "--linear", "--width", "40", str(path), env={"LANG": "C"}).stdout.decode(
        "ascii"
    )
    assert max(map(len, out.splitlines())) <= 40


def test_a_reader_of_the_output_that_has_had_enough(home: Path) -> None:
    script = '"$0" -m pulse_tui --linear tour </dev/null | head -1'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable],
        capture_output=True,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("Section: The Pulse, Technology, South Asia.\n", "")


# -- On a terminal


@pytest.fixture
def at_terminal(home: Path, folder: Path) -> Callable[..., Terminal]:
    """The reader on a terminal without a screen."""

    def start(
        *arguments: str, term: str | None = "dumb", size: tuple[int, int] = (80, 24), before: str = ""
    ) -> Terminal:
        command = [*PULSE, f"--library={folder}", *arguments]
        if before:
            command = ["sh", "-c", f'{before}; exec "$@"', "sh", *command]
        return Terminal(
            command, columns=size[0], rows=size[1], env={"TERM": term, "PULSE_BUNDLED": "false"}, home=home
        )

    return start


def answer(terminal: Terminal, typed: str, wanted: str) -> None:
    terminal.send(f"{typed}\r")
    terminal.wait_for(wanted, SOON)
    terminal.settle()


@pytest.mark.parametrize("term", ["dumb", "", None], ids=["dumb", "empty", "none"])
def test_a_terminal_without_a_screen_gets_the_reader(
    at_terminal: Callable[..., Terminal], home: Path, term: str | None
) -> None:
    with at_terminal(term=term) as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "", "Paragraph 12")
        answer(terminal, "find bridge at dusk", "Match 1 of 1.")
        answer(terminal, "list", "A number, or a word:")
        answer(terminal, "help", "end: the last page.")
        terminal.send("q\r")
        assert terminal.wait(SOON) == 0
        assert b"\x1b" not in terminal.output
        assert not terminal.attributes_changed()
        assert not set(terminal.output) & (set(range(32)) - {10, 13})
    state = kept(home)
    assert list(state.history(1)) == ["river"]
    state.close()


def test_no_escape_sequence_on_any_terminal(at_terminal: Callable[..., Terminal]) -> None:
    with at_terminal("--linear", term="xterm-256color") as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "n", "percent:")
        terminal.send("q\r")
        assert terminal.wait(SOON) == 0
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (20, 5)], ids=str)
def test_a_page_is_what_the_terminal_shows(
    at_terminal: Callable[..., Terminal], size: tuple[int, int]
) -> None:
    with at_terminal("--linear", size=size) as terminal:
        terminal.wait_for("quit:", SOON)
        terminal.settle()
        for _ in range(4):
            before = terminal.bytes_received
            terminal.send("\r")
            terminal.wait_for(lambda text: text.rstrip().endswith("percent:"), SOON)
            terminal.settle()
            lines = terminal.output[before:].decode().strip("\r\n").split("\r\n")
            assert 1 < len(lines) <= size[1] - 1
            assert max(map(len, lines)) < size[0]


def test_the_end_of_the_input_on_a_terminal(at_terminal: Callable[..., Terminal]) -> None:
    with at_terminal() as terminal:
        terminal.wait_for(PROMPT, SOON)
        terminal.press("ctrl+d")
        assert terminal.wait(SOON) == 0
        assert terminal.screen.cursor.x == 0


def test_an_interrupt_at_the_prompt(at_terminal: Callable[..., Terminal], home: Path) -> None:
    with at_terminal() as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "n", "percent:")
        terminal.press("ctrl+c")
        assert terminal.wait(SOON) == 130
        assert b"\x1b" not in terminal.output
        assert "Traceback" not in terminal.text()
    assert_kept(home)


def assert_kept(home: Path) -> None:
    """The second page is where the reader is."""
    state = kept(home)
    reading = state.reading("river")
    state.close()
    assert reading.place is not None
    assert reading.place.block > 3
    assert reading.seconds > 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_signals(at_terminal: Callable[..., Terminal], home: Path, name: str) -> None:
    number = getattr(signal, name)
    with at_terminal() as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "n", "percent:")
        terminal.signal(number)
        assert terminal.wait(SOON) == 128 + number
        assert "Traceback" not in terminal.text()
    assert_kept(home)


@pytest.mark.parametrize("before", ["", "trap '' HUP"], ids=["", "SIGHUP is ignored"])
def test_a_dropped_line(at_terminal: Callable[..., Terminal], home: Path, before: str) -> None:
    with at_terminal(before=before) as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "n", "percent:")
        terminal.hang_up()
        terminal.wait(SOON)
    assert_kept(home)


def test_a_signal_while_the_terminal_takes_nothing(at_terminal: Callable[..., Terminal], home: Path) -> None:
    with at_terminal() as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "n", "percent:")
        terminal.press("ctrl+s")
        terminal.send("list\rhelp\rhelp\rhelp\r")
        terminal.settle()
        terminal.signal(signal.SIGTERM)
        assert terminal.wait(SOON) == 128 + signal.SIGTERM
    assert_kept(home)


def test_a_kill(at_terminal: Callable[..., Terminal], home: Path) -> None:
    with at_terminal() as terminal:
        terminal.wait_for(PROMPT, SOON)
        answer(terminal, "n", "percent:")
        terminal.signal(signal.SIGKILL)
        assert terminal.wait(SOON) == 128 + signal.SIGKILL
    assert_kept(home)


def test_plain_text_where_nobody_can_answer(home: Path, folder: Path) -> None:
    script = '"$@" </dev/null'
    command = ["sh", "-c", script, "sh", *PULSE, f"--library={folder}", "salt"]
    with Terminal(command, columns=80, rows=40, env={"TERM": "dumb"}, home=home) as terminal:
        assert terminal.wait(SOON) == 0
        assert "here is plain text" in terminal.text()
        assert "It was high." in terminal.text()
        assert b"\x1b" not in terminal.output


def test_a_text_through_a_pipe_and_orders_from_the_terminal(home: Path) -> None:
    text = "# Piped\\n\\nThe first words.\\n\\n" + "More of it.\\n\\n" * 40 + "The last words."
    command = ["sh", "-c", f"printf '{text}' | \"$@\"", "sh", *PULSE, "--linear", "-"]
    with Terminal(command, columns=80, rows=24, env={"TERM": "dumb"}, home=home) as terminal:
        terminal.wait_for(PROMPT, SOON)
        assert "The first words." in terminal.text()
        answer(terminal, "end", "The last words.")
        terminal.send("q\r")
        assert terminal.wait(SOON) == 0
        assert b"\x1b" not in terminal.output
