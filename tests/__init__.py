"""The tests of pulse-tui; a package, so that they share `tests.terminal`."""
