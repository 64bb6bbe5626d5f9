"""Children that stay: as bounded as those that read one thing, and replaced when they end."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from pulse_tui.acquire.apart import ChildError
from pulse_tui.acquire.sync import workers as module
from pulse_tui.acquire.sync.workers import Workers

CHILD = """
import os, sys, time
from pulse_tui.acquire import child
def act(data, arguments):
    what = arguments["what"]
    if what == "loop":
        while True: pass
    if what == "hold":
        time.sleep(600)
    if what == "die":
        os.kill(os.getpid(), 9)
    if what == "eat":
        return child.Made(str(len(bytearray(4 << 30))))
    if what == "chatter":
        print("noise"); sys.stderr.write("noise")
    if what == "refuse":
        from pulse_tui.acquire.markup import RefusedError
        raise RefusedError("This is refused.")
    return child.Made(f"{os.getpid()} {len(data)}", (data[:3],))
child._TASKS = {"act": act}
sys.argv[1:] = ["-"]
sys.exit(child.main())
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    return [sys.executable, "-P", str(script)]


def act(workers: Workers, what: str = "", data: bytes = b"", seconds: float = 60.0) -> int:
    """Have something done; the number of the process that did it."""
    made = workers.run("act", data, {"what": what}, seconds=seconds)
    process, length = made.text.split()
    assert int(length) == len(data)
    assert made.parts == (data[:3],)
    return int(process)


def test_one_child_does_many_tasks(command: list[str]) -> None:
    with Workers(1, command=command) as workers:
        assert len({act(workers, data=bytes(size)) for size in (0, 1, 100, 3_000_000, 7)}) == 1


@pytest.mark.parametrize(
    ("what", "seconds", "said"),
    [
        ("hold", 1.0, "took longer than 1 seconds"),
        ("loop", 1.0, "took longer than 1 seconds"),
        ("die", 60.0, "SIGKILL"),
        ("eat", 60.0, "takes more than 448 MiB of memory"),
    ],
)
def test_a_child_that_fails_is_replaced(command: list[str], what: str, seconds: float, said: str) -> None:
    with Workers(1, command=command) as workers:
        first = act(workers)
        with pytest.raises(ChildError, match=said):
            act(workers, what, seconds=seconds)
        assert act(workers) != first


def test_a_refusal_costs_no_child(command: list[str]) -> None:
    with Workers(1, command=command) as workers:
        first = act(workers)
        with pytest.raises(ChildError, match=r"\AThis is refused\.\Z"):
            act(workers, "refuse")
        with pytest.raises(ChildError, match="KeyError"):
            workers.run("nothing", b"", {})
        assert act(workers) == first


def test_what_a_library_prints_does_not_get_between(command: list[str]) -> None:
    with Workers(1, command=command) as workers:
        assert act(workers, "chatter") == act(workers, "chatter", b"abc")


def test_children_are_replaced_after_many_tasks(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TASKS", 3)
    with Workers(1, command=command) as workers:
        assert len({act(workers) for _ in range(7)}) == 3


def test_threads_share_the_children(command: list[str]) -> None:
    seen: list[int] = []
    with Workers(2, command=command) as workers:
        threads = [
            threading.Thread(target=lambda: seen.extend(act(workers, data=b"x" * 999) for _ in range(20)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 160
    assert len(set(seen)) <= 2


def test_closing_ends_what_is_at_work(command: list[str]) -> None:
    workers = Workers(1, command=command)
    faults: list[str] = []

    def hold() -> None:
        try:
            act(workers, "hold")
        except ChildError as error:
            faults.append(str(error))

    act(workers)
    thread = threading.Thread(target=hold)
    thread.start()
    workers.close()
    thread.join(60)
    assert not thread.is_alive()
    assert len(faults) == 1
    with pytest.raises(ChildError):
        act(workers)
