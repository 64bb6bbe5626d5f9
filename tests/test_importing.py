"""Importing less than a package brings along."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pulse_tui.importing import instead, part, without


def test_a_module_that_is_not_there_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seldom_needed.py").write_text("useful = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    with without("seldom_needed"), pytest.raises(ImportError):
        import_module("seldom_needed")
    assert import_module("seldom_needed").useful


def test_a_module_that_is_there_already_stays() -> None:
    with without("pulse_tui.importing"):
        from pulse_tui.importing import part as again
    assert again is part


def test_no_such_part() -> None:
    for package, name in (("watchfiles", "nothing"), ("pulse_nowhere", "part"), ("sys", "part")):
        with pytest.raises(ImportError, match=f"no module {package}.{name}"):
            part(package, name)


def loaded(program: str) -> set[str]:
    """What a program has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


def test_the_parser_comes_without_what_finds_bare_addresses() -> None:
    modules = loaded(
        "from pulse_tui.document.parse import Parser\n"
        "assert [token.type for token in Parser().inline('<i>a</i> https://example.org', dict)][-1] == 'text'"
    )
    assert "markdown_it" in modules
    assert not {name for name in modules if name.startswith("linkify_it")}


def test_the_names_of_characters_come_with_the_first_that_is_named() -> None:
    program = (
        "from pulse_tui.document.parse import Parser\n"
        "parser = Parser()\n"
        "assert [token.type for token in parser.blocks('- *a* <b> &#233; & b')][0] == 'bullet_list_open'\n"
        "assert 'é' in [token.content for token in parser.inline('<i> &#233; &', dict)]\n"
    )
    named = (
        "tokens = parser.inline('&eacute; &nosuch; &amp', dict)\n"
        "assert ''.join(token.content for token in tokens) == 'é &nosuch; &amp'\n"
    )
    assert "html.entities" not in loaded(program)
    assert "html.entities" in loaded(program + named)


def test_what_stands_in_for_a_module_leaves_with_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large_table.py").write_text("table = {}\n")
    (tmp_path / "its_reader.py").write_text("from large_table import table\n")
    monkeypatch.syspath_prepend(tmp_path)
    table = {"a": 1}
    with instead("large_table", table=table):
        assert import_module("its_reader").table is table
    assert import_module("large_table").table == {}
    with instead("large_table", table=table):
        assert import_module("large_table").table == {}, "it was there already"


def test_changes_are_heard_of_without_what_runs_programs_anew(tmp_path: Path) -> None:
    modules = loaded(
        "from threading import Event, Thread\n"
        "from pulse_tui.storage.watch import watch\n"
        "stop, stands = Event(), Event()\n"
        f"told = [{str(tmp_path)!r}], print, stop, lambda: False\n"
        "watcher = Thread(target=watch, args=told, kwargs={'stands': stands.set})\n"
        "watcher.start()\n"
        "assert stands.wait(20)\n"
        "stop.set()\n"
        "watcher.join()"
    )
    assert "watchfiles._rust_notify" in modules
    assert modules & {"watchfiles.main", "multiprocessing", "anyio"} == set()


def test_a_part_is_loaded_once() -> None:
    assert part("watchfiles", "_rust_notify") is part("watchfiles", "_rust_notify")
    from watchfiles._rust_notify import RustNotify

    assert RustNotify is part("watchfiles", "_rust_notify").RustNotify
