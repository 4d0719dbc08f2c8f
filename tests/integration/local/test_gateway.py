from __future__ import annotations

import asyncio
import base64
import json
import os
from pathlib import Path

import pytest

from edgeway.local.api_gateway.events import EVENT_LIMIT
from tests.integration.local.conftest import Running

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("prefix", ["", "/Prod"])
async def test_routes_answer_at_the_root_and_under_the_stage(local: Running, prefix: str) -> None:
    answer = await local.client.get(f"{prefix}/echo/openai%2Fgpt-5/x?beta=true&tag=a&tag=b%20c")
    event = answer.json()
    assert answer.status_code == 200
    assert event["resource"] == "/echo/{name+}"
    assert event["path"] == "/echo/openai%2Fgpt-5/x"
    assert event["pathParameters"] == {"name": "openai%2Fgpt-5/x"}
    assert event["requestContext"]["path"] == f"{prefix}/echo/openai%2Fgpt-5/x"
    assert event["queryStringParameters"] == {"beta": "true", "tag": "b c"}
    assert event["multiValueQueryStringParameters"] == {"beta": ["true"], "tag": ["a", "b c"]}


async def test_the_context_is_lambdas(local: Running) -> None:
    answer = await local.client.get("/echo/x")
    assert 0 < int(answer.headers["x-deadline"]) <= 60_000
    # API Gateway and Lambda name the same request each in its own way.
    assert answer.headers["x-request"] != answer.json()["requestContext"]["requestId"]


async def test_a_binary_body_arrives_as_base64_and_leaves_as_it_is(local: Running) -> None:
    sent = await local.client.post("/echo/x", content=bytes(range(256)))
    assert sent.json()["isBase64Encoded"] is True
    assert base64.b64decode(sent.json()["body"]) == bytes(range(256))
    received = await local.client.get("/echo/binary")
    assert received.headers["content-type"] == "image/png"
    assert received.content == bytes(range(256))


async def test_head_has_the_headers_and_no_body(local: Running) -> None:
    answer = await local.client.head("/")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("GET", "/stream"), ("OPTIONS", "/stream")])
async def test_what_has_no_route_is_not_found(local: Running, method: str, path: str) -> None:
    answer = await local.client.request(method, path)
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "error",
        "error": {"type": "not_found_error", "message": f"There is no {method} {path} here"},
        "request_id": answer.headers["request-id"],
    }


@pytest.mark.parametrize("header", [{"host": "evil.example:3000"}, {"origin": "http://evil.example:3000"}])
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/stream"), ("OPTIONS", "/stream")])
async def test_a_foreign_web_page_reaches_nothing(
    local: Running, method: str, path: str, header: dict[str, str]
) -> None:
    """By a name of its own that leads here (DNS rebinding), or from its own: refused, and not for it to read."""
    answer = await local.client.request(method, path, headers=header)
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "permission_error"
    assert [name for name in answer.headers if name.startswith("access-control-")] == []
    assert (await local.client.get("/echo/x", headers={"host": "localhost:3000"})).status_code == 200


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_no_page_of_this_machine_is_let_read_either(local: Running, method: str) -> None:
    asked = {"origin": "http://localhost:5173", "access-control-request-method": "POST"}
    answer = await local.client.request(method, "/echo/x", headers=asked)
    assert [name for name in answer.headers if name.startswith("access-control-")] == []


@pytest.mark.failure_mode(17)
async def test_a_body_is_taken_up_to_lambdas_limit(local: Running) -> None:
    overhead = len((await local.client.post("/echo/summarised", content="x")).content) + 1000
    largest = "x" * (EVENT_LIMIT - overhead)
    # The function's answer, which would be too large itself, does not repeat the body.
    assert (await local.client.post("/echo/binary", content=largest)).status_code == 200
    refused = await local.client.post("/echo/binary", content="x" * EVENT_LIMIT)
    assert refused.status_code == 413
    assert refused.json()["error"]["type"] == "request_too_large"


@pytest.mark.failure_mode(17)
async def test_a_body_that_escaping_makes_too_large_is_refused(local: Running) -> None:
    refused = await local.client.post("/echo/binary", content='"' * (EVENT_LIMIT // 2))
    assert refused.status_code == 413


@pytest.mark.parametrize("path", ["/echo/malformed", "/echo/failing"])
async def test_a_function_that_fails_is_an_api_error(local: Running, path: str) -> None:
    answer = await local.client.get(path)
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "api_error"
    assert "WholeFunction" in answer.json()["error"]["message"]
    assert "user's own" not in answer.text


async def test_a_plain_function_may_block(local: Running, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    blocked = asyncio.create_task(local.client.post("/echo/blocking", content=str(pipe)))
    assert (await local.client.post("/echo/writing", content=str(pipe))).status_code == 200
    assert (await blocked).status_code == 200


async def test_a_function_that_cannot_be_imported_is_named_once(local: Running) -> None:
    for _ in range(2):
        answer = await local.client.get("/unusable")
        assert answer.status_code == 500
        assert answer.json()["error"]["message"] == ("UnusableFunction cannot start; the reason is in the server's log")
    said = "UnusableFunction: cannot start: Runtime.LookupError. Its next change is tried"
    assert local.lines.count(said) == 1


async def test_probes_are_not_printed(local: Running) -> None:
    await local.client.get("/")
    await local.client.get("/echo/after-the-probe")
    await local.line("200  GET /echo/after-the-probe")
    assert not any("GET / " in line for line in local.lines)


async def test_what_is_no_http_is_refused_in_anthropics_shape(local: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
    writer.write(b"what is this\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["type"] == "invalid_request_error"


async def test_an_offer_of_http2_is_passed_over(local: Running) -> None:
    offer = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "AAMAAABkAAQAAP__"}
    answer = await local.client.post("/echo/x", content="body", headers=offer)
    assert answer.json()["body"] == "body"


async def test_a_request_may_follow_another_unasked(local: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
    request = b"GET /nowhere HTTP/1.1\r\nhost: localhost\r\n"
    writer.write(request + b"\r\n" + request + b"connection: close\r\n\r\n")
    answers = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answers.count(b"HTTP/1.1 404 ") == 2
