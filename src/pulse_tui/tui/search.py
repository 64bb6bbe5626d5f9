"""Searching the whole library: results as you type, each with the passage that fits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from pulse_tui.article import duration
from pulse_tui.document.wrap import wrap
from pulse_tui.query import Query, parse
from pulse_tui.repository import Hit, Repository
from pulse_tui.text import ELLIPSIS, pad, truncate
from pulse_tui.tui.panels import Panel
from pulse_tui.tui.prompt import Line, Prompt
from pulse_tui.tui.sidebar import short_date
from pulse_tui.tui.strips import LinesWidget, overlaid

_MOST = 30
_PASSAGE_ROWS = 2
_ITEM_ROWS = 2 + _PASSAGE_ROWS
_TALL = 20
"""Rows from which a blank one parts the results."""
_INDENT = "  "
_EXAMPLES = (
    "All words must occur; the last may be unfinished.",
    "",
    '"some words"     next to one another',
    "-word            must not occur",
    "section:security author:khan tag:rivers",
    "caption:bridge credit:survey",
    "before:2022 after:2021-03 is:unread is:starred",
)


class Choice(NamedTuple):
    """The article that was chosen, the phrases to light in it, and the words at the first of them."""

    article_id: str
    phrases: tuple[str, ...]
    near: str


class HitList(LinesWidget):
    """The results, with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hits--title",
        "hits--meta",
        "hits--passage",
        "hits--match",
        "hits--cursor",
    }

    class Chosen(Message):
        """A result was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._hits: Sequence[Hit] = ()
        self._note: Sequence[str] = _EXAMPLES
        self._cursor = self._top = 0

    def show(self, hits: Sequence[Hit], note: Sequence[str] = ()) -> None:
        """Show other results, or what is to be said where there are none."""
        self._hits, self._note = hits, note
        self._cursor = self._top = 0
        self.refresh()

    @property
    def current(self) -> Hit | None:
        """The result under the cursor."""
        return self._hits[self._cursor] if self._hits else None

    @property
    def shown(self) -> int:
        """How many results fit."""
        return max(1, self.size.height // self._item_rows)

    @property
    def _item_rows(self) -> int:
        return _ITEM_ROWS + (self.size.height >= _TALL)

    def move(self, step: int) -> None:
        """Move the cursor."""
        self._cursor = max(0, min(self._cursor + step, len(self._hits) - 1))
        self._top = max(self._cursor - self.shown + 1, min(self._top, self._cursor))
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Take the result that was clicked."""
        offset = event.get_content_offset(self)
        number = self._top + offset.y // self._item_rows if offset is not None else -1
        if 0 <= number < len(self._hits):
            self._cursor = number
            self.post_message(self.Chosen())

    def build_frame(self, size: Size) -> list[Strip]:
        """The results in view, or the note."""
        meta = self._style("meta")
        if not self._hits:
            rows = [self._row([Segment(pad(line, size.width), meta)]) for line in self._note]
        else:
            rows = []
            for number in range(self._top, len(self._hits)):
                rows += self._item(self._hits[number], number == self._cursor)
                if len(rows) >= size.height:
                    break
        rows += [self._row([])] * (size.height - len(rows))
        return rows[: size.height]

    def _item(self, hit: Hit, cursor: bool) -> list[Strip]:
        width = max(1, self.size.width - len(_INDENT))
        headline = hit.headline
        title, passage = self._style("title"), self._style("passage")
        lit = passage + self._style("match", partial=True)
        if cursor:
            title += self._style("cursor", partial=True)
        about = [short_date(headline.published)] if headline.published else []
        about += [duration(headline.minutes), *headline.sections[-1:]]
        rows = [
            self._row([Segment(pad(headline.title, self.size.width), title)]),
            self._row([Segment(_INDENT + truncate(" · ".join(about), width), self._style("meta"))]),
        ]
        matches = [(first, last, lit) for first, last in hit.matches]
        spans = wrap(hit.passage, width)
        for row, (start, end) in enumerate(spans[:_PASSAGE_ROWS], 1):
            goes_on = row == _PASSAGE_ROWS < len(spans)
            if goes_on:
                fitting = truncate(f"{hit.passage[start:end].rstrip()} ", width)
                end = start + len(fitting.rstrip(f" {ELLIPSIS}"))
            shown = overlaid(hit.passage, start, end, passage, matches)
            mark = [Segment(ELLIPSIS, passage)] if goes_on else []
            rows.append(self._row([Segment(_INDENT, passage), *shown, *mark]))
        return rows + [self._row([])] * (self._item_rows - len(rows))

    def _style(self, name: str, *, partial: bool = False) -> Style:
        return self.get_component_rich_style(f"hits--{name}", partial=partial)

    def _row(self, segments: list[Segment]) -> Strip:
        return self.strip(segments, self._style("passage"), self.size.width)


class SearchPanel(Panel[Choice]):
    """A line to type into and the results below it; dismissed with what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move(1)", "Down", id="search.down", show=False),
        Binding("up,ctrl+p", "move(-1)", "Up", id="search.up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", id="search.page-down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="search.page-up", show=False),
    ]

    def __init__(self, repository: Repository, text: str = "") -> None:
        super().__init__()
        self._repository = repository
        self._begin_with = text
        self._text = ""
        self._query = Query()
        self._searching: Worker[Sequence[Hit]] | None = None
        self._choosing = False
        """Whether the first result is to be opened when it comes."""

    def compose(self) -> ComposeResult:
        """The line, the results, and the keys."""
        with Vertical(classes="panel"):
            yield Prompt("\\", "Search the library", self._begin_with)
            yield HitList()
            yield Static(Content("Enter open   ↑ ↓ choose   Esc close"), classes="panel--hint")

    @property
    def text(self) -> str:
        """What is typed."""
        return self._text

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Search for what is typed now."""
        self._search(message.text)

    def _search(self, text: str) -> None:
        if text == self._text:
            return
        self._text = text
        self._query = parse(text, typing=True)
        if self._query == Query():
            self.workers.cancel_all()
            self._searching = None
            self._put((), _EXAMPLES)
        else:
            search = partial(self._repository.search, self._query, _MOST)
            self._searching = self.run_worker(search, thread=True, exclusive=True, group="search")

    async def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show what was found."""
        if event.state is WorkerState.SUCCESS and event.worker is self._searching:
            hits: Sequence[Hit] = event.worker.result or ()
            self._searching = None
            self._put(hits, () if hits else ["Nothing fits."])
            if self._choosing:
                await self._choose()

    def _put(self, hits: Sequence[Hit], note: Sequence[str]) -> None:
        for found in self.query(HitList):
            found.show(hits, note)
        more = "+" if len(hits) == _MOST else ""
        for prompt in self.query(Prompt):
            prompt.count(f"{len(hits)}{more}" if hits else "")

    async def on_line_ended(self, event: Line.Ended) -> None:
        """Open the result under the cursor, or close."""
        event.stop()
        if event.keep:
            self._search(event.text)
            await self._choose()
        else:
            await self.action_close()
            self.query_one(Prompt).leave()

    async def on_hit_list_chosen(self) -> None:
        """Open the result that was clicked."""
        await self._choose()

    async def _choose(self) -> None:
        """Choose the result under the cursor, as soon as the results are those of what is typed."""
        self._choosing = self._searching is not None
        if self._choosing:
            return
        for hits, prompt in zip(self.query(HitList), self.query(Prompt), strict=True):
            hit = hits.current
            if hit is None:
                prompt.go_on()
            else:
                await self.close_with(Choice(hit.headline.id, phrases_of(self._query), hit.near))
                prompt.leave()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        for hits in self.query(HitList):
            hits.move(step)

    def action_page(self, step: int) -> None:
        """Move the cursor by as many results as are in view."""
        for hits in self.query(HitList):
            hits.move(step * hits.shown)


def phrases_of(query: Query) -> tuple[str, ...]:
    """What of a query can be seen in an article's text."""
    return tuple(
        term.text
        for term in query.terms
        if not term.excluded and term.field in ("", "title", "caption", "credit")
    )
