"""Importing less: a part of a package without the rest, a module without what it can do without, or later."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from threading import RLock
from types import ModuleType
from typing import cast

_one_at_a_time = RLock()
"""Held while a name stands for something else; parsers are made in several threads."""


@contextmanager
def without(name: str) -> Generator[None]:
    """Let an import of this module fail meanwhile, unless it is there already.

    For a module that another one uses if it is installed, and that nothing here needs.
    """
    with _one_at_a_time:
        if name in sys.modules:
            yield
            return
        sys.modules[name] = cast(ModuleType, None)  # now importing it fails (import system reference, 5.3.1)
        try:
            yield
        finally:
            del sys.modules[name]


@contextmanager
def instead(name: str, **contents: object) -> Generator[None]:
    """Let who imports this module meanwhile have these contents in its place, unless it is there already."""
    with _one_at_a_time:
        if name in sys.modules:
            yield
            return
        stand_in = sys.modules[name] = ModuleType(name)
        stand_in.__dict__.update(contents)
        try:
            yield
        finally:
            del sys.modules[name]


def part(package: str, name: str) -> ModuleType:
    """A module of a package, without running what the package itself imports.

    Raises:
        ImportError: there is no such module.
    """
    full = f"{package}.{name}"
    if full in sys.modules:
        return sys.modules[full]
    around = PathFinder.find_spec(package)
    spec = PathFinder.find_spec(full, around.submodule_search_locations) if around is not None else None
    if spec is None or spec.loader is None:
        raise ImportError(f"There is no module {full}.", name=full)
    module = sys.modules[full] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
