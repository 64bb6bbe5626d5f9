"""Finding the file that a feature is kept in already, where nobody knows it or its owner moved it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from pulse_tui.acquire.keeping.disk import Disk
from pulse_tui.acquire.keeping.front import LIMIT, KeptText, digest, quick
from pulse_tui.acquire.keeping.naming import slug
from pulse_tui.subscriptions import Taken

_SMALL = 2_000
"""Articles in a folder of which each is looked at; in a larger one only those whose names are like it."""
_FIRST = 4_096


class Looking:
    """What the heads of a library's files say; each folder is read once."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._names: dict[str, dict[str, list[str]]] = {}
        """By folder: the names of its articles, by their day, by their words, and all of a small one."""
        self._heads: dict[str, Mapping[str, str]] = {}
        self._everywhere: dict[int, list[str]] | None = None
        """Paths by the hash of their source; where they have none, of their title."""

    def like(self, fields: Mapping[str, str], under: str, day: str) -> str | None:
        """The path in a folder of a file with the same source that is surely the same feature."""
        if not fields["source"]:
            return None
        names = self._listed(under)
        likely = names.get("") or [*names.get(day, ()), *names.get(slug(fields["title"]), ())]
        for name in dict.fromkeys(likely):
            relative = f"{under}/{name}" if under else name
            head = self._heads.get(relative)
            if head is None:
                head = self._heads[relative] = self.head(relative) or {}
            # As it is now, not as it was when the folder was read.
            if is_same(head, fields) and is_same(self.head(relative) or {}, fields):
                return relative
        return None

    def moved(self, fields: Mapping[str, str], known: Taken) -> str | None:
        """The path of the file that a feature was written to before, wherever in the library it is now."""
        if self._everywhere is None:
            self._everywhere = {}
            for relative in self._walked():
                head = self.head(relative)
                key = _key(head) if head else 0
                if key:
                    self._everywhere.setdefault(key, []).append(relative)
        found = []
        for relative in self._everywhere.get(_key(fields), ()):
            head = self.head(relative) or {}
            same = (name for name in ("title", "published") if head.get(name))
            if _key(head) != _key(fields):
                continue
            if any(digest(head[name]) == known.written.get(name) for name in same) and (
                fields["source"] or self._has_body(relative, known)
            ):
                found.append(relative)
        return found[0] if len(found) == 1 else None

    def head(self, relative: str) -> Mapping[str, str] | None:
        """What the front matter of a file says; None if there is none that can be read."""
        path = self._disk.folder / relative
        seen = self._disk.read(path, _FIRST)
        if seen is None:
            return None
        head = quick(seen.data)
        if head is None and len(seen.data) == _FIRST and (seen := self._disk.read(path, LIMIT)):
            head = quick(seen.data)
        return head

    def _has_body(self, relative: str, known: Taken) -> bool:
        seen = self._disk.read(self._disk.folder / relative)
        return seen is not None and digest(KeptText(seen.data).body) == known.written.get("body")

    def _listed(self, under: str) -> dict[str, list[str]]:
        if under not in self._names:
            names: dict[str, list[str]] = {}
            number = 0
            with suppress(OSError), os.scandir(self._disk.folder / under) as entries:
                for entry in entries:
                    if _is_article(entry.name):
                        stem = entry.name[:-3]
                        bare = stem[11:].rstrip("0123456789")
                        for key in {"", stem[:10], stem[11:], bare.removesuffix("-")}:
                            names.setdefault(key, []).append(entry.name)
                        number += 1
            if number > _SMALL:
                del names[""]
            self._names[under] = names
        return self._names[under]

    def _walked(self) -> Iterator[str]:
        """The articles of the library, links not followed."""
        pending = [""]
        while pending:
            under = pending.pop()
            with suppress(OSError), os.scandir(self._disk.folder / under) as entries:
                for entry in entries:
                    relative = f"{under}/{entry.name}" if under else entry.name
                    if entry.name.startswith(".") or not _is_told(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(relative)
                    elif _is_article(entry.name) and entry.is_file(follow_symlinks=False):
                        yield relative


def is_same(head: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    """Whether two features of one source are surely one.

    The source alone does not tell: every entry of some feeds links to the feed's home page.
    """
    if not head.get("source") or head["source"] != fields["source"]:
        return False
    one, other = head.get("published", ""), fields["published"]
    if head.get("title") == fields["title"]:
        return not one or not other or one == other
    # A moment, not a day, on which there may be several.
    return one == other and "T" in one


def _key(fields: Mapping[str, str]) -> int:
    return hash(fields.get("source") or ("title", fields.get("title", "")))


def _is_article(name: str) -> bool:
    return not name.startswith(".") and name[-3:].lower() == ".md" and _is_told(name)


def _is_told(name: str) -> bool:
    """Whether a name is text, which a path has to be in order to be remembered."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
