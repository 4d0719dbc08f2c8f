from __future__ import annotations

from pathlib import Path

import pytest

from edgeway.local.api_gateway.routes import RoutingTable
from edgeway.local.api_gateway.template import Function, Route


def function(name: str, *routes: tuple[str, str]) -> Function:
    return Function(
        name=name,
        code=Path(),
        handler="app.handler",
        timeout_seconds=3,
        memory_megabytes=128,
        environment={},
        layers=(),
        routes=tuple(Route(method, path, streams=False) for method, path in routes),
    )


# The greedy ones come first, so that only their rank can put them last.
TABLE = RoutingTable(
    [
        function("Greedy", ("GET", "/v1/models/{model_id+}"), ("ANY", "/proxy/{rest+}")),
        function("One", ("GET", "/v1/models/{model_id}")),
        function("Exact", ("GET", "/v1/models/default"), ("POST", "/v1/messages"), ("GET", "/"), ("HEAD", "/")),
    ]
)


@pytest.mark.parametrize(
    ("method", "raw_path", "name", "path", "parameters"),
    [
        ("GET", "/", "Exact", "/", {}),
        ("HEAD", "/", "Exact", "/", {}),
        ("GET", "/Prod", "Exact", "/", {}),
        ("GET", "/Prod/", "Exact", "/", {}),
        ("POST", "/v1/messages", "Exact", "/v1/messages", {}),
        ("POST", "/Prod/v1/messages", "Exact", "/v1/messages", {}),
        # where a base URL ended in a slash
        ("POST", "//v1/messages", "Exact", "/v1/messages", {}),
        # API Gateway does not mind a trailing slash, and the event keeps it.
        ("POST", "/v1/messages/", "Exact", "/v1/messages/", {}),
        ("GET", "/v1/models/default", "Exact", "/v1/models/default", {}),
        ("GET", "/v1/models/gpt-5", "One", "/v1/models/gpt-5", {"model_id": "gpt-5"}),
        # An encoded slash does not part segments, and stays encoded.
        ("GET", "/v1/models/openai%2Fgpt-5", "One", "/v1/models/openai%2Fgpt-5", {"model_id": "openai%2Fgpt-5"}),
        ("GET", "/v1/models/openai/gpt-5", "Greedy", "/v1/models/openai/gpt-5", {"model_id": "openai/gpt-5"}),
        ("GET", "/v1/models/a/b/", "Greedy", "/v1/models/a/b/", {"model_id": "a/b"}),
        ("DELETE", "/proxy/x", "Greedy", "/proxy/x", {"rest": "x"}),
    ],
)
def test_a_request_finds_its_route(
    method: str, raw_path: str, name: str, path: str, parameters: dict[str, str]
) -> None:
    match = TABLE.match(method, raw_path)
    assert match is not None
    assert (match.function.name, match.path, match.path_parameters) == (name, path, parameters)


@pytest.mark.parametrize(
    ("method", "raw_path"),
    [
        ("POST", "/"),
        ("GET", "/v1/messages"),
        ("GET", "/v1"),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/"),
        ("GET", "/proxy"),
        ("GET", "/prod/"),
        ("GET", "/Production"),
        ("GET", "*"),
    ],
)
def test_what_fits_no_route_finds_none(method: str, raw_path: str) -> None:
    assert TABLE.match(method, raw_path) is None
