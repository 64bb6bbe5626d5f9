"""Bodies that come packed: unpacked a little at a time, so that one which swells costs only its limit."""

from __future__ import annotations

import zlib
from io import BytesIO

from pulse_tui.acquire.net.errors import BrokenError, TooLargeError

_PIECE = 65_536
"""Bytes that are unpacked at once."""
_MOST_MEMBERS = 1_000
"""A gzip body may have several members, but each costs some 10 µs and 40 KB for as little as 20 bytes."""
_GZIP = b"\x1f\x8b"

ACCEPTED = "gzip, deflate"


class Unpacked:
    """What has come of a body, at most `limit` bytes; `encoding` is its Content-Encoding."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")
        self._limit = limit
        self._parts = BytesIO()
        self._size = 0
        self._members = 0
        self._tail = b""
        self._over = False
        self._packer: zlib._Decompress | None = None
        if self._encoding not in ("", "identity", "gzip", "deflate"):
            raise BrokenError(
                "The page comes packed in a way that was not asked for: open it in a browser, save it there."
            )

    def add(self, block: bytes) -> None:
        """Take what came next.

        Raises:
            TooLargeError: it is more than the limit.
            BrokenError: it is not packed as the server said.
        """
        if self._encoding in ("", "identity"):
            self._keep(block)
            return
        try:
            self._unpack(self._tail + block)
        except zlib.error:
            raise BrokenError("What came is damaged, it cannot be unpacked: try again later.") from None

    def _unpack(self, block: bytes) -> None:
        self._tail = b""
        while block and not self._over:
            if self._packer is None:
                if len(block) < 2:  # two bytes tell what it is
                    self._tail = block
                    return
                if self._members and not block.startswith(_GZIP):
                    self._over = True  # padding after the last member
                    return
                self._packer = self._next(block)
            self._keep(self._packer.decompress(block, _PIECE))
            if self._packer.eof:
                block = self._packer.unused_data
                self._packer = None
            else:
                block = self._packer.unconsumed_tail

    def _next(self, block: bytes) -> zlib._Decompress:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise TooLargeError("The page is packed in far too many parts, so it was not taken.")
        if self._encoding == "gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        # "deflate" is the zlib format (RFC 9110, 8.4.1.2), but some servers send the bare stream.
        wrapped = block[0] & 15 == zlib.DEFLATED and (block[0] << 8 | block[1]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLargeError(
                f"What is there is larger than {megabytes(self._limit)}, the most that is taken."
            )
        self._parts.write(piece)

    def whole(self) -> bytes:
        """All of it.

        Raises:
            BrokenError: the end is missing.
        """
        if self._packer is not None or (self._tail and not self._members):
            raise BrokenError("The end is missing of what came: try again later.")
        return self._parts.getvalue()


def megabytes(size: int) -> str:
    """A size in bytes as it is said."""
    return f"{size / 1_000_000:.3g} MB"
