"""Links from one file to another that is taken in as well: they lead to what that has become."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote

from pulse_tui.acquire.files import has_scheme
from pulse_tui.acquire.kinds import ENDINGS
from pulse_tui.acquire.markdown.spots import with_links

_parts = re.compile(r"([^?#]+)(.*)", re.DOTALL).fullmatch
_special = re.compile(r"[%?#\\]").sub


class Led(NamedTuple):
    """A text whose links lead to neighbours."""

    body: str
    waiting: bool
    """Whether some lead to files that are there and have become nothing yet."""


def led_to_neighbours(body: str, path: str, place: str, became: Callable[[str], str]) -> Led:
    """The text of a file with its relative links led to what the files that they name have become.

    `path` is the file's absolute path, `place` the folder within the library that it is kept in; `became`
    gives the path within the library of what a file has become, empty if nothing.
    """
    waiting = False

    def lead(link: str) -> str | None:
        nonlocal waiting
        parts = None if has_scheme(link) or link.startswith("/") or "\0" in link else _parts(link)
        if parts is None:
            return None
        for name in dict.fromkeys((unquote(parts[1]), parts[1])):
            target = os.path.normpath(os.path.join(os.path.dirname(path), name))
            if file := became(target):
                relative = posixpath.relpath(file, place or ".")
                return _special(lambda found: quote(found[0]), relative) + parts[2]
            waiting = waiting or (_is_article(target) and os.path.isfile(target))
        return None

    return Led(with_links(body, lead), waiting)


def _is_article(path: str) -> bool:
    return ENDINGS.get(os.path.splitext(path)[1].lower()) in ("markdown", "text")
