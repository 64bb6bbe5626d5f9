"""What a page's tree is mended of before its article is looked for, so that extractors don't trip.

Lazy images get their addresses, hidden text goes, short lists and tables get names that extractors don't
know, headings and text within paragraphs lose the classes by which extractors would judge them, and links
lose what only tells their owners where a reader came from.
"""

from __future__ import annotations

import re

from pulse_tui.acquire.page.figures import source_of
from pulse_tui.acquire.page.furniture import named
from pulse_tui.acquire.page.tree import Element, absolute, is_hidden, names_of, remove, text_of

KEPT_TABLE = "kept-table"

_is_small = re.compile(r"0*(?:[0-9]|[1-5][0-9]|60)(?:px)?").fullmatch
"""Whether a width or a height is that of an icon: 60 CSS pixels at the most."""
_decoration = re.compile(
    r"avatar|logo|icon|sprite|pixel|emoji|gravatar|badge|tracking|spacer|beacon|doubleclick|/ads?/|share[-_]|button",
    re.IGNORECASE,
).search

_TRACKING = (
    r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|twclid|mc_[ce]id|_hs(?:enc|mi)|mkt_tok|xtor|"
    r"at_(?:medium|campaign)|wt_mc)=[^&#]*"
)
_tracked = re.compile(rf"([?&#])(?:{_TRACKING}&)+").sub
_tracking = re.compile(rf"[?&#]{_TRACKING}").sub


def mend(root: Element, base: str) -> None:
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
            remove(one)
    for image in list(root.iter("img")):
        source = absolute(base, source_of(image))
        small = any(_is_small(image.get(key) or "") for key in ("width", "height"))
        name = source.rsplit("?", 1)[0].rsplit("/", 1)[-1]
        if not source or small or _decoration(name):
            remove(image)
            continue
        alt = image.get("alt") or ""
        image.attrib.clear()
        image.set("src", source)
        if alt:
            image.set("alt", alt)
    # Extractors drop short lists and tables; those that aren't navigation get names that they don't know.
    for one in list(root.iter("ul", "table")):
        text = len(text_of(one))
        if sum(len(text_of(link)) for link in one.iter("a")) * 2 > text or named(names_of(one)):
            continue
        if one.tag == "ul" and next(one.iterancestors("nav", "header", "footer", "aside"), None) is None:
            one.tag = "menu"
        elif one.tag == "table" and one.find(".//th") is not None and one.find(".//table") is None:
            one.tag = KEPT_TABLE
    for link in root.iter("a"):
        address = link.get("href")
        if address and "=" in address:
            link.set("href", _tracking("", _tracked(r"\1", address)))
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


def hoist(element: Element) -> None:
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
