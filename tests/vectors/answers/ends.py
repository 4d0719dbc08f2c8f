"""Why the model stopped, what it cost, and stop sequences (wire.md 5, 6; failure modes 26, 27, 46, 49)."""

from collections.abc import Sequence
from dataclasses import replace

from tests.vectors.answers import (
    ESTIMATE,
    PLAIN,
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
from tests.vectors.answers.calls import called, calling, time

SMALL = replace(PLAIN, context_window=1024)
FULL = usage(93, 15, cache_read_input_tokens=900)
FILTERED: Json = {"type": "refusal", "category": None, "explanation": None}
A = ours("call_a")


def refusal(explanation: str) -> Json:
    return {"type": "refusal", "category": None, "explanation": explanation}


def counted(identity: str, why: str, counters: Json, *pieces: str) -> AnswerCase:
    """An answer whose usage is what matters."""
    pieces = pieces or ("Hello",)
    return AnswerCase(
        id=f"usage-{identity}",
        why=why,
        events=[*begin(), *text(0, *pieces), *end("end_turn", counters)],
        message=whole(text_block("".join(pieces)), stop_reason="end_turn", counters=counters),
    )


def stopped(
    identity: str,
    why: str,
    events: Events,
    *content: Json,
    matched: str = "END",
    counters: Json,
    sequences: Sequence[str] = ("END",),
) -> AnswerCase:
    """An answer that a stop sequence cuts."""
    return AnswerCase(
        id=f"stop-{identity}",
        why=why,
        events=[*begin(), *events, *end("stop_sequence", counters, stop_sequence=matched)],
        message=whole(*content, stop_reason="stop_sequence", stop_sequence=matched, counters=counters),
        stop_sequences=sequences,
        is_cut=True,
    )


def unstopped(identity: str, why: str, events: Events, *content: Json) -> AnswerCase:
    """An answer that no stop sequence cuts."""
    return AnswerCase(
        id=f"stop-{identity}",
        why=why,
        events=[*begin(), *events, *end("end_turn")],
        message=whole(*content, stop_reason="end_turn"),
        stop_sequences=("END",),
    )


CASES = [
    AnswerCase(
        id="end-window-of-glm",
        why="failure mode 49: GLM says itself that the window is full",
        events=[*begin(), *text(0, "Hello"), *end("model_context_window_exceeded")],
        message=whole(text_block("Hello"), stop_reason="model_context_window_exceeded"),
    ),
    AnswerCase(
        id="end-length",
        why="failure mode 49: the limit",
        events=[*begin(), *text(0, "Half an ans"), *end("max_tokens")],
        message=whole(text_block("Half an ans"), stop_reason="max_tokens"),
    ),
    AnswerCase(
        id="end-window-full",
        why="the context window was the limit: prompt, cached or not, and answer fill it",
        events=[*begin(), *text(0, "Half an ans"), *end("model_context_window_exceeded", FULL)],
        message=whole(text_block("Half an ans"), stop_reason="model_context_window_exceeded", counters=FULL),
        traits=SMALL,
    ),
    AnswerCase(
        id="end-window-nearly-full",
        why="one token fewer, and it was the limit that was asked for",
        events=[*begin(), *text(0, "Half an ans"), *end("max_tokens", usage(970, 13))],
        message=whole(text_block("Half an ans"), stop_reason="max_tokens", counters=usage(970, 13)),
        traits=replace(PLAIN, context_window=1000),
    ),
    AnswerCase(
        id="end-window-full-in-a-call",
        why="a call that is cut so is kept as far as it came",
        events=[
            *begin(),
            *tool_use(0, A, "get_time", '{"zone": "UT'),
            *end("model_context_window_exceeded", usage(1000, 24)),
        ],
        message=whole(
            tool_use_block(A, "get_time", {"zone": "UT"}),
            stop_reason="model_context_window_exceeded",
            counters=usage(1000, 24),
        ),
        traits=SMALL,
    ),
    AnswerCase(
        id="end-window-uncounted",
        why="where nothing was counted nobody knows",
        events=[*begin(), *text(0, "Half an ans"), *end("max_tokens", usage(ESTIMATE, 3))],
        message=whole(text_block("Half an ans"), stop_reason="max_tokens", counters=usage(ESTIMATE, 3)),
        traits=SMALL,
    ),
    AnswerCase(
        id="end-content-filter",
        why="failure mode 49: a filter refuses without words",
        events=[*begin(), *text(0, "I can"), *end("refusal", details=FILTERED)],
        message=whole(text_block("I can"), stop_reason="refusal", details=FILTERED),
    ),
    AnswerCase(
        id="end-content-filter-at-once",
        why="failure mode 49: and without any text",
        events=[*begin(), *end("refusal", details=FILTERED)],
        message=whole(stop_reason="refusal", details=FILTERED),
    ),
    AnswerCase(
        id="end-refusal",
        why="failure mode 49: the model refuses in words: they are the text, and the explanation",
        events=[*begin(), *text(0, "I will ", "not."), *end("refusal", details=refusal("I will not."))],
        message=whole(text_block("I will not."), stop_reason="refusal", details=refusal("I will not.")),
    ),
    AnswerCase(
        id="end-refusal-after-text",
        why="only the refusal explains it",
        events=[*begin(), *text(0, "Well. ", "No."), *end("refusal", details=refusal("No."))],
        message=whole(text_block("Well. No."), stop_reason="refusal", details=refusal("No.")),
    ),
    AnswerCase(
        id="end-without-done",
        why="the end marker is not needed once the model has said why it stopped",
        events=[*begin(), *text(0, "Hello"), *end("end_turn")],
        message=whole(text_block("Hello"), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="end-without-usage",
        why="failure mode 26: estimates instead: of the input ours, of the output a token for four letters",
        events=[*begin(), *text(0, "Hello world"), *end("end_turn", usage(9, 3))],
        message=whole(text_block("Hello world"), stop_reason="end_turn", counters=usage(9, 3)),
    ),
    counted(
        "cached",
        "failure mode 27: OpenAI's prompt holds the cached tokens, Anthropic's input does not",
        usage(20, 30, cache_read_input_tokens=100, output_tokens_details={"thinking_tokens": 10}),
    ),
    counted(
        "cache-written",
        "failure mode 27: what was written to the cache is no ordinary input either",
        usage(10, 30, cache_read_input_tokens=20, cache_creation_input_tokens=90),
    ),
    counted("of-deepseek", "failure mode 27: prompt_cache_hit_tokens", usage(20, 30, cache_read_input_tokens=100)),
    counted(
        "of-moonshot", "failure mode 27: cached_tokens beside the others", usage(20, 30, cache_read_input_tokens=100)
    ),
    counted(
        "in-every-chunk", "failure mode 26: the last word counts, nothing is summed", usage(12, 7), "Hello", " world"
    ),
    counted("null-in-every-chunk", "failure mode 26: OpenAI sends null before the last", usage(12, 7)),
    counted("of-zeros-last", "failure mode 26: zeros count nothing, and take nothing back", usage(12, 7)),
    counted("of-nothing", "an empty object counts nothing", usage(9, 2)),
    counted(
        "reasoning-beside",
        "some count reasoning beside the completion: only the total knows",
        usage(12, 17, output_tokens_details={"thinking_tokens": 10}),
    ),
    counted(
        "reasoning-beside-without-total",
        "more reasoning than completion can only be beside it",
        usage(12, 17, output_tokens_details={"thinking_tokens": 10}),
    ),
    counted("more-cached-than-asked", "failure mode 27: never below nothing", usage(0, 7, cache_read_input_tokens=20)),
    AnswerCase(
        id="usage-before-text",
        why="whenever it comes; it begins nothing",
        events=[*begin(), *text(0, "Hello"), *end("end_turn")],
        message=whole(text_block("Hello"), stop_reason="end_turn"),
    ),
    counted("garbage", "NaN, infinity, words, negative numbers: no count, and no exception", usage(12, 7)),
    counted("of-another-type", "no usage", usage(9, 2)),
    stopped(
        "inside",
        "failure mode 46: nothing of it is shown, nor what follows",
        text(0, "Hello "),
        text_block("Hello "),
        counters=usage(9, 2),
    ),
    stopped(
        "across-chunks",
        "failure mode 46: held back as long as it may be one",
        text(0, "Hello "),
        text_block("Hello "),
        counters=usage(9, 2),
    ),
    stopped("at-once", "failure mode 46: no text, so no block", [], counters=usage(9, 1)),
    unstopped(
        "held-and-released",
        "failure mode 46: what has become something else is shown, all of it",
        text(0, "Hello ", "ENJin ", "Ex"),
        text_block("Hello ENJin Ex"),
    ),
    unstopped(
        "held-at-the-end",
        "failure mode 46: nothing can follow any more",
        text(0, "Hello ", "EN"),
        text_block("Hello EN"),
    ),
    stopped(
        "of-the-first-complete",
        "failure mode 46: the one that is complete first, although the other began before it",
        text(0, "a"),
        text_block("a"),
        matched="bc",
        sequences=("abcd", "bc"),
        counters=usage(9, 1),
    ),
    AnswerCase(
        id="stop-held-before-a-call",
        why="a call parts the text: what was held is shown before it, and the rest after it is no stop sequence",
        events=called(text(0, "Hello ", "EN"), tool_use(1, A, "get_time", "{}"), text(2, "D")),
        message=calling(text_block("Hello EN"), time(A), text_block("D")),
        stop_sequences=("END",),
    ),
    unstopped(
        "held-before-reasoning",
        "as a call does",
        [*text(0, "Hello ", "EN"), *thinking(1, "Hm."), *text(2, "D")],
        text_block("Hello EN"),
        thinking_block("Hm."),
        text_block("D"),
    ),
    AnswerCase(
        id="stop-held-before-a-refusal",
        why="as a call does, in order",
        events=[*begin(), *text(0, "Hello ", "EN", "D."), *end("refusal", details=refusal("D."))],
        message=whole(text_block("Hello END."), stop_reason="refusal", details=refusal("D.")),
        stop_sequences=("END",),
    ),
    AnswerCase(
        id="stop-not-in-reasoning-or-arguments",
        why="failure mode 46: only text is scanned",
        events=called(thinking(0, "END"), tool_use(1, A, "get_time", '{"zone": "END"}')),
        message=calling(thinking_block("END"), tool_use_block(A, "get_time", {"zone": "END"})),
        stop_sequences=("END",),
    ),
    stopped(
        "with-more-in-its-chunk",
        "nothing after the match counts but the usage",
        text(0, "Hello "),
        text_block("Hello "),
        counters=usage(12, 7),
    ),
    stopped(
        "with-more-parts",
        "nothing after the match counts, in whatever part it is",
        text(0, "Hello "),
        text_block("Hello "),
        counters=usage(9, 2),
    ),
    stopped(
        "after-a-call",
        "the call stays",
        [*tool_use(0, A, "get_time", "{}"), *text(1, "Done. ")],
        time(A),
        text_block("Done. "),
        counters=usage(9, 2),
    ),
    *(
        AnswerCase(
            id=identity,
            why=why,
            events=[*begin(), *text(0, "Half an ans"), *end("max_tokens")],
            message=whole(text_block("Half an ans"), stop_reason="max_tokens"),
        )
        for identity, why in (
            ("end-length-then-stop", "failure mode 14: what was cut short does not become whole by a second reason"),
            ("end-stop-then-length", "nor by a first one"),
        )
    ),
    *(
        AnswerCase(
            id=identity,
            why=why,
            events=[*begin(), *text(0, "I can"), *end("refusal", details=FILTERED)],
            message=whole(text_block("I can"), stop_reason="refusal", details=FILTERED),
        )
        for identity, why in (
            ("end-filter-then-stop", "failure mode 49: as what was cut short"),
            ("end-filter-of-gemini", "failure mode 49: Gemini's compatible endpoint says why"),
        )
    ),
    *(
        AnswerCase(
            id=identity,
            why=why,
            events=[*begin(), *text(0, "I will not."), *end("refusal", details=refusal("I will not."))],
            message=whole(text_block("I will not."), stop_reason="refusal", details=refusal("I will not.")),
        )
        for identity, why in (
            ("end-refusal-part", "failure mode 49: the model refuses in a part"),
            ("end-refusal-as-object", "failure mode 49: or in an object"),
        )
    ),
    AnswerCase(
        id="end-then-a-cut-event",
        why="the answer is complete: what a cut leaves of the end mark is no failure",
        events=[*begin(), *text(0, "Hello"), *end("end_turn")],
        message=whole(text_block("Hello"), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="end-then-cut-counts",
        why="nor what it leaves of the counts, which are estimated then",
        events=[*begin(), *text(0, "Hello world"), *end("end_turn", usage(9, 3))],
        message=whole(text_block("Hello world"), stop_reason="end_turn", counters=usage(9, 3)),
    ),
    counted("of-one-side", "failure mode 26: the other side is estimated", usage(12, 3), "Hello world"),
    counted("of-the-other-side", "failure mode 26: and the other way round", usage(9, 7), "Hello world"),
    counted(
        "before-anything-is-said",
        "failure mode 26: a count of no tokens is none of what was said later",
        usage(12, 3),
        "Hello world",
    ),
    counted("beyond-counting", "no count is no zero: nothing would be charged", usage(12, 3), "Hello world"),
    counted("below-nothing", "no count is no zero", usage(9, 7), "Hello world"),
    counted("as-text", "numbers in quotation marks", usage(12, 7), "Hello world"),
    counted("as-truth", "true is no number", usage(9, 3), "Hello world"),
    counted("reasoning-null", "null tells of no reasoning", usage(12, 7), "Hello world"),
    counted("of-a-choice", "failure mode 26: Moonshot's choice holds it", usage(12, 7)),
    counted("of-groq", "failure mode 26: Groq has a place of its own for it", usage(12, 7)),
]
