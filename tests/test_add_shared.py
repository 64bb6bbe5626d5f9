"""Two runs of `add` that take in one page at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

from tests.feeds import PROSE, web_page
from tests.program import Done, files, run
from tests.servers import Client, Server

WAITED = 30.0


def test_no_change_of_the_page_is_taken_for_an_edit_of_the_reader(tmp_path: Path) -> None:
    both, times = Barrier(2), count(1)

    def answer(client: Client) -> None:
        """As a page that is never twice the same."""
        number = next(times)
        if number <= 2:
            both.wait(WAITED)
        web_page("The Tide", f"{PROSE}<p>It was seen {number} times.</p>")(client)

    with Server({"/tide": answer}) as server:

        def add(_: int = 0) -> Done:
            return run(tmp_path, "add", server.url("/tide"))

        with ThreadPoolExecutor(2) as pool:
            runs = sorted(pool.map(add, range(2)), key=lambda done: done.err)
        assert [done.err for done in runs] == [
            "pulse-tui: new: The Tide\n",
            "pulse-tui: updated: The Tide\n",
        ]
        assert runs[0].ids == runs[1].ids
        assert add().err == "pulse-tui: updated: The Tide\n"
    (text,) = files(tmp_path).values()
    assert b"seen 3 times" in text
