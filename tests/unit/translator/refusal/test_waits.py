"""How long to wait, where only the words say so."""

import pytest
from translator.refusal.waits import retry_after, wait_in_words


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please retry in 45.837906927s.", 46),
        ("try again in 20s", 20),
        ("Please try again in 7m12.5s.", 433),
        ("Retry after 2 minutes", 120),
        ("wait for 1 hour", 3600),
        ("try again in 120ms", 1),
        ("retry-after: 30", 30),
        ("请在 30 秒后重试", 30),
        ("请 2 分钟后再试", 120),
        ("try again in 999999 hours", None),
        ("try again later", None),
    ],
)
def test_words(words: str, seconds: int | None) -> None:
    assert wait_in_words(words) == seconds
    assert retry_after(429, {}, "", words) == seconds
    assert retry_after(400, {}, "", words) is None


def test_the_headers_come_first_then_what_is_told() -> None:
    assert retry_after(429, {"retry-after": "5"}, "7s", "retry in 9s") == 5
    assert retry_after(429, {}, "7.5s", "retry in 9s") == 8
    assert retry_after(503, {"x-ratelimit-reset-tokens": "3s"}, "soon", "") == 3
