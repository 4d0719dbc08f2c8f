"""Reads what an upstream says went wrong, in a body or in a frame of a stream, in every spelling that is known."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from translator.refusal.overflow import Overflow, find_overflow

LONGEST_MESSAGE = 2_000
"""Characters. Some servers repeat the whole request in their errors."""

LONGEST_PARAMETER = 200
"""Characters of the path to a parameter."""

_ERROR_STATUS = re.compile(r"[45][0-9]{2}")

_STATUS_OF_MINIMAX = {1001: 504, 1002: 429, 1004: 401, 1008: 402, 1039: 429, 2013: 400, 2049: 401}

_STATUS_OF_WORD = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
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
    "overloaded_error": 529,
    "overloaded": 529,
    "service_unavailable": 503,
}


class ErrorReport(NamedTuple):
    """What an upstream says went wrong."""

    message: str
    code: str
    parameter: str
    overflow: Overflow | None


def read_report(value: object) -> ErrorReport | None:
    """What an error body says, OpenAI's, vLLM's, FastAPI's, or a bare message; None where there is none."""
    value = _first(value)  # Gemini wraps its errors in a list
    if not isinstance(value, dict):
        return None
    error = _first(value.get("error") or value.get("errors"))  # the latter are Cloudflare's
    if not isinstance(error, dict):
        # A word, beside which others say more: `{"error": "Bad Request", "message": "the field n is not known"}`.
        error = {**value, "message": value.get("message") or error}
    message = error.get("message") or error.get("detail") or "the upstream gave no reason"
    text = (message if isinstance(message, str) else json.dumps(message))[:LONGEST_MESSAGE]
    code = f"{error.get('code') or ''} {error.get('type') or ''}"
    return ErrorReport(text, code, _parameter(error), _numbered(find_overflow(text) or find_overflow(code), error))


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _parameter(error: Mapping[str, Any]) -> str:
    parameter = error.get("param")
    return parameter[:LONGEST_PARAMETER] if isinstance(parameter, str) else ""


def _numbered(overflow: Overflow | None, error: Mapping[str, Any]) -> Overflow | None:
    """llama.cpp gives the numbers beside its message."""
    prompt, limit = error.get("n_prompt_tokens"), error.get("n_ctx")
    if overflow is None or not isinstance(prompt, int) or not isinstance(limit, int):
        return overflow
    return Overflow(prompt, limit)


def error_in_frame(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What holds the error that a frame of a stream is; None for a frame that is none."""
    return _beside(frame) or _error_in(frame)


def status_in(frame: Mapping[str, Any]) -> int:
    """Mid-stream errors carry their status as `code` or `status`, if at all."""
    error = frame.get("error")
    holders = [holder for holder in (error, frame) if isinstance(holder, Mapping)]
    told = [str(holder.get(name)) for holder in holders for name in ("code", "status", "type")]
    status = next((int(word) for word in told if _ERROR_STATUS.fullmatch(word)), None)
    return status or next((_STATUS_OF_WORD[word] for word in told if word in _STATUS_OF_WORD), 500)


def _error_in(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "choices" not in frame:
        is_error = any(name in frame for name in ("error", "detail", "errors")) or frame.get("object") == "error"
        # What else is told in words, as in the events that some servers name `error`, is no part of an answer.
        return frame if is_error or isinstance(frame.get("message"), str) else None
    # Some servers put `"error": null` into every chunk.
    return frame if frame.get("error") else _error_in_choices(frame["choices"])


def _error_in_choices(choices: object) -> Mapping[str, Any] | None:
    """OpenRouter tells in a choice that its provider has failed."""
    for choice in choices if isinstance(choices, list) else ():
        for holder in (choice, choice.get("delta")) if isinstance(choice, dict) else ():
            if isinstance(holder, dict) and holder.get("error"):
                return holder
    return None


def _beside(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """An error in a field of the provider's own."""
    groq, minimax = frame.get("x_groq"), frame.get("base_resp")
    if isinstance(groq, Mapping) and groq.get("error"):
        # "An error string indicating why a stream was stopped early": groq-python's ChatCompletionChunk.
        return groq
    if isinstance(minimax, Mapping):
        # With HTTP status 200: https://platform.minimax.io/docs/api-reference/errorcode
        code = minimax.get("status_code")
        if isinstance(code, int) and code:
            return {"message": minimax.get("status_msg"), "code": _STATUS_OF_MINIMAX.get(code, 500)}
    return None
