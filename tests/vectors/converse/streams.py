"""Answers of Bedrock's Converse, each with the content of the message that it must become."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from translator.anthropic.errors import ErrorType
from translator.anthropic.events import StopReason
from translator.signatures import EncryptedReasoning, seal_encrypted
from translator.stream.answer_blocks import ThinkingDisplay

from tests.upstreams.converse import START, Json, call, delta, end, reasoning, stop, text, whole

COUNTED = (10, 5, 0, 0)
ESTIMATED = (101, 1, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCase:
    """The frames of an answer, and what the caller gets: the content and why it ends, or an error."""

    id: str
    why: str
    frames: tuple[Json | str, ...]
    content: tuple[Json, ...] = ()
    stop_reason: StopReason | None = None
    stop_sequence: str | None = None
    usage: tuple[int, int, int, int] = COUNTED
    """Input, output, written to the cache, read from it."""
    error: tuple[ErrorType, str] | None = None
    before: int = 0
    """How many of the blocks were begun before the error."""
    display: ThinkingDisplay = "shown"
    stop_sequences: tuple[str, ...] = ()
    is_official: bool = True
    """Whether every frame is one that AWS describes."""


def said(content: str) -> Json:
    return {"type": "text", "text": content}


def thought(content: str, sealed: Json | None = None) -> Json:
    signature = seal_encrypted(EncryptedReasoning("here", json.dumps(sealed))) if sealed else "ew1.shown"
    return {"type": "thinking", "thinking": content, "signature": signature}


def tool(given: Any, call_id: str = "tooluse_a", name: str = "look") -> Json:
    return {"type": "tool_use", "call_id": call_id, "name": name, "input": given}


def case(
    identity: str, why: str, frames: Iterable[Json | str], *content: Json, stops: StopReason = "end_turn", **more: Any
) -> AnswerCase:
    return AnswerCase(id=identity, why=why, frames=tuple(frames), content=content, stop_reason=stops, **more)


def broken(
    identity: str, why: str, frames: Iterable[Json | str], error_type: ErrorType, message: str, **more: Any
) -> AnswerCase:
    return AnswerCase(id=identity, why=why, frames=tuple(frames), error=(error_type, message), **more)


SIGNED = {"reasoningText": {"text": "Hm.", "signature": "abc"}}
REDACTED = {"redactedContent": "AA=="}
TOO_LONG = "Input is too long for requested model."

CASES = [
    case("text", "blocks of text say only that they end", [START, *text(0, "Hel", "lo"), *end()], said("Hello")),
    case(
        "texts",
        "two blocks are two",
        [START, *text(0, "A"), *text(1, "B"), *end()],
        said("A"),
        said("B"),
    ),
    case(
        "usage",
        "cached tokens stand beside the input's",
        [START, *text(0, "Hi"), *end(cacheReadInputTokens=70, cacheWriteInputTokens=20)],
        said("Hi"),
        usage=(10, 5, 20, 70),
    ),
    case(
        "uncounted",
        "counts that are none, and another end than AWS's",
        [START, *text(0, "Hi"), {"messageStop": {}}, {"metadata": {"usage": {"inputTokens": "many"}}}],
        said("Hi"),
        usage=ESTIMATED,
        is_official=False,
    ),
    case(
        "unended",
        "a block that does not end, in a stream without counts",
        [START, delta(0, text="Hi"), {"messageStop": {"stopReason": "stop_sequence"}}],
        said("Hi"),
        usage=ESTIMATED,
    ),
    case(
        "call",
        "its input comes as pieces of JSON",
        [START, *text(0, "So."), *call(1, '{"a', '":1}'), *call(2, '{"a":2}', call_id="tooluse_b"), *end("tool_use")],
        said("So."),
        tool({"a": 1}),
        tool({"a": 2}, "tooluse_b"),
        stops="tool_use",
    ),
    case(
        "call-without-input",
        "an input that never comes is an empty one, for clients as for what follows",
        [START, *call(0), *call(1, "", call_id=""), *text(2, "So."), *end("end_turn")],
        tool({}),
        tool({}, "call_1"),
        said("So."),
        stops="tool_use",
        is_official=False,
    ),
    case(
        "call-again",
        "an index that is used twice is two calls; what is no index is the first",
        [START, *call(0, '{"a":1}'), *call(0, '{"a":2}', call_id="tooluse_b"), *text("x", "So."), *end("tool_use")],  # type: ignore[arg-type]
        tool({"a": 1}),
        tool({"a": 2}, "tooluse_b"),
        said("So."),
        stops="tool_use",
        is_official=False,
    ),
    case(
        "call-cut",
        "a limit in the middle of a call",
        [START, *call(0, '{"a'), *end("max_tokens")],
        tool({}),
        stops="max_tokens",
    ),
    case(
        "reasoning",
        "signed: its block goes back as it came",
        [START, *reasoning(0, "H", "m.", signature="abc"), *text(1, "Hi"), *end()],
        thought("Hm.", SIGNED),
        said("Hi"),
    ),
    case(
        "reasoning-hidden",
        "where the caller is shown none, the signature holds it",
        [START, *reasoning(0, "Hm.", signature="abc"), *text(1, "Hi"), *end()],
        thought("", SIGNED),
        said("Hi"),
        display="omitted",
    ),
    case(
        "reasoning-unsigned",
        "DeepSeek R1: shown, and not wanted back; the next block ends it",
        [START, *reasoning(0, "Hm.")[:-1], *text(1, "Hi"), *end()],
        thought("Hm."),
        said("Hi"),
    ),
    case(
        "reasoning-redacted",
        "only its maker can read it",
        [START, delta(0, reasoningContent=REDACTED), stop(0), *text(1, "Hi"), *end()],
        thought("", REDACTED),
        said("Hi"),
    ),
    case(
        "whole",
        "a model that calls no tools in a stream",
        [
            whole(
                {"reasoningContent": SIGNED},
                {"reasoningContent": REDACTED},
                {"text": "So."},
                {"citationsContent": {"content": [{"text": "Cited."}], "citations": []}},
                {"toolUse": {"toolUseId": "tooluse_a", "name": "look", "input": {"a": 1}}},
                {"toolUse": {"toolUseId": "tooluse_b", "name": "look", "input": {}}},
                reason="tool_use",
            )
        ],
        thought("Hm.", SIGNED),
        thought("", REDACTED),
        said("So."),
        said("Cited."),
        tool({"a": 1}),
        tool({}, "tooluse_b"),
        stops="tool_use",
    ),
    case(
        "whole-odd",
        "blocks that are none of these",
        [whole({"text": "Hi"}, "x", {"image": {}}, {"citationsContent": {"content": ["x"]}})],  # type: ignore[arg-type]
        said("Hi"),
        is_official=False,
    ),
    case(
        "unknown",
        "events and deltas that nobody knows yet, and signs of life",
        [
            START,
            "",
            {"somethingNew": {}},
            delta(0, image={}),
            *text(0, "Hi"),
            {"contentBlockStop": "x"},
            {"contentBlockDelta": {}},
            {"contentBlockStart": {"contentBlockIndex": 1, "start": {"image": {}}}},
            *end(),
        ],
        said("Hi"),
        is_official=False,
    ),
    case(
        "max-tokens",
        "cut short",
        [START, *text(0, "Hi"), *end("max_tokens")],
        said("Hi"),
        stops="max_tokens",
    ),
    case(
        "window",
        "cut short by the window",
        [START, *text(0, "Hi"), *end("model_context_window_exceeded")],
        said("Hi"),
        stops="model_context_window_exceeded",
    ),
    case(
        "guardrail",
        "a guardrail's own words stand for the answer",
        [START, *text(0, "Blocked."), *end("guardrail_intervened")],
        said("Blocked."),
        stops="refusal",
    ),
    case("filtered", "nothing has been said", [START, *end("content_filtered")], stops="refusal"),
    case(
        "stop-sequence",
        "ours: Converse does not say which of them has matched",
        [START, delta(0, text="Hi S"), delta(0, text="TOP there"), *call(1, '{"a":1}'), *text(2, "x"), *end()],
        said("Hi "),
        stops="stop_sequence",
        stop_sequence="STOP",
        stop_sequences=("STOP",),
        usage=ESTIMATED,
    ),
    case(
        "stop-sequence-whole",
        "the same in a whole answer",
        [
            whole(
                {"text": "Hi STOP there"},
                {"reasoningContent": SIGNED},
                {"toolUse": {"toolUseId": "tooluse_a", "name": "look", "input": {"a": 1}}},
                {"text": "x"},
            )
        ],
        said("Hi "),
        stops="stop_sequence",
        stop_sequence="STOP",
        stop_sequences=("STOP",),
    ),
    case(
        "stop-sequence-half",
        "what has only begun as one is text",
        [START, *text(0, "Hi S"), *end()],
        said("Hi S"),
        stop_sequences=("STOP",),
    ),
    broken(
        "empty",
        "nothing at all",
        [START, *end()],
        "overloaded_error",
        "the model has said nothing",
    ),
    broken(
        "only-thought",
        "reasoning is no answer",
        [START, *reasoning(0, "Hm."), *end()],
        "overloaded_error",
        "the model has only thought, and not answered",
        before=1,
    ),
    broken(
        "announced",
        "a call that never came",
        [START, *text(0, "Hi"), *end("tool_use")],
        "api_error",
        "the upstream announced a tool call and sent none",
        before=1,
    ),
    broken(
        "malformed",
        "a call that Bedrock cannot read",
        [START, *text(0, "Hi"), *end("malformed_tool_use")],
        "overloaded_error",
        "the model has written what Bedrock cannot read",
        before=1,
    ),
    broken(
        "nameless",
        "a call without a name",
        [START, *call(0, "{}", name=""), *end("tool_use")],
        "overloaded_error",
        "the upstream sent a tool call without a name",
        is_official=False,
    ),
    broken(
        "arguments-of-nothing",
        "input of a call that has not begun",
        [START, *call(0, "{}")[1:], *end("tool_use")],
        "api_error",
        "the upstream sent arguments for a tool call that has not begun",
    ),
    broken(
        "cut",
        "failure mode 14: the connection ends in the middle",
        [START, delta(0, text="Hi")],
        "api_error",
        "the upstream closed the stream before the answer was complete",
        before=1,
    ),
    broken(
        "throttled",
        "an exception is a frame, and too many tokens a minute are no prompt that is too long",
        [START, *text(0, "Hi"), {"throttlingException": {"message": "Too many tokens, please wait."}}],
        "rate_limit_error",
        "Bedrock limits the requests or tokens of this account: wait, use a global inference profile, or ask for a "
        "higher quota in Service Quotas",
        before=1,
    ),
    broken(
        "overflow",
        "failure mode 31: in the words on which clients compact",
        [{"validationException": {"message": TOO_LONG}}],
        "invalid_request_error",
        f"prompt is too long: 101 tokens > 100 maximum ({TOO_LONG})",
    ),
    broken(
        "model-error",
        "what the model itself has said",
        [
            START,
            {
                "modelStreamErrorException": {
                    "message": "The model failed.",
                    "originalStatusCode": 500,
                    "originalMessage": "Oh.",
                }
            },
        ],
        "api_error",
        "The model failed.: Oh.",
    ),
    broken(
        "unavailable",
        "another exception",
        [START, {"serviceUnavailableException": {"message": "Later."}}],
        "overloaded_error",
        "Later.",
    ),
    broken(
        "silent-exception",
        "an exception without a word",
        [START, {"internalServerException": None}],
        "api_error",
        "the upstream reports 'internalServerException'",
        is_official=False,
    ),
    broken(
        "error-frame",
        "an error of the transport's own",
        [START, {"error": {"code": "InternalError", "message": "Oh."}}],
        "api_error",
        "Oh.",
        is_official=False,
    ),
    broken(
        "error-document",
        "an error with a status that says otherwise",
        [json.dumps({"message": "Oh."})],
        "api_error",
        "Oh.",
        is_official=False,
    ),
    broken(
        "no-json",
        "a frame that is none",
        [START, "{"],
        "api_error",
        "the upstream sent an event that is no JSON object",
        is_official=False,
    ),
    broken(
        "no-object",
        "a frame that is none",
        [START, "[]"],
        "api_error",
        "the upstream sent an event that is no JSON object",
        is_official=False,
    ),
    broken(
        "too-deep",
        "a frame that no parser reads",
        [START, '{"a":' * 100_000],
        "api_error",
        "the upstream sent an event that is nested too deeply",
        is_official=False,
    ),
    broken(
        "whole-empty",
        "a whole answer without content",
        [{"output": {"message": {"content": None}}, "stopReason": "end_turn"}],
        "overloaded_error",
        "the model has said nothing",
        is_official=False,
    ),
]
