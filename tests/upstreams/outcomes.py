"""What the gateway must make of each answer: the caller's stop reason, or the error and whether it ends a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from translator.anthropic.errors import ErrorType
from translator.anthropic.events import StopReason

from tests.upstreams.expected import Answered, BrokenOff, Outcome, Refused
from tests.upstreams.habits import HABITS
from tests.upstreams.scenarios import ANSWERS

_ANSWERED: Mapping[StopReason, str] = {
    "end_turn": """
        plain unicode drip all-at-once crlf crlf-in-bytes cr byte-order-mark comments-between other-fields
        data-on-two-lines no-blank-line-at-the-end done-twice more-after-done large-event nul-in-text no-utf-8
        half-surrogates text-in-parts empty-deltas text-plain no-content-type whole-though-a-stream-was-asked
        closed-for-the-end early-hints continue answer-after-the-answer tool-as-text reasoning-content reasoning
        reasoning-details reasoning-after-text think-tags sources reasoning-details-signed usage-every-chunk
        usage-first usage-twice
        usage-null usage-garbage usage-without-end usage-of-deepseek usage-more-cached-than-asked usage-none
        eof-without-done finish-twice text-after-finish two-choices choices-null error-null
        answer-that-nobody-asked-for think-tag-at-the-end-only usage-of-groq
    """,
    "tool_use": """
        unicode-in-arguments tool tools-parallel tools-interleaved tools-all-index-0 tools-no-index
        tool-whole-in-opening tool-arguments-at-the-end tool-arguments-as-object tools-three-index-0
        tools-of-gemini tools-of-kimi tool-then-text tool-empty-arguments tool-finish-stop all-in-one-chunk
    """,
    "max_tokens": """
        cut-short tool-truncated reasoning-only finish-length
    """,
    "refusal": """
        flagged finish-content-filter finish-of-gemini refusal-in-words
    """,
}
_REFUSED: Mapping[ErrorType, str] = {
    "api_error": """
        comments-only endless-event nul-bytes nested-too-deeply json-that-is-no-object numbers-for-text html-200
        html-as-events empty-200 empty-object-200 gzip-though-identity-was-asked no-content-204 hang-up cut-before-text
        reset-at-once closed-in-the-head length-negative no-http no-header head-without-end redirect
        redirect-for-good error-first-detail error-first-openrouter error-endless error-nested error-empty
        html-502 quota unauthorized server-error
    """,
    "overloaded_error": """
        error-200 error-first error-first-vllm overloaded call-of-groq-that-failed
    """,
    "invalid_request_error": """
        error-of-fastapi error-with-a-key overflow-openai overflow-openai-window overflow-copilot overflow-vllm
        overflow-sglang overflow-llama-cpp overflow-gemini overflow-mistral overflow-max-tokens
        overflow-in-stream overflow-lm-studio overflow-cohere request-too-large
    """,
    "rate_limit_error": """
        limited error-of-minimax
    """,
    "not_found_error": """
        model-not-found
    """,
    "conflict_error": "conflict",
    "request_too_large": "too-large",
    "timeout_error": "timed-out",
}
_BROKEN_OFF: Mapping[ErrorType, str] = {
    "api_error": """
        done-without-finish reset closed-in-the-middle shorter-than-it-says longer-than-it-says
        chunk-of-no-size chunk-without-its-end tool-announced-only
        tool-goes-on-after-its-end tool-cut-off tool-broken-json finish-unknown eof-without-finish finish-null
        finish-error cut error-after-text not-json error-of-groq
    """,
    "overloaded_error": """
        empty tool-without-a-name finish-malformed-call error-after-a-call finish-out-of-resources
    """,
}


def _outcomes() -> Iterator[tuple[str, Outcome]]:
    for stop_reason, names in _ANSWERED.items():
        yield from ((name, Answered(stop_reason)) for name in names.split())
    for error_type, names in _REFUSED.items():
        yield from ((name, Refused(error_type)) for name in names.split())
    for error_type, names in _BROKEN_OFF.items():
        yield from ((name, BrokenOff(error_type)) for name in names.split())
    yield from ((name, habit.outcome) for name, habit in HABITS.items())


_BY_NAME = dict(_outcomes())
OUTCOMES: Mapping[str, Outcome] = {name: _BY_NAME[name] for name in ANSWERS}
