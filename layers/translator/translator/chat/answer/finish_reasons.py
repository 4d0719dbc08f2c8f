"""Translates the stop reasons of many servers (`finish_reason`) into those of the Messages API."""

from collections.abc import Mapping

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import StopReason

FILTER = "content_filter"

FINISH_REASONS: Mapping[str, StopReason] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    FILTER: "refusal",
    # Names of other servers for the same things: TGI, Mistral, Cohere, llama.cpp, Gemini, GLM.
    "eos": "end_turn",
    "eos_token": "end_turn",
    "stop_sequence": "end_turn",
    "end_turn": "end_turn",
    "COMPLETE": "end_turn",
    "STOP": "end_turn",
    "tool_use": "tool_use",
    "model_length": "max_tokens",
    "max_tokens": "max_tokens",
    "MAX_TOKENS": "max_tokens",
    "model_context_window_exceeded": "model_context_window_exceeded",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "BLOCKLIST": "refusal",
    "SPII": "refusal",
    "sensitive": "refusal",
}
"""Any other reason is an error: a stop that nobody understands is not a success."""

UNREADABLE_CALLS = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "FUNCTION_CALL_FILTER")
"""Gemini's words, in capitals or not and with others around them, for a tool call that it could not write, or not so:
another attempt may."""

PASSING = frozenset({"insufficient_system_resource", "network_error", "abort"})
"""DeepSeek's, GLM's, and vLLM's and SGLang's, where the server has broken off: another attempt may succeed."""


def read_stop_reason(reason: str) -> StopReason:
    """Return the stop reason of the Messages API.

    Raises `ApiError` for a reason that is a failure, or that is unknown.
    """
    if any(word in reason.upper() for word in UNREADABLE_CALLS):
        raise upstream_failure("the model has made a tool call that the upstream could not read", "overloaded_error")
    if reason in PASSING:
        raise upstream_failure(f"the upstream has broken off: {reason}", "overloaded_error")
    stop_reason = FINISH_REASONS.get(_kind(reason))
    if stop_reason is None:
        raise upstream_failure(f"the upstream stopped for a reason that is not known: {reason[:64]!r}")
    return stop_reason


def is_natural(reason: str) -> bool:
    """Tell whether the model ended its answer by itself."""
    return FINISH_REASONS.get(_kind(reason)) in ("end_turn", "tool_use")


def _kind(reason: str) -> str:
    """Return the kind of reason. Gemini's compatible endpoint adds what it filters: `content_filter: RECITATION`."""
    return FILTER if reason.startswith(f"{FILTER}:") else reason
