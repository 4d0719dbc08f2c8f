"""Builds a request of chat completions field by field, so that nothing the upstream does not know can reach it."""

from typing import Any

from translator.anthropic.request import EnabledThinking, MessagesRequest
from translator.chat.request.cache_markers import mark_session
from translator.chat.request.messages import encode_messages
from translator.chat.request.parts import with_text
from translator.chat.request.tool_words import ChatTools
from translator.dialect import Caller, EncodedRequest
from translator.prompt.effort import asked_effort, explicit_effort, nearest_effort
from translator.prompt.features import (
    SCHEMA_NAME,
    SERVICE_TIERS,
    dropped_features,
    output_limit,
    told_schema,
    wanted_format,
)
from translator.prompt.strict_schema import is_strict
from translator.prompt.tool_schemas import answer_schema
from translator.prompt.tools import encode_tool_choice, encode_tools, shorten_descriptions
from translator.tool_names import ToolNames
from translator.traits import Effort, OptionalField, Traits


def encode_request(request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
    """The body of POST /chat/completions for this request, always streamed."""
    messages, dropped = encode_messages(request, traits)
    words = ChatTools()
    functions, dropped_tools = encode_tools(request, traits)
    for more in shorten_descriptions(functions, traits):
        _instruct(messages, more, traits)
    choice, dropped_choice = encode_tool_choice(request, functions, traits, words)
    reasoning, dropped_reasoning = _reasoning(request, traits, caller, with_tools=bool(functions))
    output, dropped_output = _output_format(request, traits, messages)
    optional, dropped_optional = _optional_fields(request, traits, caller)
    mark_session(messages, traits, caller)
    prefill = _prefill(messages, traits)
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        traits.max_tokens_field: output_limit(request.max_tokens, traits),
        "stream": True,
        **({"tools": [words.listed(function) for function in functions]} if functions else {}),
        **choice,
        **prefill,
        **reasoning,
        **output,
        **optional,
    }
    all_dropped = [
        *dropped, *dropped_tools, *dropped_choice, *dropped_reasoning, *dropped_output, *dropped_optional,
        *dropped_features(request),
    ]  # fmt: skip
    names = ToolNames(tool.name for tool in request.tools or () if tool.name)
    return EncodedRequest(body, tuple(dict.fromkeys(all_dropped)), names, "/chat/completions")


def _prefill(messages: list[dict[str, Any]], traits: Traits) -> dict[str, Any]:
    """Let the model continue its own last turn, by a field on that turn or beside the messages."""
    if messages[-1]["role"] != "assistant" or traits.prefill == "plain":
        return {}
    if traits.prefill == "prefix":
        messages[-1]["prefix"] = True
        return {}
    return {"continue_final_message": True, "add_generation_prompt": False}


def _reasoning(
    request: MessagesRequest, traits: Traits, caller: Caller, *, with_tools: bool
) -> tuple[dict[str, Any], list[str]]:
    wanted = asked_effort(request, is_claude_code=caller.is_claude_code)
    asked = "none" if traits.thinking == "off" else wanted
    effort = _allowed_effort(asked, traits, with_tools=with_tools)
    lost = _lost_reasoning(request, wanted, effort, traits)
    if asked is None and effort is None:
        return {}, lost
    if traits.thinking_toggle is None:
        return ({} if effort is None else {"reasoning_effort": effort}), lost
    is_on = "none" not in (asked, effort)
    fields = _thinking_switch(request, traits, effort, is_on=is_on)
    # A provider with a switch refuses an effort beside `disabled`, and OpenRouter's holds it.
    if effort is not None and is_on and traits.thinking_toggle != "reasoning":
        fields["reasoning_effort"] = effort
    return fields, lost


def _thinking_switch(request: MessagesRequest, traits: Traits, effort: Effort | None, *, is_on: bool) -> dict[str, Any]:
    budget = request.thinking.budget_tokens if isinstance(request.thinking, EnabledThinking) else None
    match traits.thinking_toggle:
        case "enable_thinking":
            return {"enable_thinking": is_on, **({} if budget is None else {"thinking_budget": budget})}
        case "reasoning":
            leaves_room = budget is not None and budget < output_limit(request.max_tokens, traits)
            return {"reasoning": _openrouter_reasoning(request, budget if leaves_room else None, effort, is_on=is_on)}
        case "reasoning_enabled":
            return {"reasoning": {"enabled": is_on}}
        case "reasoning_effort":
            return {"reasoning_effort": "default" if is_on else "none"}
        case "chat_template_kwargs":
            # One is for Qwen and GLM, one for DeepSeek and Kimi: a template passes over what it does not know.
            return {"chat_template_kwargs": {"enable_thinking": is_on, "thinking": is_on}}
        case _:
            return {"thinking": {"type": "enabled" if is_on else "disabled"}}


def _openrouter_reasoning(
    request: MessagesRequest, budget: int | None, effort: Effort | None, *, is_on: bool
) -> dict[str, Any]:
    """Return one of OpenRouter's three fields: the caller's budget if it leaves room, or the effort, or `enabled`."""
    if not is_on:
        return {"effort": "none"}
    if budget and explicit_effort(request) is None:
        return {"max_tokens": budget}
    return {"enabled": True} if effort is None else {"effort": effort}


def _allowed_effort(asked: Effort | None, traits: Traits, *, with_tools: bool) -> Effort | None:
    if with_tools and traits.reasoning_with_tools == "none":
        return "none"
    if asked is None or (with_tools and traits.reasoning_with_tools == "default"):
        return None
    return nearest_effort(asked, traits.efforts)


def _lost_reasoning(
    request: MessagesRequest, wanted: Effort | None, effort: Effort | None, traits: Traits
) -> list[str]:
    """Return the fields for reasoning that the model cannot do, or against reasoning that it cannot stop."""
    if wanted is None:
        return []
    if wanted == "none":
        cannot_stop = bool(traits.efforts) and nearest_effort("none", traits.efforts) is None
        is_lost = cannot_stop and traits.thinking_toggle is None and request.thinking is not None
    else:
        cannot_be = effort == "none" or (effort is None and traits.thinking_toggle is None)
        is_lost = cannot_be or traits.thinking == "off"
    asking = {"thinking": request.thinking, "output_config.effort": explicit_effort(request)}
    return [name for name, value in asking.items() if is_lost and value is not None]


def _output_format(
    request: MessagesRequest, traits: Traits, messages: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """Return `response_format`. An upstream without schemas is told the schema in the system prompt."""
    wanted = wanted_format(request)
    if not wanted:
        return {}, []
    if traits.structured_output == "json_schema":
        schema = answer_schema(wanted.schema_, traits)
        named = {"name": SCHEMA_NAME, "schema": schema, "strict": is_strict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}, []
    _instruct(messages, told_schema(wanted.schema_), traits)
    fields = {"response_format": {"type": "json_object"}} if traits.structured_output == "json_object" else {}
    return fields, ["output_config.format"]


def _instruct(messages: list[dict[str, Any]], text: str, traits: Traits) -> None:
    """Add a text to the end of the system prompt. Many chat templates take only one system message, the first."""
    if messages[0]["role"] == traits.instructions_role:
        messages[0]["content"] = with_text(messages[0]["content"], text)
    else:
        messages.insert(0, {"role": traits.instructions_role, "content": text})


def _optional_fields(request: MessagesRequest, traits: Traits, caller: Caller) -> tuple[dict[str, Any], list[str]]:
    """Return the fields that only some upstreams know. A field of the caller that is lost is named."""
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
        "reasoning_format": "parsed",
    }
    given = {name: value for name, value in asked.items() if value is not None}
    fields = {name: value for name, value in {**given, **ours}.items() if name in traits.fields and value is not None}
    # `auto` is what every upstream does anyway.
    lost = [name for name, value in given.items() if name not in traits.fields and value != "auto"]
    return {str(name): value for name, value in fields.items()}, list(lost)
