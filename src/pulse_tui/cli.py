"""The command line: the one place that knows all others, and that looks at the world outside.

What a command needs is imported where it is used, so that opening the reader waits for nothing else.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO

from pulse_tui import __version__, bundled, query
from pulse_tui.arguments import Options, close_command, parse
from pulse_tui.article import Article
from pulse_tui.commands import usage
from pulse_tui.commands.output import (
    PROGRAM,
    STANDARD_STREAM,
    CommandError,
    Exit,
    complain,
    expect_input,
    print_json,
    print_lines,
)
from pulse_tui.repository import (
    EVERY,
    ArticleNotFoundError,
    ArticleUnreadableError,
    RepositoryError,
    View,
)
from pulse_tui.settings import Settings, Settled, settings_in_words, settle
from pulse_tui.storage.desk import Desk
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore

if TYPE_CHECKING:
    from pulse_tui.intake import Surroundings
    from pulse_tui.linear.console import Console
    from pulse_tui.storage.state.subscriptions import SubscriptionStore


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
    except CommandError as error:
        complain(str(error))
        return error.status
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
        complain(f"The output could not be written: {error.strerror or error}.")
        return Exit.FAILURE


def _run(arguments: list[str]) -> int:
    options = parse(arguments)
    settled = _settled(options)
    if options.command == "doctor":
        return _examine(options, settled)
    for notice in settled.notices:
        complain(str(notice))
    if options.command == "config":
        return print_lines(settings_in_words(settled, _configuration()))
    if options.command == "add":
        from pulse_tui.intake import take_in

        return take_in(options, _around(), lambda: _library(settled.settings, _no_state()))
    if options.command in usage.COMMANDS or options.opml is not None:
        from pulse_tui.intake import with_feeds

        on_screen = sys.stderr is not None and sys.stderr.isatty()
        return with_feeds(options, _around(), bars=on_screen and os.environ.get("TERM", "dumb") != "dumb")
    # What is only printed needs no state, so it can be read whatever is wrong with that.
    state = _no_state() if options.command == "read" else _state()
    try:
        return _use(state, options, settled)
    finally:
        state.close()


def _use(state: StateStore, options: Options, settled: Settled) -> int:
    """Run the command that the options ask for, or the reader."""
    if options.command in ("export", "import"):
        from pulse_tui.commands.state import export_state, import_state

        carry = export_state if options.command == "export" else import_state
        with closing(_followed()) as followed:
            return carry(state, followed, str(options.state))
    library = _library(settled.settings, state)
    try:
        return _ask(library, options, settled)
    finally:
        library.close()
        if state.notice is not None and not state.is_saved:
            complain(str(state.notice))


def _ask(library: Library, options: Options, settled: Settled) -> int:
    """Run a command that needs the library."""
    if options.command is not None:
        return _print(library, options, settled.settings)
    try:
        return _open(library, options, settled)
    except ArticleNotFoundError as error:
        close = close_command(options.name or "")
        if close is None:
            raise
        raise ArticleNotFoundError(f"{error} Or did you mean the command “{close}”?") from error


def _open(library: Library, options: Options, settled: Settled) -> int:
    """Open the reader, or where it has no screen what takes its place."""
    on_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    if options.linear or (on_terminal and not has_screen()):
        return open_linear(library, options, settled.settings)
    if has_screen():
        return open_reader(library, options.name, settled)
    if sys.stdout.isatty():
        complain("This terminal (TERM) has no screen to draw on; here is plain text.")
    from pulse_tui.commands.lists import list_headlines, print_article

    if options.name is not None:
        return print_article(_article(library, options.name), None, plain=True)
    return list_headlines(library, EVERY, as_json=False)


def _print(library: Library, options: Options, settings: Settings) -> int:
    """Run a command that prints what the library has."""
    from pulse_tui.commands.lists import list_headlines, list_hits, list_pictures, print_article

    if options.command == "read" and options.linear:
        return say_article(_article(library, str(options.name)), options.width, settings)
    if options.command == "read":
        return print_article(_article(library, str(options.name)), options.width, plain=options.plain)
    asked = query.parse(" ".join(options.query))
    if options.command == "search":
        return list_hits(library, asked, options.limit, as_json=options.json, plain=options.plain)
    if options.command == "credits":
        return list_pictures(library, asked, as_json=options.json)
    return list_headlines(library, View(asked, options.order), as_json=options.json)


def has_screen() -> bool:
    """Whether there is something that the reader can draw on."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "")


# -- Settings


def _configuration() -> Path:
    from platformdirs import user_config_path

    return user_config_path(PROGRAM) / "config.toml"


def _settled(options: Options) -> Settled:
    """What holds for this run."""
    given = {name: getattr(options, name) for name in ("theme", "frames", "mouse")}
    given["library"] = tuple(options.library) if options.library else None
    flags = {name: value for name, value in given.items() if value is not None}
    kept = _desk().kept() if options.command in (None, "config", "doctor") else {}
    home = Path(os.path.expanduser("~"))
    return settle(flags, os.environ, _configuration(), os.uname().nodename, home, kept)


def _desk() -> Desk:
    """What keys have changed in the reader, on terminals like this one."""
    from platformdirs import user_state_path

    from pulse_tui.terminal.capabilities import described, uncoerced

    def colours() -> int:
        environment = uncoerced(os.environ, utf8_mode=bool(sys.flags.utf8_mode))
        return described(os.environ.get("TERM", ""), environment).colours

    return Desk(user_state_path(PROGRAM) / "desk.json", colours)


def _examine(options: Options, settled: Settled) -> int:
    """Say all that is known of the terminal and the paths, whatever may be wrong with them."""
    from platformdirs import user_cache_path, user_data_path, user_state_path

    from pulse_tui import doctor
    from pulse_tui.terminal.capabilities import uncoerced

    try:
        state = _state()
        try:
            library = _library(settled.settings, state)
            try:
                kept = doctor.kept(library, _owners(settled.settings))
            finally:
                library.close()
        finally:
            state.close()
    except RepositoryError as error:
        kept = doctor.Kept(notices=[str(error)])
    around = doctor.Surroundings(
        program=f"{PROGRAM} {__version__}",
        environment=uncoerced(os.environ, utf8_mode=bool(sys.flags.utf8_mode)),
        host=os.uname().nodename,
        line=_line(),
        process=os.getpid(),
        settled=settled,
        configuration=_configuration(),
        index_file=user_cache_path(PROGRAM) / "index.sqlite",
        state_file=user_state_path(PROGRAM) / "state.sqlite",
        own=user_data_path(PROGRAM) / "articles",
    )
    report = doctor.examine(around, kept)
    return print_json(report) if options.json else print_lines(doctor.in_words(report))


def _line() -> tuple[int, int] | None:
    """Where the terminal is read and written, if the output goes there or to a file, not to a pager."""
    if os.isatty(0) and os.isatty(1):
        return 0, 1
    try:
        return (0, 2) if os.isatty(0) and os.isatty(2) and S_ISREG(os.fstat(1).st_mode) else None
    except OSError:  # closed
        return None


# -- The library


def _owners(settings: Settings) -> list[tuple[Path, str]]:
    """The user's own folder, those of the settings, and what ships with the program; whose each is."""
    from platformdirs import user_data_path

    own = user_data_path(PROGRAM) / "articles"
    return [
        *([(own, "own")] if own.is_dir() else []),
        *((folder, "library") for folder in settings.library),
        *([(bundled.articles(), "bundled")] if settings.bundled else []),
    ]


def _library(settings: Settings, state: StateStore) -> Library:
    from platformdirs import user_cache_path, user_data_path

    own = user_data_path(PROGRAM) / "articles"
    others = [folder for folder, _ in _owners(settings) if folder != own]
    # It comes with the first feature that is added, and a reader who is open then is to see that.
    return Library([own, *others], index=user_cache_path(PROGRAM) / "index.sqlite", state=state, awaited=own)


def _state() -> StateStore:
    """The reader's own state; where it cannot be written, a copy in memory.

    Raises:
        StateError: it is of a newer version of this program.
    """
    from platformdirs import user_state_path

    from pulse_tui.storage.state.opening import open_state

    return open_state(user_state_path(PROGRAM) / "state.sqlite", clock=time.time)[0]


def _followed() -> SubscriptionStore:
    """What the reader follows, beside that state."""
    from platformdirs import user_state_path

    from pulse_tui.storage.state.subscriptions import SubscriptionStore

    return SubscriptionStore(user_state_path(PROGRAM) / "state.sqlite", clock=time.time)


def _no_state() -> StateStore:
    """A state in memory, for what neither needs nor changes that of the reader."""
    return StateStore(None, clock=time.time)


def _around() -> Surroundings:
    """What those who take articles in have to know."""
    from platformdirs import user_data_path, user_state_path

    from pulse_tui.intake import Surroundings

    own, state = user_data_path(PROGRAM) / "articles", user_state_path(PROGRAM) / "state.sqlite"
    return Surroundings(own, state, os.environ, time.time)


def find(library: Library, name: str) -> str:
    """The id of what a user means by FILE, ID, URL or `-`."""
    if name == STANDARD_STREAM:
        if sys.stdin is None:
            raise ArticleUnreadableError("Standard input is closed: name a file or an id instead.")
        expect_input()
        data = sys.stdin.buffer.read()
        if data[:1].strip(b"<\xefPp \t\r\n") == b"" and (found := _visited(library, name, data)):
            return found
        from pulse_tui.commands.visiting import check_text

        check_text("Standard input", data)
        return library.adopt_bytes("standard input", data)
    if "." in name and (found := _visited(library, name)):
        return found
    if os.path.exists(name) and not os.path.isdir(name):
        from pulse_tui.commands.visiting import check_file

        check_file(name)
        return library.adopt(Path(name))
    try:
        return library.find(name)
    except ArticleNotFoundError:
        library.refresh()  # it may be new
    try:
        return library.find(name)
    except ArticleNotFoundError:
        if os.path.isdir(name):
            from shlex import quote

            raise ArticleUnreadableError(
                f"“{name}” is a folder: read it as a library with “{PROGRAM} --library {quote(name)}”."
            ) from None
        raise


def _visited(library: Library, name: str, data: bytes = b"") -> str | None:
    """The id for this session of a page, of the web or saved, or of a book; None if this is none."""
    from pulse_tui import intake

    is_one = intake.is_no_markdown(data) if name == STANDARD_STREAM else intake.is_visited(name)
    return intake.visit(library, name, _around(), data) if is_one else None


def _article(library: Library, name: str) -> Article:
    """The article that a user means, even if its file was moved since the library was last looked at."""
    try:
        return library.get(find(library, name))
    except (ArticleNotFoundError, ArticleUnreadableError):
        if name == STANDARD_STREAM or os.path.exists(name) or not library.refresh():
            raise
        return library.get(find(library, name))


# -- The reader


def open_reader(library: Library, name: str | None, settled: Settled) -> int:
    """The reader itself; whatever it needs is imported here and nowhere above."""
    start = None if name is None else find(library, name)
    _take_terminal()
    from pulse_tui.opening import open_screen

    return open_screen(library, bundled.style_sheet(), start, settled, os.environ, _desk())


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
            f"There is no terminal to read keys from: “{PROGRAM} read” prints the text."
        ) from error


# -- The reader in plain lines


def open_linear(library: Library, options: Options, settings: Settings) -> int:
    """The reader at a prompt; an article from standard input is said as a whole where nobody can answer."""
    from pulse_tui.errands.running import Errands, command_with
    from pulse_tui.linear.console import Signals
    from pulse_tui.linear.reader import Reader

    source = sys.stdin.buffer if sys.stdin is not None else io.BytesIO()
    start = None if options.name is None else find(library, options.name)
    if options.name == STANDARD_STREAM and not os.isatty(0):
        try:
            source = open("/dev/tty", "rb", buffering=0)  # noqa: SIM115 - open for as long as we run
        except OSError:
            return say_article(library.get(str(start)), options.width, settings)
    console = _console(options.width, settings, source)
    with Signals() as signals:
        errands = Errands(command_with(settings.library), Path(os.path.expanduser("~")))
        reader = Reader(
            library,
            console,
            find=lambda name: find(library, name),
            clock=time.monotonic,
            signals=signals,
            errands=errands,
        )
        try:
            status = reader.run(start)
        finally:
            errands.close()
    if status != Exit.DONE:  # whatever is still to be put out, nobody may be there to take it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def say_article(article: Article, width: int | None, settings: Settings) -> int:
    """Print an article in words, line by line."""
    from pulse_tui.document.spoken import Spoken, spoken_lines

    console = _console(width, settings)
    for line in spoken_lines(Spoken(article, console.width, console.fit)):
        console.put(line)
    return Exit.DONE


def _console(width: int | None, settings: Settings, source: BinaryIO | None = None) -> Console:
    from pulse_tui.linear.console import console_on

    return console_on(sys.stdout, source or io.BytesIO(), _encoding(settings), width)


def _encoding(settings: Settings) -> str:
    """As it is settled, as Python was told, as the locale has it; else as Python takes it to be."""
    from pulse_tui.terminal.capabilities import described, uncoerced

    if settings.encoding != "auto":
        return settings.encoding
    told = {"PYTHONIOENCODING", "PYTHONUTF8"} & os.environ.keys()
    given = uncoerced(os.environ, utf8_mode=bool(sys.flags.utf8_mode))
    if not told and any(map(given.get, ("LC_ALL", "LC_CTYPE", "LANG"))):
        return described("", given).encoding
    return sys.stdout.encoding or "utf-8"
