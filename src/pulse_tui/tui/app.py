"""The Textual application: themes, the way in, and every way out."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pulse_tui.repository import Repository
from pulse_tui.tui.reader import ReaderScreen
from pulse_tui.tui.themes import ANSI, STAND_INS, THEMES

INTERRUPTED = 130
"""The exit status after Ctrl+C, as shells have it."""


class PulseApp(App[None]):
    """The reader over one repository."""

    TITLE = "pulse-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Quit at once", show=False, priority=False, id="app.interrupt"),
    ]

    def __init__(
        self,
        repository: Repository,
        style_sheet: Path,
        *,
        start: str | None = None,
        theme: str = ANSI,
        colour: bool = True,
    ) -> None:
        self._repository = repository
        self._start = start
        theme = theme if colour else ANSI
        # The colour filters are made here, for the framework's own theme; from the next line on ours decides.
        super().__init__(css_path=[str(style_sheet)], ansi_color=theme == ANSI)
        self.set_reactive(App.ansi_color, None)
        self.animation_level = "none"
        for each in THEMES:
            self.register_theme(each)
        # Set without its watchers, which would parse the style sheet once more before it is used.
        self.set_reactive(App.theme, theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and the reader's own names for some where the theme has none."""
        variables = super().get_css_variables()
        return {name: variables[stand_in] for name, stand_in in STAND_INS.items()} | variables

    def get_default_screen(self) -> ReaderScreen:
        """The reader is the first and only page."""
        return ReaderScreen(self._repository, self._start)

    def on_ready(self) -> None:
        """After the first paint: what lives now will live long, so the collector need not look at it."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(1000, 10, 100_000)
        gc.enable()

    def action_interrupt(self) -> None:
        """Leave as a program does that was interrupted."""
        self.exit(return_code=INTERRUPTED)

    def leave(self, number: int) -> None:
        """Leave because of a signal; called from any thread, at any moment."""
        loop = self._loop
        if loop is None:
            raise SystemExit(128 + number)
        loop.call_soon_threadsafe(partial(self.exit, return_code=128 + number))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key, then the framework's own commands."""
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system and active.enabled:
                run = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, self.get_key_display(binding), run)
        yield from super().get_system_commands(screen)
