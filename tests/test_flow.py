"""How much is on its way to a terminal: tried on a line that is reckoned, not waited for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest

from pulse_tui.terminal.frames.flow import Flow


@dataclass
class Line:
    """A line with a clock of its own: seconds there and back, bytes a second, and bytes that each write adds."""

    round_trip: float
    rate: float
    overhead: int = 0
    answers: bool = True
    now: float = 0.0
    flow: Flow = field(default_factory=Flow)
    free: float = 0.0
    """When the line has taken all that was sent."""
    coming: deque[float] = field(default_factory=deque)
    """When answers come."""
    waiting: int = 0
    """Bytes of the frame that waits for room; there is never more than one."""
    frames: int = 0

    def draw(self, count: int) -> None:
        """Something is to be drawn, on top of what has not been sent yet."""
        self.waiting = max(self.waiting, count)
        self.emit()

    def emit(self) -> None:
        if self.waiting and self.flow.has_room(self.now):
            self.frames += 1
            self.free = max(self.free, self.now) + (self.waiting + self.overhead) / self.rate
            if self.flow.sent(self.waiting, self.now) and self.answers:
                self.coming.append(self.free + self.round_trip)
            self.waiting = 0

    def go_on(self, seconds: float) -> None:
        """Let time pass: answers come, and what waits is sent."""
        end = self.now + seconds
        while self.coming and self.coming[0] <= end:
            self.now = self.coming.popleft()
            self.flow.answered(self.now)
            self.emit()
        while self.waiting and (wake := self.now + self.flow.wait(self.now)) <= end:
            self.now = max(self.now, wake)
            self.emit()
        self.now = end

    @property
    def shown(self) -> float:
        """When the last byte comes to the terminal."""
        return self.free + self.round_trip / 2


LINES = {
    "near": (0.001, 10e6),
    "a good line": (0.03, 1e6),
    "DSL": (0.1, 30e3),
    "a slow one": (0.3, 6e3),
    "a modem": (0.2, 1.2e3),
    "a satellite": (0.6, 60e3),
}
