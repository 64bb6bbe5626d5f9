"""A page to a feature: its fields, its pictures with caption and credit, and its text as clean Markdown.

This takes a fifth of a second of imports and may, on a page made for it, take minutes, so it is to be
called in a child process (`pulse_tui.acquire.child`) by whoever doesn't want to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.page.tree import LARGEST, PageError, parse
from pulse_tui.article import Figure

if TYPE_CHECKING:
    from pulse_tui.acquire.page.figures import Found
    from pulse_tui.acquire.page.metadata import Fields

__all__ = ["LARGEST", "PageError", "read_page"]


def read_page(data: bytes, address: str, charset: str = "") -> Feature:
    """The article on a page that was read from `address`; `charset` is the one that the server named.

    Raises:
        PageError: the page is too large, no page, without an article, or built to break parsers.
    """
    from pulse_tui.acquire.page.body import body_of
    from pulse_tui.acquire.page.figures import figures_of, lead_of
    from pulse_tui.acquire.page.metadata import base_of, fields_of

    root = parse(data, charset)
    base = base_of(root, address)
    try:
        fields = fields_of(root, address)
        found = figures_of(root, base)
        leads = _leads(lead_of(found, fields.image, root), fields)
        body, lead, pictures = body_of(root, base, found, leads, fields)
    except RecursionError as error:
        raise PageError("The page is nested so deep that it can't be read.") from error
    return feature(
        fields.title or _first_words(body),
        body,
        dek=fields.dek,
        authors=fields.authors,
        published=fields.published,
        sections=fields.sections,
        language=fields.language,
        source=fields.address,
        lead=lead,
        tags=fields.tags,
        pictures=[lead, *pictures] if lead is not None and lead.source else pictures,
    )


def _leads(lead: Found | None, fields: Fields) -> list[Figure]:
    """What may lead the article, the likeliest first: a picture with words, and what the metadata names."""
    named = Figure(fields.image or None, "", fields.caption, fields.credit)
    if lead is None:
        return [named]
    if not lead.source and lead.caption:
        lead.source = fields.image
    figure = lead.figure()
    leads = [figure._replace(source=figure.source or named.source), named]
    return leads if named.source else leads[:1]


def _first_words(body: str) -> str:
    line = next((line.strip("#>*-_ ") for line in body.splitlines() if line.strip("#>*-_ ")), "")
    return line if len(line) <= 90 else line[:90].rsplit(" ", 1)[0] + "…"
