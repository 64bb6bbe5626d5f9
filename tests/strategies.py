"""Documents to try the engine on, and what the tests of it have in common.

Hostile documents are made of lines that mean something to a Markdown parser, in any order; articles are
made of whole blocks, as a writer would, with text that is hard to measure or made to harm a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from hypothesis import strategies as st

from pulse_tui.article import Article, Headline
from pulse_tui.document.document import Anchor, Document
from pulse_tui.document.lines import Line, Run
from pulse_tui.text import cells

# -- Lines, in any order

_LEAVES = """\
foo
bar baz
  foo
    code
   text3
      deep
# h
## h2 ##
###
#
 # h
   # x
    # y
===
= =
---
- - -
- - -x
***
* * *
*a
&nbsp;
\\
<!A
>x
-->x
a|
|
\\|
`x
x`
see [a] and [b][] x
![c][c] *em* [d]
text [h] `[a]` <b>
[A]
[f
g]
[^1] ref
[a][^2] *b [^3]*""".splitlines()

_CONTAINERS = """\
- a
-
- - a
* b
+ c
+
1. x
2) y
14. z
10) x
1.
  - n
    - n4
  1. o
   - p
10. t
    1. q
 - s1
1) p
- [e]: /l
- # h
> q
> - a
>
  > y
> > x
> # h
- > q""".splitlines()

_FENCES = """\
```
```py
  ```
   ```
    ```
      ```
~~~
~~~~
  ~~~
    ~~~
````
```a`b
``` `
~~~ `
- ```
- ~~~
1. ```
> ```
> ~~~
 ```""".splitlines()

_HTML = """\
<div>
</div>
<div
<b>x
<p>x
<a href='
<!-- c
-->
<!-- c -->
<!-->
<script>
</script>
<style
</style>
<pre>
  </pre>
<textarea>
</textarea> x
<?php
<?
?>
<!DOCTYPE x>
<!X
<![CDATA[
<![CDATA[ ]]>
]]>
]]> x
  <!-- i
   <div>
- <!-- l
- <div>
> <!-- x""".splitlines()

_DEFINITIONS = """\
[a]: /u
[A]: /second
[b]:
/url
'title
title'
"t"
(t)
[c]: /x 'y
[x]: /u "t" x
[e]: /dup
> [d]: /q
[h]: <
>
[
[f
g]: /z
[^1]: note
[^1]: - a
  [^1]: n
[^2]:
[^3]:
    cont
> [^4]: q
- [^5]: r""".splitlines()

_TABLES = """\
| a | b |
| - | - |
|---|
|---|---|
|-|-
a | b
--- | ---
| 1 | 2 |
| x""".splitlines()

_WHITE_SPACE = ["", "", "", "", " ", "   ", "\t", " \t"]
_TABS = ["\tcode", "\t\tx", "  \tx", "1.\tx", "-\ta", "- \tc", "\t- x", "> \tx", "#\ta", "```\t"]
# Not white space to Markdown, though other programs break lines or strip words there.
_FALSE_WHITE_SPACE = ["\x0c", "\u00a0", "\u2028", "\x1c", "\x85", "x\x0b", "- \u00a0"]

LINES = sorted(
    {*_LEAVES, *_CONTAINERS, *_FENCES, *_HTML, *_DEFINITIONS, *_TABLES, *_TABS, *_FALSE_WHITE_SPACE}
)


def lines(least: int = 1, most: int = 16) -> st.SearchStrategy[str]:
    """Documents of lines that open, close and interrupt each other in every way."""
    line = st.one_of(
        st.sampled_from(LINES),
        st.sampled_from(_WHITE_SPACE),
        st.sampled_from(_CONTAINERS),
        st.sampled_from(_FENCES),
        st.sampled_from(_HTML),
        st.sampled_from(_DEFINITIONS),
    )
    return st.lists(line, min_size=least, max_size=most).map("\n".join)


# -- Text of any kind

HOSTILE = [
    "\x1b[31m",
    "\x1b]8;;http://x\x07",
    "\x9b31m",
    "\u202e",
    "\u2066",
    "\u2028",
    "\u2029",
    "\x00",
    "\r",
    "\r\n",
    "\x7f",
    "\x08",
    "\x0b\x0c",
    "\t",
    "&#27;",
    "&#x9b;",
    "&#x202e;",
    "&#0;",
    "&#9;",
    "&#10;",
    "&#13;",
    "&Tab;",
    "&NewLine;",
    "&shy;",
    "&#xD800;",
    "\udcff",
    "\udce2\udc80",
    "[x](<\x1b[2J>)",
    "[x](/u\u202e '\x1b')",
    "![\x1b[2J](/\x9b '\x1b[m')",
    "<a href='\x1b'>",
    "<http://\x9b/>",
    "[^\x1b]",
]
"""Text that would steer a terminal, as such, as entities, and in links and pictures."""

SCRIPTS = [
    "日本語の文章は、空白なしで続く。",
    "「漢字」と（カナ）ー",
    "中文，段落。",
    "हिन्दी में क्ष्म",
    "اردو میں ایک جملہ",
    "বাংলায় একটি বাক্য",
    "தமிழில் ஒரு சொல்",
    "한국어 문장",
    "👩\u200d👩\u200d👧",
    "🇮🇳",
    "👍🏽",
    "e\u0301",
    "\u0301",
    "\u200d",
    "\u200b",
    "a\u00a0b",
    "\ufeff",
    "ﷺ",
    "\u3000",
    "—",
]

_MARKUP = [
    "*em*",
    "**strong**",
    "***both***",
    "~~gone~~",
    "`code  span`",
    "`` ` ``",
    "[link](/url)",
    "[two words](</a b> 'title')",
    "<http://example.org/>",
    "![alt](pic.png)",
    "![](x 'Caption. Credit: Me')",
    "<b>bold</b>",
    "<br>",
    "<img src='y' alt='tea'>",
    "&amp; &copy;",
    "\\*",
    "**",
    "_",
    "[",
    "](",
    "<",
    "[^1]",
    "[^note]",
    "[ref]",
    # Graphemes of which markup makes several runs.
    "👩**\u200d👩x**",
    "*🇮*🇳",
    "क**ि**",
    "**e**\u0301",
    "&#x1f469;&#x200d;&#x1f469;",
]
_WORDS = ["a", "the", "monsoon", "well-known", "in 1947", "its", "—", "and/or", "x" * 45, "Urdu.", "5"]

words = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(_MARKUP),
    st.sampled_from(SCRIPTS),
    st.sampled_from(HOSTILE),
    st.text(max_size=6),
)


def inline(most: int = 12) -> st.SearchStrategy[str]:
    """Text of one block, with emphasis, links, scripts of all kinds, and what is not fit for a screen."""
    joints = st.sampled_from([" ", " ", " ", "", "\n", "  \n"])
    return st.lists(st.tuples(words, joints), min_size=1, max_size=most).map(
        lambda pairs: "".join(word + joint for word, joint in pairs).strip()
    )


def any_text() -> st.SearchStrategy[str]:
    """Any characters at all, control characters among them; lone surrogates stand for broken UTF-8."""
    return st.text(
        st.one_of(
            st.characters(codec="utf-8"),
            st.sampled_from("\x00\x07\x1b\x7f\x85\x9b\r\n\t \u2028\u202e\udc80\udcff#>-*`~<[]!|:&"),
        ),
        max_size=200,
    )


# -- Whole articles


def _indented(text: str, first: str, rest: str) -> str:
    return first + text.replace("\n", "\n" + rest)


def _container(block: str, kind: str) -> str:
    return {
        "quote": _indented(block, "> ", "> "),
        "bullet": _indented(block, "- ", "  "),
        "two bullets": _indented(block, "- ", "  ") + "\n- " + block.partition("\n")[0],
        "number": _indented(block, "9. ", "   ") + "\n" + _indented(block, "10. ", "    "),
        "note": _indented(block, "[^1]: ", "    "),
    }[kind]


_one_line = inline(4).map(lambda text: re.sub(r"[\r\n]+", " ", text))
_leaf = st.one_of(
    inline(20),
    inline(20),
    st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 6), _one_line),
    _one_line.map(lambda text: f"{text}\n==="),
    st.builds(lambda text, mark: f"{mark}py\n{text}\n{mark}", any_text(), st.sampled_from(["```", "~~~"])),
    st.builds(lambda alt, title: f'![{alt}](p.png "{title}")', st.sampled_from(SCRIPTS), _one_line),
    st.sampled_from(["---", "<div>\n<p>Raw <b>text</b><img src='x' alt='A cup'>\n</div>", "<!-- x -->"]),
    st.sampled_from(["[ref]: /there 'T'", "[^note]: A note.", "[^1]: Another.\n\n    And more."]),
    inline(6).map(lambda text: "    " + text.replace("\n", "\n    ")),
)
_table = st.builds(
    lambda rows, marks: "\n".join(
        ["|" + "|".join(rows[0]) + "|", "|" + "|".join(marks) + "|", *("|" + "|".join(r) + "|" for r in rows)]
    ),
    st.lists(st.lists(_one_line, min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.sampled_from(["-", ":-", ":-:", "-:"]), min_size=3, max_size=3),
)
_kinds = st.sampled_from(["quote", "bullet", "two bullets", "number", "note"])


def articles(*, tables: bool = True, most: int = 6) -> st.SearchStrategy[str]:
    """Articles of whole blocks, nested in quotes, lists and notes."""
    leaf = st.one_of(_leaf, _leaf, _table) if tables else _leaf
    block = st.recursive(
        leaf,
        lambda inner: st.builds(_container, st.lists(inner, min_size=1, max_size=3).map("\n\n".join), _kinds),
        max_leaves=4,
    )
    joints = st.sampled_from(["\n\n", "\n\n", "\n"])
    return st.lists(st.tuples(block, joints), min_size=1, max_size=most).map(
        lambda pairs: "".join(part + joint for part, joint in pairs)
    )


def documents() -> st.SearchStrategy[str]:
    """Any of the above."""
    return st.one_of(articles(), lines(), any_text())


# -- What the tests read off a document


def opened(markdown: str | bytes, width: int = 72) -> Document:
    r"""A document as a reader opens it; `\udc80` to `\udcff` stand for bytes that are not UTF-8."""
    body = markdown if isinstance(markdown, bytes) else encoded(markdown)
    return Document(Article(Headline("id", "A headline that no text repeats"), body), width)


def document(markdown: str | bytes, width: int = 72) -> Document:
    """The same, and scanned to its end."""
    of = opened(markdown, width)
    of.scan(None)
    return of


def encoded(markdown: str) -> bytes:
    r"""Text as bytes, `\udc80` to `\udcff` as the bytes 80 to ff."""
    return re.sub("[\ud800-\udc7f\udd00-\udfff]", "?", markdown).encode("utf-8", "surrogateescape")


def runs_text(runs: Iterable[Run]) -> str:
    """The text of runs."""
    return "".join([text for text, _, _ in runs])


def row_text(line: Line) -> str:
    """A row as it is seen."""
    return runs_text(line.prefix) + runs_text(line.runs)


def anchors(of: Document, first_piece: int = 0) -> list[Anchor]:
    """Every row of a document."""
    return [
        Anchor(piece, line)
        for piece in range(first_piece, len(of))
        for line in range(len(of.lay(piece).lines))
    ]


def body_lines(of: Document) -> Iterator[Line]:
    """Every line of a document but for its head."""
    for piece in range(1, len(of)):
        yield from of.lay(piece).lines


def body_text(of: Document) -> str:
    """All text of a document but for its head, with single spaces."""
    return squeezed("\n".join([of.lay(piece).text for piece in range(1, len(of))]))


def squeezed(text: str) -> str:
    """Text with single spaces and none at its ends."""
    return " ".join(text.split())


def solid(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def unfit(text: str) -> list[str]:
    """The characters of a text that steer a terminal or hide the order of its text, as escapes."""
    return [
        f"U+{ord(character):04X}"
        for character in text
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _BIDI_CONTROLS
    ]


def widest(lines: Iterable[Line]) -> int:
    """The cells of the widest row."""
    return max((sum(cells(run[0]) for run in (*line.prefix, *line.runs)) for line in lines), default=0)


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._unseen += 1
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "picture")
        elif tag in ("br", "td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen = max(0, self._unseen - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


# Comments, instructions, declarations and CDATA as CommonMark 0.31.2, section 6.6, has them: Python's
# own reader takes them differently from one version to the next.
_without_comments = re.compile(r"<!--(?:-?>|.*?-->)|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<![A-Za-z][^>]*>", re.S).sub


def visible_text(html: str) -> str:
    """What a browser would show of HTML, with single spaces; a picture is its alternative text."""
    reader = _VisibleText()
    reader.feed(_without_comments("", html))
    reader.close()
    return squeezed("".join(reader.parts))
