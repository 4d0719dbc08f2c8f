"""The event, held against the events of API Gateway that the whole project tests with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgeway.local.api_gateway.events import proxy_event, size_of
from edgeway.local.api_gateway.routes import RoutingTable
from edgeway.local.api_gateway.template import Function, Route, read_template
from edgeway.local.processes.settings import PROJECT, TEMPLATE

# Text as base64 comes of an API that has binary media types; ours has none.
EVENTS = sorted(
    path for path in (PROJECT / "events").glob("*.json") if not path.name.startswith(("authorizer", "messages-base64"))
)

# What only AWS knows: its own ids, who the authorizer found, how API Gateway spells and what it adds.
INVENTED = ("accountId", "apiId", "deploymentId", "extendedRequestId", "resourceId")
ADDED_HEADERS = ("X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto")


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_request_becomes_the_event_that_api_gateway_makes_of_it(path: Path) -> None:
    expected = json.loads(path.read_text())
    made = replayed(expected)
    for event in (expected, made):
        context = event["requestContext"]
        context.pop("authorizer", None)
        for name in INVENTED:
            assert isinstance(context.pop(name), str)
        for name in ("apiKey", "apiKeyId"):
            event["requestContext"]["identity"].pop(name, None)
        for field in ("headers", "multiValueHeaders"):
            event[field] = {k.lower(): v for k, v in event[field].items() if k not in ADDED_HEADERS}
    assert made == expected


def replayed(event: dict[str, Any]) -> dict[str, Any]:
    """Build the event again from the request that it tells of."""
    context = event["requestContext"]
    names = (event["multiValueHeaders"] or {}).items()
    query = (event["multiValueQueryStringParameters"] or {}).items()
    scope = {
        "method": event["httpMethod"],
        "raw_path": context["path"].encode(),
        "query_string": "&".join(f"{name}={value}" for name, values in query for value in values).encode(),
        "headers": [
            (name.lower().encode(), value.encode())
            for name, values in names
            for value in values
            if name not in ADDED_HEADERS
        ],
        "client": (context["identity"]["sourceIp"], 50123),
        "server": ("127.0.0.1", 3000),
        "scheme": "http",
        "http_version": context["protocol"].removeprefix("HTTP/"),
    }
    match = RoutingTable(read_template(TEMPLATE)).match(scope["method"], context["path"])
    assert match is not None
    return proxy_event(
        scope,
        match,
        (event["body"] or "").encode(),
        request_id=context["requestId"],
        now=context["requestTimeEpoch"] / 1000,
    )


def event(path: str = "/files/{name+}", body: bytes = b"", **changes: Any) -> dict[str, Any]:
    scope = {
        "method": "PUT",
        "raw_path": b"/files/a%20b/c%2Fd",
        "query_string": b"",
        "headers": [(b"host", b"gateway.example"), (b"x-tag", b"one"), (b"x-tag", b"two")],
        "client": ("198.51.100.7", 50123),
        "server": ("127.0.0.1", 3000),
        "scheme": "http",
        "http_version": "1.1",
        **changes,
    }
    function = Function("F", Path(), "app.handler", 3, 128, {}, (), (Route("ANY", path, streams=False),))
    match = RoutingTable([function]).match(scope["method"], scope["raw_path"].decode())
    assert match is not None
    return proxy_event(scope, match, body, request_id="id", now=1_795_305_600.0)


def test_a_path_stays_encoded() -> None:
    made = event()
    assert made["path"] == "/files/a%20b/c%2Fd"
    assert made["pathParameters"] == {"name": "a%20b/c%2Fd"}
    assert made["requestContext"]["path"] == "/files/a%20b/c%2Fd"


def test_a_header_that_is_repeated_keeps_every_value_and_the_last() -> None:
    made = event()
    assert made["headers"]["x-tag"] == "two"
    assert made["multiValueHeaders"]["x-tag"] == ["one", "two"]
    assert made["headers"]["X-Forwarded-For"] == "198.51.100.7"


def test_a_caller_who_has_gone_already_has_no_address() -> None:
    made = event(client=None)
    assert made["requestContext"]["identity"]["sourceIp"] == ""
    assert made["headers"]["X-Forwarded-For"] == ""


def test_what_is_absent_is_null() -> None:
    made = event(path="/bare", raw_path=b"/bare")
    absent = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body", "stageVariables")
    assert {key: made[key] for key in absent} == dict.fromkeys(absent)
    assert made["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("query", "single", "several"),
    [
        (b"beta", {"beta": ""}, {"beta": [""]}),
        (b"a=1&a=2", {"a": "2"}, {"a": ["1", "2"]}),
        (b"space=a+b&plus=a%2Bb", {"space": "a b", "plus": "a+b"}, {"space": ["a b"], "plus": ["a+b"]}),
        (b"a=%E2%82%AC&b=%FF", {"a": "€", "b": "\ufffd"}, {"a": ["€"], "b": ["\ufffd"]}),
    ],
)
def test_a_query_is_decoded(query: bytes, single: dict[str, str], several: dict[str, list[str]]) -> None:
    made = event(query_string=query)
    assert made["queryStringParameters"] == single
    assert made["multiValueQueryStringParameters"] == several


@pytest.mark.parametrize(
    ("body", "text", "is_base64_encoded"), [("λ".encode(), "λ", False), (b"\xff\x00", "/wA=", True)]
)
def test_a_body_is_text_where_it_can_be(body: bytes, text: str, is_base64_encoded: bool) -> None:
    made = event(body=body)
    assert (made["body"], made["isBase64Encoded"]) == (text, is_base64_encoded)


def test_the_bytes_are_as_few_as_lambda_counts() -> None:
    assert size_of({"body": "λ"}) == len('{"body":"λ"}'.encode())
