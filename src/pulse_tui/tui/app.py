"""The Textual application: themes, the way in, and every way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.geometry import Region
from textual.screen import Screen

from pulse_tui.repository import Repository
from pulse_tui.terminal.clipboard import Multiplexer, TooLongError, osc52
from pulse_tui.text import clean_line, truncate
from pulse_tui.tui.keys import TakesKeys, key_name
from pulse_tui.tui.page import USUAL, WIDE, Setup
from pulse_tui.tui.reader import ReaderScreen
from pulse_tui.tui.themes import ANSI, STAND_INS, THEMES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pulse_tui.errands.running import Errands
    from pulse_tui.tui.driver import FrameDriver

INTERRUPTED = 130
"""The exit status after Ctrl+C, as shells have it."""
_ACTIONS_LEFT_OUT = ("command_palette", "screen.copy_text")
_COMMANDS_LEFT_OUT = ("Keys", "Maximize", "Minimize")
_TALL = 20
"""Rows from which there is room for the masthead."""
_SHOWN = 40
"""Cells of a copied text that are shown again."""
_TIDY_SECONDS = 0.5
"""After the first paint: the pause for it is long enough to be felt at the first key."""


class PulseApp(App[None], inherit_bindings=False):
    """The reader over one repository.

    `clock` gives seconds, to tell how long is read; `tidy` is called when the first paint is well past,
    `left` with the exit status when the reader is left.  `browse` opens a link in a browser and says
    whether it could; it is None where the reader would not see that.  `errands` add and fetch features.
    """

    TITLE = "pulse-tui"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - typed by App
    VERTICAL_BREAKPOINTS = [(0, "-low"), (_TALL, "-tall")]  # noqa: RUF012 - typed by App
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("Q", "quit", "Quit", id="app.quit"),
        Binding("ctrl+l", "repaint", "Paint anew", priority=True, id="app.repaint"),
        Binding("ctrl+z", "suspend_process", "To the shell, until fg", priority=True, id="app.suspend"),
        Binding("ctrl+p", "command_palette", "All commands", priority=True, id="app.commands"),
        Binding("ctrl+c", "interrupt", "Copy what is selected, else quit", priority=True, id="app.interrupt"),
    ]

    def __init__(
        self,
        repository: Repository,
        style_sheet: Path,
        *,
        start: str | None = None,
        theme: str = ANSI,
        colour: bool = True,
        clock: Callable[[], float] = monotonic,
        tidy: Callable[[], None] | None = None,
        left: Callable[[int], None] | None = None,
        browse: Callable[[str], bool] | None = None,
        multiplexer: Multiplexer | None = None,
        driver: type[Driver] | None = None,
        setup: Setup = USUAL,
        errands: Errands | None = None,
    ) -> None:
        self._repository = repository
        self._start = start
        self._clock = clock
        self._tidy = tidy
        self._left = left
        self._browse = browse
        self._multiplexer = multiplexer
        self._setup = setup
        self._errands = errands
        self._running_loop: asyncio.AbstractEventLoop | None = None
        self._signal = 0
        theme = theme if colour else ANSI
        # The colour filters are made here, for the framework's own theme; from the next line on ours decides.
        super().__init__(driver, css_path=[str(style_sheet)], ansi_color=theme == ANSI)
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

    def watch_theme(self, name: str) -> None:
        """Let the theme be found again, by whatever key or command it was chosen."""
        self._setup.keep("theme", name)

    def get_default_screen(self) -> ReaderScreen:
        """The reader is the first and only page."""
        return ReaderScreen(
            self._repository, self._start, self._clock, self, self._browse, self._setup, self._errands
        )

    def on_load(self) -> None:
        """Before anything is drawn: remember the loop, for signals; one may have come already."""
        self._running_loop = asyncio.get_running_loop()
        if self._signal:
            self._leave_by_signal()

    def on_ready(self) -> None:
        """The first paint is done; tidy up a moment later."""
        if self._tidy is not None:
            self.set_timer(_TIDY_SECONDS, self._tidy)

    def on_unmount(self) -> None:
        """Let no thread that still reads files hold up the way out."""
        self._repository.close()
        if self._left is not None:
            self._left(self.return_code or 0)

    async def on_key(self, event: events.Key) -> None:
        """Offer a key before its binding to whoever may want it, once what it is for has come.

        It was sent to what had the keys when it came; keys that come all at once come here one after another.
        Those that come with the one that leaves the reader find nobody: nothing can be opened any more.
        """
        if isinstance(self.screen, ReaderScreen):
            await self.screen.arrival(event.key)
        if self.return_code is not None:
            event.prevent_default()
            return
        for taker in (self.focused, self.screen):
            if isinstance(taker, TakesKeys) and taker.take_key(event):
                event.prevent_default()
                return

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave the reader, in whatever way."""
        if self.is_running:
            for screen in self.screen_stack:
                if isinstance(screen, ReaderScreen):
                    screen.leave()
        super().exit(result, return_code, message)

    def on_paste(self, event: events.Paste) -> None:
        """Give what was pasted to what has the keys now; the key before it may have made that a prompt."""
        if isinstance(self.focused, TakesKeys):
            self.focused.post_message(events.Paste(event.text))

    def action_interrupt(self) -> None:
        """Copy the selected text; where there is none, leave as a program does that was interrupted."""
        if text := self.screen.get_selected_text():
            self.copy_to_clipboard(text)
            self.screen.clear_selection()
        else:
            self.exit(return_code=INTERRUPTED)

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard, and say so; whether it came there nobody can know."""
        self._clipboard = text  # the framework's own, which a prompt pastes from
        try:
            sequence = osc52(text, multiplexer=self._multiplexer)
        except TooLongError as error:
            self._say(str(error))
            return
        if self._driver is not None:
            self._driver.write(sequence.decode("ascii"))
        self._say(f"Sent to the terminal's clipboard: {truncate(clean_line(text[: 4 * _SHOWN]), _SHOWN)}")

    def _say(self, sentence: str) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ReaderScreen):
                screen.say(sentence)

    def release(self) -> None:
        """Let the first frame go out; see `Frames`."""
        if self._frames is not None:
            self._frames.release()

    def action_repaint(self) -> None:
        """Draw the whole screen again, in case something else wrote on it."""
        if self._frames is not None:
            self._frames.repaint()
        else:
            self.refresh(layout=True)

    def foresee(self, column: int, row: str) -> None:
        """Prepare for a row that may be drawn soon; see `Frames`."""
        if self._frames is not None:
            self._frames.foresee(column, row)

    def paint(self, region: Region, shift: int, rows: Iterable[tuple[int, str]]) -> bool:
        """Move what stands in a region of the screen, and draw rows over it; see `Frames`."""
        return self._frames is not None and not self._batch_count and self._frames.paint(region, shift, rows)

    @property
    def _frames(self) -> FrameDriver | None:
        """The driver, if it is ours."""
        driver = self._driver
        return cast("FrameDriver", driver) if hasattr(driver, "paint") else None

    def action_command_palette(self) -> None:
        """Offer all commands."""
        from pulse_tui.tui.panels import Palette, dress

        dress(self)
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def leave(self, number: int) -> None:
        """Leave because of a signal; called from any thread, at any moment."""
        self._signal = number
        if self._running_loop is not None:
            self._running_loop.call_soon_threadsafe(self._leave_by_signal)

    def _leave_by_signal(self) -> None:
        self.exit(return_code=128 + self._signal)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key, then the framework's own commands."""
        named = {""}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.description not in named and binding.action not in _ACTIONS_LEFT_OUT:
                named.add(binding.description)
                run = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, f"Key: {key_name(binding.key)}", run)
        for command in super().get_system_commands(screen):
            if command.title not in named and command.title not in _COMMANDS_LEFT_OUT:
                yield command
