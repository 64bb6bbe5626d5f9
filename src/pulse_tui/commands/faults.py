"""What goes wrong with what is acquired, in words and as an exit status: the one place that tells both."""

from __future__ import annotations

from collections.abc import Callable

from pulse_tui.commands.output import Exit
from pulse_tui.text import clean_line, counted


def status_of(error: Exception, typed: str | None = None) -> Exit:
    """The exit status that an error of acquiring stands for; `typed` is the source as a person gave it."""
    from pulse_tui.acquire.files import SourceError
    from pulse_tui.acquire.keeping.keeper import KeepingError
    from pulse_tui.acquire.net.errors import BadURLError, FetchError

    if isinstance(error, BadURLError) and typed is not None and _is_no_address(typed):
        return Exit.USAGE  # one that a page or a redirect gave is the web's fault
    if isinstance(error, FetchError):
        return Exit.NETWORK
    if isinstance(error, KeepingError):
        return Exit.FAILURE
    if isinstance(error, SourceError) and error.missing:
        return Exit.NOT_FOUND
    return Exit.UNREADABLE


def _is_no_address(text: str) -> bool:
    from pulse_tui.acquire.net.addresses import read
    from pulse_tui.acquire.net.errors import BadURLError

    try:
        read(text)
    except BadURLError:
        return True
    return False


def sentence_of(error: Exception, clock: Callable[[], float]) -> str:
    """What an error says, with the time after which a server wants to be asked again.

    `clock` gives Unix seconds.
    """
    from pulse_tui.acquire.net.errors import StatusError

    text = clean_line(str(error))
    later = "try again later."
    if isinstance(error, StatusError) and text.endswith(later):
        wait = error.retry_after(clock())
        if wait:
            return f"{text.removesuffix(later)}try again in {_time(wait)}."
    return text


def _time(seconds: float) -> str:
    """A time in the largest unit that it has two of, rounded up."""
    for size, noun in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return counted(-int(-seconds // size), noun)
    return counted(max(1, -int(-seconds // 1)), "second")
