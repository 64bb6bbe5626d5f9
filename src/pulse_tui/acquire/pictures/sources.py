"""Where the pictures of a feature come from."""

from __future__ import annotations

from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.markdown.spots import spots


def sources_of(feature: Feature) -> list[str]:
    """The sources of all pictures of a feature, each once, the lead one first."""
    named = (feature.image, *(figure.source or "" for figure in feature.pictures))
    standing = (spot.source for spot in spots(feature.body))
    return [source for source in dict.fromkeys((*named, *standing)) if source]
