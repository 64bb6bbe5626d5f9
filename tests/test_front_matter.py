"""Front matter in, headline out: hostile, broken and merely unusual files."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.article import Figure, Headline, Notice, caption_and_credit, minutes, reading_seconds
from pulse_tui.storage.files import front_matter
from pulse_tui.storage.files.front_matter import LIMIT, Notices, split, utf8
from pulse_tui.storage.files.head import Head, first_heading, parse_date, read_head
from pulse_tui.storage.files.names import slug
from pulse_tui.text import clean_line


def head(text: str | bytes, name: str = "x.md", modified: float | None = None) -> Head:
    data = text.encode() if isinstance(text, str) else text
    return read_head(data, len(data), name, "fallback-id", path=name, modified=modified)


def with_header(header: str) -> Head:
    return head(f"---\n{header}\n---\nBody.\n")


def lines(headline: Headline) -> list[int | None]:
    return [notice.line for notice in headline.notices]


def texts(headline: Headline) -> str:
    return "\n".join(notice.text for notice in headline.notices)


@pytest.fixture(params=["C loader", "Python loader"])
def _each_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python loader":
        monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    elif not hasattr(yaml, "CBaseLoader"):
        pytest.skip("this PyYAML was built without libyaml")


# Where the front matter is

SPLITS = [
    (b"", None, 0),
    (b"Text", None, 0),
    (b"\nText\n---\na: 1\n---\n", None, 0),
    (b" ---\na: 1\n---\n", None, 0),
    (b"----\na: 1\n---\n", None, 0),
    (b"---", None, 0),
    (b"---\n", None, 0),
    (b"---\na: 1\n", None, 0),
    (b"---\na: 1\n----\n", None, 0),
    (b"---\na: 1\n --- \n", None, 0),
    (b"---\n---\nText", b"", 8),
    (b"---\na: 1\n---", b"a: 1\n", 12),
    (b"---\na: 1\n---\nText", b"a: 1\n", 13),
    (b"---\na: 1\n...\nText", b"a: 1\n", 13),
    (b"--- \t\na: 1\n---\t\nText", b"a: 1\n", 16),
    (b"---\r\na: 1\r\n---\r\nText", b"a: 1\r\n", 16),
    (b"---\ra: 1\r---\rText", b"a: 1\r", 13),
    (b"---\na: ---\n---\nText\n---\n", b"a: ---\n", 15),
    (b"\xef\xbb\xbf---\na: 1\n---\nText", b"a: 1\n", 16),
    (b"\xef\xbb\xbfText", None, 3),
]


@pytest.mark.parametrize(("data", "header", "start"), SPLITS)
def test_split(data: bytes, header: bytes | None, start: int) -> None:
    assert split(data) == (header, start)


@given(st.binary(max_size=200), st.sampled_from([b"", b"---\n", b"---\r\n", b"---\na: ["]))
def test_split_loses_no_byte_of_the_body(rest: bytes, opening: bytes) -> None:
    header, start = split(opening + rest)
    assert 0 <= start <= len(opening + rest)
    if header is None:
        assert start in (0, 3)


@pytest.mark.parametrize("excess", range(-3, 4))
def test_front_matter_ends_within_its_limit(excess: int) -> None:
    ending = b"\n---\n"
    filler = LIMIT + excess - len(b"---\na: ") - len(ending)
    data = b"---\na: " + b"x" * filler + ending + b"Body"
    header, start = split(data)
    assert (header is not None) == (excess < 0)
    assert start == (LIMIT + excess if excess < 0 else 0)


def test_a_line_that_the_limit_cuts_does_not_pass_for_an_end() -> None:
    data = b"---\na: " + b"x" * (LIMIT - len(b"---\na: \n---")) + b"\n---no end\n"
    assert split(data) == (None, 0)


def test_a_header_of_10_mb_is_shown_as_text() -> None:
    data = b"---\ntitle: T\n" + b"key: value\n" * 1_000_000
    read = read_head(data[: 64 * 1024], len(data), "2022-03-15-salt-road.md", "id")
    assert read.body_start == 0
    assert read.headline.title == "salt road"
    assert "32 KiB" in texts(read.headline)
    assert lines(read.headline) == [1]


# All of it at its best


def test_every_key() -> None:
    read = head(
        """---
title: Talks Take a Back Seat
dek: With violence rising, a peace deal is hard to sell.
sections: [The Pulse, Security, South Asia]
authors: [A. Writer]
published: 2022-03-15
source: https://example.org/original
language: en
image: images/funeral.png
alt: A crowd
caption: Mourners at a funeral in Peshawar, 4 March 2022.
credit: Agency/Name
tags: [ttp, ceasefire]
id: talks-take-a-back-seat
mood: {calm: [yes, 1, ~]}
---
Text.
"""
    )
    assert read.headline == Headline(
        id="talks-take-a-back-seat",
        title="Talks Take a Back Seat",
        dek="With violence rising, a peace deal is hard to sell.",
        sections=("The Pulse", "Security", "South Asia"),
        authors=("A. Writer",),
        published=date(2022, 3, 15),
        tags=("ttp", "ceasefire"),
    )
    caption = "Mourners at a funeral in Peshawar, 4 March 2022."
    assert read.lead == Figure("images/funeral.png", "A crowd", caption, "Agency/Name")
    assert read.source == "https://example.org/original"
    assert read.language == "en"
    assert read.extra == {"mood": {"calm": ["yes", "1", "~"]}}


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize("value", ["no", "on", "null", "~", "12:30:45", "2025-02-30", "1e3", "0x1F", "007"])
def test_scalars_stay_the_text_that_was_written(value: str) -> None:
    assert with_header(f"title: {value}").headline.title == value


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("[a, b]", ("a", "b")),
        ("\n  - a\n  - b", ("a", "b")),
        ("\n- a\n- b", ("a", "b")),
        ("a, b", ("a", "b")),
        ("a", ("a",)),
        ("لاہور، کراچی", ("لاہور", "کراچی")),
        ("上海、北京", ("上海", "北京")),
        ("", ()),
        ("[]", ()),
        ("[a, '', ' ']", ("a",)),
        ("[no, 2025-02-30]", ("no", "2025-02-30")),
    ],
)
def test_lists(value: str, items: tuple[str, ...]) -> None:
    headline = with_header(f"tags: {value}").headline
    assert headline.tags == items
    assert headline.notices == ()


# Broken YAML keeps what can be kept

BROKEN = [
    # header, what is still read, line of the notice, part of its text
    ("title: T\ntags: [a, b\ndek: D", ("T", (), "D"), 3, "[ and not closed"),
    ("title: Talks: what next\ndek: D", ("Talks: what next", (), "D"), 2, "belongs in quotes"),
    ("title: @home\ndek: D", ("@home", (), "D"), 2, "belongs in quotes"),
    ('title: "Yes" and "No"\ndek: D', ('"Yes" and "No"', (), "D"), 2, "inside the quotes"),
    ('title: T\ndek: "never closed\ntags: a', ("T", ("a",), "never closed"), 3, "quote is opened"),
    ("title: T\ndek: D\n\ttags: a", ("T", (), "D tags: a"), 4, "tab"),
    ("title: T\nstray words\ndek: D", ("T", (), "D"), 3, "key: value"),
    ("title: T\ntags: {a: b\ndek: D", ("T", (), "D"), 3, "not closed"),
    ('title: T\ndek: "\\q"\ntags: a', ("T", ("a",), '"\\q"'), 3, "escape"),
    ('title: T\ndek: "\\UFFFFFFFF"\ntags: a', ("T", ("a",), '"\\UFFFFFFFF"'), None, "“dek”"),
    (" title: T\ndek: D", ("T", (), "D"), None, "not quite YAML"),
    ("? [a]\n: b\ntitle: T\ndek: D", ("T", (), "D"), 2, "before the first key"),
    ("# note\n\ntitle: T\ntags: [\ndek: D", ("T", (), "D"), 5, "“tags” is left out"),
    ("title: &a T\ndek: *a\ntags: t", ("", ("t",), ""), 2, "anchors"),
    ("title: T\ntags: [[[[[[[[[deep]]]]]]]]]\ndek: D", ("T", (), "D"), 3, "8 levels"),
    ("{title: T, dek", ("", (), ""), None, "left out"),
    ("- title: T", ("", (), ""), 2, "key: value"),
    ("just words", ("", (), ""), 2, "key: value"),
    ("%YAML 9.9", ("", (), ""), None, "left out"),
]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(("header", "kept", "line", "part"), BROKEN)
def test_broken_yaml(
    header: str, kept: tuple[str, tuple[str, ...], str], line: int | None, part: str
) -> None:
    read = with_header(header)
    headline = read.headline
    assert (headline.title, headline.tags, headline.dek) == (kept[0] or "x", kept[1], kept[2])
    assert part in texts(headline)
    if line is not None:
        assert line in lines(headline)
    for notice in headline.notices:
        assert notice.path == Path("x.md")
        assert "\n" not in notice.text
        assert "<" not in notice.text  # none of the parser's own words, such as <block end>
    assert f"---\n{header}\n---\nBody.\n".encode()[read.body_start :] == b"Body.\n"


def test_broken_yaml_says_each_fault_once() -> None:
    headline = with_header("title: A: b\ndek: C: d\nauthors: E").headline
    assert lines(headline) == [2, 3]


@pytest.mark.usefixtures("_each_loader")
def test_of_duplicate_keys_the_first_counts() -> None:
    headline = with_header("title: First\ndek: D\ntitle: Second").headline
    assert headline.title == "First"
    assert lines(headline) == [4]
    assert "line 2" in texts(headline)


def test_twenty_notices_and_no_more() -> None:
    headline = with_header("a: 1\n" * 1000).headline
    assert len(headline.notices) == 21
    assert "979 more" in headline.notices[-1].text


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_notices_count_lines_however_they_end(newline: str) -> None:
    text = newline.join(["---", "dek: D", "", "published: 2025-02-30", "title: [", "---", "Body"])
    assert lines(head(text).headline) == [4, 5]


def test_line_breaks_that_only_yaml_knows_move_no_line_number() -> None:
    headline = with_header("dek: a\u0085b\u2028c\npublished: never").headline
    assert headline.dek == "a b c"
    assert lines(headline) == [3]


plain = st.text(alphabet="ab Z09:#-,.'\"[]()/&*!|>%@`?~_é—“”漢ी\u00a0", max_size=12)
pairs = st.builds("{}: {}".format, st.sampled_from(["title", "dek", "a-b", "A"]), plain)
listed = st.lists(st.text(alphabet="ab Z0.é-:'", max_size=5), max_size=3)
lists = st.builds(lambda items: f"tags: [{', '.join(items)}]", listed)


@given(st.lists(st.one_of(pairs, lists, plain), max_size=4).map("\n".join))
def test_plain_front_matter_reads_the_same_with_and_without_a_parser(header: str) -> None:
    with_parser = pytest.MonkeyPatch()
    quick = with_header(header)
    with with_parser.context() as patch:
        patch.setattr(front_matter, "_simple", lambda text: None)
        assert with_header(header) == quick


# Hostile YAML

BOMBS = {
    "billion laughs": "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a]\n" for n in range(500)),
    "nested brackets": "a: " + "[" * 30_000,
    "nested brackets alone": "[" * 30_000,
    "nested braces": "a: " + "{b: " * 7_000,
    "nested dashes": "a:\n" + "- " * 15_000,
    "nested questions": "? " * 15_000,
    "every key broken": "a: @\n" * 6_000,
    "every key twice": "a:\n" * 10_000,
    "one endless quote": "a: '" + "x\n " * 10_000,
    "quoted words": '"a" ' * 8_000,
    "question marks in a list": "a: [b," + "? " * 15_000,
    "tags": "a: " + "!!x " * 8_000,
    "spaces": " " * 30_000,
    "colons": ":" * 30_000,
    "colons and spaces": ": " * 15_000,
    "comments": "#\n" * 15_000,
    "a key and spaces": "a: b" + " " * 30_000 + "\x01",
    "a list and spaces": "a: [b" + " " * 30_000 + "\x01",
    "a list of spaces": "a: [b" + " , b" * 7_000 + "\x01",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_fizzle(bomb: str) -> None:
    began = time.process_time()
    read = with_header(bomb)
    assert time.process_time() - began < 2
    assert read.headline.title == "x"
    assert len(read.headline.notices) <= 21


def test_100_000_brackets_are_text() -> None:
    read = with_header("a: " + "[" * 100_000)
    assert read.body_start == 0
    assert "32 KiB" in texts(read.headline)


def test_object_tags_make_no_objects(tmp_path: Path) -> None:
    target = tmp_path / "made"
    headline = with_header(f"title: !!python/object/apply:os.mkdir [{target}]\ndek: !!int abc").headline
    assert not target.exists()
    assert headline.dek == "abc"


def test_aliases_are_refused_without_being_followed() -> None:
    read = with_header("base: &b {x: 1}\nother: {<<: *b}\ntitle: T")
    assert read.headline.title == "T"
    assert read.extra == {}


HOSTILE_TITLES = [
    ('"\\e[31mred\\e[0m"', "\ufffd[31mred\ufffd[0m"),
    ("\x1b]0;owned\x07", "\ufffd]0;owned\ufffd"),
    ("a\x00b", "a\ufffdb"),
    ("a\x9bb", "a\ufffdb"),
    ("abc\u202etxt.exe", "abctxt.exe"),
    ('"\\u202eabc\\u2066"', "abc"),
    ("a\u200bb\ufeffc", "abc"),
    ('"a\\nb\\tc\\r\\nd"', "a b c d"),
    ("|\n  two\n  lines", "two lines"),
    (">-\n  folded\n  lines", "folded lines"),
    ("नई दिल्ली", "नई दिल्ली"),
    ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
]


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(("written", "shown"), HOSTILE_TITLES)
def test_titles_are_clean(written: str, shown: str) -> None:
    headline = with_header(f"title: {written}").headline
    assert headline.title == shown
    assert headline.title == clean_line(headline.title)


def test_notices_and_unknown_keys_are_clean() -> None:
    read = with_header('"k\\e\\u202e": "v\\e\\nw"\npublished: "\\e[2J\\u202e2022"\nlanguage: "\\x9b"')
    assert read.extra == {"k\ufffd": "v\ufffd\nw"}
    shown = "".join(str(notice) for notice in read.headline.notices)
    assert len(read.headline.notices) == 2
    assert shown == clean_line(shown)


def test_a_notice_shows_its_path_clean() -> None:
    assert str(Notice("It is.", Path("a\x1b[2J\udcff.md"), 3)) == "a\ufffd[2J\ufffd.md:3: It is."


@given(st.binary(max_size=300))
def test_any_bytes_make_a_headline(noise: bytes) -> None:
    for data in (noise, b"---\n" + noise, b"---\ntitle: " + noise + b"\n---\n" + noise):
        read = read_head(utf8(data), len(utf8(data)), "name.md", "id", path="name.md")
        headline = read.headline
        assert headline.title
        assert headline.id
        shown = [headline.title, headline.dek, *headline.tags, *map(str, headline.notices)]
        assert all(text == clean_line(text) for text in shown)


@given(st.text(alphabet="ab:-#[]{}'\"&*!|>%@` \n\t?,", max_size=80))
def test_any_yaml_is_read_or_explained(noise: str) -> None:
    notices = Notices()
    fields = front_matter.read(f"title: T\n{noise}\n".encode(), notices)
    assert fields or notices.all()


# Wrong kinds


@pytest.mark.parametrize("key", ["title", "dek", "published", "source", "language", "image", "caption", "id"])
@pytest.mark.parametrize("value", ["{a: b}", "[a, b]"])
def test_what_ought_to_be_text_falls_back(key: str, value: str) -> None:
    read = with_header(f"mood: calm\n{key}: {value}")
    assert read.headline.title == "x"
    assert read.headline.id == "fallback-id"
    assert (read.lead, read.source, read.language, read.headline.published) == (None, None, "", None)
    assert lines(read.headline) == [3]
    assert f"“{key}”" in texts(read.headline)


@pytest.mark.parametrize(
    ("value", "items"), [("{a: b}", ()), ("[a, {b: c}, d]", ("a", "d")), ("[[a], b]", ("b",))]
)
def test_what_ought_to_be_a_list_keeps_its_texts(value: str, items: tuple[str, ...]) -> None:
    headline = with_header(f"authors: {value}").headline
    assert headline.authors == items
    assert lines(headline) == [2]


def test_lengths_are_capped() -> None:
    long = "x" * 3000
    read = with_header(
        f"title: {long}\ndek: {long}\ncredit: {long}\ncaption: {long}\nimage: {long}\n"
        f"tags: [{', '.join('abcde' for _ in range(60))}]\nauthors: [{long}]"
    )
    headline = read.headline
    assert headline.title == "x" * 499 + "…"
    assert len(headline.dek) == 2000
    assert len(headline.tags) == 50
    assert len(headline.authors[0]) == 200
    assert read.lead is not None
    assert read.lead.source is None
    assert (len(read.lead.caption), len(read.lead.credit)) == (2000, 500)
    assert lines(headline) == [2, 3, 4, 5, 6, 7]


# Fallbacks


@pytest.mark.parametrize(
    ("text", "date_or_time"),
    [
        ("2022-03-15", date(2022, 3, 15)),
        ("20220315", date(2022, 3, 15)),
        ("2022-03-15T10:30", datetime(2022, 3, 15, 10, 30)),
        ("2022-03-15 10:30:05", datetime(2022, 3, 15, 10, 30, 5)),
        ("2022-03-15T10:30:00Z", datetime(2022, 3, 15, 10, 30, tzinfo=UTC)),
        ("2022-03-15 10:30:00 +0530", datetime(2022, 3, 15, 10, 30, tzinfo=timezone(timedelta(hours=5.5)))),
        ("2025-02-30", None),
        ("2025-13-01", None),
        ("0000-01-01", None),
        ("99999-01-01", None),
        ("2022-03-15T25:00", None),
        ("2022-03-15T10:00+99:00", None),
        ("２０２２-03-15", None),
        ("15 March 2022", None),
        ("12:30:45", None),
        ("", None),
    ],
)
def test_dates(text: str, date_or_time: date | datetime | None) -> None:
    assert parse_date(text) == date_or_time
    assert type(parse_date(text)) is type(date_or_time)


PUBLISHED = [
    ("published: 2022-03-15", "2021-01-01-x.md", 0.0, date(2022, 3, 15)),
    ("published: 2025-02-30", "2021-01-01-x.md", 0.0, date(2021, 1, 1)),
    ("dek: D", "2021-01-01-x.md", 0.0, date(2021, 1, 1)),
    ("dek: D", "2021-01-01.md", 0.0, date(2021, 1, 1)),
    ("dek: D", "2021-02-30-x.md", 86_400.0, date(1970, 1, 2)),
    ("dek: D", "2021-01-011.md", 86_400.0, date(1970, 1, 2)),
    ("dek: D", "x.md", -86_400.0, date(1969, 12, 31)),
    ("dek: D", "x.md", 1e18, None),
    ("dek: D", "x.md", None, None),
]


@pytest.mark.parametrize(("header", "name", "modified", "expected"), PUBLISHED)
def test_published_falls_back(header: str, name: str, modified: float | None, expected: date | None) -> None:
    headline = head(f"---\n{header}\n---\n", name, modified).headline
    assert headline.published == expected
    assert lines(headline) == ([2] if "02-30" in header else [])


TITLES = [
    ("---\ntitle: T\n---\n# H", "2022-03-15-a-b.md", "T"),
    ("---\ntitle:\n---\n# H", "2022-03-15-a-b.md", "H"),
    ("---\ntitle: '\u200b'\n---\n# H", "2022-03-15-a-b.md", "H"),
    ("Words.", "2022-03-15-a-b.md", "a b"),
    ("Words.", "2022-03-15-a-b.markdown", "a b"),
    ("Words.", "A-B.MD", "A B"),
    ("Words.", "2022-03-15.md", "2022 03 15"),
    ("Words.", "---.md", "---"),
    ("Words.", "\u200b.md", "Untitled"),
    ("Words.", "na\udcffme\x1b.md", "na\ufffdme\ufffd"),
    ("", "empty.md", "empty"),
]


@pytest.mark.parametrize(("text", "name", "title"), TITLES)
def test_title_falls_back(text: str, name: str, title: str) -> None:
    assert head(text, name).headline.title == title


HEADINGS = [
    ("# One", "One"),
    ("###### Six", "Six"),
    ("####### Seven", ""),
    ("#NoSpace", ""),
    ("   # Indented", "Indented"),
    ("    # Code", ""),
    ("# Closed ##  ", "Closed"),
    ("# C#", "C#"),
    ("#\n\n# Second", "Second"),
    ("Setext\n======", "Setext"),
    ("Two\nlines\n---", "Two lines"),
    ("Text\n\n---\n\nText", ""),
    ("- item\n---", ""),
    ("> quote\n---", ""),
    ("| a |\n---", ""),
    ("```\n# code\n```\n# Real", "Real"),
    ("~~~~\n# code\n~~~\n# code\n~~~~\n# Real", "Real"),
    ("```inline``` text\n\n# Real", "Real"),
    ("```\n# never closed", ""),
    ("# The *Salt* `Road` and __the__ snake_case [link](x.md)", "The Salt Road and the snake_case link"),
    ("# \\*Stars\\* &amp; more", "*Stars* & more"),
    ("# \x1b[31mRed\u202e", "\ufffd[31mRed"),
    ("Title\r\n=====\r\nText", "Title"),
]


@pytest.mark.parametrize(("body", "heading"), HEADINGS)
def test_first_heading(body: str, heading: str) -> None:
    assert first_heading(body.encode()) == heading


@pytest.mark.parametrize(
    "unit", ["# ", "#   ", "[", "[a](", "`", "```x`", "_", "* ", "a\n", "=", " ", "&", "\\"]
)
def test_headings_are_found_in_linear_time(unit: str) -> None:
    body = ("x " + unit * LIMIT)[:LIMIT] + "\n==="
    began = time.process_time()
    first_heading(body.encode())
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("2022-03-15-salt.md", "salt"),
        ("salt.md", "salt"),
        ("2022-03-15.md", "2022-03-15"),
        ("a.txt", "a.txt"),
    ],
)
def test_slug(name: str, bare: str) -> None:
    assert slug(name) == bare


@pytest.mark.parametrize("given_id", ["talks", "2022/talks", "über", "गाथा", "a" * 200])
def test_an_id_is_taken(given_id: str) -> None:
    assert with_header(f"id: {given_id}").headline.id == given_id


@pytest.mark.parametrize(
    "written",
    ["''", "two words", "/rooted", "' padded '", '"a\\tb"', '"a\\eb"', '"a\\u202eb"', "a\x00b", "a" * 201],
)
def test_what_cannot_be_an_id_is_not(written: str) -> None:
    headline = with_header(f"dek: D\nid: {written}").headline
    assert headline.id == "fallback-id"
    assert set(lines(headline)) == {3}


@pytest.mark.parametrize(
    ("header", "figure"),
    [
        ("dek: D", None),
        ("alt: only", None),
        ("image: a.png", Figure("a.png")),
        ("caption: C", Figure(None, "", "C", "")),
        ("credit: C", Figure(None, "", "", "C")),
        ("image: a.png\nalt: A\ncaption: B\ncredit: C", Figure("a.png", "A", "B", "C")),
        ("caption: 'Mourners. Photo: AP'", Figure(None, "", "Mourners.", "AP")),
        ("caption: 'Mourners. Photo: AP'\ncredit: C", Figure(None, "", "Mourners. Photo: AP", "C")),
        ("caption: 'Map: the Indus'", Figure(None, "", "Map: the Indus", "")),
    ],
)
def test_lead_picture(header: str, figure: Figure | None) -> None:
    assert with_header(header).lead == figure


@pytest.mark.parametrize(
    ("written", "tag"),
    [("en", "en"), ("pt_BR", "pt-BR"), ("zh-Hant-TW", "zh-Hant-TW"), ("e", ""), ("a b", "")],
)
def test_language(written: str, tag: str) -> None:
    read = with_header(f"language: {written}")
    assert read.language == tag
    assert bool(read.headline.notices) == (not tag)


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_other_encodings(encoding: str, newline: str) -> None:
    text = newline.join(["---", "title: Zürich 上海 😀", "---", "Body"])
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    data = utf8((mark + text).encode(encoding))
    read = head(data)
    assert read.headline.title == "Zürich 上海 😀"
    assert read.headline.notices == ()
    assert data[read.body_start :] == b"Body"


def test_half_of_a_utf_16_character_is_replaced() -> None:
    assert utf8(b"\xff\xfea\x00b") == "a\ufffd".encode()
    assert utf8(b"\xff\xfe\x00\xd8a\x00").decode().startswith("\ufffd")


@pytest.mark.parametrize(
    ("text", "line"), [("---\ntitle: Caf\xe9\n---\nB", 2), ("---\ntitle: T\n---\nOne\r\ntwo\r\ncaf\xe9", 6)]
)
def test_latin_1_is_shown_with_a_notice(text: str, line: int) -> None:
    headline = head(text.encode("latin-1")).headline
    assert lines(headline) == [line]
    assert "UTF-8" in texts(headline)
    assert headline.title in ("Caf\ufffd", "T")


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_character_cut_by_the_end_of_the_head_is_no_fault(cut: int) -> None:
    data = ("x" * 97 + "😀").encode()[: 97 + cut]
    assert read_head(data, 1000, "x.md", "id").headline.notices == ()
    assert read_head(data, len(data), "x.md", "id").headline.notices != ()


# Captions and credits

CREDITS = [
    ("", "", ""),
    ("Plain caption.", "Plain caption.", ""),
    ("Mourners. Credit: Agency/Name", "Mourners.", "Agency/Name"),
    ("Mourners. CREDIT: Agency", "Mourners.", "Agency"),
    ("Mourners. photo:Agency", "Mourners.", "Agency"),
    ("Mourners. Photograph: A", "Mourners.", "A"),
    ("Mourners. Picture: A", "Mourners.", "A"),
    ("Mourners. Image: A", "Mourners.", "A"),
    ("Mourners. Illustration: A", "Mourners.", "A"),
    ("Mourners. Drawing: A", "Mourners.", "A"),
    ("Borders. Map: A", "Borders.", "A"),
    ("Prices. Source: IMF", "Prices.", "IMF"),
    ("Prices. Sources: IMF, World Bank", "Prices.", "IMF, World Bank"),
    ("Earth. Image credit: NASA", "Earth.", "NASA"),
    ("Credit: Agency", "", "Agency"),
    ("Map: the Indus. Credit: A", "Map: the Indus.", "A"),
    ("Photo: A. Photo: B", "Photo: A.", "B"),
    ("Mourners (Photo: AP/Name)", "Mourners", "AP/Name"),
    ("Mourners (Photo: AP/Name).", "Mourners.", "AP/Name"),
    ("Mourners (Photo: AP (Lahore))", "Mourners", "AP (Lahore)"),
    ("Left (photo: AP) and right", "Left and right", "AP"),
    ("Mourners (Photo: AP", "Mourners", "AP"),
    ("Mourners — Photo: AP", "Mourners", "AP"),
    ("Mourners | Credit: AP", "Mourners", "AP"),
    ("The accredit: no", "The accredit: no", ""),
    ("Telephoto: no", "Telephoto: no", ""),
    ("A photo, taken at noon", "A photo, taken at noon", ""),
    ("Mourners. Credit:", "Mourners.", ""),
    ("Mourners.\n Credit:\tA\x1b", "Mourners.", "A\ufffd"),
    ("图 Photo：新华社", "图", "新华社"),
]


@pytest.mark.parametrize(("title", "caption", "credit"), CREDITS)
def test_caption_and_credit(title: str, caption: str, credit: str) -> None:
    assert caption_and_credit(title) == (caption, credit)


@pytest.mark.parametrize("unit", ["Credit: ", "(Credit: ", "photo ", "(", "photo credit "])
def test_captions_are_split_in_linear_time(unit: str) -> None:
    began = time.process_time()
    caption_and_credit(unit * 10_000)
    assert time.process_time() - began < 1


# Reading time


@pytest.mark.parametrize(
    ("sample", "total", "expected"),
    [
        (b"", 0, 1),
        (b"", 10_000_000, 1),
        (b"word " * 10, 50, 1),
        (b"word " * 2380, 5 * 2380, 10),
        (b"word " * 238, 5 * 238 * 100, 100),
        ("शब्द ".encode() * 2380, len("शब्द ".encode()) * 2380, 10),
        ("汉".encode() * 3000, 9000, 10),
        ("かな".encode() * 1500, 9000, 10),
        ("汉".encode() * 1500 + b" " + b"word " * 1190, 4501 + 5950, 10),
        (b"\xff\xfe\x00" * 100, 300, 1),
    ],
)
def test_minutes(sample: bytes, total: int, expected: int) -> None:
    assert minutes(reading_seconds(sample, total)) == expected
