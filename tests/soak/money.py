"""Many keys spend for minutes while upstream, store and processes fail; then the ledger is compared with the upstream.

python -m tests.soak.money --callers 40 --seconds 600 [--dynamodb]

Each caller has a key with a budget, four share an owner's and all of them a pool's. Answers are counted, not counted,
cut, refused or dropped; callers hang up; the store is locked for seconds; processes are stopped for a moment and
killed. Over the answers whose usage the upstream has told, the sums of ledger and upstream must be equal, to the token
and the micro-dollar. It exits with 1 where something of this does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Final

from gateway.money.budgets import SORT_KEY, Account, partition_of, read_account
from gateway.money.ledger import GRACE_SECONDS
from gateway.money.reports import grouped, records, totals_of_keys
from gateway.money.usage import Totals
from gateway.storage.open import open_store
from gateway.storage.protocol import ItemType, Store

from tests.load.callers import MESSAGES, Target
from tests.running import Gateway, running_server
from tests.soak.__main__ import say
from tests.soak.counting import CountingUpstream, counting_upstream
from tests.soak.faults import Faults, halted, locked
from tests.soak.reckoning import Books, Record, budget_problem, exactly_spent, lines, record_problems
from tests.soak.spenders import Spender, hire
from tests.unit.gateway.stores import AWS_ENVIRONMENT, dynamodb_local, running_dynamodb_local

DEADLINE: Final = 15
"""Seconds that an answer may take; what is unsettled then is booked some time later."""
MARGIN_NS: Final = 2_000_000_000
"""So long after its end an answer may not be written down yet."""
QUIET_SECONDS: Final = 5.0


async def settled(store: Store, spenders: Sequence[Spender], kills: Sequence[int]) -> None:
    """Wait until every answer is booked: those of killed processes when their deadline has passed."""
    await asyncio.sleep(QUIET_SECONDS)
    last = max(kills, default=0) / 1e9 + DEADLINE + GRACE_SECONDS + 2
    await asyncio.sleep(max(0.0, last - time.monotonic()))


async def account(store: Store, scope: str) -> Account:
    """What is stored of a budget."""
    item = await store.get(partition_of(scope), SORT_KEY)
    return read_account(item.attributes) if item else Account()


async def reckoned(
    store: Store, upstream: CountingUpstream, spenders: Sequence[Spender], kills: Sequence[int]
) -> list[str]:
    """What does not hold."""
    items, now = await store.scan(ItemType.USAGE), time.time()
    interrupted = frozenset(
        tag
        for spender in spenders
        for tag, (asked, ended) in spender.asked.items()
        if any(asked <= kill <= ended + MARGIN_NS for kill in kills)
    )
    books = Books(upstream.calls, list(records(items, now=now)), interrupted)
    problems = list(record_problems(books))
    scopes = {f"key/{each.key_id}": [*each.asked] for each in spenders}
    for spender in spenders:
        scopes.setdefault(f"owner/{spender.owner}", []).extend(spender.asked)
        scopes.setdefault("pool/all", []).extend(spender.asked)
    exact = 0
    for scope, tags in scopes.items():
        found = await account(store, scope)
        exact += exactly_spent(found, now) if scope.startswith("key/") else 0
        problems += filter(None, [budget_problem(scope, found, now, tags, books)])
    for spender in spenders:
        found = await account(store, f"key/{spender.key_id}")
        dearest = max((call.cost for call in upstream.calls if call.tag in spender.asked), default=0)
        if found.spent(now) > spender.limit + dearest:
            problems.append(f"key {spender.number}: {found.spent(now)} spent of {spender.limit}")
    totals = grouped((each.holder, each.totals) for each in totals_of_keys(items))
    problems += _totals_problems(spenders, totals, books)
    _tell(books, exact)
    return problems


def _totals_problems(spenders: Sequence[Spender], totals: Mapping[str, Totals], books: Books) -> Iterator[str]:
    """The totals of `edgeway usage` are the sums of the records, but for what a killed process had half written."""
    for spender in spenders:
        mine: list[Record] = [each for each in books.records if each["key_id"] == spender.key_id]
        summed = sum(each["cost_micro_dollars"] or 0 for each in mine)
        loose = sum(each["cost_micro_dollars"] or 0 for each in mine if each["session"] in books.interrupted)
        total = totals[spender.key_id]["cost_micro_dollars"] if spender.key_id in totals else 0
        if not summed - loose <= total <= summed + (loose or 0) + _unrecorded(spender, books):
            yield f"key {spender.number}: a total of {total}, and records of {summed} micro-dollars"


def _unrecorded(spender: Spender, books: Books) -> int:
    recorded = {each["session"] for each in books.records}
    lost = {tag for tag in spender.asked if tag in books.interrupted and tag not in recorded}
    return sum(call.cost for call in books.calls if call.tag in lost)


def _tell(books: Books, exact: int) -> None:
    for line in lines(books):
        difference = line.ledger - line.upstream
        say(
            f"{line.what:<24} {line.requests:>8,} requests   ledger {line.ledger / 1e6:>12,.6f}   "
            f"upstream {line.upstream / 1e6:>12,.6f}   difference {difference:+,}"
        )
    told = sum(call.cost for calls in books.told().values() for call in calls)
    lost = sum(call.cost for tag in books.unknown() for call in books.told()[tag])
    say(f"keys' budgets: {exact / 1e6:,.6f} exactly; the upstream told {told / 1e6:,.6f}, of it {lost / 1e6:,.6f} to")
    say(f"processes that were killed then ({len(books.unknown())} answers); {len(books.interrupted)} were under way")


async def run(callers: int, seconds: float, *, on_dynamodb: bool) -> list[str]:
    """What has gone wrong."""
    async with counting_upstream() as upstream:
        with tempfile.TemporaryDirectory(prefix="edgeway-money-") as folder, ExitStack() as stack:
            file = Path(folder, "own.toml")
            await asyncio.to_thread(file.write_text, upstream.configuration())
            environment, setting = {"EDGEWAY_CONFIG": str(file)}, ""
            if on_dynamodb:
                setting = stack.enter_context(dynamodb_local(Path(folder)))
                address = running_dynamodb_local().address
                environment |= {"EDGEWAY_STORE": setting, "AWS_ENDPOINT_URL_DYNAMODB": address, **AWS_ENVIRONMENT}
            serving = running_server(upstream, "--processes", "2", "--deadline", str(DEADLINE), **environment)
            gateway = await asyncio.to_thread(serving.__enter__)
            try:
                if on_dynamodb:
                    lock = partial(halted, running_dynamodb_local().pid)
                    return await spent(gateway, setting, lock, upstream, callers, seconds)
                path = gateway.output.parent / "data" / "edgeway.db"
                return await spent(gateway, f"sqlite:{path}", partial(locked, path), upstream, callers, seconds)
            finally:
                await asyncio.to_thread(serving.__exit__, None, None, None)


async def spent(
    gateway: Gateway,
    setting: str,
    lock_store: Callable[[float], None],
    upstream: CountingUpstream,
    callers: int,
    seconds: float,
) -> list[str]:
    """Let them spend, and reckon."""
    with closing(open_store(setting)) as store:
        spenders = await hire(store, callers)
        faults, target = Faults(gateway, lock_store), Target.at(gateway.url, MESSAGES)
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(each.spend(target, until) for each in spenders), faults.happen(seconds, DEADLINE + GRACE_SECONDS)
        )
        outcomes = sum((each.outcomes for each in spenders), Counter[str]())
        for outcome, times in sorted(outcomes.items()):
            say(f"{times:>8,} {outcome}")
        await settled(store, spenders, faults.kills)
        return await reckoned(store, upstream, spenders, faults.kills)


def main(arguments: Sequence[str]) -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.money", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--callers", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument(
        "--dynamodb", action="store_true", help="over DynamoDB Local (make .cache/dynamodb-local/.ready)"
    )
    told = parser.parse_args(arguments)
    problems = asyncio.run(run(told.callers, told.seconds, on_dynamodb=told.dynamodb))
    for problem in problems[:50]:
        say(f"failed: {problem}")
    say(
        f"{told.callers} keys for {told.seconds:g} seconds: {len(problems)} problems"
        if problems
        else "every sum is right"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
