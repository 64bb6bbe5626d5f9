"""Bytes from a terminal become text: whatever they are, and in whatever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.terminal.typed import PATIENCE, Typed

_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\x1b", b"[", b"\x1b[200~", b"\x1b[201~", b"\x1b[<0;3;3M", b"\x1b[1;5A", b"1;", b" ", b"q"]
        ),
        st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.binary(max_size=4),
    ),
    max_size=20,
)


@given(_PIECES)
def test_all_comes_in_order(pieces: list[bytes]) -> None:
    typed = Typed()
    text = "".join(typed.take(piece, 0.0) for piece in pieces) + typed.take(b"", PATIENCE)
    ended = text + typed.take(b"x", PATIENCE)
    assert ended == (b"".join(pieces) + b"x").decode("utf-8", "replace")


@pytest.mark.parametrize(
    "sequence", ["\x1b[200~", "\x1b[<65;30;12M", "\x1b[1;5A", "\x1b[?2026;2$y", "\x1b[12;40R"]
)
def test_a_sequence_comes_whole(sequence: str) -> None:
    for cut in range(2, len(sequence)):
        typed = Typed()
        assert typed.take(f"a{sequence[:cut]}".encode(), 5.0) == "a"
        assert typed.take(b"", 5.0 + PATIENCE / 2) == ""
        assert typed.take(f"{sequence[cut:]}b".encode(), 5.0 + PATIENCE / 2) == f"{sequence}b"


def test_a_beginning_without_an_end_is_keys_after_all() -> None:
    typed = Typed()
    assert typed.take(b"\x1b[", 5.0) == ""
    assert typed.take(b"", 5.0 + PATIENCE) == "\x1b["
    assert typed.take(b"j", 5.0 + PATIENCE) == "j"


def test_escape_is_a_key_at_once() -> None:
    assert Typed().take(b"\x1b", 0.0) == "\x1b"


def test_letters_of_another_character_set_end_nothing() -> None:
    typed = Typed()
    assert typed.take(b"\xe9", 0.0) == ""  # it may be the first of three bytes
    assert typed.take(b"j", 0.0) == "\ufffdj"
