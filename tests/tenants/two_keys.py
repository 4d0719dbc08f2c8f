"""Two callers with keys of their own, and functions over one store: as one process has them, or several."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from gateway.access.key_records import KeyRegistry
from gateway.web.uninterrupted import settled
from streaming import StreamingResponse

from edgeway.commands.target import open_target
from tests.integration.providers.network import Received, StandIn
from tests.loop import run

Handler = Callable[[dict[str, Any], object], Awaitable[Any]]
NO_HEADERS: Mapping[str, str] = {}
MODEL = "groq/openai/gpt-oss-120b"
ENDLESS = "an answer without an end"
"""Whoever says so to the upstream gets one."""
ENDLESS_AT_FIRST = "an endless answer, but only once"
PATIENCE = 30.0


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

    async def ask(
        self, handler: Handler, model: str = MODEL, *, headers: Mapping[str, str] = NO_HEADERS, **fields: Any
    ) -> Heard:
        """What they are answered."""
        answer = await self.begin(handler, model, headers=headers, **fields)
        if not isinstance(answer, StreamingResponse):
            return Heard(answer["statusCode"], answer["headers"], answer["body"])
        async with aclosing(answer.body) as body:  # type: ignore[type-var] # every body of ours has it
            return Heard(answer.status, answer.headers, b"".join([piece async for piece in body]).decode())

    async def begin(
        self, handler: Handler, model: str = MODEL, *, headers: Mapping[str, str] = NO_HEADERS, **fields: Any
    ) -> Any:
        """The answer as the function gives it: who takes a stream reads it, and closes it."""
        request = {"model": model, "max_tokens": 64, "messages": self.messages, **fields}
        return await handler(
            {
                "httpMethod": "POST",
                "path": "/v1/messages",
                "headers": {"x-api-key": self.key, **headers},
                "body": json.dumps(request),
                "requestContext": {"requestId": f"request of {self.name}"},
            },
            Context(),
        )

    @property
    def messages(self) -> list[dict[str, str]]:
        """What they ask unless they are told to ask something else."""
        return [{"role": "user", "content": f"prompt of {self.name}"}]

    async def spent(self, handler: Handler, query: Mapping[str, str] = NO_HEADERS) -> Heard:
        """What they are told at GET /v1/usage."""
        answer = await handler(
            {
                "httpMethod": "GET",
                "path": "/v1/usage",
                "headers": {"x-api-key": self.key},
                "queryStringParameters": dict(query),
                "requestContext": {"requestId": f"request of {self.name}"},
            },
            Context(),
        )
        return Heard(answer["statusCode"], answer["headers"], answer["body"])


@dataclass(frozen=True, slots=True)
class Shared:
    """What both use."""

    handlers: tuple[Handler, Handler]
    """Of the attacker and of the victim: the same one, or those of two processes."""
    usage: tuple[Handler, Handler]
    """Those of GET /v1/usage, in the same way."""
    network: StandIn
    registry: KeyRegistry
    setting: str
    """Of the store."""
    log: io.StringIO
    """What both processes print."""

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
            await settled()
            return heard

        return run(asked())

    def use(self, tenant: Tenant, model: str = MODEL, **fields: Any) -> Heard:
        """What the victim hears; afterwards all has settled."""

        async def asked() -> Heard:
            heard = await tenant.ask(self.handlers[1], model, **fields)
            await settled()
            return heard

        return run(asked())

    def while_held(self, attacker: Tenant, streams: int, victim: Tenant, **equal: Any) -> Heard:
        """What the victim hears while the attacker keeps so many streams open that do not end; `equal`: both ask so."""

        async def held() -> Heard:
            before = len(self.network.received)
            asked = [
                asyncio.create_task(attacker.ask(self.handlers[0], stream=True, **{"system": ENDLESS, **equal}))
                for _ in range(streams)
            ]
            try:
                async with asyncio.timeout(PATIENCE):
                    while len(self.network.received) < before + streams:  # noqa: ASYNC110 the network says nothing
                        await asyncio.sleep(0.01)
                    heard = await victim.ask(self.handlers[1], **equal)
                assert not any(task.done() for task in asked)
                return heard
            finally:
                for task in asked:
                    task.cancel()
                await asyncio.gather(*asked, return_exceptions=True)

        return run(held())

    def sent_for(self, tenant: Tenant) -> list[Received]:
        """What upstreams were asked for a caller."""
        return [each for each in self.network.received if each.body["messages"][-1:] == tenant.messages]
