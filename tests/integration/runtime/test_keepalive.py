"""Keep-alives on the wire. What is held is an order, never a time: 0.02 s is soon, an hour is never."""

import signal
import time
from http import HTTPStatus

import pytest

from tests.integration.runtime.process import STREAM, running
from tests.integration.runtime.scripted_api import NEXT, Connection, ScriptedApi, chunk, response_path

PRELUDE = b'{"statusCode":200,"headers":{"content-type":"text/event-stream"}}'
PING = chunk(b": ping\n\n")
END = b"0\r\n\r\n"
SOON = 0.02
NEVER = 3600


def skip_pings(stream: Connection, until: bytes) -> None:
    """Read keep-alives up to something else, which is as long as they are."""
    assert len(until) == len(PING)
    data = PING
    while data == PING:
        data = stream.read(len(PING))
    assert data == until


@pytest.mark.failure_mode(12)
def test_silence_is_filled_from_the_prelude_on_and_never_after_the_end(api: ScriptedApi) -> None:
    one, two = "first---", "second--"
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["wait", one, "wait", two], "keepalive": SOON})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(PING + PING)
        function.printed("waiting")
        function.go_on()
        skip_pings(stream, chunk(one.encode()))
        stream.expect(PING + PING)
        function.printed("waiting")
        function.go_on()
        skip_pings(stream, chunk(two.encode()))
        stream.expect(END)
        stream.answer(HTTPStatus.ACCEPTED)
        stream.expect_end()
        function.printed("closed", "after")


def test_what_is_not_silent_gets_none(api: ScriptedApi) -> None:
    with running("handlers.stream", api.address, STREAM):
        connection = api.accept()
        for request_id in ("r-1", "r-2"):
            connection.invoke({"script": ["one"] * 1000, "keepalive": NEVER}, request_id=request_id)
            stream = api.accept()
            stream.expect_stream(response_path(request_id), PRELUDE)
            stream.expect(chunk(b"one") * 1000 + END)
            stream.answer(HTTPStatus.ACCEPTED)


def test_a_timer_that_sleeps_long_is_woken_for_a_shorter_silence(api: ScriptedApi) -> None:
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["one"], "keepalive": NEVER})
        first = api.accept()
        first.expect_stream(response_path(), PRELUDE)
        first.expect(chunk(b"one") + END)
        first.answer(HTTPStatus.ACCEPTED)
        function.printed("closed", "after")
        connection.invoke({"script": ["wait"], "keepalive": SOON}, request_id="r-2")
        second = api.accept()
        second.expect_stream(response_path("r-2"), PRELUDE)
        second.expect(PING)


@pytest.mark.failure_mode(40)
def test_a_caller_gone_in_silence_cancels_the_body(api: ScriptedApi) -> None:
    with running("handlers.stream_upstream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({})
        stream = api.accept()
        stream.expect_stream(response_path(), b'{"statusCode":200,"headers":{}}')
        stream.expect(chunk(b"one") + PING)
        stream.close()
        function.printed("cancelled", "closed", "after")
        connection.expect_head(f"GET {NEXT}", {})
        assert function.end_by(signal.SIGTERM) == 0
        assert (function.rest(), function.rest_of_log()) == ("", "")


def test_a_body_that_has_ended_is_not_cancelled(api: ScriptedApi) -> None:
    with running("handlers.stream_upstream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"closed": True})
        stream = api.accept()
        stream.expect_stream(response_path(), b'{"statusCode":200,"headers":{}}')
        stream.expect(chunk(b"one") + END)
        time.sleep(3 * SOON)  # the chance to do wrong: the answer has ended and is not yet acknowledged
        stream.answer(HTTPStatus.ACCEPTED)
        function.printed("closed", "after")


def test_a_caller_gone_in_silence_stops_a_body_that_cannot_be_cancelled(api: ScriptedApi) -> None:
    with running("handlers.stream", api.address, STREAM) as function:
        connection = api.accept()
        connection.invoke({"script": ["one", "wait", *["more"] * 100_000], "keepalive": SOON})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + PING)
        stream.close()
        function.printed("waiting")
        function.go_on()
        function.printed("closed", "after")
        connection.invoke({"script": []}, request_id="r-2")
