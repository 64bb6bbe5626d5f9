"""A page to a feature: its fields, its pictures with caption and credit, and its text as clean Markdown.

This takes a fifth of a second of imports and may, on a page made for it, take minutes, so it is to be
called in a child process (`pulse_tui.acquire.child`) by whoever doesn't want to wait.
"""

from __future__ import annotations

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.page.tree import LARGEST, PageError, parse
from pulse_tui.article import Figure

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
        lead = lead_of(found, fields.image, root)
        body, pictures = body_of(root, base, found, lead, fields)
    except RecursionError as error:
        raise PageError("The page is nested so deep that it can't be read.") from error
    if lead is not None:
        figure = lead.figure()
        if not figure.source:
            figure = figure._replace(source=fields.image or None)
        figure = figure._replace(credit=figure.credit or (fields.credit if not figure.caption else ""))
    else:
        figure = Figure(fields.image or None, "", fields.caption, fields.credit)
    pictures = [one for one in pictures if one.source != figure.source]
    return feature(
        fields.title or _first_words(body),
        body,
        dek=fields.dek,
        authors=fields.authors,
        published=fields.published,
        sections=fields.sections,
        language=fields.language,
        source=fields.address,
        lead=figure,
        tags=fields.tags,
        pictures=[figure, *pictures] if figure.source else pictures,
    )


def _first_words(body: str) -> str:
    line = next((line.strip("#>*-_ ") for line in body.splitlines() if line.strip("#>*-_ ")), "")
    return line if len(line) <= 90 else line[:90].rsplit(" ", 1)[0] + "…"
