"""Providers that are slow to begin now and then: what callers wait with hedging and without, and what it costs.

The whole function answers, in virtual time; how long an answer takes to begin is drawn by seed. One request comes each
second, of twelve keys by turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from statistics import quantiles

from gateway.routing.route_rules import RouteRule, Routes
from gateway.upstream.deadlines import Deadlines

from tests.simulation.virtual_time import now, run_virtually
from tests.unit.gateway.fakes import FakeAnswer, Harness, fine, unshared_health

EPOCH = 1_800_000_000.0
PROVIDERS = ("one", "two")
REQUESTS = 600
SEED = 18

Draw = Callable[[Random, float], float]
"""The seconds to the first content of an answer that is asked for at this second."""


def _usual(random: Random) -> float:
    return 0.6 * random.lognormvariate(0, 0.3)


def _stalling(share: float) -> Draw:
    return lambda random, _: random.uniform(10, 30) if random.random() < share else _usual(random)


KINDS: Mapping[str, Draw] = {
    "one answer in a hundred takes 10 to 30 s": _stalling(0.01),
    "one in thirty does": _stalling(1 / 30),
    "one in eight does": _stalling(1 / 8),
    "all take 15 s for a minute": lambda random, at: 15.0 if 300 <= at < 360 else _usual(random),
    "a tail without stalls (log-normal, its deviation 1)": lambda random, _: 0.6 * random.lognormvariate(0, 1),
}
"""Of the first provider; the second is always as usual."""

_COLUMNS = (
    "the first of two providers",
    "hedge",
    "first content after, s: median",
    "95 of 100",
    "99 of 100",
    "most",
    "attempts for a request",
    "prompts paid in vain, of 100",
)


@dataclass(slots=True)
class Waits:
    """What came of one kind."""

    seconds: list[float] = field(default_factory=list)
    attempts: int = 0
    outrun: int = 0


@dataclass(slots=True)
class _Upstreams:
    draw: Draw
    random: Random

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> FakeAnswer:
        is_first = url.startswith(f"https://{PROVIDERS[0]}.")
        await asyncio.sleep(self.draw(self.random, now()) if is_first else _usual(self.random))
        return fine()


def waits_of(draw: Draw, *, is_hedged: bool) -> Waits:
    """What callers wait for their first content."""
    return run_virtually(_waits(draw, is_hedged=is_hedged))


async def _waits(draw: Draw, *, is_hedged: bool) -> Waits:
    waits = Waits()
    loop = asyncio.get_running_loop()
    harness = Harness(
        [],
        PROVIDERS,
        client=_Upstreams(draw, Random(SEED)),
        health=unshared_health(lambda: EPOCH + loop.time()),
        monotonic=loop.time,
        routes=Routes(rules=(RouteRule(name="all", hedge=is_hedged),)),
    )

    async def ask(number: int) -> None:
        await asyncio.sleep(number)
        answer = await harness.answer(stream=True, key_id=f"key_{number % 12}")
        waits.seconds.append(now() - number)
        told = answer.headers["x-edgeway-attempts"]
        waits.attempts += int(told.partition(",")[0])
        waits.outrun += "=outrun" in told

    await asyncio.gather(*(ask(number) for number in range(REQUESTS)))
    return waits


@cache
def waits() -> Mapping[str, tuple[Waits, Waits]]:
    """Of all kinds, without hedging and with it."""
    return {name: (waits_of(draw, is_hedged=False), waits_of(draw, is_hedged=True)) for name, draw in KINDS.items()}


def table(found: Mapping[str, tuple[Waits, Waits]]) -> list[str]:
    """As docs/routing.md shows it."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
    for name, (without, with_hedging) in found.items():
        lines += [_row(name, "no", without), _row("", "yes", with_hedging)]
    return lines


def share_of_slowest(waits: Waits, of_hundred: int) -> float:
    """The seconds that so many of a hundred take at most."""
    return quantiles(waits.seconds, n=100)[of_hundred - 1]


def _row(name: str, hedge: str, waits: Waits) -> str:
    told = [f"{share_of_slowest(waits, each):.1f}" for each in (50, 95, 99)]
    attempts, vain = waits.attempts / REQUESTS, 100 * waits.outrun / REQUESTS
    return f"| {name} | {hedge} | {' | '.join(told)} | {max(waits.seconds):.1f} | {attempts:.3f} | {vain:.1f} |"
