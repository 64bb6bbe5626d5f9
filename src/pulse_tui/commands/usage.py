"""How the commands about feeds are asked for: their arguments, and examples of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pulse_tui.commands.output import STANDARD_STREAM

if TYPE_CHECKING:
    import argparse

COMMANDS = ("follow", "unfollow", "feeds", "sync")
EXAMPLES: Mapping[str, str] = {
    "follow": """\
examples:
  pulse-tui follow https://example.org/feed.xml   a feed, by its address
  pulse-tui follow https://example.org     or a page that names its feed
  pulse-tui follow https://example.org/feed.xml --name example --every 12

Its features come with the next “pulse-tui sync”, into the folder feeds/NAME.
""",
    "unfollow": """\
examples:
  pulse-tui unfollow example               by the name that “pulse-tui feeds” gives
  pulse-tui unfollow https://example.org/feed.xml

The features stay.
""",
    "feeds": """\
examples:
  pulse-tui feeds                          what is followed, when it was asked, and what is wrong with it
  pulse-tui feeds --json
""",
    "sync": """\
examples:
  pulse-tui sync                           ask the feeds that are due, and take in what is new
  pulse-tui sync example --full-text       one feed, with the pages of what it only sums up
  pulse-tui sync --all --no-pictures
  pulse-tui sync --json                    what happens, as JSON Lines

Features that you deleted stay deleted; what you edited stays yours.
""",
}


def expect(command: str, parser: argparse.ArgumentParser, hours: Callable[[str], int]) -> None:
    """Let a command name what it is about; `hours` reads a number of them."""
    argument = parser.add_argument
    if command == "follow":
        argument("sources", nargs="+", metavar="URL", help="a feed, or a page that names one")
        argument("--name", metavar="NAME", dest="feed_name", default="", help="of the folder: feeds/NAME")
        argument("--every", type=hours, metavar="HOURS", help="ask it this often; every hour, if not said")
    elif command == "unfollow":
        argument("sources", nargs="+", metavar="NAME|URL", help="what is followed no more")
    elif command == "sync":
        argument("sources", nargs="*", metavar="NAME|URL", help="ask these, due or not")
        argument("--all", dest="every_feed", action="store_true", help="ask all, due or not")
        argument("--full-text", action="store_true", help="get the pages of entries that are only summaries")
        argument(
            "--no-pictures",
            dest="pictures",
            action="store_false",
            help="fetch no pictures; they stay links to the web",
        )
    if command in ("feeds", "sync"):
        what = "one list of objects" if command == "feeds" else "what happens, as JSON Lines"
        argument("--json", action="store_true", help=f"print JSON: {what}")


def expect_lists(command: str, parser: argparse.ArgumentParser) -> None:
    """Let `export` and `import` name the reading state or a list of feeds."""
    which = parser.add_mutually_exclusive_group(required=True)
    if command == "import":
        which.add_argument("--state", metavar="FILE|-", help="what was exported; - is standard input")
        which.add_argument("--opml", metavar="FILE|-", help="a list of feeds, to follow them")
        return
    state = "the reading state as JSON Lines, to a file or to standard output"
    feeds = "the feeds as OPML, to a file or to standard output"
    for name, words in (("--state", state), ("--opml", feeds)):
        which.add_argument(name, nargs="?", const=STANDARD_STREAM, metavar="FILE", help=words)
