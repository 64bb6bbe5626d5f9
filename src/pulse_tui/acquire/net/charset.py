"""From bytes to text: the character set is told by a byte order mark, the header, the document, or by trying.

The order and the names are those of the WHATWG's Encoding standard, https://encoding.spec.whatwg.org, and of
HTML's "determining the character encoding"; a byte order mark goes before the header, because it is never
there by mistake.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

_MARKS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
_HEAD = 4_096
"""Bytes within which a document names its set; the standard asks for 1,024, but pages put scripts first."""
_in_header = re.compile(r"""charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.IGNORECASE).search
_in_document = re.compile(
    rb"""<meta\s[^>]{0,512}?charset\s*=\s*["']?\s*([\w.:+-]+)|<\?xml\s[^>]{0,128}?encoding\s*=\s*["']([\w.:+-]+)""",
    re.IGNORECASE,
).search

# What documents call them, and the codec that reads what they mean.  Nothing else is taken: Python's codecs
# include compressions and escapes, and a header must not choose those.
_CODECS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8",
    "cp1252": "windows-1252 cp1252 iso-8859-1 iso8859-1 latin1 latin-1 l1 us-ascii ascii ansi_x3.4-1968",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2",
    "utf-16-be": "utf-16be",
    "iso8859-15": "iso-8859-15 iso8859-15 latin9 latin-9",
    "cp1254": "windows-1254 cp1254 iso-8859-9 latin5",
    "cp874": "windows-874 tis-620 iso-8859-11",
    "gb18030": "gb2312 gbk gb18030 x-gbk gb_2312-80 chinese",
    "big5hkscs": "big5 big5-hkscs x-x-big5 cn-big5",
    "cp932": "shift_jis shift-jis sjis x-sjis windows-31j ms_kanji",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "cp949": "euc-kr ks_c_5601-1987 windows-949 korean",
    "koi8-r": "koi8-r koi8 koi",
    "koi8-u": "koi8-u koi8-ru",
    "mac-roman": "macintosh mac x-mac-roman",
    "cp866": "ibm866 cp866 866",
}
_by_name = {name: codec for codec, names in _CODECS.items() for name in names.split()}
_family = re.compile(r"(?:windows-|cp)(125[0-8])|iso-?8859-([2-8]|10|13|14|16)").fullmatch


def codec_of(name: str) -> str | None:
    """Python's codec for a character set's name in documents; None if it is none that is taken."""
    name = name.strip().lower()
    if codec := _by_name.get(name):
        return codec
    if found := _family(name):
        return f"cp{found[1]}" if found[1] else f"iso8859-{found[2]}"
    return None


def charset_in(content_type: str) -> str:
    """The character set that a Content-Type header names, in its words; empty if it names none."""
    found = _in_header(content_type[:1_000])
    return found[1] if found else ""


def named_in(content_type: str) -> str | None:
    """The codec that a Content-Type header names, if any."""
    return codec_of(charset_in(content_type))


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a document; what cannot be read becomes U+FFFD, line ends stay as they are."""
    for mark, marked in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace")
    codec = named_in(content_type) or _named_by(body)
    for candidate in (codec, "utf-8"):
        if candidate:
            try:
                return body.decode(candidate)
            except UnicodeDecodeError:
                pass
    if codec == "utf-8":  # some damage is likelier than another set, unless hardly anything fits
        text = body.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        if wrong <= len(text) - len(text.encode("ascii", "ignore")) - wrong:
            return text
        codec = None
    return body.decode(codec or "cp1252", "replace")


def _named_by(body: bytes) -> str | None:
    head = body[:_HEAD]
    if head.startswith((b"<\0", b"\0<")):
        return "utf-16-le" if head[0] else "utf-16-be"
    found = _in_document(head)
    if found is None:
        return None
    codec = codec_of((found[1] or found[2]).decode("ascii", "replace"))
    # A name that could be read byte by byte is no UTF-16.
    return "utf-8" if codec and codec.startswith("utf-16") else codec
