from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from edgeway.local.request_lines import Access, RequestLines

SUMMARY: dict[str, Any] = {
    "message": "request",
    "request_id": "req_1",
    "status": 200,
    "requested_model": "gpt-5",
    "model": "openai/gpt-5",
    "input_tokens": 1200,
    "output_tokens": 34,
    "cache_read_input_tokens": 0,
    "stop_reason": "end_turn",
    "error_type": None,
    "first_event_ms": 312.4,
    "total_ms": 980.0,
}


def printed(*lines: str, terminal: bool = False) -> str:
    output = io.StringIO()
    console = Console(file=output, width=200, force_terminal=terminal, color_system="standard" if terminal else None)
    request_lines = RequestLines(console)
    for line in lines:
        request_lines.output("MessagesFunction", line)
    return output.getvalue()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "200  gpt-5 → openai/gpt-5  1,200 in 34 out  first event 312 ms  980 ms  end_turn"),
        (
            {"cache_read_input_tokens": 1000, "total_ms": 61_250.0},
            "200  gpt-5 → openai/gpt-5  1,200 in (1,000 cached) 34 out  first event 312 ms  61.25 s  end_turn",
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
            {"requested_model": "\x1b[2J\n200"},
            "200   [2J 200 → openai/gpt-5  1,200 in 34 out  first event 312 ms  980 ms  end_turn",
        ),
    ],
)
def test_a_summary_is_one_line(changes: dict[str, Any], line: str) -> None:
    assert printed(json.dumps({**SUMMARY, **changes})) == line + "\n"


@pytest.mark.parametrize("line", ["hello", "{not json", '{"message": "other"}', "[bold]no markup[/bold]"])
def test_everything_else_is_passed_through_with_the_functions_name(line: str) -> None:
    assert printed(line) == f"MessagesFunction: {line}\n"


def test_colours_are_for_terminals() -> None:
    assert "\x1b[32m200" in printed(json.dumps(SUMMARY), terminal=True)
    assert "\x1b[31m500" in printed(json.dumps({**SUMMARY, "status": 500}), terminal=True)


@pytest.mark.parametrize(
    ("access", "line"),
    [
        (Access("req_1", "GET", "/v1/models", 200, 1.6), "200  GET /v1/models  2 ms\n"),
        (Access("req_1", "POST", "/v1/messages", None, 1500), "---  POST /v1/messages  1.50 s  the caller hung up\n"),
        (Access("req_1", "HEAD", "/", 200, 1), ""),
        (Access("req_1", "GET", "/Prod/api/hello", 200, 1), ""),
    ],
)
def test_a_request_without_a_summary_has_a_plain_line(access: Access, line: str) -> None:
    output = io.StringIO()
    request_lines = RequestLines(Console(file=output, width=200))
    request_lines.begun("req_1")
    request_lines.ended(access, released=None)
    assert output.getvalue() == line
