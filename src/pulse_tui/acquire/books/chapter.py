"""A document of a book made ready for the converter from HTML: its notes, its pictures, its cuts.

What Markdown has to say otherwise (a note's number, a picture's name, where a chapter begins) is put in as a
word that nothing else in the book can hold, and replaced once the Markdown is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from pulse_tui.acquire.books.archive import resolve
from pulse_tui.acquire.books.package import kinds
from pulse_tui.acquire.markup import inner_html, local, text_within

_REFERENCES = {"noteref"}
_BACK = {"backlink", "referrer"}
_BLOCKS = {"aside", "li", "p", "dd"}
_WIDE = {"div", "section", "blockquote", "td"}
_LONGEST_NOTE = 64 * 1024
_CUTS = {
    *_BLOCKS,
    *_WIDE,
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "article",
    "header",
    "figure",
    "table",
    "ul",
    "ol",
    "pre",
    "hr",
}
_SILENT = {"script", "style", "head", "template", "object", "iframe", "audio", "video", "form"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_HREF = "{http://www.w3.org/1999/xlink}href"

_back_mark = re.compile(
    r"[\s\[(]*(?:↩|↑|⏎|←|\^|\*|back|\d{1,4})[\ufe0e\ufe0f\s\])]*", re.IGNORECASE
).fullmatch
_escapes = re.compile(r"\\([!-/:-@\[-`{-~])").sub
_ALT = 1000
_web = re.compile(r"(?:https?|mailto):", re.IGNORECASE).match

Targets = dict[str, set[str]]


class Marks:
    """The words that stand for something; `stem` is one that the book cannot know."""

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self.notes: dict[tuple[str, str], int] = {}
        """The number of each note by its (document, id)."""

    def note(self, target: tuple[str, str]) -> str:
        """The word for the mark of a note."""
        return f"{self.stem}n{self.notes.setdefault(target, len(self.notes))}z"

    def cut(self, number: int) -> str:
        """The word for the beginning of a chapter."""
        return f"{self.stem}c{number}z"

    def address(self, number: int) -> str:
        """The address that stands for a picture."""
        return f"https://{self.stem}.invalid/{number}"

    def parted(self, markdown: str) -> Iterator[tuple[int | None, str]]:
        """The text between cuts, each with the number of the cut before it."""
        pieces = re.split(rf"^[ \t]*{self.stem}c(\d+)z[ \t]*$", markdown, flags=re.MULTILINE)
        yield None, pieces[0]
        for number, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            yield int(number), piece

    def figures(self, markdown: str) -> Iterator[tuple[int, str, str]]:
        """The pictures in the text, with their alternative text and their title."""
        mark = rf"""\]\(<?https://{self.stem}\.invalid/(\d+)>?(?:\s+"((?:\\.|[^"\\]){{0,4000}})")?"""
        for found in re.finditer(mark, markdown):
            before = markdown[max(0, found.start() - _ALT) : found.start()]
            alt = before.rpartition("![")[2] if "![" in before else ""
            yield int(found[1]), _escapes(r"\1", alt), _escapes(r"\1", found[2] or "")

    def replaced(self, markdown: str, note: Callable[[int], str], picture: Callable[[int], str]) -> str:
        """The text with what its words stand for."""
        markdown = re.sub(
            rf"https://{self.stem}\.invalid/(\d+)", lambda each: picture(int(each[1])), markdown
        )
        markdown = re.sub(rf" ?{self.stem}n(\d+)z", lambda each: note(int(each[1])), markdown)
        return re.sub(rf"{self.stem}c\d+z", "", markdown)


def body_of(root: Any) -> Any:
    """The body of a document, without what is never read."""
    body = next((each for each in root.iter() if local(each.tag) == "body"), root)
    for each in [each for each in body.iter() if local(each.tag) in _SILENT]:
        _drop(each)
    return body


def referenced(body: Any, name: str) -> Targets:
    """Where the marks of notes in a document lead."""
    found: Targets = {}
    for link in body.iter():
        if local(link.tag) == "a" and kinds(link) & _REFERENCES:
            target, fragment = resolve(name, link.get("href") or "")
            if target and fragment:
                found.setdefault(target, set()).add(fragment)
    return found


def take_notes(body: Any, wanted: Collection[str]) -> dict[str, str]:
    """The notes of those ids as HTML, taken out of the document: one for each block, none within another."""
    blocks: dict[Any, str] = {}
    for each in body.iter():
        name = str(each.get("id") or "") if isinstance(each.tag, str) else ""
        if name in wanted and each is not body:
            above = (each, *each.iterancestors())
            block = (
                each
                if local(each.tag) in _WIDE
                else next((at for at in above if local(at.tag) in _BLOCKS), None)
            )
            if block is not None and body in block.iterancestors() and not any(at in blocks for at in above):
                blocks[block] = name
    found: dict[str, str] = {}
    for block, name in blocks.items():
        if name in found:
            continue
        for link in [link for link in block.iter() if local(link.tag) == "a"]:
            given = link.get("href") or ""
            if given and not _web(given) and (kinds(link) & _BACK or _back_mark(words(link))):
                _drop(link)
        html = html_of(block)
        if len(html) <= _LONGEST_NOTE:
            found[name] = html
            _drop(block)
    return found


def mark_notes(body: Any, name: str, notes: Collection[tuple[str, str]], marks: Marks) -> None:
    """Put a word in place of each mark of a note that was found."""
    for link in [each for each in body.iter() if local(each.tag) == "a"]:
        if not kinds(link) & _REFERENCES:
            continue
        target = resolve(name, link.get("href") or "")
        if target not in notes:
            continue
        above = link.getparent()
        alone = above is not None and local(above.tag) == "sup" and len(above) == 1
        alone = alone and not (above.text or "").strip() and not (link.tail or "").strip()
        _drop(above if alone else link, marks.note(target))


def mark_cuts(body: Any, ids: dict[str, int], marks: Marks) -> set[int]:
    """Put a paragraph with a word before what has those ids; returns the numbers that were found."""
    done = set()
    for each in list(body.iter()):
        number = ids.get(each.get("id") or each.get("name") or "") if isinstance(each.tag, str) else None
        if number is None or number in done:
            continue
        block = next((at for at in (each, *each.iterancestors()) if local(at.tag) in _CUTS), None)
        if block is None or block.getparent() is None or body not in block.iterancestors():
            block = each
        # A cut must not lie within a list or a quotation, where its word would not stand alone.
        while block.getparent() is not None and local(block.getparent().tag) in (
            "blockquote",
            "li",
            "ul",
            "ol",
        ):
            block = block.getparent()
        if block.getparent() is None or block is body:
            continue
        word = block.makeelement("p")
        word.text = marks.cut(number)
        block.addprevious(word)
        done.add(number)
    return done


def mark_pictures(body: Any, name: str, number: Callable[[str], int | None], marks: Marks) -> None:
    """Give each picture an address that is replaced later; `number` says which, or None to leave it out."""
    drawings: set[Any] = set()
    for each in [each for each in body.iter() if local(each.tag) in ("img", "image", "svg")]:
        kind = local(each.tag)
        if kind == "svg" and each in drawings:
            each.tag = "span"
            continue
        if kind == "svg":
            # Drawings within a drawing are part of it.
            drawings.update(inner for inner in each.iter() if local(inner.tag) == "svg")
        if kind == "svg" and not any(local(inner.tag) == "image" for inner in each.iter()):
            words = [inner for inner in each.iter() if local(inner.tag) in ("title", "desc", "text")]
            _drop(each, " ".join((inner.text or "").strip() for inner in words))
            continue
        if kind == "svg":
            each.tag = "span"
            continue
        source = each.get("src") or each.get(_HREF) or each.get("href") or ""
        target, _ = resolve(name, source)
        at = number(target) if target else None
        if at is None:
            _drop(each, f" {each.get('alt')} " if each.get("alt") else "")
            continue
        for key in list(each.attrib):
            if key not in ("alt", "title", "class"):
                del each.attrib[key]
        each.tag = "img"
        each.set("src", marks.address(at))


def html_of(element: Any) -> str:
    """What stands in an element, as HTML in which only links to the web are links."""
    for each in element.iter():
        if local(each.tag) == "a" and not _web((each.get("href") or "").strip()):
            each.attrib.pop("href", None)
            each.tag = "span"
    return inner_html(element)


def heading_of(body: Any) -> str:
    """The text of the first heading; empty if there is none."""
    for each in body.iter():
        if local(each.tag) in _HEADINGS and (text := words(each)):
            return text
    return ""


def is_bare(body: Any) -> bool:
    """Whether nothing is left of a document but headings."""
    for each in body.iter():
        name = local(each.tag)
        if name == "img" or (each.tail or "").strip():
            return False
        if (each.text or "").strip() and not any(
            local(above.tag) in _HEADINGS for above in (each, *each.iterancestors())
        ):
            return False
    return True


def words(element: Any) -> str:
    """An element's text on one line, at most 10,000 characters of it."""
    return " ".join(text_within(element).split())


def _drop(element: Any, text: str = "") -> None:
    """Leave `text` where the element was, and what follows it.

    The element stays, empty: to join the texts on both sides would copy them once for each element.
    """
    element.clear(keep_tail=True)
    element.tag = "span"
    element.text = text
