"""Writing a file such that an older one outlives a full disk, or a kill."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def replacing(path: str) -> Iterator[TextIO]:
    """A file to write text to, which takes the place of that at `path` once all is written.

    Raises:
        OSError: it cannot be written; what was there still is.
    """
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "w", encoding="utf-8") as file:
            yield file
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
