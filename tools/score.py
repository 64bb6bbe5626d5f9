"""How much of what pages say about their articles is read: the share right in each field, on labelled pages.

The folder holds `labels.json`, a list of objects with `page` (the name of a file beside it, .html or
.html.gz), `url`, and any of `title`, `byline`, `dek`, `date`, `caption`, `credit`; null says that the page
has none.  How a hit is counted:

- All texts: letters and figures only, case, width and accents folded, so that quotes and dashes don't matter.
- title: equal, or the label is the title with a site's or author's name before or behind it (`Name - Site`).
- caption: equal, or one contains the other and is at least three quarters of it.
- credit: equal, or one contains the other (`Name / AP` and `Photo: Name / AP`) and is at least half of it.
- caption and credit are those of the lead picture, or of the first in the text where that has neither.
- byline: each name of the label is among the authors, or the other way round.
- dek: equal, or one begins with the first 40 letters of the other.
- date: the same day in either's own time zone, or moments less than 24 hours apart; a day without a time is
  taken for its noon, and 26 hours allowed, as labels give midnight in a zone of their own.

`none` counts the pages whose label says that there is no caption, and for which none was found.

With `--bodies FILE` the text is scored, too.  The file is a list of objects with `page`, `first` and `last`,
lists of words with which the text of the article may begin and end, and perhaps `text`, all that it says:

- begins, ends: the share of pages whose body begins, or ends, with one of these.
- extra, missing: the share of the body's words that are not in `text`, and the other way round, each word
  counted as often as it stands there; the median and the mean of the pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.page import PageError, read_page
from pulse_tui.acquire.page.dates import read_date

FIELDS = ("title", "byline", "date", "dek", "caption", "credit")
HELD_OUT = 3
"""Every third page, in the order of the names, is not looked at while rules are made."""


def main() -> int:
    """Print a table: each field, the share right, and what was missed if that is asked for."""
    options = argparse.ArgumentParser(description="Score the page reader on labelled pages.")
    options.add_argument("pages", type=Path, help="a folder with labels.json")
    options.add_argument("--held-out", action="store_true", help="only every third page")
    options.add_argument("--developed", action="store_true", help="all but every third page")
    options.add_argument("--missed", action="store_true", help="print what was missed")
    options.add_argument("--bodies", type=Path, help="a file with the words of the articles' texts")
    asked = options.parse_args()
    texts = json.loads(asked.bodies.read_text()) if asked.bodies else []
    bodies = _Bodies({text["page"]: text for text in texts})
    labels = sorted(json.loads((asked.pages / "labels.json").read_text()), key=lambda label: label["page"])
    right = dict.fromkeys((*FIELDS, "none"), 0)
    total = dict.fromkeys((*FIELDS, "none"), 0)
    spent: list[float] = []
    words: list[int] = []
    for number, label in enumerate(labels):
        held = number % HELD_OUT == HELD_OUT - 1
        if (asked.held_out and not held) or (asked.developed and held):
            continue
        found, seconds = _read(asked.pages / label["page"], label["url"])
        spent.append(seconds)
        words.append(len(found.body.split()) if found else 0)
        for missed in bodies.count(label["page"], found.body if found else ""):
            if asked.missed:
                print(f"{missed}: {label['page']}")
        for field in FIELDS:
            if not label.get(field):
                if field == "caption" and field in label:
                    total["none"] += 1
                    right["none"] += not (found and _given(found, field))
                continue
            total[field] += 1
            given = _given(found, field) if found else ""
            hit = bool(given) and HITS[field](given, str(label[field]))
            right[field] += hit
            if asked.missed and not hit:
                print(f"{field}: {label['page']}\n   wanted {label[field]}\n   found  {given}")
    for field, wanted in total.items():
        share = f"{100 * right[field] / wanted:5.1f} %" if wanted else "      -"
        print(f"{field:8} {share}   {right[field]} of {wanted}")
    for line in bodies.lines():
        print(line)
    print(
        f"CPU      {1000 * statistics.median(spent):.0f} ms a page at the median, "
        f"{1000 * max(spent):.0f} at most"
    )
    print(
        f"body     {statistics.median(words):.0f} words at the median, {min(words)} at least; "
        f"{len(spent)} pages"
    )
    return 0


class _Bodies:
    """What is found of the texts of articles."""

    def __init__(self, labels: Mapping[str, Mapping[str, Any]]) -> None:
        self._labels = labels
        self._begins: list[bool] = []
        self._ends: list[bool] = []
        self._extra: list[float] = []
        self._missing: list[float] = []

    def count(self, page: str, body: str) -> list[str]:
        """Add a page; what of it is not right."""
        label = self._labels.get(page)
        if label is None:
            return []
        said = plain(body)
        self._begins.append(any(folded(said).startswith(folded(words)) for words in label["first"]))
        self._ends.append(any(folded(said).endswith(folded(words)) for words in label["last"]))
        wanted = Counter(re.findall(r"\w+", label.get("text", "").casefold()))
        given = Counter(re.findall(r"\w+", said.casefold()))
        if wanted:
            self._extra.append((given - wanted).total() / max(1, given.total()))
            self._missing.append((wanted - given).total() / wanted.total())
        return [
            *([] if self._begins[-1] else ["begins"]),
            *([] if self._ends[-1] else ["ends"]),
            *([f"extra {100 * self._extra[-1]:.0f} %"] if wanted and self._extra[-1] > 0.05 else []),
            *([f"missing {100 * self._missing[-1]:.0f} %"] if wanted and self._missing[-1] > 0.05 else []),
        ]

    def lines(self) -> list[str]:
        """The lines of the table."""
        lines = []
        for name, hits in (("begins", self._begins), ("ends", self._ends)):
            if hits:
                lines.append(f"{name:8} {100 * sum(hits) / len(hits):5.1f} %   {sum(hits)} of {len(hits)}")
        for name, shares in (("extra", self._extra), ("missing", self._missing)):
            if shares:
                median, mean = statistics.median(shares), statistics.mean(shares)
                lines.append(
                    f"{name:8} {100 * median:5.1f} %   {100 * mean:.1f} % in the mean of {len(shares)}"
                )
        return lines


def plain(markdown: str) -> str:
    """The words of a body, without its pictures, addresses and signs."""
    address = r"\((?:<[^>]*>|[^)\s]*)(?: \"(?:\\.|[^\"])*\")?\)"
    text = re.sub(rf"!\[(?:\\.|[^\]])*\]{address}", "", markdown)
    return " ".join(re.sub(r"[\[\]*_\\>#`|]", " ", re.sub(rf"\]{address}", "]", text)).split())


def folded(text: str) -> str:
    """The letters and figures of a text, folded."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in text if character.isalnum())


def _title(given: str, wanted: str) -> bool:
    shorter = [wanted, *re.split(r"\s+[|\-–—:]\s+", wanted)]
    shorter += [" - ".join(shorter[1:-1]), " - ".join(shorter[2:])]
    return folded(given) in [folded(text) for text in shorter if len(text) > 10] or folded(given) == folded(
        wanted
    )


def _within(share: float) -> Callable[[str, str], bool]:
    def hit(given: str, wanted: str) -> bool:
        small, large = sorted((folded(given), folded(wanted)), key=len)
        return bool(small) and small in large and len(small) >= share * len(large)

    return hit


def _dek(given: str, wanted: str) -> bool:
    one, other = folded(given), folded(wanted)
    return one.startswith(other[:40]) or other.startswith(one[:40])


def _byline(given: str, wanted: str) -> bool:
    whole = folded(wanted)
    return all(folded(name) in whole for name in given.split(", ")) or whole in folded(given)


def _date(given: str, wanted: str) -> bool:
    found, label = read_date(given), read_date(wanted)
    if found is None or label is None:
        return False
    if found.isoformat()[:10] == label.isoformat()[:10]:
        return True
    if not isinstance(found, datetime) or not isinstance(label, datetime):
        return abs((_noon(found) - _noon(label)).total_seconds()) <= 26 * 3600
    return abs((found.replace(tzinfo=None) - label.replace(tzinfo=None)).total_seconds()) < 86400


def _noon(day: date) -> datetime:
    """The moment, or the middle of the day, without its zone."""
    return day.replace(tzinfo=None) if isinstance(day, datetime) else datetime.combine(day, clock(12))


HITS: Mapping[str, Callable[[str, str], bool]] = {
    "title": _title,
    "byline": _byline,
    "date": _date,
    "dek": _dek,
    "caption": _within(0.75),
    "credit": _within(0.5),
}


def _given(found: Feature, field: str) -> str:
    if field == "byline":
        return ", ".join(found.authors)
    if field == "date":
        return found.published.isoformat() if found.published else ""
    if field in ("caption", "credit") and not found.caption and not found.credit:
        return next((str(getattr(one, field)) for one in found.pictures if one.caption or one.credit), "")
    value: Any = getattr(found, field)
    return str(value)


def _read(path: Path, address: str) -> tuple[Feature | None, float]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    start = time.process_time()
    try:
        found = read_page(data, address)
    except PageError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return None, time.process_time() - start
    return found, time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
