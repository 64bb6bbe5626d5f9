"""What is known of the terminal, the line to it and the paths in use, and how: `pulse-tui doctor`.

The report is a tree of plain values with stable names, which is printed as JSON or as text.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from pulse_tui.advice import Around, advice, ancestors, sshd_settings, tmux_options
from pulse_tui.repository import Repository
from pulse_tui.settings import DEFAULT_MEASURE, Origin, Settings, Settled, worded
from pulse_tui.terminal import probe, terminfo
from pulse_tui.terminal.capabilities import TRUECOLOR, Capabilities, explained
from pulse_tui.text import clean

Report = dict[str, Any]
"""Of JSON's kinds of values."""

_PATIENCE = 2.0
"""Seconds for a terminal to answer."""
_TIMES = 3
_LOAD = b"".join(b"\x1b[38;5;%dm" % (number * 73 % 256) for number in range(380)) + b"\x1b[m"
"""Bytes that show nothing, and that compression on the way makes no shorter than text."""
_NOTICEABLE = 0.005
"""Seconds; a load that takes less says nothing of the line."""
_SHOWN = 12
"""Notices in the text."""
_SIDEBAR, _WIDE, _BARS = 34, 80, 3
"""Cells of the list, from how many columns on it stands beside the text, and the rows above and below."""


class Kept(NamedTuple):
    """What is read and written, found out while it was open."""

    folders: Sequence[tuple[Path, str]] = ()
    """The folders of the library, each with whose it is."""
    articles: int | None = None
    notices: Sequence[str] = ()
    """What is wrong: with the library as a whole, or with the index or the state."""
    broken: Sequence[str] = ()
    """What is wrong with single articles."""


class Surroundings(NamedTuple):
    """What the command line knows and nothing else may look at."""

    program: str
    """Its name and version."""
    environment: Mapping[str, str]
    host: str
    line: tuple[int, int] | None
    """The descriptors that a terminal is read from and written to; None where there is none."""
    process: int
    settled: Settled
    configuration: Path
    index_file: Path
    state_file: Path
    own: Path
    """The user's own folder of articles, which need not exist."""
    sshd: Path = Path("/etc/ssh")


class Costs(NamedTuple):
    """Bytes that are sent for one line down, one page down, and the first screen."""

    line: int
    page: int
    first_screen: int


def costs(
    capabilities: Capabilities,
    columns: int,
    rows: int,
    measure: int = DEFAULT_MEASURE,
    sidebar: bool | Literal["auto"] = "auto",
) -> Costs:
    """About how many bytes reading costs on a screen of this size, where only what changed is sent.

    Fitted to what `python -m benchmarks.frames` measured of paragraphs of plain English at 80x24, 120x40 and
    200x60, and without the list at 60x24 and 79x40: a row of text takes 0.7 of the measure and its moves.
    """
    bright, listed = capabilities.colours == TRUECOLOR, columns >= _WIDE and sidebar is not False
    pane = columns - _SIDEBAR if listed else columns
    measure = max(1, min(measure, pane - (4 if pane >= 60 else 2)))
    shown = max(1, rows - _BARS)
    beside = listed and not capabilities.margins  # then the list scrolls with the text, and is put right
    row = 0.7 * measure + (17 if listed else 13.5)
    page = max(1, shown - 2) * (row + (3.5 if beside else 0))
    first_screen = shown * (row + 25 if listed else row) + (220 if bright else 0)
    if not (capabilities.scroll_region and (capabilities.scroll or capabilities.insert_lines)):
        line = page
    elif beside:
        line = measure + 10 + shown * (27 if bright else 24.5)
    else:
        line = measure + (30 if listed else 4)
    return Costs(round(min(line, page)), round(page), round(first_screen))


# -- The examination


def kept(repository: Repository, folders: Sequence[tuple[Path, str]]) -> Kept:
    """Look at a library, at all of it anew."""
    repository.refresh()
    headlines = repository.recent()
    broken = (str(notice) for headline in headlines for notice in headline.notices)
    notices = dict.fromkeys(map(str, repository.notices()))
    return Kept(
        folders, len(headlines), [*notices], [each for each in dict.fromkeys(broken) if each not in notices]
    )


def examine(around: Surroundings, kept: Kept) -> Report:
    """Look at everything; asks the terminal if there is one, and takes a moment for it."""
    report = _cleaned(_examined(around, kept))
    assert isinstance(report, dict)
    return report


def _examined(around: Surroundings, kept: Kept) -> Report:
    settled = around.settled
    terminal, near = _terminal(around)
    indexes = sorted(around.index_file.parent.glob(f"{around.index_file.stem}*.sqlite"))
    return {
        "program": around.program,
        "host": around.host,
        "terminal": terminal,
        "costs": _costs(terminal, near.capabilities, settled.settings),
        "settings": {
            key: {
                "value": [str(each) for each in value] if isinstance(value, tuple) else value,
                "source": settled.origins[key].kind,
                "name": settled.origins[key].name or None,
            }
            for key, value in settled.settings._asdict().items()
        },
        "paths": {
            "configuration": _path(around.configuration),
            "articles": _path(around.own),
            "index": [_database(path) for path in indexes or [around.index_file]],
            "state": _database(around.state_file),
        },
        "library": {
            "articles": kept.articles,
            "folders": [{"owner": owner, **_folder(path)} for path, owner in kept.folders],
            "broken": len(kept.broken),
        },
        "notices": [*(str(notice) for notice in settled.notices), *kept.notices, *kept.broken],
        "advice": [each._asdict() | {"lines": list(each.lines)} for each in advice(near)],
    }


def _cleaned(value: object) -> object:
    """The same tree with no text in it that could steer a terminal."""
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return clean(value).replace("\n", "\ufffd").replace("\t", " ") if isinstance(value, str) else value


def _terminal(around: Surroundings) -> tuple[Report, Around]:
    environment = around.environment
    term = environment.get("TERM", "")
    capabilities, sources = explained(term, environment)
    how: dict[str, str] = dict(sources)
    answers, trips, rate = probe.Answers(), list[float](), None
    if around.line is not None and probe.may_ask(term, environment):
        answers = probe.collect(
            probe.ask(
                *around.line,
                modes=capabilities.alternate_screen,
                encoding=capabilities.encoding != "utf-8",
            ),
            _PATIENCE,
        )
        if answers.round_trip is not None:
            trips = sorted(probe.round_trips(*around.line, _TIMES, _PATIENCE))
        if trips:
            rate = _rate(*around.line, trips[0])
        how |= {
            name: "answered"
            for name, answer in (
                ("margins", answers.margins),
                ("synchronized", answers.synchronized),
                ("encoding", answers.utf8 or None),
            )
            if answer is not None
        }
        capabilities = probe.combined(capabilities, answers)
    encoding = around.settled.settings.encoding
    if encoding != "auto":
        capabilities, how["encoding"] = capabilities._replace(encoding=encoding), "settings"
    size = os.get_terminal_size(around.line[1]) if around.line is not None else None
    found = terminfo.find(term, environment)
    multiplexer = "tmux" if environment.get("TMUX") else "screen" if environment.get("STY") else None
    near = Around(
        term,
        found.name if found is not None else None,
        environment,
        capabilities,
        answers.utf8,
        ssh=bool(environment.get("SSH_CONNECTION")),
        mosh=any(name.startswith("mosh-server") for name in ancestors(around.process)),
        multiplexer=multiplexer,
        tmux=tmux_options(environment) if multiplexer == "tmux" else {},
        sshd=sshd_settings(around.sshd),
    )
    return {
        "present": size is not None,
        "name": term,
        "described_as": near.described_as,
        "columns": size.columns if size is not None else None,
        "rows": size.lines if size is not None else None,
        "capabilities": {
            name: {"value": value, "source": how[name]} for name, value in capabilities._asdict().items()
        },
        "utf8": answers.utf8,
        "round_trip_seconds": trips[len(trips) // 2] if trips else None,
        "bytes_per_second": rate,
        "ssh": near.ssh,
        "mosh": near.mosh,
        "multiplexer": multiplexer,
    }, near


def _rate(fd_in: int, fd_out: int, trip: float) -> int | None:
    """Bytes a second on the way to the terminal; None where the line is too fast to tell."""
    loaded = probe.round_trips(fd_in, fd_out, 1, _PATIENCE, _LOAD)
    if not loaded or loaded[0] - trip < _NOTICEABLE:
        return None
    return int(len(_LOAD) / (loaded[0] - trip))


def _costs(terminal: Report, capabilities: Capabilities, settings: Settings) -> Report | None:
    if not terminal["present"]:
        return None
    trip, rate = terminal["round_trip_seconds"], terminal["bytes_per_second"]
    size = terminal["columns"], terminal["rows"]
    found = costs(capabilities, *size, settings.measure, settings.sidebar)
    return {
        name: {
            "bytes": cost,
            "seconds": None if trip is None else round(trip + (cost / rate if rate else 0.0), 6),
        }
        for name, cost in found._asdict().items()
    }


def _path(path: Path) -> Report:
    nearest = path
    while not os.path.exists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    may = os.W_OK | (os.X_OK if os.path.isdir(nearest) else 0)
    return {"path": str(path), "exists": nearest == path, "writable": os.access(nearest, may)}


def _folder(path: Path) -> Report:
    from pulse_tui.storage.files.walk import Walk

    files = sum(1 for _ in Walk([str(path)])) if os.path.exists(path) else 0
    return {**_path(path), "files": files}


def _database(path: Path) -> Report:
    """Size, with what SQLite keeps beside the file, and version.

    SQLite itself is asked, since a program that has the file open keeps what is new beside it (WAL); where
    none has, it is not let to leave anything there (https://www.sqlite.org/uri.html, `immutable`).
    """
    size = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*") if each.is_file())
    version = None
    is_open = os.path.exists(f"{path}-wal")
    for way in ("mode=ro", "immutable=1") if is_open else ("immutable=1",):
        if version is None:
            version = _version(path, way)
    return {**_path(path), "bytes": size, "version": version}


def _version(path: Path, way: str) -> int | None:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        uri = f"file:{quote(os.fsencode(path.absolute()))}?{way}"
        with closing(sqlite3.connect(uri, _PATIENCE, uri=True)) as database:
            return int(database.execute("PRAGMA user_version").fetchone()[0])
    except (OSError, sqlite3.Error):
        return None  # as `_path` tells, or no database


# -- In words


def in_words(report: Report) -> Iterator[str]:
    """The report as lines of text."""
    yield f"{report['program']} on {report['host']}"
    yield from _part("Terminal", _terminal_in_words(report["terminal"]))
    if report["costs"]:
        rows = ((name.replace("_", " "), _cost(each)) for name, each in report["costs"].items())
        yield from _part("What reading costs, about", [*rows])
    yield from _part("Settings", [*_settings_in_words(report["settings"])])
    yield from _part("Library", [*_library_in_words(report["library"])])
    yield from _part("Paths", [*_paths_in_words(report["paths"])])
    if report["notices"]:
        yield ""
        yield "Notices"
        yield from (f"  {notice}" for notice in report["notices"][:_SHOWN])
        if (more := len(report["notices"]) - _SHOWN) > 0:
            yield f"  and {more:,} more (--json has them all)"
    if report["advice"]:
        yield ""
        yield "Advice"
        for each in report["advice"]:
            yield f"  {each['reason']}"
            yield f"    {each['to_do']}:"
            yield from (f"      {line}" for line in each["lines"])


def _part(title: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A title, and rows whose columns stand below each other."""
    yield ""
    if title:
        yield title
    widths = [max((len(row[at]) for row in rows if len(row) > at + 1), default=0) for at in range(3)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()


def _terminal_in_words(terminal: Report) -> list[tuple[str, ...]]:
    name, described = terminal["name"], terminal["described_as"]
    from_where = "as terminfo has it" if name == described else f"for terminfo a {described}"
    where = [
        *(["over SSH"] if terminal["ssh"] else []),
        *(["through mosh"] if terminal["mosh"] else []),
        *([f"inside {terminal['multiplexer']}"] if terminal["multiplexer"] else []),
    ]
    rows: list[tuple[str, ...]] = [
        (
            "name",
            name or "none (TERM is not set)",
            from_where if described else "not in terminfo",
        ),
        ("place", ", ".join(where) or "here"),
    ]
    if terminal["present"]:
        rows.append(("size", f"{terminal['columns']} x {terminal['rows']}"))
    else:
        rows.append(("size", "unknown", "no terminal to ask"))
    trip = terminal["round_trip_seconds"]
    between = terminal["multiplexer"] or ("mosh" if terminal["mosh"] else None)
    if trip is not None:
        rows.append(("round trip", _seconds(trip), f"as far as {between}" if between else "answered"))
        rate = terminal["bytes_per_second"]
        rows.append(("rate", f"{rate / 1000:,.0f} KB/s" if rate else "too fast to tell"))
    elif terminal["present"]:
        rows.append(("round trip", "unknown", "it does not answer"))
    for key, each in terminal["capabilities"].items():
        value = "24 bits" if key == "colours" and each["value"] == TRUECOLOR else worded(each["value"])
        rows.append((key.replace("_", " "), value, each["source"]))
    return rows


def _cost(each: Report) -> str:
    seconds = each["seconds"]
    return f"{each['bytes']:,} bytes" + (f", {_seconds(seconds)}" if seconds is not None else "")


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _settings_in_words(settings: Report) -> Iterator[tuple[str, ...]]:
    for key, each in settings.items():
        yield key, worded(each["value"]), str(Origin(each["source"], each["name"] or ""))


def _library_in_words(library: Report) -> Iterator[tuple[str, ...]]:
    articles = library["articles"]
    yield (
        "articles",
        "unknown" if articles is None else f"{articles:,}",
        f"{library['broken']:,} with notices",
    )
    for each in library["folders"]:
        state = "" if each["exists"] else ", not there"
        yield each["owner"], f"{each['files']:,} files", each["path"] + state


def _paths_in_words(paths: Report) -> Iterator[tuple[str, ...]]:
    for name, entries in paths.items():
        for each in entries if isinstance(entries, list) else [entries]:
            facts = [] if each["exists"] else ["not there"]
            if each["exists"] and each.get("version") is not None:
                facts.append(f"{each['bytes']:,} bytes, version {each['version']}")
            if not each["writable"]:
                facts.append("cannot be written")
            yield name, each["path"] + (f" ({'; '.join(facts)})" if facts else "")
