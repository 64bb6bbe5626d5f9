"""`add`, as a program: what it prints, what it writes, what it leaves alone, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from pulse_tui.arguments import COMMANDS
from tests import servers, test_epub
from tests.hostile import P, article, picture
from tests.program import articles, files, run, start
from tests.servers import Server
from tests.terminal import Terminal

HTML = "Content-Type: text/html; charset=utf-8"
STORY = (
    "<html lang=en><head><title>The Tide Tables at Noon - The Harbour</title>"
    "<meta property='article:published_time' content='2024-03-05'>"
    "<meta name=description content='What the wells hold.'></head><body><article>"
    "<h1>The Tide Tables at Noon</h1><p class=standfirst>What the wells hold.</p>"
    f"{P}<figure><img src='/well.png' alt='A well'><figcaption>The well at noon. (A. Writer / Agency)"
    f"</figcaption></figure>{P}<p>{{}}</p></article></body></html>"
)
FILE = "2024-03-05-the-tide-tables-at-noon.md"


def story(last: str = "The first ending, as it was.") -> bytes:
    return STORY.format(last).encode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


class Site(Server):
    """A server with pages that may change."""

    def __init__(self) -> None:
        self.pages: dict[str, servers.Answer] = {
            "/story": servers.page(story(), HTML),
            "/well.png": servers.page(picture(), "Content-Type: image/png"),
        }
        nothing = servers.page(b"", status="404 Not Found")
        super().__init__({"*": lambda client: self.pages.get(client.request.path, nothing)(client)})


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


# -- Taking in


def test_a_page_becomes_a_feature_with_its_picture(home: Path, site: Site) -> None:
    done = run(home, "add", site.url("/story"))
    assert (done.status, done.out) == (0, FILE.replace(".md", "\n"))
    assert done.err == "pulse-tui: new: The Tide Tables at Noon\n"
    kept = files(home)
    text = kept.pop(FILE).decode()
    ((name, data),) = kept.items()
    assert name.startswith("images/the-tide-tables-at-noon-")
    assert data.startswith(b"\x89PNG")
    assert f'source: "{site.url("/story")}"' in text
    assert "dek: What the wells hold.\n" in text
    assert name in text
    assert "The first ending, as it was." in text
    assert "The well at noon." in text
    assert "A. Writer / Agency" in text


def test_it_is_read_by_the_id_that_was_printed(home: Path, site: Site) -> None:
    (article_id,) = run(home, "add", site.url("/story")).ids
    read = run(home, "read", article_id)
    assert read.status == 0
    assert "The Tide Tables at Noon" in read.out
    assert "The first ending" in read.out
    assert [each["id"] for each in json.loads(run(home, "list", 'title:"tables at noon"', "--json").out)] == [
        article_id
    ]


def test_the_same_source_again_changes_nothing(home: Path, site: Site) -> None:
    first = run(home, "add", site.url("/story"))
    before = files(home)
    times = {path: path.stat().st_mtime_ns for path in articles(home).rglob("*")}
    again = run(home, "add", site.url("/story"))
    assert (again.status, again.out) == (0, first.out)
    assert again.err == "pulse-tui: unchanged: The Tide Tables at Noon\n"
    assert files(home) == before
    assert {path: path.stat().st_mtime_ns for path in articles(home).rglob("*")} == times


def test_a_source_that_changed_updates_its_feature_in_place(home: Path, site: Site) -> None:
    first = run(home, "add", site.url("/story"))
    site.pages["/story"] = servers.page(story("The second ending."), HTML)
    again = run(home, "add", site.url("/story"))
    assert (again.status, again.out) == (0, first.out)
    assert again.err == "pulse-tui: updated: The Tide Tables at Noon\n"
    text = files(home)[FILE].decode()
    assert "The second ending." in text
    assert "The first ending" not in text


def test_edits_stay_unless_they_are_to_be_overwritten(home: Path, site: Site) -> None:
    run(home, "add", site.url("/story"))
    path = articles(home) / FILE
    mine = (
        path.read_text()
        .replace("What the wells hold.", "My own dek.")
        .replace("The first ending", "My ending")
    )
    path.write_text(mine.replace("---\n\n", "note: mine\n---\n\n", 1))
    changed = story("The second ending.").replace(b"What the wells hold.", b"A new dek.")
    site.pages["/story"] = servers.page(changed, HTML)
    again = run(home, "add", site.url("/story"))
    assert again.status == 0
    assert "kept your edits to: dek, body (--force overwrites them)" in again.err
    text = path.read_text()
    assert "My own dek." in text
    assert "My ending" in text
    assert "note: mine" in text
    forced = run(home, "add", "--force", site.url("/story"))
    assert (forced.status, forced.err) == (0, "pulse-tui: updated: The Tide Tables at Noon\n")
    text = path.read_text()
    assert "A new dek." in text
    assert "The second ending." in text
    assert "My " not in text
    assert "note: mine" in text


def test_a_deleted_feature_comes_back_when_it_is_added_again(home: Path, site: Site) -> None:
    run(home, "add", site.url("/story"))
    (articles(home) / FILE).unlink()
    again = run(home, "add", site.url("/story"))
    assert again.status == 0
    assert FILE in files(home)


def test_without_pictures_none_is_asked_for(home: Path, site: Site) -> None:
    done = run(home, "add", "--no-pictures", site.url("/story"))
    assert done.status == 0
    assert site.paths == ["/story"]
    assert site.url("/well.png") in files(home)[FILE].decode()
    run(home, "add", site.url("/story"))
    assert len(files(home)) == 2


def test_a_picture_that_was_had_stays_and_is_asked_for_again_only_by_force(home: Path, site: Site) -> None:
    run(home, "add", site.url("/story"))
    before = files(home)
    for options in (["--no-pictures"], []):
        site.pages["/story"] = servers.page(story(f"Another ending {options}"), HTML)
        assert "updated" in run(home, "add", *options, site.url("/story")).err
        kept = files(home)
        assert kept.keys() == before.keys()
        assert b"/well.png" not in kept[FILE]
    assert site.paths.count("/well.png") == 1
    site.pages["/well.png"] = servers.page(picture(50, 60), "Content-Type: image/png")
    run(home, "add", "--force", site.url("/story"))
    assert site.paths.count("/well.png") == 2
    assert len(files(home)) == 3


def test_a_picture_that_is_not_to_be_had_stays_a_link(home: Path, site: Site) -> None:
    site.pages["/well.png"] = servers.page(b"", status="404 Not Found")
    done = run(home, "add", site.url("/story"))
    assert (done.status, len(done.ids)) == (0, 1)
    assert done.err.count("\n") == 2
    assert "without the picture" in done.err
    assert "404" in done.err
    assert site.url("/well.png") in files(home)[FILE].decode()


# -- Printing


def test_what_is_printed_is_what_would_be_kept(home: Path, site: Site) -> None:
    printed = run(home, "add", "--stdout", site.url("/story"))
    assert (printed.status, printed.err) == (0, "")
    assert site.paths == ["/story"]
    assert list(home.rglob("*")) == []
    run(home, "add", site.url("/story"))
    kept = files(home)
    text = kept.pop(FILE).decode()
    (name,) = kept
    assert printed.out == text.replace(name, site.url("/well.png"))


def test_several_features_are_printed_one_after_the_other(home: Path) -> None:
    path = home / "book.epub"
    path.write_bytes(test_epub.packed(test_epub.FILES))
    printed = run(home, "add", "--stdout", path)
    assert printed.status == 0
    assert printed.out.count("title: ") == 2
    assert printed.out.index("First") < printed.out.index("Second")


def test_what_is_printed_is_utf_8_in_every_locale(home: Path) -> None:
    done = run(
        home, "add", "--stdout", "-", stdin="Grüße\n\n漢字\n".encode(), env={"LC_ALL": "C", "PYTHONUTF8": "0"}
    )
    assert "漢字" in done.out


# -- Files, folders, pipes


def test_a_pipe_is_known_by_what_comes_through_it(home: Path) -> None:
    page = run(home, "add", "-", "--url", "https://example.org/a", stdin=story())
    text = run(home, "add", "-", stdin=b"A Plain Title\n\nAnd a paragraph of words.\n")
    markdown = run(home, "add", "-", stdin=b"# A Marked Title\n\nSome *words*.\n")
    assert [each.status for each in (page, text, markdown)] == [0, 0, 0]
    kept = files(home)
    assert 'source: "https://example.org/a"' in kept[FILE].decode()
    assert sum(b"title: A Plain Title" in data for data in kept.values()) == 1
    assert sum(b"title: A Marked Title" in data for data in kept.values()) == 1


def test_the_same_pipe_again_is_the_same_feature(home: Path) -> None:
    first = run(home, "add", "-", stdin=b"A Title\n\nWords.\n")
    again = run(home, "add", "-", stdin=b"A Title\n\nWords.\n")
    assert first.out == again.out
    assert len(files(home)) == 1


def test_one_source_that_fails_does_not_stop_the_others(home: Path, site: Site) -> None:
    good = home / "good.md"
    good.write_text("# Good\n\nWords.\n")
    done = run(home, "add", home / "none.md", site.url("/none"), good)
    assert done.status == 1
    assert len(done.ids) == 1
    assert f"There is no file “{home / 'none.md'}”: " in done.err
    assert "404" in done.err


def test_if_all_fail_the_status_is_that_of_the_first(home: Path, site: Site) -> None:
    (home / "empty.txt").write_text("")
    url = site.url("/none")
    assert run(home, "add", url, home / "none.md").status == 4
    assert run(home, "add", home / "none.md", url).status == 3
    assert run(home, "add", home / "empty.txt", url).status == 5
    wrong = run(home, "add", "http://", url)
    assert (wrong.status, wrong.err.count("“http://” is not the address of a page: give one like")) == (2, 1)


def test_a_book_becomes_its_chapters(home: Path) -> None:
    path = home / "book.epub"
    files_of_it = {
        **test_epub.FILES,
        "OPS/map.png": picture(),
        "OPS/text/a.xhtml": test_epub.page(
            "<h1>One</h1><p>First.</p><p><img src='../map.png' alt='Map'/></p>"
        ),
    }
    path.write_bytes(test_epub.packed(files_of_it))
    done = run(home, "add", path)
    assert done.status == 0
    assert len(done.ids) == 2
    assert all(each.startswith("books/the-book/") for each in done.ids)
    pictures = [name for name in files(home) if not name.endswith(".md")]
    (name,) = pictures
    assert name.startswith("books/the-book/images/")
    assert run(home, "add", path).out == done.out
    again = run(home, "add", path.rename(home / "moved.epub"))
    assert (again.out, again.err.count("unchanged")) == (done.out, 2)
    assert len(files(home)) == 3


def test_a_folder_of_markdown_brings_its_pictures(home: Path) -> None:
    folder = home / "notes"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "well.png").write_bytes(picture())
    (folder / "b.md").write_text("---\ntitle: B\nlayout: post\n---\n\n![A well](images/well.png)\n")
    (folder / "a.markdown").write_text("# A\n\nWords.\n")
    (folder / ".draft.md").write_text("# Draft\n")
    done = run(home, "add", folder)
    assert done.status == 0
    assert done.err == "pulse-tui: new: A\npulse-tui: new: B\n"
    kept = files(home)
    text = next(data for data in kept.values() if b"title: B" in data)
    (name,) = (name for name in kept if name.startswith("images/"))
    assert b"layout: post" in text
    assert name.encode() in text


def test_links_between_the_files_of_a_folder_lead_to_what_they_became(home: Path) -> None:
    folder = home / "notes"
    (folder / "more").mkdir(parents=True)
    links = "[B](b.md#part), [C](more/c.md), [no](none.md), [![w](w.png)](b.md), [d][]"
    (folder / "a.md").write_text(f"---\ntitle: A\n---\n\n{links}\n\n[d]: 2024-03-05-d.md\n")
    (folder / "b.md").write_text("---\ntitle: B\n---\n\n[A](./a.md), [web](https://example.org/a.md)\n")
    (folder / "more" / "c.md").write_text("---\ntitle: C\n---\n\n[A](../a.md)\n")
    (folder / "2024-03-05-d.md").write_text("---\ntitle: A Title\n---\n\nAlone.\n")
    (folder / "w.png").write_bytes(picture())
    done = run(home, "add", folder)
    assert (done.status, done.err.count("\n")) == (0, 4)
    kept = {name: data.decode() for name, data in files(home).items() if name.endswith(".md")}
    assert "2024-03-05-d.md" in kept
    name_of = {name[11:-3]: name for name in kept}
    text = kept[name_of["a"]]
    assert f"[B]({name_of['b']}#part), [C]({name_of['c']}), [no](none.md)" in text
    assert "[![w](images/" in text
    assert f")]({name_of['b']}), [d][]" in text
    assert "[d]: 2024-03-05-d.md" in text
    assert f"[A]({name_of['a']}), [web](https://example.org/a.md)" in kept[name_of["b"]]
    assert f"[A]({name_of['a']})" in kept[name_of["c"]]
    before = files(home)
    again = run(home, "add", folder)
    assert again.err.count("pulse-tui: unchanged: ") == 4
    assert files(home) == before


def test_a_link_to_a_file_that_is_taken_in_later_is_led_there_next_time(home: Path) -> None:
    (home / "a.md").write_text("---\ntitle: A\n---\n\n[B](b.md)\n")
    (home / "b.md").write_text("---\ntitle: B\n---\n\nWords.\n")
    (first,) = run(home, "add", home / "a.md").ids
    assert b"[B](b.md)" in files(home)[f"{first}.md"]
    (second,) = run(home, "add", home / "b.md").ids
    assert "updated" in run(home, "add", home / "a.md").err
    assert f"[B]({second}.md)".encode() in files(home)[f"{first}.md"]


def test_a_name_that_is_taken_already_gets_a_number(home: Path) -> None:
    for folder in ("one", "two"):
        (home / folder).mkdir()
        (home / folder / "2024-03-05-d.md").write_text(f"---\ntitle: {folder}\n---\n\nWords.\n")
    done = run(home, "add", home / "one", home / "two")
    assert done.ids == ["2024-03-05-d", "2024-03-05-d-2"]


def test_what_is_in_the_library_already_stays_as_it_is(home: Path, site: Site) -> None:
    first = run(home, "add", site.url("/story"))
    before = files(home)
    again = run(home, "add", articles(home))
    assert (again.status, again.out) == (0, first.out)
    assert "in the library already" in again.err
    assert files(home) == before


def test_two_files_with_one_source_are_two_features(home: Path) -> None:
    for name in ("one", "two"):
        text = f"---\ntitle: {name}\nsource: https://example.org/\n---\n\nText of {name}.\n"
        (home / f"{name}.md").write_text(text)
        assert run(home, "add", home / f"{name}.md").err == f"pulse-tui: new: {name}\n"
    assert len(files(home)) == 2


def test_a_feature_keeps_the_id_that_its_file_gives_it(home: Path) -> None:
    (home / "river.md").write_text("---\ntitle: The River\nid: river\n---\n\nWords.\n")
    assert run(home, "add", home / "river.md").out == "river\n"
    assert run(home, "add", home / "river.md").out == "river\n"
    assert run(home, "read", "river").status == 0


# -- JSON Lines


def events(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_events(home: Path, site: Site) -> None:
    url, none = site.url("/story"), site.url("/none")
    done = run(home, "add", "--json", url, none)
    told = events(done.out)
    kept = next(each for each in told if each["event"] == "kept")
    assert kept == {
        "event": "kept",
        "source": url,
        "id": FILE.removesuffix(".md"),
        "path": str(articles(home) / FILE),
        "title": "The Tide Tables at Noon",
        "outcome": "new",
        "edited": [],
    }
    assert told[0]["event"] == "progress"
    assert told[0]["source"] == url
    failed = told[-2]
    assert (failed["event"], failed["source"]) == ("failed", none)
    assert "404" in str(failed["reason"])
    assert told[-1] == {"event": "end", "new": 1, "updated": 0, "failed": 1}
    assert done.status == 1


# -- Words on a terminal


def test_a_transfer_is_followed_on_a_terminal(home: Path) -> None:
    body, gate = story("Words. " * 2000), Event()

    def slowly(client: servers.Client) -> None:
        client.send(f"HTTP/1.1 200 OK\r\n{HTML}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        client.send(body[:2000])
        gate.wait(20)
        client.send(body[2000:])

    command = [sys.executable, "-m", "pulse_tui", "add"]
    with (
        Server({"/story": slowly}) as server,
        Terminal([*command, server.url("/story")], home=home) as terminal,
    ):
        terminal.wait_for(" of ")
        assert "/story: 2 KB of" in terminal.text()
        gate.set()
        assert terminal.wait() == 0
        lines = terminal.text().strip().splitlines()
    assert lines[0] == FILE.removesuffix(".md")
    assert lines[1] == "pulse-tui: new: The Tide Tables at Noon"
    assert "KB" not in "".join(lines)


def test_a_page_that_is_asked_for_too_often_says_when_to_ask_again(home: Path) -> None:
    with Server({"/": servers.page(b"", "Retry-After: 600", status="429 Slow")}) as server:
        done = run(home, "add", server.url())
    assert done.status == 4
    assert done.err.endswith("asks for fewer requests (status 429): try again in 10 minutes.\n")


def test_a_certificate_of_nobody_is_a_sentence(home: Path, tmp_path: Path) -> None:
    pem = servers.certificate(tmp_path)
    with Server({"/": servers.page(story(), HTML)}, tls=pem) as server:
        refused = run(home, "add", server.url())
        trusted = run(home, "add", server.url(), env={"SSL_CERT_FILE": str(pem)})
    assert refused.status == 4
    assert "could not prove its name" in refused.err
    assert trusted.status == 0


def test_a_proxy_is_taken_from_the_environment(home: Path) -> None:
    with Server({"*": servers.page(story(), HTML)}) as proxy:
        done = run(home, "add", "--no-pictures", "http://story.example/a", env={"http_proxy": proxy.url()})
        assert done.status == 0
        assert proxy.paths == ["http://story.example/a"]


# -- Usage


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--stdout", "--json", "x"],
        ["--url", "https://a.example", "x", "y"],
        ["-", "-"],
        ["--none", "x"],
        ["--url", "nonsense", "x"],
    ],
)
def test_usage(home: Path, arguments: list[str]) -> None:
    done = run(home, "add", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_the_help_tells_of_it(home: Path) -> None:
    assert "add" in COMMANDS
    assert "pulse-tui add https://" in run(home, "--help").out
    told = run(home, "add", "--help").out
    assert told.startswith("examples:\n  pulse-tui add ")
    assert all(option in told for option in ("--stdout", "--url", "--force", "--no-pictures", "--json"))


# -- Ends


def test_an_interrupt_ends_it_at_once_and_leaves_nothing(home: Path) -> None:
    with Server({"/": lambda client: client.hang()}) as server:
        process = start(home, "add", server.url())
        while not server.requests:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert files(home) == {}


def test_an_end_from_outside_takes_what_reads_along(home: Path) -> None:
    """A page that keeps its reader busy: with `add` its child ends, too."""
    busy = home / "busy.html"
    busy.write_bytes(article("<table>" + ("<tr>" + "<td>c</td>" * 45 + "</tr>") * 3000 + "</table>" + P * 5))
    process = start(home, "add", busy)
    children: list[str] = []
    while not children:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        time.sleep(0.01)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 143
    deadline = time.monotonic() + 5  # left to itself it would be busy for longer
    while any(map(runs, children)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(process: str) -> bool:
    """Whether a process is there that has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_killed_at_any_moment_nothing_is_half_there(home: Path, site: Site) -> None:
    """Each run has a page and a picture to write that are not those of the run before."""
    url, steps = site.url("/story"), 14
    began = time.monotonic()
    assert run(home, "add", url).status == 0
    whole = time.monotonic() - began
    for step in range(steps):
        site.pages["/story"] = servers.page(story(f"Ending {step}, as it was."), HTML)
        site.pages["/well.png"] = servers.page(picture(40, 30 + step), "Content-Type: image/png")
        process = start(home, "add", "--force", url, out=subprocess.DEVNULL, err=subprocess.DEVNULL)
        try:
            process.wait(whole * (0.4 + 0.8 * step / steps))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        kept = files(home)
        text = kept[FILE].decode()
        assert text.startswith("---\ntitle: The Tide Tables at Noon\n"), step
        assert text.endswith("nding, as it was.\n") or re.search(r"Ending \d+, as it was.\n\Z", text), step
        for name, data in kept.items():
            if not name.endswith((".md", ".part")):
                assert data.endswith(b"IEND\xaeB`\x82"), (step, name)
    last = run(home, "add", "--force", url)
    assert last.status == 0
    kept = files(home)
    assert [name for name in kept if name.endswith(".md")] == [FILE]
    assert f"Ending {steps - 1}, as it was." in kept[FILE].decode()
    assert last.err.endswith("ed: The Tide Tables at Noon\n")
    assert run(home, "add", url).err == "pulse-tui: unchanged: The Tide Tables at Noon\n"


def test_a_library_that_cannot_be_written_is_a_sentence(home: Path, site: Site) -> None:
    (home / ".local").write_text("in the way")
    done = run(home, "add", site.url("/story"))
    assert (done.status, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "cannot be made" in done.err
