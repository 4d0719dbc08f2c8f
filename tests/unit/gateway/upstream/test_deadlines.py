"""How long an upstream may take, and what is said when it takes longer."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from gateway.upstream import client as module
from gateway.upstream.client import HttpUpstream
from gateway.upstream.deadlines import Deadlines

from tests.loop import run
from tests.unit.gateway.raw_server import (
    EVENT,
    HEAD,
    LAST_CHUNK,
    Peer,
    Script,
    Server,
    answering,
    chunk,
    serving,
)
from tests.unit.gateway.upstream_calls import (
    FRAMES,
    STREAM,
    call,
    failure,
    late,
    opened,
    read,
    rest_of,
    stopping_after,
    use,
)


def test_an_upstream_that_is_not_there(upstream: HttpUpstream) -> None:
    with serving(answering()) as server:
        pass
    error = failure(lambda: call(upstream, server))
    assert (error.error_type, error.reason) == ("overloaded_error", "refused")
    assert error.message == "the upstream cannot be reached: nothing listens at its address"


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
        assert run(anext(batches)) == FRAMES[:1]
        answer.end_soon()
        answer.end_soon()
        assert run(rest_of(batches)) == [[]]
        run(answer.close())


@pytest.mark.failure_mode(14)
def test_a_model_that_says_with_every_piece_that_it_has_stopped_is_heard_to_its_end(
    upstream: HttpUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece may take its time: together they take longer than what may follow an end."""
    pieces, pause = 4, 0.3
    monkeypatch.setattr(module, "SECONDS_AFTER_THE_END", pause * 2)

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD)
        for _ in range(pieces):
            peer.send(chunk(EVENT))
            time.sleep(pause)
        peer.send(LAST_CHUNK)

    async def heard(server: Server) -> list[str]:
        answer = await opened(upstream, server)
        frames = []
        async for batch in answer.batches():
            frames += batch
            answer.end_soon()
        await answer.close()
        return frames

    with serving(script) as server:
        assert run(heard(server)) == FRAMES[:1] * pieces


def test_after_the_model_has_stopped_a_broken_connection_is_no_failure(upstream: HttpUpstream) -> None:
    sent = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD, chunk(EVENT))
        sent.wait()

    with serving(script) as server:
        answer = call(upstream, server)
        batches = answer.batches()
        assert run(anext(batches)) == FRAMES[:1]
        answer.end_soon()
        sent.set()
        assert run(rest_of(batches)) == [[]]
        run(answer.close())


def test_every_call_has_its_own_deadlines(upstream: HttpUpstream) -> None:
    with serving(late(*STREAM)) as server:
        failure(lambda: call(upstream, server, Deadlines(total=0.0)))
        assert use(upstream, server) == FRAMES
