"""What is known of a terminal: from terminfo, from variables, and from its own answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.terminal import terminfo
from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities, described, explained, uncoerced

EMPTY: dict[str, str] = {}

# As the terminfo of ncurses 6.4 has them.
REGION = {"scroll_region", "moves"}
LINES = REGION | {"insert_lines"}
SINGLE = LINES | {"styles_end_singly"}
ERASING = SINGLE | {"erase_characters"}
SCROLLING = SINGLE | {"scroll", "alternate_screen"}
FULL = SCROLLING | ERASING | {"back_colour_erase", "italics"}
INSTALLED = {
    "xterm-256color": (256, FULL),
    "xterm": (8, FULL),
    "tmux-256color": (256, SCROLLING | {"italics"}),
    "screen": (8, SCROLLING),
    "screen-256color": (256, SCROLLING),
    "linux": (8, ERASING | {"back_colour_erase"}),
    "vt100": (0, REGION),
    "vt220": (0, ERASING),
    "rxvt-unicode": (16, FULL),  # 88 colours, of which the first 16 are as elsewhere
    "rxvt-unicode-256color": (256, FULL),
    "dumb": (0, set()),
}


def able(capabilities: Capabilities) -> set[str]:
    return {name for name, value in capabilities._asdict().items() if value is True}


def installed(term: str) -> terminfo.Description:
    found = terminfo.find(term, EMPTY)
    if found is None or found.name != term:
        pytest.skip(f"there is no terminfo entry for {term} here")
    return found


def compiled(
    *, colours: int = -1, bce: bool = False, strings: dict[int, bytes] | None = None, wide: bool = False
) -> bytes:
    """A compiled description (term(5)), with strings at their positions in <term.h>."""
    table, offsets = b"", [-1] * 312
    for position, text in (strings or {}).items():
        offsets[position] = len(table)
        table += text + b"\0"
    names, flags = b"made|for tests\0", bytes([0] * 28 + [bce])
    body = names + flags
    if (len(body)) % 2:
        body += b"\0"
    form = "<14i" if wide else "<14h"
    body += pack(form, *[-1] * 13, colours) + pack(f"<{len(offsets)}h", *offsets) + table
    header = pack("<6H", 0o1036 if wide else 0o432, len(names), len(flags), 14, len(offsets), len(table))
    return header + body


def entry(folder: Path, term: str, data: bytes) -> None:
    path = folder / term[0] / term
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


CUP = {10: b"\x1b[%i%p1%d;%p2%dH$<5>"}


# -- terminfo


@pytest.mark.parametrize("term", INSTALLED)
def test_what_terminfo_says(term: str) -> None:
    if term != "dumb":
        installed(term)
    colours, abilities = INSTALLED[term]
    known = described(term, EMPTY)
    assert (known.colours, able(known)) == (colours, abilities)


@pytest.mark.parametrize("term", [term for term in INSTALLED if term != "dumb"])
def test_the_descriptions_are_read_as_curses_reads_them(term: str) -> None:
    found = installed(term)
    program = (
        "import curses, sys\n"
        "curses.setupterm(sys.argv[1], 1)\n"
        "print(curses.tigetnum('colors'), curses.tigetflag('bce'))\n"
        "for name in sys.argv[2:]: print(repr(curses.tigetstr(name) or b''))"
    )
    names = list(found.strings)
    done = subprocess.run([sys.executable, "-c", program, term, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    colours, bce = map(int, first.split())
    assert (max(0, colours), bce == 1) == (found.colours, found.back_colour_erase)
    for name, text in zip(names, rest, strict=True):
        ours = repr(found.strings[name])
        assert ours == text or "$<" in text, name
        assert "$<" not in ours


def test_an_unknown_terminal_is_taken_to_move_and_no_more() -> None:
    assert able(described("no-such-terminal", EMPTY)) == {"moves"}
    assert described("no-such-terminal", EMPTY).colours == 0


@pytest.mark.parametrize("term", ["", "dumb"])
def test_a_terminal_without_a_screen(term: str) -> None:
    assert described(term, {"COLORTERM": "truecolor", "LANG": "C.UTF-8"}) == Capabilities(
        encoding="utf-8", colours=0
    )


@pytest.mark.parametrize(
    ("term", "general"),
    [("xterm-unheardof", "xterm"), ("screen.unheardof", "screen"), ("linux-unheardof-too", "linux")],
)
def test_a_name_that_is_not_there_is_at_least_what_its_root_says(term: str, general: str) -> None:
    installed(general)
    assert described(term, EMPTY) == described(general, EMPTY)._replace(back_colour_erase=False)
    assert described(f"{term}-256color", EMPTY).colours == 256


@pytest.mark.parametrize(
    "term", ["../x/xterm", "/etc/passwd", ".", "..", "x/../xterm", "\x1b[2J", "é", "a\0b", "x" * 999]
)
def test_a_hostile_name_is_an_unknown_terminal(term: str) -> None:
    assert terminfo.find(term, EMPTY) is None
    assert able(described(term, EMPTY)) == {"moves"}


def test_a_well_known_terminal_does_not_need_a_description_of_its_own() -> None:
    installed("xterm")
    if terminfo.find("wezterm", EMPTY) is None:
        assert described("wezterm", EMPTY) == described("xterm-wezterm", EMPTY)


def test_the_users_own_description_comes_first(tmp_path: Path) -> None:
    entry(tmp_path / "own", "xterm", compiled(colours=16, strings=CUP))
    entry(tmp_path / "home" / ".terminfo", "xterm", compiled(colours=8, strings=CUP))
    entry(tmp_path / "other", "made", compiled(colours=256, bce=True, strings=CUP))
    environment = {"HOME": str(tmp_path / "home")}
    assert able(described("xterm", environment)) == {"moves"}
    assert described("xterm", environment).colours == 8
    assert described("xterm", environment | {"TERMINFO": str(tmp_path / "own")}).colours == 16
    dirs = {"TERMINFO_DIRS": f":{tmp_path / 'nothing'}:{tmp_path / 'other'}"}
    assert described("made", dirs) == Capabilities(
        colours=256, moves=True, back_colour_erase=True, encoding="ascii"
    )


def test_both_formats_and_folders_by_code_are_read(tmp_path: Path) -> None:
    path = tmp_path / f"{ord('m'):x}" / "made"
    path.parent.mkdir()
    path.write_bytes(compiled(colours=TRUECOLOR, strings=CUP, wide=True))
    assert described("made", {"TERMINFO": str(tmp_path)}).colours == TRUECOLOR


def test_control_strings_that_are_not_ecma_48_count_as_none(tmp_path: Path) -> None:
    entry(
        tmp_path, "made", compiled(strings={10: b"\x1b=%p1%' '%+%c%p2%' '%+%c", 3: b"\x1bxr", 44: b"\x1b[m"})
    )
    assert able(described("made", {"TERMINFO": str(tmp_path)})) == set()


@given(st.binary(max_size=400) | st.integers(0, 600).map(lambda end: compiled(colours=8, strings=CUP)[:end]))
def test_a_broken_description_is_refused_in_one_way(data: bytes) -> None:
    try:
        found = terminfo.parse("made", data)
    except ValueError:
        return
    assert found.colours >= 0


def test_repetition_is_believed_of_those_that_have_a_name_of_their_own(tmp_path: Path) -> None:
    for term in ("made", "xterm-made"):
        entry(tmp_path, term, compiled(strings=CUP | {121: b"%p1%c\x1b[%p2%{1}%-%db"}))
    environment = {"TERMINFO": str(tmp_path)}
    assert described("made", environment).repeat
    assert not described("xterm-made", environment).repeat


# -- Variables


@pytest.mark.parametrize(
    ("term", "variables", "colours"),
    [
        ("xterm-256color", {}, 256),
        ("xterm-256color", {"COLORTERM": "truecolor"}, TRUECOLOR),
        ("xterm", {"COLORTERM": "24bit"}, TRUECOLOR),
        ("xterm", {"COLORTERM": "TrueColor"}, TRUECOLOR),
        ("xterm", {"COLORTERM": "gnome-terminal"}, 8),
        ("no-such-terminal", {"COLORTERM": "truecolor"}, TRUECOLOR),
        ("vt100", {"COLORTERM": "truecolor"}, 0),
        ("screen", {"COLORTERM": "truecolor"}, 8),
        ("screen-256color", {"COLORTERM": "truecolor", "STY": "1.pts-0"}, 256),
        ("screen-256color", {"COLORTERM": "truecolor", "TMUX": "/tmp/tmux"}, TRUECOLOR),
        ("tmux-256color", {"COLORTERM": "truecolor"}, TRUECOLOR),
        ("xterm-256color", {"NO_COLOR": "1"}, 0),
        ("xterm-256color", {"NO_COLOR": "1", "COLORTERM": "truecolor"}, 0),
        ("xterm-256color", {"NO_COLOR": ""}, 256),
    ],
)
def test_how_many_colours(term: str, variables: dict[str, str], colours: int) -> None:
    if term != "no-such-terminal":
        installed(term)
    assert described(term, variables).colours == colours


@pytest.mark.parametrize(
    ("variables", "encoding"),
    [
        ({}, "ascii"),
        ({"LANG": ""}, "ascii"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "POSIX"}, "ascii"),
        ({"LANG": "C.UTF-8"}, "utf-8"),
        ({"LANG": "en_GB.utf8"}, "utf-8"),
        ({"LANG": "de_DE.UTF-8@euro"}, "utf-8"),
        ({"LANG": "de_DE.ISO-8859-1"}, "iso8859-1"),
        ({"LANG": "de_DE@euro"}, "iso8859-15"),
        ({"LANG": "ru_RU.KOI8-R"}, "koi8-r"),
        ({"LANG": "de_DE"}, "ascii"),
        ({"LANG": "en_US.US-ASCII"}, "ascii"),
        ({"LC_CTYPE": "UTF-8"}, "utf-8"),
        ({"LANG": "xx.no-such-codec"}, "ascii"),
        ({"LANG": "ja_JP.eucJP"}, "ascii"),
        ({"LANG": "xx.utf-16"}, "ascii"),
        ({"LANG": "xx.utf-7"}, "ascii"),
        ({"LANG": "xx.rot13"}, "ascii"),
        ({"LANG": "xx.base64"}, "ascii"),
        ({"LANG": "xx.../../x"}, "ascii"),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "de_DE.ISO-8859-1"}, "iso8859-1"),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "de_DE.ISO-8859-1", "LC_ALL": "C"}, "ascii"),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "", "LC_ALL": ""}, "utf-8"),
    ],
)
def test_the_encoding_is_the_locales(variables: dict[str, str], encoding: str) -> None:
    assert described("linux", variables).encoding == encoding


@pytest.mark.parametrize("variable", ["TMUX", "STY"])
def test_a_borrowed_name_is_not_believed_wholly(variable: str) -> None:
    installed("xterm-256color")
    known, how = explained("xterm-256color", {variable: "x"})
    assert able(known) == FULL - {"back_colour_erase"}
    assert how["back_colour_erase"] == "environment"


def test_how_each_is_known() -> None:
    installed("xterm-256color")
    _, how = explained("xterm-256color", {"COLORTERM": "truecolor", "LANG": "C"})
    assert set(how) == set(Capabilities._fields)
    assert {name for name, source in how.items() if source == "environment"} == {"colours", "encoding"}
    assert {name for name, source in how.items() if source == "default"} == {"margins", "synchronized"}
    assert set(explained("no-such-terminal", EMPTY)[1].values()) == {"default"}


def test_what_only_a_terminal_can_say_is_not_assumed() -> None:
    assert not any(
        getattr(described(term, {"LANG": "C.UTF-8"}), name)
        for term in INSTALLED
        for name in ("margins", "synchronized")
    )


@pytest.mark.parametrize(
    ("variables", "utf8_mode", "encoding"),
    [
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True, "ascii"),
        ({"LC_CTYPE": "C.UTF-8"}, True, "ascii"),
        ({"LC_CTYPE": "C.UTF-8"}, False, "utf-8"),
        ({"LC_CTYPE": "C.UTF-8", "PYTHONUTF8": "1"}, True, "utf-8"),
        ({"LANG": "C.UTF-8"}, True, "utf-8"),
        ({"LC_CTYPE": "de_DE.ISO-8859-1"}, True, "iso8859-1"),
    ],
)
def test_what_python_made_of_the_locale_does_not_count(
    variables: dict[str, str], utf8_mode: bool, encoding: str
) -> None:
    assert described("linux", uncoerced(variables, utf8_mode=utf8_mode)).encoding == encoding


@pytest.mark.parametrize(("lang", "encoding"), [("C", "ascii"), ("", "ascii"), ("C.UTF-8", "utf-8")])
def test_the_locale_of_a_real_process(lang: str, encoding: str) -> None:
    program = (
        "import os, sys\nfrom pulse_tui.terminal.capabilities import described, uncoerced\n"
        "environment = uncoerced(os.environ, utf8_mode=bool(sys.flags.utf8_mode))\n"
        "print(described('linux', environment).encoding)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"LANG": lang}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == encoding


def test_italics_where_the_terminal_slants() -> None:
    """GNU screen takes SGR 3 for standout, and tmux, which often goes by that name, for italics."""
    installed("screen")
    assert not described("screen", EMPTY).italics
    assert not described("screen", {"STY": "1.screen"}).italics
    assert described("screen", {"TMUX": "/tmp/tmux-0/default,1,0"}).italics
