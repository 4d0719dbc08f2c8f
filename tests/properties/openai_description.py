"""OpenAI's own description of a chat completions request, as a JSON schema."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

REQUEST = "#/components/schemas/CreateChatCompletionRequest"


@cache
def request_validator() -> Draft202012Validator:
    """Validates the body of POST /chat/completions."""
    description = json.loads(files("llm_comply.specs").joinpath("openai_chat.json").read_text(encoding="utf-8"))
    schemas = _as_json_schema(description["components"]["schemas"])
    # Newer values than the description has.
    schemas["ReasoningEffort"] = {"enum": ["none", "minimal", "low", "medium", "high", "xhigh", "max"]}
    return Draft202012Validator({"$ref": REQUEST, "components": {"schemas": schemas}})


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON schema says that null is a type."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {name: _as_json_schema(item) for name, item in value.items() if name != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if value.get("nullable") is True else schema
