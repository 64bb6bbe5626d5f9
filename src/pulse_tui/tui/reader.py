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
from pulse_tui.tui.reading import Wanted

if TYPE_CHECKING:
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
        Binding("q,escape", "back", "Back, at last quit", id="app.back"),
    ]

    def __init__(
        self,
        repository: Repository,
        start: str | None,
        clock: Callable[[], float],
        frames: Frames,
        browse: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(repository, start, clock, frames, browse)
        self._prompt: Prompt | None = None
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
        self._tried = ""
        self.add_class("-prompting")
        await self.mount(self._prompt, before=self._hints)  # so that the next key is for it

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Find or filter as it is typed."""
        self._try(message.text)

    def _try(self, text: str) -> None:
        if self._prompt is None or text == self._tried:
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
        if event.keep:
            self._try(event.text)  # the last letters may have been too quick to be told of
        self._leave_prompt(keep=event.keep)

    def _leave_prompt(self, *, keep: bool) -> None:
        if self._prompt is None:
            return
        prompt, finding, filtering = self._prompt, self._finding, self._filtering
        self._prompt = None
        self._trying = self._filtering = False
        self.remove_class("-prompting")
        if filtering:
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
        if self._prompt is not None and not self._filtering:
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

        await self._choose("View", [choice.words for choice in choices], 0, take)

    def action_order(self) -> None:
        """Sort the list another way: by date or by length."""
        self.say(f"{self._sidebar.sort()}.")

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
