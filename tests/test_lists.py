"""Lists of a library, narrowed and in every order, against naive ones."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pulse_tui.article import Headline
from pulse_tui.query import Query, Term, parse
from pulse_tui.repository import EVERY, Order, View
from pulse_tui.storage.index import moments, searching, top
from pulse_tui.storage.index import writing as indexing
from pulse_tui.storage.library import Library
from pulse_tui.storage.views import Views
from tests.libraries import ids, library_of, write

ORDERS: tuple[Order, ...] = ("newest", "oldest", "longest", "shortest")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def newest_first(headline: Headline) -> tuple[bool, float, str]:
    published = headline.published
    assert published is not None
    if not isinstance(published, datetime):
        published = datetime(published.year, published.month, published.day, tzinfo=UTC)
    elif published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return False, -(published - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds(), headline.id


def begins(headline: Headline, *beginnings: str) -> bool:
    """Whether a word begins with each of these."""
    return all(any(word.startswith(each) for word in words_of(headline)) for each in beginnings)


def day(headline: Headline) -> date:
    """The day in UTC."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=-newest_first(headline)[1])).date()


def words_of(headline: Headline) -> list[str]:
    parts = (headline.title, headline.dek, *headline.sections, *headline.authors, *headline.tags)
    return " ".join(parts).lower().split()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("many")
    chance = random.Random(3)
    words = ["river", "rivers", "road", "salt", "talks", "monsoon", "peace", "deal", "delta", "dam"]
    for number in range(3000):
        published = date(2015, 1, 1) + timedelta(days=chance.randrange(1500))
        clock = chance.choice(["", "T12:00", "T23:59:59+05:30", "T00:30:00-08:00"])
        write(
            folder / str(number % 13) / f"{chance.randrange(10**6)}-{number}.md",
            "word " * chance.randrange(200, 4000),
            title=" ".join(chance.choices(words, k=3)),
            dek=" ".join(chance.choices(words, k=2)),
            sections=f"[{chance.choice(words)}]",
            tags=f"[{', '.join(chance.sample(words, 2))}]",
            published=f"'{published}{clock}'",
        )
    library = library_of(folder)
    library.refresh()
    everything = library.recent()
    for headline in everything[::3]:
        library.mark(headline.id, read=True)
    for headline in everything[::50]:
        library.mark(headline.id, starred=True)
    return library


def seconds_of(library: Library, headline: Headline) -> float:
    file = library._index.file(headline.id)
    assert file is not None
    return file.seconds


@pytest.mark.parametrize("order", ORDERS)
def test_orders_agree_with_a_naive_sort(many: Library, order: Order) -> None:
    headlines = sorted(many.recent(), key=newest_first)
    if order == "oldest":
        headlines.sort(key=lambda headline: (-newest_first(headline)[1], headline.id))
    elif order != "newest":
        sign = 1 if order == "shortest" else -1
        headlines.sort(key=lambda headline: sign * seconds_of(many, headline))
    assert list(many.recent(view=View(order=order))) == headlines
    assert len(headlines) == many.count() == 3000


QUERIES: dict[str, Callable[[Library, Headline], bool]] = {
    "ri": lambda library, it: begins(it, "ri"),
    "river": lambda library, it: begins(it, "river"),
    "d r": lambda library, it: begins(it, "d", "r"),
    "title:river": lambda library, it: "river" in it.title.split(),
    "-salt": lambda library, it: "salt" not in words_of(it),
    "tag:dam -section:road": lambda library, it: "dam" in it.tags and "road" not in it.sections,
    '"salt road"': lambda library, it: " salt road" in f" {it.title}" or " salt road" in f" {it.dek}",
    "after:2016-03 before:2017": lambda library, it: date(2016, 3, 1) <= day(it) < date(2017, 1, 1),
    "is:unread": lambda library, it: not library.reading(it.id).read,
    "is:read peace": lambda library, it: library.reading(it.id).read and begins(it, "peace"),
    "is:starred -is:read": lambda library, it: library.reading(it.id)[3] and not library.reading(it.id).read,
    "nothing": lambda library, it: False,
    "before:2000": lambda library, it: False,
}


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("order", ["newest", "shortest"])
def test_lists_agree_with_naive_ones(many: Library, text: str, order: Order) -> None:
    view = View(parse(text), order)
    expected = [it for it in many.recent(view=View(order=order)) if QUERIES[text](many, it)]
    assert list(many.recent(view=view)) == expected
    assert many.count(view) == len(expected)
    for number in range(0, len(expected), 97):
        assert many.position(expected[number].id, view) == number
        assert list(many.recent(number, 5, view)) == expected[number : number + 5]
    inside = {it.id for it in expected}
    outside = [it.id for it in many.recent() if it.id not in inside]
    assert all(many.position(article_id, view) is None for article_id in outside[:20])


TOPS = [
    *QUERIES,
    "d -salt",
    "title:r -tag:dam",
    "r",
    '"salt road" -peace',
    "is:unread r",
    "is:read r",
    "is:unread r -salt after:2016-03",
    "after:2016-03-09 before:2016-03-12 r",
    "before:2017 d",
    "before:0001-01-01 d",
    "after:0001-01-01 d",
    "after:2018 before:2017 d",
    "is:read is:unread d",
    "is:starred d",
    "d credit:agency",
]


@pytest.mark.parametrize("text", TOPS)
def test_the_top_of_a_list_is_that_of_the_list_that_is_made(many: Library, text: str) -> None:
    view = View(parse(text, typing=True))
    tops = {
        (start, limit): Views(many._index, many._state).window(view, start, limit)
        for start in (0, 1, 30, 499)
        for limit in (1, 2, 64, 400)
    }
    count = Views(many._index, many._state).count(view)
    made = Views(many._index, many._state)
    slots = made.slots(view)
    assert made.count(view) == count == len(slots)
    for (start, limit), window in tops.items():
        assert [listed.slot for listed in window] == slots[start : start + limit]
        assert window == made.window(view, start, limit)


def test_a_key_in_the_filter_makes_no_list(many: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    views = Views(many._index, many._state)
    monkeypatch.setattr(many._index, "slots", lambda order: pytest.fail("a list was made"))
    monkeypatch.setattr(many._index, "matching", lambda *arguments: pytest.fail("all matches were listed"))
    for text in ("r", "ri", "river -sal", "tag:da", "is:unread r", "before:2100 is:unread r", "-is:read ri"):
        view = View(parse(text, typing=True))
        assert views.count(view) > len(views.window(view, 0, 64)) == 64


@pytest.mark.parametrize("most", [5, 2000])
def test_the_top_of_a_list_with_more_on_a_day_than_it_has_slots(
    folder: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for module in (moments, indexing, searching):
        monkeypatch.setattr(module, "DAY", 4)
    monkeypatch.setattr(top, "_MOST", most)
    for number in range(24):
        day = f"2022-03-{15 + number % 3}"
        hour = number * 7 % 24
        write(folder / f"{number:02}.md", title="Talks", published=f"'{day}T{hour:02}:00'")
    os.utime(write(folder / "oldest.md", title="Talks"), (0, 0))
    library = library_of(folder)
    library.refresh()
    everything = ids(library)
    for number in range(1, 27):
        view = View(parse(f"talks -no{number}"))
        assert [headline.id for headline in library.recent(0, number, view)] == everything[:number]
        assert library.count(view) == 25
    for text in (
        "talks after:2022-03-16",
        "talks before:2022-03-17",
        "talks after:2022-03-16 before:2022-03-17",
    ):
        view = View(parse(text))
        made = Views(library._index, library._state)
        assert [listed.slot for listed in made.window(view, 0, 64)] == made.slots(view)
        assert library.count(view) == len(made.slots(view)) >= 8


def test_windows_anywhere(many: Library) -> None:
    everything = many.recent()
    for start in (0, 1, 39, 480, 499, 500, 501, 1500, 2980, 2999, 3000, 5000):
        for limit in (0, 1, 20, 600):
            assert many.recent(start, limit) == everything[start : start + limit]
        if start < 3000:
            assert many.position(everything[start].id) == start


def test_guests_stand_where_they_belong(tmp_path: Path) -> None:
    for year in range(2000, 2010):
        write(tmp_path / "l" / f"{year}.md", "word " * year, title="T", published=f"{year}-06-01")
    library = library_of(tmp_path / "l")
    library.refresh()
    for year in (1990, 2004, 2005, 2020):
        library.adopt(write(tmp_path / "g" / f"g{year}.md", "word", title="T", published=f"{year}-07-01"))
    library.adopt_bytes("piped", b"---\npublished: 2003-07-01\ntitle: T\n---\nword")
    order = "g2020 2009 2008 2007 2006 g2005 2005 g2004 2004 piped 2003 2002 2001 2000 g1990"
    everything = order.split()
    assert ids(library) == everything
    for view in (EVERY, View(parse("t")), View(parse("is:unread"))):
        for start in range(16):
            assert [headline.id for headline in library.recent(start, 4, view)] == everything[
                start : start + 4
            ]
            assert library.recent(start, 0, view) == ()
        assert [library.position(each, view) for each in everything] == list(range(15))
    oldest = View(order="oldest")
    assert [headline.id for headline in library.recent(view=oldest)] == everything[::-1]
    shortest = [headline.id for headline in library.recent(0, 6, View(order="shortest"))]
    assert shortest == ["g2020", "g2005", "g2004", "piped", "g1990", "2000"]
    assert [hit.headline.id for hit in library.search(parse("word"), 20)] == everything
    assert library.unread() == library.count() == 15
    library.mark("g2005", read=True)
    assert library.unread() == 14
    assert library.count(View(Query((Term("g2005"),)))) == 0
    assert library.count(View(Query(read=True))) == 1
