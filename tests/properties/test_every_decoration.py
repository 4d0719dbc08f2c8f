"""Whichever decoration of an answer fails, by name and with whatever error: the answer stays what it is.

The list is held complete: by the services of the function, by what the headers are made of, and by the words in the
code that begin a header of ours. A name on the list that is never reached is an error too.
"""

from __future__ import annotations

import ast
import inspect
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from itertools import cycle
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.answering.request_log import RequestLog
from gateway.routes.messages import Services
from gateway.storage.open import open_store
from gateway.web.uninterrupted import settled

from tests.integration.providers.network import STREAM, Answer, Received, StandIn
from tests.laws import check, decode, text_of
from tests.loop import run
from tests.running import ROOT
from tests.tenants.two_keys import Handler, Heard, Tenant
from tests.unit.functions.functions import load

Asking = tuple[Tenant, Callable[[], Handler]]
LOG = "gateway.answering.request_log."
LOGGING = "aws_lambda_powertools.logging.Logger.info"
HEADERS = ("dollars_exactly", "server_timing", "rate_limit_headers", "read_rate_limits", "routing_headers")
DECORATIONS = (
    *(LOG + name for name in (*HEADERS, "cost")),
    "gateway.answering.cost_report.with_cost",
    "gateway.money.ledger.warning_headers",
    "gateway.money.rate_limits.RateLimiter.end",
    "gateway.money.usage.UsageRecorder.record",
    "gateway.money.usage._entry",
    "gateway.answering.metrics.EmbeddedMetrics.fields",
    "gateway.choice.health.Health.ended",
    "gateway.choice.health.Health.note_pace",
    "gateway.choice.health_memory.HealthMemory.watch",
    "gateway.choice.cache_holders.CacheHolders.answered",
    "gateway.choice.prefixes.Prefixes.note_soon",
    "gateway.response_cache.cached_answers.CachedAnswers.get",
    "gateway.response_cache.cached_answers.CachedAnswers.put",
    "gateway.response_cache.cache.Lookup._worth_keeping",
    "gateway.learning.trait_table.TraitTable.of",
    LOGGING,
)
"""The request below reaches each of them."""
KNOWN_LATE = frozenset({LOG + "dollars_exactly"})
"""The cost of a stream is known when its headers are long sent."""
IN_STREAMS_ALONE = frozenset({"gateway.answering.cost_report.with_cost"})
"""A whole answer tells its cost in a header."""
ONLY_AFTER_FAILURES = frozenset({"told"})
"""Made for an answer that is an error: `test_an_error_stays_the_error_that_it_is`."""
DECORATING = frozenset(
    {"record", "describe", "log", "clock", "health", "memory", "cache", "ledger", "limiter", "prefixes", "report_cost"}
)
"""The services with a part in it, each with a name above."""
DECIDING = frozenset(
    {"admission", "route", "dialects", "upstream", "over_budget", "monotonic", "new_id", "routes", "tiers", "deadlines",
     "ping_seconds", "whole_answer_seconds", "gathers"}
)  # fmt: skip
WRITE_HEADERS = frozenset(
    {"answering/request_log.py", "web/headers.py", "money/refusals.py", "routes/count_tokens.py", "web/proxy_event.py"}
)
TELL_THE_LOG = (
    LOG + "cost",
    "gateway.money.ledger.warning_headers",
    "gateway.money.ledger.StoredLedger._settle",
    "gateway.money.usage._entry",
    "gateway.money.usage.UsageRecorder._put",
    "gateway.response_cache.cached_answers.CachedAnswers.get",
    "gateway.learning.trait_table.TraitTable.of",
)
"""What writes a line of its own where it fails."""
FAILURES = (
    OSError(28, "No space left on device"),
    OverflowError("int too large"),
    UnicodeEncodeError("ascii", "\ud800", 0, 1, "half a character"),
    RecursionError(),
    KeyError("stop_reason"),
)
CONFIGURATION = """
report_cost = true
[response_cache]
ttl_seconds = 60
[aliases]
two = ["groq/openai/gpt-oss-120b", "mistral/mistral-large-latest"]
"""


def answered(received: Received) -> Answer:
    text = json.dumps(received.body)
    return Answer([b'{"error": {"message": "x"}}'], 400, "application/json") if "refuse" in text else Answer([STREAM])


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Somebody with all limits there are, and a function in which everything is switched on."""
    monkeypatch.setattr("gateway.upstream.client.Network", lambda: StandIn(answered))
    (tmp_path / "edgeway.toml").write_text(CONFIGURATION)
    setting = f"sqlite:{tmp_path}/edgeway.sqlite3"
    environment = {
        "EDGEWAY_STORE": setting,
        "EDGEWAY_CONFIG": str(tmp_path / "edgeway.toml"),
        "EDGEWAY_METRICS": "decorations",
        "GROQ_API_KEY": "sk-1",
        "MISTRAL_API_KEY": "sk-2",
        "POWERTOOLS_SERVICE_NAME": "decorations",
    }
    with closing(open_store(setting)) as store:
        limits = {"budget_day": 10_000_000, "requests_per_minute": 1000, "tokens_per_minute": 10_000_000, "streams": 9}
        key, record = run(KeyRegistry(store, clock=time.time).create("somebody", **limits))
    return Tenant("somebody", key, record.id), lambda: load("messages").build(environment)


def heard(asking: tuple[Tenant, Handler], **more: Any) -> Heard:
    """The answer, when all that follows it is done."""
    tenant, handler = asking

    async def asked() -> Heard:
        told = await tenant.ask(handler, "two", headers={"x-session-id": "a"}, **more)
        await settled()
        return told

    return run(asked())


@pytest.mark.parametrize("name", DECORATIONS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_whichever_fails_the_answer_stays(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, name: str, *, stream: bool
) -> None:
    failures, raised = cycle(FAILURES), list[Exception]()

    def fails(*_: object, **__: object) -> Any:
        raised.append(next(failures))
        raise raised[-1]

    monkeypatch.setattr(name, fails)
    tenant, build = asking
    somebody = tenant, build()
    for number in range(len(FAILURES)):
        told = heard(somebody, stream=stream, messages=[{"role": "user", "content": f"question {number}"}])
        assert told.status == 200
        if stream:
            events = decode(told.body.encode())
            check(events)
            assert (text_of(events), events[-1]["type"]) == ("hello", "message_stop")
        else:
            assert json.loads(told.body)["content"][0]["text"] == "hello"
    assert raised or name in (KNOWN_LATE if stream else IN_STREAMS_ALONE)


@pytest.mark.parametrize("name", TELL_THE_LOG)
def test_the_answer_stays_where_the_log_is_full_too(asking: Asking, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The line about the failure cannot be written either."""

    def fails(*_: object, **__: object) -> Any:
        raise OSError(28, "No space left on device")

    for each in (name, LOGGING):
        monkeypatch.setattr(each, fails)
    tenant, build = asking
    assert heard((tenant, build())).status == 200


@pytest.mark.parametrize("name", [LOG + "told", LOG + "routing_headers", "gateway.choice.health.Health.ended"])
def test_an_error_stays_the_error_that_it_is(asking: Asking, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def fails(*_: object, **__: object) -> Any:
        raise OverflowError

    tenant, build = asking
    plain = heard((tenant, build()), system="refuse")
    monkeypatch.setattr(name, fails)
    told = heard((tenant, build()), system="refuse")
    assert (told.status, json.loads(told.body)["error"]) == (plain.status, json.loads(plain.body)["error"])
    assert plain.status == 400


def test_every_service_decides_or_decorates() -> None:
    assert {each.name for each in fields(Services)} == DECIDING | DECORATING
    assert not DECIDING & DECORATING


def test_all_that_headers_are_made_of_is_on_the_list() -> None:
    tree = ast.parse(dedent(inspect.getsource(RequestLog._served)))
    called = {each.func.id for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
    assert called - {"max"} == {*HEADERS, *ONLY_AFTER_FAILURES}


def test_nobody_else_writes_headers_of_ours() -> None:
    """A header that is made in another place is not guarded by what guards these."""
    gateway = ROOT / "layers" / "gateway" / "gateway"
    found = {
        str(file.relative_to(gateway))
        for file in gateway.rglob("*.py")
        for word in ('"x-edgeway-', '"anthropic-ratelimit-', '"server-timing"')
        if word in file.read_text().replace('f"', '"')
    }
    assert found <= WRITE_HEADERS, found
