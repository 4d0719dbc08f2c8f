"""Outages of each kind against three providers: what callers see, who is asked, and what a storm comes to."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from gateway.routes.messages import MessagesFunction
from gateway.routing.key_pool import Secret
from gateway.routing.resolve import Candidate
from gateway.upstream.deadlines import Deadlines
from translator.anthropic.errors import upstream_failure

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import FakeAnswer, Harness, Outcome, again, candidate, fine, receive, unshared_health

LIMITED = FakeAnswer([], 429, {"retry-after": "20"}, b'{"error": {"message": "slow down"}}')
OUTAGES: dict[str, Outcome] = {
    "limited": LIMITED,
    "refuses our key": FakeAnswer([], 401, body=b'{"error": {"message": "Incorrect API key"}}'),
    "overloaded": FakeAnswer([], 503, body=b"<html>"),
    "fails": FakeAnswer([], 500, body=b'{"error": {"message": "oh"}}'),
    "answers nothing": FakeAnswer([]),
    "cannot be reached": upstream_failure("no", "overloaded_error", reason="refused"),
    "too late": upstream_failure("too late", "timeout_error", reason="timeout"),
}
ASKED_IN_VAIN = {"limited": 1, "refuses our key": 1}
"""By whom is asked before a provider is set aside; of all others, three times."""


@dataclass(slots=True)
class Scripted:
    """Each provider answers as its script says, whoever asks."""

    scripts: dict[str, Outcome] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The providers' names, or a key where that has a script of its own."""

    async def open(self, url: str, *, headers: Mapping[str, str], body: bytes, deadlines: Deadlines) -> FakeAnswer:
        key = headers["authorization"].removeprefix("Bearer ")
        name = key if key in self.scripts else url.split("//")[1].split(".")[0]
        self.asked.append(name)
        outcome = again(self.scripts.get(name, fine()))
        assert isinstance(outcome, FakeAnswer | BaseException)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


@dataclass(slots=True)
class Gateway:
    """One environment over scripted providers."""

    scripted: Scripted = field(default_factory=Scripted)
    clock: Clock = field(default_factory=Clock)
    candidates: list[Candidate] = field(default_factory=list)
    harness: Harness = field(init=False)

    def __post_init__(self) -> None:
        health = unshared_health(self.clock)
        self.harness = Harness([], client=self.scripted, health=health)
        if self.candidates:
            self.harness.function = MessagesFunction(replace(self.harness.function._services, route=self._route))

    async def _route(self, *_: object) -> list[Candidate]:
        return self.candidates

    def ask(self, **changes: Any) -> tuple[int, list[str]]:
        """The status, and who was asked for it."""
        before = len(self.scripted.asked)
        status = self.harness.ask(**changes).status
        return status, self.scripted.asked[before:]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_of_one_provider_is_seen_by_no_caller(outage: str, stream: bool) -> None:
    """It is asked until the breaker opens, then once when its time has come, and by everybody when it is back."""
    gateway = Gateway(Scripted({"one": OUTAGES[outage]}))
    in_vain = ASKED_IN_VAIN.get(outage, 3)
    answers = [gateway.ask(stream=stream) for _ in range(in_vain + 5)]
    assert answers == [(200, ["one", "two"])] * in_vain + [(200, ["two"])] * 5
    gateway.clock.now += 60
    assert [gateway.ask(stream=stream) for _ in range(2)] == [(200, ["one", "two"]), (200, ["two"])]
    del gateway.scripted.scripts["one"]
    gateway.clock.now += 121
    assert [gateway.ask(stream=stream) for _ in range(3)] == [(200, ["one"])] * 3


def test_while_a_probe_is_on_its_way_all_others_go_elsewhere() -> None:
    gateway = Gateway(Scripted({"one": again(LIMITED)}))
    gateway.ask()
    gateway.clock.now += 20
    answered = asyncio.Event()
    gateway.scripted.scripts["one"] = FakeAnswer([answered, *fine().steps])

    async def probe_and_others() -> list[str]:
        probe = asyncio.create_task(gateway.harness.begin())
        await asyncio.sleep(0.05)
        others = [await gateway.harness.begin() for _ in range(3)]
        answered.set()
        return [each["headers"]["x-edgeway-model"] for each in (await probe, *others) if isinstance(each, dict)]

    assert run(probe_and_others()) == ["one/model", "two/model", "two/model", "two/model"]


@pytest.mark.parametrize("outage", OUTAGES)
def test_where_all_are_out_the_caller_is_told_and_each_is_asked_once(outage: str) -> None:
    gateway = Gateway(Scripted(dict.fromkeys(("one", "two", "three"), OUTAGES[outage])))
    status, asked = gateway.ask()
    expected = {"limited": 429, "overloaded": 529, "cannot be reached": 529, "too late": 504}
    assert (status, asked) == (expected.get(outage, 500), ["one", "two", "three"])


def test_the_error_that_is_told_is_one_that_another_try_may_mend() -> None:
    scripts = {"one": LIMITED, "two": OUTAGES["refuses our key"], "three": FakeAnswer([], 404, body=b"{}")}
    answer = Gateway(Scripted(scripts)).harness.ask()
    assert (answer.status, answer.headers["retry-after"]) == (429, "20")
    assert answer.headers["x-edgeway-attempts"] == (
        "3,one/model=rate_limited,two/model=account_refused,three/model=not_found"
    )


def test_of_errors_that_nobody_mends_the_last_is_told() -> None:
    scripts = {"one": OUTAGES["refuses our key"], "two": OUTAGES["refuses our key"], "three": FakeAnswer([], 404)}
    answer = Gateway(Scripted(scripts)).harness.ask()
    assert (answer.status, answer.json()["error"]["type"]) == (404, "not_found_error")


def test_a_storm_of_limits_does_not_multiply() -> None:
    """Ten times what three providers take: attempts stay under 1.2 times the requests."""
    gateway = Gateway()
    scripted, clock = gateway.scripted, gateway.clock
    statuses: Counter[int] = Counter()
    for second in range(12):
        for request in range(100):  # of which each second the providers take ten
            clock.now = 1_800_000_000.0 + second + request / 100
            limited = FakeAnswer([], 429, body=b'{"error": {"message": "slow down"}}')
            scripted.scripts = {} if request < 10 else dict.fromkeys(("one", "two", "three"), limited)
            statuses[gateway.ask()[0]] += 1
    assert statuses.total() == 1200
    assert set(statuses) == {200, 429}
    assert len(scripted.asked) <= 1.2 * statuses.total()


def pool(*keys: str) -> Candidate:
    one = candidate("one", "model")
    first, *more = map(Secret, keys)
    return replace(one, provider=replace(one.provider, key=first, more_keys=tuple(more)))


def test_a_limited_key_of_a_pool_is_set_aside_and_the_others_answer() -> None:
    scripts: dict[str, Outcome] = {"key-a": fine(), "key-b": LIMITED, "key-c": fine()}
    gateway = Gateway(Scripted(scripts), candidates=[pool("key-a", "key-b", "key-c")])
    asked = [gateway.ask() for _ in range(9)]
    assert {status for status, _ in asked} == {200}
    keys = [key for _, each in asked for key in each]
    assert keys.count("key-b") == 1
    assert keys.count("key-a") >= 3
    assert keys.count("key-c") >= 3
    gateway.scripted.scripts["key-b"] = fine()
    gateway.clock.now += 20
    later = [key for _ in range(6) for key in gateway.ask()[1]]
    assert Counter(later) == {"key-a": 2, "key-b": 2, "key-c": 2}


def test_the_record_says_why_a_session_has_left_its_cache() -> None:
    gateway = Gateway(Scripted())

    def left(session: str) -> object:
        assert gateway.ask(headers={"x-claude-code-session-id": session})[0] == 200
        return gateway.harness.summaries()[-1]["left_cache"]

    assert [left("a"), left("a"), left("b")] == [None, None, None]
    gateway.scripted.scripts["one"] = LIMITED
    assert [left("a"), left("b"), left("a")] == ["one/model=failed", "one/model=set_aside", None]


def test_a_session_goes_on_with_the_key_that_holds_its_cache() -> None:
    scripts: dict[str, Outcome] = {"key-a": fine(), "key-b": fine(), "key-c": fine()}
    gateway = Gateway(Scripted(scripts), candidates=[pool(*scripts)])
    asked = {
        session: {gateway.ask(headers={"x-claude-code-session-id": session})[1][0] for _ in range(4)}
        for session in "abcdefghij"
    }
    assert all(len(keys) == 1 for keys in asked.values())
    assert set().union(*asked.values()) == set(scripts)


def test_an_overloaded_model_is_not_asked_again_by_another_key() -> None:
    scripts: dict[str, Outcome] = {"key-a": OUTAGES["overloaded"], "key-b": OUTAGES["overloaded"]}
    gateway = Gateway(Scripted(scripts), candidates=[pool("key-a", "key-b"), candidate("two", "model")])
    assert gateway.ask()[1] == ["key-b", "two"]


def test_no_key_of_a_pool_is_ever_told() -> None:
    words = json.dumps({"error": {"message": "bad key key-b-which-is-long in a pool"}}).encode()
    scripts: dict[str, Outcome] = {"key-b-which-is-long": FakeAnswer([], 500, body=words)}
    gateway = Gateway(Scripted(scripts), candidates=[pool("key-b-which-is-long", "key-a-which-is-long")])
    answers = [gateway.harness.ask() for _ in range(2)]
    assert 500 in [answer.status for answer in answers]
    assert "which-is-long" not in f"{answers} {gateway.harness.lines}"


def test_a_stream_that_breaks_off_again_and_again_sets_its_provider_aside() -> None:
    broken = FakeAnswer([*fine().steps[:1], upstream_failure("gone", reason="connection_lost")])
    gateway = Gateway(Scripted({"one": broken}))
    for _ in range(4):
        receive(gateway.harness.handle(stream=True))
    assert gateway.scripted.asked == ["one", "one", "one", "two"]
