"""The request: built from scratch, field by field, so that nothing the upstream does not know can reach it."""

from typing import Any

from translator.anthropic.events import encode_json
from translator.anthropic.request import JsonSchemaFormat, MessagesRequest
from translator.chat.effort import asked_effort, nearest_effort
from translator.chat.messages import encode_messages
from translator.chat.tools import encode_tool_choice, encode_tools
from translator.dialect import Caller, EncodedRequest
from translator.tool_names import ToolNames
from translator.traits import Effort, OptionalField, Traits

SERVICE_TIERS = {"standard_only": "default"}
"""Anthropic's service tiers under OpenAI's names; all others are called the same."""

SCHEMA_NAME = "output"


def encode_request(request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
    """The body of POST /chat/completions for this request, always streamed."""
    messages, dropped = encode_messages(request, traits)
    functions, dropped_tools = encode_tools(request)
    choice, dropped_choice = encode_tool_choice(request, functions, traits)
    reasoning, dropped_reasoning = _reasoning(request, traits, caller, with_tools=bool(functions))
    output, dropped_output = _output_format(request, traits, messages)
    optional, dropped_optional = _optional_fields(request, traits, caller)
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        traits.max_tokens_field: _output_limit(request.max_tokens, traits),
        "stream": True,
        **({"tools": functions} if functions else {}),
        **choice,
        **reasoning,
        **output,
        **optional,
    }
    all_dropped = [
        *dropped, *dropped_tools, *dropped_choice, *dropped_reasoning, *dropped_output, *dropped_optional,
        *_dropped_features(request),
    ]  # fmt: skip
    names = ToolNames(tool.name for tool in request.tools or () if tool.name)
    return EncodedRequest(body, tuple(dict.fromkeys(all_dropped)), names)


def _output_limit(max_tokens: int, traits: Traits) -> int:
    limit = max(max_tokens, traits.min_output_tokens)
    return limit if traits.max_output_tokens is None else min(limit, traits.max_output_tokens)


def _reasoning(
    request: MessagesRequest, traits: Traits, caller: Caller, *, with_tools: bool
) -> tuple[dict[str, Any], list[str]]:
    asked = asked_effort(request, is_claude_code=caller.is_claude_code)
    fields: dict[str, Any] = {}
    if asked is not None and traits.thinking_toggle:
        fields["thinking"] = {"type": "disabled" if asked == "none" else "enabled"}
    effort = _allowed_effort(asked, traits, with_tools=with_tools)
    # A provider with a switch refuses an effort beside `disabled`.
    if effort is not None and not (traits.thinking_toggle and asked == "none"):
        fields["reasoning_effort"] = effort
    is_lost = asked not in (None, "none") and not fields
    return fields, ["thinking"] if is_lost and request.thinking is not None else []


def _allowed_effort(asked: Effort | None, traits: Traits, *, with_tools: bool) -> Effort | None:
    if with_tools and traits.reasoning_with_tools == "none":
        return "none"
    if asked is None or (with_tools and traits.reasoning_with_tools == "default"):
        return None
    return nearest_effort(asked, traits.efforts)


def _output_format(
    request: MessagesRequest, traits: Traits, messages: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """`response_format`; where the upstream knows no schema, the schema is told to the model instead."""
    wanted = (request.output_config and request.output_config.format) or request.output_format
    if not wanted:
        return {}, []
    match traits.structured_output:
        case "json_schema":
            schema = {"name": SCHEMA_NAME, "schema": wanted.schema_, "strict": _is_strict(wanted.schema_)}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}, []
        case "json_object":
            messages.insert(0, _schema_instruction(wanted, traits))
            return {"response_format": {"type": "json_object"}}, ["output_config.format"]
        case "none":
            messages.insert(0, _schema_instruction(wanted, traits))
            return {}, ["output_config.format"]


def _schema_instruction(wanted: JsonSchemaFormat, traits: Traits) -> dict[str, Any]:
    schema = encode_json(wanted.schema_).decode("ascii")
    text = f"Answer with one JSON object that fits this JSON schema, and nothing else:\n{schema}"
    return {"role": traits.instructions_role, "content": text}


def _is_strict(schema: object) -> bool:
    """Whether OpenAI's strict mode takes the schema: every object closed and every property required."""
    if isinstance(schema, list):
        return all(_is_strict(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if isinstance(properties, dict):
        if schema.get("additionalProperties") is not False:
            return False
        if set(schema.get("required", ())) != set(properties):
            return False
        return all(_is_strict(value) for value in properties.values())
    return all(_is_strict(value) for value in schema.values())


def _optional_fields(request: MessagesRequest, traits: Traits, caller: Caller) -> tuple[dict[str, Any], list[str]]:
    """The fields that only some upstreams know; the caller's own are named where they are lost."""
    tier = request.service_tier
    asked: dict[OptionalField, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "service_tier": SERVICE_TIERS.get(tier, tier) if tier else None,
    }
    ours: dict[OptionalField, Any] = {
        "stream_options": {"include_usage": True},
        "prompt_cache_key": caller.session,
        "safety_identifier": caller.user,
        "store": False,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    fields = {name: value for name, value in {**given, **ours}.items() if name in traits.fields and value is not None}
    # `auto` is what every upstream does anyway.
    lost = [name for name, value in given.items() if name not in traits.fields and value != "auto"]
    return {str(name): value for name, value in fields.items()}, list(lost)


def _dropped_features(request: MessagesRequest) -> list[str]:
    """Features of Anthropic's own that change nothing in what the answer means, named where the caller uses them."""
    lost = {
        "container": request.container is not None,
        "context_management": _edits_context(request.context_management),
        "fallbacks": bool(request.fallbacks),
        "inference_geo": request.inference_geo is not None,
        "output_config.task_budget": bool(request.output_config and request.output_config.task_budget),
        "speed": request.speed not in (None, "standard"),
        "thread": request.thread is not None,
    }
    return [name for name, is_lost in lost.items() if is_lost]


def _edits_context(context_management: dict[str, Any] | None) -> bool:
    """Whether an edit is asked for that does something: Claude Code always asks to keep all thinking."""
    edits = (context_management or {}).get("edits") or []
    return any(not (isinstance(edit, dict) and edit.get("keep") == "all") for edit in edits)
