"""The fields of an article as its page tells them: each from the surest source that has it.

For machines first (JSON-LD, meta tags, microdata), then for eyes (bylines, time elements), except where
a page is known to tell machines something else: the visible headline and standfirst are preferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pulse_tui.acquire.page import linked
from pulse_tui.acquire.page.dates import date_in, read_date
from pulse_tui.acquire.page.tree import Element, absolute, names_of, text_of

_TITLES = (
    "og:title",
    "twitter:title",
    "parsely-title",
    "sailthru.title",
    "dc.title",
    "dcterms.title",
    "title",
    "headline",
)
_AUTHORS = (
    "author",
    "byl",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "article:author_name",
)
_DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "date", "pubdate", "publishdate", "publish-date", "publish_date",
    "published", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.issued", "dcterms.date",
    "article.published", "originalpublicationdate", "ptime", "pdate", "cxenseparse:recs:publishtime",
    "citation_publication_date", "citation_date", "article_date_original", "displaydate", "article.created",
    "rnews:datepublished", "date.release", "release_date",
)  # fmt: skip
_DEKS = ("og:description", "description", "twitter:description", "dc.description")
_IMAGES = (
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
    "thumbnail",
)

_letters = re.compile(r"\W+").sub
_site_behind = re.compile(r"\s+[|\-–—»:·•]\s+(?=[^|\-–—»·•]{2,40}$)")
_no_name = re.compile(
    r"^(?:https?:|www\.|@)|\.(?:com|org|net)\b|^(?:admin|editors?|staff|guest|unknown|none|null|undefined|"
    r"author|posted|view all.*|follow.*)$|@\w",
    re.IGNORECASE,
).search
_by = re.compile(
    r"^(?:(?:written|posted|reported|story|words|text|article|review(?:ed)?|edited)\s+)?(?:by|von|par|di|por|de|af|av|door)\b[:\s]+|^(?:author|autor|auteur|autore)\s*:\s*",
    re.IGNORECASE,
).sub
_between_names = re.compile(
    r"\s*(?:,|;|\||•|·|\s(?:and|und|et|y|e|och|og|en)\s|&|\n)\s*", re.IGNORECASE
).split
_after_name = re.compile(
    r"\s+(?:(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d|\d|on\s|updated\b|published\b|posted\b|for\s+the\b|–|—|\||in\s+[A-Z])|\s*[(<]|\s*/\s*|,?\s+(?:senior|staff|special|chief)\s",
    re.IGNORECASE,
).split
_begins_by = re.compile(r"(?:by|von|par|por|di|door|av)(?:\s*:|\s|$)", re.IGNORECASE).match
_like_name = re.compile(r"[A-ZÀ-Þ][\w.’'-]*(?:\s+[\w.’'-]+){1,4}").fullmatch
_author_address = re.compile(
    r"/(?:authors?|writers?|autor(?:en|es)?|auteurs?|people|contributors?|by|profile|staff|journalist|reporters?)/[\w.%-]{3,}",
    re.I,
).search
_dek_class = re.compile(
    r"(?:^|[\s_-])(?:dek|standfirst|subhead(?:line|ing)?|sub-?title|article-?summary|article-?(?:dek|lead|intro)|kicker-?text|teaser-?text|headline-?sub|sub-?headline|"
    r"strapline|deck|vorspann|chapo|sottotitolo|bajada|entradilla)(?:$|[\s_-])|alternativeheadline|standfirst|__dek|-dek",
    re.IGNORECASE,
).search
_offer = re.compile(r"newsletter|subscri|sign.?up|promo|related|% off|get the\b", re.IGNORECASE).search
_byline_class = re.compile(r"byline|author(?!i)|contributor|writer", re.IGNORECASE).search
_not_byline = re.compile(
    r"bio|avatar|image|photo|follow|social|related|comment|twitter|title|role|box|desc", re.IGNORECASE
).search
_date_class = re.compile(
    r"date|published|pubdate|publish|timestamp|time(?:$|[\s_-])|posted", re.IGNORECASE
).search
_bare_date = re.compile(r"\W*(?:\w+\W+){0,9}\w*\W*").fullmatch
_updated = re.compile(r"updated|modified|mis à jour|aktualisiert|actualizado|last[ -]edit", re.IGNORECASE)
_language = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*").fullmatch


class Fields(NamedTuple):
    """What a page says of its article; empty where it says nothing."""

    title: str
    dek: str
    authors: tuple[str, ...]
    published: date | datetime | None
    sections: tuple[str, ...]
    language: str
    address: str
    """The canonical one."""
    image: str
    caption: str
    """What the metadata, not the page, says below the lead picture."""
    credit: str
    tags: tuple[str, ...]


def fields_of(root: Element, address: str) -> Fields:
    """The fields of the article on a page that was read from `address`."""
    meta = linked.meta_of(root)
    article = linked.article_of(root)

    def first(keys: Iterable[str]) -> str:
        return next((value for key in keys for value in meta.get(key, ()) if value), "")

    base = base_of(root, address)
    picture = linked.image_of(article)
    title = _title(root, article, meta, first(_TITLES))
    return Fields(
        title=title,
        dek=_dek(root, article, first(_DEKS), title),
        authors=tuple(_authors(root, article, meta)),
        published=_published(root, article, meta, address),
        sections=tuple(_sections(root, article, meta, title)),
        language=_language_of(
            root, article, first(("og:locale", "content-language", "dc.language", "language"))
        ),
        address=_canonical(root, base, first(("og:url",))) or absolute(address, address),
        image=absolute(base, first(_IMAGES) or linked.address(article.get("image"))),
        caption=linked.first_text(picture.get("caption") or picture.get("description")),
        credit=linked.first_text(picture.get("creditText"))
        or ", ".join(linked.texts(picture.get("creator") or picture.get("author"))),
        tags=tuple(_tags(root, article, meta)),
    )


def base_of(root: Element, address: str) -> str:
    """What the page's relative links are relative to."""
    found = root.find(".//base[@href]")
    return absolute(address, found.get("href")) or address if found is not None else address


def clean_names(values: Iterable[str]) -> list[str]:
    """Bylines to names: `By A. Writer and B. Author` to two."""
    names: list[str] = []
    for value in values:
        value = _by("", linked.plain(value).strip(" ,;|")).strip()
        parts = _between_names(value)[:20]
        if len(parts) == 2 and "," not in value and min(len(part.split()) for part in parts) < 2:
            # A house's name (`Salt & Road`), or first names alone.
            parts = [value]
        for part in parts:
            name = _by("", part.strip(" ,;|:")).strip()
            if not 1 < len(name) < 60 or _no_name(name) or not re.search(r"[^\W\d_]", name):
                continue
            if name.lower() not in {known.lower() for known in names}:
                names.append(name)
    return names


def _title(root: Element, article: Mapping[str, Any], meta: Mapping[str, list[str]], tagged: str) -> str:
    """The visible headline where the metadata agrees with it, for metadata is often made for searches."""
    told = [text for text in (linked.first_text(article.get("headline")), tagged) if text]
    element = root.find(".//title")
    window = linked.plain(element.text or "") if element is not None else ""
    headings = [text for text in (text_of(heading) for heading in root.iter("h1")) if text]
    headings += [
        text_of(one) for one in root.xpath("//*[self::h2 or self::h3][contains(@itemprop,'headline')]")
    ]
    known = [_letters("", text.lower()) for text in (*told, window)]
    for heading in headings:
        bare = _letters("", heading.lower())
        if len(bare) > 5 and any(bare in text for text in known):
            return heading
    for heading in headings:
        words = set(re.findall(r"\w{3,}", heading.lower()))
        if len(words) >= 4 and any(
            len(words & set(re.findall(r"\w{3,}", text.lower()))) * 3 >= len(words) * 2 for text in told
        ):
            return heading
    if len(headings) == 1 and len(headings[0].split()) >= 4:
        return headings[0]
    if told:
        return _without_site(told[0], meta)
    if window:
        return _without_site(_site_behind.split(window)[0], meta)
    return headings[0] if headings else ""


def _without_site(title: str, meta: Mapping[str, list[str]]) -> str:
    for site in meta.get("og:site_name", [])[:1]:
        for mark in ("|", "-", "–", "—", "»", "·", ":"):
            if title.lower().endswith(f" {mark} {site.lower()}"):
                return title[: -len(site) - 3].strip()
    return title


def _dek(root: Element, article: Mapping[str, Any], tagged: str, title: str) -> str:
    """The standfirst near the headline, for descriptions are cut or made for searches."""
    for element in _near_headline(root, 80):
        if element.tag not in ("p", "h2", "h3", "h4", "div", "span"):
            continue
        names = names_of(element)
        if names and _dek_class(names) and not _offer(names):
            text = text_of(element)
            if 20 < len(text) < 500 and text != title and not _offer(text[:60]):
                return text
    return tagged or linked.first_text(article.get("description"))


def _near_headline(root: Element, number: int) -> list[Element]:
    """The elements that follow the first headline, in order; `number` of them, and a few that precede it."""
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    at = next((place for place, one in enumerate(elements) if one.tag == "h1"), 0)
    return elements[max(0, at - 15) : at + number]


def _authors(root: Element, article: Mapping[str, Any], meta: Mapping[str, list[str]]) -> list[str]:
    houses = [
        *meta.get("og:site_name", []),
        *linked.texts(article.get("publisher")),
        *meta.get("copyright", []),
    ]
    told = clean_names(linked.texts(article.get("author")))
    told = told or clean_names(value for key in _AUTHORS for value in meta.get(key, ()))
    if told and not all(any(name.lower() in house.lower() for house in houses) for name in told):
        return told
    return _seen_authors(root) or told


def _seen_authors(root: Element) -> list[str]:
    """The names in the bylines that the page shows."""
    names: list[str] = []
    near = _near_headline(root, 120)
    for element in near:
        text = " ".join((element.text or "").split())
        if not _begins_by(text):
            continue
        if len(text) < 4 and len(element):
            text = text_of(element)
        if 5 < len(text) < 100:
            names = clean_names([_after_name(_by("", text))[0]])
            if names and all(_like_name(name) for name in names):
                return names[:8]
    names = []
    sure = root.xpath("//*[@rel='author' or contains(concat(' ',@itemprop,' '),' author ')]")
    likely = [
        one
        for one in root.iter("a", "span", "p", "div", "address", "li", "cite")
        if (found := names_of(one)) and _byline_class(found) and not _not_byline(found)
    ]
    linked_names = [one for one in near if one.tag == "a" and _author_address(one.get("href") or "")]
    for elements in (linked_names, sure, likely):
        for element in elements[:6]:
            inner = element.xpath(
                ".//*[@itemprop='name' or @rel='author' or contains(concat(' ',@class,' '),' fn ')]"
            )
            for one in inner[:8] or [element]:
                text = text_of(one)
                if 0 < len(text) < 120:
                    names += [
                        name for name in clean_names([_after_name(_by("", text))[0]]) if name not in names
                    ]
            if names and elements is not sure:
                break
        if names:
            return names[:8]
    return []


def _published(
    root: Element, article: Mapping[str, Any], meta: Mapping[str, list[str]], address: str
) -> date | datetime | None:
    told = [linked.first_text(article.get(key)) for key in ("datePublished", "dateCreated")]
    told += [value for key in _DATES for value in meta.get(key, ())]
    told += [
        one.get("content") or one.get("datetime") or text_of(one)
        for one in root.xpath(
            "//*[contains(@itemprop,'datePublished') or contains(@property,'datePublished')]"
        )[:3]
    ]
    times = (
        root.xpath("//time[@pubdate]")
        or root.xpath("//article//time[@datetime]")
        or root.xpath("//time[@datetime]")
    )
    told += [one.get("datetime") or "" for one in times[:2]]
    for text in told:
        found = read_date(text) if text else None
        if found is not None:
            return found
    inside = date_in(address)
    if inside is not None:
        return inside
    for element in _near_headline(root, 150):
        text = " ".join((element.text or "").split())
        if (
            7 < len(text) < 70
            and (found := read_date(_updated.split(text)[0] or text)) is not None
            and _bare_date(text)
        ):
            return found
    for element in root.xpath("//time | //*[@class or @itemprop or @id]"):
        if element.tag not in (
            "time",
            "span",
            "p",
            "div",
            "li",
            "abbr",
            "small",
            "em",
            "a",
            "dd",
            "td",
            "h5",
            "h6",
            "meta",
        ):
            continue
        if element.tag != "time" and not _date_class(names_of(element)):
            continue
        text = element.get("datetime") or element.get("content") or element.get("title") or ""
        text = text if read_date(text) else text_of(element)
        if 5 < len(text) < 150 and (found := read_date(_updated.split(text)[0] or text)) is not None:
            return found
    return None


def _sections(
    root: Element, article: Mapping[str, Any], meta: Mapping[str, list[str]], title: str
) -> list[str]:
    path = linked.breadcrumbs_of(root) or [
        text_of(one)
        for one in root.xpath(
            "(//*[contains(@class,'breadcrumb') or contains(@id,'breadcrumb')"
            " or contains(@itemtype,'BreadcrumbList')])[1]"
            "//*[self::a or self::li[not(.//a)]]"
        )[:8]
    ]
    found = [
        one.strip(" >›»/")
        for one in path
        if one.lower() not in ("home", "homepage", "start", "startseite", "accueil", "inicio", "news home")
    ]
    same = _letters("", title.lower())
    found = [
        one for one in found if 1 < len(one) < 60 and _letters("", one.lower()) not in same[: len(one) + 5]
    ]
    if not found:
        found = linked.texts(article.get("articleSection")) or meta.get("article:section", [])
    if not found:
        found = [
            text
            for key in ("section", "parsely-section", "cxenseparse:section", "category")
            for text in meta.get(key, [])
        ]
    if not found:
        found = [text_of(one) for one in root.xpath("//*[contains(@itemprop,'articleSection')]")[:3]]
    return [one for one in dict.fromkeys(found) if 1 < len(one) < 80][:5]


def _tags(root: Element, article: Mapping[str, Any], meta: Mapping[str, list[str]]) -> list[str]:
    found = meta.get("article:tag", []) + meta.get("parsely-tags", [])
    if not found:
        keywords = article.get("keywords")
        found = [keywords] if isinstance(keywords, str) else linked.texts(keywords)
        found = found or meta.get("news_keywords", [])
    if not found:
        found = [text_of(one) for one in root.xpath("//a[contains(concat(' ',@rel,' '),' tag ')]")[:30]]
    parts = [part.strip() for text in found for part in re.split(r"[,;]", text)]
    return [one for one in dict.fromkeys(parts) if 1 < len(one) < 60 and ":" not in one][:20]


def _language_of(root: Element, article: Mapping[str, Any], tagged: str) -> str:
    language = article.get("inLanguage")
    for text in (
        root.get("lang"),
        root.get("xml:lang"),
        language if isinstance(language, str) else "",
        tagged,
    ):
        if text and _language(text.strip()):
            return str(text.strip().replace("_", "-"))
    return ""


def _canonical(root: Element, base: str, tagged: str) -> str:
    found = root.xpath("//link[@rel='canonical']/@href")
    return absolute(base, found[0] if found else "") or absolute(base, tagged)
