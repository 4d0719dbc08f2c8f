"""The whole path beside its floor: the same answers without a gateway, in turns with it within one run.

One caller, or ten, meets `edgeway local` as it starts; fifty meet `edgeway serve` with two processes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
import uvloop
from translator.anthropic.request import parse_messages_request
from translator.chat.dialect import ChatDialect
from translator.dialect import Caller
from translator.traits import Traits

from tests.bench.conftest import Report
from tests.bench.conversation import conversation
from tests.bench.figures import Figure, quantile
from tests.load.callers import CHAT, MESSAGES, Answer, Load, Target, load, question
from tests.load.play import Play
from tests.load.processes import FastUpstream
from tests.running import Gateway

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUNDS, FEW_ROUNDS = 5, 2
MANY = 50
"""From so many callers on, two processes serve them."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is read off a load."""

    name: str
    unit: str
    of: Callable[[Load], float]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load, and what is read off it."""

    id: str
    play: Play
    callers: int
    requests: int
    measures: tuple[Measure, ...]
    is_stream: bool = True
    is_long: bool = False
    """Whether the request is as long as Claude Code's after some work."""

    def messages_request(self) -> dict[str, Any]:
        """What Edgeway is asked."""
        asked = question(self.play, stream=self.is_stream)
        if not self.is_long:
            return asked
        long: dict[str, Any] = json.loads(conversation())
        long["messages"][-1]["content"].append({"type": "text", "text": self.play.word()})
        return {**long, "model": asked["model"], "stream": self.is_stream}

    def chat_request(self) -> Mapping[str, Any]:
        """The same, as the upstream is asked."""
        if not self.is_long:
            return question(self.play, stream=self.is_stream)
        request = parse_messages_request(self.messages_request())
        return ChatDialect().encode(request, model="gpt-5", traits=Traits(), caller=Caller()).body


def milliseconds(times: Iterable[int]) -> list[float]:
    return [each / 1e6 for each in times]


def totals(load: Load) -> list[float]:
    return milliseconds(answer.ended - answer.asked for answer in load.answers)


def first_deltas(load: Load) -> list[float]:
    return milliseconds(answer.first_delta - answer.asked for answer in load.answers)


def per_second(count: Callable[[Answer], int]) -> Callable[[Load], float]:
    return lambda load: sum(map(count, load.answers)) / load.seconds


def first_transits(load: Load) -> list[float]:
    return milliseconds(answer.transits[0] for answer in load.answers)


def later_transits(load: Load) -> list[float]:
    return milliseconds(transit for answer in load.answers for transit in answer.transits[1:])


def deltas(answer: Answer) -> int:
    return answer.deltas


ANSWERS = per_second(lambda _: 1)
SCENARIOS = [
    Scenario(
        "whole",
        Play(20),
        1,
        200,
        (Measure("whole answer, one caller, p50", "ms", lambda got: median(totals(got))),),
        is_stream=False,
    ),
    Scenario(
        "long",
        Play(20),
        1,
        60,
        (Measure("request of 100 KB, one caller: first delta, p50", "ms", lambda got: median(first_deltas(got))),),
        is_long=True,
    ),
    Scenario(
        "whole-50", Play(20), MANY, 1000, (Measure("whole answers, 50 callers", "a second", ANSWERS),), is_stream=False
    ),
    Scenario("streams-50", Play(50), MANY, 500, (Measure("streams of 50 chunks, 50 callers", "a second", ANSWERS),)),
    Scenario(
        "chunks-1", Play(2000), 1, 10, (Measure("2,000 chunks, one stream", "chunks a second", per_second(deltas)),)
    ),
    Scenario(
        "chunks-10", Play(2000), 10, 20, (Measure("2,000 chunks, ten streams", "chunks a second", per_second(deltas)),)
    ),
    Scenario(
        "paced-50",
        Play(40, pause=25),
        MANY,
        MANY,
        (
            Measure("50 paced streams: transit p50", "ms", lambda got: median(later_transits(got))),
            Measure(
                "50 paced streams: transit p99, but for first chunks",
                "ms",
                lambda got: quantile(later_transits(got), 0.99),
            ),
            Measure(
                "50 paced streams: transit p99 of first chunks", "ms", lambda got: quantile(first_transits(got), 0.99)
            ),
        ),
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_the_whole_path(
    scenario: Scenario, upstream: FastUpstream, request: pytest.FixtureRequest, quick: bool, report: Report
) -> None:
    gateway: Gateway = request.getfixturevalue("server" if scenario.callers >= MANY else "local")
    through = Target.at(gateway.url, MESSAGES, x_api_key=gateway.key)
    direct = Target.at(upstream.url, CHAT)
    calls = [(through, through.message(scenario.messages_request())), (direct, direct.message(scenario.chat_request()))]
    for target, message in calls:  # what is read when it is first needed has been read before the first round
        run(scenario, target, message, callers=1, requests=4)
    rounds = [
        [run(scenario, *call, callers=scenario.callers, requests=scenario.requests) for call in calls]
        for _ in range(FEW_ROUNDS if quick else ROUNDS)
    ]
    for measure in scenario.measures:
        ours, floor = (median(map(measure.of, loads)) for loads in zip(*rounds, strict=True))
        report(Figure(measure.name, measure.unit, ours, floor))


def run(scenario: Scenario, target: Target, message: bytes, *, callers: int, requests: int) -> Load:
    got = uvloop.run(load(target, message, callers=callers, requests=requests))
    assert not got.failures
    if scenario.is_stream:
        assert {answer.deltas for answer in got.answers} == {scenario.play.chunks}
    return got
