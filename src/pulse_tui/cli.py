"""The command line: the one place that knows all others, and that looks at the world outside.

What a command needs is imported where it is used, so that opening the reader waits for nothing else.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import cast

from pulse_tui import bundled, query
from pulse_tui.arguments import Options, parse
from pulse_tui.article import Article
from pulse_tui.commands import (
    PROGRAM,
    STANDARD_STREAM,
    Exit,
    complain,
    export_state,
    import_state,
    list_headlines,
    list_hits,
    list_pictures,
    print_article,
)
from pulse_tui.repository import (
    EVERY,
    ArticleNotFoundError,
    ArticleUnreadableError,
    RepositoryError,
    View,
)
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open for as long as we run
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
        return status
    except RepositoryError as error:
        complain(str(error))
        return Exit.NOT_FOUND if isinstance(error, ArticleNotFoundError) else Exit.UNREADABLE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except OSError as error:
        # Whoever read the output has had enough, or it has no room: nothing may be written at exit, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return Exit.DONE
        complain(f"the output could not be written: {error.strerror or error}")
        return Exit.FAILURE


def _run(arguments: list[str]) -> int:
    options = parse(arguments)
    # What is only printed needs no state, so it can be read whatever is wrong with that.
    state = StateStore(None, clock=time.time) if options.command == "read" else _state()
    try:
        return _use(state, options)
    finally:
        state.close()


def _use(state: StateStore, options: Options) -> int:
    """Run the command that the options ask for, or the reader."""
    if options.command == "export":
        return export_state(state, options.state)
    if options.command == "import":
        return import_state(state, options.state)
    library = _library(options.library or (), state)
    try:
        return _ask(library, options)
    finally:
        library.close()
        if state.notice is not None and not state.is_saved:
            complain(str(state.notice))


def _ask(library: Library, options: Options) -> int:
    """Run a command that needs the library."""
    asked = query.parse(" ".join(options.query))
    if options.command == "list":
        return list_headlines(library, View(asked, options.order), as_json=options.json)
    if options.command == "search":
        return list_hits(library, asked, options.limit, as_json=options.json, plain=options.plain)
    if options.command == "credits":
        return list_pictures(library, asked, as_json=options.json)
    if options.command == "read":
        return print_article(_article(library, str(options.name)), options.width, plain=options.plain)
    if has_screen():
        return open_reader(library, options.name)
    if sys.stdout.isatty():
        complain("this terminal (TERM) has no screen to draw on; here is plain text.")
    if options.name is not None:
        return print_article(_article(library, options.name), None, plain=True)
    return list_headlines(library, EVERY, as_json=False)


def has_screen() -> bool:
    """Whether there is something that the reader can draw on."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "")


# -- The library


def _folders(given: Sequence[Path]) -> list[Path]:
    """The user's own folder, the folders given, and the features that ship with the program."""
    from platformdirs import user_data_path

    own = user_data_path(PROGRAM) / "articles"
    return [*([own] if own.is_dir() else []), *given, bundled.articles()]


def _library(given: Sequence[Path], state: StateStore) -> Library:
    from platformdirs import user_cache_path

    return Library(_folders(given), index=user_cache_path(PROGRAM) / "index.sqlite", state=state)


def _state() -> StateStore:
    """The reader's own state; where it cannot be written, a copy in memory.

    Raises:
        StateError: it is of a newer version of this program.
    """
    from platformdirs import user_state_path

    from pulse_tui.storage.state.opening import open_state

    return open_state(user_state_path(PROGRAM) / "state.sqlite", clock=time.time)[0]


def find(library: Library, name: str) -> str:
    """The id of what a user means by FILE, ID or `-`."""
    if name == STANDARD_STREAM:
        if sys.stdin is None:
            raise ArticleUnreadableError("standard input is closed; name a file or an id instead")
        return library.adopt_bytes("standard input", sys.stdin.buffer.read())
    if os.path.exists(name) and not os.path.isdir(name):
        return library.adopt(Path(name))
    try:
        return library.find(name)
    except ArticleNotFoundError:
        library.refresh()  # it may be new
    try:
        return library.find(name)
    except ArticleNotFoundError:
        if os.path.isdir(name):
            raise ArticleUnreadableError(
                f"{name} is a folder; read it as a library: {PROGRAM} --library {name}"
            ) from None
        raise


def _article(library: Library, name: str) -> Article:
    """The article that a user means, even if its file was moved since the library was last looked at."""
    try:
        return library.get(find(library, name))
    except (ArticleNotFoundError, ArticleUnreadableError):
        if name == STANDARD_STREAM or os.path.exists(name) or not library.refresh():
            raise
        return library.get(find(library, name))


# -- The reader


def open_reader(library: Library, name: str | None) -> int:
    """The reader itself; Textual is imported here and nowhere above."""
    import gc

    def tidy() -> None:
        gc.collect()
        gc.freeze()  # what lives now will live long: the collector need not look at it again
        gc.set_threshold(1000, 10, 100_000)
        gc.enable()

    gc.disable()
    start = None if name is None else find(library, name)
    _take_terminal()
    if os.environ.get("NO_COLOR") == "":
        del os.environ["NO_COLOR"]  # empty means unset (https://no-color.org), which Textual does not know
    _import_asyncio()
    from pulse_tui.terminal.leaving import Leaving
    from pulse_tui.tui.app import PulseApp
    from pulse_tui.tui.themes import ANSI, DARK

    rich_colours = os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    leaving: Leaving | None = None

    def left(status: int) -> None:
        if leaving is not None:
            leaving.hurry(status)

    app = PulseApp(
        library,
        bundled.style_sheet(),
        start=start,
        theme=DARK if rich_colours else ANSI,
        colour="NO_COLOR" not in os.environ,
        clock=time.monotonic,
        tidy=tidy,
        left=left,
    )
    leaving = Leaving(0, app.leave, library.save)
    with leaving:
        try:
            app.run()
        finally:
            library.save()
    return leaving.status or app.return_code or Exit.DONE


def _import_asyncio() -> None:
    """Import it without OpenSSL, which it can do without: the reader speaks to nobody, sparing 4 MB."""
    if "ssl" in sys.modules:
        return
    sys.modules["ssl"] = cast(ModuleType, None)  # now importing it fails
    try:
        import asyncio  # noqa: F401 - for Textual
    finally:
        del sys.modules["ssl"]


def _take_terminal() -> None:
    """Keys come from the terminal even when text came through a pipe; Textual draws on standard error.

    Raises:
        ArticleUnreadableError: there is no terminal to read keys from.
    """
    try:
        if not os.isatty(0):
            os.dup2(os.open("/dev/tty", os.O_RDWR), 0)
        if not os.isatty(2):
            os.dup2(1, 2)
    except OSError as error:
        raise ArticleUnreadableError(
            "there is no terminal to read keys from; use 'pulse-tui read' to print the text"
        ) from error
