"""What the document engine takes by itself: to open a feature, to fit it to another width, to find in it.

Milliseconds of processor time, the median of all rounds; nothing is drawn, and no framework is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.features import feature
from pulse_tui.article import Place
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.find import Finder
from pulse_tui.repository import Repository
from tests.libraries import library

_ROWS, _WIDTHS = 37, (60, 72)
_MIDDLING, _LARGE = "1m", "10m"
_SIZES = {"10k": 10_000, _MIDDLING: 1_000_000, _LARGE: 10_000_000}
"""Bytes of each feature."""
_OPENING = {"10k": 5.0, _MIDDLING: 8.0, _LARGE: 15.0}
_RESIZE, _FIND = 12.0, 8.0
"""Milliseconds that each may take."""
_PHRASES = {"nowhere": "zebra crossing", "here and there": "glacier survey", "everywhere": "unpaid"}


class Taken(NamedTuple):
    """What a piece of work took."""

    work: str
    milliseconds: float
    budget: float | None = None


def run(folder: Path, rounds: int) -> Iterator[Taken]:
    """Measure everything, with features that are written into a folder."""
    folder.mkdir()
    for name, size in _SIZES.items():
        (folder / f"{name}.md").write_text(feature(size), encoding="utf-8")
    repository = library(folder)
    for name, budget in _OPENING.items():
        yield Taken(f"open {name}", _median(partial(_open, repository, name), rounds), budget)
    document, widths = _whole(repository, _LARGE), cycle(_WIDTHS)
    place = document.place(Anchor(len(document) // 2, 0))
    resize = _median(lambda: _resize(document, next(widths), place), rounds)
    yield Taken("resize in the middle of 10m", resize, _RESIZE)
    document = _whole(repository, _MIDDLING)
    for where, phrase in _PHRASES.items():
        for ahead, limit in ((True, _FIND), (False, None)):
            found = [_find(document, phrase, ahead=ahead) for _ in range(rounds)]
            first, both = (median(times) for times in zip(*found, strict=True))
            read = "" if ahead else ", nothing read ahead"
            yield Taken(f"find in 1m what is {where}{read}: go to the first", first, limit)
            yield Taken(f"find in 1m what is {where}{read}: and count all", both, limit)


def table(works: Iterator[Taken]) -> str:
    """The works below each other."""
    lines = [__doc__]
    for work, milliseconds, budget in works:
        line = f"{work:<70}{milliseconds:>8.1f} ms"
        if budget is not None:
            line += f"  ≤ {budget:.0f} ms {'met' if milliseconds <= budget else 'missed'}"
        lines.append(line)
    return "\n".join(lines)


def _open(repository: Repository, article_id: str) -> Document:
    document = Document(repository.get(article_id), _WIDTHS[0])
    document.rows(Anchor(0, 0), _ROWS)
    return document


def _whole(repository: Repository, article_id: str) -> Document:
    """A document that was read to its end in idle moments."""
    document = _open(repository, article_id)
    while not document.complete:
        document.scan(1_000_000)
    return document


def _resize(document: Document, width: int, place: Place) -> None:
    document.set_width(width)
    document.rows(document.clamped(document.find(place), _ROWS), _ROWS)


def _find(document: Document, phrase: str, *, ahead: bool) -> tuple[float, float]:
    """Milliseconds until the page with the first match is laid out, and until all are counted, too.

    `ahead` is whether the text was read before, as it is while a phrase is being typed.
    """
    finder = Finder(document)
    if ahead:
        finder.warm(None)
    start = time.process_time()
    found = finder.find(phrase)
    if (match := found.after(None, None).match) is not None:
        document.rows(found.anchor(match), _ROWS)
    shown = time.process_time()
    found.step(None)
    return (shown - start) * 1e3, (time.process_time() - start) * 1e3


def _median(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times) * 1e3
