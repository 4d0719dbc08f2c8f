"""Reads how long to wait, from an upstream's headers or else from its words."""

import re
from collections.abc import Mapping
from math import ceil

from translator.headers.http_dates import read_http_date
from translator.headers.rate_limits import read_duration, read_number

WAITING = frozenset({429, 503, 529})
"""The statuses that can mean it."""

LONGEST_RETRY_AFTER = 60
"""Seconds. Claude Code gives up at once where it is told to wait longer; what is told as a wait is passed on."""

LONGEST_TOLD = 24 * 3600
"""Seconds. A wait in words that is longer is no wait."""

_WORDS = re.compile(
    r"(?:re-?try|try again|try this request again|wait|come back|available again|resets?|retry[_-]?after"
    r"|retry[_-]?delay)"
    r"(?: your request| again)?(?: in| after| for| at least)?[\s:='\"]{1,4}(?:about |approximately |at least "
    r"|another )?"
    r"(?P<wait>\d{1,6}(?:\.\d{1,12})?)\s{0,2}(?P<unit>milliseconds?|ms(?![a-z])|seconds?|secs?(?![a-z])"
    r"|s(?![a-z])|minutes?|mins?(?![a-z])|m(?![a-z])|hours?|h(?![a-z]))?"
    r"(?:\s{0,1}(?P<more>\d{1,2}(?:\.\d{1,12})?)\s{0,1}(?:seconds?|secs?|s)\b)?",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"(?P<wait>\d{1,6})\s?(?P<unit>秒|分钟|小时)[钟后之]")
_SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1, "m": 60, "h": 3600, "秒": 1, "分": 60, "小": 3600}


def retry_after(status: int, headers: Mapping[str, str], told: str, message: str) -> int | None:
    """Return the whole seconds to wait, rounded up; None where the upstream gives none.

    `told` is a duration in the body (`45.8s`), `message` the body's text.
    """
    if status not in WAITING:
        return None
    for wait in (_from_headers(headers), _duration(told), wait_in_words(message), _until_reset(headers)):
        if wait is not None:
            return wait
    return None


def wait_in_words(message: str) -> int | None:
    """Return the whole seconds to wait that a message names."""
    match = _WORDS.search(message) or _CHINESE.search(message)
    if match is None:
        return None
    unit = (match["unit"] or "s").lower()
    factor = next(seconds for name, seconds in _SECONDS.items() if unit.startswith(name))
    more = match.groupdict().get("more")
    seconds = float(match["wait"]) * factor + float(more or 0)
    return max(1, ceil(seconds)) if seconds <= LONGEST_TOLD else None


def _duration(told: str) -> int | None:
    seconds = read_duration(told) or read_number(told)
    return None if seconds is None else max(1, ceil(seconds))


def _from_headers(headers: Mapping[str, str]) -> int | None:
    milliseconds = read_number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(1, ceil(milliseconds / 1000))
    seconds = read_number(headers.get("retry-after"))
    return ceil(seconds) if seconds is not None else _until(headers.get("retry-after"), headers.get("date"))


def _until_reset(headers: Mapping[str, str]) -> int | None:
    resets = [read_duration(headers.get(f"x-ratelimit-reset-{kind}")) for kind in ("requests", "tokens")]
    known = [reset for reset in resets if reset is not None]
    return min(LONGEST_RETRY_AFTER, max(1, ceil(max(known)))) if known else None


def _until(then: str | None, now: str | None) -> int | None:
    """Return the whole seconds between two HTTP dates.

    Both are the upstream's, since its clock may differ from ours.
    """
    ends, begins = read_http_date(then), read_http_date(now)
    return None if ends is None or begins is None else max(0, ends - begins)
