"""What upstreams report of tokens, by the names and in the places that each has for it."""

from collections.abc import Mapping
from typing import Any

import pytest
from translator.anthropic.events import Usage
from translator.chat.answer.usage import read_usage


@pytest.mark.parametrize(
    ("told", "read"),
    [
        # Anthropic's names: what comes from a cache is not in the prompt.
        (
            {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 7},
            Usage(input_tokens=10, output_tokens=5, cache_read_input_tokens=100, cache_creation_input_tokens=7),
        ),
        # The same by the sum.
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "cached_tokens": 100, "total_tokens": 115},
            Usage(input_tokens=10, output_tokens=5, cache_read_input_tokens=100),
        ),
        # OpenAI's: it is.
        (
            {"prompt_tokens": 110, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 100}},
            Usage(input_tokens=10, output_tokens=5, cache_read_input_tokens=100),
        ),
        # Only the total has the thinking.
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 25},
            Usage(input_tokens=10, output_tokens=15, thinking_tokens=10),
        ),
        # A count that is no number is none, and one that is 0 does not hide another.
        (
            {"prompt_tokens": "110", "completion_tokens": 5, "cached_tokens": 0, "prompt_cache_hit_tokens": 100},
            Usage(input_tokens=10, output_tokens=5, cache_read_input_tokens=100),
        ),
        ({"promptTokenCount": 3, "candidatesTokenCount": 2}, Usage(input_tokens=3, output_tokens=2)),
        ({"prompt_tokens": None, "total_tokens": 0}, None),
    ],
)
def test_what_is_counted(told: Mapping[str, Any], read: Usage | None) -> None:
    assert read_usage(told) == read
