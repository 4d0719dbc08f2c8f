"""A model in the shape of GET /v1/models: its facts and traits as Anthropic's `ModelInfo`.

What is said of its capabilities is what a request to this gateway gets of them. Source: `ModelInfo` of the official
OpenAPI description, and what anthropic-version 2026-10-21 adds: `lifecycle`, `line` and two dates.
"""

from typing import Any, Literal

from translator.traits import Traits

from gateway.routing.model_facts import ModelFacts, stem

Lifecycle = Literal["active", "deprecated", "retired"]

LINES = ("haiku", "sonnet", "opus", "fable", "mythos")
YES = {"supported": True}
NO = {"supported": False}

CONTEXT_STRATEGIES = ("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")
EFFORT_LEVELS = ("low", "medium", "high", "xhigh", "max")


def model_info(model_id: str, facts: ModelFacts, traits: Traits, *, known_since: str) -> dict[str, Any]:
    """The model under this id. `known_since`: when it was there at the latest, where nobody says when it came."""
    return {
        **unknown_model_info(model_id, known_since=known_since),
        "display_name": facts.name or facts.id,
        "created_at": _midnight(facts.released or known_since),
        "max_input_tokens": facts.max_input_tokens or facts.context_window,
        "max_tokens": facts.max_output_tokens,
        "capabilities": _capabilities(facts, traits),
        "lifecycle": lifecycle(facts),
    }


def unknown_model_info(model_id: str, *, known_since: str) -> dict[str, Any]:
    """A model that goes through although the catalogue has never heard of it."""
    return {
        "type": "model",
        "id": model_id,
        "display_name": model_id,
        "created_at": _midnight(known_since),
        "max_input_tokens": None,
        "max_tokens": None,
        "capabilities": None,
        "lifecycle": "active",
        "line": _line(model_id),
        # Nobody says when.
        "deprecated_at": None,
        "retires_at": None,
    }


def beta_model_info(told: dict[str, Any]) -> dict[str, Any]:
    """The same as `BetaModelInfo`: what is beta's own is named as dropped or refused, whatever the model."""
    capabilities = told["capabilities"] and {**told["capabilities"], "compaction": {**NO, "summarize": NO}}
    return {**told, "allowed_fallback_models": [], "capabilities": capabilities}


def lifecycle(facts: ModelFacts) -> Lifecycle:
    """Where the model is in its life; the catalogue drops what has been retired."""
    return "deprecated" if facts.status == "deprecated" else "active"


def _midnight(date: str) -> str:
    return f"{date}T00:00:00Z"


def _line(model_id: str) -> str | None:
    words = stem(model_id).split("-")
    return next((line for line in LINES if line in words), None) if words[0] == "claude" else None


def _capabilities(facts: ModelFacts, traits: Traits) -> dict[str, Any]:
    reasons = "reasoning" in facts.capabilities
    return {
        "batch": NO,
        "citations": NO,
        "code_execution": NO,
        "context_management": {**NO, **dict.fromkeys(CONTEXT_STRATEGIES, NO)},
        "effort": {
            **_support(any(level in traits.efforts for level in EFFORT_LEVELS)),
            **{level: _support(level in traits.efforts) for level in EFFORT_LEVELS},
        },
        "image_input": _support(traits.images),
        "pdf_input": _support(traits.pdf),
        "server_tools": {**NO, "code_execution": NO, "web_search": NO},
        "structured_outputs": _support(traits.structured_output == "json_schema"),
        "thinking": {
            **_support(reasons),
            # The last two are never refused, also where there is no thinking to be stopped.
            "types": {
                "adaptive": _support(reasons),
                "enabled": _support(reasons),
                "disabled": YES,
                "between_tools": YES,
            },
        },
    }


def _support(is_supported: bool) -> dict[str, bool]:  # noqa: FBT001 -- it is what the object holds
    return YES if is_supported else NO
