"""Bytes from a terminal become text: whatever they are, and in whatever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, Resize

from pulse_tui.terminal.typed import PATIENCE, Typed

_PARTS = [
    b"\x1b[",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[<0;3;3M",
    b"\x1b[1;5A",
    b"\x1b[1:5A",
    b"1;",
    b" ",
    b"q",
]
_SEQUENCES = ["\x1b[200~", "\x1b[<65;30;12M", "\x1b[1;5A", "\x1b[?2026;2$y", "\x1b[12;40R"]
_PIECES = st.lists(
    st.one_of(
        st.sampled_from(_PARTS),
        st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.binary(max_size=4),
    ).filter(lambda piece: not piece.endswith(b"\x1b")),  # which is a key at once
    max_size=20,
)


@given(_PIECES)
def test_what_comes_in_pieces_is_what_comes_at_once(pieces: list[bytes]) -> None:
    typed = Typed()
    text = "".join(typed.take(piece, 0.0) for piece in [*pieces, b"x"])
    assert text == Typed().take(b"".join(pieces) + b"x", 0.0)


@given(
    st.lists(
        st.one_of(st.sampled_from(_PARTS), st.text(":;<=>?0123456789", max_size=9).map(str.encode)),
        max_size=20,
    )
)
def test_the_framework_can_parse_it(pieces: list[bytes]) -> None:
    """Its parser raises at numbers that are no characters, and at parts of numbers."""
    parser = XTermParser()
    for final in b"~uABHPQRSctMy$":
        for message in parser.feed(Typed().take(b"\x1b[" + b"".join(pieces) + bytes([final]), 0.0) + "x"):
            assert not isinstance(message, Resize)
            if isinstance(message, Key):
                (message.character or "").encode()


@pytest.mark.parametrize("sequence", _SEQUENCES)
def test_a_sequence_comes_whole(sequence: str) -> None:
    for cut in range(2, len(sequence)):
        typed = Typed()
        assert typed.take(f"a{sequence[:cut]}".encode(), 5.0) == "a"
        assert typed.take(f"{sequence[cut:]}b".encode(), 5.0 + PATIENCE / 2) == f"{sequence}b"


def test_a_beginning_without_an_end_is_dropped() -> None:
    typed = Typed()
    assert typed.take(b"\x1b[200", 5.0) == ""
    assert typed.take(b"j", 5.0 + PATIENCE) == "j"


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[27;1:3u",
        "\x1b[1114112u",
        f"\x1b[{'9' * 50}u",
        "\x1b[55296u",
        "\x1b[48;9999;9999;1;1t",
        "\x1b[8;24;80t",
    ],
)
def test_what_nobody_asked_for_is_dropped(sequence: str) -> None:
    assert Typed().take(f"a{sequence}b".encode(), 0.0) == "ab"


def test_escape_is_a_key_at_once() -> None:
    assert Typed().take(b"\x1b", 0.0) == "\x1b"


def test_letters_of_another_character_set_end_nothing() -> None:
    typed = Typed()
    assert typed.take(b"\xe9", 0.0) == ""  # it may be the first of three bytes
    assert typed.take(b"j", 0.0) == "\ufffdj"
