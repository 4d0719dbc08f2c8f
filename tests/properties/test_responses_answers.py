"""Whatever Responses say becomes a lawful stream that loses nothing; what is garbage ends in an error, lawfully."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event
from translator.anthropic.request import parse_messages_request
from translator.caller_words import NO_WORDS
from translator.dialect import Caller
from translator.responses.answer.reader import ResponsesReader
from translator.responses.dialect import ResponsesDialect
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tool_names import ToolNames
from translator.traits import Traits

from tests.laws import check
from tests.laws.responses_requests import check_responses_request
from tests.upstreams.responses import (
    Json,
    begun,
    call,
    call_events,
    done,
    ended,
    message,
    reasoning,
    reasoning_events,
    search,
    search_events,
    text_events,
)

HERE = Traits(reasoning_scope="here")
words = st.text(min_size=1, max_size=12).filter(str.strip)
arguments = st.dictionaries(words, st.integers() | words, max_size=2).map(json.dumps)
blobs = st.text("ABCxyz019-_", min_size=1, max_size=12)
said = st.one_of(
    st.tuples(st.just("text"), words),
    st.tuples(st.just("call"), arguments),
    st.tuples(st.just("reasoning"), blobs),
    st.tuples(st.just("search"), words),
    st.tuples(st.just("search of nothing"), words),
)
PAGE = "https://a.test/"
SEARCH = ("server_tool_use", "web_search_tool_result")
BLOCKS = {
    "text": ("text",),
    "call": ("tool_use",),
    "reasoning": ("thinking",),
    "search": SEARCH,
    "search of nothing": SEARCH,
}
everything = st.lists(said, max_size=6, unique_by=lambda thing: thing[1] if thing[0] == "reasoning" else object())


def has_answered(answer: list[tuple[str, str]]) -> bool:
    return any(kind != "reasoning" for kind, _ in answer)


answers = everything.filter(has_answered)


def items(answer: list[tuple[str, str]]) -> list[Json]:
    """The output items."""
    made: list[Json] = []
    for at, (kind, content) in enumerate(answer):
        match kind:
            case "text":
                made.append(message(content, identity=f"msg_{at}"))
            case "call":
                made.append(call(content, call_id=f"call_{at}", identity=f"fc_{at}"))
            case "search":
                made.append(search(content, PAGE, identity=f"ws_{at}"))
            case "search of nothing":
                made.append(search(content, identity=f"ws_{at}"))
            case _:
                made.append(reasoning("Hm.", blob=f"gAAAA{content}", identity=f"rs_{at}"))
    return made


def events_of(answer: list[tuple[str, str]]) -> list[Json]:
    made = [begun()]
    for at, (kind, content) in enumerate(answer):
        match kind:
            case "text":
                made += text_events(at, content, identity=f"msg_{at}", pieces=list(content))
            case "search":
                made += search_events(at, content, PAGE, identity=f"ws_{at}")
            case "search of nothing":
                made += search_events(at, content, identity=f"ws_{at}")
            case "call":
                made += call_events(at, content, *content, call_id=f"call_{at}", identity=f"fc_{at}")
            case _:
                made += reasoning_events(at, "Hm.", blob=f"gAAAA{content}", identity=f"rs_{at}")
    return [*made, ended(output=items(answer))]


def play(frames: Iterable[str]) -> list[Event]:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=1)
    reader = ResponsesReader(
        emitter,
        traits=HERE,
        tool_names=ToolNames(()),
        stop_sequences=(),
        message_id="msg_1",
        input_tokens=1,
        caller_words=NO_WORDS,
        most_tokens=10**6,
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
    whole = content_of(play([json.dumps(ended(output=items(answer)))]))
    assert streamed == whole
    assert [block["type"] for block in whole] == [block for kind, _ in answer for block in BLOCKS[kind]]


@given(everything.filter(lambda answer: not has_answered(answer)))
def test_who_has_only_thought_has_not_answered(answer: list[tuple[str, str]]) -> None:
    last: Any = play(json.dumps(event) for event in events_of(answer))[-1]
    what = "only thought, and not answered" if answer else "said nothing"
    assert (last["error"]["type"], last["error"]["message"]) == ("overloaded_error", f"the model has {what}")


@pytest.mark.failure_mode(23)
@given(answers)
def test_what_was_said_goes_back_in_its_order(answer: list[tuple[str, str]]) -> None:
    """Calls, texts and blobs, but for the reasoning that nothing follows. Searches become texts."""
    content = content_of(play(json.dumps(event) for event in events_of(answer)))
    asked = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": "Go"},
    ]
    request = parse_messages_request({"model": "m", "max_tokens": 100, "messages": asked})
    body = ResponsesDialect().encode(request, model="m", traits=HERE, caller=Caller()).body
    check_responses_request(body)
    back = [item for item in body["input"] if item.get("type") in (None, "function_call", "reasoning")]
    last = max((at for at, (kind, _) in enumerate(answer) if kind != "reasoning"), default=-1)
    searches = [item for item in back if str(item.get("content")).startswith(AS_TEXT)]
    said = [item for item in items(answer)[: last + 1] if item["type"] != "web_search_call"]
    assert [_told(item) for item in back if item not in searches] == [_told(item) for item in said]
    assert len(searches) == 2 * sum(kind.startswith("search") for kind, _ in answer)


AS_TEXT = tuple(f"[{kind}] " for kind in SEARCH)


def _told(item: Json) -> object:
    match item.get("type"):
        case "function_call":
            return item["call_id"], json.loads(item["arguments"])
        case "reasoning":
            return item["encrypted_content"]
        case _:
            content = item["content"]
            return content if isinstance(content, str) else content[0]["text"]


@given(answers, st.data())
def test_events_that_are_lost_repeated_or_moved_make_a_lawful_stream(
    answer: list[tuple[str, str]], data: st.DataObject
) -> None:
    frames = [json.dumps(event) for event in events_of(answer)]
    play(data.draw(st.lists(st.sampled_from(frames), max_size=20)))


anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=9) | st.just(PAGE) | st.just("search") | st.just("completed"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "url", "title", "query", "queries", "sources"]), inner)
    ),
    max_leaves=8,
)
searches = st.dictionaries(st.sampled_from(["id", "status", "action"]), anything).map(
    lambda fields: {**fields, "type": "web_search_call"}
)


@pytest.mark.failure_mode(29)
@given(st.lists(searches, min_size=1, max_size=4), anything, st.data())
def test_a_search_of_any_shape_is_told_lawfully(made: list[Json], annotation: object, data: st.DataObject) -> None:
    """Whole or in part, among texts and citations, and what is told can be said to a client and in a history."""
    cites: Json = {"type": "response.output_text.annotation.added", "annotation": annotation}
    frames = [*(done(at, item) for at, item in enumerate(made)), *text_events(9, "Hi"), cites]
    shuffled = data.draw(st.lists(st.sampled_from(frames), max_size=9))
    events = play(json.dumps(event) for event in [begun(), *shuffled, *text_events(10, "Ho"), ended(output=made)])
    for block in content_of(events):
        if block["type"] == "web_search_tool_result" and isinstance(block["content"], list):
            assert {found["url"] for found in block["content"]} <= {PAGE}


@given(
    st.lists(
        st.text(max_size=20)
        | st.dictionaries(
            st.sampled_from(["type", "item", "response", "delta", "error"]),
            st.none() | st.integers() | words | st.just({}) | st.just([]),
        ).map(json.dumps),
        max_size=5,
    )
)
def test_garbage_makes_a_lawful_stream(frames: list[str]) -> None:
    play(frames)
