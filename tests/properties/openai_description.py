"""OpenAI's own description of a chat completions request, as a JSON schema.

The description says which fields there are and not that there are no others, although OpenAI refuses those. So here
every object is closed, except where it holds what callers choose: a JSON schema.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

REQUEST = "CreateChatCompletionRequest"

NEWER_FIELDS: dict[str, Any] = {"prompt_cache_key": {"type": "string"}, "safety_identifier": {"type": "string"}}
"""Which the description does not have yet, nor these values."""
CACHEABLE = ("Text", "Image", "File")
BREAKPOINT: dict[str, Any] = {
    "type": "object",
    "properties": {"mode": {"enum": ["explicit"]}, "ttl": {"enum": ["30m", "12h"]}},
    "required": ["mode"],
}
"""Of the parts that may end what is cached: `PromptCacheBreakpoint` of openai-python."""
EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
TIERS = ["auto", "default", "flex", "priority"]


@cache
def request_validator(*, is_closed: bool) -> Draft202012Validator:
    """Validates the body of POST /chat/completions; closed, it takes no field that OpenAI does not know."""
    description = json.loads(files("llm_comply.specs").joinpath("openai_chat.json").read_text(encoding="utf-8"))
    schemas = _needed(REQUEST, _as_json_schema(description["components"]["schemas"]))
    # Groq's word for Qwen is no word of OpenAI's.
    schemas["ReasoningEffort"] = {"enum": EFFORTS if is_closed else [*EFFORTS, "default"]}
    schemas["ServiceTier"] = {"enum": TIERS}
    schemas[REQUEST]["allOf"].append({"properties": NEWER_FIELDS})
    for part in CACHEABLE:
        schemas[f"ChatCompletionRequestMessageContentPart{part}"]["properties"]["prompt_cache_breakpoint"] = BREAKPOINT
    if is_closed:
        parts = set(_parts(schemas))
        for name, schema in schemas.items():
            _close(schema, is_part=name in parts)
    return Draft202012Validator({"$ref": f"#/components/schemas/{REQUEST}", "components": {"schemas": schemas}})


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON schema says that null is a type."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {name: _as_json_schema(item) for name, item in value.items() if name != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if value.get("nullable") is True else schema


def _needed(name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema, and those that it refers to: others have parts of it as parts."""
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += _references(schemas[name])
    return found


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"].rpartition("/")[2]] if isinstance(value.get("$ref"), str) else []
    return own + [name for item in value.values() for name in _references(item)]


def _parts(value: Any) -> list[str]:
    """The names of the schemas that are only part of another, in `allOf`."""
    if isinstance(value, list):
        return [name for item in value for name in _parts(item)]
    if not isinstance(value, dict):
        return []
    own = [item["$ref"].rpartition("/")[2] for item in value.get("allOf", ()) if "$ref" in item]
    return own + [name for item in value.values() for name in _parts(item)]


def _close(schema: Any, *, is_part: bool) -> None:
    """Let an object have no fields but its own, and so the objects inside it."""
    if isinstance(schema, list):
        for item in schema:
            _close(item, is_part=is_part)
        return
    if not isinstance(schema, dict):
        return
    has_fields = isinstance(schema.get("properties"), dict) or "allOf" in schema
    if has_fields and not is_part and "additionalProperties" not in schema:
        schema["unevaluatedProperties"] = False
    for name, item in schema.items():
        if name == "properties":
            for field in item.values():
                _close(field, is_part=False)
        else:
            _close(item, is_part=name == "allOf")
