"""What a library costs: indexing it, opening it, moving and searching in it, and noticing a change.

`python -m benchmarks.library measure FOLDER COUNT` measures one library in a process of its own and prints
JSON, so that memory is that of one size alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from statistics import median, quantiles
from threading import Event

from benchmarks.features import feature, words
from pulse_tui.query import parse
from pulse_tui.repository import View
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore

BYTES = 6_000
_STOCK = 400
"""Features that are written; the library is made of them under other names, dates and headlines."""
_FOLDER = 500
_WORDS = words("""
    river ferry glacier monsoon treaty railway harbour tea salt border archive orchard festival school
    valley market lantern dam ministry census poet bridge tariff stepwell grain printer museum drought
""")
_SECTIONS = ("Security", "Environment", "Economy", "Culture", "Society", "Technology", "Diplomacy")
QUERIES = (
    "ferry",
    "the",
    "river treaty",
    '"the lantern"',
    "monsoon -drought",
    "section:culture poet",
    "author:writer7 grain",
    "tag:tea after:2021",
    "before:2015 railway",
    "credit:desk caption:dawn",
    "is:unread stepwell",
    "نور صبح",
    "नदी शांत",
    "নৌকা",
    "காலையில்",
    "渡船",
    "zzyzx",
    "counts boats what the water took",
    "ministry of the",
    "peshawar",
    "pesh",
    "a",
)


def write(folder: Path, count: int) -> None:
    """A library of so many features of some 6 KB, the same each time."""
    random = Random(count)
    stock = [feature(BYTES, seed).partition("---\n\n")[2] for seed in range(_STOCK)]
    for number in range(count):
        day = f"{random.randint(1996, 2025)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        title = " ".join(random.choices(_WORDS, k=4)).capitalize()
        head = (
            f"---\ntitle: {title} {number}\ndek: What the {random.choice(_WORDS)} took\n"
            f"sections: [The Pulse, {random.choice(_SECTIONS)}]\nauthors: [Writer{number % 97}]\n"
            f"tags: [{random.choice(_WORDS)}, {random.choice(_WORDS)}]\npublished: {day}\n---\n\n"
        )
        place = folder / f"{number // _FOLDER:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{day}-{number:06}.md").write_text(head + stock[number % _STOCK], encoding="utf-8")


def measure(folder: Path, count: int) -> dict[str, float]:
    """Every figure of one library: times in milliseconds but where the name says otherwise."""
    index = folder.parent / f"{folder.name}-index" / "index.sqlite"
    shutil.rmtree(index.parent, ignore_errors=True)
    before = _peak()

    def opened() -> Library:
        return Library([folder], index=index, state=StateStore(None, clock=time.time))

    library = opened()
    seconds = _timed(library.refresh) / 1e3
    figures = {"files a second": count / seconds, "peak memory, MB": (_peak() - before) / 1e6}
    figures["index, bytes a feature"] = sum(f.stat().st_size for f in index.parent.iterdir()) / count
    figures["unchanged"] = _timed(library.refresh)
    library.close()

    def first_rows() -> None:
        library = opened()
        assert library.count() == count
        assert len(library.recent(0, 20)) == min(20, count)
        library.close()

    figures["first rows"] = median(_timed(first_rows) for _ in range(5))
    library = opened()
    figures["G, the first time"] = _timed(lambda: library.recent(count - 20, 20))
    figures["G"] = median(_timed(lambda: library.recent(count - 20, 20)) for _ in range(9))
    typed = [word[:end] for word in _WORDS[:8] for end in range(1, len(word) + 1)]
    keystrokes = sorted(_timed(_filter(library, text)) for text in typed)
    figures["filter, p50"], figures["filter, p95"] = median(keystrokes), _p95(keystrokes)
    searches = sorted(_timed(_search(library, text)) for _ in range(3) for text in QUERIES)
    figures["search, p50"], figures["search, p95"] = median(searches), _p95(searches)
    figures["search, worst"] = searches[-1]
    changed = Event()
    library.watch(changed.set)
    time.sleep(1)
    changed.clear()
    file = next(folder.rglob("*.md"))
    text = file.read_text(encoding="utf-8")
    figures["change noticed"] = _timed(lambda: (file.write_text(text + "\nMore.\n"), changed.wait(30)))
    file.write_text(text, encoding="utf-8")
    library.close()
    return figures


def table(figures: dict[int, dict[str, float]]) -> str:
    """The figures of several libraries side by side."""
    names = list(next(iter(figures.values())))
    widest = max(map(len, names))
    heads = [f"{count:>10,}" for count in figures]
    lines = [f"{'library of':{widest}}  {'  '.join(heads)}"]
    for name in names:
        values = [f"{each[name]:>10,.{0 if each[name] >= 100 else 1}f}" for each in figures.values()]
        lines.append(f"{name:{widest}}  {'  '.join(values)}")
    return "\n".join(lines)


def run(
    folder: Path, counts: Iterable[int], start: Callable[[Path], dict[str, float]]
) -> dict[int, dict[str, float]]:
    """Write the libraries, measure each in a process of its own, and add what a start with it costs."""
    figures = {}
    for count in counts:
        write(folder / str(count), count)
        print(f"a library of {count:,}", file=sys.stderr)
        place = str(folder / str(count))
        command = [sys.executable, "-m", "benchmarks.library", "measure", place, str(count)]
        figures[count] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        figures[count] |= start(Path(place))
    return figures


def _filter(library: Library, text: str) -> Callable[[], object]:
    def keystroke() -> object:
        view = View(parse(text, typing=True))
        return library.count(view), library.recent(0, 64, view)

    return keystroke


def _search(library: Library, text: str) -> Callable[[], object]:
    return lambda: library.search(parse(text, typing=True), 30)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    _, _, where, size = sys.argv
    print(json.dumps(measure(Path(where), int(size))))
