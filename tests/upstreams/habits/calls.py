"""Tool calls in forms that one upstream or another has."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.upstreams.answers import Cut
from tests.upstreams.chat import DONE, call, call_part, delta, finish, stream, text
from tests.upstreams.expected import BrokenOff, called, said, tool_use
from tests.upstreams.habits.habit import AT_LONDON, CLOSED, COUNTED, LONDON, NAMELESS, Habit, calls
from tests.upstreams.shapes import MOMENT

CALLS: Mapping[str, Habit] = {
    "call-of-an-older-vllm": Habit(
        stream(
            calls(call_part(0, "chatcmpl-tool-1", "get_weather")),
            calls({"index": 0, "id": "chatcmpl-tool-2", "function": {"name": None, "arguments": '{"city": '}}),
            calls({"index": 0, "id": "chatcmpl-tool-3", "function": {"arguments": '"London"}'}}),
            finish("tool_calls"),
        ),
        AT_LONDON,
    ),
    "call-index-in-words": Habit(
        stream(
            calls({**call_part(0, "call_a", "get_weather", '{"city": '), "index": "0"}),
            calls({**call_part(0, "call_b", "get_time", "{"), "index": "1"}),
            calls(
                {"index": "0", "function": {"arguments": '"London"}'}}, {"index": "1", "function": {"arguments": "}"}}
            ),
            finish("tool_calls"),
        ),
        called(tool_use("get_weather", city="London"), tool_use("get_time")),
    ),
    "call-index-jumps": Habit(
        stream(call(7, "call_a", "get_weather", LONDON), call(3, "call_b", "get_time", "{}"), finish("tool_calls")),
        called(tool_use("get_weather", city="London"), tool_use("get_time")),
    ),
    "call-index-below-nothing": Habit(
        stream(calls(call_part(-1, "call_a", "get_weather", LONDON)), finish("tool_calls")), AT_LONDON
    ),
    "calls-by-the-hundred": Habit(
        stream(
            *(calls(call_part(at, f"call_{at}", "get_time", f'{{"n": {at}}}')) for at in range(300)),
            finish("tool_calls"),
        ),
        called(*(tool_use("get_time", n=at) for at in range(300))),
    ),
    "call-name-null": Habit(
        stream(
            MOMENT, calls({"index": 0, "id": "call_a", "function": {"name": None, "arguments": LONDON}}), finish("stop")
        ),
        BrokenOff("overloaded_error", NAMELESS),
    ),
    "call-name-blank-after-text": Habit(
        stream(text("Hello"), MOMENT, calls(call_part(0, "call_a", " ", LONDON)), finish("tool_calls")),
        BrokenOff("overloaded_error", NAMELESS),
    ),
    "call-name-between-spaces": Habit(
        stream(calls(call_part(0, "call_a", " get_weather ", LONDON)), finish("tool_calls")), AT_LONDON
    ),
    "call-without-function": Habit(
        stream(
            calls({"index": 0, "id": "call_a", "type": "function"}), call(0, "", "get_weather", LONDON), finish("stop")
        ),
        AT_LONDON,
    ),
    "call-of-nothing": Habit(stream(calls(None, {}), text("Hello"), finish("stop")), said("Hello", COUNTED)),
    "call-arguments-null": Habit(
        stream(
            calls({"index": 0, "id": "call_a", "function": {"name": "get_time", "arguments": None}}), finish("stop")
        ),
        called(tool_use("get_time")),
    ),
    "call-arguments-nought": Habit(
        stream(
            calls({"index": 0, "id": "call_a", "function": {"name": "get_time", "arguments": 0}}),
            MOMENT,
            finish("stop"),
        ),
        BrokenOff("api_error", "the upstream sent arguments for the tool 'get_time' that are no JSON object"),
    ),
    "call-arguments-encoded-twice": Habit(
        stream(calls(call_part(0, "call_a", "get_weather", json.dumps(LONDON))), MOMENT, finish("tool_calls")),
        AT_LONDON,
    ),
    "call-arguments-after-finish": Habit(
        stream(
            call(0, "call_a", "get_weather", '{"city": '),
            (delta({}, "tool_calls"),),
            calls({"index": 0, "function": {"arguments": '"London"}'}}),
            (DONE,),
        ),
        AT_LONDON,
    ),
    "call-id-of-any-letters": Habit(
        stream(calls(call_part(0, "ключ 🚀" * 100, "get_weather", LONDON)), finish("tool_calls")), AT_LONDON
    ),
    "call-legacy-in-pieces": Habit(
        stream(
            (delta({"function_call": {"name": "get_weather"}}),),
            tuple(delta({"function_call": {"arguments": piece}}) for piece in ('{"city": ', '"London"}')),
            finish("function_call"),
        ),
        AT_LONDON,
    ),
    "call-cut-by-a-filter": Habit(
        stream(call(0, "call_a", "get_weather", '{"city": '), MOMENT, finish("content_filter")),
        BrokenOff("api_error", "the upstream sent arguments for the tool 'get_weather' that are no JSON object"),
    ),
    "call-complete-then-cut": Habit(
        stream(call(0, "call_a", "get_weather", LONDON), MOMENT, (Cut(b""),)), BrokenOff("api_error", CLOSED)
    ),
}
