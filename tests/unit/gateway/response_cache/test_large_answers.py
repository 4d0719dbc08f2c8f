"""Kept answers that no item holds: in a bucket of their own, on AWS, where the operator has asked for one."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

import boto3
import pytest
from gateway.aws.bucket import open_bucket
from gateway.response_cache.cache import ResponseCache, open_cache
from gateway.response_cache.cached_answers import MOST_BYTES, MOST_CHARACTERS, CachedAnswer, CachedAnswers
from gateway.routing.route_rules import CacheRule
from gateway.settings import read_settings
from gateway.storage.open import open_store, opened_once
from gateway.storage.protocol import ItemType

from tests.loop import run
from tests.unit.aws.stacks import REGION, empty_account
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import END, ROLE, FakeAnswer, Harness, said
from tests.unit.gateway.stores import TABLE, create_table

NAME = "answers"
LARGE = b64encode(Random(1).randbytes(MOST_CHARACTERS)).decode()


@pytest.fixture
def s3() -> Iterator[Any]:
    """A table and a bucket."""
    with empty_account():
        create_table()
        client = boto3.client("s3")
        client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def names(s3: Any) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=NAME).get("Contents", [])]


def answers(clock: Clock) -> CachedAnswers:
    store = open_store(f"dynamodb:{TABLE}")
    return CachedAnswers(store, clock=clock, large=opened_once(partial(open_bucket, NAME)))


def test_a_large_answer_lies_in_the_bucket_and_a_small_one_does_not(s3: Any) -> None:
    table = answers(Clock(1000.0))
    large, small = CachedAnswer({"content": LARGE}, ("top_k",)), CachedAnswer({"content": "Hello"})
    run(table.put("key_1", "a", large, seconds=9))
    run(table.put("key_1", "b", small, seconds=9))
    assert names(s3) == ["key_1/a"]
    assert (run(table.get("key_1", "a")), run(table.get("key_1", "b"))) == (large, small)
    assert (run(table.get("key_2", "a")), run(table.get("key_1", "c"))) == (None, None)
    assert all(LARGE[:50] not in str(item) for item in run(open_store(f"dynamodb:{TABLE}").scan(ItemType.CACHE)))


def test_it_ends_with_its_item_with_its_object_and_with_its_key(s3: Any) -> None:
    clock = Clock(1000.0)
    table = answers(clock)
    for key_id in ("key_1", "key_12"):
        run(table.put(key_id, "a", CachedAnswer({"content": LARGE}), seconds=9))
    run(table.forget("key_1"))
    assert (run(table.get("key_1", "a")), names(s3)) == (None, ["key_12/a"])
    clock.now = 1009.0
    assert run(table.get("key_12", "a")) is None
    clock.now = 1000.0
    s3.delete_object(Bucket=NAME, Key="key_12/a")  # as the bucket itself does after its days
    assert run(table.get("key_12", "a")) is None
    run(table.forget("key_12"))
    assert run(open_store(f"dynamodb:{TABLE}").scan(ItemType.CACHE)) == []


def test_what_was_kept_is_forgotten_although_its_item_has_gone(s3: Any) -> None:
    table = answers(Clock(1000.0))
    run(table.put("key_1", "a", CachedAnswer({"content": LARGE}), seconds=9))
    run(open_store(f"dynamodb:{TABLE}").delete("CACHE#key_1#a", "META"))
    run(table.forget("key_1"))
    assert names(s3) == []


def test_beyond_ten_million_bytes_nothing_is_kept(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.response_cache.cached_answers.MOST_BYTES", MOST_BYTES // 100)
    table = answers(Clock(1000.0))
    run(table.put("key_1", "a", CachedAnswer({"content": LARGE}), seconds=9))
    assert (names(s3), run(table.get("key_1", "a"))) == ([], None)


def test_an_item_without_a_bucket_is_no_answer(s3: Any) -> None:
    clock = Clock(1000.0)
    run(answers(clock).put("key_1", "a", CachedAnswer({"content": LARGE}), seconds=9))
    assert run(CachedAnswers(open_store(f"dynamodb:{TABLE}"), clock=clock).get("key_1", "a")) is None


def environ(**more: str) -> dict[str, str]:
    return {"EDGEWAY_STORE": f"dynamodb:{TABLE}", "EDGEWAY_LARGE_ANSWERS": NAME, **more}


def kept(rule: CacheRule | None, **more: str) -> ResponseCache | None:
    variables = environ(**more)
    return open_cache(rule, read_settings(variables), variables, clock=Clock(1000.0), log=lambda *_: None)


def test_the_whole_function_answers_from_the_bucket(s3: Any) -> None:
    text = LARGE[: MOST_CHARACTERS * 2]
    harness = Harness([FakeAnswer([[ROLE, said(text)], END])], cache=kept(CacheRule(ttl_seconds=60)))
    asked, again = harness.ask(), harness.ask()
    assert [each.headers["x-edgeway-cache"] for each in (asked, again)] == ["miss", "hit"]
    assert again.json()["content"][0]["text"] == text
    assert len(names(s3)) == 1
    assert names(s3)[0].startswith("key_1/")


def test_where_s3_fails_the_request_goes_on(s3: Any) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    variables = environ(EDGEWAY_LARGE_ANSWERS="another")
    cache = open_cache(
        CacheRule(ttl_seconds=60),
        read_settings(variables),
        variables,
        clock=Clock(1000.0),
        log=lambda message, fields: told.append((message, fields)),
    )
    harness = Harness([FakeAnswer([[ROLE, said(LARGE)], END])], cache=cache)
    assert harness.ask().status == 200
    assert told == [("answer not kept", {"error": "AwsError"})]


def test_the_bucket_is_not_opened_where_the_cache_is_off_or_nothing_is_large(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("gateway.response_cache.cache.open_bucket", opened.append)
    assert kept(None) is None
    words = [FakeAnswer([[ROLE, said("Hello")], END]) for _ in range(2)]
    harness = Harness(words, cache=kept(CacheRule(ttl_seconds=60)))
    assert json.loads(harness.ask().body)["content"][0]["text"] == "Hello"
    assert harness.ask().headers["x-edgeway-cache"] == "hit"
    assert opened == []
