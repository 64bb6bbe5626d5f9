"""Every example of the CommonMark specification shows the text that its HTML shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.strategies import body_text, document, visible_text

_FILE = Path(__file__).parent / "data" / "commonmark-0.31.2.json"
EXAMPLES: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))

DIFFERENT = {
    171: ("the text of a form's field is not the article's", ""),
}
"""Examples that show something else than a browser: why, and what."""


def test_all_examples_of_0_31_2_are_there() -> None:
    assert [example["example"] for example in EXAMPLES] == list(range(1, 653))


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{e['section']}-{e['example']}" for e in EXAMPLES])
def test_an_example_shows_the_text_of_its_html(example: dict[str, Any]) -> None:
    shown = body_text(document(example["markdown"])).replace("▣ ", "")
    if example["example"] in DIFFERENT:
        _, expected = DIFFERENT[example["example"]]
        assert shown == expected
        assert shown != visible_text(example["html"]), "an exception that is none any more"
    else:
        assert shown == visible_text(example["html"])
