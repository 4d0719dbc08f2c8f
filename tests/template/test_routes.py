"""Which function each route reaches, whether it streams, and who may call it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.template.cloud import Template, of_type
from tests.template.routes import OPEN, STREAMED, WHOLE

LAMBDA = "arn:aws:apigateway:${AWS::Region}:lambda:path"


@pytest.fixture(scope="module")
def api(received: Template) -> dict[str, Any]:
    (properties,) = of_type(received, "AWS::ApiGateway::RestApi").values()
    return properties


@pytest.fixture(scope="module")
def operations(api: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in api["Body"]["paths"].items()
        for method, operation in methods.items()
    }


def test_there_is_no_other_route(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert operations.keys() == STREAMED.keys() | WHOLE.keys() | OPEN.keys()


@pytest.mark.failure_mode(12)
@pytest.mark.parametrize(("route", "function"), STREAMED.items())
def test_every_path_of_the_messages_function_streams_for_a_quarter_of_an_hour(
    operations: dict[tuple[str, str], dict[str, Any]], route: tuple[str, str], function: str
) -> None:
    assert operations[route]["x-amazon-apigateway-integration"] == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": {"Fn::Sub": f"{LAMBDA}/2021-11-15/functions/${{{function}.Arn}}/response-streaming-invocations"},
        "responseTransferMode": "STREAM",
        "timeoutInMillis": 900_000,
    }


@pytest.mark.parametrize(("route", "function"), (WHOLE | OPEN).items())
def test_nothing_else_streams(
    operations: dict[tuple[str, str], dict[str, Any]], route: tuple[str, str], function: str
) -> None:
    assert operations[route]["x-amazon-apigateway-integration"] == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": {"Fn::Sub": f"{LAMBDA}/2015-03-31/functions/${{{function}.Arn}}/invocations"},
    }


def test_the_transfer_mode_is_written_in_the_one_word_that_sam_reads(written: Template) -> None:
    """SAM takes STREAM, and any other word, in silence and makes a buffered route of it."""
    modes = [
        (function, event["Properties"]["ResponseTransferMode"])
        for function, properties in of_type(written, "AWS::Serverless::Function").items()
        for event in properties.get("Events", {}).values()
        if "ResponseTransferMode" in event["Properties"]
    ]
    assert modes == [("MessagesFunction", "RESPONSE_STREAM")] * len(STREAMED)


@pytest.mark.parametrize("route", STREAMED.keys() | WHOLE.keys())
def test_a_route_asks_the_authorizer_and_for_a_usage_plan(
    operations: dict[tuple[str, str], dict[str, Any]], route: tuple[str, str]
) -> None:
    assert operations[route]["security"] == [{"KeyAuthorizer": []}, {"api_key": []}]


@pytest.mark.parametrize("route", OPEN)
def test_what_clients_probe_asks_for_nothing(
    operations: dict[tuple[str, str], dict[str, Any]], route: tuple[str, str]
) -> None:
    assert operations[route]["security"] == []


@pytest.mark.failure_mode(50)
def test_the_authorizer_sees_every_request_and_nothing_is_cached(api: dict[str, Any]) -> None:
    """An identity source would refuse a request without it unseen, and clients send one header or the other."""
    authorizer = api["Body"]["components"]["securitySchemes"]["KeyAuthorizer"]["x-amazon-apigateway-authorizer"]
    assert authorizer == {
        "type": "request",
        "authorizerResultTtlInSeconds": 0,
        "authorizerUri": {
            "Fn::Sub": [
                f"{LAMBDA}/2015-03-31/functions/${{__FunctionArn__}}/invocations",
                {"__FunctionArn__": {"Fn::GetAtt": ["AuthorizerFunction", "Arn"]}},
            ]
        },
    }


def test_the_key_of_a_usage_plan_is_named_by_the_authorizer(api: dict[str, Any]) -> None:
    assert api["ApiKeySourceType"] == "AUTHORIZER"


@pytest.mark.failure_mode(50)
def test_no_page_of_another_site_may_call_it(received: Template) -> None:
    """CORS would hand the gateway, and with it the operator's keys, to every page that a browser shows."""
    assert [text for text in ("Access-Control-Allow", "Cors") if text.lower() in json.dumps(received).lower()] == []


@pytest.mark.failure_mode(17)
def test_bodies_travel_as_text(api: dict[str, Any]) -> None:
    """As base64 a body would be a third larger, and reach the limit of Lambda so much sooner."""
    assert "BinaryMediaTypes" not in api
    assert "x-amazon-apigateway-binary-media-types" not in api["Body"]


@pytest.mark.failure_mode(12)
def test_the_endpoint_is_regional(api: dict[str, Any]) -> None:
    """Or private, where asked for. An edge-optimised one, SAM's default, ends a stream after 30 silent seconds."""
    assert api["EndpointConfiguration"]["Types"] == [{"Fn::If": ["IsPrivate", "PRIVATE", "REGIONAL"]}]
    assert (api["SecurityPolicy"], api["EndpointAccessMode"]) == ("SecurityPolicy_TLS13_1_2_2021_06", "BASIC")


def test_there_is_one_stage(received: Template) -> None:
    assert [stage["StageName"] for stage in of_type(received, "AWS::ApiGateway::Stage").values()] == ["Prod"]


@pytest.mark.failure_mode(50)
def test_the_stage_writes_no_prompt_into_a_log(received: Template) -> None:
    (stage,) = of_type(received, "AWS::ApiGateway::Stage").values()
    assert stage["MethodSettings"] == [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "ThrottlingRateLimit": {"Ref": "ApiRateLimit"},
            "ThrottlingBurstLimit": {"Ref": "ApiBurstLimit"},
            "DataTraceEnabled": False,
        },
        *(open_route(path, method.upper()) for method, path in OPEN),
    ]


def open_route(path: str, method: str) -> dict[str, object]:
    """What needs no key has a throttle of its own, so that a flood of it starves nobody. Slashes are `~1`."""
    return {
        "ResourcePath": path if path == "/" else "/" + path.replace("/", "~1"),
        "HttpMethod": method,
        "ThrottlingRateLimit": {"Ref": "OpenRateLimit"},
        "ThrottlingBurstLimit": {"Ref": "OpenBurstLimit"},
        "DataTraceEnabled": False,
    }


def test_the_access_log_is_json_and_times_the_first_content(received: Template) -> None:
    (stage,) = of_type(received, "AWS::ApiGateway::Stage").values()
    line = stage["AccessLogSetting"]["Format"]
    assert "\n" not in line
    entry = json.loads(line)
    assert entry["first_content_ms"] == "$context.integration.timeToFirstContent"
    assert all(re.fullmatch(r"\$context(\.[A-Za-z]+)+", value) for value in entry.values())
