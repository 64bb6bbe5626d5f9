"""The text of the article on a page: found by readability-lxml, and taken from the page's own tree.

What the extractor returns says which blocks are the article, no more: extractors throw away what they take
for decoration (captions, quoted posts, short lists, words with a class that they distrust).  So the page's
tree is pruned to those blocks and to what stands among them and reads like text.  Where the extractor keeps
much less than the page's own `article` element holds, that element is taken instead.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from urllib.parse import urlsplit

from pulse_tui.acquire.markdown.html import to_markdown
from pulse_tui.acquire.page.figures import Found
from pulse_tui.acquire.page.furniture import OUTSIDE, clear, links_in, measure
from pulse_tui.acquire.page.mend import KEPT_TABLE, mend
from pulse_tui.acquire.page.metadata import Fields
from pulse_tui.acquire.page.places import put_placeholders, restore, token_for
from pulse_tui.acquire.page.tree import Element, PageError, names_of, remove, text_of
from pulse_tui.article import Figure

SHORTEST = 25
"""Characters of text; less is no article."""
_LOST = 0.6
"""The share of the page's own article below which the extractor is not believed."""
_LOST_WITHIN = 0.85
"""The same where what the extractor found lies within that article."""
_BOX = 80
"""Characters of prose in a box that the extractor dropped from among the article's paragraphs, to be kept."""
_MARK = "data-block"

_article_class = re.compile(
    r"articlebody|(?:article|story|post|entry)[-_]*(?:body|content|text)(?:$|[\s_-])|(?:^|\s)(?:prose|rich-?text)(?:$|\s)",
    re.IGNORECASE,
).search
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXTS = ("p", "blockquote", "pre", "ul", "ol", "menu")
_PROSE = (*_TEXTS, "dl", KEPT_TABLE, "table", "div", "td")
_LOOSE = ("div", "td", "section", "article", "main", "center", "body")
_BLOCKS = (
    *_HEADINGS,
    *_PROSE,
    "section",
    "article",
    "main",
    "li",
    "dd",
    "dt",
    "figure",
    "img",
    "hr",
    "header",
    "center",
    "body",
)


def body_of(
    root: Element, base: str, found: Sequence[Found], leads: Sequence[Figure], fields: Fields
) -> tuple[str, Figure | None, list[Figure]]:
    """The Markdown of the article, its lead picture, and those in the text; the tree is used up.

    What stands in fields of its own (the lead picture, the headline, bylines) is left out.  Of `leads`, the
    pictures that may lead, the first does that the text does not have within.

    Raises:
        PageError: the page has no article.
    """
    token = token_for(root)
    mend(root, base)
    put_placeholders(root, found, token)
    prose, furniture = measure(root)
    survivors = _extracted(root)
    whole = sum(prose[one] if one.tag in ("p", "pre") else len(_loose(one)) for one in survivors)
    own = _own_article(root, prose)
    if own is not None:
        blocks = _own_blocks(own, prose, furniture)
        if prose[own] * _LOST > whole:
            survivors = blocks
        elif _is_within(survivors, own):
            survivors = _with_lost(root, survivors, blocks, prose, prose[own] * _LOST_WITHIN > whole)
    kept = _pruned(survivors, furniture, token, base) if whole >= SHORTEST or own is not None else None
    if kept is None and (kept := root.find(".//body")) is not None:
        _strip(kept, furniture)
    if kept is None or len(text_of(kept)) < SHORTEST:
        raise PageError("No article was found on the page; save its text as a .txt file and add that.")
    clear(kept, fields, found, token, base)
    leading, pictures = restore(kept, found, token, leads)
    markdown = to_markdown(kept, base)
    if len(markdown) < SHORTEST:
        raise PageError("No article was found on the page; save its text as a .txt file and add that.")
    return re.sub(rf"{token}\d+z\s*", "", markdown), leading, pictures


def piece_of(root: Element, base: str, found: Sequence[Found], title: str) -> tuple[str, list[Figure]]:
    """The same of a page that is nothing but its article, as what feeds hold is: nothing is looked for."""
    token = token_for(root)
    mend(root, base)
    put_placeholders(root, found, token)
    kept = root.find(".//body")
    if kept is None:
        return "", []
    _strip(kept, measure(root)[1])
    _, pictures = restore(kept, found, token, ())
    _drop_title(kept, title)
    return re.sub(rf"{token}\d+z\s*", "", to_markdown(kept, base)), pictures


def _extracted(root: Element) -> list[Element]:
    """The blocks that readability-lxml takes for the article, in their order."""
    import logging
    from copy import deepcopy

    from readability import Document
    from readability.readability import Unparseable

    class Kept(Document):  # type: ignore[misc]
        """Without the passes that make the result fit to be shown, the last of them quadratic."""

        def get_clean_html(self) -> str:
            return "".join(self.html.itertext())

        def _parse(self, tree: Element) -> Element:
            self.encoding = "utf-8"
            return deepcopy(tree)

    blocks = list(root.iter(*_BLOCKS))
    for number, block in enumerate(blocks):
        block.set(_MARK, str(number))
    log = logging.getLogger("readability.readability")
    disabled, log.disabled = log.disabled, True
    document = Kept(root, retry_length=250)
    try:
        document.summary(html_partial=True, keep_all_images=True)
    except (Unparseable, RecursionError):
        return []
    finally:
        log.disabled = disabled
        for block in blocks:
            del block.attrib[_MARK]
    numbers = {int(mark) for one in document.html.iter() if (mark := one.get(_MARK))}
    return [blocks[number] for number in sorted(numbers)]


def _own_article(root: Element, prose: dict[Element, int]) -> Element | None:
    """The element that the page itself marks as the article's text, the one with most prose."""
    marked = root.xpath("//*[contains(concat(' ',@itemprop,' '),' articleBody ')]")
    marked += [
        one for one in root.iter("div", "section") if (names := names_of(one)) and _article_class(names)
    ]
    marked += list(root.iter("article")) + list(root.xpath("//main | //*[@role='main']"))
    best, length = None, 0
    for one in marked[:40]:
        # A page's frame must hold a good deal more to be taken instead of what it contains.
        if prose[one] > length * (1.25 if one.tag in ("article", "main") else 1.05):
            best, length = one, prose[one]
    return best if length > 400 else None


def _own_blocks(own: Element, prose: dict[Element, int], furniture: set[Element]) -> list[Element]:
    """The paragraphs and pictures of the page's own article, in their order."""
    found: list[Element] = []

    def visit(element: Element) -> None:
        for child in element:
            if isinstance(child.tag, str) and child.tag not in OUTSIDE and child not in furniture:
                if child.tag == "img" or (child.tag in ("p", "pre", "blockquote") and prose[child]):
                    found.append(child)
                visit(child)

    visit(own)
    return found


def _is_within(survivors: Sequence[Element], own: Element) -> bool:
    """Whether most of what an extractor kept lies within an element."""
    texts = [one for one in survivors if one.tag in ("p", "pre")]
    return sum(own in one.iterancestors() for one in texts) * 2 > len(texts)


def _with_lost(
    root: Element, survivors: Sequence[Element], own: Sequence[Element], prose: dict[Element, int], much: bool
) -> list[Element]:
    """What an extractor kept and the paragraphs of the page's own article that it lost, in their order.

    Those are lost that stand in boxes of a kind with boxes that it kept, and where `much` is, all others
    but for those behind the last paragraph that it kept, where there is more furniture than text.
    """
    known = set(survivors)
    kinds = {_kind(one.getparent()) for one in survivors if one.tag == "p" and prose[one] > _BOX}
    order = {one: number for number, one in enumerate(root.iter(*_BLOCKS))}
    last = max((order[one] for one in survivors if prose[one]), default=0)
    known |= {
        one
        for one in own
        if prose[one]
        and (_kind(one.getparent()) in kinds or (much and prose[one] > _BOX and order[one] < last))
    }
    return [one for one in order if one in known]


def _loose(element: Element) -> str:
    """The text that stands in a box without a paragraph around it."""
    if element.tag not in _LOOSE:
        return ""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    text = " ".join(" ".join(parts).split())
    return text if len(text) > SHORTEST else ""


def _strip(element: Element, furniture: set[Element]) -> None:
    """Take out what surrounds an article's text within its element."""
    for one in list(element.iter()):
        if one is not element and (one.tag in OUTSIDE or one in furniture) and one.getparent() is not None:
            remove(one)


def _pruned(survivors: Sequence[Element], furniture: set[Element], token: str, base: str) -> Element | None:
    """The smallest element with all blocks that an extractor kept, without what is none of the article."""
    texts = [one for one in survivors if (one.tag in _TEXTS and len(text_of(one)) > SHORTEST) or _loose(one)]
    texts = texts or [one for one in survivors if text_of(one)]
    if not texts:
        return None
    kept = _common(texts)
    pruner = _Pruner(kept, survivors, texts, furniture, token, base)
    pruner.visit(kept)
    return kept


def _common(elements: Sequence[Element]) -> Element:
    """The nearest element that is around all of these."""
    lines = [list(one.iterancestors())[::-1] for one in elements]
    depth = 0
    for level in zip(*lines, strict=False):
        if any(one is not level[0] for one in level):
            break
        depth += 1
    return lines[0][depth - 1]


class _Pruner:
    """Takes out of a page's tree what an extractor dropped, unless it is text among the article's."""

    def __init__(
        self,
        kept: Element,
        survivors: Iterable[Element],
        texts: Sequence[Element],
        furniture: set[Element],
        token: str,
        base: str,
    ) -> None:
        self._survivors = set(survivors)
        self._alive = self._survivors | {above for one in self._survivors for above in one.iterancestors()}
        self._homes = {_kind(one.getparent()) for one in texts}
        self._furniture = furniture
        self._token = token
        self._host = urlsplit(base).hostname or ""
        self._all = sum(len(text_of(one)) for one in texts)
        order = {element: number for number, element in enumerate(kept.iter())}
        self._order = order
        self._first, self._last = order[texts[0]], order[texts[-1]]

    def visit(self, element: Element) -> None:
        own = element in self._survivors
        for child in list(element):
            if not isinstance(child.tag, str):
                continue
            if self._is_outside(child):
                remove(child)
            elif child in self._alive:
                if any(True for one in child.iter(*_BLOCKS) if one is not child):
                    self.visit(child)
            elif child.tag not in _BLOCKS and next(child.iter(*_BLOCKS), None) is None:
                if not own and not (element.text or "").strip():
                    remove(child)
            elif self._belongs(child):
                _strip(child, self._furniture)
            else:
                remove(child)

    def _is_outside(self, element: Element) -> bool:
        if element not in self._furniture and element.tag not in OUTSIDE:
            return False
        if element not in self._alive:
            return True
        text = len(text_of(element))
        if element.tag == "aside" and element not in self._furniture and links_in(element) * 3 < text:
            return False
        return text * 2 < self._all

    def _belongs(self, element: Element) -> bool:
        """Whether a block that the extractor dropped is text among the article's paragraphs all the same."""
        at_home = _kind(element.getparent()) in self._homes
        if not at_home and not self._first < self._order[element] < self._last:
            return False
        text = text_of(element)
        if not text:
            return False
        tag = element.tag
        if tag == "blockquote" or text.startswith(self._token):
            return True
        links = links_in(element)
        is_line = (
            tag == "div" and next((one for one in element.iter(*_BLOCKS) if one is not element), None) is None
        )
        if is_line or tag in ("p", *_HEADINGS):
            return links * 2 < len(text) and (at_home or len(text) > _BOX)
        if tag in ("ul", "ol", "menu", "dl", "pre", "table", KEPT_TABLE):
            return at_home and links_in(element, self._host) * 2 < len(text)
        if links * 3 > len(text):
            return False
        if next(element.iter("blockquote", "pre"), None) is not None:
            return True
        said = sum(len(text_of(one)) for one in element.iter("p", "li") if text_of(one)[-1:] in '.!?…”"’»。')
        return said > _BOX and said * 2 > len(text)


def _kind(element: Element) -> Hashable:
    """What boxes have in common into which a page cuts its text; one without a class is like no other."""
    named = element.get("class")
    return (element.tag, named) if named else element


def _drop_title(kept: Element, title: str) -> None:
    """Take out the headline from the beginning of the text."""
    same = re.sub(r"\W+", "", title.lower())
    for number, heading in enumerate(kept.iter("h1", "h2", "h3")):
        if number < 2 and same and re.sub(r"\W+", "", text_of(heading).lower()) == same:
            remove(heading)
            return
