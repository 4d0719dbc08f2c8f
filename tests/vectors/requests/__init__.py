"""Requests of the Messages API, and the whole request of chat completions that each must become."""

from dataclasses import dataclass
from typing import Any

from translator.anthropic.errors import ErrorType
from translator.dialect import Caller
from translator.traits import Traits

Json = dict[str, Any]

SOMEBODY = Caller()
PLAIN = Traits()
OPENAI = Traits(
    fields=frozenset(
        {"stream_options", "parallel_tool_calls", "service_tier", "safety_identifier", "prompt_cache_key", "store"}
    ),
    max_tokens_field="max_completion_tokens",
    min_output_tokens=16,
    efforts=("minimal", "low", "medium", "high"),
    mid_system="keep",
    pdf=True,
)
HELLO: Json = {"role": "user", "content": "Hello"}
LOOK: Json = {"name": "look", "input_schema": {"type": "object", "properties": {}}}
LOOK_FUNCTION: Json = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCase:
    """A request, and the complete outcome."""

    id: str
    why: str
    request: Json
    body: Json
    dropped: tuple[str, ...] = ()
    traits: Traits = PLAIN
    caller: Caller = SOMEBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCase:
    """A request that must be refused, and in which words."""

    id: str
    why: str
    request: Json
    message: str
    traits: Traits = PLAIN
    error_type: ErrorType = "invalid_request_error"


def ask(*messages: Json, **fields: Any) -> Json:
    """A request with these messages, or one that says hello."""
    return {"model": "gpt-5", "max_tokens": 1000, "messages": list(messages) or [HELLO], **fields}


def sent(*messages: Json, **fields: Any) -> Json:
    """The body that goes to an upstream of which nothing is known."""
    return {
        "model": "upstream-model",
        "messages": list(messages) or [HELLO],
        "max_tokens": 1000,
        "stream": True,
        "stream_options": {"include_usage": True},
        **fields,
    }


def sent_to_openai(*messages: Json, **fields: Any) -> Json:
    """The body that goes to OpenAI."""
    return {
        "model": "upstream-model",
        "messages": list(messages) or [HELLO],
        "max_completion_tokens": 1000,
        "stream": True,
        "stream_options": {"include_usage": True},
        "store": False,
        **fields,
    }


def user(*content: Any) -> Json:
    """A user message: of one string, or of blocks."""
    return {"role": "user", "content": content[0] if isinstance(content[0], str) else list(content)}


def assistant(*content: Any) -> Json:
    """An assistant message: of one string, or of blocks."""
    return {"role": "assistant", "content": content[0] if isinstance(content[0], str) else list(content)}


def text(words: str) -> Json:
    """A text block, and a text part: they look the same."""
    return {"type": "text", "text": words}


def tool_use(identity: str, name: str = "look", **arguments: Any) -> Json:
    """A tool call in a history."""
    return {"type": "tool_use", "id": identity, "name": name, "input": arguments}


def tool_result(identity: str, content: Any = "A wall.", **more: Any) -> Json:
    """The result of a tool call."""
    return {"type": "tool_result", "tool_use_id": identity, "content": content, **more}


def call(identity: str, name: str = "look", arguments: str = "{}") -> Json:
    """A tool call, as chat completions has it."""
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*tool_calls: Json, content: str | None = None) -> Json:
    """An assistant message with tool calls."""
    return {"role": "assistant", "content": content, "tool_calls": list(tool_calls)}


def tool(identity: str, content: str = "A wall.") -> Json:
    """A tool message."""
    return {"role": "tool", "tool_call_id": identity, "content": content}
