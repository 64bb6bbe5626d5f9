"""Taking in what feeds have: through real servers, killed at any moment, and politely."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from benchmarks.feeds import ENTRIES, PAGES, address, kind_of, world
from pulse_tui.acquire.feeds.entries import AT_FIRST
from pulse_tui.acquire.sync.errand import LONGEST
from pulse_tui.acquire.sync.events import Asked, End, Event, Failed, FeedDone, Kept, Progress, Taking, as_json
from pulse_tui.acquire.sync.sync import due, in_turns
from pulse_tui.acquire.sync.workers import Workers
from pulse_tui.subscriptions import Answer, Subscription
from tests.feeds import NOW, PROSE, Item, Reader, feed, rss, web_page
from tests.internet import Names
from tests.servers import Client, Server, page, redirect

HOUR = 3600.0


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


# -- What comes in


def test_entries_become_features_in_the_folder_of_their_feed(reader: Reader) -> None:
    body = rss(Item("one", title="The First", date="Tue, 15 Mar 2022 10:00:00 GMT"), Item("two"))
    with Server({"/feed": feed(body)}) as server:
        reader.follow(server.url("/feed"))
        done = reader.only()
        assert done == FeedDone(server.url("/feed"), "feed1", "The Ferry", "new", 2, 0, "")
    assert len(reader.files) == 2
    text = reader.text("first")
    assert "title: The First\n" in text
    assert "sections: [The Ferry]\n" in text
    assert "published: 2022-03-15T10:00:00+00:00\n" in text
    assert f'source: "{server.url("/one")}"' in text
    assert "The ferry left before the light came" in text
    assert reader.events[-2:] == [Asked(1, 1), End(2, 0, 0)]


def test_what_says_the_same_costs_nothing_and_what_changes_updates_its_file(reader: Reader) -> None:
    items = [Item("one"), Item("two"), Item("three")]
    with Server({"/feed": feed(lambda: rss(*items))}) as server:
        reader.follow(server.url("/feed"))
        reader.only()
        before = {path: path.stat().st_mtime_ns for path in reader.folder.rglob("*.md")}
        items[1] = Item("two", PROSE + "<p>They said it later.</p>")
        done = reader.only()
        assert (done.outcome, done.new, done.updated) == ("new", 0, 1)
    assert reader.kept == ["updated two"]
    assert "They said it later." in reader.text("two")
    changed = [path for path, stamp in before.items() if path.stat().st_mtime_ns != stamp]
    assert [path.stem.endswith("two") for path in changed] == [True]


def test_deleted_features_stay_deleted_even_when_they_change(reader: Reader) -> None:
    items = [Item("one"), Item("two")]
    with Server({"/feed": feed(lambda: rss(*items))}) as server:
        reader.follow(server.url("/feed"))
        reader.only()
        for path in reader.folder.rglob("*two.md"):
            path.unlink()
        items[1] = Item("two", PROSE + "<p>More.</p>")
        done = reader.only()
        assert (done.new, done.updated) == (0, 0)
        assert len(reader.files) == 1
        items.append(Item("three"))
        assert reader.only().new == 1


def test_of_a_long_feed_the_newest_come_at_first_and_later_all_that_are_new(reader: Reader) -> None:
    def item(number: int) -> Item:
        return Item(f"n{number:05}", date=format_datetime(datetime.fromtimestamp(number * HOUR, UTC)))

    numbers = list(range(1000, 1400))
    with Server({"/feed": feed(lambda: rss(*map(item, numbers)))}) as server:
        reader.follow(server.url("/feed"))
        assert reader.only().new == AT_FIRST
        assert {path[-9:-3] for path in reader.files} == {f"n{number:05}" for number in numbers[-AT_FIRST:]}
        numbers += range(1400, 1400 + 2 * AT_FIRST)  # more than at first, and all of them are new
        assert reader.only().new == 2 * AT_FIRST
        assert reader.only().outcome == "unchanged"


def test_a_feed_without_a_title_or_home_gives_them_to_its_subscription_once(reader: Reader) -> None:
    with Server({"/feed": feed(rss("one", home="/front"))}) as server:
        url = server.url("/feed")
        reader.follow(url)
        reader.only()
        assert reader.store.all()[0][0][:3] == (url, "The Ferry", server.url("/front"))
        reader.store.put([Subscription(url, "My Own Title", name="feed1")])
        reader.only()
        assert reader.store.all()[0][0].title == "My Own Title"


# -- Asking politely


def test_a_copy_that_is_still_good_is_not_sent_again(reader: Reader) -> None:
    with Server({"/feed": feed(rss("one"), "Last-Modified: Sat, 01 Jan 2022 10:00:00 GMT")}) as server:
        url = server.url("/feed")
        reader.follow(url)
        reader.only()
        first = reader.answer(url)
        assert first.etag
        assert first.asked == NOW
        assert first.due == NOW + HOUR
        reader.now += 2 * HOUR
        assert reader.only().outcome == "unchanged"
        assert server.requests[1].headers["if-none-match"] == first.etag
    assert reader.answer(url) == first._replace(asked=reader.now, due=reader.now + HOUR)


def test_a_feed_is_asked_no_earlier_than_it_says(reader: Reader) -> None:
    """What it says holds as long as it says nothing new, and no longer than a day."""

    def good_for(minutes: int) -> bytes:
        return rss("one").replace(b"<channel>", b"<channel><ttl>%d</ttl>" % minutes)

    with Server({"/feed": feed(good_for(180))}) as server:
        url = server.url("/feed")
        reader.follow(url)
        for kept in ("new", "unchanged", "unchanged"):
            assert reader.only().outcome == kept
            assert reader.answer(url).due == reader.now + 3 * HOUR
            reader.now += 3 * HOUR
        server.replace("/feed", feed(good_for(10_000)))
        reader.only()
        assert reader.answer(url).due == reader.now + LONGEST
        server.replace("/feed", page(b"", status="500 Broken"))
        reader.only()
        server.replace("/feed", feed(good_for(1)))
        reader.only()
        assert reader.answer(url).due == reader.now + HOUR


def test_only_feeds_that_are_due_are_asked(reader: Reader) -> None:
    with Server({"/feed": feed(rss("one"), "Cache-Control: public, max-age=7200")}) as server:
        url = server.url("/feed")
        reader.follow(url, every=600.0)
        assert due(reader.store.all(), NOW) == reader.store.all()
        reader.only()
        assert reader.answer(url).due == NOW + 2 * HOUR  # the longer of what both want
        assert due(reader.store.all(), NOW + HOUR) == []
        assert due(reader.store.all(), NOW + 2 * HOUR) != []
    reader.store.answered(url, Answer(gone=True))
    assert due(reader.store.all(), NOW + 99 * HOUR) == []


def test_what_a_server_says_of_its_answers_age_is_bounded(reader: Reader) -> None:
    with Server({"/feed": feed(rss("one"), "Cache-Control: max-age=999999999")}) as server:
        reader.follow(server.url("/feed"))
        reader.only()
        assert reader.answer(server.url("/feed")).due == NOW + LONGEST


def test_hosts_take_turns() -> None:
    names = ["a/1", "a/2", "a/3", "b/1", "c/1", "b/2"]
    feeds = [(Subscription(f"http://{name}", name=name), Answer()) for name in names]
    assert [each.name for each, _ in in_turns(feeds)] == ["a/1", "b/1", "c/1", "a/2", "b/2", "a/3"]


def test_one_request_at_a_time_to_a_host(reader: Reader) -> None:
    lock = threading.Lock()
    clashes: list[str] = []

    def answer(client: Client) -> None:
        if not lock.acquire(blocking=False):
            clashes.append(client.request.path)
            return
        client.drip([b"HTTP/1.1 200 OK\r\n\r\n", rss(*(f"{client.request.path[1:]}{n}" for n in "ab"))])
        lock.release()

    with Server({"*": answer}) as server:
        reader.follow(*(server.url(f"/{number}") for number in range(6)))
        assert [done.new for done in reader.sync()] == [2] * 6
    assert clashes == []


@pytest.mark.parametrize("status", ["429 Slow Down", "503 Busy"])
def test_who_asks_to_be_left_alone_is_and_so_are_others_on_the_same_host(reader: Reader, status: str) -> None:
    with Server({"/one": page(b"", "Retry-After: 7200", status=status), "/two": feed(rss("a"))}) as server:
        reader.follow(server.url("/one"), server.url("/two"))
        done = reader.sync()
        assert [each.outcome for each in done] == ["waiting", "waiting"]
        assert all("try again later" in each.reason for each in done)
        assert server.paths == ["/one"]
    assert reader.answer(server.url("/one")).due == NOW + 7200
    assert reader.answer(server.url("/two")).due == pytest.approx(NOW + 7200, abs=60)
    assert reader.answer(server.url("/two")).fault == ""
    assert reader.events[-1] == End(0, 0, 0)


def test_a_short_wait_is_waited_for(reader: Reader) -> None:
    answer = page(b"", "Retry-After: 1", status="503 Busy")
    with Server({"/one": answer, "/two": feed(rss("a"))}) as server:
        reader.follow(server.url("/one"), server.url("/two"))
        assert {done.name: done.outcome for done in reader.sync()} == {"feed1": "waiting", "feed2": "new"}


def test_failures_are_asked_less_and_less_often_but_not_never(reader: Reader) -> None:
    with Server({}) as server:
        url = server.url("/feed")
        reader.follow(url)
        pauses = []
        for number in range(1, 9):
            assert reader.only().outcome == "failed"
            answer = reader.answer(url)
            assert answer.failures == number
            assert "status 404" in answer.fault
            pauses.append((answer.due - reader.now) / HOUR)
            reader.now = answer.due
    assert pauses == [1, 2, 4, 8, 16, 24, 24, 24]


def test_a_feed_that_answers_again_is_forgiven(reader: Reader) -> None:
    with Server({"/feed": feed(rss("one"))}) as server:
        url = server.url("/feed")
        reader.follow(url)
        reader.store.answered(url, Answer("", "", 1.0, 2.0, "It was not there.", 5))
        reader.only()
        assert reader.answer(url)[4:] == ("", 0, False)


# -- Moved, gone, broken


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(reader: Reader) -> None:
    with Server({"/old": redirect("/new", 301), "/new": feed(rss("one"))}) as server:
        old, new = server.url("/old"), server.url("/new")
        reader.follow(old)
        done = reader.only()
        assert (done.outcome, done.url, done.new) == ("moved", new, 1)
        assert "moved to" in done.reason
        assert [each.url for each, _ in reader.store.all()] == [new]
        assert reader.only().outcome == "unchanged"
        assert server.paths == ["/old", "/new", "/new"]
    assert len(reader.files) == 1


def test_a_feed_that_moved_to_one_that_is_followed_ends_without_twins(reader: Reader) -> None:
    with Server({"/old": redirect("/new", 308), "/new": feed(rss("one"))}) as server:
        reader.follow(server.url("/old"), server.url("/new"))
        assert {done.name: done.outcome for done in reader.sync()} == {"feed1": "moved", "feed2": "new"}
        assert [each.name for each, _ in reader.store.all()] == ["feed2"]
    assert len(reader.files) == 1


def test_a_redirect_that_leads_to_no_feed_moves_nothing(reader: Reader) -> None:
    with Server({"/old": redirect("/page", 301), "/page": web_page("Log in")}) as server:
        reader.follow(server.url("/old"))
        done = reader.only()
        assert (done.outcome, done.reason) == ("failed", "This is a web page, not a feed.")
        assert [each.url for each, _ in reader.store.all()] == [server.url("/old")]


def test_a_passing_redirect_moves_nothing(reader: Reader) -> None:
    with Server({"/old": redirect("/new", 302), "/new": feed(rss("one"))}) as server:
        reader.follow(server.url("/old"))
        assert reader.only().outcome == "new"
        assert [each.url for each, _ in reader.store.all()] == [server.url("/old")]


def test_a_feed_that_is_gone_is_asked_no_more_and_its_features_stay(reader: Reader) -> None:
    answers = {"/feed": feed(rss("one"))}
    with Server(answers) as server:
        url = server.url("/feed")
        reader.follow(url)
        reader.only()
        server.replace("/feed", page(b"", status="410 Gone"))
        done = reader.only()
        assert done.outcome == "gone"
        assert "gone for good" in done.reason
    assert reader.answer(url).gone
    assert due(reader.store.all(), NOW + 1e9) == []
    assert len(reader.files) == 1


def test_one_feed_that_fails_harms_no_other(reader: Reader) -> None:
    nested = b"<rss>" + b"<a>" * 5000
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'
    answers = {
        "/good": feed(rss("one")),
        "/nested": page(nested),
        "/bomb": page(bomb),
        "/empty": page(b""),
        "/binary": page(bytes(range(256)) * 40),
        "/cut": page(rss("one")[:200], "Content-Length: 90000"),
        "/reset": lambda client: client.reset(),
    }
    with Server(answers) as server:
        reader.follow(*(server.url(path) for path in [*answers, "/missing"]))
        done = {each.url.rpartition("/")[2]: each for each in reader.sync()}
    assert done["good"].new == 1
    others = [each for name, each in done.items() if name != "good"]
    assert len(others) == 7
    assert {each.outcome for each in others} == {"failed"}
    assert all(each.reason.endswith(".") and each.reason.isprintable() for each in others)
    assert reader.events[-1] == End(1, 0, 7)
    faults = {each.url: answer.fault for each, answer in reader.store.all() if answer.fault}
    assert len(faults) == 7


def test_a_feed_that_hangs_its_parser_is_given_up_and_others_are_read(reader: Reader, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        "import sys\nfrom pulse_tui.acquire import child\n"
        "from pulse_tui.acquire.feeds import entries\n"
        "take = entries.take_feed\n"
        "def hang(data, arguments):\n"
        "    while b'hang' in data: pass\n"
        "    return take(data, arguments)\n"
        "entries.take_feed = hang\nsys.argv[1:] = ['-']\nsys.exit(child.main())\n"
    )
    with Server({"/hang": feed(rss("hang")), "/good": feed(rss("one")), "/too": feed(rss("two"))}) as server:
        reader.follow(server.url("/hang"), server.url("/good"), server.url("/too"))
        workers = _Hasty(1, command=[sys.executable, "-P", str(script)])
        done = {each.url.rpartition("/")[2]: each for each in reader.sync(workers=workers)}
    assert "took longer than" in done["hang"].reason
    assert (done["good"].outcome, done["too"].outcome) == ("new", "new")


class _Hasty(Workers):
    """Gives its children little time."""

    def run(self, task, data, arguments, *, seconds=0.0):  # type: ignore[no-untyped-def]
        return super().run(task, data, arguments, seconds=3.0)


def test_a_child_that_dies_is_replaced(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        "import os, sys\nfrom pulse_tui.acquire import child\n"
        "from pulse_tui.acquire.feeds import entries\n"
        "take = entries.take_feed\n"
        "def die(data, arguments):\n"
        "    if b'die' in data: os.kill(os.getpid(), 9)\n"
        "    return take(data, arguments)\n"
        "entries.take_feed = die\nsys.argv[1:] = ['-']\nsys.exit(child.main())\n"
    )
    with Workers(1, command=[sys.executable, "-P", str(script)]) as workers:
        for _ in range(2):
            assert '"The Ferry"' in workers.run("feed", rss("one"), {}).text
            with pytest.raises(Exception, match="SIGKILL"):
                workers.run("feed", rss("die"), {})


# -- Full text and pictures


def test_the_page_of_a_summary_is_fetched_where_that_is_wanted(reader: Reader) -> None:
    short = Item("one", "In short.", more="<author>A. Writer</author><category>Rivers</category>")
    answers = {"/feed": feed(rss(short, "two")), "/one": web_page("One, on the page")}
    with Server(answers) as server:
        reader.follow(server.url("/feed"))
        reader.only(full_text=True)
        assert server.paths == ["/feed", "/one"]  # the other one is whole
    text = reader.text("one")
    assert "The ferry left" in text
    assert "title: one\n" in text  # the feed's
    assert "tags: [Rivers]" in text
    assert "Read on at" not in text


def test_without_it_a_summary_is_kept_with_its_link(reader: Reader) -> None:
    with Server({"/feed": feed(rss(Item("one", "In short.")))}) as server:
        reader.follow(server.url("/feed"))
        reader.only()
    assert f"In short.\n\n[Read on at 127.0.0.1]({server.url('/one')})" in reader.text("one")


def test_full_text_that_is_wanted_later_comes_later_and_stays(reader: Reader) -> None:
    items = [Item("one", "In short."), Item("two", "Shorter.")]
    answers = {
        "/feed": feed(lambda: rss(*items)),
        "/one": web_page("One"),
        "/two": web_page("Two"),
    }
    with Server(answers) as server:
        reader.follow(server.url("/feed"))
        reader.only()
        assert reader.only(full_text=True).updated == 2
        assert "The ferry left" in reader.text("one")
        asked = len(server.requests)
        reader.only(full_text=True)
        assert server.paths[asked:] == ["/feed"]
        assert "if-none-match" in server.requests[-1].headers
        # An entry whose page was kept does not fall back to its summary when it changes.
        items[0] = Item("one", "In other words.")
        reader.only()
        assert server.paths[-1] == "/one"
    assert "The ferry left" in reader.text("one")


def test_a_page_that_is_not_to_be_had_leaves_the_summary_and_is_told_once(reader: Reader) -> None:
    items = [Item("one", "In short."), Item("two", "Shorter.")]
    with Server({"/feed": feed(rss(*items)), "/two": page(b"\x89PNG\r\n" * 99)}) as server:
        reader.follow(server.url("/feed"))
        done = reader.only(full_text=True)
        assert (done.outcome, done.new) == ("new", 2)
        (failed,) = (event for event in reader.events if isinstance(event, Failed))
        assert failed.reason.startswith("2 pages were not to be had, so what the feed has of it was kept.")
        assert "In short." in reader.text("one")
        reader.only(full_text=True)
        assert server.paths[3:] == ["/feed"]  # they are not asked again


def test_a_page_that_fails_for_the_moment_is_asked_again(reader: Reader) -> None:
    busy = page(b"", status="500 Trouble")
    with Server({"/feed": feed(rss(Item("one", "In short."))), "/one": busy}) as server:
        reader.follow(server.url("/feed"))
        reader.only(full_text=True)
        assert "In short." in reader.text("one")
        server.replace("/one", web_page("One"))
        assert reader.only(full_text=True).updated == 1
    assert "The ferry left" in reader.text("one")


def test_pictures_come_along_unless_they_are_not_wanted(reader: Reader) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    text = PROSE + '<figure><img src="/boat.png"><figcaption>A boat. (Jane Doe / AP)</figcaption></figure>'
    answers = {
        "/feed": feed(rss(Item("one", text + '<p><img src="/missing.jpg"></p>'))),
        "/boat.png": page(out.getvalue(), "Content-Type: image/png"),
    }
    with Server(answers) as server:
        reader.follow(server.url("/feed"))
        reader.only()
        assert server.paths == ["/feed", "/boat.png", "/missing.jpg"]
        server.replace("/feed", feed(rss(Item("one", text + '<p><img src="/missing.jpg"> Later.</p>'))))
        assert reader.only().updated == 1
        assert server.paths[3:] == ["/feed", "/missing.jpg"]
    assert "/boat.png" not in reader.text("one")
    assert "A boat. Credit: Jane Doe / AP" in reader.text("one")
    assert server.url("/missing.jpg") in reader.text("one")
    assert any(path.is_file() and path.suffix != ".md" for path in reader.folder.rglob("*"))
    with Server(answers) as server:
        reader.store.put([Subscription(server.url("/feed"), name="other")])
        reader.sync(pictures=False)
        assert server.paths == ["/feed"]


def test_links_of_a_feed_lead_to_no_local_server(reader: Reader) -> None:
    """The feed's host was typed; others on this machine or its network were not."""
    with Server({"*": web_page("Secret")}) as secret:
        text = f'<p>In short.</p><img src="{secret.url("/picture.png")}">'
        link = f"<link>{secret.url('/one')}</link>"
        body = rss(Item("one", text)).replace(b"<link>/one</link>", link.encode())
        with Server({"*": feed(body)}) as server:
            names = Names(server.port)
            reader.follow("http://feeds.example/feed")
            done = reader.only(full_text=True, network=names.network())
            assert done.new == 1
        assert secret.requests == []
        assert set(names.asked) == {"feeds.example"}


# -- What is told


def test_a_run_tells_what_it_does(reader: Reader) -> None:
    with Server({"/feed": feed(rss(*(f"n{number}" for number in range(60))))}) as server:
        reader.follow(server.url("/feed"))
        reader.only()
    kinds = [type(event) for event in reader.events]
    assert kinds[-3:] == [FeedDone, Asked, End]
    assert {Progress, Kept, Taking} <= set(kinds)
    kept = next(event for event in reader.events if isinstance(event, Kept))
    assert (kept.source, kept.title, kept.outcome) == (server.url("/n0"), "n0", "new")
    assert Path(kept.path).is_file()
    assert (reader.folder / f"{kept.id}.md").samefile(kept.path)
    lines = [json.loads(line) for line in map(as_json, reader.events) if line]
    assert {line["event"] for line in lines} == {"progress", "kept", "feed", "asked", "end"}
    assert lines[-1] == {"event": "end", "new": 60, "updated": 0, "failed": 0}


# -- Ended at any moment


def test_a_run_that_is_stopped_keeps_what_it_has_and_the_next_goes_on(reader: Reader) -> None:
    items = [Item(f"n{number}") for number in range(30)]

    def heard(event: Event) -> None:
        if isinstance(event, Taking) and event.done == 10:
            reader.running.stop()

    with Server({"/feed": feed(rss(*items))}) as server:
        reader.follow(server.url("/feed"))
        assert reader.sync(heard=heard) == []
        assert len(reader.files) == 10
        assert len(reader.store.taken("feed1")) == 10
        assert reader.answer(server.url("/feed")) == Answer()
        assert reader.only().new == 20
    assert len(reader.files) == 30


def test_a_run_that_is_stopped_ends_while_a_server_is_silent(reader: Reader) -> None:
    asked = threading.Event()

    def hang(client: Client) -> None:
        asked.set()
        client.hang()

    with Server({"/feed": hang}) as server:
        reader.follow(server.url("/feed"))
        thread = threading.Thread(target=reader.sync)
        thread.start()
        asked.wait(30)
        reader.running.stop()
        thread.join(15)
        assert not thread.is_alive()
    assert reader.answer(server.url("/feed")) == Answer()


def test_where_nobody_listens_any_more_the_run_ends_and_no_feed_is_blamed(reader: Reader) -> None:
    def heard(event: Event) -> None:
        if isinstance(event, Kept):
            raise BrokenPipeError

    with Server({"/feed": feed(rss("one", "two"))}) as server:
        reader.follow(server.url("/feed"))
        with pytest.raises(BrokenPipeError):
            reader.sync(heard=heard)
        assert reader.answer(server.url("/feed")) == Answer()
        assert reader.only().outcome in ("new", "unchanged")
    assert len(reader.files) == 2


def test_a_name_that_leads_home_later_gets_no_pages_from_there(reader: Reader) -> None:
    """A feed's owner may let its name stand for an address of this machine: links to it are none of ours."""
    with Server({"/feed": feed(rss(Item("one", "In short.")))}) as server:
        names = Names(server.port, {"feeds.example": ["127.0.0.1"]})
        reader.follow("http://feeds.example/feed")
        assert reader.only(full_text=True, network=names.network()).new == 1
        assert server.paths == ["/feed"]
    (failed,) = (event for event in reader.events if isinstance(event, Failed))
    assert "belongs to this machine" in failed.reason


KILLED = """
import os, sys
from pathlib import Path
from tests.feeds import Reader
from pulse_tui.acquire.sync.events import Kept
reader = Reader(Path(sys.argv[1]))
left = int(sys.argv[2])
def heard(event):
    global left
    left -= isinstance(event, Kept)
    if left < 0:
        os.kill(os.getpid(), 9)
reader.sync(heard=heard)
"""


def test_a_run_that_is_killed_again_and_again_comes_to_the_same_end(reader: Reader, tmp_path: Path) -> None:
    def names() -> Iterator[str]:
        return (f"n{number}" for number in range(40))

    with Server({"/a": feed(rss(*names())), "/b": feed(rss(*names(), title="B"))}) as server:
        reader.follow(server.url("/a"), server.url("/b"))
        for kept in (0, 3, 24, 31, 1000):
            command = [sys.executable, "-c", KILLED, str(tmp_path), str(kept)]
            ended = subprocess.run(command, timeout=120, check=False)
            assert ended.returncode == (0 if kept == 1000 else -9)
            for path in reader.folder.rglob("*.md"):
                text = path.read_text(encoding="utf-8")
                assert text.startswith("---\n")
                assert text.endswith("word of it.\n")
        assert [each.name for each, _ in reader.store.all()] == ["feed1", "feed2"]
        assert [done.outcome for done in reader.sync()] == ["unchanged", "unchanged"]
    assert len(reader.files) == 80  # and none twice


# -- A world of servers


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer at 127.0.0.1 alone")
def test_a_world_of_feeds_some_of_which_misbehave(tmp_path: Path) -> None:
    """The benchmark's own, made small: one feed of each kind, and as many that are well."""
    reader = Reader(tmp_path)
    with world() as port:
        reader.follow(*(address(number, port) for number in range(20)))
        done = {kind_of(int(each.name[4:]) - 1): each for each in reader.sync(full_text=True)}
        assert {kind: (each.outcome, each.new) for kind, each in done.items()} == {
            "slow": ("new", ENTRIES),
            "moved": ("moved", ENTRIES),
            "gone": ("gone", 0),
            "broken": ("failed", 0),
            "huge": ("new", AT_FIRST),
            "summaries": ("new", PAGES),
            "pictures": ("new", PAGES),
            "hostile": ("failed", 0),
            "busy": ("waiting", 0),
            "missing": ("failed", 0),
            "well": ("new", ENTRIES),
        }
        count = len(reader.files)
        assert count == 13 * ENTRIES - ENTRIES + AT_FIRST + 2 * PAGES
        again = reader.sync(full_text=True)
        assert sum(each.new + each.updated for each in again) == 0
        assert {each.outcome for each in again} == {"unchanged", "gone", "failed", "waiting"}
    assert len(reader.files) == count
