"""Fetching: one door to the web, for addresses of which nothing is known but that they may be hostile.

It is the standard library's `http.client` over a socket of ours, and not one of the friendlier libraries,
because three things have to hold below the headers: a deadline over the whole transfer, caps on what comes,
and a connection to the address that was checked.  httpx and requests set a timeout for each read, so a server
that drips outlives it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pulse_tui import __version__
from pulse_tui.acquire.net.addresses import Target, follow, read
from pulse_tui.acquire.net.connection import Deadline, Network, Route, opened
from pulse_tui.acquire.net.errors import (
    BrokenError,
    RedirectError,
    StatusError,
    TooLargeError,
    shown,
)
from pulse_tui.acquire.net.packing import ACCEPTED, Unpacked, megabytes

if TYPE_CHECKING:
    from http.client import HTTPResponse

USER_AGENT = f"pulse-tui/{__version__} (terminal reader of articles and feeds)"
PAGES = "text/html, application/xhtml+xml, */*;q=0.5"
"""What is asked for where a page is wanted."""
FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
"""What is asked for where a feed is wanted."""
PICTURES = "image/jpeg, image/png, image/webp, image/gif, image/avif;q=0.8, */*;q=0.1"
"""What is asked for where a picture is wanted."""
_MOVED = (301, 302, 303, 307, 308)
_FOR_GOOD = (301, 308)
_BLOCK = 65_536

Progress = Callable[[int, int | None], None]
"""Told the bytes that came so far and, if known, how many are expected; may raise to stop the transfer."""


class Limits(NamedTuple):
    """What one fetch may cost."""

    seconds: float = 30.0
    """For the whole transfer: finding the host, redirects, the last byte."""
    connecting: float = 10.0
    """Seconds for making a connection to one address."""
    wire: int = 10_000_000
    """Bytes of a body as they come, with their framing."""
    unpacked: int = 20_000_000
    """Bytes of a body once it is unpacked."""
    redirects: int = 8


class Fetched(NamedTuple):
    """What came."""

    url: str
    """Where it came from, after all redirects; without a fragment."""
    status: int
    """200 to 205, or 304: the copy that the caller described is still good, and the body is empty."""
    headers: Mapping[str, str]
    """Names in lower case; values of a repeated header are joined by commas."""
    body: bytes
    moved_to: str | None = None
    """The address to ask from now on, where redirects from the one that was given are permanent."""

    @property
    def not_modified(self) -> bool:
        """Whether nothing came, because the caller's copy is still good."""
        return self.status == 304

    @property
    def media_type(self) -> str:
        """The type that the server names, in lower case without parameters; empty if it names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The character set that the server names, in its words; empty if it names none."""
        from pulse_tui.acquire.net.charset import charset_in

        return charset_in(self.headers.get("content-type", ""))

    @property
    def etag(self) -> str:
        """What to give as `etag` next time; empty if there is none."""
        return self.headers.get("etag", "")

    @property
    def modified(self) -> str:
        """What to give as `modified` next time; empty if there is none."""
        return self.headers.get("last-modified", "")


def fetch(
    url: str,
    *,
    network: Network,
    limits: Limits = Limits(),  # noqa: B008 - a tuple cannot change
    typed: bool = False,
    accept: str = PAGES,
    etag: str = "",
    modified: str = "",
    progress: Progress | None = None,
) -> Fetched:
    """Get what is at an address of the web.

    `typed` says that a person gave this very address: then its host may be one of this machine or its
    network, which neither a page's links nor a redirect may lead to.  `etag` and `modified` are those of the
    copy that the caller has.

    Raises:
        FetchError: any of the family in `net.errors`; `StatusError` for a status that `Fetched` cannot have.
    """
    deadline = Deadline(limits.seconds, network.monotonic)
    target = read(url)
    typed_host = target.host if typed else None
    known: set[str] = set()
    """The network addresses that were connected to on the way."""
    wanted = {"Accept": accept, "If-None-Match": etag, "If-Modified-Since": modified}
    seen: set[str] = set()
    moved_to: str | None = None
    for_good = True
    while True:
        seen.add(target.url)
        # Of a redirect to the host that was typed only those addresses are taken that it had at first, or its
        # owner could lead from a public address to any other.
        may = target.host == typed_host
        with opened(
            target,
            network,
            deadline,
            seconds=limits.connecting,
            anywhere=may and len(seen) == 1,
            known=known if may else (),
        ) as route:
            known.add(route.address)
            response = _asked(route, target, wanted)
            status, headers = response.status, _headers(response)
            if status not in _MOVED or not headers.get("location"):
                if not (200 <= status <= 205 or (status == 304 and (etag or modified))):
                    raise StatusError(target.url, status, headers)
                route.wire.allow(limits.wire)
                body = _body(response, headers, limits, route, progress)
                return Fetched(target.url, status, headers, body, moved_to)
        target = _next(target, headers["location"], seen, limits.redirects)
        for_good = for_good and status in _FOR_GOOD
        if for_good:
            moved_to = target.url


def _next(target: Target, location: str, seen: set[str], most: int) -> Target:
    """Where a redirect leads, if that may be followed."""
    there = follow(target, location)
    if there.partition(":")[0].lower() not in ("http", "https"):
        raise RedirectError(
            f"{shown(target.url)} leads to {shown(there)}, which is no page of the web: it was not opened."
        )
    onward = read(there)
    if target.scheme == "https" and onward.scheme == "http":
        raise RedirectError(
            f"{shown(target.url)} leads to {shown(onward.url)}, which is not encrypted:"
            " give that address yourself if you trust it."
        )
    if onward.url in seen:
        raise RedirectError(
            f"{shown(target.url)} leads back to {shown(onward.url)}:"
            " open it in a browser, it may want cookies."
        )
    if len(seen) > most:
        raise RedirectError(
            f"There are more than {most} redirects on the way to {shown(onward.url)}: check the address."
        )
    return onward


def _asked(route: Route, target: Target, wanted: Mapping[str, str]) -> HTTPResponse:
    """The answer to a request, up to its headers."""
    through = route.proxy if target.scheme == "http" else None
    headers = {
        "Host": target.authority,
        "User-Agent": USER_AGENT,
        "Accept-Encoding": ACCEPTED,
        "Connection": "close",
        "Proxy-Authorization": through.authorization if through else "",
        **wanted,
    }
    # A value that came from a server must not begin a line of its own, nor be one that no server would send.
    lines = [
        f"{name}: {value}"
        for name, value in headers.items()
        if value.isprintable() and 0 < len(value) < 1_000
    ]
    request = [f"GET {target.url if through else target.path} HTTP/1.1", *lines, "", ""]
    route.wire.send("\r\n".join(request).encode("latin-1", "replace"))
    return route.wire.answer()


def _headers(response: HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        name, value = name.lower(), " ".join(value.split())
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _body(
    response: HTTPResponse,
    headers: Mapping[str, str],
    limits: Limits,
    route: Route,
    progress: Progress | None,
) -> bytes:
    """The body, unpacked and whole."""
    if not response.chunked and headers.get("transfer-encoding", "identity").lower() != "identity":
        raise BrokenError("The answer comes in a form that was not asked for: open it in a browser.")
    expected = response.length
    if expected is not None and expected > limits.wire:
        raise TooLargeError(f"What is there is larger than {megabytes(limits.wire)}, the most that is taken.")
    unpacked = Unpacked(headers.get("content-encoding", ""), limits.unpacked)
    size = 0
    while block := response.read1(_BLOCK):
        size += len(block)
        unpacked.add(block)
        if progress:
            progress(size, expected)
    if response.length:
        raise BrokenError("The end is missing of what came: try again later.")
    return unpacked.whole()
