"""Two keys and the one log of both, with the metrics in it: a line is of one request, and no caller writes others."""

from __future__ import annotations

import json
from typing import Any

from tests.tenants.two_keys import Shared, Tenant

HOSTILE = 'a\r\n{"message": "request", "key_id": "key_forged", "cost_micro_dollars": 1}\x1b[2J\u2028\x85'


def lines(shared: Shared) -> list[dict[str, Any]]:
    """All that was logged of requests; every line is one object."""
    printed = [json.loads(line) for line in shared.log.getvalue().split("\n") if line]
    return [each for each in printed if each["message"] == "request"]


def test_a_line_tells_of_one_key(shared: Shared, mallory: Tenant, victim: Tenant) -> None:
    shared.attack(mallory, 2, temperature=0.5)
    shared.use(victim)
    shared.attack(mallory, 2, system="overload")
    shared.attack(mallory, 1, "none/such")
    told = lines(shared)
    assert [each["key_id"] for each in told] == [mallory.key_id] * 2 + [victim.key_id] + [mallory.key_id] * 3
    assert not [each for each in told if each["key_id"] == mallory.key_id and "victim" in json.dumps(each)]
    assert not [each for each in told if each["key_id"] == victim.key_id and "mallory" in json.dumps(each)]
    (own,) = (each for each in told if each["key_id"] == victim.key_id)
    assert (own["requests"], own["failures"], own.get("errors"), own["attempts"]) == (1, 0, None, 1)


def test_no_caller_writes_a_line_or_names_a_metric(shared: Shared, mallory: Tenant) -> None:
    """Metrics are paid for by their names' number, and counted for the operator: none is a caller's word."""
    named = {"x-claude-code-session-id": HOSTILE, "user-agent": HOSTILE, "x-claude-code-agent-id": HOSTILE}
    for number in range(5):
        shared.attack(mallory, 1, f"groq/invented-{number}", headers=named, metadata={"user_id": HOSTILE})
    shared.attack(mallory, 1, HOSTILE, headers=named)
    told = lines(shared)
    assert [each["key_id"] for each in told] == [mallory.key_id] * 6
    assert {each.get("known_model") for each in told} == {"groq/other", None}
    assert not [each for each in told if each.get("cost_micro_dollars")]
    dimensions = {
        str(each.get(name))
        for each in told
        for directive in each["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for name in names
    }
    assert dimensions <= {"tenants", "groq/other", "not_found_error", "invalid_request_error", "caller", "upstream"}
