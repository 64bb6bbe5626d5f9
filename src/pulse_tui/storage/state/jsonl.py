"""The reading state as JSON Lines (https://jsonlines.org), to keep, to look at, or to take elsewhere.

The first line names the format and its version.  Then there is a line for each article and each mark,
in which `changed` has the time of each field's last change in Unix seconds::

    {"format": "pulse-tui reading state", "version": 1}
    {"type": "reading", "article": "monsoon", "read": true, "changed": {"read": 1795371718.25}}
    {"type": "mark", "letter": "a", "article": "monsoon", "place": {…}, "changed": 1795371720.5}

A mark without an article was taken away.  The history needs no lines: it is the order of the places.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from pulse_tui.article import Place
from pulse_tui.repository import Spot
from pulse_tui.storage.state.file import StateError
from pulse_tui.storage.state.record import Change, Changes, Record, Stamped
from pulse_tui.text import clean_line

FORMAT = "pulse-tui reading state"
VERSION = 1
_LAST_MOMENT = 1e11  # Unix seconds, in the year 5138
_LONGEST = 1e9  # seconds
_FURTHEST = 2**53


class _MalformedError(Exception):
    """What is wrong with a line, in words that follow its number."""


def written(
    records: Iterable[tuple[str, Record]], marks: Iterable[tuple[str, Stamped[Spot | None]]]
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


def read(lines: Iterable[bytes], name: str) -> Changes:
    """What lines hold that come from the file called `name`; blank ones are passed over.

    Raises:
        StateError: a line is not as it should be; says which one, and why.
    """
    changes = Changes()
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
                _take(found, changes)
        if not begun:
            raise _MalformedError("there is nothing in it")
    except _MalformedError as error:
        where = f"{clean_line(name)}:{number}"
        raise StateError(f"{where}: {error}; nothing was taken from this file.") from error
    return changes


# -- Out


def _line(fields: dict[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(", ", ": "))


def _plain(value: object) -> object:
    return value._asdict() if isinstance(value, Place) else value


# -- In


def _object(line: bytes) -> dict[str, Any]:
    def refuse(word: str) -> NoReturn:
        raise _MalformedError(f"{word} is no number")

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


def _take(found: dict[str, Any], changes: Changes) -> None:
    kind = found.pop("type", None)
    if kind == "reading":
        article_id = _text(found.pop("article", None), "article")
        times = found.pop("changed", None)
        if not isinstance(times, dict) or times.keys() != found.keys():
            raise _MalformedError("“changed” should have a time for each of the other fields, and no more")
        if unknown := found.keys() - _FIELDS.keys():
            raise _MalformedError(f"“{_short(min(unknown))}” is no field of a reading")
        stamped = {
            field: Stamped(_FIELDS[field](value, field), _moment(times[field]))
            for field, value in found.items()
        }
        changes.change(article_id, Change(Record(**stamped)))
    elif kind == "mark":
        letter = _text(found.pop("letter", None), "letter")
        moment = _moment(found.pop("changed", None))
        spot = None
        if found:
            spot = Spot(
                _text(found.pop("article", None), "article"), _place(found.pop("place", None), "place")
            )
        if found:
            raise _MalformedError(f"“{_short(min(found))}” is no field of a mark")
        changes.mark(letter, Stamped(spot, moment))
    else:
        raise _MalformedError("its “type” is neither “reading” nor “mark”")


def _short(text: str) -> str:
    return clean_line(text)[:40]


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
