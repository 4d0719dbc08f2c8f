"""Two callers with keys of their own, and functions over one store: as one process has them, or several."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.access.key_records import KeyRegistry
from streaming import StreamingResponse

from edgeway.commands.target import open_target
from tests.integration.providers.network import Received, StandIn
from tests.loop import run

Handler = Callable[[dict[str, Any], object], Awaitable[Any]]
MODEL = "groq/openai/gpt-oss-120b"
SETTLED = 0.3
"""Seconds in which what goes on after a request has reached the store."""


class Context:
    """Of an invocation that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller was answered."""

    status: int
    headers: Mapping[str, str]
    body: str

    def holds(self, *words: str) -> bool:
        return any(word in self.body or word in json.dumps(dict(self.headers)) for word in words)


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody with a key."""

    name: str
    key: str
    key_id: str

    async def ask(self, handler: Handler, model: str = MODEL, **fields: Any) -> Heard:
        """What they are answered."""
        request = {
            "model": model,
            "max_tokens": 64,
            "messages": [{"role": "user", "content": f"prompt of {self.name}"}],
            **fields,
        }
        event = {
            "httpMethod": "POST",
            "path": "/v1/messages",
            "headers": {"x-api-key": self.key},
            "body": json.dumps(request),
            "requestContext": {"requestId": f"request of {self.name}"},
        }
        answer = await handler(event, Context())
        if not isinstance(answer, StreamingResponse):
            return Heard(answer["statusCode"], answer["headers"], answer["body"])
        return Heard(answer.status, answer.headers, b"".join([piece async for piece in answer.body]).decode())


@dataclass(frozen=True, slots=True)
class Shared:
    """What both use."""

    handlers: tuple[Handler, Handler]
    """Of the attacker and of the victim: the same one, or those of two processes."""
    network: StandIn
    registry: KeyRegistry
    setting: str
    """Of the store."""

    def make(self, name: str, **facts: Any) -> Tenant:
        """A key with these facts."""
        key, record = run(self.registry.create(name, **facts))
        return Tenant(name, key, record.id)

    def revoke(self, tenant: Tenant) -> None:
        """As `edgeway keys revoke` does it."""
        with open_target(None, self.setting, None) as target:
            target.run(target.keyring.revoke(tenant.key_id))

    def attack(self, tenant: Tenant, times: int, model: str = MODEL, **fields: Any) -> list[Heard]:
        """What the attacker hears; afterwards all has settled."""

        async def asked() -> list[Heard]:
            heard = [await tenant.ask(self.handlers[0], model, **fields) for _ in range(times)]
            await asyncio.sleep(SETTLED)
            return heard

        return run(asked())

    def use(self, tenant: Tenant, model: str = MODEL, **fields: Any) -> Heard:
        """What the victim hears."""
        return run(tenant.ask(self.handlers[1], model, **fields))

    def sent_for(self, tenant: Tenant) -> list[Received]:
        """What upstreams were asked for a caller."""
        return [each for each in self.network.received if tenant.name in json.dumps(each.body)]
