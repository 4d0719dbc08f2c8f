"""What an upstream's error means to the caller: by its words first, since statuses are used freely, then by its status.

Source: https://platform.openai.com/docs/guides/error-codes and what other servers answer in its stead.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from translator.anthropic.errors import ApiError, ErrorType, Fault, invalid_request
from translator.chat.overflow import find_overflow
from translator.traits import Traits

_NO_QUOTA = re.compile(
    r"insufficient[_ ](?:quota|balance|credit|funds)|billing|exceeded your current quota", re.IGNORECASE
)
_SECRET = re.compile(
    r"(?:sk|pk|key|org|proj|xai|gsk|AIza|Bearer)[-_ ][A-Za-z0-9_*.-]{6,}|AIza[A-Za-z0-9_-]{10,}|https?://\S+"
)

_BY_STATUS: dict[int, ErrorType] = {
    400: "invalid_request_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""Every other 4xx is an invalid request, every other status an `api_error`."""

OUR_ACCOUNT = frozenset({401, 402, 403})
"""Statuses that are about the operator's key with the upstream, never about the caller's."""

LONGEST_RETRY_AFTER = 60
"""Seconds. Claude Code gives up at once where it is told to wait longer."""


class _Reported(NamedTuple):
    """What an upstream says went wrong."""

    message: str
    code: str
    prompt: int | None = None
    limit: int | None = None
    """llama.cpp names the tokens of an overflow in fields of their own."""


def read_error(status: int, headers: Mapping[str, str], body: bytes, *, input_tokens: int, traits: Traits) -> ApiError:
    """The error for an answer that is no 2xx. `headers` are in lower case; `input_tokens` is our estimate."""
    reported = _reported(body)
    if reported is None:
        message = f"the upstream answered with status {status} and no JSON"
        return ApiError(_type_of(status), message, fault=Fault.UPSTREAM, retry_after=_retry_after(status, headers))
    overflow = _overflow(reported, input_tokens, traits)
    if overflow is not None and status < 500:
        return overflow
    if status in OUR_ACCOUNT or _NO_QUOTA.search(f"{reported.code} {reported.message}"):
        return ApiError(
            "api_error", f"the upstream refused this gateway's own account (status {status})",
            fault=Fault.UPSTREAM, retry=False,
        )  # fmt: skip
    error_type = _type_of(status)
    fault = Fault.CALLER if error_type in ("invalid_request_error", "request_too_large") else Fault.UPSTREAM
    return ApiError(error_type, _clean(reported.message), fault=fault, retry_after=_retry_after(status, headers))


def read_stream_error(frame: Mapping[str, Any], *, input_tokens: int, traits: Traits) -> ApiError | None:
    """The error that a frame of a stream is, in any of the spellings; None for a frame that is none."""
    if "error" not in frame and frame.get("object") != "error" and "detail" not in frame:
        return None
    if not frame.get("error") and frame.get("choices"):
        return None
    status = _status_in(frame)
    return read_error(status, {}, json.dumps(frame).encode(), input_tokens=input_tokens, traits=traits)


def _status_in(frame: Mapping[str, Any]) -> int:
    """Mid-stream errors carry their status as `code`, if at all."""
    error = frame.get("error")
    for holder in (error, frame):
        code = holder.get("code") if isinstance(holder, Mapping) else None
        if isinstance(code, str) and code.isdecimal():
            code = int(code)
        if isinstance(code, int) and 400 <= code < 600:
            return code
    kind = error.get("type") if isinstance(error, Mapping) else frame.get("type")
    return _STATUS_OF_TYPE.get(str(kind), 500)


_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 529,
    "overloaded": 529,
    "service_unavailable": 503,
}


def _reported(body: bytes) -> _Reported | None:
    """The message and code of an error body: OpenAI's, vLLM's, FastAPI's, or a bare message."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value:  # Gemini wraps its errors in a list
        value = value[0]
    if not isinstance(value, dict):
        return None
    error = value.get("error", value)
    if isinstance(error, str):
        return _Reported(error, "")
    if not isinstance(error, dict):
        return None
    message = error.get("message") or error.get("detail") or "the upstream gave no reason"
    text = message if isinstance(message, str) else json.dumps(message)
    prompt, limit = error.get("n_prompt_tokens"), error.get("n_ctx")
    return _Reported(
        text,
        f"{error.get('code') or ''} {error.get('type') or ''}",
        prompt if isinstance(prompt, int) else None,
        limit if isinstance(limit, int) else None,
    )


def _overflow(reported: _Reported, input_tokens: int, traits: Traits) -> ApiError | None:
    """Overflow in the words that clients know: on the one they compact, on the other they ask for less."""
    overflow = find_overflow(reported.message) or find_overflow(reported.code)
    if overflow is None:
        return None
    limit = overflow.limit or reported.limit or traits.context_window
    prompt = overflow.prompt or reported.prompt or max(input_tokens, (limit or 0) + 1)
    if overflow.completion and limit and prompt < limit:
        said = f"input length and `max_tokens` exceed context limit: {prompt} + {overflow.completion} > {limit}"
        return invalid_request(f"{said}, decrease input length or `max_tokens` and try again")
    said = _clean(reported.message)
    return ApiError(
        "invalid_request_error",
        f"prompt is too long: {prompt} tokens > {limit or prompt - 1} maximum ({said})",
        retry=False,
    )


def _type_of(status: int) -> ErrorType:
    default: ErrorType = "invalid_request_error" if 400 <= status < 500 and status not in OUR_ACCOUNT else "api_error"
    return _BY_STATUS.get(status, default)


def _clean(message: str) -> str:
    """The upstream's words without what may be a key, an organisation or an address."""
    return _SECRET.sub("[removed]", message)


def _retry_after(status: int, headers: Mapping[str, str]) -> int | None:
    """Seconds to wait, in so far as the upstream says; a guess is never made."""
    if status not in (429, 503, 529):
        return None
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(1, -(-int(milliseconds) // 1000))
    seconds = _number(headers.get("retry-after"))
    if seconds is not None:
        return max(0, int(seconds))
    resets = [_duration(headers.get(f"x-ratelimit-reset-{kind}")) for kind in ("requests", "tokens")]
    known = [reset for reset in resets if reset is not None]
    return min(LONGEST_RETRY_AFTER, max(1, int(max(known)))) if known else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?")


def _duration(text: str | None) -> float | None:
    """Seconds in OpenAI's notation: `1s`, `6m0s`, `120ms`."""
    match = _DURATION.fullmatch(text) if text else None
    if match is None:
        return None
    hours, minutes, seconds, milliseconds = (float(group or 0) for group in match.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
