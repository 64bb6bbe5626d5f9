"""What a document looks like: measured layouts, and what holds for any document at any width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Article, Figure, Headline, Notice
from pulse_tui.document.document import Document
from pulse_tui.document.html import visible
from pulse_tui.document.lines import Laid, Role, Run
from pulse_tui.document.plain import render
from pulse_tui.text import cells
from tests.strategies import (
    HOSTILE,
    articles,
    body_lines,
    body_text,
    document,
    documents,
    row_text,
    runs_text,
    solid,
    unfit,
    widest,
)

ARTICLES = sorted((Path(__file__).parent.parent / "articles").glob("*.md"))
LAYOUTS = sorted((Path(__file__).parent / "data" / "layout").glob("*.txt"))

# -- Measured layouts


class Case(NamedTuple):
    """A document, and the rows expected at some widths."""

    file: str
    title: str
    markdown: str
    width: int
    roles: bool
    rows: list[str]


def cases() -> Iterator[Case]:
    """Read the tables of layouts.

    `@@@ Title` begins a case, and its Markdown follows; `@@@ 40` begins the rows expected at 40 cells,
    `@@@ 40 roles` those with what is not plain text marked as `⟨strong emphasis⟩both⟨/⟩`.  White space at
    the end of a row does not count, nor do blank rows at the end.
    """
    for path in LAYOUTS:
        title = markdown = ""
        for part in path.read_text("utf-8").split("@@@ ")[1:]:
            head, _, body = part.partition("\n")
            width, _, option = head.partition(" ")
            if not width.isdecimal():
                title, markdown = head, body.rstrip("\n")
                continue
            rows = [row.rstrip() for row in body.rstrip().split("\n")]
            yield Case(path.stem, title, markdown, int(width), option == "roles", rows)


CASES = list(cases())
NAMES = [f"{case.file}-{case.title}-{case.width}{'-roles' * case.roles}" for case in CASES]
_ROLES = {value: name.lower() for name, value in vars(Role).items() if name.isupper() and value}


def marked(run: Run) -> str:
    """A run with the names of its roles and its link."""
    text, roles, link = run
    names = [name for value, name in _ROLES.items() if roles & value]
    if link is not None:
        names.append(link)
    return f"⟨{' '.join(names)}⟩{text}⟨/⟩" if names and text.strip() else text


def rendered(markdown: str, width: int, *, roles: bool = False) -> list[str]:
    """The rows of a document's body as the tables of layouts have them."""
    rows = []
    for line in body_lines(document(markdown, width)):
        rows.append("".join(map(marked, (*line.prefix, *line.runs))) if roles else row_text(line))
    return [row.rstrip() for row in "\n".join(rows).rstrip().split("\n")]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_layout_is_as_measured(case: Case) -> None:
    rows = rendered(case.markdown, case.width, roles=case.roles)
    assert rows == case.rows, "\n".join(["now:", f"@@@ {case.width}", *rows])
    if not case.roles:
        assert max(map(cells, rows)) <= case.width


def test_every_case_is_measured_in_a_narrow_a_common_and_a_wide_column() -> None:
    measured: dict[tuple[str, str], set[int]] = {}
    for case in CASES:
        measured.setdefault((case.file, case.title), set()).add(case.width)
    assert len(measured) > 20
    assert {case for case, widths in measured.items() if not widths >= {40, 72, 120}} == set()


# -- What holds for any document at any width


def check_fit_for_a_screen(of: Document) -> None:
    for piece in range(len(of)):
        laid = of.lay(piece)
        assert widest(laid.lines) <= of.width
        runs = [run for line in laid.lines for run in (*line.prefix, *line.runs)]
        for text, _, link in runs:
            assert not unfit(text)
            assert not unfit(link or "")
        for picture in laid.pictures:
            figure = picture.figure
            assert not unfit("".join([figure.source or "", figure.alt, figure.caption, figure.credit]))
        assert not unfit("".join(heading.text for heading in laid.headings))
        assert not unfit(laid.text.replace("\n", ""))


def check_offsets(laid: Laid) -> None:
    starts = [line.start for line in laid.lines]
    assert starts == sorted(starts)
    for line in laid.lines:
        assert 0 <= line.start <= line.end <= len(laid.text) + 1


def check_lines_in_range(laid: Laid) -> None:
    pictures = [picture.line for picture in laid.pictures]
    headings = [heading.line for heading in laid.headings]
    for marks in (pictures, headings, list(laid.notes.values()), laid.paragraphs):
        assert marks == sorted(marks)
        assert all(0 <= line < len(laid.lines) for line in marks)
    for picture in laid.pictures:
        assert picture.line + picture.rows <= len(laid.lines)
    for heading in laid.headings:
        assert 1 <= heading.level <= 6
        assert heading.line in laid.paragraphs


def check_nothing_lost(laid: Laid) -> None:
    """For a piece without tables and framed pictures: all its text is in its rows, and in order."""
    shown = ""
    for line in laid.lines:
        if line.start == line.end and "*   *" in runs_text(line.runs):
            continue  # a rule is not text
        assert runs_text(line.runs) == laid.text[line.start : line.end]
        shown += runs_text(line.runs)
    assert solid(shown) == solid(laid.text)


widths = st.integers(10, 200)


@settings(max_examples=900)
@given(documents(), widths)
def test_rows_fit_and_are_clean(markdown: str, width: int) -> None:
    of = document(markdown, width)
    check_fit_for_a_screen(of)
    for piece in range(len(of)):
        check_offsets(of.lay(piece))
        check_lines_in_range(of.lay(piece))


@settings(max_examples=600)
@given(articles(tables=False), widths)
def test_no_character_of_the_text_is_lost(markdown: str, width: int) -> None:
    of = document(markdown, width)
    for piece in range(1, len(of)):
        laid = of.lay(piece)
        if not any(picture.rows for picture in laid.pictures):
            check_nothing_lost(laid)


@settings(max_examples=300)
@given(documents(), widths, widths)
def test_the_text_is_the_same_at_every_width(markdown: str, width: int, other: int) -> None:
    of, too = document(markdown, width), document(markdown, other)
    for piece in range(1, len(of)):
        laid, again = of.lay(piece), too.lay(piece)
        assert laid.text == again.text
        assert [heading[1:] for heading in laid.headings] == [heading[1:] for heading in again.headings]
        assert [picture.figure for picture in laid.pictures] == [picture.figure for picture in again.pictures]
        assert list(laid.notes) == list(again.notes)


@pytest.mark.parametrize("path", ARTICLES, ids=[path.stem for path in ARTICLES])
def test_a_feature_fits_every_column(path: Path) -> None:
    body = path.read_text("utf-8").split("\n---\n", 1)[1]
    texts = set()
    for width in (10, 17, 40, 60, 72, 80, 120, 200):
        of = document(body, width)
        check_fit_for_a_screen(of)
        for piece in range(len(of)):
            check_offsets(of.lay(piece))
            check_lines_in_range(of.lay(piece))
        texts.add(body_text(of))
    assert len(texts) == 1


@pytest.mark.parametrize("width", [10, 11, 12, 13, 20, 40])
def test_the_deepest_nesting_leaves_half_of_the_width_to_the_text(width: int) -> None:
    for opening in ("> ", "- ", "10. ", "> - ", "- > 1. "):
        of = document(opening * 20 + "some words to fold into lines", width)
        for line in body_lines(of):
            assert sum(cells(text) for text, _, _ in line.prefix) <= width // 2
        assert "words" in "".join(map(row_text, body_lines(of))) or width < 20


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "# a {} b",
        "- a {} b",
        "`{}`",
        "```\na {} b\n```",
        "~~~ {}\nx\n~~~",
        "| a {} | b |\n|---|---|\n| c | d {} |",
        "![a {} b](p.png 'c {} d')",
        "<div title='{}'>a {} b<img src='{}' alt='{}'></div>",
        "a <img src='x{}y' alt='c {} d'> b",
        "[a {} b](<c {} d>)",
        "x[^a{}b]\n\n[^a{}b]: c {} d",
        "[r]: <x{}y> 'c {} d'\n\n![alt][r] [r]",
        "> a {}\n> b",
        "<!-- {} -->\na {} b",
        "{}" * 200,
    ],
)
def test_text_from_outside_cannot_steer_the_terminal(around: str, text: str) -> None:
    for width in (10, 40):
        check_fit_for_a_screen(document(around.replace("{}", text), width))


def test_bytes_that_are_no_utf_8_and_odd_line_ends_are_shown() -> None:
    assert body_text(document(b"a \xff b \xc3\r\nc\rd\0e")) == "a � b � c d�e"
    assert body_text(document(b"\xef\xbb\xbf# Title\r\n\r\nText")) == "Title Text"
    assert body_text(document("# h \ud83d\n".encode("utf-8", "surrogatepass"))) == "h ���"


def test_white_space_in_text_is_one_space() -> None:
    assert rendered("a  b\tc&#9;d&NewLine;e&#32;f", 40) == ["a b c d e f"]
    assert rendered("a \u200b b <b>c</b> <!-- d --> e", 40) == ["a b c e"]


@pytest.mark.parametrize("tag", ["<br>", "<BR/>", '<br clear="all">', "<br\n/>"])
def test_a_line_begins_behind_a_break_without_a_space(tag: str) -> None:
    for markdown in (f"one{tag}two", f"one {tag} two", f"one{tag}\ntwo", f"one{tag} *two*"):
        assert rendered(markdown, 40) == ["one", "two"]


@pytest.mark.parametrize("following", ["字", "*字*", "[字](/x)", "**_字_**", "`字`"])
def test_a_line_end_between_ideographs_is_no_space(following: str) -> None:
    assert document(f"漢\n{following}", 40).lay(1).text == "漢字"
    assert document(f"a\n{following}", 40).lay(1).text == "a 字"


def test_a_block_made_to_be_slow_is_shown_as_it_stands() -> None:
    text = "[a](b) *c* " * 1_500
    laid = document(text).lay(1)
    assert laid.text == text.strip()
    assert {run[1] for line in laid.lines for run in line.runs} == {Role.PLAIN}
    assert widest(laid.lines) <= 72


# -- The head


HEAD = Article(
    Headline(
        "id",
        "Talks Take a Back Seat",
        "With violence rising, a peace deal is hard to sell.",
        ("The Pulse", "Security"),
        ("A. Writer", "B. Second", "C. Third"),
        date(2022, 3, 15),
        6,
        notices=(Notice("`dek` is not text", line=3), Notice("no image")),
    ),
    b"",
    Figure("funeral.png", "Mourners in Peshawar", "A funeral.", "Agency"),
    "https://example.org/talks",
)


def test_the_head() -> None:
    laid = Document(HEAD, 40).lay(0)
    assert [row_text(line).rstrip() for line in laid.lines] == [
        "The Pulse | Security",
        "",
        "Talks Take a Back Seat",
        "",
        "With violence rising, a peace deal is",
        "hard to sell.",
        "",
        "By A. Writer, B. Second and C. Third ·",
        "15 March 2022 · 6 min read",
        "First published at https://example.org/",
        "talks",
        "",
        "! Line 3: `dek` is not text",
        "",
        "! no image",
        "",
        "┌──────────────────────────────────────┐",
        "│                                      │",
        "│         Mourners in Peshawar         │",
        "│                                      │",
        "└──────────────────────────────────────┘",
        "",
    ]
    assert laid.pictures == [(16, HEAD.lead, 5)]
    assert laid.paragraphs == [0, 16]
    roles = {run[0]: run[1] for line in laid.lines for run in line.runs}
    assert roles["The Pulse | Security"] == Role.KICKER
    assert roles["Talks Take a Back Seat"] == Role.HEADLINE
    assert roles["hard to sell."] == Role.DEK
    assert roles["15 March 2022 · 6 min read"] == Role.BYLINE
    assert roles["! no image"] == Role.NOTICE
    links = {run[2] for line in laid.lines for run in line.runs if run[1] & Role.LINK}
    assert links == {"https://example.org/talks"}


@settings(max_examples=150)
@given(st.text("ab 中é\u0301👩", max_size=80), widths)
def test_a_head_fits_every_column(text: str, width: int) -> None:
    lead = Figure(None, text)
    of = Document(Article(Headline("id", f"T{text}", text, (text, text), (text,)), b"", lead), width)
    check_fit_for_a_screen(of)
    check_offsets(of.lay(0))
    check_lines_in_range(of.lay(0))


def test_a_bare_head_is_a_headline_and_its_time() -> None:
    of = Document(Article(Headline("id", "Title"), b"Text."), 40)
    assert [row_text(of.lay(0).lines[n]) for n in range(4)] == ["Title", "", "1 min read", ""]
    of = Document(Article(Headline("id", "Title", minutes=646), b"Text."), 40)
    assert row_text(of.lay(0).lines[2]) == "10 h 46 min read"


def test_a_headline_taken_from_the_first_heading_is_not_shown_twice() -> None:
    of = Document(Article(Headline("id", "The *Same* Title"), b"# The \\*Same\\* Title\n\nText."), 40)
    assert [row_text(line) for line in body_lines(of)] == ["Text.", ""]
    assert of.sections() == []
    of = Document(Article(Headline("id", "The Same"), b"# The Same\nText at once."), 40)
    assert "The Same" in body_text(of)
    of = Document(Article(Headline("id", "The Same"), b"## The Same\n\nText."), 40)
    assert "The Same" in body_text(of)


# -- Headings, notes, pictures


def test_headings_at_top_level_are_known() -> None:
    of = document("# One *and*\n\nText\n## Two\n\n> ## Quoted\n\n- # Listed\n\nThree\n=====\n###### Six\n#\n")
    found = [(heading.level, heading.text) for _, heading in of.sections()]
    assert found == [(1, "One and"), (2, "Two"), (1, "Three"), (6, "Six"), (1, "")]
    for piece, heading in of.sections():
        assert runs_text(of.lay(piece).lines[heading.line].runs) == heading.text


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        pytest.param("x[^b] y[^a] z[^b]", {"b": 1, "a": 2, "c": 3}, id="in order"),
        pytest.param("x[^c]", {"c": 1, "a": 2, "b": 3}, id="unused last"),
        pytest.param("`[^b]` x[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="code span"),
        pytest.param("`` [^b] ` ``\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="longer code span"),
        pytest.param("\\[^b] x[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="escaped"),
        pytest.param("[^b\\] x[^c]", {"c": 1, "a": 2, "b": 3}, id="escaped end"),
        pytest.param("```\n[^b]\n```\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="fence"),
        pytest.param(
            "- ~~~\n  [^b]\n  ~~~\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="tilde fence in a list"
        ),
        pytest.param("    [^b]\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="indented code"),
        pytest.param("\t[^b]\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="code after a tab"),
        pytest.param("<b title='[^b]'> x[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="attribute"),
        pytest.param("<div>\n[^b]\n</div>\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="raw HTML"),
        pytest.param("[^b](/url) x[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="link"),
        pytest.param("[x]: /u '[^b]'\n\nx[^a] y[^b]", {"a": 1, "b": 2, "c": 3}, id="definition"),
        pytest.param("x[^b]: y[^a]", {"b": 1, "a": 2, "c": 3}, id="before a colon"),
        pytest.param("- x[^b]\n- y[^a]\n", {"b": 1, "a": 2, "c": 3}, id="list"),
        pytest.param("|x[^b]|\n|---|\n|y[^a]|", {"b": 1, "a": 2, "c": 3}, id="table"),
        pytest.param("x[^no] y[^b]", {"b": 1, "a": 2, "c": 3}, id="unknown"),
        pytest.param("x[^B] y[^b]", {"b": 1, "a": 2, "c": 3}, id="case counts"),
    ],
)
def test_notes_are_numbered_in_order_of_use(markdown: str, expected: dict[str, int]) -> None:
    of = document(f"{markdown}\n\n[^a]: Note a.\n\n[^b]: Note b.\n\n[^c]: Note c.")
    shown = "\n".join(map(row_text, body_lines(of)))
    numbers = {label: int(number) for number, label in re.findall(r"^\[(\d)\] Note (\w)", shown, re.M)}
    assert numbers == expected
    runs = [run for line in body_lines(of) for run in line.runs]
    uses = {(text, link) for text, _, link in runs if link and link.startswith("#note:")}
    assert uses <= {(f"[{number}]", f"#note:{label}") for label, number in expected.items()}


def test_uses_of_notes_in_a_sliced_list_are_counted_in_order() -> None:
    items = "".join(f"- item {n}\n" for n in range(8_000))
    of = document(f"{items}- x[^b]\n{items}\nThen y[^a].\n\n[^a]: Note a.\n\n[^b]: Note b.")
    rows = [row_text(line) for line in body_lines(of)]
    assert "• x[1]" in rows
    assert rows[-6:] == ["Then y[2].", "", "[2] Note a.", "", "[1] Note b.", ""]


def test_the_first_note_of_a_label_counts() -> None:
    of = document("> [^1]: In a quote.\n>\n> [^1]: And again.\n\nx[^1]\n\n[^1]: At last.")
    assert of.lay(1).notes == {"1": 0}
    assert of.target("#note:1") == (1, 0)


def test_a_note_that_shows_nothing_has_a_line() -> None:
    for note in ("", "<!-- x -->", "\n    [x]: /y"):
        of = document(f"x[^a]\n\n[^a]: {note}\n\nEnd.")
        place = of.target("#note:a")
        assert place is not None
        assert row_text(of.lay(place.piece).lines[place.line]).strip() == "[1]"


def test_an_item_that_shows_nothing_has_a_line() -> None:
    for item in ("", "<!-- x -->", "[x]: /y"):
        assert rendered(f"1. {item}\n2. two", 40) == ["1.", "2. two"]


def test_rows_that_the_parser_leaves_out_of_a_huge_table_are_shown() -> None:
    """It ends a table where 65,536 cells are missing."""
    of = document(f"|{'a|' * 200}\n|{'-|' * 200}\n" + "".join(f"|row {n}|\n" for n in range(8_000)), 40)
    shown = body_text(of)
    assert len(of) > 4
    assert [n for n in range(8_000) if f"row {n}" not in shown] == []


@pytest.mark.parametrize("wide", [10, 200])
def test_a_table_of_a_head_alone_shows_its_head(wide: int) -> None:
    of = document("| aaaaa | bbbbbb | ccccccc |\n|---|---|---|\n", wide)
    rows = [row_text(line).strip() for line in body_lines(of)]
    assert [row for row in rows if row and set(row) - set("─┼")] == (
        ["aaaaa", "bbbbbb", "ccccccc"] if wide == 10 else ["aaaaa │ bbbbbb │ ccccccc"]
    )
    check_lines_in_range(of.lay(1))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("![a *b*](x.png 'Cap. Credit: Me')", Figure("x.png", "a b", "Cap.", "Me")),
        ("![a][r]\n\n[r]: x%20y.png (Photo: Me)", Figure("x%20y.png", "a", "", "Me")),
        ("![](x)", Figure("x")),
        ("![a]()", Figure(None, "a")),
        ("![a ![b](y) c](x)", Figure("x", "a b c")),
        ("text ![a](x) text", Figure("x", "a")),
        ("# ![a](x)", Figure("x", "a")),
        ("| ![a](x) |\n|---|", Figure("x", "a")),
        ("<img src=x alt='a &amp; b' title='Cap. (Photo: Me)'>", Figure("x", "a & b", "Cap.", "Me")),
        ("<p>text <IMG\nSRC='x' ALT='a'></p>", Figure("x", "a")),
        ("text <img src='x' alt='a'/> text", Figure("x", "a")),
        ("<a href='y'><img src='x' alt='a'></a>", Figure("x", "a")),
    ],
)
def test_pictures(markdown: str, expected: Figure) -> None:
    of = document(f"Before.\n\n{markdown}\n\nAfter.")
    found = [picture.figure for piece in range(len(of)) for picture in of.lay(piece).pictures]
    assert found == [expected]


def test_a_picture_in_a_heading_begins_on_its_line() -> None:
    laid = document("Text\n\n# Boats ![a](b.png)").lay(2)
    assert laid.pictures[0].line == laid.headings[0].line == 1


def test_a_picture_in_text_stands_in_its_link_and_emphasis() -> None:
    line = document("*see [the ![x](y)](/z)*").lay(1).lines[0]
    assert line.runs == [
        ("see ", Role.EMPHASIS, None),
        ("the ", Role.EMPHASIS | Role.LINK, "/z"),
        ("▣ x", Role.EMPHASIS | Role.LINK | Role.FIGURE, "/z"),
    ]


# -- Raw HTML


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a<br>b</p><p>c &amp; d</p>", ["a", "b", "c & d"]),
        ("<div>5 < 6 and <3</div>", ["5 < 6 and <3"]),
        ("<script>a < b</script><style>c</style><b>d</b>", ["d"]),
        ("<!-- a -- > b --> c", ["c"]),
        ("<!--> a", ["a"]),
        ("<!---> a", ["a"]),
        ("<!-- a", ["<!-- a"]),
        ("<?php echo '>' ?> a", ["a"]),
        ("<![CDATA[ a > b ]]> c", ["c"]),
        ("<!DOCTYPE html> a", ["a"]),
        ("<![if !IE]> a <![endif]>", ["a"]),
        ("<![foo[x]]> a", ["a"]),
        ("<![ a", ["<![ a"]),
        ("<div class='a\nb", ["<div class='a b"]),
        ("<p>a\n b</p><pre>c\n d</pre>e\nf", ["a b", "c", "d", "e f"]),
        ("<a title='>'>a</a>", ["a"]),
        ("a &#27;[0m &nosuch; &lt;b&gt;", ["a [0m &nosuch; <b>"]),
        ("<title>a</title><template>b</template>c", ["c"]),
        ("</div></script>a", ["a"]),
    ],
)
def test_the_visible_text_of_html(markup: str, expected: list[str]) -> None:
    assert visible(markup) == expected


@settings(max_examples=400)
@given(
    st.lists(
        st.sampled_from(
            [*"<>!?/-'\"= ab&;[]\n", "<a ", "<!--", "-->", "<![", "CDATA[", "]]>", "<script>", "<b>"]
        ),
        max_size=30,
    ).map("".join)
)
def test_no_markup_is_too_broken_to_read(markup: str) -> None:
    for shown in visible(markup):
        assert isinstance(shown, Figure) or not unfit(shown)


@pytest.mark.parametrize(
    "unit", ["<", "<a ", "<a b='", "<a \"'", "<!", "<!--", "<?", "</", "<![", "&", "<!x", "<img src='"]
)
def test_a_run_of_tags_without_an_end_is_text(unit: str) -> None:
    markup = "<div>" + unit * (60_000 // len(unit))
    shown = visible(markup)
    assert "".join(str(part) for part in shown) == markup.removeprefix("<div>").strip()


@settings(max_examples=100)
@given(documents(), widths)
def test_printed_text_stands_as_on_the_page(markdown: str, width: int) -> None:
    """Row by row, the blank ones before headings too, but for the words below pictures."""
    of = document(markdown, width)
    printed = list(render(of, styled=False))
    shown = [of.lay(piece) for piece in range(len(of))]
    rows = [row_text(line).rstrip() for laid in shown for line in laid.lines]
    if not any(laid.pictures for laid in shown):
        assert printed == rows
    rest = iter(printed)
    assert all(row in rest for row in rows)


@pytest.mark.parametrize("framed", [True, False])
def test_words_below_the_last_picture_of_a_slice_are_printed(framed: bool) -> None:
    of = document("".join(f'- ![](a.png "Boat {n}. Credit: A")\n' for n in range(2_500)))
    printed = "\n".join(render(of, styled=False, framed=framed))
    assert len(of) > 4
    assert [n for n in range(2_500) if printed.count(f"Boat {n}.") != 1] == []


def test_pictures_that_are_told_leave_no_rows_behind() -> None:
    of = document('One.\n\n![](a.png)\n\n## Two\n\n![A boat](<> "On the river. Credit: A")\n')
    told = [
        "One.",
        "",
        "[Picture: a.png]",
        "",
        "",
        "Two",
        "",
        "[Picture: A boat On the river. Credit: A]",
        "",
    ]
    assert list(render(of, styled=False, framed=False))[-len(told) :] == told
