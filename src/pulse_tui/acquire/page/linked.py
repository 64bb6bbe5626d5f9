"""What a page says about its article for machines: JSON-LD (https://schema.org/Article) and meta tags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from pulse_tui.acquire.page.tree import Element
from pulse_tui.text import clean_line

_KINDS = {
    "article", "newsarticle", "blogposting", "reportagenewsarticle", "analysisnewsarticle",
    "opinionnewsarticle", "reviewnewsarticle", "backgroundnewsarticle", "scholarlyarticle", "techarticle",
    "report", "review", "socialmediaposting", "liveblogposting", "creativework", "webpage",
}  # fmt: skip
_WEAK = {"webpage", "creativework"}
_NODES = 300
_SCRIPT = 500_000

# Around a script without blanks at its ends.  Spaces in front are few, else time grows with their square.
_wrapping = re.compile(r"^(?://\s*+)?<!\[CDATA\[|(?://\s{0,9})?\]\]>$|^<!--|-->$").sub
_tags = re.compile(r"<[^<>]*>").sub


def meta_of(root: Element) -> dict[str, list[str]]:
    """The page's meta tags: name, property or item property in small letters, to what they hold."""
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = element.get("content")
        if not content:
            continue
        for key in {element.get("property"), element.get("name"), element.get("itemprop")}:
            if key:
                found.setdefault(key.lower().strip(), []).append(plain(content))
    return found


def article_of(root: Element) -> Mapping[str, Any]:
    """The first JSON-LD object that is an article, rather one with a headline; empty where there is none."""
    found = list(_articles(root))
    return min(found, key=lambda pair: pair[0])[1] if found else {}


def breadcrumbs_of(root: Element) -> list[str]:
    """The names in a JSON-LD breadcrumb list, in their order."""
    for node in _nodes(root):
        if "breadcrumblist" in _types(node):
            items = node.get("itemListElement")
            names = []
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    inner = item.get("item")
                    name = item.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
                    if isinstance(name, str):
                        names.append(plain(name))
            if names:
                return names
    return []


def texts(value: Any) -> list[str]:
    """The names in a value of JSON-LD: a text, an object with a name, or a list of such."""
    if isinstance(value, str):
        return [plain(value)] if value.strip() else []
    if isinstance(value, dict):
        return texts(value.get("name"))
    if isinstance(value, list):
        return [text for item in value[:50] for text in texts(item)]
    return []


def first_text(value: Any) -> str:
    """The first text in a value of JSON-LD, or an empty one."""
    found = texts(value)
    return found[0] if found else ""


def address(value: Any) -> str:
    """The address in a value of JSON-LD: itself, or that of an object's url, contentUrl or id."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = next((value[key] for key in ("url", "contentUrl", "@id") if value.get(key)), None)
        if isinstance(value, list):
            value = value[0] if value else None
    return value.strip() if isinstance(value, str) else ""


def image_of(article: Mapping[str, Any]) -> Mapping[str, Any]:
    """The article's first image, where it is an object and may have words of its own."""
    image = article.get("image")
    if isinstance(image, list):
        image = image[0] if image else None
    return image if isinstance(image, dict) else {}


def plain(text: str) -> str:
    """A text of a meta tag or of JSON-LD, which are often escaped twice, without tags."""
    text = _tags(" ", text) if "<" in text else text
    for _ in range(2):
        if "&" in text:
            text = unescape(text)
    return clean_line(_tags("", text) if "<" in text else text)


def _articles(root: Element) -> Iterator[tuple[tuple[bool, bool, int], Mapping[str, Any]]]:
    for number, node in enumerate(_nodes(root)):
        kinds = _types(node) & _KINDS
        if kinds:
            yield (not kinds - _WEAK, "headline" not in node, number), node


def _types(node: Mapping[str, Any]) -> set[str]:
    value = node.get("@type")
    values = value if isinstance(value, list) else [value]
    return {str(item).rsplit("/", 1)[-1].lower() for item in values}


def _nodes(root: Element) -> Iterator[Mapping[str, Any]]:
    seen = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text or len(script.text) > _SCRIPT:
            continue
        text = _wrapping("", script.text.strip()).strip().rstrip(";")
        try:
            todo = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while todo and seen < _NODES:
            node = todo.pop(0)
            if isinstance(node, list):
                todo[:0] = node[:_NODES]
            elif isinstance(node, dict):
                seen += 1
                yield node
                inner = (node.get(key) for key in ("@graph", "mainEntity", "mainEntityOfPage"))
                todo.extend(value for value in inner if isinstance(value, (dict, list)))
