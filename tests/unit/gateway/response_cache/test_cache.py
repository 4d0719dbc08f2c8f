"""Kept answers: for whom, of which requests, for how long, and that nobody ever reads another key's."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from gateway.access.key_records import KeyRecord
from gateway.response_cache.cache import POLL_SECONDS, RELEASE, ResponseCache, open_cache
from gateway.response_cache.cached_answers import (
    LEASE_SECONDS,
    MOST_CHARACTERS,
    CachedAnswer,
    CachedAnswers,
    Lease,
)
from gateway.routes.messages import MessagesFunction
from gateway.routing.route_rules import CacheRule
from gateway.settings import read_settings
from gateway.storage.open import open_store
from gateway.storage.protocol import ConflictError, Item, ItemType, Store, StoreError
from streaming import StreamingResponse
from translator.anthropic.errors import upstream_failure
from translator.traits import Traits

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import (
    ROLE,
    USAGE,
    Answer,
    FakeAnswer,
    Harness,
    Outcome,
    again,
    candidate,
    chunk,
    fine,
    receive,
    said,
)

TTL = 600
RULE = CacheRule(ttl_seconds=TTL)
CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "read", "arguments": '{"path": "a"}'}}
CALLS = FakeAnswer([[ROLE, chunk({"tool_calls": [CALL]})], [chunk({}, "tool_calls"), USAGE, "[DONE]"]])
TOOLS = [{"name": "read", "input_schema": {"type": "object"}}]


class Cached(Harness):
    """A gateway that keeps answers in a store of its own."""

    def __init__(self, answers: list[Outcome], folder: Path, rule: CacheRule = RULE, **more: Any) -> None:
        self.time = Clock()
        self.store = open_store(f"sqlite:{folder}/store.sqlite3", clock=self.time)
        self.table = CachedAnswers(self.store, clock=self.time)
        self.told: list[tuple[str, dict[str, object]]] = []
        self.pauses: list[float] = []
        kept = ResponseCache(
            rule,
            lambda: self.table,
            log=lambda message, fields: self.told.append((message, fields)),
            pause=self._pause,
        )
        super().__init__(answers, cache=kept, **more)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.01)

    @property
    def calls(self) -> int:
        return len(self.upstream.calls)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 -- what the functions do sets no event
        await asyncio.sleep(0.01)


def states(*answers: Answer) -> list[str]:
    return [answer.headers["x-edgeway-cache"] for answer in answers]


def text(answer: Answer, *, stream: bool) -> str:
    if stream:
        return "".join(
            each["delta"].get("text", "") for each in answer.events() if each["type"].endswith("block_delta")
        )
    return "".join(block["text"] for block in answer.json()["content"])


@pytest.mark.parametrize("second", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("first", [False, True], ids=["from whole", "from stream"])
def test_an_equal_request_gets_the_same_answer_in_either_form(tmp_path: Path, *, first: bool, second: bool) -> None:
    harness = Cached([fine()], tmp_path)
    asked, kept = harness.ask(stream=first, top_k=5), harness.ask(stream=second, top_k=5)
    assert states(asked, kept) == ["miss", "hit"]
    assert harness.calls == 1
    assert (text(asked, stream=first), text(kept, stream=second)) == ("Hello", "Hello")
    assert kept.headers["x-edgeway-model"] == asked.headers["x-edgeway-model"] == "one/model"
    assert kept.headers["x-edgeway-dropped"] == asked.headers["x-edgeway-dropped"] == "top_k"
    assert (kept.headers["x-edgeway-attempts"], kept.headers["x-edgeway-cost-usd"]) == ("0", "0.000000")
    line = harness.summaries()[1]
    assert (line["cache"], line["input_tokens"], line["output_tokens"], line["stop_reason"]) == (
        "hit", 12, 3, "end_turn"
    )  # fmt: skip
    assert len(harness.ledger.reservations) == 1


def test_tool_calls_are_kept(tmp_path: Path) -> None:
    harness = Cached([again(CALLS)], tmp_path)
    asked, kept = harness.stream(tools=TOOLS), harness.ask(tools=TOOLS)
    assert states(asked, kept) == ["miss", "hit"]
    assert kept.json()["content"][0]["input"] == {"path": "a"}
    assert kept.json()["stop_reason"] == "tool_use"


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"temperature": 0.5}, {}),
        ({"max_tokens": 101}, {}),
        ({"metadata": {"user_id": "another"}}, {}),
        ({"unknown_field": 1}, {}),
        ({}, {"anthropic-version": "2024-01-01"}),
        ({}, {"anthropic-beta": "a-beta"}),
    ],
)
def test_a_request_that_differs_in_anything_is_another(
    tmp_path: Path, changes: dict[str, Any], headers: Mapping[str, str]
) -> None:
    harness = Cached([fine(), fine()], tmp_path)
    assert states(harness.ask(), harness.ask(headers=headers, **changes)) == ["miss", "miss"]


@pytest.mark.parametrize("stream", [False, True])
def test_no_key_reads_what_is_kept_for_another(tmp_path: Path, *, stream: bool) -> None:
    harness = Cached([fine(), FakeAnswer([[ROLE, said("Mine")], [chunk({}, "stop"), USAGE, "[DONE]"]])], tmp_path)
    one, other = harness.ask(stream=stream), harness.ask(stream=stream, key_id="key_2")
    assert states(one, other) == ["miss", "miss"]
    assert text(other, stream=stream) == "Mine"
    partitions = {item.pk.rpartition("#")[0] for item in run(harness.store.scan(ItemType.CACHE))}
    assert partitions == {"CACHE#key_1", "CACHE#key_2"}


def test_who_answers_and_how_belongs_to_the_name_of_an_answer(tmp_path: Path) -> None:
    harness = Cached([fine(), fine(), fine(), fine()], tmp_path)

    def with_route(**changes: Any) -> None:
        async def route(*_: object) -> list[Any]:
            return [replace(candidate("one", "model"), **changes)]

        harness.function = MessagesFunction(replace(harness.function._services, route=route))

    asked = [harness.ask()]
    for changes in (
        {"traits": Traits(instructions_role="developer")},
        {"model": "another"},
        {"provider": replace(candidate("one", "model").provider, base_url="https://another.example.com/v1")},
    ):
        with_route(**changes)
        asked.append(harness.ask())
    assert states(*asked) == ["miss"] * 4


def test_an_answer_is_kept_for_its_time_and_then_renewed(tmp_path: Path) -> None:
    harness = Cached([fine(), fine()], tmp_path)
    asked = [harness.ask()]
    harness.time.now += TTL - 1
    asked.append(harness.ask())
    harness.time.now += 1
    asked += [harness.ask(), harness.ask()]
    assert states(*asked) == ["miss", "hit", "miss", "hit"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "outcome",
    [
        FakeAnswer([], 500, body=b"{}"),
        FakeAnswer([], 400, body=b'{"error": {"message": "prompt is too long: 300000 tokens > 200000 maximum"}}'),
        FakeAnswer([[ROLE, said("Cut")], [chunk({}, "length"), USAGE, "[DONE]"]]),
        FakeAnswer([[ROLE, said("No.")], [chunk({}, "content_filter"), USAGE, "[DONE]"]]),
        FakeAnswer([[ROLE, said("Half")], upstream_failure("gone")]),
        ValueError("a bug"),
    ],
    ids=["error", "caller's error", "truncated", "refused", "broken", "bug"],
)
def test_what_is_no_whole_answer_is_not_kept(tmp_path: Path, outcome: Outcome, *, stream: bool) -> None:
    harness = Cached([again(outcome), fine()], tmp_path, providers=["one"])
    harness.ask(stream=stream)
    assert states(harness.ask(stream=stream)) == ["miss"]
    assert (harness.calls, harness.pauses) == (2, [])


def test_a_stream_that_is_hung_up_on_is_not_kept(tmp_path: Path) -> None:
    harness = Cached([FakeAnswer([[ROLE, said("Hello")], asyncio.Event()]), fine()], tmp_path)
    receive(harness.handle(stream=True), pieces=1)
    assert states(harness.ask(stream=True)) == ["miss"]


def test_the_answer_of_another_candidate_is_not_kept_under_the_firsts_name(tmp_path: Path) -> None:
    harness = Cached([FakeAnswer([], 500, body=b"{}"), fine(), fine()], tmp_path)
    first = harness.ask()
    assert (first.headers["x-edgeway-model"], harness.ask().headers["x-edgeway-cache"]) == ("two/model", "miss")


def test_it_is_for_those_whom_the_operator_names_and_not_where_a_caller_forbids_it(tmp_path: Path) -> None:
    rule = CacheRule(ttl_seconds=TTL, keys=("evals",), owners=("team-a",))
    harness = Cached([fine() for _ in range(4)], tmp_path, rule)
    assert states(harness.ask(), harness.ask()) == ["off", "off"]
    assert [rule.is_for(*key) for key in (("key_1", "evals", ""), ("evals", "", ""), ("", "", "team-a"))] == [True] * 3
    assert not rule.is_for("key_1", "alice", "")
    open_to_all = Cached([fine() for _ in range(4)], tmp_path / "other")
    forbidding = {"cache-control": "max-age=0, No-Store"}
    assert states(*(open_to_all.ask(headers=forbidding) for _ in range(2)), open_to_all.ask()) == ["off", "off", "miss"]


def test_a_request_without_output_is_no_answer_to_keep(tmp_path: Path) -> None:
    assert states(Cached([], tmp_path).ask(max_tokens=0)) == ["off"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_hundred_equal_requests_at_once_ask_once(tmp_path: Path, *, stream: bool) -> None:
    harness = Cached([FakeAnswer([[ROLE], asyncio.Event(), *fine().steps])], tmp_path)
    held = harness.answers[0]
    assert isinstance(held, FakeAnswer)
    event = held.steps[1]
    assert isinstance(event, asyncio.Event)

    async def one() -> Answer:
        response = await harness.begin(stream=stream)
        if isinstance(response, dict):
            return Answer(response["statusCode"], response["headers"], response["body"].encode())
        pieces = [piece async for piece in response.body]
        await response.body.aclose()  # type: ignore[attr-defined] # every body of ours has it
        return Answer(response.status, response.headers, b"".join(pieces))

    async def together() -> list[Answer]:
        tasks = [asyncio.create_task(one()) for _ in range(100)]
        await asyncio.sleep(0.1)
        event.set()
        return list(await asyncio.gather(*tasks))

    answers = run(together())
    assert harness.calls == 1
    assert sorted(states(*answers)) == ["hit"] * 99 + ["miss"]
    assert {answer.status for answer in answers} == {200}
    assert {text(answer, stream=stream) for answer in answers} == {"Hello"}
    assert len({answer.body for answer in answers if answer.headers["x-edgeway-cache"] == "hit"}) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_a_hundred_equal_requests_in_two_environments_ask_once(tmp_path: Path, *, stream: bool) -> None:
    """Each has a store of its own, over the same file, and knows nothing of the other's requests."""
    event = asyncio.Event()
    environments = [Cached([FakeAnswer([[ROLE], event, *fine().steps])], tmp_path) for _ in range(2)]

    async def together() -> list[Answer]:
        tasks = [asyncio.create_task(environments[number % 2].answer(stream=stream)) for number in range(100)]
        await until(lambda: any(environment.pauses for environment in environments))
        event.set()
        return list(await asyncio.gather(*tasks))

    answers = run(together())
    assert sum(environment.calls for environment in environments) == 1
    assert sorted(states(*answers)) == ["hit"] * 99 + ["miss"]
    assert {text(answer, stream=stream) for answer in answers} == {"Hello"}


def test_where_another_environment_fails_the_next_asks(tmp_path: Path) -> None:
    failed = asyncio.Event()
    one = Cached([FakeAnswer([failed, upstream_failure("gone")])], tmp_path, providers=["one"])
    other = Cached([fine()], tmp_path)

    async def together() -> list[Answer]:
        first = asyncio.create_task(one.answer())
        await until(lambda: one.calls > 0)
        second = asyncio.create_task(other.answer())
        await until(lambda: bool(other.pauses))
        failed.set()
        return [await first, await second]

    assert [answer.status for answer in run(together())] == [500, 200]
    assert other.calls == 1


def test_an_environment_that_is_gone_holds_nobody_up_for_long(tmp_path: Path) -> None:
    gone, other = Cached([FakeAnswer([asyncio.Event()])], tmp_path), Cached([fine()], tmp_path)
    other.time.now += LEASE_SECONDS

    async def both() -> Answer:
        first = asyncio.create_task(gone.answer())
        await until(lambda: gone.calls > 0)
        answer = await other.answer()
        first.cancel()
        await asyncio.wait({first})
        return answer

    assert states(run(both())) == ["miss"]
    assert other.pauses == []


class Held(CachedAnswers):
    """Another environment asks for everything, and has not answered."""

    async def lease(self, key_id: str, digest: str) -> Lease | None:
        return None


def held(harness: Cached) -> Cached:
    harness.table = Held(harness.store, clock=harness.time)
    return harness


def test_who_has_waited_for_half_their_time_asks_too(tmp_path: Path) -> None:
    harness = held(Cached([fine()], tmp_path, seconds_left=9.0))
    assert states(harness.ask()) == ["miss"]
    assert harness.pauses == [POLL_SECONDS] * 4  # of four seconds, since five are kept for the answer's end


def test_who_hangs_up_while_another_environment_asks_keeps_nobody_from_the_answer(tmp_path: Path) -> None:
    harness = held(Cached([fine()], tmp_path))

    async def hang_up() -> None:
        task = asyncio.create_task(harness.begin())
        await until(lambda: bool(harness.pauses))
        task.cancel()
        await asyncio.wait({task})

    run(hang_up())
    assert harness.cache is not None
    assert harness.cache._under_way == {}


def test_a_right_that_cannot_be_given_back_takes_no_answer_away(tmp_path: Path) -> None:
    harness = Cached([fine()], tmp_path)

    async def fail(*_: object) -> None:
        raise StoreError("planted secret")

    setattr(harness.table, "release", fail)  # noqa: B010 -- of this table
    assert states(harness.ask(), harness.ask()) == ["miss", "hit"]
    assert harness.told == [("answer not kept", {"error": "StoreError"})]


def test_a_lease_is_of_one_environment_until_it_is_given_back_or_ends(store: Store) -> None:
    clock = Clock(1000.0)
    table = CachedAnswers(store, clock=clock)
    lease = run(table.lease("key_1", "a"))
    assert lease is not None
    assert run(table.lease("key_1", "a")) is None
    assert run(table.lease("key_2", "a")) is not None
    run(table.release(lease))
    again = run(table.lease("key_1", "a"))
    assert again is not None
    run(table.release(lease))  # which is another's now
    assert run(table.lease("key_1", "a")) is None
    clock.now += LEASE_SECONDS
    assert run(table.lease("key_1", "a")) is not None
    run(table.forget("key_1"))
    assert [item.pk for item in run(store.scan(ItemType.CACHE))] == ["CACHE#key_2#a"]


def test_of_two_environments_at_once_one_gets_the_lease(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/store.sqlite3")

    class Raced:
        async def get(self, *_: object) -> None:
            return None

        async def put(self, item: Item, *, replaces: int | None) -> None:
            await store.put(item, replaces=replaces)

    tables = [CachedAnswers(Raced(), clock=Clock()) for _ in range(2)]  # type: ignore[arg-type] # a store
    assert [run(table.lease("key_1", "a")) is not None for table in tables] == [True, False]


def test_where_the_first_of_several_fails_another_asks(tmp_path: Path) -> None:
    failed = asyncio.Event()
    harness = Cached([FakeAnswer([failed, upstream_failure("gone")]), fine()], tmp_path, providers=["one"])

    async def together() -> list[Any]:
        tasks = [asyncio.create_task(harness.begin()) for _ in range(5)]
        await asyncio.sleep(0.05)
        failed.set()
        return list(await asyncio.gather(*tasks))

    answers = run(together())
    assert sorted(each["statusCode"] for each in answers) == [200, 200, 200, 200, 500]
    assert harness.calls == 2


def test_who_waits_and_hangs_up_keeps_nobody_from_the_answer(tmp_path: Path) -> None:
    begun = asyncio.Event()

    class Slow:
        async def get(self, *_: object) -> None:
            begun.set()
            await asyncio.sleep(600)

    harness = Cached([fine()], tmp_path)
    harness.table = Slow()  # type: ignore[assignment] # a table

    async def hang_up() -> None:
        task = asyncio.create_task(harness.begin())
        await begun.wait()
        task.cancel()
        await asyncio.wait({task})

    run(hang_up())
    assert harness.cache is not None
    assert harness.cache._under_way == {}


@pytest.mark.parametrize("what", ["get", "put"])
def test_a_store_that_fails_takes_no_answer_away(tmp_path: Path, what: str) -> None:
    harness = Cached([fine(), fine()], tmp_path)

    async def fail(*_: object, **__: object) -> None:
        raise StoreError("planted secret")

    setattr(harness.table, what, fail)
    assert states(harness.ask(), harness.ask()) == ["miss", "miss"]
    assert ("answer not kept", {"error": "StoreError"}) in harness.told
    assert "planted" not in str(harness.told)


def test_an_answer_with_a_record_to_write_is_kept_too(tmp_path: Path) -> None:
    harness = Cached([fine()], tmp_path)

    async def record(*_: object) -> None:
        return None

    harness.function = MessagesFunction(replace(harness.function._services, record=record))
    response = harness.handle()
    assert isinstance(response, StreamingResponse)
    receive(response)
    assert states(receive(harness.handle())) == ["hit"]


def test_a_function_has_a_cache_where_the_file_says_so(tmp_path: Path) -> None:
    settings = read_settings({"EDGEWAY_STORE": f"sqlite:{tmp_path}/store.sqlite3"})

    def log(_message: str, _fields: dict[str, object]) -> None:
        raise AssertionError

    assert open_cache(None, settings, {}, clock=Clock(), log=log) is None
    opened = open_cache(RULE, settings, {}, clock=Clock(), log=log)
    assert opened is not None
    assert opened.is_on(KeyRecord(id="a", name="", hint="", created=0), {})
    run(opened.keep("key_1", "digest", CachedAnswer({"a": 1})))


def test_the_release_is_that_of_the_project() -> None:
    assert f'\nversion = "{RELEASE}"\n' in (Path(__file__).parents[4] / "pyproject.toml").read_text()


KEPT = CachedAnswer({"content": ["Hello"]}, ("top_k",))


def test_answers_are_kept_in_every_store_and_forgotten_with_their_key(store: Store) -> None:
    clock = Clock(1000.0)
    table = CachedAnswers(store, clock=clock)
    run(table.put("key_1", "a", KEPT, seconds=5))
    run(table.put("key_1", "a", replace(KEPT, dropped=()), seconds=9))
    run(table.put("key_12", "a", KEPT, seconds=9))
    assert run(table.get("key_1", "a")) == replace(KEPT, dropped=())
    assert (run(table.get("key_1", "b")), run(table.get("key_2", "a"))) == (None, None)
    run(table.forget("key_1"))
    assert (run(table.get("key_1", "a")), run(table.get("key_12", "a"))) == (None, KEPT)
    clock.now = 1009.0
    assert run(table.get("key_12", "a")) is None


def test_what_is_too_large_for_an_item_is_not_kept(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/store.sqlite3")
    table = CachedAnswers(store, clock=Clock())
    noise = b64encode(Random(1).randbytes(MOST_CHARACTERS)).decode()
    run(table.put("key_1", "a", CachedAnswer({"content": noise}), seconds=9))
    assert run(store.scan(ItemType.CACHE)) == []


@pytest.mark.parametrize(
    "written",
    [None, 5, "", "no base64!", b64encode(b"no zlib").decode(), "eJwDAAAAAAE=", "eJyrVkrNK8lMVLJSMlSqBQAjHAQu"],
)
def test_what_cannot_be_read_is_no_answer(tmp_path: Path, written: object) -> None:
    store = open_store(f"sqlite:{tmp_path}/store.sqlite3")
    item = Item("CACHE#key_1#a", "META", ItemType.CACHE, {"answer": written}, ttl=2_000_000_000)
    run(store.put(item, replaces=None))
    run(store.put(replace(item, pk="CACHE#key_1#b", ttl=None), replaces=None))
    table = CachedAnswers(store, clock=Clock())
    assert (run(table.get("key_1", "a")), run(table.get("key_1", "b"))) == (None, None)


def test_where_another_is_quicker_its_answer_stays(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/store.sqlite3")

    class Raced:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def put(self, item: Item, *, replaces: int | None) -> None:
            raise ConflictError("raced")

    run(CachedAnswers(Raced(), clock=Clock()).put("key_1", "a", KEPT, seconds=9))  # type: ignore[arg-type] # a store
    assert run(store.scan(ItemType.CACHE)) == []


def test_nothing_of_a_kept_answer_is_in_the_log(tmp_path: Path) -> None:
    harness = Cached([fine()], tmp_path)
    harness.ask(), harness.ask()
    assert "Hello" not in json.dumps([harness.summaries(), harness.told], default=str)
