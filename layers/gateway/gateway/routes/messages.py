"""POST /v1/messages: admit, parse, route, and answer whole or as a stream."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from streaming import StreamingResponse
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, Usage, encode_events
from translator.anthropic.request import (
    BetweenToolsThinking,
    DisabledThinking,
    MessagesRequest,
    parse_messages_request,
)
from translator.dialect import Dialect
from translator.stream.answer_blocks import ThinkingDisplay
from translator.stream.beta_emitter import BetaEmitter
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.tokens.counting import counting
from translator.tokens.estimate import prompt_size
from translator.web_search import is_only_web_search, unavailable

from gateway.access.admission import Admission
from gateway.access.key_records import KeyRecord
from gateway.answering.attempts import Attempts
from gateway.answering.caller import caller_of
from gateway.answering.correction_loop import Memory
from gateway.answering.lazy_count import LazyCount, ToldCount
from gateway.answering.ledger import Ledger
from gateway.answering.request_log import RequestLog
from gateway.answering.responses import stream_of, streamed_answer, whole_answer, whole_of
from gateway.answering.upstream_request import CallerRequest, Upstream
from gateway.choice.health_memory import HealthMemory
from gateway.routing.resolve import LONGEST_ID, Candidate
from gateway.settings import WHOLE_ANSWER_SECONDS
from gateway.tokens.vocabulary import count_in
from gateway.upstream.deadlines import Deadlines
from gateway.web.proxy_event import HttpRequest, answer_error, read_event
from gateway.web.summary import Describe, Log, Summary

PING_SECONDS = 10.0
"""Silence after which the caller hears a ping, and after which 200 is committed at the latest."""
MARGIN_SECONDS = 5.0
"""Left of an invocation's time, to end the answer with an error of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the function needs, built once for the life of an environment."""

    admission: Admission
    route: Callable[[str, KeyRecord], Awaitable[Sequence[Candidate]]]
    dialects: Mapping[str, Dialect]
    upstream: Upstream
    ledger: Ledger
    memory: Memory
    health: HealthMemory
    log: Log
    monotonic: Callable[[], float]
    clock: Callable[[], float]
    """Seconds since the epoch."""
    new_id: Callable[[], str]
    """Unique letters and digits for the id of a message."""
    describe: Describe = Summary.fields
    deadlines: Deadlines = field(default_factory=Deadlines)
    ping_seconds: float = PING_SECONDS
    whole_answer_seconds: float = WHOLE_ANSWER_SECONDS


class MessagesFunction:
    """Answers requests, as many at a time as there are."""

    def __init__(self, services: Services) -> None:
        self._services = services
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
        )
        try:
            return await self._answer(http, log, seconds_left)
        except ApiError as error:
            return _refusal(error, log)
        except Exception as error:  # noqa: BLE001 -- the last resort: the caller gets an answer whatever has failed
            return _refusal(log.unexpected(error), log)
        except BaseException:
            log.hung_up()
            raise

    async def _answer(
        self, http: HttpRequest, log: RequestLog, seconds_left: float
    ) -> dict[str, Any] | StreamingResponse:
        services = self._services
        key = await services.admission.admit(http)
        log.summary.key_id = key.id
        request = parse_messages_request(http.json())
        log.summary.requested_model = request.model[:LONGEST_ID]
        log.summary.stream = bool(request.stream)
        candidates = await services.route(request.model, key)
        asked = self._asked(request, key, http, seconds_left)
        new_emitter = partial(
            BetaEmitter if http.is_beta else Emitter,
            message_id=asked.message_id,
            model=request.model,
            input_tokens=ToldCount(asked.input_tokens),
            thinking=_thinking_display(request),
        )
        if request.max_tokens == 0 or is_only_web_search(request):
            return await _own_answer(asked, new_emitter(), log)
        attempts = Attempts(
            asked,
            services.health.order(candidates, asked.caller.session),
            new_emitter,
            dialects=services.dialects,
            upstream=services.upstream,
            ledger=services.ledger,
            memory=services.memory,
            health=services.health,
            monotonic=services.monotonic,
        )
        if request.stream:
            return await streamed_answer(attempts, log, ping_seconds=services.ping_seconds)
        return await whole_answer(attempts, log)

    def _asked(self, request: MessagesRequest, key: KeyRecord, http: HttpRequest, seconds_left: float) -> CallerRequest:
        total = min(self._services.deadlines.total, seconds_left - MARGIN_SECONDS)
        if not request.stream:
            total = min(total, self._services.whole_answer_seconds)
        count = counting(request.model, count_in)
        size = prompt_size(request)
        return CallerRequest(
            request=request,
            caller=caller_of(http.headers, request.metadata, key_id=key.id),
            key=key,
            message_id="msg_" + self._services.new_id(),
            input_tokens=LazyCount(partial(size.tokens, count), guessed_most=size.guessed_most, estimate=size.estimate),
            deadlines=replace(self._services.deadlines, total=max(0.0, total)),
        )


def _refusal(error: ApiError, log: RequestLog) -> dict[str, Any]:
    log.refused(error)
    answer = answer_error(error, log.headers({}), request_id=log.summary.request_id)
    log.end()
    return answer


async def _own_answer(asked: CallerRequest, emitter: Emitter, log: RequestLog) -> dict[str, Any] | StreamingResponse:
    """An answer for which no upstream is asked."""
    input_tokens = await asked.input_tokens.counted()
    if asked.request.max_tokens == 0:
        events = _nothing(emitter, input_tokens)
    else:
        events = unavailable(asked.request, emitter, message_id=asked.message_id, input_tokens=input_tokens)
    log.used(emitter.final_usage())
    log.succeeded(emitter.stop_reason)
    if asked.request.stream:
        return stream_of([encode_events(events)], log)
    fold = Fold()
    fold.feed(events)
    return whole_of(fold, log)


def _nothing(emitter: Emitter, input_tokens: int) -> list[Event]:
    """`max_tokens: 0` only warms Anthropic's caches: there is nothing to ask an upstream for."""
    emitter.usage(Usage(input_tokens=input_tokens, output_tokens=0))
    emitter.finish("max_tokens")
    return emitter.start() + emitter.close()


def _thinking_display(request: MessagesRequest) -> ThinkingDisplay:
    """Thinking is shown unless the caller has switched it off or wants it sealed."""
    match request.thinking:
        case DisabledThinking() | BetweenToolsThinking():
            return "dropped"
        case None:
            return "shown"
        case thinking:
            return "omitted" if thinking.display == "omitted" else "shown"
