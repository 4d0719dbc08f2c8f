"""What the scripted upstream can play, by name: `[[play:NAME]]` in a user message chooses one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.upstreams import refused
from tests.upstreams.answers import Answer, Cut, Pace, Picky, Script, Send, Wait, Whole
from tests.upstreams.chat import (
    DONE,
    USAGE,
    arguments,
    call,
    call_part,
    chunk,
    delta,
    event,
    finish,
    reasoning,
    stream,
    text,
)
from tests.upstreams.connections import BROKEN_CONNECTIONS
from tests.upstreams.errors import OVERFLOWS, error
from tests.upstreams.framings import FRAMINGS
from tests.upstreams.habits import HABITS
from tests.upstreams.shapes import MOMENT, events, refusal

WEATHER = ('{"city": ', '"London"}')
WEATHER_OBJECT = {"name": "get_weather", "arguments": {"city": "London"}}
COUNTED = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
GET_TIME = call_part(0, "call_a", "get_time", "{}")
SOURCE = {"type": "url_citation", "url_citation": {"url": "https://weather.test", "title": "Rain"}}


def unsupported(parameter: str) -> Whole:
    """OpenAI's refusal of a parameter."""
    message = f"Unsupported parameter: '{parameter}' is not supported with this model."
    return refusal(400, error(message, type="invalid_request_error", param=parameter, code="unsupported_parameter"))


PLAIN = stream(text("Hello", " from", " the upstream"), finish("stop"))
LIMITED = refusal(429, error("Rate limit reached", type="requests", code="rate_limit_exceeded"), retry_after="1")
BROKEN = stream(text("This answer is cut"), MOMENT, (Cut(b'data: {"id": "chatcmpl-scripted", "cho'),))

ANSWERS: Mapping[str, Answer] = {
    "plain": PLAIN,
    **FRAMINGS,
    **BROKEN_CONNECTIONS,
    # tool calls
    "tool": stream(text("Looking."), call(0, "call_a", "get_weather", *WEATHER), finish("tool_calls")),
    "tools-parallel": stream(
        call(0, "call_a", "get_weather", *WEATHER),
        call(1, "call_b", "get_weather", '{"city": "Oslo"}'),
        finish("tool_calls"),
    ),
    "tools-interleaved": stream(
        call(0, "call_a", "get_weather", '{"city": '),
        call(1, "call_b", "get_weather", '{"city": '),
        (arguments(0, '"London"}'), arguments(1, '"Oslo"}')),
        finish("tool_calls"),
    ),
    "tools-all-index-0": stream(
        call(0, "call_a", "get_weather", *WEATHER),
        call(0, "call_b", "get_weather", '{"city": "Oslo"}'),
        finish("tool_calls"),
    ),
    "tools-no-index": stream(
        call(None, "call_a", "get_weather", *WEATHER),
        call(None, "call_b", "get_weather", '{"city": "Oslo"}'),
        finish("tool_calls"),
    ),
    "tool-whole-in-opening": stream(
        (delta({"tool_calls": [call_part(0, "call_a", "get_weather", "".join(WEATHER))]}),),
        finish("tool_calls"),
    ),
    "tool-arguments-at-the-end": stream(
        (delta({"tool_calls": [call_part(0, "call_a", "get_weather")]}),),
        (delta({"tool_calls": [{"index": 0, "function": {"arguments": "".join(WEATHER)}}]}, "tool_calls"), DONE),
    ),
    "tool-arguments-as-object": stream(
        (delta({"tool_calls": [{**call_part(0, "call_a", "get_weather"), "function": WEATHER_OBJECT}]}),),
        finish("tool_calls"),
    ),
    "tools-three-index-0": stream(
        *(call(0, f"call_{city}", "get_weather", f'{{"city": "{city}"}}') for city in ("London", "Oslo", "Rome")),
        finish("tool_calls"),
    ),
    "tools-of-gemini": stream(
        call(None, "", "get_weather", "".join(WEATHER)),
        (delta({"extra_content": {"google": {"thought_signature": "c2lnbmF0dXJl"}}}),),
        finish("stop"),
    ),
    "tools-of-kimi": stream(
        call(0, "functions.get_weather:0", "get_weather", *WEATHER),
        call(1, "functions.get_weather:0", "get_weather", '{"city": "Oslo"}'),
        finish("tool_calls"),
    ),
    "tool-without-a-name": stream(
        (delta({"tool_calls": [{"index": 0, "id": "call_a", "function": {"arguments": "{}"}}]}),),
        MOMENT,
        finish("tool_calls"),
    ),
    "tool-announced-only": stream(text("I will look."), MOMENT, finish("tool_calls")),
    "tool-goes-on-after-its-end": stream(
        call(0, "call_a", "get_weather", *WEATHER),
        call(1, "call_b", "get_time", "{}"),
        MOMENT,
        (arguments(0, '"more"'),),
        finish("tool_calls"),
    ),
    "tool-cut-off": stream(call(0, "call_a", "get_weather", WEATHER[0]), MOMENT),
    "tool-then-text": stream(
        call(0, "call_a", "get_weather", *WEATHER), text("That is what I looked for."), finish("tool_calls")
    ),
    "tool-as-text": stream(text("<tool_call><function=get_weather>", "</function></tool_call>"), finish("stop")),
    "tool-empty-arguments": stream(call(0, "call_a", "get_time"), finish("tool_calls")),
    "tool-finish-stop": stream(call(0, "call_a", "get_weather", *WEATHER), finish("stop")),
    "tool-truncated": stream(call(0, "call_a", "get_weather", WEATHER[0]), finish("length")),
    "tool-broken-json": stream(call(0, "call_a", "get_weather", '{"city": London}'), MOMENT, finish("tool_calls")),
    "all-in-one-chunk": stream(
        (delta({"reasoning_content": "Think.", "content": "Say.", "tool_calls": [GET_TIME]}),),
        finish("tool_calls"),
    ),
    "sources": stream(text("It rains."), (delta({"annotations": [SOURCE, SOURCE]}),), finish("stop")),
    # reasoning
    "reasoning-content": stream(reasoning("Let me ", "think."), text("Done."), finish("stop")),
    "reasoning": stream(reasoning("Let me ", "think.", spelling="reasoning"), text("Done."), finish("stop")),
    "reasoning-details": stream(
        (delta({"reasoning_details": [{"type": "reasoning.text", "text": "Let me think.", "index": 0}]}),),
        text("Done."),
        finish("stop"),
    ),
    "reasoning-details-signed": stream(
        (
            delta({"reasoning_details": [{"type": "reasoning.text", "text": "Let me think.", "index": 0}]}),
            delta({"reasoning_details": [{"type": "reasoning.text", "signature": "EqQB", "index": 0}]}),
        ),
        text("Done."),
        finish("stop"),
    ),
    "think-tags": stream(text("<thi", "nk>Let me think.</th", "ink>", "\n\nDone."), finish("stop")),
    "think-tag-at-the-end-only": stream(text("Let me think.</th", "ink>", "\n\nDone."), finish("stop")),
    "reasoning-only": stream(reasoning("Let me think for ever."), finish("length")),
    "reasoning-after-text": stream(text("Well."), reasoning("Hm."), text("Done."), finish("stop")),
    # usage
    "usage-every-chunk": stream(
        tuple(delta({"content": piece}, usage=USAGE) for piece in ("One", " two")),
        (delta({}, "stop", usage=USAGE), DONE),
    ),
    "usage-first": stream((delta({}, usage=USAGE),), text("Hello"), (delta({}, "stop"), DONE)),
    "usage-twice": stream(text("Hello"), finish("stop")[:-1], (chunk([], usage=USAGE), DONE)),
    "usage-null": stream((delta({"content": "Hello"}, usage=None), delta({}, "stop", usage=None), DONE)),
    "usage-garbage": stream(
        text("Hello"), (delta({}, "stop"), chunk([], usage={"prompt_tokens": -1, "completion_tokens": "many"}), DONE)
    ),
    "usage-without-end": stream(
        text("Hello"), (delta({}, "stop"), chunk([], usage={"prompt_tokens": 10**400, "completion_tokens": 1}), DONE)
    ),
    "usage-of-deepseek": stream(
        text("Hello"),
        (delta({}, "stop"), chunk([], usage={**COUNTED, "prompt_cache_hit_tokens": 100}), DONE),
    ),
    "usage-more-cached-than-asked": stream(
        text("Hello"),
        (delta({}, "stop"), chunk([], usage={**COUNTED, "prompt_tokens_details": {"cached_tokens": 500}}), DONE),
    ),
    "usage-of-groq": stream(text("Hello"), (delta({}, "stop", x_groq={"id": "req_1", "usage": COUNTED}), DONE)),
    "usage-none": stream(text("Hello"), (delta({}, "stop"), DONE)),
    # ends
    "finish-length": stream(text("Half an ans"), finish("length")),
    "finish-content-filter": stream(text("I can"), finish("content_filter")),
    "finish-malformed-call": stream(MOMENT, finish("function_call_filter: MALFORMED_FUNCTION_CALL")),
    "finish-out-of-resources": stream(text("Half an ans"), MOMENT, finish("insufficient_system_resource")),
    "finish-unknown": stream(text("Hello"), MOMENT, finish("melted")),
    "eof-without-finish": stream(text("Half an ans"), MOMENT),
    "eof-without-done": stream(text("Hello"), finish("stop")[:-1]),
    "empty": stream(finish("stop")),
    "finish-null": stream(text("Hello"), (delta({}, None), DONE)),
    "finish-twice": stream(text("Hello"), (delta({}, "stop"), delta({}, "stop"), DONE)),
    "finish-error": stream(text("Hello"), MOMENT, finish("error")),
    "finish-of-gemini": stream(text("I can"), finish("SAFETY")),
    "refusal-in-words": stream((delta({"refusal": "I cannot help with that."}),), finish("stop")),
    "text-after-finish": stream(text("Hello"), (delta({}, "stop"),), text(" again"), (DONE,)),
    "two-choices": stream(
        (chunk([{"index": at, "delta": {"content": word}} for at, word in enumerate(("Hello", "Hullo"))]),),
        finish("stop"),
    ),
    "choices-null": stream((Send(event({"id": "chatcmpl-scripted", "choices": None})),), text("Hello"), finish("stop")),
    "cut": BROKEN,
    # errors that are answers
    "cut-short": refusal(
        400,
        error(
            "Could not finish the message because max_tokens or model output limit was reached. "
            "Please try again with higher max_tokens.",
            type="invalid_request_error",
        ),
    ),
    "flagged": refusal(
        400,
        error(
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            type="invalid_request_error",
            param="prompt",
            code="content_filter",
        ),
    ),
    # errors
    "error-first": events(error("The engine is overloaded", code=503)),
    "error-first-detail": events({"detail": "Internal failure"}),
    "error-first-vllm": events(
        {"object": "error", "message": "Too busy", "type": "ServiceUnavailable", "param": None, "code": 503}
    ),
    "error-after-text": stream(text("Half an ans"), MOMENT, (Send(event(error("The engine stopped"))),)),
    "not-json": stream(text("Half an ans"), MOMENT, (Send(b"data: {oops\n\n"),)),
    "error-first-openrouter": events(
        {"choices": [], "error": {"code": 502, "message": "Provider returned error", "metadata": {}}}
    ),
    "error-of-groq": stream(
        text("Half an ans"), MOMENT, (delta({}, x_groq={"id": "req_1", "error": "over capacity"}),)
    ),
    "error-of-minimax": refusal(
        200, {"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit exceeded"}}
    ),
    "call-of-groq-that-failed": refusal(
        400,
        error(
            "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
            type="invalid_request_error",
            code="tool_use_failed",
            failed_generation="<function=get_weather>{</function>",
        ),
    ),
    "error-null": stream((delta({"content": "Hello"}, error=None), delta({}, "stop", error=None), DONE)),
    "error-after-a-call": stream(
        call(0, "call_a", "get_weather", WEATHER[0]), MOMENT, (Send(event(error("The engine stopped", code=503))),)
    ),
    "error-endless": refusal(500, error("x" * 2_000_000)),
    "error-nested": Whole(500, b'{"error": ' * 50_000, {"content-type": "application/json"}),
    "error-empty": Whole(500, b""),
    "error-of-fastapi": refusal(422, {"detail": [{"loc": ["body", "n"], "msg": "n is not supported"}]}),
    "error-with-a-key": refusal(400, error("Bad key sk-planted-0123456789 of org-planted0123456789")),
    "html-502": Whole(502, b"<html><body>502 Bad Gateway: planted-detail</body></html>", {"content-type": "text/html"}),
    "limited": LIMITED,
    "quota": refusal(
        429, error("You exceeded your current quota", type="insufficient_quota", code="insufficient_quota")
    ),
    "unauthorized": refusal(401, error("Incorrect API key provided: sk-planted", code="invalid_api_key")),
    "model-not-found": refusal(404, error("The model does not exist", code="model_not_found")),
    "conflict": refusal(409, error("The request conflicts with another")),
    "too-large": refusal(413, error("File too large: the limit is 10 MB")),
    "request-too-large": refusal(413, error("Request too large")),
    "timed-out": refusal(504, error("The model took too long")),
    "server-error": refusal(500, error("The server had an error")),
    "overloaded": refusal(503, error("Overloaded"), retry_after="1"),
    **{f"overflow-{name}": refusal(400, body) for name, body in OVERFLOWS.items()},
    "overflow-in-stream": events(OVERFLOWS["openai"]),
    **{name: habit.answer for name, habit in HABITS.items()},
}

SCRIPTS: Mapping[str, Script] = {
    **refused.SCRIPTS,
    # Claude Code's own tools: write the nonce into a file, run a command, answer
    "write-then-echo": {
        0: (
            stream(
                text("I will write the file."),
                call(
                    0,
                    "call_write",
                    "Write",
                    '{"file_path": "@file@", ',
                    '"content": "the nonce is @nonce@\\n"}',
                ),
                finish("tool_calls"),
            ),
        ),
        1: (
            stream(
                call(0, "call_echo", "Bash", '{"command": "echo ran-@nonce@"', ', "description": "Echo"}'),
                finish("tool_calls"),
            ),
        ),
        2: (stream(text("All done: ", "@nonce@"), finish("stop")),),
    },
    "write-two-at-once": {
        0: (
            stream(
                call(0, "call_first", "Write", '{"file_path": "@file@.1", "content": "first @nonce@"}'),
                call(1, "call_second", "Write", '{"file_path": "@file@.2", "content": "second @nonce@"}'),
                finish("tool_calls"),
            ),
        ),
        2: (stream(text("Both done: @nonce@"), finish("stop")),),
    },
    # three turns first: with fewer, an older Claude Code has too little to make a summary of; it makes one of a part
    "echo-then-overflow": {
        **{
            turn: (
                stream(
                    call(0, f"call_echo_{turn}", "Bash", '{"command": "echo ran", "description": "Echo"}'),
                    finish("tool_calls"),
                ),
                PLAIN,
            )
            for turn in range(3)
        },
        3: (refusal(400, OVERFLOWS["openai"]), PLAIN),
    },
    # asked about the command before it has run, it finds no harm in it
    "run": {
        0: (
            stream(
                call(0, "call_run", "Bash", '{"command": "@command@"', ', "description": "Run it"}'),
                finish("tool_calls"),
            ),
            stream(text("<severity>", "0", "</severity>"), finish("stop")),
        ),
        1: (stream(text("I have tried it."), finish("stop")),),
    },
    "read": {
        0: (stream(call(0, "call_read", "Read", '{"file_path": "@file@"}'), finish("tool_calls")),),
        1: (stream(text("I have read it."), finish("stop")),),
    },
    # @agent@ is what the client calls its tool for sub-agents; the sub-agent's own prompt plays something else
    "delegate": {
        0: (
            stream(
                call(
                    0,
                    "call_agent",
                    "@agent@",
                    '{"description": "Say hello", "subagent_type": "general-purpose", ',
                    '"prompt": "Say hello. [[play:plain]]"}',
                ),
                finish("tool_calls"),
            ),
        ),
        1: (stream(text("The agent has answered."), finish("stop")),),
    },
    "prompt-leaves-room": {0: (refusal(400, OVERFLOWS["max-tokens"]), PLAIN)},
    "cut-then-fine": {0: (BROKEN, PLAIN)},
    "limited-then-fine": {0: (LIMITED, PLAIN)},
    "overloaded-then-fine": {0: (refusal(503, error("Overloaded"), retry_after="1"), PLAIN)},
}

STATUS = re.compile(r"status-(\d{3})")
PACE = re.compile(r"pace-(\d+)x(\d+)")
SILENCE = re.compile(r"silence-(\d+)")
LATE = re.compile(r"late-(\d+)")
PICKY = re.compile(r"picky-(\w+)")


def find(name: str) -> Script | None:
    """The script of that name: in a table, or `status-NNN`, `pace-NxMS`, `silence-MS`, `late-MS`, or `picky-FIELD`."""
    if name in SCRIPTS:
        return SCRIPTS[name]
    if match := PICKY.fullmatch(name):
        return {0: (Picky(match[1], unsupported(match[1]), PLAIN),)}
    answer = ANSWERS.get(name) or numbered(name)
    return None if answer is None else {0: (answer,)}


def numbered(name: str) -> Answer | None:
    """Answers whose numbers are in the name."""
    if match := STATUS.fullmatch(name):
        return refusal(int(match[1]), error("Words"))
    if match := PACE.fullmatch(name):
        return stream((Pace(int(match[1]), int(match[2]) / 1000),), finish("stop"))
    if match := SILENCE.fullmatch(name):
        return stream((Wait(int(match[1]) / 1000),), text("Late, but here."), finish("stop"))
    if match := LATE.fullmatch(name):
        return stream(text("Late, but here."), finish("stop"), delay=int(match[1]) / 1000)
    return None
