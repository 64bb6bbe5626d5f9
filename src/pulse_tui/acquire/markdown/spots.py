"""Where pictures and links of CommonMark lead: found where it stands, and replaced without touching the rest.

It follows the algorithm of CommonMark 0.31.2 (4.7, 6.3 to 6.6 and its appendix) as far as these need it, in
time that grows with the text alone; a parser would tell what the pictures are, but not where.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape, unescape
from typing import Literal, NamedTuple
from urllib.parse import unquote

from pulse_tui.acquire.markdown.text import destination

_ADDRESS = 4_000
"""Characters of a source; longer ones (pictures within their addresses) are not looked at."""
_LABEL = 999
"""Characters of a label."""
_DEPTH = 8
"""Parentheses within each other in a source without pointed brackets."""

_fence = re.compile(
    r"(?P<quote>[ \t]*>)?[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?P<mark>`{3,}(?=[^`\n]*$)|~{3,})", re.M
).match
_fence_end = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*$", re.M).match
_item = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)]|\[\^[^\]\n]*\]:)(?=\s)").match
_indented = re.compile(r" {0,3}\t| {4}").match
_mark = re.compile(r"\\.|`+|!\[|\[|\]|<", re.DOTALL).search
_tag = re.compile(
    r"""<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2000}
        |/?[A-Za-z](?:[^"'<>]|"[^"]{0,1000}"|'[^']{0,1000}'){0,1000}+)>""",
    re.VERBOSE,
).match
_img = re.compile(
    r"""<img(?=\s)(?:[^"'<>]|"[^"]*"|'[^']*')*?\ssrc\s*=\s*(?:"([^"]{1,4000})"|'([^']{1,4000})')""",
    re.IGNORECASE,
).match
_picture = re.compile(r"!\[|<img\s", re.IGNORECASE).search
_definition = re.compile(r"\n* {0,3}\[(?!\^)((?:[^\[\]\\]|\\.){1,999}+)\]:[ \t]*\n?[ \t]*", re.DOTALL).match
_reference = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999}+)\]", re.DOTALL).match
_line_end = re.compile(r"[ \t]*(?:\n|\Z)").match
_ticks = re.compile(r"`+").finditer
_blank = re.compile(r"\s*+").match
_pointed = re.compile(r"<(?:[^<>\n\\]|\\.){0,4000}+>").match
_bare = re.compile(r"(?:[^\s()\\\x00-\x1f\x7f]|\\[^\s])++").match
_title = re.compile(
    r"""\s++(?:"(?:[^"\\]|\\.){0,4000}+"|'(?:[^'\\]|\\.){0,4000}+'|\((?:[^()\\]|\\.){0,4000}+\))""", re.DOTALL
).match
_escaped = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#[xX]?[0-9a-fA-F]{1,7}|[A-Za-z]\w{0,31});").sub


class Spot(NamedTuple):
    """Where a source or a destination stands in a text, its pointed brackets included, and what it says."""

    start: int
    end: int
    source: str
    in_tag: bool = False
    """Whether it is that of a picture in HTML, between its quotation marks."""


_Role = Literal["picture", "link"]


def replaced(body: str, names: Mapping[str, str]) -> str:
    """The text with those sources of pictures replaced that are among the names; nothing else changes."""
    if not names or not _picture(body):
        return body
    # One that is written with other escapes is the same, unless two of them would be.
    plain: dict[str, str | None] = {}
    for source, target in names.items():
        key = unquote(source)
        plain[key] = target if plain.get(key, target) == target else None
    return _put(body, spots(body), lambda source: names.get(source) or plain.get(unquote(source)))


def spots(body: str) -> Iterator[Spot]:
    """The sources of the pictures of a text in their order, but for those in code.

    Pictures in HTML count, if their sources stand in quotation marks, and definitions that pictures refer to.
    """
    if not _picture(body):
        return
    defined = _defined(body)
    found: list[Spot] = []
    for start, end in _stretches(body):
        if _picture(body, start, end):
            found += (spot for role, spot in _met(body, start, end, defined) if role == "picture")
    if defined:
        found = sorted(set(found))
    yield from found


def with_links(body: str, lead: Callable[[str], str | None]) -> str:
    """The text with its links led elsewhere, those of definitions too; what `lead` has nothing for stays."""
    if "](" not in body and "]:" not in body:
        return body
    found = list(_defined(body).values())
    for start, end in _stretches(body):
        if body.find("](", start, end) >= 0:
            found += (spot for role, spot in _met(body, start, end, {}) if role == "link")
    return _put(body, sorted(found), lead)


def _put(body: str, found: Iterable[Spot], target: Callable[[str], str | None]) -> str:
    parts: list[str] = []
    at = 0
    for spot in found:
        if name := target(spot.source):
            parts += (body[at : spot.start], escape(name) if spot.in_tag else destination(name))
            at = spot.end
    return "".join([*parts, body[at:]])


def _defined(body: str) -> dict[str, Spot]:
    """The definitions at the beginnings of stretches, by their labels, of each the first."""
    found: dict[str, Spot] = {}
    if "]:" not in body:
        return found
    for start, end in _stretches(body):
        while opening := _definition(body, start, end):
            at = opening.end()
            pointed = _pointed(body, at, end) if body.startswith("<", at, end) else None
            stop = pointed.end() if pointed else _bare_end(body, at, min(end, at + _ADDRESS))
            rest = _line_end(body, _end(_title(body, stop, end), stop), end) or _line_end(body, stop, end)
            if stop <= at or rest is None:
                break
            source = body[at + 1 : stop - 1] if pointed else body[at:stop]
            found.setdefault(_label(opening[1]), Spot(at, stop, _escaped(_meant, source)))
            start = rest.end()
    return found


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def _stretches(body: str) -> Iterator[tuple[int, int]]:
    """The beginnings and ends of what lies between blank lines and is no block of code."""
    fence, quoted = "", False
    in_list = in_code = False
    was_blank = True
    start = at = 0
    while at < len(body):
        end = body.find("\n", at) + 1 or len(body)
        blank = not body[at:end].strip(" \t\r\n>")
        ends = blank
        if fence:
            closing = _fence_end(body, at, end)
            is_over = closing and closing[1].startswith(fence)
            if is_over or (quoted and not body[at:end].lstrip().startswith(">")):
                fence = ""
            ends = True
        elif opening := _fence(body, at, end):
            fence, quoted, ends = opening["mark"], opening["quote"] is not None, True
        elif not blank:
            if _item(body, at, end):
                in_list = True
            elif was_blank and body[at] not in " \t":
                in_list = False
            in_code = not in_list and (was_blank or in_code) and _indented(body, at, end) is not None
            ends = in_code
        if ends:
            if start < at:
                yield start, at
            start = end
        was_blank = blank
        at = end
    if start < at:
        yield start, at


def _met(body: str, start: int, end: int, defined: Mapping[str, Spot]) -> Iterator[tuple[_Role, Spot]]:
    """The same within one stretch: a stack of opening brackets, as the appendix has it."""
    runs: dict[int, list[int]] = {}
    for run in _ticks(body, start, end):
        runs.setdefault(len(run[0]), []).append(run.start())
    stack: list[tuple[bool, int]] = []
    """Whether a bracket is a picture's, and where what is in it begins."""
    links_below = 0
    """Of the opening brackets below, those of links are none: there is a link in them."""
    at = start
    while mark := _mark(body, at, end):
        at = mark.end()
        sign = mark[0]
        if sign[0] == "`":
            closers = runs.get(len(sign), [])
            number = bisect_left(closers, at)
            if number < len(closers):
                at = closers[number] + len(sign)
        elif sign == "<":
            if tag := _tag(body, mark.start(), end):
                at = tag.end()
                if shown := _img(body, mark.start(), at):
                    yield "picture", _in_tag(shown)
        elif sign in ("[", "!["):
            stack.append((sign == "![", at))
        elif sign == "]" and stack:
            is_picture, inside = stack.pop()
            is_active = is_picture or len(stack) >= links_below
            links_below = min(links_below, len(stack))
            if is_active and (tail := _tail(body, at, end)):
                spot, at = tail
                if not is_picture:
                    links_below = len(stack)
                yield "picture" if is_picture else "link", spot
            elif is_picture and defined and at - inside <= _LABEL:
                given = _reference(body, at, end)
                label = (given[1] if given else "") or body[inside : at - 1]
                if spot_of := defined.get(_label(label)):
                    at = given.end() if given else at
                    yield "picture", spot_of


def _in_tag(found: re.Match[str]) -> Spot:
    group = 1 if found[1] is not None else 2
    return Spot(*found.span(group), unescape(found[group]).strip(), in_tag=True)


def _tail(body: str, at: int, end: int) -> tuple[Spot, int] | None:
    """What stands in the parentheses at a place, and where they end; None if that is no link."""
    if not body.startswith("(", at, end):
        return None
    at = _end(_blank(body, at + 1, end), at + 1)
    if body.startswith("<", at, end):
        found = _pointed(body, at, end)
        if found is None:
            return None
        start, stop = at, found.end()
        source = body[start + 1 : stop - 1]
    else:
        start, stop = at, _bare_end(body, at, min(end, at + _ADDRESS))
        if stop < 0:
            return None
        source = body[start:stop]
    at = _end(_title(body, stop, end), stop)
    at = _end(_blank(body, at, end), at)
    if not body.startswith(")", at, end):
        return None
    return Spot(start, stop, _escaped(_meant, source)), at + 1


def _bare_end(body: str, at: int, end: int) -> int:
    """Where a source without pointed brackets ends; -1 if its parentheses don't pair."""
    depth = 0
    while at < end:
        if found := _bare(body, at, end):
            at = found.end()
        elif body[at] == "(" and depth < _DEPTH:
            depth, at = depth + 1, at + 1
        elif body[at] == ")" and depth:
            depth, at = depth - 1, at + 1
        else:
            break
    return -1 if depth else at


def _end(found: re.Match[str] | None, otherwise: int) -> int:
    return found.end() if found else otherwise


def _meant(found: re.Match[str]) -> str:
    return found[1] or unescape(found[0])
