"""Which connections to upstreams are used again, and what goes along with a request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from gateway.upstream.client import HttpUpstream

from tests.loop import run
from tests.unit.gateway.certificates import ServerTls, self_signed
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
    STREAM,
    call,
    failure,
    late,
    new_upstream,
    use,
)


@pytest.mark.parametrize(
    ("script", "frames"),
    [
        (answering(*STREAM), FRAMES),
        (late(*STREAM), FRAMES),
        (late(HEAD, chunk(EVENT), chunk(DONE) + LAST_CHUNK[:2], LAST_CHUNK[2:]), FRAMES),
        (answering(whole(EVENT + DONE, "text/event-stream")), FRAMES),
        (answering(whole(b'{"choices": []}')), ['{"choices": []}']),
        (answering(whole(b' {"choices": []}', "text/plain")), [' {"choices": []}']),
        (answering(HEAD.replace(b"text/event-stream", b"application/json"), chunk(b"{}"), LAST_CHUNK), ["{}"]),
    ],
)
def test_a_connection_is_used_again_once_its_answer_is_read(
    script: Script, frames: list[str], upstream: HttpUpstream
) -> None:
    with serving(script) as server:
        assert [use(upstream, server) for _ in range(3)] == [frames] * 3
        assert (server.connections, len(server.requests)) == (1, 3)


def test_a_connection_is_used_again_after_an_error(upstream: HttpUpstream) -> None:
    body = b'{"error": {"message": "no"}}'
    with serving(answering(whole(body, status=b"429 Too Many Requests"))) as server:
        for _ in range(3):
            answer = call(upstream, server)
            assert (answer.status, run(answer.error_body())) == (429, body)
            run(answer.close())
        assert (server.connections, len(server.requests)) == (1, 3)


def test_a_connection_is_not_used_again_when_its_answer_was_cut_short(upstream: HttpUpstream) -> None:
    ended: Queue[int] = Queue()

    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD, chunk(EVENT))
        peer.wait_for_the_end()
        ended.put(peer.number)

    with serving(endless) as server:
        for number in (1, 2):
            answer = call(upstream, server)
            assert run(anext(answer.batches())) == FRAMES[:1]
            run(answer.close())
            assert ended.get() == number


def test_draining_does_not_wait_for_an_upstream_that_goes_on(upstream: HttpUpstream) -> None:
    def goes_on(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD, chunk(EVENT), chunk(DONE))
        while True:
            time.sleep(0.01)
            peer.send(chunk(b": still here\n\n"))

    with serving(goes_on) as server:
        assert [use(upstream, server) for _ in range(2)] == [FRAMES] * 2
        assert server.connections == 2


@pytest.mark.parametrize("dies", [Peer.reset, lambda peer: peer.socket.close()], ids=["reset", "closed"])
def test_a_kept_connection_that_has_died_costs_nothing(dies: Callable[[Peer], None], upstream: HttpUpstream) -> None:
    died = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(*STREAM)
        if peer.number == 1:
            dies(peer)
            died.set()
        else:
            peer.wait_for_the_end()

    with serving(script) as server:
        assert use(upstream, server) == FRAMES
        died.wait()
        assert use(upstream, server) == FRAMES
        assert len(server.requests) == 2


@pytest.mark.parametrize("dies", [Peer.reset, lambda peer: peer.socket.close()], ids=["reset", "closed"])
def test_a_kept_connection_that_dies_under_the_request_is_tried_once_more_on_a_new_one(
    dies: Callable[[Peer], None], upstream: HttpUpstream
) -> None:
    def script(peer: Peer) -> None:
        while peer.request():
            if peer.number == 1 and len(server.requests) == 2:
                dies(peer)
                return
            peer.send(*STREAM)

    with serving(script) as server:
        assert [use(upstream, server) for _ in range(3)] == [FRAMES] * 3
        assert (server.connections, len(server.requests)) == (2, 4)


def test_it_is_tried_no_more_than_once_more(upstream: HttpUpstream) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        if len(server.requests) == 1:
            peer.send(*STREAM)
            peer.request()

    with serving(script) as server:
        use(upstream, server)
        error = failure(lambda: call(upstream, server))
        assert (server.connections, len(server.requests)) == (2, 3)
    assert error.message == "the upstream closed the connection before the answer was complete"


def test_a_request_is_not_repeated_when_part_of_an_answer_has_come(upstream: HttpUpstream) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(*STREAM)
        peer.request()
        peer.send(HEAD[:20])

    with serving(script) as server:
        use(upstream, server)
        failure(lambda: call(upstream, server))
        assert (server.connections, len(server.requests)) == (1, 2)


@pytest.mark.parametrize("dies", [Peer.reset, lambda peer: peer.socket.close()], ids=["reset", "closed"])
def test_a_new_connection_that_is_closed_is_no_reason_to_ask_twice(
    dies: Callable[[Peer], None], upstream: HttpUpstream
) -> None:
    """The upstream may have read the request and be charging for it."""

    def script(peer: Peer) -> None:
        peer.request()
        dies(peer)

    with serving(script) as server:
        error = failure(lambda: call(upstream, server))
        assert (server.connections, len(server.requests)) == (1, 1)
    assert (error.error_type, error.status) == ("api_error", 500)


@pytest.mark.failure_mode(42)
def test_only_our_own_headers_go_along(upstream: HttpUpstream) -> None:
    with serving(answering(*STREAM)) as server:
        use(upstream, server)
        use(upstream, server)
        heads = [request.partition(b"\r\n\r\n")[0].split(b"\r\n") for request in server.requests]
    host = server.url.removeprefix("http://").encode()
    for request_line, *lines in heads:
        assert request_line == b"POST /v1/chat/completions HTTP/1.1"
        assert sorted(line.lower() for line in lines) == [
            b"accept-encoding: identity",
            b"accept: text/event-stream, application/json, application/vnd.amazon.eventstream",
            b"authorization: bearer provider-key",
            b"content-length: 2",
            b"content-type: application/json",
            b"host: " + host,
            b"user-agent: edgeway",
        ]


@pytest.mark.failure_mode(50)
def test_a_cookie_that_one_answer_sets_does_not_go_along_with_the_next_request(upstream: HttpUpstream) -> None:
    cookies = (b"set-cookie: session=of-one-caller; Path=/", b"set-cookie: other=1; Domain=localhost")
    with serving(answering(whole(b"{}", "application/json", b"200 OK", *cookies))) as server:
        use(upstream, server)
        use(upstream, server)
        assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


@pytest.mark.failure_mode(50)
def test_passwords_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    Path(tmp_path, "netrc").write_text("machine localhost login planted password planted")
    with new_upstream() as upstream, serving(answering(*STREAM)) as server:
        assert use(upstream, server) == FRAMES
        assert b"authorization: bearer provider-key\r\n" in server.requests[0].lower()


@pytest.mark.failure_mode(50)
@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"])
def test_a_redirect_is_not_followed(status: bytes, upstream: HttpUpstream) -> None:
    with serving(answering(whole(b"", "text/plain", status, b"location: /elsewhere"))) as server:
        answer = call(upstream, server)
        run(answer.close())
        assert (answer.status, len(server.requests)) == (int(status[:3]), 1)


def test_an_encrypted_connection_is_used_again(certificate: ServerTls) -> None:
    with (
        new_upstream() as upstream,
        serving(late(*STREAM), tls=certificate.context) as server,
    ):
        assert [use(upstream, server) for _ in range(3)] == [FRAMES] * 3
        assert server.connections == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: ServerTls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        new_upstream() as upstream,
        serving(answering(*STREAM), tls=certificate.context) as server,
    ):
        error = failure(lambda: call(upstream, server))
        assert server.requests == []
    assert (error.reason, error.retry) == ("certificate", False)
    assert error.message == "the upstream's certificate is not trusted: SSL_CERT_FILE names those that are"


@pytest.mark.parametrize(
    ("certified", "message"),
    [
        ({"host": "another.example"}, "the upstream's certificate is for another host name than its address has"),
        ({"begins": -2, "ends": -1}, "the upstream's certificate has expired"),
        (
            {"begins": 1, "ends": 2},
            "the upstream's certificate is not valid yet: compare the clocks of both machines",
        ),
    ],
    ids=["another name", "expired", "not valid yet"],
)
def test_a_trusted_certificate_that_does_not_hold_is_told_by_its_fault(
    certified: Mapping[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, **certified)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with new_upstream() as upstream, serving(answering(*STREAM), tls=certificate.context) as server:
        error = failure(lambda: call(upstream, server))
        assert server.requests == []
    assert (error.message, error.reason, error.retry) == (message, "certificate", False)
