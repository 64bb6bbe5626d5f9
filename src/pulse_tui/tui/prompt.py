"""A line to type into, in the place of the key hints."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from pulse_tui.text import clean, truncate

_LONGEST = 1000
"""Characters."""


class Line(Input):
    """The framework's, without blinking; what is pasted is cleaned before it is shown."""

    def __init__(self, *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, max_length=_LONGEST, select_on_focus=False, compact=True)
        self.cursor_blink = False

    def insert_text_at_cursor(self, text: str) -> None:
        """Take typed or pasted text."""
        super().insert_text_at_cursor(clean(text))


class Prompt(Horizontal):
    """A mark, what is typed, and how many that finds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Back", show=False),
        Binding("enter", "accept", "Keep", show=False),
    ]

    class Changed(Message):
        """Something else stands on the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The line is done with: its text is to be kept, or all is to be as it was before."""

        def __init__(self, *, keep: bool) -> None:
            super().__init__()
            self.keep = keep

    def __init__(self, mark: str, placeholder: str) -> None:
        super().__init__(id="prompt")
        self._mark = mark
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """The line between its mark and its count."""
        yield Static(Content(self._mark), classes="prompt--mark")
        yield Line(placeholder=self._placeholder)
        yield Static(classes="prompt--count")

    def on_mount(self) -> None:
        """Take the keys."""
        self.query_one(Line).focus()

    def count(self, text: str) -> None:
        """Show how many there are."""
        for count in self.query(".prompt--count").results(Static):
            count.update(Content(truncate(text, 30)))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is typed."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self.post_message(self.Left(keep=True))

    def action_cancel(self) -> None:
        """Go back to what was before."""
        self.post_message(self.Left(keep=False))

    def action_accept(self) -> None:
        """Keep what is typed."""
        self.post_message(self.Left(keep=True))
