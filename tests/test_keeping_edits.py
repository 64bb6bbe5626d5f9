"""Features that are there already: what is new comes in beside what their owner wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.keeping import naming
from pulse_tui.acquire.keeping.front import FIELDS, KeptText, lines_of, of_feature
from pulse_tui.acquire.keeping.keeper import Kept
from pulse_tui.article import Figure
from pulse_tui.storage.files.entry import figures_of
from pulse_tui.storage.files.front_matter import Notices, read, split
from pulse_tui.storage.files.head import read_head
from tests.kept import JPEG, NEW, PICTURES, PNG, STORY, URL, files, head_of, keep, keeper

# -- Edits

HEADER = """\
# What I think of it
title: "Talks Take a Back Seat"   # the headline
mine: {stars: 5}
dek: |
  With violence rising, a deal
  is hard to sell.

# about the place
sections:
  - The Pulse
  - South Asia
authors: [A. Writer]
published: 2022-03-15
source: "https://example.org/talks"
language: en
image: 'https://example.org/lead.png'
alt: A hall
caption: >-
  The
  hall.
credit:
  Ada
tags: [
  ttp  ]
last: "one
  two: #three"
"""


def with_header(kept: Kept, header: str, newline: str = "\n", mark: str = "") -> None:
    body = KeptText(kept.path.read_bytes()).body
    text = f"{mark}---\n{header}---\n\n{body}\n".replace("\n", newline)
    kept.path.write_bytes(text.encode())


@pytest.mark.parametrize(
    ("newline", "mark"), [("\n", ""), ("\r\n", ""), ("\n", "\ufeff"), ("\r\n", "\ufeff")]
)
def test_every_way_of_writing_is_updated_in_its_place(tmp_path: Path, newline: str, mark: str) -> None:
    first = keep(tmp_path, replace(STORY, dek="With violence rising, a deal is hard to sell."))
    with_header(first, HEADER, newline, mark)
    kept = keep(tmp_path, NEW, said="2", known=first.taken)
    assert (kept.outcome, kept.edited, kept.path) == ("updated", (), first.path)
    data = kept.path.read_bytes().decode()
    assert data.startswith(mark)
    assert data.count("\n") == data.count(newline)
    assert data.replace("\r\n", "\n").removeprefix("\ufeff").partition("\n\n")[0] == (
        '---\n# What I think of it\ntitle: "Talks: a New Seat"   # the headline\nmine: {stars: 5}\n'
        "dek: Another dek."
    )
    header = data.replace("\r\n", "\n").split("---\n")[1]
    assert header.partition("dek: Another dek.\n")[2] == (
        '\n# about the place\nsections: [World]\nauthors: [B. Writer, "C, D"]\n'
        'published: 2022-03-16T08:00:00+00:00\nsource: "https://example.org/talks"\n'
        'image: "https://example.org/other.png"\ncaption: "Another #caption."\ntags: ["a: b"]\n'
        'last: "one\n  two: #three"\n'
    )
    assert keep(tmp_path, NEW, said="2", known=kept.taken).outcome == "unchanged"


@pytest.mark.parametrize("field", [*FIELDS, "body"])
def test_what_its_owner_edited_stays_and_the_rest_is_updated(field: str, tmp_path: Path) -> None:
    first = keep(tmp_path)
    other: dict[str, Feature] = {
        "published": replace(STORY, published=date(2000, 1, 1)),
        "body": replace(STORY, body="Mine."),
    }
    value: Any = ("Mine",) if field in ("sections", "authors", "tags") else "mine"
    mine = other.get(field) or replace(STORY, **{field: value})
    first.path.write_text(mine.to_markdown())
    new = replace(NEW, body="Other.", source=f"{URL}/2", language="de", alt="Other", credit="Eve")
    kept = keep(tmp_path, new, said="2", known=first.taken)
    assert (kept.outcome, kept.edited) == ("updated", (field,))
    wanted = replace(new, **{field: getattr(mine, field)})
    assert kept.path.read_text() == wanted.to_markdown()
    # It is told again when the source changes again, and only what changed is.
    again = keep(tmp_path, replace(new, title="Third"), said="3", known=kept.taken)
    assert again.edited == ((field,) if field != "title" else ("title",))
    forced = keep(tmp_path, new, said="4", known=again.taken, force=True)
    assert (forced.outcome, forced.edited) == ("updated", ())
    assert forced.path.read_text() == new.to_markdown()
    assert set(forced.taken.written) == set(first.taken.written)


def test_an_edit_where_the_source_says_the_same_is_no_conflict(tmp_path: Path) -> None:
    first = keep(tmp_path)
    first.path.write_text(replace(STORY, title="Mine").to_markdown() + "\nA note of mine.\n")
    kept = keep(tmp_path, replace(STORY, dek="New"), said="2", known=first.taken)
    assert (kept.outcome, kept.edited) == ("updated", ())
    assert (
        kept.path.read_text() == replace(STORY, title="Mine", dek="New").to_markdown() + "\nA note of mine.\n"
    )


def test_a_key_that_its_owner_took_out_stays_out(tmp_path: Path) -> None:
    first = keep(tmp_path)
    first.path.write_text(replace(STORY, dek="").to_markdown())
    kept = keep(tmp_path, replace(STORY, dek="New"), known=first.taken)
    assert (kept.outcome, kept.edited) == ("unchanged", ("dek",))


def test_a_comment_within_a_value_makes_it_its_owners(tmp_path: Path) -> None:
    first = keep(tmp_path)
    with_header(
        first, HEADER.replace("  - The Pulse\n", "  - The Pulse  # mine\n").replace("|\n", "| # mine\n")
    )
    before = first.path.read_text()
    kept = keep(tmp_path, replace(STORY, sections=("World",), dek="New", title="New"), known=first.taken)
    assert kept.edited == ("dek", "sections")
    assert kept.path.read_text() == before.replace('"Talks Take a Back Seat"', "New")


@pytest.mark.parametrize(
    "header",
    [
        "title: Talks: a seat\n",
        'title: "open\n',
        "title: &a Talks\ndek: *a\n",
        "{title: Talks}\n",
        "- a list\n",
        "title: Talks\n\tdek: x\n",
        "  title: Talks\n",
        "? title\n: Talks\n",
        "!!map\ntitle: Talks\n",
        "title: !!str Talks\n",
        "[" * 5_000 + "\n",
    ],
)
def test_a_broken_header_is_left_alone(header: str, tmp_path: Path) -> None:
    first = keep(tmp_path)
    with_header(first, header)
    kept = keep(tmp_path, replace(STORY, title="New", body="New body."), said="2", known=first.taken)
    assert (kept.outcome, kept.edited) == ("updated", ("title",))
    assert kept.path.read_text() == f"---\n{header}---\n\nNew body.\n"
    forced = keep(tmp_path, NEW, known=kept.taken, force=True)
    assert forced.path.read_text() == NEW.to_markdown()


@pytest.mark.parametrize(
    "text", ["No front matter.", "---\ntitle: x\n\nnever closed", "", "\ufeff", "---\n---\n"]
)
def test_a_file_without_front_matter(text: str, tmp_path: Path) -> None:
    first = keep(tmp_path)
    first.path.write_text(text)
    kept = keep(tmp_path, replace(STORY, title="New", body="New body."), said="2", known=first.taken)
    assert (kept.outcome, kept.edited) == ("unchanged", ("title", "body"))
    assert kept.path.read_text() == text


def test_bytes_that_are_no_text_stay(tmp_path: Path) -> None:
    first = keep(tmp_path)
    data = first.path.read_bytes().replace(b"language: en\n", b"language: en\nmine: \xff\xfe \x80 # \xc3\n")
    first.path.write_bytes(data)
    kept = keep(tmp_path, replace(STORY, title="New"), known=first.taken)
    assert kept.path.read_bytes() == data.replace(b"title: Talks Take a Back Seat", b"title: New")


PIECES = [
    "title: Talks\n",
    "title: 'T'  # c\n",
    'title: "T\n  U"\n',
    "title: >\n  T\n\n  U\n\n",
    "title:\n",
    "title:  # c\n",
    "dek: |+\n  A\n\n",
    "dek: |2-\n    A\n  B\n",
    "dek: A\n  B\n",
    "tags:\n- a\n- b\n",
    "tags:\n  - a\n\n  # c\n  - b\n",
    "tags: [a, # c\n  b]\n",
    "tags: []\n",
    "tags: a, b\n",
    "mine:\n  x: [1, {y: 2}]\n  z: |\n    dek: no\n",
    "# c\n",
    "\n",
    "  # c\n",
    "mine: 'title: x'\n",
    '"authors": [a]\n',
    "'credit' : x\n",
    "image: {a: b}\n",
    "dek: B\n",
    "tags: ~\n",
    "caption: |\n # not a comment\n",
    "caption: >-\n\n\n  x\n # c\n",
    "\t\n",
    'credit: "a\\\n  b"\n',
    "alt: 'it''s\n\n  x'\n",
    "more: &a 1\n",
    "mine: # c\n  - 1\n",
    "source: https://x/#y\n",
    "language: en # c\n",
    "published: 2022-03-15\n",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=7),
    st.sets(st.sampled_from(FIELDS)),
    st.booleans(),
    st.booleans(),
)
def test_our_reader_sees_just_the_change(
    pieces: list[str], names: set[str], removed: bool, dos: bool
) -> None:
    text = "---\n" + "".join(pieces) + "---\n\nBody.\n"
    data = (text.replace("\n", "\r\n") if dos else text).encode()
    kept = KeptText(data)
    new = replace(NEW, dek="", image="", source="") if removed else NEW
    changes = {name: of_feature(new)[name] for name in names}
    made = kept.with_fields(changes, lines_of(new))
    header, _ = split(data)
    before = read(header or b"", notices := Notices(None))
    if made is None:
        # Only where our reader finds fault too, or in what it finds no fault with but that is not plain.
        assert notices.all() or any(piece.startswith(("more", "\t", "dek: |2")) for piece in pieces)
        return
    header, start = split(made.data())
    after = {name: field.value for name, field in read(header or b"", Notices(None)).items()}
    wanted = read_head(new.to_markdown().encode(), 1, "", "").headline
    head = read_head(made.data(), len(made.data()), "", "")
    if "title" in names:
        assert head.headline.title == wanted.title
    if "tags" in names:
        assert head.headline.tags == wanted.tags
    assert made.data()[start:] == data[split(data)[1] :]
    for name, field in before.items():
        if name not in names:
            assert after[name] == field.value
    assert {name for name in after if name not in before} <= names
    # Within a block of text a # is no comment.
    if not any(key.has_comment for key in kept.keys or ()) and not set("|>") & set(text):
        assert made.data().count(b"# c") == data.count(b"# c")


def test_unknown_keys_that_came_with_it_are_written_once(tmp_path: Path) -> None:
    own = replace(STORY, extra="rating: 5\nmine:\n  title: x")
    first = keep(tmp_path, own)
    assert head_of(first.path).extra == {"rating": "5", "mine": {"title": "x"}}
    kept = keep(tmp_path, replace(own, title="New", language=""), known=first.taken)
    assert kept.path.read_text() == replace(own, title="New", language="").to_markdown()


# -- Pictures of an update


def test_an_update_writes_the_pictures_that_it_names(tmp_path: Path) -> None:
    first = keep(tmp_path, pictures=PICTURES)
    first.path.write_text(first.path.read_text().replace("First.", "Mine."))
    new = replace(STORY, body="New ![](https://example.org/new.jpg)", image="https://example.org/new.png")
    pictures = {"https://example.org/new.jpg": JPEG + b"2", "https://example.org/new.png": PNG + b"2"}
    kept = keep(tmp_path, new, pictures, said="2", known=first.taken)
    assert kept.edited == ("body",)
    stem = "images/talks-take-a-back-seat"
    assert head_of(kept.path).lead == Figure(
        f"{stem}-{naming.digest(PNG + b'2')}.png", "A hall", "The hall.", "Ada"
    )
    # The one of the body is not named, and the old ones are left: its owner may use them elsewhere.
    assert len(files(tmp_path / "images")) == 3


def test_a_file_with_another_name_keeps_its_pictures(tmp_path: Path) -> None:
    first = keep(tmp_path, pictures=PICTURES)
    first.path.rename(tmp_path / "other name.md")
    kept = keep(tmp_path, replace(STORY, dek="New"), PICTURES, said="2", known=first.taken)
    assert (kept.outcome, kept.taken.file) == ("updated", "other name.md")
    assert len(files(tmp_path)) == 3
    assert [figure.source for figure in figures_of(kept.path.read_text())] == [
        f"images/talks-take-a-back-seat-{naming.digest(JPEG)}.jpg"
    ]


def test_a_picture_that_was_had_stays_when_the_text_changes(tmp_path: Path) -> None:
    first = keep(tmp_path, pictures=PICTURES)
    new = replace(STORY, body=STORY.body.replace("First.", "Changed."), dek="New")
    had = {"https://example.org/a%20b.jpg", "https://example.org/lead.png"}
    assert keeper(tmp_path).pictures_of(new, first.taken) == had
    kept = keep(tmp_path, new, said="2", known=first.taken)
    assert (kept.edited, kept.outcome) == ((), "updated")
    text = kept.path.read_text()
    assert "Changed." in text
    assert f"(images/talks-take-a-back-seat-{naming.digest(JPEG)}.jpg " in text
    assert "https://example.org/lead.png" not in text
    assert keep(tmp_path, new, said="3", known=kept.taken).outcome == "unchanged"


def test_a_picture_that_was_had_stays_under_the_name_that_its_owner_gave_it(tmp_path: Path) -> None:
    first = keep(tmp_path, pictures=PICTURES)
    mark = naming.digest(JPEG)
    before, name = f"images/talks-take-a-back-seat-{mark}.jpg", f"images/crowd-{mark}.jpg"
    (tmp_path / before).rename(tmp_path / name)
    first.path.write_text(first.path.read_text().replace(before, name))
    kept = keep(tmp_path, replace(STORY, dek="New"), said="2", known=first.taken)
    assert kept.edited == ()
    assert f"({name} " in kept.path.read_text()


def test_a_picture_that_its_owner_removed_is_on_the_web_again(tmp_path: Path) -> None:
    first = keep(tmp_path, pictures=PICTURES)
    for path in (tmp_path / "images").iterdir():
        path.unlink()
    assert keeper(tmp_path).pictures_of(STORY, first.taken) == frozenset()
    kept = keep(tmp_path, said="2", known=first.taken)
    assert "https://example.org/a%20b.jpg" in kept.path.read_text()


@pytest.mark.parametrize("name", ["/etc/hostname", "../a.jpg", "images/../../a-12345678.jpg", "images/a.jpg"])
def test_what_a_state_says_of_pictures_is_not_believed(name: str, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(JPEG)
    first = keep(tmp_path, pictures=PICTURES)
    written = {key: name if key.startswith("picture ") else said for key, said in first.taken.written.items()}
    known = first.taken._replace(written=written)
    assert keeper(tmp_path).pictures_of(STORY, known) == frozenset()
    assert name not in keep(tmp_path, said="2", known=known).path.read_text()
