"""Overflows whose words give fewer numbers than usual."""

from translator.refusal.overflow import Known, Overflow, find_overflow


def test_a_limit_a_minute_that_one_request_exceeds_by_no_number_is_an_overflow_without_one() -> None:
    words = "Request too large for gpt-5 on tokens per min (TPM): Limit reached, Requested more. Reduce it."
    assert find_overflow(words, "", "", Known(10, 1000, 5), {}) == Overflow(None, None)
