"""Screens over the reader: choose one of a list, or read a short text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from inspect import unwrap
from pathlib import Path
from typing import ClassVar, TypeAlias, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.containers import Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from pulse_tui.terminal.clipboard import fits
from pulse_tui.terminal.links import address
from pulse_tui.text import clean_line
from pulse_tui.tui.keys import KeysGoOn

_Result = TypeVar("_Result")
Take: TypeAlias = Callable[[_Result | None], Awaitable[None] | None]
"""What takes the result of a panel, or None."""
_STYLE_SHEET = "panels.tcss"
_OF_PARTS = (events.Click, Input.Changed, Input.Submitted, OptionList.OptionSelected)
"""What comes to the palette by its parts."""


def dress(app: App[None]) -> None:
    """Tell the app how panels look, before the first of them opens."""
    sheet = Path(app.css_path[0]).with_name(_STYLE_SHEET)
    if (str(sheet), "") not in app.stylesheet.source:
        app.stylesheet.read(sheet)


class Panel(KeysGoOn, Screen[_Result]):
    """A page over the reader that closes once, however often it is told to."""

    take: Take[_Result] | None = None
    """Takes the result before further keys are obeyed; the framework waits for a quiet moment."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close", id="panel.close")]

    async def close_with(self, result: _Result | None) -> None:
        """Close, unless a key that came before has done so."""
        if self.app.screen is self:
            self.dismiss()
            if self.take is not None and (further := self.take(result)) is not None:
                await further

    async def action_close(self) -> None:
        """Close without a result."""
        await self.close_with(None)


class Palette(CommandPalette):
    """The framework's, made safe for keys that come before it is drawn, or twice.

    It has no public hook for that: some of its private methods are wrapped, and tests press such keys.
    """

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, unless a key that came before has done so."""
        if self.app.screen is not self:
            return AwaitComplete()
        self._stop_no_matches_countdown()
        self._stop_busy_countdown()
        return super().dismiss(result)

    async def _on_message(self, message: Message) -> None:
        """Take what the framework's can take.

        Once it is closed its line and list are being taken away, whatever they still say; and the terminal
        may have shrunk since it was clicked.
        """
        takes = self.app.screen is self or not isinstance(message, _OF_PARTS)
        if takes and isinstance(message, events.Click):
            takes = self.region.contains(message.screen_x, message.screen_y)
        if takes:
            await super()._on_message(message)

    def _gather_commands(self, search_value: str) -> Worker[None]:
        """Look for commands; the list for them may be gone when it comes to that."""
        return self.run_worker(
            partial(self._gather, search_value), group=self._GATHER_COMMANDS_GROUP, exclusive=True
        )

    async def _gather(self, search_value: str) -> None:
        gather: Callable[[Palette, str], Awaitable[None]] = unwrap(CommandPalette._gather_commands)
        with suppress(NoMatches):
            await gather(self, search_value)

    async def _watch__show_busy(self) -> None:
        if self.app.screen is self:
            await super()._watch__show_busy()

    def _select_or_command(self, event: Input.Submitted | Button.Pressed | None = None) -> None:
        if self.app.screen is self:
            super()._select_or_command(event)

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError, NoMatches):
            super()._action_command_list(action)


class Options(KeysGoOn, OptionList):
    """A list that may be told to turn pages before it has rows, or where there is no room for any."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.choose", "Choose", show=False)]

    def action_page_up(self) -> None:
        """Go up by a page."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]  # the framework's has no types

    def action_page_down(self) -> None:
        """Go down by a page."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]  # the framework's has no types


class ChoicePanel(Panel[int]):
    """Choose one of several lines; dismissed with its number, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('cursor_down')", "Down", id="panel.down", show=False),
        Binding("k", "move('cursor_up')", "Up", id="panel.up", show=False),
        Binding("space,f", "move('page_down')", "Page down", id="panel.page-down", show=False),
        Binding("b", "move('page_up')", "Page up", id="panel.page-up", show=False),
        Binding("g", "move('first')", "First", id="panel.first", show=False),
        Binding("G", "move('last')", "Last", id="panel.last", show=False),
        Binding("l,right", "choose", "Choose", id="panel.choose", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], start: int = 0) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._start = start

    def compose(self) -> ComposeResult:
        """A title above the list."""
        with Vertical(classes="panel"):
            yield Static(Content(self._title), classes="panel--title")
            yield Options(*(Option(Content(line)) for line in self._lines), markup=False)
            yield Static(Content("Enter choose   Esc close"), classes="panel--hint")

    def on_mount(self) -> None:
        """Begin at the line that matters now."""
        for options in self.query(Options):  # none, if it was closed before it was made
            options.highlighted = self._start if self._lines else None
            self.set_focus(options)

    def action_move(self, how: str) -> None:
        """Move about with the reader's own keys."""
        for options in self.query(Options):
            getattr(options, f"action_{how}")()

    async def action_choose(self) -> None:
        """Take the line under the cursor."""
        for options in self.query(Options):
            if options.highlighted is not None:
                await self.close_with(options.highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the line that was clicked."""
        self.app.call_next(self.close_with, event.option_index)


class TextPanel(Panel[None]):
    """A short text, line by line; any line may have a term before it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,i,enter", "close", "Close", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("space,f,pagedown", "page(1)", "Page down", show=False),
        Binding("b,pageup", "page(-1)", "Page up", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The text between its title and the way out."""
        with Vertical(classes="panel"):
            yield Static(Content(self._title), classes="panel--title")
            with Vertical(classes="panel--text"):
                yield Static(self.text())
            yield Static(Content("Esc close"), classes="panel--hint")

    def text(self) -> Content:
        """Terms in a column of their own."""
        widest = max((len(term) for term, _ in self._lines), default=0)
        return Content("\n").join(
            Content.assemble((term.ljust(widest + 2) if widest else "", "bold"), clean_line(words))
            for term, words in self._lines
        )

    def action_scroll(self, rows: int) -> None:
        """Scroll a text that is longer than the screen."""
        for text in self.query(".panel--text"):  # none, if a key comes before it is made
            text.scroll_relative(y=rows, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by what is in view, but for one row."""
        for text in self.query(".panel--text"):
            self.action_scroll(step * max(1, text.size.height - 1))

    async def on_click(self, event: events.Click) -> None:
        """Close."""
        await self.close_with(None)


class LinkPanel(TextPanel):
    """A link that could not be opened here, as a hyperlink of the terminal's and to be copied by hand."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "close", "Close", show=False)]

    def __init__(self, link: str, why: str = "") -> None:
        sent = "It was sent to the terminal's clipboard." if fits(link) else ""
        super().__init__("Link", [("", " ".join(filter(None, (why, sent))))])
        self._link = link

    def text(self) -> Content:
        """The link above what was done with it."""
        link = Content(clean_line(self._link)).stylize(Style(link=address(self._link)))
        return Content.assemble(link, "\n\n", super().text())
