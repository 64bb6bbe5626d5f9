"""Lists of feeds, as programs that read them exchange them: in and out."""

from __future__ import annotations

import sys

from pulse_tui.commands.output import STANDARD_STREAM, CommandError, Exit, complain, expect_input
from pulse_tui.commands.state import cannot_be_read, write_file
from pulse_tui.subscriptions import Subscription, Subscriptions
from pulse_tui.text import counted


def import_opml(path: str, subscriptions: Subscriptions) -> int:
    """Follow the feeds of a list that are not followed yet, in their folders; `-` is standard input.

    Raises:
        CommandError: there is no such file, or it is no list that can be read.
        RepositoryError: they cannot be kept.
    """
    from pulse_tui.acquire.feeds.following import name_for
    from pulse_tui.acquire.feeds.opml import read_opml
    from pulse_tui.acquire.markup import RefusedError
    from pulse_tui.acquire.net.addresses import read
    from pulse_tui.acquire.net.connection import is_local
    from pulse_tui.acquire.net.errors import BadURLError

    try:
        outline = read_opml(_bytes_of(path))
    except RefusedError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error
    for notice in outline.notices:
        complain(str(notice))
    known = {feed.url for feed, _ in subscriptions.all()}
    new: dict[str, Subscription] = {}
    there = unfit = local = 0
    for each in outline.subscriptions:
        try:
            target = read(each.url)
        except BadURLError:
            unfit += 1
            continue
        url = target.url
        if url in known or url in new:
            there += 1
        elif is_local(target.host):
            local += 1
        else:
            name = name_for(each.title, url)
            new[url] = Subscription(url, each.title, each.home, each.folders, name)
    subscriptions.put(new.values())
    if unfit:
        complain(f"Left out for want of an address that can be asked: {unfit:,}.")
    if local:
        complain(
            f"Left out, because they belong to this machine or its network: {local:,}. A list may come from"
            " anybody; follow what you trust by its address."
        )
    complain(f"{counted(len(new), 'feed')} added, {there:,} followed already.")
    return Exit.DONE


def export_opml(path: str, subscriptions: Subscriptions) -> int:
    """Write the feeds as OPML 2.0 to a file, whole or not at all, or to standard output.

    Raises:
        CommandError: the file cannot be written.
    """
    from pulse_tui.acquire.feeds.opml import to_opml

    feeds = [feed for feed, _ in subscriptions.all()]
    data = to_opml(feeds, "Feeds of pulse-tui")
    if path == STANDARD_STREAM:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_file(path, data.decode().removesuffix("\n").split("\n"))
    complain(f"{counted(len(feeds), 'feed')} exported.")
    return Exit.DONE if feeds else Exit.FAILURE


def _bytes_of(path: str) -> bytes:
    """All of a list, or a little more than is read of one.

    Raises:
        CommandError: it cannot be read.
    """
    from pulse_tui.acquire.feeds.opml import LIMIT

    try:
        if path == STANDARD_STREAM:
            if sys.stdin is None:
                raise CommandError("Standard input is closed: name a file instead.", Exit.UNREADABLE)
            expect_input()
            return sys.stdin.buffer.read(LIMIT + 1)
        with open(path, "rb") as file:
            return file.read(LIMIT + 1)
    except FileNotFoundError as error:
        raise CommandError(f"There is no file “{path}”: check its name.", Exit.NOT_FOUND) from error
    except (OSError, ValueError) as error:
        raise CommandError(cannot_be_read(path, error), Exit.UNREADABLE) from error
