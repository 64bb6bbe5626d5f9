"""Features into the reader's folder: their files, names and pictures, and finding them again."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.acquire.feature import Feature, feature
from pulse_tui.acquire.keeping import naming
from pulse_tui.acquire.keeping.disk import Disk
from pulse_tui.acquire.keeping.front import FIELDS
from pulse_tui.acquire.keeping.keeper import Keeper
from pulse_tui.article import Figure
from pulse_tui.storage.files.entry import read_entry
from pulse_tui.storage.files.walk import Walk, look
from pulse_tui.text import clean_line
from tests.kept import JPEG, NEW, PICTURES, PNG, STORY, TODAY, URL, files, head_of, keep, keeper
from tests.strategies import documents, words

# -- New ones


def test_a_new_feature(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there yet"
    kept = keep(folder, said="said")
    assert kept.path == folder / "2022-03-15-talks-take-a-back-seat.md"
    assert kept.path.read_text() == STORY.to_markdown()
    assert (kept.outcome, kept.edited) == ("new", ())
    assert (kept.taken.file, kept.taken.said) == (kept.path.name, "said")
    assert set(kept.taken.written) == {*FIELDS, "body"}


def test_without_a_date_it_has_that_of_today(tmp_path: Path) -> None:
    assert keep(tmp_path, replace(STORY, published=None)).path.name.startswith("2026-11-22-talks")
    evening = datetime(2022, 3, 15, 23, 30, tzinfo=UTC)
    assert keep(tmp_path, replace(STORY, published=evening), under="feeds/x").path.name[:10] == "2022-03-15"


def test_pictures_lie_beside_it_and_are_named_in_it(tmp_path: Path) -> None:
    kept = keep(tmp_path, pictures={**PICTURES, "https://example.org/unused.png": PNG}, under="feeds/example")
    stem = "talks-take-a-back-seat"
    image, standing = (f"images/{stem}-{naming.digest(PNG)}.png", f"images/{stem}-{naming.digest(JPEG)}.jpg")
    assert files(tmp_path) == [
        f"feeds/example/{name}" for name in (kept.path.name, *sorted([image, standing]))
    ]
    assert (kept.path.parent / image).read_bytes() == PNG
    entry = read_entry(look(str(kept.path), 0, kept.path.name))
    assert entry.figures == (
        Figure(image, "A hall", "The hall.", "Ada"),
        Figure(standing, "A crowd", "Mourners.", "Agency"),
    )


def test_a_picture_that_was_not_had_stays_on_the_web(tmp_path: Path) -> None:
    kept = keep(tmp_path, pictures={"https://example.org/lead.png": b"<svg/>"})
    assert head_of(kept.path).lead == Figure("https://example.org/lead.png", "A hall", "The hall.", "Ada")
    assert files(tmp_path) == [kept.path.name]


# What `clean_line` drops may leave two blanks side by side.
lines = st.lists(words, max_size=5).map(" ".join).map(clean_line).map(clean_line)
figures = st.builds(
    Figure,
    st.sampled_from(
        [None, "https://x/a.jpg", "https://x/b (1).png", "images/c&amp;d.jpg", "https://x/ü?a=1&b=2"]
    ),
    lines,
    lines,
    lines,
)
features = st.builds(
    feature,
    lines,
    documents(),
    dek=lines,
    authors=st.lists(lines, max_size=3),
    published=st.one_of(st.none(), st.dates(), st.datetimes(timezones=st.none())),
    sections=st.lists(lines, max_size=3),
    language=st.sampled_from(["", "en", "pt_BR"]),
    source=st.sampled_from(["", URL, "https://x/\udcff?a='\"#:"]),
    lead=figures,
    tags=st.lists(lines, max_size=3),
    pictures=st.lists(figures, max_size=3),
)


@settings(max_examples=50)
@given(features, st.lists(st.sampled_from(["https://x/a.jpg", "https://x/b (1).png", "https://x/ü?a=1&b=2"])))
def test_our_own_reader_reads_back_what_was_written(made: Feature, had: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        pictures = {source: JPEG + source.encode() for source in had}
        kept = keep(Path(name), made, pictures)
        head = head_of(kept.path)
        headline = head.headline
        day = made.published or TODAY
        assert (headline.title, headline.dek) == (made.title, made.dek)
        assert (headline.sections, headline.authors, headline.tags) == (
            made.sections,
            made.authors,
            made.tags,
        )
        assert (headline.published, head.source or "") == (day, made.source)
        lead = head.lead or Figure(None)
        assert (lead.alt, lead.caption, lead.credit) == (made.alt, made.caption, made.credit)
        if made.image in pictures:
            assert (kept.path.parent / (lead.source or "")).read_bytes() == pictures[made.image]
        else:
            assert (lead.source or "") == made.image
        assert [notice for notice in headline.notices if "twice" in notice.text] == []
        again = keep(Path(name), made, pictures, known=kept.taken)
        assert (again.outcome, again.edited, again.taken) == ("unchanged", (), kept.taken)
        # Nothing that is not known by its name is a twin of itself.
        assert keep(Path(name), made, pictures).path == kept.path
        assert [found.path for found in Walk([name])] == [str(kept.path)]


# -- Names


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Talks Take a Back Seat, as Islamabad’s Turn", "talks-take-a-back-seat-as-islamabads-turn"),
        ("Žižek & Łódź: Ærø straße", "zizek-lodz-aero-strasse"),
        ("e\u0301tude ﬁne", "etude-fine"),
        ("भारत में मानसून", "भारत-में-मानसून"),
        ("Русский й", "русский-й"),
        ("../../etc/passwd\0", "etc-passwd"),
        (".hidden", "hidden"),
        ("CON", "con"),
        ("💥", "untitled"),
        ("", "untitled"),
        ("\x1b[31m\u202e", "31m"),
        ("one " * 40, "-".join(["one"] * 15)),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert naming.slug(title) == slug


@given(st.text(max_size=300))
def test_any_title_makes_a_harmless_name(title: str) -> None:
    slug = naming.slug(title)
    name = f"2022-03-15-{slug}-12.md"
    assert slug
    assert len(name.encode()) <= 200
    assert not set("/\\:*?\"<>|' \t\n\0") & set(name)
    assert name.isprintable() or not slug.isascii()
    assert naming.slug(slug) == slug
    assert naming.slug_of(f"2022-03-15-{slug}") == slug


@pytest.mark.parametrize(
    "title",
    ["../" * 50, "..", "/", "~root", "-rf", "nul", "a\0b", "\udcff\udc80", "x" * 500, "図" * 500, "\n"],
)
def test_hostile_titles_stay_in_the_folder(title: str, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    kept = keep(folder, replace(STORY, title=title), PICTURES)
    assert kept.path.parent == folder
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


def test_twins_of_other_sources_are_numbered(tmp_path: Path) -> None:
    one = keeper(tmp_path)
    names = [
        one.keep(
            replace(STORY, source=f"{URL}/{n}", body=f"{n} ![](https://example.org/a%20b.jpg)"),
            PICTURES,
            said="1",
        ).path.name
        for n in range(3)
    ]
    stem = "2022-03-15-talks-take-a-back-seat"
    assert names == [f"{stem}.md", f"{stem}-2.md", f"{stem}-3.md"]
    assert len(files(tmp_path / "images")) == 6


def test_entries_that_all_link_to_one_page_are_not_one(tmp_path: Path) -> None:
    """Some feeds give their home page as the link of every entry."""
    first = keep(tmp_path, replace(STORY, title="Daily thread", body="One."))
    one = keeper(tmp_path)
    one.know([first.taken.file])
    second = one.keep(replace(STORY, title="Daily thread", body="Two."), said="1")
    third = one.keep(replace(STORY, title="Another", body="Three."), said="1")
    assert [kept.outcome for kept in (first, second, third)] == ["new"] * 3
    assert len(files(tmp_path)) == 3


def test_a_file_system_that_takes_only_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link

    def link(source: str, target: Path) -> None:
        if not str(target).isascii():
            raise OSError(errno.EILSEQ, "Invalid or incomplete multibyte or wide character")
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    hindi = replace(STORY, title="मानसून")
    kept = keep(tmp_path, hindi, PICTURES)
    assert kept.path.name.isascii()
    assert kept.path.name.startswith("2022-03-15-")
    assert all(name.isascii() for name in files(tmp_path))
    assert keep(tmp_path, hindi, PICTURES, known=kept.taken).outcome == "unchanged"


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_a_file_system_without_links(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: str, target: Path) -> None:
        raise OSError(number, "no links")

    monkeypatch.setattr(os, "link", link)
    assert keep(tmp_path, pictures=PICTURES).outcome == "new"
    assert len(files(tmp_path)) == 3


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def flock(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    assert keep(tmp_path).outcome == "new"


# -- Moved, deleted, not known


def test_a_file_that_its_owner_moved_is_updated_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(tmp_path)
    second = keep(tmp_path, replace(STORY, source=f"{URL}/2", title="Two"))
    (tmp_path / "a" / "b").mkdir(parents=True)
    first.path.rename(tmp_path / "a" / "b" / "mine.md")
    second.path.unlink()
    (tmp_path / "a" / "copy\udcff.md").write_bytes(b"---\nsource: " + URL.encode() + b"\n---\n")
    one = keeper(tmp_path)
    heads: list[str] = []
    real = Disk.read

    def counted(self: Disk, path: Path, most: int = -1) -> Any:
        heads.append(path.name)
        return real(self, path, most)

    monkeypatch.setattr(Disk, "read", counted)
    kept = one.keep(replace(STORY, title="New"), said="2", known=first.taken)
    assert (kept.outcome, kept.taken.file) == ("updated", "a/b/mine.md")
    assert "title: New\n" in kept.path.read_text()
    assert files(tmp_path) == ["a/b/mine.md", "a/copy\udcff.md"]
    looked = len(heads)
    gone = one.keep(replace(STORY, source=f"{URL}/2", title="Two"), said="9", known=second.taken)
    assert (gone.outcome, gone.taken) == ("deleted", second.taken._replace(said="9"))
    assert len(heads) == looked


def test_a_text_without_a_source_is_found_by_its_title_and_body(tmp_path: Path) -> None:
    plain = replace(STORY, source="")
    first = keep(tmp_path, plain)
    keep(tmp_path, replace(plain, body="Another chapter of that title."), under="other")
    (tmp_path / "x").mkdir()
    first.path.rename(tmp_path / "x" / "y.md")
    assert keep(tmp_path, replace(plain, dek="New"), known=first.taken).taken.file == "x/y.md"


def test_what_its_owner_deleted_stays_deleted_unless_it_is_asked_for(tmp_path: Path) -> None:
    first = keep(tmp_path, under="feeds/x")
    first.path.unlink()
    gone = keep(tmp_path, NEW, said="2", under="feeds/x", known=first.taken)
    assert (gone.outcome, gone.path, gone.taken) == ("deleted", first.path, first.taken._replace(said="2"))
    assert files(tmp_path) == []
    back = keep(tmp_path, NEW, said="2", under="feeds/x", known=gone.taken, revive=True)
    assert back.outcome == "new"
    assert back.path.read_text() == NEW.to_markdown()


def test_what_is_there_already_is_adopted_and_edits_in_it_are_kept(tmp_path: Path) -> None:
    first = keep(tmp_path, pictures=PICTURES)
    again = keep(tmp_path, pictures=PICTURES)
    assert (again.outcome, again.taken, again.edited) == ("unchanged", first.taken, ())
    first.path.write_text(first.path.read_text().replace("First.", "Mine.").replace("dek: ", "dek: My "))
    other = keep(tmp_path, pictures=PICTURES)
    assert (other.outcome, other.edited) == ("unchanged", ("dek", "body"))
    assert {"dek", "body"}.isdisjoint(other.taken.written)
    # Under another name, and once its date is not that of today any more.
    first.path.rename(tmp_path / "renamed.md")
    assert keep(tmp_path, pictures=PICTURES).path.name == "renamed.md"


def test_in_a_large_folder_only_names_that_are_like_it_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulse_tui.acquire.keeping.looking._SMALL", 3)
    undated = replace(STORY, published=None)
    first = Keeper(tmp_path, today=lambda: date(2020, 1, 1)).keep(undated, said="1")
    for number in range(5):
        (tmp_path / f"2021-01-0{number + 1}-other.md").write_text(f"---\nsource: {URL}\ntitle: x\n---\n")
    assert keep(tmp_path, undated).path == first.path
    assert len(files(tmp_path)) == 6


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("2024-03-05-the-tide.md", "2024-03-05-the-tide"),
        ("2024-03-05-Übung_2.0.markdown", "2024-03-05-Übung_2.0"),
        ("2024-13-05-no-month.md", ""),
        ("2024-03-05.md", ""),
        ("2024-03-05-.hidden.md", ""),
        ("2024-03-05-with blanks.md", ""),
        ("2024-03-05-a\n.md", ""),
        (f"2024-03-05-{'a' * 200}.md", ""),
        ("the-tide.md", ""),
    ],
)
def test_names_that_a_file_may_keep(name: str, stem: str) -> None:
    assert naming.own_stem(name) == stem
