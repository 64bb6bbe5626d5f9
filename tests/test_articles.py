"""The features that ship with the program are written in one way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pulse_tui.tui.shelves import _ORDERS

ARTICLES = sorted((Path(__file__).parent.parent / "articles").glob("*.md"))
FEWEST, MOST = 700, 2000
"""Words of a feature."""


def body_of(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("\n---\n", 1)[1]


def headings(body: str) -> list[str]:
    return re.findall(
        r"^#{2,6} (.+)$", re.sub(r"^```.*?^```", "", body, flags=re.MULTILINE | re.DOTALL), re.M
    )


@pytest.fixture(params=ARTICLES, ids=lambda path: path.stem)
def body(request: pytest.FixtureRequest) -> str:
    """The Markdown of one feature."""
    path: Path = request.param
    return body_of(path)


def test_headings_are_in_sentence_case(body: str) -> None:
    prose = " ".join(re.sub(r"^#.*$", "", body, flags=re.MULTILINE).split())
    for heading in headings(body):
        for word in heading.split()[1:]:
            if word[0].isupper():
                name = re.escape(word.rstrip(",").removesuffix("'s").removesuffix("s"))
                assert re.search(rf"[a-z,] {name}s?\b", prose), f"no name: {heading}"


def test_sources_end_with_a_full_stop(body: str) -> None:
    _, heading, sources = body.partition("\n## Sources\n")
    assert heading
    items = [line for line in sources.splitlines() if line.startswith("- ")]
    assert items
    assert [item for item in items if not item.endswith(".")] == []


def test_a_feature_is_neither_a_note_nor_a_book(body: str) -> None:
    assert FEWEST <= len(body.split()) <= MOST


def test_links_between_features_lead_somewhere(body: str) -> None:
    slugs = {
        path.name: {
            re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings(body_of(path))
        }
        for path in ARTICLES
    }
    for name, slug in re.findall(r"\]\(([\w-]+\.md)(?:#([^)]+))?\)", body):
        assert name in slugs
        assert not slug or slug in slugs[name]


def test_the_tour_tells_the_orders_as_they_come() -> None:
    (tour,) = (path for path in ARTICLES if path.stem.endswith("-tour"))
    said = re.search(r"`S` sorts[^.]*\.", body_of(tour))
    assert said is not None
    _, *orders = _ORDERS
    assert re.findall(r"the (\w+est)", said[0]) == orders
