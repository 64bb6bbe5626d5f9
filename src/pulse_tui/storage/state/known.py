"""What is known of a reader's state: what the file holds, and over it what has changed since."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from typing import TypeVar

from pulse_tui.repository import Spot
from pulse_tui.storage.state.file import StateFile
from pulse_tui.storage.state.record import NOTHING, Changes, Record, Stamped, later

T = TypeVar("T")


class Known:
    """The file and the changes that are not in it; for one thread at a time.

    Nothing is copied from the file, so that a long history takes neither time nor memory at the start.
    """

    def __init__(self, held: Changes | None = None) -> None:
        self.file: StateFile | None = None
        self.fault: sqlite3.Error | None = None
        """Why the file could not be asked; its articles then look as if they had never been opened."""
        self._held = held or Changes()  # what stands for a file
        # What is being saved, if anything; then what came since.
        self._unsaved = [Changes()]

    def use(self, file: StateFile | None) -> None:
        """Take another file, or none; the former one is closed."""
        if self.file is not None:
            self.file.close()
        self.file, self.fault = file, None
        if file is not None:
            self._held = Changes()

    def hold(self, held: Changes) -> None:
        """Let this stand for a file that cannot be used, until one can."""
        self._held = held

    # Changes

    @property
    def unsaved(self) -> Changes:
        """Where changes go."""
        return self._unsaved[-1]

    @property
    def is_saved(self) -> bool:
        """Whether the file has all of them."""
        return not any(self._unsaved)

    def begin_saving(self) -> Changes:
        """What is to be saved; it stays as it is while others change more."""
        changes = self.unsaved
        if changes:
            self._unsaved.append(Changes())
        return changes

    def end_saving(self, *, written: bool) -> None:
        """Forget what was to be saved, because the file has it now; or take it up again."""
        if written:
            del self._unsaved[0]  # until here its seconds counted twice for a moment, nothing else can
        elif len(self._unsaved) > 1:
            self._unsaved[0].add(self._unsaved.pop())

    # Looking

    def record(self, article_id: str) -> Record:
        """What is kept of an article."""
        record = NOTHING
        layers = self._layers()
        if not any(article_id in layer.gone for layer in layers):
            record = self._ask(lambda file: file.record(article_id), NOTHING)
        for layer in layers:
            if article_id in layer.gone:
                record = NOTHING
            change = layer.articles.get(article_id)
            if change is not None:
                record = change.on(record)
        return record

    def records(self) -> list[tuple[str, Record]]:
        """Everything that is kept of articles, by id."""
        found = self._ask(lambda file: dict(file.records()), dict[str, Record]())
        found.update((article_id, self.record(article_id)) for article_id in self._touched())
        return sorted((article_id, record) for article_id, record in found.items() if record != NOTHING)

    def ids(self, ask: Callable[[StateFile], set[str]], belongs: Callable[[Record], bool]) -> set[str]:
        """The articles that the file names, amended: of those that changed, the ones that belong there."""
        touched = self._touched()
        found = self._ask(ask, set[str]()) - touched
        return found | {article_id for article_id in touched if belongs(self.record(article_id))}

    def by_digest(self, digests: Collection[str]) -> dict[str, set[str]]:
        """The articles whose texts had these digests; of a digest that none had nothing is said."""
        touched = self._touched()
        found: dict[str, set[str]] = {}
        for digest, ids in self._ask(lambda file: file.by_digest(digests), dict[str, set[str]]()).items():
            if left := ids - touched:
                found[digest] = left
        for article_id in touched:
            noted = self.record(article_id).digest
            if noted is not None and noted.value in digests:
                found.setdefault(noted.value, set()).add(article_id)
        return found

    def by_place(self, limit: int, *, begun: bool) -> list[str]:
        """The articles whose places are known, the last one first; only those begun, if so wanted."""
        found = sorted(self._places(limit, begun=begun), reverse=True)
        return [article_id for _, article_id in found[: max(limit, 0)]]

    def last_place(self) -> float:
        """When the place that was marked last was, in Unix seconds; 0 if there is none."""
        return max((changed for changed, _ in self._places(1, begun=False)), default=0.0)

    def marks(self) -> dict[str, Stamped[Spot | None]]:
        """All letters, those that were taken away too."""
        marks = self._ask(lambda file: dict(file.marks()), dict[str, Stamped[Spot | None]]())
        for layer in self._layers():
            for letter, stamped in layer.marks.items():
                marks[letter] = later(marks[letter], stamped) if letter in marks else stamped
        return marks

    def _places(self, limit: int, *, begun: bool) -> list[tuple[float, str]]:
        """When and in which articles places were marked; at least the last ones, in any order."""
        touched = self._touched()
        rows = self._ask(
            lambda file: file.by_place(limit + len(touched), begun=begun), list[tuple[str, float]]()
        )
        found = [(changed, article_id) for article_id, changed in rows if article_id not in touched]
        for article_id in touched:
            record = self.record(article_id)
            if record.place is not None and (record.is_begun or not begun):
                found.append((record.place.changed, article_id))
        return found

    def _layers(self) -> list[Changes]:
        """What lies over the file, the oldest first."""
        return [self._held, *self._unsaved]

    def _ask(self, ask: Callable[[StateFile], T], otherwise: T) -> T:
        if self.file is None:
            return otherwise
        try:
            return ask(self.file)
        except sqlite3.Error as error:
            self.fault = error
            return otherwise

    def _touched(self) -> set[str]:
        """The articles of which the file does not tell all."""
        return {article_id for layer in self._layers() for article_id in (*layer.articles, *layer.gone)}
