"""What a day of Claude Code sessions costs over three providers with prompt caches, by who is asked.

The orders are the product's own; the providers price by prefix as they say (prompt_caches.py). Each day of a seed has
its own sessions and outages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from gateway.choice.cache_holders import CacheHolders
from gateway.choice.candidate_order import ordered, spread
from gateway.choice.request_facts import RequestFacts
from gateway.routing.model_facts import Prices, unknown_model
from gateway.routing.providers import ConfiguredProvider, Provider
from gateway.routing.resolve import Candidate
from gateway.routing.route_rules import Order
from translator.traits import Traits

from tests.simulation.claude_code_day import DAY, Turn, day
from tests.simulation.prompt_caches import PromptCache

SEEDS = (18, 19, 20, 21, 22)
MODELS: Mapping[str, Mapping[str, Prices]] = {
    "Claude Sonnet 5": {
        "Anthropic": Prices(2_000_000, 10_000_000, cache_read=200_000, cache_write=2_500_000),
        "Bedrock, in one Region": Prices(2_200_000, 11_000_000, cache_read=220_000, cache_write=2_750_000),
        "OpenRouter": Prices(2_000_000, 10_000_000, cache_read=200_000, cache_write=2_500_000),
    },
    "MiniMax M2.5": {
        "MiniMax": Prices(300_000, 1_200_000, cache_read=30_000, cache_write=375_000),
        "Novita": Prices(300_000, 1_200_000, cache_read=30_000),
        "OpenRouter": Prices(220_000, 900_000, cache_read=50_000),
    },
}
"""By model and provider, as models.dev has them on 18 August 2026. OpenRouter's is the cheapest by its list for MiniMax
M2.5, and the dearest where the cache is warm."""

Outages = Mapping[str, Sequence[tuple[float, float]]]
Choose = Callable[[Turn, int], Sequence[Candidate]]


@dataclass(slots=True)
class Bill:
    """What came of a day."""

    micro_dollars: int = 0
    prompt: int = 0
    read: int = 0
    failed: int = 0
    moves: int = 0


def candidates(model: str) -> list[Candidate]:
    found = []
    for name, prices in MODELS[model].items():
        provider = Provider(id=name, name=name, base_url="https://llm.example.com/v1")
        facts = replace(unknown_model(name, model), prices=(prices,))
        configured = ConfiguredProvider(provider, provider.base_url)
        found.append(Candidate(provider=configured, model=model, facts=facts, traits=Traits(), dialects=("chat",)))
    return found


def outages(random: Random, names: Sequence[str]) -> Outages:
    """Ten minutes without each provider, three times a day."""
    return {name: [(begin, begin + 600) for begin in (random.uniform(0, DAY) for _ in range(3))] for name in names}


def simulate(choose: Choose, holders: CacheHolders, turns: Sequence[Turn], out: Outages, model: str) -> Bill:
    """The bill of a day on which each request is answered by the first that is not out."""
    bill = Bill()
    caches = {name: PromptCache(prices) for name, prices in MODELS[model].items()}
    before: dict[str, str] = {}
    for number, turn in enumerate(turns):
        fit = [each for each in choose(turn, number) if not _is_out(each, turn.at, out)]
        if not fit:
            bill.failed += 1
            continue
        name = fit[0].provider.id
        usage = caches[name].answer(turn)
        bill.micro_dollars += caches[name].price(usage)
        bill.prompt += turn.prompt
        bill.read += usage.cache_read_input_tokens
        bill.moves += before.get(turn.session, name) != name
        before[turn.session] = name
        holders.answered(turn.session, fit[0].name, turn.at)
    return bill


def _is_out(candidate: Candidate, at: float, out: Outages) -> bool:
    return any(begin <= at < end for begin, end in out[candidate.provider.id])


@cache
def bills(model: str, seed: int) -> dict[str, Bill]:
    """The day under each way to choose."""
    random = Random(seed)
    turns, out, all_of_them = day(random), outages(random, list(MODELS[model])), candidates(model)

    def by(order: Order, first: Callable[[Turn, int], Sequence[Candidate]], *, stays: bool) -> Bill:
        holders = CacheHolders()

        def choose(turn: Turn, number: int) -> Sequence[Candidate]:
            facts = RequestFacts(model, frozenset(), frozenset(), turn.prompt, turn.answer, turn.session)
            holder = holders.holder(turn.session, turn.at) if stays else None
            return ordered(first(turn, number), order, facts, pace=lambda _: None, holder=holder)

        return simulate(choose, holders, turns, out, model)

    def listed(_turn: Turn, _number: int) -> Sequence[Candidate]:
        return all_of_them

    def turned(_turn: Turn, number: int) -> Sequence[Candidate]:
        first = number % len(all_of_them)
        return [*all_of_them[first:], *all_of_them[:first]]

    def shared(turn: Turn, _number: int) -> Sequence[Candidate]:
        by_id = {each.provider.id: each for each in all_of_them}
        return [by_id[name] for name in spread(list(by_id), [1] * len(by_id), turn.session)]

    return {
        '`order = "list"`: sessions stay': by("list", listed, stays=True),
        '`order = "cache"`: sessions stay where that is cheaper': by("cache", listed, stays=True),
        '`order = "price"`: sessions stay': by("price", listed, stays=True),
        "`weights = [1, 1, 1]`: a third of the sessions each": by("list", shared, stays=False),
        "price order, nobody stays": by("price", listed, stays=False),
        "round robin": by("list", turned, stays=False),
        "the first provider alone": simulate(lambda *_: all_of_them[:1], CacheHolders(), turns, out, model),
    }


def tables() -> list[str]:
    """As docs/routing.md shows them."""
    lines = []
    for model in MODELS:
        days = [bills(model, seed) for seed in SEEDS]
        lines += [
            f"| {model}: who is asked | dollars a day | least, most | prompt read from caches | moves | failed |",
            "|---|---|---|---|---|---|",
            *(_row(name, [each[name] for each in days]) for name in days[0]),
            "",
        ]
    return lines[:-1]


def _row(name: str, found: Sequence[Bill]) -> str:
    dollars = [bill.micro_dollars / 1_000_000 for bill in found]
    read = sum(bill.read for bill in found) / sum(bill.prompt for bill in found)
    moves, failed = (sum(getattr(bill, what) for bill in found) / len(found) for what in ("moves", "failed"))
    mean = sum(dollars) / len(dollars)
    spread_out = f"{min(dollars):,.2f}, {max(dollars):,.2f}"
    return f"| {name} | {mean:,.2f} | {spread_out} | {read:.1%} | {moves:,.0f} | {failed:,.0f} |"
