"""Fetching: whatever a server does, there is an answer or a sentence, in time and within its limits."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pulse_tui import __version__
from pulse_tui.acquire.fetch import Fetched, Limits, fetch
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.net.errors import (
    BrokenError,
    FetchError,
    SlowError,
    StatusError,
    TooLargeError,
    UnreachableError,
)
from pulse_tui.acquire.net.packing import Unpacked
from tests.internet import AMPLE, PUBLIC, QUICK, Names, sentence
from tests.servers import Answer, Client, Server, after, flood, page, raw

SMALL = Limits(seconds=20.0, wire=50_000, unpacked=200_000)


def served(answer: Answer, limits: Limits = AMPLE, **more: Any) -> Fetched:
    """What comes of the address that has this answer."""
    with Server({"*": answer}) as server:
        return fetch(server.url("/page"), network=Network(), limits=limits, typed=True, **more)


def refused(kind: type[FetchError], answer: Answer, limits: Limits = AMPLE, **more: Any) -> str:
    """The sentence with which the address that has this answer is given up."""
    with Server({"*": answer}) as server, pytest.raises(kind) as failure:
        fetch(server.url("/page"), network=Network(), limits=limits, typed=True, **more)
    return sentence(failure.value)


# -- What comes, comes whole


def test_a_page_comes_with_its_address_status_and_headers() -> None:
    got = served(
        page("<p>Größe".encode(), "Content-Type: Text/HTML; charset=UTF-8", "X-Twice: a", "x-twice: b")
    )
    assert (got.status, got.media_type, got.charset) == (200, "text/html", "UTF-8")
    assert got.headers["x-twice"] == "a, b"
    assert got.url.endswith("/page")
    assert got.moved_to is None


def test_a_request_says_who_asks_and_what_is_wanted() -> None:
    with Server({"*": page()}) as server:
        fetch(server.url("/a b?c=ü&d=%41#part"), network=Network(), typed=True)
    request = server.requests[0]
    assert (request.method, request.path) == ("GET", "/a%20b?c=%C3%BC&d=%41")
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["user-agent"].startswith(f"pulse-tui/{__version__} ")
    assert request.headers["accept"].startswith("text/html")
    assert "proxy-authorization" not in request.headers
    assert "if-none-match" not in request.headers


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"", ["Content-Encoding: gzip"], id="empty, packed"),
        pytest.param(gzip.compress(b"words"), ["Content-Encoding: gzip"], id="gzip"),
        pytest.param(
            gzip.compress(b"wo") + gzip.compress(b"rds"), ["Content-Encoding: x-gzip"], id="members"
        ),
        pytest.param(gzip.compress(b"words") + bytes(90), ["Content-Encoding: gzip"], id="gzip, padded"),
        pytest.param(zlib.compress(b"words"), ["Content-Encoding: deflate"], id="deflate"),
        pytest.param(zlib.compress(b"words", wbits=-15), ["Content-Encoding: Deflate"], id="deflate, bare"),
        pytest.param(b"words", ["Content-Encoding: identity"], id="identity"),
        pytest.param(
            b"3\r\nwor\r\n2;x=y\r\nds\r\n0\r\nA: b\r\n\r\n", ["Transfer-Encoding: chunked"], id="chunks"
        ),
        pytest.param(b"words and more", ["Content-Length: 5"], id="more than was said"),
        pytest.param(b"words", ["Content-Length: five"], id="an odd length"),
    ],
)
def test_bodies_come_in_all_their_forms(body: bytes, headers: list[str]) -> None:
    def answer(client: Client) -> None:
        client.answer(b"", headers=headers)
        client.send(body)

    if not any("Length" in line or "chunked" in line for line in headers):
        headers = [*headers, f"Content-Length: {len(body)}"]
    assert served(answer).body == (b"words" if body else b"")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"words")),
        ("gzip", gzip.compress(b"wo") + gzip.compress(b"rds") + b"\0\x1f\x8b"),
        ("deflate", zlib.compress(b"words")),
        ("deflate", zlib.compress(b"words", wbits=-15) + b"more"),
        ("", b"words"),
    ],
    ids=["gzip", "members and padding", "deflate", "deflate, bare", "as it is"],
)
def test_a_body_may_come_a_byte_at_a_time(encoding: str, body: bytes) -> None:
    unpacked = Unpacked(encoding, 5)
    for at in range(len(body)):
        unpacked.add(body[at : at + 1])
    assert unpacked.whole() == b"words"


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    assert served(raw(b"HTTP/1.0 200 OK\nServer: old\n\nwords")).body == b"words"


def test_interim_answers_are_passed_over() -> None:
    assert (
        served(raw(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nwords")).body
        == b"words"
    )


def test_only_get_is_used() -> None:
    """Some servers know nothing else."""

    def answer(client: Client) -> None:
        known = client.request.method == "GET"
        client.answer(b"words") if known else client.answer(b"", "405 Method Not Allowed")

    assert served(answer).body == b"words"


def test_progress_is_told_and_may_stop_the_transfer() -> None:
    told: list[tuple[int, int | None]] = []
    served(page(bytes(200_000)), progress=lambda done, all_: told.append((done, all_)))
    assert told[-1] == (200_000, 200_000)
    assert [done for done, _ in told] == sorted({done for done, _ in told})

    def stop(done: int, expected: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        served(flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 999), progress=stop)


# -- The deadline holds for all of it


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(after(b"", b"HTTP/1.1 200 " + b"O" * 2_000), id="status"),
        pytest.param(after(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 900), id="headers"),
        pytest.param(after(b"HTTP/1.1 200 OK\r\nA: "), id="one header"),
        pytest.param(after(b"HTTP/1.1 200 OK\r\n\r\n"), id="body"),
        pytest.param(after(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"), id="body of a length"),
        pytest.param(
            after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 900), id="chunks"
        ),
        pytest.param(
            after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 2_000), id="chunk size"
        ),
        pytest.param(
            after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 900),
            id="trailer",
        ),
        pytest.param(after(b"HTTP/1.1 302 Moved\r\nLocation: /"), id="redirect"),
        pytest.param(
            after(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 90), id="interim"
        ),
        pytest.param(lambda client: client.hang(), id="silence"),
    ],
)
def test_a_drip_is_cut_at_the_deadline(answer: Answer) -> None:
    assert "0.3 seconds" in refused(SlowError, answer, QUICK)


def test_the_deadline_is_for_all_redirects_together() -> None:
    def answer(client: Client) -> None:
        client.drip(iter([b"HTTP/1.1 302 On\r\n", b"Content-Length: 0\r\n", b""]), every=0.05)
        client.send(f"Location: {client.request.path}1\r\n\r\n".encode())

    refused(SlowError, answer, QUICK._replace(redirects=1_000))


@pytest.mark.parametrize(
    "first",
    [lambda client: client.hang(), lambda client: client.drip(b"\x16\x03\x03\x3f\xff" + bytes(2_000))],
)
def test_a_slow_handshake_is_cut(first: Answer) -> None:
    with Server(first=first) as server, pytest.raises(SlowError):
        fetch(f"https://127.0.0.1:{server.port}/", network=Network(), limits=QUICK, typed=True)


def test_a_slow_name_server_is_cut() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        over.wait(20)
        return []

    with pytest.raises(SlowError) as failure:
        fetch("http://slow.example/", network=Network(resolve=resolve), limits=QUICK)
    over.set()
    assert "slow.example" in sentence(failure.value)


def test_a_host_that_does_not_answer_is_given_up_in_time() -> None:
    def silent(address: str, port: int, seconds: float) -> socket.socket:
        waited.append(seconds)
        raise TimeoutError

    waited: list[float] = []
    names = Names(0, {"deaf.example": [PUBLIC, "93.184.215.15", "2606:2800::1"]})
    with pytest.raises(UnreachableError, match="does not answer"):
        fetch("http://deaf.example/", network=names.network(dial=silent), limits=Limits(60, connecting=10))
    assert waited == [3, 3, 10]  # the last has what it is given, the others must not use that up


def test_the_next_address_is_tried() -> None:
    with Server({"*": page()}) as server:
        names = Names(server.port, {"two.example": ["2606:2800::1", PUBLIC]})

        def half(address: str, port: int, seconds: float) -> socket.socket:
            if ":" in address:
                raise OSError("no route")
            return names.dial(address, port, seconds)

        assert fetch("http://two.example/", network=names.network(dial=half)).status == 200


# -- Nothing may be larger than its limit


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(page(bytes(60_000)), id="said"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000000\r\n\r\n"), id="said, and not sent"
        ),
        pytest.param(flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 999), id="without end"),
        pytest.param(
            flood(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"y" * 999 + b"\r\nx\r\n"
            ),
            id="framing",
        ),
        pytest.param(page(gzip.compress(bytes(300_000)), "Content-Encoding: gzip"), id="unpacked"),
        pytest.param(page(gzip.compress(b"") * 1_100, "Content-Encoding: gzip"), id="members"),
        pytest.param(flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="interim answers"),
        pytest.param(flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), id="hints"),
    ],
)
def test_what_is_too_large_is_refused(answer: Answer) -> None:
    refused(TooLargeError, answer, SMALL)


def test_a_bomb_costs_no_more_than_its_limit() -> None:
    zeros = bytes(1_000_000)
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(zeros) for _ in range(200)]) + packer.flush()
    assert len(bomb) < 200_000
    limits = Limits(seconds=20.0, unpacked=2_000_000)
    with Server({"*": page(bomb, "Content-Encoding: gzip")}) as server:
        fetch_once = page_of(server, limits)  # what the first fetch loads is not what is measured
        assert isinstance(fetch_once, TooLargeError)
        tracemalloc.start()
        try:
            assert isinstance(page_of(server, limits), TooLargeError)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 4_000_000 + len(bomb)


def page_of(server: Server, limits: Limits) -> Fetched | FetchError:
    try:
        return fetch(server.url(), network=Network(), limits=limits, typed=True)
    except FetchError as error:
        return error


# -- What makes no sense


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", id="too many headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", id="a huge header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="cut in a header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nwords", id="cut"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwor", id="cut in a chunk"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwords\r\n", id="no last chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nwords\r\n", id="chunk garbage"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nwords\r\n", id="a negative chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 70_000, id="a huge chunk size"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nwords", id="another form"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nwords", id="another packing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nwords", id="not packed"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\nwords", id="not packed either"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f", id="one byte of it"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"words")[:-9],
            id="gzip, cut",
        ),
        pytest.param(b"<p>words", id="no headers"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another protocol"),
        pytest.param(b"HTTP/2 200\r\n\r\n", id="another version"),
        pytest.param(b"HTTP/1.1 two hundred\r\n\r\n", id="no status"),
        pytest.param(b"HTTP/1.1 -200 OK\r\n\r\n", id="a negative status"),
        pytest.param(b"\0" * 300, id="zeros"),
        pytest.param(b"\n" * 300, id="empty lines"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_nonsense_is_a_sentence(data: bytes) -> None:
    refused(BrokenError, raw(data))


def test_a_connection_that_is_reset_is_a_sentence() -> None:
    def midway(client: Client) -> None:
        client.answer(b"wor", headers=["Content-Length: 99"])
        client.reset()

    refused(BrokenError, lambda client: client.reset())
    refused(BrokenError, midway)


def test_nobody_there_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UnreachableError) as failure:
        fetch(f"http://127.0.0.1:{port}/", network=Network(), typed=True)
    assert "Nothing takes connections" in sentence(failure.value)
    assert failure.value.passing


def test_an_unknown_host_is_a_sentence() -> None:
    with pytest.raises(UnreachableError) as failure:
        fetch("http://nowhere.example/", network=Names(0).network())
    assert "no host named nowhere.example" in sentence(failure.value)


# -- Statuses, and asking again


@pytest.mark.parametrize(
    ("status", "passing"),
    [
        *((204, None), (206, False), (300, False), (304, False), (400, False), (401, False), (403, False)),
        *((404, False), (410, False), (418, False), (429, True), (451, False), (500, True), (503, True)),
        *((999, True), (101, False)),
    ],
)
def test_a_status_is_an_answer_or_a_sentence(status: int, passing: bool | None) -> None:
    answer = page(b"", status=f"{status} Something")
    if passing is None:
        assert served(answer).status == status
        return
    with Server({"*": answer}) as server, pytest.raises(StatusError) as failure:
        fetch(server.url("/page"), network=Network(), typed=True)
    assert str(status) in sentence(failure.value)
    assert (failure.value.status, failure.value.passing) == (status, passing)
    assert failure.value.gone == (status == 410)
    assert failure.value.url == server.url("/page")


def test_a_redirect_without_a_place_is_a_status() -> None:
    refused(StatusError, page(b"", status="302 Somewhere"))


def test_a_copy_that_is_still_good_is_not_sent_again() -> None:
    seen: list[Mapping[str, str]] = []

    def answer(client: Client) -> None:
        seen.append(client.request.headers)
        known = client.request.headers.get("if-none-match") == '"7"'
        headers = ['ETag: "7"', "Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT"]
        client.answer(b"" if known else b"words", "304 Not Modified" if known else "200 OK", headers)

    first = served(answer)
    assert not first.not_modified
    again = served(answer, etag=first.etag, modified=first.modified)
    assert (again.not_modified, again.body, again.etag) == (True, b"", '"7"')
    assert seen[1]["if-modified-since"] == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_what_a_server_gave_as_a_tag_cannot_write_headers() -> None:
    with Server({"*": page()}) as server:
        fetch(server.url(), network=Network(), typed=True, etag='"7"\r\nX-Evil: 1', modified="x" * 5_000)
    assert server.requests[0].headers.keys() & {"x-evil", "if-none-match", "if-modified-since"} == set()


NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        (["Retry-After: 120"], 120),
        (["Retry-After: 0"], 0),
        (["Retry-After: " + "9" * 500], 30 * 86_400),
        (["Retry-After: -5"], None),
        (["Retry-After: soon"], None),
        (["Retry-After: Sun, 22 Nov 2026 10:01:00 GMT"], 60),
        (["Retry-After: Sunday, 22-Nov-26 10:01:00 GMT"], 60),
        (["Retry-After: Sun, 22 Nov 2026 11:01:00 +0100"], 60),
        (["Retry-After: Sun, 22 Nov 2026 09:00:00 GMT"], 0),
        (["Retry-After: Sun, 22 Nov 2026 10:01:00 GMT", "Date: Sun, 22 Nov 2026 10:00:30 GMT"], 30),
        (["Retry-After: Sun, 99 Nov 99999999999 10:01:00 GMT"], None),
    ],
)
def test_how_long_to_wait(headers: list[str], seconds: float | None) -> None:
    with (
        Server({"*": page(b"", *headers, status="429 Slower")}) as server,
        pytest.raises(StatusError) as failure,
    ):
        fetch(server.url(), network=Network(), typed=True)
    assert failure.value.retry_after(NOW) == seconds
