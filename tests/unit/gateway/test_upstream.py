"""Calls to upstreams over real sockets: which connections are used again, and what every misbehaviour becomes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import Queue

import pytest
from gateway import upstream as module
from gateway.cancellation import Cancellation, CancelledCallError
from gateway.deadlines import Deadlines
from gateway.upstream import HttpAnswer, HttpUpstream
from translator.anthropic.errors import ApiError, Fault

from tests.unit.gateway.certificates import ServerTls, self_signed
from tests.unit.gateway.raw_server import (
    DONE,
    EVENT,
    HEAD,
    LAST_CHUNK,
    Peer,
    Script,
    Server,
    answering,
    chunk,
    serving,
    whole,
)

LONG = Deadlines(connect=600, first_byte=600, idle=600, total=600)
"""Longer than a test may take: who waits for one of these fails."""
STREAM = (HEAD, chunk(EVENT), chunk(DONE), LAST_CHUNK)
FRAMES = ['{"n": 1}', "[DONE]"]


@pytest.fixture
def upstream() -> Iterator[HttpUpstream]:
    with closing(HttpUpstream(monotonic=time.monotonic)) as upstream:
        yield upstream


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServerTls:
    """A certificate for localhost, which clients that are made from now on trust."""
    made = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    return made


def call(
    upstream: HttpUpstream,
    server: Server,
    deadlines: Deadlines = LONG,
    *,
    body: bytes = b"{}",
    cancellation: Cancellation | None = None,
) -> HttpAnswer:
    return upstream.open(
        f"{server.url}/v1/chat/completions",
        headers={"authorization": "Bearer provider-key"},
        body=body,
        deadlines=deadlines,
        cancellation=cancellation or Cancellation(),
    )


def read(answer: HttpAnswer) -> list[str]:
    return [frame for batch in answer.batches() for frame in batch]


def use(upstream: HttpUpstream, server: Server, deadlines: Deadlines = LONG) -> list[str]:
    """A call as the gateway makes it: it stops at the end marker, and drains."""
    answer = call(upstream, server, deadlines)
    frames = []
    for batch in answer.batches():
        frames += batch
        if "[DONE]" in batch:
            break
    answer.close(drain=True)
    return frames


def failure(act: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        act()
    assert caught.value.fault is Fault.UPSTREAM
    return caught.value


# ---- connections


def late(*pieces: bytes) -> Script:
    """An answer whose last piece comes a moment after the rest."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(*pieces[:-1])
            time.sleep(0.03)
            peer.send(pieces[-1])

    return script


@pytest.mark.parametrize(
    ("script", "frames"),
    [
        (answering(*STREAM), FRAMES),
        (late(*STREAM), FRAMES),
        (late(HEAD, chunk(EVENT), chunk(DONE) + LAST_CHUNK[:2], LAST_CHUNK[2:]), FRAMES),
        (answering(whole(EVENT + DONE, "text/event-stream")), FRAMES),
        (answering(whole(b'{"choices": []}')), ['{"choices": []}']),
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
            assert (answer.status, answer.error_body()) == (429, body)
            answer.close()
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
            assert next(answer.batches()) == FRAMES[:1]
            answer.close()
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


# ---- what goes along


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
            b"accept: text/event-stream, application/json",
            b"authorization: bearer provider-key",
            b"connection: keep-alive",
            b"content-length: 2",
            b"content-type: application/json",
            b"host: " + host,
            b"user-agent: edgeway",
        ]


def test_a_cookie_that_one_answer_sets_does_not_go_along_with_the_next_request(upstream: HttpUpstream) -> None:
    cookies = (b"set-cookie: session=of-one-caller; Path=/", b"set-cookie: other=1; Domain=localhost")
    with serving(answering(whole(b"{}", "application/json", b"200 OK", *cookies))) as server:
        use(upstream, server)
        use(upstream, server)
        assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


def test_proxies_and_passwords_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    Path(tmp_path, "netrc").write_text("machine localhost login planted password planted")
    with closing(HttpUpstream(monotonic=time.monotonic)) as upstream, serving(answering(*STREAM)) as server:
        assert use(upstream, server) == FRAMES
        assert b"authorization: bearer provider-key\r\n" in server.requests[0].lower()


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"])
def test_a_redirect_is_not_followed(status: bytes, upstream: HttpUpstream) -> None:
    with serving(answering(whole(b"", "text/plain", status, b"location: /elsewhere"))) as server:
        answer = call(upstream, server)
        answer.close()
        assert (answer.status, len(server.requests)) == (int(status[:3]), 1)


# ---- deadlines


def test_an_upstream_that_is_not_there(upstream: HttpUpstream) -> None:
    with serving(answering()) as server:
        pass
    error = failure(lambda: call(upstream, server))
    assert (error.error_type, error.message) == ("overloaded_error", "the upstream cannot be reached")


def test_an_upstream_that_accepts_no_connection(upstream: HttpUpstream) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(address)
            server = Server(f"http://127.0.0.1:{address[1]}", answering(), listener, None)
            error = failure(lambda: call(upstream, server, Deadlines(connect=0.2)))
        finally:
            for each in waiting:
                each.close()
    assert (error.error_type, error.message) == (
        "timeout_error",
        "the upstream did not accept a connection within 0.2 s",
    )


def test_an_upstream_that_does_not_shake_hands(upstream: HttpUpstream) -> None:
    with serving(Peer.wait_for_the_end) as server:
        server.url = server.url.replace("http://", "https://")
        error = failure(lambda: call(upstream, server, Deadlines(connect=0.2)))
    assert (error.error_type, error.message) == (
        "timeout_error",
        "the upstream did not accept a connection within 0.2 s",
    )


def stopping_after(*pieces: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(*pieces)
        peer.wait_for_the_end()

    return script


def dripping(head: bytes, drop: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(head)
        while True:
            time.sleep(0.01)
            peer.send(drop)

    return script


DEADLINES: dict[str, tuple[Script, Deadlines, str]] = {
    "nothing at all": (stopping_after(), Deadlines(first_byte=0.2), "begin to answer within 0.2 s"),
    "half a head": (stopping_after(HEAD[:30]), Deadlines(first_byte=0.2), "begin to answer within 0.2 s"),
    "the head alone": (stopping_after(HEAD), Deadlines(first_byte=0.3, idle=0.1), "begin to answer within 0.3 s"),
    "an event": (stopping_after(HEAD, chunk(EVENT)), Deadlines(first_byte=600, idle=0.2), "go on within 0.2 s"),
    "half an event": (stopping_after(HEAD, chunk(EVENT[:9])), Deadlines(idle=0.2), "go on within 0.2 s"),
    "a head that drips": (dripping(HEAD[:20], b"x"), Deadlines(first_byte=600, total=0.3), "finish within 0.3 s"),
    "an event that drips": (dripping(HEAD, chunk(b":")), Deadlines(idle=600, total=0.3), "finish within 0.3 s"),
    "events that drip": (dripping(HEAD, chunk(EVENT)), Deadlines(idle=600, total=0.3), "finish within 0.3 s"),
    "a whole body that drips": (
        dripping(HEAD.replace(b"text/event-stream", b"application/json"), chunk(b" ")),
        Deadlines(idle=600, total=0.3),
        "finish within 0.3 s",
    ),
    "nothing, to the end": (stopping_after(), Deadlines(first_byte=600, total=0.2), "finish within 0.2 s"),
    "an event, to the end": (
        stopping_after(HEAD, chunk(EVENT)),
        Deadlines(idle=600, total=0.2),
        "finish within 0.2 s",
    ),
    "no time at all": (stopping_after(), Deadlines(total=0.0), "finish within 0 s"),
}


@pytest.mark.parametrize("name", DEADLINES)
def test_a_deadline_says_what_it_waited_for(name: str, upstream: HttpUpstream) -> None:
    script, deadlines, what = DEADLINES[name]
    with serving(script) as server:
        error = failure(lambda: read(call(upstream, server, deadlines)))
        assert server.connections <= 1
    assert (error.error_type, error.status) == ("timeout_error", 504)
    assert error.message == f"the upstream did not {what}"


@pytest.mark.parametrize("reads", [0, 200_000], ids=["never", "slowly"])
def test_an_upstream_that_does_not_read_cannot_outlive_the_total(reads: int, upstream: HttpUpstream) -> None:
    read_so_far: list[int] = []

    def script(peer: Peer) -> None:
        while reads and peer.socket.recv(reads):
            read_so_far.append(reads)
            time.sleep(0.01)
        ended.wait()

    ended = threading.Event()
    with serving(script) as server:
        body = b"x" * 80_000_000
        error = failure(lambda: call(upstream, server, Deadlines(first_byte=600, total=0.5), body=body))
        ended.set()
    assert (error.error_type, error.message) == ("timeout_error", "the upstream did not finish within 0.5 s")
    assert sum(read_so_far) < len(body) / 2


def test_after_the_model_has_stopped_a_silence_is_no_failure(
    upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_AFTER_THE_END", 0.1)
    with serving(stopping_after(HEAD, chunk(EVENT))) as server:
        answer = call(upstream, server)
        batches = answer.batches()
        assert next(batches) == FRAMES[:1]
        answer.end_soon()
        answer.end_soon()
        assert list(batches) == [[]]
        answer.close()


def test_after_the_model_has_stopped_a_broken_connection_is_no_failure(upstream: HttpUpstream) -> None:
    sent = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD, chunk(EVENT))
        sent.wait()

    with serving(script) as server:
        answer = call(upstream, server)
        batches = answer.batches()
        assert next(batches) == FRAMES[:1]
        answer.end_soon()
        sent.set()
        assert list(batches) == [[]]
        answer.close()


def test_every_call_has_its_own_deadlines(upstream: HttpUpstream) -> None:
    with serving(late(*STREAM)) as server:
        failure(lambda: call(upstream, server, Deadlines(total=0.0)))
        assert use(upstream, server) == FRAMES


# ---- cancelling


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("sent", [(), (HEAD[:30],), (HEAD,), (HEAD, chunk(EVENT))], ids=len)
def test_a_wait_ends_when_another_thread_cancels(sent: tuple[bytes, ...], tls: bool, certificate: ServerTls) -> None:
    asked = threading.Event()

    def script(peer: Peer) -> None:
        while peer.request():
            peer.send(*sent)
            asked.set()

    cancellation = Cancellation()
    context = certificate.context if tls else None
    with closing(HttpUpstream(monotonic=time.monotonic)) as upstream, serving(script, tls=context) as server:
        with ThreadPoolExecutor(1) as background:
            reading = background.submit(lambda: read(call(upstream, server, cancellation=cancellation)))
            asked.wait()
            time.sleep(0.05)  # it waits for more by now; the outcome is the same if it does not yet
            cancellation.cancel()
            assert isinstance(reading.exception(), CancelledCallError)
        assert len(server.requests) == 1


def test_a_write_ends_when_another_thread_cancels(upstream: HttpUpstream) -> None:
    connected, ended = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        connected.set()
        ended.wait()

    cancellation = Cancellation()
    with serving(script) as server, ThreadPoolExecutor(1) as background:
        body = b"x" * 30_000_000
        writing = background.submit(lambda: call(upstream, server, body=body, cancellation=cancellation))
        connected.wait()
        time.sleep(0.05)
        cancellation.cancel()
        assert isinstance(writing.exception(), CancelledCallError)
        ended.set()


def test_what_is_cancelled_before_it_begins_never_begins(upstream: HttpUpstream) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with serving(answering(*STREAM)) as server:
        use(upstream, server)
        with pytest.raises(CancelledCallError):
            call(upstream, server, cancellation=cancellation)
        assert len(server.requests) == 1
    with pytest.raises(CancelledCallError):  # and not that the server cannot be reached
        call(upstream, server, cancellation=cancellation)


def test_cancelling_what_has_ended_harms_nobody(upstream: HttpUpstream) -> None:
    cancellation = Cancellation()
    with serving(answering(*STREAM)) as server:
        closing_after(call(upstream, server, cancellation=cancellation))
        cancellation.cancel()
        assert [use(upstream, server) for _ in range(2)] == [FRAMES] * 2


def test_an_encrypted_connection_is_used_again(certificate: ServerTls) -> None:
    with (
        closing(HttpUpstream(monotonic=time.monotonic)) as upstream,
        serving(late(*STREAM), tls=certificate.context) as server,
    ):
        assert [use(upstream, server) for _ in range(3)] == [FRAMES] * 3
        assert server.connections == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: ServerTls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        closing(HttpUpstream(monotonic=time.monotonic)) as upstream,
        serving(answering(*STREAM), tls=certificate.context) as server,
    ):
        error = failure(lambda: call(upstream, server))
        assert server.requests == []
    assert error.message == "the upstream cannot be reached"


# ---- answers that are none

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
        error = failure(lambda: closing_after(call(upstream, server)))
        assert len(server.requests) == 1
    assert (error.error_type, error.message) == ("api_error", message)


def closing_after(answer: HttpAnswer) -> list[str]:
    try:
        return read(answer)
    finally:
        answer.close()


def test_an_event_without_an_end_does_not_fill_the_memory(
    upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_EVENT_BYTES", 100_000)

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD, chunk(EVENT))
        while True:
            peer.send(chunk(b"x" * 1000))

    with serving(script) as server:
        error = failure(lambda: closing_after(call(upstream, server)))
    assert error.message == "the upstream sent an event without an end"


def test_many_small_comments_are_no_event_without_an_end(
    upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_EVENT_BYTES", 1000)
    events = b"".join(chunk(b": PROCESSING\n\n") + chunk(EVENT) for _ in range(100))
    with serving(answering(HEAD, events, chunk(DONE), LAST_CHUNK)) as server:
        assert use(upstream, server) == [*FRAMES[:1] * 100, "[DONE]"]


def test_of_a_huge_error_only_the_beginning_is_read(upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ERROR_BYTES", 1000)
    body = bytes(range(256)) * 40_000
    with serving(answering(whole(body, "text/plain", b"500 Internal Server Error"))) as server:
        answer = call(upstream, server)
        assert (answer.status, answer.error_body()) == (500, body[:1000])
        answer.close()
        call(upstream, server).close()
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
        assert (answer.status, answer.error_body()) == (429, b'{"error": 1}')
        answer.close()
