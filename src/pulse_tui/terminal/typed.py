"""What comes from a terminal: bytes to text, such that no sequence is cut where the line paused within it.

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
# A control sequence without its end (ECMA-48, 5.4).
_begun = re.compile(rb"\x1b\[[0-?]*[ -/]*\Z").search


class Typed:
    """Bytes as they come, in pieces of any length; times are seconds of one clock that the caller reads."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._held = b""
        self._since = 0.0

    def take(self, data: bytes, now: float) -> str:
        """What can be acted on now, with U+FFFD for what is no UTF-8; call it with nothing now and then."""
        if data:
            data, self._since = self._held + data, now
        elif now - self._since >= PATIENCE:
            data, self._held = self._held, b""
            return self._decode(data)
        else:
            return ""
        begun = _begun(data, max(0, len(data) - _LONGEST))
        end = begun.start() if begun else len(data)
        self._held = data[end:]
        return self._decode(data[:end])
