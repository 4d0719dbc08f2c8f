"""Whatever an upstream writes becomes a lawful stream: one that loses nothing, or one that ends in an error."""

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Message, encode_events
from translator.traits import Traits

from tests.laws import check, decode
from tests.properties.answers import (
    Call,
    Said,
    Text,
    Thinking,
    any_text,
    calls,
    chunk,
    does_more_than_think,
    expected,
    frames,
    json_values,
    received,
    said,
    whole_completion,
)
from tests.properties.playing import fold, play


@pytest.mark.failure_mode(8)
@given(st.data(), said.filter(does_more_than_think))
def test_a_legal_stream_loses_nothing(data: st.DataObject, answer: list[Said]) -> None:
    events = play(data.draw(frames(answer)))
    check(events)
    assert events[-1]["type"] == "message_stop"
    assert received(events) == expected(answer)
    assert decode(encode_events(events)) == events


@pytest.mark.failure_mode(14)
@given(st.data(), st.lists(any_text.map(Thinking), max_size=3))
def test_who_only_thinks_is_to_be_asked_again(data: st.DataObject, answer: list[Said]) -> None:
    streamed = play(data.draw(frames(answer)))
    check(streamed)
    assert received(streamed) == expected(answer)
    told = "the model has only thought, and not answered" if answer else "the model has said nothing"
    for events in (streamed, play([whole_completion(answer)])):
        with pytest.raises(ApiError) as caught:
            fold(events)
        assert (caught.value.error_type, caught.value.message) == ("overloaded_error", told)


@pytest.mark.failure_mode(3)
@given(st.data(), said)
def test_calls_that_wait_for_a_signature_lose_nothing(data: st.DataObject, answer: list[Said]) -> None:
    events = play(data.draw(frames(answer)), traits=Traits(thought_signature="google"))
    check(events)
    assert received(events) == expected(answer)


@given(st.data(), said)
def test_hidden_thinking_loses_nothing_else(data: st.DataObject, answer: list[Said]) -> None:
    written = data.draw(frames(answer))
    shown = [block for block in expected(answer) if block[0] != "Thinking"]
    hidden = received(play(written, display="omitted"))
    assert [block for block in hidden if block[0] != "Thinking"] == shown
    assert all(text == "" for kind, text in hidden if kind == "Thinking")
    spoken: list[Said] = [thing for thing in answer if not isinstance(thing, Thinking)]
    assert received(play(written, display="dropped")) == expected(spoken)


in_order = st.tuples(
    st.lists(any_text.map(Thinking), max_size=1),
    st.lists(any_text.map(Text), max_size=1),
    st.lists(st.lists(calls, min_size=1, max_size=3), max_size=1),
).map(lambda parts: [thing for part in parts for thing in part])


@pytest.mark.failure_mode(39)
@given(st.data(), in_order.filter(does_more_than_think))
def test_the_folded_stream_is_the_whole_answer(data: st.DataObject, answer: list[Said]) -> None:
    streamed = fold(play(data.draw(frames(answer))))
    whole = fold(play([whole_completion(answer)]))
    assert streamed["content"] == whole["content"]
    assert streamed == whole
    inputs = [block["input"] for block in streamed["content"] if block["type"] == "tool_use"]
    made = [call for thing in answer if isinstance(thing, list) for call in thing]
    assert inputs == [json.loads(call.arguments or "{}") for call in made]


@pytest.mark.failure_mode(14)
@given(st.data(), said)
def test_a_stream_that_breaks_off_is_never_a_success(data: st.DataObject, answer: list[Said]) -> None:
    written = data.draw(frames(answer))
    before_the_reason = len(written) - 3
    events = play(written[: data.draw(st.integers(0, before_the_reason))])
    check(events)
    assert events[-1]["type"] == "error"
    with pytest.raises(ApiError):
        fold(events)


def cut_off(arguments: str, length: int) -> str:
    """The beginning of JSON. Where the cut is within a pair of escaped surrogates, its first half stands alone."""
    for escape in re.finditer(r"\\u[dD][89abAB]..\\u....|\\.", arguments):
        second = escape.start() + 6
        if second <= length < escape.end():
            return rf"{arguments[: escape.start()]}\ufffd{arguments[second:length]}"
    return arguments[:length]


@pytest.mark.failure_mode(14)
@given(st.lists(calls.filter(lambda call: call.arguments), min_size=1, max_size=3), st.data())
def test_a_call_that_is_cut_is_a_success_only_at_the_limit(made: list[Call], data: st.DataObject) -> None:
    *before, last = made
    length = data.draw(st.integers(1, len(last.arguments) - 1))
    cut = Call(last.name, last.arguments[:length])
    written = data.draw(frames([[*before, cut]]))[:-3]
    events = play([*written, chunk("tool_calls")])
    check(events)
    assert events[-1]["type"] == "error"
    events = play([*written, chunk("length")])
    check(events)
    assert received(events) == expected([[*before, Call(last.name, cut_off(last.arguments, length))]])
    assert fold(events)["stop_reason"] == "max_tokens"


LOOK = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
TAGS = [
    "<think>",
    "</think>",
    "<tool_call>",
    '{"name": "look"}',
    "</tool_call>",
    "<function=look>",
    "</function>",
    "§ ",
    "\n",
]
NOT_TO_BE_ACTED_ON = (
    "the model has said nothing",
    "the model has only thought, and not answered",
    "the model has written a tool call that cannot be read",
)
tagged: st.SearchStrategy[list[Said]] = st.lists(
    st.lists(st.sampled_from(TAGS), min_size=1, max_size=6).map(lambda tags: Text("".join(tags)))
    | any_text.map(Thinking)
    | st.lists(calls, min_size=1, max_size=2),
    max_size=4,
)


@pytest.mark.failure_mode(49)
@given(
    st.data(),
    tagged,
    st.builds(Traits, think_tags=st.sampled_from([None, "both", "closing"]), written_calls=st.booleans()),
)
def test_what_stands_in_the_text_breaks_no_law_and_nothing_is_lost(
    data: st.DataObject, answer: list[Said], traits: Traits
) -> None:
    written = data.draw(frames(answer))
    events = play(written, traits=traits, offered=LOOK)
    check(events)
    texts = [thing.text for thing in answer if isinstance(thing, Text)]
    if does_more_than_think(answer) and ("<" not in "".join(texts) or any(isinstance(thing, list) for thing in answer)):
        assert events[-1]["type"] == "message_stop"
    last = events[-1]
    if last["type"] == "error":
        assert last["error"]["message"] in NOT_TO_BE_ACTED_ON
        return
    told = "".join(text for _, text in received(events))
    assert told.count("§") >= sum(text.count("§") for text in texts)
    if not texts:
        assert received(events) == expected(answer)


@pytest.mark.failure_mode(46)
@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<function=look></function>", "END", "EN", "D", " "]), max_size=6),
    st.builds(Traits, think_tags=st.sampled_from([None, "both", "closing"]), written_calls=st.booleans()),
)
def test_where_a_text_is_cut_makes_no_difference(parts: list[str], traits: Traits) -> None:
    """To thoughts, calls and stop sequences together, in whatever order they come."""

    def message(pieces: Iterable[str]) -> Message | str:
        written = [*(chunk(content=piece) for piece in pieces), chunk("stop")]
        try:
            return fold(play(written, traits=traits, offered=LOOK, stop_sequences=["END"]))
        except ApiError as error:
            return error.message

    text = "".join(parts)
    whole = message([text])
    assert message(text) == whole
    assert not isinstance(whole, str) or whole in NOT_TO_BE_ACTED_ON


any_json = json_values | st.floats()
WIRE_NAMES = [
    "choices", "delta", "message", "content", "tool_calls", "function", "name", "arguments", "index", "id", "error",
    "usage", "prompt_tokens", "completion_tokens", "prompt_tokens_details", "reasoning", "reasoning_details", "refusal",
    "function_call", "extra_content", "google", "thought_signature", "detail", "object", "code", "type", "text",
    "thinking", "service_tier", "finish_reason", "annotations", "url_citation", "citations", "search_results", "url",
    "title", "images", "audio", "base_resp", "status_code", "status", "status_msg", "errors", "x_groq",
]  # fmt: skip
names_on_the_wire = st.sampled_from(WIRE_NAMES)
like_a_chunk = st.recursive(
    any_json,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names_on_the_wire, inner, max_size=4),
    max_leaves=12,
)
garbage = st.one_of(
    any_text,
    like_a_chunk.map(json.dumps),
    st.dictionaries(names_on_the_wire, like_a_chunk, max_size=3).map(json.dumps),
    like_a_chunk.map(lambda delta: json.dumps({"choices": [{"delta": delta}]})),
    like_a_chunk.map(lambda call: chunk(tool_calls=[call])),
    like_a_chunk.map(lambda usage: json.dumps({"choices": [], "usage": usage})),
    like_a_chunk.map(lambda error: json.dumps({"error": error})),
)


@pytest.mark.failure_mode(13)
@given(st.lists(garbage, max_size=6))
def test_garbage_is_never_a_success(written: list[str]) -> None:
    events = play(written)
    check(events)
    assert events[-1]["type"] == "error"


@pytest.mark.failure_mode(8)
@given(st.data(), said, garbage)
def test_garbage_in_the_middle_breaks_no_law(data: st.DataObject, answer: list[Said], rubbish: str) -> None:
    written = data.draw(frames(answer))
    written.insert(data.draw(st.integers(0, len(written))), rubbish)
    check(play(written))


def replaced(value: Any, path: list[Any], new: Any) -> Any:
    if not path:
        return new
    key, *rest = path
    if isinstance(value, dict):
        return {name: replaced(inner, rest, new) if name == key else inner for name, inner in value.items()}
    return [replaced(inner, rest, new) if at == key else inner for at, inner in enumerate(value)]


def paths(value: Any) -> list[list[Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[]] + [[key, *path] for key, inner in items for path in paths(inner)]


@pytest.mark.failure_mode(8)
@given(st.data(), said)
def test_a_chunk_with_one_wrong_value_breaks_no_law(data: st.DataObject, answer: list[Said]) -> None:
    written = data.draw(frames(answer))
    at = data.draw(st.integers(0, len(written) - 2))
    chunk_there = json.loads(written[at])
    wrong = replaced(chunk_there, data.draw(st.sampled_from(paths(chunk_there))), data.draw(like_a_chunk))
    written[at] = json.dumps(wrong)
    check(play(written))
