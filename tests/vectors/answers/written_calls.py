"""Calls that a model has written into its text (failure mode 49); the dialects are tested where they are read."""

from translator.traits import Traits

from tests.vectors.answers import (
    AnswerCase,
    Events,
    Json,
    begin,
    end,
    ours,
    text,
    text_block,
    thinking,
    thinking_block,
    tool_use,
    tool_use_block,
    usage,
    whole,
)

WRITES = Traits(written_calls=True)
CITY = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
OFFERED: list[Json] = [
    {"type": "function", "function": {"name": "get_weather", "parameters": CITY}},
    {"type": "function", "function": {"name": "get_time"}},
]
FIRST, SECOND, SENT = ours("call_0"), ours("call_1", 1), ours("call_a")
LONDON = '{"city":"London"}'
WEATHER = tool_use_block(FIRST, "get_weather", {"city": "London"})


def case(
    identity: str,
    why: str,
    events: Events,
    message: Json,
    *,
    traits: Traits = WRITES,
    stop: str | None = None,
    is_cut: bool = False,
) -> AnswerCase:
    """An answer to a request that offers the weather and the time."""
    return AnswerCase(
        id=f"written-{identity}",
        why=why,
        events=events,
        message=message,
        traits=traits,
        offered=OFFERED,
        stop_sequences=(stop,) if stop else (),
        is_cut=is_cut,
    )


CASES = [
    case(
        "call",
        "failure mode 49: told from the text although it comes in pieces; the reason stop means nothing",
        [*begin(), *text(0, "I look. "), *tool_use(1, FIRST, "get_weather", LONDON), *end("tool_use")],
        whole(text_block("I look. "), WEATHER, stop_reason="tool_use"),
    ),
    case(
        "calls-of-qwen-coder",
        "failure mode 49: a schema tells a number from a text; space between calls is nobody's",
        [
            *begin(),
            *tool_use(0, FIRST, "get_weather", '{"city":"7","days":7}'),
            *tool_use(1, SECOND, "get_time", "{}"),
            *end("tool_use"),
        ],
        whole(
            tool_use_block(FIRST, "get_weather", {"city": "7", "days": 7}),
            tool_use_block(SECOND, "get_time", {}),
            stop_reason="tool_use",
        ),
    ),
    case(
        "call-then-text",
        "failure mode 49: calls wait for the end, since the server may send them as well",
        [*begin(), *text(0, "I look.", " Wait."), *tool_use(1, FIRST, "get_weather", LONDON), *end("tool_use")],
        whole(text_block("I look. Wait."), WEATHER, stop_reason="tool_use"),
    ),
    case(
        "call-and-sent",
        "failure mode 49: the same call once: the server has found it after all",
        [*begin(), *tool_use(0, SENT, "get_weather", '{"city": "London"}'), *end("tool_use")],
        whole(tool_use_block(SENT, "get_weather", {"city": "London"}), stop_reason="tool_use"),
    ),
    case(
        "call-and-another-sent",
        "failure mode 49: the server has found one of two",
        [
            *begin(),
            *tool_use(0, SENT, "get_time", "{}"),
            *tool_use(1, SECOND, "get_weather", LONDON),
            *end("tool_use"),
        ],
        whole(
            tool_use_block(SENT, "get_time", {}),
            tool_use_block(SECOND, "get_weather", {"city": "London"}),
            stop_reason="tool_use",
        ),
    ),
    case(
        "call-and-half-of-one-sent",
        "failure mode 49: whether the half is the same cannot be told",
        [
            *begin(),
            *tool_use(0, SENT, "get_weather", '{"city": "Lon'),
            *tool_use(1, SECOND, "get_weather", LONDON),
            *end("max_tokens"),
        ],
        whole(
            tool_use_block(SENT, "get_weather", {"city": "Lon"}),
            tool_use_block(SECOND, "get_weather", {"city": "London"}),
            stop_reason="max_tokens",
        ),
    ),
    case(
        "call-truncated",
        "failure mode 14: half a call is none, and nothing is lost",
        [*begin(), *text(0, '<tool_call>{"name": "get_ti'), *end("max_tokens")],
        whole(text_block('<tool_call>{"name": "get_ti'), stop_reason="max_tokens"),
    ),
    case(
        "call-interrupted",
        "failure mode 49: something else follows, so it becomes no call",
        [
            *begin(),
            *text(0, "<tool_call>"),
            *thinking(1, "Hm."),
            *text(2, '{"name": "get_time"}</tool_call>'),
            *end("end_turn"),
        ],
        whole(
            text_block("<tool_call>"),
            thinking_block("Hm."),
            text_block('{"name": "get_time"}</tool_call>'),
            stop_reason="end_turn",
        ),
    ),
    case(
        "call-behind-a-thought",
        "failure mode 49: what is only thought of is not called",
        [
            *begin(),
            *thinking(0, '<tool_call>{"name": "get_time"}</tool_call>?'),
            *tool_use(1, FIRST, "get_weather", LONDON),
            *end("tool_use"),
        ],
        whole(thinking_block('<tool_call>{"name": "get_time"}</tool_call>?'), WEATHER, stop_reason="tool_use"),
        traits=Traits(written_calls=True, think_tags="both"),
    ),
    case(
        "call-before-a-stop",
        "failure mode 46: a stop sequence within its arguments is none, one behind it is",
        [
            *begin(),
            *text(0, "Done. "),
            *tool_use(1, FIRST, "get_weather", '{"city":"END"}'),
            *end("stop_sequence", usage(9, 5), stop_sequence="END"),
        ],
        whole(
            text_block("Done. "),
            tool_use_block(FIRST, "get_weather", {"city": "END"}),
            stop_reason="stop_sequence",
            stop_sequence="END",
            counters=usage(9, 5),
        ),
        stop="END",
        is_cut=True,
    ),
    case(
        "call-behind-a-stop",
        "failure mode 46: the model would have stopped before the call, which is none even where one chunk holds both",
        [*begin(), *text(0, "Done. "), *end("stop_sequence", usage(9, 2), stop_sequence="END")],
        whole(text_block("Done. "), stop_reason="stop_sequence", stop_sequence="END", counters=usage(9, 2)),
        stop="END",
        is_cut=True,
    ),
    case(
        "call-within-a-stop",
        "failure mode 46: what stands on both sides of a call is no stop sequence",
        [*begin(), *text(0, "Done ", "EN", "D"), *tool_use(1, FIRST, "get_time", "{}"), *end("tool_use")],
        whole(text_block("Done END"), tool_use_block(FIRST, "get_time", {}), stop_reason="tool_use"),
        stop="END",
    ),
    case(
        "call-unasked",
        "failure mode 49: of a model that is not known for it, it is text",
        [*begin(), *text(0, '<tool_call>{"name": "get_time"}</tool_call>'), *end("end_turn")],
        whole(text_block('<tool_call>{"name": "get_time"}</tool_call>'), stop_reason="end_turn"),
        traits=Traits(),
    ),
]
