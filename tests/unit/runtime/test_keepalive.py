"""The timer, and what it does for a response."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from math import inf
from time import monotonic

import pytest
from streaming.keepalive import Keepalive, Timer
from streaming.stream import ResponseStream

LIMIT = 20.0  # seconds until a test gives up
HOUR = 3600.0


class Rings:
    """Something that a timer calls: at once as often as told, then never again."""

    def __init__(self, times: int) -> None:
        self._times = times
        self.threads: list[int] = []
        self.done = threading.Event()

    def __call__(self) -> float:
        self.threads.append(threading.get_ident())
        if len(self.threads) <= self._times:
            return monotonic()
        self.done.set()
        return inf


def test_the_first_ring_is_here_and_the_others_are_on_one_thread_of_the_timer() -> None:
    timer = Timer()
    first, second = Rings(3), Rings(1)
    for rings in (first, second):
        timer.start(rings)
        assert rings.done.wait(LIMIT)
        timer.stop()
    here, there, *more = [*first.threads, *second.threads]
    assert here == threading.get_ident() != there
    assert more == [there, there, here, there]


def test_what_was_stopped_does_not_ring() -> None:
    timer = Timer()
    stopped, started = Rings(0), Rings(1)
    timer.start(lambda: monotonic() + HOUR)
    timer.stop()
    timer.start(stopped)
    timer.stop()
    timer.start(started)
    assert started.done.wait(LIMIT)
    assert len(stopped.threads) == 1


def test_a_timer_that_sleeps_wakes_for_what_is_due_earlier() -> None:
    timer = Timer()
    timer.start(lambda: monotonic() + HOUR)
    timer.stop()
    sooner = Rings(1)
    timer.start(sooner)
    assert sooner.done.wait(LIMIT)


def test_stopping_waits_for_a_ring_that_is_under_way() -> None:
    timer = Timer()
    ringing, released, ended = threading.Event(), threading.Event(), threading.Event()
    due = [monotonic()]

    def ring() -> float:
        if due:
            return due.pop()
        ringing.set()
        released.wait(LIMIT)
        ended.set()
        return inf

    timer.start(ring)
    assert ringing.wait(LIMIT)
    threading.Timer(0.01, released.set).start()
    timer.stop()
    assert ended.is_set()


class Body:
    def __init__(self, cancel: Callable[[], None]) -> None:
        self.cancel = cancel


def test_a_body_is_cancelled_when_a_keepalive_finds_nobody() -> None:
    cancelled = []
    ours, theirs = socket.socketpair()
    theirs.close()
    with closing(ResponseStream(ours)) as stream:
        assert Keepalive(stream, 0.0, b"ping", Body(lambda: cancelled.append(True)))() == inf
        assert cancelled == [True]
        assert Keepalive(stream, 0.0, b"ping", iter([]))() == inf


def test_a_body_that_fails_to_be_cancelled_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    def cancel() -> None:
        raise ValueError("a secret")

    ours, theirs = socket.socketpair()
    theirs.close()
    with closing(ResponseStream(ours)) as stream:
        assert Keepalive(stream, 0.0, b"ping", Body(cancel))() == inf
    logged = json.loads(capsys.readouterr().err)
    assert (logged["message"], logged["errorType"]) == ("a body could not be cancelled", "ValueError")
