"""The reading state as JSON Lines (https://jsonlines.org), to keep, to look at, or to take elsewhere.

The first line names the format and its version.  Then there is a line for each article, each mark, each
subscription and each source of which something was taken, in which `changed` has the time of the last
change (of an article that of each field) in Unix seconds::

    {"format": "pulse-tui reading state", "version": 2}
    {"type": "reading", "article": "monsoon", "read": true, "changed": {"read": 1795371718.25}}
    {"type": "mark", "letter": "a", "article": "monsoon", "place": {…}, "changed": 1795371720.5}
    {"type": "subscription", "url": "https://…", "title": "…", "home": "", "folders": ["Asia"],
     "name": "example.org", "every": 3600.0, "changed": 1795371721.0}
    {"type": "taken", "feed": "example.org", "source": "https://…", "file": "feeds/example.org/….md",
     "said": "…", "written": {"title": "…"}, "changed": 1795371722.0}

A mark without an article was taken away; a feed that is followed no more has `"removed": true` in the
place of its title, home, folders and interval.  The history needs no lines: it is the order of the places.
What feeds answered stays where it is.  Version 1 had neither subscriptions nor what was taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pulse_tui.article import Place
from pulse_tui.repository import Spot
from pulse_tui.storage.state import following
from pulse_tui.storage.state.database import StateError
from pulse_tui.storage.state.following import Followed, Following, TakenRow
from pulse_tui.storage.state.record import Change, Changes, Record, Stamped
from pulse_tui.subscriptions import BY_HAND, Subscription
from pulse_tui.text import clean_line

FORMAT = "pulse-tui reading state"
VERSION = 2
LINE = 1 << 20
"""Bytes of a line."""
_LAST_MOMENT = 1e11  # Unix seconds, in the year 5138
_LONGEST = 1e9  # seconds
_FURTHEST = 2**53


class _MalformedError(Exception):
    """What is wrong with a line, in words that follow its number."""


@dataclass
class Parcel:
    """What lines hold."""

    reading: Changes = field(default_factory=Changes)
    following: Following = field(default_factory=Following)


def written(
    records: Iterable[tuple[str, Record]],
    marks: Iterable[tuple[str, Stamped[Spot | None]]],
    subscriptions: Iterable[Followed] = (),
    taken: Iterable[TakenRow] = (),
) -> Iterator[str]:
    """The lines, without their ends."""
    yield _line({"format": FORMAT, "version": VERSION})
    for article_id, record in records:
        fields = {name: stamped for name, stamped in record._asdict().items() if stamped is not None}
        values = {name: _plain(stamped.value) for name, stamped in fields.items()}
        changed = {name: stamped.changed for name, stamped in fields.items()}
        yield _line({"type": "reading", "article": article_id, **values, "changed": changed})
    for letter, (spot, moment) in marks:
        where = {} if spot is None else {"article": spot.article_id, "place": _plain(spot.place)}
        yield _line({"type": "mark", "letter": letter, **where, "changed": moment})
    for each in subscriptions:
        fields = each.subscription._asdict()
        if each.removed:
            fields = {"url": each.subscription.url, "name": each.subscription.name, "removed": True}
        yield _line({"type": "subscription", **fields, "changed": each.changed})
    for row in taken:
        yield _line({"type": "taken", **row._asdict(), "written": json.loads(row.written)})


def read(lines: Iterable[bytes], name: str) -> Parcel:
    """What lines hold that come from the file called `name`; blank ones are passed over.

    Raises:
        StateError: a line is not as it should be; says which one, and why.
    """
    parcel = Parcel()
    begun = False
    number = 1
    try:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            found = _object(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            if not begun:
                _check_format(found)
                begun = True
            else:
                _take(found, parcel)
        if not begun:
            raise _MalformedError("there is nothing in it")
    except _MalformedError as error:
        where = f"{clean_line(name)}:{number}"
        raise StateError(f"{where}: {error}; nothing was taken from this file.") from error
    return parcel


# -- Out


def _line(fields: dict[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(", ", ": "))


def _plain(value: object) -> object:
    return value._asdict() if isinstance(value, Place) else value


# -- In


def _object(line: bytes) -> dict[str, Any]:
    def refuse(word: str) -> NoReturn:
        raise _MalformedError(f"{word} is no number")

    if len(line) > LINE:
        raise _MalformedError(f"it is longer than {LINE:,} bytes")
    try:
        found = json.loads(line.decode(), parse_constant=refuse)
    except UnicodeDecodeError as error:
        raise _MalformedError(f"it is not UTF-8 at byte {error.start + 1}") from error
    except (ValueError, RecursionError) as error:
        raise _MalformedError("it is not JSON, or was cut off") from error
    if not isinstance(found, dict):
        raise _MalformedError("it is no JSON object")
    return found


def _check_format(found: dict[str, Any]) -> None:
    if found.get("format") != FORMAT:
        raise _MalformedError(f'the first line should have "format": "{FORMAT}"')
    version = found.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise _MalformedError("the version is no number")
    if version > VERSION:
        raise _MalformedError(f"it is of a newer program (version {version}, this one knows {VERSION})")


def _take(found: dict[str, Any], parcel: Parcel) -> None:
    kind = found.pop("type", None)
    take = _KINDS.get(kind) if isinstance(kind, str) else None
    if take is None:
        raise _MalformedError("its “type” is none of reading, mark, subscription and taken")
    take(found, parcel)
    if found:
        raise _MalformedError(f"“{_short(min(found))}” is no field of a {kind}")


def _take_reading(found: dict[str, Any], parcel: Parcel) -> None:
    article_id = _text(found.pop("article", None), "article")
    times = found.pop("changed", None)
    if not isinstance(times, dict) or times.keys() != found.keys():
        raise _MalformedError("“changed” should have a time for each of the other fields, and no more")
    stamped = {}
    for name in sorted(found.keys() & _FIELDS.keys()):
        value = _FIELDS[name](found.pop(name), name)
        stamped[name] = Stamped(value, _moment(times[name]))
    parcel.reading.change(article_id, Change(Record(**stamped)))


def _take_mark(found: dict[str, Any], parcel: Parcel) -> None:
    letter = _text(found.pop("letter", None), "letter")
    moment = _moment(found.pop("changed", None))
    spot = None
    if found:
        spot = Spot(_text(found.pop("article", None), "article"), _place(found.pop("place", None), "place"))
    parcel.reading.mark(letter, Stamped(spot, moment))


def _take_subscription(found: dict[str, Any], parcel: Parcel) -> None:
    url = _such(found, "url", following.is_address, "an address that begins with https:// or http://")
    name = _such(found, "name", following.is_name, "a name that a folder may have")
    changed = _moment(found.pop("changed", None))
    removed = "removed" in found and _flag(found.pop("removed"), "removed")
    subscription = Subscription(url, name=name)
    if not removed:
        title = _such(found, "title", following.is_line, _LINE_IN_WORDS)
        home = _such(
            found, "home", lambda text: not text or following.is_address(text), "an address, or empty"
        )
        every = _seconds(found.pop("every", None), "every")
        subscription = Subscription(url, title, home, _folders(found.pop("folders", None)), name, every)
    parcel.following.subscriptions.append(Followed(subscription, changed, removed))


def _take_taken(found: dict[str, Any], parcel: Parcel) -> None:
    feed = _such(
        found, "feed", lambda text: text == BY_HAND or following.is_name(text), "a feed's name, or empty"
    )
    source = _such(found, "source", following.is_kept_source, "a text of one line")
    file = _such(found, "file", following.is_path, "a path within a folder")
    said = _such(found, "said", following.is_line, _LINE_IN_WORDS)
    digests = found.pop("written", None)
    if not isinstance(digests, dict) or not following.are_digests(digests):
        raise _MalformedError("“written” should be an object with texts of one line")
    changed = _moment(found.pop("changed", None))
    row = TakenRow(feed, source, file, said, following.dumped(digests), changed)
    parcel.following.taken.append(row)


def _short(text: str) -> str:
    return clean_line(text)[:40]


_LINE_IN_WORDS = f"a text of one line, of at most {following.TEXT:,} characters"


def _such(found: dict[str, Any], name: str, fits: Callable[[str], bool], words: str) -> str:
    """A text that fits, taken out of what was found."""
    value = found.pop(name, None)
    if not isinstance(value, str) or not fits(value):
        raise _MalformedError(f"“{name}” should be {words}")
    return value


def _folders(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or len(value) > following.FOLDERS
        or not all(isinstance(each, str) and each and following.is_line(each) for each in value)
    ):
        raise _MalformedError("“folders” should be a list of texts of one line")
    return tuple(value)


def _text(value: object, field: str) -> str:
    """A text that is fit for a terminal, as ids and letters are."""
    if not isinstance(value, str) or not value or clean_line(value) != value:
        raise _MalformedError(f"“{field}” should be a text of one line")
    return value


def _flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise _MalformedError(f"“{field}” should be true or false")
    return value


def _number(value: object, field: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise _MalformedError(f"“{field}” should be a number from 0 to {most:,.0f}")
    return float(value)


def _whole(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _FURTHEST:
        raise _MalformedError(f"“{field}” should be a whole number, 0 or more")
    return value


def _moment(value: object) -> float:
    return _number(value, "changed", _LAST_MOMENT)


def _fraction(value: object, field: str) -> float:
    return _number(value, field, 1)


def _seconds(value: object, field: str) -> float:
    return _number(value, field, _LONGEST)


def _digest(value: object, field: str) -> str:
    return "" if value == "" else _text(value, field)


def _place(value: object, field: str) -> Place:
    if not isinstance(value, dict) or value.keys() != set(Place._fields):
        names: Sequence[str] = Place._fields
        raise _MalformedError(f"“{field}” should have {', '.join(names[:-1])} and {names[-1]}")
    block, offset, nth = (_whole(value[name], name) for name in ("block", "offset", "nth"))
    return Place(block, offset, _digest(value["digest"], "digest"), nth)


_FIELDS: dict[str, Callable[[object, str], Any]] = {
    "place": _place,
    "fraction": _fraction,
    "read": _flag,
    "starred": _flag,
    "seconds": _seconds,
    "estimate": _seconds,
    "digest": _digest,
}
_KINDS: dict[str, Callable[[dict[str, Any], Parcel], None]] = {
    "reading": _take_reading,
    "mark": _take_mark,
    "subscription": _take_subscription,
    "taken": _take_taken,
}
