"""Many requests at once: how many, in which threads, and how a run ends."""

from __future__ import annotations

import threading

import pytest

from pulse_tui.acquire.fetch import Fetched
from pulse_tui.acquire.net.errors import BadURLError, FetchError
from pulse_tui.acquire.sync.crawl import UNDER_WAY, Crawl, Errand, Request
from pulse_tui.acquire.sync.politeness import HOSTS
from tests.internet import Names
from tests.servers import Client, Server, page

NOW = 1_790_000_000.0


def crawl(server: Server, *, pause: float = 0.0) -> Crawl:
    return Crawl(Names(server.port).network(), now=lambda: NOW, pause=pause)


def asking(urls: list[str], heard: list[Fetched | FetchError]) -> Errand:
    for url in urls:
        heard.append((yield Request(url)))


def test_errands_are_given_what_came_of_each_request() -> None:
    heard: list[Fetched | FetchError] = []
    with Server({"/a": page(b"A"), "/b": page(b"B")}) as server:
        urls = ["http://one.example/a", "http://two.example/b", "ftp://x/", "http://one.example/none"]
        crawl(server).run([asking(urls, heard)])
    assert [each.body for each in heard if isinstance(each, Fetched)] == [b"A", b"B"]
    assert isinstance(heard[2], BadURLError)
    assert "status 404" in str(heard[3])


def test_eight_hosts_are_asked_at_once_and_no_more() -> None:
    lock = threading.Lock()
    full = threading.Event()
    now, most = 0, 0

    def answer(client: Client) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if now == HOSTS:
                full.set()
        full.wait(60)
        with lock:
            now -= 1
        client.answer(b"words")

    heard: list[Fetched | FetchError] = []
    with Server({"*": answer}) as server:
        crawl(server).run(asking([f"http://h{n}.example/"], heard) for n in range(30))
    assert len(heard) == 30
    assert most == HOSTS


def test_only_so_many_errands_are_begun() -> None:
    begun: set[int] = set()
    most = 0

    def errand(number: int) -> Errand:
        nonlocal most
        begun.add(number)
        most = max(most, len(begun))
        yield Request(f"http://h{number % 40}.example/")
        begun.discard(number)

    with Server({"*": page()}) as server:
        crawl(server).run(errand(number) for number in range(100))
    assert begun == set()
    assert most <= UNDER_WAY


def test_what_an_errand_raises_ends_the_run_and_the_others_are_closed() -> None:
    closed = threading.Event()

    def careful() -> Errand:
        try:
            yield Request("http://slow.example/hang")
        finally:
            closed.set()

    asked = threading.Event()

    def hang(client: Client) -> None:
        asked.set()
        client.hang()

    def careless() -> Errand:
        yield Request("http://one.example/")
        asked.wait(60)
        raise ZeroDivisionError

    def waiting() -> Errand:
        try:
            yield Request("http://slow.example/second")
        finally:
            closed.set()

    with Server({"/hang": hang, "/": page()}) as server:
        with pytest.raises(ZeroDivisionError):
            crawl(server).run([careful(), waiting(), careless()])
        assert closed.is_set()
        assert "/second" not in server.paths


def test_a_run_of_nothing_ends() -> None:
    with Server({}) as server:
        crawl(server).run([])


def test_errands_are_never_in_two_threads_at_once() -> None:
    """Python itself objects to that, which would end the run."""

    def errand(number: int) -> Errand:
        for turn in range(20):
            yield Request(f"http://h{(number * 7 + turn) % 23}.example/")

    with Server({"*": page()}) as server:
        crawl(server).run(errand(number) for number in range(40))
    assert len(server.requests) == 800
