"""What the messages function is given in tests: upstreams that play lists of steps, a ledger that remembers, a log."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.answering.correction_loop import Memory
from gateway.answering.request_log import Record
from gateway.answering.upstream_request import Upstream
from gateway.choice.circuit import Circuit
from gateway.choice.health_memory import HealthMemory
from gateway.choice.health_table import HealthTable
from gateway.choice.places import Place
from gateway.choice.prefixes import Prefixes
from gateway.money.estimates import Estimate
from gateway.money.rate_limits import RateLimiter
from gateway.response_cache.cache import ResponseCache
from gateway.routes.messages import MessagesFunction, Services
from gateway.routing.key_pool import Secret
from gateway.routing.model_rules import Dialect as DialectName
from gateway.routing.providers import ConfiguredProvider, Provider
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import Routes
from gateway.storage.protocol import Store
from gateway.upstream.deadlines import Alarm, Deadlines
from gateway.web.summary import Log
from streaming import StreamingResponse
from translator.anthropic.events import Usage
from translator.bisection import Bisection
from translator.chat.dialect import ChatDialect
from translator.converse.dialect import ConverseDialect
from translator.dialect import Dialect
from translator.learned_traits import CorrectableError, LearnedTraits
from translator.responses.dialect import ResponsesDialect
from translator.traits import Traits

from tests.laws import Event as StreamEvent
from tests.laws import check, decode
from tests.loop import run
from tests.unit.gateway.clocks import Clock

PLAIN = Traits()
NOW = 1_792_000_000.5
"""2026-10-14T17:46:40.5Z"""
CONTEXT = {"keyId": "key_1", "keyName": "alice"}


def chunk(delta: Mapping[str, Any], finish_reason: str | None = None, **more: Any) -> str:
    """A frame of chat completions."""
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}], **more})


def said(text: str) -> str:
    """Text of the model's."""
    return chunk({"content": text})


ROLE = chunk({"role": "assistant", "content": ""})
USAGE = json.dumps({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}})
END = [chunk({}, "stop"), USAGE, "[DONE]"]


class Silence:
    """Nothing comes until the alarm is due; at the end nothing ever comes."""


Step = list[str] | BaseException | Silence | asyncio.Event | float


@dataclass(slots=True, eq=False)
class FakeAnswer:
    """Plays its steps: frames that arrive together, a failure, silence, an event that it waits for, or seconds."""

    steps: Sequence[Step]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    closed: list[bool] = field(default_factory=list)
    """How it was closed, each time: drained or not."""
    alarm: Alarm = field(default_factory=Alarm)

    async def batches(self) -> AsyncGenerator[list[str]]:
        for step in self.steps:
            match step:
                case list():
                    yield step
                case BaseException():
                    raise step
                case float():
                    await asyncio.sleep(step)
                case Silence():
                    await self._silence()
                    yield []
                    while step is self.steps[-1]:
                        await self._silence()
                        yield []
                case asyncio.Event():
                    await asyncio.wait_for(step.wait(), 60)

    async def raw_batches(self) -> AsyncGenerator[list[bytes]]:
        async for frames in self.batches():
            yield [frame.encode() for frame in frames]

    async def error_body(self) -> bytes:
        return self.body

    def end_soon(self) -> None:
        pass

    async def close(self, *, drain: bool = False) -> None:
        self.closed.append(drain)

    async def _silence(self) -> None:
        """Wait as a real answer does: until the alarm is due."""
        await asyncio.sleep(min(self.alarm.due - time.monotonic(), 600))


def fine(*before: Step) -> FakeAnswer:
    """An answer of one word, after these steps."""
    return FakeAnswer([*before, [ROLE, said("Hello")], END])


Outcome = FakeAnswer | BaseException | Silence


def again(outcome: Outcome) -> Outcome:
    """The same outcome for another test: an answer remembers how it was closed."""
    match outcome:
        case FakeAnswer():
            return FakeAnswer(outcome.steps, outcome.status, outcome.headers, outcome.body)
        case _:
            return outcome


@dataclass(frozen=True, slots=True)
class Call:
    """What an upstream was asked."""

    url: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    deadlines: Deadlines
    raw: bytes
    """The body as it came."""


@dataclass(slots=True)
class FakeUpstream:
    """Gives the answers in order; what is an exception, or silence, comes before any head."""

    answers: Sequence[Outcome]
    calls: list[Call] = field(default_factory=list)

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> FakeAnswer:
        self.calls.append(Call(url, headers, json.loads(body), deadlines, body))
        answer = self.answers[len(self.calls) - 1]
        match answer:
            case FakeAnswer():
                return answer
            case Silence():
                await asyncio.sleep(600)
                raise AssertionError("silence ends by being cancelled")
            case failure:
                raise failure


@dataclass(slots=True)
class FakeReservation:
    """What was settled, each time."""

    candidate: str
    estimate: Estimate
    settled: list[Usage | None] = field(default_factory=list)
    seconds: float = 0.0
    estimates: list[bool] = field(default_factory=list)

    @property
    def max_tokens(self) -> int:
        return self.estimate.max_tokens

    def headers(self) -> Mapping[str, str]:
        return {}

    async def settle(self, usage: Usage | None, *, is_estimate: bool = False) -> None:
        await asyncio.sleep(self.seconds)
        self.settled.append(usage)
        self.estimates.append(is_estimate)


async def no_store() -> Store:
    """For what asks no store."""
    raise AssertionError


@dataclass(slots=True)
class FakeLedger:
    """Remembers its reservations; refuses with `refusal`, if there is one, after so many."""

    reservations: list[FakeReservation] = field(default_factory=list)
    refusal: tuple[int, Exception] | None = None
    seconds: float = 0.0
    """That it takes to settle."""

    async def reserve(self, key: KeyRecord, candidate: Candidate, estimate: Estimate) -> FakeReservation:
        if self.refusal and len(self.reservations) >= self.refusal[0]:
            raise self.refusal[1]
        self.reservations.append(FakeReservation(candidate.name, estimate, seconds=self.seconds))
        return self.reservations[-1]

    def settled(self) -> list[list[Usage | None]]:
        return [reservation.settled for reservation in self.reservations]


@dataclass(slots=True)
class FakeMemory:
    """Remembers, by candidate, as long as the test lasts."""

    learnt: dict[str, LearnedTraits] = field(default_factory=dict)
    bisections: dict[str, Bisection | None] = field(default_factory=dict, compare=False)

    async def correct(self, candidate: Candidate, key_id: str) -> Traits:
        return self.learnt.get(candidate.name, LearnedTraits()).correct(candidate.traits)

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        if refusal.lasts:
            self.learnt[candidate.name] = self.learnt.get(candidate.name, LearnedTraits()).learn(refusal.learned)

    def bisection(self, candidate: Candidate, key_id: str) -> Bisection | None:
        return self.bisections.get(candidate.name)

    def bisect(self, candidate: Candidate, key_id: str, bisection: Bisection | None) -> None:
        self.bisections[candidate.name] = bisection


class NoTable(HealthTable):
    """Tells of nothing, and forgets what it is told."""

    def __init__(self) -> None:
        pass

    async def of(self, provider: str) -> Mapping[Place, Circuit]:
        return {}

    async def write(self, place: Place, circuit: Circuit) -> None:
        pass


def unshared_health(clock: Callable[[], float]) -> HealthMemory:
    return HealthMemory(NoTable, clock=clock, log=lambda _message, _fields: None)


def candidate(
    name: str,
    model: str,
    traits: Traits = PLAIN,
    dialects: tuple[DialectName, ...] = ("chat",),
    *,
    is_native: bool = False,
) -> Candidate:
    """A model at a provider that only tests know."""
    base_url = f"https://{name}.example.com/v1"
    provider = Provider(id=name, name=name.title(), base_url=base_url, native="x-api-key" if is_native else None)
    configured = ConfiguredProvider(provider, provider.base_url, Secret(f"key-of-{name}"))
    return Candidate(
        provider=configured,
        model=model,
        facts=None,
        traits=traits,
        dialects=("anthropic",) if is_native else dialects,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller has received."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def events(self) -> list[StreamEvent]:
        """The events of a stream, held to the laws."""
        events = decode(self.body)
        check(events)
        return events

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


@dataclass(slots=True)
class Harness:
    """The messages function over fakes, and a runtime that calls it."""

    answers: Sequence[Outcome]
    providers: Sequence[str] = ("one", "two", "three")
    natives: Sequence[str] = ()
    """Those of the providers that speak the Messages API."""
    model: str = "model"
    traits: Traits = PLAIN
    ping_seconds: float = 600.0
    clock: Clock = field(default_factory=lambda: Clock(1000.0))
    monotonic: Callable[[], float] | None = None
    """In place of `clock`."""
    dialect: Dialect = field(default_factory=ChatDialect)
    dialects: tuple[DialectName, ...] = ("chat",)
    """Those of the candidates."""
    ledger: FakeLedger = field(default_factory=FakeLedger)
    memory: Memory = field(default_factory=FakeMemory)
    record: Record | None = None
    cache: ResponseCache | None = None
    limiter: RateLimiter = field(default_factory=lambda: RateLimiter(no_store, clock=time.time, log=lambda *_: None))
    over_budget: str | None = None
    report_cost: bool = False
    prefixes: Prefixes | None = None
    routes: Routes = field(default_factory=Routes)
    health: HealthMemory | None = None
    """In place of one that is new and shared with nobody."""
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    context: Mapping[str, str] = field(default_factory=dict)
    """More that the authorizer says of the key."""
    log: Log | None = None
    """In place of `lines`."""
    client: Upstream | None = None
    """In place of `answers`."""
    now: float = NOW
    seconds_left: float = 900.0
    upstream: FakeUpstream = field(init=False)
    function: MessagesFunction = field(init=False)

    def __post_init__(self) -> None:
        self.upstream = FakeUpstream(self.answers)
        ids = count()
        self.function = MessagesFunction(
            Services(
                admission=Admission(authenticator=None),
                route=self._route,
                dialects={"chat": self.dialect, "responses": ResponsesDialect(), "converse": ConverseDialect()},
                upstream=self.client or self.upstream,
                ledger=self.ledger,
                limiter=self.limiter,
                over_budget=self.over_budget,
                report_cost=self.report_cost,
                record=self.record,
                memory=self.memory,
                cache=self.cache,
                prefixes=self.prefixes,
                routes=self.routes,
                health=self.health or unshared_health(lambda: self.now),
                log=self.log or (lambda message, fields: self.lines.append((message, fields))),
                monotonic=self.monotonic or self.clock,
                clock=lambda: self.now,
                new_id=lambda: f"{next(ids):024}",
                ping_seconds=self.ping_seconds,
            )
        )

    def handle(
        self,
        *,
        raw_body: str | None = None,
        headers: Mapping[str, str] | None = None,
        key_id: str = CONTEXT["keyId"],
        query: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> dict[str, Any] | StreamingResponse:
        """One invocation, up to the handler's return."""
        return run(self.begin(raw_body=raw_body, headers=headers, key_id=key_id, query=query, **changes))

    async def begin(
        self,
        *,
        raw_body: str | None = None,
        headers: Mapping[str, str] | None = None,
        key_id: str = CONTEXT["keyId"],
        query: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> dict[str, Any] | StreamingResponse:
        """The same within a loop."""
        request = {"model": "some-model", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
        event = {
            "httpMethod": "POST",
            "path": "/v1/messages",
            "queryStringParameters": query,
            "headers": {"content-type": "application/json", **(headers or {})},
            "body": json.dumps({**request, **changes}) if raw_body is None else raw_body,
            "requestContext": {
                "requestId": "11111111-2222-3333-4444-555555555555",
                "authorizer": {**CONTEXT, "keyId": key_id, **self.context},
            },
        }
        return await self.function.handle(event, seconds_left=self.seconds_left)

    async def answer(self, **changes: Any) -> Answer:
        """One invocation within a loop, read to its end."""
        return await received(await self.begin(**changes))

    def ask(self, **changes: Any) -> Answer:
        """One invocation, read to its end."""
        return receive(self.handle(**changes))

    def stream(self, **changes: Any) -> Answer:
        """One streamed invocation, read to its end."""
        return self.ask(stream=True, **changes)

    async def _route(self, _model: str, _key: KeyRecord) -> list[Candidate]:
        return [
            candidate(name, self.model, self.traits, self.dialects, is_native=name in self.natives)
            for name in self.providers
        ]

    def summaries(self) -> list[dict[str, object]]:
        """The log lines of requests."""
        return [fields for message, fields in self.lines if message == "request"]


def receive(response: dict[str, Any] | StreamingResponse, pieces: int | None = None) -> Answer:
    """What the streaming runtime sends of a response, and all that it calls; the caller hangs up after some pieces."""
    return run(received(response, pieces))


async def received(response: dict[str, Any] | StreamingResponse, pieces: int | None = None) -> Answer:
    """The same within a loop."""
    if isinstance(response, dict):
        assert response["isBase64Encoded"] is False
        return Answer(response["statusCode"], response["headers"], response["body"].encode())
    come: list[bytes] = []
    try:
        if pieces != 0:
            async for piece in response.body:
                come.append(piece)
                if len(come) == pieces:
                    break
    finally:
        await response.body.aclose()  # type: ignore[attr-defined] # every body of ours has it
    return Answer(response.status, response.headers, b"".join(come))
