"""The reading state: how far a reader got with each article, what is starred, and the marks.

What changes is kept in memory and answers at once; `save` brings it to disk.  Two readers on one file
see each other's changes, and the later change of each field wins.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection
from contextlib import suppress
from math import inf, nextafter
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, Unpack

from pulse_tui.article import Note, Notice, Place, Reading
from pulse_tui.repository import Spot
from pulse_tui.storage.state.damage import mend, salvage
from pulse_tui.storage.state.database import DamagedError, StateError
from pulse_tui.storage.state.file import StateFile
from pulse_tui.storage.state.known import Known
from pulse_tui.storage.state.notices import cannot_be, was_damaged
from pulse_tui.storage.state.pace import FINISHED, pace_of, tells
from pulse_tui.storage.state.record import NOTHING, Change, Changes, Record, Stamped
from pulse_tui.storage.state.undo import Step, step_of

T = TypeVar("T")

_FAULTS = (OSError, sqlite3.Error, DamagedError)
_UNDONE = 100
"""How many changes can be taken back."""


class StateStore:
    """One reader's state in the file at `path`, or with None in memory for as long as the program runs.

    The file and its folder are made by the first `save` that has something to write.  Any thread may
    call any method: only `save` writes to the disk, and none of the others waits for it.  What cannot be
    written stays in memory for the next `save`, and `notice` tells of it.  `held` and `notice` are where
    memory starts from, and why, if there is a file that may not be written.

    Raises:
        StateError: the file is of a newer version or another program's; it was not touched.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        reader: str = "local",
        clock: Callable[[], float],
        held: Changes | None = None,
        notice: Notice | None = None,
    ) -> None:
        self._path = path
        self._reader = reader
        self._clock = clock
        self._lock = Lock()  # held for moments: what is in memory, and the connection that looks
        self._saving = Lock()  # the connection that writes; taken before the other, or without waiting
        self._known = Known(held)
        self._version = 0
        self._cached: dict[str, frozenset[str]] = {}
        self._pace: tuple[int, float | None] | None = None
        self._steps: list[Step] = []
        self._set_aside = notice
        self._fault: Notice | None = None
        self._closed = False
        self._last_begun = ""
        self._last_place: float | None = None
        """When the article on top of the history was; None until that is asked for."""
        if path is not None and os.path.exists(path):
            try:
                self._open(path)
            except _FAULTS as error:
                self._fault = cannot_be("opened", path, error)
                self._known.hold(salvage(path, reader))

    def close(self) -> None:
        """Save and close the file; what is marked later is still written by the next `save`."""
        self._closed = True
        self.save()

    @property
    def notice(self) -> Notice | None:
        """What is wrong with keeping the state: it cannot be written now, or the file was damaged."""
        if self._fault is None and self._known.fault is not None:
            return cannot_be("read", self._path, self._known.fault)
        return self._fault or self._set_aside

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to which all goes, or is meant to."""
        return self._path is not None

    @property
    def is_saved(self) -> bool:
        """Whether the disk has all that was marked."""
        with self._lock:
            return self._known.is_saved

    @property
    def version(self) -> int:
        """A number that changes with the sets of read, starred and begun articles, whoever changed them."""
        with self._lock:
            self._look()
            return self._version

    # One article

    def reading(self, article_id: str) -> Reading:
        """How the reader stands with an article; a fresh `Reading` if it was never opened."""
        with self._lock:
            return self._known.record(article_id).reading

    def mark(
        self,
        article_id: str,
        *,
        seconds: float = 0.0,
        estimate: float | None = None,
        **note: Unpack[Note],
    ) -> None:
        """Note what changed, and `seconds` more spent; what is None stays as it was.

        A place puts the article on top of the history.  `estimate` is the time in seconds that reading
        all of it should take, from which `pace` is told.
        """
        with self._lock:
            before = self._known.record(article_id)
            if (step := step_of(article_id, before, note.get("read"), note.get("starred"))) is not None:
                self._remember(step)
            self._note(article_id, before, note, seconds, estimate)

    def note_digest(self, article_id: str, digest: str) -> None:
        """Keep the digest of an article's text, so that it is known again under another id."""
        with self._lock:
            known = self._known.record(article_id).digest
            if known is None or known.value != digest:
                self._known.unsaved.change(article_id, Change(Record(digest=self._stamped(digest, known))))

    def digest(self, article_id: str) -> str | None:
        """The digest of an article's text as it was noted last."""
        with self._lock:
            noted = self._known.record(article_id).digest
        return None if noted is None else noted.value

    def by_digest(self, digests: Collection[str]) -> dict[str, set[str]]:
        """The ids of the articles whose texts had these digests when they were noted."""
        with self._lock:
            return self._known.by_digest(digests)

    def copy(self, old: str, new: str) -> None:
        """Keep of an article what is kept of another; of two states the later fields win."""
        with self._lock:
            self._known.unsaved.change(new, Change(self._known.record(old)))
            self._changed()

    def rename(self, old: str, new: str) -> None:
        """Move all that is kept of an article to another id; of two states the later fields win."""
        if old == new:
            return
        with self._lock:
            record = self._known.record(old)
            changes = self._known.unsaved
            if record != NOTHING:
                changes.change(new, Change(record))
                changes.move(old, new)
                self._changed()
            for letter, stamped in self._known.marks().items():
                if stamped.value is not None and stamped.value.article_id == old:
                    changes.mark(letter, self._stamped(Spot(new, stamped.value.place), stamped))
            self._steps = [step.renamed(old, new) for step in self._steps]

    # All of them

    def read_ids(self) -> frozenset[str]:
        """The articles that are read."""
        return self._set("read", lambda file: file.read(), lambda record: record.is_read)

    def starred_ids(self) -> frozenset[str]:
        """The articles that have a star."""
        return self._set("starred", lambda file: file.starred(), lambda record: record.is_starred)

    def begun_ids(self, limit: int) -> list[str]:
        """The articles that were begun and not finished, the last one first."""
        with self._lock:
            return self._known.by_place(limit, begun=True)

    def history(self, limit: int) -> list[str]:
        """The articles in which a place was marked, the last one first."""
        with self._lock:
            return self._known.by_place(limit, begun=False)

    def pace(self) -> float | None:
        """How long this reader takes, as a multiple of the estimate; None until three articles tell.

        It is the median over the last fifty articles that are read of time spent by estimate; those far from
        it (below a fifth, above five times) were skimmed or left open and do not count.  From 0.4 to 3.
        """
        with self._lock:
            self._look()
            if self._pace is None or self._pace[0] != self._version:
                finished = self._known.ids(_finished, tells)
                self._pace = self._version, pace_of(map(self._known.record, finished))
            return self._pace[1]

    # Marks

    def set_mark(self, letter: str, spot: Spot) -> None:
        """Give a spot a letter; the letter's former spot is forgotten."""
        with self._lock:
            known = self._known.marks().get(letter)
            self._remember(Step(letter=letter, spot=_value(known)))
            self._known.unsaved.mark(letter, self._stamped(spot, known))

    def marks(self) -> list[tuple[str, Spot]]:
        """The letters and their spots, by letter."""
        with self._lock:
            marks = self._known.marks()
        return [(letter, stamped.value) for letter, stamped in sorted(marks.items()) if stamped.value]

    def undo(self, title: Callable[[str], str] = str) -> str | None:
        """Take back this program's last change of read, star or mark; says what in a sentence, or None.

        `title` gives the words for an article's id.
        """
        with self._lock:
            if not self._steps:
                return None
            step = self._steps.pop()
            if step.letter:
                known = self._known.marks().get(step.letter)
                self._known.unsaved.mark(step.letter, self._stamped(step.spot, known))
            else:
                before = self._known.record(step.article_id)
                self._note(step.article_id, before, {"read": step.read, "starred": step.starred})
        return step.taken_back(title)

    # The disk

    def save(self) -> None:
        """Write what has changed in one transaction; if that fails it stays in memory, see `notice`."""
        with self._saving:
            if self._path is None:
                return
            with self._lock:
                changes = self._known.begin_saving()
            written = False
            try:
                if changes:
                    self._write(self._path, changes)
                    written = True
                    self._fault = None
            except StateError as error:
                self._fault = Notice(str(error))
            except _FAULTS as error:
                self._fault = cannot_be("written", self._path, error)
            finally:
                with self._lock:
                    self._known.end_saving(written=written)
                    if self._closed:
                        self._known.use(None)

    def records(self) -> list[tuple[str, Record]]:
        """Everything that is kept of articles, by id, with its times."""
        with self._lock:
            return self._known.records()

    def stamped_marks(self) -> list[tuple[str, Stamped[Spot | None]]]:
        """All letters with their times, by letter; those that were taken away have no spot."""
        with self._lock:
            return sorted(self._known.marks().items())

    def merge(self, changes: Changes) -> None:
        """Take in what another state holds, field by field the later one; not to be taken back."""
        with self._lock:
            self._known.unsaved.add(changes)
            self._changed()

    # Inside; all but the first two need the lock

    def _open(self, path: Path, *, damaged: bool = False) -> StateFile:
        """Open the file, mended if it is damaged."""
        file = None
        with suppress(DamagedError):
            file = None if damaged else StateFile(path, self._reader)
        if file is None:
            aside = mend(path, self._clock())
            file = StateFile(path, self._reader)
            if aside is not None:
                self._set_aside = was_damaged(aside, file.count)
        with self._lock:
            if not file.is_empty:
                self._changed()
            self._known.use(file)
        return file

    def _write(self, path: Path, changes: Changes) -> None:
        """Write to the file that has the name now, which may have been removed since the last time."""
        file = self._known.file
        if file is not None and not file.is_there:
            with self._lock:
                self._known.use(None)  # first, because its log has the name of the next one's
                self._changed()
            file = None
        try:
            (file or self._open(path)).write(changes)
        except DamagedError:
            with self._lock:
                self._known.use(None)
            self._open(path, damaged=True).write(changes)

    def _look(self) -> None:
        """Notice what other programs have written; not now if a save is under way."""
        if self._path is None or not self._saving.acquire(blocking=False):
            return
        try:
            if self._known.file is not None:
                if self._known.file.changed_elsewhere():
                    self._changed()
            elif not (self._closed or self._fault) and os.path.exists(self._path):
                self._known.use(StateFile(self._path, self._reader))
                self._changed()
        except (StateError, *_FAULTS):
            return  # the next save tells
        finally:
            self._saving.release()

    def _note(
        self,
        article_id: str,
        before: Record,
        note: Note,
        seconds: float = 0.0,
        estimate: float | None = None,
    ) -> None:
        place, fraction = note.get("place"), note.get("fraction")
        if fraction is not None:
            fraction = min(max(0.0, fraction), 1.0)  # in this order not a number becomes 0
        fields = Record(
            place=None if place is None else self._on_top(place, before.place),
            fraction=self._restamped(fraction, before.fraction),
            read=self._restamped(note.get("read"), before.read),
            starred=self._restamped(note.get("starred"), before.starred),
            estimate=self._restamped(estimate, before.estimate),
        )
        change = Change(fields, seconds, self._clock()) if 0 < seconds < inf else Change(fields)
        if change == Change():
            return
        self._known.unsaved.change(article_id, change)
        after = change.on(before)
        for name, was, now in (
            ("read", before.is_read, after.is_read),
            ("starred", before.is_starred, after.is_starred),
        ):
            if was != now:
                self._version += 1
                if (known := self._cached.get(name)) is not None:
                    self._cached[name] = known | {article_id} if now else known - {article_id}
        if before.is_begun != after.is_begun or (after.is_begun and article_id != self._last_begun):
            self._version += 1
            self._last_begun = article_id if after.is_begun else ""

    def _restamped(self, value: T | None, known: Stamped[T] | None) -> Stamped[T] | None:
        """The value with its time, if it is one and differs from what is known."""
        if value is None or (known is not None and known.value == value):
            return None
        return self._stamped(value, known)

    def _stamped(self, value: T, known: Stamped[Any] | None) -> Stamped[T]:
        """The value with the time, which is later than that of the known one even if the clock went back."""
        now = self._clock()
        return Stamped(value, now if known is None else max(now, nextafter(known.changed, inf)))

    def _on_top(self, place: Place, known: Stamped[Place] | None) -> Stamped[Place]:
        """The place with a time that is later than that of any other, so that it leads the history."""
        if self._last_place is None:
            self._last_place = self._known.last_place()
        self._last_place = max(self._stamped(place, known).changed, nextafter(self._last_place, inf))
        return Stamped(place, self._last_place)

    def _remember(self, step: Step) -> None:
        self._steps.append(step)
        del self._steps[:-_UNDONE]

    def _changed(self) -> None:
        """Whatever was told of the sets holds no more."""
        self._version += 1
        self._cached.clear()
        self._last_begun = ""
        self._last_place = None

    def _set(
        self, name: str, ask: Callable[[StateFile], set[str]], belongs: Callable[[Record], bool]
    ) -> frozenset[str]:
        with self._lock:
            self._look()
            found = self._cached.get(name)
            if found is None:
                found = self._cached[name] = frozenset(self._known.ids(ask, belongs))
            return found


def _finished(file: StateFile) -> set[str]:
    return file.finished(FINISHED)


def _value(stamped: Stamped[T] | None) -> T | None:
    return None if stamped is None else stamped.value
