"""The example events: shaped as API Gateway shapes them, on the template's routes, with no key that could be one."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from gateway.access.keys import PREFIX, is_well_formed

from tests.template.cloud import ROOT
from tests.template.routes import OPEN, STREAMED, WHOLE

REQUESTS = {
    "count-tokens": ("post", "/v1/messages/count_tokens"),
    "health": ("get", "/"),
    "messages-base64": ("post", "/v1/messages"),
    "messages-hello": ("post", "/v1/messages"),
    "messages-stream": ("post", "/v1/messages"),
    "messages-tool": ("post", "/v1/messages"),
    "models-list": ("get", "/v1/models"),
    "models-retrieve": ("get", "/v1/models/{model_id+}"),
}
AUTHORIZERS = {"authorizer-bearer": "Authorization", "authorizer-x-api-key": "x-api-key"}

Event = dict[str, Any]


def read(name: str) -> Event:
    event: Event = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return event


def single(several: dict[str, list[str]] | None) -> dict[str, str] | None:
    """The single-value map beside a multi-value one, which keeps the last of each."""
    return None if several is None else {name: values[-1] for name, values in several.items()}


def test_these_are_all() -> None:
    assert {path.stem for path in (ROOT / "events").iterdir()} == REQUESTS.keys() | AUTHORIZERS.keys()


@pytest.mark.parametrize(("name", "route"), REQUESTS.items())
def test_a_request_is_on_its_route(name: str, route: tuple[str, str]) -> None:
    event = read(name)
    method, resource = route
    assert route in STREAMED | WHOLE | OPEN
    assert (event["httpMethod"], event["resource"]) == (method.upper(), resource)
    filled = re.sub(r"\{(\w+)\+}", lambda parameter: event["pathParameters"][parameter[1]], resource)
    assert event["path"] == filled
    context = event["requestContext"]
    assert (context["httpMethod"], context["resourcePath"]) == (event["httpMethod"], resource)
    assert (context["stage"], context["path"]) == ("Prod", "/Prod" + event["path"])


@pytest.mark.parametrize("name", REQUESTS.keys() | AUTHORIZERS.keys())
def test_the_single_values_are_those_of_the_lists(name: str) -> None:
    event = read(name)
    assert event["headers"] == single(event["multiValueHeaders"])
    assert event["queryStringParameters"] == single(event["multiValueQueryStringParameters"])


@pytest.mark.parametrize(("name", "route"), REQUESTS.items())
def test_the_context_of_the_authorizer_is_there_where_the_route_asks_for_a_key(
    name: str, route: tuple[str, str]
) -> None:
    assert ("authorizer" in read(name)["requestContext"]) is (route not in OPEN)


@pytest.mark.parametrize("name", sorted(name for name, (method, _) in REQUESTS.items() if method == "post"))
def test_a_body_is_json_that_names_a_model(name: str) -> None:
    event = read(name)
    assert event["isBase64Encoded"] is (name == "messages-base64")
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
    assert json.loads(body)["model"] == "gpt-5"


def test_only_the_event_named_so_asks_for_a_stream() -> None:
    streams = [name for name in REQUESTS if '"stream": true' in (read(name)["body"] or "")]
    assert streams == ["messages-stream"]


@pytest.mark.parametrize(("name", "header"), AUTHORIZERS.items())
def test_an_authorizer_sees_one_header_and_no_body(name: str, header: str) -> None:
    event = read(name)
    assert [key for key in ("Authorization", "x-api-key") if key in event["headers"]] == [header]
    assert "body" not in event
    assert event["type"] == "REQUEST"
    assert re.fullmatch(r"arn:aws:execute-api:[\w-]+:\d{12}:\w+/Prod/POST/v1/messages", event["methodArn"])


@pytest.mark.parametrize("name", REQUESTS.keys() | AUTHORIZERS.keys())
def test_no_key_in_an_event_could_be_one(name: str) -> None:
    """A minted key carries a checksum, and none of these has the right one."""
    keys = re.findall(rf"{PREFIX}\w+", json.dumps(read(name)))
    assert len(keys) == (0 if name == "health" else 2)
    assert [key for key in keys if is_well_formed(key)] == []
