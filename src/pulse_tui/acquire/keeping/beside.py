"""The pictures that lie beside a kept feature: which of its sources became which files.

A picture that was had once is not asked for again, and does not go back to its address because the text
around it has changed, or since nobody wanted pictures this time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from pulse_tui.acquire.keeping.front import KeptText, digest

_KEY = "picture "
"""Before the digest of a source, among the digests of what was written."""
_MOST = 500
"""Pictures of one feature that are remembered."""

# What is remembered may have come from another machine.
_name = re.compile(r"images/[^\s()<>\"'/\\]+-(?P<digest>[0-9a-f]{8})\.(?P<kind>jpg|png|webp|gif)").fullmatch


def remembered(names: Mapping[str, str]) -> dict[str, str]:
    """What `Taken.written` keeps of files by the sources that they came from."""
    return {_key(source): names[source] for source in list(names)[:_MOST]}


def without_pictures(written: Mapping[str, str]) -> dict[str, str]:
    """The digests alone."""
    return {name: said for name, said in written.items() if not name.startswith(_KEY)}


def lying_beside(
    sources: Iterable[str], written: Mapping[str, str], folder: Path, text: KeptText | None = None
) -> dict[str, str]:
    """The files that these sources became, as paths within the folder, as far as they are still there.

    `text` is what stands in the feature's file: its owner may have given a picture another name there.
    """
    found: dict[str, str] = {}
    for source in sources:
        had = _name(written.get(_key(source), ""))
        if had is None:
            continue
        name = had[0]
        if not (folder / name).is_file():
            mentioned = text.mentions(had["digest"], had["kind"]) if text else []
            name = next((each for each in mentioned if (folder / each).is_file()), "")
        if name:
            found[source] = name
    return found


def _key(source: str) -> str:
    return _KEY + digest(unquote(source))
