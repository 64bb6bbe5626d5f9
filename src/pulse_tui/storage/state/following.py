"""What is kept of subscriptions and of what was taken in: its bounds, its names and its rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import isfinite
from typing import NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from pulse_tui.subscriptions import Answer, Subscription, Taken
from pulse_tui.text import clean, clean_line

TEXT = 1000
"""Characters of a title, of a folder's name, of a digest."""
ADDRESS = 4000
SOURCE = 30_000
PATH = 4000
NAME = 200  # bytes, so that with what tells it from another it is still the name of a folder
FOLDERS = 100
FIELDS = 1000
LONGEST = 1e9  # seconds

_unfit_for_a_name = re.compile(r"[^a-z0-9.-]+").sub


class Followed(NamedTuple):
    """A subscription and when it was changed, in Unix seconds; one that was removed keeps only its name.

    The name is as it was given: two feeds may have got one name on two machines, see `apart`.
    """

    subscription: Subscription
    changed: float
    removed: bool = False


class TakenRow(NamedTuple):
    """What was taken from one source and when that was noted, as it is kept."""

    feed: str
    source: str
    file: str
    said: str
    written: str
    """A JSON object."""
    changed: float


@dataclass
class Following:
    """What one state hands to another; of two with one key the later counts."""

    subscriptions: list[Followed] = field(default_factory=list)
    taken: list[TakenRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.subscriptions or self.taken)


# -- Bounds


def is_line(text: str, longest: int = TEXT) -> bool:
    """Whether a text is one clean line of at most so many characters."""
    return len(text) <= longest and clean_line(text) == text


def is_address(text: str) -> bool:
    """Whether a feed or a page may have this address."""
    return text.startswith(("http://", "https://")) and is_line(text, ADDRESS) and " " not in text


def is_name(text: str) -> bool:
    """Whether a folder may have this name: one part of a path, seen, and inside the folder around it."""
    return (
        0 < len(text) <= NAME
        and is_line(text)
        and not text.startswith(".")
        and not set(text) & {"/", "\\"}
        and len(text.encode()) <= NAME
    )


def is_path(text: str) -> bool:
    """Whether a path stays within the folder that it starts from."""
    return 0 < len(text) <= PATH and clean(text) == text and all(map(_is_part, text.split("/")))


def _is_part(text: str) -> bool:
    return text not in ("", ".", "..") and not set(text) & {"\\", "\n", "\t"}


def is_source(text: str) -> bool:
    """Whether a text may stand for a source; see `kept_source`."""
    return 0 < len(text) <= SOURCE and clean(text) == text and not set(text) & {"\n", "\t"}


def is_taken(source: str, taken: Taken) -> bool:
    """Whether what was taken is such that it can be kept, and taken elsewhere."""
    return (
        is_source(kept_source(source))
        and is_path(taken.file)
        and is_line(taken.said)
        and are_digests(taken.written)
    )


def are_digests(written: Mapping[str, object]) -> bool:
    """Whether these may be the digests of an article's fields."""
    return len(written) <= FIELDS and all(
        isinstance(text, str) and is_line(text) for pair in written.items() for text in pair
    )


def kept_source(source: str) -> str:
    """A source as it is kept: what is not fit for a line (the path of a file may be anything) as JSON."""
    return source if is_source(source) and source[0] != '"' else json.dumps(source)


def is_kept_source(text: str) -> bool:
    """Whether a source may be kept as this."""
    if not is_source(text):
        return False
    try:
        return not text.startswith('"') or kept_source(source_of(text)) == text
    except ValueError:
        return False


def source_of(kept: str) -> str:
    """The source that is kept so."""
    return str(json.loads(kept)) if kept.startswith('"') else kept


# -- Names


def apart(name: str, url: str) -> str:
    """The name of a feed where another one has it too, whose address comes first.

    It is told from name and address alone, so that all machines that merge their states agree on it.
    """
    return f"{name}-{crc32(url.encode()):08x}"


def host_name(url: str) -> str:
    """A name for a feed that has none: its host's, without `www`."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return _unfit_for_a_name("-", host.removeprefix("www."))[:NAME].strip(".-") or "feed"


def numbered(name: str, last: int) -> Iterator[tuple[str, int]]:
    """The name with the numbers after it that come behind the last one, and those numbers."""
    for number in count(last + 1):
        ending = f"-{number}"
        kept = name.encode()[: NAME - len(ending)].decode(errors="ignore").rstrip()
        yield kept + ending, number


# -- Rows


def fit(subscription: Subscription) -> Subscription:
    """The subscription with texts that are clean, of one line and within bounds; its address is as it was."""
    title = _cut(subscription.title)
    folders = tuple(filter(None, map(_cut, subscription.folders[:FOLDERS])))
    home = subscription.home if is_address(subscription.home) else ""
    name = subscription.name if is_name(subscription.name) else ""
    every = subscription.every if 0 <= subscription.every <= LONGEST else Subscription("").every
    return Subscription(subscription.url, title, home, folders, name, float(every))


def _cut(text: str) -> str:
    return clean_line(text[: 4 * TEXT])[:TEXT].rstrip()


def row_of(followed: Followed) -> tuple[object, ...]:
    """The values of the columns url, title, home, folders, name, every, removed and changed."""
    url, title, home, folders, name, every = followed.subscription
    if followed.removed:
        title, home, folders, every = "", "", (), 0.0
    return url, title, home, dumped(folders), name, every, int(followed.removed), followed.changed


def followed_of(row: Sequence[object]) -> Followed | None:
    """What is kept in such a row; None if it is not what it should be."""
    url, title, home, folders, name, every, removed, changed = row
    within = _loaded(folders)
    if (
        isinstance(url, str)
        and isinstance(title, str)
        and isinstance(home, str)
        and isinstance(within, list)
        and all(isinstance(folder, str) for folder in within)
        and isinstance(name, str)
        and isinstance(every, (int, float))
        and isinstance(changed, (int, float))
    ):
        subscription = Subscription(url, title, home, tuple(within), name, float(every))
        return Followed(subscription, float(changed), bool(removed))
    return None


def answer_row(answer: Answer) -> tuple[object, ...]:
    """The values of an answer's columns; what a server made up and cannot be kept is left out."""
    etag, modified = (text if is_line(text, ADDRESS) else "" for text in (answer.etag, answer.modified))
    asked, due = (moment if isfinite(moment) else 0.0 for moment in (answer.asked, answer.due))
    return etag, modified, asked, due, _cut(answer.fault), answer.failures, int(answer.gone)


def answer_of(row: Sequence[object]) -> Answer:
    """The answer in such a row; none if it is not what it should be, or there is none."""
    etag, modified, asked, due, fault, failures, gone = row
    if (
        isinstance(etag, str)
        and isinstance(modified, str)
        and isinstance(asked, (int, float))
        and isinstance(due, (int, float))
        and isinstance(fault, str)
        and isinstance(failures, int)
    ):
        return Answer(etag, modified, float(asked), float(due), fault, failures, bool(gone))
    return Answer()


def taken_of(file: object, said: object, written: object) -> Taken | None:
    """What was taken, by its columns; None if they are not what they should be."""
    digests = _loaded(written)
    if isinstance(file, str) and isinstance(said, str) and isinstance(digests, dict):
        return Taken(file, said, {key: str(value) for key, value in digests.items()})
    return None


def dumped(found: Mapping[str, str] | Sequence[str]) -> str:
    """As JSON, always in the same way, so that equal ones are equal texts."""
    plain = dict(found) if isinstance(found, Mapping) else list(found)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _loaded(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
