"""Marks a caller's tool that an upstream refuses: by a digest, never by its name or words.

A schema is made an outline first; a tool that is refused all the same is left out, unless it has been called.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from translator.anthropic.events import encode_json

MARK = re.compile(r"(?:schema|tool)-[0-9a-f]{16}")
MOST_PROPERTIES = 64
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""What every upstream takes as the name of a property."""


def schema_mark(name: str, schema: Mapping[str, Any]) -> str:
    """Return the mark of a tool whose schema becomes an outline."""
    return f"schema-{_digest(name, schema)}"


def tool_mark(name: str, schema: Mapping[str, Any]) -> str:
    """Return the mark of a tool that is left out."""
    return f"tool-{_digest(name, schema)}"


def outline(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outline of a schema: its properties with names, plain types and descriptions only."""
    properties = schema.get("properties")
    named = properties if isinstance(properties, Mapping) else {}
    kept = {name: _outlined(each) for name, each in named.items() if _NAME.fullmatch(name)}
    return {"type": "object", "properties": dict(list(kept.items())[:MOST_PROPERTIES])}


def is_outline(schema: Mapping[str, Any]) -> bool:
    """Tell whether the schema is its own outline."""
    return outline(schema) == {"type": "object", "properties": {}, **schema}


def _outlined(schema: object) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    kind, description = schema.get("type"), schema.get("description")
    return {
        **({"type": kind} if isinstance(kind, str) and kind in _TYPES else {}),
        **({"description": description} if isinstance(description, str) else {}),
    }


def _digest(name: str, schema: Mapping[str, Any]) -> str:
    return sha256(encode_json([name, schema])).hexdigest()[:16]
