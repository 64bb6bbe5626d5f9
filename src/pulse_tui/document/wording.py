"""How things are put into words that are listened to."""

from __future__ import annotations

from pulse_tui.article import Figure, hours_and_minutes
from pulse_tui.text import counted

NO_DESCRIPTION = "No description"


def said_duration(minutes: float) -> str:
    """A reading time: 46 minutes, 10 hours 46 minutes."""
    hours, rest = hours_and_minutes(minutes)
    return " ".join([counted(hours, "hour")] * bool(hours) + [counted(rest, "minute")] * bool(rest))


def address(link: str) -> str:
    """A link as it is said where it stands for its own words: the name of the server, without the rest."""
    scheme, _, rest = link.partition("://")
    return rest.partition("/")[0] if scheme.lower() in ("http", "https") else link


def ends_sentence(words: str) -> bool:
    """Whether a full stop after these words would be one too many."""
    return words.rstrip("\"'”’»)]").endswith((".", "!", "?", "…", ":", ";", "。", "！", "？", "।", "۔", "؟"))


def sentence(words: str) -> str:
    """The words with a full stop, at which a voice pauses."""
    return words if not words or ends_sentence(words) else f"{words}."


def in_words(figure: Figure) -> str:
    """What is said of a picture: its caption, else its description; and its credit."""
    words = figure.caption or figure.alt or NO_DESCRIPTION
    return f"{sentence(words)} Credit: {figure.credit}" if figure.credit else words


def said_figure(figure: Figure, number: str) -> str:
    """A picture that stands by itself, its number being " 2 of 5" or nothing."""
    included = "" if figure.source else ", not included"
    return f"Picture{number}{included}. {sentence(in_words(figure))}"
