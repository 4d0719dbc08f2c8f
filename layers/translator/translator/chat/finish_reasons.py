"""Why a model has stopped: `finish_reason` under all the names that servers have for it."""

from collections.abc import Mapping

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import StopReason

FINISH_REASONS: Mapping[str, StopReason] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
    # Names of other servers for the same things: TGI, Mistral, Cohere, llama.cpp, Gemini, GLM.
    "eos": "end_turn",
    "eos_token": "end_turn",
    "end_turn": "end_turn",
    "COMPLETE": "end_turn",
    "model_length": "max_tokens",
    "max_tokens": "max_tokens",
    "MAX_TOKENS": "max_tokens",
    "model_context_window_exceeded": "model_context_window_exceeded",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "SPII": "refusal",
    "sensitive": "refusal",
}
"""Any other reason is an error: a stop that nobody understands is not a success."""

MALFORMED_CALL = "MALFORMED_FUNCTION_CALL"
CALL_FILTER = "function_call_filter"
"""Gemini's words, in capitals or not, for a tool call that it could not write, or not so: another attempt may."""

PASSING = frozenset({"insufficient_system_resource", "network_error", "abort"})
"""DeepSeek's, GLM's, and vLLM's and SGLang's, where the server has broken off: another attempt may succeed."""


def read_finish_reason(reason: str) -> StopReason:
    """Its meaning. Raises `ApiError` where it is no end."""
    if MALFORMED_CALL in reason.upper() or reason.startswith(CALL_FILTER):
        raise upstream_failure("the model has made a tool call that the upstream could not read", "overloaded_error")
    if reason in PASSING:
        raise upstream_failure(f"the upstream has broken off: {reason}", "overloaded_error")
    stop_reason = FINISH_REASONS.get(reason)
    if stop_reason is None:
        raise upstream_failure(f"the upstream stopped for a reason that is not known: {reason[:64]!r}")
    return stop_reason
