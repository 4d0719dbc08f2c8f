"""What must never become a success: errors in every shape, and answers that break off (failure modes 13, 14)."""

from collections.abc import Sequence

from translator.traits import Traits

from tests.vectors.answers import (
    AnswerCase,
    Events,
    Json,
    begin,
    error,
    open_text,
    open_tool_use,
    ours,
    tool_use,
)

OFFERED: list[Json] = [{"type": "function", "function": {"name": "get_time"}}]
A = ours("call_a")
HALF: Events = [*begin(), *open_text(0, "Half an ans")]
HELLO: Events = [*begin(), *open_text(0, "Hello")]
CLOSED = "the upstream closed the stream before the answer was complete"
BROKEN = "the upstream sent arguments for the tool {!r} that are no JSON object"


def fails(
    identity: str, why: str, message: str, error_type: str = "api_error", *, before: Sequence[Json] = ()
) -> AnswerCase:
    """A stream that ends in this error, after these events."""
    return AnswerCase(id=identity, why=why, events=[*before, *error(message, error_type)], message=None)


def form(name: str) -> str:
    return f"the upstream sent `{name}` in a form that is not known"


CASES = [
    fails(
        "error-first",
        "failure mode 13: its status decides, also where it comes as a frame",
        "The engine is overloaded",
        "overloaded_error",
    ),
    fails(
        "error-after-text",
        "failure mode 13: an error without a status is the server's",
        "The server had an error",
        before=HALF,
    ),
    fails("error-beside-text", "failure mode 13: what stands beside it is lost", "The engine stopped", before=HALF),
    fails(
        "text-none",
        "failure mode 14: an answer without a word is none; it is asked for once more",
        "the model has said nothing",
        "overloaded_error",
        before=begin(),
    ),
    fails(
        "finish-malformed-call",
        "failure mode 49: Gemini could not write its call; another attempt may",
        "the model has made a tool call that the upstream could not read",
        "overloaded_error",
        before=begin(),
    ),
    fails(
        "error-rate-limit",
        "failure mode 13: the type says it where no status does",
        "Slow down",
        "rate_limit_error",
        before=HALF,
    ),
    fails("error-overloaded", "in Anthropic's own shape", "Overloaded", "overloaded_error", before=HALF),
    fails("error-code-as-text", "a status in quotation marks", "Bad gateway"),
    fails("error-of-vllm", "failure mode 13: without an inner object", "Too busy", "overloaded_error"),
    fails("error-of-vllm-bad-request", "failure mode 13: with one", "Unknown role", "invalid_request_error"),
    fails("error-as-text", "a bare text", "model runner has unexpectedly stopped"),
    fails("error-detail", "failure mode 13: FastAPI's", "Internal failure"),
    fails("error-details", "FastAPI's list", '[{"loc": ["body"], "msg": "field required"}]'),
    fails("error-without-words", "there is always a message", "the upstream gave no reason"),
    fails("error-of-openrouter", "failure mode 13: beside a choice", "Provider returned error", before=HALF),
    fails(
        "finish-call-filtered",
        "failure mode 49: Gemini called a tool that there is not; another attempt may be better",
        "the model has made a tool call that the upstream could not read",
        "overloaded_error",
        before=begin(),
    ),
    fails(
        "finish-out-of-resources",
        "failure mode 49: DeepSeek has broken off for want of machines, and says so in the place of a reason",
        "the upstream has broken off: insufficient_system_resource",
        "overloaded_error",
        before=HALF,
    ),
    *(
        fails(
            f"finish-{reason}",
            "failure mode 49: the server has broken off",
            f"the upstream has broken off: {reason}",
            "overloaded_error",
            before=HALF,
        )
        for reason in ("network_error", "abort")
    ),
    fails(
        "error-of-minimax",
        "failure mode 13: with status 200, in a field that every answer has",
        "rate limit exceeded",
        "rate_limit_error",
    ),
    fails(
        "error-of-minimax-unknown",
        "failure mode 13: a code that is not known is the server's, and one of nothing in the end is none",
        "unknown error",
        before=HALF,
    ),
    fails(
        "error-of-groq",
        "failure mode 13: in its own field, where it stops a stream early",
        "over capacity",
        before=HALF,
    ),
    fails(
        "error-of-groq-call",
        "failure mode 49: a call that could not be read is the model's, and another attempt may be better",
        "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
        "overloaded_error",
    ),
    fails(
        "error-of-lm-studio",
        "failure mode 7: it finds out in the stream, and says it twice",
        "prompt is too long: 150000 tokens > 128000 maximum (The number of tokens to keep from the initial prompt is "
        "greater than the context length (n_keep: 150000>= n_ctx: 128000).)",
        "invalid_request_error",
    ),
    fails(
        "error-overflow",
        "failure mode 7: in the words on which clients compact",
        "prompt is too long: 150000 tokens > 128000 maximum (This model's maximum context length is 128000 tokens. "
        "However, your messages resulted in 150000 tokens.)",
        "invalid_request_error",
    ),
    fails(
        "error-overflow-without-status",
        "failure mode 7: its words count, not the status that it lacks",
        "prompt is too long: 9 tokens > 8 maximum (Your input exceeds the context window of this model.)",
        "invalid_request_error",
    ),
    fails("error-no-json", "failure mode 13: a cut frame", "the upstream sent an event that is no JSON", before=HALF),
    fails("error-no-object", "JSON, but no chunk", "the upstream sent an event that is no JSON object", before=HALF),
    fails("error-choices", "no list", form("choices")),
    fails("error-choice", "no object", form("choices")),
    fails("error-delta", "no object", form("delta")),
    fails("error-content", "neither text nor parts", form("content")),
    fails("error-content-part", "no part", form("content")),
    fails("error-text-of-a-part", "no text, and the answer would be without it", form("text")),
    fails("error-refusal", "no words", form("refusal")),
    fails("error-choice-number", "whether it is the first cannot be told", form("index")),
    fails(
        "error-of-a-choice",
        "failure mode 13: OpenRouter's, when its provider fails in the middle",
        "Provider disconnected",
        "overloaded_error",
        before=HALF,
    ),
    fails(
        "error-of-a-choice-with-text",
        "failure mode 13: beside text",
        "Provider disconnected",
        "overloaded_error",
        before=HALF,
    ),
    fails("error-of-a-delta", "failure mode 13: wherever it stands", "The engine stopped", before=HALF),
    fails(
        "error-in-words",
        "failure mode 13: an event that is no chunk and has a message, as servers send that name the event `error`",
        "It broke",
        "rate_limit_error",
        before=HALF,
    ),
    fails(
        "error-in-a-list",
        "failure mode 13: Gemini wraps its errors",
        "The model is overloaded",
        "overloaded_error",
        before=HALF,
    ),
    fails("error-status", "failure mode 13: the status under its own name", "Slow down", "rate_limit_error"),
    fails("error-filter", "a filter is no failure of the server's", "The answer was filtered", "invalid_request_error"),
    fails(
        "end-unknown-then-stop",
        "failure mode 14: a natural end says nothing beside another reason",
        "the upstream stopped for a reason that is not known: 'melted'",
        before=HELLO,
    ),
    fails(
        "call-arguments-as-number",
        "failure mode 10: nought is no object either",
        BROKEN.format("get_time"),
        before=[*begin(), *open_tool_use(0, A, "get_time", "0")],
    ),
    fails(
        "call-without-a-name-after-text",
        "failure mode 49: what the model could not write; of the same type whole, streamed, and after text",
        "the upstream sent a tool call without a name",
        "overloaded_error",
        before=HELLO,
    ),
    fails("error-calls", "no list", form("tool_calls")),
    fails("error-function", "no object", form("function")),
    fails(
        "call-broken",
        "failure mode 10: arguments that are no JSON; the caller has them already, so the stream must fail",
        BROKEN.format("get_weather"),
        before=[*begin(), *open_tool_use(0, A, "get_weather", '{"city": London}')],
    ),
    fails(
        "call-broken-before-another",
        "also where another call follows",
        BROKEN.format("get_weather"),
        before=[
            *begin(),
            *tool_use(0, A, "get_weather", '{"city": London}'),
            *open_tool_use(1, ours("call_b", 1), "get_time", "{}"),
        ],
    ),
    fails(
        "call-unfinished",
        "failure mode 14: only the reason length excuses it",
        BROKEN.format("get_weather"),
        before=[*begin(), *open_tool_use(0, A, "get_weather", '{"city": ')],
    ),
    fails(
        "call-doubled",
        "failure mode 10: two objects are no object",
        BROKEN.format("get_weather"),
        before=[*begin(), *open_tool_use(0, A, "get_weather", '{"city": "London"}')],
    ),
    AnswerCase(
        id="written-call-of-another-tool",
        why="failure mode 49: what was not offered cannot be called, and its markup is no answer",
        events=[
            *begin(),
            *open_text(0, '<tool_call>{"name": "fly"}</tool_call>'),
            *error("the model has written a tool call that cannot be read", "overloaded_error"),
        ],
        message=None,
        traits=Traits(written_calls=True),
        offered=OFFERED,
    ),
    fails(
        "call-goes-on-after-its-end",
        "a closed block cannot take more",
        "the upstream sent arguments for a tool call that was complete",
        before=[
            *begin(),
            *tool_use(0, A, "get_time", "{}"),
            *open_tool_use(1, ours("call_b", 1), "get_time", "{}"),
        ],
    ),
    fails(
        "call-arguments-as-list",
        "a list is no object",
        BROKEN.format("get_time"),
        before=[*begin(), *open_tool_use(0, A, "get_time", '["CET"]')],
    ),
    fails(
        "call-arguments-with-nan",
        "NaN is no JSON, and no client could read it",
        BROKEN.format("get_time"),
        before=[*begin(), *open_tool_use(0, A, "get_time", '{"offset": NaN}')],
    ),
    fails(
        "call-without-a-name",
        "nobody can run it; without any content yet, clients ask for the stream once more on overloaded_error only",
        "the upstream sent a tool call without a name",
        "overloaded_error",
        before=begin(),
    ),
    fails("call-name-of-another-type", "a name is text", form("name")),
    fails(
        "call-announced-only",
        "failure mode 11: an agent that waits for a call must not be told that all is done",
        "the upstream announced a tool call and sent none",
        before=[*begin(), *open_text(0, "Looking.")],
    ),
    fails(
        "end-unknown",
        "failure mode 49: a stop that nobody understands is no success",
        "the upstream stopped for a reason that is not known: 'melted'",
        before=HELLO,
    ),
    fails(
        "end-stop-and-more",
        "failure mode 49: nor is one that begins like one",
        "the upstream stopped for a reason that is not known: 'stop: overloaded'",
        before=HELLO,
    ),
    fails(
        "end-error",
        "least of all this one",
        "the upstream stopped for a reason that is not known: 'error'",
        before=HELLO,
    ),
    fails("end-of-file", "failure mode 14: cut off", CLOSED, before=HELLO),
    fails("end-of-file-at-once", "failure mode 14: nothing at all", CLOSED),
    fails(
        "end-of-file-in-a-call",
        "failure mode 14: a call is never closed as if it were whole",
        CLOSED,
        before=[*begin(), *open_tool_use(0, A, "get_weather", '{"city": ')],
    ),
    fails("end-done-without-finish", "failure mode 14: the marker alone does not say why", CLOSED, before=HELLO),
    fails("end-finish-of-another-type", "failure mode 11: a reason is text", CLOSED, before=HELLO),
]
