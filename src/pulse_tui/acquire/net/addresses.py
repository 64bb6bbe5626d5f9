"""Web addresses and network addresses: how they are read, found, and which of them are public."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from pulse_tui.acquire.net.errors import BadURLError, SlowError, UnreachableError, shown

LONGEST_URL = 8_192
"""Characters."""
_PORTS = {"http": 80, "https": 443}
_host = re.compile(r"(?:[a-z0-9_][a-z0-9_-]*\.)*[a-z0-9_][a-z0-9_-]*\.?").fullmatch
_dots = re.compile("[.\u3002\uff0e\uff61]").split
_unfit = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]|%(?![0-9A-Fa-f]{2})").sub
_control = re.compile("[\0-\x1f\x7f]").search

# IANA's registries of special-purpose addresses, https://www.iana.org/assignments/iana-ipv4-special-registry
# and iana-ipv6-special-registry; `ipaddress` changed its mind on some of them between releases of Python.
_SPECIAL_4 = [
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = [IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")]
# Networks whose addresses hold one of IPv4, and how many bits stand after it.
_HOLDERS = [
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped, RFC 4291
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
]

Resolve = Callable[[str, int], Sequence[str]]
"""The network addresses of a host, best first; raises OSError."""


class Target(NamedTuple):
    """A web address, read and put in order."""

    scheme: str
    host: str
    """In ASCII and lower case; an IPv6 address without brackets."""
    port: int
    path: str
    """Path and query, percent-encoded: what is asked for."""

    @property
    def authority(self) -> str:
        """Host and port, the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address without its fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def read(url: str) -> Target:
    """The target that an address names.

    Raises:
        BadURLError: it is not one of http or https, or it cannot be read.
    """
    url = url.strip()
    try:
        if len(url) > LONGEST_URL or _control(url):
            raise ValueError
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname
    except ValueError:
        raise _bad(url) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not name:
        raise _bad(url)
    if "@" in parts.netloc:
        raise BadURLError(
            "An address with a name or password in it is not fetched: leave out what is before the @."
        )
    host = _host_of(name)
    if host is None or port == 0:
        raise _bad(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path = _unfit(lambda hit: "".join(f"%{byte:02X}" for byte in hit[0].encode(errors="replace")), path)
    return Target(scheme, host, port or _PORTS[scheme], path)


def follow(base: Target, location: str) -> str:
    """The address that a Location header names; its bytes are taken for UTF-8, as browsers do."""
    location = location.encode("latin-1", "replace").decode("utf-8", "replace").strip()
    try:
        return urljoin(base.url, location)
    except ValueError:
        raise _bad(location) from None


def _bad(url: str) -> BadURLError:
    return BadURLError(
        f"“{shown(url)}” is not the address of a page: give one like https://example.org/story."
    )


def _host_of(name: str) -> str | None:
    if ":" in name:
        literal = address_of(name) if "%" not in name else None
        return str(literal) if literal else None
    if len(name) > 253:  # before anything is encoded: that takes time by the square of the length
        return None
    try:
        host = ".".join(map(_label, _dots(name)))
    except UnicodeError:
        return None
    return host if _host(host) else None


def _label(label: str) -> str:
    """A part of a host's name in ASCII."""
    if {"ß", "ς"} & set(label := label.lower()):
        # Letters of their own since IDNA 2008 (RFC 5894, 7.2), which the language's codec does not know.
        from unicodedata import normalize

        label = "xn--" + normalize("NFC", label).encode("punycode").decode()
    return label.encode("idna").decode()


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The network address that a text is, without its zone; None if it is a name."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is the whole Internet's, and not this machine's, its network's or a group's."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    for network, after in _HOLDERS:
        if address in network:
            return is_public(IPv4Address(int(address) >> after & 0xFFFFFFFF))
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def resolve(host: str, port: int) -> Sequence[str]:
    """The network addresses of a host as the system gives them, best first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def resolve_within(resolve: Resolve, host: str, port: int, seconds: float) -> Sequence[str]:
    """The same within some seconds: the system's own resolver knows no deadline, so a thread waits for it.

    Raises:
        UnreachableError: there is no such host.
        SlowError: nothing was found in time.
    """
    if address_of(host):
        return [host]
    from queue import Empty, SimpleQueue
    from threading import Thread

    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise SlowError(f"The name {shown(host)} could not be looked up in time: try again later.") from None
    if isinstance(answer, Exception) or not answer:
        raise UnreachableError(
            f"There is no host named {shown(host)}, or this machine is not online:"
            " check the address and the connection."
        )
    return answer
