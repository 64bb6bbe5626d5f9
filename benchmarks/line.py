"""The line to a terminal, metered: bytes, and in how many bursts they came."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tests.emulator import ByteStream
from tests.terminal import XTERM, Answer, Terminal

MARGINS: Sequence[tuple[bytes, Answer]] = ((rb"\x1b\[\?69\$p", b"\x1b[?69;2$y"), *XTERM)
"""What a terminal answers that has left and right margins."""
_GAP = 0.01
"""Seconds without output that part two bursts."""
_START, _STEP = 0.5, 0.25
"""Seconds of silence after which a start, and what a key did, is over; the bars follow a key after a rest."""


class Sent(NamedTuple):
    """What came for one step."""

    bytes: int
    bursts: int = 0


class _Later(ByteStream):
    """Keeps what would be drawn until somebody looks: drawing takes longer than two bursts are apart."""

    kept = b""

    def feed(self, data: bytes) -> None:  # type: ignore[override]  # as in the class above
        """Keep it."""
        self.kept += data

    def draw(self) -> None:
        """Draw all that is kept."""
        data, self.kept = self.kept, b""
        super().feed(data)


class Line(Terminal):
    """A program in its home, on a terminal of so many cells at the other end of a metered line."""

    def __init__(
        self,
        command: Sequence[str | Path],
        size: tuple[int, int],
        home: Path,
        *,
        truecolor: bool = False,
        margins: bool = False,
    ) -> None:
        self._arrivals: list[tuple[float, int]] = []
        columns, rows = size
        super().__init__(
            command,
            columns=columns,
            rows=rows,
            env={"COLORTERM": "truecolor"} if truecolor else {},
            home=home,
            cwd=home,
            answers=MARGINS if margins else XTERM,
        )
        self._stream = self._later = _Later(self.screen)

    def text(self) -> str:
        """What stands on the screen now."""
        self._later.draw()
        return super().text()

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._later.draw()
        super().resize(columns, rows)

    def started(self, sign: str) -> Sent:
        """All that comes until the program rests with a text on its screen."""
        deadline = time.perf_counter() + 60
        while sign not in self.text():
            if time.perf_counter() > deadline:
                raise self._timeout(60, f"{sign!r} stood on the screen")
            self.settle(_START, 60)
        self.settle(_START, 60)
        return self._since(0)

    def key(self, *keys: str) -> Sent:
        """What comes for keys, or anything else that is typed."""
        mark = len(self._arrivals)
        self.press(*keys)
        self.settle(_STEP)
        return self._since(mark)

    def resized(self, columns: int, rows: int) -> Sent:
        """What comes for another size."""
        mark = len(self._arrivals)
        self.resize(columns, rows)
        self.settle(2 * _STEP)
        return self._since(mark)

    def idle(self, seconds: float) -> Sent:
        """What comes while nobody does anything."""
        mark = len(self._arrivals)
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._pump(left)
        return self._since(mark)

    def _read(self) -> bytes:
        data = super()._read()
        if data:
            self._arrivals.append((time.perf_counter(), len(data)))
        return data

    def _since(self, mark: int) -> Sent:
        arrivals = self._arrivals[mark:]
        apart = sum(later - at > _GAP for (at, _), (later, _) in pairwise(arrivals))
        return Sent(sum(size for _, size in arrivals), apart + bool(arrivals))
