"""The messages function as Lambda builds it: the line of a request, as it leaves the Logger."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.metrics import UNITS
from gateway.model_traits import SPOKEN

from tests.unit.functions.functions import load


class Context:
    """Of an invocation that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **env: str) -> list[dict[str, Any]]:
    """What is logged of two requests that are refused, in an environment that has just begun."""
    for name, value in {"EDGEWAY_TRUST_AUTHORIZER": "true", "POWERTOOLS_SERVICE_NAME": "edgeway", **env}.items():
        monkeypatch.setenv(name, value)
    messages = load("messages")
    context = {"requestId": "1", "authorizer": {"keyId": "key_1"}}
    event = {"httpMethod": "POST", "path": "/v1/messages", "body": '{"secret": 1}', "requestContext": context}
    for _ in range(2):
        assert messages.handler(event, Context())["statusCode"] == 400
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_line_is_what_cloudwatch_reads(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = lines(monkeypatch, capsys, EDGEWAY_METRICS="edgeway-test")
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


def test_nothing_is_measured_where_nobody_has_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EDGEWAY_METRICS", raising=False)
    for line in lines(monkeypatch, capsys):
        assert (line["message"], line["service"]) == ("request", "edgeway")
        assert not line.keys() & {"_aws", "requests", "cold_starts", "known_model"}


def test_what_is_listed_can_be_asked_in_a_dialect_that_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWAY_TRUST_AUTHORIZER", "true")
    assert frozenset(load("messages").DIALECTS) == SPOKEN
