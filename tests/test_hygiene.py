"""What no file may hold, and what no command may load."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GENERATED = {"build", "dist", "__pycache__"}
PACKAGE_REGISTRIES = rb"pypi\.org|pythonhosted\.org|registry\.npmjs|(?:static|index)\.crates\.io|deb\.debian"
HOMES = rb"(?<![\w.~$}-])/(?:home|Users)/\w+/|(?<![\w.~$}/-])/(?:root)/"


def files(folder: Path = ROOT) -> Iterator[Path]:
    """The project's own files: nothing hidden but what checks it, nothing generated."""
    for path in folder.iterdir():
        if path.is_dir():
            if path.name == ".ci" or not (path.name.startswith(".") or path.name in GENERATED):
                yield from files(path)
        else:
            yield path


def test_no_file_names_a_registry_or_a_home_folder() -> None:
    unwanted = [PACKAGE_REGISTRIES, HOMES]
    if len(ROOT.parts) > 2:  # a folder at the very top may have the name of anything
        unwanted.append(re.escape(bytes(ROOT)) + rb"\b")
    search = re.compile(b"|".join(unwanted)).search
    found = {str(path.relative_to(ROOT)): hit[0] for path in files() if (hit := search(path.read_bytes()))}
    assert found == {}


def test_the_lock_pins_everything_by_hash() -> None:
    text = (ROOT / "requirements.txt").read_text()
    pins = text.replace("\\\n", "").splitlines()
    assert len(pins) > 30
    for pin in pins:
        assert re.fullmatch(r"[a-z0-9._-]+==[\w.]+(?: ; [^-]+)?(?: +--hash=sha256:[0-9a-f]{64})+", pin), pin


TOUR = str(ROOT / "articles" / "2026-11-20-tour.md")


def modules_loaded(arguments: list[str], home: Path, before: str = "") -> set[str]:
    """What a command has loaded at its end; it must have succeeded and printed something."""
    program = (
        f"import sys\nfrom pulse_tui.cli import main\n{before}\n"
        "try: status = main(sys.argv[1:])\nexcept SystemExit as ending: status = ending.code\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "is:unread", "--json"],
        ["search", "river"],
        ["credits"],
        ["read", "tour"],
        ["read", TOUR],
        ["export", "--state"],
        ["--version"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_commands_that_draw_nothing_do_not_load_textual(arguments: list[str], tmp_path: Path) -> None:
    assert "textual" not in modules_loaded(arguments, tmp_path)


def test_an_import_does_not_load_textual(tmp_path: Path) -> None:
    (tmp_path / "kept.jsonl").write_text('{"format": "pulse-tui reading state", "version": 1}\n')
    arguments = ["import", "--state", str(tmp_path / "kept.jsonl")]
    assert "textual" not in modules_loaded(arguments, tmp_path, "print('so that something is printed')")


@pytest.mark.parametrize("arguments", [[], [TOUR]], ids=["the library", "a file"])
def test_the_reader_starts_without_what_it_does_not_need(arguments: list[str], tmp_path: Path) -> None:
    """Up to where the interface takes over; the library's index is there already."""
    modules_loaded(["list"], tmp_path)
    stand_in = (
        "from pulse_tui import cli\n"
        "cli.has_screen = lambda: True\n"
        "def stand_in(library, name, settings):\n"
        "    print(library.count(), name and cli.find(library, name))\n"
        "    return 0\n"
        "cli.open_reader = stand_in"
    )
    loaded = modules_loaded(arguments, tmp_path, stand_in)
    assert loaded & {"argparse", "yaml", "textual", "markdown_it", "pulse_tui.storage.state.jsonl"} == set()
    assert of_acquiring(loaded) == set()


def of_acquiring(modules: set[str]) -> set[str]:
    """Those that only what comes from outside needs."""
    needed = {"lxml", "readability", "ssl", "_ssl", "PIL", "http", "email", "subprocess"}
    return {name for name in modules if name.startswith("pulse_tui.acquire") or name.split(".")[0] in needed}


@pytest.mark.parametrize("arguments", [["list"], ["search", "river"], ["read", "tour"], ["read", TOUR]])
def test_what_is_read_loads_nothing_that_takes_in(arguments: list[str], tmp_path: Path) -> None:
    assert of_acquiring(modules_loaded(arguments, tmp_path)) == set()


def test_the_package_root_loads_nothing() -> None:
    program = "import sys; before = set(sys.modules); import pulse_tui; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["pulse_tui"]
