"""Where the features and the style sheet that ship with the program lie."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def _find(name: str) -> Path:
    """In an installed wheel they lie in the package, in a checkout at its top level."""
    installed = _PACKAGE / name
    return installed if installed.exists() else _CHECKOUT / name


def articles() -> Path:
    """The folder of bundled features."""
    return _find("articles")


def style_sheet() -> Path:
    """The style sheet of the reader; that of its panels lies beside it."""
    return _find("styles.tcss")
