"""Bars on the terminal, one for each feed that is being taken in and one for all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from pulse_tui.acquire.sync import events
from pulse_tui.text import truncate

_TITLE = 32
"""Cells of a feed's title."""


class Bars:
    """Tells of a run in bars on standard error, and in lines above them; a context manager.

    `say` prints what is to stay of an event.
    """

    def __init__(self, say: Callable[[events.Event], None], *, colours: bool) -> None:
        console = Console(stderr=True, no_color=not colours, highlight=False)
        self._room = max(1, console.height - 3)
        self._say = say
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[far]}", markup=False),
            console=console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=True,
        )
        self._all = self._progress.add_task("feeds", total=None, far="")
        self._feeds: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, event: events.Event) -> None:
        """Move the bars; from any thread, one at a time."""
        match event:
            case events.Progress(url, size, expected):
                far = f"{size / 1000:,.0f} KB"
                self._show(url, url.partition("://")[2], size, expected, far)
            case events.Taking(url, title, done, of):
                self._show(url, title or url, done, of, f"{done:,} of {of:,}")
            case events.Asked(done, of):
                self._progress.update(self._all, completed=done, total=of, far=f"{done:,} of {of:,}")
            case events.FeedDone():
                task = self._feeds.pop(event.url, None)
                if task is not None:
                    self._progress.remove_task(task)
        self._say(event)

    def _show(self, url: str, title: str, done: int, of: int | None, far: str) -> None:
        description = truncate(title, _TITLE)
        task = self._feeds.get(url)
        if task is not None:
            self._progress.update(task, description=description, completed=done, total=of, far=far)
        elif len(self._feeds) < self._room:
            self._feeds[url] = self._progress.add_task(description, total=of, completed=done, far=far)
