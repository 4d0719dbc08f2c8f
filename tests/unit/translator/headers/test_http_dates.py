"""Dates as HTTP writes them, against Python's own calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from translator.headers.http_dates import read_http_date

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def test_every_day_of_four_centuries() -> None:
    for number in range(0, 400 * 366, 7):
        day = datetime(1899, 12, 25, 23, 59, 8, tzinfo=UTC) + timedelta(days=number)
        month = MONTHS[day.month - 1]
        assert read_http_date(f"Mon, {day.day:02} {month} {day.year} {day:%H:%M:%S} GMT") == day.timestamp()


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 2094 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 2094"],
    ids=["of today", "RFC 850", "C"],
)
def test_the_same_in_each_notation(text: str) -> None:
    assert read_http_date(text) == datetime(2094, 11, 6, 8, 49, 37, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "soon",
        "7",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Fri, 31 Dec 0000 23:59:59 GMT",
        "Fri, 31 Foo 2026 23:59:59 GMT",
        "Fri, ٣١ Dec 2026 23:59:59 GMT",
        "Fri, 31 Dec 2026 23:59:59 +0100",
    ],
)
def test_what_is_no_date(text: str | None) -> None:
    assert read_http_date(text) is None
