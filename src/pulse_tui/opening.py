"""Open the reader on this terminal: what is known of it, the driver for it, and every way out.

The framework is imported here, after the terminal was asked what it can do: the answers come meanwhile.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import MutableMapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pulse_tui.errands.running import Errands, command_with
from pulse_tui.importing import without
from pulse_tui.settings import Kept, Settings, Settled
from pulse_tui.storage.desk import Desk
from pulse_tui.storage.library import Library
from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities, described, uncoerced
from pulse_tui.terminal.probe import Answers, Asking, ask, collect, combined, may_ask

if TYPE_CHECKING:
    from textual.driver import Driver

_KEYS, _SCREEN = 0, 2
"""The descriptors that keys come from and that the framework draws on."""
_ANSWER_SECONDS = 0.15
"""How long a first paint waits for answers that did not come while the program loaded."""


def open_screen(
    library: Library,
    style_sheet: Path,
    start: str | None,
    settled: Settled,
    environment: MutableMapping[str, str],
    desk: Desk,
) -> int:
    """Show the reader until it is left; the exit status.  What keys change is kept on the desk."""
    settings, configured = settled.settings, settled.configured
    gc.disable()
    if environment.get("NO_COLOR") == "":
        del environment["NO_COLOR"]  # empty means unset (https://no-color.org), which Textual does not know
    term = environment.get("TERM", "")
    known = described(term, uncoerced(environment, utf8_mode=bool(sys.flags.utf8_mode)))
    asking = _ask(known) if settings.frames != "plain" and may_ask(term, environment) else None
    with without("ssl"):  # the reader speaks to nobody: 4 MB
        import asyncio  # noqa: F401 - for Textual
    from pulse_tui.terminal.clipboard import multiplexer
    from pulse_tui.terminal.leaving import Leaving
    from pulse_tui.terminal.links import has_desk, open_in_browser
    from pulse_tui.tui.app import PulseApp
    from pulse_tui.tui.page import Setup
    from pulse_tui.tui.themes import ANSI, DARK, LIGHT

    answers = collect(asking, _ANSWER_SECONDS, restore=False) if asking is not None else Answers()
    themes = {
        "auto": DARK if known.colours == TRUECOLOR else ANSI,
        "dark": DARK,
        "light": LIGHT,
        "ansi": ANSI,
    }
    named = {theme: name for name, theme in themes.items() if name != "auto"}

    def keep(setting: str, value: object) -> None:
        if setting == "theme":
            value = named.get(str(value))
            if value is None:  # one of the framework's, which is no value of the setting
                return
            if themes[configured.theme] == themes[value]:
                value = None
        usual = getattr(configured, setting)
        desk.note(setting, None if value in (None, usual) else Kept(value, usual))

    errands = Errands(command_with(settings.library), Path(environment.get("HOME") or "~"))

    def save() -> None:
        errands.end()  # this is called as soon as anything asks for the end
        library.save()
        desk.save()

    leaving: Leaving | None = None

    def left(status: int) -> None:
        if leaving is not None:
            leaving.hurry(status)

    app = PulseApp(
        library,
        style_sheet,
        start=start,
        theme=themes[settings.theme],
        colour="NO_COLOR" not in environment,
        clock=time.monotonic,
        tidy=_tidy,
        left=left,
        browse=partial(open_in_browser, environment=environment)
        if has_desk(environment, sys.platform)
        else None,
        multiplexer=multiplexer(environment),
        setup=Setup(
            settings.measure,
            configured.measure if settled.origins["measure"].kind == "key" else settings.measure,
            settings.sidebar,
            keep,
        ),
        errands=errands,
        driver=None if settings.frames == "plain" else _driver(known, answers, settings, asking),
    )
    leaving = Leaving(_KEYS, app.leave, save, asking.attributes if asking is not None else None)
    if asking is not None and answers.round_trip is not None:
        asking.restore()  # no answer is left that would be echoed
    with leaving:
        try:
            app.run(mouse=settings.mouse)
        finally:
            save()
            errands.close()
            if asking is not None:
                asking.restore()
    return leaving.status or app.return_code or 0


def _ask(known: Capabilities) -> Asking:
    return ask(_KEYS, _SCREEN, modes=known.alternate_screen, encoding=known.encoding != "utf-8")


def _driver(known: Capabilities, answers: Answers, settings: Settings, asking: Asking | None) -> type[Driver]:
    from pulse_tui.tui.driver import frame_driver

    attributes = asking.attributes if asking is not None else None
    can = combined(known, answers)
    if settings.encoding != "auto":
        can = can._replace(encoding=settings.encoding)
    if can.encoding == "utf-8":
        return frame_driver(can, None, answers, attributes)
    from pulse_tui.terminal.letters import cells_in

    return frame_driver(can, cells_in(can.encoding), answers, attributes)


def _tidy() -> None:
    gc.collect()
    gc.freeze()  # what lives now will live long: the collector need not look at it again
    gc.set_threshold(1000, 10, 100_000)
    gc.enable()
