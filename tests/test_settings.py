"""Settings: which one wins, where each is from, and what is said of those that cannot be used."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.settings import Kept, Settings, Settled, settle
from tests.terminal import Terminal

HOME = Path("/nowhere/at-home")
Settle = Callable[..., Settled]


@pytest.fixture
def settled(tmp_path: Path) -> Settle:
    def settle_here(
        text: str | bytes | None = None,
        *,
        environment: dict[str, str] | None = None,
        flags: dict[str, object] | None = None,
        host: str = "desk.example.org",
        kept: dict[str, Kept] | None = None,
    ) -> Settled:
        path = tmp_path / "config.toml"
        if text is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return settle(flags or {}, environment or {}, path, host, HOME, kept or {})

    return settle_here


def said(settled: Settled) -> list[tuple[int | None, str]]:
    assert all("\n" not in str(notice) for notice in settled.notices)
    return [(notice.line, notice.text) for notice in settled.notices]


# -- Which one wins

TOP = 'theme = "dark"\n'
GLOB = '[host."des*"]\ntheme = "light"\n'
EXACT = '[host."desk"]\ntheme = "ansi"\n'
OTHER = '[host."server"]\ntheme = "light"\n'
VARIABLE = {"PULSE_THEME": "light"}


@pytest.mark.parametrize(
    ("text", "environment", "flags", "theme", "origin"),
    [
        (None, {}, {}, "auto", "default"),
        ("", {}, {}, "auto", "default"),
        (TOP, {}, {}, "dark", "configuration"),
        (TOP + GLOB, {}, {}, "light", 'configuration, [host."des*"]'),
        (TOP + EXACT, {}, {}, "ansi", 'configuration, [host."desk"]'),
        (TOP + OTHER, {}, {}, "dark", "configuration"),
        (EXACT + GLOB, {}, {}, "ansi", 'configuration, [host."desk"]'),
        (GLOB + EXACT, {}, {}, "ansi", 'configuration, [host."desk"]'),
        (TOP + EXACT, VARIABLE, {}, "light", "PULSE_THEME"),
        (None, VARIABLE, {}, "light", "PULSE_THEME"),
        (TOP, {"PULSE_THEME": ""}, {}, "dark", "configuration"),
        (TOP, {"PULSE_THEME": "pink"}, {}, "dark", "configuration"),
        (TOP + '[host."*"]\ntheme = 3\n', {}, {}, "dark", "configuration"),
        (TOP + EXACT, VARIABLE, {"theme": "dark"}, "dark", "command line"),
        (None, {}, {"theme": "dark"}, "dark", "command line"),
    ],
)
def test_the_nearest_wins(
    settled: Settle,
    text: str | None,
    environment: dict[str, str],
    flags: dict[str, object],
    theme: str,
    origin: str,
) -> None:
    found = settled(text, environment=environment, flags=flags)
    assert found.settings.theme == theme
    assert str(found.origins["theme"]) == origin
    assert found.origins.keys() == set(Settings._fields)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("desk.example.org", True),
        ("desk", True),
        ("DESK", True),
        ("*.example.org", True),
        ("d?sk", True),
        ("[cd]esk", True),
        ("example.org", False),
        ("desktop", False),
        ("es", False),
        ("", False),
    ],
)
def test_which_names_mean_this_machine(settled: Settle, name: str, fits: bool) -> None:
    found = settled(f'[host."{name}"]\nmouse = false\n')
    assert found.settings.mouse is not fits
    assert found.notices == ()


def test_a_part_for_a_host_changes_only_what_it_names(settled: Settle) -> None:
    found = settled('theme = "dark"\nbundled = false\n[host.desk]\nmouse = false\n')
    assert found.settings == Settings(theme="dark", bundled=False, mouse=False)


# -- What a key changed

LIGHT = {"theme": Kept("light", "auto")}


@pytest.mark.parametrize(
    ("text", "environment", "flags", "kept", "theme", "origin"),
    [
        (None, {}, {}, LIGHT, "light", "changed by key"),
        (TOP, {}, {}, LIGHT, "dark", "configuration"),
        (TOP, {}, {}, {"theme": Kept("light", "dark")}, "light", "changed by key"),
        (TOP + EXACT, {}, {}, {"theme": Kept("light", "dark")}, "ansi", 'configuration, [host."desk"]'),
        (TOP + EXACT, {}, {}, {"theme": Kept("light", "ansi")}, "light", "changed by key"),
        (None, {"PULSE_THEME": "dark"}, {}, LIGHT, "dark", "PULSE_THEME"),
        (None, {"PULSE_THEME": "pink"}, {}, LIGHT, "light", "changed by key"),
        (None, {}, {"theme": "dark"}, LIGHT, "dark", "command line"),
        (None, {}, {}, {"theme": Kept("pink", "auto")}, "auto", "default"),
        (None, {}, {}, {"theme": Kept(["light"], "auto")}, "auto", "default"),
        (None, {}, {}, {"theme": Kept("light", None)}, "auto", "default"),
    ],
)
def test_what_a_key_changed_holds_until_the_configuration_says_something_else(
    settled: Settle,
    text: str | None,
    environment: dict[str, str],
    flags: dict[str, object],
    kept: dict[str, Kept],
    theme: str,
    origin: str,
) -> None:
    found = settled(text, environment=environment, flags=flags, kept=kept)
    assert (found.settings.theme, str(found.origins["theme"])) == (theme, origin)
    assert len(found.notices) == ("pink" in environment.values())


def test_what_the_configuration_says_is_known_beside_what_a_key_changed(settled: Settle) -> None:
    found = settled("measure = 60\n", kept={"measure": Kept(90, 60)}, environment={"PULSE_THEME": "dark"})
    assert found.settings == Settings(measure=90, theme="dark")
    assert found.configured == Settings(measure=60)


def test_only_what_keys_can_change_is_kept(settled: Settle) -> None:
    assert settled(kept={"mouse": Kept(False, True), "x": Kept(1, None)}).settings == Settings()
    assert settled(kept={"measure": Kept(9_000, 72)}).settings == Settings()


# -- Kinds of values


def test_folders(settled: Settle, tmp_path: Path) -> None:
    found = settled('library = ["~/features", "/data/more", "beside"]')
    assert found.settings.library == (HOME / "features", Path("/data/more"), tmp_path / "beside")
    assert settled('library = "~"').settings.library == (HOME,)
    found = settled(environment={"PULSE_LIBRARY": "~/a:/b::c"})
    assert found.settings.library == (HOME / "a", Path("/b"), Path("c"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False), ("off", False)],
)
def test_yes_and_no_in_a_variable(settled: Settle, text: str, value: bool) -> None:
    assert settled(environment={"PULSE_MOUSE": text}).settings.mouse is value


@pytest.mark.parametrize(
    ("text", "sidebar"), [("", "auto"), ("'auto'", "auto"), ("true", True), ("false", False)]
)
def test_the_list_is_there_or_not_or_where_there_is_room(settled: Settle, text: str, sidebar: object) -> None:
    found = settled(f"sidebar = {text}\n" if text else None)
    assert found.settings.sidebar == sidebar
    assert found.notices == ()


def test_the_measure_and_the_list_in_variables_and_on_a_host(settled: Settle) -> None:
    text = "measure = 60\n[host.desk]\nmeasure = 90\nsidebar = false\n"
    assert settled(text, host="other").settings == Settings(measure=60)
    assert settled(text).settings == Settings(measure=90, sidebar=False)
    found = settled(text, environment={"PULSE_MEASURE": "100", "PULSE_SIDEBAR": "Auto"})
    assert found.settings == Settings(measure=100, sidebar=False)
    assert said(found) == [(None, "“Auto” is not what PULSE_SIDEBAR takes: true, false or auto")]
    found = settled(text, environment={"PULSE_MEASURE": "1_0", "PULSE_SIDEBAR": "on"})
    assert found.settings == Settings(measure=90, sidebar=True)
    assert said(found) == [(None, "“1_0” is not what PULSE_MEASURE takes: a number of cells from 30 to 160")]


def test_an_encoding_has_pythons_name(settled: Settle) -> None:
    assert settled('encoding = "latin1"').settings.encoding == "iso8859-1"
    assert settled('encoding = "UTF8"').settings.encoding == "utf-8"
    assert settled('encoding = "auto"').settings.encoding == "auto"


def test_variables_of_a_sound_server_are_none_of_ours(settled: Settle) -> None:
    assert settled(environment={"PULSE_SERVER": "unix:/run/pulse", "PULSE_SINK": "x"}).notices == ()


# -- What cannot be used


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\nthemes = 'dark'", 2, "there is no setting “themes”"),
        ("theme = 'pink'", 1, "“pink” is not what “theme” takes: auto, dark, light or ansi"),
        ("theme = 3", 1, "“3” is not what “theme” takes: auto, dark, light or ansi"),
        ("theme = ['dark']", 1, "a list is not what “theme” takes: auto, dark, light or ansi"),
        ("mouse = 1", 1, "“1” is not what “mouse” takes: true or false"),
        ("mouse = 'no'", 1, "“no” is not what “mouse” takes: true or false"),
        ("library = [3]", 1, "a list is not what “library” takes: names of folders"),
        (f"library = {'[' * 90}{']' * 90}", 1, "a list is not what “library” takes: names of folders"),
        ("mouse = {x = 1}", 1, "a table is not what “mouse” takes: true or false"),
        ("library = ''", 1, "“” is not what “library” takes: names of folders"),
        ('library = "a\\u0000b"', 1, None),
        ("encoding = 'utf-16'", 1, None),
        ("measure = 29", 1, "“29” is not what “measure” takes: a number of cells from 30 to 160"),
        ("measure = 161", 1, "“161” is not what “measure” takes: a number of cells from 30 to 160"),
        ("measure = 72.0", 1, "“72.0” is not what “measure” takes: a number of cells from 30 to 160"),
        ("measure = true", 1, "“true” is not what “measure” takes: a number of cells from 30 to 160"),
        ("sidebar = 1", 1, "“1” is not what “sidebar” takes: true, false or auto"),
        ("frames = true", 1, "“true” is not what “frames” takes: auto, diff or plain"),
        ("host = 3", 1, '“host” is a table: write [host."name"]'),
        ("[host]\ndesk = 3", 2, "a host is a table of settings"),
        ("bundled = true\n[host.desk]\n\n'colour' = 3", 4, "there is no setting “colour”"),
        (
            "[host.desk.example]\nmouse = false",
            1,
            "there is no setting “example”; put a name with dots into quotes",
        ),
        ("[host.server]\nx = 1\n[host.desk]\nx = 2", 4, "there is no setting “x”"),
        ("[tui]\nmouse = false", 1, "there is no setting “tui”"),
        ("theme.dark = 1", 1, None),
        ("mouse = false\nmouse = true", 2, "this is no TOML: Cannot overwrite a value"),
        ('what = "\\u001b[2J"', 1, "there is no setting “what”"),
        (
            'theme = "\\u001b[2J"',
            1,
            "“\N{REPLACEMENT CHARACTER}[2J” is not what “theme” takes: auto, dark, light or ansi",
        ),
    ],
)
def test_what_cannot_be_used_is_located(settled: Settle, text: str, line: int, words: str | None) -> None:
    found = settled(f"{text}\n[host.none]\ntheme = 'light'\n" if words is None else text)
    ((number, sentence),) = said(found)
    assert number == line
    assert words is None or sentence == words


def test_the_rest_still_counts(settled: Settle) -> None:
    found = settled(
        "theme = 'dark'\nmouse = maybe\nbundled = false\n[host.desk\nframes = 'diff'\n[host.des]\n"
    )
    assert found.settings == Settings(theme="dark", bundled=False)
    assert [line for line, _ in said(found)] == [2, 4]
    assert all(text.startswith("this is no TOML: ") for _, text in said(found))


def test_what_stood_under_a_broken_header_does_not_count_elsewhere(settled: Settle) -> None:
    found = settled("[host.server\nmouse = false\ntheme = 'dark'\n[host.desk]\nbundled = false\n")
    assert found.settings == Settings(bundled=False)


def test_a_text_that_never_ends_is_left_out_with_one_notice(settled: Settle) -> None:
    found = settled("mouse = false\nlibrary = [\n'a',\n'b'\n" + "theme = 'dark'\n" * 40)
    assert len(found.notices) == 1
    assert found.settings == Settings()


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\0", b"theme = '\xe4'", b"\0", b"x" * 2_000_000, b"[" * 5000, b"a=" + b"[" * 5000, b"= = ="],
)
def test_what_is_no_configuration_is_said_in_one_sentence(settled: Settle, data: bytes) -> None:
    found = settled(data)
    assert found.settings == Settings()
    assert len(said(found)) == 1


def test_a_mark_at_the_beginning_is_no_error(settled: Settle) -> None:
    assert settled("\ufefftheme = 'dark'\r\nmouse = false\r\n").settings == Settings(
        theme="dark", mouse=False
    )


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    found = settle({}, {}, tmp_path, "desk", HOME)
    assert [notice.path for notice in found.notices] == [tmp_path]


def test_a_variable_that_cannot_be_used_is_named(settled: Settle) -> None:
    found = settled(environment={"PULSE_MOUSE": "perhaps", "PULSE_THEME": "dark"})
    assert said(found) == [(None, "“perhaps” is not what PULSE_MOUSE takes: true or false")]
    assert found.settings == Settings(theme="dark")


toml = st.lists(
    st.sampled_from(
        [
            "theme",
            "mouse",
            "library",
            "host",
            "x",
            "=",
            ".",
            "[",
            "]",
            '"',
            "'",
            "\n",
            "#",
            "1",
            "true",
            "'dark'",
            "desk",
            ",",
        ]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@given(toml)
def test_nothing_raises(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = settle({}, {}, path, "desk", HOME)
    said(found)
    assert found.settings.theme in ("auto", "dark", "light", "ansi")


def test_without_a_configuration_no_parser_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom pulse_tui.settings import settle\n"
        "settle({}, {'PULSE_THEME': 'dark'}, Path(sys.argv[1]), 'desk', Path())\n"
        "print({'tomllib', 'dataclasses'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "none")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


# -- In the reader

READER = [sys.executable, "-m", "pulse_tui"]


def reader(home: Path, *arguments: str, text: str = "", env: dict[str, str | None] | None = None) -> Terminal:
    """The reader, which has shown an article and was left."""
    path = home / ".config/pulse-tui/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with Terminal([*READER, *arguments], columns=80, rows=24, home=home, env=env) as terminal:
        terminal.wait_for(lambda shown: re.search(r"\d %", shown) is not None, 20)
        terminal.press("Q")
        assert terminal.wait() == 0
    return terminal


def test_the_mouse_can_be_left_alone(tmp_path: Path) -> None:
    assert b";1000;" in reader(tmp_path).output
    assert b";1000;" not in reader(tmp_path, "--no-mouse").output
    assert b";1000;" not in reader(tmp_path, text="mouse = false").output
    assert b";1000;" in reader(tmp_path, text="mouse = false", env={"PULSE_MOUSE": "yes"}).output


@pytest.mark.parametrize(("theme", "background"), [("dark", "#17191d"), ("light", "#faf7f0")])
def test_the_theme_is_chosen(tmp_path: Path, theme: str, background: str) -> None:
    colour = ";".join(str(part) for part in bytes.fromhex(background[1:])).encode()
    bright: dict[str, str | None] = {"COLORTERM": "truecolor"}
    assert b"48;2;" + colour in reader(tmp_path, text=f"theme = '{theme}'", env=bright).output
    assert b"48;2;" + colour in reader(tmp_path, "--theme", theme, text="theme = 'ansi'", env=bright).output
    assert b"48;2;" not in reader(tmp_path, "--theme", "ansi", text=f"theme = '{theme}'", env=bright).output


@pytest.mark.parametrize(
    ("sidebar", "columns", "listed", "article"),
    [
        ("'auto'", 100, True, True),
        ("true", 100, True, True),
        ("false", 100, False, True),
        ("'auto'", 60, False, True),
        ("true", 60, True, False),
        ("false", 60, False, True),
    ],
)
def test_the_list_is_there_at_the_start(
    tmp_path: Path, sidebar: str, columns: int, listed: bool, article: bool
) -> None:
    folder = tmp_path / ".local/share/pulse-tui/articles"
    folder.mkdir(parents=True)
    (folder / "one.md").write_text("# The river\n\nIt took the ferry.\n")
    (folder / "2020-01-01-two.md").write_text("# The salt\n\nIt was dry.\n")
    path = tmp_path / ".config/pulse-tui/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"bundled = false\nsidebar = {sidebar}\n")
    with Terminal(READER, columns=columns, rows=24, home=tmp_path) as terminal:
        terminal.wait_for(lambda shown: "unread" in shown and ("ferry" in shown or "salt" in shown), 20)
        terminal.settle()
        assert ("The salt" in terminal.text(), "ferry" in terminal.text()) == (listed, article)
        terminal.press("l" if listed and not article else "h")  # whichever does not have the keys
        terminal.wait_for("ferry" if listed and not article else "The salt")
        terminal.press("l")
        beside = columns == 100 and sidebar != "false"
        terminal.wait_for(lambda shown: ("The salt" in shown) == beside and "ferry" in shown)
        terminal.press("Q")
        assert terminal.wait() == 0
