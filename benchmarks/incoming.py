"""What a key costs while features come in: beside nothing, beside an errand that never rests, beside `sync`.

`python -m benchmarks.incoming` prints, for each, the time from a key to its frame.  The errand reports as
fast as it is heard and writes features into the library; the real one asks the feeds of `benchmarks.feeds`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from benchmarks import feeds
from benchmarks.features import feature
from benchmarks.measure import COLUMNS, ROWS
from tests import errand
from tests.terminal import Terminal

WANTED = 30.0
"""Milliseconds from a key to its frame, for 95 of 100 keys."""
_KEYS = 200
_GAP = 0.05
"""Seconds of silence after a frame before the next key."""
_SIZE = 6_000
"""Bytes of a feature."""
_READER = """
import sys
from pulse_tui import cli
from pulse_tui.errands import running
if {command!r}:
    running.COMMAND = {command!r}
sys.exit(cli.main(sys.argv[1:]))
"""
_STORM = """
import json, os, sys, time
from pathlib import Path
folder, text, rate = Path(sys.argv[1]), Path(sys.argv[2]).read_text(), float(sys.argv[3])
def say(**event):
    sys.stdout.write(json.dumps(event) + "\\n")
    sys.stdout.flush()
for number in range(1_000_000):
    say(event="asked", done=number % 300, of=300)
    for part in range(10):
        say(event="progress", source="https://example.org/" + "x" * 60, bytes=part * 1000, expected=None)
    name = f"feed{number % 30}"
    path = folder / "feeds" / name / f"2026-11-{1 + number % 28:02}-{number}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text.replace("title: ", f"title: {number} ", 1))
    part.replace(path)
    say(event="kept", source="https://example.org/", id=path.stem, path=str(path), title=str(number),
        outcome="new", edited=[])
    say(event="feed", url="x", name=name, title=name, outcome="new", new=1, updated=0, reason="")
    sum(range(100_000))  # what reading a page costs, some ms
    time.sleep(1 / rate)
"""


class Latencies(NamedTuple):
    """Milliseconds from a key to its frame."""

    p50: float
    p95: float
    worst: float
    features: int
    """How many came in meanwhile."""


def measure(home: Path, command: tuple[str, ...], begin: Callable[[Terminal], None]) -> Latencies:
    """Read on, line by line, while something goes on that `begin` has begun."""
    articles = home / ".local" / "share" / "pulse-tui" / "articles"
    program = [sys.executable, "-c", _READER.format(command=command)]
    with Terminal(program, columns=COLUMNS, rows=ROWS, home=home) as terminal:
        terminal.wait_for("min read", 60)
        terminal.settle(1)
        begin(terminal)
        before, answers = _count(articles), []
        for number in range(_KEYS):
            terminal.settle(_GAP, 60)
            terminal.press("k" if number // 25 % 2 else "j")
            sent = terminal.bytes_received
            deadline = time.perf_counter() + 10
            while terminal.bytes_received == sent and time.perf_counter() < deadline:
                terminal.settle(0.001, 60)
            answers.append(terminal.answered * 1e3)
        came = _count(articles) - before
        if begin is not _nothing and " of 300" not in terminal.text():
            print("what went on was over before the keys were", file=sys.stderr)
        terminal.press("Q")
        terminal.wait()
    return Latencies(median(answers), quantiles(answers, n=20)[-1], max(answers), came)


@contextmanager
def world() -> Iterator[int]:
    """The servers of `benchmarks.feeds` as if they were elsewhere: they take no time from the reader."""
    command = ["nice", "-n", "19", sys.executable, "-m", "benchmarks.feeds", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.communicate()


def _nothing(_: Terminal) -> None:
    """Nothing goes on."""


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.md"))


def report(folder: Path, *, rate: float = 20.0, known: int = 1_000) -> str:
    """The table: in each line p50, p95 and the worst in milliseconds, and how many features came in."""
    home = folder / "home"
    articles = home / ".local" / "share" / "pulse-tui" / "articles"
    articles.mkdir(parents=True)
    text = feature(_SIZE)
    for number in range(known):
        (articles / f"2025-01-{1 + number % 28:02}-{number}.md").write_text(text)
    long = folder / "text.md"
    long.write_text(text)
    storm = folder / "storm.py"
    storm.write_text(_STORM)
    play = folder / "play"
    play.mkdir()
    subprocess.run(
        [sys.executable, "-m", "pulse_tui", "list"],
        env={"HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )

    def stormy(rate: float) -> tuple[str, ...]:
        return (sys.executable, "-S", "-E", str(storm), str(articles), str(long), str(rate))

    def begin(terminal: Terminal) -> None:
        terminal.press("r")
        terminal.wait_for(lambda text: " of 300" in text, 60)

    quiet = measure(home, (), _nothing)
    rows = [("nothing else", quiet)]
    errand.write_play(play, ["sync", "--json"], ["flood", {"event": "asked", "done": 1, "of": 300}])
    flood = (sys.executable, "-S", "-E", errand.__file__, str(play))
    rows.append(("an errand that floods", measure(home, flood, begin)))
    for each in (rate, 5 * rate):
        rows.append((f"{each:g} features a second", measure(home, stormy(each), begin)))
        shutil.rmtree(articles / "feeds", ignore_errors=True)
    with world() as port:
        state = home / ".local" / "state" / "pulse-tui"
        feeds.follow(state, port, feeds.COUNT)
        rows.append((f"sync of {feeds.COUNT} feeds", measure(home, (), begin)))
    return table(rows)


def table(rows: list[tuple[str, Latencies]]) -> str:
    """The rows as Markdown; ratios are to the first."""
    lines = [
        "| Key to frame, ms, beside | p50 | p95 | worst | p95 to the first | features |",
        "|---|---|---|---|---|---|",
    ]
    for name, each in rows:
        over = "!" if each.p95 > WANTED else ""
        ratio = f"{each.p95 / rows[0][1].p95:.2f}"
        figures = (
            f"{each.p50:.1f}",
            f"{each.p95:.1f}{over}",
            f"{each.worst:.1f}",
            ratio,
            f"{each.features:,}",
        )
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incoming", description=__doc__)
    parser.add_argument(
        "--rate", type=float, default=20.0, help="features a second (default 20, and 5 times as many)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(report(Path(folder), rate=arguments.rate))


if __name__ == "__main__":
    main()
