"""The innermost error counts, in whatever it is wrapped; what stands around it is kept for the log."""

import json
from typing import Any

import pytest
from translator.caller_words import NO_WORDS, CallerWords
from translator.refusal.error_bodies import DEEPEST, ErrorReport, read_report, read_text
from translator.refusal.errors import read_error
from translator.traits import Traits

INNER = {"error": {"message": "Unsupported value: 'a'", "type": "invalid_request_error", "param": "p", "code": "c"}}
WRAPPED = "Provider returned error"


@pytest.mark.parametrize(
    ("body", "outer"),
    [
        ({"error": {"message": WRAPPED, "code": 400, "metadata": {"raw": json.dumps(INNER)}}}, WRAPPED),
        ({"error": {"message": WRAPPED, "metadata": {"raw": INNER, "provider_name": "X"}}}, WRAPPED),
        ({"error": {"message": json.dumps(INNER)}}, ""),
        ({"error": {"message": f"upstream returned 400: {json.dumps(INNER)}"}}, ""),
        ({"message": WRAPPED, "detail": INNER}, WRAPPED),
        ({"detail": {"detail": INNER}}, ""),
        ([{"errors": [INNER, {"message": "another"}]}], ""),
        ({"message": WRAPPED, "error": {"message": "also", "cause": INNER}}, WRAPPED),
    ],
)
def test_the_innermost_error_is_read(body: Any, outer: str) -> None:
    report = read_report(body)
    assert report is not None
    assert (report.message, report.parameter, report.outer) == ("Unsupported value: 'a'", "p", outer)
    assert report.code.split()[:2] == ["c", "invalid_request_error"]


@pytest.mark.parametrize(
    "words",
    [
        'Failed to parse the arguments {"message": "hello"}',
        'Invalid schema: {"type": "object", "title": "x"}',
        "upstream returned 400: {not json}",
        "upstream returned 400: " + "{" * 500,
    ],
)
def test_what_a_caller_may_have_written_is_no_error_within(words: str) -> None:
    report = read_report({"error": {"message": words}})
    assert report is not None
    assert report.message == words


def test_text_is_read_and_pages_are_not() -> None:
    assert read_text(" prompt is too long\n") == ErrorReport("prompt is too long", "", "")
    assert [read_text(text) for text in ("", " ", "<html>", '{"error', "[1")] == [None] * 5


@pytest.mark.parametrize(
    ("status", "inner", "sent"), [(502, 400, 400), (500, 422, 400), (500, 429, 429), (500, 401, 500), (400, 404, 400)]
)
def test_the_providers_own_status_counts_where_a_gateway_calls_it_a_failure(status: int, inner: int, sent: int) -> None:
    within = json.dumps({"error": {"message": "No", "code": inner}})
    body = json.dumps({"error": {"message": WRAPPED, "metadata": {"raw": within}}}).encode()
    error = read_error(status, {}, body, caller_words=NO_WORDS, input_tokens=9, traits=Traits())
    assert (error.status, error.message, error.outer) == (sent, "No", WRAPPED)


def test_nothing_of_the_callers_is_kept_for_the_log() -> None:
    asked = {"messages": "tell nobody that the garden gate is open"}
    body = json.dumps({"message": "refused: tell nobody that the garden gate is open", "error": INNER}).encode()
    error = read_error(400, {}, body, caller_words=CallerWords(asked), input_tokens=9, traits=Traits())
    assert error.outer is not None
    assert "garden" not in error.outer
    assert error.outer.startswith("refused: ")


def test_numbers_and_waits_beside_the_words() -> None:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
    report = read_report([{"error": {"code": 429, "message": "Slow", "details": [{}, "x", retry], "n_ctx": 512}}])
    assert report is not None
    assert (dict(report.numbers), report.wait) == ({"code": 429, "n_ctx": 512}, "7s")


def test_errors_are_unwrapped_to_a_depth() -> None:
    error: dict[str, Any] = {"message": "the innermost"}
    for layer in range(DEEPEST + 2):
        error = {"message": f"layer {layer}", "error": error}
    report = read_report(error)
    assert report is not None
    assert report.message == "layer 1"
