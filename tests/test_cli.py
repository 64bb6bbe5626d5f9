"""The command line: what goes to stdout and stderr, in which words, with which status."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pulse_tui import __version__, bundled, cli
from pulse_tui.arguments import COMMANDS
from pulse_tui.article import Place
from pulse_tui.commands.output import Exit
from pulse_tui.repository import Spot
from pulse_tui.storage.state.state import StateStore
from pulse_tui.text import cells, clean_line
from tests.terminal import Terminal

PULSE = [sys.executable, "-m", "pulse_tui"]
KEEPING = ("add", "follow", "unfollow", "feeds", "sync", "export", "import")
"""The commands that are about what the reader keeps, not about what is in some folders."""
STORY = """\
---
title: The River and the Road
dek: Two ways to the sea.
sections: [The Pulse, Economy]
authors: [A. Writer, B. Writer]
published: 2024-05-06
credit: Agency/Name
caption: A boat.
image: boat.png
tags: [rivers, trade]
id: river
---

The *first* paragraph, with a [link](https://example.org/) and **weight**, is long enough to be
broken at eighty cells, and at forty cells into rather more lines than it has here.

![A bridge](bridge.png "The bridge at dusk. Credit: B. Writer")

## The Second Part

| Port | Year |
|---|---|
| Bharuch | 100 |
"""


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's user reaches the program, or of where the tests are run."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("DATA", "STATE", "CACHE", "CONFIG"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    for name in ("NO_COLOR", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with nothing in it: what ships with the program is hidden."""
    folder = tmp_path / "nothing"
    folder.mkdir()
    monkeypatch.setattr(bundled, "articles", lambda: folder)
    return folder


@pytest.fixture
def river(tmp_path: Path) -> str:
    path = tmp_path / "library" / "2024-05-06-river.md"
    path.parent.mkdir()
    path.write_text(STORY)
    return str(path)


Captured = pytest.CaptureFixture[str]


def run(capsys: Captured, *arguments: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of a command run here."""
    try:
        status = cli.main(arguments)
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 0
    captured = capsys.readouterr()
    return int(status), captured.out, captured.err


def process(
    *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PULSE, *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, "LANG": "C.UTF-8", **(env or {})},
        timeout=60,
    )


def assert_one_sentence(text: str) -> None:
    assert re.fullmatch(r"pulse-tui: [^\n]+\n", text), text


def assert_harmless(text: str) -> None:
    assert [character for character in text if ord(character) < 32 and character != "\n"] == []
    assert not re.search("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", text)


# -- Help and usage


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], *([each, "--help"] for each in COMMANDS)])
def test_help_starts_with_examples(capsys: Captured, arguments: list[str]) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, err) == (0, "")
    assert out.startswith("examples:\n  pulse-tui ")
    assert "usage: pulse-tui" in out
    assert ("--library DIR" in out) == (arguments[0] not in KEEPING)


@pytest.mark.parametrize("command", [["feeds"], ["sync"], ["export", "--opml"]], ids=" ".join)
def test_a_library_is_named_before_any_command(capsys: Captured, tmp_path: Path, command: list[str]) -> None:
    """As by a reader that starts them, or an alias of a shell."""
    assert run(capsys, "--library", str(tmp_path), *command) == run(capsys, *command)


def test_help_names_every_command_and_option(capsys: Captured) -> None:
    assert all(command in run(capsys, "--help")[1] for command in COMMANDS)
    for command, option in (
        ("list", "--json"),
        ("list", "--order"),
        ("search", "--json"),
        ("search", "--limit N"),
    ):
        assert option in run(capsys, command, "--help")[1]
    for command in ("search", "list", "credits"):
        assert "section:" in run(capsys, command, "--help")[1]
    help_of_read = run(capsys, "read", "--help")[1]
    assert "--width N" in help_of_read
    assert "--plain" in help_of_read


def test_the_examples_of_the_help_work(capsys: Captured, tmp_path: Path) -> None:
    """Those that need no network and no file of the reader's own."""
    out = run(capsys, "--help")[1] + "".join(run(capsys, command, "--help")[1] for command in COMMANDS)
    (tmp_path / "features").mkdir()
    examples = re.findall(r"(?m)^  pulse-tui((?: [^ ]+)*?)(?: \||  |$)", out)
    tried = 0
    for example in examples:
        arguments = shlex.split(example.replace("~", str(tmp_path)))
        away = arguments[:1] and (arguments[0] in KEEPING[:-2] or arguments[0].startswith("https:"))
        others = {"notes/river.md", "-", "<", "--opml", "https://example.org/story"}
        if not away and not others & set(arguments):
            assert run(capsys, *arguments)[0] in (0, 1), example
            tried += 1
    assert tried >= 14


@pytest.mark.parametrize("arguments", [["--version"], ["list", "--version"]])
def test_version(capsys: Captured, arguments: list[str]) -> None:
    assert run(capsys, *arguments) == (0, f"pulse-tui {__version__}\n", "")


USAGE_ERRORS = [
    ["--no-such-option"],
    ["-x"],
    ["list", "--no-such-option"],
    ["list", "--width", "40"],
    ["list", "--order", "alphabetical"],
    ["list", "--order"],
    ["search"],
    ["search", "--json"],
    ["search", "a", "--limit", "0"],
    ["search", "a", "--limit", "-5"],
    ["search", "a", "--limit", "٣"],
    ["search", "a", "--no-such-option"],
    ["credits", "--limit", "3"],
    ["export"],
    ["export", "kept.jsonl"],
    ["export", "--state", "a", "b"],
    ["import"],
    ["import", "--state"],
    ["import", "kept.jsonl"],
    ["read"],
    ["read", "a", "b"],
    ["read", "talks", "--width", "9"],
    ["read", "talks", "--width", "1001"],
    ["read", "talks", "--width", "wide"],
    ["read", "talks", "--width", "-5"],
    ["read", "talks", "--width"],
    ["read", "talks", "--json"],
    ["read", "talks", "--width", "0"],
    ["--linear", "--width", "9"],
    ["--library"],
    ["a", "b"],
]


@pytest.mark.parametrize("arguments", USAGE_ERRORS, ids=" ".join)
def test_usage_errors(capsys: Captured, arguments: list[str]) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert_one_sentence(err)
    assert "--help" in err
    assert re.match(r"pulse-tui: [A-Z-]", err)
    assert "'" not in err


@pytest.mark.parametrize("width", ["abc", "5", "0", "1001", ""])
def test_a_width_is_told_the_same_whatever_is_wrong_with_it(capsys: Captured, width: str) -> None:
    words = "give a number of cells from 10 to 1,000, or with --linear 0 for whole paragraphs"
    said = f"pulse-tui: Argument --width: {words}. Try “pulse-tui read --help”.\n"
    assert run(capsys, "read", "tour", "--width", width) == (2, "", said)
    if width != "0":
        assert words in run(capsys, "--linear", "--width", width)[2]
    assert "10 to 1,000; with --linear, 0 for" in " ".join(run(capsys, "read", "--help")[1].split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["serach", "river"], "search"),
        (["lst", "--json"], "list"),
        (["--library", ".", "crdits", "a", "b"], "credits"),
        (["a", "b"], None),
        (["reads", "--frames", "odd"], None),
    ],
)
def test_a_mistyped_command(capsys: Captured, typed: list[str], meant: str | None) -> None:
    status, out, err = run(capsys, *typed)
    assert (status, out) == (2, "")
    assert_one_sentence(err)
    assert ("did you mean" in err) == (meant is not None)
    assert f"did you mean “{meant}”" in err or meant is None


@pytest.mark.parametrize(("typed", "meant"), [("lst", "list"), ("synk", "sync"), ("no-such-thing", None)])
def test_a_mistyped_command_by_itself(capsys: Captured, typed: str, meant: str | None) -> None:
    status, out, err = run(capsys, typed)
    assert (status, out) == (3, "")
    assert_one_sentence(err)
    assert err.startswith(f"pulse-tui: No article is called “{typed}”; ")
    assert err.endswith(f" did you mean the command “{meant}”?\n") == (meant is not None)
    assert "command" not in run(capsys, "read", typed)[2]


# -- list


def test_list(capsys: Captured, alone: Path, river: str, tmp_path: Path) -> None:
    other = tmp_path / "library" / "2024-06-01-short.md"
    other.write_text("# A Short One\n\nText.\n")
    status, out, err = run(capsys, "--library", str(tmp_path / "library"), "list")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [re.split(r"  +", line) for line in lines] == [
        ["2024-06-01", "1 min", "2024-06-01-short", "A Short One"],
        ["2024-05-06", "1 min", "river", "The River and the Road"],
    ]
    assert lines[0].index("A Short One") == lines[1].index("The River")
    assert run(capsys, "list", "--library", str(tmp_path / "library")) == (0, out, "")
    assert run(capsys, "list", f"--library={tmp_path / 'library'}") == (0, out, "")


def test_a_list_tells_long_times_in_hours(capsys: Captured, alone: Path, tmp_path: Path) -> None:
    for name, minutes in (("short", 1), ("long", 646)):
        (tmp_path / f"2024-01-01-{name}.md").write_text(f"# {name}\n\n{'word ' * 238 * minutes}\n")
    lines = run(capsys, "--library", str(tmp_path), "list", "title:long")[1].splitlines()
    lines += run(capsys, "--library", str(tmp_path), "list", "title:short")[1].splitlines()
    assert lines == [
        "2024-01-01  10 h 46 min  2024-01-01-long  long",
        "2024-01-01    1 min  2024-01-01-short  short",
    ]


def test_list_without_a_terminal_needs_no_command(capsys: Captured, alone: Path, river: str) -> None:
    folder = str(Path(river).parent)
    assert run(capsys, "--library", folder) == run(capsys, "list", "--library", folder)


def test_several_libraries(capsys: Captured, alone: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.md").write_text(f"# Number {name}\n")
    out = run(capsys, "list", "--library", "one", "--library", "two")[1]
    assert "Number one" in out
    assert "Number two" in out


def test_own_library(capsys: Captured, alone: Path, tmp_path: Path) -> None:
    own = tmp_path / "home" / ".local" / "share" / "pulse-tui" / "articles"
    own.mkdir(parents=True)
    (own / "mine.md").write_text("# Mine\n")
    assert "Mine" in run(capsys, "list")[1]


def test_list_as_json(capsys: Captured, alone: Path, river: str) -> None:
    broken = Path(river).with_name("2024-05-05-broken.md")
    broken.write_text("---\ntitle: [\n---\n\nText.\n")
    status, out, err = run(capsys, "--library", str(Path(river).parent), "list", "--json")
    assert status == 0
    found = json.loads(out)
    keys = ["id", "title", "dek", "sections", "authors", "published", "minutes", "tags", "notices"]
    assert [list(each) for each in found] == [keys, keys]
    assert found[0] == {
        "id": "river",
        "title": "The River and the Road",
        "dek": "Two ways to the sea.",
        "sections": ["The Pulse", "Economy"],
        "authors": ["A. Writer", "B. Writer"],
        "published": "2024-05-06",
        "minutes": 1,
        "tags": ["rivers", "trade"],
        "notices": [],
    }
    (notice,) = found[1]["notices"]
    assert notice["path"] == str(broken)
    assert notice["line"] >= 1
    assert notice["text"]
    assert str(broken) in err


def test_an_empty_library(capsys: Captured, alone: Path) -> None:
    status, out, err = run(capsys, "list")
    assert (status, out) == (1, "")
    assert_one_sentence(err)
    assert "--library" in err
    status, out, err = run(capsys, "list", "--json")
    assert (status, json.loads(out)) == (1, [])


def test_a_library_that_is_missing(capsys: Captured, river: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "no-such-folder")
    status, out, err = run(capsys, "--library", missing, "--library", str(Path(river).parent), "list")
    assert status == 0
    assert "The River and the Road" in out
    assert_one_sentence(err)
    assert err.count(missing) == 1


def test_bundled_features_are_listed_and_can_be_read(capsys: Captured) -> None:
    listed = json.loads(run(capsys, "list", "--json")[1])
    assert len(listed) >= 12
    for each in listed:
        assert each["notices"] == []
        status, out, err = run(capsys, "read", each["id"])
        assert (status, err) == (0, "")
        assert each["title"] in " ".join(out.split())


# -- A query


@pytest.fixture
def three(alone: Path, tmp_path: Path) -> list[str]:
    """A library of three, as options."""
    folder = tmp_path / "three"
    folder.mkdir()
    (folder / "river.md").write_text(STORY)
    (folder / "salt.md").write_text(
        "---\ntitle: The Salt Road\npublished: 2022-03-02\nsections: [Economy]\nauthors: [C. Khan]\n---\n\n"
        + "Camels carried the salt of the desert past the *bridge*.\n\n" * 30
        + '![Camels](camels.png "Camels at rest.")\n'
    )
    (folder / "sea.md").write_text(
        "---\ntitle: The Sea\npublished: 2023-01-01\n---\n\nThe road ends at the sea.\n"
    )
    return ["--library", str(folder)]


def ids(out: str) -> list[str]:
    return [each["id"] for each in json.loads(out)]


def test_list_takes_a_query_and_an_order(capsys: Captured, three: list[str]) -> None:
    def found(*arguments: str) -> list[str]:
        status, out, err = run(capsys, *three, "list", "--json", *arguments)
        assert status == (0 if ids(out) else 1)
        assert bool(err) == (not ids(out))
        return ids(out)

    assert found() == ["river", "sea", "salt"]
    assert found("--order", "oldest") == ["salt", "sea", "river"]
    assert found("--order", "longest")[0] == "salt"
    assert found("--order", "shortest")[2] == "salt"
    assert found("section:economy") == ["river", "salt"]
    assert found("section:economy", "--order", "oldest", "author:khan") == ["salt"]
    assert found("road", "-salt") == ["river"]  # a list looks at headlines, not at texts
    assert found("caption:camels") == ["salt"]
    assert found("after:2023") == ["river", "sea"]
    assert found("before:2023-01-01") == ["salt"]
    assert found("nowhere") == []
    assert found("is:read") == []
    assert found("is:unread") == ["river", "sea", "salt"]


def test_search(capsys: Captured, three: list[str]) -> None:
    status, out, err = run(capsys, *three, "search", "camels", "salt")
    assert (status, err) == (0, "")
    first, passage = out.splitlines()
    assert first == "salt  2022-03-02  The Salt Road"
    assert passage.startswith("    ")
    assert "salt" in passage.lower()
    assert "\x1b" not in out
    status, out, err = run(capsys, *three, "search", "road", "--json")
    assert (status, err) == (0, "")
    hits = json.loads(out)
    assert {hit["id"] for hit in hits[:2]} == {"river", "salt"}  # in the title, above the text
    assert hits[2]["id"] == "sea"
    assert hits[2]["passage"] == "The road ends at the sea."
    assert hits[2]["matches"] == [[4, 8]]
    assert hits[2]["published"] == "2023-01-01"
    assert len(json.loads(run(capsys, *three, "search", "road", "--limit", "2", "--json")[1])) == 2
    assert ids(run(capsys, *three, "search", "road", "-camels", "author:writer", "--json")[1]) == ["river"]
    assert ids(run(capsys, *three, "search", "--json", '"salt road"')[1]) == ["salt"]


@pytest.mark.parametrize("query", ["nowhere", "is:starred", "road -road", '"road the"'])
def test_search_for_what_is_not_there(capsys: Captured, three: list[str], query: str) -> None:
    status, out, err = run(capsys, *three, "search", query)
    assert (status, out) == (1, "")
    assert_one_sentence(err)
    assert json.loads(run(capsys, *three, "search", query, "--json")[1]) == []


@pytest.mark.parametrize(
    "query", ["", " ", '"', "section:", "(((", "a OR", "NEAR(", "*", "after:never", "\x1b[2J", "%"]
)
def test_no_query_is_an_error(capsys: Captured, three: list[str], query: str) -> None:
    for command in ("search", "list", "credits"):
        status, out, err = run(capsys, *three, command, query)
        assert status in (0, 1)
        assert_harmless(out + err)


@pytest.mark.parametrize(
    ("extra", "env", "lit"), [([], {}, True), (["--plain"], {}, False), ([], {"NO_COLOR": "1"}, False)]
)
def test_matches_are_lit_on_a_terminal(
    three: list[str], extra: list[str], env: dict[str, str | None], lit: bool
) -> None:
    command = [*PULSE, *three, "search", "camels", *extra]
    with Terminal(command, columns=120, rows=20, env=env) as terminal:
        assert terminal.wait(20) == 0
        assert "salt  2022-03-02  The Salt Road" in terminal.text()
        assert (b"\x1b[1mCamels\x1b[0m carried" in terminal.output) == lit
        assert (b"Camels carried" in terminal.output) == (not lit)
        assert terminal.modes_left_on() == []


def test_credits(capsys: Captured, three: list[str]) -> None:
    status, out, err = run(capsys, *three, "credits")
    assert status == 0
    assert out.splitlines() == [
        "  river  A boat.  Credit: Agency/Name",
        "  river  The bridge at dusk.  Credit: B. Writer",
        "! salt   Camels at rest.  no credit",
    ]
    assert err == "pulse-tui: 3 pictures in 2 features; 1 without a credit.\n"
    status, out, err = run(capsys, *three, "credits", "author:writer", "--json")
    assert status == 0
    assert json.loads(out)[1] == {
        "id": "river",
        "title": "The River and the Road",
        "source": "bridge.png",
        "alt": "A bridge",
        "caption": "The bridge at dusk.",
        "credit": "B. Writer",
    }
    assert err == "pulse-tui: 2 pictures in 1 feature, each with a credit.\n"
    assert json.loads(run(capsys, *three, "credits", "caption:camels", "--json")[1])[0]["credit"] is None
    assert run(capsys, *three, "credits", "nowhere") == (1, "", "pulse-tui: 0 pictures in 0 features.\n")


# -- The reading state


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A state file with something in it, where the program looks for it."""
    path = tmp_path / "home" / ".local" / "state" / "pulse-tui" / "state.sqlite"
    store = StateStore(path, clock=lambda: 1_795_000_000.0)
    store.mark("river", place=Place(2, 5, "abc"), fraction=0.5, starred=True, seconds=30.0)
    store.mark("sea", read=True)
    store.set_mark("a", Spot("river", Place(2, 5, "abc")))
    store.close()
    return path


def test_the_state_is_what_the_query_asks(capsys: Captured, three: list[str], kept: Path) -> None:
    assert ids(run(capsys, *three, "list", "is:read", "--json")[1]) == ["sea"]
    assert ids(run(capsys, *three, "list", "is:unread", "--json")[1]) == ["river", "salt"]
    assert ids(run(capsys, *three, "search", "road", "is:starred", "--json")[1]) == ["river"]


def test_export_and_import(capsys: Captured, kept: Path, tmp_path: Path) -> None:
    status, out, err = run(capsys, "export", "--state")
    assert status == 0
    assert err == "pulse-tui: The reading state of 2 articles and 1 mark was exported.\n"
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0] == {"format": "pulse-tui reading state", "version": 2}
    assert [line["type"] for line in lines[1:]] == ["reading", "reading", "mark"]
    assert run(capsys, "export", "--state", "copy.jsonl")[:2] == (0, "")
    assert (tmp_path / "copy.jsonl").read_text() == out
    kept.unlink()
    for _ in range(2):
        status, said, err = run(capsys, "import", "--state", "copy.jsonl")
        assert (status, said) == (0, "")
        assert err == "pulse-tui: The reading state of 2 articles and 1 mark was imported.\n"
        assert run(capsys, "export", "--state", "-")[1] == out
    kept.unlink()
    assert process("import", "--state", "-", stdin=out.encode()).returncode == 0
    assert process("export", "--state").stdout.decode() == out


def test_a_mark_that_was_taken_away_is_not_counted(capsys: Captured, kept: Path) -> None:
    store = StateStore(kept, clock=lambda: 1_795_000_001.0)
    store.set_mark("b", Spot("river", Place()))
    store.undo(str)
    store.close()
    for command in ("export", "import"):
        _, _, err = run(capsys, command, "--state", "copy.jsonl")
        assert err == f"pulse-tui: The reading state of 2 articles and 1 mark was {command}ed.\n"


def test_an_import_is_taken_as_a_whole_or_not_at_all(capsys: Captured, kept: Path, tmp_path: Path) -> None:
    out = run(capsys, "export", "--state")[1]
    broken = tmp_path / "broken.jsonl"
    broken.write_text(out.replace("1795000000.0", "1895000000.0") + '{"type": "reading", "art')
    status, said, err = run(capsys, "import", "--state", "broken.jsonl")
    assert (status, said) == (5, "")
    assert_one_sentence(err)
    assert "broken.jsonl:5: " in err
    assert run(capsys, "export", "--state")[1] == out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["import", "--state", "missing.jsonl"], 3),
        (["import", "--state", "."], 5),
        (["import", "--state", "a\0b"], 5),
        (["import", "--state", ""], 3),
        (["import", "--opml", ""], 3),
        (["import", "--opml", "."], 5),
        (["export", "--state", "no/such/folder/x"], 1),
        (["export", "--state", "."], 1),
        (["export", "--state", "/dev/full"], 1),
        (["export", "--opml", "no/such/folder/x"], 1),
    ],
)
def test_files_that_cannot_be(capsys: Captured, kept: Path, arguments: list[str], status: int) -> None:
    done = run(capsys, *arguments)
    assert done[:2] == (status, "")
    assert_one_sentence(done[2])
    assert f"“{clean_line(arguments[2])}”" in done[2]
    assert re.search("check its name|see that", done[2]), "what is to be done"
    assert list(Path().glob("*.part")) == []


def test_a_state_that_cannot_be_written(capsys: Captured, kept: Path, tmp_path: Path) -> None:
    out = run(capsys, "export", "--state", "copy.jsonl")[1]
    kept.unlink()
    kept.mkdir()
    status, out, err = run(capsys, "import", "--state", "copy.jsonl")
    assert (status, out) == (5, "")
    assert_one_sentence(err)
    status, out, err = run(capsys, "export", "--state")
    assert (status, len(out.splitlines())) == (1, 1)
    assert "cannot be written" in err


def test_a_state_that_was_damaged(capsys: Captured, kept: Path) -> None:
    run(capsys, "export", "--state", "copy.jsonl")
    kept.write_text("no database")
    status, _, err = run(capsys, "import", "--state", "copy.jsonl")
    assert status == 0
    assert "2 articles and 1 mark was imported" in err
    assert len(run(capsys, "export", "--state")[1].splitlines()) == 4
    assert next(kept.parent.glob("*.broken-*")).read_text() == "no database"


def test_a_state_of_a_newer_version(capsys: Captured, river: str, kept: Path) -> None:
    """Whatever needs it says so; what only prints a text does not need it."""
    database = sqlite3.connect(kept)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = kept.read_bytes()
    for arguments in (["list"], ["search", "x"], ["export", "--state"], ["import", "--state", "x"], []):
        status, out, err = run(capsys, *arguments)
        assert (status, out) == (5, "")
        assert_one_sentence(err)
        assert "newer" in err
    assert run(capsys, "read", river)[0] == 0
    assert kept.read_bytes() == before


def test_commands_that_print_leave_no_state(capsys: Captured, three: list[str], tmp_path: Path) -> None:
    for arguments in (["list"], ["search", "road"], ["credits"], ["read", "salt"], ["export", "--state"], []):
        assert run(capsys, *three[: 2 * (arguments[:1] != ["export"])], *arguments)[0] == 0
    assert not (tmp_path / "home" / ".local" / "state").exists()


# -- read


def test_read_a_file(capsys: Captured, river: str) -> None:
    status, out, err = run(capsys, "read", river)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "The Pulse | Economy"
    assert lines[2] == "The River and the Road"
    assert "By A. Writer and B. Writer · 6 May 2024 · 1 min read" in lines
    assert "Credit: Agency/Name" in lines, "below a box that holds the caption"
    assert out.count("A boat.") == 1
    assert "The bridge at dusk. Credit: B. Writer" in lines
    assert "The Second Part" in lines
    assert re.search(r"Bharuch +│ +100", out)
    assert_harmless(out)


def test_what_to_read_may_be_said_in_several_ways(capsys: Captured, alone: Path, river: str) -> None:
    library = ["--library", str(Path(river).parent)]
    expected = run(capsys, "read", river)
    for name in ("river", "riv", "2024-05-06-river", "2024-05-06-river.md"):
        assert run(capsys, *library, "read", name)[:2] == expected[:2], name
    assert run(capsys, *library, "river") == run(capsys, "read", river, "--plain")


@pytest.mark.parametrize("width", [10, 40, 72, 200, 1000])
@pytest.mark.parametrize("plain", [[], ["--plain"]], ids=["", "plain"])
def test_read_keeps_the_width(capsys: Captured, river: str, width: int, plain: list[str]) -> None:
    status, out, _ = run(capsys, "read", "--width", str(width), *plain, river)
    assert status == 0
    widest = max(cells(line) for line in out.splitlines())
    assert widest <= width
    assert "rathermorelinesthanithashere." in "".join(out.split())
    if width <= 72:
        assert widest >= width - 4


def test_the_usual_width(capsys: Captured, river: str) -> None:
    out = run(capsys, "read", river)[1]
    assert out == run(capsys, "read", river, "--width", "72")[1]


def test_plain_tells_pictures_in_words(capsys: Captured, river: str) -> None:
    framed, plain = run(capsys, "read", river)[1], run(capsys, "read", "--plain", river)[1]
    assert "┌" in framed
    assert not re.search("[┌└▣]", plain)
    assert "[Picture: A boat. Credit: Agency/Name]" in plain
    assert "[Picture: A bridge The bridge at dusk. Credit: B. Writer]" in " ".join(plain.split())


def test_read_standard_input() -> None:
    done = process("read", "-", stdin=b"# Piped\n\nIts text.\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[::2][:3] == ["Piped", "1 min read", "Its text."]
    assert process("-", stdin=b"# Piped\n\nIts text.\n").stdout == done.stdout
    assert process("read", "-").returncode == 0


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", b"\xff\xfe\x00", b"---\n", b"---\ntitle: [\n---\n", b"\x1b[2J"]
)
def test_any_bytes_can_be_read(capsys: Captured, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "odd.md"
    path.write_bytes(text)
    status, out, err = run(capsys, "read", str(path))
    assert status == 0
    assert err == ""
    assert_harmless(out)


def test_a_file_that_is_named_like_a_command(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("# A file, not a command\n")
    (tmp_path / "read").write_text("# Another file\n")
    assert "A file, not a command" in run(capsys, "./list")[1]
    assert "A file, not a command" in run(capsys, "read", "list")[1]
    assert "Another file" in run(capsys, "read", "./read")[1]
    assert "A file, not a command" in run(capsys, "read", "--", "list")[1]
    assert "A Short Tour" in run(capsys, "list")[1]


def test_a_library_that_is_named_like_a_command(capsys: Captured, alone: Path, tmp_path: Path) -> None:
    (tmp_path / "read").mkdir()
    (tmp_path / "read" / "a.md").write_text("# In a folder called read\n")
    assert "In a folder called read" in run(capsys, "--library", "read", "list")[1]
    assert "In a folder called read" in run(capsys, "--library", "read", "read", "a")[1]


def test_a_name_that_begins_with_a_dash(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "-dash.md").write_text("# Dash\n")
    assert "Dash" in run(capsys, "read", "--", "-dash.md")[1]
    assert "Dash" in run(capsys, "read", "./-dash.md")[1]


def test_a_file_of_twenty_megabytes() -> None:
    paragraph = b"Words that fill a line, and then some more of them to break it. " * 200 + b"\n\n"
    count = 20_000_000 // len(paragraph)
    text = b"# Large\n\n" + paragraph * count + b"[^n]: The last note.\n\nThe last words.\n"
    done = process("read", "-", stdin=text)
    assert done.returncode == 0
    assert len(re.findall(rb"Words\s+that\s+fill", done.stdout)) == 200 * count
    assert done.stdout.rstrip().endswith(b"The last words.")


# -- Not found, unreadable


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("rivr", "river"), ("rover", "river"), ("talkz", "talks"), ("no-such-thing", None)],
)
@pytest.mark.parametrize("command", [["read"], []], ids=["read", "open"])
def test_not_found(
    capsys: Captured, river: str, command: list[str], name: str, suggested: str | None
) -> None:
    status, out, err = run(capsys, "--library", str(Path(river).parent), *command, name)
    assert (status, out) == (3, "")
    assert_one_sentence(err)
    assert name in err
    assert "pulse-tui list" in err
    if suggested:
        assert suggested in err


def test_a_name_that_fits_several(capsys: Captured, alone: Path, tmp_path: Path) -> None:
    for name in ("monsoon-early", "monsoon-late"):
        (alone / f"{name}.md").write_text("# M\n")
    status, out, err = run(capsys, "read", "monsoon")
    assert (status, out) == (3, "")
    assert_one_sentence(err)
    assert "monsoon-early" in err
    assert "monsoon-late" in err


NOTHING = ["missing.md", "no/such/folder/x.md", "", "\x1b[2J.md", "a\nb", "x" * 5000]


@pytest.mark.parametrize("name", NOTHING, ids=lambda name: ascii(name)[:12])
def test_names_of_nothing(capsys: Captured, name: str) -> None:
    status, out, err = run(capsys, "read", name)
    assert (status, out) == (3, "")
    assert_one_sentence(err)
    assert_harmless(err)


def test_a_folder_is_no_article_but_a_library(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "folder.md").mkdir()
    for name in ("features", ".", str(tmp_path), "folder.md"):
        status, out, err = run(capsys, "read", name)
        assert status in (3, 5)
        assert out == ""
        assert_one_sentence(err)
        assert "--library" in err, name


def test_a_pipe_of_a_name_is_no_file(capsys: Captured, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    status, out, err = run(capsys, "read", "pipe.md")
    assert (status, out) == (5, "")
    assert_one_sentence(err)


def test_what_is_no_text_is_not_opened(capsys: Captured, alone: Path, tmp_path: Path) -> None:
    program, picture = Path(sys.executable).read_bytes()[:100_000], b"\x89PNG\r\n\x1a\n" + bytes(range(99))
    for name, data in (
        ("program", program),
        ("program.md", program),
        ("picture.txt", picture),
        ("paper", b"%PDF-1.7\n% no NUL here\n"),
        ("utf-16", "Words without a mark. ".encode("utf-16-le")),
    ):
        (tmp_path / name).write_bytes(data)
        for command in (["read", name], [name], ["--linear", name]):
            status, out, err = run(capsys, *command)
            assert (status, out) == (5, ""), command
            assert (
                err == f"pulse-tui: “{name}” is no text: name a file of Markdown, a page or an EPUB book.\n"
            )
        for arguments in (["read", "-"], ["-"]):
            done = process(*arguments, stdin=data)
            assert (done.returncode, done.stdout) == (5, b"")
            assert b"Standard input is no text: " in done.stderr
    (alone / "listed.md").write_bytes(program)
    assert run(capsys, "read", "listed")[0] == 0, "in a library it is listed, with its faults"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_text_with_a_mark_or_a_stray_nul_is_opened(capsys: Captured, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "text").write_bytes(f"# Words\n\nAnd {'more ' * 99}\0 of them.\n".encode(encoding))
    for command in (["read", "text"], ["text"]):
        assert "Words\n" in run(capsys, *command)[1]
    assert b"Words\n" in process("read", "-", stdin=(tmp_path / "text").read_bytes()).stdout


@pytest.mark.parametrize("arguments", [["-"], ["read", "-"], ["add", "-"], ["import", "--opml", "-"]])
def test_a_terminal_is_told_that_it_is_read(arguments: list[str], tmp_path: Path) -> None:
    with Terminal([*PULSE, *arguments], columns=80, rows=24, home=tmp_path / "home") as terminal:
        terminal.wait_for("pulse-tui: Reading standard input; Ctrl+D ends it.")
        terminal.send("# What Was Typed\n\nWords.\n\x04")
        if arguments == ["-"]:
            terminal.wait_for("1 min read")
            terminal.send("Q")
        assert terminal.wait(20) == (5 if "import" in arguments else 0)


def test_a_file_that_is_too_large(capsys: Captured, tmp_path: Path) -> None:
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(1 << 30)
    status, out, err = run(capsys, "read", "huge.md")
    assert (status, out) == (5, "")
    assert_one_sentence(err)
    assert "MiB" in err


# -- What is printed, and to what


HOSTILE = """\
---
title: "T \\e[31m \\x07 \\u202E \\x9b2J t"
dek: "D \\e]0;x\\a"
sections: ["S \\e[5m"]
authors: ["A \\e[7m"]
caption: "C \\e[1;1H"
credit: "R \\x9b1m"
id: "i\\e[1md"
tags: ["g\\e[m"]
---

Body \x1b[2J \x9b2J \u202e \x07 \x00

![alt \x1b[2J](a\x1b.png "caption \x1b[2J Credit: by \x1b[3J")

`code \x1b[2J`

```
fence \x1b[2J
```
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--json"],
        ["read", "hostile.md"],
        [],
        ["search", "body"],
        ["search", "body", "--json"],
        ["credits"],
        ["credits", "--json"],
    ],
    ids=" ".join,
)
def test_what_steers_a_terminal_is_never_printed(
    capsys: Captured, alone: Path, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "hostile.md").write_text(HOSTILE)
    (alone / "na\x1b[2Jme.md").write_text(HOSTILE)
    (alone / "un\x1b[2Jtitled.md").write_text("---\nbroken: [\n---\n")
    status, out, err = run(capsys, *arguments)
    assert status == 0
    assert out
    assert_harmless(out)
    assert_harmless(err)
    if "--json" in arguments:
        json.loads(out)


def test_a_pipe_gets_plain_text(river: str) -> None:
    done = process("read", river)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert "The first paragraph, with a link and weight" in done.stdout.decode()


@pytest.mark.parametrize("extra", [{}, {"NO_COLOR": "1"}], ids=["", "NO_COLOR"])
def test_a_terminal_gets_weight_and_slant_alone(river: str, extra: dict[str, str | None]) -> None:
    with Terminal([*PULSE, "read", river], columns=60, rows=60, env=extra) as terminal:
        assert terminal.wait(20) == 0
        escapes = set(re.findall(rb"\x1b[^a-zA-Z]*[a-zA-Z]", bytes(terminal.output)))
        assert escapes <= {b"\x1b[0m", b"\x1b[1m", b"\x1b[2m", b"\x1b[3m", b"\x1b[4m"}
        assert {b"\x1b[1m", b"\x1b[3m", b"\x1b[4m"} <= escapes
        assert terminal.modes_left_on() == []
        lines = terminal.text().splitlines()
        assert "The River and the Road" in lines
        assert max(map(len, lines)) <= 60
    with Terminal([*PULSE, "read", "--plain", river], columns=60, rows=60) as terminal:
        assert terminal.wait(20) == 0
        assert b"\x1b" not in terminal.output


def test_a_reader_of_the_output_that_has_had_enough(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}.md").touch()
    for arguments in (
        ["list"],
        ["list", "--json"],
        ["read", "tour", "--width", "10"],
        [],
        ["credits"],
        ["search", "the"],
    ):
        command = [*PULSE, "--library", str(tmp_path), *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.read(1)
            running.stdout.close()
            assert running.stderr.read() == b""
            assert running.wait(30) in (0, 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
@pytest.mark.parametrize(
    "arguments",
    [["list"], ["read", "tour"], ["list", "--json"], ["search", "the"], ["credits"], ["export", "--state"]],
    ids=" ".join,
)
def test_a_full_disk(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PULSE, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30
        )
    assert done.returncode == 1
    assert_one_sentence(done.stderr)
    assert "No space left" in done.stderr


@pytest.mark.parametrize("arguments", ["list", "read tour", "", "search the", "credits", "export --state"])
def test_output_that_is_closed(arguments: str) -> None:
    script = f'"$0" -m pulse_tui {arguments} >&-'
    done = subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, text=True, timeout=30)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["Latin-1", "ASCII", "C"],
)
def test_output_in_a_locale_without_the_letters(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "letters.md"
    path.write_text("# Café ☃\n\nپشاور — 漢字 caf\u00e9\n")
    for arguments in (["read", str(path)], ["list"], ["list", "--json"], ["read", "☃"], ["read", "scripts"]):
        done = process(*arguments, env=env)
        assert done.returncode == (3 if "☃" in arguments else 0), done.stderr
        assert b"Traceback" not in done.stderr
    assert b"Caf" in process("read", str(path), env=env).stdout
    assert b'No article is called "missing"; ' in process("missing", env=env).stderr


def test_input_that_is_closed() -> None:
    script = '"$0" -m pulse_tui read - <&-'
    done = subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, text=True, timeout=30)
    assert done.returncode in (1, 5)
    assert done.stdout == ""
    assert_one_sentence(done.stderr)
    assert "input" in done.stderr


def test_an_interrupt(river: str) -> None:
    with subprocess.Popen(
        [*PULSE, "read", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stderr is not None
        fds = Path(f"/proc/{running.pid}/wchan")
        deadline = time.monotonic() + 20
        while "pipe" not in fds.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)
        running.send_signal(2)
        assert running.wait(20) == 130
        assert running.stderr.read() == b""


def test_exit_statuses_are_as_documented() -> None:
    readme = Path(bundled.__file__).parents[2] / "README.md"
    (line,) = re.findall("Exit codes: (.*)", readme.read_text())
    assert re.findall(r"(?:^|, )(\d+) ", line) == [str(each.value) for each in Exit]
    assert {each.name: each.value for each in Exit} == {
        "DONE": 0,
        "FAILURE": 1,
        "USAGE": 2,
        "NOT_FOUND": 3,
        "NETWORK": 4,
        "UNREADABLE": 5,
        "INTERRUPTED": 130,
    }


def test_stdout_and_stderr_may_be_any_stream(monkeypatch: pytest.MonkeyPatch, river: str) -> None:
    """As where another program calls `main`."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert cli.main(["read", river]) == 0
    assert "The River and the Road" in out.getvalue()


def test_without_standard_error_nothing_is_said(
    capsys: Captured, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert cli.main(["credits", "--json"]) == Exit.FAILURE
    json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("word", ["it's", 'a"b', 'it\'s "x"', "x'y'z", "'", "a\\b", "plain"])
def test_a_wrong_word_is_quoted_as_it_was_typed(capsys: Captured, word: str) -> None:
    _, _, err = run(capsys, "--theme", word)
    choices = "(choose from “auto”, “dark”, “light”, “ansi”)"
    assert err.startswith(f"pulse-tui: Argument --theme: invalid choice: “{word}” {choices}.")


def test_a_folder_is_named_as_the_shell_wants_it(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "my folder").mkdir()
    _, _, err = run(capsys, "read", str(tmp_path / "my folder"))
    assert f"“pulse-tui --library '{tmp_path}/my folder'”" in err
