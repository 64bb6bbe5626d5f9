"""What the reader does at its prompt."""

from __future__ import annotations

import string

from pulse_tui.document.document import Anchor
from pulse_tui.document.head import long_date
from pulse_tui.document.spoken import said_link
from pulse_tui.document.wording import said_duration, sentence
from pulse_tui.linear.book import Book
from pulse_tui.linear.listing import Headlines, Listing, percent
from pulse_tui.linear.orders import HELP, Order, number, order
from pulse_tui.linear.session import Session
from pulse_tui.query import Query, parse
from pulse_tui.repository import Hit, RepositoryError, View
from pulse_tui.text import counted

_MOST_HITS = 50
_WEB = ("http:", "https:", "mailto:")
_NOTHING_OPEN = "No feature is open; list says what there is."
_KEEP_LISTING = ("number", "open", "next", "")
_WITHOUT_BOOK = ("list", "help", "quit", "search", "undo", "go", "open", "back", "add", "sync", "stop")


class Reader(Session):
    """A session that obeys orders."""

    def _obey(self, typed: str) -> None:
        given = order(typed)
        if self._book is not None:
            self._book.fit()
        if given.name not in _KEEP_LISTING:
            self._listing = None
        if given.name == "number":
            self._choose(int(given.rest))
        elif not given.name:
            meant = " or ".join(given.candidates)
            self._console.say(
                f"Say {meant}." if meant else f"{typed}: not understood. Say help for the words."
            )
        elif given.name == "next" and self._listing is not None and not self._listing.is_said:
            self._listing.say_more(self._console)
        elif given.name in _WITHOUT_BOOK:
            self._obey_anywhere(given)
        elif self._book is None:
            self._console.say(_NOTHING_OPEN)
        else:
            self._obey_in(self._book, given)

    def _obey_anywhere(self, given: Order) -> None:
        match given.name:
            case "list":
                self._list(given.rest)
            case "search":
                self._search(given.rest)
            case "open":
                self._open_what(given.rest)
            case "back":
                self._back()
            case "go":
                self._go(given.rest)
            case "undo":
                with self._signals.held():
                    undone = self._repository.undo()
                    self._repository.save()
                self._console.say(undone or "There is nothing to undo.")
            case "add":
                self._console.say(*self._gathering.add(given.rest))
            case "sync":
                self._console.say(*self._gathering.sync(given.rest))
            case "stop":
                self._console.say(*self._gathering.stop())
            case "help":
                self._help()
            case _:
                self._leaves = True

    def _obey_in(self, book: Book, given: Order) -> None:
        rest = given.rest
        match given.name:
            case "next":
                self._next(book)
            case "previous":
                self._previous(book)
            case "again":
                self._show(book, book.page.top)
            case "top":
                self._jump(book, Anchor(0, 0))
            case "end":
                self._jump(book, book.start_before(book.end) or Anchor(0, 0))
            case "find":
                self._find(book, rest)
            case "contents":
                self._contents(book, rest)
            case "links":
                self._links(book)
            case "note":
                self._note(book, rest)
            case "caption":
                self._caption(book)
            case "where":
                self._where(book)
            case "mark":
                self._set_mark(book, rest)
            case "star":
                starred = not self._repository.reading(book.headline.id).starred
                self._keep(book, starred=starred)
                self._console.say("Starred." if starred else "The star is gone; undo brings it back.")
            case "read" | "unread":
                self._keep(book, read=given.name == "read")
                self._console.say(f"Marked as {given.name}; undo takes that back.")

    def _keep(self, book: Book, *, read: bool | None = None, starred: bool | None = None) -> None:
        with self._signals.held():
            self._repository.mark(book.headline.id, read=read, starred=starred)
            self._repository.save()

    def _choose(self, chosen: int) -> None:
        """Take what a number alone means: of the list that was said last, else a link."""
        if self._listing is None:
            self._open_link(chosen)
        elif not self._listing.take(chosen):
            self._console.say(f"The list has no number {chosen:,}.")

    def _say_listing(self, listing: Listing) -> None:
        self._listing = listing
        listing.say_more(self._console)

    def _help(self) -> None:
        self._console.say(
            "Say a word, its beginning or its first letter; a letter means the first of these that has it."
        )
        self._console.say(*(f"{name}: {does}." for name, does in HELP.items()))

    # -- In the article

    def _next(self, book: Book) -> None:
        if book.page.following is None:
            self._listing = None
            self._console.say("This is the end; list says what else there is.")
        else:
            self._show(book, book.page.following)

    def _previous(self, book: Book) -> None:
        start = book.start_before(book.page.top)
        if start is None:
            self._console.say("This is the beginning.")
        else:
            self._show(book, start, until=book.page.top)

    def _find(self, book: Book, words: str) -> None:
        anchor, said = book.find(words)
        if anchor is None:
            self._console.say(said)
        else:
            self._jump(book, anchor, said)

    def _contents(self, book: Book, rest: str) -> None:
        sections = book.document.sections()
        if not sections:
            self._console.say("This feature has no headings.")
            return
        levels = {section.heading.level for section in sections}

        def words(nth: int) -> str:
            heading = sections[nth].heading
            return f"{heading.text}{f', level {heading.level}' if len(levels) > 1 else ''}"

        def take(nth: int) -> None:
            self._jump(book, Anchor(sections[nth].piece, sections[nth].heading.line))

        listing = Listing(len(sections), words, take)
        if not rest:
            self._say_listing(listing)
        elif not listing.take(number(rest) or 0):
            self._console.say(f"There is no heading {rest}; there are {len(sections):,}.")

    def _links(self, book: Book) -> None:
        links = book.document.links
        if not links:
            self._console.say("There was no link so far.")
            return

        def words(nth: int) -> str:
            return said_link(nth + 1, links[nth]).partition(" ")[2].partition(" ")[2]

        self._say_listing(Listing(len(links), words, lambda nth: self._open_link(nth + 1)))

    def _note(self, book: Book, rest: str) -> None:
        said = book.note(number(rest) or 0)
        for line in said:
            self._console.put(line)
        if not said:
            self._console.say(f"There is no note {rest}." if rest else "Say note and its number.")

    def _caption(self, book: Book) -> None:
        at = book.figure
        if at is None:
            self._console.say("There is no picture near by.")
            return
        figure = at.figure
        self._console.say(f"Picture {at.number:,} of {at.total:,}." if at.total else "Picture.")
        for name, words in (
            ("Description", figure.alt),
            ("Caption", figure.caption),
            ("Credit", figure.credit),
            ("File", figure.source),
        ):
            if words:
                self._console.say(f"{name}: {sentence(words)}")

    def _where(self, book: Book) -> None:
        headline, fraction = book.headline, book.fraction
        left = said_duration(headline.minutes * (1 - fraction))
        far = f"{percent(fraction)}, {left} left." if fraction < 1 else "At the end."
        heading = f"Under the heading: {sentence(book.heading)}" if book.heading else ""
        day = f", {long_date(headline.published)}" if headline.published else ""
        self._console.say(" ".join(filter(None, (far, heading))), f"In: {headline.title}{day}.")

    # -- Links and other articles

    def _open_what(self, rest: str) -> None:
        chosen = number(rest)
        if not rest:
            self._console.say("Say open and the number of a link, or the id of a feature.")
        elif chosen is not None:
            self._choose(chosen)
        elif rest == "-":
            self._console.say("What you say comes from there already; name a file instead.")
        else:
            self._looked()
            try:
                article_id = self._find_id(rest)
            except RepositoryError as error:
                self._console.say(sentence(str(error)))
            else:
                self._jump_to(article_id)

    def _open_link(self, chosen: int) -> None:
        book = self._book
        links = book.document.links if book is not None else []
        if book is None or not 1 <= chosen <= len(links):
            self._console.say(f"There was no link {chosen:,} so far.")
            return
        link = links[chosen - 1][0]
        if link.startswith("#"):
            target = book.document.target(link)
            if target is not None:
                self._jump(book, target)
                return
        elif link.lower().startswith(_WEB):
            self._console.say(f"Link {chosen:,} leads out of the library, to {link}")
            return
        elif (article_id := self._looked().follow(book.headline.id, link)) is not None:
            fragment = link.partition("#")[2]
            self._jump_to(article_id, lambda book: book.document.target(f"#{fragment}") or Anchor(0, 0))
            return
        self._console.say(f"Link {chosen:,} leads nowhere: {link}")

    def _back(self) -> None:
        if not self._trail:
            self._console.say("There was no jump yet.")
            return
        spot, book = self._trail.pop(), self._book
        if book is not None and book.headline.id == spot.article_id:
            self._show(book, book.document.find(spot.place))
        else:
            self._try_to_open(spot.article_id, lambda book: book.document.find(spot.place))

    # -- The library

    def _list(self, words: str) -> None:
        view = View(parse(words))
        headlines = Headlines(self._looked(), view)
        count = self._repository.count(view)
        found = f"{counted(count, 'feature')}." if count or not words else f"No feature fits {words}."
        self._console.say(found)

        def take(nth: int) -> None:
            if (headline := headlines[nth]) is not None:
                self._jump_to(headline.id)

        if count:
            self._say_listing(Listing(count, headlines.words, take))

    def _search(self, words: str) -> None:
        query = parse(words)
        if query == Query():
            self._console.say("Say search and the words that a feature must have.")
            return
        hits = self._looked().search(query, _MOST_HITS)
        more = " or more" if len(hits) == _MOST_HITS else ""
        found = f"{counted(len(hits), 'feature')}{more}." if hits else f"No feature has {words}."
        self._console.say(found)
        if hits:
            self._say_listing(
                Listing(
                    len(hits),
                    lambda nth: f"{sentence(hits[nth].headline.title)} {sentence(hits[nth].passage)}",
                    lambda nth: self._open_hit(hits[nth]),
                )
            )

    def _open_hit(self, hit: Hit) -> None:
        """Open an article at the passage that was found; `find` alone goes on from there."""
        phrases = list(dict.fromkeys(hit.passage[first:last] for first, last in hit.matches))
        self._jump_to(hit.headline.id, lambda book: book.match_near(phrases, hit.near) or Anchor(0, 0))

    # -- Marks

    def _set_mark(self, book: Book, letter: str) -> None:
        if not _is_letter(letter):
            self._console.say("Say mark and a letter or a digit.")
            return
        with self._signals.held():
            self._repository.set_mark(letter, self._spot(book))
            self._repository.save()
        self._console.say(f"Mark {letter} is set; go {letter} comes back here from anywhere.")

    def _go(self, letter: str) -> None:
        marks = dict(self._repository.marks())
        spot = marks.get(letter)
        book = self._book
        if spot is not None and book is not None and spot.article_id == book.headline.id:
            self._jump(book, book.document.find(spot.place))
        elif spot is not None:
            place = spot.place
            self._jump_to(spot.article_id, lambda book: book.document.find(place))
        elif letter:
            self._console.say(f"Mark {letter} is not set; mark {letter} sets it.")
        elif not marks:
            self._console.say("No mark is set; mark and a letter sets one.")
        for name, each in marks.items() if not letter else ():
            headline = self._repository.headline(each.article_id)
            self._console.say(
                f"{name}: {headline.title if headline is not None else 'no more in the library'}."
            )


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text in string.ascii_letters + string.digits
