"""Budgets on the command line: of keys, owners and pools, in dollars, on a stack and on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from edgeway.commands.callers.keys import app as keys_app
from edgeway.commands.callers.limit_options import micro_dollars
from edgeway.commands.callers.shared_budgets import owners, pools

Run = Callable[..., Result]
Succeed = Callable[..., Any]
APPS = {"keys": keys_app, "owners": owners, "pools": pools}
BUDGETS = ("budget_day_micro_dollars", "budget_month_micro_dollars", "budget_total_micro_dollars")


@pytest.fixture(params=["stack", "data"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The options that name a place, with nothing in it."""
    return f"--{request.param}", str(request.getfixturevalue(request.param))


@pytest.fixture
def edgeway(command: Run, place: tuple[str, str]) -> Succeed:
    """Runs a command at the place, which must succeed, and returns what it printed as JSON, if it did."""

    def succeed(which: str, *words: str) -> Any:
        ran = command(APPS[which], *words, *place)
        assert (ran.exit_code, ran.exception) == (0, None), ran.output
        return json.loads(ran.stdout) if "--json" in words else ran.stdout

    return succeed


def limits(found: dict[str, Any], of: str = "") -> list[int | None]:
    return [found[of + name] for name in BUDGETS]


def test_a_key_gets_budgets_in_dollars_and_tells_them_in_micro_dollars(edgeway: Succeed) -> None:
    options = ("--budget-day", "20", "--budget-total", "0.10")
    assert limits(edgeway("keys", "create", "--name", "ci", *options, "--json")) == [20_000_000, None, 100_000]
    edgeway("keys", "update", "ci", "--budget-day", "none", "--budget-month", "$1,500")
    assert limits(edgeway("keys", "show", "ci", "--json")) == [None, 1_500_000_000, 100_000]
    shown = edgeway("keys", "show", "ci").split("\n")
    assert [line.split()[-1] for line in shown if line.startswith("budget")] == ["$1,500.00", "$0.10"]


def test_an_owners_limits_stand_in_each_key_of_theirs(edgeway: Succeed) -> None:
    edgeway("keys", "create", "--name", "first", "--owner", "ada")
    edgeway("keys", "create", "--name", "other", "--owner", "bob")
    told = edgeway("owners", "update", "ada", "--budget-day", "5", "--budget-month", "50", "--budget-total", "100")
    assert told == "ada: $5.00 a day, $50.00 a month, $100.00 in all. It holds for 1 keys.\n"
    later = edgeway("keys", "create", "--name", "later", "--owner", "ada", "--json")
    first, other = (edgeway("keys", "show", name, "--json") for name in ("first", "other"))
    assert [limits(each, "owner_")[1] for each in (first, later, other)] == [50_000_000, 50_000_000, None]
    edgeway("keys", "update", "later", "--owner", "bob")
    assert limits(edgeway("keys", "show", "later", "--json"), "owner_") == [None, None, None]
    changed = edgeway("owners", "update", "ada", "--budget-day", "none", "--json")
    assert (changed["keys"], limits(changed)) == (1, [None, 50_000_000, 100_000_000])
    assert limits(edgeway("keys", "show", "first", "--json"), "owner_") == [None, 50_000_000, 100_000_000]
    assert edgeway("owners", "list", "--json") == [{"name": "ada", **dict(zip(BUDGETS, limits(changed), strict=True))}]
    assert [line.split() for line in edgeway("owners", "list").split("\n") if "ada" in line] == [
        ["│", "ada", "│", "none", "│", "$50.00", "│", "$100.00", "│"]
    ]


def test_a_pool_is_made_before_keys_join_it(edgeway: Succeed, command: Run, place: tuple[str, str]) -> None:
    refused = command(keys_app, "create", "--name", "ci", "--pool", "team", *place)
    assert (refused.exit_code, "There is no pool 'team'" in refused.stderr) == (1, True)
    assert edgeway("pools", "update", "team") == "team: no limit. It holds for 0 keys.\n"
    edgeway("pools", "update", "team", "--budget-month", "50")
    made = edgeway("keys", "create", "--name", "ci", "--pool", "team", "--json")
    assert (made["pool"], limits(made, "pool_")) == ("team", [None, 50_000_000, None])
    assert "pool budget month  $50.00" in edgeway("keys", "show", "ci")
    edgeway("keys", "update", "ci", "--pool", "")
    left = edgeway("keys", "show", "ci", "--json")
    assert (left["pool"], limits(left, "pool_")) == ("", [None, None, None])


@pytest.mark.parametrize("amount", ["", "x", "-1", "0.0000001", "1e400", "nan", "inf", "1000000001"])
def test_an_amount_is_dollars_or_none(command: Run, data: str, amount: str) -> None:
    refused = command(keys_app, "create", "--name", "ci", "--budget-day", amount, "--data", str(data))
    assert (refused.exit_code, "--budget-day" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "amount"), [("20", 20_000_000), ("0.000001", 1), ("0", 0), ("NONE", -1), ("1_000", 10**9)]
)
def test_what_an_amount_is_in_micro_dollars(text: str, amount: int) -> None:
    assert micro_dollars(text) == amount


def test_limits_on_requests_are_whole_numbers_or_none(command: Run, data: str) -> None:
    place = ("--data", str(data))
    options = ("--requests-per-minute", "60", "--tokens-per-minute", "400000", "--streams", "8")
    made = json.loads(command(keys_app, "create", "--name", "ci", *options, "--json", *place).stdout)
    assert (made["requests_per_minute"], made["tokens_per_minute"], made["streams"]) == (60, 400_000, 8)
    assert command(keys_app, "update", "ci", "--streams", "none", *place).exit_code == 0
    shown = json.loads(command(keys_app, "show", "ci", "--json", *place).stdout)
    assert (shown["requests_per_minute"], shown["streams"]) == (60, None)
    for wrong in ("0", "-1", "1.5", "x", "\u0663"):
        assert command(keys_app, "update", "ci", "--streams", wrong, *place).exit_code == 2
