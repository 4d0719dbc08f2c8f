"""What a request costs in DynamoDB: the write units that it says it has consumed, for what docs/money.md promises."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gateway.money.ledger import StoredLedger
from gateway.money.rate_limits import RateLimiter
from gateway.money.usage import UsageRecorder
from gateway.storage.dynamodb import DynamoDbStore
from gateway.storage.open import open_store

from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import Harness, fine
from tests.unit.gateway.money.accounts import PRICED, giving
from tests.unit.gateway.money.test_ledger import NOON
from tests.unit.gateway.stores import KINDS, STORES

RICH = "100000000"
CLAUDE_CODE = {
    "user-agent": "claude-cli/2.1.332 (external, cli)",
    "x-claude-code-session-id": "478b6648-2f2b-45d8-9b03-16a1e1d812f1",
    "x-claude-code-agent-id": "a0123456789abcdef0",
    "x-claude-code-parent-agent-id": "a0123456789abcdef1",
}
OWNED = {"owner": "ada.lovelace@example.com"}
LIMITED = {"streams": "8", "requests_per_minute": "1000", "tokens_per_minute": "1000000"}


class Metered:
    """A client that adds up the write units of its calls. Where nobody measures them, each write is one."""

    def __init__(self, client: Any, *, is_measured: bool) -> None:
        self._client = client
        self._is_measured = is_measured
        self.units = 0.0

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = await self._client.call(operation, {**parameters, "ReturnConsumedCapacity": "TOTAL"})
        if operation in ("PutItem", "UpdateItem"):
            self.units += answer["ConsumedCapacity"]["CapacityUnits"] if self._is_measured else 1
        return answer

    def close(self) -> None:
        self._client.close()


@pytest.mark.parametrize(
    ("context", "headers", "units"),
    [
        ({}, {}, 2),
        ({"budget_day": RICH, "budget_month": RICH, "budget_total": RICH}, {}, 4),
        ({"budget_day": RICH, **OWNED}, {}, 4),
        ({"budget_day": RICH}, CLAUDE_CODE, 5),
        ({"budget_day": RICH, **OWNED}, CLAUDE_CODE, 5),
        ({"budget_day": RICH, "owner_budget_month": RICH, **OWNED}, CLAUDE_CODE, 7),
        ({"budget_day": RICH, "owner_budget_month": RICH, "pool": "all", "pool_budget_day": RICH, **OWNED},
         CLAUDE_CODE, 9),
        (LIMITED, {}, 4),
    ],
    ids=[
        "no budget", "the key's budgets", "without a session", "in a session", "of an owner", "with a budget",
        "and a pool's", "limits",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.values[0] in ("moto", "dynamodb-local")])
def test_a_request_consumes_no_more_write_units_than_promised(
    kind: str, context: Mapping[str, str], headers: Mapping[str, str], units: int, tmp_path: Path
) -> None:
    with STORES[kind](tmp_path) as setting, closing(open_store(setting)) as store:
        assert isinstance(store, DynamoDbStore)
        client = store._client = Metered(store._client, is_measured=kind != "moto")
        clock = Clock(NOON)
        harness = Harness(
            [fine(), fine()],
            ledger=StoredLedger(giving(store), clock=clock, log=lambda *_: None),  # type: ignore[arg-type]
            limiter=RateLimiter(giving(store), clock=clock, log=lambda *_: None),
            record=UsageRecorder(giving(store), clock=clock, log=lambda *_: None).record,
            context=context,
        )

        async def route(*_: object) -> Any:
            return [PRICED]

        object.__setattr__(harness.function._chooser, "route", route)
        assert harness.ask(headers=headers).status == 200  # the day's first, which finds no item
        clock.now += 1
        client.units = 0
        assert harness.stream(headers=headers).status == 200
        assert client.units == units
