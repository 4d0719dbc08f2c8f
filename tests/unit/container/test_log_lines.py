from __future__ import annotations

import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from edgeway.container.log_lines import LogLines
from edgeway.local.console.request_lines import Access

NOW = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
STAMP = {"level": "INFO", "timestamp": "2026-11-26T01:02:03+00:00"}


class Log:
    """A log whose lines can be read."""

    def __init__(self) -> None:
        self._output = io.StringIO()
        self.lines = LogLines(self._output, lambda: NOW)

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._output.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("printed", "logged"),
    [
        ('{"level":"INFO","message":"request"}', [{"level": "INFO", "message": "request"}]),
        ("said", [{**STAMP, "message": "said", "origin": "F"}]),
        ("{said", [{**STAMP, "message": "{said", "origin": "F"}]),
        ("", []),
    ],
)
def test_what_a_function_prints_is_json_or_becomes_it(printed: str, logged: list[dict[str, Any]]) -> None:
    log = Log()
    log.lines.output("F", printed)
    assert log.read() == logged


@pytest.mark.parametrize(
    ("path", "status", "is_logged"),
    [
        ("/", 200, False),
        ("/api/hello", 200, False),
        ("/", 529, True),
        ("/v1/messages", 200, True),
        ("/v1/messages", None, True),
    ],
)
def test_a_request_is_logged_unless_it_is_a_probe_that_went_well(
    path: str, status: int | None, is_logged: bool
) -> None:
    log = Log()
    log.lines.begun("req_1")
    log.lines.ended(Access("req_1", "POST", path, status, 12.34))
    line = {
        **STAMP,
        "message": "access",
        "request_id": "req_1",
        "method": "POST",
        "path": path,
        "status": status,
        "total_ms": 12.3,
    }
    assert log.read() == ([line] if is_logged else [])


def test_an_answer_that_broke_off_is_told_from_one_that_did_not() -> None:
    log = Log()
    log.lines.ended(Access("req_1", "POST", "/v1/messages", 200, 1.0, broke_off=True))
    log.lines.ended(Access("req_2", "POST", "/v1/messages", 200, 1.0))
    assert [line.get("broke_off") for line in log.read()] == [True, None]


def test_of_a_long_path_the_beginning_is_logged() -> None:
    log = Log()
    log.lines.ended(Access("req_1", "GET", "/" + "x" * 5000, 404, 1.0))
    assert log.read()[0]["path"] == "/" + "x" * 199


def test_of_an_exception_the_type_and_the_place_are_logged() -> None:
    log = Log()
    logger = logging.Logger("edgeway.local.api_gateway.application")
    logger.addHandler(log.lines)
    try:
        raise ValueError("a prompt")
    except ValueError:
        logger.exception("the server failed to serve a request")
    (line,) = log.read()
    (frame,) = line.pop("stackTrace")
    assert frame.endswith("test_of_an_exception_the_type_and_the_place_are_logged")
    assert line == {
        **STAMP,
        "level": "ERROR",
        "message": "the server failed to serve a request",
        "origin": "edgeway.local.api_gateway.application",
        "errorType": "ValueError",
        "errorMessage": "The message is withheld, because it may hold user data.",
    }


def test_of_what_others_log_the_first_line_is_kept() -> None:
    log = Log()
    log.lines.handle(logging.makeLogRecord({"name": "asyncio", "msg": "Task failed\nfuture: a prompt"}))
    assert [line["message"] for line in log.read()] == ["Task failed"]
