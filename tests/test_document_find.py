"""Finding in an article finds what is shown, over line ends, markup and hyphens, and lights it."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulse_tui.article import Article, Figure, Headline, Place
from pulse_tui.document import pages
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.find import Finder, Found, Hit, Lit, Match
from pulse_tui.document.lines import Laid
from pulse_tui.document.phrases import MOST_CHARACTERS
from tests.strategies import HOSTILE, SCRIPTS, anchors, articles, document, documents, runs_text, solid

ARTICLES = sorted((Path(__file__).parent.parent / "articles").glob("*.md"))
WIDTHS = (40, 72, 120)

widths = st.sampled_from(WIDTHS)


def found_in(of: Document, *query: str, capitals: bool | None = None) -> Found:
    """All that is found."""
    found = Finder(of).find(query, capitals=capitals)
    assert found.step(None)
    return found


def count(markdown: str, *query: str, capitals: bool | None = None) -> int:
    return found_in(document(markdown), *query, capitals=capitals).count


def texts(laid: Laid) -> list[str]:
    """What a piece shows, the words of its pictures too."""
    figures = [picture.figure for picture in laid.pictures]
    return [laid.text, *(words for each in figures for words in (each.caption, each.credit))]


def all_texts(of: Document) -> Iterator[str]:
    for piece in range(len(of)):
        yield from texts(of.lay(piece))


def plain(text: str) -> str:
    """Text as it is compared, without case: another way to the same end."""
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())
    text = re.sub("[\u0300-\u036f\u064b-\u0652\u0640\u200b-\u200f\ufe00-\ufe0f]", "", text)
    text = re.sub("[\u2018\u2019]", "'", re.sub("[\u201c\u201d]", '"', re.sub("[\u2013\u2014]", "-", text)))
    return " ".join(text.split())


def naive_count(of: Document, query: str) -> int:
    return sum(plain(text).count(plain(query)) for text in all_texts(of))


def all_matches(found: Found) -> list[Match]:
    """The matches in the order in which `after` has them."""
    hit = found.after()
    matches: list[Match] = []
    while hit.match and not hit.wrapped:
        matches.append(hit.match)
        hit = found.after(hit.match)
    return matches


def lit(found: Found, of: Document) -> dict[Match, list[str]]:
    """What is lit of each match, row by row."""
    shown: dict[Match, list[str]] = {}
    for row in of.rows(Anchor(0, 0), 10**6):
        text = runs_text(row.line.runs)
        ends = 0
        for start, end, nth in found.lit(row):
            assert ends <= start < end <= len(text)
            ends = end
            shown.setdefault(Match(row.piece, nth), []).append(text[start:end])
    return shown


# -- What matches


@pytest.mark.parametrize(
    ("markdown", "query"),
    [
        pytest.param("It goes on to the\nnext line.", "the next line", id="a line's end"),
        pytest.param("the  \nnext\\\nline", "the next line", id="a hard break"),
        pytest.param("the *one and only* river", "the one and only river", id="emphasis"),
        pytest.param("the **one** and ***only* river**", "one and only river", id="more emphasis"),
        pytest.param("a re*mark*able r__iv__er ri**v**er", "a remarkable", id="emphasis in a word"),
        pytest.param(
            "the [one\nand](http://only.org/x 'title') only `river`", "one and only river", id="a link"
        ),
        pytest.param(
            "the [one][a] and [only] river\n\n[a]: /x\n[only]: /y", "one and only river", id="references"
        ),
        pytest.param("the [mon](x)soon", "monsoon", id="a link in a word"),
        pytest.param("the [mon][a][soon][a]\n\n[a]: /x", "monsoon", id="two links in a word"),
        pytest.param("the <b>mon</b>soon<!-- x --> and <i>all</i>", "monsoon and all", id="tags"),
        pytest.param("the caf&eacute;, &amp; d&#233;j&agrave; vu", "café, & déjà vu", id="entities"),
        pytest.param(r"the \*one\* and\_only", "*one* and_only", id="escapes"),
        pytest.param("> the one\n> and only\n> river", "one and only river", id="a quote"),
        pytest.param(
            "> - the one\n>   and only\n>\tlazy\nriver", "one and only lazy river", id="a list in a quote"
        ),
        pytest.param("1. the one\n   and\n only\n2. river", "the one and only river", id="items of a list"),
        pytest.param("the mon-\nsoon", "monsoon", id="a hyphen at a line's end"),
        pytest.param("> the well-\n>   known mon-  \n> soon", "well-known monsoon", id="hyphens in a quote"),
        pytest.param("the mon\u00adsoon mon&shy;soon", "monsoon monsoon", id="soft hyphens"),
        pytest.param("the monsoon", "mon\u00adsoon", id="a soft hyphen in the query"),
        pytest.param("the “one” and ‘only’ river’s", "\"one\" and 'only' river's", id="straight quotes"),
        pytest.param("the \"one\" and 'only' river's", "“one” and ‘only’ river’s", id="curly quotes"),
        pytest.param("1996–2001 — a well‑known war−time", "1996-2001 - a well-known war-time", id="dashes"),
        pytest.param("1996-2001 -- a war", "1996—2001 — a war", id="dashes in the query"),
        pytest.param("the\u00a0one \u2003and", "the one and", id="no-break spaces"),
        pytest.param("the  one\t and", " the \n one\u3000and ", id="white space in the query"),
        pytest.param("Élan vital, Ångström", "elan vital, angstrom", id="accents"),
        pytest.param("E\u0301lan vital", "élan", id="decomposed"),
        pytest.param("Élan vital", "E\u0301lan", id="composed"),
        pytest.param("elan", "élan", id="accents in the query"),
        pytest.param("STRAẞE, straße", "strasse, STRASSE".lower(), id="case folding"),
        pytest.param("МОСКВА и ΑΘΉΝΑΣ", "москва и αθήνας", id="case beyond ASCII"),
        pytest.param("# The one\n\n## and only", "THE ONE".lower(), id="a heading"),
        pytest.param("The one\nand only\n===\n", "one and only", id="an underlined heading"),
        pytest.param("```py\nif one and only:\n```", "one and only", id="code"),
        pytest.param("    one and  only", "one and only", id="indented code"),
        pytest.param("| a | b |\n|---|---|\n| x | *one* and only |", "one and only", id="a table"),
        pytest.param("A fact.[^1]\n\n[^1]: *One* and\n    only", "one and only", id="a note"),
        pytest.param("A fact.[^n]\n\n[^n]: x", "fact.[1]", id="a note's number"),
        pytest.param("![The *one* and only](x)", "one and only", id="a picture's description"),
        pytest.param("Before ![the one](x) and [only](y)", "the one and only", id="a picture within text"),
        pytest.param('![x](y "The one & only. Credit: Agency/Name")', "one & only", id="a caption"),
        pytest.param('![x](y "The one. Credit: Agency/Name")', "agency/name", id="a credit"),
        pytest.param("![x][y]\n\n[y]: z 'The one and only'", "one and only", id="a caption elsewhere"),
        pytest.param("<img src=x title='The one&#32;and only'>", "one and only", id="a caption in HTML"),
        pytest.param("![](x)", "picture", id="a picture without a description"),
        pytest.param("<div>\n<p>The one<br>and</p>only</div>", "the one and", id="HTML"),
    ],
)
@pytest.mark.parametrize("width", [12, *WIDTHS])
def test_a_phrase_is_found(markdown: str, query: str, width: int) -> None:
    of = document(f"Some text before.\n\n{markdown}\n\nAnd some after.", width)
    found = found_in(of, query)
    assert found.count == 1
    assert found.complete
    match = found.after().match
    assert match is not None
    assert found.number(match) == 1
    assert found.anchor(match).piece == match.piece
    if found.figure(match) is None:
        assert any(
            nth == match.nth for row in of.rows(found.anchor(match), 1) for _, _, nth in found.lit(row)
        )


@pytest.mark.parametrize(
    ("markdown", "query"),
    [
        pytest.param("[text](http://river.org/ 'river')", "river", id="a link's address and title"),
        pytest.param("[text][river]\n\n[river]: /river 'river'", "river", id="a reference"),
        pytest.param("![alt](river.png)", "river", id="a picture's address"),
        pytest.param("<a href='river' class=river>text</a> <!-- river -->", "river", id="tags"),
        pytest.param("<script>\nriver\n</script>", "river", id="a script"),
        pytest.param("```river\ncode\n```", "river", id="a fence's language"),
        pytest.param("the *one* river", "*one*", id="emphasis"),
        pytest.param("the **one**", "**", id="marks"),
        pytest.param("x[^river]\n\n[^river]: A note.", "river", id="a note's label"),
        pytest.param("- a\n- b", "- a", id="a bullet"),
        pytest.param("> a", ">", id="a quote's mark"),
        pytest.param("a &amp; b", "amp", id="an entity"),
        pytest.param("The river", "theriver", id="words apart"),
        pytest.param("a river", "a  river!", id="a mark more"),
        pytest.param("one\n\ntwo", "one two", id="two paragraphs"),
        pytest.param("the river", "River", id="a capital that is not there"),
        pytest.param("Elan", "Élan", id="an accent that is not there"),
        pytest.param("Élan", "Elan", id="an accent that is there, with capitals"),
        pytest.param("E\u0301lan", "E", id="half of a letter"),
        pytest.param("फ़ और क\u093c", "क", id="a letter with a nukta"),
        pytest.param("monsoon — then", "monsoonthen", id="words that a dash parts"),
        pytest.param("text", "", id="nothing"),
        pytest.param("text", " \t\n\u200d", id="nothing seen"),
    ],
)
def test_what_is_not_shown_is_not_found(markdown: str, query: str) -> None:
    found = found_in(document(markdown), query)
    assert found.count == 0
    assert found.after() == found.before() == Hit(None)


def test_case_matters_where_the_query_has_a_capital() -> None:
    text = "River, river, RIVER. Élan, élan, elan."
    assert [count(text, query) for query in ("river", "River", "RIVER", "rivER")] == [3, 1, 1, 0]
    assert [count(text, query) for query in ("elan", "élan", "Élan", "Elan")] == [3, 3, 1, 0]
    assert count(text, "River", capitals=False) == 3
    assert count(text, "river", capitals=True) == 1


def test_the_head_is_found() -> None:
    headline = Headline("id", "The one and only", "A dek of many words.", ("Pulse", "Asia"), ("A. Writer",))
    lead = Figure("x.png", "Some mourners", "At a funeral.", "Agency/Name")
    of = Document(Article(headline, b"Text.", lead, "https://example.org/one"), 40)
    for query in (
        "one and only",
        "of many words",
        "pulse | asia",
        "a. writer",
        "mourners",
        "funeral",
        "agency",
    ):
        found = found_in(of, query)
        assert found.after() == Hit(Match(0, 0))
        assert found.count == 1
    found = found_in(of, "funeral")
    assert found.figure(Match(0, 0)) == lead
    assert found.anchor(Match(0, 0)) == Anchor(0, of.lay(0).pictures[0].line)
    assert found.spans("At a funeral.") == [(5, 12)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("اردو میں *ایک* جملہ ہے۔ اُردو میں\nایک اور", "اردو میں ایک", 2),
        ("कहानी *हिन्दी* में है, और हिन्\u200dदी\nमें भी", "हिन्दी में", 2),
        ("क\u093cलम और \u0958लम", "\u0958लम", 2),
        ("বাংলায় *একটি*\nবাক্য, বাংলায় একটি", "বাংলায় একটি", 2),
        ("ক\u09c7\u09be এবং ক\u09cb", "ক\u09cb", 2),
        ("தமிழில் **ஒரு**\nசொல்; தமிழில் ஒரு", "தமிழில் ஒரு", 2),
        ("கொடி க\u0bc6\u0bbeடி", "கொடி", 2),
        ("中文，*段*\n落。中文，段落", "中文，段落", 2),
        ("日本\n語の「文章」", "日本語の「文", 1),
        ("がくせい か\u3099くせい", "がくせい", 2),
        ("한국어 *문*장", "한국어 문장", 1),
        ("ประเทศ*ไทย*", "ประเทศไทย", 1),
    ],
)
@pytest.mark.parametrize("width", [10, *WIDTHS])
def test_all_scripts_are_found(text: str, query: str, expected: int, width: int) -> None:
    of = document(f"Some text.\n\n{text}\n\nMore of it.", width)
    found = found_in(of, query)
    assert found.count == expected
    assert {len(solid("".join(parts))) > 1 for parts in lit(found, of).values()} == {True}
    assert set(lit(found, of)) == set(all_matches(found))


def test_the_beginning_of_a_word_is_found_as_it_is_typed() -> None:
    for word in ("हिन्दी", "বাংলাদেশ", "தமிழில்", "اردو", "monsoon"):
        typed = [word[:end] for end in range(1, len(word) + 1) if not unicodedata.combining(word[end - 1])]
        assert [count(f"Some {word}.", part) > 0 for part in typed[1:]] == [True] * (len(typed) - 1)


# -- Against a naive search


@pytest.mark.parametrize("path", ARTICLES, ids=[path.stem for path in ARTICLES])
def test_the_features_are_searched_as_a_naive_search_does(path: Path) -> None:
    body = path.read_bytes().split(b"\n---\n", 1)[1]
    of = document(body)
    shown = " ".join(all_texts(of)).split()
    finder = Finder(of)
    queries = [
        " ".join(shown[at : at + length]).lower() for length in (1, 2, 5) for at in range(0, len(shown), 31)
    ]
    for width in WIDTHS:
        of.set_width(width)
        for query in [*queries, "the", "in the", "’", "e", "zebrafish"]:
            if "-" in query:
                continue
            found = finder.find(query)
            found.step(None)
            assert (query, found.count) == (query, naive_count(of, query))


_queries = st.one_of(
    st.text(max_size=8),
    st.lists(
        st.sampled_from(["the", "a", "monsoon", "em", "-", "1", "picture", "[1]", " ", "\n"]), max_size=5
    ).map("".join),
)


@settings(max_examples=400)
@given(documents(), st.integers(0, 10**6), st.integers(1, 12), widths, st.integers(1, 2_000))
@example("[mon](a)**[soon](b)**", 0, 7, 72, 1)
@example("`mon`soon x` y `z", 0, 99, 72, 1)
def test_no_match_is_sifted_out(markdown: str, start: int, length: int, width: int, budget: int) -> None:
    of = document(markdown, width)
    shown = [text for text in all_texts(of) if text]
    text = shown[start % len(shown)]
    query = text[start % len(text) :][:length]
    found = Finder(of).find(query)
    expected = [sum(found.phrases.count(text) for text in texts(of.lay(piece))) for piece in range(len(of))]
    bounds = []
    while not found.step(budget):
        bounds.append(found.count)
    assert bounds == sorted(bounds)
    assert found.count == sum(expected)
    matches = [Match(piece, nth) for piece, number in enumerate(expected) for nth in range(number)]
    assert all_matches(found) == matches
    assert [found.number(match) for match in matches] == list(range(1, len(matches) + 1))


@settings(max_examples=200)
@given(articles(), st.integers(0, 10**6), st.integers(1, 4))
def test_words_are_found_as_a_naive_search_finds_them(markdown: str, start: int, length: int) -> None:
    of = document(markdown)
    words = " ".join(all_texts(of)).split()
    query = " ".join(words[start % len(words) :][:length]).lower()
    parted = any(re.search(r"[-\u2010\u2011]\s", text) for text in [*all_texts(of), query])
    if parted or "-" in plain(query) or not plain(query).isascii():
        return
    if all(plain(text).isascii() for text in all_texts(of)):
        assert (query, found_in(of, query).count) == (query, naive_count(of, query))


@settings(max_examples=200)
@given(
    documents(), st.lists(st.one_of(_queries, st.sampled_from(HOSTILE + SCRIPTS)), max_size=4), st.booleans()
)
def test_no_query_fails(markdown: str, queries: list[str], capitals: bool) -> None:
    of = document(markdown, 40)
    found = found_in(of, *queries, capitals=capitals)
    assert len(all_matches(found)) == found.count
    lit(found, of)
    for row in anchors(of)[:20]:
        for hit in (
            found.after(row),
            found.before(row),
            found.after(of.place(row)),
            found.before(of.place(row)),
        ):
            assert (hit.match is None) == (found.count == 0)
            if hit.match:
                found.anchor(hit.match)


# -- Lighting


@settings(max_examples=250)
@given(articles(tables=False), st.integers(0, 10**6), st.integers(1, 30), st.sampled_from([10, *WIDTHS]))
def test_what_is_lit_is_what_was_found(markdown: str, start: int, length: int, width: int) -> None:
    of = document(markdown, width)
    shown = [text for text in all_texts(of) if text.strip()]
    text = shown[start % len(shown)]
    query = text[start % len(text) :][:length]
    found = found_in(of, query)
    lights = lit(found, of)
    in_text = {match for match in all_matches(found) if found.figure(match) is None}
    assert set(lights) <= in_text
    for match in in_text:
        row = found.anchor(match)
        assert of.lay(match.piece).lines[row.line]
        if match in lights and query.isascii() and query.isalnum():
            assert plain(solid("".join(lights[match]))).replace("-", "") == plain(query)


@pytest.mark.parametrize("width", [10, 16, 24, *WIDTHS])
def test_tables_are_lit_in_their_columns(width: int) -> None:
    rows = "| one | some words of the river that fold |\n| the river | 中文段落中文段落 |"
    of = document(f"| Name | The river |\n|---|---:|\n{rows}", width)
    found = found_in(of, "the river")
    assert found.count == 3
    lights = lit(found, of)
    shown = ["".join(part) for part in lights.values()]
    assert {solid(part).lower().replace("theriver", "") for part in shown} == {""}
    assert {Match(1, 1), Match(1, 2)} <= lights.keys()
    assert [found.anchor(match) for match in all_matches(found)] == sorted(
        found.anchor(match) for match in all_matches(found)
    )
    chinese = found_in(of, "落中文段")
    assert ["".join(part) for part in lit(chinese, of).values()] == ["落中文段"]


@pytest.mark.parametrize("width", [6, 10, *WIDTHS])
def test_a_picture_is_lit_in_its_frame(width: int) -> None:
    of = document("![Mourners at a funeral in Peshawar](x)", width)
    found = found_in(of, "at a funeral")
    assert [solid("".join(parts)) for parts in lit(found, of).values()] == ["atafuneral"]


def test_several_phrases_are_lit_and_the_longest_wins() -> None:
    of = document("The river, the rivers and the salt road.", 40)
    found = found_in(of, "river", "the rivers", "salt", "", "salt")
    assert list(lit(found, of).values()) == [["river"], ["the rivers"], ["salt"]]


def test_graphemes_are_lit_whole() -> None:
    of = document("एक हिन्दी शब्द, and cafe\u0301s")
    [[hindi]] = lit(found_in(of, "हिन"), of).values()
    assert "हिन्दी".startswith(hindi)
    assert not unicodedata.category("हिन्दी "[len(hindi)]).startswith("M")
    assert list(lit(found_in(of, "cafe"), of).values()) == [["cafe\u0301"]]


def test_lighting_is_kept_with_the_piece_and_follows_the_width() -> None:
    of = document("some words of the river " * 20, 72)
    found = found_in(of, "words of the river")
    [row] = of.rows(Anchor(1, 0), 1)
    assert found.lit(row) is found.lit(row)
    assert found.lit(row)[0] == Lit(5, 23, 0)
    before = found.count
    of.set_width(12)
    assert [lit.nth for row in of.rows(Anchor(1, 0), 2) for lit in found.lit(row)] == [0, 0]
    assert found.count == before == 20
    assert found.anchor(Match(1, 19)).line > 30


# -- Going to the next and the previous

MANY = "\n\n".join(f"Paragraph {n}." + " The river and the river." * (n % 3 == 0) for n in range(30))


def test_next_and_previous_go_round_and_say_so() -> None:
    of = document(MANY, 40)
    found = found_in(of, "river")
    matches = all_matches(found)
    assert len(matches) == found.count == 20
    assert [found.after(match).match for match in matches] == [*matches[1:], matches[0]]
    assert [found.before(match).match for match in matches] == [matches[-1], *matches[:-1]]
    assert [found.after(match).wrapped for match in matches] == [False] * 19 + [True]
    assert [found.before(match).wrapped for match in matches] == [True] + [False] * 19
    assert found.before() == Hit(matches[-1])
    [only] = all_matches(found_in(of, "Paragraph 17."))
    assert found_in(of, "Paragraph 17.").after(only) == Hit(only, wrapped=True)
    assert found_in(of, "Paragraph 17.").before(only) == Hit(only, wrapped=True)


@pytest.mark.parametrize("width", [12, *WIDTHS])
def test_from_a_row_the_matches_on_it_are_next(width: int) -> None:
    of = document(MANY, width)
    found = found_in(of, "river")
    at = {match: found.anchor(match) for match in all_matches(found)}
    for row in anchors(of):
        below = [match for match, anchor in at.items() if anchor >= row]
        above = [match for match, anchor in at.items() if anchor < row]
        assert found.after(row).match == (below or list(at))[0]
        assert found.before(row).match == (above or list(at))[-1]
        assert found.after(row).wrapped == (not below)
        assert found.before(row).wrapped == (not above)


def test_from_a_place_the_matches_after_its_character_are_next() -> None:
    of = document("the river and the river and the river", 120)
    found = found_in(of, "river")
    place = of.place(Anchor(1, 0))
    assert found.after(place._replace(offset=4)) == Hit(Match(1, 0))
    assert found.after(place._replace(offset=5)) == Hit(Match(1, 1))
    assert found.before(place._replace(offset=33)) == Hit(Match(1, 2))
    assert found.before(place._replace(offset=32)) == Hit(Match(1, 1))
    assert found.after(Place(10**9, 10**9, "x")).match is not None
    assert found.after(Anchor(99, 99)).match is not None
    assert found.after(Match(99, 99)) == Hit(Match(1, 0), wrapped=True)


def test_pictures_words_stand_where_the_picture_does() -> None:
    of = document("river\n\n![river](x 'River. Credit: River')\n\nriver")
    found = found_in(of, "river")
    matches = all_matches(found)
    assert matches == [Match(1, 0), Match(2, 0), Match(2, 1), Match(2, 2), Match(3, 0)]
    assert [found.figure(match) is not None for match in matches] == [False, False, True, True, False]
    assert len(lit(found, of)) == 3


# -- Amounts of work


def test_a_bound_grows_until_all_are_known() -> None:
    of = document("\n\n".join(f"Some *words* {n} of the river." for n in range(400)))
    found = Finder(of).find("the river")
    assert (found.count, found.complete) == (0, False)
    hit = found.after(Anchor(200, 0), 1)
    assert hit == Hit(None, pending=True)
    while hit.pending:
        hit = found.after(Anchor(200, 0), 1)
    assert hit.match == Match(200, 0)
    assert found.number(Match(200, 0)) == 0, "not yet known"
    bounds = [found.count]
    while not found.step(200):
        bounds.append(found.count)
    assert len(bounds) > 20
    assert bounds == sorted(bounds)
    assert found.count == 400
    assert found.number(Match(200, 0)) == 200


def test_what_is_not_yet_scanned_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_SCAN_AT_ONCE", 0)
    monkeypatch.setattr(pages, "_FIRST_SCAN", 8)
    of = Document(Article(Headline("id", "Title"), b"Some [words][x].\n\n" * 300 + b"The river.\n\n[x]: /y"))
    assert not of.complete
    found = Finder(of).find("some words.")
    assert found.lit(of.rows(Anchor(1, 0), 1)[0]) == ()
    assert found.step(None)
    assert found.count == 300
    assert Finder(of).find("river").after() == Hit(Match(301, 0))


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pieces laid out."""
    numbers: list[int] = []
    lay = Document._lay_body

    def counting(self: Document, piece: int) -> Laid:
        numbers.append(piece + 1)
        return lay(self, piece)

    monkeypatch.setattr(Document, "_lay_body", counting)
    return numbers


MEGABYTE = "\n\n".join(
    f"It was year {n} of *the* river, and [the council](http://example.org/a) met [again](/b) — to talk "
    "about what “the people” of the valley had asked for, in vain, since the spring; no one minded.[^1]"
    for n in range(5_000)
)


def test_a_rare_phrase_in_a_megabyte_lays_out_only_the_pieces_that_have_it(laid: list[int]) -> None:
    of = document(MEGABYTE)
    finder = Finder(of)
    for query, pieces in [("zebrafish", 0), ("year 4711", 1), ("4711 of the river", 1), ("asked against", 0)]:
        del laid[:]
        found = finder.find(query)
        hit = found.after(Anchor(0, 0))
        found.step(None)
        assert found.count == pieces
        assert (hit.match is not None) == bool(pieces)
        assert len(laid) <= pieces


def test_a_common_word_in_a_megabyte_is_gone_to_at_once(laid: list[int]) -> None:
    of = document(MEGABYTE)
    finder = Finder(of)
    assert finder.find("the").after(Anchor(4_000, 0)) == Hit(Match(4_000, 0))
    assert len(laid) <= 2
    for _ in range(10):
        finder.warm(10**4)
    del laid[:]
    assert finder.find("the").before(Anchor(4_000, 0)) == Hit(Match(3_999, 4))
    assert len(laid) <= 2


def test_what_was_read_ahead_is_counted_without_a_layout(laid: list[int]) -> None:
    of = document(MEGABYTE[:200_000])
    finder = Finder(of)
    while not finder.warm(10**4):
        pass
    del laid[:]
    found = finder.find("the")
    assert found.step(None)
    assert found.count == naive_count(of, "the")
    assert found.count > 4_000


def test_what_is_read_ahead_is_kept(monkeypatch: pytest.MonkeyPatch, laid: list[int]) -> None:
    monkeypatch.setattr("pulse_tui.document.shown._KEPT_CHARACTERS", 20_000)
    of = document(MEGABYTE[:200_000])
    finder = Finder(of)
    assert finder.warm(None)
    assert len(laid) < 200
    del laid[:]
    assert finder.find("year").after(Match(5, 0)).match == Match(6, 0)
    assert laid == []


def test_text_with_too_many_marks_is_counted_as_it_is_shown() -> None:
    of = document("*a* b " * 1_100)
    assert found_in(of, "a b").count == naive_count(of, "a b")
    assert found_in(of, "*a*").count == naive_count(of, "*a*") > 1_000


def test_prose_is_counted_without_a_layout(laid: list[int]) -> None:
    of = document("\n\n".join(f"Some *words* of the [river](http://example.org/{n})." for n in range(400)))
    found = found_in(of, "words of the river.")
    assert (found.count, laid) == (400, [])


def test_finding_drops_nothing_that_the_view_has_laid_out(laid: list[int]) -> None:
    of = document(MEGABYTE[:200_000])
    rows = of.rows(Anchor(0, 0), 40)
    found_in(of, "the")
    assert all(kept.laid is row.laid for kept, row in zip(of.rows(Anchor(0, 0), 40), rows, strict=True))
    assert len(laid) == len(set(laid))


def test_a_second_query_lays_out_nothing_anew(laid: list[int]) -> None:
    of = document(MEGABYTE[:200_000])
    finder = Finder(of)
    finder.find("t").step(None)
    del laid[:]
    finder.find("th").step(None)
    finder.find("the").step(None)
    assert laid == []


@pytest.mark.parametrize(
    ("markdown", "query"),
    [
        pytest.param("a" * 10**6, "a" * 10**4 + "b", id="one letter"),
        pytest.param("a- " * 300_000, "a" * MOST_CHARACTERS + "b", id="hyphens"),
        pytest.param("a" + " " * 10**6 + "a", "a a a b", id="spaces"),
        pytest.param("-" * 10**6, "- - - -", id="dashes"),
        pytest.param("- " * 10**5 + "\n\n" + "a - " * 10**5, "a - - - b-" * 20, id="dashes and spaces"),
        pytest.param("[a][" * 10**5, "a a a", id="brackets"),
        pytest.param("a<" * 10**5 + "\n\n" + "a</b>" * 10**5, "aaaaaa", id="tags"),
        pytest.param("*a_" * 10**5, "aaaaab", id="emphasis"),
        pytest.param("e\u0301" * 10**5, "e" * 100 + "f", id="accents"),
        pytest.param("\u0301" * 10**5, "\u0301\u0300", id="marks"),
        pytest.param("ﷺ" * 10**5, "ﷺ" * 200, id="ligatures"),
        pytest.param(("x " * 50 + "\n\n") * 9_000, "x " * 90, id="words"),
    ],
)
def test_hostile_text_and_queries_take_no_long_work(markdown: str, query: str) -> None:
    of = document(markdown)
    found = Finder(of).find([query, query[::-1]])
    longest = 0.0
    started = time.process_time()
    while time.process_time() - started < 3 and not found.complete:
        step = time.process_time()
        found.step()
        longest = max(longest, time.process_time() - step)
    assert longest < 1, "seconds; a guard against work that grows out of hand, not a measure"
