"""`edgeway serve` as a process of its own, over real sockets, a real store and the scripted upstream."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from itertools import islice
from select import select
from typing import Any

import httpx
import psutil
import pytest
import uvloop

from edgeway.local.web import descriptors
from tests.laws import Event, check, decode, text_of
from tests.load.callers import MESSAGES, Answer, Connection, Target, question
from tests.load.play import Play
from tests.load.processes import FastUpstream, running_fast_upstream
from tests.running import Gateway, Upstream, running_server

LIMIT = 30.0  # seconds; nothing here takes so long
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def shared(scripted: Upstream) -> Iterator[Gateway]:
    with running_server(scripted, EDGEWAY_TRUST_AUTHORIZER="true") as gateway:
        yield gateway


def asked(play: str, *, stream: bool = True, padding: int = 0) -> dict[str, Any]:
    content = f"[[play:{play}]]" + " " * padding
    return {"model": "gpt-5", "max_tokens": 100, "stream": stream, "messages": [{"role": "user", "content": content}]}


def post(gateway: Gateway, body: Any, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()} or {"x-api-key": gateway.key}
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.post(f"{gateway.url}/v1/messages", headers=named, content=content, timeout=LIMIT)


@contextmanager
def sent(gateway: Gateway, body: dict[str, Any]) -> Iterator[HTTPConnection]:
    """A request on its way, on a connection of its own."""
    with closing(HTTPConnection(gateway.url.removeprefix("http://"), timeout=LIMIT)) as connection:
        connection.request("POST", "/v1/messages", json.dumps(body), {"x-api-key": gateway.key})
        yield connection


@contextmanager
def begun(gateway: Gateway, play: str) -> Iterator[tuple[bytes, HTTPResponse]]:
    """A stream that has begun: its first line, and the rest to be read."""
    with sent(gateway, asked(play)) as connection, connection.getresponse() as answer:
        yield answer.readline(), answer


def lawful(body: bytes) -> list[Event]:
    events = decode(body)
    check(events)
    return events


def logged(gateway: Gateway) -> list[dict[str, Any]]:
    """The log, every line of which is a JSON object."""
    return [json.loads(line) for line in gateway.log().splitlines()]


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + LIMIT
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def ended(gateway: Gateway) -> int | None:
    """The exit status of the server, which is a child of this process."""
    return psutil.Process(gateway.pid).wait(LIMIT)


@pytest.mark.parametrize("header", ["x_api_key", "authorization"])
def test_a_key_of_the_command_line_gets_in(shared: Gateway, upstream: Upstream, header: str) -> None:
    value = shared.key if header == "x_api_key" else f"Bearer {shared.key}"
    answer = post(shared, asked("plain", stream=False), **{header: value})
    assert (answer.status_code, answer.json()["content"][0]["text"]) == (200, "Hello from the upstream")
    assert upstream.requests()[-1]["headers"]["authorization"] == f"Bearer {shared.upstream_key}"


@pytest.mark.parametrize("headers", [{"x_api_key": "a-wrong-key"}, {"authorization": "Bearer a-wrong-key"}, {"a": "b"}])
def test_no_other_key_gets_in_whatever_the_environment_says(
    shared: Gateway, upstream: Upstream, headers: dict[str, str]
) -> None:
    """There is no authorizer before the functions, so its context is never trusted."""
    answer = post(shared, asked("plain"), **headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")
    assert (answer.headers["x-should-retry"], upstream.requests()) == ("false", [])


def test_the_load_balancer_is_answered_without_a_key_or_a_line_in_the_log(shared: Gateway) -> None:
    assert httpx.get(shared.url).json() == {"status": "ok", "service": "edgeway"}
    httpx.get(f"{shared.url}/nowhere")
    assert eventually(lambda: any(line.get("path") == "/nowhere" for line in logged(shared)))
    assert not any(line.get("path") == "/" for line in logged(shared))


def test_a_stream_flows_chunk_by_chunk(shared: Gateway, upstream: Upstream) -> None:
    with httpx.stream(
        "POST", f"{shared.url}/v1/messages", headers={"x-api-key": shared.key}, json=asked("pace-6000x10")
    ) as answer:
        received = b""
        chunks = answer.iter_bytes()  # kept: an iterator that nobody holds any more closes the connection
        for chunk in chunks:
            received += chunk
            if b"content_block_delta" in received:
                break
        assert upstream.streams()[-1]["ended"] == "open"
        assert upstream.streams()[-1]["chunks"] < 6000


@pytest.mark.failure_mode(17)
def test_a_body_is_taken_beyond_lambdas_limit_and_up_to_our_own(shared: Gateway, upstream: Upstream) -> None:
    taken = post(shared, asked("plain", stream=False, padding=7 * MEGABYTE))
    assert (taken.status_code, len(upstream.requests())) == (200, 1)
    refused = post(shared, asked("plain", padding=33 * MEGABYTE))
    assert (refused.status_code, len(upstream.requests())) == (413, 1)
    assert refused.json()["error"] == {
        "type": "request_too_large",
        "message": "The request exceeds 33554432 bytes, the limit of this gateway",
    }


def test_the_log_tells_what_was_asked_of_whom_and_what_came_of_it(shared: Gateway) -> None:
    request_id = post(shared, asked("plain")).headers["request-id"]

    def lines() -> dict[str, dict[str, Any]]:
        return {line["message"]: line for line in logged(shared) if line.get("request_id") == request_id}

    assert eventually(lambda: len(lines()) == 2)
    assert (lines()["request"]["model"], lines()["request"]["stop_reason"]) == ("openai/gpt-5", "end_turn")
    assert (lines()["access"]["method"], lines()["access"]["path"]) == ("POST", "/v1/messages")
    assert lines()["access"]["status"] == 200


def test_callers_queue_and_are_then_refused(upstream: Upstream) -> None:
    with running_server(upstream, "--max-streams", "1", "--max-waiting", "1") as gateway, ExitStack() as stack:
        with begun(gateway, "pace-6000x10"):
            both = [stack.enter_context(sent(gateway, asked("plain"))) for _ in range(2)]
            # Whichever of the two came first waits, and the other is refused at once.
            (refused,) = [each for each in both if each.sock in select([each.sock for each in both], [], [], LIMIT)[0]]
            answer = refused.getresponse()
            assert (answer.status, answer.headers["retry-after"]) == (529, "10")
            assert json.load(answer)["error"]["type"] == "overloaded_error"
        # The first has hung up, which makes room.
        (waiting,) = [each for each in both if each is not refused]
        served = waiting.getresponse()
        assert (served.status, lawful(served.read())[-1]["type"]) == (200, "message_stop")


def refuses(gateway: Gateway) -> bool:
    """Whether new connections are refused."""
    try:
        httpx.get(gateway.url)
    except httpx.HTTPError:
        return True
    return False


def test_a_stream_finishes_after_sigterm_and_nobody_else_comes_in(upstream: Upstream) -> None:
    with running_server(upstream) as gateway:
        with begun(gateway, "pace-300x20") as (first, answer):
            psutil.Process(gateway.pid).send_signal(signal.SIGTERM)
            assert eventually(lambda: refuses(gateway))
            assert upstream.streams()[-1]["ended"] == "open"
            events = lawful(first + answer.read())
        assert (events[-1]["type"], ended(gateway)) == ("message_stop", 0)
        assert logged(gateway)[-1]["message"] == "stopped"


def test_a_stream_that_does_not_finish_in_time_ends_in_an_error_event(upstream: Upstream) -> None:
    with running_server(upstream, "--drain", "0.3") as gateway:
        with begun(gateway, "pace-6000x10") as (first, answer):
            psutil.Process(gateway.pid).send_signal(signal.SIGTERM)
            events = lawful(first + answer.read())
        assert (events[-1]["type"], events[-1]["error"]["type"]) == ("error", "overloaded_error")
        assert "shutting down" in events[-1]["error"]["message"]
        assert ended(gateway) == 0
        assert eventually(lambda: upstream.streams()[-1]["ended"] == "peer closed")
        assert settled(gateway)["error_type"] == "cancelled"


def settled(gateway: Gateway) -> dict[str, Any]:
    """What the function has logged of the one request, once it has; some output is always counted."""
    lines: list[dict[str, Any]] = []

    def is_logged() -> bool:
        lines[:] = [line for line in logged(gateway) if line["message"] == "request"]
        return bool(lines)

    assert eventually(is_logged)
    (line,) = lines
    assert line["output_tokens"] > 0
    return line


def test_a_stream_ends_in_an_error_event_at_its_deadline_and_is_settled(upstream: Upstream) -> None:
    with running_server(upstream, "--deadline", "1") as gateway:
        events = lawful(post(gateway, asked("pace-6000x10")).content)
        assert (events[-1]["type"], events[-1]["error"]["type"]) == ("error", "timeout_error")
        assert settled(gateway)["error_type"] == "timeout_error"


def test_a_whole_answer_ends_before_the_load_balancer_gives_up(upstream: Upstream) -> None:
    with running_server(upstream, "--idle-timeout", "16") as gateway:
        answer = post(gateway, asked("pace-6000x10", stream=False))
        assert (answer.status_code, answer.json()["error"]["type"]) == (504, "timeout_error")
        assert 'ask for a stream ("stream": true)' in answer.json()["error"]["message"]
        assert eventually(lambda: upstream.streams()[-1]["ended"] == "peer closed")
        longer = lawful(post(gateway, asked("pace-100x20")).content)
        assert longer[-1]["type"] == "message_stop"


def test_500_callers_of_100_streams_wait_or_are_refused_and_all_others_are_answered() -> None:
    """Nothing is answered before everybody has come; `--max-waiting` is 256 unless told otherwise."""
    descriptors.raise_limit()
    with running_fast_upstream() as fast, running_server(fast, "--max-streams", "100") as gateway:
        target = Target.at(gateway.url, MESSAGES, x_api_key=gateway.key)
        answers = uvloop.run(crowd(target, fast, callers=500, refused=144))
        assert Counter(answer.status for answer in answers) == {200: 356, 529: 144}
        for answer in answers:
            body = b"".join(answer.body)
            if answer.status == 529:
                assert json.loads(body)["error"]["type"] == "overloaded_error"
            else:
                assert text_of(lawful(body)) == "The quick brown fox "
        assert post(gateway, question(Play(4), stream=False)).status_code == 200


async def crowd(target: Target, fast: FastUpstream, *, callers: int, refused: int) -> list[Answer]:
    """Callers who come together; those who are held are answered as soon as so many others were refused."""
    message = target.message(question(Play(4, is_held=True), stream=True))
    connections = [await Connection.open(target, keeps_bodies=True) for _ in range(callers)]
    for connection in connections:
        connection.send(message)
    ends = [connection.end for connection in connections]
    for end in islice(asyncio.as_completed(ends), refused):
        await end
    while not all(end.done() for end in ends):
        await asyncio.to_thread(fast.release)
        await asyncio.sleep(0.01)
    for connection in connections:
        connection.close()
    return [connection.answer for connection in connections]
