"""Which proxy a request goes through: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy` say it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from ipaddress import ip_network
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pulse_tui.acquire.net.addresses import Target, address_of
from pulse_tui.acquire.net.errors import BadURLError


class Proxy(NamedTuple):
    """A proxy that is spoken to in plain HTTP."""

    host: str
    port: int
    authorization: str = ""
    """What its header of that name holds; empty if it asks for nothing."""


def proxy_for(target: Target, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy for a target; None if it is reached without one.

    Lower-case names go before upper-case ones.  `HTTP_PROXY` does not count within a CGI program, where a
    request's header `Proxy` would fill it.

    Raises:
        BadURLError: the environment names a proxy of a kind that is not known here.
    """
    named = f"{target.scheme}_proxy"
    value = environment.get(named) or environment.get("all_proxy")
    if not value:
        forged = named == "http_proxy" and "REQUEST_METHOD" in environment
        value = ("" if forged else environment.get(named.upper())) or environment.get("ALL_PROXY")
    if not value or _excepted(target, environment.get("no_proxy") or environment.get("NO_PROXY") or ""):
        return None
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port or 80
    except ValueError:
        parts, port = None, 0
    if parts is None or parts.scheme != "http" or not parts.hostname:
        raise BadURLError(f"The proxy in the variable {named} cannot be used: it has to be http://HOST:PORT.")
    authorization = ""
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + b64encode(pair.encode()).decode()
    return Proxy(parts.hostname, port, authorization)


def _excepted(target: Target, exceptions: str) -> bool:
    """Whether a target is among those that need no proxy: names, domains, addresses, networks, or `*`."""
    address = address_of(target.host)
    for entry in exceptions.lower().replace(",", " ").split():
        if entry == "*":
            return True
        if address:
            try:
                if address in ip_network(entry.strip("[]"), strict=False):
                    return True
            except ValueError:
                pass
        name, _, port = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
        if port and port != str(target.port):
            continue
        domain = name.lstrip("*").lstrip(".")
        if domain and (target.host == domain or target.host.endswith(f".{domain}")):
            return True
    return False
