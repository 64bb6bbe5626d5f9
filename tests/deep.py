"""A plugin that `make deep` loads: properties are tried with many more examples, and no deadline."""

import pytest
from hypothesis import settings

settings.register_profile("deep", max_examples=20_000, deadline=None)
settings.load_profile("deep")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many random screens the differ is tried with."""
    parser.addoption("--screens", type=int, default=100_000, help="random screens (default 100000)")
