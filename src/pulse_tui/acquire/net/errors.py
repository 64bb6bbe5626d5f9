"""What can go wrong with the web: one small family, each with a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping

from pulse_tui.text import clean_line

_LONGEST_WAIT = 30 * 86_400.0
_SHOWN = 100
"""Characters of an address that are shown; some go on for thousands."""


def shown(url: str) -> str:
    """An address as it may stand in a sentence."""
    url = clean_line(url[: 4 * _SHOWN])
    return url if len(url) <= _SHOWN else url[: _SHOWN - 1] + "…"


class FetchError(Exception):
    """Something did not come from the web; the text says what happened and what to do."""

    passing = False
    """Whether the same may go well at another time without anybody doing anything."""


class BadURLError(FetchError):
    """What was given is no address of a page."""


class NotAllowedError(FetchError):
    """The address is not public, and nobody asked for it by name."""


class RedirectError(FetchError):
    """The way leads too far, back to itself, or where it should not."""


class UnreachableError(FetchError):
    """There is no such host, or nothing takes connections there."""

    passing = True


class SecurityError(FetchError):
    """The encrypted connection could not be made, or the host could not prove its name."""


class SlowError(FetchError):
    """The time for the whole transfer is up."""

    passing = True


class TooLargeError(FetchError):
    """More came than is taken."""


class BrokenError(FetchError):
    """What came is incomplete, or not what the protocol allows."""

    passing = True


class StatusError(FetchError):
    """The server answered that it has nothing for us; the status tells why."""

    def __init__(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(_meaning(shown(url), status))
        self.url = url
        """Where the answer came from, after all redirects."""
        self.status = status
        self.headers = headers
        """Names in lower case."""
        self.passing = status in (408, 425, 429) or status >= 500

    @property
    def gone(self) -> bool:
        """Whether the server says that it is gone for good: a subscription ends with that."""
        return self.status == 410

    @property
    def wants_rest(self) -> bool:
        """Whether the server wants to be left alone for a while."""
        return self.status in (429, 503)

    def retry_after(self, now: float) -> float | None:
        """The seconds that Retry-After asks for, at least 0 and at most 30 days; None if it asks for none.

        A date is held against the server's own Date where that is given, since its clock may be wrong
        (RFC 9110, 10.2.3).  `now` is in Unix seconds.
        """
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:9]), _LONGEST_WAIT)
        until = _date(value)
        if until is None:
            return None
        since = _date(self.headers.get("date", ""))
        return min(max(0.0, until - (now if since is None else since)), _LONGEST_WAIT)


def _meaning(url: str, status: int) -> str:
    match status:
        case 401 | 402 | 403 | 407 | 451:
            return (
                f"{url} is not given to this program (status {status}): open it in a browser,"
                " save the page there and add the file."
            )
        case 404:
            return f"There is nothing at {url} (status 404): check the address."
        case 410:
            return f"{url} is gone for good (status 410): remove it, or look for its new address."
        case 429:
            return f"{url} asks for fewer requests (status 429): try again later."
        case _ if status >= 500 or status in (408, 425):
            return f"The server of {url} is in trouble (status {status}): try again later."
        case _:
            return f"{url} answers with status {status}: open it in a browser to see what it wants."


def _date(value: str) -> float | None:
    from email.utils import mktime_tz, parsedate_tz

    try:
        parsed = parsedate_tz(value[:64])
        return None if parsed is None else float(mktime_tz(parsed))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
