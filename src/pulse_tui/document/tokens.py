"""What a layout knows of a token; whichever parser made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Token(Protocol):
    """A part of Markdown, as markdown-it-py's `Token` describes it."""

    @property
    def type(self) -> str:
        """What it is: a block or span by name, with `_open` or `_close` where it has an inside."""

    @property
    def tag(self) -> str:
        """The element of HTML for it."""

    @property
    def attrs(self) -> dict[str, Any]:
        """Its attributes in HTML."""

    @property
    def map(self) -> list[int] | None:
        """The first of its lines and the one behind its last, from 0; None but for blocks."""

    @property
    def level(self) -> int:
        """How deep it is nested."""

    @property
    def children(self) -> Sequence[Token] | None:
        """The tokens within a picture's description."""

    @property
    def content(self) -> str:
        """The text of what has no inside."""

    @property
    def markup(self) -> str:
        """The mark that it was written with."""

    @property
    def info(self) -> str:
        """What stands behind the fence of code."""

    @property
    def meta(self) -> dict[Any, Any]:
        """The label of a note."""

    @property
    def hidden(self) -> bool:
        """Whether it is a paragraph of a tight list."""
