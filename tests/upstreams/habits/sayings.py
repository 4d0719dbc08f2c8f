"""What is said in forms that one upstream or another has: choices, parts, refusals, sources, errors."""

from __future__ import annotations

from collections.abc import Mapping

from tests.upstreams.answers import Stream
from tests.upstreams.chat import DONE, USAGE, chunk, delta, finish, stream, text
from tests.upstreams.expected import Answered, BrokenOff, Refused, said, thinking
from tests.upstreams.expected import text as text_block
from tests.upstreams.habits.habit import (
    COUNTED,
    HALF,
    IMAGE,
    NO_END,
    SOURCE,
    UNKNOWN,
    UNREADABLE,
    Habit,
    ending,
    raw,
    sourced,
)
from tests.upstreams.shapes import MOMENT, events

SAYINGS: Mapping[str, Habit] = {
    "choice-numbered-in-words": Habit(
        stream((chunk([{"index": "0", "delta": {"content": "Hello"}}]),), finish("stop")), said("Hello", COUNTED)
    ),
    "choice-numbered-otherwise": Habit(
        Stream((raw('{"choices": [{"index": NaN, "delta": {"content": "Hello"}}]}'),)),
        Refused("api_error", "the upstream sent `index` in a form that is not known"),
    ),
    "second-choice-only": Habit(
        Stream((chunk([{"index": 1, "delta": {"content": "Hello"}, "finish_reason": "stop"}]), DONE)),
        Refused("api_error", NO_END),
    ),
    "everything-null": Habit(
        stream(
            (
                chunk(
                    [
                        {
                            "index": None,
                            "delta": {
                                "role": None,
                                "content": "Hello",
                                **dict.fromkeys(("refusal", "tool_calls", "function_call", "audio", "annotations")),
                            },
                            "finish_reason": None,
                        }
                    ],
                    usage=None,
                    service_tier=None,
                ),
                chunk([{"index": 0, "delta": None}, None]),  # type: ignore[list-item]
            ),
            finish("stop"),
        ),
        said("Hello", COUNTED),
    ),
    "text-of-the-older-completions": Habit(
        Stream((chunk([{"text": "Hello"}]), chunk([{"text": "", "finish_reason": "stop"}], usage=USAGE), DONE)),
        said("Hello", COUNTED),
    ),
    "message-repeats": Habit(
        stream(
            text("Hello"),
            (chunk([{"message": {"content": "Hello"}, "finish_reason": "stop"}], usage=USAGE), DONE),
        ),
        said("Hello", COUNTED),
    ),
    "message-beside-deltas": Habit(
        stream(
            (chunk([{"delta": {"content": "Hello"}, "message": {"content": "Hello"}}]),),
            (chunk([{"delta": {}, "message": {"content": "Hello"}, "finish_reason": "stop"}], usage=USAGE), DONE),
        ),
        said("Hello", COUNTED),
    ),
    "parts-of-all-kinds": Habit(
        stream(
            (
                delta(
                    {
                        "content": [
                            {"type": "thinking", "thinking": "Hm."},
                            "Hel",
                            None,
                            {"type": "output_text", "text": "lo"},
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                            {"type": "hologram"},
                            {"type": "reference", "reference_ids": [1]},
                        ]
                    }
                ),
            ),
            finish("stop"),
        ),
        Answered("end_turn", (thinking("Hm."), text_block(f"Hello\n\n{IMAGE}\n{UNKNOWN}")), COUNTED),
    ),
    "part-that-is-none": Habit(
        stream(text("Hello"), MOMENT, (delta({"content": [7]}),), finish("stop")),
        BrokenOff("api_error", "the upstream sent `content` in a form that is not known"),
    ),
    "part-refuses": Habit(
        stream((delta({"content": [{"type": "refusal", "refusal": "I will not."}]}),), finish("stop")),
        Answered("refusal", (text_block("I will not."),), COUNTED),
    ),
    "refusal-as-object": Habit(
        stream((delta({"refusal": {"text": "I will not."}}),), finish("stop")),
        Answered("refusal", (text_block("I will not."),), COUNTED),
    ),
    "reasoning-as-object": Habit(
        stream((delta({"reasoning": {"text": "Hm."}}),), text("Hello"), finish("stop")),
        Answered("end_turn", (thinking("Hm."), text_block("Hello")), COUNTED),
    ),
    "sources-that-are-none": Habit(
        stream(
            text("Hello"), (delta({"annotations": [7, {"url_citation": {"title": "Rain"}}, SOURCE]}),), finish("stop")
        ),
        sourced(UNREADABLE, "Rain: https://weather.test"),
    ),
    "sources-flat": Habit(
        stream(
            text("Hello"),
            (delta({"annotations": [{"type": "url_citation", "url": "https://weather.test", "title": "Rain"}]}),),
            finish("stop"),
        ),
        sourced("Rain: https://weather.test"),
    ),
    "sources-beside-the-choices": Habit(
        ending({"citations": ["https://a.test", "https://b.test"], "usage": USAGE}),
        sourced("https://a.test", "https://b.test"),
    ),
    "error-in-a-choice": Habit(
        stream(
            HALF, MOMENT, (chunk([{"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "Gone"}}]),)
        ),
        BrokenOff("api_error", "Gone"),
    ),
    "error-in-a-delta": Habit(
        stream(HALF, MOMENT, (delta({"error": {"message": "Gone", "code": 429}}),), finish("stop")),
        BrokenOff("rate_limit_error", "Gone"),
    ),
    "error-of-gemini": Habit(
        stream(HALF, MOMENT, (raw('[{"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}]'),)),
        BrokenOff("overloaded_error", "Overloaded"),
    ),
    "error-that-is-a-word": Habit(events({"error": "model is loading"}), Refused("api_error", "model is loading")),
    "error-that-is-false": Habit(
        stream((chunk([{"delta": {"content": "Hello"}}], error=False),), finish("stop")), said("Hello", COUNTED)
    ),
    "error-with-our-key": Habit(
        events({"error": {"message": "Bad key sk-planted-0123456789", "code": 401}}),
        Refused("api_error", "the upstream refused this gateway's own account (status 401)"),
    ),
    "filter-in-the-middle": Habit(
        stream(HALF, MOMENT, (raw('{"error": {"code": "content_filter", "message": "Filtered"}}'),)),
        Answered("refusal", (text_block("Half an ans"),)),
    ),
    "filter-first": Habit(
        events({"error": {"code": "content_filter", "message": "Filtered"}}), Answered("refusal", ())
    ),
    "filter-of-azure": Habit(
        stream(
            (chunk([], prompt_filter_results=[{"prompt_index": 0, "content_filter_results": {}}]),),
            text("I can"),
            (chunk([{"delta": {}, "content_filter_results": {"violence": {"filtered": True}}}]),),
            finish("content_filter"),
        ),
        Answered("refusal", (text_block("I can"),), COUNTED),
    ),
}
