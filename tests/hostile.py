"""What readers of pages, feeds, books and pictures are broken with; each is made when it is asked for."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Literal

from tests import servers, test_epub, test_feed, test_opml
from tests.servers import Answer

Make = Callable[[], bytes]
Outcome = Literal["read", "refused", "either"]
"""`either`: refusing it and reading it safely are both right."""

PROSE = "A sentence of ordinary prose, with commas, that goes on for a while. " * 6
P = f"<p>{PROSE}</p>"
STEERING = "\x1b[31m\x1b]0;x\x07\x9b2J\u202e\u2066\x00"


def article(body: str, head: str = "") -> bytes:
    """A page with an article."""
    return (
        f"<html><head><title>The headline here</title>{head}</head>"
        f"<body><article><h1>The headline here</h1>{body}</article></body></html>"
    ).encode()


# -- Pages

PAGES: Mapping[str, tuple[Outcome, Make]] = {
    "5,000 divs in each other": ("either", lambda: article("<div>" * 5000 + P * 5 + "</div>" * 5000)),
    "100,000 spans in each other": ("refused", lambda: article("<p>" + "<span>" * 100_000 + "x</p>" + P * 5)),
    "200,000 paragraphs": ("refused", lambda: article("<p>short para</p>" * 200_000)),
    "10,000 paragraphs": ("either", lambda: article("<p>short para.</p>" * 10_000)),
    "one paragraph of 20 MB": ("refused", lambda: article("<p>" + "word " * 4_000_000 + "</p>")),
    "one paragraph of 1 MB": ("either", lambda: article("<p>" + "word " * 200_000 + "</p>")),
    "50,000 attributes": (
        "refused",
        lambda: article("<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x</p>" + P * 5),
    ),
    "2,000 links": ("either", lambda: article("<p>" + "<a href=x>link</a> text, " * 2_000 + "</p>")),
    "a table of 300 by 45": (
        "either",
        lambda: article("<table>" + ("<tr>" + "<td>c</td>" * 45 + "</tr>") * 300 + "</table>" + P * 5),
    ),
    "300 tables in each other": (
        "either",
        lambda: article("<table><tr><td>" * 300 + P + "</td></tr></table>" * 300 + P * 5),
    ),
    "nothing": ("refused", lambda: b""),
    "blanks": ("refused", lambda: b" \n\t" * 10_000),
    "a picture as a page": ("refused", lambda: b"\x89PNG\r\n\x1a\n" + bytes(10_000)),
    "noise": ("refused", lambda: bytes(range(256)) * 400),
    "no text": ("refused", lambda: b"<html><body><script>alert(1)</script></body></html>"),
    "deep JSON-LD": (
        "read",
        lambda: article(P * 8, f"<script type='application/ld+json'>{'[' * 50_000}</script>"),
    ),
    "a giant number in JSON-LD": (
        "read",
        lambda: article(
            P * 8, f"<script type='application/ld+json'>{{\"a\": {'9' * 500_000}}}</script>"
        ),
    ),
    "5,000 scripts of JSON-LD": (
        "either",
        lambda: article(P * 8, "<script type='application/ld+json'>{\"@type\": \"Article\"}</script>" * 5000),
    ),
    "steering text": ("read", lambda: article(P * 5 + f"<p>a{STEERING}red</p><h2>{STEERING}Two</h2>")),
    "steering entities": (
        "read",
        lambda: article(P * 5 + "<p>&#27;[31m &#0; &#xD800; &#x110000; &#x202e; &#155;x</p>"),
    ),
    "brackets": ("either", lambda: article("<p>" + "(" * 50_000 + "[" * 50_000 + "</p>" + P * 5)),
    "100,000 comments": ("either", lambda: article("<!-- x -->" * 100_000 + P * 5)),
    "unclosed comments": ("either", lambda: article(P * 5 + "<!--" * 200_000)),
    "angles alone": ("either", lambda: b"<" * 500_000),
    "ampersands alone": ("either", lambda: article("&" * 500_000)),
    "unclosed elements": ("either", lambda: article("<b><i><a href=x>" * 40_000 + P * 5)),
    "a title of 4 MB": ("either", lambda: article(P * 5, f"<title>{'t' * 4_000_000}</title>")),
    "an encoding of no text": (
        "read",
        lambda: article(P * 5, "<meta charset=zlib_codec>") + b"\xff\xfe\x00",
    ),
    "seven bits that hide tags": ("read", lambda: article(P * 5 + "+ADw-b+AD4-", "<meta charset=utf-7>")),
    "addresses that run": (
        "read",
        lambda: article(
            "<base href='javascript:alert(1)//'>"
            + P * 5
            + "<p><a href='java\tscript:alert(1)'>one</a> <a href='data:text/html,x'>two</a>"
            "<a href='file:///etc/passwd'>three</a> <a href='vbscript:x'>four</a></p>"
            "<img src='file:///etc/passwd'><img src='data:image/png;base64,AAAA'>"
        ),
    ),
    "files beside that are none of its business": (
        "read",
        lambda: article(P * 5 + "<img src='../../../../etc/passwd'><img src='%2e%2e/%2e%2e/etc/passwd'>"),
    ),
    "1,000 figures": (
        "either",
        lambda: article(
            P + "<figure><img src='http://127.0.0.1:9/a.png'><figcaption>C</figcaption></figure>" * 1000
        ),
    ),
    "a source of names": ("either", lambda: article(P + "<img src='" * 300_000)),
}  # fmt: skip

LARGE: Mapping[str, Make] = {
    "100,000 paragraphs": lambda: article("<p>short para.</p>" * 100_000),
    "one paragraph of 4 MB": lambda: article("<p>" + "word " * 800_000 + "</p>"),
    "20,000 links": lambda: article("<p>" + "<a href=x>link</a> text, " * 20_000 + "</p>"),
    "a table of 3,000 by 45": lambda: article(
        "<table>" + ("<tr>" + "<td>c</td>" * 45 + "</tr>") * 3000 + "</table>" + P * 5
    ),
    "20,000 figures": lambda: article(
        P + "<figure><img src='http://127.0.0.1:9/a.png'><figcaption>C</figcaption></figure>" * 20_000
    ),
}
"""Pages that keep a reader busy for long; either outcome is right."""


# -- Markdown and plain text

MARKDOWN: Mapping[str, tuple[Outcome, Make]] = {
    "25 MB": ("refused", lambda: b"# T\n\n" + b"word " * 5_000_000),
    "anchors that multiply": (
        "read",
        lambda: (
            b"---\ntitle: T\na: &a [x,x]\n"
            + b"".join(b"%c: &%c [*%c,*%c]\n" % (98 + n, 98 + n, 97 + n, 97 + n) for n in range(20))
            + b"---\n\nText.\n"
        ),
    ),
    "front matter without end": ("read", lambda: b"---\n" + b"key: value\n" * 100_000),
    "deep front matter": ("read", lambda: b"---\na: " + b"[" * 20_000 + b"\n---\n\nText.\n"),
    "300,000 brackets": ("read", lambda: b"# T\n\n" + b"![" * 300_000),
    "steering text": (
        "read",
        lambda: f"---\ntitle: 'T{STEERING}'\nid: \"{STEERING}\"\n---\n{PROSE}{STEERING}".encode(),
    ),
    "pictures of other files": (
        "read",
        lambda: (
            b"# T\n\n![](../../../../../etc/passwd) ![](/etc/passwd) ![](file:///etc/passwd) ![](/dev/zero)"
        ),
    ),
    "an id that escapes": ("read", lambda: b"---\nid: ../../../etc/x\ntitle: ../../x\n---\n\nText.\n"),
}
TEXTS: Mapping[str, tuple[Outcome, Make]] = {
    "one line of 4 MB": ("either", lambda: b"word " * 800_000),
    "50,000 lines": ("either", lambda: b"a line\n\n" * 50_000),
    "6 MB": ("refused", lambda: b"word " * 1_200_000),
    "steering text": ("read", lambda: f"Title\n\n{STEERING}{PROSE}\n".encode()),
    "bars": ("either", lambda: b"a | b\n" * 50_000),
}


# -- Books, feeds and lists of feeds, of which the tests of their readers have more

BOOKS: Mapping[str, Make] = {
    name: test_epub.REFUSED[name]
    for name in (
        *("nothing", "words", "half", "an empty zip", "a container that laughs", "a deep package"),
        *("a container that leads outside", "too much text", "a lock", "a password", "a name above"),
        *("a bomb", "too many files", "a giant directory"),
    )
}
FEEDS: Mapping[str, bytes] = {
    name: test_feed.REFUSED[name]
    for name in ("a billion laughs", "a file as an entity", "deep nesting", "deep JSON", "too many bytes")
}
LISTS: Mapping[str, bytes] = {
    name: test_opml.REFUSED[name]
    for name in ("a billion laughs", "a file", "no end", "attributes", "too many bytes", "quotes without end")
}


def costly_book() -> bytes:
    """A book that took minutes, and pictures in it that would take gigabytes."""
    pictures = "".join(f'<p><img src="{n}.png"/></p>' for n in range(3))
    text = test_epub.page(f"<h1>One</h1><p>Start.</p>{pictures}{test_epub.COSTLY['ids in one block']}")
    members = {f"OPS/text/{n}.png": giant_picture() for n in range(3)}
    files = {**test_epub.FILES, "OPS/text/a.xhtml": text, **members}
    return test_epub.packed(files, zipfile.ZIP_STORED)


# -- Pictures


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(width: int = 40, height: int = 30, rows: bytes | None = None) -> bytes:
    """A PNG in grey."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = rows if rows is not None else (b"\0" + bytes(range(width % 256)).ljust(width, b"\x80")) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def giant_picture() -> bytes:
    """A PNG of some KB that says it has two and a half thousand million pixels."""
    return picture(50_000, 50_000, bytes(1_000_000))


PICTURES: Mapping[str, Make] = {
    "a giant": giant_picture,
    "cut off": lambda: picture()[:60],
    "no picture": lambda: b"<svg onload='alert(1)'/>",
    "a text that says PNG": lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 1000,
    "an endless list of chunks": lambda: picture()[:33] + _chunk(b"tEXt", b"x") * 50_000,
}


# -- Servers

_PAGE = article(P * 5)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def bomb() -> bytes:
    """200 MB of blanks, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()


ANSWERS: Mapping[str, tuple[Outcome, Callable[[], Answer]]] = {
    "a bomb": ("refused", lambda: servers.page(bomb(), "Content-Encoding: gzip", "Content-Type: text/html")),
    "a circle": ("refused", lambda: servers.redirect("/again")),
    "a way to a file": ("refused", lambda: servers.redirect("file:///etc/passwd")),
    "a way to the neighbourhood": ("refused", lambda: servers.redirect("http://169.254.169.254/latest/")),
    "a way to nowhere": ("refused", lambda: servers.redirect("http://[::1")),
    "headers without end": ("refused", lambda: servers.flood(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000)),
    "a body without end": ("refused", lambda: servers.flood(_HEAD + b"\r\n", b"<p>words</p>" * 1000)),
    "a size that lies": ("refused", lambda: servers.page(_PAGE, "Content-Length: 9999999")),
    "a size beyond all": ("refused", lambda: servers.page(_PAGE, "Content-Length: 99999999999999999999")),
    "chunks of nonsense": (
        "refused",
        lambda: servers.raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\nhello\r\n"),
    ),
    "no such page": ("refused", lambda: servers.page(_PAGE, status="404 Not Found")),
    "not for you": ("refused", lambda: servers.page(_PAGE, status="403 Forbidden")),
    "too often": ("refused", lambda: servers.page(b"", "Retry-After: 600", status="429 Slow")),
    "gone": ("refused", lambda: servers.page(b"", status="410 Gone")),
    "in trouble": ("refused", lambda: servers.page(b"", status="503 Busy")),
    "no server of pages": ("refused", lambda: servers.raw(b"220 mail.example ESMTP\r\n")),
    "silence": ("refused", lambda: servers.raw(b"")),
    "broken off": ("refused", lambda: lambda client: client.reset()),
    "a PDF": ("refused", lambda: servers.page(b"%PDF-1.7 ...", "Content-Type: text/html")),
    "a picture": ("refused", lambda: servers.page(picture(), "Content-Type: text/html")),
    "a film": ("refused", lambda: servers.page(b"\0\0\0\x18ftypmp42", "Content-Type: video/mp4")),
    "JSON": ("refused", lambda: servers.page(b'{"a": 1}', "Content-Type: application/json")),
    "nothing": ("refused", lambda: servers.page(b"", "Content-Type: text/html")),
    "an encoding of no text": ("read", lambda: servers.page(_PAGE, "Content-Type: text/html; charset=zlib")),
    "packed as nobody asked": (
        "refused",
        lambda: servers.page(_PAGE, "Content-Encoding: br", "Content-Type: text/html"),
    ),
}
SLOW: Mapping[str, Callable[[], Answer]] = {
    "a head that drips": lambda: servers.after(b"HTTP/1.1 200 OK\r\nX: "),
    "a body that drips": lambda: servers.after(_HEAD + b"\r\n"),
    "chunks that drip": lambda: servers.after(
        _HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 500
    ),
    "no answer": lambda: lambda client: client.hang(),
}
"""These take all the time there is."""

ADDRESSES: Mapping[str, str] = {
    "no host": "http://",
    "half an address": "http://[::1",
    "a password": "http://name:secret@localhost/",
    "no such port": "http://127.0.0.1:99999/",
    "steering text": "http://\x1b[31m\u202e/",
    "10,000 letters": "http://example.org/" + "a" * 10_000,
    "10,000 letters of a host": f"http://{'a' * 10_000}/",
}
