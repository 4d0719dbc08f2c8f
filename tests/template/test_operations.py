"""The dashboard and the alarms read metrics that are written, of functions that there are."""

from __future__ import annotations

import json
import re
from typing import Any

from gateway.answering.metrics import BY_DIMENSIONS, NAMESPACE, UNITS

from tests.template.cloud import Template, of_type

VARIABLE = re.compile(r"\$\{([\w:]+)\}")


def widgets(operations: Template) -> list[dict[str, Any]]:
    (dashboard,) = of_type(operations, "AWS::CloudWatch::Dashboard").values()
    text = re.sub(
        r"(?<=: )\$\{(\w+)\}", r'"${\1}"', dashboard["DashboardBody"]["Fn::Sub"]
    )  # numbers once they are put in
    body: list[dict[str, Any]] = json.loads(text)["widgets"]
    return body


def test_the_widgets_lie_side_by_side(operations: Template) -> None:
    places = [(widget["x"], widget["y"]) for widget in widgets(operations)]
    assert places == [(x, y) for y in (0, 6, 12, 18) for x in (0, 12)]
    assert {(widget["width"], widget["height"]) for widget in widgets(operations)} == {(12, 6)}


def test_whatever_the_dashboard_refers_to_is_there(operations: Template) -> None:
    referred = set(VARIABLE.findall(json.dumps(widgets(operations))))
    assert referred - {"AWS::Region"} == {
        *("Service", "FunctionLogs", "MessagesFunction", "FirstEventAlarm", "ConcurrencyAlarm")
    }


def test_the_dashboard_shows_every_metric_that_is_written(operations: Template) -> None:
    metrics = [metric for widget in widgets(operations) for metric in widget["properties"].get("metrics", [])]
    plain = {metric[1] for metric in metrics if metric[:1] == [NAMESPACE]}
    assert {tuple(metric[2:4]) for metric in metrics if metric[:1] == [NAMESPACE]} == {
        ("service", "${Service}"),
    }
    searched = [search(metric[0]["expression"]) for metric in metrics if "expression" in metric[0]]
    assert searched == [
        ((NAMESPACE, "service", "error_type", "error_fault"), "errors"),
        ((NAMESPACE, "service", "known_model"), "cost_micro_dollars"),
    ]
    assert plain <= BY_DIMENSIONS["service",]
    for (_, *dimensions), name in searched:
        assert name in BY_DIMENSIONS[tuple(dimensions)]
    assert plain | {name for _, name in searched} == UNITS.keys()


def search(expression: str) -> tuple[tuple[str, ...], str]:
    """The schema and the metric of a search expression."""
    found = re.fullmatch(
        r"""SEARCH\('\{([\w,]+)\} MetricName="(\w+)" service="\$\{Service\}"', 'Sum', \d+\)""", expression
    )
    assert found is not None
    return tuple(found[1].split(",")), found[2]


def test_the_alarms(operations: Template) -> None:
    alarms = of_type(operations, "AWS::CloudWatch::Alarm")
    watched = {
        name: (
            alarm["Namespace"],
            alarm["MetricName"],
            alarm.get("Dimensions", []),
            alarm.get("Statistic") or alarm["ExtendedStatistic"],
            alarm["Threshold"],
        )
        for name, alarm in alarms.items()
    }
    api = [{"Name": "ApiName", "Value": {"Ref": "Service"}}, {"Name": "Stage", "Value": "Prod"}]
    service = [{"Name": "service", "Value": {"Ref": "Service"}}]
    assert watched == {
        "ServerErrorAlarm": ("AWS/ApiGateway", "5XXError", api, "Average", {"Ref": "FailureRateAlarm"}),
        "FailureAlarm": (NAMESPACE, "failures", service, "Average", {"Ref": "FailureRateAlarm"}),
        "UpstreamAuthenticationFailureAlarm": (
            *(NAMESPACE, "upstream_authentication_failures", service),
            *("Sum", {"Ref": "UpstreamAuthenticationAlarm"}),
        ),
        "FirstEventTimeAlarm": (NAMESPACE, "first_event_ms", service, "p99", {"Ref": "FirstEventAlarm"}),
        "AccountConcurrencyAlarm": (
            *("AWS/Lambda", "ClaimedAccountConcurrency", []),  # of the account: it has no dimension
            *("Maximum", {"Ref": "ConcurrencyAlarm"}),
        ),
        "AuthorizerErrorAlarm": ("AWS/Lambda", "Errors", function("AuthorizerFunction"), "Sum", 0),
        "ThrottleAlarm": ("AWS/Lambda", "Throttles", function("MessagesFunction"), "Sum", 0),
    }
    of_ours = {alarm["MetricName"] for alarm in alarms.values() if alarm["Namespace"] == NAMESPACE}
    assert of_ours <= BY_DIMENSIONS["service",]
    topic = {"Fn::If": ["SendsAlarms", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    assert [alarm["AlarmActions"] for alarm in alarms.values()] == [topic] * 7
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"notBreaching"}


def test_a_few_requests_are_no_hundredth(operations: Template) -> None:
    """The p99 of three requests is the slowest of them."""
    alarms = of_type(operations, "AWS::CloudWatch::Alarm")
    ignoring = {name: alarm.get("EvaluateLowSampleCountPercentile") for name, alarm in alarms.items()}
    assert {name for name, alarm in alarms.items() if "ExtendedStatistic" in alarm} == {"FirstEventTimeAlarm"}
    assert {name: each for name, each in ignoring.items() if each} == {"FirstEventTimeAlarm": "ignore"}


def test_no_log_level_silences_the_lines_that_alarms_live_on(received: Template) -> None:
    assert received["Parameters"]["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]


def test_the_api_is_called_as_the_alarm_calls_it(received: Template) -> None:
    (api,) = of_type(received, "AWS::ApiGateway::RestApi").values()
    assert api["Name"] == {"Ref": "AWS::StackName"}


def test_nobody_gets_letters_who_has_not_asked(received: Template, operations: Template) -> None:
    assert received["Parameters"]["AlarmEmail"]["Default"] == ""
    assert operations["Resources"]["AlarmTopic"]["Condition"] == "SendsAlarms"
    assert operations["Conditions"]["SendsAlarms"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}


def function(name: str) -> list[dict[str, Any]]:
    return [{"Name": "FunctionName", "Value": {"Ref": name}}]
