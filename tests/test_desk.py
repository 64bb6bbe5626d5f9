"""What keys change on the page and is found again: the file, and the reader that is left and opened anew."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from pulse_tui.settings import Kept
from pulse_tui.storage.desk import Desk
from tests.terminal import Terminal

FEW, MANY = 16, 1 << 24
NARROW, BRIGHT = Kept(60, 72), Kept("light", "auto")


def desk(path: Path, colours: int = MANY) -> Desk:
    return Desk(path / "new" / "desk.json", lambda: colours)


def keep(path: Path, colours: int = MANY, **changed: Kept | None) -> None:
    one = desk(path, colours)
    for setting, kept in changed.items():
        one.note(setting, kept)
    one.save()


# -- The file


def test_what_is_noted_is_kept_once_it_is_saved(tmp_path: Path) -> None:
    one = desk(tmp_path)
    one.save()
    assert not (tmp_path / "new").exists()
    one.note("measure", NARROW)
    assert desk(tmp_path).kept() == {}
    one.save()
    assert desk(tmp_path).kept() == {"measure": NARROW}
    keep(tmp_path, theme=BRIGHT)
    assert desk(tmp_path).kept() == {"measure": NARROW, "theme": BRIGHT}
    keep(tmp_path, measure=None)
    assert desk(tmp_path).kept() == {"theme": BRIGHT}
    assert os.listdir(tmp_path / "new") == ["desk.json"]


def test_colours_are_kept_for_terminals_that_show_as_many(tmp_path: Path) -> None:
    keep(tmp_path, MANY, theme=BRIGHT, measure=NARROW)
    assert desk(tmp_path, FEW).kept() == {"measure": NARROW}
    keep(tmp_path, FEW, theme=Kept("ansi", "dark"))
    assert desk(tmp_path, FEW).kept()["theme"] == Kept("ansi", "dark")
    assert desk(tmp_path, MANY).kept()["theme"] == BRIGHT
    keep(tmp_path, FEW, theme=None)
    assert desk(tmp_path, FEW).kept() == {"measure": NARROW}
    assert desk(tmp_path, MANY).kept()["theme"] == BRIGHT


def test_two_sessions_leave_each_others_changes_alone(tmp_path: Path) -> None:
    one, other = desk(tmp_path), desk(tmp_path)
    one.note("measure", NARROW)
    other.note("theme", BRIGHT)
    other.save()
    one.save()
    assert desk(tmp_path).kept() == {"measure": NARROW, "theme": BRIGHT}


def test_two_sessions_that_end_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = desk(tmp_path), desk(tmp_path)
    one.note("measure", NARROW)
    other.note("theme", BRIGHT)
    read = Desk._read

    def and_meanwhile(session: Desk) -> dict[str, object]:
        found = read(session)
        monkeypatch.undo()
        other.save()
        return found

    monkeypatch.setattr(Desk, "_read", and_meanwhile)
    one.save()
    assert desk(tmp_path).kept() == {"measure": NARROW, "theme": BRIGHT}


def test_what_is_saved_already_is_not_written_again(tmp_path: Path) -> None:
    keep(tmp_path, measure=NARROW)
    path = tmp_path / "new" / "desk.json"
    before = path.stat()
    keep(tmp_path, measure=NARROW)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\0",
        b"{",
        b"3",
        b"null",
        b'["measure"]',
        b'{"measure": 60}',
        b'{"measure": {"value": [60]}, "theme in 16777216 colours": null}',
        b"[" * 60_000,
        b'{"measure": {"value": 60, "instead of": 72}}' + b" " * (1 << 16),
    ],
)
def test_damage_is_passed_over_and_gone_with_the_next_change(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "desk.json").write_bytes(data)
    assert desk(tmp_path).kept().get("measure") in (None, Kept([60], None))
    keep(tmp_path, measure=NARROW, theme=BRIGHT)
    assert desk(tmp_path).kept() == {"measure": NARROW, "theme": BRIGHT}


def test_what_a_newer_version_keeps_stays(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "desk.json").write_text('{"later": [1, {"x": "y"}]}')
    keep(tmp_path, measure=NARROW)
    assert json.loads((tmp_path / "new" / "desk.json").read_text())["later"] == [1, {"x": "y"}]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "desk.json").symlink_to(tmp_path / "elsewhere.json")
    keep(tmp_path, measure=NARROW)
    assert (tmp_path / "new" / "desk.json").is_symlink()
    assert "60" in (tmp_path / "elsewhere.json").read_text()


def test_where_nothing_can_be_written_the_change_is_lost_quietly(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("no folder")
    keep(tmp_path, measure=NARROW)
    assert (tmp_path / "new").read_text() == "no folder"
    (tmp_path / "other" / "new" / "desk.json").mkdir(parents=True)
    keep(tmp_path / "other", measure=NARROW)
    assert os.listdir(tmp_path / "other" / "new") == ["desk.json"]


# -- In the reader

PARAGRAPH = "The river took the lower fields, and the ferry with them, before anybody woke. " * 6
DARK, LIGHT = b"48;2;23;25;29", b"48;2;250;247;240"
TRUE = {"COLORTERM": "truecolor"}


@pytest.fixture
def feature(tmp_path: Path) -> Path:
    path = tmp_path / "river.md"
    path.write_text(f"# The river\n\n{PARAGRAPH}\n")
    return path


def widest(shown: str) -> int:
    """Cells of the longest line of the paragraph."""
    lines = [line.strip() for line in shown.splitlines()]
    return max(len(line) for line in lines if "ferry" in line or "fields" in line)


def read(
    feature: Path,
    *keys: str,
    arguments: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    configuration: str = "",
    columns: int = 140,
) -> tuple[int, bytes]:
    """Read it, press keys, and leave: how wide the text stood at first, and all that was written."""
    home = feature.parent / "home"
    path = home / ".config/pulse-tui/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"sidebar = false\n{configuration}")
    command = [sys.executable, "-m", "pulse_tui", *arguments, str(feature)]
    with Terminal(command, columns=columns, rows=24, home=home, env=env) as terminal:
        terminal.wait_for(lambda shown: re.search(r"\d %|end", shown) is not None, 20)
        first = widest(terminal.text())
        for key in keys:
            terminal.press(key)
            if key == "T":
                terminal.wait_for(lambda shown: "Light." in shown or "Dark." in shown or "own colo" in shown)
        terminal.press("Q")
        assert terminal.wait() == 0
        assert path.read_text() == f"sidebar = false\n{configuration}"
        return first, bytes(terminal.output)


def test_the_measure_that_was_set_is_found_again(feature: Path) -> None:
    assert 60 < read(feature, "-", "-", "-")[0] <= 72
    assert 50 < read(feature)[0] <= 60
    assert 50 < read(feature, "=")[0] <= 60
    assert 60 < read(feature, "+")[0] <= 72
    assert read(feature)[0] <= 76
    assert 60 < read(feature, env={"PULSE_MEASURE": "72"})[0] <= 72


def test_a_new_measure_in_the_configuration_goes_before_what_was_set(feature: Path) -> None:
    assert 80 < read(feature, "-", configuration="measure = 90\n")[0] <= 90
    assert 76 < read(feature, configuration="measure = 90\n")[0] <= 86
    assert 40 < read(feature, configuration="measure = 50\n")[0] <= 50
    assert 40 < read(feature, "+", "=", configuration="measure = 50\n")[0] <= 50
    assert json.loads(desk_file(feature)) == {}


def desk_file(feature: Path) -> str:
    return (feature.parent / "home/.local/state/pulse-tui/desk.json").read_text()


def test_a_wider_column_than_there_is_room_for_is_no_narrower_one_elsewhere(feature: Path) -> None:
    read(feature, "+", columns=60)
    assert 60 < read(feature)[0] <= 76


def test_colours_that_were_chosen_are_found_again_where_the_terminal_shows_as_many(feature: Path) -> None:
    assert LIGHT in read(feature, "T", env=TRUE)[1]
    output = read(feature, env=TRUE)[1]
    assert LIGHT in output
    assert DARK not in output
    assert b"48;2;" not in read(feature)[1]
    assert b"48;2;" not in read(feature, env={**TRUE, "NO_COLOR": "1"})[1]
    assert LIGHT not in read(feature, arguments=("--theme", "dark"), env=TRUE)[1]
    assert LIGHT not in read(feature, env=TRUE, configuration='theme = "dark"\n')[1]


def test_colours_that_are_the_usual_ones_again_are_forgotten(feature: Path) -> None:
    read(feature, "T", env=TRUE)
    assert "light" in desk_file(feature)
    read(feature, "T", "T", env=TRUE)  # over the terminal's own to dark
    assert json.loads(desk_file(feature)) == {}
