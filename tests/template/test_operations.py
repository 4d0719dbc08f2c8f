"""The dashboard reads what the functions log, and the alarms watch functions that there are."""

from __future__ import annotations

import json
import re
from typing import Any

from gateway.summary import Summary

from tests.template.cloud import Template, of_type

VARIABLE = re.compile(r"\$\{([\w:]+)\}")
NAMED_BY_AWS = {"AWS::Region", "AWS::StackName"}
QUERY_WORDS = {"SOURCE", "filter", "message", "and", "ispresent", "stats", "pct", "sum", "count", "max", "by", "bin"}


def widgets(template: Template) -> list[dict[str, Any]]:
    (dashboard,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    body: list[dict[str, Any]] = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    return body


def test_the_widgets_lie_side_by_side(received: Template) -> None:
    places = [(widget["x"], widget["y"]) for widget in widgets(received)]
    assert places == [(x, y) for y in (0, 6, 12) for x in (0, 12)]
    assert {(widget["width"], widget["height"]) for widget in widgets(received)} == {(12, 6)}


def test_whatever_the_dashboard_refers_to_is_there(received: Template) -> None:
    referred = set(VARIABLE.findall(json.dumps(widgets(received))))
    assert referred - NAMED_BY_AWS == {"FunctionLogs", "MessagesFunction"}
    assert referred - NAMED_BY_AWS <= received["Resources"].keys()


def test_queries_ask_for_what_is_logged_of_a_request(received: Template) -> None:
    queries = [widget["properties"].get("query", "").partition("| ")[2] for widget in widgets(received)]
    asked = {word for query in queries for word in re.findall(r"(?<![@'\w])[a-z_]{2,}", query)} - QUERY_WORDS
    assert asked == {
        *("first_event_ms", "error_type", "error_fault", "model"),
        *("input_tokens", "cache_read_input_tokens", "output_tokens"),
    }
    assert asked <= Summary(request_id="req_1").fields().keys()


def test_the_alarms(received: Template) -> None:
    alarms = of_type(received, "AWS::CloudWatch::Alarm")
    watched = {name: (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"]) for name, alarm in alarms.items()}
    api = [{"Name": "ApiName", "Value": {"Ref": "AWS::StackName"}}, {"Name": "Stage", "Value": "Prod"}]
    assert watched == {
        "ServerErrorAlarm": ("AWS/ApiGateway", "5XXError", api),
        "AuthorizerErrorAlarm": ("AWS/Lambda", "Errors", function("AuthorizerFunction")),
        "ThrottleAlarm": ("AWS/Lambda", "Throttles", function("MessagesFunction")),
    }
    topic = {"Fn::If": ["SendsAlarms", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    assert [alarm["AlarmActions"] for alarm in alarms.values()] == [topic] * 3
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"notBreaching"}


def test_the_api_is_called_as_the_alarm_calls_it(received: Template) -> None:
    (api,) = of_type(received, "AWS::ApiGateway::RestApi").values()
    assert api["Name"] == {"Ref": "AWS::StackName"}


def test_nobody_gets_letters_who_has_not_asked(received: Template) -> None:
    assert received["Parameters"]["AlarmEmail"]["Default"] == ""
    assert received["Resources"]["AlarmTopic"]["Condition"] == "SendsAlarms"


def function(name: str) -> list[dict[str, Any]]:
    return [{"Name": "FunctionName", "Value": {"Ref": name}}]
