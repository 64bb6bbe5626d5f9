"""HTML to CommonMark (https://spec.commonmark.org/0.31.2/), with tables, strikethrough and footnotes.

The aim is that the Markdown, shown by our own document engine, says what the HTML said: each character
that Markdown would take for a sign is escaped, and emphasis that could not be told from its neighbour is
left out rather than shown as asterisks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

from pulse_tui.acquire.markdown.notes import footnotes_of, is_mark
from pulse_tui.acquire.markdown.text import (
    STRONG,
    Run,
    code_block,
    coded,
    escaped_paragraph,
    line_of,
    paragraph_of,
    picture,
    text_node,
)
from pulse_tui.article import Figure
from pulse_tui.text import clean, clean_line

Element: TypeAlias = Any

DEEPEST = 30
"""Levels of lists and quotes; what is deeper stands at that depth.  The document engine bears 40."""
_WIDEST = 40
"""Columns of a table; a wider one is no table to read."""
_NOTHING = "<!-- -->"
"""A block that shows nothing."""

_blanks = re.compile(r"[ \t\r\n\f]+").sub
_backticks = re.compile(r"`+").findall
_language = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush:)[-: ]\s*([\w+#-]{1,20})"
).search
_void = re.compile(r"<((?:wbr|source|track|embed)(?=[\s/>])[^<>]*+)(?<!/)>", re.IGNORECASE).sub
_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:").match

_SKIPPED = frozenset(
    {
        "script", "style", "template", "noscript", "svg", "head", "title", "button", "input", "select",
        "textarea", "iframe", "object", "embed", "canvas", "nav", "audio", "video", "map", "datalist",
        "progress", "meter", "dialog", "math", "link", "meta", "source", "track", "area", "param",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "menu", "ol", "optgroup", "p", "pre", "section",
        "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption",
    }
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STYLES = {"strong": 1, "b": 1, "em": 2, "i": 2, "cite": 2, "dfn": 2, "var": 2, "del": 4, "s": 4, "strike": 4}
_STYLES |= {"code": 8, "kbd": 8, "samp": 8, "tt": 8}
_SUPERSCRIPT = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def to_markdown(source: str | Element, base: str = "") -> str:
    """The CommonMark of a piece of HTML, or of an element of lxml; empty where it says nothing.

    Addresses are made absolute by `base`, or stay relative where it is empty; those that lead to anything but
    http, https or mailto are dropped.
    """
    root = source
    if isinstance(source, str):
        from lxml import etree, html

        if not source.strip():
            return ""
        markup = with_void_elements(re.sub(r"^\s*<\?xml[^>]*\?>", "", source)).encode("utf-8", "replace")
        try:
            root = html.document_fromstring(markup, parser=html.HTMLParser(encoding="utf-8"))
        except (etree.ParserError, ValueError):
            return ""
    return _Writer(root, base).whole()


def with_void_elements(markup: str) -> str:
    """The HTML with those void elements closed that libxml2 takes what follows for the inside of.

    Void elements have no inside (https://html.spec.whatwg.org/#void-elements); libxml2 knows those of HTML 4.
    """
    return _void("<\\1 />", markup)


class _Writer:
    """One HTML tree on its way to Markdown; the footnotes that it names are set below it."""

    def __init__(self, root: Element, base: str) -> None:
        self._root = root
        self._base = base
        self._depth = 0
        self._in_cell = False
        self._notes: dict[str, int] = {}
        self._targets = footnotes_of(root)
        self._set_apart = set(self._targets.values())

    def whole(self) -> str:
        blocks = self._blocks(self._root)
        done = 0
        while done < len(self._notes):  # a note may be the first to name another
            for name in list(self._notes)[done:]:
                done += 1
                body = "\n\n".join(self._blocks(self._targets[name], note=True)) or "…"
                blocks.append(f"[^{done}]: " + _indented(body, 4))
        return "\n\n".join(block for block in blocks if block.strip())

    # -- Blocks

    def _blocks(self, element: Element, *, note: bool = False) -> list[str]:
        """The Markdown blocks within an element."""
        if self._targets and not note and element in self._set_apart:
            return []
        out: list[str] = []
        runs: list[Run] = []
        if element.text:
            runs.append(Run(text_node(element.text)))
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED:
                if child.tag in _BLOCKS or child.tag == "img" or _holds_block(child):
                    self._flush(runs, out)
                    self._append(self._block(child), out)
                else:
                    self._inline(child, 0, "", runs)
            if child.tail:
                runs.append(Run(text_node(child.tail)))
        self._flush(runs, out)
        return out

    def _append(self, blocks: list[str], out: list[str]) -> None:
        """Add blocks behind others; two lists with the same marks would be read as one."""
        before = _list_mark(out[-1]) if out and not self._in_cell else ""
        if before and blocks and _list_mark(blocks[0]) == before:
            out.append(_NOTHING)
        out += blocks

    def _flush(self, runs: list[Run], out: list[str]) -> None:
        paragraph = paragraph_of(runs)
        if paragraph:
            out.append(paragraph)
        runs.clear()

    def _block(self, element: Element) -> list[str]:
        tag = element.tag
        if self._targets and element in self._set_apart:
            return []
        if tag in _HEADINGS:
            return self._heading(element)
        if tag == "hr":
            return ["***"]
        if tag == "img":
            return self._image(element)
        if tag == "pre":
            return self._code(element)
        if tag == "blockquote":
            return self._nested(element, self._quote)
        if tag in ("ul", "ol", "menu"):
            return self._nested(element, self._list)
        if tag == "dl":
            return self._definitions(element)
        if tag == "figure":
            return self._figure(element)
        if tag == "table":
            return self._table(element)
        return self._blocks(element)

    def _nested(self, element: Element, write: Callable[[Element], list[str]]) -> list[str]:
        if self._depth >= DEEPEST:
            return self._blocks(element)
        self._depth += 1
        try:
            return write(element)
        finally:
            self._depth -= 1

    def _heading(self, element: Element) -> list[str]:
        pictures = [block for image in element.iter("img") for block in self._image(image)]
        runs: list[Run] = []
        self._inline(element, 0, "", runs)
        text = line_of(runs)
        text = re.sub(r"(#+)$", lambda found: "\\" + found[1], text)
        return [*([f"{'#' * _HEADINGS[element.tag]} {text}"] if text else []), *pictures]

    def _image(self, element: Element) -> list[str]:
        source = _web_address(self._base, element.get("src") or "")
        if not source:
            return []
        title = clean_line(element.get("title") or "") if element.get("data-words") else ""
        return [picture(Figure(source, clean_line(element.get("alt") or ""), title))]

    def _figure(self, element: Element) -> list[str]:
        """A figure that was not read as a picture with words: its images, and its caption below them."""
        images = list(element.iter("img"))
        captions = list(element.iter("figcaption"))
        if len(images) == 1 and captions:
            from pulse_tui.acquire.page.captions import caption_and_credit

            source = _web_address(self._base, images[0].get("src") or "")
            words = clean_line("".join(captions[0].itertext()))
            rest = [text for text in element.itertext() if text.strip()]
            if source and len(clean_line("".join(rest))) <= len(words) + 2:
                caption, credit = caption_and_credit(words)
                return [picture(Figure(source, clean_line(images[0].get("alt") or ""), caption, credit))]
        return self._blocks(element)

    def _code(self, element: Element) -> list[str]:
        if self._in_cell:
            text = " ".join(clean("".join(_code_text(element))).split())
            return [coded(text)] if text else []
        text = clean("".join(_code_text(element)).replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
        if not text.strip():
            return []
        names = " ".join(
            filter(None, (one.get("class") for one in element.iter() if isinstance(one.tag, str)))
        )
        language = _language(names)
        return [code_block(text, language[1] if language else "")]

    def _quote(self, element: Element) -> list[str]:
        blocks = "\n\n".join(self._blocks(element))
        return ["\n".join(f"> {line}".rstrip() for line in blocks.split("\n"))] if blocks else []

    def _list(self, element: Element) -> list[str]:
        items: list[list[str]] = []
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            if child.tag in ("ul", "ol", "menu"):
                blocks = self._block(child)
                if items and blocks:
                    self._append(blocks, items[-1])
                    continue
            elif child.tag in _BLOCKS or _holds_block(child):
                blocks = [] if self._targets and child in self._set_apart else self._blocks(child)
            else:
                runs: list[Run] = []
                blocks = []
                self._inline(child, 0, "", runs)
                self._flush(runs, blocks)
            if blocks:
                items.append(blocks)
            if child.tail and child.tail.strip():
                items.append([escaped_paragraph(child.tail)])
        if element.text and element.text.strip():
            items.insert(0, [escaped_paragraph(element.text)])
        if not items:
            return []
        start = element.get("start") or "1"
        number = int(start) if re.fullmatch(r"\d{1,8}", start) else 1
        ordered = element.tag == "ol"
        tight = all(len(blocks) == 1 or (len(blocks) == 2 and _list_mark(blocks[1])) for blocks in items)
        written = []
        for at, blocks in enumerate(items):
            mark = f"{number + at}. " if ordered else "- "
            written.append(mark + _indented(("\n" if tight else "\n\n").join(blocks), len(mark)))
        return [("\n" if tight else "\n\n").join(written)]

    def _definitions(self, element: Element) -> list[str]:
        out: list[str] = []
        for child in element:
            if not isinstance(child.tag, str):
                continue
            if child.tag == "dt" and not _holds_block(child):
                runs: list[Run] = []
                self._inline(child, STRONG, "", runs)
                self._flush(runs, out)
            elif child.tag == "div" and child.find("dt") is not None:  # a group of them
                out += self._definitions(child)
            else:
                out += self._blocks(child)
        return out

    def _table(self, element: Element) -> list[str]:
        rows = [
            [cell for cell in row if isinstance(cell.tag, str) and cell.tag in ("td", "th")]
            for row in element.iter("tr")
            if next(row.iterancestors("table"), None) is element
        ]
        rows = [row for row in rows if row]
        if not rows:
            return self._blocks(element)
        places = _in_columns(rows)
        width = max(map(len, places), default=0)
        nested = element.find(".//table") is not None
        layout = width < 2 or (len(rows) == 1 and width < 3) or nested or self._in_cell
        captions = [block for one in element if one.tag == "caption" for block in self._blocks(one)]
        if layout or any(
            cell.find(f".//{tag}") is not None
            for row in rows
            for cell in row
            for tag in ("pre", "h2", "blockquote")
        ):
            return captions + [block for row in rows for cell in row for block in self._blocks(cell)]
        grid = []
        self._in_cell = True
        for row in places:
            line = [self._cell(cell) if cell is not None else "" for cell in row]
            grid.append(line + [""] * (width - len(line)))
        self._in_cell = False
        if not any(any(row) for row in grid):
            return captions
        headed = any(cell.tag == "th" for cell in rows[0]) or next(element.iter("thead"), None) is not None
        head = grid[0] if headed else [""] * width
        lines = [head, ["---"] * width, *(grid[1:] if headed else grid)]
        return [*captions, "\n".join("| " + " | ".join(row) + " |" for row in lines)]

    def _cell(self, element: Element) -> str:
        """A cell on one line; blocks in it follow each other, and lists lose their marks' meaning."""
        text = " ".join(self._blocks(element)).replace("\\\n", " ")
        return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", " ".join(text.split()))

    # -- Text

    def _inline(self, element: Element, style: int, link: str, runs: list[Run]) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            return
        if tag == "br":
            runs.append(Run("\n"))
            return
        if tag == "img":
            if not link:
                runs.extend(
                    Run("", 0, "", block) for block in self._image(element) if not self._in_heading(element)
                )
            return
        if tag == "a":
            number = self._note_of(element)
            if number:
                runs.append(Run("", 0, "", f"[^{number}]"))
                return
            target = element.get("href") or ""
            link = link or ("" if not target or target.startswith("#") else _web_address(self._base, target))
        if tag in ("sup", "sub") and not len(element):
            raised = _blanks("", element.text or "").translate(_SUPERSCRIPT if tag == "sup" else _SUBSCRIPT)
            if raised and not re.search(r"[A-Za-z0-9]", raised):
                runs.append(Run(text_node(raised), style, link))
                return
        if (
            tag == "sup"
            and len(element) == 1
            and element[0].tag == "a"
            and self._note_of(element[0], peek=True)
        ):
            self._inline(element[0], style, link, runs)
            return
        style |= _STYLES.get(tag, 0)
        if tag == "q":
            runs.append(Run("“", style, link))
        if element.text:
            runs.append(Run(text_node(element.text), style, link))
        for child in element:
            self._inline(child, style, link, runs)
            if child.tag in _BLOCKS:
                runs.append(Run(" ", style, link))
            if child.tail:
                runs.append(Run(text_node(child.tail), style, link))
        if tag == "q":
            runs.append(Run("”", style, link))

    def _in_heading(self, element: Element) -> bool:
        return any(one.tag in _HEADINGS for one in element.iterancestors())

    def _note_of(self, link: Element, *, peek: bool = False) -> int:
        """The number of the footnote that a link is the mark of; 0 if it is none."""
        target = link.get("href") or ""
        if "#" not in target:
            return 0
        name = target.rsplit("#", 1)[1]
        if name not in self._targets or not is_mark(link):
            return 0
        if any(one in self._set_apart for one in link.iterancestors()) and name in self._notes:
            return 0
        return 1 if peek else self._notes.setdefault(name, len(self._notes) + 1)


def _web_address(base: str, address: str) -> str:
    """An address seen from `base`, or as it is where that is empty; empty if it is none to be kept."""
    address = re.sub(r"[\x00-\x1f\x7f-\x9f]+", "", address.strip())
    try:
        joined = urljoin(base, address) if base else address
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https"):
        return clean_line(joined) if parts.netloc else ""
    if parts.scheme == "mailto":
        return clean_line(joined) if parts.path else ""
    return clean_line(joined) if not base and not _scheme(joined) else ""


def _holds_block(element: Element) -> bool:
    return any(
        isinstance(one.tag, str) and (one.tag in _BLOCKS or one.tag == "img")
        for one in element.iterdescendants()
    )


def _in_columns(rows: list[list[Element]]) -> list[list[Element | None]]:
    """Each row with its cells in their columns, and None where one from the left or from above reaches.

    Empty where a row has more columns than a table can have here.
    """
    found: list[list[Element | None]] = []
    below: list[int] = []
    """Of each column, into how many rows more its last cell reaches."""
    for row in rows:
        line: list[Element | None] = []
        for cell in row:
            while len(line) < len(below) and below[len(line)]:
                below[len(line)] -= 1
                line.append(None)
            columns = _span(cell, "colspan")
            below[len(line) : len(line) + columns] = [_span(cell, "rowspan") - 1] * columns
            line += [cell, *[None] * (columns - 1)]
            if len(line) > _WIDEST:
                return []
        for column in range(len(line), len(below)):
            below[column] = max(0, below[column] - 1)
        found.append(line)
    return found


def _span(cell: Element, name: str) -> int:
    value = cell.get(name) or "1"
    return max(1, int(value)) if re.fullmatch(r"[0-9]{1,3}", value) else 1


def _list_mark(block: str) -> str:
    """What the items of a list begin with, but for their numbers; empty for another block."""
    return block[:2] if block.startswith("- ") else ". " if re.match(r"\d+\. ", block) else ""


def _code_text(element: Element) -> Iterator[str]:
    if element.text:
        yield element.text
    for child in element:
        if isinstance(child.tag, str):
            if child.tag == "br":
                yield "\n"
            else:
                yield from _code_text(child)
                if child.tag in ("div", "p", "tr", "li"):
                    yield "\n"
        if child.tail:
            yield child.tail


def _indented(block: str, width: int) -> str:
    first, *others = block.split("\n")
    return "\n".join([first, *(f"{' ' * width}{line}" if line else "" for line in others)])
