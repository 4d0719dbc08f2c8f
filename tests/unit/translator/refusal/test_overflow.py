"""Overflows whose words give fewer numbers than usual."""

import pytest
from translator.refusal.overflow import Known, Overflow, find_overflow


def test_a_limit_a_minute_that_one_request_exceeds_by_no_number_is_an_overflow_without_one() -> None:
    words = "Request too large for gpt-5 on tokens per min (TPM): Limit reached, Requested more. Reduce it."
    assert find_overflow(words, "", "", Known(10, 1000, 5), {}) == Overflow(None, None)


@pytest.mark.parametrize(
    "message",
    [
        "prompt tokens (120000) + max new tokens (32000) = 152000 exceeds the model's context window of 131072",
        "131072 is the limit; 152000 is too many tokens: 32000 wanted, 120000 given",
        "Requested 152,000 tokens (32,000 max, 120,000 context); context length is 131,072",
        "\u4e0a\u4e0b\u6587\u8d85\u51fa: 120000 + 32000 = 152000 > 131072",
        "context overflow: max_output=32000 input=120000 sum=152000 max=131072",
    ],
)
def test_numbers_that_fit_together(message: str) -> None:
    overflow = find_overflow(message, "", "", Known(100, None, 32000), {})
    assert overflow == Overflow(120000, 131072, 32000)


def test_numbers_that_fit_together_are_told_apart_by_their_words_where_nothing_was_asked() -> None:
    message = "completion of 32000 tokens and prompt of 120000 tokens: 152000 exceed the context of 131072 tokens"
    assert find_overflow(message, "", "", Known(100, None, None), {}) == Overflow(120000, 131072, 32000)
    message = "32000 new and prompt of 120000 tokens: 152000 exceed the context of 131072 tokens"
    assert find_overflow(message, "", "", Known(100, None, None), {}) == Overflow(120000, 131072, 32000)


@pytest.mark.parametrize(
    "message",
    [
        "Request body tokens: 300000. Allowed: 262144.",
        "InputTooLong: 99999/65536 tokens",
        "Your input has 250000 tokens; please shorten it to at most 200000",
        "KV cache is full: the request needs 50000 slots of 40960 tokens",
        "the context window is exhausted",
    ],
)
def test_strangers_words(message: str) -> None:
    assert find_overflow(message, "", "", Known(100_000, 131_072, 32_000), {}) is not None


@pytest.mark.parametrize("message", ["this endpoint handles text only", "please keep images at most 5 in a message"])
def test_strangers_words_about_something_else(message: str) -> None:
    assert find_overflow(message, "", "", Known(100_000, 131_072, 32_000), {}) is None
