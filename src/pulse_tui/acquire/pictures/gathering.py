"""The pictures of features: fetched, made small in a child process, without what they say of their makers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from pulse_tui.acquire.apart import SECONDS, ChildError, ask
from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.fetch import PICTURES, Fetched, Limits, fetch
from pulse_tui.acquire.net.addresses import read
from pulse_tui.acquire.net.connection import Deadline, Network
from pulse_tui.acquire.net.errors import (
    BadURLError,
    FetchError,
    SecurityError,
    SlowError,
    StatusError,
    UnreachableError,
)
from pulse_tui.acquire.pictures.raster import NO_PICTURE, kind_of
from pulse_tui.acquire.pictures.sources import sources_of

_TOGETHER = 8_000_000
"""Bytes of pictures that one child process is given, and the number of them below."""
_NUMBER = 10
_HOSTS = 3
"""Hosts that cannot be reached, one after another, before there is said to be no network."""


class PictureLimits(NamedTuple):
    """What the pictures of one feature may cost."""

    number: int = 40
    each: int = 10_000_000
    """Bytes of one picture as it comes."""
    all: int = 50_000_000
    """Bytes of all of them as they come."""
    seconds: float = 90.0
    """For fetching all of them, and as many again for making them small."""
    one: float = 20.0
    """Seconds for fetching one of them."""


Progress = Callable[[int, int | None], None]
"""Told the bytes of pictures that came so far, and None; may raise to stop."""
Missed = Callable[[str, str], None]
"""Told the source of a picture that was not to be had, and a sentence on why."""


def gather(
    feature: Feature,
    *,
    network: Network,
    limits: PictureLimits = PictureLimits(),  # noqa: B008 - a tuple cannot change
    referrer: str = "",
    had: Container[str] = (),
    progress: Progress | None = None,
    missed: Missed | None = None,
) -> dict[str, bytes]:
    """The pictures of a feature that could be had from the web, made small, by their sources.

    Those that are `had` already are not asked for.  `referrer` is the address that a person gave: pictures
    of the same origin may come from this machine or its network, as the page did.  One that fails costs no
    other; a host that fails is not asked again.
    """
    told = missed or _nobody
    fetched: dict[str, bytes] = {}
    there = (source for source in sources_of(feature) if source not in had)
    wanted = [source for source in there if source[:8].lower().startswith(("http://", "https://"))]
    for source in wanted[limits.number :]:
        told(source, f"A feature has at most {limits.number} pictures here; this one stays on the web.")
    for source, came in _fetched(wanted[: limits.number], network, limits, _origin(referrer), progress):
        if isinstance(came, str):
            told(source, came)
        else:
            fetched[source] = came.body
    return shrink_all(fetched, missed=missed, seconds=limits.seconds, monotonic=network.monotonic)


def shrink_all(
    pictures: Mapping[str, bytes],
    *,
    missed: Missed | None = None,
    seconds: float = 90.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> dict[str, bytes]:
    """Those pictures that could be made small, by the same names; several share one child process."""
    told = missed or _nobody
    deadline = Deadline(seconds, monotonic)
    made: dict[str, bytes] = {}
    known: dict[bytes, str] = {}
    """Names by content: the same picture under another name is not made small again."""
    different: list[str] = []
    for name, data in pictures.items():
        if not kind_of(data):
            told(name, NO_PICTURE)
        elif known.setdefault(data, name) == name:
            different.append(name)
    batches = list(_batches(different, pictures))
    while batches:
        batch = batches.pop(0)
        try:
            results = _apart([pictures[name] for name in batch], min(SECONDS, deadline.left()))
        except SlowError:
            results = ["Making the pictures small takes too long; this one is not kept."] * len(batch)
        except ChildError as error:
            if len(batch) > 1:
                # One of them is made to break readers: each has a process of its own now.
                batches[:0] = [[name] for name in batch]
                continue
            results = [str(error)]
        for name, result in zip(batch, results, strict=True):
            if isinstance(result, str):
                told(name, result)
            else:
                made[name] = result
    return {name: made[known[data]] for name, data in pictures.items() if known.get(data) in made}


def _batches(names: Sequence[str], pictures: Mapping[str, bytes]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        if batch and (size + len(pictures[name]) > _TOGETHER or len(batch) == _NUMBER):
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += len(pictures[name])
    if batch:
        yield batch


def _apart(batch: Sequence[bytes], seconds: float) -> Sequence[bytes | str]:
    """What a child makes of each picture: a small one, or a sentence on why there is none."""
    answer = ask(
        "picture", b"".join(batch), {"sizes": " ".join(str(len(data)) for data in batch)}, seconds=seconds
    )
    faults = json.loads(answer.text)
    return [fault or part for fault, part in zip(faults, answer.parts, strict=True)]


def _fetched(
    wanted: Sequence[str],
    network: Network,
    limits: PictureLimits,
    origin: tuple[str, str, int] | None,
    progress: Progress | None,
) -> Iterator[tuple[str, Fetched | str]]:
    """Each source with what came, or with a sentence on why nothing did."""
    deadline = Deadline(limits.seconds, network.monotonic)
    spent = 0
    deaf: dict[str, str] = {}
    """What was said of hosts that failed."""
    reached = False
    for source in wanted:
        try:
            if not reached and len(deaf) >= _HOSTS:
                yield source, next(iter(deaf.values()))
                continue
            if spent >= limits.all:
                yield source, "The pictures before it are as large as is allowed; this one stays on the web."
                continue
            address = _origin(source)
            host = address[1] if address else ""
            if host in deaf:
                yield source, deaf[host]
                continue
            before = spent
            came = fetch(
                source,
                network=network,
                limits=Limits(
                    seconds=min(limits.one, deadline.left()),
                    connecting=min(10.0, limits.one),
                    wire=min(limits.each, limits.all - spent),
                    unpacked=min(limits.each, limits.all - spent),
                ),
                typed=address is not None and address == origin,
                accept=PICTURES,
                progress=(lambda size, _: progress(before + size, None)) if progress else None,  # noqa: B023
            )
        except FetchError as error:
            if _is_of_host(error):
                deaf[host] = str(error)
            else:
                reached = True
            yield source, str(error)
        else:
            reached = True
            spent += len(came.body)
            yield source, came


def _is_of_host(error: FetchError) -> bool:
    """Whether the other pictures of the host would fail as well, or should not be asked for."""
    if isinstance(error, StatusError):
        return error.wants_rest
    return isinstance(error, (SecurityError, UnreachableError, SlowError))


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address; None if it is none."""
    try:
        target = read(url) if url else None
    except BadURLError:
        return None
    return (target.scheme, target.host, target.port) if target else None


def _nobody(source: str, fault: str) -> None:
    """Tell nobody of a picture that is missing."""
