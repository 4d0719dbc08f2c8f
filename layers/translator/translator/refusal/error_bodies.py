"""Reads the error in a body or in a frame of a stream, in every known form.

Gateways before us wrap a provider's error in one of their own: what counts is the innermost one. Each field is cut
before anything is looked for in it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

LONGEST_MESSAGE = 2_000
"""Characters. Some servers repeat the whole request in their errors."""

LONGEST_WORD = 200
"""Characters of a code, a type, or the path to a parameter."""

DEEPEST = 6
"""Errors within errors."""

NO_REASON = "the upstream gave no reason"

_ERROR_STATUS = re.compile(r"[45][0-9]{2}")

_STATUS_OF_MINIMAX = {
    1001: 504, 1002: 429, 1004: 401, 1008: 402, 1026: 400, 1027: 400, 1039: 429, 1041: 529, 2013: 400, 2049: 401,
    2056: 429,
}  # fmt: skip
"""https://platform.minimax.io/docs/api-reference/errorcode"""
FILTERS_OF_MINIMAX = frozenset({1026, 1027})
"""It filters the prompt, or what the model has said."""

_STATUS_OF_WORD = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "content_filter": 400,
    "context_length_exceeded": 400,
    "invalid_encrypted_content": 400,
    "invalid_prompt": 400,
    "unknown_parameter": 400,
    "unsupported_parameter": 400,
    "unsupported_value": 400,
    "bio_policy": 400,
    "cyber_policy": 400,
    "image_content_policy_violation": 400,
    "misalignment_policy_violation": 400,
    "too_many_requests": 429,
    "slow_down": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "RESOURCE_EXHAUSTED": 429,
    "overloaded_error": 529,
    "overloaded": 529,
    "service_unavailable": 503,
    "UNAVAILABLE": 503,
}

_INNER = (
    "error",
    "errors",
    "detail",
    "raw",
    "metadata",
    "message",
    "msg",
    "body",
    "response",
    "cause",
    "original_error",
)
"""Where an error may hold another one."""
_WORDS = ("message", "detail", "msg", "error", "errors", "reason", "raw", "title", "status_msg", "error_message",
          "errorMessage", "Message", "error_description")  # fmt: skip
"""Where an error may hold its words, the best first."""


class ErrorReport(NamedTuple):
    """The contents of an upstream's error."""

    message: str
    code: str
    """The error's codes and types, the innermost first."""
    parameter: str
    outer: str = ""
    """The words of a gateway that has wrapped the error, for the log."""
    numbers: Mapping[str, int] = {}
    """Whole numbers beside the message, by name. llama.cpp gives the numbers of an overflow there."""
    wait: str = ""
    """Google's `retryDelay`, in its own notation."""
    status: int | None = None
    """The status that the innermost error gives, where it was wrapped."""


def read_report(value: object) -> ErrorReport | None:
    """Read an error body; None where it holds no error."""
    value = _first(value)  # Gemini wraps its errors in a list
    if not isinstance(value, Mapping):
        return None
    layers = list(_layers(value, DEEPEST))
    told = [(layer, said) for layer in layers if (said := _words_of(layer))]
    inner, message = told[-1] if told else (layers[-1], NO_REASON)
    outer = told[0][1] if len(told) > 1 else ""
    return ErrorReport(
        message,
        " ".join(dict.fromkeys(word for layer in reversed(layers) for word in _codes(layer))),
        next((parameter for layer in reversed(layers) if (parameter := _text(layer.get("param")))), ""),
        "" if outer == message else outer,
        {name: number for layer in layers for name, number in layer.items() if _is_count(number)},
        _wait(layers),
        _own_status(inner) if len(told) > 1 or inner not in layers[:2] else None,
    )


def read_text(text: str) -> ErrorReport | None:
    """Read a body that is no JSON, where it is a text and no web page."""
    words = text.strip()
    if not words or words.startswith("<") or words[0] in "[{":
        return None
    return read_report({"message": words})


def _layers(error: Mapping[str, Any], deepest: int) -> Iterator[Mapping[str, Any]]:
    """Return the error and those inside it, the outermost first."""
    yield error
    if not deepest:
        return
    for name in _INNER:
        inner = _as_error(error.get(name))
        if inner is not None:
            yield from _layers(inner, deepest - 1)
            return


def _as_error(value: object) -> Mapping[str, Any] | None:
    """Return the error of a field: an object, a list's first item, or one inside a string."""
    if isinstance(value, str):
        return _error_in_text(value)
    value = _first(value)
    # What FastAPI says of each field is one complaint in several parts.
    return value if isinstance(value, Mapping) and "loc" not in value and _is_told(value) else None


def _error_in_text(text: str) -> Mapping[str, Any] | None:
    begins = text.find("{", 0, LONGEST_MESSAGE)
    try:
        value = _first(_DECODER.raw_decode(text, begins)[0]) if begins >= 0 else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, Mapping) or not _is_told(value):
        return None
    # What stands behind words may be anything that the caller has written.
    is_whole = not text[:begins].strip("[ \n")
    return value if is_whole or value.get("error") or any(map(value.get, ("code", "type", "status"))) else None


_DECODER = json.JSONDecoder()


def _is_told(value: Mapping[str, Any]) -> bool:
    return any(map(value.get, ("error", "errors", "message", "detail", "raw", "msg")))


def _words_of(error: Mapping[str, Any]) -> str:
    """Return an error's own words, cut to their limit."""
    for name in _WORDS:
        value = error.get(name)
        if not value or _as_error(value) is not None:
            continue
        return (value if isinstance(value, str) else json.dumps(value))[:LONGEST_MESSAGE]
    return ""


def _codes(error: Mapping[str, Any]) -> Iterator[str]:
    for name in ("code", "type", "status", "error_code", "errorCode", "__type"):
        value = error.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value:
            yield str(value)[:LONGEST_WORD]
    if isinstance(error.get("error"), str) and (error.get("message") or error.get("detail")):
        yield str(error["error"])[:LONGEST_WORD]


def _text(value: object) -> str:
    return value[:LONGEST_WORD] if isinstance(value, str) else ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**12


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _wait(layers: list[Mapping[str, Any]]) -> str:
    for layer in layers:
        details = layer.get("details")
        for detail in details[:32] if isinstance(details, list) else ():
            if isinstance(detail, Mapping) and (wait := _text(detail.get("retryDelay"))):
                return wait
    return ""


def _own_status(error: Mapping[str, Any]) -> int | None:
    told = [str(error.get(name))[:LONGEST_WORD] for name in ("code", "status", "status_code", "statusCode", "type")]
    status = next((int(word) for word in told if _ERROR_STATUS.fullmatch(word)), None)
    return status or next((_STATUS_OF_WORD[word] for word in told if word in _STATUS_OF_WORD), None)


def error_in_frame(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the object that holds the error of a stream's frame; None where the frame is no error."""
    return _beside(frame) or _error_in(frame)


def status_in(frame: Mapping[str, Any]) -> int:
    """Return the status of an error within a stream, from `code` or `status`."""
    error = frame.get("error")
    holders = [holder for holder in (error, frame) if isinstance(holder, Mapping)]
    return next((status for holder in holders if (status := _own_status(holder))), 500)


def _error_in(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "choices" not in frame:
        is_error = any(name in frame for name in ("error", "detail", "errors")) or frame.get("object") == "error"
        # What else is told in words, as in the events that some servers name `error`, is no part of an answer.
        return frame if is_error or isinstance(frame.get("message"), str) else None
    # Some servers put `"error": null` into every chunk.
    return frame if frame.get("error") else _error_in_choices(frame["choices"])


def _error_in_choices(choices: object) -> Mapping[str, Any] | None:
    """Return the error in a choice, where OpenRouter reports a failed provider."""
    for choice in choices if isinstance(choices, list) else ():
        for holder in (choice, choice.get("delta")) if isinstance(choice, dict) else ():
            if isinstance(holder, dict) and holder.get("error"):
                return holder
    return None


def _beside(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the error in a field of the provider's own."""
    groq, minimax = frame.get("x_groq"), frame.get("base_resp")
    if not (groq or minimax):
        return None
    if isinstance(groq, Mapping) and groq.get("error"):
        # "An error string indicating why a stream was stopped early": groq-python's ChatCompletionChunk.
        return groq
    if isinstance(minimax, Mapping):
        # With HTTP status 200.
        code = minimax.get("status_code")
        if isinstance(code, int) and code:
            kind = "content_filter" if code in FILTERS_OF_MINIMAX else None
            return {"message": minimax.get("status_msg"), "code": _STATUS_OF_MINIMAX.get(code, 500), "type": kind}
    return None
