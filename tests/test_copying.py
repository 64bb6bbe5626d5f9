"""What leaves the reader: the original in a browser, texts by way of the clipboard; and other colours."""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from pulse_tui.storage.library import Library
from pulse_tui.tui.panels import LinkPanel
from pulse_tui.tui.prompt import Line
from pulse_tui.tui.themes import ANSI, DARK, LIGHT
from tests.libraries import library_of
from tests.terminal import Terminal
from tests.test_reader import MIDDLE, SIZES, SMALL, WIDE, Desk, _apart, desk, words, write

__all__ = ["_apart"]  # a fixture that every test here uses

SOURCE = "https://example.org/2026/the-original?from=feed&page=1#text"

SOURCED = f"""\
---
title: The Sourced One
published: 2026-03-05
source: {SOURCE}
caption: A bridge over the canal
credit: Agency/Name
id: sourced
---

{words(0)}

## A Heading

{words(200)} *emphasis* and a [link](https://example.org/linked) here.

![Alt](two.png "Credit: Photographer Two")

- {words(400, 20)}
- {words(420, 20)}
"""

BARE = f"""\
---
title: The Bare One
published: 2026-03-04
id: bare
---

Before it stands [a site](https://example.org/a) and [a mailbox](mailto:a@example.org).

{words(1000)}
"""

EVIL = """\
---
title: The Evil One
published: 2026-03-03
source: javascript:alert(1)
id: evil
---

Text.
"""


@pytest.fixture
def repository(tmp_path: Path) -> Library:
    return library_of(write(tmp_path / "library", {"a.md": SOURCED, "b.md": BARE, "c.md": EVIL}))


def listen(seen: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written past the frames from now on."""
    written: list[str] = []
    monkeypatch.setattr(seen.app._driver, "write", written.append)
    return written


def clipboards(written: list[str]) -> list[str]:
    """What the terminal's clipboard held, one text after another."""
    return [b64decode(text).decode() for text in re.findall(r"\x1b\]52;c;([^\x07]*)\x07", "".join(written))]


# -- Copying


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("letter", "text"),
    [
        ("p", words(0)),
        ("l", SOURCE),
        ("c", "A bridge over the canal. Credit: Agency/Name"),
        ("h", "The Sourced One"),
    ],
)
async def test_one_key_each(
    repository: Library, size: tuple[int, int], letter: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(repository, size, start="sourced") as seen:
        written = listen(seen, monkeypatch)
        if size == SMALL:
            await seen.press("f")  # past the head
        await seen.press("y")
        for offer in ("p passage", "l link", "c caption", "h headline"):
            assert offer in "\n".join(seen.rows()[-2:])
        assert written == []
        await seen.press(letter)
        assert clipboards(written) == [text]
        told = " ".join(row.strip() for row in seen.rows()[-2:])
        assert f"Sent to the terminal's clipboard: {text[:4]}" in told


async def test_the_passage_is_the_paragraph_at_the_top(
    repository: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(repository, SMALL, start="sourced") as seen:
        written = listen(seen, monkeypatch)
        await seen.press("f", "f", "f", "y", "p")
        assert "w0000" not in "\n".join(seen.article), "it begins above the view"
        await seen.press("right_square_bracket", "y", "p")
        assert "A Heading" in seen.article[0]
        await seen.press("G", "y", "p")
        assert clipboards(written)[0] == words(0)
        assert clipboards(written)[1] == f"{words(200)} emphasis and a link here."
        assert clipboards(written)[2] in (words(400, 20), words(420, 20)), "an item is a passage"


async def test_a_credit_without_a_caption(repository: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(repository, SMALL, start="sourced") as seen:
        written = listen(seen, monkeypatch)
        await seen.press("G", "y", "c")
        assert clipboards(written) == ["Alt. Credit: Photographer Two"]


async def test_only_what_there_is_can_be_copied(repository: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(repository, start="bare") as seen:
        written = listen(seen, monkeypatch)
        await seen.press("y")
        assert "p passage  h headline" in seen.rows()[-1]
        await seen.press("l")
        assert clipboards(written) == []
        assert "y shows the letters" in seen.hints.text[0]
        await seen.press("y", "escape", "y")
        assert seen.app.return_code is None
        assert "Copy:" in seen.rows()[-1]


async def test_the_headline_of_what_the_list_points_at(
    repository: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(repository, start="bare") as seen:
        written = listen(seen, monkeypatch)
        await seen.press("h", "k", "y")
        assert "Copy: h headline" in seen.hints.text[0]
        await seen.press("h", "j", "y", "p")
        assert clipboards(written) == ["The Sourced One", "Before it stands a site and a mailbox."]


async def test_copying_typed_all_at_once(repository: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(repository, start="sourced") as seen:
        written = listen(seen, monkeypatch)
        await seen.at_once("y", "h", "j", "y", "l", "J", "K")
        assert clipboards(written) == ["The Sourced One", SOURCE]


async def test_without_a_feature_nothing_is_copied(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    async with desk(library_of(tmp_path / "none")) as seen:
        for key in "yo":
            await seen.press(key)
            assert "feature" in seen.hints.text[0]
        await seen.press("p")
        assert seen.app.return_code is None


@pytest.mark.parametrize("keys", [("y", "p"), ("ctrl+c",)])
async def test_a_selection_goes_before_the_passage(
    repository: Library, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(repository, start="sourced", multiplexer="tmux") as seen:
        written = listen(seen, monkeypatch)
        seen.screen.selections = {seen.view: Selection(Offset(0, 1), Offset(11, 1))}
        await seen.press(*keys)
        assert clipboards(written) == ["w0000 w0001"] * 2, "by both ways through tmux"
        assert "\x1bPtmux;\x1b\x1b]52" in "".join(written)
        assert "Sent to" in seen.hints.text[0]
        assert not seen.screen.selections
        assert seen.app.return_code is None


async def test_more_than_a_clipboard_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "large", {"a.md": f"# Large\n\n{words(0, 9999)} {words(0, 9999)}\n"})
    async with desk(library_of(folder), SMALL) as seen:
        written = listen(seen, monkeypatch)
        seen.screen.selections = {seen.view: Selection(None, None)}
        await seen.press("ctrl+c")
        assert written == []
        told = " ".join(row.strip() for row in seen.rows()[-2:])
        assert re.search(r"11\d,\d{3} bytes are too many: a terminal takes 74,994. Select less.", told)
        assert seen.app.return_code is None


async def test_what_is_cut_from_a_prompt_goes_the_same_way(
    repository: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(repository, start="sourced", multiplexer="screen") as seen:
        written = listen(seen, monkeypatch)
        await seen.press("slash", *"canal", "home", "shift+end", "ctrl+x")
        assert clipboards(written) == ["canal"] * 2
        await seen.press("ctrl+v", "ctrl+v")
        assert seen.screen.query_one(Line).value == "canalcanal"


async def test_zen_shows_what_is_asked_and_said(repository: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(repository, start="sourced") as seen:
        written = listen(seen, monkeypatch)
        await seen.press("z", "f")
        before, top = seen.rows(), seen.view.top
        await seen.press("y")
        assert "Copy: p passage" in seen.rows()[-1]
        assert seen.rows()[:-1] == before[:-1], "the text stays where it is"
        await seen.press("h")
        assert "Sent to" in seen.rows()[-1]
        assert clipboards(written) == ["The Sourced One"]
        seen.hints.message("")
        await seen.settle()
        assert seen.rows() == before
        assert seen.view.top == top
        await seen.press("y", "z")
        assert "That copies nothing" in seen.rows()[-1]


# -- The original, and other links out


class Browser:
    """Opens whatever it is given, and remembers it."""

    def __init__(self) -> None:
        self.visited: list[str] = []

    def __call__(self, link: str) -> bool:
        self.visited.append(link)
        return True


async def test_the_browser_opens_the_original(repository: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    browse = Browser()
    async with desk(repository, start="sourced", browse=browse) as seen:
        written = listen(seen, monkeypatch)
        await seen.press("o")
        assert browse.visited == [SOURCE]
        assert seen.at_desk
        assert "browser" in seen.hints.text[0]
        assert clipboards(written) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("browser", [True, False])
async def test_without_a_browser_the_link_is_shown_and_sent(
    repository: Library, size: tuple[int, int], browser: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over SSH there is none; elsewhere it may not start."""
    async with desk(repository, size, start="sourced", browse=(lambda _: False) if browser else None) as seen:
        written = listen(seen, monkeypatch)
        await seen.press("o")
        assert isinstance(seen.app.screen, LinkPanel)
        assert clipboards(written) == [SOURCE]
        linked = [segment for segment in seen.segments() if segment.style and segment.style.link]
        assert {segment.style.link for segment in linked if segment.style} == {SOURCE}
        assert "".join(segment.text.strip() for segment in linked) == SOURCE, "whole, however narrow"
        assert "It was sent to the terminal's clipboard." in " ".join(seen.text.split())
        assert ("No browser could be started." in " ".join(seen.text.split())) == browser
        await seen.press("o", "j")
        assert seen.at_desk


async def test_no_original(repository: Library) -> None:
    browse = Browser()
    async with desk(repository, SMALL, start="bare", browse=browse) as seen:
        await seen.press("o")
        assert "No original is named" in seen.rows()[-2]
        await seen.press("J", "o")
        assert "javascript:alert(1)" in seen.hints.text[0]
        assert seen.at_desk
    assert browse.visited == []


async def test_the_original_of_what_the_list_points_at(repository: Library) -> None:
    browse = Browser()
    async with desk(repository, start="bare", browse=browse) as seen:
        await seen.press("h", "k", "o")
        assert browse.visited == [SOURCE]
        await seen.press("j", "o")
        assert "No original is named" in seen.hints.text[0]


async def test_links_in_the_text_are_opened_the_same_way(repository: Library) -> None:
    browse = Browser()
    async with desk(repository, WIDE, start="bare", browse=browse) as seen:
        await seen.click("a site")
        await seen.press("enter", "j", "enter")
        assert browse.visited == ["https://example.org/a", "mailto:a@example.org"]
        assert seen.at_desk


async def test_links_in_the_text_are_shown_the_same_way(repository: Library) -> None:
    async with desk(repository, WIDE, start="bare") as seen:
        await seen.press("enter", "j", "enter")
        assert isinstance(seen.app.screen, LinkPanel)
        assert "mailto:a@example.org" in seen.text
        await seen.press("escape")
        assert seen.at_desk


async def test_a_hostile_link_is_shown_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '---\ntitle: T\nsource: "https://example.org/\\e]0;x\\a\\u202e[red]a[/]"\n---\n\nText.\n'
    async with desk(library_of(write(tmp_path / "l", {"a.md": text}))) as seen:
        written = listen(seen, monkeypatch)
        await seen.press("o")
        assert isinstance(seen.app.screen, LinkPanel)
        shown = "".join(segment.text for segment in seen.segments())
        assert "[red]a[/]" in shown
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", shown + "".join(clipboards(written)))


# -- Colours


async def test_other_colours(repository: Library) -> None:
    async with desk(repository, start="sourced") as seen:
        rows = seen.article
        themes = [seen.app.theme]
        for _ in range(3):
            await seen.press("T")
            themes.append(seen.app.theme)
            assert seen.article == rows
        assert themes == [ANSI, DARK, LIGHT, ANSI]
        assert "own colours" in seen.hints.text[0]


async def test_no_other_colours_where_none_are_wanted(
    repository: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(repository, colour=False) as seen:
        await seen.press("T")
        assert seen.app.theme == ANSI
        assert "NO_COLOR" in seen.hints.text[0]


# -- On a terminal


@pytest.mark.parametrize("size", [MIDDLE, SMALL])
def test_over_ssh_the_terminal_gets_link_and_text(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write(tmp_path, {"a.md": SOURCED}) / "a.md"
    environment = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22", "DISPLAY": ":7", "BROWSER": "false"}
    with Terminal(
        [sys.executable, "-m", "pulse_tui", path], columns=size[0], rows=size[1], env=environment
    ) as terminal:
        terminal.wait_for("The Sourced One", 20)
        terminal.send("yh")
        terminal.wait_for("Sent to", 20)
        terminal.send("o")
        terminal.wait_for("It was sent", 20)
        output = terminal.output.decode()
        assert clipboards([output]) == ["The Sourced One", SOURCE]
        assert SOURCE in re.findall(r"\x1b\]8;[^;]*;([^\x1b\x07]+)", output)
        terminal.send("oQ")
        assert terminal.wait() == 0
