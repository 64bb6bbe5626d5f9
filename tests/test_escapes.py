"""What stands for characters in Markdown, as the index reads it and as the page shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.common.utils import unescapeAll

from pulse_tui.storage.files.entry import figures_of
from pulse_tui.storage.files.escapes import unescaped
from pulse_tui.storage.files.head import plain_inline
from pulse_tui.storage.index.passage import plain


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (r"salt &amp; tea", "salt & tea"),
        (r"salt \&amp; tea", "salt &amp; tea"),
        (r"salt \\&amp; tea", "salt \\& tea"),
        (r"salt &amp;amp; tea", "salt &amp; tea"),
        (r"salt &#92;&#38; tea", r"salt \& tea"),
        (r"salt &copy tea &ampx;", "salt &copy tea &ampx;"),
        (r"a\_b &Aacute;&#x201c; c\d", "a_b Á“ c\\d"),
        ("&#0;", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_backslashes_and_references_are_undone_at_once(markdown: str, text: str) -> None:
    assert unescaped(markdown) == text
    assert plain_inline(markdown) == text
    assert plain(markdown) == text
    (figure,) = figures_of(f'![alt](a.png "{markdown}")')
    assert figure.caption == text


@given(
    st.lists(
        st.sampled_from(["\\", "&", "amp", "lt", "copy", "x", ";", "#", "38", "x26", "*", '"', " "]),
        max_size=12,
    )
)
def test_they_are_those_of_the_page(parts: list[str]) -> None:
    markdown = "".join(parts)
    assert unescaped(markdown) == unescapeAll(markdown)
