"""The attempts to answer one request: its candidates in order, each asked once more where its refusal is corrected.

`begin` asks until one candidate has begun a content block. `commit` starts the message before: from there on a failure
is an event. Reserve, attempt, commit and settle are separate steps.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from translator.anthropic.errors import ApiError, Fault, UpstreamAccountError
from translator.anthropic.events import Event
from translator.dialect import Dialect, Reader
from translator.endings import AnsweringError, EndedReader
from translator.stream.emitter import Emitter

from gateway.answering.correction_loop import Memory, ask_corrected
from gateway.answering.ledger import Estimate, Ledger, Reservation
from gateway.answering.open_answer import OpenAnswer, read_frames
from gateway.answering.upstream_request import (
    CallerRequest,
    Upstream,
    UpstreamAnswer,
    UpstreamRequest,
    upstream_request,
)
from gateway.routing.resolve import Candidate
from gateway.web.outcomes import Outcome, Tried, outcome_of

LEAST_SECONDS = 0.05
"""Less is not worth an attempt. A deadline may come a little early: the timers of event loops count milliseconds."""
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of an upstream."""

    number: int
    candidate: Candidate
    dropped: tuple[str, ...]
    """The fields that this candidate could not be asked to honour."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of its answer, as soon as they have come."""
    outcome: Outcome = "under_way"
    """What it came to."""
    seconds: float = 0.0
    """To its first content, or to its failure."""

    def told(self) -> Tried:
        """As it is logged and recorded."""
        return Tried(model=self.candidate.name, outcome=self.outcome, took_ms=round(self.seconds * 1000))


class Attempts:
    """The attempts of one request. `monotonic` gives seconds."""

    def __init__(
        self,
        asked: CallerRequest,
        candidates: Sequence[Candidate],
        new_emitter: Callable[[], Emitter],
        *,
        dialects: Mapping[str, Dialect],
        upstream: Upstream,
        ledger: Ledger,
        memory: Memory,
        monotonic: Callable[[], float],
    ) -> None:
        self.made: list[Attempt] = []
        """All of them in their order, each with what it came to."""
        self.emitter = new_emitter()
        """Of the last attempt: nothing of one that failed may show in the next."""
        self.heard = asyncio.Event()
        """Set when the answer can begin: nobody but the last candidate can answer, and it was heard (not an error)."""
        self.authentication_failures = 0
        """Attempts at which an upstream refused the operator's own account."""
        self._asked = asked
        self._candidates = candidates
        self._new_emitter = new_emitter
        self._dialects = dialects
        self._upstream = upstream
        self._ledger = ledger
        self._memory = memory
        self._monotonic = monotonic
        self._ends = monotonic() + asked.deadlines.total
        self._pending: list[Event] = []
        self._is_committed = False
        self._is_last = False
        """Whether nobody is left to ask after this candidate."""

    async def begin(self) -> OpenAnswer:
        """The first candidate that answers. Raises the last `ApiError`, or at once one that is no upstream's fault."""
        with self._asked.input_tokens.counting():
            return await self._first_answer()

    @property
    def attempt(self) -> Attempt | None:
        """The last one."""
        return self.made[-1] if self.made else None

    def is_out_of_time(self) -> bool:
        """Whether what is left of the total is not worth another attempt."""
        return self.seconds_left() < LEAST_SECONDS

    def seconds_left(self) -> float:
        """What is left of the total for all attempts."""
        return self._ends - self._monotonic()

    def commit(self) -> list[Event]:
        """Start the message before its first content; nothing where it has been started."""
        self._is_committed = True
        return self._take_pending() or self.emitter.start()

    async def _first_answer(self) -> OpenAnswer:
        for position, candidate in enumerate(self._candidates, start=1):
            estimate = Estimate(input_tokens=self._asked.input_tokens, max_tokens=self._asked.request.max_tokens)
            reservation = await self._ledger.reserve(self._asked.key, candidate, estimate)
            self._is_last = position == len(self._candidates)
            try:
                return await self._ask(candidate, reservation)
            except ApiError as error:
                await reservation.settle(None)
                self.authentication_failures += isinstance(error, UpstreamAccountError)
                is_over = self._is_last or self.is_out_of_time()
                if is_over or error.fault is not Fault.UPSTREAM:
                    raise
            except BaseException:
                await reservation.settle(None)
                raise
        raise ValueError("no candidates")

    async def _ask(self, candidate: Candidate, reservation: Reservation) -> OpenAnswer:
        traits = await self._memory.correct(candidate, self._asked.key.id)
        asking = await upstream_request(self._asked, candidate, self._dialects, traits)
        ask = partial(self._try, reservation)
        return await ask_corrected(asking, ask, self._memory, is_out_of_time=self.is_out_of_time)

    async def _try(self, reservation: Reservation, asking: UpstreamRequest) -> OpenAnswer:
        self._renew_emitter()
        began = self._monotonic()
        self.made.append(Attempt(len(self.made) + 1, asking.candidate, asking.encoded.dropped))
        outcome: Outcome = "answered"
        try:
            return await self._opened(asking, reservation)
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            self.made[-1] = replace(self.made[-1], outcome=outcome, seconds=self._monotonic() - began)

    async def _opened(self, asking: UpstreamRequest, reservation: Reservation) -> OpenAnswer:
        upstream = await asking.send(self._upstream, seconds=self.seconds_left())
        self.made[-1] = replace(self.made[-1], headers=upstream.headers)
        batches = upstream.batches()
        try:
            if upstream.status not in _OK:
                raise await asking.refusal(upstream)
            reader: Reader = asking.reader(self.emitter)
            events = await self._first_events(reader, batches, upstream, asking.candidate)
        except AnsweringError as error:
            events, reader = self._take_pending() + error.answer(self.emitter), EndedReader()
        except BaseException:
            await batches.aclose()
            await upstream.close()
            raise
        reader.forget_request()
        return OpenAnswer(
            events=events,
            emitter=self.emitter,
            candidate=asking.candidate,
            upstream=upstream,
            batches=batches,
            reader=reader,
            reservation=reservation,
        )

    def _renew_emitter(self) -> None:
        self.emitter = self._new_emitter()
        self._pending = []
        if self._is_committed:
            self.emitter.start()  # which the caller has had

    async def _first_events(
        self, reader: Reader, batches: AsyncGenerator[list[str]], upstream: UpstreamAnswer, candidate: Candidate
    ) -> list[Event]:
        """Read until there is content. Where there never is, `close` raises what that means."""
        async for frames in batches:
            read_frames(reader, frames, upstream, candidate, self._pending)
            if any(event["type"] == "content_block_start" for event in self._pending):
                return self._take_pending()
            if self._pending and self._is_last:
                self.heard.set()
            if reader.is_done:
                break
        self._pending += reader.close()
        return self._take_pending()

    def _take_pending(self) -> list[Event]:
        events, self._pending = self._pending, []
        return events
