"""Block tokens to lines of at most so many cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from pulse_tui.article import Figure, caption_and_credit
from pulse_tui.document import table
from pulse_tui.document.lines import Heading, Laid, Line, Picture, Role, Run, cut, whole
from pulse_tui.document.wrap import Span, hard_wrap, is_ideograph, wrap
from pulse_tui.text import cells, clean, clean_line, truncate

if TYPE_CHECKING:
    from pulse_tui.document.tokens import Token

ParseInline = Callable[[str], "Sequence[Token]"]
NoteNumbers = Callable[[], Mapping[str, int]]
"""Gives the number of each footnote by its label."""

NOTE_LINK = "#note:"
"""Begins a link to a footnote, before its label as in a URL; no heading's anchor holds a colon."""
_BULLETS = "•–·"
_BAR = "▌ "
_CODE_BAR = "│ "
_PICTURE = "▣ "
_ORNAMENT = "*   *   *"
NOT_INCLUDED = "picture not included"
_BLANKS = (" ", "\n")
_blanks = re.compile(r"[ \t\n]+").sub
_line_break_tag = re.compile(r"<br(?:\s[^<>]*)?/?>", re.I).fullmatch


class _Prefix:
    """What stands before the lines of a container: a marker once, then blanks, or a bar on every line."""

    __slots__ = ("first", "rest", "role")

    def __init__(self, first: str, rest: str, role: int) -> None:
        self.first = first
        self.rest = rest
        self.role = role


class _List:
    __slots__ = ("bullet", "number", "tight", "width")

    def __init__(self, bullet: str, number: int | None, width: int, tight: bool) -> None:
        self.bullet = bullet
        self.number = number
        self.width = width
        self.tight = tight


class Layout:
    """Lays out the tokens of one piece; made anew for each."""

    def __init__(self, width: int, inline: ParseInline, note_numbers: NoteNumbers) -> None:
        self.laid = Laid()
        self._width = width
        self._parse_inline = inline
        self._note_numbers = note_numbers
        self._texts: list[str] = []
        self._offset = 0
        self._prefixes: list[_Prefix] = []
        self._kept: list[_Prefix] = []
        self._room = width
        self._lists: list[_List] = []
        self._quotes = 0

    # -- Lines

    def _push(self, first: str, rest: str, role: int) -> None:
        self._prefixes.append(_Prefix(first, rest, role))
        self._fit_prefixes()

    def _pop(self) -> _Prefix:
        prefix = self._prefixes.pop()
        self._fit_prefixes()
        return prefix

    def _fit_prefixes(self) -> None:
        """Prefixes take half of the width at the most: the outermost go first, then markers are cut."""
        limit = self._width // 2
        self._kept, total = [], 0
        for prefix in reversed(self._prefixes):
            width = cells(prefix.rest)
            if total + width > limit:
                if not self._kept:
                    prefix.first, prefix.rest = truncate(prefix.first, limit), prefix.rest[:limit]
                    self._kept, total = [prefix], limit
                break
            self._kept.insert(0, prefix)
            total += width
        self._room = self._width - total

    def _prefix_runs(self, *, first: bool) -> Sequence[Run]:
        if not self._kept:
            return ()
        runs = [(prefix.first if first else prefix.rest, prefix.role, None) for prefix in self._kept]
        if first:
            for prefix in self._prefixes:
                prefix.first = prefix.rest
        return runs

    def _add_line(self, runs: Sequence[Run], start: int, end: int, *, first: bool = False) -> None:
        line = Line(self._prefix_runs(first=first), runs, self._offset + start, self._offset + end)
        self.laid.lines.append(line)

    def _add_text(self, text: str) -> None:
        """Close a text of which lines were made: its offsets are taken."""
        self._texts.append(text)
        self._offset += len(text) + 1

    def _begin_block(self) -> None:
        self.laid.paragraphs.append(len(self.laid.lines))

    def _paragraph(self, runs: Sequence[Run], spans: Iterable[Span] | None = None) -> None:
        self._begin_block()
        text = "".join([run[0] for run in runs])
        if spans is None:
            spans = wrap(text, self._room)
        spans = list(spans)
        for number, (span, line) in enumerate(zip(spans, cut(runs, spans), strict=True)):
            # An empty line of a paragraph is no blank one, however many runs it was cut from.
            self._add_line(line or [("", Role.PLAIN, None)], *span, first=number == 0)
        self._add_text(text)

    def _blank(self) -> None:
        """A blank line, unless there is one already or nothing stands before it."""
        lines = self.laid.lines
        if lines and lines[-1].runs:
            self._empty_line()

    def _empty_line(self) -> None:
        """A line that stands for a line feed of its own, so that a place on it can be found again."""
        self._add_line((), 0, 0)
        self._add_text("")

    def _drop_blank(self) -> None:
        lines = self.laid.lines
        if lines and not lines[-1].runs:
            lines.pop()

    # -- Entry points

    def tokens(self, tokens: Sequence[Token], *, first_number: int | None = None) -> Laid:
        """Lay out block tokens; `first_number` replaces the number of the first item of a list."""
        if first_number is not None and tokens and tokens[0].type == "ordered_list_open":
            tokens[0].attrs["start"] = first_number
        index = 0
        while index < len(tokens):
            handler = self._HANDLERS.get(tokens[index].type)
            if handler is not None:
                index = handler(self, tokens, index) or index
            index += 1
        return self._finish()

    def rows(self, tokens: Sequence[Token], widths: Sequence[int] | None) -> Laid:
        """Lay out a table without its head, in the columns of the slice that has it (None: stacked)."""
        found, last = self._read_table(tokens, 0, with_head=False)
        if widths is None:
            self._stack(found, with_head=False)
        else:
            self._draw_rows(found, widths, with_head=False)
        self._blank()
        # The parser ends a table where 65,536 cells are missing; the rows that it leaves out are text to it.
        return self.tokens(tokens[last + 1 :])

    def measure_table(self, tokens: Sequence[Token]) -> list[int] | None:
        """The column widths of a table; None if its rows are to be stacked."""
        found, _ = self._read_table(tokens, 0)
        return table.column_widths(found, self._room)

    def verbatim(self, text: str, indent: int) -> Laid:
        """Lay out lines of code."""
        if indent:
            text = re.sub(f"^ {{1,{indent}}}", "", text, flags=re.M)
        self._code(text)
        self._blank()
        return self._finish()

    def plain(self, text: str) -> Laid:
        """Lay out text as it stands, paragraph by paragraph."""
        for line in clean(text.strip("\n")).split("\n"):
            self._paragraph([(line.expandtabs(4), Role.PLAIN, None)])
        self._blank()
        return self._finish()

    def _finish(self) -> Laid:
        lines = self.laid.lines
        while lines and not lines[-1].runs:
            lines.pop()
            if self._texts[-1:] == [""]:
                self._texts.pop()
                self._offset -= 1
        if lines:
            lines.append(Line((), (), self._offset, self._offset))
        self.laid.text = "\n".join(self._texts)
        return self.laid

    # -- Blocks; a handler returns the index of the last token that it took, or None for its own

    def _inline(self, tokens: Sequence[Token], index: int) -> None:
        opener = tokens[index - 1]
        children = self._parse_inline(tokens[index].content)
        if opener.type == "heading_open":
            self._heading(int(opener.tag[1]), children, top=opener.level == 0)
            return
        figures = _only_figures(children)
        if figures:
            for figure in figures:
                self._figure(figure)
            return
        runs = self.inline_runs(children, Role.QUOTE if self._quotes else Role.PLAIN)
        self._paragraph(runs)
        if not opener.hidden:
            self._blank()

    def _heading(self, level: int, children: Sequence[Token], *, top: bool) -> None:
        role = Role.HEADING if level <= 2 else Role.SUBHEADING
        if level > 3:
            role |= Role.EMPHASIS
        if top and level <= 2:
            self._empty_line()
        runs = self.inline_runs(children, role)
        if top:
            text = clean_line("".join([run[0] for run in runs]))
            self.laid.headings.append(Heading(len(self.laid.lines), level, text))
        self._paragraph(runs)
        self._blank()

    def _list_open(self, tokens: Sequence[Token], index: int) -> None:
        token = tokens[index]
        items, tight = 0, True
        for other in tokens[index + 1 :]:
            if other.level == token.level:
                break
            items += other.type == "list_item_open" and other.level == token.level + 1
            if other.type == "paragraph_open" and other.level == token.level + 2:
                tight = tight and other.hidden
        if token.type == "bullet_list_open":
            depth = sum(1 for other in self._lists if other.number is None)
            self._lists.append(_List(_BULLETS[min(depth, len(_BULLETS) - 1)] + " ", None, 2, tight))
            return
        first = int(token.attrs.get("start", 1))
        self._lists.append(_List("", first, len(str(first + items - 1)) + 2, tight))

    def _list_close(self, tokens: Sequence[Token], index: int) -> None:
        self._lists.pop()
        if not self._lists or not self._lists[-1].tight:
            self._blank()

    def _item_open(self, tokens: Sequence[Token], index: int) -> None:
        of = self._lists[-1]
        if of.number is None:
            marker = of.bullet
        else:
            marker = f"{of.number}{tokens[index].markup} ".rjust(of.width)
            of.number += 1
        self._push(marker, " " * cells(marker), Role.FAINT)

    def _show_marker(self) -> None:
        """Give an item or a note that shows nothing a line for its marker."""
        if self._prefixes[-1].first != self._prefixes[-1].rest:
            self._paragraph([("", Role.PLAIN, None)])

    def _item_close(self, tokens: Sequence[Token], index: int) -> None:
        self._show_marker()
        self._pop()

    def _quote_open(self, tokens: Sequence[Token], index: int) -> None:
        self._push(_BAR, _BAR, Role.QUOTE)
        self._quotes += 1

    def _quote_close(self, tokens: Sequence[Token], index: int) -> None:
        self._drop_blank()
        self._pop()
        self._quotes -= 1
        self._blank()

    def _note_open(self, tokens: Sequence[Token], index: int) -> None:
        label = tokens[index].meta["label"]
        marker = f"[{self._note_numbers().get(label, label)}] "
        self.laid.notes.setdefault(label, len(self.laid.lines))
        self._push(clean_line(marker) + " ", " " * cells(clean_line(marker) + " "), Role.FAINT)

    def _note_close(self, tokens: Sequence[Token], index: int) -> None:
        self._show_marker()
        self._pop()
        self._blank()

    def _fence(self, tokens: Sequence[Token], index: int) -> None:
        self._code(tokens[index].content)
        self._blank()

    def _code(self, content: str) -> None:
        self._begin_block()
        self._push(_CODE_BAR, _CODE_BAR, Role.FAINT)
        for source in clean(content).removesuffix("\n").split("\n"):
            line = source.expandtabs(4)
            for number, (start, end) in enumerate(hard_wrap(line, self._room)):
                self._add_line([(line[start:end], Role.CODE, None)], start, end, first=number == 0)
            self._add_text(line)
        self._pop()

    def _rule(self, tokens: Sequence[Token], index: int) -> None:
        self._begin_block()
        ornament = truncate(_ORNAMENT, self._room)
        indent = " " * ((self._room - len(ornament)) // 2)
        self._add_line([(indent + ornament, Role.FAINT, None)], 0, 0, first=True)
        self._add_text("")
        self._blank()

    def _html(self, tokens: Sequence[Token], index: int) -> None:
        for shown in _visible(tokens[index].content):
            if isinstance(shown, Figure):
                self._figure(shown)
            else:
                self._paragraph([(shown, Role.PLAIN, None)])
        self._blank()

    def _table(self, tokens: Sequence[Token], index: int) -> int:
        found, last = self._read_table(tokens, index)
        self._begin_block()
        widths = table.column_widths(found, self._room)
        if widths is None:
            self._stack(found, with_head=True)
        else:
            self._draw_rows(found, widths, with_head=True)
        self._blank()
        return last

    def _read_table(
        self, tokens: Sequence[Token], index: int, *, with_head: bool = True
    ) -> tuple[table.Table, int]:
        while tokens[index].type != "table_open":
            index += 1
        rows: list[list[table.Cell]] = []
        alignments: list[str] = []
        while tokens[index].type != "table_close":
            token = tokens[index]
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                head = token.type == "th_open"
                children = self._parse_inline(tokens[index + 1].content)
                runs = self.inline_runs(children, Role.STRONG if head else Role.PLAIN)
                rows[-1].append(
                    [(text.replace("\n", " "), roles, link) for text, roles, link in runs if text]
                )
                if head:
                    if not with_head:
                        self.laid.pictures.clear()
                    alignments.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
            index += 1
        return table.Table(rows, alignments), index

    def _draw_rows(self, found: table.Table, widths: Sequence[int], *, with_head: bool) -> None:
        for number, lines in enumerate(table.columned(found, widths)):
            if number == 0 and not with_head:
                continue
            text = row_text(found.rows[number])
            for line in lines:
                self._add_line(line, 0, len(text), first=True)
            self._add_text(text)
            if number == 0:
                self._add_line([table.rule(widths)], -1, -1)

    def _stack(self, found: table.Table, *, with_head: bool) -> None:
        """Rows one below another; their text, the head's too, is as in columns, so that places hold."""
        head, *rows = found.rows
        if with_head and rows:
            self._add_text(row_text(head))
        for number, lines in enumerate(table.stacked(found, self._room)):
            if number:
                self._add_line((), -1, -1)
            text = row_text(rows[number] if rows else head)
            for line in lines:
                self._add_line(line, 0, len(text), first=True)
            self._add_text(text)

    def _figure(self, figure: Figure) -> None:
        self._begin_block()
        text = text_of_figure(figure)
        lines = frame(text, self._room, included=figure.source is not None or not figure.alt)
        self.laid.pictures.append(Picture(len(self.laid.lines), figure, len(lines)))
        for number, runs in enumerate(lines):
            self._add_line(runs, 0, len(text), first=number == 0)
        self._add_text(text)
        self._blank()

    # -- Inline text

    def inline_runs(self, children: Sequence[Token], base: int) -> list[Run]:
        """The runs of a block's inline tokens, clean; a line feed in them is a hard break."""
        runs: list[Run] = []
        roles, link = base, None
        outer: list[tuple[int, str | None]] = []
        for position, token in enumerate(children):
            kind = token.type
            if kind in ("text", "text_special"):
                content = token.content
                if "\t" in content or "\n" in content:
                    content = _blanks(" ", content)
                content = clean(content)
                if "  " in content:  # in the source, or around what is not seen
                    content = _blanks(" ", content)
                if content[:1] == " " and runs and runs[-1][0][-1:] in _BLANKS:
                    content = content[1:]  # behind a line break, or a tag between two spaces
                if content:
                    runs.append((content, roles, link))
            elif kind == "softbreak":
                if not (runs and runs[-1][0] == "\n") and not _joins_without_space(runs, children, position):
                    runs.append((" ", roles, link))
            elif kind == "hardbreak":
                runs.append(("\n", roles, link))
            elif kind == "code_inline":
                runs.append((clean(token.content).replace("\t", " "), roles | Role.CODE, link))
            elif kind in _SPANS:
                outer.append((roles, link))
                roles |= _SPANS[kind]
                if kind == "link_open":
                    link = clean_line(str(token.attrs.get("href", "")))
            elif kind.endswith("_close") and outer:
                roles, link = outer.pop()
            elif kind == "image":
                figure = _figure_of(token)
                self.laid.pictures.append(Picture(len(self.laid.lines), figure, 0))
                runs.append((drawn_in_text(figure), roles | Role.FIGURE, link))
            elif kind == "footnote_ref":
                label = token.meta["label"]
                text = clean_line(f"[{self._note_numbers().get(label, label)}]")
                runs.append((text, roles | Role.FAINT | Role.LINK, NOTE_LINK + quote(label)))
            elif kind == "html_inline":
                if _line_break_tag(token.content):
                    runs.append(("\n", roles, link))
                for figure in _figures_of_tag(token):
                    self.laid.pictures.append(Picture(len(self.laid.lines), figure, 0))
                    runs.append((drawn_in_text(figure), roles | Role.FIGURE, link))
            elif token.content:
                runs.append((clean(token.content), roles, link))
        return whole(runs) or [("", base, None)]

    _HANDLERS: ClassVar[dict[str, Callable[[Layout, Sequence[Token], int], int | None]]] = {
        "inline": _inline,
        "bullet_list_open": _list_open,
        "ordered_list_open": _list_open,
        "bullet_list_close": _list_close,
        "ordered_list_close": _list_close,
        "list_item_open": _item_open,
        "list_item_close": _item_close,
        "blockquote_open": _quote_open,
        "blockquote_close": _quote_close,
        "footnote_reference_open": _note_open,
        "footnote_reference_close": _note_close,
        "fence": _fence,
        "code_block": _fence,
        "hr": _rule,
        "html_block": _html,
        "table_open": _table,
    }


_SPANS = {
    "strong_open": Role.STRONG,
    "em_open": Role.EMPHASIS,
    "s_open": Role.STRIKE,
    "link_open": Role.LINK,
}


def frame(text: str, width: int, *, included: bool = True) -> list[list[Run]]:
    """A box of the given width around a text, as a picture's stand-in; one list of runs a line."""
    if width < 8:
        return [[(text[start:end], Role.FIGURE, None)] for start, end in wrap(text, width)]
    inner = width - 4
    words = [text[start:end] for start, end in wrap(text, inner)]
    words = ["", *words, ""] if included else [*words, NOT_INCLUDED]
    edge = "─" * (width - 2)
    lines: list[list[Run]] = [[(f"┌{edge}┐", Role.FAINT, None)]]
    for word in words:
        space = max(0, inner - cells(word))
        left = space // 2
        middle = " " * left + word + " " * (space - left)
        lines.append([("│ ", Role.FAINT, None), (middle, Role.FIGURE, None), (" │", Role.FAINT, None)])
    lines.append([(f"└{edge}┘", Role.FAINT, None)])
    return lines


def text_of_figure(figure: Figure) -> str:
    """The text of a picture that stands by itself, the same at every width."""
    return figure.alt or (NOT_INCLUDED if figure.source is None else "picture")


def drawn_in_text(figure: Figure) -> str:
    """What a picture within text is drawn as."""
    return _PICTURE + (figure.alt or "picture")


def row_text(row: Sequence[table.Cell]) -> str:
    """The text of a table's row, the same at every width."""
    return " | ".join("".join(text for text, _, _ in cell) for cell in row)


def _figure_of(token: Token) -> Figure:
    caption, credit = caption_and_credit(clean_line(str(token.attrs.get("title", ""))))
    source = clean_line(str(token.attrs.get("src", "")))
    return Figure(source or None, clean_line(_plain_text(token.children or ())), caption, credit)


def _figures_of_tag(token: Token) -> list[Figure]:
    return [shown for shown in _visible(token.content) if isinstance(shown, Figure)]


def _plain_text(tokens: Iterable[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type == "image":
            parts.append(_plain_text(token.children or ()))
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type != "html_inline":
            parts.append(token.content)
    return "".join(parts)


def _only_figures(children: Sequence[Token]) -> list[Figure]:
    """The pictures of a paragraph that holds nothing else."""
    figures = []
    for token in children:
        if token.type == "image":
            figures.append(_figure_of(token))
        elif token.type == "html_inline":
            figures += _figures_of_tag(token)
        elif token.type not in ("softbreak", "hardbreak", "link_open", "link_close") and (
            token.type != "text" or token.content.strip()
        ):
            return []
    return figures


def _joins_without_space(runs: Sequence[Run], children: Sequence[Token], position: int) -> bool:
    """Whether a line end in the source stands between ideographs, which no space parts."""
    if not runs or not is_ideograph(runs[-1][0][-1:]):
        return False
    for token in islice(children, position + 1, None):
        if token.content or token.type not in ("text", *_SPANS):
            return is_ideograph(token.content[:1])
    return False


def _visible(markup: str) -> list[str | Figure]:
    """What a reader sees of raw HTML, which few articles have: its parser is imported when one does."""
    from pulse_tui.document.html import visible

    return visible(markup)
