"""Dates as HTTP writes them, the two obsolete notations included: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7.

`email.utils` reads far more than these, and raises for some of it.
"""

import re

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = "(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}):(?P<seconds>[0-9]{2})"
_DATE = re.compile(f"[A-Z][a-z]+, (?P<day>[0-9]{{2}})[ -]{_MONTH}[ -](?P<year>[1-9][0-9]{{3}}|[0-9]{{2}}) {_TIME} GMT")
_DATE_OF_C = re.compile(f"[A-Z][a-z]+ {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[1-9][0-9]{{3}})")
_EPOCH = 719_468
"""The days to 1970 from the first of March of the year 0, with which the days of a leap year come last."""


def read_http_date(text: str | None) -> int | None:
    """Seconds since the epoch, or None for anything else."""
    match = text and (_DATE.fullmatch(text) or _DATE_OF_C.fullmatch(text))
    if not match:
        return None
    year = int(match["year"])
    days = _days(year if year > 99 else 2000 + year, _MONTHS.index(match["month"]), int(match["day"]))
    return ((days * 24 + int(match["hours"])) * 60 + int(match["minutes"])) * 60 + int(match["seconds"])


def _days(year: int, month: int, day: int) -> int:
    """Since the epoch; January is month 0. Every number is a day, also one that its month does not have."""
    since_march = (month + 10) % 12
    years = year - (month < 2)
    leap_days = years // 4 - years // 100 + years // 400
    return years * 365 + leap_days + (since_march * 306 + 5) // 10 + day - 1 - _EPOCH
