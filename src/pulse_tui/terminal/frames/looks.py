"""Looks: how a cell is drawn, as numbers, and the shortest way from one to another.

The codes are those of SGR in ECMA-48 and of xterm:
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pulse_tui.terminal.capabilities import Capabilities

_ENDS = {
    1: 22, 2: 22, 3: 23, 4: 24, 21: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 51: 54, 52: 54, 53: 55,
}  # fmt: skip
"""Which code ends an attribute."""
_ENDED_BY = {end: frozenset(on for on, off in _ENDS.items() if off == end) for end in _ENDS.values()}
_ITALIC = 3
_SEEN_ON_BLANKS = frozenset((4, 7, 9, 21, 51, 52, 53))
_FOREGROUND, _BACKGROUND = 38, 48
_EIGHT = 8

PLAIN = 0
"""The number of the terminal's own look."""
MOST = 0xD000
"""How many looks can be told apart; a row keeps each as one character."""


class Look(NamedTuple):
    """Colours as parameters of SGR, empty for the terminal's own; attributes by their codes."""

    foreground: str = ""
    background: str = ""
    attributes: frozenset[int] = frozenset()
    link: str = ""
    """The parameters and the address of a hyperlink, as OSC 8 has them."""


class Looks:
    """Numbers for looks, given in the order in which they are met; number 0 is the terminal's own."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._colours = capabilities.colours
        self._end_singly = capabilities.styles_end_singly
        self._italics = capabilities.italics
        self._all = [Look()]
        self._numbers = {Look(): PLAIN}
        self._changed: dict[tuple[int, str], int] = {}
        self._ways: dict[tuple[int, int], str] = {}
        self._link_ids: dict[str, int] = {}
        self._runs: dict[int, re.Pattern[str]] = {}
        self._blanks = [PLAIN]
        self._seen = [False]

    def __len__(self) -> int:
        return len(self._all)

    def look(self, number: int) -> Look:
        """What a number stands for."""
        return self._all[number]

    def background(self, number: int) -> str:
        """The background that a look has."""
        return self._all[number].background

    def seen_on_blanks(self, number: int) -> bool:
        """Whether a blank shows more of this look than its background."""
        return self._seen[number]

    def is_ground(self, number: int, other: int) -> bool:
        """Whether blanks in one look are as those in the other."""
        return not self._seen[number] and self._all[number].background == self._all[other].background

    def blank(self, number: int) -> int:
        """The look of a blank: of what it does not show, nothing is kept."""
        return self._blanks[number]

    def run(self, number: int) -> re.Pattern[str]:
        """What cells of a look are like in a row, with single blanks between them."""
        run = self._runs.get(number)
        if run is None:
            own, blank = re.escape(chr(number)), re.escape(chr(self._blanks[number]))
            run = self._runs[number] = re.compile(own + "+" if own == blank else f"{own}+(?:{blank}{own}+)*")
        return run

    def change(self, number: int, parameters: str) -> int:
        """The look after SGR with these parameters."""
        key = (number, parameters)
        changed = self._changed.get(key)
        if changed is None:
            changed = self._changed[key] = self.number(self._apply(self._all[number], parameters))
        return changed

    def link(self, number: int, link: str) -> int:
        """The same look as part of a hyperlink; an empty one ends it."""
        parameters, _, address = link.partition(";")
        if parameters.startswith("id=") and ":" not in parameters:
            # It tells the rows of one link from another link to the same address; a short one will do.
            parameters = f"id={self._link_ids.setdefault(parameters, len(self._link_ids))}"
        return self.number(self._all[number]._replace(link=f"{parameters};{address}" if address else ""))

    def way(self, start: int, end: int) -> str:
        """The shortest sequence from one look to another."""
        key = (start, end)
        way = self._ways.get(key)
        if way is None:
            way = self._ways[key] = self._way(self._all[start], self._all[end])
        return way

    def number(self, look: Look) -> int:
        """The number of a look."""
        number = self._numbers.get(look)
        if number is None:
            number = self._numbers[look] = len(self._all)
            self._all.append(look)
            seen = bool(look.attributes & _SEEN_ON_BLANKS or look.link)
            self._seen.append(seen)
            self._blanks.append(number)
            if not seen and (look.foreground or look.attributes):
                self._blanks[number] = self.number(Look(background=look.background))
        return number

    def _apply(self, look: Look, parameters: str) -> Look:
        foreground, background, attributes, link = look
        codes = [int(code or 0) for code in parameters.replace(":", ";").split(";")]
        at = 0
        while at < len(codes):
            code = codes[at]
            if code in (_FOREGROUND, _BACKGROUND):
                length = 5 if codes[at + 1 : at + 2] == [2] else 3
                colour = self._colour(codes[at : at + length])
                if code == _FOREGROUND:
                    foreground = colour
                else:
                    background = colour
                at += length - 1
            elif code == 0:
                foreground, background, attributes = "", "", frozenset[int]()
            elif code in _ENDS:
                attributes |= {code} if code != _ITALIC or self._italics else frozenset[int]()
            elif code in _ENDED_BY:
                attributes -= _ENDED_BY[code]
            elif 30 <= code <= 39 or 90 <= code <= 97:
                foreground = "" if code == 39 else self._colour([code])
            elif 40 <= code <= 49 or 100 <= code <= 107:
                background = "" if code == 49 else self._colour([code])
            at += 1
        return Look(foreground, background, attributes, link)

    def _colour(self, codes: list[int]) -> str:
        """A colour's parameters, or none where the terminal has none; bright ones as dark ones of eight."""
        if not self._colours or (self._colours == _EIGHT and len(codes) > 1):
            return ""
        if self._colours == _EIGHT and codes[0] >= 90:
            codes = [codes[0] - 60]
        return ";".join(map(str, codes))

    def _way(self, start: Look, end: Look) -> str:
        way = ""
        if start[:3] != end[:3]:
            codes = ["0", *map(str, sorted(end.attributes)), end.foreground, end.background]
            way = ";".join(filter(None, codes))
            if way == "0":
                way = ""
            step = self._step(start, end)
            if step is not None and len(step) < len(way):
                way = step
            way = f"\x1b[{way}m"
        if start.link != end.link:
            way += f"\x1b]8;{end.link or ';'}\x1b\\"
        return way

    def _step(self, start: Look, end: Look) -> str | None:
        """The parameters that change only what differs; None where the terminal cannot do that."""
        gone = start.attributes - end.attributes
        uncoloured = (start.foreground and not end.foreground) or (start.background and not end.background)
        if (gone or uncoloured) and not self._end_singly:
            return None
        ends = {_ENDS[code] for code in gone}
        again = {code for code in end.attributes if _ENDS[code] in ends}
        codes = [*map(str, sorted(ends)), *map(str, sorted(end.attributes - start.attributes | again))]
        if start.foreground != end.foreground:
            codes.append(end.foreground or "39")
        if start.background != end.background:
            codes.append(end.background or "49")
        return ";".join(codes)
