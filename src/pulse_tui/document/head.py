"""The head of an article as lines: kicker, headline, dek, byline, notices and lead picture."""

from __future__ import annotations

from datetime import date

from pulse_tui.article import Article, Headline, duration
from pulse_tui.document.layout import frame
from pulse_tui.document.lines import Laid, Line, Picture, Role, Run, cut
from pulse_tui.document.wrap import wrap

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
KICKER_GAP = " | "
_NO_PHOTOGRAPH = "photograph not included"


def long_date(day: date) -> str:
    """A date as a byline has it, the same in every locale: 4 March 2022."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def byline(headline: Headline) -> str:
    """Who wrote it, when, and how long it takes to read."""
    authors = list(headline.authors)
    parts = []
    if authors:
        last = authors.pop()
        parts.append("By " + (f"{', '.join(authors)} and {last}" if authors else last))
    if headline.published:
        parts.append(long_date(headline.published))
    parts.append(f"{duration(headline.minutes)} read")
    return " · ".join(parts)


def layout_head(article: Article, width: int) -> Laid:
    """Lay out the head; like every piece it ends with a blank line."""
    headline = article.headline
    laid = Laid()
    texts: list[str] = []

    def add(text: str, role: int, link: str | None = None, *, blank: bool = True) -> None:
        if not text:
            return
        start = sum(map(len, texts)) + len(texts)
        run: Run = (text, role, link)
        spans = wrap(text, width)
        for (first, last), line in zip(spans, cut([run], spans), strict=True):
            laid.lines.append(Line((), line, start + first, start + last))
        texts.append(text)
        if blank:
            laid.lines.append(Line((), (), start + len(text), start + len(text)))

    laid.paragraphs.append(0)
    add(KICKER_GAP.join(headline.sections), Role.KICKER)
    add(headline.title, Role.HEADLINE)
    add(headline.dek, Role.DEK)
    add(byline(headline), Role.BYLINE, blank=not article.source)
    if article.source:
        add(f"First published at {article.source}", Role.BYLINE | Role.LINK, article.source)
    for notice in headline.notices:
        where = f"Line {notice.line}: " if notice.line else ""
        add(f"! {where}{notice.text}", Role.NOTICE)
    if article.lead:
        lead = article.lead
        start = sum(map(len, texts)) + len(texts)
        text = lead.alt or (_NO_PHOTOGRAPH if lead.source is None else lead.caption or "picture")
        framed = frame(text, width)
        laid.pictures.append(Picture(len(laid.lines), lead, len(framed)))
        laid.paragraphs.append(len(laid.lines))
        for runs in framed:
            laid.lines.append(Line((), runs, start, start + len(text)))
        texts.append(text)
        laid.lines.append(Line((), (), start + len(text), start + len(text)))
    laid.text = "\n".join(texts)
    return laid
