"""The day, and where it is given the time, that a page says it was published."""

from __future__ import annotations

import re
from datetime import date, datetime

from pulse_tui.acquire.months import MONTHS

_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))

_iso = re.compile(
    r"(?<!\d)((?:19|20)\d\d)-(\d\d?)-(\d\d?)(?:[T ]\s*(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?"
    r"\s*(Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d(?!\d))?)?"
).search
_compact = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[+-]\d\d:?\d\d)?)?(?!\d)"
).search
_day_first = re.compile(
    rf"(?<!\d)(\d\d?)(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+|of\s+)?[-./]?({_NAME})\b\.?,?\s*(?:de\s+|del\s+)?[-/]?((?:19|20)\d\d)",
    re.I,
).search
_month_first = re.compile(rf"\b({_NAME})\b\.?\s*(\d\d?)(?:st|nd|rd|th)?\s*,?\s+((?:19|20)\d\d)", re.I).search
_cjk = re.compile(r"((?:19|20)\d\d)\s*[年년]\s*(\d\d?)\s*[月월]\s*(\d\d?)\s*[日일]").search
_slashes = re.compile(r"(?<!\d)(\d\d?)[/.](\d\d?)[/.]((?:19|20)\d\d)(?!\d)").search
_year_slashes = re.compile(r"(?<!\d)((?:19|20)\d\d)[/.](\d\d?)[/.](\d\d?)(?!\d)").search
_in_address = re.compile(r"/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?:[/_-]|\.html?\b|$)").search
_month_in_address = re.compile(r"/((?:19|20)\d\d)/(\w{3,9})/(\d\d?)(?:/|$)").search


def read_date(text: str, *, month_first: bool = True) -> date | datetime | None:
    """The first date in a text in any of the usual forms; None where there is none.

    `1/2/2022` is read as the second of January where `month_first`, unless only the other way gives a
    day.  The languages are those of western Europe and, in figures, of East Asia.
    """
    text = text.strip()[:300]
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        from datetime import UTC

        return datetime.fromtimestamp(int(text[:10]), UTC)
    match = _iso(text) or _compact(text)
    if match:
        year, month, day, hour, minute, second, zone = match.groups()
        return _made(year, month, day, hour, minute, second, zone)
    for find, order in (
        (_month_first, (2, 0, 1)),
        (_day_first, (2, 1, 0)),
        (_cjk, (0, 1, 2)),
        (_year_slashes, (0, 1, 2)),
    ):
        match = find(text)
        if match:
            year, month, day = (match.groups()[at] for at in order)
            return _made(year, str(MONTHS.get(month.lower(), month)), day)
    match = _slashes(text)
    if match:
        first, second, year = match.groups()
        if month_first:
            return _made(year, first, second) or _made(year, second, first)
        return _made(year, second, first) or _made(year, first, second)
    return None


def date_in(address: str) -> date | None:
    """The day in an address such as https://example.org/2022/03/15/name."""
    match = _in_address(address)
    if match:
        return _made(*match.groups())
    match = _month_in_address(address)
    if match and match[2].lower() in MONTHS:
        return _made(match[1], str(MONTHS[match[2].lower()]), match[3])
    return None


def _made(
    year: str,
    month: str,
    day: str,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
    zone: str | None = None,
) -> date | datetime | None:
    try:
        found = date(int(year), int(month), int(day))
        if hour is None:
            return found
        stamp = f"{found.isoformat()}T{int(hour):02}:{minute}:{second or '00'}"
        zone = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}.get(zone or "", zone or "")
        return datetime.fromisoformat(stamp + zone)
    except ValueError:
        return None
