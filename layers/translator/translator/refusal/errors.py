"""What an upstream's error means to the caller: by its words first, since statuses are used freely, then by its status.

Source: https://platform.openai.com/docs/guides/error-codes and what other servers answer in its stead.
"""

import json
import re
from collections.abc import Mapping
from math import ceil
from typing import Any, SupportsInt

from translator.anthropic.errors import (
    ApiError,
    ErrorType,
    Fault,
    UpstreamAccountError,
    invalid_request,
    upstream_failure,
)
from translator.caller_words import CallerWords
from translator.endings import AnsweringError
from translator.http_dates import read_http_date
from translator.learned_traits import MOST, CorrectableError, LearnedTrait
from translator.rate_limits import read_duration, read_number
from translator.refusal.corrections import CORRECTABLE, Refusal
from translator.refusal.error_bodies import ErrorReport, error_in_frame, read_report, status_in
from translator.refusal.evidence import Circumstances, corrected
from translator.refusal.overflow import Overflow
from translator.traits import Traits

_NO_QUOTA = re.compile(
    # Gemini says that a quota is exceeded also where it is one per minute, and then when to come back.
    r"insufficient[_ ](?:quota|balance|credits?|funds)|billing_(?:hard_limit|not_active)"
    r"|exceeded[_ ](?:your[_ ])?current[_ ]quota(?!.*retry in)",
    re.IGNORECASE | re.DOTALL,
)
_BAD_KEY = re.compile(r"API key (?:not valid|expired)")
"""Gemini's words, with status 400. At the beginning only: an error may quote what the caller wrote."""
_POLICY = re.compile(
    r"content_filter|content_policy|content management policy|moderation|flagged as potentially violating"
    r"|\b(?:bio|cyber)_policy|misalignment_policy|input was flagged|data_inspection_failed|content exists risk"
    r"|prohibited_content|\b1301\b",
    re.IGNORECASE,
)
"""Azure and OpenAI, OpenRouter, Alibaba, DeepSeek, Google, GLM."""
_CUT_SHORT = re.compile(
    r"could not finish the message because max_tokens|max completion tokens reached before generating", re.IGNORECASE
)
"""OpenAI's reasoning models, where the limit was spent before the first word, and Groq, before the JSON was whole."""
_UNREADABLE = re.compile(r"\b(?:tool_use_failed|json_validate_failed)\b")
"""Groq's codes for what the model has written: a call or JSON that cannot be read. Another attempt may be better.
https://console.groq.com/docs/tool-use/local-tool-calling
"""
_SECRET = re.compile(
    r"\b(?:sk|pk|rk|xai|gsk|hf|r8|pplx|nvapi|csk|fw|tgp_v1|ghp|github_pat|org|proj)[-_][A-Za-z0-9_*.-]{6,}"
    r"|\bAIza[A-Za-z0-9_-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bBearer +\S+|\beyJ[A-Za-z0-9_.-]{20,}"
    r"|\b(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}\b|https?://\S+"
)
"""Keys of the providers, tokens, long random words, organisations, projects and addresses."""

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

LEAST_ROOM = 256
"""Tokens. Where the prompt leaves fewer, an answer is not worth asking for."""


def read_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    caller_words: CallerWords,
    input_tokens: SupportsInt,
    traits: Traits,
) -> ApiError:
    """The error for an answer that is no 2xx. `headers` are in lower case; `input_tokens` is our estimate."""
    try:
        reported = read_report(json.loads(body.decode("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        reported = None
    return _error(status, headers, reported, Circumstances(caller_words, input_tokens, traits))


def read_stream_error(frame: Mapping[str, Any], circumstances: Circumstances) -> ApiError | None:
    """The error that a frame of a stream is, in any of the spellings; None for a frame that is none."""
    found = error_in_frame(frame)
    if found is None:
        return None
    return _error(status_in(found), {}, read_report(found), circumstances)


def _error(
    status: int, headers: Mapping[str, str], reported: ErrorReport | None, circumstances: Circumstances
) -> ApiError:
    if reported is not None and reported.overflow is not None:
        return _too_long(reported.overflow, reported.message, circumstances.input_tokens, circumstances.traits)
    if reported is not None and status < 429 and (answered := _answered(reported)):
        return answered
    if reported is not None and _UNREADABLE.search(reported.code):
        return upstream_failure(_clean(reported.message), "overloaded_error")
    if status in OUR_ACCOUNT or (reported and _is_about_our_account(reported, circumstances.caller_words)):
        return UpstreamAccountError(f"the upstream refused this gateway's own account (status {status})")
    error_type = _type_of(status)
    retry_after = _retry_after(status, headers)
    if reported is None:
        message = f"the upstream answered with status {status} and no JSON"
        return ApiError(error_type, message, fault=Fault.UPSTREAM, retry_after=retry_after)
    fault = Fault.CALLER if error_type in ("invalid_request_error", "request_too_large") else Fault.UPSTREAM
    error = ApiError(error_type, _clean(reported.message), fault=fault, retry_after=retry_after)
    if status not in CORRECTABLE:
        return error
    return corrected(error, Refusal(reported.message, reported.parameter), reported.code, circumstances)


def _answered(reported: ErrorReport) -> AnsweringError | None:
    said = f"{reported.code} {reported.message}"
    if _CUT_SHORT.search(said):
        return AnsweringError("max_tokens", _clean(reported.message))
    return AnsweringError("refusal", _clean(reported.message)) if _POLICY.search(said) else None


def _is_about_our_account(reported: ErrorReport, caller_words: CallerWords) -> bool:
    """In the upstream's own words: it alarms the operator."""
    said = f"{reported.code}\n{reported.message}"
    if not caller_words.are_known or not _speaks_of_our_account(said):
        return False
    return _speaks_of_our_account(caller_words.taken_out_of(said).without_doubt)


def _speaks_of_our_account(said: str) -> bool:
    return bool(_NO_QUOTA.search(said) or _BAD_KEY.match(said, said.index("\n") + 1))


def _too_long(overflow: Overflow, message: str, input_tokens: SupportsInt, traits: Traits) -> ApiError:
    """Overflow in the words that clients know: on the one they compact, on the other they ask for less."""
    limit = overflow.limit or traits.context_window
    prompt, completion = overflow.prompt, overflow.completion
    if overflow.total is not None:
        prompt = min(int(input_tokens), overflow.total)
        completion = overflow.total - prompt
    prompt = prompt or max(int(input_tokens), (limit or 0) + 1)
    if completion and limit and prompt < limit:
        said = f"input length and `max_tokens` exceed context limit: {prompt} + {completion} > {limit}"
        refusal = invalid_request(f"{said}, decrease input length or `max_tokens` and try again")
        room = limit - prompt
        if not LEAST_ROOM <= room < min(completion, MOST):
            return refusal
        trait = LearnedTrait("max_output_tokens", room)
        return CorrectableError(refusal, (trait,), lasts=False, lost=("max_tokens",))
    said = f"prompt is too long: {prompt} tokens > {limit or prompt - 1} maximum ({_clean(message)})"
    return ApiError("invalid_request_error", said, retry=False)


def _type_of(status: int) -> ErrorType:
    default: ErrorType = "invalid_request_error" if 400 <= status < 500 and status not in OUR_ACCOUNT else "api_error"
    return _BY_STATUS.get(status, default)


def _clean(message: str) -> str:
    """The upstream's words without what may be a key, an organisation or an address."""
    return _SECRET.sub("[removed]", message)


def _retry_after(status: int, headers: Mapping[str, str]) -> int | None:
    """Whole seconds to wait, never fewer than the upstream says; a guess is never made."""
    if status not in (429, 503, 529):
        return None
    milliseconds = read_number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(1, ceil(milliseconds / 1000))
    seconds = read_number(headers.get("retry-after"))
    if seconds is not None:
        return ceil(seconds)
    wait = _until(headers.get("retry-after"), headers.get("date"))
    if wait is not None:
        return wait
    resets = [read_duration(headers.get(f"x-ratelimit-reset-{kind}")) for kind in ("requests", "tokens")]
    known = [reset for reset in resets if reset is not None]
    return min(LONGEST_RETRY_AFTER, max(1, ceil(max(known)))) if known else None


def _until(then: str | None, now: str | None) -> int | None:
    """Whole seconds from one HTTP date to another; both are the upstream's, whose clock may not be ours."""
    ends, begins = read_http_date(then), read_http_date(now)
    return None if ends is None or begins is None else max(0, ends - begins)
