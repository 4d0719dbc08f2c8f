"""Events of API Gateway as requests, and answers and failures as it wants them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from gateway.settings import read_settings
from gateway.web.failures import log_line
from gateway.web.proxy_event import HttpRequest, answer_json, answering, read_event
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import candidate

MULTIPLE = {"multiValueHeaders": {"X-Api-Key": ["a", "b"]}}


def test_an_event_without_anything_is_a_request_without_anything() -> None:
    for event in ({}, dict.fromkeys(["headers", "queryStringParameters", "pathParameters", "body", "requestContext"])):
        http = read_event(event)
        assert (http.method, http.path, http.headers, http.query, http.path_parameters) == ("", "", {}, {}, {})
        assert (http.body, http.request_id, http.authorizer) == (b"", "req_local", {})


def test_header_names_are_in_lower_case() -> None:
    http = read_event({"headers": {"X-Api-Key": "Key", "AUTHORIZATION": "Bearer Key"}, **MULTIPLE})
    assert http.headers == {"x-api-key": "Key", "authorization": "Bearer Key"}


@pytest.mark.parametrize(
    ("request_id", "ours"),
    [
        ("b6b0a3b5-7a52-4b5e-8f1e-0c1f2a3b4c5d", "req_b6b0a3b57a524b5e8f1e0c1f2a3b4c5d"),
        ("", "req_local"),
        (None, "req_local"),
    ],
)
def test_the_request_id_is_that_of_the_event(request_id: str | None, ours: str) -> None:
    assert read_event({"requestContext": {"requestId": request_id}}).request_id == ours


def test_a_body_is_the_bytes_that_were_sent() -> None:
    sent = b'{"a": "\xf0\x9f\x91\xa9"}'
    encoded = read_event({"body": base64.b64encode(sent).decode(), "isBase64Encoded": True})
    plain = read_event({"body": sent.decode(), "isBase64Encoded": False})
    assert (encoded.body, plain.body) == (sent, sent)
    assert encoded.json().members == plain.json().members == {"a": "👩"}
    assert read_event({"body": '"\ud83d"'}).body == b'"\xed\xa0\xbd"'


@pytest.mark.failure_mode(43)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'{"a": "x\ud83d"}', {"a": "x\ufffd"}),
        (r'{"a": "\uD83Dx", "b": [{"\udc69": "\udc69"}]}', {"a": "\ufffdx", "b": [{"\ufffd": "\ufffd"}]}),
        (r'{"a": "\ud83d\ud83d\udc69z", "b": [null, 1, true]}', {"a": "\ufffd👩z", "b": [None, 1, True]}),
        (r'{"a": "\\ud83d"}', {"a": r"\ud83d"}),
        ('{"a": "x\ud83d"}', {"a": "x\ufffd"}),
        ('{"a": "👩"}', {"a": "👩"}),
        ('\ufeff{"a": 1}', {"a": 1}),
    ],
)
def test_half_a_character_is_replaced(written: str, read: Any) -> None:
    """Clients cut texts anywhere, and strict upstreams refuse what is cut so as no JSON."""
    encoded = base64.b64encode(written.encode("utf-8", "surrogatepass")).decode()
    for event in ({"body": written}, {"body": encoded, "isBase64Encoded": True}):
        assert read_event(event).json().members == read


def test_an_answer_is_ascii_whatever_it_says() -> None:
    answer = answer_json(200, json.dumps({"a": "👩\u2028"}).encode(), {"request-id": "req_1"})
    assert answer == {
        "statusCode": 200,
        "headers": {"content-type": "application/json", "request-id": "req_1"},
        "body": '{"a": "\\ud83d\\udc69\\u2028"}',
        "isBase64Encoded": False,
    }


def failing(error: BaseException) -> tuple[Mapping[str, Any], list[tuple[str, dict[str, object]]]]:
    lines: list[tuple[str, dict[str, object]]] = []

    async def answer(http: HttpRequest) -> Mapping[str, Any]:
        raise error

    http = read_event({"requestContext": {"requestId": "1-2"}})
    return run(answering(http, answer, monotonic=Clock(), log=lambda *line: lines.append(line))), lines


@pytest.mark.failure_mode(15)
def test_an_error_has_its_status_its_headers_and_the_request_id_twice() -> None:
    answer, lines = failing(ApiError("rate_limit_error", 'slow "down"\n', retry=True, retry_after=7))
    assert (answer["statusCode"], lines) == (429, [])
    assert answer["headers"] == {
        "content-type": "application/json",
        "request-id": "req_12",
        "x-should-retry": "true",
        "retry-after": "7",
        "server-timing": "edgeway;dur=0.0",
    }
    assert json.loads(answer["body"]) == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": 'slow "down"\n'},
        "request_id": "req_12",
    }


def test_what_nobody_expected_is_told_to_nobody() -> None:
    answer, lines = failing(KeyError("planted secret"))
    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (
        500,
        {"type": "api_error", "message": "Internal server error"},
    )
    ((message, fields),) = lines
    assert (message, fields["error"]) == ("unexpected error", "KeyError")
    assert "planted" not in f"{answer} {lines}"


def test_the_process_may_be_told_to_end() -> None:
    with pytest.raises(SystemExit):
        failing(SystemExit(0))


def test_a_request_may_be_cancelled() -> None:
    with pytest.raises(asyncio.CancelledError):
        failing(asyncio.CancelledError())


def test_a_log_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_line("unexpected error", {"error": "KeyError", "where": ["a.py:1\n"]})
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "level": "ERROR",
        "message": "unexpected error",
        "error": "KeyError",
        "where": ["a.py:1\n"],
    }


@pytest.mark.failure_mode(50)
@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r:>200}".format, "{0!s} {0.__class__}".format])
def test_no_way_of_printing_shows_a_providers_key(show: Callable[[object], str]) -> None:
    asked = candidate("one", "model")
    assert asked.provider.authorization() == {"authorization": "Bearer key-of-one"}
    for each in (asked, asked.provider, asked.provider.key):
        assert "key-of-one" not in show(each)


def test_settings_hold_no_secret_and_show_none() -> None:
    environ = {"OPENAI_API_KEY": "planted", "EDGEWAY_STORE": "sqlite:/tmp/x", "EDGEWAY_TRUST_AUTHORIZER": "TRUE"}
    settings = read_settings(environ)
    assert "planted" not in repr(settings)
    assert (settings.store, settings.trusts_authorizer) == ("sqlite:/tmp/x", True)
