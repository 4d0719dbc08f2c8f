"""What a day of coding sessions costs over three providers with prompt caches, by who is asked: a simulation.

Run `python -m tests.simulation.sessions`; docs/routing.md shows its table. The sessions are made up (their seed is
below), the orders are the product's own, and providers price by prefix as they say: what a session has sent to the same
provider within five minutes is read from its cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from gateway.choice.cache_holders import WARM_SECONDS, CacheHolders
from gateway.choice.candidate_order import ordered
from gateway.choice.request_facts import RequestFacts
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.providers import ConfiguredProvider, Provider
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import Order
from translator.traits import Traits

SEED = 18
SESSIONS = 60
DAY = 9 * 3600.0
MODEL = "claude-sonnet-5"
PRICES = {
    "maker": Prices(3_000_000, 15_000_000, cache_read=300_000, cache_write=3_750_000),
    "cloud": Prices(2_900_000, 14_500_000, cache_read=290_000, cache_write=3_625_000),
    "market": Prices(2_500_000, 14_000_000),
}
"""By provider; the cheapest by its list has no cache."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of a session."""

    at: float
    session: str
    prompt: int
    answer: int


@dataclass(slots=True)
class Bill:
    """What came of a day."""

    micro_dollars: float = 0.0
    failed: int = 0
    moves: int = 0


def candidates() -> list[Candidate]:
    found = []
    for name, prices in PRICES.items():
        provider = Provider(id=name, name=name, base_url=f"https://{name}.example.com/v1")
        facts = replace(unknown_model(name, MODEL), prices=(prices,))
        configured = ConfiguredProvider(provider, provider.base_url)
        found.append(Candidate(provider=configured, model=MODEL, facts=facts, traits=Traits(), dialects=("chat",)))
    return found


def day(random: Random) -> list[Turn]:
    """The turns of all sessions, in their order."""
    turns = []
    for number in range(SESSIONS):
        at, prompt = random.uniform(0, DAY), random.randint(15_000, 30_000)
        for _ in range(random.randint(20, 120)):
            answer = random.randint(100, 1_500)
            turns.append(Turn(at, f"session-{number}", prompt, answer))
            prompt = prompt + answer + random.randint(200, 4_000) if prompt < 160_000 else 30_000  # it compacts
            at += random.uniform(5, 60) if random.random() < 0.93 else random.uniform(120, 1_500)
    return sorted(turns, key=lambda turn: turn.at)


def outages(random: Random) -> dict[str, list[tuple[float, float]]]:
    """Ten minutes without each provider, three times a day."""
    return {name: [(begin, begin + 600) for begin in (random.uniform(0, DAY) for _ in range(3))] for name in PRICES}


Choose = Callable[[Turn, int], Sequence[Candidate]]


def simulate(
    choose: Choose, holders: CacheHolders, turns: Sequence[Turn], out: dict[str, list[tuple[float, float]]]
) -> Bill:
    """The bill of a day on which each turn is answered by the first that is not out."""
    bill = Bill()
    asked: dict[tuple[str, str], tuple[float, int]] = {}
    before: dict[str, str] = {}
    for number, turn in enumerate(turns):
        fit = [
            each
            for each in choose(turn, number)
            if not any(begin <= turn.at < end for begin, end in out[each.provider.id])
        ]
        if not fit:
            bill.failed += 1
            continue
        name, prices = fit[0].provider.id, fit[0].prices[0]
        at, prefix = asked.get((turn.session, name), (-WARM_SECONDS, 0))
        is_warm = prices.cache_read is not None and turn.at - at < WARM_SECONDS and prefix <= turn.prompt
        cached = prefix if is_warm else 0
        write = prices.input if prices.cache_write is None else prices.cache_write
        tokens = cached * (prices.cache_read or 0) + (turn.prompt - cached) * write + turn.answer * prices.output
        bill.micro_dollars += tokens / 1_000_000
        bill.moves += before.get(turn.session, name) != name
        before[turn.session] = name
        asked[turn.session, name] = (turn.at, turn.prompt)
        holders.answered(turn.session, fit[0].name, turn.at)
    return bill


def bills() -> dict[str, Bill]:
    """The day under each way to choose."""
    random = Random(SEED)
    turns, out, all_of_them = day(random), outages(random), candidates()

    def by(order: Order, *, sticky: bool) -> Bill:
        holders = CacheHolders()

        def choose(turn: Turn, _: int) -> Sequence[Candidate]:
            facts = RequestFacts(MODEL, frozenset(), frozenset(), turn.prompt, turn.answer, turn.session)
            holder = holders.holder(turn.session, turn.at) if sticky else None
            return ordered(all_of_them, order, facts, pace=lambda _: None, holder=holder)

        return simulate(choose, holders, turns, out)

    def turned(_: Turn, number: int) -> Sequence[Candidate]:
        first = number % len(all_of_them)
        return [*all_of_them[first:], *all_of_them[:first]]

    return {
        "`list`, sessions stay": by("list", sticky=True),
        "`cache`": by("cache", sticky=True),
        "`price`, sessions stay": by("price", sticky=True),
        "price order, nobody stays": by("price", sticky=False),
        "round robin": simulate(turned, CacheHolders(), turns, out),
        "the maker alone": simulate(lambda *_: all_of_them[:1], CacheHolders(), turns, out),
    }


def table() -> str:
    """As docs/routing.md shows it."""
    rows = [
        f"| {name} | {bill.micro_dollars / 1_000_000:,.0f} | {bill.moves} | {bill.failed} |"
        for name, bill in bills().items()
    ]
    return "\n".join(["| who is asked | dollars | times a session moved | failed |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(table())  # noqa: T201 -- it is for this
