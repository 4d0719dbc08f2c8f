"""Leads an HTTP request to a function of this process, and its answer back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streaming import StreamingResponse
from streaming.failure import Failure as ExceptionFacts

from edgeway.local.api_gateway.answers import Answer, WrongShape
from edgeway.local.api_gateway.bodies import BodyReader, CallerGone, Room, Sizes
from edgeway.local.api_gateway.events import proxy_event, size_of
from edgeway.local.api_gateway.functions import LoadedFunction
from edgeway.local.api_gateway.routes import Match, RoutingTable
from edgeway.local.api_gateway.slots import Place
from edgeway.local.api_gateway.template import Function
from edgeway.local.console.request_lines import Access, Reporter
from edgeway.local.web import failures
from edgeway.local.web.asgi import Headers, Receive, Scope, Send
from edgeway.local.web.exchanges import PRESENCE, Exchange
from edgeway.local.web.failures import Failure, Refused
from edgeway.local.web.hosts import Hosts
from edgeway.local.web.identifiers import new_id, public_id

MOST_ESCAPED: Final = 8
"""No byte of a body becomes more than six of JSON, and a head is small."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a caller, on its way."""

    scope: Scope
    receive: Receive
    answer: Answer
    exchange: Exchange
    gateway_id: str


class ApiGateway:
    """An ASGI application."""

    def __init__(self, reporter: Reporter, sizes: Sizes, body_seconds: float, hosts: Hosts) -> None:
        self._reporter = reporter
        self._sizes = sizes
        self._body_seconds = body_seconds
        self._hosts = hosts
        self._room = Room(sizes.together)
        self._routes = RoutingTable(())
        self._functions: Mapping[str, LoadedFunction | None] = {}
        self.running: dict[Exchange, Headers] = {}
        """The requests that run, with the headers of each."""

    def route(self, functions: Iterable[Function], loaded: Mapping[str, LoadedFunction | None]) -> None:
        """Serve these functions; None stands for one that cannot start."""
        self._routes = RoutingTable(functions)
        self._functions = loaded

    def end(self) -> None:
        """End the requests that still run; their callers are told why."""
        for exchange in list(self.running):
            exchange.end(failures.stopping())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a caller."""
        started = time.perf_counter()
        gateway_id = new_id()
        answer = Answer(send, public_id(gateway_id))
        self._reporter.begun(answer.request_id)
        exchange = Exchange(scope["extensions"][PRESENCE])
        self.running[exchange] = scope["headers"]
        try:
            await self._route(Request(scope, receive, answer, exchange, gateway_id))
        except Exception:
            logger.exception("the server failed to serve a request")
            await answer.fail(failures.internal())
        finally:
            exchange.answered()
            del self.running[exchange]
            milliseconds = ((exchange.answered_at or time.perf_counter()) - started) * 1000
            self._reporter.ended(
                Access(
                    answer.request_id,
                    scope["method"],
                    scope["path"],
                    answer.status,
                    milliseconds,
                    broke_off=answer.broke_off,
                )
            )

    async def _route(self, request: Request) -> None:
        scope = request.scope
        if refusal := self._hosts.refusal(scope["headers"]):
            request.exchange.answered()
            await request.answer.fail(refusal)
            return
        match = self._routes.match(scope["method"], scope["raw_path"].decode("latin-1"))
        if match is None:
            request.exchange.answered()
            await request.answer.fail(failures.not_found(scope["method"], scope["path"]))
            return
        function = self._functions[match.function.name]
        if function is None:
            request.exchange.answered()
            await request.answer.fail(failures.unusable(match.function.name))
        else:
            await self._serve(request, match, function)

    async def _serve(self, request: Request, match: Match, function: LoadedFunction) -> None:
        """Have the function answer, and end what it has begun, however the answer ends."""
        failure: Failure | None = None
        result: object = None
        place = Place(function.slots)
        try:
            result = await self._call(request, match, function, place)
            send = request.answer.stream if match.route.streams else request.answer.send
            await send(result)
        except Refused as refused:
            failure = refused.failure
        except WrongShape as error:
            failure = failures.wrong_shape(function.name, str(error))
        except CallerGone:
            pass
        except asyncio.CancelledError:
            failure = request.exchange.reason(failures.broken(function.name))
        except Exception as error:  # noqa: BLE001 whatever a function raises, its caller is to know
            failure = failures.broken(function.name)
            ExceptionFacts("Function", error).log("the handler failed", requestId=request.answer.request_id)
        request.exchange.answered()
        try:
            if failure is not None:
                await request.answer.fail(failure)
        finally:
            await _close(result)
            place.leave()

    async def _call(self, request: Request, match: Match, function: LoadedFunction, place: Place) -> object:
        """Return what the function says. Nothing holds on to body and event but the function."""
        function.check(match.route)
        reader = BodyReader(self._sizes, self._room)
        try:
            request.exchange.end_after(self._body_seconds, failures.slow_body(self._body_seconds))
            now = time.time()
            event = self._event(request, match, await reader.read(request.receive), now)
            request.exchange.end_after(
                function.timeout_seconds, failures.timed_out(function.name, function.timeout_seconds)
            )
            await place.take()
            await reader.turn()
            answering = function.call(event, function.context(now))
            del event
            return await answering
        finally:
            reader.release()

    def _event(self, request: Request, match: Match, body: bytes | bytearray, now: float) -> dict[str, Any]:
        event = proxy_event(request.scope, match, body, request_id=request.gateway_id, now=now)
        if self._sizes.event is not None and len(body) > self._sizes.event // MOST_ESCAPED:
            self._sizes.check(event=size_of(event))
        return event


async def _close(result: object) -> None:
    """Let a streamed answer settle and say what it cost, which does not delay its caller."""
    if isinstance(result, StreamingResponse) and hasattr(result.body, "aclose"):
        try:
            await result.body.aclose()
        except Exception as error:  # noqa: BLE001 the answer has ended, whatever becomes of its end
            ExceptionFacts("Function", error).log("the end of a response failed")
