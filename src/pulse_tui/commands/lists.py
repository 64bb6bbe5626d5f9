"""The commands that print what is in the library."""

from __future__ import annotations

import os
import sys

from pulse_tui.article import Article, Figure, Headline, Notice, duration
from pulse_tui.commands.output import PLAIN_WIDTH, PROGRAM, Exit, complain, print_json
from pulse_tui.query import Query
from pulse_tui.repository import (
    Hit,
    Repository,
    View,
)
from pulse_tui.text import cells, clean_line, counted, pad

_NO_CREDIT = "no credit"
_USUAL_TIME = len("100 min")
"""Of a reading time: the columns of most lists agree."""


# -- The library


def list_headlines(repository: Repository, view: View, *, as_json: bool) -> int:
    """Print the view's headlines: date, reading time, id and title of each."""
    _refresh(repository)
    headlines = repository.recent(view=view)
    notices = [*repository.notices(), *(notice for headline in headlines for notice in headline.notices)]
    for notice in dict.fromkeys(notices):
        complain(str(notice))
    if not headlines:
        _complain_of_nothing(repository)
    if as_json:
        print_json([_headline(headline) for headline in headlines])
    else:
        widest = max((cells(headline.id) for headline in headlines), default=0)
        longest = max([_USUAL_TIME, *(len(duration(headline.minutes)) for headline in headlines)])
        for headline in headlines:
            time, name = duration(headline.minutes), pad(headline.id, widest)
            print(f"{_day(headline):10}  {time:>{longest}}  {name}  {headline.title}")
    return Exit.DONE if headlines else Exit.FAILURE


def list_hits(repository: Repository, query: Query, limit: int, *, as_json: bool, plain: bool) -> int:
    """Print what a search finds: id, date and title of each article, then the passage that matches."""
    _refresh(repository)
    hits = repository.search(query, limit)
    for notice in repository.notices():
        complain(str(notice))
    if not hits:
        _complain_of_nothing(repository)
    if as_json:
        print_json([_hit(hit) for hit in hits])
    else:
        lit = sys.stdout.isatty() and not plain and not os.environ.get("NO_COLOR")
        for hit in hits:
            headline = hit.headline
            print("  ".join(filter(None, (headline.id, _day(headline), headline.title))))
            if hit.passage:
                print(f"    {_lit(hit) if lit else hit.passage}")
    return Exit.DONE if hits else Exit.FAILURE


def list_pictures(repository: Repository, query: Query, *, as_json: bool) -> int:
    """Print every picture of the articles that fit: article, file, caption and credit, `!` where none is."""
    _refresh(repository)
    wanted = None
    if query != Query():
        wanted = {headline.id for headline in repository.recent(view=View(query))}
    pictures = [each for each in repository.pictures() if wanted is None or each[0].id in wanted]
    for notice in repository.notices():
        complain(str(notice))
    if as_json:
        print_json([_picture(headline, figure) for headline, figure in pictures])
    else:
        widest = max((cells(headline.id) for headline, _ in pictures), default=0)
        for headline, figure in pictures:
            mark = " " if figure.credit else "!"
            words = clean_line(figure.caption or figure.alt or figure.source or "")
            credit = f"Credit: {figure.credit}" if figure.credit else _NO_CREDIT
            print("  ".join(filter(None, (f"{mark} {pad(headline.id, widest)}", words, credit))))
    without = sum(not figure.credit for _, figure in pictures)
    features = len({headline.id for headline, _ in pictures})
    some = f"; {without:,} without a credit" if without else ", each with a credit" if pictures else ""
    complain(f"{counted(len(pictures), 'picture')} in {counted(features, 'feature')}{some}.")
    return Exit.DONE if pictures else Exit.FAILURE


def _refresh(repository: Repository) -> None:
    """Look at the library anew; whoever waits at a terminal sees how far it is."""
    if sys.stderr is None or not sys.stderr.isatty():
        repository.refresh()
        return
    widest = 0

    def progress(done: int, total: int) -> None:
        nonlocal widest
        line = f"{PROGRAM}: reading the library, {done:,} of {total:,} files"
        widest = max(widest, len(line))
        print(f"\r{line}", end="", file=sys.stderr, flush=True)

    repository.refresh(progress)
    if widest:
        print(f"\r{' ' * widest}\r", end="", file=sys.stderr, flush=True)


def _complain_of_nothing(repository: Repository) -> None:
    if repository.count():
        complain(f"Nothing in the library fits; “{PROGRAM} list” shows what there is.")
    else:
        complain("The library is empty; put Markdown files into a folder and name it with --library DIR.")


def _lit(hit: Hit) -> str:
    """The passage with what matched in bold."""
    parts, last = [], 0
    for start, end in hit.matches:
        parts += [hit.passage[last:start], "\x1b[1m", hit.passage[start:end], "\x1b[0m"]
        last = end
    return "".join((*parts, hit.passage[last:]))


# -- One article


def print_article(article: Article, width: int | None, *, plain: bool) -> int:
    """Print an article's text in lines of `width` cells, by default those of the terminal and at most 72."""
    from pulse_tui.document.document import Document
    from pulse_tui.document.plain import render

    terminal = sys.stdout.isatty()
    if width is None:
        width = min(PLAIN_WIDTH, os.get_terminal_size().columns) if terminal else PLAIN_WIDTH
    for line in render(Document(article, width), styled=terminal and not plain, framed=not plain):
        print(line)
    return Exit.DONE


# -- In words and in JSON


def _day(headline: Headline) -> str:
    return headline.published.isoformat()[:10] if headline.published else ""


def _headline(headline: Headline) -> dict[str, object]:
    return {
        "id": headline.id,
        "title": headline.title,
        "dek": headline.dek,
        "sections": headline.sections,
        "authors": headline.authors,
        "published": headline.published.isoformat() if headline.published else None,
        "minutes": headline.minutes,
        "tags": headline.tags,
        "notices": [_notice(notice) for notice in headline.notices],
    }


def _notice(notice: Notice) -> dict[str, object]:
    path = str(notice.path) if notice.path else None
    return {"text": notice.text, "path": path, "line": notice.line}


def _hit(hit: Hit) -> dict[str, object]:
    return {**_headline(hit.headline), "passage": hit.passage, "matches": hit.matches}


def _picture(headline: Headline, figure: Figure) -> dict[str, object]:
    return {
        "id": headline.id,
        "title": headline.title,
        "source": None if figure.source is None else clean_line(figure.source),
        "alt": clean_line(figure.alt),
        "caption": figure.caption,
        "credit": figure.credit or None,
    }
