"""Fetching: which hosts are asked, which way leads there, and how they prove who they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pulse_tui.acquire.fetch import fetch
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.net.errors import (
    BadURLError,
    BrokenError,
    FetchError,
    NotAllowedError,
    RedirectError,
    SecurityError,
    SlowError,
    UnreachableError,
)
from tests.internet import AMPLE, PUBLIC, QUICK, Names, sentence
from tests.servers import Answer, Client, Server, after, certificate, page, raw, redirect

# -- Redirects


def test_redirects_are_followed_to_the_end() -> None:
    answers = {"/": redirect("/a?b=c", 303), "/a": redirect("//other.example/d#e", 307), "/d": page()}
    with Server(answers) as server:
        names = Names(server.port)
        got = fetch("http://one.example", network=names.network())
    assert got.url == "http://other.example/d"
    assert server.paths == ["/", "/a?b=c", "/d"]
    assert [request.headers["host"] for request in server.requests] == ["one.example"] * 2 + ["other.example"]
    assert names.asked == ["one.example", "one.example", "other.example"]


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ([301], "/1"),
        ([308, 301], "/2"),
        ([302], None),
        ([301, 302], "/1"),
        ([302, 301], None),
        ([301, 307, 301], "/1"),
    ],
)
def test_what_moved_for_good_is_told_up_to_the_first_move_that_is_not(
    statuses: list[int], moved: str | None
) -> None:
    answers = {f"/{at}": redirect(f"/{at + 1}", status) for at, status in enumerate(statuses)}
    with Server({**answers, f"/{len(statuses)}": page()}) as server:
        got = fetch(server.url("/0"), network=Network(), typed=True)
        assert got.moved_to == (server.url(moved) if moved else None)


def test_a_location_in_another_script_is_read() -> None:
    def answer(client: Client) -> None:
        client.send("HTTP/1.1 301 On\r\nLocation: /größe ä\r\nContent-Length: 0\r\n\r\n".encode())

    with Server({"/": answer, "/gr%C3%B6%C3%9Fe%20%C3%A4": page()}) as server:
        assert fetch(server.url(), network=Network(), typed=True).status == 200


@pytest.mark.parametrize("to", ["/", "http://one.example/", "HTTP://ONE.EXAMPLE:80/#again"])
def test_a_loop_is_told(to: str) -> None:
    with (
        Server({"/": redirect("/on"), "/on": redirect(to)}) as server,
        pytest.raises(RedirectError) as failure,
    ):
        fetch("http://one.example/", network=Names(server.port).network())
    assert "leads back" in sentence(failure.value)
    assert server.paths == ["/", "/on"]


def test_redirects_are_counted() -> None:
    with Server({"*": lambda c: c.answer(b"", "302 On", [f"Location: {c.request.path}1"])}) as server:
        with pytest.raises(RedirectError) as failure:
            fetch(server.url(), network=Network(), typed=True, limits=AMPLE._replace(redirects=3))
        assert len(server.requests) == 4
    assert "more than 3" in sentence(failure.value)


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("file:///etc/passwd", RedirectError),
        ("ftp://other.example/", RedirectError),
        ("javascript:alert(1)", RedirectError),
        ("data:text/html,words", RedirectError),
        ("http://user:secret@other.example/", BadURLError),
        ("http://[::1", BadURLError),
        ("http://other.example:99999/", BadURLError),
        ("/" + "x" * 9_000, BadURLError),
        ("http://169.254.169.254/latest/meta-data/", NotAllowedError),
        ("http://127.0.0.1/", NotAllowedError),
        ("http://[::1]/", NotAllowedError),
        ("http://[::ffff:10.0.0.1]/", NotAllowedError),
        ("http://inside.example/", NotAllowedError),
        ("http://one.example/inside", NotAllowedError),
    ],
)
@pytest.mark.parametrize("typed", [False, True])
def test_a_redirect_leads_nowhere_else(to: str, kind: type[FetchError], typed: bool) -> None:
    """The host that was typed changes its addresses between two requests, too."""
    with Server({"/": redirect(to)}) as server:
        names = Names(server.port, {"inside.example": ["192.168.1.1", "fd00::1"]})

        def resolve(host: str, port: int) -> Sequence[str]:
            again = host == "one.example" and host in names.asked
            return ["127.0.0.1"] if names.resolve(host, port) and again else names.resolve(host, port)

        with pytest.raises(kind) as failure:
            fetch("http://one.example/", network=names.network(resolve=resolve), typed=typed)
    assert "secret" not in sentence(failure.value)
    assert len(server.requests) == 1
    assert len(names.dialled) == 1


def test_an_encrypted_address_does_not_lead_to_one_that_is_not(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    with (
        Server({"/": redirect("http://secure.example/")}, tls=pem) as server,
        pytest.raises(RedirectError) as failure,
    ):
        fetch("https://secure.example/", network=Names(server.port).network(certificates=str(pem)))
    assert "not encrypted" in sentence(failure.value)


# -- Which addresses


PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.9"),
    *("224.0.0.251", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::1", "::", "::7f00:1", "2001::1"),
    *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "ff02::fb"),
]
GLOBAL = [
    *("1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101"),
    *("2002:101:101::1", "::ffff:1.1.1.1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_only_for_those_who_type_it(address: str) -> None:
    with Server({"*": page()}) as server:
        names = Names(server.port, {"inside.example": [address]})
        with pytest.raises(NotAllowedError) as failure:
            fetch("http://inside.example/", network=names.network())
        assert names.dialled == []
        assert "inside.example" in sentence(failure.value)
        assert fetch("http://inside.example/", network=names.network(), typed=True).status == 200
    assert names.dialled == [(address, 80)]


@pytest.mark.parametrize("address", GLOBAL)
def test_a_public_address_is_for_all(address: str) -> None:
    with Server({"*": page()}) as server:
        names = Names(server.port, {"one.example": [address]})
        assert fetch("http://one.example/", network=names.network()).status == 200
    assert names.dialled == [(address, 80)]


def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """A name server that says something else the next time (DNS rebinding) is not asked a next time."""
    with Server({"*": page()}) as server:
        names = Names(server.port, {"two.example": ["10.0.0.1", PUBLIC, "::1"]})
        assert fetch("http://two.example:8080/", network=names.network()).status == 200
        assert fetch("http://two.example:8080/", network=names.network(), typed=True).status == 200
    assert names.asked == ["two.example"] * 2
    assert names.dialled == [(PUBLIC, 8080)] * 2


def test_a_host_that_was_typed_may_lead_to_itself() -> None:
    with Server({"/": redirect("/on"), "/on": page()}) as server:
        names = Names(server.port, {"nas": ["192.168.1.9"]})
        assert fetch("http://nas/", network=names.network(), typed=True).url == "http://nas/on"


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "017700000001", "localhost", "localhost."]
)
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    with Server({"*": page()}) as server, pytest.raises((NotAllowedError, UnreachableError)):
        fetch(f"http://{host}:{server.port}/", network=Network())
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "words",
        "one.example/page",
        "/etc/passwd",
        "file:///etc/passwd",
        "mailto:somebody@one.example",
        "http://",
        "http:///page",
        "http://one.example:port/",
        "http://one.example:0/",
        "http://one.example:65536/",
        "http://[::1/",
        "http://[words]/",
        "http://[fe80::1%25eth0]/",
        "http://one..example/",
        "http://one example/",
        "http://one.example\\@two.example/",
        "http://user:secret@one.example/",
        "http://-one.example/",
        "http://one.example/\r\nHost: two.example",
        "http://one.example/\x1b[31m",
        "http://" + "x" * 64 + ".example/",
        "http://" + "ä" * 100_000,
        "http://one.example/" + "x" * 9_000,
        "http://\u202eone.example\x9b/",
        "\ud800",
        "http://one.example/?\0",
    ],
)
def test_what_is_no_address_is_told(url: str) -> None:
    names = Names(0)
    with pytest.raises(BadURLError) as failure:
        fetch(url, network=names.network(), typed=True)
    assert "secret" not in sentence(failure.value)
    assert names.asked == []


def test_a_name_in_another_script_is_asked_for_in_ascii() -> None:
    with Server({"*": page()}) as server:
        names = Names(server.port)
        got = fetch("http://BÜCHER.example:80/ü", network=names.network())
    assert names.asked == ["xn--bcher-kva.example"]
    assert got.url == "http://xn--bcher-kva.example/%C3%BC"


# -- Encryption


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def secure(pem: Path) -> Iterator[Server]:
    with Server({"*": page()}, tls=pem) as server:
        yield server


def test_a_host_proves_its_name(secure: Server, pem: Path) -> None:
    network = Names(secure.port).network(certificates=str(pem))
    assert fetch("https://secure.example/", network=network).body == b"<p>words"
    assert fetch("https://secure.example./", network=network).body == b"<p>words"
    assert network.tls() is network.tls()


def test_a_host_that_cannot_is_refused(secure: Server, pem: Path) -> None:
    with pytest.raises(SecurityError) as failure:
        fetch("https://other.example/", network=Names(secure.port).network(certificates=str(pem)))
    assert "other.example could not prove its name" in sentence(failure.value)
    with pytest.raises(SecurityError) as failure:
        fetch(
            "https://secure.example/", network=Names(secure.port).network()
        )  # the system doesn't know its issuer
    assert "self-signed" in sentence(failure.value)
    assert secure.requests == []


def test_what_is_not_encrypted_is_refused() -> None:
    with (
        Server(first=raw(b"HTTP/1.1 200 OK\r\n\r\nwords")) as server,
        pytest.raises(SecurityError) as failure,
    ):
        fetch(f"https://127.0.0.1:{server.port}/", network=Network(), typed=True)
    sentence(failure.value)


def test_openssl_is_loaded_only_when_something_is_fetched() -> None:
    program = (
        "import sys, pulse_tui.acquire.fetch, pulse_tui.acquire.sync.politeness\n"
        "print(*{'ssl', '_ssl', '_hashlib', 'http.client', 'email', 'textual'} & set(sys.modules), 'end')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["end"]


# -- Proxies


def proxied(client: Client) -> None:
    client.answer(f"{client.request.path} {client.request.headers.get('proxy-authorization')}".encode())


@pytest.mark.parametrize(
    ("environment", "through"),
    [
        ({"http_proxy": "http://proxy.example:8080"}, True),
        ({"http_proxy": "proxy.example:8080"}, True),
        ({"HTTP_PROXY": "http://proxy.example:8080/"}, True),
        ({"all_proxy": "http://proxy.example:8080"}, True),
        ({"HTTP_PROXY": "http://proxy.example:8080", "REQUEST_METHOD": "GET"}, False),
        ({"https_proxy": "http://proxy.example:8080"}, False),
        ({"http_proxy": ""}, False),
        ({"http_proxy": "http://proxy.example:8080", "no_proxy": "*"}, False),
        ({"http_proxy": "http://proxy.example:8080", "no_proxy": "a.example, one.example"}, False),
        ({"http_proxy": "http://proxy.example:8080", "NO_PROXY": ".example"}, False),
        ({"http_proxy": "http://proxy.example:8080", "no_proxy": "one.example:80"}, False),
        (
            {"http_proxy": "http://proxy.example:8080", "no_proxy": "one.example:81,ne.example,10.0.0.0/8"},
            True,
        ),
    ],
)
def test_a_proxy_is_used_where_the_environment_says_so(environment: dict[str, str], through: bool) -> None:
    with Server({"*": proxied}) as server:
        names = Names(server.port)
        got = fetch("http://one.example/page?x", network=names.network(environment=environment))
    assert got.body == (b"http://one.example/page?x None" if through else b"/page?x None")
    assert names.asked == ["proxy.example" if through else "one.example"]
    assert names.dialled == [(PUBLIC, 8080 if through else 80)]


def test_networks_may_be_excepted() -> None:
    environment = {"http_proxy": "http://proxy.example:8080", "no_proxy": "93.184.0.0/16 [2606:2800::]/32"}
    with Server({"*": proxied}) as server:
        names = Names(server.port)
        fetch(f"http://{PUBLIC}/", network=names.network(environment=environment))
    assert names.dialled == [(PUBLIC, 80)]


def test_a_proxy_gets_its_password_and_nobody_else_does() -> None:
    environment = {"http_proxy": "http://me:p%40ss@proxy.example:8080"}
    with Server({"*": proxied}) as server:
        got = fetch("http://one.example/", network=Names(server.port).network(environment=environment))
        assert got.body.endswith(b" Basic bWU6cEBzcw==")
        assert fetch("http://one.example/", network=Names(server.port).network()).body == b"/ None"


def test_an_encrypted_page_comes_through_a_tunnel(secure: Server, pem: Path) -> None:
    def connect(client: Client) -> None:
        client.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        client.tunnel(secure.port)

    with Server({"*": connect}) as proxy:
        names = Names(proxy.port)
        network = names.network(
            environment={"https_proxy": "http://me@proxy.example:3128"}, certificates=str(pem)
        )
        assert fetch("https://secure.example/page", network=network).body == b"<p>words"
    assert [(request.method, request.path) for request in proxy.requests] == [
        ("CONNECT", "secure.example:443")
    ]
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic bWU6"
    assert "proxy-authorization" not in secure.requests[0].headers
    assert names.asked == ["proxy.example"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (page(status="407 Who are you"), UnreachableError),
        (page(status="503 Later"), UnreachableError),
        (raw(b"words"), BrokenError),
        (after(b"HTTP/1.1 200"), SlowError),
        (raw(b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all"), FetchError),
    ],
)
def test_a_proxy_that_fails_is_a_sentence(answer: Answer, kind: type[FetchError]) -> None:
    with Server({"*": answer}) as server:
        network = Names(server.port).network(environment={"https_proxy": "http://proxy.example:3128"})
        with pytest.raises(kind) as failure:
            fetch("https://one.example/", network=network, limits=QUICK)
    sentence(failure.value)


@pytest.mark.parametrize(
    "value", ["socks5://proxy.example", "https://proxy.example", "http://", "http://a:b:c:d"]
)
def test_a_proxy_of_another_kind_is_told(value: str) -> None:
    with pytest.raises(BadURLError) as failure:
        fetch("http://one.example/", network=Names(0).network(environment={"http_proxy": value}))
    assert "http_proxy" in sentence(failure.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "localhost", "intranet", "printer.local", "127.1", "0x7f000001", "2130706433"],
)
def test_what_is_plainly_local_is_only_asked_of_a_proxy_for_those_who_type_it(host: str) -> None:
    """Names that are not plainly so are the proxy's to find, and this machine may know none of them."""
    onward = redirect(f"http://{host}/on")
    with Server({"*": lambda c: page()(c) if host.strip("[]") in c.request.path else onward(c)}) as server:
        names = Names(server.port)
        network = names.network(environment={"http_proxy": "http://proxy.example:8080"})
        with pytest.raises(NotAllowedError):
            fetch(f"http://{host}/page", network=network)
        assert names.dialled == []
        with pytest.raises(NotAllowedError):
            fetch("http://one.example/page", network=network, typed=True)
        assert len(server.requests) == 1
        assert fetch(f"http://{host}/page", network=network, typed=True).status == 200
