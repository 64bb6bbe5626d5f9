"""The yardstick: a Textual app that shows one line of text, and changes it when `j` is pressed."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One `Static` with a text, and nothing else."""

    BINDINGS = [("j", "repaint")]  # noqa: RUF012 (as Textual declares it)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.line = Static(text)
        self.presses = 0

    def compose(self) -> ComposeResult:
        """Yield the line."""
        yield self.line

    def action_repaint(self) -> None:
        """Change the line, which repaints one row."""
        self.presses += 1
        self.line.update(f"{self.presses} lines", layout=False)


if __name__ == "__main__":
    Empty(sys.argv[1]).run()
