"""How articles come in: puts together what fetches, reads and keeps them.

Each command imports what it needs when it runs: a start of the reader waits for none of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from pulse_tui.arguments import Options
from pulse_tui.commands.output import CommandError, Exit

if TYPE_CHECKING:
    from pulse_tui.acquire.net.connection import Network
    from pulse_tui.storage.library import Library
    from pulse_tui.storage.state.subscriptions import SubscriptionStore

_WEB = ("http://", "https://")
_ENDINGS = (".html", ".htm", ".xhtml", ".epub")
"""Of files that can be read and are no Markdown."""
_HEADS = (b"<!doctype", b"<html", b"<?xml", b"pk\x03\x04")
"""In small letters: what such files begin with."""


class Surroundings(NamedTuple):
    """What there is outside of the program."""

    own: Path
    """The reader's own folder of articles; it need not be there."""
    state: Path
    """The file of the reading state."""
    environment: Mapping[str, str]
    clock: Callable[[], float]
    """Gives Unix seconds."""


def take_in(options: Options, around: Surroundings, library: Callable[[], Library]) -> int:
    """Run the command `add`; `library` opens the one that gives features their ids.

    Raises:
        CommandError: nothing can be kept.
        RepositoryError: the state cannot be read or written.
    """
    from pulse_tui.acquire.keeping.keeper import Keeper
    from pulse_tui.commands.adding import Shelf, Wanted, add, print_sources
    from pulse_tui.storage.state.subscriptions import SubscriptionStore

    end_in_order()
    _check_address(options.url)
    wanted = Wanted(options.sources, options.url, options.force, options.pictures, options.json)
    if options.stdout:
        return print_sources(wanted, network(around), around.clock)
    make_folder(around.own)
    subscriptions = SubscriptionStore(around.state, clock=around.clock)
    opened = library()
    try:
        keeper = Keeper(around.own, today=lambda: date.fromtimestamp(around.clock()))
        shelf = Shelf(around.own, keeper, subscriptions, opened.adopt)
        return add(wanted, network(around), shelf, around.clock)
    finally:
        opened.close()
        subscriptions.close()


def with_feeds(options: Options, around: Surroundings, *, bars: bool) -> int:
    """Run a command about feeds: one of `commands.usage`, or `import` or `export` of a list of them.

    `bars` says whether the terminal can draw them.

    Raises:
        CommandError: there is no such feed, or nothing can be kept.
        RepositoryError: the state cannot be read or written.
    """
    from pulse_tui.commands import feeds, opml
    from pulse_tui.storage.state.subscriptions import SubscriptionStore

    subscriptions = SubscriptionStore(around.state, clock=around.clock)
    try:
        if options.command == "import":
            return opml.import_opml(str(options.opml), subscriptions)
        if options.command == "export":
            return opml.export_opml(str(options.opml), subscriptions)
        if options.command == "feeds":
            return feeds.list_feeds(subscriptions, around.own, as_json=options.json)
        if options.command == "unfollow":
            return feeds.unfollow(options.sources, subscriptions)
        end_in_order()
        if options.command == "sync":
            return _sync(options, around, subscriptions, bars=bars)
        return feeds.follow(
            options.sources,
            subscriptions,
            network(around),
            name=options.feed_name,
            every=None if options.every is None else options.every * feeds.HOUR,
            clock=around.clock,
        )
    finally:
        subscriptions.close()


def _sync(options: Options, around: Surroundings, subscriptions: SubscriptionStore, *, bars: bool) -> int:
    from pulse_tui.acquire.keeping.keeper import Keeper
    from pulse_tui.commands.syncing import Shelf, Wanted, check_folder, sync

    check_folder(around.own, subscriptions)
    make_folder(around.own)
    wanted = Wanted(options.sources, options.every_feed, options.full_text, options.pictures, options.json)
    keeper = Keeper(around.own, today=lambda: date.fromtimestamp(around.clock()))
    shelf = Shelf(keeper, subscriptions, around.state.with_name("sync.lock"))
    colours = not around.environment.get("NO_COLOR")
    return sync(wanted, network(around), shelf, around.clock, bars=bars, colours=colours)


def _check_address(url: str) -> None:
    """See that what is said to be the address of an origin is one."""
    if url:
        from pulse_tui.acquire.net.addresses import read
        from pulse_tui.acquire.net.errors import BadURLError

        try:
            read(url)
        except BadURLError as error:
            raise CommandError(str(error), Exit.USAGE) from error


def make_folder(own: Path) -> None:
    """See that the reader's own folder is there.

    Raises:
        CommandError: it cannot be made.
    """
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"The folder {own} cannot be made ({error.strerror}): see that it can, then try again."
        raise CommandError(sentence, Exit.FAILURE) from error


def network(around: Surroundings) -> Network:
    """The web, by the proxies that the environment names and with the system's certificates."""
    from pulse_tui.acquire.net.connection import Network

    return Network(around.environment, monotonic=monotonic)


def end_in_order() -> None:
    """Let SIGTERM end this process as an interrupt does, so that no child of it is left behind."""
    import signal

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, end)


def is_visited(name: str) -> bool:
    """Whether this names something that is read without being Markdown of this machine."""
    return name.lower().startswith(_WEB) or name.lower().endswith(_ENDINGS)


def is_no_markdown(data: bytes) -> bool:
    """Whether what came through a pipe is a page or a book; what begins otherwise is taken for Markdown."""
    return data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_HEADS)


def visit(library: Library, name: str, around: Surroundings, data: bytes = b"") -> str:
    """List what somebody named, or the bytes of a pipe, for this session; the id of the first of it.

    Raises:
        CommandError: there is nothing, or it cannot be read.
    """
    from pulse_tui.commands.visiting import visit

    return visit(library, name, network(around), around.clock, data)
