"""The messages function as Lambda builds it: the line of a request, as it leaves the Logger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gateway.answering.metrics import UNITS
from gateway.answering.native_request import NATIVE
from gateway.routing.model_traits import SPOKEN

from tests.loop import run
from tests.unit.functions.functions import load


class Context:
    """Of an invocation that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def lines(folder: Path, capsys: pytest.CaptureFixture[str], **variables: str) -> list[dict[str, Any]]:
    """What is logged of two requests that are refused, in an environment that has just begun."""
    environment = {
        "EDGEWAY_STORE": f"sqlite:{folder}/edgeway.sqlite3",
        "EDGEWAY_TRUST_AUTHORIZER": "true",
        "POWERTOOLS_SERVICE_NAME": "edgeway",
        **variables,
    }
    handler = load("messages").build(environment)
    context = {"requestId": "1", "authorizer": {"keyId": "key_1"}}
    event = {"httpMethod": "POST", "path": "/v1/messages", "body": '{"secret": 1}', "requestContext": context}
    for _ in range(2):
        assert run(handler(event, Context()))["statusCode"] == 400
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_line_is_what_cloudwatch_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = lines(tmp_path, capsys, EDGEWAY_METRICS="edgeway-test")
    assert (first["message"], first["service"], first["error_fault"]) == ("request", "edgeway-test", "caller")
    assert (first["cold_starts"], second["cold_starts"]) == (1, 0)
    directives = first["_aws"]["CloudWatchMetrics"]
    assert [directive["Dimensions"] for directive in directives] == [
        [["service"]],
        [["service", "error_type", "error_fault"]],
    ]
    for directive in directives:
        named = [metric["Name"] for metric in directive["Metrics"]]
        assert set(named) <= UNITS.keys()
        assert {type(first[name]) for name in named} <= {int, float}
        assert {type(first[name]) for name in directive["Dimensions"][0]} == {str}
    assert isinstance(first["_aws"]["Timestamp"], int)


@pytest.mark.parametrize("function", ["messages", "count_tokens", "models"])
@pytest.mark.parametrize(
    "event", [{"invokeCompletionStatus": "SUCCESS"}, {"source": "aws.events", "detail-type": "Scheduled Event"}, {}]
)
def test_what_is_no_request_is_acknowledged_and_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], function: str, event: dict[str, str]
) -> None:
    environment = {"EDGEWAY_STORE": f"sqlite:{tmp_path}/edgeway.sqlite3", "EDGEWAY_METRICS": "edgeway-test"}
    answer = run(load(function).build(environment)(event, Context()))
    assert (answer, capsys.readouterr().out) == ({"statusCode": 204, "headers": {}, "body": ""}, "")


def test_nothing_is_measured_where_nobody_has_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in lines(tmp_path, capsys):
        assert (line["message"], line["service"]) == ("request", "edgeway")
        assert not line.keys() & {"_aws", "requests", "cold_starts", "known_model"}


def test_what_is_listed_can_be_asked_in_a_dialect_that_is_spoken() -> None:
    assert frozenset(load("messages").DIALECTS) | {NATIVE} == SPOKEN
