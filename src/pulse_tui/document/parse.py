"""One piece of Markdown to tokens, guarded against input made to be slow or to make text vanish.

Markdown is CommonMark 0.31.2 with tables, strikethrough and footnotes, read by markdown-it-py.  Block
structure and inline text are parsed apart, so that a piece costs its inline parse only when shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pulse_tui.document.simple import SimpleToken, simple_blocks, simple_inline
from pulse_tui.importing import instead, without

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

    from pulse_tui.document.tokens import Token

# At 20, the preset's own limit, a list ten levels deep loses the rest of its text.  Python's recursion limit
# bears about 250 levels, but a long paragraph within so many quotes takes seconds.
BLOCK_NESTING = 40
INLINE_NESTING = 20
MAX_INLINE_MARKS = 2_000
"""Characters that may open a link, tag or emphasis in one block; more cost quadratic time."""

_marks = re.compile(r"[\[<!*_`]").findall


class _Entities(Mapping[str, str]):
    """The named characters of HTML, read when the first text has one: they take 0.6 MB."""

    @cached_property
    def _named(self) -> Mapping[str, str]:
        from html.entities import html5

        return html5

    def __getitem__(self, name: str) -> str:
        return self._named[f"{name};"]

    def __contains__(self, name: object) -> bool:
        return f"{name};" in self._named

    def __iter__(self) -> Iterator[str]:
        return (name[:-1] for name in self._named if name.endswith(";"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _markdown(nesting: int) -> MarkdownIt:
    """A parser, imported when the first text needs one: that is a tenth of the reader's start."""
    with without("linkify_it"), instead("markdown_it.common.entities", entities=_Entities()):
        from markdown_it import MarkdownIt  # addresses that are no links stay text
    from mdit_py_plugins.footnote import footnote_plugin

    markdown = MarkdownIt("commonmark", {"maxNesting": nesting}).enable(["table", "strikethrough"])
    return markdown.use(footnote_plugin, move_to_end=False, inline=False)


class References:
    """What pieces share: link reference definitions and footnote labels of the whole document."""

    def __init__(self) -> None:
        self.links: dict[str, dict[str, Any]] = {}
        self.footnotes: dict[str, int] = {}
        """Footnote label to its number, in the order of first use once `Pages` has counted them."""

    def environment(self) -> MutableMapping[str, Any]:
        """A fresh `env` for one inline parse; the parser writes into all but the links."""
        refs = {":" + label: -1 for label in self.footnotes}
        return {"references": self.links, "footnotes": {"refs": refs, "list": {}}}


class Parser:
    """Two parsers, made when first needed."""

    @cached_property
    def _blocks(self) -> MarkdownIt:
        return _markdown(BLOCK_NESTING).disable(["inline", "text_join"])

    @cached_property
    def _inline(self) -> MarkdownIt:
        return _markdown(INLINE_NESTING)

    def blocks(self, text: str) -> Sequence[Token]:
        """The block tokens of a text; definitions in it are found anew and dropped.

        Raises:
            TooDeepError: blocks are nested so deep that text would be lost.
        """
        simple = simple_blocks(text)
        return self._parse_blocks(text, {}) if simple is None else simple

    def collect(self, text: str, references: References) -> None:
        """Add the definitions in a text to those of the document; the first of a name wins."""
        env: dict[str, Any] = {}
        try:
            self._parse_blocks(text, env)
        except TooDeepError:
            return
        for label, target in env.get("references", {}).items():
            references.links.setdefault(label, target)
        for label in env.get("footnotes", {}).get("refs", {}):
            references.footnotes.setdefault(label[1:], len(references.footnotes) + 1)

    def _parse_blocks(self, text: str, env: dict[str, Any]) -> Sequence[Token]:
        try:
            tokens = self._blocks.parse(text, env)
        except RecursionError as error:
            raise TooDeepError from error
        if tokens and max(token.level for token in tokens) >= BLOCK_NESTING - 1:
            raise TooDeepError
        return tokens

    def inline(self, content: str, environment: Callable[[], Mapping[str, Any]]) -> Sequence[Token]:
        """The inline tokens of a block's content; one plain text token where it is made to be slow.

        `environment` gives that of `References`; it is asked for only where the text may refer to something.
        """
        if len(content) > MAX_INLINE_MARKS and len(_marks(content)) > MAX_INLINE_MARKS:
            return [SimpleToken("text", content=content)]
        if (simple := simple_inline(content)) is not None:
            return simple
        return self._parse_inline(content, dict(environment()))

    def _parse_inline(self, content: str, env: dict[str, Any]) -> Sequence[Token]:
        tokens: list[Any] = []
        self._inline.inline.parse(content, self._inline, env, tokens)
        return tokens


class TooDeepError(Exception):
    """Blocks are nested beyond `BLOCK_NESTING`; the piece is to be shown as it stands."""
