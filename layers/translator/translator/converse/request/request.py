"""Builds a request of Converse field by field, so that nothing that Bedrock does not know can reach it.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

import re
from dataclasses import replace
from typing import Any

from translator.anthropic.request import MessagesRequest, NoToolChoice
from translator.converse.request.messages import encode_messages, with_cache_points
from translator.converse.request.reasoning import encode_reasoning
from translator.converse.request.words import ConverseParts, ConverseTools
from translator.dialect import Caller, EncodedRequest
from translator.prompt.content import PartEncoder
from translator.prompt.features import dropped_features, output_limit, told_schema, wanted_format
from translator.prompt.tools import Function, encode_tool_choice, encode_tools, shorten_descriptions
from translator.prompt.turns import instructions
from translator.tool_names import ToolNames
from translator.traits import Traits

_CHOICES: dict[object, dict[str, Any]] = {"auto": {}, "required": {"toolChoice": {"any": {}}}}
"""By the word of the other dialects. A model chooses where nothing is said, and not every one takes `auto`."""
_RESERVED = re.compile(r"[^A-Za-z0-9._~-]")


def encode_request(request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
    """The body of POST /model/…/converse-stream; of /converse where the model calls no tools in a stream."""
    marker = traits.cache_marker if traits.cache_marker == "cache_control" else None
    traits = replace(traits, fields=traits.fields - {"parallel_tool_calls"}, cache_marker=marker)
    words = ConverseParts()
    parts = PartEncoder(traits, words)
    functions, dropped_tools = encode_tools(request, traits)
    if isinstance(request.tool_choice, NoToolChoice):
        functions = []  # there is no word for it
    told = shorten_descriptions(functions, traits)
    tools, dropped_choice = _tools(request, functions, traits)
    reasoning, dropped_reasoning = encode_reasoning(request, traits, caller)
    system = with_cache_points(parts.parts(instructions(request.system)))
    messages, dropped = encode_messages(request, traits, parts, offers_tools=bool(functions))
    if wanted := wanted_format(request):
        told.append(told_schema(wanted.schema_))
    system += [parts.text(text) for text in told]
    inference, dropped_inference = _inference(request, traits)
    body: dict[str, Any] = {
        "messages": messages,
        **({"system": system} if system else {}),
        "inferenceConfig": inference,
        **tools,
        **({"additionalModelRequestFields": reasoning} if reasoning else {}),
    }
    all_dropped = [
        *words.dropped, *dropped, *dropped_tools, *dropped_choice, *dropped_reasoning,
        *(["output_config.format"] if wanted else []), *dropped_inference, *dropped_features(request),
    ]  # fmt: skip
    names = ToolNames(tool.name for tool in request.tools or () if tool.name)
    operation = "converse-stream" if traits.streamed_calls or not functions else "converse"
    path = f"/model/{_RESERVED.sub(_encoded, model)}/{operation}"
    return EncodedRequest(body, tuple(dict.fromkeys(all_dropped)), names, path)


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _tools(request: MessagesRequest, functions: list[Function], traits: Traits) -> tuple[dict[str, Any], list[str]]:
    """The field `toolConfig`, and what of the caller's choice is lost."""
    words = ConverseTools()
    choice, dropped = encode_tool_choice(request, functions, traits, words)
    if not functions:
        return {}, dropped
    asked = choice.get("tool_choice", "auto")
    chosen = {"toolChoice": asked} if isinstance(asked, dict) else _CHOICES[asked]
    listed = choice.get("tools") or [words.listed(function) for function in functions]
    return {"toolConfig": {"tools": listed, **chosen}}, dropped


def _inference(request: MessagesRequest, traits: Traits) -> tuple[dict[str, Any], list[str]]:
    """The limit of the answer and how it is sampled; the fields that are lost by name."""
    fields: dict[str, Any] = {"maxTokens": output_limit(request.max_tokens, traits)}
    lost = []
    if request.temperature is not None and "temperature" in traits.fields:
        fields["temperature"] = request.temperature
    elif request.temperature is not None:
        lost.append("temperature")
    if request.top_p is not None and "top_p" in traits.fields:
        fields["topP"] = request.top_p
    elif request.top_p is not None:
        lost.append("top_p")
    if request.top_k is not None:
        lost.append("top_k")
    if request.service_tier not in (None, "auto"):
        lost.append("service_tier")
    return fields, lost
