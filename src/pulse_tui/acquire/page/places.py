"""Figures in their places: each becomes a word that the page doesn't have, and a picture again after."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pulse_tui.acquire.markdown.text import in_words
from pulse_tui.acquire.page.figures import Found, file_name
from pulse_tui.acquire.page.mend import KEPT_TABLE, hoist
from pulse_tui.acquire.page.tree import Element, remove, text_of
from pulse_tui.article import Figure


def token_for(root: Element) -> str:
    """A word that is nowhere on the page."""
    text = " ".join(root.itertext())
    number = 0
    while f"figureplace{number}x" in text:
        number += 1
    return f"figureplace{number}x"


def put_placeholders(root: Element, found: Sequence[Found], token: str) -> None:
    """Put a paragraph of prose in the place of each figure, which extractors take for text."""
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
            hoist(place)
            continue
        image = one.image
        if image is None or image.getparent() is None:
            continue
        place.tail = image.tail
        image.getparent().replace(image, place)
        for words in one.words:
            if words.getparent() is not None:
                remove(words)
    for heading in list(root.iter("h2", "h3", "h4")):
        hoist(heading)


def restore(kept: Element, found: Sequence[Found], token: str, lead: Found | None) -> list[Figure]:
    """Put pictures where their placeholders came out, and list them."""
    from lxml import etree

    for table in list(kept.iter(KEPT_TABLE)):
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
                remove(element)
            else:
                pictures.append(Figure(source, element.get("alt") or ""))
            continue
        match = pattern.search(element.text or "")
        if match is None:
            prose = prose or (element.tag == "p" and len(text_of(element)) > 60)
            continue
        number = int(match[1])
        one = found[number]
        # A credit without its picture, as players for films have it, credits nothing.
        if number in shown or (one is lead and not prose) or not (one.source or one.caption):
            remove(element)
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
