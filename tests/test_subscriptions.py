"""What is followed and what was taken: kept, shared, mended, and read where nothing can be written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulse_tui.commands.state import export_state, import_state
from pulse_tui.repository import RepositoryError
from pulse_tui.storage.state.following import Followed, Following, TakenRow, apart
from pulse_tui.storage.state.migrations import MIGRATIONS
from pulse_tui.storage.state.state import StateStore
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import BY_HAND, Answer, Subscription, Subscriptions, Taken
from tests.states import ANSWER, HOUSE, RIVER, SALT, Clock, Opener, whole


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[SubscriptionStore]:
    store = SubscriptionStore(path, clock=clock)
    yield store
    store.close()


@pytest.fixture
def other(path: Path, clock: Clock) -> Iterator[SubscriptionStore]:
    """The same file, as another program has it."""
    store = SubscriptionStore(path, clock=clock)
    yield store
    store.close()


def named(store: SubscriptionStore) -> dict[str, str]:
    return {each.url: each.name for each, _ in store.all()}


# -- What is kept


def test_it_is_what_the_door_says(store: SubscriptionStore) -> None:
    door: Subscriptions = store
    assert door.all() == []


def test_nothing_is_made_until_there_is_something_to_keep(path: Path, store: SubscriptionStore) -> None:
    assert store.all() == []
    assert store.get(HOUSE.url) is None
    assert store.taken("house") == {}
    assert not store.remove(HOUSE.url)
    store.move(HOUSE.url, RIVER.url)
    store.answered(HOUSE.url, ANSWER)
    store.put([])
    store.take("house", {})
    store.merge(Following())
    assert store.subscriptions() == []
    assert list(store.taken_rows()) == []
    assert not path.parent.parent.exists()
    store.put([HOUSE])
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    assert whole(path)


def test_what_is_put_is_there(store: SubscriptionStore, other: SubscriptionStore) -> None:
    store.put([RIVER, HOUSE])
    store.answered(HOUSE.url, ANSWER)
    assert store.all() == other.all() == [(HOUSE, ANSWER), (RIVER, Answer())]
    assert other.get(HOUSE.url) == (HOUSE, ANSWER)
    other.put([HOUSE._replace(title="The house", every=7.0)])
    assert store.get(HOUSE.url) == (HOUSE._replace(title="The house", every=7.0), ANSWER)
    store.answered(HOUSE.url, Answer())
    assert other.get(HOUSE.url) == (HOUSE._replace(title="The house", every=7.0), Answer())
    assert other.get("https://nowhere.test/") is None
    assert other.get("\udcff") is None


def test_texts_are_made_fit(store: SubscriptionStore) -> None:
    hostile = HOUSE._replace(
        title="a\x1b[31m\n b" + "c" * 5000, home="javascript:alert()", folders=("", "a\n", "\u202e"), every=-1
    )
    store.put([hostile])
    store.answered(HOUSE.url, Answer("\r\nSet-Cookie: x", "a" * 9999, float("nan"), float("inf"), "a\x07\nb"))
    (found, answer) = store.all()[0]
    assert found.title.startswith("a\ufffd[31m b")
    assert len(found.title) == 1000
    assert (found.home, found.folders, found.every) == ("", ("a",), 3600.0)
    assert answer == Answer(fault="a\ufffd b")


@pytest.mark.parametrize(
    "url", ["", "house", "file:///etc/passwd", "https://a b", "https://a\x1b[2J", "https://\ud800"]
)
def test_what_is_no_address_is_refused(path: Path, store: SubscriptionStore, url: str) -> None:
    with pytest.raises(RepositoryError, match="no address") as caught:
        store.put([RIVER, HOUSE._replace(url=url)])
    assert "\x1b" not in str(caught.value)
    assert not path.exists()
    store.put([RIVER])
    with pytest.raises(RepositoryError, match="no address"):
        store.move(RIVER.url, url)
    assert store.get(RIVER.url) is not None
    assert not store.remove(url)


def test_feeds_that_are_followed_no_more(store: SubscriptionStore) -> None:
    store.put([HOUSE, RIVER])
    store.answered(HOUSE.url, ANSWER)
    store.take("house", {"1": SALT})
    assert store.remove(HOUSE.url)
    assert not store.remove(HOUSE.url)
    assert store.all() == [(RIVER, Answer())]
    store.answered(HOUSE.url, ANSWER)
    assert store.taken("house") == {"1": SALT}
    store.put([HOUSE._replace(name="")])
    assert store.get(HOUSE.url) == (HOUSE, Answer())


def test_readers_do_not_share(path: Path, store: SubscriptionStore, clock: Clock) -> None:
    asha = SubscriptionStore(path, reader="asha", clock=clock)
    store.put([HOUSE])
    asha.put([HOUSE._replace(title="Ghar")])
    store.take("house", {"1": SALT})
    assert store.get(HOUSE.url) == (HOUSE, Answer())
    assert asha.taken("house") == {}
    asha.remove(HOUSE.url)
    assert store.get(HOUSE.url) == (HOUSE, Answer())
    asha.close()


# -- Names


def test_names_are_kept_apart(store: SubscriptionStore) -> None:
    store.put([HOUSE, RIVER._replace(name="HOUSE"), Subscription("https://sea.test/", name="house")])
    assert named(store) == {HOUSE.url: "house", RIVER.url: "HOUSE-2", "https://sea.test/": "house-3"}
    for each, _ in store.all():
        store.put([each._replace(title="Another")])
    assert named(store) == {HOUSE.url: "house", RIVER.url: "HOUSE-2", "https://sea.test/": "house-3"}
    store.remove(HOUSE.url)
    store.put([Subscription("https://salt.test/", name="house")])
    store.put([HOUSE])
    assert named(store)["https://salt.test/"] == "house"
    assert named(store)[HOUSE.url] == "house-4"  # for there is HOUSE-2, too


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../../x", "a/b", "a\\b", ".hidden", "a\x1b[2J", "a\n", "x" * 201]
)
def test_a_name_that_no_folder_may_have_becomes_the_host_s(store: SubscriptionStore, name: str) -> None:
    addresses = ["https://www.House.test/1", "https://house.test:81/2", "http://[bad", "https://ہاؤس.test/"]
    store.put([Subscription(url, name=name) for url in addresses])
    assert list(named(store).values()) == ["feed", "house.test", "house.test-2", "test"]
    with pytest.raises(ValueError, match="name") if name else pytest.raises(AssertionError):
        store.take(name, {"1": SALT})
        raise AssertionError


def test_a_long_name_has_room_for_a_number(store: SubscriptionStore) -> None:
    store.put([Subscription(f"https://a.test/{number}", name="ک" * 100) for number in range(3)])
    assert {len(name.encode()) for name in named(store).values()} == {200}
    assert len(set(named(store).values())) == 3


def test_another_name_has_what_was_taken(store: SubscriptionStore) -> None:
    store.put([HOUSE])
    store.take("house", {"1": SALT})
    store.put([HOUSE._replace(name="home")])
    assert named(store) == {HOUSE.url: "home"}
    assert store.taken("home") == {"1": SALT}


def test_two_feeds_that_got_one_name_on_two_machines(store: SubscriptionStore, tmp_path: Path) -> None:
    sea = Subscription("https://sea.test/", name="House")
    elsewhere = SubscriptionStore(tmp_path / "elsewhere.sqlite", clock=Clock(2e9))
    store.put([HOUSE])
    store.take("house", {"1": SALT})
    elsewhere.put([sea])
    elsewhere.take("House", {"2": SALT})
    for to, source in ((store, elsewhere), (elsewhere, store)):
        to.merge(Following(source.subscriptions(), list(source.taken_rows())))
    second = apart("House", sea.url)
    for each in (store, elsewhere):
        assert named(each) == {HOUSE.url: "house", sea.url: second}
        assert each.taken(second) == {"2": SALT}
        assert each.taken("house") == {"1": SALT}
    store.take(second, {"3": SALT})
    store.put([each._replace(title="Sea") for each, _ in store.all() if each.url == sea.url])
    assert named(store)[sea.url] == second
    store.remove(HOUSE.url)  # and what was taken under either name is known still
    assert named(store) == {sea.url: "House"}
    assert store.taken("House") == {"2": SALT, "3": SALT}
    elsewhere.move(sea.url, "https://sea.test/new")
    assert named(elsewhere)["https://sea.test/new"] == second
    assert elsewhere.taken(second) == {"2": SALT}
    elsewhere.close()


# -- Moves


def test_a_feed_that_moves(store: SubscriptionStore) -> None:
    store.put([HOUSE, RIVER])
    store.answered(HOUSE.url, ANSWER)
    store.take("house", {"1": SALT})
    store.move(HOUSE.url, "https://home.test/")
    assert store.all() == [(HOUSE._replace(url="https://home.test/"), ANSWER), (RIVER, Answer())]
    assert store.taken("house") == {"1": SALT}
    store.move("https://home.test/", HOUSE.url)  # and back, where it had been removed
    assert store.get(HOUSE.url) == (HOUSE, ANSWER)
    store.move(HOUSE.url, HOUSE.url)
    store.move("https://nowhere.test/", "https://home.test/")
    assert named(store) == {HOUSE.url: "house", RIVER.url: "river"}


def test_a_feed_that_moves_to_one_that_is_followed(store: SubscriptionStore) -> None:
    store.put([HOUSE, RIVER])
    store.answered(HOUSE.url, ANSWER)
    store.move(HOUSE.url, RIVER.url)
    assert store.all() == [(RIVER, Answer())]


# -- What was taken


def test_what_was_taken_from_one_source(store: SubscriptionStore) -> None:
    sources = ["https://house.test/1", "/home/a\nb.md", '"quoted"']
    assert store.taken("house", sources[0]) == {}
    store.take("house", {source: SALT._replace(said=source[:2]) for source in sources})
    store.take(BY_HAND, {sources[0]: SALT})
    for source in sources:
        assert store.taken("house", source) == {source: SALT._replace(said=source[:2])}
    assert store.taken("house", "2") == {}
    assert store.taken(BY_HAND, sources[0]) == {sources[0]: SALT}


def test_what_was_taken(store: SubscriptionStore, other: SubscriptionStore) -> None:
    store.take("river", {"1": SALT, "2": SALT._replace(file="b.md")})
    other.take("river", {"2": SALT._replace(said="more"), "https://a.test/\u200b": SALT})
    other.take(BY_HAND, {"/home/a  b\n\udcff.md": SALT, '"quoted"': SALT})
    assert store.taken("river") == {"1": SALT, "2": SALT._replace(said="more"), "https://a.test/\u200b": SALT}
    assert store.taken(BY_HAND) == {"/home/a  b\n\udcff.md": SALT, '"quoted"': SALT}
    assert store.taken("house") == {}


@pytest.mark.parametrize("file", ["", "/etc/passwd", "../a.md", "a/../b.md", "a//b.md", "a\x1b.md"])
def test_a_path_outside_is_refused(path: Path, store: SubscriptionStore, file: str) -> None:
    with pytest.raises(ValueError, match="kept"):
        store.take("river", {"1": SALT, "2": SALT._replace(file=file)})
    assert not path.exists()


def test_a_call_is_kept_as_a_whole_or_not_at_all(store: SubscriptionStore, clock: Clock) -> None:
    store.take("river", {"1": SALT})

    def broken() -> Iterator[Subscription]:
        yield HOUSE
        raise KeyError

    with pytest.raises(KeyError):
        store.put(broken())
    assert store.all() == []


# -- From one state to another


def test_the_later_change_counts(store: SubscriptionStore, tmp_path: Path, clock: Clock) -> None:
    store.put([HOUSE, RIVER])
    store.take("house", {"1": SALT})
    older = Following(store.subscriptions(), list(store.taken_rows()))
    store.answered(HOUSE.url, ANSWER)
    store.remove(RIVER.url)
    store.take("house", {"1": SALT._replace(said="later")})
    store.merge(older)
    assert store.all() == [(HOUSE, ANSWER)]
    assert store.taken("house")["1"].said == "later"
    removed = Followed(Subscription(HOUSE.url, name="house"), 3e9, removed=True)
    store.merge(Following([removed, Followed(RIVER, 3e9)], [TakenRow("house", "1", "c.md", "", "{}", 3e9)]))
    assert store.all() == [(RIVER, Answer())]
    assert store.taken("house") == {"1": Taken("c.md", "")}
    store.put([HOUSE])  # what happens here counts, though that clock was ahead
    store.take("house", {"1": SALT})
    store.merge(Following([removed], [TakenRow("house", "1", "c.md", "", "{}", 3e9)]))
    assert store.all() == [(HOUSE, Answer()), (RIVER, Answer())]
    assert store.taken("house") == {"1": SALT}


def test_what_stays_the_same_is_no_change(store: SubscriptionStore, clock: Clock) -> None:
    store.put([HOUSE])
    store.take("house", {"1": SALT})
    before = store.subscriptions(), list(store.taken_rows())
    store.put([HOUSE])
    store.put([HOUSE._replace(name="")])
    store.take("house", {"1": SALT})
    store.answered(HOUSE.url, ANSWER)
    assert (store.subscriptions(), list(store.taken_rows())) == before
    clock.now -= 1e6
    store.put([HOUSE._replace(title="New")])
    assert store.subscriptions()[0].changed > before[0][0].changed


def test_commands(
    store: SubscriptionStore, opened: Opener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, file = opened(), tmp_path / "copy.jsonl"
    reader.mark("river", read=True)
    store.put([HOUSE, RIVER, Subscription("https://sea.test/")])
    store.take("house", {"1": SALT})
    store.remove(RIVER.url)
    assert export_state(reader, store, str(file)) == 0
    copy = SubscriptionStore(tmp_path / "copy.sqlite", clock=Clock())
    elsewhere = StateStore(tmp_path / "copy.sqlite", clock=Clock())
    assert import_state(elsewhere, copy, str(file)) == 0
    said = "pulse-tui: The reading state of 1 article and 0 marks was {}, with 2 subscriptions.\n"
    assert capsys.readouterr() == ("", said.format("exported") + said.format("imported"))
    assert copy.subscriptions() == store.subscriptions()
    assert copy.taken("house") == {"1": SALT}
    assert elsewhere.read_ids() == {"river"}
    file.write_bytes(file.read_bytes() + b'{"type": "subscription", "url": "' + b"a" * (1 << 21))
    with pytest.raises(RepositoryError, match=r"copy\.jsonl:\d: it is longer than 1,048,576 bytes; nothing"):
        import_state(elsewhere, copy, str(file))
    copy.close()
    elsewhere.close()


def test_an_export_goes_on_without_what_cannot_be_read(
    path: Path, store: SubscriptionStore, capsys: pytest.CaptureFixture[str]
) -> None:
    path.mkdir(parents=True)
    memory = StateStore(None, clock=Clock())
    memory.mark("river", read=True)
    assert export_state(memory, store, "-") == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "What you follow and have added cannot be read" in err


def test_long_lists_are_read_in_windows(store: SubscriptionStore) -> None:
    store.take("b", {f"{number:05}": SALT for number in range(2500)})
    store.take("a", {f"{number:05}": SALT for number in range(600)})
    found = [(row.feed, row.source) for row in store.taken_rows()]
    assert found == sorted(found)
    assert len(found) == 3100


# -- Beside a reader


def test_a_reader_is_not_disturbed(store: SubscriptionStore, opened: Opener) -> None:
    reader, another = opened(), opened()
    reader.mark("river", read=True)
    reader.save()
    store.put([HOUSE])
    assert reader.read_ids() == {"river"}
    version, read = reader.version, reader.read_ids()
    reader.mark("river", seconds=1.0)
    reader.save()
    store.put([RIVER])
    store.take("house", {"1": SALT})
    store.answered(HOUSE.url, ANSWER)
    assert reader.version == version
    assert reader.read_ids() is read  # it was not even asked for again
    another.mark("road", read=True)
    another.save()
    store.put([RIVER._replace(title="Another")])
    assert reader.version != version
    assert reader.read_ids() == {"river", "road"}
    reader.mark("sea", read=True)
    reader.save()
    assert another.read_ids() == {"river", "road", "sea"}
    assert named(store) == {HOUSE.url: "house", RIVER.url: "river"}


def test_what_others_save_meanwhile_is_seen(opened: Opener) -> None:
    """Though each of the programs counts its own saves."""
    one, other = opened(), opened()
    for number in range(5):
        other.mark(f"other {number}", read=True)
        other.save()
        one.mark(f"one {number}", read=True)
        one.save()
        assert len(one.read_ids()) == len(other.read_ids()) == 2 * number + 2


def test_a_reader_in_the_same_program_keeps_its_locks(path: Path, opened: Opener) -> None:
    """What is saved after another program was there last, and thought itself alone, is not lost."""
    reader = opened()
    reader.mark("river", read=True)
    reader.save()
    for _ in range(2):
        SubscriptionStore(path, clock=Clock()).close()
        brief = SubscriptionStore(path, clock=Clock())
        brief.put([HOUSE])
        brief.close()
    program = (
        "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]);"
        "d.execute('SELECT * FROM mark').fetchall(); d.close()"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    reader.mark("road", read=True)
    reader.save()
    assert Path(f"{path}-wal").exists()
    assert opened().read_ids() == {"river", "road"}


def test_an_older_file_is_brought_up_to_date(path: Path, store: SubscriptionStore, opened: Opener) -> None:
    path.parent.mkdir(parents=True)
    database = sqlite3.connect(path, isolation_level=None)
    for statement in MIGRATIONS[0]:
        database.execute(statement)
    database.execute("PRAGMA user_version = 1")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(
        "INSERT INTO reading (reader, article, read, read_changed) VALUES ('local', 'river', 1, 5.0)"
    )
    database.close()
    reader = opened()
    store.put([HOUSE])
    assert reader.read_ids() == {"river"}
    assert store.all() == [(HOUSE, Answer())]
    reader.mark("road", read=True)
    reader.save()
    assert opened().read_ids() == {"river", "road"}


def test_a_newer_version_is_refused_and_not_touched(
    path: Path, store: SubscriptionStore, clock: Clock
) -> None:
    store.put([HOUSE])
    store.close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    calls: list[Callable[[], object]] = [
        store.all,
        lambda: store.put([RIVER]),
        lambda: store.taken("house"),
        lambda: store.remove(HOUSE.url),
        lambda: store.merge(Following([Followed(RIVER, 1.0)])),
    ]
    for call in calls:
        with pytest.raises(RepositoryError, match="newer"):
            call()
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


def test_a_file_that_is_removed_or_replaced(
    path: Path, store: SubscriptionStore, other: SubscriptionStore
) -> None:
    store.put([HOUSE])
    assert len(store.all()) == 1
    path.unlink()
    assert store.all() == []
    other.put([RIVER])
    assert store.all() == [(RIVER, Answer())]
    store.put([HOUSE])
    assert len(other.all()) == 2
    assert whole(path)
