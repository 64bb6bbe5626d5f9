"""Colours: a dark, a light and a sixteen-colour theme; where they go is the style sheet's."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

DARK, LIGHT, ANSI = "pulse-dark", "pulse-light", "pulse-ansi"
_NAMES = {DARK: "Dark.", LIGHT: "Light.", ANSI: "The terminal's own colours."}

STAND_INS = {
    "kicker": "accent",
    "headline": "foreground",
    "heading": "primary",
    "link": "secondary",
    "code": "warning",
    "quote": "foreground",
    "faint": "foreground",
    "rule": "foreground",
}
"""The names that the style sheet adds to Textual's, and what stands for them in themes without them."""

THEMES = [
    Theme(
        name=DARK,
        dark=True,
        primary="#e0a878",
        secondary="#7fc4bd",
        accent="#e08a63",
        warning="#d8b36a",
        error="#e87a6d",
        success="#8fbf7f",
        foreground="#d6d1c7",
        background="#17191d",
        surface="#1d2025",
        panel="#24282e",
        variables={
            "kicker": "#e08a63",
            "headline": "#f4efe4",
            "heading": "#e6b98d",
            "link": "#7fc4bd",
            "code": "#d8b36a",
            "faint": "#8f8b80",
            "rule": "#3a3e45",
            "quote": "#b9b3a6",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#8a4b1f",
        secondary="#0d6662",
        accent="#a63f17",
        warning="#7a5600",
        error="#a32020",
        success="#2f6b2f",
        foreground="#2c2a26",
        background="#faf7f0",
        surface="#f3eee3",
        panel="#eae4d6",
        variables={
            "kicker": "#a63f17",
            "headline": "#12110f",
            "heading": "#8a4b1f",
            "link": "#0d6662",
            "code": "#6e4e00",
            "faint": "#6d685c",
            "rule": "#cfc8b8",
            "quote": "#4d483f",
        },
    ),
    Theme(
        name=ANSI,
        ansi=True,
        dark=True,
        primary="ansi_yellow",
        secondary="ansi_cyan",
        accent="ansi_red",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables=BUILTIN_THEMES["ansi-dark"].variables
        | {
            "kicker": "ansi_red",
            "headline": "ansi_default",
            "heading": "ansi_yellow",
            "link": "ansi_cyan",
            "code": "ansi_yellow",
            "faint": "ansi_default",
            "rule": "ansi_default",
            "quote": "ansi_default",
        },
    ),
]


def following(name: str) -> tuple[str, str]:
    """The theme that comes after another, and what to say of it; after the last, or any other, the first."""
    names = list(_NAMES)
    after = names[(names.index(name) + 1) % len(names)] if name in names else names[0]
    return after, _NAMES[after]
