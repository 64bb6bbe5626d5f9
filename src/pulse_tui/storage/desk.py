"""What a key changed on the page and its user expects to find again: a small file beside the reading state.

It is no configuration: nobody writes it but the reader, whatever is wrong with it is passed over, and it may
be deleted at any time.  Colours are kept for each number of colours that a terminal shows, so that what was
chosen on one with many is not forced upon one with few.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

_LARGEST = 1 << 16
"""Bytes of the file."""
_OF_COLOURS = "theme"
_VALUE, _INSTEAD_OF = "value", "instead of"


Kept = tuple[object, object]
"""What a key changed a setting to, and what the configuration or the default said then."""


class Desk:
    """The file at `path`, which need not be there; `colours` says how many the terminal shows."""

    def __init__(self, path: Path, colours: Callable[[], int]) -> None:
        self._path = path
        self._colours = colours
        self._changed: dict[str, Kept | None] = {}
        self._lock = Lock()

    def kept(self) -> Mapping[str, Kept]:
        """What was changed on terminals of this kind, by the setting's name."""
        table = self._read()
        if not table:
            return {}
        name = self._named(_OF_COLOURS)
        found = {key: table[key] for key in table if key == name or not key.startswith(_OF_COLOURS)}
        return {
            _OF_COLOURS if key == name else key: (each.get(_VALUE), each.get(_INSTEAD_OF))
            for key, each in found.items()
            if isinstance(each, dict)
        }

    def note(self, setting: str, kept: Kept | None) -> None:
        """Keep what a setting was changed to, or with None forget it; `save` writes it."""
        self._changed[self._named(setting)] = kept

    def save(self) -> None:
        """Write what has changed, whole or not at all, beside what other sessions have written meanwhile.

        Where that cannot be, the reading state cannot be written either, and whoever keeps that says so.
        """
        if not self._changed:
            return
        with self._lock:  # whoever leaves waits for a save that has begun
            before = self._read()
            if self._amended(before) != before:
                with suppress(OSError):
                    self._write()

    def _amended(self, table: dict[str, object]) -> dict[str, object]:
        """What is kept, with what has changed."""
        for name, kept in dict(self._changed).items():
            rest = {key: each for key, each in table.items() if key != name}
            table = rest | ({name: dict(zip((_VALUE, _INSTEAD_OF), kept, strict=True))} if kept else {})
        return table

    def _named(self, setting: str) -> str:
        return f"{setting} in {self._colours()} colours" if setting == _OF_COLOURS else setting

    def _read(self) -> dict[str, object]:
        if not os.path.isfile(self._path):
            return {}
        try:
            with open(self._path, "rb") as file:
                data = file.read(_LARGEST + 1)
        except OSError:
            return {}
        import json

        try:
            table = json.loads(data) if len(data) <= _LARGEST else None
        except (ValueError, RecursionError):
            return {}
        return table if isinstance(table, dict) else {}

    def _write(self) -> None:
        import json

        from pulse_tui.storage.replacing import replacing
        from pulse_tui.storage.state.database import alone

        path = Path(os.path.realpath(self._path))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Two sessions end at once where their terminals do.
        with alone(path.parent), replacing(str(path)) as file:
            json.dump(self._amended(self._read()), file, indent=1)
            file.write("\n")
