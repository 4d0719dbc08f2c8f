"""POST /v1/messages: admit, parse, route, and answer whole or as a stream."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from streaming import StreamingResponse
from translator.anthropic.errors import ApiError
from translator.anthropic.request import MessagesRequest
from translator.dialect import Dialect
from translator.native.json_members import JsonObject
from translator.web_search import is_only_web_search

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.access.limits import Rates
from gateway.answering.attempts import Attempts
from gateway.answering.caller_request import (
    CallerRequest,
    caller_of,
    passed_headers,
    passed_query,
    requested_model,
    session_of,
    wants_stream,
)
from gateway.answering.correction_loop import Memory
from gateway.answering.cost_report import reporting
from gateway.answering.native_request import is_native
from gateway.answering.own_answers import own_answer
from gateway.answering.request_log import Record, RequestLog
from gateway.answering.responses import recorded, streamed_answer, whole_answer
from gateway.answering.translated_request import can_search
from gateway.answering.upstream_request import Upstream
from gateway.choice.cache_holders import warm_cache
from gateway.choice.choosing import Chooser
from gateway.choice.health_memory import HealthMemory
from gateway.choice.prefixes import Prefixes
from gateway.choice.request_facts import is_repeatable
from gateway.money.ledger import Ledger
from gateway.money.rate_limits import RateLimiter
from gateway.money.terms import on_terms
from gateway.money.usage import printable
from gateway.response_cache.cache import ResponseCache
from gateway.routing.resolve import LONGEST_ID, Candidate
from gateway.routing.route_rules import RouteRule, Routes
from gateway.settings import WHOLE_ANSWER_SECONDS
from gateway.upstream.deadlines import Deadlines
from gateway.web.failures import beside_the_answer
from gateway.web.proxy_event import HttpRequest, answer_error, read_event
from gateway.web.summary import Describe, Log, Summary

NO_RATES = Rates()
PING_SECONDS = 10.0
"""Silence after which the caller hears a ping, and after which 200 is committed at the latest."""
MARGIN_SECONDS = 5.0
"""Left of an invocation's time, to end the answer with an error of our own."""


async def no_tiers() -> Sequence[str]:
    """Nobody has any."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the function needs, built once for the life of an environment."""

    admission: Admission
    route: Callable[[str, KeyRecord], Awaitable[Sequence[Candidate]]]
    dialects: Mapping[str, Dialect]
    upstream: Upstream
    ledger: Ledger
    limiter: RateLimiter
    over_budget: str | None
    """The model that answers where a budget does not hold another."""
    report_cost: bool
    """Whether streams say in their end what they have cost."""
    record: Record | None
    """None: nothing is written down of requests but their log lines."""
    gathers: bool = False
    """Whether records are written later, with others."""
    memory: Memory
    health: HealthMemory
    log: Log
    monotonic: Callable[[], float]
    clock: Callable[[], float]
    """Seconds since the epoch."""
    new_id: Callable[[], str]
    """Unique letters and digits for the id of a message."""
    routes: Routes = field(default_factory=Routes)
    cache: ResponseCache | None = None
    prefixes: Prefixes | None = None
    """None: nobody looks whether clients repeat what they have sent."""
    tiers: Callable[[], Awaitable[Sequence[str]]] = no_tiers
    describe: Describe = Summary.fields
    deadlines: Deadlines = field(default_factory=Deadlines)
    ping_seconds: float = PING_SECONDS
    whole_answer_seconds: float = WHOLE_ANSWER_SECONDS


class MessagesFunction:
    """Answers requests, as many at a time as there are."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._chooser = Chooser(
            services.routes,
            services.route,
            pace=services.health.health.pace,
            holder=services.health.holder,
            tiers=services.tiers,
        )
        # Building the validator takes longer than most requests: it is done now, in the init phase.
        MessagesRequest.model_rebuild()

    async def handle(self, event: Mapping[str, Any], *, seconds_left: float) -> dict[str, Any] | StreamingResponse:
        """The answer to a proxy event, within the seconds that the invocation has left."""
        http = read_event(event)
        services = self._services
        log = RequestLog(
            http.request_id,
            monotonic=services.monotonic,
            clock=services.clock,
            log=services.log,
            describe=services.describe,
            watch=services.health.watch,
            record=services.record,
            gathers=services.gathers,
        )
        try:
            answer = await self._answer(http, log, seconds_left)
            return reporting(answer, log.cost_so_far, services.log) if services.report_cost else answer
        except ApiError as error:
            return await recorded(_refusal(error, log), log)
        except Exception as error:  # noqa: BLE001 -- the last resort: the caller gets an answer whatever has failed
            return await recorded(_refusal(log.unexpected(error), log), log)
        except BaseException:
            log.hung_up()
            await log.record()
            raise

    async def _answer(
        self, http: HttpRequest, log: RequestLog, seconds_left: float
    ) -> dict[str, Any] | StreamingResponse:
        services = self._services
        key = await services.admission.admit(http)
        log.summary.key_id, log.summary.owner = key.id, printable(key.owner)
        _note_client(log.summary, http.headers)
        document = http.json()
        model = requested_model(document)
        log.summary.requested_model = model[:LONGEST_ID]
        asked = self._asked(document, key, http, seconds_left)
        log.summary.session = printable(session_of(http.headers, document.members.get("metadata")))
        try:
            chosen = await self._chooser.choose(document, model, key, http.headers, asked.caller.session)
        except ApiError:
            _ = asked.request  # whose own mistakes are told first
            raise
        if chosen.document is not document:
            asked = replace(asked, document=chosen.document)
        candidates = services.health.order(chosen.candidates, asked.caller.session, key.id)
        if asked.caller.session is not None:
            session = asked.caller.session
            note = partial(self._note_session, session, asked, log, chosen.candidates, candidates)
            beside_the_answer(note, None, services.log)
        log.summary.stream = asked.stream
        rule = chosen.rule
        log.summary.route = rule.name if rule else None
        if not is_native(candidates[0], services.dialects):
            request = asked.request  # is judged before anybody is asked
            if is_only_web_search(request):
                candidates = await self._searching(candidates, key)
            if request.max_tokens == 0 or not candidates:
                return await own_answer(asked, log)
        cache = services.cache
        if cache is None or not cache.is_on(key, http.headers):
            return await self._from_upstream(asked, candidates, log, rule)
        traits = await services.memory.correct(candidates[0], key.id)
        lookup = await cache.lookup(asked, candidates[0], traits)
        if lookup.answer is not None:
            return lookup.replay(lookup.answer, log)
        log.summary.cache = "miss"
        try:
            answer = await self._from_upstream(asked, candidates, log, rule)
        except BaseException:
            await lookup.give_up()
            raise
        return await lookup.kept(answer, log)

    async def _searching(self, candidates: Sequence[Candidate], key: KeyRecord) -> Sequence[Candidate]:
        """Those that search the web by themselves: any other would make up what it has found."""
        found = []
        for each in candidates:
            traits = await self._services.memory.correct(each, key.id)
            if is_native(each, self._services.dialects) or can_search(each, self._services.dialects, traits):
                found.append(each)
        return found

    def _note_session(
        self,
        session: str,
        asked: CallerRequest,
        log: RequestLog,
        chosen: Sequence[Candidate],
        candidates: Sequence[Candidate],
    ) -> None:
        """Whose prompt cache is warm, and whether the client goes on with what it has sent."""
        log.warm = warm_cache(self._services.health.holder(session), chosen, candidates)
        if self._services.prefixes is not None:
            self._services.prefixes.note_soon(session, asked.document.members)

    async def _from_upstream(
        self, asked: CallerRequest, candidates: Sequence[Candidate], log: RequestLog, rule: RouteRule | None
    ) -> dict[str, Any] | StreamingResponse:
        services = self._services
        is_hedged = rule is not None and rule.hedge and is_repeatable(asked.document.members)
        attempts = Attempts(
            asked,
            self._priced(asked, candidates),
            dialects=services.dialects,
            upstream=services.upstream,
            ledger=services.ledger,
            memory=services.memory,
            health=services.health,
            monotonic=services.monotonic,
            cheaper=partial(self._cheaper, asked),
            hedge=services.health.hedge(rule.name, is_stream=asked.stream) if rule is not None and is_hedged else None,
        )
        if asked.key.rates() != NO_RATES:
            tokens = asked.estimated_tokens.guessed_most
            log.taken = await services.limiter.admit(asked.key, tokens, seconds=asked.deadlines.total + MARGIN_SECONDS)
        if asked.stream:
            return await streamed_answer(attempts, log, ping_seconds=services.ping_seconds)
        return await recorded(await whole_answer(attempts, log), log)

    def _priced(self, asked: CallerRequest, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        dialects, body = self._services.dialects, asked.document.members
        return [on_terms(each, body, is_native=is_native(each, dialects)) for each in candidates]

    async def _cheaper(self, asked: CallerRequest) -> Sequence[Candidate]:
        """Who answers for a key whose budget does not hold what it asks for; nobody, unless the operator names one."""
        model = self._services.over_budget
        if model is None:
            return ()
        try:
            return self._priced(asked, await self._services.route(model, asked.key))
        except ApiError:
            return ()

    def _asked(self, document: JsonObject, key: KeyRecord, http: HttpRequest, seconds_left: float) -> CallerRequest:
        stream = wants_stream(document)
        total = min(self._services.deadlines.total, seconds_left - MARGIN_SECONDS)
        if not stream:
            total = min(total, self._services.whole_answer_seconds)
        return CallerRequest(
            document=document,
            stream=stream,
            caller=caller_of(http.headers, document.members.get("metadata"), key_id=key.id),
            key=key,
            message_id="msg_" + self._services.new_id(),
            deadlines=self._services.deadlines.within(max(0.0, total)),
            is_beta=http.is_beta,
            headers=passed_headers(http.headers),
            query=passed_query(http.query),
        )


def _note_client(summary: Summary, headers: Mapping[str, str]) -> None:
    """Who asks, in the client's own words."""
    summary.agent = printable(headers.get("x-claude-code-agent-id"))
    summary.parent_agent = printable(headers.get("x-claude-code-parent-agent-id"))
    summary.client = printable(headers.get("user-agent"))


def _refusal(error: ApiError, log: RequestLog) -> dict[str, Any]:
    log.refused(error)
    answer = answer_error(error, log.headers({}), request_id=log.summary.request_id)
    log.end()
    return answer
