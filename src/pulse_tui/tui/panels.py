"""Screens over the reader: choose one of a list, or read a short text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pulse_tui.text import clean_line

_Result = TypeVar("_Result")


class Panel(Screen[_Result]):
    """A page over the reader that closes once, however often it is told to."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close", id="panel.close")]

    def close_with(self, result: _Result | None) -> None:
        """Close, unless a key that came before has done so."""
        if self.is_current:
            self.dismiss(result)

    def action_close(self) -> None:
        """Close without a result."""
        self.close_with(None)


class ChoicePanel(Panel[int]):
    """Choose one of several lines; dismissed with its number, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('cursor_down')", "Down", id="panel.down", show=False),
        Binding("k", "move('cursor_up')", "Up", id="panel.up", show=False),
        Binding("space,f", "move('page_down')", "Page down", id="panel.page-down", show=False),
        Binding("b", "move('page_up')", "Page up", id="panel.page-up", show=False),
        Binding("g", "move('first')", "First", id="panel.first", show=False),
        Binding("G", "move('last')", "Last", id="panel.last", show=False),
        Binding("l,right", "move('select')", "Choose", id="panel.choose", show=False),
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
            yield OptionList(*(Option(Content(line)) for line in self._lines), markup=False)
            yield Static(Content("Enter choose   Esc close"), classes="panel--hint")

    def on_mount(self) -> None:
        """Begin at the line that matters now."""
        options = self.query_one(OptionList)
        options.highlighted = self._start if self._lines else None
        options.focus()

    def action_move(self, how: str) -> None:
        """Move about with the reader's own keys."""
        getattr(self.query_one(OptionList), f"action_{how}")()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the line that was chosen."""
        self.close_with(event.option_index)


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
        """Terms in a column of their own."""
        widest = max((len(term) for term, _ in self._lines), default=0)
        text = Content("\n").join(
            Content.assemble((term.ljust(widest + 2) if widest else "", "bold"), clean_line(words))
            for term, words in self._lines
        )
        with Vertical(classes="panel"):
            yield Static(Content(self._title), classes="panel--title")
            with Vertical(classes="panel--text"):
                yield Static(text)
            yield Static(Content("Esc close"), classes="panel--hint")

    def action_scroll(self, rows: int) -> None:
        """Scroll a text that is longer than the screen."""
        self.query_one(".panel--text").scroll_relative(y=rows, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by what is in view, but for one row."""
        self.action_scroll(step * max(1, self.query_one(".panel--text").size.height - 1))

    def on_click(self, event: events.Click) -> None:
        """Close."""
        self.close_with(None)
