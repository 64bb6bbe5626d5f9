"""The names of keys, and what they do at the moment."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

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
    "slash": "/",
    "backslash": "\\",
    "apostrophe": "'",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


@runtime_checkable
class TakesKeys(Protocol):
    """A screen, or a widget that has the keys, that may want a key for something else than its binding."""

    def take_key(self, event: events.Key) -> bool:
        """Take a key, or leave it to the bindings; all that earlier keys did is done."""
        ...


class KeysGoOn(MessagePump):
    """A widget that sends keys and what is pasted straight to where they are obeyed, in their order.

    On the way through all that is around it they would take time, and be lost if it closed meanwhile.
    """

    def post_message(self, message: Message) -> bool:
        """Send keys to the app, and take everything else."""
        goes_on = isinstance(message, (events.Key, events.Paste))
        return self.app.post_message(message) if goes_on else super().post_message(message)


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
