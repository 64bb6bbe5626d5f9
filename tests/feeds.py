"""Feeds for tests: what servers answer with, and a run that takes them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import Path
from typing import NamedTuple

from pulse_tui.acquire.keeping.keeper import Keeper
from pulse_tui.acquire.net.connection import Network
from pulse_tui.acquire.sync.events import Event, FeedDone, Kept
from pulse_tui.acquire.sync.sync import Sync, Wishes
from pulse_tui.acquire.sync.workers import Workers
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Answer, Subscription, Subscriptions
from tests.servers import Answer as Answering
from tests.servers import Client, page

PROSE = "<p>The ferry left before the light came, and nobody on the quay said a word of it.</p>" * 30
NOW = 1_790_000_000.0


class Item(NamedTuple):
    """An entry of a feed."""

    name: str
    """Its id, its path and its title."""
    text: str = PROSE
    title: str = ""
    date: str = ""
    more: str = ""
    """Elements as they stand."""


def rss(*items: Item | str, title: str = "The Ferry", home: str = "/") -> bytes:
    """An RSS feed."""
    return "".join(
        [
            '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
            ' xmlns:media="http://search.yahoo.com/mrss/">',
            f"<channel><title>{escape(title)}</title><link>{home}</link>",
            *(_item(item if isinstance(item, Item) else Item(item)) for item in items),
            "</channel></rss>",
        ]
    ).encode()


def _item(item: Item) -> str:
    day = f"<pubDate>{item.date}</pubDate>" if item.date else ""
    text = f"<content:encoded>{escape(item.text)}</content:encoded>"
    if len(item.text) < 500:
        text = f"<description>{escape(item.text)}</description>"
    title = escape(item.title or item.name)
    return (
        f"<item><guid isPermaLink='false'>{item.name}</guid><title>{title}</title>"
        f"<link>/{item.name}</link>{day}{text}{item.more}</item>"
    )


def feed(body: bytes | Callable[[], bytes], *headers: str) -> Answering:
    """A server's answer: a feed with a tag, or that the client's copy is still good."""

    def answer(client: Client) -> None:
        data = body if isinstance(body, bytes) else body()
        tag = f'"{hash(data)}"'
        if client.request.headers.get("if-none-match") == tag:
            client.answer(b"", "304 Not Modified", headers)
        else:
            client.answer(data, headers=["Content-Type: application/rss+xml", f"ETag: {tag}", *headers])

    return answer


def web_page(title: str, text: str = PROSE, more: str = "") -> Answering:
    """An article on a page."""
    html = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}{more}</article>"
    return page(html.encode(), "Content-Type: text/html; charset=utf-8")


class Reader:
    """Somebody who follows feeds, with a folder and a state below `home`."""

    def __init__(self, home: Path, *, at: float = NOW) -> None:
        self.folder = home / "articles"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.now = at
        self.store = SubscriptionStore(home / "state.sqlite", clock=lambda: self.now)
        self.events: list[Event] = []

    def follow(self, *urls: str, **more: object) -> None:
        """Follow feeds."""
        self.store.put(
            Subscription(url, name=f"feed{number}", **more)  # type: ignore[arg-type]
            for number, url in enumerate(urls, len(self.store.all()) + 1)
        )

    def sync(
        self,
        *,
        full_text: bool = False,
        pictures: bool = True,
        network: Network | None = None,
        heard: Callable[[Event], None] | None = None,
        workers: Workers | None = None,
        store: Subscriptions | None = None,
        keeper: Keeper | None = None,
    ) -> list[FeedDone]:
        """Ask all feeds; what became of each, in the order in which they were done."""
        self.events = []

        def tell(event: Event) -> None:
            self.events.append(event)
            if heard is not None:
                heard(event)

        sync = Sync(
            store or self.store,
            keeper or Keeper(self.folder, today=lambda: date(2026, 11, 22)),
            network or Network(),
            now=lambda: self.now,
            tell=tell,
            wishes=Wishes(full_text, pictures),
            pause=0.0,
            workers=workers,
        )
        self.running = sync
        sync.run(self.store.all())
        return [event for event in self.events if isinstance(event, FeedDone)]

    def only(self, **more: object) -> FeedDone:
        """The same for the one feed that is followed."""
        (done,) = self.sync(**more)  # type: ignore[arg-type]
        return done

    def answer(self, url: str) -> Answer:
        """What a feed answered last."""
        found = self.store.get(url)
        assert found is not None
        return found[1]

    @property
    def kept(self) -> list[str]:
        """The outcome and the title of each feature that was met in the last run."""
        return [f"{event.outcome} {event.title}" for event in self.events if isinstance(event, Kept)]

    @property
    def files(self) -> list[str]:
        """The Markdown files, as paths within the folder."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.md"))

    def text(self, part: str) -> str:
        """The only file whose name has this in it."""
        (path,) = (path for path in self.folder.rglob("*.md") if part in path.name)
        return path.read_text(encoding="utf-8")
