"""What taking in 300 feeds costs: a world of servers on this machine, some of which misbehave.

Each feed has a host of its own, 127.0.0.2 and on, so that politeness to one does not hold up the others;
Linux answers for all of these addresses.  `python -m benchmarks.feeds sync HOME` is one run in a process of
its own, and prints JSON; `python -m benchmarks.feeds serve COUNT` is the world.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from benchmarks.features import words

COUNT, FEW = 300, 60
ENTRIES = 30
PAGES = 12
"""Entries of a feed that has only summaries, or pictures: each costs a second's pause."""
KINDS = ("slow", "moved", "gone", "broken", "huge", "summaries", "pictures", "hostile", "busy", "missing")
"""What every twentieth feed is, one after another; all others are well."""
_EVERY = 20
_HUGE = 5_000
_WORDS = words("""
    river ferry glacier monsoon treaty railway harbour tea salt border archive orchard festival school
    valley market lantern dam ministry census poet bridge tariff stepwell grain printer museum drought
""")
_NAMESPACE = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))


def kind_of(number: int) -> str:
    """What a feed is like."""
    return KINDS[number % _EVERY] if number % _EVERY < len(KINDS) else "well"


def address(number: int, port: int, path: str = "/feed") -> str:
    """Where a feed is."""
    return f"http://127.0.{number // 250}.{number % 250 + 2}:{port}{path}"


def prose(random: Random, paragraphs: int) -> str:
    """So many paragraphs of HTML."""
    return "".join(
        f"<p>{' '.join(random.choices(_WORDS, k=60)).capitalize()}, <em>it</em> said.</p>"
        for _ in range(paragraphs)
    )


def picture() -> bytes:
    """A photograph's stand-in: noise of 640 x 480 as PNG, which does not pack well."""
    random = Random(7)
    rows = b"".join(b"\0" + random.randbytes(640 * 3) for _ in range(480))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 640, 480, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows, 1)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (*chunks, (b"IEND", b""))
    )


def feed(number: int) -> bytes:
    """The feed of a well-meant server: entries of some 4 KB, the same each time."""
    kind, random = kind_of(number), Random(number)
    count = {"huge": _HUGE, "summaries": PAGES, "pictures": PAGES}.get(kind, ENTRIES)
    parts = [f'<?xml version="1.0"?><rss version="2.0" {_NAMESPACE}><channel><title>Feed {number}</title>']
    for entry in range(count):
        title = f"{' '.join(random.choices(_WORDS, k=4)).capitalize()} {entry}"
        text = prose(random, {"huge": 3, "summaries": 1}.get(kind, 10))
        if kind == "pictures":
            text += (
                f'<figure><img src="/{entry}.png"><figcaption>A {title} (Name / Agency)</figcaption></figure>'
            )
        name = "description" if kind == "summaries" else "content:encoded"
        parts.append(
            f"<item><title>{title}</title><link>/{entry}.html</link><guid>{number}-{entry}</guid>"
            f"<{name}>{escape(text)}</{name}></item>"
        )
    return "".join([*parts, "</channel></rss>"]).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers for all hosts; which it is, the address says that was connected to."""

    photograph = b""

    def do_GET(self) -> None:
        """Answer as the feed's kind has it."""
        _, _, third, fourth = map(int, self.connection.getsockname()[0].split("."))
        number = third * 250 + fourth - 2
        kind = kind_of(number)
        if self.path.endswith(".png"):
            self._send(self.photograph, "image/png")
        elif self.path.endswith(".html"):
            text = prose(Random(self.path), 20)
            self._send(f"<html><body><article><h1>Page</h1>{text}</article>".encode(), "text/html")
        elif kind == "moved" and self.path == "/feed":
            self._send(b"", status=301, headers={"Location": "/moved"})
        elif kind in ("gone", "missing", "busy"):
            status = {"gone": 410, "missing": 404, "busy": 503}[kind]
            self._send(b"", status=status, headers={"Retry-After": "7200"} if kind == "busy" else {})
        elif kind == "broken":
            self._send(b"It works!" if number % 40 < _EVERY else b"\0\xff" * 999)
        elif kind == "hostile":
            self._send(f"<!DOCTYPE r [<!ENTITY e0 'ha'>{_BOMB}]><rss>&e9;</rss>".encode() + b"<a>" * 99_999)
        elif self.headers.get("If-None-Match") == f'"{number}"':
            self._send(b"", status=304)
        else:
            self._send(feed(number), headers={"ETag": f'"{number}"'}, slowly=kind == "slow")

    def _send(
        self,
        body: bytes,
        media_type: str = "application/rss+xml",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        slowly: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        step = max(1, len(body) // 30) if slowly else max(1, len(body))
        for at in range(0, len(body), step):
            if slowly:
                time.sleep(0.1)
            self.wfile.write(body[at : at + step])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _World(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes is nothing to tell of."""


def serve() -> None:
    """Be the world until standard input is closed; prints the port."""
    from threading import Thread

    Handler.photograph = picture()
    with _World(("0.0.0.0", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        sys.stdin.read()
        server.shutdown()


@contextmanager
def world() -> Iterator[int]:
    """The world in a process of its own: its port."""
    command = [sys.executable, "-m", "benchmarks.feeds", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.communicate()


def follow(home: Path, port: int, count: int) -> None:
    """Follow so many of its feeds."""
    from pulse_tui.storage.state.subscriptions import SubscriptionStore
    from pulse_tui.subscriptions import Subscription

    store = SubscriptionStore(home / "state.sqlite", clock=time.time)
    store.put(Subscription(address(number, port), name=f"feed{number}") for number in range(count))
    store.close()


def sync(home: Path, *, full_text: bool = True) -> dict[str, float]:
    """One run over all feeds, whether they are due or not; every figure of it."""
    from pulse_tui.acquire.keeping.keeper import Keeper
    from pulse_tui.acquire.net.connection import Network
    from pulse_tui.acquire.sync.events import Event, FeedDone
    from pulse_tui.acquire.sync.sync import Sync, Wishes
    from pulse_tui.storage.state.subscriptions import SubscriptionStore

    store = SubscriptionStore(home / "state.sqlite", clock=time.time)
    keeper = Keeper(home / "articles", today=date.today)
    outcomes: dict[str, float] = {}

    def tell(event: Event) -> None:
        if isinstance(event, FeedDone):
            outcomes[event.outcome] = outcomes.get(event.outcome, 0) + 1

    started = time.perf_counter()
    wishes = Wishes(full_text=full_text)
    run = Sync(store, keeper, Network(), now=time.time, tell=tell, wishes=wishes)
    end = run.run([each for each in store.all() if not each[1].gone])
    seconds = time.perf_counter() - started
    store.close()
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return {
        **{f"feeds {outcome}": number for outcome, number in sorted(outcomes.items())},
        "features new": end.new,
        "features updated": end.updated,
        "wall, s": seconds,
        "CPU, s": own.ru_utime + own.ru_stime,
        "CPU of children, s": children.ru_utime + children.ru_stime,
        "peak memory, MB": own.ru_maxrss / 1e3,
        "peak memory of a child, MB": children.ru_maxrss / 1e3,
    }


def measure(folder: Path, count: int) -> dict[str, dict[str, float]]:
    """A first run and a second, which meets what it knows."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {}
    with world() as port:
        follow(folder, port, count)
        for name in ("first", "second"):
            print(f"{count} feeds, the {name} time", file=sys.stderr)
            command = [sys.executable, "-m", "benchmarks.feeds", "sync", str(folder)]
            figures[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return figures


def table(figures: dict[str, dict[str, float]]) -> str:
    """The figures of both runs side by side."""
    names = dict.fromkeys(name for each in figures.values() for name in each)
    widest = max(map(len, names))
    lines = [f"{'feeds':{widest}}  {'  '.join(f'{name:>8}' for name in figures)}"]
    for name in names:
        values = (each.get(name, 0) for each in figures.values())
        cells = (f"{value:8,.0f}" if value == int(value) else f"{value:8,.1f}" for value in values)
        lines.append(f"{name:{widest}}  {'  '.join(cells)}")
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        print(json.dumps(sync(Path(sys.argv[2]))))
