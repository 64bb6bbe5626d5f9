"""All that is new in the feeds that are followed, into the library.

A feed is asked, read in a child process, and its new and changed entries are written one by one; what was
written is noted a few at a time, and what the feed answered only when all of it is done.  So a run that is
killed leaves nothing half done: the next one is given the same answer, and finds most of it written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit

from pulse_tui.acquire.keeping.keeper import Keeper
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.sync.crawl import Crawl, Errand, StoppedError
from pulse_tui.acquire.sync.errand import FeedErrand
from pulse_tui.acquire.sync.events import Asked, End, Event, FeedDone
from pulse_tui.acquire.sync.politeness import PAUSE
from pulse_tui.acquire.sync.workers import Workers
from pulse_tui.subscriptions import Answer, Subscription, Subscriptions

Followed = tuple[Subscription, Answer]


class Wishes(NamedTuple):
    """What is wanted of the feeds beyond what stands in them."""

    full_text: bool = False
    """The pages of entries that are only summaries."""
    pictures: bool = True


class Sync:
    """One run, whose features go where `keeper` writes them.

    `now` gives Unix seconds; `pause` is that between two requests to a host, in seconds.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        keeper: Keeper,
        network: Network,
        *,
        now: Callable[[], float],
        tell: Callable[[Event], None],
        wishes: Wishes = Wishes(),  # noqa: B008 - a tuple cannot change
        pause: float = PAUSE,
        workers: Workers | None = None,
    ) -> None:
        self.subscriptions = subscriptions
        self.keeper = keeper
        self.now = now
        self.wishes = wishes
        self.workers = workers or Workers()
        self._crawl = Crawl(network, now=now, pause=pause)
        self._tell = tell
        self._lock = Lock()
        self._done = self._of = 0
        self._sum = End(0, 0, 0)
        self._fault: Exception | None = None
        """What the listener raised."""

    def run(self, feeds: Sequence[Followed]) -> End:
        """Ask these feeds, whether they are due or not, and take in what they have.

        Raises:
            RepositoryError: the state cannot be read or written.
        """
        self._of = len(feeds)
        if feeds:
            self.tell(Asked(0, self._of))
        try:
            self._crawl.run(self._errands(feeds))
        finally:
            self.workers.close()
            if self._fault is not None:
                raise self._fault
        self.tell(self._sum)
        return self._sum

    def stop(self) -> None:
        """Begin nothing more and return soon; what was taken in stays.  From any thread."""
        self._crawl.stop()

    @property
    def is_stopped(self) -> bool:
        """Whether the run is to end."""
        return self._crawl.is_stopped

    def tell(self, event: Event) -> None:
        """Say something, from any thread; one at a time.

        Raises:
            StoppedError: nobody listens any more, and so the run ends.
        """
        with self._lock:
            self._say(event)

    def _say(self, event: Event) -> None:
        try:
            self._tell(event)
        except Exception as error:  # it is the listener's, and not the feed's in whose name it was told
            self._fault = self._fault or error
            self._crawl.stop()
            raise StoppedError from error

    def finished(self, done: FeedDone) -> None:
        """One feed is done."""
        with self._lock:
            self._done += 1
            new, updated, failed = self._sum
            failed += done.outcome == "failed"
            self._sum = End(new + done.new, updated + done.updated, failed)
            self._say(done)
            self._say(Asked(self._done, self._of))

    def _errands(self, feeds: Sequence[Followed]) -> Iterator[Errand]:
        return (FeedErrand(self, *each).steps() for each in in_turns(feeds))


def due(feeds: Iterable[Followed], now: float) -> list[Followed]:
    """Those of the feeds that may be asked again."""
    return [each for each in feeds if not each[1].gone and each[1].due <= now]


def in_turns(feeds: Iterable[Followed]) -> list[Followed]:
    """The feeds such that no host stands in the way of others: one of each, then the second of each."""
    by_host: dict[str, list[Followed]] = {}
    for each in feeds:
        by_host.setdefault(_host(each[0].url), []).append(each)
    return [each for each in chain.from_iterable(zip_longest(*by_host.values())) if each is not None]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
