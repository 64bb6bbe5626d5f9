"""The doctor: what it finds out, in which words, and what it advises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from benchmarks.features import DEK, prose
from benchmarks.line import Line
from pulse_tui import __version__
from pulse_tui.advice import Around, advice, ancestors, sshd_settings, tmux_options
from pulse_tui.doctor import costs
from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities
from tests.libraries import write
from tests.terminal import Terminal
from tests.test_hygiene import modules_loaded

DOCTOR = [sys.executable, "-m", "pulse_tui", "doctor"]
KEYS = {"program", "host", "terminal", "costs", "settings", "paths", "library", "notices", "advice"}
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
GOOD = {"COLORTERM": "truecolor", "LANG": "C.UTF-8"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def piped(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DOCTOR, *arguments],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def report(home: Path, *arguments: str, **env: str) -> dict[str, Any]:
    done = piped(home, "--json", *arguments, **env)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def under_terminal(
    home: Path, *arguments: str, answers: Any = None, **env: str | None
) -> tuple[Terminal, dict[str, Any]]:
    """A doctor's JSON, written to a file, and the terminal that it asked."""
    path = home / "report.json"
    command = ["sh", "-c", 'exec "$@" > "$0"', str(path), *DOCTOR, "--json", *arguments]
    kwargs = {} if answers is None else {"answers": answers}
    with Terminal(command, columns=90, rows=30, home=home, env=env, **kwargs) as terminal:
        assert terminal.wait(30) == 0
        assert terminal.text().strip() == ""
        assert not terminal.attributes_changed()
        assert terminal.modes_left_on() == []
    return terminal, json.loads(path.read_text())


# -- On a terminal


def test_on_a_terminal_it_says_all_in_words(home: Path) -> None:
    with Terminal(DOCTOR, columns=100, rows=70, home=home) as terminal:
        assert terminal.wait(30) == 0
        text = terminal.text()
        assert not terminal.attributes_changed()
        assert terminal.modes_left_on() == []
    lines = {" ".join(line.split()) for line in text.splitlines()}
    assert f"pulse-tui {__version__} on {os.uname().nodename}" in lines
    assert {"name xterm-256color as terminfo has it", "size 100 x 70", "place here"} <= lines
    assert {"colours 256 terminfo", "margins no answered", "synchronized yes answered"} <= lines
    assert "encoding utf-8 environment" in lines
    assert any(line.startswith("round trip ") and line.endswith(" answered") for line in lines)
    assert any(line.startswith("first screen ") and " bytes, " in line for line in lines)
    assert "Advice" not in lines
    assert text.isascii()


def test_what_a_terminal_answers_is_in_the_json(home: Path) -> None:
    _, found = under_terminal(home, LANG="C")
    terminal = found["terminal"]
    assert terminal["present"] is True
    assert (terminal["columns"], terminal["rows"]) == (90, 30)
    assert terminal["capabilities"]["synchronized"] == {"value": True, "source": "answered"}
    assert terminal["capabilities"]["margins"] == {"value": False, "source": "answered"}
    assert terminal["capabilities"]["encoding"] == {"value": "utf-8", "source": "answered"}
    assert terminal["utf8"] is True
    assert 0 < terminal["round_trip_seconds"] < 10
    assert found["costs"].keys() == {"line", "page", "first_screen"}
    assert all(each["bytes"] > 0 and each["seconds"] > 0 for each in found["costs"].values())
    assert [each["lines"] for each in found["advice"]] == [["export LANG=C.UTF-8"]]


def test_a_terminal_that_decodes_nothing_gets_ascii(home: Path) -> None:
    _, found = under_terminal(home, LANG="C", answers=[(rb"\x1b\[6n", b"\x1b[1;4R")])
    assert found["terminal"]["capabilities"]["encoding"] == {"value": "ascii", "source": "environment"}
    assert found["terminal"]["utf8"] is False


def test_a_terminal_that_says_nothing_is_not_asked_again(home: Path) -> None:
    terminal, found = under_terminal(home, answers=[])
    assert terminal.output.count(b"\x1b[6n") == 1
    assert found["terminal"]["round_trip_seconds"] is None
    assert found["terminal"]["capabilities"]["margins"] == {"value": False, "source": "default"}
    assert all(each["seconds"] is None for each in found["costs"].values())


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": None}, {"TERM_PROGRAM": "Apple_Terminal"}])
def test_some_are_never_asked(home: Path, env: dict[str, str | None]) -> None:
    terminal, found = under_terminal(home, **env)
    assert b"\x1b" not in terminal.output
    assert found["terminal"]["round_trip_seconds"] is None


def test_an_old_terminal_is_not_asked_for_what_it_cannot_have(home: Path) -> None:
    terminal, found = under_terminal(home, TERM="vt220")
    assert b"$p" not in terminal.output
    assert found["terminal"]["round_trip_seconds"] is not None


# -- Without one


def test_without_a_terminal_it_says_what_it_can(home: Path) -> None:
    done = piped(home, TERM="xterm-256color")
    assert (done.returncode, done.stderr) == (0, "")
    lines = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert {"size unknown no terminal to ask", "colours 256 terminfo", "margins no default"} <= lines
    assert "\x1b" not in done.stdout


def test_the_json_has_stable_names(home: Path) -> None:
    found = report(home)
    assert found.keys() == KEYS
    assert found["costs"] is None
    assert found["terminal"].keys() == {
        *("present", "name", "described_as", "columns", "rows", "capabilities", "utf8"),
        *("round_trip_seconds", "bytes_per_second", "ssh", "mosh", "multiplexer"),
    }
    assert found["terminal"]["capabilities"].keys() == set(Capabilities._fields)
    assert found["paths"].keys() == {"configuration", "articles", "index", "state"}
    assert found["library"].keys() == {"articles", "folders", "broken"}
    assert found["settings"]["theme"] == {"value": "auto", "source": "default", "name": None}


def test_paths_sizes_and_versions(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "good.md").write_text("---\ntitle: Good\n---\nText.\n")
    (library / "broken.md").write_text("---\ntitle: [\n---\nText.\n")
    (library / "other.txt").write_text("no article")
    found = report(home, "--library", str(library))
    (of_user, shipped) = found["library"]["folders"]
    assert of_user == {
        "owner": "library",
        "path": str(library),
        "exists": True,
        "writable": True,
        "files": 2,
    }
    assert shipped["owner"] == "bundled"
    assert found["library"]["articles"] == shipped["files"] + 2
    assert found["library"]["broken"] == 1
    assert [notice for notice in found["notices"] if "broken.md" in notice]
    (index,) = found["paths"]["index"]
    assert Path(index["path"]).stat().st_size <= index["bytes"]
    assert index["version"] >= 1
    assert found["settings"]["library"] == {"value": [str(library)], "source": "flag", "name": None}
    assert found["paths"]["configuration"]["exists"] is False


def test_versions_are_known_while_a_reader_has_the_files_open(home: Path) -> None:
    reader = [sys.executable, "-m", "pulse_tui", "river"]
    (home / ".local/share/pulse-tui/articles").mkdir(parents=True)
    (home / ".local/share/pulse-tui/articles/river.md").write_text("# The River\n\nText.\n")
    with Terminal(reader, columns=90, rows=30, home=home) as terminal:
        terminal.wait_for("Text.")
        found = report(home)
        (index,) = found["paths"]["index"]
        assert Path(f"{index['path']}-wal").exists()
        terminal.send("Q")
        assert terminal.wait(20) == 0
    beside = sorted(each.name for each in Path(index["path"]).parent.iterdir())
    closed = report(home)
    assert index["version"] == closed["paths"]["index"][0]["version"] >= 1
    assert sorted(each.name for each in Path(index["path"]).parent.iterdir()) == beside


def test_a_state_of_a_newer_version_is_a_notice(home: Path) -> None:
    report(home)
    path = home / ".local/state/pulse-tui/state.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"SQLite format 3\0" + b"\x10\0\x01\x01\0\x40\x20\x20" + b"\0" * 36 + b"\0\0\0\x63" + b"\0" * 4032
    )
    found = report(home)
    assert any("state" in notice for notice in found["notices"])
    assert found["paths"]["state"]["version"] == 99
    assert found["library"]["articles"] is None
    assert path.stat().st_size == 4096


def test_a_folder_that_may_not_be_written_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".local").mkdir()
    (home / ".local" / "state").write_text("no folder")
    found = report(home)
    assert found["paths"]["state"]["exists"] is False
    assert any("state" in notice for notice in found["notices"])


def test_settings_of_the_host_and_their_notices(home: Path) -> None:
    path = home / ".config/pulse-tui/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[host."*"]\ntheme = "light"\nencoding = "latin1"\nmuse = 1\n')
    found = report(home)
    assert found["settings"]["theme"] == {"value": "light", "source": "host", "name": "*"}
    assert found["terminal"]["capabilities"]["encoding"] == {"value": "iso8859-1", "source": "settings"}
    assert found["notices"] == [f"{path}:4: there is no setting “muse”"]
    assert '[host."*"]' in piped(home).stdout


def test_hostile_surroundings_steer_nothing(home: Path) -> None:
    done = piped(home, TERM="\x1b[2J", PULSE_THEME="\x1b]0;x\x07", TMUX="\x1b[31m")
    assert done.returncode == 0
    assert not any(character < " " and character != "\n" for character in done.stdout)
    found = report(home, TERM="\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}\x9b", PULSE_LIBRARY="/" + "x" * 5000)
    assert found["terminal"]["name"] == "\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}"
    assert found["library"]["folders"][0]["exists"] is False


def test_many_notices_are_counted(home: Path, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"broken{number}.md").write_text("---\ntitle: [\n---\nText.\n")
    done = piped(home, PULSE_LIBRARY=str(tmp_path))
    assert done.stdout.count("broken") == 12
    assert "and 18 more (--json has them all)" in done.stdout
    assert "30 with notices" in done.stdout


def test_no_framework_is_loaded(tmp_path: Path) -> None:
    for command in (["doctor"], ["doctor", "--json"], ["config"]):
        assert "textual" not in modules_loaded(command, tmp_path)


def test_the_configuration_in_words(home: Path) -> None:
    path = home / ".config/pulse-tui/config.toml"
    command = [sys.executable, "-m", "pulse_tui", "config", "--no-mouse"]
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PULSE_THEME": "dark", "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    first, _, *rest = done.stdout.splitlines()
    assert first == f"# {path} (not there)"
    lines = {" ".join(line.split()) for line in rest}
    assert {'theme = "dark" # PULSE_THEME', "mouse = false # command line", "library = [] # default"} <= lines
    path.parent.mkdir(parents=True)
    path.write_text(done.stdout)
    again = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert again.stderr == "", "what is printed is a configuration"
    assert {"mouse = false # command line", "bundled = true # configuration"} <= {
        " ".join(line.split()) for line in again.stdout.splitlines()
    }
    path.write_text("bundled = 3\nframes = 'plain'\n")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stderr == f"pulse-tui: {path}:1: “3” is not what “bundled” takes: true or false\n"
    assert done.stdout.startswith(f"# {path}\n")
    assert 'frames = "plain"   # configuration\n' in done.stdout


def test_what_is_settled_holds_for_other_commands(home: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "mine.md").write_text("---\ntitle: Mine\n---\nText.\n")
    path = home / ".config/pulse-tui/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"library = ['{library}']\nbundled = false\n")
    command = [sys.executable, "-m", "pulse_tui", "list"]
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["Mine"]


# -- Costs


ABLE = Capabilities(colours=256, moves=True, scroll_region=True, scroll=True)


def test_costs_grow_with_the_screen_and_fall_with_abilities() -> None:
    for columns, rows in ((40, 10), (80, 24), (120, 40), (200, 60)):
        line, page, first = costs(ABLE, columns, rows)
        assert 0 < line < page < first
        assert costs(Capabilities(), columns, rows).line == costs(Capabilities(), columns, rows).page
        assert costs(ABLE._replace(colours=TRUECOLOR), columns, rows).first_screen > first
        assert (costs(ABLE._replace(margins=True), columns, rows).line < line) == (columns >= 80)
    assert costs(ABLE, 120, 40).page > costs(ABLE, 80, 24).page
    assert costs(Capabilities(), 1, 1).line > 0


@pytest.mark.parametrize(
    ("size", "truecolor", "margins"),
    [((80, 24), False, False), ((120, 40), True, True), ((70, 30), False, False)],
)
def test_costs_are_about_what_is_sent(
    home: Path, tmp_path: Path, size: tuple[int, int], truecolor: bool, margins: bool
) -> None:
    library = tmp_path / "library"
    for number in range(20):
        write(library / f"{number}.md", title=f"Railway stepwell ministry {number}", published="2020-03-04")
    (library / "long.md").write_text(prose(20_000))
    config = home / ".config/pulse-tui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("bundled = false\n")
    command: list[str | Path] = [sys.executable, "-m", "pulse_tui", "--library", library]
    with Line(command, size, home, truecolor=truecolor, margins=margins) as terminal:
        first = terminal.started(DEK).bytes
        line = median(terminal.key("j").bytes for _ in range(7))
        page = median(terminal.key(" ").bytes for _ in range(5))
    can = ABLE._replace(colours=TRUECOLOR if truecolor else 256, margins=margins)
    told = costs(can, *size)
    for guess, sent in zip(told, (line, page, first), strict=True):
        assert abs(guess - sent) <= 0.3 * sent, (told, line, page, first)


# -- Advice


def lines(
    term: str = "xterm-256color",
    environment: dict[str, str] | None = None,
    *,
    colours: int = 256,
    utf8: bool | None = None,
    described_as: str | None = "",
    **around: Any,
) -> list[str]:
    found = advice(
        Around(
            term,
            term if described_as == "" else described_as,
            environment or {},
            Capabilities(colours=colours),
            utf8,
            **around,
        )
    )
    assert all(each.reason.endswith(".") and each.to_do and each.lines for each in found)
    return [line for each in found for line in each.lines]


RGB, COLORTERM = 'set -as terminal-features ",*:RGB"', "set-environment -g COLORTERM truecolor"
ALIVE = "ClientAliveInterval 30"
BAD_TMUX = {"escape-time": "500", "focus-events": "off", "set-clipboard": "external", "features": "title"}
GOOD_TMUX = {"escape-time": "10", "focus-events": "on", "set-clipboard": "on", "features": "RGB,title"}
GOOD_SSHD = {"acceptenv": ["LANG LC_* COLORTERM", "NO_COLOR"], "clientaliveinterval": ["15"]}


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ({}, []),
        ({"environment": GOOD, "colours": TRUECOLOR}, []),
        ({"utf8": True}, ["export LANG=C.UTF-8"]),
        ({"utf8": True, "environment": {"LANG": "C"}}, ["export LANG=C.UTF-8"]),
        ({"utf8": True, "environment": {"LC_ALL": "de_DE.ISO-8859-1"}}, []),
        ({"utf8": False}, []),
        ({"term": "xterm-kitty", "described_as": "xterm"}, ["infocmp -x xterm-kitty | ssh HOST -- tic -x -"]),
        ({"term": "dumb", "described_as": None}, []),
        (
            {"term": "tmux-256color", "multiplexer": "tmux", "tmux": BAD_TMUX},
            [RGB, COLORTERM, "set -s escape-time 10", "set -s set-clipboard on"],
        ),
        ({"term": "tmux-256color", "multiplexer": "tmux", "tmux": GOOD_TMUX}, [COLORTERM]),
        ({"term": "tmux-256color", "multiplexer": "tmux", "tmux": GOOD_TMUX, "colours": TRUECOLOR}, []),
        (
            {
                "term": "tmux-256color",
                "multiplexer": "tmux",
                "tmux": GOOD_TMUX,
                "colours": 0,
                "environment": {"NO_COLOR": "1"},
            },
            [],
        ),
        ({"term": "tmux-256color", "multiplexer": "tmux"}, [RGB, COLORTERM]),
        (
            {"term": "xterm", "multiplexer": "tmux", "tmux": GOOD_TMUX, "colours": TRUECOLOR},
            ['set -g default-terminal "tmux-256color"'],
        ),
        ({"multiplexer": "screen"}, []),
        (
            {"ssh": True},
            ["SendEnv COLORTERM NO_COLOR LANG LC_*", "AcceptEnv COLORTERM NO_COLOR LANG LC_*", ALIVE],
        ),
        ({"ssh": True, "environment": GOOD, "colours": TRUECOLOR}, [ALIVE]),
        ({"ssh": True, "environment": GOOD, "colours": TRUECOLOR, "sshd": GOOD_SSHD}, []),
        ({"ssh": True, "sshd": GOOD_SSHD}, ["SendEnv COLORTERM NO_COLOR LANG LC_*"]),
        (
            {"ssh": True, "environment": {"LANG": "C.UTF-8"}, "sshd": {"acceptenv": ["LANG LC_*"]}},
            ["SendEnv COLORTERM NO_COLOR", "AcceptEnv COLORTERM NO_COLOR", ALIVE],
        ),
        ({"ssh": True, "mosh": True}, []),
        ({"ssh": True, "environment": {"NO_COLOR": "1", "LANG": "C.UTF-8"}, "colours": 0}, [ALIVE]),
    ],
)
def test_only_what_applies_is_advised(what: dict[str, Any], wanted: list[str]) -> None:
    assert lines(**what) == wanted


def test_tmux_tells_its_options(tmp_path: Path) -> None:
    fake = tmp_path / "tmux"
    fake.write_text(
        "#!/bin/sh\necho escape-time 500\necho 'default-terminal \"screen\"'\necho set-clipboard external\n"
        "echo features RGB,title\necho lonely\n"
    )
    fake.chmod(0o755)
    options = tmux_options({"PATH": f"{tmp_path}:/bin"})
    assert options["escape-time"] == "500"
    assert options["default-terminal"] == "screen"
    assert options["features"] == "RGB,title"


def test_without_tmux_there_are_no_options(tmp_path: Path) -> None:
    assert tmux_options({"PATH": str(tmp_path)}) == {}
    (tmp_path / "tmux").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "tmux").chmod(0o755)
    assert tmux_options({"PATH": f"{tmp_path}:/bin"}) == {}


def test_the_servers_settings(tmp_path: Path) -> None:
    assert sshd_settings(tmp_path) is None
    (tmp_path / "sshd_config.d").mkdir()
    (tmp_path / "sshd_config.d" / "own.conf").write_text("acceptenv COLORTERM\n")
    (tmp_path / "sshd_config").write_text(
        "# AcceptEnv NOTHING\nAcceptEnv LANG LC_*\nClientAliveInterval=7\nMatch User x\nAcceptEnv SECRET\n"
    )
    found = sshd_settings(tmp_path)
    assert found == {"acceptenv": ["COLORTERM", "LANG LC_*"], "clientaliveinterval": ["7"]}


def test_parents_by_name(tmp_path: Path) -> None:
    for number, name, parent in ((30, "python", 20), (20, "a) (b", 10), (10, "mosh-server", 1)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "stat").write_text(f"{number} ({name}) S {parent} 1 1 0")
    assert ancestors(30, tmp_path) == ["a) (b", "mosh-server"]
    assert ancestors(99, tmp_path) == []
    if Path("/proc/self/stat").exists() and os.getppid() > 1:
        assert ancestors(os.getpid())
