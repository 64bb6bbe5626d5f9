"""`sync`: the feeds are asked, and what is new in them is taken in; it is told how far that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pulse_tui.acquire.sync.events import Cause, Event, Failed, FeedDone, as_json
from pulse_tui.commands.feeds import chosen
from pulse_tui.commands.output import PROGRAM, CommandError, Exit, complain
from pulse_tui.errands.words import NONE_FOLLOWED
from pulse_tui.subscriptions import Subscriptions
from pulse_tui.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulse_tui.acquire.keeping.keeper import Keeper
    from pulse_tui.acquire.net.connection import Network
    from pulse_tui.commands.feeds import Followed

_STATUS: Mapping[Cause, Exit] = {
    "": Exit.FAILURE,
    "network": Exit.NETWORK,
    "feed": Exit.UNREADABLE,
    "library": Exit.FAILURE,
}
_NAMED = 3
"""Feeds that failed that the last line names; of the others it gives the number."""


class Wanted(NamedTuple):
    """What `sync` is to do."""

    feeds: Sequence[str] = ()
    """Names or addresses; none for those that are due."""
    every: bool = False
    """Whether all are asked, due or not."""
    full_text: bool = False
    pictures: bool = True
    json: bool = False


class Shelf(NamedTuple):
    """Where features go, and what is known of them."""

    keeper: Keeper
    subscriptions: Subscriptions
    lock: Path
    """The file that a run holds, so that there is only one."""


class Teller(Protocol):
    """Tells of a run while it goes on; a context manager around it."""

    def __enter__(self) -> Teller: ...
    def __exit__(self, *_: object) -> None: ...
    def tell(self, event: Event) -> None:
        """Say what happened; from any thread, one at a time."""


def sync(
    wanted: Wanted,
    network: Network,
    shelf: Shelf,
    clock: Callable[[], float],
    *,
    bars: bool,
    colours: bool,
    pause: float | None = None,
) -> int:
    """Ask the feeds that are due, or those that are named, and take in what is new.

    `bars` says whether the terminal can show them, `colours` whether in colours; `pause` is that between two
    requests to a host, in seconds.

    Raises:
        CommandError: another run is at work, there is no such feed, or none is followed.
        RepositoryError: the state cannot be read or written.
    """
    from pulse_tui.acquire.sync.politeness import PAUSE
    from pulse_tui.acquire.sync.sync import Sync, Wishes

    end = _Ending()
    with _alone(shelf.lock):
        feeds = _feeds(wanted, shelf.subscriptions, clock())
        teller = _teller(wanted, bars=bars and bool(feeds), colours=colours)

        def tell(event: Event) -> None:
            end.heed(event)
            teller.tell(event)

        run = Sync(
            shelf.subscriptions,
            shelf.keeper,
            network,
            now=clock,
            tell=tell,
            wishes=Wishes(wanted.full_text, wanted.pictures),
            pause=PAUSE if pause is None else pause,
        )
        try:
            with teller:
                run.run(feeds)
        except KeyboardInterrupt:
            complain(f"Stopped: {end.words}. What was taken in stays, and the next run goes on.")
            return Exit.INTERRUPTED
    if feeds:
        complain(f"{end.words}.")
    return end.status(len(feeds))


def check_folder(folder: Path, subscriptions: Subscriptions) -> None:
    """See that the reader's own folder is the one that features of feeds were kept in.

    On a disk that is not there all of them would look deleted, and so never come again.

    Raises:
        CommandError: it lacks the folder of the feeds, though something was kept there.
    """
    of_feeds = folder / "feeds"
    if of_feeds.is_dir():
        return
    for feed, _ in subscriptions.all():
        if any(each.file.startswith("feeds/") for each in subscriptions.taken(feed.name).values()):
            raise CommandError(
                f"There is no folder {of_feeds}, though features were kept in it: see that its disk is there;"
                " if you deleted it, make it again, empty, and what was in it stays deleted.",
                Exit.FAILURE,
            )


def _feeds(wanted: Wanted, subscriptions: Subscriptions, now: float) -> list[Followed]:
    """The feeds to be asked; says so where none is due.

    Raises:
        CommandError: there is no such feed, or none at all.
    """
    from pulse_tui.acquire.sync.sync import due

    if wanted.feeds:
        return chosen(wanted.feeds, subscriptions)
    followed = [each for each in subscriptions.all() if not each[1].gone]
    if not followed:
        raise CommandError(NONE_FOLLOWED, Exit.FAILURE)
    feeds = followed if wanted.every else due(followed, now)
    if not feeds:
        minutes = max(1, round((min(answer.due for _, answer in followed) - now) / 60))
        complain(f"No feed is due for {counted(minutes, 'minute')}; “{PROGRAM} sync --all” asks them now.")
    return feeds


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Be the only run of this state; the system lets go of the file with the process.

    Raises:
        CommandError: another one is at work, or the file cannot be made.
    """
    import fcntl

    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = open(lock, "ab")  # noqa: SIM115 - closed below
    except OSError as error:
        sentence = f"{lock} cannot be written ({error.strerror}): see that it can, then try again."
        raise CommandError(sentence, Exit.FAILURE) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            sentence = "The feeds are being asked already: wait until that is done, or stop it."
            raise CommandError(sentence, Exit.FAILURE) from error
        except OSError:  # this file system has no locks
            pass
        yield


class _Ending:
    """What the last line and the exit status say."""

    def __init__(self) -> None:
        self._new = self._updated = self._gone = self._waiting = 0
        self._failed: list[FeedDone] = []

    def heed(self, event: Event) -> None:
        """Count what was done."""
        if isinstance(event, FeedDone):
            self._new += event.new
            self._updated += event.updated
            self._gone += event.outcome == "gone"
            self._waiting += event.outcome == "waiting"
            if event.outcome == "failed":
                self._failed.append(event)

    @property
    def words(self) -> str:
        """As in `12 new, 3 updated; 1 feed failed: name`."""
        parts = [f"{self._new:,} new, {self._updated:,} updated"]
        if self._failed:
            names = ", ".join(each.name for each in self._failed[:_NAMED])
            more = len(self._failed) - _NAMED
            names += f" and {more:,} more" if more > 0 else ""
            parts.append(f"{counted(len(self._failed), 'feed')} failed: {names}")
        if self._waiting:
            parts.append(f"{counted(self._waiting, 'feed')} to be asked later")
        if self._gone:
            parts.append(f"{counted(self._gone, 'feed')} gone for good")
        return "; ".join(parts)

    def status(self, asked: int) -> Exit:
        """The exit status after so many feeds."""
        if not self._failed:
            return Exit.DONE
        return _STATUS[self._failed[0].cause] if len(self._failed) == asked else Exit.FAILURE


def _teller(wanted: Wanted, *, bars: bool, colours: bool) -> Teller:
    if wanted.json:
        return _Lines(_print_json)
    if not bars:
        return _Lines(_print)
    from pulse_tui.commands.bars import Bars

    return Bars(_print, colours=colours)


class _Lines:
    """Tells each event as a line, or as none."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self.tell = tell

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _print_json(event: Event) -> None:
    line = as_json(event)
    if line:
        print(line, flush=True)


def _print(event: Event) -> None:
    """A line for each feed with which something happened, and for what it could not give."""
    if isinstance(event, FeedDone) and event.outcome != "unchanged":
        print(line_of(event), flush=True)
    elif isinstance(event, Failed):
        complain(event.reason)


def line_of(done: FeedDone) -> str:
    """What became of a feed: its name, how it went, and how many features came."""
    counts = [f"{done.new:,} new"] if done.new else []
    counts += [f"{done.updated:,} updated"] if done.updated else []
    said = ", ".join(counts) if done.outcome == "new" else ", ".join([done.outcome, *counts])
    return f"{done.name}: {said}" + (f": {done.reason}" if done.reason else "")
