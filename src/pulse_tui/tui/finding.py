"""Finding in the open article: what is looked for, what was found, and which match is the present one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.timer import Timer

from pulse_tui.document.document import Anchor
from pulse_tui.document.find import Finder, Found, Match
from pulse_tui.tui.article_view import ArticleView

_SLICE_SECONDS = 0.01
_AT_ONCE = 64 * 1024
"""Bytes that may be laid out while a key waits: some 20 ms; more is done in slices."""


class Finding:
    """Lights what is found in a view and goes from match to match; `tell` hears how it stands."""

    def __init__(self, view: ArticleView, tell: Callable[[str], None]) -> None:
        assert view.document is not None
        self._view = view
        self._tell = tell
        self._finder = Finder(view.document)
        self._origin = view.top
        self._place = view.place
        self._found: Found | None = None
        self._match: Match | None = None
        self._wrapped = False
        self._goal: tuple[Match | Anchor, bool] | None = None
        """From where the next match is looked for, and whether forward."""
        self._timer: Timer = view.set_interval(_SLICE_SECONDS, self._work)

    @property
    def words(self) -> bool:
        """Whether there is something to find."""
        return self._found is not None and bool(self._found.phrases)

    @property
    def has_match(self) -> bool:
        """Whether a match is shown, or may still be found."""
        return self.words and (self._match is not None or self._goal is not None)

    def look_for(self, phrases: str | Sequence[str], near: str = "") -> None:
        """Find something else, from where the reader was on, or from the words `near`."""
        self._match, self._wrapped = None, False
        if near:
            found = self._finder.find(near)
            match = found.after(None, _AT_ONCE).match
            self._origin = found.anchor(match) if match is not None else self._origin
        # The library is searched without regard to case; what is typed has smart case.
        self._found = self._finder.find(phrases, capitals=None if isinstance(phrases, str) else False)
        self._go(self._origin, forward=True)

    def go(self, step: int) -> None:
        """Go to the next or previous match, from the present one or, if that is out of sight, the page."""
        if self.words:
            match = self._match
            here = match if match is not None and self._in_sight(match) else self._view.top
            self._go(here, forward=step > 0)

    def restore(self) -> None:
        """Show the page that was in view at the beginning."""
        if self._view.document is not None and self._place is not None:
            self._view.go(self._view.document.find(self._place))

    def end(self) -> None:
        """Put the lights out."""
        self._timer.stop()
        if self._view.document is self._finder.document:
            self._view.light(None)

    def _in_sight(self, match: Match) -> bool:
        assert self._found is not None
        return self._view.shows(self._found.anchor(match))

    def _go(self, origin: Match | Anchor, *, forward: bool) -> None:
        self._goal = (origin, forward)
        if not self.words:
            self._goal = None
            self._view.light(None)
            self.restore()
        self._work(_AT_ONCE)
        self._timer.resume()

    def _work(self, budget: int = _AT_ONCE // 8) -> None:
        """One slice: towards the wanted match, else towards the number of all."""
        if self._view.document is not self._finder.document:
            self._timer.stop()
            return
        if self._found is None:
            if self._finder.warm():  # while the reader thinks of a word
                self._timer.pause()
            return
        if self._goal is not None:
            origin, forward = self._goal
            hit = (self._found.after if forward else self._found.before)(origin, budget)
            if not hit.pending:
                self._goal = None
                self._match, self._wrapped = hit.match, hit.wrapped
                self._view.light(self._found, hit.match)
                if hit.match is None:
                    self.restore()
        elif not self._found.complete:
            self._found.step(budget)
        elif self._finder.warm():
            self._timer.pause()
        self._tell(self._words_of())

    def _words_of(self) -> str:
        """How it stands: which match of how many."""
        found = self._found
        if found is None or not self.words:
            return ""
        if self._goal is not None:
            return "looking …"
        if self._match is None:
            return "not found" if found.complete else "looking …"
        number = found.number(self._match)
        count = f"{found.count:,}" if found.complete else f"at least {found.count:,}"
        text = f"{number:,} of {count}" if number else count
        return f"{text}, from the other end" if self._wrapped else text
