"""The simulations of docs/routing.md: the page shows what they come to, and they come to what it says."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from tests.simulation.__main__ import PAGE, PICTURE, parts, picture, with_part
from tests.simulation.outages import KINDS, OUT, REQUESTS, USUAL_SECONDS, courses
from tests.simulation.sessions import MODELS, SEEDS, bills
from tests.simulation.slow_providers import REQUESTS as SLOW_REQUESTS
from tests.simulation.slow_providers import share_of_slowest, waits
from tests.simulation.virtual_time import now, run_virtually

MOST_ASKED_IN_VAIN = 15
"""By 90 requests, where the failure shows within ten seconds."""
SEEN = {"504 after 30 s", "breaks off in the answer"}
"""The outages that some callers see."""


@pytest.mark.parametrize("model", MODELS)
def test_staying_where_the_cache_is_costs_less_than_moving_about(model: str) -> None:
    for seed in SEEDS:
        found = bills(model, seed)
        spent = {name: bill.micro_dollars for name, bill in found.items()}
        kept = spent['`order = "cache"`: sessions stay where that is cheaper']
        others = [spent[name] for name in spent if "alone" not in name]
        assert kept == min(others)
        assert spent["round robin"] > 1.3 * max(value for name, value in spent.items() if name != "round robin")
        assert all(bill.failed == 0 for name, bill in found.items() if "alone" not in name)
        assert found["the first provider alone"].failed > 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_costs_a_few_attempts_and_is_seen_by_nobody(kind: str) -> None:
    course = courses()[kind]
    assert len(course.seen) == REQUESTS
    in_vain = sum(OUT[0] <= at < OUT[1] for at in course.asked["one"])
    failed = sum(seen.failed for seen in course.seen)
    assert (failed > 0) is (kind in SEEN)
    assert in_vain <= MOST_ASKED_IN_VAIN or kind == "504 after 30 s"
    assert sum(seen.attempts for seen in course.seen) < 1.2 * REQUESTS
    assert course.states[0] == course.states[-1] == "closed"
    assert {"open", "half_open"} <= set(course.states)
    before = [seen for seen in course.seen if seen.at < OUT[0] - 1]
    assert Counter(round(seen.seconds, 6) for seen in before) == {USUAL_SECONDS: len(before)}


def test_a_second_attempt_spares_callers_the_rare_stall_and_costs_few_prompts() -> None:
    for without, hedged in waits().values():
        assert len(without.seconds) == len(hedged.seconds) == SLOW_REQUESTS
        assert without.attempts == SLOW_REQUESTS
        assert hedged.attempts == SLOW_REQUESTS + hedged.outrun
        assert hedged.outrun <= 0.2 * SLOW_REQUESTS
    without, hedged = waits()["one in thirty does"]
    assert share_of_slowest(without, 99) > 10
    assert share_of_slowest(hedged, 99) < 4


def test_the_picture_has_a_lane_for_each_outage() -> None:
    drawn = ET.fromstring(picture())  # noqa: S314 our own
    texts = [each.text for each in drawn.iter() if each.tag.endswith("text")]
    assert [name for name in KINDS if name not in texts] == []


def test_time_that_is_waited_for_costs_nothing() -> None:
    async def wait() -> float:
        await asyncio.sleep(86_400)
        return now()

    assert run_virtually(wait()) == pytest.approx(86_400)


def test_where_nobody_can_be_woken_the_simulation_ends() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="for nobody"):
        run_virtually(wait())


def test_the_page_shows_the_tables_and_the_picture() -> None:
    """The last, since it needs what all others have worked out."""
    page = PAGE.read_text(encoding="utf-8")
    written = page
    for name, lines in parts().items():
        written = with_part(written, name, lines)
    assert written == page
    assert PICTURE.read_text(encoding="utf-8") == picture()
