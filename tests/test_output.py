"""Bytes get to a terminal whole and in order, and whoever writes them never waits."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Iterator

import pytest

from pulse_tui.terminal.output import Output

PATIENCE = 20.0
"""Seconds after which a test gives up."""


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: what reads, and what is written to."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, slave
    os.close(master)
    os.close(slave)


def taken(master: int, count: int) -> bytes:
    """So many bytes, as they come."""
    data = b""
    while len(data) < count and select.select([master], [], [], PATIENCE)[0]:
        data += os.read(master, 65_536)
    return data


def test_what_a_terminal_takes_is_written_at_once(line: tuple[int, int]) -> None:
    master, slave = line
    output = Output(slave, lambda: None)
    output.write(b"a frame")
    assert output.idle
    assert os.read(master, 100) == b"a frame"
    output.close(PATIENCE)


def test_what_it_does_not_take_waits_in_order(line: tuple[int, int]) -> None:
    master, slave = line
    drained = threading.Event()
    output = Output(slave, drained.set)
    frames = [b"%06d" % number * 1_000 for number in range(30)]
    for frame in frames:
        output.write(frame)
    assert not output.idle
    assert taken(master, 180_000) == b"".join(frames)
    assert drained.wait(PATIENCE)
    assert output.idle
    output.close(PATIENCE)


def test_where_no_terminal_can_be_opened_again_bytes_come_all_the_same() -> None:
    reader, writer = os.pipe()
    output = Output(writer, lambda: None)
    output.write(b"a frame")
    assert taken(reader, 7) == b"a frame"
    output.close(PATIENCE)
    os.close(reader)
    os.close(writer)
