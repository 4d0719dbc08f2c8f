"""What upstreams send that is no answer, and what is kept of an error."""

from __future__ import annotations

import socket

import pytest
from gateway.upstream import client as module
from gateway.upstream import framing
from gateway.upstream.client import HttpUpstream

from tests.loop import run
from tests.unit.gateway.raw_server import (
    DONE,
    EVENT,
    HEAD,
    LAST_CHUNK,
    Peer,
    Script,
    answering,
    chunk,
    serving,
    whole,
)
from tests.unit.gateway.upstream_calls import (
    FRAMES,
    LONG,
    STREAM,
    call,
    failure,
    read_and_close,
    stopping_after,
    use,
)

BROKEN = "the upstream closed the connection before the answer was complete"
ANSWERS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "garbage": ((b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n" * 20,), BROKEN),
    "nothing": ((), BROKEN),
    "half a head": ((HEAD[:40],), BROKEN),
    "a head without end": ((b"HTTP/1.1 200 OK\r\n" + b"x-filler: " + b"x" * 200_000,), BROKEN),
    "a chunk cut short": ((HEAD, b"400\r\n" + EVENT), BROKEN),
    "no last chunk": ((HEAD, chunk(EVENT)), BROKEN),
    "a chunk without a size": ((HEAD, b"zz\r\n" + EVENT), BROKEN),
    "less than announced": ((whole(b"{}").replace(b"length: 2", b"length: 20"),), BROKEN),
    "a head larger than any": ((b"HTTP/1.1 200 OK\r\n" + b"x-filler: x\r\n" * 30_000 + b"\r\n",), BROKEN),
    "another protocol": (
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n",),
        BROKEN,
    ),
    "interim answers alone": ((b"HTTP/1.1 102 Processing\r\n\r\n" * 3,), BROKEN),
    "a web page": (
        (whole(b"<html>planted</html>", "text/html; charset=utf-8"),),
        "the upstream answered with a web page",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_no_answer_is_an_error_of_the_upstream(name: str, upstream: HttpUpstream) -> None:
    pieces, message = ANSWERS[name]

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(*pieces)

    with serving(script) as server:
        error = failure(lambda: read_and_close(call(upstream, server)))
        assert len(server.requests) == 1
    assert (error.error_type, error.message) == ("api_error", message)


def test_interim_answers_are_passed_over(upstream: HttpUpstream) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nretry-after: 7\r\n\r\n"
    with serving(answering(interim + whole(b"{}", status=b"429 Slow Down"))) as server:
        for _ in range(2):
            answer = call(upstream, server)
            assert (answer.status, answer.headers.get("retry-after"), run(answer.error_body())) == (429, None, b"{}")
            run(answer.close())
        assert server.connections == 1


def test_a_body_may_end_with_its_connection(upstream: HttpUpstream) -> None:
    head = HEAD.replace(b"transfer-encoding: chunked\r\n", b"")

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(head, EVENT, DONE)

    with serving(script) as server:
        assert [read_and_close(call(upstream, server)) for _ in range(2)] == [FRAMES] * 2
        assert server.connections == 2


@pytest.mark.parametrize("surplus", [b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ndata: x\n\n", b"garbage\r\n\r\n"])
def test_what_follows_an_answer_unasked_is_not_taken_for_the_next_one(surplus: bytes, upstream: HttpUpstream) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD + chunk(EVENT) + chunk(DONE) + LAST_CHUNK + surplus)
        peer.wait_for_the_end()

    with serving(script) as server:
        assert [use(upstream, server) for _ in range(2)] == [FRAMES] * 2
        assert server.connections == 2


def test_an_upstream_may_refuse_before_it_has_read_the_request(upstream: HttpUpstream) -> None:
    def script(peer: Peer) -> None:
        peer.send(whole(b"{}", "application/json", b"413 Content Too Large", b"connection: close"))
        peer.socket.shutdown(socket.SHUT_WR)
        peer.wait_for_the_end()

    with serving(script) as server:
        answer = call(upstream, server, body=b"x" * 3_000_000)
        assert (answer.status, run(answer.error_body())) == (413, b"{}")
        run(answer.close())


@pytest.mark.parametrize("key", ["planted\r\nhost: elsewhere", "planted\u2026"], ids=["a line break", "an ellipsis"])
def test_a_key_that_no_header_can_hold_is_not_sent(upstream: HttpUpstream, key: str) -> None:
    with serving(answering(*STREAM)) as server:
        headers = {"authorization": f"Bearer {key}"}
        error = failure(lambda: run(upstream.open(server.url, headers=headers, body=b"{}", deadlines=LONG)))
        assert server.connections == 0
    assert error.message == "the provider's key holds a character that no header can, so that nothing was sent"


def test_an_event_without_an_end_does_not_fill_the_memory(
    upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "MAX_EVENT_BYTES", 100_000)

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD, chunk(EVENT))
        while True:
            peer.send(chunk(b"x" * 1000))

    with serving(script) as server:
        error = failure(lambda: read_and_close(call(upstream, server)))
    assert error.message == "the upstream sent an event without an end"


def test_an_answer_without_an_end_is_stopped(upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_STREAM_BYTES", 100_000)

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD)
        while True:
            peer.send(chunk(EVENT))

    with serving(script) as server:
        error = failure(lambda: read_and_close(call(upstream, server)))
    assert error.message == "the upstream's answer has no end"


def test_many_small_comments_are_no_event_without_an_end(
    upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "MAX_EVENT_BYTES", 1000)
    events = b"".join(chunk(b": PROCESSING\n\n") + chunk(EVENT) for _ in range(100))
    with serving(answering(HEAD, events, chunk(DONE), LAST_CHUNK)) as server:
        assert use(upstream, server) == [*FRAMES[:1] * 100, "[DONE]"]


def test_of_a_huge_error_only_the_beginning_is_read(upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ERROR_BYTES", 1000)
    body = bytes(range(256)) * 40_000
    with serving(answering(whole(body, "text/plain", b"500 Internal Server Error"))) as server:
        answer = call(upstream, server)
        assert (answer.status, run(answer.error_body())) == (500, body[:1000])
        run(answer.close())
        run(call(upstream, server).close())
        assert server.connections == 2


@pytest.mark.parametrize(
    "script",
    [
        stopping_after(whole(b'{"error": 1}', status=b"429 Slow Down").replace(b"length: 12", b"length: 99")),
        answering(b"HTTP/1.1 429 Slow Down\r\ntransfer-encoding: chunked\r\n\r\n", chunk(b'{"error": 1}'), b"zz\r\n"),
    ],
    ids=["that never ends", "that is broken"],
)
def test_an_error_keeps_its_status_and_what_came_of_its_body(
    script: Script, upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_FOR_AN_ERROR", 0.2)
    with serving(script) as server:
        answer = call(upstream, server)
        assert (answer.status, run(answer.error_body())) == (429, b'{"error": 1}')
        run(answer.close())
