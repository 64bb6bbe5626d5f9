"""Links out of the program: which ones are followed, how a terminal is told of them, who opens them."""

from __future__ import annotations

import string
from collections.abc import Mapping
from urllib.parse import quote

from pulse_tui.text import clean_line

_SCHEMES = ("http", "https", "mailto")
_URL_CHARACTERS = string.punctuation
"""What stays as it is in an address: anything else but letters and digits is percent-encoded."""
_PATIENCE = 20.0
"""Seconds; whoever still runs then is a browser that was started in the foreground."""
_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")

_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def leads_out(link: str) -> bool:
    """Whether a link may be handed to a browser or mail program; all other schemes never are."""
    return link.partition(":")[0].lower() in _SCHEMES and ":" in link


def address(link: str) -> str:
    """A link as an address of plain ASCII, without anything that could steer a terminal or a shell.

    A terminal hyperlink wants it so: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
    """
    return quote(clean_line(link), safe=_URL_CHARACTERS)


def has_desk(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a browser that is started here is seen by the reader; `platform` is `sys.platform`.

    Not over SSH, and not without a display where programs need one.
    """
    if any(environment.get(name) for name in _REMOTE):
        return False
    return platform in ("darwin", "win32") or any(environment.get(name) for name in _DISPLAYS)


def open_in_browser(link: str, environment: Mapping[str, str]) -> bool:
    """Have the system's browser or mail program open a link; whether one could be started.

    It may take a while.  Another process asks for the browser, without a terminal: a browser that writes
    warnings would write them over the page, and one that needs a terminal would take this one.

    Raises:
        ValueError: it is no address of the web or of a mailbox.
    """
    import subprocess
    import sys

    if not leads_out(link):
        raise ValueError(f"not an address that may be opened: {link!r}")
    try:
        asked = subprocess.run(
            [sys.executable, "-I", "-c", _OPEN, address(link)],
            env={name: value for name, value in environment.items() if name != "TERM"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    except (OSError, ValueError):
        return False
    return asked.returncode == 0
