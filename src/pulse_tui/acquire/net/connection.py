"""One connection: made to an address that was checked, and read under one deadline.

`http.client` reads the protocol, from a raw stream of ours: every read of the socket, be it for a header, a
chunk's size or the body, gets what is left of the time and of the bytes.  A deadline that is looked at
between reads does not hold for the lines that the library reads by itself, nor does a socket's timeout for a
server that drips.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pulse_tui.acquire.net.addresses import Resolve, Target, address_of, is_public, resolve, resolve_within
from pulse_tui.acquire.net.errors import (
    BrokenError,
    FetchError,
    NotAllowedError,
    SecurityError,
    SlowError,
    TooLargeError,
    UnreachableError,
    shown,
)
from pulse_tui.acquire.net.packing import megabytes
from pulse_tui.acquire.net.proxies import Proxy, proxy_for

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPResponse

HEADERS = 262_144
"""Bytes of an answer before its body, framing and interim answers included."""
_BLOCK = 65_536
_PATIENCE = 3.0
"""Seconds for an address that is not a host's last: a deaf one must not use up the time."""

Dial = Callable[[str, int, float], socket.socket]
"""Connects to a network address and port within some seconds; raises OSError."""


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection to a network address, never to a name: what was checked is what is connected to."""
    return socket.create_connection((address, port), seconds)


class Network:
    """What fetching needs of its surroundings; one may be shared by all threads of a run.

    `environment` is where proxies are named, `certificates` a PEM file to trust instead of the system's, the
    rest are doors that tests use.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = MappingProxyType({}),
        *,
        certificates: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = resolve,
        dial: Dial = dial,
    ) -> None:
        self.environment = environment
        self.monotonic = monotonic
        self.resolve = resolve
        self.dial = dial
        self._certificates = certificates
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None

    def tls(self) -> ssl.SSLContext:
        """What encrypts and checks names; made when first used, since reading the certificates takes long."""
        import ssl

        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context(cafile=self._certificates)
                self._tls.set_alpn_protocols(["http/1.1"])
            return self._tls


class Deadline:
    """A moment by which all has to be done, some seconds from now."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left, more than 0.

        Raises:
            SlowError: none are.
        """
        left = self._end - self._monotonic()
        if left <= 0:
            raise self.over()
        return left

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self._monotonic() >= self._end

    def over(self) -> SlowError:
        """What is said when the time is up."""
        return SlowError(
            f"The transfer took longer than {self._seconds:g} seconds and was given up: try again later."
        )


class Wire(io.RawIOBase):
    """What is read from a socket, as long as there is time and room; owns the socket."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._socket = connected
        self._deadline = deadline
        self._room = HEADERS
        self._beyond = "The server sends headers without end: check the address."
        self._reader = io.BufferedReader(self, _BLOCK)
        self._answers: list[HTTPResponse] = []
        self.ended = False
        """Whether the other side has said all."""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for what comes next.

        Raises:
            SlowError: the time is up.
            TooLargeError: there is no more room.
        """
        self._socket.settimeout(self._deadline.left())
        size = self._socket.recv_into(buffer)
        self.ended = size == 0
        self._room -= size
        if self._room < 0:
            raise TooLargeError(self._beyond)
        return size

    def allow(self, size: int) -> None:
        """Let a body of so many bytes come."""
        self._room = size
        self._beyond = f"What is there is larger than {megabytes(size)}, the most that is taken."

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(request)  # its timeout is for all of it

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Go on with TLS, the host's name checked; the handshake is under the deadline as a whole."""
        import ssl

        self._socket.settimeout(self._deadline.left())
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise SecurityError(
                f"The host {shown(host)} could not prove its name ({error.verify_message.rstrip('.')}), so it"
                " was not asked: check the address, and this machine's date and certificates."
            ) from error
        except (ssl.SSLError, ValueError) as error:
            raise SecurityError(
                f"There is no safe connection to {shown(host)}: check the address, or try again later."
            ) from error

    def makefile(self, mode: str) -> io.BufferedIOBase:
        """What `http.client` asks of a socket."""
        return self._reader

    def answer(self, method: str = "GET") -> HTTPResponse:
        """The status and headers that come next; `read1` of it gives the body."""
        from http.client import HTTPResponse

        while True:
            response = HTTPResponse(cast(socket.socket, self), method=method)  # it only asks for `makefile`
            self._answers.append(response)  # one that is forgotten closes what it reads from
            response.begin()
            if self.ended:
                raise BrokenError("The server went away in the middle of its answer: try again later.")
            if not 101 < response.status < 200:  # the others are interim answers
                return response

    def close(self) -> None:
        """Close the socket."""
        if not self.closed:
            super().close()
            self._socket.close()


class Route(NamedTuple):
    """A connection, and how it has to be spoken to."""

    wire: Wire
    proxy: Proxy | None
    address: str
    """The network address that was connected to."""


@contextmanager
def opened(
    target: Target,
    network: Network,
    deadline: Deadline,
    *,
    seconds: float,
    anywhere: bool,
    known: Container[str],
) -> Iterator[Route]:
    """A connection to a target, encrypted where its scheme says so, closed at the end.

    `seconds` are those for connecting.  A network address that is not public is only connected to if it is
    one of those `known`, or all are with `anywhere`.  Behind a proxy addresses and names are refused that are
    plainly local; the others are the proxy's to find.

    Raises:
        FetchError: any of the family; so does what is read within.
    """
    from http.client import HTTPException

    proxy = proxy_for(target, network.environment)
    wire: Wire | None = None
    asked = proxy or target
    if proxy and not anywhere and target.host not in known and is_local(target.host):
        raise _refused(target.host)
    places = resolve_within(network.resolve, asked.host, asked.port, deadline.left())
    if proxy is None:
        places = _permitted(target.host, places, anywhere=anywhere, known=known)
    try:
        connected, address = _connected(places, asked.port, network, deadline, seconds)
        wire = Wire(connected, deadline)
        if target.scheme == "https":
            if proxy:
                _tunnel(wire, proxy, target)
            wire.encrypt(network.tls(), target.host.rstrip("."))
        yield Route(wire, proxy, target.host if proxy else address)
    except (OSError, HTTPException) as error:
        raise _sentence(error, asked.host, deadline, connected=wire is not None) from error
    finally:
        if wire is not None:
            wire.close()


def _permitted(host: str, found: Sequence[str], *, anywhere: bool, known: Container[str]) -> Sequence[str]:
    """The addresses of a host that may be connected to: its public ones, others if it has none."""
    public = [text for text in found if (address := address_of(text)) and is_public(address)]
    places = public or [text for text in found if anywhere or text in known]
    if not places:
        raise _refused(host)
    return places


def is_local(host: str) -> bool:
    """Whether a host is this machine or one of its network by its very name, before that is looked up."""
    address = address_of(host)
    if address:
        return not is_public(address)
    name = host.rstrip(".")
    # Old ways to write an address: 127.1, 0x7f000001, 2130706433.
    odd = name.rpartition(".")[2].removeprefix("0x").isalnum() and name.rpartition(".")[2][:1].isdigit()
    return odd or "." not in name or name.endswith((".localhost", ".local", ".internal", ".home.arpa"))


def _refused(host: str) -> NotAllowedError:
    return NotAllowedError(
        f"The host {shown(host)} belongs to this machine or its network, and it was not you who asked for it:"
        " give that address yourself if you trust it."
    )


def _connected(
    places: Sequence[str], port: int, network: Network, deadline: Deadline, seconds: float
) -> tuple[socket.socket, str]:
    """A connection to the first address that takes one."""
    last = len(places) - 1
    for number, address in enumerate(places):
        limit = seconds if number == last else min(seconds, _PATIENCE)
        try:
            return network.dial(address, port, min(limit, deadline.left())), address
        except OSError:
            if number == last:
                raise
    raise AssertionError("there is always an address")


def _tunnel(wire: Wire, proxy: Proxy, target: Target) -> None:
    """Have a proxy pass on everything to the target (RFC 9110, 9.3.6)."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    place = f"{host}:{target.port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    wire.send("\r\n".join([*lines, "", ""]).encode())
    status = wire.answer("CONNECT").status
    if status == 407:
        raise UnreachableError(
            "The proxy wants a name and a password: write its address as http://NAME:PASSWORD@HOST:PORT."
        )
    if not 200 <= status < 300:
        raise UnreachableError(
            f"The proxy does not connect to {shown(target.host)} (status {status}): try again later."
        )


def _sentence(error: Exception, host: str, deadline: Deadline, *, connected: bool) -> FetchError:
    """What the system or the library raised, in words."""
    from http.client import HTTPException, IncompleteRead

    name = shown(host)
    if isinstance(error, TimeoutError):
        # A socket's time is up a little before or after the deadline's clock says so.
        return (
            deadline.over()
            if connected or deadline.is_over
            else UnreachableError(f"The host {name} does not answer: try again later.")
        )
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(
            f"Nothing takes connections at {name}: check the address, or try again later."
        )
    if isinstance(error, HTTPException) and not isinstance(error, (ConnectionError, IncompleteRead)):
        return BrokenError(f"What answers at {name} is no web server, or a broken one: check the address.")
    if connected:
        return BrokenError(f"The host {name} broke off the connection: try again later.")
    return UnreachableError(f"The host {name} cannot be reached: check the connection, then try again.")
