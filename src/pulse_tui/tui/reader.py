"""The reader's one screen: finding, filtering, searching, stars and marks."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType

from pulse_tui.article import Place
from pulse_tui.repository import Repository
from pulse_tui.tui.article_view import Frames
from pulse_tui.tui.going import GoingPage
from pulse_tui.tui.page import USUAL, Setup
from pulse_tui.tui.reading import Wanted

if TYPE_CHECKING:
    from pulse_tui.errands.running import Errands
    from pulse_tui.tui.gathering import Gathering
    from pulse_tui.tui.prompt import Line, Prompt
    from pulse_tui.tui.search import Choice


class ReaderScreen(GoingPage):
    """Everything that the keys do beyond reading on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find in the article, or filter the list", id="find.here"),
        Binding("n", "match(1)", "Next match", id="find.next"),
        Binding("N", "match(-1)", "Previous match", id="find.previous"),
        Binding("backslash", "search", "Search the library", id="find.library"),
        Binding("v", "views", "View: unread, starred, a section …", id="list.view"),
        Binding("S", "order", "Sort by date or length", id="list.order"),
        Binding("s", "toggle_star", "Star or unstar", id="article.star"),
        Binding("M", "toggle_read", "Mark read or unread", id="article.read"),
        Binding("U", "undo", "Undo the last star, mark or read", id="state.undo"),
        Binding("m", "set_mark", "Set a mark: m and a letter", id="mark.set"),
        Binding("apostrophe", "go_to_mark", "Go to a mark: ' and its letter, '' back", id="mark.go"),
        Binding("a", "add", "Add a page or a file", id="library.add"),
        Binding("A", "open_added", "Read what was added last", id="library.added"),
        Binding("r", "fetch(False)", "Fetch the feeds that are due", id="feeds.due"),
        Binding("R", "fetch(True)", "Fetch all feeds", id="feeds.all"),
        Binding("X", "stop_gathering", "Stop adding and fetching", id="library.stop"),
        Binding("q,escape", "back", "Back, at last quit", id="app.back"),
    ]

    def __init__(
        self,
        repository: Repository,
        start: str | None,
        clock: Callable[[], float],
        frames: Frames,
        browse: Callable[[str], bool] | None = None,
        setup: Setup = USUAL,
        errands: Errands | None = None,
    ) -> None:
        super().__init__(repository, start, clock, frames, browse, setup)
        self._errands = errands
        self._gathering: Gathering | None = None
        self._awaited: tuple[str, str | None] | None = None
        """What was added and is to have the list's cursor when it comes, and what has it until then."""
        self._prompt: Prompt | None = None
        self._asking_source = False
        """Whether the prompt asks for a source to add."""
        self._searched = ""
        self._tried = ""
        """What of the prompt is found or filtered by now."""

    # -- Find, filter, search

    async def action_find(self) -> None:
        """Find in the article, or filter the list: whichever has the keys."""
        from pulse_tui.tui.prompt import Prompt

        if self._prompt is not None:
            self._prompt.take_keys()
            return
        if self._in_list:
            self._filtering = True
            self._prompt = Prompt("/", "Words of the title, section, author or tag")
        elif self._view.document is not None:
            self._leave()
            self._begin_finding()
            self._trying = True
            self._prompt = Prompt("/", "Find in this feature")
        else:
            return
        await self._show_prompt(self._prompt)

    async def _show_prompt(self, prompt: Prompt) -> None:
        self._tried = ""
        self.add_class("-prompting")
        await self.mount(prompt, before=self._hints)  # so that the next key is for it

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Find or filter as it is typed."""
        self._try(message.text)

    def _try(self, text: str) -> None:
        if self._prompt is None or self._asking_source or text == self._tried:
            return
        self._tried = text
        if self._filtering:
            self._sidebar.filter(text)
            self._prompt.count(f"{self._sidebar.shelves.count:,}")
        else:  # the file may have changed since the last word
            (self._finding or self._begin_finding()).look_for(text)

    def on_line_ended(self, event: Line.Ended) -> None:
        """Keep what is found, or be where the reader was before."""
        event.stop()
        if self._asking_source and event.keep:
            self._add(event.text)
        elif event.keep:
            self._try(event.text)  # the last letters may have been too quick to be told of
        self._leave_prompt(keep=event.keep)

    def _leave_prompt(self, *, keep: bool) -> None:
        if self._prompt is None:
            return
        prompt, finding, filtering = self._prompt, self._finding, self._filtering
        asking, self._asking_source = self._asking_source, False
        self._prompt = None
        self._trying = self._filtering = False
        self.remove_class("-prompting")
        if asking and filtering:
            self.action_to_list()
        elif asking:
            self.action_to_article()
        elif filtering:
            self.action_to_list()
            if not keep:
                self._sidebar.filter("")
        else:
            self.action_to_article()
            if finding is not None and not (keep and finding.has_match):
                if keep and finding.words:
                    self.say("That is not in this feature.")
                finding.restore()
                self._end_finding()
        prompt.leave()

    def _tell_found(self, text: str) -> None:
        super()._tell_found(text)
        if self._prompt is not None and not self._filtering and not self._asking_source:
            self._prompt.count(text)

    def action_match(self, step: int) -> None:
        """Go to the next or previous match."""
        if self._finding is not None:
            self._finding.go(step)
        else:
            self.say("Nothing is looked for; / finds in this feature.")

    async def action_search(self) -> None:
        """Search the library."""
        from pulse_tui.tui.search import SearchPanel

        panel = SearchPanel(self._repository, self._searched)

        def take(choice: Choice | None) -> None:
            self._searched = panel.text
            if choice is not None:
                self._trail.clear()
                self._open(Wanted(choice.article_id, Place(), phrases=choice.phrases, near=choice.near))
                self.action_to_article()

        await self._open_panel(panel, take)

    async def action_views(self) -> None:
        """Choose which features the list shows."""
        choices = self._sidebar.shelves.choices()

        def take(number: int | None) -> None:
            if number is not None:
                self._sidebar.choose(choices[number])
                self.action_to_list()

        widest = max(len(f"{choice.number:,}") for choice in choices)
        lines = [f"{choice.number:>{widest},}  {choice.words}" for choice in choices]
        await self._choose("View", lines, 0, take)

    def action_order(self) -> None:
        """Sort the list another way: by date or by length."""
        self.say(f"{self._sidebar.sort()}.")

    # -- What comes in

    @property
    def _gathered(self) -> Gathering | None:
        """Whoever adds and fetches; made when first wanted, so that the start does not wait for it."""
        if self._gathering is None and self._errands is not None:
            from pulse_tui.tui.gathering import Gathering

            self._gathering = Gathering(self, self._errands, self.say, self._update_masthead)
        if self._gathering is None:
            self.say("Nothing can be added or fetched here.")
        return self._gathering

    @property
    def _news(self) -> str:
        """How far adding and fetching are, else what there is to read."""
        return (self._gathering.words if self._gathering is not None else "") or super()._news

    async def action_add(self) -> None:
        """Ask for a page or a file to add."""
        from pulse_tui.errands.words import joined
        from pulse_tui.tui.prompt import Prompt

        if self._prompt is not None:
            self._prompt.take_keys()
        elif self._gathered is not None:
            self._asking_source, self._filtering = True, self._in_list
            self._prompt = Prompt("add", "Address of a page, or path of a file", joined=joined)
            await self._show_prompt(self._prompt)

    def _add(self, text: str) -> None:
        if (gathering := self._gathered) is not None:
            gathering.add(text)

    def action_fetch(self, every: bool) -> None:
        """Fetch the feeds that are due, or all of them."""
        if (gathering := self._gathered) is not None:
            gathering.fetch(every=every)

    def action_stop_gathering(self) -> None:
        """Stop adding and fetching."""
        if (gathering := self._gathered) is not None:
            gathering.stop()

    def on_gathering_over(self, message: Gathering.Over) -> None:
        """Say what came of it; in the list, point at what was added."""
        if (gathering := self._gathered) is None:
            return
        article_id = gathering.take(message.errand)
        if article_id is not None and self._in_list:
            here = self._sidebar.current
            self._awaited = article_id, here.id if here is not None else None
            self._point_at_awaited()

    def _renew(self) -> None:
        super()._renew()
        self._point_at_awaited()

    def _point_at_awaited(self) -> None:
        """Put the list's cursor on what was added, unless the reader has gone on meanwhile."""
        if self._awaited is None:
            return
        article_id, before = self._awaited
        here = self._sidebar.current
        if not self._in_list or (here.id if here is not None else None) != before:
            self._awaited = None
        elif self._repository.headline(article_id) is not None:
            self._awaited = None
            self._sidebar.reload()
            self._sidebar.point_at(article_id)

    def action_open_added(self) -> None:
        """Read what was added last."""
        last = self._gathering.last if self._gathering is not None else None
        if last is None:
            self.say("Nothing was added yet; a adds a page or a file.")
        elif self._repository.headline(last) is None:
            self.say("It is not in the list yet.")
        else:
            self._trail.clear()
            self._open(Wanted(last))
            self.action_to_article()

    # -- Stars and marks

    def _meant(self) -> str | None:
        """The id of the feature under the cursor of the list, if that has the keys, else of the open one."""
        headline = self._sidebar.current if self._in_list else None
        if headline is None and self._article is not None:
            headline = self._article.headline
        return headline.id if headline is not None else None

    def action_toggle_read(self) -> None:
        """Mark the feature under the cursor, or the open one, as read or unread."""
        if (article_id := self._meant()) is not None:
            read = not self._repository.reading(article_id).read
            self._repository.mark(article_id, read=read)
            self._keeper.save_soon()
            self.say(f"Marked as {'read' if read else 'unread'}; U undoes it.")
            self._show_state()

    def action_toggle_star(self) -> None:
        """Star the feature under the cursor, or the open one, or take its star away."""
        if (article_id := self._meant()) is not None:
            starred = not self._repository.reading(article_id).starred
            self._repository.mark(article_id, starred=starred)
            self._keeper.save_soon()
            self.say("Starred; v lists what is starred." if starred else "The star is gone; U undoes it.")
            self._show_state()

    def action_undo(self) -> None:
        """Take back the last change of a star, a mark or what is read."""
        self.say(self._repository.undo() or "There is nothing to undo.")
        self._keeper.save_soon()
        self._show_state()

    def _show_state(self) -> None:
        self._sidebar.reload()
        self._update_masthead()

    def _ask_letter(self, take: Callable[[str], None], *parts: str) -> None:
        """Ask for the letter of a mark."""

        def check(event: events.Key) -> None:
            letter = "'" if event.key == "apostrophe" else event.character or ""
            if letter and letter in string.ascii_letters + string.digits + "'":
                take(letter)
            else:
                self.say("A mark is a letter or a digit.")

        self._ask(check, *parts)

    def take_key(self, event: events.Key) -> bool:
        """Take the key that was asked for; any key shows that somebody reads."""
        self._settle()
        return super().take_key(event)

    def action_set_mark(self) -> None:
        """Wait for the letter of a new mark."""
        if self._spot is not None:
            self._ask_letter(self._set_mark, "Set a mark: press a letter")

    def _set_mark(self, letter: str) -> None:
        if self._spot is not None and letter != "'":
            self._repository.set_mark(letter, self._spot)
            self._keeper.save_soon()
            self.say(f"Mark {letter} is set; '{letter} comes back here from anywhere.")

    def action_go_to_mark(self) -> None:
        """Wait for the letter of a mark."""
        letters = [letter for letter, _ in self._repository.marks()] or ["none is set"]
        self._ask_letter(self._go_to_mark, "Go to a mark: ' back", *letters)

    def _go_to_mark(self, letter: str) -> None:
        if letter == "'":
            if self._spot is not None and (spot := self._jumps.last(self._spot)):
                self._go_to(spot)
            else:
                self.say("There was no jump yet.")
            return
        spot = dict(self._repository.marks()).get(letter)
        if spot is None:
            self.say(f"Mark {letter} is not set; m{letter} sets it.")
        elif self._repository.headline(spot.article_id) is None:
            self.say("The feature with this mark is not in the library any more.")
        else:
            self._leave()
            self._go_to(spot)

    def action_back(self) -> None:
        """Go back one level; from the first one, quit."""
        if self._prompt is not None:  # and another pane has the keys
            self._leave_prompt(keep=False)
        elif self._finding is not None:
            self._end_finding()
        elif self.has_class("-zen"):
            self.action_zen()
        elif self._in_list and self._sidebar.shelves.is_part:
            self._sidebar.show_all()
        elif self._trail:
            self._open(self._trail.pop())
        elif self.focused is self._view and self._start is None:
            self.action_to_list()
        else:
            self.app.exit()
