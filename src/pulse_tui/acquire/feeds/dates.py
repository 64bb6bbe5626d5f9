"""The dates of feeds: RFC 3339, RFC 822, and what people write instead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from pulse_tui.acquire.months import month_of

_LONGEST = 100
# Zones with one meaning in feeds, in minutes east of UTC; others count as UTC, as RFC 2822 has it.
_ZONES = {
    **{
        "EST": -300,
        "EDT": -240,
        "CST": -360,
        "CDT": -300,
        "MST": -420,
        "MDT": -360,
        "PST": -480,
        "PDT": -420,
    },
    **{
        "WET": 0,
        "WEST": 60,
        "BST": 60,
        "CET": 60,
        "CEST": 120,
        "MEZ": 60,
        "MESZ": 120,
        "EET": 120,
        "EEST": 180,
    },
    **{"MSK": 180, "PKT": 300, "IST": 330, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720},
}
_ZONE = r"(?P<zone>[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{1,5})?"
_TIME = (
    r"(?:[T\s,]{1,5}(?:at |um |à )?(?P<hour>\d{1,2})[:.h]?(?P<minute>\d{2})"
    r"(?::?(?P<second>\d{2})(?:[.,]\d{1,12})?)?"
    rf"\s{{0,3}}(?P<half>[ap]\.?m\.?)?\s{{0,3}}(?:GMT|UTC)?\s{{0,3}}{_ZONE})?"
)
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE).match
    for form in (
        r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?P<year>\d{4})",
        r"(?:[^\W\d]{2,12}\.?,?\s{1,3})?(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er)?[\s-]{1,3}(?:de )?"
        r"(?P<name>[^\W\d]{3,12})\.?,?[\s-]{1,3}(?:de )?(?P<year>\d{4}|\d{2})(?!\d)",
        r"(?:[^\W\d]{2,12}\.?,?\s{1,3})?(?P<name>[^\W\d]{3,12})\.?\s{1,3}(?P<day>\d{1,2})(?:st|nd|rd|th)?,?"
        r"\s{1,3}(?P<year>\d{4})",
        # asctime: Tue Mar 15 10:00:00 2022
        r"[A-Za-z]{3}\s{1,3}(?P<name>[A-Za-z]{3})\s{1,3}(?P<day>\d{1,2})"
        r"(?=\s{1,3}[\d:]{5,8}\s{1,3}(?:[A-Z]{2,5}\s{1,3})?(?P<year>\d{4}))",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{2})(?![-\d])",
    )
)


def moment(text: str) -> date | datetime | None:
    """The date, or with a time of day the moment with its zone (UTC where none is named); else None.

    The offset of the writer stays, because the day in a byline is the writer's.  `3/4/2022` is read as
    the American order, unless only the other one is a date.
    """
    text = text.strip()[:_LONGEST]
    for form in _FORMS:
        found = form(text)
        if found and (made := _made(found.groupdict())) is not None:
            return made
    return None


def _made(parts: dict[str, str | None]) -> date | datetime | None:
    month = int(parts.get("month") or 0) or month_of(parts.get("name") or "")
    day, year = int(parts.get("day") or 1), int(parts["year"] or 0)
    if year < 100:
        year += 1900 if year >= 69 else 2000
    if month > 12 >= day:
        month, day = day, month
    if not 1000 <= year < 9999:
        return None
    try:
        the_day = date(year, month, day)
        if parts["hour"] is None:
            return the_day
        hour = int(parts["hour"])
        if half := (parts["half"] or "").lower():
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        # Midnight may be written as hour 24, and a leap second as second 60.
        after, hour = divmod(hour, 24)
        start = datetime(
            year, month, day, hour, int(parts["minute"] or 0), min(59, int(parts["second"] or 0))
        )
        return (start + timedelta(days=after)).replace(tzinfo=_zone(parts["zone"] or ""))
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> timezone:
    if name[:1] not in ("+", "-"):
        minutes = _ZONES.get(name.upper(), 0)
    else:
        digits = name[1:].replace(":", "")
        hours, rest = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
        minutes = (int(hours) * 60 + int(rest)) * (-1 if name[0] == "-" else 1)
    return timezone(timedelta(minutes=minutes)) if minutes and abs(minutes) < 24 * 60 else UTC
