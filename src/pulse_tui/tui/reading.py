"""What is open and where in it the reader is: opening, links, jumps, and the library as it changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerError, WorkerState

from pulse_tui.article import Article, Place
from pulse_tui.document.document import Anchor, Document, FigureAt
from pulse_tui.repository import Repository, RepositoryError, Spot
from pulse_tui.tui.article_view import ArticleView
from pulse_tui.tui.bars import Bar, CaptionBar, credit_of, words_of
from pulse_tui.tui.jumps import Jumps
from pulse_tui.tui.keeper import Keeper
from pulse_tui.tui.page import Page
from pulse_tui.tui.sidebar import Sidebar

if TYPE_CHECKING:
    from pulse_tui.tui.finding import Finding

MASTHEAD = "The Pulse"
_FIRST_PAINT_SECONDS, _LOOKING_SECONDS = 0.1, 0.08
"""How long the first picture of the screen may wait for an article, and that for a library's first index."""
_LOOK_SECONDS = 0.25
"""How long the first look at the folders waits, so that it does not take time from the first paint."""
_OPENING, _REREADING = "opening", "rereading"
_COUNTED_AT_ONCE = 64 * 1024
"""Bytes of a text whose pictures are counted before it is first shown."""
_RENAMED = 5
"""Of how many articles that were open last one may be the open one under another name; all readers count."""
_END_OF_HEAD = Anchor(0, sys.maxsize)
_WEB = ("http:", "https:", "mailto:")


class Wanted(NamedTuple):
    """An article that the reader wants to see, and where in it."""

    article_id: str
    place: Place | None = None
    fragment: str = ""
    by_link: bool = False
    """Whether Esc is to come back to the place that it was wanted from."""
    phrases: tuple[str, ...] = ()
    """What to light in it."""
    near: str = ""
    """The words at the match to go to."""
    by_jump: bool = False
    """Whether the jump list knows already where it was wanted from."""


class _Opened(NamedTuple):
    """A document, ready to be shown."""

    document: Document
    place: Place | None
    wanted: Wanted


class ReadingPage(Page):
    """The page with an article open in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("J", "neighbour(1)", "Next feature", id="feature.next"),
        Binding("K", "neighbour(-1)", "Previous feature", id="feature.previous"),
        Binding("t", "contents", "Contents", id="article.contents"),
        Binding("i", "caption", "Whole caption and credit", id="article.caption"),
        Binding("less_than_sign", "jump(-1)", "Back to where I was", id="jump.back"),
        Binding("greater_than_sign", "jump(1)", "Forward again", id="jump.forward"),
    ]

    def __init__(self, repository: Repository, start: str | None, clock: Callable[[], float]) -> None:
        super().__init__(repository)
        self._keeper = Keeper(self, repository, clock)
        self._jumps = Jumps()
        self._finding: Finding | None = None
        self._start = start
        self._listed = False
        self._looked = ""
        """How far looking through the library has come."""
        self._wanted: Wanted | None = None
        self._reached_end = False
        self._early: Worker[_Opened | str | None] | None = None
        self._article: Article | None = None
        self._figure: FigureAt | None = None
        self._trying = False
        """Whether what is in view is only tried, as while a word to find is being typed."""
        self._trail: list[Wanted] = []
        """Where links were followed from."""

    # -- Opening

    async def on_mount(self) -> None:
        """Read the library; a small one is there before the first paint."""
        self._arrange()
        if not self._repository.count():
            self._keeper.look()  # for the first time: there is nothing to show before
        worker = self.run_worker(self._load, thread=True, exclusive=True, group=_OPENING)
        await asyncio.wait([asyncio.create_task(_ended(worker))], timeout=_FIRST_PAINT_SECONDS)
        if worker.state is WorkerState.SUCCESS:
            self._early = worker
            self._deliver(worker.result)
        self.set_timer(_LOOK_SECONDS, self._keeper.look)

    def _load(self) -> _Opened | str | None:
        """In a thread: read the feature to begin with, which is the one that was open last."""
        self._keeper.wait(_LOOKING_SECONDS)
        newest = [headline.id for headline in self._repository.recent(0, 1)]
        candidates = (*self._repository.history(1), *newest)
        first = self._start or next(filter(self._repository.headline, candidates), None)
        return self._read(Wanted(first)) if first is not None else None

    def _open(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.run_worker(partial(self._read, wanted), thread=True, exclusive=True, group=_OPENING)

    def _read(self, wanted: Wanted) -> _Opened | str:
        """In a thread: read an article and get its text ready, or say in a sentence why not."""
        try:
            article = self._repository.get(wanted.article_id)
        except RepositoryError as error:
            return str(error)
        document = Document(article)
        if document.size < _COUNTED_AT_ONCE:
            document.count_figures(len(document))
        place = wanted.place or self._repository.reading(wanted.article_id).place
        return _Opened(document, place, wanted)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Take what a thread has read, unless the first paint has it already."""
        worker = event.worker
        if event.state is not WorkerState.SUCCESS:
            return
        if worker.group == _OPENING and worker is not self._early:
            self._deliver(worker.result)
        elif worker.group == _REREADING and worker.result is not None:
            self._replace(*worker.result)

    def _deliver(self, result: _Opened | str | None) -> None:
        self._wanted = None
        if not self._listed:
            self._listed = True
            self._sidebar.reload()
            for notice in self._repository.notices()[:1]:
                self._say(str(notice))
        if isinstance(result, str):
            self._say(result)
        elif result is not None:
            self._show(result)
        self._update_masthead()

    def _show(self, opened: _Opened) -> None:
        document, wanted = opened.document, opened.wanted
        if wanted.by_link:
            self._leave_trail()
        elif self._spot is not None and not wanted.by_jump:
            self._jumps.leave(self._spot)
        self._note_place()
        self._end_finding()
        self._article = document.article
        self._reached_end = False
        self._keeper.arrive()
        self._sidebar.mark_open(self._article.headline.id)
        self._view.show(document, opened.place)
        if wanted.fragment and (target := document.target(f"#{wanted.fragment}")):
            self._view.go(target)
        if wanted.phrases:
            self._begin_finding().look_for(wanted.phrases, wanted.near)
        if opened.place is None and self._article.lead is not None:
            self.query_one(CaptionBar).show(document.figure_at(_END_OF_HEAD))

    @property
    def _spot(self) -> Spot | None:
        """Where the reader is."""
        if self._article is None or self._view.place is None:
            return None
        return Spot(self._article.headline.id, self._view.place)

    def _note_place(self) -> None:
        """Keep the reader's place in the article that is about to leave the screen."""
        if self._spot is not None:
            self._keeper.mark(self._spot.article_id, place=self._spot.place)
            self._keeper.save()

    # -- The library, as it changes

    def on_keeper_looked(self, message: Keeper.Looked) -> None:
        """Say quietly how much of the library is read."""
        self._looked = (
            f"reading {message.done:,} of {message.total:,}" if message.done < message.total else ""
        )
        if self._listed and message.done > 2 * self._sidebar.shelves.count:
            self._renew()
        self._update_masthead()

    def on_keeper_library_changed(self) -> None:
        """Show the library as it is now."""
        self._looked = ""
        self._renew()
        self._update_masthead()

    def _renew(self) -> None:
        """Show the list as it is now, and the open article, if it is another one now."""
        self._sidebar.reload()
        if self._article is None:
            if (first := self._sidebar.current) is not None and self._wanted is None:
                self._open(Wanted(first.id))
        elif (document := self._view.document) is not None:
            reread = partial(self._reread, self._article.headline.id, document)
            self.run_worker(reread, thread=True, exclusive=True, group=_REREADING)

    def _reread(self, article_id: str, document: Document) -> tuple[Document, Document] | None:
        """In a thread: the document that is open, and what is in its file now, if that is another text."""
        # A file that was renamed has kept its text, and its state went with it; what is open
        # stays open if the file is gone, and the list shows that.
        gone = self._repository.headline(article_id) is None
        for candidate in self._repository.history(_RENAMED) if gone else [article_id]:
            with suppress(RepositoryError):
                article = self._repository.get(candidate)
                if not gone or document.has_text_of(article):
                    return None if document.shows(article) else (document, Document(article))
        return None

    def _replace(self, old: Document, new: Document) -> None:
        """Show the new text of the open article, at the same place."""
        if self._view.document is old:
            place = self._view.place
            self._end_finding()
            self._article = new.article
            self._view.show(new, place)
            self._sidebar.mark_open(self._article.headline.id)

    def _update_masthead(self) -> None:
        sections = self._article.headline.sections if self._article is not None else ()
        right = " · ".join([*sections[-1:], self._looked or f"{self._repository.unread():,} unread"])
        self.query_one("#masthead", Bar).put(MASTHEAD, right)

    # -- What the panes say

    def on_article_view_moved(self, message: ArticleView.Moved) -> None:
        """Let the bars follow the text; what the last article said before it left is of no interest."""
        message.stop()
        if self._article is None or message.document is not self._view.document:
            return
        self._figure = message.figure
        self.query_one(CaptionBar).show(message.figure)
        headline = self._article.headline
        self._hints.progress(message.fraction, headline.minutes * (1 - message.fraction))
        if self._trying:
            return
        begun = self._view.top > Anchor(0, 0)
        finished = message.fraction >= 1 and not self._reached_end
        self._reached_end |= finished
        self._keeper.mark(
            headline.id,
            place=message.place,
            fraction=message.fraction if begun else None,
            read=True if finished else None,
        )
        if finished:
            self._update_masthead()
        self._sidebar.refresh_item(headline.id)

    def on_sidebar_chosen(self, message: Sidebar.Chosen) -> None:
        """Read the feature that was chosen."""
        self._trail.clear()
        self._open(Wanted(message.article_id))
        self.action_to_article()

    async def on_article_view_links_offered(self, message: ArticleView.LinksOffered) -> None:
        """Let the reader choose one of the links in view."""
        if not message.links:
            self._say("There is no link in view.")
            return

        article = self._article

        def follow(number: int | None) -> None:
            if number is not None and self._article is article:
                self._follow(message.links[number][0])

        lines = [text if _is_inner(link) else f"{text}  {link}" for link, text in message.links]
        await self._choose("Links in view", lines, 0, follow)

    def on_article_view_link_chosen(self, message: ArticleView.LinkChosen) -> None:
        """Follow the link."""
        self._follow(message.link)

    def _follow(self, link: str) -> None:
        document, article = self._view.document, self._article
        if document is None or article is None:
            return
        if link.startswith("#"):
            target = document.target(link)
            if target is None:
                self._say(f"This article has no section {link}.")
            else:
                self._leave_trail()
                self._view.go(target)
        elif link.lower().startswith(_WEB):
            self._say(link)
        elif (article_id := self._repository.follow(article.headline.id, link)) is not None:
            self._open(Wanted(article_id, Place(), link.partition("#")[2], by_link=True))
        else:
            self._say(f"No feature in the library stands at {link}.")

    def _leave_trail(self) -> None:
        if self._spot is not None:
            self._trail.append(Wanted(*self._spot, by_jump=True))
            self._jumps.leave(self._spot)

    def _leave(self) -> None:
        """Remember where the reader is before a jump within the article."""
        if self._spot is not None:
            self._jumps.leave(self._spot)

    # -- Moving about

    def action_neighbour(self, step: int) -> None:
        """Read the next or previous feature of the list."""
        here = self._wanted.article_id if self._wanted else self._article and self._article.headline.id
        headline = self._sidebar.shelves.neighbour(here, step)
        if headline is not None:
            self._trail.clear()
            self._open(Wanted(headline.id))
        else:
            self._say(f"This is the {'last' if step > 0 else 'first'} feature of the list.")

    async def action_contents(self) -> None:
        """List the sections of the article and go to one."""
        document = self._view.document
        sections = document.sections() if document is not None else []
        if not sections:
            self._say("This feature has no sections.")
            return
        least = min(section.heading.level for section in sections)
        lines = ["  " * (section.heading.level - least) + section.heading.text for section in sections]
        here = [
            number
            for number, section in enumerate(sections)
            if (section.piece, section.heading.line) <= self._view.top
        ]

        def go(number: int | None) -> None:
            if number is not None and document is not None and document is self._view.document:
                section = sections[number]
                self._leave()
                self._view.go(Anchor(section.piece, section.heading.line))

        await self._choose("Contents", lines, here[-1] if here else 0, go)

    async def action_caption(self) -> None:
        """Show the whole caption and credit of the picture in view."""
        if self._figure is None:
            self._say("There is no picture in view.")
            return
        figure = self._figure.figure
        lines = [("", words_of(figure)), ("", credit_of(figure))]
        if figure.alt and figure.caption:
            lines.append(("", figure.alt))
        if figure.source:
            lines.append(("", figure.source))
        await self._tell("Picture", [line for line in lines if line[1]])

    def action_jump(self, step: int) -> None:
        """Go through the spots that were jumped from, over all features."""
        if self._spot is None:
            return
        spot = self._jumps.back(self._spot) if step < 0 else self._jumps.forward(self._spot)
        if spot is None:
            self._say("There is no jump further back." if step < 0 else "This is the latest spot.")
        else:
            self._go_to(spot)

    def _go_to(self, spot: Spot) -> None:
        document = self._view.document
        if (
            document is not None
            and self._article is not None
            and spot.article_id == self._article.headline.id
        ):
            self._view.go(document.find(spot.place))
        else:
            self._open(Wanted(*spot, by_jump=True))

    # -- What is lit in the article

    def _begin_finding(self) -> Finding:
        from pulse_tui.tui.finding import Finding

        self._end_finding()
        self._finding = Finding(self._view, self._tell_found)
        return self._finding

    def _end_finding(self) -> None:
        if self._finding is not None:
            self._finding.end()
            self._finding = None
        self._hints.status()

    def _tell_found(self, text: str) -> None:
        self._hints.status(*([text, "n next", "N previous", "Esc done"] if text else []))


async def _ended(worker: Worker[_Opened | str | None]) -> None:
    """Wait for a worker; what went wrong in it is the application's to handle."""
    with suppress(WorkerError):
        await worker.wait()


def _is_inner(link: str) -> bool:
    return not link.lower().startswith(_WEB)
