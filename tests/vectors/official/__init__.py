"""Every name of the Messages API, read from the official descriptions: anthropic-version 2023-06-01 as the OpenAPI
description that the package llm-comply carries, 2026-10-21 as the types of the newest SDK.
"""

from __future__ import annotations

import importlib
import importlib.resources
import json
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import anthropic.types
import anthropic.types.beta

BETA = ("", "Beta")


@cache
def schemas() -> Mapping[str, Any]:
    """The schemas of the OpenAPI description."""
    text = (importlib.resources.files("llm_comply") / "specs/anthropic.json").read_text()
    found: Mapping[str, Any] = json.loads(text)["components"]["schemas"]
    return found


def request_fields() -> set[str]:
    """The top-level fields of POST /v1/messages, and those that SDKs send as headers."""
    described = {name for beta in BETA for name in schemas()[f"{beta}CreateMessageParams"]["properties"]}
    typed = {
        name
        for module in ("anthropic.types", "anthropic.types.beta")
        for name in importlib.import_module(f"{module}.message_create_params").MessageCreateParamsBase.__annotations__
    }
    return described | typed | {"stream"}


def properties(schema: str, typed: str) -> set[str]:
    """The fields of an object by its name here and there, beta's included."""
    described = {name for beta in BETA for name in schemas().get(beta + schema, {}).get("properties", ())}
    return described | {name for found in _typed(typed) for name in _fields(found)}


def tags(schema: str, typed: str) -> set[str]:
    """What the `type` of a union may be, beta's included."""
    described = {tag for beta in BETA for tag in _tags(schemas().get(beta + schema, {}))}
    return described | {tag for found in _typed(typed) for member in _members(found) for tag in _type_of(member)}


def block_fields() -> dict[str, set[str]]:
    """The fields of every block that a request may hold, by its type, beta's included."""
    found: dict[str, set[str]] = {}
    for beta in BETA:
        for tag, reference in schemas()[f"{beta}InputContentBlock"]["discriminator"]["mapping"].items():
            found.setdefault(tag, set()).update(schemas()[reference.rpartition("/")[2]]["properties"])
    for member in (member for block in _typed("ContentBlockParam") for member in _members(block)):
        for tag in _type_of(member):
            # Python's own word `from` is spelt `from_`.
            found.setdefault(tag, set()).update(name.rstrip("_") for name in _fields(member))
    return found


def tool_types() -> set[str]:
    """The types of tools; `custom` is that of the caller's own."""
    described = set[str]()
    for beta in BETA:
        described |= _tags(schemas()[f"{beta}CreateMessageParams"]["properties"]["tools"]["items"])
    return described | {
        tag for found in _typed("ToolUnionParam") for member in _members(found) for tag in _type_of(member)
    }


def values(schema: str, typed: str) -> set[str]:
    """The words that an enumeration allows, beta's included."""
    described = {word for beta in BETA for word in schemas().get(beta + schema, {}).get("enum", ())}
    return described | {word for found in _typed(typed) for word in typing.get_args(found)}


def _typed(name: str) -> Iterable[Any]:
    for module, beta in ((anthropic.types, ""), (anthropic.types.beta, "Beta")):
        found = getattr(module, beta + name, None)
        if found is not None:
            yield from _members(found) if typing.get_origin(found) is typing.Union else [found]


def _members(found: Any) -> list[Any]:
    """The classes of a union, of whatever depth."""
    if typing.get_origin(found) is typing.Annotated:
        return _members(typing.get_args(found)[0])
    if isinstance(found, type):
        return [found]
    return [member for inner in typing.get_args(found) for member in _members(inner)]


def _type_of(member: Any) -> Iterable[str]:
    return _words(_fields(member).get("type"))


def _fields(found: Any) -> Mapping[str, Any]:
    """The fields of a TypedDict, or of a pydantic model, by name."""
    if hasattr(found, "model_fields"):
        return {name: field.annotation for name, field in found.model_fields.items()}
    return typing.get_type_hints(found)


def _words(hint: Any) -> Iterable[str]:
    for argument in typing.get_args(hint):
        if isinstance(argument, str):
            yield argument
        else:
            yield from _words(argument)


def _tags(schema: Mapping[str, Any]) -> set[str]:
    if "discriminator" in schema:
        return set(schema["discriminator"]["mapping"])
    if "$ref" in schema:
        return _tags(schemas()[schema["$ref"].rpartition("/")[2]])
    if "properties" in schema:
        return set(_constants(schema["properties"].get("type", {})))
    return {tag for inner in (*schema.get("oneOf", ()), *schema.get("anyOf", ())) for tag in _tags(inner)}


def _constants(schema: Mapping[str, Any]) -> Iterable[str]:
    if "const" in schema:
        yield schema["const"]
    for inner in schema.get("anyOf", ()):
        yield from _constants(inner)
