"""Turns an upstream's error into the caller's: by its words first, then by its status.

Source: https://platform.openai.com/docs/guides/error-codes and what other servers answer in its stead.
"""

import json
import re
from collections.abc import Mapping
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
from translator.learned_traits import MOST, CorrectableError, LearnedTrait, UnexplainedError
from translator.plain_form import plainest
from translator.refusal.account import is_about_our_account
from translator.refusal.corrections import CORRECTABLE, Refusal, traits_named
from translator.refusal.error_bodies import ErrorReport, error_in_frame, read_report, read_text, status_in
from translator.refusal.evidence import Circumstances, corrected
from translator.refusal.overflow import Known, Overflow, find_overflow, is_beyond_window
from translator.refusal.waits import retry_after, wait_in_words
from translator.traits import Traits
from translator.writing.endings import AnsweringError

_POLICY = re.compile(
    r"content[_ ]filter|content[_ ]policy|content management policy|moderation|flagged as potentially violating"
    r"|\b(?:bio|cyber)_policy|misalignment_policy"
    r"|input was flagged|data_?inspection_?failed|content exists risk|prohibited_content|\b1301\b|new_sensitive"
    r"|sensitive[_ ]?content|high[- ]risk (?:content|input|output|material)"
    r"|(?:inappropriate|unsafe|harmful|prohibited|illegal|sensitive) (?:content|input"
    r"|output|material|information|words?)"
    r"|(?:blocked|rejected|refused|filtered) (?:by|due to|because of|for) (?:\w+ ){0,4}(?:safety|polic|filter"
    r"|guardrail|moderation)"
    r"|violat\w+ (?:of )?(?:\w+ ){0,4}(?:usage |content |safety )?(?:polic|guideline|terms)|safety (?:system"
    r"|filter|check|polic)"
    r"|responsible ?ai|guardrail|敏感|违规|不安全|涉嫌|内容安全|内容审核|安全审核|风控|不适当|규정 위반|不適切",
    re.IGNORECASE,
)
"""Azure and OpenAI, OpenRouter, Alibaba, DeepSeek, Google, GLM, MiniMax, Bedrock, and others in their words."""
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

OPAQUE = frozenset({400, 422})
"""Statuses of refusals that may be about the form of a request, whatever they say."""
_FORM = re.compile(r"pars(?:e|ing|er)|templat|jinja|grammar|render", re.IGNORECASE)
_CALLERS = re.compile(
    r"model.{0,60}(?:not (?:found|exist|available|supported|allowed)|does(?:n't| not) exist|unknown|invalid|deprecated"
    r"|decommission|retired|no access)|(?:unknown|invalid|no such|unsupported|missing|wrong) model|model_not_found"
    r"|api[ _-]?key|unauthori|authenticat|permission|forbidden|\b(?:image|picture|file|document|pdf|audio)s?\b|base64"
    r"|could not (?:process|download|fetch|decode)|failed to (?:download|fetch|decode)|not found",
    re.IGNORECASE,
)
"""What nobody can mend but the caller, or the operator."""
BEYOND_WINDOW = frozenset({400, 413, 422})
"""Statuses that mean an overflow where our own count of the prompt is beyond the model's window."""

OUR_ACCOUNT = frozenset({401, 402, 403})
"""Statuses that are about the operator's key with the upstream, never about the caller's."""

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
    asked: int | None = None,
) -> ApiError:
    """Return the error for an answer that is no 2xx. `headers` are in lower case; `input_tokens` is our estimate.

    `asked` is the number of tokens that the answer was allowed.
    """
    text = body.decode("utf-8-sig", "replace")
    try:
        reported = read_report(json.loads(text))
    except (ValueError, RecursionError):
        reported = read_text(text)
    return _error(status, headers, reported, Circumstances(caller_words, input_tokens, traits, asked))


def read_stream_error(frame: Mapping[str, Any], circumstances: Circumstances) -> ApiError | None:
    """Return the error of a stream's frame, in any known form; None where the frame is no error."""
    found = error_in_frame(frame)
    if found is None:
        return None
    return _error(status_in(found), {}, read_report(found), circumstances)


def _error(
    status: int, headers: Mapping[str, str], reported: ErrorReport | None, circumstances: Circumstances
) -> ApiError:
    if reported is None:
        return _silent(status, headers, circumstances)
    status = _innermost(status, reported)
    error = _meant(status, headers, reported, circumstances)
    error.outer = _clean(circumstances.caller_words.taken_out_of(reported.outer).without_doubt) or None
    return error


def _silent(status: int, headers: Mapping[str, str], circumstances: Circumstances) -> ApiError:
    """Return the error for an answer that has no words, or is a web page."""
    if status in OUR_ACCOUNT:
        return _of_our_account(status)
    message = f"the upstream answered with status {status} and no JSON"
    if status in BEYOND_WINDOW and is_beyond_window(circumstances.known):
        return _too_long(Overflow(), message, circumstances)
    wait = retry_after(status, headers, "", "")
    return ApiError(_type_of(status), message, fault=Fault.UPSTREAM, retry_after=wait)


def _innermost(status: int, reported: ErrorReport) -> int:
    """Return the provider's own status, where a gateway reports it inside a failure of its own."""
    inner = reported.status
    return inner if status >= 500 and inner is not None and inner < 500 and inner not in OUR_ACCOUNT else status


def _meant(status: int, headers: Mapping[str, str], reported: ErrorReport, circumstances: Circumstances) -> ApiError:
    caller_words, known = circumstances.caller_words, circumstances.known
    wait = retry_after(status, headers, reported.wait, reported.message)
    has_wait = bool(reported.wait) or wait_in_words(reported.message) is not None
    if is_about_our_account(reported.code, reported.message, caller_words, has_wait=has_wait):
        return _of_our_account(status)
    if status < 429 and _CUT_SHORT.search(reported.message):
        return AnsweringError("max_tokens", _clean(reported.message))
    overflow = _overflow(status, reported, known)
    if overflow is not None:
        return _too_long(overflow, reported.message, circumstances)
    if status < 429 and _POLICY.search(f"{reported.code} {reported.message}"):
        return AnsweringError("refusal", _clean(reported.message))
    if _UNREADABLE.search(reported.code):
        return upstream_failure(_clean(reported.message), "overloaded_error")
    if status in OUR_ACCOUNT:
        return _of_our_account(status)
    error_type = _type_of(status)
    fault = Fault.CALLER if error_type in ("invalid_request_error", "request_too_large") else Fault.UPSTREAM
    error = ApiError(error_type, _clean(reported.message), fault=fault, retry_after=wait)
    if status in CORRECTABLE:
        refusal = Refusal(reported.message, reported.parameter)
        error = corrected(error, refusal, reported.code, circumstances)
    if isinstance(error, CorrectableError):
        return error
    if status in BEYOND_WINDOW and is_beyond_window(known):
        return _too_long(Overflow(), reported.message, circumstances)
    return _unexplained(error, status, reported, circumstances.traits)


def _unexplained(error: ApiError, status: int, reported: ErrorReport, traits: Traits) -> ApiError:
    """Return the error as one that the plainest form of the request may avoid."""
    said = f"{reported.code}\n{reported.message}"
    is_opaque = status in OPAQUE or (status == 500 and _FORM.search(reported.message) is not None)
    plain = plainest(traits)
    if not is_opaque or not plain or _CALLERS.search(said):
        return error
    named = traits_named(Refusal(reported.message, reported.parameter), traits)
    return UnexplainedError(error, plain, named=named)


def _of_our_account(status: int) -> ApiError:
    return UpstreamAccountError(f"the upstream refused this gateway's own account (status {status})")


def _overflow(status: int, reported: ErrorReport, known: Known) -> Overflow | None:
    if status in OUR_ACCOUNT:
        return None
    return find_overflow(reported.message, reported.code, reported.parameter, known, reported.numbers)


def _too_long(overflow: Overflow, message: str, circumstances: Circumstances) -> ApiError:
    """Return an overflow in the words that clients act on: they compact the prompt, or ask for a shorter answer."""
    input_tokens = circumstances.input_tokens
    limit = overflow.limit or circumstances.traits.context_window
    completion = overflow.completion
    prompt = overflow.prompt or max(int(input_tokens), (limit or 0) + 1)
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
    """Remove what may be a key, an organisation or an address from the upstream's words."""
    return _SECRET.sub("[removed]", message)
