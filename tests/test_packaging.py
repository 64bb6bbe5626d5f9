"""What is published works: the wheel, made from the source archive, in an environment of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent
ARTICLES = sorted((ROOT / "articles").glob("*.md"))
PICTURES = sorted((ROOT / "articles" / "images").iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive, so that this is known to be complete."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a new environment that holds the wheel, and sees our dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    scripts = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "--quiet", "install"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True, text=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    paths = sysconfig.get_paths()
    (packages / "dependencies.pth").write_text(f"{paths['purelib']}\n{paths['platlib']}\n")
    return scripts


def run(*command: str | Path, home: Path) -> str:
    """What a command prints when it is run from the top of the file system."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def title(article: Path) -> str:
    found = re.search(r"^title: *[\"']?(.*?)[\"']?$", article.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_wheel_holds_styles_articles_and_pictures(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    bundled = {str(path.relative_to(ROOT)) for path in [*ARTICLES, *PICTURES]}
    assert ARTICLES
    assert PICTURES
    assert held >= {f"pulse_tui/{path}" for path in [*bundled, "styles.tcss"]}


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    folders = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {re.sub(r"-.*\.", ".", folder) for folder in folders} == {"pulse_tui", "pulse_tui.dist-info"}


def test_the_wheel_is_what_is_imported(scripts: Path, tmp_path: Path) -> None:
    place = run(scripts / "python", "-c", "import pulse_tui; print(pulse_tui.__file__)", home=tmp_path)
    assert Path(place).is_relative_to(scripts.parent)


def test_list_names_every_bundled_feature(scripts: Path, tmp_path: Path) -> None:
    listed = run(scripts / "pulse-tui", "list", home=tmp_path)
    assert [title(article) for article in ARTICLES if title(article) not in listed] == []


def test_start_and_quit(scripts: Path) -> None:
    with Terminal([scripts / "pulse-tui"], cwd=Path("/")) as terminal:
        terminal.wait_for("Recent Features", 30)
        terminal.settle()
        terminal.press("Q")
        assert terminal.wait() == 0
        assert terminal.modes_left_on() == []
        assert not terminal.attributes_changed()
