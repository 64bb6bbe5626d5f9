"""`follow`, `unfollow`, `feeds`, `sync`, `import --opml` and `export --opml`, as somebody uses them."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulse_tui import cli
from pulse_tui.acquire.feeds.opml import read_opml
from pulse_tui.acquire.sync import politeness
from pulse_tui.errands.words import NONE_FOLLOWED
from pulse_tui.storage.state.subscriptions import SubscriptionStore
from pulse_tui.subscriptions import Answer, Subscription
from tests.feeds import PROSE, Item, feed, rss, web_page
from tests.servers import Client, Server, page, redirect
from tests.terminal import Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A reader's home, and a run that makes no pauses."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("DATA", "STATE", "CACHE", "CONFIG"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(politeness, "PAUSE", 0.0)
    before = signal.getsignal(signal.SIGTERM)
    yield home
    signal.signal(signal.SIGTERM, before)


def run(capsys: Captured, *arguments: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of a command."""
    status = cli.main(list(arguments))
    said = capsys.readouterr()
    return status, said.out, said.err


def store(home: Path) -> SubscriptionStore:
    """The state that the program has."""
    return SubscriptionStore(home / ".local/state/pulse-tui/state.sqlite", clock=time.time)


def features(home: Path) -> list[str]:
    """What lies in the reader's own folder."""
    folder = home / ".local/share/pulse-tui/articles"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))


def page_with(*links: str) -> bytes:
    return f"<!doctype html><html><head>{''.join(links)}</head><body><p>Words.</p></body></html>".encode()


def link(path: str, title: str = "") -> str:
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{path}">'


# -- Following


def test_follow_sync_and_read(capsys: Captured, home: Path) -> None:
    items = [Item("one", title="The First"), Item("two")]
    with Server({"/feed": feed(lambda: rss(*items))}) as server:
        url = server.url("/feed")
        status, out, err = run(capsys, "follow", url)
        assert (status, out) == (0, "the-ferry\n")
        assert err == "pulse-tui: Following The Ferry (2 entries): “pulse-tui sync” brings them in.\n"
        status, out, err = run(capsys, "sync")
        assert (status, out, err) == (0, "the-ferry: 2 new\n", "pulse-tui: 2 new, 0 updated.\n")
        assert [path.rpartition("/")[0] for path in features(home)] == ["feeds/the-ferry"] * 2
        status, out, err = run(capsys, "sync")
        assert (status, out) == (0, "")
        assert "No feed is due for 60 minutes" in err
        items[0] = Item("one", PROSE + "<p>More.</p>", title="The First")
        status, out, err = run(capsys, "sync", "--all")
        assert (status, out, err) == (0, "the-ferry: 1 updated\n", "pulse-tui: 0 new, 1 updated.\n")
        assert run(capsys, "sync", "the-ferry")[0] == 0
        assert run(capsys, "sync", url)[0] == 0
    status, out, _ = run(capsys, "list", "section:ferry", "--json")
    assert {each["title"] for each in json.loads(out)} == {"The First", "two"}


def test_follow_says_what_it_was_told(capsys: Captured, home: Path) -> None:
    with Server({"/feed": feed(rss("one"))}) as server:
        status, out, _ = run(capsys, "follow", server.url("/feed"), "--name", "Boats", "--every", "12")
        assert (status, out) == (0, "Boats\n")
        ((found, answer),) = store(home).all()
        assert found == Subscription(
            server.url("/feed"), "The Ferry", server.url("/"), (), "Boats", 12 * 3600.0
        )
        assert answer == Answer()
        status, out, err = run(capsys, "follow", server.url("/feed"), "--every", "2")
        assert (status, out, err) == (0, "Boats\n", "pulse-tui: The Ferry is followed already.\n")
        assert store(home).all()[0][0].every == 7200.0
        store(home).answered(server.url("/feed"), Answer(asked=1000.0, due=90_000.0))
        run(capsys, "follow", server.url("/feed"), "--every", "3")
        run(capsys, "follow", server.url("/feed"), "--every", "9")
        assert store(home).all()[0][1].due == 1000.0 + 3 * 3600  # it is asked no later than was wanted


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "-x", "", " ", "a" * 61, "a\nb", "CON|"])
def test_names_that_no_folder_should_have_are_refused(capsys: Captured, home: Path, name: str) -> None:
    with Server({"/feed": feed(rss("one"))}) as server:
        status = run(capsys, "follow", server.url("/feed"), f"--name={name}")[0]
    if name:
        assert status == 2
        assert store(home).all() == []
    else:
        assert status == 0


def test_a_name_that_another_feed_has_is_refused_and_a_title_gets_a_number(
    capsys: Captured, home: Path
) -> None:
    with Server({"/a": feed(rss("one")), "/b": feed(rss("two"))}) as server:
        assert run(capsys, "follow", server.url("/a"), server.url("/b"))[1] == "the-ferry\nthe-ferry-2\n"
        status, _, err = run(capsys, "follow", server.url("/b"), "--name", "The-Ferry")
        assert status == 2
        assert "choose another" in err


def test_titles_cannot_lead_out_of_the_folder(capsys: Captured, home: Path) -> None:
    answers = {
        f"/{n}": feed(rss("one", title=title)) for n, title in enumerate(("../../etc", ".", "/", "نور"))
    }
    with Server(answers) as server:
        for path in answers:
            assert run(capsys, "follow", server.url(path))[0] == 0
        assert run(capsys, "sync")[0] == 0
    names = {found.name for found, _ in store(home).all()}
    assert names & {"..", ".", ""} == set()
    assert not any("/" in name for name in names)
    assert "نور" in names
    assert {path.rpartition("/")[0] for path in features(home)} == {f"feeds/{name}" for name in names}


def test_a_page_that_names_one_feed_leads_to_it(capsys: Captured, home: Path) -> None:
    html = page_with(link("/comments/feed", "Comments"), link("/feed", "All"))
    answers = {"/": page(html, "Content-Type: text/html"), "/feed": feed(rss("one"))}
    with Server(answers) as server:
        assert run(capsys, "follow", server.url("/"))[0] == 0
        assert [found.url for found, _ in store(home).all()] == [server.url("/feed")]


def test_a_page_that_names_several_feeds_leaves_the_choice(capsys: Captured, home: Path) -> None:
    html = page_with(link("/news", "News"), link("/arts", "Arts"))
    with Server({"/": page(html, "Content-Type: text/html")}) as server:
        status, out, err = run(capsys, "follow", server.url("/"))
        assert status == 1
        assert out == f"{server.url('/news')}  News\n{server.url('/arts')}  Arts\n"
        assert "names 2 feeds: follow one of them" in err
        assert server.paths == ["/"]
    assert store(home).all() == []


def test_a_page_without_feeds_and_what_is_none_are_told(capsys: Captured, home: Path) -> None:
    answers = {
        "/page": web_page("Words"),
        "/picture": page(b"\x89PNG\r\n\x1a\n" + bytes(999), "Content-Type: image/png"),
        "/opml": page(b'<opml version="2.0"><body/></opml>'),
        "/broken": page(page_with(link("/picture")), "Content-Type: text/html"),
        "/gone": page(b"", status="410 Gone"),
    }
    with Server(answers) as server:
        said = {path: run(capsys, "follow", server.url(path)) for path in answers}
    assert {path: status for path, (status, _, _) in said.items()} == {
        "/page": 5,
        "/picture": 5,
        "/opml": 5,
        "/broken": 5,
        "/gone": 4,
    }
    assert all(out == "" and err.count("\n") == 1 and err.endswith(".\n") for _, out, err in said.values())
    assert "names no feed" in said["/page"][2]
    assert "import it" in said["/opml"][2]
    assert store(home).all() == []


@pytest.mark.parametrize("url", ["foo", "http://", "ftp://example.org/", "http://me@example.org/", ""])
def test_what_is_no_address_is_a_wrong_command_line(capsys: Captured, home: Path, url: str) -> None:
    for command in (["follow", url], ["add", "--url", url or "x", "-"]):
        status, out, err = run(capsys, *command)
        assert (status, out, err.count("\n")) == (2, "", 1)
    with Server({"/away": redirect("http://me@example.org/")}) as server:
        assert run(capsys, "follow", server.url("/away"))[0] == 4
    assert store(home).all() == []


def test_some_that_fail_leave_the_others(capsys: Captured, home: Path) -> None:
    with Server({"/feed": feed(rss("one"))}) as server:
        assert run(capsys, "follow", server.url("/missing"), server.url("/feed"))[0] == 1
    assert len(store(home).all()) == 1


def test_a_feed_that_has_moved_for_good_is_followed_where_it_is(capsys: Captured, home: Path) -> None:
    answers = {"/for-good": redirect("/feed", 301), "/for-now": redirect("/feed"), "/feed": feed(rss("one"))}
    with Server(answers) as server:
        run(capsys, "follow", server.url("/for-good"))
        run(capsys, "follow", server.url("/for-now"))
        assert {found.url for found, _ in store(home).all()} == {server.url("/feed"), server.url("/for-now")}


def test_unfollow_by_name_or_address_keeps_the_features(capsys: Captured, home: Path) -> None:
    with Server({"/a": feed(rss("one")), "/b": feed(rss("two", title="B"))}) as server:
        run(capsys, "follow", server.url("/a"), server.url("/b"))
        run(capsys, "sync")
        status, out, err = run(capsys, "unfollow", "b", server.url("/a"))
        assert (status, out) == (0, "")
        assert "its features stay in feeds/b" in err
        assert store(home).all() == []
        assert len(features(home)) == 2
        # Whoever follows it again gets no twins.
        run(capsys, "follow", server.url("/a"))
        assert run(capsys, "sync")[2] == "pulse-tui: 0 new, 0 updated.\n"
    assert len(features(home)) == 2
    status, _, err = run(capsys, "unfollow", "the-ferry", "nothing")
    assert status == 3
    assert "No feed “nothing” is followed" in err
    assert len(store(home).all()) == 1


# -- What is followed


def test_feeds_tells_of_each(capsys: Captured, home: Path) -> None:
    assert run(capsys, "feeds")[0] == 1
    assert json.loads(run(capsys, "feeds", "--json")[1]) == []
    with Server({"/a": feed(rss("one")), "/b": feed(rss("two", title="B"))}) as server:
        a, b = server.url("/a"), server.url("/b")
        run(capsys, "follow", a, b)
        server.replace("/b", page(b"", status="500 Trouble"))
        status, _, err = run(capsys, "sync")
        assert status == 1
        assert err.endswith("1 new, 0 updated; 1 feed failed: b.\n")
    status, out, _ = run(capsys, "feeds")
    assert status == 0
    first, fault, second = out.splitlines()
    assert first.startswith("b  ")
    assert first.endswith(f"B  {b}")
    assert fault.startswith("    ! The server of")
    assert "1 feature  asked 20" in second
    told = {each["name"]: each for each in json.loads(run(capsys, "feeds", "--json")[1])}
    assert told["the-ferry"] | {"asked": "", "due": ""} == {
        "name": "the-ferry",
        "title": "The Ferry",
        "url": a,
        "home": server.url("/"),
        "folders": [],
        "every": 3600.0,
        "asked": "",
        "due": "",
        "features": 1,
        "fault": "",
        "failures": 0,
        "gone": False,
    }
    assert told["b"]["failures"] == 1
    assert told["b"]["asked"].endswith("+00:00")


# -- Syncing


def test_sync_tells_programs_what_it_does(capsys: Captured, home: Path) -> None:
    with Server({"/a": feed(rss("one", "two")), "/b": feed(rss("x"))}) as server:
        run(capsys, "follow", server.url("/a"), server.url("/b"))
        server.replace("/b", page(b"", status="404 Nothing"))
        status, out, _ = run(capsys, "sync", "--json")
    assert status == 1
    events = [json.loads(line) for line in out.splitlines()]
    assert [each["outcome"] for each in events if each["event"] == "kept"] == ["new", "new"]
    assert {each["outcome"] for each in events if each["event"] == "feed"} == {"new", "failed"}
    assert [each["done"] for each in events if each["event"] == "asked"] == [0, 1, 2]
    assert events[-1] == {"event": "end", "new": 2, "updated": 0, "failed": 1}
    kept = next(each for each in events if each["event"] == "kept")
    assert set(kept) == {"event", "source", "id", "path", "title", "outcome", "edited"}
    assert run(capsys, "read", kept["id"])[0] == 0  # by the id that was told


@pytest.mark.parametrize(("answer", "status"), [(page(b"", status="404 Nothing"), 4), (page(b"<a/>"), 5)])
def test_where_all_fail_the_status_says_why(
    capsys: Captured, home: Path, answer: object, status: int
) -> None:
    with Server({"/a": feed(rss("one"))}) as server:
        run(capsys, "follow", server.url("/a"))
        server.replace("/a", answer)  # type: ignore[arg-type]
        assert run(capsys, "sync")[0] == status
        assert run(capsys, "sync", "nobody")[0] == 3


def test_sync_without_feeds(capsys: Captured) -> None:
    """As `feeds` and `list` do where there is nothing, and so that the reader's `r` hears why."""
    for arguments in (["sync"], ["sync", "--all"], ["sync", "--json"], ["feeds"]):
        assert run(capsys, *arguments) == (1, "", f"pulse-tui: {NONE_FOLLOWED}\n")


def test_full_text_and_pictures_are_asked_for(capsys: Captured, home: Path) -> None:
    text = 'In short. <img src="/boat.png">'
    with Server({"/feed": feed(rss(Item("one", text))), "/one": web_page("One")}) as server:
        run(capsys, "follow", server.url("/feed"))
        run(capsys, "sync", "--full-text", "--no-pictures")
        assert server.paths == ["/feed", "/feed", "/one"]


def hanging(asked: threading.Event) -> object:
    def hang(client: Client) -> None:
        asked.set()
        client.hang()

    return hang


def test_of_two_at_once_one_says_that_the_other_is_at_work(capsys: Captured, home: Path) -> None:
    asked = threading.Event()
    with Server({"/feed": feed(rss("one"))}) as server:
        run(capsys, "follow", server.url("/feed"))
        server.replace("/feed", hanging(asked))  # type: ignore[arg-type]
        first = subprocess.Popen([*PULSE, "sync"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert asked.wait(60)
            status, out, err = run(capsys, "sync", "--json")
            assert (status, out) == (1, "")
            assert (
                err == "pulse-tui: The feeds are being asked already: wait until that is done, or stop it.\n"
            )
        finally:
            first.kill()
            first.communicate()
        server.replace("/feed", feed(rss("one")))
        assert run(capsys, "sync")[0] == 0  # nothing is left behind by one that was killed


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_it_at_once_and_keeps_what_was_had(
    capsys: Captured, home: Path, number: signal.Signals, status: int
) -> None:
    asked = threading.Event()
    with Server({"/a": feed(rss("one")), "/b": feed(rss("two", title="B"))}) as server:
        run(capsys, "follow", server.url("/a"), server.url("/b"))
        server.replace("/b", hanging(asked))  # type: ignore[arg-type]
        found = {each.name: each.url for each, _ in store(home).all()}
        order = ["sync", "--json", found["the-ferry"], found["b"]]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        program = "from pulse_tui.acquire.sync import politeness; politeness.PAUSE = 0.0\n"
        program += f"import sys; from pulse_tui import cli; sys.exit(cli.main({order!r}))"
        running = subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert running.stdout is not None
        assert any(b'"feed"' in line for line in running.stdout)  # one is done
        assert asked.wait(60)
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
        assert running.returncode == status
        assert b"Traceback" not in said
        if number == signal.SIGINT:
            assert b"What was taken in stays" in said
    assert len(features(home)) == 1
    assert len(store(home).all()) == 2


def test_bars_on_a_terminal_and_lines_without(home: Path) -> None:
    started = threading.Event()
    going = threading.Event()

    def slow(client: Client) -> None:
        body = rss("two", title="B")
        client.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 200_000))
        client.send(body + b" " * 100_000)
        started.set()
        going.wait(60)
        client.send(b" " * 100_000)

    with Server({"/b": slow}) as server:
        store(home).put([Subscription(server.url("/b"), "B", name="b")])
        with Terminal([*PULSE, "sync"], home=home, columns=80, rows=24) as terminal:
            assert started.wait(60)
            terminal.wait_for(lambda text: "0 of 1" in text and "━" in text and "KB" in text, 30)
            going.set()
            terminal.wait_for("1 new, 0 updated.", 30)
            text = terminal.text()
            assert "b: 1 new" in text
            assert "━" not in text  # they are gone when all is done
            terminal.wait()


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}])
def test_a_terminal_that_cannot_show_bars_or_colours_gets_none(home: Path, variables: dict[str, str]) -> None:
    with Server({"/a": feed(rss("one"))}) as server:
        store(home).put([Subscription(server.url("/a"), "A", name="a")])
        sent = subprocess.run(
            ["script", "-qec", " ".join([*PULSE, "sync"]), "/dev/null"],
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            check=True,
        ).stdout
    assert b"a: 1 new" in sent
    assert not any(b"\x1b[3%dm" % colour in sent for colour in range(8))
    assert (b"\x1b" in sent) == (variables["TERM"] != "dumb")


# -- Lists of feeds


def test_lists_go_out_and_come_in_with_their_folders(capsys: Captured, home: Path, tmp_path: Path) -> None:
    feeds = [
        Subscription("https://a.test/f", "A & B", "https://a.test/", ("News", "Asia"), "a"),
        Subscription("https://b.test/f?x=1&y=2", "", "", (), "b"),
    ]
    store(home).put(feeds)
    path = tmp_path / "feeds.opml"
    status, out, err = run(capsys, "export", "--opml", str(path))
    assert (status, out, err) == (0, "", "pulse-tui: 2 feeds exported.\n")
    for each in feeds:
        store(home).remove(each.url)
    status, out, err = run(capsys, "import", "--opml", str(path))
    assert (status, err) == (0, "pulse-tui: 2 feeds added, 0 followed already.\n")
    assert [(each[:4], answer) for each, answer in store(home).all()] == [
        (each[:4], Answer()) for each in feeds
    ]
    assert run(capsys, "import", "--opml", str(path))[2] == "pulse-tui: 0 feeds added, 2 followed already.\n"


def test_an_export_goes_to_standard_output_where_no_file_is_named(home: Path) -> None:
    store(home).put([Subscription("https://a.test/f", "नदी", name="a")])
    sent = subprocess.run([*PULSE, "export", "--opml"], stdout=subprocess.PIPE, check=True).stdout
    assert [each.title for each in read_opml(sent).subscriptions] == ["नदी"]


def test_three_thousand_nested_folders(
    capsys: Captured, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 3000
    outlines = "".join(
        f'<outline text="F{n}"><outline type="rss" text="T{n} & more" xmlUrl="https://h{n}.test/f?a=1&b={n}"/>'
        for n in range(count)
    )
    text = f'<opml version="2.0"><body>{outlines}{"</outline>" * count}</body></opml>'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status, _, err = run(capsys, "import", "--opml", "-")
    assert status == 0
    assert "3,000 feeds added" in err
    out = tmp_path / "out.opml"
    assert run(capsys, "export", "--opml", str(out))[0] == 0
    found = read_opml(out.read_bytes()).subscriptions
    assert len(found) == count
    first = read_opml(text.encode()).subscriptions
    assert {each.url: each.folders for each in found} == {each.url: each.folders for each in first}
    assert {each.title for each in found} == {f"T{n} & more" for n in range(count)}


def test_a_list_leads_to_no_local_server(capsys: Captured, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    hosts = ("127.0.0.1:8080", "192.168.1.1", "[::1]", "localhost", "printer", "box.local", "good.test")
    rows = "".join(f'<outline type="rss" xmlUrl="http://{host}/f"/>' for host in hosts)
    path.write_text(f"<opml><body>{rows}</body></opml>")
    status, _, err = run(capsys, "import", "--opml", str(path))
    assert status == 0
    assert [each.url for each, _ in store(home).all()] == ["http://good.test/f"]
    assert "belong to this machine or its network: 6." in err


@pytest.mark.parametrize(
    ("text", "status"),
    [(None, 3), (b"", 5), (b"<rss/>", 5), (b"words", 5), (b"<opml><body/></opml>", 5), (b"\x00\xff" * 99, 5)],
)
def test_what_is_no_list_is_told(
    capsys: Captured, home: Path, tmp_path: Path, text: bytes | None, status: int
) -> None:
    path = tmp_path / "feeds.opml"
    if text is not None:
        path.write_bytes(text)
    got, out, err = run(capsys, "import", "--opml", str(path))
    assert (got, out) == (status, "")
    assert err.count("\n") == 1
    assert err.endswith(".\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("follow",),
        ("unfollow",),
        ("follow", "a", "b", "--name", "x"),
        ("follow", "a", "--every", "0"),
        ("sync", "a", "--all"),
        ("export",),
        ("import", "--opml", "a", "--state", "b"),
    ],
)
def test_what_makes_no_sense_is_told(capsys: Captured, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
