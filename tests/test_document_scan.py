"""The scan cuts a document only between blocks: what its pieces say is what the whole says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from pulse_tui.document.document import Document
from pulse_tui.document.lines import Laid
from pulse_tui.document.parse import BLOCK_NESTING, Parser, References, TooDeepError
from pulse_tui.document.scan import HUGE, SLICE, Kind, Scanner, definition_pieces, normalize
from pulse_tui.document.tokens import Token
from tests.strategies import (
    any_text,
    body_lines,
    body_text,
    document,
    encoded,
    lines,
    row_text,
    runs_text,
    solid,
    squeezed,
    visible_text,
)

PARSER = Parser()
WHOLE = MarkdownIt("commonmark", {"maxNesting": BLOCK_NESTING}).enable(["table", "strikethrough"])
WHOLE.use(footnote_plugin, move_to_end=False, inline=False)

budgets = st.lists(st.integers(1, 40), min_size=1, max_size=8)


def scanned(data: bytes, steps: Iterable[int | None] = (None,)) -> Scanner:
    """Scan in steps of these budgets, over and over."""
    scanner = Scanner(data, PARSER.blocks)
    steps = list(steps)
    while not any(scanner.step(budget) for budget in steps):
        pass
    return scanner


def tokens_of(tokens: Iterable[Token], lines_before: int = 0) -> Iterator[tuple[Any, ...]]:
    """All that block tokens say, with the lines of the whole document."""
    for token in tokens:
        where = [line + lines_before for line in token.map] if token.map else None
        yield (
            *(token.type, token.tag, token.level, token.content, token.info),
            *(token.markup, token.attrs, token.meta, token.hidden, where),
        )


def inline_of(tokens: Iterable[Token]) -> list[tuple[Any, ...]]:
    """All that inline tokens say, neighbouring texts in one."""
    found: list[tuple[Any, ...]] = []
    for token in tokens:
        if token.type in ("text", "text_special"):
            text = token.content
            if found and found[-1][0] == "text":
                text = found.pop()[1] + text
            if text:
                found.append(("text", text))
            continue
        label = token.meta.get("label")
        children = inline_of(token.children or ())
        found.append((token.type, token.content, token.markup, token.attrs, label, children))
    return found


def targets_of(links: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    return {label: (link["href"], link["title"]) for label, link in links.items()}


def check_blocks(markdown: str, steps: list[int]) -> None:
    data = normalize(encoded(markdown))
    scanner = scanned(data, steps)
    at_once = scanned(data)
    assert (scanner.starts, scanner.ends) == (at_once.starts, at_once.ends)
    assert (scanner.kinds, scanner.details) == (at_once.kinds, at_once.details)

    position = 1
    found: list[tuple[Any, ...]] = []
    for piece, (start, end) in enumerate(zip(scanner.starts, scanner.ends, strict=True)):
        assert position <= start < end
        assert not data[position:start].strip(b" \t\n")
        lines_before = data.count(b"\n", 1, start)
        found += tokens_of(PARSER.blocks(scanner.text(piece)), lines_before)
        position = end
    assert not data[position:].strip(b" \t\n")
    assert found == list(tokens_of(PARSER.blocks(data[1:-1].decode("utf-8", "replace"))))


def check_inline(markdown: str, steps: list[int]) -> None:
    data = normalize(encoded(markdown))
    scanner = scanned(data, steps)
    references = References()
    for piece in definition_pieces(scanner):
        PARSER.collect(scanner.text(piece), references)
    found = [
        inline_of(PARSER.inline(token.content, references.environment))
        for piece in range(len(scanner))
        for token in PARSER.blocks(scanner.text(piece))
        if token.type == "inline"
    ]
    env: dict[str, Any] = {}
    whole = WHOLE.parse(data[1:-1].decode("utf-8", "replace"), env)
    assert found == [inline_of(token.children or ()) for token in whole if token.type == "inline"]
    assert targets_of(references.links) == targets_of(env.get("references", {}))
    assert {":" + label for label in references.footnotes} == set(env.get("footnotes", {}).get("refs", {}))


# -- Properties


@settings(max_examples=2_500)
@given(lines(2), budgets)
@example("foo\n```\nbar\n\n```\nbaz", [1])
@example("<div>\n```\n\n```", [1])
@example("- a\n\n  ```\n\n- b\n  ```", [1])
@example("[^1]: a\n\n    - b\n\n    c\n\nd", [3])
@example("1. x\n\n ```\n - y\n```", [1])
@example("- - -\n   ```\n  -->\n- c\n ```\n\n - s", [1])
@example("- a\n\n  ```\n  x\n\n  y\n  ```\n\n  <!--\n\n  z\n\n-->\n\n- b\n  ```\nc\n```\n\nd\n", [1])
def test_pieces_have_the_blocks_of_the_whole(markdown: str, steps: list[int]) -> None:
    check_blocks(markdown, steps)


@settings(max_examples=500)
@given(any_text(), budgets)
@example("\ufeff# h\r\n\r\na\rb\0", [1])
@example("\udcff\udc80\n\n```\n\udce2", [1])
def test_any_text_has_the_blocks_of_the_whole(markdown: str, steps: list[int]) -> None:
    check_blocks(markdown, steps)


@settings(max_examples=1_500)
@given(lines(3, 24), budgets)
@example("[a]: /u\n\n[A]: /second\n\nsee [a]", [2])
@example("> - [d]: /q\n\n[d] [^1]\n\n[^1]: note", [2])
def test_references_resolve_in_pieces_as_in_the_whole(markdown: str, steps: list[int]) -> None:
    check_inline(markdown, steps)


@pytest.mark.deep
@settings(max_examples=200_000)
@given(lines(2, 24), budgets)
def test_pieces_have_the_blocks_of_the_whole_deep(markdown: str, steps: list[int]) -> None:
    check_blocks(markdown, steps)


@pytest.mark.deep
@settings(max_examples=200_000)
@given(any_text(), budgets)
def test_any_text_has_the_blocks_of_the_whole_deep(markdown: str, steps: list[int]) -> None:
    check_blocks(markdown, steps)


@pytest.mark.deep
@settings(max_examples=200_000)
@given(lines(3, 24), budgets)
def test_references_resolve_in_pieces_as_in_the_whole_deep(markdown: str, steps: list[int]) -> None:
    check_inline(markdown, steps)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", b"\n\n\n"),
        (b"a", b"\na\n\n"),
        (b"\xef\xbb\xbfa\r\nb\rc\n", b"\na\nb\nc\n\n\n"),
        (b"a\0b", b"\na\xef\xbf\xbdb\n\n"),
        (b"a\xef\xbb\xbf", b"\na\xef\xbb\xbf\n\n"),
    ],
)
def test_normalize(source: bytes, expected: bytes) -> None:
    assert normalize(source) == expected


def test_an_article_is_cut_at_every_blank_line_that_ends_a_block() -> None:
    scanner = scanned(normalize(b"# One\n\nText.\n\n- a\n\n- b\n\n```\n\nx\n```\n\n> q\n\nEnd."))
    assert [scanner.text(piece).strip() for piece in range(len(scanner))] == [
        *("# One", "Text.", "- a\n\n- b", "```\n\nx\n```", "> q", "End.")
    ]
    kinds = [Kind.TEXT, Kind.TEXT, Kind.LIST, Kind.FENCE, Kind.TEXT, Kind.TEXT]
    assert [Kind(kind) for kind in scanner.kinds] == kinds


def test_a_step_scans_about_its_budget() -> None:
    scanner = Scanner(normalize(b"Some words.\n\n" * 10_000), PARSER.blocks)
    assert not scanner.step(1_000)
    assert 60 < len(scanner) < 100
    found = [scanner.piece_at(offset) for offset in (0, 1, 13, 14, 15, 10**9)]
    assert found == [0, 0, 0, 1, 1, len(scanner) - 1]


# -- Giants: one block too large to show whole is shown in slices, and nothing is lost


def shown_whole(markdown: str) -> str:
    """What markdown-it shows of a whole document."""
    return visible_text(WHOLE.render(markdown))


def kinds_of(markdown: str) -> set[Kind]:
    return {Kind(kind) for kind in scanned(normalize(markdown.encode())).kinds}


def check_sizes(markdown: str) -> None:
    scanner = scanned(normalize(markdown.encode()))
    assert len(scanner) > len(markdown.encode()) / HUGE
    for start, end in zip(scanner.starts, scanner.ends, strict=True):
        assert end - start <= HUGE
    assert solid("".join(map(scanner.text, range(len(scanner))))) == solid(markdown)


def texts(of: Document) -> list[str]:
    return [runs_text(line.runs) for line in body_lines(of)]


FENCE = "```py\n" + "".join(f"line {n}\n\n    indented {n}\n" for n in range(8_000)) + "```\n"
BULLETS = "".join(f"- item *{n}* of a\n  list\n  - below {n}\n\n    more\n" for n in range(4_000))
NUMBERS = "".join(f"{n}. item number <{n}>\n   1. below\n" for n in range(5, 5_000))
ONES = "1. the same number\n" * 6_000
TABLE = "| Name | A longer head | 数 |\n|---|---:|:-:|\n" + "".join(
    f"| row {n:04} | {n % 7 * '#'} *cell* | {n:04} |\n" for n in range(6_000)
)


@pytest.mark.parametrize("after", ["", "\nThe *end*.\n", "\n\n# The *end*\n"])
@pytest.mark.parametrize(
    ("markdown", "kind"),
    [
        pytest.param(FENCE, Kind.VERBATIM, id="fence"),
        pytest.param(FENCE.replace("```", "  ~~~~"), Kind.VERBATIM, id="indented fence"),
        pytest.param(BULLETS, Kind.MORE_ITEMS, id="bullets"),
        pytest.param(NUMBERS, Kind.MORE_ITEMS, id="numbers"),
        pytest.param(ONES.replace("1.", "1)"), Kind.MORE_ITEMS, id="ones"),
        pytest.param(TABLE, Kind.MORE_ROWS, id="table"),
    ],
)
def test_a_sliced_block_shows_what_the_whole_shows(markdown: str, kind: Kind, after: str) -> None:
    markdown += after
    check_sizes(markdown)
    assert kind in kinds_of(markdown)
    assert body_text(document(markdown)).replace(" | ", " ") == shown_whole(markdown)


@pytest.mark.parametrize("closed", ["", "\n```", "\n```\n\n\nEnd.", "\n```\nEnd."])
def test_no_line_of_a_sliced_fence_is_lost_or_added(closed: str) -> None:
    content = FENCE.split("\n")[1:-2]
    rows = texts(document("\n".join(["```", *content]) + closed))
    assert rows[: len(content)] == content
    assert rows[len(content) :] == ["", *(["End.", ""] if "End" in closed else [])]


def test_a_long_line_in_a_sliced_fence_keeps_its_characters() -> None:
    line = "".join(f"{n:x}é中" for n in range(50_000))
    of = document(f"```\nfirst\n{line}\nlast\n```\n\nAfter.")
    assert "".join(texts(of)) == f"first{line}lastAfter."


@pytest.mark.parametrize("mark", [".", ")"])
def test_numbers_go_on_across_slices(mark: str) -> None:
    of = document(f"7{mark} first\n" + f"1{mark} the same number\n" * 6_000 + "\nEnd.")
    found = re.findall(rf"^ *(\d+){re.escape(mark)} ", "\n".join(map(row_text, body_lines(of))), re.M)
    assert [int(number) for number in found] == list(range(7, 6_008))


def test_an_empty_item_has_a_number_too() -> None:
    of = document("1. an item\n1.\n" * 6_000)
    numbers = re.findall(r"^ *(\d+)\. ", "\n".join(map(row_text, body_lines(of))), re.M)
    assert [int(number) for number in numbers] == list(range(1, 12_001))


def test_lists_within_a_slice_keep_their_own_numbers() -> None:
    of = document("- bullet\n  1. one\n  2. two\n" * 4_000)
    rows = [row_text(line).strip() for line in body_lines(of)]
    assert set(rows) == {"• bullet", "1. one", "2. two", ""}


def test_numbers_of_a_sliced_list_are_aligned_within_each_slice() -> None:
    of = document("1. the same number\n" * 3_000 + "1. last\n" * 3_000)
    for piece in range(1, len(of)):
        rows = [row_text(line) for line in of.lay(piece).lines if line.runs]
        assert len({row.index(". ") for row in rows}) == 1


def test_columns_of_a_sliced_table_stay_aligned() -> None:
    of = document(TABLE + "\nEnd.", 60)
    rows = [row_text(line) for line in body_lines(of)][:-3]
    assert rows[0].split() == ["Name", "│", "A", "longer", "head", "│", "数"]
    assert set(rows[1]) == set("─┼")
    assert len(rows) == 6_002
    bars = {tuple(n for n, character in enumerate(row) if character == "│") for row in rows[2:]}
    assert len(bars) == 1


def test_rows_wider_than_those_of_the_first_slice_fold() -> None:
    of = document("|a|b|\n|-|-|\n" + "|x|y|\n" * 12_000 + "|wide 中文 words|y|\n" * 1_000, 30)
    rows = [row_text(line) for line in body_lines(of)]
    assert solid("".join(rows)).count("wide") + sum(row.strip().startswith("wi") for row in rows) >= 1_000
    assert "中" in "".join(rows)


def test_a_sliced_table_is_stacked_as_a_whole() -> None:
    head = "|" + "|".join(f"column {n}" for n in range(12)) + "|\n" + "|-" * 12 + "|\n"
    of = document(head + ("|" + "|".join(f"word{n}" for n in range(12)) + "|\n") * 1_000, 40)
    rows = [row_text(line) for line in body_lines(of)]
    block = [f"column {n}: word{n}" for n in range(12)]
    assert rows == [row for _ in range(1_000) for row in (*block, "")]


def test_pictures_in_a_sliced_table_are_counted_once() -> None:
    rows = "".join(f"| ![p{n}](x) | some words |\n" for n in range(4_000))
    of = document("| ![head](x) | b |\n|-|-|\n" + rows)
    for _ in range(2):
        shown = [picture.figure.alt for piece in range(1, len(of)) for picture in of.lay(piece).pictures]
        assert shown == ["head", *(f"p{n}" for n in range(4_000))]


@pytest.mark.parametrize(
    "markdown",
    [
        pytest.param("|a|b|\n|---|\n" + "| x | y |\n" * 10_000, id="too few columns"),
        pytest.param("|" + "a" * 70_000 + "|b|\n|---|---|\n" + "| x | y |\n" * 10, id="head of one slice"),
        pytest.param("|a|b|\n|---|---|\n| " + "word " * 20_000 + "| y |\n| x | z |\n", id="row of one slice"),
        pytest.param("|a|b|\n|---|---|\n| x | y |\n" + "no table " * 9_000, id="text below"),
    ],
)
def test_what_is_not_plainly_a_table_is_shown_as_it_stands(markdown: str) -> None:
    for text in (markdown, markdown + "\nEnd."):
        check_sizes(text)
        assert kinds_of(text) <= {Kind.PLAIN, Kind.MORE_PLAIN, Kind.TEXT}
        assert solid("".join(texts(document(text)))) == solid(text)


@pytest.mark.parametrize(
    "markdown",
    [
        pytest.param("- a\n* b\n" * 10_000, id="changing bullets"),
        pytest.param("- a\nlazy\n" * 10_000, id="lazy lines"),
        pytest.param("1. a\n\n 1. b\n\n" * 10_000, id="shifted numbers"),
        pytest.param("- a\n  <b>\n" * 10_000, id="raw HTML"),
        pytest.param("- - -\n- a\n" * 10_000, id="rules"),
    ],
)
def test_what_is_not_plainly_a_list_is_shown_as_it_stands(markdown: str) -> None:
    check_sizes(markdown)
    assert Kind.MORE_ITEMS not in kinds_of(markdown)
    assert solid("".join(texts(document(markdown)))) == solid(markdown)


def test_a_huge_item_is_cut_too() -> None:
    markdown = "- small\n- " + "word\n  " * 30_000 + "\n- small\n" * 2
    check_sizes(markdown)
    assert squeezed(" ".join(texts(document(markdown)))).count("word") == 30_000


@pytest.mark.parametrize("unit", ["x", "é", "中", "👩\u200d👩"])
def test_a_line_without_spaces_keeps_every_character(unit: str) -> None:
    line = unit * (300_000 // len(unit.encode()))
    check_sizes(line)
    assert "".join(texts(document(f"{line}\n\nEnd."))) == line + "End."


def test_a_long_paragraph_keeps_every_word() -> None:
    words = [f"word{n}" for n in range(120_000)]
    for joint in (" ", "\n"):
        paragraph = joint.join(words)
        check_sizes(paragraph)
        assert " ".join(texts(document(paragraph + "\n\nEnd."))).split() == [*words, "End."]


def test_slices_of_one_paragraph_follow_each_other_without_a_gap() -> None:
    rows = texts(document("word " * 30_000 + "\n\nEnd."))
    assert rows[-3:] == ["", "End.", ""]
    assert "" not in rows[:-3]


def test_long_text_is_cut_at_its_headings() -> None:
    markdown = "".join(f"# Heading {n}\nand some text *below* it\n> quoted\n" for n in range(5_000))
    check_sizes(markdown)
    assert body_text(document(markdown)) == shown_whole(markdown)


@pytest.mark.parametrize(
    "opening", ["> ", ">", "- ", "* ", "1. ", "> - ", "[", "![", "*", "_a ", "<", "x`", "(", "\\"]
)
@pytest.mark.parametrize("depth", [150, 5_000, 10_000])
def test_depth_loses_no_word(opening: str, depth: int) -> None:
    of = document(f"{opening * depth} needle\n\nAfter.")
    assert "needle" in body_text(of)
    assert texts(of)[-3:] == ["", "After.", ""]


@pytest.mark.parametrize("depth", [10, 40, 98, 99, 100, 120, 300])
def test_lists_nested_by_indent_lose_no_word(depth: int) -> None:
    of = document("".join(f"{'  ' * n}- word{n}\n" for n in range(depth)) + "\nAfter.")
    assert re.findall(r"word\d+", " ".join(texts(of))) == [f"word{n}" for n in range(depth)]


@pytest.mark.parametrize("depth", [10, 50, 99, 100, 101, 150, 200, 260, 400, 1_000])
def test_nesting_beyond_measure_is_refused_before_text_is_lost(depth: int) -> None:
    markdown = "> " * depth + "needle"
    if depth < BLOCK_NESTING - 1:
        assert PARSER.blocks(markdown)[depth + 1].content == "needle"
    else:
        with pytest.raises(TooDeepError):
            PARSER.blocks(markdown)


def test_definitions_in_slices_count() -> None:
    items = "- some item [x] with a note[^n]\n" * 6_000
    of = document(items + "- [x]: /there\n" + items + "\n[^n]: The note.")
    laid: list[Laid] = [of.lay(piece) for piece in range(1, len(of))]
    links = {run[2] for piece in laid for line in piece.lines for run in line.runs}
    assert "/there" in links
    assert body_text(of).count("item x with") == 12_000


def test_a_slice_is_about_as_large_as_it_is_meant_to_be() -> None:
    scanner = scanned(normalize(b"word\n" * 100_000))
    sizes = [end - start for start, end in zip(scanner.starts, scanner.ends, strict=True)]
    assert max(sizes) <= SLICE * 3 // 2
    assert min(sizes) >= SLICE // 2 - 8


def test_fences_and_raw_html_in_the_items_of_a_list_are_passed_over() -> None:
    """Without asking the parser, which would take thirty times as long."""
    items = "- item\n\n  ```py\n  x = 1\n\n  y = 2\n  ```\n\n  <!-- a\n\n  b -->\n\n" * 400
    scanner = Scanner(normalize(items.encode()), lambda text: pytest.fail("the parser was asked"))
    assert scanner.step(None)
    assert list(scanner.kinds) == [Kind.LIST]
