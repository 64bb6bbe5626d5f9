"""Runs of text to CommonMark: what is escaped, where emphasis can be marked, and how pictures are written.

Runs of one style are written one by one and never nested, so that the rule of flanking (CommonMark 0.31.2,
section 6.2) is decided by the two characters beside a mark; emphasis that could not be told from its
neighbour is left out rather than shown as asterisks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from unicodedata import category

from pulse_tui.article import Figure
from pulse_tui.text import clean, clean_line

STRONG, EMPHASIS, STRIKE, CODE = 1, 2, 4, 8
_MARKS = {1: "**", 2: "*", 3: "***"}

_blanks = re.compile(r"[ \t\r\n\f]+").sub
_blanks_only = re.compile(r"[ \t]+").sub
_signs = re.compile(r"[\\`*_\[\]<~|]|&(?=#?\w{1,31};)").sub
_line_start = re.compile(r"(?m)^([ ]*)(?:([#>+=:-])|(\d{1,9})([.)])(?=\s|\Z))").sub
_backticks = re.compile(r"`+").findall


class Run(NamedTuple):
    """A stretch of text of one style; `mark` is Markdown that stands for itself."""

    text: str
    style: int = 0
    link: str = ""
    mark: str = ""


def picture(figure: Figure) -> str:
    """A picture with its words: `![alt](source "Caption. Credit: Name")`."""
    words = in_words(figure.caption, figure.credit)
    title = re.sub(r'[\\"]', r"\\\g<0>", re.sub(r"&(?=#?\w)", "&amp;", words))
    title = f' "{title}"' if title else ""
    return f"![{escaped(clean_line(figure.alt))}]({destination(figure.source or '')}{title})"


def in_words(caption: str, credit: str) -> str:
    """A caption and a credit in one line, as `pulse_tui.article.caption_and_credit` reads them."""
    if not credit:
        return clean_line(caption)
    stop = "" if not caption or caption[-1] in ".!?…:;,”’\"')]" else "."
    return clean_line(f"{caption}{stop} Credit: {credit}")


def text_node(text: str) -> str:
    """A text node: white space collapsed (CSS does the same), what steers a terminal gone."""
    return clean(_blanks(" ", text))


def escaped(text: str) -> str:
    """The text with each character that Markdown might take for a sign escaped."""
    return _signs(lambda found: f"\\{found[0]}", text)


def _escaped_start(match: re.Match[str]) -> str:
    """What would begin a list, a heading, a quote or an underline at the front of a line."""
    if match[2]:
        return f"{match[1]}\\{match[2]}"
    return f"{match[1]}{match[3]}\\{match[4]}"


def without_breaks(text: str) -> str:
    """The text without hard breaks at its ends; two in a row part paragraphs."""
    lines = [line.strip(" \t") for line in text.split("\\\n")]
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("\\\n".join(lines) for lines in paragraphs if lines)


def _merged(runs: Iterable[Run]) -> list[Run]:
    """The runs with neighbours of one style joined, and blanks outside of styles and links."""
    out: list[Run] = []
    for run in runs:
        if run.mark:
            out.append(run)
            continue
        if not run.text:
            continue
        last = out[-1] if out else None
        if last is not None and not last.mark and (last.style, last.link) == (run.style, run.link):
            out[-1] = last._replace(text=last.text + run.text)
        else:
            out.append(run)
    apart: list[Run] = []
    for run in out:
        if run.mark or not (run.style or run.link):
            apart.append(run)
            continue
        # A hard break ends a styled run: marks do not pair across paragraphs.
        for part in re.split(r"(\s*\n\s*)", run.text):
            core = part.strip()
            if not core:
                apart.append(Run(part))
                continue
            at = part.index(core)
            apart += [Run(part[:at]), run._replace(text=core), Run(part[at + len(core) :])]
    whole: list[Run] = []
    for run in apart:
        if run.mark or run.text:
            if (
                whole
                and not run.mark
                and not whole[-1].mark
                and (run.style, run.link) == (whole[-1].style, whole[-1].link)
            ):
                whole[-1] = run._replace(text=whole[-1].text + run.text)
            else:
                whole.append(run)
    return _collapsed(whole)


def _collapsed(runs: Sequence[Run]) -> list[Run]:
    """Runs without a blank after a blank or a line break."""
    out: list[Run] = []
    blank = True
    for run in runs:
        if run.mark:
            out.append(run)
            blank = False
            continue
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", _blanks_only(" ", run.text))
        if blank:
            text = text.lstrip(" ")
        if text:
            blank = text[-1] in " \n"
            out.append(run._replace(text=text))
    return out


def written(runs: Sequence[Run]) -> str:
    """The Markdown of runs; a hard break is a backslash at the end of its line."""
    merged = _merged(runs)
    out: list[str] = []
    before = " "
    at = 0
    while at < len(merged):
        run = merged[at]
        if run.link:
            end = at
            while end < len(merged) and merged[end].link == run.link and not merged[end].mark:
                end += 1
            inner = _styled(merged[at:end], "[", "]")
            piece = f"[{inner}]({destination(run.link)})"
            # An exclamation mark in front would make it a picture.
            if before == "!" and out:
                out[-1] = re.sub(r"!\Z", r"\\!", out[-1])
            out.append(piece)
            before, at = ")", end
            continue
        end = at
        while end < len(merged) and not merged[end].link:
            end += 1
        after = "[" if end < len(merged) else " "
        piece = _styled(merged[at:end], before, after)
        out.append(piece)
        before, at = (piece[-1:] or before), end
    return "".join(out)


def _styled(runs: Sequence[Run], before: str, after: str) -> str:
    out = ""
    for number, run in enumerate(runs):
        if run.mark:
            if run.mark.startswith("[") and out.endswith("!"):
                out = out[:-1] + "\\!"
            out += run.mark
            continue
        last = out[-1:] or before
        following = runs[number + 1] if number + 1 < len(runs) else None
        then = after if following is None else (following.mark or following.text)[:1]
        if run.style & CODE:
            piece = coded(run.text)
            # Backticks side by side would be one fence.
            out += piece if last != "`" else escaped(run.text)
            continue
        text = escaped(run.text).replace("\n", "\\\n")
        # Around a text that is struck out, the outer marks stand beside tildes.
        outmost = "~" if run.style & STRIKE else run.text
        mark = _MARKS.get(run.style & 3, "") if _marks_hold(outmost, last, then, "*") else ""
        if run.style & STRIKE and _marks_hold(
            run.text, last if not mark else "*", then if not mark else "*", "~"
        ):
            text = f"~~{text}~~" if last != "~" else text
        if (
            mark
            and last != "*"
            and (following is None or not (following.style & 3 and not following.style & CODE))
        ):
            text = f"{mark}{text}{mark}"
        out += text
    return out


def _marks_hold(text: str, before: str, after: str, mark: str) -> bool:
    """Whether marks around a text are flanking on the right sides (CommonMark 6.2)."""
    first, last = text[:1], text[-1:]
    if first.isspace() or last.isspace() or mark in (before, after):
        return False
    opens = not _is_punctuation(first) or before.isspace() or _is_punctuation(before)
    closes = not _is_punctuation(last) or after.isspace() or _is_punctuation(after) or not after
    return opens and closes


def _is_punctuation(character: str) -> bool:
    return bool(character) and category(character)[0] in "PS"


def coded(text: str) -> str:
    """A code span (CommonMark 6.1)."""
    text = " ".join(text.split("\n"))
    if not text.strip():
        return text
    fence = "`" * (1 + max(map(len, _backticks(text)), default=0))
    pad = " " if text[0] == "`" or text[-1] == "`" or (text[0] == " " and text[-1] == " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def destination(address: str) -> str:
    """An address as a link's destination (CommonMark 6.3)."""
    address = re.sub(
        r"[\s<>\\]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), address
    )
    address = re.sub(r"&(?=#?\w{1,31};)", "&amp;", address)
    return f"<{address}>" if re.search(r"[()]", address) or not address else address


def escaped_paragraph(text: str) -> str:
    """A plain text of one line as a paragraph that shows the same characters."""
    return _line_start(_escaped_start, escaped(clean_line(text)))


def paragraph_of(runs: Sequence[Run]) -> str:
    """The runs as a paragraph, or as several where they have two line breaks in a row; empty where blank."""
    return _line_start(_escaped_start, without_breaks(written(runs)))


def line_of(runs: Sequence[Run]) -> str:
    """The runs on one line, as headings want them."""
    return " ".join(without_breaks(written(runs)).replace("\\\n", " ").split())


def code_block(text: str, language: str = "") -> str:
    """A fenced block (CommonMark 4.5); its fence is longer than any run of backticks within."""
    fence = "`" * max(3, 1 + max(map(len, _backticks(text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"
