"""What its user could mend around the reader: lines for tmux, sshd and the shell, only where they apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities

_PATIENCE = 2.0
"""Seconds for tmux to tell its options."""
_ESCAPE_MILLISECONDS = 10
"""tmux's own default since version 3.5: https://github.com/tmux/tmux/blob/master/CHANGES."""


class Around(NamedTuple):
    """What is known of the surroundings."""

    term: str
    described_as: str | None
    """The terminfo entry that was read for it."""
    environment: Mapping[str, str]
    capabilities: Capabilities
    utf8: bool | None = None
    """Whether the terminal itself said that it reads UTF-8."""
    ssh: bool = False
    mosh: bool = False
    multiplexer: str | None = None
    tmux: Mapping[str, str] = {}
    """Its options, as far as it told them."""
    sshd: Mapping[str, Sequence[str]] | None = None
    """The server's settings by their names in lower case; None where they may not be read."""


class Advice(NamedTuple):
    """Lines to add somewhere, and why."""

    reason: str
    to_do: str
    lines: tuple[str, ...]


def advice(around: Around) -> list[Advice]:
    """All advice that applies."""
    return [*_on_the_terminal(around), *_on_tmux(around), *_on_ssh(around)]


def _on_the_terminal(around: Around) -> list[Advice]:
    found = []
    if around.described_as != around.term and around.term not in ("", "dumb"):
        reason = f"There is no terminfo entry for {around.term} here, so little is taken for granted."
        copy = f"infocmp -x {around.term} | ssh HOST -- tic -x -"
        found.append(Advice(reason, "Run on the machine that the terminal runs on", (copy,)))
    if around.utf8 and _is_without_locale(around):
        reason = "The terminal reads UTF-8, but the locale does not say so, and other programs go by that."
        found.append(Advice(reason, "Add to ~/.profile", ("export LANG=C.UTF-8",)))
    return found


def _on_tmux(around: Around) -> list[Advice]:
    if around.multiplexer != "tmux":
        return []
    found: list[tuple[str, tuple[str, ...]]] = []
    options = around.tmux
    if not around.term.startswith("tmux"):
        reason = f"Inside tmux the terminal's name should be tmux-256color, not {around.term}."
        found.append((reason, ('set -g default-terminal "tmux-256color"',)))
    if around.capabilities.colours < TRUECOLOR and not around.environment.get("NO_COLOR"):
        known = "RGB" in options.get("features", "").split(",")
        passed = () if known else ('set -as terminal-features ",*:RGB"',)
        reason = "If the terminal around tmux shows 24-bit colours, nothing here says so."
        found.append((reason, (*passed, "set-environment -g COLORTERM truecolor")))
    escape = options.get("escape-time", "")
    if escape.isdecimal() and int(escape) > _ESCAPE_MILLISECONDS:
        reason = f"Every Esc is held back for {escape} ms."
        found.append((reason, (f"set -s escape-time {_ESCAPE_MILLISECONDS}",)))
    if options.get("set-clipboard", "on") != "on":
        reason = "What programs copy stays away from the terminal's clipboard."
        found.append((reason, ("set -s set-clipboard on",)))
    return [Advice(reason, "Add to ~/.tmux.conf", lines) for reason, lines in found]


def _on_ssh(around: Around) -> list[Advice]:
    if not around.ssh or around.mosh:
        return []
    found = []
    sshd = around.sshd or {}
    accepted = [pattern for value in sshd.get("acceptenv", ()) for pattern in value.split()]
    wanted = []
    knows_colours = around.multiplexer or around.environment.get("NO_COLOR")
    if not knows_colours and around.capabilities.colours < TRUECOLOR:
        wanted += ["COLORTERM", "NO_COLOR"]
    if _is_without_locale(around):
        wanted += ["LANG", "LC_*"]
    if wanted:
        reason = "Variables that tell of colours or of the encoding do not come over ssh."
        to_do = "Add to ~/.ssh/config on the machine that the terminal runs on"
        found.append(Advice(reason, to_do, (f"SendEnv {' '.join(wanted)}",)))
    refused = [name for name in wanted if not any(fnmatchcase(name, each) for each in accepted)]
    if refused:
        line = f"AcceptEnv {' '.join(refused)}"
        reason = (
            "This server does not take them yet."
            if around.sshd is not None
            else "Whether this server takes them may not be read."
        )
        found.append(Advice(reason, "Add to /etc/ssh/sshd_config", (line,)))
    if sshd.get("clientaliveinterval", ["0"])[0] == "0":
        reason = "A dropped line is noticed late, or never."
        found.append(Advice(reason, "Add to /etc/ssh/sshd_config", ("ClientAliveInterval 30",)))
    return found


def _is_without_locale(around: Around) -> bool:
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next(filter(None, map(around.environment.get, names)), "C")
    return locale in ("C", "POSIX")


# -- Looking around


def tmux_options(environment: Mapping[str, str]) -> dict[str, str]:
    """The options of the tmux around, and as `features` what it takes the terminal around it for."""
    import subprocess

    ask = ["show-options", "-s", ";", "show-options", "-gw", ";"]
    show = ["display-message", "-p", "features #{client_termfeatures}"]
    try:
        done = subprocess.run(
            ["tmux", *ask, *show],
            env=dict(environment),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition(" ") for line in lines)}


def sshd_settings(folder: Path) -> dict[str, list[str]] | None:
    """What holds for every user of the machine's sshd, by name in lower case; None if that may not be read.

    The format is sshd_config(5)'s; where a setting is single, the first one counts.
    """
    found: dict[str, list[str]] = {}
    try:
        main = folder / "sshd_config"
        for path in (*sorted((folder / "sshd_config.d").glob("*.conf")), main):
            for line in path.read_text("utf-8", "replace").splitlines():
                name, _, value = line.strip().replace("=", " ", 1).partition(" ")
                if name.lower() == "match":
                    break
                if name and not name.startswith("#"):
                    found.setdefault(name.lower(), []).append(value.strip())
    except OSError:
        return None
    return found


def ancestors(process: int, processes: Path = Path("/proc")) -> list[str]:
    """The names of a process's parents, nearest first; empty where the system does not tell (proc(5))."""
    names: list[str] = []
    while process > 1 and len(names) < 64:
        try:
            text = (processes / str(process) / "stat").read_text("utf-8", "replace")
        except OSError:
            break
        name, _, rest = text.partition("(")[2].rpartition(")")
        names.append(name)
        process = int(rest.split()[1])
    return names[1:]
