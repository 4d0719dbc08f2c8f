"""Adapts the schemas of tools and answers to a family of upstreams. The caller's own is never changed."""

from collections.abc import Mapping
from operator import is_
from typing import Any

from translator.prompt.google_schema import google_schema
from translator.prompt.schema_keywords import plainer
from translator.tools.marks import outline
from translator.traits import Traits

Schema = dict[str, Any]

_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Keywords whose values are schemas by name."""
_ONE = ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems", "items")
_NESTING = frozenset((*_BY_NAME, *_ONE, *_LISTS))
_UNIONS = ("anyOf", "oneOf", "allOf")


def tool_parameters(
    schema: Mapping[str, Any], traits: Traits, *, is_outlined: bool = False
) -> tuple[Schema | None, tuple[str, ...]]:
    """The parameters of a function, or their outline, and the keywords that they have lost.

    None where a function has none and the upstream wants that unsaid.
    """
    parameters = _object_at_root(schema)
    if is_outlined:
        parameters = outline(parameters)
    if traits.schemas == "json_schema":
        return plainer(_complete(parameters), traits)
    if not parameters["properties"]:
        return (None, ()) if traits.schemas == "google" else (parameters, ())
    return plainer(google_schema(parameters) if traits.schemas == "google" else parameters, traits)


def answer_schema(schema: Mapping[str, Any], traits: Traits) -> Schema:
    """The schema of a structured answer."""
    return google_schema(schema) if traits.schemas == "google" else dict(schema)


def _object_at_root(schema: Mapping[str, Any]) -> Schema:
    """OpenAI refuses anything but an object with properties at the root, and a union or a reference there."""
    referred = _referred(schema)
    branches = [part for union in _UNIONS for part in _parts(referred, union)]
    rest = {name: value for name, value in referred.items() if name not in (*_UNIONS, "enum", "not", "const")}
    properties: dict[str, Any] = {}
    for part in (*branches, rest):
        properties.update(_named(part))
    root = {**rest, "type": "object", "properties": properties}
    required = _required(referred)
    return {**root, "required": required} if required else root


def _referred(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition that the root stands for, with everything beside the reference."""
    followed: set[str] = set()
    while isinstance(reference := schema.get("$ref"), str):
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        target = None if reference in followed else _definition(schema, reference)
        schema = beside if target is None else {**target, **beside}
        followed.add(reference)
    return schema


def _definition(schema: Mapping[str, Any], reference: str) -> Mapping[str, Any] | None:
    holder, _, name = reference.removeprefix("#/").partition("/")
    definitions = schema.get(holder)
    target = definitions.get(name) if isinstance(definitions, Mapping) else None
    return target if isinstance(target, Mapping) else None


def _parts(schema: Mapping[str, Any], union: str) -> list[Mapping[str, Any]]:
    parts = schema.get(union)
    return [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []


def _named(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _required(schema: Mapping[str, Any]) -> list[str]:
    """What the root demands, all parts of `allOf` demand, or every branch of a union."""
    required = _names(schema)
    for part in _parts(schema, "allOf"):
        required += _names(part)
    for union in ("anyOf", "oneOf"):
        branches = [_names(part) for part in _parts(schema, union)]
        required += [name for name in branches[0] if all(name in branch for branch in branches)] if branches else []
    return list(dict.fromkeys(required))


def _names(schema: Mapping[str, Any]) -> list[str]:
    required = schema.get("required")
    return [name for name in required if isinstance(name, str)] if isinstance(required, list) else []


def _complete(schema: Schema) -> Schema:
    """Add what OpenAI misses in a schema: `items` in an array, `properties` in an object.

    Nearly always there is nothing to add, and nothing is copied.
    """
    changes: Schema = {}
    for keyword, value in schema.items():
        if keyword in _NESTING and isinstance(value, dict | list):
            completed = _completed_value(keyword, value)
            if completed is not value:
                changes[keyword] = completed
    kind = schema.get("type")
    if kind == "array" or (isinstance(kind, list) and "array" in kind):
        changes |= {} if "items" in schema or "prefixItems" in schema else {"items": {}}
    if kind == "object" or (isinstance(kind, list) and "object" in kind):
        changes |= {} if isinstance(schema.get("properties"), dict) else {"properties": {}}
    return {**schema, **changes} if changes else schema


def _completed_value(keyword: str, value: Any) -> Any:
    """The schemas in the value of a keyword completed: by name, in a list, or the one that it is."""
    if isinstance(value, list):
        if keyword not in _LISTS:
            return value
        listed = [_complete(each) if isinstance(each, dict) else each for each in value]
        return value if all(map(is_, listed, value)) else listed
    if keyword in _BY_NAME:
        named = {name: _complete(each) if isinstance(each, dict) else each for name, each in value.items()}
        return value if all(map(is_, named.values(), value.values())) else named
    return _complete(value) if keyword in _ONE else value
