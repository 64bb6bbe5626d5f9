"""How an errand stands, in words for the reader."""

from __future__ import annotations

import re
from pathlib import PurePath

from pulse_tui.errands.events import Standing
from pulse_tui.text import clean_line, counted, truncate

NONE_FOLLOWED = "No feed is followed yet: “pulse-tui follow URL” follows one."
_NAME = 30
"""Cells of a source's name."""
_KB, _MB = 1000, 1_000_000
_is_address = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://").match
_before_address = re.compile(r" (?=[A-Za-z][A-Za-z0-9+.-]*://)").split
_host = re.compile(r"[^/?#]*").match


def name_of(source: str) -> str:
    """A source in a word: the server of an address, the last name of a path."""
    found = _is_address(source)
    if found is None:
        name = PurePath(source).name or source
    else:
        rest = _host(source, found.end())
        name = rest[0].rpartition("@")[2].removeprefix("www.") if rest is not None else ""
    return truncate(clean_line(name) or "?", _NAME)


def sources_in(text: str) -> list[str]:
    """The sources that a reader has typed: one, which may have blanks in it, or addresses side by side."""
    text = clean_line(text)
    if _is_address(text) is None:
        return [text] if text else []
    return _before_address(text)


def joined(pasted: str) -> str:
    """What was pasted, on one line: an address that was wrapped is whole, and each has a blank before it."""
    lines = [clean_line(line) for line in pasted.splitlines()]
    return "".join(f" {line}" if _is_address(line) else line for line in lines).strip()


def adding(source: str, standing: Standing) -> str:
    """How far adding a source has come: `adding example.org 45 %`."""
    words = f"adding {name_of(source)}"
    if standing.kept > 1:
        return f"{words}, {standing.kept:,} so far"
    got = standing.progress
    if got is None:
        return words
    if got.expected:
        return f"{words} {min(100, 100 * got.bytes // got.expected)} %"
    return f"{words} {_size(got.bytes)}" if got.bytes else words


def fetching(standing: Standing) -> str:
    """How far asking the feeds has come: `feeds 12 of 300, 7 new`."""
    done, of = standing.asked
    if not of:
        return "asking feeds"
    new = max(standing.new, standing.feeds_new)
    return f"feeds {done:,} of {of:,}{f', {new:,} new' if new else ''}"


def added(standing: Standing) -> str:
    """What came of adding a source, as a sentence without its full stop."""
    reason = (standing.reason or standing.fault or "nothing was found in it").rstrip(".")
    if standing.first is None:
        return f"Not added: {reason}"
    title = standing.first.title or standing.first.id
    if standing.kept == 1:
        what = {"new": "Added", "updated": "Updated"}.get(standing.first.outcome, "Here already")
        words = f"{what}: {title}" + (", where your own changes stay" if standing.first.edited else "")
    elif standing.new or standing.updated:
        words = f"{_count(standing.new, standing.updated)}, from {title} on"
    else:
        words = f"{standing.kept:,} features, from {title} on, are here already"
    if standing.failed or standing.fault:
        words += f"; not all: {reason}"
    return words


def fetched(standing: Standing) -> str:
    """What came of asking feeds, as a sentence without its full stop."""
    end = standing.end
    new = end.new if end else max(standing.new, standing.feeds_new)
    updated = end.updated if end else max(standing.updated, standing.feeds_updated)
    if standing.fault.startswith(NONE_FOLLOWED.partition(":")[0]):
        return NONE_FOLLOWED.rstrip(".")
    if not new and not updated and standing.fault:
        return f"No feeds fetched: {standing.fault.rstrip('.')}"
    if end and not standing.asked.of:
        return "No feed is due"
    words = f"Feeds: {_count(new, updated)}" if new or updated else "Feeds: nothing new"
    if failed := standing.feeds_failed:
        words += f"; {counted(failed, 'feed')} failed, see pulse-tui feeds"
    if standing.fault:
        words += f"; {standing.fault.rstrip('.')}"
    return words


def stopped(source: str, standing: Standing) -> str:
    """What came of an errand that the reader stopped, as a sentence without its full stop."""
    what = f"adding {name_of(source)}" if source else "asking feeds"
    return f"Stopped {what}" + (f"; {standing.kept:,} came before" if standing.kept else "")


def _count(new: int, updated: int) -> str:
    parts = [f"{new:,} new"] if new else []
    return ", ".join([*parts, *([f"{updated:,} updated"] if updated else [])])


def _size(count: int) -> str:
    return f"{count // _KB:,} KB" if count < _MB else f"{count / _MB:.1f} MB"
