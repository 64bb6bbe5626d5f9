"""What the command line asks for; argparse is loaded only where there is more to say than one name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, get_args

from pulse_tui import __version__
from pulse_tui.commands import usage
from pulse_tui.commands.output import PROGRAM, STANDARD_STREAM, Exit, complain
from pulse_tui.repository import Order
from pulse_tui.settings import FRAMES, THEMES, Frames, Theme

COMMANDS = (
    *("list", "search", "read", "credits", "add", *usage.COMMANDS, "export", "import", "config", "doctor"),
)
_LIKENESS, _LONGEST = 0.7, 40
"""How much a word has to be like a command, from 0 to 1, and the characters of it that are compared."""
_QUOTED = r"""(?<!\w)(['"])((?:\\.|(?!\1)[^\\]|(?<=\w)\1(?=\w))*)\1(?!\w)"""
"""A word as `repr` quotes it; an apostrophe within a word is none."""
_ASKING = ("list", "search", "credits")
"""The commands that take a query."""

EXAMPLES = """\
examples:
  pulse-tui                          open the library where it was left
  pulse-tui notes/river.md           open one file
  pulse-tui monsoon                  open one feature by its id
  pulse-tui https://example.org/story  open a page of the web, without keeping it
  curl -s URL/story.md | pulse-tui - read what comes through a pipe
  pulse-tui list                     print the library: date, length, id, title
  pulse-tui search salt road         find the features that have these words
  pulse-tui read monsoon | less      print one feature as plain text
  pulse-tui credits                  list the pictures, and those without a credit
  pulse-tui add https://example.org/story  keep a page as a feature, with its pictures
  pulse-tui follow https://example.org  follow the feed that a site names
  pulse-tui sync                     take in what is new in the feeds
  pulse-tui export --state kept.jsonl  keep a copy of places, stars and marks
  pulse-tui --library ~/features     read your own folder of Markdown, too
  pulse-tui --linear                 read in plain lines, for a screen reader or a serial line
  pulse-tui doctor                   what this terminal can do, and what would help

In the reader: ? lists the keys, Q quits.
"""
_QUERIES = """\
A query is words, "phrases" and -unwanted ones, which may be asked of a field
(title: section: author: tag: credit: caption:), and after:2024
before:2024-06-30 is:read is:unread is:starred. Only search looks for words
in the text, the others look at headlines.
"""
_EXAMPLES = {
    "list": """\
examples:
  pulse-tui list                           the whole library, newest first
  pulse-tui list section:economy is:unread --order longest
  pulse-tui list after:2024 --json
""",
    "search": """\
examples:
  pulse-tui search salt road               features that have both words
  pulse-tui search '"salt road"' -desert   the phrase, and not that word
  pulse-tui search author:khan after:2023 --json --limit 5
""",
    "read": """\
examples:
  pulse-tui read monsoon                   one feature, by its id
  pulse-tui read notes/river.md --width 60
  pulse-tui read https://example.org/story   a page of the web, without keeping it
  pulse-tui read - --plain < story.md
  pulse-tui read monsoon --linear --width 0   told in words, a line for each paragraph
""",
    "credits": """\
examples:
  pulse-tui credits                        every picture; ! marks those without a credit
  pulse-tui credits section:economy
  pulse-tui credits --json
""",
    "add": """\
examples:
  pulse-tui add https://example.org/story  keep a page of the web, with its pictures
  pulse-tui add saved.html --url https://example.org/story
  pulse-tui add novel.epub notes.txt ~/drafts   a book, a text, all that is in a folder
  pulse-tui add --stdout https://example.org/story > story.md
  xclip -o | pulse-tui add -               what was copied: HTML, Markdown or text

The same source again brings its feature up to date; what you edited stays yours.
""",
    "export": """\
examples:
  pulse-tui export --state kept.jsonl      keep places, stars and marks in a file
  pulse-tui export --state | ssh host pulse-tui import --state -
  pulse-tui export --opml feeds.opml       the feeds, for other programs that read them
""",
    "config": """\
examples:
  pulse-tui config                         the configuration's path, and the settings in force
  PULSE_THEME=light pulse-tui config
""",
    "doctor": """\
examples:
  pulse-tui doctor                         what is known of the terminal, the line to it and the paths
  pulse-tui doctor --json                  the same for programs
""",
    "import": """\
examples:
  pulse-tui import --state kept.jsonl      take in what was exported; what changed last counts
  ssh host pulse-tui export --state | pulse-tui import --state -
  pulse-tui import --opml feeds.opml       follow what another program did
""",
}
_WIDTH = "give a number of cells from 10 to 1,000, or with --linear 0 for whole paragraphs"
_WORD = "\0"
"""Stands before a word of a query that begins with `-`, so that it is not taken for an option."""


class Options:
    """What the command line asks for; the reader itself is the command None."""

    query: Sequence[str] = ()
    library: Sequence[Path] | None = None
    order: Order = "newest"
    limit: int = 50
    json: bool = False
    width: int | None = None
    linear: bool = False
    plain: bool = False
    state: str | None = None
    opml: str | None = None
    feed_name: str = ""
    every: int | None = None
    every_feed: bool = False
    full_text: bool = False
    sources: Sequence[str] = ()
    url: str = ""
    stdout: bool = False
    force: bool = False
    pictures: bool = True
    theme: Theme | None = None
    frames: Frames | None = None
    mouse: bool | None = None

    def __init__(self, command: str | None = None, name: str | None = None) -> None:
        self.command = command
        self.name = name


def parse(arguments: list[str]) -> Options:
    """The options that a command line gives; ends the program where it is wrong or asks for help.

    Raises:
        SystemExit: with the status 2, or 0 after help.
    """
    command = _command_of(arguments)
    if command is None and len(arguments) < 2 and not _is_option(*arguments):
        return Options(name=arguments[0] if arguments else None)
    import argparse

    class Parser(argparse.ArgumentParser):
        """Says what is wrong in one sentence, and starts its help with examples."""

        def error(self, message: str) -> NoReturn:
            message = re.sub(_QUOTED, _as_typed, message.replace(_WORD, ""))
            word = _first_word(arguments) if command is None and message.startswith("unrecognized") else None
            if word and (close := close_command(word)):
                message = f"There is no command “{word}”, did you mean “{close}”?"
            else:
                message = f"{message[:1].upper()}{message[1:]}."
            complain(f"{message} Try “{self.prog} --help”.")
            raise SystemExit(Exit.USAGE)

        def format_help(self) -> str:
            examples = _EXAMPLES.get(str(command)) or usage.EXAMPLES.get(str(command), EXAMPLES)
            return f"{examples}\n{super().format_help()}"

    def whole(least: int, most: int, what: str) -> Callable[[str], int]:
        def number(text: str) -> int:
            if not text.isascii() or not text.isdigit() or len(text) > 9 or not least <= int(text) <= most:
                raise argparse.ArgumentTypeError(f"give a number of {what} from {least} to {most:,}")
            return int(text)

        return number

    def width(text: str) -> int:
        if text == "0":
            return 0
        try:
            return whole(10, 1000, "cells")(text)
        except argparse.ArgumentTypeError:
            raise argparse.ArgumentTypeError(_WIDTH) from None

    parser = Parser(
        prog=PROGRAM if command is None else f"{PROGRAM} {command}",
        description="The terminal reader for long-form features." if command is None else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    reads = command not in ("add", "export", "import", *usage.COMMANDS)
    parser.add_argument(
        "--library",
        metavar="DIR",
        action="append",
        type=lambda text: Path(text.removeprefix(_WORD)),
        help="read this folder of Markdown, too; may be given again" if reads else argparse.SUPPRESS,
    )
    if command is None:
        parser.add_argument("name", nargs="?", metavar="FILE|ID|URL|-", help="open this; - is standard input")
        parser.add_argument(
            "--width",
            type=width,
            metavar="N",
            help="with --linear: cells a line, 10 to 1,000; 0 for whole paragraphs",
        )
        parser.epilog = f"commands: {', '.join(COMMANDS)} (see “{PROGRAM} list --help” and so on)"
    elif command == "read":
        parser.add_argument("name", metavar="FILE|ID|URL|-", help="what to print; - is standard input")
        parser.add_argument(
            "--width",
            type=width,
            metavar="N",
            help="cells a line, 10 to 1,000; with --linear, 0 for whole paragraphs",
        )
    elif command == "add":
        _expect_sources(parser.add_argument)
    elif command in usage.COMMANDS:
        usage.expect(command, parser, whole(1, 24 * 365, "hours"))
    elif command in ("export", "import"):
        usage.expect_lists(command, parser)
    elif command == "doctor":
        parser.add_argument("--json", action="store_true", help="print JSON: one object")
    elif command != "config":
        parser.add_argument("query", nargs="+" if command == "search" else "*", metavar="QUERY")
        parser.add_argument("--json", action="store_true", help="print JSON: one list of objects")
        parser.epilog = _QUERIES
    if command in (None, "read"):
        parser.add_argument(
            "--linear", action="store_true", help="plain lines that tell in words what is drawn elsewhere"
        )
    if command in (None, "config", "doctor"):
        parser.add_argument("--theme", choices=THEMES, help="the colours")
        parser.add_argument("--frames", choices=FRAMES, help="send what changed (diff), or whole frames")
        parser.add_argument(
            "--no-mouse", dest="mouse", action="store_false", default=None, help="leave the mouse alone"
        )
    if command == "list":
        parser.add_argument(
            "--order", choices=get_args(Order), default="newest", help="newest first, if not said"
        )
    if command == "search":
        parser.add_argument(
            "--limit",
            type=whole(1, 1_000_000, "features"),
            default=50,
            metavar="N",
            help="at most N; 50, if not said",
        )
    if command in ("read", "search"):
        parser.add_argument("--plain", action="store_true", help="no styles, no boxes")
    rest = [*arguments]
    if command is not None:
        rest.remove(command)
    if command in _ASKING:
        rest = [_WORD + word if _is_unwanted_word(word) else word for word in rest]
    # Words of a query may stand between options.
    parse_rest = parser.parse_intermixed_args if command in _ASKING else parser.parse_args
    options = parse_rest(rest, Options(command))
    options.query = [word.removeprefix(_WORD) for word in options.query]
    _check_width(options, parser.error)
    _check_sources(options, parser.error)
    return options


def _as_typed(quoted: re.Match[str]) -> str:
    word = re.sub(r"""\\(['"\\])""", r"\1", quoted[2])
    return f"“{word}”"


def _expect_sources(argument: Callable[..., object]) -> None:
    """Let `add` name what is to be added."""
    argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="the address of a page, an HTML, Markdown, text or EPUB file, a folder of them,"
        " or - for standard input",
    )
    argument("--stdout", action="store_true", help="print the Markdown and keep nothing")
    argument("--url", default="", metavar="URL", help="where the file, or standard input, came from")
    argument("--force", action="store_true", help="write anew what you have edited, too")
    argument(
        "--no-pictures",
        dest="pictures",
        action="store_false",
        help="fetch no pictures; they stay links to the web",
    )
    argument("--json", action="store_true", help="print what happens as JSON Lines")


def _check_sources(options: Options, error: Callable[[str], NoReturn]) -> None:
    """See that what is asked of `add` makes sense."""
    if options.stdout and options.json:
        error("--stdout prints Markdown and --json prints JSON; give one of them")
    if options.url and len(options.sources) != 1:
        error("--url names the origin of one source; add the others by themselves")
    if options.feed_name and len(options.sources) != 1:
        error("--name is that of one feed; follow the others by themselves")
    if options.every_feed and options.sources:
        error("--all asks all feeds; name some, or give --all")
    if list(options.sources).count(STANDARD_STREAM) > 1:
        error("standard input can be read once; give - once")


def _check_width(options: Options, error: Callable[[str], NoReturn]) -> None:
    """See that a width is one that the lines can have."""
    if options.width == 0 and not options.linear:
        error(f"argument --width: {_WIDTH}")
    if options.width is not None and options.command is None and not options.linear:
        error("--width is for --linear; in the reader + and - set the width")


def _is_unwanted_word(argument: str) -> bool:
    return _is_option(argument) and not argument.startswith("--") and argument != "-h"


def _is_option(argument: str = "") -> bool:
    return argument.startswith("-") and argument != STANDARD_STREAM


def _command_of(arguments: list[str]) -> str | None:
    """The first word that is no option, if it is a command; a file of that name is given as ./list."""
    word = _first_word(arguments)
    return word if word in COMMANDS else None


def close_command(word: str) -> str | None:
    """The command that a mistyped word looks like."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word[:_LONGEST], COMMANDS, 1, _LIKENESS)), None)


def _first_word(arguments: list[str]) -> str | None:
    following = iter(arguments)
    for argument in following:
        if argument in ("--library", "--theme", "--frames", "--width"):
            next(following, None)
        elif not _is_option(argument):
            return argument
    return None
