"""The page: where the panes stand, which of them has the keys, and what is said in the hint line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer

from pulse_tui.repository import Repository
from pulse_tui.text import clean_line
from pulse_tui.tui.article_view import ArticleView
from pulse_tui.tui.bars import Bar, CaptionBar, HintBar
from pulse_tui.tui.keys import key_lines
from pulse_tui.tui.sidebar import Sidebar

if TYPE_CHECKING:
    from pulse_tui.tui.panels import Panel

_Result = TypeVar("_Result")
WIDE = 80
"""Columns from which the list stands beside the article."""
_MESSAGE_SECONDS = 6.0
_ARTICLE_HINTS = ["j/k scroll", "/ find", "\\ search", "h list", "t contents", "s star", "z zen", "? help"]
_LIST_HINTS = ["Enter read", "/ filter", "v view", "\\ search", "S sort", "s star", "? help", "q quit"]
_USUAL = "-wide -tall"
"""The classes for the size of most terminals: with them the page need not be styled twice."""


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
        Binding("question_mark", "keys", "Keys", id="app.keys"),
        Binding("ctrl+l", "repaint", "Paint anew", id="app.repaint"),
    ]

    def __init__(self, repository: Repository) -> None:
        super().__init__(classes=_USUAL)
        self._repository = repository
        self._resumed = self._styled = False
        self._message_timer: Timer | None = None
        self._filtering = False
        """Whether what is typed is for the list."""

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

    # -- Panes

    @property
    def _in_list(self) -> bool:
        """Whether the list has the keys; it is told of that a little later, when more keys may have come."""
        return self.focused is self._sidebar

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
        self._say(f"Lines of up to {self._view.set_measure(step)} cells.")

    async def action_keys(self) -> None:
        """List the keys that work here."""
        await self._tell("Keys", key_lines(self))

    def action_repaint(self) -> None:
        """Draw the whole screen again, in case something else wrote on it."""
        self.app.refresh(layout=True)

    # -- Panels, imported when first wanted; waited for, so that the next key is theirs

    async def _choose(
        self, title: str, lines: list[str], start: int, take: Callable[[int | None], None]
    ) -> None:
        from pulse_tui.tui.panels import ChoicePanel

        await self._open_panel(ChoicePanel(title, lines, start), take)

    async def _tell(self, title: str, lines: list[tuple[str, str]]) -> None:
        from pulse_tui.tui.panels import TextPanel

        await self._open_panel(TextPanel(title, lines))

    async def _open_panel(
        self, panel: Panel[_Result], take: Callable[[_Result | None], None] | None = None
    ) -> None:
        from pulse_tui.tui.panels import dress

        dress(self.app)
        await self.app.push_screen(panel, take)

    # -- Bars

    def on_descendant_focus(self) -> None:
        """Show the pane that has the keys, and its hints."""
        self._arrange()

    def on_resize(self) -> None:
        """Show both panes where there is room for both."""
        self._arrange()

    def _arrange(self) -> None:
        listing = self._in_list or self._filtering
        wide = self.size.width >= WIDE
        self._sidebar.display = (wide or listing) and not self.has_class("-zen")
        self._hints.hints(_LIST_HINTS if listing else _ARTICLE_HINTS)

    def _say(self, text: str) -> None:
        """Show a sentence in the hint line for a while."""
        self._hints.message(clean_line(text))
        if self._message_timer is not None:
            self._message_timer.stop()
        self._message_timer = self.set_timer(_MESSAGE_SECONDS, partial(self._hints.message, ""))
