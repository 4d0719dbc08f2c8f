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
    """Make a text fit for a header: visible ASCII, of a bounded length. Callers may have chosen the text."""
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
    """Return the headers `x-edgeway-*`: the model that answered, the number of attempts, and the fields that were lost.

    `failed` lists the attempts with their outcomes, where no candidate answered or one was outrun.
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
    """Join names to a list of a bounded length. A list that is cut says so, and never ends in a part of a name."""
    text = ",".join(names)
    value = header_value(text)
    if len(text) <= _MAX_LENGTH:
        return value
    names = value[: -len(_AND_MORE)].split(",")[:-1]
    return ",".join([*names, _AND_MORE])


def rate_limit_headers(limits: Iterable[RateLimit], *, now: float) -> dict[str, str]:
    """Return an upstream's limits under Anthropic's names. `now` is in seconds since the epoch."""
    headers = {}
    for kind, limit, remaining, reset in limits:
        at = None if reset is None else datetime.fromtimestamp(ceil(now + reset), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, value in (("limit", limit), ("remaining", remaining), ("reset", at)):
            if value is not None:
                headers[f"anthropic-ratelimit-{kind}-{name}"] = value
    return headers


def server_timing(**milliseconds: float) -> str:
    """Return the value of `server-timing`: the milliseconds of each part."""
    return ", ".join(f"{name};dur={duration:.1f}" for name, duration in milliseconds.items())
