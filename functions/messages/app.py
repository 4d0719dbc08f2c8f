"""POST /v1/messages on Lambda: builds the function."""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.logging import Logger
from gateway.access.admission import build_admission
from gateway.answering.metrics import describing
from gateway.choice.health_memory import open_health
from gateway.choice.prefixes import Prefixes
from gateway.learning.trait_memory import open_memory
from gateway.money.ledger import StoredLedger
from gateway.money.rate_limits import RateLimiter
from gateway.money.usage import UsageRecorder
from gateway.response_cache.cache import open_cache
from gateway.routes.messages import MessagesFunction, Services
from gateway.routing.directory import open_directory
from gateway.settings import read_settings
from gateway.storage.open import store_when_needed
from gateway.upstream.client import HttpUpstream
from gateway.upstream.deadlines import Deadlines
from gateway.web.proxy_event import requests_only
from streaming import StreamingResponse
from translator.chat.dialect import ChatDialect
from translator.converse.dialect import ConverseDialect
from translator.dialect import Dialect
from translator.responses.dialect import ResponsesDialect

DIALECTS: dict[str, Dialect] = {"chat": ChatDialect(), "responses": ResponsesDialect(), "converse": ConverseDialect()}
"""Those of `gateway.routing.model_traits.SPOKEN`, but for the callers' own, which is passed through."""

Handler = Callable[[dict[str, Any], Any], Awaitable[Mapping[str, Any] | StreamingResponse]]


def build(environment: Mapping[str, str]) -> Handler:
    """The handler of API Gateway's proxy events, made of what the environment says."""
    settings = read_settings(environment)
    logger = Logger(service=environment.get("POWERTOOLS_SERVICE_NAME"), level=environment.get("POWERTOOLS_LOG_LEVEL"))

    def log(message: str, fields: dict[str, object]) -> None:
        """Write one line."""
        logger.info(message, extra=fields)

    store = store_when_needed(settings.store, environment, clock=time.time)
    directory = open_directory(settings, environment, clock=time.monotonic)
    function = MessagesFunction(
        Services(
            admission=build_admission(settings, environment, clock=time.time),
            route=directory.route,
            routes=directory.routes,
            cache=open_cache(directory.response_cache, settings, environment, clock=time.time, log=log),
            tiers=directory.tiers,
            dialects=DIALECTS,
            upstream=HttpUpstream(environment),
            ledger=StoredLedger(store, clock=time.time, log=log, zone_seconds=directory.zone_seconds),
            limiter=RateLimiter(store, clock=time.time, log=log),
            over_budget=directory.over_budget,
            report_cost=directory.report_cost,
            record=UsageRecorder(store, clock=time.time, log=log, gather_seconds=settings.record_seconds).record,
            gathers=settings.record_seconds > 0,
            prefixes=Prefixes(clock=time.time, log=log),
            health=open_health(settings, environment, clock=time.time, log=log),
            memory=open_memory(settings, environment, clock=time.time, log=log),
            log=log,
            monotonic=time.monotonic,
            clock=time.time,
            new_id=lambda: uuid4().hex[:24],
            describe=describing(settings.metrics, catalogue=directory.catalogue, clock=time.time),
            deadlines=Deadlines(total=settings.answer_seconds),
            whole_answer_seconds=settings.whole_answer_seconds,
        )
    )

    async def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | StreamingResponse:
        """Answer one proxy event."""
        return await function.handle(event, seconds_left=context.get_remaining_time_in_millis() / 1000)

    return requests_only(handler)


if "_HANDLER" in os.environ:  # as on Lambda; the local server builds each function of an environment of its own
    handler = build(os.environ)
