"""What comes from a terminal: bytes to text whose control sequences are whole, and such as may be parsed.

A lone Esc is a key, so whoever parses keys cannot wait long for what may follow it.  But a line that loses a
packet pauses within a sequence, too, and then the head of a paste is keys, and so is all that was pasted.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

PATIENCE = 1.0
"""Seconds that the beginning of a sequence waits for the rest, which nobody types."""
_LONGEST = 64
"""Bytes of a sequence that is waited for."""
_SURROGATES, _CHARACTERS = range(0xD800, 0xE000), 0x110000
# Control sequences (ECMA-48, 5.4): the beginning of one, and a whole one.
_begun = re.compile(rb"\x1b\[[0-?]*[ -/]*\Z").search
_sequences = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])").sub
_numbers = re.compile(r"\d+").findall


class Typed:
    """Bytes as they come, in pieces of any length; times are seconds of one clock that the caller reads."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._held = b""
        self._since = 0.0

    def take(self, data: bytes, now: float) -> str:
        """What can be acted on now, with U+FFFD for what is no UTF-8.

        A sequence whose end does not come is dropped, and so is one that nobody asked the terminal for.
        """
        if not data:
            return ""
        held = self._held if now - self._since < PATIENCE else b""
        data, self._since = held + data, now
        begun = _begun(data, max(0, len(data) - _LONGEST))
        end = begun.start() if begun else len(data)
        self._held = data[end:]
        return _sequences(_fit, self._decode(data[:end]))


def _fit(sequence: re.Match[str]) -> str:
    """A sequence; nothing where its numbers are no characters, or it is a size or has parts of numbers.

    Those come from terminals that another program has left in a mode of its own, and from noise.
    """
    parameters, final = sequence.groups()
    numbers = [int(digits) if len(digits) < 8 else _CHARACTERS for digits in _numbers(parameters)]
    asked = final != "t" and ":" not in parameters
    fits = all(number < _CHARACTERS and number not in _SURROGATES for number in numbers)
    return sequence[0] if asked and fits else ""
