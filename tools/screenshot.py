"""Draw docs/screenshot.svg: the reader as it looks at 120 by 36 cells, with the features that it ships."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from pulse_tui import bundled
from pulse_tui.storage.library import Library
from pulse_tui.storage.state.state import StateStore
from pulse_tui.tui.app import PulseApp
from pulse_tui.tui.themes import DARK

DEFAULT = Path(__file__).parent.parent / "docs" / "screenshot.svg"


async def draw(path: Path, *, article: str, theme: str, size: tuple[int, int], keys: list[str]) -> None:
    """Open an article, press some keys and write what is on the screen."""
    repository = Library([bundled.articles()], index=None, state=StateStore(None, clock=time.time))
    repository.refresh()
    app = PulseApp(repository, bundled.style_sheet(), start=repository.find(article), theme=theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.3)
        await pilot.press(*keys)
        await pilot.pause(0.3)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(app.export_screenshot(title="pulse-tui"), encoding="utf-8")


def main() -> None:
    """Take the options and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--article", default="monsoon")
    parser.add_argument("--theme", default=DARK)
    parser.add_argument("--size", default="120x36", metavar="COLUMNSxROWS")
    parser.add_argument("keys", nargs="*", help="keys to press first, by Textual's names")
    options = parser.parse_args()
    columns, rows = map(int, options.size.split("x"))
    asyncio.run(
        draw(
            options.output,
            article=options.article,
            theme=options.theme,
            size=(columns, rows),
            keys=options.keys,
        )
    )


if __name__ == "__main__":
    main()
