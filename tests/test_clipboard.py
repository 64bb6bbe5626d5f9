"""The terminal's clipboard and links out: sequences as each multiplexer takes them, and who opens what."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulse_tui.terminal.clipboard import LIMIT, Multiplexer, TooLongError, fits, multiplexer, osc52
from pulse_tui.terminal.links import address, has_desk, leads_out, open_in_browser

_OSC52 = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
_DCS = re.compile(rb"\x1bP(.*?)(?<!\x1b)\x1b\\", re.DOTALL)
_MOST = 74_994
"""Bytes of text that a sequence of `LIMIT` bytes holds."""


def clipboards(sequence: bytes) -> list[str]:
    """What a terminal's clipboard holds, one after another; nothing else may be in the sequence."""
    assert _OSC52.sub(b"", sequence) == b""
    return [b64decode(each, validate=True).decode() for each in _OSC52.findall(sequence)]


def through_screen(sequence: bytes) -> bytes:
    """What GNU screen hands on: the content of control strings; it drops an OSC that it does not know."""
    for string in re.findall(rb"\x1bP.*?\x1b\\|\x1b\][^\x07]*\x07", sequence, re.DOTALL):
        assert len(string) <= 256, "what is longer would be drawn"
    assert _OSC52.sub(b"", _DCS.sub(b"", sequence)) == b""
    return b"".join(_DCS.findall(sequence))


def through_tmux(sequence: bytes, *, set_clipboard: bool, allow_passthrough: bool) -> bytes:
    """What tmux hands on, by its options."""
    handed = b"".join(match[0] for match in _OSC52.finditer(_DCS.sub(b"", sequence))) * set_clipboard
    for string in _DCS.findall(sequence):
        assert string.startswith(b"tmux;")
        if allow_passthrough:
            handed += string.removeprefix(b"tmux;").replace(b"\x1b\x1b", b"\x1b")
    return handed


@given(st.text(max_size=2000))
@example("پانی and a \x1b, \ud800, " * 99)
def test_any_text_comes_through(text: str) -> None:
    held = text.encode("utf-8", "replace").decode()
    assert clipboards(osc52(text, multiplexer=None)) == [held]
    assert clipboards(through_screen(osc52(text, multiplexer="screen"))) == [held]
    tmux = osc52(text, multiplexer="tmux")
    for taken in (True, False):
        for passed in (True, False):
            handed = through_tmux(tmux, set_clipboard=taken, allow_passthrough=passed)
            assert clipboards(handed) == [held] * (taken + passed)


def test_a_tmux_by_the_name_of_screen_takes_what_is_short() -> None:
    short = osc52("https://example.org/a", multiplexer="screen")
    assert clipboards(_DCS.sub(b"", short)) == ["https://example.org/a"]
    assert _DCS.sub(b"", osc52("long " * 100, multiplexer="screen")) == b""


@pytest.mark.parametrize("through", [None, "tmux", "screen"])
def test_what_is_too_long_is_not_sent(through: Multiplexer | None) -> None:
    assert len(osc52("a" * _MOST, multiplexer=None)) == LIMIT
    osc52("a" * _MOST, multiplexer=through)
    with pytest.raises(
        TooLongError, match=r"74,995 bytes are too many: a terminal takes 74,994\. Select less\."
    ):
        osc52("a" * (_MOST + 1), multiplexer=through)
    with pytest.raises(TooLongError):
        osc52("पानी" * (_MOST // 10), multiplexer=through)  # bytes count, not characters
    assert fits("a" * _MOST)
    assert not fits("a" * (_MOST + 1))
    assert not fits("ab", limit=11)


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "xterm"}, "tmux"),
        ({"TMUX": "", "STY": "", "TERM": "xterm"}, None),
        ({"STY": "1.pts-0.host", "TERM": "screen"}, "screen"),
        ({"TMUX": "x", "STY": "y"}, "tmux"),
        ({"TERM": "tmux-256color"}, "tmux"),
        ({"TERM": "screen-256color"}, "screen"),
    ],
)
def test_multiplexers(environment: dict[str, str], found: Multiplexer | None) -> None:
    assert multiplexer(environment) == found


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("text", ["A short text", "Ein längerer, پانی, 水. " * 500])
def test_tmux_takes_it(tmp_path: Path, text: str) -> None:
    """The real one, by way of its own clipboard."""
    (tmp_path / "sequence").write_bytes(osc52(text, multiplexer="tmux"))
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "HOME": str(tmp_path)}

    def run(*command: str) -> bytes:
        return subprocess.run(
            [*tmux, *command], env=environment, capture_output=True, check=True, timeout=20
        ).stdout

    send = f"{' '.join(tmux)} wait-for ready; cat {tmp_path}/sequence; exec sleep 60"
    run("new-session", "-d", "-x", "80", "-y", "24", send)
    try:
        run("set-option", "-s", "set-clipboard", "on")
        run("set-hook", "-g", "pane-set-clipboard", "wait-for -S taken")
        run("wait-for", "-S", "ready")
        run("wait-for", "taken")
        assert run("show-buffer").decode() == text
        assert run("capture-pane", "-p").strip() == b"", "nothing of it is drawn"
    finally:
        run("kill-server")


# -- Links


@pytest.mark.parametrize(
    "link", ["https://example.org", "HTTP://EXAMPLE.ORG/B", "http:x", "mailto:a@example.org"]
)
def test_links_that_lead_out(link: str) -> None:
    assert leads_out(link)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http",
        "mailto",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "tel:123",
        " https://example.org",
        "-https://example.org",
        "\x1bhttps://example.org",
        "httpsx://example.org",
        "../https:/x",
    ],
)
def test_links_that_do_not(link: str, tmp_path: Path) -> None:
    assert not leads_out(link)
    with pytest.raises(ValueError, match="not an address"):
        open_in_browser(link, {"BROWSER": f"touch {tmp_path / 'touched'} %s"})
    assert not (tmp_path / "touched").exists()


@given(st.text(max_size=50))
def test_an_address_is_plain(text: str) -> None:
    assert re.fullmatch(r"[!-~]*", address(f"https://example.org/{text}"))


@pytest.mark.parametrize(
    ("environment", "platform", "desk"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "freebsd14", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "darwin", False),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "DISPLAY": "localhost:10.0"}, "linux", False),
        ({"SSH_TTY": "/dev/pts/0", "DISPLAY": ":0"}, "linux", False),
    ],
)
def test_where_a_browser_would_be_seen(environment: dict[str, str], platform: str, desk: bool) -> None:
    assert has_desk(environment, platform) is desk


def test_a_browser_gets_the_address_and_no_terminal(tmp_path: Path) -> None:
    script, told = tmp_path / "browser", tmp_path / "told"
    script.write_text(
        f'#!/bin/sh\nexec 3>{told}; printf "%s\\n" "$1" "${{TERM-none}}" >&3\n'
        "if test -t 0 || test -t 1 || test -t 2; then echo terminal >&3; fi\n"
    )
    script.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "BROWSER": f"{script} %s"}
    link = "https://example.org/پانی?a=1&b=$(touch x)'\"; rm -rf"
    assert open_in_browser(link, environment)
    lines = told.read_text().splitlines()
    assert lines == [address(link), "none"]


def test_no_browser(tmp_path: Path) -> None:
    """One that needs a terminal counts as none."""
    (tmp_path / "w3m").write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    (tmp_path / "w3m").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TERM": "xterm"}
    assert not open_in_browser("https://example.org", environment)
    assert not (tmp_path / "started").exists()
    assert not open_in_browser("https://example.org", {"PATH": "", "BROWSER": "/nowhere/browser"})
