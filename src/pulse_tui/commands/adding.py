"""`add`: what a person names is taken into the library, or printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pulse_tui.acquire.sync import events
from pulse_tui.acquire.sync.events import End, Event, Failed, Progress, as_json
from pulse_tui.commands.faults import sentence_of, status_of
from pulse_tui.commands.output import STANDARD_STREAM, Exit, complain, expect_input
from pulse_tui.commands.waiting import Line
from pulse_tui.subscriptions import BY_HAND, Subscriptions, Taken
from pulse_tui.text import counted

if TYPE_CHECKING:
    from pulse_tui.acquire.keeping.keeper import Keeper, Kept, Outcome
    from pulse_tui.acquire.net.connection import Network
    from pulse_tui.acquire.sources import Found, Missed

_PICTURE_SECONDS = 30.0
"""For the pictures of one feature."""
_MORE = 3
"""Pictures that are named if they were not to be had; of the others it is the number."""


class Wanted(NamedTuple):
    """What `add` is to do."""

    sources: Sequence[str]
    url: str = ""
    """Where a file came from."""
    force: bool = False
    """Whether what its owner edited is written anew."""
    pictures: bool = True
    """Whether pictures are fetched."""
    json: bool = False


class Shelf(NamedTuple):
    """Where what was found is put."""

    folder: Path
    """The reader's own."""
    keeper: Keeper
    subscriptions: Subscriptions
    identify: Callable[[Path], str]
    """The id of the feature that a file of the folder is."""


def add(wanted: Wanted, network: Network, shelf: Shelf, clock: Callable[[], float]) -> int:
    """Take in all that was named; prints the id of each feature, or what happens as JSON Lines.

    `clock` gives Unix seconds and is called for dates alone.
    """
    return _Adding(wanted, network, shelf, clock).run()


def print_sources(wanted: Wanted, network: Network, clock: Callable[[], float]) -> int:
    """Print what was named as Markdown and keep nothing; pictures stay where they are."""
    from pulse_tui.acquire.sources import Missed

    report = Report(wanted, clock, network.monotonic)
    for text in wanted.sources:
        for found in _read(text, wanted, network, report):
            if isinstance(found, Missed):
                report.failed(found.source, found.error)
                continue
            report.printed(found.feature.to_markdown())
    return report.end()


class Report:
    """What is said and printed while sources are read, and the exit status that comes of it."""

    def __init__(self, wanted: Wanted, clock: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._json = wanted.json
        self._several = len(wanted.sources) > 1
        self._clock = clock
        self._line = Line(monotonic)
        self._counts = dict.fromkeys(("new", "updated", "unchanged", "failed"), 0)
        self._first: Exit = Exit.DONE

    def transferred(self, source: str, size: int, expected: int | None) -> None:
        """So many bytes have come of a source."""
        if not self._line.is_due():
            return
        if self._json:
            self._tell(Progress(source, size, expected))
        else:
            of = f" of {_size(expected)}" if expected else ""
            self._line.show(f"{_short(source)}: {_size(size)}{of}")

    def working(self, source: str) -> None:
        """A source is being looked at."""
        if not self._json:
            self._line.show(f"{_short(source)} …")

    def kept(self, source: str, article_id: str, title: str, kept: Kept, missing: Sequence[str]) -> None:
        """A feature is in the library."""
        self._line.clear()
        outcome = kept.outcome
        self._counts[outcome] = self._counts.get(outcome, 0) + 1
        self._tell_kept(source, article_id, kept.path, title, outcome, kept.edited)
        said = f"{outcome}: {_short(title)}"
        if kept.edited:
            said += f"; kept your edits to: {', '.join(kept.edited)} (--force overwrites them)"
        complain(said)
        for sentence in missing[:_MORE]:
            complain(sentence)
        if len(missing) > _MORE:
            complain(f"{counted(len(missing) - _MORE, 'more picture')} could not be had either.")

    def there(self, source: str, article_id: str, path: Path) -> None:
        """A source is in the library itself."""
        self._line.clear()
        self._counts["unchanged"] += 1
        self._tell_kept(source, article_id, path, path.name, "unchanged")
        complain(f"{path.name} is in the library already.")

    def printed(self, markdown: str) -> None:
        """A feature goes to standard output; several follow each other, each with its front matter."""
        self._line.clear()
        text = f"\n{markdown}" if self._counts["new"] else markdown
        self._counts["new"] += 1
        sys.stdout.flush()
        if sys.stdout.isatty():
            print(text, end="", flush=True)
        else:  # a file of Markdown is in UTF-8, whatever the locale says
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.buffer.flush()

    def failed(self, source: str, error: Exception) -> None:
        """Nothing could be taken from a source."""
        self._line.clear()
        reason = sentence_of(error, self._clock)
        if self._json:
            self._tell(Failed(source, reason))
        named = self._several and source not in reason and source != STANDARD_STREAM
        complain(f"{_short(source)}: {reason}" if named else reason)
        if not self._counts["failed"]:
            self._first = status_of(error, source)
        self._counts["failed"] += 1

    def end(self) -> int:
        """All has been looked at; the exit status."""
        self._line.clear()
        counts = self._counts
        if self._json:
            self._tell(End(counts["new"], counts["updated"], counts["failed"]))
        if not counts["failed"]:
            return Exit.DONE
        done = sum(counts.values()) - counts["failed"]
        return Exit.FAILURE if done else self._first

    def _tell_kept(
        self,
        source: str,
        article_id: str,
        path: Path,
        title: str,
        outcome: Outcome,
        edited: tuple[str, ...] = (),
    ) -> None:
        if self._json:
            self._tell(events.Kept(source, article_id, os.fspath(path), title, outcome, edited))
        else:
            print(article_id, flush=True)

    def _tell(self, event: Event) -> None:
        print(as_json(event), flush=True)


class _Adding:
    """One run of `add`."""

    def __init__(self, wanted: Wanted, network: Network, shelf: Shelf, clock: Callable[[], float]) -> None:
        self._wanted = wanted
        self._network = network
        self._shelf = shelf
        self._report = Report(wanted, clock, network.monotonic)
        self._taken: dict[str, Taken] = {}
        self._waiting: list[Found] = []
        """What links to files that may become features later in this run."""

    def run(self) -> int:
        from pulse_tui.acquire.keeping.keeper import KeepingError
        from pulse_tui.acquire.sources import Missed

        self._taken.update(self._shelf.subscriptions.taken(BY_HAND))
        self._shelf.keeper.know(taken.file for taken in self._taken.values())
        for text in self._wanted.sources:
            for found in _read(text, self._wanted, self._network, self._report):
                if isinstance(found, Missed):
                    self._report.failed(found.source, found.error)
                    continue
                try:
                    self._keep(text, found)
                except KeepingError as error:
                    self._report.failed(found.source, error)
        for found in self._waiting:
            try:
                self._keep_led(found)
            except KeepingError as error:
                self._report.failed(found.source, error)
        return self._report.end()

    def _keep(self, text: str, found: Found) -> None:
        if (own := self._in_library(found.source)) is not None:
            self._report.there(text, self._shelf.identify(own), own)
            return
        missing: list[str] = []
        pictures = self._pictures(text, found, missing)
        said = _digest(found)
        led, waits = self._led(found)
        kept = self._kept(led, pictures, said, force=self._wanted.force)
        if waits:
            self._waiting.append(found._replace(pictures={}))
        title = found.feature.title
        self._report.kept(text, self._shelf.identify(kept.path), title, kept, missing)

    def _kept(self, found: Found, pictures: Mapping[str, bytes], said: str, *, force: bool = False) -> Kept:
        with self._shelf.keeper.alone():
            # As it is now, since another program may have taken in the same since this run began.
            known = self._shelf.subscriptions.taken(BY_HAND, found.source).get(found.source)
            kept = self._shelf.keeper.keep(
                found.feature,
                pictures,
                said=said,
                under=found.under,
                stem=found.stem,
                known=known,
                force=force,
                revive=True,
            )
            self._shelf.subscriptions.take(BY_HAND, {found.source: kept.taken})
        self._taken[found.source] = kept.taken
        return kept

    def _led(self, found: Found) -> tuple[Found, bool]:
        """The same with its links to files led to the features that these are; whether one is none yet."""
        if not found.path:
            return found, False
        from pulse_tui.acquire.neighbours import led_to_neighbours

        def became(path: str) -> str:
            taken = self._taken.get(path)
            return taken.file if taken else ""

        known = self._taken.get(found.source)
        place = os.path.dirname(known.file) if known else found.under
        led = led_to_neighbours(found.feature.body, found.path, place, became)
        return found._replace(feature=replace(found.feature, body=led.body)), led.waiting

    def _keep_led(self, found: Found) -> None:
        """Write what was kept once more, now that the files that it links to are features."""
        led, _ = self._led(found)
        if led.feature.body != found.feature.body:
            self._kept(led, {}, self._taken[found.source].said)

    def _pictures(self, text: str, found: Found, missing: list[str]) -> Mapping[str, bytes]:
        """The pictures of a feature, made small: those that came with it, and those of the web."""
        from pulse_tui.acquire.pictures.gathering import PictureLimits, gather, shrink_all
        from pulse_tui.acquire.sources import is_address

        def missed(source: str, reason: str) -> None:
            missing.append(f"without the picture {_short(source)}: {reason}")

        pictures: dict[str, bytes] = {}
        if found.pictures:
            pictures |= shrink_all(found.pictures, missed=missed, monotonic=self._network.monotonic)
        if self._wanted.pictures:
            known = None if self._wanted.force else self._taken.get(found.source)
            pictures |= gather(
                found.feature,
                network=self._network,
                limits=PictureLimits(seconds=_PICTURE_SECONDS),
                referrer=self._wanted.url or (text if is_address(text) else ""),
                had=self._shelf.keeper.pictures_of(found.feature, known),
                progress=lambda size, expected: self._report.transferred(text, size, expected),
                missed=missed,
            )
        return pictures

    def _in_library(self, source: str) -> Path | None:
        """The file that a source is, if that lies in the reader's own folder."""
        if not (source.startswith("/") and source.lower().endswith((".md", ".markdown"))):
            return None
        real = os.path.realpath(source)
        top = os.path.join(os.path.realpath(self._shelf.folder), "")
        return Path(real) if real.startswith(top) and os.path.isfile(real) else None


def _read(text: str, wanted: Wanted, network: Network, report: Report) -> Iterator[Found | Missed]:
    """What is in a source, told how far it is."""
    from pulse_tui.acquire.sources import read_source
    from pulse_tui.commands.markdown import read_markdown

    report.working(text)
    return read_source(
        text,
        network=network,
        url=wanted.url,
        standard_input=standard_input,
        read_markdown=read_markdown,
        progress=lambda size, expected: report.transferred(text, size, expected),
    )


def standard_input(most: int) -> bytes:
    """At most so many bytes of standard input.

    Raises:
        SourceError: it is closed.
    """
    if sys.stdin is None:
        from pulse_tui.acquire.files import SourceError

        raise SourceError("Standard input is closed: name a file instead.")
    expect_input()
    return sys.stdin.buffer.read(most)


def _digest(found: Found) -> str:
    """A digest of what a source said."""
    from hashlib import sha256

    digest = sha256(found.feature.to_json().encode("utf-8", "replace"))
    for name in sorted(found.pictures):
        digest.update(f"\n{name}\n{sha256(found.pictures[name]).hexdigest()}".encode("utf-8", "replace"))
    return digest.hexdigest()


def _size(size: int) -> str:
    return f"{size / 1000:,.0f} KB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def _short(source: str) -> str:
    from pulse_tui.acquire.net.errors import shown

    return shown(source)
