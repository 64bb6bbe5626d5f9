"""A document as it is read out: the same pieces, places and matches, announced in words instead of drawn."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator

from pulse_tui.article import Article
from pulse_tui.document.document import Document
from pulse_tui.document.head import byline, layout_head
from pulse_tui.document.layout import Layout
from pulse_tui.document.lines import Laid, Line, Picture, Role
from pulse_tui.document.scan import CONTINUED, Kind
from pulse_tui.document.speech import Speech, Voice
from pulse_tui.document.wording import address, said_duration, said_figure, sentence
from pulse_tui.text import clean_line, counted

UNWRAPPED = 1 << 30
"""A width in cells at which nothing is wrapped: one line is one paragraph."""
_DRAWN_WIDTH = 80
_NUMBERED_AHEAD = 64 * 1024
"""Bytes of a text whose links are numbered in the order of the text; in longer ones, as they are met."""
_MOST_FIGURES = 200
"""Pieces with pictures that are looked through for the number of all, before the first line."""
_HEAD_WORDS = {Role.HEADLINE: "Title: ", Role.NOTICE: "Notice: "}


class Spoken(Document):
    """An article's lines as they are said; `letters` makes of a text what can be put out.

    Places taken here hold in a `Document` of the same article, and the other way round.
    """

    def __init__(self, article: Article, width: int = 80, letters: Callable[[str], str] = str) -> None:
        self.letters = letters
        self._speaks = False
        self._at = 0
        self._rows_before: dict[int, int] = {}
        self._links: dict[str, tuple[int, str]] = {}
        super().__init__(article, _DRAWN_WIDTH)
        self.scan(None)
        # Pictures are counted in the layout of the screen, because what is said of one has its number.
        self.count_figures(_MOST_FIGURES)
        self._laid.clear()
        self._speaks = True
        self.set_width(width)
        if self.size <= _NUMBERED_AHEAD:
            for piece in range(len(self)):
                self.lay(piece)

    @property
    def links(self) -> list[tuple[str, str]]:
        """The links that were said so far and their words, in the order of their numbers, from 1."""
        return [(link, words) for link, (_, words) in self._links.items()]

    def _number_of(self, link: str, words: str) -> int:
        return self._links.setdefault(link, (len(self._links) + 1, clean_line(words)))[0]

    # -- Laying out

    def peek(self, piece: int) -> Laid:
        """The lines of a piece, in words."""
        if self._speaks and piece == 0 and piece not in self._laid:
            return self._lay_head()
        return super().peek(piece)

    def _lay_body(self, piece: int) -> Laid:
        self._at = piece
        return super()._lay_body(piece)

    def _layout(self) -> Layout:
        return self._speech() if self._speaks else super()._layout()

    def _speech(self) -> Speech:
        return Speech(self.width, self._inline_parser(), self._note_numbers, self._voice())

    def _voice(self) -> Voice:
        kinds, piece = self._scanner.kinds, self._at
        if piece < 0:
            return Voice(self.letters, self._number_of, self._number_of_picture)
        following = kinds[piece + 1] if piece + 1 < len(kinds) else Kind.GAP
        return Voice(
            self.letters,
            self._number_of,
            self._number_of_picture,
            begun=kinds[piece] in CONTINUED,
            goes_on=following in CONTINUED and following != Kind.GAP,
            before=self._before(piece),
        )

    def _before(self, piece: int) -> int:
        """How many items or rows of the list or table that a piece goes on with came before."""
        scanner = self._scanner
        if scanner.kinds[piece] == Kind.MORE_ITEMS:
            return scanner.details[piece]
        if scanner.kinds[piece] != Kind.MORE_ROWS:
            return 0
        if piece not in self._rows_before:
            first = scanner.details[piece]
            lines = scanner.data.count(b"\n", scanner.starts[piece - 1], scanner.ends[piece - 1])
            head = 2 if piece - 1 == first else 0
            self._rows_before[piece] = self._before(piece - 1) + lines - head
        return self._rows_before[piece]

    def _number_of_picture(self, within: int) -> str:
        """Which picture of how many the nth of the piece at hand is, if that is known."""
        if not self.figures_counted:
            return ""
        index = bisect_left(self._pieces_with_figures(), self._at + 1)
        number, total = self._figure_number(index, within)
        return f" {number:,} of {total:,}"

    def _lay_head(self) -> Laid:
        """The head in words, its text being that of the page's."""
        self._at = -1
        article = self.article
        drawn = layout_head(article, _DRAWN_WIDTH)
        wide = layout_head(article._replace(lead=None), UNWRAPPED)
        speech = self._speech()
        for line in wide.lines:
            for text, roles, link in line.runs:
                speech.say(self._words_of(text, roles), line.start, line.end, roles, link)
        speech.laid.paragraphs.append(0)
        for picture in drawn.pictures:
            first = len(speech.laid.lines)
            words = said_figure(picture.figure, self._number_of_picture(0))
            rows = speech.say(words, len(wide.text) + 1, len(drawn.text), Role.FIGURE)
            speech.laid.pictures.append(Picture(first, picture.figure, rows))
            speech.laid.paragraphs.append(first)
        speech.laid.lines.append(Line((), (), len(drawn.text), len(drawn.text)))
        speech.laid.text = drawn.text
        return speech.laid

    def _words_of(self, text: str, roles: int) -> str:
        headline = self.article.headline
        if roles & Role.KICKER:
            return f"Section: {sentence(', '.join(headline.sections))}"
        if roles & Role.LINK and self.article.source:
            return f"First published at {address(self.article.source)}"
        if roles & Role.BYLINE:
            parts = byline(headline).split(" · ")
            return ", ".join([*parts[:-1], f"{said_duration(headline.minutes)} to read."])
        lead = next((words for role, words in _HEAD_WORDS.items() if roles & role), "")
        return lead + sentence(text.removeprefix("! ") if roles & Role.NOTICE else text)


def spoken_lines(document: Spoken) -> Iterator[str]:
    """All that is said, line by line, then where the links lead; laid out a piece at a time."""
    blank = False
    for piece in range(len(document)):
        for line in document.lay(piece).lines:
            if line.runs:
                if blank:
                    yield ""
                yield said(line)
            blank = not line.runs
    if links := document.links:
        yield ""
        yield f"{counted(len(links), 'link')}:"
        for number, link in enumerate(links, 1):
            yield document.letters(said_link(number, link))


def said_link(number: int, link: tuple[str, str]) -> str:
    """A link with its number, its words and where it leads."""
    target, words = link
    return f"Link {number}: {target}" if words in ("", target) else f"Link {number}, {words}: {target}"


def said(line: Line) -> str:
    """The words of a line."""
    return "".join([text for text, _, _ in line.runs]).rstrip()
