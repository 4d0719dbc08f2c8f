"""What models say, and every way in which upstreams write it down."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from hypothesis import strategies as st

from tests.laws import Event

Json = dict[str, Any]

SPELLINGS = ("reasoning_content", "reasoning", "reasoning_details", "part")
any_text = st.text(st.characters(exclude_categories=()), min_size=1, max_size=30)
"""Of any letters, half surrogate pairs among them."""
whole_text = st.text(min_size=1, max_size=30)
names = st.text("abcXYZ019_-", min_size=1, max_size=10)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | whole_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(whole_text, inner, max_size=3),
    max_leaves=6,
)
arguments = st.dictionaries(whole_text, json_values, max_size=3)


@dataclass(frozen=True)
class Thinking:
    text: str


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Call:
    name: str
    arguments: str


Said = Thinking | Text | list[Call]
"""Calls that are made together may be written interleaved."""

calls = st.builds(Call, names, arguments.map(json.dumps) | st.just(""))
said: st.SearchStrategy[list[Said]] = st.lists(
    any_text.map(Thinking) | any_text.map(Text) | st.lists(calls, min_size=1, max_size=4), max_size=5
)


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    """The text in pieces, some of them empty."""
    at = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return [text[start:end] for start, end in zip([0, *at], [*at, len(text)], strict=True)]


def chunk(finish_reason: str | None = None, **delta: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})


def _reasoning(spelling: str, piece: str) -> str:
    match spelling:
        case "reasoning_details":
            return chunk(reasoning_details=[{"type": "reasoning.text", "text": piece}])
        case "part":
            return chunk(content=[{"type": "thinking", "thinking": [{"type": "text", "text": piece}]}])
        case _:
            return chunk(**{spelling: piece})


@st.composite
def _call_fragments(draw: st.DrawFn, call: Call, position: int, numbering: str) -> list[Json]:
    """The fragments of one call: name, id and arguments in this order, or with the arguments earlier."""
    first, *rest = draw(cut(call.arguments))
    index = {"by index": {"index": position}, "all 0": {"index": 0}}.get(numbering, {})
    identity = {} if numbering == "by index" and draw(st.booleans()) else {"id": f"call_{position}"}
    opening: Json = {**index, **identity, "function": {"name": call.name, "arguments": first}}
    following: list[Json] = [{**index, "function": {"arguments": piece}} for piece in rest]
    if numbering == "by id":
        following = [{**fragment, **identity} for fragment in following]
    if numbering == "by index" and draw(st.booleans()):
        early: Json = {**index, **identity, "function": {"arguments": first}}
        return [early, {**index, "function": {"name": call.name}}, *following]
    return [opening, *following]


@st.composite
def _interleaved(draw: st.DrawFn, calls: Sequence[list[Json]]) -> list[Json]:
    """The fragments of several calls, those of each in their order, the first ones in the order of the calls."""
    waiting = [list(fragments) for fragments in calls]
    begun: list[list[Json]] = []
    mixed: list[Json] = []
    while waiting or any(begun):
        candidates = [fragments for fragments in begun if fragments]
        choice: int = draw(st.integers(0, len(candidates) - (0 if waiting else 1)))
        if choice == len(candidates):
            fragments = waiting.pop(0)
            begun.append(fragments)
            # Named at once, since the order of the blocks is that of the names.
            while "name" not in fragments[0].get("function", {}):
                mixed.append(fragments.pop(0))
        else:
            fragments = candidates[choice]
        mixed.append(fragments.pop(0))
    return mixed


@st.composite
def _spoken(draw: st.DrawFn, thing: Said, first_position: int, numbering: str) -> list[str]:
    if isinstance(thing, Thinking):
        spelling = draw(st.sampled_from(SPELLINGS))
        return [_reasoning(spelling, piece) for piece in draw(cut(thing.text))]
    if isinstance(thing, Text):
        return [chunk(content=piece) for piece in draw(cut(thing.text))]
    written = [draw(_call_fragments(call, first_position + at, numbering)) for at, call in enumerate(thing)]
    if numbering == "all 0":
        fragments = [fragment for call in written for fragment in call]
    else:
        fragments = draw(_interleaved(written))
    grouped: list[list[Json]] = []
    for fragment in fragments:
        joins: bool = draw(st.booleans())
        if grouped and joins:
            grouped[-1].append(fragment)
        else:
            grouped.append([fragment])
    return [chunk(tool_calls=group) for group in grouped]


@st.composite
def frames(draw: st.DrawFn, answer: list[Said]) -> list[str]:
    """The frames of a stream that says all this, in one of the ways that upstreams have."""
    position = 0
    spoken: list[str] = []
    numbering = draw(st.sampled_from(["by index", "all 0", "by id"]))
    for thing in answer:
        spoken += draw(_spoken(thing, position, numbering))
        position += len(thing) if isinstance(thing, list) else 0
    reason = draw(st.sampled_from(["stop", "tool_calls"] if position else ["stop"]))
    ending = [chunk(reason), json.dumps({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})]
    return [chunk(role="assistant", content=""), *spoken, *ending, "[DONE]"]


def whole_completion(answer: list[Said]) -> str:
    """The same as a whole completion: reasoning, then text, then calls."""
    message: Json = {
        "role": "assistant",
        "reasoning_content": "".join(thing.text for thing in answer if isinstance(thing, Thinking)),
        "content": "".join(thing.text for thing in answer if isinstance(thing, Text)) or None,
    }
    made = [call for thing in answer if isinstance(thing, list) for call in thing]
    if made:
        message["tool_calls"] = [
            {"id": f"call_{at}", "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for at, call in enumerate(made)
        ]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if made else "stop"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})


def does_more_than_think(answer: list[Said]) -> bool:
    """Whether there is something to act on: an answer of thoughts, or of nothing, is an error."""
    return not all(isinstance(thing, Thinking) for thing in answer)


def _in_whole_characters(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def expected(answer: list[Said]) -> list[tuple[str, str]]:
    """The blocks that must come of it: their kind, and all that they say; what is said twice in a row is one block.

    A half of a surrogate pair that stays alone is U+FFFD.
    """
    flat: list[tuple[str, str]] = []
    for thing in answer:
        if isinstance(thing, list):
            flat += [(f"call of {call.name}", call.arguments) for call in thing]
        else:
            flat.append((type(thing).__name__, thing.text))
    merged: list[tuple[str, str]] = []
    for kind, run in groupby(flat, key=lambda block: block[0]):
        texts = [text for _, text in run]
        joined = texts if kind.startswith("call") else [_in_whole_characters("".join(texts))]
        merged += [(kind, text) for text in joined]
    return merged


def received(events: Iterable[Event]) -> list[tuple[str, str]]:
    """The blocks of a stream, in the same form."""
    blocks: list[tuple[str, list[str]]] = []
    for event in events:
        if event["type"] == "content_block_start":
            block = event["content_block"]
            kind = {"thinking": "Thinking", "text": "Text"}.get(block["type"]) or f"call of {block['name']}"
            blocks.append((kind, []))
        elif event["type"] == "content_block_delta":
            blocks[-1][1].extend(
                value for name, value in event["delta"].items() if name in ("thinking", "text", "partial_json")
            )
    return [(kind, "".join(pieces)) for kind, pieces in blocks]
