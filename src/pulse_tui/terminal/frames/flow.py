"""How much may be on its way to a terminal before it has drawn what was sent earlier.

A pseudo-terminal and the connection behind it take tens of kilobytes before they push back, which is many
seconds of a slow line.  So a question is sent after a frame that every terminal answers when it comes to
it: where is the cursor (CPR, ECMA-48)?  What is not answered for is under way.
"""

from __future__ import annotations

from collections import deque

QUESTION = "\x1b[6n"
_SMALL = 40
"""Bytes that are not worth a question."""
_FEW = 400
"""Bytes that may always be under way."""
_SAMPLE = 200
"""Bytes from which an answer tells how fast the line is."""
_SLACK_SECONDS = 0.03
_NEAR_SECONDS = 0.01
"""A terminal that answers within this time is asked less often."""
_NEAR_BYTES = 2048
_SILENT_SECONDS = 1.5
"""After this time without any answer at all nobody is asked again, unless an answer comes after all."""
_LOST_SECONDS = 5.0
"""After this time the terminal is given something to draw though an answer is missing."""
_STEADY = 0.7
"""How much of an estimate stays when there is a new sample."""
_JUMP = 2.0
"""Times the rate that one sample may be at most: answers that came together seem to have come at once."""


class Flow:
    """Account of what was sent and answered.  Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._asked: deque[tuple[float, int, bool]] = deque()
        """When it was asked, how many bytes it answers for, and whether nothing else was under way."""
        self._unasked = 0
        self._answered_at = 0.0
        self._answers = 0
        self._doubtful = 0
        """How many answers may still come that were given up."""
        self.silent = False
        """Whether the terminal answers nothing."""
        self.under_way = 0
        """Bytes that are not answered for."""
        self.round_trip: float | None = None
        """Seconds until an answer comes where nothing else is under way."""
        self.rate: float | None = None
        """Bytes a second that the line takes."""

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    @property
    def backlog(self) -> float:
        """Seconds that the line needs for what is under way."""
        return self.under_way / self.rate if self.rate else 0.0

    def start(self) -> None:
        """Nothing is under way, and whoever is asked now may be another terminal."""
        self._asked.clear()
        self._unasked = self.under_way = self._answers = self._doubtful = 0
        self.silent = False

    def sent(self, count: int, now: float) -> bool:
        """Note that so many bytes are sent; whether a question should go with them."""
        if self.silent:
            return False
        self._unasked += count
        near = self.round_trip is not None and self.round_trip < _NEAR_SECONDS
        if self._unasked < (_NEAR_BYTES if near else _SMALL):
            return False
        self.ask(now)
        return True

    def ask(self, now: float) -> None:
        """Note that a question is sent."""
        self._asked.append((now, self._unasked, not self._asked))
        self.under_way += self._unasked
        self._unasked = 0

    def answered(self, now: float) -> None:
        """Note that an answer came."""
        self.silent = False
        self._answers += 1
        doubtful, self._doubtful = self._doubtful > 0, max(0, self._doubtful - 1)
        before, self._answered_at = self._answered_at, now
        if not self._asked:
            return
        asked_at, count, alone = self._asked.popleft()
        self.under_way -= count
        if doubtful:  # it may answer an earlier question, so it tells no time
            return
        taken = now - asked_at
        if self.round_trip is None:
            self.round_trip = taken
        elif alone and count < _SAMPLE:
            self.round_trip = min(taken, _mixed(self.round_trip, taken))
        else:  # it may have waited for others, so it says only how short the way is at most
            self.round_trip = min(taken, self.round_trip)
        if count >= _SAMPLE and self._answers > 1:
            # It began to be drawn when it arrived, or when what was before it was drawn.
            drawn_in = now - max(asked_at + self.round_trip, before)
            rate = count / max(drawn_in, 0.001)
            self.rate = rate if self.rate is None else _mixed(self.rate, min(rate, _JUMP * self.rate))

    def has_room(self, now: float) -> bool:
        """Whether more may be sent."""
        if self._asked and not self.patience(now):
            self.silent = not self._answers
            self._doubtful += len(self._asked)
            self._asked.clear()
            self.under_way = 0
        return not self._asked or self.under_way <= self._window()

    def wait(self, now: float) -> float:
        """Seconds after which there is room even if no answer comes."""
        return self.patience(now) + 0.01 if self._asked else 0.0

    def patience(self, now: float) -> float:
        """Seconds for which answers are still expected; 0 where none is."""
        limit = _LOST_SECONDS if self._answers else _SILENT_SECONDS
        return max(0.0, self._asked[0][0] + limit - now) if self._asked else 0.0

    def _window(self) -> float:
        if self.rate is None or self.round_trip is None:
            return _FEW
        return max(_FEW, self.rate * (self.round_trip + _SLACK_SECONDS))


def _mixed(estimate: float, sample: float) -> float:
    return _STEADY * estimate + (1 - _STEADY) * sample
