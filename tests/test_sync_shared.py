"""Taking in what feeds have while their reader changes what is followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulse_tui.acquire.sync.events import Event, Kept
from tests.feeds import Reader, feed, rss
from tests.servers import Server


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def change(reader: Reader, **more: Any) -> None:
    """What `follow` does with a feed that is followed already."""
    ((known, _),) = reader.store.all()
    reader.store.put([known._replace(**more)])


def test_what_is_changed_while_a_feed_is_asked_stays_so(reader: Reader) -> None:
    def body() -> bytes:
        change(reader, name="mine", every=600.0)
        return rss("one")

    with Server({"/feed": feed(body)}) as server:
        reader.follow(server.url("/feed"))
        reader.only()
    ((known, _),) = reader.store.all()
    assert (known.name, known.every, known.title) == ("mine", 600.0, "The Ferry")
    assert list(reader.store.taken("mine"))


def test_a_name_that_is_changed_while_features_come_brings_none_twice(reader: Reader) -> None:
    def heard(event: Event) -> None:
        if isinstance(event, Kept):
            change(reader, name="mine")

    with Server({"/feed": feed(rss("one", "two", "three"))}) as server:
        reader.follow(server.url("/feed"))
        assert reader.only(heard=heard).new == 3
        answer = reader.answer(server.url("/feed"))
        reader.store.answered(server.url("/feed"), answer._replace(etag=""))
        assert reader.only().new == 0
    assert len(reader.files) == 3
    assert len(reader.store.taken("mine")) == 3
