"""The terminal harness tells the truth about small programs whose behaviour is known."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

RAW = "import os, sys, termios, time, tty\ntty.setraw(0)\n"
QUESTIONS = {
    "synchronized output": ("\x1b[?2026$p", "\x1b[?2026;2$y"),
    "an unknown mode": ("\x1b[?31337$p", "\x1b[?31337;0$y"),
    "device attributes": ("\x1b[c", "\x1b[?64;1;2;6;9;15;18;21;22c"),
    "the cursor": ("\x1b[3;5H\x1b[6n", "\x1b[3;5R"),
    "the size": ("\x1b[18t", "\x1b[8;10;40t"),
    "the background": ("\x1b]11;?\x1b\\", "\x1b]11;rgb:0000/0000/0000\x1b\\"),
}
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="Linux's /proc is needed"
)


def shell(script: str) -> Terminal:
    return Terminal(["sh", "-c", script], columns=40, rows=10)


def python(script: str) -> Terminal:
    return Terminal([sys.executable, "-c", script], columns=40, rows=10)


def writes(text: str) -> Terminal:
    """A program that writes a text and ends."""
    return python(f"print({text!r}, end='')")


def test_text_and_status() -> None:
    with shell("echo one; echo two; exit 3") as terminal:
        assert terminal.wait() == 3
        assert terminal.text().split() == ["one", "two"]
        assert terminal.bytes_received == len("one\r\ntwo\r\n")
        assert not terminal.running


def test_a_command_that_is_not_there() -> None:
    with Terminal(["no-such-command"]) as terminal:
        assert terminal.wait() == 127
        assert "not found" in terminal.text()


def test_keys_reach_the_program() -> None:
    with shell("read line; echo \"<$line>\"; IFS= read -r line; echo '<'\"$line\"'>'") as terminal:
        terminal.send("hello\n")
        terminal.wait_for("<hello>")
        terminal.press("a", "space", "b", "backspace", "c", "enter")
        terminal.wait_for("<a c>")


def test_the_interrupt_key_reaches_only_the_program() -> None:
    with python("import time\nprint('ready', flush=True)\ntime.sleep(60)") as terminal:
        terminal.wait_for("ready")
        terminal.press("ctrl+c")
        assert terminal.wait() == 128 + signal.SIGINT
        assert "KeyboardInterrupt" in terminal.text()


def test_environment_is_clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with Terminal(["sh", "-c", "env; pwd"], env={"PULSE": "x", "LANG": None}, cwd=tmp_path) as terminal:
        terminal.wait()
        lines = terminal.output.decode().split()
        assert f"HOME={terminal.home}" in lines
        assert {"TERM=xterm-256color", "PULSE=x", str(tmp_path)} <= set(lines)
        assert not [line for line in lines if line.startswith(("NO_COLOR", "LANG"))]
        home = terminal.home
        assert home.is_dir()
    assert not home.exists()


def test_size_and_resize() -> None:
    program = (
        "import os, signal, time\n"
        "def show(*_): os.write(1, b'%d %d\\n' % os.get_terminal_size())\n"
        "signal.signal(signal.SIGWINCH, show)\nshow()\ntime.sleep(60)"
    )
    with python(program) as terminal:
        terminal.wait_for("40 10")
        terminal.resize(100, 30)
        terminal.wait_for("100 30")
        assert (terminal.screen.columns, terminal.screen.lines) == (100, 30)


@pytest.mark.parametrize(("question", "answer"), QUESTIONS.values(), ids=QUESTIONS)
def test_questions_are_answered(question: str, answer: str) -> None:
    ask = f"os.write(1, {question!r}.encode())\nprint(ascii(os.read(0, 99).decode()), end='')"
    with python(RAW + ask) as terminal:
        terminal.wait()
        assert ascii(answer) in terminal.text().replace("\n", "")


def test_a_terminal_without_answers() -> None:
    ask = "import select\nos.write(1, b'\\x1b[c')\nprint(select.select([0], [], [], 0.2)[0], end='')"
    with Terminal([sys.executable, "-c", RAW + ask], answers=()) as terminal:
        terminal.wait()
        assert terminal.text().strip() == "[]"


def test_modes_left_on() -> None:
    with writes("\x1b[?1049h\x1b[?1000;1006h\x1b[?25l\x1b[>1u\x1b[2;5r\x1b[?1000l") as terminal:
        terminal.wait()
        assert terminal.modes_left_on() == [
            "?25l",
            "?1006h",
            "?1049h",
            "kitty keyboard, 1 deep",
            "scrolling region",
        ]
    with writes("\x1b[?1049h\x1b[?25l\x1b[>1u\x1b[2;5r\x1b[r\x1b[<u\x1b[?25h\x1b[?1049l") as terminal:
        terminal.wait()
        assert terminal.modes_left_on() == []


@pytest.mark.parametrize(("restore", "changed"), [("", True), ("termios.tcsetattr(0, 0, before)", False)])
def test_line_attributes(restore: str, changed: bool) -> None:
    program = f"import termios, tty\nbefore = termios.tcgetattr(0)\ntty.setraw(0)\n{restore}"
    with python(program) as terminal:
        assert terminal.wait() == 0
        assert terminal.attributes_changed() is changed


def test_signals() -> None:
    with shell("echo ready; exec sleep 60") as terminal:
        terminal.wait_for("ready")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM


def test_hang_up(tmp_path: Path) -> None:
    """The shell ends, and what the program reads does; now and then Linux sends only the former SIGHUP."""
    note = tmp_path / "note"
    program = (
        "import contextlib, os, signal\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nprint('ready', flush=True)\n"
        "with contextlib.suppress(OSError):\n    while os.read(0, 99): pass\n"
        f"open({str(note)!r}, 'w').write('bye')"
    )
    with python(program) as terminal:
        terminal.wait_for("ready")
        assert terminal.running
        terminal.hang_up()
        assert terminal.wait() is None
        assert note.read_text() == "bye"


def test_waiting_in_vain_shows_the_screen() -> None:
    with shell("echo what there is; sleep 60") as terminal:
        with pytest.raises(TimeoutError, match=r"'what there is not' stood.*still runs(?s:.*)what there is$"):
            terminal.wait_for("what there is not", 0.3)
        with pytest.raises(TimeoutError, match="the program ended"):
            terminal.wait(0.1)


def test_waiting_ends_with_the_program() -> None:
    with (
        shell("echo last words; exit 4") as terminal,
        pytest.raises(TimeoutError, match="ended with status 4"),
    ):
        terminal.wait_for("more", limit=60)


def test_output_without_end_is_not_waited_for() -> None:
    with shell("yes") as terminal, pytest.raises(TimeoutError, match="was quiet"):
        terminal.settle(limit=0.2)


def test_time_and_bytes_of_a_key() -> None:
    with shell("stty -echo; echo ready; while read line; do sleep 0.2; echo pong; done") as terminal:
        terminal.wait_for("ready")
        before = terminal.last_output
        terminal.send("ping\n")
        assert terminal.settle(0.5) == len("pong\r\n")
        assert terminal.wait_for("pong") >= before + 0.2


def test_leaving_kills_what_runs() -> None:
    with shell("trap '' HUP TERM INT; sleep 77 & echo $!; wait") as terminal:
        terminal.wait_for(lambda text: text.strip().isdigit())
        pids = terminal.pid, int(terminal.text())
    for pid in pids:
        assert ended(pid)


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits only for its new parent to notice."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] in "ZX"


@pytest.mark.parametrize(
    ("output", "screen"),
    [
        ("a\x1b[?1049hb\x1b[?1049l", "a"),
        ("a\x1b[?1049hb", " b"),
        ("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[S", "1\n3\n\n4"),
        ("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[T\x1b[r", "1\n\n2\n4"),
        ("\x1b]8;;https://example.org/\x1b\\link\x1b]8;;\x1b\\ and \x1b]0;title\x07more", "link and more"),
        ("\x1b_Gi=1,a=q;AAAA\x1b\\\x1bP+q544e\x1b\\graphics", "graphics"),
        ("\x1b[4:3munder\x1b[2 qline\x1b[>4;2m\x1b[=1u", "underline"),
        ("क्षि|विद्यार्थी|👨‍👩‍👧‍👦|❤️|e\u0301|\x1b[1;20Hx", "क्षि|विद्यार्थी|👨‍👩‍👧‍👦|❤️|e\u0301| x"),
        ("கு\x1b[2Dab", "ab"),
    ],
)
def test_emulation(output: str, screen: str) -> None:
    with writes(output) as terminal:
        terminal.wait()
        assert terminal.text().rstrip("\n") == screen


def test_sequences_that_come_in_pieces() -> None:
    pieces = [b"\x1b", b"[?10", b"49h\x1b]0;ti", b"tle\x1b", b"\\te", b"xt\x1b[", b"?25l\xc3", b"\xa9"]
    with python(
        f"import os, time\nfor piece in {pieces}:\n os.write(1, piece); time.sleep(0.03)"
    ) as terminal:
        terminal.wait_for("texté")
        assert terminal.modes_left_on() == ["?25l", "?1049h"]


@needs_proc
def test_processor_time_and_memory() -> None:
    program = (
        "import time\nheld = bytearray(b'x' * 50_000_000)\nend = time.process_time() + 0.3\n"
        "while time.process_time() < end: pass\nprint('ready', flush=True)\ntime.sleep(60)"
    )
    with python(program) as terminal:
        terminal.wait_for("ready")
        assert 0.3 <= terminal.cpu_seconds() < 5
        assert 50e6 < terminal.memory() < 150e6


@needs_proc
def test_children_count() -> None:
    busy = "import time\\nend = time.process_time() + 0.3\\nwhile time.process_time() < end: pass\\n"
    script = f"{sys.executable} -c \"$(printf '{busy}print(1, flush=True)\\ntime.sleep(60)')\" & wait"
    with shell(script) as terminal:
        terminal.wait_for("1")
        assert terminal.cpu_seconds() >= 0.3
