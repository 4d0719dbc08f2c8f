"""Makes the headers that tell how a request was served; `RequestLog.headers` sets them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from math import ceil

from translator.headers.rate_limits import RateLimit

_UNFIT = re.compile(r"[^\x21-\x7e]")
_MAX_LENGTH = 512
_AND_MORE = "..."


def header_value(text: str) -> str:
    """Text that callers may have chosen, fit for a header: visible ASCII, of a bounded length."""
    return _UNFIT.sub("?", text)[:_MAX_LENGTH]


def routing_headers(
    *,
    model: str | None,
    attempts: int,
    dropped: Iterable[str],
    failed: Iterable[str] = (),
    upstream_request_id: str | None = None,
    cache: str = "off",
) -> dict[str, str]:
    """`x-edgeway-*`: who answered, at which attempt, and which fields were lost on the way.

    `failed` is who was asked and with what result, where nobody answered: it follows the number of attempts.
    """
    headers = {"x-edgeway-cache": cache, "x-edgeway-attempts": _list([str(attempts), *failed])}
    if model is not None:
        headers["x-edgeway-model"] = header_value(model)
    if upstream_request_id:
        headers["x-edgeway-upstream-request-id"] = header_value(upstream_request_id)
    if lost := _list(dropped):
        headers["x-edgeway-dropped"] = lost
    return headers


def _list(names: Iterable[str]) -> str:
    """A list that says so where it does not hold all names, and ends in none of which a part is missing."""
    text = ",".join(names)
    value = header_value(text)
    if len(text) <= _MAX_LENGTH:
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
