"""Footnotes in HTML: which links are marks, and which elements are the notes that they lead to.

Books say it (epub:type, or the roles of https://www.w3.org/TR/dpub-aria-1.1/); pages raise the mark, or
name it by class.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Element: TypeAlias = Any

_note_words = re.compile(
    r"footnote|endnote|(?:^|[\s_-])(?:fn|note)(?:s|ref|-ref)?(?:$|[\s_\d-])|reference-?text|noteref",
    re.IGNORECASE,
).search
_mark_text = re.compile(r"[\[(]?\s*(?:\d{1,4}|[*†‡§¶]{1,3}|[a-z]|[ivxlc]{1,6})\s*[\])]?[.:]?").fullmatch


def footnotes_of(root: Element) -> dict[str, Element]:
    """The notes that a mark in the text leads to, by id."""
    marks = {}
    for link in root.iter("a"):
        target = link.get("href") or ""
        if len(target) < 2 or "#" not in target or (not target.startswith("#") and not says(link, "noteref")):
            continue
        name = target.rsplit("#", 1)[1]
        parent = link.getparent()
        raised = (parent is not None and parent.tag == "sup") or link.find("sup") is not None
        if says(link, "noteref") or raised or _note_words(link.get("class") or ""):
            marks[name] = link
    found: dict[str, Element] = {}
    if not marks:
        return found
    for element in root.iter():
        name = element.get("id") or (element.get("name") if element.tag == "a" else None)
        if not name or name not in marks or name in found:
            continue
        if element.tag == "a":
            element = next((one for one in element.iterancestors("li", "p", "aside", "div", "dd")), element)
        inside = any(one is element for one in marks[name].iterancestors())
        sure = says(marks[name], "noteref") or says(element, "footnote")
        if not inside and (sure or element.tag in ("li", "p", "aside", "div", "dd")):
            found[name] = element
    return found


def says(element: Element, word: str) -> bool:
    """Whether an element's epub:type or role (https://www.w3.org/TR/dpub-aria-1.1/) holds a word."""
    values = (
        element.get("{http://www.idpf.org/2007/ops}type"),
        element.get("epub:type"),
        element.get("role"),
    )
    return any(word in value for value in values if value)


def is_mark(link: Element) -> bool:
    """Whether a link to a note says only where the note is: a number, a letter, an asterisk."""
    return says(link, "noteref") or _mark_text("".join(link.itertext()).strip()) is not None
