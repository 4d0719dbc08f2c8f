"""The attempts to answer one request: its candidates in order, each asked once more where its refusal is corrected.

`begin` asks until one candidate has begun a content block. `commit` starts the message before: from there on a failure
is an event. Reserve, attempt, commit and settle are separate steps.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from translator.anthropic.errors import ApiError, Fault, UpstreamAccountError
from translator.anthropic.events import Event
from translator.dialect import Dialect, Reader
from translator.endings import AnsweringError, EndedReader
from translator.learned_traits import CorrectableError
from translator.stream.emitter import Emitter
from translator.traits import Traits

from gateway.money.ledger import Estimate, Ledger, Reservation
from gateway.answering.open_answer import OpenAnswer, read_frames
from gateway.answering.upstream_request import (
    CallerRequest,
    Upstream,
    UpstreamAnswer,
    UpstreamRequest,
    upstream_request,
)
from gateway.routing.resolve import Candidate

LEAST_SECONDS = 0.05
"""Less is not worth an attempt. A deadline may come a little early: the timers of event loops count milliseconds."""
_OK = range(200, 300)


class Memory(Protocol):
    """Remembers what upstreams have taught by refusing."""

    async def correct(self, candidate: Candidate, key_id: str) -> Traits:
        """The candidate's traits with what has been learnt of it, by this key or by everybody. Never raises."""

    def learn(self, candidate: Candidate, key_id: str, refusal: CorrectableError) -> None:
        """Remember what the refusal has taught this key, where that lasts. Never raises, waits for nothing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who was asked."""

    number: int
    candidate: Candidate
    dropped: tuple[str, ...]
    """The fields that this candidate could not be asked to honour."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of its answer, as soon as they have come."""


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
        self.attempt: Attempt | None = None
        """The last one."""
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
        """Ask a candidate, and once more where its refusal says what it cannot take: that is remembered."""
        self._renew_emitter()
        key_id = self._asked.key.id
        traits = await self._memory.correct(candidate, key_id)
        asking = await upstream_request(self._asked, candidate, self._dialects, traits)
        try:
            return await self._try(asking, reservation)
        except CorrectableError as first:
            refusal, corrected = first, asking.corrected(first)
            if corrected.encoded.body == asking.encoded.body or self.is_out_of_time():
                raise
        self._renew_emitter()
        try:
            answer = await self._try(corrected, reservation)
        except CorrectableError as another:
            # Another complaint: what was corrected has been taken, and the next request corrects the rest.
            if not another.repeats(refusal):
                self._memory.learn(candidate, key_id, refusal)
            raise
        self._memory.learn(candidate, key_id, refusal)
        return answer

    async def _try(self, asking: UpstreamRequest, reservation: Reservation) -> OpenAnswer:
        number = 1 if self.attempt is None else self.attempt.number + 1
        attempt = Attempt(number, asking.candidate, asking.encoded.dropped)
        self.attempt = attempt
        upstream = await asking.send(self._upstream, seconds=self.seconds_left())
        self.attempt = replace(attempt, headers=upstream.headers)
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
