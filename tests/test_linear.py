"""The reader in plain lines: what it says at its prompt, and that what it keeps is what the screen keeps."""

from __future__ import annotations

import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from itertools import chain, count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.article import Place
from pulse_tui.document.document import Document
from pulse_tui.linear.console import Console, EndedError, Signals, Size
from pulse_tui.linear.orders import HELP, MENU, order
from pulse_tui.linear.reader import Reader
from pulse_tui.repository import ArticleNotFoundError
from pulse_tui.storage.library import Library
from pulse_tui.terminal.letters import Letters
from tests.libraries import clock, library_of
from tests.strategies import documents, encoded, runs_text
from tests.test_cli import assert_harmless

RIVER = (
    """\
---
title: The River and the Road
dek: Two ways to the sea.
authors: [A. Writer]
published: 2024-05-06
image: boat.png
caption: A boat.
credit: Agency/Name
id: river
---

The first paragraph, with a [link](https://example.org/) and [the salt](salt.md#the-price).

"""
    + "".join(f"Paragraph {number} speaks of the long salt\nroad to the sea.\n\n" for number in range(30))
    + """\
## The Second Part

A claim.[^1] Back to [the last part](#the-third-part).

![A bridge](bridge.png "The bridge at dusk. Credit: B. Writer")

## The Third Part

The last words.

[^1]: The ground of it.
"""
)
SALT = "---\ntitle: Salt\npublished: 2023-01-01\nid: salt\n---\n\nOf salt.\n\n## The Price\n\nIt was high.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "river.md").write_text(RIVER)
    (folder / "salt.md").write_text(SALT)
    return folder


class Heard:
    """A session: what was said before the first answer, and after each."""

    def __init__(self, said: list[list[str]], status: int) -> None:
        self.said = said
        self.status = status

    def __getitem__(self, number: int) -> str:
        return "\n".join(self.said[number])


class Hearing:
    """Sessions of one reader with one library; each ends at the end of what is said to it."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def __call__(
        self,
        *orders: str,
        start: str | None = None,
        width: int | None = None,
        size: Size | None = None,
        now: Callable[[], float] | None = None,
    ) -> Heard:
        said: list[list[str]] = [[]]

        class Source(io.BytesIO):
            def readline(self, size: int | None = -1, /) -> bytes:
                said.append([])
                return super().readline()

        class Target(io.StringIO):
            def write(self, text: str, /) -> int:
                said[-1] += [text] if text.strip() else []
                return len(text)

        source = Source("".join(f"{each}\n" for each in orders).encode())
        console = Console(source, Target(), size=lambda: size, width=width)
        with Signals() as signals:
            ticks = now or map(float, count()).__next__
            reader = Reader(self.library, console, find=self.library.find, clock=ticks, signals=signals)
            status = reader.run(start)
        assert len(said) == len(orders) + 2 or "quit" in orders
        return Heard(said, status)


@pytest.fixture
def hear(folder: Path) -> Iterator[Hearing]:
    library = library_of(folder)
    library.refresh()
    yield Hearing(library)
    library.close()


# -- Orders


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ("next", "")),
        ("n", ("next", "")),
        ("N", ("next", "")),
        ("next", ("next", "")),
        ("ne", ("next", "")),
        ("find  Two Words ", ("find", "Two Words")),
        ("f Two", ("find", "Two")),
        ("/Two words", ("find", "Two words")),
        ("?", ("help", "")),
        ("12", ("number", "12")),
        ("open 12", ("open", "12")),
        ("12 b", ("", "b")),
        ("s", ("star", "")),
        ("se a", ("search", "a")),
        ("m a", ("mark", "a")),
        ("g a", ("go", "a")),
        ("u", ("undo", "")),
        ("unr", ("unread", "")),
        ("xyzzy", ("", "")),
        ("٣", ("", "")),
        ("9" * 5000, ("", "")),
    ],
)
def test_orders(typed: str, meant: tuple[str, str]) -> None:
    assert order(typed)[:2] == meant


def test_what_could_be_several_is_none() -> None:
    assert order("li").candidates == ("list", "links")
    assert order("un").candidates == ("undo", "unread")
    assert order("li").name == ""


def test_the_menu_is_obeyed_by_first_letters() -> None:
    assert [order(name[0]).name for name in MENU] == list(MENU)
    assert all(order(name).name == name for name in HELP)


# -- Reading on


def test_the_greeting_and_the_first_page(hear: Hearing) -> None:
    heard = hear()
    first = heard.said[0]
    assert first[0] == "The Pulse: 2 features, 2 unread. The newest is: The River and the Road."
    assert first[1:5] == [
        "Title: The River and the Road.",
        "Two ways to the sea.",
        "By A. Writer, 6 May 2024, 2 minutes to read.",
        "Picture 1 of 2. A boat. Credit: Agency/Name.",
    ]
    assert first[-1] == "next, find, contents, open, back, star, list, help, quit:"
    assert heard.status == 0


def test_page_by_page_everything_is_said_once(hear: Hearing) -> None:
    heard = hear(*["n"] * 8)
    words = " ".join(" ".join(each) for each in heard.said)
    assert [int(number) for number in re.findall(r"Paragraph (\d+)", words)] == list(range(30))
    assert words.count("The last words.") == 1
    assert "End of the feature." in words
    assert "This is the end; list says what else there is." in heard[-2]


def test_a_page_fits_the_terminal_and_ends_with_a_block(hear: Hearing) -> None:
    heard = hear(*["n"] * 4, size=Size(60, 12))
    for each in heard.said[1:5]:
        *page, prompt = each
        assert 5 <= len(page) <= 12  # blank lines are not noted here
        assert re.fullmatch(r"\d+ percent:", prompt)
        assert page[-1].endswith(("sea.", ":")) or page[-1].startswith("Separator")


def test_no_page_ends_with_a_heading(hear: Hearing) -> None:
    for rows in range(6, 40):
        heard = hear("top", *["n"] * 20, size=Size(60, rows))
        ends = [each[-2] for each in heard.said[1:-1] if len(each) > 1]
        assert not [line for line in ends if line.startswith("Heading")]


def test_previous_ends_where_the_page_began(hear: Hearing) -> None:
    heard = hear("n", "n", "p", "p", "p", "p")
    assert heard.said[3][:-1] == heard.said[1][:-1]
    assert "Title: The River" in heard[4]
    assert heard[5].startswith("This is the beginning.")


def test_again_top_and_end(hear: Hearing) -> None:
    heard = hear("n", "again", "top", "end", "back", "back")
    assert heard.said[2] == heard.said[1]
    assert "Title: The River" in heard[3]
    assert "The last words." in heard[4]
    assert "End of the feature." in heard[4]
    assert "Title: The River" in heard[5]
    assert heard.said[6] == heard.said[1]


def test_a_column_of_forty_cells(hear: Hearing) -> None:
    heard = hear("n", "list", "help", "links", "where", "caption", width=40)
    assert max(len(line) for each in heard.said for line in each) <= 40


def test_whole_paragraphs(hear: Hearing) -> None:
    heard = hear("n", width=0)
    assert "The first paragraph, with a link [link 1] and the salt [link 2]." in heard.said[0]
    assert "Paragraph 15 speaks of the long salt road to the sea." in heard.said[1]


def test_a_terminal_that_changes_its_width(hear: Hearing, folder: Path) -> None:
    sizes = [Size(80, 24)]
    console = Console(io.BytesIO(b"n\nagain\n"), out := io.StringIO(), size=lambda: sizes[0])
    ask = console.ask

    def narrower(prompt: str) -> str | None:
        if "percent" in prompt:
            sizes[0] = Size(41, 24)
        return ask(prompt)

    console.ask = narrower  # type: ignore[method-assign]
    with Signals() as signals:
        Reader(hear.library, console, find=str, clock=clock(), signals=signals).run()
    pages = re.split(r"(?:quit|percent):\n", out.getvalue())
    first, second = (page.strip().splitlines() for page in pages[1:3])
    assert max(map(len, first)) > 40
    assert max(map(len, second)) <= 40
    assert " ".join(second)[:80] == " ".join(first)[:80]


# -- Going about


def test_find(hear: Hearing) -> None:
    heard = hear("find LONG salt road", "f salt road", "find", "find nowhere", "find", "back")
    assert heard[1].startswith("That is not in this feature.")  # capitals matter where there is one
    assert heard.said[2][:2] == ["Match 1 of 30.", "Paragraph 0 speaks of the long salt road to the sea."]
    assert heard.said[3][0] == "Match 2 of 30."
    assert heard.said[3][1].startswith("Paragraph 1 ")
    assert heard[4].startswith("That is not in this feature.")
    assert "Paragraph 0 " in heard[6]


def test_find_comes_round(hear: Hearing) -> None:
    heard = hear("find bridge", "find", "find", "find", "n", "find")
    said = [each[0] for each in heard.said[1:-1]]
    assert said[:3] == ["Match 1 of 2.", "Match 2 of 2.", "Match 1 of 2, from the beginning again."]


def test_find_needs_words(hear: Hearing) -> None:
    assert hear("find")[1].startswith("Say find and the words to find.")


@pytest.mark.parametrize("width", [20, 40, 80])
def test_find_over_a_line_break(hear: Hearing, width: int) -> None:
    heard = hear("find salt road to the sea", width=width)
    page = " ".join(heard.said[1])
    assert page.startswith("Match 1 of 30.")
    assert "salt road to the sea" in page


def test_contents(hear: Hearing) -> None:
    heard = hear("contents", "2", "contents 1", "contents 9", "c x")
    assert heard.said[1] == ["1. The Second Part", "2. The Third Part", "A number, or a word:"]
    assert heard.said[2][0] == "Heading level 2: The Third Part"
    assert heard.said[3][0] == "Heading level 2: The Second Part"
    assert heard[4].startswith("There is no heading 9; there are 2.")
    assert heard[5].startswith("There is no heading x; there are 2.")
    assert hear("contents", start="salt")[1].startswith("1. The Price")


def test_links(hear: Hearing) -> None:
    heard = hear("links", "1", "open 3", "back", "open 7", "0")
    assert heard.said[1] == [
        "1. link: https://example.org/",
        "2. the salt: salt.md#the-price",
        "3. the last part: #the-third-part",
        "A number, or a word:",
    ]
    assert heard[2].startswith("Link 1 leads out of the library, to https://example.org/")
    assert heard[3].startswith("Heading level 2: The Third Part")
    assert "Title: The River" in heard[4]
    assert heard[5].startswith("There was no link 7 so far.")
    assert heard[6].startswith("There was no link 0 so far.")


def test_a_link_to_another_feature_and_back(hear: Hearing) -> None:
    heard = hear("n", "open 2", "back", "back")
    assert heard.said[2][:3] == ["Salt.", "Heading level 2: The Price", "It was high."]
    assert heard.said[3][0] == "The River and the Road."
    assert heard.said[3][1:-1] == heard.said[1][:-1]
    assert heard[4].startswith("There was no jump yet.")


def test_open(hear: Hearing, folder: Path) -> None:
    heard = hear("open salt", "open nothing-like-it", "open -", "open")
    assert "Title: Salt." in heard[1]
    assert "nothing-like-it" in heard[2]
    assert "file" in heard[3]
    assert heard[4].startswith("Say open")


def test_notes_and_pictures(hear: Hearing) -> None:
    heard = hear("note 1", "note 2", "note", "caption", "end", "caption")
    assert heard[1].startswith("Note 1: The ground of it.")
    assert heard[2].startswith("There is no note 2.")
    assert heard[3].startswith("Say note and its number.")
    assert heard.said[4][:4] == [
        "Picture 1 of 2.",
        "Caption: A boat.",
        "Credit: Agency/Name.",
        "File: boat.png.",
    ]
    assert heard.said[6][:3] == ["Picture 2 of 2.", "Description: A bridge.", "Caption: The bridge at dusk."]
    assert hear("caption", start="salt")[1].startswith("There is no picture near by.")


def test_where(hear: Hearing) -> None:
    heard = hear("where", "contents 1", "where", "end", "where")
    assert re.match(r"\d+ percent, 2 minutes left\.\nIn: The River and the Road, 6 May 2024\.", heard[1])
    assert "Under the heading: The Second Part." in heard[3]
    assert heard[5].startswith("At the end.")


# -- The library


def test_list(hear: Hearing) -> None:
    heard = hear("list", "2", "star", "list is:starred", "list title:nothing", "list road", "1")
    assert heard.said[1] == [
        "2 features.",
        "1. The River and the Road. 6 May 2024, 2 minutes.",
        "2. Salt. 1 January 2023, 1 minute.",
        "A number, or a word:",
    ]
    assert "Title: Salt." in heard[2]
    assert heard.said[4][1] == "1. Salt. 1 January 2023, 1 minute, read, starred."
    assert heard[5].startswith("No feature fits title:nothing.")
    assert heard.said[6][:2] == ["1 feature.", heard.said[1][1]]
    assert "Title: The River" in heard[7]


def test_a_long_list_comes_by_pages(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"2024-01-01-{number:02}.md").write_text(f"# Feature {number}\n\nText.\n")
    hear = Hearing(library_of(tmp_path))
    heard = hear("list", "", "n", "next", "7", "list", "99", "star", "3", size=Size(80, 20))
    numbers = [re.findall(r"(?m)^(\d+)\. Feature", heard[each]) for each in (1, 2, 3)]
    assert [*chain(*numbers)] == [str(number) for number in range(1, 51)]
    assert "A number, Enter for more, or a word:" in heard[1]
    assert "A number, or a word:" in heard[3]
    assert heard[4].startswith("This is the end")  # of the feature that is open
    assert heard[5].startswith("There was no link 7")
    assert heard[7].startswith("The list has no number 99.")
    assert heard[9].startswith("There was no link 3")


def test_search(hear: Hearing) -> None:
    heard = hear("search dusk", "1", "search", "search nowhere-at-all", "search high", "1", "find")
    assert heard.said[1][0] == "1 feature."
    assert heard.said[1][1].startswith("1. The River and the Road. ")
    assert "The bridge at dusk." in heard[2]
    assert "Title:" not in heard[2]
    assert heard[3].startswith("Say search")
    assert heard[4].startswith("No feature has nowhere-at-all.")
    assert "It was high." in heard[6]
    assert heard[7].startswith("Match 1 of 1")


def test_a_feature_that_came_since(hear: Hearing, folder: Path) -> None:
    (folder / "new.md").write_text("---\ntitle: New\npublished: 2025-01-01\n---\n\nText.\n")
    assert hear("list")[1].startswith("3 features.\n1. New. 1 January 2025")


def test_an_empty_library(tmp_path: Path) -> None:
    heard = Hearing(library_of(tmp_path))("n", "star", "list", "back", "where", "help")
    assert heard[0].startswith("The library is empty;")
    for number in (1, 2, 5):
        assert heard[number].startswith("No feature is open; list says what there is.")
    assert heard[3].startswith("0 features.")
    assert "quit" in heard[6]


def test_a_feature_whose_file_is_gone(hear: Hearing, folder: Path) -> None:
    (folder / "salt.md").unlink()
    heard = hear("open 2", "n")
    assert len(heard.said[1]) == 2
    assert "Paragraph" in heard[2]
    (folder / "river.md").unlink()
    assert "No feature is open" in hear("n")[1]


def test_an_article_that_cannot_be_read_is_an_error_if_it_was_asked_for(hear: Hearing) -> None:
    with pytest.raises(ArticleNotFoundError):
        hear(start="nothing")


# -- What is kept


def test_the_place_is_kept_from_page_to_page(hear: Hearing, folder: Path) -> None:
    heard = hear("n", "n")
    again = hear()
    greeting = " ".join(again.said[0][:2])
    assert re.search(r"2 unread\. You were in: The River and the Road, \d+ percent\.$", greeting)
    assert again.said[0][2:-1] == heard.said[2][:-1]
    reading = hear.library.reading("river")
    assert reading.place is not None
    document = Document(hear.library.get("river"), 72)
    row = document.find(reading.place)
    assert runs_text(document.lay(row.piece).lines[row.line].runs)[:12] == heard.said[2][0][:12]
    assert 0 < reading.fraction < 1
    assert not reading.read


def test_the_place_of_the_screen_is_where_it_goes_on(hear: Hearing) -> None:
    document = Document(hear.library.get("river"), 60)
    piece = next(n for n in range(len(document)) if "Paragraph 17 " in document.lay(n).text)
    offset = document.lay(piece).text.index("road")
    place = document.place(document.find(Place(piece, offset)))
    hear.library.mark("river", place=place)
    assert hear().said[0][1].startswith("Paragraph 17 ")


def test_the_end_makes_it_read_and_time_is_counted(hear: Hearing) -> None:
    ticks = iter([0.0, 1.0, 2.0, 12.0, 500.0, *range(510, 600)])
    hear("end", "unread", now=lambda: float(next(ticks)))
    reading = hear.library.reading("river")
    assert reading.fraction == 1.0
    assert not reading.read
    hear("top", "end")
    assert hear.library.reading("river").read
    assert 10 <= reading.seconds < 400  # the pause of 488 seconds was none of it
    assert hear("quit").said[0][0].startswith("The Pulse: 2 features, 1 unread.")


def test_stars_marks_and_undo(hear: Hearing) -> None:
    heard = hear("star", "s", "undo", "read", "unread", "undo", "undo", "undo", "undo", "undo")
    assert [each[0] for each in heard.said[1:3]] == ["Starred.", "The star is gone; undo brings it back."]
    assert "star" in heard[3].lower()
    assert heard[4].startswith("Marked as read;")
    assert heard[9].startswith("There is nothing to undo.")
    assert not hear.library.reading("river").starred


def test_marks(hear: Hearing) -> None:
    heard = hear("go", "n", "mark a", "open salt", "go", "go a", "back", "mark", "mark ab", "go z")
    assert heard[1].startswith("No mark is set;")
    assert heard[3].startswith("Mark a is set;")
    assert heard.said[5][0] == "a: The River and the Road."
    assert heard.said[6][1:-1] == heard.said[2][:-1]
    assert "Title: Salt." in heard[7]
    assert heard[8].startswith("Say mark and a letter")
    assert heard[9].startswith("Say mark and a letter")
    assert heard[10].startswith("Mark z is not set;")
    ((letter, spot),) = hear.library.marks()
    assert (letter, spot.article_id) == ("a", "river")


def test_what_is_open_is_on_top_of_the_history(hear: Hearing) -> None:
    hear("open salt", "quit")
    assert hear.library.history() == ["salt", "river"]
    assert "You were in: Salt" in hear()[0]


# -- What is hostile


def test_hostile_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        '---\ntitle: "T \\e[31m \\x07 \\u202E t"\ncaption: "C \\e[1;1H"\nid: "i\\e[1md"\n---\n\n'
        "Body \x1b[2J \x9b2J \u202e \x07 and [a \x1b[2J](b\x1b[2J.md)\n\n## H \x1b[2J\n\n`code \x1b[2J`\n\n"
        '![alt \x1b[2J](a\x1b.png "caption \x1b[2J Credit: by \x1b[3J")\n\n| a\x1b[2J |\n|---|\n| \x9b2J |\n'
    )
    orders = [
        "links",
        "1",
        "contents",
        "caption",
        "list",
        "find \x1b[2J",
        "\x1b[A",
        "open \x1b",
        "x\u202ey",
        "go \x9b",
    ]
    heard = Hearing(library_of(tmp_path))(*orders)
    assert_harmless("\n".join(line for each in heard.said for line in each))


ORDERS = [
    *HELP,
    *(
        f"{name} {rest}"
        for name in ("find", "contents", "open", "note", "mark", "go", "list", "search")
        for rest in "1a"
    ),
    *("", "1", "2", "f *", "list is:unread", "x"),
]


@given(
    documents(),
    st.lists(st.sampled_from(ORDERS), max_size=12),
    st.sampled_from([(10, 3), (40, 10), (80, 24)]),
)
def test_any_orders_in_any_text(markdown: str, orders: list[str], size: tuple[int, int]) -> None:
    library = library_of()
    try:
        article_id = library.adopt_bytes("any", encoded(markdown))
        heard = Hearing(library)(*orders, start=article_id, size=Size(*size))
    finally:
        library.close()
    assert heard.status == 0
    assert_harmless("\n".join(line for each in heard.said for line in each))


# -- Letters


@pytest.mark.parametrize(
    ("encoding", "text", "fit"),
    [
        ("utf-8", "“Café” — پشاور", "“Café” — پشاور"),
        ("ascii", "“Café” — it’s…", '"Cafe" -- it\'s...'),
        ("latin-1", "“Café” — it’s…", '"Café" -- it\'s...'),
        ("ascii", "in Peshawar, پشاور.", "in Peshawar, ?."),
        ("ascii", "मौसम, 季風", "?, ?"),
        ("ascii", "2½ × 3 → 7²", "2 1/2 x 3 -> 72"),
        ("ascii", "Āṣāḍhasya", "Asadhasya"),
        ("ascii", "a\u00a0b\u200d", "a b"),
        ("ascii", "\ufffd", "?"),
        ("ascii", "why? ☃?", "why? ??"),
        ("ascii", "Øre, ß, Łódź", "Ore, ss, Lodz"),
        ("koi8-r", "Мир — “é”", 'Мир -- "e"'),
    ],
)
def test_letters(encoding: str, text: str, fit: str) -> None:
    letters = Letters(encoding)
    assert letters.fit(text) == fit
    assert letters.fit(fit) == fit
    fit.encode(encoding)


# -- Signals


def test_a_signal_waits_for_what_must_not_be_cut_short() -> None:
    done = []

    def work(signals: Signals) -> None:
        with signals.held():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("what is held")
        done.append("what comes after")

    with Signals() as signals, pytest.raises(EndedError) as ended:
        work(signals)
    assert done == ["what is held"]
    assert ended.value.status == 128 + signal.SIGTERM


def test_a_signal_that_comes_again_does_not_disturb_the_way_out() -> None:
    with Signals() as signals:
        with pytest.raises(EndedError):
            os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)
        with signals.held():
            os.kill(os.getpid(), signal.SIGINT)
