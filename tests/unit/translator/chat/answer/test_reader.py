"""What no vector can hold: endless depth, endless arguments, and the whole way through the dialect."""

import json
from itertools import chain

import pytest
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event
from translator.anthropic.request import parse_messages_request
from translator.caller_words import NO_WORDS
from translator.chat.answer.reader import ChatReader
from translator.chat.dialect import ChatDialect
from translator.dialect import Caller
from translator.stream import emitter as emitter_module
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tool_names import ToolNames
from translator.traits import Traits

from tests.laws import check, text_of, tool_calls_of
from tests.vectors.requests import LOOK, ask

DEEP = 100_000
PLAIN = Traits()


def new_reader(traits: Traits = PLAIN, stop_sequences: tuple[str, ...] = ()) -> ChatReader:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=1)
    return ChatReader(
        emitter,
        traits=traits,
        tool_names=ToolNames(()),
        stop_sequences=stop_sequences,
        message_id="msg_1",
        caller_words=NO_WORDS,
        input_tokens=1,
    )


def chunk(**delta: object) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta}]})


def fragment(index: int, arguments: str, **more: object) -> str:
    return chunk(tool_calls=[{"index": index, "function": {"arguments": arguments, **more}}])


FINISH = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})


@pytest.mark.parametrize(
    "frame",
    [
        '{"choices": ' + "[" * DEEP,
        '{"choices": [{"delta": {"content": ' + "[" * DEEP + "]" * DEEP + "}}]}",
        '{"error": ' + '{"error": ' * DEEP + "1" + "}" * DEEP + "}",
    ],
    ids=["broken", "in the content", "in an error"],
)
def test_a_chunk_that_is_nested_too_deeply(frame: str) -> None:
    with pytest.raises(ApiError, match=r"nested too deeply|no JSON") as caught:
        new_reader().feed(frame)
    assert caught.value.error_type == "api_error"


def test_arguments_that_are_nested_too_deeply() -> None:
    reader = new_reader()
    reader.feed(fragment(0, '{"a": ' + "[" * DEEP + "]" * DEEP + "}", name="look"))
    reader.feed(FINISH)
    with pytest.raises(ApiError, match="no JSON object"):
        reader.close()


def test_long_arguments_while_another_call_waits() -> None:
    """A megabyte in ten thousand fragments: were each a look at all before it, the time limit would end the test."""
    code = json.dumps({"code": "if (x) { y() }\n" * 65_000})
    reader = new_reader()
    events: list[Event] = []
    pieces = [code[at : at + 100] for at in range(0, len(code), 100)]
    events += reader.feed(fragment(0, pieces[0], name="write"))
    events += reader.feed(fragment(1, "{}", name="look"))
    for piece in pieces[1:]:
        events += reader.feed(fragment(0, piece, name="write"))
    events += reader.feed(FINISH)
    events += reader.close()
    check(events)
    assert tool_calls_of(events) == [("write", code), ("look", "{}")]


def test_the_whole_way_through_the_dialect() -> None:
    dialect = ChatDialect()
    request = parse_messages_request(ask(tools=[{**LOOK, "name": "look.around"}], stop_sequences=["END"]))
    encoded = dialect.encode(request, model="upstream-model", traits=Traits(), caller=Caller())
    [tool] = encoded.body["tools"]
    assert encoded.path == "/chat/completions"
    reader = dialect.reader(
        Emitter(message_id="msg_1", model="m", input_tokens=1),
        encoded=encoded,
        request=request,
        traits=Traits(),
        message_id="msg_1",
        input_tokens=1,
    )
    events = reader.feed(chunk(content="Hi EN")) + reader.feed(fragment(0, "{}", name=tool["function"]["name"]))
    events += reader.feed(FINISH) + reader.close()
    check(events)
    assert (text_of(events), tool_calls_of(events)) == ("Hi EN", [("look.around", "{}")])
    error = dialect.error(404, {}, b'{"error": "no such model"}', request=request, input_tokens=1, traits=Traits())
    assert (error.error_type, error.message) == ("not_found_error", "no such model")


def test_a_stream_ends_once() -> None:
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=1)
    error = ApiError("api_error", "It broke.")
    assert [event["type"] for event in emitter.fail(error, request_id="req_1")] == ["error"]
    assert emitter.fail(error, request_id="req_1") == []
    assert emitter.close() == []


def test_a_fold_of_half_a_stream_is_no_message() -> None:
    reader = new_reader()
    fold = Fold()
    with pytest.raises(ApiError, match="closed the stream"):
        _ = fold.message
    with pytest.raises(ApiError, match="no beginning"):
        fold.feed([{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}])
    fold.feed(reader.feed(chunk(content="Hi")))
    with pytest.raises(ApiError, match="closed the stream"):
        _ = fold.message


def test_an_answer_without_an_end_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitter_module, "LONGEST_ANSWER", 100)
    for delta in ({"content": "x" * 10}, {"reasoning_content": "x" * 10}, {"content": "", "refusal": "x" * 10}):
        endless = new_reader()
        endless.feed(chunk(**delta))
        with pytest.raises(ApiError, match="has no end"):
            _ = [endless.feed(chunk(**delta)) for _ in range(10)]


IN_ROWS = [
    chunk(role="assistant", content=""),
    *(chunk(reasoning_content=word) for word in ("I ", "think ", "\ud83d", "\ude00", "so. ")),
    *(chunk(content=word) for word in ("One ", "two ", "\ud83d", "\ude00", "thr\u00e9e ")),
    fragment(0, "", name="look"),
    *(fragment(0, word) for word in ('{"a"', ': "', "b ", 'c"')),
    chunk(tool_calls=[{"index": 1, "id": "call_2", "function": {"name": "look", "arguments": '{"d": "'}}]),
    fragment(1, "e "),
    fragment(0, "}"),
    *(fragment(1, word) for word in ("f ", 'g"', "}")),
    chunk(reasoning="Once "),
    chunk(reasoning="more."),
    FINISH,
    "[DONE]",
    chunk(reasoning="after "),
    chunk(reasoning="the end"),
]


@pytest.mark.parametrize("traits", [Traits(), Traits(thought_signature="google"), Traits(think_tags="both")])
@pytest.mark.parametrize("stop", [(), ("no such words",), ("two",)])
@pytest.mark.parametrize("together", [1, 3, len(IN_ROWS)])
def test_alike_chunks_in_a_row_say_what_each_of_them_says(traits: Traits, stop: tuple[str, ...], together: int) -> None:
    """A chunk that tells of usage says more than its words, and is read member by member."""
    parsed = [frame.replace("{", '{"usage": {"nothing": 0}, ', 1) for frame in IN_ROWS]
    rows = [IN_ROWS[at : at + together] for at in range(0, len(IN_ROWS), together)]
    fast, slow = (new_reader(traits, stop) for _ in range(2))
    said = [event for row in rows for events in fast.read(row) for event in events] + fast.close()
    assert said == [event for frame in parsed for event in slow.feed(frame)] + slow.close()


def test_nothing_is_lost_of_a_row_before_an_error() -> None:
    reader = new_reader()
    read = reader.read([chunk(role="assistant"), *map(said_as_text, "abc"), "{", said_as_text("d")])
    told: list[Event] = []
    with pytest.raises(ApiError, match="no JSON"):
        told.extend(chain.from_iterable(read))
    assert text_of([dict(event) for event in told]) == "abc"


def said_as_text(word: str) -> str:
    return chunk(content=word)


def test_a_call_without_a_name_waits_for_it_in_a_row_too() -> None:
    reader = new_reader()
    frames = [chunk(role="assistant"), fragment(0, "{"), fragment(0, '"a":'), fragment(0, "1}", name="look"), FINISH]
    events = [event for events in reader.read(frames) for event in events] + reader.close()
    assert tool_calls_of([dict(event) for event in events]) == [("look", '{"a":1}')]
