"""Reads totals and records back, for operators and for whoever holds a key. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from gateway.money.usage import DAY, SESSION, Totals, counts_of_record, read_totals
from gateway.storage.protocol import Item, ItemType

_KEY = f"{ItemType.USAGE.prefix}key/"
_RECORD = f"{ItemType.USAGE.prefix}record/"


class Total(NamedTuple):
    """Sums of one key's day at one model, for one owner (empty: the key had none)."""

    day: str
    model: str
    holder: str
    owner: str
    totals: Totals


class SessionTotal(NamedTuple):
    """Sums of one agent's day in one session of a key's."""

    day: str
    key_id: str
    session: str
    agent: str
    parent_agent: str
    totals: Totals


def totals_of_keys(items: Iterable[Item]) -> Iterator[Total]:
    """Each key's totals by day, model and owner."""
    for item in items:
        if item.pk.startswith(_KEY) and item.sk.startswith(DAY):
            day, _, model = item.sk.removeprefix(DAY).partition("#")
            owner = str(item.attributes.get("owner") or "")
            named = model.removesuffix(f"#{owner}") if owner else model
            yield Total(day, named, item.pk.removeprefix(_KEY), owner, read_totals(item.attributes))


def totals_of_sessions(items: Iterable[Item]) -> Iterator[SessionTotal]:
    """Each session's totals by day and agent."""
    for item in items:
        if item.pk.startswith(_KEY) and item.sk.startswith(SESSION):
            day = item.sk.removeprefix(SESSION).partition("#")[0]
            session, agent, parent = (
                str(item.attributes.get(name) or "") for name in ("session", "agent", "parent_agent")
            )
            yield SessionTotal(day, item.pk.removeprefix(_KEY), session, agent, parent, read_totals(item.attributes))


def records(items: Iterable[Item], *, now: float) -> Iterator[Mapping[str, Any]]:
    """The records of requests that have not expired, the oldest first."""
    found = [item for item in items if item.pk.startswith(_RECORD) and (item.ttl is None or item.ttl > now)]
    for item in sorted(found, key=lambda each: (each.pk.rpartition("/")[2], each.sk)):
        yield {"day": item.pk.rpartition("/")[2], **item.attributes}


def grouped(parts: Iterable[tuple[str, Totals]]) -> dict[str, Totals]:
    """The sums by name, the dearest first."""
    sums: dict[str, Totals] = defaultdict(Totals)
    for name, totals in parts:
        sums[name] += totals
    return dict(sorted(sums.items(), key=lambda each: (-each[1]["cost_micro_dollars"], each[0])))


def by_client(found: Iterable[Mapping[str, Any]]) -> dict[str, Totals]:
    """The sums of records by the client that asked."""
    return grouped((str(each.get("client") or ""), counts_of_record(each)) for each in found)
