"""Reasons to stop, and usage, in forms that one upstream or another has."""

from __future__ import annotations

from collections.abc import Mapping

from tests.upstreams.chat import DONE, chunk, stream, text
from tests.upstreams.expected import Answered, BrokenOff, said
from tests.upstreams.expected import text as text_block
from tests.upstreams.habits.habit import NO_END, Habit, counting, reasons

ENDS: Mapping[str, Habit] = {
    "finish-length-then-stop": Habit(reasons("length", "stop"), Answered("max_tokens", (text_block("Hello"),))),
    "finish-stop-then-length": Habit(reasons("stop", "length"), Answered("max_tokens", (text_block("Hello"),))),
    "finish-filter-then-stop": Habit(reasons("content_filter", "stop"), Answered("refusal", (text_block("Hello"),))),
    "finish-unknown-then-stop": Habit(
        reasons("melted", "stop"),
        BrokenOff("api_error", "the upstream stopped for a reason that is not known: 'melted'"),
    ),
    "finish-filter-of-gemini": Habit(
        reasons("content_filter: PROHIBITED_CONTENT"), Answered("refusal", (text_block("Hello"),))
    ),
    "finish-in-capitals": Habit(reasons("STOP"), said("Hello")),
    "finish-of-tgi": Habit(reasons("stop_sequence"), said("Hello")),
    "finish-that-is-no-text": Habit(reasons(7), BrokenOff("api_error", NO_END)),
    "usage-of-one-side": Habit(counting({"prompt_tokens": 12}), said("Hello", (12, 2))),
    "usage-beyond-counting": Habit(
        counting({"prompt_tokens": 12, "completion_tokens": 10**40}), said("Hello", (12, 2))
    ),
    "usage-in-fractions": Habit(counting({"prompt_tokens": 12.0, "completion_tokens": 3.7}), said("Hello", (12, 3))),
    "usage-in-words": Habit(counting({"prompt_tokens": "12", "completion_tokens": "3"}), said("Hello", (12, 3))),
    "usage-in-both-styles": Habit(
        counting({"prompt_tokens": 12, "completion_tokens": 3, "input_tokens": 12, "output_tokens": 3}),
        said("Hello", (12, 3)),
    ),
    "usage-details-null": Habit(
        counting({"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": None}), said("Hello", (12, 3))
    ),
    "usage-of-a-choice": Habit(
        stream(
            text("Hello"),
            (
                chunk([{"delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 12, "completion_tokens": 3}}]),
                DONE,
            ),
        ),
        said("Hello", (12, 3)),
    ),
}
