"""Finds Converse's exceptions: frames of a stream, or an answer whose header names one.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html#API_runtime_ConverseStream_Errors
"""

from collections.abc import Mapping
from typing import Any

TOO_MANY = 429
_STATUS = {
    "validationexception": 400,
    "resourcenotfoundexception": 404,
    "modeltimeoutexception": 504,
    "modelnotreadyexception": 503,
    "servicequotaexceededexception": TOO_MANY,
    "throttlingexception": TOO_MANY,
    "modelerrorexception": 500,
    "modelstreamerrorexception": 500,
    "internalserverexception": 500,
    "serviceunavailableexception": 503,
}
"""By name in lower case. AWS counts what a model does wrong (424), and its own quotas (400), as the caller's fault."""


def status_of(name: str, default: int) -> int:
    """The HTTP status that says what the exception means to a caller."""
    return _STATUS.get(name.partition(":")[0].lower(), default)


def exception_in(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The exception that a frame is, in the form of other servers' errors; None for one that is none."""
    for name, content in frame.items():
        if name.lower().endswith("exception") or name == "error":
            told = content if isinstance(content, Mapping) else {}
            words = [
                told[each] for each in ("message", "Message", "originalMessage") if isinstance(told.get(each), str)
            ]
            kind = str(told.get("code") or name)
            message = ": ".join(dict.fromkeys(words)) or f"the upstream reports {kind[:64]!r}"
            return {"error": {"type": kind, "status": status_of(kind, 500), "message": message}}
    return None
