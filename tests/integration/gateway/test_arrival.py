"""Answers that arrive in odd ways, from the bytes of the connection to those that the caller gets."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest
from gateway.upstream.client import HttpUpstream
from streaming import StreamingResponse

from tests.integration.providers.network import Answer, StandIn
from tests.laws import text_of
from tests.loop import run
from tests.unit.gateway.fakes import END, ROLE, Harness, chunk, receive, said


def event(frame: str) -> bytes:
    return f"data: {frame}\n\n".encode()


def harness(answer: Answer, **options: Any) -> tuple[Harness, StandIn]:
    """The function over a network whose servers all give this answer."""
    network = StandIn(lambda _: answer)
    return Harness([], ["one"], client=HttpUpstream({}, network=network), **options), network


WORD = [event(ROLE), event(said("Hello"))]
THE_END = [event(frame) for frame in END]
LARGE = event(chunk({"content": ""}, padding="x" * 40))
NOTHING: dict[str, list[bytes]] = {
    "comments": [b": still at work\n\n"] * 40,
    "events without data": [b"data:\n\n"] * 40,
    "deltas without text": [event(said(""))] * 40,
    "an event that drips": [LARGE[at : at + 1] for at in range(len(LARGE))],
}


@pytest.mark.failure_mode(12)
@pytest.mark.parametrize("nothing", NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize("before", [[], WORD], ids=["before the answer", "within it"])
def test_bytes_that_tell_the_caller_nothing_are_silence(nothing: list[bytes], before: list[bytes]) -> None:
    body = [*before, *nothing, *([] if before else WORD), *THE_END]
    asked, _ = harness(Answer(body, seconds=0.01), ping_seconds=0.03)
    answer = asked.stream()
    pings = [kind == "ping" for kind in answer.types()]
    # One stands at the start of every message; how many follow is the clock's affair.
    assert pings.count(True) > 2
    assert text_of(answer.events()) == "Hello"


DOCUMENT = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3},
    }
).encode()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("body", [[DOCUMENT], [DOCUMENT[:50], DOCUMENT[50:]], [bytes([each]) for each in DOCUMENT]])
def test_a_whole_answer_in_one_document(body: Sequence[bytes], stream: bool) -> None:
    """Some servers stream nothing, although they are asked for it."""
    asked, network = harness(Answer(body, content_type="application/json"))
    answer = asked.ask(stream=stream)
    if stream:
        told = [text_of(answer.events()), answer.events()[-2]["delta"]["stop_reason"]]
    else:
        told = [answer.json()["content"][0]["text"], answer.json()["stop_reason"]]
    assert told == ["Hello", "end_turn"]
    (usage,) = asked.ledger.settled()
    assert [(each.input_tokens, each.output_tokens) for each in usage if each] == [(12, 3)]
    assert network.received[0].body["stream"] is True


BYTES = 2_000_000


@pytest.mark.failure_mode(40)
def test_a_stream_holds_nothing_of_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the body as it came, nor what it was parsed to, nor what was sent upstream."""
    monkeypatch.setattr("gateway.answering.lazy_count.COUNT_AFTER_SECONDS", 600)  # a count under way holds the texts
    asked, network = harness(Answer([*WORD, *[event(said("b"))] * 200, *THE_END], seconds=0.005))
    asked.stream()  # what is made once is made now
    network.received.clear()

    async def held_while_it_goes_on() -> tuple[int, StreamingResponse]:
        answer = await asked.begin(stream=True, messages=[{"role": "user", "content": "x" * BYTES}])
        assert isinstance(answer, StreamingResponse)
        while b"content_block_delta" not in await anext(answer.body):
            pass
        network.received.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0], answer

    tracemalloc.start()
    try:
        held, answer = run(held_while_it_goes_on())
    finally:
        tracemalloc.stop()
    assert held < BYTES / 4
    assert receive(answer).status == 200
