"""What the ledger says beside what the upstream says. Pure.

An answer whose usage the upstream has told is booked to the token and to the micro-dollar. Of a request that a killed
process had under way nobody knows how far it came: it may be booked so, or as an estimate. All others are estimates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.money.budgets import Account

from tests.soak.counting import Call

TOKENS: Final = ("input_tokens", "cache_read_input_tokens", "output_tokens")
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Books:
    """What there is after a run."""

    calls: Sequence[Call]
    records: Sequence[Record]
    """Of the requests; the session of each is the tag of its calls."""
    interrupted: frozenset[str]
    """The tags of requests that a killed process may have had under way."""

    def told(self) -> dict[str, list[Call]]:
        """The calls whose usage the upstream has told, by tag."""
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            if call.is_reported:
                found[call.tag].append(call)
        return dict(found)

    def exact(self) -> list[Record]:
        """The records that claim to be no estimate."""
        return [each for each in self.records if not each["cost_is_estimate"] and each["cost_micro_dollars"]]

    def unknown(self) -> set[str]:
        """The tags of what was told to a process that was killed, which left no record."""
        recorded = {each["session"] for each in self.records}
        return {tag for tag in self.told() if tag in self.interrupted and tag not in recorded}


def tokens_of(calls: Iterable[Call]) -> tuple[int, ...]:
    """As a record has them."""
    found = [(call.prompt - call.cached, call.cached, call.output) for call in calls]
    return tuple(map(sum, zip(*found, strict=True))) if found else (0,) * len(TOKENS)


def record_problems(books: Books) -> Iterator[str]:
    """Where a record differs from what the upstream told, or is missing."""
    told = books.told()
    for record in books.exact():
        calls = told.get(record["session"], [])
        if tuple(record[name] for name in TOKENS) != tokens_of(calls):
            yield f"{record['session']}: the record's tokens are not the upstream's {tokens_of(calls)}"
        if record["cost_micro_dollars"] != sum(call.cost for call in calls):
            yield f"{record['session']}: {record['cost_micro_dollars']} micro-dollars, not {sum(c.cost for c in calls)}"
    recorded = {each["session"]: each for each in books.records}
    for tag, calls in told.items():
        if tag in books.interrupted:
            continue
        if tag not in recorded:
            yield f"{tag}: no record of it"
        elif recorded[tag]["cost_is_estimate"] and calls[0].kind != "failover":
            yield f"{tag}: an estimate, although the upstream has told its usage"


def budget_problem(scope: str, account: Account, now: float, tags: Iterable[str], books: Books) -> str | None:
    """Where a budget's exact part is not what the upstream told in the requests with these tags."""
    if held := account.reserved(now):
        return f"{scope}: {held} micro-dollars are still reserved"
    told, unknown = books.told(), books.unknown()
    mine = [tag for tag in tags if tag in told]
    sure = sum(call.cost for tag in mine if tag not in unknown for call in told[tag])
    open_ones = [sum(call.cost for call in told[tag]) for tag in mine if tag in unknown]
    difference = exactly_spent(account, now) - sure
    if not _is_sum(difference, open_ones):
        return f"{scope}: {difference} micro-dollars more than the upstream told, with {len(open_ones)} unknown"
    return None


def exactly_spent(account: Account, now: float) -> int:
    """What is booked in micro-dollars, but for estimates; what nobody has settled in time is one."""
    return account.spent(now) - account.estimated - sum(each.micro_dollars for each in account.expired(now).values())


def _is_sum(difference: int, amounts: Sequence[int]) -> bool:
    """Whether some of the amounts make up the difference; each bit of `sums` is one that some of them make."""
    sums = 1
    for amount in amounts:
        sums |= sums << amount
    return difference >= 0 and bool(sums >> difference & 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison."""

    what: str
    requests: int
    ledger: int
    """Micro-dollars."""
    upstream: int


def lines(books: Books) -> Iterator[Line]:
    """The exact ones together, and the estimated ones by what the upstream played, with its true sum beside."""
    by_tag: dict[str, list[Call]] = defaultdict(list)
    for call in books.calls:
        by_tag[call.tag].append(call)
    exact = books.exact()
    true = sum(call.cost for each in exact for call in by_tag[each["session"]])
    yield Line("told by the upstream", len(exact), sum(each["cost_micro_dollars"] for each in exact), true)
    estimated: dict[str, list[Record]] = defaultdict(list)
    for record in books.records:
        if record["cost_is_estimate"]:
            estimated[by_tag[record["session"]][0].kind].append(record)
    for kind, records in sorted(estimated.items()):
        true = sum(call.cost for each in records for call in by_tag[each["session"]])
        yield Line(f"estimated: {kind}", len(records), sum(each["cost_micro_dollars"] for each in records), true)
