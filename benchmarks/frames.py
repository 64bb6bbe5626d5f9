"""What reading sends: bytes and bursts of every step, beside those of `less` on the same rows of text.

`less` shows what `pulse-tui read --plain --width N` prints, N being the measure that the reader has at that
moment: 72 cells or what there is room for beside the list, all columns but four (at most 160) in the text
alone.  Both begin so that the same rows come into view: `less` keeps one for its prompt, so that where the
text is alone its first screen is counted with one line more.  It pages by as many rows as the reader does.
The text is paragraphs of plain words: links and emphasis cost bytes that `less` does not send.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import library
from benchmarks.features import DEK, prose
from benchmarks.line import Line, Sent
from benchmarks.measure import keys
from pulse_tui.terminal.frames.flow import QUESTION

PROGRAM = Path(sys.executable).with_name("pulse-tui")
SIZES = ((80, 24), (120, 40), (200, 60))
QUICK_SIZES = ((120, 40),)
TEXT, NEIGHBOURS = 300_000, 60
"""Bytes of the feature that is read, and how many others stand in the list."""
_STEPS = 10
_BARS, _OVERLAP = 3, 2
"""Rows of the page that are not text, and those that two pages have in common."""
_BESIDE, _MEASURE, _MOST, _MARGINS = 34, 72, 160, 4
"""Cells of the list; the usual measure, the largest, and what is left free of the pane."""
_IDLE_SECONDS = 5.0
_CLEARS = b"\x1b[r\x1b[m\x1b[H"
"""What a whole screen begins with."""
_SYNC_END = b"\x1b[?2026l"
_SLOWER = 1.3
"""Times the processor time of whole frames that differences may take."""
_POINTER = [f"\x1b[<35;{1 + step * 2};{1 + step % 20}M" for step in range(40)]
"""Reports of the mouse moving about without a button, as a terminal sends them that was asked for all."""
STEPS = ("first screen", "line", "page", "end", "resize", "next feature", "list move", "idle", "mouse")

Figures = dict[str, list[Sent]]
"""What came for each repetition of a step."""


class Case(NamedTuple):
    """A terminal and what is shown on it."""

    columns: int
    rows: int
    truecolor: bool
    margins: bool
    alone: bool
    """Only the text is shown, without the list and the bars."""

    @property
    def text_rows(self) -> int:
        """Rows of text."""
        return self.rows if self.alone else self.rows - _BARS

    @property
    def measure(self) -> int:
        """Cells of a line of text."""
        if self.alone:
            return min(_MOST, self.columns - _MARGINS)
        pane = self.columns - _BESIDE
        return min(_MEASURE, pane - (_MARGINS if pane >= 60 else 2))

    def __str__(self) -> str:
        words = [f"{self.columns}x{self.rows}", "text alone" if self.alone else "with the list"]
        words += ["truecolor" if self.truecolor else "ANSI", *(["margins"] if self.margins else [])]
        return " ".join(words)


class Budget(NamedTuple):
    """At most so many times what `less` sends, or so many bytes, or bursts."""

    times: float | None = None
    bytes: int | None = None
    bursts: int | None = None

    def broken(self, sent: Sequence[Sent], less: Sequence[Sent]) -> bool:
        """Whether the steps took more."""
        total = sum(each.bytes for each in sent)
        return (
            (self.times is not None and total > self.times * sum(each.bytes for each in less))
            or (self.bytes is not None and total > self.bytes * len(sent))
            or (self.bursts is not None and median(each.bursts for each in sent) > self.bursts)
        )


def budget(case: Case, step: str) -> Budget:
    """What a step may cost."""
    if step in ("idle", "mouse"):
        return Budget(bytes=0)
    if step == "list move":
        return Budget(bytes=150)
    if case.alone and step in ("line", "page", "first screen"):
        return Budget(times=2 if case.truecolor else 1.1)
    if step == "line":
        return Budget(times=2) if case.margins else Budget(bytes=1000)
    return Budget(bursts=2) if step == "first screen" else Budget()


# -- What is measured


class Session(NamedTuple):
    """One life of a program."""

    steps: Figures
    seen: str
    """The last row of text once all lines were scrolled: so that nobody compares different text."""


def reader(folder: Path, home: Path, case: Case) -> tuple[Session, Session]:
    """All that is shown beside the text, then the text alone; `case.alone` is not looked at."""
    shutil.rmtree(home / ".local", ignore_errors=True)
    case, alone = case._replace(alone=False), case._replace(alone=True)
    size = case.columns, case.rows
    with Line(_reading(folder), size, home, truecolor=case.truecolor, margins=case.margins) as line:
        first = line.started(DEK)
        set_up = line.output.index(_CLEARS) + len(QUESTION)
        for _ in range(case.rows - 1 - case.text_rows):
            line.key("j")
        shown = _scrolled(line, case)
        shown.steps["first screen"] = [first]
        shown.steps["next feature"] = [line.key("J") for _ in range(_STEPS // 2)]
        line.key("h")
        line.key("g")
        moves = "j" * (_STEPS // 2) + "k" * (_STEPS // 2)
        shown.steps["list move"] = [line.key(key) for key in moves]
        line.key("enter")
        shown.steps.update(_unmoved(line))

        line.key("z")
        for _ in range(_MEASURE, alone.measure, 4):
            line.key("+")
        line.wait_for(lambda text: "Lines of up to" not in text, 30)
        line.settle(0.5)
        line.key("ctrl+l")
        whole = line.output[line.output.rindex(_CLEARS) :].removesuffix(_SYNC_END)
        text = _scrolled(line, alone)
        text.steps["first screen"] = [Sent(set_up + len(whole), 1)]
        text.steps.update(_unmoved(line))
        line.press("Q")
        line.wait()
    return shown, text


def less(folder: Path, home: Path, case: Case) -> Session:
    """The same text in `less`; only size and measure of the case matter."""
    width = str(case.measure)
    print_text: list[str | Path] = [PROGRAM, "read", "main", "--library", folder, "--plain", "--width", width]
    environment = {"HOME": str(home), "LANG": "C.UTF-8"}
    (home / "text").write_bytes(subprocess.check_output(print_text, env=environment))
    page = case.text_rows - _OVERLAP
    with Line(["less", f"-z{page}", "text"], (case.columns, case.rows), home) as line:
        first = line.started(DEK)
        for _ in range(case.text_rows - (case.rows - 1)):  # in the place of the prompt
            first = first._replace(bytes=first.bytes + line.key("j").bytes)
        session = _scrolled(line, case, last=case.rows - 2, left=0)
        session.steps["first screen"] = [first]
        line.press("q")
        line.wait()
    return session


def _reading(folder: Path) -> list[str | Path]:
    return [PROGRAM, "--library", folder]


def _scrolled(line: Line, case: Case, last: int | None = None, left: int | None = None) -> Session:
    """Lines, pages, the end and another size; the last row of text is on this row, right of this column."""
    if last is None:
        last, left = (case.rows - 1, 0) if case.alone else (case.rows - _BARS, _BESIDE)
    steps: Figures = {"line": [line.key("j") for _ in range(_STEPS)]}
    seen = line.text().split("\n")[last][left:].strip()
    steps["page"] = [line.key(" ") for _ in range(_STEPS)]
    steps["end"] = [line.key("G")]
    steps["resize"] = [line.resized(case.columns - _MARGINS, case.rows)]
    line.resized(case.columns, case.rows)
    line.key("g")
    return Session(steps, seen)


def _unmoved(line: Line) -> Figures:
    line.settle(1)
    return {"idle": [line.idle(_IDLE_SECONDS)], "mouse": [line.key(*_POINTER)]}


def prepare(folder: Path, home: Path) -> None:
    """A library with the feature on top, and the home of a reader who has started the program before."""
    library.write(folder, NEIGHBOURS)
    (folder / "main.md").write_text(prose(TEXT), encoding="utf-8")
    _configure(home)
    with Line(_reading(folder), SIZES[0], home) as line:
        line.started(DEK)
        line.press("Q")
        line.wait()


def _configure(home: Path) -> None:
    place = home / ".config" / "pulse-tui" / "config.toml"
    place.parent.mkdir(parents=True)
    place.write_text("bundled = false\n", encoding="utf-8")


def fresh(folder: Path, case: Case) -> Sent:
    """The first screen of somebody who never started the program before."""
    with tempfile.TemporaryDirectory() as home:
        _configure(Path(home))
        with Line(_reading(folder), (case.columns, case.rows), Path(home), truecolor=case.truecolor) as line:
            return line.started(DEK)


# -- The report


class Row(NamedTuple):
    """What one case cost, and what the same cost with `less`."""

    case: Case
    steps: Figures
    less: Figures
    name: str = ""

    def cells(self) -> list[str]:
        """The row of the table."""
        return [f"{self.case} {self.name}", *map(self._cell, STEPS)]

    def _cell(self, step: str) -> str:
        sent = self.steps.get(step)
        if sent is None:
            return ""
        text = f"{median(each.bytes for each in sent):,.0f}"
        if beside := self.less.get(step):
            text += f" ({_total(sent) / _total(beside):.2f})"
        if step == "first screen" and not self.case.alone:
            text += f" in {sent[0].bursts}"
        missed = bool(self.less) and budget(self.case, step).broken(sent, self.less.get(step, ()))
        return text + "!" * missed


def _total(steps: Sequence[Sent]) -> int:
    return sum(each.bytes for each in steps)


def run(folder: Path, sizes: Sequence[tuple[int, int]]) -> list[Row]:
    """Measure every case, and `less` beside it."""
    home = folder / "home"
    prepare(folder / "library", home)
    rows = []
    for columns, lines in sizes:
        plain = Case(columns, lines, truecolor=False, margins=False, alone=False)
        beside = [less(folder / "library", home, plain._replace(alone=alone)) for alone in (False, True)]
        rows += [
            Row(plain._replace(alone=alone), beside[alone].steps, {}, "in less") for alone in (False, True)
        ]
        for truecolor in (False, True):
            for margins in (False, True):
                print(f"{columns}x{lines}", "true" if truecolor else "ANSI", margins, file=sys.stderr)
                case = plain._replace(truecolor=truecolor, margins=margins)
                for session, by, alone in zip(
                    reader(folder / "library", home, case), beside, (False, True), strict=True
                ):
                    assert session.seen == by.seen, (session.seen, by.seen)
                    rows.append(Row(case._replace(alone=alone), session.steps, by.steps))
            case = plain._replace(truecolor=truecolor)
            rows.append(
                Row(case, {"first screen": [fresh(folder / "library", case)]}, beside[0].steps, "new home")
            )
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows below each other."""
    cells = [["bytes (times less), bursts; ! misses its budget", *STEPS], *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


# -- Processor time


class Drawing(NamedTuple):
    """Milliseconds of processor time that a step takes, the median of all rounds."""

    step: str
    diff: float
    plain: float
    """With the framework's own driver."""


def drawing(folder: Path, home: Path, rounds: int) -> list[Drawing]:
    """What frames cost at 120x40, whole ones and differences by turns."""
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for truecolor in (False, True):
            for frames in ("diff", "plain"):
                shutil.rmtree(home / ".local", ignore_errors=True)
                with Line(
                    [*_reading(folder), "--frames", frames], (120, 40), home, truecolor=truecolor
                ) as line:
                    line.started(DEK)
                    for name, cost in _drawn(line):
                        name = f"{name}, {'truecolor' if truecolor else 'ANSI'}"
                        found.setdefault(name, {}).setdefault(frames, []).append(cost)
    return [Drawing(step, median(by["diff"]), median(by["plain"])) for step, by in found.items()]


def _drawn(line: Line) -> Iterator[tuple[str, float]]:
    for shown in ("with the list", "text alone"):
        for step, key, times in (("line", "j", 40), ("page", "pagedown", 15)):
            yield f"{step}, {shown}", keys(line, key, times).cpu
        line.key("z")
        line.settle(0.5)


def drawing_table(figures: Sequence[Drawing]) -> str:
    """The rows below each other."""
    lines = [f"{'processor time, 120x40':<32}{'differences':>12}{'whole':>10}{'ratio':>8}"]
    for step, diff, plain in figures:
        missed = "!" * (diff > _SLOWER * plain)
        lines.append(f"{step:<32}{diff:>9.2f} ms{plain:>7.2f} ms{diff / plain:>8.2f}{missed}")
    return "\n".join(lines)


def report(folder: Path, *, quick: bool) -> str:
    """Everything, measured in a folder that is empty."""
    rows = run(folder, QUICK_SIZES if quick else SIZES)
    drawn = drawing(folder / "library", folder / "home", 2 if quick else 3)
    return f"{__doc__}\n{table(rows)}\n\n{drawing_table(drawn)}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frames", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one size")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(report(Path(folder), quick=arguments.quick))


if __name__ == "__main__":
    main()
