"""Web addresses: what is read of one stays what it is, and what is held for public is."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.net.addresses import Target, follow, is_public, read
from pulse_tui.acquire.net.errors import BadURLError

_hosts = st.sampled_from(
    [
        "one.example",
        "ONE.example.",
        "[::1]",
        "[2606::1.2.3.4]",
        "bücher.example",
        "STRAẞE.example",
        "1.2.3.4",
        "a_b",
    ]
)
_urls = st.builds(
    "{}://{}{}/{}".format,
    st.sampled_from(["http", "HTTPS"]),
    _hosts,
    st.sampled_from(["", ":80", ":8"]),
    st.text(max_size=20),
)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://one.example", Target("http", "one.example", 80, "/")),
        (" HTTPS://One.Example:443/a/../b?c#d ", Target("https", "one.example", 443, "/a/../b?c")),
        ("http://one.example:8080?a=ü b", Target("http", "one.example", 8080, "/?a=%C3%BC%20b")),
        ("http://one.example/%zz%41|^`{}", Target("http", "one.example", 80, "/%25zz%41%7C%5E%60%7B%7D")),
        ("http://[2001:DB8::0:1]:81/", Target("http", "2001:db8::1", 81, "/")),
        ("http://straße.example/", Target("http", "xn--strae-oqa.example", 80, "/")),
    ],
)
def test_addresses_are_put_in_order(url: str, target: Target) -> None:
    assert read(url) == target


@given(_urls)
def test_what_was_read_is_read_the_same_again(url: str) -> None:
    with suppress(BadURLError):
        target = read(url)
        assert read(target.url) == target
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url


@given(st.text(max_size=40), st.text(st.characters(max_codepoint=255), max_size=40))
def test_anything_else_is_told(text: str, location: str) -> None:
    base = read("http://one.example/a/b")
    for given_ in (text, f"http://{text}", f"http://[{text}]/", f"http://one.example:{text}/"):
        with suppress(BadURLError):
            read(given_)
    with suppress(BadURLError):
        read(follow(base, location))


@given(st.integers(0, 2**32 - 1))
def test_what_is_public_is_so_for_the_language_too(number: int) -> None:
    address = IPv4Address(number)
    assert not is_public(address) or address.is_global
    for holder in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_public(IPv6Address(holder | number)) == is_public(address)


@given(st.integers(0, 2**128 - 1) | st.integers(0x2000 << 112, (0x4000 << 112) - 1))
def test_and_so_it_is_with_the_longer_ones(number: int) -> None:
    address = IPv6Address(number)
    if is_public(address) and address not in IPv6Network("2002::/16"):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize("network", ["10.0.0.0", "100.64.0.0", "169.254.0.0", "192.168.0.0", "172.16.0.0"])
def test_the_edges_of_private_networks_are_private(network: str) -> None:
    first = ip_address(network)
    assert not is_public(first)
    assert is_public(first - 1)
