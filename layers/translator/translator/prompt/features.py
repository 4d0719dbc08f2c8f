"""Sorts the fields of a request: which mean the same in every dialect, and which are lost in each."""

from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import encode_json
from translator.anthropic.request import ContextManagement, JsonSchemaFormat, MessagesRequest
from translator.traits import Traits

SERVICE_TIERS = {"standard_only": "default"}
"""Anthropic's service tiers under OpenAI's names; all others are called the same."""

SCHEMA_NAME = "output"


def wanted_format(request: MessagesRequest) -> JsonSchemaFormat | None:
    """The form that the answer must have, if any."""
    return (request.output_config and request.output_config.format) or request.output_format


def told_schema(schema: Mapping[str, Any]) -> str:
    """What the model is told where the upstream knows no schema."""
    told = encode_json(schema).decode("ascii")
    return f"Answer with one JSON object that fits this JSON schema, and nothing else:\n{told}"


def output_limit(max_tokens: int, traits: Traits) -> int:
    """The most tokens that the answer may have, within what the model takes."""
    limit = max(max_tokens, traits.min_output_tokens)
    return limit if traits.max_output_tokens is None else min(limit, traits.max_output_tokens)


def dropped_features(request: MessagesRequest) -> list[str]:
    """Features of Anthropic's own that change nothing in what the answer means, named where the caller uses them."""
    lost = {
        "container": request.container is not None,
        "context_management": _edits_context(request.context_management),
        "fallbacks": bool(request.fallbacks),
        "inference_geo": request.inference_geo is not None,
        "output_config.task_budget": bool(request.output_config and request.output_config.task_budget),
        "safeguards": bool(request.safeguards),
        "speed": request.speed not in (None, "standard"),
        "thread": request.thread is not None,
    }
    return [name for name, is_lost in lost.items() if is_lost]


def _edits_context(context_management: ContextManagement | None) -> bool:
    """Whether an edit is asked for that does something: Claude Code always asks to keep all thinking."""
    edits = (context_management.edits if context_management else None) or []
    return any(edit.get("keep") not in ("all", {"type": "all"}) for edit in edits)
