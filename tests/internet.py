"""A small Internet on this machine, for tests that fetch."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from pulse_tui.acquire.fetch import Limits
from pulse_tui.acquire.net.connection import Network, dial
from pulse_tui.acquire.net.errors import FetchError

PUBLIC = "93.184.215.14"
QUICK = Limits(seconds=0.3, connecting=0.2)
"""For what never comes to an end."""
AMPLE = Limits(seconds=20.0)
"""For all else, however slow the machine is."""
_advice = re.compile(
    r"check |try |open |give |leave |look for |write |the most that is taken|was not|it has to "
).search


class Names:
    """The Internet as a test has it: names, and one server of this machine behind all addresses.

    A host without addresses of its own has a public one, but for those of nowhere.example, which are unknown.
    """

    def __init__(self, port: int, names: Mapping[str, Sequence[str]] | None = None) -> None:
        self._port = port
        self._names = dict(names or {})
        self.asked: list[str] = []
        """The names that were looked up."""
        self.dialled: list[tuple[str, int]] = []
        """The addresses and ports that were connected to, as far as the program knows."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """What the name server says."""
        self.asked.append(host)
        if host.endswith("nowhere.example"):
            raise socket.gaierror("unknown")
        return self._names.get(host, [PUBLIC])

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        """A connection to the server, whatever the address."""
        self.dialled.append((address, port))
        return dial("127.0.0.1", self._port, seconds)

    def network(self, **more: Any) -> Network:
        """What a fetch needs of it."""
        return Network(**{"resolve": self.resolve, "dial": self.dial, **more})


def sentence(error: FetchError) -> str:
    """The text of an error, which has to be one sentence with advice and fit to be shown."""
    text = str(error)
    assert text[0].isupper() or text.startswith(("http", "“"))
    assert text.endswith(".")
    assert len(text) < 400
    assert text.isprintable()
    assert _advice(text), text
    return text
