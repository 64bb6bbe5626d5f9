"""A line to type into, in the place of the key hints."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Input, Static

from pulse_tui.text import clean, truncate

_LONGEST, _LONGEST_JOINED = 1000, 8000
"""Characters; the latter where addresses are pasted."""
_ENTER = "enter"
_ENDS = (_ENTER, "escape")


class Line(Input):
    """The framework's, without blinking; what is pasted is cleaned before it is shown.

    Keys may come all at once: those typed before the line is there are for it, those after its end are not.
    """

    class Ended(Message):
        """The text is to be taken as it is now, or all is to be as it was before."""

        def __init__(self, text: str, *, keep: bool) -> None:
            super().__init__()
            self.text = text
            self.keep = keep

    def __init__(self, *, placeholder: str = "", joined: Callable[[str], str] | None = None) -> None:
        longest = _LONGEST if joined is None else _LONGEST_JOINED
        super().__init__(placeholder=placeholder, max_length=longest, select_on_focus=False, compact=True)
        self.cursor_blink = False
        self._joined = joined
        self._after: list[events.Key] | None = None
        """The keys that came after the end, once it is there."""
        self._left = False

    def take_key(self, event: events.Key) -> bool:
        """Take what was typed before the line had the keys."""
        if self._left or not (event.is_printable or event.key in _ENDS):
            return False
        return self.post_message(_again(event))

    def on_key(self, event: events.Key) -> None:
        """End at Enter and at Esc; what comes then waits for what becomes of that."""
        if self._left:
            self.app.post_message(_again(event))
        elif self._after is not None:
            self._after.append(_again(event))
        elif event.key in _ENDS:
            self._after = []
            self.post_message(self.Ended(self.value, keep=event.key == _ENTER))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Take all lines of what is pasted, made one, where that is wanted; the framework takes the first."""
        if self._joined is not None:
            event.stop()
            event.prevent_default()
            self.replace(self._joined(event.text), *self.selection)

    def leave(self) -> None:
        """The line has ended: let all further keys go to what has the keys now."""
        self._left = True
        self._pass_on(self.app)

    def go_on(self) -> None:
        """The line has not ended: let all further keys be for it."""
        self._pass_on(self)

    def _pass_on(self, taker: MessagePump) -> None:
        keys, self._after = self._after or (), None
        for key in keys:
            taker.post_message(key)

    def replace(self, text: str, start: int, end: int) -> None:
        """Take typed or pasted text, in the place of what is selected if anything is."""
        super().replace(clean(text).replace("\t", " "), start, end)


class Prompt(Horizontal):
    """A mark, what is typed, and how many that finds."""

    class Changed(Message):
        """Something else stands on the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self, mark: str, placeholder: str, text: str = "", *, joined: Callable[[str], str] | None = None
    ) -> None:
        """`joined` makes one line of all that is pasted; without it the first one is taken."""
        super().__init__(id="prompt")
        self._joined = joined
        self._mark = mark
        self._placeholder = placeholder
        self._text = text

    def compose(self) -> ComposeResult:
        """The line between its mark and its count."""
        yield Static(Content(self._mark), classes="prompt--mark")
        yield Line(placeholder=self._placeholder, joined=self._joined)
        yield Static(classes="prompt--count")

    def on_mount(self) -> None:
        """Take the keys; typing replaces the text that stands there."""
        self._line.value = self._text
        self._line.select_all()
        self.take_keys()

    def take_keys(self) -> None:
        """Have what is typed from now on."""
        self.screen.set_focus(self._line)

    def leave(self) -> None:
        """Take no more keys; something else has them now."""
        self._line.leave()
        self.remove()

    def go_on(self) -> None:
        """What was typed is not taken: let all further keys be for the line."""
        self._line.go_on()

    @property
    def _line(self) -> Line:
        return self.query_one(Line)

    def count(self, text: str) -> None:
        """Show how many there are."""
        for count in self.query(".prompt--count").results(Static):
            count.update(Content(truncate(text, 30)))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is typed."""
        event.stop()
        self.post_message(self.Changed(event.value))


def _again(event: events.Key) -> events.Key:
    """The same key, to be sent anew."""
    return events.Key(event.key, event.character)
