"""`edgeway usage`: the sums of what is stored, in every form, and the records."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from gateway.money.usage import COUNTS, UsageRecorder, day_of
from gateway.storage.open import open_store
from typer.testing import Result

from edgeway.commands.callers.keys import app as keys_app
from edgeway.commands.callers.usage import app
from edgeway.commands.store_setting import DATABASE
from tests.loop import run as wait
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.money.accounts import PRICED, giving
from tests.unit.gateway.money.test_usage import ONE, SUMMARY

Run = Callable[..., Result]
ALL = dict.fromkeys(COUNTS, 0)
NOW = time.time()
TODAY, YESTERDAY = day_of(NOW), day_of(NOW - 86_400)


@pytest.fixture
def usage(command: Run, data: str) -> Callable[..., str]:
    """Runs `edgeway usage` over two days of two keys, and returns what it printed."""
    made = json.loads(command(keys_app, "create", "--name", "ci", "--json", "--data", str(data)).stdout)
    with closing(open_store(f"sqlite:{data}/{DATABASE}")) as store:
        clock = Clock(NOW - 86_400)
        recorder = UsageRecorder(giving(store), clock=clock, log=lambda *_: None)
        mine = replace(SUMMARY, key_id=made["id"], client='=HYPERLINK("x")')
        wait(recorder.record(mine, PRICED))
        clock.now = NOW
        wait(recorder.record(replace(mine, request_id="req_2", cache_read_input_tokens=100), PRICED))
        unknown = replace(PRICED, model="free", facts=None)
        wait(recorder.record(replace(SUMMARY, owner="", session="", cost_micro_dollars=None), unknown))

    def succeed(*words: str) -> str:
        ran = command(app, *words, "--data", str(data))
        assert (ran.exit_code, ran.exception) == (0, None), ran.output
        return str(ran.stdout).replace(made["id"], "KEY")

    return succeed


def sums(usage: Callable[..., str], by: str, *words: str) -> list[tuple[str, int, int]]:
    found = json.loads(usage("--by", by, "--json", *words))
    return [(each[by], each["requests"], each["cost_micro_dollars"]) for each in found]


def test_the_sums_are_of_whatever_is_asked_for(usage: Callable[..., str]) -> None:
    assert sums(usage, "key") == [("KEY", 2, 1_000), ("key_1", 1, 0)]
    assert sums(usage, "owner") == [("ada", 2, 1_000)]
    assert sums(usage, "model") == [("one/model", 2, 1_000), ("one/other", 1, 0)]
    assert sums(usage, "provider") == [("one", 3, 1_000)]
    assert sums(usage, "day") == [(YESTERDAY, 1, 500), (TODAY, 2, 500)]
    assert sums(usage, "session") == [("s1", 2, 1_000)]
    assert sums(usage, "client") == [('=HYPERLINK("x")', 2, 1_000), ("claude-cli/2", 1, 0)]


@pytest.mark.parametrize("by", ["key", "model", "session", "client", "owner"])
def test_they_begin_with_a_day(usage: Callable[..., str], by: str) -> None:
    assert sums(usage, by, "--since", TODAY)[0][1:] == (1, 500)
    assert sums(usage, by, "--since", "0d") == sums(usage, by, "--since", TODAY)
    assert sums(usage, by, "--since", "2d") == sums(usage, by)


@pytest.mark.parametrize("by", ["key", "session", "client"])
def test_they_may_be_of_one_key(usage: Callable[..., str], by: str) -> None:
    assert [each[1:] for each in sums(usage, by, "--key", "ci")] == [(2, 1_000)]


def test_the_table_ends_in_what_all_of_it_costs(usage: Callable[..., str]) -> None:
    lines = [line.split() for line in usage().splitlines()]
    assert lines[1][:4] == ["KEY", "(ci)", "2", "0"]
    assert lines[-1] == ["together", "3", "0", "400", "25%", "120", "$0.001"]
    by_session = [line.split() for line in usage("--by", "session").splitlines()]
    assert by_session[1][:5] == ["s1", "2", "0", "300", "33%"]


def test_csv_begins_no_formula(usage: Callable[..., str]) -> None:
    rows = list(csv.reader(io.StringIO(usage("--by", "client", "--csv"))))
    assert rows[0] == ["client", *COUNTS]
    assert rows[1][:2] == ['\'=HYPERLINK("x")', "2"]


def test_bars_are_as_long_as_costs_are_high(usage: Callable[..., str]) -> None:
    lines = usage("--by", "model", "--plot").splitlines()
    assert [(line.count("█"), line.split()[0], line.split()[-1]) for line in lines] == [
        (40, "one/model", "$0.001"), (0, "one/other", "$0.00"),
    ]  # fmt: skip
    assert usage("--plot", "--key", "ci", "--since", "2999-01-01") == ""


def test_records_are_exported_one_a_line(usage: Callable[..., str]) -> None:
    found: list[dict[str, Any]] = [json.loads(line) for line in usage("export").splitlines()]
    assert (found[0]["day"], found[0]["request_id"]) == (YESTERDAY, "req_1")
    assert {name: found[0][name] for name in ONE if name != "requests"} == {
        name: number for name, number in ONE.items() if name != "requests"
    }
    only = usage("export", "--key", "ci", "--since", TODAY, "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(only))
    assert (row["request_id"], row["tried"], row["client"]) == ("req_2", "", '\'=HYPERLINK("x")')


@pytest.mark.parametrize("since", ["yesterday", "d", "12345678d", "2026-13-01"])
def test_a_day_is_a_date_or_a_number_of_days(command: Run, data: str, since: str) -> None:
    refused = command(app, "--since", since, "--data", str(data))
    assert (refused.exit_code, "--since" in refused.stderr) == (2, True)
