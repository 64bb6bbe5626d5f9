"""Tools that draw for pulse-tui: `python -m tools.pictures` and `python -m tools.screenshot`."""
