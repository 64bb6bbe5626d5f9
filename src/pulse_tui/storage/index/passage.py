"""The passage in which the words of a search stand, as plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from unicodedata import category

from pulse_tui.article import Figure, caption_and_credit
from pulse_tui.query import Query
from pulse_tui.repository import BETWEEN
from pulse_tui.storage.files.escapes import ESCAPES, character
from pulse_tui.storage.index.words import Lights, leveled
from pulse_tui.text import ELLIPSIS, clean_line

LENGTH = 160
"""Characters of a passage, more or less."""
_BEFORE = 50
_AROUND = 400
_CAPTION, _CREDIT = "Caption: ", "Credit: "
_LOOKED_AT = 256 * 1024
_TRIED = 20

Passage = tuple[str, tuple[tuple[int, int], ...]]
"""A text of one line, and which characters of it matched, as (start, end)."""

_image = re.compile(r"""!\[([^\]]*+)\]\([^)"']*+(?:"([^"]*)"|'([^']*)')?[^)]*+\)""").sub
_link = re.compile(r"\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])").sub
_tag = re.compile(r"</?[A-Za-z!][^<>]{0,300}>").sub
_rule = re.compile(r"^[ \t]*(?:`{3,}[^\n`]*|~{3,}[^\n]*|[-*_=|:][-*_=|: \t]{2,})$", re.MULTILINE).sub
_blank = re.compile(r"\n[ \t>]*(?=\n)").sub
_heading = re.compile(r"^[ \t>]*#{1,6}[ \t][^\n]*", re.MULTILINE).sub
_parting = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)++\|?[ \t]*").fullmatch
_cell = re.compile(r"(?<!\\)\|").sub
_marker = re.compile(r"^[ \t]*(?:(?:#{1,6}|[-+*]|[0-9]{1,9}[.)])[ \t]+|>[ \t]?)+", re.MULTILINE).sub
_doubled = re.compile(r" ·(?= ·)").sub
_emphasis = re.compile(rf"{ESCAPES}|[*`]+|~~+|(?<!\w)_+|_+(?!\w)").sub


def plain(markdown: str) -> str:
    """Markdown as text on one line, without its marks; good enough to show, not to render."""
    if "](" in markdown or "][" in markdown:
        markdown = _image(_picture, markdown)
        markdown = _link(r"\1", markdown)
    if "<" in markdown:
        markdown = _tag(" ", markdown)
    if "|" in markdown:
        markdown = _cells_apart(markdown)
    markdown = _blank(f"\n{BETWEEN}", _rule("", markdown))
    markdown = _heading(rf"\g<0>{BETWEEN}", markdown)
    text = clean_line(_emphasis(character, _marker(_mark, markdown)))
    return _doubled("", text).strip(" ·")


def words_of(caption: str, credit: str) -> str:
    """A picture's words as a passage shows them: each is named, since nothing else sets it off there."""
    named = (caption and f"{_CAPTION}{caption}", credit and f"{_CREDIT}{credit}")
    return BETWEEN.join(filter(None, named))


def passages(query: Query) -> Callable[[str, Sequence[str], Sequence[Figure]], Passage]:
    """What cuts the passage that a query asks for out of a text; see `passage`."""
    terms = [
        (term.text, term.prefix)
        for term in query.terms
        if not term.excluded and term.field in ("", "title", "caption", "credit")
    ]
    lights = Lights(terms)
    of_figures = bool(terms) and all(
        term.field in ("caption", "credit") for term in query.terms if not term.excluded
    )

    def excerpt(markdown: str, others: Sequence[str], figures: Sequence[Figure]) -> Passage:
        of_figure = _of_figure(figures, lights) if of_figures else None
        return of_figure or passage(markdown, others, figures, lights)

    return excerpt


def passage(markdown: str, others: Sequence[str], figures: Sequence[Figure], lights: Lights) -> Passage:
    """Some `LENGTH` characters around what the pattern finds, and which of them it found.

    It is the place in the Markdown with most of the terms, else one of the other texts (plain, of one line),
    or the words of a figure; where none has any, how the first of the texts begins.
    """
    if lights:
        markdown = markdown[:_LOOKED_AT]
        for place in _best_places(leveled(markdown), lights):
            start = markdown.rfind("\n", 0, max(0, place - _AROUND)) + 1
            start = max(start, place - 2 * _AROUND)
            text = plain(markdown[start : place + _AROUND])
            near = _nearest(text, lights, place - start)
            if near is not None:
                return _cut_out(text, near, lights)
        for other in others:
            if found := lights.matches(leveled(other), 1):
                return _cut_out(other, found[0].start(), lights)
        if of_figure := _of_figure(figures, lights):
            return of_figure
    return _cut_out(next(filter(None, others), "") or plain(markdown[:_AROUND]), 0, lights)


def _of_figure(figures: Sequence[Figure], lights: Lights) -> Passage | None:
    """The words of the first figure in whose caption or credit a match stands."""
    for _, _, caption, credit in figures:
        shown = words_of(caption, credit)
        if found := lights.matches(leveled(caption), 1):
            text, matches = _cut_out(shown, len(_CAPTION) + found[0].start(), lights)
            if text.startswith(ELLIPSIS):
                shift = len(_CAPTION)
                return _CAPTION + text, tuple((start + shift, end + shift) for start, end in matches)
            return text, matches
        if found := lights.matches(leveled(credit), 1):
            return _cut_out(shown, len(shown) - len(credit) + found[0].start(), lights)
    return None


def _cells_apart(markdown: str) -> str:
    """The text with marks between the cells of its tables (https://github.github.com/gfm/#tables-extension-).

    A row that begins with a bar is one even where the line that makes a table was cut off.
    """
    lines = markdown.split("\n")
    rows: set[int] = set()
    within = False
    for number, line in enumerate(lines):
        within = within and bool(line.strip(" \t>"))
        if _parting(line):
            within = True
            lines[number] = ""
            rows.add(number - 1)
        elif within or line.lstrip(" \t>").startswith("|"):
            rows.add(number)
    return "\n".join(
        f"{_cell(BETWEEN, line)}{BETWEEN}" if number in rows and "|" in line else line
        for number, line in enumerate(lines)
    )


def _mark(match: re.Match[str]) -> str:
    """What parts a heading or an item from what stands before it; nothing in a quote."""
    return BETWEEN if match[0].strip(" \t>") else ""


def _picture(match: re.Match[str]) -> str:
    """What a picture says, between marks where it is the words of a caption."""
    if title := match[2] or match[3]:
        return f"{BETWEEN}{words_of(*caption_and_credit(title))}{BETWEEN}"
    return f" {match[1]} "


def _best_places(text: str, lights: Lights) -> Iterator[int]:
    """Where matches begin, those first around which most different terms stand."""
    matches = [(match.start(), match.lastindex) for match in lights.matches(text, _TRIED)]
    ranked: list[tuple[int, int]] = []
    for number, (start, _) in enumerate(matches):
        near = {term for place, term in matches[number:] if place < start + LENGTH - _BEFORE}
        ranked.append((-len(near), start))
    return (start for _, start in sorted(ranked)[:5])


def _nearest(text: str, lights: Lights, expected: int) -> int | None:
    """The match whose place comes closest to where it was before the marks went."""
    starts = [match.start() for match in lights.matches(leveled(text), _TRIED)]
    return min(starts, key=lambda start: (abs(start - expected), start), default=None)


def _cut_out(text: str, near: int, lights: Lights) -> Passage:
    """The part of a text around a place, with an ellipsis where it was cut, and the matches in it."""
    start, end = max(0, near - _BEFORE), min(len(text), max(0, near - _BEFORE) + LENGTH)
    if start:
        gap = text.find(" ", start, near)
        start = gap + 1 if gap >= 0 else _whole(text, start)
    if end < len(text):
        gap = text.rfind(" ", near + 1, end)
        end = gap if gap > near + LENGTH // 2 else _whole(text, end)
    cut = (ELLIPSIS if start else "") + text[start:end].strip(" ·") + (ELLIPSIS if end < len(text) else "")
    return cut, tuple(match.span() for match in lights.matches(leveled(cut), LENGTH))


def _whole(text: str, place: int) -> int:
    """The next place that does not part a character from its marks."""
    while place < len(text) and (category(text[place]).startswith("M") or text[place] in "\u200c\u200d"):
        place += 1
    return place
