"""Figures in their places: each becomes a word that the page doesn't have, and a picture again after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pulse_tui.acquire.markdown.text import in_words
from pulse_tui.acquire.page.figures import (
    Found,
    is_of_the_site,
    is_once_more,
    is_same_picture,
    looks_like_picture,
)
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


def restore(
    kept: Element, found: Sequence[Found], token: str, leads: Sequence[Figure]
) -> tuple[Figure | None, list[Figure]]:
    """Put pictures where their placeholders came out; returns which of `leads` leads, and those in the text.

    The first leads that stands not only within the text; it is taken out, since fields of its own have it.
    One behind the first must look like none in the text, since sites cut a picture anew for other sites, and
    be more than what a site shows of any page.
    """
    for table in list(kept.iter(KEPT_TABLE)):
        table.tag = "table"
    standing = list(_standing(kept, found, token))
    others = [one.figure.source for one in standing if one.within and one.figure and one.figure.source]
    leading = next(
        (
            one
            for number, one in enumerate(leads)
            if not _is_only_within(one, standing)
            and not (number and others and _stands_for_another(one, others))
        ),
        None,
    )
    pictures: list[Figure] = []
    for element, figure, within in standing:
        same = _is_repeated if within else _is_same
        known = next((one for one in leads if figure is not None and same(one, figure)), None)
        if figure is None or (known is not None and leading is not None and same(leading, figure)):
            if figure is not None and leading is not None:
                leading = leading._replace(alt=leading.alt or figure.alt)
            remove(element)
            continue
        if known is not None and not (figure.caption or figure.credit):
            figure = figure._replace(caption=known.caption, credit=known.credit)
        if figure.source:
            pictures.append(figure)
        _put(element, figure)
    return leading, pictures


class _Stand(NamedTuple):
    """A place for a picture on the page."""

    element: Element
    figure: Figure | None
    """What stands there; None for what is not to be shown."""
    within: bool
    """Whether a paragraph stands before it."""


def _standing(kept: Element, found: Sequence[Found], token: str) -> Iterator[_Stand]:
    """The places of pictures in their order, those without words of their own too."""
    pattern = re.compile(rf"{token}(\d+)z")
    shown: set[int] = set()
    prose = False
    for element in kept.iter("p", "img", "li", "h2", "h3"):
        if element.tag == "img":
            source = element.get("src") or ""
            is_web = source.startswith(("http:", "https:"))
            yield _Stand(element, Figure(source, element.get("alt") or "") if is_web else None, prose)
            continue
        match = pattern.search(element.text or "")
        if match is None:
            prose = prose or (element.tag == "p" and len(text_of(element)) > 60)
            continue
        number = int(match[1])
        one = found[number]
        # A credit without its picture, as players for films have it, credits nothing.
        is_shown = number not in shown and (one.source or one.caption)
        yield _Stand(element, one.figure() if is_shown else None, prose)
        shown.add(number)


def _is_only_within(figure: Figure, standing: Sequence[_Stand]) -> bool:
    """Whether the text has the picture, and not before its first paragraph."""
    places = [one.within for one in standing if one.figure is not None and _is_same(figure, one.figure)]
    return bool(places) and all(places)


def _is_same(one: Figure, other: Figure) -> bool:
    if one.source and other.source:
        return is_same_picture(one.source, other.source)
    return not one.source and one == other


def _is_repeated(one: Figure, other: Figure) -> bool:
    """Whether a picture further down is the same once more, and not another whose file has that name."""
    return (
        (one.source == other.source or is_once_more(one.source or "", other.source or ""))
        and other.caption in ("", one.caption)
        and _is_same(one, other)
    )


def _stands_for_another(one: Figure, others: Sequence[str]) -> bool:
    """Whether a picture that metadata names is one of the text, or the site's."""
    source = one.source or ""
    is_worded = bool(one.caption or one.credit)
    return any(looks_like_picture(source, other) for other in others) or (
        not is_worded and is_of_the_site(source)
    )


def _put(element: Element, figure: Figure) -> None:
    """Make a picture of an element that stands for one, or its words where no picture was found."""
    from lxml import etree

    words = in_words(figure.caption, figure.credit)
    if element.tag != "img":
        for child in list(element):
            element.remove(child)
        element.text = None
        if not figure.source:
            etree.SubElement(element, "em").text = _xml(words)
            return
        element = etree.SubElement(element, "img", src=figure.source, alt=_xml(figure.alt))
    if words:
        element.set("data-words", "1")
        element.set("title", _xml(words))


def _xml(text: str) -> str:
    """The text without the characters that no XML tree takes."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "\ufffd", text)
