"""Many requests to many hosts, politely: one at a time to a host, a pause between two, a few hosts at once.

What is done with the answers is an `Errand`: a generator that yields requests, is given what came of each,
and works in between, never in two threads at once.  While it waits for its host it costs no thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Condition, Thread
from typing import NamedTuple, TypeAlias

from pulse_tui.acquire.fetch import PAGES, Fetched, Limits, Progress, fetch
from pulse_tui.acquire.net.addresses import read
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.net.errors import BadURLError, FetchError, StatusError
from pulse_tui.acquire.sync.politeness import HOSTS, PAUSE, Politeness

PATIENCE = 60.0
"""Seconds that a host may ask to be left alone for within a run; for longer, nothing more is asked of it."""
UNDER_WAY = 32
"""Errands at once; each may hold what it has taken in."""
_PARTING = 0.5
"""Seconds that what is under way has to end when the run is stopped."""


class Request(NamedTuple):
    """What an errand wants of the web; see `fetch`."""

    url: str
    accept: str = PAGES
    limits: Limits = Limits()
    typed: bool = False
    etag: str = ""
    modified: str = ""
    progress: Progress | None = None


class LeftAloneError(FetchError):
    """A host wants to be left alone for longer than the run may wait."""

    passing = True

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} asks for fewer requests: try again later.")
        self.seconds = seconds
        """From now on."""


class StoppedError(Exception):
    """The run is to end; raised by progress to end a transfer."""


Errand: TypeAlias = Generator[Request, Fetched | FetchError, None]


class Crawl:
    """One run; `pause` is in seconds, `now` is the clock on the wall."""

    def __init__(
        self,
        network: Network,
        *,
        now: Callable[[], float],
        pause: float = PAUSE,
        hosts: int = HOSTS,
    ) -> None:
        self._network = network
        self._now = now
        self._turns: Politeness[tuple[Errand, Request]] = Politeness(pause=pause, hosts=hosts)
        self._threads = hosts
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._changed = Condition()
        """Held for all that follows."""
        self._errands: set[Errand] = set()
        self._at_work: set[Errand] = set()
        """Those of them that a thread has in hand."""
        self._held: dict[str, float] = {}
        """The hosts that want to be left alone, and until when by the network's clock."""
        self._stopped = False
        self._failure: BaseException | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether the run is to end."""
        return self._stopped

    def stop(self) -> None:
        """Begin nothing more, and let `run` return; from any thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def run(self, errands: Iterable[Errand]) -> None:
        """Do all errands, in their order as far as their hosts allow; what one raises ends the run."""
        waiting = iter(errands)
        threads = [Thread(target=self._work, name="crawl", daemon=True) for _ in range(self._threads)]
        for thread in threads:
            thread.start()
        try:
            with self._changed:
                while not self._stopped and self._failure is None and self._go_on(waiting):
                    self._changed.wait(self._turns.wait(self._network.monotonic()))
        finally:
            self._part(threads)
        if self._failure is not None:
            raise self._failure

    def _go_on(self, waiting: Iterable[Errand]) -> bool:
        """Hand out all that may be done now; False if nothing is left."""
        for errand in waiting if len(self._errands) < UNDER_WAY else ():
            self._errands.add(errand)
            self._hand_out(errand, partial(self._step, errand, None))
            if len(self._errands) == UNDER_WAY:
                break
        while turn := self._turns.next(self._network.monotonic()):
            host, (errand, request) = turn
            self._hand_out(errand, partial(self._ask, host, errand, request))
        return bool(self._errands)

    def _hand_out(self, errand: Errand, job: Callable[[], None]) -> None:
        self._at_work.add(errand)
        self._jobs.put(job)

    def _part(self, threads: Iterable[Thread]) -> None:
        """End all threads that end soon, and all errands that none of them has in hand."""
        with self._changed:
            self._stopped = True
            idle = self._errands - self._at_work
            self._errands -= idle
        for _ in threads:
            self._jobs.put(None)
        for errand in idle:
            errand.close()
        end = self._network.monotonic() + _PARTING
        for thread in threads:
            thread.join(max(0.0, end - self._network.monotonic()))

    # -- In the threads

    def _work(self) -> None:
        while job := self._jobs.get():
            try:
                job()
            except BaseException as error:
                with self._changed:
                    self._failure = self._failure or error
                    self._changed.notify_all()

    def _ask(self, host: str, errand: Errand, request: Request) -> None:
        reply: Fetched | FetchError | None = None
        hold = 0.0
        url, accept, limits, typed, etag, modified, progress = request
        try:
            if not self._stopped:
                with suppress(StoppedError):
                    reply = fetch(
                        url,
                        network=self._network,
                        accept=accept,
                        limits=limits,
                        typed=typed,
                        etag=etag,
                        modified=modified,
                        progress=progress,
                    )
        except FetchError as error:
            reply = error
            if isinstance(error, StatusError) and error.wants_rest:
                hold = error.retry_after(self._now()) or 0.0
        finally:
            self._done(host, hold)
        self._step(errand, reply)

    def _done(self, host: str, hold: float) -> None:
        """A host has answered; where it wants to be left alone for long, nobody waits for it any more."""
        with self._changed:
            now = self._network.monotonic()
            self._turns.done(host, now, hold=hold)
            if hold > PATIENCE:
                self._held[host] = now + hold
                for errand, _ in self._turns.drop(host):
                    self._hand_out(errand, partial(self._step, errand, LeftAloneError(host, hold)))
            self._changed.notify_all()

    def _step(self, errand: Errand, reply: Fetched | FetchError | None) -> None:
        """Give an errand its answer, and take its next request; without an answer it begins, or ends."""
        try:
            while not self._stopped:
                request = next(errand) if reply is None else errand.send(reply)
                reply = self._queue(errand, request)
                if reply is None:
                    return
            errand.close()
        except StopIteration:
            pass
        except StoppedError:
            errand.close()
        except BaseException:
            self._forget(errand)
            raise
        self._forget(errand)

    def _queue(self, errand: Errand, request: Request) -> FetchError | None:
        """Put a request where its turn will come; if it must not be asked, why.

        Raises:
            StoppedError: the run is to end, so nobody would hand it out.
        """
        try:
            host = read(request.url).host
        except BadURLError as error:
            return error
        with self._changed:
            now = self._network.monotonic()
            if self._stopped:
                raise StoppedError
            if (left := self._held.get(host, now) - now) > 0:
                return LeftAloneError(host, left)
            self._at_work.discard(errand)
            self._turns.add(host, (errand, request))
            self._changed.notify_all()
        return None

    def _forget(self, errand: Errand) -> None:
        with self._changed:
            self._errands.discard(errand)
            self._at_work.discard(errand)
            self._changed.notify_all()
