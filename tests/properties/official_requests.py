"""Requests that the official descriptions allow: drawn from the OpenAPI schemas, and from the newest SDK's types.

What has a meaning beyond its type is drawn from a few words that are right: an address, an id, some bytes.
"""

import importlib
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typing_extensions
from hypothesis import strategies as st

from tests.vectors.official import BETA, schemas

Json = dict[str, Any]
Draw = st.DrawFn

DEPTH = 9
"""Below which only what is required is drawn."""
WORDS: Mapping[str, Sequence[str]] = {
    "data": ("JVBERi0=",),
    "url": ("https://example.com/a",),
    "id": ("toolu_1", "toolu_2"),
    "tool_use_id": ("toolu_1", "toolu_2", "srvtoolu_1"),
    "name": ("look", "listen", "bash"),
    "": ("Hello", "a b", "é😀"),
}


def _word(draw: Draw, name: str) -> str:
    return draw(st.sampled_from(WORDS.get(name, WORDS[""])))


def _is_drawn(draw: Draw, depth: int) -> bool:
    return depth < DEPTH and draw(st.integers(0, 3)) == 0


@st.composite
def _of_schema(draw: Draw, schema: Json, *, name: str = "", depth: int = 0) -> Any:
    if "$ref" in schema:
        return draw(_of_schema(schemas()[schema["$ref"].rpartition("/")[2]], name=name, depth=depth))
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema["enum"] if "enum" in schema else [schema["const"]]))
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return draw(_of_schema(draw(st.sampled_from(choices)), name=name, depth=depth + 1))
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            named = schema.get("properties", {})
            chosen = [key for key in named if key in required or _is_drawn(draw, depth)]
            return {key: draw(_of_schema(named[key], name=key, depth=depth + 1)) for key in chosen}
        case "array":
            size = max(schema.get("minItems", 0), draw(st.integers(0, 2)) if depth < DEPTH else 0)
            return [draw(_of_schema(schema["items"], name=name, depth=depth + 1)) for _ in range(size)]
        case "string":
            return _word(draw, name)
        case "integer" | "number":
            return draw(st.sampled_from([schema.get("minimum", 1), schema.get("maximum", 5000)]))
        case "boolean":
            return draw(st.booleans())
        case _:
            return None


@st.composite
def _of_type(draw: Draw, hint: Any, *, name: str = "", depth: int = 0) -> Any:
    origin, arguments = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if origin in (typing_extensions.Required, typing.Annotated):
        return draw(_of_type(arguments[0], name=name, depth=depth))
    if origin is typing.Union:
        asked = [each for each in arguments if not _is_answer(each)]
        return draw(_of_type(draw(st.sampled_from(asked)), name=name, depth=depth + 1))
    if origin is typing.Literal:
        return draw(st.sampled_from(arguments))
    if typing_extensions.is_typeddict(hint):
        hints = typing_extensions.get_type_hints(hint, include_extras=True)
        chosen = [key for key, value in hints.items() if _is_required(value) or _is_drawn(draw, depth)]
        # Python's own word `from` is spelt `from_`.
        return {key.rstrip("_"): draw(_of_type(hints[key], name=key, depth=depth + 1)) for key in chosen}
    if origin in (list, Iterable, Sequence):
        size = draw(st.integers(0, 2)) if depth < DEPTH else 0
        return [draw(_of_type(arguments[0], name=name, depth=depth + 1)) for _ in range(size)]
    if origin is dict:
        return {}
    plain = {bool: st.booleans(), int: st.sampled_from([1024, 5000]), float: st.sampled_from([0.0, 1.0])}
    if hint in plain:
        return draw(plain[hint])
    return None if hint is type(None) else _word(draw, name)


def _is_required(hint: Any) -> bool:
    return typing_extensions.get_origin(hint) is typing_extensions.Required


def _is_answer(hint: Any) -> bool:
    """Whether it is a class of answers, which the SDK takes back in a request, in the shape of their own parameters."""
    if typing_extensions.get_origin(hint) is typing.Annotated:
        return _is_answer(typing_extensions.get_args(hint)[0])
    inner = typing_extensions.get_args(hint)
    return hasattr(hint, "model_fields") or (bool(inner) and all(map(_is_answer, inner)))


@st.composite
def official_requests(draw: Draw) -> Json:
    """Any request of either description, stable or beta, with at least one message."""
    if draw(st.booleans()):
        request = draw(_of_schema(schemas()[f"{draw(st.sampled_from(BETA))}CreateMessageParams"]))
    else:
        module = draw(st.sampled_from(["anthropic.types", "anthropic.types.beta"]))
        parameters = importlib.import_module(f"{module}.message_create_params").MessageCreateParamsBase
        request = draw(_of_type(parameters))
    request["messages"] = [*request["messages"], {"role": "user", "content": "Go on."}]
    return dict(request)
