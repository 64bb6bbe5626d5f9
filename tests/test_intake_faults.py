"""Taking in where nothing can be kept: a sentence and a status each, and nothing is lost or half there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.feeds import feed, rss
from tests.program import articles, environment, files, run
from tests.servers import Server

_START = 'os.execv(sys.executable, [sys.executable, "-P", "-m", "pulse_tui", *sys.argv[2:]])'
# The superuser may write to all, but for this: prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE).
_AS_OTHERS = f"""
import ctypes, os, sys
if os.geteuid() == 0:
    assert ctypes.CDLL(None).prctl(24, 1) == 0
{_START}
"""
_WITHIN = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
{_START}
"""


class Shelf:
    """A home with a feed that is followed, and what else may be taken in."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home = home
        self.state = home / ".local" / "state" / "pulse-tui"
        (home / "note.md").write_text("# A note\n\n" + "Words that say something. " * 400)
        (home / "list.opml").write_text('<opml><body><outline xmlUrl="https://example.org/x"/></body></opml>')
        self.commands = {
            "add": ("add", str(home / "note.md")),
            "follow": ("follow", server.url("/other")),
            "sync": ("sync", "--all"),
            "import": ("import", "--opml", str(home / "list.opml")),  # last: nobody answers there
        }
        assert run(home, "follow", server.url("/feed")).status == 0

    def run(self, name: str, script: str = "", limit: int = 0) -> tuple[int, list[str]]:
        """The status of a command, and the lines that it says; a script may start the program."""
        start = ["-P", "-c", script, str(limit)] if script else ["-P", "-m", "pulse_tui"]
        done = subprocess.run(
            [sys.executable, *start, *self.commands[name]],
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.home,
        )
        return done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()]

    def goes_on(self) -> None:
        """All that was not kept can be had now."""
        for name in self.commands:
            assert self.run(name)[0] == 0, name
        assert len(files(self.home)) == 3


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    answers = {"/feed": feed(rss("one")), "/other": feed(rss("two"))}
    with Server(answers) as server:
        yield Shelf(tmp_path, server)


@pytest.mark.parametrize("name", ["add", "sync"])
def test_a_library_that_may_only_be_read(name: str, shelf: Shelf) -> None:
    folder = articles(shelf.home)
    folder.mkdir(parents=True)
    with read_only(folder):
        status, lines = shelf.run(name, _AS_OTHERS)
    assert status == 1
    assert "may not be written to: change its permissions or choose another folder." in lines[0]
    assert len(lines) == 1 + (name == "sync")
    assert files(shelf.home) == {}
    shelf.goes_on()


@pytest.mark.parametrize("name", ["add", "follow", "import", "sync"])
def test_a_state_that_may_only_be_read(name: str, shelf: Shelf) -> None:
    before = {path.name: path.read_bytes() for path in shelf.state.iterdir()}
    with read_only(shelf.state):
        status, (line,) = shelf.run(name, _AS_OTHERS)
    assert status == (1 if name == "sync" else 5)
    assert "cannot be" in line
    assert str(shelf.state) in line
    assert {path.name: path.read_bytes() for path in shelf.state.iterdir()} == before
    shelf.goes_on()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nothing may be written."""
    paths = [*folder.iterdir(), folder]
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        yield
    finally:
        for path in reversed(paths):
            path.chmod(path.stat().st_mode | 0o200)


@pytest.mark.parametrize("name", ["add", "follow", "import", "sync"])
def test_a_full_disk(name: str, shelf: Shelf) -> None:
    status, lines = shelf.run(name, _WITHIN, 4096)
    assert status == (1 if name == "add" else 5)
    assert any("room" in line for line in lines)
    assert len(lines) <= 2
    assert not any(file.endswith(("note.md", ".part")) for file in files(shelf.home))
    shelf.goes_on()


@pytest.mark.parametrize("name", ["add", "follow", "import", "sync"])
def test_a_state_of_a_newer_version(name: str, shelf: Shelf) -> None:
    path = shelf.state / "state.sqlite"

    def version(change: int) -> None:
        database = sqlite3.connect(path)
        ((number,),) = database.execute("PRAGMA user_version")
        database.execute(f"PRAGMA user_version = {number + change}")
        database.close()

    version(1)
    before = path.read_bytes()
    status, (line,) = shelf.run(name)
    assert status == 5
    assert "newer version of this program" in line
    assert (path.read_bytes(), files(shelf.home)) == (before, {})
    version(-1)
    shelf.goes_on()


@pytest.mark.parametrize("lost", ["feeds", "."])
def test_a_library_whose_disk_is_not_there(lost: str, shelf: Shelf) -> None:
    """What was in it is not taken for deleted, whatever the feed says meanwhile."""
    shelf.run("sync")
    kept = files(shelf.home)
    aside = shelf.home / "aside"
    (articles(shelf.home) / lost).resolve().rename(aside)
    before = (shelf.state / "state.sqlite").read_bytes()
    status, (line,) = shelf.run("sync")
    assert status == 1
    assert f"There is no folder {articles(shelf.home) / 'feeds'}" in line
    assert (shelf.state / "state.sqlite").read_bytes() == before
    aside.rename((articles(shelf.home) / lost).resolve())
    assert shelf.run("sync") == (0, ["pulse-tui: 0 new, 0 updated."])
    assert files(shelf.home) == kept
    # Whoever did delete it says so.
    os.rename(articles(shelf.home) / "feeds", aside)
    (articles(shelf.home) / "feeds").mkdir()
    assert shelf.run("sync")[0] == 0
    assert files(shelf.home) == {}


def test_a_lost_disk_is_no_matter_before_anything_was_taken(shelf: Shelf) -> None:
    assert shelf.run("sync")[0] == 0
