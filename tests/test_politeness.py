"""Whose turn it is: no host is asked twice at once or too soon, none is forgotten, not too many at once."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.sync.politeness import Politeness


def test_one_request_at_a_time_and_a_pause_after_it() -> None:
    turns: Politeness[int] = Politeness()
    for number in range(3):
        turns.add("One.example", number)
    assert turns.next(10.0) == ("one.example", 0)
    assert turns.next(99.0) is None  # however long it takes
    assert turns.wait(99.0) is None
    turns.done("one.example", 100.0)
    assert turns.next(100.9) is None
    assert turns.wait(100.75) == 0.25
    assert turns.next(101.0) == ("one.example", 1)
    assert len(turns) == 1


def test_what_is_added_meanwhile_waits_for_its_turn() -> None:
    turns: Politeness[int] = Politeness()
    turns.add("one.example", 1)
    turns.next(0.0)
    turns.add("one.example", 2)
    assert turns.next(9.0) is None
    turns.done("one.example", 9.0)
    assert turns.next(10.0) == ("one.example", 2)
    assert turns.next(10.0) is None


def test_a_pause_outlives_an_empty_queue() -> None:
    turns: Politeness[int] = Politeness()
    turns.add("one.example", 1)
    turns.next(0.0)
    turns.done("one.example", 5.0)
    assert turns.is_over
    turns.add("one.example", 2)
    assert turns.next(5.5) is None
    assert turns.next(6.0) == ("one.example", 2)


def test_a_host_may_ask_for_more() -> None:
    turns: Politeness[int] = Politeness()
    for number in (1, 2):
        turns.add("one.example", number)
    turns.next(0.0)
    turns.done("one.example", 0.0, hold=120.0)
    assert turns.wait(0.0) == 120.0
    turns.add("two.example", 3)
    assert turns.wait(0.0) == 0.0
    assert turns.next(0.0) == ("two.example", 3)
    assert turns.drop("one.example") == [2]
    assert turns.wait(0.0) is None
    assert not turns.is_over  # two.example is under way
    turns.done("two.example", 1.0)
    assert turns.is_over


def test_only_so_many_hosts_at_once() -> None:
    turns: Politeness[int] = Politeness(hosts=2)
    for number in range(4):
        turns.add(f"{number}.example", number)
    assert [turns.next(0.0), turns.next(0.0), turns.next(0.0)] == [("0.example", 0), ("1.example", 1), None]
    assert turns.wait(0.0) is None
    turns.done("1.example", 0.1)
    assert turns.next(0.1) == ("2.example", 2)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0.0, 3.0)), max_size=60),
    st.integers(1, 4),
)
def test_everything_is_asked_in_order_and_politely(requests: list[tuple[int, float]], hosts: int) -> None:
    """A run on a clock of its own: each request takes as long as it was given."""
    turns: Politeness[tuple[int, float]] = Politeness(hosts=hosts)
    for number, (name, seconds) in enumerate(requests):
        turns.add(str(name), (number, seconds))
    now = 0.0
    running: list[tuple[float, str]] = []
    ended: dict[str, float] = {}
    order: dict[str, list[int]] = defaultdict(list)
    while not turns.is_over:
        while turn := turns.next(now):
            host, (number, seconds) = turn
            assert host not in {busy for _, busy in running}
            assert now >= ended.get(host, -1.0) + 1.0
            order[host].append(number)
            running.append((now + seconds, host))
            assert len(running) <= hosts
        wait = turns.wait(now)
        moments = [*(end for end, _ in running), *([] if wait is None else [now + wait])]
        now = max(now, min(moments))  # there is always something to wait for
        for end, host in sorted(running):
            if end <= now:
                running.remove((end, host))
                turns.done(host, now)
                ended[host] = now
    assert sorted(number for numbers in order.values() for number in numbers) == list(range(len(requests)))
    assert all(numbers == sorted(numbers) for numbers in order.values())
