from __future__ import annotations

import io
import json
from typing import Any

import pytest

from edgeway.local.console.request_lines import Access, RequestLines, dollars
from edgeway.local.console.terminal import Terminal
from tests.unit.local.screens import Screen

SUMMARY: dict[str, Any] = {
    "message": "request",
    "request_id": "req_1",
    "status": 200,
    "requested_model": "gpt-5",
    "model": "openai/gpt-5",
    "input_tokens": 1200,
    "output_tokens": 34,
    "cache_read_input_tokens": 0,
    "cost_micro_dollars": 1_234_000,
    "stop_reason": "end_turn",
    "error_type": None,
    "first_event_ms": 312.4,
    "total_ms": 980.0,
}


def printed(*lines: str, terminal: bool = False) -> str:
    output = Screen() if terminal else io.StringIO()
    request_lines = RequestLines(Terminal(output, {}))
    for line in lines:
        request_lines.output("MessagesFunction", line)
    return output.getvalue()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "200  gpt-5 → openai/gpt-5  1,200 in 34 out  $1.2340  first event 312 ms  980 ms  end_turn"),
        (
            {
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 10,
                "total_ms": 61_250.0,
                "stop_reason": "",
                "cost_is_estimate": True,
            },
            "200  gpt-5 → openai/gpt-5  2,210 in (1,000 cached) 34 out  about $1.2340  first event 312 ms  61.25 s",
        ),
        (
            {
                "requested_model": "other/one",
                "model": "other/one",
                "error_type": "api_error",
                "cost_micro_dollars": None,
            },
            "200  other/one  1,200 in 34 out  first event 312 ms  980 ms  api_error",
        ),
        (
            {
                "status": 401,
                "model": None,
                "input_tokens": None,
                "output_tokens": None,
                "first_event_ms": None,
                "stop_reason": None,
                "error_type": "authentication_error",
            },
            "401  gpt-5  980 ms  authentication_error",
        ),
        (
            {"requested_model": "\x1b[2J\n200", "model": None},
            "200   [2J 200  1,200 in 34 out  first event 312 ms  980 ms  end_turn",
        ),
    ],
)
def test_a_summary_is_one_line(changes: dict[str, Any], line: str) -> None:
    assert printed(json.dumps({**SUMMARY, **changes})) == line + "\n"


@pytest.mark.parametrize("line", ["hello", "{not json", '{"message": "other"}', "[bold]no markup[/bold]"])
def test_everything_else_is_passed_through_with_the_functions_name(line: str) -> None:
    assert printed(line) == f"MessagesFunction: {line}\n"


def test_what_went_well_and_what_did_not_have_colours_on_a_terminal() -> None:
    assert printed(json.dumps(SUMMARY), terminal=True).startswith("\x1b[32m200\x1b[0m  gpt-5")
    broken_off = {"error_type": "api_error"}
    for changes in ({"status": 500}, broken_off):
        assert printed(json.dumps({**SUMMARY, **changes}), terminal=True).startswith("\x1b[31m")


@pytest.mark.parametrize(
    ("access", "line"),
    [
        (Access("req_1", "GET", "/v1/models", 200, 1.6), "200  GET /v1/models  2 ms\n"),
        (Access("req_1", "POST", "/v1/messages", None, 1500), "---  POST /v1/messages  1.50 s  the caller hung up\n"),
        (
            Access("req_1", "POST", "/v1/messages", 200, 1500, broke_off=True),
            "200  POST /v1/messages  1.50 s  the answer broke off\n",
        ),
        (Access("req_1", "HEAD", "/", 200, 1), ""),
        (Access("req_1", "GET", "/Prod/api/hello", 200, 1), ""),
    ],
)
def test_a_request_without_a_summary_has_a_plain_line(access: Access, line: str) -> None:
    output = io.StringIO()
    request_lines = RequestLines(Terminal(output, {}))
    request_lines.begun("req_1")
    request_lines.ended(access)
    assert output.getvalue() == line


@pytest.mark.parametrize(
    ("micro_dollars", "text"),
    [(0, "$0"), (1, "<$0.0001"), (99, "<$0.0001"), (100, "$0.0001"), (12_345, "$0.0123"), (2_500_000, "$2.5000")],
)
def test_amounts_as_people_read_them(micro_dollars: int, text: str) -> None:
    assert dollars(micro_dollars) == text
