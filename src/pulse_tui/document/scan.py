"""Cut Markdown bytes into pieces that parse by themselves, at the speed of one regular expression.

A document is split only where CommonMark (https://spec.commonmark.org/0.31.2/) surely starts a new
top-level block, so that every piece gives the same block tokens alone as it does within the whole;
link reference definitions and footnotes, which reach across pieces, are found by `definition_pieces`.
The scan may leave two blocks in one piece; it never cuts one.  Where the bytes alone do not tell, a
growing window is parsed and all of its blocks but the last are taken.

The one exception is a block so large that showing it whole would make the reader wait: it is cut by
its lines, items or rows, and the pieces that follow the first say what they continue.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulse_tui.document.tokens import Token

ParseBlocks = Callable[[str], "Sequence[Token]"]

HUGE = 64 * 1024
"""Bytes beyond which a block is shown in slices."""
SLICE = 16 * 1024
_LONG_TEXT = 8 * 1024
_FIRST_WINDOW = 4 * 1024
_LAST_WINDOW = 512 * 1024


class Kind(IntEnum):
    """What the scan knows of a piece."""

    TEXT = 0
    """Paragraphs, headings, quotes, tables, indented code, HTML that a blank line ends; it holds no list."""
    FENCE = 1
    LIST = 2
    HTML = 3
    MIXED = 4
    VERBATIM = 5
    """Lines of a fenced code block that began in an earlier piece; detail: the fence's indent."""
    MORE_ITEMS = 6
    """Items of a list that began in an earlier piece; detail: the first item's number."""
    MORE_ROWS = 7
    """Rows of a table that began in an earlier piece; detail: that piece."""
    PLAIN = 8
    """Part of a block too large to parse: shown as it stands."""
    GAP = 9
    """Nothing to show."""
    MORE_PLAIN = 10
    """More of a block that began as `PLAIN` in an earlier piece."""


CONTINUED = frozenset({Kind.VERBATIM, Kind.MORE_ITEMS, Kind.MORE_ROWS, Kind.MORE_PLAIN, Kind.GAP})
"""Pieces that no blank line parts from the one before."""
MAY_HOLD_NOTES = frozenset({Kind.TEXT, Kind.LIST, Kind.MIXED, Kind.MORE_ITEMS, Kind.MORE_ROWS})
"""Pieces whose text is parsed, so that it may use or define references and footnotes."""

# One event at a time; `data` begins with a line feed, so that every line is preceded by one.
_event = re.compile(
    rb"\n(?:"
    rb"[ \t\n]*(?=\n)"  # a run of blank lines; the match ends before its last line feed
    rb"|( {0,3})(?:"  # 1 the indent
    rb"(`{3,})(?=[^`\n]*\n)|(~{3,})"  # 2, 3 a fence
    rb"|([-+*]|[0-9]{1,9}[.)])(?=[ \t\n])"  # 4 a list marker
    rb"|(\[\^)"  # 5 perhaps a footnote
    rb"|<(?:((?i:script|pre|style|textarea))(?=[ \t>\n])"  # 6-10 HTML blocks that a blank line does not end
    rb"|(!--)|(\?)|(!\[CDATA\[)|(![A-Za-z]))"
    rb"))"
).search
_FENCES, _LIST_MARKER, _FOOTNOTE, _RAW_ELEMENT = (2, 3), 4, 5, 6
_HTML_ENDS = {7: b"-->", 8: b"?>", 9: b"]]>", 10: b">"}
_tag_line = re.compile(rb"\n {0,3}<").search
_marker_here = re.compile(rb" {0,1}(?:[-+*]|[0-9]{1,9}[.)])[ \t\n]").match
_indented_here = re.compile(rb" {0,3}\t| {4}").match
_rule_here = re.compile(rb"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,})\n").match
_item_here = re.compile(rb"([-+*]|[0-9]{1,9}[.)]) {1,4}(?=[^ \t\n])").match
# Compiled when first used: few articles have a block so large, or a definition.
_ELEMENT_END = rb"(?i)</(?:script|pre|style|textarea)>"
_HEADING = rb"\n(?=#{1,6}[ \t])"
_BULLET = rb"([-+*])[ \t]+[^ \t\n]"
_NUMBER = rb"([0-9]{1,9})([.)])[ \t]+[^ \t\n]"
_SHIFTED_NUMBER = rb"\n {1,2}[0-9]{1,9}[.)][ \t]"
_TABLE_HEAD = rb"\|[^\n]*\n\|[ \t:|-]*-[ \t:|-]*\n"
_NO_ROW = rb"\n(?![|\n]|\Z)"
_DEFINITION_LINE = rb"\n[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]+[ \t>]*)*\["

_SPACE, _TAB, _LESS, _LINE_FEED = b" \t<\n"
_AT_TOP, _IN_FOOTNOTE, _IN_LIST = range(3)


def normalize(source: bytes) -> bytes:
    """The source as the scan wants it: no BOM, no CR, no NUL, a line feed before it and two after."""
    if source.startswith(b"\xef\xbb\xbf"):
        source = source[3:]
    if b"\r" in source:
        source = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in source:
        source = source.replace(b"\0", "\ufffd".encode())
    return b"".join((b"\n", source, b"\n\n"))  # one copy, however large


class Scanner:
    """A resumable scan of normalized bytes.

    `starts`, `ends` (byte offsets) and `kinds` hold one entry a piece; `details` has what a continued
    piece continues.  `parse_blocks` is asked only where the bytes do not tell.
    """

    def __init__(self, data: bytes, parse_blocks: ParseBlocks) -> None:
        self.data = data
        self.starts = array("Q")
        self.ends = array("Q")
        self.kinds = bytearray()
        self.details: dict[int, int] = {}
        self.done = False
        self._parse_blocks = parse_blocks
        self._position = 0
        self._piece = 1
        while self._piece < len(data) and data[self._piece] == _LINE_FEED:
            self._piece += 1
        self._state = _AT_TOP
        self._kind = int(Kind.TEXT)
        self._checked = (0, 0, 0)
        """A piece that begins with a list, up to where its lines are of items, and the last item's indent."""

    def __len__(self) -> int:
        return len(self.starts)

    def piece_at(self, offset: int) -> int:
        """The number of the piece that holds a byte offset, or of the one before it."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def text(self, piece: int) -> str:
        """A piece, decoded; what is not UTF-8 is replaced."""
        return self.data[self.starts[piece] : self.ends[piece]].decode("utf-8", "replace")

    def step(self, budget: int | None = None) -> bool:
        """Scan about `budget` bytes more (all, if None); true once the whole document is scanned."""
        data, size = self.data, len(self.data)
        position, piece, state, kind = self._position, self._piece, self._state, self._kind
        limit = size if budget is None else min(size, position + budget)
        add_start, add_end, add_kind = self.starts.append, self.ends.append, self.kinds.append
        while position < limit:
            event = _event(data, position)
            if event is None:
                position = size
                break
            group = event.lastindex
            if group is None:
                position = event.end()
                line = position + 1
                if line >= size:
                    break
                first = data[line]
                if state == _AT_TOP:
                    if first in (_SPACE, _TAB) and _indented_here(data, line):
                        continue
                elif state == _IN_LIST:
                    if (
                        first == _TAB
                        or (first == _SPACE and data[line + 1] in b" \t")
                        or _marker_here(data, line)
                    ):
                        continue
                elif _indented_here(data, line):
                    continue
                if line - piece > _LONG_TEXT:
                    self._emit(piece, line, kind)
                elif line > piece:
                    add_start(piece)
                    add_end(line)
                    add_kind(kind)
                piece, state, kind = line, _AT_TOP, Kind.TEXT
                continue
            line = event.start() + 1
            if group == _LIST_MARKER:
                state = _IN_LIST
                position = event.end()
                if piece == line:
                    kind = Kind.LIST
                elif kind == Kind.TEXT:
                    kind = Kind.MIXED
                continue
            if group == _FOOTNOTE:
                if state == _AT_TOP:
                    state, kind = _IN_FOOTNOTE, Kind.MIXED
                position = event.end()
                continue
            # A fence or raw HTML: surely at top level, unless a list item or an HTML block may hold it.
            in_item = state == _IN_LIST and len(event[1]) > 1
            if in_item and kind == Kind.LIST and self._is_in_item(piece, line, len(event[1])):
                position = event.end()  # what begins here ends with the item at the latest
                continue
            in_html = piece < line and (data[piece] == _LESS or _tag_line(data, piece - 1, line - 1))
            if in_item or in_html:
                piece = self._ask_the_parser(piece, line)
                position, state, kind = piece - 1, _AT_TOP, Kind.TEXT
                continue
            self._emit(piece, line, kind)
            if group in _FENCES:
                piece = self._emit_fence(line, event.end(), event[group], len(event[1]))
            else:
                end = self._html_end(group, event.end())
                piece = self._next_text(end + 1)
                self._emit(line, piece, Kind.HTML)
            position, state, kind = piece - 1, _AT_TOP, Kind.TEXT
        self._position, self._piece, self._state, self._kind = position, piece, state, kind
        if position >= size - 1:
            self._finish()
        return self.done

    def _finish(self) -> None:
        last = len(self.data) - 1
        if self._piece < last:
            self._emit(self._piece, last, self._kind)
            self._piece = last
        if self.ends and self.ends[-1] > last:
            self.ends[-1] = last
        self.done = True

    def _next_text(self, offset: int) -> int:
        while offset < len(self.data) and self.data[offset] == _LINE_FEED:
            offset += 1
        return offset

    def _html_end(self, group: int, offset: int) -> int:
        """The line feed that ends an HTML block of types 1 to 5."""
        data = self.data
        if group == _RAW_ELEMENT:
            match = re.compile(_ELEMENT_END).search(data, offset)
            end = match.end() if match else -1
        else:  # `<!-->` and `<!--->` are whole comments, hence the look back
            end = data.find(_HTML_ENDS[group], offset - 2 if group == 7 else offset)
        return data.index(b"\n", end) if end >= 0 else len(data) - 1

    def _emit(self, start: int, end: int, kind: int) -> None:
        if end <= start:
            return
        if end - start > HUGE:
            if kind == Kind.LIST and self._emit_list(start, end):
                return
            if kind == Kind.TEXT and self._emit_table(start, end):
                return
        if kind == Kind.TEXT and end - start > _LONG_TEXT:
            start = self._emit_up_to_last_heading(start, end)
        if end - start > HUGE:
            self._emit_slices(start, end, Kind.PLAIN, Kind.MORE_PLAIN)
        else:
            self._add(start, end, kind)

    def _add(self, start: int, end: int, kind: int, detail: int | None = None) -> None:
        if detail is not None:
            self.details[len(self.starts)] = detail
        self.starts.append(start)
        self.ends.append(end)
        self.kinds.append(kind)

    def _emit_up_to_last_heading(self, start: int, end: int) -> int:
        """Cut long text at ATX headings, which end any block but raw HTML; return what is left."""
        data = self.data
        if data[start] == _LESS or _tag_line(data, start, end):
            return start
        for heading in re.compile(_HEADING).finditer(data, start, end):
            if heading.end() - start > 512:
                self._emit_plain_if_huge(start, heading.end())
                start = heading.end()
        return start

    def _emit_plain_if_huge(self, start: int, end: int) -> None:
        if end - start > HUGE:
            self._emit_slices(start, end, Kind.PLAIN, Kind.MORE_PLAIN)
        else:
            self._add(start, end, Kind.TEXT)

    def _emit_fence(self, start: int, opened: int, fence: bytes, indent: int) -> int:
        """Emit a fenced code block; return where the next piece begins."""
        data = self.data
        first_line = data.index(b"\n", opened)
        closing = re.compile(rb"\n {0,3}" + fence[:1] + b"{%d,}[ \t]*(?=\n)" % len(fence))
        match = closing.search(data, first_line)
        end = self._next_text((match.end() if match else len(data) - 1) + 1)
        if end - start <= HUGE:
            self._emit(start, end, Kind.FENCE)
        else:
            content_end = match.start() + 1 if match else len(data) - 1
            self._emit_slices(start, content_end, Kind.FENCE, Kind.VERBATIM, indent)
            self._add(content_end, max(end, content_end + 1), Kind.GAP)
        return end

    def _emit_list(self, start: int, end: int) -> bool:
        """Cut a huge top-level list before items; false if it is more than a plain list.

        A line that starts with the list's marker at column 0 is always an item of it (or a rule): an
        item's content is indented by two cells at the least.
        """
        data = self.data
        if _rule_here(data, start) or _tag_line(data, start, end):
            return False
        bullet, number = re.compile(_BULLET).match(data, start), re.compile(_NUMBER).match(data, start)
        if bullet:
            marker, first = re.escape(bullet[1]), 0
        elif number and not re.compile(_SHIFTED_NUMBER).search(data, start, end):
            marker, first = rb"[0-9]{1,9}" + re.escape(number[2]), int(number[1])
        else:
            return False
        if re.compile(rb"\n(?!" + marker + rb"[ \t\n]|[ \t\n]|\Z)").search(data, start, end - 1):
            return False
        cut, kind, detail = start, Kind.LIST, None
        items = re.compile(rb"\n(?=" + marker + rb"[ \t\n])").finditer(data, start, end)
        for seen, item in enumerate(items, 1):
            if item.end() - cut >= SLICE and not _rule_here(data, item.end()):
                self._emit_rest(cut, item.end(), kind, detail)
                cut, kind, detail = item.end(), Kind.MORE_ITEMS, first + seen
        self._emit_rest(cut, end, kind, detail)
        return True

    def _emit_rest(self, start: int, end: int, kind: Kind, detail: int | None) -> None:
        if end - start > HUGE:
            self._emit_slices(start, end, Kind.PLAIN, Kind.MORE_PLAIN)
        elif end > start:
            self._add(start, end, kind, detail)

    def _emit_table(self, start: int, end: int) -> bool:
        """Cut a huge table between rows; false if this is not plainly a table."""
        data = self.data
        head = re.compile(_TABLE_HEAD).match(data, start)
        if head is None or head.end() - start > SLICE or re.compile(_NO_ROW).search(data, start, end):
            return False
        if any(data[cut - 1] != _LINE_FEED for cut in self._slices(start, end)):
            return False  # a row longer than a slice
        tokens = self._parse_blocks(head[0].decode("utf-8", "replace"))
        if not tokens or tokens[0].type != "table_open":
            return False
        self._emit_slices(start, end, Kind.TEXT, Kind.MORE_ROWS, len(self.starts))
        return True

    def _emit_slices(self, start: int, end: int, first: Kind, rest: Kind, detail: int | None = None) -> None:
        """Cut by lines, or within a line where there is none in reach."""
        kind, first_detail = first, None
        for cut in self._slices(start, end):
            self._add(start, cut, kind, first_detail)
            start, kind, first_detail = cut, rest, detail

    def _slices(self, start: int, end: int) -> Iterator[int]:
        data = self.data
        while end - start > SLICE * 3 // 2:
            near = start + SLICE
            cut = data.rfind(b"\n", start, near) + 1 or data.rfind(b" ", start, near) + 1 or near
            while cut == near and near > start + SLICE - 4 and data[near] & 0xC0 == 0x80:
                cut = near = near - 1  # never within a UTF-8 sequence
            yield cut
            start = cut
        yield end

    def _is_in_item(self, piece: int, line: int, indent: int) -> bool:
        """Whether a line surely belongs to an item of the list that a piece begins with.

        It does if it and all lines above, up to one that is plainly an item of that list, are indented as the
        item's text is: then nothing has ended the item.  A lazy line or another marker leaves it open.
        """
        data = self.data
        first = _item_here(data, piece)
        if first is None:
            return False
        start, width = self._checked[1:] if self._checked[0] == piece else (piece, 0)
        while start < line:
            item = _item_here(data, start)
            if item is not None and item[1][-1:] == first[1][-1:] and not _rule_here(data, start):
                width = item.end() - start
            elif not width or (data[start] != _LINE_FEED and not data.startswith(b" " * width, start)):
                return False
            start = data.index(b"\n", start) + 1
        self._checked = piece, line, width
        return indent >= width

    def _ask_the_parser(self, start: int, line: int) -> int:
        """Parse from `start` to beyond `line`, emit all blocks but the last; return where that begins."""
        data, size = self.data, len(self.data)
        window = _FIRST_WINDOW
        while True:
            end = data.find(b"\n", max(start + window, line + 256)) + 1 or size
            text = data[start:end].decode("utf-8", "surrogateescape")
            tokens = self._parse_blocks(text)
            first_lines = [token.map[0] for token in tokens if token.level == 0 and token.map]
            first_lines = sorted(set(first_lines))
            if end >= size or len(first_lines) > 1:
                break
            if window > _LAST_WINDOW:  # one block beyond all measure
                self._emit_slices(start, end, Kind.PLAIN, Kind.MORE_PLAIN)
                return end
            window *= 2
        offsets = _line_offsets(text)
        cuts = [start + offsets[number] for number in first_lines[1:]]
        if end >= size:
            cuts.append(size)
        for cut in cuts:
            self._emit(start, min(cut, size), Kind.MIXED)
            start = cut
        return start


def _line_offsets(text: str) -> list[int]:
    offsets = [0]
    for line in text.split("\n"):
        offsets.append(offsets[-1] + len(line.encode("utf-8", "surrogateescape")) + 1)
    return offsets


def definition_pieces(scanner: Scanner) -> list[int]:
    """The pieces that may hold a link reference definition or a footnote; all that do are among them."""
    data, pieces = scanner.data, []
    defines = re.compile(_DEFINITION_LINE).search
    offset = data.find(b"]:")
    while offset >= 0:
        piece = scanner.piece_at(offset)
        if piece >= len(scanner):
            break
        start, end = scanner.starts[piece], scanner.ends[piece]
        if scanner.kinds[piece] in MAY_HOLD_NOTES and defines(data, start - 1, end):
            pieces.append(piece)
        offset = data.find(b"]:", max(end, offset + 2))
    return pieces
