"""The demo model's server stops talking to a caller who has gone."""

from __future__ import annotations

import asyncio
import json

from edgeway.demo.server import DemoModel
from edgeway.local.web.asgi import Message

PACE = 60.0  # seconds between two words: without the caller's leaving, the answer would take an hour


class Caller:
    """Asks, and leaves after the first word."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self._asked = False

    async def receive(self) -> Message:
        if self._asked:
            return {"type": "http.disconnect"}
        self._asked = True
        body = {"messages": [{"role": "user", "content": "Hello"}], "stream": True}
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def test_it_stops_when_the_caller_leaves() -> None:
    caller = Caller()
    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions"}
    asyncio.run(DemoModel(PACE)(scope, caller.receive, caller.send))
    assert [message["type"] for message in caller.sent] == ["http.response.start", "http.response.body"]
    assert caller.sent[-1]["more_body"]
