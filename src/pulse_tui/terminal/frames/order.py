"""In which order the parts of a frame are written: those of a look may wait until they all come together.

Where a list stands beside a text, or bullets before it, every row would change its look a few times; a change
of two colours has some forty bytes, a move of the cursor six.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from itertools import pairwise, zip_longest
from typing import NamedTuple

from pulse_tui.terminal.frames.canvas import Row
from pulse_tui.terminal.frames.looks import Looks

_PASSES = 4
_RIGHT, _NEAR, _FAR = 5, 6, 7
"""Bytes of a usual move: in the row, to one of the next rows, to any other."""
_NEXT_ROWS = 3
_BACK = 4
_MUCH = 60
"""Bytes for all changes of look from which another order may be worth looking for."""
_WORTH = 12
"""Bytes below which another order is not worth the look for it."""


class Kind(Enum):
    """What is done to cells."""

    TEXT = auto()
    BLANKS = auto()
    ERASE = auto()
    """To the end of the row."""
    ANEW = auto()
    """Erase to the end of the row and write it, for its text is of doubtful width."""


class Part(NamedTuple):
    """Cells of a row that are written, from column `x` up to `end`; `stop` ends what is written there."""

    kind: Kind
    y: int
    x: int
    end: int
    stop: int
    look: int
    row: Row


class _Group(NamedTuple):
    """Parts one after the other that need no change of look."""

    look: int
    parts: list[Part]


def in_order(parts: Sequence[Part], looks: Looks, start: int) -> Sequence[Part]:
    """The parts in an order that takes few bytes where the look `start` is on; they come row by row."""
    if len(parts) < _NEXT_ROWS or parts[0].y == parts[-1].y:
        return parts
    kept, late = _groups(parts, looks), list[_Group]()
    if sum(len(looks.way(one.look, other.look)) for one, other in pairwise(kept)) < _MUCH:
        return parts
    for _ in range(_PASSES):
        if len({group.look for group in kept}) < 2:
            break
        gains = _gains(kept, looks, start)
        look = max(gains, key=gains.__getitem__)
        if gains[look] < _WORTH:
            break
        late = [*(group for group in kept if group.look == look), *late]
        kept = [group for group in kept if group.look != look]
    if not late:
        return parts
    return [part for group in (*kept, *late) for part in group.parts]


def _groups(parts: Sequence[Part], looks: Looks) -> list[_Group]:
    groups = [_Group(parts[0].look, [parts[0]])]
    for part in parts[1:]:
        group = groups[-1]
        if part.kind in (Kind.BLANKS, Kind.ERASE) and looks.blank(part.look) == part.look:
            goes_along = looks.is_ground(group.look, part.look)
        else:
            goes_along = group.look == part.look and _touch(group.parts[-1], part)
        if goes_along:
            group.parts.append(part)
        else:
            groups.append(_Group(part.look, [part]))
    return groups


def _touch(part: Part, following: Part) -> bool:
    return part.y == following.y and part.end == following.x


def _gains(groups: Sequence[_Group], looks: Looks, start: int) -> dict[int, int]:
    """For each look about how many bytes are saved if its parts come after all others."""
    gains: dict[int, int] = {}
    before: dict[int, Part] = {}
    last, end = start, None
    for group, following in zip_longest(groups, groups[1:]):
        look, first, final = group.look, group.parts[0], group.parts[-1]
        joined = end is not None and _touch(end, first)
        saved = len(looks.way(last, look))
        if following is not None:
            saved += len(looks.way(look, following.look)) - len(looks.way(last, following.look))
            if _touch(final, following.parts[0]):
                saved -= _RIGHT if joined else 0
            else:
                saved += 0 if joined else _RIGHT
        saved -= _move(before[look], first) if look in before else _FAR + len(looks.way(start, look))
        gains[look] = gains.get(look, 0) + saved
        before[look], last, end = final, look, final
    return gains


def _move(start: Part, goal: Part) -> int:
    """About how many bytes it takes from behind one part to the front of another."""
    down = goal.y - start.y
    if down == 0:
        return _RIGHT
    if down > _NEXT_ROWS:
        return _FAR
    right = goal.x - start.end
    return down + (-right if -_BACK <= right <= 0 else 1 + goal.x if goal.x < _NEXT_ROWS else _NEAR - 1)
