"""Draw the pictures of the bundled features."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from tools.pictures import cricket, everest, indus, monsoon, railways, reader, scripts, sea, stepwell, tea
from tools.pictures.canvas import Canvas

FOLDER = Path(__file__).resolve().parents[2] / "articles" / "images"
PICTURES: dict[str, Callable[[], Canvas]] = {
    "tour-screen": reader.screen,
    "terminal-cells": reader.cells,
    "monsoon-onset": monsoon.onset,
    "monsoon-winds": monsoon.winds,
    "indus-basin": indus.basin,
    "indus-canals": indus.canals,
    "scripts-family": scripts.family,
    "railway-gauges": railways.gauges,
    "tea-regions": tea.regions,
    "tea-steps": tea.steps,
    "everest-triangle": everest.triangle,
    "everest-names": everest.names,
    "stepwell-section": stepwell.section,
    "ports-sea": sea.ports,
    "cricket-field": cricket.field,
}


def main() -> None:
    """Draw every picture into the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        path = folder / f"{name}.png"
        draw().finished().save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size / 1024:.1f} KB")


if __name__ == "__main__":
    main()
