"""The command line: the one place that knows all others, and that looks at the world outside.

What a command needs is imported where it is used, so that opening the reader waits for nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from types import ModuleType
from typing import NoReturn, cast

from pulse_tui import __version__, bundled
from pulse_tui.article import Headline
from pulse_tui.repository import ArticleNotFoundError, ArticleUnreadableError, RepositoryError
from pulse_tui.storage.folder import FolderRepository
from pulse_tui.text import cells, clean_line, pad

PROGRAM = "pulse-tui"
STANDARD_INPUT = "-"
COMMANDS = ("list", "read")
PLAIN_WIDTH = 72
"""Cells of a line of plain text where there is no terminal to ask."""

EXAMPLES = """\
examples:
  pulse-tui                          open the library where the newest feature is
  pulse-tui notes/river.md           open one file
  pulse-tui monsoon                  open one feature by its id
  curl -s URL/story.md | pulse-tui - read what comes through a pipe
  pulse-tui list                     print the library: date, length, id, title
  pulse-tui read monsoon | less      print one feature as plain text
  pulse-tui --library ~/features     read your own folder of Markdown, too

In the reader: ? lists the keys, Q quits.
"""


class Exit(IntEnum):
    """What the exit status means."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    NETWORK = 4
    UNREADABLE = 5
    INTERRUPTED = 130


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
        _complain(str(error))
        return Exit.NOT_FOUND if isinstance(error, ArticleNotFoundError) else Exit.UNREADABLE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except OSError as error:
        # Whoever read the output has had enough, or it has no room: nothing may be written at exit, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return Exit.DONE
        _complain(f"the output could not be written: {error.strerror or error}")
        return Exit.FAILURE


def _run(arguments: list[str]) -> int:
    options = _parse(arguments)
    repository = FolderRepository(_folders(options.library or []))
    if options.command == "list":
        return _list(repository, as_json=options.json)
    if options.command == "read":
        return _read(repository, str(options.name), options.width, plain=options.plain)
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("dumb", ""):
        if sys.stdout.isatty():
            _complain("this terminal (TERM) has no screen to draw on; here is plain text.")
        if options.name is not None:
            return _read(repository, options.name, None, plain=True)
        return _list(repository, as_json=False)
    return _open(repository, options.name)


# -- Arguments


class _Options:
    """What the command line asks for; the reader itself is the command None."""

    def __init__(self, command: str | None, name: str | None = None) -> None:
        self.command = command
        self.name = name
        self.library: list[Path] | None = None
        self.json = False
        self.width: int | None = None
        self.plain = False


def _parse(arguments: list[str]) -> _Options:
    command = _command_of(arguments)
    if command is None and len(arguments) < 2 and not _is_option(*arguments):
        return _Options(None, arguments[0] if arguments else None)
    import argparse

    class Parser(argparse.ArgumentParser):
        """Says what is wrong in one sentence, and starts its help with examples."""

        def error(self, message: str) -> NoReturn:
            _complain(f"{message}. Try '{PROGRAM} --help'.")
            raise SystemExit(Exit.USAGE)

        def format_help(self) -> str:
            return f"{EXAMPLES}\n{super().format_help()}"

    def cells_a_line(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 10 <= int(text) <= 1000:
            raise argparse.ArgumentTypeError("give a number of cells from 10 to 1000")
        return int(text)

    parser = Parser(
        prog=PROGRAM if command is None else f"{PROGRAM} {command}",
        description="The terminal reader for long-form features.",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument(
        "--library",
        metavar="DIR",
        action="append",
        type=Path,
        help="read this folder of Markdown, too; may be given again",
    )
    if command is None:
        parser.add_argument("name", nargs="?", metavar="FILE|ID|-", help="open this; - is standard input")
        parser.epilog = "commands: list, read (see 'pulse-tui list --help', 'pulse-tui read --help')"
    elif command == "list":
        parser.add_argument("--json", action="store_true", help="print JSON: one list of objects")
    else:
        parser.add_argument("name", metavar="FILE|ID|-", help="what to print; - is standard input")
        parser.add_argument("--width", type=cells_a_line, metavar="N", help="cells a line (10 to 1000)")
        parser.add_argument("--plain", action="store_true", help="no styles, no boxes")
    rest = [*arguments]
    if command is not None:
        rest.remove(command)
    return parser.parse_args(rest, _Options(command))


def _is_option(argument: str = "") -> bool:
    return argument.startswith("-") and argument != STANDARD_INPUT


def _command_of(arguments: list[str]) -> str | None:
    """The first word that is no option, if it is a command; a file of that name is given as ./list."""
    following = iter(arguments)
    for argument in following:
        if argument == "--library":
            next(following, None)
        elif not _is_option(argument):
            return argument if argument in COMMANDS else None
    return None


def _complain(sentence: str) -> None:
    print(f"{PROGRAM}: {clean_line(sentence)}", file=sys.stderr)


# -- The library


def _folders(given: Sequence[Path]) -> list[Path]:
    """The user's own folder, the folders given, and the features that ship with the program."""
    from platformdirs import user_data_path

    own = user_data_path(PROGRAM) / "articles"
    return [*([own] if own.is_dir() else []), *given, bundled.articles()]


def _find(repository: FolderRepository, name: str) -> str:
    """The id of what a user means by FILE, ID or `-`."""
    if name == STANDARD_INPUT:
        if sys.stdin is None:
            raise ArticleUnreadableError("standard input is closed; name a file or an id instead")
        return repository.adopt_bytes("standard input", sys.stdin.buffer.read())
    if os.path.exists(name) and not os.path.isdir(name):
        return repository.adopt(Path(name))
    repository.refresh()
    try:
        return repository.find(name)
    except ArticleNotFoundError:
        if os.path.isdir(name):
            raise ArticleUnreadableError(
                f"{name} is a folder; read it as a library: {PROGRAM} --library {name}"
            ) from None
        raise


# -- Commands


def _list(repository: FolderRepository, *, as_json: bool) -> int:
    repository.refresh()
    headlines = repository.recent()
    notices = [*repository.notices(), *(notice for headline in headlines for notice in headline.notices)]
    for notice in dict.fromkeys(notices):
        _complain(str(notice))
    if not headlines:
        _complain("the library is empty; put Markdown files into a folder and name it with --library DIR")
    if as_json:
        import json

        json.dump([_as_json(headline) for headline in headlines], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for line in _columns(headlines):
            print(line)
    return Exit.DONE if headlines else Exit.FAILURE


def _columns(headlines: Sequence[Headline]) -> Iterator[str]:
    """Date, minutes, id and title of each."""
    widest = max((cells(headline.id) for headline in headlines), default=0)
    for headline in headlines:
        day = headline.published.isoformat()[:10] if headline.published else ""
        yield f"{day:10}  {headline.minutes:3} min  {pad(headline.id, widest)}  {headline.title}"


def _as_json(headline: Headline) -> dict[str, object]:
    return {
        "id": headline.id,
        "title": headline.title,
        "dek": headline.dek,
        "sections": headline.sections,
        "authors": headline.authors,
        "published": headline.published.isoformat() if headline.published else None,
        "minutes": headline.minutes,
        "tags": headline.tags,
        "notices": [
            {"text": notice.text, "path": str(notice.path) if notice.path else None, "line": notice.line}
            for notice in headline.notices
        ],
    }


def _read(repository: FolderRepository, name: str, width: int | None, *, plain: bool) -> int:
    from pulse_tui.document.document import Document
    from pulse_tui.document.plain import render

    article = repository.get(_find(repository, name))
    terminal = sys.stdout.isatty()
    if width is None:
        width = min(PLAIN_WIDTH, os.get_terminal_size().columns) if terminal else PLAIN_WIDTH
    for line in render(Document(article, width), styled=terminal and not plain, framed=not plain):
        print(line)
    return Exit.DONE


def _open(repository: FolderRepository, name: str | None) -> int:
    """The reader itself; Textual is imported here and nowhere above."""
    import gc

    def tidy() -> None:
        gc.collect()
        gc.freeze()  # what lives now will live long: the collector need not look at it again
        gc.set_threshold(1000, 10, 100_000)
        gc.enable()

    gc.disable()
    start = None if name is None else _find(repository, name)
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
        repository,
        bundled.style_sheet(),
        start=start,
        theme=DARK if rich_colours else ANSI,
        colour="NO_COLOR" not in os.environ,
        tidy=tidy,
        left=left,
    )
    leaving = Leaving(0, app.leave)
    with leaving:
        app.run()
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
