"""What reading costs, as ratios to an empty Textual app and to `less`, measured in the same run."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import empty, engine, feeds, frames, library
from benchmarks.features import DEK, feature
from benchmarks.measure import COLUMNS, ROWS, Session, Work, listing, one_row, reading, session
from benchmarks.report import Report
from tests.terminal import Terminal

PROGRAM = Path(sys.executable).with_name("pulse-tui")
YARDSTICK = [sys.executable, empty.__file__, DEK]
SIZES = {"10 KB": 10_000, "100 KB": 100_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
QUICK_SIZES = {"10 KB": 10_000, "1 MB": 1_000_000}
LIBRARIES, QUICK_LIBRARIES = (10, 1_000, 10_000, 100_000), (10, 1_000)
PAGES, FEW_PAGES = 15, 3  # Page Downs in a feature; as many as fit into the smallest


def main() -> None:
    """Measure, print the tables and, if asked, write the figures to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("feeds",), help="measure only what taking feeds in costs")
    parser.add_argument("--rounds", type=int, default=5, help="how often all is measured (default 5)")
    parser.add_argument("--quick", action="store_true", help="three rounds of two sizes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        parser.error("pulse-tui is not installed beside this Python; use `make bench`")
    if arguments.part == "feeds":
        with tempfile.TemporaryDirectory() as folder:
            print(feeds.table(feeds.measure(Path(folder), feeds.FEW if arguments.quick else feeds.COUNT)))
        return
    rounds, sizes = (3, QUICK_SIZES) if arguments.quick else (max(1, arguments.rounds), SIZES)
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), sizes, rounds)
        print(report.text(), flush=True)
        print(f"\n{engine.table(engine.run(Path(folder) / 'engine', 2 * rounds))}", flush=True)
        libraries = library.run(
            Path(folder) / "libraries",
            QUICK_LIBRARIES if arguments.quick else LIBRARIES,
            partial(start_of_library, rounds=rounds),
        )
        print(f"\n{library.table(libraries)}", flush=True)
        print(f"\n{frames.report(Path(folder) / 'frames', quick=arguments.quick)}")
    if arguments.json:
        arguments.json.write_text(report.json() + "\n", encoding="utf-8")


def measure(folder: Path, sizes: dict[str, int], rounds: int) -> Report:
    """In each round a session of the empty app and one of every size, so that all meet the same weather.

    Every session finds the same home: that of a reader who has the features in the library, has started the
    program once before, and has not opened any of them.
    """
    home = folder / "home"
    articles = home / ".local" / "share" / "pulse-tui" / "articles"
    articles.mkdir(parents=True)
    for number, size in enumerate(sizes.values()):
        (articles / f"{number}.md").write_text(feature(size), encoding="utf-8")
    start_once(home)
    yardstick: list[Session] = []
    sessions: dict[str, list[Session]] = {name: [] for name in sizes}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        yardstick.append(session(YARDSTICK, home, one_row))
        for article_id, name in enumerate(sizes):
            shutil.rmtree(home / ".local" / "state", ignore_errors=True)
            steps = partial(reading, pages=PAGES if sizes[name] >= 100_000 else FEW_PAGES)
            sessions[name].append(session([PROGRAM, str(article_id)], home, steps))
    return Report(rounds, middle(yardstick), {name: middle(runs) for name, runs in sessions.items()}, sizes)


def start_of_library(folder: Path, rounds: int) -> dict[str, float]:
    """What a start with an index costs beside that of the empty app, in rounds of both."""
    home = folder.parent / f"{folder.name}-home"
    home.mkdir()
    program: list[str | Path] = [PROGRAM, "--library", folder]
    subprocess.run([*program, "list"], env={"HOME": str(home)}, stdout=subprocess.DEVNULL, check=True)
    start_once(home)
    empties, starts = [], []
    for _ in range(rounds):
        empties.append(session(YARDSTICK, home, one_row))
        starts.append(session(program, home, listing, "min read"))
    bare, full = middle(empties), middle(starts)
    return {
        "first paint": full.first_paint,
        "first paint / empty app": full.first_paint / bare.first_paint,
        "memory over empty app, MB": (full.memory - bare.memory) / 1e6,
        "G, key to frame": full.work["G"].latency or 0,
    }


def start_once(home: Path) -> None:
    """Let the program compile its modules and set up its files."""
    with Terminal([PROGRAM], columns=COLUMNS, rows=ROWS, home=home) as terminal:
        terminal.wait_for("min read", 60)
        terminal.settle(2)
        terminal.press("Q")
        terminal.wait()


def middle(runs: list[Session]) -> Session:
    """The median of each figure."""
    return Session(
        first_paint=median(run.first_paint for run in runs),
        start_cpu=median(run.start_cpu for run in runs),
        first_screen=round(median(run.first_screen for run in runs)),
        memory=round(median(run.memory for run in runs)),
        work={step: middle_work([run.work[step] for run in runs]) for step in runs[0].work},
    )


def middle_work(works: list[Work]) -> Work:
    """The same for one step."""
    latencies = [work.latency for work in works if work.latency is not None]
    return Work(
        median(work.cpu for work in works),
        median(work.bytes for work in works),
        median(latencies) if latencies else None,
    )


if __name__ == "__main__":
    main()
