"""What stands around an article's text and is none of it: known by its name, its words, or its place.

By names only what no size can excuse goes at once; a class such as `paywall` or `read-more` may as well be
the box that holds the article, so it counts against small boxes alone.  By words and place go the lines
before the first paragraph that repeat what the fields hold, what sends readers elsewhere, and what closes
a page behind the last paragraph.  When in doubt a line stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from pulse_tui.acquire.page.figures import Found
from pulse_tui.acquire.page.metadata import Fields
from pulse_tui.acquire.page.tree import Element, names_of, remove, text_of
from pulse_tui.acquire.page.words import (
    bare,
    has_ended,
    is_button,
    is_closing,
    is_date,
    is_label,
    is_life,
    is_spare,
    label_end,
)

OUTSIDE = frozenset({"nav", "aside", "footer", "form", "script", "style", "button", "iframe"})
_LARGE = 600
"""Characters of prose that no small box has."""
_LINE = 60
"""Characters; a paragraph of so many is more than a button."""
_LONG = 300
"""Characters; what is longer is no line for another page."""
_LIFTED = (40, 200)
"""Letters of a sentence that a page may show twice."""
_MOST_LIFTED = 100

named = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|social|newsletter|subscribe|related|recirc|recommend\w*|promo|advert\w*|ads?|"
    r"comments?|breadcrumbs?|toolbar|most-?(?:read|popular)|trending|taboola|outbrain|paywall|cookie|consent|"
    r"tags?-?list|author-?bio|read-?more|signup|sign-?up)(?:$|[\s_-])",
    re.IGNORECASE,
).search
"""Whether the names of an element are those of furniture, should it be small."""
_always = re.compile(
    r"(?:^|[\s_-])(?:newsletter|vjs-[\w-]+|video-js|related|recirc|recommend(?:ed|ations?)|comments?|"
    r"most-?(?:read|popular)|trending|taboola|outbrain|cookie|author-?(?:bio|box|info|card))(?:$|[\s_-])",
    re.IGNORECASE,
).search
_sentence = re.compile(r".*-(?:a|an|and|as|at|by|for|from|in|is|of|on|the|to|with)-.*-", re.IGNORECASE).match
_dek = re.compile(
    r"(?:^|[\s_-])(?:dek|deck|standfirst|sub-?head(?:line|ing)?|sub-?title|summary|strapline|intro|vorspann|"
    r"chapo|lead|excerpt)(?:$|[\s_-])",
    re.IGNORECASE,
).search
_quote = re.compile(
    r"pull-?quote|call-?out|(?:^|[\s_-])(?:quote|zitat|citation)(?:$|[\s_-])", re.IGNORECASE
).search
_edge = re.compile(
    r"by-?line|author|contributor|dateline|pub-?date|publish|timestamp|(?:post|article)-?(?:meta|date)|"
    r"article-?info|entry-?meta|share|social|keywords|categor|"
    r"(?:^|[\s_-])(?:tags?|topics?|bio|date|time|meta|eyebrow|kicker)(?:$|[\s_-])",
    re.IGNORECASE,
).search
_image = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)$", re.IGNORECASE).search
_server = re.compile(r"(?:https?:)?//([^/?#]*)", re.IGNORECASE).match

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LEAVES = (*_HEADINGS, "p", "blockquote", "ul", "ol", "menu", "dl", "table", "pre", "hr", "img")
_BOXES = frozenset({*_LEAVES, "div", "section", "article", "main", "figure", "header", "aside", "li", "dd"})


def measure(root: Element) -> tuple[dict[Element, int], set[Element]]:
    """The characters of prose within each element, and the elements that are furniture by name.

    Prose are paragraphs that are not mostly links; what is within furniture does not count above it.
    """
    prose: dict[Element, int] = {}
    furniture: set[Element] = set()

    def visit(element: Element) -> int:
        total = sum(visit(child) for child in element if isinstance(child.tag, str))
        tag = element.tag
        if tag in ("p", "pre") or (tag == "blockquote" and not total):
            text = len(text_of(element))
            total = max(total, text if links_in(element) * 2 < text else 0)
        prose[element] = total
        if tag in OUTSIDE and tag != "aside":
            return 0
        if tag not in ("body", "html", "main", "article", "a") and (names := _names(element)):
            if tag == "p":
                small, names = total < _LINE, names.replace("paywall", "")
            else:
                small = total < _LARGE
            if _always(names) or (small and named(names)):
                furniture.add(element)
                return 0
        return 0 if tag == "aside" else total

    visit(root)
    return prose, furniture


def _names(element: Element) -> str:
    """The names of an element but for those that are sentences, as ids made from headings are."""
    names = names_of(element)
    return " ".join(one for one in names.split() if not _sentence(one)) if "-" in names else names


def links_in(element: Element, host: str = "") -> int:
    """The characters of an element's text that are links; where a host is given, links to it alone."""
    total = 0
    for one in element.iter("a"):
        address = one.get("href")
        server = _server(address.strip()) if address and host else None
        if address and (server is None or host in server[1].lower()):
            total += len(text_of(one))
    return total


class _Known(NamedTuple):
    """What the page says elsewhere, as bare letters, and the text that was kept of it."""

    title: str
    dek: str
    authors: tuple[str, ...]
    labels: frozenset[str]
    words: frozenset[str]
    """Captions and credits."""
    host: str
    kept: Element
    size: int
    """The characters of the text that was kept."""
    sizes: dict[Element, int]
    """The same of what was asked for within it, before anything was taken out."""


class _Block(NamedTuple):
    """An element that stands as a block of its own, and its text."""

    element: Element
    text: str
    is_picture: bool

    @property
    def tag(self) -> str:
        """The name of the element."""
        return str(self.element.tag)


def clear(kept: Element, fields: Fields, found: Sequence[Found], token: str, base: str) -> None:
    """Take the furniture out of the text that was kept, by its words and its place.

    `token` begins the text of what stands for a figure, `base` is the page's address.
    """
    known = _known(kept, fields, found, base)
    blocks = list(_blocks(kept))
    blocks = _without(blocks, [block for block in blocks if _is_spare(block, known)])
    blocks = _without(blocks, _head([one for one in blocks if not one.text.startswith(token)], known))
    blocks = _without(blocks, _runs(blocks))
    blocks = _without(blocks, _repeats(blocks))
    _without(blocks, _tail(blocks, known))


def _without(blocks: list[_Block], dropped: Sequence[_Block]) -> list[_Block]:
    """The blocks that are left when these are taken from the page; all, should these be most of it."""
    if sum(len(block.text) for block in dropped) * 2 > sum(len(block.text) for block in blocks):
        return blocks
    gone = {block.element for block in dropped}
    for element in gone:
        remove(element)
    return [block for block in blocks if block.element not in gone]


def _known(kept: Element, fields: Fields, found: Sequence[Found], base: str) -> _Known:
    words = {bare(part) for one in found for part in (one.caption, one.credit, f"{one.caption} {one.credit}")}
    words |= {bare(text_of(element)) for one in found for element in one.words}
    return _Known(
        bare(fields.title),
        bare(fields.dek),
        tuple(name for name in map(bare, fields.authors) if len(name) > 3),
        frozenset(bare(one) for one in (*fields.sections, *fields.tags)),
        frozenset(one for one in words if len(one) > 7),
        urlsplit(base).hostname or "",
        kept,
        len(text_of(kept)),
        {},
    )


def _blocks(element: Element) -> Iterator[_Block]:
    """The blocks within an element, in their order."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag in _LEAVES or not any(True for _ in child.iter(*_BOXES) if _ is not child):
            text = text_of(child)
            is_picture = child.tag == "img" or child.find(".//img") is not None
            if text or is_picture or child.tag == "hr":
                yield _Block(child, text, is_picture)
        else:
            yield from _blocks(child)


def _is_spare(block: _Block, known: _Known) -> bool:
    """Whether a block is, wherever it stands, a picture's words said again or a word for another page."""
    text = block.text
    if block.is_picture or len(text) >= _LONG or block.tag in ("hr", "pre", "table", "blockquote"):
        return False
    if is_spare(text) or (block.tag not in _HEADINGS and is_button(text)):
        return True
    if block.tag not in ("p", "div", "span"):
        return False
    if bare(text) in known.words:
        return True
    end, links = label_end(text), links_in(block.element)
    if not end or links + end < len(text) - 2:
        return False
    # Of a line that is all link (`More than …`) only a colon tells that its first word is a label.
    return links > 0 and (":" in text[:end] or end == len(text) or links + end <= len(text) + 2)


def _head(blocks: Sequence[_Block], known: _Known) -> list[_Block]:
    """What repeats the fields before the first paragraph, and the labels among it."""
    drop: list[_Block] = []
    maybe: list[_Block] = []
    for block in blocks[:30]:
        if block.tag == "hr":
            continue
        if block.is_picture and not block.text:
            drop += [block] if _is_edge(block, known) else []
        elif (
            _says_fields(block, known)
            or (len(block.text) < 200 and _is_edge(block, known))
            or (block.tag in ("menu", "ul", "ol", "p", "div") and _all_links(block))
        ):
            drop += [*maybe, block]
            maybe = []
        elif block.tag not in _HEADINGS and len(block.text.split()) <= 3 and not has_ended(block.text):
            maybe.append(block)
        else:
            break
    return drop


def _says_fields(block: _Block, known: _Known) -> bool:
    """Whether a block says title, dek, section, author, date or time to read again, and no more."""
    said = bare(block.text)
    if not said:
        return False
    if said == known.title:
        return True
    if said == known.dek:
        return _is_emphasised(block) or _is_apart(block)
    return len(block.text) < 160 and (said in known.labels or is_date(block.text, known.authors))


def _is_apart(block: _Block) -> bool:
    """Whether a line is named for a dek, or stands in a box without paragraphs."""
    if _dek(names_of(block.element)):
        return True
    beside = block.element.getparent().iter("p")
    return not any(one is not block.element and len(text_of(one)) > _LINE for one in beside)


def _runs(blocks: Sequence[_Block]) -> list[_Block]:
    """The lists of other pages: labels such as `Read more`, and the lines behind them that are links."""
    drop: list[_Block] = []
    number = 0
    while number < len(blocks):
        end = number + 1
        if is_label(blocks[number].text):
            while end < len(blocks) and (_all_links(blocks[end]) or _is_teaser(blocks[end])):
                end += 1
            if end > number + 1 or end == len(blocks):
                drop += blocks[number:end]
        number = end
    return drop


def _repeats(blocks: Sequence[_Block]) -> list[_Block]:
    """The sentences that a page lifts out of its text to show them twice, in a box of their own."""
    company = Counter(block.element.getparent() for block in blocks)
    texts = [(block, bare(block.text)) for block in blocks if block.tag != "pre" and not block.is_picture]
    lifted = [
        (block, text)
        for block, text in texts
        if _LIFTED[0] < len(text) < _LIFTED[1]
        and block.tag not in _HEADINGS
        and (
            block.tag == "blockquote"
            or company[block.element.getparent()] == 1
            or _quote(names_of(block.element))
        )
    ]
    whole = "\n".join(["", *(text for block, text in texts if block.tag in ("p", "div")), ""])
    return [block for block, text in lifted[:_MOST_LIFTED] if _is_part(text, whole)]


def _is_part(text: str, lines: str) -> bool:
    """Whether one of the lines holds a text and more than that."""
    at = lines.find(text)
    while at >= 0:
        if lines[at - 1] != "\n" or lines[at + len(text)] != "\n":
            return True
        at = lines.find(text, at + 1)
    return False


def _tail(blocks: Sequence[_Block], known: _Known) -> list[_Block]:
    """What closes a page behind the last paragraph."""
    drop: list[_Block] = []
    for block in reversed(blocks[-60:]):
        text = block.text
        if block.is_picture and not text:
            closes = _is_teaser(block) or (bool(drop) and _is_edge(block, known))
        else:
            closes = (
                block.tag in (*_HEADINGS, "hr")
                or (len(text) < 400 and _is_edge(block, known))
                or is_closing(text)
                or is_label(text)
                or is_life(text, known.authors)
                or _all_links(block, known.host)
                or _says_fields(block, known)
                or (bool(drop) and len(text) < _LINE and text.endswith(":") and _is_emphasised(block))
            )
        if not closes:
            break
        drop.append(block)
    return drop


def _all_links(block: _Block, host: str = "") -> bool:
    """Whether all words of a block are links; where a host is given, to it."""
    if not block.text or block.tag in ("img", "pre"):
        return False
    around = any(one.tag == "a" for one in block.element.iterancestors())
    return around or links_in(block.element, host) >= len(block.text) * 0.9 - 3


def _is_teaser(block: _Block) -> bool:
    """Whether a block is a picture alone that leads to another page."""
    if not block.is_picture or block.text:
        return False
    links = [one.get("href") or "" for one in block.element.iterancestors() if one.tag == "a"]
    links += [one.get("href") or "" for one in block.element.iter("a")]
    return any(address and not _image(address.split("?")[0]) for address in links)


def _is_emphasised(block: _Block) -> bool:
    return block.tag in _HEADINGS or any(
        text_of(one) == block.text for one in block.element.iter("strong", "b", "em", "i")
    )


def _is_edge(block: _Block, known: _Known) -> bool:
    """Whether a block or a small box around it is named for author, date or sharing."""
    for one in (block.element, *block.element.iterancestors()):
        if one is known.kept:
            return False
        names = names_of(one)
        if names and _edge(names):
            if one not in known.sizes:
                known.sizes[one] = len(text_of(one))
            if known.sizes[one] < min(_LARGE, known.size / 3):
                return True
    return False
