"""The clipboard of the reader's own terminal, however far away that is: OSC 52.

Nobody answers, so a text is "sent", never "copied": a terminal may have the sequence switched off, as
xterm has by default, or not know it.  The sequence is xterm's, "Manipulate Selection Data" in
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Multiplexer = Literal["tmux", "screen"]

LIMIT = 100_000
"""Bytes of a sequence, which hold 74,994 bytes of text.

hterm's osc52.sh draws the line here, and terminals have followed it.  A longer sequence is dropped without
a word, so it is not sent.  tmux takes 1 MB, xterm 600,000 bytes, but 20,000 where it is built without sixel
graphics (`maxStringParse`).
"""
_SCREEN_STRING = 256
"""Bytes of a control string that every GNU screen takes, its two bytes at each end included.

Its buffer holds 768 since 4.2 (2014), 512 before and 256 in 4.0.3; what goes beyond is drawn as text.
"""
_START, _END = b"\x1b]52;c;", b"\a"
_PASS, _PASSED = b"\x1bP", b"\x1b\\"


class TooLongError(Exception):
    """More than terminals take; its text is one sentence that says what to do."""


def multiplexer(environment: Mapping[str, str]) -> Multiplexer | None:
    """What stands between the program and the terminal, as far as can be known.

    The variables name one on this machine; the terminal's name tells of one on the reader's own, from
    which ssh came.  tmux may call itself screen; `osc52` minds that.
    """
    if environment.get("TMUX"):
        return "tmux"
    if environment.get("STY"):
        return "screen"
    term = environment.get("TERM", "")
    return "tmux" if term.startswith("tmux") else "screen" if term.startswith("screen") else None


def fits(text: str, *, limit: int = LIMIT) -> bool:
    """Whether a text can be sent in a sequence of at most `limit` bytes."""
    return _size(text) <= limit


def osc52(text: str, *, multiplexer: Multiplexer | None, limit: int = LIMIT) -> bytes:
    """What to write to the terminal so that it puts a text into its clipboard.

    In tmux it takes both ways, because which one is open is the user's choice and both are shut by
    default: tmux itself takes OSC 52 and hands it on with `set-clipboard on` (tmux(1); see `input_osc_52`
    in its input.c), and what is wrapped goes past tmux with `allow-passthrough on`.  Whatever is shut is
    dropped unseen, and to set the same text twice does no harm.  GNU screen hands on what is wrapped, in
    pieces.

    Raises:
        TooLongError: the sequence would be longer than `limit` bytes.
    """
    from base64 import b64encode

    if not fits(text, limit=limit):
        most = (limit - len(_START) - len(_END)) // 4 * 3
        held = len(_encoded(text))
        raise TooLongError(f"{held:,} bytes are too many: a terminal takes {most:,}. Select less.")
    sequence = _START + b64encode(_encoded(text)) + _END
    if multiplexer == "tmux":
        return sequence + _PASS + b"tmux;" + sequence.replace(b"\x1b", b"\x1b\x1b") + _PASSED
    if multiplexer == "screen":
        step = _SCREEN_STRING - len(_PASS) - len(_PASSED)
        pieces = (sequence[at : at + step] for at in range(0, len(sequence), step))
        # Screen skips what it does not know as long as it is short; a tmux by the name of screen takes it.
        plain = sequence if len(sequence) <= step else b""
        return plain + b"".join(_PASS + piece + _PASSED for piece in pieces)
    return sequence


def _size(text: str) -> int:
    """The length of the sequence in bytes: base64 makes four of three."""
    return len(_START) + (len(_encoded(text)) + 2) // 3 * 4 + len(_END)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
