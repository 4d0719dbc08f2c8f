"""Converts JSON Schema into the subset that Google takes; what cannot be converted is left out.

Source: https://ai.google.dev/api/caching#Schema. A single keyword that is not there fails the whole request, and so do
an enum of anything but text, an object without properties, and anything beside `anyOf`.
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

KEPT = (
    "title", "description", "minItems", "maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "default",
)  # fmt: skip
"""Keywords that mean the same there; `default` is read by nobody and refused by nobody."""

FORMATS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"enum", "date-time"}),
    "number": frozenset({"float", "double"}),
    "integer": frozenset({"int32", "int64"}),
}
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
MOST_REFERENCES = 1_000
"""A document whose references multiply each other is not written out to its end."""

ANY_NAME = "any_name"
"""Stands in an object whose properties have no names, since Google wants at least one."""


def google_schema(schema: Mapping[str, Any]) -> Schema:
    """The schema for Google; the given one stays as it is."""
    return _Converter(schema).convert(schema, ())


class _Converter:
    """Converts what stands in one document, to which its references point."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._followed = 0

    def convert(self, schema: object, within: tuple[str, ...]) -> Schema:
        """`within` are the references that have been followed to get here."""
        if not isinstance(schema, Mapping):
            return {"type": "string"}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(schema, reference, within)
        if isinstance(schema.get("allOf"), list):
            return self.convert(_merged(schema), within)
        alternatives, is_nullable = _alternatives(schema)
        if alternatives:
            return _either([self.convert(each, within) for each in alternatives], is_nullable=is_nullable)
        converted = self._plain(schema, within)
        return {**converted, "nullable": True} if is_nullable or schema.get("nullable") is True else converted

    def _referred(self, schema: Mapping[str, Any], reference: str, within: tuple[str, ...]) -> Schema:
        """What the reference stands for, in its place; an object where it stands for what it is part of."""
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        self._followed += 1
        target = None if reference in within or self._followed > MOST_REFERENCES else self._target(reference)
        if target is None:
            return self.convert({"type": "object", **beside}, within)
        return self.convert({**target, **beside}, (*within, reference))

    def _target(self, reference: str) -> Mapping[str, Any] | None:
        found: Any = self._document
        for name in reference.removeprefix("#").split("/")[1:]:
            found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) and reference.startswith("#") else None

    def _plain(self, schema: Mapping[str, Any], within: tuple[str, ...]) -> Schema:
        kind = _type_of(schema)
        converted: Schema = {"type": kind, **{name: schema[name] for name in KEPT if schema.get(name) is not None}}
        if isinstance(schema.get("format"), str) and schema["format"] in FORMATS.get(kind, ()):
            converted["format"] = schema["format"]
        _limit(converted, schema)
        _enumerate(converted, schema)
        if kind == "object":
            converted.update(self._object(schema, within))
        elif kind == "array":
            converted["items"] = self._items(schema, within)
        return converted

    def _object(self, schema: Mapping[str, Any], within: tuple[str, ...]) -> Schema:
        properties = schema.get("properties")
        named = properties if isinstance(properties, Mapping) else {}
        converted = {name: self.convert(value, within) for name, value in named.items()}
        required = schema.get("required")
        needed = [name for name in converted if name in required] if isinstance(required, list) else []
        if not converted:
            converted = {ANY_NAME: self.convert(schema.get("additionalProperties"), within)}
        return {"properties": converted, **({"required": needed} if needed else {})}

    def _items(self, schema: Mapping[str, Any], within: tuple[str, ...]) -> Schema:
        items = schema.get("prefixItems") or schema.get("items")
        if not isinstance(items, list) or not items:
            return self.convert(items, within)
        return _either([self.convert(item, within) for item in items], is_nullable=False)


def _merged(schema: Mapping[str, Any]) -> Schema:
    """`allOf` as one schema: the properties of all, and what any of them demands."""
    merged: Schema = {}
    for part in (*schema["allOf"], {name: value for name, value in schema.items() if name != "allOf"}):
        for name, value in part.items() if isinstance(part, Mapping) else ():
            before = merged.get(name)
            if name in ("properties", "$defs") and isinstance(before, Mapping) and isinstance(value, Mapping):
                merged[name] = {**before, **value}
            elif name in ("required", "allOf") and isinstance(before, list) and isinstance(value, list):
                merged[name] = [*before, *value]
            else:
                merged[name] = value
    return merged


def _alternatives(schema: Mapping[str, Any]) -> tuple[list[Schema], bool]:
    """The branches of a union, each with all that stands beside it, and whether null is one of them."""
    union = schema.get("anyOf") or schema.get("oneOf")
    types = schema.get("type")
    if union is None and not isinstance(types, list):  # as nearly always
        return [], False
    beside = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf")}
    if isinstance(union, list):
        branches = [{**beside, **branch} for branch in union if isinstance(branch, Mapping)]
    else:
        branches = [{**beside, "type": kind} for kind in types] if isinstance(types, list) else []
    present = [branch for branch in branches if branch.get("type") != "null" and branch.get("const", "") is not None]
    return present, len(present) < len(branches)


def _either(converted: list[Schema], *, is_nullable: bool) -> Schema:
    """One of these. Nothing may stand beside `anyOf`, so null is allowed within each."""
    flat = [branch for each in converted for branch in each.get("anyOf", [each])]
    different = [each for at, each in enumerate(flat) if each not in flat[:at]]
    if is_nullable:
        different = [{**each, "nullable": True} for each in different]
    return different[0] if len(different) == 1 else {"anyOf": different}


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, str) and kind in TYPES:
        return kind
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    values = _values(schema)
    if values and all(isinstance(value, bool) for value in values):
        return "boolean"
    return "number" if values and all(isinstance(value, int | float) for value in values) else "string"


def _limit(converted: Schema, schema: Mapping[str, Any]) -> None:
    """An exclusive limit as an inclusive one: the next integer, or the same number."""
    for exclusive, inclusive, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        limit = schema.get(exclusive)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            converted.setdefault(inclusive, limit + step if converted["type"] == "integer" else limit)


def _enumerate(converted: Schema, schema: Mapping[str, Any]) -> None:
    """Values as an enum where they are text, else told in words."""
    values = _values(schema)
    texts = [value for value in values if isinstance(value, str) and value]
    if converted["type"] == "string" and texts:
        converted["enum"] = texts
    elif values and converted["type"] != "boolean":
        told = f"One of: {', '.join(map(str, values))}."
        converted["description"] = f"{converted['description']} {told}" if "description" in converted else told


def _values(schema: Mapping[str, Any]) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return [value for value in values if value is not None] if isinstance(values, list) else []
