"""The reader's one screen: puts the panes together and routes what they say."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerError, WorkerState

from pulse_tui.article import Article, Place
from pulse_tui.document.document import Anchor, Document, FigureAt
from pulse_tui.repository import Repository, RepositoryError
from pulse_tui.text import clean_line
from pulse_tui.tui.article_view import ArticleView
from pulse_tui.tui.bars import Bar, CaptionBar, HintBar, credit_of, words_of
from pulse_tui.tui.sidebar import Sidebar

MASTHEAD = "The Pulse"
_FIRST_PAINT_SECONDS = 0.1
"""How long the first picture of the screen may wait for the library."""
_MESSAGE_SECONDS = 6.0
WIDE = 80
"""Columns from which the list stands beside the article."""
_ARTICLE_HINTS = ["j/k scroll", "Space page", "t contents", "h list", "J/K next/previous", "z zen", "? help"]
_LIST_HINTS = ["j/k move", "Enter read", "? help", "q quit"]
_OPENING = "opening"
_USUAL = "-wide -tall"
"""The classes for the size of most terminals: with them the page need not be styled twice."""
_COUNTED_AT_ONCE = 64 * 1024
"""Bytes of a text whose pictures are counted before it is first shown."""
_END_OF_HEAD = Anchor(0, sys.maxsize)
_WEB = ("http:", "https:", "mailto:")


class _Wanted(NamedTuple):
    """An article that the reader wants to see, and where in it."""

    article_id: str
    place: Place | None = None
    fragment: str = ""
    by_link: bool = False
    """Whether Esc is to come back to the place that it was wanted from."""


class _Opened(NamedTuple):
    """A document, ready to be shown."""

    document: Document
    place: Place | None
    wanted: _Wanted


class ReaderScreen(Screen[None]):
    """Masthead, sidebar, article, caption and key hints."""

    BLANK = True
    AUTO_FOCUS = "ArticleView"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("J", "neighbour(1)", "Next feature", id="feature.next"),
        Binding("K", "neighbour(-1)", "Previous feature", id="feature.previous"),
        Binding("h,left", "to_list", "To the list", id="pane.list"),
        Binding("l,right", "to_article", "To the article", id="pane.article"),
        Binding("tab,shift+tab", "other_pane", "Other pane", id="pane.other"),
        Binding("t", "contents", "Contents", id="article.contents"),
        Binding("i", "caption", "Whole caption and credit", id="article.caption"),
        Binding("z", "zen", "Zen: the text alone", id="view.zen"),
        Binding("plus", "measure(1)", "Wider", id="view.wider"),
        Binding("minus", "measure(-1)", "Narrower", id="view.narrower"),
        Binding("equals_sign", "measure(0)", "Usual width", id="view.reset"),
        Binding("M", "toggle_read", "Mark read or unread", id="article.read"),
        Binding("question_mark", "keys", "Keys", id="app.keys"),
        Binding("ctrl+l", "repaint", "Paint anew", id="app.repaint"),
        Binding("q,escape", "back", "Back, at last quit", id="app.back"),
    ]

    def __init__(self, repository: Repository, start: str | None = None) -> None:
        super().__init__(classes=_USUAL)
        self._repository = repository
        self._start = start
        self._listed = self._resumed = self._styled = False
        self._wanted: _Wanted | None = None
        self._reached_end = False
        self._early: Worker[_Opened | str | None] | None = None
        self._article: Article | None = None
        self._figure: FigureAt | None = None
        self._message_timer: Timer | None = None
        self._trail: list[_Wanted] = []
        """Where links were followed from."""

    def compose(self) -> ComposeResult:
        """The page from its edges inwards."""
        yield Bar(widget_id="masthead")
        yield HintBar(widget_id="hints")
        yield CaptionBar(widget_id="caption")
        yield Sidebar(self._repository, widget_id="sidebar")
        yield ArticleView(widget_id="article")

    @property
    def _view(self) -> ArticleView:
        return self.query_one(ArticleView)

    @property
    def _sidebar(self) -> Sidebar:
        return self.query_one(Sidebar)

    @property
    def _hints(self) -> HintBar:
        return self.query_one(HintBar)

    def on_screen_resume(self) -> None:
        """Come to the front; the framework's own handler, which styles the page anew, runs after this one."""
        self._styled = not self._resumed
        self._resumed = True

    def update_node_styles(self, animate: bool = True) -> None:
        """Style the page anew, unless it has just been styled for the first time."""
        if not self._styled:
            super().update_node_styles(animate)
        self._styled = False

    # -- Opening

    async def on_mount(self) -> None:
        """Read the library; a small one is there before the first paint."""
        self._arrange()
        worker = self.run_worker(self._load, thread=True, exclusive=True, group=_OPENING)
        await asyncio.wait([asyncio.create_task(_ended(worker))], timeout=_FIRST_PAINT_SECONDS)
        if worker.state is WorkerState.SUCCESS:
            self._early = worker
            self._deliver(worker.result)

    def _load(self) -> _Opened | str | None:
        """In a thread: read the library, then the feature to begin with."""
        self._repository.refresh()
        first = self._start or next((headline.id for headline in self._repository.recent(0, 1)), None)
        return self._read(_Wanted(first)) if first is not None else None

    def _open(self, wanted: _Wanted) -> None:
        self._wanted = wanted
        self.run_worker(partial(self._read, wanted), thread=True, exclusive=True, group=_OPENING)

    def _read(self, wanted: _Wanted) -> _Opened | str:
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
        if worker.group == _OPENING and event.state is WorkerState.SUCCESS and worker is not self._early:
            self._deliver(worker.result)

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
        self._note_place()
        self._article = document.article
        self._reached_end = False
        self._sidebar.mark_open(self._article.headline.id)
        self._view.show(document, opened.place)
        if wanted.fragment and (target := document.target(f"#{wanted.fragment}")):
            self._view.go(target)
        if opened.place is None and self._article.lead is not None:
            self.query_one(CaptionBar).show(document.figure_at(_END_OF_HEAD))

    def _note_place(self) -> None:
        """Keep the reader's place in the article that is about to leave the screen."""
        if self._article is not None and self._view.place is not None:
            self._repository.mark(self._article.headline.id, place=self._view.place)

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
        begun = self._view.top > Anchor(0, 0)
        finished = message.fraction >= 1 and not self._reached_end
        self._reached_end |= finished
        self._repository.mark(
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
        self._open(_Wanted(message.article_id))
        self.action_to_article()

    def on_article_view_links_offered(self, message: ArticleView.LinksOffered) -> None:
        """Let the reader choose one of the links in view."""
        if not message.links:
            self._say("There is no link in view.")
            return

        article = self._article

        def follow(number: int | None) -> None:
            if number is not None and self._article is article:
                self._follow(message.links[number][0])

        lines = [text if _is_inner(link) else f"{text}  {link}" for link, text in message.links]
        self._choose("Links in view", lines, 0, follow)

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
            self._open(_Wanted(article_id, Place(), link.partition("#")[2], by_link=True))
        else:
            self._say(f"No feature in the library stands at {link}.")

    def _leave_trail(self) -> None:
        if self._article is not None and self._view.place is not None:
            self._trail.append(_Wanted(self._article.headline.id, self._view.place))

    # -- Actions

    def action_neighbour(self, step: int) -> None:
        """Read the next or previous feature of the list."""
        here = self._wanted.article_id if self._wanted else self._article and self._article.headline.id
        position = self._repository.position(here) if here else None
        number = step - 1 if position is None else position + step
        headlines = self._repository.recent(number, 1) if number >= 0 else []
        if headlines:
            self._trail.clear()
            self._open(_Wanted(headlines[0].id))
        else:
            self._say("This is the oldest feature." if step > 0 else "This is the newest feature.")

    def action_to_list(self) -> None:
        """Go to the list; on a narrow screen it takes the place of the article."""
        self.remove_class("-zen")
        self._sidebar.display = True  # what is not displayed cannot have the keys
        self.set_focus(self._sidebar)
        self._arrange()

    def action_to_article(self) -> None:
        """Go to the article."""
        self.set_focus(self._view)
        self._arrange()

    def action_other_pane(self) -> None:
        """Go to the pane that does not have the keys."""
        if self._view.has_focus:
            self.action_to_list()
        else:
            self.action_to_article()

    def action_contents(self) -> None:
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
                self._view.go(Anchor(section.piece, section.heading.line))

        self._choose("Contents", lines, here[-1] if here else 0, go)

    def action_caption(self) -> None:
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
        self._tell("Picture", [line for line in lines if line[1]])

    def action_zen(self) -> None:
        """Show the text alone, or everything again."""
        self.toggle_class("-zen")
        self.action_to_article()

    def action_measure(self, step: int) -> None:
        """Widen, narrow or reset the measure."""
        self._say(f"Lines of up to {self._view.set_measure(step)} cells.")

    def action_toggle_read(self) -> None:
        """Mark the feature under the cursor, or the open one, as read or unread."""
        headline = self._sidebar.current if self._sidebar.has_focus else None
        if headline is None and self._article is not None:
            headline = self._article.headline
        if headline is not None:
            read = not self._repository.reading(headline.id).read
            self._repository.mark(headline.id, read=read)
            self._say(f"Marked as {'read' if read else 'unread'}.")
            self._sidebar.refresh()
            self._update_masthead()

    def action_keys(self) -> None:
        """List the keys that work here."""
        self._tell("Keys", key_lines(self))

    def action_repaint(self) -> None:
        """Draw the whole screen again, in case something else wrote on it."""
        self.app.refresh(layout=True)

    def action_back(self) -> None:
        """Go back one level; from the first one, quit."""
        if self.has_class("-zen"):
            self.action_zen()
        elif self._trail:
            self._open(self._trail.pop())
        elif self._view.has_focus and self._start is None:
            self.action_to_list()
        else:
            self.app.exit()

    # -- Panels, imported when first wanted

    def _choose(self, title: str, lines: list[str], start: int, take: Callable[[int | None], None]) -> None:
        from pulse_tui.tui.panels import ChoicePanel

        self.app.push_screen(ChoicePanel(title, lines, start), take)

    def _tell(self, title: str, lines: list[tuple[str, str]]) -> None:
        from pulse_tui.tui.panels import TextPanel

        self.app.push_screen(TextPanel(title, lines))

    # -- Bars

    def _update_masthead(self) -> None:
        sections = self._article.headline.sections if self._article is not None else ()
        unread = f"{self._repository.unread()} unread"
        right = " · ".join([*sections[-1:], unread])
        self.query_one("#masthead", Bar).put(MASTHEAD, right)

    def on_descendant_focus(self) -> None:
        """Show the pane that has the keys, and its hints."""
        self._arrange()

    def on_resize(self) -> None:
        """Show both panes where there is room for both."""
        self._arrange()

    def _arrange(self) -> None:
        listing = self._sidebar.has_focus
        wide = self.size.width >= WIDE
        self._sidebar.display = (wide or listing) and not self.has_class("-zen")
        self._hints.hints(_LIST_HINTS if listing else _ARTICLE_HINTS)

    def _say(self, text: str) -> None:
        """Show a sentence in the hint line for a while."""
        self._hints.message(clean_line(text))
        if self._message_timer is not None:
            self._message_timer.stop()
        self._message_timer = self.set_timer(_MESSAGE_SECONDS, partial(self._hints.message, ""))


async def _ended(worker: Worker[_Opened | str | None]) -> None:
    """Wait for a worker; what went wrong in it is the application's to handle."""
    with suppress(WorkerError):
        await worker.wait()


def _is_inner(link: str) -> bool:
    return not link.lower().startswith(_WEB)


_KEY_NAMES = {
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
}


def key_name(key: str) -> str:
    """A key as it is printed on the keyboard."""
    modifier, _, last = key.rpartition("+")
    if modifier == "ctrl":
        return f"Ctrl+{last.upper()}"
    return _KEY_NAMES.get(key, key)


def key_lines(screen: Screen[Any]) -> list[tuple[str, str]]:
    """What the keys do in the present context, from the live keymap: (keys, action)."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and not binding.system and binding.action != "screen.copy_text":
            keys.setdefault(binding.description, []).append(key_name(binding.key))
    return [(" ".join(dict.fromkeys(names)), description) for description, names in keys.items()]
