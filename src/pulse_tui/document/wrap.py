"""Break text into lines of at most so many cells.

Break opportunities are a small part of UAX #14 (https://www.unicode.org/reports/tr14/): after spaces,
after hyphens and dashes between letters, and between ideographs and kana but for the punctuation that
may not begin or end a line (JIS X 4051).  A grapheme is never cut.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from pulse_tui.text import cell_widths, cells, is_simple

Span = tuple[int, int]
"""Start and end of a line in its text; the spaces at a break belong to no line."""

MIN_WIDTH = 2
"""No text is laid out narrower than its widest characters."""

_HYPHENS = "-\u2010\u2013\u2014/"
_NOT_FIRST = frozenset(
    "、。，．：；！？）］｝」』】〉》〕〗’”ー々〻ゝゞヽヾ・〜゠ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "｡､･｣ｰ‼⁇⁈⁉℃％,.:;!?)]}%…\u00a0\u202f"
)
_NOT_LAST = frozenset("（［｛「『【〈《〔〖｢‘“([{\u00a0\u202f")


def wrap(text: str, width: int) -> list[Span]:
    """The lines of a text; a line feed in it always breaks."""
    width = max(width, MIN_WIDTH)
    if "\n" not in text:
        return _wrap_paragraph(text, width)
    spans: list[Span] = []
    start = 0
    for part in text.split("\n"):
        spans += [(start + a, start + b) for a, b in _wrap_paragraph(part, width)]
        start += len(part) + 1
    return spans


def hard_wrap(text: str, width: int) -> list[Span]:
    """The lines of a text broken wherever the width is reached, as code is."""
    width = max(width, MIN_WIDTH)
    if is_simple(text):
        return [(at, min(at + width, len(text))) for at in range(0, len(text), width)] or [(0, 0)]
    sums = list(accumulate(_widths(text), initial=0))
    spans: list[Span] = []
    start = 0
    while sums[-1] - sums[start] > width:
        end = _fitting(sums, start, width)
        spans.append((start, end))
        start = end
    return [*spans, (start, len(text))]


def _widths(text: str) -> list[int]:
    """As `cell_widths`, but that graphemes without end, as Hangul jamo can make, may be cut."""
    widths = cell_widths(text)
    for at, width in enumerate(widths):
        if width > MIN_WIDTH:
            end = at + 1
            while end < len(widths) and not widths[end]:
                end += 1
            widths[at:end] = [MIN_WIDTH if cells(character) else 0 for character in text[at:end]]
    return widths


def _wrap_paragraph(text: str, width: int) -> list[Span]:
    if is_simple(text):
        return _wrap_simple(text, width)
    return _wrap_cells(text, width)


def _wrap_simple(text: str, width: int) -> list[Span]:
    """Every character is one cell wide: positions are cells."""
    spans: list[Span] = []
    start, length = 0, len(text)
    while length - start > width:
        limit = start + width
        end = text.rfind(" ", start, limit + 1)
        hyphen = max(text.rfind(mark, max(end + 1, start), limit) for mark in _HYPHENS)
        if hyphen > start and hyphen + 1 > end and _breaks_after_hyphen(text, hyphen):
            end = following = hyphen + 1
        elif end > start:
            following = end + 1
            while end > start and text[end - 1] == " ":
                end -= 1
        if end <= start:
            end = following = limit
        spans.append((start, end))
        while following < length and text[following] == " ":
            following += 1
        start = following
    if start < length or not spans:
        spans.append((start, length))
    return spans


def _breaks_after_hyphen(text: str, at: int) -> bool:
    return at + 1 < len(text) and text[at - 1].isalnum() and text[at + 1].isalpha()


def _wrap_cells(text: str, width: int) -> list[Span]:
    widths = [*_widths(text), 1]
    sums = list(accumulate(widths[:-1], initial=0))
    spans: list[Span] = []
    start, length = 0, len(text)
    while sums[length] - sums[start] > width:
        limit = _fitting(sums, start, width)
        following = _last_break(text, widths, start, limit)
        end = following
        while end > start and text[end - 1] == " " and widths[end - 1]:
            end -= 1
        if end == start:
            end = following = limit
        spans.append((start, end))
        while following < length and text[following] == " " and widths[following + 1]:
            following += 1
        start = following
    if start < length or not spans:
        spans.append((start, length))
    return spans


def _fitting(sums: list[int], start: int, width: int) -> int:
    """The end of the longest run from `start` that fits, with all that hangs on its last character."""
    end = bisect_right(sums, sums[start] + width, start) - 1
    if end > start:
        return end
    end = start + 1
    while end < len(sums) - 1 and sums[end + 1] == sums[end]:
        end += 1
    return end


def _last_break(text: str, widths: list[int], start: int, limit: int) -> int:
    """The last opportunity at or before `limit`; `limit` itself where there is none."""
    for at in range(limit, start, -1):
        if at == len(text) or not widths[at]:
            continue  # within a grapheme
        before, after = text[at - 1], text[at]
        if " " in (before, after):
            return at
        if before in _HYPHENS and at - 1 > start and _breaks_after_hyphen(text, at - 1):
            return at
        if (
            (is_ideograph(after) or is_ideograph(before))
            and after not in _NOT_FIRST
            and before not in _NOT_LAST
        ):
            return at
    return limit


def is_ideograph(character: str) -> bool:
    """Whether lines may break and join beside it: kana, ideographs, full-width marks; not Hangul."""
    return (
        "\u2e80" <= character <= "\ua4cf"
        or "\uf900" <= character <= "\ufaff"
        or ("\ufe30" <= character <= "\uffef" or "\U00020000" <= character <= "\U0003ffff")
    )
