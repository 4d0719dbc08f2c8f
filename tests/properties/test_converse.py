"""Every valid request becomes one that Converse takes; whatever it answers becomes a lawful stream."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, encode_json
from translator.anthropic.request import parse_messages_request
from translator.caller_words import NO_WORDS
from translator.converse.answer.reader import ConverseReader
from translator.converse.dialect import ConverseDialect
from translator.dialect import Caller, EncodedRequest
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tool_names import ToolNames
from translator.traits import Traits

from tests.laws import check
from tests.laws.converse_requests import check_converse_request
from tests.properties.requests import requests, traits
from tests.upstreams.converse import START, Json, call, end, reasoning, text, whole

HERE = Traits(reasoning_scope="here")
words = st.text(min_size=1, max_size=12).filter(str.strip)
arguments = st.dictionaries(words, st.integers() | words, max_size=2).map(json.dumps)
said = st.one_of(
    st.tuples(st.just("text"), words), st.tuples(st.just("call"), arguments), st.tuples(st.just("reasoning"), words)
)
answers = st.lists(said, max_size=6).filter(lambda answer: any(kind != "reasoning" for kind, _ in answer))


def encode(request: Json, upstream: Traits) -> EncodedRequest:
    parsed = parse_messages_request(request)
    return ConverseDialect().encode(parsed, model="m", traits=upstream, caller=Caller(session="s", user="u"))


@pytest.mark.failure_mode(20)
@given(requests, traits, st.sampled_from(["any", "assistant"]))
def test_the_body_obeys_the_laws_of_converse(request: Json, upstream: Traits, after_tool: Any) -> None:
    body = encode(request, replace(upstream, after_tool=after_tool)).body
    check_converse_request(json.loads(encode_json(body)))


@given(requests, traits)
def test_the_same_request_is_the_same_bytes(request: Json, upstream: Traits) -> None:
    first, second = (encode_json(encode(request, upstream).body) for _ in range(2))
    assert first == second


def events_of(answer: list[tuple[str, str]]) -> list[Json]:
    made = [START]
    for at, (kind, content) in enumerate(answer):
        match kind:
            case "text":
                made += text(at, *content)
            case "call":
                made += call(at, *content, call_id=f"call_{at}")
            case _:
                made += reasoning(at, *content, signature=f"s{at}")
    return made + end(reason_of(answer))


def reason_of(answer: list[tuple[str, str]]) -> str:
    return "tool_use" if any(kind == "call" for kind, _ in answer) else "end_turn"


def blocks_of(answer: list[tuple[str, str]]) -> list[Json]:
    made: list[Json] = []
    for at, (kind, content) in enumerate(answer):
        match kind:
            case "text":
                made.append({"text": content})
            case "call":
                made.append({"toolUse": {"toolUseId": f"call_{at}", "name": "look", "input": json.loads(content)}})
            case _:
                made.append({"reasoningContent": {"reasoningText": {"text": content, "signature": f"s{at}"}}})
    return made


def play(frames: Iterable[str]) -> list[Event]:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=1)
    reader = ConverseReader(
        emitter,
        traits=HERE,
        tool_names=ToolNames(()),
        stop_sequences=(),
        message_id="msg_1",
        input_tokens=1,
        caller_words=NO_WORDS,
    )
    events: list[Event] = []
    try:
        for frame in frames:
            events += reader.feed(frame)
        events += reader.close()
    except ApiError as error:
        events += emitter.fail(error, request_id=None)
    check(events)
    return events


def content_of(events: list[Event]) -> list[dict[str, Any]]:
    fold = Fold()
    fold.feed(events)
    return fold.message["content"]


@given(answers)
def test_streamed_or_whole_it_is_the_same(answer: list[tuple[str, str]]) -> None:
    streamed = content_of(play(json.dumps(event) for event in events_of(answer)))
    assert streamed == content_of(play([json.dumps(whole(*blocks_of(answer), reason=reason_of(answer)))]))
    kinds = {"text": "text", "call": "tool_use", "reasoning": "thinking"}
    assert [block["type"] for block in streamed] == [kinds[kind] for kind, _ in answer]


@pytest.mark.failure_mode(23)
@given(answers)
def test_what_was_said_goes_back_in_its_order(answer: list[tuple[str, str]]) -> None:
    """But for the reasoning that nothing follows."""
    content = content_of(play(json.dumps(event) for event in events_of(answer)))
    asked = {
        "model": "m",
        "max_tokens": 100,
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": content},
            {"role": "user", "content": "Go"},
        ],
        "tools": [{"name": "look", "input_schema": {"type": "object"}}],
    }
    body = encode(asked, HERE).body
    check_converse_request(body)
    last = max(at for at, (kind, _) in enumerate(answer) if kind != "reasoning")
    assert body["messages"][1]["content"] == blocks_of(answer)[: last + 1]


@given(answers, st.data())
def test_events_that_are_lost_repeated_or_moved_make_a_lawful_stream(
    answer: list[tuple[str, str]], data: st.DataObject
) -> None:
    frames = [json.dumps(event) for event in events_of(answer)]
    play(data.draw(st.lists(st.sampled_from(frames), max_size=20)))


names = st.sampled_from(
    ["contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "output", "error",
     "throttlingException", "start", "delta", "contentBlockIndex", "toolUse", "reasoningContent", "text", "input",
     "name"]
)  # fmt: skip
garbage = st.recursive(
    st.none() | st.integers() | words,
    lambda inner: st.dictionaries(names, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(st.lists(st.text(max_size=20) | st.dictionaries(names, garbage, max_size=3).map(json.dumps), max_size=5))
def test_garbage_makes_a_lawful_stream(frames: list[str]) -> None:
    play(frames)
