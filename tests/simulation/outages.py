"""A scripted outage of each kind at one of three providers: what callers see, and what the breaker does meanwhile.

The whole function answers, over upstreams that take their time; the time is virtual. One request comes each second, of
twelve keys by turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import median, quantiles

from gateway.choice.circuit import State
from gateway.upstream.deadlines import Deadlines
from translator.anthropic.errors import upstream_failure

from tests.simulation.virtual_time import now, run_virtually
from tests.unit.gateway.fakes import ROLE, FakeAnswer, Harness, Outcome, again, candidate, fine, said, unshared_health

EPOCH = 1_800_000_000.0
PROVIDERS = ("one", "two", "three")
REQUESTS = 300
"""One each second."""
OUT = (60.0, 150.0)
"""From when to when the first provider is out."""
USUAL_SECONDS = 0.6
"""To the first content of an answer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a provider fails, and after how many seconds it does."""

    outcome: Outcome
    seconds: float


KINDS: Mapping[str, Kind] = {
    "429, `retry-after: 20`": Kind(
        FakeAnswer([], 429, {"retry-after": "20"}, b'{"error": {"message": "slow down"}}'), 0.1
    ),
    "401, the key is refused": Kind(FakeAnswer([], 401, body=b'{"error": {"message": "Incorrect API key"}}'), 0.1),
    "503, overloaded": Kind(FakeAnswer([], 503, body=b"<html>"), 0.3),
    "500": Kind(FakeAnswer([], 500, body=b'{"error": {"message": "oh"}}'), 1.0),
    "200 without an answer": Kind(FakeAnswer([]), 0.6),
    "connection refused": Kind(upstream_failure("no", "overloaded_error", reason="refused"), 0.01),
    "no connection within 10 s": Kind(upstream_failure("no", "timeout_error", reason="unreachable"), 10.0),
    "504 after 30 s": Kind(FakeAnswer([], 504, body=b"<html>"), 30.0),
    "breaks off in the answer": Kind(FakeAnswer([[ROLE, said("Half")], upstream_failure("gone")]), 0.6),
}


_COLUMNS = (
    "the first of three providers",
    "callers that saw an error",
    "asked in vain",
    "attempts for a request",
    "added to one of 90 requests in the outage, ms: median, 95 of 100, most",
    "back after its end, s",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one caller has seen."""

    at: float
    failed: bool
    seconds: float
    attempts: int


@dataclass(slots=True)
class Course:
    """What came of one outage."""

    seen: list[Seen] = field(default_factory=list)
    asked: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PROVIDERS})
    """When each provider was asked."""
    states: list[State] = field(default_factory=list)
    """The breaker of the first provider, each second."""


@dataclass(slots=True)
class _Upstreams:
    """Three providers, of which the first is out for a while."""

    kind: Kind
    course: Course

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> FakeAnswer:
        name = url.split("//")[1].split(".")[0]
        self.course.asked[name].append(now())
        if name != PROVIDERS[0] or not OUT[0] <= now() < OUT[1]:
            await asyncio.sleep(USUAL_SECONDS)
            return fine()
        await asyncio.sleep(self.kind.seconds)
        outcome = again(self.kind.outcome)
        if isinstance(outcome, FakeAnswer):
            return outcome
        assert isinstance(outcome, BaseException)
        raise outcome


def course_of(kind: Kind) -> Course:
    """What an outage of this kind comes to."""
    return run_virtually(_course(kind))


async def _course(kind: Kind) -> Course:
    course = Course()
    loop = asyncio.get_running_loop()
    health = unshared_health(lambda: EPOCH + loop.time())
    harness = Harness([], PROVIDERS, client=_Upstreams(kind, course), health=health, monotonic=loop.time)

    async def ask(number: int) -> None:
        await asyncio.sleep(number)
        answer = await harness.answer(stream=True, key_id=f"key_{number % 12}")
        failed = answer.status != 200 or answer.types()[-1] == "error"
        attempts = int(answer.headers["x-edgeway-attempts"].partition(",")[0])
        course.seen.append(Seen(number, failed, now() - number, attempts))

    async def watch() -> None:
        first = candidate(PROVIDERS[0], harness.model)
        for _ in range(REQUESTS):
            course.states.append(health.health.standing(first, EPOCH + loop.time()).state)
            await asyncio.sleep(1)

    await asyncio.gather(watch(), *(ask(number) for number in range(REQUESTS)))
    return course


@cache
def courses() -> Mapping[str, Course]:
    """Of all kinds."""
    return {name: course_of(kind) for name, kind in KINDS.items()}


def table(found: Mapping[str, Course]) -> list[str]:
    """As docs/routing.md shows it."""
    return [
        f"| {' | '.join(_COLUMNS)} |",
        "|" + "---|" * len(_COLUMNS),
        *(_row(name, course) for name, course in found.items()),
    ]


def _row(name: str, course: Course) -> str:
    during = [each for each in course.seen if OUT[0] <= each.at < OUT[1]]
    added = [1000 * (each.seconds - USUAL_SECONDS) for each in during]
    vain = sum(OUT[0] <= at < OUT[1] for at in course.asked[PROVIDERS[0]])
    attempts = sum(each.attempts for each in course.seen) / len(course.seen)
    failed = sum(each.failed for each in course.seen)
    told = ", ".join(f"{round(value):,}" for value in (median(added), _of_a_hundred(added), max(added)))
    return f"| {name} | {failed} of {REQUESTS} | {vain} | {attempts:.3f} | {told} | {_back(course.states)} |"


def _of_a_hundred(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def _back(states: Sequence[State]) -> int:
    """Seconds from the end of the outage until the breaker is closed."""
    end = int(OUT[1])
    return next(second for second, state in enumerate(states[end:]) if state == "closed")
