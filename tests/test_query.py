"""One line of text and what it asks of the library."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.query import EVERYTHING, LONGEST, MOST, Query, Term, parse

PARSED = [
    ("", EVERYTHING),
    ("   ", EVERYTHING),
    ("peace", Query((Term("peace"),))),
    ("peace deal", Query((Term("peace"), Term("deal")))),
    ('"peace deal" now', Query((Term("peace deal"), Term("now")))),
    ("“peace deal”", Query((Term("peace deal"),))),
    ("peace -deal", Query((Term("peace"), Term("deal", excluded=True)))),
    ('-"peace deal"', Query((Term("peace deal", excluded=True),))),
    ("title:peace", Query((Term("peace", "title"),))),
    ("TITLE:Peace", Query((Term("Peace", "title"),))),
    ('section:"South Asia"', Query((Term("South Asia", "section"),))),
    ("-author:Khan", Query((Term("Khan", "author", excluded=True),))),
    ("tag:ttp credit:agency caption:funeral", Query((
        Term("ttp", "tag"), Term("agency", "credit"), Term("funeral", "caption")))),
    ("before:2022", Query(before=date(2022, 1, 1))),
    ("after:2022-03", Query(after=date(2022, 3, 1))),
    ("after:2022-3-5", Query(after=date(2022, 3, 5))),
    ("after:2022-03-15 before:2022-04 river", Query((Term("river"),), date(2022, 3, 15), date(2022, 4, 1))),
    ("after:2021 after:2022 before:2024 before:2023", Query((), date(2022, 1, 1), date(2023, 1, 1))),
    ("-before:2022", Query(after=date(2022, 1, 1))),
    ("is:read", Query(read=True)),
    ("is:unread", Query(read=False)),
    ("-is:read", Query(read=False)),
    ("is:starred IS:Unread", Query(read=False, starred=True)),
    ("-is:starred", Query(starred=False)),
    ("is:read is:read", Query(read=True)),
    ("is:read is:unread", Query(read=True, contradicts=True)),
    ("is:read -is:read river", Query((Term("river"),), read=True, contradicts=True)),
    ("is:starred -is:starred is:starred", Query(starred=True, contradicts=True)),
    ("AND or NOT", Query((Term("AND"), Term("or"), Term("NOT")))),
    ("کراچی 河面 Peshāwar", Query((Term("کراچی"), Term("河面"), Term("Peshāwar")))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "query"), PARSED)
def test_parse(text: str, query: Query) -> None:
    assert parse(text) == query


MALFORMED = [
    ("before:soon", ["before:soon"]),
    ("before:2022-02-30", ["before:2022-02-30"]),
    ("after:0000", ["after:0000"]),
    ("is:foo", ["is:foo"]),
    ("colour:red", ["colour:red"]),
    ('"an open quote', ["an", "open", "quote"]),
    ('title:"open quote', ["open", "quote"]),
    ('say "one" "two', ["say", "one", "two"]),
    ("a\0b\x1b[31m", ["a\ufffdb\ufffd[31m"]),
    ("NEAR(a b, 3)", ["NEAR(a", "b,", "3)"]),
    ("^caret col*", ["^caret", "col*"]),
    ("title:", ["title:"]),
    ('title:""', ["title:"]),
]


@pytest.mark.parametrize(("text", "words"), MALFORMED)
def test_what_is_malformed_is_searched_as_words(text: str, words: list[str]) -> None:
    assert [term.text for term in parse(text).terms] == words


@pytest.mark.parametrize(
    "text", ["-", "--", "*", ":", '"', '""', '"""', "“”", "( )", "- - -", "^", "…", "🦊"]
)
def test_what_holds_no_word_asks_nothing(text: str) -> None:
    assert parse(text) == EVERYTHING
    assert parse(text, typing=True) == EVERYTHING


TYPED = [
    ("pes", Query((Term("pes", prefix=True),))),
    ("peace de", Query((Term("peace"), Term("de", prefix=True)))),
    ("peace ", Query((Term("peace"),))),
    ("author:kha", Query((Term("kha", "author", prefix=True),))),
    ('"peace de', Query((Term("peace de", prefix=True),))),
    ('"peace deal"', Query((Term("peace deal"),))),
    ('section:"South A', Query((Term("South A", "section", prefix=True),))),
    ("river -pe", Query((Term("river"), Term("pe", excluded=True)))),
    # What is not finished does not filter yet.
    ("river section:", Query((Term("river"),))),
    ("river before:20", Query((Term("river"),))),
    ("river before:2022-", Query((Term("river"),))),
    ("river is:", Query((Term("river"),))),
    ("river is:unr", Query((Term("river"),))),
    ("before:2022", Query(before=date(2022, 1, 1))),
    ("is:foo", Query((Term("is:foo", prefix=True),))),
]


@pytest.mark.parametrize(("text", "query"), TYPED)
def test_while_it_is_being_typed(text: str, query: Query) -> None:
    assert parse(text, typing=True) == query


@pytest.mark.parametrize(
    "text", ["word " * 20_000, "x" * 100_000, '"' * 100_000, "title:" * 20_000, "-" * 100_000]
)
def test_long_queries_are_bounded(text: str) -> None:
    for typing in (False, True):
        terms = parse(text, typing=typing).terms
        assert len(terms) <= MOST
        assert sum(len(term.text) for term in terms) <= LONGEST


@given(st.text(alphabet='ab:-"“”* ().é漢\0\ud800' + "titlesbforaw2019", max_size=60), st.booleans())
def test_nothing_raises(text: str, typing: bool) -> None:
    query = parse(text, typing=typing)
    assert hash(query) is not None
    assert all(any(character.isalnum() for character in term.text) for term in query.terms)
