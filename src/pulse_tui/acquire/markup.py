"""XML from outside: decoded, mended and parsed without document types or entities.

Feeds, lists of feeds and books are XML that anybody may have written.  What expands (entities), what
reaches out (external identifiers) and what costs more than it holds (nesting, sheer numbers of tags) is
refused with a sentence; what is merely careless (bare `&`, wrong encodings, unclosed tags) is mended.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import escape, unescape
from typing import Any

from pulse_tui.text import clean_line

MIB = 1024 * 1024
_TEXT = 10_000
TAGS = 1_000_000
"""Tags in one document; a tree takes about 120 bytes for each."""

_REFERENCES = 500_000

_declared = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})""").search
# Encodings that a feed may name; Python knows others (unicode_escape, punycode) that are none or slow.
_known = re.compile(
    r"utf-?(?:8|16|32)(?:-?[lb]e)?|us-ascii|ascii|latin-?1|(?:iso[-_]?)?8859[-_]?\d+|iso-?2022-(?:jp|kr)\S{0,4}|"
    r"(?:windows|cp|x-cp)-?\d+|koi8-[rtu]|shift[-_]?jis|sjis|euc-?(?:jp|kr)|gb(?:2312|k|18030)|big5\S{0,6}|"
    r"mac-?(?:roman|intosh|cyrillic)|tis-?620|hz(?:-gb-2312)?",
    re.IGNORECASE,
).fullmatch
_latin = re.compile(r"(?:iso[-_]?)?8859[-_]?1|latin-?1|us-ascii|ascii", re.IGNORECASE).fullmatch
_seven_bit = re.compile(r"iso-?2022|hz", re.IGNORECASE).match
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)

_entities = re.compile(
    r"""<!ENTITY\s{1,20}(%)?\s{0,20}[^\s"'>]{1,100}\s{0,20}(?:"([^"]*)"|'([^']*)'|(\w+))?""", re.IGNORECASE
).finditer
_harmless = re.compile(r"&#\w{1,8};|[^&%<]{0,100}").fullmatch
_subset = re.compile(r"[^\[>]*([\[>])").match
_subset_end = re.compile(r"\]\s*>").search
_root = re.compile(r"<[^\W\d][\w:.-]*(?=[\s/>])").match
# Characters that XML 1.0 has not: https://www.w3.org/TR/xml/#charsets
_unfit = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").sub
_reference = re.compile(r"&(#[0-9]{1,8};|#[xX][0-9a-fA-F]{1,7};|[A-Za-z][A-Za-z0-9]{1,31};)?").sub
_void = re.compile(r"<(br|hr|img|input|wbr)\b([^<>]*)>(?:</\1>)?", re.IGNORECASE).sub
_declarations = re.compile(r"\A(<[^\s<>]+)(?:\s+xmlns(?::[\w.-]+)?=\"[^\"<>]*\")+").sub
_tag = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL).sub


class RefusedError(ValueError):
    """Outside data that can't or must not be read; its text is one sentence for the reader."""


def check_size(data: bytes, limit: int, what: str) -> None:
    """Refuse what is empty or larger than `limit` bytes."""
    if not data.strip(b"\0 \t\r\n"):
        raise RefusedError(f"{what} is empty.")
    if len(data) > limit:
        raise RefusedError(f"{what} is larger than {limit // MIB} MB, the most that is read.")


def decode(data: bytes, charset: str = "") -> str:
    """Bytes as text, by their mark, by being UTF-8, by their declaration, by `charset`, or as cp1252.

    What is valid UTF-8 is hardly ever anything else, whatever it says of itself; seven-bit encodings
    (ISO-2022-JP) are the exception.
    """
    found = _declared(data[:1000])
    named = [name for name in (found[1].decode("ascii", "replace") if found else "", charset) if _known(name)]
    candidates = [name for start, name in _MARKS if data.startswith(start)][:1]
    candidates += [name for name in named if _seven_bit(name)]
    candidates.append("utf-8")
    candidates += ["cp1252" if _latin(name) else name for name in named]
    for candidate in candidates:
        try:
            return data.decode(candidate).removeprefix("\ufeff")
        except (UnicodeError, LookupError):
            continue
    # A few broken bytes in what says that it is UTF-8 leave the rest of it readable.
    utf8 = any(name.lower().replace("-", "") == "utf8" for name in named)
    return data.decode("utf-8" if utf8 or data.startswith(b"\xef\xbb\xbf") else "cp1252", "replace")


def document(data: bytes, what: str, *, charset: str = "", root: str = "") -> str:
    """The text from the root element on, without declaration, document type and characters XML has not.

    `root` names elements, parted by `|`, before which junk is cut away.  Raises `RefusedError` for
    entities that would expand and for what is no XML at all.
    """
    text = _unfit("\ufffd", decode(data, charset)).lstrip("\ufffd \t\r\n")
    if not text.startswith("<") or text[:3].lower() in ("<b>", "<br"):
        junk = re.search(rf"<\?xml\b|<(?:{root or '[A-Za-z]'})\b", text[: 64 * 1024])
        text = text[junk.start() :] if junk else text
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
        elif text.startswith("<?", at):
            at = _after(text, "?>", at)
        elif text.startswith("<!--", at):
            at = _after(text, "-->", at)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            at = _after_doctype(text, at, what)
        else:
            break
    if not _root(text, at):
        raise RefusedError(f"{what} is not XML that can be read.")
    if text.count("<", at) > 2 * TAGS:
        raise RefusedError(f"{what} has more than {TAGS:,} tags.")
    return text[at:]


def _after(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start + 2)
    return found + len(mark) if found >= 0 else len(text)


def _after_doctype(text: str, start: int, what: str) -> int:
    found = _subset(text, start)
    if not found:
        return len(text)
    if found[1] == ">":
        return found.end()
    closing = _subset_end(text, found.end())
    end = closing.start() if closing else len(text)
    for entity in _entities(text, found.end(), end):
        parameter, double, single, _external = entity.groups()
        value = double if double is not None else single
        if parameter or value is None or not _harmless(value):
            raise RefusedError(f"{what} defines entities that expand or reach outside, so it is refused.")
    return closing.end() if closing else end


def mend(text: str, what: str) -> str:
    """XML with its `&`s put right: those of HTML become characters, those of nothing are escaped.

    What stands in CDATA is text already and stays; tags that HTML leaves open are closed.  Raises
    `RefusedError` where it would take too long.
    """
    if text.count("&") > _REFERENCES:
        raise RefusedError(f"{what} is not XML that can be read.")
    head, *sections = text.split("<![CDATA[")
    parts = [_mended(head)]
    for section in sections:
        inner, end, rest = section.partition("]]>")
        parts += ["<![CDATA[", inner, "]]>", _mended(rest) if end else ""]
    return "".join(parts)


def _mended(text: str) -> str:
    return _void(lambda tag: f"<{tag[1]}{tag[2].rstrip('/ ')}/>", _reference(_character, text))


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return found[0]
    character = unescape(found[0])
    if character == found[0]:
        return f"&amp;{name}"
    character = _unfit("\ufffd", character)
    return character.replace("&", "&amp;").replace("<", "&lt;") or "\ufffd"


def parse(data: bytes, what: str, *, limit: int, charset: str = "", root: str = "") -> tuple[Any, bool]:
    """The root element (lxml) of a document of at most `limit` bytes, and whether it had to be mended.

    Raises `RefusedError` if it is too large, too deep, holds expanding entities or is no XML.
    """
    check_size(data, limit, what)
    text = document(data, what, charset=charset, root=root)
    tree = _tree(text, what, recover=False)
    if tree is not None:
        return tree, False
    text = mend(text, what)
    for recover in (False, True):
        tree = _tree(text, what, recover=recover)
        if tree is not None:
            return tree, True
    raise RefusedError(f"{what} is not XML that can be read.")


def _tree(text: str, what: str, *, recover: bool) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    tree = None
    with suppress(etree.XMLSyntaxError):
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise RefusedError(f"{what} is nested too deeply to be read.")
    return tree


def local(tag: object) -> str:
    """An element's name without its namespace, in lower case; empty for what is no element."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def text_within(element: Any) -> str:
    """An element's text and that of what stands in it, at most 10,000 characters of both."""
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > _TEXT:
            break
    return "".join(parts)[:_TEXT].strip()


def inner_html(element: Any) -> str:
    """What stands in an element of a tree, as HTML; the tree loses its namespaces."""
    from lxml import etree

    for each in element.iterdescendants():
        if isinstance(each.tag, str):
            each.tag = local(each.tag) or "span"
            for key in [key for key in each.attrib if key.startswith("{")]:
                del each.attrib[key]
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        # lxml repeats the declarations of all that stands above on the tag that it begins with.
        parts.append(_declarations(r"\1", etree.tostring(child, encoding="unicode", method="html")))
    return "".join(parts)


def plain(html: str) -> str:
    """The words of a short piece of HTML on one line, fit for a terminal."""
    return clean_line(unescape(_tag(" ", html) if "<" in html else html))
