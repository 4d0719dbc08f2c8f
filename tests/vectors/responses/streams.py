"""Streams of Responses, each with the content of the message that it must become (responses.md 4, 5, 7 and 9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from translator.anthropic.errors import ErrorType
from translator.anthropic.events import StopReason
from translator.signatures import EncryptedReasoning, seal_encrypted
from translator.stream.answer_blocks import ThinkingDisplay
from translator.traits import Traits

from tests.upstreams.responses import (
    Json,
    added,
    begun,
    call,
    call_events,
    citation,
    cited,
    done,
    ended,
    error,
    failed,
    message,
    piece,
    reasoning,
    reasoning_events,
    response,
    search,
    search_events,
    text_events,
    whole,
    without,
)

HERE = Traits(reasoning_scope="here")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCase:
    """The events of a stream, and what the caller gets: the content and why it ends, or an error."""

    id: str
    why: str
    events: tuple[Json | str, ...]
    content: tuple[Json, ...] = ()
    stop_reason: StopReason | None = None
    explanation: str | None = None
    stop_sequence: str | None = None
    error: tuple[ErrorType, str] | None = None
    before: int | None = None
    """How many of the blocks were begun before the error."""
    traits: Traits = HERE
    display: ThinkingDisplay = "shown"
    stop_sequences: tuple[str, ...] = ()
    most_tokens: int = 1000
    takes_asides: bool = True
    is_official: bool = True
    """Whether every event is one that OpenAI's own types describe."""


def text(said: str) -> Json:
    return {"type": "text", "text": said}


def thinking(said: str, blob: str = "", *, hidden: str | None = None) -> Json:
    signature = seal_encrypted(EncryptedReasoning("here", blob)) if blob else "ew1.shown"
    return {"type": "thinking", "thinking": said, "signature": hidden or signature}


def tool(call_id: str, given: Any, name: str = "look") -> Json:
    """The id is checked to hold the upstream's."""
    return {"type": "tool_use", "call_id": call_id, "name": name, "input": given}


def searched(*found: Json, query: str = "rain", number: int = 0) -> tuple[Json, Json]:
    """A search of Anthropic's, with what it has found."""
    return _asked(query, number), {**_result(number), "content": list(found)}


def search_failed(query: str = "rain", number: int = 0) -> tuple[Json, Json]:
    error = {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    return _asked(query, number), {**_result(number), "content": error}


def page(url: str, title: str) -> Json:
    return {"type": "web_search_result", "url": url, "title": title, "encrypted_content": "", "page_age": None}


def _asked(query: str, number: int) -> Json:
    named = {"id": f"srvtoolu_1_{number}", "name": "web_search", "input": {"query": query}}
    return {"type": "server_tool_use", **named, "caller": {"type": "direct"}}


def _result(number: int) -> Json:
    return {
        "type": "web_search_tool_result",
        "tool_use_id": f"srvtoolu_1_{number}",
        "caller": {"type": "direct"},
    }


def case(
    identity: str, why: str, events: Iterable[Json | str], *content: Json, stop: StopReason = "end_turn", **more: Any
) -> StreamCase:
    return StreamCase(id=identity, why=why, events=(begun(), *events), content=content, stop_reason=stop, **more)


def broken(
    identity: str, why: str, events: Iterable[Json | str], error_type: ErrorType, told: str, **more: Any
) -> StreamCase:
    return StreamCase(id=identity, why=why, events=(begun(), *events), error=(error_type, told), **more)


TEXT = tuple(text_events(0, "Hi"))
OTHER: Json = {"is_official": False}
ONE = '{"a":1}'
TOO_LONG = "Your input exceeds the context window of this model. Please adjust your input and try again."
CUT_OFF = "the upstream closed the stream before the answer was complete"


def interleaved() -> list[Json]:
    first, second = (
        call_events(0, ONE, '{"a":', "1}"),
        call_events(1, "{}", "{}", name="hear", call_id="call_2", identity="fc_2"),
    )
    (a, b, c, d, e), (f, g, h, i) = first, second
    return [a, b, f, g, c, h, d, i, e]


def split(*pieces: str) -> list[Json]:
    return list(text_events(0, "".join(pieces), pieces=pieces))


CALLS: Sequence[StreamCase] = (
    case("call", "a call", [*call_events(0, ONE, '{"a":', "1}"), ended()], tool("call_1", {"a": 1}), stop="tool_use"),
    case(
        "call-done-only",
        "7.29: arguments only in `.done`",
        [
            added(0, call("")),
            whole("function_call_arguments", 0, "fc_1", arguments=ONE, name="look"),
            done(0, call(ONE)),
            ended(),
        ],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-item-only",
        "7.29: arguments only in the item",
        [added(0, call("")), done(0, call(ONE)), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-final-only",
        "7.30: arguments only in the whole answer",
        [ended(output=[call(ONE)])],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-final-completes",
        "7.30: the whole answer completes what was streamed",
        [added(0, call("")), piece("function_call_arguments", 0, "fc_1", '{"a"'), ended(output=[call(ONE)])],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-announced-whole",
        "arguments that come with the beginning count once",
        [added(0, call(ONE)), piece("function_call_arguments", 0, "fc_1", ONE), done(0, call(ONE)), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-announced-only",
        "also where nothing else comes",
        [added(0, call(ONE)), done(0, call("")), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-announced-twice",
        "7.23: the same item begins twice",
        [added(0, call("")), added(0, call("")), done(0, call(ONE)), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-arguments-as-object",
        "an object for the text",
        [added(0, call("")), done(0, {**call(""), "arguments": {"a": 1}}), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
        **OTHER,
    ),
    case(
        "call-no-arguments",
        "7.31: no arguments, and nothing waits for them",
        [added(0, call("")), done(0, call("")), *call_events(1, ONE, call_id="call_2", identity="fc_2"), ended()],
        tool("call_1", {}),
        tool("call_2", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "calls-interleaved",
        "7.26: each delta goes to its call",
        [*interleaved(), ended()],
        tool("call_1", {"a": 1}),
        tool("call_2", {}, "hear"),
        stop="tool_use",
    ),
    case(
        "calls-without-index",
        "7.27: only ids",
        [*without(interleaved(), "output_index"), ended()],
        tool("call_1", {"a": 1}),
        tool("call_2", {}, "hear"),
        stop="tool_use",
        **OTHER,
    ),
    case(
        "call-whose-deltas-have-no-index",
        "a place at the beginning, and then only an id",
        [
            *call_events(0, "{}", call_id="call_2", identity="fc_2"),
            added(1, call("")),
            added(2, call("", call_id="call_3", identity="fc_3")),
            {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": ONE},
            done(1, call(ONE)),
            done(2, call("", call_id="call_3", identity="fc_3")),
            ended(),
        ],
        tool("call_2", {}),
        tool("call_1", {"a": 1}),
        tool("call_3", {}),
        stop="tool_use",
        **OTHER,
    ),
    case(
        "calls-of-one-index",
        "7.27: all of index 0",
        [*({**event, "output_index": 0} for event in interleaved()), ended()],
        tool("call_1", {"a": 1}),
        tool("call_2", {}, "hear"),
        stop="tool_use",
    ),
    case(
        "calls-of-other-ids",
        "7.20: an id for every event, and the index counts",
        [
            *(
                {**event, "item_id": f"x{at}"} if "item_id" in event else event
                for at, event in enumerate(interleaved())
            ),
            ended(),
        ],
        tool("call_1", {"a": 1}),
        tool("call_2", {}, "hear"),
        stop="tool_use",
    ),
    case(
        "calls-without-either",
        "llama.cpp: neither index nor id, one after the other",
        [
            *without(
                [*call_events(0, ONE), *call_events(1, "{}", call_id="call_2")], "output_index", "item_id", "item.id"
            ),
            ended(),
        ],
        tool("call_1", {"a": 1}),
        tool("call_2", {}),
        stop="tool_use",
        **OTHER,
    ),
    case(
        "call-name-late",
        "a name that comes at the end",
        [
            added(0, {**call(""), "name": "", "call_id": ""}),
            piece("function_call_arguments", 0, "fc_1", ONE),
            done(0, call(ONE)),
            ended(),
        ],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-unannounced",
        "arguments before any item",
        [piece("function_call_arguments", 0, "fc_1", ONE), done(0, call(ONE)), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-without-call-id",
        "the item's id stands for it",
        [done(0, {**call(ONE), "call_id": ""}), ended()],
        tool("fc_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-without-any-id",
        "ids are made",
        [done(0, {**call(ONE), "call_id": "", "id": ""}), ended()],
        tool("call_0", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-not-ended",
        "an item that is never done ends with the answer",
        [added(0, call("")), piece("function_call_arguments", 0, "fc_1", ONE), ended()],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-named-at-its-end",
        "the name comes with the whole arguments",
        [
            added(0, {**call(""), "name": ""}),
            whole("function_call_arguments", 0, "fc_1", arguments=ONE, name="look"),
            ended(),
        ],
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "call-truncated",
        "what is cut short is kept as far as it goes",
        [
            added(0, call("")),
            piece("function_call_arguments", 0, "fc_1", '{"a":1,"b":"x'),
            ended("incomplete", incomplete_details={"reason": "max_output_tokens"}),
        ],
        tool("call_1", {"a": 1, "b": "x"}),
        stop="max_tokens",
    ),
    broken(
        "call-broken",
        "arguments that are no JSON",
        [*call_events(0, '{"a":'), ended()],
        "api_error",
        "the upstream sent arguments for the tool 'look' that are no JSON object",
        before=1,
    ),
    broken(
        "call-without-a-name",
        "a call of nothing",
        [done(0, {**call(ONE), "name": ""}), ended()],
        "overloaded_error",
        "the upstream sent a tool call without a name",
    ),
    case(
        "custom-call",
        "a free text is the input",
        [
            added(0, {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_1", "name": "patch", "input": ""}),
            piece("custom_tool_call_input", 0, "ct_1", "*** Be"),
            whole("custom_tool_call_input", 0, "ct_1", input="*** Begin"),
            done(
                0,
                {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_1", "name": "patch", "input": "*** Begin"},
            ),
            ended(),
        ],
        tool("call_1", {"input": "*** Begin"}, "patch"),
        stop="tool_use",
    ),
    case(
        "custom-call-empty",
        "a free text of nothing",
        [
            done(0, {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_1", "name": "patch", "input": ""}),
            ended(),
        ],
        tool("call_1", {"input": ""}, "patch"),
        stop="tool_use",
    ),
    case(
        "call-of-long-id",
        "7.20: at most 64 characters of it",
        [*call_events(0, ONE, call_id="x" * 416), ended()],
        tool("x" * 64, {"a": 1}),
        stop="tool_use",
    ),
)

TEXTS: Sequence[StreamCase] = (
    case("text", "the usual", [*TEXT, ended()], text("Hi")),
    case("text-in-pieces", "piece by piece", [*split("H", "", "i"), ended()], text("Hi")),
    case(
        "text-done-only",
        "only in `.done`",
        [added(0, message()), whole("output_text", 0, "msg_1", content_index=0, text="Hi", logprobs=[]), ended()],
        text("Hi"),
    ),
    case("text-item-only", "only in the item", [done(0, message("Hi")), ended()], text("Hi")),
    case("text-final-only", "only in the whole answer", [ended(output=[message("Hi")])], text("Hi")),
    case(
        "text-part-only",
        "in the part that begins",
        [
            {
                "type": "response.content_part.added",
                "output_index": 0,
                "item_id": "msg_1",
                "content_index": 0,
                "part": {"type": "output_text", "text": "Hi", "annotations": []},
            },
            ended(),
        ],
        text("Hi"),
    ),
    case(
        "text-of-a-string",
        "a content that is no list",
        [done(0, {**message(), "content": "Hi"}), ended()],
        text("Hi"),
        **OTHER,
    ),
    case(
        "text-unannounced",
        "deltas before any item",
        [piece("output_text", 0, "msg_1", "Hi", content_index=0, logprobs=[]), ended()],
        text("Hi"),
    ),
    case("text-repeated-otherwise", "what was streamed stands", [*TEXT, ended(output=[message("Hello")])], text("Hi")),
    case(
        "usage-of-nothing",
        "a count of nothing is none",
        [*TEXT, ended(usage={"input_tokens": 0, "output_tokens": 0})],
        text("Hi"),
        **OTHER,
    ),
    case("empty-final-output", "7.33: an empty output at the end wipes nothing", [*TEXT, ended()], text("Hi")),
    case(
        "whole-final-output",
        "7.33: a whole output at the end repeats nothing",
        [*TEXT, ended(output=[message("Hi")])],
        text("Hi"),
    ),
    case(
        "whole-without-stream",
        "a whole answer, though a stream was asked for",
        [response("completed", [message("Hi")])],
        text("Hi"),
        **OTHER,
    ),
    case(
        "phased",
        "7.44: two messages are two blocks",
        [
            *text_events(0, "Looking.", phase="commentary"),
            *text_events(1, "Done.", identity="msg_2", phase="final_answer"),
            ended(),
        ],
        text("Looking."),
        text("Done."),
    ),
    case(
        "text-and-call",
        "a call after a text",
        [*TEXT, *call_events(1, ONE), ended()],
        text("Hi"),
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "two-parts",
        "two parts of one message are one text",
        [done(0, message("Hi", " there")), ended()],
        text("Hi there"),
    ),
    case(
        "refusal",
        "7.40: a refusal is a text, and the reason",
        [
            added(0, message()),
            piece("refusal", 0, "msg_1", "No", content_index=0),
            whole("refusal", 0, "msg_1", refusal="No.", content_index=0),
            done(0, message("No.", kind="refusal")),
            ended(),
        ],
        text("No."),
        stop="refusal",
        explanation="No.",
    ),
    case(
        "refusal-part",
        "7.40: also in the beginning of its part",
        [
            {
                "type": "response.content_part.added",
                "output_index": 0,
                "item_id": "msg_1",
                "content_index": 0,
                "part": {"type": "refusal", "refusal": "No."},
            },
            ended(),
        ],
        text("No."),
        stop="refusal",
        explanation="No.",
    ),
    broken("nothing", "it is asked once more", [ended()], "overloaded_error", "the model has said nothing"),
    case(
        "keepalive",
        "7.42: signs of life, and what nobody knows",
        [
            {"type": "keepalive"},
            "",
            *TEXT,
            {"type": "response.new.thing"},
            {"type": "codex.rate_limits"},
            {"type": "response.content_part.added", "part": {"type": "audio"}},
            ended(),
        ],
        text("Hi"),
        **OTHER,
    ),
    case("done-marker", "a marker after the end", [*TEXT, ended(), "[DONE]", "garbage"], text("Hi"), **OTHER),
    case(
        "stop-sequence",
        "stop sequences are found here",
        [*split("Hel", "lo, wor", "ld"), ended()],
        text("Hello"),
        stop="stop_sequence",
        stop_sequence=", w",
        stop_sequences=(", w",),
    ),
    case(
        "stop-sequence-before-more",
        "and nothing of what follows",
        [
            *split("ab", "cd"),
            *reasoning_events(1, "Hm.", blob="gAAAA1"),
            *call_events(2, ONE),
            done(3, {"type": "image_generation_call"}),
            *text_events(4, "x"),
            ended(),
        ],
        text("a"),
        stop="stop_sequence",
        stop_sequence="bc",
        stop_sequences=("bc",),
        **OTHER,
    ),
    case(
        "stop-sequence-in-the-whole",
        "also in what comes at the end",
        [
            ended(
                output=[
                    message("abcd"),
                    message("more", identity="msg_2"),
                    call(ONE),
                    {"type": "image_generation_call"},
                    {"type": "custom_tool_call", "id": "ct_1", "call_id": "c", "name": "p", "input": "x"},
                    reasoning("Hm.", blob="gAAAA1"),
                ]
            )
        ],
        text("a"),
        stop="stop_sequence",
        stop_sequence="bc",
        stop_sequences=("bc",),
        **OTHER,
    ),
    case(
        "stop-sequence-held",
        "what only looks like one is said",
        [*split("a", "b"), ended()],
        text("ab"),
        stop_sequences=("bc",),
    ),
    case(
        "stop-sequence-of-two-messages",
        "none goes from one message into the next",
        [*text_events(0, "ab"), *text_events(1, "cd", identity="msg_2"), ended()],
        text("ab"),
        text("cd"),
        stop_sequences=("bc",),
    ),
    case(
        "unknown-item",
        "an item that nobody knows is told",
        [
            *TEXT,
            added(1, {"type": "image_generation_call", "id": "ig_1"}),
            done(1, {"type": "image_generation_call", "id": "ig_1"}),
            ended(),
        ],
        text("Hi"),
        text("[The model has sent an item of the kind image_generation_call, which cannot be shown here.]"),
        **OTHER,
    ),
    case(
        "unknown-item-of-odd-name",
        "by no word of the upstream's that is no name",
        [done(0, {"type": "a\nb"}), ended()],
        text("[The model has sent an item of the kind unknown, which cannot be shown here.]"),
        **OTHER,
    ),
    case(
        "unknown-item-beside-json",
        "JSON with a remark is no JSON",
        [*TEXT, done(1, {"type": "image_generation_call"}), ended()],
        text("Hi"),
        takes_asides=False,
        **OTHER,
    ),
    case(
        "compaction",
        "what nobody else can read is no content",
        [done(0, {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAA"}), *text_events(1, "Hi"), ended()],
        text("Hi"),
    ),
    case(
        "text-after-its-item",
        "7.23: an item that is told twice counts once",
        [*TEXT, done(0, message("Hi and more")), ended()],
        text("Hi"),
    ),
    case(
        "garbage-fields",
        "fields of another type say nothing",
        [
            piece("output_text", 0, "msg_1", "Hi", content_index="x"),
            {"type": "response.output_text.delta", "delta": 5},
            {"type": "response.output_item.added", "item": 5},
            {"type": "response.output_item.done", "item": 5},
            {"type": "response.reasoning_text.delta", "delta": None},
            {"type": "response.completed", "response": {"output": "x", "usage": "many"}},
        ],
        text("Hi"),
        **OTHER,
    ),
)

THOUGHTS: Sequence[StreamCase] = (
    case(
        "reasoning-summary",
        "parts are paragraphs, and the blob is the one of the end",
        [*reasoning_events(0, "A", "B", blob="gAAAA1"), *text_events(1, "Hi"), ended()],
        thinking("A\n\nB", "gAAAA1"),
        text("Hi"),
    ),
    case(
        "reasoning-blob-only",
        "7.8: a block without text, with a signature",
        [*reasoning_events(0, blob="gAAAA1"), *call_events(1, ONE), ended()],
        thinking("", "gAAAA1"),
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "reasoning-twice",
        "each item a block, in their order",
        [
            *reasoning_events(0, "A", blob="gAAAA1"),
            *call_events(1, ONE),
            *reasoning_events(2, "B", blob="gAAAA2", identity="rs_2"),
            *call_events(3, "{}", call_id="call_2", identity="fc_2"),
            ended(),
        ],
        thinking("A", "gAAAA1"),
        tool("call_1", {"a": 1}),
        thinking("B", "gAAAA2"),
        tool("call_2", {}),
        stop="tool_use",
    ),
    case(
        "reasoning-in-a-row",
        "two blobs are never one block",
        [
            *reasoning_events(0, "A", blob="gAAAA1"),
            *reasoning_events(1, "B", blob="gAAAA2", identity="rs_2"),
            *text_events(2, "Hi"),
            ended(),
        ],
        thinking("A", "gAAAA1"),
        thinking("B", "gAAAA2"),
        text("Hi"),
    ),
    case(
        "reasoning-without-blobs-in-a-row",
        "nor two items",
        [*reasoning_events(0, "A"), *reasoning_events(1, "B", identity="rs_2"), *text_events(2, "Hi"), ended()],
        thinking("A"),
        thinking("B"),
        text("Hi"),
    ),
    case(
        "reasoning-blob-at-first-only",
        "7.10: the last blob that is not empty",
        [added(0, reasoning(blob="gAAAA0")), done(0, reasoning("A")), *text_events(1, "Hi"), ended()],
        thinking("A", "gAAAA0"),
        text("Hi"),
    ),
    case(
        "reasoning-blob-late",
        "7.9: a blob that comes after what follows has a block of its own",
        [
            added(0, reasoning()),
            piece("reasoning_summary_text", 0, "rs_1", "A", summary_index=0),
            *text_events(1, "Hi"),
            done(0, reasoning("A", blob="gAAAA1")),
            ended(),
        ],
        thinking("A"),
        text("Hi"),
        thinking("", "gAAAA1"),
    ),
    case(
        "reasoning-blob-odd",
        "a blob of other letters",
        [*reasoning_events(0, "A", blob="ä.b\n"), *text_events(1, "Hi"), ended()],
        thinking("A", "ä.b\n"),
        text("Hi"),
    ),
    case(
        "reasoning-final-only",
        "only in the whole answer",
        [ended(output=[reasoning("A", blob="gAAAA1"), message("Hi")])],
        thinking("A", "gAAAA1"),
        text("Hi"),
    ),
    case(
        "reasoning-text",
        "the reasoning itself, as vLLM and xAI send it",
        [
            added(0, reasoning()),
            piece("reasoning_text", 0, "rs_1", "A", content_index=0),
            whole("reasoning_text", 0, "rs_1", content_index=0, text="AB"),
            done(0, reasoning(content=["AB", "C"])),
            *text_events(1, "Hi"),
            ended(),
        ],
        thinking("AB\n\nC"),
        text("Hi"),
    ),
    case(
        "reasoning-text-and-summary",
        "what comes first counts",
        [
            added(0, reasoning()),
            piece("reasoning_text", 0, "rs_1", "A", content_index=0),
            done(0, reasoning("In short", content=["A"], blob="gAAAA1")),
            *text_events(1, "Hi"),
            ended(),
        ],
        thinking("A", "gAAAA1"),
        text("Hi"),
    ),
    case(
        "reasoning-summary-and-text",
        "also in the item",
        [done(0, reasoning("In short", content=["A"])), *text_events(1, "Hi"), ended()],
        thinking("In short"),
        text("Hi"),
    ),
    case(
        "reasoning-omitted",
        "sealed: only the signature",
        [*reasoning_events(0, "A", blob="gAAAA1"), *text_events(1, "Hi"), ended()],
        thinking("", "gAAAA1"),
        text("Hi"),
        display="omitted",
    ),
    case(
        "reasoning-dropped",
        "not asked for: no block",
        [*reasoning_events(0, "A", blob="gAAAA1"), *text_events(1, "Hi"), ended()],
        text("Hi"),
        display="dropped",
    ),
    case(
        "reasoning-trailing",
        "0.8: a small limit ends in reasoning alone",
        [
            *reasoning_events(0, "A", blob="gAAAA1"),
            ended("incomplete", incomplete_details={"reason": "max_output_tokens"}),
        ],
        thinking("A", "gAAAA1"),
        stop="max_tokens",
    ),
    case(
        "reasoning-told-as-whole",
        "7.35: told as complete, and the limit is spent",
        [*reasoning_events(0, "A"), ended()],
        thinking("A"),
        stop="max_tokens",
        most_tokens=5,
    ),
    broken(
        "reasoning-alone",
        "the model has stopped without a word: it is asked once more",
        [*reasoning_events(0, "A"), ended()],
        "overloaded_error",
        "the model has only thought, and not answered",
        before=1,
    ),
)

ENDS: Sequence[StreamCase] = (
    case(
        "incomplete-tokens",
        "7.34: cut short is no end",
        [*TEXT, ended("incomplete", incomplete_details={"reason": "max_output_tokens"})],
        text("Hi"),
        stop="max_tokens",
    ),
    case(
        "incomplete-told-as-completed",
        "the status counts where the event is wrong",
        [
            *TEXT,
            {**ended("incomplete", incomplete_details={"reason": "max_output_tokens"}), "type": "response.completed"},
        ],
        text("Hi"),
        stop="max_tokens",
    ),
    case(
        "incomplete-window",
        "the window is full",
        [*TEXT, ended("incomplete", incomplete_details={"reason": "max_output_tokens"})],
        text("Hi"),
        stop="model_context_window_exceeded",
        traits=replace(HERE, context_window=20),
    ),
    case(
        "incomplete-uncounted",
        "nobody has counted",
        [*TEXT, ended("incomplete", incomplete_details={"reason": "max_output_tokens"}, usage=None)],
        text("Hi"),
        stop="max_tokens",
        traits=replace(HERE, context_window=20),
    ),
    case(
        "incomplete-filter",
        "a filter",
        [*TEXT, ended("incomplete", incomplete_details={"reason": "content_filter"})],
        text("Hi"),
        stop="refusal",
    ),
    case(
        "incomplete-null",
        "without a reason, and the limit is spent",
        [*TEXT, ended("incomplete", incomplete_details=None)],
        text("Hi"),
        stop="max_tokens",
        most_tokens=5,
    ),
    broken(
        "incomplete-null-early",
        "without a reason, and without need",
        [*TEXT, ended("incomplete", incomplete_details=None)],
        "api_error",
        "the upstream's answer is incomplete for a reason that is not known",
        before=1,
    ),
    broken(
        "incomplete-unknown",
        "a reason that nobody knows",
        [
            *TEXT,
            {
                **ended("incomplete"),
                "response": {**response("incomplete"), "incomplete_details": {"reason": "steered"}},
            },
        ],
        "api_error",
        "the upstream's answer is incomplete for a reason that is not known: 'steered'",
        before=1,
        **OTHER,
    ),
    broken(
        "ended-in-progress",
        "an end that is none",
        [*TEXT, {"type": "response.completed", "response": response("in_progress")}],
        "api_error",
        "the upstream's answer ended as 'in_progress'",
        before=1,
    ),
    case(
        "done-event",
        "an older name of the end",
        [*TEXT, {"type": "response.done", "response": {}}],
        text("Hi"),
        **OTHER,
    ),
    broken("closed", "7.69: closed before its end", TEXT, "api_error", CUT_OFF, before=1),
    broken("closed-with-a-marker", "a marker is no end", [*TEXT, "[DONE]"], "api_error", CUT_OFF, before=1, **OTHER),
    broken(
        "failed-early",
        "7.36: an overflow within a 200",
        [
            {"type": "response.in_progress", "response": response()},
            failed("context_length_exceeded", TOO_LONG),
        ],
        "invalid_request_error",
        f"prompt is too long: 101 tokens > 100 maximum ({TOO_LONG})",
        before=0,
        traits=replace(HERE, context_window=100),
        **OTHER,
    ),
    broken(
        "failed-late",
        "after content it is an event",
        [*TEXT, failed("server_error", "Oops")],
        "api_error",
        "Oops",
        before=1,
    ),
    broken(
        "failed-without-words",
        "nothing is said of it",
        [{"type": "response.failed", "response": response("failed")}],
        "api_error",
        "the upstream's answer has failed",
    ),
    broken(
        "failed-then-garbage",
        "what follows a failure adds nothing",
        [failed("server_error", "Oops"), "garbage"],
        "api_error",
        "Oops",
        **OTHER,
    ),
    broken(
        "failed-then-another-event",
        "what follows a failure adds nothing",
        [failed("server_error", "Oops"), {"type": "keepalive"}],
        "api_error",
        "Oops",
        **OTHER,
    ),
    broken(
        "failed-then-error",
        "7.41: Azure says more after it",
        [failed("server_error", "Oops"), error("rate_limit_exceeded", "Too fast")],
        "rate_limit_error",
        "Too fast",
    ),
    broken(
        "failed-then-empty-error",
        "or says nothing",
        [failed("server_error", "Oops"), {"type": "error"}],
        "api_error",
        "Oops",
        **OTHER,
    ),
    broken(
        "cancelled",
        "somebody has cancelled it",
        [{"type": "response.cancelled", "response": response("cancelled")}],
        "api_error",
        "the upstream's answer has failed",
        **OTHER,
    ),
    broken(
        "error-flat",
        "7.39: a limit within a 200",
        [error("rate_limit_exceeded", "Too fast")],
        "rate_limit_error",
        "Too fast",
    ),
    broken(
        "error-nested",
        "7.37: the error in `error`",
        [{"type": "error", "error": {"type": "server_error", "code": "slow_down", "message": "Too fast"}}],
        "rate_limit_error",
        "Too fast",
        **OTHER,
    ),
    broken(
        "error-bare",
        "7.38: without a type",
        [{"error": {"code": "overloaded", "message": "Busy"}}],
        "overloaded_error",
        "Busy",
        **OTHER,
    ),
    broken(
        "error-without-words",
        "an error of nothing",
        [{"type": "error"}],
        "api_error",
        "the upstream sent an error without a word",
        **OTHER,
    ),
    broken(
        "error-after-text",
        "an error in the middle",
        [*TEXT, error("server_error", "Oops")],
        "api_error",
        "Oops",
        before=1,
    ),
    broken("not-json", "no JSON", ["{oops"], "api_error", "the upstream sent an event that is no JSON", **OTHER),
    broken(
        "not-an-object", "no object", ["[1]"], "api_error", "the upstream sent an event that is no JSON object", **OTHER
    ),
    broken(
        "no-event",
        "no part of an answer",
        [{"hello": 1}],
        "api_error",
        "the upstream sent an event that is no part of an answer",
        **OTHER,
    ),
    broken(
        "nested-too-deeply",
        "a bomb",
        ['{"type":' + "[" * 100_000],
        "api_error",
        "the upstream sent an event that is nested too deeply",
        **OTHER,
    ),
    case(
        "error-null",
        "an error of null is none",
        [*({**event, "error": None} for event in TEXT), ended()],
        text("Hi"),
        **OTHER,
    ),
)

A, B = "https://a.test/1", "https://b.test/2"
PAGE = page(A, "a.test")
CITED = citation(B, "About b")


def citing(at: int, *annotations: Json, said: str = "Hi", identity: str = "msg_1") -> list[Json]:
    """A message, and the events that tell of what it cites."""
    events = list(text_events(at, said, identity=identity))
    return [*events[:3], *(cited(at, each, identity=identity) for each in annotations), *events[3:]]


def acted(kind: str, **more: Any) -> Json:
    return {**search(identity="ws_2"), "action": {"type": kind, "url": A, **more}}


def odd(**fields: Any) -> Json:
    return {"type": "web_search_call", **fields}


SEARCHES: Sequence[StreamCase] = (
    case(
        "search",
        "responses.md 5.3: the search and what it has found stand before the text",
        [*search_events(0, "rain", A), *text_events(1, "Hi"), ended()],
        *searched(PAGE),
        text("Hi"),
    ),
    case(
        "search-done-only",
        "an item that has not begun",
        [done(0, search("rain", A)), *text_events(1, "Hi"), ended()],
        *searched(PAGE),
        text("Hi"),
    ),
    case(
        "search-begun-only",
        "an item that never ends has what it began with",
        [added(0, search("rain", A, status="in_progress")), *text_events(1, "Hi"), ended()],
        text("Hi"),
        *searched(PAGE),
    ),
    case(
        "search-ended-without-a-word",
        "what it is about came with its beginning",
        [added(0, search("rain", A)), done(0, odd(id="ws_1", status="completed")), *text_events(1, "Hi"), ended()],
        *searched(PAGE),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-final-only",
        "only in the whole answer",
        [ended(output=[search("rain", A), message("Hi")])],
        *searched(PAGE),
        text("Hi"),
    ),
    case(
        "search-repeated",
        "told in three places, and once",
        [*search_events(0, "rain", A), done(0, search("rain", A)), *TEXT, ended(output=[search("rain", A)])],
        *searched(PAGE),
        text("Hi"),
    ),
    case(
        "search-of-several-queries",
        "the first stands for them",
        [done(0, search("", A, queries=["snow", "ice"])), *text_events(1, "Hi"), ended()],
        *searched(PAGE, query="snow"),
        text("Hi"),
    ),
    case(
        "searches",
        "one after the other, each with its own",
        [
            *search_events(0, "rain", A),
            *search_events(1, "snow", B, A, identity="ws_2"),
            *text_events(2, "Hi"),
            ended(),
        ],
        *searched(PAGE),
        *searched(page(B, "b.test"), PAGE, query="snow", number=1),
        text("Hi"),
    ),
    case(
        "search-failed",
        "failure mode 29: an error is told as one",
        [done(0, search(status="failed")), done(1, search(status="incomplete", identity="ws_2")), *TEXT, ended()],
        *search_failed(),
        *search_failed(number=1),
        text("Hi"),
    ),
    case(
        "search-cited",
        "without sources it has found what the next message cites",
        [*search_events(0), *citing(1, CITED, CITED, citation(A, "")), ended()],
        *searched(page(B, "About b"), PAGE),
        text("Hi"),
    ),
    case(
        "search-cited-at-the-end",
        "citations that come with the whole message alone",
        [
            *search_events(0),
            *list(text_events(1, "Hi"))[:-1],
            done(1, {**message("Hi"), "content": [{**message("Hi")["content"][0], "annotations": [CITED]}]}),
            ended(),
        ],
        *searched(page(B, "About b")),
        text("Hi"),
    ),
    case(
        "search-cited-after-a-thought",
        "models think before they say what they have found",
        [*search_events(0), *reasoning_events(1, "Hm."), *citing(2, CITED), ended()],
        *searched(page(B, "About b")),
        thinking("Hm."),
        text("Hi"),
    ),
    case(
        "search-cited-by-the-last",
        "of two that do not say, the last has what is cited",
        [*search_events(0), *search_events(1, "snow", identity="ws_2"), *citing(2, CITED), ended()],
        *searched(),
        *searched(page(B, "About b"), query="snow", number=1),
        text("Hi"),
    ),
    case(
        "search-cited-elsewhere",
        "citations of files and of nothing, and of a message that nobody knows",
        [
            *search_events(0),
            *citing(1, {"type": "file_citation", "file_id": "f", "filename": "f", "index": 0}),
            cited(7, CITED, identity="msg_7"),
            cited(1, {"type": "url_citation", "url": 5}),
            ended(),
        ],
        *searched(),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-of-nothing",
        "nothing found, nothing cited",
        [*search_events(0), *text_events(1, "Hi"), *text_events(2, "Ho", identity="msg_2"), ended()],
        *searched(),
        text("Hi"),
        text("Ho"),
    ),
    case("search-alone", "nothing is said of it", [*search_events(0), ended()], *searched()),
    case(
        "search-before-a-call",
        "a call says nothing of what was found",
        [*search_events(0), *call_events(1, ONE), ended()],
        *searched(),
        tool("call_1", {"a": 1}),
        stop="tool_use",
    ),
    case(
        "search-within-a-call",
        "it waits until the call is whole",
        [
            *list(call_events(0, ONE, '{"a":'))[:2],
            *search_events(1, "rain", A),
            *list(call_events(0, ONE))[2:],
            ended(),
        ],
        tool("call_1", {"a": 1}),
        *searched(PAGE),
        stop="tool_use",
    ),
    case(
        "search-between-texts",
        "each stands where it was said",
        [
            *text_events(0, "First."),
            *search_events(1, "rain", A),
            *text_events(2, "Last.", identity="msg_2"),
            ended(),
        ],
        text("First."),
        *searched(PAGE),
        text("Last."),
    ),
    case(
        "search-between-deltas",
        "a text goes on in another block",
        [
            piece("output_text", 0, "msg_1", "Fi", content_index=0, logprobs=[]),
            *search_events(1, "rain", A),
            piece("output_text", 0, "msg_1", "rst", content_index=0, logprobs=[]),
            ended(),
        ],
        text("Fi"),
        *searched(PAGE),
        text("rst"),
    ),
    case(
        "search-and-pages",
        "pages that are opened and looked through are no searches",
        [
            added(0, acted("open_page")),
            done(0, acted("open_page")),
            *search_events(1, "rain", A),
            done(2, acted("find_in_page", pattern="x")),
            done(3, {**acted("think_of"), "id": "ws_3"}),
            *text_events(4, "Hi"),
            ended(),
        ],
        *searched(PAGE),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-in-an-answer-of-a-form",
        "it stands beside the JSON, not in it",
        [*search_events(0, "rain", A), *text_events(1, "{}"), ended()],
        *searched(PAGE),
        text("{}"),
        takes_asides=False,
    ),
    case(
        "search-cut-short",
        "the model may say no more",
        [
            *search_events(0, "rain", A),
            *list(text_events(1, "Hi"))[:3],
            ended("incomplete", incomplete_details={"reason": "max_output_tokens"}),
        ],
        *searched(PAGE),
        text("Hi"),
        stop="max_tokens",
    ),
    case(
        "search-stopped",
        "a stop sequence in a text that waits",
        [*search_events(0), *split("Hi", "STOP"), *search_events(2, "snow", A, identity="ws_2"), ended()],
        *searched(),
        text("Hi"),
        stop="stop_sequence",
        stop_sequence="STOP",
        stop_sequences=("STOP",),
    ),
    case(
        "search-behind-a-stop",
        "nothing is told behind a stop sequence, and no page that is cited there",
        [ended(output=[search(), message("HiSTOP"), search("snow", A, identity="ws_2")])],
        *searched(),
        text("Hi"),
        stop="stop_sequence",
        stop_sequence="STOP",
        stop_sequences=("STOP",),
    ),
    broken(
        "search-closed-early",
        "a stream that ends while the text waits",
        [*search_events(0), *list(text_events(1, "Hi"))[:3]],
        "api_error",
        CUT_OFF,
        before=1,
    ),
    case(
        "search-of-no-shape",
        "no id, no action, and the wrong types",
        [
            done(0, odd()),
            done(1, odd(id=5, status=["completed"], action=["search"])),
            done(2, odd(id="ws_2", action={"type": ["search"], "query": {"a": 1}, "queries": "snow"})),
            done(3, odd(id="ws_3", action={"query": "ice", "queries": [None, 5], "sources": {"url": A}})),
            done(4, odd(id="ws_4", action={"sources": [None, 5, A, {}, {"url": None}, {"url": A, "title": 5}]})),
            *text_events(5, "Hi"),
            ended(),
        ],
        *searched(query=""),
        *searched(query="", number=1),
        *searched(query="", number=2),
        *searched(query="ice", number=3),
        *searched(PAGE, query="", number=4),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-of-bad-addresses",
        "nothing that runs, lies on the disk, is endless or hides its end",
        [
            done(
                0,
                search(
                    "rain",
                    "javascript:alert(1)",
                    "JavaScript://a.test/%0aalert(1)",
                    "data:text/html,x",
                    "file:///etc/passwd",
                    "//a.test",
                    "https://",
                    "https://[a",
                    "https://a.test/x y",
                    "https://a.test/\nx",
                    "https://a.test:x/",
                    f"https://a.test/{'x' * 2_048}",
                    "",
                    "HTTP://B.test:80?x",
                    "https://a.test@c.test/",
                    "https://[::1]/",
                    "https://a.test/\ud800",
                ),
            ),
            *text_events(1, "Hi"),
            ended(),
        ],
        *searched(
            page("HTTP://B.test:80?x", "B.test"),
            page("https://a.test@c.test/", "c.test"),
            page("https://[::1]/", "[::1]"),
            page("https://a.test/\ufffd", "a.test"),
        ),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-with-titles",
        "a source that has a title keeps it, within reason",
        [
            done(0, search(sources=[{"url": A, "title": " T\ud83d"}, {"url": B, "title": "x" * 5_000}])),
            *text_events(1, "Hi"),
            ended(),
        ],
        *searched(page(A, "T\ufffd"), page(B, "x" * 300)),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-of-halves",
        "a query with half a character",
        [done(0, search("a\ud83d", A)), *text_events(1, "Hi"), ended()],
        *searched(PAGE, query="a\ufffd"),
        text("Hi"),
        **OTHER,
    ),
    case(
        "search-of-thousands",
        "a hundred of them are told",
        [done(0, search("rain", *(f"https://a.test/{at}" for at in range(5_000)))), *text_events(1, "Hi"), ended()],
        *searched(*(page(f"https://a.test/{at}", "a.test") for at in range(100))),
        text("Hi"),
    ),
)

CASES = [*CALLS, *TEXTS, *THOUGHTS, *ENDS, *SEARCHES]
