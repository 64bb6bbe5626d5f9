"""A picture's words, as a page or a text gives them in one string, cut into caption and credit.

A page that marks its credits up is easy; the rest end their captions in one of a few ways: a label
(`Photograph: Name`), parentheses (`(Name / AP)`), a dash or a bar, a copyright sign, an agency alone.
"""

from __future__ import annotations

import re

from pulse_tui.text import clean_line

LONGEST_CREDIT = 120
"""Characters; what is longer is a sentence and no credit."""

_KIND = (
    r"(?:photo(?:graph(?:ie|y|er|s)?|s| illustration)?|images?|pictures?|pics?|illustrations?|graphics?|"
    r"art(?:work)?|video|still|composite|rendering|map|chart|screenshot|"
    r"fotos?|fotograf(?:ie|ía|ia)?|bild(?:er|quelle|nachweis)?|grafik|quelle|abbildung|"
    r"im[aá]gen(?:es)?|imagens?|ilustraci[oó]n|foto(?:grafia)?|immagine|fuente|fonte|"
    r"cr[eé]dit(?:[os]|os?)?|credits?|source|courtesy|copyright|"
    r"写真|画像|撮影|提供|出典|图片|圖片|图|来源)"
)
_BY = (
    r"(?:\s*(?:credits?|courtesy(?:\s+of)?|cr[eé]dits?))?"
    r"\s*(?:[:：/]|\bby\b|(?<=courtesy)\s*\bof\b|\bvon\b|\bpar\b|©)"
)
_AGENCIES = (
    r"getty|reuters|a\.?p\.?(?= photo| images?|/|$)|afp|epa|shutterstock|alamy|i?stock(?:photo)?|"
    r"associated press|bloomberg|corbis|unsplash|pexels|pixabay|wireimage|wire image|redux|magnum|"
    r"zuma|polaris|"
    r"national geographic|wikimedia|commons|flickr|bridgeman|adobe|depositphotos|dreamstime|"
    r"dpa|ansa|efe|lusa|xinhua|kyodo|picture[ -]alliance|imago|keystone|belga|tass|sipa|ullstein|"
    r"photo agency|press association|pa wire|handout|courtesy|nasa|esa\b"
)
_agency_anywhere = re.compile(rf"\b(?:{_AGENCIES})\b", re.IGNORECASE).search
_agency_cased = re.compile(r"\bAP\b|\bPA\b|\bAFP\b|\bEPA\b").search
# A credit that no agency vouches for: names with a slash between, or two to four names alone.
_slashed = re.compile(r"[^\W\d_][\w.’'& -]{1,40}\s*/\s*[\w.’'&, -]{2,60}").fullmatch
_name = re.compile(
    r"(?:(?:[^\W\d_]\.)|(?:[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'-]+))(?:\s+(?:(?:[^\W\d_]\.?)|(?:de|di|da|van|von|der|del|la|le|for|the|of)|"
    r"(?:[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'.-]+))){1,5}"
).fullmatch
_trade = re.compile(
    r"\b(?:photo|image|picture|file|via|press|staff|news|post|times|magazine|instagram|twitter|facebook|youtube|"
    r"supplied|provided|studios?|pictures|universal|warner|disney|netflix|library|archives?|museum|university)s?\b",
    re.IGNORECASE,
).search

# "Photo:" anywhere; "photo by" only where a sentence may begin, for it is met within sentences, too.
_labelled = re.compile(
    rf"(?:(?:^|(?<=[\s.!?…)”’\"'|]))[\[(]?\s*{_KIND}(?:\s*(?:credits?|courtesy|by))?\s*[:：/©]|"
    rf"(?:^|(?<=[.!?…)”’\"'|])|(?<=[.!?…)”’\"'|]\s)|(?<=\())\s*[\[(]?{_KIND}{_BY})\s*(.{{2,{LONGEST_CREDIT}}})$",
    re.IGNORECASE,
).search
# Some pages leave a label behind whose style sheet draws the space: "…of a bar.Credit...Name/Agency".
_joined = re.compile(
    rf"(?<=[\w.!?”’\"')])\s*Credits?\s*(?:\.{{3}}|…|:)?\s*(?:Credits?\s*)?([A-Z].{{2,{LONGEST_CREDIT}}})$"
).search
_enclosed = re.compile(
    rf"\s*[\[(（]([^()\[\]（）]{{2,{LONGEST_CREDIT}}}(?:\([^()]*\))?)[\])）]\s*\.?$"
).search
_signed = re.compile(rf"\s*(?:©|\(c\)|copyright)\s*(.{{2,{LONGEST_CREDIT}}})$", re.IGNORECASE).search
_barred = re.compile(r"\s+[|–—―-]\s+([^|.]{2,80})$|\s*\|\s*([^|.]{2,80})$").search
_last_sentence = re.compile(r"(?<=[.!?”’\"')])\s*([^.!?]{2,80}(?:\.[^.!?\s]{1,10})?)$").search

_label = re.compile(
    rf"^[\s(\[|–—-]*(?:(?:{_KIND}(?!\w)\s*)+"
    r"(?:credits?|courtesy of|courtesy|by|of|:|：|/|-|–|…|\.{3}|©|\s)*[:：]?|©|\(c\))\s*",
    re.IGNORECASE,
).sub
# A label whose style sheet draws the space behind it.
_run_on = re.compile(r"^(?:Credit|Photo){1,3}(?=[A-Z])").sub
# Some labels can be read in two ways (`photo illustration`); so many of them in a row are no credit's.
_only_label = re.compile(
    rf"[\s(\[]*(?:(?:{_KIND}|by)[:：/©|…. -]*+|[:：/©|…. -]++){{1,8}}[\s)\]]*", re.IGNORECASE
).fullmatch
_enlarge = re.compile(
    r"(?:\s*(?:\((?:click|tap) to (?:enlarge|zoom)\)|"
    r"hide caption|toggle caption|enlarge this image|read more))+\s*$",
    re.IGNORECASE,
).sub


def caption_and_credit(text: str) -> tuple[str, str]:
    """The caption and the credit in a picture's words; either may be empty, and no word is in neither."""
    text = _enlarge("", clean_line(text)).strip()
    if not text:
        return "", ""
    if is_credit(text):
        return "", bare(text)
    labelled, enclosed = _labelled(text), _enclosed(text)
    if labelled and enclosed and labelled.start() > enclosed.start():
        labelled = None
    ways = ((labelled, True), (_joined(text), True), (enclosed, False), (_signed(text), True))
    for match, sure in ways:
        if match is None or _sentences(match[1]):
            continue
        inner = match[1].strip()
        if sure or looks_like_credit(inner) or bare(inner) != inner:
            return _trimmed(text[: match.start()]), bare(inner)
    match = _barred(text)
    if match is not None and looks_like_credit(match[1] or match[2]):
        return _trimmed(text[: match.start()]), bare(match[1] or match[2])
    match = _last_sentence(text)
    if match is not None and _is_agency(match[1]) and len(match[1]) < 70 and not _verb(match[1]):
        return _trimmed(text[: match.start()]), bare(match[1])
    return text, ""


def is_credit(text: str) -> bool:
    """Whether the words are a credit and nothing else."""
    if len(text) > LONGEST_CREDIT:
        return False
    match = _label("", text)
    if match != text and match.strip() and len(match) < 80 and not _sentences(match):
        return bool(re.match(rf"[\s(\[]*(?:{_KIND}{_BY}|©|\(c\))", text, re.IGNORECASE))
    behind = _enclosed(text)
    if behind is not None and behind.start() and not _is_agency(text[: behind.start()]):
        return False
    prose = re.search(r"\b[a-z]{2,}\b[^.!?]*[.!?]+[”’\"')]*\s*\w", text) is not None
    short = len(text) < 70 and not text.endswith((".", "!", "?")) and not prose and not _verb(text)
    return short and (_is_agency(text) or _slashed(text) is not None)


def looks_like_credit(text: str) -> bool:
    """Whether words that stand where credits stand can be one: an agency, a trade's word, a name."""
    text = text.strip()
    return bool(_is_agency(text) or _slashed(text) or _trade(text) or _name(text))


def bare(credit: str) -> str:
    """A credit without its label and brackets; empty where there is nothing else."""
    credit = _run_on("", clean_line(credit))
    if _only_label(credit):
        return ""
    short = _label("", credit).strip(" |\u00a0:–—-")
    short = re.sub(r"^(?:by|von|par|por)\s+(?=[A-ZÀ-Þ])", "", short)
    for opening, closing in ("()", "[]", "（）"):
        if short.startswith(opening) and short.endswith(closing) and short.count(opening) == 1:
            short = short[1:-1].strip()
        elif short.endswith(closing) and opening not in short:
            short = short[:-1].rstrip()
        elif short.startswith(opening) and closing not in short:
            short = short[1:].lstrip()
    return short.strip() or credit


def _is_agency(text: str) -> bool:
    return bool(_agency_anywhere(text) or _agency_cased(text))


def _sentences(text: str) -> bool:
    return re.search(r"[a-z]{3}[.!?]\s+[A-Z][a-z]+\s+[a-z]", text) is not None


def _verb(text: str) -> bool:
    """Whether the words run like a sentence: three small words in a row, or one that only sentences have."""
    return bool(re.search(r"\b(?:is|are|was|were|has|have|had|will|shows?|says?|said)\b", text)) or bool(
        re.search(r"(?:\b[a-z]{2,}\b\s+){3}", text)
    )


def _trimmed(caption: str) -> str:
    return caption.rstrip(" |–—-,;(\u00a0").strip()
