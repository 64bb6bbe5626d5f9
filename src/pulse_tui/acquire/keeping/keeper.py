"""Features into the reader's own folder: each written whole or not at all, its owner's edits kept.

Pictures are written first, then the Markdown; what is done then belongs to the caller, who keeps the `Taken`.
A run that was ended in between is gone on with: what it wrote is found at its place, and adopted.  Nothing
is ever deleted, pictures of an earlier version included: their owner may use them elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import unquote

from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.keeping import naming
from pulse_tui.acquire.keeping.beside import lying_beside, remembered, without_pictures
from pulse_tui.acquire.keeping.disk import UNFIT, Disk, KeepingError, Seen, told
from pulse_tui.acquire.keeping.front import BODY, FIELDS, KeptText, digest, lines_of, of_feature
from pulse_tui.acquire.keeping.looking import Looking, is_same
from pulse_tui.acquire.markdown.spots import replaced, spots
from pulse_tui.acquire.pictures.raster import kind_of
from pulse_tui.acquire.pictures.sources import sources_of
from pulse_tui.subscriptions import Taken
from pulse_tui.text import clean_line

__all__ = ["NO_PICTURES", "Keeper", "KeepingError", "Kept", "Outcome"]

Outcome = Literal["new", "updated", "unchanged", "deleted"]
NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})
_TRIES = 5
"""How often a file is taken up again that somebody else writes at the same time."""
_KINDS = ("jpg", "png", "webp", "gif")


class Kept(NamedTuple):
    """What became of a feature."""

    taken: Taken
    """To be given to `Subscriptions.take`; its `said` is the one that was given."""
    path: Path
    """The absolute path of the Markdown file."""
    outcome: Outcome
    """`deleted`: its owner deleted it, and nothing was written."""
    edited: tuple[str, ...] = ()
    """Fields, and `body`, that the source changed and the owner too: they are left as the owner has them."""


class _Coming(NamedTuple):
    """What is to be kept."""

    feature: Feature
    pictures: Mapping[str, bytes]
    said: str
    written: Mapping[str, str]
    force: bool
    stem: str


class Keeper:
    """Writes features into a folder; one may be shared by the threads of a run."""

    def __init__(self, folder: Path, *, today: Callable[[], date]) -> None:
        self._disk = Disk(folder)
        self._today = today
        self._looking = Looking(self._disk)
        self._mine: set[str] = set()
        """The files of known sources: what is not known and has the same source as one of them is another."""

    def keep(
        self,
        feature: Feature,
        pictures: Mapping[str, bytes] = NO_PICTURES,
        *,
        said: str,
        under: str = "",
        stem: str = "",
        known: Taken | None = None,
        force: bool = False,
        revive: bool = False,
    ) -> Kept:
        """Write a feature, or bring its file up to date; `under` is a folder within the library's.

        `stem` is the name that a new file gets, without `.md`, instead of one of its date and title.
        `pictures` are what is to be written, by the sources that the feature gives them.  A field whose text
        in the file is still the one of `known` takes the new one; else it is its owner's, but for `force`.

        Raises:
            KeepingError: it could not be written.
        """
        if known is not None and not known.file:
            known = None
        written = known.written if known else {}
        coming = _Coming(feature, pictures, said, written, force, stem)
        with told(self._disk.folder), self._disk.alone():
            if under:
                self._disk.path(under)
            found = self._found(feature, under, known)
            if known is not None and found is None and not revive:
                return Kept(known._replace(said=said), self._disk.path(known.file), "deleted")
            kept = self._updated(found, coming) if found else None
            kept = kept or self._new(coming, under)
            self._mine.add(kept.taken.file)
            return kept

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else write between a look at what is known, keeping, and noting what was kept.

        Raises:
            KeepingError: another program has been writing for too long, or the folder cannot be made.
        """
        with told(self._disk.folder), self._disk.alone():
            yield

    def know(self, taken: Iterable[str]) -> None:
        """Let files be known, by their paths in the folder, to be kept from some source."""
        self._mine.update(taken)

    def has(self, feature: Feature, known: Taken) -> bool:
        """Whether the file of a feature that was kept is still there, wherever its owner has put it.

        Raises:
            KeepingError: the folder cannot be read.
        """
        with told(self._disk.folder), self._disk.alone():
            return self._found(feature, "", known) is not None

    def pictures_of(self, feature: Feature, known: Taken | None) -> frozenset[str]:
        """The sources of a feature's pictures that were had before, and whose files are still there.

        Raises:
            KeepingError: the folder cannot be read.
        """
        if known is None or len(known.written) == len(without_pictures(known.written)):
            return frozenset()
        with told(self._disk.folder), self._disk.alone():
            path = self._disk.path(self._found(feature, "", known) or known.file)
            seen = self._disk.read(path)
            text = KeptText(seen.data) if seen else None
            return frozenset(lying_beside(sources_of(feature), known.written, path.parent, text))

    def _found(self, feature: Feature, under: str, known: Taken | None) -> str | None:
        """The file that a feature is kept in, or was written to by a run that did not come to its end."""
        if known is None:
            found = self._looking.like(of_feature(feature), under, self._day(feature).isoformat())
            return None if found in self._mine else found
        if self._disk.is_there(self._disk.path(known.file)):
            return known.file
        return self._looking.moved(of_feature(feature), known)

    def _day(self, feature: Feature) -> date:
        published = feature.published
        if published is None:
            return self._today()
        return published.date() if isinstance(published, datetime) else published

    def _new(self, coming: _Coming, under: str) -> Kept:
        """A file of its own, at the first place that is free."""
        fit = True
        first = coming.stem or naming.stem(self._day(coming.feature), coming.feature.title)
        names = naming.stems(first)
        stem = next(names)
        while True:
            name = stem if fit else naming.plain(stem)
            relative = f"{under}/{name}.md" if under else f"{name}.md"
            path = self._disk.path(relative)
            try:
                if not self._disk.is_there(path):
                    feature, used, had = _with_pictures(coming, naming.slug_of(name), path.parent)
                    self._write_pictures(path.parent, used)
                    if self._disk.add(path, feature.to_markdown().encode("utf-8", "replace")):
                        values = {**of_feature(feature), BODY: feature.body.strip("\n")}
                        written = {field: digest(value) for field, value in values.items()}
                        return Kept(Taken(relative, coming.said, {**written, **had}), path, "new")
                if self._is_same(relative, coming.feature) and (kept := self._updated(relative, coming)):
                    return kept
            except OSError as error:
                if not fit or error.errno not in UNFIT:
                    raise
                fit = False
                continue
            stem = next(names)

    def _is_same(self, relative: str, feature: Feature) -> bool:
        """Whether the file at the place of a feature is its own."""
        seen = self._disk.read(self._disk.folder / relative)
        if seen is None:
            return False
        text = KeptText(seen.data)
        values, fields = text.values() or {}, of_feature(feature)
        if fields["source"] and relative not in self._mine:
            return is_same(values, fields)
        alike = all(values.get(name) == fields[name] for name in ("source", "title"))
        return alike and _without_sources(text.body) == _without_sources(feature.body.strip("\n"))

    def _updated(self, relative: str, coming: _Coming) -> Kept | None:
        """The file with what is new in it; None if it has gone."""
        path = self._disk.path(relative)
        for _ in range(_TRIES):
            seen = self._disk.read(path)
            if seen is None:
                if self._disk.is_there(path):
                    raise KeepingError(
                        f"{clean_line(str(path))} cannot be read: change its permissions, then try again."
                    )
                return None
            kept = self._updated_once(relative, path, seen, coming)
            if kept is not None:
                return kept
        raise KeepingError(f"{clean_line(str(path))} is being written by somebody else: try again later.")

    def _updated_once(self, relative: str, path: Path, seen: Seen, coming: _Coming) -> Kept | None:
        text = KeptText(seen.data)
        feature, used, had = _with_pictures(coming, naming.slug_of(path.stem), path.parent, text)
        new = of_feature(feature)
        now = text.values()
        written = {**without_pictures(coming.written), **had}
        changes: dict[str, str] = {}
        edited: list[str] = []
        commented = {key.name for key in text.keys or () if key.has_comment}
        for name in FIELDS:
            value = now[name] if now is not None else None
            if value == new[name]:
                written[name] = digest(value)
            elif coming.force or (
                value is not None and digest(value) == written.get(name) and name not in commented
            ):
                changes[name] = new[name]
            elif digest(new[name]) != written.get(name) and (new[name] or name in written):
                edited.append(name)
        made = text.with_fields(changes, lines_of(feature)) if changes else text
        if made is None and coming.force:
            made = KeptText(feature.to_markdown().encode("utf-8", "replace"))
        elif made is None:
            edited = [name for name in FIELDS if name in changes or name in edited]
            changes, made = {}, text
        written.update({name: digest(value) for name, value in changes.items()})
        body = feature.body.strip("\n")
        takes_body = text.body != body and (coming.force or digest(text.body) == written.get(BODY))
        if text.body == body or takes_body:
            written[BODY] = digest(body)
        elif digest(body) != written.get(BODY):
            edited.append(BODY)
        if takes_body:
            made = made.with_body(body)
        data = made.data()
        if data != seen.data:
            wanted = {spot.source for spot in spots(body)} if takes_body else set()
            wanted |= {changes.get("image", "")}
            self._write_pictures(path.parent, {name: used[name] for name in used if name in wanted})
            if not self._disk.replace(path, data, seen):
                return None
        outcome: Outcome = "updated" if data != seen.data else "unchanged"
        return Kept(Taken(relative, coming.said, written), path, outcome, tuple(edited))

    def _write_pictures(self, folder: Path, pictures: Mapping[str, bytes]) -> None:
        """Write what is not there yet; the digest in a name says that the content is the same."""
        for name, data in pictures.items():
            path = folder / name
            self._disk.require_inside(path)
            if not self._disk.is_there(path):
                self._disk.add(path, data)


def _with_pictures(
    coming: _Coming, slug: str, folder: Path, text: KeptText | None = None
) -> tuple[Feature, Mapping[str, bytes], Mapping[str, str]]:
    """The feature with paths in place of the sources of its pictures.

    With it come the pictures that are to be written, by these paths, and what is to be remembered of all.
    """
    names: dict[str, str] = {}
    used: dict[str, bytes] = {}
    for source, data in coming.pictures.items():
        kind = kind_of(data)
        if kind not in _KINDS or not source:
            continue
        mark = naming.digest(data)
        name = f"images/{slug}-{mark}.{kind}"
        if text is not None:
            # Its owner may have given the file another name since.
            name = next((each for each in text.mentions(mark, kind) if (folder / each).is_file()), name)
        names[source], used[name] = name, data
    feature = coming.feature
    came = set(map(unquote, names))
    others = [source for source in sources_of(feature) if unquote(source) not in came]
    names |= lying_beside(others, coming.written, folder, text)
    if not names:
        return feature, {}, {}
    body = replaced(feature.body, names)
    feature = replace(feature, image=names.get(feature.image, feature.image), body=body)
    named = {feature.image, *(spot.source for spot in spots(body))}
    had = remembered({source: name for source, name in names.items() if name in named})
    return feature, {name: data for name, data in used.items() if name in named}, had


def _without_sources(body: str) -> str:
    """The text with nothing where its pictures come from: they may have been had or not."""
    return replaced(body, {spot.source: "picture" for spot in spots(body)})
