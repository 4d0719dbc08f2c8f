"""What only goes beside an answer fails none: names of models, numbers of an upstream's own, and a log that is full."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.choice.health_memory import HealthMemory
from gateway.choice.health_table import HealthTable
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import check, decode
from tests.unit.gateway.fakes import END, NOW, ROLE, FakeAnswer, Harness, candidate, fine, said

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        "id",
        "model",
        "usage",
        "created",
        "system_fingerprint",
        "service_tier",
        "provider",
        "object",
        "timings",
    ]
)
details = st.dictionaries(
    st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "cost",
                     "completion_tokens_details", "prompt_cache_hit_tokens", "input_tokens_details"]),
    json_values,
    max_size=5,
)  # fmt: skip


def spoilt(frame: str, extra: dict[str, Any]) -> str:
    """A frame with more in it than it should have."""
    return json.dumps({**json.loads(frame), **extra})


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@given(extra=st.dictionaries(names, json_values, max_size=4), usage=details | json_values)
def test_what_an_upstream_says_of_itself_fails_no_answer(extra: dict[str, Any], usage: Any, *, stream: bool) -> None:
    last = json.dumps({"choices": [], "usage": usage})
    frames = [spoilt(ROLE, extra), spoilt(said("Hello"), extra)]
    answer = FakeAnswer([frames, [END[0], last, "[DONE]"]])
    harness = Harness([answer], ["one"])
    reply = harness.ask(stream=stream)
    assert reply.status == 200
    if stream:
        events = decode(reply.body)
        check(events)
        told = "".join(event.get("delta", {}).get("text", "") for event in events)
    else:
        told = "".join(block["text"] for block in json.loads(reply.body)["content"])
    assert told == "Hello"


def full(message: str, fields: dict[str, object]) -> None:
    """A log that takes nothing."""
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_log_that_is_full_fails_no_answer(*, stream: bool) -> None:
    frames = [[ROLE, said("Hello")], END]
    plain, other = (Harness([FakeAnswer(frames)], ["one"], log=log) for log in (None, full))
    assert other.ask(stream=stream) == plain.ask(stream=stream)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_memory_of_health_fails_no_answer(*, stream: bool) -> None:
    def broken() -> HealthTable:
        raise OSError("gone")

    health = HealthMemory(broken, clock=lambda: NOW, log=full)
    failed = FakeAnswer([], 429, body=b"{}")
    heard = Harness([failed, fine()], ["one", "two"], health=health).ask(stream=stream)
    assert (heard.status, b"Hello" in heard.body) == (200, True)
    one, two = candidate("one", "model"), candidate("two", "model")
    while health.after(one, "overloaded", [two]):  # until nobody may be asked again, which is logged
        pass


def test_an_error_that_cannot_be_logged_is_told() -> None:
    """An error that nobody expected, in a gateway whose log is full: the caller hears of it as ever."""
    plain, other = (Harness([AssertionError()], ["one"], log=log).ask() for log in (None, full))
    assert (plain.status, other.status) == (500, 500)
    assert other.body == plain.body
