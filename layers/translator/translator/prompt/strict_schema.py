"""Decides whether OpenAI's strict mode takes a JSON schema.

Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas. A schema that is not strict is
still followed as a rule, while one that is called so wrongly is refused: in doubt it is not strict.
"""

_UNSUPPORTED = frozenset({
    "allOf", "contains", "dependentRequired", "dependentSchemas", "else", "if", "maxProperties", "minProperties", "not",
    "oneOf", "patternProperties", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    "uniqueItems",
})  # fmt: skip

_DATA = ("const", "default", "enum", "examples", "properties")
"""What holds no schema, and `properties`, whose names are no keywords."""


def is_strict(schema: dict[str, object]) -> bool:
    """Whether the root is an object, and in no object anything is optional or allowed without a name."""
    return schema.get("type") == "object" and "anyOf" not in schema and _is_strict(schema)


def _is_strict(schema: object) -> bool:
    if isinstance(schema, list):
        return all(_is_strict(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    if not _UNSUPPORTED.isdisjoint(schema) or not _is_closed(schema):
        return False
    properties = schema.get("properties") or {}
    inner = [value for name, value in schema.items() if name not in _DATA]
    return all(_is_strict(value) for value in [*properties.values(), *inner])


def _is_closed(schema: dict[str, object]) -> bool:
    kind, properties, required = schema.get("type"), schema.get("properties"), schema.get("required")
    if properties is None and "object" not in (kind if isinstance(kind, list) else [kind]):
        return True
    return (
        schema.get("additionalProperties") is False
        and isinstance(properties, dict)
        and isinstance(required, list)
        and sorted(map(str, required)) == sorted(properties)
    )
