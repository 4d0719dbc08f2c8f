"""GET /v1/usage: a key sees its own spending, its limits and their resets, and nothing of anybody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gateway.access.admission import Admission
from gateway.access.authentication import Authenticated, authorizer_context
from gateway.money.ledger import StoredLedger
from gateway.money.usage import UsageRecorder
from gateway.routes.usage import MOST_SESSIONS, REMEMBERED_SECONDS, UsageFunction
from gateway.storage.open import open_store
from gateway.storage.protocol import Store
from gateway.web.proxy_event import read_event
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.money.accounts import ESTIMATE, PRICED, USED, giving, limited
from tests.unit.gateway.money.test_ledger import NOON
from tests.unit.gateway.money.test_usage import ONE, SUMMARY

KEY = limited(
    budget_day=1_000, budget_total=2_000, owner="ada", owner_budget_month=4_000, pool="team", pool_budget_day=0
)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(f"sqlite:{tmp_path}/edgeway.db", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def usage(store: Store, clock: Clock) -> UsageFunction:
    return UsageFunction(Admission(authenticator=None), giving(store), clock=clock)


def asked(usage: UsageFunction, context: Mapping[str, Any] | None = None) -> Any:
    told = authorizer_context(Authenticated(KEY, "hash")) if context is None else context
    as_text = {name: str(value) for name, value in told.items()}  # as API Gateway hands it on
    answer = run(usage.handle(read_event({"httpMethod": "GET", "requestContext": {"authorizer": as_text}})))
    assert (answer["statusCode"], answer["headers"]["cache-control"]) == (200, "no-store")
    return json.loads(answer["body"])


def test_a_key_sees_what_it_has_spent_and_may_spend(usage: UsageFunction, store: Store, clock: Clock) -> None:
    ledger = StoredLedger(giving(store), clock=clock, log=lambda *_: None)
    spender = replace(KEY, pool_budget_day=None)
    run(run(ledger.reserve(spender, PRICED, ESTIMATE)).settle(USED))
    run(ledger.reserve(replace(spender, budget_day=9_000), PRICED, replace(ESTIMATE, max_tokens=40)))
    recorder = UsageRecorder(giving(store), clock=clock, log=lambda *_: None)
    for summary in (SUMMARY, replace(SUMMARY, agent="a2", parent_agent="a1"), replace(SUMMARY, key_id="key_2")):
        run(recorder.record(summary, PRICED))
    clock.now += 86_400
    run(recorder.record(SUMMARY, PRICED))
    clock.now -= 86_400
    two = {name: 2 * number for name, number in ONE.items()}
    told = asked(usage)
    zeros = {name: 0 for name in told["month"] if name not in ONE}
    midnight = "2026-12-01T00:00:00Z"
    assert told == {
        "type": "usage",
        "key": {"id": "key_1", "name": "alice"},
        "budgets": [
            {"scope": "key", "window": "day", "limit_micro_dollars": 1_000, "spent_micro_dollars": 500,
             "reserved_micro_dollars": 500, "used": 1.0, "resets_at": midnight},
            {"scope": "key", "window": "total", "limit_micro_dollars": 2_000, "spent_micro_dollars": 500,
             "reserved_micro_dollars": 500, "used": 0.5, "resets_at": None},
            {"scope": "owner", "window": "month", "used": 0.25, "resets_at": midnight},
            {"scope": "pool", "window": "day", "used": 1.0, "resets_at": midnight},
        ],
        "today": {**zeros, **two},
        "month": {**zeros, **two},
        "models": [{"model": "one/model", **zeros, **two}],
        "sessions": [
            {
                "session": "s1", **zeros, **two,
                "agents": [
                    {"agent": "a1", "parent_agent": "", **zeros, **ONE},
                    {"agent": "a2", "parent_agent": "a1", **zeros, **ONE},
                ],
            }
        ],
    }  # fmt: skip


def test_a_new_key_has_spent_nothing(usage: UsageFunction) -> None:
    told = asked(usage, {"keyId": "key_9", "keyName": "new"})
    assert told == {
        "type": "usage", "key": {"id": "key_9", "name": "new"},
        "budgets": [], "today": {}, "month": {}, "models": [], "sessions": [],
    }  # fmt: skip


def test_only_the_dearest_sessions_are_listed(usage: UsageFunction, store: Store, clock: Clock) -> None:
    recorder = UsageRecorder(giving(store), clock=clock, log=lambda *_: None)
    for number in range(MOST_SESSIONS + 2):
        run(recorder.record(replace(SUMMARY, session=f"s{number}", cost_micro_dollars=number), PRICED))
    sessions = [each["session"] for each in asked(usage)["sessions"]]
    assert (len(sessions), sessions[0]) == (MOST_SESSIONS, f"s{MOST_SESSIONS + 1}")


def test_whoever_asks_too_often_gets_the_same_answer(
    usage: UsageFunction, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.routes.usage._MOST_KEYS", 1)
    recorder = UsageRecorder(giving(store), clock=clock, log=lambda *_: None)
    before = asked(usage)
    run(recorder.record(SUMMARY, PRICED))
    assert asked(usage) == before
    assert asked(usage, {"keyId": "key_9"}) != before
    clock.now += REMEMBERED_SECONDS
    assert asked(usage)["today"]["requests"] == 1


def test_without_a_key_nothing_is_told(usage: UsageFunction) -> None:
    with pytest.raises(ApiError, match="x-api-key header is required"):
        asked(usage, {})


def test_the_budgets_of_a_zone_begin_with_its_days(store: Store, clock: Clock) -> None:
    zone = 7_200
    clock.now += 10.5 * 3_600  # half past ten in the evening of UTC, and after midnight in the zone
    run(
        StoredLedger(giving(store), clock=clock, log=lambda *_: None).reserve(
            limited(budget_day=1_000), PRICED, ESTIMATE
        )
    )
    told = asked(UsageFunction(Admission(authenticator=None), giving(store), clock=clock, zone_seconds=zone))
    day = next(each for each in told["budgets"] if (each["scope"], each["window"]) == ("key", "day"))
    assert (day["reserved_micro_dollars"], day["used"], day["resets_at"]) == (0, 0.0, "2026-12-01T22:00:00Z")
