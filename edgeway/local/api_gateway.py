"""API Gateway's part: from an HTTP request to an invocation, and from its outcome to the caller."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from edgeway.local import failures
from edgeway.local.answers import Answer
from edgeway.local.asgi import Receive, Scope, Send
from edgeway.local.bodies import BodyReader, Room, Sizes
from edgeway.local.events import encoded, proxy_event
from edgeway.local.failures import Failure
from edgeway.local.invocations import Invocation
from edgeway.local.pools import Pool
from edgeway.local.request_lines import Access, Reporter
from edgeway.local.routes import Match, RoutingTable
from edgeway.local.template import Function

logger = logging.getLogger(__name__)


class ApiGateway:
    """An ASGI application."""

    def __init__(self, reporter: Reporter, sizes: Sizes) -> None:
        self._reporter = reporter
        self._sizes = sizes
        self._room = Room(sizes.together)
        self._routes = RoutingTable(())
        self._pools: Mapping[str, Pool] = {}

    def route(self, functions: Iterable[Function], pools: Mapping[str, Pool]) -> None:
        """Serve these functions from now on, each from the pool of its name."""
        self._routes = RoutingTable(functions)
        self._pools = pools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a caller."""
        started = time.perf_counter()
        gateway_id = uuid.uuid4()
        request_id = f"req_{gateway_id.hex}"
        answer = Answer(send, request_id)
        self._reporter.begun(request_id)
        invocation: Invocation | None = None
        reader = BodyReader(self._sizes, self._room)
        try:
            outcome = await self._admit(scope, reader, receive, answer, str(gateway_id))
            if isinstance(outcome, Invocation):
                invocation = outcome
                outcome = await self._serve(invocation, receive)
            if outcome is not None:
                await answer.fail(outcome)
        except Exception:
            logger.exception("the server failed to serve a request")
            await answer.fail(failures.internal())
        finally:
            reader.release()
            milliseconds = (time.perf_counter() - started) * 1000
            access = Access(
                request_id, scope["method"], scope["path"], answer.status, milliseconds, broke_off=answer.broke_off
            )
            self._reporter.ended(access, None if invocation is None else invocation.released)

    async def _admit(
        self, scope: Scope, reader: BodyReader, receive: Receive, answer: Answer, gateway_id: str
    ) -> Invocation | Failure | None:
        """Make an invocation of the request, or say why not; None where the caller has gone meanwhile."""
        match = self._routes.match(scope["method"], scope["raw_path"].decode("latin-1"))
        if match is None:
            return failures.not_found(scope["method"], scope["path"])
        body = await reader.read(receive)
        if not isinstance(body, bytes):
            return body
        event = _event(scope, match, body, gateway_id)
        return self._sizes.refusal(event=len(event)) or Invocation(match, event, answer)

    async def _serve(self, invocation: Invocation, receive: Receive) -> Failure | None:
        """Have the invocation served while the caller is there."""
        pool = self._pools[invocation.function]
        pool.submit(invocation)
        presence = asyncio.create_task(_until_gone(receive))
        presence.add_done_callback(lambda _: pool.withdraw(invocation))
        try:
            return await invocation.ended
        finally:
            presence.cancel()


def _event(scope: Scope, match: Match, body: bytes, gateway_id: str) -> bytes:
    return encoded(proxy_event(scope, match, body, request_id=gateway_id, now=datetime.now(UTC)))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
