"""The headers of answers that tell how a request was served."""

import re
from collections.abc import Iterable

_UNFIT = re.compile(r"[^\x21-\x7e]")
_MAX_LENGTH = 512


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
        headers["x-edgeway-dropped"] = header_value(lost)
    return headers
