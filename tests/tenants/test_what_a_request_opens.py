"""No word of a request names what is opened or whom we connect to: neither its body, nor its query, nor a header."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store

from tests.integration.providers.network import StandIn
from tests.loop import run
from tests.tenants.two_keys import MODEL, Context
from tests.unit.functions.functions import load

MARK = "planted.example"
FILE = f"/tmp/{MARK}"
URLS = (f"http://{MARK}/x.png", f"file://{FILE}", f"https://169.254.169.254/{MARK}", f"gopher://{MARK}:70/")
WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.listdir", "os.scandir", "import")
_seen: list[tuple[str, str]] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and event in WATCHED:
        _seen.append((event, repr(arguments)))


sys.addaudithook(_hook)  # for good, hence the switch


@contextmanager
def watching() -> Iterator[list[tuple[str, str]]]:
    """What is opened meanwhile."""
    global _seen
    seen: list[tuple[str, str]] = []
    _seen = seen
    try:
        yield seen
    finally:
        _seen = None


def body(url: str) -> dict[str, Any]:
    """A request whose every place for a name has one."""
    return {
        "model": MODEL,
        "max_tokens": 64,
        "metadata": {"user_id": url},
        "messages": [{"role": "user", "content": _content(url)}],
        "base_url": url,
        "api_base": url,
        "config": FILE,
        "store": f"sqlite:{FILE}",
    }


def _content(url: str) -> list[dict[str, Any]]:
    source = {"type": "url", "url": url}
    return [
        {"type": "image", "source": source},
        {"type": "document", "source": source, "title": url},
        {"type": "text", "text": url},
    ]


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    for url in URLS:
        yield f"everything is {url}", body(url)
        for kind in ("image", "document", "text"):
            message = {"role": "user", "content": [each for each in _content(url) if each["type"] == kind]}
            yield f"only {kind}: {url}", {**body(url), "messages": [message]}
        yield f"the model is {url}", {**body(url), "model": url}
        yield f"a provider's model is {url}", {**body(url), "model": f"groq/{url}"}
        yield f"a model with a path, {url}", {**body(url), "model": f"groq/../../{FILE}"}
        servers = [{"type": "url", "url": url, "name": "x"}]
        yield f"a server of tools at {url}", {**body(url), "mcp_servers": servers}


@pytest.mark.parametrize("route", ["messages", "count_tokens", "models"])
def test_no_word_of_a_caller_is_opened_or_connected_to(
    route: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = StandIn()
    hosts: list[str] = []
    connect = network.connect

    async def noted(host: str, *rest: Any) -> Any:
        hosts.append(host)
        return await connect(host, *rest)

    monkeypatch.setattr(network, "connect", noted)
    monkeypatch.setattr("gateway.upstream.client.Network", lambda: network)
    setting = f"sqlite:{tmp_path}/edgeway.sqlite3"
    environment = {"EDGEWAY_STORE": setting, "GROQ_API_KEY": "sk-1", "POWERTOOLS_SERVICE_NAME": f"opens-{route}"}
    handler = load(route).build(environment)
    with closing(open_store(setting)) as store:
        key, _ = run(KeyRegistry(store, clock=time.time).create("somebody"))
    queries = {"model": FILE, "config": FILE, "url": URLS[0], "beta": "true", "before_id": FILE, "after_id": URLS[1]}
    with watching() as seen:
        for _, each in bodies():
            event = {
                "httpMethod": "GET" if route == "models" else "POST",
                "path": "/v1/models" if route == "models" else f"/v1/{route}",
                "pathParameters": {"model_id": FILE} if route == "models" else None,
                "queryStringParameters": queries,
                "headers": {
                    "x-api-key": key,
                    "host": MARK,
                    "x-forwarded-host": MARK,
                    "referer": URLS[0],
                    "x-stainless-helper": FILE,
                },
                "body": json.dumps(each),
                "requestContext": {"requestId": MARK, "domainName": MARK},
            }
            answer = run(handler(event, Context()))
            assert (answer["statusCode"] if isinstance(answer, dict) else answer.status) < 500
    assert [each for each in seen if MARK in each[1] or "169.254" in each[1]] == []
    assert set(hosts) <= {"api.groq.com"}
    assert bool(hosts) is (route == "messages")
    assert not Path(FILE).exists()


def test_what_is_opened_is_seen(tmp_path: Path) -> None:
    """Else the test above would hold of everything."""
    with watching() as seen:
        (tmp_path / MARK).touch()
        (tmp_path / MARK).read_text()
    assert [event for event, arguments in seen if MARK in arguments] == ["open", "open"]
