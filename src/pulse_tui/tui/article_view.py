"""The article pane: draws the rows in view, and nothing that is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from pulse_tui.article import Place
from pulse_tui.document.document import Anchor, Document, FigureAt, Row
from pulse_tui.document.lines import Role, Run
from pulse_tui.settings import DEFAULT_MEASURE, MAX_MEASURE, MIN_MEASURE
from pulse_tui.terminal.links import address, leads_out
from pulse_tui.tui.strips import LinesWidget, overlaid

if TYPE_CHECKING:
    from pulse_tui.document.find import Found, Match

_MEASURE_STEP = 4
_MARGIN = 2
_NARROW = 60
"""Cells below which the margin shrinks to one."""
_OVERLAP = 2
_WHEEL_ROWS = 3
_IDLE_SECONDS = 0.02
_SCAN_SLICE = 512 * 1024
_FIGURES_SLICE = 20

_COMPONENTS: dict[int, str] = {
    Role.QUOTE: "article--quote",
    Role.DEK: "article--dek",
    Role.BYLINE: "article--byline",
    Role.KICKER: "article--kicker",
    Role.HEADLINE: "article--headline",
    Role.HEADING: "article--heading",
    Role.SUBHEADING: "article--subheading",
    Role.FIGURE: "article--figure",
    Role.NOTICE: "article--notice",
    Role.FAINT: "article--faint",
    Role.CODE: "article--code",
    Role.LINK: "article--link",
}
_MATCH, _CURRENT = "article--match", "article--current"
_ATTRIBUTES = {
    Role.STRONG: Style(bold=True),
    Role.EMPHASIS: Style(italic=True),
    Role.STRIKE: Style(strike=True),
}


class Frames(Protocol):
    """Whoever sends frames to the terminal."""

    def release(self) -> None:
        """The page is complete, so the first frame may be sent."""

    def paint(self, region: Region, shift: int, rows: Iterable[tuple[int, str]]) -> bool:
        """Move what stands in a region of the screen up by `shift` rows, and draw rows over it.

        Each comes with its number in the region, as wide as that, as it is written.  Nothing may lie over the
        region.  False where that cannot be done now.
        """

    def foresee(self, column: int, row: str) -> None:
        """Prepare for a row, as it is written, that may soon be drawn from this column of the screen on."""


class ArticleView(LinesWidget, can_focus=True):
    """One document, scrolled by rows, in a centred measure."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*_COMPONENTS.values(), _MATCH, _CURRENT}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "line(1)", "Line down", id="article.line-down"),
        Binding("k,up", "line(-1)", "Line up", id="article.line-up"),
        Binding("space,f,pagedown", "page(1)", "Page down", id="article.page-down"),
        Binding("b,pageup", "page(-1)", "Page up", id="article.page-up"),
        Binding("d", "half(1)", "Half a page down", id="article.half-down"),
        Binding("u", "half(-1)", "Half a page up", id="article.half-up"),
        Binding("g,home", "screen.top", "Top", id="article.top"),
        Binding("G,end", "screen.bottom", "Bottom", id="article.bottom"),
        Binding("right_square_bracket", "screen.section(1)", "Next section", id="article.next-section"),
        Binding(
            "left_square_bracket", "screen.section(-1)", "Previous section", id="article.previous-section"
        ),
        Binding("right_curly_bracket", "paragraph(1)", "Next paragraph", id="article.next-paragraph"),
        Binding("left_curly_bracket", "paragraph(-1)", "Previous paragraph", id="article.previous-paragraph"),
        Binding("right_parenthesis", "screen.picture(1)", "Next picture", id="article.next-picture"),
        Binding("left_parenthesis", "screen.picture(-1)", "Previous picture", id="article.previous-picture"),
        Binding("enter", "screen.follow_link", "Open a link in view", id="article.follow-link"),
    ]

    class Moved(Message):
        """The view shows other rows, or knows more about them."""

        def __init__(
            self, document: Document, place: Place, fraction: float, figure: FigureAt | None
        ) -> None:
            super().__init__()
            self.document = document
            self.place = place
            self.fraction = fraction
            """How far the view is through the text: 0 at its head, 1 once its end is seen.

            In between what lies above the view counts, of all that lies outside of it.
            """
            self.figure = figure

    class LinkChosen(Message):
        """A link was clicked."""

        def __init__(self, link: str) -> None:
            super().__init__()
            self.link = link

    def __init__(
        self,
        frames: Frames,
        measure: int = DEFAULT_MEASURE,
        usual_measure: int = DEFAULT_MEASURE,
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self._frames = frames
        self.measure = measure
        self._usual_measure = usual_measure
        self.document: Document | None = None
        self._anchor = Anchor(0, 0)
        self._place: Place | None = None
        """Where the reader chose to be, whatever the width; None: where the anchor is."""
        self._fitted = (0, 0)
        self._rows: list[Row] | None = None
        self._rows_for = (self._anchor, 0)
        self._strips: dict[tuple[int, int], Strip] = {}
        self._strips_for = (0, 0)
        """The width that the strips have, and the column of the screen that they begin in."""
        self._styles: dict[tuple[int, str | None], Style] = {}
        self._goes_back = False
        """Whether the last move was upwards."""
        self._expected = Size(0, 0)
        self._idle: Timer | None = None
        self._found: Found | None = None
        self._match: Match | None = None

    # -- What is shown

    def show(self, document: Document, place: Place | None = None) -> None:
        """Show a document, at a place in it."""
        self.document = document
        self._found = self._match = None
        self._place = place
        self._anchor = Anchor(0, 0)
        self._fitted = (0, 0)
        self._rows = None
        self._strips.clear()
        self._redraw()

    def go(self, anchor: Anchor) -> None:
        """Bring a row to the top, as far as the last page allows."""
        if self.document is not None:
            self._set_anchor(self.document.clamped(anchor, self.size.height))

    def light(self, found: Found | None, match: Match | None = None) -> None:
        """Light what was found, one match more than the others; that one is brought into view."""
        self._found, self._match = found, match
        self._strips.clear()
        self.refresh()
        if found is not None and match is not None and self.document is not None:
            anchor, height = found.anchor(match), self.size.height
            if not self.shows(anchor):
                self._set_anchor(self.document.moved(anchor, -(height // 3), height))

    def expect(self, size: Size) -> None:
        """Take this for the pane's size until the framework tells it, which is after the first frame."""
        self._expected = size

    @property
    def _pane(self) -> Size:
        return self.size or self._expected

    @property
    def place(self) -> Place | None:
        """The spot at the top of the view."""
        if self._place is not None:
            return self._place
        return self.document.place(self._anchor) if self.document is not None else None

    @property
    def top(self) -> Anchor:
        """The row at the top of the view."""
        return self._anchor

    def shows(self, anchor: Anchor) -> bool:
        """Whether a row is in view."""
        return any((row.piece, row.number) == anchor for row in self._rows_in_view(self.size.height))

    def _text_width(self, width: int) -> int:
        """Cells of a line of text in a pane of so many."""
        margin = _MARGIN if width >= _NARROW else 1
        return max(1, min(self.measure, width - 2 * margin))

    def _fit(self) -> bool:
        """Lay the document out for the pane's present size, the chosen spot staying on top."""
        document, pane = self.document, self._pane
        fitting = (self._text_width(pane.width), pane.height)
        if document is None or fitting == self._fitted or not pane:
            return False
        if self._place is None:
            self._place = document.place(self._anchor)
        self._fitted = fitting
        document.set_width(fitting[0])
        self._anchor = document.clamped(document.find(self._place), fitting[1])
        self._forget()
        self._rows = None
        self._strips.clear()
        return True

    def _rows_in_view(self, height: int) -> list[Row]:
        if self.document is None:
            return []
        if self._rows is None or self._rows_for != (self._anchor, height):
            self._rows = self.document.rows(self._anchor, height)
            self._rows_for = (self._anchor, height)
        return self._rows

    def _set_anchor(self, anchor: Anchor) -> None:
        if anchor != self._anchor:
            self._anchor = anchor
            self._place = None
            self._redraw(moved=True)

    def _redraw(self, *, moved: bool = False) -> None:
        if not moved:
            self.refresh()
            self._tell()
        else:
            if not self._paint():
                self.refresh()
            self.call_after_refresh(self._tell)  # on the screen first, then there is time to say what it is
        if self._idle is not None:
            self._idle.reset()  # from now on, so that the frame comes first

    def _paint(self) -> bool:
        """Draw what a move changed straight on the screen; whether that could be done.

        The framework would look through all widgets for it.  A row is the same one if its strip is.
        """
        before, region = self._frame, self.region
        if before is None or not self._is_drawn:
            return False
        if self.text_selection is not None or self._is_overlaid(region):
            return False
        self._fit()
        self._forget()
        after = self._strips_of(self.size)
        places = {id(strip): y for y, strip in enumerate(before)}
        shifts = [places[id(strip)] - y for y, strip in enumerate(after) if id(strip) in places]
        shift = max(set(shifts), key=shifts.count) if 2 * len(shifts) > len(after) else 0
        moved = before[shift:] if shift > 0 else [None] * -shift + before
        console = self.app.console
        fresh = [
            (y, strip.render(console))
            for y, (strip, other) in enumerate(zip_longest(after, moved[: len(after)]))
            if strip is not other
        ]
        if not self._frames.paint(region, shift, fresh):
            return False
        self._frame = after
        return True

    def _is_overlaid(self, region: Region) -> bool:
        """Whether something lies over the view, or did so when the screen was last drawn."""
        return self.covered or any(
            each is not self and each.region.overlaps(region) for each in self.screen.children
        )

    def _tell(self) -> None:
        """Say what is in view now."""
        if (moved := self.moved) is not None:
            self.post_message(moved)

    @property
    def moved(self) -> Moved | None:
        """What is in view now; None before anybody knows the pane's size."""
        document, pane = self.document, self._pane
        if document is None or not pane:
            return None
        height = pane.height
        self._fit()
        rows = self._rows_in_view(height)
        if not rows:
            return None
        last = Anchor(rows[-1].piece, rows[-1].number)
        at_end = len(rows) < height or document.moved(self._anchor, 1, height) == self._anchor
        middle = rows[min(len(rows) - 1, height // 2)]
        figure = document.figure_at(Anchor(middle.piece, middle.number))
        above, below = document.fraction(self._anchor), 1 - document.fraction(last)
        fraction = 1.0 if at_end else above / (above + below) if above else 0.0
        return self.Moved(document, self.place or Place(), fraction, figure)

    # -- Moving

    def _move(self, rows: int) -> None:
        if self.document is not None:
            self._fit()
            self._goes_back = rows < 0
            self._set_anchor(self.document.moved(self._anchor, rows, self.size.height))

    def action_line(self, step: int) -> None:
        """Scroll by one row."""
        self._move(step)

    def action_page(self, step: int) -> None:
        """Scroll by a page, two rows staying in view."""
        self._move(step * max(1, self.size.height - _OVERLAP))

    def action_half(self, step: int) -> None:
        """Scroll by half a page."""
        self._move(step * max(1, self.size.height // 2))

    def to_end(self) -> None:
        """Go to the last page."""
        if self.document is not None:
            self._set_anchor(self.document.last_page(self.size.height))

    def to_section(self, step: int) -> bool:
        """Go to the next or previous heading; false if there is none."""
        if self.document is None:
            return False
        find = self.document.section_after if step > 0 else self.document.section_before
        return self._go_if(find(self._anchor))

    def action_paragraph(self, step: int) -> None:
        """Go to the next or previous block of text."""
        if self.document is not None:
            find = self.document.paragraph_after if step > 0 else self.document.paragraph_before
            self._go_if(find(self._anchor))

    def to_picture(self, step: int) -> bool:
        """Bring the next or previous picture to the middle; false if there is none."""
        if self.document is None:
            return False
        middle = self.document.moved(self._anchor, self.size.height // 2, 1)
        current = self.document.figure_at(middle)
        find = self.document.figure_after if step > 0 else self.document.figure_before
        target = find(current.anchor if current else middle)
        if target is not None:
            target = self.document.moved(target, -(self.size.height // 3), self.size.height)
        return self._go_if(target)

    def _go_if(self, anchor: Anchor | None) -> bool:
        if anchor is not None:
            self.go(anchor)
        return anchor is not None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        event.stop()
        self._move(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        event.stop()
        self._move(-_WHEEL_ROWS)

    def set_measure(self, step: int) -> int:
        """Widen (1), narrow (-1) or reset (0) the measure; returns it, in cells.

        Where there is no room for a wider one it stays as it is, for another terminal.
        """
        width = self._text_width(self._pane.width)
        if not step:
            self.measure = self._usual_measure
        elif step < 0 or width >= self.measure:
            self.measure = max(MIN_MEASURE, min(MAX_MEASURE, width + step * _MEASURE_STEP))
        self._redraw()
        return self.measure

    # -- Links

    def links_in_view(self) -> list[tuple[str, str]]:
        """Each link and its text, from the top down."""
        if self.document is None:
            return []
        links: list[tuple[str, str]] = []
        above: Row | None = None
        for row in self._rows_in_view(self.size.height):
            before, gap = None, ""
            if above is not None and above.piece == row.piece and above.line.runs:
                gap = row.laid.text[above.line.end : row.line.start]
                before = above.line.runs[-1][2] if "\n" not in gap else None  # else it is another block
            for text, _, link in row.line.runs:
                if link is not None and link == before:
                    links[-1] = (link, links[-1][1] + gap + text)
                elif link is not None:
                    links.append((link, text))
                before, gap = link, ""
            above = row
        return list(dict.fromkeys((link, " ".join(text.split())) for link, text in links))

    def on_click(self, event: events.Click) -> None:
        """Follow the link that was clicked."""
        link = event.style.meta.get("article_link")
        if link is not None and not self.screen.selections:
            event.stop()
            self.post_message(self.LinkChosen(link))

    # -- Idle work

    def on_mount(self) -> None:
        """Start the idle timer; it rests while there is nothing to do."""
        self._idle = self.set_interval(_IDLE_SECONDS, self._work, pause=self.document is None)

    def _work(self) -> None:
        """One short slice: scan on, count the pictures, lay out the next page."""
        document = self.document
        assert self._idle is not None
        if document is None or not self.size:
            self._idle.pause()
        elif not document.complete:
            if document.scan(_SCAN_SLICE):
                self._rows = None
                self._strips.clear()
                self._redraw()
        elif not document.figures_counted:
            if document.count_figures(_FIGURES_SLICE):
                self._tell()
        else:
            self._prepare_next_page()
            self._idle.pause()

    def _prepare_next_page(self) -> None:
        """Lay out and draw the next page in the reader's direction, so that it is there at the key."""
        width, height = self.size
        if self.document is None or self.covered or self.text_selection is not None:
            return
        self._fit()
        page = height - _OVERLAP
        there = self.document.moved(self._anchor, -page if self._goes_back else page, height)
        column, console = self.region.x, self.app.console
        if (width, column) != self._strips_for:  # the frame for this size is still to come
            return
        for row in self.document.rows(there, height):
            self._frames.foresee(column, self._drawn(row, width).render(console))

    def on_resize(self) -> None:
        """Say what is in view at the new size."""
        self._tell()

    # -- Painting

    def notify_style_update(self) -> None:
        """Forget strips drawn in styles that are no more."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def build_frame(self, size: Size) -> list[Strip]:
        """The rows in view, from strips kept as they were drawn."""
        self._fit()
        return self._strips_of(size)

    def _strips_of(self, size: Size) -> list[Strip]:
        width, height = size
        plain = self._style(Role.PLAIN, None)
        rows = self._rows_in_view(height)
        selection = self.text_selection
        if selection is not None or self.covered:
            strips = [self._draw(row, width, selection) for row in rows]
        else:
            at = (width, self.region.x)
            if at != self._strips_for or len(self._strips) > 16 * height:
                self._strips.clear()
                self._strips_for = at
            strips = [self._drawn(row, width) for row in rows]
        return strips + [self.strip([], plain, width)] * (height - len(strips))

    def _drawn(self, row: Row, width: int) -> Strip:
        """A row as it was drawn before, if it was."""
        key = (row.piece, row.number)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, width, None)
        return strip

    def _draw(self, row: Row, width: int, selection: Selection | None) -> Strip:
        line = row.line
        runs: Sequence[Run] = line.runs
        selected = None
        if selection is not None and (span := selection.get_span(row.piece)) is not None:
            start, end = span
            start, end = start - line.start, (len(row.laid.text) if end < 0 else end) - line.start
            if end > 0 and start < line.end - line.start:
                selected = (max(0, start), end)
        left = (width - self._fitted[0]) // 2
        segments = [Segment(" " * left, self._style(Role.PLAIN, None))]
        pending, pending_style = "", segments[0].style
        marked = self._marked(row)
        if selected is not None:
            highlight = self.screen.get_component_rich_style("screen--selection", partial=True)
            marked = [(*selected, highlight)]
        if marked:
            segments += [Segment(text, self._style(roles, None)) for text, roles, _ in line.prefix]
            segments += self._marked_segments(runs, marked)
        else:
            for text, roles, link in (*line.prefix, *runs):
                style = self._style(roles, link)
                if style is pending_style:
                    pending += text
                else:
                    if pending:
                        segments.append(Segment(pending, pending_style))
                    pending, pending_style = text, style
            if pending:
                segments.append(Segment(pending, pending_style))
        return self.strip(segments, self._style(Role.PLAIN, None), width)

    def _marked(self, row: Row) -> list[tuple[int, int, Style]]:
        """Which characters of a row's runs have another look, because they were found: (start, end, look)."""
        if self._found is None:
            return []
        match = self._match
        nth = match.nth if match is not None and match.piece == row.piece else None
        looks = [self.get_component_rich_style(name, partial=True) for name in (_MATCH, _CURRENT)]
        return [(lit.start, lit.end, looks[lit.nth == nth]) for lit in self._found.lit(row)]

    def _marked_segments(
        self, runs: Sequence[Run], marked: Sequence[tuple[int, int, Style]]
    ) -> Iterator[Segment]:
        at = 0
        for text, roles, link in runs:
            style = self._style(roles, link)
            looks = [(start - at, end - at, style + look) for start, end, look in marked]
            yield from overlaid(text, 0, len(text), style, looks)
            at += len(text)

    def _style(self, roles: int, link: str | None) -> Style:
        """The look of a run: the style sheet's for each of its roles, laid over each other."""
        key = (roles, link)
        style = self._styles.get(key)
        if style is None:
            if link is not None:
                style = self._style(roles, None) + Style(meta={"article_link": link})
                if leads_out(link):
                    style = style.update_link(address(link))
            else:
                style = self.rich_style
                for role, name in _COMPONENTS.items():
                    if roles & role:
                        style += self.get_component_rich_style(name, partial=True)
                for role, attribute in _ATTRIBUTES.items():
                    if roles & role:
                        style += attribute
            self._styles[key] = style
        return style

    # -- Selecting with the mouse: offsets are (character in the piece's text, piece)

    def render_line(self, y: int) -> Strip:
        """A row as the framework asks for it to map the mouse to text; never painted."""
        width = self.size.width
        rows = self._rows_in_view(self.size.height)
        if not 0 <= y < len(rows):
            return Strip.blank(width)
        row = rows[y]
        margin = (width - self._text_width(width)) // 2
        left = " " * margin + "".join(text for text, _, _ in row.line.prefix)
        segments, at = [Segment(left, Style())], row.line.start
        for text, _, link in row.line.runs or [(" ", 0, None)]:
            meta: dict[str, object] = {"offset": (at, row.piece)}
            if link is not None:
                meta["article_link"] = link
            segments.append(Segment(text, Style.from_meta(meta)))
            at += len(text)
        return Strip(segments)

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, without markers and margins; without ends, the source of the article."""
        if self.document is None:
            return None
        start, end = selection.start, selection.end
        if start is None and end is None:
            return self.document.source, "\n"
        first, last = start or Offset(0, 0), end
        final = len(self.document) - 1 if last is None else last.y
        parts = []
        for piece in range(first.y, final + 1):
            text = self.document.lay(piece).text
            until = len(text) if last is None or piece < last.y else last.x
            parts.append(text[first.x if piece == first.y else 0 : until])
        return "\n\n".join(part for part in parts if part), "\n"
