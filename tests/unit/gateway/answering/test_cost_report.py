"""`report_cost`: the end of a stream says what it has cost, and nothing else of it changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from gateway.answering.cost_report import reporting, with_cost
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.resolve import Candidate
from streaming import StreamingResponse
from translator.anthropic.errors import upstream_failure

from tests.laws import decode
from tests.loop import run
from tests.unit.gateway.answering.test_native import WHOLE
from tests.unit.gateway.fakes import Answer, FakeAnswer, Harness, candidate, chunk, fine

PRICES = Prices(1_000_000, 10_000_000, 100_000, 2_000_000)


def ask(answers: Sequence[Any], *, report: bool = True, native: bool = False, **changes: Any) -> Answer:
    harness = Harness(answers, report_cost=report)
    facts = replace(unknown_model("one", "model"), prices=changes.pop("prices", (PRICES,)))

    async def route(*_: object) -> Sequence[Candidate]:
        return [replace(candidate(name, "model", is_native=native), facts=facts) for name in ("one", "two")]

    object.__setattr__(harness.function._chooser, "route", route)
    return harness.ask(**{"stream": True, **changes})


def usage_of(answer: Answer) -> dict[str, Any]:
    """Of its last event but one."""
    [end] = [event for event in decode(answer.body) if event["type"] == "message_delta"]
    found: dict[str, Any] = end["usage"]
    return found


@pytest.mark.parametrize(("native", "cost"), [(False, 12 + 30), (True, 3 + 90 + 80 + 170)])
def test_a_stream_says_at_its_end_what_it_has_cost(native: bool, cost: int) -> None:
    def played() -> FakeAnswer:
        return FakeAnswer([[each] for each in WHOLE]) if native else fine()

    told, plain = ask([played()], native=native), ask([played()], native=native, report=False)
    assert usage_of(told) == {**usage_of(plain), "cost_usd": cost / 1_000_000}
    without = told.body.replace(b',"cost_usd":%b' % str(cost / 1_000_000).encode(), b"")
    if not native:  # whose spaces are the upstream's own
        assert without == plain.body


def test_what_a_candidate_has_cost_that_failed_is_in_it() -> None:
    lost = upstream_failure("gone", reason="connection_lost")
    answer = ask([FakeAnswer([[chunk({"role": "assistant", "content": ""})], lost]), fine()])
    assert usage_of(answer)["cost_usd"] > 42 / 1_000_000


def test_a_model_without_a_price_says_nothing() -> None:
    assert "cost_usd" not in usage_of(ask([fine()], prices=()))


def test_a_whole_answer_has_its_header_and_is_as_it_was() -> None:
    answer = ask([fine()], stream=False)
    assert (answer.headers["x-edgeway-cost-usd"], "cost_usd" in answer.json()["usage"]) == ("0.000042", False)


@pytest.mark.parametrize(
    "piece",
    [
        b'event: content_block_delta\ndata: {"text": "event: message_delta\\ndata: {}"}\n\n',
        b"event: message_delta\ndata: {no JSON}\n\n",
        b"event: ping\ndata: {}\n\n",
    ],
)
def test_what_is_no_end_goes_through(piece: bytes) -> None:
    assert with_cost(piece, lambda: 1) == piece


def test_a_cost_that_cannot_be_told_fails_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise OverflowError

    plain = ask([fine()], report=False)
    monkeypatch.setattr("gateway.answering.request_log.cost", fails)
    assert ask([fine()]).body == plain.body


@pytest.mark.parametrize("usage", ["[1]", '"many"', "7", "true"])
def test_an_end_with_strange_counts_goes_through(usage: str) -> None:
    """An upstream of Anthropic's dialect may write anything there."""
    piece = b'event: message_delta\ndata: {"type": "message_delta", "usage": %b}\n\n' % usage.encode()

    async def body() -> AsyncGenerator[bytes]:
        yield piece

    async def told() -> bytes:
        answer = reporting(StreamingResponse(200, {}, body()), lambda: 1, lambda *_: None)
        assert isinstance(answer, StreamingResponse)
        return b"".join([each async for each in answer.body])

    assert run(told()) == piece


def test_an_end_without_counts_gets_them() -> None:
    piece = b'event:message_delta\r\ndata:{"type": "message_delta"}\r\n\r\n'
    assert with_cost(piece, lambda: 1_500_000) == (
        b'event:message_delta\r\ndata:{"type":"message_delta","usage":{"cost_usd":1.5}}\r\n\r\n'
    )
