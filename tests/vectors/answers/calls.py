"""Tool calls, numbered by index, by id, by both or by neither (wire.md 5, 6; failure modes 9, 10, 11, 21)."""

from tests.vectors.answers import (
    COUNTED,
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
    whole,
)
from tests.vectors.requests.tools import LONG

A, B, C = ours("call_a"), ours("call_b", 1), ours("call_c", 2)
LONDON = '{"city": "London"}'
OSLO = '{"city": "Oslo"}'
CUT = ('{"city": ', '"London"}')


def called(*blocks: Events) -> Events:
    """A stream of these blocks that ends in tool_use."""
    return [*begin(), *(event for block in blocks for event in block), *end("tool_use")]


def calling(*content: Json) -> Json:
    """A message of these blocks that ends in tool_use."""
    return whole(*content, stop_reason="tool_use", counters=COUNTED)


def weather(identity: str, city: str = "London") -> Json:
    return tool_use_block(identity, "get_weather", {"city": city})


def time(identity: str, **arguments: str) -> Json:
    return tool_use_block(identity, "get_time", arguments)


ONE = calling(weather(A))
WHOLE_AT_ONCE = called(tool_use(0, A, "get_weather", LONDON))
IN_TWO_PIECES = called(tool_use(0, A, "get_weather", *CUT))

CASES = [
    AnswerCase(
        id="call",
        why="the ordinary call, after some text",
        events=called(text(0, "Looking."), tool_use(1, A, "get_weather", *CUT)),
        message=calling(text_block("Looking."), weather(A)),
    ),
    AnswerCase(
        id="call-repeated",
        why="failure mode 10: an object that comes twice is that object",
        events=called(tool_use(0, A, "get_weather", '{"city": "London"}')),
        message=calling(weather(A)),
    ),
    AnswerCase(
        id="call-encoded-twice",
        why="failure mode 10: an object in a text is that object",
        events=called(tool_use(0, A, "get_weather", '{"city":"London"}')),
        message=calling(weather(A)),
    ),
    AnswerCase(
        id="calls-in-a-row",
        why="failure mode 9: the second begins as soon as the first is complete",
        events=called(tool_use(0, A, "get_weather", LONDON), tool_use(1, B, "get_weather", '{"city": ', '"Oslo"}')),
        message=calling(weather(A), weather(B, "Oslo")),
    ),
    AnswerCase(
        id="calls-interleaved",
        why="failure mode 9: the first flows, the second waits for its end and comes in one piece",
        events=called(tool_use(0, A, "get_weather", *CUT), tool_use(1, B, "get_time", '{"zone": ', '"CET"}')),
        message=calling(weather(A), time(B, zone="CET")),
    ),
    AnswerCase(
        id="calls-interleaved-in-one-chunk",
        why="failure mode 9: the second was complete before the first",
        events=called(tool_use(0, A, "get_weather", *CUT), tool_use(1, B, "get_time", '{"zone": "CET"}')),
        message=calling(weather(A), time(B, zone="CET")),
    ),
    AnswerCase(
        id="calls-all-index-0",
        why="failure mode 9: another id on the same index is another call",
        events=called(
            tool_use(0, A, "get_weather", LONDON), tool_use(1, B, "get_weather", OSLO), tool_use(2, C, "get_time", "{}")
        ),
        message=calling(weather(A), weather(B, "Oslo"), time(C)),
    ),
    AnswerCase(
        id="calls-all-index-0-without-arguments",
        why="failure mode 9: the id alone tells that the same tool is called once more",
        events=called(tool_use(0, A, "get_time"), tool_use(1, B, "get_time")),
        message=calling(time(A), time(B)),
    ),
    AnswerCase(
        id="calls-without-index",
        why="failure mode 9: Gemini's layer sends no index, and the reason stop",
        events=called(
            tool_use(0, ours("jm4owj31"), "get_weather", LONDON), tool_use(1, ours("k2xhvb70", 1), "get_weather", OSLO)
        ),
        message=calling(weather(ours("jm4owj31")), weather(ours("k2xhvb70", 1), "Oslo")),
    ),
    AnswerCase(
        id="calls-without-index-in-one-chunk",
        why="failure mode 9: the ids tell them apart",
        events=called(tool_use(0, ours("a1"), "get_weather", LONDON), tool_use(1, ours("b2", 1), "get_time", "{}")),
        message=calling(weather(ours("a1")), time(ours("b2", 1))),
    ),
    AnswerCase(
        id="calls-without-index-in-fragments",
        why="failure mode 9: without index and id a fragment belongs to the last call, with an id to its own",
        events=called(tool_use(0, ours("a1"), "get_weather", *CUT), tool_use(1, ours("b2", 1), "get_time", "{}")),
        message=calling(weather(ours("a1")), time(ours("b2", 1))),
    ),
    AnswerCase(
        id="calls-without-index-or-id",
        why="failure mode 9: a complete call is followed by another, of the same name too; ids are made up",
        events=called(
            tool_use(0, ours("call_0"), "get_weather", LONDON),
            tool_use(1, ours("call_1", 1), "get_weather", OSLO),
            tool_use(2, ours("call_2", 2), "get_time", "{}"),
        ),
        message=calling(weather(ours("call_0")), weather(ours("call_1", 1), "Oslo"), time(ours("call_2", 2))),
    ),
    AnswerCase(
        id="calls-of-one-id",
        why="failure mode 21: ids repeat; ours do not",
        events=called(
            tool_use(0, ours("call_0"), "get_weather", LONDON),
            tool_use(1, ours("call_0", 1), "get_time", "{}"),
            tool_use(2, ours("call_0", 2), "get_time", '{"zone": "CET"}'),
        ),
        message=calling(weather(ours("call_0")), time(ours("call_0", 1)), time(ours("call_0", 2), zone="CET")),
    ),
    AnswerCase(
        id="calls-of-one-id-without-index",
        why="failure mode 21: as with an index",
        events=called(
            tool_use(0, ours("call_0"), "get_time", "{}"), tool_use(1, ours("call_0", 1), "get_time", '{"zone": "CET"}')
        ),
        message=calling(time(ours("call_0")), time(ours("call_0", 1), zone="CET")),
    ),
    AnswerCase(
        id="call-repeats-id-and-name",
        why="some servers repeat them in every chunk",
        events=IN_TWO_PIECES,
        message=ONE,
    ),
    AnswerCase(
        id="call-arguments-in-the-opening",
        why="failure mode 10: all in one chunk",
        events=WHOLE_AT_ONCE,
        message=ONE,
    ),
    AnswerCase(
        id="call-arguments-at-the-end",
        why="failure mode 10: all in the last chunk",
        events=WHOLE_AT_ONCE,
        message=ONE,
    ),
    AnswerCase(
        id="call-arguments-empty",
        why="failure mode 10: a call without arguments: no delta, and {}",
        events=called(tool_use(0, A, "get_time")),
        message=calling(time(A)),
    ),
    AnswerCase(
        id="call-arguments-blank",
        why="space alone is no arguments either",
        events=called(tool_use(0, A, "get_time")),
        message=calling(time(A)),
    ),
    AnswerCase(
        id="call-arguments-after-space",
        why="space before the arguments means nothing",
        events=called(tool_use(0, A, "get_weather", '{"city": ', '"London"}')),
        message=ONE,
    ),
    AnswerCase(
        id="call-arguments-as-object",
        why="failure mode 10: some servers send the object itself",
        events=WHOLE_AT_ONCE,
        message=ONE,
    ),
    AnswerCase(
        id="call-name-late",
        why="a call begins when its name is known, with what came before it",
        events=IN_TWO_PIECES,
        message=ONE,
    ),
    AnswerCase(
        id="call-id-late",
        why="an id that comes after the beginning belongs to the same call; ours was made up",
        events=called(tool_use(0, ours("call_0"), "get_weather", *CUT)),
        message=calling(weather(ours("call_0"))),
    ),
    AnswerCase(
        id="call-id-and-name-after-arguments",
        why="a call that arguments alone have opened takes both",
        events=WHOLE_AT_ONCE,
        message=ONE,
    ),
    AnswerCase(
        id="call-id-missing",
        why="failure mode 21: ids are made up from the position",
        events=called(
            tool_use(0, ours("call_0"), "get_weather", LONDON), tool_use(1, ours("call_1", 1), "get_time", "{}")
        ),
        message=calling(weather(ours("call_0")), time(ours("call_1", 1))),
    ),
    AnswerCase(
        id="call-id-a-number",
        why="a number is an id as well",
        events=called(tool_use(0, ours("7"), "get_time", "{}")),
        message=calling(time(ours("7"))),
    ),
    AnswerCase(
        id="call-legacy",
        why="function_call is one call",
        events=called(tool_use(0, ours("call_0"), "get_weather", *CUT)),
        message=calling(weather(ours("call_0"))),
    ),
    AnswerCase(
        id="call-legacy-beside-no-calls",
        why="an empty list beside it takes nothing away",
        events=called(tool_use(0, ours("call_0"), "get_time", "{}")),
        message=calling(time(ours("call_0"))),
    ),
    AnswerCase(
        id="call-whole-completion",
        why="reasoning, text and calls of a whole completion",
        events=called(
            thinking(0, "Hm."),
            text(1, "Looking."),
            tool_use(2, A, "get_weather", LONDON),
            tool_use(3, B, "get_time", "{}"),
        ),
        message=calling(thinking_block("Hm."), text_block("Looking."), weather(A), time(B)),
    ),
    AnswerCase(
        id="call-finish-stop",
        why="failure mode 11: where there is a call, the reason is tool_use",
        events=called(tool_use(0, A, "get_time", "{}")),
        message=calling(time(A)),
    ),
    AnswerCase(
        id="call-then-text",
        why="failure mode 8: text after a complete call follows at once",
        events=called(tool_use(0, A, "get_time", "{}"), text(1, "Done", ".")),
        message=calling(time(A), text_block("Done.")),
    ),
    AnswerCase(
        id="call-waits-for-its-end-before-text",
        why="failure mode 9: what comes during a call waits for its end, in order",
        events=called(
            tool_use(0, A, "get_weather", *CUT), text(1, "And now"), thinking(2, "Hm", "."), text(3, "Done.")
        ),
        message=calling(weather(A), text_block("And now"), thinking_block("Hm."), text_block("Done.")),
    ),
    AnswerCase(
        id="call-space-after-its-end",
        why="space after a call that has ended means nothing",
        events=called(tool_use(0, A, "get_weather", LONDON), tool_use(1, B, "get_time", "{}")),
        message=calling(weather(A), time(B)),
    ),
    AnswerCase(
        id="call-with-everything",
        why="failure mode 8: reasoning, then text, then calls within a chunk",
        events=called(thinking(0, "Think."), text(1, "Say."), tool_use(2, A, "get_time", "{}")),
        message=calling(thinking_block("Think."), text_block("Say."), time(A)),
    ),
    AnswerCase(
        id="call-of-kimi",
        why="failure mode 21: ids with letters that Anthropic forbids",
        events=called(
            tool_use(0, ours("functions.Bash:0"), "Bash", '{"command": "ls"}'),
            tool_use(1, ours("functions.Bash:1", 1), "Bash", '{"command": "pwd"}'),
        ),
        message=calling(
            tool_use_block(ours("functions.Bash:0"), "Bash", {"command": "ls"}),
            tool_use_block(ours("functions.Bash:1", 1), "Bash", {"command": "pwd"}),
        ),
    ),
    AnswerCase(
        id="call-of-a-shortened-name",
        why="failure mode 33: the caller meets its own long name again",
        events=called(tool_use(0, A, LONG, "{}")),
        message=calling(tool_use_block(A, LONG, {})),
        tools=(LONG, "get_time"),
    ),
    AnswerCase(
        id="call-of-an-unknown-tool",
        why="what the model has made up is the caller's to refuse",
        events=called(tool_use(0, A, "get_moon", "{}")),
        message=calling(tool_use_block(A, "get_moon", {})),
        tools=("get_time",),
    ),
    AnswerCase(
        id="call-truncated",
        why="failure mode 11: with the reason length a call is kept as far as it has come",
        events=[
            *begin(),
            *text(0, "Looking."),
            *tool_use(1, A, "get_weather", '{"city": "Lon'),
            *end("max_tokens"),
        ],
        message=whole(text_block("Looking."), weather(A, "Lon"), stop_reason="max_tokens"),
    ),
    AnswerCase(
        id="calls-truncated",
        why="failure mode 11: the whole one whole, the cut one cut",
        events=[
            *begin(),
            *tool_use(0, A, "get_weather", LONDON),
            *tool_use(1, B, "get_weather", '{"city": "Oslo", "days'),
            *end("max_tokens"),
        ],
        message=whole(weather(A), weather(B, "Oslo"), stop_reason="max_tokens"),
    ),
    AnswerCase(
        id="call-of-an-older-vllm",
        why="failure mode 9: another id with each fragment; the index and the open arguments hold them together",
        events=called(
            tool_use(0, ours("chatcmpl-tool-1"), "get_weather", *CUT),
            tool_use(1, ours("chatcmpl-tool-4", 1), "get_time", "{}"),
        ),
        message=calling(weather(ours("chatcmpl-tool-1")), time(ours("chatcmpl-tool-4", 1))),
    ),
    AnswerCase(
        id="calls-of-late-names-at-index-0",
        why="failure mode 9: where the arguments were complete, another id is another call",
        events=called(tool_use(0, A, "get_weather", LONDON), tool_use(1, B, "get_time", '{"zone": "CET"}')),
        message=calling(weather(A), time(B, zone="CET")),
    ),
    AnswerCase(
        id="calls-numbered-otherwise",
        why="failure mode 9: an index is one in any notation",
        events=called(tool_use(0, A, "get_weather", *CUT), tool_use(1, B, "get_time", '{"zone": ', '"CET"}')),
        message=calling(weather(A), time(B, zone="CET")),
    ),
    AnswerCase(id="call-name-between-spaces", why="no tool has a name with spaces", events=WHOLE_AT_ONCE, message=ONE),
    AnswerCase(
        id="call-beside-nothing",
        why="what says nothing is no call",
        events=WHOLE_AT_ONCE,
        message=ONE,
    ),
    AnswerCase(
        id="call-arguments-as-empty-list",
        why="failure mode 10: so PHP writes an empty object",
        events=called(tool_use(0, A, "get_time")),
        message=calling(time(A)),
    ),
    AnswerCase(
        id="call-id-long",
        why="of a longer id than any upstream meets again, ours holds the beginning",
        events=called(tool_use(0, ours("c" * 64), "get_weather", LONDON)),
        message=calling(weather(ours("c" * 64))),
    ),
]
