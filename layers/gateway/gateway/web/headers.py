"""The headers of answers that tell how a request was served, made of values; `RequestLog.headers` sets them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from math import ceil

from translator.rate_limits import RateLimit

_UNFIT = re.compile(r"[^\x21-\x7e]")
_MAX_LENGTH = 512
_AND_MORE = "..."


def header_value(text: str) -> str:
    """Text that callers may have chosen, fit for a header: visible ASCII, of a bounded length."""
    return _UNFIT.sub("?", text)[:_MAX_LENGTH]


def routing_headers(*, model: str | None, attempts: int, dropped: Iterable[str]) -> dict[str, str]:
    """`x-edgeway-*`: who answered, at which attempt, and which fields were lost on the way."""
    headers = {"x-edgeway-cache": "off", "x-edgeway-attempts": str(attempts)}
    if model is not None:
        headers["x-edgeway-model"] = header_value(model)
    lost = ",".join(dropped)
    if lost:
        headers["x-edgeway-dropped"] = _whole_names(header_value(lost), is_cut=len(lost) > _MAX_LENGTH)
    return headers


def _whole_names(value: str, *, is_cut: bool) -> str:
    """A list that says so where it does not hold all names, and ends in none of which a part is missing."""
    if not is_cut:
        return value
    names = value[: -len(_AND_MORE)].split(",")[:-1]
    return ",".join([*names, _AND_MORE])


def rate_limit_headers(limits: Iterable[RateLimit], *, now: float) -> dict[str, str]:
    """An upstream's limits under Anthropic's names; `now` is in seconds since the epoch."""
    headers = {}
    for kind, limit, remaining, reset in limits:
        at = None if reset is None else datetime.fromtimestamp(ceil(now + reset), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, value in (("limit", limit), ("remaining", remaining), ("reset", at)):
            if value is not None:
                headers[f"anthropic-ratelimit-{kind}-{name}"] = value
    return headers


def server_timing(**milliseconds: float) -> str:
    """The value of `server-timing`: who took how long."""
    return ", ".join(f"{name};dur={duration:.1f}" for name, duration in milliseconds.items())
