"""The visible text of raw HTML in Markdown, for a screen that draws none."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pulse_tui.article import Figure, caption_and_credit
from pulse_tui.text import clean, clean_line

_UNSEEN = frozenset({"script", "style", "head", "title", "template", "textarea", "noscript"})
_LINES = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# What CommonMark 0.31.2, section 6.6, has beside tags; other `<![` are for old browsers.
_UNSEEN_MARKUP = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<![", ">"), ("<?", "?>"))
# A tag that ends: HTMLParser takes minutes over a long run of those that don't, and fails on some `<![`.
_stray_less = re.compile(r"""<(?!/?[A-Za-z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>|![A-Za-z][^<>]*+>)""").sub

_blanks = re.compile(r"[ \t\r\n]+").sub


class _TextOf(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.figures: list[tuple[int, Figure]] = []
        self._unseen = 0
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LINES:
            self.lines.append("")
        self._pre += tag == "pre"
        if tag == "img":
            self._add_figure({name: value or "" for name, value in attrs})
        elif tag in _UNSEEN:
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _LINES:
            self.lines.append("")
        elif tag in _UNSEEN and self._unseen:
            self._unseen -= 1
        self._pre -= tag == "pre" and self._pre > 0

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # Line ends in the source mean nothing but in <pre>.
            first, *rest = data.split("\n") if self._pre else [_blanks(" ", data)]
            self.lines[-1] += first
            self.lines.extend(rest)

    def _add_figure(self, attributes: dict[str, str]) -> None:
        caption, credit = caption_and_credit(clean_line(attributes.get("title", "")))
        source = clean_line(attributes.get("src", "")) or None
        self.figures.append(
            (len(self.lines), Figure(source, clean_line(attributes.get("alt", "")), caption, credit))
        )
        self.lines += ["", ""]


def visible(markup: str) -> list[str | Figure]:
    """The lines of text and the pictures of an HTML block, in order; what shows nothing is left out."""
    for opening, closing in _UNSEEN_MARKUP:
        markup = _without(markup, opening, closing)
    reader = _TextOf()
    reader.feed(_stray_less("&lt;", markup))
    reader.close()
    figures = dict(reader.figures)
    found: list[str | Figure] = []
    for number, line in enumerate(reader.lines):
        if number in figures:
            found.append(figures[number])
        if text := clean(line.replace("\t", " ")).strip():
            found.append(text)
    return found


def _without(markup: str, opening: str, closing: str) -> str:
    parts = []
    after = 0
    while (start := markup.find(opening, after)) >= 0:
        end = markup.find(closing, start + 2)  # `<!-->` and `<!--->` are whole comments
        if end < 0:
            break
        parts.append(markup[after:start])
        after = end + len(closing)
    return "".join(parts) + markup[after:]
