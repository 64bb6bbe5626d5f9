"""Character sets: whatever a document and its server say, it is read as it was meant, without an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.net.charset import codec_of, decode

TEXT = "<p>Größe “naïve” — 5 €"


@pytest.mark.parametrize(
    ("body", "header", "text"),
    [
        pytest.param(TEXT.encode("cp1252"), "text/html; charset=windows-1252", TEXT, id="header"),
        pytest.param(
            TEXT.encode("cp1252"), "text/html; charset='ISO-8859-1'", TEXT, id="Latin-1 means cp1252"
        ),
        pytest.param("<p>žluť".encode("cp1250"), 'text/html;Charset="cp1250"', "<p>žluť", id="a family"),
        pytest.param("<p>日本".encode("euc_jp"), "text/html; charset=EUC-JP", "<p>日本", id="Japanese"),
        pytest.param("<p>中文".encode("gb18030"), "text/html; charset=gb2312", "<p>中文", id="Chinese"),
        pytest.param(TEXT.encode(), "", TEXT, id="nothing is said"),
        pytest.param(TEXT.encode("cp1252"), "text/html", TEXT, id="nothing is said, and it is no UTF-8"),
        pytest.param(TEXT.encode(), "text/html; charset=iso-2022-jp", TEXT, id="what is said doesn't fit"),
        pytest.param(TEXT.encode("cp1252"), "text/html; charset=utf-8", TEXT, id="nor what is usual"),
        pytest.param(
            "größer ÄÖÜ".encode() + b"\xff",
            "text/html; charset=utf-8",
            "größer ÄÖÜ\ufffd",
            id="a little damage",
        ),
        pytest.param(b"\xef\xbb\xbf" + TEXT.encode(), "", TEXT, id="UTF-8's mark"),
        pytest.param(b"\xff\xfe" + TEXT.encode("utf-16-le"), "", TEXT, id="UTF-16's mark"),
        pytest.param(
            b"\xfe\xff" + TEXT.encode("utf-16-be"), "a/b; charset=utf-8", TEXT, id="a mark goes first"
        ),
        pytest.param(TEXT.encode("utf-16-le"), "", TEXT, id="UTF-16 without a mark"),
        pytest.param("<?xml ?>".encode("utf-16-be"), "", "<?xml ?>", id="and the other"),
        pytest.param("<meta charset=koi8-r>мир".encode("koi8-r"), "", "<meta charset=koi8-r>мир", id="meta"),
        pytest.param(
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">мир'.encode("cp1251"),
            "text/html",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">мир',
            id="meta, the old way",
        ),
        pytest.param(
            "<?xml version='1.0' encoding='ISO-8859-2'?>žluť".encode("iso8859-2"),
            "application/xml",
            "<?xml version='1.0' encoding='ISO-8859-2'?>žluť",
            id="XML",
        ),
        pytest.param(
            "<meta charset=utf-16>ü".encode(), "", "<meta charset=utf-16>ü", id="no UTF-16 can say so"
        ),
        pytest.param(
            "<meta charset=latin1>ü".encode(), "a/b; charset=utf-8", "<meta charset=latin1>ü", id="both"
        ),
        pytest.param(b"", "text/html; charset=utf-8", "", id="empty"),
        pytest.param(b"\x81\x8d\xff", "", "\ufffd\ufffdÿ", id="what no set has"),
    ],
)
def test_a_document_is_read_as_it_was_meant(body: bytes, header: str, text: str) -> None:
    assert decode(body, header) == text


@pytest.mark.parametrize(
    "name",
    [
        *("zlib", "zip", "bz2", "hex", "base64", "rot13", "idna", "punycode", "unicode_escape", "utf-7"),
        *("raw_unicode_escape", "undefined", "mbcs", "utf-32", "charmap", "../utf-8", "windows-9999", ""),
    ],
)
def test_a_header_chooses_no_other_codec_of_python(name: str) -> None:
    assert codec_of(name) is None
    assert decode(b"+ADw-p+AD4- \\u0041", f"text/html; charset={name}") == "+ADw-p+AD4- \\u0041"


def test_every_name_has_a_codec() -> None:
    names = [
        "utf-8",
        "Latin1",
        "US-ASCII",
        "windows-1258",
        "iso-8859-16",
        "big5",
        "shift_jis",
        "euc-kr",
        "ibm866",
    ]
    assert all("x".encode(codec_of(name) or "none") for name in names)


@given(
    st.binary(max_size=300),
    st.text(max_size=60) | st.sampled_from(["utf-8", "utf-16", "big5", "iso-2022-jp"]),
)
def test_no_document_is_an_error(body: bytes, name: str) -> None:
    decode(body, f"text/html; charset={name}").encode()
    decode(b"<meta charset='" + name.encode() + b"'>" + body).encode()
