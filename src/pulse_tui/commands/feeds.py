"""`follow`, `unfollow` and `feeds`: what a reader follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pulse_tui.commands.faults import sentence_of, status_of
from pulse_tui.commands.output import PROGRAM, CommandError, Exit, complain, print_json
from pulse_tui.errands.words import NONE_FOLLOWED
from pulse_tui.subscriptions import Answer, Subscription, Subscriptions
from pulse_tui.text import cells, counted, pad

if TYPE_CHECKING:
    from pulse_tui.acquire.feeds.following import FoundFeed
    from pulse_tui.acquire.net.connection import Network

Followed = tuple[Subscription, Answer]
HOUR = 3600.0


def follow(
    urls: Sequence[str],
    subscriptions: Subscriptions,
    network: Network,
    *,
    name: str = "",
    every: float | None = None,
    clock: Callable[[], float],
) -> int:
    """Follow feeds, by their address or that of a page that names them; prints the name of each.

    `every` is the time from one question to the next, in seconds; `clock` gives Unix seconds.

    Raises:
        CommandError: the name is taken, or none that a folder can have.
    """
    from pulse_tui.acquire.feeds.following import NoFeedError, SeveralFeedsError, find_feed
    from pulse_tui.acquire.net.errors import FetchError
    from pulse_tui.acquire.sync.workers import Workers

    if name:
        _check_name(name, subscriptions)
    statuses: list[Exit] = []
    with Workers(1) as workers:
        for url in urls:
            try:
                found = find_feed(url, network, workers)
            except SeveralFeedsError as error:
                complain(str(error))
                for link in error.links:
                    print(f"{link.url}  {link.title or link.kind}".rstrip(), flush=True)
                statuses.append(Exit.FAILURE)
            except (FetchError, NoFeedError) as error:
                complain(sentence_of(error, clock))
                statuses.append(status_of(error, url))
            else:
                _follow(found, subscriptions, name, every)
    if not statuses:
        return Exit.DONE
    return statuses[0] if len(statuses) == len(urls) else Exit.FAILURE


def _check_name(name: str, subscriptions: Subscriptions) -> None:
    from pulse_tui.acquire.feeds.following import is_name

    if not is_name(name):
        raise CommandError(
            f"“{name}” is no name for a folder: use letters, digits and hyphens, at most 60.", Exit.USAGE
        )
    for feed, _ in subscriptions.all():
        if feed.name.casefold() == name.casefold():
            raise CommandError(
                f"The name “{name}” is that of {feed.url} already: choose another.", Exit.USAGE
            )


def _follow(found: FoundFeed, subscriptions: Subscriptions, name: str, every: float | None) -> None:
    from pulse_tui.acquire.feeds.following import name_for

    known = subscriptions.get(found.url)
    if known is None:
        feed = Subscription(found.url, found.title, found.home, name=name or name_for(found.title, found.url))
    else:
        feed = known[0]._replace(name=name or known[0].name)
        answer = known[1]
        if answer.gone:  # somebody wants it nevertheless
            subscriptions.answered(found.url, Answer())
        elif every is not None and answer.asked + every < answer.due:
            subscriptions.answered(found.url, answer._replace(due=answer.asked + every))
    subscriptions.put([feed if every is None else feed._replace(every=every)])
    kept = subscriptions.get(found.url)
    feed = kept[0] if kept else feed
    print(feed.name, flush=True)
    title = feed.title or feed.url
    if known is None:
        entries = f"{found.listed:,} {'entry' if found.listed == 1 else 'entries'}"
        complain(f"Following {title} ({entries}): “{PROGRAM} sync” brings them in.")
    else:
        complain(f"{title} is followed already.")


def unfollow(named: Sequence[str], subscriptions: Subscriptions) -> int:
    """Follow feeds no more, each by its name or address; their features stay.

    Raises:
        CommandError: one of them is not followed; then nothing is changed.
    """
    for feed, _ in chosen(named, subscriptions):
        subscriptions.remove(feed.url)
        complain(f"{feed.title or feed.url} is followed no more; its features stay in feeds/{feed.name}.")
    return Exit.DONE


def chosen(named: Sequence[str], subscriptions: Subscriptions) -> list[Followed]:
    """The feeds that a person names, each once.

    Raises:
        CommandError: one of them is not followed.
    """
    from pulse_tui.acquire.net.addresses import read
    from pulse_tui.acquire.net.errors import BadURLError

    everything = subscriptions.all()
    found: dict[str, Followed] = {}
    for text in named:
        try:
            url = read(text).url
        except BadURLError:
            url = text
        for each in everything:
            if text in (each[0].name, each[0].url) or url == each[0].url:
                found[each[0].url] = each
                break
        else:
            raise CommandError(
                f"No feed “{text}” is followed: “{PROGRAM} feeds” lists those that are.", Exit.NOT_FOUND
            )
    return list(found.values())


def list_feeds(subscriptions: Subscriptions, folder: Path, *, as_json: bool) -> int:
    """Print the feeds: name, number of features, when each was asked and will be, title, address, fault.

    `folder` is the reader's own; times of the day are those of the system's time zone.
    """
    feeds = subscriptions.all()
    if as_json:
        print_json([_as_json(feed, answer, folder) for feed, answer in feeds])
    elif not feeds:
        complain(NONE_FOLLOWED)
    widest = max((cells(feed.name) for feed, _ in feeds), default=0)
    for feed, answer in () if as_json else feeds:
        number = counted(_features(folder, feed), "feature")
        asked = f"asked {_when(answer.asked)}" if answer.asked else "never asked"
        again = "gone" if answer.gone else f"next {_when(answer.due)}" if answer.due else "next at once"
        title = f"  {feed.title}" if feed.title else ""
        print(f"{pad(feed.name, widest)}  {number:>14}  {asked:22}  {again:21}{title}  {feed.url}")
        if answer.fault:
            print(f"    ! {answer.fault}")
    return Exit.DONE if feeds else Exit.FAILURE


def _as_json(feed: Subscription, answer: Answer, folder: Path) -> dict[str, object]:
    return {
        "name": feed.name,
        "title": feed.title,
        "url": feed.url,
        "home": feed.home,
        "folders": list(feed.folders),
        "every": feed.every,
        "asked": _moment(answer.asked),
        "due": None if answer.gone else _moment(answer.due),
        "features": _features(folder, feed),
        "fault": answer.fault,
        "failures": answer.failures,
        "gone": answer.gone,
    }


def _features(folder: Path, feed: Subscription) -> int:
    return sum(1 for _ in (folder / "feeds" / feed.name).glob("*.md"))


def _moment(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


def _when(seconds: float) -> str:
    """A moment as it is told where somebody reads it."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"
