"""Buffered answers, byte for byte."""

from http import HTTPStatus
from typing import Any

import pytest
from streaming.failure import WITHHELD

from tests.integration.runtime.process import running
from tests.integration.runtime.scripted_api import ScriptedApi, error_path, response_path

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"statusCode": 200, "body": "hé"}, '{"statusCode":200,"body":"hé"}'),
        ({"principalId": "any", "policyDocument": {}}, '{"principalId":"any","policyDocument":{}}'),
        ([1, None], "[1,null]"),
        (None, "null"),
    ],
)
@pytest.mark.parametrize("handler", ["handlers.echo", "handlers.echo_plainly"])
def test_a_result_is_answered_as_it_is_over_the_connection_that_fetched_the_event(
    api: ScriptedApi, handler: str, answer: object, body: str
) -> None:
    with running(handler, api.address):
        connection = api.accept()
        connection.invoke({"answer": answer})
        connection.expect_request(f"POST {response_path()}", JSON, body.encode())
        connection.answer(HTTPStatus.ACCEPTED)
        connection.invoke({"answer": 2}, request_id="r-2")
        connection.expect_request(f"POST {response_path('r-2')}", JSON, b"2")


@pytest.mark.parametrize(
    "environment", [{}, {"STREAMING_MODE": "buffered"}, {"STREAMING_MODE": "stream", "AWS_SAM_LOCAL": "true"}]
)
def test_a_stream_is_joined_where_nothing_can_stream(api: ScriptedApi, environment: dict[str, str]) -> None:
    body = '{"statusCode":200,"headers":{"content-type":"text/event-stream"},"body":"onetwo","isBase64Encoded":false}'
    with running("handlers.stream", api.address, environment) as function:
        connection = api.accept()
        connection.invoke({"script": ["one", "two"]})
        connection.expect_request(f"POST {response_path()}", JSON, body.encode())
        connection.answer(HTTPStatus.ACCEPTED)
        function.printed("closed", "settled")
        connection.invoke({"script": []}, request_id="r-2")


@pytest.mark.parametrize("handler", ["fail", "fail_plainly", "stream"])
def test_an_exception_is_reported_without_what_it_says(api: ScriptedApi, handler: str) -> None:
    event: dict[str, Any] = {"script": ["one", "fail"]}
    with running(f"handlers.{handler}", api.address) as function:
        connection = api.accept()
        connection.invoke(event)
        kind, description = connection.read_error(error_path())
        frames = description.pop("stackTrace")
        assert (kind, description) == ("Function.ValueError", {"errorType": "ValueError", "errorMessage": WITHHELD})
        assert frames[-1].endswith({"stream": " play"}.get(handler, f" {handler}"))
        connection.answer(HTTPStatus.ACCEPTED)
        assert function.logged() == {
            "level": "ERROR",
            "message": "the handler failed",
            "requestId": "r-1",
            **description,
            "stackTrace": frames,
        }
        connection.invoke(event, request_id="r-2")


def test_a_handler_that_exits_is_reported_and_ends_the_process(api: ScriptedApi) -> None:
    with running("handlers.leave", api.address) as function:
        connection = api.accept()
        connection.invoke({})
        kind, _ = connection.read_error(error_path())
        assert kind == "Function.SystemExit"
        connection.answer(HTTPStatus.ACCEPTED)
        assert function.exit_status() == 1
        assert function.logged()["errorType"] == "SystemExit"
        assert function.rest_of_log() == ""


def test_a_cancellation_that_nobody_asked_for_is_an_error_like_any_other(api: ScriptedApi) -> None:
    with running("handlers.cancel", api.address):
        connection = api.accept()
        for request_id in ("r-1", "r-2"):
            connection.invoke({}, request_id=request_id)
            assert connection.read_error(error_path(request_id))[0] == "Function.CancelledError"
            connection.answer(HTTPStatus.ACCEPTED)


def test_context_variables_are_those_of_the_invocation(api: ScriptedApi) -> None:
    with running("handlers.remember", api.address):
        connection = api.accept()
        for request_id in ("r-1", "r-2"):
            connection.invoke({"word": "something"}, request_id=request_id)
            connection.expect_request(f"POST {response_path(request_id)}", JSON, b'"nothing"')
            connection.answer(HTTPStatus.ACCEPTED)


def test_the_context_tells_the_facts_of_the_function_and_of_the_invocation(api: ScriptedApi) -> None:
    expected = (
        '{"aws_request_id":"r-1","function_name":"messages","function_version":"$LATEST","invoked_function_arn":"arn:x",'
        '"memory_limit_in_mb":512,"log_group_name":"/aws/lambda/messages","log_stream_name":"2026/11/22"}'
    )
    with running(
        "handlers.facts",
        api.address,
        {
            "AWS_LAMBDA_FUNCTION_NAME": "messages",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/messages",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/22",
        },
    ):
        connection = api.accept()
        connection.invoke({}, Lambda_Runtime_Invoked_Function_Arn="arn:x")
        connection.expect_request(f"POST {response_path()}", JSON, expected.encode())


def test_the_trace_id_is_that_of_the_invocation(api: ScriptedApi) -> None:
    with running("handlers.trace_id", api.address):
        connection = api.accept()
        connection.invoke({}, Lambda_Runtime_Trace_Id="Root=1-5bef4de7")
        connection.expect_request(f"POST {response_path()}", JSON, b'"Root=1-5bef4de7"')
        connection.answer(HTTPStatus.ACCEPTED)
        connection.invoke({}, request_id="r-2")
        connection.expect_request(f"POST {response_path('r-2')}", JSON, b"null")
