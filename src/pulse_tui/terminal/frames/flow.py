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
_BEYOND = 1.5
"""Times the window that may be under way where the line should have taken it, but no answer came yet."""
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
        self._free_at = 0.0
        """When the line should have taken what was sent."""
        self._within = 0
        """Bytes that were drawn within it: how long that takes is known once the rate is."""
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
        self._free_at = 0.0
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
        if self.rate:
            self._free_at = max(self._free_at, now) + self._unasked / self.rate
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
            self.round_trip, self._within = taken, count
            return
        if before > asked_at + self.round_trip:  # it began to be drawn when what was before it was
            self._draws(count, now - before)
        else:  # when it arrived
            self._draws(count - self._within, taken - self.round_trip)
        if alone and count < _SAMPLE:
            self.round_trip, self._within = min(taken, _mixed(self.round_trip, taken)), 0
        elif taken < self.round_trip:  # it may have waited for others: the way is so long at most
            self.round_trip, self._within = taken, count
        if self.rate is not None and self._within:
            self.round_trip = max(self.round_trip - self._within / self.rate, self.round_trip / _SAMPLE)
            self._within = 0

    def _draws(self, count: int, seconds: float) -> None:
        """Learn from so many bytes more, or fewer, that took so much longer, or shorter."""
        if abs(count) < _SAMPLE or count * seconds < 0:
            return
        rate = abs(count) / max(abs(seconds), 0.001)
        self.rate = rate if self.rate is None else _mixed(self.rate, min(rate, _JUMP * self.rate))

    def has_room(self, now: float) -> bool:
        """Whether more may be sent."""
        if self._asked and not self.patience(now):
            self.silent = not self._answers
            self._doubtful += len(self._asked)
            self._asked.clear()
            self.under_way = 0
        window = self._window()
        if self.rate is not None and now >= self._free_at - _SLACK_SECONDS:
            window *= _BEYOND
        return not self._asked or self.under_way <= window

    def wait(self, now: float) -> float:
        """Seconds after which there is room even if no answer comes."""
        if not self._asked:
            return 0.0
        drained = self._free_at - _SLACK_SECONDS - now
        patience = self.patience(now) + 0.01
        return min(drained + 0.001, patience) if drained > 0 else patience

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
