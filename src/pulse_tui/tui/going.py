"""Ways about and out: links, contents, jumps, the next feature, the original, and what is copied."""

from __future__ import annotations

import asyncio
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType

from pulse_tui.article import Figure, Headline, Place
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.lines import Role
from pulse_tui.repository import RepositoryError, Spot
from pulse_tui.terminal.links import leads_out
from pulse_tui.tui.article_view import ArticleView
from pulse_tui.tui.bars import credit_of, words_of
from pulse_tui.tui.reading import ReadingPage, Wanted

_FETCHING = "fetching"
_NO_PASSAGE = Role.HEADING | Role.SUBHEADING | Role.FIGURE
_ENDS = (".", "!", "?", "…", "”", '"', ")", "。")


class _Offer(NamedTuple):
    """Something that may be copied: what it is called, and the text."""

    words: str
    text: str


class GoingPage(ReadingPage):
    """The page with all that leads away from the row that is read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("J", "neighbour(1)", "Next feature", id="feature.next"),
        Binding("K", "neighbour(-1)", "Previous feature", id="feature.previous"),
        Binding("t", "contents", "Contents", id="article.contents"),
        Binding("i", "caption", "Whole caption and credit", id="article.caption"),
        Binding("less_than_sign", "jump(-1)", "Back to where I was", id="jump.back"),
        Binding("greater_than_sign", "jump(1)", "Forward again", id="jump.forward"),
        Binding("o", "original", "Original in the browser", id="article.original"),
        Binding("y", "copy", "Copy the passage, link, caption or headline", id="article.copy"),
    ]

    # -- Links

    async def action_follow_link(self) -> None:
        """Follow the link in view; where there are several, ask which."""
        links = self._view.links_in_view()
        if not links:
            self.say("There is no link in view.")
            return
        if len(links) == 1:
            await self._follow(links[0][0])
            return

        article = self._article

        async def follow(number: int | None) -> None:
            if number is not None and self._article is article:
                await self._follow(links[number][0])

        lines = [f"{text}  {link}" if leads_out(link) else text for link, text in links]
        await self._choose("Links in view", lines, 0, follow)

    async def on_article_view_link_chosen(self, message: ArticleView.LinkChosen) -> None:
        """Follow the link that was clicked."""
        await self._follow(message.link)

    async def _follow(self, link: str) -> None:
        document, article = self._view.document, self._article
        if document is None or article is None:
            return
        if link.startswith("#"):
            target = document.target(link)
            if target is None:
                self.say(f"This article has no section {link}.")
            else:
                self._leave_trail()
                self._view.go(target)
        elif leads_out(link):
            await self._visit(link)
        elif (article_id := self._repository.follow(article.headline.id, link)) is not None:
            self._open(Wanted(article_id, Place(), link.partition("#")[2], by_link=True))
        else:
            self.say(f"No feature in the library stands at {link}.")

    # -- Moving about

    def action_top(self) -> None:
        """Go to the head of the article."""
        self._leave()
        self._view.go(Anchor(0, 0))

    def action_bottom(self) -> None:
        """Go to the last page of the article."""
        self._leave()
        self._view.to_end()

    def action_section(self, step: int) -> None:
        """Go to the next or previous section."""
        if self._article is not None and not self._view.to_section(step):
            self.say(f"There is no section further {'on' if step > 0 else 'back'}.")

    def action_picture(self, step: int) -> None:
        """Go to the next or previous picture."""
        if self._article is not None and not self._view.to_picture(step):
            self.say(f"There is no picture further {'on' if step > 0 else 'back'}.")

    def action_neighbour(self, step: int) -> None:
        """Read the next or previous feature of the list."""
        here = self._wanted.article_id if self._wanted else self._article and self._article.headline.id
        headline = self._sidebar.shelves.neighbour(here, step)
        if headline is not None:
            self._trail.clear()
            self._open(Wanted(headline.id))
        else:
            self.say(f"This is the {'last' if step > 0 else 'first'} feature of the list.")

    async def action_contents(self) -> None:
        """List the sections of the article and go to one."""
        document = self._view.document
        sections = document.sections() if document is not None else []
        if not sections:
            self.say("This feature has no sections.")
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
            self.say("There is no picture in view.")
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
            self.say("There is no jump further back." if step < 0 else "This is the latest spot.")
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

    # -- The original

    async def action_original(self) -> None:
        """Open the page that the feature first appeared on."""
        if (other := self._other_in_list()) is not None:
            self.run_worker(self._visit_source_of(other.id), exclusive=True, group=_FETCHING)
        elif self._article is not None:
            await self._visit_source(self._article.source)
        else:
            self.say("No feature is open.")

    def _other_in_list(self) -> Headline | None:
        """The feature under the cursor of the list, if that has the keys and another one is open."""
        current = self._sidebar.current if self._in_list else None
        here = self._article.headline.id if self._article is not None else None
        return current if current is not None and current.id != here else None

    async def _visit_source_of(self, article_id: str) -> None:
        try:
            article = await asyncio.to_thread(self._repository.get, article_id)
        except RepositoryError as error:
            self.say(str(error))
        else:
            await self._visit_source(article.source)

    async def _visit_source(self, source: str | None) -> None:
        if source:
            await self._visit(source)
        else:
            self.say("No original is named: there is no “source:” in the front matter.")

    # -- Copying

    def action_copy(self) -> None:
        """Ask what is to be copied."""
        offers = self._offers()
        if not offers:
            self.say("Open a feature first, then y copies from it.")
            return
        first, *others = (f"{letter} {offer.words}" for letter, offer in offers.items())

        def take(event: events.Key) -> None:
            if event.key == "escape":
                return
            offer = offers.get(event.character or "")
            if offer is None:
                self.say("That copies nothing; y shows the letters that do.")
            else:
                self.app.copy_to_clipboard(offer.text)
                self.clear_selection()

        self._ask(take, f"Copy: {first}", *others)

    def _offers(self) -> dict[str, _Offer]:
        """What may be copied, by the letter that does it."""
        if (other := self._other_in_list()) is not None:
            return {"h": _Offer("headline", other.title)}
        document, article = self._view.document, self._article
        if document is None or article is None:
            return {}
        selected = self.get_selected_text()
        offers = {
            "p": _Offer("selection", selected)
            if selected
            else _Offer("passage", passage(document, self._view.top, self._view.size.height)),
            "l": _Offer("link", article.source or ""),
            "c": _Offer("caption", caption(self._figure.figure) if self._figure is not None else ""),
            "h": _Offer("headline", article.headline.title),
        }
        return {letter: offer for letter, offer in offers.items() if offer.text}


def passage(document: Document, top: Anchor, height: int) -> str:
    """The block of text at the top of a view, whole: the first that is no heading and no picture."""
    rows = [row for row in document.rows(top, height) if any(text.strip() for text, _, _ in row.line.runs)]
    below = [row for row in rows if row.piece]
    plain = [row for row in below if not any(roles & _NO_PASSAGE for _, roles, _ in row.line.runs)]
    for row in plain or below or rows:
        marks = row.laid.paragraphs
        first = max((mark for mark in marks if mark <= row.number), default=0)
        following = min((mark for mark in marks if mark > row.number), default=len(row.laid.lines))
        text = row.laid.text[row.laid.lines[first].start : row.laid.lines[following - 1].end].strip()
        if text:
            return text
    return ""


def caption(figure: Figure) -> str:
    """What is said of a picture, and whose it is."""
    words, credit = words_of(figure), credit_of(figure)
    return f"{words}{'' if words.endswith(_ENDS) else '.'} {credit}" if credit else words
