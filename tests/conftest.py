"""Settings that all tests share."""

from __future__ import annotations

import sys

from hypothesis import settings

# The same examples every time, and nothing written; `make deep` loads a profile of its own, which looks
# further each time.
settings.register_profile("default", deadline=None, derandomize=True, database=None)
if "tests.deep" not in sys.modules:
    settings.load_profile("default")
