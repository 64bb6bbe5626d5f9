"""One feed in a run: asked, read, taken in, and what it answered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from pulse_tui.acquire.apart import ChildError, Made
from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.feeds.entries import TakenEntry, TakenFeed, with_page
from pulse_tui.acquire.fetch import FEEDS, PICTURES, Fetched, Limits
from pulse_tui.acquire.keeping.keeper import KeepingError
from pulse_tui.acquire.net.addresses import read
from pulse_tui.acquire.net.connection import is_local
from pulse_tui.acquire.net.errors import BadURLError, FetchError, StatusError
from pulse_tui.acquire.sync.crawl import Errand, LeftAloneError, Request, StoppedError
from pulse_tui.acquire.sync.events import Cause, Failed, FeedDone, FeedOutcome, Kept, Progress, Taking
from pulse_tui.repository import RepositoryError
from pulse_tui.subscriptions import Answer, Subscription, Taken

if TYPE_CHECKING:
    from pulse_tui.acquire.sync.sync import Sync

FEED = Limits(seconds=20.0, wire=8_000_000, unpacked=16_000_000)
PAGE = Limits(seconds=20.0, wire=5_000_000, unpacked=5_000_000)
PICTURE = Limits(seconds=20.0, wire=10_000_000, unpacked=10_000_000)
READING = 20.0
"""Seconds of a child for one feed, one page or one picture."""
OF_ONE = 12
"""Pictures that are fetched for one feature; the others stay addresses."""
OF_ALL = 120
"""Pictures that are fetched for one feed in one run, the newest features' first."""
LONGEST = 86_400.0
"""Seconds from one question to the next, whatever a feed or its server says of how long an answer holds, and
however often it has failed."""
_AT_ONCE = 20
"""Entries that are noted together."""
_TOLD = 65_536
"""Bytes between two reports of how much has come."""

# What stands behind the digest of an entry: the feed has only a summary, and it was kept; its page was kept,
# or is not to be had.
_SUMMARY, _PAGE = "s", "p"

_max_age = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})").search

Asking: TypeAlias = Generator[Request, Fetched | FetchError, Fetched | FetchError]


class FeedErrand:
    """What is done for one feed; `steps` does it."""

    def __init__(self, sync: Sync, subscription: Subscription, answer: Answer) -> None:
        self._sync = sync
        self._feed = subscription
        self._answer = answer
        self._taken: Mapping[str, Taken] = {}
        self._noted: dict[str, Taken] = {}
        """What is still to be given to the state."""
        self._new = self._updated = 0
        self._pictures_left = OF_ALL
        self._pages_missed: list[str] = []

    def steps(self) -> Errand:
        """All of it, request by request.

        Raises:
            RepositoryError: the state cannot be read or written.
        """
        try:
            yield from self._steps()
        except (RepositoryError, StoppedError):
            raise
        except KeepingError as error:
            # The feed is not at fault: it is asked again as soon as there is room.
            answer = self._answer._replace(due=self._sync.now(), fault=str(error))
            self._end("failed", str(error), answer, "library")
        except Exception as error:
            fault = f"It could not be taken in: {type(error).__name__}, which is a fault of this program."
            self._failed(fault)
        finally:
            self._note()

    def _steps(self) -> Errand:
        self._taken = self._sync.subscriptions.taken(self._feed.name)
        self._sync.keeper.know(taken.file for taken in self._taken.values())
        reply = yield from self._ask_feed()
        if isinstance(reply, FetchError):
            self._not_had(reply)
            return
        try:
            feed = None if reply.not_modified else self._read(reply)
        except ChildError as error:
            self._failed(str(error))
            return
        to = reply.moved_to or ""
        if to and not self._move(to):
            self._tell_end("moved", f"It has moved to {to}, which is followed already.")
            return
        if feed is not None:
            self._describe(feed)
            if not (yield from self._take(feed)):
                return
            self._forget_summaries(feed)
            self._note()
        kept: FeedOutcome = "new" if self._new or self._updated else "unchanged"
        self._had(reply, "moved" if to else kept, self._before if feed is None else feed.every)

    # -- Asking

    def _ask_feed(self) -> Asking:
        etag, modified = self._answer.etag, self._answer.modified
        if self._sync.wishes.full_text and any(each.said.endswith(_SUMMARY) for each in self._taken.values()):
            etag = modified = ""  # that nothing is new says nothing of what was left out before
        url = self._feed.url
        told = 0

        def progress(size: int, expected: int | None) -> None:
            nonlocal told
            self._go_on()
            if size - told >= _TOLD:
                told = size
                self._sync.tell(Progress(url, size, expected))

        return (yield Request(url, FEEDS, FEED, True, etag, modified, progress))

    def _go_on(self, *_: object) -> None:
        if self._sync.is_stopped:
            raise StoppedError

    def _read(self, reply: Fetched) -> TakenFeed:
        """What the feed has.

        Raises:
            ChildError: it cannot be read.
        """
        known = {name: self._known(taken.said) for name, taken in self._taken.items()}
        arguments = {"address": reply.url, "charset": reply.charset, "known": json.dumps(known)}
        return TakenFeed.from_json(self._work("feed", reply.body, arguments).text)

    def _known(self, said: str) -> str:
        """The digest by which an entry is known; one that no entry has where its page is wanted by now."""
        wanted = self._sync.wishes.full_text and said.endswith(_SUMMARY)
        return said if wanted else said.rstrip(_SUMMARY + _PAGE)

    def _work(self, task: str, data: bytes, arguments: Mapping[str, str]) -> Made:
        return self._sync.workers.run(task, data, arguments, seconds=READING)

    # -- Taking in

    def _take(self, feed: TakenFeed) -> Generator[Request, Fetched | FetchError, bool]:
        """Write what is new and what has changed, newest first; False if the run is to end before."""
        entries = list(reversed(feed.entries))
        count = len(entries)
        title = self._feed.title or feed.title
        while entries:
            if self._sync.is_stopped:
                return False
            yield from self._take_entry(entries.pop())
            self._sync.tell(Taking(self._feed.url, title, count - len(entries), count))
            if len(self._noted) >= _AT_ONCE:
                self._note()
        if self._pages_missed:
            count = len(self._pages_missed)
            which = f"{count:,} pages were" if count > 1 else "A page was"
            reason = f"{which} not to be had, so what the feed has of it was kept. {self._pages_missed[0]}"
            self._sync.tell(Failed(self._feed.url, reason))
        return True

    def _take_entry(self, entry: TakenEntry) -> Generator[Request, Fetched | FetchError, None]:
        known = self._taken.get(entry.id)
        if known is not None and not self._sync.keeper.has(entry.feature, known):
            self._noted[entry.id] = known._replace(said=entry.said)
            return
        feature, mark = entry.feature, ""
        if not entry.full:
            had_page = known is not None and known.said.endswith(_PAGE)
            feature, mark = yield from self._page(entry, wanted=self._sync.wishes.full_text or had_page)
        pictures = yield from self._pictures(feature, known)
        self._go_on()
        kept = self._sync.keeper.keep(
            feature, pictures, said=entry.said + mark, under=f"feeds/{self._feed.name}", known=known
        )
        self._noted[entry.id] = kept.taken
        self._new += kept.outcome == "new"
        self._updated += kept.outcome == "updated"
        name = os.path.splitext(kept.taken.file)[0]
        source = feature.source or self._feed.url
        self._sync.tell(Kept(source, name, str(kept.path), feature.title, kept.outcome, kept.edited))

    def _page(
        self, entry: TakenEntry, *, wanted: bool
    ) -> Generator[Request, Fetched | FetchError, tuple[Feature, str]]:
        """The feature on an entry's page, or the summary; and what that is."""
        if not wanted or not entry.url:
            return entry.feature, _SUMMARY
        reply = yield Request(entry.url, limits=PAGE, typed=self._is_near(entry.url), progress=self._go_on)
        if isinstance(reply, FetchError):
            self._pages_missed.append(str(reply))
            return entry.feature, _SUMMARY if reply.passing else _PAGE
        arguments = {"address": reply.url, "charset": reply.charset}
        try:
            page = Feature.from_json(self._work("page", reply.body, arguments).text)
            return with_page(entry.feature, page), _PAGE
        except (ChildError, ValueError) as error:
            self._pages_missed.append(str(error))
            return entry.feature, _PAGE

    def _pictures(
        self, feature: Feature, known: Taken | None
    ) -> Generator[Request, Fetched | FetchError, dict[str, bytes]]:
        """The pictures of a feature that are not there yet, made small; others stay addresses."""
        made: dict[str, bytes] = {}
        if not self._sync.wishes.pictures:
            return made
        had = self._sync.keeper.pictures_of(feature, known)
        sources = dict.fromkeys(picture.source for picture in feature.pictures if picture.source)
        for source in list(sources)[:OF_ONE]:
            if source in had:
                continue
            if not self._pictures_left:
                break
            self._pictures_left -= 1
            reply = yield Request(source, PICTURES, PICTURE, self._is_near(source), progress=self._go_on)
            if isinstance(reply, FetchError):
                continue
            try:
                small = self._work("picture", reply.body, {"sizes": str(len(reply.body))}).parts
            except ChildError:
                continue
            if small and small[0]:
                made[source] = small[0]
        return made

    def _is_near(self, url: str) -> bool:
        """Whether an address is of the local server that a person named; no other link may lead to one.

        A name of the Internet does not count: its owner can let it stand for any address tomorrow.
        """
        try:
            there, here = read(url), read(self._feed.url)
        except BadURLError:
            return False
        return is_local(here.host) and there[:3] == here[:3]

    # -- The state

    def _note(self) -> None:
        """Keep what became of the entries so far."""
        if self._noted:
            noted, self._noted = self._noted, {}
            # By the name that it has now, which its owner may have changed since the run began.
            known = self._sync.subscriptions.get(self._feed.url)
            name = known[0].name if known is not None else self._feed.name
            self._sync.subscriptions.take(name, noted)

    def _forget_summaries(self, feed: TakenFeed) -> None:
        """Entries that are no longer in the feed will not get their pages any more."""
        if self._sync.wishes.full_text:
            for name, taken in self._taken.items():
                if taken.said.endswith(_SUMMARY) and name not in feed.current:
                    self._noted[name] = taken._replace(said=taken.said.rstrip(_SUMMARY))

    def _describe(self, feed: TakenFeed) -> None:
        """Give the subscription, as it is now, title and home of the feed, where it has none."""
        known = self._sync.subscriptions.get(self._feed.url)
        if known is None:
            return
        now = known[0]
        self._feed = now._replace(title=now.title or feed.title, home=now.home or feed.home)
        if self._feed != now:
            self._sync.subscriptions.put([self._feed])

    def _move(self, to: str) -> bool:
        """Follow the feed at its new address; False if that is followed already, so that this one ends."""
        if to == self._feed.url:
            return True
        is_new = self._sync.subscriptions.get(to) is None
        self._sync.subscriptions.move(self._feed.url, to)
        if is_new:
            self._feed = self._feed._replace(url=to)
        return is_new

    @property
    def _before(self) -> float:
        """Seconds for which the answer before was good, if that was one."""
        answer = self._answer
        return 0.0 if answer.failures or answer.fault else answer.due - answer.asked

    def _had(self, reply: Fetched, outcome: FeedOutcome, good: float) -> None:
        """The feed has answered, and all of it is taken in; it is `good` for so many seconds."""
        now = self._sync.now()
        stated = _max_age(reply.headers.get("cache-control", "").lower())
        pause = max(self._feed.every, min(max(good, float(stated[1]) if stated else 0.0), LONGEST))
        etag, modified = reply.etag, reply.modified
        if reply.not_modified:
            etag, modified = etag or self._answer.etag, modified or self._answer.modified
        reason = f"It has moved to {self._feed.url}." if outcome == "moved" else ""
        self._end(outcome, reason, Answer(etag, modified, now, now + pause))

    def _not_had(self, error: FetchError) -> None:
        now = self._sync.now()
        if isinstance(error, LeftAloneError):
            self._end("waiting", str(error), self._answer._replace(due=now + error.seconds))
        elif isinstance(error, StatusError) and error.gone:
            self._failed(str(error), "network", gone=True)
        elif isinstance(error, StatusError) and error.wants_rest:
            self._failed(str(error), "network", wait=error.retry_after(now))
        else:
            self._failed(str(error), "network")

    def _failed(
        self, fault: str, cause: Cause = "feed", *, gone: bool = False, wait: float | None = None
    ) -> None:
        """Nothing could be taken: the pause doubles with each time in a row, unless the server names one."""
        now = self._sync.now()
        failures = self._answer.failures + 1
        pause = min(self._feed.every * 2 ** min(failures - 1, 10), max(LONGEST, self._feed.every))
        answer = self._answer._replace(
            asked=now,
            due=now + (pause if wait is None else max(wait, self._feed.every)),
            fault=fault,
            failures=failures,
            gone=gone,
        )
        self._end("gone" if gone else "failed" if wait is None else "waiting", fault, answer, cause)

    def _end(self, outcome: FeedOutcome, reason: str, answer: Answer, cause: Cause = "") -> None:
        self._note()
        self._sync.subscriptions.answered(self._feed.url, answer)
        self._tell_end(outcome, reason, cause)

    def _tell_end(self, outcome: FeedOutcome, reason: str, cause: Cause = "") -> None:
        url, name, title = self._feed.url, self._feed.name, self._feed.title
        self._sync.finished(FeedDone(url, name, title, outcome, self._new, self._updated, reason, cause))
