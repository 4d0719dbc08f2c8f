"""The real Claude Code searches the web with an upstream's own search, and says how often it has."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.clients import claude_code
from tests.running import running_gateway
from tests.upstreams.responses import Json, begun, call_events, ended, numbered, search_events, text_events

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

CONFIGURATION = """
[providers.openai]
dialect = "responses"

[providers.openai.traits]
web_search = "upstream"
"""
PAGE = "https://weather.test/basel"
QUERY = "weather in Basel"


@dataclass(slots=True)
class SearchingUpstream:
    """Calls WebSearch first, searches where it is asked to, and then says what was found."""

    url: str
    asked: list[Json] = field(default_factory=list)

    def answer(self, body: Json) -> list[Json]:
        """The events of the next answer."""
        self.asked.append(body)
        tools = body.get("tools", [])
        if any(tool["type"] == "web_search" for tool in tools):
            return [begun(), *search_events(0, QUERY, PAGE), *text_events(1, "It rains."), ended()]
        if any(item.get("type") == "function_call_output" for item in body["input"]) or not tools:
            return [begun(), *text_events(0, "It rains in Basel."), ended()]
        return [begun(), *call_events(0, json.dumps({"query": QUERY}), name="WebSearch"), ended()]


@contextmanager
def searching_upstream() -> Iterator[SearchingUpstream]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            events = upstream.answer(body)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for event in numbered(events):
                self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        upstream = SearchingUpstream(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield upstream
        server.shutdown()


@pytest.mark.failure_mode(29)
def test_a_search_is_counted_and_its_pages_are_read(package: str, tmp_path: Path) -> None:
    configuration = tmp_path / "edgeway.toml"
    configuration.write_text(CONFIGURATION)
    with searching_upstream() as upstream, running_gateway(upstream, EDGEWAY_CONFIG=str(configuration)) as gateway:
        ran = claude_code.run(
            gateway,
            "What is the weather in Basel?",
            tmp_path,
            *("--allowedTools", "WebSearch", "--output-format", "stream-json", "--verbose"),
            credentials={"ANTHROPIC_AUTH_TOKEN": gateway.key},
            package=package,
        )
    assert (ran.status, ran.result["result"]) == (0, "It rains in Basel.")
    (found,) = ran.blocks("tool_result")
    assert PAGE in str(found["content"])
    (search,) = [body for body in upstream.asked if any(tool["type"] == "web_search" for tool in body.get("tools", ()))]
    assert search["tools"][0]["user_location"] == {"type": "approximate"}
    told = next(printed["tool_use_result"] for printed in ran.printed if "tool_use_result" in printed)
    assert sum(not isinstance(each, str) for each in told["results"]) == 1, "Claude Code would say: Did 0 searches"
