"""Makes the smallest value that fits a JSON schema, with words from the text where it has some.

It knows the vocabulary that structured output and tools use: types, enumerations, references, combinations, bounds,
formats and the commonest patterns. What it cannot meet is left to the caller's own validation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from edgeway.demo import findings

DEEPEST: Final = 6
"""Below this, a schema that can go on for ever ends where it may."""
ENDLESS: Final = 16
"""Below this, it has no end."""
FORMATS: Final[Mapping[str, str]] = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT1S",
    "email": "demo@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_FOR_PATTERNS: Final = ("demo", "Demo", "DEMO", "a", "A", "0", "1", "2026-01-01", "12:00", "#000000", "1.0.0", "en-GB")
_SIMPLE: Final[Mapping[str, Any]] = {"boolean": False, "null": None}


def instance(schema: Mapping[str, Any], text: str, filler: str) -> Any:
    """Return a value for `schema`; `filler` is what a string says of which `text` says nothing."""
    return _Instances(schema, text, filler).value(schema, "", 0)


class _Instances:
    """Builds values for the parts of one schema, and uses what the text says in its order."""

    def __init__(self, root: Mapping[str, Any], text: str, filler: str) -> None:
        self._root = root
        self._text = text
        self._filler = filler
        self._numbers = findings.numbers(text)
        self._used: set[str] = set()

    def value(self, schema: Any, name: str, depth: int) -> Any:
        if depth > ENDLESS:
            return None
        if not isinstance(schema, Mapping):
            return self._string({}, name)
        if "const" in schema:
            return schema["const"]
        if options := schema.get("enum"):
            return self._named_option(options)
        for keyword in ("anyOf", "oneOf"):
            if branches := schema.get(keyword):
                return self.value({**_without(schema, keyword), **_branch(branches, depth)}, name, depth + 1)
        if reference := schema.get("$ref"):
            return self.value({**self._at(reference), **_without(schema, "$ref")}, name, depth + 1)
        if parts := schema.get("allOf"):
            return self.value(self._merged(schema, parts), name, depth + 1)
        if "default" in schema and schema["default"] is not None:
            return schema["default"]
        return self._of_type(_type(schema, depth), schema, name, depth)

    def _of_type(self, kind: str, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number":
                return self._number(schema, is_whole=kind == "integer")
            case "string":
                return self._string(schema, name)
            case _:
                return _SIMPLE[kind]

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        wanted = [name for name in properties if name in schema.get("required", ()) or self._is_told(name, properties)]
        unlisted = [name for name in schema.get("required", ()) if name not in properties]
        for name in properties:
            if len(wanted) < schema.get("minProperties", 0) and name not in wanted:
                wanted.append(name)
        return {name: self.value(properties.get(name, {}), name, depth + 1) for name in (*wanted, *unlisted)}

    def _is_told(self, name: str, properties: Mapping[str, Any]) -> bool:
        """Whether an optional field has its value in the text."""
        schema = properties[name]
        return isinstance(schema, Mapping) and schema.get("type") == "string" and bool(self._found(schema, name))

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        items = schema.get("items", {})
        values = [self.value(item, name, depth + 1) for item in schema.get("prefixItems", ())]
        if _type(items, depth) == "string" and not values:
            values = self._found(items, name)[: schema.get("maxItems")]
        while len(values) < schema.get("minItems", 0):
            value = self.value(items, name, depth + 1)
            values.append(f"{value} {len(values) + 1}" if isinstance(value, str) and value in values else value)
        return values

    def _number(self, schema: Mapping[str, Any], *, is_whole: bool) -> float | int:
        step = schema.get("multipleOf", 1 if is_whole else 0)
        lowest, highest = _bounds(schema, step or 1)
        fitting = [number for number in self._numbers if lowest <= number <= highest and not (step and number % step)]
        number = fitting[0] if fitting else min(max(0, lowest), highest)
        if fitting:
            self._numbers.remove(number)
        if step:
            number = math.ceil(number / step) * step
        return int(number) if is_whole or number == int(number) else number

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        found = self._found(schema, name)
        if found:
            chosen = next((value for value in found if value not in self._used), found[0])
            self._used.add(chosen)
            return chosen
        if usual := FORMATS.get(schema.get("format", "")):
            return usual
        fitted = (_fitted(candidate, schema) for candidate in (self._filler, *_FOR_PATTERNS))
        return next((value for value in fitted if _fits(value, schema)), self._filler)

    def _found(self, schema: Mapping[str, Any], name: str) -> list[str]:
        if options := schema.get("enum"):
            return [option for option in options if _is_named(option, self._text)]
        return [value for value in findings.strings(name, self._text) if _fits(value, schema)]

    def _named_option(self, options: list[Any]) -> Any:
        return next((option for option in options if _is_named(option, self._text)), options[0])

    def _at(self, reference: str) -> Mapping[str, Any]:
        """The part of the schema that a reference names."""
        part: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            part = part.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(part, Mapping) else {}
        return part if isinstance(part, Mapping) else {}

    def _merged(self, schema: Mapping[str, Any], parts: list[Any]) -> dict[str, Any]:
        whole = _without(schema, "allOf")
        for part in parts:
            found = {**self._at(part["$ref"]), **_without(part, "$ref")} if "$ref" in part else part
            properties = {**whole.get("properties", {}), **found.get("properties", {})}
            required = [*whole.get("required", ()), *found.get("required", ())]
            whole = {**whole, **found, "properties": properties, "required": required}
        return whole if whole["properties"] else _without(whole, "properties")


def _without(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != keyword}


def _branch(branches: list[Any], depth: int) -> Mapping[str, Any]:
    """The first that is something; far down, the one that ends there."""
    nulls = [branch for branch in branches if isinstance(branch, Mapping) and branch.get("type") == "null"]
    ending = nulls or [branch for branch in branches if isinstance(branch, Mapping) and "$ref" not in branch]
    others = [branch for branch in branches if isinstance(branch, Mapping) and branch not in nulls]
    return next(iter((ending if depth > DEEPEST else others) or others or nulls), {})


def _type(schema: Any, depth: int) -> str:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(kind, list):
        something = [each for each in kind if each != "null"]
        return "null" if "null" in kind and (depth > DEEPEST or not something) else something[0]
    if isinstance(kind, str):
        return kind
    if isinstance(schema, Mapping) and "properties" in schema:
        return "object"
    return "array" if isinstance(schema, Mapping) and "items" in schema else "string"


def _bounds(schema: Mapping[str, Any], step: float) -> tuple[float, float]:
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    lowest = max(schema.get("minimum", -math.inf), -math.inf if above is None else above + step)
    highest = min(schema.get("maximum", math.inf), math.inf if below is None else below - step)
    return lowest, highest


def _fitted(value: str, schema: Mapping[str, Any]) -> str:
    """The value, made as long as it has to be."""
    longest: int | None = schema.get("maxLength")
    return value.ljust(schema.get("minLength", 0), ".")[:longest]


def _fits(value: str, schema: Mapping[str, Any]) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf):
        return False
    try:
        return re.search(schema.get("pattern", ""), value) is not None
    except re.error:  # JSON schema's patterns are those of another language
        return True


def _is_named(option: Any, text: str) -> bool:
    return isinstance(option, str) and re.search(rf"\b{re.escape(option)}\b", text, re.IGNORECASE) is not None
