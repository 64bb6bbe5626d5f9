"""The reader's state of a library's articles, and how it follows an article that gets another id."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse_tui.article import Place, Reading
from pulse_tui.repository import Spot
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from tests.libraries import clock, ids, library, library_of, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


# The reader's state


def test_marks_add_up(folder: Path) -> None:
    repository = library(folder)
    assert repository.reading("a") == Reading()
    place = Place(3, 7, "digest")
    repository.mark("a", place=place)
    repository.mark("a", fraction=0.5)
    repository.mark("a", read=True)
    repository.mark("b", fraction=7)
    assert repository.reading("a") == Reading(True, 0.5, place)
    assert repository.reading("b") == Reading(False, 1.0)
    repository.refresh()
    assert repository.reading("a").place == place


def test_unread_counts_listed_articles_only(folder: Path) -> None:
    for name in ("a", "b", "c"):
        write(folder / f"{name}.md")
    repository = library(folder)
    assert repository.unread() == 3
    repository.mark("a", read=True)
    repository.mark("b", fraction=0.5)
    repository.mark("none", read=True)
    assert repository.unread() == 2
    repository.mark("a", read=False)
    assert repository.unread() == 3


def test_marks_history_and_undo(folder: Path) -> None:
    write(folder / "a.md", title="Talks")
    repository = library(folder)
    repository.mark("a", place=Place(1))
    repository.mark("b", place=Place(2))
    assert repository.history() == ["b", "a"]
    assert [headline.id for headline in repository.begun()] == []
    repository.mark("a", place=Place(3), fraction=0.5)
    assert [headline.id for headline in repository.begun()] == ["a"]
    repository.set_mark("x", Spot("a", Place(3)))
    assert repository.marks() == [("x", Spot("a", Place(3)))]
    repository.mark("a", starred=True)
    assert "Talks" in (repository.undo() or "")
    assert repository.reading("a").starred is False


def test_reading_times_follow_the_readers_pace(folder: Path) -> None:
    for number in range(4):
        write(folder / f"{number}.md", "word " * 2380, title=str(number))
    repository = library(folder)
    assert {headline.minutes for headline in repository.recent()} == {10}
    for number in range(3):
        repository.mark(str(number), place=Place(1), seconds=1200)
        repository.mark(str(number), read=True)
    headline = repository.headline("3")
    assert headline is not None
    assert headline.minutes == repository.get("3").headline.minutes == repository.recent()[0].minutes == 20


# A state follows its article


@pytest.fixture
def kept(folder: Path, tmp_path: Path) -> Iterator[Library]:
    """A library on disk in which one article is starred and half read."""
    write(folder / "a.md", "The same words.\n", title="A")
    write(folder / "b.md", "Others.\n", title="B")
    repository = library_of(folder, index=tmp_path / "cache" / "index.sqlite")
    repository.refresh()
    repository.mark("a", place=Place(1, 2), fraction=0.5, starred=True)
    yield repository
    repository.close()


STARRED = Reading(False, 0.5, Place(1, 2), True)


def test_a_rename_keeps_the_state(kept: Library, folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "a.md").rename(folder / "deep" / "c.md")
    kept.refresh()
    assert kept.reading("deep/c") == STARRED
    assert kept.reading("a") == Reading()


def test_a_rename_in_two_steps_keeps_the_state(kept: Library, folder: Path, tmp_path: Path) -> None:
    (folder / "a.md").rename(tmp_path / "a.md")
    kept.refresh()
    (tmp_path / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == STARRED


def test_a_rename_while_the_index_was_away_keeps_the_state(
    kept: Library, folder: Path, tmp_path: Path
) -> None:
    for path in (tmp_path / "cache").iterdir():
        path.unlink()
    (folder / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == STARRED


def test_a_rename_after_an_edit_keeps_the_state(kept: Library, folder: Path) -> None:
    write(folder / "a.md", "The same words and more.\n", title="A")
    kept.refresh()
    (folder / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == STARRED


DATED: Mapping[str, str] = {"title": "A", "published": "2026-03-03"}


@pytest.fixture
def dated(kept: Library, folder: Path) -> Library:
    """The same, with a date."""
    write(folder / "a.md", "The same words.\n", **DATED)
    kept.refresh()
    return kept


def test_a_rename_with_an_edit_between_two_looks_keeps_the_state(dated: Library, folder: Path) -> None:
    (folder / "a.md").unlink()
    write(folder / "deep" / "c.md", "Quite different.\n", **DATED)
    dated.refresh()
    assert dated.reading("deep/c") == STARRED
    assert dated.reading("a") == Reading()
    (folder / "deep" / "c.md").rename(folder / "d.md")
    dated.refresh()
    assert dated.reading("d") == STARRED


@pytest.mark.parametrize(
    "files",
    [
        {"c.md": {"title": "A", "published": "2026-03-10"}},
        {"c.md": {"title": "Another", "published": "2026-03-03"}},
        {"c.md": DATED, "d.md": DATED},
        {"a.md": {"title": "Another"}, "c.md": DATED},
    ],
    ids=["another day", "another title", "two of one name", "the file is still there"],
)
def test_only_the_one_of_the_same_title_and_day_takes_the_state_of_a_file_that_is_gone(
    dated: Library, folder: Path, files: Mapping[str, Mapping[str, str]]
) -> None:
    (folder / "a.md").unlink()
    for name, fields in files.items():
        write(folder / name, f"Quite different, in {name}.\n", **fields)
    dated.refresh()
    assert [dated.reading(name) for name in ("c", "d")] == [Reading(), Reading()]
    assert dated.reading("a").starred


def test_the_text_of_a_file_that_is_gone_goes_before_its_title(dated: Library, folder: Path) -> None:
    (folder / "a.md").unlink()
    for name in ("b1", "d"):
        write(folder / f"{name}.md", "Quite different.\n", **DATED)
        write(folder / "c.md", "The same words.\n", **DATED)
        dated.refresh()
        assert dated.reading(name) == Reading()
    assert dated.reading("c") == STARRED


@pytest.mark.parametrize("draft", ["b1", "z1"])
def test_in_a_look_of_many_files_nothing_goes_by_titles(
    dated: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, draft: str
) -> None:
    """The file that has the same title, or the text, may come in a later batch."""
    for batch in ("_BATCH", "_PRIVATE_BATCH"):
        monkeypatch.setattr(f"pulse_tui.storage.index.refresh.{batch}", 5)
    (folder / "a.md").rename(folder / "m.md")
    write(folder / f"{draft}.md", "Quite different.\n", **DATED)
    for number in range(12):
        write(folder / f"n{number:02}.md", f"Another, {number}.\n", title=f"N {number}")
    dated.refresh()
    assert dated.reading(draft) == Reading()
    assert dated.reading("m") == STARRED


def test_two_that_went_with_one_title_and_day_are_not_told_apart(folder: Path, tmp_path: Path) -> None:
    """Also where the reader has no state of the other, which may be the one that came back."""
    for name in ("a", "twin"):
        write(folder / f"{name}.md", f"The words of {name}.\n", **DATED)
    state = StateStore(tmp_path / "state.sqlite", clock=clock())
    full = library_of(folder, index=tmp_path / "index.sqlite", state=state)
    full.refresh()
    full.mark("a", starred=True)
    (folder / "a.md").unlink()
    (folder / "twin.md").unlink()
    write(folder / "c.md", "The words of twin, changed.\n", **DATED)
    full.refresh()
    assert full.reading("c") == Reading()
    assert full.reading("a").starred
    full.close()


def test_one_of_the_same_title_and_day_is_seen_where_the_day_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("moments", "writing", "moved"):
        monkeypatch.setattr(f"pulse_tui.storage.index.{module}.DAY", 2)
    for name in ("a", "twin"):
        write(folder / f"{name}.md", f"The words of {name}.\n", **DATED)
    full = library(folder)
    full.mark("a", starred=True)
    (folder / "a.md").unlink()
    write(folder / "c.md", "Quite different.\n", **DATED)
    full.refresh()
    assert full.reading("c") == Reading()
    assert full.reading("a").starred
    full.close()


def test_the_state_of_one_that_had_the_id_before_goes_to_none_by_the_title_of_the_next(
    dated: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for batch in ("_BATCH", "_PRIVATE_BATCH"):
        monkeypatch.setattr(f"pulse_tui.storage.index.refresh.{batch}", 1)
    write(folder / "s.md", "First.\n", id="talks", title="First", published="2026-01-01")
    write(folder / "t.md", "Second.\n", id="talks", title="Second", published="2026-02-02")
    dated.refresh()
    dated.mark("talks", starred=True)
    (folder / "s.md").unlink()
    (folder / "t.md").unlink()
    write(folder / "u.md", "Second, changed.\n", title="Second", published="2026-02-02")
    dated.refresh()
    assert dated.reading("u") == Reading()


def test_an_article_that_has_a_state_takes_none_by_its_title(dated: Library, folder: Path) -> None:
    dated.mark("c", read=True)
    (folder / "a.md").unlink()
    write(folder / "c.md", "Quite different.\n", **DATED)
    dated.refresh()
    assert dated.reading("c") == Reading(True)
    assert dated.reading("a").starred


def test_a_file_that_gives_itself_another_id_keeps_the_state(kept: Library, folder: Path) -> None:
    write(folder / "a.md", "The same words.\n", title="A", id="talks")
    kept.refresh()
    assert kept.reading("talks") == STARRED


def test_a_file_with_an_id_may_be_renamed_and_edited_at_once(kept: Library, folder: Path) -> None:
    write(folder / "b.md", "Others.\n", id="talks")
    kept.refresh()
    kept.mark("talks", starred=True)
    (folder / "b.md").unlink()
    write(folder / "else.md", "Quite different.\n", id="talks")
    kept.refresh()
    assert kept.reading("talks").starred


def test_a_state_that_has_moved_outlives_a_kill(folder: Path, tmp_path: Path) -> None:
    write(folder / "a.md", "The same words.\n")
    state = StateStore(tmp_path / "state.sqlite", clock=clock())
    repository = library_of(folder, state=state)
    repository.refresh()
    repository.mark("a", starred=True)
    repository.save()
    (folder / "a.md").rename(folder / "c.md")
    repository.refresh()
    after_a_kill = StateStore(tmp_path / "state.sqlite", clock=clock())
    assert after_a_kill.starred_ids() == {"c"}
    after_a_kill.close()
    repository.close()


def test_a_copy_takes_no_state_away(kept: Library, folder: Path) -> None:
    write(folder / "copy.md", (folder / "a.md").read_bytes())
    kept.refresh()
    assert kept.reading("a") == STARRED
    assert kept.reading("copy") == Reading()


def test_other_folders_take_no_state_away(folder: Path, tmp_path: Path) -> None:
    write(folder / "deep" / "a.md", "The same words.\n")
    state = StateStore(None, clock=clock())
    all_of_it, a_part = (
        library_of(folders, index=tmp_path / "index.sqlite", state=state)
        for folders in (folder, folder / "deep")
    )
    all_of_it.refresh()
    all_of_it.mark("deep/a", starred=True)
    a_part.refresh()
    assert a_part.reading("a").starred
    assert all_of_it.reading("deep/a").starred
    write(folder / "deep" / "copy.md", (folder / "deep" / "a.md").read_bytes())
    a_part.refresh()
    assert not a_part.reading("copy").starred


def test_an_article_with_a_state_of_its_own_keeps_that(kept: Library, folder: Path) -> None:
    kept.mark("c", read=True)
    (folder / "a.md").rename(folder / "c.md")
    kept.refresh()
    assert kept.reading("c") == Reading(True)


# An id that several files claim


@pytest.fixture
def claimed(folder: Path) -> Iterator[Library]:
    """Two articles that claim one id; both were begun."""
    write(folder / "a.md", "One.\n", id="talks", title="First")
    write(folder / "b.md", "Two.\n", id="talks", title="Second")
    repository = library(folder)
    repository.mark("talks", fraction=0.25, starred=True)
    repository.mark("b", fraction=0.75)
    yield repository
    repository.close()


def fractions(repository: Library) -> dict[str, float]:
    """By their titles, how far each listed article was read."""
    return {each.title: repository.reading(each.id).fraction for each in repository.recent()}


def everything(repository: Library) -> list[float]:
    """How far each article was read of which anything is kept, whether listed or not."""
    records = repository._state.records()
    return sorted(record.fraction.value for _, record in records if record.fraction is not None)


def test_the_second_keeps_its_own_state_when_the_first_goes(claimed: Library, folder: Path) -> None:
    first = (folder / "a.md").read_bytes()
    (folder / "a.md").unlink()
    claimed.refresh()
    assert ids(claimed) == ["talks"]
    assert fractions(claimed) == {"Second": 0.75}
    assert everything(claimed) == [0.25, 0.75]
    write(folder / "a.md", first)
    claimed.refresh()
    assert ids(claimed) == ["b", "talks"]
    assert fractions(claimed) == {"First": 0.25, "Second": 0.75}
    assert claimed.reading("talks").starred


def test_the_second_stays_unread_when_the_first_goes(folder: Path) -> None:
    write(folder / "a.md", "One.\n", id="talks", title="First")
    write(folder / "b.md", "Two.\n", id="talks", title="Second")
    repository = library(folder)
    repository.mark("talks", read=True, fraction=1.0)
    repository.set_mark("x", Spot("talks", Place(1)))
    (folder / "a.md").unlink()
    repository.refresh()
    assert repository.reading("talks") == Reading()
    assert everything(repository) == [1.0]
    assert [spot.article_id for _, spot in repository.marks()] != ["talks"]


@pytest.mark.parametrize("second", ["title: First\n---\nOne, and more.\n", "title: First\n---\nOne.\n"])
def test_the_second_is_the_same_article_by_its_title_or_its_text(folder: Path, second: str) -> None:
    write(folder / "a.md", "---\nid: talks\ntitle: First\n---\nOne.\n")
    write(folder / "b.md", f"---\nid: talks\n{second}")
    repository = library(folder)
    repository.mark("talks", fraction=0.25)
    repository.mark("b", starred=True)
    (folder / "a.md").unlink()
    repository.refresh()
    assert repository.reading("talks") == Reading(False, 0.25, None, True)


def test_the_first_takes_its_state_to_another_name(claimed: Library, folder: Path) -> None:
    (folder / "a.md").rename(folder / "c.md")
    claimed.refresh()
    assert ids(claimed) == ["c", "talks"]
    assert fractions(claimed) == {"First": 0.25, "Second": 0.75}


def test_the_first_takes_its_state_to_another_id(claimed: Library, folder: Path) -> None:
    write(folder / "a.md", "One.\n", title="First")
    claimed.refresh()
    assert ids(claimed) == ["a", "talks"]
    assert fractions(claimed) == {"First": 0.25, "Second": 0.75}


def test_a_new_file_that_comes_first_takes_the_id_alone(claimed: Library, folder: Path) -> None:
    write(folder / "0.md", "Zero.\n", id="talks", title="Newest")
    claimed.refresh()
    assert sorted(ids(claimed)) == ["a", "b", "talks"]
    assert fractions(claimed) == {"Newest": 0.0, "First": 0.25, "Second": 0.75}


def test_two_articles_that_exchange_their_ids(folder: Path) -> None:
    write(folder / "a.md", "One.\n", id="x", title="First")
    write(folder / "b.md", "Two.\n", id="y", title="Second")
    repository = library(folder)
    repository.mark("x", fraction=0.25)
    repository.mark("y", fraction=0.75)
    write(folder / "a.md", "One.\n", id="y", title="First")
    write(folder / "b.md", "Two.\n", id="x", title="Second")
    repository.refresh()
    assert fractions(repository) == {"First": 0.25, "Second": 0.75}
    assert everything(repository) == [0.25, 0.75]


CHANGES = st.tuples(st.sampled_from(["claim", "rename", "delete", "restore"]), st.sampled_from("xy "))


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from("xxy "), min_size=4, max_size=4),
    st.lists(st.dictionaries(st.integers(0, 3), CHANGES, min_size=1, max_size=2), max_size=8),
)
def test_whatever_becomes_of_ids_every_article_keeps_its_state(
    tmp_path_factory: pytest.TempPathFactory, claims: list[str], steps: list[dict[int, tuple[str, str]]]
) -> None:
    folder = tmp_path_factory.mktemp("claims")
    names = [f"{number}.md" for number in range(4)]

    def put(number: int) -> None:
        keys = {"id": claims[number]} if claims[number].strip() else {}
        write(folder / names[number], f"{number}.\n", title=f"T{number}", **keys)

    for number in range(4):
        put(number)
    repository = library(folder)
    kept = {f"T{number}": (number + 1) / 10 for number in range(4)}
    for headline in repository.recent():
        repository.mark(headline.id, fraction=kept[headline.title])
    for step in steps:
        for number, (what, claim) in step.items():
            is_there = (folder / names[number]).exists()
            if what == "delete" and is_there:
                (folder / names[number]).unlink()
            elif what == "restore" and not is_there:
                put(number)
            elif what == "rename" and is_there:
                former, names[number] = names[number], f"{claim.strip()}{number}.md"
                (folder / former).rename(folder / names[number])
            elif what == "claim" and is_there:
                claims[number] = claim
                put(number)
        repository.refresh()
        assert all(kept[title] == fraction for title, fraction in fractions(repository).items())
        assert everything(repository) == sorted(kept.values())
    repository.close()
    shutil.rmtree(folder)


# A program that ends between the index and the state


def renamed(folder: Path) -> None:
    (folder / "a.md").rename(folder / "c.md")


def renamed_and_edited(folder: Path) -> None:
    (folder / "a.md").unlink()
    write(folder / "c.md", "One, changed.\n", title="First", published="2026-03-03")


def given_an_id(folder: Path) -> None:
    write(folder / "a.md", "One, changed.\n", id="talks", title="First")


def given_the_id_of_another(folder: Path) -> None:
    write(folder / "a.md", "One.\n", id="b", title="First")
    write(folder / "b.md", "Two.\n", title="Second", id="a")


def an_id_taken_by_a_new_file(folder: Path) -> None:
    write(folder / "0.md", "Zero.\n", id="b", title="Zero")


ENDED = (renamed, renamed_and_edited, given_an_id, given_the_id_of_another, an_id_taken_by_a_new_file)
PLACES = (
    "pulse_tui.storage.index.refresh._bring_in",
    "pulse_tui.storage.moves.Moves.settle",
    "pulse_tui.storage.state.state.StateStore.rename",
    "pulse_tui.storage.index.moved.told",
)


@pytest.mark.parametrize(
    ("change", "place"),
    # Of a file that has got another text the look knows that goes through to the end.
    [each for each in product(ENDED, PLACES) if each != (renamed_and_edited, PLACES[0])],
)
def test_a_kill_between_the_index_and_the_state_loses_no_move(
    folder: Path, tmp_path: Path, place: str, change: Callable[[Path], None]
) -> None:
    write(folder / "a.md", "One.\n", title="First", published="2026-03-03")
    write(folder / "b.md", "Two.\n", title="Second")

    def opened() -> Library:
        state = StateStore(tmp_path / "state.sqlite", clock=time.time)
        return library_of(folder, index=tmp_path / "cache" / "index.sqlite", state=state)

    repository = opened()
    repository.refresh()
    repository.mark("a", fraction=0.25)
    repository.mark("b", fraction=0.75)
    repository.close()
    change(folder)
    program = (
        "import os, sys, time\nfrom pathlib import Path\nfrom pkgutil import resolve_name\n"
        "from pulse_tui.storage.library import Library\n"
        "from pulse_tui.storage.state.state import StateStore\n"
        "state = StateStore(Path(sys.argv[3]), clock=time.time)\n"
        "library = Library([Path(sys.argv[1])], index=Path(sys.argv[2]), state=state)\n"
        "where, _, name = sys.argv[4].rpartition('.')\n"
        "setattr(resolve_name(where), name, lambda *arguments: os._exit(9))\n"
        "library.refresh()\n"
    )
    paths = (folder, tmp_path / "cache" / "index.sqlite", tmp_path / "state.sqlite")
    killed = subprocess.run([sys.executable, "-c", program, *map(str, paths), place], timeout=60)
    assert killed.returncode == 9
    for _ in range(2):
        repository = opened()
        repository.refresh()
        assert {"First": 0.25, "Second": 0.75}.items() <= fractions(repository).items()
        assert everything(repository) == [0.25, 0.75]
        assert fractions(repository).get("Zero", 0.0) == 0.0
        repository.close()
