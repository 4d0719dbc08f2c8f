"""Streamed answers, byte for byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from streaming.failure import WITHHELD

from tests.integration.runtime.process import STREAM, Function, running
from tests.integration.runtime.scripted_api import Connection, ScriptedApi, chunk, error_path, response_path

PRELUDE = b'{"statusCode":200,"headers":{"content-type":"text/event-stream"}}'
END = b"0\r\n\r\n"


@contextmanager
def streaming(api: ScriptedApi, handler: str = "handlers.stream") -> Iterator[tuple[Function, Connection]]:
    with running(handler, api.address, STREAM) as function:
        yield function, api.accept()


def test_the_prelude_and_each_piece_are_a_chunk_on_a_connection_of_its_own(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one", "", "x" * 300, "wait", "two"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + chunk(b"x" * 300))
        function.printed("waiting")
        function.go_on()
        stream.expect(chunk(b"two") + END)
        function.printed("closed")
        stream.answer(HTTPStatus.ACCEPTED)
        stream.expect_end()
        function.printed("settled")
        connection.invoke({"script": []}, request_id="r-2")
        api.accept().expect_stream(response_path("r-2"), PRELUDE)


@pytest.mark.parametrize(
    ("answer", "prelude", "chunks"),
    [
        ({"statusCode": 404, "headers": None, "body": "no"}, b'{"statusCode":404}', chunk(b"no")),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, b'{"statusCode":200}', chunk(b"hi")),
        (
            {"statusCode": 204, "headers": {"a": "b"}, "multiValueHeaders": {"c": ["d"]}, "cookies": ["e"]},
            b'{"statusCode":204,"headers":{"a":"b"},"multiValueHeaders":{"c":["d"]},"cookies":["e"]}',
            b"",
        ),
    ],
)
def test_a_proxy_answer_is_streamed_as_well(
    api: ScriptedApi, answer: dict[str, object], prelude: bytes, chunks: bytes
) -> None:
    with streaming(api, "handlers.echo") as (_, connection):
        connection.invoke({"answer": answer})
        stream = api.accept()
        stream.expect_stream(response_path(), prelude)
        stream.expect(chunks + END)


@pytest.mark.parametrize("answer", ["text", {"body": "no status"}, {"statusCode": 200, "body": 1}])
def test_what_is_no_http_answer_is_an_error(api: ScriptedApi, answer: object) -> None:
    with streaming(api, "handlers.echo") as (_, connection):
        connection.invoke({"answer": answer})
        assert connection.read_error(error_path())[0] == "Function.NotAnHttpAnswerError"
        connection.answer(HTTPStatus.ACCEPTED)
        connection.invoke({"answer": answer}, request_id="r-2")


def test_too_large_a_prelude_is_an_error_before_the_first_byte(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one"], "headers": {"x": "x" * 16_000}})
        assert connection.read_error(error_path())[0] == "Function.PreludeTooLargeError"
        connection.answer(HTTPStatus.ACCEPTED)
        function.printed("settled")
        connection.invoke({"script": []}, request_id="r-2")


def test_a_body_that_cannot_be_read_is_an_error_before_the_first_byte(api: ScriptedApi) -> None:
    with streaming(api, "handlers.stream_list") as (_, connection):
        connection.invoke({})
        assert connection.read_error(error_path())[0] == "Function.TypeError"


def test_an_exception_of_the_body_ends_it_with_error_trailers(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one", "fail"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one"))
        kind, description = stream.read_error_trailers()
        frames = description.pop("stackTrace")
        assert (kind, description) == ("Function.ValueError", {"errorType": "ValueError", "errorMessage": WITHHELD})
        assert frames[-1].endswith(" play")
        stream.answer(HTTPStatus.ACCEPTED)
        stream.expect_end()
        function.printed("closed", "settled")
        logged = function.logged()
        assert logged == {
            "level": "ERROR",
            "message": "the body failed",
            "requestId": "r-1",
            **description,
            "stackTrace": frames,
        }
        connection.invoke({"script": []}, request_id="r-2")


def test_a_body_that_exits_is_reported_and_ends_the_process(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one", "leave"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one"))
        assert stream.read_error_trailers()[0] == "Function.SystemExit"
        stream.answer(HTTPStatus.ACCEPTED)
        function.printed("closed", "settled")
        assert function.exit_status() == 1
        assert function.logged()["errorType"] == "SystemExit"
        assert function.rest_of_log() == ""


def test_an_exception_after_the_response_is_reported_and_the_loop_goes_on(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one"], "end": "fail"})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + END)
        stream.answer(HTTPStatus.ACCEPTED)
        logged = function.logged()
        assert (logged["message"], logged["errorType"]) == ("the end of a response failed", "ValueError")
        connection.invoke({"script": []}, request_id="r-2")


def test_an_exit_after_the_response_is_reported_and_ends_the_process(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one"], "end": "leave"})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + END)
        stream.answer(HTTPStatus.ACCEPTED)
        assert function.exit_status() == 1
        assert function.logged()["errorType"] == "SystemExit"
        assert function.rest_of_log() == ""


@pytest.mark.failure_mode(40)
def test_a_body_is_closed_when_the_caller_has_gone(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one", "wait", *["more"] * 100_000]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.close()
        function.printed("waiting")
        function.go_on()
        function.printed("closed", "settled")
        connection.invoke({"script": []}, request_id="r-2")
        api.accept().expect_stream(response_path("r-2"), PRELUDE)


def test_a_refused_answer_is_logged_and_the_loop_goes_on(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + END)
        stream.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        assert function.logged() == {
            "level": "ERROR",
            "message": "the Runtime API refused an answer",
            "status": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        }
        connection.invoke({"script": []}, request_id="r-2")


def test_an_unanswered_end_is_a_caller_gone(api: ScriptedApi) -> None:
    with streaming(api) as (function, connection):
        connection.invoke({"script": ["one"]})
        stream = api.accept()
        stream.expect_stream(response_path(), PRELUDE)
        stream.expect(chunk(b"one") + END)
        stream.close()
        function.printed("closed", "settled")
        connection.invoke({"script": []}, request_id="r-2")
