"""The page: where the panes stand, which of them has the keys, and what is said in the hint line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from pulse_tui.repository import Repository
from pulse_tui.settings import DEFAULT_MEASURE
from pulse_tui.terminal.links import leads_out
from pulse_tui.text import clean_line
from pulse_tui.tui.article_view import ArticleView, Frames
from pulse_tui.tui.bars import Bar, CaptionBar, HintBar
from pulse_tui.tui.keys import key_lines
from pulse_tui.tui.sidebar import Sidebar
from pulse_tui.tui.themes import following

if TYPE_CHECKING:
    from pulse_tui.tui.panels import Panel, Take

_Result = TypeVar("_Result")
WIDE = 80
"""Columns from which the list stands beside the article."""
_MESSAGE_SECONDS, _READ_SECONDS = 6.0, 1.0
"""How long a message stays, and after how long a key ends it."""
_ARTICLE_HINTS = [
    "j/k scroll",
    "? help",
    "/ find",
    "\\ search",
    "h list",
    "t contents",
    "s star",
    "y copy",
    "z zen",
]
_LIST_HINTS = ["Enter read", "? help", "/ filter", "v view", "\\ search", "S sort", "s star", "q quit"]
_USUAL = "-wide -tall"
"""The classes for the size of most terminals: with them the page need not be styled twice."""
_SPEAKING = "-speaking"
_VISITING = "visiting"


class Setup(NamedTuple):
    """How the page is set up, and who is told what a key changes of that: the setting and its value.

    The value is None where the usual one is wanted again.
    """

    measure: int = DEFAULT_MEASURE
    usual_measure: int = DEFAULT_MEASURE
    sidebar: bool | Literal["auto"] = "auto"
    keep: Callable[[str, object], None] = lambda *_: None


USUAL = Setup()


class Page(Screen[None]):
    """Masthead, sidebar, article, caption and key hints."""

    BLANK = True
    AUTO_FOCUS = "ArticleView"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "to_list", "To the list", id="pane.list"),
        Binding("l,right", "to_article", "To the article", id="pane.article"),
        Binding("tab,shift+tab", "other_pane", "Other pane", id="pane.other"),
        Binding("z", "zen", "Zen: the text alone", id="view.zen"),
        Binding("plus", "measure(1)", "Wider", id="view.wider"),
        Binding("minus", "measure(-1)", "Narrower", id="view.narrower"),
        Binding("equals_sign", "measure(0)", "Usual width", id="view.reset"),
        Binding("T", "theme", "Other colours", id="view.theme"),
        Binding("question_mark", "keys", "Keys", id="app.keys"),
    ]

    def __init__(
        self, repository: Repository, frames: Frames, browse: Callable[[str], bool] | None, setup: Setup
    ) -> None:
        super().__init__(classes=_USUAL)
        self._setup = setup
        self._frames = frames
        self._repository = repository
        self._browse = browse
        """Opens a link in a browser, if the reader sits where one would open; whether that was done."""
        self._resumed = self._styled = False
        self._message_timer: Timer | None = None
        self._said_at = 0.0
        self._filtering = False
        """Whether what is typed is for the list."""
        self._answer: Callable[[events.Key], None] | None = None
        """What the next key is for, if something was asked."""

    def compose(self) -> ComposeResult:
        """The page from its edges inwards."""
        yield Bar(widget_id="masthead")
        yield HintBar(self._lend, widget_id="hints")
        yield CaptionBar(widget_id="caption")
        yield Sidebar(self._repository, widget_id="sidebar")
        setup = self._setup
        yield ArticleView(self._frames, setup.measure, setup.usual_measure, widget_id="article")

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

    # -- Panes

    @property
    def _in_list(self) -> bool:
        """Whether the list has the keys; it is told of that a little later, when more keys may have come."""
        return isinstance(self.focused, Sidebar)

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
        if self.focused is self._view:
            self.action_to_list()
        else:
            self.action_to_article()

    def action_zen(self) -> None:
        """Show the text alone, or everything again."""
        self.toggle_class("-zen")
        self.action_to_article()

    def action_measure(self, step: int) -> None:
        """Widen, narrow or reset the measure."""
        measure = self._view.set_measure(step)
        self._setup.keep("measure", measure if step else None)
        self.say(f"Lines of up to {measure} cells.")

    def action_theme(self) -> None:
        """Go on to the next theme."""
        if self.app.no_color:
            self.say("There are no colours to choose from: NO_COLOR is set.")
        else:
            self.app.theme, words = following(self.app.theme)
            self.say(words)

    async def action_keys(self) -> None:
        """List the keys that work here."""
        await self._tell("Keys", key_lines(self))

    # -- Panels, imported when first wanted; waited for, so that the next key is theirs

    async def _choose(
        self,
        title: str,
        lines: list[str],
        start: int,
        take: Take[int],
    ) -> None:
        from pulse_tui.tui.panels import ChoicePanel

        await self._open_panel(ChoicePanel(title, lines, start), take)

    async def _tell(self, title: str, lines: list[tuple[str, str]]) -> None:
        from pulse_tui.tui.panels import TextPanel

        await self._open_panel(TextPanel(title, lines))

    async def _open_panel(
        self,
        panel: Panel[_Result],
        take: Take[_Result] | None = None,
    ) -> None:
        from pulse_tui.tui.panels import dress

        dress(self.app)
        panel.take = take
        await self.app.push_screen(panel)

    # -- Links out

    async def _visit(self, link: str) -> None:
        """Open a link in the browser; where there is none, show it and send it to the clipboard."""
        if not leads_out(link):
            self.say(f"Only addresses of the web and of mailboxes are opened, not {link}.")
        elif self._browse is None:
            await self._show_link(link)
        else:
            self.run_worker(self._start_browser(link, self._browse), group=_VISITING)

    async def _start_browser(self, link: str, browse: Callable[[str], bool]) -> None:
        if await asyncio.to_thread(browse, link):
            self.say(f"The browser was asked for {link}.")
        else:
            await self._show_link(link, "No browser could be started.")

    async def _show_link(self, link: str, why: str = "") -> None:
        from pulse_tui.tui.panels import LinkPanel

        self.app.copy_to_clipboard(link)
        await self._open_panel(LinkPanel(link, why))

    # -- Bars

    def on_descendant_focus(self) -> None:
        """Show the pane that has the keys, and its hints."""
        self._arrange()

    def on_resize(self) -> None:
        """Show both panes where there is room for both."""
        self._arrange()

    def _arrange(self) -> None:
        listing = self._in_list or self._filtering
        beside = self.size.width >= WIDE and self._setup.sidebar is not False
        self._sidebar.display = (beside or listing) and not self.has_class("-zen")
        self._hints.hints(_LIST_HINTS if listing else _ARTICLE_HINTS)

    @property
    def _article_size(self) -> Size:
        """What the bars and the list leave to the article, as they are styled."""
        width, height = self.app.size
        for each in self.children:
            if each.display and each.styles.split in ("left", "right") and each.styles.width is not None:
                width -= int(each.styles.width.value)
            elif each.display and each.styles.split in ("top", "bottom") and each.styles.height is not None:
                height -= int(each.styles.height.value)
        return Size(max(0, width), max(0, height))

    def say(self, text: str) -> None:
        """Show a sentence in the hint line for a while."""
        self._hints.message(clean_line(text))
        if self._message_timer is not None:
            self._message_timer.stop()
        self._message_timer = self.set_timer(_MESSAGE_SECONDS, self._end_message)
        self._said_at = asyncio.get_running_loop().time()

    def _end_message(self) -> None:
        if self._message_timer is not None:
            self._message_timer.stop()
            self._message_timer = None
            self._hints.message("")

    def _ask(self, take: Callable[[events.Key], None], *parts: str) -> None:
        """Ask for one key in the hint line."""
        self._answer = take
        self._hints.status(*parts, asks=True)

    def take_key(self, event: events.Key) -> bool:
        """Take the key that was asked for; all others are bindings, and what was said before is past."""
        if asyncio.get_running_loop().time() > self._said_at + _READ_SECONDS:
            self._end_message()
        take, self._answer = self._answer, None
        if take is not None:
            self._hints.status()
            take(event)
        return take is not None

    def _lend(self, text: str, speaking: bool) -> None:
        """Let the caption's row begin a message; in zen the message lies over the last row of the text."""
        self.query_one(CaptionBar).lend(text)
        if self.has_class("-zen") or self.has_class(_SPEAKING):  # elsewhere nothing is to be styled anew
            self.set_class(speaking, _SPEAKING)
