"""Whatever stands in the head of an upstream's answer, the caller's stays what it is, and its own head is lawful."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.gateway.fakes import FakeAnswer, Harness, fine

FAR = {"x-ratelimit-reset-requests": "999999999h", "x-ratelimit-reset-tokens": "999999999h999999999m999999999s"}
LATE = {"retry-after": "Fri, 31 Dec 99999 23:59:59 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}
NAMES = (
    *(f"x-ratelimit-{what}-{kind}" for what in ("limit", "remaining", "reset") for kind in ("requests", "tokens")),
    "retry-after",
    "retry-after-ms",
    "date",
    "request-id",
    "x-request-id",
    "server-timing",
    "openai-processing-ms",
    "content-type",
    "x-should-retry",
)
UNITS = ("", "h", "m", "s", "ms", ".5s", "h1m", " GMT")
NUMBERS = ("0", "-1", "1e999", "inf", "nan", "9" * 9, "9" * 15, "9" * 5000, "٣", "²", "1.5", "0x10", "1_000")
YEARS = ("0000", "0001", "99", "9999", "99999", "9" * 5000)
TEXTS = ("", " ", "soon\r\nx-evil: 1", "\x00", "\x7f", "é", "☃", "\ud83d", "x" * 1_000_000)
DATES = (
    *(f"Fri, {day} Feb {year} 23:59:59 GMT" for day in ("00", "31", "99") for year in YEARS),
    "Friday, 31-Feb-00 99:99:99 GMT",
    "Fri Feb 31 24:60:60 9999",
    "Fri, 31 Dec 9999 23:59:59 +9999",
)
numbers = st.builds("".join, st.lists(st.builds(str.__add__, st.sampled_from(NUMBERS), st.sampled_from(UNITS))))
values = st.one_of(numbers, st.sampled_from((*TEXTS, *DATES, *NUMBERS)), st.text())
heads = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text()), values)

NAME = re.compile(r"[a-z0-9-]+")
VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,510}[\x21-\x7e])?")


def lawful(headers: Mapping[str, str]) -> None:
    """HTTP, of a size that a proxy takes, and what clients read in the notation that they know."""
    for name, value in headers.items():
        assert NAME.fullmatch(name), name
        assert VALUE.fullmatch(value), (name, value)
        if name == "retry-after":
            assert re.fullmatch(r"[0-9]{1,12}", value)
        if name.startswith("anthropic-ratelimit-"):
            assert re.fullmatch(r"[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", value)


def answered(outcome: FakeAnswer, *, stream: bool) -> tuple[int, Any, Any]:
    """What the caller gets, and what is logged of it."""
    harness = Harness([outcome], providers=["one"])
    answer = harness.ask(stream=stream)
    lawful(answer.headers)
    return answer.status, answer.body, harness.lines


@pytest.mark.failure_mode(36)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@given(head=heads)
@example(head=FAR)
def test_no_head_spoils_an_answer(head: dict[str, str], *, stream: bool) -> None:
    spoilt = fine()
    spoilt.headers = head
    assert answered(spoilt, stream=stream) == answered(fine(), stream=stream)


@pytest.mark.failure_mode(36)
@pytest.mark.parametrize("status", [400, 401, 429, 500, 503, 529])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@given(head=heads)
@example(head=FAR)
@example(head=LATE)
def test_no_head_spoils_a_refusal(head: dict[str, str], *, stream: bool, status: int) -> None:
    body = b'{"error": {"message": "slow down"}}'
    spoilt, plain = FakeAnswer([], status, head, body), FakeAnswer([], status, {}, body)
    assert answered(spoilt, stream=stream) == answered(plain, stream=stream)
