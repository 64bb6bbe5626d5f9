"""pulse-tui: the terminal reader for long-form features."""

__version__ = "0.1.0"
