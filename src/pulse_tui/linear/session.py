"""What is open, where in it the reader is, and that this is kept, whatever ends the session."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Unpack

from pulse_tui.article import Note, Place
from pulse_tui.document.document import Anchor
from pulse_tui.document.wording import sentence
from pulse_tui.errands.running import Errands
from pulse_tui.linear.book import Book
from pulse_tui.linear.console import Console, EndedError, Signals
from pulse_tui.linear.gathering import Gathering
from pulse_tui.linear.listing import Listing, percent
from pulse_tui.linear.orders import MENU
from pulse_tui.repository import Repository, RepositoryError, Spot
from pulse_tui.text import counted

Spotter = Callable[[Book], Anchor]
"""Finds the row of an article to begin with."""

LIBRARY = "The Pulse"
_EMPTY = "The library is empty; put Markdown files into a folder and name it with --library DIR."
_PAUSE_SECONDS = 180.0
"""Longer than anyone listens to one page: time at the prompt beyond it is not reading."""
_PATIENCE_SECONDS = 5.0
"""How often it is said how far a new library is read."""


class Session:
    """One reader of one repository, from the greeting to the end.

    `find` gives the id of what is meant by an id or a file's name, and raises `RepositoryError`; `clock`
    gives seconds; `errands` add and fetch features.
    """

    def __init__(
        self,
        repository: Repository,
        console: Console,
        *,
        find: Callable[[str], str],
        clock: Callable[[], float],
        signals: Signals,
        errands: Errands | None = None,
    ) -> None:
        self._repository = repository
        self._console = console
        self._find_id = find
        self._clock = clock
        self._signals = signals
        self._gathering = Gathering(errands)
        self._seen = clock()
        self._book: Book | None = None
        self._finished = False
        self._listing: Listing | None = None
        self._trail: list[Spot] = []
        self._knows_menu = False
        self._leaves = False
        self._looking: Thread | None = None

    def run(self, start: str | None = None) -> int:
        """Read on where the reader was, or an article by its id; returns the exit status.

        Raises:
            RepositoryError: the article by that id cannot be read.
        """
        try:
            try:
                self._begin(start)
                while not self._leaves and (typed := self._ask()) is not None:
                    self._obey(typed)
            finally:
                self._note_place()
        except EndedError as ended:
            return ended.status
        finally:
            self._signals.leave()
        return 0

    def _obey(self, typed: str) -> None:
        raise NotImplementedError

    def _ask(self) -> str | None:
        """Say what came of errands, then ask."""
        said, changed = self._gathering.news()
        if changed:
            self._looked().refresh()
        self._console.say(*said)
        return self._console.ask(self._prompt())

    def _prompt(self) -> str:
        """What is asked: at first with the orders, later as short as can be, for each page ends with it."""
        if self._listing is not None:
            more = "" if self._listing.is_said else "Enter for more, "
            return f"A number, {more}or a word:"
        if self._book is None or not self._knows_menu:
            self._knows_menu = True
            return f"{', '.join(MENU)}:"
        return f"{percent(self._book.fraction)}:"

    # -- The library

    def _begin(self, start: str | None) -> None:
        repository = self._repository
        if repository.count():
            self._looking = Thread(target=repository.refresh, name="looking", daemon=True)
            self._looking.start()
        else:
            self._look()
        if start is not None:
            self._open(start)
            return
        last = next(filter(repository.headline, repository.history(1)), None)
        article_id = last or next((headline.id for headline in repository.recent(0, 1)), None)
        headline = repository.headline(article_id) if article_id is not None else None
        if article_id is None or headline is None:
            self._console.say(_EMPTY)
            return
        library = f"{LIBRARY}: {counted(repository.count(), 'feature')}, {repository.unread():,} unread."
        fraction = repository.reading(article_id).fraction
        far = f", {percent(fraction)}" if fraction else ""
        where = f"You were in: {headline.title}{far}" if last else f"The newest is: {headline.title}"
        self._console.say(f"{library} {sentence(where)}")
        for notice in repository.notices()[:1]:
            self._console.say(f"Notice: {notice}")
        self._try_to_open(article_id, greeted=True)

    def _look(self) -> None:
        """Read a library that is not known yet, with a word now and then to whoever waits."""
        told = self._clock()

        def progress(done: int, total: int) -> None:
            nonlocal told
            if done < total and self._clock() - told > _PATIENCE_SECONDS:
                told = self._clock()
                self._console.say(f"Reading the library: {done:,} of {total:,} files.")

        self._repository.refresh(progress)

    def _looked(self) -> Repository:
        """The repository, when it knows the library as it is now."""
        if self._looking is not None:
            self._looking.join()
            self._looking = None
        return self._repository

    # -- What is open

    def _try_to_open(self, article_id: str, at: Spotter | None = None, *, greeted: bool = False) -> bool:
        """Open an article, or say in a sentence why not."""
        try:
            self._open(article_id, at, greeted=greeted)
        except RepositoryError as error:
            self._console.say(sentence(str(error)))
            return False
        return True

    def _open(self, article_id: str, at: Spotter | None = None, *, greeted: bool = False) -> None:
        """Open an article where the reader left it, or on the row that is meant."""
        book = Book(self._repository.get(article_id), self._console)
        self._note_place()
        place = self._repository.reading(article_id).place or Place()
        anchor = book.document.find(place) if at is None else at(book)
        self._book, self._finished = book, False
        self._seen = self._clock()
        if anchor > Anchor(0, 0) and not greeted:
            self._console.say(sentence(book.headline.title))
        self._show(book, anchor)

    def _show(self, book: Book, anchor: Anchor, until: Anchor | None = None) -> None:
        """Say the page that begins on a row, and note that the reader is there."""
        self._listing = None
        page = book.open(anchor, until)
        for line in page.lines:
            self._console.put(line)
        if page.following is None:
            self._console.say("End of the feature.")
        finished = page.following is None and not self._finished
        self._finished |= finished
        self._mark(
            book,
            place=book.place,
            fraction=book.fraction if page.top > Anchor(0, 0) else None,
            read=True if finished else None,
        )

    def _spot(self, book: Book) -> Spot:
        return Spot(book.headline.id, book.place)

    def _jump(self, book: Book, anchor: Anchor, *words: str) -> None:
        """Go elsewhere in the open article, so that there is a way back."""
        self._trail.append(self._spot(book))
        self._console.say(*words)
        self._show(book, anchor)

    def _jump_to(self, article_id: str, at: Spotter | None = None) -> None:
        """Go to another article, so that there is a way back."""
        trail = [self._spot(self._book)] if self._book is not None else []
        if self._try_to_open(article_id, at):
            self._trail += trail

    # -- The reader's state

    def _mark(self, book: Book, **note: Unpack[Note]) -> None:
        """Note the state of the open article, with the time since the last note, and save it."""
        now = self._clock()
        seconds, self._seen = now - self._seen, now
        with self._signals.held():
            self._repository.mark(
                book.headline.id, seconds=seconds if seconds < _PAUSE_SECONDS else 0.0, **note
            )
            self._repository.save()

    def _note_place(self) -> None:
        if self._book is not None:
            self._mark(self._book, place=self._book.place)
