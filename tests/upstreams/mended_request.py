"""A request that has in it what each of the mended refusals is about."""

from __future__ import annotations

from typing import Any

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
_IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
_QUERY = {
    "type": "object",
    "properties": {
        "sql": {"type": "string", "pattern": "^(?!drop)"},
        "rows": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
    "required": ["sql"],
}


def mended_request(play: str, *, stream: bool) -> dict[str, Any]:
    """The request for the model of that name; `#` and a word behind it keep one asking apart from another."""
    return {
        "model": f"openai/hostile/{play}",
        "max_tokens": 32_000,
        "stream": stream,
        "temperature": 0.5,
        "system": "Be brief.",
        "tools": [
            {"name": "look", "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}}},
            {"name": "mcp__db__query", "description": "Asks the database.", "input_schema": _QUERY},
        ],
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Look."}, _IMAGE, _IMAGE]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {"at": "it"}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "A tree."}]},
            {"role": "user", "content": [{"type": "text", "text": "And now?"}, {"type": "text", "text": "Go on."}]},
        ],
    }
