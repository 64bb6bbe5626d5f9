"""Searching a library: what is found, in every script, in which order, with which passage."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulse_tui.article import Headline
from pulse_tui.query import Query, Term, parse
from pulse_tui.repository import Hit, View
from pulse_tui.storage.index.passage import LENGTH, plain
from pulse_tui.storage.library import Library
from pulse_tui.text import clean_line
from tests.libraries import library_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def library(folder: Path) -> Library:
    repository = library_of(folder)
    repository.refresh()
    return repository


def found(repository: Library, query: str, *, typing: bool = False) -> list[str]:
    return [hit.headline.id for hit in repository.search(parse(query, typing=typing))]


def lit(hit: Hit) -> list[str]:
    return [hit.passage[start:end] for start, end in hit.matches]


# Scripts: words within sentences, as a reader would type them

SCRIPTS = {
    "Urdu": ("صبح کو دریا خاموش تھا اور کشتیاں دیر سے چلیں۔", ["دریا", "کشتیاں", "خاموش تھا"], ["دری"]),
    "Urdu with vowel marks": ("اُس نے کِتاب پَڑھی اور مُحَمَّد علی آئے۔", ["کتاب", "محمد", "پڑھی", "اس"], ["کتا"]),
    "Urdu typed on an Arabic keyboard": ("کراچی کی ہوا", ["كراچي", "هوا"], ["کراچ"]),
    "Persian with joiners": ("او می‌خواهد کتاب‌ها را بخواند", ["می‌خواهد", "میخواهد", "کتابها"], ["خواهد"]),
    "Hindi": ("सुबह नदी शांत थी और नावें देर से चलीं।", ["नदी", "नावें", "शांत", "नदी शांत"], ["नद", "नाव"]),
    "Hindi with and without nukta": ("ज़िंदगी और क़लम", ["जिंदगी", "ज़िंदगी", "कलम"], ["जिंद"]),
    "Bengali": ("সকালে নদী শান্ত ছিল, নৌকা দেরিতে ছাড়ল।", ["নদী", "নৌকা", "শান্ত", "ছাড়ল"], ["নদ", "শান"]),
    "Tamil": ("காலையில் ஆறு அமைதியாக இருந்தது, படகுகள் கிளம்பின.", ["ஆறு", "படகுகள்", "காலையில்"], ["படகு", "கால"]),
    "Chinese": ("清晨的河面很安静，渡船开得很晚。", ["河面", "渡船", "安静", "河"], ["面河", "河船"]),
    "Japanese": ("朝の川は静かで、カヌーは遅れて出た。", ["静か", "カヌー", "川は", "ｶﾇｰ"], ["静川"]),
    "Korean": ("서울에서 만나는 사람들", ["서울", "사람", "만나"], ["울서"]),
    "Thai": ("แม่น้ำเงียบในตอนเช้า", ["แม่น้ำ", "เงียบ"], ["น้ำเช้า"]),
    "Latin accents": ("Peshāwar, Łódź, naïve cafés and Đà Nẵng", ["Peshawar", "peshāwar", "CAFES"], ["pesh"]),
    "Latin accents apart": ("Pesha\u0304war and nai\u0308ve", ["Peshawar", "naive", "Peshāwar"], ["pesha"]),
    "Greek": ("Η Ελλάδα και η θάλασσα", ["Ελλαδα", "θαλασσα", "ΕΛΛΆΔΑ"], ["Ελλα"]),
    "Russian": ("Ёлка стоит у реки", ["елка", "ёлка", "РЕКИ"], ["елк"]),
    "full width": ("ＣＯＶＩＤ疫苗", ["covid", "疫苗", "COVID疫苗"], ["cov"]),
    "soft hyphens": ("par\u00adlia\u00adment", ["parliament"], ["par"]),
}  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_every_script_are_found(folder: Path, script: str) -> None:
    sentence, present, absent = SCRIPTS[script]
    write(folder / "it.md", f"Before it. {sentence} After it.\n")
    write(folder / "other.md", "Nothing of the kind.\n")
    repository = library(folder)
    for word in present:
        (hit,) = repository.search(parse(f'"{word}"'))
        assert hit.headline.id == "it", word
        assert lit(hit), f"{word} is not lit in {hit.passage}"
    for word in absent:
        assert found(repository, f'"{word}"') == [], word


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_every_script_narrow_a_list(folder: Path, script: str) -> None:
    sentence, present, _ = SCRIPTS[script]
    write(folder / "it.md", title=f"'{sentence}'")
    write(folder / "other.md", title="Nothing of the kind")
    repository = library(folder)
    for word in present:
        headlines = repository.recent(view=View(parse(word, typing=True)))
        assert [headline.id for headline in headlines] == ["it"], word


# Fields, phrases and exclusion


@pytest.fixture
def features(folder: Path) -> Library:
    write(
        folder / "talks.md",
        'The river was quiet.\n\n![A crowd](a.png "Mourners in Quetta. Credit: Wire/Khan")\n\n'
        "A peace\n*deal* was near.\n",
        title="Talks Take a Back Seat",
        dek="Violence in Peshawar",
        sections="[Security, South Asia]",
        authors="[A. Writer, Bano Khan]",
        tags="[ttp, ceasefire]",
        published="2022-03-15",
        image="x.png",
        caption="A funeral",
        credit="Agency/Lodhi",
    )
    write(
        folder / "salt.md",
        "A deal for peace. Writer of rivers. [linked words](https://example.org/hidden-target)\n",
        title="The Salt Road",
        sections="[Asia, South]",
        published="2021-01-01",
        tags="[rivers]",
    )
    return library(folder)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("peace deal", ["talks", "salt"]),
        ('"peace deal"', ["talks"]),
        ("deal -river", ["salt"]),
        ('deal -"peace deal"', ["salt"]),
        ("title:talks", ["talks"]),
        ("title:peace", []),
        ('section:"South Asia"', ["talks"]),
        ("section:asia", ["talks", "salt"]),
        ("author:khan", ["talks"]),
        ("author:writer", ["talks"]),
        ("tag:rivers", ["salt"]),
        ("tag:river", []),
        ("credit:lodhi", ["talks"]),
        ("credit:wire", ["talks"]),
        ("credit:quetta", []),
        ("caption:mourners", ["talks"]),
        ("caption:funeral deal", ["talks"]),
        ("caption:deal", []),
        ("deal -caption:funeral", ["salt"]),
        ("deal before:2022", ["salt"]),
        ("deal after:2022-03-15", ["talks"]),
        ("deal after:2022-03-16", []),
        ("before:2022", ["salt"]),
        ("-river", ["salt"]),
        ("-deal", []),
        ("hidden", []),
        ("linked words", ["salt"]),
        ("is:unread deal", ["talks", "salt"]),
        ("is:starred deal", []),
        ("", []),
        ("nothing", []),
        ("deal AND peace", []),
        ("security violence", ["talks"]),
    ],
)
def test_search(features: Library, query: str, ids: list[str]) -> None:
    assert found(features, query) == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("talk", ["talks"]),
        ("pesh", ["talks"]),
        ("sec viol", ["talks"]),
        ("kha", ["talks"]),
        ("sout", ["talks", "salt"]),
        ("river", ["salt"]),
        ("mourners", []),
        ("quiet", []),
        ("section:sou", []),
        ("section:south", ["talks", "salt"]),
        ("credit:lodhi", ["talks"]),
        ("-peshawar", ["salt"]),
        ("-credit:lodhi", ["salt"]),
        ("before:2022", ["salt"]),
        ("is:unread salt", ["salt"]),
        ("", ["talks", "salt"]),
    ],
)
def test_a_list_is_narrowed_by_what_it_shows(features: Library, query: str, ids: list[str]) -> None:
    view = View(parse(query))
    assert [headline.id for headline in features.recent(view=view)] == ids
    assert features.count(view) == len(ids)


def test_the_state_narrows_and_follows_changes(features: Library) -> None:
    features.mark("salt", read=True, starred=True)
    assert found(features, "deal is:read") == ["salt"]
    assert found(features, "deal is:unread") == ["talks"]
    assert found(features, "is:starred") == ["salt"]
    assert features.count(View(Query(read=False))) == 1
    features.mark("talks", read=True)
    assert features.count(View(Query(read=False))) == 0
    assert found(features, "deal -is:starred") == ["talks"]


@pytest.mark.parametrize("state", ["is:read is:unread", "-is:unread -is:read", "is:starred -is:starred"])
@pytest.mark.parametrize("words", ["", "deal", "salt -peshawar"])
def test_what_contradicts_itself_fits_nothing(features: Library, state: str, words: str) -> None:
    features.mark("salt", read=True, starred=True)
    for query in (f"{state} {words}", f"{words} {state}"):
        assert found(features, query) == []
        assert features.count(View(parse(query))) == 0
        assert features.recent(0, 5, View(parse(query))) == ()


@pytest.mark.parametrize("query", ["rive", "peace de", '"peace de', "author:kha", "t", "pes", "title:tal"])
def test_while_it_is_typed_the_last_word_may_go_on(features: Library, query: str) -> None:
    assert "talks" in found(features, query, typing=True)


# Order


def test_title_above_headline_above_body_and_newest_first_within_each(folder: Path) -> None:
    for year in (2019, 2021, 2020):
        write(folder / f"title-{year}.md", title="The monsoon", published=f"{year}-01-01")
        write(folder / f"dek-{year}.md", title="T", dek="monsoon", published=f"{year + 10}-01-01")
        write(folder / f"body-{year}.md", "monsoon " * year, title="T", published=f"{year + 20}-01-01")
    expected = [f"{part}-{year}" for part in ("title", "dek", "body") for year in (2021, 2020, 2019)]
    repository = library(folder)
    assert found(repository, "monsoon") == expected
    assert [hit.headline.id for hit in repository.search(parse("monsoon"), 4)] == expected[:4]
    assert repository.search(parse("monsoon"), 0) == ()


def test_more_articles_on_one_day_than_it_has_slots(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulse_tui.storage.index.writing.DAY", 4)
    monkeypatch.setattr("pulse_tui.storage.index.searching.DAY", 4)
    for number in range(11):
        write(folder / f"{number:02}.md", "word", published="2022-03-15")
    write(folder / "next.md", "word", published="2022-03-16")
    write(folder / "before.md", "word", published="2022-03-14")
    repository = library(folder)
    everything = ["next", *(f"{number:02}" for number in range(11)), "before"]
    assert [headline.id for headline in repository.recent()] == everything
    assert sorted(found(repository, "word")) == sorted(everything)
    assert found(repository, "word before:2022-03-16") == everything[1:]
    assert found(repository, "word after:2022-03-16") == ["next"]


def test_articles_that_have_changed_are_found_by_what_they_say_now(folder: Path) -> None:
    for number in range(5):
        write(folder / "a.md", f"old{number} words\n", title=f"T{number}", published="2022-01-01")
        if not number:
            repository = library(folder)
        repository.refresh()
        assert found(repository, f"old{number}") == ["a"]
        assert found(repository, f"old{number - 1}") == []
        assert found(repository, f"T{number - 1}") == []
        assert repository.count(View(parse(f"T{number}"))) == 1
    (folder / "a.md").unlink()
    repository.refresh()
    assert found(repository, "words") == []
    assert repository.count(View(parse("T4"))) == 0


def test_a_worn_index_is_renewed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulse_tui.storage.index.writing._WORN", 5)
    write(folder / "stays.md", "steady words", published="2020-01-01")
    write(folder / "a.md", "x")
    repository = library(folder)
    for number in range(30):
        write(folder / "a.md", f"words number{number}\n", published="2022-01-01")
        repository.refresh()
        assert found(repository, "words") == ["a", "stays"]
        assert found(repository, f"number{number}") == ["a"]
    assert repository.count() == 2


@pytest.mark.parametrize("query", ["salt is:unread", "salt -road", "salt credit:asha"])
def test_what_fits_is_found_behind_any_number_that_do_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("pulse_tui.storage.index.searching._LOOKED_AT", 3)
    for number in range(20):
        write(folder / f"new{number}.md", "salt road", title="Salt", published="2022-01-01")
    write(folder / "old.md", "salt ![](a.png 'Credit: Asha')", title="Salt", published="2020-01-01")
    repository = library(folder)
    for number in range(20):
        repository.mark(f"new{number}", read=True)
    assert found(repository, query) == ["old"]
    for number in range(20):
        (folder / f"new{number}.md").unlink()
    repository.refresh()
    assert found(repository, "salt") == ["old"]


# Passages


def test_the_passage_is_plain_text_around_the_match(folder: Path) -> None:
    filler = "Some *other* [words](https://example.org/needles) here, said `they`. " * 30
    write(folder / "a.md", f"# Heading\n\n{filler}\n\n> The **needle** lay in\n> the haystack.\n\n{filler}\n")
    (hit,) = library(folder).search(parse("needle haystack"))
    assert lit(hit) == ["needle", "haystack"]
    assert "The needle lay in the haystack." in hit.passage
    assert hit.passage.startswith("…")
    assert hit.passage.endswith("…")
    assert LENGTH * 0.6 < len(hit.passage) <= LENGTH + 2
    assert not set("*[]`>#") & set(hit.passage)


def test_the_passage_shows_the_place_with_most_of_the_words(folder: Path) -> None:
    filler = "One river here. " + "Nothing else at all. " * 40
    write(folder / "a.md", f"{filler}Then a river and a bridge. " + "Nothing else at all. " * 40)
    (hit,) = library(folder).search(parse("bridge river"))
    assert lit(hit) == ["river", "bridge"]


def test_where_only_the_headline_fits_the_passage_is_the_dek(features: Library) -> None:
    (hit,) = features.search(parse("seat"))
    assert hit.passage == "Violence in Peshawar"
    assert hit.matches == ()
    (hit,) = features.search(parse("peshawar"))
    assert lit(hit) == ["Peshawar"]
    (hit,) = features.search(parse("funeral"))
    assert hit.passage == "Caption: A funeral · Credit: Agency/Lodhi"


@pytest.mark.parametrize(
    ("query", "passage", "words"),
    [
        ("caption:mourners", "Caption: Mourners in Quetta. · Credit: Wire/Khan", ["Mourners"]),
        ("credit:wire", "Caption: Mourners in Quetta. · Credit: Wire/Khan", ["Wire"]),
        ("credit:lodhi", "Caption: A funeral · Credit: Agency/Lodhi", ["Lodhi"]),
        ("agency", "Caption: A funeral · Credit: Agency/Lodhi", ["Agency"]),
        (
            "quetta",
            "The river was quiet. · Caption: Mourners in Quetta. · Credit: Wire/Khan"
            " · A peace deal was near.",
            ["Quetta"],
        ),
        ("caption:mourners deal", None, ["Mourners", "deal"]),
        ("seat", "Violence in Peshawar", []),
    ],
)
def test_captions_and_credits_are_named(
    features: Library, query: str, passage: str | None, words: list[str]
) -> None:
    (hit,) = [hit for hit in features.search(parse(query)) if hit.headline.id == "talks"]
    assert passage in (None, hit.passage)
    assert lit(hit) == words


def test_a_caption_that_is_cut_keeps_its_name(folder: Path) -> None:
    write(folder / "a.md", "Words.", image="a.png", caption="Boats on the water, " * 20 + "and a heron")
    (hit,) = library(folder).search(parse("caption:heron"))
    assert hit.passage.startswith("Caption: …")
    assert lit(hit) == ["heron"]


def test_the_name_of_a_caption_is_no_match(folder: Path) -> None:
    write(folder / "a.md", "No word.", title="Credit", dek="D", image="a.png", credit="Wire", caption="Boats")
    (hit,) = library(folder).search(parse("credit"))
    assert (hit.passage, hit.matches) == ("D", ())


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Head\n\n- one\n- two\n\n1. three", "Head · one · two · three"),
        ('a [link](x(y)z "t") and ![alt](s "C. Credit: N")', "a link and · Caption: C. · Credit: N"),
        ("a ![](s 'C') ![](s 'Photo: N')\n\n![alt](s) b", "a · Caption: C · Credit: N · alt b"),
        ("![](s 'C')", "Caption: C"),
        ("a<br>b <b class='x'>bold</b> &amp; 2 < 3", "a b bold & 2 < 3"),
        ("```python\ncode\n```\n\n| a | b |\n|---|---|\n| c | d |", "code · a · b · c · d"),
        ("## Rivers\nHere is\none thing.\n\nAnother.", "Rivers · Here is one thing. · Another."),
        ("> # A\n> b\n> c\n>\n> d\n\nTitle\n---\n\n***\n\nlast", "A · b c · d · Title · last"),
        ("a | b\n--|--\nc \\| d | e\n\n| *f* | `g` | \\| |", "a · b · c | d · e · f · g · |"),
        ("if a || b then | c", "if a || b then | c"),
        ("Text | with a bar\n\na | b\n- | :-:\nc | d\n\ne | f", "Text | with a bar · a · b · c · d · e | f"),
        ("\n\n  \n>\n\n* \n\n***\n", ""),
        ("snake_case _emphasis_ ~~gone~~ \\*star\\*", "snake_case emphasis gone *star*"),
        ("\x1b[31mred\x1b[0m\u202e", "\ufffd[31mred\ufffd[0m"),
    ],
)
def test_plain(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("spoken", "Spoken"),
        ("word spoken", "Word"),
        ("delta", "delta where a few words follow one another, and then some"),
        ("last", "last words of all."),
    ],
)
def test_a_passage_is_found_again_by_words_of_one_block(folder: Path, words: str, near: str) -> None:
    text = "The delta where a few words follow one another, and then some others that come behind them."
    table = "| Language | Word | Spoken |\n|---|---|---|\n| Urdu | river | 70 |"
    write(folder / "a.md", f"## Rivers\n\n{text}\n\n{table}\n\nThe last words of all.", dek="A dek")
    (hit,) = library(folder).search(parse(words))
    assert hit.near == near
    assert near in hit.passage


@pytest.mark.parametrize(
    ("passage", "near"),
    [
        ("River", "River"),
        ("River banks", "River banks"),
        ("River ban…", "River"),
        ("River…", "River"),
        ("River " * 20, "River River River River River River River River River River"),
        ("Banks · river", "Banks"),
        ("", ""),
    ],
)
def test_only_a_word_that_may_be_cut_is_left_out(passage: str, near: str) -> None:
    headline = Headline(id="a", title="A")
    assert Hit(headline, passage, ()).near == near


# Whatever is asked


def test_hostile_markdown_takes_no_time_to_make_plain() -> None:
    for text in ("![](", "![](a 'b", "![a](b (", "[a](b (c) "):
        assert plain(text * 5000)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("shared")
    for number in range(30):
        write(
            folder / f"{number}.md", f"words of {number} 漢字 कथा\n", title=f"Title {number}", tags="[a, b]"
        )
    return library(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.text(alphabet='ab:-"“”*().^+{}é漢\0\ud800\u0304\u200d' + " titlewords0", max_size=40), st.booleans()
)
def test_no_query_raises(shared: Library, text: str, typing: bool) -> None:
    query = parse(text, typing=typing)
    for hit in shared.search(query, 5):
        assert hit.passage == clean_line(hit.passage)
        assert all(0 <= start < end <= len(hit.passage) for start, end in hit.matches)
    shared.recent(0, 3, View(query))
    shared.count(View(query))


def test_terms_that_no_parser_made_do_not_raise_either(shared: Library) -> None:
    for text in ("", '"', "\0", "\ud800", "AND", "*", "\u0304", " "):
        for field in ("", "title", "credit"):
            query = Query((Term(text, field, prefix=True), Term(text, field, excluded=True)))
            shared.search(query)
            shared.count(View(query))
