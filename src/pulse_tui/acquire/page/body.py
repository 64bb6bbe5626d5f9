"""The text of the article on a page: found by readability-lxml, with its figures in their places.

Extractors throw away what they take for decoration, captions first.  So each figure becomes a paragraph
of prose before, with a word that the page doesn't have, and a picture again after.  Where the extractor
keeps much less than the page's own `article` element holds, that element is taken instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pulse_tui.acquire.markdown import to_markdown
from pulse_tui.acquire.markdown_text import in_words
from pulse_tui.acquire.page.figures import Found, file_name, source_of
from pulse_tui.acquire.page.tree import Element, PageError, absolute, is_hidden, names_of, text_of
from pulse_tui.article import Figure

SHORTEST = 25
"""Characters of text; less is no article."""
_LOST = 0.6
"""The share of the page's own article below which the extractor is not believed."""

_decoration = re.compile(
    r"avatar|logo|icon|sprite|pixel|emoji|gravatar|badge|tracking|spacer|beacon|doubleclick|/ads?/|share[-_]|button",
    re.IGNORECASE,
).search
_not_text = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|social|newsletter|subscribe|related|recirc|recommend\w*|promo|advert\w*|ads?|comments?|breadcrumbs?|"
    r"toolbar|most-?(?:read|popular)|trending|taboola|outbrain|paywall|cookie|consent|tags?-?list|author-?bio|read-?more|signup|sign-?up)(?:$|[\s_-])",
    re.IGNORECASE,
).search
_article_class = re.compile(
    r"articlebody|(?:article|story|post|entry)[-_]*(?:body|content|text)(?:$|[\s_-])|(?:^|\s)(?:prose|rich-?text)(?:$|\s)",
    re.IGNORECASE,
).search
_KEPT_TABLE = "kept-table"


def body_of(
    root: Element, base: str, found: Sequence[Found], lead: Found | None, title: str, dek: str
) -> tuple[str, list[Figure]]:
    """The Markdown of the article, and its pictures in their order; the tree is used up.

    The lead picture and the headline, which stand in fields of their own, are left out where the body
    begins with them.

    Raises:
        PageError: the page has no article.
    """
    token = _token(root)
    own = _own_article(root)
    _tidy(root, base)
    _put_placeholders(root, found, token)
    own = own if own is not None and next(own.iterancestors("html"), None) is not None else None
    kept = _extracted(root)
    whole = _length(kept) if kept is not None else 0
    if own is not None and _length(own) * _LOST > whole:
        kept = own
        _strip(kept)
    elif kept is None or whole < SHORTEST:
        kept = root.find(".//body")
        if kept is not None:
            _strip(kept)
    if kept is None or len(text_of(kept)) < SHORTEST:
        raise PageError("No article was found on the page; save its text as a .txt file and add that.")
    pictures = _restore(kept, found, token, lead)
    _drop_heads(kept, title, dek)
    markdown = to_markdown(kept, base)
    if len(markdown) < SHORTEST:
        raise PageError("No article was found on the page; save its text as a .txt file and add that.")
    return re.sub(rf"{token}\d+z\s*", "", markdown), pictures


def _token(root: Element) -> str:
    """A word that is nowhere on the page."""
    text = " ".join(root.itertext())
    number = 0
    while f"figureplace{number}x" in text:
        number += 1
    return f"figureplace{number}x"


def _extracted(root: Element) -> Element | None:
    """What readability-lxml takes for the article."""
    import logging
    from copy import deepcopy

    from readability import Document
    from readability.readability import Unparseable

    class Kept(Document):  # type: ignore[misc]
        """Without the last pass over the result, which is quadratic and drops what is not shown anyway."""

        def get_clean_html(self) -> str:
            return "".join(self.html.itertext())

    log = logging.getLogger("readability.readability")
    disabled, log.disabled = log.disabled, True
    document = Kept(deepcopy(root), retry_length=250)
    try:
        document.summary(html_partial=True, keep_all_images=True)
    except (Unparseable, RecursionError):
        return None
    finally:
        log.disabled = disabled
    return document.html


def _own_article(root: Element) -> Element | None:
    """The element that the page itself marks as the article's text, the one with most prose."""
    marked = root.xpath("//*[contains(concat(' ',@itemprop,' '),' articleBody ')]")
    marked += [
        one for one in root.iter("div", "section") if (names := names_of(one)) and _article_class(names)
    ]
    marked += list(root.iter("article")) + list(root.xpath("//main | //*[@role='main']"))
    best, length = None, 0
    for one in marked[:40]:
        here = _length(one)
        # A container must hold a good deal more to be taken instead of what it contains.
        if here > length * 1.25:
            best, length = one, here
    return best if length > 400 else None


def _length(element: Element) -> int:
    """The characters of prose within an element: paragraphs that are not mostly links."""
    total = 0
    for one in element.iter("p", "blockquote", "pre"):
        if one.tag == "blockquote" and one.find(".//p") is not None:
            continue
        if any(
            above.tag in ("nav", "aside", "footer", "form") or _not_text(names_of(above))
            for above in one.iterancestors()
        ):
            continue
        text = len(text_of(one))
        links = sum(len(text_of(link)) for link in one.iter("a"))
        total += text if links * 2 < text else 0
    return total


def _strip(element: Element) -> None:
    """Take out what surrounds an article's text within its element."""
    for one in list(element.iter("nav", "aside", "footer", "form", "script", "style", "button", "iframe")):
        _remove(one)
    for one in list(element.iter("div", "section", "ul", "p")):
        if one is not element and one.getparent() is not None and _not_text(names_of(one)):
            _remove(one)


def _tidy(root: Element, base: str) -> None:
    """Mend what extractors trip over: lazy images, hidden text, headings with classes, empty links."""
    for noscript in list(root.iter("noscript")):
        _unpack(noscript)
    for one in list(root.iter()):
        if (
            isinstance(one.tag, str)
            and one.attrib
            and one.tag not in ("html", "body", "img")
            and is_hidden(one)
        ):
            _remove(one)
    for image in list(root.iter("img")):
        source = absolute(base, source_of(image))
        small = any(
            (image.get(key) or "").removesuffix("px").isdigit()
            and int((image.get(key) or "").removesuffix("px")) <= 60
            for key in ("width", "height")
        )
        name = source.rsplit("?", 1)[0].rsplit("/", 1)[-1]
        if not source or small or _decoration(name):
            _remove(image)
            continue
        alt = image.get("alt") or ""
        image.attrib.clear()
        image.set("src", source)
        if alt:
            image.set("alt", alt)
    # Extractors drop short lists and tables; those that aren't navigation get names that they don't know.
    for one in list(root.iter("ul", "table")):
        text = len(text_of(one))
        if sum(len(text_of(link)) for link in one.iter("a")) * 2 > text or _not_text(names_of(one)):
            continue
        if one.tag == "ul" and next(one.iterancestors("nav", "header", "footer", "aside"), None) is None:
            one.tag = "menu"
        elif one.tag == "table" and one.find(".//th") is not None and one.find(".//table") is None:
            one.tag = _KEPT_TABLE
    for heading in root.iter("h2", "h3", "h4", "h5", "h6"):
        for key in ("class", "style", "id"):
            if key != "id" or not heading.get("id", "").startswith("fn"):
                heading.attrib.pop(key, None)


def _unpack(noscript: Element) -> None:
    """The image that a page keeps for browsers without scripts, in the place of the empty one beside it."""
    from lxml import etree, html

    markup = (noscript.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in noscript)
    match = re.search(r"<img\b[^>]*>", markup)
    if match is None:
        return
    try:
        real = html.fragment_fromstring(match[0])
    except etree.ParserError:
        return
    if real.tag != "img" or not source_of(real):
        return
    beside = noscript.getprevious()
    image = None
    if beside is not None and isinstance(beside.tag, str):
        image = beside if beside.tag == "img" else beside.find(".//img")
    if image is not None:
        if not source_of(image):
            image.set("src", source_of(real))
        return
    parent = noscript.getparent()
    if parent is not None and parent.find(".//img") is None:
        real.tail = noscript.tail
        parent.replace(noscript, real)


def _put_placeholders(root: Element, found: Sequence[Found], token: str) -> None:
    from lxml import etree

    for number, one in enumerate(found):
        node = one.node
        if node.getparent() is None or next(node.iterancestors("html"), None) is None:
            continue
        place = etree.Element("p")
        place.text = f"{token}{number}z {one.caption} — {one.credit}"
        if node.tag == "figure" or len(text_of(node)) <= len(one.caption) + len(one.credit) + 80:
            place.tail = node.tail
            node.getparent().replace(node, place)
            _hoist(place)
            continue
        image = one.image
        if image is None or image.getparent() is None:
            continue
        place.tail = image.tail
        image.getparent().replace(image, place)
        for words in one.words:
            if words.getparent() is not None:
                _remove(words)
    for heading in list(root.iter("h2", "h3", "h4")):
        _hoist(heading)


def _hoist(element: Element) -> None:
    """Let an element that is alone in its box take the box's place: extractors throw small boxes away."""
    size = len(text_of(element))
    while size:
        parent = element.getparent()
        if parent is None or parent.tag not in (
            "div",
            "section",
            "span",
            "header",
            "aside",
            "figure",
            "center",
            "a",
        ):
            return
        if parent.getparent() is None or parent.find(".//img") is not None or len(text_of(parent)) > size + 2:
            return
        element.tail = parent.tail
        parent.getparent().replace(parent, element)


def _restore(kept: Element, found: Sequence[Found], token: str, lead: Found | None) -> list[Figure]:
    """Put pictures where their placeholders came out, and list them."""
    from lxml import etree

    for table in list(kept.iter(_KEPT_TABLE)):
        table.tag = "table"
    pattern = re.compile(rf"{token}(\d+)z")
    pictures: list[Figure] = []
    shown: set[int] = set()
    prose = False
    names = {file_name(lead.source)} if lead is not None and lead.source else set()
    for element in list(kept.iter("p", "img", "li", "h2", "h3")):
        if element.tag == "img":
            source = element.get("src") or ""
            if not source.startswith(("http:", "https:")) or (file_name(source) in names and not prose):
                _remove(element)
            else:
                pictures.append(Figure(source, element.get("alt") or ""))
            continue
        match = pattern.search(element.text or "")
        if match is None:
            prose = prose or (element.tag == "p" and len(text_of(element)) > 60)
            continue
        number = int(match[1])
        one = found[number]
        if number in shown or (one is lead and not prose):
            _remove(element)
            continue
        shown.add(number)
        figure = one.figure()
        for child in list(element):
            element.remove(child)
        element.text = None
        if figure.source:
            pictures.append(figure)
            image = etree.SubElement(element, "img", src=figure.source, alt=_xml(figure.alt))
            image.set("data-words", "1")
            image.set("title", _xml(in_words(figure.caption, figure.credit)))
        else:
            etree.SubElement(element, "em").text = _xml(in_words(figure.caption, figure.credit))
    return pictures


def _xml(text: str) -> str:
    """The text without the characters that no XML tree takes."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "\ufffd", text)


def _drop_heads(kept: Element, title: str, dek: str) -> None:
    """Take out the headline, and the dek where it is set apart, from the beginning of the text."""
    same = re.sub(r"\W+", "", dek.lower())
    for number, one in enumerate(kept.iter("p", "h2", "h3", "h4")):
        if number > 2 or not same:
            break
        text = text_of(one)
        bold = len(one) == 1 and one[0].tag in ("strong", "b", "em", "i") and text_of(one[0]) == text
        if (one.tag != "p" or bold) and re.sub(r"\W+", "", text.lower()) == same:
            _remove(one)
            break
    same = re.sub(r"\W+", "", title.lower())
    for number, heading in enumerate(kept.iter("h1", "h2", "h3")):
        if number < 2 and same and re.sub(r"\W+", "", text_of(heading).lower()) == same:
            _remove(heading)
            return


def _remove(element: Element) -> None:
    """Take an element out and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
