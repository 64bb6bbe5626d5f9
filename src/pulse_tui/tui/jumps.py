"""Where the reader was before, over all features: back, forward, and to and fro."""

from __future__ import annotations

from pulse_tui.repository import Spot

_KEPT = 100


class Jumps:
    """A list of spots with a position in it, as a browser has; a jump from its middle forgets the rest."""

    def __init__(self) -> None:
        self._spots: list[Spot] = []
        self._position = 0

    def leave(self, spot: Spot) -> None:
        """Note the spot that is about to be jumped away from."""
        del self._spots[self._position :]
        if spot in self._spots:
            self._spots.remove(spot)
        self._spots.append(spot)
        del self._spots[:-_KEPT]
        self._position = len(self._spots)

    def back(self, here: Spot) -> Spot | None:
        """The spot that was left before; `here` is where forward comes back to."""
        if self._position == 0:
            return None
        if self._position == len(self._spots):
            self._spots.append(here)
        else:
            self._spots[self._position] = here
        self._position -= 1
        return self._spots[self._position]

    def forward(self, here: Spot) -> Spot | None:
        """The spot that going back had left."""
        if self._position + 1 >= len(self._spots):
            return None
        self._spots[self._position] = here
        self._position += 1
        return self._spots[self._position]

    def last(self, here: Spot) -> Spot | None:
        """The spot that was left last; asked again from there, the one that this was asked from."""
        if not self._position:
            return None
        spot = self._spots[self._position - 1]
        self._spots[self._position - 1] = here
        return spot
