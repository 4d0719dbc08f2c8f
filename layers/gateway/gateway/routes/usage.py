"""GET /v1/usage: what the key of the request has spent, what it may spend, and when that begins anew."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from translator.anthropic.events import encode_json

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.access.limits import Budget
from gateway.money.budgets import SORT_KEY, Account, partition_of, period_at, read_account, reset_of
from gateway.money.reports import SessionTotal, grouped, totals_of_keys, totals_of_sessions
from gateway.money.usage import DAY, SESSION, Totals, day_of, key_partition
from gateway.storage.protocol import Store
from gateway.web.proxy_event import HttpRequest, answer_json

REMEMBERED_SECONDS: Final = 2.0
"""A status line asks often: for so long the same key gets the same answer, and the store is not asked."""
MOST_SESSIONS: Final = 50
_MOST_KEYS: Final = 1024


class UsageFunction:
    """Answers for each key by itself. `clock` gives seconds since the epoch, `zone_seconds` how far east days begin."""

    def __init__(
        self,
        admission: Admission,
        open_store: Callable[[], Awaitable[Store]],
        *,
        clock: Callable[[], float],
        zone_seconds: int = 0,
    ) -> None:
        self._admission = admission
        self._open_store = open_store
        self._clock = clock
        self._zone_seconds = zone_seconds
        self._answers: dict[str, tuple[float, bytes]] = {}

    async def handle(self, http: HttpRequest) -> Mapping[str, Any]:
        """The answer to one request. Raises `ApiError`."""
        key = await self._admission.admit(http)
        now = self._clock()
        made, body = self._answers.get(key.id, (-REMEMBERED_SECONDS, b""))
        if not 0 <= now - made < REMEMBERED_SECONDS:
            body = encode_json(await self._usage(key, now))
            if len(self._answers) >= _MOST_KEYS:
                self._answers.clear()
            self._answers[key.id] = now, body
        return answer_json(200, body, {"request-id": http.request_id, "cache-control": "no-store"})

    async def _usage(self, key: KeyRecord, now: float) -> dict[str, Any]:
        store = await self._open_store()
        month, partition, budgets = day_of(now)[:7], key_partition(key.id), key.budgets()
        (models, sessions), accounts = await asyncio.gather(
            asyncio.gather(store.query(partition, DAY + month), store.query(partition, SESSION + month)),
            asyncio.gather(*(store.get(partition_of(budget.scope), SORT_KEY) for budget in budgets)),
        )
        by_day = list(totals_of_keys(models))
        return {
            "type": "usage",
            "key": {"id": key.id, "name": key.name},
            "budgets": [
                told
                for budget, item in zip(budgets, accounts, strict=True)
                for told in self._budget(budget, read_account(item.attributes) if item else Account(), now)
            ],
            "today": dict(sum((each.totals for each in by_day if each.day == day_of(now)), Totals()).counts),
            "month": dict(sum((each.totals for each in by_day), Totals()).counts),
            "models": _named("model", grouped((each.model, each.totals) for each in by_day)),
            "sessions": list(_sessions(list(totals_of_sessions(sessions)))),
        }

    def _budget(self, budget: Budget, account: Account, now: float) -> Iterator[dict[str, Any]]:
        """A budget's windows; of one that is shared only how much of it is used."""
        current = account.current(period_at(now, zone_seconds=self._zone_seconds))
        scope = budget.scope.partition("/")[0]
        for window, limit in budget.limits.named():
            held, reset = current.held[window], reset_of(window, now, zone_seconds=self._zone_seconds)
            amounts = {
                "limit_micro_dollars": limit,
                "spent_micro_dollars": current.spent(now, window),
                "reserved_micro_dollars": current.reserved(now, window),
            }
            yield {
                "scope": scope,
                "window": window,
                **(amounts if scope == "key" else {}),
                "used": 1.0 if held >= limit else round(held / limit, 4),
                "resets_at": None
                if reset is None
                else datetime.fromtimestamp(reset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }


def _named(what: str, sums: Mapping[str, Totals]) -> list[dict[str, Any]]:
    return [{what: name, **totals.counts} for name, totals in sums.items()]


def _sessions(found: Sequence[SessionTotal]) -> Iterator[dict[str, Any]]:
    """The dearest sessions, each with its agents."""
    sums = grouped((each.session, each.totals) for each in found)
    for session in list(sums)[:MOST_SESSIONS]:
        own = [each for each in found if each.session == session]
        parents = {each.agent: each.parent_agent for each in own}
        agents = grouped((each.agent, each.totals) for each in own)
        yield {
            "session": session,
            **sums[session].counts,
            "agents": [
                {"agent": agent, "parent_agent": parents[agent], **totals.counts} for agent, totals in agents.items()
            ],
        }
