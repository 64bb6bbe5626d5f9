"""The plainest Markdown, read without the parser, whose import is a tenth of the reader's start.

Most of what stands on a first page is paragraphs, headings, quotes and pictures with a link or a word in
italics.  What is read here gives the tokens that markdown-it-py gives; a property test holds both equal.
Wherever CommonMark (https://spec.commonmark.org/0.31.2/) knows more than one case, nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# Inline text without a mark that could mean several things: emphasis begins and ends with a letter or digit,
# so that it opens and closes wherever it stands (section 6.2), or ends with a stop before white space or
# another; and neither emphasis nor a link holds a mark.
_INERT = r"[^][\\`*_<&!~\n]"
_AT_STOP = r"(?=\*+(?:[ \n.,;:)]|\Z))"
_EMPHASIS = rf"\*(?P<two>\*?)([^\W_](?:{_INERT}*[^\W_])?|[^\W_]{_INERT}*[.,?!]{_AT_STOP})(?P=two)\*(?!\*)"
_CODE = r"`([^`\s](?:[^`\n]*[^`\s])?)`(?!`)"
_IN_BRACKETS = (
    rf"(?!\^)({_INERT}+)\]\("
    r"(https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[A-Za-z0-9./_-]*)?|[A-Za-z0-9][A-Za-z0-9/_-]*(?:\.[a-z0-9]+)?)"
    r"""(?:[ ]"([^"\\&\n]*)")?\)"""
)
_inline = re.compile(
    rf"((?:{_INERT}|!(?!\[)|&(?![#a-zA-Z]))+)"  # 1 text
    r"|((?<![ \t])\n(?![ \t]))"  # 2 a line end
    rf"|{_EMPHASIS}|{_CODE}|(!?)\[{_IN_BRACKETS}"  # 3, 4 emphasis, 5 code, 6 to 9 a picture or a link
).match
# What takes marks off, and what then tells that there are others; compiled when first used.
_MARKED = rf"{_EMPHASIS}|{_CODE}|\[(?<!!\[){_IN_BRACKETS}"
_MARK = r"[][\\`*_<~]"
_ENTITY = r"&[#a-zA-Z]"
_JOINED = "[\u2e80-\U0010ffff]\n"
"""A line end that may be shown as nothing."""
_heading = re.compile(r"(#{1,6}) ([^#\s](?:[^#\n]*[^#\s])?)").fullmatch
_begins = re.compile(r"""[^\W\d_]|["'(]|\*\*?[^\W_]|!?\[|`[^\W_]""").match
_OPENING = "“”‘’„«—–…"
"""What else a line may begin with; in the pattern these would cost more than all the rest of it."""
_QUOTE = "> "


class SimpleToken:
    """The fields of a token that layouts look at."""

    __slots__ = (
        "attrs",
        "children",
        "content",
        "hidden",
        "info",
        "level",
        "map",
        "markup",
        "meta",
        "tag",
        "type",
    )

    def __init__(
        self,
        kind: str,
        tag: str = "",
        level: int = 0,
        content: str = "",
        markup: str = "",
        *,
        attrs: dict[str, Any] | None = None,
        children: Sequence[SimpleToken] | None = None,
        lines: list[int] | None = None,
    ) -> None:
        self.type = kind
        self.tag = tag
        self.level = level
        self.content = content
        self.markup = markup
        self.attrs = attrs or {}
        self.children = children
        self.map = lines
        self.info = ""
        self.meta: dict[Any, Any] = {}
        self.hidden = False


def simple_blocks(text: str) -> list[SimpleToken] | None:
    """The block tokens of one paragraph, heading or quoted paragraph; None where it may be something else."""
    text = text.rstrip("\n")
    if "]:" in text or "[^" in text:  # a definition, or a note
        return None
    if text[:1] == "#" and (found := _heading(text)) is not None and text.isprintable():
        mark, content = found.groups()
        return _block("heading", f"h{len(mark)}", content, mark, 0, [0, 1])
    content, quoted = _prose(text)
    if content is None:
        return None
    span = [0, content.count("\n") + 1]
    tokens = _block("paragraph", "p", content, "", int(quoted), span)
    if quoted:
        tokens.insert(0, SimpleToken("blockquote_open", "blockquote", markup=">", lines=span))
        tokens.append(SimpleToken("blockquote_close", "blockquote", markup=">"))
    return tokens


def simple_text(text: str) -> str | None:
    """What is shown of one paragraph; None where it holds a picture or may be something else.

    It is what a layout of the tokens shows; a property test holds both equal.
    """
    text = text.rstrip("\n")
    content, quoted = _prose(text)
    if content is None or quoted:
        return None
    shown = re.compile(_MARKED).sub(r"\2\3\4", content)
    if re.compile(_MARK).search(shown) or ("&" in shown and re.compile(_ENTITY).search(shown)):
        return None
    if not shown.isascii() and re.compile(_JOINED).search(shown):
        return None
    shown = shown.replace("\n", " ")
    return shown if "  " not in shown else None


def _prose(text: str) -> tuple[str | None, bool]:
    """The content of a paragraph, and whether it is quoted; None where it may be something else."""
    lines = text.split("\n")
    quoted = lines[0].startswith(_QUOTE)
    if quoted:
        if not all(line.startswith(_QUOTE) for line in lines):
            return None, True
        lines = [line.removeprefix(_QUOTE) for line in lines]
    return ("\n".join(lines) if all(map(_is_prose, lines)) else None), quoted


def _is_prose(line: str) -> bool:
    """Whether a line can only begin or continue a paragraph, and holds no white space but single cells."""
    begins = line[:1] in _OPENING if line[:1] > "\x7f" and not line[:1].isalpha() else _begins(line)
    return bool(begins) and line.isprintable() and not line.endswith(" ")


def _block(kind: str, tag: str, content: str, mark: str, level: int, span: list[int]) -> list[SimpleToken]:
    return [
        SimpleToken(f"{kind}_open", tag, level, markup=mark, lines=span),
        SimpleToken("inline", "", level + 1, content, lines=span, children=[]),
        SimpleToken(f"{kind}_close", tag, level, markup=mark),
    ]


def simple_inline(content: str) -> list[SimpleToken] | None:
    """The inline tokens of a block's content; None where a mark in it may mean something else."""
    tokens: list[SimpleToken] = []
    at = 0
    while at < len(content):
        found = _inline(content, at)
        if found is None:
            return None
        at = found.end()
        text, line_end, second, marked, code, bang, label, target, title = found.groups()
        if text:
            tokens.append(SimpleToken("text", content=text))
        elif line_end:
            tokens.append(SimpleToken("softbreak", "br"))
        elif marked:
            kind = "strong" if second else "em"
            tokens += _span(kind, kind, marked, f"*{second}")
        elif code:
            tokens.append(SimpleToken("code_inline", "code", content=code, markup="`"))
        elif bang:
            attrs = {"src": target, "alt": ""} | ({"title": title} if title else {})
            inside = [SimpleToken("text", content=label)]
            tokens.append(SimpleToken("image", "img", content=label, attrs=attrs, children=inside))
        else:
            attrs = {"href": target} | ({"title": title} if title else {})
            tokens += _span("link", "a", label, "", attrs)
    return tokens


def _span(
    kind: str, tag: str, text: str, mark: str, attrs: dict[str, Any] | None = None
) -> list[SimpleToken]:
    return [
        SimpleToken(f"{kind}_open", tag, markup=mark, attrs=attrs),
        SimpleToken("text", level=1, content=text),
        SimpleToken(f"{kind}_close", tag, markup=mark),
    ]
