"""What a terminal can do, and how that is known."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypedDict

from pulse_tui.terminal.terminfo import Description, find

TRUECOLOR = 1 << 24
"""The number of colours where each has 24 bits."""
_COLOURS = (0, 8, 16, 256, TRUECOLOR)
_MULTIPLEXERS = ("tmux", "screen")
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
_LIKE_XTERM = (
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "kitty",
    "konsole",
    "mintty",
    "rio",
    "vte",
    "wezterm",
)
"""What these are called is often missing from a server's terminfo; they understand what xterm does."""


class Capabilities(NamedTuple):
    """What may be sent to a terminal; whatever is not known counts as lacking.

    The names in brackets are terminfo's (terminfo(5)) or the control function's (ECMA-48, DEC STD 070).
    """

    colours: int = 0
    """How many it shows: 0, 8, 16, 256 or `TRUECOLOR` (colors)."""
    moves: bool = False
    """The cursor can be put anywhere (cup)."""
    scroll_region: bool = False
    """A range of rows can scroll by itself (csr, DECSTBM)."""
    scroll: bool = False
    """SU and SD scroll without a cursor move (indn, rin)."""
    insert_lines: bool = False
    """IL and DL (il, dl)."""
    erase_characters: bool = False
    """ECH (ech)."""
    back_colour_erase: bool = False
    """What is erased takes the background colour in force (bce)."""
    repeat: bool = False
    """REP repeats the character before it (rep)."""
    styles_end_singly: bool = False
    """SGR 22 to 29 end one attribute, where otherwise only SGR 0 ends them all (rmul, sgr)."""
    italics: bool = False
    """SGR 3 slants, where GNU screen reverses (sitm)."""
    margins: bool = False
    """Left and right margins (DECLRMM, DECSLRM), answered by the terminal itself."""
    synchronized: bool = False
    """Mode 2026 shows a frame at once, answered by the terminal itself."""
    alternate_screen: bool = False
    """There is a second screen to draw on, so that the first is there again at the end (smcup)."""
    encoding: str = "utf-8"
    """What its characters are sent in: "utf-8", "ascii", or the name of an 8-bit codec."""


Source = Literal["answered", "environment", "terminfo", "default"]
"""How a capability is known; whichever stands first here wins."""


def described(term: str, environment: Mapping[str, str]) -> Capabilities:
    """What terminfo and the environment say of a terminal with this name; an unknown one can do little."""
    return explained(term, environment)[0]


def explained(term: str, environment: Mapping[str, str]) -> tuple[Capabilities, dict[str, Source]]:
    """The same, and how each capability is known, by its name."""
    found = find(term, environment) if term not in ("", "dumb") else None
    if found is None and term.startswith(_LIKE_XTERM):
        found = find("xterm", environment)
    if found is not None:
        base = _of_terminfo(term, found)
    else:
        # Whatever has a name of its own today takes CUP, ED and EL (ECMA-48).
        base = Capabilities(moves=term not in ("", "dumb"), encoding="ascii")
    told = _of_environment(term, environment, base, known=found is not None)
    sources: dict[str, Source] = dict.fromkeys(Capabilities._fields, "default")
    if found is not None:
        sources |= dict.fromkeys(sources.keys() - {"margins", "synchronized", "encoding"}, "terminfo")
    return base._replace(**told), sources | dict.fromkeys(told, "environment")


def _of_terminfo(term: str, found: Description) -> Capabilities:
    # What will be sent are the control functions of ECMA-48, so strings that differ from them count as none.
    strings = found.strings
    has = {
        name: strings[name].startswith(b"\x1b[") and strings[name].endswith(end)
        for name, end in (
            ("cup", b"H"),
            ("csr", b"r"),
            ("indn", b"S"),
            ("rin", b"T"),
            ("il", b"L"),
            ("dl", b"M"),
            ("ech", b"X"),
        )
    }
    # The name may say what its description, which is missing, would have said.
    colours = max(256, found.colours) if "256color" in term else found.colours
    return Capabilities(
        colours=max(number for number in _COLOURS if number <= colours),
        moves=has["cup"],
        scroll_region=has["csr"],
        scroll=has["indn"] and has["rin"],
        insert_lines=has["il"] and has["dl"],
        erase_characters=has["ech"],
        # kitty, for one, has no bce (https://sw.kovidgoyal.net/kitty/faq/).
        back_colour_erase=found.back_colour_erase and found.name == term,
        # xterm has it, but many that take its name had or have it not, mosh among them:
        # https://invisible-island.net/ncurses/ncurses.faq.html#xterm_generic
        # https://github.com/mobile-shell/mosh/issues/1064
        repeat=strings["rep"].endswith(b"b") and not found.name.startswith(("xterm", "ansi")),
        styles_end_singly=strings["rmul"] == b"\x1b[24m",
        italics=strings["sitm"] == b"\x1b[3m",
        alternate_screen=b"\x1b[?1049h" in strings["smcup"] or b"\x1b[?47h" in strings["smcup"],
        encoding="ascii",
    )


class _Told(TypedDict, total=False):
    colours: int
    back_colour_erase: bool
    repeat: bool
    italics: bool
    encoding: str


def _of_environment(term: str, environment: Mapping[str, str], base: Capabilities, *, known: bool) -> _Told:
    """What variables add to terminfo, or take from it."""
    told: _Told = {}
    tmux, screen = "TMUX" in environment, "STY" in environment
    if (tmux or screen) and not term.startswith(_MULTIPLEXERS):
        # The name was given to it by hand, so it may promise too much: tmux had no bce before version 2.4
        # (https://github.com/neovim/neovim/issues/6845).
        told["back_colour_erase"] = told["repeat"] = False
    if tmux and not screen and term.startswith("screen"):
        told["italics"] = True  # it often goes by that name, but slants them
    if environment.get("NO_COLOR"):  # empty means unset: https://no-color.org
        told["colours"] = 0
    elif environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        # GNU screen hands on the variable of the terminal around it, but 24-bit colours only from version 5
        # on and where told to (https://www.gnu.org/software/screen/manual/screen.html).  A description
        # without any colour was chosen on purpose.
        believed = tmux or not (screen or term.startswith("screen"))
        if believed and (base.colours or (base.moves and not known)):
            told["colours"] = TRUECOLOR
    codec = _codec(environment)
    if codec is not None:
        told["encoding"] = codec
    return told


def uncoerced(environment: Mapping[str, str], *, utf8_mode: bool) -> Mapping[str, str]:
    """The environment as it was before Python started, which gives a C locale another LC_CTYPE (PEP 538).

    Where it does, it is in its UTF-8 mode too (`sys.flags.utf8_mode`), without being told to (PEP 540).
    """
    if utf8_mode and "PYTHONUTF8" not in environment and environment.get("LC_CTYPE") in _COERCED:
        return {name: value for name, value in environment.items() if name != "LC_CTYPE"}
    return environment


def _codec(environment: Mapping[str, str]) -> str | None:
    """The locale's encoding: "utf-8", an 8-bit codec that holds ASCII, or "ascii"; None without a locale.

    The variables' order and form (`language_TERRITORY.codeset@modifier`) are those of POSIX.1-2017, 8.2.
    """
    locale = next(filter(None, map(environment.get, ("LC_ALL", "LC_CTYPE", "LANG"))), None)
    if locale is None:
        return None
    name, _, modifier = locale.partition("@")
    codeset = name.partition(".")[2] or ("iso8859-15" if modifier == "euro" else "ascii")
    if name.lower() in ("utf-8", "utf8"):  # as macOS has it
        codeset = name
    return usable_codec(codeset) or "ascii"


def usable_codec(name: str) -> str | None:
    """Python's name for UTF-8, or for an encoding of 8 bits that holds ASCII; None for any other."""
    try:
        codec = codecs.lookup(name).name
        keeps_ascii = bytes(range(128)).decode(codec) == bytes(range(128)).decode("ascii")
        one_by_one = len(bytes(range(160, 256)).decode(codec, "replace")) == 96
    except (LookupError, ValueError):
        return None
    return codec if codec == "utf-8" or (keeps_ascii and one_by_one) else None
