"""What terminfo says of a terminal, read from its compiled description.

The standard library's curses would load a library of its own, read one description for each process and
look at that process's environment.  The format, the folders and the names are those of term(5),
terminfo(5) and term(7), as ncurses has them: https://invisible-island.net/ncurses/man/term.5.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from struct import error, unpack_from
from typing import NamedTuple

_SYSTEM = (
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
    "/usr/lib/terminfo",
    "/usr/local/share/terminfo",
    "/usr/share/misc/terminfo",
    "/run/current-system/sw/share/terminfo",
)
"""Where systems keep them, for the one folder that ncurses was built with is not known here."""
_LARGEST = 32_768
"""Bytes of a description."""
_NUMBERS = {0o432: ("<h", 2), 0o1036: ("<i", 4)}
"""How a number is stored in the two formats, by their first two bytes."""

# Positions in the tables, which are those of <term.h>.
_BCE = 28
_COLORS = 13
_STRINGS = {
    "csr": 3,
    "cup": 10,
    "smcup": 28,
    "ech": 37,
    "rmul": 44,
    "dl": 106,
    "indn": 109,
    "il": 110,
    "rin": 113,
    "rep": 121,
    "sitm": 311,
}


class Description(NamedTuple):
    """What terminfo says; strings have no padding, an absent one is empty."""

    name: str
    colours: int
    back_colour_erase: bool
    strings: Mapping[str, bytes]


def find(term: str, environment: Mapping[str, str]) -> Description | None:
    """The description of a terminal, or of the next more general name; None where there is neither.

    A name is a root and suffixes that say more (term(7)): `xterm-kitty` is at least an `xterm`.
    """
    while term and term.isascii() and term.isprintable() and "/" not in term and term[0] != ".":
        for folder in _folders(environment):
            for shelf in (term[0], f"{ord(term[0]):x}"):  # by letter, or by its code where case is not told
                try:
                    with open(os.path.join(folder, shelf, term), "rb") as file:
                        return parse(term, file.read(_LARGEST))
                except (OSError, ValueError):
                    continue
        term = term[: max(term.rfind("-"), term.rfind("."), 0)]
    return None


def _folders(environment: Mapping[str, str]) -> Iterator[str]:
    if own := environment.get("TERMINFO"):
        yield own
    if home := environment.get("HOME"):
        yield os.path.join(home, ".terminfo")
    for folder in environment.get("TERMINFO_DIRS", "").split(":"):
        if folder:
            yield folder
    yield from _SYSTEM


def parse(name: str, data: bytes) -> Description:
    """A compiled description.

    Raises:
        ValueError: it is none, or cut off.
    """
    import re

    try:
        magic, names, flags, numbers, offsets, size = unpack_from("<6H", data)
        if magic not in _NUMBERS:
            raise ValueError("no compiled description")
        form, width = _NUMBERS[magic]
        at = 12 + names
        bce = flags > _BCE and data[at + _BCE] == 1
        at += flags
        at += at % 2  # numbers begin at even bytes
        colours = unpack_from(form, data, at + width * _COLORS)[0] if numbers > _COLORS else 0
        at += width * numbers
        table = data[at + 2 * offsets : at + 2 * offsets + size]
        strings = {}
        for key, number in _STRINGS.items():
            offset = unpack_from("<h", data, at + 2 * number)[0] if offsets > number else -1
            text = table[offset : table.index(0, offset)] if 0 <= offset < size else b""
            strings[key] = text if b"$<" not in text else re.sub(rb"\$<[0-9.]+[*/]*>", b"", text)
    except (error, IndexError) as fault:
        raise ValueError("cut off") from fault
    return Description(name, max(colours, 0), bce, strings)
