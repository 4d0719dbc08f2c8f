"""The line of a request as CloudWatch reads it: what is a metric, and of what."""

from __future__ import annotations

from typing import Any

import pytest
from gateway.answering.metrics import BY_DIMENSIONS, UNITS, describing
from gateway.routing.catalogue import Catalogue
from gateway.settings import read_settings
from gateway.web.summary import Summary
from translator.anthropic.errors import ApiError, Fault

from tests.unit.gateway.fakes import END, FakeAnswer, Harness, fine, said

REFUSED = FakeAnswer([], 401, body=b'{"error": {"message": "Incorrect API key"}}')

GEMINI = FakeAnswer([], 400, body=b'[{"error": {"code": 400, "message": "API key not valid. Please pass one."}}]')


def describe(catalogue: Catalogue | None = None) -> Any:
    return describing("edgeway-test", catalogue=catalogue or Catalogue.open(), clock=lambda: 1_700_000_000.5)


def directives(fields: dict[str, object]) -> dict[tuple[str, ...], list[str]]:
    """The metrics of a line, by their dimensions."""
    document: Any = fields["_aws"]
    return {
        tuple(directive["Dimensions"][0]): [metric["Name"] for metric in directive["Metrics"]]
        for directive in document["CloudWatchMetrics"]
    }


def answered(**changes: Any) -> Summary:
    facts = {"model": "openai/gpt-5", "attempts": 1, "first_event_ms": 250.0, "input_tokens": 1_000}
    return Summary(request_id="req_1", **{**facts, "output_tokens": 100, "stop_reason": "end_turn", **changes})


def test_the_whole_line_of_an_answer() -> None:
    summary = answered()
    count = [
        {"Name": name, "Unit": "Count"}
        for name in ("requests", "failures", "attempts", "cold_starts", "upstream_authentication_failures")
    ]
    used = [
        {"Name": "first_event_ms", "Unit": "Milliseconds"},
        {"Name": "input_tokens", "Unit": "Count"},
        {"Name": "cache_read_input_tokens", "Unit": "Count"},
        {"Name": "output_tokens", "Unit": "Count"},
        {"Name": "cost_micro_dollars", "Unit": "None"},
    ]
    assert describe()(summary) == {
        **summary.fields(),
        "service": "edgeway-test",
        "requests": 1,
        "failures": 0,
        "errors": None,
        "cold_starts": 1,
        "known_model": "openai/gpt-5",
        "cost_micro_dollars": 2_250,
        "_aws": {
            "Timestamp": 1_700_000_000_500,
            "CloudWatchMetrics": [
                {"Namespace": "Edgeway", "Dimensions": [("service",)], "Metrics": count + used},
                {
                    "Namespace": "Edgeway",
                    "Dimensions": [("service", "known_model")],
                    "Metrics": [{"Name": "requests", "Unit": "Count"}, *used],
                },
            ],
        },
    }


def test_an_error_is_counted_by_type_and_fault() -> None:
    summary = answered(first_event_ms=None, stop_reason=None)
    summary.fail(ApiError("overloaded_error", "busy", fault=Fault.UPSTREAM))
    fields = describe()(summary)
    assert (fields["errors"], fields["failures"]) == (1, 1)
    assert directives(fields)["service", "error_type", "error_fault"] == ["errors"]
    assert "first_event_ms" not in directives(fields)["service",]


def test_what_a_caller_did_wrong_is_no_failure() -> None:
    summary = Summary(request_id="req_1")
    summary.fail(ApiError("invalid_request_error", "no"))
    fields = describe()(summary)
    assert (fields["errors"], fields["failures"]) == (1, 0)
    assert list(directives(fields)) == [("service",), ("service", "error_type", "error_fault")]


def test_only_the_first_request_of_an_environment_is_a_cold_start() -> None:
    environment = describe()
    assert [environment(answered())["cold_starts"] for _ in range(3)] == [1, 0, 0]


def test_names_that_callers_make_up_are_no_metrics_of_their_own() -> None:
    fields = describe()(answered(model="openai/made-up-by-a-caller"))
    assert (fields["known_model"], fields["cost_micro_dollars"]) == ("openai/other", None)
    assert "cost_micro_dollars" not in directives(fields)["service", "known_model"]


def test_thinking_is_paid_for_at_its_own_price() -> None:
    line = "qwen\talibaba\tqwen\tQwen\t\t\t\t\t\t0:400000,1200000,,,4000000\t\t\t\t"
    catalogue = Catalogue(f"title\tsource\tdate\n{line}\n".encode())
    costs = [
        describe(catalogue)(answered(model="alibaba/qwen", thinking_tokens=tokens))["cost_micro_dollars"]
        for tokens in (None, 50)
    ]
    assert costs == [400 + 120, 400 + 400]


def test_what_was_booked_is_told_where_it_is_known() -> None:
    assert describe()(answered(cost_micro_dollars=7))["cost_micro_dollars"] == 7


def test_no_dimension_tells_who_asked_or_what() -> None:
    assert set(BY_DIMENSIONS) == {("service",), ("service", "known_model"), ("service", "error_type", "error_fault")}
    assert set().union(*BY_DIMENSIONS.values()) == set(UNITS)


def test_a_line_without_metrics_where_none_are_asked_for() -> None:
    settings = read_settings({"EDGEWAY_STORE": "sqlite:x"})
    summary = answered()
    assert describing(settings.metrics, catalogue=Catalogue.open(), clock=float)(summary) == summary.fields()
    assert read_settings({"EDGEWAY_METRICS": "edgeway-test"}).metrics == "edgeway-test"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("refused", [REFUSED, GEMINI], ids=["by status", "in words"])
def test_a_provider_that_refuses_our_key_is_counted_even_where_another_answers(
    refused: FakeAnswer, stream: bool
) -> None:
    harness = Harness([refused, fine()])
    assert harness.ask(stream=stream).status == 200
    (summary,) = harness.summaries()
    assert (summary["attempts"], summary["upstream_authentication_failures"]) == (2, 1)


def test_every_refusal_of_our_key_is_counted_where_nobody_answers() -> None:
    harness = Harness([REFUSED] * 3)
    harness.ask()
    (summary,) = harness.summaries()
    assert (summary["error_type"], summary["upstream_authentication_failures"]) == ("api_error", 3)


def test_other_failures_of_a_provider_are_none_of_our_key() -> None:
    harness = Harness([FakeAnswer([], 500, body=b"{}"), FakeAnswer([[said("Hello")], END])])
    harness.ask()
    (summary,) = harness.summaries()
    assert (summary["attempts"], summary["upstream_authentication_failures"]) == (2, 0)
