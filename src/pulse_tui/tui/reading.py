"""What is open and where in it the reader is: opening, noting, and the library as it changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.timer import Timer
from textual.worker import Worker, WorkerError, WorkerState

from pulse_tui.article import Article, Notice, Place
from pulse_tui.document.document import Anchor, Document, FigureAt
from pulse_tui.repository import Repository, RepositoryError, Spot
from pulse_tui.tui.article_view import ArticleView, Frames
from pulse_tui.tui.bars import Bar, CaptionBar
from pulse_tui.tui.jumps import Jumps
from pulse_tui.tui.keeper import LOOKING, Keeper
from pulse_tui.tui.page import USUAL, WIDE, Page, Setup
from pulse_tui.tui.sidebar import Sidebar

if TYPE_CHECKING:
    from pulse_tui.tui.finding import Finding

MASTHEAD = "The Pulse"
_FIRST_PAINT_SECONDS = 0.1
"""How long the first picture of the screen may wait for an article."""
_FIRST_LOOK_SECONDS, _LOOKING_SECONDS = 0.3, 0.28
"""The same with an empty index, and how much of that is for reading a small library."""
_OPENS_ANOTHER = "neighbour("
_PATIENCE_SECONDS = 0.1
"""How long keys wait for a feature that is being opened; a disk that takes longer holds none of them up."""
_LOOK_SECONDS = 0.25
"""How long the first look at the folders waits, so that it does not take time from the first paint."""
_OPENING, _REREADING = "opening", "rereading"
_COUNTED_AT_ONCE = 64 * 1024
"""Bytes of a text whose pictures are counted before it is first shown."""
_RENAMED = 5
"""Of how many articles that were open last one may be the open one under another name; all readers count."""
_END_OF_HEAD = Anchor(0, sys.maxsize)
_REST_SECONDS = 0.15
"""After a move: the frame comes first, and a key that is held does not look for the list's rows each time."""


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
    quietly: bool = False
    """Whether it is not the reader who wants it: it gives way to whatever they have done meanwhile."""


class _Opened(NamedTuple):
    """A document, ready to be shown."""

    document: Document
    place: Place | None
    wanted: Wanted


class _Gone(NamedTuple):
    """The file of the open article is not in the library any more."""

    document: Document


class ReadingPage(Page):
    """The page with an article open in it."""

    def __init__(
        self,
        repository: Repository,
        start: str | None,
        clock: Callable[[], float],
        frames: Frames,
        browse: Callable[[str], bool] | None = None,
        setup: Setup = USUAL,
    ) -> None:
        super().__init__(repository, frames, browse, setup)
        self._keeper = Keeper(self, repository, clock)
        self._jumps = Jumps()
        self._finding: Finding | None = None
        self._start = start
        self._listed = False
        self._looked = ""
        """How far looking through the library has come."""
        self._noticed: Notice | None = None
        """What was wrong with the library when that was said last."""
        self._wanted: Wanted | None = None
        self._arrived = asyncio.Event()
        self._patience = 0.0
        """Until when keys wait for what is wanted, as the loop tells the time."""
        self._provisional = False
        """Whether what is open is only the first that was there, and the reader has not done anything yet."""
        self._gone = False
        """Whether the open article has left the library, and that was said."""
        self._reached_end = False
        self._moved: ArticleView.Moved | None = None
        """Where in the open article the view is, as it was said last."""
        self._rest: Timer | None = None
        self._resting = True
        """Whether the bars and the list show what `_moved` says."""
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
        if self._is_left:
            return  # before anything could be made
        if self._setup.sidebar is True and self._start is None and self.app.size.width < WIDE:
            self.action_to_list()
        self._arrange()
        self._rest = self.set_interval(_REST_SECONDS, self.catch_up, pause=True)
        patience = _FIRST_PAINT_SECONDS
        if not self._repository.count():
            self._keeper.look()  # for the first time: there is nothing to show before
            self._provisional = self._start is None
            patience = _FIRST_LOOK_SECONDS
        worker = self.run_worker(self._load, thread=True, exclusive=True, group=_OPENING)
        await asyncio.wait([asyncio.create_task(_ended(worker))], timeout=patience)
        if self._is_left:
            return
        if worker.state is WorkerState.SUCCESS:
            self._early = worker
            self._deliver(worker.result)
        self.set_timer(_LOOK_SECONDS, self._keeper.look)

    @property
    def _is_left(self) -> bool:
        """Whether the reader is being left: the parts of the page may be gone, or have never been made."""
        return self.app.return_code is not None or not self.children

    def _load(self) -> _Opened | str | None:
        """In a thread: read the feature to begin with, which is the one that was open last."""
        self._keeper.wait(_LOOKING_SECONDS)
        first = self._start or self._first()
        return self._read(Wanted(first)) if first is not None else None

    def _first(self) -> str | None:
        """The feature that was open last, else the newest."""
        newest = [headline.id for headline in self._repository.recent(0, 1)]
        candidates = (*self._repository.history(1), *newest)
        return next(filter(self._repository.headline, candidates), None)

    def _open(self, wanted: Wanted) -> None:
        if not wanted.quietly:
            self._settle()
        if not wanted.quietly or self._article is None:
            if self._wanted is None:
                self._arrived.clear()
                self._patience = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
            self._wanted = wanted
        self.run_worker(partial(self._read, wanted), thread=True, exclusive=True, group=_OPENING)

    async def arrival(self, key: str) -> None:
        """Wait a moment for the feature that is being opened: the keys that come behind are for that.

        Not one that opens another: what was never seen is not read.
        """
        left = self._patience - asyncio.get_running_loop().time()
        if self._wanted is None or left <= 0:
            return
        bound = self.active_bindings.get(key)
        if bound is None or not bound.binding.action.startswith(_OPENS_ANOTHER):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), left)

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
        if event.state is not WorkerState.SUCCESS or self._is_left:
            return
        if worker.group == _OPENING and worker is not self._early:
            self._deliver(worker.result)
        elif worker.group == _REREADING:
            self._compare(worker.result)
        elif worker.group == LOOKING:
            self._say_notice()

    def _deliver(self, result: _Opened | str | None) -> None:
        opened = self._article is not None and not self._provisional
        if opened and isinstance(result, _Opened) and result.wanted.quietly:
            return
        self._wanted = None
        self._arrived.set()
        if not self._listed:
            self._listed = True
            self._sidebar.reload()
            self._say_notice()
        if isinstance(result, str):
            self.say(result)
        elif result is not None:
            self._show(result)
        self._update_masthead()
        if self._moved is None and (moved := self._view.moved) is not None:
            self._keep_up(moved)  # with the frame that is drawn next; what is said by message comes one later
        if self._moved is not None or self._article is None:
            self._frames.release()

    def _say_notice(self) -> None:
        """Say once what is wrong with the library itself: the reason, then where."""
        for notice in self._repository.notices()[:1]:
            if notice != self._noticed:
                self._noticed = notice
                where = str(notice._replace(text="")).removesuffix(": ")
                self.say(notice.text if where in notice.text else f"{notice.text} ({where})")

    def _show(self, opened: _Opened) -> None:
        document, wanted = opened.document, opened.wanted
        settled = wanted.quietly and self._article is not None
        if wanted.by_link:
            self._leave_trail()
        elif self._spot is not None and not wanted.by_jump:
            self._jumps.leave(self._spot)
        self._note_place()
        self._provisional &= not settled
        self._end_finding()
        self._article = document.article
        self._reached_end = self._gone = False
        self._moved = None
        self._keeper.arrive()
        self._sidebar.mark_open(self._article.headline.id)
        self._view.expect(self._article_size)
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
        if self._article is not None and not self._provisional:
            self.leave()
            self._keeper.save()

    def leave(self) -> None:
        """What is open is left: keep the place at once, for what the view says of it may come too late."""
        if not self._is_left and (moved := self._view.moved) is not None:
            self._note(moved)

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
        reads_on, self._looked = bool(self._looked), ""
        self._renew()
        self._update_masthead()
        if self._provisional and self._article is not None and not reads_on:
            # The first that was read need not be the newest, nor the one that was open last.
            first = self._first()
            if first is None or first == self._article.headline.id or self._has_moved:
                self._settle()
            else:
                self._open(Wanted(first, by_jump=True, quietly=True))

    def _renew(self) -> None:
        """Show the list as it is now, and the open article, if it is another one now."""
        self._sidebar.reload()
        if self._article is None:
            if self._wanted is None and (first := self._first()) is not None:
                self._open(Wanted(first, quietly=True))
        elif (document := self._view.document) is not None:
            reread = partial(self._reread, self._article.headline.id, document)
            self.run_worker(reread, thread=True, exclusive=True, group=_REREADING)

    @property
    def _has_moved(self) -> bool:
        """Whether the reader is not at the head of the open article, or is busy with something else."""
        elsewhere = self._wanted is not None or self.app.screen is not self
        return elsewhere or self._view.top > Anchor(0, 0) or bool(self.selections)

    def _settle(self) -> None:
        """What is open is what the reader reads: from now on that is noted."""
        if self._provisional:
            self._provisional = False
            if self._moved is not None:
                self._note(self._moved)

    def _reread(self, article_id: str, document: Document) -> tuple[Document, Document] | _Gone | None:
        """In a thread: the document that is open, and what is in its file now, if that is another text."""
        # A file that was renamed has kept its text, and its state went with it; what is open
        # stays open if the file is gone, and the list shows that.
        gone = self._repository.headline(article_id) is None
        for candidate in self._repository.history(_RENAMED) if gone else [article_id]:
            with suppress(RepositoryError):
                article = self._repository.get(candidate)
                if not gone or document.has_text_of(article):
                    return None if document.shows(article) else (document, Document(article))
        return _Gone(document) if gone else None

    def _compare(self, result: tuple[Document, Document] | _Gone | None) -> None:
        """Show the new text of the open article, at the same place; if there is none any more, say so."""
        if isinstance(result, _Gone):
            if result.document is self._view.document and self._article is not None and not self._gone:
                self._gone = True
                title = self._article.headline.title
                self.say(f"“{title}” is no longer in the library; its text stays here until you leave it.")
            return
        self._gone = False
        if result is None:
            return
        old, new = result
        if self._view.document is old:
            place = self._view.place
            self._end_finding()
            self._article = new.article
            self._view.show(new, place)
            self._sidebar.mark_open(self._article.headline.id)

    def _update_masthead(self) -> None:
        sections = self._article.headline.sections if self._article is not None else ()
        self.query_one("#masthead", Bar).put(MASTHEAD, " · ".join([*sections[-1:], self._news]))

    @property
    def _news(self) -> str:
        """What goes on beside reading, else how much there is to read."""
        return self._looked or f"{self._repository.unread():,} unread"

    # -- What the panes say

    def on_article_view_moved(self, message: ArticleView.Moved) -> None:
        """Let the bars follow the text; what the last article said before it left is of no interest."""
        message.stop()
        self._keep_up(message)
        self._frames.release()

    def _keep_up(self, moved: ArticleView.Moved) -> None:
        if self._article is None or self._is_left or moved.document is not self._view.document:
            return  # what is kept on the way out is newer
        fresh = self._moved is None
        self._moved = moved
        self._figure = moved.figure
        self.query_one(CaptionBar).show(moved.figure)
        finished = moved.fraction >= 1 and not self._reached_end
        self._note(moved)
        if fresh or finished:
            self.catch_up()
        elif self._resting and self._rest is not None:
            self._resting = False
            self._rest.reset()

    def _note(self, moved: ArticleView.Moved) -> None:
        """Keep the reader's place, at once: it may be written at any moment."""
        if self._trying or self._provisional or self._article is None:
            return
        begun = self._view.top > Anchor(0, 0)
        finished = moved.fraction >= 1 and not self._reached_end
        self._reached_end |= finished
        self._keeper.mark(
            self._article.headline.id,
            place=moved.place,
            fraction=moved.fraction if begun or moved.fraction < 1 else None,
            read=True if finished else None,
        )
        if finished:
            self._update_masthead()

    def catch_up(self) -> None:
        """Let the list and the progress follow the text, a moment after it."""
        self._resting = True
        if self._rest is not None:
            self._rest.pause()
        if self._article is None or self._moved is None:
            return
        headline, fraction = self._article.headline, self._moved.fraction
        self._hints.progress(fraction, headline.minutes * (1 - fraction))
        if not self._trying:
            self._sidebar.refresh_item(headline.id)

    def action_read_chosen(self) -> None:
        """Read the feature under the list's cursor."""
        if (chosen := self._sidebar.current) is not None:
            self._read_anew(chosen.id)

    def on_sidebar_chosen(self, message: Sidebar.Chosen) -> None:
        """Read the feature that was clicked."""
        self._read_anew(message.article_id)

    def _read_anew(self, article_id: str) -> None:
        self._trail.clear()
        self._open(Wanted(article_id))
        self.action_to_article()

    def _leave_trail(self) -> None:
        if self._spot is not None:
            self._trail.append(Wanted(*self._spot, by_jump=True))
            self._jumps.leave(self._spot)

    def _leave(self) -> None:
        """Remember where the reader is before a jump within the article."""
        if self._spot is not None:
            self._jumps.leave(self._spot)

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
