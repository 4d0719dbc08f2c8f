"""OpenAI's own description of a Responses request and of its stream: the types of openai-python.

The types say which fields there are and not that there are no others, although OpenAI refuses those. So here every
object is closed, except where it holds what callers choose: a JSON schema.
"""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from openai.types.responses import ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import TypeAdapter


@cache
def request_validator() -> Draft202012Validator:
    """Validates the body of POST /responses."""
    schema = TypeAdapter(ResponseCreateParamsStreaming).json_schema()
    _close(schema)
    # Codex leaves it out, and where nothing is stored nothing can be found by it.
    schema["$defs"]["ResponseReasoningItemParam"]["required"].remove("id")
    return Draft202012Validator(schema)


@cache
def event_reader() -> TypeAdapter[Any]:
    """Reads an event of a stream as the SDK does."""
    return TypeAdapter(ResponseStreamEvent)


def _close(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _close(item)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    for item in schema.values():
        _close(item)
