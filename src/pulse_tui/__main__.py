"""`python -m pulse_tui`: the same as the `pulse-tui` command."""

from pulse_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
