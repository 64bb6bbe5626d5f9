"""What the reader's user has settled, and where: on the command line, in a variable, in the configuration.

The configuration is TOML: settings at the top hold everywhere, those in `[host."name"]` on machines of that
name, which may be a pattern such as `web*`.  A flag goes before a variable (`PULSE_THEME`), a variable before
what a key changed when the reader ran last, that before the machine's own part, that before the top, and that
before the default.  What a key changed holds until the configuration, or the default, says something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from pulse_tui.article import Notice
from pulse_tui.text import cells, clean_line, pad

Theme = Literal["auto", "dark", "light", "ansi"]
Frames = Literal["auto", "diff", "plain"]
THEMES: tuple[Theme, ...] = ("auto", "dark", "light", "ansi")
FRAMES: tuple[Frames, ...] = ("auto", "diff", "plain")
MIN_MEASURE, DEFAULT_MEASURE, MAX_MEASURE = 30, 72, 160
"""Cells of the column of text."""
CHANGED_BY_KEY = ("theme", "measure")
PREFIX = "PULSE_"
_HOST = "host"
_LARGEST = 1 << 20
"""Bytes of a configuration."""
_MOST_ERRORS = 20
"""Lines that are no TOML, after which the rest is not tried either."""


class Settings(NamedTuple):
    """What holds; each field is a key of the configuration."""

    library: tuple[Path, ...] = ()
    """Folders of articles beside the user's own."""
    bundled: bool = True
    """Whether the features that ship with the program are shown."""
    theme: Theme = "auto"
    frames: Frames = "auto"
    """Whether frames are sent whole ("plain") or only what changed ("diff")."""
    mouse: bool = True
    encoding: str = "auto"
    """What a terminal's characters are sent in: "auto" or a codec."""
    measure: int = DEFAULT_MEASURE
    """Cells of the column of text, where there is room for them."""
    sidebar: bool | Literal["auto"] = "auto"
    """Whether the list is there before it is asked for; "auto" where there is room beside the article."""


class Kept(NamedTuple):
    """What a key changed a setting to, and what the configuration or the default said then."""

    value: object
    instead_of: object


class Origin(NamedTuple):
    """Where a value is from."""

    kind: Literal["flag", "environment", "key", "host", "file", "default"]
    name: str = ""
    """The variable, or the name or pattern of the host."""

    def __str__(self) -> str:
        return {
            "flag": "command line",
            "environment": self.name,
            "key": "changed by key",
            "host": f'configuration, [host."{self.name}"]',
            "file": "configuration",
            "default": "default",
        }[self.kind]


class Settled(NamedTuple):
    """The settings, where each is from, and what could not be used."""

    settings: Settings
    origins: Mapping[str, Origin]
    notices: tuple[Notice, ...]
    configured: Settings = Settings()
    """What the configuration and the defaults say."""


def settle(
    flags: Mapping[str, object],
    environment: Mapping[str, str],
    path: Path,
    host: str,
    home: Path,
    kept: Mapping[str, tuple[object, object]] = MappingProxyType({}),
) -> Settled:
    """Put the settings together; raises nothing.

    `flags` holds values as `Settings` has them, `kept` what was changed by key as `Kept` has it.  A path that
    begins with `~` is taken from `home`, one that is relative from the configuration's folder, or for a
    variable as it stands.
    """
    notices: list[Notice] = []
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings._fields, Origin("default"))

    def take(layer: Mapping[str, object], origin: Origin, where: _Where) -> None:
        for key, value in layer.items():
            try:
                if origin.kind == "environment":
                    values[key] = _of_text(key, str(value), home)
                else:
                    values[key] = _READERS[key](value, path.parent, home)
            except _UnfitError as unfit:
                notices.append(
                    where(key, f"{_shown(value)} is not what {_named(key, origin)} takes: {unfit}")
                )
            else:
                origins[key] = origin

    for written in _written(path, host, notices):
        take(*written)
    configured = Settings(**values)
    for key in CHANGED_BY_KEY:
        value, instead_of = kept.get(key, (None, None))
        if value is not None and instead_of == getattr(configured, key):
            with suppress(_UnfitError):  # nobody wrote it, so nobody is told
                values[key], origins[key] = _READERS[key](value, path.parent, home), Origin("key")
    for variable in _variables(environment):
        take(*variable)
    for key, value in flags.items():
        values[key], origins[key] = value, Origin("flag")
    return Settled(Settings(**values), origins, tuple(notices), configured)


# -- Where they are


_Where = Callable[[str, str], Notice]
_Layer = tuple[Mapping[str, object], Origin, _Where]


def _written(path: Path, host: str, notices: list[Notice]) -> Iterator[_Layer]:
    """What the configuration says, the weakest first."""
    text = _read(path, notices)
    if text is not None:
        top = _parse(text, path, notices)
        hosts = top.pop(_HOST, {})
        if not isinstance(hosts, dict):
            notices.append(_located(text, path, (), _HOST)(f'“{_HOST}” is a table: write [host."name"]'))
            hosts = {}
        for origin, table, under in (
            (Origin("file"), top, ()),
            *((Origin("host", name), hosts[name], (_HOST, name)) for name in _fitting(hosts, host)),
        ):
            if not isinstance(table, dict):
                notices.append(_located(text, path, (_HOST,), under[-1])("a host is a table of settings"))
                continue
            unknown = table.keys() - set(Settings._fields)
            for key in sorted(unknown):
                hint = "; put a name with dots into quotes" if isinstance(table[key], dict) and under else ""
                notices.append(_located(text, path, under, key)(f"there is no setting {_shown(key)}{hint}"))

            def where(key: str, what: str, under: tuple[str, ...] = under) -> Notice:
                return _located(text, path, under, key)(what)

            yield {key: table[key] for key in Settings._fields if key in table}, origin, where


def _variables(environment: Mapping[str, str]) -> Iterator[_Layer]:
    for key in Settings._fields:
        variable = PREFIX + key.upper()
        if environment.get(variable):
            yield {key: environment[variable]}, Origin("environment", variable), lambda _, what: Notice(what)


def _fitting(hosts: Mapping[str, object], host: str) -> list[str]:
    """The names and patterns that mean this machine, by its whole or its short name; exact ones come last."""
    from fnmatch import fnmatchcase

    own = {host.lower(), host.lower().partition(".")[0]}
    fit = [name for name in hosts if any(fnmatchcase(each, name.lower()) for each in own)]
    return sorted(fit, key=lambda name: name.lower() in own)


def _read(path: Path, notices: list[Notice]) -> str | None:
    """The configuration's text; None where there is none."""
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        notices.append(Notice(f"the configuration cannot be read: {error.strerror or error}", path))
        return None
    if len(data) > _LARGEST:
        notices.append(Notice(f"a configuration has at most {_LARGEST:,} bytes", path))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        notices.append(Notice("the configuration is not UTF-8; save it as that", path, line))
        return None


def _parse(text: str, path: Path, notices: list[Notice]) -> dict[str, Any]:
    """The tables of a TOML text; a line that is none is left out, a header with all that stands under it."""
    import tomllib

    lines = text.splitlines()
    faults: list[Notice] = []
    for _ in range(_MOST_ERRORS):
        try:
            table = tomllib.loads("\n".join(lines) + "\n")
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            message, _, place = str(error).partition(" (at line ")
            number = int(place.partition(",")[0]) if place[:1].isdigit() else None
            faults.append(Notice(f"this is no TOML: {clean_line(message)}", path, number))
            if number is None or number > len(lines) or not lines[number - 1]:
                break
            header = lines[number - 1].lstrip().startswith("[")
            lines[number - 1] = ""
            while header and number < len(lines) and not lines[number].lstrip().startswith("["):
                lines[number] = ""
                number += 1
        else:
            notices += faults
            return table
    notices += faults[:1]  # the others only follow from it
    return {}


def _located(text: str, path: Path, under: tuple[str, ...], key: str) -> Callable[[str], Notice]:
    """Makes notices of a key in a table of the text, with its line as far as it stands on one of its own."""
    import tomllib

    found = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.lstrip().startswith("["):
                table, inner = (), tomllib.loads(line)
                while inner:
                    (name, inner), *_ = inner.items()
                    table += (name,)
                if table == (*under, key):
                    found = found or number
            elif table == under and re.match(rf"""\s*(["']?){re.escape(key)}\1\s*[.=]""", line):
                found = found or number
        except (tomllib.TOMLDecodeError, AttributeError):
            continue
    return lambda what: Notice(what, path, found)


# -- What they may be


class _UnfitError(Exception):
    """A value is of another kind than its key; says what it has to be."""


def _named(key: str, origin: Origin) -> str:
    return origin.name if origin.kind == "environment" else f"“{key}”"


def _shown(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    text = clean_line(str(value).lower() if isinstance(value, bool) else str(value))
    return f"“{text[:60]}”"


def _folders(value: object, base: Path, home: Path) -> tuple[Path, ...]:
    texts: list[object] = value if isinstance(value, list) else [value]
    folders = [Path(text) for text in texts if isinstance(text, str) and text and "\0" not in text]
    if len(folders) < len(texts):
        raise _UnfitError("names of folders")
    return tuple(base / _at_home(folder, home) for folder in folders)


def _at_home(path: Path, home: Path) -> Path:
    return home.joinpath(*path.parts[1:]) if path.parts[:1] == ("~",) else path


def _flag(value: object, _base: Path, _home: Path) -> bool:
    if not isinstance(value, bool):
        raise _UnfitError("true or false")
    return value


def _flag_or_auto(value: object, _base: Path, _home: Path) -> bool | str:
    if not isinstance(value, bool) and value != "auto":
        raise _UnfitError("true, false or auto")
    return value if isinstance(value, bool) else "auto"


def _measure(value: object, _base: Path, _home: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not MIN_MEASURE <= value <= MAX_MEASURE:
        raise _UnfitError(f"a number of cells from {MIN_MEASURE} to {MAX_MEASURE}")
    return value


def _one_of(*choices: str) -> Callable[[object, Path, Path], str]:
    def read(value: object, _base: Path, _home: Path) -> str:
        if value not in choices:
            raise _UnfitError(f"{', '.join(choices[:-1])} or {choices[-1]}")
        return str(value)

    return read


def _encoding(value: object, _base: Path, _home: Path) -> str:
    from pulse_tui.terminal.capabilities import usable_codec

    name = value if value == "auto" else usable_codec(value) if isinstance(value, str) else None
    if not isinstance(name, str):
        raise _UnfitError("auto, utf-8, ascii or the name of an 8-bit encoding")
    return name


_READERS: Mapping[str, Callable[[object, Path, Path], object]] = {
    "library": _folders,
    "bundled": _flag,
    "theme": _one_of(*THEMES),
    "frames": _one_of(*FRAMES),
    "mouse": _flag,
    "encoding": _encoding,
    "measure": _measure,
    "sidebar": _flag_or_auto,
}
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def _of_text(key: str, text: str, home: Path) -> object:
    """A variable's value: folders are parted by colons, yes and no have the usual words."""
    value: object = text
    if key == "library":
        value = [folder for folder in text.split(":") if folder]
    elif _READERS[key] is _measure:
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    elif _READERS[key] in (_flag, _flag_or_auto):
        value = True if text.lower() in _YES else False if text.lower() in _NO else text
    return _READERS[key](value, Path(), home)


# -- In words


def worded(value: object) -> str:
    """A value as it is shown."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return clean_line(", ".join(map(str, value))) or "none"
    return clean_line(str(value))


def settings_in_words(settled: Settled, path: Path) -> Iterator[str]:
    """The settings in force as a configuration has them; its path and where each is from are comments."""
    yield f"# {clean_line(str(path))}{'' if path.exists() else ' (not there)'}"
    yield ""
    lines = {key: f"{key} = {_in_toml(value)}" for key, value in settled.settings._asdict().items()}
    widest = max(map(cells, lines.values()))
    for key, line in lines.items():
        yield f"{pad(line, widest)}  # {clean_line(str(settled.origins[key]))}"


def _in_toml(value: object) -> str:
    """A value as https://toml.io/en/v1.0.0 has it, where JSON's texts, numbers, flags and lists are read."""
    import json

    if isinstance(value, tuple):
        return f"[{', '.join(map(_in_toml, value))}]"
    return json.dumps(clean_line(str(value)) if isinstance(value, (str, Path)) else value, ensure_ascii=False)
