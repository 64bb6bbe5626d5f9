"""A feature and what becomes of it, for the tests of keeping; light, since children load it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.keeping.keeper import Keeper, Kept
from pulse_tui.article import Figure
from pulse_tui.storage.files.head import Head, read_head

TODAY = date(2026, 11, 22)
JPEG = b"\xff\xd8\xff\xe0 a picture"
PNG = b"\x89PNG\r\n\x1a\n a picture"
URL = "https://example.org/talks"
STORY = feature(
    "Talks Take a Back Seat",
    'First.\n\n![A crowd](https://example.org/a%20b.jpg "Mourners. Credit: Agency")\n\nLast.',
    dek="With violence rising, a deal is hard to sell.",
    authors=["A. Writer"],
    published=date(2022, 3, 15),
    sections=["The Pulse", "South Asia"],
    language="en",
    source=URL,
    lead=Figure("https://example.org/lead.png", "A hall", "The hall.", "Ada"),
    tags=["ttp"],
)
PICTURES = {"https://example.org/a b.jpg": JPEG, "https://example.org/lead.png": PNG}


NEW = replace(
    STORY,
    title="Talks: a New Seat",
    dek="Another dek.",
    sections=("World",),
    authors=("B. Writer", "C, D"),
    published=datetime(2022, 3, 16, 8, tzinfo=UTC),
    language="",
    image="https://example.org/other.png",
    alt="",
    caption="Another #caption.",
    credit="",
    tags=("a: b",),
)


def keeper(folder: Path) -> Keeper:
    return Keeper(folder, today=lambda: TODAY)


def keep(
    folder: Path, wanted: Feature = STORY, pictures: dict[str, bytes] | None = None, **more: Any
) -> Kept:
    return keeper(folder).keep(wanted, pictures or {}, **{"said": "1", **more})


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def head_of(path: Path) -> Head:
    data = path.read_bytes()
    return read_head(data, len(data), path.name, path.stem)
