"""Where the program begins: `python -m pulse_tui`, and the `pulse-tui` command."""

import gc


def main() -> int:
    """Run the command line; returns the exit status."""
    gc.disable()  # importing makes nothing that is to be collected, and costs less without being looked at
    try:
        from pulse_tui import cli
    finally:
        gc.enable()
    return cli.main()


if __name__ == "__main__":
    raise SystemExit(main())
