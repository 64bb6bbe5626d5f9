"""The pictures of a page with their words: every captioned image, and which of them leads.

Pages mark captions in three ways: `figure` and `figcaption`, classes such as caption, cutline or credit
near an image, and text that only its place tells; the first two are read, the third is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from pulse_tui.acquire.page import captions
from pulse_tui.acquire.page.tree import Element, absolute, is_hidden, names_of, text_of
from pulse_tui.article import Figure

_LONGEST = 1200
_CLIMB = 5
_MOST_IMAGES = 4
_FIGURES = 300
_SHORT = 6
"""Characters of a file's name that many pictures of a site may have."""
_COMMON = re.compile(
    r"(?:original|featured|download|image|picture|photo|default|cover|header|hero|thumbnail|unnamed)"
    r"(?:[-_]?image)?[-_]?\d{0,4}"
).fullmatch
_OF_THE_SITE = re.compile(
    r"(?:logo|favicon|placeholder)s?(?![a-z])|"
    r"(?<![a-z])(?:share|sharing|social|default|fallback|icon|og)(?:image|img|card|pic)?(?![a-z])"
).search

_caption = re.compile(
    r"caption|cutline|(?:^|[\s_-])legende?(?:$|[\s_-])|image-?text|figure-?text|photo-?(?:text|desc(?:ription)?)|"
    r"(?:image|media|picture|photo|figure)[-_]*(?:description|title)(?:$|[\s_-])|bildunterschrift|bildtext|pie-?(?:de-?)?foto",
    re.IGNORECASE,
).search
_credit = re.compile(
    r"credit(?!ation|ed|s?-?card|s-colored|ors?\b)|copyright|(?:^|[\s_-])copy(?:$|\s)|photographer|attribution|byline-?photo|photo-?byline|"
    r"(?:image|photo|media|caption|figure|picture|img)[-_]*(?:source|owner|author|by|rights|agency|copy)(?:$|[\s_-])|"
    r"imagesource|(?:^|[\s_-])source(?:$|\s)|bildquelle|bildnachweis|fotograf(?:$|[\s_-])",
    re.IGNORECASE,
).search
_neither = re.compile(
    r"vjs|video-?controls|captions?-(?:settings|button|toggle|link|selector)|ad-?caption|advert|subscribe|newsletter|"
    r"link-attribution|link-disclosure|capt(?:ion)?-?toggle|social|comment|copyright-?(?:notice|footer)|site-?copyright|jw-|"
    r"related|recirc|promo|most-?(?:read|popular)|sidebar|teaser",
    re.IGNORECASE,
).search
_site = re.compile(r"all rights reserved|(?:©|\(c\)|copyright)\s*(?:19|20)\d\d", re.IGNORECASE).search
_placeholder = re.compile(
    r"(?:lazy-?load|placeholder|blank|spacer|preloader|missing-image|transparent|pixel|grey|gray|1x1|clear|loading|fallback)"
    r"[\w.-]*\.(?:gif|png|svg|jpe?g)|^data:|^about:|^#",
    re.IGNORECASE,
).search
_size = re.compile(r"[-_]?\d{2,4}x\d{2,4}|\.(?:jpe?g|png|webp|gif|avif)$|[-_]scaled$|@\dx$").sub
_picture_file = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)$", re.IGNORECASE).search
# A comma may stand in an address, but not at its end.
_candidates = re.compile(r"([^\s,]\S*(?<!,))(?:\s+([^,]*))?").finditer
_within_article = re.compile(r"article|story|post|entry|content|main|body", re.IGNORECASE).search
_outside_article = re.compile(
    r"related|recirc|promo|most-?(?:read|popular)|sidebar|teaser|footer|trending|newsletter|more-?(?:from|stories)|author-?(?:bio|box|info)|avatar|recommend|outbrain|taboola",
    re.IGNORECASE,
).search
_SOURCES = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-hi-res-src",
    "data-full-src",
    "data-image",
    "data-srcset",
    "srcset",
    "src",
)
_WORDS = (
    "figcaption",
    "div",
    "p",
    "span",
    "small",
    "cite",
    "em",
    "i",
    "li",
    "aside",
    "dd",
    "h4",
    "h5",
    "h6",
    "a",
    "b",
    "strong",
    "td",
)


@dataclass(slots=True)
class Found:
    """A picture on a page: the element that holds it with its words, and what it says."""

    node: Element
    image: Element | None
    source: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    words: list[Element] = field(default_factory=list)

    def figure(self) -> Figure:
        """The same as a value."""
        return Figure(self.source or None, self.alt, self.caption, self.credit)


def figures_of(root: Element, base: str) -> list[Found]:
    """The pictures of a page that have a caption or a credit, in their order."""
    found: list[Found] = []
    for element in _worded(root):
        names = names_of(element)
        is_caption = element.tag == "figcaption" or _caption(names) is not None or _holds_caption(element)
        text = text_of(element)
        if not 1 < len(text) < _LONGEST or (_site(text) and element.tag != "figcaption"):
            continue
        wrapper, image = _wrapper(element)
        if wrapper is None:
            continue
        if is_caption and (element.tag == "figcaption" or not _credit_only(names) or _holds_caption(element)):
            caption, credit = _split(element)
        else:
            caption, credit = "", captions.bare(text)
        if len(credit) < 2 or len(credit) > 200 or credit.lower() in ("by", "credit", "photo"):
            credit = ""
        known = next(
            (one for one in found if one.node is wrapper or (image is not None and one.image is image)), None
        )
        if known is not None:
            _join(known, caption, credit)
            known.words.append(element)
            if known.node is not wrapper and any(one is wrapper for one in known.node.iterancestors()):
                known.node = wrapper
        elif len(found) < _FIGURES:
            source = absolute(base, source_of(image)) if image is not None else ""
            alt = (image.get("alt") or "") if image is not None else ""
            found.append(Found(wrapper, image, source, alt, caption, credit, [element]))
    return [one for one in found if one.caption or one.credit]


def source_of(image: Element) -> str:
    """The address of an image as the page gives it, lazily loaded ones too; empty where it has none."""
    for key in _SOURCES:
        value = image.get(key)
        if not value or not value.strip():
            continue
        if key.endswith("srcset"):
            value = largest(value)
        if value and not _placeholder(value):
            return str(value)
    parent = image.getparent()
    if parent is not None and parent.tag == "picture":
        for source in parent.iter("source"):
            value = largest(source.get("srcset") or source.get("data-srcset") or "")
            if value and not _placeholder(value):
                return value
    return ""


def largest(candidates: str) -> str:
    """The largest image of a `srcset` (https://html.spec.whatwg.org/#srcset-attributes)."""
    best, size = "", -1.0
    for candidate in islice(_candidates(candidates), 50):
        described = re.match(r"(\d{1,9}(?:\.\d{1,9})?)[wx](?!\S)", candidate[2] or "")
        here = float(described[1]) if described else 0.0
        if here > size:
            best, size = candidate[1], here
    return best


def lead_of(found: list[Found], image: str, root: Element) -> Found | None:
    """The picture that leads the article: the one that the page names, else the first within the article."""
    if not found:
        return None
    name = file_name(image)
    if name:
        for one in found:
            if one.source and file_name(one.source) == name:
                return one
    order = {element: number for number, element in enumerate(root.iter())}
    anchors = [element for element in (root.find(".//h1"), root.find(".//article")) if element is not None]
    start = min((order[element] for element in anchors), default=0)
    later = [one for one in found if order[one.node] >= start]
    inside = [one for one in later if _in_article(one.node)]
    near = [one for one in later if not _is_outside(one.node) and order[one.node] < start + 120]
    return (near or inside or later or found)[0]


def file_name(address: str) -> str:
    """What two addresses of one picture in two sizes have in common: the file's name."""
    name = address.split("?")[0].rstrip("/").rsplit("/", 1)[-1].lower()
    return _size("", _size("", name))


def is_same_picture(one: str, other: str) -> bool:
    """Whether two addresses are surely those of one picture, perhaps in two sizes.

    A short name (`1.jpg`) must lie in the same folder, and one that is no picture's (`image.php`) is none.
    """
    if one == other:
        return True
    name = file_name(one)
    if not name or name != file_name(other) or "." in name:
        return False
    paths = [_size("", address.split("?")[0].rstrip("/").lower()) for address in (one, other)]
    is_file = _picture_file(one.split("?")[0]) is not None
    if _COMMON(name):
        return is_file and is_once_more(one, other)
    if len(name) <= _SHORT:
        return is_file and paths[0] == paths[1]
    return is_file or any(character.isdigit() for character in name)


def is_once_more(one: str, other: str) -> bool:
    """Whether two addresses are the same but for a size in them."""
    return _size("", one.lower()) == _size("", other.lower())


def is_of_the_site(address: str) -> bool:
    """Whether a picture is named as those are that stand for a site and not for an article."""
    return _OF_THE_SITE(address.split("?")[0].lower().rpartition("/")[2]) is not None


def looks_like_picture(one: str, other: str) -> bool:
    """Whether two addresses may be those of one picture: by the files' names, or by a number within them."""
    names = file_name(one), file_name(other)
    return names[0] == names[1] or not _numbers(names[0]).isdisjoint(_numbers(names[1]))


def _numbers(name: str) -> set[str]:
    return set(re.findall(r"\d{7,}", name))


def _worded(root: Element) -> Iterator[Element]:
    """The elements that look like a picture's words, the outermost of each."""
    used: set[Element] = set()
    named: dict[str, bool] = {}  # a page has few names, many times
    for element in root.iter(*_WORDS):
        if element.tag != "figcaption":
            names = names_of(element)
            if names not in named:
                named[names] = bool(_caption(names) or _credit(names)) and not _neither(names)
            if not named[names]:
                continue
        if element.find(".//img") is not None or is_hidden(element):
            continue
        if any(
            one in used or one.tag in ("footer", "nav") or _neither(one.get("class") or "")
            for one in _above(element)
        ):
            continue
        used.add(element)
        yield element


def _above(element: Element) -> Iterator[Element]:
    for one in element.iterancestors():
        if one.tag in ("body", "main", "article"):
            return
        yield one


def _wrapper(element: Element) -> tuple[Element | None, Element | None]:
    """The nearest element around the words that holds an image too, and that image."""
    here = element
    for _ in range(_CLIMB):
        parent = here.getparent()
        if parent is None or parent.tag in ("body", "html", "main"):
            return None, None
        if parent.tag == "article" and element.tag != "figcaption":
            return None, None
        images = list(parent.iter("img"))
        here = parent
        if images:
            if len(images) > _MOST_IMAGES and parent.tag != "figure":
                return None, None
            return here, next((image for image in images if source_of(image)), images[0])
        if parent.tag == "figure":
            return here, None
    return None, None


def _split(element: Element) -> tuple[str, str]:
    """The caption and the credit within a caption's element: the marked-up credit, else the text's tail."""
    marked = [
        one
        for one in element.iterdescendants()
        if isinstance(one.tag, str)
        and (_credit(names_of(one)) or one.tag in ("cite", "small"))
        and text_of(one)
    ]
    marked = [one for one in marked if not any(other in marked for other in one.iterancestors())]
    whole = text_of(element)
    if not marked:
        return captions.caption_and_credit(whole)
    inner = [
        one
        for outer in marked
        for one in outer.iterdescendants()
        if isinstance(one.tag, str)
        and _caption(names_of(one))
        and not _credit(names_of(one))
        and text_of(one)
    ]
    credit = next((text_of(one) for one in marked if captions.bare(text_of(one))), "")
    if inner:
        words = text_of(inner[0])
        return words, captions.bare(credit.replace(words, " "))
    caption = text_of(element, marked).strip(" |–—-(")
    if captions.bare(caption) == "" or re.fullmatch(r"\W*(?:\w+\W*:)?\W*", caption):
        caption = ""
    if len(credit) > captions.LONGEST_CREDIT + 40 and not caption:
        return captions.caption_and_credit(credit)
    if caption and not captions.bare(credit):
        return captions.caption_and_credit(caption)
    return caption, captions.bare(credit)


def _holds_caption(element: Element) -> bool:
    """Whether a caption is marked up within an element that is named for its credit."""
    return any(_caption(names) and not _credit(names) for one in element if (names := names_of(one)))


def _credit_only(names: str) -> bool:
    """Whether an element's names speak of the credit, and of the caption only as its place."""
    without = re.sub(
        r"captions?(?:__|--|-|_)?(?=credit|source|author|copyright|attribution|photographer)",
        "",
        names,
        flags=re.I,
    )
    return _credit(names) is not None and _caption(without) is None


def _join(known: Found, caption: str, credit: str) -> None:
    if (
        caption
        and known.caption
        and caption != known.caption
        and not known.credit
        and not credit
        and captions.looks_like_credit(caption)
    ):
        known.credit = captions.bare(caption)
        return
    known.caption = known.caption or caption
    known.credit = known.credit or credit


def _is_outside(node: Element) -> bool:
    return any(
        one.tag in ("aside", "nav", "footer")
        or _outside_article(f"{one.get('class') or ''} {one.get('id') or ''}")
        for one in (node, *node.iterancestors())
        if one.tag not in ("body", "html")
    )


def _in_article(node: Element) -> bool:
    inside = False
    for one in (node, *node.iterancestors()):
        names = f"{one.get('class') or ''} {one.get('id') or ''}"
        if one.tag in ("body", "html"):
            break
        if one.tag == "aside" or _outside_article(names):
            return False
        inside = inside or one.tag in ("article", "main") or _within_article(names) is not None
    return inside
