"""Block tokens to lines that are read out one by one: what is drawn elsewhere is said here.

The text of a piece, from which places and matches take their offsets, is the same as in `layout`; the
announcements stand beside it, as markers and bars do there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pulse_tui.article import Figure
from pulse_tui.document import table
from pulse_tui.document.layout import (
    NOTE_LINK,
    Layout,
    NoteNumbers,
    ParseInline,
    drawn_in_text,
    row_text,
    text_of_figure,
)
from pulse_tui.document.lines import Line, Picture, Role, Run, cut
from pulse_tui.document.wording import address, ends_sentence, in_words, said_figure
from pulse_tui.document.wrap import Span, hard_wrap, wrap
from pulse_tui.text import clean, clean_line, counted

if TYPE_CHECKING:
    from pulse_tui.document.tokens import Token

Handler = Callable[[Layout, "Sequence[Token]", int], int | None]

EMPTY_CELL = "empty"
_NO_LANGUAGES = ("", "text", "txt", "plain", "plaintext")


class Voice(NamedTuple):
    """What a piece is told of the document around it."""

    letters: Callable[[str], str]
    """The text in characters that can be put out."""
    link: Callable[[str, str], int]
    """The number that a link is called by; it is told the link and its words."""
    picture: Callable[[int], str]
    """What follows the word picture for the nth of the piece, from 0: " 2 of 5", or nothing if not known."""
    begun: bool = False
    """Whether the piece goes on with a list, table or code that began in an earlier one."""
    goes_on: bool = False
    """Whether the next piece goes on with what this one ends with."""
    before: int = 0
    """How many items or rows came in earlier pieces."""


class _Spoken:
    """A line of speech in the making, and which character of the piece's text each of its own stands for."""

    def __init__(self, letters: Callable[[str], str]) -> None:
        self._letters = letters
        self.runs: list[Run] = []
        self._length = self._text_length = 0
        self._starts: list[tuple[int, int, bool]] = [(0, 0, False)]
        """Where a stretch begins here and in the text, and whether it is the same in both."""

    def keep(self, text: str, roles: int = Role.PLAIN, link: str | None = None) -> None:
        """Say what the text has; words that cannot be put out are said as well as can be."""
        if self._letters(text) == text:
            self._add(text, len(text), roles, link, same=True)
            return
        for number, word in enumerate(text.split(" ")):
            for part in [" ", word] if number else [word]:
                said = self._letters(part)
                self._add(said, len(part), roles, link, same=said == part)

    def put(self, words: str, instead_of: str = "", roles: int = Role.FAINT, link: str | None = None) -> None:
        """Say something that the text has in other words, or not at all."""
        self._add(self._letters(words), len(instead_of), roles, link, same=False)

    def _add(self, words: str, stands_for: int, roles: int, link: str | None, *, same: bool) -> None:
        self._starts.append((self._length, self._text_length, same))
        if words:
            self.runs.append((words, roles, link))
        self._length += len(words)
        self._text_length += stands_for
        self._starts.append((self._length, self._text_length, False))

    @property
    def text(self) -> str:
        """All that is said."""
        return "".join([run[0] for run in self.runs])

    def origin(self, at: int) -> int:
        """The character of the text that one of the speech stands for."""
        start, origin, same = self._starts[bisect_right(self._starts, (at, self._text_length + 1, True)) - 1]
        return origin + (at - start if same else 0)


class _Container:
    """Something that is announced when the first of its content comes, and perhaps at its end."""

    def __init__(self, words: str = "", ending: str = "") -> None:
        self.words = words
        self.ending = ending
        self.number = 0
        """Of the last item of a list."""
        self.blocks = 0


def _by_name(name: str) -> Handler:
    """A handler of `Layout` as the class of the layout at hand has it."""

    def handle(layout: Layout, tokens: Sequence[Token], index: int) -> int | None:
        last: int | None = getattr(layout, name)(tokens, index)
        return last

    return handle


class Speech(Layout):
    """Says the tokens of one piece; made anew for each."""

    def __init__(self, width: int, inline: ParseInline, note_numbers: NoteNumbers, voice: Voice) -> None:
        super().__init__(width, inline, note_numbers)
        self._voice = voice
        self._open: list[_Container] = []
        self._ending = (0, 0)
        """The lines of what was last said at the end of something."""
        self._pending: list[_Container | str] = []
        """What is to be said before the next content: announcements, and markers, which share its line."""
        self._figures: list[tuple[str, Figure]] = []
        """Pictures within text that are not said yet, each with its number."""

    # -- Announcements

    def _begin(self, container: _Container) -> None:
        self._open.append(container)
        if container.words:
            self._pending.append(container)

    def _end(self) -> None:
        """Close what is open, with a word if anything of it was said; a blank line stays behind it.

        That something within it ends with it goes without saying.
        """
        container = self._open.pop()
        if container in self._pending:
            self._pending.remove(container)
        elif container.ending:
            lines = self.laid.lines
            blank = [lines.pop()] if lines and not lines[-1].runs else []
            if self._ending[1] == len(lines):
                del lines[self._ending[0] :]
            first = len(lines)
            self._say_line(container.ending, lines[-1].end)
            self._ending = (first, len(lines))
            lines.extend(blank)

    def _say_line(self, words: str, at: int | None = None) -> None:
        """Say what is not in the text, at a character of it; None: before what comes next."""
        words = self._voice.letters(words)
        at = self._offset if at is None else at
        for line in cut([(words, Role.FAINT, None)], wrap(words, self._room)):
            self.laid.lines.append(Line((), line, at, at))

    def _marker(self) -> str:
        """Say all that is pending; what stands before the next content on its own line is returned."""
        marker = ""
        for pending in self._pending:
            if isinstance(pending, str):
                marker += pending
            else:
                self._say_line(marker + pending.words)
                marker = ""
        self._pending.clear()
        for prefix in self._prefixes:
            prefix.first = prefix.rest
        return marker

    @property
    def _is_cut(self) -> tuple[bool, bool]:
        """Whether the block at hand began before the piece, and whether it ends after it."""
        at_top = not self._open
        return self._voice.begun and at_top, self._voice.goes_on and at_top

    # -- Text

    def _said(self, runs: Sequence[Run], spoken: _Spoken | None = None) -> _Spoken:
        """Runs as they are said: links, notes and pictures in words, struck text between brackets."""
        spoken = spoken or _Spoken(self._voice.letters)
        following = [*runs[1:], ("", Role.PLAIN, None)][: len(runs)]
        struck, linked = False, ""
        for (text, roles, link), (_, roles_after, link_after) in zip(runs, following, strict=True):
            if roles & Role.STRIKE and not struck:
                spoken.put("[struck out: ")
            if link is not None and link.startswith(NOTE_LINK):
                space = " " if spoken.text[-1:].strip() else ""
                spoken.put(space + text.replace("][", "] [").replace("[", "[note "), text, roles, link)
            elif roles & Role.FIGURE:
                self._say_figures(spoken, text, roles, link)
            elif link is not None and text == link:
                spoken.put(address(link), text, roles, link)
            else:
                spoken.keep(text, roles, link)
            linked = linked + text if link is not None else ""
            struck = bool(roles & roles_after & Role.STRIKE)
            if roles & Role.STRIKE and not struck:
                spoken.put("]")
            if link is not None and link != link_after and not link.startswith(NOTE_LINK):
                spoken.put(f" [link {self._voice.link(link, linked)}]", roles=roles, link=link)
                linked = ""
        return spoken

    def _say_figures(self, spoken: _Spoken, text: str, roles: int, link: str | None) -> None:
        """Say a run that one or more pictures are drawn in."""
        while text:
            for nth, (number, figure) in enumerate(self._figures):
                drawn = drawn_in_text(figure)
                if text.startswith(drawn):
                    spoken.put(f"[picture{number}: {in_words(figure)}]", drawn, roles, link)
                    text = text[len(drawn) :]
                    del self._figures[: nth + 1]
                    break
            else:  # what hangs on a picture's last character
                spoken.keep(text, roles, link)
                return

    def inline_runs(self, children: Sequence[Token], base: int) -> list[Run]:
        """As they are drawn; the pictures in them are noted, to be said in their place."""
        before = len(self.laid.pictures)
        runs = super().inline_runs(children, base)
        for number, picture in enumerate(self.laid.pictures[before:], before):
            self._figures.append((self._voice.picture(number), picture.figure))
        return runs

    def _paragraph(self, runs: Sequence[Run], spans: Iterable[Span] | None = None) -> None:
        self._begin_block()
        text = "".join([run[0] for run in runs])
        spoken = _Spoken(self._voice.letters)
        spoken.put(self._marker())
        self._put(self._said(runs, spoken), len(text))
        self._add_text(text)

    def _wrapped(self, text: str) -> list[Span]:
        """The lines of what is said; what is numbered stays with its number."""
        for word in ("[link ", "[note "):
            text = text.replace(word, f"{word[:-1]}\u00a0")
        return wrap(text, self._room)

    def _put(self, spoken: _Spoken, length: int) -> None:
        """Add the lines of what is said of a text of so many characters."""
        spans = self._wrapped(spoken.text)
        for (start, end), line in zip(spans, cut(spoken.runs or [("", 0, None)], spans), strict=True):
            start, end = min(spoken.origin(start), length), min(spoken.origin(end), length)
            self._add_line(line or [("", Role.PLAIN, None)], start, end)

    def say(self, words: str, start: int, end: int, roles: int, link: str | None = None) -> int:
        """Add lines that stand for a stretch of the text, which is not added; returns how many they are."""
        spoken = _Spoken(self._voice.letters)
        spoken.put(words, roles=roles, link=link)
        if link is not None:
            spoken.put(f" [link {self._voice.link(link, '')}]", roles=roles, link=link)
        spans = self._wrapped(spoken.text)
        for line in cut(spoken.runs, spans):
            self._add_line(line, start, end)
        return len(spans)

    # -- Blocks

    def _begin_block(self) -> None:
        super()._begin_block()
        for container in self._open:
            container.blocks += 1

    def _heading(self, level: int, children: Sequence[Token], *, top: bool) -> None:
        self._pending.append(f"Heading level {level}: ")
        super()._heading(level, children, top=top)

    def _list_open(self, tokens: Sequence[Token], index: int) -> None:
        super()._list_open(tokens, index)
        token, of = tokens[index], self._lists[-1]
        items = 0
        for other in tokens[index + 1 :]:
            if other.level == token.level:
                break
            items += other.type == "list_item_open" and other.level == token.level + 1
        begun, goes_on = self._is_cut
        kind = "List" if of.number is None else "Numbered list"
        level = f", level {len(self._lists)}" if len(self._lists) > 1 else ""
        words = f"{kind} of {counted(items, 'item')}{level}." if not goes_on else f"Long {kind.lower()}."
        opened = _Container("" if begun else words, "" if goes_on else f"End of list{level}.")
        opened.number = self._voice.before if begun else 0
        self._begin(opened)

    def _list_close(self, tokens: Sequence[Token], index: int) -> None:
        self._end()
        super()._list_close(tokens, index)

    def _item_open(self, tokens: Sequence[Token], index: int) -> None:
        of, opened = self._lists[-1], self._open[-1]
        opened.number += 1
        number = opened.number
        if of.number is not None:
            number, of.number = of.number, of.number + 1
        self._push(f"{number}. ", "", Role.FAINT)
        self._pending.append(f"{number}. ")

    def _quote_open(self, tokens: Sequence[Token], index: int) -> None:
        self._push("", "", Role.QUOTE)
        self._quotes += 1
        level = f", level {self._quotes}" if self._quotes > 1 else ""
        self._begin(_Container(f"Quote{level}:", f"End of quote{level}."))

    def _quote_close(self, tokens: Sequence[Token], index: int) -> None:
        self._end()
        super()._quote_close(tokens, index)

    def _note_open(self, tokens: Sequence[Token], index: int) -> None:
        super()._note_open(tokens, index)
        label = tokens[index].meta["label"]
        number = clean_line(str(self._note_numbers().get(label, label)))
        self._prefixes[-1].rest = ""
        self._fit_prefixes()
        self._begin(_Container("", f"End of note {number}."))
        self._pending.append(f"Note {number}: ")

    def _note_close(self, tokens: Sequence[Token], index: int) -> None:
        self._show_marker()
        if self._open[-1].blocks < 2:  # where one paragraph ends is heard
            self._open[-1].ending = ""
        self._end()
        super()._note_close(tokens, index)

    def _fence(self, tokens: Sequence[Token], index: int) -> None:
        language = clean_line(tokens[index].info).partition(" ")[0]
        self._code(tokens[index].content, f" in {language}" if language not in _NO_LANGUAGES else "")
        self._blank()

    def _code(self, content: str, language: str = "") -> None:
        self._begin_block()
        lines = clean(content).removesuffix("\n").split("\n")
        begun, goes_on = self._is_cut
        words = f"Long code{language}." if goes_on else f"Code{language}, {counted(len(lines), 'line')}."
        self._begin(_Container("" if begun else words, "" if goes_on else "End of code."))
        if marker := self._marker().strip():
            self._say_line(marker)
        for source in lines:
            line = source.expandtabs(4)
            said = self._voice.letters(line)
            for start, end in hard_wrap(said, self._room):
                runs: list[Run] = [(said[start:end], Role.CODE, None)]
                self._add_line(runs, min(start, len(line)), min(end, len(line)))
            self._add_text(line)
        self._end()

    def _rule(self, tokens: Sequence[Token], index: int) -> None:
        self._begin_block()
        self._say_line(self._marker() + "Separator.")
        self._add_text("")
        self._blank()

    def _figure(self, figure: Figure) -> None:
        self._begin_block()
        text = text_of_figure(figure)
        number = self._voice.picture(len(self.laid.pictures))
        marker = self._marker()
        first = len(self.laid.lines)
        rows = self.say(marker + said_figure(figure, number), 0, len(text), Role.FIGURE)
        self.laid.pictures.append(Picture(first, figure, rows))
        self._add_text(text)
        self._blank()

    def _draw_rows(self, found: table.Table, widths: Sequence[int], *, with_head: bool) -> None:
        self._stack(found, with_head=with_head)

    def _stack(self, found: table.Table, *, with_head: bool) -> None:
        """A table row by row, each cell with the name of its column."""
        head, *rows = found.rows
        begun, goes_on = self._is_cut
        self._begin(_Container("", "End of table." if rows and not goes_on else ""))
        names = [self._said(cell) for cell in head]
        if with_head:
            counts = f"{counted(len(rows), 'row')}, " if not goes_on else ""
            of = f"{'Long table' if goes_on else 'Table'}, {counts}{counted(len(head), 'column')}: "
            self._put_row(self._marker() + of, [("", name) for name in names], row_text(head), ", ")
        for number, row in enumerate(rows, self._voice.before + 1 if begun else 1):
            cells = [(name.text, self._said(cell)) for name, cell in zip(names, row, strict=True)]
            self._put_row(f"Row {number}. ", cells, row_text(row), " ")
        self._end()

    def _put_row(self, lead: str, cells: Sequence[tuple[str, _Spoken]], text: str, gap: str) -> None:
        row = _Spoken(self._voice.letters)
        row.put(lead)
        for number, (name, cell) in enumerate(cells, 1):
            said = cell.text.strip()
            if name:
                row.put(f"{name}: ")
            row.runs += cell.runs if said else [(EMPTY_CELL, Role.FAINT, None)]
            last = number == len(cells)
            ending = "." if (gap == " " or last) and not ends_sentence(said) else ""
            row.runs.append((ending + ("" if last else gap), Role.FAINT, None))
        spans = self._wrapped(row.text)
        for line in cut(row.runs, spans):
            self._add_line(line, 0, len(text))
        self._add_text(text)

    _HANDLERS: ClassVar[dict[str, Handler]] = {
        kind: _by_name(handler.__name__) for kind, handler in Layout._HANDLERS.items()
    }
