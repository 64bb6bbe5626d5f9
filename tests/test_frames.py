"""What is sent of a frame shows the same screen as the frame itself."""

from __future__ import annotations

import re
from random import Random

import pytest

from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities
from pulse_tui.terminal.frames import canvas
from pulse_tui.terminal.frames.differ import Differ
from pulse_tui.terminal.letters import cells_in
from pulse_tui.text import pad
from tests.emulator import ByteStream, Screen
from tests.frames import as_shown, capabilities, pane, written

XTERM = Capabilities(
    colours=TRUECOLOR,
    moves=True,
    scroll_region=True,
    scroll=True,
    insert_lines=True,
    erase_characters=True,
    back_colour_erase=True,
    repeat=True,
    styles_end_singly=True,
    italics=True,
)


class Emulated:
    """A screen that shows what is sent to it."""

    def __init__(self, columns: int, rows: int, *, back_colour_erase: bool = True) -> None:
        self.screen = Screen(columns, rows)
        self.screen.back_colour_erase = back_colour_erase
        self._stream = ByteStream(self.screen)
        self.send("\x1b[?7l")

    def send(self, text: str) -> None:
        """Take output; LF stays in its column, as without output processing."""
        self._stream.feed(text.encode())


def equal(seed: int, *, doubtful: bool, frames: int = 15) -> tuple[int, int]:
    """Hold screens of a random pane equal; returns the characters of the frames and of what was sent."""
    random = Random(seed)
    shown = pane(random, doubtful=doubtful)
    can = capabilities(random)
    differ = Differ(shown.columns, shown.rows, can)
    thrifty = Emulated(shown.columns, shown.rows, back_colour_erase=can.back_colour_erase)
    before = None
    total = sent = 0
    for number in range(frames):
        screen = shown.step()
        told = before is not None and shown.moved and random.random() < 0.5
        frame = written(screen, None if told else before, random)
        before = screen
        if random.random() < 0.04:
            differ.forget()
        if told:
            left = shown.list_columns
            differ.shift(left, 0, shown.columns - left, shown.rows - 1, shown.moved)
        differ.draw(frame)
        difference = differ.difference()
        thrifty.send(difference)
        assert thrifty.screen.cells() == as_shown(screen), (seed, number, can, difference[:400])
        total, sent = total + len(frame), sent + len(difference)
    return total, sent


@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("batch", range(10))
def test_random_screens_are_shown_as_they_are(batch: int, doubtful: bool) -> None:
    figures = [equal(1000 * batch + case, doubtful=doubtful) for case in range(20)]
    total, sent = (sum(figure) for figure in zip(*figures, strict=True))
    assert sent < total / 3


@pytest.mark.deep
@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("batch", range(100))
def test_many_random_screens_are_shown_as_they_are(
    batch: int, doubtful: bool, pytestconfig: pytest.Config
) -> None:
    """`--screens` says how many in all batches; each is a shard of its own for a processor."""
    screens: int = pytestconfig.getoption("screens", 100_000)
    for case in range(screens // (100 * 2 * 10)):
        equal(1_000_000 + 1000 * batch + case, doubtful=doubtful, frames=10)


@pytest.mark.parametrize("doubtful", [False, True])
def test_random_screens_are_what_a_terminal_makes_of_their_frames(doubtful: bool) -> None:
    """So that the others may leave out the frames, which take most of the time."""
    for seed in range(10):
        random = Random(seed)
        shown = pane(random, doubtful=doubtful)
        plain = Emulated(shown.columns, shown.rows)
        before = None
        for _ in range(5):
            screen = shown.step()
            plain.send(written(screen, before, random).replace("\n", "\r\n"))
            before = screen
            assert plain.screen.cells() == as_shown(screen)


def test_nothing_is_sent_where_nothing_changed() -> None:
    differ = Differ(80, 24, XTERM)
    frame = "".join(f"\x1b[{y};1Hline {y}" for y in range(1, 25))
    differ.draw(frame)
    assert differ.difference()
    differ.draw(frame)
    assert differ.difference() == ""


def test_a_scrolled_line_costs_its_text() -> None:
    lines = [f"line {number} of a text that goes on and on" for number in range(60)]
    differ = Differ(80, 24, XTERM)
    for top in range(3):
        frame = "".join(f"\x1b[{y + 1};1H{lines[top + y]:<80}" for y in range(24))
        differ.draw(frame)
        difference = differ.difference()
    assert difference == f"\x1b[S\r{lines[25]}"


def test_what_a_scroll_takes_along_is_written_look_by_look() -> None:
    """Without margins a list beside the text has to be written again; each change of look is dear."""
    title, about = "\x1b[38;2;200;210;220m", "\x1b[38;2;100;110;120m"
    differ, screen = Differ(60, 20, XTERM), Emulated(60, 20)
    for top in range(3):
        rows = [
            f"{about if y % 2 else title}feature {y:<11}\x1b[0mthe text in row {top + y:<25}"
            for y in range(20)
        ]
        frame = "\n".join(f"\x1b[{y};1H{row}" for y, row in enumerate(rows, 1))
        if top:
            differ.shift(19, 0, 41, 20, 1)
        difference = shown(differ, screen, frame)
        assert [line.split(" the")[0].split() for line in screen.screen.display] == [
            ["feature", str(y)] for y in range(20)
        ]
    assert difference.startswith("\x1b[S")
    assert difference.count("38;2;200;210;220m") == difference.count("38;2;100;110;120m") == 1


@pytest.mark.parametrize("doubtful", [False, True])
def test_what_stands_beside_a_scroll_is_put_back_whatever_came_between(doubtful: bool) -> None:
    """It is written as for the scroll before, if that had the same to put back and ended alike."""
    random = Random(7)
    differ, screen, plain = Differ(60, 20, XTERM), Emulated(60, 20), Emulated(60, 20)
    titles = [f"{random.choice(['', chr(27) + '[1m', chr(27) + '[2;31m'])}{y:<17}" for y in range(20)]
    if doubtful:  # such a row is written to its end
        titles[3:10:3] = [pad(title, 17) for title in ("日本 is Japan", "हिन्दी", "e\u0301 and no more")]
    top, repeated = 0, 0
    before: set[str] = set()
    for step in range(200):
        if step % 23 == 22:
            titles[random.randrange(20)] = f"new {step:<13}"
        move = random.choice([0, 1, 1, 1, -1, 3])
        top += move
        ends = ["", "\x1b[1m", "\x1b[3;32m"][(top // 4) % 3]
        rows = [f"{title}\x1b[0m│ {ends}text in row {top + y:<28}\x1b[0m" for y, title in enumerate(titles)]
        frame = "\n".join(f"\x1b[{y};1H{row}" for y, row in enumerate(rows, 1))
        if move:
            differ.shift(18, 0, 42, 20, move)
        difference = shown(differ, screen, frame)
        plain.send(frame.replace("\n", "\r\n"))
        assert screen.screen.cells() == plain.screen.cells(), step
        beside = difference.partition("text in")[0]
        repeated += beside in before
        before.add(beside)
    assert repeated > 50


@pytest.mark.parametrize("seed", range(20))
def test_what_stands_beside_a_scroll_comes_later_where_that_is_hurried(seed: int) -> None:
    """The text is right with every difference, and all is with the next one that is not hurried."""
    random = Random(seed)
    differ, screen, plain = Differ(60, 20, XTERM), Emulated(60, 20), Emulated(60, 20)
    left, top = 18, 0
    looks = [random.choice(["0", "1", "2;31"]) for _ in range(20)]
    titles = [f"\x1b[{look}m{y:<17}\x1b[0m{random.choice('│  ')}" for y, look in enumerate(looks)]
    for step in range(60):
        move = random.choice([0, 0, 1, 1, -1, 3])
        top += move
        titles[random.randrange(20)] = f"{step:<18}" if random.random() < 0.2 else titles[0]
        rows = [f"{title}text in row {top + y:<30}" for y, title in enumerate(titles)]
        rows[19] = f"{random.choice(['caption', 'another caption']):<60}"
        frame = "\n".join(f"\x1b[{y};1H{row}" for y, row in enumerate(rows, 1))
        plain.send(frame.replace("\n", "\r\n"))
        if move:
            differ.shift(left, 0, 60 - left, 19, move)
        differ.draw(frame)
        hurried = random.random() < 0.7
        screen.send(differ.difference(hurried=hurried))
        found, wanted = screen.screen.cells(), plain.screen.cells()
        assert [row[left:] for row in found] == [row[left:] for row in wanted], step
        assert found[19] == wanted[19], step
        assert differ.is_behind == (found != wanted), step
        assert hurried or not differ.is_behind


@pytest.mark.parametrize("moves", [0, 1], ids=["at rest", "with a move"])
def test_what_is_drawn_beside_a_scroll_does_not_wait(moves: int) -> None:
    """Keys may go on in the list, or in a panel, with no moment between in which all is put back."""
    differ, screen = Differ(60, 20, XTERM), Emulated(60, 20)
    lines = [f"text in row {y:<30}" for y in range(22)]
    screen.send(differ.difference())
    for top in (0, 1):
        if top:
            differ.shift(18, 0, 42, 20, 1)
        differ.draw("\n".join(f"\x1b[{y + 1};1Hfeature {y:<10}{lines[y + top]}" for y in range(20)))
        screen.send(differ.difference(hurried=True))
    assert differ.is_behind
    if moves:
        differ.shift(18, 0, 42, 20, moves)
    cursor = "\n".join(f"\x1b[{y + 1};1H\x1b[7mfeature {y:<10}\x1b[0m" for y in (3, 4))
    differ.draw(f"{cursor}\n\x1b[20;19H{lines[20 + moves]}")
    screen.send(differ.difference(hurried=True))
    assert not differ.is_behind
    assert screen.screen.display == [f"feature {y:<10}{lines[y + 1 + moves]}" for y in range(20)]
    assert screen.screen.cells()[3][0].reverse


def shown(differ: Differ, screen: Emulated, frame: str) -> str:
    """Draw a frame, send what it takes, and return that."""
    differ.draw(frame)
    difference = differ.difference()
    screen.send(difference)
    return difference


def test_what_is_no_text_goes_to_its_place_as_it_is() -> None:
    picture = "\x1b_Gf=100,a=T;aGVsbG8=\x1b\\"
    differ, screen = Differ(20, 3, XTERM), Emulated(20, 3)
    sent = shown(differ, screen, f"\x1b[1;1Hone\n\x1b[2;3Htwo{picture}\n\x1b[3;1Hthree")
    assert sent.endswith(f"\x1b[2;6H{picture}")
    assert shown(differ, screen, "\x1b[1;1Hone") == ""


def test_a_hyperlink_keeps_its_address_and_ends() -> None:
    link = "\x1b]8;id=1;https://example.org/\x1b\\"
    differ = Differ(20, 2, XTERM)
    differ.draw(f"\x1b[1;1Hsee {link}\x1b[4mhere\x1b[0m\x1b]8;;\x1b\\ now\n\x1b[2;1H")
    sent = differ.difference()
    assert re.search(r"\x1b]8;(id=\w+)?;https://example.org/\x1b\\(\x1b\[4m)?here", sent)
    assert sent.index("here") < sent.index("\x1b]8;;\x1b\\") < sent.index("now")


@pytest.mark.parametrize(
    ("colours", "sent"),
    [
        (0, "\x1b[1mbold"),
        (8, "\x1b[1;31;44mbold"),
        (16, "\x1b[1;91;44mbold"),
    ],
)
def test_no_colour_is_sent_that_the_terminal_does_not_have(colours: int, sent: str) -> None:
    differ = Differ(10, 1, XTERM._replace(colours=colours))
    differ.draw("\x1b[1;1H\x1b[1;91;44mbold\x1b[0m\x1b[38;2;1;2;3mx\x1b[0m")
    assert sent in differ.difference()


@pytest.mark.parametrize(("italics", "sent"), [(True, "\x1b[3mslanted \x1b[mup"), (False, "slanted up")])
def test_no_italics_are_sent_to_a_terminal_without(italics: bool, sent: str) -> None:
    """GNU screen takes SGR 3 for standout."""
    differ = Differ(10, 1, XTERM._replace(italics=italics))
    differ.draw("\x1b[1;1H\x1b[3mslanted\x1b[0m up")
    assert differ.difference().endswith(f"\x1b[2J{sent}")


def test_numbers_that_run_out_are_given_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "MOST", 12)
    differ, thrifty, plain = Differ(30, 2, XTERM), Emulated(30, 2), Emulated(30, 2)
    for number in range(40):
        frame = (
            f"\x1b[{number % 2 + 1};1H\x1b[38;5;{number + 16}mnumber {number} e\u0301{chr(0x0901)}\x1b[0m日本"
        )
        shown(differ, thrifty, frame)
        plain.send(frame)
        assert thrifty.screen.cells() == plain.screen.cells()
    assert len(differ._canvas.looks) < 40


def test_the_cursor_goes_where_it_is_wanted() -> None:
    differ, screen = Differ(20, 3, XTERM), Emulated(20, 3)
    shown(differ, screen, "\x1b[1;1Ha\n\x1b[2;1Hb\n\x1b[3;1Hc\x1b[2;7H")
    assert (screen.screen.cursor.x, screen.screen.cursor.y) == (6, 1)
    shown(differ, screen, "\x1b[1;1Hz\x1b[3;4H")
    assert (screen.screen.cursor.x, screen.screen.cursor.y) == (3, 2)


def test_a_forgotten_screen_is_cleared_and_sent_whole() -> None:
    differ, screen = Differ(20, 2, XTERM), Emulated(20, 2)
    first = shown(differ, screen, "\x1b[1;1Hone\n\x1b[2;1Htwo")
    screen.send("\x1b[2;10Hrubbish")
    differ.forget()
    assert differ.difference() == first
    screen.send(first)
    assert [line.rstrip() for line in screen.screen.display] == ["one", "two"]


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "koi8-r"])
def test_other_encodings_get_what_they_have(encoding: str) -> None:
    fallback = cells_in(encoding)
    text = "“naïve” — 25 °C … ─│┌ ● हिन्दी 日本 река"
    differ = Differ(60, 1, XTERM._replace(encoding=encoding), fallback)
    differ.draw(f"\x1b[1;1H{text}")
    sent = differ.difference().encode(encoding)
    assert b"na" in sent
    assert differ._canvas.rows[0].text.rstrip() == sent.decode(encoding).partition("\x1b[2J")[2].rstrip()
    assert ("река" in sent.decode(encoding)) == (encoding == "koi8-r")


@pytest.mark.parametrize(("columns", "rows"), [(10, 4), (500, 200)])
def test_the_smallest_and_the_largest_screen(columns: int, rows: int) -> None:
    differ, screen = Differ(columns, rows, XTERM), Emulated(columns, rows)
    for top in range(3):
        frame = "\n".join(f"\x1b[{y + 1};1H{f'{y + top} ' * columns:.{columns}}" for y in range(rows))
        shown(differ, screen, frame)
        assert screen.screen.display[0].startswith(f"{top} ")
        assert screen.screen.display[-1].startswith(f"{rows - 1 + top} ")
