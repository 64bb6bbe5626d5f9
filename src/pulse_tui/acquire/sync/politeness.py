"""Whose turn it is: one request at a time to a host, a pause between two, and only so many hosts at once."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

Item = TypeVar("Item")

PAUSE = 1.0
"""Seconds from the end of one request to a host to the beginning of the next."""
HOSTS = 8
"""Hosts that are asked at once."""


class Politeness(Generic[Item]):
    """What is still to be asked, in the order of hosts that are free longest.

    Times are seconds of one clock that the caller reads; it is not for several threads at once.
    """

    def __init__(self, *, pause: float = PAUSE, hosts: int = HOSTS) -> None:
        self._pause = pause
        self._hosts = hosts
        self._waiting: dict[str, deque[Item]] = {}
        self._free: dict[str, float] = {}
        """When a host may be asked again; missing if at once."""
        self._busy: set[str] = set()
        self._turns: list[tuple[float, int, str]] = []
        """A heap with an entry for each host that has something waiting and is not busy."""
        self._order = count()

    def __len__(self) -> int:
        """How many are waiting; those that have been handed out are not counted."""
        return sum(map(len, self._waiting.values()))

    @property
    def is_over(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._waiting and not self._busy

    def add(self, host: str, item: Item) -> None:
        """Put something at the end of what is to be asked of a host."""
        host = host.lower()
        if host in self._waiting:
            self._waiting[host].append(item)
            return
        self._waiting[host] = deque([item])
        if host not in self._busy:
            self._queue(host)

    def next(self, now: float) -> tuple[str, Item] | None:
        """The host and what is to be asked of it now; None if nobody may be asked, see `wait`.

        The host is busy from here until `done`.
        """
        if len(self._busy) >= self._hosts or not self._turns or self._turns[0][0] > now:
            return None
        host = heappop(self._turns)[2]
        queue = self._waiting[host]
        item = queue.popleft()
        if not queue:
            del self._waiting[host]
        self._busy.add(host)
        return host, item

    def done(self, host: str, now: float, *, hold: float | None = None) -> None:
        """A request to a host has ended, well or not; `hold`: the seconds that it asked to be left alone."""
        host = host.lower()
        self._busy.remove(host)
        self._free[host] = now + max(self._pause, hold or 0.0)
        if host in self._waiting:
            self._queue(host)

    def drop(self, host: str) -> list[Item]:
        """Take back all that waits for a host, for instance since it wants to be left alone for hours."""
        host = host.lower()
        dropped = list(self._waiting.pop(host, ()))
        self._turns = sorted(turn for turn in self._turns if turn[2] != host)
        return dropped

    def wait(self, now: float) -> float | None:
        """The seconds until `next` may give something; None if only a `done` or an `add` can change that."""
        if len(self._busy) >= self._hosts or not self._turns:
            return None
        return max(0.0, self._turns[0][0] - now)

    def _queue(self, host: str) -> None:
        heappush(self._turns, (self._free.get(host, float("-inf")), next(self._order), host))
