"""A key with a budget through the whole function: warned, refused, or answered by a cheaper model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.access.limits import Budget, Limits
from gateway.money.amounts import dollars, dollars_exactly
from gateway.money.budgets import Account
from gateway.money.ledger import StoredLedger
from gateway.money.warnings import warning_headers
from gateway.routing.model_facts import Prices
from gateway.routing.resolve import Candidate
from gateway.storage.open import open_store
from translator.anthropic.errors import ApiError

from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import Answer, Harness, fine
from tests.unit.gateway.money.accounts import PRICED, giving, priced
from tests.unit.gateway.money.test_ledger import NOON

UNIFIED = "anthropic-ratelimit-unified-"
MIDNIGHT = str(int(NOON) + 43_200)
FREE = replace(priced(Prices(0, 0)), model="free")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[StoredLedger]:
    store = open_store(f"sqlite:{tmp_path}/edgeway.db")
    yield StoredLedger(giving(store), clock=Clock(NOON), log=lambda *_: None)
    store.close()


class BudgetHarness:
    """The function with a real ledger; `cheaper` is what the operator's `over_budget` leads to."""

    def __init__(
        self, ledger: StoredLedger, limits: dict[str, str], cheaper: Sequence[Candidate] | ApiError = ()
    ) -> None:
        is_named = isinstance(cheaper, ApiError) or bool(cheaper)
        self.harness = Harness(
            [fine(), fine(), fine()],
            ledger=ledger,  # type: ignore[arg-type] # the real one
            context=limits,
            over_budget="one/free" if is_named else None,
        )

        async def route(model: str, _key: KeyRecord) -> Sequence[Candidate]:
            if model != "one/free":
                return [PRICED]
            if isinstance(cheaper, ApiError):
                raise cheaper
            return cheaper

        object.__setattr__(self.harness.function._services, "route", route)
        object.__setattr__(self.harness.function._chooser, "route", route)

    def ask(self, **changes: Any) -> Answer:
        return self.harness.ask(max_tokens=90, **changes)


def unified(answer: Answer) -> dict[str, str]:
    return {name.removeprefix(UNIFIED): value for name, value in answer.headers.items() if name.startswith(UNIFIED)}


@pytest.mark.parametrize("stream", [False, True])
def test_a_key_with_a_budget_is_told_how_near_it_is(ledger: StoredLedger, stream: bool) -> None:
    answer = BudgetHarness(ledger, {"budget_day": "1150"}).ask(stream=stream)
    assert answer.status == 200
    assert unified(answer) == {
        "status": "allowed_warning", "overage-status": "allowed_warning", "representative-claim": "overage",
        "overage-utilization": "0.78", "overage-surpassed-threshold": "0.75",
        "reset": MIDNIGHT, "overage-reset": MIDNIGHT,
    }  # fmt: skip


def test_a_key_without_one_is_told_nothing(ledger: StoredLedger) -> None:
    assert unified(BudgetHarness(ledger, {}).ask()) == {}


@pytest.mark.failure_mode(36)
def test_over_budget_nobody_is_asked(ledger: StoredLedger) -> None:
    over = BudgetHarness(ledger, {"budget_day": "0"})
    answer = over.ask()
    assert (answer.status, answer.json()["error"]["type"], over.harness.upstream.calls) == (429, "billing_error", [])
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("43200", "false")
    assert unified(answer)["overage-period"] == "daily"


def test_over_budget_a_cheaper_model_answers_and_says_so(ledger: StoredLedger) -> None:
    answer = BudgetHarness(ledger, {"budget_day": "0"}, [FREE]).ask()
    assert (answer.status, answer.headers["x-edgeway-model"], answer.headers["x-edgeway-cost-usd"]) == (
        200, "one/free", "0.000000",
    )  # fmt: skip


@pytest.mark.parametrize("cheaper", [[PRICED], ApiError("permission_error", "not for this key")])
def test_a_cheaper_model_must_fit_too_and_the_key_may_use_it(ledger: StoredLedger, cheaper: Any) -> None:
    answer = BudgetHarness(ledger, {"budget_day": "0"}, cheaper).ask()
    assert (answer.status, answer.json()["error"]["type"]) == (429, "billing_error")


@pytest.mark.parametrize(
    ("held", "limit", "utilization", "threshold"),
    [(0, 100, "0.00", None), (74, 100, "0.74", None), (75, 100, "0.75", "0.75"), (95, 100, "0.95", "0.95"),
     (100, 100, "0.99", "0.95"), (0, 0, "0.99", "0.95")],
)  # fmt: skip
def test_the_warning_is_of_the_fullest_window(held: int, limit: int, utilization: str, threshold: str | None) -> None:
    day = Budget("key/a", Limits(day=10_000, total=limit))
    headers = warning_headers([(day, Account(held={"day": 0, "total": held}))], NOON)
    if (held, limit) != (0, 100):
        assert UNIFIED + "reset" not in headers
    assert headers[UNIFIED + "overage-utilization"] == utilization
    assert headers.get(UNIFIED + "overage-surpassed-threshold") == threshold


def test_amounts_are_told_exactly() -> None:
    assert [dollars(each) for each in (0, 1, 10_000, 1_234_500_000, 123_456)] == [
        "$0.00", "$0.000001", "$0.01", "$1,234.50", "$0.123456",
    ]  # fmt: skip
    assert dollars_exactly(1_000_042) == "1.000042"
