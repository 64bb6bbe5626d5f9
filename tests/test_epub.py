"""Books: their chapters, notes and pictures, and files that only look like books."""

from __future__ import annotations

import random
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from pulse_tui.acquire.books.archive import MEMBERS, resolve
from pulse_tui.acquire.books.epub import Book, read_epub
from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.markdown.html import to_markdown
from pulse_tui.acquire.markup import MIB, RefusedError
from pulse_tui.article import Figure
from tests.test_feed import LAUGHS

PNG = b"\x89PNG\r\n\x1a\n picture"
IMAGE = r"images/map-[0-9a-f]{8}\.png"
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
Files = Mapping[str, str | bytes | None]


def page(body: str) -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/><style>p {}</style></head>'
        f"<body>{body}</body></html>"
    )


def nav(lines: str) -> str:
    return page(f'<nav epub:type="toc"><ol>{lines}</ol></nav>')


def package(
    spine: str = "a b", metadata: str = "", manifest: str = "", attributes: str = "", head: str = ""
) -> str:
    items = "".join(f'<item id="{name}" href="text/{name}.xhtml"/>' for name in dict.fromkeys(spine.split()))
    order = "".join(f'<itemref idref="{name}"/>' for name in spine.split())
    return (
        f'{head}<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<metadata><dc:title>The Book</dc:title><dc:creator>A. Writer</dc:creator>"
        "<dc:language>en</dc:language>"
        f"<dc:date>2019-05-04</dc:date><dc:identifier>urn:1</dc:identifier>{metadata}</metadata><manifest>"
        f'<item id="nav" href="nav.xhtml" properties="nav"/>{items}{manifest}</manifest>'
        f"<spine {attributes}>{order}</spine></package>"
    )


FILES: Files = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": package(),
    "OPS/nav.xhtml": nav('<li><a href="text/a.xhtml">One</a></li><li><a href="text/b.xhtml">Two</a></li>'),
    "OPS/text/a.xhtml": page("<h1>One</h1><p>First&nbsp;text &amp; more.</p>"),
    "OPS/text/b.xhtml": page("<h1>Two</h1><p>Second text.</p>"),
    "OPS/map.png": PNG,
}


def packed(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            if data is not None:
                archive.writestr(name, data)
    return buffer.getvalue()


def read(**files: str | bytes | None) -> Book:
    """The plain book with some other files; `text_a` is `OPS/text/a.xhtml`."""
    short = {"opf": "OPS/book.opf", "nav": "OPS/nav.xhtml"}
    changed = {short.get(key, f"OPS/{key.replace('_', '/')}.xhtml"): data for key, data in files.items()}
    return read_epub(packed({**FILES, **changed}), to_markdown)


def bodies(book: Book) -> list[tuple[str, str]]:
    return [(chapter.title, chapter.body) for chapter in book.chapters]


def notices(book: Book) -> list[str]:
    return [str(notice) for notice in book.notices]


# -- Books


def test_a_book_becomes_a_feature_for_each_chapter() -> None:
    book = read()
    assert book[:6] == ("The Book", ("A. Writer",), "en", date(2019, 5, 4), "urn:1", "")
    assert book.notices == ()
    assert book.chapters == (
        Feature(
            "One",
            "First\N{NO-BREAK SPACE}text & more.",
            authors=("A. Writer",),
            published=date(2019, 5, 4),
            sections=("The Book",),
            language="en",
        ),
        book.chapters[0].__class__(
            "Two",
            "Second text.",
            authors=("A. Writer",),
            published=date(2019, 5, 4),
            sections=("The Book",),
            language="en",
        ),
    )


def test_a_book_from_a_path(tmp_path: Path) -> None:
    (tmp_path / "book.epub").write_bytes(packed(FILES))
    assert read_epub(tmp_path / "book.epub", to_markdown) == read()


def test_the_spine_decides_on_the_order() -> None:
    assert [title for title, _ in bodies(read(opf=package("b a")))] == ["Two", "One"]


def test_parts_are_sections() -> None:
    lines = '<li><span>Part I</span><ol><li><a href="text/a.xhtml">One</a></li></ol></li>'
    assert [chapter.sections for chapter in read(nav=nav(lines)).chapters] == [
        ("The Book", "Part I"),
        ("The Book",),
    ]


def test_contents_from_an_ncx() -> None:
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Part</text></navLabel>'
        '<content src="none.html"/><navPoint><navLabel><text>The  first</text></navLabel>'
        '<content src="text/a.xhtml"/></navPoint></navPoint></navMap></ncx>'
    )
    book = read_epub(
        packed(
            {
                **FILES,
                "OPS/nav.xhtml": None,
                "OPS/book.opf": package(
                    manifest='<item id="ncx" href="toc.ncx"/>', attributes='toc="ncx"'
                ).replace(' properties="nav"', ""),
                "OPS/toc.ncx": ncx,
            }
        ),
        to_markdown,
    )
    assert [(chapter.title, chapter.sections) for chapter in book.chapters] == [
        ("The first", ("The Book", "Part")),
        ("Two", ("The Book",)),
    ]


def test_a_document_is_cut_where_the_contents_say() -> None:
    book = read(
        opf=package("a"),
        nav=nav(
            '<li><a href="text/a.xhtml#one">One</a></li><li><a href="text/a.xhtml#two">Two</a></li>'
            '<li><a href="text/a.xhtml#gone">Gone</a></li>'
        ),
        text_a=page(
            '<h2 id="one">1. One</h2><p>First.</p>'
            '<div><h2><a id="two"/>Chapter 2</h2><h3>Two</h3><p>Second.</p></div>'
        ),
    )
    # The headline isn't said again in the text.
    assert bodies(book)[0] == ("One", "First.")
    assert bodies(book)[1][0] == "Two"
    assert bodies(book)[1][1].endswith("Second.")
    assert len(book.chapters) == 2


def test_a_document_without_heading_goes_on_with_the_chapter_before() -> None:
    book = read(
        opf=package("a b"), nav=nav('<li><a href="text/a.xhtml">One</a></li>'), text_b=page("<p>Goes on.</p>")
    )
    assert bodies(book) == [("One", "First\N{NO-BREAK SPACE}text & more.\n\nGoes on.")]


def test_a_document_that_the_contents_leave_out_keeps_its_heading() -> None:
    book = read(nav=nav('<li><a href="text/a.xhtml">One</a></li>'), text_b=page("<h2>Own</h2><p>Text.</p>"))
    assert bodies(book)[1] == ("Own", "Text.")


def test_notes_are_footnotes_of_the_chapter_that_refers_to_them() -> None:
    book = read(
        opf=package("a b n"),
        text_a=page(
            '<h1>One</h1><p>Said<sup><a epub:type="noteref" href="#f1">1</a></sup> and done'
            '<a role="doc-noteref" href="n.xhtml#far">2</a>.</p>'
            '<aside epub:type="footnote" id="f1"><p>Near <em>note</em>. <a href="#r">↩</a></p></aside>'
        ),
        text_b=page('<h1>Two</h1><p>Nothing<a epub:type="noteref" href="#lost">3</a>.</p>'),
        text_n=page(
            '<h1>Notes</h1><ol><li id="far" epub:type="endnote"><p>Far note.</p><p>Goes on.</p></li></ol>'
        ),
    )
    assert bodies(book) == [
        ("One", "Said[^1] and done[^2].\n\n[^1]: Near *note*.\n\n[^2]: Far note.\n\n    Goes on."),
        ("Two", "Nothing3."),
    ]


def test_a_note_that_is_referred_to_twice_is_one_note() -> None:
    mark = '<a epub:type="noteref" href="#f">*</a>'
    book = read(text_a=page(f'<h1>One</h1><p>A{mark} b{mark}.</p><aside id="f"><p>Note.</p></aside>'))
    assert bodies(book)[0][1] == "A[^1] b[^1].\n\n[^1]: Note."


def test_a_note_within_a_note_stays_in_it() -> None:
    marks = "".join(f'<a epub:type="noteref" href="#{name}">*</a>' for name in "ab")
    book = read(text_a=page(f'<h1>One</h1><p>X{marks}</p><div id="a">Outer. <p id="b">Inner.</p></div>'))
    (_, text), *_ = bodies(book)
    assert re.fullmatch(r"X\[\^1\]\\?\*\n\n\[\^1\]: Outer\.\s+Inner\.", text)


def test_pictures_are_named_and_brought() -> None:
    book = read(
        opf=package(manifest='<item id="c" href="map.png" media-type="image/png" properties="cover-image"/>'),
        text_a=page(
            '<h1>One</h1><figure><img src="../map.png" alt="A [map]" onclick="x()"/><figcaption>'
            "The north. Credit: M. Aker</figcaption></figure>"
            '<p><img src="../gone.png" alt="lost"/></p><p><img src="http://x.test/y.png" alt="web"/></p>'
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
            '<image xlink:href="../MAP.png"/></svg>'
        ),
    )
    (name,) = book.pictures
    assert re.fullmatch(IMAGE, name)
    assert book.pictures[name] == PNG
    assert book.cover == name
    first = book.chapters[0]
    assert f"]({name} " in first.body
    assert "lost" in first.body
    assert first.pictures[0] == Figure(name, "A [map]", "The north.", "M. Aker")
    assert all(each.source == name for each in first.pictures)
    assert ".invalid" not in first.body
    assert notices(book) == ["The book lacks its file OPS/gone.png."]


def test_only_links_to_the_web_stay_links() -> None:
    book = read(
        text_a=page(
            '<h1>One</h1><p><a href="b.xhtml">in</a> <a href="http://x.test/">out</a> '
            '<a href="javascript:x">js</a></p>'
        )
    )
    assert bodies(book)[0][1] == "in [out](http://x.test/) js"


@pytest.mark.parametrize(
    ("metadata", "published", "authors"),
    [
        ("<dc:date>2019</dc:date>", date(2019, 1, 1), ("A. Writer",)),
        ("<dc:date opf:event='modification'>2020-01-01</dc:date>", None, ("A. Writer",)),
        ("<dc:creator opf:role='ill'>P. Ainter</dc:creator>", None, ("A. Writer",)),
        (
            "<dc:creator id='t'>T</dc:creator><meta refines='#t' property='role'>trl</meta>",
            None,
            ("A. Writer",),
        ),
        ("<dc:creator>B. Writer</dc:creator>", None, ("A. Writer", "B. Writer")),
    ],
)
def test_metadata(metadata: str, published: date | None, authors: tuple[str, ...]) -> None:
    book = read(opf=package(metadata=metadata).replace("<dc:date>2019-05-04</dc:date>", ""))
    assert (book.published, book.authors) == (published, authors)


def test_texts_are_clean() -> None:
    book = read(
        opf=package(metadata="").replace("The Book", "The &#x9b;31m\u202eBook"),
        text_a=page("<h1>One</h1><p>\x9b31m \u202eback &#x9d;</p>"),
    )
    everything = "".join(
        line for chapter in book.chapters for line in (chapter.title, chapter.body, *chapter.sections)
    )
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", everything)


# -- Broken parts


def test_a_missing_document_is_a_notice() -> None:
    book = read(text_a=None)
    assert [title for title, _ in bodies(book)] == ["Two"]
    assert notices(book) == ["The book lacks its file OPS/text/a.xhtml."]


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS.decode() + page("<p>&j;</p>"),
        page("<div>" * 3000 + "deep"),
        "<p>" * 100_000,
        "\0\0\0",
        page(random.Random(1).randbytes(3 * MIB).hex()),
        "words",
    ],
)
def test_a_broken_document_is_a_notice(text: str) -> None:
    book = read(text_a=text)
    assert [title for title, _ in bodies(book)] == ["Two"]
    assert len(book.notices) == 1
    assert re.fullmatch(r"[A-Z][^\n]{10,160}\.", notices(book)[0])


def test_a_careless_document_is_mended() -> None:
    book = read(text_a=page("<h1>One</h1><p>R & D<br>&hellip;</p>"))
    assert bodies(book)[0][1].startswith("R & D")
    assert bodies(book)[0][1].endswith("…")


def test_a_damaged_member_is_a_notice() -> None:
    data = packed(FILES, zipfile.ZIP_STORED).replace(b"Second text", b"Second xxxx")
    book = read_epub(data, to_markdown)
    assert notices(book) == ["The book's file OPS/text/b.xhtml is damaged."]


@pytest.mark.parametrize(
    "contents", [None, "", nav(""), "<nav>" * 1000, page("<p>No list.</p>"), LAUGHS.decode()]
)
def test_a_book_without_contents_goes_by_its_headings(contents: str | None) -> None:
    assert [title for title, _ in bodies(read(nav=contents))] == ["One", "Two"]


def test_words_that_look_like_marks_do_no_harm() -> None:
    stem = re.compile(r"q[0-9a-f]{24}")
    seen: list[str] = []

    def listening(html: str, base: str) -> str:
        seen.extend(stem.findall(base))
        return to_markdown(html, base) + f"\n\n{seen[0]}n9z {seen[0]}c9z https://{seen[0]}.invalid/9\n"

    book = read_epub(packed(FILES), listening)
    assert seen[0] not in "".join(body for _, body in bodies(book))


@pytest.mark.parametrize(
    ("holder", "href", "expected"),
    [
        ("OPS/a.xhtml", "b%20c.xhtml#x", ("OPS/b c.xhtml", "x")),
        ("OPS/text/a.xhtml", "../b.png", ("OPS/b.png", "")),
        ("OPS/a.xhtml", "#x", ("OPS/a.xhtml", "x")),
        ("a.xhtml", "../../etc/passwd", ("", "")),
        ("OPS/a.xhtml", "/etc/passwd", ("", "")),
        ("OPS/a.xhtml", "%2e%2e/%2e%2e/etc", ("", "")),
        ("OPS/a.xhtml", "http://x.test/y", ("", "")),
        ("OPS/a.xhtml", "..\\..\\x", ("", "")),
    ],
)
def test_addresses_within_a_book(holder: str, href: str, expected: tuple[str, str]) -> None:
    assert resolve(holder, href) == expected


# -- Hostile books


def encryption(algorithm: str) -> str:
    return (
        f'<encryption><EncryptedData><EncryptionMethod Algorithm="{algorithm}"/></EncryptedData></encryption>'
    )


def changed(**files: str | bytes | None) -> bytes:
    named = {key.replace("__", "/"): data for key, data in files.items()}
    return packed({**FILES, **{key.replace("META/", "META-INF/"): data for key, data in named.items()}})


def named(name: str) -> bytes:
    """The book with a member of that name."""
    return packed({**FILES, "placeholder".ljust(len(name.encode()), "_"): b""}).replace(
        b"placeholder".ljust(len(name.encode()), b"_"), name.encode()
    )


def flagged(data: bytes) -> bytes:
    """The book with the flag of encryption on its first member."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + struct.pack("<H", 1) + data[at + 2 :]


def lying(data: bytes, members: int, directory: int) -> bytes:
    at = data.rindex(b"PK\x05\x06")
    return data[: at + 8] + struct.pack("<HHL", members, members, directory) + data[at + 16 :]


WHOLE = packed(FILES)
MANY = " ".join(f"d{number}" for number in range(2500))
REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no zip": lambda: b"%PDF-1.7" + bytes(1000),
    "words": lambda: b"PK words, and no more than that",
    "half": lambda: WHOLE[: len(WHOLE) // 2],
    "no end": lambda: WHOLE[:-10],
    "no beginning": lambda: b"PK" + WHOLE[400:],
    "an empty zip": lambda: packed({}),
    "no container": lambda: changed(**{"META__container.xml": None}),
    "an empty container": lambda: changed(**{"META__container.xml": ""}),
    "a container of nothing": lambda: changed(**{"META__container.xml": "<container/>"}),
    "a container that laughs": lambda: changed(**{"META__container.xml": LAUGHS.decode() + CONTAINER}),
    "a container that leads outside": lambda: changed(
        **{"META__container.xml": CONTAINER.replace("OPS/book.opf", "../../etc/passwd")}
    ),
    "no package": lambda: changed(**{"OPS__book.opf": None}),
    "a package that laughs": lambda: changed(**{"OPS__book.opf": package(head=LAUGHS.decode())}),
    "a package that reads files": lambda: changed(
        **{"OPS__book.opf": package(head='<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>')}
    ),
    "a deep package": lambda: changed(**{"OPS__book.opf": "<package>" * 5000}),
    "nothing to read": lambda: changed(**{"OPS__book.opf": package("")}),
    "nothing that can be read": lambda: changed(**{"OPS__text__a.xhtml": None, "OPS__text__b.xhtml": None}),
    "too many documents": lambda: changed(**{"OPS__book.opf": package(MANY)}),
    "too much text": lambda: packed(
        {
            **FILES,
            "OPS/book.opf": package(" ".join(f"d{number}" for number in range(13))),
            **{f"OPS/text/d{number}.xhtml": page("x" * (4 * MIB)) for number in range(13)},
        },
        zipfile.ZIP_STORED,
    ),
    "a lock": lambda: changed(**{"META__encryption.xml": encryption("http://www.w3.org/2001/04/xmlenc#aes")}),
    "a broken lock": lambda: changed(**{"META__encryption.xml": "<encryption"}),
    "a password": lambda: flagged(WHOLE),
    "a name above": lambda: named("../../../tmp/evil"),
    "a name from the root": lambda: named("/etc/cron.d/evil"),
    "a name of a drive": lambda: named("C:\\evil.xhtml"),
    "a name with backslashes": lambda: named("OPS\\..\\..\\evil"),
    "a name with a NUL": lambda: named("OPS/evil\0.xhtml"),
    "a bomb": lambda: changed(**{"OPS__text__a.xhtml": bytes(40 * MIB)}),
    "a bomb of pictures": lambda: changed(**{f"OPS__{n}.png": PNG + bytes(2 * MIB) for n in range(5)}),
    "too many files": lambda: packed({**FILES, **{f"OPS/{n}": b"" for n in range(MEMBERS + 1)}}),
    "a giant directory": lambda: lying(WHOLE, 7, 2**31),
    "a directory of many": lambda: lying(WHOLE, 65_534, 4000),
    "a directory of nothing": lambda: lying(WHOLE, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_books_are_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_epub(REFUSED[name](), to_markdown)
    assert re.fullmatch(r"[A-Z][^\n]{10,160}\.", str(refusal.value))


# Each took minutes, or gigabytes, when work was done for each element within each other one.
NOTES = "".join(f'<a epub:type="noteref" href="#n{number}">*</a>' for number in range(2000))
COSTLY = {
    "drawings in drawings": "<svg>" * 200 + "<text>x</text>" * 50_000 + "</svg>" * 200,
    "notes in notes": NOTES
    + "".join(f"<div id='n{number}'>" for number in range(200))
    + "words " * 200_000
    + "</div>" * 200,
    "ids in one block": f"{NOTES}<section><p>"
    + "".join(f"<b id='n{number}'/>" for number in range(2000))
    + f"{'words ' * 5000}</p></section>",
    "pictures that are gone": "".join(f'<img src="{number}.png"/>x' for number in range(20_000)),
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_books_are_read(name: str) -> None:
    files = {**FILES, "OPS/text/a.xhtml": page(f"<h1>One</h1><p>Start.</p>{COSTLY[name]}")}
    book = read_epub(packed(files, zipfile.ZIP_STORED), to_markdown)
    assert [chapter.title for chapter in book.chapters] == ["One", "Two"]
    assert book.chapters[0].body.startswith("Start.")


def test_a_note_in_every_chapter_counts_each_time() -> None:
    mark = '<a epub:type="noteref" href="#n">*</a>'
    chapters = "".join(f'<h2 id="c{number}">C{number}</h2><p>X{mark}</p>' for number in range(1500))
    lines = "".join(f'<li><a href="text/a.xhtml#c{number}">C{number}</a></li>' for number in range(1500))
    text = page(f'{chapters}<aside id="n">{"words " * 10_000}</aside>')
    files = {**FILES, "OPS/nav.xhtml": nav(lines), "OPS/text/a.xhtml": text}
    with pytest.raises(RefusedError, match="of text"):
        read_epub(packed(files, zipfile.ZIP_STORED), to_markdown)


@pytest.mark.parametrize(
    "algorithm", ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"]
)
def test_scrambled_fonts_are_no_lock(algorithm: str) -> None:
    book = read_epub(changed(**{"META__encryption.xml": encryption(algorithm)}), to_markdown)
    assert len(book.chapters) == 2


def test_too_large_a_picture_is_left_out() -> None:
    noise = PNG + random.Random(1).randbytes(17 * MIB)
    files = {
        **FILES,
        "OPS/map.png": noise,
        "OPS/text/a.xhtml": page('<h1>One</h1><p><img src="../map.png"/>T</p>'),
    }
    book = read_epub(packed(files, zipfile.ZIP_STORED), to_markdown)
    assert book.pictures == {}
    assert notices(book) == ["The book's file OPS/map.png is larger than 16 MB, so it is left out."]
