"""Two callers of one function, the one held at each of its steps while the other is served: neither hears of the other.

Everything is the function's own, down to where bytes leave the process: admission, store, routing, connections that are
kept, the log.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store
from gateway.web.uninterrupted import settled
from streaming import StreamingResponse

from tests.integration.gateway.log_lines import BESIDE, own_fields
from tests.integration.gateway.turns import hold
from tests.integration.providers.network import Answer, Received, StandIn
from tests.loop import run
from tests.unit.functions.functions import load

Handler = Callable[[dict[str, Any], object], Awaitable[Any]]

VOLATILE = re.compile(r'msg_[0-9a-f]{24}|;dur=[0-9.]+|"(in|out)put_tokens":[0-9]+')
"""What is another one with every request, takes another time, or is counted where there is time."""
TIMES = re.compile(r"timestamp|.*_ms|.*_tokens")
"""The fields of a log line that say when or how long, or how far a stream has come."""


def without_times(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not TIMES.fullmatch(name)}


class Context:
    """Of an invocation that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a key. Whatever is theirs holds their name."""

    name: str
    key: str
    key_id: str

    def event(self, kind: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": f"groq/of-{self.name}" if kind != "no model" else f"none-of-{self.name}",
            "max_tokens": 100,
            "stream": kind in ("stream", "broken", "hang-up"),
            "system": f"the system of {self.name}",
            "messages": [{"role": "user", "content": f"[{kind}] the prompt of {self.name}"}],
            "metadata": {"user_id": f"the user of {self.name}"},
            "tools": [{"name": f"tool_of_{self.name}", "input_schema": {"type": "object"}}],
            **({"max_tokens": f"nothing of {self.name}"} if kind == "no request" else {}),
        }
        return {
            "httpMethod": "POST",
            "path": "/v1/messages",
            "headers": {"x-api-key": self.key if kind != "no key" else f"ew_a-key-of-{self.name}"},
            "body": json.dumps(request),
            "requestContext": {"requestId": f"request-of-{self.name}"},
        }

    def traces(self, heard: object) -> list[str]:
        """What is theirs, in what somebody else has heard."""
        return [trace for trace in (self.name, self.key, self.key_id) if trace in json.dumps(heard, default=str)]


def frame(delta: Mapping[str, Any], finish_reason: str | None = None) -> bytes:
    return (
        b"data: %b\n\n"
        % json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}).encode()
    )


def answered(received: Received) -> Answer:
    """What an upstream says to a request: it repeats whose it is."""
    *_, name = received.body["messages"][-1]["content"].split()
    said = frame({"content": f"what is said to {name}"})
    match re.findall(r"\[(.*)\]", received.body["messages"][-1]["content"]):
        case ["refused"]:
            body = json.dumps({"error": {"message": f"nothing for {name}"}}).encode()
            return Answer([body], 422, "application/json")
        case ["broken"]:
            error = b"data: %b\n\n" % json.dumps({"error": {"message": f"broken for {name}"}}).encode()
            return Answer([said, error])
        case ["unexpected"]:
            raise ZeroDivisionError
        case _:
            return Answer([frame({"role": "assistant"}), said, said, frame({}, "stop"), b"data: [DONE]\n\n"])


@dataclass
class Deployment:
    """One function, its network, and what it logs."""

    environment: Mapping[str, str]
    network: StandIn
    capsys: pytest.CaptureFixture[str]
    beside: list[dict[str, Any]] = field(default_factory=list)
    """The lines that are no request's."""

    @cached_property
    def handler(self) -> Handler:
        """Built in the test's own phase: its log is kept for the output of that time, which no earlier phase has."""
        return load("messages").build(self.environment)  # type: ignore[no-any-return]

    async def ask(self, caller: Caller, kind: str) -> tuple[int, dict[str, str], str]:
        """What the caller gets; one who hangs up hears the first piece."""
        answer = await self.handler(caller.event(kind), Context())
        if not isinstance(answer, StreamingResponse):
            return answer["statusCode"], dict(answer["headers"]), answer["body"]
        pieces = []
        async with aclosing(answer.body) as body:  # type: ignore[type-var] # every body of ours has it
            async for piece in body:
                pieces.append(piece)
                if kind == "hang-up":  # more or less has arrived by then
                    break
        return answer.status, dict(answer.headers), b"".join(pieces).decode()

    def logged(self) -> list[dict[str, Any]]:
        """The requests' lines since the last time, without what is another in each. The others are kept."""
        lines = [json.loads(line, object_hook=without_times) for line in self.capsys.readouterr().out.splitlines()]
        self.beside += [line for line in lines if line["message"] in BESIDE]
        return [line for line in lines if line["message"] not in BESIDE]

    def sent(self) -> list[Received]:
        """What upstreams have been asked since the last time."""
        sent, self.network.received[:] = list(self.network.received), []
        return sent


@pytest.fixture
def callers(tmp_path: Path) -> Iterator[tuple[Caller, Caller]]:
    store = open_store(f"sqlite:{tmp_path}/edgeway.sqlite3")
    registry = KeyRegistry(store, clock=time.time)
    made = {name: run(registry.create(f"key of {name}")) for name in ("alice", "robert")}
    yield tuple(Caller(name, key, record.id) for name, (key, record) in made.items())  # type: ignore[misc]
    store.close()


SERVICES = count()
"""Powertools keeps a logger by its service's name, and with it the stream of an earlier test."""


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Deployment:
    network = StandIn(answered)
    monkeypatch.setattr("gateway.upstream.client.Network", lambda: network)
    environment = {
        "EDGEWAY_STORE": f"sqlite:{tmp_path}/edgeway.sqlite3",
        "EDGEWAY_TRUST_AUTHORIZER": "false",
        "GROQ_API_KEY": "sk-1",
        # Who writes at once writes one after the other: the other would wait for the one that is held.
        "EDGEWAY_RECORD_SECONDS": "0.001",
        "POWERTOOLS_SERVICE_NAME": f"isolation-{next(SERVICES)}",
    }
    return Deployment(environment, network, capsys)


def without_volatile(heard: tuple[int, dict[str, str], str], kind: str) -> tuple[int, str, str]:
    status, headers, body = heard
    events = body.partition("event: content_block")[0] if kind == "hang-up" else body
    return status, VOLATILE.sub("", json.dumps(headers)), VOLATILE.sub("", events)


ONE = {"stream": 8, "whole": 8, "refused": 5, "broken": 7, "hang-up": 6, "no model": 1, "no request": 1, "no key": 1}
"""What befalls the one, and how many steps that takes at the least."""
OTHER = ("stream", "whole", "refused", "broken", "hang-up")


@pytest.mark.parametrize("kind_of_other", OTHER)
@pytest.mark.parametrize("kind", ONE)
def test_neither_hears_of_the_other(
    kind: str, kind_of_other: str, deployment: Deployment, callers: tuple[Caller, Caller]
) -> None:
    one, other = callers
    alone = []
    for caller, its_kind in ((one, kind), (other, kind_of_other)):
        run(deployment.ask(caller, its_kind))  # the first one reads what all have in common
        deployment.sent(), deployment.logged()
        heard = without_volatile(run(deployment.ask(caller, its_kind)), its_kind)
        lines = deployment.logged()
        assert [line["message"] for line in lines] == ["request"]
        alone.append((heard, lines, [each.written for each in deployment.sent()]))
    at, steps = 0, 1
    while at < steps:
        run(settled())
        *both, steps = run(hold(deployment.ask(one, kind), deployment.ask(other, kind_of_other), at))
        lines, sent = deployment.logged(), deployment.sent()
        kinds = (kind, kind_of_other)
        for caller, stranger, its_kind, told, expected in zip(
            callers, reversed(callers), kinds, both, alone, strict=True
        ):
            own = [line for line in lines if caller.name in line["request_id"]]
            asked = [each.written for each in sent if caller.name in str(each.body)]
            assert (without_volatile(told, its_kind), own, asked) == expected, f"held at step {at} of {steps}"
            assert stranger.traces([told, own, asked]) == []
        assert len(lines) == sum(len(expected[1]) for expected in alone)
        at += 1
    assert steps >= ONE[kind]
    for line in deployment.beside:
        assert own_fields(line) == BESIDE[line["message"]]
        of_whom = line.pop("model", "")  # whose upstream is set aside, which nobody else asks
        assert of_whom in ("", "of-alice", "of-robert")
        assert [caller.traces(line) for caller in callers] == [[], []]


def test_an_unexpected_errors_line_tells_of_no_other_request(
    deployment: Deployment, callers: tuple[Caller, Caller]
) -> None:
    """Every request's own line has the same fields, each written anew. This one has few of them."""
    one, other = callers
    run(deployment.ask(one, "refused"))
    deployment.logged()
    status, *_ = run(deployment.ask(other, "unexpected"))
    line, _ = deployment.logged()
    assert (status, line["message"], line["error"]) == (500, "unexpected error", "ZeroDivisionError")
    assert one.traces(line) == []
